"""Entries of a journal whose words were erased: found by the digests that are left."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import evolve

from bri_timeline._events import Entry, Event
from bri_timeline._journal._journal import Journal
from bri_timeline._journal._witnesses import Basis
from bri_timeline.errors import EntryError


def _erased_like(journal: Journal, size: int, event: Event | None) -> Entry | None:
    """Return the first erased entry that had the words of an event."""
    with journal.lock:
        entries = journal.entries
        rows = entries.gone.get(event.words, ()) if entries.gone and event else ()
        return entries.recorded(rows[0]) if rows and rows[0] < size else None


def check_words(
    journal: Journal, size: int, claims: Iterable[Entry], *, allow: bool
) -> None:
    """Refuse claims in words that were erased, unless a live entry has them.

    Args:
        journal: The journal.
        size: The number of entries to examine.
        claims: The claims.
        allow: Refuse nothing.

    Raises:
        EntryError: The words of one of them were erased.
    """
    for entry in claims if journal.entries.gone and not allow else ():
        gone = _erased_like(journal, size, entry.event)
        if gone is not None and not journal.is_repeated(size, entry):
            problem = f"these words were erased, from entry {gone.position}"
            remedy = "to claim them again, give allow_erased=True"
            raise EntryError(entry.event, f"{problem}: {remedy}")


def silenced(journal: Journal, size: int, entry: Entry) -> Entry:
    """Return an entry without its words, if these were erased.

    Args:
        journal: The journal.
        size: The number of entries to examine.
        entry: An entry of another log, or of a release.
    """
    proposed = None if entry.review is None else entry.review.proposes
    gone = _erased_like(journal, size, proposed or entry.event)
    if gone is None or gone.erased is None:
        return entry
    return entry.without_words(evolve(gone.erased, line=None))


def erased(journal: Journal, size: float) -> list[Entry]:
    """Return those of the first entries whose words were erased."""
    with journal.lock:
        entries = journal.entries
        rows = (row for row in entries.eventless if row < size)
        return [entry for entry in map(entries.recorded, rows) if entry.is_erased]


def erasures(journal: Journal, basis: Basis) -> int:
    """Return the number of known entries whose words were erased."""
    with journal.lock:
        size = journal.entries.row(basis.size)
    days = (entry._knowledge()[0] for entry in erased(journal, size))
    return sum(day <= basis.known_by for day in days)
