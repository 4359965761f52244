"""The bounds of the rows of one key: of numbers; of other values if there is one."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import compress
from typing import Any, Generic, TypeVar

from bri_timeline._answer import Answer
from bri_timeline._events import Entry, Event
from bri_timeline._events.marks import Ending, Mark, closing_classes, event_of
from bri_timeline._happening import Disputed, Happening, Window
from bri_timeline._lasting import Endings, lasting
from bri_timeline._order import of_shown, state_of, untold
from bri_timeline._projection import Projection
from bri_timeline._queries._reached import Reached
from bri_timeline._queries.bounds import Known, bounded, can_ask, reads_dates
from bri_timeline._queries.outcomes import itself, outcomes
from bri_timeline._queries.values import Distinct, Outcomes
from bri_timeline.measures import Measure


S = TypeVar("S")
V = TypeVar("V")
Number = int | float | Decimal | Fraction
# The bounds of a row, and whether they are known.
KnownBounds = tuple[Number | None, Number | None, bool]
UNKNOWN: KnownBounds = None, None, False
# The most calls of a projection for the bounds of a row; those of a panel, and how many
# more it gets for each row.
_LIMIT = 10_000
_ALL, _EACH = 100_000, 100
# So many events in their only order cost as much as one where the order is open.
_SETTLED = 10


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

    def take(self, calls: int) -> bool:
        """Take off what a row would cost; False if it is too much."""
        self._left += _EACH
        is_enough = calls <= self._left
        self._left -= calls * is_enough
        return is_enough

    def spend(self, calls: int, events: int) -> None:
        """Take off what a row took.

        Args:
            calls: The calls where the order is open.
            events: The number of events of the row.
        """
        self._left -= calls + events // _SETTLED


class RowBounds(Generic[S, V]):
    """The bounds of the values of one key, under one knowledge after another.

    Args:
        projection: The state to fold.
        of: Selects a value from a state.
        marks: What it reads, in fold order, with ends if it takes ends.
        budget: What may be spent.
        disputes: Those of which any claim may be true.
        counts: Whether each of the marks counts, which may change; None if all do.
    """

    def __init__(
        self,
        projection: Projection[S],
        of: Callable[[S], V],
        marks: Sequence[Mark],
        budget: Budget,
        disputes: Sequence[Disputed] = (),
        counts: Sequence[bool] | None = None,
    ) -> None:
        self._projection, self._of = projection, of_shown(projection, of)
        self._chosen = None if of is itself else of
        self._measure = untold(projection)
        self._budget, self._disputes = budget, disputes
        self._events = events = [mark for mark in marks if isinstance(mark, Event)]
        self._counts = [True] * len(events) if counts is None else counts
        self._lasts = [event.when.latest_start for event in events]
        self._reached = Reached(projection, events, self._counts)
        self._ends = (
            _ChosenEnds(marks) if _has_ends(projection, marks, events) else None
        )
        # Which sums lie between the least and the greatest is not asked.
        is_sum = (
            isinstance(self._measure, Measure)
            and self._measure.aggregate in ("count", "total")
            and not can_ask(self._measure)
        )
        self._limit = 1 if is_sum and of is itself else _LIMIT
        self._open_events: dict[int, tuple[list[float], list[int]]] | None = None
        self._asking: list[int] | None = None
        self._endings: Endings | None = None

    def doubt(self, event: Event) -> None:
        """Note that an event counts now, or does no more."""
        self._reached.doubt(event)
        self._endings = None

    def on(self, begin: float, until: int, state: S, certain: V) -> KnownBounds:
        """Return the bounds of a period.

        Args:
            begin: The first day of its events; minus infinity for all earlier ones.
            until: Its last day.
            state: The certain state.
            certain: The value of it.
        """
        number, window = number_in(certain), Window(begin, until)
        if self._disputes:
            return self._with_rivals(window, state)
        is_plain = self._ends.is_plain if self._ends else self._reached.is_plain(window)
        if is_plain:
            return number, number, True
        if isinstance(self._measure, Measure):
            known = self._known(window, state)
            measured = bounded(self._measure, self._chosen, known, self._limit)
            if measured is not None:
                return _bounds(measured)
        if self._ends is None:
            found = self._by_orders(window, certain)
            if not self._reached.is_asked:
                return found
        return self._by_days(window, state)

    def _with_rivals(self, window: Window, state: S) -> KnownBounds:
        """Return the bounds of a period, whichever claims of disputes are true."""
        measure = self._measure
        if not isinstance(measure, Measure):
            return UNKNOWN

        def within(claim: Event | None) -> Event | None:
            # What a projection reads may differ from key to key.
            if claim is None or not self._projection._seen((claim,)):
                return None
            return claim if window.meets(claim.when) else None

        disputes = [
            Disputed(within(taken), tuple(dict.fromkeys(map(within, claims))))
            for taken, claims in self._disputes
        ]
        known, take = self._known(window, state), self._budget.take
        found = bounded(measure, self._chosen, known, self._limit, disputes, take)
        return UNKNOWN if found is None else _bounds(found)

    def _by_orders(self, window: Window, certain: V) -> KnownBounds:
        """Return the bounds where no date is asked anything."""
        limit = self._budget.for_row()
        if not limit:
            return UNKNOWN
        states, calls, events = self._reached.states(window, limit)
        self._budget.spend(calls, events)
        if states is None:
            return UNKNOWN
        found = [*map(self._of, states)]
        if found == [certain]:
            return number_in(certain), number_in(certain), True
        values: Distinct[V] = Distinct()
        for value in (certain, *found):
            values.add(value)
        return _bounds(Outcomes(tuple(values.items), complete=True))

    def _by_days(self, window: Window, state: S) -> KnownBounds:
        """Return the bounds where the days of dates, or ends, are to be tried."""
        possible = self._possible(window)
        is_whole = all(event.when.earliest_start >= window.since for event in possible)
        ends = self._ends
        if ends and is_whole and ends.settled and ends.settled[0] == possible:
            return ends.settled[1]
        limit, found = self._budget.for_row(), UNKNOWN
        if limit:
            found = _bounds(
                outcomes(
                    self._projection,
                    self._of,
                    possible,
                    range(len(possible)),
                    window,
                    certain=lambda: state,
                    limit=limit,
                    spend=lambda calls: self._budget.spend(calls, len(possible)),
                )
            )
        if ends and is_whole and ends.are_over(possible, window.until):
            # Until another event may begin, further days leave nothing open.
            ends.settled = possible, found
        return found

    def _possible(self, window: Window) -> list[Event]:
        """Return what begins within a window, or may, in fold order."""
        return [
            event
            for event in compress(self._events, self._counts)
            if event.when.earliest_start <= window.until and window.meets(event.when)
        ]

    def _undecided(self, window: Window) -> list[Event]:
        """Return what may have begun within a window, and may not."""
        if self._open_events is None:
            self._open_events = _by_length(self._events)
        events, counts = self._events, self._counts
        since = window.until if window.since == -math.inf else window.since
        return [
            events[place]
            for size, (firsts, places) in self._open_events.items()
            # Of those about as long, only these can reach into the window.
            for place in places[
                bisect_left(
                    firsts, since - (1 << size) if size else -math.inf
                ) : bisect_right(firsts, window.until)
            ]
            if counts[place] and window.answer(events[place].when) is Answer.MAYBE
        ]

    def _certain(self, window: Window, after: float) -> list[Event]:
        """Return what has begun within a window, in fold order.

        Args:
            window: The days.
            after: Only what is certain later than this day.
        """
        start = bisect_left(self._lasts, max(after, window.since))
        stop = bisect_right(self._lasts, window.until)
        some = compress(self._events[start:stop], self._counts[start:stop])
        if window.since == -math.inf:
            return [*some]
        return [event for event in some if event.when.earliest_start >= window.since]

    def _known(self, window: Window, state: S) -> Known:
        def active() -> tuple[tuple[Event, Answer], ...]:
            some = *self._certain(window, -math.inf), *self._undecided(window)
            return lasting(some, window, self._all_endings())

        def happenings() -> list[Happening]:
            # The entry says nothing but the place in fold order, which orders ties.
            return [
                Happening.of(event, Entry(position=place, event=event))
                for place, event in enumerate(self._possible(window))
            ]

        return Known(
            window=window,
            state=lambda: state_of(state),
            asks=self._asks,
            certain=lambda after: self._certain(window, after),
            undecided=lambda: self._undecided(window),
            active=active,
            endings=self._all_endings,
            happenings=happenings,
        )

    def _all_endings(self) -> Endings:
        if self._endings is None:
            self._endings = Endings.among([*compress(self._events, self._counts)])
        return self._endings

    def _asks(self, measure: Measure[Any]) -> bool:
        """Tell whether a measure asks dates of what counts, on whatever day."""
        if self._asking is None:
            pairs = enumerate(self._events)
            self._asking = [place for place, e in pairs if reads_dates(measure, e)]
        return any(self._counts[place] for place in self._asking)


class _ChosenEnds:
    """The marks of a projection that takes ends.

    Args:
        marks: The beginnings and ends, in fold order.

    Attributes:
        is_plain: All are on known days, and no two on one day: they have one order.
        settled: What was possible when nothing was left open, and the bounds.
    """

    def __init__(self, marks: Sequence[Mark]) -> None:
        firsts = [mark.when.earliest_start for mark in marks]
        lasts = [mark.when.latest_start for mark in marks]
        self.is_plain = (
            firsts == lasts
            and len({*lasts}) == len(lasts)
            and all(map(_has_known_end, map(event_of, marks)))
        )
        self._lasts = dict[int, float]()
        for mark in marks:  # an end follows its beginning
            self._lasts[id(event_of(mark))] = mark.when.latest_start
        self.settled: tuple[list[Event], KnownBounds] | None = None

    def are_over(self, events: Sequence[Event], until: float) -> bool:
        """Check whether the last mark of each event is certain by a day."""
        return all(self._lasts[id(event)] <= until for event in events)


def _has_ends(
    projection: Projection[Any], marks: Sequence[Mark], events: Sequence[Event]
) -> bool:
    """Check whether a projection can tell ends of some of these from nothing."""
    if projection.ends is None:
        return False
    kinds = {type(event.what) for event in events}
    return (
        len(events) < len(marks)
        or any(event.when.is_extent for event in events)
        or (bool(projection._closing) and bool(closing_classes(kinds)))
    )


def _by_length(events: Sequence[Event]) -> dict[int, tuple[list[float], list[int]]]:
    """Return the first days of dates on several days, and their places, by length.

    A length is the number of digits of a number of days, in twos; 0 if that is
    infinite.
    """
    some: dict[int, list[tuple[float, int]]] = defaultdict(list)
    for place, event in enumerate(events):
        first, last = event.when.earliest_start, event.when.latest_start
        if first < last:
            length = last - first
            size = int(length).bit_length() if length < math.inf else 0
            some[size].append((first, place))
    return {
        size: ([first for first, _ in pairs], [place for _, place in pairs])
        for size, pairs in ((size, sorted(pairs)) for size, pairs in some.items())
    }


def _bounds(found: Outcomes[Any]) -> KnownBounds:
    # Of several values that are no numbers a row tells one only.
    if not found.bounded or (found.low is None and len(found.values) > 1):
        return UNKNOWN
    return found.low, found.high, True


def _has_known_end(event: Event) -> bool:
    """Check whether an event has no end, or one on a known day."""
    ending = Ending.of(event)
    return ending is None or ending.when.earliest_start == ending.when.latest_start


def number_in(value: Any) -> Number | None:
    """Return a value that is a number; None for any other, and for NaN."""
    if type(value) is int:
        return value
    if not isinstance(value, Number):
        return None
    if isinstance(value, Fraction):
        return value
    # A signalling NaN of `Decimal` raises when it is compared.
    is_nan = value.is_nan() if isinstance(value, Decimal) else math.isnan(value)
    return None if is_nan else value
