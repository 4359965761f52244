"""Dates of a phrase, complete or without the year."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from bri_timeline._calendar import day_number, month_length
from bri_timeline.edtf._phrases._periods import (
    WINTER,
    Period,
    day_of,
    month_of,
    part_of,
    season_of,
    written,
    year_of,
)
from bri_timeline.edtf._phrases._rules import Context, nearest


__all__ = ["Date", "Node", "Rule", "pairs"]

_WEEK = 7
# Parts of a day that may have further parts: "late on Thursday night".
_HOURS = ("within", "night")
Pair = tuple[Period, Period]


class Rule(NamedTuple):
    """A date given by a rule, which may depend on the day of publication.

    Attributes:
        read: Returns all its meanings.
        kind: `century`, `decade`, `season`, `month`, `week`, `weekend` or `day`; else
            `span`.
    """

    read: Callable[[Context], list[Period]]
    kind: str = "span"

    @property
    def is_floating(self) -> bool:
        """False: a rule gives the year itself."""
        return False

    def part(self, name: str) -> Rule:
        """Return the part of it that is called *name*."""

        def read(context: Context) -> list[Period]:
            return [part_of(one, name) for one in self.read(context)]

        return Rule(read, self.kind if name in _HOURS else "span")


class Date(NamedTuple):
    """A date of the calendar.

    Attributes:
        year: The year, if it is given.
        offset: The year as counted from that of publication, if it is given so.
        season: 21 to 24.
        two_years: The winter is given with both its years.
        month: 1 to 12.
        day: 1 to 31.
        weekday: 0 is Monday.
        portion: A part of it, as `part_of()` calls it.
        about: It is approximate.
    """

    year: int | None = None
    offset: int | None = None
    season: int | None = None
    two_years: bool = False
    month: int | None = None
    day: int | None = None
    weekday: int | None = None
    portion: str | None = None
    about: bool = False

    @property
    def kind(self) -> str:
        """As `Rule.kind`, or `year`."""
        if self.portion not in (None, *_HOURS):
            return "span"
        if self.day is not None:
            return "day"
        if self.month is not None:
            return "month"
        return "year" if self.season is None else "season"

    @property
    def is_floating(self) -> bool:
        """True if the year is not given; the publication decides it."""
        return self.year is None and self.offset is None

    @property
    def recurs(self) -> bool:
        """True if it occurs once a year."""
        return self.month is not None or self.season is not None

    def part(self, name: str) -> Date:
        """Return the part of it that is called *name*."""
        return self._replace(portion=self.portion or name)

    def years(self, context: Context) -> list[int]:
        """Return the year given; for a winter, the year before as well."""
        year = context.year + (self.offset or 0) if self.year is None else self.year
        # Writers name a winter by the year of either end.
        if self.season == WINTER and not self.two_years:
            return [year - 1, year]
        return [year]

    def in_year(self, year: int) -> Period | None:
        """Return its period in a year; None if that year does not have it."""
        period = self._whole(year)
        if period is not None and self.portion is not None:
            return part_of(period, self.portion)
        if period is not None and self.about:
            return period._replace(text=f"{written(period)}~")
        return period

    def _whole(self, year: int) -> Period | None:
        if self.season is not None:
            return season_of(year, self.season)
        if self.month is None:
            return year_of(year)
        if self.day is None:
            return month_of(year, self.month)
        if self.day > month_length(year, self.month):
            return None
        number = day_number(year, self.month, self.day)
        # A weekday also decides the year: only where both agree does the date exist.
        fits = self.weekday in (None, (number - 1) % _WEEK)
        return day_of(number) if fits else None

    def read(self, context: Context) -> list[Period]:
        """Return all its meanings."""
        if self.is_floating:
            seasonal = self.season is not None
            return [one for (one,) in nearest(self._alone, context, seasonal=seasonal)]
        found = map(self.in_year, self.years(context))
        return [one for one in found if one is not None]

    def _alone(self, year: int) -> tuple[Period] | None:
        period = self.in_year(year)
        return None if period is None else (period,)


Node = Date | Rule


# --- two dates ------------------------------------------------------------------


def pairs(
    left: Node, right: Node, context: Context, *, same_year: bool
) -> list[tuple[Period, ...]]:
    """Return all meanings of two dates together, the first not after the second.

    Args:
        left: The first.
        right: The second. Where one lacks a year, the other gives it.
        context: How the phrase is read.
        same_year: A year that is given counts for both, as in a list. In a range the
            first may lie in the year before: "December to January 2019".
    """
    if isinstance(left, Date) and isinstance(right, Date):
        if left.is_floating and right.is_floating:
            occurrence = partial(_following, left, right)
            seasonal = left.season is not None or right.season is not None
            return nearest(occurrence, context, each=same_year, seasonal=seasonal)
        if left.is_floating or right.is_floating:
            return list(_sharing(left, right, context, same_year=same_year))
    # Neither gives the other a year, so all combinations in order count.
    both = [(one, two) for one in left.read(context) for two in right.read(context)]
    return [pair for pair in both if _in_order(*pair)]


def _in_order(one: Period, two: Period) -> bool:
    return one.first <= two.first and one.last <= two.last


def _following(left: Date, right: Date, year: int) -> tuple[Period, ...] | None:
    """Return the first date in a year, and the next occurrence of the second.

    A second that overlaps with it, but ends first, may be meant; so no other is.
    """
    one = left.in_year(year)
    for later in (right.in_year(year), right.in_year(year + 1)):
        if one is not None and later is not None and one.first <= later.last:
            return (one, later) if _in_order(one, later) else None
    return None


def _sharing(
    left: Date, right: Date, context: Context, *, same_year: bool
) -> Iterator[Pair]:
    """Yield pairs in which one date takes the year of the other, or one next to it."""
    given, other, step = (right, left, -1) if left.is_floating else (left, right, 1)
    for year in given.years(context):
        for near in (year,) if same_year else (year, year + step):
            one, two = given.in_year(year), other.in_year(near)
            if one is None or two is None:
                continue
            pair = (two, one) if left.is_floating else (one, two)
            if _in_order(*pair):
                yield pair
            # If they overlap in the given year, the year next to it is not meant.
            if pair[0].first <= pair[1].last:
                break
