"""What dates and words such as "last" can mean, seen from the day of publication.

Each rule yields every meaning that a careful writer may have had. None is preferred:
where there are several, the date is wider.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal, NamedTuple

from bri_timeline.edtf._calendar import civil
from bri_timeline.edtf._phrases._periods import Period, week_of


__all__ = [
    "Context",
    "Meaning",
    "Tense",
    "UndatedError",
    "beside",
    "fits",
    "fitting",
    "nearest",
    "season_beside",
]

Tense = Literal["past", "future"]
Meaning = tuple[Period, ...]

_WEEK = 7
_YEAR = 12
# A date without a year is not meant a year off from one that is here or just gone.
_TOO_FAR_AHEAD = 11
_TOO_FAR_BACK = -12
# A season of the sun begins and ends some three weeks after that of the months.
_SUN_AFTER_MONTH = 25
_TO_COME = ("coming", "next")


class UndatedError(Exception):
    """A phrase counts from the day of publication, which is not given."""


class Context(NamedTuple):
    """What a phrase is read with.

    Attributes:
        published: The number of a day on which it may have been; None if there is none.
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
            UndatedError: There is none.
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

    def weeks(self, offset: int) -> list[Period]:
        """Return the week *offset* weeks later, by each way to count weeks."""
        day = self.day + offset * _WEEK
        return [week_of(day, start) for start in self.week_starts]


def fits(meaning: Meaning, context: Context, *, each: bool = False) -> bool:
    """Tell whether something told in that tense can lie there.

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


def fitting(periods: Iterable[Period], context: Context) -> list[Period]:
    """Return those periods in which something told in that tense can lie."""
    return [one for one in dict.fromkeys(periods) if fits((one,), context)]


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
        found = [
            one
            for day in _by_season(context)
            for one in nearest(occurrence, day, each=each)
        ]
        return list(dict.fromkeys(found))
    past, future = context._replace(tense="past"), context._replace(tense="future")
    years = range(context.year - 2, context.year + 3)
    found = [one for year in years if (one := occurrence(year)) is not None]
    begun = [one for one in found if fits(one, past, each=each)][-1:]
    coming = [one for one in found if fits(one, future, each=each)][:1]
    told = {"past": begun, "future": coming, None: begun + coming}[context.tense]
    return [one for one in dict.fromkeys(told) if _is_near(one, context)]


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
    occurrence: Callable[[int], Period], word: str, context: Context
) -> list[Period]:
    """Return what "last", "this" or "next" means before a season."""
    either = _by_season(context)
    found = [one for day in either for one in beside(occurrence, word, day)]
    if word in _TO_COME:
        found = [one.since(context.day) for one in found]
    return fitting(found, context)


def beside(
    occurrence: Callable[[int], Period], word: str, context: Context
) -> list[Period]:
    """Return what "last", "this" or "next" means before a month.

    Args:
        occurrence: Returns what it is in a year.
        word: One of the three, or `past` or `coming` for the nearest without doubt.
        context: How the phrase is read.
    """
    year, day = context.year, context.day
    found = {shift: occurrence(year + shift) for shift in range(-2, 3)}
    gone = [one for one in found.values() if one.last < day]
    coming = [one for one in found.values() if one.first > day]
    if word in ("past", "last"):
        named = found[-1] if word == "last" and found[-1] in gone else gone[-1]
        return fitting([gone[-1], named], context)
    if word in _TO_COME:
        named = found[1] if word == "next" else coming[0]
        return fitting([coming[0], named], context)
    now = [one for one in found.values() if one.first <= day <= one.last]
    within = civil(int(found[0].last))[0] == year
    return fitting(now or ([found[0]] if within else [gone[-1], coming[0]]), context)
