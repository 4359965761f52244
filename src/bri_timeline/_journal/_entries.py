"""The columns of a journal: events, days of knowledge, last days."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from typing import Generic, TypeVar, cast, overload

from bri_timeline._events import Entry, Event, unchecked_entry, uncollected
from bri_timeline._evidence import Citation


__all__ = [
    "Entries",
    "SparseList",
]


T = TypeVar("T")


class SparseList(Generic[T]):
    """A sparse list: missing items take no memory.

    It has only the methods that the columns of `Entries` need.

    Args:
        missing: The value that is read at a missing index.
    """

    __slots__ = ("_items", "_missing", "_places", "_size")

    def __init__(self, missing: T) -> None:
        self._missing = missing
        self._items: dict[int, T] = {}
        self._places: list[int] = []
        self._size = 0

    def __len__(self) -> int:
        return self._size

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> list[T]: ...
    def __getitem__(self, index: int | slice) -> T | list[T]:
        """Return one item, or a list of items for a slice."""
        get, missing = self._items.get, self._missing
        if isinstance(index, slice):
            return [get(place, missing) for place in range(self._size)[index]]
        return get(range(self._size)[index], missing)

    def append(self, item: T) -> None:
        """Append an item."""
        self._items[self._size] = item
        self._places.append(self._size)
        self._size += 1

    def extend(self, items: Iterable[T]) -> None:
        """Append several items."""
        for item in items:
            self.append(item)

    def skip(self, count: int) -> None:
        """Append *count* missing items."""
        self._size += count

    def places(self, start: int) -> list[int]:
        """Return the indexes, from *start* on, that have an item."""
        return self._places[bisect_left(self._places, start) :]


_Column = list[T] | SparseList[T]


class Entries(Sequence[Entry]):
    """The entries of a journal, stored as columns.

    Most entries consist of an event and the day from which it was known. Columns hold
    these; an `Entry` object is kept only for corrections, retractions and records. A
    million entries then take less memory than their events.

    Args:
        sparse: Use sparse columns, because most entries are missing.

    Attributes:
        events: The event of each entry; None for a retraction or a missing entry.
        knowns: The day from which each was known; minus infinity if known all along.
        lasts: The latest day on which each event can begin; 0 without an event.
        imprecise: The positions of events that can begin on more than one day.
        eventless: The number of positions without an event.
        missing_count: The number of missing entries, which a partial log does not have.
    """

    __slots__ = (
        "_endless",
        "_others",
        "eventless",
        "events",
        "imprecise",
        "knowns",
        "lasts",
        "missing_count",
    )

    def __init__(self, *, sparse: bool = False) -> None:
        self.events: _Column[Event | None] = SparseList(None) if sparse else []
        self.knowns: _Column[float] = SparseList(-math.inf) if sparse else []
        self.lasts: _Column[float] = SparseList(0.0) if sparse else []
        self.imprecise: list[int] = []
        self.eventless = 0
        self.missing_count = 0
        self._others: dict[int, Entry] = {}
        # No event before this position is an extent; counted on first use.
        self._endless = 0

    def append(self, entry: Entry) -> None:
        """Append an entry; its index is its position."""
        first: float = 0
        last: float = 0
        if entry.event is not None:
            when = entry.event.when
            first, last = when.earliest_start, when.latest_start
        if first != last:
            self.imprecise.append(len(self.events))
        self.events.append(entry.event)
        self.knowns.append(entry.knowledge()[0])
        self.lasts.append(last)
        self.eventless += entry.event is None
        if not entry.is_plain:
            self._others[entry.position] = entry

    def skip(self, count: int) -> None:
        """Append *count* missing entries."""
        _skip(self.events, count, None)
        _skip(self.knowns, count, -math.inf)
        _skip(self.lasts, count, 0.0)
        self.eventless += count
        self.missing_count += count

    def present_entries(self, size: int) -> list[Entry]:
        """Return those of the first *size* entries that are not missing."""
        if not self.missing_count:
            return self[:size]
        return [self._at(p) for p in self.present(0) if p < size and self.has(p)]

    def present(self, start: int) -> Sequence[int]:
        """Return the positions from *start* on; sparse columns skip missing ones."""
        if isinstance(self.events, SparseList):
            return self.events.places(start)
        return range(start, len(self.events))

    def has(self, position: int) -> bool:
        """Check that an entry is not missing."""
        return self.events[position] is not None or position in self._others

    def has_extents(self) -> bool:
        """Check whether any event is an extent: if none is, none has an end."""
        for position in self.present(self._endless):
            event = self.events[position]
            if event is not None and event.when.is_extent:
                self._endless = position
                return True
        self._endless = len(self)
        return False

    def claim(self, events: Sequence[Event]) -> None:
        """Append plain claims, each known from the day that its sources give."""
        self._take(events, _knowns(events))

    def load(self, entries: Sequence[Entry], events: Sequence[Event]) -> None:
        """Append entries that claim *events* and have no target."""
        self._others.update((e.position, e) for e in entries if not e.is_plain)
        days = [entry.known_day for entry in entries]
        self._take(events, [-math.inf if day is None else day for day in days])

    def _take(self, events: Sequence[Event], knowns: Iterable[float]) -> None:
        start = len(self)
        dates = [event.when for event in events]
        lasts = [date.latest_start for date in dates]
        firsts = [date.earliest_start for date in dates]
        if firsts != lasts:
            pairs = enumerate(zip(firsts, lasts, strict=True), start)
            self.imprecise += [position for position, (f, last) in pairs if f != last]
        self.events.extend(events)
        self.lasts.extend(lasts)
        self.knowns.extend(knowns)

    def claims(self, positions: Sequence[int]) -> list[Event]:
        """Return the events at positions that all have one."""
        # The casts are safe: callers give positions of claims only.
        if isinstance(positions, range):
            return cast("list[Event]", self.events[positions.start : positions.stop])
        return cast("list[Event]", [self.events[p] for p in positions])

    def __len__(self) -> int:
        return len(self.events)

    @overload
    def __getitem__(self, index: int) -> Entry: ...
    @overload
    def __getitem__(self, index: slice) -> list[Entry]: ...
    def __getitem__(self, index: int | slice) -> Entry | list[Entry]:
        """Return one entry, or a list of entries for a slice."""
        places = range(len(self))[index]
        if isinstance(places, int):
            return self._at(places)
        with uncollected():
            return list(map(self._at, places))

    def _at(self, position: int) -> Entry:
        event = self.events[position]
        if event is None or position in self._others:
            return self._others[position]
        known = self.knowns[position]
        return unchecked_entry(
            position, event, known if isinstance(known, int) else None
        )


def _skip(row: _Column[T], count: int, missing: T) -> None:
    if isinstance(row, SparseList):
        row.skip(count)
    else:
        row += [missing] * count


def _knowns(events: Sequence[Event]) -> Iterator[float]:
    """Yield the day from which each was known; minus infinity if known all along."""
    cite: tuple[Citation, ...] | None = None
    known = -math.inf
    for event in events:
        if event.cite is not cite:  # most events share the citations of the one before
            cite = event.cite
            day = cite[0].known_day if len(cite) == 1 else event.known_day
            known = -math.inf if day is None else day
        yield known
