"""Imprecise dates in words, in the language of a table of strings."""

from __future__ import annotations

import re
from typing import cast

import pendulum

from bri_timeline.edtf import Edtf, in_words
from bri_timeline.pages._strings import Strings


__all__ = ["date_words"]


_DATE = re.compile(
    r"(?P<year>-?[0-9]{4})(?:-(?P<month>0[1-9]|1[0-2])(?:-(?P<day>[0-9]{2}))?)?"
    r"(?P<mark>[?~%]?)"
)
_DECADE = re.compile(r"([0-9]{1,3})X+")
# A leap year that pendulum can hold, to word days of years that it cannot.
_STAND_IN = 2000


def date_words(when: Edtf, words: Strings) -> str:
    """Return a date in words; its EDTF text where the table has none for it.

    Args:
        when: The date.
        words: The strings of a language.
    """
    # English has more words: seasons, quarters, times of day.
    if words.code == "en":
        return in_words(when)
    text = str(when)
    if "/" in text:
        start, _, end = text.partition("/")
        found = _extent(_name(start, words), _name(end, words), end, words)
    elif text.startswith("[") and ".." in text and "," not in text:
        start, _, end = text[1:-1].partition("..")
        found = _range(_name(start, words), _name(end, words), words)
    else:
        found = _name(text, words)
    return found or text


def _extent(first: str, last: str, end: str, words: Strings) -> str:
    if first and last:
        return words("dates.span", start=first, end=last)
    if first:
        return words("dates.since" if end == ".." else "dates.open_end", date=first)
    return words("dates.until", date=last) if last else ""


def _range(first: str, last: str, words: Strings) -> str:
    if first and last:
        return words("dates.between", start=first, end=last)
    if first:
        return words("dates.from", date=first)
    return words("dates.by", date=last) if last else ""


def _name(text: str, words: Strings) -> str:
    """Return the words of one date; nothing if the table has none."""
    decade = _DECADE.fullmatch(text)
    if decade is not None:
        first, last = f"{decade[1]:0<4}", f"{decade[1]:9<4}"
        return words("dates.between", start=first, end=last)
    match = _DATE.fullmatch(text)
    if match is None:
        return ""
    year = int(match["year"])
    written = str(year) if year > 0 else words("dates.bc", year=1 - year)
    if match["day"] is not None:
        pattern = words("language.day").replace("YYYY", f"[{written}]")
        day = pendulum.Date(_STAND_IN, int(match["month"]), int(match["day"]))
        written = day.format(pattern, locale=words.code)
    elif match["month"] is not None:
        # pendulum has the forms that follow a day, which differ in Slavic languages.
        names = cast("list[str]", words.tables["markdown"]["months"])
        month = names[int(match["month"]) - 1]
        written = words("markdown.month", month=month, year=written)
    if match["mark"] in ("~", "%"):
        written = words("dates.around", date=written)
    doubtful = match["mark"] in ("?", "%")
    return words("dates.uncertain", date=written) if doubtful else written
