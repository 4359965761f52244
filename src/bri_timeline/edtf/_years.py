"""Years by themselves: of any size behind `Y`, or with significant digits."""

from __future__ import annotations

from bri_timeline.edtf._calendar import year_start
from bri_timeline.edtf._date import SIGNS, Date, qualifier
from bri_timeline.edtf._days import Days
from bri_timeline.edtf._scanner import DIGITS, Scanner


__all__ = ["long_year", "significant"]

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
    if size <= _FOUR_DIGITS:
        scanner.fail("a year beyond four digits after Y, or no Y", at=start)
    text, low, high = f"Y{sign}{digits}", size, size
    if scanner.peek() == "S":
        level = 2
        kept = _kept_digits(scanner, len(digits))
        low, high = _significant_years(size, len(digits) - kept)
        text += f"S{kept}"
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
    kept = _kept_digits(scanner, 4)
    low, high = _significant_years(abs(int(year)), 4 - kept)
    first, last = (low, high) if year[0] != "-" else (-high, -max(low, 1))
    return _only_year(scanner, f"{year}S{kept}", 2, before, first, last)


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
    return scanner.some(DIGITS, what)


def _significant_years(size: int, dropped: int) -> tuple[int, int]:
    step = 10**dropped
    low = size // step * step
    return low, low + step - 1
