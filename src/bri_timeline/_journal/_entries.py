"""A row of which little is at hand."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from typing import Generic, TypeVar, cast, overload

from bri_timeline._events import Entry, Event, unchecked_entry, uncollected
from bri_timeline._evidence import Citation


__all__ = [
    "Entries",
    "Gapped",
]


T = TypeVar("T")


class Gapped(Generic[T]):
    """A list of which most is missing, and takes no memory.

    It does what the lists of `Entries` do, no more.

    Args:
        missing: What is read where nothing was put.
    """

    __slots__ = ("_held", "_missing", "_places", "_size")

    def __init__(self, missing: T) -> None:
        self._missing = missing
        self._held: dict[int, T] = {}
        self._places: list[int] = []
        self._size = 0

    def __len__(self) -> int:
        return self._size

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> list[T]: ...
    def __getitem__(self, index: int | slice) -> T | list[T]:
        """Return what stands at a place, or a list for a slice."""
        get, missing = self._held.get, self._missing
        if isinstance(index, slice):
            return [get(place, missing) for place in range(self._size)[index]]
        return get(range(self._size)[index], missing)

    def append(self, item: T) -> None:
        """Put something at the end."""
        self._held[self._size] = item
        self._places.append(self._size)
        self._size += 1

    def extend(self, items: Iterable[T]) -> None:
        """Put things at the end."""
        for item in items:
            self.append(item)

    def skip(self, count: int) -> None:
        """Leave so many places empty."""
        self._size += count

    def places(self, start: int) -> list[int]:
        """Return the places from one on at which there is something."""
        return self._places[bisect_left(self._places, start) :]


_Row = list[T] | Gapped[T]


class Entries(Sequence[Entry]):
    """The entries of a trunk: a row of claims, and the few that are more than that.

    Most entries say no more than an event and the day from which it was known. For
    those lists side by side are enough: a million entries cost less than their events.

    Args:
        sparse: Whether most are not at hand, and are to take no memory.

    Attributes:
        events: What each claims; None if nothing.
        knowns: The day from which each was known; minus infinity when all along.
        lasts: The latest day on which each event can begin; 0 where there is none.
        loose: The positions of those that may begin on several days.
        silent: How many claim nothing.
        gaps: How many of those are not at hand.
    """

    __slots__ = (
        "_others",
        "events",
        "gaps",
        "knowns",
        "lasts",
        "loose",
        "silent",
    )

    def __init__(self, *, sparse: bool = False) -> None:
        self.events: _Row[Event | None] = Gapped(None) if sparse else []
        self.knowns: _Row[float] = Gapped(-math.inf) if sparse else []
        self.lasts: _Row[float] = Gapped(0.0) if sparse else []
        self.loose: list[int] = []
        self.silent = 0
        self.gaps = 0
        self._others: dict[int, Entry] = {}

    def append(self, entry: Entry) -> None:
        """Put an entry at the end, which is its position."""
        first: float = 0
        last: float = 0
        if entry.event is not None:
            when = entry.event.when
            first, last = when.earliest_start, when.latest_start
        if first != last:
            self.loose.append(len(self.events))
        self.events.append(entry.event)
        self.knowns.append(entry.knowledge()[0])
        self.lasts.append(last)
        self.silent += entry.event is None
        if not entry.is_plain:
            self._others[entry.position] = entry

    def skip(self, count: int) -> None:
        """Leave room for entries that are not at hand."""
        _skip(self.events, count, None)
        _skip(self.knowns, count, -math.inf)
        _skip(self.lasts, count, 0.0)
        self.silent += count
        self.gaps += count

    def held(self, size: int) -> list[Entry]:
        """Return those of the first so-many that are at hand."""
        if not self.gaps:
            return self[:size]
        return [self._at(p) for p in self.present(0) if p < size and self.has(p)]

    def present(self, start: int) -> Sequence[int]:
        """Return the positions from one on, without long gaps between them."""
        if isinstance(self.events, Gapped):
            return self.events.places(start)
        return range(start, len(self.events))

    def has(self, position: int) -> bool:
        """Tell whether an entry is at hand."""
        return self.events[position] is not None or position in self._others

    def claim(self, events: Sequence[Event]) -> None:
        """Put plain claims at the end, each known from the day its sources give."""
        self._take(events, _knowns(events))

    def load(self, entries: Sequence[Entry], events: Sequence[Event]) -> None:
        """Put entries at the end, which claim *events* and bear on nothing."""
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
            self.loose += [position for position, (f, last) in pairs if f != last]
        self.events.extend(events)
        self.lasts.extend(lasts)
        self.knowns.extend(knowns)

    def claims(self, positions: Sequence[int]) -> list[Event]:
        """Return the events of entries, all of which claim one."""
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
        """Return an entry, or a list of them for a slice."""
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


def _skip(row: _Row[T], count: int, missing: T) -> None:
    if isinstance(row, Gapped):
        row.skip(count)
    else:
        row += [missing] * count


def _knowns(events: Sequence[Event]) -> Iterator[float]:
    """Yield the day from which each was known; minus infinity when all along."""
    cite: tuple[Citation, ...] | None = None
    known = -math.inf
    for event in events:
        if event.cite is not cite:  # most rest on what the one before rests on
            cite = event.cite
            day = cite[0].known_day if len(cite) == 1 else event.known_day
            known = -math.inf if day is None else day
        yield known
