"""The store in a file: crashes, damage, other programs, other processes."""

from __future__ import annotations

import errno
import fcntl
import gc
import os
import resource
import signal
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from random import Random

import pytest
from attrs import frozen
from hypothesis import settings
from log_strategies import Deed, Fact
from processes import forked, joined
from store_processes import crowd, killed
from store_worlds import PAIR, WORDS, fact, facts, ticking

from bri_timeline import Entry, Event, EventLog, Projection, Vocabulary
from bri_timeline._form import Codec
from bri_timeline._lock import FileLock
from bri_timeline.errors import (
    BriTimelineError,
    BusyStoreError,
    DamagedStoreError,
    StoreError,
    VocabularyError,
)
from bri_timeline.stores import (
    Head,
    MemoryStore,
    SQLiteStore,
    _sqlite,
    backup,
    copy,
)
from bri_timeline.stores._rows import (
    ALL_ALONG,
    StoredEntry,
    number_of,
)


# `--hypothesis-profile=thorough` looks ten times as hard here too.
EXAMPLES = settings().max_examples
TIMES = 10 if EXAMPLES > 1_000 else 1


def opened(path: Path, **options: object) -> SQLiteStore:
    """Open a store in a file."""
    return SQLiteStore(path, WORDS, clock=ticking(), **options)


def connection_of(store: SQLiteStore) -> sqlite3.Connection:
    """Return the connection of a store to its file."""
    return store._database.file.connection


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where a file can be made."""
    return tmp_path / "log.db"


# --- the file -----------------------------------------------------------------------


def test_what_was_written_is_there_when_opened_again(path: Path) -> None:
    """A file keeps log, head and index groups from one process to the next."""
    with opened(path) as store:
        head = store.append(facts(3))
    with opened(str(path), synchronous="NORMAL") as store:
        assert head == store.verify(head)
        assert EventLog.of(*facts(3)) == store.read()
        assert 3 == store.append(facts(4)).position
    assert {path.name, f"{path.name}-lock"} == {p.name for p in path.parent.iterdir()}


def test_every_append_is_synchronous(path: Path) -> None:
    """The disk has what was appended; checkpoints and cache are the store's own."""
    for level, name in ((2, "FULL"), (1, "NORMAL")):
        with opened(path, synchronous=name) as store:
            pragmas = [
                connection_of(store).execute(f"PRAGMA {pragma}").fetchone()[0]
                for pragma in (
                    "synchronous",
                    "journal_mode",
                    "wal_autocheckpoint",
                    "cache_size",
                )
            ]

            assert [level, "wal", 0, -16384] == pragmas


