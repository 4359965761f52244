"""Append to a store: find new events and entries, and insert them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import TypeVar

from bri_timeline._codec import Vocabulary
from bri_timeline._events import Entry, Event
from bri_timeline._log import EventLog
from bri_timeline.errors import EntryError, EventError, StaleLogError
from bri_timeline.stores._chain import Head
from bri_timeline.stores._database import Session
from bri_timeline.stores._pending import PendingEntries
from bri_timeline.stores._rows import (
    decoded,
    entries_of,
    rows_of,
)


__all__ = [
    "BATCH",
    "batches",
    "checked",
    "insert",
    "new_entries",
    "not_yet_recorded",
    "position_of",
]

T = TypeVar("T")
BATCH = 16_384
_REMEDY = "read() the store, append to what it returns, and try again"


def checked(events: Iterable[object]) -> list[Event]:
    """Return events as a list.

    Raises:
        EventError: One of them is not an event.
    """
    found = []
    for event in events if isinstance(events, Iterable) else [events]:
        if not isinstance(event, Event):
            problem = "is not an event: append an EventLog, or events"
            raise EventError(event, problem)
        found.append(event)
    return found


def batches(items: Sequence[T]) -> Iterator[list[T]]:
    """Yield items in batches of a size at which databases work best."""
    remaining = iter(items)
    while some := [*islice(remaining, BATCH)]:
        yield some


def not_yet_recorded(
    session: Session, events: PendingEntries, vocabulary: Vocabulary
) -> PendingEntries:
    """Return the events that no live entry has.

    Args:
        session: The store, in a transaction.
        events: The prepared events.
        vocabulary: The payload classes.
    """
    recorded: set[Event | None] = {*_recorded(session, events, vocabulary)}
    if not recorded and len({*events.keys}) == len(events):
        return events
    new = []
    for place, event in enumerate(events.events):
        if event not in recorded:
            recorded.add(event)
            new.append(place)
    return events.only(new)


def _recorded(
    session: Session, events: PendingEntries, vocabulary: Vocabulary
) -> set[Event]:
    """Return events of live plain entries, among them all that equal one of these."""
    found = {*session.alike(events)}
    for kind, version in {
        (group.kind, group.version) for group in events.groups if group is not None
    }:
        # Payloads of other versions have other digests, and so other keys.
        found.update(session.of_other_versions(kind, version, events.firsts))
    if not found:
        return set()
    withdrawn = _withdrawn(session, found, vocabulary)
    return {
        entry.event
        for entry in entries_of(session.at(found), vocabulary)
        if entry.event is not None
        and entry.supersedes is None
        and entry.dataset is None
        and entry.position not in withdrawn
    }


def _withdrawn(
    session: Session, positions: Collection[int], vocabulary: Vocabulary
) -> set[int | None]:
    """Return the positions that a live retraction withdraws."""
    against: dict[int, int | None] = {}
    targets = positions
    while targets:
        later = entries_of(session.at(session.targeting(targets)), vocabulary)
        new = {entry.position: entry.retracts for entry in later}
        targets = {p for p, target in new.items() if target is not None} - {*against}
        against.update(new)
    withdrawn: set[int | None] = set()
    # From the last: a retraction counts only if no later one withdraws it.
    for position in sorted(against, reverse=True):
        if position not in withdrawn:
            withdrawn.add(against[position])
    return withdrawn


def new_entries(
    session: Session, log: EventLog, vocabulary: Vocabulary, *, shared: int
) -> Sequence[Entry]:
    """Return the entries of a log after those that a store has.

    Args:
        session: The store, in a transaction.
        log: The log.
        vocabulary: The payload classes.
        shared: The number of first entries that are known to be those of the store.

    Raises:
        EntryError: The log is a partial one.
        StaleLogError: The log differs from that of the store.
    """
    head = session.head()
    entries = log[shared:]
    for position, entry in enumerate(entries, shared):
        _check_position(position, entry)
    stored = _decoded(session, shared - 1, vocabulary)
    for entry, ours in zip(entries, stored, strict=False):
        if not (ours == entry or _is_erased(ours)):
            problem = f"they differ from position {entry.position} on: {_REMEDY}"
            raise StaleLogError(entry.position - 1, head.position, problem)
    return entries[max(head.position + 1 - shared, 0) :]


def _decoded(session: Session, after: int, vocabulary: Vocabulary) -> Iterator[Entry]:
    for positions, lines in session.lines(after):
        yield from decoded(positions, lines, vocabulary)[0]


def _is_erased(entry: Entry) -> bool:
    return entry == Entry(position=entry.position)


def _check_position(position: int, entry: Entry) -> None:
    if entry.position != position:
        problem = f"entry {entry.position} stands at place {position} of the log"
        remedy = "append the whole log, not what is among() some parties"
        raise EntryError(entry.position, f"{problem}: {remedy}")


def insert(
    session: Session,
    pending: PendingEntries,
    instant: datetime,
    expected: int | Head | None,
    vocabulary: Vocabulary,
) -> None:
    """Append entries to a store.

    Args:
        session: The store, in a transaction.
        pending: The entries.
        instant: The instant of recording.
        expected: The position or head that the store must have; None for any.
        vocabulary: The payload classes.

    Raises:
        StaleLogError: The store has another head.
    """
    if not pending:
        return
    head = session.head()
    if expected is not None and expected not in (head, head.position):
        problem = "somebody else has written: read() it again"
        raise StaleLogError(position_of(expected), head.position, problem)
    session.insert(rows_of(pending, head, instant, vocabulary))


def position_of(place: int | Head) -> int:
    """Return a position, or that of a head."""
    return place.position if isinstance(place, Head) else place
