"""The dumbest model of EDTF that can be right: lists of days, matched as text.

A date is the list of the days that it can be, found by comparing its text with the ISO
text of every day from 2010 to 2020. An extent is every start paired with every end
that is not before it, an all-of set is a list of such dates. Nothing of the library is
used but `Answer`. Days are their ordinals; `-inf` and `inf` stand for all days before
and after those years.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache

from attrs import field, frozen
from hypothesis import strategies as st
from hypothesis.vendor.pretty import RepresentationPrinter

from bri_timeline import Answer


_FIRST, _LAST = date(2010, 1, 1), date(2020, 12, 31)
CALENDAR = tuple(_FIRST + timedelta(n) for n in range((_LAST - _FIRST).days + 1))
BEFORE, AFTER = -math.inf, math.inf
# Months of each division of a year, written out; 13 and 14 are of the next year.
SEASONS = {
    21: (3, 4, 5), 22: (6, 7, 8), 23: (9, 10, 11), 24: (12, 13, 14),
    25: (3, 4, 5), 26: (6, 7, 8), 27: (9, 10, 11), 28: (12, 13, 14),
    29: (9, 10, 11), 30: (12, 13, 14), 31: (3, 4, 5), 32: (6, 7, 8),
    33: (1, 2, 3), 34: (4, 5, 6), 35: (7, 8, 9), 36: (10, 11, 12),
    37: (1, 2, 3, 4), 38: (5, 6, 7, 8), 39: (9, 10, 11, 12),
    40: (1, 2, 3, 4, 5, 6), 41: (7, 8, 9, 10, 11, 12),
}  # fmt: skip

DaySet = frozenset[float]
EVER: DaySet = frozenset({BEFORE, *(day.toordinal() for day in CALENDAR), AFTER})


def answer(cases: Iterable[bool]) -> Answer:
    """Return yes when all cases are true, no when none is, else maybe."""
    seen = set(cases)
    if len(seen) > 1:
        return Answer.MAYBE
    return Answer.YES if seen == {True} else Answer.NO


@cache
def days_of(text: str) -> DaySet:
    """Return the days of a year, month, day or season, with any digit an X."""
    year, _, rest = text.partition("-")
    if rest.isdigit() and int(rest) in SEASONS:
        allowed = SEASONS[int(rest)]
        return frozenset(
            day.toordinal()
            for day in CALENDAR
            for month, its_year in (
                (day.month, day.year),
                (day.month + 12, day.year - 1),
            )
            if month in allowed and _fits(year, str(its_year))
        )
    return frozenset(day.toordinal() for day in CALENDAR if _fits(text, str(day)))


def _fits(pattern: str, text: str) -> bool:
    return re.match(pattern.replace("X", "."), text) is not None


def since(day: float) -> DaySet:
    """Return *day* and all that follow."""
    return frozenset(other for other in EVER if other >= day)


def until(day: float) -> DaySet:
    """Return *day* and all that precede."""
    return frozenset(other for other in EVER if other <= day)


@frozen
class Said:
    """What a text says; Hypothesis shows the text alone."""

    text: str

    def _repr_pretty_(self, printer: RepresentationPrinter, _: bool) -> None:
        printer.text(repr(self.text))


@frozen
class Single(Said):
    """One day, any of *days*."""

    days: DaySet = field(repr=False)

    @property
    def firsts(self) -> DaySet:
        """What its first day can be."""
        return self.days

    @property
    def lasts(self) -> DaySet:
        """What its last day can be."""
        return self.days

    @property
    def inside(self) -> tuple[DaySet, DaySet]:
        """The days that are within the period it names: for certain, and perhaps."""
        return self.days, self.days


@frozen
class Lasting(Said):
    """An extent.

    Attributes:
        start: What its start can be.
        end: What its end can be.
        unknown_start: The start has no date.
        no_end: The end has no date, or is open.
    """

    start: DaySet = field(repr=False)
    end: DaySet = field(repr=False)
    unknown_start: bool = False
    no_end: bool = False

    @property
    def firsts(self) -> DaySet:
        """The starts for which there is an end that is not before."""
        return self.start & until(max(self.end))

    @property
    def lasts(self) -> DaySet:
        """The ends for which there is a start that is not after."""
        return self.end & since(min(self.start))

    def active_on(self, day: float) -> Answer:
        """Tell whether *day* lies in it, for every pair of start and end."""
        if all(start <= day for start in self.firsts) and self.lasts <= since(day):
            return Answer.YES
        pairs = any(start <= day for start in self.start) and self.end & since(day)
        return Answer.MAYBE if pairs else Answer.NO

    @property
    def inside(self) -> tuple[DaySet, DaySet]:
        """Dated ends count whole, and ends without a date may be any day."""
        starts = self.start if self.unknown_start else {min(self.start)}
        ends = self.end if self.no_end else {max(self.end)}
        low, high = min(starts), max(ends)
        latest_start = max(starts & until(high) if self.unknown_start else starts)
        earliest_end = min(ends & since(low) if self.no_end else ends)
        certain = since(latest_start) & until(earliest_end)
        return certain, since(low) & until(high)


@frozen
class AllOf(Said):
    """Several days, one from each of *members*."""

    members: tuple[DaySet, ...] = field(repr=False)

    @property
    def firsts(self) -> DaySet:
        """What the first of them can be: one that no other must precede."""
        limit = min(max(member) for member in self.members)
        return frozenset().union(*self.members) & until(limit)

    @property
    def lasts(self) -> DaySet:
        """What the last of them can be: one that no other must follow."""
        limit = max(min(member) for member in self.members)
        return frozenset().union(*self.members) & since(limit)

    @property
    def inside(self) -> tuple[DaySet, DaySet]:
        """All days that it names."""
        days = frozenset[float]().union(*self.members)
        return days, days


# --- strategies -----------------------------------------------------------------

YEARS = st.sampled_from(["2015", "2016", "201X"])
_MONTHS = st.sampled_from(["01", "02", "03", "12", "XX", "1X", "0X", "X2"])
_DAYS = st.sampled_from(
    ["01", "15", "28", "29", "30", "31", "XX", "0X", "2X", "3X", "X1"]
)
_MARKS = st.sampled_from(["", "", "", "?", "~", "%"])
_BOUNDARIES = ["01-01", "01-31", "02-01", "02-28", "02-29", "03-01", "12-31"]
_NEAR = st.sampled_from(
    [
        day
        for day in CALENDAR
        if 2014 <= day.year <= 2017 and str(day)[5:] in _BOUNDARIES
    ]
)
_SINGLE_DAYS = st.sampled_from(["2016-02-29", "2016-03-01", "2015-12-31"])
_LONG = st.sampled_from(["2015", "2016", "2016-02"])
# Drawn from few days, so that dates and questions often meet on the same one.
QUESTION_DAYS = st.one_of(_SINGLE_DAYS.map(date.fromisoformat), _NEAR)


def written(*, plain: bool = False) -> st.SearchStrategy[str]:
    """Generate texts of the form of a date; the day may not exist."""
    years = YEARS.filter(str.isdigit) if plain else YEARS
    months = _MONTHS.filter(str.isdigit) if plain else _MONTHS
    days = _DAYS.filter(str.isdigit) if plain else _DAYS
    seasons = st.sampled_from([str(number) for number in SEASONS])
    return st.one_of(
        years,
        st.tuples(years, months).map("-".join),
        st.tuples(years, months, days).map("-".join),
        *([] if plain else [st.tuples(years, seasons).map("-".join)]),
    )


def dates(*, plain: bool = False) -> st.SearchStrategy[Single]:
    """Generate dates that exist, masked and qualified unless *plain*."""
    texts = st.one_of(written(plain=plain).filter(days_of), _SINGLE_DAYS, _LONG)
    marks = st.just("") if plain else _MARKS
    return st.tuples(texts, marks).map(_dated)


def _dated(parts: tuple[str, str]) -> Single:
    return Single("".join(parts), days_of(parts[0]))


NAMED_DAYS = _SINGLE_DAYS.map(lambda text: Single(text, days_of(text)))


@st.composite
def ranges(draw: st.DrawFn) -> Single:
    """Generate `a..b` with every day from the first to the last of the two."""
    one, two = draw(dates()), draw(dates())
    left, right = sorted((one, two), key=lambda date: (min(date.days), max(date.days)))
    days = since(min(left.days)) & until(max(right.days))
    return Single(f"{left.text}..{right.text}", days)


@st.composite
def choices(draw: st.DrawFn) -> Single:
    """Generate `[a,b..c]`, with `..` before the first or behind the last at times."""
    members = draw(st.lists(st.one_of(dates(), ranges()), max_size=3))
    texts, days = [m.text for m in members], [m.days for m in members]
    if not members or draw(st.booleans()):
        edge = draw(dates())
        if draw(st.booleans()):
            texts.insert(0, f"..{edge.text}")
            days.append(until(max(edge.days)))
        else:
            texts.append(f"{edge.text}..")
            days.append(since(min(edge.days)))
    return Single(f"[{','.join(texts)}]", frozenset().union(*days))


def singles() -> st.SearchStrategy[Single]:
    """Generate everything that is one day."""
    return st.one_of(dates(), choices())


@st.composite
def extents(draw: st.DrawFn, today: float) -> Lasting:
    """Generate extents; an open end is seen from *today*, and so is after it."""
    one, two = draw(dates()), draw(dates())
    start, end = (one, two) if min(one.days) <= max(two.days) else (two, one)
    return draw(
        st.sampled_from(
            [
                Lasting(f"{start.text}/{end.text}", start.days, end.days),
                Lasting(f"/{end.text}", EVER, end.days, unknown_start=True),
                Lasting(f"../{end.text}", frozenset({BEFORE}), end.days),
                Lasting(f"{start.text}/", start.days, EVER, no_end=True),
                Lasting(f"{start.text}/..", start.days, since(today + 1), no_end=True),
            ]
        )
    )


@st.composite
def several(draw: st.DrawFn) -> AllOf:
    """Generate `{a,b..c}`, where a range of years is each of these years."""
    texts, members = [], []
    for _ in range(draw(st.integers(1, 3))):
        one = draw(dates())
        texts.append(one.text)
        members.append(one.days)
    if draw(st.booleans()):
        one, two = sorted(
            draw(
                st.tuples(*[dates(plain=True)] * 2).filter(
                    lambda pair: len(pair[0].text) == len(pair[1].text)
                )
            ),
            key=lambda date: date.text,
        )
        texts.append(f"{one.text}..{two.text}")
        span = since(min(one.days)) & until(max(two.days))
        named = {
            str(CALENDAR[0].fromordinal(int(day)))[: len(one.text)] for day in span
        }
        members.extend(days_of(text) for text in named)
    return AllOf(f"{{{','.join(texts)}}}", tuple(members))
