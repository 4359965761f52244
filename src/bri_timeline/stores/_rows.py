"""Rows of a store: an entry with its line, its digest and its index columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import attrs
import msgspec

from bri_timeline import Entry, Event, Vocabulary
from bri_timeline._events.entries import EntryColumns
from bri_timeline._form import (
    Codec,
    EncodedColumns,
)
from bri_timeline.errors import Fault, FaultsError
from bri_timeline.extend import given_id, uncollected
from bri_timeline.stores._chain import Head, chained
from bri_timeline.stores._pending import FURTHEST, IndexGroup, PendingEntries, clipped


_REMEDY = "it was not written by this library, restore a backup"
# The day of knowledge of entries that have none: they were always known.
ALL_ALONG = -FURTHEST
_IS_DIGEST = re.compile("[0-9a-f]{32}").fullmatch


class StoredEntry(NamedTuple):
    """An entry as it was read from a store.

    Attributes:
        position: Its position.
        line: Its line, as `encode_entry()` wrote it; empty if it was erased by an
            earlier version.
        digest: A digest of the entry and all entries before it.
    """

    position: int
    line: str
    digest: bytes


class EntryRow(NamedTuple):
    """An entry to be stored, with its index columns.

    Attributes:
        position: Its position.
        line: Its line; empty if it was erased by an earlier version.
        digest: A digest of the entry and all entries before it.
        group: Its index group; None without a claim.
        first: The first day on which its claim can have begun; 0 without one.
        key: A checksum of the content of its claim; 0 without one.
        known: The day from which it was known.
        name: The number of the id of its claim, negative if the id looks like a digest
            and is not that of an entry which it corrects.
        target: The position that it corrects or retracts.
    """

    position: int
    line: str
    digest: bytes
    group: IndexGroup | None = None
    first: int = 0
    key: int = 0
    known: int = 0
    name: int | None = None
    target: int | None = None


class Rows(NamedTuple):
    """Entries to be stored, in the columns of an `EntryRow`."""

    positions: Sequence[int]
    lines: Sequence[str]
    digests: Sequence[bytes]
    groups: Sequence[IndexGroup | None]
    firsts: Sequence[int]
    keys: Sequence[int]
    known: Sequence[int]
    names: Sequence[int | None]
    targets: Sequence[int | None]

    def row(self, place: int) -> EntryRow:
        """Return one of them, by its index."""
        cells: tuple[Any, ...] = tuple(column[place] for column in self)
        return EntryRow(*cells)


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


def columns_of(rows: Rows, numbers: Sequence[int | None]) -> Sequence[Sequence[object]]:
    """Return the columns of rows in the table `entry`.

    Args:
        rows: The rows.
        numbers: The number of the group of each; None without a claim.
    """
    positions, lines, digests, _, firsts, *index_columns = rows
    return positions, lines, digests, index_keys(numbers, firsts), *index_columns


def index_keys(
    numbers: Sequence[int | None], firsts: Sequence[int]
) -> list[int | None]:
    """Return the numbers of groups with first days, each pair as one integer.

    The integers are ordered by both.

    Args:
        numbers: The numbers, or None.
        firsts: The first days.
    """
    return [
        None if number is None else number * DAYS + day_offset(first)
        for number, first in zip(numbers, firsts, strict=True)
    ]


def indexed_of(row: EntryRow) -> Indexed:
    """Return the index columns of a row."""
    _, _, _, group, first, *index_cells = row
    return Indexed(group, 0 if group is None else day_offset(first), *index_cells)


def group_cells(group: IndexGroup) -> tuple[object, ...]:
    """Return the cells of an index group in the table `topic`, without its number."""
    return as_text(group.kind), group.version, as_text(sorted(group.parties))


def day_offset(first: float) -> int:
    """Return the offset of a day among those that an index key can hold."""
    return int(min(max(first, -_HALF), _HALF - 1)) + _HALF


def rows_of(
    pending: PendingEntries, head: Head, instant: datetime, vocabulary: Vocabulary
) -> Rows:
    """Return pending entries as rows.

    Args:
        pending: The entries.
        head: The head of the store that they are appended to.
        instant: The instant of recording.
        vocabulary: The payload classes.

    Raises:
        EntryError: One of them cannot be stored.
    """
    first = head.position + 1
    positions = range(first, first + len(pending))
    entries = EntryColumns(
        positions,
        pending.events,
        pending.known,
        [instant] * len(pending),
        pending.datasets,
        {n: attrs.evolve(e, recorded_at=instant) for n, e in pending.others.items()},
    )
    data = Codec(vocabulary).lines(entries, pending.texts)
    digests = chained(data, head.digest)
    return placed(positions, [*map(bytes.decode, data)], digests, pending)


def placed(
    positions: Sequence[int],
    lines: Sequence[str],
    digests: Sequence[bytes],
    pending: PendingEntries,
) -> Rows:
    """Return pending entries as rows.

    Args:
        positions: Their positions.
        lines: Their lines.
        digests: Their digests.
        pending: The entries.
    """
    names: Sequence[int | None] = pending.names
    targets: list[int | None] = [None] * len(pending)
    if pending.others:
        entry_at = pending.others.get
        targets = [
            None if (entry := entry_at(place)) is None else target_of(entry)
            for place in range(len(pending))
        ]
    if any(names):
        names = [
            -name if name is not None and _is_borrowed(pending, place) else name
            for place, name in enumerate(names)
        ]
    return Rows(
        positions,
        lines,
        digests,
        pending.groups,
        pending.firsts,
        pending.keys,
        [
            0 if not line else ALL_ALONG if day is None else clipped(day)
            for day, line in zip(pending.known, lines, strict=True)
        ],
        names,
        targets,
    )


def _is_borrowed(pending: PendingEntries, place: int) -> bool:
    """Return whether a claim has an id like a digest that is not its target's."""
    entry, event = pending.others.get(place), pending.events[place]
    if entry is not None and entry.erased is not None:
        return looks_like_digest(entry.erased.id or "")
    corrects = entry is not None and entry.supersedes is not None
    return not corrects and event is not None and is_digest(event)


