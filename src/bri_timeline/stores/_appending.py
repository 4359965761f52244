"""Append to a store: find what is new, and insert it. Erase words."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import compress, islice
from typing import TypeVar

from attrs import evolve

from bri_timeline import Entry, Erased, Event, EventLog, Vocabulary
from bri_timeline._form import Codec, parts
from bri_timeline.errors import EntryError, EventError, StaleLogError
from bri_timeline.extend import check_sayable, encode_entry
from bri_timeline.stores._chain import Erasure, Head, leaf_of
from bri_timeline.stores._database import Database
from bri_timeline.stores._pending import (
    EventPreparer,
    PendingEntries,
    number_of,
    pending_of,
)
from bri_timeline.stores._rows import (
    StoredEntry,
    decoded,
    entries_of,
    placed,
    rows_of,
)
from bri_timeline.stores._sql import Session


T = TypeVar("T")
BATCH = 16_384
_REMEDY = "read() the store, append to what it returns, and try again"


def checked(events: Iterable[object]) -> list[Event]:
    """Return events as a list.

    Raises:
        EventError: One of them is not an event, or says what cannot be.
    """
    claims = []
    for event in events if isinstance(events, Iterable) else [events]:
        if not isinstance(event, Event):
            problem = "is not an event: append an EventLog, or events"
            raise EventError(event, problem)
        check_sayable(event)
        claims.append(event)
    return claims


def batches(items: Sequence[T]) -> Iterator[list[T]]:
    """Yield items in batches of a size at which databases work best."""
    remaining = iter(items)
    while batch := [*islice(remaining, BATCH)]:
        yield batch


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
    positions = {*session.alike(events)}
    for kind, version in {
        (group.kind, group.version) for group in events.groups if group is not None
    }:
        # Payloads of other versions have other digests, and so other keys.
        positions.update(session.of_other_versions(kind, version, events.firsts))
    if not positions:
        return set()
    withdrawn = _withdrawn(session, positions, vocabulary)
    return {
        entry.event
        for entry in entries_of(session.at(positions), vocabulary)
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
    entries = tuple(log[shared:])
    check_whole(log, entries, shared)
    stored = _decoded(session, shared - 1, vocabulary)
    for entry, ours in zip(entries, stored, strict=False):
        if not (ours == entry or _was_erased(entry, ours)):
            problem = f"they differ from position {entry.position} on: {_REMEDY}"
            raise StaleLogError(entry.position - 1, head.position, problem)
    return entries[max(head.position + 1 - shared, 0) :]


def _decoded(session: Session, after: int, vocabulary: Vocabulary) -> Iterator[Entry]:
    for positions, lines in session.lines(after):
        yield from decoded(positions, lines, vocabulary)[0]


def _was_erased(entry: Entry, ours: Entry) -> bool:
    """Check that an entry of a store is one of an earlier log, without its words."""
    trace = ours.erased
    return ours.is_lost or (trace is not None and entry.without_words(trace) == ours)


def erased_elsewhere(ours: Entry, theirs: Entry) -> bool | None:
    """Check whether an entry has words that were erased from another copy of its log.

    Args:
        ours: The entry.
        theirs: The entry of the other copy at that position.

    Returns:
        Whether it has; None if they are two entries.
    """
    if ours == theirs or (ours.erased is not None and _was_erased(theirs, ours)):
        return False
    if theirs.erased is None:
        return None
    if ours.erased is not None:
        # When, and why, may differ.
        is_same = evolve(ours, erased=None) == evolve(theirs, erased=None)
        return False if is_same and ours.erased.words == theirs.erased.words else None
    return True if _was_erased(ours, theirs) else None


def check_words(
    session: Session,
    events: Iterable[Event],
    vocabulary: Vocabulary,
    log: EventLog | None = None,
) -> None:
    """Refuse events whose words were erased.

    Args:
        session: The store, in a transaction.
        events: What is about to be appended.
        vocabulary: The payload classes.
        log: The log that has them: it was asked itself, if it knows of the erasure.

    Raises:
        EntryError: The words of one of them were.
    """
    if not session.erasures():
        return
    claims = [*events]
    positions = session.named({number_of(event.id) for event in claims})
    gone = {
        entry.erased.words: entry.position
        for entry in entries_of(session.at(positions), vocabulary)
        if entry.erased is not None and (log is None or not log[entry.position].erased)
    }
    for event in claims if gone else ():
        position = gone.get(event.words)
        if position is not None:
            problem = f"these words of {event.when} were erased, from entry {position}"
            remedy = "to append them again, give allow_erased=True"
            raise EntryError(event, f"{problem}: {remedy}")


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
    rows = rows_of(pending, head, instant, vocabulary)
    session.insert(rows)
    # What was erased elsewhere: so that all erasures are found in one place.
    for place, entry in pending.others.items():
        if (trace := entry.erased) is not None:
            row = rows.row(place)
            at = Codec(vocabulary).text_of(parts.Kind.INSTANT, trace.at or instant)
            leaf, because = leaf_of(row.line.encode()), trace.because or ""
            record = Erasure.sealed(row.position, leaf, because, at, row.line)
            session.erase(record, row)


def position_of(place: int | Head) -> int:
    """Return a position, or that of a head."""
    return place.position if isinstance(place, Head) else place


# --- erasing ------------------------------------------------------------------------


def erase(
    session: Session, stored: StoredEntry, because: str, database: Database
) -> tuple[int, ...]:
    """Remove the words of an entry; return the positions that repeat them.

    Args:
        session: The store, in a transaction.
        stored: The entry.
        because: The reason.
        database: The store.

    Raises:
        EntryError: The entry records a release.
        DamagedStoreError: An entry cannot be read.
    """
    event = silence(session, stored, because, database)
    return () if event is None else _repeating(session, event, database)


def silence(
    session: Session, stored: StoredEntry, because: str, database: Database
) -> Event | None:
    """Remove the words of an entry, and return what it claimed; as for `erase()`."""
    vocabulary, position = database.vocabulary, stored.position
    (entry,) = database.decode([position], [stored.line])
    if entry.release is not None:
        problem = f"entry {position} records a release, which has no words"
        raise EntryError(entry, f"{problem}: erase the rows that it brought")
    if entry.erased is not None or not stored.line:
        return None
    leaf, at = leaf_of(stored.line.encode()), database.clock()
    erased_entry = entry.without_words(Erased(line=leaf.hex(), because=because, at=at))
    line = encode_entry(erased_entry, vocabulary).decode()
    pending = pending_of([erased_entry], EventPreparer(vocabulary))
    rows = placed([position], [line], [stored.digest], pending)
    at_text = Codec(vocabulary).text_of(parts.Kind.INSTANT, at)
    record = Erasure.sealed(position, leaf, because, at_text, line)
    session.erase(record, rows.row(0))
    return said_by(entry)


def _repeating(session: Session, event: Event, database: Database) -> tuple[int, ...]:
    """Return the positions of claims and proposals that say the same."""
    pending = EventPreparer(database.vocabulary).prepare([event])
    kind, version, _ = pending.groups[0] or ("", 0, ())
    places = {*session.alike(pending)}
    places.update(session.of_other_versions(kind, version, pending.firsts))
    for positions, lines in session.lines(-1):
        # No index has proposals.
        places.update(compress(positions, ['"proposes":' in line for line in lines]))
    stored = session.at(places)
    entries = database.decode([s.position for s in stored], [s.line for s in stored])
    return tuple(entry.position for entry in entries if _says(entry, event))


def _says(entry: Entry, event: Event) -> bool:
    said = said_by(entry)
    return said is not None and (
        (said.what, said.when, said.where) == (event.what, event.when, event.where)
    )


def said_by(entry: Entry) -> Event | None:
    """Return the claim that an entry makes or proposes."""
    return (entry.review.proposes if entry.review else None) or entry.event


def check_whole(log: EventLog, entries: Iterable[Entry], start: int = 0) -> None:
    """Check that entries are all of a log, and no selection of them.

    Args:
        log: The log.
        entries: Those that are about to be written.
        start: The position of the first.

    Raises:
        EntryError: One is at another position; or the log leaves one out that claims
            something else, without which what it outvotes would count.
    """
    remedy = "append the whole log, not what is among() some parties"
    for position, entry in enumerate(entries, start):
        if entry.position != position:
            problem = f"entry {entry.position} stands at place {position} of the log"
            raise EntryError(entry.position, f"{problem}: {remedy}")
    for entry in log.left_out:
        problem = f"entry {entry.position} is not in the selection"
        because = "claims that it outvotes would count"
        raise EntryError(entry.position, f"{problem}, and {because}: {remedy}")
