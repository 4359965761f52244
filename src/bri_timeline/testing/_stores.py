"""The contract of a store: it keeps all of a log, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, suppress
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Protocol

from attrs import frozen
from hypothesis import strategies as st

from bri_timeline import Entry, Event, EventLog, Vocabulary
from bri_timeline.errors import BriTimelineError, StaleLogError, StoreError
from bri_timeline.stores import (
    Head,
    InclusionProof,
    SQLiteStore,
    Store,
    TreeHead,
    backup,
    copy,
)
from bri_timeline.testing._logs import REPORTS, Reported, events, logs
from bri_timeline.testing._searching import fail, log_lines, searching


__all__ = ["StoreLike", "check_store"]

_WRITERS = 4
_APPENDS = 8


class StoreLike(Protocol):
    """The methods of a store."""

    def append(
        self,
        what: EventLog | Event | Iterable[Event],
        *,
        expected: int | Head | None = None,
    ) -> Head:
        """Append the entries that are new."""
        ...

    def close(self) -> None:
        """Close the store."""
        ...

    def erase(self, entry: Entry | int, *, because: str) -> tuple[int, ...]:
        """Erase the words of an entry, and return the positions that repeat them."""
        ...

    def follow(self, after: int, *, timeout: float) -> Iterator[Entry]:
        """Yield the entries after a position."""
        ...

    def head(self) -> Head:
        """Return the position and digest of the last entry."""
        ...

    def prove_inclusion(self, entry: int) -> InclusionProof:
        """Return the proof that an entry is in the log."""
        ...

    def read(self) -> EventLog:
        """Return the log."""
        ...

    def tree_head(self) -> TreeHead:
        """Return the head of the tree over all entries."""
        ...

    def verify(self, head: Head) -> Head:
        """Check that the store is as it was written."""
        ...


Opener = Callable[[str, Vocabulary], AbstractContextManager[StoreLike]]


@frozen
class _Stranger:
    """A payload that no vocabulary has."""


_SPOILT = Event(_Stranger(), when="2016")


@frozen
class _Story:
    """The steps for one store.

    Attributes:
        log: The log to append first.
        more: The events to append then.
        place: The position to look at, or the last one of a shorter log.
    """

    log: EventLog
    more: list[Event]
    place: int


def check_store(open_store: Opener, *, lasting: bool = True) -> None:
    """Check that a store keeps the contract of all stores.

    - *append*: the store reads what was appended, entry by entry; repeating it changes
      nothing; of plain events only new ones are written; a refused append leaves
      nothing behind; every entry gets the instant of writing;
    - *stale*: nothing is written at another position than was expected, or from a log
      that does not extend the store;
    - *follow*: every entry after a position, once, in order;
    - *erase*: the words of the entry are gone, and what it corrects or retracts stays;
      so do all other entries, the head and proofs, also when another entry corrects it;
    - *backup* and *copy*, for subclasses of `Store`: a SQLite file, and another store
      of the same kind, have the same entries, head and instants; a copy also after
      more was written and erased;
    - *trust*: a true head is verified, a false one is refused;
    - *threads*: several threads may append at once;
    - *opened again*: everything is there;
    - *closed*: everything is refused.

    Args:
        open_store: Opens the store of a name for the payload classes of a vocabulary;
            makes a new one if the name is new. Each name is a separate store.
        lasting: The store keeps its entries when it is closed.

    Raises:
        AssertionError: The contract is broken; the message has the log.
    """
    numbers = count()
    vocabulary = REPORTS

    def check(story: _Story) -> None:
        name = f"check{next(numbers)}"
        with open_store(name, vocabulary) as store:
            model = _appended(store, story)
            _check_stale(store, model)
            _check_followed(store, model, story.place)
            _check_trust(store, model)
            model = _erased(store, model, story.place)
        _check_closed(store)
        if lasting:
            # A new object: nothing can come from the memory of the first one.
            with open_store(name, vocabulary) as again:
                _compare("opened again: read()", again.read(), model)

    strategy = events(vocabulary)
    stories = st.builds(
        _Story, logs(strategy), st.lists(strategy, max_size=3), st.integers(0, 5)
    )
    searching(stories, check)
    with open_store(f"check{next(numbers)}", vocabulary) as shared:
        _check_threads(shared)
        with open_store(f"check{next(numbers)}", vocabulary) as second_store:
            _check_copies(shared, second_store)


def _appended(store: StoreLike, story: _Story) -> EventLog:
    """Append to a new store, and return the log that it should hold."""
    _compare("a new store: read()", store.read(), EventLog())
    if store.head().position != -1:
        fail(f"a new store: head() is {store.head()}, and its position should be -1")
    log = story.log
    _step(store, log, log, "append(log)")
    _step(store, log, log, "append(log) once more")
    model = log.extend(story.more)
    _step(store, story.more, model, "append(events)")
    _step(store, story.more[::-1], model, "append(events) once more")
    with suppress(BriTimelineError):
        # The second event is refused, and must take the first one with it.
        store.append([Event(Reported("new", 1, frozenset()), when="1900"), _SPOILT])
        fail("append() takes a payload that its vocabulary does not have")
    _compare("after an append() that was refused: read()", store.read(), model)
    model = store.read().append(Event(Reported("grown", 1, frozenset()), when="1901"))
    _step(store, model, model, "append() of what read() gave and grew")
    _check_instants(store.read())
    return model


def _step(
    store: StoreLike, what: EventLog | list[Event], model: EventLog, how: str
) -> None:
    head = store.append(what)
    _compare(f"{how}: read()", store.read(), model)
    if head != store.head() or head.position != len(model) - 1:
        problem = f"{how} returned {head}, and head() is {store.head()}"
        fail(f"{problem}: both should be at {len(model) - 1}", *log_lines(model))


def _compare(how: str, found: EventLog, model: EventLog) -> None:
    """Check that two logs are equal, entry by entry."""
    if found == model:
        return
    pairs = zip(found, model, strict=False)  # one may be shorter
    place = next((p for p, (a, b) in enumerate(pairs) if a != b), None)
    if place is None:
        problem = f"{how} has {len(found)} entries, and should have {len(model)}"
        fail(problem, *log_lines(model))
    problem = f"{how} differs at position {place}"
    is_, should = f"is: {found[place]!r}", f"should be: {model[place]!r}"
    fail(problem, is_, should, *log_lines(model))


def _check_instants(log: EventLog) -> None:
    for entry in log:
        instant = entry.recorded_at
        if instant is None or instant.utcoffset() != timedelta():
            problem = f"entry {entry.position} was recorded at {instant}"
            fail(f"{problem}: a store records the instant in UTC", *log_lines(log))


def _check_stale(store: StoreLike, model: EventLog) -> None:
    event = Event(Reported("other", 2, frozenset()), when="1902")
    head = store.head()
    tries: dict[str, Callable[[], object]] = {
        "append(event, expected=an earlier position)": lambda: store.append(
            event, expected=head.position - 1
        ),
        "append(event, expected=another head)": lambda: store.append(
            event, expected=Head(head.position, bytes(32))
        ),
        "append(a log that went another way)": lambda: store.append(
            EventLog().append(event)
        ),
    }
    for how, attempt in tries.items():
        try:
            attempt()
        except StaleLogError as error:
            if error.found != head.position:
                problem = f"{how}: the error says that the store is at {error.found}"
                fail(f"{problem}, and it is at {head.position}", *log_lines(model))
        else:
            fail(f"{how} should raise StaleLogError", *log_lines(model))
        _compare(f"{how}: read()", store.read(), model)


def _check_followed(store: StoreLike, model: EventLog, place: int) -> None:
    for after in {-1, min(place, len(model) - 1), len(model) - 1}:
        entries = list(store.follow(after, timeout=0.0))
        if entries != list(model[after + 1 :]):
            places = [entry.position for entry in entries]
            problem = f"follow(after={after}) yields the entries {places}"
            should = f"and should yield {after + 1} to {len(model) - 1}, once each"
            fail(f"{problem}, {should}", *log_lines(model))


def _check_trust(store: StoreLike, model: EventLog) -> None:
    head = store.head()
    if store.verify(head) != head:
        fail("verify(head) should return the head", *log_lines(model))
    # One with another digest, one that is ahead of the store.
    for false in (Head(head.position, bytes(32)), Head(head.position + 1, head.digest)):
        try:
            store.verify(false)
        except StoreError:
            continue
        fail("verify(a head that it never had) should raise", *log_lines(model))
    tree = store.tree_head()
    for position in (0, len(model) - 1):
        if tree.size != len(model) or not store.prove_inclusion(position).holds(tree):
            problem = f"the proof that entry {position} is in the log does not hold"
            fail(problem, *log_lines(model))


def _erased(store: StoreLike, model: EventLog, place: int) -> EventLog:
    """Erase an entry, and return the log that is left."""
    position = min(place, len(model) - 1)
    head, tree = store.head(), store.tree_head()
    store.erase(position, because="a check")
    entries, erased = list(model), store.read()[position].erased
    if erased is None:
        fail(f"erase({position}) leaves the words", *log_lines(model))
    entries[position] = entries[position].without_words(erased)
    log = EventLog(entries)
    _compare(f"erase({position}): read()", store.read(), log)
    # Heads cover digests of content, not the content, so erasing keeps them.
    if (head, tree) != (store.head(), store.tree_head()) or store.verify(head) != head:
        fail(f"erase({position}) changes the head", *log_lines(model))
    if not store.prove_inclusion(position).holds(tree):
        fail(f"erase({position}) takes the proof with it", *log_lines(model))
    return log


def _check_copies(store: StoreLike, other: StoreLike) -> None:
    """Check that a store with corrections and erasures can be saved and copied."""
    if not (isinstance(store, Store) and isinstance(other, Store)):
        return
    event = Event(Reported("corrected", 1, frozenset()), when="1903")
    store.append(store.read().append(event, supersedes=1).retract(2, because="wrong"))
    store.erase(0, because="a check")
    store.erase(1, because="a check")
    with TemporaryDirectory() as folder:
        path = Path(folder) / "backup.db"
        head = backup(store, path)
        with SQLiteStore(path, REPORTS) as saved:
            _check_equal("backup()", head, store, saved)
    for step in ("copy()", "copy() once more"):
        _check_equal(step, copy(store, other), store, other)
        store.append(Event(Reported("late", 2, frozenset()), when="1904"))
        store.erase(3, because="a check")


def _check_equal(step: str, head: Head, store: Store, other: Store) -> None:
    log, copied = store.read(), other.read()
    _compare(f"{step}: read()", copied, log)
    if not head == other.head() == store.head():
        fail(f"{step} does not give the other the same head", *log_lines(log))
    if _instants(copied) != _instants(log):
        fail(f"{step} changes when entries were recorded", *log_lines(log))


def _instants(log: EventLog) -> list[datetime | None]:
    return [entry.recorded_at for entry in log]


def _check_closed(store: StoreLike) -> None:
    try:
        store.read()
    except StoreError:
        store.close()
        return
    fail("read() after close() should raise StoreError")


def _check_threads(store: StoreLike) -> None:
    def write(writer: int) -> None:
        for number in range(_APPENDS):
            what = Reported(f"writer {writer}", number, frozenset())
            store.append(Event(what, when="2016"))

    threads = [Thread(target=write, args=[writer]) for writer in range(_WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    log = store.read()
    expected = _WRITERS * _APPENDS
    # Each entry is counted once more by content: none may be lost or doubled.
    if not expected == len(log) == len({entry.event for entry in log}):
        problem = f"{_WRITERS} threads appended {_APPENDS} events each"
        fail(f"{problem}, and the log has {len(log)}", *log_lines(log))
