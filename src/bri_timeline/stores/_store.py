"""A log in a database: reading, appending, erasing, verifying, proving."""

from __future__ import annotations

import math
import time
from collections.abc import AsyncGenerator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import chain, starmap
from types import TracebackType
from typing import Self, TypeVar

from attrs import evolve

from bri_timeline import (
    Covers,
    Entry,
    Event,
    EventLog,
    Projection,
    Revision,
    Vocabulary,
)
from bri_timeline.errors import (
    DamagedStoreError,
    EntryError,
    EventError,
    Fault,
    FaultsError,
    SelectionError,
    StaleLogError,
    shown,
)
from bri_timeline.extend import (
    Day,
    EntryColumns,
    check_sayable,
    require_projection,
    to_day,
    uncollected,
)
from bri_timeline.stores._chain import (
    ConsistencyProof,
    Head,
    InclusionProof,
    Progress,
    TreeHead,
    consistency_path,
    inclusion_path,
    no_progress,
    root_of,
)
from bri_timeline.stores._database import Database
from bri_timeline.stores._erasing import check_words, erase, said_by, was_erased
from bri_timeline.stores._rows import decoded
from bri_timeline.stores._selection import names_of, select_concerning, select_related
from bri_timeline.stores._session import Session
from bri_timeline.stores._tables import SearchCriteria
from bri_timeline.stores._verification import (
    are_shapes,
    check_index,
    check_moved,
    check_shapes,
    faults_of,
    leaves_of,
)


S = TypeVar("S")
T = TypeVar("T")
BATCH = 16_384
_LONG = 1.0  # seconds
_REMEDY = "read() the store, append to what it returns, and try again"


