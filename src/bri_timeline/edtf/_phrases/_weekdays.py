"""What days of the week, weeks named by a day, and weekends mean in a phrase."""

from __future__ import annotations

from bri_timeline.edtf._phrases._periods import Period, day_of, days_between, week_of
from bri_timeline.edtf._phrases._rules import Context, fitting


__all__ = [
    "night_near",
    "week_around",
    "weekday_beside",
    "weekday_in_week",
    "weekday_near",
    "weekend_beside",
    "weekend_near",
]

_WEEK = 7
_SATURDAY = 5
_OFFSETS = {"last": -1, "this": 0, "next": 1}


def weekday_near(weekday: int, context: Context) -> list[Period]:
    """Return the last such day up to publication, and the next from it on."""
    return fitting([_last(weekday, context.day), _next(weekday, context.day)], context)


def weekday_beside(weekday: int, word: str, context: Context) -> list[Period]:
    """Return what "last Thursday", "this Thursday" or "next Thursday" means.

    It may be the nearest one, or the one of last, this or next week.
    """
    day = context.day
    if word in ("past", "last"):
        close = _last(weekday, day - 1)
    elif word in ("coming", "next"):
        close = _next(weekday, day + 1)
    else:
        close = _next(weekday, day)
    if word not in _OFFSETS:
        return fitting([close], context)
    in_week = weekday_in_week(weekday, _OFFSETS[word], context)
    return fitting([close, *in_week], context)


def weekday_in_week(weekday: int, offset: int, context: Context) -> list[Period]:
    """Return such a day of the week *offset* weeks later."""
    return [_next(weekday, int(week.first)) for week in context.weeks(offset)]


def week_around(day: Period, context: Context) -> list[Period]:
    """Return the weeks that "the week of" a day can be; it may begin on that day."""
    first = int(day.first)
    weeks = [week_of(first, start) for start in context.week_starts]
    return [*weeks, week_of(first, (first - 1) % _WEEK)]


def night_near(context: Context) -> list[Period]:
    """Return the night before the day of publication, and the one after."""
    day = context.day
    gone, coming = days_between(day - 1, day).vague, days_between(day, day + 1).vague
    return {"past": [gone], "future": [coming], None: [gone, coming]}[context.tense]


def weekend_near(context: Context) -> list[Period]:
    """Return the last weekend that has begun, and the next that has not ended."""
    saturday = int(_last(_SATURDAY, context.day).first)
    if saturday + 1 >= context.day:
        return fitting([_weekend(saturday)], context)
    return fitting([_weekend(saturday), _weekend(saturday + _WEEK)], context)


def weekend_beside(word: str, context: Context) -> list[Period]:
    """Return what "last weekend", "this weekend" or "next weekend" means."""
    day = context.day
    if word == "this":
        return weekend_near(context)
    if word in ("past", "last"):
        return fitting([_weekend(int(_last(_SATURDAY, day - 2).first))], context)
    coming = int(_next(_SATURDAY, day + 1).first)
    after = [_weekend(coming + _WEEK)] if word == "next" else []
    return fitting([_weekend(coming), *after], context)


def _last(weekday: int, day: int) -> Period:
    return day_of(day - (day - 1 - weekday) % _WEEK)


def _next(weekday: int, day: int) -> Period:
    return day_of(day + (weekday + 1 - day) % _WEEK)


def _weekend(saturday: int) -> Period:
    return days_between(saturday, saturday + 1)
