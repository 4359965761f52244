"""The grammar of one date: year, month, day, season and time, read with a cursor."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import NamedTuple, NoReturn

from bri_timeline._calendar import is_leap, month_length, year_start
from bri_timeline.edtf._days import MONTHS, Days
from bri_timeline.errors import EdtfError


UNCERTAIN, APPROXIMATE = 1, 2
_MARKS = {"?": UNCERTAIN, "~": APPROXIMATE, "%": UNCERTAIN | APPROXIMATE}
SIGNS = ("", "?", "~", "%")
_DIGITS = "0123456789"


class Scanner:
    """A cursor over *text*."""

    __slots__ = ("end", "position", "text")

    def __init__(self, text: str, start: int = 0, end: int | None = None) -> None:
        self.text = text
        self.position = start
        self.end = len(text) if end is None else end

    def peek(self) -> str:
        """Return the next character, or nothing at the end."""
        return self.text[self.position] if self.position < self.end else ""

    def take(self) -> str:
        """Return the next character and step over it."""
        self.position += 1
        return self.text[self.position - 1]

    def want(self, token: str) -> None:
        """Step over *token*, which must come next."""
        if not self.skip(token):
            self.fail(repr(token))

    def skip(self, token: str) -> bool:
        """Step over *token* if it comes next, and return whether it did."""
        is_next = self.text.startswith(token, self.position, self.end)
        if is_next:
            self.position += len(token)
        return is_next

    def run(self, alphabet: str, width: int, what: str) -> str:
        """Return exactly *width* characters of *alphabet*."""
        # The valid part is stepped over first: an error names the character at fault.
        taken = self.text[self.position : min(self.position + width, self.end)]
        fitting = len(taken) - len(taken.lstrip(alphabet))
        self.position += fitting
        if fitting < width:
            self.fail(what)
        return taken

    def some(self, alphabet: str, what: str) -> str:
        """Return as many characters of *alphabet* as follow, at least one."""
        rest = self.text[self.position : self.end]
        width = len(rest) - len(rest.lstrip(alphabet))
        if not width:
            self.fail(what)
        self.position += width
        return rest[:width]

    def finish(self, what: str) -> None:
        """Make sure that nothing follows."""
        if self.position < self.end:
            self.fail(what)

    def fail(self, expected: str, *, at: int | None = None) -> NoReturn:
        """Raise an `EdtfError` at this place."""
        raise EdtfError(self.text, self.position if at is None else at, expected)


class Date(NamedTuple):
    """A date that has been read.

    Attributes:
        text: The canonical text.
        level: The lowest level of EDTF that has it.
        marks: 1 for uncertain, 2 for approximate, 3 for both.
        days: The days that it may be.
        masked: Digits are unspecified.
        is_day: It has a year, a month and a day, and no time.
    """

    text: str
    level: int
    marks: int
    days: Days
    masked: bool = False
    is_day: bool = False


def qualifier(scanner: Scanner) -> int:
    """Step over a qualifier, if one comes next, and return its marks."""
    marks = _MARKS.get(scanner.peek(), 0)
    if marks:
        scanner.take()
    return marks


_EARLIEST_OFFSET = -12 * 60
_LATEST_OFFSET = 14 * 60


def with_time(scanner: Scanner, read: Date) -> Date:
    """Read the time behind *read*; the day as written is the day that counts."""
    if not read.is_day or read.masked or read.marks:
        scanner.fail("no time except behind a whole day without qualifiers")
    scanner.take()
    hour = _clock(scanner, "hours", 23)
    scanner.want(":")
    minute = _clock(scanner, "minutes", 59)
    scanner.want(":")
    second = _clock(scanner, "seconds", 60 if minute == "59" else 59)
    text = f"{read.text}T{hour}:{minute}:{second}{_offset(scanner)}"
    return Date(text, read.level, 0, read.days)


def no_time(scanner: Scanner, read: Date, where: str) -> Date:
    """Refuse a time of day where EDTF allows only dates."""
    if "T" in read.text:
        scanner.fail(f"a date without a time in {where}")
    return read


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
    offset = int(f"{sign}1") * (int(hours) * 60 + int(minutes))
    # ISO 8601 does not allow -00:00.
    unsigned = sign == "-" and not offset
    if unsigned or not _EARLIEST_OFFSET <= offset <= _LATEST_OFFSET:
        scanner.fail("an offset from -12:00 to +14:00, and +00:00 for none", at=start)
    return f"{sign}{hours}:{minutes}" if offset else "Z"


_LONGEST_EXPONENT = 18
_FOUR_DIGITS = 9999


def long_year(scanner: Scanner, before: int) -> Date:
    """Read `Y` and a year of more than four digits, `E` exponent, `S` digits.

    Args:
        scanner: At the `Y`.
        before: The qualifier that was read before it.
    """
    start = scanner.position
    scanner.take()
    sign = scanner.take() if scanner.peek() == "-" else ""
    digits = _digits(scanner, "digits of a year, the first of them not 0")
    level = 1
    if scanner.peek() == "E":
        scanner.take()
        level, digits = 2, digits + "0" * _exponent(scanner)
    size = int(digits)
    # `Y2015` would be a second text for 2015.
    if size <= _FOUR_DIGITS:
        scanner.fail("a year beyond four digits after Y, or no Y", at=start)
    text, low, high = f"Y{sign}{digits}", size, size
    if scanner.peek() == "S":
        level = 2
        precision = _kept_digits(scanner, len(digits))
        low, high = _significant_years(size, len(digits) - precision)
        text += f"S{precision}"
    first, last = (-high, -low) if sign else (low, high)
    return _only_year(scanner, text, level, before, first, last)


def significant(scanner: Scanner, year: str, before: int) -> Date:
    """Read `S` and a number of significant digits behind a year of four digits.

    Args:
        scanner: At the `S`.
        year: The year.
        before: The qualifier that was read before it.
    """
    if "X" in year:
        scanner.fail("no S after a year with unspecified digits")
    precision = _kept_digits(scanner, 4)
    low, high = _significant_years(abs(int(year)), 4 - precision)
    # -max(low, 1): digits after a minus never stand for year 0.
    first, last = (low, high) if year[0] != "-" else (-high, -max(low, 1))
    return _only_year(scanner, f"{year}S{precision}", 2, before, first, last)


def _only_year(
    scanner: Scanner, text: str, level: int, before: int, first: int, last: int
) -> Date:
    marks = before | qualifier(scanner)
    days = Days.between(year_start(first), year_start(last + 1) - 1)
    level = 2 if before else level
    return Date(text + SIGNS[marks], level, marks, days)


def _exponent(scanner: Scanner) -> int:
    what = f"an exponent from 1 to {_LONGEST_EXPONENT}"
    start = scanner.position
    digits = _digits(scanner, what)
    if len(digits) > len(str(_LONGEST_EXPONENT)) or int(digits) > _LONGEST_EXPONENT:
        scanner.fail(what, at=start)
    return int(digits)


def _kept_digits(scanner: Scanner, width: int) -> int:
    scanner.take()
    what = f"a number of significant digits from 1 to {width}"
    start = scanner.position
    digits = _digits(scanner, what)
    if len(digits) > len(str(width)) or int(digits) > width:
        scanner.fail(what, at=start)
    return int(digits)


def _digits(scanner: Scanner, what: str) -> str:
    """Return the digits of a number that does not begin with 0."""
    if scanner.peek() == "0":
        scanner.fail(what)
    return scanner.some(_DIGITS, what)


def _significant_years(size: int, dropped: int) -> tuple[int, int]:
    step = 10**dropped
    low = size // step * step
    return low, low + step - 1


PLAIN = re.compile(
    r"([0-9]{4})(?:-(0[1-9]|1[0-2])(?:-(0[1-9]|[12][0-9]|3[01]))?)?([?~%])?"
    r"(?![-0-9XST?~%])"
)
_BEFORE_MONTH = (0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334)
_FEBRUARY = 2
_EVERY_MONTH_HAS = 28
_PLAIN_MARKS = {None: 0, "?": 1, "~": 2, "%": 3}


def plain_bounds(match: re.Match[str]) -> tuple[int, int] | None:
    """Return the first and last day of a match of `PLAIN`; None if no such day is."""
    # The arithmetic of `_calendar`, inlined: this runs for nearly every date read.
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
    return _PLAIN_MARKS[match[4]]


_MASKABLE = _DIGITS + "X"

# ISO 8601-2:2019 4.8.3.6: first month and number of months of each division of a year.
# The seasons 21-24 name no hemisphere; they are read as northern ones.
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


class _DatePart(NamedTuple):
    """A year, month or day as written, with its own qualifiers."""

    text: str
    start: int
    before: int
    after: int


def plain(match: re.Match[str]) -> Date | None:
    """Return the date of a match of `PLAIN`; None if the day does not exist."""
    bounds = plain_bounds(match)
    if bounds is None:
        return None
    marks, is_day = plain_marks(match), match[3] is not None
    days = Days.between(*bounds)
    return Date(match[0], int(marks > 0), marks, days, is_day=is_day)


def date(scanner: Scanner) -> Date:
    """Read one date, up to the first character that cannot belong to it."""
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
) -> _DatePart:
    start = scanner.position
    sign = scanner.take() if signed and scanner.peek() == "-" else ""
    digits = scanner.run(_MASKABLE, width, what)
    # Year 0 would have two texts, and equal dates must have equal texts.
    if sign and digits == "0" * width:
        scanner.fail("0000, which has no sign", at=start)
    return _DatePart(sign + digits, start, before, qualifier(scanner))


# --- years of four digits, months, days, seasons ------------------------------
def _civil(scanner: Scanner, parts: Sequence[_DatePart]) -> Date:
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
    # X digits in a row make an even step, so a range holds up to 10,000 years.
    head, tail = digits.index("X"), digits.rindex("X")
    if digits[head : tail + 1].strip("X") == "":
        low, high = int(digits.replace("X", "0")), int(digits.replace("X", "9"))
        step = 10 ** (len(digits) - 1 - tail)
        if sign > 0:
            return range(low, high + 1, step)
        return range(-high, -low + 1 if low else 0, step)
    years = [0]
    for digit in digits:
        choices = range(10) if digit == "X" else (int(digit),)
        years = [year * 10 + choice for year in years for choice in choices]
    if sign > 0:
        return tuple(years)
    return tuple(-year for year in reversed(years) if year)


def _numbers(text: str, most: int) -> tuple[int, ...]:
    """Return the numbers from 1 to *most* that two digits or X can be."""
    if text == "XX":
        return tuple(range(1, most + 1))
    if "X" not in text:
        return (int(text),) if 1 <= int(text) <= most else ()
    tens, ones = (_DIGITS if digit == "X" else digit for digit in text)
    numbers = (int(ten + unit) for ten in tens for unit in ones)
    return tuple(number for number in numbers if 1 <= number <= most)


def _season(parts: Sequence[_DatePart]) -> int:
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


def _civil_days(
    scanner: Scanner, years: Sequence[int], parts: Sequence[_DatePart]
) -> Days:
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
    # The longest, not each: `2019-XX-31` exists, as seven months have that day.
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
def _flags(parts: Sequence[_DatePart]) -> list[int]:
    """Return the qualifiers of each part: one behind a part reaches those before it."""
    reach, flags = 0, []
    for part in reversed(parts):
        reach |= part.after
        flags.append(part.before | reach)
    return flags[::-1]


def _canonical(parts: Sequence[_DatePart], flags: Sequence[int]) -> str:
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


def _level(parts: Sequence[_DatePart], season: int) -> int:
    if season > _LAST_PLAIN_SEASON or any(part.before for part in parts):
        return 2
    if any(part.after for part in parts[:-1]):
        return 2
    texts = [part.text for part in parts]
    if any("X" in text for text in texts):
        return _mask_level(texts)
    return int(bool(season or parts[-1].after or texts[0][0] == "-"))


def _mask_level(texts: Sequence[str]) -> int:
    """Return 1 if only whole months, whole days or last digits of a year are masked."""
    year = texts[0].lstrip("-")
    if len(texts) == 1:
        return 1 if "X" not in year[:2] and year[3] == "X" else 2
    tail = [text for text in texts[1:] if "X" in text]
    if "X" in year or texts[len(texts) - len(tail) :] != ["XX"] * len(tail):
        return 2
    return 1
