"""The states that can be reached by any order of events, one day after another."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import Any, Generic, TypeVar

from bri_timeline._events import Event
from bri_timeline._events.marks import Ending
from bri_timeline._happening import Window
from bri_timeline._projection import Projection
from bri_timeline._queries._choices import (
    DatedEvent,
    Settled,
    TooManyError,
    World,
)
from bri_timeline._queries.outcomes import Completions, itself
from bri_timeline.edtf import begin_days


S = TypeVar("S")
# The number of events from one place to the next of which the states are kept.
_STRIDE = 32
# The first event not folded, the last day of those before, and the states after them.
_Cut = tuple[int, float, list[S]]


class _Watched(World):
    """Happenings whose dates tell if they are asked, also after others were folded."""

    def __init__(
        self,
        some: Sequence[DatedEvent],
        window: Window,
        begun: tuple[type, ...],
        asked: list[int],
    ) -> None:
        super().__init__(some, window, None, begun)
        self._all_asked = asked

    def _note(self, place: int, is_decidable: bool) -> None:
        super()._note(place, is_decidable)
        self._all_asked.append(place)


class Reached(Generic[S]):
    """The states that events in any possible order lead to, none of which has an end.

    Events lie in groups, each wholly before the next, so that orders multiply within a
    group only. What comes later changes nothing about the groups that are over: the
    states after them are kept, and a later day folds what has happened since.

    Args:
        projection: The state.
        events: The events, in fold order.
        counts: Whether each counts; it may change.

    Attributes:
        is_asked: A date was asked what it does not decide. Then days are to be tried,
            not orders, and no state that was found here is one that all dates allow.
    """

    def __init__(
        self,
        projection: Projection[S],
        events: Sequence[Event],
        counts: Sequence[bool],
    ) -> None:
        self._projection, self._step = projection, projection._ordered_step
        self._events = sorted(map(DatedEvent.of, events, range(len(events))))
        self._firsts = [event.first for event in self._events]
        # The last day of each, and of all before it.
        self._latest = [*accumulate((event.last for event in self._events), max)]
        self._counts = counts
        self._asked: list[int] = []
        self._doubts: list[int] = []
        self._cuts: list[_Cut[S]] = [(0, -math.inf, [projection.initial()])]
        # From this day on there were too many orders.
        self._failed = math.inf
        self._calls = self._folded = 0

    @property
    def is_asked(self) -> bool:
        return bool(self._asked)

    def is_plain(self, window: Window) -> bool:
        """Check whether all that may lie in a window is on days of its own."""
        start = bisect_left(self._latest, window.since)
        stop = bisect_right(self._firsts, window.until)
        doubts = self._all_doubts()
        return start >= stop or doubts[start] == doubts[stop]

    def _all_doubts(self) -> list[int]:
        """Return how many events before each do not lie on a day of their own."""
        if not self._doubts:
            some, latest = self._events, self._latest
            pairs = zip(self._firsts[1:], latest, strict=False)
            are_near = [False, *(first <= last for first, last in pairs), False]
            near = zip(some, are_near, are_near[1:], strict=False)
            doubts = (a or b or not _is_settled(event) for event, a, b in near)
            self._doubts = [0, *accumulate(doubts)]
        return self._doubts

    def doubt(self, event: Event) -> None:
        """Forget the states that an event can change, which counts now, or no more."""
        first, cuts = event.when.earliest_start, self._cuts
        index = bisect_left(self._firsts, first)
        while len(cuts) > 1 and (cuts[-1][0] > index or cuts[-1][1] >= first):
            cuts.pop()
        if first <= self._failed:
            self._failed = math.inf

    def states(self, window: Window, limit: int) -> tuple[list[S] | None, int, int]:
        """Return all states at the end of a window, of the events within it.

        Args:
            window: The days.
            limit: The most calls of the projection where the order is open.

        Returns:
            The states; None if there are too many orders. The number of those calls,
            and that of the events that were folded.
        """
        begin, until = window
        is_lasting = begin == -math.inf
        if is_lasting and until >= self._failed:
            return None, 0, 0
        self._calls, self._folded = limit, 0
        try:
            most = _most(limit)
            found = (
                self._kept(until, most) if is_lasting else self._within(window, most)
            )
        except TooManyError:
            found = None
            if is_lasting:
                self._failed = until
        return found, limit - self._calls, self._folded

    def _kept(self, until: float, most: int) -> list[S]:
        """Return the states at the end of a day, folded from those that are kept."""
        cuts, days = self._cuts, Window(-math.inf, until)
        place = len(cuts) - 1
        if cuts[place][1] > until:
            place = bisect_right(cuts, until, key=_end) - 1
        *_, states = cuts[place]
        is_last = place == len(cuts) - 1
        for cut in self._walk(cuts[place], days, most):
            _, end, states = cut
            if is_last and end <= until:
                if len(cuts) > 1 and cut[0] - cuts[-2][0] < _STRIDE:
                    cuts.pop()
                cuts.append(cut)
        return states

    def _within(self, window: Window, most: int) -> list[S]:
        """Return the states at the end of a window, of the events within it."""
        index = bisect_left(self._latest, window.since)
        start = index, -math.inf, self._cuts[0][2]
        *_, (_, _, states) = start, *self._walk(start, window, most)
        return states

    def _walk(self, cut: _Cut[S], window: Window, most: int) -> Iterator[_Cut[S]]:
        """Yield the states after one group of events after another.

        Args:
            cut: Those before the first.
            window: The days.
            most: How many events may be possible on one day.
        """
        index, end, states = cut
        stop = bisect_right(self._firsts, window.until, lo=index)
        while index < stop:
            run = self._run(index, stop)
            if run > index:
                states = self._stepped(index, run, states)
                end, index = self._latest[run - 1], run
            else:
                group, index = self._group(index, window, most)
                if group:
                    states = self._after(group, states, window)
                    end = max(event.last for event in group)
            yield index, end, states

    def _run(self, index: int, stop: int) -> int:
        """Return the number of the event after some that are on days of their own."""
        doubts = self._all_doubts()
        run = bisect_right(doubts, doubts[index], lo=index) - 1
        return min(run, stop, index + _STRIDE)

    def _stepped(self, index: int, stop: int, states: list[S]) -> list[S]:
        """Return the states after events on days of their own."""
        step, found = self._step, list[S]()
        some = [e.event for e in self._events[index:stop] if self._counts[e.position]]
        self._folded += len(some)
        self._calls -= (len(states) - 1) * len(some)
        if self._calls < 0:
            raise TooManyError
        for state in states:
            for event in some:
                state = step(state, event)
            found.append(state)
        return found

    def _group(
        self, index: int, window: Window, most: int
    ) -> tuple[list[DatedEvent], int]:
        """Return a group of what may have happened within a window.

        Args:
            index: The number of the first event that may have.
            window: The days.
            most: How many of them may be possible on one day.

        Returns:
            The group, empty if nothing may, and the number of the event after it.

        Raises:
            TooManyError: There are more.
        """
        events, counts = self._events, self._counts
        group, end = list[DatedEvent](), -math.inf
        together: list[DatedEvent] = []
        stop = bisect_right(self._firsts, window.until, lo=index)
        for number in range(index, stop):
            event = events[number]
            first, last, place, _ = event
            if not counts[place] or last < window.since:
                continue
            if group and first > end:
                return group, number
            group.append(event)
            end = max(end, last)
            together = [one for one in together if one.last >= first]
            together.append(event)
            if len(together) > most and _width(together, first) > most:
                raise TooManyError
        return group, stop

    def _after(
        self, group: list[DatedEvent], states: list[S], window: Window
    ) -> list[S]:
        """Return the states after a group.

        Raises:
            TooManyError: The limit was reached, or a date was asked.
        """
        self._folded += len(group)
        world = _Watched(group, window, self._projection._begun, self._asked)
        tried = Completions(
            self._projection, itself, world, Settled([], []), self._calls
        )
        try:
            return tried.reached(states, [(one.first, one.last) for one in group])
        finally:
            self._calls = tried.left


def _is_settled(event: DatedEvent) -> bool:
    """Check whether an event is on one day, and its date tells all that it is asked."""
    if event.first < event.last:
        return False
    ending = Ending.of(event.event) if event.event.when.is_extent else None
    return ending is None or ending.when.earliest_start == ending.when.latest_start


@lru_cache(64)
def _most(limit: int) -> int:
    """Return how many events may be possible at one time: any may come first, ..."""
    most = 1
    while (most + 1) << most <= limit:
        most += 1
    return most


def _width(events: Sequence[DatedEvent], day: float) -> int:
    """Return how many of some events may begin on a day."""
    return sum(begin_days(e.event.when).at_or_after(day) == day for e in events)


def _end(cut: _Cut[Any]) -> float:
    return cut[1]
