"""What stores do grows with what is asked, and not with what they hold."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import date
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from effort import growth
from log_strategies import Fact
from postgres_server import shared
from store_worlds import WORDS, ticking

from bri_timeline import Entry, Event
from bri_timeline._form import Codec
from bri_timeline.stores import (
    MemoryStore,
    PostgresStore,
    SQLiteStore,
    Store,
    backup,
    copy,
)


FEW, MANY = 600, 2400
_STEP = 10


def _events(count: int, start: int = 0) -> list[Event]:
    """Return events of pairs that have four each."""
    return [
        Event(
            Fact(str(number), frozenset({f"A{number // 4}", f"B{number // 4}"})),
            when=f"{1000 + number % 1000}",
        )
        for number in range(start, start + count)
    ]


def _filled(path: Path, count: int) -> SQLiteStore:
    store = SQLiteStore(path, WORDS, clock=ticking(), synchronous="NORMAL")
    store.append(_events(count))
    return store


def _steps(store: SQLiteStore, work: Callable[[], object]) -> int:
    """Return how many steps SQLite took for some work."""
    taken: list[None] = []

    # It goes on while this returns nothing.
    def count() -> None:
        taken.append(None)

    connection = store._database.file.connection
    connection.set_progress_handler(count, _STEP)
    work()
    connection.set_progress_handler(None, 0)
    return _STEP * len(taken)


def _append(store: SQLiteStore) -> object:
    return store.append(_events(200, start=5000))


def _repeat(store: SQLiteStore) -> object:
    return store.append(_events(200))


def _follow(store: SQLiteStore) -> object:
    return [*store.follow(after=store.head().position - 1, timeout=0)]


def _read_pair(store: SQLiteStore) -> object:
    return store.read(parties=["A7", "B7"])


def _grow(store: SQLiteStore) -> object:
    return store.append(store.read().append(_events(1, start=9000)[0]))


@pytest.mark.parametrize("work", [_append, _repeat, _follow, _read_pair])
def test_a_question_takes_the_same_steps_of_a_store_four_times_as_large(
    tmp_path: Path, work: Callable[[SQLiteStore], object]
) -> None:
    """SQLite looks at new rows, or at those of a pair, and at no others."""
    with (
        _filled(tmp_path / "few.db", FEW) as few,
        _filled(tmp_path / "many.db", MANY) as many,
    ):
        one, other = (_steps(store, lambda s=store: work(s)) for store in (few, many))

    assert 0 < one
    assert other < 1.2 * one + 100


def _copy(store: SQLiteStore) -> object:
    return copy(store, MemoryStore(WORDS))


def _release(store: SQLiteStore) -> object:
    return store.revise(_events(50, start=7000), dataset="d", published="2021-01-01")


def _prove(store: SQLiteStore) -> object:
    store.prove_consistency(300)
    return store.prove_inclusion(3), store.tree_head()


ABOUT_ALL = [
    SQLiteStore.verify,
    SQLiteStore.read,
    _grow,
    _copy,
    _prove,
    _release,
]


@pytest.mark.parametrize("work", ABOUT_ALL)
def test_a_question_about_all_takes_steps_in_proportion(
    tmp_path: Path, work: Callable[[SQLiteStore], object]
) -> None:
    """Four times as many entries take four times the steps, not sixteen."""
    with (
        _filled(tmp_path / "few.db", FEW) as few,
        _filled(tmp_path / "many.db", MANY) as many,
    ):
        one, other = (_steps(store, lambda s=store: work(s)) for store in (few, many))

    assert 2 * one < other < 4.8 * one


async def _afollow(store: Store) -> list[Entry]:
    return [entry async for entry in store.afollow(timeout=0)]


def _append_each(store: Store) -> None:
    size = store.head().position + 1
    for event in _events(size, start=size):
        store.append([event])


def _backup(store: Store) -> None:
    with TemporaryDirectory() as folder:
        backup(store, Path(folder) / "copy.db")


ACTIONS: dict[str, Callable[[Store], object]] = {
    "afollow": lambda store: asyncio.run(_afollow(store)),
    "append": _append_each,
    "backup": _backup,
    "copy": lambda store: copy(store, MemoryStore(WORDS)),
    "erase": lambda store: store.erase(3, because="law"),
    "follow": lambda store: [*store.follow(timeout=0)],
    "head": lambda store: store.head(),
    "prove_consistency": lambda store: store.prove_consistency(9),
    "prove_inclusion": lambda store: store.prove_inclusion(3),
    "read": lambda store: store.read(),
    "read, kinds": lambda store: store.read(kinds=[Fact], known_by="9999-01-01"),
    "read, parties": lambda store: store.read(parties=["A1"]),
    # Another release of one day is refused.
    "revise": lambda store: store.revise(
        _events(store.head().position, start=3),
        dataset="d",
        published=date.fromordinal(737_000 + store.head().position),
    ),
    "tree_head": lambda store: store.tree_head(),
    "verify": lambda store: store.verify(),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", ACTIONS)
@pytest.mark.parametrize("kind", ["memory", "file"])
def test_an_action_takes_lines_in_proportion(
    tmp_path: Path, kind: str, name: str
) -> None:
    """Of a store four times as large each line is run four times as often."""
    with ExitStack() as opened:
        paths = map(str, count())

        def filled(size: int) -> Store:
            store: Store = MemoryStore(WORDS, clock=ticking())
            if kind == "file":
                path = tmp_path / next(paths)
                store = SQLiteStore(path, WORDS, clock=ticking(), synchronous="NORMAL")
            store.append(_events(size))
            return opened.enter_context(store)

        assert {} == growth(ACTIONS[name], filled)


def test_every_action_is_counted() -> None:
    """A new action of stores has a case above."""
    found = {name for name in dir(Store) if not name.startswith("_")}

    assert found - {"close"} <= ACTIONS.keys()


def test_follow_decodes_new_lines_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After one append one line is decoded, however many there are."""
    decode, read = Codec.decode_with_claims, list[str]()

    def counting(codec: Codec, lines: list[str]) -> object:
        read.extend(lines)
        return decode(codec, lines)

    with _filled(tmp_path / "many.db", MANY) as store:
        head = store.head()
        store.append(_events(1, start=9000))
        monkeypatch.setattr(Codec, "decode_with_claims", counting)

        assert [MANY] == [entry.position for entry in store.follow(head, timeout=0)]
        assert 1 == len(read)


