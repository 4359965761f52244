"""What the cells of rows say, each worked out once, and the words that keep it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from bri_timeline._codec import (
    Vocabulary,
    batch_payload_reader,
    cached_edtf,
    citations_text,
)
from bri_timeline._events import Event, pairs_among
from bri_timeline.edtf import Edtf
from bri_timeline.errors import EventError
from bri_timeline.formats.arrow import citations_of
from bri_timeline.scale._manifest import NONE, Pair, bucket_of


__all__ = [
    "ALWAYS",
    "FURTHEST",
    "NEVER",
    "Claims",
    "Payload",
    "Relations",
    "clipped",
    "is_apart",
    "parted",
    "places_of",
    "word_of",
]


# Days further off than this are told apart by the library, and not in columns.
FURTHEST = 1 << 62
NEVER = (1 << 63) - 1
ALWAYS = -NEVER
_LAST_DATE = 3_652_059
_MOST_KEPT = 1 << 17
_SOME_DAY = Edtf("2000-01-01")


def clipped(day: float | None) -> int:
    """Return a day as a number of 64 bits; None for what is so all along."""
    if day is None or day == -math.inf:
        return ALWAYS
    return NEVER if day == math.inf else int(max(-FURTHEST, min(day, FURTHEST)))


def is_apart(day: float | None) -> bool:
    """Tell whether a day is too far off for a column."""
    return day is not None and not math.isinf(day) and abs(day) > FURTHEST


def _day_text(day: int) -> str | None:
    """Return a day of the years 1 to 9999 as EDTF has it, None for others."""
    if not 1 <= day <= _LAST_DATE:
        return None
    return date.fromordinal(day).isoformat()


def word_of(kind: str, version: str, data: str) -> str:
    """Return a payload as one text."""
    return f"{version}\n{len(kind)}\n{kind}{data}"


def parted(word: str) -> tuple[str, str, str]:
    """Return the version, the kind and the data of a payload from its text."""
    version, length, rest = word.split("\n", 2)
    size = int(length)
    return version, rest[:size], rest[size:]


def quick_payloads(
    vocabulary: Vocabulary,
) -> Callable[[Iterable[str]], Iterator[tuple[str, object]]]:
    """Return what yields words with their payloads, if written as `encode()` writes.

    Only those whose classes hold nothing that could change.
    """
    makers: dict[tuple[str, str], Callable[[Sequence[str]], list[object]] | None] = {}

    def found(words: Iterable[str]) -> Iterator[tuple[str, object]]:
        kinds: dict[tuple[str, str], list[tuple[str, str]]] = {}
        for word in words:
            version, kind, data = parted(word)
            kinds.setdefault((kind, version), []).append((word, data))
        for (kind, version), some in kinds.items():
            if (kind, version) not in makers:
                makers[kind, version] = batch_payload_reader(
                    vocabulary, kind, int(version) if version else None
                )
            make = makers[kind, version]
            if make is not None:
                yield from _proved(some, make, vocabulary)

    return found


def _proved(
    some: list[tuple[str, str]],
    make: Callable[[Sequence[str]], list[object]],
    vocabulary: Vocabulary,
) -> Iterator[tuple[str, object]]:
    try:
        made = make([data for _, data in some])
    except Exception:  # the careful way says what is wrong
        return
    for (word, data), what in zip(some, made, strict=True):
        if vocabulary.encode(what) == data.encode():
            yield word, what


def places_of(event: Event) -> tuple[Pair, ...]:
    """Return the pairs of parties of an event; of what is one's own, that one twice."""
    alone = [(party, party) for party in event.affair_of if len(event.affair_of) == 1]
    return (*pairs_among(event.what), *alone)


class Relations:
    """The pairs of parties that there are, each with its number.

    Args:
        buckets: How many buckets there are.
        numbers: The pairs that were there before.

    Attributes:
        new: Those that are new: the number, the parties, the bucket.
        found: How many of these are of two parties.
    """

    def __init__(self, buckets: int, numbers: dict[Pair, int]) -> None:
        self._buckets = buckets
        self._numbers = numbers
        self._found: dict[Pair, tuple[int, int]] = {}
        self.new: list[tuple[int, str, str, int]] = []
        self.found = 0

    def numbered(self, pair: Pair) -> tuple[int, int]:
        """Return the number of a pair, a new one if it is new, and its bucket."""
        found = self._found.get(pair)
        if found is None:
            bucket = bucket_of(pair, self._buckets)
            number = self._numbers.get(pair)
            if number is None:
                number = self._numbers[pair] = len(self._numbers)
                self.new.append((number, *pair, bucket))
                self.found += pair[0] != pair[1]
            found = self._found[pair] = number, bucket
        return found


