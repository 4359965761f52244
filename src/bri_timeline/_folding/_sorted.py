"""Marks in fold order, as sorted columns."""

from __future__ import annotations

import math
import sys
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import partial
from itertools import compress, islice
from operator import itemgetter, le
from typing import Any, TypeVar, cast

from bri_timeline._events import (
    Ending,
    Event,
    Key,
    Mark,
    event_of,
    marks_of,
    sort_key,
    uncollected,
)
from bri_timeline._journal import Entries


__all__ = [
    "ALWAYS",
    "SETTLED",
    "SortedMarks",
]


T = TypeVar("T")
# In the column of days of knowledge, a mark of a settled cluster: it counts only where
# everything is known. A singleton has a day no later than the one before; a mark that
# is gone counts nowhere: infinity.
SETTLED = sys.float_info.max
ALWAYS = math.nextafter(SETTLED, 0)
_MANY = 64
_BLOCK = 64


class SortedMarks:
    """Marks in fold order, as parallel columns: an index is one mark.

    A mark is the beginning of an event, or an end if ends are selected. The
    columns hold the marks of singletons, which count whenever they are known, and of
    clusters that settled: what counts of them where everything is known. A mark that
    does so no longer, as its cluster has grown, keeps its index, so that all other
    indexes stay valid.

    Args:
        entries: The entries of the journal.
        closing: The ends of extents are selected, and those of what is ended by events
            with a payload of one of these classes; None for no ends.
        settled: What counts of the settled clusters, by the row of its first entry;
            None if it is the claim of that entry.

    Attributes:
        lasts: The day on which each mark is certain, in ascending order.
        marks: The marks.
        gone: The number of marks that count no longer.
        settled: What counts of the clusters that are still settled, likewise.
    """

    __slots__ = (
        "_arrivals",
        "_closing",
        "_entries",
        "_extents",
        "_firsts",
        "_imprecise",
        "_knowns",
        "_latest",
        "_lowest",
        "_rows",
        "_unordered",
        "gone",
        "lasts",
        "marks",
        "settled",
    )

    def __init__(
        self,
        entries: Entries,
        settled: dict[int, Event | None],
        closing: tuple[type, ...] | None,
    ) -> None:
        self._entries = entries
        self._closing = closing
        self.settled = settled
        self.lasts: list[float] = []
        self._rows: Sequence[int] = range(0)
        # By row, which rows are present, and the last days by which to order these:
        # until the rows are asked for, as a first question needs none.
        self._unordered: tuple[bytearray, list[float]] | None = None
        self.marks: list[Mark] = []
        self.gone = 0
        # The day of knowledge of each; built on first use, as most views need none.
        self._knowns: list[float] | None = None
        self._latest = -math.inf
        # The earliest day of each mark, and in each block of marks, as far as they are
        # needed. A column is read in order; each event would be looked up in memory.
        self._firsts = array("d")
        self._lowest: list[float] = []
        # The indexes of extents; built on first use.
        self._extents: list[int] | None = None
        # The last days of imprecise events and of ends: more than the row decides.
        self._imprecise: set[float] = set()
        # The days of knowledge in order, and the index of each; built on first use.
        self._arrivals: tuple[list[float], list[int]] | None = None

    def __len__(self) -> int:
        return len(self.lasts)

    @property
    def rows(self) -> Sequence[int]:
        """The row of each entry in the journal.

        A range, as long as they are consecutive, since a range takes no memory.
        """
        if self._unordered is not None:
            present, lasts = self._unordered
            rows = compress(range(len(present)), present)
            self._rows = sorted(rows, key=lasts.__getitem__)
            self._unordered = None
        return self._rows

    @property
    def knowns(self) -> list[float]:
        """The day from which each was known; `SETTLED`; infinite if it is gone."""
        if self._knowns is None:
            self._knowns = _of(self._entries.knowns, self.rows)
            self._latest = max(self._knowns, default=-math.inf)
            if self.settled:
                pairs = enumerate(self.rows)
                for index in [i for i, row in pairs if row in self.settled]:
                    self._knowns[index] = SETTLED
        return self._knowns

    @property
    def latest(self) -> float:
        """A day by which all of them were known."""
        return self._latest if self.knowns else -math.inf

    def key_at(self, index: int) -> Key:
        """Return the key of the mark at an index."""
        return self._key(self.marks[index], self.rows[index])

    def keys_of(self, row: int) -> list[Key]:
        """Return the keys of the selected marks of a claim, the beginning first."""
        return [self._key(mark, row) for mark in self.marks_of(row)]

    def _key(self, mark: Mark, row: int) -> Key:
        return sort_key(mark, self._entries.position(row))

    def index(self, key: Key) -> int:
        """Return the index at which a key belongs."""
        last, first = key[:2]
        low = bisect_left(self.lasts, last)
        # Most days have few marks. To search the whole rest for the end of one would
        # read memory that is in no cache.
        high = bisect_right(self.lasts, last, low, min(low + _BLOCK, len(self)))
        if high == low + _BLOCK:
            high = bisect_right(self.lasts, last, high)
        if last not in self._imprecise:
            # All are beginnings on this one day, so they are in order of position.
            if first != last:
                return low if first < last else high
            return bisect_left(self.rows, self._entries.row(key[2]), low, high)
        while low < high:
            middle = (low + high) // 2
            if self.key_at(middle) < key:
                low = middle + 1
            else:
                high = middle
        return low

    def has(self, row: int, index: int) -> bool:
        """Check whether a mark of an entry is at an index."""
        return index < len(self) and self.rows[index] == row

    def open_on(self, day: float) -> list[int]:
        """Return the indexes of marks that may come by a day, or later."""
        size, start = len(self), bisect_right(self.lasts, day)
        firsts, lowest = self._firsts, self._lowest
        if len(firsts) < size:
            new = self.marks[len(firsts) :]
            firsts.extend(mark.when.earliest_start for mark in new)
            for begin in range(len(lowest) * _BLOCK, size, _BLOCK):
                lowest.append(min(firsts[begin : begin + _BLOCK]))
        return [
            index
            for block in range(start // _BLOCK, len(lowest))
            if lowest[block] <= day
            for index in range(
                max(start, block * _BLOCK), min(size, (block + 1) * _BLOCK)
            )
            if firsts[index] <= day
        ]

    @property
    def extents(self) -> list[int]:
        """The indexes of the beginnings of extents."""
        if self._extents is None:
            self._extents = [
                index
                for index, mark in enumerate(self.marks)
                if not isinstance(mark, Ending) and mark.when.is_extent
            ]
        return self._extents

    def first_known(self, after: float, by: float) -> int:
        """Return the first index that became known after one day and by another."""
        if after == by:
            return len(self)
        if self._arrivals is None:
            indexes = sorted(range(len(self)), key=self.knowns.__getitem__)
            self._arrivals = [self.knowns[i] for i in indexes], indexes
        days, indexes = self._arrivals
        stop = bisect_right(days, min(by, ALWAYS))
        found = indexes[bisect_right(days, after) : stop]
        return min(found, default=len(self))

    def first_recorded(self, start: float, stop: float) -> int:
        """Return the first index whose row lies in a range."""
        if start == stop:
            return len(self)
        found = (i for i, p in enumerate(self.rows) if start <= p < stop)
        return next(found, len(self))

    def counting_rows(self) -> list[int]:
        """Return the rows of singletons, in ascending order."""
        if not self.gone and not self.settled and self._closing is None:
            return sorted(self.rows)
        live = (known <= ALWAYS for known in self.knowns)
        return sorted({*compress(self.rows, live)})

    # --- changing -------------------------------------------------------------------

    def fill(self, is_counting: bytearray) -> None:
        """Insert the first claims.

        Args:
            is_counting: For each row, whether it is inserted.
        """
        if self._closing is not None:
            self.insert([*compress(range(len(is_counting)), is_counting)])
            return
        merged, column = self._merged()
        lasts = [*compress(column, is_counting)]
        # The cast is safe: all of these rows have an event.
        marks = cast("list[Mark]", [*compress(self._entries.events, is_counting)])
        place, before = 0, 0
        for row, event in sorted(merged, key=itemgetter(0)):
            place += is_counting.count(1, before, row)
            marks[place], before = event, row
        # Most are in order already. Two sorts then take less than one sort of the rows,
        # and to look everything up by these. The key of each mark is the next day.
        marks.sort(key=partial(next, iter(lasts)))
        lasts.sort()
        self.lasts, self.marks = lasts, marks
        self._unordered = is_counting, column
        days = map(self._entries.lasts.__getitem__, self._entries.imprecise)
        self._imprecise.update(days)
        self._arrange_imprecise()

    def insert(self, rows: Sequence[int]) -> int:
        """Insert claims in order; return the first index that changed.

        Args:
            rows: In ascending order, each greater than all present.
        """
        # Inserting moves the rest of each list: for many claims one sort is faster.
        low = len(self)
        if len(rows) > _MANY:
            low = self._insert_many(rows)
        else:
            for row in rows:
                for mark in self._placed(row):
                    low = min(low, self._insert_one(row, mark))
        self._changed(low)
        return low

    def remove(self, row: int) -> None:
        """Let the marks of a claim that are present count under no basis."""
        for mark in self._placed(row):
            index = self.index(self._key(mark, row))
            if self.has(row, index) and self.knowns[index] < math.inf:
                self.knowns[index] = math.inf
                self.gone += 1
                self._arrivals = None
        self.settled.pop(row, None)

    def marks_of(self, row: int) -> tuple[Mark, ...]:
        """Return the selected marks of a claim, the beginning first."""
        event = self._entries.events[row]
        return () if event is None else self._marks_of(event)

    def _placed(self, row: int) -> tuple[Mark, ...]:
        """Return the marks that have the row in the columns, if any has."""
        event = self.settled.get(row)
        return self.marks_of(row) if event is None else self._marks_of(event)

    def _marks_of(self, event: Event) -> tuple[Mark, ...]:
        return (event,) if self._closing is None else marks_of(event, self._closing)

    def _changed(self, low: int) -> None:
        """Discard what was derived from the part that changed."""
        block = low // _BLOCK
        del self._lowest[block:], self._firsts[block * _BLOCK :]
        self._arrivals = self._extents = None

    def _insert_one(self, row: int, mark: Mark) -> int:
        index = self.index(self._key(mark, row))
        if isinstance(self.rows, range) and index == row == len(self):
            self._rows = range(row + 1)
        else:
            self._listed().insert(index, row)
        first, last = mark.when.earliest_start, mark.when.latest_start
        self.lasts.insert(index, last)
        self.marks.insert(index, mark)
        if self._knowns is not None:
            self._knowns.insert(index, self._entries.knowns[row])
            self._latest = max(self._latest, self._entries.knowns[row])
        if first != last or isinstance(mark, Ending):
            self._imprecise.add(last)
        return index

    def _all(self) -> tuple[list[Any], ...]:
        """Return all columns as lists, to be changed in the same way."""
        knowns = [] if self._knowns is None else [self._knowns]
        return self.lasts, self._listed(), self.marks, *knowns

    def _listed(self) -> list[int]:
        """Return the rows as a list, to be changed."""
        rows = self.rows
        if not isinstance(rows, list):
            self._rows = rows = list(rows)
        return rows

    def _insert_many(self, rows: Sequence[int]) -> int:
        """Insert many claims, one column at a time."""
        start = bisect_left(self._entries.imprecise, rows[0])
        new = self._entries.imprecise[start:]
        self._imprecise.update(map(self._entries.lasts.__getitem__, new))
        events, column = self._counting()
        is_sorted = not len(self) and not isinstance(rows, range)
        if is_sorted:
            # One sort of the rows is enough, and faster than one of marks.
            rows = sorted(rows, key=column.__getitem__)
        lasts = _of(column, rows)
        ascend = is_sorted or all(map(le, lasts, islice(lasts, 1, None)))
        # The cast is safe: all of these rows have an event.
        marks = cast("list[Mark]", _of(events, rows))
        closing = self._closing
        endings = [] if closing is None else _endings(rows, marks, closing)
        if endings:
            rows = [*rows, *(row for row, _ in endings)]
            marks += [ending for _, ending in endings]
            days = [ending.when.latest_start for _, ending in endings]
            self._imprecise.update(days)
            lasts += days
        low = bisect_left(self.lasts, min(lasts)) if self.lasts else 0
        if self._knowns is not None:
            knowns = _of(self._entries.knowns, rows)
            self._knowns += knowns
            self._latest = max(self._latest, *knowns)
        if ascend and not endings and self.lasts[-1:] <= lasts[:1]:
            self._follow(rows, lasts, marks)
        else:
            self._merge(rows, lasts, marks)
        self._arrange_imprecise()
        return low

    def _counting(self) -> tuple[list[Event | None], list[float]]:
        """Return the event of each entry as it counts, and its last day."""
        events = self._entries.events
        if len(self):
            return events, self._entries.lasts
        merged, lasts = self._merged()
        if merged:
            events = events.copy()
        for row, event in merged:
            events[row] = event
        return events, lasts

    def _merged(self) -> tuple[list[tuple[int, Event]], list[float]]:
        """Return what rests on several entries, by row, and the last day of each entry.

        It is not the claim of any of them. All claims of a content have one date, but
        their reports may bound it.
        """
        lasts = self._entries.lasts
        merged = [(row, event) for row, event in self.settled.items() if event]
        for row, event in merged:
            last = event.when.latest_start
            if last != lasts[row]:
                lasts = lasts.copy() if lasts is self._entries.lasts else lasts
                lasts[row] = last
        return merged, lasts

    def _follow(
        self, rows: Sequence[int], lasts: list[float], marks: list[Mark]
    ) -> None:
        """Append claims that follow all present ones in order."""
        old = self.rows
        if not self.lasts and isinstance(rows, list):
            self._rows = rows
        elif isinstance(old, range) and rows == range(old.stop, rows[-1] + 1):
            self._rows = range(old.start, rows[-1] + 1)
        else:
            self._listed().extend(rows)
        if not self.lasts:
            self.lasts, self.marks = lasts, marks
        else:
            self.lasts += lasts
            self.marks += marks

    def _merge(
        self, rows: Sequence[int], lasts: list[float], marks: list[Mark]
    ) -> None:
        """Sort by the last day; marks of one day keep their order."""
        both = [*self.lasts, *lasts] if self.lasts else lasts
        order = sorted(range(len(both)), key=both.__getitem__)
        self.lasts = _of(both, order)
        self.marks = _of([*self.marks, *marks] if self.marks else marks, order)
        if self._knowns is not None:
            self._knowns = _of(self._knowns, order)
        old = [*self.rows, *rows] if self.rows else rows
        if old != range(len(order)):
            order = [old[index] for index in order]
        self._rows = order

    def _arrange_imprecise(self) -> None:
        """Sort the marks of a last day, where some are imprecise, or ends."""
        for last in self._imprecise:
            low, high = bisect_left(self.lasts, last), bisect_right(self.lasts, last)
            if high - low > 1:
                self._arrange(low, sorted(range(low, high), key=self.key_at))

    def _arrange(self, low: int, order: list[int]) -> None:
        """Move the entries at the indexes of *order* to *low* and after."""
        high = low + len(order)
        if order == list(range(low, high)):
            return
        for column in self._all():
            column[low:high] = [column[index] for index in order]


def _of(column: list[T], places: Sequence[int]) -> list[T]:
    """Return the items at some indexes."""
    if isinstance(places, range):
        return column[places.start : places.stop]
    return list(map(column.__getitem__, places))


def _endings(
    rows: Sequence[int], marks: Sequence[Mark], closing: tuple[type, ...]
) -> list[tuple[int, Mark]]:
    """Return the ends of events, each with the row of the event."""
    pairs = zip(rows, map(event_of, marks), strict=True)
    with uncollected():  # they make no reference cycles
        return [(r, end) for r, event in pairs for end in marks_of(event, closing)[1:]]
