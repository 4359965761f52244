"""The connection of a store to its file of SQLite, which no fork inherits."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import TIMEOUT_MAX, RLock

from msgspec import Struct

from bri_timeline.errors import BusyStoreError, StoreError
from bri_timeline.stores._forking import ForkAware, leave_parent
from bri_timeline.stores._lock import FileLock
from bri_timeline.stores._sqlite_file import wal_size


__all__ = ["FileConnection"]

# Files that the parent had in use when this process was forked.
_INHERITED: set[tuple[int, int]] = set()


class FileConnection(ForkAware):
    """A connection to a file of SQLite, and the lock of its writers.

    It is opened when it is used, and used by one thread at a time. SQLite knows in a
    table of the process which locks it has. A forked child inherits the table but not
    the locks: it would write without any, and the parent, which sees nobody else, would
    delete the log of the database under it. So before a fork the connection is closed,
    when the threads that use it have finished; both sides open it again on demand.

    Where this is impossible, since the fork happens amid a transaction of its own
    thread or another thread takes too long, the parent goes on, and the child is kept
    from the file.

    Args:
        path: The file.
        opened: Opens it; tells, too, whether nobody can write to it.
        timeout: For how many seconds a fork waits for other threads.

    Attributes:
        apart: The lock of the writers.
    """

    def __init__(
        self,
        path: Path,
        opened: Callable[[FileLock], tuple[sqlite3.Connection, bool]],
        timeout: float,
    ) -> None:
        super().__init__()
        self.apart = FileLock(path.with_name(f"{path.name}-lock"))
        self._path = path
        self._opened = opened
        self._timeout = min(max(timeout, 0.0), TIMEOUT_MAX)
        self._lock = RLock()
        self._connection: sqlite3.Connection | None = None
        self._identity: tuple[int, int] | None = None
        self._unchanging: object = None
        self._is_used = self._is_closed = False

    @contextmanager
    def used(self) -> Iterator[None]:
        """Keep it open, to one thread, and away from forks.

        Raises:
            StoreError: It is closed, cannot be opened, or is the parent's.
            BusyStoreError: The file, which is read without locks, was written to.
        """
        leave_parent()
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
            StoreError: It is the parent's: this process was forked meanwhile.
        """
        if self._connection is None:
            raise self._out_of_reach()
        return self._connection

    def roll_back(self) -> None:
        """Undo what is not committed; the parent's transaction is left alone."""
        if self._connection is not None and self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def _open(self) -> None:
        if self._unchanging is not None and self._unchanging != _state(self._path):
            self._disconnect()
        if self._connection is not None:
            return
        if _identity(self._path) in _INHERITED:
            raise self._out_of_reach()
        if self._identity not in (None, _identity(self._path)):
            problem = "is not the file that was opened: open a store on what is there"
            raise StoreError(str(self._path), problem)
        before = _state(self._path)
        self._connection, is_unchanging = self._opened(self.apart)
        self._identity = _identity(self._path)
        self._unchanging = before if is_unchanging else None

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
        """Close it for good.

        Args:
            finish: What to do before, if it is open, or others left their log.
        """
        leave_parent()
        with self._lock:
            if self._connection is not None or wal_size(self._path):
                with suppress(StoreError), self.used():
                    finish()
            self._is_closed = True
            self._disconnect()

    def drop(self) -> None:
        """Close it, when its store is gone; whoever has the lock is closing it too."""
        if self._lock.acquire(blocking=False):
            self._disconnect()
            self._lock.release()

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()  # the last of all puts the log into the file, alone
        self.apart.close()

    # --- forks ------------------------------------------------------------------------

    def rest(self) -> bool:
        """Close it until `wake()`, unless a thread does not let go of it."""
        if not self._lock.acquire(timeout=self._timeout):
            return False
        if self._is_used:  # by this thread, which forks amid a transaction
            self._lock.release()
            return False
        self._disconnect()
        return True

    def wake(self) -> None:
        """Let it be used again."""
        self._lock.release()

    def leave(self) -> None:
        """Keep this process from a file that its parent goes on to use."""
        if self._connection is None and not self._is_used:
            return
        identity = _identity(self._path)
        if identity is not None:
            _INHERITED.add(identity)
        _keep_for_ever(self._connection)
        self._connection, self._is_used = None, False
        self._lock = RLock()  # the thread that has the other is not in this process


class _Kept(Struct, gc=False):
    """An object that is never released, for it and its keeper refer to each other."""

    what: object
    itself: object = None


def _keep_for_ever(what: object) -> None:
    """Keep a connection of the parent from being closed, at the end of the child too.

    To close it would undo a transaction of the parent's in the memory they share.
    """
    kept = _Kept(what)
    kept.itself = kept


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _state(path: Path) -> object:
    """Return what changes when somebody writes to a file, or begins to."""
    with suppress(OSError):
        found = path.stat()
        return found.st_size, found.st_mtime_ns, wal_size(path), _identity(path)
    return None
