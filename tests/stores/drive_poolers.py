"""Stores behind a pooler, which gives each transaction any session of the server.

Not collected by itself, as it needs PgBouncer: `pytest tests/stores/drive_poolers.py`.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import psycopg
import pytest
from pooler import pooled
from postgres_server import shared
from store_processes import crowd, killed
from store_worlds import WORDS, fact, facts, ticking

from bri_timeline.errors import BusyStoreError, StoreError
from bri_timeline.stores import PostgresStore, Store, copy


SIZES = (1, 2, 5)
APPENDS = 60
_SCHEMAS = count()
sizes = pytest.mark.parametrize("pool", SIZES, indirect=True)


def opened(dsn: str, schema: str, **options: float) -> PostgresStore:
    """Open a store in a schema."""
    return PostgresStore(dsn, WORDS, schema=schema, clock=ticking(), **options)


@pytest.fixture(scope="module")
def pool(request: pytest.FixtureRequest) -> Iterator[str]:
    """Yield where a pooler is that has so many sessions."""
    with pooled(shared(), request.param) as dsn:
        yield dsn


@pytest.fixture
def schemas() -> Sequence[str]:
    """Return the names of two schemas that nobody has."""
    return [f"pooled{os.getpid()}_{next(_SCHEMAS)}" for _ in range(2)]


def words_of(store: Store) -> list[str]:
    """Return what a store says, in order."""
    return [entry.claim.what.value for entry in store.read()]


@sizes
def test_two_stores_behind_one_pooler_are_never_mixed(
    pool: str, schemas: Sequence[str]
) -> None:
    """Whoever writes, follows, and leaves settings behind in the sessions."""
    ended = threading.Event()

    def disturb(schema: str) -> None:
        # Another client, whose settings stay in the session that it was given.
        with psycopg.connect(pool, autocommit=True, prepare_threshold=None) as client:
            while not ended.is_set():
                client.execute(f"SET search_path = {schema}".encode())
                client.execute("SET lock_timeout = 1")
                client.execute("SET default_transaction_isolation = 'serializable'")
                ended.wait(0.01)

    def write(schema: str, writer: int) -> None:
        with opened(pool, schema) as store:
            for number in range(APPENDS):
                store.append(fact(f"{schema} {writer} {number}"))

    def follow(schema: str) -> list[str]:
        with opened(pool, schema) as store:
            news = store.follow(timeout=60.0, every=0.002)
            seen = [next(news) for _ in range(2 * APPENDS)]
        assert [entry.position for entry in seen] == [*range(2 * APPENDS)]
        return [entry.claim.what.value for entry in seen]

    with ThreadPoolExecutor(10) as threads:
        noise = [threads.submit(disturb, schema) for schema in schemas]
        followed = {schema: threads.submit(follow, schema) for schema in schemas}
        written = [threads.submit(write, s, n) for s in schemas for n in range(2)]
        for one in written:
            one.result()
        found = {schema: one.result() for schema, one in followed.items()}
        ended.set()
        for one in noise:
            one.result()
    for schema in schemas:
        wanted = {f"{schema} {w} {n}" for w in range(2) for n in range(APPENDS)}
        with opened(pool, schema) as pooled_store, opened(shared(), schema) as store:
            assert found[schema] == words_of(pooled_store) == words_of(store)
            assert wanted == {*found[schema]}
            assert store.verify() == pooled_store.verify()


@sizes
def test_everything_that_a_store_can_do_it_can_behind_a_pooler(
    pool: str, schemas: Sequence[str]
) -> None:
    """It reads parts, erases, proves, is copied and backed up, and has one writer."""
    with opened(pool, schemas[0]) as store, opened(pool, schemas[1]) as other:
        store.append(facts(3_000))
        store.append(store.read().retract(3, because="wrong", known="2026-01-01"))
        store.erase(5, because="law")

        assert 3_001 == len(store.read()) == len(store.read(parties=["AAA", "BBB"])) + 1
        assert copy(store, other) == store.head() == other.verify()
        assert store.tree_head() == other.tree_head()

        with psycopg.connect(shared()) as holder:
            holder.execute(f"SELECT 1 FROM {schemas[0]}.head FOR UPDATE".encode())
            with (
                opened(shared(), schemas[0], timeout=0.1) as waiting,
                pytest.raises(BusyStoreError, match="locked by another writer"),
            ):
                waiting.append(fact("x"))


@sizes
def test_processes_behind_a_pooler_append_and_follow_at_once(
    pool: str, schemas: Sequence[str]
) -> None:
    """No position is missed or given twice."""
    crowd(lambda: opened(pool, schemas[0]), writers=3, appends=30, followers=2)


@sizes
def test_a_writer_that_is_killed_behind_a_pooler_loses_nothing(
    pool: str, schemas: Sequence[str]
) -> None:
    """What it was told is there."""
    for number in range(5):
        last = killed(lambda: opened(pool, schemas[0]), 0.3, 1000 * number)
        with opened(pool, schemas[0]) as store:
            assert {str(n) for n in range(1000 * number, last + 1)} <= {
                *words_of(store)
            }
            store.verify()


def test_a_pooler_without_transactions_is_refused(schemas: Sequence[str]) -> None:
    """It says what it does not allow."""
    with (
        pooled(shared(), 2, "statement") as dsn,
        pytest.raises(StoreError, match="statement pooling"),
    ):
        opened(dsn, schemas[0])
