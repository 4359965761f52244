"""Copies of whole stores: in another store, or in a new SQLite file."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from bri_timeline._events import Entry, uncollected
from bri_timeline.errors import DamagedStoreError, Fault, StaleLogError, StoreError
from bri_timeline.stores._chain import Head, linked
from bri_timeline.stores._database import Erased
from bri_timeline.stores._rows import Claims, Held, Row, draft_of, row_of
from bri_timeline.stores._sqlite import SQLiteStore, save_file
from bri_timeline.stores._store import Store
from bri_timeline.stores._verification import leaf_in


__all__ = [
    "backup",
    "copy",
]


_BESIDE = ("", "-journal", "-lock", "-shm", "-wal")


def backup(store: Store, path: str | os.PathLike[str]) -> Head:
    """Save a store in a new SQLite file, while others read and write the store.

    The file is a store as `SQLiteStore` opens it, with the same positions, instants and
    digests. It is verified before it gets its name. Keep the head that is returned
    elsewhere, and verify the file against it later.

    Args:
        store: The store, of whatever kind.
        path: The file; it must not exist.

    Returns:
        The head of the file.

    Raises:
        StoreError: The file exists already, or cannot be written.
        DamagedStoreError: The store does not hold what was written.
    """
    file = Path(path).absolute()
    if file.exists():
        raise StoreError(str(file), "is there already: give a path where nothing is")
    if not file.parent.is_dir():
        problem = "is in a folder that does not exist: make that first"
        raise StoreError(str(file), problem)
    part = file.with_name(f"{file.name}-part{os.getpid()}")
    try:
        _save(store, part)
        with SQLiteStore(part, store._vocabulary) as copied:
            head = copied.verify()
        _settle(part, file)
    finally:
        for ending in _BESIDE:
            with suppress(OSError):
                Path(f"{part}{ending}").unlink()
    return head


def _save(store: Store, path: Path) -> None:
    if isinstance(store, SQLiteStore):
        save_file(store, path)
        return
    # The file is synced before it gets its name, so no append has to wait for the disk.
    with SQLiteStore(path, store._vocabulary, synchronous="NORMAL") as target:
        copy(store, target)


def _settle(part: Path, file: Path) -> None:
    """Give a file its name, for good.

    Raises:
        StoreError: There is one of that name by now, or it cannot be written.
    """
    try:
        _sync(part)
        # Unlike a renaming, this never takes the place of another file.
        os.link(part, file)
        with suppress(OSError):  # not every system can do that to a folder
            _sync(file.parent)
    except OSError as error:
        problem = f"cannot be written: {error.strerror}"
        raise StoreError(str(file), problem) from error


def _sync(path: Path) -> None:
    # Windows flushes only what is open for writing.
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


_AT_ONCE = 2048


class _Part(NamedTuple):
    """What follows in a store.

    Attributes:
        held: Its entries, in order.
        remains: What is left of those that were erased, by position.
    """

    held: Sequence[Held]
    remains: dict[int, Erased]


def copy(source: Store | Iterable[Entry], target: Store) -> Head:
    """Copy all that a store holds into another one, of whatever kind.

    The lines stay as they are: positions, days of knowledge, instants, digests, and
    what is left of what was erased; the heads are equal afterwards. It is done in
    parts, each durable, so that neither store is held up and memory is bounded. If it
    was interrupted, do it again: it goes on where it stopped. So it also brings an
    earlier copy up to date. What is written to the source meanwhile may be left for the
    next time. On the way every digest is computed again.

    Entries of a log, in a stream, are copied likewise, but written down anew: with the
    instants and digests of now.

    Args:
        source: What is copied: a store, whose vocabulary should have all kinds, as for
            `append()`; or all entries of a log in order, such as a `scale.Dataset`
            yields.
        target: What it is copied into: an empty store, or one that holds the first
            entries of the source and nothing else.

    Returns:
        How far the target has got then.

    Raises:
        StaleLogError: The target holds something else, or more.
        DamagedStoreError: The source does not hold what was written; nothing of the
            part where that is was copied.
    """
    if not isinstance(source, Store):
        return _entered(source, target)
    goal = source.head()
    at = target.head()
    _check_prefix(source, at, goal)
    while at.position < goal.position:
        at = _copied(source, target, at, goal)
    _erase_alike(source, target)
    return target.head()


def _entered(entries: Iterable[Entry], target: Store) -> Head:
    """Write down those of a log's entries that a store does not hold yet."""
    source, head = iter(entries), target.head()
    last = next(target.follow(max(head.position - 1, -1), timeout=0), None)
    if last is not None and last != next(islice(source, head.position, None), None):
        problem = "the target holds another log: copy into a new store"
        raise StaleLogError(-1, head.position, problem)
    ready = Claims(target._vocabulary)
    while some := [*islice(source, _AT_ONCE)]:
        with target._session(writing=True) as session, uncollected():
            drafts = [draft_of(entry, ready) for entry in some]
            target._insert(session, drafts, target._clock(), head.position)
            head = session.head()
    return head


def _check_prefix(source: Store, at: Head, goal: Head) -> None:
    if at.position == -1:
        return
    with source._session(writing=False) as session:
        held = session.at([at.position])
    if not held or held[0].digest != at.digest:
        problem = "the target holds what the source does not: copy into a new store"
        raise StaleLogError(at.position, goal.position, problem)


def _copied(source: Store, target: Store, at: Head, goal: Head) -> Head:
    """Copy what comes next, and return how far the target has got."""
    part = _next(source, at, goal)
    with target._session(writing=True) as session, uncollected():
        if session.head() != at:
            problem = "somebody else writes to the target: copy into a store of its own"
            raise StaleLogError(at.position, session.head().position, problem)
        session.insert(_rows(source, part, at))
        for erased in part.remains.values():
            session.erase(erased)
        return session.head()


def _next(source: Store, at: Head, goal: Head) -> _Part:
    most = min(_AT_ONCE, goal.position - at.position)
    with source._session(writing=False) as session:
        held = [*session.held(at.position, most)]
        if len(held) != most:
            # Without this a head that is too far would be looked for, for ever.
            problem = f"follow only {len(held)} of the {most} entries up to its head"
            fault = Fault(f"after entry {at.position}", f"{problem}: restore a backup")
            raise DamagedStoreError(source._place, [fault])
        gone = {one.position for one in held if not one.line}
        remains = [*session.erased()] if gone else []
    return _Part(held, {one.position: one for one in remains if one.position in gone})


def _rows(source: Store, part: _Part, at: Head) -> list[Row]:
    """Return entries as rows, after making sure that each is as it was written.

    Raises:
        DamagedStoreError: One is not.
    """
    rows, claims, covering = [], Claims(source._vocabulary), at.digest
    for held, entry in zip(part.held, source._entries(part.held), strict=True):
        covering = linked(covering, leaf_in(held, part.remains))
        if covering != held.digest or entry.position != held.position:
            problem = "does not have the digest that it was written with"
            fault = Fault(f"entry {held.position}", problem)
            raise DamagedStoreError(source._place, [fault])
        draft = draft_of(entry, claims)
        rows.append(row_of(held.position, held.line, covering, draft))
    return rows


def _erase_alike(source: Store, target: Store) -> None:
    """Erase from a copy what has been erased from its source since."""
    with source._session(writing=False) as session:
        remains = [*session.erased()]
    if not remains:
        return
    with target._session(writing=True) as session:
        last = session.head().position
        known = {one.position for one in session.erased()}
        for one in remains:
            if one.position <= last and one.position not in known:
                session.erase(one)
        session.sweep()
