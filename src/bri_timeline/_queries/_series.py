"""Periods of whole days, and the values of one key in each of a series of them."""

from __future__ import annotations

import copy
import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from typing import Any, Generic, NamedTuple, TypeVar

import pendulum

from bri_timeline._answer import Answer
from bri_timeline._calendar import civil, day_number, month_length
from bri_timeline._events import (
    Ending,
    Entry,
    Event,
    Mark,
    event_of,
)
from bri_timeline._happening import Disputed, Happening, Window
from bri_timeline._lasting import Endings, lasting
from bri_timeline._projection import Projection
from bri_timeline._queries._sizes import sized
from bri_timeline._queries.bounds import Known, bounded
from bri_timeline._queries.outcomes import itself, outcomes
from bri_timeline._queries.values import Outcomes
from bri_timeline.errors import PanelError
from bri_timeline.measures import Measure


__all__ = [
    "Budget",
    "Days",
    "Length",
    "Number",
    "Value",
    "Values",
    "in_order",
    "length",
    "number_in",
    "own",
    "periods",
    "unknown",
    "values",
]

_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_REMEDY = "give 'day', 'month', 'quarter', 'year' or a pendulum.Duration of whole days"

K = TypeVar("K", bound=Hashable)
S = TypeVar("S")
V = TypeVar("V")
Number = int | float | Decimal | Fraction
# The bounds of a row, and whether they are known.
_Known = tuple[Number | None, Number | None, bool]
_UNKNOWN: _Known = None, None, False
# The most calls of a projection for the bounds of a row; those of a panel, and how many
# more it gets for each row.
_LIMIT = 10_000
_ALL, _EACH = 100_000, 100
# So many events in their only order cost as much as one where the order is open.
_SETTLED = 10


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
    if rest or months < 0 or days < 0 or not months + days:
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


class Budget:
    """The calls of projections that the bounds of a panel may cost.

    A panel takes so long as its rows are many, and not as the orders of events are.
    """

    def __init__(self) -> None:
        self._left = _ALL

    def for_row(self) -> int:
        """Return how many calls the next row may take; 0 for none."""
        self._left += _EACH
        return max(0, min(_LIMIT, self._left))

    def spend(self, calls: int, events: int) -> None:
        """Take off what a row took.

        Args:
            calls: The calls where the order is open.
            events: The number of events of the row.
        """
        self._left -= calls + events // _SETTLED


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
    seen = [*projection._seen(m for m in marks if isinstance(m, Event))]
    if projection.ends is None:
        marks = seen
    elif len(seen) < len(marks):
        reads = projection.reads or (object,)
        marks = [m for m in marks if isinstance(event_of(m).what, reads)]
    states = _states(projection, marks, days)
    if budget is None or disputes is None:
        return unknown([own(of(state)) for state in states])
    certain: list[V] = []
    known: list[_Known] = []
    bounds = _Bounds(projection, of, seen, marks, budget, disputes)
    for one, state in zip(days, states, strict=True):
        value = own(of(state))
        certain.append(value)
        known.append(bounds.on(one, state, value))
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


