"""From text to what it says: dates, intervals and sets of EDTF levels 0, 1 and 2.

The rules are those of the Library of Congress' EDTF specification (2019) and of
ISO 8601-2:2019, clauses 4 to 8, which made it a standard.
"""

from __future__ import annotations

import math

from attrs import frozen

from bri_timeline.edtf._date import Date, date, no_time
from bri_timeline.edtf._days import Days
from bri_timeline.edtf._scanner import Scanner
from bri_timeline.edtf._shapes import Bound, Element, Extent, Moment, Several, Shape
from bri_timeline.errors import EdtfError

__all__ = ["LONGEST", "Parsed", "parse"]

LONGEST = 4096
_OPEN = ".."
_BRACKETS = {"[": "]", "{": "}"}
_DAY_PRECISION = 3


@frozen
class Parsed:
    """Canonical text, level, marks (1 uncertain, 2 approximate) and shape of a date."""

    text: str
    level: int
    marks: int
    shape: Shape


def parse(text: str) -> Parsed:
    """Read *text* strictly.

    Raises:
        EdtfError: It is no date, or longer than 4,096 characters.
    """
    if len(text) > LONGEST:
        raise EdtfError(text, LONGEST, f"at most {LONGEST} characters")
    if text[:1] in _BRACKETS:
        return _set(Scanner(text))
    if "/" in text:
        return _interval(text)
    scanner = Scanner(text)
    read = date(scanner)
    scanner.finish("nothing more, or -month, -day, a qualifier, / or a time")
    return Parsed(read.text, read.level, read.marks, Moment(read.days))


# --- intervals ---------------------------------------------------------------


def _interval(text: str) -> Parsed:
    slash = text.index("/")
    start, left = _end(Scanner(text, 0, slash))
    end, right = _end(Scanner(text, slash + 1), last=True)
    shape = Extent(start, end)
    if not isinstance(start, Days) and not isinstance(end, Days):
        raise EdtfError(text, slash, "a date on one side of / at least")
    if isinstance(start, Days) and isinstance(end, Days) and start.first > end.last:
        raise EdtfError(text, slash + 1, "an end that is not before the start")
    level = max(left.level, right.level)
    return Parsed(f"{left.text}/{right.text}", level, left.marks | right.marks, shape)


def _end(scanner: Scanner, *, last: bool = False) -> tuple[Days | Bound, Date]:
    """Read one end: a date, `..`, nothing, or a date with `..` on one side."""
    if scanner.position == scanner.end:
        return Bound.UNKNOWN, _no_date("")
    after = scanner.at(_OPEN)
    if after:
        scanner.want(_OPEN)
        if scanner.position == scanner.end:
            return Bound.OPEN, _no_date(_OPEN)
    read = no_time(scanner, date(scanner), "an interval")
    before = not after and scanner.at(_OPEN)
    if before:
        scanner.want(_OPEN)
    scanner.finish("/ and a second date" if not last else "nothing more")
    level = 2 if read.masked or after or before else read.level
    first = -math.inf if after else read.days.first
    final = math.inf if before else read.days.last
    days = Days.between(first, final) if after or before else read.days
    text = _OPEN * after + read.text + _OPEN * before
    return days, Date(text, level, read.marks, days, read.masked, read.precision)


def _no_date(text: str) -> Date:
    return Date(text, 1, 0, Days(), masked=False, precision=0)


# --- sets ----------------------------------------------------------------------


@frozen
class _Member:
    """A date or a range in a set, with what is needed to order and to write it."""

    text: str
    marks: int
    element: Element
    open_start: bool
    open_end: bool

    def order(self) -> tuple[bool, bool, float, float, str]:
        """Return the key of the canonical order: as written, open ends outermost."""
        days = self.element.days
        return not self.open_start, self.open_end, days.first, days.last, self.text


def _set(scanner: Scanner) -> Parsed:
    opening = scanner.take()
    closing = _BRACKETS[opening]
    members = [_member(scanner, first=True)]
    while scanner.peek() == ",":
        if members[-1].open_end:
            scanner.fail(f"{closing!r} after an open range, which comes last")
        scanner.take()
        members.append(_member(scanner, first=False))
    scanner.want(closing)
    scanner.finish("nothing more")
    members = sorted({member.text: member for member in members}.values(), key=_order)
    marks = 0
    for member in members:
        marks |= member.marks
    text = f"{opening}{','.join(member.text for member in members)}{closing}"
    elements = tuple(member.element for member in members)
    if opening == "{":
        return Parsed(text, 2, marks, Several(elements))
    if len(members) == 1 and _OPEN not in text:
        text = members[0].text
    return Parsed(text, 2, marks, Moment(Days.union(e.days for e in elements)))


def _order(member: _Member) -> tuple[bool, bool, float, float, str]:
    return member.order()


def _member(scanner: Scanner, *, first: bool) -> _Member:
    """Read one member of a set: a date, a range, or a range open on one side."""
    start = scanner.position
    open_start = scanner.at(_OPEN)
    if open_start:
        if not first:
            scanner.fail("a date: only the first member may begin with ..")
        scanner.want(_OPEN)
    left = no_time(scanner, date(scanner), "a set")
    if open_start or not scanner.at(_OPEN):
        return _bounded(left, left, open_start=open_start)
    scanner.want(_OPEN)
    if scanner.peek() in (",", *_BRACKETS.values()):
        return _bounded(left, left, open_end=True)
    right = no_time(scanner, date(scanner), "a set")
    if left.days.first > right.days.last:
        scanner.fail("a range that ends after it starts", at=start)
    return _bounded(left, right)


def _bounded(
    left: Date, right: Date, *, open_start: bool = False, open_end: bool = False
) -> _Member:
    first = (left.days.first, left.days.last)
    last = (right.days.first, right.days.last)
    text = left.text if left.text == right.text else f"{left.text}{_OPEN}{right.text}"
    days = left.days
    if open_start:
        first, text = (-math.inf, -math.inf), _OPEN + left.text
    if open_end:
        last, text = (math.inf, math.inf), left.text + _OPEN
    if _OPEN in text:
        days = Days.between(first[0], last[1])
    precise = left.precision == right.precision == _DAY_PRECISION
    every_day = precise and not left.masked and not right.masked
    element = Element(days, first, last, every_day)
    return _Member(text, left.marks | right.marks, element, open_start, open_end)
