"""A projection: how a state begins, and how an event changes it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from attrs import field, frozen

from bri_timeline._events import Event


__all__ = ["Projection", "projection"]

S = TypeVar("S")


@frozen(repr=False)
class Projection(Generic[S]):
    """A way to read a state from events: a beginning and a pure function.

    It is still a function: `pledged({}, event)` works, so it can be tested alone. It
    must not change the state it is given but return another, must return the state
    unchanged for kinds of event that it does not know, and must depend on nothing else.

    Args:
        initial: Returns the state before any event. A factory, so that no two folds
            share a state.
        evolve: Returns the state after an event.
        name: What to call it; by default the name of *evolve*.
    """

    initial: Callable[[], S]
    evolve: Callable[[S, Event], S]
    name: str = field(kw_only=True)

    @name.default
    def _name_of_function(self) -> str:
        return getattr(self.evolve, "__name__", type(self.evolve).__name__)

    def __call__(self, state: S, event: Event) -> S:
        """Return the state after one event."""
        return self.evolve(state, event)

    def fold(self, events: Iterable[Event]) -> S:
        """Return the state after *events*, taken in the order given."""
        state, evolve = self.initial(), self.evolve
        for event in events:
            state = evolve(state, event)
        return state

    def __repr__(self) -> str:
        return f"<projection {self.name}>"


def projection(
    *, initial: Callable[[], S]
) -> Callable[[Callable[[S, Event], S]], Projection[S]]:
    """Make a projection of a function that returns the state after an event.

    >>> @projection(initial=int)
    ... def count(seen: int, event: Event) -> int:
    ...     return seen + 1
    >>> count.fold([])
    0

    Args:
        initial: Returns the state before any event: a class such as `dict`, or a
            function of no arguments.
    """

    def decorate(evolve: Callable[[S, Event], S]) -> Projection[S]:
        return Projection(initial, evolve)

    return decorate
