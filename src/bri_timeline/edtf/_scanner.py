"""A cursor over text that knows where it stands when something is wrong."""

from __future__ import annotations

from typing import NoReturn

from bri_timeline.errors import EdtfError

__all__ = ["Scanner"]


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
        if not self.at(token):
            self.fail(repr(token))
        self.position += len(token)

    def at(self, token: str) -> bool:
        """Tell whether *token* comes next."""
        return self.text.startswith(token, self.position, self.end)

    def run(self, alphabet: str, width: int, what: str) -> str:
        """Return exactly *width* characters of *alphabet*."""
        start = self.position
        for _ in range(width):
            if self.peek() == "" or self.peek() not in alphabet:
                self.fail(what)
            self.position += 1
        return self.text[start : self.position]

    def some(self, alphabet: str, what: str) -> str:
        """Return as many characters of *alphabet* as follow, at least one."""
        start = self.position
        while self.peek() and self.peek() in alphabet:
            self.position += 1
        if start == self.position:
            self.fail(what)
        return self.text[start : self.position]

    def finish(self, what: str) -> None:
        """Make sure that nothing follows."""
        if self.position < self.end:
            self.fail(what)

    def fail(self, expected: str, *, at: int | None = None) -> NoReturn:
        """Raise an `EdtfError` at this place."""
        raise EdtfError(self.text, self.position if at is None else at, expected)
