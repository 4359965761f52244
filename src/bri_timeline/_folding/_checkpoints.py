"""Checkpoints: states along an event sequence, at regular intervals."""

from __future__ import annotations

import copy
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from itertools import chain
from typing import Any, Generic, TypeVar

from bri_timeline._events import Ending, Event, Mark
from bri_timeline._folding._order import FoldOrder
from bri_timeline._folding._sequence import EventSequence
from bri_timeline._happening import SOME_DAY
from bri_timeline._journal import Basis
from bri_timeline._projection import Projection


__all__ = [
    "By",
    "CachedOrder",
    "Checkpoints",
    "Groups",
    "KeptCheckpoints",
    "groups_of",
    "neighbours",
    "private_copy",
]


S = TypeVar("S")


class Checkpoints(Generic[S]):
    """The states of one projection along one event sequence, from its beginning.

    A checkpoint is identified by its place in fold order, never by time of arrival. An
    event that is inserted late invalidates only the checkpoints after its place.

    Attributes:
        states: The state before each place; private, so callers get copies.
        stride: The number of singletons from one place to the next.
    """

    __slots__ = ("states", "stride")

    def __init__(self, states: list[S], stride: int) -> None:
        self.states = states
        self.stride = stride

    @property
    def end(self) -> int:
        """The place of the next checkpoint."""
        return len(self.states) * self.stride

    def until(self, index: int) -> Checkpoints[S]:
        """Return a copy of the checkpoints no later than an index."""
        return Checkpoints(self.states[: index // self.stride + 1], self.stride)

    def forget(self, index: int) -> None:
        """Discard the checkpoints after an index."""
        del self.states[index // self.stride + 1 :]

    def thin(self) -> None:
        """Discard every second checkpoint."""
        self.states = self.states[::2]
        self.stride *= 2

    def nearest(self, index: int) -> tuple[int, S]:
        """Return the last place not after an index, and a copy of the state there."""
        place = min(index // self.stride, len(self.states) - 1)
        return place * self.stride, private_copy(self.states[place])

    def advance(
        self, projection: Projection[S], sequence: EventSequence, stop: int
    ) -> None:
        """Fold on to an index, and keep a checkpoint at each place."""
        first = (len(self.states) - 1) * self.stride
        places = range(first, stop - self.stride + 1, self.stride)
        found = sequence.states(projection.step, private_copy(self.states[-1]), places)
        self.states.extend(map(private_copy, found))


def private_copy(state: S) -> S:
    """Return a state that no caller can change: a copy, unless it has a hash."""
    try:
        hash(state)
    except TypeError:
        return copy.deepcopy(state)
    return state


K = TypeVar("K", bound=Hashable)
By = Callable[[Event], Iterable[K]]
Groups = dict[K, tuple[list[float], list[Mark]]]
KeptCheckpoints = OrderedDict[tuple[Projection[Any], Basis], Checkpoints[Any]]
_MOST_GROUPS = 2


class CachedOrder:
    """A fold order, and the checkpoints and groups that were derived from it.

    Attributes:
        order: The fold order.
        kept: Checkpoints, by projection and basis.
        beliefs: Sparser checkpoints of queries over many bases, likewise.
        groups: Marks by key, with the days on which they are certain; by key function
            and basis.
        derived: What else was derived from the order, by its name.
    """

    __slots__ = ("beliefs", "derived", "groups", "kept", "order")

    def __init__(self, order: FoldOrder) -> None:
        self.order = order
        self.derived: OrderedDict[Hashable, Any] = OrderedDict()
        self.groups: dict[tuple[By[Any], Basis], Groups[Any]] = {}
        self.kept: KeptCheckpoints = OrderedDict()
        self.beliefs: KeptCheckpoints = OrderedDict()

    @property
    def state_count(self) -> int:
        """The number of checkpoints."""
        return sum(len(checkpoints.states) for checkpoints in self._all())

    def catch_up(self) -> int:
        """Update the order; return the number of checkpoints that became invalid."""
        low = self.order.catch_up()
        if low is None:
            return 0
        self.groups.clear()
        self.derived.clear()
        before = self.state_count
        for checkpoints in self._all():
            # Checkpoints before the first change stay valid: their prefix is the same.
            checkpoints.forget(low)
        return before - self.state_count

    def _all(self) -> Iterable[Checkpoints[Any]]:
        return chain(self.kept.values(), self.beliefs.values())

    def grouped(self, by: By[K], basis: Basis, *, keep: bool) -> Groups[K]:
        """Return all marks by key, each list in fold order.

        Args:
            by: Returns the keys of an event.
            basis: The entries that count as known.
            keep: Keep the groups for later queries.
        """
        sequence = self.order.under(basis)
        found: Groups[K] | None = self.groups.get((by, sequence.basis))
        if found is None:
            found = groups_of(sequence.certain(SOME_DAY), by)
            if len(self.groups) >= _MOST_GROUPS:
                del self.groups[next(iter(self.groups))]
            if keep:
                self.groups[by, sequence.basis] = found
        return found


def groups_of(marks: Iterable[Mark], by: By[K]) -> Groups[K]:
    """Return marks by the keys of their events, with the days of their certainty."""
    found: Groups[K] = {}
    for mark in marks:
        event = mark.event if isinstance(mark, Ending) else mark
        for key in by(event):
            if key not in found:
                found[key] = [], []
            lasts, group = found[key]
            lasts.append(mark.when.latest_start)
            group.append(mark)
    return found


def neighbours(bases: list[Basis], basis: Basis) -> list[Basis]:
    """Return the bases whose event sequence is likely to be the most similar."""
    alike = [other for other in bases if other.prefer == basis.prefer]
    below = [other for other in alike if other.known_by <= basis.known_by]
    above = [other for other in alike if other.known_by >= basis.known_by]
    found = [max(below, key=_known_by)] if below else []
    return found + ([min(above, key=_known_by)] if above else [])


def _known_by(basis: Basis) -> float:
    return basis.known_by