def test_append_keeps_the_write_ahead_log_small(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was written goes into the file itself, before closing."""
    # The limit is 16 MiB: to write that much would take seconds.
    monkeypatch.setattr("bri_timeline.stores._sqlite._LARGEST_WAL", 100_000)
    with opened(path, synchronous="NORMAL") as store:
        for number in range(8):
            store.append(facts(100, start=100 * number))
        wal = Path(f"{path}-wal")

        assert wal.stat().st_size < 500_000
        assert path.stat().st_size > 100_000
        wal.unlink()
        store._database.limit_wal()


def _checkpoints(store: SQLiteStore, work: Callable[[], object]) -> list[str]:
    """Return the statements that empty the log, and say whom to wait for, of a work."""
    seen: list[str] = []
    connection_of(store).set_trace_callback(seen.append)
    work()
    connection_of(store).set_trace_callback(None)
    return [sql for sql in seen if "checkpoint" in sql or "busy_timeout = " in sql]


@pytest.mark.slow
@pytest.mark.parametrize("begins", ["before", "after"])
def test_append_does_not_wait_for_a_lasting_reader(
    path: Path, monkeypatch: pytest.MonkeyPatch, begins: str
) -> None:
    """Someone reads for ever: others append, and seldom try to empty the log in vain.

    Whoever waited would wait for ten minutes here.
    """
    largest = 400_000  # 16 MiB would take seconds
    monkeypatch.setattr("bri_timeline.stores._sqlite._LARGEST_WAL", largest)
    timeout = {"timeout": 600.0, "synchronous": "NORMAL"}
    wal = Path(f"{path}-wal")
    with (
        opened(path, **timeout) as store,
        closing(sqlite3.connect(path, isolation_level=None)) as reader,
    ):
        if begins == "after":
            store.append(facts(500))
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM entry").fetchall()

        def work() -> None:
            for number in range(60):
                store.append(facts(30, start=1_000 + 30 * number))

        done = _checkpoints(store, work)
        tries = len([sql for sql in done if "checkpoint" in sql])

        assert ["PRAGMA busy_timeout = 0", "PRAGMA wal_checkpoint(TRUNCATE)"] == (
            done[:2]
        )
        assert "PRAGMA busy_timeout = 600000" == done[2]
        assert [*done[:3]] * tries == done
        assert 1 < tries <= wal.stat().st_size / largest
        assert wal.stat().st_size > 3 * largest
        with opened(path, **timeout) as other:
            other.append(fact("other"))
        reader.execute("ROLLBACK")
        for number in range(60):
            store.append(facts(30, start=5_000 + 30 * number))

        assert wal.stat().st_size < 2 * largest
        store.verify()


def test_erase_removes_the_text_from_all_files(path: Path) -> None:
    """Erasing takes the text out of every file of the store, and its parties."""
    secret = Event(Fact("SECRET-TEXT", frozenset({"person:SECRET"})), when="2016")
    with opened(path) as store:
        store.append([*facts(40), secret, *facts(40, start=40)])

        assert b"SECRET" in path.read_bytes() + Path(f"{path}-wal").read_bytes()
        store.erase(40, because="law")
        for file in path.parent.iterdir():
            assert b"SECRET" not in file.read_bytes()
    assert b"SECRET" not in path.read_bytes()


def test_erase_removes_the_index_keys_of_an_entry(path: Path) -> None:
    """Position, digest, id and target stay; no number that its days or words gave."""
    with opened(path, synchronous="NORMAL") as store:
        log = EventLog.of(fact("a"), Event(Fact("b", PAIR), when="2016", id="x"))
        store.append(log.append(Event(Fact("c", PAIR), when="2017"), supersedes=1))
        for position in (1, 2):
            store.erase(position, because="asked to")
        rows = connection_of(store).execute("SELECT * FROM entry").fetchall()

    assert None not in rows[0][:4]
    name = number_of("x")
    assert [(None, 0, ALL_ALONG, name, None), (None, 0, ALL_ALONG, name, 1)] == [
        tuple(rest) for _, _, _, *rest in rows[1:]
    ]


def test_traces_of_an_erased_text_are_reported(path: Path) -> None:
    """While somebody reads, traces stay; the error says so, and what to do."""
    with opened(path, timeout=0.02) as store:
        store.append([fact("SECRET"), *facts(3)])
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN")
            other.execute("SELECT count(*) FROM entry").fetchall()
            with pytest.raises(BusyStoreError, match="others read: erase it again"):
                store.erase(0, because="law")

        assert store.read()[0].event is None
        store.erase(0, because="law")
        for file in path.parent.iterdir():
            assert b"SECRET" not in file.read_bytes()


def test_groups_are_read_again_after_an_erasure_by_others(path: Path) -> None:
    """A store does not use an index group that another store has deleted."""
    lone = Event(Fact("x", frozenset({"person:x"})), when="2016")
    with opened(path) as one, opened(path) as other:
        one.append(lone)
        other.erase(0, because="law")
        one.append([fact("a"), lone], allow_erased=True)

        found = other.read(parties=["person:x"])
        assert [None, lone] == [entry.event for entry in found]


def test_a_store_keeps_a_bounded_number_of_groups(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store keeps some group numbers, and reads the others again."""
    # The limit is 65,536 groups: to make that many would take a minute.
    monkeypatch.setattr("bri_timeline.stores._tables._MOST_KEPT", 2)
    with opened(path, synchronous="NORMAL") as store:
        for number in range(10):
            party = frozenset({f"P{number % 5}"})
            store.append(Event(Fact(str(number), party), when="2016"))

        assert len(store._database.groups.known) <= 3
        assert [3, 8] == [entry.position for entry in store.read(parties=["P3"])]


def test_read_of_a_part_uses_an_index(path: Path) -> None:
    """No slice looks through the table of entries: an index says where they are."""
    with opened(path) as store:
        store.append(facts(10))
        seen: list[str] = []
        connection_of(store).set_trace_callback(seen.append)
        store.read(parties=PAIR, kinds=[Fact], known_by="2020-01-01")
        store.read(kinds=["Fact"])
        store.read(on_or_before="2020-01-01")
        connection_of(store).set_trace_callback(None)
        plans = [
            step[3]
            for sql in seen
            if sql.startswith("SELECT")
            for step in connection_of(store).execute(f"EXPLAIN QUERY PLAN {sql}")
        ]

        assert plans
        scans = [plan for plan in plans if plan.startswith("SCAN entry")]
        assert all("COVERING INDEX" in scan for scan in scans)


def test_read_of_a_part_decodes_related_lines_only(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One pair of many, as of a day: no line is read beyond those that bear on it."""
    pairs = [frozenset({f"A{n}", f"B{n}"}) for n in range(400)]
    many = [
        Event(Fact(f"{n}-{year}", pair), when=f"{2000 + year}")
        for n, pair in enumerate(pairs)
        for year in range(10)
    ]
    decode, read = Codec.decode_with_claims, []

    def counting(codec: Codec, lines: list[str]) -> object:
        read.extend(lines)
        return decode(codec, lines)

    with opened(path) as store:
        store.append(many)
    with opened(path) as store:
        # The first such read compares two claims of the kind with their class.
        store.read(parties=["nobody"])
        monkeypatch.setattr(Codec, "decode_with_claims", counting)
        log = store.read(parties=pairs[7], on_or_before="2004-12-31")
        view = log.as_of("2003-12-31")

        assert 4 == len(view.events)
        assert 5 == len(log) == len(read)
        assert 4000 == store.head().position + 1


def test_append_of_a_grown_log_compares_new_entries_only(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Appending a log that grew from what was read looks at what is new alone."""
    with opened(path) as store:
        store.append(facts(200))
        log = store.read().append(fact("new"))
        longer = log.append(fact("newer"))
        decode, read = Codec.decode_with_claims, []

        def counting(codec: Codec, lines: list[str]) -> object:
            read.extend(lines)
            return decode(codec, lines)

        monkeypatch.setattr(Codec, "decode_with_claims", counting)
        monkeypatch.setattr(Entry, "__eq__", lambda *_: pytest.fail("compared"))
        store.append(log)
        store.append(longer)

        assert [] == read
        assert 201 == store.head().position


# --- what is no store ---------------------------------------------------------------


def test_open_refuses_paths_that_cannot_be_a_store(tmp_path: Path, path: Path) -> None:
    """A folder, a missing folder, another file or database: each with its remedy."""
    with pytest.raises(StoreError, match="is a folder: give the path of a file"):
        opened(tmp_path)
    with pytest.raises(StoreError, match="make that first"):
        opened(tmp_path / "none" / "log.db")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(StoreError, match="is a device, pipe or socket: give the path"):
        opened(pipe)
    path.write_text("this is a letter, and no database at all" * 20)
    with pytest.raises(StoreError, match="is not an SQLite database: give another"):
        opened(path)
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other)) as database:
        database.execute("CREATE TABLE entry (position)")
        database.commit()
    with pytest.raises(StoreError, match="is a database of another program"):
        opened(other)
    assert "this is a letter" in path.read_text()


