"""Stretches of the calendar that a phrase can name, and how EDTF writes them."""

from __future__ import annotations

import math
from typing import NamedTuple

from bri_timeline.edtf._calendar import civil, day_number, month_length, year_start


__all__ = [
    "DAY",
    "MONTH",
    "OPEN",
    "UNKNOWN",
    "WINTER",
    "YEAR",
    "Period",
    "century_of",
    "day_of",
    "days_between",
    "decade_of",
    "half_of",
    "has_part",
    "month_of",
    "months_between",
    "part_of",
    "quarter_of",
    "season_of",
    "week_of",
    "year_of",
    "years_between",
]

YEAR, MONTH, DAY = range(3)
WINTER = 24
_WEEK = 7
# The codes of ISO 8601-2:2019 4.8.3.6 and the month in which each begins.
_SEASON_STARTS = {21: 3, 22: 6, 23: 9, WINTER: 12}
_FIRST_QUARTER, _FIRST_HALF = 33, 40


class Period(NamedTuple):
    """All days from *first* to *last*.

    Attributes:
        first: A day number, or minus infinity.
        last: A day number, or infinity.
        grain: What it is written in, where its ends allow: years, months or days.
        kind: `century`, `decade`, `year`, `month`, or `span` for what has no parts
            that are told apart.
        exact: Where it begins and ends is certain, as of "2019" but not "early 2019".
        text: How EDTF writes it, if not by its first and last day.
    """

    first: float
    last: float
    grain: int = DAY
    kind: str = "span"
    exact: bool = True
    text: str | None = None

    @property
    def vague(self) -> Period:
        """The same, but nobody knows for certain where it begins and ends."""
        return self._replace(exact=False)


OPEN = Period(-math.inf, math.inf, text="..")
UNKNOWN = Period(-math.inf, math.inf, text="")


# --- what has a name ----------------------------------------------------------


def years_between(first: int, last: int, kind: str = "span") -> Period:
    """Return all days from the first of one year to the last of another."""
    return Period(year_start(first), year_start(last + 1) - 1, YEAR, kind)


def months_between(first: int, last: int, kind: str = "span") -> Period:
    """Return all days of some months, counted from January of year 0."""
    end_year, end_month = divmod(last, 12)
    start = day_number(first // 12, first % 12 + 1, 1)
    end = day_number(end_year, end_month + 1, month_length(end_year, end_month + 1))
    return Period(start, end, MONTH, kind)


def days_between(first: float, last: float) -> Period:
    """Return all days from one day number to another."""
    return Period(first, last)


def year_of(year: int) -> Period:
    """Return a year."""
    return years_between(year, year, "year")


def month_of(year: int, month: int) -> Period:
    """Return a month; beyond 12 it is one of a later year, below 1 of an earlier."""
    return months_between(year * 12 + month - 1, year * 12 + month - 1, "month")


def day_of(number: int) -> Period:
    """Return one day."""
    return Period(number, number)


def week_of(number: int, weekday: int) -> Period:
    """Return the week of a day, of those that begin on *weekday* (0 is Monday)."""
    first = number - (number - 1 - weekday) % _WEEK
    return Period(first, first + _WEEK - 1)


def decade_of(year: int) -> Period:
    """Return the ten years from one that ends in 0."""
    period = years_between(year, year + 9, "decade")
    return period._replace(text=f"{year // 10:03}X")


def century_of(number: int) -> Period:
    """Return a century, with both the years 00 that people count to it."""
    period = years_between(number * 100 - 100, number * 100, "century")
    return period.vague


def season_of(year: int, season: int) -> Period:
    """Return a season (21 to 24), with the months that the parser reads it as."""
    start = year * 12 + _SEASON_STARTS[season] - 1
    period = months_between(start, start + 2)
    return period._replace(text=f"{year:04}-{season}").vague


def quarter_of(year: int, number: int) -> Period:
    """Return a quarter (1 to 4) of a year."""
    start = year * 12 + number * 3 - 3
    text = f"{year:04}-{_FIRST_QUARTER + number - 1}"
    return months_between(start, start + 2)._replace(text=text)


def half_of(year: int, number: int) -> Period:
    """Return a half (1 or 2) of a year."""
    start = year * 12 + number * 6 - 6
    text = f"{year:04}-{_FIRST_HALF + number - 1}"
    return months_between(start, start + 5)._replace(text=text)


# --- parts of what has a name ---------------------------------------------------


def has_part(kind: str, part: str) -> bool:
    """Tell whether a period of some kind has a part of that name."""
    if part.startswith("quarter"):
        return kind == "year"
    if part.startswith("half"):
        return kind in ("decade", "year", "month")
    return kind != "span" and (part != "mid" or kind != "day")


def part_of(period: Period, part: str) -> Period:
    """Return a part that the period has.

    Args:
        period: Of which `has_part()` says that it has that part.
        part: `early`, `mid`, `late`, `within`, `half 1`, `half 2`, `quarter 1` to
            `quarter 4`.
    """
    name, _, number = part.partition(" ")
    if number:
        return _numbered(period, name, int(number))
    if name == "within" or period.kind not in ("century", "decade", "year", "month"):
        return period.vague
    return _vague(period, name)


def _numbered(period: Period, name: str, number: int) -> Period:
    """Return a half or a quarter, of which EDTF has those of a year."""
    if period.kind != "year":
        return _vague(period, ("early", "late")[number - 1])
    year = civil(int(period.first))[0]
    return (half_of if name == "half" else quarter_of)(year, number)


def _vague(period: Period, name: str) -> Period:
    """Return the first, middle or last half of a century, decade, year or month."""
    year, month, _ = civil(int(period.first))
    if period.kind == "month":
        low, high = _share(month_length(year, month), name)
        first, last = period.first + low, period.first + high
        return Period(first, last, MONTH).vague
    if period.kind == "year":
        low, high = _share(12, name)
        months = months_between(year * 12 + low, year * 12 + high)
        return months._replace(grain=YEAR).vague
    low, high = _share(civil(int(period.last))[0] - year + 1, name)
    return years_between(year + low, year + high).vague


def _share(count: int, name: str) -> tuple[int, int]:
    """Return the first and last of *count* parts that are early, mid or late."""
    half, quarter = (count + 1) // 2, count // 4
    if name == "early":
        return 0, half - 1
    if name == "late":
        return count - half, count - 1
    return quarter, count - 1 - quarter
