"""The store in PostgreSQL: on a server of its own, with others, when it fails."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from postgres_server import programs, running, shared, wheel
from processes import forked, joined
from store_processes import crowd, killed
from store_worlds import WORDS, fact, facts, ticking

from bri_timeline import Event, EventLog
from bri_timeline.errors import BusyStoreError, DamagedStoreError, StoreError
from bri_timeline.stores import PostgresStore


EXAMPLES = settings().max_examples
TIMES = 10 if EXAMPLES > 1_000 else 1
_SCHEMAS = count()


def opened(schema: str, dsn: str | None = None, **options: float) -> PostgresStore:
    """Open a store in a schema."""
    place = shared() if dsn is None else dsn
    return PostgresStore(place, WORDS, schema=schema, clock=ticking(), **options)


@pytest.fixture
def schema() -> str:
    """Return the name of a schema that nobody has, of a server that runs.

    A process that is forked from here would else start one of its own.
    """
    shared()
    return f'p{os.getpid()} %s"{next(_SCHEMAS)}'


@pytest.fixture
def sql(schema: str) -> Iterator[psycopg.Connection]:
    """Yield a connection of another program, in the same schema."""
    with psycopg.connect(shared(), autocommit=True) as connection:
        quoted = schema.replace('"', '""')
        connection.execute(
            "SELECT set_config('search_path', %s, false)", [f'"{quoted}"']
        )
        yield connection


@settings(max_examples=max(EXAMPLES // 20, 1))
@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 3)), max_size=12))
def test_each_transaction_may_be_in_any_session(
    shuffled: dict[str, PostgresStore], steps: list[tuple[int, int]]
) -> None:
    """As a pooler gives them: stores of other schemas, and others, used it before."""
    names, wanted = [*shuffled], {name: [] for name in shuffled}
    for name, store in shuffled.items():
        wanted[name] = words_of(store)
    followed = {name: s.follow(timeout=0.0) for name, s in shuffled.items()}
    for which, what in steps:
        one, other = (store._database for store in shuffled.values())
        one.connection, other.connection = other.connection, one.connection
        for name, database in zip(names, (other, one), strict=True):
            quoted = name.replace('"', '""')
            sql = f"""SET search_path = "{quoted}"; SET lock_timeout = 1"""
            database.connection.execute(sql.encode())
        store = shuffled[names[which]]
        if what == 0:
            word = f"{which} {len(wanted[names[which]])}"
            store.append(fact(word))
            wanted[names[which]].append(word)
        elif what == 1:
            assert wanted[names[which]] == words_of(store)
        elif what == 2:
            assert len(wanted[names[which]]) == store.verify().position + 1
        else:
            store.append(facts(9))
            wanted[names[which]] = words_of(store)
    for name, news in followed.items():
        assert wanted[name] == [entry.claim.what.value for entry in news]


def words_of(store: PostgresStore) -> list[str]:
    """Return what a store says, in order."""
    return [entry.claim.what.value for entry in store.read()]


@pytest.fixture(scope="module")
def shuffled() -> Iterator[dict[str, PostgresStore]]:
    """Yield two stores of one server, by their schemas."""
    names = [f'p{os.getpid()} %s"{next(_SCHEMAS)}' for _ in range(2)]
    with opened(names[0]) as one, opened(names[1]) as other:
        yield dict(zip(names, (one, other), strict=True))


def test_a_transaction_begins_with_no_names_but_those_of_every_database() -> None:
    """What a session was told before, by whomever, is not looked at."""
    with opened("plain") as store:
        database = store._database
        database.connection.execute("CREATE SCHEMA IF NOT EXISTS evil")
        database.connection.execute(
            "CREATE OR REPLACE FUNCTION evil.max(bigint) RETURNS bigint"
            " LANGUAGE sql AS 'SELECT 7::bigint'"
        )
        database.connection.execute("SET search_path = evil, pg_catalog")
        store.append(facts(3))

        assert (
            "evil, pg_catalog"
            == database.connection.execute("SHOW search_path").fetchone()[0]
        )
        with database.session(writing=False) as session:
            assert [("pg_catalog",)] == session.rows("SHOW search_path")


# --- the server ---------------------------------------------------------------------


@pytest.mark.slow
def test_a_server_from_the_wheel_holds_a_store() -> None:
    """A server of the wheel holds a store, as one of the system does."""
    with running(wheel(), "fsync=off") as dsn, opened("s", dsn) as store:
        assert 2 == store.append(facts(3)).position
        assert 2 == store.verify().position
    assert (programs() / "initdb").exists()


@pytest.mark.slow
def test_an_ordinary_user_can_run_the_tests() -> None:
    """A server is started, and a store used, by a user who is not root."""

    def work() -> None:
        if os.getuid() == 0:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
        with running(programs(), "fsync=off") as dsn:
            assert "host=" in dsn
            with opened("s", dsn) as store:
                assert 0 == store.append(fact("a")).position

    joined(forked(work))


# --- what is no store ---------------------------------------------------------------


def test_what_was_written_is_there_when_opened_again(schema: str) -> None:
    """A database keeps log and head, in schemas of any name."""
    with opened(schema) as store:
        head = store.append(facts(3))
    with opened(schema) as store:
        assert head == store.verify(head)
        assert EventLog.of(*facts(3)) == store.read()


def test_a_server_that_is_not_there_is_named_without_its_password() -> None:
    """Messages say where the database is, and never the password."""
    dsn = "host=/nowhere user=me password=sesame"
    with pytest.raises(StoreError, match="see to the server") as caught:
        opened("s", dsn)
    assert "/nowhere" in str(caught.value)
    assert "sesame" not in str(caught.value)
    with pytest.raises(StoreError, match=r"give host=\.\.\. dbname="):
        opened("s", "nonsense")


TORN = [
    "postgresql://me:se%zzsame@host/db",
    "postgresql://me:se/same@host/db",
    "postgresql://me:12/same@host/db",
    "postgresql://me:a@same@host/db",
    "postgresql://me:se#same@[host/db",
    "host=x password=se same",
    "host=x password='se same",
]


@pytest.mark.parametrize("dsn", TORN)
def test_a_connection_string_that_cannot_be_read_is_not_shown(dsn: str) -> None:
    """Whatever is torn apart, no part of a password is in the message, or behind it."""
    with pytest.raises(StoreError, match="is not shown as it may hold a pass") as found:
        opened("s", dsn)
    texts = [*traceback.format_exception(found.value)[-1:], str(found.value)]
    assert not [text for text in texts if "same" in text or "%zz" in text]
    assert found.value.__cause__ is None
    assert found.value.__suppress_context__ or found.value.__context__ is None


def test_messages_show_only_the_place_of_the_database() -> None:
    """Of a connection string the rest may be secret too."""
    dsn = "host=/nowhere user=me sslpassword=sesame passfile=sesame dbname=d"
    with pytest.raises(StoreError) as caught:
        opened("s", dsn)
    assert "user=me dbname=d host=/nowhere schema=s" in str(caught.value)
    assert "sesame" not in caught.value.place


def test_schemas_alike_in_their_first_bytes_are_refused() -> None:
    """PostgreSQL would drop the end of the name, and two stores would be one."""
    dsn = "host=/nowhere"
    with pytest.raises(StoreError, match="longer than 63 bytes, of which PostgreSQL"):
        opened("é" * 32, dsn)
    with pytest.raises(StoreError, match="see to the server"):
        opened("é" * 31 + "x", dsn)


def test_a_schema_of_something_else_is_refused(
    schema: str, sql: psycopg.Connection
) -> None:
    """A schema with other tables, or of a later version, is not touched."""
    opened(schema).close()
    sql.execute("UPDATE head SET version = 3")
    with pytest.raises(StoreError, match="has version 3, and 2 is known here"):
        opened(schema)
    sql.execute("DROP TABLE head")
    with pytest.raises(StoreError, match="has other tables in the schema"):
        opened(schema)


# --- others -------------------------------------------------------------------------


@pytest.mark.slow
def test_processes_append_and_follow_at_once(schema: str) -> None:
    """Ten processes append and two follow: no gap, no loss, nothing twice."""
    crowd(lambda: opened(schema), 10, 2 * EXAMPLES, 2)


@pytest.mark.slow
def test_a_killed_writer_loses_no_acknowledged_entry(schema: str) -> None:
    """A writer that is killed leaves whole appends, all acknowledged among them."""
    for number in range(4 * TIMES):
        last = killed(lambda: opened(schema), 0.02, 1000 * number)
        with opened(schema) as store:
            values = {entry.claim.what.value for entry in store.read()}
            store.verify()
        mine = {value for value in values if value.rstrip("+").isdigit()}
        whole = {value for value in mine if not value.endswith("+")}

        assert all(str(n) in whole for n in range(1000 * number, last + 1))
        assert all(f"{n}+" in mine for n in map(int, whole) if n % 3)


def test_follow_misses_no_entry_that_commits_late(
    schema: str, sql: psycopg.Connection
) -> None:
    """Nobody gets a later position while an earlier one is not yet committed."""
    with opened(schema, timeout=0.05) as store:
        store.append(fact("a"))
        with sql.transaction():
            sql.execute("SELECT 1 FROM head FOR UPDATE")
            with pytest.raises(BusyStoreError, match=r"for 0\.05 s: try again"):
                store.append(fact("b"))
            assert 0 == store.head().position

        assert 1 == store.append(fact("b")).position


def test_several_may_open_a_new_store_at_once(schema: str) -> None:
    """Of several that find nothing one makes the store, and all use it."""
    stores: list[PostgresStore] = []
    threads = [
        threading.Thread(target=lambda: stores.append(opened(schema))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number, store in enumerate(stores):
        assert number == store.append(fact(str(number))).position
        store.close()
    assert 4 == len(stores)


def test_a_fork_connects_anew(schema: str) -> None:
    """A process forked from one that has a store open may use and close it."""
    with opened(schema) as store:
        store.append(facts(1))

        def work() -> None:
            assert 1 == store.append(facts(2)).position
            store.close()
            with pytest.raises(StoreError, match="is closed"):
                store.head()

        joined(forked(work), forked(store.close))

        assert 2 == store.append(facts(3)).position


def test_a_store_in_another_process_leaves_its_parents_connection(
    schema: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In another process a store connects anew, and closes nothing of its parent's."""
    store = opened(schema)
    theirs = store._database.connection
    monkeypatch.setattr(os, "getpid", lambda: -1)
    store.append(facts(1))

    assert theirs is not store._database.connection
    theirs_too = store._database.connection
    monkeypatch.setattr(os, "getpid", lambda: -2)
    store.close()
    for connection in (theirs, theirs_too):
        assert (1,) == connection.execute("SELECT 1").fetchone()
        connection.close()


