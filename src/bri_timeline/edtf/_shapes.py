"""The shapes of a date: one day, an extent, or several days.

Each shape has `bounds()`, the first day and the last that it can touch, infinite
where there is none; `starts()`, the earliest and the latest day of its start;
`ends(today)`, the same of its end; and `period()`, the days that are within it for
certain, and those that may be.
"""

from __future__ import annotations

import math
from enum import Enum
from typing import NamedTuple

from bri_timeline._calendar import civil, iso
from bri_timeline.edtf._days import Days, DaySpan


OPEN_END = ".."
_MOST_DATES = 100
_LARGEST_YEAR = 9999
_Range = tuple[float, float]


class Bound(Enum):
    """The kind of bound at one end of a date.

    `DATE`: a day that it cannot lie beyond. `OPEN`: it goes on (`..`). `UNKNOWN`: it
    ends on a day that is not given (an empty end of an interval).
    """

    DATE = "date"
    OPEN = "open"
    UNKNOWN = "unknown"


class Allen(Enum):
    """A relation between two intervals (J. F. Allen, CACM 26, 1983, pages 832 to 843).

    Intervals are half-open: one that ends on a day *meets* one that begins on the next,
    and a day is an interval of its own.

    >>> Allen.STARTS.inverse
    <Allen.STARTED_BY: 'started by'>
    """

    BEFORE = "before"
    MEETS = "meets"
    OVERLAPS = "overlaps"
    STARTS = "starts"
    DURING = "during"
    FINISHES = "finishes"
    EQUALS = "equals"
    FINISHED_BY = "finished by"
    CONTAINS = "contains"
    STARTED_BY = "started by"
    OVERLAPPED_BY = "overlapped by"
    MET_BY = "met by"
    AFTER = "after"

    @property
    def inverse(self) -> Allen:
        """The relation of the second interval to the first."""
        # The members are ordered so that each mirrors its inverse.
        members = list(Allen)
        return members[-1 - members.index(self)]


class Moment(NamedTuple):
    """One day, any of *days*."""

    days: Days

    def bounds(self) -> _Range:
        """Return the first and the last day that it can be."""
        return self.days.first, self.days.last

    def starts(self) -> _Range:
        """Return the same: it starts on the day that it is."""
        return self.bounds()

    def ends(self, _today: int) -> _Range:
        """Return the same: it ends on the day that it is."""
        return self.bounds()

    def period(self) -> tuple[Days, Days]:
        """Return its days twice: all that it names are within."""
        return self.days, self.days

    def is_same(self, other: Shape) -> bool:
        """Return whether another shape is one day, any of the same."""
        return isinstance(other, Moment) and self.days.is_same(other.days)


class Extent(NamedTuple):
    """All days from one end to another; a `Bound` stands for an end without a date."""

    start: Days | Bound
    end: Days | Bound

    def bounds(self) -> _Range:
        """Return the earliest start and the latest end."""
        start, end = self.start, self.end
        first = -math.inf if isinstance(start, Bound) else start.first
        return first, math.inf if isinstance(end, Bound) else end.last

    def starts(self) -> _Range:
        """Return the range of the start, which cannot lie after the end.

        An open start lies before every day.
        """
        first, last = self.bounds()
        if self.start is Bound.OPEN:
            return -math.inf, -math.inf
        if isinstance(self.start, Bound):
            return first, last
        # A start with gaps may have no member just before the end.
        latest = self.start.at_or_before(last)
        return first, last if latest is None else latest

    def ends(self, today: int) -> _Range:
        """Return the range of the end, which cannot lie before the start.

        An open end lies after *today*.
        """
        first, last = self.bounds()
        if self.end is Bound.OPEN:
            # Open means that it has not ended yet, so not today either.
            return max(today + 1, first), last
        if isinstance(self.end, Bound):
            return first, last
        earliest = self.end.at_or_after(first)
        return first if earliest is None else earliest, last

    def begin_days(self) -> Days:
        """Return the days on which it can start, none of them after its end."""
        first, last = self.starts()
        if isinstance(self.start, Bound):
            return Days.between(first, last)
        return (
            self.start.between_days(first, last)
            if last < self.start.last
            else self.start
        )

    def end_days(self) -> Days:
        """Return the days on which it can end, none before its start."""
        first, last = self.bounds()
        if isinstance(self.end, Bound):
            return Days.between(first, last)
        return (
            self.end.between_days(first, last) if self.end.first < first else self.end
        )

    def is_same(self, other: Shape) -> bool:
        """Return whether another shape is an extent with the same pairs of ends."""
        if not isinstance(other, Extent):
            return False
        ends = (self.start, other.start), (self.end, other.end)
        if any(
            a is not b for a, b in ends if isinstance(a, Bound) or isinstance(b, Bound)
        ):
            return False
        begin, end = self.begin_days(), self.end_days()
        return begin.is_same(other.begin_days()) and end.is_same(other.end_days())

    def period(self) -> tuple[Days, Days]:
        """Return the days on which it goes on for certain, and those on which it may.

        A date at either end counts whole: to the last day of 2017. Beyond an end
        without one it may go on.
        """
        first, last = self.bounds()
        # An open start counts as always; an unknown one leaves only the end certain.
        begin = last if self.start is Bound.UNKNOWN else first
        end = first if isinstance(self.end, Bound) else last
        return Days.between(begin, end), Days.between(first, last)


