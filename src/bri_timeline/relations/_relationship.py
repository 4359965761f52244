"""The projection that reads the state of a relationship from events."""

from __future__ import annotations

from attrs import frozen

from bri_timeline._events import Event
from bri_timeline._projection import Projection
from bri_timeline.errors import EventError
from bri_timeline.relations._actors import actors
from bri_timeline.relations._changes import HANDLERS
from bri_timeline.relations._standing import Relationship


__all__ = ["Relationship", "relationship"]


def relationship(*parties: str) -> Projection[Relationship]:
    """Return the projection of the relationship among some parties.

    Args:
        parties: Two actor ids or more: `AZE`, `CHN`.

    Raises:
        UnknownActorError: One of them names no actor.
        EventError: There are fewer than two.
    """
    who = actors(parties)
    if len(who) < 2:
        raise EventError(parties, "is no relationship: name two parties or more")
    name = f"relationship({', '.join(map(repr, sorted(who)))})"
    return Projection(_Initial(who), _Evolve(who), name=name)


@frozen
class _Initial:
    """Begins a relationship; equal for equal parties, as a closure would not be."""

    parties: frozenset[str]

    def __call__(self) -> Relationship:
        return Relationship(self.parties)


@frozen
class _Evolve:
    """Changes a relationship by an event; equal for equal parties."""

    parties: frozenset[str]

    def __call__(self, state: Relationship, event: Event) -> Relationship:
        what = event.what
        handler = HANDLERS.get(type(what))
        return state if handler is None else handler(state, event, what)
