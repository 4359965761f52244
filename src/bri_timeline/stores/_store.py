"""What makes a store worth trusting: checks, and proofs for those who cannot check."""

from __future__ import annotations

import math
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from types import TracebackType
from typing import Self, TypeVar

from attrs import evolve

from bri_timeline._calendar import Day, to_day
from bri_timeline._codec import Vocabulary, instant_text
from bri_timeline._events import Entry, Event, uncollected
from bri_timeline._log import EventLog
from bri_timeline._projection import Projection
from bri_timeline.errors import (
    DamagedStoreError,
    EntryError,
    Fault,
    FaultsError,
    StaleLogError,
    shown,
)
from bri_timeline.stores._appending import batches, beyond, checked, unsaid
from bri_timeline.stores._chain import Head, leaf_of
from bri_timeline.stores._database import Erased, Search, Session
from bri_timeline.stores._proofs import (
    ConsistencyProof,
    InclusionProof,
    TreeHead,
    consistency_path,
    inclusion_path,
    root_of,
)
from bri_timeline.stores._rows import (
    Claimed,
    Claims,
    Draft,
    Held,
    draft_of,
    entries_of,
    rows_of,
)
from bri_timeline.stores._selection import concerned, names_of, sliced
from bri_timeline.stores._verification import faults_of, leaves_of


__all__ = [
    "Provable",
    "Store",
    "utc_now",
]


class Provable(ABC):
    """Entries in a database, which can be verified and proved.

    Args:
        place: What to call the store in messages.
        vocabulary: The payload classes.
    """

    def __init__(self, place: str, vocabulary: Vocabulary) -> None:
        self._place = place
        self._vocabulary = vocabulary

    @abstractmethod
    def _session(self, *, writing: bool) -> AbstractContextManager[Session]:
        """Return a transaction, which is undone if an exception leaves it.

        Raises:
            StoreError: The store cannot be reached.
        """

    def verify(self, head: Head | None = None) -> Head:
        """Make sure that it is as it was written: every changed bit, and every cut.

        It looks at all of it, also at what entries are found by, for which the
        vocabulary needs to have their kinds. That entries are missing at its end shows
        only against a head that was kept elsewhere.

        Args:
            head: What `head()` once returned.

        Returns:
            How far it has got.

        Raises:
            DamagedStoreError: It is not; all that is wrong.
        """
        with self._session(writing=False) as session:
            faults = faults_of(session, head, self._vocabulary)
            if faults:
                raise DamagedStoreError(self._place, faults)
            return session.head()

    def tree_head(self, size: int | None = None) -> TreeHead:
        """Return the head of the Merkle tree over all entries: what one publishes.

        Args:
            size: Over how many of them; by default all.

        Raises:
            EntryError: It does not hold so many.
        """
        leaves = self._leaves(size)
        return TreeHead(len(leaves), root_of(leaves))

    def prove_inclusion(
        self, entry: Entry | int, *, size: int | None = None
    ) -> InclusionProof:
        """Return the proof that an entry is in the log.

        Args:
            entry: The entry, or its position.
            size: In the log of how many entries; by default in all of it.

        Raises:
            EntryError: It does not hold that.
        """
        position = entry.position if isinstance(entry, Entry) else entry
        leaves = self._leaves(size)
        if not 0 <= position < len(leaves):
            problem = f"entry {shown(position)} is not among {len(leaves)} entries"
            raise EntryError(entry, f"{problem}: give one that is")
        with self._session(writing=False) as session:
            (held,) = session.at([position])
        line = held.line.encode() or None
        path = inclusion_path(leaves, position)
        return InclusionProof(position, len(leaves), leaves[position], path, line)

    def prove_consistency(
        self, earlier: int, *, size: int | None = None
    ) -> ConsistencyProof:
        """Return the proof that the log begins with all of an earlier one.

        Args:
            earlier: How many entries that had.
            size: How many the later one has; by default all.

        Raises:
            EntryError: It does not hold so many.
        """
        leaves = self._leaves(size)
        if not 0 <= earlier <= len(leaves):
            problem = f"{shown(earlier)} entries are no earlier log of {len(leaves)}"
            raise EntryError(earlier, f"{problem}: give fewer")
        path = consistency_path(leaves, earlier)
        return ConsistencyProof(earlier, len(leaves), path)

    def _leaves(self, size: int | None) -> list[bytes]:
        with self._session(writing=False) as session:
            held = session.head().position + 1
            if size is not None and not 0 <= size <= held:
                problem = f"the store holds {held} entries, not {shown(size)}"
                raise EntryError(size, f"{problem}: ask for fewer")
            return leaves_of(session, held if size is None else size)


S = TypeVar("S")
_READ_AT_ONCE = 4096


def utc_now() -> datetime:
    """Return the present instant."""
    return datetime.now(UTC)


