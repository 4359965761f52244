"""Dates against dates: Allen's relations, lengths and distances in days.

A date is taken as an interval of whole days, from its first day to the end of its last:
a day as an interval of one. What two dates can be is chosen for each on its own, so two
dates of the same text may be different days.

An open start lies before every day, and so do two of them on the same; an unknown start
is any day up to the end, or open. An unknown end is any day from the start on. An open
end is today or later: the day is not over.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from bri_timeline._answer import Answer
from bri_timeline._calendar import Day, is_leap, month_length, this_day, year_start
from bri_timeline.edtf._bounds import Bounds
from bri_timeline.edtf._days import Days, DaySpan, Mask
from bri_timeline.edtf._shapes import Allen, Bound, Extent, Moment


__all__ = [
    "Interval",
    "days_between",
    "interval_of",
    "intervals",
    "length",
    "near",
    "relations",
]

_CYCLE_DAYS = 146_097  # The calendar repeats every 400 years.
_LEAP_YEAR, _COMMON_YEAR = 2000, 2001


class Interval(NamedTuple):
    """The days on which a date can start and end, where the start is not after the end.

    Attributes:
        starts: The days on which it can start; minus infinity stands for an open start.
        ends: The days on which it can end.
        is_day: Start and end are one day, not chosen each on its own.
        start_bound: The kind of bound at its start.
    """

    starts: Days
    ends: Days
    is_day: bool
    start_bound: Bound = Bound.DATE

    @classmethod
    def of(cls, shape: Moment | Extent, today: int) -> Interval:
        """Return the interval of a day or an extent.

        Args:
            shape: The shape of the date.
            today: An open end lies on this day or later.
        """
        if isinstance(shape, Moment):
            return cls(shape.days, shape.days, is_day=True)
        start, end, bound = shape.start, shape.end, Bound.DATE
        if isinstance(start, Bound):
            bound = start
            last = -math.inf if bound is Bound.OPEN else shape.bounds()[1]
            start = Days.between(-math.inf, last)
        if isinstance(end, Bound):
            first = today if end is Bound.OPEN else shape.bounds()[0]
            end = Days.between(first, math.inf)
        return cls(start, end, is_day=False, start_bound=bound)

    @property
    def beginning(self) -> Interval:
        """The day on which it starts, cut by its end."""
        if self.is_day:
            return self
        cut = self.starts.between_days(-math.inf, self.ends.last)
        starts = self.starts if self.starts.last <= self.ends.last else cut
        return Interval(starts, starts, is_day=True, start_bound=self.start_bound)

    @property
    def earliest_end(self) -> float:
        """The earliest end that has a start."""
        return _or(self.ends.at_or_after(self.starts.first), math.inf)

    @property
    def latest_start(self) -> float:
        """The latest start that has an end."""
        return _or(self.starts.at_or_before(self.ends.last), -math.inf)

    @property
    def touched(self) -> Days:
        """The days of which any can be in it."""
        if self.is_day:
            return self.starts
        return Days.between(self.starts.first, self.ends.last)

    def bounded(self, far: int) -> Interval:
        """Return it with a far day in place of what has no bound.

        Args:
            far: A number well beyond all days of both dates; an open start lies well
                before its negative.
        """
        starts, ends = _bounded(self.starts, far), _bounded(self.ends, far)
        if self.start_bound is not Bound.DATE:
            # Finite, so that what lies behind it can be found by adding one.
            open_start = Days.between(-2 * far, -2 * far)
            is_open = self.start_bound is Bound.OPEN
            starts = open_start if is_open else Days.union([open_start, starts])
        return Interval(starts, ends, self.is_day, self.start_bound)


def _or(day: float | None, otherwise: float) -> float:
    return otherwise if day is None else day


def _bounded(days: Days, far: int) -> Days:
    if -math.inf < days.first and days.last < math.inf:
        return days
    spans = (DaySpan(max(first, -far), min(last, far)) for first, last in days.spans)
    return Days(spans, days.masks)


# --- relations ------------------------------------------------------------------------


def interval_of(
    when: Bounds, today: Day | None = None, question: str = "interval_of"
) -> Interval:
    """Return the days on which a date can start and end.

    Args:
        when: A date; not several days.
        today: An open end lies on this day or later; by default the present day in UTC.
        question: What asks, for the error of several days.
    """
    return _interval(when._interval(question), today)


def intervals(
    one: Moment | Extent, other: Moment | Extent, today: Day | None
) -> tuple[Interval, Interval]:
    """Return the days on which dates of two shapes can start and end."""
    return _interval(one, today), _interval(other, today)


def _interval(shape: Moment | Extent, today: Day | None) -> Interval:
    # The clock is asked for an open end only: that takes longer than all else.
    if today is None and (isinstance(shape, Moment) or shape.end is not Bound.OPEN):
        return Interval.of(shape, 0)
    return Interval.of(shape, this_day(today))


def relations(one: Interval, two: Interval) -> frozenset[Allen]:
    """Return the relations in which an interval may stand to another."""
    sets = one.starts, one.ends, two.starts, two.ends
    days = [abs(day) for day_set in sets for day in (day_set.first, day_set.last)]
    if math.inf in days:
        known = (int(day) for day in days if day < math.inf)
        # With room for every order of days beyond those that are known.
        far = max(known, default=0) + 16
        one, two = one.bounded(far), two.bounded(far)
    possible_relations = set(_forward(one, two))
    possible_relations.update(relation.inverse for relation in _forward(two, one))
    if _may_equal(one, two):
        possible_relations.add(Allen.EQUALS)
    return frozenset(possible_relations)


def _forward(one: Interval, two: Interval) -> Iterator[Allen]:
    """Yield the possible ones of six relations; others are inverses of them, or equal.

    Each is a chain of days, such as start < start <= end < end: it is possible if the
    chain of the earliest days is.
    """
    if one.earliest_end + 1 < two.latest_start:
        yield Allen.BEFORE
    if _may_meet(one, two):
        yield Allen.MEETS
    # What is one day has nothing within it that begins or ends elsewhere.
    if two.is_day:
        return
    last = two.ends.last
    if not one.is_day and _end_from(one, two.starts, one.starts.first + 1) < last:
        yield Allen.OVERLAPS
    start = _first(_common(one.starts, two.starts))
    if start is not None and _or(one.ends.at_or_after(start), math.inf) < last:
        yield Allen.STARTS
    if _end_from(one, one.starts, two.starts.first + 1) < last:
        yield Allen.DURING
    end = _last(_common(one.ends, two.ends))
    if end is not None:
        start = one.starts.at_or_before(end)
        if start is not None and start > two.starts.first:
            yield Allen.FINISHES


def _end_from(one: Interval, starts: Days, day: float) -> float:
    """Return the earliest end of *one* from the first of some starts on; maybe never.

    Args:
        one: The interval.
        starts: The starts.
        day: The day from which on a start counts.
    """
    start = starts.at_or_after(day)
    end = None if start is None else one.ends.at_or_after(start)
    return _or(end, math.inf)


def _may_meet(one: Interval, two: Interval) -> bool:
    first, last = one.starts.first, two.ends.last
    # The bounds first: shifting a mask takes longer.
    if one.ends.last + 1 < two.starts.first or one.earliest_end + 1 > two.latest_start:
        return False
    if not (one.ends.has_gaps or two.starts.has_gaps):
        return True
    end = _first(_shared(_pieces(one.ends), _eves(two.starts)), first)
    return end is not None and end < last


def _may_equal(one: Interval, two: Interval) -> bool:
    starts = _common(one.starts, two.starts)
    if one.is_day and two.is_day:
        return _first(starts) is not None
    if one.is_day or two.is_day:
        extent = two if one.is_day else one
        return _first(_shared(starts, _pieces(extent.ends))) is not None
    start, end = _first(starts), _last(_common(one.ends, two.ends))
    return start is not None and end is not None and start <= end


# --- numbers of days ------------------------------------------------------------------


def length(one: Interval) -> tuple[float, float]:
    """Return the least and the greatest number of days, both ends counted."""
    if one.is_day:
        return 1, 1
    if one.start_bound is Bound.OPEN:
        return math.inf, math.inf
    if one.start_bound is Bound.UNKNOWN:
        return 1, math.inf
    least, most = closest(one.starts, one.ends), _less(one.ends.last, one.starts.first)
    return least + 1, most + 1


def days_between(one: Interval, two: Interval) -> tuple[float, float]:
    """Return the least and the greatest number of days from an interval to another."""
    return -_ahead(two, one), _ahead(one, two)


def _ahead(one: Interval, two: Interval) -> float:
    """Return the greatest number of days from *one* to *two*; negative if before."""
    end, start = one.earliest_end, two.latest_start
    if end < start:
        return _less(start, end)
    if may_share(one, two):
        return 0
    # Neither before nor together: then every completion of *two* lies before.
    return -_less(one.starts.first, two.ends.last)


def may_share(one: Interval, two: Interval) -> bool:
    """Return whether a day can be in both."""
    return one.touched.meets(two.touched)


def near(one: Interval, two: Interval, days: int) -> Answer:
    """Return whether two intervals lie at most so many days apart."""
    least, most = days_between(one, two)
    if max(-least, most) <= days:
        return Answer.YES
    if least > 0 or most < 0:
        return Answer.NO if min(abs(least), abs(most)) > days else Answer.MAYBE
    # Before or after: only days between which there are gaps can all be too far apart.
    mine, yours = one.touched, two.touched
    if mine.meets(yours):
        return Answer.MAYBE
    is_near = (
        days and min(closest(mine, yours, days), closest(yours, mine, days)) <= days
    )
    return Answer.MAYBE if is_near else Answer.NO


def closest(one: Days, two: Days, enough: int = 0) -> float:
    """Return the least number of days from a day of *one* on to a day of *two*.

    Args:
        one: The earlier days.
        two: The later days.
        enough: A number that need not be beaten.
    """
    if one.meets(two):
        return 0
    best, until = math.inf, math.inf
    if _is_periodic(one) and _is_periodic(two):
        until = max(one.first, two.first) + _CYCLE_DAYS
    day: float | None = one.first
    while day is not None and day <= until:
        after = two.at_or_after(day)
        if after is None:
            break
        before = _or(one.at_or_before(after), day)
        best = min(best, _less(after, before))
        day = None if best <= max(enough, 1) else one.at_or_after(after)
    return best


def _is_periodic(days: Days) -> bool:
    """Return whether it repeats with the calendar, from its first day to its last."""
    return (
        not days.spans
        and len(days.masks) == 1
        and isinstance(days.masks[0].years, range)
    )


def _less(day: float, other: float) -> float:
    # A day may be too large for a float, which infinity is.
    return math.inf if math.inf in (day, -other) else day - other


# --- days in common -------------------------------------------------------------------

# A span, and a mask if only some of its days count.
_Piece = tuple[DaySpan, Mask | None]


def _pieces(days: Days) -> list[_Piece]:
    spans: Iterator[_Piece] = ((span, None) for span in days.spans)
    return [*spans, *map(_masked, days.masks)]


def _masked(mask: Mask) -> _Piece:
    first, last = mask.years[0], mask.years[-1]
    return DaySpan(year_start(first), year_start(last + 1) - 1), mask


def _common(one: Days, two: Days) -> list[_Piece]:
    """Return the days that are in both."""
    if one.has_gaps or two.has_gaps:
        return _shared(_pieces(one), _pieces(two))
    return _both(DaySpan(one.first, one.last), DaySpan(two.first, two.last))


def _both(one: DaySpan, two: DaySpan) -> list[_Piece]:
    both = DaySpan(max(one.first, two.first), min(one.last, two.last))
    return [(both, None)] if both.first <= both.last else []


def _shared(one: list[_Piece], two: list[_Piece]) -> list[_Piece]:
    """Return the days that are in both."""
    pieces: list[_Piece] = []
    for (span, mask), (its_span, its_mask) in _meeting(one, two):
        both = DaySpan(max(span.first, its_span.first), min(span.last, its_span.last))
        if mask is None or its_mask is None:
            pieces.append((both, mask or its_mask))
        elif (shared := mask.shared(its_mask)) is not None:
            pieces.append((both, shared))
    return pieces


def _meeting(one: list[_Piece], two: list[_Piece]) -> Iterator[tuple[_Piece, _Piece]]:
    """Yield the pairs, one of each, whose spans meet."""
    sides = one, two
    arrivals = sorted(
        (piece[0], side, place)
        for side, pieces in enumerate(sides)
        for place, piece in enumerate(pieces)
    )
    # Side by side: a set may have ten thousand spans, and hundreds of masks.
    going_on: tuple[list[_Piece], list[_Piece]] = [], []
    for span, side, place in arrivals:
        piece, partners = sides[side][place], going_on[1 - side]
        partners[:] = [partner for partner in partners if partner[0].last >= span.first]
        yield from (
            (partner, piece) if side else (piece, partner) for partner in partners
        )
        going_on[side].append(piece)


def _first(pieces: list[_Piece], since: float = -math.inf) -> float | None:
    """Return the first day from *since* on."""
    days = []
    for span, mask in pieces:
        day: float | None = max(span.first, since)
        if mask is not None:
            day = mask.at_or_after(day or 0)
        if day is not None and day <= span.last:
            days.append(day)
    return min(days, default=None)


def _last(pieces: list[_Piece]) -> float | None:
    """Return the last day."""
    days = []
    for span, mask in pieces:
        day: float | None = span.last
        if mask is not None:
            day = mask.at_or_before(span.last)
        if day is not None and day >= span.first:
            days.append(day)
    return max(days, default=None)


def _eves(days: Days) -> list[_Piece]:
    """Return the day before each day."""
    spans: Iterator[_Piece] = (
        (DaySpan(first - 1, last - 1), None) for first, last in days.spans
    )
    masks = chain.from_iterable(map(_eves_of, days.masks))
    return [*spans, *map(_masked, masks)]


def _eves_of(mask: Mask) -> Iterator[Mask]:
    """Yield masks of the day before each day of a mask, month by month."""
    leap = [year for year in mask.years if is_leap(year)] if 2 in mask.months else []
    for month in mask.months:
        # 29 February exists in leap years only, so its eve does too.
        length = month_length(_COMMON_YEAR, month)
        days = range(1, 32) if mask.days is None else mask.days
        within = tuple(day - 1 for day in days if 1 < day <= length)
        if within:
            yield Mask(mask.years, (month,), within)
        if month == 2 and 29 in days and leap:
            yield Mask(leap, (2,), (28,))
        if 1 in days:
            yield from _last_days_before(mask.years, month)


def _last_days_before(years: Sequence[int], month: int) -> Iterator[Mask]:
    """Yield masks of the last day before a month of some years."""
    if month == 1:
        last = [year - 1 for year in years]
        yield Mask(last, (12,), (31,))
    elif month == 3:
        for is_long in (True, False):
            group = [year for year in years if is_leap(year) is is_long]
            length = month_length(_LEAP_YEAR if is_long else _COMMON_YEAR, 2)
            if group:
                yield Mask(group, (2,), (length,))
    else:
        yield Mask(years, (month - 1,), (month_length(_COMMON_YEAR, month - 1),))
