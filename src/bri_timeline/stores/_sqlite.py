"""A store in a file of SQLite."""

from __future__ import annotations

import os
import sqlite3
import stat
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Literal
from weakref import finalize

import msgspec

from bri_timeline._codec import Vocabulary
from bri_timeline.errors import BusyStoreError, DamagedStoreError, Fault, StoreError
from bri_timeline.stores._database import Session
from bri_timeline.stores._keys import Cells
from bri_timeline.stores._sql import SqlSession
from bri_timeline.stores._sqlite_file import (
    FileConnection,
    emptied,
    opened,
    refused,
    schema_faults,
    wal_size,
)
from bri_timeline.stores._store import Store, utc_now
from bri_timeline.stores._tables import INSERTS, CellError, Topics, check_count


__all__ = ["SQLiteStore", "save_file"]

_LARGEST_WAL = 1 << 24
_PAUSE = 0.005
_AT_ONCE = 256


class SQLiteStore(Store):
    """A store in a file of SQLite, which may be shared by processes of one machine.

    The file is made if there is none. What `append()` wrote is on the disk when it
    returns. With `synchronous="NORMAL"` it is safe from a crash of the process, but the
    last appends may be lost, whole ones, when the power fails; a single append then
    takes a sixth of the time. Beside the file there are at times others: `-wal` and
    `-shm` belong to it while it is open, `-lock` keeps writers apart and holds nothing.
    A file of SQLite must not lie on a network drive. Where nothing can be written, a
    store that was closed can be read.

    It may be used on both sides of a fork, which waits until other threads have
    finished what they read or append. A process that is forked amid a transaction of
    its own thread cannot use the file.

    Args:
        path: The file.
        vocabulary: The payload classes.
        clock: Says when something is written down: an instant with a time zone.
        synchronous: `FULL`, or `NORMAL`.
        timeout: For how many seconds to wait while somebody else writes, and a fork for
            other threads.

    Raises:
        StoreError: The file cannot be opened, or belongs to something else.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        vocabulary: Vocabulary,
        *,
        clock: Callable[[], datetime] = utc_now,
        synchronous: Literal["FULL", "NORMAL"] = "FULL",
        timeout: float = 30.0,
    ) -> None:
        name = str(path)
        if name == ":memory:":
            raise StoreError(name, "is no file: a MemoryStore keeps nothing either")
        self._path = file = Path(path).absolute()
        super().__init__(str(file), vocabulary, clock)
        self._timeout = timeout
        self._topics = Topics()
        self._full = _LARGEST_WAL
        self._file = FileConnection(
            file, lambda apart: opened(file, apart, synchronous, timeout), timeout
        )
        finalize(self, self._file.drop)  # it must not refer to the store
        with self._file.used():
            pass

    @property
    def _connection(self) -> sqlite3.Connection:
        return self._file.connection

    def close(self) -> None:
        """Put what was written into the file itself, and let go of it."""
        self._file.close(self._finish)

    def _finish(self) -> None:
        with suppress(sqlite3.Error), self._writing():
            emptied(self._connection)

    def _writing(self) -> AbstractContextManager[None]:
        return self._file.apart.held(self._place, self._timeout)

    @contextmanager
    def _session(self, *, writing: bool) -> Iterator[Session]:
        with self._file.used(), self._told():
            if not writing:
                with self._transaction("DEFERRED") as session:
                    yield session
                return
            with self._writing():
                with self._transaction("IMMEDIATE") as session:
                    yield session
                if not self._topics.erasing:
                    self._keep_small()
            if self._topics.erasing:
                self._overwrite()

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Tell what an error of SQLite means, and what to do."""
        try:
            yield
        except sqlite3.Error as error:
            raise refused(self._place, error, self._timeout) from error
        except (CellError, UnicodeDecodeError, msgspec.DecodeError) as error:
            fault = Fault("a cell", str(error))
            raise DamagedStoreError(self._place, [fault]) from error

    @contextmanager
    def _transaction(self, kind: str) -> Iterator[Session]:
        self._connection.execute(f"BEGIN {kind}")
        done = False
        self._topics.begin()
        session = _SqliteSession(self._file, self._topics)
        try:
            yield session
            self._connection.execute("COMMIT")
            done = True
        finally:
            session.end()
            self._topics.settle(kept=done)
            if not done:
                self._file.roll_back()

    def _keep_small(self) -> None:
        """Put what was written into the file, now and then, while nobody writes.

        While somebody reads what was there before, this is impossible, and to try costs
        more the more there is: so it is tried again when there is as much again.
        """
        size = wal_size(self._path)
        if size > self._full:
            is_done = False
            with suppress(sqlite3.Error):  # what was written is durable where it is
                is_done = emptied(self._connection)
            self._full = _LARGEST_WAL if is_done else size + _LARGEST_WAL

    def _overwrite(self) -> None:
        """Make sure that no file has what was erased, once others have read it."""
        end = time.monotonic() + self._timeout
        while not self._is_overwritten():
            if time.monotonic() > end:
                problem = "has traces of what was erased, while others read"
                raise BusyStoreError(self._place, f"{problem}: erase it again")
            time.sleep(_PAUSE)

    def _is_overwritten(self) -> bool:
        with self._writing():
            return emptied(self._connection)


