"""A cursor over the words, numbers and marks of a phrase."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple, NoReturn, TypeVar

from bri_timeline.edtf._phrases._words import why_not
from bri_timeline.errors import PhraseError


__all__ = ["Token", "Words"]

_T = TypeVar("_T")

_LONGEST = 200
# One character for one, so that positions stay those of the text.
_ALIKE = str.maketrans(
    dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-")
    | dict.fromkeys("\u2018\u2019\u02bc", "'")
    | dict.fromkeys("\u00a0\u2009\u202f", " ")
)
_TOKEN = re.compile(
    r"\s*(?:(?P<digits>[0-9]+)|(?P<word>[a-z]+(?:'[a-z]*)?)\.?|(?P<mark>[-,/.'():;]))",
    re.ASCII | re.IGNORECASE,
)
_TRAILING = " \t\r\n.,;:"
_DATE = "a date, such as 'April 24, 2019', 'last week' or 'since 2015'"


class Token(NamedTuple):
    """A word in lower case, a number or a mark, and where it stands."""

    text: str
    start: int


class Words:
    """A cursor over the tokens of *text*."""

    __slots__ = ("_at", "_tokens", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._at = 0
        self._tokens: list[Token] = []
        if len(text) > _LONGEST:
            message = f"a phrase has at most {_LONGEST} characters: give the date alone"
            raise PhraseError(text, _LONGEST, message)
        self._split(text.translate(_ALIKE))

    def _split(self, text: str) -> None:
        position, end = 0, len(text.rstrip(_TRAILING))
        while position < end:
            match = _TOKEN.match(text, position)
            if match is None:
                message = "only English words, digits and a few marks are understood"
                raise PhraseError(self.text, position, message)
            start, stop = match.span(str(match.lastgroup))
            self._tokens.append(Token(text[start:stop].lower(), start))
            position = match.end()

    @property
    def place(self) -> int:
        """Where the cursor stands among the tokens; set it to go back."""
        return self._at

    @place.setter
    def place(self, at: int) -> None:
        self._at = at

    def peek(self, offset: int = 0) -> str:
        """Return a token that follows, or goes before; nothing beyond the ends."""
        at = self._at + offset
        return self._tokens[at].text if 0 <= at < len(self._tokens) else ""

    def takes(self, *phrases: str) -> str | None:
        """Step over the first of *phrases* that comes next, and return it."""
        first = self.peek()
        for phrase in phrases:
            if not phrase.startswith(first):
                continue
            wanted = phrase.split()
            if [self.peek(offset) for offset in range(len(wanted))] == wanted:
                self._at += len(wanted)
                return phrase
        return None

    def choice(self, table: Mapping[str, _T]) -> _T | None:
        """Step over a word or phrase of *table*, and return what it stands for."""
        found = self.takes(*table)
        return None if found is None else table[found]

    def number(self, low: int, high: int) -> int | None:
        """Step over a number in a range, and return it."""
        text = self.peek()
        if not text.isdecimal() or not low <= int(text) <= high:
            return None
        self._at += 1
        return int(text)

    def finish(self) -> None:
        """Make sure that nothing follows."""
        if self.peek():
            self.fail("this belongs to no date that is understood: leave it out")

    def fail(self, problem: str | None = None, *, at: int | None = None) -> NoReturn:
        """Raise a `PhraseError`; a word that dates nothing is named first.

        Args:
            problem: What is wrong; None if a date was expected.
            at: The place among the tokens; None for where the cursor stands.
        """
        if at is None:
            for token in self._tokens:
                if (why := why_not(token.text)) is not None:
                    message = f"{token.text!r} {why}"
                    raise PhraseError(self.text, token.start, message)
        at = self._at if at is None else at
        position = self._tokens[at].start if at < len(self._tokens) else len(self.text)
        raise PhraseError(self.text, position, problem or f"expected {_DATE}")
