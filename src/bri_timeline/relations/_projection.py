"""The projection of a relationship, with a handler for each kind of fact."""

from __future__ import annotations

from bisect import bisect, bisect_left
from collections.abc import Callable
from decimal import Decimal
from typing import Any, ClassVar, cast

from attrs import frozen

from bri_timeline._events import Event
from bri_timeline._projection import Projection
from bri_timeline.errors import EventError
from bri_timeline.relations._actors import actors
from bri_timeline.relations._bundles import Bundles, add, agreement_of
from bri_timeline.relations._facts import (
    AgreementSigned,
    AgreementStatusChanged,
    IndicatorObserved,
    InitiativeLaunched,
    Joined,
    Left,
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
    ended,
    joined,
    left,
)


__all__ = [
    "HANDLERS",
    "LASTING",
    "Relationship",
    "relationship",
]


Handler = Callable[[Relationship, Event, Any], Relationship]
_NONE = Decimal(0)


def _with(events: tuple[Event, ...], event: Event) -> tuple[Event, ...]:
    """Insert an event by date, so that the order of events of one day is fixed."""
    key = by_date(event)
    if not events or by_date(events[-1]) <= key:
        return *events, event
    place = bisect(events, key, key=by_date)
    return *events[:place], event, *events[place:]


def _but(events: tuple[Event, ...], event: Event) -> tuple[Event, ...]:
    """Remove one of events that are in the order of `_with()`."""
    place = bisect_left(events, by_date(event), key=by_date)
    return events[:place] + events[place + 1 :]


def _is_shared(state: Relationship, parties: frozenset[str]) -> bool:
    """Check whether at least two of the parties are among these."""
    return len(parties & state.parties) > 1


def _launched(
    state: Relationship, event: Event, what: InitiativeLaunched
) -> Relationship:
    return changed(state, initiatives=_with(state.initiatives, event))


def _joined(state: Relationship, event: Event, what: Joined) -> Relationship:
    return begun(state, "memberships", (what.member, what.body), event)


def _visited(state: Relationship, event: Event, what: Visited) -> Relationship:
    # A visit within one state is not a visit of one party to another.
    if what.guest == what.host:
        return state
    return changed(state, visits=_with(state.visits, event))


def _met(state: Relationship, event: Event, what: Met) -> Relationship:
    if not _is_shared(state, what.parties):
        return state
    return changed(state, meetings=_with(state.meetings, event))


def _signed(state: Relationship, event: Event, what: AgreementSigned) -> Relationship:
    if not _is_shared(state, what.parties):
        return state
    agreements, bundles = _with(state.agreements, event), state._bundles
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
        values = values.set(currency, total)
    count, without = state.agreement_count, state.agreements_without_value
    for one, said in zip(gained, map(agreement_of, gained), strict=True):
        count += said.count
        without = _with(without, one) if said.value is None else without
    for one, said in zip(lost, map(agreement_of, lost), strict=True):
        count -= said.count
        without = _but(without, one) if said.value is None else without
    return changed(
        state,
        agreements=agreements,
        agreement_count=count,
        agreed_value=values,
        agreements_without_value=without,
        _bundles=bundles,
    )


def _agreement_status(
    state: Relationship, event: Event, what: AgreementStatusChanged
) -> Relationship:
    if not _is_shared(state, what.parties):
        return state
    return begun(state, "agreement_statuses", what.agreement, event)


def _declared(
    state: Relationship, event: Event, what: PositionDeclared
) -> Relationship:
    others = what.towards - {what.actor}
    if what.actor not in state.parties:
        return state
    if what.towards and others.isdisjoint(state.parties):
        return state
    return begun(state, "positions", (what.actor, what.topic), event)


def _observed(
    state: Relationship, event: Event, what: IndicatorObserved
) -> Relationship:
    key = what.parties, what.name, what.period or event.when
    return changed(state, indicators=state.indicators.set(key, event))


def _project(
    state: Relationship, event: Event, what: ProjectStatusChanged
) -> Relationship:
    return begun(state, "projects", what.project, event)


def _planned(state: Relationship, event: Event, what: Planned) -> Relationship:
    plan = Plan(event)
    for run in state._early:
        for name, change in run:
            if name == event.id:
                plan = plan.changed(change)
    return changed(state, plans=state.plans.set(event.id, plan))


def _plan_changed(state: Relationship, event: Event, what: PlanChange) -> Relationship:
    plan = state.plans.get(what.plan)
    # A vaguely dated plan may become certain only after its changes: keep those.
    if plan is None:
        return changed(state, _early=_appended(state._early, (what.plan, event)))
    return changed(state, plans=state.plans.set(what.plan, plan.changed(event)))


def _appended(runs: Runs, change: tuple[str, Event]) -> Runs:
    """Append to runs of falling length, so that each change is copied rarely."""
    last: tuple[tuple[str, Event], ...] = (change,)
    while runs and len(runs[-1]) <= len(last):
        last, runs = runs[-1] + last, runs[:-1]
    return *runs, last


HANDLERS: dict[type, Handler] = {
    InitiativeLaunched: _launched,
    Joined: _joined,
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


# What leaves the state when it ends: kind of fact -> attribute, and the key in it.
LASTING: dict[type, Callable[[Any], tuple[str, object]]] = {
    Joined: lambda what: ("memberships", (what.member, what.body)),
    AgreementStatusChanged: lambda what: ("agreement_statuses", what.agreement),
    PositionDeclared: lambda what: ("positions", (what.actor, what.topic)),
    ProjectStatusChanged: lambda what: ("projects", what.project),
}


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
        found: dict[str, int | None] = {}
        for name in self.sized:
            part = getattr(alone, name)
            found[name] = part if isinstance(part, int) else len(part)
        what = event.what
        if isinstance(what, AgreementSigned) and (what.part_of or state._bundles):
            # It counts, or takes another from the count, as bundle and part are there.
            found.update(agreement_count=None, agreements_without_value=None)
        return found


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
