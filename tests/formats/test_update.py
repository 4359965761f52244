"""A log in a file has one writer at a time, and no change is undone."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import stat
import threading
from collections.abc import Callable
from contextlib import closing
from itertools import product
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest
from processes import forked, joined
from store_worlds import WORDS, fact

from bri_timeline import EventLog, _lock, formats
from bri_timeline._lock import FileLock, LogLock
from bri_timeline.errors import (
    BusyFileError,
    FaultsError,
    OutputError,
    SelectionError,
    VocabularyError,
)
from bri_timeline.formats import chronicle, csv, jsonl, update


# Imported before the tests fork: each process would take a second for it.
assert pyarrow.parquet
NAMES = ["log.toml", "log.jsonl", "log.csv", "log.arrow", "log.parquet", "log.jsonl.gz"]
Change = Callable[[EventLog], EventLog]


def adding(*values: str) -> Change:
    """A change that appends an event for each value."""
    return lambda log: log.extend(map(fact, values))


def values(log: EventLog) -> list[str]:
    """What the events of a log say, in order."""
    return [entry.claim.what.value for entry in log]


def kept(path: Path) -> list[str]:
    """What the file says now."""
    return values(update(path, lambda log: log, WORDS)[0])


def written(path: Path) -> tuple[int, int, bytes]:
    """Which file it is, when it was written last, and its content."""
    found = path.stat()  # the day on which it was read last says nothing
    return found.st_ino, found.st_mtime_ns, path.read_bytes()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file with a log of one event."""
    path = tmp_path / "log.jsonl"
    jsonl.dump(EventLog.of(fact("a")), path, WORDS)
    return path


def busy(path: Path) -> str:
    """What a writer is told that does not want to wait."""
    with pytest.raises(BusyFileError) as told:
        update(path, adding("x"), WORDS, timeout=0.0)
    assert isinstance(told.value, TimeoutError)
    assert str(path) == told.value.path
    return str(told.value)


# --- what others write meanwhile stays ------------------------------------------------


