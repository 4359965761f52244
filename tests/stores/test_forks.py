"""Stores and forks: what was acknowledged is kept, whoever ends first, and how."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import select
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from itertools import count, product
from pathlib import Path

import pytest
from no_unix import run
from processes import forked, joined
from store_worlds import START, WORDS, fact, facts, ticking

from bri_timeline import _lock
from bri_timeline._lock import FileLock, ForkAware
from bri_timeline.errors import ReplacedStoreError, StoreError
from bri_timeline.stores import MemoryStore, SQLiteStore, _sqlite_file


# From Python 3.12 on a fork of a process with threads is warned of; here it is meant.
pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")

PATIENCE = 60.0
# Who appends through which store, how the parent ends, and who else takes part.
SHAPES = [
    *product(["inherited", "own"], ["closes", "exits", "killed"], ["nobody"]),
    ("inherited", "closes", "threads"),
    ("own", "killed", "third"),
]


def opened(path: Path, **options: object) -> SQLiteStore:
    """Open a store in a file."""
    return SQLiteStore(path, WORDS, clock=ticking(), **options)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where a file can be made."""
    return tmp_path / "log.db"


class Pipe:
    """A pipe between processes, of which nobody waits for ever."""

    def __init__(self) -> None:
        self.read_end, self.write_end = os.pipe()

    def tell(self, word: str = "go") -> None:
        """Write a word."""
        os.write(self.write_end, f"{word}\n".encode())

    def only_read(self) -> None:
        """Close the end to write to."""
        os.close(self.write_end)

    def only_write(self) -> None:
        """Close the end to read from."""
        os.close(self.read_end)

    def heard(self, *, until_end: bool = False) -> list[str]:
        """Return words: some, or all until every writer has closed the pipe."""
        text = b""
        end = time.monotonic() + PATIENCE
        while until_end or not text:
            ready, _, _ = select.select(
                [self.read_end], [], [], max(0.0, end - time.monotonic())
            )
            if not ready:
                pytest.fail(f"hangs; so far: {text!r}")
            some = os.read(self.read_end, 1 << 16)
            if not some:
                break
            text += some
        return text.decode().split()

    def close(self) -> None:
        """Close both ends, as far as they are open."""
        for end in (self.read_end, self.write_end):
            with suppress(OSError):
                os.close(end)


@pytest.fixture
def pipes() -> Iterator[Callable[[], Pipe]]:
    """Return what makes pipes, which are closed in the end."""
    made: list[Pipe] = []

    def pipe() -> Pipe:
        made.append(Pipe())
        return made[-1]

    yield pipe
    for one in made:
        one.close()


def append(store: SQLiteStore, said: Pipe, *names: str) -> None:
    """Append events one by one, and say of each that it was acknowledged."""
    for name in names:
        store.append(fact(name))
        said.tell(name)


def numbered(name: str, count: int) -> list[str]:
    """Return so many names."""
    return [f"{name}{number}" for number in range(count)]


def one_run(path: Path, shape: tuple[str, str, str], pipe: Callable[[], Pipe]) -> None:
    """Let a parent and its child append, and look for what they were promised."""
    whose, end, others = shape
    said, appended, parent_lives = pipe(), pipe(), pipe()

    def child(inherited: SQLiteStore) -> None:
        os.close(parent_lives.write_end)
        store = inherited if whose == "inherited" else opened(path)
        append(store, said, *numbered("child", 3))
        appended.tell()
        parent_lives.heard(until_end=True)
        append(store, said, *numbered("orphan", 4))
        os._exit(0)  # unclosed

    def parent() -> None:
        said.only_write()
        store = opened(path)
        append(store, said, *numbered("parent", 3))
        threads = []
        if others == "threads":
            threads = [
                threading.Thread(target=append, args=[store, said, *names])
                for names in (numbered("left", 20), numbered("right", 20))
            ]
            for thread in threads:
                thread.start()
        forked(lambda: child(store))
        append(store, said, *numbered("later", 2))
        appended.heard()
        for thread in threads:
            thread.join()
        if end == "closes":
            store.close()
        elif end == "killed":
            os.kill(os.getpid(), signal.SIGKILL)

    processes = [forked(parent)]
    if others == "third":

        def third() -> None:
            said.only_write()
            parent_lives.close()
            with opened(path) as store:
                append(store, said, *numbered("third", 12))

        processes.append(forked(third))
    os.close(parent_lives.write_end)
    said.only_read()
    acknowledged = said.heard(until_end=True)
    codes = [os.waitpid(process, 0)[1] for process in processes]

    assert [signal.SIGKILL if end == "killed" else 0, 0][: len(codes)] == codes
    with opened(path, timeout=PATIENCE) as store:
        log = store.read()
        found = sorted(entry.claim.what.value for entry in log)

        assert sorted(acknowledged) == found
        assert len(found) - 1 == store.verify().position
    expected = 12 + {"threads": 40, "third": 12}.get(others, 0)
    assert expected == len(found)


