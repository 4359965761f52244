"""Sets of days, most of them far too large to list.

A set is held as spans (from a day to a day) and masks (some years, in each of them
some months, in each of those some days). A mask is never listed day by day: what is
asked of it is answered by looking at the next year that could matter.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

from bri_timeline.edtf._calendar import year_of, year_start
from bri_timeline.edtf._mask import MONTHS, Mask
from bri_timeline.edtf._spans import (
    Span,
    bits_between,
    first_of,
    joined,
    last_of,
    spans_meet,
    uncovered,
)


__all__ = ["Days"]


class Days:
    """A set of days.

    Args:
        spans: In any order; those that touch are joined.
        masks: Further members.
    """

    __slots__ = ("first", "last", "masks", "spans")

    first: float
    last: float

    def __init__(
        self, spans: Iterable[Span] = (), masks: tuple[Mask, ...] = ()
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
        days = cls.__new__(cls)
        days.spans, days.masks = (Span(first, last),), ()
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
        whole = days is None and months == MONTHS
        if whole and isinstance(years, range) and years.step == 1:
            return cls.between(year_start(years[0]), year_start(years[-1] + 1) - 1)
        mask = Mask(years, months, days)
        if len(years) == 1:
            return cls(Span(first, last) for first, last in mask.runs(years[0]))
        return cls(masks=(mask,))

    @classmethod
    def union(cls, parts: Iterable[Days]) -> Days:
        """Return the days that are in any of *parts*."""
        spans: list[Span] = []
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
        """Tell whether there is any member."""
        return self.first <= self.last

    def __contains__(self, day: float) -> bool:
        """Tell whether *day* is a member."""
        return self.at_or_after(day) == day

    def at_or_after(self, day: float) -> float | None:
        """Return the first member that is not before *day*, if there is one."""
        found: list[float | None] = [mask.at_or_after(day) for mask in self.masks]
        index = bisect_left(self.spans, day, key=last_of)
        if index < len(self.spans):
            found.append(max(self.spans[index].first, day))
        return min((one for one in found if one is not None), default=None)

    def at_or_before(self, day: float) -> float | None:
        """Return the last member that is not after *day*, if there is one."""
        found: list[float | None] = [mask.at_or_before(day) for mask in self.masks]
        index = bisect_right(self.spans, day, key=first_of) - 1
        if index >= 0:
            found.append(min(self.spans[index].last, day))
        return max((one for one in found if one is not None), default=None)

    def meets(self, other: Days) -> bool:
        """Tell whether a day is in both."""
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
        """Tell whether every member is a member of *other*."""
        for span in self.spans:
            for left in uncovered(span, other.spans):
                if not other.masks or not _years_covered(left, other):
                    return False
        return all(
            mask.bits(year) & ~other.bits(year) == 0
            for mask in self.masks
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
        """Tell at once whether one span holds the whole mask."""
        first, last = mask.at_or_after(-math.inf), mask.at_or_before(math.inf)
        if first is None or last is None:
            return True
        return next(uncovered(Span(first, last), self.spans), None) is None


def _mask_meets(mask: Mask, spans: Sequence[Span]) -> bool:
    for span in spans:
        member = mask.at_or_after(span.first)
        if member is None:
            return False
        if member <= span.last:
            return True
    return False


def _years_covered(span: Span, cover: Days) -> bool:
    """Tell whether *cover*, which has masks, holds all of *span*, year by year."""
    inside = cover.first <= span.first and span.last <= cover.last
    if not inside or math.inf in (-span.first, span.last):
        return False
    years = range(year_of(int(span.first)), year_of(int(span.last)) + 1)
    return all(bits_between(year, span) & ~cover.bits(year) == 0 for year in years)
