"""Rows of a store: an entry with its line, its digest and its index columns."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from hashlib import blake2b
from itertools import count
from typing import NamedTuple
from zlib import crc32

import attrs
from msgspec import Struct

from bri_timeline._codec import (
    EntryEncoder,
    Unknown,
    Vocabulary,
    decode_unchecked,
    encode_entry,
    encode_event,
    encode_line,
    encode_recorded_at,
    is_canonical,
)
from bri_timeline._concern import labels_of
from bri_timeline._events import Entry, Event, uncollected
from bri_timeline._payload import digest
from bri_timeline.errors import EntryError, Fault, FaultsError
from bri_timeline.stores._chain import Head, chained


__all__ = [
    "ALL_ALONG",
    "EventPreparer",
    "IndexGroup",
    "PendingEntry",
    "PreparedEvent",
    "Row",
    "StoredEntry",
    "clipped",
    "entries_of",
    "is_digest",
    "looks_like_digest",
    "number_of",
    "pending_of",
    "row_of",
    "rows_of",
    "target_of",
]

_FURTHEST = 1 << 62
_REMEDY = "it was not written by this library, restore a backup"
# The day of knowledge of entries that have none: they were always known.
ALL_ALONG = -_FURTHEST
_NOBODY = frozenset[str]()
_Labels = tuple[frozenset[str], frozenset[str], frozenset[str]]
_IS_DIGEST = re.compile("[0-9a-f]{32}").fullmatch


class StoredEntry(NamedTuple):
    """An entry as it was read from a store.

    Attributes:
        position: Its position.
        line: Its line, as `encode_entry()` wrote it; empty if it was erased.
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


class PreparedEvent(Struct, frozen=True, gc=False):
    """An event with its encoding and its index columns.

    Attributes:
        event: The event.
        encoded: Its part of an entry's line; None if the fast encoder cannot write it.
        group: Its index group.
        first: The first day on which it can have begun.
        key: A checksum of its content, equal for equal claims.
        name: A number for its id, equal for equal ids; None without an id.
    """

    event: Event
    encoded: bytes | None
    group: IndexGroup
    first: int
    key: int
    name: int | None


class Row(Struct, frozen=True, gc=False):
    """An entry to be stored, with its index columns.

    Attributes:
        position: Its position.
        line: Its line; empty if it was erased.
        digest: A digest of the entry and all entries before it.
        known: The day from which it was known.
        prepared: Its event, if it has one.
        name: The name of the event, negative if its id looks like a digest and is not
            that of an entry which it corrects.
        target: The position that it corrects or retracts.
    """

    position: int
    line: str
    digest: bytes
    known: int = 0
    prepared: PreparedEvent | None = None
    name: int | None = None
    target: int | None = None


