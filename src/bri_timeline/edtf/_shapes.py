"""What a date says about days: one day, an extent, or several days."""

from __future__ import annotations

import math
from enum import Enum

from attrs import frozen

from bri_timeline.edtf._days import Days

__all__ = ["Bound", "Element", "Extent", "Moment", "Several", "Shape"]


class Bound(Enum):
    """What is known of one end of a date.

    `DATE`: a day that it cannot lie beyond. `OPEN`: it goes on (`..`). `UNKNOWN`: it
    ends, nobody says when (an empty end of an interval).
    """

    DATE = "date"
    OPEN = "open"
    UNKNOWN = "unknown"


@frozen
class Moment:
    """One day, any of *days*."""

    days: Days

    def bounds(self) -> tuple[float, float, Bound, Bound]:
        """Return the first and last day, and what is known of each."""
        days = self.days
        return days.first, days.last, _bound(days.first), _bound(days.last)


@frozen
class Extent:
    """All days from one end to another; a `Bound` stands for an end without a date."""

    start: Days | Bound
    end: Days | Bound

    def bounds(self) -> tuple[float, float, Bound, Bound]:
        """Return the earliest start and the latest end, and what is known of each."""
        first, left = -math.inf, self.start
        last, right = math.inf, self.end
        if isinstance(left, Days):
            first, left = left.first, _bound(left.first)
        if isinstance(right, Days):
            last, right = right.last, _bound(right.last)
        return first, last, left, right

    def starts(self) -> tuple[float, float]:
        """Return the earliest and the latest day of the start.

        A start cannot lie after the end. An open start lies before every day.
        """
        last = self.bounds()[1]
        if self.start is Bound.OPEN:
            return -math.inf, -math.inf
        if not isinstance(self.start, Days):
            return -math.inf, last
        latest = self.start.at_or_before(last)
        return self.start.first, last if latest is None else latest

    def ends(self, today: int) -> tuple[float, float]:
        """Return the earliest and the latest day of the end.

        An end cannot lie before the start. An open end lies after *today*.
        """
        first = self.bounds()[0]
        if self.end is Bound.OPEN:
            return max(today + 1, first), math.inf
        if not isinstance(self.end, Days):
            return first, math.inf
        earliest = self.end.at_or_after(first)
        return first if earliest is None else earliest, self.end.last


@frozen
class Element:
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


@frozen
class Several:
    """Several days: one for each element."""

    elements: tuple[Element, ...]

    def bounds(self) -> tuple[float, float, Bound, Bound]:
        """Return the first and last day, and what is known of each."""
        first = min(element.days.first for element in self.elements)
        last = max(element.days.last for element in self.elements)
        return first, last, _bound(first), _bound(last)


Shape = Moment | Extent | Several


def _bound(day: float) -> Bound:
    return Bound.OPEN if abs(day) == math.inf else Bound.DATE
