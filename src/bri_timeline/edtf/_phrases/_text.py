"""From the periods that a phrase can mean to the text of one EDTF date."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from bri_timeline.edtf._calendar import civil, month_length
from bri_timeline.edtf._phrases._periods import DAY, MONTH, YEAR, Period
from bri_timeline.edtf._shapes import OPEN_END


__all__ = ["each_of", "end_of", "named", "one_of", "written"]

_FEW = 2
# The codes of ISO 8601-2:2019 4.8.3.6 for the months from one to another.
_MONTHS = {
    ("01", "03"): 33, ("04", "06"): 34, ("07", "09"): 35, ("10", "12"): 36,
    ("01", "04"): 37, ("05", "08"): 38, ("09", "12"): 39,
    ("01", "06"): 40, ("07", "12"): 41,
}  # fmt: skip


def one_of(periods: Iterable[Period]) -> str:
    """Write one day that lies in any of some periods.

    Periods that overlap and have no names are written as one range, as are three or
    more in a row.
    """
    members: list[str] = []
    for run in _runs(periods):
        if len(run) <= _FEW and (all(map(named, run)) or not _overlap(run)):
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


def end_of(periods: Iterable[Period], *, widened: bool) -> str | None:
    """Write an end of an extent, which EDTF gives as one date; None if it has none.

    Args:
        periods: All that the end can be.
        widened: Days may be written as the month around them, months as the year.
    """
    runs = _runs(periods)
    first, last = runs[0][0].first, max(period.last for period in runs[0])
    texts = {written(period) for period in runs[0]}
    if len(runs) > 1:
        return None
    if len(texts) == 1 and ((text := texts.pop()) == OPEN_END or OPEN_END not in text):
        return text
    text = _span(first, last, YEAR)
    start, _, end = text.partition(OPEN_END)
    if not end:
        return start
    year, month, day = start[:4], start[5:7], start[8:]
    code = _MONTHS.get((month, end[5:])) if year == end[:4] else None
    if code is not None:
        return f"{year}-{code}"
    around = f"{year}-{month}" if day else year
    return around if widened and end.startswith(around) else None


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


# --- days ----------------------------------------------------------------------


def written(period: Period) -> str:
    """Write a period by its name, or by its first and its last day."""
    if period.text is not None:
        return period.text
    return _span(period.first, period.last, period.grain)


def named(period: Period) -> str | None:
    """Return the name of a period that EDTF gives one without digits left out."""
    text = written(period)
    return None if OPEN_END in text or "X" in text else text


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
