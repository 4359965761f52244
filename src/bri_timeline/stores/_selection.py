"""A part of what a store holds that answers as the whole would."""

from __future__ import annotations

from collections.abc import Iterable

from bri_timeline._codec import Vocabulary
from bri_timeline._concern import alone_label, concerning, labels_of, reference_label
from bri_timeline._events import Entry, Event
from bri_timeline.errors import VocabularyError, shown
from bri_timeline.stores._database import Search, Session
from bri_timeline.stores._rows import (
    EventPreparer,
    entries_of,
    is_digest,
    looks_like_digest,
    number_of,
    target_of,
)


__all__ = [
    "names_of",
    "select_concerning",
    "select_related",
]


def names_of(kinds: Iterable[type | str], vocabulary: Vocabulary) -> frozenset[str]:
    """Return the names of kinds: of classes, with those that derive from them.

    Args:
        kinds: Classes, or names.
        vocabulary: The payload classes.

    Raises:
        VocabularyError: A class is not in the vocabulary.
    """
    names: set[str] = set()
    for kind in kinds:
        if isinstance(kind, str):
            names.add(kind)
            continue
        found = {
            name for name, cls in vocabulary._classes.items() if issubclass(cls, kind)
        }
        if not found:
            problem = f"the vocabulary has no {shown(kind)}: add the class to it"
            raise VocabularyError(kind, problem)
        names |= found
    return frozenset(names)


def select_related(
    session: Session, search: Search, vocabulary: Vocabulary
) -> list[Entry]:
    """Return what is looked for, with all that bears on it, in order of position.

    That is what it corrects or retracts, what corrects or retracts it, and other claims
    about the same happening, and so on; what these refer to; and, where parties are
    looked for, what refers to these. Of what came later only what was known by then.

    Args:
        session: The store, in a transaction.
        search: What to look for.
        vocabulary: The payload classes.
    """
    found: dict[int, Entry] = {}
    _add(found, session, session.matching(search), search, vocabulary)
    if search.parties and search.kinds is None:
        _add_referring(found, session, search.known_by, vocabulary)
    return _with_targets(found, session, search.known_by, vocabulary)


def select_concerning(
    session: Session, parties: frozenset[str], known_by: float, vocabulary: Vocabulary
) -> list[Entry]:
    """Return what concerns some parties, with all that bears on it, and what it names.

    Args:
        session: The store, in a transaction.
        parties: The actors.
        known_by: Only what was known by this day.
        vocabulary: The payload classes.
    """
    alone = frozenset(map(alone_label, parties))
    search = Search(parties, concerning(parties).least, known_by=known_by)
    found: dict[int, Entry] = {}
    _add(found, session, session.matching(search), search, vocabulary)
    if search.enough > 1:
        search = Search(alone, 1, known_by=known_by)
        _add(found, session, session.matching(search), search, vocabulary)
    _add_referring(found, session, known_by, vocabulary)
    return _with_targets(found, session, known_by, vocabulary)


def _add_referring(
    found: dict[int, Entry], session: Session, known_by: float, vocabulary: Vocabulary
) -> None:
    """Add what refers to what was found, and what refers to that, and so on."""
    names: set[str] = set()
    while new := {e.event.id for e in found.values() if e.event is not None} - names:
        names |= new
        search = Search(frozenset(map(reference_label, new)), 1, known_by=known_by)
        _add(found, session, session.matching(search), search, vocabulary)


def _with_targets(
    found: dict[int, Entry], session: Session, known_by: float, vocabulary: Vocabulary
) -> list[Entry]:
    """Return entries in order, with what they refer to, lest it seem to be missing."""
    search, names = Search(known_by=known_by), set[str]()
    while True:
        claims = [entry.event for entry in found.values() if entry.event is not None]
        new = {name for event in claims for name in event.refers_to} - names
        if not new:
            return [found[position] for position in sorted(found)]
        names |= new
        new -= {event.id for event in claims}
        positions = {*session.named([*map(number_of, new)])}
        if any(map(looks_like_digest, new)):
            positions |= _by_digest(session, new, vocabulary)
        _add(found, session, positions, search, vocabulary)


