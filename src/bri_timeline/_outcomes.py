"""All values that a selection can have, given what is unknown about dates."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Generic, TypeVar

from attrs import frozen

from bri_timeline._happenings import Happening
from bri_timeline._projection import Projection


__all__ = ["Outcomes", "outcomes"]

S = TypeVar("S")
V = TypeVar("V")


@frozen
class Outcomes(Generic[V]):
    """The values consistent with the dates.

    Attributes:
        values: A tuple of different values, the certain one first.
        complete: Whether these are all; when the orders were too many to try, each
            value here is possible, and others may be.
    """

    values: tuple[V, ...]
    complete: bool

    def __str__(self) -> str:
        text = " or ".join(map(repr, self.values))
        return text if self.complete else f"{text} (not all outcomes were tried)"


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
    happenings: Sequence[Happening],
    day: int,
    limit: int,
) -> Outcomes[V]:
    """Return all values of a selection over every choice of days.

    Each happening falls on one of the days that its date allows, those on or before
    *day* are folded in the order of their days, and in any order within one day.

    Args:
        projection: The state to fold.
        of: Selects a value from a state.
        happenings: Those that have happened by *day*, or may have.
        day: The day of the view.
        limit: How many times the projection may be called.
    """
    certain = projection.fold(
        h.event
        for h in sorted(happenings, key=Happening.certainty_order)
        if h.last <= day
    )
    values: _Distinct[V] = _Distinct()
    values.add(of(certain))
    search = _Search(projection, day, limit)
    states = [projection.initial()]
    try:
        for group in _groups(happenings, day):
            states = search.states_after(group, states)
    except _TooManyError:
        return Outcomes(tuple(values.items), complete=False)
    for state in states:
        values.add(of(state))
    return Outcomes(tuple(values.items), complete=True)


def _groups(happenings: Sequence[Happening], day: int) -> Iterator[list[Happening]]:
    """Split happenings where all of one group lie before all of the next."""
    group: list[Happening] = []
    end = -math.inf
    for happening in sorted(happenings, key=Happening.possible_order):
        if group and happening.first > end:
            yield group
            group = []
        group.append(happening)
        end = max(end, min(happening.last, day))
    if group:
        yield group


class _Search(Generic[S]):
    """Tries the orders of a group, one event after another, merging equal states."""

    def __init__(self, projection: Projection[S], day: int, limit: int) -> None:
        self.projection = projection
        self.day = day
        self.left = limit

    def states_after(self, group: list[Happening], states: list[S]) -> list[S]:
        """Return the states that can be reached from *states* through a group."""
        everything = frozenset(range(len(group)))
        optional = frozenset(i for i in everything if group[i].last > self.day)
        reached: _Distinct[S] = _Distinct()
        # From (what is left, the day reached) to the states found there.
        front: dict[tuple[frozenset[int], float], _Distinct[S]] = {}
        start: _Distinct[S] = _Distinct()
        for state in states:
            start.add(state)
        front[everything, -math.inf] = start
        while front:
            following: dict[tuple[frozenset[int], float], _Distinct[S]] = {}
            for (left, time), here in front.items():
                if left <= optional:
                    for state in here.items:
                        reached.add(state)
                for index, then in self._next(group, left, time):
                    there = following.setdefault((left - {index}, then), _Distinct())
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
            there.add(self.projection.evolve(state, happening.event))

    def _next(
        self, group: list[Happening], left: frozenset[int], time: float
    ) -> Iterator[tuple[int, float]]:
        """Yield which may come next, and the earliest day on which it can."""
        # A date can be its last day, so nothing left may wait beyond its own.
        latest = min((group[i].last for i in left), default=math.inf)
        latest = min(latest, self.day)
        for index in left:
            then = group[index].event.when.begin_on_or_after(time)
            if then is not None and then <= latest:
                yield index, then
