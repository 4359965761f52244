"""A store that is no longer the file of its name, or no longer its own later self."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from processes import forked, joined
from store_worlds import OPENERS, WORDS, Opener, fact, facts, ticking

from bri_timeline.errors import BriTimelineError, ReplacedStoreError, StoreError
from bri_timeline.stores import SQLiteStore, Store, backup
from bri_timeline.stores._file_names import FileNames
from bri_timeline.stores._sqlite_file import FileConnection


SUPPORT = Path(__file__).parents[1] / "support"
# Opens a store in another process, appends, and waits for a line before it closes.
OTHER = """
import sys
from pathlib import Path
from store_worlds import WORDS, fact
from bri_timeline.stores import SQLiteStore

store = SQLiteStore(sys.argv[1], WORDS)
for word in sys.argv[2:]:
    store.append(fact(word))
print(store.head().position, flush=True)
for line in sys.stdin:
    print(store.append(fact(line.strip())).position, flush=True)
store.close()
"""


def opened(path: Path) -> SQLiteStore:
    """Open a store in a file."""
    return SQLiteStore(path, WORDS, clock=ticking(), synchronous="NORMAL")


def another(path: Path, *words: str) -> subprocess.Popen[str]:
    """Start a process that opens a file and appends words; return when it has."""
    process = subprocess.Popen(
        [sys.executable, "-c", OTHER, str(path), *words],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(SUPPORT), *sys.path])},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline()
    return process


def words_in(path: Path) -> set[str]:
    """Return what a store says, opened anew and verified."""
    with opened(path) as store:
        store.verify()
        return {entry.claim.what.value for entry in store.read()}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where a file can be made, in a folder that can be moved."""
    folder = tmp_path / "folder"
    folder.mkdir()
    return folder / "log.db"


# --- files ----------------------------------------------------------------------------


def _moved_over(path: Path, saved: Path) -> None:
    saved.replace(path)


def _copied_over(path: Path, saved: Path) -> None:
    # In place: the file keeps its number.
    shutil.copyfile(saved, path)
    os.utime(path, ns=(1, 1))


def _deleted(path: Path, _: Path) -> None:
    path.unlink()


def _moved_away(path: Path, _: Path) -> None:
    path.rename(f"{path}x")


def _without_wal(path: Path, _: Path) -> None:
    Path(f"{path}-wal").unlink()


def _without_index(path: Path, _: Path) -> None:
    Path(f"{path}-shm").unlink()


def _without_lock(path: Path, _: Path) -> None:
    Path(f"{path}-lock").unlink()


def _folder_moved(path: Path, _: Path) -> None:
    path.parent.rename(f"{path.parent}2")


WAYS: dict[str, Callable[[Path, Path], None]] = {
    "backup moved over it": _moved_over,
    "backup copied over it": _copied_over,
    "deleted": _deleted,
    "moved away": _moved_away,
    "log deleted": _without_wal,
    "index of the log deleted": _without_index,
    "lock deleted": _without_lock,
    "folder moved": _folder_moved,
}
ASKED: dict[str, Callable[[Store], object]] = {
    "read": lambda store: store.read(),
    "read a part": lambda store: store.read(parties=["AAA"]),
    "follow": lambda store: [*store.follow(timeout=0.0)],
    "verify": lambda store: store.verify(),
    "erase": lambda store: store.erase(0, because="law"),
}
KEPT = {"backup copied over it", "lock deleted"}


@pytest.mark.parametrize("emptied", [False, True], ids=["", "log emptied"])
@pytest.mark.parametrize("way", [*WAYS])
def test_what_is_acknowledged_is_in_the_file_of_the_name(
    path: Path, way: str, emptied: bool
) -> None:
    """Or nothing is: whatever happens to the file and to those beside it."""
    saved = path.with_name("saved.db")
    store = opened(path)
    store.append(fact("one"))
    backup(store, saved)
    store.append(fact("two"))
    if emptied:
        opened(path).close()  # empties the write-ahead log into the file
    WAYS[way](path, saved)
    refused, told, acknowledged = set(), set(), set[str]()
    for name, ask in {**ASKED, "append": None}.items():
        word = f"{way} {name}"
        try:
            if ask is None:
                store.append(fact(word))
                acknowledged.add(word)
            elif name != "erase":
                ask(store)
        except ReplacedStoreError as error:
            refused.add(name)
            told.add(error.place)
    # What a log that is not empty holds of the file, is read in place of the file.
    kept = KEPT if not emptied else {"lock deleted"}

    assert refused == (set() if way in kept else {*ASKED, "append"} - {"erase"})

    assert told <= {str(path)}

    store.close()
    if acknowledged:
        assert {"one", "two"} | acknowledged == words_in(path)


