"""A store in memory, for tests and for logs that need not last."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import RLock
from weakref import finalize

from bri_timeline import Vocabulary
from bri_timeline.errors import StoreError
from bri_timeline.extend import ForkAware
from bri_timeline.stores._database import WITHIN, utc_now
from bri_timeline.stores._session import Session
from bri_timeline.stores._sqlite import SQLiteBase
from bri_timeline.stores._sqlite_file import in_memory
from bri_timeline.stores._store import Store


class MemoryStore(Store):
    """A store in memory: it behaves like the others, and ends with the process.

    >>> from bri_timeline import Event
    >>> from bri_timeline.relations import FACTS, Visited
    >>> visit = Visited(guest="AZE", host="CHN")
    >>> with MemoryStore(FACTS) as store:
    ...     store.append(Event(visit, when="2019-04-24")).position
    ...     len(store.read())
    0
    1

    Args:
        vocabulary: The payload classes.
        clock: Returns the instant of recording, with a time zone.
    """

    def __init__(
        self, vocabulary: Vocabulary, *, clock: Callable[[], datetime] = utc_now
    ) -> None:
        super().__init__(_Memory(vocabulary, clock))


class _Memory(SQLiteBase):
    """The tables of SQLite in memory, which a fork copies."""

    def __init__(self, vocabulary: Vocabulary, clock: Callable[[], datetime]) -> None:
        super().__init__("in memory", vocabulary, clock, 0.0)
        self.file: _MemoryConnection = _MemoryConnection(self.place)

    @contextmanager
    def transaction(self, *, writing: bool) -> Iterator[Session]:
        """Return a transaction, which is undone if an exception leaves it."""
        with self._alone(), self._transaction("DEFERRED") as session:
            yield session

    def close(self) -> None:
        """Release all rows."""
        self.file.close()


class _MemoryConnection(ForkAware):
    """A connection that one thread uses at a time, and that a fork takes first.

    Without that a child could find half an append, and a lock that is never released.

    Args:
        place: The name of the store in messages.
    """

    def __init__(self, place: str) -> None:
        self.connection = in_memory(place)
        self._place = place
        self._lock = RLock()
        self._release = finalize(self, self.connection.close)
        super().__init__()

    @contextmanager
    def used(self) -> Iterator[None]:
        """Return a context in which no other thread uses the connection."""
        with self._lock:
            if not self._release.alive:
                raise StoreError(self._place, "is closed: make another")
            yield

    def roll_back(self) -> None:
        """Undo the transaction."""
        self.connection.rollback()

    def close(self) -> None:
        """Close the connection for good.

        Raises:
            StoreError: It is used by this thread.
        """
        with self._lock:
            if self._release.alive and self.connection.in_transaction:
                raise StoreError(self._place, WITHIN)
            self._release()

    def rest(self) -> bool:
        """Wait until no other thread reads or writes."""
        return self._lock.acquire()

    def wake(self) -> None:
        """Release the lock."""
        self._lock.release()
