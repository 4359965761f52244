"""The projection that reads the state of a relationship from events."""

from __future__ import annotations

from attrs import frozen

from bri_timeline._events import Event
from bri_timeline._projection import Projection
from bri_timeline.errors import EventError
from bri_timeline.relations._actors import actors
from bri_timeline.relations._changes import HANDLERS
from bri_timeline.relations._standing import Relationship, joined


__all__ = ["Relationship", "relationship"]


def relationship(*parties: str) -> Projection[Relationship]:
    """Return the projection of the relationship among some parties.

    It is passed what concerns them, whichever road leads to it: what involves at least
    two of them, or nobody but one of them, and what refers to that. A person, an
    organisation or a region beside a single state does not make a figure, a project or
    a plan somebody else's. A relationship of three is read as its pairs:

    - `initiatives`, `memberships`: those of any party.
    - `visits`: if guest and host are two of the parties.
    - `meetings`, `agreements`, `agreement_statuses`: if at least two take part.
    - `agreement_count`, `agreed_value`, `agreements_without_value`: of `agreements`.
      A part adds nothing while its bundle is one of them; where that is withdrawn, not
      yet certain, among others, or in a circle with it, the part counts by itself.
    - `positions`: of a party, towards another party or nobody in particular.
    - `indicators`, `projects`: about at least two, or about nobody but one; the last
      for the same actors, name and period, and the last of each project.
    - `plans`: with at least two, or nobody but one, to take part; with all that refers
      to them, whomever that names.

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
    return Projection(_Initial(who), _Evolve(who), parties=who, join=joined, name=name)


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
