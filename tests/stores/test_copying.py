"""Copies of stores, and files that they are saved in: the same, whatever it is."""

from __future__ import annotations

import os
import resource
import signal
import sqlite3
import stat
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from effort import at_most
from hypothesis import given
from hypothesis import strategies as st
from log_strategies import logs
from processes import forked
from store_worlds import (
    OPENERS,
    START,
    WORDS,
    Opener,
    fact,
    facts,
    memory,
    postgres,
    sqlite,
)

from bri_timeline import EventLog
from bri_timeline.errors import DamagedStoreError, StaleLogError, StoreError
from bri_timeline.stores import MemoryStore, SQLiteStore, Store, backup, copy
from bri_timeline.stores import _copying as copying


each = pytest.mark.parametrize("opener", OPENERS.values(), ids=OPENERS)
into = pytest.mark.parametrize("other", OPENERS.values(), ids=OPENERS)


def told(store: Store) -> tuple[object, ...]:
    """Return all that a store says."""
    log = store.read()
    instants: list[datetime | None] = [entry.recorded_at for entry in log]
    with store._database.session(writing=False) as session:
        remains = sorted(session.erased())
        held = [*session.stored(-1)]
    return log, instants, store.head(), store.tree_head(), remains, held


def a_history(store: Store) -> None:
    """Append claims, a correction and a retraction, and erase two of them."""
    store.append([*facts(8), fact("named", id="n"), fact("old", when="2015/2017")])
    store.append(store.read().append(fact("right"), supersedes=3, because="a slip"))
    store.append(store.read().retract(4, because="wrong", known="2026-01-01"))
    store.erase(3, because="law")
    store.erase(5, because="law")


@pytest.mark.slow
@each
@into
def test_copy_keeps_positions_days_digests_and_erasures(
    opener: Opener, other: Opener
) -> None:
    """Positions, days, instants, digests, erasures go from any store to any other."""
    with opener() as source, other() as target:
        a_history(source)

        assert source.head() == copy(source, target)
        assert told(source) == told(target)
        assert target.verify() == source.verify()
        assert target.read(parties=["AAA"]) == source.read(parties=["AAA"])
        assert 12 == target.append(fact("new")).position
        assert 12 == target.append([*facts(3), fact("named", id="n")]).position


@each
def test_copy_again_adds_new_entries_and_erasures(opener: Opener) -> None:
    """Copying again adds what is new, and erases what was erased since."""
    with opener() as source, memory() as target:
        copy(source, target)
        a_history(source)
        copy(source, target)
        source.append(facts(5, 20))
        source.erase(0, because="law")
        source.erase(14, because="law")

        assert source.head() == copy(source, target)
        assert told(source) == told(target)
        assert source.head() == copy(source, target)
        assert told(source) == told(target)


@at_most(30)
@given(log=logs(), erased=st.sets(st.integers(0, 7)))
def test_copy_copies_any_log(log: EventLog, erased: set[int]) -> None:
    """Whatever a log holds, a copy holds."""
    with memory() as source, memory() as target:
        source.append(log)
        for position in sorted(erased):
            if position < len(log):
                source.erase(position, because="law")
        copy(source, target)

        assert told(source) == told(target)


@given(log=logs(), size=st.integers(0, 6), at_once=st.integers(1, 3))
def test_copy_appends_the_entries_of_any_log(
    log: EventLog, size: int, at_once: int
) -> None:
    """What a store holds of them is passed over, and the rest follows."""
    with pytest.MonkeyPatch.context() as patch, memory() as store:
        patch.setattr(copying, "_AT_ONCE", at_once)
        store.append(EventLog(log[:size]))

        assert copy(iter(log), store) == copy(iter(log), store) == store.head()
        assert log == store.read()


