"""The state of a relationship."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from itertools import chain

from attrs import field, frozen

from bri_timeline._events import Event
from bri_timeline.edtf import Edtf
from bri_timeline.relations._map import FrozenMap, layered
from bri_timeline.relations._plans import Plan
from bri_timeline.relations._summary import state_table


__all__ = [
    "Relationship",
    "Runs",
    "by_date",
    "changed",
    "joined",
]


Runs = tuple[tuple[tuple[str, Event], ...], ...]


@frozen(slots=False)
class Relationship:
    """The state of a relationship between two or more parties; holds `Event`s.

    Of two changes on one day the last in the log counts; `View.outcomes()` has both.

    Attributes:
        parties: The parties of the relationship.
        initiatives: Initiatives launched by any of the parties.
        memberships: (member, body) -> the event by which a party joined, unless it has
            left since; a member that joined and left on one day is not listed.
        visits: Visits of one party to another.
        meetings: Meetings of at least two of the parties.
        agreements: Agreements among at least two of them, parts of bundles included.
        agreement_count: The number of agreements; a part is not counted again if its
            bundle counts.
        agreed_value: currency -> their total value, likewise.
        agreements_without_value: Agreements without a stated value, likewise.
        agreement_statuses: id of an agreement -> the last change of its status.
        positions: (actor, topic) -> the last position of a party that concerns another,
            or nobody in particular.
        indicators: (actors, name, period) -> the last such figure; the period is that
            of the figure, or else the date of the event.
        projects: name -> the last status of a project.
        plans: id -> `Plan`.
    """

    parties: frozenset[str]
    initiatives: tuple[Event, ...] = ()
    memberships: FrozenMap[tuple[str, str], Event] = field(factory=FrozenMap)
    visits: tuple[Event, ...] = ()
    meetings: tuple[Event, ...] = ()
    agreements: tuple[Event, ...] = ()
    agreement_count: int = 0
    agreed_value: FrozenMap[str, Decimal] = field(factory=FrozenMap)
    agreements_without_value: tuple[Event, ...] = ()
    agreement_statuses: FrozenMap[str, Event] = field(factory=FrozenMap)
    positions: FrozenMap[tuple[str, str], Event] = field(factory=FrozenMap)
    indicators: FrozenMap[tuple[frozenset[str], str, Edtf], Event] = field(
        factory=FrozenMap
    )
    projects: FrozenMap[str, Event] = field(factory=FrozenMap)
    plans: FrozenMap[str, Plan] = field(factory=FrozenMap)
    # A later event may need these, but they are not part of the state: changes of plans
    # whose plan is not certain yet, with its id; departures by (member, body); and the
    # ids of bundles of which parts were seen.
    _early: Runs = field(default=(), repr=False, eq=False)
    _bundles: frozenset[str] = field(default=frozenset(), repr=False, eq=False)
    _departures: FrozenMap[tuple[str, str], Event] = field(
        factory=FrozenMap, repr=False, eq=False
    )

    def _repr_html_(self) -> str:
        """Return a table for a notebook."""
        return state_table(self.parties, self)


def changed(state: Relationship, **changes: object) -> Relationship:
    """Return a state with some fields changed, much faster than `attrs.evolve`.

    Args:
        state: The state.
        changes: New values by the names of the attributes.
    """
    # Safe without the constructor: the class has no slots, converters or validators.
    other = object.__new__(Relationship)
    other.__dict__.update(state.__dict__, **changes)
    return other


def joined(
    shared: Relationship,
    others: tuple[Relationship, ...],
    place: Callable[[Event], int],
) -> Relationship:
    """Join the state of the events of several parties with those of each party alone.

    Args:
        shared: The state of the events that involve several of them.
        others: The states of the events that are the affair of one party alone.
        place: Returns the place of an event in the fold order.
    """
    states = (shared, *others)

    def later(one: Event, other: Event) -> Event:
        return max(one, other, key=place)

    initiatives = [state.initiatives for state in states if state.initiatives]
    # An initiative belongs to its one actor, so that no two states share an event.
    if len(initiatives) > 1:
        initiatives = [tuple(sorted(chain(*initiatives), key=by_date))]
    return changed(
        shared,
        initiatives=initiatives[0] if initiatives else (),
        memberships=layered((state.memberships for state in states), later),
        positions=layered((state.positions for state in states), later),
        indicators=layered((state.indicators for state in states), later),
        projects=layered((state.projects for state in states), later),
        plans=layered((state.plans for state in states), _either),
        _departures=layered((state._departures for state in states), later),
        _early=tuple(chain.from_iterable(state._early for state in states)),
    )


def _either(one: Plan, _other: Plan) -> Plan:
    """Return one of two equal plans with equal changes."""
    return one


def by_date(event: Event) -> tuple[tuple[float, float, str], str]:
    """Return the sort key of lists of events."""
    return event.when.sort_key(), event.id
