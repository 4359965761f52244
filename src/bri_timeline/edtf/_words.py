"""Imprecise dates in plain English, for people."""

from __future__ import annotations

import re
from functools import lru_cache

import pendulum

from bri_timeline.edtf._shapes import OPEN_END


__all__ = [
    "words_of",
]


_DATE = re.compile(
    r"(?P<year>Y-?[0-9]+|-?[0-9]{4})"
    r"(?:-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2}))?)?(?P<qualifier>[?~%]?)"
)
_TIME = re.compile(r"(?P<day>[-0-9]+)T(?P<clock>[0-9:]{8})(?P<zone>Z|[-+][0-9:]{5})?")
_MASKED_YEAR = re.compile(r"(?P<digits>[0-9]{1,3})X+")
_MASKED_REST = re.compile(
    r"(?P<known>[0-9]{4})(?P<month>-(?:0[1-9]|1[0-2]|XX))(?P<day>-XX)?"
)
_SEASONS = dict(
    enumerate(
        (
            *("spring", "summer", "autumn", "winter"),
            *("northern spring", "northern summer"),
            *("northern autumn", "northern winter"),
            *("southern spring", "southern summer"),
            *("southern autumn", "southern winter"),
            *("first quarter of", "second quarter of"),
            *("third quarter of", "fourth quarter of"),
            *("first third of", "second third of", "last third of"),
            *("first half of", "second half of"),
        ),
        start=21,
    )
)

# Those that end in the year after that in which they begin.
_TWO_YEARS = (24, 28, 30)
_UNITS = ("year", "month", "day")

# A leap year that pendulum can hold, to format days of years that it cannot.
_STAND_IN = 2000


def words_of(text: str) -> str:
    """Return a canonical EDTF text in English; unchanged if it has no plain wording."""
    if "/" in text:
        words = _extent(text)
    elif text[0] == "[":
        words = _one_of(text[1:-1])
    elif text[0] == "{":
        words = _all_of(text[1:-1])
    else:
        words = _alone(text)
    return text if words is None else words


# --- one date ----------------------------------------------------------------
def _alone(text: str) -> str | None:
    """Return the words of a date by itself."""
    if (match := _DATE.fullmatch(text)) is not None:
        name, mark = _name(match), match["qualifier"]
        around = "around " if mark in ("~", "%") else ""
        doubt = ", uncertain" if mark in ("?", "%") else ""
        vague = match["day"] is None and not mark and _season(match) is None
        return f"{'some time in ' if vague else around}{name}{doubt}"
    if (match := _TIME.fullmatch(text)) is not None:
        zone = "" if match["zone"] is None else f" UTC{match['zone'].strip('Z')}"
        return f"{_short(match['day'])}, {match['clock']}{zone}"
    if (match := _MASKED_REST.fullmatch(text)) is not None:
        known, month = match["known"], match["month"].replace("-XX", "")
        phrase = "in some month" if match["day"] is None else "on some day"
        return f"{phrase} of {_short(known + month)}"
    match = _MASKED_YEAR.fullmatch(text)
    return None if match is None else _masked_year(match["digits"])


def _masked_year(digits: str) -> str:
    """Return a decade or century; `200X` and `20XX` would both be "the 2000s"."""
    first, last = f"{digits:0<4}", f"{digits:9<4}"
    if digits[0] != "0" and len(digits) > 1 and digits[-1] != "0":
        return f"some time in the {first}s"
    return f"some time from {_year(first)} to {_year(last)}"


def _name(match: re.Match[str]) -> str:
    """Return the name of a year, season, month or day."""
    year = _year(match["year"])
    season = _season(match)
    if season is not None:
        if int(match["month"]) in _TWO_YEARS:
            year = f"{year}/{_year(str(int(match['year']) + 1))}"
        return f"{season} {year}"
    if match["month"] is None:
        return year
    pattern = "MMMM" if match["day"] is None else "D MMMM"
    return f"{_formatted(int(match['month']), int(match['day'] or 1), pattern)} {year}"