def test_a_file_of_a_newer_version_is_refused(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file of a later version is not touched; an old SQLite is refused."""
    opened(path).close()
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA user_version = 3")
    before = path.read_bytes()
    with pytest.raises(StoreError, match="has version 3, and 2 is known here: use the"):
        opened(path)
    assert before == path.read_bytes()
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 36, 0))
    with pytest.raises(StoreError, match=r"needs SQLite 3\.37"):
        opened(path)


@pytest.fixture
def everybodys() -> Iterator[Path]:
    """Return where a file can be, in a folder that any user can reach."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder / "log.db"


def _unprivileged(work: Callable[[], object]) -> None:
    """Do some work in a process that is subject to permissions."""

    def there() -> None:
        if os.getuid() == 0:
            os.setuid(65534)
        work()

    joined(forked(there))


def test_a_file_that_is_not_ours_to_write_can_be_read(everybodys: Path) -> None:
    """A file without permission to write is read, and writing says what to allow."""
    path = everybodys
    with opened(path) as store:
        store.append(facts(3))
    path.parent.chmod(0o777)
    path.chmod(0o444)

    def work() -> None:
        with opened(path) as store:
            assert 3 == len(store.read())
            with pytest.raises(StoreError, match="cannot be written to: allow that"):
                store.append(fact("x"))
            assert 2 == store.verify().position

    _unprivileged(work)
    for file in path.parent.iterdir():
        file.chmod(0o666)

    def again() -> None:
        with opened(path) as store:
            assert 3 == store.append(fact("x")).position

    _unprivileged(again)


def _locked_away(path: Path) -> None:
    """Take away what is needed to make files beside a store, and to change it."""
    for file in path.parent.iterdir():
        file.chmod(0o444)
    path.parent.chmod(0o555)


def test_a_closed_store_can_be_read_where_nothing_can_be_written(
    everybodys: Path,
) -> None:
    """A store on a read-only file system is read, verified and saved elsewhere."""
    path = everybodys
    with opened(path) as store:
        head = store.append(facts(3))
    Path(f"{path}-lock").unlink()
    _locked_away(path)

    def work() -> None:
        with tempfile.TemporaryDirectory() as name, opened(path) as store:
            assert head == store.verify(head) == backup(store, f"{name}/saved.db")
            assert 3 == len(store.read())
            with pytest.raises(StoreError, match="cannot be written to: allow that"):
                store.append(fact("x"))
            joined(forked(lambda: store.verify(head)))
            assert 3 == len(store.read())
        assert [path] == [*path.parent.iterdir()]

    _unprivileged(work)


def test_a_store_that_was_not_closed_is_not_read_where_nothing_can_be_written(
    everybodys: Path,
) -> None:
    """Without the log beside it entries would be missing: the error says what to do."""
    path = everybodys
    joined(forked(lambda: _appended_and_left(path)))
    assert Path(f"{path}-wal").stat().st_size > 0
    Path(f"{path}-shm").unlink()
    _locked_away(path)

    def work() -> None:
        with pytest.raises(StoreError, match="copy all of them to another place"):
            opened(path)

    _unprivileged(work)


def _appended_and_left(path: Path) -> None:
    store = opened(path)
    store.append(facts(3))
    os._exit(0)  # while it is open


def _vacuumed(path: Path, copied: Path) -> None:
    with closing(sqlite3.connect(path)) as source:
        source.execute("VACUUM INTO ?", [str(copied)])


def _dumped(path: Path, copied: Path) -> None:
    # It lacks the numbers of application and version.
    with closing(sqlite3.connect(path)) as source, sqlite3.connect(copied) as target:
        target.executescript("\n".join(source.iterdump()))
    target.close()


def _converted(path: Path, copied: Path) -> None:
    path.replace(copied)
    with closing(sqlite3.connect(copied)) as target:
        target.execute("PRAGMA journal_mode = DELETE")


@pytest.mark.parametrize("copied_by", [_vacuumed, _dumped, _converted])
def test_a_store_that_other_tools_copied_is_read_and_appended_to(
    everybodys: Path, copied_by: Callable[[Path, Path], None]
) -> None:
    """A file with a rollback journal gets a write-ahead log where that can be made."""
    path, copied = everybodys, everybodys.with_name("copied.db")
    with opened(path) as store:
        head = store.append(facts(3))
    copied_by(path, copied)
    _locked_away(copied)

    def work() -> None:
        with opened(copied) as store:
            assert head == store.head() == store.verify(head)

    _unprivileged(work)
    copied.parent.chmod(0o777)
    copied.chmod(0o666)
    with opened(copied) as store:
        assert head == store.head()
        assert 3 == store.append(fact("x")).position
        assert ("wal",) == connection_of(store).execute(
            "PRAGMA journal_mode"
        ).fetchone()
    # What a transaction that was cut off has changed is put back from this.
    _converted(copied, copied)
    Path(f"{copied}-journal").write_bytes(b"x" * 512)
    _locked_away(copied)

    def refused() -> None:
        with pytest.raises(StoreError, match="copy all of them to another place"):
            opened(copied)

    _unprivileged(refused)


def test_a_store_with_a_rollback_journal_waits_for_who_uses_it(path: Path) -> None:
    """As long as it would for another writer."""
    opened(path).close()
    _converted(path, path)
    with closing(sqlite3.connect(path, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(BusyStoreError, match="locked by another writer"):
            opened(path, timeout=0.01)
        threading.Timer(0.1, other.rollback).start()
        with opened(path) as store:
            assert 0 == store.append(fact("x")).position


def test_a_file_that_cannot_have_a_write_ahead_log_is_refused(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error says where it can: readers would wait for writers, and be replaced."""
    connect = sqlite3.connect

    class Refusing(sqlite3.Connection):
        def execute(self, sql: str, *cells: object) -> sqlite3.Cursor:
            return super().execute(sql.replace("= WAL", ""), *cells)

    monkeypatch.setattr(
        sqlite3,
        "connect",
        lambda *where, **how: connect(*where, **how, factory=Refusing),
    )
    with pytest.raises(StoreError, match="move it to a disk of this machine"):
        opened(path)


def test_read_without_a_lock_reports_a_change_meanwhile(everybodys: Path) -> None:
    """Whoever may write may do so meanwhile: what was read then is not returned."""
    path = everybodys
    with opened(path) as store:
        store.append(facts(3))
    _locked_away(path)
    ask, answer = os.pipe(), os.pipe()

    def wait_for_others() -> None:
        os.write(ask[1], b"x")
        assert b"x" == os.read(answer[0], 1)

    def work() -> None:
        store = opened(path)

        def read() -> None:
            with store._database.session(writing=False) as session:
                assert 3 == len([*session.stored(-1)])
                wait_for_others()

        with pytest.raises(BusyStoreError, match="was written to while it was read"):
            read()
        assert 4 == len(store.read())
        wait_for_others()
        with pytest.raises(StoreError, match="copy all of them to another place"):
            store.read()
        wait_for_others()

    reader = forked(lambda: _unprivileged(work))
    os.close(ask[1])  # so that nobody waits for a reader that has failed
    os.close(answer[0])
    assert b"x" == os.read(ask[0], 1)
    if os.getuid() != 0:
        path.parent.chmod(0o755)
        path.chmod(0o644)
    with opened(path) as store:
        store.append(fact("new"))
    os.write(answer[1], b"x")
    assert b"x" == os.read(ask[0], 1)
    with opened(path) as store:
        store.append(fact("newer"))
        Path(f"{path}-shm").chmod(0o600)
        os.write(answer[1], b"x")
        assert b"x" == os.read(ask[0], 1)
        os.write(answer[1], b"x")
        joined(reader)
    os.close(ask[0])
    os.close(answer[1])


def test_a_store_that_sqlite_cannot_open_is_read_as_it_is(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where SQLite can make no files it reads the one, if nothing is beside that."""
    with opened(path) as store:
        store.append(facts(3))
    connect = sqlite3.connect

    def refusing(name: object, **options: object) -> sqlite3.Connection:
        if options["uri"]:
            return connect(name, **options)
        error = sqlite3.OperationalError("unable to open database file")
        error.sqlite_errorcode = sqlite3.SQLITE_CANTOPEN
        raise error

    monkeypatch.setattr(sqlite3, "connect", refusing)
    wal = Path(f"{path}-wal")
    with opened(path) as store:
        first = connection_of(store)

        assert 3 == len(store.read())
        os.utime(path, ns=(1, 1))
        assert 3 == len(store.read())
        assert first is not connection_of(store)

        def read() -> None:
            with store._database.session(writing=False):
                wal.write_bytes(b"x")

        with pytest.raises(BusyStoreError, match="was written to while it was read"):
            read()
    with pytest.raises(StoreError, match="copy all of them to another place"):
        opened(path)
    wal.unlink()
    path.unlink()
    with pytest.raises(StoreError, match="cannot be opened: allow"):
        opened(path)


def test_without_room_a_store_that_cannot_be_read_asks_for_room(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite needs a file beside it to read, too: for that the disk is in error."""

    def full(*_: object, **__: object) -> sqlite3.Connection:
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorcode = sqlite3.SQLITE_IOERR_SHMSIZE
        raise error

    monkeypatch.setattr(sqlite3, "connect", full)
    with pytest.raises(StoreError, match="make room if its disk is full"):
        opened(path)


def test_a_folder_that_is_not_ours_to_write_is_named(everybodys: Path) -> None:
    """Where no file can be made, the error says what to allow."""
    if os.getuid() != 0:
        everybodys.parent.chmod(0o555)

    def work() -> None:
        with pytest.raises(StoreError, match="cannot be opened: allow reading and"):
            opened(everybodys)

    _unprivileged(work)


# --- failures -----------------------------------------------------------------------


@pytest.mark.slow
def test_a_full_disk_loses_nothing(path: Path) -> None:
    """Without room an append fails as a whole, and succeeds when there is some."""
    with opened(path) as store:
        head = store.append(facts(20))
        connection_of(store).execute("PRAGMA max_page_count = 24")
        with pytest.raises(StoreError, match="has no more room, and nothing was"):
            store.append(facts(5_000, start=20))

        assert head == store.verify(head)
        connection_of(store).execute("PRAGMA max_page_count = 1000000")
        assert 5_019 == store.append(facts(5_020)).position


@pytest.mark.slow
def test_a_failing_disk_loses_nothing(path: Path) -> None:
    """A file that cannot grow makes an error that says to append once more."""
    opened(path).close()

    def work() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        with opened(path) as store:
            head = store.append(facts(20))
            _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
            resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
            with pytest.raises(StoreError, match=r"room|append once more"):
                store.append(facts(5_000, start=20))
            assert head == store.head()
            resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
            assert 5_019 == store.append(facts(5_020)).position
            assert 5_019 == store.verify().position

    joined(forked(work))


def test_append_stops_waiting_at_the_timeout(path: Path) -> None:
    """Who waits too long is told so, and nothing was written."""
    with opened(path, timeout=0.02) as store:
        store.append(facts(1))
        foreign = sqlite3.connect(path, isolation_level=None)
        foreign.execute("BEGIN IMMEDIATE")
        with pytest.raises(BusyStoreError, match=r"for 0\.02 s: try again"):
            store.append(facts(2))
        foreign.execute("ROLLBACK")
        foreign.close()
        lock = FileLock(Path(f"{path}-lock"))
        with (
            lock.held("x", 1.0),
            pytest.raises(BusyStoreError, match=r"for 0\.02 s: try again"),
        ):
            store.append(facts(2))
        lock.close()
        lock.close()

        assert 1 == store.append(facts(2)).position


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP])
def test_append_works_where_files_have_no_locks(
    path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """On a file system without locks writers wait for SQLite."""

    def fails(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", fails)
    with opened(path) as one, opened(path) as other:
        threads = [
            threading.Thread(target=store.append, args=[facts(20, start)])
            for store, start in ((one, 0), (other, 20))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert 39 == one.verify().position


def test_a_lock_of_a_dead_process_is_free(path: Path) -> None:
    """A process that dies while it holds the lock holds nobody up."""
    opened(path).close()

    def work() -> None:
        with FileLock(Path(f"{path}-lock")).held("x", 1.0):
            os.kill(os.getpid(), signal.SIGKILL)

    os.waitpid(forked(work), 0)
    with opened(path, timeout=0.5) as store:
        assert 0 == store.append(fact("a")).position


@pytest.mark.slow
def test_a_killed_writer_loses_no_acknowledged_entry(path: Path) -> None:
    """After SIGKILL at any moment there is an exact prefix with all acknowledged."""
    random = Random(3)
    number = 0
    for _ in range(12 * TIMES):
        last = killed(lambda: opened(path), random.random() * 0.03, number)
        with opened(path) as store:
            log = store.read()
            store.verify()
        expected = [
            value
            for n in range(last + 2)
            for value in ([f"{n}", f"{n}+"] if n % 3 else [f"{n}"])
        ]
        values = [entry.claim.what.value for entry in log]
        sure = len([n for n in expected if int(n.rstrip("+")) <= last])

        assert expected[: len(values)] == values
        assert len(values) in (sure, len(expected))
        number = last + 1 if len(values) == sure else last + 2


@pytest.mark.slow
def test_processes_append_and_follow_at_once(path: Path) -> None:
    """Ten processes append and two follow: no gap, no loss, nothing twice."""
    crowd(lambda: opened(path, timeout=600.0), 10, 2 * EXAMPLES, 2)


def test_a_lock_that_cannot_be_made_is_left_to_the_database(tmp_path: Path) -> None:
    """Where the file of a lock cannot be made, the work is done without."""
    done = []
    with FileLock(tmp_path / "none" / "lock").held("x", 0.0):
        done.append(True)

    assert done


def test_a_store_that_somebody_else_made_meanwhile_is_used(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who waited for the lock to make a store finds it made."""
    opened(path).close()
    answers = iter([True, False, False])
    name = "bri_timeline.stores._sqlite_file._is_new"
    monkeypatch.setattr(name, lambda *_: next(answers))
    with opened(path) as store:
        assert 0 == store.append(fact("a")).position

    def fails(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError

    monkeypatch.setattr(sqlite3, "connect", fails)
    with pytest.raises(StoreError):
        opened(path)


@pytest.mark.slow
def test_those_who_open_a_new_file_at_one_moment_all_find_a_store(
    tmp_path: Path,
) -> None:
    """One of them makes it; none takes a half-made store for somebody else's."""
    start = threading.Barrier(6)

    def come(path: Path) -> int:
        start.wait()
        with opened(path) as store:
            return store.head().position

    with ThreadPoolExecutor(6) as crowd_of_six:
        for number in range(12 * TIMES):
            path = tmp_path / f"{number}.db"
            assert [-1] * 6 == [*crowd_of_six.map(come, [path] * 6)]


def test_open_refuses_the_name_of_a_database_in_memory() -> None:
    """The name that SQLite has for a database in memory makes no file of that name."""
    with pytest.raises(StoreError, match="use a MemoryStore"):
        opened(Path(":memory:"))
    assert not Path(":memory:").exists()


# --- damage -------------------------------------------------------------------------


def _answers(path: Path, head: Head) -> object:
    """Return all that a file says, if it is not found to be damaged."""
    with opened(path, synchronous="NORMAL") as store:
        store.verify(head)
        return (
            store.read(),
            store.read(parties=["AAA"]),
            store.read(on_or_before="2016-01-01"),
        )


def _small(path: Path) -> Head:
    """Make a small file with everything in it that a file can have."""
    with opened(path) as store:
        log = EventLog.of(*facts(6), fact("n", id="x"))
        log = log.append(fact("c"), supersedes=2).retract(3, because="wrong")
        store.append(log)
        store.append(Event(Fact("other", frozenset({"CCC"})), when="2015~"))
        store.erase(1, because="law")
        return store.head()


def _is_found(changed: bytes, path: Path, head: Head, expected: object) -> bool:
    """Tell whether damage is found; if not, make sure that it does no harm."""
    path.write_bytes(changed)
    for suffix in ("-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    try:
        found = _answers(path, head)
    except BriTimelineError:
        return True
    assert expected == found
    return False


@pytest.mark.slow
def test_every_changed_bit_is_found_or_does_no_harm(path: Path) -> None:
    """One bit changed anywhere in the file is found, or every answer is the same."""
    head = _small(path)
    whole = path.read_bytes()
    expected = _answers(path, head)
    random = Random(4)
    bits = range(8 * len(whole))
    chosen = bits if TIMES > 1 else random.sample(bits, 6 * EXAMPLES)
    found = 0
    for bit in chosen:
        changed = bytearray(whole)
        changed[bit // 8] ^= 1 << bit % 8
        found += _is_found(bytes(changed), path, head, expected)

    assert found > 3


@pytest.mark.parametrize(
    "sql",
    [
        """UPDATE party SET name = '"AAB"' WHERE name = '"AAA"'""",
        """UPDATE topic SET parties = '["AAA"' WHERE id = 1""",
        "DELETE FROM party",
    ],
)
def test_verify_finds_a_changed_party(path: Path, sql: str) -> None:
    """What finds parties has no second copy in the file, and is checked too."""
    head = _small(path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(sql)

    with opened(path) as store, pytest.raises(DamagedStoreError, match="topic"):
        store.verify(head)


def test_verify_finds_every_cut_of_a_file(path: Path) -> None:
    """A file that lacks its end is found to be damaged."""
    head = _small(path)
    whole = path.read_bytes()
    random = Random(5)
    for size in random.choices(range(len(whole)), k=6 * EXAMPLES):
        assert _is_found(whole[:size], path, head, None), size


def test_missing_entries_show_against_a_head_that_was_kept(path: Path) -> None:
    """An older copy of a file is sound in itself, and not what was kept."""
    with opened(path) as store:
        store.append(facts(3))
    older = path.read_bytes()
    with opened(path) as store:
        head = store.append(facts(5))
    path.write_bytes(older)
    with opened(path) as store:
        assert 2 == store.verify().position
        with pytest.raises(DamagedStoreError, match="entry 4 was there when the head"):
            store.verify(head)
        store.append([fact("x"), fact("y")])
        with pytest.raises(DamagedStoreError, match="another digest than the head"):
            store.verify(head)
        with pytest.raises(DamagedStoreError, match="is none of a store"):
            store.verify(Head(-1, b"x" * 32))
        assert Head(-1) == Head.of(str(Head(-1)))
        store.verify(Head(-1))


@pytest.mark.parametrize("place", range(5))
def test_verify_names_the_entry_wherever_it_is_in_a_batch(
    path: Path, place: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """First or last: its line, its index columns, its erasure, or a head kept of it."""
    monkeypatch.setattr(_sqlite, "DECODED", 2)
    with opened(path) as store:
        store.append(facts(5))
    whole = path.read_bytes()
    for change, problem in (
        ("line = replace(line, 'AAA', 'ABA')", "does not have the digest"),
        ("known = known + 1", "is found by another known"),
    ):
        path.write_bytes(whole)
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute(f"UPDATE entry SET {change} WHERE position = ?", [place])
        with opened(path) as store, pytest.raises(DamagedStoreError) as caught:
            store.verify()
        (fault,) = caught.value.faults

        assert f"entry {place}" == fault.place
        assert problem in fault.problem
    path.write_bytes(whole)
    with closing(sqlite3.connect(path)) as connection:
        sql = "SELECT line FROM entry WHERE position = ?"
        (line,) = connection.execute(sql, [place]).fetchone()
    with opened(path) as store:
        with pytest.raises(DamagedStoreError, match="another digest than the head"):
            store.verify(Head(place, b"x" * 32))
        store.erase(place, because="law")
        store.verify()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "UPDATE entry SET line = ? WHERE position = ?", [line, place]
        )
    with opened(path) as store, pytest.raises(DamagedStoreError) as caught:
        store.verify()
    assert f"entry {place}" == caught.value.faults[0].place
    assert "is said to be erased" in str(caught.value)


TAMPERED = {
    "UPDATE entry SET line = replace(line, 'AAA', 'ABA') WHERE position = 2": "digest",
    "DELETE FROM entry WHERE position = 2": "some are missing",
    "DELETE FROM entry WHERE position = 4": "is entry 3, and the head names entry 4",
    "DELETE FROM entry": "is entry -1, and the head names entry 4",
    "UPDATE entry SET digest = zeroblob(32) WHERE position = 1": "entry 2: does not",
    "UPDATE erased SET because = '\"x\"'": "erased entry 0: was changed",
    "UPDATE erased SET leaf = zeroblob(32)": "entry 0: does not have the digest",
    "DELETE FROM erased": "head: says that 1 entries were erased, and 0 were",
    "UPDATE erased SET position = 1": "entry 1: is there, and is said to be erased",
    "UPDATE erased SET position = 99": "erased entry 99: was never there",
    "DROP INDEX entry_spot": "schema of entry_spot: is not as it was made",
    "CREATE VIEW v AS SELECT 1": "schema of v: is not as it was made",
    "DROP TABLE head": "schema of head: is not as it was made",
    "DELETE FROM head": "there are 0 heads, and should be one",
    "UPDATE head SET position = 3": "is entry 4, and the head names entry 3",
    "UPDATE head SET digest = zeroblob(32)": "entry 4, or another digest: restore",
    "UPDATE head SET erasures = 0": "says that 0 entries were erased, and 1 were",
}


@pytest.mark.parametrize("sql", TAMPERED)
def test_changes_by_other_programs_are_found(path: Path, sql: str) -> None:
    """What somebody changes in the database by other means is found, and named."""
    with opened(path) as store:
        store.append(facts(5))
        store.erase(0, because="law")
    with closing(sqlite3.connect(path)) as database:
        database.execute(sql)
        database.commit()
    with pytest.raises(DamagedStoreError, match=TAMPERED[sql]), opened(path) as store:
        store.verify()


# Each made a reader loop for ever, or an append say that it wrote what it did not.
RECEIVED = {
    "DELETE FROM head; INSERT INTO head VALUES (900, zeroblob(32), 0)": "names entry 9",
    "DROP TABLE head; CREATE VIEW head AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL"
    " SELECT i + 1 FROM n) SELECT i AS position, zeroblob(32) AS digest, 0 AS erasures"
    " FROM n": "schema of head: is not as it was made: restore a backup",
    "CREATE TRIGGER t BEFORE INSERT ON entry BEGIN SELECT raise(ignore); END": (
        "schema of t: is not as it was made: drop it"
    ),
    "CREATE INDEX more ON entry (line)": "schema of more: is not as it was made: drop",
}


@pytest.mark.parametrize("sql", RECEIVED)
def test_a_file_that_could_deceive_is_refused_when_opened(path: Path, sql: str) -> None:
    """The schema and the head are looked at before anything else is read."""
    with opened(path) as store:
        store.append(facts(5))
    with closing(sqlite3.connect(path)) as database:
        database.executescript(sql)
        database.commit()
    with pytest.raises(DamagedStoreError, match=RECEIVED[sql]) as caught:
        opened(path)
    assert path.name in str(caught.value)


def test_a_file_is_opened_without_trust_in_its_schema(path: Path) -> None:
    """What a file defines may call no function that does more than compute."""
    with opened(path) as store:
        assert (0,) == connection_of(store).execute("PRAGMA trusted_schema").fetchone()


TRIGGERS = {
    "entry": "BEFORE INSERT ON entry WHEN new.position = 6",
    "head": "BEFORE UPDATE ON head",
}


@pytest.mark.parametrize("table", TRIGGERS)
def test_an_append_that_a_trigger_undoes_is_not_acknowledged(
    path: Path, table: str
) -> None:
    """A trigger that came while the file was open prevents an append, loudly."""
    with opened(path) as store:
        head = store.append(facts(5))
        with closing(sqlite3.connect(path)) as other:
            other.execute(
                f"CREATE TRIGGER t {TRIGGERS[table]} BEGIN SELECT raise(ignore); END"
            )
        with pytest.raises(DamagedStoreError, match="remove the trigger or rule"):
            store.append(facts(8))

        assert head == store.head()


def test_a_line_at_the_position_of_another_is_refused(path: Path) -> None:
    """Read, followed, copied, appended to: a moved line is named, and nobody loops."""
    read_of_one = Projection(int, lambda state, _: state, parties=["AAA"])
    with opened(path) as store:
        store.append(facts(6))
        lines = [one.line for one in _stored(store)]
        sql = "UPDATE entry SET line = ? WHERE position = 3"
        connection_of(store).execute(sql, [lines[1]])
        reads: list[Callable[[], object]] = [
            store.read,
            lambda: store.read(parties=["AAA"]),
            lambda: store.read(projection=read_of_one),
            lambda: [*store.follow(timeout=0)],
            lambda: store.append(facts(6)),
            lambda: store.append(EventLog.of(*facts(7))),
            lambda: copy(store, MemoryStore(WORDS)),
        ]
        for read in reads:
            with pytest.raises(DamagedStoreError, match=r"entry 3.* of entry 1: it"):
                read()


def _stored(store: SQLiteStore) -> list[StoredEntry]:
    with store._database.session(writing=False) as session:
        return [*session.stored(-1)]


def test_read_reports_lines_that_are_not_a_log(path: Path) -> None:
    """A line that corrects what is not there makes no log, and is told so."""
    with opened(path) as store:
        store.append(EventLog.of(*facts(3)).append(fact("c"), supersedes=2))
        words = '"supersedes":2', '"supersedes":9'
        connection_of(store).execute(
            "UPDATE entry SET line = replace(line, ?, ?)", words
        )
        with pytest.raises(DamagedStoreError, match="log: "):
            store.read()


def test_a_line_that_a_vocabulary_cannot_read_is_a_fault_of_that(path: Path) -> None:
    """Lines that are as they were written are sound: the first of another is named."""
    with opened(path) as store:
        store.append([*facts(2), Event(Deed("d", PAIR), when="2016"), *facts(4)])

    @frozen
    class Other:
        words: int

    with (
        SQLiteStore(path, Vocabulary(Fact, Deed=Other)) as store,
        pytest.raises(VocabularyError, match=r"not those named here \(entry 2: event"),
    ):
        store.verify()


@pytest.mark.parametrize("number", [0, 9])
def test_a_group_without_entries_is_a_fault(path: Path, number: int) -> None:
    """Whether entries of groups before or after it are there."""
    with opened(path) as store:
        store.append([*facts(2), Event(Deed("d", PAIR), when="2016")])
        sql = f"INSERT INTO topic VALUES ({number}, '\"None\"', 1, '[]')"
        connection_of(store).execute(sql)

        with pytest.raises(DamagedStoreError, match="no entry is about it") as caught:
            store.verify()
    assert [f"topic {number}"] == [fault.place for fault in caught.value.faults]


@pytest.mark.slow
def test_a_cell_of_another_type_is_damage(path: Path) -> None:
    """What no cell can hold is reported as damage by whoever reads it."""
    with opened(path) as store:
        store.append(facts(2))
        connection_of(store).execute("CREATE TABLE copy AS SELECT * FROM entry")
        connection_of(store).execute("DROP TABLE entry")
        connection_of(store).execute("ALTER TABLE copy RENAME TO entry")
        connection_of(store).execute("UPDATE entry SET line = x'00'")
        with pytest.raises(DamagedStoreError, match="of one of the entries 0 to 1"):
            store.read()
        with pytest.raises(DamagedStoreError, match="of entry 0 are not a line"):
            store.tree_head()
        gc.collect()  # what failed may still hold the statement that was reading
        connection_of(store).execute("DROP TABLE head")
        with pytest.raises(DamagedStoreError, match="no such table: head"):
            store.head()
        connection_of(store).execute("CREATE TABLE head (position, digest, erasures)")
        connection_of(store).execute("INSERT INTO head VALUES ('x', x'00', 0)")
        with pytest.raises(DamagedStoreError, match="a cell holds 'x'"):
            store.head()


def test_faults_are_counted_to_a_hundred(path: Path) -> None:
    """Of a file that is damaged all over a hundred faults are reported."""
    with opened(path) as store:
        store.append(facts(300))
        connection_of(store).execute("UPDATE entry SET line = ' ' || line")
        with pytest.raises(DamagedStoreError) as caught:
            store.verify()

        assert 100 == len(caught.value.faults)