def test_a_store_that_somebody_else_made_meanwhile_is_used(
    schema: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who waited for the lock to make a store finds it made."""
    from bri_timeline.stores import _postgres_server

    opened(schema).close()
    asked: list[object] = []
    tables = _postgres_server._tables

    def found(connection: psycopg.Connection, name: str) -> set[object]:
        asked.append(connection)
        return tables(connection, name) if len(asked) > 1 else set()

    monkeypatch.setattr(_postgres_server, "_tables", found)
    with opened(schema) as store:
        assert 0 == store.append(fact("a")).position


def test_a_lost_connection_is_made_anew(schema: str, sql: psycopg.Connection) -> None:
    """When the connection breaks, an error says so, and the next call connects."""
    with opened(schema) as store:
        store.append(facts(2))
        (process,) = store._database.connection.execute(
            "SELECT pg_backend_pid()"
        ).fetchone()
        sql.execute("SELECT pg_terminate_backend(%s, 5000)", [process])
        with pytest.raises(StoreError, match="append once more, nothing is written"):
            store.append(fact("x"))

        assert 2 == store.append(fact("x")).position


@pytest.fixture
def stopped(schema: str, sql: psycopg.Connection) -> Iterator[Callable[..., None]]:
    """Yield what stops the server's process of a store; it goes on afterwards."""
    processes: list[int] = []

    def stop(store: PostgresStore) -> None:
        found = store._database.connection.execute("SELECT pg_backend_pid()").fetchone()
        processes.extend(found)
        os.kill(found[0], signal.SIGSTOP)

    yield stop
    for process in processes:
        os.kill(process, signal.SIGCONT)


@pytest.mark.slow
def test_a_server_that_does_not_answer_is_not_waited_for(
    schema: str, stopped: Callable[..., None]
) -> None:
    """Reading and appending end; the store connects anew, and nothing is lost."""
    with opened(schema, timeout=0.2) as store:
        store.append(facts(2))
        stopped(store)
        with pytest.raises(
            BusyStoreError, match=r"has not answered for 0\.2 s: see to"
        ):
            store.append(facts(3))
        assert 1 == store.head().position
        stopped(store)
        with pytest.raises(BusyStoreError, match="nothing is written twice"):
            store.read()
    with opened(schema) as store:
        assert 2 == store.append(facts(3)).position
        assert facts(3) == [entry.event for entry in store.read()]


@pytest.mark.slow
def test_a_server_that_answers_slowly_is_waited_for(schema: str) -> None:
    """The time to wait begins anew with each answer."""
    with (
        opened(schema, timeout=0.2) as store,
        store._database.session(writing=False) as session,
    ):
        for _ in range(4):
            assert [("",)] == [*session.rows("SELECT pg_sleep(0.8)")]
        with pytest.raises(psycopg.OperationalError, match="does not answer"):
            session.rows("SELECT pg_sleep(5)")


@pytest.mark.slow
def test_a_stream_that_is_left_does_no_harm(schema: str) -> None:
    """A log that differs early is refused without reading the rest of the store."""
    with opened(schema) as store:
        store.append(facts(9_000))
        with pytest.raises(RuntimeError, match="expected position -1"):
            store.append(EventLog.of(fact("x")))
        with pytest.raises(RuntimeError, match="expected position -1"):
            store.append(EventLog.of(fact("x")))

        assert 9_000 == len(store.read())


# --- damage -------------------------------------------------------------------------


TAMPERED = {
    "UPDATE entry SET line = replace(line, 'AAA', 'ABA') WHERE position = 2": "digest",
    "DELETE FROM entry WHERE position = 2": "some are missing",
    "DELETE FROM entry WHERE position = 4": "and entry 4 was",
    "UPDATE erased SET because = '\"x\"'": "erased entry 0: was changed",
    "UPDATE erased SET because = 'x'": "PostgreSQL: JSON is malformed",
    "DELETE FROM erased": "head: says that 1 entries were erased, and 0 were",
    "ALTER TABLE entry ALTER line DROP NOT NULL;"
    " UPDATE entry SET line = NULL WHERE position = 2": "of entry 2 are not a line and",
    "UPDATE entry SET known = 1 WHERE position = 2": "entry 2: is found by another kno",
    "CREATE RULE r AS ON INSERT TO entry DO INSTEAD NOTHING": "has got the rule r",
    "ALTER TABLE entry ENABLE ROW LEVEL SECURITY": "has got row security: drop that",
    "CREATE TABLE more () INHERITS (entry)": "has got a table that inherits: drop that",
    "ALTER TABLE entry SET UNLOGGED": "has got storage that a crash empties",
    "DROP INDEX entry_spot": "index entry_spot: is missing",
    "ALTER TABLE entry ADD COLUMN x bigint": "schema of entry: is not as it was made",
    "DELETE FROM head": "there are 0 heads, and should be one",
}


@pytest.mark.slow
@pytest.mark.parametrize("change", TAMPERED)
def test_changes_by_other_programs_are_found(
    schema: str, sql: psycopg.Connection, change: str
) -> None:
    """What somebody changes in the database by other means is found, and named."""
    with opened(schema) as store:
        store.append(facts(5))
        store.erase(0, because="law")
        sql.execute(change.encode())
        with pytest.raises(DamagedStoreError, match=TAMPERED[change]):
            store.verify()


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("DELETE FROM head", "there are 0 heads, and should be one"),
        ("UPDATE head SET position = 900", "is entry 4, and the head names entry 900"),
        ("CREATE RULE r AS ON INSERT TO entry DO INSTEAD NOTHING", "the rule r: drop"),
    ],
)
def test_a_schema_that_could_deceive_is_refused_when_opened(
    schema: str, sql: psycopg.Connection, change: str, problem: str
) -> None:
    """Tables and head are looked at before anything else is read."""
    with opened(schema) as store:
        store.append(facts(5))
    sql.execute(change.encode())
    with pytest.raises(DamagedStoreError, match=problem):
        opened(schema)


