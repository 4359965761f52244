"""Periods of whole days, and the values of one key in each of a series of them."""

from __future__ import annotations

import copy
import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

import pendulum

from bri_timeline._calendar import civil, day_number, month_length
from bri_timeline._events.marks import Mark, event_of
from bri_timeline._happening import Disputed
from bri_timeline._order import of_shown
from bri_timeline._projection import Projection
from bri_timeline._queries._row_bounds import (
    Budget,
    KnownBounds,
    Number,
    RowBounds,
)
from bri_timeline.errors import PanelError


_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_REMEDY = "give 'day', 'month', 'quarter', 'year' or a pendulum.Duration of whole days"

K = TypeVar("K", bound=Hashable)
S = TypeVar("S")
V = TypeVar("V")


class Days(NamedTuple):
    """The days of a period, and those of the events that its row is about.

    Attributes:
        since: The number of its first day.
        until: The number of its last day.
        begin: The first day of the events; minus infinity if all earlier ones count.
    """

    since: int
    until: int
    begin: float


class Length(NamedTuple):
    """A length of time in months and days, of which a month has no fixed number.

    Attributes:
        months: The number of calendar months.
        days: The number of days besides.
    """

    months: int
    days: int

    def after(self, day: int, times: int = 1) -> int:
        """Return the day that lies so much later: 31 January and a month is 28 or 29.

        Args:
            day: The number of a day.
            times: How many such lengths later; negative for earlier.
        """
        year, month, number = civil(day)
        years, months = divmod(month - 1 + self.months * times, 12)
        year, month = year + years, months + 1
        last = min(number, month_length(year, month))
        return day_number(year, month, last) + self.days * times

    def ending(self, day: int) -> int:
        """Return the first day of a window of this length that ends with a day."""
        # Counted from the next day, so that a month before the end of February is all
        # of February.
        return self.after(day + 1, -1)


def length(value: str | pendulum.Duration, name: str) -> Length:
    """Return a length that a caller gave as the argument *name*.

    Raises:
        PanelError: It is not a length, or not of whole days, or not positive.
    """
    if value == "day":
        return Length(0, 1)
    if isinstance(value, str) and value in _MONTHS:
        return Length(_MONTHS[value], 0)
    if not isinstance(value, pendulum.Duration):
        raise PanelError(value, f"is not a length of time for {name}=: {_REMEDY}")
    months = value.years * 12 + value.months
    days = value.weeks * 7 + value.remaining_days
    rest = value.hours or value.minutes or value.remaining_seconds or value.microseconds
    if rest or months < 0 or days < 0 or not (months + days or name == "known_after"):
        problem = f"cannot be {name}=, which is one or more whole days"
        raise PanelError(value, f"{problem}: {_REMEDY}")
    return Length(months, days)


def periods(
    start: int, stop: int, every: Length | None, window: Length | None, *, flow: bool
) -> Iterator[Days]:
    """Yield the periods from one day to another, both included.

    Each is counted from the start, so that months from 31 January end on the last day
    but one of each month, or on the last. The last period ends at *stop*.

    Args:
        start: The number of the first day.
        stop: The number of the last day.
        every: How long a period is; None for a single one.
        window: How long before its end the events of a row begin; None for no limit.
        flow: The events of a row are those of its period.
    """
    since, times = start, 0
    while since <= stop:
        times += 1
        following = stop + 1 if every is None else every.after(start, times)
        until = min(stop, following - 1)
        yield Days(since, until, _begin(since, until, window, flow=flow))
        since = following


def _begin(since: int, until: int, window: Length | None, *, flow: bool) -> float:
    if window is not None:
        return window.ending(until)
    return since if flow else -math.inf


class Values(NamedTuple, Generic[V]):
    """The value of one key in each of some periods, and its bounds.

    Attributes:
        certain: The value of what is certain, for each period.
        lows: The least number that the dates allow; None if it is not known.
        highs: The greatest such number.
        complete: Whether the bounds of each period are known.
    """

    certain: Sequence[V]
    lows: Sequence[Number | None]
    highs: Sequence[Number | None]
    complete: Sequence[bool]

    @property
    def is_exact(self) -> bool:
        """All three are the same."""
        return self.certain is self.lows is self.highs


Value = Callable[[S], V]


def values(
    projection: Projection[S],
    of: Value[S, V],
    marks: Sequence[Mark],
    days: Sequence[Days],
    budget: Budget | None,
    disputes: Sequence[Disputed] | None = (),
) -> Values[V]:
    """Return the values of the marks of one key.

    Args:
        projection: The state to fold.
        of: Selects a value from a state.
        marks: The events of the key, in fold order, with their ends if it takes ends.
        days: The periods, each of which ends later than the one before.
        budget: What may be spent on bounds; None for no bounds.
        disputes: Those of which any claim may be true; None if they decide what counts.
    """
    marks = projection._taken(marks)
    states, shown = _states(projection, marks, days), of_shown(projection, of)
    if budget is None or disputes is None:
        return unknown([own(shown(state)) for state in states])
    certain: list[V] = []
    known: list[KnownBounds] = []
    bounds = RowBounds[S, V](projection, of, marks, budget, disputes)
    for one, state in zip(days, states, strict=True):
        value = own(shown(state))
        certain.append(value)
        known.append(bounds.on(one.begin, one.until, state, value))
    lows, highs, complete = map(list, zip(*known, strict=True))
    return Values(certain, lows, highs, complete)


def unknown(values: Sequence[V]) -> Values[V]:
    """Return values without bounds."""
    none = [None] * len(values)
    return Values(values, none, none, [False] * len(values))


def in_order(keys: Iterable[K]) -> list[K]:
    """Return keys in their order; as they come, if some cannot be compared."""
    found: list[Any] = [*keys]
    try:
        return sorted(found)
    except TypeError:
        return found


def _states(
    projection: Projection[S], marks: Sequence[Mark], days: Sequence[Days]
) -> Iterator[S]:
    """Yield the certain state of each period, folding nothing twice if it can."""
    step, state, start = projection._step, projection.initial(), 0
    lasts = [mark.when.latest_start for mark in marks]
    for one in days:
        stop = bisect_right(lasts, one.until)
        if one.begin > -math.inf:
            # A state cannot be folded back, so that windows are folded one by one.
            state = projection.initial()
            for mark in marks[bisect_left(lasts, one.begin, hi=stop) : stop]:
                # An end counts if the event began in the window.
                if event_of(mark).when.earliest_start >= one.begin:
                    state = step(state, mark)
        else:
            for mark in marks[start:stop]:
                state = step(state, mark)
            start = stop
        yield state


def own(value: V) -> V:
    """Return a value that no caller can change in the rows that follow."""
    try:
        hash(value)
    except TypeError:
        return copy.deepcopy(value)
    return value
