"""Days of which only some digits are known: `2019-XX-15`, `1X3X-XX-X1`."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from bri_timeline.edtf._calendar import (
    BIT_OF_MONTH,
    day_number,
    is_leap,
    month_length,
    year_of,
)


__all__ = ["MONTHS", "Mask"]

MONTHS = tuple(range(1, 13))
_LEAP_YEAR = 2000


class Mask(NamedTuple):
    """Some *days* (None: all) of some *months* of some *years*, each ascending."""

    years: Sequence[int]
    months: tuple[int, ...]
    days: tuple[int, ...] | None

    def runs(self, year: int, step: int = 1) -> Iterator[tuple[int, int]]:
        """Yield the first and last day of each stretch within *year*.

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

    def meets(self, other: Mask) -> bool:
        """Tell whether a day is in both."""
        years = _common_years(self.years, other.years)
        months = [month for month in self.months if month in other.months]
        if not years or not months:
            return False
        if self.days is None or other.days is None:
            days: Iterable[int] = self.days or other.days or (1,)
        else:
            days = [day for day in self.days if day in other.days]
        found = [
            (month, day)
            for month in months
            for day in days
            if day <= month_length(_LEAP_YEAR, month)
        ]
        return bool(found) and (found != [(2, 29)] or any(map(is_leap, years)))


def _common_years(one: Sequence[int], two: Sequence[int]) -> Sequence[int]:
    """Return the years in both; membership in a `range` costs nothing."""
    if isinstance(one, range) and isinstance(two, range) and one.step == two.step == 1:
        return range(max(one[0], two[0]), min(one[-1], two[-1]) + 1)
    few, many = sorted((one, two), key=len)
    wanted = many if isinstance(many, range) else frozenset(many)
    return [year for year in few if year in wanted]