def test_an_append_that_a_rule_undoes_is_not_acknowledged(
    schema: str, sql: psycopg.Connection
) -> None:
    """What came while the store was open prevents an append, loudly."""
    with opened(schema) as store:
        head = store.append(facts(5))
        sql.execute("CREATE RULE r AS ON UPDATE TO head DO INSTEAD NOTHING")
        with pytest.raises(DamagedStoreError, match="a table took 0 rows of 1: remove"):
            store.append(facts(6))
        sql.execute("DROP RULE r ON head")
        sql.execute(
            "CREATE FUNCTION pg_temp.none() RETURNS trigger LANGUAGE plpgsql"
            " AS 'BEGIN RETURN NULL; END'"
        )
        sql.execute(
            "CREATE TRIGGER t BEFORE INSERT ON entry FOR EACH ROW"
            " EXECUTE FUNCTION pg_temp.none()"
        )
        for number in (6, 50):
            with pytest.raises(DamagedStoreError, match="remove the trigger or rule"):
                store.append(facts(number))
        assert head == store.head()


def with_secret(store: PostgresStore) -> None:
    """Append an entry that is to be erased, at position 40."""
    secret = Event(fact("SECRET").what, when="2016", id="kept")
    store.append([*facts(40), secret])


def has_traces(sql: psycopg.Connection) -> bool:
    """Tell whether the file of the entries holds the text."""
    (found,) = sql.execute(
        "SELECT pg_relation_filepath('entry'), current_setting('data_directory')"
    ).fetchall()
    sql.execute("CHECKPOINT")
    return b"SECRET" in Path(found[1], found[0]).read_bytes()


