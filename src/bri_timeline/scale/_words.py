"""Words by their numbers, read and decoded when they are first met."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from typing import Any, TypeVar

from bri_timeline._codec import Vocabulary
from bri_timeline._codec._entries import payload_maker
from bri_timeline._codec._lines import citations_in
from bri_timeline._codec._quick import edtf
from bri_timeline._evidence import Citation
from bri_timeline.edtf import Edtf
from bri_timeline.scale._arrow import pq
from bri_timeline.scale._claims import parted
from bri_timeline.scale._columns import texts
from bri_timeline.scale._manifest import NONE, Part


__all__ = ["Decode", "Words", "dates", "payloads", "places"]

T = TypeVar("T")
Decode = Callable[[Sequence[str]], list[T]]
_MOST_KEPT = 1 << 17
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
        self._classes: set[type] = set()
        payload = payloads(vocabulary)

        def what(words: Sequence[str]) -> list[object]:
            found = payload(words)
            self._classes.update(map(type, found))
            return found

        self.what: Meanings[object] = Meanings(pages.decoded("what", what))
        words = pages.decoded("when", dates)
        self.when: Meanings[Edtf] = Meanings(
            lambda number: words(number) if number >= 0 else (number, [_day(-number)])
        )
        self.cite: Meanings[tuple[Citation, ...]] = Meanings(
            pages.decoded("cite", places)
        )
        self.cite[NONE] = ()

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

    def _read(self, path: Path, group: int) -> Sequence[str]:
        table = self._opened(path)[0].read_row_group(group, ["text"], use_threads=False)
        found = texts(table.column(0).combine_chunks())
        return [text or "" for text in found]

    def decoded(
        self, kind: str, decode: Decode[T]
    ) -> Callable[[int], tuple[int, list[T]]]:
        """Return what decodes words of a kind: one, or all of its page."""
        ranges = sorted(
            (part.words[kind][0], part.path(self._folder, kind))
            for part in self._parts
            if part.has(kind)
        )
        starts = [start for start, _ in ranges]

        def found(number: int) -> tuple[int, list[T]]:
            start, path = ranges[bisect_right(starts, number) - 1]
            firsts = self._opened(path)[1]
            group = bisect_right(firsts, number - start) - 1
            page = self._page(path, group)
            first = start + firsts[group]
            if self._at_once:
                return first, decode(page)
            return number, decode(page[number - first : number - first + 1])

        return found


def _opened(path: Path) -> tuple[Any, list[int]]:
    """Return a file, and the place in it of the first word of each page."""
    file = pq.ParquetFile(path)
    groups = range(file.num_row_groups)
    rows = [file.metadata.row_group(group).num_rows for group in groups]
    return file, [0, *accumulate(rows)]


def payloads(vocabulary: Vocabulary) -> Decode[object]:
    """Return what gives the payloads of words."""
    maker = lru_cache(None)(
        lambda kind, version: payload_maker(vocabulary, kind, int(version))
    )

    def decode(words: Sequence[str]) -> list[object]:
        kinds: dict[tuple[str, str], tuple[list[int], list[str]]] = {}
        for place, word in enumerate(words):
            version, kind, data = parted(word)
            found = kinds.setdefault((kind, version), ([], []))
            found[0].append(place)
            found[1].append(data)
        made: list[object] = [None] * len(words)
        for kind_and_version, (places, some) in kinds.items():
            for place, payload in zip(
                places, maker(*kind_and_version)(some), strict=True
            ):
                made[place] = payload
        return made

    return decode


def dates(words: Sequence[str]) -> list[Edtf]:
    """Return the dates of words."""
    return [*map(edtf, words)]


def places(words: Sequence[str]) -> list[tuple[Citation, ...]]:
    """Return the citations of words."""
    return [*map(_cited, words)]


# Buckets are read one after another, and have days and sources in common.
@lru_cache(_MOST_KEPT)
def _cited(word: str) -> tuple[Citation, ...]:
    return citations_in(word.encode())


@lru_cache(_MOST_KEPT)
def _day(number: int) -> Edtf:
    return edtf(date.fromordinal(number).isoformat())