def target_of(entry: Entry) -> int | None:
    """Return the position that an entry corrects or retracts."""
    return entry.retracts if entry.supersedes is None else entry.supersedes


def entries_of(
    stored: Sequence[StoredEntry], vocabulary: Vocabulary
) -> Sequence[Entry]:
    """Return entries from their lines; an erased entry claims nothing.

    Args:
        stored: The entries as they were read.
        vocabulary: The payload classes.

    Raises:
        FaultsError: A line is not an entry, or that of another position.
    """
    positions, lines, _ = zip(*stored, strict=True) if stored else ((), (), ())
    return decoded(positions, lines, vocabulary)[0]


def decoded(
    positions: Sequence[int], lines: Sequence[str], vocabulary: Vocabulary
) -> tuple[Sequence[Entry], EncodedColumns | None]:
    """Return entries from their lines, and their events as they stand in these.

    Args:
        positions: The position of each.
        lines: The line of each; empty if it was erased.
        vocabulary: The payload classes.

    Returns:
        The entries; and the events, None if the lines had to be decoded one by one.

    Raises:
        FaultsError: A line is not an entry, or that of another position.
    """
    claims: EncodedColumns | None
    entries: Sequence[Entry]
    decode = Codec(vocabulary).decode_with_claims
    with uncollected():
        if all(lines):
            entries, claims = decode(lines)
        else:
            read_entries, _ = decode([*filter(None, lines)])
            remaining, claims = iter(read_entries), None
            entries = [
                next(remaining) if line else Entry(position=position)
                for position, line in zip(positions, lines, strict=True)
            ]
    # Reading goes on after the position of the last entry: if that differed from the
    # position of its row, the same entries would be read again and again.
    own_positions = (
        entries.positions
        if isinstance(entries, EntryColumns)
        else [entry.position for entry in entries]
    )
    if tuple(own_positions) != tuple(positions):
        faults = [
            Fault(f"entry {place}", f"has the line of entry {position}: {_REMEDY}")
            for place, position in zip(positions, own_positions, strict=True)
            if place != position
        ]
        document = "the store"
        raise FaultsError(document, faults)
    return entries, claims


def is_digest(event: Event) -> bool:
    """Return whether the id of an event looks like a digest, as default ids do."""
    name = given_id(event)
    return name is not None and looks_like_digest(name)


def looks_like_digest(name: str) -> bool:
    """Return whether an id looks like a digest, as default ids do."""
    return _IS_DIGEST(name) is not None
