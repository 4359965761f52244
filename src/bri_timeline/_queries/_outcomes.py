"""All values that a selection can have, given what is unknown about dates."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial, reduce
from heapq import heappop, heappush
from itertools import chain
from operator import itemgetter
from random import Random
from typing import Any, Generic, NamedTuple, TypeVar

from bri_timeline._answer import Answer
from bri_timeline._events import (
    Ending,
    Event,
    Mark,
    Over,
    ending_of,
    unchecked_event,
    uncollected,
)
from bri_timeline._happening import Happening
from bri_timeline._projection import Projection
from bri_timeline._queries._distinct import Distinct, States
from bri_timeline._queries._values import Outcomes
from bri_timeline._window import Window
from bri_timeline.edtf import WatchedDate, begin_days, end_bounds, end_days, narrowed


__all__ = [
    "itself",
    "outcomes",
    "reached",
    "twin",
]


S = TypeVar("S")
V = TypeVar("V")
_EVEN = 0.5

# Starting again with other days costs about as much as this many calls.
_RESTART_COST = 20

# An open start needs some first day to split at: no real date is this many days early.
_LONG_AGO = 1 << 40


class _TooManyError(Exception):
    """The limit is reached."""


class _Candidate(NamedTuple):
    """A happening, or the end of one, restricted to some of its days.

    Times are half-days: what happens or begins on a day has twice the number of the
    day, and what ends on it one more. So an end comes after everything of its day, and
    before everything of the next.

    Attributes:
        mark: The event passed to the projection, whose date records questions; or its
            end.
        place: The index of the happening among all.
        first: The earliest time at which it may come here.
        last: The latest such time.
        begin: Returns the first of its times that is not before a time.
    """

    mark: Mark
    place: int
    first: float
    last: float
    begin: Callable[[float], float | None]


_Span = tuple[float, float]
_Begin = Callable[[float], float | None]


def _times(at_or_after: _Begin, offset: int) -> _Begin:
    """Return a function that finds the first possible time, not before a time.

    Args:
        at_or_after: Returns the first possible day that is not before a day.
        offset: 0 for a beginning, 1 for an end.
    """

    def begin(time: float) -> float | None:
        day = at_or_after(-((offset - time) // 2) if abs(time) < math.inf else time)
        return None if day is None else 2 * day + offset

    return begin


def outcomes(
    projection: Projection[S],
    of: Callable[[S], V],
    happenings: Iterable[Happening],
    window: Window,
    *,
    limit: int,
    seed: int | None = None,
) -> Outcomes[V]:
    """Return all values of a selection over every choice of days.

    Each happening falls on one of the days that its date allows, those within *window*
    are folded in the order of their days, and in any order within one day. If the
    projection has `ends`, a day is chosen for each end too, not before its beginning.
    Orders are tried, not days, unless the projection or the selection asks a date a
    question that the order does not decide. Then the days of that date are halved until
    each part has one answer, or is one day.

    Args:
        projection: The state to fold.
        of: Selects a value from a state.
        happenings: Those that happened within *window*, or may have.
        window: The days of the view.
        limit: The most calls of the projection where the order is open; each split of
            the days of a date counts as some calls.
        seed: If the limit is reached, draw orders at random from this seed, with as
            many calls again; None draws none.
    """
    ends = projection.ends is not None
    with uncollected():
        possible = sorted(happenings, key=Happening.possible_order)
        begun = [h for h in possible if window.answer(h.event.when) is Answer.YES]
        marks = chain.from_iterable(map(Happening.marks, begun)) if ends else begun
        certain = sorted(
            (h for h in marks if h.last <= window.until), key=Happening.certainty_order
        )
        world = _World(possible, window, ends=ends)
    values: Distinct[V] = Distinct()
    state = reduce(projection.step, (h.mark for h in certain), projection.initial())
    values.add(of(state))
    try:
        for value in _Completions(projection, of, world, limit).values():
            values.add(value)
    except _TooManyError:
        sampled = 0
        if seed is not None:
            for state in _drawn(projection, world, limit, Random(seed)):
                values.add(of(state))
                sampled += 1
        return Outcomes(tuple(values.items), complete=False, sampled=sampled)
    finally:
        world.end()
    return Outcomes(tuple(values.items), complete=True)


def reached(
    projection: Projection[S], happening: Happening, window: Window, limit: int
) -> list[S] | None:
    """Return the states that one happening alone can lead to; None if too many.

    Args:
        projection: The state to fold.
        happening: It happened within *window*, or may have.
        window: The days of the view.
        limit: The most calls of the projection.
    """
    found: Distinct[S] = Distinct()
    world = _World([happening], window, ends=projection.ends is not None)
    try:
        for state in _Completions(projection, itself, world, limit).values():
            found.add(state)
    except _TooManyError:
        return None
    finally:
        world.end()
    return found.items


def itself(state: Any) -> Any:
    """Return a state: what is selected from it where nothing is said."""
    return state


def _once(only: float, time: float) -> float | None:
    """Return the only possible time, if it is not before a time."""
    return only if time <= only else None


class _Open:
    """A happening that can be on several days, or that lasts.

    Args:
        happening: The event.
        note: Called for a question that the days left do not decide.
        ends: Its end is a candidate too.

    Attributes:
        date: Its date, which records the questions that it is asked.
        event: A copy of the event with that date.
        begin: Returns the first possible day that is not before a day.
        begin_times: Returns the first possible time of its beginning, likewise.
        end_times: The same for its end; None if it has none.
    """

    __slots__ = ("begin", "begin_times", "date", "end_times", "event")

    def __init__(
        self, happening: Event, note: Callable[[bool], None], *, ends: bool
    ) -> None:
        self.date = WatchedDate(happening.when, note)
        self.event = twin(happening, self.date)
        self.begin: _Begin = begin_days(happening.when).at_or_after
        self.begin_times = _times(self.begin, 0)
        self.end_times: _Begin | None = None
        if ends and ending_of(happening) is not None:
            self.end_times = _times(end_days(happening.when).at_or_after, 1)


class _World:
    """The happenings, with dates that record the questions they are asked.

    Args:
        happenings: In the order in which they become possible.
        window: The days of the view.
        ends: The ends of extents are candidates too.

    Attributes:
        day: The last day of the view.
        until: Its time: beginnings of that day have come, ends have not.
        asked: The place of a date with a question that its days left do not decide.
        is_undecidable: True if no choice of days would decide it.
        open: The happenings that can be on several days, or last, by their place.
    """

    def __init__(
        self, happenings: Sequence[Happening], window: Window, *, ends: bool
    ) -> None:
        self.since = window.since
        self.day = int(window.until)
        self.until = 2 * self.day
        self.happenings = happenings
        self.asked: int | None = None
        self.is_undecidable = False
        # Those on several days, or with an end: one day alone decides all questions, so
        # other events are passed as they are.
        self.open = {
            place: _Open(happening.event, partial(self._note, place), ends=ends)
            for place, happening in enumerate(happenings)
            if happening.first < happening.last or happening.event.when.is_extent
        }

    def _note(self, place: int, is_decidable: bool) -> None:
        self.asked = place
        self.is_undecidable |= not is_decidable

    def on(self, spans: Sequence[_Span]) -> list[_Candidate]:
        """Return the candidates within the window of the view, each within a span."""
        self.asked = None
        found: list[_Candidate] = []
        for place, (first, last) in enumerate(spans):
            one = self.open.get(place)
            if one is None:
                # Its only day is within the window, since it may have happened there.
                event, time = self.happenings[place].event, 2 * first
                begin = partial(_once, time)
                found.append(_Candidate(event, place, time, time, begin))
                continue
            low = first if first >= self.since else one.begin(self.since)
            if low is not None and low <= min(last, self.day):
                self.hold(place, low, min(last, self.day))
                # One that may lie before the window need not be folded, as one that
                # may lie after it.
                high = last if first >= self.since else math.inf
                times = one.begin_times
                found.append(_Candidate(one.event, place, 2 * low, 2 * high, times))
                found += self._end(place, one)
        # The sort is stable: no end comes before its own beginning.
        return sorted(found, key=itemgetter(2, 3))

    def _end(self, place: int, one: _Open) -> Iterator[_Candidate]:
        """Yield the end of a happening if it may have come."""
        times = one.end_times
        # Of the restricted date: its end cannot lie before the days left to its start.
        bounds = None if times is None else end_bounds(one.date.now)
        if times is not None and bounds is not None and bounds[0] < self.day:
            first, last = bounds
            mark = Ending(one.event, Over(first + 1, last + 1))
            yield _Candidate(mark, place, 2 * first + 1, 2 * last + 1, times)

    def hold(self, place: int, first: float, last: float) -> None:
        """Restrict a date to these days, if it has others."""
        if place in self.open:
            when = self.happenings[place].event.when
            self.open[place].date.answer_for(narrowed(when, first, last))

    def halves(self, place: int, span: _Span) -> tuple[_Span, ...]:
        """Split the days of a date, of which there is more than one, at a day.

        Raises:
            _TooManyError: An open start lies too far back to split.
        """
        first, last = span
        days = begin_days(self.happenings[place].event.when)
        if last > self.day:
            middle: float = self.day
        elif first < self.since:
            middle = self.since - 1
        elif first > -math.inf:
            middle = (first + last) // 2
        else:
            finite = [h.first for h in self.happenings if h.first > -math.inf]
            floor = min(finite, default=self.day)
            if last < floor - _LONG_AGO:
                raise _TooManyError
            middle = min(floor, last - 1 - abs(last - floor))
        return tuple(
            (low, high)
            for a, b in ((first, middle), (middle + 1, last))
            if (low := days.at_or_after(a)) is not None
            and (high := days.at_or_before(b)) is not None
            and low <= high
        )

    def end(self) -> None:
        """Give the events their own dates back; states may hold these events."""
        for place, one in self.open.items():
            when = self.happenings[place].event.when
            one.date.answer_for(when)
            # Events are immutable, but these are private copies. From here on they are
            # equal to the originals in every respect, so a caller may keep them.
            object.__setattr__(one.event, "when", when)


def twin(event: Event, when: WatchedDate) -> Event:
    """Return a copy of an event with the same id and a watched date."""
    twin = unchecked_event(event.what, when, event.cite, event._id)
    object.__setattr__(twin, "_digest", event._digest)
    return twin


def _groups(possible: Sequence[_Candidate], until: int) -> Iterator[list[_Candidate]]:
    """Split candidates into groups, each wholly before the next.

    Orders multiply within a group only.
    """
    group: list[_Candidate] = []
    end = -math.inf
    for happening in possible:
        if group and happening.first > end:
            yield group
            group = []
        group.append(happening)
        end = max(end, min(happening.last, until))
    if group:
        yield group


def _is_settled(group: list[_Candidate], until: int) -> bool:
    """Return whether a group has one order and has come by a time."""
    return len(group) == 1 and group[0].last <= until


class _AskedError(Exception):
    """A date was asked a question that its days left do not decide."""


class _Completions(Generic[S, V]):
    """All orders of the candidates, and all splits of days that were asked about."""

    def __init__(
        self,
        projection: Projection[S],
        of: Callable[[S], V],
        world: _World,
        limit: int,
    ) -> None:
        self.initial = projection.initial
        self.step = projection.step
        self.of = of
        self.world = world
        self.until = world.until
        self.left = limit

    def values(self) -> Iterator[V]:
        """Yield the possible values, some of them more than once.

        Raises:
            _TooManyError: The limit was reached.
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
            except _AskedError:
                place = world.asked
                # Folding all again must count, or splitting could go on for ever.
                self.left -= _RESTART_COST + len(spans)
                if place is None or world.is_undecidable or self.left <= 0:
                    raise _TooManyError from None
                halves = world.halves(place, spans[place])
                # The earlier half comes next: with an open start, it shows at once
                # if no split helps.
                pending += [
                    [*spans[:place], half, *spans[place + 1 :]]
                    for half in reversed(halves)
                ]

    def _check_questions(self) -> None:
        if self.world.asked is not None:
            raise _AskedError

    def _states(self, groups: list[list[_Candidate]]) -> list[S]:
        """Return the states that can be reached through groups, one after another.

        Raises:
            _TooManyError: The limit was reached.
        """
        states = [self.initial()]
        for group in groups:
            if _is_settled(group, self.until):
                states = [self.step(state, group[0].mark) for state in states]
                self._check_questions()
            else:
                states = self._states_after(group, states)
        return states

    def _states_after(self, group: list[_Candidate], states: list[S]) -> list[S]:
        """Return the states that can be reached from *states* through a group."""
        width = _width(group, self.until)
        if width * 2 ** (width - 1) > self.left:
            raise _TooManyError
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
        reached: States[S] = States()
        start: States[S] = States()
        for state in states:
            start.add(state)
        # (candidates left, day reached) -> the states found there.
        front: dict[tuple[int, float], Distinct[S]] = {(everything, -math.inf): start}
        while front:
            following: dict[tuple[int, float], Distinct[S]] = {}
            for (left, time), here in front.items():
                if all(left & need or not left & bit for bit, need in due):
                    for state in here.items:
                        reached.add(state)
                for index, then in self._next(group, needs, left, time):
                    after = left & ~(1 << index), then
                    there = following.setdefault(after, States())
                    self._fold(group[index].mark, here, there)
            front = following
        return reached.items

    def _fold(self, mark: Mark, here: Distinct[S], there: Distinct[S]) -> None:
        for state in here.items:
            if self.left <= 0:
                raise _TooManyError
            self.left -= 1
            after = self.step(state, mark)
            self._check_questions()
            there.add(after)

    def _next(
        self, group: list[_Candidate], needs: list[int], left: int, time: float
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


def _is_end(candidate: _Candidate) -> bool:
    return isinstance(candidate.mark, Ending)


def _width(group: list[_Candidate], until: int) -> int:
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
    projection: Projection[S], world: _World, limit: int, random: Random
) -> Iterator[S]:
    """Yield the states for days and orders drawn at random, at least one."""
    until, step = world.until, projection.step
    spans = [(h.first, h.last) for h in world.happenings]
    groups = list(_groups(world.on(spans), until))
    state, start = projection.initial(), 0
    while start < len(groups) and _is_known(groups[start]):
        state = step(state, groups[start][0].mark)
        start += 1
    rest = list(chain.from_iterable(groups[start:]))
    # An open start is drawn from the day before all others: earlier changes no order.
    floor = min((h.first for h in rest if h.first > -math.inf), default=until) - 2
    for _ in range(max(1, limit // len(rest)) if rest else 1):
        drawn: list[tuple[float, float, Mark]] = []
        begun: dict[int, float] = {}
        for happening in rest:
            # Its own beginning was drawn before, or is known and earlier.
            low = begun.get(happening.place, floor)
            then = _time_of(happening, low, until, random)
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


def _is_known(group: list[_Candidate]) -> bool:
    """Return whether a group is one event on one day."""
    return len(group) == 1 and group[0].first == group[0].last


def _time_of(happening: _Candidate, floor: float, until: int, random: Random) -> float:
    """Return a random time of a candidate, not before another; infinite if later."""
    if floor > until or (happening.last > until and random.random() < _EVEN):
        return math.inf
    low, high = max(happening.first, floor), min(happening.last, until)
    wished = random.randint(int(low), int(high)) if low < high else high
    found = happening.begin(wished)
    return math.inf if found is None else found