@pytest.mark.full
@pytest.mark.parametrize("name", NAMES)
def test_no_change_is_lost(
    name: str, tmp_path: Path, trials: Callable[..., int]
) -> None:
    """Threads of several processes, of a file that is not there when they begin."""
    path, rounds = tmp_path / name, trials(10)

    def work(process: int) -> None:
        def one(thread: int) -> None:
            for number in range(rounds):
                update(path, adding(f"{process}.{thread}.{number}"), WORDS)

        threads = [threading.Thread(target=one, args=[n]) for n in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    joined(*(forked(lambda n=n: work(n)) for n in range(3)))

    added = product(range(3), range(2), range(rounds))

    assert {f"{p}.{t}.{n}" for p, t, n in added} == {*kept(path)}
    assert {name, f".{name}.lock"} == {file.name for file in tmp_path.iterdir()}


@pytest.mark.parametrize("name", NAMES)
def test_what_an_editor_saves_meanwhile_stays(name: str, tmp_path: Path) -> None:
    """It takes no lock: so the change is made again, of what is there by then."""
    path = tmp_path / name
    update(path, adding("a"), WORDS)
    other, seen = path.with_name(f"other-{name}"), list[list[str]]()

    def change(log: EventLog) -> EventLog:
        seen.append(values(log))
        if len(seen) == 1:
            update(other, adding("a", "saved"), WORDS)
            path.write_bytes(other.read_bytes())
        return log.append(fact("mine"))

    log, losses = update(path, change, WORDS)

    assert [["a"], ["a", "saved"]] == seen
    assert ["a", "saved", "mine"] == values(log) == kept(path)
    assert () == losses


def test_a_file_that_is_made_or_deleted_meanwhile_is_read_again(path: Path) -> None:
    """Whoever made it, or took it away."""
    text, seen = path.read_bytes(), list[list[str]]()
    steps = iter([path.unlink, lambda: path.write_bytes(text), lambda: None])

    def change(log: EventLog) -> EventLog:
        seen.append(values(log))
        next(steps)()
        return log.append(fact("b"))

    update(path, change, WORDS)

    assert [["a"], [], ["a"]] == seen
    assert ["a", "b"] == kept(path)


def test_a_file_that_is_half_saved_is_read_again(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its faults are those of a moment; if it stays so, they are told."""
    whole, load = path.read_bytes(), jsonl.load
    path.write_bytes(whole[:-9])

    def saved(*given: Any, **told: Any) -> EventLog:
        try:
            return load(*given, **told)
        finally:
            path.write_bytes(whole)

    monkeypatch.setattr(jsonl, "load", saved)
    update(path, adding("b"), WORDS)
    monkeypatch.undo()

    assert ["a", "b"] == kept(path)
    path.write_bytes(whole[:-9])
    with pytest.raises(FaultsError):
        update(path, adding("b"), WORDS)
    assert whole[:-9] == path.read_bytes()


def test_a_file_that_changes_all_the_time_is_left(path: Path) -> None:
    """With the reason: something that takes no lock writes to it."""

    def change(log: EventLog) -> EventLog:
        update(path.with_name("other.jsonl"), adding(str(len(calls))), WORDS)
        path.with_name("other.jsonl").replace(path)
        calls.append(path.read_bytes())
        return log.append(fact("mine"))

    calls = list[bytes]()
    with pytest.raises(BusyFileError, match="is changed all the time by a program"):
        update(path, change, WORDS, timeout=0.0)
    assert calls[-1:] == [path.read_bytes()]


# --- who waits, and who is refused ----------------------------------------------------


def test_a_writer_that_waits_too_long_is_told_for_whom(path: Path) -> None:
    """The process that holds the lock, until it ends, however it does."""
    receive, send = os.pipe()

    def change(log: EventLog) -> EventLog:
        os.write(send, b".")
        signal.pause()
        return log

    process = forked(lambda: update(path, change, WORDS))
    os.read(receive, 1)
    try:
        assert f"has been locked for 0 s by process {process} on " in busy(path)
    finally:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
    update(path, adding("b"), WORDS, timeout=0.0)
    assert ["a", "b"] == kept(path)


def test_a_holder_that_leaves_no_name_is_another_process(path: Path) -> None:
    """One that may only read the file of the lock, for example."""
    with FileLock(path.with_name(".log.jsonl.lock")).held("x", 0.0):
        assert "for 0 s by another process: try again" in busy(path)


def test_a_lock_that_is_deleted_while_others_wait_is_made_anew(path: Path) -> None:
    """They would wait for a file without a name, and later writers for another."""
    lock = path.with_name(".log.jsonl.lock")
    waiting, is_there = LogLock(lock), []

    def take() -> None:
        with closing(waiting), waiting.held("x", 60.0):
            is_there.append(lock.exists())

    thread = threading.Thread(target=take)
    with closing(FileLock(lock)) as first, first.held("x", 0.0):
        thread.start()
        while not waiting.is_held:  # its file is open
            thread.join(0.001)
        lock.unlink()
    thread.join()

    assert [True] == is_there


def test_a_change_within_a_change_is_refused(path: Path) -> None:
    """It would wait for itself; another thread of the process is told the same."""
    told = list[str]()

    def change(log: EventLog) -> EventLog:
        told.append(busy(path))
        thread = threading.Thread(target=lambda: told.append(busy(path)))
        thread.start()
        thread.join()
        return log.append(fact("b"))

    update(path, change, WORDS)

    assert 2 == len(told)
    assert all("by this process, in another thread or change: try" in t for t in told)
    assert ["a", "b"] == kept(path)


def test_a_process_that_is_forked_within_a_change_does_not_write(path: Path) -> None:
    """The lock is its parent's, which goes on; an update of its own has to wait."""
    children = list[int]()

    def change(log: EventLog) -> EventLog:
        children.append(os.fork())
        return log.append(fact("parent" if children[-1] else "child"))

    try:
        update(path, change, WORDS)
    except OutputError as error:
        assert not children[-1]
        os._exit("by the process from which this one was forked" not in str(error))
    joined(*children)

    assert ["a", "parent"] == kept(path)


def test_a_lock_that_is_left_is_not_relied_on(path: Path) -> None:
    """As a forked process leaves that of its parent."""

    def change(log: EventLog) -> EventLog:
        for one in _lock.ForkAware.known():
            if isinstance(one, LogLock):
                one.leave()
        return log.append(fact("b"))

    with pytest.raises(OutputError, match="was locked by the process from which this"):
        update(path, change, WORDS)
    assert ["a"] == kept(path)


def test_a_forked_process_has_turns_of_its_own(path: Path) -> None:
    """A thread of the parent that writes at that moment does not exist in the child."""
    begun, end = threading.Event(), threading.Event()

    def change(log: EventLog) -> EventLog:
        begun.set()
        end.wait(60)
        return log.append(fact("thread"))

    thread = threading.Thread(target=lambda: update(path, change, WORDS))
    thread.start()
    begun.wait(60)
    child = forked(lambda: update(path, adding("child"), WORDS))
    end.set()
    thread.join()
    joined(child)

    assert ["a", "child", "thread"] == sorted(kept(path))


def test_a_lock_that_is_readable_only_is_one(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another user may have made it; then it keeps the name of nobody."""
    update(path, adding("b"), WORDS)
    lock, opened = path.with_name(".log.jsonl.lock"), os.open

    def limited(name: Any, flags: int, *rest: int) -> int:
        if name == lock and flags & os.O_RDWR:
            raise PermissionError(errno.EACCES, "refused")
        return opened(name, flags, *rest)

    monkeypatch.setattr(os, "open", limited)
    before = lock.stat()
    update(path, adding("c"), WORDS)

    assert before.st_mtime_ns == lock.stat().st_mtime_ns
    assert ["a", "b", "c"] == kept(path)


def test_what_a_killed_writer_left_is_swept_when_it_is_old(path: Path) -> None:
    """A draft that nobody has written to for a day is of no writer at work."""
    update(path, adding("b"), WORDS)
    young, old, kept_copy, other = (
        path.with_name(name)
        for name in (
            ".log.jsonl.0123abcd",
            ".log.jsonl.0123abce",
            ".log.jsonl~.0123abcd",
            ".log.jsonl.old",
        )
    )
    for one in (young, old, kept_copy, other):
        one.touch()
        os.utime(one, (0, 0) if one != young else None)
    update(path, adding("c"), WORDS)

    assert young.exists()
    assert other.exists()
    assert not old.exists()
    assert not kept_copy.exists()


def test_the_lock_stays(path: Path) -> None:
    """Deleted, it would give two writers a lock each."""
    update(path, adding("b"), WORDS)
    lock = path.with_name(".log.jsonl.lock")
    before = lock.stat().st_ino
    update(path, adding("c"), WORDS)

    assert before == lock.stat().st_ino


def test_links_to_one_file_have_one_lock(path: Path, tmp_path: Path) -> None:
    """Beside the file itself, which stays where it is."""
    folder = tmp_path / "links"
    folder.mkdir()
    link = folder / "link.jsonl"
    link.symlink_to(path)
    update(link, adding("b"), WORDS)

    assert [link] == [*folder.iterdir()]
    assert link.is_symlink()
    assert ["a", "b"] == kept(path)


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda p: p.symlink_to("/x")])
def test_what_is_not_a_file_is_no_lock(
    make: Callable[[Path], None], path: Path
) -> None:
    """A link to a file of somebody else would be followed, and a pipe waited for."""
    make(path.with_name(".log.jsonl.lock"))
    with pytest.raises(OutputError, match=r"\.log\.jsonl\.lock, by which writers take"):
        update(path, adding("b"), WORDS)
    assert b'"b"' not in path.read_bytes()


def test_a_disk_that_keeps_no_locks_is_refused(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two writers would undo each other's work, and nobody would know."""

    def fails(*_: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", fails)
    with pytest.raises(OutputError, match="is on a disk that keeps no locks"):
        update(path, adding("b"), WORDS)
    monkeypatch.undo()
    assert ["a"] == kept(path)


# --- what is written, and what is not -------------------------------------------------


def test_only_files_of_a_format_are_changed(path: Path, tmp_path: Path) -> None:
    """By their suffix, or as they are said to be; a pipe would be waited for."""
    os.mkfifo(tmp_path / "pipe.toml")
    with pytest.raises(OutputError, match="is a pipe, which cannot be replaced"):
        update(tmp_path / "pipe.toml", adding("b"), WORDS)
    with pytest.raises(OutputError, match="No such file"):
        update(tmp_path / "none" / "log.toml", adding("b"), WORDS)
    for name in ("log", "log.db", ".gz", "log.json"):
        with pytest.raises(SelectionError, match=r"a format: \.toml, \.jsonl"):
            update(tmp_path / name, adding("b"), WORDS)
    with pytest.raises(VocabularyError):
        update(path, adding("b"), dict[str, type]())
    update(tmp_path / "log.txt", adding("b"), WORDS, using="chronicle")

    assert ["b"] == values(chronicle.load(tmp_path / "log.txt", WORDS))


def test_a_change_that_fails_leaves_the_file(path: Path) -> None:
    """As one does that returns something other than a log."""
    before = written(path)

    def fails(_: EventLog) -> EventLog:
        raise KeyError

    with pytest.raises(KeyError):
        update(path, fails, WORDS)
    with pytest.raises(SelectionError, match="is not a log"):
        update(path, lambda _: None, WORDS)
    with pytest.raises(KeyboardInterrupt):
        update(path, interrupted, WORDS)

    assert before == written(path)
    assert {path.name, ".log.jsonl.lock"} == {p.name for p in path.parent.iterdir()}
    update(path, adding("b"), WORDS, timeout=0.0)


def interrupted(_: EventLog) -> EventLog:
    """A change during which somebody presses Ctrl-C."""
    raise KeyboardInterrupt


def test_a_log_that_stays_the_same_is_not_written(path: Path) -> None:
    """Nor are the comments of a chronicle lost; what is new or empty is written."""
    before = written(path)
    assert ["a"] == kept(path)
    assert before == written(path)
    for name, text in (("new.toml", None), ("empty.toml", "")):
        new = path.with_name(name)
        if text is not None:
            new.write_text(text)
        assert [] == kept(new)
        assert [] == values(chronicle.load(new, WORDS))


def test_title_note_and_comments_of_a_chronicle_are_kept(tmp_path: Path) -> None:
    """Comments beside it, since a log has no place for them."""
    path, before = tmp_path / "log.toml", tmp_path / "log.toml~"
    text = 'chronicle = 1\ntitle = "T # 1"\nnote = "N"\n'
    path.write_text(text)
    assert () == update(path, adding("a"), WORDS)[1]
    assert not before.exists()
    text = f"# why\n{path.read_text()}"
    path.write_text(text)
    path.chmod(0o600)
    _, (loss,) = update(path, adding("b"), WORDS)

    assert "had 1 comments, which a log does not hold: the file as it was" in str(loss)
    assert text == before.read_text()
    assert 0o600 == stat.S_IMODE(before.stat().st_mode)
    assert 'title = "T # 1"\nnote = "N"\n' in path.read_text()
    assert ["a", "b"] == kept(path)


def test_what_a_format_cannot_hold_is_told(tmp_path: Path) -> None:
    """As `dump` tells it."""
    path = tmp_path / "log.csv"
    log, losses = update(path, lambda log: log.propose(fact("a"), by="m"), WORDS)

    assert losses == csv.dump(log, tmp_path / "other.csv", WORDS)
    assert "queue of proposals" in str(losses[0])


def test_update_is_found_where_formats_are() -> None:
    """With a name that says what it is for."""
    assert "update" in formats.__all__
    assert update is formats.update