def _add(
    found: dict[int, Entry],
    session: Session,
    positions: Iterable[int],
    search: Search,
    vocabulary: Vocabulary,
) -> None:
    """Add what is looked for, and all that bears on it."""
    wanted = {
        entry.position: entry
        for entry in _at(session, {*positions} - {*found}, vocabulary)
        if _is_wanted(entry, search)
    }
    gone = frozenset(erased.position for erased in session.erased())
    borrowed = bool(gone or session.named_like_digests())
    while wanted:
        found.update(wanted)
        targets = {target_of(entry) for entry in wanted.values()} - {None}
        near = {p for p in targets if p is not None} | {*session.targeting(wanted)}
        alone = None if not borrowed else gone
        near |= _related_claims(session, wanted.values(), search, vocabulary, alone)
        wanted = {
            entry.position: entry
            for entry in _at(session, near - {*found}, vocabulary)
            if entry.position in targets or _is_known(entry, search)
        }


def _at(
    session: Session, positions: Iterable[int], vocabulary: Vocabulary
) -> list[Entry]:
    return entries_of(session.at({*positions}), vocabulary)


def _related_claims(
    session: Session,
    entries: Iterable[Entry],
    search: Search,
    vocabulary: Vocabulary,
    gone: frozenset[int] | None,
) -> set[int]:
    """Return the positions of claims about the same happenings as others.

    Args:
        session: The store.
        entries: The others.
        search: What is looked for.
        vocabulary: The payload classes.
        gone: What was erased; None if also no name is known that looks like a digest.
    """
    claims = [(entry, entry.event) for entry in entries if entry.event is not None]
    preparer = EventPreparer(vocabulary)
    prepared = [preparer.prepare(event) for _, event in claims]
    names = {one.name for one in prepared if one.name is not None}
    if gone is not None:
        names.update(number_of(event.id) for _, event in claims)
    found = {*session.alike(prepared), *session.named(names)}
    if any(
        _needs_look(session, entry, event, search, vocabulary, gone or frozenset())
        for entry, event in claims
    ):
        found |= _by_digest(session, {event.id for _, event in claims}, vocabulary)
    return found


def _needs_look(
    session: Session,
    entry: Entry,
    event: Event,
    search: Search,
    vocabulary: Vocabulary,
    gone: frozenset[int],
) -> bool:
    """Tell whether claims of the same could hide from the index of the store.

    That is so when something is named like the digest of something else, other than by
    correcting it, or when that was erased; and when the same was written in another
    version. (Of what is looked for itself nothing hides: the same content has the same
    parties.)
    """
    if isinstance(event.key, str):
        is_own = entry.supersedes is not None and entry.supersedes not in gone
        return not is_own and is_digest(event)
    if _is_wanted(entry, search):
        return False
    kind = vocabulary.name_of(event.what), vocabulary.version_of(event.what)
    return bool(session.of_other_versions(*kind))


def _by_digest(session: Session, ids: set[str], vocabulary: Vocabulary) -> set[int]:
    """Return the positions of claims by id, with or without a name: look at them all.

    It is rare that somebody names a claim like the digest of another.
    """
    return {
        entry.position
        for some in session.lines(-1)
        for entry in entries_of(some, vocabulary)
        if entry.event is not None and entry.event.id in ids
    }


def _is_known(entry: Entry, search: Search) -> bool:
    return entry.knowledge()[0] <= search.known_by


def _is_wanted(entry: Entry, search: Search) -> bool:
    """Tell the claims that are looked for from others that a database found."""
    event = entry.event
    return (
        event is not None
        and len(
            labels_of(event.parties, event.affair_of, event.refers_to) & search.parties
        )
        >= search.enough
        and event.when.earliest_start <= search.first_by
        and _is_known(entry, search)
    )
