"""The short way for the dates that are most common: a year, a month or a day."""

from __future__ import annotations

import re

from bri_timeline.edtf._calendar import month_length, year_start


__all__ = ["PLAIN", "plain_bounds", "plain_marks"]

PLAIN = re.compile(
    r"([0-9]{4})(?:-(0[1-9]|1[0-2])(?:-(0[1-9]|[12][0-9]|3[01]))?)?([?~%])?"
    r"(?![-0-9XST?~%])"
)
_BEFORE_MONTH = (0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334)
_FEBRUARY = 2
_EVERY_MONTH_HAS = 28
_MARKS = {None: 0, "?": 1, "~": 2, "%": 3}


def plain_bounds(match: re.Match[str]) -> tuple[int, int] | None:
    """Return the first and last day of a match of `PLAIN`; None if no such day is."""
    year_text, month_text, day_text, _ = match.groups()
    year = int(year_text)
    past = year - 1
    start = past * 365 + past // 4 - past // 100 + past // 400
    if month_text is None:
        return start + 1, year_start(year + 1) - 1
    month = int(month_text)
    start += _BEFORE_MONTH[month]
    if month > _FEBRUARY and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0):
        start += 1
    if day_text is None:
        return start + 1, start + month_length(year, month)
    day = int(day_text)
    if day > _EVERY_MONTH_HAS and day > month_length(year, month):
        return None
    return start + day, start + day


def plain_marks(match: re.Match[str]) -> int:
    """Return 1 for uncertain, 2 for approximate, 3 for both."""
    return _MARKS[match[4]]
