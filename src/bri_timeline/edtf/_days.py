"""Sets of days: sorted spans without gaps, and masks of unspecified digits."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import NamedTuple

from bri_timeline._calendar import (
    BIT_OF_MONTH,
    day_number,
    is_leap,
    month_length,
    year_of,
    year_start,
)


class DaySpan(NamedTuple):
    """All days from *first* to *last*; infinite where that side is open."""

    first: float
    last: float


def first_of(span: DaySpan) -> float:
    return span.first


def last_of(span: DaySpan) -> float:
    return span.last


def joined(spans: Iterable[DaySpan]) -> tuple[DaySpan, ...]:
    """Sort spans and join those that overlap or touch."""
    joined: list[DaySpan] = []
    for span in sorted(spans):
        if joined and span.first <= joined[-1].last + 1:
            if span.last > joined[-1].last:
                joined[-1] = DaySpan(joined[-1].first, span.last)
        else:
            joined.append(span)
    return tuple(joined)


def spans_meet(one: Sequence[DaySpan], two: Sequence[DaySpan]) -> bool:
    """Walk two sorted lists side by side until a day is in both."""
    # Linear: testing every span against every other would be quadratic.
    i = j = 0
    while i < len(one) and j < len(two):
        if one[i].last < two[j].first:
            i += 1
        elif two[j].last < one[i].first:
            j += 1
        else:
            return True
    return False


def uncovered(span: DaySpan, covers: Sequence[DaySpan]) -> Iterator[DaySpan]:
    """Yield the parts of *span* that none of the sorted *covers* reaches."""
    begin = span.first
    # Covers that end before the span are skipped by bisection, not by iteration.
    for cover in covers[bisect_left(covers, begin, key=last_of) :]:
        if cover.first > span.last:
            break
        if cover.first > begin:
            yield DaySpan(begin, cover.first - 1)
        begin = cover.last + 1
    if begin <= span.last and begin < math.inf:
        yield DaySpan(begin, span.last)


def bits_between(year: int, span: DaySpan) -> int:
    """Return the days of *year* that lie in *span*, as bits."""
    bits = 0
    # By month: in the bits, 29 February has a place in every year.
    for month in range(1, 13):
        start = day_number(year, month, 1)
        length = month_length(year, month)
        low = max(0, min(span.first - start, length))
        high = max(-1, min(span.last - start, length - 1))
        if low <= high:
            run = (1 << int(high) - int(low) + 1) - 1
            bits |= run << BIT_OF_MONTH[month] + int(low)
    return bits


class Days:
    """A set of days.

    Args:
        spans: In any order; those that touch are joined.
        masks: Further members.
    """

    __slots__ = ("first", "last", "masks", "spans")

    first: float
    last: float
    masks: tuple[Mask, ...]
    spans: tuple[DaySpan, ...]

    def __init__(
        self, spans: Iterable[DaySpan] = (), masks: tuple[Mask, ...] = ()
    ) -> None:
        self.spans = joined(spans)
        self.masks = masks
        firsts = [span.first for span in self.spans[:1]]
        lasts = [span.last for span in self.spans[-1:]]
        for mask in masks:
            first, last = mask.at_or_after(-math.inf), mask.at_or_before(math.inf)
            if first is not None and last is not None:
                firsts.append(first)
                lasts.append(last)
        self.first = min(firsts, default=math.inf)
        self.last = max(lasts, default=-math.inf)

    @classmethod
    def between(cls, first: float, last: float) -> Days:
        """Return all days from *first* to *last*."""
        # Past `__init__`, which sorts and joins: most sets are one span.
        days = cls.__new__(cls)
        days.spans, days.masks = (DaySpan(first, last),), ()
        days.first, days.last = first, last
        return days

    @classmethod
    def masked(
        cls, years: Sequence[int], months: tuple[int, ...], days: tuple[int, ...] | None
    ) -> Days:
        """Return the days of a mask, as plain spans where these are few.

        Args:
            years: Ascending, not empty; a `range` where there are many.
            months: Ascending, from 1 to 12.
            days: Ascending, from 1 to 31; None for whole months.
        """
        # Whole years in a row have no gap, so a span holds them.
        whole = days is None and months == MONTHS
        if whole and isinstance(years, range) and years.step == 1:
            return cls.between(year_start(years[0]), year_start(years[-1] + 1) - 1)
        mask = Mask(years, months, days)
        # One year has at most 366 spans; a mask of `XXXX-XX-15` has 120,000.
        if len(years) == 1:
            return cls(DaySpan(first, last) for first, last in mask.runs(years[0]))
        return cls(masks=(mask,))

    @classmethod
    def union(cls, parts: Iterable[Days]) -> Days:
        """Return the days that are in any of *parts*."""
        spans: list[DaySpan] = []
        masks: list[Mask] = []
        for part in parts:
            spans.extend(part.spans)
            masks.extend(part.masks)
        return cls(spans, tuple(dict.fromkeys(masks)))

    @property
    def has_gaps(self) -> bool:
        """True if days between the first and the last may be missing."""
        return bool(self.masks) or len(self.spans) > 1

    def __bool__(self) -> bool:
        """Return whether there is any member."""
        return self.first <= self.last

    def __contains__(self, day: float) -> bool:
        """Return whether *day* is a member."""
        return self.at_or_after(day) == day

    def at_or_after(self, day: float) -> float | None:
        """Return the first member that is not before *day*, if there is one."""
        if not self.has_gaps:  # most sets are one span, and some none
            return max(self.first, day) if day <= self.last >= self.first else None
        members: list[float | None] = [mask.at_or_after(day) for mask in self.masks]
        index = bisect_left(self.spans, day, key=last_of)
        if index < len(self.spans):
            members.append(max(self.spans[index].first, day))
        return min((member for member in members if member is not None), default=None)

    def at_or_before(self, day: float) -> float | None:
        """Return the last member that is not after *day*, if there is one."""
        if not self.has_gaps:
            return min(self.last, day) if day >= self.first <= self.last else None
        members: list[float | None] = [mask.at_or_before(day) for mask in self.masks]
        index = bisect_right(self.spans, day, key=first_of) - 1
        if index >= 0:
            members.append(min(self.spans[index].last, day))
        return max((member for member in members if member is not None), default=None)

    def between_days(self, first: float, last: float) -> Days:
        """Return the members from one day to another; either may be infinite."""
        spans = [DaySpan(max(a, first), min(b, last)) for a, b in self.spans]
        masks: list[Mask] = []
        ends = [year_of(int(day)) for day in (first, last) if abs(day) < math.inf]
        for mask in self.masks:
            # Years that are cut become spans; those between stay a mask.
            low = bisect_right(mask.years, ends[0]) if first > -math.inf else 0
            high = bisect_left(mask.years, ends[-1]) if last < math.inf else None
            whole = mask.years[low:high]
            masks += [mask._replace(years=whole)] if whole else []
            for year in {*ends}:
                if year in mask.years:
                    runs = mask.runs(year)
                    spans += [DaySpan(max(a, first), min(b, last)) for a, b in runs]
        return Days((span for span in spans if span.first <= span.last), tuple(masks))

    def as_spans(self, most: int) -> tuple[DaySpan, ...] | None:
        """Return all members as spans; None if these are more than *most*."""
        if not self.masks:
            return self.spans if len(self.spans) <= most else None
        runs = (DaySpan(*run) for m in self.masks for y in m.years for run in m.runs(y))
        spans = [*islice(chain(self.spans, runs), most + 1)]
        return None if len(spans) > most else joined(spans)

    def is_same(self, other: Days) -> bool:
        """Return whether both have the same members."""
        if (self.first, self.last) != (other.first, other.last):
            return False
        if (self.spans, self.masks) == (other.spans, other.masks):
            return True
        return self.within(other) and other.within(self)

    def meets(self, other: Days) -> bool:
        """Return whether a day is in both."""
        if self.last < other.first or other.last < self.first:
            return False
        if spans_meet(self.spans, other.spans):
            return True
        return (
            any(_mask_meets(mask, other.spans) for mask in self.masks)
            or any(_mask_meets(mask, self.spans) for mask in other.masks)
            or any(mine.meets(yours) for mine in self.masks for yours in other.masks)
        )

    def within(self, other: Days) -> bool:
        """Return whether every member is a member of *other*."""
        for span in self.spans:
            for gap in uncovered(span, other.spans):
                if not other.masks or not _years_covered(gap, other):
                    return False
        return all(
            mask.bits(year) & ~other.bits(year) == 0
            for mask in self.masks
            # Comparing by year is slow, and not needed within one span.
            if not other._spans_hold(mask)
            for year in mask.years
        )

    def bits(self, year: int) -> int:
        """Return the members within *year*, as bits."""
        bits = 0
        start: float = year_start(year)
        end = year_start(year + 1) - 1
        for span in self.spans[bisect_left(self.spans, start, key=last_of) :]:
            if span.first > end:
                break
            bits |= bits_between(year, span)
        for mask in self.masks:
            if year in mask.years:
                bits |= mask.bits(year)
        return bits

    def _spans_hold(self, mask: Mask) -> bool:
        """Return whether one span holds the whole mask, without listing its days."""
        first, last = mask.at_or_after(-math.inf), mask.at_or_before(math.inf)
        if first is None or last is None:
            return True
        return next(uncovered(DaySpan(first, last), self.spans), None) is None


def _mask_meets(mask: Mask, spans: Sequence[DaySpan]) -> bool:
    for span in spans:
        member = mask.at_or_after(span.first)
        if member is None:
            return False
        if member <= span.last:
            return True
    return False


def _years_covered(span: DaySpan, cover: Days) -> bool:
    """Return whether *cover*, which has masks, holds all of *span*, year by year."""
    inside = cover.first <= span.first and span.last <= cover.last
    if not inside or math.inf in (-span.first, span.last):
        return False
    # Year by year: a mask may cover what one span leaves out.
    years = range(year_of(int(span.first)), year_of(int(span.last)) + 1)
    return all(bits_between(year, span) & ~cover.bits(year) == 0 for year in years)


MONTHS = tuple(range(1, 13))
_LEAP_YEAR = 2000


class Mask(NamedTuple):
    """Some *days* (None: all) of some *months* of some *years*, each ascending."""

    years: Sequence[int]
    months: tuple[int, ...]
    days: tuple[int, ...] | None

    def runs(self, year: int, step: int = 1) -> Iterator[tuple[int, int]]:
        """Yield the first and last day of each run of days in *year*.

        Args:
            year: One of the years.
            step: 1 for ascending, -1 for descending.
        """
        for month in self.months[::step]:
            start = day_number(year, month, 1)
            length = month_length(year, month)
            if self.days is None:
                yield start, start + length - 1
            else:
                for day in self.days[::step]:
                    if day <= length:
                        yield start + day - 1, start + day - 1

    def at_or_after(self, day: float) -> int | None:
        """Return the first member that is not before *day*."""
        begin = 0
        if day > -math.inf:
            if day == math.inf:
                return None
            begin = bisect_left(self.years, year_of(int(day)))
        # A year may have no member, such as 29 February; then the next one is tried.
        for index in range(begin, len(self.years)):
            for first, last in self.runs(self.years[index]):
                if last >= day:
                    return max(first, int(day)) if day > first else first
        return None

    def at_or_before(self, day: float) -> int | None:
        """Return the last member that is not after *day*."""
        end = len(self.years)
        if day < math.inf:
            if day == -math.inf:
                return None
            end = bisect_right(self.years, year_of(int(day)))
        for index in range(end - 1, -1, -1):
            for first, last in self.runs(self.years[index], -1):
                if first <= day:
                    return int(day) if day < last else last
        return None

    def bits(self, year: int) -> int:
        """Return the members within *year*, as bits."""
        bits = 0
        for month in self.months:
            length = month_length(year, month)
            if self.days is None:
                bits |= ((1 << length) - 1) << BIT_OF_MONTH[month]
            else:
                for day in self.days:
                    if day <= length:
                        bits |= 1 << BIT_OF_MONTH[month] + day - 1
        return bits

    def shared(self, other: Mask) -> Mask | None:
        """Return the mask of the days that are in both, or None; it may be empty."""
        years = _common_years(self.years, other.years)
        months = tuple(month for month in self.months if month in other.months)
        days = self.days or other.days
        if self.days is not None and other.days is not None:
            days = tuple(day for day in self.days if day in other.days)
        if not years or not months or days == ():
            return None
        return Mask(years, months, days)

    def meets(self, other: Mask) -> bool:
        """Return whether a day is in both."""
        both = self.shared(other)
        if both is None:
            return False
        dates = [
            (month, day)
            for month in both.months
            for day in both.days or (1,)
            if day <= month_length(_LEAP_YEAR, month)
        ]
        # Only 29 February depends on the year.
        return bool(dates) and (dates != [(2, 29)] or any(map(is_leap, both.years)))


def _common_years(one: Sequence[int], two: Sequence[int]) -> Sequence[int]:
    """Return the years in both; membership in a `range` costs nothing."""
    if isinstance(one, range) and isinstance(two, range) and one.step == two.step == 1:
        return range(max(one[0], two[0]), min(one[-1], two[-1]) + 1)
    few, many = sorted((one, two), key=len)
    lookup = many if isinstance(many, range) else frozenset(many)
    return [year for year in few if year in lookup]
