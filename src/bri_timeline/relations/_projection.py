"""The projection of a relationship."""

from __future__ import annotations

from typing import Any, NamedTuple, get_args

from attrs import evolve

from bri_timeline import Event, projection
from bri_timeline.errors import EventError
from bri_timeline.folds import (
    Composed,
    in_force,
    keyed,
    listing,
    mapped,
    record,
    unordered,
)
from bri_timeline.measures import latest
from bri_timeline.relations._actors import actors
from bri_timeline.relations._bundles import Bundles
from bri_timeline.relations._facts import (
    AgreementSigned,
    AgreementStatusChanged,
    IndicatorObserved,
    InitiativeLaunched,
    Joined,
    Met,
    PositionDeclared,
    ProjectStatusChanged,
    Visited,
)
from bri_timeline.relations._plans import Plan, PlanChange, Planned, with_change
from bri_timeline.relations._state import Relationship


def relationship(*parties: str) -> Composed[Relationship]:
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

    It is composed: `relationship("AZE", "CHN").part("positions", ("AZE", "rail"))` is
    the projection of one position.

    Args:
        parties: Two or more ids of actors: `AZE`, `CHN`.

    Raises:
        UnknownActorError: One of them is not the id of an actor.
        EventError: There are fewer than two.
    """
    who = actors(parties)
    if len(who) < 2:
        raise EventError(parties, "is not a relationship: name two or more parties")
    return _RELATIONSHIP.among(*who)


def is_meant(event: Event, parties: frozenset[str]) -> bool:
    """Check whether a fact belongs to a relationship, of those that concern it.

    Args:
        event: The event of the fact.
        parties: The parties of the relationship.
    """
    what = event.what
    if isinstance(what, Visited):
        # A visit within one state is not a visit of one party to another.
        return what.guest != what.host
    if isinstance(what, PositionDeclared):
        addressees = what.towards - {what.actor}
        is_open = not what.towards or not addressees.isdisjoint(parties)
        return what.actor in parties and is_open
    return len(event.parties & parties) > 1


def figure(event: Event) -> object:
    """Return the key of a figure."""
    what: Any = event.what
    return what.parties, what.name, what.period or event.when


def _itself(event: Event) -> Event:
    return event


class _Made(NamedTuple):
    """A plan, if it was made, and its changes so far."""

    event: Event | None = None
    changes: tuple[Event, ...] = ()


# A vaguely dated plan may become certain only after its changes.
@projection(initial=_Made, reads=(Planned, *get_args(PlanChange)))
def _planned(made: _Made, event: Event) -> _Made:
    if isinstance(event.what, Planned):
        return _Made(event, made.changes)
    return _Made(made.event, with_change(made.changes, event))


def _plan(made: _Made) -> Plan | None:
    return None if made.event is None else Plan(made.event, made.changes)


@projection(initial=Bundles, reads=AgreementSigned)
def _bundled(bundles: Bundles, event: Event) -> Bundles:
    return bundles.having(event)


def _plan_id(event: Event) -> str:
    what: Any = event.what
    return event.id if isinstance(what, Planned) else what.plan


_RELATIONSHIP = evolve(
    record(
        Relationship,
        initiatives=listing(InitiativeLaunched),
        memberships=keyed(in_force(Joined), by=("member", "body")),
        visits=listing(Visited, where=is_meant),
        meetings=listing(Met, where=is_meant),
        agreements=listing(AgreementSigned, where=is_meant),
        agreement_statuses=keyed(
            in_force(AgreementStatusChanged, where=is_meant), by="agreement"
        ),
        positions=keyed(
            in_force(PositionDeclared, where=is_meant), by=("actor", "topic")
        ),
        indicators=keyed(latest(IndicatorObserved, of=_itself), by=figure),
        projects=keyed(in_force(ProjectStatusChanged), by="project"),
        plans=keyed(mapped(_planned, _plan), by=_plan_id),
        bundles=unordered(_bundled, Bundles.lacking, where=is_meant),
    ),
    name="relationship",
)
