"""The shipped contract: every store keeps it, and every defect breaks it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

import pytest
from attrs import evolve
from hypothesis import Phase, settings
from postgres_server import shared

from bri_timeline import Entry, Event, EventLog, Vocabulary
from bri_timeline.errors import BriTimelineError, StaleLogError
from bri_timeline.stores import (
    Head,
    InclusionProof,
    MemoryStore,
    PostgresStore,
    SQLiteStore,
    TreeHead,
)
from bri_timeline.stores._rows import (
    EntryRow,
    Rows,
)
from bri_timeline.stores._session import Session
from bri_timeline.stores._store import checked
from bri_timeline.testing import _searching
from bri_timeline.testing._stores import check_store


@pytest.mark.slow
def test_check_store_passes_memory_store() -> None:
    """The store in memory passes, but for lasting."""
    check_store(lambda _, vocabulary: MemoryStore(vocabulary), lasting=False)


class Own:
    """A store that derives from nothing here, as somebody else might write one."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._kept = MemoryStore(vocabulary)

    def __getattr__(self, name: str) -> object:
        return getattr(self._kept, name)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._kept.close()


@pytest.mark.slow
def test_check_store_passes_a_store_of_ones_own() -> None:
    """What only stores of this library can do is not asked of it."""
    check_store(lambda _, vocabulary: Own(vocabulary), lasting=False)


@pytest.mark.slow
def test_check_store_passes_sqlite_store(tmp_path: Path) -> None:
    """The store in a file passes."""

    def opened(name: str, vocabulary: Vocabulary) -> SQLiteStore:
        return SQLiteStore(tmp_path / name, vocabulary, synchronous="NORMAL")

    check_store(opened)


