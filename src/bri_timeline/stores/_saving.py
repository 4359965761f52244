"""Whole stores saved in files of SQLite."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

from bri_timeline.errors import StoreError
from bri_timeline.stores._chain import Head
from bri_timeline.stores._copying import copy
from bri_timeline.stores._sqlite import SQLiteStore
from bri_timeline.stores._store import Store


__all__ = ["save", "saved"]

_BESIDE = ("", "-journal", "-lock", "-shm", "-wal")


def saved(store: Store, path: str | os.PathLike[str]) -> Head:
    """Save a store in a new file, as `Store.backup()` says, and return its head."""
    file = Path(path).absolute()
    if file.exists():
        raise StoreError(str(file), "is there already: give a path where nothing is")
    if not file.parent.is_dir():
        problem = "is in a folder that does not exist: make that first"
        raise StoreError(str(file), problem)
    part = file.with_name(f"{file.name}-part{os.getpid()}")
    try:
        if isinstance(store, SQLiteStore):
            _begin(part, store._path, file)
        store._save(part)
        with SQLiteStore(part, store._vocabulary) as copied:
            head = copied.verify()
        _settle(part, file)
    finally:
        for ending in _BESIDE:
            with suppress(OSError):
                Path(f"{part}{ending}").unlink()
    return head


def save(store: Store, path: Path) -> None:
    """Copy a store of any kind into a new file."""
    with SQLiteStore(path, store._vocabulary, synchronous="NORMAL") as target:
        copy(store, target)


def _begin(part: Path, source: Path, file: Path) -> None:
    """Make an empty file that nobody may read who may not read the source.

    Raises:
        StoreError: It cannot be made.
    """
    try:
        part.touch(stat.S_IMODE(source.stat().st_mode) | stat.S_IWUSR)
    except OSError as error:
        problem = f"cannot be written: {error.strerror}"
        raise StoreError(str(file), problem) from error


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
