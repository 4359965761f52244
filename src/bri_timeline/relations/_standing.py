"""The state of a relationship."""

from __future__ import annotations

from decimal import Decimal

from attrs import field, frozen

from bri_timeline._events import Event
from bri_timeline.relations._plan import Plan
from bri_timeline.relations._table import Table


__all__ = ["Relationship", "Runs", "changed"]

Runs = tuple[tuple[tuple[str, Event], ...], ...]


@frozen(slots=False)
class Relationship:
    """How things stand between some parties. Collections hold `Event`s.

    Of two changes on one day the last in the log counts; `View.outcomes()` gives both.

    Attributes:
        parties: Whose relationship it is.
        initiatives: Those launched by any of the parties.
        memberships: (member, body) -> the event by which a party joined, unless it
            left since; who joined and left on one day is out.
        visits: Visits between the parties.
        meetings: Meetings at which all parties took part.
        agreements: Agreements among all parties, parts of bundles included.
        agreement_count: How many agreements were signed; parts are not counted again.
        agreed_value: currency -> what they are worth together; parts add nothing.
        agreements_without_value: Agreements, parts excepted, whose value is not said.
        agreement_statuses: id of an agreement -> the last change of its status.
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
    # Below is what a later event may need, and no part of how things stand: changes of
    # plans that are not certain yet, in runs by id of the plan, and who left when.
    _early: Runs = field(default=(), repr=False, eq=False)
    _departures: Table[tuple[str, str], Event] = field(
        factory=Table, repr=False, eq=False
    )

    def _repr_html_(self) -> str:
        """Return the table that a notebook shows."""
        from bri_timeline.relations._parts import state_table

        return state_table(self.parties, self)


def changed(state: Relationship, **changes: object) -> Relationship:
    """Return a state with other fields, much faster than `attrs.evolve` does.

    Args:
        state: Any state.
        changes: Values by the names of the attributes.
    """
    other = object.__new__(Relationship)
    other.__dict__.update(state.__dict__, **changes)
    return other