class Payload(NamedTuple):
    """What a row claims.

    Attributes:
        word: How it is kept.
        what: The payload.
        relations: The relationships that it belongs to; `NONE` if there is none.
        buckets: The bucket of each.
        refers_to: The ids of the events that it refers to.
    """

    word: str
    what: object
    relations: Sequence[int]
    buckets: Sequence[int]
    refers_to: tuple[str, ...]


class When(NamedTuple):
    """When that happened.

    Attributes:
        word: How it is kept; None for a day of the years 1 to 9999.
        date: The date.
        first: The first day on which it can begin.
        last: The last one.
        is_apart: Whether these are too far off.
    """

    word: str | None
    date: Edtf
    first: int
    last: int
    is_apart: bool


class Cited(NamedTuple):
    """Where that is said.

    Attributes:
        word: How it is kept; None if nowhere.
        known: By which day the earliest of the sources had appeared.
    """

    word: str | None
    known: int


class Claims:
    """What cells of rows say.

    Args:
        vocabulary: The payload classes.
        relations: Where pairs of parties are numbered.
    """

    def __init__(self, vocabulary: Vocabulary, relations: Relations) -> None:
        self._vocabulary = vocabulary
        self._relations = relations
        self._payloads: dict[str, Payload] = {}
        self._quickly = quick_payloads(vocabulary)
        self.when: Callable[[str], When] = lru_cache(_MOST_KEPT)(_when)

    def prepare(self, words: Iterable[str]) -> None:
        """Work out together what rows claim, where that is quick."""
        new = [word for word in words if word not in self._payloads]
        if len(self._payloads) + len(new) > _MOST_KEPT:
            self._payloads.clear()
        for word, what in self._quickly(new):
            _, _, rest = word.partition("\n")
            kept = f"{self._vocabulary.version_of(what)}\n{rest}"
            self._payloads[word] = self._belonging(kept, what)

    def payload(self, word: str) -> Payload:
        """Return what a row claims.

        Raises:
            BriTimelineError: It is no payload of the vocabulary.
        """
        if word not in self._payloads:
            self._payloads[word] = self._payload(word)
        return self._payloads[word]

    def _payload(self, word: str) -> Payload:
        version, kind, data = parted(word)
        number = int(version) if version else None
        what = self._vocabulary.decode(kind, data, number, unknown_ok=True)
        Event(what, when=_SOME_DAY)  # which makes sure that nothing in it can change
        # One way to write it, which is read fast.
        text = self._vocabulary.encode(what).decode()
        version = str(self._vocabulary.version_of(what))
        return self._belonging(word_of(kind, version, text), what)

    def _belonging(self, word: str, what: object) -> Payload:
        event = Event(what, when=_SOME_DAY)
        pairs = places_of(event)
        refers_to = tuple(event.refers_to)
        if not pairs:
            return Payload(word, what, (NONE,), (0,), refers_to)
        numbers, buckets = zip(*map(self._relations.numbered, pairs), strict=True)
        return Payload(word, what, numbers, buckets, refers_to)

    def cited(self, cell: Any) -> Cited:
        """Return where something is said.

        Raises:
            BriTimelineError: A source cannot be kept as it stands.
        """
        event = Event("", when=_SOME_DAY, cite=[*citations_of(cell)])
        known = event.known_day
        if is_apart(known):
            raise EventError(known, "is a day of publication too far off to be kept")
        raw = bytes(citations_text(event.cite)).decode()
        return Cited(raw or None, clipped(known))


def _when(text: str) -> When:
    date = cached_edtf(text)
    if date.is_several:
        problem = "is several days: record one event for each"
        raise EventError(text, problem)
    first, last = date.earliest_start, date.latest_start
    near, far = clipped(first), clipped(last)
    word = None if first == last and _day_text(far) == str(date) else str(date)
    return When(word, date, near, far, is_apart(first) or is_apart(last))
