"""Consecutive periods of whole days, and lengths of calendar time."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import pendulum

from bri_timeline._calendar import civil, day_number, month_length
from bri_timeline.errors import PanelError


__all__ = ["Days", "Length", "length", "periods"]

_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_REMEDY = "give 'day', 'month', 'quarter', 'year' or a pendulum.Duration of whole days"


class Days(NamedTuple):
    """The days of a period, and those of the events that its row is about.

    Attributes:
        since: The number of its first day.
        until: The number of its last day.
        begin: The first day of the events; minus infinity if all earlier ones count.
    """

    since: int
    until: int
    begin: float


class Length(NamedTuple):
    """A length of time in months and days, of which a month has no fixed number.

    Attributes:
        months: The number of calendar months.
        days: The number of days besides.
    """

    months: int
    days: int

    def after(self, day: int, times: int = 1) -> int:
        """Return the day that lies so much later: 31 January and a month is 28 or 29.

        Args:
            day: The number of a day.
            times: How many such lengths later; negative for earlier.
        """
        year, month, number = civil(day)
        years, months = divmod(month - 1 + self.months * times, 12)
        year, month = year + years, months + 1
        last = min(number, month_length(year, month))
        return day_number(year, month, last) + self.days * times

    def ending(self, day: int) -> int:
        """Return the first day of a window of this length that ends with a day."""
        # Counted from the next day, so that a month before the end of February is all
        # of February.
        return self.after(day + 1, -1)


def length(value: str | pendulum.Duration, name: str) -> Length:
    """Return a length that a caller gave as the argument *name*.

    Raises:
        PanelError: It is not a length, or not of whole days, or not positive.
    """
    if value == "day":
        return Length(0, 1)
    if isinstance(value, str) and value in _MONTHS:
        return Length(_MONTHS[value], 0)
    if not isinstance(value, pendulum.Duration):
        raise PanelError(value, f"is not a length of time for {name}=: {_REMEDY}")
    months = value.years * 12 + value.months
    days = value.weeks * 7 + value.remaining_days
    rest = value.hours or value.minutes or value.remaining_seconds or value.microseconds
    if rest or months < 0 or days < 0 or not months + days:
        problem = f"cannot be {name}=, which is one or more whole days"
        raise PanelError(value, f"{problem}: {_REMEDY}")
    return Length(months, days)


def periods(
    start: int, stop: int, every: Length | None, window: Length | None, *, flow: bool
) -> Iterator[Days]:
    """Yield the periods from one day to another, both included.

    Each is counted from the start, so that months from 31 January end on the last day
    but one of each month, or on the last. The last period ends at *stop*.

    Args:
        start: The number of the first day.
        stop: The number of the last day.
        every: How long a period is; None for a single one.
        window: How long before its end the events of a row begin; None for no limit.
        flow: The events of a row are those of its period.
    """
    since, times = start, 0
    while since <= stop:
        times += 1
        following = stop + 1 if every is None else every.after(start, times)
        until = min(stop, following - 1)
        yield Days(since, until, _begin(since, until, window, flow=flow))
        since = following


def _begin(since: int, until: int, window: Length | None, *, flow: bool) -> float:
    if window is not None:
        return window.ending(until)
    return since if flow else -math.inf
