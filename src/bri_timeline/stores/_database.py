"""Databases as stores ask for them: transactions, one after another."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime

from bri_timeline import Entry, Vocabulary
from bri_timeline.errors import (
    DamagedStoreError,
    EntryError,
    Fault,
    FaultsError,
    ReplacedStoreError,
    shown,
)
from bri_timeline.extend import require_vocabulary
from bri_timeline.stores._chain import Head
from bri_timeline.stores._rows import EntryPreparer, decoded
from bri_timeline.stores._session import Session


# What is wrong with a store whose clock reads it, say, or whose progress closes it.
WITHIN = (
    "is asked or closed while it answers or appends, by the same thread: do it before"
)


def utc_now() -> datetime:
    """Return the present instant."""
    return datetime.now(UTC)


class Database(ABC):
    """A database that holds the entries of one store.

    Args:
        place: The name of the database in messages.
        vocabulary: The payload classes.
        clock: Returns the instant of recording, with a time zone.

    Attributes:
        preparer: Prepares entries for the database.
        at_once: The number of entries that `follow()` reads in a transaction.
    """

    # So few entries make fewer objects than start the garbage collector: more take a
    # tenth longer.
    at_once = 256

    def __init__(
        self, place: str, vocabulary: Vocabulary, clock: Callable[[], datetime]
    ) -> None:
        self.place = place
        self.preparer: EntryPreparer = EntryPreparer(require_vocabulary(vocabulary))
        self._clock = clock
        # The last head that a transaction found or left.
        self._seen = Head()

    @property
    def vocabulary(self) -> Vocabulary:
        """The payload classes."""
        return self.preparer.vocabulary

    def clock(self) -> datetime:
        """Return the instant of recording.

        Raises:
            EntryError: The clock that was given returns something else.
        """
        instant = self._clock()
        if not isinstance(instant, datetime):
            problem = f"nothing can be recorded: the clock returned {shown(instant)}"
            raise EntryError(None, f"{problem}, and not a datetime with a time zone")
        return instant

    @contextmanager
    def session(self, *, writing: bool) -> Iterator[Session]:
        """Return a transaction, which is undone if an exception leaves it.

        Raises:
            ReplacedStoreError: The last entry that was seen here is not there.
            StoreError: The database cannot be reached.
        """
        with self.transaction(writing=writing) as session:
            begun = session.head()
            self._check_seen(session, begun)
            yield session
            seen = session.head() if writing else begun
        # Of two threads, the one that began first may end last.
        if seen.position > self._seen.position:
            self._seen = seen

    def _check_seen(self, session: Session, head: Head) -> None:
        """Make sure that the last entry that was seen still has its digest."""
        seen = self._seen
        if head == seen or seen.position < 0:
            return
        if head.position < seen.position:
            problem = (
                f"ends at entry {head.position}, and has had entry {seen.position}"
            )
            raise ReplacedStoreError(self.place, problem)
        stored = session.at([seen.position])
        if not stored or stored[0].digest != seen.digest:
            problem = f"has another entry {seen.position} than it had"
            raise ReplacedStoreError(self.place, problem)

    @abstractmethod
    def transaction(self, *, writing: bool) -> AbstractContextManager[Session]:
        """Return a transaction, which is undone if an exception leaves it.

        Raises:
            StoreError: The database cannot be reached.
        """

    @abstractmethod
    def close(self) -> None:
        """Release the database; later sessions are refused."""

    def decode(self, positions: Sequence[int], lines: Sequence[str]) -> Sequence[Entry]:
        """Return entries from their positions and lines.

        Raises:
            DamagedStoreError: A line is not an entry, or not that of its position.
        """
        try:
            return decoded(positions, lines, self.vocabulary)[0]
        except FaultsError as error:
            near = f"entries {positions[0]} to {positions[-1]}"
            faults = [Fault(f"{near}: {f.place}", f.problem) for f in error.faults]
            raise DamagedStoreError(self.place, faults) from None
