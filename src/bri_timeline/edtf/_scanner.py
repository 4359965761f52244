"""A cursor over text, and suggestions for text that is not an EDTF date."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import NoReturn

from bri_timeline.errors import EdtfError


__all__ = ["DIGITS", "Scanner", "remedy_for_text", "remedy_for_value"]


DIGITS = "0123456789"


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
        found = self.text.startswith(token, self.position, self.end)
        if found:
            self.position += len(token)
        return found

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


_LONGEST = 40
_NAMES = (
    *("jan", "feb", "mar", "apr", "may", "jun"),
    *("jul", "aug", "sep", "oct", "nov", "dec"),
)
_NAMED = rf"(?P<named>{'|'.join(_NAMES)})[a-z]{{0,6}}[.]?"
_NUMBERED = r"(?P<month>[0-9]{1,2})"
_YEAR = r"(?P<year>[0-9]{4})"
_DAY = r"(?P<day>[0-9]{1,2})"
_DATE = r"(?P<date>[0-9]{4}(?:-[0-9]{2}){0,2})"
_UNTIL = r"(?P<until>[0-9]{4}(?:-[0-9]{2}){0,2})"
_MONTH_FORM = "{year}-{month:0>2}"
_DAY_FORM = "{year}-{month:0>2}-{day:0>2}"

# What people write, and the forms that they may have meant by it. The patterns are
# compiled when a text is refused: most programs refuse none.
_HABITS = (
    (rf"{_YEAR}[-/.]{_NUMBERED}", _MONTH_FORM),
    (rf"{_YEAR}(?P<mark>[-/.]){_NUMBERED}(?P=mark){_DAY}", _DAY_FORM),
    (rf"{_YEAR}(?P<month>[0-9]{{2}})(?P<day>[0-9]{{2}})", _DAY_FORM),
    (rf"{_DAY}\.{_NUMBERED}\.{_YEAR}", _DAY_FORM),
    (rf"{_NAMED},? {_YEAR}", _MONTH_FORM),
    (rf"{_DAY}(?:st|nd|rd|th)?[ -]{_NAMED},?[ -]{_YEAR}", _DAY_FORM),
    (rf"{_NAMED} {_DAY}(?:st|nd|rd|th)?,? {_YEAR}", _DAY_FORM),
    (rf"{_DATE}[T ](?P<time>[0-9:]{{5}})(?P<zone>Z?)", "{date}T{time}:00{zone}"),
    (rf"{_DATE} (?P<time>[0-9:]{{8}}Z?)", "{date}T{time}"),
    (rf"{_DATE} ?(?:\.\.|-|to) ?{_UNTIL}", "[{date}..{until}]", "{date}/{until}"),
    (rf"(?:ca?\.?|circa|about|around|~) ?{_DATE}", "{date}~"),
    (r"(?P<decade>[0-9]{3})0'?s", "{decade}X"),
    (r"y?(?P<sign>-?)(?P<digits>[1-9][0-9]{4,})", "Y{sign}{digits}"),
)


def remedy_for_text(text: str, reads: Callable[[str], bool]) -> str:
    """Return a suggestion for the end of a message; empty if there is none.

    Args:
        text: Text that is not an EDTF date.
        reads: Returns whether text is one.
    """
    # Not a date that somebody mistyped, and the patterns need not run on it.
    if len(text) > _LONGEST:
        return ""
    # Only texts that EDTF has are suggested.
    found = dict.fromkeys(form for form in _forms(text) if reads(form))
    return f" (did you mean {' or '.join(map(repr, found))}?)" if found else ""


def _forms(text: str) -> Iterator[str]:
    bare = text.strip()
    if bare != text:
        yield bare
    for pattern, *forms in _HABITS:
        match = re.fullmatch(pattern, bare, re.IGNORECASE)
        if match is not None:
            parts = match.groupdict()
            if "named" in parts:
                parts["month"] = str(_NAMES.index(parts["named"].lower()) + 1)
            for form in forms:
                yield form.format_map(parts)


def remedy_for_value(value: object) -> str:
    """Return the text to write instead of a value, for the end of a message."""
    if isinstance(value, datetime):
        return "text: say which day, such as Edtf(value.date().isoformat())"
    if isinstance(value, date):
        return f"text (write Edtf({value.isoformat()!r}))"
    if isinstance(value, int) and 0 <= value <= 9999:
        return f"text (write Edtf('{value:04}'))"
    return "text, such as '2013' or '2019-04-24'"
