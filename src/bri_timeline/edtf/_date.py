"""One date of the grammar: a year, month, day, season or time, masked or qualified."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from itertools import product
from operator import or_

from attrs import frozen

from bri_timeline.edtf._calendar import is_leap, month_length, year_start
from bri_timeline.edtf._days import Days, masked
from bri_timeline.edtf._plain import PLAIN, plain_bounds, plain_marks
from bri_timeline.edtf._scanner import Scanner

__all__ = ["Date", "date", "no_time"]

_UNCERTAIN = 1
_APPROXIMATE = 2
_QUALIFIERS = {"?": _UNCERTAIN, "~": _APPROXIMATE, "%": _UNCERTAIN | _APPROXIMATE}
_SIGNS = {mark: sign for sign, mark in _QUALIFIERS.items()}
_DIGITS = "0123456789"
_MASKABLE = _DIGITS + "X"
_LONGEST_EXPONENT = 18
_FOUR_DIGITS = 9999
_DAY_PRECISION = 3
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


@frozen
class Date:
    """A parsed date.

    Attributes:
        text: The canonical text.
        level: The lowest level of EDTF that has it.
        marks: 1 for uncertain, 2 for approximate, 3 for both.
        days: The days that it may be.
        masked: Digits are unspecified.
        precision: 1 year, 2 month or season, 3 day, 4 time.
    """

    text: str
    level: int
    marks: int
    days: Days
    masked: bool
    precision: int


@frozen
class _Part:
    """A year, month or day as written, with its own qualifiers."""

    text: str
    start: int
    before: int
    after: int


def date(scanner: Scanner) -> Date:
    """Read one date, up to whatever cannot belong to it."""
    match = PLAIN.match(scanner.text, scanner.position, scanner.end)
    if match is not None and (bounds := plain_bounds(match)) is not None:
        scanner.position = match.end()
        marks, precision = plain_marks(match), len(match[0].split("-"))
        days = Days.between(*bounds)
        return Date(match[0], int(marks > 0), marks, days, False, precision)
    before = _qualifier(scanner)
    if scanner.peek() == "Y":
        return _long_year(scanner, before)
    parts = [_part(scanner, before, 4, "a year of four digits", signed=True)]
    if scanner.peek() == "S" and not parts[0].after:
        return _significant(scanner, parts[0])
    while len(parts) < _DAY_PRECISION and scanner.peek() == "-":
        scanner.take()
        what = ("a month or season", "a day")[len(parts) - 1] + " of two digits"
        parts.append(_part(scanner, _qualifier(scanner), 2, what))
    read = _civil(scanner, parts)
    return _with_time(scanner, read) if scanner.peek() == "T" else read


def no_time(scanner: Scanner, read: Date, where: str) -> Date:
    """Refuse a time of day where EDTF allows only dates."""
    if "T" in read.text:
        scanner.fail(f"a date without a time in {where}")
    return read


def _qualifier(scanner: Scanner) -> int:
    return _QUALIFIERS[scanner.take()] if scanner.peek() in _QUALIFIERS else 0


def _part(
    scanner: Scanner, before: int, width: int, what: str, *, signed: bool = False
) -> _Part:
    start = scanner.position
    sign = scanner.take() if signed and scanner.peek() == "-" else ""
    digits = scanner.run(_MASKABLE, width, what)
    if sign and digits == "0" * width:
        scanner.fail("0000, which has no sign", at=start)
    return _Part(sign + digits, start, before, _qualifier(scanner))


# --- years of any size ------------------------------------------------------


def _long_year(scanner: Scanner, before: int) -> Date:
    """Read `Y` and a year of more than four digits, `E` exponent, `S` digits."""
    start = scanner.position
    scanner.take()
    sign = -1 if scanner.peek() == "-" else 1
    if sign < 0:
        scanner.take()
    what = "digits of a year, the first of them not 0"
    if scanner.peek() == "0":
        scanner.fail(what)
    mantissa = scanner.some(_DIGITS, what)
    level, exponent = 1, 0
    if scanner.peek() == "E":
        scanner.take()
        level, exponent = 2, _number(scanner, f"an exponent from 1 to {_LONGEST_EXPONENT}")
        if exponent > _LONGEST_EXPONENT:
            scanner.fail(f"an exponent of at most {_LONGEST_EXPONENT}")
    size = int(mantissa) * 10**exponent
    if size <= _FOUR_DIGITS:
        scanner.fail("a year beyond four digits after Y, or no Y", at=start)
    text, low, high = f"Y{'-' * (sign < 0)}{size}", size, size
    if scanner.peek() == "S":
        level = 2
        kept = _kept_digits(scanner, len(mantissa) + exponent)
        low, high = _significant_years(size, len(mantissa) + exponent - kept)
        text += f"S{kept}"
    first, last = (low, high) if sign > 0 else (-high, -low)
    return _only_year(scanner, text, level, before, first, last)


def _significant(scanner: Scanner, part: _Part) -> Date:
    """Read `S` and a number of significant digits behind a year of four digits."""
    if "X" in part.text:
        scanner.fail("no S after a year with unspecified digits")
    kept = _kept_digits(scanner, 4)
    low, high = _significant_years(abs(int(part.text)), 4 - kept)
    first, last = (low, high) if part.text[0] != "-" else (-high, -max(low, 1))
    return _only_year(scanner, f"{part.text}S{kept}", 2, part.before, first, last)


def _only_year(
    scanner: Scanner, text: str, level: int, before: int, first: int, last: int
) -> Date:
    marks = before | _qualifier(scanner)
    days = Days.between(year_start(first), year_start(last + 1) - 1)
    text += _SIGNS.get(marks, "")
    return Date(text, 2 if before else level, marks, days, False, 1)


def _number(scanner: Scanner, what: str) -> int:
    if scanner.peek() == "0":
        scanner.fail(what)
    digits = scanner.some(_DIGITS, what)
    return int(digits) if len(digits) <= len(str(_FOUR_DIGITS)) else _FOUR_DIGITS + 1


def _kept_digits(scanner: Scanner, width: int) -> int:
    scanner.take()
    what = f"a number of significant digits from 1 to {width}"
    kept = _number(scanner, what)
    if kept > width:
        scanner.fail(what)
    return kept


def _significant_years(size: int, dropped: int) -> tuple[int, int]:
    step = 10**dropped
    low = size // step * step
    return low, low + step - 1


# --- years of four digits, months, days, seasons ------------------------------


def _civil(scanner: Scanner, parts: Sequence[_Part]) -> Date:
    """Check the parts against the calendar and put them together."""
    years = _years(parts[0].text)
    season = _season(parts)
    if season and len(parts) == _DAY_PRECISION:
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
        precision=len(parts),
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
    choices = (_DIGITS if digit == "X" else digit for digit in digits)
    found = sorted(sign * int("".join(choice)) for choice in product(*choices))
    return tuple(year for year in found if sign > 0 or year < 0)


def _numbers(text: str, most: int) -> tuple[int, ...]:
    """Return the numbers from 1 to *most* that two digits or X can be."""
    if "X" not in text:
        return (int(text),) if 1 <= int(text) <= most else ()
    tens, ones = text
    return tuple(
        number
        for number in range(1, most + 1)
        if tens in ("X", _DIGITS[number // 10]) and ones in ("X", _DIGITS[number % 10])
    )


def _season(parts: Sequence[_Part]) -> int:
    if len(parts) == 1 or "X" in parts[1].text:
        return 0
    number = int(parts[1].text)
    return number if number in _SEASONS else 0


def _season_days(years: Sequence[int], month: int, count: int) -> Days:
    """Return the days of a season; one that begins in December ends a year later."""
    months = tuple(range(month, month + count))
    here = tuple(number for number in months if number <= 12)  # noqa: PLR2004
    there = tuple(number - 12 for number in months if number > 12)  # noqa: PLR2004
    parts = [masked(years, here, None)]
    if there:
        if isinstance(years, range):
            later: Sequence[int] = range(years[0] + 1, years[-1] + 2, years.step)
        else:
            later = tuple(year + 1 for year in years)
        parts.append(masked(later, there, None))
    return Days.union(parts)


def _civil_days(scanner: Scanner, years: Sequence[int], parts: Sequence[_Part]) -> Days:
    if len(parts) == 1:
        return masked(years, tuple(range(1, 13)), None)
    months = _numbers(parts[1].text, 12)
    if not months:
        scanner.fail("a month from 01 to 12 or a season from 21 to 41", at=parts[1].start)
    if len(parts) == 2:  # noqa: PLR2004 - year and month
        return masked(years, months, None)
    numbers = _numbers(parts[2].text, 31)
    longest = max(_longest(years, month) for month in months)
    if not numbers or numbers[0] > longest:
        where = "-".join(part.text for part in parts[:2])
        scanner.fail(f"a day from 01 to {longest} in {where}", at=parts[2].start)
    return masked(years, months, None if len(numbers) == 31 else numbers)  # noqa: PLR2004


def _longest(years: Sequence[int], month: int) -> int:
    if month == 2 and any(map(is_leap, years)):  # noqa: PLR2004 - February
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
    shared = 0
    while shared < len(flags) and flags[shared] == flags[0]:
        shared += 1
    written = []
    for index, (part, mark) in enumerate(zip(parts, flags, strict=True)):
        if index >= shared:
            written.append(_SIGNS.get(mark, "") + part.text)
        else:
            written.append(part.text + (_SIGNS.get(mark, "") if index == shared - 1 else ""))
    return "-".join(written)


def _level(parts: Sequence[_Part], season: int) -> int:
    if season > _LAST_PLAIN_SEASON or any(part.before for part in parts):
        return 2
    if any(part.after for part in parts[:-1]):
        return 2
    texts = [part.text for part in parts]
    if any("X" in text for text in texts):
        return 2 if season else _mask_level(texts)
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


# --- times of day ----------------------------------------------------------------


def _with_time(scanner: Scanner, read: Date) -> Date:
    """Read `Thh:mm:ss` and an offset; the day as written is the day that counts."""
    if read.precision != _DAY_PRECISION or read.masked or read.marks:
        scanner.fail("no time except behind a whole day without qualifiers")
    scanner.take()
    hour = _clock(scanner, "hours", 23)
    scanner.want(":")
    minute = _clock(scanner, "minutes", 59)
    scanner.want(":")
    second = _clock(scanner, "seconds", 60 if minute == "59" else 59)
    text = f"{read.text}T{hour}:{minute}:{second}{_offset(scanner)}"
    return Date(text, read.level, 0, read.days, False, 4)


def _clock(scanner: Scanner, what: str, most: int) -> str:
    start = scanner.position
    what = f"two digits of {what} from 00 to {most}"
    digits = scanner.run(_DIGITS, 2, what)
    if int(digits) > most:
        scanner.fail(what, at=start)
    return digits


def _offset(scanner: Scanner) -> str:
    start = scanner.position
    if scanner.peek() == "Z":
        return scanner.take()
    if scanner.peek() not in ("+", "-"):
        return ""
    sign = scanner.take()
    hours, minutes = _clock(scanner, "offset hours", 14), "00"
    if scanner.peek() == ":":
        scanner.take()
        minutes = _clock(scanner, "offset minutes", 59)
    offset = int(hours) * 60 + int(minutes)
    if sign == "-" and not 0 < offset <= 12 * 60 or offset > 14 * 60:
        scanner.fail("an offset from -12:00 to +14:00, and +00:00 for none", at=start)
    return f"{sign}{hours}:{minutes}" if offset else "Z"
