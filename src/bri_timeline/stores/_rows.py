"""An event as a row: with its line, its digest, and the columns that find it."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Any, NamedTuple
from zlib import crc32

import attrs
import msgspec
from msgspec import Struct

from bri_timeline import Entry, Event, Unknown, Vocabulary
from bri_timeline.errors import EntryError, Fault, FaultsError
from bri_timeline.extend import (
    Codec,
    EncodedColumns,
    EntryColumns,
    given_id,
    uncollected,
)
from bri_timeline.stores._chain import Head, chained


FURTHEST = 1 << 62
# The day of knowledge of entries that have none: they were always known.
ALL_ALONG = -FURTHEST
# 24 bits hold some 46,000 years. Days outside count as the first or last of them: a
# search then finds more entries than match, which are filtered afterwards.
DAYS = 1 << 24
_HALF = DAYS >> 1
_MOST_GROUPS = 1 << 16
_REMEDY = "it was not written by this library, restore a backup"
_IS_DIGEST = re.compile("[0-9a-f]{32}").fullmatch
# The text and the index cells of an entry without an event.
_ABSENT: tuple[object, ...] = "", None, 0, 0, None
_Labels = tuple[frozenset[str], frozenset[str], frozenset[str]]


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


class IndexGroup(NamedTuple):
    """Entries of one kind and version that are found by the same labels.

    Attributes:
        kind: The kind.
        version: Its version.
        parties: The parties, and the other labels of `labels_of()`.
    """

    kind: str
    version: int
    parties: frozenset[str]


class EntryRow(NamedTuple):
    """An entry to be stored, with its index columns.

    Attributes:
        position: Its position.
        line: Its line; empty if it was erased by an earlier version.
        digest: A digest of the entry and all entries before it.
        group: Its index group; None without a claim.
        day: The offset of the first day on which its claim can have begun, among those
            that an index key can hold; 0 without one.
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
    day: int = 0
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
    days: Sequence[int]
    keys: Sequence[int]
    known: Sequence[int]
    names: Sequence[int | None]
    targets: Sequence[int | None]

    def row(self, place: int) -> EntryRow:
        """Return one of them, by its index."""
        cells: tuple[Any, ...] = tuple(column[place] for column in self)
        return EntryRow(*cells)

    def cells(self, numbers: Sequence[int | None]) -> Sequence[Sequence[object]]:
        """Return the columns of the table `entry`.

        Args:
            numbers: The number of the group of each; None without a claim.
        """
        positions, lines, digests, _, days, *index_columns = self
        return positions, lines, digests, index_keys(numbers, days), *index_columns


class PendingEntries(Struct, frozen=True, gc=False):
    """Entries that have no place in a store yet, with their index columns.

    Attributes:
        entries: The entries.
        texts: The event of each as JSON; empty if the fast encoder cannot write it.
        groups: As in `Rows`, like those that follow.
        days: The offsets of days.
        keys: Checksums, equal for equal claims.
        names: The numbers of ids.
        targets: Positions.
    """

    entries: EntryColumns
    texts: Sequence[str]
    groups: Sequence[IndexGroup | None]
    days: Sequence[int]
    keys: Sequence[int]
    names: Sequence[int | None]
    targets: Sequence[int | None]

    def __len__(self) -> int:
        return len(self.texts)

    def only(self, places: Sequence[int]) -> PendingEntries:
        """Return the entries at some indexes; all of them are mere claims."""
        if len(places) == len(self):
            return self
        entries, *columns = msgspec.structs.astuple(self)
        whole = [*attrs.astuple(entries, recurse=False)][:-1]
        parts, cells = (
            [[column[n] for n in places] for column in some]
            for some in (whole, columns)
        )
        claims: list[Any] = [*parts, {}]
        return PendingEntries(EntryColumns(*claims), *cells)

    def placed(
        self, positions: Sequence[int], lines: Sequence[str], digests: Sequence[bytes]
    ) -> Rows:
        """Return them as rows, with their positions, lines and digests."""
        return Rows(
            positions,
            lines,
            digests,
            self.groups,
            self.days,
            self.keys,
            [
                0 if not line else ALL_ALONG if day is None else clipped(day)
                for day, line in zip(self.entries.knowns, lines, strict=True)
            ],
            self.names,
            self.targets,
        )


