"""Day numbers of the proleptic Gregorian calendar, for years of any size and sign.

A day number is what `datetime.date.toordinal` gives: 1 is the first day of year 1.
Year 0 exists and is a leap year, as in ISO 8601.
"""

from __future__ import annotations

from datetime import date


__all__ = [
    "BIT_OF_MONTH",
    "civil",
    "day_number",
    "is_leap",
    "month_length",
    "year_of",
    "year_start",
]

_BEFORE_MONTH = (0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365)
_MONTH_LENGTH = (0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
# A set of days within one year is an integer with a bit for each day of a leap year.
BIT_OF_MONTH = (0, 0, 31, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335)
_CYCLE_YEARS = 400
_CYCLE_DAYS = 146_097


def is_leap(year: int) -> bool:
    """Tell whether *year* has 366 days."""
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
    cycles, rest = divmod(number - 1, _CYCLE_DAYS)
    day = date.fromordinal(rest + 1)
    return day.year + cycles * _CYCLE_YEARS, day.month, day.day


def year_of(number: int) -> int:
    """Return the year in which the day *number* lies."""
    return civil(number)[0]
