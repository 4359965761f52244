"""The projection of a relationship."""

from __future__ import annotations

from typing import ClassVar, cast

from attrs import frozen

from bri_timeline import Event, Projection
from bri_timeline.errors import EventError
from bri_timeline.relations._actors import actors
from bri_timeline.relations._facts import AgreementSigned, Left
from bri_timeline.relations._handlers import HANDLERS, LASTING
from bri_timeline.relations._late import LateRelationship
from bri_timeline.relations._state import Relationship, ended, joined, left


def relationship(*parties: str) -> Projection[Relationship]:
    """Return the projection of the relationship among two or more parties.

    Every selection of a log passes it the same events: those that involve at least two
    of the parties, those that are the affair of one party alone, and those that refer
    to either. A person, an organisation or a region beside a single state does not
    change whose affair a figure, a project or a plan is. A relationship of three
    contains those of its pairs:

    - `initiatives`, `memberships`: of any party.
    - `visits`: if guest and host are two of the parties.
    - `meetings`, `agreements`, `agreement_statuses`: if at least two take part.
    - `agreement_count`, `agreed_value`, `agreements_without_value`: of `agreements`.
      A part adds nothing while its bundle is one of them. If the bundle is withdrawn,
      not yet certain, among others, or in a circle with it, the part counts by itself.
    - `positions`: of a party, towards another party or without an addressee.
    - `indicators`, `projects`: about at least two parties, or one alone; the last for
      the same actors, name and period, and the last of each project.
    - `plans`: with at least two parties, or one alone, to take part; with all events
      that refer to them, whichever actors those name.

    A membership, a position, the status of an agreement or of a project that is an
    extent leaves the state after its last day; then the last begun of its key that has
    not ended holds. Without an extent a position or a status holds until the next of
    its key begins, and does not return. A membership lasts until `Left`, extent or not:
    after the day of that it leaves the state, if it certainly began on the first day of
    the date of `Left` or before. If not, it may have ended: `View.active()` says so.
    Nothing else leaves the state: a visit of three days stays a visit.

    Args:
        parties: Two or more ids of actors: `AZE`, `CHN`.

    Raises:
        UnknownActorError: One of them is not the id of an actor.
        EventError: There are fewer than two.
    """
    who = actors(parties)
    if len(who) < 2:
        raise EventError(parties, "is not a relationship: name two or more parties")
    name = f"relationship({', '.join(map(repr, sorted(who)))})"
    evolve, ends, closes = _Evolve(who), _Ends(who), _Closes(who)
    return Projection(
        _Initial(who),
        evolve,
        parties=who,
        join=joined,
        ends=ends,
        closes=closes,
        late=LateRelationship(who),
        name=name,
    )


@frozen
class _Initial:
    """Returns the initial state. Equal for equal parties, unlike a closure."""

    parties: frozenset[str]

    def __call__(self) -> Relationship:
        return Relationship(self.parties)


@frozen
class _Evolve:
    """Returns the state after an event. Equal for equal parties."""

    parties: frozenset[str]
    handled: ClassVar[tuple[type, ...]] = (*HANDLERS,)
    # What does not depend on the order of events: bounds of these are exact.
    sized: ClassVar[tuple[str, ...]] = (
        "initiatives",
        "visits",
        "meetings",
        "agreements",
        "agreement_count",
        "agreements_without_value",
    )

    def __call__(self, state: Relationship, event: Event) -> Relationship:
        what = event.what
        handler = HANDLERS.get(type(what))
        return state if handler is None else handler(state, event, what)

    def sizes(self, state: Relationship, event: Event) -> dict[str, int | None]:
        """Return how much an event that may have happened adds to what is counted."""
        alone = self(Relationship(self.parties), event)
        sizes: dict[str, int | None] = {}
        for name in self.sized:
            part = getattr(alone, name)
            sizes[name] = part if isinstance(part, int) else len(part)
        what = event.what
        if isinstance(what, AgreementSigned) and (what.part_of or state._bundles):
            # It counts, or takes another from the count, as bundle and part are there.
            sizes.update(agreement_count=None, agreements_without_value=None)
        return sizes


@frozen
class _Ends:
    """Returns the state after the end of an event. Equal for equal parties."""

    parties: frozenset[str]

    def __call__(self, state: Relationship, event: Event) -> Relationship:
        what = event.what
        place = LASTING.get(type(what))
        return state if place is None else ended(state, *place(what), event)


@frozen
class _Closes:
    """Returns the state after the day of what ends memberships, likewise."""

    parties: frozenset[str]
    classes: tuple[type, ...] = (Left,)

    def __call__(
        self, state: Relationship, event: Event, is_ordered: bool
    ) -> Relationship:
        # It gets events of its classes only.
        what = cast("Left", event.what)
        return left(state, (what.member, what.body), event, is_ordered=is_ordered)