@pytest.mark.full
@pytest.mark.parametrize("shape", SHAPES, ids="-".join)
def test_append_after_a_fork_keeps_what_it_acknowledged(
    tmp_path: Path,
    shape: tuple[str, str, str],
    pipes: Callable[[], Pipe],
    trials: Callable[[int], int],
) -> None:
    """Parent and child both append; the parent ends first, and nothing is lost."""
    for number in range(trials(50, share=30)):
        one_run(tmp_path / f"{number}.db", shape, pipes)


def test_multiprocessing_with_fork_shares_a_store(path: Path) -> None:
    """Workers of a pool append through the store that they inherited."""
    global _SHARED
    with opened(path, timeout=PATIENCE) as store:
        _SHARED = store
        store.append(fact("parent"))
        with multiprocessing.get_context("fork").Pool(3) as pool:
            done = pool.map_async(_append_as_a_worker, range(60), chunksize=5)
            store.append(fact("meanwhile"))
            names = done.get(PATIENCE)

        assert {*names, "parent", "meanwhile"} == {
            entry.claim.what.value for entry in store.read()
        }
        assert 61 == store.verify().position


_SHARED: SQLiteStore


def _append_as_a_worker(number: int) -> str:
    _SHARED.append(fact(str(number)))
    return str(number)


def _descriptors(path: Path) -> list[str]:
    """Return the files of a store that this process has open."""
    found = []
    for one in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            name = str(one.readlink())
            if name.startswith(str(path)):
                found.append(name)
    return found


def test_fork_finds_no_connection_and_no_lock_open(path: Path) -> None:
    """What is open is closed before a fork, also what an error keeps; then reopened."""
    with opened(path) as store, opened(path) as other:
        head = store.append(facts(600))
        kept = []

        def stop_in_the_middle() -> None:
            with store._database.session(writing=False) as session:
                kept.append(session.stored(-1))
                next(kept[0])
                raise StoreError(str(path), "stops")

        with pytest.raises(StoreError, match="stops"):
            stop_in_the_middle()

        def work() -> None:
            assert [] == _descriptors(path)
            assert head == store.head() == other.head()
            assert [] != _descriptors(path)

        joined(forked(work))

        assert [] == _descriptors(path)
        assert head == store.verify() == other.verify()


def test_fork_of_a_closed_store_leaves_it_closed(path: Path) -> None:
    """A store that was closed, on either side, says so."""
    store = opened(path)

    def work() -> None:
        store.close()
        store.close()
        refused()

    def refused() -> None:
        with pytest.raises(StoreError, match="is closed"):
            store.head()

    joined(forked(work))

    assert 0 == store.append(fact("a")).position
    joined(forked(store.close))
    store.close()
    joined(forked(refused))


def test_close_after_a_fork_puts_what_a_child_left_into_the_file(path: Path) -> None:
    """The parent closes last, and the file alone has what the child wrote."""
    store = opened(path)

    def work() -> None:
        store.append(facts(3))
        os._exit(0)  # unclosed

    joined(forked(work))
    assert Path(f"{path}-wal").exists()
    store.close()
    store.close()

    assert {path, Path(f"{path}-lock")} == {*path.parent.iterdir()}
    with opened(path) as other:
        assert 2 == other.verify().position


@pytest.mark.parametrize("whose", ["inherited", "own"])
def test_fork_amid_an_append_keeps_the_child_from_the_file(
    path: Path, whose: str
) -> None:
    """The parent's append succeeds; the child is told why it cannot use the file."""
    children: list[int] = []
    store: SQLiteStore

    def clock() -> datetime:
        process = os.fork()
        if process:
            children.append(process)
            return START
        code = 1
        try:
            for ask in (
                (lambda: opened(path)) if whose == "own" else store.head,
                lambda: store.append(fact("child")),
            ):
                with pytest.raises(StoreError, match=r"out of reach here: fork while"):
                    ask()
            store.close()
            code = 0
        finally:
            os._exit(code)

    with SQLiteStore(path, WORDS, clock=clock) as store:
        assert 0 == store.append(fact("parent")).position
        joined(*children)
        assert 0 == store.verify().position
    with opened(path) as store:
        assert 1 == store.append(fact("b")).position


def test_fork_amid_an_append_does_not_go_on_in_the_child(path: Path) -> None:
    """The child that comes out of the clock of an append writes nothing, and ends."""
    children: list[int] = []

    def clock() -> datetime:
        children.append(os.fork())
        return START

    with SQLiteStore(path, WORDS, clock=clock) as store:
        here = os.getpid()
        try:
            store.append(facts(2))
        except StoreError as error:
            if os.getpid() != here:
                os._exit(0 if "out of reach here" in str(error) else 1)
            raise
        finally:
            if os.getpid() != here:
                os._exit(2)
        joined(*children)

        assert 1 == store.verify().position


