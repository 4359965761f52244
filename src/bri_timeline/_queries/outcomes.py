"""All values that a selection can have, given what is unknown about dates."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import reduce
from heapq import heappop, heappush
from itertools import chain, repeat, takewhile
from operator import itemgetter
from random import Random
from typing import Any, Generic, TypeVar

from bri_timeline._events import Event
from bri_timeline._events.marks import Ending, Mark, closing_classes
from bri_timeline._happening import Window
from bri_timeline._process import uncollected
from bri_timeline._projection import Projection
from bri_timeline._queries._choices import (
    Candidate,
    DatedEvent,
    Settled,
    TooManyError,
    World,
    parted,
)
from bri_timeline._queries.values import Distinct, DistinctStates, Outcomes


__all__ = ["Completions", "itself", "outcomes", "reached"]


S = TypeVar("S")
V = TypeVar("V")
_EVEN = 0.5

# Starting again with other days costs about as much as this many calls.
_RESTART_COST = 20


def outcomes(
    projection: Projection[S],
    of: Callable[[S], V],
    events: Sequence[Event],
    positions: Sequence[int],
    window: Window,
    *,
    certain: Callable[[], S],
    limit: int,
    seed: int | None = None,
    spend: Callable[[int], object] = int,
) -> Outcomes[V]:
    """Return all values of a selection over every choice of days.

    Each event falls on one of the days that its date allows, those within *window*
    are folded in the order of their days, and in any order within one day. If the
    projection has `ends`, a day is chosen for each end too, not before its beginning.
    Orders are tried, not days, unless the projection or the selection asks a date a
    question that the order does not decide. Then the days of that date are halved until
    each part has one answer, or is one day.

    Args:
        projection: The state to fold.
        of: Selects a value from a state.
        events: Those that happened within *window*, or may have.
        positions: A number for each that orders what ties.
        window: The days of the view.
        certain: Returns the certain state.
        limit: The most calls of the projection where the order is open; each split of
            the days of a date counts as some calls.
        seed: If the limit is reached, draw orders at random from this seed, with as
            many calls again; None draws none.
        spend: Called with the number of calls that it took.
    """
    closing = _closing(projection, events)
    settled, possible = parted(events, positions, window, closing)
    world = World(possible, window, closing, projection._begun)
    values: Distinct[V] = Distinct()
    values.add(of(certain()))
    tried = Completions(projection, of, world, settled, limit)
    try:
        for value in tried.values():
            values.add(value)
    except TooManyError:
        sampled = 0
        if seed is not None:
            for state in _drawn(projection, world, settled, limit, Random(seed)):
                values.add(of(state))
                sampled += 1
        return Outcomes(tuple(values.items), complete=False, sampled=sampled)
    finally:
        spend(limit - tried.left)
        world.end()
    return Outcomes(tuple(values.items), complete=True)


def reached(
    projection: Projection[S], events: Sequence[Event], window: Window, limit: int
) -> list[S] | None:
    """Return the states that some events alone can lead to; None if too many.

    Args:
        projection: The state to fold.
        events: They happened within *window*, or may have.
        window: The days of the view.
        limit: The most calls of the projection.
    """
    states: Distinct[S] = Distinct()
    closing = _closing(projection, events)
    dated = sorted(DatedEvent.of(event, place) for place, event in enumerate(events))
    world = World(dated, window, closing, projection._begun)
    none = Settled([], [])
    try:
        for state in Completions(projection, itself, world, none, limit).values():
            states.add(state)
    except TooManyError:
        return None
    finally:
        world.end()
    return states.items


def _closing(
    projection: Projection[Any], events: Iterable[Event]
) -> tuple[type, ...] | None:
    """Return the payload classes of events that end others; None without ends."""
    if not projection._closing:
        return None if projection.ends is None else ()
    return closing_classes({type(event.what) for event in events})


def itself(state: Any) -> Any:
    """Return a state: what is selected from it where nothing is said."""
    return state


def _groups(possible: Sequence[Candidate], until: int) -> Iterator[list[Candidate]]:
    """Split candidates into groups, each wholly before the next.

    Orders multiply within a group only.
    """
    group: list[Candidate] = []
    end = -math.inf
    for happening in possible:
        if group and happening.first > end:
            yield group
            group = []
        group.append(happening)
        end = max(end, min(happening.last, until))
    if group:
        yield group


def _is_settled(group: list[Candidate], until: int) -> bool:
    """Return whether a group has one order and has come by a time."""
    return len(group) == 1 and group[0].last <= until


class _UndecidableError(Exception):
    """A date was asked a question that its remaining days do not decide."""


class Completions(Generic[S, V]):
    """All orders of the candidates, and all splits of days that were asked about."""

    def __init__(
        self,
        projection: Projection[S],
        of: Callable[[S], V],
        world: World,
        settled: Settled,
        limit: int,
    ) -> None:
        self.initial = projection.initial
        self.step = projection._ordered_step
        self.of = of
        self.world = world
        self.settled = settled
        self.until = world.until
        self.left = limit

    def values(self) -> Iterator[V]:
        """Yield the possible values, some of them more than once.

        Raises:
            TooManyError: The limit was reached.
        """
        world = self.world
        pending = [[(h.first, h.last) for h in world.happenings]]
        while pending:
            spans = pending.pop()
            try:
                with uncollected():  # candidates make no reference cycles
                    groups = list(_groups(world.on(spans), self.until))
                for state in self._states(groups):
                    value = self.of(state)
                    self._check_questions()
                    yield value
            except _UndecidableError:
                place = world.asked
                # Folding all again must count, or splitting could go on for ever.
                self.left -= _RESTART_COST + len(spans) + len(self.settled.events)
                if place is None or world.is_undecidable or self.left <= 0:
                    raise TooManyError from None
                halves = world.halves(place, spans[place])
                # The earlier half comes next: with an open start, it shows at once
                # if no split helps.
                pending += [
                    [*spans[:place], half, *spans[place + 1 :]]
                    for half in reversed(halves)
                ]

    def reached(self, states: list[S], spans: Sequence[tuple[float, float]]) -> list[S]:
        """Return the states that can be reached from some states, by orders alone.

        Args:
            states: The states.
            spans: The days of each happening.

        Raises:
            TooManyError: The limit was reached, or a date was asked what orders do not
                decide.
        """
        try:
            for group in _groups(self.world.on(spans), self.until):
                states = self._states_after(group, states)
        except _UndecidableError:
            raise TooManyError from None
        return states

    def _check_questions(self) -> None:
        if self.world.asked is not None:
            raise _UndecidableError

    def _states(self, groups: list[list[Candidate]]) -> list[S]:
        """Return the states that can be reached through groups, one after another.

        Raises:
            TooManyError: The limit was reached.
        """
        states, start = [self.initial()], 0
        for group in groups:
            stop = bisect_left(self.settled.times, group[0].first)
            states, start = self._states_between(start, stop, states), stop
            if _is_settled(group, self.until):
                states = [self._after(state, group[0].mark) for state in states]
                self._check_questions()
            else:
                states = self._states_after(group, states)
        return self._states_between(start, len(self.settled.times), states)

    def _states_between(self, start: int, stop: int, states: list[S]) -> list[S]:
        """Return the states after settled events that follow some states."""
        next_states, step, world = list[S](), self.step, self.world
        events = self.settled.events[start:stop]
        for state in states:
            for event in events:
                state = step(state, event)
                # It may ask the date of an event that it holds.
                if world.asked is not None:
                    raise _UndecidableError
            next_states.append(state)
        return next_states

    def _states_after(self, group: list[Candidate], states: list[S]) -> list[S]:
        """Return the states that can be reached from *states* through a group."""
        width = _width(group, self.until)
        if width * 2 ** (width - 1) > self.left:
            raise TooManyError
        # The candidates left are a bit set, so that states reached by different orders
        # of the same candidates are merged.
        everything = (1 << len(group)) - 1
        begins = {h.place: 1 << i for i, h in enumerate(group) if not _is_end(h)}
        # The bit that each waits for: an end comes after its own beginning, and need
        # not come where that lies outside the window.
        needs = [begins.get(h.place, 0) if _is_end(h) else 0 for h in group]
        due = [
            (1 << i, need)
            for i, (h, need) in enumerate(zip(group, needs, strict=True))
            if h.last <= self.until
        ]
        reached: DistinctStates[S] = DistinctStates()
        start: DistinctStates[S] = DistinctStates()
        for state in states:
            start.add(state)
        # (candidates left, day reached) -> the states found there.
        front: dict[tuple[int, float], Distinct[S]] = {(everything, -math.inf): start}
        while front:
            following: dict[tuple[int, float], Distinct[S]] = {}
            for (rest, time), here in front.items():
                if all(rest & need or not rest & bit for bit, need in due):
                    for state in here.items:
                        reached.add(state)
                for index, then in self._next(group, needs, rest, time):
                    after = rest & ~(1 << index), then
                    there = following.setdefault(after, DistinctStates())
                    self._fold(group[index].mark, here, there)
            front = following
        return reached.items

    def _after(self, state: S, mark: Mark) -> S:
        after = self.step(state, mark)
        place = self.world.coupled.get(id(mark))
        if place is not None and after != state:
            self.world.split(place)
        return after

    def _fold(self, mark: Mark, here: Distinct[S], there: Distinct[S]) -> None:
        for state in here.items:
            if self.left <= 0:
                raise TooManyError
            self.left -= 1
            after = self._after(state, mark)
            self._check_questions()
            there.add(after)

    def _next(
        self, group: list[Candidate], needs: list[int], left: int, time: float
    ) -> Iterator[tuple[int, float]]:
        """Yield the candidates that may come next, each with its earliest time."""
        # The next one comes no later than the earliest last time of those left. The
        # group is sorted by first times, so the search ends at the first one beyond.
        near: list[int] = []
        latest: float = self.until
        index = (left & -left).bit_length() - 1
        while 0 <= index < len(group) and group[index].first <= latest:
            if left >> index & 1 and not left & needs[index]:
                latest = min(latest, group[index].last)
                near.append(index)
            index += 1
        for index in near:
            then = group[index].begin(max(time, group[index].first))
            if then is not None and then <= min(latest, group[index].last):
                yield index, then


def _is_end(candidate: Candidate) -> bool:
    return isinstance(candidate.mark, Ending)


def _width(group: list[Candidate], until: int) -> int:
    """Return a lower bound of the number of candidates that can come at one time.

    Each subset of them can come first, so a large number is refused before any work.
    """
    busiest, most = -math.inf, 0
    ends: list[float] = []
    for happening in group:
        while ends and ends[0] < happening.first:
            heappop(ends)
        heappush(ends, min(happening.last, until))
        if len(ends) > most:
            busiest, most = happening.first, len(ends)
    return sum(
        h.first <= busiest <= h.last and h.begin(busiest) == busiest for h in group
    )


def _drawn(
    projection: Projection[S],
    world: World,
    settled: Settled,
    limit: int,
    random: Random,
) -> Iterator[S]:
    """Yield the states for days and orders drawn at random, at least one."""
    until, step = world.until, projection._ordered_step
    spans = [(h.first, h.last) for h in world.happenings]
    groups = list(_groups(world.on(spans), until))
    known = [*takewhile(_is_known, groups)]
    rest = list(chain.from_iterable(groups[len(known) :]))
    start = bisect_left(settled.times, rest[0].first if rest else math.inf)
    first: list[tuple[float, Mark]] = [(g[0].first, g[0].mark) for g in known]
    first += zip(settled.times[:start], settled.events[:start], strict=True)
    marks = map(itemgetter(1), sorted(first, key=itemgetter(0)))
    state = reduce(step, marks, projection.initial())
    after = [*zip(settled.times[start:], repeat(0.0), settled.events[start:])]
    # An open start is drawn from the day before all others: earlier changes no order.
    floor = min((h.first for h in rest if h.first > -math.inf), default=until) - 2
    for _ in range(max(1, limit // (len(rest) + len(after))) if rest else 1):
        drawn: list[tuple[float, float, Mark]] = [*after]
        begun: dict[int, float] = {}
        for happening in rest:
            # Its own beginning was drawn before, or is known and earlier.
            low = begun.get(happening.place, floor)
            then = _time_of(happening, low, until, random)
            if happening.place in begun and getattr(happening.mark, "closes", False):
                then = low + 1  # of the day on which it begins
            begun[happening.place] = then
            if then <= until:
                if not _is_end(happening):
                    day = then // 2 if then > -math.inf else then
                    world.hold(happening.place, day, day)
                drawn.append((then, random.random(), happening.mark))
        end = state
        for _, _, mark in sorted(drawn, key=itemgetter(0, 1)):
            end = step(end, mark)
        yield end


def _is_known(group: list[Candidate]) -> bool:
    """Return whether a group is one event on one day."""
    return len(group) == 1 and group[0].first == group[0].last


def _time_of(happening: Candidate, floor: float, until: int, random: Random) -> float:
    """Return a random time of a candidate, not before another; infinite if later."""
    if floor > until or (happening.last > until and random.random() < _EVEN):
        return math.inf
    low, high = max(happening.first, floor), min(happening.last, until)
    wished = random.randint(int(low), int(high)) if low < high else high
    time = happening.begin(wished)
    return math.inf if time is None else time
