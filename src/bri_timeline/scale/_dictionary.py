"""Cells of rows, each decoded once, and the values to store for them."""

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
    "CellReader",
    "PairNumbers",
    "Payload",
    "clipped",
    "is_too_far",
    "pairs_of_event",
    "payload_value",
    "split_value",
]


# Days beyond this are clipped in columns; their entries are ordered in memory.
FURTHEST = 1 << 62
NEVER = (1 << 63) - 1
ALWAYS = -NEVER
_LAST_DATE = 3_652_059
_MOST_KEPT = 1 << 17
_SOME_DAY = Edtf("2000-01-01")


def clipped(day: float | None) -> int:
    """Return a day as a 64-bit number; `ALWAYS` for None or minus infinity."""
    if day is None or day == -math.inf:
        return ALWAYS
    return NEVER if day == math.inf else int(max(-FURTHEST, min(day, FURTHEST)))


def is_too_far(day: float | None) -> bool:
    """Return whether a day lies too far off for a column."""
    return day is not None and not math.isinf(day) and abs(day) > FURTHEST


def _day_text(day: int) -> str | None:
    """Return a day of the years 1 to 9999 as EDTF text, None for others."""
    if not 1 <= day <= _LAST_DATE:
        return None
    return date.fromordinal(day).isoformat()


def payload_value(kind: str, version: str, data: str) -> str:
    """Return the stored text of a payload."""
    return f"{version}\n{len(kind)}\n{kind}{data}"


def split_value(value: str) -> tuple[str, str, str]:
    """Return the version, the kind and the data of a stored payload."""
    version, length, rest = value.split("\n", 2)
    size = int(length)
    return version, rest[:size], rest[size:]


def fast_payloads(
    vocabulary: Vocabulary,
) -> Callable[[Iterable[str]], Iterator[tuple[str, object]]]:
    """Return a function that decodes values in batches, for the common case.

    It yields a value with its payload only if encoding it again gives the same text,
    and the class holds nothing that could change.
    """
    makers: dict[tuple[str, str], Callable[[Sequence[str]], list[object]] | None] = {}

    def found(values: Iterable[str]) -> Iterator[tuple[str, object]]:
        kinds: dict[tuple[str, str], list[tuple[str, str]]] = {}
        for value in values:
            version, kind, data = split_value(value)
            kinds.setdefault((kind, version), []).append((value, data))
        for (kind, version), some in kinds.items():
            if (kind, version) not in makers:
                makers[kind, version] = batch_payload_reader(
                    vocabulary, kind, int(version) if version else None
                )
            make = makers[kind, version]
            if make is not None:
                yield from _verified(some, make, vocabulary)

    return found


def _verified(
    some: list[tuple[str, str]],
    make: Callable[[Sequence[str]], list[object]],
    vocabulary: Vocabulary,
) -> Iterator[tuple[str, object]]:
    try:
        made = make([data for _, data in some])
    except Exception:  # decoding them one by one names the fault
        return
    for (value, data), what in zip(some, made, strict=True):
        if vocabulary.encode(what) == data.encode():
            yield value, what


def pairs_of_event(event: Event) -> tuple[Pair, ...]:
    """Return the pairs of parties of an event; a lone party pairs with itself."""
    alone = [(party, party) for party in event.affair_of if len(event.affair_of) == 1]
    return (*pairs_among(event.what), *alone)


class PairNumbers:
    """The number of each pair of parties.

    Args:
        buckets: Number of buckets.
        numbers: The pairs of earlier writings.

    Attributes:
        new: New pairs: number, both parties, bucket.
        found: How many of the new pairs have two different parties.
    """

    def __init__(self, buckets: int, numbers: dict[Pair, int]) -> None:
        self._buckets = buckets
        self._numbers = numbers
        self._found: dict[Pair, tuple[int, int]] = {}
        self.new: list[tuple[int, str, str, int]] = []
        self.found = 0

    def numbered(self, pair: Pair) -> tuple[int, int]:
        """Return the number of a pair and its bucket; a new pair gets a new number."""
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
    """The payload of a row.

    Attributes:
        value: Its stored text.
        what: The payload.
        relations: Numbers of its relationships; `NONE` if it has none.
        buckets: The bucket of each.
        refers_to: Ids of the events that it refers to.
    """

    value: str
    what: object
    relations: Sequence[int]
    buckets: Sequence[int]
    refers_to: tuple[str, ...]


class When(NamedTuple):
    """The date of a row.

    Attributes:
        value: Its stored text; None for a day of the years 1 to 9999.
        date: The date.
        first: The earliest day on which it can begin.
        last: The latest such day.
        is_too_far: Whether one of these does not fit into a column.
    """

    value: str | None
    date: Edtf
    first: int
    last: int
    is_too_far: bool


class Cited(NamedTuple):
    """The citations of a row.

    Attributes:
        value: Their stored text; None if there are none.
        known: The day by which the earliest source had appeared.
    """

    value: str | None
    known: int


class CellReader:
    """Decodes the cells of rows; equal cells are decoded once.

    Args:
        vocabulary: The payload classes.
        relations: The numbers of pairs of parties.
    """

    def __init__(self, vocabulary: Vocabulary, relations: PairNumbers) -> None:
        self._vocabulary = vocabulary
        self._relations = relations
        self._payloads: dict[str, Payload] = {}
        self._fast_payloads = fast_payloads(vocabulary)
        self.when: Callable[[str], When] = lru_cache(_MOST_KEPT)(_when)

    def prepare(self, values: Iterable[str]) -> None:
        """Decode payloads in batches where that is fast, for `payload()` to find."""
        new = [value for value in values if value not in self._payloads]
        # Cleared as a whole: counting uses would cost more than decoding again.
        if len(self._payloads) + len(new) > _MOST_KEPT:
            self._payloads.clear()
        for value, what in self._fast_payloads(new):
            _, _, rest = value.partition("\n")
            kept = f"{self._vocabulary.version_of(what)}\n{rest}"
            self._payloads[value] = self._belonging(kept, what)

    def payload(self, value: str) -> Payload:
        """Return the payload of a row.

        Raises:
            BriTimelineError: It is not a payload of the vocabulary.
        """
        if value not in self._payloads:
            self._payloads[value] = self._payload(value)
        return self._payloads[value]

    def _payload(self, value: str) -> Payload:
        version, kind, data = split_value(value)
        number = int(version) if version else None
        what = self._vocabulary.decode(kind, data, number, unknown_ok=True)
        Event(what, when=_SOME_DAY)  # refuses a payload that could change
        # Stored as `encode()` writes it, so that readers can decode it in batches.
        text = self._vocabulary.encode(what).decode()
        version = str(self._vocabulary.version_of(what))
        return self._belonging(payload_value(kind, version, text), what)

    def _belonging(self, value: str, what: object) -> Payload:
        event = Event(what, when=_SOME_DAY)
        pairs = pairs_of_event(event)
        refers_to = tuple(event.refers_to)
        if not pairs:
            return Payload(value, what, (NONE,), (0,), refers_to)
        numbers, buckets = zip(*map(self._relations.numbered, pairs), strict=True)
        return Payload(value, what, numbers, buckets, refers_to)

    def cited(self, cell: Any) -> Cited:
        """Return the citations of a row.

        Raises:
            BriTimelineError: A source cannot be stored.
        """
        event = Event("", when=_SOME_DAY, cite=[*citations_of(cell)])
        known = event.known_day
        if is_too_far(known):
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
    value = None if first == last and _day_text(far) == str(date) else str(date)
    return When(value, date, near, far, is_too_far(first) or is_too_far(last))