class EntryPreparer:
    """An encoder of entries that also computes their index columns.

    Args:
        vocabulary: The payload classes.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._codec = Codec(vocabulary)
        self._groups: dict[type, _IndexGroups] = {}

    def prepare_events(self, events: Sequence[Event]) -> PendingEntries:
        """Return events as pending entries; as for `prepare()`."""
        known, none = [event.known_day for event in events], [None] * len(events)
        places = range(len(events))
        return self.prepare(EntryColumns(places, events, known, none, none, {}))

    def prepare(
        self, entries: Sequence[Entry], claims: EncodedColumns | None = None
    ) -> PendingEntries:
        """Return entries as pending entries.

        Args:
            entries: The entries.
            claims: Their events as they stand in lines; None to encode them.

        Raises:
            VocabularyError: The vocabulary does not have the class of a payload, or
                JSON cannot hold its value.
            EntryError: Another part of an event cannot be stored.
        """
        if not isinstance(entries, EntryColumns):
            entries = EntryColumns.of(entries)
        events = [event for event in entries.events if event is not None]
        places: Sequence[int] = range(len(entries))
        if len(events) < len(entries):
            places = [n for n, event in enumerate(entries.events) if event is not None]
        columns: list[Any] = [[absent] * len(entries) for absent in _ABSENT]
        careful = dict(zip(places, events, strict=True))
        for part in self._codec.encode_events(events, claims):
            is_all, encoder = len(part.places) == len(entries), part.encoder
            part_events = events if is_all else [events[n] for n in part.places]
            exact = [*map(crc32, part.payloads)] if encoder.is_canonical else None
            group = encoder.kind, encoder.version
            cells = part.texts, *self._indexed(group, exact, part_events)
            if is_all:
                columns, careful = [*cells], {}
                continue
            for place, *row in zip(part.places, *cells, strict=True):
                del careful[places[place]]
                for column, value in zip(columns, row, strict=True):
                    column[places[place]] = value
        for place, event in careful.items():
            for column, value in zip(columns[1:], self._carefully(event), strict=True):
                column[place] = value
        texts, groups, days, keys, names = columns
        targets: list[int | None] = [None] * len(entries)
        for place, entry in entries.others.items():
            targets[place] = target_of(entry)
            if entry.erased is not None:
                names[place] = _signed(entry.erased.id)
            elif entry.supersedes is not None and names[place] is not None:
                names[place] = abs(names[place])
        return PendingEntries(entries, texts, groups, days, keys, names, targets)

    def _indexed(
        self,
        kind: tuple[str, int],
        exact: Sequence[int] | None,
        events: Sequence[Event],
    ) -> tuple[Sequence[object], ...]:
        """Return the index columns of events whose payloads have one class.

        Args:
            kind: The name of the kind, and its version.
            exact: The sums of the payloads; None if equal ones may differ as text.
            events: The events.
        """
        cls: type = type(events[0].what)
        groups = self._groups.get(cls)
        if groups is None:
            groups = _IndexGroups(*kind)
            self._groups[cls] = groups
        return (
            [groups[e.parties, e.affair_of, e.refers_to] for e in events],
            [day_offset(event.when.earliest_start) for event in events],
            [*map(_inexact, events)] if exact is None else exact,
            [*map(_signed, map(given_id, events))],
        )

    def _carefully(self, event: Event) -> tuple[object, ...]:
        """Return the index cells of an event that is encoded by itself."""
        try:
            claim = self._codec.parts_of(event)
        except (TypeError, ValueError, AttributeError) as error:
            problem = f"this event of {event.when} cannot be kept: {error}"
            raise EntryError(event, problem) from None
        cls: type = type(event.what)
        exact = cls is Unknown or self._codec.is_canonical(cls)
        labels = labels_of(event.parties, event.affair_of, event.refers_to)
        return (
            IndexGroup(claim["kind"], claim["version"], labels),
            day_offset(event.when.earliest_start),
            crc32(bytes(claim["what"])) if exact else _inexact(event),
            _signed(claim["id"]),
        )

    def rows_after(
        self, head: Head, pending: PendingEntries, instant: datetime
    ) -> Rows:
        """Return pending entries as the next rows of a store.

        Args:
            head: The head of the store that they are appended to.
            pending: The entries.
            instant: The instant of recording.

        Raises:
            EntryError: One of them cannot be stored.
        """
        first, entries = head.position + 1, pending.entries
        positions = range(first, first + len(pending))
        others = entries.others.items()
        entries = EntryColumns(
            positions,
            entries.events,
            entries.knowns,
            [instant] * len(pending),
            entries.datasets,
            {n: attrs.evolve(entry, recorded_at=instant) for n, entry in others},
        )
        data = self._codec.lines(entries, pending.texts)
        digests = chained(data, head.digest)
        return pending.placed(positions, [*map(bytes.decode, data)], digests)


class _IndexGroups(dict[_Labels, IndexGroup]):
    """The index groups of one kind and version, by their labels."""

    def __init__(self, kind: str, version: int) -> None:
        super().__init__()
        self._kind, self._version = kind, version

    def __missing__(self, labels: _Labels) -> IndexGroup:
        group = IndexGroup(self._kind, self._version, labels_of(*labels))
        if len(self) > _MOST_GROUPS:
            self.clear()
        self[labels] = group
        return group


def index_keys(numbers: Sequence[int | None], days: Sequence[int]) -> list[int | None]:
    """Return the numbers of groups with offsets of days, each pair as one integer.

    The integers are ordered by both.

    Args:
        numbers: The numbers, or None.
        days: The offsets.
    """
    return [
        None if number is None else number * DAYS + day
        for number, day in zip(numbers, days, strict=True)
    ]


def day_offset(first: float) -> int:
    """Return the offset of a day among those that an index key can hold."""
    return (
        int(first) + _HALF if -_HALF <= first < _HALF else 0 if first < 0 else DAYS - 1
    )


def clipped(day: float) -> int:
    """Return a day number within the integers of a database, in the same order."""
    if -FURTHEST < day < FURTHEST:
        return int(day)
    return int(math.copysign(FURTHEST, day))


def _inexact(event: Event) -> int:
    placeless = event if event.where is None else Event(event.what, when=event.when)
    return crc32(placeless.digest.encode())


def number_of(name: str) -> int:
    """Return a positive number for an id, of 48 bits."""
    text = name.encode(errors="surrogatepass")
    return 1 + int.from_bytes(blake2b(text, digest_size=6).digest())


def _signed(name: str | None) -> int | None:
    """Return the number of an id, negative if it looks like a digest."""
    if name is None:
        return None
    return -number_of(name) if looks_like_digest(name) else number_of(name)


def labels_of(
    parties: frozenset[str], affair_of: frozenset[str], refers_to: frozenset[str]
) -> frozenset[str]:
    """Return the labels of an event, for indexes that hold only labels.

    These are its parties, one more if it concerns one party alone, and one for each
    event that it refers to. An actor id may equal a label: readers check each event.

    Args:
        parties: Whom it involves.
        affair_of: Whose affair it is.
        refers_to: The ids of the events that it refers to.
    """
    alone = affair_of if len(affair_of) == 1 else ()
    return parties.union(map(alone_label, alone), map(reference_label, refers_to))


def alone_label(party: str) -> str:
    """Return the label of events that concern one party alone."""
    return f"\x01alone:{party}"


def reference_label(name: str) -> str:
    """Return the label of references to an event."""
    return f"\x01refers:{name}"


def as_text(value: object) -> str:
    """Return a value as JSON, in which no database refuses a character."""
    return msgspec.json.encode(value).decode()


def group_cells(group: IndexGroup) -> tuple[object, ...]:
    """Return the cells of an index group in the table `topic`, without its number."""
    return as_text(group.kind), group.version, as_text(sorted(group.parties))


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


def looks_like_digest(name: str) -> bool:
    """Return whether an id looks like a digest, as default ids do."""
    return _IS_DIGEST(name) is not None
