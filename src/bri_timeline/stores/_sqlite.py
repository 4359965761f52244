"""A store in an SQLite file."""

from __future__ import annotations

import os
import sqlite3
import stat
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import ClassVar, Literal, Protocol
from weakref import finalize

import msgspec

from bri_timeline import Vocabulary
from bri_timeline.errors import (
    BusyStoreError,
    DamagedStoreError,
    Fault,
    StoreError,
)
from bri_timeline.extend import url_problem, warn
from bri_timeline.stores._database import WITHIN, Database, utc_now
from bri_timeline.stores._rows import EntryPreparer, as_text
from bri_timeline.stores._session import Session
from bri_timeline.stores._sqlite_file import (
    FileConnection,
    checkpointed,
    opened,
    refused,
    schema_faults,
)
from bri_timeline.stores._store import Store
from bri_timeline.stores._tables import (
    DECODED,
    INSERTS,
    Cells,
    ForeignCellError,
    GroupNumbers,
    check_count,
)


__all__ = ["SQLiteDatabase", "SQLiteStore"]

_LARGEST_WAL = 1 << 24
_PAUSE = 0.005


class SQLiteStore(Store):
    """A store in an SQLite file, which several processes of one machine may share.

    The file is made if it does not exist. Appended entries are on the disk when
    `append()` returns. With `synchronous="NORMAL"` they survive a crash of the process,
    but the last appends may be lost, whole ones, in a power failure; a single append
    then takes a sixth of the time. Other files appear beside it: `-wal` and `-shm`
    belong to it while it is open, and `-lock`, which stays empty, separates writers. An
    SQLite file must not lie on a network drive. Where nothing can be written, a store
    that was closed can be read. Up to 16 MiB of a file are kept in memory.

    A store may be used on both sides of a fork, which waits until other threads have
    finished reading or appending. A process that is forked within a transaction of the
    same thread cannot use the file.

    Args:
        path: The file.
        vocabulary: The payload classes.
        clock: Returns the instant of recording, with a time zone.
        synchronous: `FULL`, or `NORMAL`.
        timeout: The number of seconds to wait while somebody else writes, and for a
            fork to wait for other threads.

    Raises:
        StoreError: The file cannot be opened, or belongs to another program.
    """

    # The suffixes of its files.
    NAMES: ClassVar[tuple[str, ...]] = (".db", ".sqlite", ".sqlite3")

    def __init__(
        self,
        path: str | os.PathLike[str],
        vocabulary: Vocabulary,
        *,
        clock: Callable[[], datetime] = utc_now,
        synchronous: Literal["FULL", "NORMAL"] = "FULL",
        timeout: float = 30.0,
    ) -> None:
        super().__init__(SQLiteDatabase(path, vocabulary, clock, synchronous, timeout))


class Connected(Protocol):
    """A connection to SQLite."""

    @property
    def connection(self) -> sqlite3.Connection:
        """The connection, while it is used."""

    def used(self) -> AbstractContextManager[None]:
        """Return a context in which it is open for this thread only."""

    def roll_back(self) -> None:
        """Undo the transaction."""


