"""Every cell of every table, changed one at a time: found, or no answer differs."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from random import Random

import psycopg
import pytest
from log_strategies import Fact
from postgres_server import shared
from store_damage import CALLS, TABLES, Row, changes, contents, fill, tables_of
from store_worlds import WORDS, ticking

from bri_timeline import Event
from bri_timeline.errors import (
    BriTimelineError,
    DamagedStoreError,
    EntryError,
    StaleLogError,
)
from bri_timeline.stores import (
    MemoryStore,
    PostgresStore,
    SQLiteStore,
    Store,
    _sqlite,
    copy,
)


def answers(store: Store) -> object:
    """Return all that a store says, also when what it holds is said again."""
    _, plain = contents()
    found = [
        store.read(),
        *(store.read(parties=[party]) for party in ("AAA", "AZE", "CCC", "AAB")),
        *(store.read(kinds=[kind]) for kind in ("Fact", "Visited", "Deed")),
        store.read(kinds=["Fact"], parties=["AAA"], known_by="2018-01-01"),
        *(store.read(known_by=day) for day in ("2016-02-01", "2016-03-01")),
        *(store.read(on_or_before=day) for day in ("2015-01-01", "2016-01-01")),
        store.tree_head(),
        [*store.follow(timeout=0)],
    ]
    with MemoryStore(WORDS) as target:
        found += [copy(store, target), target.read()]
    # Entry 1 was retracted, so that it is said anew; the others are there.
    return [*found, store.append(plain).position, store.read()]


def some_changes(
    tables: dict[str, tuple[list[str], list[Row]]], trials: Callable[..., int]
) -> list[tuple[str, str, list[object]]]:
    """Return some of these statements, or all of them."""
    found = [*changes(tables)]
    return Random(6).sample(found, trials(len(found), share=8))


@pytest.mark.slow
@pytest.mark.full
def test_every_changed_cell_of_a_file_is_found(
    tmp_path: Path, trials: Callable[..., int]
) -> None:
    """In SQLite no cell, and no row, can be changed without being found."""
    path = tmp_path / "log.db"
    with opened(path) as store:
        fill(store)
    whole = path.read_bytes()

    def asked() -> object:
        with opened(path) as store:
            store.verify()
            return answers(store)

    expected = asked()
    path.write_bytes(whole)
    tables = tables_of(path)
    found = refused = 0
    for _, sql, cells in some_changes(tables, trials):
        path.write_bytes(whole)
        try:
            with closing(sqlite3.connect(path)) as database, database:
                assert 1 == database.execute(sql, cells).rowcount
        except sqlite3.Error:
            refused += 1
            continue
        try:
            changed = asked()
        except BriTimelineError:
            found += 1
        else:
            assert expected == changed, (sql, cells)

    assert found > 125
    assert refused > 10


@pytest.mark.slow
@pytest.mark.full
def test_every_changed_cell_of_a_database_is_found(
    trials: Callable[..., int],
) -> None:
    """In PostgreSQL no cell, and no row, can be changed without being found."""
    with (
        PostgresStore(shared(), WORDS, schema="cells", clock=ticking()) as store,
        psycopg.connect(shared(), autocommit=True) as sql,
    ):
        fill(store)
        sql.execute("SET search_path = cells")
        tables = {}
        for table in TABLES:
            cursor = sql.execute(f"SELECT * FROM {table}")
            names = [column.name for column in cursor.description]
            tables[table] = names, cursor.fetchall()

        def restore(only: Sequence[str]) -> None:
            for table in only:
                sql.execute(f"DELETE FROM {table}")
                rows = tables[table][1]
                marks = ", ".join(["%s"] * len(rows[0]))
                insert = f"INSERT INTO {table} VALUES ({marks})"
                sql.cursor().executemany(insert, rows)

        expected = answers(store)
        restore(TABLES)
        found = refused = 0
        for table, statement, cells in some_changes(tables, trials):
            try:
                done = sql.execute(statement.replace("?", "%s").encode(), cells)
                assert 1 == done.rowcount
            except psycopg.Error:
                refused += 1
                continue
            try:
                with PostgresStore(shared(), WORDS, schema="cells") as again:
                    again.verify()
                    changed = answers(again)
                restore(TABLES)
                assert expected == changed, (statement, cells)
            except BriTimelineError:
                found += 1
                restore([table])

    assert found > 125
    assert refused > 10


def opened(path: Path) -> SQLiteStore:
    """Open a store in a file."""
    return SQLiteStore(path, WORDS, clock=ticking(), synchronous="NORMAL")


FAR = 1 << 62
MOVED = f"UPDATE topic SET id = id + {FAR}"
AHEAD = f"UPDATE head SET position = {FAR}"


# --- every call -----------------------------------------------------------------------


def foreign(path: Path) -> list[str]:
    """Ask a store everything; return the errors that are not of the library."""
    found = []
    with suppress(BriTimelineError), opened(path) as store:
        for name, ask in CALLS.items():
            try:
                ask(store)
            except BriTimelineError:
                pass
            except Exception as error:
                found.append(f"{name}: {type(error).__name__}: {error}")
    return found


@pytest.mark.slow
@pytest.mark.full
def test_a_changed_cell_makes_no_foreign_error(
    tmp_path: Path, trials: Callable[..., int]
) -> None:
    """Whatever a cell holds, each call has an answer, or an error of the library."""
    path = tmp_path / "log.db"
    with opened(path) as store:
        fill(store)
    whole, tables = path.read_bytes(), tables_of(path)
    every = [*changes(tables, extreme=True)]
    for _, sql, cells in Random(7).sample(every, trials(len(every), share=120)):
        path.write_bytes(whole)
        with suppress(sqlite3.Error), closing(sqlite3.connect(path)) as database:
            database.execute("PRAGMA ignore_check_constraints = ON")
            with database:
                database.execute(sql, cells)
        assert not foreign(path), (sql, cells)


@pytest.mark.parametrize(
    ("sql", "call"),
    [
        (MOVED, "append"),
        (f"UPDATE party SET topic = topic + {FAR}; {MOVED}", "read by parties"),
        ("UPDATE topic SET id = id + (1 << 39)", "append"),
        ("UPDATE topic SET id = (1 << 39) - 1 WHERE id = 1", "append a new group"),
        ("UPDATE topic SET version = 2, id = id + (1 << 39)", "append"),
        ("DELETE FROM entry WHERE position = 2", "read by kinds"),
        ("DELETE FROM entry WHERE position = 3", "prove_inclusion"),
        ("DELETE FROM entry WHERE position = 3", "prove_consistency"),
        ("DELETE FROM entry WHERE position = 12", "erase the last"),
        ("UPDATE erased SET position = -12", "copy"),
        (f"UPDATE entry SET position = {FAR} WHERE position = 12; {AHEAD}", "append"),
        ("UPDATE head SET position = -2, digest = zeroblob(32)", "head"),
    ],
)
def test_a_number_out_of_place_is_damage(tmp_path: Path, sql: str, call: str) -> None:
    """Numbers without an end, and rows that are not there, are no foreign errors."""
    path = tmp_path / "log.db"
    pair = frozenset({"NEW", "OLD"})
    calls = {
        **CALLS,
        "append a new group": lambda store: store.append(
            Event(Fact("", pair), when="1000")
        ),
        "erase the last": lambda store: store.erase(12, because="law"),
    }
    with opened(path) as store:
        fill(store)
        store.head()
        with closing(sqlite3.connect(path)) as database:
            database.executescript(sql)
        with pytest.raises((DamagedStoreError, StaleLogError, EntryError)):
            calls[call](store)


def test_an_index_that_finds_other_groups_is_damage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A damaged index may find rows that were not asked for."""
    with opened(tmp_path / "log.db") as store:
        fill(store)
    with opened(tmp_path / "log.db") as store:
        rows = _sqlite._SqliteSession.rows

        def others(session: object, sql: str, *cells: object) -> object:
            found = rows(session, sql, *cells)
            is_asked = sql.startswith("SELECT id, parties FROM topic")
            return [(number, "[]") for number, _ in found] if is_asked else found

        monkeypatch.setattr(_sqlite._SqliteSession, "rows", others)
        with pytest.raises(DamagedStoreError, match="in place of others"):
            store.append(contents()[1])


