"""A part of what a store holds that answers as the whole would."""

from __future__ import annotations

from collections.abc import Iterable

from bri_timeline._codec import Vocabulary
from bri_timeline._events import Entry, Event
from bri_timeline.errors import VocabularyError, shown
from bri_timeline.stores._rows import Claims, entries_of, is_digest
from bri_timeline.stores._session import Search, Session


__all__ = ["names_of", "sliced"]


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


def sliced(session: Session, search: Search, vocabulary: Vocabulary) -> list[Entry]:
    """Return what is looked for, with all that bears on it, in order of position.

    That is what it corrects or retracts, what corrects or retracts it, and other claims
    about the same happening, and so on. Of what came later only what was known by then.

    Args:
        session: The store, in a transaction.
        search: What to look for.
        vocabulary: The payload classes.
    """
    found: dict[int, Entry] = {}
    wanted = {
        entry.position: entry
        for entry in _at(session, session.matching(search), vocabulary)
        if _is_wanted(entry, search)
    }
    borrowed = bool(session.named_like_digests())
    while wanted:
        found.update(wanted)
        targets = {_target(entry) for entry in wanted.values()} - {None}
        near = {p for p in targets if p is not None} | {*session.targeting(wanted)}
        near |= _namesakes(session, wanted.values(), search, vocabulary, borrowed)
        wanted = {
            entry.position: entry
            for entry in _at(session, near - {*found}, vocabulary)
            if entry.position in targets or _is_known(entry, search)
        }
    return [found[position] for position in sorted(found)]


def _at(
    session: Session, positions: Iterable[int], vocabulary: Vocabulary
) -> list[Entry]:
    return entries_of(session.at({*positions}), vocabulary)


def _namesakes(
    session: Session,
    entries: Iterable[Entry],
    search: Search,
    vocabulary: Vocabulary,
    borrowed: bool,
) -> set[int]:
    """Return the positions of claims about the same happenings as others.

    Args:
        session: The store.
        entries: The others.
        search: What is looked for.
        vocabulary: The payload classes.
        borrowed: Whether names are known to be used that look like digests.
    """
    claims = [(entry, entry.event) for entry in entries if entry.event is not None]
    ready = Claims(vocabulary)
    said = [ready.of(event) for _, event in claims]
    names = {claim.name for claim in said if claim.name is not None}
    found = {*session.alike(said), *session.named(names)}
    if borrowed or any(
        _needs_look(session, entry, event, search, vocabulary)
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
) -> bool:
    """Tell whether claims of the same could hide from the index of the store.

    That is so when something is named like the digest of something else; and when the
    same was written in another version. (Of what is looked for itself nothing hides:
    the same content has the same parties.)
    """
    if isinstance(event.key, str):
        return entry.supersedes is None and is_digest(event)
    if _is_wanted(entry, search):
        return False
    kind = vocabulary.name_of(event.what), vocabulary.version_of(event.what)
    return bool(session.of_other_versions(*kind))


def _by_digest(session: Session, ids: set[str], vocabulary: Vocabulary) -> set[int]:
    """Return the positions of claims by id, with or without a name: look at them all.

    It is rare that somebody names a claim like the digest of another.
    """
    found = set()
    for held in session.held(-1):
        (entry,) = entries_of([held], vocabulary)
        if entry.event is not None and entry.event.id in ids:
            found.add(entry.position)
    return found


def _target(entry: Entry) -> int | None:
    return entry.retracts if entry.supersedes is None else entry.supersedes


def _is_known(entry: Entry, search: Search) -> bool:
    return entry.knowledge()[0] <= search.known_by


def _is_wanted(entry: Entry, search: Search) -> bool:
    """Tell the claims that are looked for from others that a database found."""
    event = entry.event
    return (
        event is not None
        and event.parties >= search.parties
        and event.when.earliest_begin <= search.first_by
        and _is_known(entry, search)
    )
