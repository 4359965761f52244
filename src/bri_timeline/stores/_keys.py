"""Packed index key: index group and first day in one integer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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

# 24 bits hold some 46,000 years. Days outside count as the first or last of them: a
# search then finds more entries than match, which are filtered afterwards.
DAYS = 1 << 24
_HALF = DAYS >> 1


class Indexed(NamedTuple):
    """The index columns of an entry, as its line gives them.

    Attributes:
        group: Its index group; None without a claim.
        day: The offset of its first possible day; 0 without a claim.
        key: A checksum of the content of its claim; 0 without a claim.
        known: The day from which it was known.
        name: A number for the id of its claim; None without one.
        target: The position that it corrects or retracts.
    """

    group: IndexGroup | None
    day: int
    key: object
    known: object
    name: object
    target: object


def as_text(value: object) -> str:
    """Return a value as JSON, in which no database refuses a character."""
    return msgspec.json.encode(value).decode()


def cells_of(rows: Sequence[Row], numbers: Mapping[IndexGroup, int]) -> list[Cells]:
    """Return the cells of rows in the table `entry`."""
    return [
        (row.position, row.line, row.digest, None, 0, row.known, None, row.target)
        if (one := row.prepared) is None
        else (
            row.position,
            row.line,
            row.digest,
            index_key(numbers[one.group], one.first),
            one.key,
            row.known,
            row.name,
            row.target,
        )
        for row in rows
    ]


def indexed_of(row: Row) -> Indexed:
    """Return the index columns of a row."""
    prepared = row.prepared
    if prepared is None:
        return Indexed(None, 0, 0, row.known, None, row.target)
    day = day_offset(prepared.first)
    return Indexed(prepared.group, day, prepared.key, row.known, row.name, row.target)


def group_cells(group: IndexGroup) -> Cells:
    """Return the cells of an index group in the table `topic`, without its number."""
    return as_text(group.kind), group.version, as_text(sorted(group.parties))


def day_offset(first: float) -> int:
    """Return the offset of a day among those that an index key can hold."""
    return int(min(max(first, -_HALF), _HALF - 1)) + _HALF


def index_key(group: int, first: int) -> int:
    """Return a group and a first day as one integer, ordered by both."""
    # Most days need no clipping, and this runs once for each entry.
    day = first if -_HALF <= first < _HALF else day_offset(first) - _HALF
    return group * DAYS + day + _HALF