class _Bounds(Generic[S, V]):
    """The bounds of the values of one key, where they are numbers.

    Args:
        projection: The state to fold.
        of: Selects a value from a state.
        events: The events that it reads, in fold order.
        marks: These events and their ends, if it takes ends.
        budget: What may be spent.
        disputes: Those of which any claim may be true.
    """

    def __init__(
        self,
        projection: Projection[S],
        of: Value[S, V],
        events: Sequence[Event],
        marks: Sequence[Mark],
        budget: Budget,
        disputes: Sequence[Disputed],
    ) -> None:
        self._budget, self._disputes = budget, disputes
        self._projection = projection
        self._of = of
        # The entry says nothing but the place in fold order, which orders ties.
        self._possible = [
            Happening.of(event, Entry(position=place, event=event))
            for place, event in enumerate(events)
        ]
        firsts = [mark.when.earliest_start for mark in marks]
        lasts = [mark.when.latest_start for mark in marks]
        # Marks on different known days have one order, and so one outcome, unless a
        # date is asked for an end that it does not tell.
        self._is_plain = (
            firsts == lasts
            and len({*lasts}) == len(lasts)
            and all(map(_has_known_end, events))
            and not disputes
        )
        self._lasts = dict[int, float]()
        for mark in marks:  # an end follows its beginning
            self._lasts[id(event_of(mark))] = mark.when.latest_start
        self._endings = Endings.among(events)
        self._settled: tuple[list[Happening], _Known] | None = None
        self._states: dict[Projection[Any], Any] = {}
        # Those that may have begun, and may not, with an index of those to come.
        self._open: list[Happening] = []
        self._coming = sorted(self._possible, key=_first_of)[::-1]

    def on(self, days: Days, state: S, certain: V) -> _Known:
        """Return the bounds of a period.

        Args:
            days: The period.
            state: The certain state.
            certain: The value of it.
        """
        number = number_in(certain)
        if self._is_plain or (number is None and certain is not None):
            return number, number, True
        window, until = Window(days.begin, days.until), days.until
        chosen = None if self._of is itself else self._of
        if self._disputes:
            return self._with_rivals(window, state)
        sizes = sized(
            self._projection,
            chosen,
            lambda: state,
            lambda: self._undecided(window),
            _LIMIT,
        )
        if sizes is not None:
            return number_in(sizes.low), number_in(sizes.high), True
        possible = [
            h for h in self._possible if h.first <= until and window.meets(h.event.when)
        ]
        is_whole = all(h.first >= days.begin for h in possible)
        if self._settled and is_whole and possible == self._settled[0]:
            return self._settled[1]
        found = self._outcomes(possible, window, state)
        bounds = _UNKNOWN
        if found is not None and found.bounded:
            bounds = found.low, found.high, True
        if is_whole and all(self._lasts[id(h.event)] <= until for h in possible):
            # Until another event may begin, further days leave nothing open.
            self._settled = possible, bounds
        return bounds

    def _with_rivals(self, window: Window, state: S) -> _Known:
        """Return the bounds of a period, whichever claims of disputes are true."""
        projection, of = self._projection, self._of
        if not isinstance(projection, Measure):
            return _UNKNOWN

        def within(claim: Event | None) -> Event | None:
            # What a projection reads may differ from key to key.
            if claim is None or not projection._seen((claim,)):
                return None
            return claim if window.meets(claim.when) else None

        disputes = [
            Disputed(within(taken), tuple(dict.fromkeys(map(within, claims))))
            for taken, claims in self._disputes
        ]
        possible = [h for h in self._possible if window.meets(h.event.when)]
        known = self._known(projection, possible, window, state)
        chosen = None if of is itself else of
        found = bounded(projection, chosen, known, _LIMIT, disputes)
        if found is None or not found.bounded:
            return _UNKNOWN
        return found.low, found.high, True

    def _outcomes(
        self, possible: list[Happening], window: Window, state: S
    ) -> Outcomes[Any] | None:
        """Return the outcomes of some happenings, as those of a view of them.

        None if nothing is left to be spent on orders.
        """
        projection, of = self._projection, self._of
        if isinstance(projection, Measure):
            known = self._known(projection, possible, window, state)
            found = bounded(projection, None if of is itself else of, known, _LIMIT)
            if found is not None:
                return found
        limit = self._budget.for_row()
        if not limit:
            return None
        events = [happening.event for happening in possible]
        return outcomes(
            projection,
            of,
            events,
            range(len(events)),
            window,
            certain=lambda: state,
            limit=limit,
            spend=lambda calls: self._budget.spend(calls, len(events)),
        )

    def _undecided(self, window: Window) -> list[Event]:
        """Return what may have begun within a window, and may not."""
        coming, open_ = self._coming, self._open
        while coming and coming[-1].first <= window.until:
            open_.append(coming.pop())
        # In the windows of later rows it is open again.
        is_lasting = window.since > -math.inf
        found = [h for h in open_ if window.answer(h.event.when) is Answer.MAYBE]
        self._open = open_ if is_lasting else found
        return [happening.event for happening in found]

    def _known(
        self,
        measure: Measure[Any],
        possible: list[Happening],
        window: Window,
        state: S,
    ) -> Known:
        answers = [(h, window.answer(h.event.when)) for h in possible]
        certain = [h.event for h, answer in answers if answer is Answer.YES]
        undecided = [h.event for h, answer in answers if answer is Answer.MAYBE]
        return Known(
            window=window,
            state=lambda _: state,
            ever=self._ever,
            certain=lambda _: certain,
            undecided=lambda: undecided,
            active=lambda: lasting((*certain, *undecided), window, self._endings),
            endings=lambda: self._endings,
            happenings=lambda: possible,
        )

    def _ever(self, projection: Projection[Any]) -> Any:
        """Return the state after all events, on whatever day."""
        if projection not in self._states:
            events = (happening.event for happening in self._possible)
            folded = reduce(projection.evolve, events, projection.initial())
            self._states[projection] = folded
        return self._states[projection]


def _first_of(happening: Happening) -> float:
    return happening.first


def _has_known_end(event: Event) -> bool:
    """Check whether an event has no end, or one on a known day."""
    ending = Ending.of(event)
    return ending is None or ending.when.earliest_start == ending.when.latest_start


def number_in(value: Any) -> Number | None:
    """Return a value that is a number; None for any other, and for NaN."""
    if not isinstance(value, Number):
        return None
    if isinstance(value, Fraction):
        return value
    # A signalling NaN of `Decimal` raises when it is compared.
    is_nan = value.is_nan() if isinstance(value, Decimal) else math.isnan(value)
    return None if is_nan else value