def test_copy_refuses_the_entries_of_another_log() -> None:
    """Nothing is written where the last entry of the store is not in the stream."""
    with memory() as store:
        head = store.append(facts(3))
        for other in (facts(2), [fact("x"), *facts(5)]):
            with pytest.raises(StaleLogError, match="the target holds another log"):
                copy(EventLog.of(*other), store)

        assert head == store.head()


@pytest.mark.slow
def test_copy_continues_after_an_interruption(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is interrupted leaves whole parts, and is finished the next time."""
    with memory() as source, memory() as target:
        a_history(source)
        source.append(facts(5000, 20))
        rows, left = copying._next_rows, 2

        def interrupted(*args: object) -> object:
            nonlocal left
            left -= 1
            if left < 0:
                raise KeyboardInterrupt
            return rows(*args)

        with monkeypatch.context() as patch:
            patch.setattr(copying, "_next_rows", interrupted)
            with pytest.raises(KeyboardInterrupt):
                copy(source, target)

        assert 2 * 2048 - 1 == target.verify().position
        assert source.head() == copy(source, target)
        assert told(source) == told(target)


@each
def test_copy_refuses_a_target_with_other_entries(opener: Opener) -> None:
    """A target that holds anything else is refused, and stays as it is."""
    with opener() as source, opener() as target:
        source.append(facts(3))
        target.append(fact("other"))
        before = told(target)
        with pytest.raises(StaleLogError, match="holds what the source does not"):
            copy(source, target)

        assert before == told(target)
        with MemoryStore(WORDS) as longer:
            copy(source, longer)
            longer.append(fact("more"))
            with pytest.raises(StaleLogError, match=r"position 3, and .* at 2"):
                copy(source, longer)


def test_copy_refuses_a_target_that_others_write_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who writes to the target between two parts is told of, and nothing is lost."""
    with memory() as source, memory() as target:
        source.append(facts(3000))
        follows = copying._next_rows

        def disturbed(*args: object) -> object:
            found = follows(*args)
            if target.head().position == 2047:
                target.append(fact("other"))
            return found

        monkeypatch.setattr(copying, "_next_rows", disturbed)
        with pytest.raises(StaleLogError, match="somebody else writes to the target"):
            copy(source, target)

        assert 2048 == target.verify().position


def test_copy_erases_nothing_from_a_target_that_lacks_the_entry(tmp_path: Path) -> None:
    """It is damaged, and keeps what it has."""
    path = tmp_path / "log.db"
    with MemoryStore(WORDS) as source, SQLiteStore(path, WORDS) as target:
        source.append(facts(5))
        copy(source, target)
        with closing(sqlite3.connect(path)) as database, database:
            database.execute("DELETE FROM entry WHERE position = 3")
        source.erase(2, because="law")
        source.erase(3, because="law")
        with pytest.raises(DamagedStoreError, match="0 entries 3, and should be one"):
            copy(source, target)

        assert target.read(parties=["AAA"])[2].claim is not None


def test_copy_refuses_a_damaged_source() -> None:
    """An entry that is not as it was written is named, and not passed on."""
    with memory() as source, memory() as target:
        source.append(facts(3))
        changed = """UPDATE entry SET line = replace(line, '"1"', '"7"')"""
        source._database.file.connection.execute(f"{changed} WHERE position = 1")
        with pytest.raises(DamagedStoreError, match="entry 1: does not have the dig"):
            copy(source, target)

        assert -1 == target.head().position


# --- files ----------------------------------------------------------------------------


@each
def test_backup_saves_any_store_in_a_file(opener: Opener, tmp_path: Path) -> None:
    """What `backup()` makes is a store with the same in it, and no other file."""
    path = tmp_path / "saved.db"
    with opener() as store:
        a_history(store)

        assert store.head() == backup(store, path)
        assert [path] == [*tmp_path.iterdir()]
        with SQLiteStore(path, WORDS) as saved:
            assert told(store) == told(saved)
            assert 12 == saved.append(fact("new")).position


@each
def test_backup_refuses_a_path_that_exists(opener: Opener, tmp_path: Path) -> None:
    """A path where something is is refused, and so is one that cannot be."""
    path = tmp_path / "saved.db"
    path.write_text("mine")
    with opener() as store:
        with pytest.raises(StoreError, match="is there already"):
            backup(store, path)
        with pytest.raises(StoreError, match="is in a folder that does"):
            backup(store, tmp_path / "none" / "saved.db")

    assert "mine" == path.read_text()
    assert [path] == [*tmp_path.iterdir()]


def test_backup_keeps_a_file_that_appears_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing takes the place of a file that somebody made while one was saved."""
    path = tmp_path / "saved.db"
    with memory() as store:
        store.append(facts(3))
        save = copying._save

        def slowly(*asked: Any) -> None:
            save(*asked)
            path.write_text("mine")

        monkeypatch.setattr(copying, "_save", slowly)
        with pytest.raises(StoreError, match="cannot be written: File exists"):
            backup(store, path)

    assert "mine" == path.read_text()
    assert [path] == [*tmp_path.iterdir()]


def test_backup_names_a_file_that_cannot_be_made(tmp_path: Path) -> None:
    """Where no file can be made, the message says where, and nothing is left."""
    with SQLiteStore(tmp_path / "log.db", WORDS) as store:
        store.append(facts(3))
        with pytest.raises(StoreError, match="cannot be written: File name too"):
            backup(store, tmp_path / ("x" * 255))

    assert not [*tmp_path.glob("x*")]


def test_backup_names_a_file_that_sqlite_refuses(tmp_path: Path) -> None:
    """An error of SQLite while it copies is reported as one of the new file."""
    path = tmp_path / "saved.db"
    with SQLiteStore(tmp_path / "log.db", WORDS) as store:
        store.append(facts(300))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with SQLiteStore(tmp_path / "log.db", WORDS) as store:
        # Python ignores the signal of a file that grows too large.
        resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, hard))
        try:
            with pytest.raises(StoreError, match=r"room|append once more") as caught:
                backup(store, path)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert str(path) == caught.value.place
    assert not [*tmp_path.glob("saved*")]


def test_backup_writes_into_no_file_of_another(tmp_path: Path) -> None:
    """What is made is new: a link that somebody put in its place is not followed."""
    victim, path = tmp_path / "victim.db", tmp_path / "saved.db"
    with SQLiteStore(tmp_path / "log.db", WORDS) as store:
        store.append(facts(3))
        path.symlink_to(victim)
        with pytest.raises(StoreError, match="cannot be written: File exists"):
            backup(store, path)
        part = tmp_path / "part.db"
        part.symlink_to(victim)
        with pytest.raises(StoreError, match="cannot be written: File exists"):
            store._database.save(part, "x")

    assert not victim.exists()


def test_backup_removes_what_dead_ones_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that still run are left in peace, and so is what is not of a backup."""
    path = tmp_path / "log.db"
    others = [tmp_path / "mine-parts", tmp_path / "mine-part12345678"]
    with SQLiteStore(path, WORDS) as store:
        store.append(facts(3))

    def killed(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def work(number: int) -> None:
        monkeypatch.setattr(copying, "_settle", killed)
        with SQLiteStore(path, WORDS) as store:
            backup(store, tmp_path / f"{number}.db")

    for number in range(3):
        os.waitpid(forked(lambda n=number: work(n)), 0)
    left = [*tmp_path.glob("*-part*")]
    for one in others:
        one.mkdir()
        (one / "lock").write_text("mine")
    with (
        copying._folder_beside(tmp_path / "now.db") as running,
        SQLiteStore(path, WORDS) as store,
    ):
        backup(store, tmp_path / "saved.db")

        assert running.exists()

    # Each has removed what the one before it left.
    assert 1 == len(left)
    assert {*others} == {*tmp_path.glob("*-part*")}
    assert all((one / "lock").exists() for one in others)


def test_backup_makes_a_file_as_private_as_the_store(tmp_path: Path) -> None:
    """A copy of what only its owner can read is read by nobody else."""
    path = tmp_path / "log.db"
    for mode, expected in ((0o600, 0o600), (0o440, 0o640)):
        with SQLiteStore(path, WORDS) as store:
            store.append(facts(2))
            path.chmod(mode)
            backup(store, tmp_path / f"{mode}.db")
        assert expected == stat.S_IMODE((tmp_path / f"{mode}.db").stat().st_mode)
        path.chmod(0o600)


@pytest.mark.parametrize("refusals", [0, 1, 2])
def test_backup_makes_a_file_that_no_other_group_can_read(
    refusals: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has the owner and the group of the store, or is closed to one's own group."""
    found, tried = tmp_path.stat(), list[tuple[int, int]]()
    theirs = found.st_uid + 1, found.st_gid + 1

    def chown(_: object, *owner: int) -> None:
        tried.append(owner)
        if len(tried) <= refusals:
            raise PermissionError

    with SQLiteStore(tmp_path / "log.db", WORDS) as store:
        path = store._database._path
        path.chmod(0o664)
        stat_of = Path.stat
        values = [*path.stat()]
        values[4:6] = theirs
        status = os.stat_result(values)
        monkeypatch.setattr(
            Path,
            "stat",
            lambda one, **how: status if one == path else stat_of(one, **how),
        )
        monkeypatch.setattr(os, "chown", chown)
        store._database.save(tmp_path / "saved.db", "saved.db")
    mode = stat.S_IMODE((tmp_path / "saved.db").stat().st_mode)

    assert [theirs, (found.st_uid, theirs[1])][: refusals + 1] == tried
    assert (0o644 if refusals == 2 else 0o664) == mode


@pytest.mark.parametrize("opener", [sqlite, postgres])
def test_copy_ends_at_a_head_beyond_the_entries(opener: Opener) -> None:
    """A copy of a store that promises more than it has ends, and says so."""
    with opener() as store:
        store.append(facts(5))
        with store._database.session(writing=True) as session:
            session.rows("UPDATE head SET position = 7")
        with (
            memory() as target,
            pytest.raises(
                DamagedStoreError, match="after entry -1: follow only 5 of t"
            ),
        ):
            copy(store, target)


def test_backup_refuses_a_damaged_store(tmp_path: Path) -> None:
    """What is saved is verified: a damaged store gives no file that looks sound."""
    path = tmp_path / "log.db"
    with SQLiteStore(path, WORDS) as store:
        store.append(facts(3))
        with sqlite3.connect(path) as other:
            other.execute("UPDATE entry SET line = '{}' WHERE position = 1")
        other.close()
        with pytest.raises(DamagedStoreError, match="entry 1: does not have the dig"):
            backup(store, tmp_path / "saved.db")

    assert not (tmp_path / "saved.db").exists()


def _saved(store: Store, folder: Path) -> Iterator[Path]:
    for number in range(4):
        path = folder / f"saved{number}.db"
        backup(store, path)
        yield path


def test_backup_while_others_write_saves_a_prefix(tmp_path: Path) -> None:
    """Each file holds all that was acknowledged before, and a beginning of the log."""
    path, appended = tmp_path / "log.db", 120
    with ExitStack() as stack:
        mine, theirs = (
            stack.enter_context(SQLiteStore(path, WORDS, clock=lambda: START))
            for _ in range(2)
        )

        def write() -> None:
            for number in range(appended):
                theirs.append(fact(str(number)))

        writer = threading.Thread(target=write)
        mine.append(fact("first"))
        writer.start()
        acknowledged = mine.head().position
        for file in _saved(mine, tmp_path):
            with SQLiteStore(file, WORDS) as saved:
                found = saved.read()

                assert acknowledged <= saved.head().position
                assert found[:] == mine.read()[: len(found)]
            acknowledged = mine.head().position
        writer.join()

        assert appended + 1 == len(mine.read())
