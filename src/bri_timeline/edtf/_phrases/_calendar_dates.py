"""The grammar of one calendar date within a phrase: a year, month, day or season."""

from __future__ import annotations

from bri_timeline._calendar import month_length
from bri_timeline.edtf._phrases._dates import Date, Node, Rule
from bri_timeline.edtf._phrases._periods import (
    WINTER,
    Period,
    century_of,
    decade_of,
    years_between,
)
from bri_timeline.edtf._phrases._words import FEASTS, MONTHS, ORDINALS, SEASONS, Words


__all__ = ["FIRST_YEAR", "LAST_YEAR", "calendar_date"]

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
        return _with_year(words, Date(month=month, day=day, portion=portion))
    if words.peek() == "'" and words.peek(1).isdecimal():
        words.fail(_TWO_DIGITS)
    return _number_first(words) if words.peek().isdecimal() else None


def _month_first(words: Words, month: int) -> Date:
    """Read "April", "April 2019", "April 24, 2019"."""
    at = words.place
    words.takes("the")
    place, day = words.place, words.number(1, 31)
    if day is None:
        words.place = at
        return _with_year(words, Date(month=month))
    words.takes(*ORDINALS)
    return _with_year(words, _checked(words, Date(month=month, day=day), place))


def _with_year(words: Words, date: Date) -> Date:
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


def _checked(words: Words, date: Date, at: int) -> Date:
    if date.month is not None and date.day is not None:
        # Without a year, 29 February is allowed; a given year decides it.
        year = _LEAP_YEAR if date.year is None else date.year
        last = month_length(year, date.month)
        if date.day > last:
            words.fail(f"that month has {last} days: find out what is wrong", at=at)
    return date


def _season(words: Words, season: int) -> Date:
    """Read "spring 2019", "winter of 2018-19"."""
    date = _with_year(words, Date(season=season))
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
        words.fail(_numeric(words), at=at)
    year = words.number(FIRST_YEAR, LAST_YEAR)
    if year is not None:
        return _year_first(words, year)
    number = words.number(1, 31)
    if number is None:
        words.fail(_TWO_DIGITS if len(words.peek()) <= 2 else None, at=at)
    if words.takes(*ORDINALS) and words.takes("century"):
        if number not in _CENTURIES:
            words.fail("only the 11th to 29th centuries are read", at=at)
        return Rule(lambda _: [century_of(number)], "century")
    if words.takes("s", "' s"):
        words.fail("a decade has four digits here, such as 1990s", at=at)
    return _day_first(words, number, at)


def _day_first(words: Words, day: int, place: int) -> Date:
    """Read "24 April 2019", or "24" alone, which another date has to complete."""
    at = words.place
    words.takes("of")
    month = words.choice(MONTHS)
    if month is None:
        words.place = at
    return _with_year(words, _checked(words, Date(month=month, day=day), place))


def _year_first(words: Words, year: int) -> Node:
    """Read "2019", "1990s", "2019-04-24"."""
    at = words.place
    if words.takes("s", "' s"):
        return _decade(words, year, at)
    if words.peek() != "-" or len(words.peek(1)) != 2:
        return Date(year=year)
    words.takes("-")
    month = words.number(1, 12)
    if month is not None and words.takes("-"):
        place, day = words.place, words.number(1, 31)
        if day is None:
            words.fail("expected a day of two digits", at=place)
        return _checked(words, Date(year=year, month=month, day=day), place)
    # "2005-07" may be 2005 to 2007; in "2015-07" 07 is a month, as 2007 is earlier.
    if month is None or month > year % 100:
        words.fail(_two_digit_range(year, words.peek(), month), at=at)
    return Date(year=year, month=month)


def _two_digit_range(year: int, text: str, month: int | None) -> str:
    digits = text if month is None else f"{month:02}"
    until = f"{year // 100}{digits}"
    meant = f"it may be a range: write 'from {year} to {until}' or 'between' them"
    return meant if month is None else f"{meant}; or write the month as a word"


def _decade(words: Words, year: int, at: int) -> Rule:
    """Read "the 1990s"; "the 1900s" may be ten years or a hundred."""
    if year % 10:
        words.fail("a decade begins with a year that ends in 0", at=at)
    if year % 100:
        return Rule(lambda _: [decade_of(year)], "decade")
    return Rule(lambda _: [_hundred(year)], "century")


def _hundred(year: int) -> Period:
    period = years_between(year, year + 99)
    return period._replace(text=f"{year // 100}XX", sharp=(True, False))


def _numeric(words: Words) -> str:
    """Return the problem of a date in numbers, with its possible meanings."""
    first, second, third = (words.peek(offset) for offset in (0, 2, 4))
    if words.peek(3) != words.peek(1) or len(third) != 4 or not third.isdecimal():
        return "it may be several dates: write the month as a word, the year in full"
    readings = [
        f"{third}-{int(month):02}-{int(day):02}"
        for month, day in ((first, second), (second, first))
        if 1 <= int(month) <= 12 and 1 <= int(day) <= 31
    ]
    meant = " or ".join(dict.fromkeys(readings)) or "no day at all"
    return f"it may be {meant}: write the month as a word"
