"""Dates of a phrase, complete or without the year."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from bri_timeline._calendar import day_number, month_length
from bri_timeline.phrases._periods import (
    WINTER,
    PhrasePeriod,
    century_of,
    day_of,
    decade_of,
    month_of,
    part_of,
    season_of,
    written,
    year_of,
    years_between,
)
from bri_timeline.phrases._rules import Context, nearest
from bri_timeline.phrases._words import (
    FEASTS,
    MONTHS,
    NUMBERED_PARTS,
    ORDINAL_DAYS,
    ORDINALS,
    SEASONS,
    Words,
)


FIRST_YEAR, LAST_YEAR = 1000, 2999
_CENTURIES = range(FIRST_YEAR // 100 + 1, LAST_YEAR // 100 + 1)
_LEAP_YEAR = 2000
_YEARS = {"last year": -1, "this year": 0, "next year": 1}
_TWO_DIGITS = "a year is written with four digits here, a decade as 1990s"


def calendar_date(words: Words) -> Node | None:
    """Read a year, month, day, season, decade or century; None if none comes next."""
    unit = None if words.takes("month of") else words.takes("week", "month", "year")
    if unit is not None and not (unit == "year" and words.peek().isdecimal()):
        words.fail(
            f"which {unit}: say 'this {unit}' or 'last {unit}', or give its date"
        )
    month = words.choice(MONTHS)
    if month is not None:
        return _month_first(words, month)
    season = words.choice(SEASONS)
    if season is not None:
        return _season(words, season)
    feast = words.choice(FEASTS)
    if feast is not None:
        month, day, portion = feast
        return _with_year(words, CalendarDate(month=month, day=day, portion=portion))
    if words.peek() == "'" and words.peek(1).isdecimal():
        words.fail(_TWO_DIGITS)
    return _number_first(words) if words.peek().isdecimal() else _ordinal_first(words)


def _ordinal_first(words: Words) -> CalendarDate | None:
    """Read "the eighth of March"; "the second" alone may be anything."""
    at = words.place
    day = words.choice(ORDINAL_DAYS)
    if day is not None:
        date = _day_first(words, day, at)
        if date.month is not None:
            return date
    words.place = at
    return None


def _month_first(words: Words, month: int) -> CalendarDate:
    """Read "April", "April 2019", "April 24, 2019"."""
    at = words.place
    words.takes("the")
    place, day = words.place, words.day()
    if day is None:
        words.place = at
        return _with_year(words, CalendarDate(month=month))
    return _with_year(words, _checked(words, CalendarDate(month=month, day=day), place))


def _with_year(words: Words, date: CalendarDate) -> CalendarDate:
    """Read the year of a date, if one follows, and check that it has that day."""
    at = words.place
    words.takes(",")
    # Taken back below if no year follows.
    words.takes("of", "in")
    place, year = words.place, words.number(FIRST_YEAR, LAST_YEAR)
    if year is not None:
        return _checked(words, date._replace(year=year), place)
    offset = words.choice(_YEARS)
    if offset is not None:
        return date._replace(offset=offset)
    if words.peek() == "'" and words.peek(1).isdecimal():
        words.fail(_TWO_DIGITS)
    words.place = at
    return date


def _checked(words: Words, date: CalendarDate, at: int) -> CalendarDate:
    if date.month is not None and date.day is not None:
        # Without a year, 29 February is allowed; a given year decides it.
        year = _LEAP_YEAR if date.year is None else date.year
        last = month_length(year, date.month)
        if date.day > last:
            words.fail(f"that month has {last} days: find out what is wrong", at=at)
    return date


def _season(words: Words, season: int) -> CalendarDate:
    """Read "spring 2019", "winter of 2018-19"."""
    date = _with_year(words, CalendarDate(season=season))
    at = words.place
    if date.year is None or not words.takes("-", "/"):
        return date
    later = words.number(0, LAST_YEAR)
    # Only a winter lies in two years.
    if season != WINTER or later not in (date.year + 1, (date.year + 1) % 100):
        words.place = at
        return date
    return date._replace(two_years=True)


# --- what begins with a number ----------------------------------------------------


def _number_first(words: Words) -> Node:
    at = words.place
    if words.peek(1) in ("/", ".") and words.peek(2).isdecimal():
        return _numeric(words)
    year = words.number(FIRST_YEAR, LAST_YEAR)
    if year is not None:
        return _year_first(words, year)
    number = words.number(1, 31)
    if number is None:
        words.fail(_TWO_DIGITS if len(words.peek()) <= 2 else None, at=at)
    if words.takes(*ORDINALS) and words.takes("century"):
        if number not in _CENTURIES:
            words.fail("only the 11th to 29th centuries are read", at=at)
        return DateRule(lambda _: [century_of(number)], "century")
    if words.takes("s", "' s"):
        words.fail("a decade has four digits here, such as 1990s", at=at)
    return _day_first(words, number, at)


def _day_first(words: Words, day: int, place: int) -> CalendarDate:
    """Read "24 April 2019", or "24" alone, which another date has to complete."""
    at = words.place
    words.takes("of")
    month = words.choice(MONTHS)
    if month is None:
        words.place = at
    return _with_year(words, _checked(words, CalendarDate(month=month, day=day), place))


def _year_first(words: Words, year: int) -> Node:
    """Read "2019", "1990s", "2019-04-24"."""
    at = words.place
    if words.takes("s", "' s"):
        return _decade(words, year, at)
    if words.peek() != "-" or len(words.peek(1)) != 2:
        words.takes("-")
        part = words.choice(NUMBERED_PARTS)
        if part is None:
            words.place = at
        return CalendarDate(year=year, portion=part)
    words.takes("-")
    month = words.number(1, 12)
    if month is not None and words.takes("-"):
        place, day = words.place, words.number(1, 31)
        if day is None:
            words.fail("expected a day of two digits", at=place)
        return _checked(words, CalendarDate(year=year, month=month, day=day), place)
    # "2005-07" may be 2005 to 2007; in "2015-07" 07 is a month, as 2007 is earlier.
    if month is None or month > year % 100:
        words.fail(_two_digit_range(year, words.peek(), month), at=at)
    return CalendarDate(year=year, month=month)


def _two_digit_range(year: int, text: str, month: int | None) -> str:
    digits = text if month is None else f"{month:02}"
    until = f"{year // 100}{digits}"
    meant = f"it may be a range: write 'from {year} to {until}' or 'between' them"
    return meant if month is None else f"{meant}; or write the month as a word"


def _decade(words: Words, year: int, at: int) -> DateRule:
    """Read "the 1990s"; "the 1900s" may be ten years or a hundred."""
    if year % 10:
        words.fail("a decade begins with a year that ends in 0", at=at)
    if year % 100:
        return DateRule(lambda _: [decade_of(year)], "decade")
    return DateRule(lambda _: [_hundred(year)], "century")


def _hundred(year: int) -> PhrasePeriod:
    period = years_between(year, year + 99)
    return period._replace(text=f"{year // 100}XX", sharp=(True, False))


def _numeric(words: Words) -> CalendarDate:
    """Read "25.04.2019"; "04/05/2019" may be either of two days."""
    at = words.place
    first, second, third = (words.peek(offset) for offset in (0, 2, 4))
    if words.peek(3) != words.peek(1) or len(third) != 4 or not third.isdecimal():
        words.fail(
            "it may be several dates: write the month as a word, the year in full",
            at=at,
        )
    readings = dict.fromkeys(
        (int(month), int(day))
        for month, day in ((first, second), (second, first))
        if 1 <= int(month) <= 12 and 1 <= int(day) <= 31
    )
    if len(readings) != 1:
        named = (f"{third}-{month:02}-{day:02}" for month, day in readings)
        meant = " or ".join(named) or "no day at all"
        words.fail(f"it may be {meant}: write the month as a word", at=at)
    ((month, day),) = readings
    words.place = at + len(("day", "mark", "month", "mark"))
    year = words.number(FIRST_YEAR, LAST_YEAR)
    if year is None:
        words.fail(at=at)
    return _checked(words, CalendarDate(year=year, month=month, day=day), at)


_WEEK = 7
# Parts of a day that may have further parts: "late on Thursday night".
_HOURS = ("within", "night")
Pair = tuple[PhrasePeriod, PhrasePeriod]


class DateRule(NamedTuple):
    """A date given by a rule, which may depend on the day of publication.

    Attributes:
        read: Returns all its meanings.
        kind: `century`, `decade`, `season`, `month`, `week`, `weekend` or `day`; else
            `span`.
    """

    read: Callable[[Context], list[PhrasePeriod]]
    kind: str = "span"

    @property
    def is_floating(self) -> bool:
        """False: a rule gives the year itself."""
        return False

    def part(self, name: str) -> DateRule:
        """Return the part of it that is called *name*."""

        def read(context: Context) -> list[PhrasePeriod]:
            return [part_of(period, name) for period in self.read(context)]

        return DateRule(read, self.kind if name in _HOURS else "span")


class CalendarDate(NamedTuple):
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
        doubt: How EDTF marks what is uncertain, approximate or both; else empty.
    """

    year: int | None = None
    offset: int | None = None
    season: int | None = None
    two_years: bool = False
    month: int | None = None
    day: int | None = None
    weekday: int | None = None
    portion: str | None = None
    doubt: str = ""

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

    def part(self, name: str) -> CalendarDate:
        """Return the part of it that is called *name*."""
        return self._replace(portion=self.portion or name)

    def years(self, context: Context) -> list[int]:
        """Return the year given; for a winter, the year before as well."""
        year = context.year + (self.offset or 0) if self.year is None else self.year
        # Writers name a winter by the year of either end.
        if self.season == WINTER and not self.two_years:
            return [year - 1, year]
        return [year]

    def in_year(self, year: int) -> PhrasePeriod | None:
        """Return its period in a year; None if that year does not have it."""
        period = self._whole(year)
        if period is not None and self.portion is not None:
            return part_of(period, self.portion)
        if period is not None and self.doubt:
            return period._replace(text=f"{written(period)}{self.doubt}")
        return period

    def _whole(self, year: int) -> PhrasePeriod | None:
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

    def read(self, context: Context) -> list[PhrasePeriod]:
        """Return all its meanings."""
        if self.is_floating:
            seasonal = self.season is not None
            return [
                period for (period,) in nearest(self._alone, context, seasonal=seasonal)
            ]
        periods = map(self.in_year, self.years(context))
        return [period for period in periods if period is not None]

    def _alone(self, year: int) -> tuple[PhrasePeriod] | None:
        period = self.in_year(year)
        return None if period is None else (period,)


