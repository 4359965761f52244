"""Entries to be appended, in columns: each with its event as JSON and what finds it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple, TypeVar
from zlib import crc32

import msgspec
from msgspec import Struct
from msgspec.structs import astuple

from bri_timeline import Entry, Event, Unknown, Vocabulary
from bri_timeline._events.entries import EntryColumns
from bri_timeline._form import (
    Codec,
    EncodedColumns,
    EncodedEvents,
)
from bri_timeline.errors import EntryError
from bri_timeline.extend import given_id


T = TypeVar("T")
FURTHEST = 1 << 62
_MOST_GROUPS = 1 << 16
_Labels = tuple[frozenset[str], frozenset[str], frozenset[str]]


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


class PendingEntries(Struct, frozen=True, gc=False):
    """Entries that have not been appended yet, in columns.

    Attributes:
        events: The event of each, if it has one.
        texts: The event as JSON; empty if the fast encoder cannot write it.
        groups: The index group; None without an event.
        firsts: The first day on which the event can have begun; 0 without one.
        keys: A checksum of its content, equal for equal claims; 0 without one.
        names: A number for its id, equal for equal ids; None without an id.
        known: The day from which the entry is known.
        datasets: The dataset to which it belongs.
        others: By their index, entries that are more than a claim, or claim nothing.
    """

    events: Sequence[Event | None]
    texts: Sequence[str]
    groups: Sequence[IndexGroup | None]
    firsts: Sequence[int]
    keys: Sequence[int]
    names: Sequence[int | None]
    known: Sequence[int | None]
    datasets: Sequence[str | None]
    others: Mapping[int, Entry]

    def __len__(self) -> int:
        return len(self.events)

    def only(self, places: Sequence[int]) -> PendingEntries:
        """Return the entries at some indexes; all of them have events."""
        *columns, _ = astuple(self)
        cells: list[Any] = [[column[n] for n in places] for column in columns]
        return PendingEntries(*[*cells, {}])


class EventPreparer:
    """An encoder of events that also computes their index columns.

    Args:
        vocabulary: The payload classes.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._codec = Codec(vocabulary)
        self._groups: dict[type, _IndexGroups] = {}

    def prepare(
        self, events: Sequence[Event], claims: EncodedColumns | None = None
    ) -> PendingEntries:
        """Return events with their encodings and their index columns.

        Args:
            events: The events.
            claims: The events as they stand in lines; None to encode them.

        Raises:
            VocabularyError: The vocabulary does not have the class of a payload, or
                JSON cannot hold its value.
            EntryError: Another part of an event cannot be stored.
        """
        parts = [*self._codec.encode_events(events, claims)]
        if len(parts) == 1 and len(parts[0].places) == len(events):
            texts, columns = parts[0].texts, self._indexed(parts[0], events)
        else:
            texts, columns = self._scattered(events, parts)
        return PendingEntries(
            events,
            texts,
            *columns,
            # Of claims that stand in lines, the entries have these days.
            [event.known_day for event in events] if claims is None else (),
            [None] * len(events),
            {},
        )

    def _scattered(
        self, events: Sequence[Event], parts: Iterable[EncodedEvents]
    ) -> tuple[list[str], _IndexColumns]:
        """Return texts and index columns of events of several classes."""
        texts = [""] * len(events)
        rows: dict[int, tuple[IndexGroup, int, int, int | None]] = {}
        for part in parts:
            part_events = [events[place] for place in part.places]
            cells = zip(*self._indexed(part, part_events), strict=True)
            rows.update(zip(part.places, cells, strict=True))
            for place, text in zip(part.places, part.texts, strict=True):
                texts[place] = text
        for place, event in enumerate(events):
            if place not in rows:
                rows[place] = _index_carefully(event, self._codec)
        columns = zip(*map(rows.__getitem__, range(len(events))), strict=True)
        return texts, _IndexColumns(*columns) if rows else _IndexColumns((), (), (), ())

    def _indexed(self, part: EncodedEvents, events: Sequence[Event]) -> _IndexColumns:
        """Return the index columns of events whose payloads have one class."""
        encoder = part.encoder
        names = [*map(given_id, events)]
        return _IndexColumns(
            self._groups_of(encoder.kind, encoder.version, events),
            [clipped(event.when.earliest_start) for event in events],
            [*map(crc32, part.payloads)]
            if encoder.is_canonical
            else [*map(_inexact, events)],
            [None if name is None else number_of(name) for name in names],
        )

    def _groups_of(
        self, kind: str, version: int, events: Sequence[Event]
    ) -> Sequence[IndexGroup]:
        cls: type = type(events[0].what)
        groups = self._groups.get(cls)
        if groups is None:
            groups = self._groups[cls] = _IndexGroups(kind, version)
        return [
            groups[event.parties, event.affair_of, event.refers_to] for event in events
        ]


class _IndexColumns(NamedTuple):
    """The index columns of claims."""

    groups: Sequence[IndexGroup]
    firsts: Sequence[int]
    keys: Sequence[int]
    names: Sequence[int | None]


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


def _index_carefully(
    event: Event, codec: Codec
) -> tuple[IndexGroup, int, int, int | None]:
    try:
        claim = codec.parts_of(event)
    except (TypeError, ValueError, AttributeError) as error:
        problem = f"this event of {event.when} cannot be kept: {error}"
        raise EntryError(event, problem) from None
    cls: type = type(event.what)
    exact = cls is Unknown or codec.is_canonical(cls)
    labels = event.parties, event.affair_of, event.refers_to
    return (
        IndexGroup(claim["kind"], claim["version"], labels_of(*labels)),
        clipped(event.when.earliest_start),
        crc32(bytes(claim["what"])) if exact else _inexact(event),
        None if claim["id"] is None else number_of(claim["id"]),
    )


def pending_of(
    entries: Sequence[Entry],
    preparer: EventPreparer,
    claims: EncodedColumns | None = None,
) -> PendingEntries:
    """Return entries as pending entries.

    Args:
        entries: The entries.
        preparer: Prepares their events.
        claims: The events as they stand in lines; None to encode them.

    Raises:
        VocabularyError: As `EventPreparer.prepare()` does.
        EntryError: As `EventPreparer.prepare()` does.
    """
    columns = entries
    if not isinstance(columns, EntryColumns):
        columns = EntryColumns.of(entries)
    events = [event for event in columns.events if event is not None]
    pending = preparer.prepare(events, claims)
    if len(events) < len(entries):
        pending = _spread(pending, [event is not None for event in columns.events])
        pending = msgspec.structs.replace(pending, names=_named(pending.names, columns))
    return msgspec.structs.replace(
        pending, known=columns.knowns, datasets=columns.datasets, others=columns.others
    )


def _named(names: Sequence[int | None], entries: EntryColumns) -> list[int | None]:
    """Return the names of entries, with those of erased claims."""
    all_names = [*names]
    for place, entry in entries.others.items():
        if entry.erased is not None and entry.erased.id is not None:
            all_names[place] = number_of(entry.erased.id)
    return all_names


def _spread(pending: PendingEntries, is_claim: Sequence[bool]) -> PendingEntries:
    """Return pending entries with others between them that have no events."""
    *columns, _, _, _ = astuple(pending)
    spread: list[Any] = []
    for column, absent in zip(columns, (None, "", None, 0, 0, None), strict=True):
        values = iter(column)
        spread.append([next(values) if is_one else absent for is_one in is_claim])
    return PendingEntries(*[*spread, (), (), {}])


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