def _season(match: re.Match[str]) -> str | None:
    return None if match["month"] is None else _SEASONS.get(int(match["month"]))


@lru_cache(1024)
def _formatted(month: int, day: int, pattern: str) -> str:
    """Return the month and day in words, without the year: pendulum ends at 9999."""
    return pendulum.Date(_STAND_IN, month, day).format(pattern, locale="en")


def _year(text: str) -> str:
    """Return a year in words; 0 is 1 BC, as in ISO 8601."""
    if text.startswith(("-", "Y-")):
        return f"{int(text.lstrip('Y-')) + 1} BC"
    digits = text.lstrip("Y0")
    if not digits:
        return "1 BC"
    return digits if len(digits) > 3 else f"AD {digits}"


def _short(text: str) -> str | None:
    """Return a date as part of a phrase; None if it has no plain wording."""
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    mark = match["qualifier"]
    around = "around " if mark in ("~", "%") else ""
    return f"{around}{_name(match)}{' (uncertain)' if mark in ('?', '%') else ''}"


# --- two dates ------------------------------------------------------------------
def _extent(text: str) -> str | None:
    start, _, end = text.partition("/")
    first, last = _short(start), _short(end)
    if first is not None and last is not None:
        return f"from {first} to {last}"
    if first is not None:
        return {OPEN_END: f"since {first}", "": f"from {first}, end unknown"}.get(end)
    if last is None:
        return None
    starts = {OPEN_END: f"until {last}, start open", "": f"until {last}, start unknown"}
    return starts.get(start)


def _between(start: str, end: str) -> str | None:
    """Return a range; a month or year that both ends share is named once."""
    first, last = _short(start), _short(end)
    if first is None or last is None:
        return None
    words, further = first.split(" "), last.split(" ")
    # "of" is kept: in "first quarter of 2019" the year belongs to the name.
    while words[1:] and further[1:] and words[-1] == further[-1] and words[-2] != "of":
        words.pop()
        further.pop()
    return f"between {' '.join(words)} and {last}"


def _one_of(members: str) -> str | None:
    if "," in members:
        return _listed([_member(member) for member in members.split(",")], "or")
    start, _, end = members.partition(OPEN_END)
    if start and end:
        return _between(start, end)
    name = _short(start or end)
    if name is None:
        return None
    if _unit(start or end) == "day":
        return f"on or {'after' if start else 'before'} {name}"
    return f"in {name} or {'later' if start else 'earlier'}"


def _member(text: str) -> str | None:
    """Return a date or a range as part of a list."""
    start, dots, end = text.partition(OPEN_END)
    if not dots:
        return _short(text)
    first, last = _short(start), _short(end)
    return None if first is None or last is None else f"{first} to {last}"


def _all_of(members: str) -> str | None:
    """Return several dates in words; None for a set of one date."""
    # `{2016}` is a set of one; worded as 2016 it would be read as one day of it.
    if "," not in members and OPEN_END not in members:
        return None
    return _listed([_each(member) for member in members.split(",")], "and")


def _each(text: str) -> str | None:
    """Return a date, or every date of a range, as part of a list."""
    start, dots, end = text.partition(OPEN_END)
    if not dots:
        return _short(text)
    unit = _unit(start or end)
    words = [_short(part) for part in (start, end) if part]
    if unit is None or unit != _unit(end or start) or None in words:
        return None
    if start and end:
        return f"every {unit} from {words[0]} to {words[1]}"
    return f"every {unit} {'since' if start else 'until'} {words[0]}"


def _unit(text: str) -> str | None:
    """Return the precision of a date; None for seasons and all else."""
    match = _DATE.fullmatch(text)
    if match is None or _season(match) is not None:
        return None
    return _UNITS[(match["month"] is not None) + (match["day"] is not None)]


def _listed(words: list[str | None], joint: str) -> str | None:
    """Join words with commas and, before the last, *joint*."""
    known = [word for word in words if word is not None]
    if len(known) < len(words):
        return None
    return f" {joint} ".join([", ".join(known[:-1]), known[-1]] if known[1:] else known)