def test_an_entry_that_its_number_does_not_find_is_damage() -> None:
    """It was found when all were read."""
    with MemoryStore(WORDS) as store:
        fill(store)
        store._leaves = lambda _: [bytes(32)] * 99
        with pytest.raises(DamagedStoreError, match="entry 70: is missing"):
            store.prove_inclusion(70)


@pytest.mark.slow
@pytest.mark.full
def test_a_changed_page_makes_no_foreign_error(
    tmp_path: Path, trials: Callable[..., int]
) -> None:
    """Nor does a byte of a page, a page of another place, or one that is empty."""
    path = tmp_path / "log.db"
    with opened(path) as store:
        fill(store)
    whole = path.read_bytes()
    for number in range(trials(3_000, share=200)):
        path.write_bytes(damaged(whole, Random(number)))
        assert not foreign(path), number


def damaged(whole: bytes, draw: Random) -> bytes:
    """Return the pages of a file with some of them changed."""
    pages = [bytearray(whole[at : at + PAGE]) for at in range(0, len(whole), PAGE)]
    place = draw.randrange(1, len(pages))
    kind = draw.randrange(4)
    if kind == 0:
        pages[place] = pages[draw.randrange(1, len(pages))]
    elif kind == 1:
        pages[place] = bytearray(PAGE)
    else:
        used = [at for at, byte in enumerate(pages[place]) if byte]
        for _ in range(draw.choice((1, 1, 3, 20))):
            pages[place][draw.choice(used or [0])] = draw.randrange(256)
    return b"".join(pages)


PAGE = 4096