Node = CalendarDate | DateRule


# --- two dates ------------------------------------------------------------------


def pairs(
    left: Node, right: Node, context: Context, *, same_year: bool
) -> list[tuple[PhrasePeriod, ...]]:
    """Return all meanings of two dates together, the first not after the second.

    Args:
        left: The first.
        right: The second. Where one lacks a year, the other gives it.
        context: How the phrase is read.
        same_year: A year that is given counts for both, as in a list. In a range the
            first may lie in the year before: "December to January 2019".
    """
    if isinstance(left, CalendarDate) and isinstance(right, CalendarDate):
        if left.is_floating and right.is_floating:
            occurrence = partial(_following, left, right)
            seasonal = left.season is not None or right.season is not None
            return nearest(occurrence, context, each=same_year, seasonal=seasonal)
        if left.is_floating or right.is_floating:
            return list(_sharing(left, right, context, same_year=same_year))
    # Neither gives the other a year, so all combinations in order count.
    both = [
        (first, second)
        for first in left.read(context)
        for second in right.read(context)
    ]
    return [pair for pair in both if _in_order(*pair)]


def _in_order(one: PhrasePeriod, two: PhrasePeriod) -> bool:
    return one.first <= two.first and one.last <= two.last


def _following(
    left: CalendarDate, right: CalendarDate, year: int
) -> tuple[PhrasePeriod, ...] | None:
    """Return the first date in a year, and the next occurrence of the second.

    A second that overlaps with it, but ends first, may be meant; so no other is.
    """
    period = left.in_year(year)
    for later in (right.in_year(year), right.in_year(year + 1)):
        if period is not None and later is not None and period.first <= later.last:
            return (period, later) if _in_order(period, later) else None
    return None


def _sharing(
    left: CalendarDate, right: CalendarDate, context: Context, *, same_year: bool
) -> Iterator[Pair]:
    """Yield pairs in which one date takes the year of the other, or one next to it."""
    anchor, follower, step = (right, left, -1) if left.is_floating else (left, right, 1)
    for year in anchor.years(context):
        for near in (year,) if same_year else (year, year + step):
            period, near_period = anchor.in_year(year), follower.in_year(near)
            if period is None or near_period is None:
                continue
            pair = (near_period, period) if left.is_floating else (period, near_period)
            if _in_order(*pair):
                yield pair
            # If they overlap in the given year, the year next to it is not meant.
            if pair[0].first <= pair[1].last:
                break
