"""How each kind of fact changes the state of a relationship."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable
from decimal import Context, Decimal
from typing import Any

from bri_timeline._answer import Answer
from bri_timeline._events import Event
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
from bri_timeline.relations._plan import Plan, PlanChange
from bri_timeline.relations._standing import Relationship, Runs, changed


__all__ = ["HANDLERS"]

Handler = Callable[[Relationship, Event, Any], Relationship]

# More digits than amounts of money have: sums are exact, whatever the caller's context.
_EXACT = Context(prec=60)
_NONE = Decimal(0)


def _with(events: tuple[Event, ...], event: Event) -> tuple[Event, ...]:
    """Insert by date, so that the order of events of one day does not matter."""
    key = _by_date(event)
    if not events or _by_date(events[-1]) <= key:
        return *events, event
    place = bisect(events, key, key=_by_date)
    return *events[:place], event, *events[place:]


def _by_date(event: Event) -> tuple[tuple[float, float, str], str]:
    return event.when.sort_key(), event.id


def _within(state: Relationship, parties: frozenset[str]) -> bool:
    """Tell whether something is about the parties, all or some, and about nobody else.

    A region, an organisation or a person does not make it somebody else's.
    """
    if parties >= state.parties:
        return True
    states = [p for p in parties if ":" not in p or p.startswith("state:")]
    return bool(states) and state.parties.issuperset(states)


def _launched(
    state: Relationship, event: Event, what: InitiativeLaunched
) -> Relationship:
    if what.by not in state.parties:
        return state
    return changed(state, initiatives=_with(state.initiatives, event))


def _joined(state: Relationship, event: Event, what: Joined) -> Relationship:
    if what.member not in state.parties:
        return state
    key = what.member, what.body
    left = state._departures.get(key)
    if left is not None and left.when.begins_with(event.when) is Answer.YES:
        return state  # in whichever order they are met, it is out at the end of the day
    return changed(state, memberships=state.memberships.set(key, event))


def _left(state: Relationship, event: Event, what: Left) -> Relationship:
    if what.member not in state.parties:
        return state
    key = what.member, what.body
    return changed(
        state,
        memberships=state.memberships.without(key),
        _departures=state._departures.set(key, event),
    )


def _visited(state: Relationship, event: Event, what: Visited) -> Relationship:
    parties = state.parties
    if what.guest not in parties or what.host not in parties or what.guest == what.host:
        return state
    return changed(state, visits=_with(state.visits, event))


def _met(state: Relationship, event: Event, what: Met) -> Relationship:
    if not what.parties >= state.parties:
        return state
    return changed(state, meetings=_with(state.meetings, event))


def _signed(state: Relationship, event: Event, what: AgreementSigned) -> Relationship:
    if not what.parties >= state.parties:
        return state
    agreements = _with(state.agreements, event)
    if what.part_of is not None:
        return changed(state, agreements=agreements)
    count = state.agreement_count + what.count
    if what.value is None:
        return changed(
            state,
            agreements=agreements,
            agreement_count=count,
            agreements_without_value=_with(state.agreements_without_value, event),
        )
    currency = what.value.currency
    total = _EXACT.add(state.agreed_value.get(currency, _NONE), what.value.amount)
    return changed(
        state,
        agreements=agreements,
        agreement_count=count,
        agreed_value=state.agreed_value.set(currency, total),
    )


def _agreement_status(
    state: Relationship, event: Event, what: AgreementStatusChanged
) -> Relationship:
    if not what.parties >= state.parties:
        return state
    statuses = state.agreement_statuses.set(what.agreement, event)
    return changed(state, agreement_statuses=statuses)


def _declared(
    state: Relationship, event: Event, what: PositionDeclared
) -> Relationship:
    if what.actor not in state.parties:
        return state
    if what.towards and what.towards.isdisjoint(state.parties):
        return state
    positions = state.positions.set((what.actor, what.topic), event)
    return changed(state, positions=positions)


def _observed(
    state: Relationship, event: Event, what: IndicatorObserved
) -> Relationship:
    if not _within(state, what.parties):
        return state
    return changed(state, indicators=state.indicators.set(what.name, event))


def _project(
    state: Relationship, event: Event, what: ProjectStatusChanged
) -> Relationship:
    if not _within(state, what.parties):
        return state
    return changed(state, projects=state.projects.set(what.project, event))


def _planned(state: Relationship, event: Event, what: Planned) -> Relationship:
    parties = state.parties
    if what.parties.isdisjoint(parties) and what.participants.isdisjoint(parties):
        return state
    plan = Plan(event)
    for run in state._early:
        for name, change in run:
            if name == event.id:
                plan = plan.changed(change)
    return changed(state, plans=state.plans.set(event.id, plan))


def _plan_changed(state: Relationship, event: Event, what: PlanChange) -> Relationship:
    plan = state.plans.get(what.plan)
    if plan is None:
        return changed(state, _early=_appended(state._early, (what.plan, event)))
    return changed(state, plans=state.plans.set(what.plan, plan.changed(event)))


def _appended(runs: Runs, change: tuple[str, Event]) -> Runs:
    """Append to runs of falling length: each change is copied a few times only."""
    last: tuple[tuple[str, Event], ...] = (change,)
    while runs and len(runs[-1]) <= len(last):
        last, runs = runs[-1] + last, runs[:-1]
    return *runs, last


HANDLERS: dict[type, Handler] = {
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