class SQLiteBase(Database):
    """A database of SQLite, with one connection for all threads.

    Args:
        place: The name of the database in messages.
        vocabulary: The payload classes.
        clock: Returns the instant of recording, with a time zone.
        timeout: The number of seconds to wait for others.

    Attributes:
        file: The connection.
        groups: The numbers of index groups that it knows.
    """

    file: Connected

    def __init__(
        self,
        place: str,
        vocabulary: Vocabulary,
        clock: Callable[[], datetime],
        timeout: float,
    ) -> None:
        super().__init__(place, vocabulary, clock)
        self.groups = GroupNumbers()
        self._timeout = timeout

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Return a context for one transaction, with errors that name the remedy."""
        try:
            with self.file.used():
                if self.file.connection.in_transaction:
                    raise StoreError(self.place, WITHIN)
                yield
        except sqlite3.Error as error:
            raise refused(self.place, error, self._timeout) from error
        except (ForeignCellError, UnicodeDecodeError, msgspec.DecodeError) as error:
            fault = Fault("a cell", str(error))
            raise DamagedStoreError(self.place, [fault]) from error

    @contextmanager
    def _transaction(self, kind: str) -> Iterator[Session]:
        self.file.connection.execute(f"BEGIN {kind}")
        done = False
        session = _SqliteSession(self.file, self.groups, self.preparer)
        try:
            yield session
            self.file.connection.execute("COMMIT")
            done = True
        finally:
            session.end()
            self.groups.settle(kept=done)
            if not done:
                self.file.roll_back()


class SQLiteDatabase(SQLiteBase):
    """An SQLite file.

    Args:
        path: The file.
        vocabulary: The payload classes.
        clock: Returns the instant of recording, with a time zone.
        synchronous: `FULL`, or `NORMAL`.
        timeout: The number of seconds to wait for others.

    Raises:
        StoreError: The file cannot be opened, or belongs to another program.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        vocabulary: Vocabulary,
        clock: Callable[[], datetime],
        synchronous: str,
        timeout: float,
    ) -> None:
        name = str(path)
        if name == ":memory:":
            raise StoreError(name, "is not a file: use a MemoryStore")
        if problem := url_problem(path):
            raise StoreError(str(path), problem)
        self._path = file = Path(path).absolute()
        super().__init__(str(file), vocabulary, clock, timeout)
        self._checkpoint_size = _LARGEST_WAL
        self.file: FileConnection = FileConnection(
            file, lambda lock: opened(file, lock, synchronous, timeout), timeout
        )
        # A bound method of the file: one of this object would keep it alive for ever.
        finalize(self, self.file.drop)
        with self.file.used():
            pass

    def close(self) -> None:
        """Checkpoint the write-ahead log, and close the file."""
        self.file.close(self._finish)

    def _finish(self) -> None:
        with suppress(sqlite3.Error), self._writing():
            if self.file.names.are_ours():
                checkpointed(self.file.connection)

    def _writing(self) -> AbstractContextManager[None]:
        return self.file.writer_lock.held(self.place, self._timeout)

    @contextmanager
    def transaction(self, *, writing: bool) -> Iterator[Session]:
        """Return a transaction, which is undone if an exception leaves it.

        Raises:
            BusyStoreError: Another process writes for too long, or erased text is left.
            DamagedStoreError: The file is not as it was written.
            ReplacedStoreError: The file was moved, deleted or replaced.
            StoreError: The file cannot be read or written.
        """
        with self._alone():
            if not writing:
                self.file.look()
                with self._transaction("DEFERRED") as session:
                    yield session
                return
            with self._writing():
                # Before, as it could overwrite what others append to the files of these
                # names; and after, as it could have gone into those without a name.
                self.file.look()
                # IMMEDIATE: a transaction that reads first and then turns into a writer
                # fails at once if somebody else has written in between.
                with self._transaction("IMMEDIATE") as session:
                    yield session
                self.file.names.check()
                if not session.erasing:
                    self.limit_wal()
            if session.erasing:
                self._overwrite()

    def save(self, path: Path, place: str) -> None:
        """Copy the file as it is at one moment, while others use it.

        Args:
            path: The new file, which gets the mode, owner and group of this one.
            place: What to call it in messages.

        Raises:
            StoreError: The new file cannot be written.
        """
        # The file of the name may be another one by now.
        with self.session(writing=False):
            pass
        try:
            # Made before it is filled: nobody else may read it for even a moment.
            path.touch(stat.S_IRUSR | stat.S_IWUSR, exist_ok=False)
            _make_alike(path, self._path.stat())
        except OSError as error:
            problem = f"cannot be written: {error.strerror}"
            raise StoreError(place, problem) from error
        # A connection of its own: other threads go on using that of the store.
        source = SQLiteDatabase(
            self._path, self.vocabulary, self.clock, "FULL", self._timeout
        )
        target = FileConnection(
            path, lambda _: (sqlite3.connect(path), False), self._timeout
        )
        try:
            with closing(source), source.file.used(), target.used():
                source.file.connection.backup(target.connection)
        except sqlite3.Error as error:
            raise refused(place, error, self._timeout) from error
        finally:
            target.drop()

    def limit_wal(self) -> None:
        """Checkpoint the write-ahead log when it is large, with the lock of writers.

        A checkpoint fails while somebody reads an earlier state, and each try costs
        more the longer the log is: so the next try waits until as much was added.
        """
        size = self.file.names.wal_size
        if size > self._checkpoint_size:
            is_done = False
            # The transaction is durable already: a failure must not be reported.
            with suppress(sqlite3.Error):
                is_done = checkpointed(self.file.connection)
                self.file.names.note_content()
            self._checkpoint_size = _LARGEST_WAL if is_done else size + _LARGEST_WAL
            if not is_done:
                problem = "%s: its write-ahead log has %s bytes, and cannot be emptied"
                warn(
                    f"{problem} while somebody reads an earlier state", self.place, size
                )

    def _overwrite(self) -> None:
        """Wait until no file has erased text: until nobody reads an earlier state."""
        end = time.monotonic() + self._timeout
        while not self._is_overwritten():
            if time.monotonic() > end:
                problem = "has traces of what was erased, while others read"
                raise BusyStoreError(self.place, f"{problem}: erase it again")
            time.sleep(_PAUSE)

    def _is_overwritten(self) -> bool:
        with self._writing():
            self.file.names.check()
            is_done = checkpointed(self.file.connection)
            self.file.names.note_content()
            return is_done


