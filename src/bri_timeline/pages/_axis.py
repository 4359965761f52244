"""A scale from days to places on a line, and what is written along it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import count, takewhile

from attrs import frozen


__all__ = [
    "DAYS",
    "TimeScale",
    "can_ask",
    "civil",
    "iso",
    "scale_of",
    "ticks",
]


# The days of which a log can be asked: those of years of four digits.
DAYS = range(-3_652_424, 3_652_060)

# The Gregorian calendar repeats itself after 400 years.
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
    """Tell whether a log can be asked of a day: `in DAYS`, if it is a float too."""
    return DAYS[0] <= day <= DAYS[-1]


def civil(day: int) -> tuple[int, int, int]:
    """Return the year, month and day of a day number, for any year."""
    cycles, within = divmod(day - 1, _CYCLE)
    known = date.fromordinal(within + 1)
    return known.year + 400 * cycles, known.month, known.day


def iso(day: int) -> str:
    """Return a day number as text, for any year."""
    year, month, number = civil(day)
    return f"{'-' if year < 0 else ''}{abs(year):04}-{month:02}-{number:02}"


@frozen
class TimeScale:
    """Places on a line for days.

    Attributes:
        first: The number of the first day shown.
        last: The number of the last.
        left: The place of the beginning of the first day.
        width: From there to the end of the last.
    """

    first: int
    last: int
    left: float
    width: float

    def begin(self, day: float) -> float:
        """Return the place at which a day begins; those beyond the ends lie on them."""
        inside = min(max(day, self.first), self.last + 1) - self.first
        return self.left + self.width * inside / (self.last + 1 - self.first)

    def middle(self, day: float) -> float:
        """Return the place of the middle of a day."""
        return (self.begin(day) + self.begin(day + 1)) / 2


def scale_of(days: Iterable[float], left: float, width: float) -> TimeScale:
    """Return a scale for some days, with a little air on both sides.

    Args:
        days: Day numbers; infinite ones have no place of their own.
        left: Where the scale begins.
        width: How long it is.
    """
    finite = [int(day) for day in days if abs(day) != float("inf")] or [730_120]
    air = max((max(finite) - min(finite)) // 40, 1)
    return TimeScale(min(finite) - air, max(finite) + air, left, width)


def ticks(scale: TimeScale, most: int) -> list[tuple[int, str]]:
    """Return the days to write along a scale, with what to write.

    Args:
        scale: The scale.
        most: How many there is room for, at least 2.
    """
    length = scale.last - scale.first
    choices = (
        list(_months(scale, months) if months else _days(scale, days))
        for days, months in _STEPS
        if length <= days * (most + 1)
    )
    found = next(choice for choice in choices if len(choice) <= most)
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
