"""Entries in a row, of which the plain ones are made when they are looked at."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import cast, overload

from bri_timeline._events import Entry, Event, claiming


__all__ = ["Entries"]


class Entries(Sequence[Entry]):
    """The entries of a trunk: a row of claims, and the few that are more than that.

    Most entries say no more than an event and the day from which it was known. For
    those lists side by side are enough: a million entries cost less than their events.

    Attributes:
        events: What each claims; None if nothing.
        knowns: The day from which each was known; minus infinity when all along.
        lasts: The latest day on which each event can begin; 0 where there is none.
        loose: The positions of those that may begin on several days.
        silent: How many claim nothing.
    """

    __slots__ = ("_others", "events", "knowns", "lasts", "loose", "silent")

    def __init__(self) -> None:
        self.events: list[Event | None] = []
        self.knowns: list[float] = []
        self.lasts: list[float] = []
        self.loose: list[int] = []
        self.silent = 0
        self._others: dict[int, Entry] = {}

    def append(self, entry: Entry) -> None:
        """Put an entry at the end, which is its position."""
        first, last = (0, 0) if entry.event is None else entry.event.when.begins()
        if first != last:
            self.loose.append(len(self.events))
        self.events.append(entry.event)
        self.knowns.append(entry.knowledge()[0])
        self.lasts.append(last)
        self.silent += entry.event is None
        if not entry.is_plain:
            self._others[entry.position] = entry

    def claim_all(self, events: Sequence[Event]) -> None:
        """Put plain claims at the end, each known from the day its sources give."""
        start = len(self)
        dates = [event.when for event in events]
        lasts = [date.latest_begin for date in dates]
        firsts = [date.earliest_begin for date in dates]
        if firsts != lasts:
            pairs = enumerate(zip(firsts, lasts, strict=True), start)
            self.loose += [position for position, (f, last) in pairs if f != last]
        self.events += events
        self.lasts += lasts
        self.knowns += _knowns(events)

    def claim(self, position: int) -> Event:
        """Return the event of an entry that claims one."""
        return self[position].claim

    def claims(self, positions: Sequence[int]) -> list[Event]:
        """Return the events of entries, all of which claim one."""
        if isinstance(positions, range):
            return cast("list[Event]", self.events[positions.start : positions.stop])
        return cast("list[Event]", [self.events[p] for p in positions])

    def __len__(self) -> int:
        return len(self.events)

    def __iter__(self) -> Iterator[Entry]:
        return map(self._at, range(len(self)))

    @overload
    def __getitem__(self, index: int) -> Entry: ...
    @overload
    def __getitem__(self, index: slice) -> list[Entry]: ...
    def __getitem__(self, index: int | slice) -> Entry | list[Entry]:
        """Return an entry, or a list of them for a slice."""
        places = range(len(self))[index]
        return (
            self._at(places) if isinstance(places, int) else list(map(self._at, places))
        )

    def _at(self, position: int) -> Entry:
        event = self.events[position]
        if event is None or position in self._others:
            return self._others[position]
        known = self.knowns[position]
        return claiming(position, event, known if isinstance(known, int) else None)


def _knowns(events: Sequence[Event]) -> Iterator[float]:
    """Yield the day from which each was known; minus infinity when all along."""
    cite: object = None
    known = -math.inf
    for event in events:
        if event.cite is not cite:  # most rest on what the one before rests on
            cite, day = event.cite, event.known_day
            known = -math.inf if day is None else day
        yield known
