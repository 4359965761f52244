"""What is known of one date of the grammar once it has been read."""

from __future__ import annotations

from typing import NamedTuple

from bri_timeline.edtf._days import Days
from bri_timeline.edtf._scanner import Scanner


__all__ = ["DAY_PRECISION", "SIGNS", "Date", "qualifier"]

_UNCERTAIN = 1
_APPROXIMATE = 2
_MARKS = {"?": _UNCERTAIN, "~": _APPROXIMATE, "%": _UNCERTAIN | _APPROXIMATE}
SIGNS = ("", "?", "~", "%")
DAY_PRECISION = 3


class Date(NamedTuple):
    """A date that has been read.

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


def qualifier(scanner: Scanner) -> int:
    """Step over a qualifier, if one comes next, and return its marks."""
    marks = _MARKS.get(scanner.peek(), 0)
    if marks:
        scanner.take()
    return marks
