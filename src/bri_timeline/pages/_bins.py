"""Bins of time: how many dates certainly lie in each, and how many may."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, count, islice, pairwise, takewhile

from bri_timeline.pages._marks import YEARS, MarkSpan, month_start
from bri_timeline.pages._wording import civil


# The bins that are tried: by the days of a month on which they begin, then by months.
# A year, a month or a day lies in one bin, or is made of whole ones.
_WITHIN = (range(1, 32), (1, 6, 11, 16, 21, 26), (1, 11, 21), (1, 16))
_MONTHS = (1, 3, 6, *(12 * years for years in YEARS))


def edges_of(first: int, last: int, most: int) -> list[int]:
    """Return the first day of each bin, and the day after the last.

    Bins are periods of the calendar, so that a date of a year is not cut. The first and
    the last bin are shorter where the time begins or ends within a period.

    Args:
        first: The number of the first day.
        last: The number of the last.
        most: The largest number of bins, at least 1.
    """
    starts = (
        *(_within(first, days) for days in _WITHIN),
        *(_by_months(first, months) for months in _MONTHS),
    )
    choices = ([*islice(_up_to(last, edges), most)] for edges in starts)
    inner = next((days for days in choices if len(days) < most), [])
    return [first, *inner, last + 1]


def _up_to(last: int, days: Iterable[int]) -> Iterator[int]:
    return takewhile(lambda day: day <= last, days)


def _within(first: int, starts: Sequence[int]) -> Iterator[int]:
    """Yield the days after a first one on which parts of months begin."""
    year, month, _ = civil(first)
    months = pairwise(map(month_start, count(12 * year + month - 1)))
    parts = ((start + day - 1, end) for start, end in months for day in starts)
    return (day for day, end in parts if first < day < end)


def _by_months(first: int, step: int) -> Iterator[int]:
    """Yield the days after a first one on which every so many months begin."""
    year, month, _ = civil(first)
    start = (12 * year + month - 1) // step + 1
    return (month_start(step * number) for number in count(start))


def counts_in(
    edges: Sequence[int], dates: Iterable[tuple[MarkSpan, bool]]
) -> tuple[list[int], list[int]]:
    """Return how many dates certainly lie in each bin, and how many may.

    A date lies in a bin for certain if all of its days do. It may lie in each bin that
    has one of them.

    Args:
        edges: As `edges_of()` returns them.
        dates: The bounds of dates, each with whether it has come for certain.
    """
    size = len(edges) - 1
    low, rises = [0] * size, [0] * (size + 1)
    for where, is_certain in dates:
        if where.last < edges[0] or where.first >= edges[-1]:
            continue
        first = max(bisect(edges, where.first) - 1, 0)
        last = min(bisect(edges, where.last) - 1, size - 1)
        is_inside = edges[0] <= where.first and where.last < edges[-1]
        if is_certain and is_inside and first == last:
            low[first] += 1
        rises[first] += 1
        rises[last + 1] -= 1
    return low, [*accumulate(rises[:-1])]
