"""The state of a relationship, and the projection that reads it from events."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable
from decimal import Decimal

from attrs import evolve, field, frozen

from bri_timeline._events import Event
from bri_timeline._projection import Projection
from bri_timeline.errors import EventError
from bri_timeline.relations._actors import actors
from bri_timeline.relations._facts import (
    AgreementSigned,
    AgreementStatusChanged,
    Cancelled,
    Held,
    IndicatorObserved,
    InitiativeLaunched,
    Joined,
    Left,
    Met,
    Planned,
    PositionDeclared,
    Postponed,
    ProjectStatusChanged,
    Rescheduled,
    Visited,
)
from bri_timeline.relations._plan import Plan
from bri_timeline.relations._table import Table

__all__ = ["Relationship", "relationship"]


@frozen
class Relationship:
    """How things stand between some parties. Collections hold `Event`s.

    Attributes:
        parties: Whose relationship it is.
        initiatives: Those launched by any of the parties.
        memberships: (member, body) -> the event by which a party joined, unless it left.
        visits: Visits between the parties.
        meetings: Meetings at which all parties took part.
        agreements: Agreements among all parties, parts of bundles included.
        agreement_count: How many agreements were signed; parts are not counted again.
        agreed_value: currency -> what they are worth together; parts add nothing.
        agreements_without_value: Agreements, parts excepted, whose value is not said.
        agreement_statuses: id of an agreement -> the event that changed its status last.
        positions: (actor, topic) -> the last position of a party that concerns another,
            or nobody in particular.
        indicators: name -> the last figure about the parties, or some of them.
        projects: name -> the last status of a project of the parties, or some of them.
        plans: id -> `Plan`: those in which any of the parties is to take part.
    """

    parties: frozenset[str]
    initiatives: tuple[Event, ...] = ()
    memberships: Table[tuple[str, str], Event] = field(factory=Table)
    visits: tuple[Event, ...] = ()
    meetings: tuple[Event, ...] = ()
    agreements: tuple[Event, ...] = ()
    agreement_count: int = 0
    agreed_value: Table[str, Decimal] = field(factory=Table)
    agreements_without_value: tuple[Event, ...] = ()
    agreement_statuses: Table[str, Event] = field(factory=Table)
    positions: Table[tuple[str, str], Event] = field(factory=Table)
    indicators: Table[str, Event] = field(factory=Table)
    projects: Table[str, Event] = field(factory=Table)
    plans: Table[str, Plan] = field(factory=Table)
    # What was recorded about plans that are not certain yet themselves.
    _early: Table[str, tuple[Event, ...]] = field(factory=Table, repr=False)


def relationship(*parties: str) -> Projection[Relationship]:
    """Return the projection of the relationship among some parties.

    Args:
        parties: Two actor ids or more: `AZE`, `CHN`.

    Raises:
        UnknownActorError: One of them names no actor.
        EventError: There are fewer than two.
    """
    who = actors(parties)
    if len(who) < 2:  # noqa: PLR2004 - it takes two
        raise EventError(parties, "is no relationship: name two parties or more")
    name = f"relationship({', '.join(map(repr, parties))})"
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
        handler = _HANDLERS.get(type(event.what))
        return state if handler is None else handler(state, event)


def _with(events: tuple[Event, ...], event: Event) -> tuple[Event, ...]:
    """Insert by date, so that the order of events of one day does not matter."""
    place = bisect(events, _by_date(event), key=_by_date)
    return *events[:place], event, *events[place:]


def _by_date(event: Event) -> tuple[tuple[float, float, str], str]:
    return event.when.sort_key(), event.id


def _within(state: Relationship, parties: frozenset[str]) -> bool:
    """Tell whether something is about the parties, all or some, and about nobody else.

    A region, an organisation or a person does not make it somebody else's.
    """
    if parties >= state.parties:
        return True
    states = frozenset(party for party in parties if ":" not in party)
    return bool(states) and states <= state.parties


def _launched(state: Relationship, event: Event) -> Relationship:
    what = event.what
    if isinstance(what, InitiativeLaunched) and what.by in state.parties:
        return evolve(state, initiatives=_with(state.initiatives, event))
    return state


def _joined(state: Relationship, event: Event) -> Relationship:
    what = event.what
    if isinstance(what, Joined) and what.member in state.parties:
        key = what.member, what.body
        return evolve(state, memberships=state.memberships.set(key, event))
    return state


def _left(state: Relationship, event: Event) -> Relationship:
    what = event.what
    if isinstance(what, Left) and (what.member, what.body) in state.memberships:
        key = what.member, what.body
        return evolve(state, memberships=state.memberships.without(key))
    return state


def _visited(state: Relationship, event: Event) -> Relationship:
    if event.parties <= state.parties and len(event.parties) > 1:
        return evolve(state, visits=_with(state.visits, event))
    return state


def _met(state: Relationship, event: Event) -> Relationship:
    if event.parties >= state.parties:
        return evolve(state, meetings=_with(state.meetings, event))
    return state


def _signed(state: Relationship, event: Event) -> Relationship:
    what = event.what
    if not isinstance(what, AgreementSigned) or not what.parties >= state.parties:
        return state
    state = evolve(state, agreements=_with(state.agreements, event))
    if what.part_of is not None:
        return state
    state = evolve(state, agreement_count=state.agreement_count + what.count)
    if what.value is None:
        without = _with(state.agreements_without_value, event)
        return evolve(state, agreements_without_value=without)
    currency, amount = what.value.currency, what.value.amount
    total = state.agreed_value.get(currency, Decimal(0)) + amount
    return evolve(state, agreed_value=state.agreed_value.set(currency, total))


def _agreement_status(state: Relationship, event: Event) -> Relationship:
    what = event.what
    if isinstance(what, AgreementStatusChanged) and what.parties >= state.parties:
        statuses = state.agreement_statuses.set(what.agreement, event)
        return evolve(state, agreement_statuses=statuses)
    return state


def _declared(state: Relationship, event: Event) -> Relationship:
    what = event.what
    if not isinstance(what, PositionDeclared) or what.actor not in state.parties:
        return state
    if what.towards and not what.towards & state.parties:
        return state
    return evolve(state, positions=state.positions.set((what.actor, what.topic), event))


def _observed(state: Relationship, event: Event) -> Relationship:
    what = event.what
    if isinstance(what, IndicatorObserved) and _within(state, what.parties):
        return evolve(state, indicators=state.indicators.set(what.name, event))
    return state


def _project(state: Relationship, event: Event) -> Relationship:
    what = event.what
    if isinstance(what, ProjectStatusChanged) and _within(state, what.parties):
        return evolve(state, projects=state.projects.set(what.project, event))
    return state


def _planned(state: Relationship, event: Event) -> Relationship:
    what = event.what
    if not isinstance(what, Planned):
        return state
    if not (what.parties | what.participants) & state.parties:
        return state
    plan = Plan(event, state._early.get(event.id, ()))
    return evolve(
        state,
        plans=state.plans.set(event.id, plan),
        early=state._early.without(event.id),
    )


def _plan_changed(state: Relationship, event: Event) -> Relationship:
    what = event.what
    if not isinstance(what, Rescheduled | Postponed | Cancelled | Held):
        return state
    plan = state.plans.get(what.plan)
    if plan is not None:
        return evolve(state, plans=state.plans.set(what.plan, plan.changed(event)))
    if what.parties and not what.parties & state.parties:
        return state
    early = (*state._early.get(what.plan, ()), event)
    return evolve(state, early=state._early.set(what.plan, early))


_HANDLERS: dict[type, Callable[[Relationship, Event], Relationship]] = {
    InitiativeLaunched: _launched,
    Joined: _joined,
    Left: _left,
    Visited: _visited,
    Met: _met,
    AgreementSigned: _signed,
    AgreementStatusChanged: _agreement_status,
    PositionDeclared: _declared,
    IndicatorObserved: _observed,
    ProjectStatusChanged: _project,
    Planned: _planned,
    Rescheduled: _plan_changed,
    Postponed: _plan_changed,
    Cancelled: _plan_changed,
    Held: _plan_changed,
}
