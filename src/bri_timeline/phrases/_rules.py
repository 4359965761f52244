"""Meanings of dates and of words such as "last", seen from the day of publication.

Each rule yields every meaning that a careful writer may have had. None is preferred:
where there are several, the date is wider.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Literal, NamedTuple

from bri_timeline._calendar import civil, day_number, month_length
from bri_timeline.phrases._periods import (
    PhrasePeriod,
    day_of,
    days_between,
    month_of,
    quarter_of,
    week_of,
    year_of,
    years_between,
)


Tense = Literal["past", "future"]
Meaning = tuple[PhrasePeriod, ...]

_WEEK = 7
_SATURDAY = 5
_QUARTER = 3
_YEAR = 12
_DECADE = 10
_OFFSETS = {"last": -1, "this": 0, "next": 1}
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
# A writer gives the year of a date that is nearly a year off.
_TOO_FAR_AHEAD = 11
_TOO_FAR_BACK = -12
# A season of the sun begins and ends some three weeks after that of the months.
_SUN_AFTER_MONTH = 25
_TO_COME = ("coming", "next")


class UndatedError(Exception):
    """A phrase counts from the day of publication, which is not given."""


class Context(NamedTuple):
    """The context in which a phrase is read.

    Attributes:
        published: The day number of a possible publication; None if it is not known.
        tense: Of the verb that the phrase belongs to; None where it is not known.
        week_starts: The days on which weeks may begin; 0 is Monday.
    """

    published: int | None
    tense: Tense | None
    week_starts: tuple[int, ...] = ()

    @property
    def day(self) -> int:
        """The day of publication.

        Raises:
            UndatedError: It is not known.
        """
        if self.published is None:
            raise UndatedError
        return self.published

    @property
    def year(self) -> int:
        """The year of publication."""
        return civil(self.day)[0]

    @property
    def month(self) -> int:
        """The month of publication, counted from January of year 0."""
        return _month_count(self.day)

    def weeks(self, offset: int) -> list[PhrasePeriod]:
        """Return the week *offset* weeks later, by each way to count weeks."""
        day = self.day + offset * _WEEK
        return [week_of(day, start) for start in self.week_starts]


def fits(meaning: Meaning, context: Context, *, each: bool = False) -> bool:
    """Return whether an event in the given tense can lie there.

    Args:
        meaning: A past one has begun by publication, a future one is not over.
        context: How the phrase is read.
        each: Its periods are several days, and that holds of each of them.
    """
    if context.published is None:
        return True
    if each:
        return all(fits((period,), context) for period in meaning)
    if context.tense == "past":
        return meaning[0].first <= context.day
    return context.tense is None or meaning[-1].last >= context.day


def fitting(periods: Iterable[PhrasePeriod], context: Context) -> list[PhrasePeriod]:
    """Return the periods in which an event in the given tense can lie."""
    return [period for period in dict.fromkeys(periods) if fits((period,), context)]


# --- dates without a year --------------------------------------------------------


def nearest(
    occurrence: Callable[[int], Meaning | None],
    context: Context,
    *,
    each: bool = False,
    seasonal: bool = False,
) -> list[Meaning]:
    """Return the last occurrence that has begun, and the next that has not ended.

    Args:
        occurrence: Returns what it is in a year; None if that year has none.
        context: How the phrase is read.
        each: As for `fits()`.
        seasonal: It is a season; some count those from weeks later.
    """
    if seasonal:
        meanings = [
            meaning
            for day in _by_season(context)
            for meaning in nearest(occurrence, day, each=each)
        ]
        return list(dict.fromkeys(meanings))
    past, future = context._replace(tense="past"), context._replace(tense="future")
    years = range(context.year - 2, context.year + 3)
    meanings = [meaning for year in years if (meaning := occurrence(year)) is not None]
    begun = [meaning for meaning in meanings if fits(meaning, past, each=each)][-1:]
    coming = [meaning for meaning in meanings if fits(meaning, future, each=each)][:1]
    chosen = {"past": begun, "future": coming, None: begun + coming}[context.tense]
    return [meaning for meaning in dict.fromkeys(chosen) if _is_near(meaning, context)]


def _is_near(meaning: Meaning, context: Context) -> bool:
    ahead = _month_count(meaning[0].first) - context.month
    return _TOO_FAR_BACK < ahead < _TOO_FAR_AHEAD


def _month_count(day: float) -> int:
    year, month, _ = civil(int(day))
    return year * _YEAR + month - 1


def _by_season(context: Context) -> tuple[Context, Context]:
    """Return a context for each way to count seasons, by months or by the sun."""
    return context, context._replace(published=context.day - _SUN_AFTER_MONTH)


def season_beside(
    occurrence: Callable[[int], PhrasePeriod], word: str, context: Context
) -> list[PhrasePeriod]:
    """Return what "last", "this" or "next" means before a season."""
    either = _by_season(context)
    periods = [period for day in either for period in beside(occurrence, word, day)]
    if word in _TO_COME:
        periods = [period.since(context.day) for period in periods]
    return fitting(periods, context)


def beside(
    occurrence: Callable[[int], PhrasePeriod], word: str, context: Context
) -> list[PhrasePeriod]:
    """Return what "last", "this" or "next" means before a month.

    Args:
        occurrence: Returns what it is in a year.
        word: One of the three, or `past` or `coming` for the nearest without doubt.
        context: How the phrase is read.
    """
    year, day = context.year, context.day
    by_shift = {shift: occurrence(year + shift) for shift in range(-2, 3)}
    gone = [period for period in by_shift.values() if period.last < day]
    coming = [period for period in by_shift.values() if period.first > day]
    if word in ("past", "last"):
        named = by_shift[-1] if word == "last" and by_shift[-1] in gone else gone[-1]
        return fitting([gone[-1], named], context)
    if word in _TO_COME:
        named = by_shift[1] if word == "next" else coming[0]
        return fitting([coming[0], named], context)
    now = [period for period in by_shift.values() if period.first <= day <= period.last]
    within = civil(int(by_shift[0].last))[0] == year
    return fitting(now or ([by_shift[0]] if within else [gone[-1], coming[0]]), context)


# --- days, weeks, months, years and decades --------------------------------------


def shifted(unit: str, offset: int, context: Context) -> list[PhrasePeriod]:
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


def this_decade(context: Context) -> list[PhrasePeriod]:
    """Return the decade of the publication; some begin one with the year 1."""
    year = context.year
    begins = [year - _DECADE, year] if year % _DECADE == 0 else [year - year % _DECADE]
    return [years_between(first, first + _DECADE, "decade").vague for first in begins]


def earlier(unit: str, context: Context) -> list[PhrasePeriod]:
    """Return this week, month or year up to the day of publication."""
    return [
        days_between(period.first, context.day).vague
        for period in shifted(unit, 0, context)
    ]


def later(unit: str, context: Context) -> list[PhrasePeriod]:
    """Return this week, month or year from the day of publication on."""
    return [
        days_between(context.day, period.last).vague
        for period in shifted(unit, 0, context)
    ]


def within_last(unit: str, count: int, context: Context) -> list[PhrasePeriod]:
    """Return the last *count* units up to publication, the first of them whole."""
    first = min(period.first for period in _named(unit, -count, context))
    return [days_between(first, context.day).vague]


def within_next(unit: str, count: int, context: Context) -> list[PhrasePeriod]:
    """Return the next *count* units from publication on, the last of them whole."""
    last = max(period.last for period in _named(unit, count, context))
    return [days_between(context.day, last).vague]


def _named(unit: str, offset: int, context: Context) -> list[PhrasePeriod]:
    if unit != "hour":
        return shifted(unit, offset, context)
    return [exactly(unit, abs(offset), AGO if offset < 0 else AHEAD, context)]


# --- with some play ------------------------------------------------------------


def away(
    unit: str, count: int, side: int, context: Context, *, in_full: bool = True
) -> list[PhrasePeriod]:
    """Return the days *count* units ago or ahead: exact, rounded, by the calendar.

    Args:
        unit: `hour` to `decade`.
        count: How many.
        side: `AGO` or `AHEAD`.
        context: How the phrase is read. Hours are counted from any hour of that day.
        in_full: It may be somewhat more: those who count in full leave out what is
            not yet one unit more. Nearly two are not more than two.
    """
    there = exactly(unit, count, side, context)
    if unit == "hour":
        return [there.vague]
    (days, months), (more, further) = _LENGTH[unit], _MORE[unit]
    days, months = side * (count * days + more), side * (count * months + further)
    near = _moved(int(there.first), *(-side * part for part in _LESS[unit]))
    further_edge = _moved(context.day, days, months) - side
    edges = [near, further_edge if in_full else int(there.first)]
    for period in shifted(unit, side * count, context):
        edges += map(int, (period.first, period.last))
    around = days_between(min(edges), max(edges))
    return [around if unit == "day" else around.vague]


def beyond(unit: str, count: int, side: int, context: Context) -> list[PhrasePeriod]:
    """Return the days more than *count* units ago or ahead."""
    there = exactly(unit, count, side, context)
    if side == AGO:
        return [PhrasePeriod(-math.inf, there.last).vague]
    return [PhrasePeriod(there.first, math.inf).vague]


def short_of(unit: str, count: int, side: int, context: Context) -> list[PhrasePeriod]:
    """Return the days less than *count* units ago or ahead."""
    there = exactly(unit, count, side, context)
    edges = there.first, there.last, context.day
    return [days_between(min(edges), max(edges)).vague]


def exactly(unit: str, count: int, side: int, context: Context) -> PhrasePeriod:
    """Return the day exactly *count* units ago or ahead; of hours, the two days."""
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


# --- days of the week, and weekends -----------------------------------------------


def weekday_near(weekday: int, context: Context) -> list[PhrasePeriod]:
    """Return the last such day up to publication, and the next from it on."""
    return fitting([_last(weekday, context.day), _next(weekday, context.day)], context)


def weekday_beside(weekday: int, word: str, context: Context) -> list[PhrasePeriod]:
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


def weekday_in_week(weekday: int, offset: int, context: Context) -> list[PhrasePeriod]:
    """Return such a day of the week *offset* weeks later."""
    return [_next(weekday, int(week.first)) for week in context.weeks(offset)]


def week_around(day: PhrasePeriod, context: Context) -> list[PhrasePeriod]:
    """Return the weeks that "the week of" a day can be; it may begin on that day."""
    first = int(day.first)
    weeks = [week_of(first, start) for start in context.week_starts]
    return [*weeks, week_of(first, (first - 1) % _WEEK)]


def night_near(context: Context) -> list[PhrasePeriod]:
    """Return the night before the day of publication, and the one after."""
    day = context.day
    gone, coming = days_between(day - 1, day).vague, days_between(day, day + 1).vague
    return {"past": [gone], "future": [coming], None: [gone, coming]}[context.tense]


def weekend_near(context: Context) -> list[PhrasePeriod]:
    """Return the last weekend that has begun, and the next that has not ended."""
    saturday = int(_last(_SATURDAY, context.day).first)
    if saturday + 1 >= context.day:
        return fitting([_weekend(saturday)], context)
    return fitting([_weekend(saturday), _weekend(saturday + _WEEK)], context)


def weekend_beside(word: str, context: Context) -> list[PhrasePeriod]:
    """Return what "last weekend", "this weekend" or "next weekend" means."""
    day = context.day
    if word == "this":
        return weekend_near(context)
    if word in ("past", "last"):
        return fitting([_weekend(int(_last(_SATURDAY, day - 2).first))], context)
    coming = int(_next(_SATURDAY, day + 1).first)
    after = [_weekend(coming + _WEEK)] if word == "next" else []
    return fitting([_weekend(coming), *after], context)


def _last(weekday: int, day: int) -> PhrasePeriod:
    return day_of(day - (day - 1 - weekday) % _WEEK)


def _next(weekday: int, day: int) -> PhrasePeriod:
    return day_of(day + (weekday + 1 - day) % _WEEK)


def _weekend(saturday: int) -> PhrasePeriod:
    return days_between(saturday, saturday + 1)
