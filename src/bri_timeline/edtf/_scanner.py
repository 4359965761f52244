"""A cursor over text that reports the position of an error."""

from __future__ import annotations

from typing import NoReturn

from bri_timeline.errors import EdtfError


__all__ = ["DIGITS", "Scanner"]

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
