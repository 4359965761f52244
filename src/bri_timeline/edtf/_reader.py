"""Reading one date: a year, month, day, season or time, masked or qualified."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import NamedTuple

from bri_timeline.edtf._calendar import is_leap, month_length
from bri_timeline.edtf._date import SIGNS, Date, qualifier
from bri_timeline.edtf._days import Days
from bri_timeline.edtf._mask import MONTHS
from bri_timeline.edtf._plain import PLAIN, plain_bounds, plain_marks
from bri_timeline.edtf._scanner import DIGITS, Scanner
from bri_timeline.edtf._time import with_time
from bri_timeline.edtf._years import long_year, significant


__all__ = ["date", "plain"]

_MASKABLE = DIGITS + "X"
# ISO 8601-2:2019 4.8.3.6: first month and number of months of each division of a year.
# The seasons 21-24 say no hemisphere and are read as those of the northern.
_SEASONS = {
    21: (3, 3), 22: (6, 3), 23: (9, 3), 24: (12, 3),
    25: (3, 3), 26: (6, 3), 27: (9, 3), 28: (12, 3),
    29: (9, 3), 30: (12, 3), 31: (3, 3), 32: (6, 3),
    33: (1, 3), 34: (4, 3), 35: (7, 3), 36: (10, 3),
    37: (1, 4), 38: (5, 4), 39: (9, 4), 40: (1, 6), 41: (7, 6),
}  # fmt: skip
_LAST_PLAIN_SEASON = 24
# The number of parts of a whole date: year, month and day.
_DAY = 3


class _Part(NamedTuple):
    """A year, month or day as written, with its own qualifiers."""

    text: str
    start: int
    before: int
    after: int


def plain(match: re.Match[str]) -> Date | None:
    """Return the date that a match of `PLAIN` is; None if there is no such day."""
    bounds = plain_bounds(match)
    if bounds is None:
        return None
    marks, is_day = plain_marks(match), match[3] is not None
    days = Days.between(*bounds)
    return Date(match[0], int(marks > 0), marks, days, is_day=is_day)


def date(scanner: Scanner) -> Date:
    """Read one date, up to whatever cannot belong to it."""
    match = PLAIN.match(scanner.text, scanner.position)
    if match is not None and (read := plain(match)) is not None:
        scanner.position = match.end()
        return read
    before = qualifier(scanner)
    if scanner.peek() == "Y":
        return long_year(scanner, before)
    parts = [_part(scanner, before, 4, "a year of four digits", signed=True)]
    if scanner.peek() == "S" and not parts[0].after:
        return significant(scanner, parts[0].text, parts[0].before)
    while len(parts) < _DAY and scanner.peek() == "-":
        scanner.take()
        what = ("a month or season", "a day")[len(parts) - 1] + " of two digits"
        parts.append(_part(scanner, qualifier(scanner), 2, what))
    read = _civil(scanner, parts)
    return with_time(scanner, read) if scanner.peek() == "T" else read


def _part(
    scanner: Scanner, before: int, width: int, what: str, *, signed: bool = False
) -> _Part:
    start = scanner.position
    sign = scanner.take() if signed and scanner.peek() == "-" else ""
    digits = scanner.run(_MASKABLE, width, what)
    if sign and digits == "0" * width:
        scanner.fail("0000, which has no sign", at=start)
    return _Part(sign + digits, start, before, qualifier(scanner))


# --- years of four digits, months, days, seasons ------------------------------


def _civil(scanner: Scanner, parts: Sequence[_Part]) -> Date:
    """Check the parts against the calendar and put them together."""
    years = _years(parts[0].text)
    season = _season(parts)
    if season and len(parts) == _DAY:
        scanner.fail("no day after a season", at=parts[2].start)
    if season:
        days = _season_days(years, *_SEASONS[season])
    else:
        days = _civil_days(scanner, years, parts)
    flags = _flags(parts)
    return Date(
        text=_canonical(parts, flags),
        level=_level(parts, season),
        marks=reduce(or_, flags),
        days=days,
        masked=any("X" in part.text for part in parts),
        is_day=len(parts) == _DAY,
    )


def _years(text: str) -> Sequence[int]:
    """Return all years that a year of four digits or X can be, ascending."""
    sign, digits = (-1, text[1:]) if text[0] == "-" else (1, text)
    if "X" not in digits:
        return range(sign * int(digits), sign * int(digits) + 1)
    head, tail = digits.index("X"), digits.rindex("X")
    if digits[head : tail + 1].strip("X") == "":
        low, high = int(digits.replace("X", "0")), int(digits.replace("X", "9"))
        step = 10 ** (len(digits) - 1 - tail)
        if sign > 0:
            return range(low, high + 1, step)
        return range(-high, -low + 1 if low else 0, step)
    found = [0]
    for digit in digits:
        choices = range(10) if digit == "X" else (int(digit),)
        found = [year * 10 + choice for year in found for choice in choices]
    if sign > 0:
        return tuple(found)
    return tuple(-year for year in reversed(found) if year)


def _numbers(text: str, most: int) -> tuple[int, ...]:
    """Return the numbers from 1 to *most* that two digits or X can be."""
    if text == "XX":
        return tuple(range(1, most + 1))
    if "X" not in text:
        return (int(text),) if 1 <= int(text) <= most else ()
    tens, ones = (DIGITS if digit == "X" else digit for digit in text)
    numbers = (int(ten + one) for ten in tens for one in ones)
    return tuple(number for number in numbers if 1 <= number <= most)


def _season(parts: Sequence[_Part]) -> int:
    if len(parts) == 1 or "X" in parts[1].text:
        return 0
    number = int(parts[1].text)
    return number if number in _SEASONS else 0


def _season_days(years: Sequence[int], month: int, count: int) -> Days:
    """Return the days of a season; one that begins in December ends a year later."""
    months = tuple(range(month, month + count))
    here = tuple(number for number in months if number <= 12)
    there = tuple(number - 12 for number in months if number > 12)
    parts = [Days.masked(years, here, None)]
    if there:
        if isinstance(years, range):
            later: Sequence[int] = range(years[0] + 1, years[-1] + 2, years.step)
        else:
            later = tuple(year + 1 for year in years)
        parts.append(Days.masked(later, there, None))
    return Days.union(parts)


def _civil_days(scanner: Scanner, years: Sequence[int], parts: Sequence[_Part]) -> Days:
    if len(parts) == 1:
        return Days.masked(years, MONTHS, None)
    months = _numbers(parts[1].text, 12)
    if not months:
        scanner.fail(
            "a month from 01 to 12 or a season from 21 to 41", at=parts[1].start
        )
    if len(parts) == 2:
        return Days.masked(years, months, None)
    numbers = _numbers(parts[2].text, 31)
    longest = max(_longest(years, month) for month in months)
    if not numbers or numbers[0] > longest:
        where = "-".join(part.text for part in parts[:2])
        scanner.fail(f"a day from 01 to {longest} in {where}", at=parts[2].start)
    return Days.masked(years, months, None if len(numbers) == 31 else numbers)


def _longest(years: Sequence[int], month: int) -> int:
    if month == 2 and any(map(is_leap, years)):
        return 29
    return month_length(2001, month)


# --- qualifiers and levels -----------------------------------------------------


def _flags(parts: Sequence[_Part]) -> list[int]:
    """Return the qualifiers of each part: one behind a part reaches those before it."""
    reach, flags = 0, []
    for part in reversed(parts):
        reach |= part.after
        flags.append(part.before | reach)
    return flags[::-1]


def _canonical(parts: Sequence[_Part], flags: Sequence[int]) -> str:
    """Write parts with the fewest signs: one behind the leading parts that share it."""
    shared = 1
    while shared < len(flags) and flags[shared] == flags[0]:
        shared += 1
    written = []
    for index, (part, mark) in enumerate(zip(parts, flags, strict=True)):
        if index >= shared:
            written.append(SIGNS[mark] + part.text)
        else:
            written.append(part.text + (SIGNS[mark] if index == shared - 1 else ""))
    return "-".join(written)


def _level(parts: Sequence[_Part], season: int) -> int:
    if season > _LAST_PLAIN_SEASON or any(part.before for part in parts):
        return 2
    if any(part.after for part in parts[:-1]):
        return 2
    texts = [part.text for part in parts]
    if any("X" in text for text in texts):
        return _mask_level(texts)
    return int(bool(season or parts[-1].after or texts[0][0] == "-"))


def _mask_level(texts: Sequence[str]) -> int:
    """Return 1 where whole months or days, or only the last digits of a year, lack."""
    year = texts[0].lstrip("-")
    if len(texts) == 1:
        return 1 if "X" not in year[:2] and year[3] == "X" else 2
    tail = [text for text in texts[1:] if "X" in text]
    if "X" in year or texts[len(texts) - len(tail) :] != ["XX"] * len(tail):
        return 2
    return 1
