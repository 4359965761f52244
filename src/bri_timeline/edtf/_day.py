"""Known days: what callers write, and what they get back."""

from __future__ import annotations

import re
from datetime import date, datetime

import pendulum

from bri_timeline.edtf._calendar import civil, day_number, month_length
from bri_timeline.errors import DayError, DayRangeError


__all__ = ["Day", "as_date", "iso", "to_day"]

Day = date | str
_ISO_DAY = r"(-?[0-9]{4})-([0-9]{2})-([0-9]{2})"
_ISO_PART = r"(-?[0-9]{4})(?:-([0-9]{2}))?"
_LAST_DAY = date.max.toordinal()


def to_day(value: Day) -> int:
    """Return the day number of a known day.

    Args:
        value: A `date`, a `pendulum.Date`, or text such as `2019-04-24`.

    Raises:
        DayError: It is not one whole day: a month, a time, or no date at all.
    """
    if isinstance(value, str):
        return _from_text(value)
    if isinstance(value, datetime):
        raise DayError(value, "is an instant: say which day, such as value.date()")
    if isinstance(value, date):
        return value.toordinal()
    raise DayError(value, "is not a day: give a date, or text such as '2019-04-24'")


def _from_text(text: str) -> int:
    if text[4:5] == text[7:8] == "-":  # no week of ISO 8601, as others have there
        try:
            return date.fromisoformat(text).toordinal()
        except ValueError:  # a year that `date` does not have, or what is wrong here
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


def as_date(day: int, name: str) -> pendulum.Date:
    """Return a day number as a date.

    Raises:
        DayRangeError: The day, called *name* in the message, is outside 1 to 9999.
    """
    if not 1 <= day <= _LAST_DAY:
        raise DayRangeError(day, name)
    return pendulum.Date.fromordinal(day)


def iso(day: int) -> str:
    """Return a day number as text, for any year."""
    year, month, number = civil(day)
    sign = "-" if year < 0 else ""
    return f"{sign}{abs(year):04}-{month:02}-{number:02}"