class EventPreparer:
    """An encoder of events that also computes their index columns.

    Args:
        vocabulary: The payload classes.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._encode = EntryEncoder(vocabulary).encode
        self._groups: dict[str, dict[_Labels, IndexGroup]] = defaultdict(dict)

    def prepare(self, events: Sequence[Event]) -> list[PreparedEvent]:
        """Return events with their encodings and their index columns.

        Raises:
            VocabularyError: The vocabulary does not have the class of a payload, or
                JSON cannot hold its value.
            EntryError: Another part of an event cannot be stored.
        """
        found = []
        for event, encoded in zip(events, self._encode(events), strict=True):
            if encoded is None:
                found.append(_prepare_carefully(event, self._vocabulary))
                continue
            encoder, what, text = encoded
            labels = _labels(event)
            group = self._groups[encoder.kind].get(labels)
            if group is None:
                group = IndexGroup(encoder.kind, encoder.version, labels_of(*labels))
                self._groups[encoder.kind][labels] = group
            # Not `key`: without an id that is a hash, which nobody needs here.
            first, name = event.when.earliest_start, event._id
            found.append(
                PreparedEvent(
                    event,
                    text,
                    group,
                    first if isinstance(first, int) else clipped(first),
                    crc32(what) if encoder.is_canonical else _inexact(event),
                    None if name is None else number_of(name),
                )
            )
        return found


def _labels(event: Event) -> _Labels:
    what = event.what
    parties = getattr(what, "parties", None)
    # Most payloads name parties and nothing else: the properties ask again for each.
    if (
        isinstance(parties, frozenset)
        and getattr(what, "affair_of", None) is None
        and getattr(what, "refers_to", None) is None
    ):
        return parties, parties, _NOBODY
    return event.parties, event.affair_of, event.refers_to


def _prepare_carefully(event: Event, vocabulary: Vocabulary) -> PreparedEvent:
    try:
        claim = encode_event(event, vocabulary)
    except (TypeError, ValueError, AttributeError) as error:
        problem = f"this event of {event.when} cannot be kept: {error}"
        raise EntryError(event, problem) from None
    cls: type = type(event.what)
    exact = cls is Unknown or is_canonical(cls)
    return PreparedEvent(
        event,
        None,
        IndexGroup(claim.kind, claim.version, labels_of(*_labels(event))),
        clipped(event.when.earliest_start),
        crc32(bytes(claim.what)) if exact else _inexact(event),
        None if claim.id is None else number_of(claim.id),
    )


class PendingEntry(Struct, frozen=True, gc=False):
    """An entry that has not been appended yet.

    Attributes:
        known: The day from which it is known.
        prepared: Its event, if it has one.
        entry: The entry, if it corrects, retracts or gives a reason.
        dataset: The dataset to which it belongs.
    """

    known: int | None
    prepared: PreparedEvent | None
    entry: Entry | None = None
    dataset: str | None = None


def pending_of(entries: Sequence[Entry], preparer: EventPreparer) -> list[PendingEntry]:
    """Return entries as pending entries.

    Raises:
        VocabularyError: As `EventPreparer.prepare()` does.
        EntryError: As `EventPreparer.prepare()` does.
    """
    events = [entry.event for entry in entries if entry.event is not None]
    prepared = iter(preparer.prepare(events))
    return [
        PendingEntry(entry.known_day, None, entry)
        if entry.event is None
        else PendingEntry(
            entry.known_day,
            next(prepared),
            None if _is_plain(entry) else entry,
            entry.dataset,
        )
        for entry in entries
    ]


def _is_plain(entry: Entry) -> bool:
    is_claim = entry.supersedes is None and entry.retracts is None
    return is_claim and entry.because is None and entry.review is None


def rows_of(
    pending: Sequence[PendingEntry],
    head: Head,
    instant: datetime,
    vocabulary: Vocabulary,
) -> list[Row]:
    """Return pending entries as rows.

    Args:
        pending: The entries.
        head: The head of the store that they are appended to.
        instant: The instant of recording.
        vocabulary: The payload classes.

    Raises:
        EntryError: One of them cannot be stored.
    """
    now = encode_recorded_at(instant)
    lines = []
    for position, one in enumerate(pending, head.position + 1):
        known, prepared, entry = one.known, one.prepared, one.entry
        line = None
        if entry is None and prepared is not None and prepared.encoded is not None:
            line = encode_line(position, known, now, prepared.encoded, one.dataset)
        if line is None:
            event = None if prepared is None else prepared.event
            found = entry or Entry(
                position=position, event=event, known=known, dataset=one.dataset
            )
            line = encode_entry(attrs.evolve(found, recorded_at=instant), vocabulary)
        lines.append(line)
    digests = chained(lines, head.digest)
    places = count(head.position + 1)
    texts = map(bytes.decode, lines)
    return [*map(row_of, places, texts, digests, pending)]


def row_of(position: int, line: str, covering: bytes, pending: PendingEntry) -> Row:
    """Return a pending entry as a row.

    Args:
        position: Its position.
        line: Its line.
        covering: Its digest.
        pending: The entry.
    """
    known, prepared, entry = pending.known, pending.prepared, pending.entry
    if known is None:
        known = ALL_ALONG
    elif not -_FURTHEST < known < _FURTHEST:
        known = clipped(known)
    if entry is None and prepared is not None and prepared.name is None:
        return Row(position, line, covering, known, prepared)
    name, target = None, None if entry is None else target_of(entry)
    if prepared is not None and prepared.name is not None:
        corrects = entry is not None and entry.supersedes is not None
        is_own = corrects or not is_digest(prepared.event)
        name = prepared.name if is_own else -prepared.name
    return Row(position, line, covering, known, prepared, name, target)


def target_of(entry: Entry) -> int | None:
    """Return the position that an entry corrects or retracts."""
    return entry.retracts if entry.supersedes is None else entry.supersedes


def entries_of(
    stored: Sequence[StoredEntry] | Sequence[tuple[int, str]], vocabulary: Vocabulary
) -> list[Entry]:
    """Return entries from their lines; an erased entry claims nothing.

    Args:
        stored: Tuples that begin with position and line.
        vocabulary: The payload classes.

    Raises:
        FaultsError: A line is not an entry, or that of another position.
    """
    lines = [one[1] for one in stored]
    with uncollected():
        if all(lines):
            entries = decode_unchecked(lines, vocabulary)
        else:
            encoded = iter(decode_unchecked([*filter(None, lines)], vocabulary))
            entries = [
                next(encoded) if one[1] else Entry(position=one[0]) for one in stored
            ]
    # Reading goes on after the position of the last entry: if that differed from the
    # position of its row, the same entries would be read again and again.
    faults = [
        Fault(f"entry {place}", f"has the line of entry {entry.position}: {_REMEDY}")
        for place, entry in zip([one[0] for one in stored], entries, strict=True)
        if place != entry.position
    ]
    if faults:
        document = "the store"
        raise FaultsError(document, faults)
    return entries


def clipped(day: float) -> int:
    """Return a day number within the integers of a database, in the same order."""
    if -_FURTHEST < day < _FURTHEST:
        return int(day)
    return int(math.copysign(_FURTHEST, day))


def _inexact(event: Event) -> int:
    return crc32(digest(event.what, event.when).encode())


def number_of(name: str) -> int:
    """Return a positive number for an id, of 48 bits."""
    text = name.encode(errors="surrogatepass")
    return 1 + int.from_bytes(blake2b(text, digest_size=6).digest())


def is_digest(event: Event) -> bool:
    """Return whether the id of an event looks like a digest, as default ids do."""
    return isinstance(event.key, str) and looks_like_digest(event.key)


def looks_like_digest(name: str) -> bool:
    """Return whether an id looks like a digest, as default ids do."""
    return _IS_DIGEST(name) is not None