class Element(NamedTuple):
    """One element of an all-of set: a date, or all dates of a range.

    Attributes:
        days: All days that it may touch.
        first: The bounds of its first date; both infinite where the range is open.
        last: The bounds of its last date.
        every_day: It names every day from its first to its last.
    """

    days: Days
    first: tuple[float, float]
    last: tuple[float, float]
    every_day: bool

    @property
    def is_named(self) -> bool:
        """Each of its days is one: a date of less precision names one of its days."""
        return self.every_day or self.days.first == self.days.last

    def is_same(self, other: Element) -> bool:
        """Return whether another element names the same dates."""
        return self[1:] == other[1:] and self.days.is_same(other.days)


class Several(NamedTuple):
    """Several days: one for each element."""

    elements: tuple[Element, ...]

    def bounds(self) -> _Range:
        """Return the first and the last day that any of them can be."""
        first = min(element.days.first for element in self.elements)
        return first, max(element.days.last for element in self.elements)

    def starts(self) -> _Range:
        """Return the range of the first of them."""
        earliest = min(element.first[0] for element in self.elements)
        return earliest, min(element.first[1] for element in self.elements)

    def ends(self, _today: int) -> _Range:
        """Return the range of the last of them."""
        earliest = max(element.last[0] for element in self.elements)
        return earliest, max(element.last[1] for element in self.elements)

    def period(self) -> tuple[Days, Days]:
        """Return all days that they name, twice."""
        days = Days.union(element.days for element in self.elements)
        return days, days

    def is_same(self, other: Shape) -> bool:
        """Return whether another shape is several days, with the same dates."""
        if not isinstance(other, Several):
            return False
        (days, dates), (like, others) = self._parts(), other._parts()
        return days.is_same(like) and all(
            any(date.is_same(one) for one in some)
            for all_dates, some in ((dates, others), (others, dates))
            for date in all_dates
        )

    def _parts(self) -> tuple[Days, list[Element]]:
        """Return the days that it names for certain, and the elements of other days."""
        named = [element for element in self.elements if element.is_named]
        rest = [element for element in self.elements if not element.is_named]
        return Days.union(element.days for element in named), rest

    def names(self, day: int) -> bool:
        """Return whether one of them is *day* for certain."""
        return any(
            day in element.days and element.is_named for element in self.elements
        )

    def touches(self, day: int) -> bool:
        """Return whether one of them may be *day*."""
        return any(day in element.days for element in self.elements)


Shape = Moment | Extent | Several


def days_text(days: Days, sign: str) -> str:
    """Return one of some days as text.

    Args:
        days: The days; of very many with gaps, those between count too.
        sign: A qualifier.
    """
    # A set of more dates would be too long a text.
    shown_spans = days.as_spans(_MOST_DATES) or [DaySpan(days.first, days.last)]
    ends = [
        [_day_text(day, sign) for day in dict.fromkeys(span)] for span in shown_spans
    ]
    dates = ",".join(map("..".join, ends))
    return dates if days.first == days.last else f"[{dates}]"


def _day_text(number: float, sign: str) -> str:
    """Return a day as text; nothing for infinity, and the year where it is long."""
    if math.isinf(number):
        return ""
    year = civil(int(number))[0]
    return f"{f'Y{year}' if abs(year) > _LARGEST_YEAR else iso(int(number))}{sign}"
