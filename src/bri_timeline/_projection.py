"""A projection: how a state begins, and how an event changes it."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Iterable
from types import CodeType
from typing import Generic, TypeVar

from attrs import field, frozen

from bri_timeline._events import Event
from bri_timeline.errors import ProjectionError


__all__ = ["Projection", "blame", "projection", "require"]

S = TypeVar("S")


def _classes(reads: type | Iterable[type] | None) -> tuple[type, ...] | None:
    """Return classes as a tuple.

    Raises:
        ProjectionError: Something else is among them.
    """
    if reads is None:
        return None
    classes = (reads,) if isinstance(reads, type) else tuple(reads)
    for cls in classes:
        if not isinstance(cls, type):
            problem = "is no class: name the payload classes that are read"
            raise ProjectionError(cls, problem)
    return classes


def _check_call(function: object, name: str, *wanted: str) -> None:
    """Make sure that a function can be called with so many arguments.

    Raises:
        ProjectionError: It cannot.
    """
    takes = " and ".join(wanted) or "no argument"
    if not callable(function):
        problem = f"is not a function: give as {name} one that takes {takes}"
        raise ProjectionError(function, problem)
    # Looking at a signature is slow, and most functions are plain.
    code = getattr(function, "__code__", None) or _call_of(function)
    own = 0 if hasattr(function, "__code__") else 1
    if code is not None and code.co_argcount - own == len(wanted):
        return
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # some built-in functions do not say
        return
    try:
        signature.bind(*wanted)
    except TypeError as error:
        problem = f"cannot be {name}, which takes {takes}: {error}"
        raise ProjectionError(function, problem) from None


@frozen(repr=False, cache_hash=True)
class Projection(Generic[S]):
    """A way to read a state from events: a beginning and a pure function.

    It is still a function: `pledged({}, event)` works, so it can be tested alone. It
    must not change the state it is given but return another, must return the state
    unchanged for kinds of event that it does not know, and must depend on nothing else.

    Args:
        initial: Returns the state before any event. A factory, so that no two folds
            share a state.
        evolve: Returns the state after an event.
        reads: The payload classes that it looks at; events of others are not passed
            to it, and are found by an index rather than by looking at each. By default
            it sees every event.
        name: What to call it; by default the name of *evolve*.

    Raises:
        ProjectionError: What it reads is no class, or one of the functions takes other
            arguments.
    """

    initial: Callable[[], S]
    evolve: Callable[[S, Event], S]
    reads: tuple[type, ...] | None = field(
        default=None, converter=_classes, kw_only=True
    )
    name: str = field(kw_only=True)

    def __attrs_post_init__(self) -> None:
        _check_call(self.initial, "initial")
        _check_call(self.evolve, "evolve", "a state", "an event")

    @name.default
    def _name_of_function(self) -> str:
        return getattr(self.evolve, "__name__", type(self.evolve).__name__)

    def __call__(self, state: S, event: Event) -> S:
        """Return the state after one event."""
        if self.reads is None or isinstance(event.what, self.reads):
            return self.evolve(state, event)
        return state

    def fold(self, events: Iterable[Event]) -> S:
        """Return the state after *events*, taken in the order given."""
        state, evolve = self.initial(), self.evolve
        try:
            for event in self.seen(events):
                state = evolve(state, event)
        except Exception as error:
            blame(error, self)
            raise
        return state

    def seen(self, events: Iterable[Event]) -> Iterable[Event]:
        """Return those of some events that it reads."""
        if self.reads is None:
            return events
        return [event for event in events if isinstance(event.what, self.reads)]

    def __repr__(self) -> str:
        return f"<projection {self.name}>"

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle one that stands in a module by its name, as functions are."""
        place = self.evolve.__module__, getattr(self.evolve, "__qualname__", "")
        if _standing(*place) is self:
            return _standing, place
        return _made, (self.initial, self.evolve, self.reads, self.name)


def _call_of(function: Callable[..., object]) -> CodeType | None:
    """Return the code of an object that can be called, if it has any."""
    code = getattr(type(function).__call__, "__code__", None)
    return code if isinstance(code, CodeType) else None


def require(given: object) -> Projection[object]:
    """Return what was given for a projection, if it is one.

    Raises:
        ProjectionError: It is not, as where somebody forgot to call the function that
            makes one.
    """
    if isinstance(given, Projection):
        return given
    problem = "is not a projection: make one by @projection(initial=...)"
    if callable(given):
        problem += "; if it is a function that returns one, call it"
    raise ProjectionError(given, problem) from None


def blame(error: Exception, projection: object) -> None:
    """Note on an error at which event a projection raised it.

    To be called once something was raised, so that folding costs what it did before.

    Args:
        error: What was raised while the projection was used.
        projection: What was given for one.

    Raises:
        ProjectionError: That is not a projection.
    """
    evolve = require(projection).evolve
    code = getattr(evolve, "__code__", None) or _call_of(evolve)
    trace, inside = error.__traceback__, False
    while trace is not None:
        frame, trace = trace.tb_frame, trace.tb_next
        inside = inside or frame.f_code is code
        found = [e for e in frame.f_locals.values() if isinstance(e, Event)]
        if inside and found:
            note = f"in {projection!r}, at {found[0].when}: {found[0]!r}"
            if note not in getattr(error, "__notes__", ()):
                error.add_note(note)
            return


def _standing(module: str, name: str) -> object:
    """Return what is called so in a module; None if nothing is."""
    found: object = importlib.import_module(module)
    for part in name.split("."):
        found = getattr(found, part, None)
    return found


def _made(
    initial: Callable[[], S],
    evolve: Callable[[S, Event], S],
    reads: tuple[type, ...] | None,
    name: str,
) -> Projection[S]:
    return Projection(initial, evolve, reads=reads, name=name)


def projection(
    *, initial: Callable[[], S], reads: type | Iterable[type] | None = None
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
        reads: The payload classes that the function looks at: events of others are not
            passed to it. By default every event is.

    Raises:
        ProjectionError: What it reads is no class.
    """

    def decorate(evolve: Callable[[S, Event], S]) -> Projection[S]:
        return Projection(initial, evolve, reads=reads)

    return decorate