def test_fork_amid_a_read_does_not_go_on_in_the_child(path: Path) -> None:
    """The child that was forked while entries are read is told so; the parent reads."""
    with opened(path) as store:
        store.append(facts(600))
        here = os.getpid()
        with store._database.session(writing=False) as session:
            stream = session.stored(-1)
            next(stream)
            child = os.fork()
            if not child:
                try:
                    list(stream)
                except StoreError as error:
                    os._exit(0 if "out of reach here" in str(error) else 1)
                os._exit(2)
            rest = list(stream)

        assert here == os.getpid()
        assert 599 == len(rest)
        joined(child)
        assert 599 == store.verify().position


def test_fork_between_entries_of_follow_works(path: Path) -> None:
    """Between two entries nothing is open: parent and child each read all of them."""
    with opened(path) as store:
        store.append(facts(10))
        news = store.follow(timeout=0)
        first = next(news)

        def work() -> None:
            assert 9 == len(list(news))
            assert 10 == store.append(fact("child")).position

        joined(forked(work))

        assert [*range(11)] == [first.position, *(entry.position for entry in news)]
        assert 10 == store.verify().position


def test_fork_does_not_wait_for_ever_for_another_thread(path: Path) -> None:
    """A thread that stays in a transaction: the fork goes on, the child is told."""
    with opened(path, timeout=0.05) as store:
        store.append(fact("a"))
        started, done = threading.Event(), threading.Event()

        def read() -> None:
            with store._database.session(writing=False) as session:
                started.set()
                done.wait(PATIENCE)
                assert 0 == session.head().position

        thread = threading.Thread(target=read)
        thread.start()
        started.wait(PATIENCE)

        def work() -> None:
            with pytest.raises(StoreError, match="out of reach here"):
                store.head()
            with pytest.raises(StoreError, match="out of reach here"):
                opened(path)

        joined(forked(work))
        done.set()
        thread.join()

        assert 1 == store.append(fact("b")).position


@pytest.mark.slow
def test_fork_amid_the_append_of_another_thread_leaves_memory_usable() -> None:
    """A child has whole appends only, and does not wait for a thread it has not."""
    done = threading.Event()
    with MemoryStore(WORDS) as store:

        def write() -> None:
            for number in count():
                store.append([fact(f"{number}"), fact(f"{number}+")])
                if done.is_set():
                    return

        def work() -> None:
            signal.alarm(30)
            before = len(store.read())
            assert 0 == before % 2
            assert before == store.append(fact("child")).position
            store.verify()

        thread = threading.Thread(target=write)
        thread.start()
        joined(*(forked(work) for _ in range(20)))
        done.set()
        thread.join()


def test_fork_of_which_python_is_not_told_keeps_the_child_from_the_file(
    path: Path,
) -> None:
    """A server in C may fork so: the child is told, and the parent loses nothing."""
    with opened(path) as store:
        store.append(fact("a"))
        process = ctypes.PyDLL(None).fork()
        if not process:
            code = 1
            try:
                for ask in (store.head, lambda: opened(path)):
                    with pytest.raises(StoreError, match="out of reach here"):
                        ask()
                store.close()
                with opened(path.with_name("other.db")) as other:
                    other.append(fact("b"))
                code = 0
            finally:
                os._exit(code)
        joined(process)

        assert 1 == store.append(fact("b")).position
        assert 1 == store.verify().position


@pytest.mark.slow
def test_forks_of_several_threads_at_once_end(path: Path) -> None:
    """Threads that fork while others append wait for each other, and not for ever."""
    other = path.with_name("other.db")
    with opened(path) as store, opened(other) as second:
        failures: list[object] = []

        def fork(number: int) -> None:
            try:
                for turn in range(4):
                    name = f"{number}-{turn}"
                    joined(forked(lambda name=name: store.append(fact(name))))
                    second.append(fact(name))
            except BaseException as error:
                failures.append(error)

        threads = [threading.Thread(target=fork, args=[n]) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)

        assert [] == failures
        assert 15 == store.verify().position == second.verify().position


def test_a_lock_ends_with_its_process_though_a_child_lives(path: Path) -> None:
    """A child that is forked while the lock is held does not keep it."""
    opened(path).close()
    receive, send = os.pipe()

    def work() -> None:
        with FileLock(Path(f"{path}-lock")).held("x", 1.0):
            os.close(send)
            forked(lambda: os.read(receive, 1))
            os.kill(os.getpid(), signal.SIGKILL)

    os.waitpid(forked(work), 0)
    with opened(path, timeout=0.5) as store:
        assert 0 == store.append(fact("a")).position
    os.close(receive)
    os.close(send)


