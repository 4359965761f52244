"""A time of day behind a date: `Thh:mm:ss` and an offset from UTC."""

from __future__ import annotations

from bri_timeline.edtf._date import Date
from bri_timeline.edtf._scanner import DIGITS, Scanner


__all__ = ["no_time", "with_time"]

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
    digits = scanner.run(DIGITS, 2, what)
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
    unsigned = sign == "-" and not offset
    if unsigned or not _EARLIEST_OFFSET <= offset <= _LATEST_OFFSET:
        scanner.fail("an offset from -12:00 to +14:00, and +00:00 for none", at=start)
    return f"{sign}{hours}:{minutes}" if offset else "Z"
