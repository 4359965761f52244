"""Marks in fold order, in blocks: what is inserted into one moves no other."""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import chain

from bri_timeline._events.marks import Key, Mark, sort_key
from bri_timeline._journal import Entries


class Blocks:
    """Marks in fold order, in blocks of about the same size.

    A block has the marks from its bound to that of the next one. A bound never moves,
    also if the mark that gave it goes away: what is read of a block under any basis
    depends on its own marks only. A block that becomes too long is halved, which
    renumbers those after it: whoever keeps something by number is told.

    Args:
        marks: The marks, in order.
        rows: The row of each; of what counts of a cluster it is inverted (`~row`).
        size: The number of marks in a block; to begin with.
        entries: The entries of the rows; None where marks of the same days are in the
            order in which they came.

    Attributes:
        marks: The marks of each block.
        rows: Their rows, likewise.
        bounds: The key from which the marks of each block come.
        days: The day of each bound: what is before is certain by then.
        firsts: The earliest day on which a mark of a block can begin, or be over.
        since: A day before which none of its entries was known.
        known: A day by which all were.
        last: A row that none is above. These four are infinite until they are read,
            and the last three with marks of clusters.
    """

    def __init__(
        self, marks: list[Mark], rows: list[int], size: int, entries: Entries | None
    ) -> None:
        starts = range(0, max(len(marks), 1), size)
        self._position = _same if entries is None else entries.position
        self._knowns: Sequence[float] = () if entries is None else entries.knowns
        self._size = size
        # A block that is halved renumbers others, which costs most in a long log.
        self._most = size * (2 if entries is None else 4)
        # Numbers that lie together are compared in less time than those of dates.
        self.firsts, self.since, self.known, self.last = (
            array("d", [number]) * len(starts)
            for number in (-math.inf, -math.inf, math.inf, math.inf)
        )
        self.marks = [marks[start : start + size] for start in starts]
        self.rows = [rows[start : start + size] for start in starts]
        firsts = map(self.key, marks[size::size], rows[size::size])
        self.bounds: list[Key] = [(-math.inf,), *firsts]
        self.days = [bound[0] for bound in self.bounds]

    def key(self, mark: Mark, row: int) -> Key:
        """Return the key of a mark in the fold order."""
        row = row if row >= 0 else ~row
        return sort_key(mark, self._position(row))

    # --- looking up -------------------------------------------------------------------

    def on(self, day: float) -> int:
        """Return the last block that may have a mark that is certain by a day."""
        return bisect_right(self.days, day) - 1

    def of(self, key: Key) -> int:
        """Return the block in which a key belongs."""
        return bisect_right(self.bounds, key) - 1

    def place(self, number: int, key: Key) -> int:
        """Return the index in a block at which a key belongs."""
        marks, rows = self.marks[number], self.rows[number]
        if not marks or self.key(marks[-1], rows[-1]) < key:
            return len(marks)
        return bisect_left(
            range(len(marks)), key, key=lambda i: self.key(marks[i], rows[i])
        )

    def span(self, number: int) -> tuple[float, float, float]:
        """Return what is said of the entries of a block: since, known and last."""
        rows = self.rows[number]
        if self.known[number] == math.inf and rows and min(rows) >= 0:
            days = [*map(self._knowns.__getitem__, rows)]
            self.since[number], self.known[number] = min(days), max(days)
            self.last[number] = max(rows)
        return self.since[number], self.known[number], self.last[number]

    def first(self, number: int) -> float:
        """Return the earliest day on which a mark of a block can begin, or be over."""
        if self.firsts[number] == -math.inf:
            firsts = (mark.when.earliest_start for mark in self.marks[number])
            self.firsts[number] = min(firsts, default=math.inf)
        return self.firsts[number]

    def before(self, first: int, day: float) -> Iterable[Mark]:
        """Return the marks from a block on that are certain by a day."""
        last = self.on(day)
        whole = chain.from_iterable(self.marks[first:last])
        return chain(whole, certain_by(self.marks[last], day))

    # --- changing ---------------------------------------------------------------------

    def add(self, key: Key, mark: Mark, row: int) -> int:
        """Insert a mark; return the number of its block."""
        number = self.of(key)
        index = self.place(number, key)
        marks, rows = self.marks[number], self.rows[number]
        is_last = number == len(self.marks) - 1 and index == len(marks)
        if is_last and index >= self._size:
            self._insert(number + 1, key, [mark], [row])
            return number + 1
        marks.insert(index, mark)
        rows.insert(index, row)
        self._forget(number)
        return number

    def remove(self, key: Key, row: int) -> int | None:
        """Remove the mark of a row; return the number of its block, if it was there."""
        number = self.of(key)
        index, rows = self.place(number, key), self.rows[number]
        if index == len(rows) or rows[index] != row:
            return None
        del self.marks[number][index], rows[index]
        self._forget(number)
        return number

    def clear(self, low: Key, high: Key) -> list[int]:
        """Remove the marks from one key to another; return the blocks that had any."""
        first, cleared = max(bisect_left(self.bounds, low) - 1, 0), list[int]()
        for number in range(first, self.of(high) + 1):
            start, stop = self.place(number, low), self.place(number, high)
            if start < stop:
                del self.marks[number][start:stop], self.rows[number][start:stop]
                self._forget(number)
                cleared.append(number)
        return cleared

    def _forget(self, number: int) -> None:
        self.firsts[number] = self.since[number] = -math.inf
        self.known[number] = self.last[number] = math.inf

    def halve(self, number: int) -> bool:
        """Halve a block if it is too long: those after it get the next numbers."""
        marks, rows = self.marks[number], self.rows[number]
        if len(marks) <= self._most:
            return False
        half = len(marks) // 2
        self._insert(
            number + 1, self.key(marks[half], rows[half]), marks[half:], rows[half:]
        )
        del marks[half:], rows[half:]
        self._forget(number)
        return True

    def _insert(
        self, number: int, bound: Key, marks: list[Mark], rows: list[int]
    ) -> None:
        self.marks.insert(number, marks)
        self.rows.insert(number, rows)
        self.bounds.insert(number, bound)
        self.days.insert(number, bound[0])
        for column in (self.firsts, self.since, self.known, self.last):
            column.insert(number, 0)
        self._forget(number)


def _same(row: int) -> int:
    return row


def certain_by(marks: list[Mark], day: float) -> list[Mark]:
    """Return those of the marks of a block that are certain by a day."""
    if not marks or marks[-1].when.latest_start <= day:
        return marks
    return marks[: bisect_right(marks, day, key=certain_day)]


def certain_day(mark: Mark) -> float:
    """Return the day by which a mark is certain: marks are in the order of these."""
    return mark.when.latest_start
