"""Verification of a store: its chain, its index columns, its database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import cast

from bri_timeline import Entry, EventLog, Unknown
from bri_timeline.errors import EntryError, Fault, FaultsError, VocabularyError
from bri_timeline.extend import EntryColumns, uncollected
from bri_timeline.stores._chain import (
    START,
    Erasure,
    Head,
    Progress,
    leaf_of,
    linked,
    no_progress,
)
from bri_timeline.stores._rows import EntryRow, StoredEntry, decoded, labels_of
from bri_timeline.stores._session import Session
from bri_timeline.stores._tables import Columns


_MOST = 100
_BACKUP = "restore a backup"
_REMEDY = "copy() the store into a new one, which finds by the lines"
_MOVED = "is found by other parties than its class gives it"


def faults_of(
    session: Session, kept: Head | None, progress: Progress = no_progress
) -> list[Fault]:
    """Return the faults of a store, at most a hundred.

    Args:
        session: The store, in a transaction.
        kept: An earlier head that was kept elsewhere.
        progress: Called now and then with the number of entries read.
    """
    return [*islice(_all_of(session, kept, progress), _MOST)]


def are_shapes(faults: Sequence[Fault]) -> bool:
    """Check whether payloads alone are at fault, which another vocabulary may read.

    Args:
        faults: The faults of a store.
    """
    return bool(faults) and all("event.what" in fault.place for fault in faults)


def check_shapes(place: str, faults: Sequence[Fault]) -> None:
    """Check that not the vocabulary is at fault: lines as they were written are sound.

    Args:
        place: The store.
        faults: All faults of the store.

    Raises:
        VocabularyError: It is.
    """
    if are_shapes(faults):
        problem = f"the store {place!r} has facts that are not those named here"
        remedy = "give the vocabulary with which it was written; in the command,"
        raise VocabularyError(
            place, f"{problem} ({faults[0]}): {remedy} use --facts MODULE:NAME"
        )


def check_moved(place: str, faults: Sequence[Fault]) -> None:
    """Check that not a class has changed, whose claims lie where they were written.

    Args:
        place: The store.
        faults: All faults of the store.

    Raises:
        VocabularyError: It has.
    """
    if faults and all(fault.problem.startswith(_MOVED) for fault in faults):
        problem = f"no line of the store {place!r} has changed, but {faults[0]}"
        raise VocabularyError(place, problem)


def check_index(session: Session, place: str) -> None:
    """Check that the index finds a few claims by the parties that their classes give.

    Args:
        session: The store, in a transaction.
        place: The store.

    Raises:
        VocabularyError: A class has changed.
    """
    samples = session.samples()
    for entry in session.entries(samples):
        event = entry.event
        if event is not None and not isinstance(event.what, Unknown):
            labels = labels_of(event.parties, event.affair_of, event.refers_to)
            if labels != samples[entry.position]:
                check_moved(place, [_moved(entry)])


def _moved(entry: Entry) -> Fault:
    """Return the fault of a claim whose class gives it other parties than it had."""
    kind = type(entry.claim.what).__name__
    problem = f"{_MOVED} ({kind}): the class has changed since"
    return Fault(f"entry {entry.position}", f"{problem}: {_REMEDY}")


def _all_of(session: Session, kept: Head | None, progress: Progress) -> Iterator[Fault]:
    is_sound = True
    for fault in session.checks():
        is_sound = False
        yield fault
    # A view or trigger in the place of a table can return anything.
    if is_sound:
        yield from _chained(session, kept, progress)


def _chained(
    session: Session, kept: Head | None, progress: Progress
) -> Iterator[Fault]:
    remains = {erased.position: erased for erased in session.erased()}
    chain, end = _Chain(remains, kept), session.head()
    parts, is_sound, done = list[Sequence[Entry]](), True, 0
    for columns in session.columns():
        with uncollected():
            faults = chain.faults(*_stored_columns(columns))
            # A changed line cannot show which index columns are right.
            if not faults:
                faults = [*_columns(session, columns, parts)]
        is_sound = is_sound and not faults
        yield from faults
        done += len(columns[0])
        progress(done)
    yield from chain.end(end)
    if is_sound:
        yield from _unreadable(parts)


def _unreadable(parts: Iterable[Sequence[Entry]]) -> Iterator[Fault]:
    """Yield the faults for which entries, each sound, cannot be read as a log."""
    try:
        with uncollected():
            EventLog(EntryColumns.joined(parts))
    except EntryError as error:
        yield Fault("log", str(error))


def _columns(
    session: Session, columns: Columns, parts: list[Sequence[Entry]]
) -> Iterator[Fault]:
    """Yield the entries whose index columns differ from their lines."""
    positions, lines, digests = _stored_columns(columns)
    try:
        entries, claims = decoded(positions, lines, session.preparer.vocabulary)
    except FaultsError as error:
        # One by one, to name the entry: a batch is decoded as a whole.
        if len(positions) > 1:
            for cells in zip(*columns, strict=True):
                row_columns = tuple((cell,) for cell in cells)
                yield from _columns(session, row_columns, parts)
        else:
            place = f"entry {positions[0]}"
            for fault in error.faults:
                yield Fault(f"{place}: {fault.place}", fault.problem)
        return
    parts.append(entries)
    rows = session.preparer.prepare(entries, claims).placed(positions, lines, digests)
    # Nearly always all of them are right: then one comparison is enough.
    if session.wanted_columns(rows) == columns:
        return
    every = zip(*columns, strict=True)
    for its, row, entry in zip(every, map(EntryRow, *rows), entries, strict=True):
        actual, expected = session.row(its), row
        if actual in (expected, _as_written(actual, expected, entry)):
            continue
        alike = _with_parties_of(expected, actual)
        if alike in (expected, _as_written(alike, expected, entry)):
            yield _moved(entry)
        else:
            names = [
                name
                for name, cell, expected_cell in zip(
                    expected._fields, actual, expected, strict=True
                )
                if cell != expected_cell
            ]
            problem = f"is found by another {' and '.join(names)} than its line has"
            yield Fault(f"entry {row.position}", f"{problem}: {_REMEDY}")


def _with_parties_of(wanted: EntryRow, found: EntryRow) -> EntryRow:
    """Return the index columns that were found, with the parties that are wanted."""
    if found.group is None or wanted.group is None:
        return found
    return found._replace(group=found.group._replace(parties=wanted.group.parties))


def _as_written(found: EntryRow, wanted: EntryRow, entry: Entry) -> EntryRow:
    """Return the index columns of an entry as another vocabulary would write them.

    Claims of other versions are found without their key. A payload of an unknown kind
    keeps the key and the parties that its writer gave it.
    """
    if entry.event is None or found.group is None or wanted.group is None:
        return wanted
    parties, version = wanted.group.parties, found.group.version
    if isinstance(entry.event.what, Unknown):
        parties |= found.group.parties
    elif version == wanted.group.version:
        return wanted
    group = wanted.group._replace(version=version, parties=parties)
    return wanted._replace(group=group, key=found.key)


def _stored_columns(
    columns: Columns,
) -> tuple[Sequence[int], Sequence[str], Sequence[bytes]]:
    """Return the positions, lines and digests of entries, which have these types."""
    positions, lines, digests, *_ = columns
    return (
        cast("Sequence[int]", positions),
        cast("Sequence[str]", lines),
        cast("Sequence[bytes]", digests),
    )


class _Chain:
    """The part of the chain that has been verified.

    Args:
        remains: The records of erased entries, by position.
        kept: A head that must be on the chain.
    """

    def __init__(self, remains: dict[int, Erasure], kept: Head | None) -> None:
        self._remains = remains
        self._kept = kept
        self._at = Head()

    def faults(
        self, positions: Sequence[int], lines: Sequence[str], digests: Sequence[bytes]
    ) -> list[Fault]:
        """Return the faults of the next entries."""
        stored = map(StoredEntry, positions, lines, digests)
        return [fault for entry in stored for fault in self._fault(entry)]

    def _fault(self, stored: StoredEntry) -> Iterator[Fault]:
        """Yield the faults of the next entry."""
        place = f"entry {stored.position}"
        if stored.position != self._at.position + 1:
            yield Fault(place, f"follows entry {self._at.position}: some are missing")
        elif linked(self._at.digest, leaf_in(stored, self._remains)) != stored.digest:
            yield Fault(place, "does not have the digest that it was written with")
        self._at = Head(stored.position, stored.digest)
        erased = self._remains.get(stored.position)
        if erased is not None and not erased.is_sound(stored.line):
            if stored.line and '"erased":' not in stored.line:
                yield Fault(place, "is there, and is said to be erased")
            yield Fault(f"erased {place}", "was changed")
        kept_head = self._kept
        if (
            kept_head is not None
            and kept_head.position == stored.position
            and kept_head != self._at
        ):
            yield Fault(place, "has another digest than the head that was kept")

    def end(self, head: Head) -> Iterator[Fault]:
        """Yield the faults at the end."""
        for position in self._remains:
            if not 0 <= position <= self._at.position:
                yield Fault(f"erased entry {position}", "was never there")
        if self._at != head:
            problem = f"is entry {self._at.position}, and entry {head.position} was"
            yield Fault("the last entry", problem)
        kept_head = self._kept
        if kept_head is not None and kept_head.position > self._at.position:
            problem = (
                f"is entry {self._at.position}: entry {kept_head.position} was there"
            )
            yield Fault("the last entry", f"{problem} when the head was kept")
        if (
            kept_head is not None
            and kept_head.position == -1
            and kept_head.digest != START
        ):
            yield Fault("the head that was kept", "is none of a store")


def leaf_in(stored: StoredEntry, remains: dict[int, Erasure]) -> bytes:
    """Return the hash of the line of an entry, even of an erased one."""
    erased = remains.get(stored.position)
    return leaf_of(stored.line.encode()) if erased is None else erased.leaf


def leaves_of(session: Session, size: int) -> list[bytes]:
    """Return the hashes of the lines of the first entries.

    Raises:
        FaultsError: One of them is missing.
    """
    remains = {erased.position: erased for erased in session.erased()}
    leaves = []
    for place, stored in enumerate(session.stored(-1, size)):
        if stored.position != place:
            break
        leaves.append(leaf_in(stored, remains))
    if len(leaves) != size:
        problem = f"is missing, and the head says that there are more: {_BACKUP}"
        document = "the store"
        raise FaultsError(document, [Fault(f"entry {len(leaves)}", problem)])
    return leaves