def test_a_lock_stays_with_the_parent_when_a_child_ends(path: Path) -> None:
    """What the child closes, or goes on to the end of, does not free the lock."""
    lock, other = FileLock(path), FileLock(path)
    with lock.held("x", 1.0):
        joined(forked(lambda: None))
        child = os.fork()
        if child:
            joined(child)
            with pytest.raises(StoreError, match="locked by another writer"):
                other.held("x", 0.0).__enter__()
    if not child:
        os._exit(0)
    with other.held("x", 0.0):
        pass


def test_a_lock_that_was_left_is_not_given_back(path: Path) -> None:
    """Who was forked while the lock was held comes to the end without it."""
    lock, other = FileLock(path), FileLock(path)
    with lock.held("x", 1.0):
        lock.leave()
        with other.held("x", 0.0):
            pass
    with lock.held("x", 0.0):
        pass


def test_a_store_that_was_replaced_is_not_opened_again(path: Path) -> None:
    """After a fork a file that somebody moved or replaced is not taken for the old."""
    with opened(path) as store:
        store.append(facts(2))
        joined(forked(lambda: None))
        moved = path.rename(path.with_name("moved.db"))
        for _ in range(2):
            with pytest.raises(ReplacedStoreError, match="is not where it was"):
                store.append(fact("x"))
            assert not path.exists()
        moved.rename(path)
        assert 2 == store.append(fact("x")).position


def test_dropped_stores_release_their_files(path: Path) -> None:
    """A store that nobody has any more is closed, with the file of its lock."""
    for number in range(5):
        store = opened(path)
        store.append(fact(str(number)))
        del store

    assert [] == _descriptors(path)
    assert not Path(f"{path}-wal").exists()


def test_a_store_that_is_dropped_in_use_waits_for_its_end(path: Path) -> None:
    """Whoever uses the connection at that moment is not interrupted."""
    store = opened(path)
    file = store._database.file
    with file.used():
        thread = threading.Thread(target=file.drop)
        thread.start()
        thread.join()
        assert 0 == file.connection.execute("SELECT count(*) FROM topic").fetchone()[0]
    store.close()


class Told(ForkAware):
    """A resource that notes what it is told."""

    def __init__(self, *, is_busy: bool = False) -> None:
        super().__init__()
        self._is_busy = is_busy
        self.told: list[str] = []

    def rest(self) -> bool:
        """Note it."""
        self.told.append("rest")
        return not self._is_busy

    def wake(self) -> None:
        """Note it."""
        self.told.append("wake")

    def leave(self) -> None:
        """Note it."""
        self.told.append("leave")


def test_resources_are_told_of_a_fork_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever was put to rest is woken, on both sides; all leave in the child."""
    monkeypatch.delattr(os, "register_at_fork")
    forks = _lock._Forks()
    monkeypatch.setattr(_lock, "_FORKS", forks)
    idle, busy = Told(), Told(is_busy=True)
    Told()  # nobody has it any more
    forks._before()
    forks._after()
    forks._before()
    forks._in_child()

    assert ["rest", "wake"] * 2 + ["leave"] == idle.told
    assert ["rest"] * 2 + ["leave"] == busy.told
    monkeypatch.setattr(os, "getpid", lambda: -1)
    ForkAware.leave_parent()
    ForkAware.leave_parent()

    assert "leave" == busy.told.pop()
    assert 3 == len(busy.told)


def test_a_connection_that_is_left_is_out_of_reach(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a child does in the midst of its parent's read, done in one process."""
    monkeypatch.setattr(_sqlite_file, "_INHERITED", set())
    with opened(path) as store:
        store.append(facts(600))
        theirs = store._database.file.connection

        def read() -> None:
            with store._database.session(writing=False) as session:
                for _ in session.stored(-1):
                    store._database.file.leave()

        with pytest.raises(StoreError, match="out of reach here"):
            read()
        assert theirs.in_transaction
        with pytest.raises(StoreError, match="out of reach here"):
            store.head()
        store._database.file.leave()
    theirs.close()
    missing = opened(path.with_name("missing.db"))
    for file in path.parent.glob("missing.db*"):
        file.unlink()
    theirs = missing._database.file.connection
    missing._database.file.leave()
    theirs.close()


@pytest.mark.slow
@pytest.mark.parametrize("system", ["windows", "bare"])
def test_stores_keep_the_contract_without_fcntl(tmp_path: Path, system: str) -> None:
    """Without `fcntl` and `O_CLOEXEC`: with the locks of Windows, and without any."""
    done = run(system, tmp_path)

    assert ("kept\n", 0) == (done.stdout, done.returncode), done.stderr
