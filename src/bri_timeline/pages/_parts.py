"""The parts of a relationship that a page shows, and the values that it explains."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sized
from decimal import Decimal
from operator import attrgetter
from typing import Any

from attrs import frozen

from bri_timeline import Event
from bri_timeline.relations import Money, Plan, Relationship


__all__ = ["SECTIONS", "VALUES", "Section", "Value", "items_of", "parts_of"]


@frozen
class Section:
    """A part that is a list of claims.

    Attributes:
        title: What to call it.
        name: The attribute of the relationship.
        holds: Whether what it lists is in force.
    """

    title: str
    name: str
    holds: bool = False


@frozen
class Value:
    """A value that can be explained.

    Attributes:
        title: What to call it.
        name: The attribute of the relationship.
        words: Returns it as text.
    """

    title: str
    name: str
    words: Callable[[Any], str]

    def of(self, state: Relationship) -> str:
        """Return the value in a state, as text."""
        return self.words(getattr(state, self.name))


def items_of(part: object) -> tuple[Event | Plan, ...]:
    """Return the events or plans of a part, be it a tuple or a table."""
    if isinstance(part, Mapping):
        return tuple(part.values())
    return part if isinstance(part, tuple) else ()


def _length(part: Sized) -> str:
    return str(len(part))


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
    Value("Agreements", "agreement_count", str),
    Value("Agreed value", "agreed_value", _worth),
    Value("Without a stated value", "agreements_without_value", _length),
)

_ALL = attrgetter(*(part.name for part in (*SECTIONS, *VALUES)))


def parts_of(state: Relationship) -> tuple[object, ...]:
    """Return all parts of a state: those of the sections, then those of the values."""
    parts: tuple[object, ...] = _ALL(state)
    return parts
