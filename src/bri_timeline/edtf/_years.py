"""Ranges of years as people write them: `1938-39`, which EDTF reads as a season."""

from __future__ import annotations

import re
from collections.abc import Iterator


__all__ = ["has_season", "years_meant", "years_within"]

# The patterns are compiled when they are needed: most programs refuse no date.
_ABOUT = r"(?P<about>(?:ca?\.?|circa|about|around|~) ?)?"
_JOINT = "(?:[-/.\u2010-\u2015]|to)"
_RANGE = rf"{_ABOUT}([0-9]{{4}}) ?{_JOINT} ?['\u2019]?([0-9]{{1,2}})(?P<mark>[?~%]?)"
_WITHIN = (
    r"(?<![-0-9Y])([0-9]{4})[-/\u2010-\u2015]([0-9]{2})"
    r"(?![-0-9X]|/[0-9]{1,2}(?![0-9]))"  # not the beginning of a day
)
_SEASON = r"(?<![-0-9Y])[0-9]{4}-(?:2[1-9]|3[0-9]|4[01])(?![-0-9X])"


def years_meant(text: str) -> tuple[str, ...]:
    """Return what EDTF writes for a range of years, if a text may be one.

    >>> years_meant("1938-39"), years_meant("1899/00"), years_meant("2019-04")
    (('1938/1939', '[1938..1939]'), ('1899/1900', '[1899..1900]'), ())

    A second number of one or two digits stands for a later year of the same century,
    or of the same ten years; or for the next year.

    Args:
        text: A text, which may also be a month or a season of EDTF.

    Returns:
        The extent, then the choice; nothing if it is not such a text.
    """
    found = re.fullmatch(_RANGE, text.strip(), re.IGNORECASE)
    last = None if found is None else _last(found[2], found[3])
    if found is None or last is None:
        return ()
    mark = found["mark"] or ("~" if found["about"] else "")
    first, last = f"{found[2]}{mark}", f"{last}{mark}"
    return f"{first}/{last}", f"[{first}..{last}]"


def years_within(text: str) -> Iterator[tuple[str, str, str | None]]:
    """Yield the months and seasons in a date, as years, if they may be that.

    Args:
        text: A date of EDTF, or of a table.

    Yields:
        The part as it is written, its year, and the last year; None for the last if
        the part is no range of years, as `2019-04`.
    """
    for found in re.finditer(_WITHIN, text):
        yield found[0], found[1], _last(found[1], found[2])


def has_season(text: str) -> bool:
    """Return whether a text of EDTF names a season of a year of four digits."""
    return re.search(_SEASON, text) is not None


def _last(first: str, end: str) -> str | None:
    """Return the last year of a range, of which the end is abbreviated."""
    last = first[: -len(end)] + end
    if last > first:
        return last
    following = f"{int(first) + 1:04}"
    return following if following.endswith(end) else None
