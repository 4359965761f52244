"""A linear scale from days to positions, and its tick labels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import count, takewhile

from attrs import frozen

from bri_timeline._calendar import civil


__all__ = [
    "DAYS",
    "TimeScale",
    "can_ask",
    "scale_of",
    "ticks",
]


# The days that `EventLog.as_of()` accepts: those of years of four digits.
DAYS = range(-3_652_424, 3_652_060)

# The Gregorian calendar repeats after 400 years.
_CYCLE = 146_097
_MONTHS = [
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
]
_YEARS = (1, 2, 5, *(n * 10**power for power in range(1, 17) for n in (1, 2, 5)))

# The shortest length of a step in days, and its months; none for steps of days.
_STEPS = (
    *((days, 0) for days in (1, 2, 7)),
    *((28 * months, months) for months in (1, 3, 6)),
    *((365 * years, 12 * years) for years in _YEARS),
)


def can_ask(day: float) -> bool:
    """Return whether `EventLog.as_of()` accepts a day; works for infinite days too."""
    return DAYS[0] <= day <= DAYS[-1]


@frozen
class TimeScale:
    """A linear scale from days to positions.

    Attributes:
        first: The number of the first day shown.
        last: The number of the last.
        left: The position at which the first day begins.
        width: The distance to the end of the last day.
    """

    first: int
    last: int
    left: float
    width: float

    def begin(self, day: float) -> float:
        """Return the position at which a day begins, clamped to the scale."""
        inside = min(max(day, self.first), self.last + 1) - self.first
        return self.left + self.width * inside / (self.last + 1 - self.first)

    def middle(self, day: float) -> float:
        """Return the position of the middle of a day."""
        return (self.begin(day) + self.begin(day + 1)) / 2


def scale_of(days: Iterable[float], left: float, width: float) -> TimeScale:
    """Return a scale for some days, with a margin of a fortieth on both sides.

    Args:
        days: Day numbers; infinite ones are ignored.
        left: The position at which the scale begins.
        width: Its length.
    """
    # An empty log still needs a scale: it shows 1 January 2000.
    finite = [int(day) for day in days if abs(day) != float("inf")] or [730_120]
    air = max((max(finite) - min(finite)) // 40, 1)
    return TimeScale(min(finite) - air, max(finite) + air, left, width)


def ticks(scale: TimeScale, most: int) -> list[tuple[int, str]]:
    """Return the days of the ticks of a scale, each with its label.

    Args:
        scale: The scale.
        most: The largest number of ticks, at least 2.
    """
    # The first step that could fit is not always the best: steps of months have
    # uneven lengths, so each candidate is counted.
    length = scale.last - scale.first
    choices = (
        list(_months(scale, months) if months else _days(scale, days))
        for days, months in _STEPS
        if length <= days * (most + 1)
    )
    found = next(choice for choice in choices if len(choice) <= most)
    # A step longer than the scale may have no tick on it; show its first day then.
    return found or list(_days(scale, length + 1))


def _days(scale: TimeScale, step: int) -> Iterator[tuple[int, str]]:
    for day in range(scale.first, scale.last + 1, step):
        year, month, number = civil(day)
        yield day, f"{number} {_MONTHS[month - 1]} {year}"


def _months(scale: TimeScale, step: int) -> Iterator[tuple[int, str]]:
    year, month, _ = civil(scale.first)
    number = -(-(12 * year + month - 1) // step) * step
    starts = ((n, _start(n)) for n in count(number, step))
    for n, day in takewhile(lambda pair: pair[1] <= scale.last, starts):
        if day >= scale.first:
            label = str(n // 12)
            yield day, label if step >= 12 else f"{_MONTHS[n % 12]} {label}"


def _start(month: int) -> int:
    """Return the number of the first day of a month, counted from year 0."""
    cycles, within = divmod(month - 12, 4800)
    return date(within // 12 + 1, within % 12 + 1, 1).toordinal() + cycles * _CYCLE