def test_what_a_search_has_found_is_not_encoded_to_find_its_like(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Claims with the same words have the same parties; not in a search by day."""
    encode, encoded = Codec.encode_events, list[int]()

    def counting(codec: Codec, events: list[Event], claims: object) -> object:
        encoded.append(len(events))
        return encode(codec, events, claims)

    pair = {"AAA", "BBB"}
    events = [Event(Fact(f"{n}", frozenset(pair)), when="2015") for n in range(FEW)]
    with MemoryStore(WORDS) as store:
        store.append(events)
        monkeypatch.setattr(Codec, "encode_events", counting)
        for known_by, most in ((None, 0), ("2020-01-01", FEW)):
            assert FEW == len(store.read(parties=pair, known_by=known_by))
            assert most == sum(encoded)


@pytest.mark.slow
def test_postgres_finds_rows_by_index(monkeypatch: pytest.MonkeyPatch) -> None:
    """No plan reads a whole table for a few rows, or compiles a statement first."""
    asked: list[tuple[bytes, Sequence[object]]] = []
    with PostgresStore(shared(), WORDS, schema="growth", clock=ticking()) as store:
        store.append(_events(MANY))
        # Parties with many partners: joins that read all groups seem to pay.
        pairs = [frozenset({f"C{n % 32}", f"D{n // 32}"}) for n in range(32 * 32)]
        store.append([Event(Fact("", pair), when="1000") for pair in pairs])
        connection = store._database.connection
        # Tables of which the planner knows the size are small enough to be read whole.
        connection.execute("ANALYZE growth.entry, growth.topic, growth.party")
        execute = connection.execute

        def noted(sql: bytes | str, cells: Sequence[object] = ()) -> object:
            asked.append((sql.encode() if isinstance(sql, str) else sql, cells))
            return execute(sql, cells)

        monkeypatch.setattr(connection, "execute", noted)
        store.append(_events(MANY, start=1))
        store.read(parties=["C7", "D7"])
        monkeypatch.undo()
        plans = []
        # Plans depend on the settings with which each transaction begins.
        with connection.transaction():
            for sql, cells in asked:
                if sql.startswith(b"SET TRANSACTION"):
                    execute(sql.partition(b";")[2])
                elif sql.startswith(b"SELECT"):
                    plans += [line for (line,) in execute(b"EXPLAIN " + sql, cells)]

    found = "\n".join(map(str, plans))
    assert all(name in found for name in ("entry_spot", "topic_kind", "party_name"))
    slow = r"Seq Scan on (?:entry|topic|party)|Hash Join|Merge Join|JIT"
    assert [] == re.findall(slow, found)
