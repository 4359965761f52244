"""States along a course, one every so many events."""

from __future__ import annotations

import copy
from typing import Generic, TypeVar

from bri_timeline._course import Course
from bri_timeline._projection import Projection


__all__ = ["Track", "mine"]

S = TypeVar("S")


class Track(Generic[S]):
    """The states of one projection along one course, from its beginning.

    Attributes:
        states: The state before the event at each place: they are never given away.
        stride: From each place to the next, in events that stand alone.
    """

    __slots__ = ("states", "stride")

    def __init__(self, states: list[S], stride: int) -> None:
        self.states = states
        self.stride = stride

    @property
    def end(self) -> int:
        """The place at which the next state would be kept."""
        return len(self.states) * self.stride

    def until(self, index: int) -> Track[S]:
        """Return a copy of what lies no later than an index."""
        return Track(self.states[: index // self.stride + 1], self.stride)

    def forget(self, index: int) -> None:
        """Let go of what lies after an index."""
        del self.states[index // self.stride + 1 :]

    def thin(self) -> None:
        """Let every second state go."""
        self.states = self.states[::2]
        self.stride *= 2

    def nearest(self, index: int) -> tuple[int, S]:
        """Return the last place not after an index, and the state before it."""
        place = min(index // self.stride, len(self.states) - 1)
        return place * self.stride, mine(self.states[place])

    def advance(self, projection: Projection[S], course: Course, stop: int) -> None:
        """Fold on to an index, keeping states."""
        first = (len(self.states) - 1) * self.stride
        places = range(first, stop - self.stride + 1, self.stride)
        found = course.states(projection.evolve, mine(self.states[-1]), places)
        self.states.extend(map(mine, found))


def mine(state: S) -> S:
    """Return a state that nobody else can change: itself if nobody can at all."""
    try:
        hash(state)
    except TypeError:
        return copy.deepcopy(state)
    return state
