"""The sections and values of a relationship, as text for pages and notebooks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sized
from decimal import Decimal
from operator import attrgetter
from typing import Any

from attrs import frozen

from bri_timeline._events import Event
from bri_timeline._text import describe, table
from bri_timeline.edtf import in_words
from bri_timeline.relations._actors import among
from bri_timeline.relations._money import Money
from bri_timeline.relations._plans import Plan


__all__ = [
    "SECTIONS",
    "VALUES",
    "Section",
    "Value",
    "items_of",
    "parts_of",
    "state_table",
]


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
    """Return the events or plans of a section, from a tuple or a mapping."""
    if isinstance(part, tuple):
        return part
    return tuple(part.values()) if isinstance(part, Mapping) else ()


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
_ALL = attrgetter(*(part.name for part in (*SECTIONS, *VALUES)))


def parts_of(state: object) -> tuple[object, ...]:
    """Return the sections of a state, then its values."""
    parts: tuple[object, ...] = _ALL(state)
    return parts


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
            yield section.title, describe(event.what), in_words(event.when), cited