@pytest.mark.parametrize("name", [*ASKED])
def test_whatever_is_asked_of_a_replaced_store_is_refused(
    path: Path, name: str
) -> None:
    """A store that reads goes on no longer than one that appends."""
    with opened(path) as store:
        store.append(facts(2))
        path.unlink()
        with pytest.raises(ReplacedStoreError, match="is not where it was"):
            ASKED[name](store)
        with pytest.raises(ReplacedStoreError):
            backup(store, path.with_name("saved.db"))

        assert not path.with_name("saved.db").exists()


@pytest.mark.slow
def test_a_backup_restored_under_two_processes_loses_nothing(path: Path) -> None:
    """The one that had the old file does not touch what the other appends."""
    store, saved = opened(path), path.with_name("saved.db")
    store.append(facts(30))
    backup(store, saved)
    store.append(facts(60))
    saved.replace(path)
    other = another(path, "B1")
    with pytest.raises(ReplacedStoreError, match="is another file"):
        store.append(fact("A"))
    store.close()
    position, _ = other.communicate("B2\nB3\n")

    assert 0 == other.returncode
    assert {"B1", "B2", "B3"} <= words_in(path)
    assert len(position.split()) == 2


@pytest.mark.slow
def test_an_index_that_was_deleted_hides_no_append_of_others(path: Path) -> None:
    """Nor is the log emptied by who does not see what others have added to it."""
    store = opened(path)
    store.append(fact("one"))
    Path(f"{path}-shm").unlink()
    other = another(path, "two")
    with pytest.raises(ReplacedStoreError, match=r"has lost log\.db-shm"):
        store.append(fact("three"))
    other.communicate("four\n")
    # By now it is the only one that has the file.
    store.close()

    assert {"one", "two", "four"} == words_in(path)


def test_a_log_that_was_deleted_is_emptied_into_the_file(path: Path) -> None:
    """What was acknowledged before is in the file when the store is closed."""
    store = opened(path)
    store.append(facts(3))
    Path(f"{path}-wal").unlink()
    with pytest.raises(ReplacedStoreError, match=r"has lost log\.db-wal"):
        store.append(fact("x"))
    with pytest.raises(ReplacedStoreError, match="is open in this process"):
        opened(path)
    store.close()

    assert {"0", "1", "2"} == words_in(path)


def test_a_file_replaced_within_an_append_is_not_acknowledged(path: Path) -> None:
    """It is looked up after the commit, too."""

    def clock() -> object:
        path.rename(path.with_name("moved.db"))
        return ticking()()

    with opened(path) as store:
        store.append(fact("one"))
        store._database.clock = clock
        with pytest.raises(ReplacedStoreError):
            store.append(fact("two"))


def test_a_file_replaced_while_it_is_opened_is_refused(path: Path) -> None:
    """The file that SQLite has opened is the one that had the name before."""
    opened(path).close()
    saved = path.with_name("saved.db")
    shutil.copyfile(path, saved)

    def replacing(_: object) -> tuple[sqlite3.Connection, bool]:
        connection = sqlite3.connect(path)
        saved.replace(path)
        return connection, False

    file = FileConnection(path, replacing, 1.0)
    with pytest.raises(ReplacedStoreError, match="is another file"), file.used():
        pass


def test_a_log_that_was_gone_when_the_file_was_opened_is_named(path: Path) -> None:
    """Whether a file beside it was there at first or not, the error says which."""
    path.touch()
    names = FileNames(path)
    names.take(is_alone=False)
    with pytest.raises(ReplacedStoreError, match=r"has lost log\.db-wal"):
        names.check()


def test_a_lock_that_was_deleted_is_made_anew(path: Path) -> None:
    """Two writers have one lock, even if it was deleted in between."""
    with opened(path) as store, opened(path) as other:
        store.append(fact("one"))
        lock = Path(f"{path}-lock")
        lock.unlink()
        other.append(fact("two"))
        locks = [one._database.file.writer_lock for one in (store, other)]
        with (
            locks[0].held("x", 0.0),
            pytest.raises(StoreError, match="locked by another writer"),
            locks[1].held("x", 0.0),
        ):
            pass


def test_a_link_names_the_file_that_it_leads_to(path: Path) -> None:
    """The files beside it are those of that file; another goal is another file."""
    link = path.with_name("link.db")
    link.symlink_to(path)
    with opened(link) as store:
        store.append(fact("one"))

        assert not Path(f"{link}-lock").exists()
        assert Path(f"{path}-lock").exists()
        assert (
            store._database.file.names.wal_size
            == Path(f"{path}-wal").stat().st_size
            > 0
        )

        backup(store, path.with_name("other.db"))
        link.unlink()
        link.symlink_to(path.with_name("other.db"))
        with pytest.raises(ReplacedStoreError, match="is another file"):
            store.append(fact("two"))


