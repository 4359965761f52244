"""Imprecise dates in words, for people."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple, cast

from bri_timeline._strings import Strings
from bri_timeline.edtf._shapes import OPEN_END


_DATE = re.compile(
    r"(?P<year>Y-?[0-9]+|-?[0-9]{4})"
    r"(?:-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2}))?)?(?P<qualifier>[?~%]?)"
)
_TIME = re.compile(r"(?P<day>[-0-9]+)T(?P<clock>[0-9:]{8})(?P<zone>Z|[-+][0-9:]{5})?")
_MASKED_YEAR = re.compile(r"(?P<digits>[0-9]{1,3})X+")
_MASKED_REST = re.compile(
    r"(?P<known>[0-9]{4})(?P<month>-(?:0[1-9]|1[0-2]|XX))(?P<day>-XX)?"
)
_FIRST_SEASON = 21
# Those that end in the year after that in which they begin.
_TWO_YEARS = (24, 28, 30)
_DAY = 2


class _DateWords(NamedTuple):
    """A date in words: by itself, and in the form that follows "of"."""

    plain: str
    of: str


# Claims of a log share many dates, and it takes long to word one.
@lru_cache(4096)
def words_of(text: str, words: Strings) -> str:
    """Return a canonical EDTF text in words; unchanged if it has no plain wording.

    Args:
        text: The text.
        words: The words of a language.
    """
    if "/" in text:
        said = _extent(text, words)
    elif text[0] == "[":
        said = _one_of(text[1:-1], words)
    elif text[0] == "{":
        said = _all_of(text[1:-1], words)
    else:
        said = _alone(text, words)
    return text if said is None else said


def _filled(words: Strings, key: str, **dates: _DateWords) -> str:
    """Return a phrase with dates: in `{date}` as it is, in `{date_of}` after "of"."""
    plain = {name: said.plain for name, said in dates.items()}
    return words(f"when.{key}", **plain, **{f"{n}_of": d.of for n, d in dates.items()})


# --- one date ----------------------------------------------------------------
def _alone(text: str, words: Strings) -> str | None:
    """Return the words of a date by itself."""
    if (match := _DATE.fullmatch(text)) is not None:
        if match["qualifier"]:
            return _marked(match, words, "uncertain").plain
        name = _name(match, words)
        vague = match["day"] is None and not _is_season(match)
        return _filled(words, "vague", date=name) if vague else name.plain
    if (match := _TIME.fullmatch(text)) is not None:
        zone = "" if match["zone"] is None else f" UTC{match['zone'].strip('Z')}"
        clock = _DateWords(match["clock"] + zone, "")
        return _filled(words, "time", date=_sure(match["day"], words), clock=clock)
    if (match := _MASKED_REST.fullmatch(text)) is not None:
        known, month = match["known"], match["month"].replace("-XX", "")
        key = "some_month" if match["day"] is None else "some_day"
        return _filled(words, key, date=_sure(known + month, words))
    match = _MASKED_YEAR.fullmatch(text)
    return None if match is None else _masked_year(match["digits"], words)


def _masked_year(digits: str, words: Strings) -> str:
    """Return a decade or century; `200X` and `20XX` would both be "the 2000s"."""
    first, last = f"{digits:0<4}", f"{digits:9<4}"
    if digits[0] != "0" and len(digits) > 1 and digits[-1] != "0":
        return words("when.decade", year=first)
    start, end = (_DateWords(y, y) for y in map(words.year, (int(first), int(last))))
    return _filled(words, "years", start=start, end=end)


def _name(match: re.Match[str], words: Strings) -> _DateWords:
    """Return the name of a year, season, month or day."""
    year = int(match["year"].lstrip("Y"))
    if match["month"] is None:
        return _DateWords(words.year(year), words.year(year))
    month, day = int(match["month"]), int(match["day"] or 0)
    if month < _FIRST_SEASON:
        return _DateWords(
            words.date(year, month, day), words.date(year, month, day, of=True)
        )
    years = words.year(year)
    if month in _TWO_YEARS:
        years = f"{years}/{words.year(year + 1)}"
    season = words.choice("when.seasons", month - _FIRST_SEASON)
    name = words("when.season", season=season, year=years)
    return _DateWords(name, name)


def _is_season(match: re.Match[str]) -> bool:
    return int(match["month"] or 0) >= _FIRST_SEASON


def _marked(match: re.Match[str], words: Strings, doubt: str) -> _DateWords:
    """Return the name of a date, with what its qualifier says."""
    said, mark = _name(match, words), match["qualifier"]
    for key, marks in (("around", "~%"), (doubt, "?%")):
        if mark and mark in marks:
            plain, of = (_filled(words, key, date=_DateWords(d, d)) for d in said)
            said = _DateWords(plain, of)
    return said


def _short(text: str, words: Strings) -> _DateWords | None:
    """Return a date as part of a phrase; None if it has no plain wording."""
    match = _DATE.fullmatch(text)
    return None if match is None else _marked(match, words, "doubtful")


def _sure(text: str, words: Strings) -> _DateWords:
    """Return a date as part of a phrase, which is a day, a month or a year."""
    return _marked(cast("re.Match[str]", _DATE.fullmatch(text)), words, "doubtful")


# --- two dates ------------------------------------------------------------------
def _extent(text: str, words: Strings) -> str | None:
    start, _, end = text.partition("/")
    first, last = _short(start, words), _short(end, words)
    if first is not None and last is not None:
        return _filled(words, "span", start=first, end=last)
    if first is not None and end in (OPEN_END, ""):
        return _filled(words, "since" if end else "open_end", date=first)
    if last is not None and start in (OPEN_END, ""):
        return _filled(words, "until_open" if start else "until", date=last)
    return None


def _between(start: str, end: str, words: Strings) -> str | None:
    """Return a range; a month or year that both ends share is named once."""
    first, last = _short(start, words), _short(end, words)
    if first is None or last is None:
        return None
    shared = _DateWords(*map(_without_shared, first, last))
    return _filled(words, "between", start=shared, end=last)


def _without_shared(first: str, last: str) -> str:
    words, further = first.split(" "), last.split(" ")
    # A doubt in parentheses is of its own end only.
    if first.endswith(")"):
        return first
    # "of" is kept: in "first quarter of 2019" the year belongs to the name.
    while words[1:] and further[1:] and words[-1] == further[-1] and words[-2] != "of":
        words.pop()
        further.pop()
    return " ".join(words)


def _one_of(members: str, words: Strings) -> str | None:
    if "," in members:
        listed = (_member(member, words) for member in members.split(","))
        return _listed(listed, words("when.or"), words)
    start, _, end = members.partition(OPEN_END)
    if start and end:
        return _between(start, end, words)
    name = _short(start or end, words)
    if name is None:
        return None
    key = ("from" if start else "by") + "_day" * (_unit(start or end) == _DAY)
    return _filled(words, key, date=name)


def _member(text: str, words: Strings) -> str | None:
    """Return a date or a range as part of a list."""
    start, dots, end = text.partition(OPEN_END)
    first, last = _short(start, words), _short(end, words)
    if not dots or first is None or last is None:
        return None if dots or first is None else first.plain
    return _filled(words, "range", start=first, end=last)


def _all_of(members: str, words: Strings) -> str | None:
    """Return several dates in words; None for a set of one date."""
    # `{2016}` is a set of one; worded as 2016 it would be read as one day of it.
    if "," not in members and OPEN_END not in members:
        return None
    listed = (_each(member, words) for member in members.split(","))
    return _listed(listed, words("sentence.and"), words)


def _each(text: str, words: Strings) -> str | None:
    """Return a date, or every date of a range, as part of a list."""
    start, dots, end = text.partition(OPEN_END)
    if not dots:
        return _member(text, words)
    unit = _unit(start or end)
    dates = [_short(part, words) for part in (start, end) if part]
    said = [date for date in dates if date is not None]
    if unit is None or unit != _unit(end or start) or len(said) < len(dates):
        return None
    each = words.choice("when.each", unit)
    every = _DateWords(each, each)
    if start and end:
        return _filled(words, "each_span", each=every, start=said[0], end=said[1])
    key = "each_since" if start else "each_until"
    return _filled(words, key, each=every, date=said[0])


def _unit(text: str) -> int | None:
    """Return how precise a date is: 0 for a year, `_DAY`; None for seasons and else."""
    match = _DATE.fullmatch(text)
    if match is None or _is_season(match):
        return None
    return (match["month"] is not None) + (match["day"] is not None)


def _listed(parts: Iterable[str | None], last: str, words: Strings) -> str | None:
    """Join words with commas and, before the last, another one."""
    known: Sequence[str | None] = [*parts]
    said = [part for part in known if part is not None]
    return words.joined(said, last) if len(said) == len(known) else None
