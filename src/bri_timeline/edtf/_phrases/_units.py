"""Days, weeks, months, years and decades, counted from the day of publication."""

from __future__ import annotations

from bri_timeline.edtf._phrases._periods import (
    Period,
    day_of,
    days_between,
    month_of,
    months_between,
    year_of,
    years_between,
)
from bri_timeline.edtf._phrases._rules import Context


__all__ = [
    "ago",
    "ahead",
    "earlier",
    "later",
    "shifted",
    "within_last",
    "within_next",
]

_WEEK = 7
_YEAR = 12
_DECADE = 10


def shifted(unit: str, offset: int, context: Context) -> list[Period]:
    """Return the day, week, month or year that lies *offset* of them later."""
    if unit == "day":
        return [day_of(context.day + offset)]
    if unit == "week":
        return context.weeks(offset)
    if unit == "month":
        return [month_of(0, context.month + 1 + offset)]
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
    first = min(one.first for one in shifted(unit, -count, context))
    return [days_between(first, context.day)]


def within_next(unit: str, count: int, context: Context) -> list[Period]:
    """Return the next *count* units from publication on, the last of them whole."""
    last = max(one.last for one in shifted(unit, count, context))
    return [days_between(context.day, last)]


# --- with some play ------------------------------------------------------------


def ago(unit: str, count: int, context: Context) -> list[Period]:
    """Return when *count* units ago was: in full, rounded, or by the calendar.

    Days are counted. A week or a year may be as much as one more, or half of one less;
    a month one more or less; a decade half of one either way.
    """
    if unit == "day":
        return [day_of(context.day - count)]
    if unit == "week":
        back = context.day - count * _WEEK
        last = max(back + _WEEK // 2, *(one.last for one in context.weeks(-count)))
        return [days_between(back - _WEEK + 1, last).vague]
    if unit == "month":
        return [_months_around(context.month - count, 1, 1)]
    if unit == "year":
        back = context.month - count * _YEAR
        december = (context.year - count) * _YEAR + _YEAR - 1
        return [_months_around(back, _YEAR, max(_YEAR // 2, december - back))]
    return [_decade_around(context.year - count * _DECADE)]


def ahead(unit: str, count: int, context: Context) -> list[Period]:
    """Return when *count* units from now is, with the play that `ago()` has."""
    if unit == "day":
        return [day_of(context.day + count)]
    if unit == "week":
        there = context.day + count * _WEEK
        first = min(there - _WEEK // 2, *(one.first for one in context.weeks(count)))
        return [days_between(first, there + _WEEK - 1).vague]
    if unit == "month":
        return [_months_around(context.month + count, 1, 1)]
    if unit == "year":
        there = context.month + count * _YEAR
        january = (context.year + count) * _YEAR
        return [_months_around(there, max(_YEAR // 2, there - january), _YEAR)]
    return [_decade_around(context.year + count * _DECADE)]


def _months_around(month: int, before: int, after: int) -> Period:
    return months_between(month - before, month + after).vague


def _decade_around(year: int) -> Period:
    half = _DECADE // 2
    return years_between(year - half, year + half).vague
