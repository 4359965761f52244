"""Stretches of days without a gap, in sorted lists that neither overlap nor touch."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from bri_timeline.edtf._calendar import BIT_OF_MONTH, day_number, month_length


__all__ = [
    "Span",
    "bits_between",
    "first_of",
    "joined",
    "last_of",
    "spans_meet",
    "uncovered",
]


class Span(NamedTuple):
    """All days from *first* to *last*; infinite where that side is open."""

    first: float
    last: float


def first_of(span: Span) -> float:
    return span.first


def last_of(span: Span) -> float:
    return span.last


def joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Sort spans and join those that overlap or touch."""
    joined: list[Span] = []
    for span in sorted(spans):
        if joined and span.first <= joined[-1].last + 1:
            if span.last > joined[-1].last:
                joined[-1] = Span(joined[-1].first, span.last)
        else:
            joined.append(span)
    return tuple(joined)


def spans_meet(one: Sequence[Span], two: Sequence[Span]) -> bool:
    """Walk two sorted lists side by side until a day is in both."""
    i = j = 0
    while i < len(one) and j < len(two):
        if one[i].last < two[j].first:
            i += 1
        elif two[j].last < one[i].first:
            j += 1
        else:
            return True
    return False


def uncovered(span: Span, covers: Sequence[Span]) -> Iterator[Span]:
    """Yield the parts of *span* that none of the sorted *covers* reaches."""
    begin = span.first
    for cover in covers[bisect_left(covers, begin, key=last_of) :]:
        if cover.first > span.last:
            break
        if cover.first > begin:
            yield Span(begin, cover.first - 1)
        begin = cover.last + 1
    if begin <= span.last and begin < math.inf:
        yield Span(begin, span.last)


def bits_between(year: int, span: Span) -> int:
    """Return the days of *year* that lie in *span*, as bits."""
    bits = 0
    for month in range(1, 13):
        start = day_number(year, month, 1)
        length = month_length(year, month)
        low = max(0, min(span.first - start, length))
        high = max(-1, min(span.last - start, length - 1))
        if low <= high:
            run = (1 << int(high) - int(low) + 1) - 1
            bits |= run << BIT_OF_MONTH[month] + int(low)
    return bits
