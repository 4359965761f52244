"""Parts of a store that give the same answers as the whole."""

from __future__ import annotations

import math
from collections.abc import Iterable

from bri_timeline import Entry, Event, Vocabulary
from bri_timeline.errors import Fault, FaultsError, VocabularyError, shown
from bri_timeline.extend import given_id, with_subclasses
from bri_timeline.stores._rows import (
    alone_label,
    decoded,
    labels_of,
    looks_like_digest,
    number_of,
    reference_label,
    target_of,
)
from bri_timeline.stores._session import Session
from bri_timeline.stores._tables import SearchCriteria


def names_of(kinds: Iterable[type | str], vocabulary: Vocabulary) -> frozenset[str]:
    """Return the names of kinds; a class stands for its subclasses too.

    Those that the vocabulary lacks are among them: the log then knows what it lacks.

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
        class_names = {
            name for name, cls in vocabulary.classes.items() if issubclass(cls, kind)
        }
        if not class_names:
            problem = f"the vocabulary has no {shown(kind)}: add the class to it"
            raise VocabularyError(kind, problem)
        names |= class_names | {cls.__name__ for cls in with_subclasses([kind])}
    return frozenset(names)


def select_related(session: Session, search: SearchCriteria) -> list[Entry]:
    """Return the entries that match a search, and all related ones, by position.

    Related are entries that these correct or retract, entries that correct or retract
    them, and other claims about the same happenings, and so on; claims that these refer
    to; and, in a search for parties, claims that refer to these. Later entries are
    included only if they were known by the day of the search.

    Args:
        session: The store, in a transaction.
        search: The search.
    """
    entries: dict[int, Entry] = {}
    _add(entries, session, session.matching(search), search)
    if search.parties and search.kinds is None:
        _add_referring(entries, session, search.known_by)
    return _with_targets(entries, session, search.known_by)


def select_concerning(
    session: Session, parties: frozenset[str], known_by: float
) -> list[Entry]:
    """Return the entries that concern some parties, and all related ones.

    Args:
        session: The store, in a transaction.
        parties: The actors.
        known_by: Only entries that were known by this day.
    """
    alone = frozenset(map(alone_label, parties))
    search = SearchCriteria(parties, min(2, len(parties)), known_by=known_by)
    entries: dict[int, Entry] = {}
    _add(entries, session, session.matching(search), search)
    if search.enough > 1:
        search = SearchCriteria(alone, 1, known_by=known_by)
        _add(entries, session, session.matching(search), search)
    _add_referring(entries, session, known_by)
    return _with_targets(entries, session, known_by)


def _add_referring(found: dict[int, Entry], session: Session, known_by: float) -> None:
    """Add claims that refer to those found, claims that refer to these, and so on."""
    names: set[str] = set()
    while new := {n for e in found.values() if e.event for n in e.event.names} - names:
        names |= new
        # References are labels of index groups, so the same search finds them.
        search = SearchCriteria(
            frozenset(map(reference_label, new)), 1, known_by=known_by
        )
        _add(found, session, session.matching(search), search)


def _with_targets(
    found: dict[int, Entry], session: Session, known_by: float
) -> list[Entry]:
    """Return the known entries by position, with claims that they refer to."""
    search, names = SearchCriteria(known_by=known_by), set[str]()
    while True:
        claims = [entry.event for entry in found.values() if entry.event is not None]
        new = {name for event in claims for name in event.refers_to} - names
        if not new:
            return _known(found, known_by)
        names |= new
        new -= {name for event in claims for name in event.names}
        # Without its target, a reference would seem to lead nowhere.
        positions = {*session.named([*map(number_of, new)])}
        if any(map(looks_like_digest, new)):
            positions |= _by_digest(session, new)
        _add(found, session, positions, search)


def _add(
    found: dict[int, Entry],
    session: Session,
    positions: Iterable[int],
    search: SearchCriteria,
) -> None:
    """Add the entries that match a search, and related entries."""
    frontier = {
        entry.position: entry
        for entry in session.entries({*positions} - {*found})
        if _is_wanted(entry, search)
    }
    gone = frozenset(erased.position for erased in session.erased())
    borrowed = bool(gone or session.named_like_digests())
    # Each round adds entries one relation further away, until no new one is found.
    while frontier:
        found.update(frontier)
        targets = {target_of(entry) for entry in frontier.values()} - {None}
        near = {p for p in targets if p is not None} | {*session.targeting(frontier)}
        alone = None if not borrowed else gone
        near |= _related_claims(session, frontier.values(), search, alone)
        # Also through what was known later: two corrections of one claim belong
        # together, even if one of them corrects it by way of a later one.
        frontier = {entry.position: entry for entry in session.entries(near - {*found})}


def _known(found: dict[int, Entry], known_by: float) -> list[Entry]:
    """Return the entries that were known by a day, with their targets, by position."""
    known_positions: set[int] = set()
    queue = [p for p, entry in found.items() if _is_known(entry, known_by)]
    while queue:
        position = queue.pop()
        if position not in known_positions:
            if position not in found:
                problem = "is missing, and others correct or retract it"
                fault = Fault(f"entry {position}", f"{problem}: restore a backup")
                document = "the store"
                raise FaultsError(document, [fault])
            known_positions.add(position)
            # An entry without its target is not a log, so the target is kept even if
            # it was known later.
            target = target_of(found[position])
            queue += [] if target is None else [target]
    return [found[position] for position in sorted(known_positions)]


def _related_claims(
    session: Session,
    entries: Iterable[Entry],
    search: SearchCriteria,
    gone: frozenset[int] | None,
) -> set[int]:
    """Return the positions of claims about the same happenings as these entries.

    Args:
        session: The store.
        entries: The entries.
        search: The search.
        gone: The erased positions; None if there are none, and all ids differ from
            digests.
    """
    entries = [*entries]
    claims = [(entry, entry.event) for entry in entries if entry.event is not None]
    # Claims like one that matches are there, unless the search leaves some out.
    is_whole = search.parties and search.kinds is None and search.known_by == math.inf
    away = [c for e, c in claims if not (is_whole and _is_wanted(e, search))]
    prepared = session.preparer.prepare_events(away)
    given = (given_id(event) for _, event in claims)
    names = {number_of(name) for name in given if name is not None}
    if gone is not None:
        names.update(number_of(event.id) for _, event in claims)
    erased = {
        entry.erased.id
        for entry in entries
        if entry.erased is not None and entry.erased.id is not None
    }
    names.update(map(number_of, erased))
    positions = {*session.alike(prepared), *session.named(names)}
    if any(map(looks_like_digest, erased)):
        positions |= _by_digest(session, erased)
    if any(
        _needs_look(session, entry, event, search, gone or frozenset())
        for entry, event in claims
    ):
        ids = {name for _, event in claims for name in event.names}
        positions |= _by_digest(session, ids)
    return positions


def _needs_look(
    session: Session,
    entry: Entry,
    event: Event,
    search: SearchCriteria,
    gone: frozenset[int],
) -> bool:
    """Return whether the index could miss claims about the same happening.

    It misses them if the id of a claim is the digest of another claim that it does not
    correct, or that was erased; and if a claim was written in another version. It does
    not miss claims like one that matches the search: they have the same parties.
    """
    if given_id(event) is not None:
        is_own = entry.supersedes is not None and entry.supersedes not in gone
        return not is_own and looks_like_digest(event.id)
    if _is_wanted(entry, search):
        return False
    vocabulary = session.preparer.vocabulary
    kind = vocabulary.name_of(event.what), vocabulary.version_of(event.what)
    return bool(session.of_other_versions(*kind))


def _by_digest(session: Session, ids: set[str]) -> set[int]:
    """Return the positions of claims with one of these ids, by reading all claims.

    Ids that look like digests are rare.
    """
    return {
        entry.position
        for positions, lines in session.lines(-1)
        for entry in decoded(positions, lines, session.preparer.vocabulary)[0]
        if entry.event is not None and not ids.isdisjoint(entry.event.names)
    }


def _is_known(entry: Entry, known_by: float) -> bool:
    return entry.known_day is None or entry.known_day <= known_by


def _is_wanted(entry: Entry, search: SearchCriteria) -> bool:
    """Return whether a claim matches: a database may return others as well."""
    event = entry.event
    return (
        event is not None
        and len(
            labels_of(event.parties, event.affair_of, event.refers_to) & search.parties
        )
        >= search.enough
        and event.when.earliest_start <= search.first_by
        and _is_known(entry, search.known_by)
    )
