"""What is new in what is to be appended to a store."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from bri_timeline._codec import Vocabulary
from bri_timeline._events import Entry, Event
from bri_timeline._log import EventLog
from bri_timeline.errors import EntryError, EventError, StaleLogError
from bri_timeline.stores._database import Session
from bri_timeline.stores._rows import Claimed, entries_of


__all__ = ["BATCH", "batches", "beyond", "checked", "unsaid"]

T = TypeVar("T")
BATCH = 1024
_REMEDY = "read() the store, append to what it returns, and try again"


def checked(events: Iterable[object]) -> list[Event]:
    """Return events as a list.

    Raises:
        EventError: Something else is among them.
    """
    found = []
    for event in events:
        if not isinstance(event, Event):
            problem = "is no event: append an EventLog, or events"
            raise EventError(event, problem)
        found.append(event)
    return found


def batches(items: Sequence[T]) -> Iterator[list[T]]:
    """Yield items in parts of a size at which databases work best."""
    remaining = iter(items)
    while some := [*islice(remaining, BATCH)]:
        yield some


def unsaid(
    session: Session, claims: Sequence[Claimed], vocabulary: Vocabulary
) -> Sequence[Claimed]:
    """Return the claims that no live entry makes already.

    Args:
        session: The store, in a transaction.
        claims: What is claimed.
        vocabulary: The payload classes.
    """
    said = _said(session, claims, vocabulary)
    if not said and len({claim.key for claim in claims}) == len(claims):
        return claims
    new = []
    for claim in claims:
        if claim.event not in said:
            said.add(claim.event)
            new.append(claim)
    return new


def _said(
    session: Session, claims: Sequence[Claimed], vocabulary: Vocabulary
) -> set[Event]:
    """Return which claims that may be among these a live plain entry makes."""
    found = {*session.alike(claims)}
    for kind, version in {topic[:2] for topic in {claim.topic for claim in claims}}:
        # What was written in an older version has other keys.
        found.update(session.of_other_versions(kind, version, claims))
    if not found:
        return set()
    withdrawn = _withdrawn(session, found, vocabulary)
    return {
        entry.event
        for entry in entries_of(session.at(found), vocabulary)
        if entry.event is not None
        and entry.supersedes is None
        and entry.position not in withdrawn
    }


def _withdrawn(
    session: Session, positions: Collection[int], vocabulary: Vocabulary
) -> set[int | None]:
    """Return which positions are withdrawn, by retractions that stand themselves."""
    against: dict[int, int | None] = {}
    targets = positions
    while targets:
        later = entries_of(session.at(session.targeting(targets)), vocabulary)
        new = {entry.position: entry.retracts for entry in later}
        targets = {p for p, target in new.items() if target is not None} - {*against}
        against.update(new)
    withdrawn: set[int | None] = set()
    for position in sorted(against, reverse=True):
        if position not in withdrawn:
            withdrawn.add(against[position])
    return withdrawn


def beyond(
    session: Session, log: EventLog, vocabulary: Vocabulary, *, shared: int
) -> Sequence[Entry]:
    """Return the entries by which a log goes beyond what a store holds.

    Args:
        session: The store, in a transaction.
        log: The log.
        vocabulary: The payload classes.
        shared: How many of its first entries are known to be those of the store.

    Raises:
        EntryError: It is only a part of a log.
        StaleLogError: Log and store have gone different ways.
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
    for some in session.lines(after):
        yield from entries_of(some, vocabulary)


def _is_erased(entry: Entry) -> bool:
    return entry.event is None and entry.retracts is None


def _check_position(position: int, entry: Entry) -> None:
    if entry.position != position:
        problem = f"entry {entry.position} stands at place {position} of the log"
        remedy = "append the whole log, not what is among() some parties"
        raise EntryError(entry.position, f"{problem}: {remedy}")
