"""Periods of the calendar that a phrase can name, and their EDTF texts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from bri_timeline._calendar import civil, day_number, month_length, year_start


YEAR, MONTH, DAY = range(3)
# An open end in EDTF.
OPEN_END = ".."
WINTER = 24
_WEEK = 7
# The codes of ISO 8601-2:2019 4.8.3.6 and the month in which each begins.
_SEASON_STARTS = {21: 3, 22: 6, 23: 9, WINTER: 12}
_FIRST_QUARTER, _FIRST_HALF = 33, 40
# The quarters of a period that a part reaches from and to: no writer calls a day in the
# second half early, or one before the last quarter the end.
_REACH = {
    "early": (0, 2), "mid": (1, 3), "late": (2, 4), "beginning": (0, 1), "end": (3, 4)
}  # fmt: skip
_FEW = 2
# The codes of ISO 8601-2:2019 4.8.3.6 for the months from one to another.
_MONTHS = {
    ("01", "03"): 33, ("04", "06"): 34, ("07", "09"): 35, ("10", "12"): 36,
    ("01", "04"): 37, ("05", "08"): 38, ("09", "12"): 39,
    ("01", "06"): 40, ("07", "12"): 41,
}  # fmt: skip
_WEEK_STARTS = (0, 6)


class PhrasePeriod(NamedTuple):
    """All days from *first* to *last*.

    Attributes:
        first: A day number, or minus infinity.
        last: A day number, or infinity.
        grain: What it is written in, where its ends allow: years, months or days.
        kind: `century`, `decade`, `year`, `month`, or `span` for periods whose parts
            are not distinguished.
        sharp: True if the first day is certain, and the same for the last day. The end
            of "early 2019" is not certain.
        text: How EDTF writes it, if not by its first and last day.
    """

    first: float
    last: float
    grain: int = DAY
    kind: str = "span"
    sharp: tuple[bool, bool] = (True, True)
    text: str | None = None

    @property
    def vague(self) -> PhrasePeriod:
        """The same period with uncertain ends."""
        return self._replace(sharp=(False, False))

    def until(self, day: int) -> PhrasePeriod:
        """Return the part up to *day*, on which it has begun."""
        return self if self.last <= day else PhrasePeriod(self.first, day, self.grain)

    def since(self, day: int) -> PhrasePeriod:
        """Return the part from *day* on, on which it is not over."""
        return self if self.first >= day else PhrasePeriod(day, self.last, self.grain)


OPEN = PhrasePeriod(-math.inf, math.inf, text=OPEN_END)
UNKNOWN = PhrasePeriod(-math.inf, math.inf, text="")


# --- what has a name ----------------------------------------------------------


def years_between(first: int, last: int, kind: str = "span") -> PhrasePeriod:
    """Return all days from the first of one year to the last of another."""
    return PhrasePeriod(year_start(first), year_start(last + 1) - 1, YEAR, kind)


def months_between(first: int, last: int, kind: str = "span") -> PhrasePeriod:
    """Return all days of some months, counted from January of year 0."""
    end_year, end_month = divmod(last, 12)
    start = day_number(first // 12, first % 12 + 1, 1)
    end = day_number(end_year, end_month + 1, month_length(end_year, end_month + 1))
    return PhrasePeriod(start, end, MONTH, kind)


def days_between(first: float, last: float) -> PhrasePeriod:
    """Return all days from one day number to another."""
    return PhrasePeriod(first, last)


def year_of(year: int) -> PhrasePeriod:
    """Return a year."""
    return years_between(year, year, "year")


def month_of(year: int, month: int) -> PhrasePeriod:
    """Return a month; beyond 12 it is one of a later year, below 1 of an earlier."""
    return months_between(year * 12 + month - 1, year * 12 + month - 1, "month")


def day_of(number: int) -> PhrasePeriod:
    """Return one day."""
    return PhrasePeriod(number, number)


def week_of(number: int, weekday: int) -> PhrasePeriod:
    """Return the week of a day, of those that begin on *weekday* (0 is Monday)."""
    first = number - (number - 1 - weekday) % _WEEK
    return PhrasePeriod(first, first + _WEEK - 1)


def decade_of(year: int) -> PhrasePeriod:
    """Return the ten years from one that ends in 0."""
    period = years_between(year, year + 9, "decade")
    return period._replace(text=f"{year // 10:03}X")


def century_of(number: int) -> PhrasePeriod:
    """Return a century, with both the years 00 that people count to it."""
    period = years_between(number * 100 - 100, number * 100, "century")
    return period.vague


def season_of(year: int, season: int) -> PhrasePeriod:
    """Return a season (21 to 24), with the months that the parser reads it as."""
    start = year * 12 + _SEASON_STARTS[season] - 1
    period = months_between(start, start + 2)
    return period._replace(text=f"{year:04}-{season}")


def quarter_of(year: int, number: int) -> PhrasePeriod:
    """Return a quarter (1 to 4) of a year."""
    start = year * 12 + number * 3 - 3
    text = f"{year:04}-{_FIRST_QUARTER + number - 1}"
    return months_between(start, start + 2)._replace(text=text)


def half_of(year: int, number: int) -> PhrasePeriod:
    """Return a half (1 or 2) of a year."""
    start = year * 12 + number * 6 - 6
    text = f"{year:04}-{_FIRST_HALF + number - 1}"
    return months_between(start, start + 5)._replace(text=text)


# --- parts of what has a name ---------------------------------------------------

# No writer calls more than half a month the first or the last days of anything.
_SOME_DAYS = 16
_OF = {
    "some": ("year", "month"),
    "quarter": ("year",),
    "half": ("decade", "year", "month"),
    "month": ("year",),
}
_OF |= {"week": ("year", "month"), "day": ("year", "month", "week")}


def has_part(kind: str, part: str) -> bool:
    """Return whether a period of some kind has a part of that name."""
    name = part.split()[0]
    if name in _OF:
        return kind in _OF[name]
    return kind not in ("span", "window") and (name != "mid" or kind != "day")


def part_of(period: PhrasePeriod, part: str) -> PhrasePeriod:
    """Return a part that the period has.

    Args:
        period: One for which `has_part()` is true.
        part: `early`, `mid`, `late`, `beginning`, `end`; `within` for some part;
            `night` for that which follows a day; `feast` for a day and its neighbours;
            `half 1` to `quarter 4`; `day`, `week` or `month` and which of them, such as
            `week 1 3` for the first three and `week -2 -1` for the last two; `some 1`
            and `some -1` for the first and the last days of it.
    """
    name, *numbers = part.split()
    if numbers:
        return _numbered(period, name, *map(int, numbers))
    if name in _REACH:
        return _vague(period, name)
    before, after = {"night": (0, 1), "feast": (1, 1)}.get(name, (0, 0))
    return period._replace(first=period.first - before, last=period.last + after).vague


def _numbered(period: PhrasePeriod, name: str, low: int, high: int = 0) -> PhrasePeriod:
    """Return a half, a quarter, or some days, weeks or months."""
    year, first, last = civil(int(period.first))[0], int(period.first), int(period.last)
    if name == "half" and period.kind != "year":
        return _vague(period, ("early", "late")[low - 1])
    if name == "some":
        edge = _SOME_DAYS - 1
        start, end = (first, first + edge) if low > 0 else (last - edge, last)
        return PhrasePeriod(start, end, sharp=(low > 0, low < 0))
    if not high:
        return (half_of if name == "half" else quarter_of)(year, low)
    if name == "week":
        return _weeks(period, low, high)
    if name == "month":
        start = year * 12 + (low - 1 if low > 0 else 12 + low)
        return months_between(start, min(start + high - low, year * 12 + 11))
    start = first + low - 1 if low > 0 else last + low + 1
    return days_between(start, min(start + high - low, last))


def _weeks(period: PhrasePeriod, low: int, high: int) -> PhrasePeriod:
    """Return some weeks of a period, however weeks and their first one are counted.

    The first may be the first seven days, what there is of the week that has begun, or
    the first whole week.
    """
    first, last = int(period.first), int(period.last)
    if low < 0:
        ends = [week_of(last + 1, start).first - 1 for start in _WEEK_STARTS]
        begin = max(first, min(ends) + low * _WEEK + 1)
        return PhrasePeriod(begin, last, sharp=(False, True))
    whole = [week_of(first - 1, start).last + 1 for start in _WEEK_STARTS]
    begun = min(day if day > first else day + _WEEK for day in whole)
    begin = first if low == 1 else begun + (low - 2) * _WEEK
    end = min(last, max(whole) + high * _WEEK - 1)
    return PhrasePeriod(begin, end, sharp=(low == 1, False))


def _vague(period: PhrasePeriod, name: str) -> PhrasePeriod:
    """Return the early, middle or late part, the beginning or end of a period.

    A period whose parts are not distinguished is returned whole.
    """
    low, high = _REACH[name]
    sharp = (low == 0 and period.sharp[0], high == 4 and period.sharp[1])
    year, month, _ = civil(int(period.first))
    if period.kind == "month":
        few, many = _share(month_length(year, month), low, high)
        part = PhrasePeriod(period.first + few, period.first + many, MONTH)
    elif period.kind == "year":
        few, many = _share(12, low, high)
        months = months_between(year * 12 + few, year * 12 + many)
        part = months._replace(grain=YEAR)
    elif period.kind in ("century", "decade"):
        few, many = _share(civil(int(period.last))[0] - year + 1, low, high)
        part = years_between(year + few, year + many)
    else:
        part = period
    return part._replace(sharp=sharp)


def _share(count: int, low: int, high: int) -> tuple[int, int]:
    """Return the first and last of *count* parts from one quarter to another."""
    return count * low // 4, -(-count * high // 4) - 1


# --- how EDTF writes them -------------------------------------------------------


def one_of(periods: Iterable[PhrasePeriod]) -> str:
    """Write one day that lies in any of some periods.

    Periods that overlap and have no names are written as one range, as are three or
    more in a row.
    """
    members: list[str] = []
    for run in _runs(periods):
        if len(run) <= _FEW and (all(map(named, run)) or not _overlap(run)):
            members.extend(map(written, run))
        else:
            members.append(
                _span(run[0].first, max(period.last for period in run), YEAR)
            )
    if len(members) == 1 and OPEN_END not in members[0]:
        return members[0]
    return f"[{','.join(members)}]"


def each_of(periods: Iterable[PhrasePeriod]) -> str | None:
    """Write several days, one in each of some periods; None if one is a range.

    A range within `{..}` would mean every date in it.
    """
    texts = list(map(written, periods))
    if any(OPEN_END in text for text in texts):
        return None
    return f"{{{','.join(texts)}}}"


def end_of(periods: Iterable[PhrasePeriod], *, widened: bool) -> str | None:
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


def _runs(periods: Iterable[PhrasePeriod]) -> list[list[PhrasePeriod]]:
    """Sort periods into runs that overlap or touch."""
    runs: list[list[PhrasePeriod]] = []
    reached = -math.inf
    for period in sorted(dict.fromkeys(periods), key=_place):
        if runs and period.first <= reached + 1:
            runs[-1].append(period)
        else:
            runs.append([period])
        reached = max(reached, period.last)
    return runs


def _place(period: PhrasePeriod) -> tuple[float, float, str]:
    return period.first, period.last, written(period)


def _overlap(run: Sequence[PhrasePeriod]) -> bool:
    return len(run) == _FEW and run[1].first <= run[0].last


# --- days ----------------------------------------------------------------------


def written(period: PhrasePeriod) -> str:
    """Write a period by its name, or by its first and its last day."""
    if period.text is not None:
        return period.text
    return _span(period.first, period.last, period.grain)


def named(period: PhrasePeriod) -> str | None:
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
