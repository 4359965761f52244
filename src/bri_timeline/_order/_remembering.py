"""States of projections that take ends, with the facts in them that others may end."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Generic, TypeVar, cast

from attrs import field, frozen

from bri_timeline import _folds as folds
from bri_timeline._events import Event
from bri_timeline._events.marks import Mark, closing_classes
from bri_timeline._events.open_facts import OpenFacts, followed, latest_start
from bri_timeline._folds import Composed, MappedState, Ways
from bri_timeline._lasting import begun_within
from bri_timeline._projection import Projection
from bri_timeline._scope import EVER, Window


S = TypeVar("S")
V = TypeVar("V")
_MOST = 256


@frozen
class Remembered(Generic[S]):
    """A state, and the facts in it that other events may end.

    It equals another if the state does.

    Attributes:
        state: The state.
        facts: The facts.
    """

    state: S
    facts: OpenFacts = field(eq=False)


@frozen(repr=False, cache_hash=True)
class _Remembering(Projection[Any]):
    """A projection of `Remembered` states: it ends what others end in a log."""

    follow: _Follow = field(kw_only=True)
    classes: tuple[type, ...] = field(kw_only=True)

    @property
    def _closing(self) -> tuple[type, ...]:
        return self.classes

    @property
    def _begun(self) -> tuple[type, ...]:
        return self.follow.reads

    def _step_of(self, *, is_ordered: bool) -> Callable[[Any, Mark], Any]:
        return self.follow.step(is_ordered=is_ordered)


@frozen
class _Initial:
    """Returns the initial state. Equal for equal projections, unlike a closure."""

    shown: Projection[Any]

    def __call__(self) -> Remembered[Any]:
        return Remembered(self.shown.initial(), OpenFacts())


@frozen
class _Follow:
    """Returns the state after an event. Equal for equal projections.

    Attributes:
        shown: The projection of the state that is remembered.
        window: The days on which what it reads begins.
    """

    shown: Projection[Any]
    window: Window

    @property
    def reads(self) -> tuple[type, ...]:
        """The classes of the events that are folded."""
        return self.shown.reads or (object,)

    def __call__(self, kept: Remembered[Any], event: Event) -> Remembered[Any]:
        return self.step(is_ordered=False)(kept, event)

    def step(
        self, *, is_ordered: bool
    ) -> Callable[[Remembered[Any], Mark], Remembered[Any]]:
        """Return the function of a state and a mark that returns the state after it."""
        step, reads = self.shown._step, self.reads
        begun = latest_start if self.window == EVER else self._begun

        def after(kept: Remembered[Any], mark: Mark) -> Remembered[Any]:
            facts, marks = followed(
                kept.facts, mark, reads, is_ordered=is_ordered, begun=begun
            )
            state = kept.state
            for folded in marks:
                state = step(state, folded)
            if state is kept.state and facts is kept.facts:
                return kept
            return Remembered(state, facts)

        return after

    def _begun(self, event: Event) -> float:
        return (begun_within(event, self.window) or (0, math.inf))[1]


# Cached: to tell what ends others takes longer than a short question.
@lru_cache(_MOST)
def remembering(
    projection: Projection[S], kinds: tuple[type, ...], window: Window = EVER
) -> Projection[S]:
    """Return a projection that also ends what others end, of `Remembered` states.

    Args:
        projection: The projection, which takes ends.
        kinds: The payload classes of all events. If nothing that it reads of these is
            ended by others, it is returned itself.
        window: The days, where undecided events are folded as if they had happened.
    """
    reads = projection.reads
    classes = closing_classes(k for k in kinds if issubclass(k, reads or object))
    if not classes:
        return projection
    follow = _Follow(projection, window)
    made = _Remembering(
        _Initial(projection),
        follow,
        reads=None if reads is None else (*reads, *classes),
        parties=projection.parties,
        ends=projection.ends,
        name=projection.name,
        follow=follow,
        classes=classes,
    )
    # What it folds is shown by `state_of()`.
    return cast("Projection[S]", made)


def without_facts(state: S) -> S:
    """Return a state as its projection made it."""
    return state.state if isinstance(state, Remembered) else state


def state_of(state: S) -> S:
    """Return what people get of a state."""
    made = without_facts(state)
    shown: S = made.shown if isinstance(made, MappedState) else made
    return shown


def kept_in(state: object) -> object:
    """Return what tells how a state goes on, also if it is not shown."""
    if isinstance(state, Remembered):
        return kept_in(state.state), state.facts
    return folds.kept_in(state)


def shows_less(projection: Projection[S]) -> bool:
    """Check whether states of a projection may keep more than people get."""
    return isinstance(projection, _Remembering | Composed)


def of_shown(projection: Projection[S], of: Callable[[S], V]) -> Callable[[S], V]:
    """Return a selection from the states of a projection, as they are shown."""
    if not shows_less(projection):
        return of
    return lambda state: of(state_of(state))


def untold(given: Any) -> Any:
    """Return the projection itself of one that ends what others end."""
    return given.follow.shown if isinstance(given, _Remembering) else given


def composition_of(projection: Projection[S]) -> Composed[S] | None:
    """Return the composition that a projection is, or made of one, if any."""
    shown = untold(projection)
    # Of another `evolve` it is a fold as any other.
    if isinstance(shown, Composed) and isinstance(shown.evolve, Ways):
        return shown
    return None
