"""Changes of a store's database by others, and every question to a store."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from log_strategies import Deed, Fact
from store_worlds import PAIR, WORDS, fact, facts

from bri_timeline import Event, EventLog, Source
from bri_timeline.relations import AgreementSigned, Money, Visited
from bri_timeline.stores import MemoryStore, Store, backup, copy


__all__ = ["CALLS", "TABLES", "Row", "changes", "contents", "fill", "tables_of"]

CITED = Source("Report", published="2016-03-01").at("page 4")
Row = tuple[object, ...]


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


EXTREMES: list[object] = [2**63 - 1, -(2**63), 1 << 62, 1 << 39]
TABLES = ("topic", "party", "entry", "erased", "head")


def tables_of(path: Path) -> dict[str, tuple[list[str], list[Row]]]:
    """Return the names of the columns, and the rows, of each table of a file."""
    tables = {}
    with closing(sqlite3.connect(path)) as database:
        for table in TABLES:
            cursor = database.execute(f"SELECT * FROM {table}")
            names = [column[0] for column in cursor.description]
            tables[table] = names, cursor.fetchall()
    return tables


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
    tables: dict[str, tuple[list[str], list[Row]]], *, extreme: bool = False
) -> Iterator[tuple[str, str, list[object]]]:
    """Yield statements that change one cell, or delete or repeat one row.

    Args:
        tables: The names of the columns, and the rows, of each table.
        extreme: Whether numbers are also the largest and the least there are.
    """
    for table, (names, rows) in tables.items():
        for row in rows:
            same = " AND ".join(f"{name} IS NOT DISTINCT FROM ?" for name in names)
            for place, name in enumerate(names):
                column = [other[place] for other in rows]
                values = others(row[place], column)
                for value in values + EXTREMES * extreme:
                    sql = f"UPDATE {table} SET {name} = ? WHERE {same}"
                    yield table, sql, [value, *row]
            yield table, f"DELETE FROM {table} WHERE {same}", [*row]
            for changed in repeated(row):
                marks = ", ".join("?" * len(row))
                yield table, f"INSERT INTO {table} VALUES ({marks})", changed


def repeated(row: Row) -> Iterator[list[object]]:
    """Yield a row as it is, and with another number or name, as its key may need."""
    yield [*row]
    for place, value in enumerate(row[:2]):
        other = value + 1000 if type(value) is int else f"{value}x"
        yield [*row[:place], other, *row[place + 1 :]]


def _copied(store: Store) -> object:
    with MemoryStore(WORDS) as target:
        copy(store, target)
        return target.read()


def _saved(store: Store) -> object:
    with tempfile.TemporaryDirectory() as folder:
        return backup(store, Path(folder) / "saved.db")


def _all_again(store: Store) -> object:
    return store.append([*contents()[1], *facts(3, start=90)])


# Every public call, but for those of asyncio.
CALLS: dict[str, Callable[[Store], object]] = {
    "head": lambda store: store.head(),
    "read": lambda store: store.read(),
    "read by parties": lambda store: store.read(parties=["AAA"]),
    "read by two parties": lambda store: store.read(parties=["AZE", "CHN"]),
    "read by kinds": lambda store: store.read(kinds=["Fact"], known_by="2018-01-01"),
    "read by a day": lambda store: store.read(on_or_before="2016-01-01"),
    "follow": lambda store: [*store.follow(timeout=0)],
    "append": _all_again,
    "append a log": lambda store: store.append(contents()[0].append(fact("z"))),
    "revise": lambda store: store.revise(facts(2), dataset="d", published="2020-01-01"),
    "erase": lambda store: store.erase(0, because="law"),
    "erase another": lambda store: store.erase(7, because="law"),
    "verify": lambda store: store.verify(),
    "tree_head": lambda store: store.tree_head(),
    "prove_inclusion": lambda store: store.prove_inclusion(3),
    "prove_consistency": lambda store: store.prove_consistency(3),
    "copy": _copied,
    "backup": _saved,
}
