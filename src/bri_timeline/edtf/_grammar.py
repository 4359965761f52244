"""From text to what it says: dates and intervals of EDTF levels 0, 1 and 2.

The rules are those of the Library of Congress' EDTF specification (2019) and of
ISO 8601-2:2019, clauses 4 to 8, which made it a standard.
"""

from __future__ import annotations

import math

from bri_timeline.edtf._days import Days
from bri_timeline.edtf._parsed import Parsed
from bri_timeline.edtf._plain import PLAIN, plain_bounds, plain_marks
from bri_timeline.edtf._reader import date
from bri_timeline.edtf._scanner import Scanner
from bri_timeline.edtf._sets import BRACKETS, one_or_all
from bri_timeline.edtf._shapes import OPEN_END, Bound, Extent, Moment
from bri_timeline.edtf._time import no_time
from bri_timeline.errors import EdtfError


__all__ = ["parse"]

_LONGEST = 4096


def parse(text: object) -> Parsed:
    """Read *text* strictly.

    Raises:
        EdtfError: It is not text, not a date, or longer than 4,096 characters.
    """
    if not isinstance(text, str):
        raise EdtfError(text, 0, _remedy(text))
    if len(text) > _LONGEST:
        raise EdtfError(text, _LONGEST, f"at most {_LONGEST:,} characters")
    try:
        return _parse(text)
    except EdtfError as error:
        expected = error.expected + _remedy(text)
        raise EdtfError(text, error.position, expected) from None


def _remedy(text: object) -> str:
    # It has a pattern for each way in which dates are miswritten: many to compile.
    from bri_timeline.edtf._remedy import remedy_for_text, remedy_for_value

    if isinstance(text, str):
        return remedy_for_text(text, _reads)
    return remedy_for_value(text)


def _parse(text: str) -> Parsed:
    if text[:1] in BRACKETS:
        return one_or_all(text)
    if "/" in text:
        return _interval(text)
    scanner = Scanner(text)
    read = date(scanner)
    scanner.finish("nothing more, or -month, -day, a qualifier, / or a time")
    return Parsed(read.text, read.level, read.marks, Moment(read.days))


def _reads(text: str) -> bool:
    try:
        _parse(text)
    except EdtfError:
        return False
    return True


# --- intervals ---------------------------------------------------------------

_End = tuple[Days | Bound, str, int, int]  # days, canonical text, level and marks


def _interval(text: str) -> Parsed:
    slash = text.index("/")
    start, before, level, marks = _end(text, 0, slash, "/ and a second date")
    end, after, last_level, last_marks = _end(
        text, slash + 1, len(text), "nothing more"
    )
    if isinstance(start, Bound):
        if isinstance(end, Bound):
            raise EdtfError(text, slash, "a date on one side of / at least")
    elif not isinstance(end, Bound) and start.first > end.last:
        raise EdtfError(text, slash + 1, "an end that is not before the start")
    level = max(level, last_level)
    return Parsed(f"{before}/{after}", level, marks | last_marks, Extent(start, end))


def _end(text: str, start: int, stop: int, further: str) -> _End:
    """Read one end: a date, `..`, nothing, or a date with `..` on one side."""
    if start == stop:
        return Bound.UNKNOWN, "", 1, 0
    match = PLAIN.fullmatch(text, start, stop)
    if match is not None and (bounds := plain_bounds(match)) is not None:
        marks = plain_marks(match)
        return Days.between(*bounds), match[0], int(marks > 0), marks
    scanner = Scanner(text, start, stop)
    after = scanner.skip(OPEN_END)
    if after and scanner.position == stop:
        return Bound.OPEN, OPEN_END, 1, 0
    read = no_time(scanner, date(scanner), "an interval")
    before = not after and scanner.skip(OPEN_END)
    scanner.finish(further)
    if not after and not before:
        return read.days, read.text, 2 if read.masked else read.level, read.marks
    first = -math.inf if after else read.days.first
    last = math.inf if before else read.days.last
    canonical = OPEN_END * after + read.text + OPEN_END * before
    return Days.between(first, last), canonical, 2, read.marks
