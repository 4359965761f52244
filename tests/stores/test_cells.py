"""Every cell of every table, changed one at a time: found, or no answer differs."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from random import Random

import psycopg
import pytest
from log_strategies import Deed, Fact
from postgres_server import shared
from store_worlds import PAIR, WORDS, fact, facts, ticking

from bri_timeline import Event, EventLog, Source
from bri_timeline.errors import BriTimelineError
from bri_timeline.relations import AgreementSigned, Money, Visited
from bri_timeline.stores import MemoryStore, PostgresStore, SQLiteStore, Store, copy


CITED = Source("Report", published="2016-03-01").at("page 4")
Row = tuple[object, ...]
Run = Callable[[str, Row], object]


def contents() -> tuple[EventLog, list[Event]]:
    """Return a log with all that an entry can be, and the plain claims in it."""
    money = Money("1.50", "USD")
    plain = [
        *facts(3),
        fact("n", id="x"),
        fact("like", id="0" * 32),
        Event(Deed("d", PAIR), when="2016-05", cite=CITED),
        Event(Visited(guest="AZE", host="CHN"), when="2015/2016", cite=CITED),
        Event(AgreementSigned({"AZE", "CHN"}, "t", value=money), when="2015~"),
        Event(Fact("alone", frozenset()), when="Y-100000"),
    ]
    log = EventLog.of(*plain).append(fact("c"), supersedes=2)
    log = log.append(fact("known"), known="2019-01-01").retract(1, because="wrong")
    return log.append(Event(Fact("gone", frozenset({"CCC"})), when="2014")), plain


def fill(store: Store) -> None:
    """Fill a store."""
    log, _ = contents()
    store.append(log)
    store.erase(len(log) - 1, because="law")


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


def others(value: object, column: Sequence[object]) -> list[object]:
    """Return what a cell may be changed to: near, far, absent, or of another row."""
    found: list[object] = [None, *column]
    if isinstance(value, int):
        found += [value + 1, value - 1, -value, value ^ (1 << 24), 0, -1, 1 << 40]
    elif isinstance(value, str):
        found += ["", value + " ", value[:-1], value.replace("A", "B"), '"x"', "[]"]
    elif isinstance(value, bytes):
        found += [b"", value[:-1], bytes([value[0] ^ 1, *value[1:]]), bytes(32)]
    else:
        found += [0, 1, 7]
    return [other for other in dict.fromkeys(found) if (other, value) != (value, other)]


def changes(
    tables: dict[str, tuple[list[str], list[Row]]],
) -> Iterator[tuple[str, str, list[object]]]:
    """Yield statements that change one cell, or delete or repeat one row."""
    for table, (names, rows) in tables.items():
        for row in rows:
            same = " AND ".join(f"{name} IS NOT DISTINCT FROM ?" for name in names)
            for place, name in enumerate(names):
                column = [other[place] for other in rows]
                for value in others(row[place], column):
                    sql = f"UPDATE {table} SET {name} = ? WHERE {same}"
                    yield table, sql, [value, *row]
            yield table, f"DELETE FROM {table} WHERE {same}", [*row]
            for changed in repeated(row):
                marks = ", ".join("?" * len(row))
                yield table, f"INSERT INTO {table} VALUES ({marks})", changed


def some_changes(
    tables: dict[str, tuple[list[str], list[Row]]], trials: Callable[..., int]
) -> list[tuple[str, str, list[object]]]:
    """Return a quarter of these statements, or all of them."""
    found = [*changes(tables)]
    return Random(6).sample(found, trials(len(found), share=4))


def repeated(row: Row) -> Iterator[list[object]]:
    """Yield a row as it is, and with another number or name, as its key may need."""
    yield [*row]
    for place, value in enumerate(row[:2]):
        other = value + 1000 if type(value) is int else f"{value}x"
        yield [*row[:place], other, *row[place + 1 :]]


TABLES = ("topic", "party", "entry", "erased", "head")


@pytest.mark.full
def test_every_changed_cell_of_a_file_is_found(
    tmp_path: Path, trials: Callable[..., int]
) -> None:
    """In SQLite no cell, and no row, can be changed without being found."""
    path = tmp_path / "log.db"
    with SQLiteStore(path, WORDS, clock=ticking(), synchronous="NORMAL") as store:
        fill(store)
    whole = path.read_bytes()

    def asked() -> object:
        with SQLiteStore(path, WORDS, clock=ticking(), synchronous="NORMAL") as store:
            store.verify()
            return answers(store)

    expected = asked()
    path.write_bytes(whole)
    tables = {}
    with closing(sqlite3.connect(path)) as database:
        for table in TABLES:
            cursor = database.execute(f"SELECT * FROM {table}")
            names = [column[0] for column in cursor.description]
            tables[table] = names, cursor.fetchall()
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

    assert found > 250
    assert refused > 25


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
                store.verify()
                with PostgresStore(shared(), WORDS, schema="cells") as again:
                    changed = answers(again)
                restore(TABLES)
                assert expected == changed, (statement, cells)
            except BriTimelineError:
                found += 1
                restore([table])

    assert found > 250
    assert refused > 25
