"""One date of the grammar, once it has been read."""

from __future__ import annotations

from typing import NamedTuple

from bri_timeline.edtf._days import Days
from bri_timeline.edtf._scanner import Scanner


__all__ = ["APPROXIMATE", "SIGNS", "UNCERTAIN", "Date", "qualifier"]

UNCERTAIN, APPROXIMATE = 1, 2
_MARKS = {"?": UNCERTAIN, "~": APPROXIMATE, "%": UNCERTAIN | APPROXIMATE}
SIGNS = ("", "?", "~", "%")


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