def test_who_empties_the_log_does_not_stop_others(path: Path) -> None:
    """Each goes on after the other has written the file itself."""
    with opened(path) as store:
        for number in range(5):
            store.append(fact(str(number)))
            with opened(path) as other:
                other.append(fact(f"other {number}"))
            os.utime(path, ns=(number, number))

        assert 10 == len(store.read())


def test_threads_that_open_and_close_a_file_see_no_replacement(path: Path) -> None:
    """SQLite makes and deletes the files beside it meanwhile."""

    def work(number: int) -> None:
        for step in range(15):
            with opened(path) as store:
                store.append(fact(f"{number} {step}"))

    with ThreadPoolExecutor(4) as threads:
        for done in [threads.submit(work, number) for number in range(4)]:
            done.result()

    assert 60 == len(words_in(path))


def test_a_store_that_rests_in_a_fork_notices_an_older_file(path: Path) -> None:
    """The file has the same number, and ends before the last entry that was seen."""
    with opened(path) as store:
        store.append(facts(2))
        backup(store, path.with_name("saved.db"))
        old = path.with_name("saved.db").read_bytes()
        store.append(fact("x"))
        joined(forked(lambda: None))
        path.write_bytes(old)
        with pytest.raises(ReplacedStoreError, match="ends at entry 1, and has had en"):
            store.append(fact("y"))


# --- content --------------------------------------------------------------------------


def _emptied(store: Store) -> None:
    """Put an empty store in the place of one, as if a backup was restored."""
    with store._database.transaction(writing=True) as session:
        if hasattr(session, "truncate"):
            session.truncate(0)
            return
        session.rows("DELETE FROM entry")
        session.rows("UPDATE head SET position = ?, digest = ?", -1, bytes(32))
        session._reached = None


@pytest.mark.parametrize("opener", OPENERS.values(), ids=OPENERS)
def test_a_head_that_went_back_is_an_error(opener: Opener) -> None:
    """Whichever database: its content was replaced by an earlier one."""
    with opener() as store:
        store.append(facts(3))
        _emptied(store)
        for ask in (*ASKED.values(), lambda store: store.append(fact("x"))):
            with pytest.raises(
                ReplacedStoreError, match="ends at entry -1, and has had entry 2"
            ):
                ask(store)


@pytest.mark.parametrize("opener", OPENERS.values(), ids=OPENERS)
def test_another_entry_at_a_position_that_was_seen_is_an_error(opener: Opener) -> None:
    """An earlier content that somebody else went on from has another history."""
    with opener() as store:
        store.append(facts(2))
        _emptied(store)
        database = store._database
        kept, database._seen = database._seen, type(database._seen)()
        store.append(facts(5, start=7))
        database._seen = kept
        for ask in (*ASKED.values(), lambda store: store.append(fact("x"))):
            with pytest.raises(ReplacedStoreError, match="has another entry 1 than it"):
                ask(store)


@pytest.mark.parametrize("opener", OPENERS.values(), ids=OPENERS)
def test_what_others_append_and_erase_is_no_replacement(opener: Opener) -> None:
    """The last entry that was seen still has its digest."""
    with opener() as store:
        store.append(facts(3))
        store.erase(2, because="law")
        kept = store._database._seen
        store.append(facts(5, start=3))
        store._database._seen = kept

        assert 8 == len(store.read())


@pytest.mark.parametrize("opener", OPENERS.values(), ids=OPENERS)
def test_a_clock_that_asks_its_store_is_told_so(opener: Opener) -> None:
    """It is no damage."""
    with opener() as store:
        store._database.clock = lambda: (store.head(), ticking()())[1]
        with pytest.raises(StoreError, match="is asked or closed while") as caught:
            store.append(fact("x"))

        assert type(caught.value) is StoreError
        assert isinstance(caught.value, BriTimelineError)

        store._database.clock = ticking()

        assert 0 == store.append(fact("x")).position


@pytest.mark.parametrize("opener", OPENERS.values(), ids=OPENERS)
def test_a_store_cannot_be_closed_while_it_answers(opener: Opener) -> None:
    """It is no damage either, and the store stays open."""
    with opener() as store:
        store.append(fact("x"))
        with pytest.raises(StoreError, match="is asked or closed while") as caught:
            store.read(progress=lambda _: store.close())

        assert type(caught.value) is StoreError
        assert 1 == store.append(fact("y")).position