def test_an_erased_text_is_vacuumed(schema: str, sql: psycopg.Connection) -> None:
    """Erasing leaves no dead row with the text in it."""
    with opened(schema) as store:
        with_secret(store)
        assert has_traces(sql)
        store.erase(40, because="law")

        assert not has_traces(sql)


def test_traces_of_an_erased_text_are_left_to_who_owns_the_tables(
    schema: str, sql: psycopg.Connection
) -> None:
    """A role that may change the tables, and not rewrite them, is told so."""
    role = f"clerk{os.getpid()}"
    with opened(schema) as store:
        with_secret(store)
        quoted = schema.replace('"', '""')
        for statement in (
            f"CREATE ROLE {role}",
            f'GRANT USAGE ON SCHEMA "{quoted}" TO {role}',
            f"GRANT ALL ON entry, topic, party, erased, head TO {role}",
            f"GRANT pg_read_all_stats TO {role}",
        ):
            sql.execute(statement.encode())
        store._database.connection.execute(f"SET ROLE {role}".encode())
        with pytest.raises(StoreError, match="by who owns them only: erase it again"):
            store.erase(40, because="law")
        assert has_traces(sql)
        store._database.connection.execute("RESET ROLE")
        store.erase(40, because="law")

        assert not has_traces(sql)


