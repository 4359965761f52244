"""The state of a relationship after a fact of each kind."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from bri_timeline import Event
from bri_timeline.relations._bundles import Bundles, add, agreement_of
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
from bri_timeline.relations._plans import (
    Cancelled,
    Held,
    Plan,
    PlanChange,
    Planned,
    Postponed,
    Rescheduled,
)
from bri_timeline.relations._state import (
    Relationship,
    Runs,
    begun,
    by_date,
    changed,
    put,
)


Handler = Callable[[Relationship, Event, Any], Relationship]
_NONE = Decimal(0)
# What is told in a list only: kind of fact -> attribute.
LISTS: dict[type, str] = {
    InitiativeLaunched: "initiatives",
    Visited: "visits",
    Met: "meetings",
}


def is_meant(parties: frozenset[str], what: object) -> bool:
    """Check whether a fact that is listed, or may last, belongs to a relationship.

    The events of a log concern the parties, and that may not be enough.

    Args:
        parties: The parties of the relationship.
        what: A fact.
    """
    if isinstance(what, Visited):
        # A visit within one state is not a visit of one party to another.
        return what.guest != what.host
    if isinstance(what, Met | AgreementSigned | AgreementStatusChanged):
        return len(what.parties & parties) > 1
    if not isinstance(what, PositionDeclared):
        return True
    addressees = what.towards - {what.actor}
    is_open = not what.towards or not addressees.isdisjoint(parties)
    return what.actor in parties and is_open


def _listed(state: Relationship, event: Event, what: object) -> Relationship:
    """Return the state after a fact that is only listed."""
    if not is_meant(state.parties, what):
        return state
    name = LISTS[type(what)]
    return changed(state, **{name: getattr(state, name).inserted(event, by_date)})


def _signed(state: Relationship, event: Event, what: AgreementSigned) -> Relationship:
    if not is_meant(state.parties, what):
        return state
    agreements, bundles = state.agreements.inserted(event, by_date), state._bundles
    values = state.agreed_value
    gained: tuple[Event, ...] = (event,)
    lost: tuple[Event, ...] = ()
    if bundles is not None or what.part_of is not None:
        bundles = bundles or Bundles.of(state.agreements)
        bundles, gained, lost = bundles.following(event)
        values = bundles.values()
    elif what.value is not None:
        currency = what.value.currency
        total = add(values.get(currency, _NONE), what.value.amount)
        values = values.brought(currency, total, event)
    count, without = state.agreement_count, state.agreements_without_value
    for agreement, said in zip(gained, map(agreement_of, gained), strict=True):
        count += said.number
        without = (
            without.inserted(agreement, by_date) if said.value is None else without
        )
    for agreement, said in zip(lost, map(agreement_of, lost), strict=True):
        count -= said.number
        without = without.without(agreement, by_date) if said.value is None else without
    return changed(
        state,
        agreements=agreements,
        agreement_count=count,
        agreed_value=values,
        agreements_without_value=without,
        _bundles=bundles,
    )


def _began(state: Relationship, event: Event, what: object) -> Relationship:
    """Return the state after the beginning of a fact that may last."""
    if not is_meant(state.parties, what):
        return state
    return begun(state, *LASTING[type(what)](what), event)


def _observed(
    state: Relationship, event: Event, what: IndicatorObserved
) -> Relationship:
    return put(state, "indicators", figure(event, what), event)


def figure(event: Event, what: IndicatorObserved) -> object:
    """Return the key of a figure."""
    return what.parties, what.name, what.period or event.when


def _planned(state: Relationship, event: Event, what: Planned) -> Relationship:
    plan = Plan(event)
    for run in state._early:
        for name, change in run:
            if name == event.id:
                plan = plan.changed(change)
    return put(state, "plans", event.id, plan)


def _plan_changed(state: Relationship, event: Event, what: PlanChange) -> Relationship:
    plan = state.plans.get(what.plan)
    # A vaguely dated plan may become certain only after its changes: keep those.
    if plan is None:
        return changed(state, _early=_appended(state._early, (what.plan, event)))
    return put(state, "plans", what.plan, plan.changed(event))


def _appended(runs: Runs, change: tuple[str, Event]) -> Runs:
    """Append to runs of falling length, so that each change is copied rarely."""
    last: tuple[tuple[str, Event], ...] = (change,)
    while runs and len(runs[-1]) <= len(last):
        last, runs = runs[-1] + last, runs[:-1]
    return *runs, last


HANDLERS: dict[type, Handler] = {
    InitiativeLaunched: _listed,
    Joined: _began,
    Visited: _listed,
    Met: _listed,
    AgreementSigned: _signed,
    AgreementStatusChanged: _began,
    PositionDeclared: _began,
    IndicatorObserved: _observed,
    ProjectStatusChanged: _began,
    Planned: _planned,
    Rescheduled: _plan_changed,
    Postponed: _plan_changed,
    Cancelled: _plan_changed,
    Held: _plan_changed,
}


# What leaves the state when it ends: kind of fact -> attribute, and the key in it.
LASTING: dict[type, Callable[[Any], tuple[str, object]]] = {
    Joined: lambda what: ("memberships", (what.member, what.body)),
    AgreementStatusChanged: lambda what: ("agreement_statuses", what.agreement),
    PositionDeclared: lambda what: ("positions", (what.actor, what.topic)),
    ProjectStatusChanged: lambda what: ("projects", what.project),
}
