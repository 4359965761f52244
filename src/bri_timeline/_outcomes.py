"""All values that a selection can have, given what is unknown about dates."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Iterator
from heapq import heappop, heappush
from itertools import chain
from operator import itemgetter
from random import Random
from typing import Generic, TypeVar

from attrs import frozen

from bri_timeline._happenings import Happening
from bri_timeline._projection import Projection


__all__ = ["Outcomes", "outcomes"]

S = TypeVar("S")
V = TypeVar("V")
_EVEN = 0.5


@frozen
class Outcomes(Generic[V]):
    """The values consistent with the dates.

    Attributes:
        values: A tuple of different values, the certain one first.
        complete: Whether these are all; when the orders were too many to try, each
            value here is possible, and others may be.
        sampled: How many orders were drawn at random, where they were too many.
    """

    values: tuple[V, ...]
    complete: bool
    sampled: int = 0

    @property
    def certain(self) -> V:
        """The value in the certain state."""
        return self.values[0]

    def __str__(self) -> str:
        text = " or ".join(map(repr, self.values))
        if self.complete:
            return text
        drawn = f"; {self.sampled} drawn at random" if self.sampled else ""
        return f"{text} (not all outcomes were tried{drawn})"


class _TooManyError(Exception):
    """The limit is reached."""


class _Distinct(Generic[S]):
    """Different values in order of arrival, hashable or not."""

    def __init__(self) -> None:
        self.items: list[S] = []
        self._seen: set[Hashable] = set()

    def add(self, item: S) -> None:
        if isinstance(item, Hashable):
            try:
                new = item not in self._seen
                if new:
                    self._seen.add(item)
                    self.items.append(item)
            except TypeError:  # a tuple of lists says that it is hashable
                pass
            else:
                return
        if item not in self.items:
            self.items.append(item)


def outcomes(
    projection: Projection[S],
    of: Callable[[S], V],
    happenings: Iterable[Happening],
    day: int,
    *,
    limit: int,
    seed: int | None = None,
) -> Outcomes[V]:
    """Return all values of a selection over every choice of days.

    Each happening falls on one of the days that its date allows, those on or before
    *day* are folded in the order of their days, and in any order within one day.

    Args:
        projection: The state to fold.
        of: Selects a value from a state.
        happenings: Those that have happened by *day*, or may have.
        day: The day of the view.
        limit: How many times the projection may be called where the order is open.
        seed: Where that is too few, draw orders at random from this seed, with as many
            calls again; None draws none.
    """
    possible = sorted(happenings, key=Happening.possible_order)
    certain = sorted(
        (h for h in possible if h.last <= day), key=Happening.certainty_order
    )
    values: _Distinct[V] = _Distinct()
    values.add(of(projection.fold(happening.event for happening in certain)))
    groups = list(_groups(possible, day))
    try:
        for state in _Search(projection, day, limit).states(groups):
            values.add(of(state))
    except _TooManyError:
        sampled = 0
        if seed is not None:
            for state in _drawn(projection, groups, day, limit, Random(seed)):
                values.add(of(state))
                sampled += 1
        return Outcomes(tuple(values.items), complete=False, sampled=sampled)
    return Outcomes(tuple(values.items), complete=True)


def _groups(happenings: list[Happening], day: int) -> Iterator[list[Happening]]:
    """Split happenings where all of one group lie before all of the next."""
    group: list[Happening] = []
    end = -math.inf
    for happening in happenings:
        if group and happening.first > end:
            yield group
            group = []
        group.append(happening)
        end = max(end, min(happening.last, day))
    if group:
        yield group


def _is_settled(group: list[Happening], day: int) -> bool:
    """Tell whether a group leaves nothing open."""
    return len(group) == 1 and group[0].last <= day


class _Search(Generic[S]):
    """Tries the orders of a group, one event after another, merging equal states."""

    def __init__(self, projection: Projection[S], day: int, limit: int) -> None:
        self.projection = projection
        self.day = day
        self.left = limit

    def states(self, groups: list[list[Happening]]) -> list[S]:
        """Return the states that can be reached through groups, one after another.

        Raises:
            _TooManyError: The limit was reached.
        """
        states = [self.projection.initial()]
        for group in groups:
            if _is_settled(group, self.day):
                states = [self.projection(state, group[0].event) for state in states]
            else:
                states = self._states_after(group, states)
        return states

    def _states_after(self, group: list[Happening], states: list[S]) -> list[S]:
        """Return the states that can be reached from *states* through a group."""
        width = _width(group, self.day)
        if width * 2 ** (width - 1) > self.left:
            raise _TooManyError
        # What is left of the group is a number, a bit for each happening.
        everything = (1 << len(group)) - 1
        due = sum(1 << i for i, h in enumerate(group) if h.last <= self.day)
        reached: _Distinct[S] = _Distinct()
        start: _Distinct[S] = _Distinct()
        for state in states:
            start.add(state)
        # From (what is left, the day reached) to the states found there.
        front: dict[tuple[int, float], _Distinct[S]] = {(everything, -math.inf): start}
        while front:
            following: dict[tuple[int, float], _Distinct[S]] = {}
            for (left, time), here in front.items():
                if not left & due:
                    for state in here.items:
                        reached.add(state)
                for index, then in self._next(group, left, time):
                    after = left & ~(1 << index), then
                    there = following.setdefault(after, _Distinct())
                    self._step(group[index], here, there)
            front = following
        return reached.items

    def _step(
        self, happening: Happening, here: _Distinct[S], there: _Distinct[S]
    ) -> None:
        for state in here.items:
            if self.left <= 0:
                raise _TooManyError
            self.left -= 1
            there.add(self.projection(state, happening.event))

    def _next(
        self, group: list[Happening], left: int, time: float
    ) -> Iterator[tuple[int, float]]:
        """Yield which may come next, and the earliest day on which it can."""
        # A date can be its last day, so nothing left may wait beyond its own. The group
        # is in the order of first days: what begins after that comes no sooner.
        latest, near = float(self.day), []
        index = (left & -left).bit_length() - 1
        while 0 <= index < len(group) and group[index].first <= latest:
            if left >> index & 1:
                latest = min(latest, group[index].last)
                near.append(index)
            index += 1
        for index in near:
            then = group[index].event.when.begin_on_or_after(time)
            if then is not None and then <= latest:
                yield index, then


def _width(group: list[Happening], day: int) -> int:
    """Return how many of a group can fall on one day, at least, in any order.

    Every choice of them may then come first: so many sets are to be gone through.
    """
    busiest, most = -math.inf, 0
    ends: list[float] = []
    for happening in group:
        while ends and ends[0] < happening.first:
            heappop(ends)
        heappush(ends, min(happening.last, day))
        if len(ends) > most:
            busiest, most = happening.first, len(ends)
    return sum(h.event.when.begin_on_or_after(busiest) == busiest for h in group)


def _drawn(
    projection: Projection[S],
    groups: list[list[Happening]],
    day: int,
    limit: int,
    random: Random,
) -> Iterator[S]:
    """Yield the states of orders drawn at random, at least one."""
    state, start = projection.initial(), 0
    while _is_settled(groups[start], day):
        state = projection(state, groups[start][0].event)
        start += 1
    open_ones = list(chain.from_iterable(groups[start:]))
    floor = min((h.first for h in open_ones if h.first > -math.inf), default=day) - 1
    for _ in range(max(1, limit // len(open_ones))):
        days = [
            (_day_of(happening, floor, day, random), random.random(), happening.event)
            for happening in open_ones
        ]
        end = state
        for _, _, event in sorted(
            (drawn for drawn in days if drawn[0] <= day), key=itemgetter(0, 1)
        ):
            end = projection(end, event)
        yield end


def _day_of(happening: Happening, floor: float, day: int, random: Random) -> float:
    """Return a day on which it may have happened; infinite if it has not."""
    if happening.last > day and random.random() < _EVEN:
        return math.inf
    low, high = max(happening.first, floor), min(happening.last, day)
    wished = random.randint(int(low), int(high)) if low < high else high
    found = happening.event.when.begin_on_or_after(wished)
    return math.inf if found is None else found