@pytest.mark.parametrize(
    ("isolation", "statement"),
    [
        ("READ COMMITTED", "SELECT 1 FROM {}.entry"),
        ("REPEATABLE READ", "SELECT 1"),
    ],
)
def test_traces_of_an_erased_text_are_reported(
    schema: str, sql: psycopg.Connection, isolation: str, statement: str
) -> None:
    """While somebody may read it, traces stay; the error says so, and what to do."""
    with opened(schema, timeout=0.1) as store:
        with_secret(store)
        with psycopg.connect(shared()) as reader:
            reader.execute(f"SET TRANSACTION ISOLATION LEVEL {isolation}".encode())
            quoted = schema.replace('"', '""')
            reader.execute(statement.format(f'"{quoted}"').encode())
            with pytest.raises(BusyStoreError, match="while others read: erase it aga"):
                store.erase(40, because="law")
            assert has_traces(sql)
        store.erase(40, because="law")

        assert not has_traces(sql)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("isolation", "statement"),
    [
        ("REPEATABLE READ", "SELECT 1"),
        ("READ COMMITTED", "SELECT txid_current()"),
    ],
)
def test_erasing_waits_for_those_who_may_see_the_text(
    schema: str, sql: psycopg.Connection, isolation: str, statement: str
) -> None:
    """A reader or a writer of other tables delays an erasure, and that is all."""
    with opened(schema) as store, psycopg.connect(shared()) as other:
        with_secret(store)
        other.execute(f"SET TRANSACTION ISOLATION LEVEL {isolation}".encode())
        other.execute(statement.encode())
        end = threading.Timer(0.3, other.commit)
        end.start()
        store.erase(40, because="law")
        has_waited = end.finished.is_set()
        end.join()

        assert has_waited
        assert not has_traces(sql)


def test_append_takes_an_event_of_two_thousand_parties(schema: str) -> None:
    """A fact about two thousand parties is found by any of them."""
    parties = frozenset(f"org:number-{number}" for number in range(2_000))
    with opened(schema) as store:
        store.append(Event(type(fact("a").what)("big", parties), when="2016"))

        assert 1 == len(store.read(parties=["org:number-7", "org:number-1999"]))


@pytest.mark.slow
def test_opening_without_the_driver_names_the_module() -> None:
    """Without the driver, asking for the store says which module is missing."""
    program = (
        "import sys; sys.modules['psycopg'] = None\n"
        "from bri_timeline import stores\n"
        "try: stores.PostgresStore\n"
        "except ImportError as error: assert 'psycopg' in str(error)\n"
        "else: raise SystemExit(1)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