class Store:
    """A log that outlives the process.

    All stores share this behaviour and differ in their database: use `MemoryStore`,
    `SQLiteStore` or `PostgresStore`. A store may be used from several threads. Every
    method raises `ReplacedStoreError` where another store has taken the place of this
    one: its file was moved, deleted or replaced, or its content is an earlier one.

    Args:
        database: The database that holds the entries.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._seen = EventLog()
        self._lacking: set[str] = set()
        self._indexed_by: Vocabulary | None = None

    def close(self) -> None:
        """Release the database; later calls are refused."""
        self._database.close()

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
        return f"<{type(self).__name__} {self._database.place}>"

    # --- reading it -----------------------------------------------------------------

    def head(self) -> Head:
        """Return the head: the last position, and a digest of all entries."""
        with self._database.session(writing=False) as session:
            return session.head()

    def read(
        self,
        *,
        projection: Projection[S] | None = None,
        parties: Iterable[str] = (),
        kinds: Iterable[type | str] | None = None,
        known_by: Day | None = None,
        on_or_before: Day | None = None,
        progress: Progress = no_progress,
    ) -> EventLog:
        """Return the log, or the selected part of it with related entries.

        A part is found by index, and nothing else is read. It includes the entries that
        its claims correct or retract, the entries that correct or retract them, and
        other claims about the same happenings. So a question about the part has the
        answer that the whole log gives. Entries keep their positions.

        Args:
            projection: Only claims that the projection reads: those that concern its
                parties, and of its payload classes. If it has parties, only *known_by*
                is regarded as well.
            parties: Only claims that involve all of these actors; and, unless *kinds*
                are given, claims that refer to those.
            kinds: Only claims whose payload is of one of these classes, or of the kinds
                of these names.
            known_by: Only entries that were known by this day.
            on_or_before: Only claims that can have begun by this day, with other claims
                about the same happenings.
            progress: Called now and then with the number of entries read; of a part, in
                the end.

        Raises:
            VocabularyError: One of *kinds* is not in the vocabulary; or the parties of
                a class have changed since its claims were written.
            ProjectionError: *projection* is not one.
            SelectionError: *parties* or *kinds* is one, not a collection.
            DayError: A day is invalid.
            DamagedStoreError: An entry cannot be read.
        """
        if projection is not None:
            require_projection(projection)
            if projection.parties:
                known = math.inf if known_by is None else to_day(known_by)
                log = self._concerning(projection.parties, known)
                progress(len(log))
                return log
            kinds = projection.depends_on if kinds is None else kinds
        if isinstance(parties, str):
            problem = "is not a collection of ids: write parties=('AZE', 'CHN')"
            raise SelectionError(parties, problem)
        if isinstance(kinds, str | type):
            problem = "is not a collection of kinds: write kinds=[Visited]"
            raise SelectionError(kinds, problem)
        if not parties and kinds is known_by is on_or_before is None:
            return self._all(progress)
        names = None if kinds is None else names_of(kinds, self._database.vocabulary)
        search = SearchCriteria(parties=frozenset(parties), kinds=names)
        if known_by is not None:
            search = evolve(search, known_by=to_day(known_by))
        if on_or_before is not None:
            search = evolve(search, first_by=to_day(on_or_before))
        log = self._slice(search)
        progress(len(log))
        return log

    def _all(self, progress: Progress) -> EventLog:
        with (
            self._database.session(writing=False) as session,
            uncollected(),
            self._sound(session),
        ):
            begin = time.monotonic()
            parts = _told(starmap(self._database.decode, session.lines(-1)), progress)
            log = EventLog(EntryColumns.joined(parts))
            _tell_if_long("read", self._database.place, len(log), begin)
        self._seen = log
        return self._warned(log)

    def _concerning(self, parties: frozenset[str], known_by: float) -> EventLog:
        with self._database.session(writing=False) as session, self._sound(session):
            self._check_index(session)
            size = session.head().position + 1
            entries = select_concerning(session, parties, known_by)
            return self._warned(EventLog.partial(entries, size))

    def _slice(self, search: SearchCriteria) -> EventLog:
        with self._database.session(writing=False) as session, self._sound(session):
            if search.parties:
                self._check_index(session)
            size = session.head().position + 1
            entries = select_related(session, search)
            return self._warned(EventLog.partial(entries, size))

    def _check_index(self, session: Session) -> None:
        """Check once that claims are found by the parties that their classes give."""
        vocabulary = self._database.vocabulary
        if self._indexed_by is not vocabulary:
            check_index(session, self._database.place)
            self._indexed_by = vocabulary

    def _warned(self, log: EventLog) -> EventLog:
        """Return a log, after a warning if the vocabulary lacks kinds of it."""
        return log._warned(self._database.place, self._lacking)

    @contextmanager
    def _sound(self, session: Session) -> Iterator[None]:
        """Report lines that are not entries, or together not a log, as damage."""
        try:
            yield
        except (FaultsError, DamagedStoreError) as error:
            if are_shapes(error.faults):
                check_shapes(
                    self._database.place,
                    faults_of(session, None),
                )
            raise DamagedStoreError(self._database.place, error.faults) from None
        except EntryError as error:
            raise DamagedStoreError(
                self._database.place, [Fault("log", str(error))]
            ) from None

    def follow(
        self,
        after: int | Head = -1,
        *,
        timeout: float | None = None,
        every: float = 0.05,
    ) -> Iterator[Entry]:
        """Yield the entries after a position, and then those that are appended later.

        Each is yielded once and none is left out, whichever process appended it.

        Args:
            after: A position, or a head; by default all entries are yielded.
            timeout: The number of seconds to wait for a further entry; None for no
                limit, 0 to end at once.
            every: The number of seconds between two looks at the database.

        Raises:
            StaleLogError: The store ends before that position.
        """
        return self._following(self._place_of(after), timeout, every)

    async def afollow(
        self,
        after: int | Head = -1,
        *,
        timeout: float | None = None,
        every: float = 0.05,
    ) -> AsyncGenerator[Entry, None]:
        """Yield entries as `follow()` does, in a program of asyncio.

        The database is read in other threads, so that the event loop goes on. Nothing
        is held between two entries: the loop can be left, or its task cancelled, at any
        time. Stop following before the store is closed.

        >>> async def news(store, after):
        ...     async for entry in store.afollow(after, timeout=30):
        ...         print(entry.position)

        Args:
            after: A position, or a head; by default all entries are yielded.
            timeout: The number of seconds to wait for a further entry; None for no
                limit, 0 to end at once.
            every: The number of seconds between two looks at the database.

        Raises:
            StaleLogError: The store ends before that position; raised by the first
                step.
        """
        # Programs that are not of asyncio need not wait for its import.
        from asyncio import sleep, to_thread

        position, waited = await to_thread(self._place_of, after), 0.0
        while True:
            news = await to_thread(self._news, position)
            for entry in news:
                yield entry
            if news:
                position, waited = news.positions[-1], 0.0
            elif timeout is not None and waited >= timeout:
                return
            else:
                await sleep(every)
                waited += every

    def _place_of(self, after: int | Head) -> int:
        """Return a position after which entries can be followed."""
        # Nothing is before the first entry, however far before it somebody begins.
        start = after.position if isinstance(after, Head) else after
        position, last = max(start, -1), self.head().position
        if position > last:
            problem = "it has not got so far: was it replaced by an older copy?"
            raise StaleLogError(position, last, problem)
        return position

    def _news(self, position: int) -> EntryColumns:
        """Return the next entries after a position, as many as are read at once."""
        database = self._database
        with database.session(writing=False) as session:
            lines = session.lines(position, database.at_once)
            return EntryColumns.joined(starmap(database.decode, lines))

    def _following(
        self, position: int, timeout: float | None, every: float
    ) -> Iterator[Entry]:
        waited = 0.0
        while True:
            news = self._news(position)
            if news:
                position, waited = news.positions[-1], 0.0
                yield from news
                del news
            elif timeout is not None and waited >= timeout:
                return
            else:
                time.sleep(every)
                waited += every

    # --- writing --------------------------------------------------------------------

    def append(
        self,
        what: EventLog | Event | Iterable[Event],
        *,
        expected: int | Head | None = None,
        allow_erased: bool = False,
        progress: Progress = no_progress,
    ) -> Head:
        """Append what is new, all or nothing; it is durable on return.

        Of a log, the entries after those of the store are new; of events, those that no
        live entry has. So an append whose outcome is unknown can be repeated.

        Args:
            what: A log that was read from this store and grew; or events.
            expected: The last position, or the head, that the writer knows: nothing is
                appended if somebody else has appended since. It is compared only if
                something is new, so an append can be repeated with the same value.
            allow_erased: Append also what was erased from this store.
            progress: Called now and then with the number of new entries, or of events,
                that are done.

        Returns:
            The new head.

        Raises:
            StaleLogError: The store has grown since *expected*, or the log does not
                extend the log of the store.
            VocabularyError: The vocabulary does not have the class of a payload; or
                events are appended, and the parties of a class have changed since its
                claims were written.
            EntryError: An entry cannot be stored, or its words were erased; or the log
                is a partial one.
        """
        if isinstance(what, EventLog):
            return self._append_log(what, expected, progress, allow_erased=allow_erased)
        events = checked([what] if isinstance(what, Event) else what)
        with self._database.session(writing=True) as session, uncollected():
            # Read in the transaction, so that instants follow the order of positions.
            instant = self._database.clock()
            # A claim is known again by its parties too.
            with self._sound(session):
                self._check_index(session)
            done = 0
            for start in range(0, len(events), BATCH):
                batch = events[start : start + BATCH]
                done += len(batch)
                prepared = session.preparer.prepare_events(batch)
                with self._sound(session):
                    new = session.new(prepared)
                if session.erasures() and not allow_erased:
                    claims = [e for e in new.entries.events if e is not None]
                    check_words(session, claims)
                session.append(new, instant, expected)
                expected = None if new else expected
                progress(done)
            return session.head()

    def revise(
        self,
        release: Iterable[Event] | EventLog,
        *,
        dataset: str,
        published: Day | datetime,
        covers: Covers | None = None,
        because: str | None = None,
        unread: Iterable[str | None] = (),
    ) -> tuple[Head, Revision]:
        """Append a new release of a dataset, as `EventLog.revise()`, all or nothing.

        All of the store is read.

        Returns:
            The new head, and what the release changed.

        Raises:
            StaleLogError: Somebody else has appended meanwhile: call it again.
            VocabularyError: The vocabulary does not have the class of a payload.
            EntryError: An entry cannot be stored.
            FaultsError: Rows of one id have different content: all of them.
            DayError: The dataset has another release of that day.
        """
        log, revision = self.read().revise(
            release,
            dataset=dataset,
            published=published,
            covers=covers,
            because=because,
            unread=unread,
        )
        head = self._append_log(log, None, no_progress, allow_erased=False)
        return head, revision

    def _append_log(
        self,
        log: EventLog,
        expected: int | Head | None,
        progress: Progress,
        *,
        allow_erased: bool,
    ) -> Head:
        # The log that was read last need not be decoded and compared again.
        shared = len(self._seen) if log.begins_with(self._seen) else 0
        with self._database.session(writing=True) as session, uncollected():
            instant = self._database.clock()
            try:
                new = self._new_entries(session, log, shared)
            except FaultsError as error:
                raise DamagedStoreError(self._database.place, error.faults) from None
            if session.erasures() and not allow_erased:
                said = (event for event in map(said_by, new) if event is not None)
                check_words(session, said, log)
            done = 0
            for start in range(0, len(new), BATCH):
                batch = new[start : start + BATCH]
                pending = session.preparer.prepare(batch)
                session.append(pending, instant, expected)
                expected = None
                done += len(batch)
                progress(done)
            head = session.head()
        self._seen = log
        return head

    @staticmethod
    def _new_entries(session: Session, log: EventLog, shared: int) -> Sequence[Entry]:
        """Return the entries of a log after those that a store has.

        Args:
            session: The store, in a transaction.
            log: The log.
            shared: The number of first entries that are known to be those of the store.

        Raises:
            EntryError: The log is a partial one.
            StaleLogError: The log differs from that of the store.
        """
        head = session.head()
        entries = tuple(log[shared:])
        check_whole(log, entries, shared)
        vocabulary = session.preparer.vocabulary
        parts = (
            decoded(positions, lines, vocabulary)[0]
            for positions, lines in session.lines(shared - 1)
        )
        for entry, ours in zip(entries, chain.from_iterable(parts), strict=False):
            if not (ours == entry or was_erased(entry, ours)):
                problem = f"they differ from position {entry.position} on: {_REMEDY}"
                raise StaleLogError(entry.position - 1, head.position, problem)
        return entries[max(head.position + 1 - shared, 0) :]

    def erase(self, entry: Entry | int, *, because: str) -> tuple[int, ...]:
        """Remove the words of an entry for good, where the law demands it.

        No effect is: the entry keeps its position, days, what it corrects, retracts or
        decides on, its id, and digests of its line and words (`Entry.erased`), which
        can confirm a guess of them. What an erased correction replaced does not come
        back. The same words are refused later, unless `allow_erased=True` is given; a
        release is recorded without them. This is the one exception to the rule that the
        same question always has the same answer. Of entries that earlier versions of
        the library erased, it is not known what they corrected, retracted or decided.

        Args:
            entry: The entry, or its position.
            because: The reason; it is stored.

        Returns:
            The positions of claims and proposals that say the same: erase them too.
            None, if it was erased before.

        Raises:
            EntryError: The store does not have the entry, or it records a release, or
                the reason is empty.
            BusyStoreError: The entry is erased, but traces are left in the files while
                others read them: call it again.
            DamagedStoreError: The entry cannot be read.
        """
        position = entry.position if isinstance(entry, Entry) else entry
        # SQLite would take "0" and 0.0 for 0, and what is erased is gone.
        if type(position) is not int:
            problem = f"{shown(entry)} is not an entry or a position: give an entry"
            raise EntryError(entry, f"{problem} of the store, such as read()[0]")
        _check_text(because)
        with self._database.session(writing=True) as session:
            stored = session.at([position])
            if not stored:
                problem = f"the store has no entry {shown(position)}"
                remedy = f"its last is {session.head().position}"
                raise EntryError(entry, f"{problem}: {remedy}")
            positions = erase(session, stored[0], because, self._database)
            # Also if it was erased before: traces may have been left then.
            session.sweep()
        # The log that was read last still has the erased text.
        self._seen = EventLog()
        return positions

    def _erased(self) -> Sequence[Entry]:
        """Return the entries whose words were erased."""
        database = self._database
        with database.session(writing=False) as session:
            some = [one.position for one in session.erased()]
            stored = session.at(some) if some else ()
            return database.decode(
                [s.position for s in stored], [s.line for s in stored]
            )

    # --- verifying ------------------------------------------------------------------

    def verify(
        self, head: Head | None = None, progress: Progress = no_progress
    ) -> Head:
        """Check that the store is unchanged, and find every changed bit.

        All entries are read, one by one and as a log. Their index columns are compared
        with their lines, for which the vocabulary must have their kinds. Entries that
        are missing at the end are noticed only with a head that was kept elsewhere.

        Args:
            head: A head that `head()` returned earlier.
            progress: Called now and then with the number of entries read.

        Returns:
            The present head.

        Raises:
            EntryError: *head* is not one.
            DamagedStoreError: Something was changed; the error lists the faults.
            VocabularyError: It is unchanged, but was written with another vocabulary.
        """
        if not isinstance(head, Head | None):
            problem = f"{shown(head)} is not a head: give what head() returned"
            raise EntryError(head, problem)
        with self._database.session(writing=False) as session:
            begin = time.monotonic()
            faults = faults_of(session, head, progress)
            if faults:
                check_shapes(self._database.place, faults)
                check_moved(self._database.place, faults)
                raise DamagedStoreError(self._database.place, faults)
            last_head = session.head()
            if erased := session.erasures():
                _inform(
                    "%s: %s of its entries were erased", self._database.place, erased
                )
            _tell_if_long(
                "verified", self._database.place, last_head.position + 1, begin
            )
            return last_head

    def tree_head(self, size: int | None = None) -> TreeHead:
        """Return the head of the Merkle tree over the entries, to be published.

        Args:
            size: The number of entries; by default all.

        Raises:
            EntryError: The store has fewer entries.
        """
        leaves = self._leaves(size)
        return TreeHead(len(leaves), root_of(leaves))

    def prove_inclusion(
        self, entry: Entry | int, *, size: int | None = None
    ) -> InclusionProof:
        """Return the proof that an entry is in the log.

        Args:
            entry: The entry, or its position.
            size: The size of the log; by default that of the whole.

        Raises:
            EntryError: The log of that size does not have the entry.
            DamagedStoreError: An entry is missing.
        """
        position = entry.position if isinstance(entry, Entry) else entry
        leaves = self._leaves(size)
        if not 0 <= position < len(leaves):
            problem = f"entry {shown(position)} is not among {len(leaves)} entries"
            raise EntryError(entry, f"{problem}: give one that is")
        with self._database.session(writing=False) as session:
            stored = session.at([position])
            gone = {erasure.position for erasure in session.erased()}
        if not stored:
            fault = Fault(f"entry {position}", "is missing: restore a backup")
            raise DamagedStoreError(self._database.place, [fault])
        line = None if position in gone else stored[0].line.encode()
        path = inclusion_path(leaves, position)
        return InclusionProof(position, len(leaves), leaves[position], path, line)

    def prove_consistency(
        self, earlier: int, *, size: int | None = None
    ) -> ConsistencyProof:
        """Return the proof that the log begins with all of an earlier one.

        Args:
            earlier: The number of entries of the earlier log.
            size: The number of entries of the later log; by default all.

        Raises:
            EntryError: The store has fewer entries.
        """
        leaves = self._leaves(size)
        if not 0 <= earlier <= len(leaves):
            problem = (
                f"{shown(earlier)} is not the size of an earlier log of {len(leaves)}"
            )
            raise EntryError(earlier, f"{problem}: give fewer")
        path = consistency_path(leaves, earlier)
        return ConsistencyProof(earlier, len(leaves), path)

    def _leaves(self, size: int | None) -> list[bytes]:
        with self._database.session(writing=False) as session:
            stored = session.head().position + 1
            if size is not None and not 0 <= size <= stored:
                problem = f"the store holds {stored} entries, not {shown(size)}"
                raise EntryError(size, f"{problem}: ask for fewer")
            with self._sound(session):
                return leaves_of(session, stored if size is None else size)


def checked(events: Iterable[object]) -> list[Event]:
    """Return events as a list.

    Raises:
        EventError: One of them is not an event, or says what cannot be.
    """
    claims = []
    for event in events if isinstance(events, Iterable) else [events]:
        if not isinstance(event, Event):
            problem = "is not an event: append an EventLog, or events"
            raise EventError(event, problem)
        check_sayable(event)
        claims.append(event)
    return claims


def check_whole(log: EventLog, entries: Iterable[Entry], start: int = 0) -> None:
    """Check that entries are all of a log, and no selection of them.

    Args:
        log: The log.
        entries: Those that are about to be written.
        start: The position of the first.

    Raises:
        EntryError: One is at another position; or the log leaves one out that claims
            something else, without which what it outvotes would count.
    """
    remedy = "append the whole log, not what is among() some parties"
    for position, entry in enumerate(entries, start):
        if entry.position != position:
            problem = f"entry {entry.position} stands at place {position} of the log"
            raise EntryError(entry.position, f"{problem}: {remedy}")
    for entry in log.left_out:
        problem = f"entry {entry.position} is not in the selection"
        because = "claims that it outvotes would count"
        raise EntryError(entry.position, f"{problem}, and {because}: {remedy}")


def _check_text(because: object) -> None:
    try:
        if isinstance(because, str) and because.strip() and because.encode():
            return
    except UnicodeEncodeError:
        pass
    problem = f"{shown(because)} is not a reason: give the reason in words"
    raise EntryError(because, problem)


def _told(
    parts: Iterable[Sequence[Entry]], progress: Progress
) -> Iterator[Sequence[Entry]]:
    """Yield parts of a log, and tell after each how many entries they have."""
    done = 0
    for part in parts:
        yield part
        done += len(part)
        progress(done)


def _tell_if_long(done: str, place: str, count: int, begin: float) -> None:
    """Log an operation that took more than a second, with the number of entries."""
    spent = time.monotonic() - begin
    if spent > _LONG:
        _inform("%s: %s %s entries in %.1f s", place, done, count, spent)


def _inform(message: str, *values: object) -> None:
    """Log a slow operation to the logger `bri_timeline`."""
    # The import takes long, and most stores never need it.
    import logging

    logging.getLogger("bri_timeline").info(message, *values)
