"""Words by their numbers, read and decoded when they are first met."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from functools import lru_cache, partial
from itertools import accumulate
from operator import itemgetter
from pathlib import Path
from typing import Any, TypeVar

from bri_timeline._codec import Vocabulary, cached_edtf, citations_from, payload_reader
from bri_timeline._evidence import Citation
from bri_timeline.edtf import Edtf
from bri_timeline.scale._dictionary import parted
from bri_timeline.scale._engine import Array, pc, pq
from bri_timeline.scale._manifest import Part, Written


__all__ = [
    "Decode",
    "Words",
    "dates",
    "payloads",
    "places",
]


T = TypeVar("T")
Decode = Callable[[Sequence[str]], list[T]]
_MOST_KEPT = 1 << 17
_DAYS = 1 << 8
_MOST_PAGES = 16
_MOST_FILES = 64


class Meanings(dict[int, T]):
    """Number -> what the word means; so many are kept.

    Args:
        found: Returns what a number means, and the words after it: from the number on.
    """

    def __init__(self, found: Callable[[int], tuple[int, list[T]]]) -> None:
        super().__init__()
        self._found = found

    def __missing__(self, number: int) -> T:
        if len(self) >= _MOST_KEPT:
            self.clear()
        start, meanings = self._found(number)
        self.update(enumerate(meanings, start))
        return self[number]

    def of(self, column: Array) -> Iterator[T]:
        """Return what the numbers in a column mean."""
        return map(self.__getitem__, column.to_pylist())


class Nearby(Meanings[T]):
    """The same, for columns whose numbers are near each other: twice as fast.

    Args:
        found: Returns what a number means, and the words after it.
        starts: Where numbers begin that have all of those between them, in order.
    """

    def __init__(
        self, found: Callable[[int], tuple[int, list[T]]], starts: list[int]
    ) -> None:
        super().__init__(found)
        self._starts = starts
        self._start = 0
        self._near: list[T] = []

    def of(self, column: Array) -> Iterator[T]:
        """Return what the numbers in a column mean."""
        low, high = pc.min_max(column).as_py().values()
        if high - low >= _MOST_KEPT or self._series(low) != self._series(high):
            return super().of(column)
        self._reach(low, high)
        places = pc.subtract(column, self._start).to_pylist()
        return map(self._near.__getitem__, places)

    def _series(self, number: int) -> int:
        return bisect_right(self._starts, number)

    def _reach(self, low: int, high: int) -> None:
        """Find all meanings from one number to another, if they are not there."""
        end = self._start + len(self._near)
        if not self._start <= low <= end or high - self._start >= _MOST_KEPT:
            self._start, self._near = self._found(low)
            end = self._start + len(self._near)
        while end <= high:
            self._near += self._found(end)[1]
            end = self._start + len(self._near)


class Words:
    """The payloads, dates and citations that numbers in rows stand for.

    Args:
        folder: The dataset.
        parts: Where the rows are.
        vocabulary: The payload classes.
        at_once: Decode a page of words at once; better where all of them will be met.

    Attributes:
        folder: The dataset.
        what: Number -> payload.
        when: Number -> date; a day by its negative number.
        cite: Number -> citations.
    """

    def __init__(
        self,
        folder: Path,
        parts: Iterable[Part],
        vocabulary: Vocabulary,
        *,
        at_once: bool,
    ) -> None:
        self.folder = folder
        pages = _Pages(folder, [*parts], at_once=at_once)
        # Nothing here refers to this object, so that all that was read goes with it.
        self._classes = classes = set[type]()
        payload = payloads(vocabulary)

        def what(words: Sequence[str]) -> list[object]:
            found = payload(words)
            classes.update(map(type, found))
            return found

        self.what: Meanings[object] = pages.meanings("what", what)
        self.when: Meanings[Edtf] = pages.meanings(
            "when", dates, partial(_days, _DAYS if at_once else 1)
        )
        self.cite: Meanings[tuple[Citation, ...]] = pages.meanings(
            "cite", places, _nowhere
        )

    def are_all(self, classes: tuple[type, ...] | None) -> bool:
        """Tell whether all payloads met so far are of some classes."""
        return classes is None or all(issubclass(c, classes) for c in self._classes)


class _Pages:
    """Files of words, read page by page."""

    def __init__(self, folder: Path, parts: list[Part], *, at_once: bool) -> None:
        self._folder = folder
        self._parts = parts
        self._at_once = at_once
        self._opened = lru_cache(_MOST_FILES)(_opened)
        self._page = lru_cache(_MOST_PAGES)(self._read)

    def _read(self, file: Written, group: int) -> Sequence[str]:
        table = self._opened(file)[0].read_row_group(group, ["text"], use_threads=False)
        texts: list[str] = table.column(0).to_pylist()
        return texts

    def meanings(
        self,
        kind: str,
        decode: Decode[T],
        below: Callable[[int], tuple[int, list[T]]] | None = None,
    ) -> Meanings[T]:
        """Return what words of a kind mean.

        Args:
            kind: `what`, `when` or `cite`.
            decode: Returns what some words mean.
            below: Returns what a negative number means, and some after it.
        """
        files = {
            part.words[kind][0]: part.file(self._folder, kind)
            for part in self._parts
            if part.has(kind)
        }
        ranges = sorted(files.items(), key=itemgetter(0))
        starts = [start for start, _ in ranges]

        def found(number: int) -> tuple[int, list[T]]:
            if below is not None and number < 0:
                return below(number)
            start, file = ranges[bisect_right(starts, number) - 1]
            firsts = self._opened(file)[1]
            group = bisect_right(firsts, number - start) - 1
            page = self._page(file, group)
            first = start + firsts[group]
            if self._at_once:
                return first, decode(page)
            return number, decode(page[number - first : number - first + 1])

        return Nearby(found, starts) if self._at_once else Meanings(found)


def _opened(file: Written) -> tuple[Any, list[int]]:
    """Return a file, and the place in it of the first word of each page."""
    opened = pq.ParquetFile(file.verified())
    groups = range(opened.num_row_groups)
    rows = [opened.metadata.row_group(group).num_rows for group in groups]
    return opened, [0, *accumulate(rows)]


def payloads(vocabulary: Vocabulary) -> Decode[object]:
    """Return what gives the payloads of words."""
    maker = lru_cache(None)(
        lambda kind, version: payload_reader(vocabulary, kind, int(version))
    )

    def decode(words: Sequence[str]) -> list[object]:
        kinds: dict[str, tuple[list[int], list[str]]] = {}
        head, size = "\0", 0  # no word begins so
        places, some = list[int](), list[str]()
        for place, word in enumerate(words):
            if not word.startswith(head):
                head = _head(word)
                size = len(head)
                places, some = kinds.setdefault(head, ([], []))
            places.append(place)
            some.append(word[size:])
        made: dict[int, object] = {}
        for head, (places, some) in kinds.items():
            version, kind, _ = parted(head)
            found = maker(kind, version)(some)
            if len(found) == len(some) == len(words):
                return found  # all are of one kind, as mostly
            made.update(zip(places, found, strict=True))
        return [*map(made.__getitem__, range(len(words)))]

    return decode


def _head(word: str) -> str:
    """Return what words of one kind and version begin with, and no others."""
    return word[: len(word) - len(parted(word)[2])]


def dates(words: Sequence[str]) -> list[Edtf]:
    """Return the dates of words."""
    return [*map(cached_edtf, words)]


def places(words: Sequence[str]) -> list[tuple[Citation, ...]]:
    """Return the citations of words."""
    return [*map(_cited, words)]


# Buckets are read one after another, and have days and sources in common.
@lru_cache(_MOST_KEPT)
def _cited(word: str) -> tuple[Citation, ...]:
    return citations_from(word.encode())


def _nowhere(number: int) -> tuple[int, list[tuple[Citation, ...]]]:
    """Return the citations of what has none."""
    return number, [()]


def _days(most: int, number: int) -> tuple[int, list[Edtf]]:
    """Return the day of a negative number, and some of those before it."""
    return number, [_day(-day) for day in range(number, min(number + most, 0))]


@lru_cache(_MOST_KEPT)
def _day(number: int) -> Edtf:
    return cached_edtf(date.fromordinal(number).isoformat())
