"""Days, weeks, months, years and decades, counted from the day of publication."""

from __future__ import annotations

import math

from bri_timeline.edtf._calendar import civil, day_number, month_length
from bri_timeline.edtf._phrases._periods import (
    Period,
    day_of,
    days_between,
    month_of,
    quarter_of,
    year_of,
)
from bri_timeline.edtf._phrases._rules import Context


__all__ = [
    "AGO",
    "AHEAD",
    "away",
    "beyond",
    "earlier",
    "later",
    "shifted",
    "short_of",
    "within_last",
    "within_next",
]

_WEEK = 7
_QUARTER = 3
_YEAR = 12
_DECADE = 10


def shifted(unit: str, offset: int, context: Context) -> list[Period]:
    """Return the day, week, month, quarter or year that lies *offset* of them later."""
    if unit == "day":
        return [day_of(context.day + offset)]
    if unit == "week":
        return context.weeks(offset)
    if unit == "month":
        return [month_of(0, context.month + 1 + offset)]
    if unit == "quarter":
        year, quarter = divmod(context.month // _QUARTER + offset, _YEAR // _QUARTER)
        return [quarter_of(year, quarter + 1)]
    years = _DECADE if unit == "decade" else 1
    return [year_of(context.year + offset * years)]


def earlier(unit: str, context: Context) -> list[Period]:
    """Return this week, month or year up to the day of publication."""
    return [
        days_between(one.first, context.day).vague for one in shifted(unit, 0, context)
    ]


def later(unit: str, context: Context) -> list[Period]:
    """Return this week, month or year from the day of publication on."""
    return [
        days_between(context.day, one.last).vague for one in shifted(unit, 0, context)
    ]


def within_last(unit: str, count: int, context: Context) -> list[Period]:
    """Return the last *count* units up to publication, the first of them whole."""
    first = min(one.first for one in _named(unit, -count, context))
    return [days_between(first, context.day).vague]


def within_next(unit: str, count: int, context: Context) -> list[Period]:
    """Return the next *count* units from publication on, the last of them whole."""
    last = max(one.last for one in _named(unit, count, context))
    return [days_between(context.day, last).vague]


def _named(unit: str, offset: int, context: Context) -> list[Period]:
    if unit != "hour":
        return shifted(unit, offset, context)
    return [exactly(unit, abs(offset), AGO if offset < 0 else AHEAD, context)]


# --- with some play ------------------------------------------------------------

AGO, AHEAD = -1, 1
_HOURS = 24
# Days and months of a unit, how much less is rounded up to one, and how much more is
# not yet two for those who count in full.
_LENGTH = {
    "day": (1, 0), "week": (7, 0), "month": (0, 1), "year": (0, 12), "decade": (0, 120)
}  # fmt: skip
_LESS = {
    "day": (0, 0), "week": (3, 0), "month": (15, 0), "year": (0, 6), "decade": (0, 60)
}  # fmt: skip
_MORE = {**_LENGTH, "decade": (0, 60)}


def away(unit: str, count: int, side: int, context: Context) -> list[Period]:
    """Return when *count* units ago, or ahead, is: in full, rounded, by the calendar.

    Args:
        unit: `hour` to `decade`.
        count: How many.
        side: `AGO` or `AHEAD`.
        context: How the phrase is read. Hours are counted from any hour of that day.
    """
    there = exactly(unit, count, side, context)
    if unit == "hour":
        return [there.vague]
    (days, months), (more, further) = _LENGTH[unit], _MORE[unit]
    days, months = side * (count * days + more), side * (count * months + further)
    near = _moved(int(there.first), *(-side * part for part in _LESS[unit]))
    edges = [near, _moved(context.day, days, months) - side]
    for period in shifted(unit, side * count, context):
        edges += map(int, (period.first, period.last))
    found = days_between(min(edges), max(edges))
    return [found if unit == "day" else found.vague]


def beyond(unit: str, count: int, side: int, context: Context) -> list[Period]:
    """Return when more than *count* units ago, or ahead, is."""
    there = exactly(unit, count, side, context)
    if side == AGO:
        return [Period(-math.inf, there.last).vague]
    return [Period(there.first, math.inf).vague]


def short_of(unit: str, count: int, side: int, context: Context) -> list[Period]:
    """Return when less than *count* units ago, or ahead, is."""
    there = exactly(unit, count, side, context)
    edges = there.first, there.last, context.day
    return [days_between(min(edges), max(edges)).vague]


def exactly(unit: str, count: int, side: int, context: Context) -> Period:
    """Return the day, of hours the days, on which that much is over."""
    day, count = context.day, side * count
    if unit == "hour":
        return days_between(day + count // _HOURS, day - -count // _HOURS)
    days, months = _LENGTH[unit]
    return day_of(_moved(day, count * days, count * months))


def _moved(day: int, days: int, months: int) -> int:
    """Return a day some months and days later; the last of a month that is shorter."""
    year, month, number = civil(day)
    year, month = divmod(year * _YEAR + month - 1 + months, _YEAR)
    return (
        day_number(year, month + 1, min(number, month_length(year, month + 1))) + days
    )
