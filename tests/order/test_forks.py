"""A child of a fork asks a log that a thread of its parent was asking or growing."""

from __future__ import annotations

import gc
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date

import pytest
from log_strategies import Fact, everything, last_value
from processes import forked, joined

from bri_timeline import Event, EventLog, Source, _process, dyads, projection
from bri_timeline._process import uncollected
from bri_timeline.measures import DistinctCount, count


# From Python 3.12 on a fork of a process with threads is warned of; here it is meant.
pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")

PARTIES = frozenset({"AAA", "BBB"})
LAST = "2030-01-01"


def made(size: int) -> EventLog:
    """Return a log of claims, of which every tenth is corrected."""
    log = EventLog.of(
        *(
            Event(Fact(str(n % 7), PARTIES), when=f"{1000 + n}", id=f"e{n}")
            for n in range(size)
        )
    )
    for n in range(0, size, 10):
        again = Event(Fact("new", PARTIES), when=f"{1000 + n}")
        log = log.append(again, supersedes=n)
    return log


def answers(log: EventLog) -> list[object]:
    """Ask a log, and what is appended to it."""
    witness = Event(Fact("2", PARTIES), when="1002", id="e2", cite=Source("Daily"))
    found: list[object] = []
    for one in (log, log.append(witness), log.append(witness).retract(3, because="no")):
        view = one.as_of(LAST)
        found += [view.project(everything), view.project(last_value), view.set_aside]
        found += [one.as_of("1200-01-01").project(count()), len(one)]
        found += [view.project_each(count(), by=dyads), view.disputes]
    return found


@contextmanager
def at_work(*work: Callable[[], object]) -> Iterator[None]:
    """Let threads do some work again and again."""
    done = threading.Event()

    def again(one: Callable[[], object]) -> None:
        while not done.is_set():
            one()

    threads = [threading.Thread(target=again, args=(one,)) for one in work]
    for thread in threads:
        thread.start()
    yield
    done.set()
    for thread in threads:
        thread.join()


@pytest.mark.full
def test_a_child_asks_what_a_thread_was_asking(trials: Callable[..., int]) -> None:
    """Each of 50 children answers as a log that nobody asked before."""
    log = made(2_000)
    expected = answers(EventLog(log))

    def ask() -> None:
        log.as_of(LAST).project(projection(initial=int)(lambda seen, _event: seen + 1))

    def grow() -> None:
        log.append(Event(Fact("more"), when=date(2016, 1, 1))).as_of(LAST).project(
            count()
        )

    def work() -> None:
        signal.alarm(60)  # who waits for ever is killed, and has not done its work

        assert expected == answers(log)

    with at_work(ask, grow):
        for _ in range(trials(50)):
            joined(forked(work))


@pytest.mark.parametrize("held", [False, True])
def test_what_a_thread_left_half_written_is_made_anew(
    monkeypatch: pytest.MonkeyPatch, held: bool
) -> None:
    """Columns, indexes, clusters, orders and states; what nobody held stays."""
    log = made(200)
    expected = answers(EventLog(log))
    log.as_of(LAST).project(everything)
    cache, journal = log._cache, log._cache.journal
    entries, begun, done = journal.entries, threading.Event(), threading.Event()

    def leave() -> None:
        with journal.lock:
            cache._busy = True
            for order in cache._orders.values():
                order.sequences.clear()
                order.catch_up()
            journal.clusters.clear()
            journal.identities._by_key.clear()
            entries.events.append(Event(Fact("half"), when="2015"))
            begun.set()
            done.wait(60)

    thread = threading.Thread(target=leave)
    if held:
        thread.start()
        begun.wait(60)
    monkeypatch.setattr(_process, "getpid", lambda: 1)
    try:
        assert expected == answers(log)
        assert held == (entries is not log._cache.journal.entries)
    finally:
        done.set()
    if held:
        thread.join()


def test_a_projection_may_fork() -> None:
    """The thread that forks holds the lock, and goes on with it in the child."""
    log = made(50)

    @projection(initial=int)
    def forking(seen: int, _event: Event) -> int:
        if not seen:
            joined(forked(lambda: None))
        return seen + 1

    assert 50 == log.as_of(LAST).project(forking)


def test_what_the_thread_that_forks_holds_is_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing is made anew, and what it holds is released where it was taken."""
    log = made(50)
    journal, before = log._cache.journal, log._cache.journal.entries
    with journal.lock:
        monkeypatch.setattr(_process, "getpid", lambda: 1)

        assert answers(EventLog(log)) == answers(log)
    assert before is journal.entries


def test_threads_of_a_child_share_one_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks first; what it guards is mended once."""
    lock, mended = _process.ProcessLock(), list[int]()
    begun, done = threading.Event(), threading.Event()

    def hold() -> None:
        with lock.here(lambda: None):
            begun.set()
            done.wait(60)

    thread = threading.Thread(target=hold)
    thread.start()
    begun.wait(60)
    monkeypatch.setattr(_process, "getpid", lambda: 1)
    first = lock.here(lambda: mended.append(1))

    assert first is lock._inherited(lambda: mended.append(2))
    assert first is lock.here(lambda: mended.append(3))
    assert [1] == mended
    done.set()
    thread.join()


def test_a_count_that_a_thread_was_adding_to_can_be_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its table is written in one step, so that it is whole."""
    seen = DistinctCount("abc")
    begun, done = threading.Event(), threading.Event()

    def hold() -> None:
        with seen._table.lock:
            begun.set()
            done.wait(60)

    thread = threading.Thread(target=hold)
    thread.start()
    begun.wait(60)
    monkeypatch.setattr(_process, "getpid", lambda: 1)

    assert frozenset("abc") == seen.seen
    assert frozenset("abcd") == seen.including("d").seen
    done.set()
    thread.join()


@pytest.mark.parametrize("is_on", [False, True])
def test_a_pause_of_another_thread_ends_in_the_child(
    monkeypatch: pytest.MonkeyPatch, is_on: bool
) -> None:
    """Collection goes on after the next pause, unless the program had disabled it."""
    try:
        if not is_on:
            gc.disable()
        pause = uncollected()
        pause.__enter__()
        monkeypatch.setattr(_process, "getpid", lambda: 1)
        with uncollected():
            assert not gc.isenabled()
        assert is_on == gc.isenabled()
    finally:
        _process._PAUSES.clear()
        gc.enable()
