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
    place_text,
    release_from,
    release_text,
)
from bri_timeline._events import Event, pairs_among, unchecked_event
from bri_timeline._payload import check_payload
from bri_timeline.edtf import Edtf
from bri_timeline.errors import EventError
from bri_timeline.formats.arrow import citations_of, place_in
from bri_timeline.scale._manifest import NONE, Pair, bucket_of


__all__ = [
    "ALWAYS",
    "FURTHEST",
    "LAST_DATE",
    "NEVER",
    "CellReader",
    "PairNumbers",
    "Payload",
    "by_kind",
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
LAST_DATE = 3_652_059
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
    if not 1 <= day <= LAST_DATE:
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


def by_kind(
    values: Iterable[str],
) -> dict[tuple[str, str], tuple[list[int], list[str]]]:
    """Return the places and the data of stored payloads, by version and kind."""
    found: dict[tuple[str, str], tuple[list[int], list[str]]] = {}
    head, size = "\0", 0  # a value never begins with this
    places, some = list[int](), list[str]()
    for place, value in enumerate(values):
        # Values of one kind begin with the same text, and no others do.
        if not value.startswith(head):
            version, kind, data = split_value(value)
            size = len(value) - len(data)
            head = value[:size]
            places, some = found.setdefault((version, kind), ([], []))
        places.append(place)
        some.append(value[size:])
    return found


def fast_payloads(
    vocabulary: Vocabulary,
) -> Callable[[Sequence[str]], Iterator[tuple[str, str, object]]]:
    """Return a function that decodes values in batches, for the common case.

    It yields a value, the text to store for it, and its payload, if encoding the
    payload gives the same text.
    """
    makers: dict[tuple[str, str], Callable[[Sequence[str]], list[object]] | None] = {}

    def found(values: Sequence[str]) -> Iterator[tuple[str, str, object]]:
        for (version, kind), (places, some) in by_kind(values).items():
            if (version, kind) not in makers:
                makers[version, kind] = batch_payload_reader(
                    vocabulary, kind, int(version) if version else None
                )
            make = makers[version, kind]
            if make is None:
                continue
            cls = vocabulary._classes[kind]
            current = str(1 + len(vocabulary._steps(cls)))
            for number, what in _verified(some, make, vocabulary):
                value = values[places[number]]
                kept = value if version else f"{current}{value}"
                yield value, kept, what

    return found


def _verified(
    some: list[str],
    make: Callable[[Sequence[str]], list[object]],
    vocabulary: Vocabulary,
) -> Iterator[tuple[int, object]]:
    try:
        made = make(some)
    except Exception:  # decoding them one by one names the fault
        return
    for place, (data, what) in enumerate(zip(some, made, strict=True)):
        if vocabulary.encode(what) == data.encode():
            yield place, what


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

    def named(self) -> list[Pair]:
        """Return all pairs, by their numbers."""
        return sorted(self._numbers, key=self._numbers.__getitem__)

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
        parties: The parties, in order.
        refers_to: Ids of the events that it refers to.
    """

    value: str
    what: object
    relations: Sequence[int]
    buckets: Sequence[int]
    parties: Sequence[str]
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
        value: Their stored text, with the place; None if there is neither.
        known: The day by which the earliest source had appeared.
    """

    value: str | None
    known: int


_Places = tuple[tuple[int, ...], tuple[int, ...], list[str]]


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
        self._places: dict[tuple[frozenset[str], frozenset[str]], _Places] = {}
        self._fast_payloads = fast_payloads(vocabulary)
        self.when: Callable[[str], When] = lru_cache(_MOST_KEPT)(_when)

    def prepare(self, values: Iterable[str]) -> None:
        """Decode payloads in batches where that is fast, for `payload()` to find."""
        new = [value for value in values if value not in self._payloads]
        # Cleared as a whole: counting uses would cost more than decoding again.
        if len(self._payloads) + len(new) > _MOST_KEPT:
            self._payloads.clear()
            self._places.clear()
        for value, kept, what in self._fast_payloads(new):
            check_payload(what)
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
        event = unchecked_event(what, _SOME_DAY, (), None)
        parties, affair_of = event.parties, event.affair_of
        found = self._places.get((parties, affair_of))
        if found is None:
            pairs = map(self._relations.numbered, pairs_of_event(event))
            numbers, buckets = zip(*([*pairs] or [(NONE, 0)]), strict=True)
            found = numbers, buckets, sorted(parties)
            self._places[parties, affair_of] = found
        numbers, buckets, names = found
        refers_to = tuple(event.refers_to)
        return Payload(value, what, numbers, buckets, names, refers_to)

    def release(self, value: str) -> str | None:
        """Return the stored text of a release.

        Raises:
            ValueError: It is not a release.
        """
        return release_text(release_from(value, self._vocabulary), self._vocabulary)

    def cited(self, cell: Any) -> Cited:
        """Return the citations of a row, and its place.

        Args:
            cell: The cell of the citations; with that of the place a struct of both.

        Raises:
            BriTimelineError: A source cannot be stored, or the place is not one.
        """
        where = None
        if isinstance(cell, dict):
            where, cell = place_in(cell["where"]), cell["cite"]
        event = Event("", when=_SOME_DAY, cite=[*citations_of(cell)])
        known = event.known_day
        if is_too_far(known):
            raise EventError(known, "is a day of publication too far off to be kept")
        raw = bytes(citations_text(event.cite)).decode()
        if where is not None:
            place = bytes(place_text(where)).decode()
            raw = f'{{"where":{place},"cite":{raw or "[]"}}}'
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
