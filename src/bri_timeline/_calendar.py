"""Day numbers of the proleptic Gregorian calendar, for years of any size and sign.

A day number is what `datetime.date.toordinal` gives: 1 is the first day of year 1.
Year 0 exists and is a leap year, as in ISO 8601.
"""

from __future__ import annotations

import re
from datetime import date, datetime

from bri_timeline import _pendulum
from bri_timeline.errors import DayError, DayRangeError


_BEFORE_MONTH = (0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365)
_MONTH_LENGTH = (0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

# A set of days within one year is an integer with a bit for each day of a leap year.
BIT_OF_MONTH = (0, 0, 31, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335)
_CYCLE_YEARS = 400
_CYCLE_DAYS = 146_097


def is_leap(year: int) -> bool:
    """Return whether *year* has 366 days."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def month_length(year: int, month: int) -> int:
    """Return the number of days of *month* (1 to 12) in *year*."""
    return 29 if month == 2 and is_leap(year) else _MONTH_LENGTH[month]


def year_start(year: int) -> int:
    """Return the day number of 1 January of *year*."""
    past = year - 1
    return past * 365 + past // 4 - past // 100 + past // 400 + 1


def day_number(year: int, month: int, day: int) -> int:
    """Return the day number of a day that exists.

    Args:
        year: Any year.
        month: 1 to 12; 13 with day 1 is the first day of the next year.
        day: 1 to the length of the month.
    """
    leap_day = month > 2 and is_leap(year)
    return year_start(year) + _BEFORE_MONTH[month] + leap_day + day - 1


def civil(number: int) -> tuple[int, int, int]:
    """Return year, month and day of a day number of any size."""
    # The calendar repeats every 400 years, so `date` serves for years beyond its own.
    cycles, rest = divmod(number - 1, _CYCLE_DAYS)
    day = date.fromordinal(rest + 1)
    return day.year + cycles * _CYCLE_YEARS, day.month, day.day


def year_of(number: int) -> int:
    """Return the year in which the day *number* lies."""
    return civil(number)[0]


Day = date | str
_ISO_DAY = r"(-?[0-9]{4})-([0-9]{2})-([0-9]{2})"
_ISO_PART = r"(-?[0-9]{4})(?:-([0-9]{2}))?"
_LAST_DAY = date.max.toordinal()


def to_day(value: Day) -> int:
    """Return the number of a known day: 1 is the first day of the year 1.

    Args:
        value: A `date`, a `pendulum.Date`, or text such as `2019-04-24`.

    Raises:
        DayError: It is not one whole day: a month, a time, or no date at all.
    """
    if isinstance(value, str):
        return _from_text(value)
    # Before `date`, of which it is a subclass.
    if isinstance(value, datetime):
        raise DayError(value, "is an instant: say which day, such as value.date()")
    if isinstance(value, date):
        return value.toordinal()
    raise DayError(value, "is not a day: give a date, or text such as '2019-04-24'")


def _from_text(text: str) -> int:
    # Hyphens checked first: fromisoformat() also reads 20190424 and 2019-W17-3.
    if text[4:5] == text[7:8] == "-":
        try:
            return date.fromisoformat(text).toordinal()
        except ValueError:  # a year outside 1 to 9999, or an error named below
            pass
    match = re.fullmatch(_ISO_DAY, text)
    if match is None:
        part = re.fullmatch(_ISO_PART, text)
        if part is not None:
            example = _example(*part.groups())
            raise DayError(text, f"is not one day: say which, such as {example!r}")
        raise DayError(text, "is not a day: write it as year-month-day, '2019-04-24'")
    year, month, day = map(int, match.groups())
    if not 1 <= month <= 12:
        raise DayError(text, "is not a day: its month is not one of 01 to 12")
    if not 1 <= day <= month_length(year, month):
        last = month_length(year, month)
        raise DayError(text, f"is not a day: that month has the days 01 to {last}")
    return day_number(year, month, day)


def _example(year: str, month: str | None) -> str:
    if month is not None and 1 <= int(month) <= 12:
        return f"{year}-{month}-{month_length(int(year), int(month))}"
    return f"{year}-12-31"


def this_day(day: Day | None) -> int:
    """Return the number of a day, by default of the present one in UTC."""
    return to_day(_pendulum.now("UTC").date() if day is None else day)


def as_date(day: int, name: str, number: str = "") -> _pendulum.Date:
    """Return a day number as a date.

    Raises:
        DayRangeError: The day, called *name* in the message, is outside 1 to 9999. Its
            number is found by the attribute *number*, if there is one.
    """
    if not 1 <= day <= _LAST_DAY:
        raise DayRangeError(day, name, number)
    return _pendulum.Date.fromordinal(day)


def iso(day: int) -> str:
    """Return a day number as text, `2019-04-24`, for any year.

    Args:
        day: The number, as `to_day` returns it.
    """
    year, month, number = civil(day)
    sign = "-" if year < 0 else ""
    return f"{sign}{abs(year):04}-{month:02}-{number:02}"
