"""Filters: conditions on the events that count, whichever parties they concern."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple, TypeVar

from bri_timeline._events import Event
from bri_timeline._evidence import Source
from bri_timeline.errors import SelectionError


__all__ = ["Filter", "given", "ids_of"]

T = TypeVar("T")


class Filter(NamedTuple):
    """A condition on the events that count.

    Attributes:
        predicate: It returns true of the event; None for any event.
        kinds: The payload is an instance of one of these; empty for any payload.
        told_by: The event rests on one of these; empty for any or no source.
    """

    predicate: Callable[[Event], bool] | None = None
    kinds: tuple[type, ...] = ()
    told_by: frozenset[Source] = frozenset()

    @classmethod
    def of(
        cls,
        predicate: Callable[[Event], bool] | None,
        kinds: type | Iterable[type],
        told_by: Source | Iterable[Source],
    ) -> Filter:
        """Return the filter of `EventLog.where()`.

        Raises:
            SelectionError: One of the arguments is something else.
        """
        if predicate is not None and not callable(predicate):
            problem = "is not a function of an event that returns true or false"
            raise SelectionError(
                predicate, f"{problem}: write where(lambda event: ...)"
            )
        classes = given(kinds, type, "a payload class", "kinds=Visited")
        sources = given(told_by, Source, "a source", "told_by=Source(...)")
        return cls(predicate, classes, frozenset(sources))

    def may_hold(self, event: Event) -> bool:
        """Check everything but the predicate.

        A claim that rests on several entries has their citations together. This is so
        of the whole if it is so of one of them; of a predicate that is not known.
        """
        if self.kinds and not isinstance(event.what, self.kinds):
            return False
        return not self.told_by or any(c.source in self.told_by for c in event.cite)

    def __str__(self) -> str:
        predicate = [] if self.predicate is None else [repr(self.predicate)]
        kinds = ", ".join(kind.__name__ for kind in self.kinds)
        sources = ", ".join(sorted(map(repr, self.told_by)))
        predicate += [f"kinds=({kinds},)"] if kinds else []
        predicate += [f"told_by=({sources},)"] if sources else []
        return f"where({', '.join(predicate)})"


def ids_of(parties: object, example: str) -> tuple[str, ...]:
    """Return actor ids as a tuple.

    Raises:
        SelectionError: Something else is among them, or they are one text.
    """
    if isinstance(parties, str):
        raise SelectionError(parties, f"is not a collection of ids: write {example}")
    return given(parties, str, "an actor id", example)


def given(value: object, cls: type[T], name: str, example: str) -> tuple[T, ...]:
    """Return one object, or several, as a tuple.

    Raises:
        SelectionError: Something else is among them, or there are none.
    """
    # `()` is the default, and asks for nothing. Any other empty collection was
    # computed, and would select everything where nothing is meant.
    if isinstance(value, cls):
        return (value,)
    if isinstance(value, Iterable) and not isinstance(value, str):
        items = tuple(value)
    else:
        items = (value,)
    for item in items:
        if not isinstance(item, cls):
            raise SelectionError(item, f"is not {name}: write {example}")
    if not items and value != ():
        problem = f"is empty, and does not name {name}"
        raise SelectionError(value, f"{problem}: leave it out to select all")
    return tuple(dict.fromkeys(items))