def save_file(store: SQLiteStore, path: Path) -> None:
    """Copy the file of a store as it is at one moment, while others use it.

    Args:
        store: The store.
        path: The new file. Only those may read it who may read the file of the store.

    Raises:
        StoreError: The new file cannot be written.
    """
    try:
        mode = stat.S_IMODE(store._path.stat().st_mode)
        path.touch(mode | stat.S_IWUSR)
    except OSError as error:
        problem = f"cannot be written: {error.strerror}"
        raise StoreError(str(path), problem) from error
    source = SQLiteStore(store._path, store._vocabulary, timeout=store._timeout)
    target = FileConnection(
        path, lambda _: (sqlite3.connect(path), False), store._timeout
    )
    try:
        # A connection of its own: other threads go on using that of the store.
        with source, source._file.used(), target.used():
            source._connection.backup(target.connection)
    except sqlite3.Error as error:
        raise refused(str(path), error, store._timeout) from error
    finally:
        target.drop()


class _SqliteSession(SqlSession):
    """A transaction in SQLite."""

    def __init__(self, file: FileConnection, topics: Topics) -> None:
        super().__init__(topics)
        self._file = file
        self._streams: list[sqlite3.Cursor] = []

    def rows(self, sql: str, *cells: object) -> Sequence[Cells]:
        """Return what a statement returns."""
        return self._file.connection.execute(sql, cells).fetchall()

    def change(self, sql: str, *cells: object) -> None:
        """Change or add one row."""
        check_count("a table", self._file.connection.execute(sql, cells).rowcount, 1)

    def stream(self, sql: str, *cells: object) -> Iterator[Cells]:
        """Yield what a statement returns."""
        cursor = self._file.connection.execute(sql, cells)
        self._streams.append(cursor)
        while some := cursor.fetchmany(_AT_ONCE):
            yield from some
            # In a process that was forked meanwhile the cursor is the parent's.
            _ = self._file.connection

    def end(self) -> None:
        """End what is still reading: an error may keep it, and with it the file."""
        for cursor in self._streams:
            cursor.close()

    def several(self, items: Sequence[object]) -> object:
        """Return items as JSON."""
        return msgspec.json.encode(items).decode()

    def fill(self, table: str, rows: Sequence[Cells]) -> None:
        """Put whole rows into a table."""
        done = self._file.connection.executemany(INSERTS[table], rows)
        check_count(table, done.rowcount, len(rows))

    def checks(self) -> Iterable[Fault]:
        """Yield what SQLite finds wrong, and what is wrong with the schema."""
        yield from schema_faults(self._file.connection)
        is_sound = True
        for (text,) in self.rows("PRAGMA integrity_check(100)"):
            if text != "ok":
                is_sound = False
                yield Fault("SQLite", str(text))
        if is_sound:
            yield from self.strays()
