"""Words that were erased: remove them, know them again, refuse them."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import compress

from attrs import evolve

from bri_timeline import Entry, Erased, Event, EventLog
from bri_timeline.errors import EntryError
from bri_timeline.extend import Codec, encode_entry
from bri_timeline.stores._chain import Erasure, leaf_of
from bri_timeline.stores._database import Database
from bri_timeline.stores._rows import StoredEntry, number_of
from bri_timeline.stores._session import Session


def was_erased(entry: Entry, ours: Entry) -> bool:
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
    if ours == theirs or (ours.erased is not None and was_erased(theirs, ours)):
        return False
    if theirs.erased is None:
        return None
    if ours.erased is not None:
        # When, and why, may differ.
        is_same = evolve(ours, erased=None) == evolve(theirs, erased=None)
        return False if is_same and ours.erased.words == theirs.erased.words else None
    return True if was_erased(ours, theirs) else None


def check_words(
    session: Session, events: Iterable[Event], log: EventLog | None = None
) -> None:
    """Refuse events whose words were erased.

    Args:
        session: The store, in a transaction.
        events: What is about to be appended.
        log: The log that has them: it was asked itself, if it knows of the erasure.

    Raises:
        EntryError: The words of one of them were.
    """
    claims = [*events]
    positions = session.named({number_of(event.id) for event in claims})
    gone = {
        entry.erased.words: entry.position
        for entry in session.entries(positions)
        if entry.erased is not None and (log is None or not log[entry.position].erased)
    }
    for event in claims if gone else ():
        position = gone.get(event.words)
        if position is not None:
            problem = f"these words of {event.when} were erased, from entry {position}"
            remedy = "to append them again, give allow_erased=True"
            raise EntryError(event, f"{problem}: {remedy}")


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
    pending = session.preparer.prepare([erased_entry])
    rows = pending.placed([position], [line], [stored.digest])
    record = Erasure.sealed(position, leaf, because, Codec.instant_text(at), line)
    session.erase(record, rows.row(0))
    return said_by(entry)


def _repeating(session: Session, event: Event, database: Database) -> tuple[int, ...]:
    """Return the positions of claims and proposals that say the same."""
    pending = session.preparer.prepare_events([event])
    kind, version, _ = pending.groups[0] or ("", 0, ())
    places = {*session.alike(pending)}
    places.update(session.of_other_versions(kind, version, pending.days))
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