def _make_alike(path: Path, former: os.stat_result) -> None:
    """Give a file the mode, and if possible the owner and the group, of another.

    Who may read a store of somebody else may save it, and others of a group of theirs
    may not read it for that.
    """
    mode, status = stat.S_IMODE(former.st_mode) | stat.S_IWUSR, path.stat()
    owners = [(former.st_uid, former.st_gid), (status.st_uid, former.st_gid)]
    for owner in owners:
        with suppress(OSError):
            if owner != (status.st_uid, status.st_gid):
                os.chown(path, *owner)
            break
    else:
        everybody = mode & stat.S_IRWXO
        mode = mode & ~stat.S_IRWXG | everybody << 3
    path.chmod(mode)


class _SqliteSession(Session):
    """A transaction in SQLite."""

    def __init__(
        self, file: Connected, groups: GroupNumbers, preparer: EntryPreparer
    ) -> None:
        super().__init__(groups, preparer)
        self._file = file
        self._streams: list[sqlite3.Cursor] = []

    def rows(self, sql: str, *cells: object) -> Sequence[Cells]:
        """Return the rows that a statement returns."""
        return self._file.connection.execute(sql, cells).fetchall()

    def change(self, sql: str, *cells: object) -> None:
        """Change or add one row."""
        check_count("a table", self._file.connection.execute(sql, cells).rowcount, 1)

    def stream(self, sql: str, *cells: object) -> Iterator[Sequence[Cells]]:
        """Yield the rows that a statement returns, in batches."""
        cursor = self._file.connection.execute(sql, cells)
        self._streams.append(cursor)
        while batch := cursor.fetchmany(DECODED):
            yield batch
            # In a process that was forked meanwhile, the cursor belongs to the parent:
            # the property then raises.
            _ = self._file.connection

    def end(self) -> None:
        """Close open cursors: the traceback of an error may keep them, and the file."""
        for cursor in self._streams:
            cursor.close()

    def several(self, items: Sequence[object]) -> object:
        """Return items as JSON."""
        return as_text(items)

    def fill(self, table: str, columns: Sequence[Sequence[object]]) -> None:
        """Insert whole rows into a table."""
        rows = zip(*columns, strict=True)
        done = self._file.connection.executemany(INSERTS[table], rows)
        check_count(table, done.rowcount, len(columns[0]))

    def checks(self) -> Iterable[Fault]:
        """Yield the faults of the schema, and those that SQLite finds."""
        yield from schema_faults(self._file.connection)
        is_sound = True
        for (text,) in self.rows("PRAGMA integrity_check(100)"):
            if text != "ok":
                is_sound = False
                yield Fault("SQLite", str(text))
        if is_sound:
            yield from self.index_faults()
