"""Copies of whole stores: in another store, or in a new SQLite file."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from itertools import compress, islice
from pathlib import Path
from tempfile import mkdtemp

from bri_timeline import Entry
from bri_timeline.errors import DamagedStoreError, Fault, StaleLogError, StoreError
from bri_timeline.extend import FileLock, uncollected, url_problem
from bri_timeline.stores._chain import Erasure, Head, Progress, linked, no_progress
from bri_timeline.stores._database import Database
from bri_timeline.stores._erasing import erased_elsewhere, silence
from bri_timeline.stores._rows import (
    EntryRow,
    Rows,
    StoredEntry,
)
from bri_timeline.stores._sqlite import SQLiteDatabase, SQLiteStore
from bri_timeline.stores._store import Store
from bri_timeline.stores._verification import leaf_in


__all__ = [
    "backup",
    "copy",
]


_STORE, _LOCK = "bri_timeline.db", "bri_timeline.lock"
_BESIDE = [f"{_STORE}{ending}" for ending in ("", "-journal", "-lock", "-shm", "-wal")]
_IS_PART = re.compile(r".+-part[a-z0-9_]{8}", re.DOTALL).fullmatch


def backup(
    store: Store, path: str | os.PathLike[str], progress: Progress = no_progress
) -> Head:
    """Save a store in a new SQLite file, while others read and write the store.

    The file is a store as `SQLiteStore` opens it, with the same positions, instants and
    digests. It is verified before it gets its name. Keep the head that is returned
    elsewhere, and verify the file against it later.

    Args:
        store: The store, of whatever kind.
        path: The file; it must not exist.
        progress: Called now and then with the number of entries copied, and then with
            that and the number of those verified: in the end with twice all entries.

    Returns:
        The head of the file.

    Raises:
        StoreError: The file exists already, or cannot be written.
        DamagedStoreError: The store does not hold what was written.
    """
    if problem := url_problem(path):
        raise StoreError(str(path), problem)
    file = Path(path).absolute()
    if file.exists():
        raise StoreError(str(file), "is there already: give a path where nothing is")
    if not file.parent.is_dir():
        problem = "is in a folder that does not exist: make that first"
        raise StoreError(str(file), problem)
    with _folder_beside(file) as folder:
        part = folder / _STORE
        _save(store, part, str(file), progress)
        # Opened as a store: what is verified is the file that readers will see.
        with SQLiteStore(part, store._database.vocabulary) as copied:
            many = copied.head().position + 1
            head = copied.verify(progress=lambda done: progress(many + done))
        _settle(part, file)
    return head


@contextmanager
def _folder_beside(file: Path) -> Iterator[Path]:
    """Return a folder beside a file in which nobody else can make anything.

    It is removed at the end; those of processes that were killed are removed first.

    Raises:
        StoreError: It cannot be made.
    """
    for leftover in file.parent.glob("*-part*"):
        if _IS_PART(leftover.name) and FileLock.is_left(leftover / _LOCK):
            _remove(leftover)
    try:
        folder = Path(mkdtemp(prefix=f"{file.name}-part", dir=file.parent))
    except OSError as error:
        problem = f"cannot be written: {error.strerror}"
        raise StoreError(str(file), problem) from error
    try:
        with closing(FileLock(folder / _LOCK)) as lock, lock.held(str(file), 0.0):
            yield folder
    finally:
        _remove(folder)


def _remove(folder: Path) -> None:
    # Nothing else: somebody may have a folder of such a name.
    for name in (*_BESIDE, _LOCK):
        with suppress(OSError):
            (folder / name).unlink()
    with suppress(OSError):
        folder.rmdir()


def _save(store: Store, path: Path, place: str, progress: Progress) -> None:
    database = store._database
    if isinstance(database, SQLiteDatabase):
        database.save(path, place)
        return
    # The file is synced before it gets its name, so no append has to wait for the disk.
    with SQLiteStore(path, database.vocabulary, synchronous="NORMAL") as target:
        copy(store, target, progress)


def _settle(part: Path, file: Path) -> None:
    """Give a file its name, durably.

    Raises:
        StoreError: A file of that name exists by now, or it cannot be written.
    """
    try:
        _sync(part)
        FileLock.take_name(part, file)
        with suppress(OSError):  # not every system can sync a folder
            _sync(file.parent)
    except OSError as error:
        problem = f"cannot be written: {error.strerror or error}"
        raise StoreError(str(file), problem) from error


def _sync(path: Path) -> None:
    # Windows flushes only files that are open for writing.
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


_AT_ONCE = 2048


def copy(
    source: Store | Iterable[Entry], target: Store, progress: Progress = no_progress
) -> Head:
    """Copy all entries of a store into another store, of whatever kind.

    Lines are copied as they are: positions, days of knowledge, instants, digests, and
    records of erased entries; afterwards both heads are equal. Every digest is computed
    again on the way. The copy is made in batches, each durable, so that neither store
    is blocked for long and memory is bounded. Repeat it if it was interrupted, or to
    bring an earlier copy up to date: it goes on where the target ends. Entries that are
    appended to the source meanwhile may be left for the next time.

    Entries of a log, in a stream, are appended anew: with present instants and digests.
    What was erased from the source since is erased from the target, too.

    Args:
        source: A store, whose vocabulary should have all kinds, as for `append()`; or
            all entries of a log in order, such as a `scale.Dataset` yields.
        target: An empty store, or one that has the first entries of the source and no
            others.
        progress: Called after each batch with the number of entries of the target.

    Returns:
        The head of the target.

    Raises:
        StaleLogError: The target has other entries, or more.
        DamagedStoreError: The source is not as it was written; nothing was copied of
            the batch that has the fault.
    """
    if not isinstance(source, Store):
        return _append(source, target._database, progress)
    origin, copied = source._database, target._database
    goal, at = source.head(), target.head()
    _check_prefix(origin, at, goal)
    while at.position < goal.position:
        at = _copy_batch(origin, copied, at, goal)
        progress(at.position + 1)
    _copy_erasures(origin, copied)
    return target.head()


def _append(entries: Iterable[Entry], target: Database, progress: Progress) -> Head:
    """Append the entries of a log that a store does not have."""
    source = iter(entries)
    with target.session(writing=False) as session:
        head = session.head()
    _erase_there(islice(source, head.position + 1), target, head.position)
    while batch := [*islice(source, _AT_ONCE)]:
        with target.session(writing=True) as session, uncollected():
            pending = target.preparer.prepare(batch)
            session.append(pending, target.clock(), head.position)
            head = session.head()
        progress(head.position + 1)
    return head


def _erase_there(entries: Iterable[Entry], target: Database, last: int) -> None:
    """Erase from a store what was erased of the same entries.

    Args:
        entries: The entries up to its last.
        target: The store.
        last: The position of its last entry.

    Raises:
        StaleLogError: Its last entry, or an erased one, is another.
    """
    some = (one for one in entries if one.is_erased or one.position == last)
    theirs = {entry.position: entry for entry in some}
    with target.session(writing=False) as session:
        stored = session.at({*theirs, last})
    ours = target.decode([s.position for s in stored], [s.line for s in stored])
    pairs = ((entry, theirs.get(entry.position)) for entry in ours)
    found = [one and erased_elsewhere(entry, one) for entry, one in pairs]
    if None in found:
        problem = "the target holds another log: copy into a new store"
        place = "the log does not go on where the target ends"
        raise StaleLogError(-1, last, problem, place)
    if any(found):
        with target.session(writing=True) as session:
            for one in compress(stored, found):
                trace = theirs[one.position].erased
                because = (trace and trace.because) or ""
                silence(session, one, because, target)
            session.sweep()


def _check_prefix(source: Database, at: Head, goal: Head) -> None:
    if at.position == -1:
        return
    with source.session(writing=False) as session:
        stored = session.at([at.position])
    if not stored or stored[0].digest != at.digest:
        problem = "the target holds what the source does not: copy into a new store"
        raise StaleLogError(at.position, goal.position, problem)


def _copy_batch(source: Database, target: Database, at: Head, goal: Head) -> Head:
    """Copy the next entries, and return the new head of the target."""
    rows, erased = _next_rows(source, at, goal)
    with target.session(writing=True) as session, uncollected():
        if session.head() != at:
            problem = "somebody else writes to the target: copy into a store of its own"
            raise StaleLogError(at.position, session.head().position, problem)
        session.insert(rows)
        for erasure in erased:
            session.erase(erasure, rows.row(erasure.position - rows.positions[0]))
        return session.head()


def _next_rows(
    source: Database, at: Head, goal: Head
) -> tuple[Rows, Iterable[Erasure]]:
    """Return the next entries as rows, with the records of erased ones.

    Raises:
        DamagedStoreError: An entry is missing, or not as it was written.
    """
    most = min(_AT_ONCE, goal.position - at.position)
    with source.session(writing=False) as session:
        stored = [*session.stored(at.position, most)]
        if len(stored) != most:
            # Without this check, a head that is too far on would be sought for ever.
            problem = f"follow only {len(stored)} of the {most} entries up to its head"
            fault = Fault(f"after entry {at.position}", f"{problem}: restore a backup")
            raise DamagedStoreError(source.place, [fault])
        records = session.erased() if session.erasures() else ()
        near = range(at.position + 1, at.position + most + 1)
        erased = {
            erasure.position: erasure for erasure in records if erasure.position in near
        }
    rows, digest = _as_rows(stored, source), at.digest
    for stored_entry in stored:
        digest = linked(digest, leaf_in(stored_entry, erased))
        if digest != stored_entry.digest:
            problem = "does not have the digest that it was written with"
            fault = Fault(f"entry {stored_entry.position}", problem)
            raise DamagedStoreError(source.place, [fault])
    return rows, erased.values()


def _copy_erasures(source: Database, target: Database) -> None:
    """Erase from a copy the entries that were erased from its source since."""
    with source.session(writing=False) as session:
        records = {erasure.position: erasure for erasure in session.erased()}
        stored = session.at(records)
    if not stored:
        return
    rows = {row.position: row for row in map(EntryRow, *_as_rows(stored, source))}
    with target.session(writing=True) as session:
        last = session.head().position
        known = {erasure.position for erasure in session.erased()}
        for position, erasure in records.items():
            if position in rows and position <= last and position not in known:
                session.erase(erasure, rows[position])
        session.sweep()


def _as_rows(stored: Sequence[StoredEntry], source: Database) -> Rows:
    """Return entries of a store as rows."""
    positions, lines, digests = zip(*stored, strict=True)
    entries = source.decode(positions, lines)
    return source.preparer.prepare(entries).placed(positions, lines, digests)
