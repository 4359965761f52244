"""A store in a file of SQLite."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from threading import RLock
from typing import Literal

import msgspec

from bri_timeline._codec import Vocabulary
from bri_timeline.errors import BusyStoreError, DamagedStoreError, Fault, StoreError
from bri_timeline.stores._lock import FileLock
from bri_timeline.stores._session import Session
from bri_timeline.stores._spots import Cells
from bri_timeline.stores._sql import SqlSession
from bri_timeline.stores._sqlite_file import opened, refused, schema_faults
from bri_timeline.stores._statements import INSERTS, CellError
from bri_timeline.stores._store import Store, utc_now
from bri_timeline.stores._topics import Topics


__all__ = ["SQLiteStore"]

_LARGEST_WAL = 1 << 24


class SQLiteStore(Store):
    """A store in a file of SQLite, which may be shared by processes of one machine.

    The file is made if there is none. What `append()` wrote is on the disk when it
    returns. With `synchronous="NORMAL"` it is safe from a crash of the process, but the
    last appends may be lost, whole ones, when the power fails; a single append then
    takes a sixth of the time. Beside the file there are at times others: `-wal` and
    `-shm` belong to it while it is open, `-lock` keeps writers apart and holds nothing.
    A file of SQLite must not lie on a network drive.

    Args:
        path: The file.
        vocabulary: The payload classes.
        clock: Says when something is written down: an instant with a time zone.
        synchronous: `FULL`, or `NORMAL`.
        timeout: For how many seconds to wait while somebody else writes.

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
        self._path = Path(path).absolute()
        super().__init__(str(self._path), vocabulary, clock)
        self._synchronous = synchronous
        self._timeout = timeout
        # What a process that this one was forked from has open is not to be closed.
        self._abandoned: list[object] = []
        self._open()

    def _open(self) -> None:
        self._process = os.getpid()
        self._lock = RLock()
        self._topics = Topics()
        self._apart = FileLock(self._path.with_name(f"{self._path.name}-lock"))
        self._connection: sqlite3.Connection | None = opened(
            self._path, self._apart, self._synchronous, self._timeout
        )

    def close(self) -> None:
        """Put what was written into the file itself, and let go of it."""
        if self._process != os.getpid():
            self._abandon()
        with self._lock:
            connection, self._connection = self._connection, None
            if connection is None:
                return
            with (
                suppress(StoreError, sqlite3.Error),
                self._apart.held(self._place, self._timeout),
            ):
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.close()
            self._apart.close()

    def _abandon(self) -> None:
        self._abandoned.append((self._connection, self._apart, self._lock))
        self._connection = None
        self._lock = RLock()

    @contextmanager
    def _session(self, *, writing: bool) -> Iterator[Session]:
        if self._process != os.getpid() and self._connection is not None:
            self._abandon()
            self._open()
        with self._lock:
            if self._connection is None:
                raise StoreError(self._place, "is closed: open it again")
            try:
                if writing:
                    with self._apart.held(self._place, self._timeout):
                        with self._transaction(
                            self._connection, "IMMEDIATE"
                        ) as session:
                            yield session
                        self._keep_small(self._connection)
                else:
                    with self._transaction(self._connection, "DEFERRED") as session:
                        yield session
            except sqlite3.Error as error:
                raise refused(self._place, error, self._timeout) from error
            except (CellError, UnicodeDecodeError, msgspec.DecodeError) as error:
                fault = Fault("a cell", str(error))
                raise DamagedStoreError(self._place, [fault]) from error

    @contextmanager
    def _transaction(
        self, connection: sqlite3.Connection, kind: str
    ) -> Iterator[Session]:
        connection.execute(f"BEGIN {kind}")
        done = False
        self._topics.begin()
        try:
            yield _SqliteSession(connection, self._topics)
            connection.execute("COMMIT")
            done = True
        finally:
            self._topics.settle(kept=done)
            if not done and connection.in_transaction:
                connection.execute("ROLLBACK")

    def _save(self, path: Path) -> None:
        """Copy the file as it is at one moment, while others read and write it."""
        try:
            with (
                closing(sqlite3.connect(self._path, timeout=self._timeout)) as source,
                closing(sqlite3.connect(path)) as target,
            ):
                source.backup(target)
        except sqlite3.Error as error:
            raise refused(str(path), error, self._timeout) from error

    def _keep_small(self, connection: sqlite3.Connection) -> None:
        """Put what was written into the file, now and then, while nobody writes.

        SQLite would do it by itself, but up to 3.51.2 that can lose what is written at
        the same moment.
        """
        erasing = self._topics.erasing
        if not erasing and _size(Path(f"{self._path}-wal")) <= _LARGEST_WAL:
            return
        is_busy = True
        with suppress(sqlite3.Error):  # what was written is durable where it is
            ((is_busy, _, _),) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        if erasing and is_busy:
            problem = "has traces of what was erased, while others read: erase it again"
            raise BusyStoreError(self._place, problem)


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0


class _SqliteSession(SqlSession):
    """A transaction in SQLite."""

    def __init__(self, connection: sqlite3.Connection, topics: Topics) -> None:
        super().__init__(topics)
        self._connection = connection

    def rows(self, sql: str, *cells: object) -> Sequence[Cells]:
        """Return what a statement returns."""
        return self._connection.execute(sql, cells).fetchall()

    def stream(self, sql: str, *cells: object) -> Iterator[Cells]:
        """Yield what a statement returns."""
        return self._connection.execute(sql, cells)

    def several(self, items: Sequence[object]) -> object:
        """Return items as JSON."""
        return msgspec.json.encode(items).decode()

    def fill(self, table: str, rows: Sequence[Cells]) -> None:
        """Put whole rows into a table."""
        self._connection.executemany(INSERTS[table], rows)

    def checks(self) -> Iterable[Fault]:
        """Yield what SQLite finds wrong, and what is wrong with the schema."""
        yield from schema_faults(self._connection)
        is_sound = True
        for (text,) in self._connection.execute("PRAGMA integrity_check(100)"):
            if text != "ok":
                is_sound = False
                yield Fault("SQLite", str(text))
        if is_sound:
            yield from self._table.strays()
