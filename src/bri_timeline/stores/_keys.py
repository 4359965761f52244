"""What finds an entry in a database: its topic and first day, as one number."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from bri_timeline.stores._rows import IndexGroup, Row


__all__ = [
    "DAYS",
    "Cells",
    "Indexed",
    "as_text",
    "cells_of",
    "day_offset",
    "group_cells",
    "index_key",
    "indexed_of",
]


Cells = tuple[object, ...]

# Days beyond some 23,000 years count as the last of them.
DAYS = 1 << 24
_HALF = DAYS >> 1


class Indexed(NamedTuple):
    """The columns by which a store finds an entry, as far as its line gives them.

    Attributes:
        topic: What it is about; None if it claims nothing.
        day: Where the first day on which that can have begun lies; 0 without a claim.
        key: What claims have in common that say the same; 0 without a claim.
        known: The day from which it was known.
        name: What claims have in common that have the same id.
        target: The position that it corrects or retracts.
    """

    group: IndexGroup | None
    day: int
    key: object
    known: object
    name: object
    target: object


def as_text(value: object) -> str:
    """Return a value as JSON, which has no character that a database refuses."""
    return msgspec.json.encode(value).decode()


def cells_of(row: Row, numbers: dict[IndexGroup, int]) -> Cells:
    """Return a row as the table of entries has it."""
    position, line, digest = row.position, row.line, row.digest
    prepared = row.prepared
    if prepared is None:
        return position, line, digest, None, 0, row.known, None, row.target
    packed = index_key(numbers[prepared.group], prepared.first)
    return (
        position,
        line,
        digest,
        packed,
        prepared.key,
        row.known,
        row.name,
        row.target,
    )


def indexed_of(row: Row) -> Indexed:
    """Return the columns by which a row is found."""
    prepared = row.prepared
    if prepared is None:
        return Indexed(None, 0, 0, row.known, None, row.target)
    day = day_offset(prepared.first)
    return Indexed(prepared.group, day, prepared.key, row.known, row.name, row.target)


def group_cells(group: IndexGroup) -> Cells:
    """Return a topic as the table of topics has it, but for its number."""
    return as_text(group.kind), group.version, as_text(sorted(group.parties))


def day_offset(first: float) -> int:
    """Return where a day lies among those that are told apart."""
    return int(min(max(first, -_HALF), _HALF - 1)) + _HALF


def index_key(group: int, first: int) -> int:
    """Return a topic and a first day as one number, in the order of both."""
    place = first if -_HALF <= first < _HALF else day_offset(first) - _HALF
    return group * DAYS + place + _HALF
