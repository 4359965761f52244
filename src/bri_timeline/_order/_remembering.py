"""States of projections that take ends, with the facts in them that others may end."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Generic, TypeVar, cast

from attrs import field, frozen

from bri_timeline._events import Event
from bri_timeline._events.marks import Ending, Mark, Over, closing_classes
from bri_timeline._events.open_facts import OpenFacts, followed, latest_start
from bri_timeline._folds import Composed, MappedState
from bri_timeline._lasting import begun_within
from bri_timeline._projection import Projection
from bri_timeline._scope import EVER, Window


S = TypeVar("S")
V = TypeVar("V")
_MOST = 256
# A fold takes ends in their order, and asks none for its days.
_SOME_TIME = Over(0, 0)


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

    def begins(self, event: Event) -> bool:
        """Check whether an event that ends others is read too."""
        return isinstance(event.what, cast("_Evolve", self.evolve).reads)


@frozen
class _Initial:
    """Returns the initial state. Equal for equal projections, unlike a closure."""

    shown: Projection[Any]

    def __call__(self) -> Remembered[Any]:
        return Remembered(self.shown.initial(), OpenFacts())


@frozen
class _Step:
    """Returns the state after a mark. Equal for equal projections.

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

    def after(
        self, kept: Remembered[Any], mark: Mark, *, is_ordered: bool = False
    ) -> Remembered[Any]:
        """Return the state after a mark."""
        begun = latest_start if self.window == EVER else self._begun
        facts, marks = followed(
            kept.facts, mark, self.reads, is_ordered=is_ordered, begun=begun
        )
        state, step = kept.state, self.shown._step
        for folded in marks:
            state = step(state, folded)
        if state is kept.state and facts is kept.facts:
            return kept
        return Remembered(state, facts)

    def _begun(self, event: Event) -> float:
        return (begun_within(event, self.window) or (0, math.inf))[1]


@frozen
class _Evolve(_Step):
    def __call__(self, kept: Remembered[Any], event: Event) -> Remembered[Any]:
        return self.after(kept, event)


@frozen
class _Ends(_Step):
    def __call__(self, kept: Remembered[Any], event: Event) -> Remembered[Any]:
        return self.after(kept, Ending(event, _SOME_TIME))


@frozen
class _Closes(_Step):
    classes: tuple[type, ...]

    def __call__(
        self, kept: Remembered[Any], event: Event, is_ordered: bool
    ) -> Remembered[Any]:
        ending = Ending(event, _SOME_TIME, closes=True)
        return self.after(kept, ending, is_ordered=is_ordered)


# Cached: to tell what ends others takes longer than a short question.
@lru_cache(_MOST)
def remembering(
    projection: Projection[S], kinds: tuple[type, ...], window: Window = EVER
) -> Projection[S]:
    """Return a projection that also ends what others end, of `Remembered` states.

    Args:
        projection: The projection, which takes ends, and is not told what ends others.
        kinds: The payload classes of all events. If nothing that it reads of these is
            ended by others, it is returned itself.
        window: The days, where undecided events are folded as if they had happened.
    """
    reads = projection.reads
    classes = closing_classes(k for k in kinds if issubclass(k, reads or object))
    if not classes:
        return projection
    made = _Remembering(
        _Initial(projection),
        _Evolve(projection, window),
        reads=None if reads is None else (*reads, *classes),
        parties=projection.parties,
        ends=_Ends(projection, window),
        closes=_Closes(projection, window, classes),
        name=projection.name,
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


def shows_less(projection: Projection[S]) -> bool:
    """Check whether states of a projection may keep more than people get."""
    return isinstance(projection, _Remembering | Composed)


def of_shown(projection: Projection[S], of: Callable[[S], V]) -> Callable[[S], V]:
    """Return a selection from the states of a projection, as they are shown."""
    if not shows_less(projection):
        return of
    return lambda state: of(state_of(state))


def composition_of(projection: Projection[S]) -> Composed[S] | None:
    """Return the composition that a projection is, or made of one, if any."""
    if isinstance(projection, _Remembering):
        projection = cast("_Step", projection.evolve).shown
    return projection if isinstance(projection, Composed) else None
