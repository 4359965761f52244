"""The English words that dates are made of, and a cursor over them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple, NoReturn, TypeVar

from bri_timeline.errors import PhraseError


def _numbered(names: str, first: int) -> dict[str, int]:
    """Number groups of names, which commas separate."""
    groups = enumerate(names.split(","), first)
    return {name: number for number, group in groups for name in group.split()}


MONTHS = _numbered(
    "january jan,february feb,march mar,april apr,may,june jun,july jul,august aug,"
    "september sept sep,october oct,november nov,december dec",
    1,
)
WEEKDAYS = _numbered(
    "monday mon,tuesday tues tue,wednesday wed,thursday thurs thur thu,friday fri,"
    "saturday sat,sunday sun",
    0,
)
SEASONS = _numbered("spring,summer,autumn fall,winter", 21)
COUNTS = _numbered(
    "a an one,two,three,four,five,six,seven,eight,nine,ten,eleven,twelve", 1
)
# A unit and how many of it there are in one that is named.
UNITS = {
    name: (unit, count)
    for word, unit, count in (
        *((unit, unit, 1) for unit in ("hour", "day", "week", "month", "year")),
        ("decade", "decade", 1),
        ("fortnight", "week", 2),
    )
    for name in (word, f"{word}s", f"{word}s'", f"{word}'s")
}
ORDINALS = ("st", "nd", "rd", "th")
# Days of a month in words. The longer of two that begin alike comes first.
ORDINAL_DAYS = (
    {
        f"{tens}{joint}{name}": ten + unit
        for tens, ten, most in (("twenty", 20, 9), ("thirty", 30, 1))
        for joint in (" - ", " ")
        for name, unit in _numbered(
            "first,second,third,fourth,fifth,sixth,seventh,eighth,ninth", 1
        ).items()
        if unit <= most
    }
    | _numbered(
        "first,second,third,fourth,fifth,sixth,seventh,eighth,ninth,tenth,eleventh,"
        "twelfth,thirteenth,fourteenth,fifteenth,sixteenth,seventeenth,eighteenth,"
        "nineteenth,twentieth",
        1,
    )
    | {"thirtieth": 30}
)
# Which one of its kind, from the first on, or from the last back.
PLACES = _numbered("first,second,third,fourth", 1) | {"last": -1, "final": -1}
PLACES |= {"1 st": 1, "2 nd": 2, "3 rd": 3, "4 th": 4}
NEARLY = ("nearly", "almost")
ABOUT = ("around", "about", "approximately", "roughly", "circa", "ca", "c")
# A night belongs to two days.
DAY_PARTS = {
    **dict.fromkeys(("morning", "afternoon", "evening"), "within"),
    "night": "night",
}
HALVES_OF_DAYS = ("am", "pm", "a m", "p m")
# The first and the last day, counted from that of publication, and whether it is all of
# that day, rather than some hours.
ADVERBS = {
    "today": (0, 0, True),
    "tonight": (0, 1, False),
    "this morning": (0, 0, False),
    "this afternoon": (0, 0, False),
    "this evening": (0, 0, False),
    "last night": (-1, 0, False),
    "yesterday": (-1, -1, True),
    "tomorrow": (1, 1, True),
    "day before yesterday": (-2, -2, True),
    "day after tomorrow": (2, 2, True),
}
# The longer of two that begin alike comes first; the parts are those of `part_of()`.
PARTS = {
    **dict.fromkeys(("early in", "early on", "early -", "early"), "early"),
    **dict.fromkeys(("late in", "late on", "late -", "late"), "late"),
    **dict.fromkeys(("mid -", "mid"), "mid"),
    **dict.fromkeys(("beginning of", "start of"), "beginning"),
    "middle of": "mid",
    "last quarter of": "quarter 4",
    "end of": "end",
    **dict.fromkeys(("earlier in", "later in"), "within"),
    **{
        f"{word} half{of}": f"half {number}"
        for word, number in (
            ("first", 1), ("1 st", 1), ("second", 2), ("2 nd", 2), ("latter", 2)
        )
        for of in (" of", "")
    },
    **{
        f"{name}{of}": f"{word} {number}"
        for word, most in (("half", 2), ("quarter", 4))
        for number in range(1, most + 1)
        for name in (f"{word[0]} {number}", f"{number} {word[0]}")
        for of in (" of", "")
    },
    **{
        f"{word}{joint}quarter{of}": f"quarter {number}"
        for word, number in (
            ("first", 1), ("second", 2), ("third", 3), ("fourth", 4),
            ("1 st", 1), ("2 nd", 2), ("3 rd", 3), ("4 th", 4),
            ("final", 4),
        )
        for joint in (" ", " - ")
        for of in (" of", "")
    },
}  # fmt: skip
# What may stand behind a year, or alone.
NUMBERED_PARTS = {
    name: part
    for name, part in PARTS.items()
    if part[-1:].isdecimal() and name[-3:] != " of"
}
# The month and day of days that have a name, and the part of it that is meant. At
# Christmas may be on its eve, or the day after.
FEASTS = {
    "christmas eve": (12, 24, None),
    "christmas day": (12, 25, None),
    "christmas": (12, 25, "feast"),
    "new year's eve": (12, 31, None),
    "new year's day": (1, 1, None),
}

# What years are spoken in: "nineteen ninety-six", "two thousand and five".
_UNITS_SPOKEN = _numbered("one,two,three,four,five,six,seven,eight,nine", 1)
_TEENS = _numbered(
    "ten,eleven,twelve,thirteen,fourteen,fifteen,sixteen,seventeen,eighteen,nineteen",
    10,
)
_TENS = {
    name: 10 * number
    for name, number in _numbered(
        "twenty,thirty,forty,fifty,sixty,seventy,eighty,ninety", 2
    ).items()
}
SPOKEN = (*_TEENS, *_TENS, "thousand")
# "Twelve thirty" is a time.
_CENTURIES = _numbered("sixteen,seventeen,eighteen,nineteen,twenty", 16)

_VAGUE = "is not a measure: take the date from another source"
_ELSEWHERE = "counts from a date outside the phrase: give that date itself"
_LASTED = "says how long, not when: give the days on which it began and ended"
_AGO = "follows a number of days, weeks, months or years: 'six months ago'"
_OTHER_YEAR = "need not run from January: give the months"
_REASONS = {
    _VAGUE: (
        "recently recent soon lately now currently presently shortly eventually few "
        "several many some couple more less fewer over under nearly almost barely "
        "dozen decades ages long most least"
    ),
    _ELSEWHERE: (
        "that then same following previous preceding subsequent earlier later "
        "thereafter meanwhile after before"
    ),
    _AGO: "ago",
    _LASTED: "for lasting throughout",
    _OTHER_YEAR: "fiscal financial season",
}
_REFUSED_WORDS = {
    word: why for why, words in _REASONS.items() for word in words.split()
}


# --- a cursor over them --------------------------------------------------------------

_T = TypeVar("_T")

_LONGEST = 200
# "Two thousand and twenty-five".
_LONGEST_YEAR = 6
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
    """A word in lower case, a number or a mark, with its position in the text."""

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
        self._tokens = _with_years(self._tokens)

    @property
    def place(self) -> int:
        """The index of the next token; set it to go back."""
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
            words = phrase.split()
            if [self.peek(offset) for offset in range(len(words))] == words:
                self._at += len(words)
                return phrase
        return None

    def choice(self, table: Mapping[str, _T]) -> _T | None:
        """Step over a word or phrase of *table*, and return its value."""
        phrase = self.takes(*table)
        return None if phrase is None else table[phrase]

    def number(self, low: int, high: int) -> int | None:
        """Step over a number in a range, and return it."""
        text = self.peek()
        if not text.isdecimal() or not low <= int(text) <= high:
            return None
        self._at += 1
        return int(text)

    def day(self) -> int | None:
        """Step over a day of a month, as a number or a word, and return it."""
        day = self.number(1, 31)
        if day is None:
            return self.choice(ORDINAL_DAYS)
        self.takes(*ORDINALS)
        return day

    def finish(self) -> None:
        """Make sure that nothing follows."""
        if self.peek():
            self.fail("this belongs to no date that is understood: leave it out")

    def fail(self, problem: str | None = None, *, at: int | None = None) -> NoReturn:
        """Raise a `PhraseError`; words known to give no date are named first.

        Args:
            problem: What is wrong; None if a date was expected.
            at: The place among the tokens; None for where the cursor stands.
        """
        if at is None:
            for token in self._tokens:
                if (reason := _REFUSED_WORDS.get(token.text)) is not None:
                    message = f"{token.text!r} {reason}"
                    raise PhraseError(self.text, token.start, message)
        at = self._at if at is None else at
        position = self._tokens[at].start if at < len(self._tokens) else len(self.text)
        raise PhraseError(self.text, position, problem or f"expected {_DATE}")


# --- years in words -------------------------------------------------------------------


def _with_years(tokens: list[Token]) -> list[Token]:
    """Write years that are spelled out in digits."""
    written: list[Token] = []
    place = 0
    while place < len(tokens):
        texts = [token.text for token in tokens[place : place + _LONGEST_YEAR]]
        year, length = _spoken_year(texts)
        start = tokens[place].start
        written.append(Token(str(year), start) if length else tokens[place])
        place += length or 1
    return written


def _spoken_year(texts: list[str]) -> tuple[int, int]:
    """Return the year with which some words begin, and how many words it takes."""
    if texts[:2] == ["two", "thousand"]:
        joint = int(texts[2:3] == ["and"])
        rest, length = _below_hundred(texts[2 + joint :])
        return 2000 + rest, 2 + (joint + length if length else 0)
    century = _CENTURIES.get(texts[0], 0)
    rest, length = _below_hundred(texts[1:])
    # "Twenty-five" and "nineteen five" are no years.
    if century and rest >= _TEENS["ten"]:
        return century * 100 + rest, 1 + length
    return 0, 0


def _below_hundred(texts: list[str]) -> tuple[int, int]:
    """Return the number with which some words begin, and how many words it takes."""
    first = texts[0] if texts else ""
    if first not in _TENS:
        number = (_UNITS_SPOKEN | _TEENS).get(first, 0)
        return number, int(number > 0)
    joint = int(texts[1:2] == ["-"])
    unit = _UNITS_SPOKEN.get("".join(texts[1 + joint : 2 + joint]), 0)
    return _TENS[first] + unit, 2 + joint if unit else 1