@pytest.mark.slow
def test_check_store_passes_postgres_store() -> None:
    """The store in PostgreSQL passes."""

    def opened(name: str, vocabulary: Vocabulary) -> PostgresStore:
        schema = f"contract{os.getpid()}_{name}"
        return PostgresStore(shared(), vocabulary, schema=schema)

    few = settings(settings(), max_examples=settings().max_examples // 5)
    settings.register_profile("before", settings())
    settings.register_profile("few", few)
    settings.load_profile("few")
    try:
        check_store(opened)
    finally:
        settings.load_profile("before")


# --- planted defects ----------------------------------------------------------------


class Loses(MemoryStore):
    """Loses the last entry of a log."""

    def append(self, what: object, *, expected: object = None) -> Head:
        """Append all but the last."""
        is_log = isinstance(what, EventLog)
        return super().append(
            EventLog(what[:-1]) if is_log else what, expected=expected
        )


class Reorders(MemoryStore):
    """Writes events in another order."""

    def append(self, what: object, *, expected: object = None) -> Head:
        """Append the last first."""
        what = what[::-1] if isinstance(what, list) else what
        return super().append(what, expected=expected)


def _changed(change: Callable[[Entry], Entry]) -> type[MemoryStore]:
    class Changes(MemoryStore):
        """Reads entries that were written otherwise."""

        def read(self) -> EventLog:
            """Read, and change."""
            return EventLog(map(change, super().read()))

    return Changes


class Doubles(MemoryStore):
    """Writes again what is there already."""

    def append(self, what: object, *, expected: object = None) -> Head:
        """Append events as a log, which leaves nothing out."""
        if isinstance(what, list):
            log = self.read()
            for event in checked(what):
                again = Entry(position=len(log), event=event, known=event.known_day)
                log = EventLog([*log, again])
            what = log
        return super().append(what, expected=expected)


class Halves(MemoryStore):
    """Leaves behind the first half of what is refused."""

    def append(self, what: object, *, expected: object = None) -> Head:
        """Append one by one."""
        if not isinstance(what, list):
            return super().append(what, expected=expected)
        for event in what:
            super().append(event)
        return self.head()


class Swallows(MemoryStore):
    """Leaves out what it cannot keep, and says nothing."""

    def append(self, what: object, *, expected: object = None) -> Head:
        """Append, or not."""
        with suppress(BriTimelineError):
            return super().append(what, expected=expected)
        return self.head()


class Careless(MemoryStore):
    """Takes no notice of what was expected."""

    def append(self, what: object, *, expected: object = None) -> Head:
        """Append anyway."""
        return super().append(what)


class WritesStale(MemoryStore):
    """Writes, and complains then."""

    def append(self, what: object, *, expected: object = None) -> Head:
        """Append, and raise."""
        try:
            return super().append(what, expected=expected)
        except StaleLogError:
            if expected is not None:
                super().append(what)
            raise


class Misnames(MemoryStore):
    """Names a wrong position."""

    def append(self, what: object, *, expected: object = None) -> Head:
        """Append, or name a wrong position."""
        try:
            return super().append(what, expected=expected)
        except StaleLogError as error:
            raise StaleLogError(error.expected, error.found + 1, "no") from None


class Forks(MemoryStore):
    """Takes a log that went another way."""

    def append(self, what: object, *, expected: object = None) -> Head:
        """Append, or drop what differs."""
        if expected is not None:
            return super().append(what, expected=expected)
        try:
            return super().append(what)
        except StaleLogError:
            return self.head()


class FallsBehind(MemoryStore):
    """Returns the head of before."""

    def append(self, what: object, *, expected: object = None) -> Head:
        """Append, and return too early a head."""
        before = self.head()
        super().append(what, expected=expected)
        return before


class Begins(MemoryStore):
    """Begins at the wrong place."""

    def head(self) -> Head:
        """Return a wrong head of nothing."""
        head = super().head()
        return Head(0) if head == Head() else head


class Repeats(MemoryStore):
    """Yields the entry again that was seen last."""

    def follow(self, after: int = -1, **how: float) -> Iterator[Entry]:
        """Follow from one before."""
        return super().follow(max(after - 1, -1), **how)


class Skips(MemoryStore):
    """Leaves out an entry."""

    def follow(self, after: int = -1, **how: float) -> Iterator[Entry]:
        """Follow from one after."""
        news = super().follow(after, **how)
        next(news, None)
        return news


class Trusts(MemoryStore):
    """Verifies anything."""

    def verify(self, head: Head | None = None) -> Head:
        """Verify nothing."""
        return self.head()


class Distrusts(MemoryStore):
    """Returns another head than it verified."""

    def verify(self, head: Head | None = None) -> Head:
        """Verify, and return nothing of use."""
        super().verify(head)
        return Head()


class Forges(MemoryStore):
    """Proves nothing."""

    def prove_inclusion(self, entry: int, **size: int) -> InclusionProof:
        """Return a proof with another leaf."""
        return evolve(super().prove_inclusion(entry), leaf=bytes(32), line=None)


class Keeps(MemoryStore):
    """Erases nothing."""

    def erase(self, entry: int, *, because: str) -> tuple[int, ...]:
        """Do nothing."""
        return ()


class Cuts(MemoryStore):
    """Has another tree after an erasure."""

    cut = False

    def erase(self, entry: int, *, because: str) -> tuple[int, ...]:
        """Erase, and forget the tree."""
        self.cut = True
        return super().erase(entry, because=because)

    def tree_head(self, size: int | None = None) -> TreeHead:
        """Return the tree over all, or over less."""
        return super().tree_head(0 if self.cut else size)


class Unproves(MemoryStore):
    """Has no proof of what was erased."""

    def prove_inclusion(self, entry: int, **size: int) -> InclusionProof:
        """Return a proof, of what is left."""
        proof = super().prove_inclusion(entry)
        return evolve(proof, line=proof.line or b"")


class Lives(MemoryStore):
    """Goes on after it is closed."""

    def close(self) -> None:
        """Do nothing."""


class Hurries(MemoryStore):
    """Appends without a lock: looks where the end is, and writes there later."""

    def append(self, what: object, *, expected: object = None) -> Head:
        """Look, wait, and write only if it was the first."""
        if isinstance(what, Event) and what.what.actor.startswith("writer"):
            import time

            head = self.head()
            time.sleep(0.001)
            with suppress(StaleLogError):
                return super().append(what, expected=head)
            return head
        return super().append(what, expected=expected)


class _Changing:
    """A transaction that changes rows which are written down, if some were erased."""

    def __init__(
        self, session: Session, change: Callable[[EntryRow], EntryRow]
    ) -> None:
        self._session = session
        self._change = change

    def __getattr__(self, name: str) -> object:
        return getattr(self._session, name)

    def insert(self, rows: Rows) -> None:
        """Put entries at the end; only what is copied may have been erased before."""
        if any('"erased":' in line for line in rows.lines):
            changed = map(self._change, map(EntryRow, *rows))
            rows = Rows(*zip(*changed, strict=True))
        self._session.insert(rows)


def _copying(change: Callable[[EntryRow], EntryRow]) -> type[MemoryStore]:
    class Copies(MemoryStore):
        """Holds something else when it is a copy."""

        def __init__(self, vocabulary: Vocabulary) -> None:
            super().__init__(vocabulary)
            session = self._database.session

            @contextmanager
            def changing(*, writing: bool) -> Iterator[_Changing]:
                with session(writing=writing) as one:
                    yield _Changing(one, change)

            self._database.session = changing

    return Copies


DEFECTS: dict[str, tuple[type[MemoryStore], str]] = {
    "loses": (Loses, "read() has "),
    "reorders": (Reorders, "append(events): read() differs at position"),
    "forgets known": (_changed(lambda e: evolve(e, known=None)), "differs at position"),
    "forgets targets": (
        _changed(lambda e: evolve(e, supersedes=None, retracts=None)),
        "differs at position",
    ),
    "forgets reasons": (_changed(lambda e: evolve(e, because=None)), "differs at"),
    "forgets when": (_changed(lambda e: evolve(e, recorded_at=None)), "recorded at"),
    "doubles": (Doubles, "once more: read() has"),
    "halves": (Halves, "after an append() that was refused"),
    "swallows": (Swallows, "takes a payload that its vocabulary does not have"),
    "careless": (Careless, "should raise StaleLogError"),
    "writes stale": (WritesStale, "expected=an earlier position): read() has"),
    "misnames": (Misnames, "the error says that the store is at"),
    "forks": (Forks, "append(a log that went another way) should raise"),
    "falls behind": (FallsBehind, "both should be at"),
    "begins": (Begins, "its position should be -1"),
    "repeats": (Repeats, "once each"),
    "skips": (Skips, "once each"),
    "trusts": (Trusts, "verify(a head that it never had) should raise"),
    "distrusts": (Distrusts, "verify(head) should return the head"),
    "forges": (Forges, "is in the log does not hold"),
    "keeps": (Keeps, ") leaves the words"),
    "cuts": (Cuts, "changes the head"),
    "unproves": (Unproves, "takes the proof with it"),
    "lives": (Lives, "read() after close() should raise StoreError"),
    "rewrites": (
        _copying(lambda r: r._replace(line=r.line.replace("corrected", "right"))),
        "copy(): read() differs",
    ),
    "reseals": (
        _copying(lambda r: r._replace(digest=bytes(32))),
        "copy() does not give the other the same head",
    ),
    "copies late": (
        _copying(lambda r: r._replace(line=r.line.replace('_at":"2', '_at":"1'))),
        "copy() changes when entries were recorded",
    ),
    "hurries": (Hurries, "4 threads appended 8 events each"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", DEFECTS)
def test_check_store_finds_each_planted_defect(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each planted defect is found, and the message says what is wrong."""
    # To show the smallest log takes most of the time, and is not asked here.
    monkeypatch.setattr(_searching, "_PHASES", [Phase.generate])
    kind, message = DEFECTS[name]
    with pytest.raises(AssertionError) as caught:
        check_store(lambda _, vocabulary: kind(vocabulary), lasting=False)

    assert message in str(caught.value)


def test_check_store_finds_a_store_that_does_not_last() -> None:
    """A store that is empty when opened again is found."""
    with pytest.raises(AssertionError, match="opened again: read"):
        check_store(lambda _, vocabulary: MemoryStore(vocabulary))
