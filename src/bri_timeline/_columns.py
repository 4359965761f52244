"""Entries that stand alone, side by side in lists, in the order of becoming certain."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Any, TypeVar

from bri_timeline._entries import Entries
from bri_timeline._events import Event


__all__ = ["Columns", "Key"]

T = TypeVar("T")
_MANY = 64
_BLOCK = 64
Key = tuple[float, float, int]


class Columns:
    """Lists that are read together: what stands at one index is one entry.

    Args:
        entries: Where the claims are.

    Attributes:
        lasts: The latest day on which each event can begin: they ascend.
        positions: The position of each entry: a range, as long as they ascend without
            a gap.
        knowns: The day from which each was known.
        events: The events.
        latest: The day by which all of them were known.
    """

    __slots__ = (
        "_arrivals",
        "_entries",
        "_loose",
        "_lowest",
        "events",
        "knowns",
        "lasts",
        "latest",
        "positions",
    )

    def __init__(self, entries: Entries) -> None:
        self._entries = entries
        self.lasts: list[float] = []
        self.positions: Sequence[int] = range(0)
        self.knowns: list[float] = []
        self.events: list[Event] = []
        # The earliest day in each block; as many blocks as somebody asked for.
        self._lowest: list[float] = []
        # The last days of events that may begin earlier too.
        self._loose: set[float] = set()
        # The days of knowledge in order, and the index of each; made when asked for.
        self._arrivals: tuple[list[float], list[int]] | None = None
        self.latest = -math.inf

    def __len__(self) -> int:
        return len(self.lasts)

    def key_at(self, index: int) -> Key:
        """Return the key of what stands at an index."""
        first = self.events[index].when.earliest_begin
        return self.lasts[index], first, self.positions[index]

    def key_of(self, position: int) -> Key:
        """Return the key by which a claim is put in order."""
        when = self._entries[position].claim.when
        return when.latest_begin, when.earliest_begin, position

    def index(self, key: Key) -> int:
        """Return where a key belongs."""
        low = bisect_left(self.lasts, key[0])
        high = bisect_right(self.lasts, key[0], low)
        while low < high:
            middle = (low + high) // 2
            if self.key_at(middle) < key:
                low = middle + 1
            else:
                high = middle
        return low

    def has(self, position: int, index: int) -> bool:
        """Tell whether an entry stands at an index."""
        return index < len(self) and self.positions[index] == position

    def open_on(self, day: float) -> list[int]:
        """Return the indexes of what may begin by a day, and may begin later."""
        size, start = len(self), bisect_right(self.lasts, day)
        new = self.events[len(self._lowest) * _BLOCK :]
        firsts = [event.when.earliest_begin for event in new]
        for block in range(0, len(firsts), _BLOCK):
            self._lowest.append(min(firsts[block : block + _BLOCK]))
        return [
            index
            for block in range(start // _BLOCK, len(self._lowest))
            if self._lowest[block] <= day
            for index in range(
                max(start, block * _BLOCK), min(size, (block + 1) * _BLOCK)
            )
            if self.events[index].when.earliest_begin <= day
        ]

    def first_known(self, after: float, by: float) -> int:
        """Return the first index that was known after a day, and by another."""
        if after == by:
            return len(self)
        if self._arrivals is None:
            indexes = sorted(range(len(self)), key=self.knowns.__getitem__)
            self._arrivals = [self.knowns[i] for i in indexes], indexes
        days, indexes = self._arrivals
        found = indexes[bisect_right(days, after) : bisect_right(days, by)]
        return min(found, default=len(self))

    def first_recorded(self, start: float, stop: float) -> int:
        """Return the first index whose position lies in a range."""
        if start == stop:
            return len(self)
        found = (i for i, p in enumerate(self.positions) if start <= p < stop)
        return next(found, len(self))

    # --- changing -------------------------------------------------------------------

    def insert(self, positions: Sequence[int]) -> int:
        """Put claims where they belong; return the first index that changed.

        Args:
            positions: In order, each after all that are here.
        """
        low = len(self)
        if len(positions) > _MANY:
            low = self._insert_many(positions)
        else:
            for position in positions:
                low = min(low, self._insert_one(position))
        self._changed(low)
        return low

    def remove(self, position: int) -> int:
        """Take a claim out if it is here; return the index where it belongs."""
        index = self.index(self.key_of(position))
        if self.has(position, index):
            for column in self._all():
                del column[index]
            self._changed(index)
        return index

    def _changed(self, low: int) -> None:
        """Forget what was found out about a part that changed."""
        del self._lowest[low // _BLOCK :]
        self._arrivals = None

    def _insert_one(self, position: int) -> int:
        key, known = self.key_of(position), self._entries.knowns[position]
        index = self.index(key)
        if isinstance(self.positions, range) and index == position == len(self):
            self.positions = range(position + 1)
        else:
            self._listed().insert(index, position)
        self.lasts.insert(index, key[0])
        self.knowns.insert(index, known)
        self.events.insert(index, self._entries[position].claim)
        self.latest = max(self.latest, known)
        if key[1] != key[0]:
            self._loose.add(key[0])
        return index

    def _all(self) -> tuple[list[Any], ...]:
        """Return the lists, to be changed alike."""
        return self.lasts, self._listed(), self.knowns, self.events

    def _listed(self) -> list[int]:
        """Return the positions as a list, to be changed."""
        if not isinstance(self.positions, list):
            self.positions = list(self.positions)
        return self.positions

    def _insert_many(self, positions: Sequence[int]) -> int:
        """Put all at the end, and sort if they do not belong there."""
        entries, size = self._entries, len(self)
        events = entries.claims(positions)
        if isinstance(positions, range):
            knowns = entries.knowns[positions.start : positions.stop]
            lasts = entries.lasts[positions.start : positions.stop]
        else:
            knowns = list(map(entries.knowns.__getitem__, positions))
            lasts = list(map(entries.lasts.__getitem__, positions))
        self.latest = max(self.latest, max(knowns))
        low = bisect_left(self.lasts, min(lasts)) if size else 0
        self.events = self.events + events if size else events
        self.knowns = self.knowns + knowns if size else knowns
        self.lasts = self.lasts + lasts if size else lasts
        self.positions = [*self.positions, *positions] if size else positions
        self._sort(positions)
        return low

    def _sort(self, positions: Sequence[int]) -> None:
        """Sort by the last day, then by the first; what is equal keeps its order.

        Args:
            positions: What is new; it may be loose.
        """
        ascending = sorted(self.lasts)
        if self.lasts != ascending:
            order = sorted(range(len(self.lasts)), key=self.lasts.__getitem__)
            self.lasts, old = ascending, self.positions
            self.positions = order if old == range(len(order)) else _at(order, old)
            self.knowns = _at(order, self.knowns)
            self.events = _at(order, self.events)
        start = bisect_left(self._entries.loose, positions[0])
        new = self._entries.loose[start:]
        self._loose.update(map(self._entries.lasts.__getitem__, new))
        for last in self._loose:
            low, high = bisect_left(self.lasts, last), bisect_right(self.lasts, last)
            if high - low > 1:
                self._arrange(low, sorted(range(low, high), key=self.key_at))

    def _arrange(self, low: int, order: list[int]) -> None:
        """Put what stands at the indexes of *order* at *low* and after."""
        high = low + len(order)
        if order == list(range(low, high)):
            return
        for column in self._all():
            column[low:high] = [column[index] for index in order]


def _at(indexes: list[int], column: Sequence[T]) -> list[T]:
    """Return what stands at some indexes."""
    return list(map(column.__getitem__, indexes))
