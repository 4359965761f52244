"""From the periods that a phrase can mean to the text of one EDTF date."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from bri_timeline.edtf._calendar import civil, month_length
from bri_timeline.edtf._phrases._periods import DAY, MONTH, YEAR, Period
from bri_timeline.edtf._shapes import OPEN_END


__all__ = ["each_of", "lasting", "one_of", "written"]

_FEW = 2


def one_of(periods: Iterable[Period]) -> str:
    """Write one day that lies in any of some periods.

    Periods that overlap are written as one range, as are three or more in a row.
    """
    members: list[str] = []
    for run in _runs(periods):
        if len(run) <= _FEW and not _overlap(run):
            members.extend(map(written, run))
        else:
            members.append(_span(run[0].first, max(one.last for one in run), YEAR))
    if len(members) == 1 and OPEN_END not in members[0]:
        return members[0]
    return f"[{','.join(members)}]"


def each_of(periods: Iterable[Period]) -> str | None:
    """Write several days, one in each of some periods; None if one is a range.

    A range within `{..}` would mean every date in it.
    """
    texts = list(map(written, periods))
    if any(OPEN_END in text for text in texts):
        return None
    return f"{{{','.join(texts)}}}"


def lasting(starts: Iterable[Period], ends: Iterable[Period]) -> str | None:
    """Write an extent; None if an end cannot be told to the year."""
    start, end = _end(list(starts)), _end(list(ends))
    return None if start is None or end is None else f"{start}/{end}"


def _runs(periods: Iterable[Period]) -> list[list[Period]]:
    """Sort periods into runs that overlap or touch."""
    runs: list[list[Period]] = []
    reached = -math.inf
    for period in sorted(dict.fromkeys(periods), key=_place):
        if runs and period.first <= reached + 1:
            runs[-1].append(period)
        else:
            runs.append([period])
        reached = max(reached, period.last)
    return runs


def _place(period: Period) -> tuple[float, float, str]:
    return period.first, period.last, written(period)


def _overlap(run: Sequence[Period]) -> bool:
    return len(run) == _FEW and run[1].first <= run[0].last


def _end(periods: Sequence[Period]) -> str | None:
    """Write an end of an extent, which EDTF gives as one date: the smallest around."""
    text, *others = {written(period) for period in periods}
    if not others and (text == OPEN_END or OPEN_END not in text):
        return text
    first = min(period.first for period in periods)
    last = max(period.last for period in periods)
    (year, month, _), (end_year, end_month, _) = civil(int(first)), civil(int(last))
    if year != end_year:
        return None
    return f"{year:04}-{month:02}" if month == end_month else f"{year:04}"


# --- days ----------------------------------------------------------------------


def written(period: Period) -> str:
    """Write a period by its name, or by its first and its last day."""
    if period.text is not None:
        return period.text
    return _span(period.first, period.last, period.grain)


def _span(first: float, last: float, grain: int) -> str:
    """Write a range in the coarsest unit, from *grain* on, that fits both ends."""
    while not (_starts(first, grain) and _stops(last, grain)):
        grain += 1
    start, end = _name(first, grain), _name(last, grain)
    return start if start == end else f"{start}{OPEN_END}{end}"


def _starts(day: float, grain: int) -> bool:
    if grain == DAY or day == -math.inf:
        return True
    _, month, number = civil(int(day))
    return number == 1 and (grain == MONTH or month == 1)


def _stops(day: float, grain: int) -> bool:
    if grain == DAY or day == math.inf:
        return True
    year, month, number = civil(int(day))
    return number == month_length(year, month) and (grain == MONTH or month == 12)


def _name(day: float, grain: int) -> str:
    if day in (-math.inf, math.inf):
        return ""
    year, month, number = civil(int(day))
    return f"{year:04}-{month:02}-{number:02}"[: (4, 7, 10)[grain]]
