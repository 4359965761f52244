"""The connection of a store to its SQLite file, which no fork inherits."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from threading import TIMEOUT_MAX, RLock

from msgspec import Struct

from bri_timeline.errors import (
    BusyStoreError,
    DamagedStoreError,
    Fault,
    ReplacedStoreError,
    StoreError,
)
from bri_timeline.extend import FileLock, ForkAware
from bri_timeline.stores._chain import START
from bri_timeline.stores._database import WITHIN
from bri_timeline.stores._file_names import FileNames, identity_of, size_beside
from bri_timeline.stores._tables import ENDS, end_faults


# Files that the parent used when this process was forked.
_INHERITED: set[tuple[int, int]] = set()


class FileConnection(ForkAware):
    """A connection to an SQLite file, and the lock of its writers.

    It is opened on demand, and used by one thread at a time. SQLite keeps a table of
    its locks in the memory of the process. A forked child inherits the table but not
    the locks: it would write without any, and the parent, which sees no other process,
    would delete the write-ahead log that the child uses. So before a fork the
    connection is closed, when the threads that use it have finished; both processes
    open it again on demand.

    This is impossible if the forking thread is within a transaction, or if another
    thread takes too long. The parent then goes on, and the child may not use the file.

    Args:
        path: The file.
        opened: Opens the file; returns also whether the file cannot be written to.
        timeout: The number of seconds that a fork waits for other threads.

    Attributes:
        writer_lock: The lock of the writers.
        names: The names of the file and of those beside it.
    """

    def __init__(
        self,
        path: Path,
        opened: Callable[[FileLock], tuple[sqlite3.Connection, bool]],
        timeout: float,
    ) -> None:
        self.names = FileNames(path)
        self.writer_lock = FileLock(self.names.lock)
        self._path = path
        self._opened = opened
        self._timeout = min(max(timeout, 0.0), TIMEOUT_MAX)
        self._lock = RLock()
        self._connection: sqlite3.Connection | None = None
        self._unchanging: object = None
        self._is_used = self._is_closed = False
        # Last: other threads find it then.
        super().__init__()

    @contextmanager
    def used(self) -> Iterator[None]:
        """Return a context in which the connection is open for this thread only.

        Raises:
            StoreError: It is closed, cannot be opened, or belongs to the parent.
            BusyStoreError: The file was read without locks, and was written to.
        """
        ForkAware.leave_parent()
        with self._lock:
            if self._is_closed:
                raise StoreError(str(self._path), "is closed: open it again")
            outer, self._is_used = self._is_used, True
            try:
                self._open()
                yield
                self._check_unchanged()
            finally:
                self._is_used = outer

    @property
    def connection(self) -> sqlite3.Connection:
        """The connection, while it is used.

        Raises:
            StoreError: It belongs to the parent: this process was forked meanwhile.
        """
        if self._connection is None:
            raise self._out_of_reach()
        return self._connection

    def roll_back(self) -> None:
        """Undo the transaction, unless it belongs to the parent."""
        if self._connection is not None and self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def _open(self) -> None:
        if self._unchanging is not None and self._unchanging != _state(self._path):
            self._disconnect()
        if self._connection is not None:
            return
        if identity_of(self._path) in _INHERITED:
            raise self._out_of_reach()
        self.names.check_first()
        if self._is_torn():
            problem = "is open in this process, and has lost what belongs to it"
            raise ReplacedStoreError(str(self._path), problem)
        before = _state(self._path)
        self._connection, is_unchanging = self._opened(self.writer_lock)
        self._unchanging = before if is_unchanging else None
        try:
            self.names.take(is_alone=is_unchanging)
        except ReplacedStoreError:
            self._disconnect(copying=False)
            raise

    def _is_torn(self) -> bool:
        """Return whether this process has the file open with other files beside it.

        SQLite has one index of the log for all connections of a process to one file:
        where that lost its name, other processes use another one.
        """
        return any(
            (connection := other_file._connection) is not None
            and self.names.are_torn_from(other_file.names)
            # Other threads open and close files while the names are looked up.
            and connection is other_file._connection
            for other_file in ForkAware.known()
            if isinstance(other_file, FileConnection)
        )

    def look(self) -> None:
        """Look up the names, and connect anew if the file was written by others.

        They have emptied the write-ahead log into it, or have overwritten it: SQLite
        would not notice the latter, and go on with the pages that it keeps.

        Raises:
            ReplacedStoreError: The file, or one beside it, does not have its name.
        """
        if self.names.check():
            self._disconnect(copying=False)
            self._open()

    def _check_unchanged(self) -> None:
        if self._unchanging is not None and self._unchanging != _state(self._path):
            problem = "was written to while it was read without a lock: read it again"
            raise BusyStoreError(str(self._path), problem)

    def _out_of_reach(self) -> StoreError:
        problem = "was in use when this process was forked, and is out of reach here"
        remedy = "fork while nothing is read or appended, or start the process anew"
        return StoreError(str(self._path), f"{problem}: {remedy} (`spawn`)")

    # --- the end ----------------------------------------------------------------------

    def close(self, finish: Callable[[], None]) -> None:
        """Close the connection for good.

        Args:
            finish: Called first if the connection is open, or if there is a
                write-ahead log that others left.

        Raises:
            StoreError: It is used by this thread.
        """
        ForkAware.leave_parent()
        with self._lock:
            if self._is_used:
                raise StoreError(str(self._path), WITHIN)
            if self._connection is not None or size_beside(self._path, "-wal"):
                with suppress(StoreError), self.used():
                    finish()
            self._is_closed = True
            self._release()

    def drop(self) -> None:
        """Close the connection when its store was released, unless it is in use."""
        if self._lock.acquire(blocking=False):
            self._release()
            self._lock.release()

    def _release(self) -> None:
        self._disconnect()
        self.writer_lock.close()

    def _disconnect(self, *, copying: bool = True) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            # The last connection of all checkpoints the log, with exclusive access, and
            # deletes it; not if it is interrupted.
            if not (copying and self.names.are_ours()):
                connection.interrupt()
            connection.close()

    # --- forks ------------------------------------------------------------------------

    def rest(self) -> bool:
        """Close the connection until `wake()`, unless a thread goes on using it."""
        if not self._lock.acquire(timeout=self._timeout):
            return False
        if self._is_used:  # by this thread, which forks within a transaction
            self._lock.release()
            return False
        self._release()
        return True

    def wake(self) -> None:
        """Allow use again."""
        self._lock.release()

    def leave(self) -> None:
        """Refuse, in the child, a file that the parent goes on using."""
        if self._connection is None and not self._is_used:
            return
        identity = identity_of(self._path)
        if identity is not None:
            _INHERITED.add(identity)
        _keep_for_ever(self._connection)
        self._connection, self._is_used = None, False
        # The thread that holds the old lock does not exist in this process.
        self._lock = RLock()


class _NeverReleased(Struct, gc=False):
    """An object that is never released: it refers to itself, without collection."""

    what: object
    itself: object = None


def _keep_for_ever(what: object) -> None:
    """Prevent that a connection of the parent is closed, even when the child ends.

    To close it would undo a transaction of the parent in the memory that both share.
    """
    holder = _NeverReleased(what)
    holder.itself = holder


def _state(path: Path) -> object:
    """Return values that change when somebody writes to a file, or begins to."""
    with suppress(OSError):
        status = path.stat()
        wal = size_beside(path, "-wal")
        return status.st_size, status.st_mtime_ns, wal, identity_of(path)
    return None


APPLICATION = 0x62726931
VERSION = 2
_SCHEMA = """
CREATE TABLE topic (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, version INTEGER NOT NULL,
    parties TEXT NOT NULL, UNIQUE (kind, version, parties)
) STRICT;
CREATE TABLE party (
    name TEXT NOT NULL, topic INTEGER NOT NULL, PRIMARY KEY (name, topic)
) STRICT, WITHOUT ROWID;
CREATE TABLE entry (
    position INTEGER PRIMARY KEY, line TEXT NOT NULL, digest BLOB NOT NULL,
    spot INTEGER, key INTEGER, known INTEGER, name INTEGER, target INTEGER
) STRICT;
CREATE INDEX entry_spot ON entry (spot, key, known) WHERE spot IS NOT NULL;
CREATE INDEX entry_name ON entry (name) WHERE name IS NOT NULL;
CREATE INDEX entry_target ON entry (target) WHERE target IS NOT NULL;
CREATE TABLE erased (
    position INTEGER PRIMARY KEY, leaf BLOB NOT NULL, because TEXT NOT NULL,
    erased_at TEXT NOT NULL, seal BLOB NOT NULL
) STRICT;
CREATE TABLE head (
    position INTEGER NOT NULL, digest BLOB NOT NULL, erasures INTEGER NOT NULL
) STRICT;
"""
_OLDEST = (3, 37, 0)
_PAUSE = 0.005


def opened(
    path: Path, writer_lock: FileLock, synchronous: str, timeout: float
) -> tuple[sqlite3.Connection, bool]:
    """Open an SQLite file as a store, and make the tables if it is new.

    A store that was closed, in a place where nothing can be written, is read without
    locks, for which SQLite would have to make files beside it.

    Returns:
        The connection; and True if the file is read without locks.

    Raises:
        StoreError: It cannot be opened, or belongs to another program.
    """
    place = str(path)
    _check_version(place)
    if path.is_dir():
        raise StoreError(place, "is a folder: give the path of a file")
    if path.exists() and not path.is_file():
        raise StoreError(place, "is a device, pipe or socket: give the path of a file")
    if not path.parent.is_dir():
        raise StoreError(place, "is in a folder that does not exist: make that first")
    try:
        return _prepared(place, place, writer_lock, synchronous, timeout), False
    except StoreError as error:
        if not _is_unwritable(error) or not path.exists():
            raise
        if size_beside(path, "-wal") or size_beside(path, "-journal"):
            problem = "has to be put together from the files beside it, and nothing"
            remedy = "can be written there: copy all of them to another place"
            raise StoreError(place, f"{problem} {remedy}") from error
    uri = f"{path.as_uri()}?mode=ro&immutable=1"
    return _prepared(uri, place, writer_lock, synchronous, timeout), True


def in_memory(place: str) -> sqlite3.Connection:
    """Return a connection to the empty tables of a store in memory.

    Args:
        place: The name of the store in messages.

    Raises:
        StoreError: SQLite is too old.
    """
    _check_version(place)
    connection = sqlite3.connect(
        ":memory:", isolation_level=None, check_same_thread=False
    )
    connection.execute("PRAGMA secure_delete = ON")
    _make(connection)
    return connection


def _check_version(place: str) -> None:
    if sqlite3.sqlite_version_info < _OLDEST:
        problem = f"needs SQLite 3.37, and this is {sqlite3.sqlite_version}: upgrade"
        raise StoreError(place, problem)


def _is_unwritable(error: StoreError) -> bool:
    """Return whether SQLite could not make the files that it needs beside a file."""
    code = getattr(error.__cause__, "sqlite_errorcode", -1) & 0xFF
    return code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)


def _prepared(
    uri: str, place: str, writer_lock: FileLock, synchronous: str, timeout: float
) -> sqlite3.Connection:
    connection = None
    try:
        connection = sqlite3.connect(
            uri,
            timeout=timeout,
            isolation_level=None,
            check_same_thread=False,
            uri=uri != place,
        )
        _prepare(connection, place, writer_lock, synchronous, timeout, uri != place)
    except (sqlite3.Error, UnicodeDecodeError, StoreError) as error:
        if connection is not None:
            connection.close()
        if isinstance(error, StoreError):
            raise
        raise refused(place, error, timeout) from error
    return connection


def _prepare(
    connection: sqlite3.Connection,
    place: str,
    writer_lock: FileLock,
    synchronous: str,
    timeout: float,
    is_unchanging: bool,
) -> None:
    is_new = _is_new(connection, place)
    if not is_unchanging and (is_new or not _has_wal(connection)):
        with writer_lock.held(place, timeout):
            is_new = _is_new(connection, place)
            # A file that other tools copied or converted has a rollback journal.
            if not _takes_wal(connection, timeout):
                problem = (
                    "cannot have a write-ahead log, by which others read while one"
                )
                remedy = "appends: move it to a disk of this machine"
                raise StoreError(place, f"{problem} {remedy}")
            if is_new:
                _make(connection)
            # The log appears when the file is read.
            _is_new(connection, place)
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    level = {"FULL": "PRAGMA synchronous = FULL"}.get(
        synchronous, "PRAGMA synchronous = NORMAL"
    )
    connection.execute(level)
    connection.execute("PRAGMA secure_delete = ON")
    # In KiB. New entries belong anywhere in the index of dates: with the 2 MiB that
    # SQLite takes, pages of it are written and read again within a transaction.
    connection.execute("PRAGMA cache_size = -16384")


def _has_wal(connection: sqlite3.Connection, sql: str = "PRAGMA journal_mode") -> bool:
    return bool(connection.execute(sql).fetchone() == ("wal",))


def _takes_wal(connection: sqlite3.Connection, timeout: float) -> bool:
    """Set a file to a write-ahead log; return whether it has one.

    Raises:
        sqlite3.Error: Others read or write for too long.
    """
    end = time.monotonic() + timeout
    while True:
        try:
            return _has_wal(connection, "PRAGMA journal_mode = WAL")
        # SQLite does not wait here.
        except sqlite3.OperationalError as error:
            is_busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            if not is_busy or time.monotonic() > end:
                raise
        time.sleep(_PAUSE)


def _is_new(connection: sqlite3.Connection, place: str) -> bool:
    """Return whether a file is empty; if not, check that it is a store.

    Raises:
        StoreError: It is not a store, or one of another version.
    """
    # Views and triggers of a hostile file must not call functions with side effects.
    connection.execute("PRAGMA trusted_schema = OFF")
    # One transaction: somebody else may be making the store at this moment.
    connection.execute("BEGIN")
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if (application, version, tables) == (0, 0, 0):
        connection.execute("COMMIT")
        return True
    differing = [*schema_faults(connection)]
    # A dump that was read back has lost both numbers, and is the same otherwise.
    is_dump = (application, version) == (0, 0) and not differing
    if application != APPLICATION and not is_dump:
        problem = "is a database of another program: give another path"
        raise StoreError(place, problem)
    if version != VERSION and not is_dump:
        problem = f"has version {version}, and {VERSION} is known here: use the"
        raise StoreError(place, f"{problem} library that made it")
    # A view in the place of a table may be endless, and a trigger may undo an append:
    # the schema is checked first, and nothing else is read if it differs.
    faults = differing or [*_end_faults(connection)]
    connection.execute("COMMIT")
    if faults:
        raise DamagedStoreError(place, faults)
    return False


def _end_faults(connection: sqlite3.Connection) -> Iterator[Fault]:
    """Yield the differences between the head and the last entry."""
    heads, lasts = (connection.execute(sql).fetchall() for sql in ENDS)
    yield from end_faults(heads, lasts)


def _make(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")
    for statement in statements():
        connection.execute(statement)
    connection.execute("INSERT INTO head VALUES (-1, ?, 0)", [START])
    connection.execute(f"PRAGMA application_id = {APPLICATION}")
    connection.execute(f"PRAGMA user_version = {VERSION}")
    connection.execute("COMMIT")


def checkpointed(connection: sqlite3.Connection) -> bool:
    """Checkpoint and empty the write-ahead log, with the lock of the writers held.

    This does not wait for readers of an earlier state: it then copies what it can.

    Returns:
        True if the log is empty.
    """
    # TRUNCATE takes the lock of writers in SQLite: nobody can restart the log while it
    # runs. PASSIVE, which SQLite uses by itself, does not: up to 3.51.2 ("WAL-reset
    # bug") it may count frames as copied that were written since, and they are lost. A
    # concurrent writer would make SQLite fall back to PASSIVE: so our lock is held.
    (timeout,) = connection.execute("PRAGMA busy_timeout").fetchone()
    connection.execute("PRAGMA busy_timeout = 0")
    try:
        ((is_busy, _, _),) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.execute(f"PRAGMA busy_timeout = {timeout}")
    return not is_busy


def statements() -> list[str]:
    """Return the statements that make the tables."""
    return [statement for statement in _SCHEMA.split(";") if statement.strip()]


def schema_faults(connection: sqlite3.Connection) -> Iterator[Fault]:
    """Yield the parts of the schema that were changed."""
    expected, actual = _expected(), _schema(connection)
    for name in sorted(expected.keys() | actual.keys()):
        if expected.get(name) != actual.get(name):
            remedy = "restore a backup" if name in expected else "drop it"
            yield Fault(f"schema of {name}", f"is not as it was made: {remedy}")


@cache
def _expected() -> Mapping[str, tuple[object, ...]]:
    fresh = sqlite3.connect(":memory:")
    for statement in statements():
        fresh.execute(statement)
    schema = _schema(fresh)
    fresh.close()
    return schema


def _schema(connection: sqlite3.Connection) -> dict[str, tuple[object, ...]]:
    sql = "SELECT name, type, tbl_name, sql FROM sqlite_master"
    return {str(name): tuple(rest) for name, *rest in connection.execute(sql)}


_PROBLEMS = {
    sqlite3.SQLITE_FULL: "has no more room, and nothing was written: make room",
    sqlite3.SQLITE_READONLY: "cannot be written to: allow that, of the files beside it"
    " too, or take a copy",
    sqlite3.SQLITE_PERM: "cannot be written to: allow that, or take a copy",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened: allow reading and writing, of its"
    " folder too",
    sqlite3.SQLITE_NOTADB: "is not an SQLite database: give another path",
    sqlite3.SQLITE_IOERR: "could not be read or written: make room if its disk is full,"
    " which reading needs too, and append once more, nothing is written twice",
}


def refused(place: str, error: Exception, timeout: float) -> StoreError:
    """Return an error that names the cause and the remedy of an SQLite error.

    Args:
        place: The name of the store in messages.
        error: The error.
        timeout: The number of seconds that SQLite has waited.
    """
    code = getattr(error, "sqlite_errorcode", -1) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        problem = f"has been locked by another writer for {timeout:g} s: try again"
        return BusyStoreError(place, problem)
    if code in _PROBLEMS:
        return StoreError(place, f"{_PROBLEMS[code]} ({error})")
    return DamagedStoreError(place, [Fault("SQLite", str(error))])
