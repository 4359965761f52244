"""Entries that stand alone, side by side in lists, in the order of becoming certain."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from operator import itemgetter
from typing import NamedTuple

from bri_timeline._events import Entry, Event


__all__ = ["Columns", "Key", "key_of"]

_MANY = 64
Key = tuple[float, float, int]


class _Row(NamedTuple):
    last: float
    first: float
    position: int
    known: float
    event: Event


_order = itemgetter(0, 1, 2)


class Columns:
    """Lists that are read together: what stands at one index is one entry.

    Attributes:
        lasts: The latest day on which each event can begin: they ascend.
        firsts: The earliest such day.
        positions: The position of each entry.
        knowns: The day from which each was known.
        events: The events.
    """

    __slots__ = ("events", "firsts", "knowns", "lasts", "positions")

    def __init__(self) -> None:
        self.lasts: list[float] = []
        self.firsts: list[float] = []
        self.positions: list[int] = []
        self.knowns: list[float] = []
        self.events: list[Event] = []

    def __len__(self) -> int:
        return len(self.lasts)

    def key_at(self, index: int) -> Key:
        """Return the key of what stands at an index."""
        return self.lasts[index], self.firsts[index], self.positions[index]

    def index(self, key: Key) -> int:
        """Return where a key belongs."""
        last, first, position = key
        low = bisect_left(self.lasts, last)
        high = bisect_right(self.lasts, last, low)
        while low < high:
            middle = (low + high) // 2
            if (self.firsts[middle], self.positions[middle]) < (first, position):
                low = middle + 1
            else:
                high = middle
        return low

    def insert(self, entries: Iterable[Entry]) -> int:
        """Put claims where they belong; return the first index that changed."""
        rows = [_row(entry) for entry in entries]
        if len(rows) > _MANY:
            return self._sort_in(rows)
        low = len(self)
        for row in rows:
            index = self.index(row[:3])
            low = min(low, index)
            self.lasts.insert(index, row.last)
            self.firsts.insert(index, row.first)
            self.positions.insert(index, row.position)
            self.knowns.insert(index, row.known)
            self.events.insert(index, row.event)
        return low

    def remove(self, entry: Entry) -> int:
        """Take a claim out if it is here; return the index where it belongs."""
        index = self.index(key_of(entry.claim, entry.position))
        if index < len(self) and self.positions[index] == entry.position:
            columns = self.lasts, self.firsts, self.positions, self.knowns, self.events
            for column in columns:
                del column[index]
        return index

    def _sort_in(self, rows: list[_Row]) -> int:
        old = list(
            map(_Row, self.lasts, self.firsts, self.positions, self.knowns, self.events)
        )
        merged = sorted(old + rows, key=_order)
        low = next((i for i, row in enumerate(old) if merged[i] is not row), len(old))
        self.lasts = [row.last for row in merged]
        self.firsts = [row.first for row in merged]
        self.positions = [row.position for row in merged]
        self.knowns = [row.known for row in merged]
        self.events = [row.event for row in merged]
        return low


def key_of(event: Event, position: int) -> Key:
    """Return the key by which events are folded."""
    first, last = event.when.begins()
    return last, first, position


def _row(entry: Entry) -> _Row:
    event = entry.claim
    first, last = event.when.begins()
    return _Row(last, first, entry.position, entry.knowledge()[0], event)
