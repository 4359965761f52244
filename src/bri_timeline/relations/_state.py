"""The state of a relationship."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from decimal import Decimal
from functools import reduce
from typing import Any, ClassVar

from attrs import frozen

from bri_timeline import Event
from bri_timeline._text import table
from bri_timeline.edtf import Edtf, in_words
from bri_timeline.extend import describe_event
from bri_timeline.folds import FrozenList, FrozenMap, Record
from bri_timeline.relations._actors import among
from bri_timeline.relations._bundles import Bundles
from bri_timeline.relations._facts import Money
from bri_timeline.relations._plans import Plan


class Relationship(Record):
    """The state of a relationship between two or more parties; holds `Event`s.

    Of two changes on one day the last in the log counts; `View.outcomes()` has both.

    A membership, a position or a status may be an extent (`2015/2017`): it leaves the
    state after its last day, and what holds then is the last begun of the extents of
    its key that have not ended. Without an extent a position or a status holds until
    the next of its key begins, and does not return; a membership until it has `Left`.

    Attributes:
        parties: The parties of the relationship.
        initiatives: Initiatives launched by any of the parties.
        memberships: (member, body) -> the event by which a party joined, unless it has
            left since, or the membership has ended.
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

    _is_hashable = True
    _fields: ClassVar[tuple[str, ...]] = (
        "parties",
        "initiatives",
        "memberships",
        "visits",
        "meetings",
        "agreements",
        "agreement_count",
        "agreed_value",
        "agreements_without_value",
        "agreement_statuses",
        "positions",
        "indicators",
        "projects",
        "plans",
    )

    initiatives: FrozenList[Event]
    memberships: Mapping[tuple[str, str], Event]
    visits: FrozenList[Event]
    meetings: FrozenList[Event]
    agreements: FrozenList[Event]
    agreement_statuses: Mapping[str, Event]
    positions: Mapping[tuple[str, str], Event]
    indicators: Mapping[tuple[frozenset[str], str, Edtf], Event]
    projects: Mapping[str, Event]
    plans: Mapping[str, Plan]

    @property
    def agreement_count(self) -> int:
        """The number of agreements, bundles counted once."""
        return _bundles_of(self).number

    @property
    def agreed_value(self) -> FrozenMap[str, Decimal]:
        """Currency -> the total value of the agreements that count."""
        return _bundles_of(self).values

    @property
    def agreements_without_value(self) -> FrozenList[Event]:
        """The agreements that count, and state no value."""
        return _bundles_of(self).unstated

    def _repr_html_(self) -> str:
        """Return a table for a notebook."""
        return state_table(self.parties, self)


def _bundles_of(state: Relationship) -> Bundles:
    # A state that no fold has made lacks what a fold keeps.
    kept: Bundles | None = getattr(state, "bundles", None)
    return kept or reduce(Bundles.having, state.agreements, Bundles())


@frozen
class Section:
    """A list of claims in a relationship.

    Attributes:
        title: Its title.
        name: The attribute of the relationship.
        holds: Whether its claims are in force.
    """

    title: str
    name: str
    holds: bool = False


@frozen
class Value:
    """A value of a relationship that can be explained.

    Attributes:
        title: Its title.
        name: The attribute of the relationship.
        words: Returns the value as text.
    """

    title: str
    name: str
    words: Callable[[Any], str]

    def of(self, state: object) -> str:
        """Return the value in a state, as text."""
        return self.words(getattr(state, self.name))


def items_of(part: object) -> tuple[Event | Plan, ...]:
    """Return the events or plans of a section, from a sequence or a mapping."""
    items = part.values() if isinstance(part, Mapping) else part
    return tuple(items) if isinstance(items, Iterable) else ()


def _length(part: Sized) -> str:
    return f"{len(part):,}"


def _worth(sums: Mapping[str, Decimal]) -> str:
    amounts = [str(Money(amount, code)) for code, amount in sorted(sums.items())]
    return " + ".join(amounts) or "none stated"


SECTIONS = (
    Section("Plans", "plans", holds=True),
    Section("Positions", "positions", holds=True),
    Section("Memberships", "memberships", holds=True),
    Section("Projects", "projects", holds=True),
    Section("Status of agreements", "agreement_statuses", holds=True),
    Section("Figures", "indicators"),
    Section("Agreements", "agreements"),
    Section("Visits", "visits"),
    Section("Meetings", "meetings"),
    Section("Initiatives", "initiatives"),
)
VALUES = (
    Value("Visits", "visits", _length),
    Value("Meetings", "meetings", _length),
    Value("Agreements", "agreement_count", "{:,}".format),
    Value("Agreed value", "agreed_value", _worth),
    Value("Agreements of unstated value", "agreements_without_value", _length),
)


def state_table(parties: frozenset[str], state: object) -> str:
    """Return a table of the values and sections of a relationship, for a notebook.

    Args:
        parties: The parties of the relationship.
        state: The relationship.
    """
    rows = [*_rows(state)]
    titles = ("", "what", "when", "who says so")
    return table(among(parties), rows, len(rows), titles)


def _rows(state: object) -> Iterator[tuple[str, ...]]:
    for value in VALUES:
        yield value.title, value.of(state), "", ""
    for section in SECTIONS:
        for item in items_of(getattr(state, section.name)):
            event = item.event if isinstance(item, Plan) else item
            cited = "; ".join(map(str, event.cite)) or "no source"
            yield section.title, describe_event(event), in_words(event.when), cited