class Store(Provable):
    """A log that outlives the process.

    What a store does beyond its database is the same for all of them: use
    `MemoryStore`, `SQLiteStore` or `PostgresStore`. A store may be used from several
    threads.

    Args:
        place: What to call it in messages.
        vocabulary: The payload classes.
        clock: Says when something is written down: an instant with a time zone.
    """

    def __init__(
        self, place: str, vocabulary: Vocabulary, clock: Callable[[], datetime]
    ) -> None:
        super().__init__(place, vocabulary)
        self._clock = clock
        self._seen = EventLog()

    @abstractmethod
    def close(self) -> None:
        """Let go of the database; what is asked afterwards is refused."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._place}>"

    # --- reading it -----------------------------------------------------------------

    def head(self) -> Head:
        """Return how far it has got: the last position, and what covers all entries."""
        with self._session(writing=False) as session:
            return session.head()

    def read(
        self,
        *,
        projection: Projection[S] | None = None,
        parties: Iterable[str] = (),
        kinds: Iterable[type | str] | None = None,
        known_by: Day | None = None,
        on_or_before: Day | None = None,
    ) -> EventLog:
        """Return the log, or a part of it: what bears on what is asked for.

        Only those are read: what is asked for is found by index. With a claim comes
        what it corrects or retracts, what corrects or retracts it, and what else is
        said about the same happening, so that questions about what was asked for have
        the answers that the whole log gives. Entries keep their positions.

        Args:
            projection: Only what it is passed: claims that concern its parties, and of
                the payload classes that it reads. Other searches then say no more than
                by when it was known.
            parties: Only claims that involve all of these actors; and, unless *kinds*
                are given, what refers to those.
            kinds: Only claims whose payload is of one of these classes, or of the kinds
                of these names.
            known_by: Only what was known by this day.
            on_or_before: Only claims that can have begun by this day; what else is said
                about the same comes with them.

        Raises:
            VocabularyError: One of *kinds* is not in the vocabulary.
            DayError: A day is none.
            DamagedStoreError: What was asked for cannot be read.
        """
        if projection is not None:
            if projection.parties:
                known = math.inf if known_by is None else to_day(known_by)
                return self._concerning(projection.parties, known)
            kinds = projection.reads if kinds is None else kinds
        if not parties and kinds is known_by is on_or_before is None:
            return self._all()
        names = None if kinds is None else names_of(kinds, self._vocabulary)
        search = Search(parties=frozenset(parties), kinds=names)
        if known_by is not None:
            search = evolve(search, known_by=to_day(known_by))
        if on_or_before is not None:
            search = evolve(search, first_by=to_day(on_or_before))
        return self._slice(search)

    def _all(self) -> EventLog:
        with self._session(writing=False) as session, uncollected(), self._sound():
            log = EventLog(self._decoded(session.lines(-1)))
        self._seen = log
        return log

    def _concerning(self, parties: frozenset[str], known_by: float) -> EventLog:
        with self._session(writing=False) as session:
            size = session.head().position + 1
            try:
                found = concerned(session, parties, known_by, self._vocabulary)
                return EventLog.partial(found, size)
            except FaultsError as error:
                raise DamagedStoreError(self._place, error.faults) from None

    def _slice(self, search: Search) -> EventLog:
        with self._session(writing=False) as session, self._sound():
            size = session.head().position + 1
            found = sliced(session, search, self._vocabulary)
            return EventLog.partial(found, size)

    @contextmanager
    def _sound(self) -> Iterator[None]:
        """Report lines that are no entries, or no log together, as damage."""
        try:
            yield
        except FaultsError as error:
            raise DamagedStoreError(self._place, error.faults) from None
        except EntryError as error:
            raise DamagedStoreError(self._place, [Fault("log", str(error))]) from None

    def follow(
        self,
        after: int | Head = -1,
        *,
        timeout: float | None = None,
        every: float = 0.05,
    ) -> Iterator[Entry]:
        """Yield the entries after a position, and then those that are yet to come.

        Each comes once and none is left out, whoever wrote it.

        Args:
            after: A position, or a head; by default all entries are yielded.
            timeout: For how many seconds to wait for news before it ends; None for
                ever, 0 for not at all.
            every: After how many seconds to look for news.

        Raises:
            StaleLogError: The store has not got so far.
        """
        position, found = _position(after), self.head().position
        if position > found:
            problem = "it has not got so far: was it replaced by an older copy?"
            raise StaleLogError(position, found, problem)
        return self._following(position, timeout, every)

    def _following(
        self, position: int, timeout: float | None, every: float
    ) -> Iterator[Entry]:
        waited = 0.0
        while True:
            with self._session(writing=False) as session:
                news = [*self._decoded(session.lines(position, _READ_AT_ONCE))]
            if news:
                yield from news
                position, waited = news[-1].position, 0.0
            elif timeout is not None and waited >= timeout:
                return
            else:
                time.sleep(every)
                waited += every

    def _decoded(self, lines: Iterable[Sequence[tuple[int, str]]]) -> Iterator[Entry]:
        for some in lines:
            yield from self._entries(some)

    def _entries(self, held: Sequence[Held] | Sequence[tuple[int, str]]) -> list[Entry]:
        try:
            return entries_of(held, self._vocabulary)
        except FaultsError as error:
            near = f"entries {held[0][0]} to {held[-1][0]}"
            faults = [Fault(f"{near}: {f.place}", f.problem) for f in error.faults]
            raise DamagedStoreError(self._place, faults) from None

    # --- writing --------------------------------------------------------------------

    def append(
        self,
        what: EventLog | Event | Iterable[Event],
        *,
        expected: int | Head | None = None,
    ) -> Head:
        """Write down what is new, all of it or nothing; it is durable on return.

        Of a log that is what was entered after the entries that the store holds. Of
        events those that no live entry says already. So it can be repeated if it is not
        clear whether it has succeeded.

        Args:
            what: A log that was read from here and grew; or events.
            expected: The last position, or the head, that the writer knows of: nothing
                is written if somebody else has written since.

        Returns:
            How far the store has got then.

        Raises:
            StaleLogError: The store has gone on since *expected*, or the log does not
                extend what it holds.
            VocabularyError: A payload is of no class of the vocabulary.
            EntryError: An entry cannot be kept, or the log is only a part of one.
        """
        if isinstance(what, EventLog):
            return self._append_log(what, expected)
        events = checked([what] if isinstance(what, Event) else what)
        ready = Claims(self._vocabulary)
        with self._session(writing=True) as session, uncollected():
            instant = self._clock()
            for some in batches(events):
                claimed = [*map(ready.of, some)]
                with self._sound():
                    claims = unsaid(session, claimed, self._vocabulary)
                drafts = [(claim.event.known_day, claim, None) for claim in claims]
                self._insert(session, drafts, instant, expected)
                expected = None if drafts else expected
            return session.head()

    def _append_log(self, log: EventLog, expected: int | Head | None) -> Head:
        shared = len(self._seen) if log.begins_with(self._seen) else 0
        ready = Claims(self._vocabulary)
        with self._session(writing=True) as session, uncollected():
            instant = self._clock()
            try:
                new = beyond(session, log, self._vocabulary, shared=shared)
            except FaultsError as error:
                raise DamagedStoreError(self._place, error.faults) from None
            for some in batches(new):
                drafts = [draft_of(entry, ready) for entry in some]
                self._insert(session, drafts, instant, expected)
                expected = None
            head = session.head()
        self._seen = log
        return head

    def _insert(
        self,
        session: Session,
        drafts: Sequence[Draft | tuple[int | None, Claimed, None]],
        instant: datetime,
        expected: int | Head | None,
    ) -> None:
        if not drafts:
            return
        head = session.head()
        if expected is not None and expected not in (head, head.position):
            problem = "somebody else has written: read() it again"
            raise StaleLogError(_position(expected), head.position, problem)
        session.insert(rows_of(drafts, head, instant, self._vocabulary))

    def erase(self, entry: Entry | int, *, because: str) -> Head:
        """Take away what an entry says, for good, where the law demands it.

        Its position and digest stay, and with them every proof. A log read afterwards
        holds an entry there that claims nothing: this is the one exception to the rule
        that the same question always has the same answer. What the entry corrected or
        retracted counts again, so correct or retract that first. What corrects the
        entry stays, and is then all that is known of the matter: erase that too if it
        says what is to go. What retracts it stays, and has no effect.

        Args:
            entry: The entry, or its position.
            because: Why; it is kept.

        Raises:
            EntryError: There is no such entry, or no reason is given.
            BusyStoreError: It is erased, but traces are left in the files while others
                read them: call it again.
        """
        position = entry.position if isinstance(entry, Entry) else entry
        _check_text(because)
        with self._session(writing=True) as session:
            held = session.at([position])
            if not held:
                problem = f"the store has no entry {shown(position)}"
                remedy = f"its last is {session.head().position}"
                raise EntryError(entry, f"{problem}: {remedy}")
            if held[0].line:
                leaf = leaf_of(held[0].line.encode())
                instant = instant_text(self._clock())
                session.erase(Erased.sealed(position, leaf, because, instant))
            session.sweep()
            head = session.head()
        self._seen = EventLog()
        return head


def _position(place: int | Head) -> int:
    return place.position if isinstance(place, Head) else place


def _check_text(because: object) -> None:
    try:
        if isinstance(because, str) and because.strip() and because.encode():
            return
    except UnicodeEncodeError:
        pass
    problem = f"{shown(because)} is no reason: say in words why it is erased"
    raise EntryError(because, problem)
