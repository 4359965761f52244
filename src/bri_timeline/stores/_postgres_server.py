"""PostgreSQL: a connection with a time limit, the tables, and their clean-up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from time import monotonic, sleep
from typing import TypeVar

import psycopg
from psycopg import Connection
from psycopg.abc import PQGen
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.errors import InsufficientPrivilege, LockNotAvailable
from psycopg.sql import SQL, Identifier

from bri_timeline.errors import BusyStoreError, DamagedStoreError, Fault, StoreError
from bri_timeline.stores._chain import START
from bri_timeline.stores._tables import ENDS, end_faults


T = TypeVar("T")

# The seconds by which a server may exceed its own timeout.
GRACE = 2.0
# Modes of transactions.
READING = "REPEATABLE READ READ ONLY"
WRITING = "READ COMMITTED READ WRITE"
_INTERVAL = 0.1
_LONGEST = 63
_LONGEST_WAIT = 2**31 - 1  # milliseconds
_SHOWN = ("user", "dbname", "host", "hostaddr", "port")
_URI = ("postgres://", "postgresql://")
_FORMS = "give host=... dbname=... user=..., or postgresql://user@host/dbname"


class Unanswered(psycopg.OperationalError):
    """The server has not answered in time."""


class Impatient(psycopg.Connection[tuple[object, ...]]):
    """A connection that is closed when the server does not answer.

    A server that is stopped or unreachable leaves its sockets open: neither its own
    timeouts nor those of TCP end the wait then.

    Attributes:
        patience: The number of seconds to wait for an answer; None for no limit.
    """

    patience: float | None = None

    def wait(
        self,
        gen: PQGen[T],
        interval: float = _INTERVAL,
        timeout: float | None = None,
    ) -> T:
        """Wait for the server.

        Raises:
            Unanswered: It does not answer.
        """
        if self.patience is None:
            return super().wait(gen, interval)
        try:
            return super().wait(_limited(gen, self.patience), interval)
        except Unanswered:
            # Otherwise the rollback of the transaction would wait for an answer too.
            self.pgconn.finish()
            raise


def _limited(waiting: PQGen[T], patience: float) -> PQGen[T]:
    """Wait as psycopg does, with a limit for each answer."""
    end = monotonic() + patience
    try:
        wait = next(waiting)
        while True:
            ready = yield wait
            now = monotonic()
            if ready:
                end = now + patience
            elif now > end:
                msg = "the server does not answer"
                raise Unanswered(msg)
            wait = waiting.send(ready)
    except StopIteration as done:
        result: T = done.value
        return result


def place_of(dsn: str, schema: str) -> str:
    """Return the name of a store for people, without its secrets.

    Raises:
        StoreError: The connection string is not one, or may show a part of a password
            elsewhere; or the name of the schema is too long.
    """
    try:
        parts = conninfo_to_dict(dsn)
    except psycopg.ProgrammingError:
        parts = None
    if parts is None or _is_torn(dsn, parts):
        place = "PostgreSQL"
        problem = "has no place: the connection string cannot be read, and is not shown"
        remedy = f"as it may hold a password: {_FORMS} (in a URI, write / : @ ? # and %"
        msg = f"{problem} {remedy} of a password as %2F %3A %40 %3F %23 %25)"
        raise StoreError(place, msg)
    shown = {name: parts[name] for name in _SHOWN if name in parts}
    place = f"{make_conninfo('', **shown)} schema={schema}"
    if len(schema.encode()) > _LONGEST:
        problem = f"has a schema whose name is longer than {_LONGEST} bytes, of which"
        raise StoreError(place, f"{problem} PostgreSQL drops the rest: shorten it")
    return place


def _is_torn(dsn: str, parts: dict[str, str | int | None]) -> bool:
    """Return whether a part of a password may have been read as host, port or name."""
    ports = str(parts.get("port", "")).replace(",", "")
    places = f"{parts.get('host', '')}{parts.get('dbname', '')}"
    return dsn.startswith(_URI) and ("@" in places or bool(ports.strip("0123456789")))


VERSION = 2
_TABLES = {
    "topic": "id bigint, kind text, version bigint, parties text",
    "party": "name text, topic bigint",
    "entry": "position bigint, line text, digest bytea, spot bigint, key bigint,"
    " known bigint, name bigint, target bigint",
    "erased": "position bigint, leaf bytea, because text, erased_at text, seal bytea",
    "head": "one boolean, position bigint, digest bytea, erasures bigint,"
    " version bigint",
}
_STATEMENTS = """
CREATE TABLE topic (
    id bigint PRIMARY KEY, kind text NOT NULL,
    version bigint NOT NULL, parties text NOT NULL
);
CREATE INDEX topic_kind ON topic (kind, version);
CREATE INDEX topic_parties ON topic USING hash (parties);
CREATE TABLE party (
    name text NOT NULL, topic bigint NOT NULL, PRIMARY KEY (topic, name)
);
CREATE INDEX party_name ON party USING hash (name);
CREATE TABLE entry (
    position bigint PRIMARY KEY, line text NOT NULL, digest bytea NOT NULL,
    spot bigint, key bigint, known bigint, name bigint, target bigint
);
CREATE INDEX entry_spot ON entry (spot, key, known) WHERE spot IS NOT NULL;
CREATE INDEX entry_name ON entry (name) WHERE name IS NOT NULL;
CREATE INDEX entry_target ON entry (target) WHERE target IS NOT NULL;
CREATE TABLE erased (
    position bigint PRIMARY KEY, leaf bytea NOT NULL, because text NOT NULL,
    erased_at text NOT NULL, seal bytea NOT NULL
);
CREATE TABLE head (
    one boolean PRIMARY KEY CHECK (one), position bigint NOT NULL,
    digest bytea NOT NULL, erasures bigint NOT NULL, version bigint NOT NULL
)
"""
_TABLE = re.compile(
    rf"\b(FROM|JOIN|INTO|UPDATE|TABLE|ON|COPY|CLUSTER) ({'|'.join(_TABLES)})\b"
).sub
_INDEXES = {
    "topic": ("topic_kind", "topic_parties", "topic_pkey"),
    "party": ("party_name", "party_pkey"),
    "entry": ("entry_name", "entry_pkey", "entry_spot", "entry_target"),
    "erased": ("erased_pkey",),
    "head": ("head_pkey",),
}

# Additions to a table that change the rows which are read from it or written to it.
_ADDED = """
WITH ours AS (
    SELECT pg_class.* FROM pg_class
    JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE nspname = %s AND relname = ANY(%s)
)
SELECT relname, 'the trigger ' || tgname FROM ours
JOIN pg_trigger ON tgrelid = ours.oid WHERE NOT tgisinternal
UNION ALL SELECT relname, 'the rule ' || rulename FROM ours
JOIN pg_rewrite ON ev_class = ours.oid
UNION ALL SELECT relname, 'row security' FROM ours WHERE relrowsecurity
UNION ALL SELECT relname, 'a table that inherits' FROM ours
JOIN pg_inherits ON ours.oid IN (inhparent, inhrelid)
UNION ALL SELECT relname, 'storage that a crash empties' FROM ours
WHERE relpersistence <> 'p'
"""
Rows = Connection[tuple[object, ...]]


# Every look-up has an index. The planner would read all entries for a batch, which
# takes three times as long of 100,000, and join all groups: six times, of 40,000. It
# would compile each statement that reads `head`, as a scan seems to cost very much.
_PLANS = ("enable_hashjoin", "enable_mergejoin", "enable_seqscan", "jit")


def settings(mode: str, timeout: float) -> str:
    """Return the statements with which a transaction begins.

    What is set lasts no longer than that: a pooler gives the next transaction another
    session of the server, and this session to somebody else. Names have no schema but
    those that every database has; so each of ours needs its own.

    Args:
        mode: The mode of the transaction.
        timeout: The number of seconds to wait for locks.
    """
    milliseconds = max(1, min(int(timeout * 1000), _LONGEST_WAIT))
    return "; ".join(
        (
            f"SET TRANSACTION ISOLATION LEVEL {mode}",
            "SET LOCAL search_path = pg_catalog",
            f"SET LOCAL lock_timeout = {milliseconds}",
            *(f"SET LOCAL {plan} = off" for plan in _PLANS),
        )
    )


def qualified(sql: str, schema: str) -> str:
    """Return SQL that names the schema of each table of a store."""
    name = schema.replace('"', '""')
    if "%s" in sql:  # the signs of parameters, and only there others are doubled
        name = name.replace("%", "%%")
    return _TABLE(lambda found: f'{found[1]} "{name}".{found[2]}', sql)


@lru_cache(maxsize=256)
def translated(sql: str, schema: str) -> str:
    """Return SQL in the dialect of PostgreSQL, from that of SQLite."""
    several = sql.replace("IN (SELECT value FROM json_each(?))", "= ANY(?)")
    translation = several.replace(
        "json_each(?) AS topic CROSS JOIN entry WHERE spot = topic.value",
        "entry WHERE spot = ANY(?)",
    )
    joined = translation.replace(
        "json_each(?) AS topic", "unnest(?::int8[]) AS topic (value)"
    )
    return qualified(joined.replace("?", "%s"), schema)


def prepare(connection: Rows, schema: str, place: str, timeout: float) -> None:
    """Make the tables of a store if its schema is empty, or check them.

    Raises:
        StoreError: The schema has other tables, or a store of another version.
    """
    with connection.transaction():
        # A server that only reads refuses a transaction that may write.
        connection.execute(settings(READING, timeout).encode())
        is_new = not _tables(connection, schema)
    if is_new:
        with connection.transaction():
            connection.execute(settings(WRITING, timeout).encode())
            # Of several processes that find no tables, one makes them; the others
            # wait and look again.
            connection.execute("SELECT pg_advisory_xact_lock(1651665201)")
            if not _tables(connection, schema):
                _make(connection, schema)
    with connection.transaction():
        connection.execute(settings(READING, timeout).encode())
        _check(connection, schema, place)


def _check(connection: Rows, schema: str, place: str) -> None:
    if _tables(connection, schema) < {*_TABLES}:
        problem = f"has other tables in the schema {schema}: give another schema"
        raise StoreError(place, problem)

    def cells(sql: str) -> list[tuple[object, ...]]:
        return connection.execute(translated(sql, schema).encode()).fetchall()

    ((version,),) = cells("SELECT version FROM head") or [(VERSION,)]
    if version != VERSION:
        problem = f"has version {version}, and {VERSION} is known here: use the"
        raise StoreError(place, f"{problem} library that made it")
    faults = [*schema_faults(connection, schema)]
    if not faults:
        faults += end_faults(*map(cells, ENDS))
    if faults:
        raise DamagedStoreError(place, faults)


def _make(connection: Rows, schema: str) -> None:
    connection.execute(SQL("CREATE SCHEMA IF NOT EXISTS {}").format(Identifier(schema)))
    for statement in _STATEMENTS.split(";"):
        connection.execute(qualified(statement, schema).encode())
    head = qualified("INSERT INTO head VALUES (true, -1, %s, 0, %s)", schema)
    connection.execute(head.encode(), [START, VERSION])


def _tables(connection: Rows, schema: str) -> set[object]:
    rows = connection.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = %s", [schema]
    )
    return {name for (name,) in rows}


def schema_faults(connection: Rows, schema: str) -> Iterator[Fault]:
    """Yield the parts of the schema that were changed."""
    by_table: dict[object, list[str]] = {}
    for table, column, kind in connection.execute(
        "SELECT table_name, column_name, data_type FROM information_schema.columns"
        " WHERE table_schema = %s ORDER BY ordinal_position",
        [schema],
    ):
        by_table.setdefault(table, []).append(f"{column} {kind}")
    for name, columns in _TABLES.items():
        if ", ".join(by_table.get(name, ())) != columns:
            problem = "is not as it was made: restore a backup"
            yield Fault(f"schema of {name}", problem)
    for table, added in connection.execute(_ADDED.encode(), [schema, [*_TABLES]]):
        yield Fault(f"schema of {table}", f"has got {added}: drop that")
    indexes = connection.execute(
        "SELECT indexname FROM pg_indexes WHERE schemaname = %s", [schema]
    )
    present = {str(name) for (name,) in indexes}
    for name in (name for names in _INDEXES.values() for name in names):
        if name not in present:
            yield Fault(f"index {name}", "is missing: restore a backup")


_NEXT_TRANSACTION = "SELECT txid_snapshot_xmax(txid_current_snapshot())"

# An updated row stays while any transaction may see its old version: one that has not
# ended, or that reads a snapshot; a standby or a replication slot may keep it too.
_IS_SEEN = """
SELECT txid_snapshot_xmax(txid_current_snapshot()) - coalesce(max(age(id)), 0) < %s
FROM (
    SELECT unnest(ARRAY[backend_xid, backend_xmin]) FROM pg_stat_activity
    WHERE pid <> pg_backend_pid() AND (datname = current_database() OR datname IS NULL)
    UNION ALL SELECT transaction FROM pg_prepared_xacts
    WHERE database = current_database()
    UNION ALL SELECT xmin FROM pg_replication_slots
) AS seen (id)
"""
_PAUSE = 0.05


def sweep(connection: Rows, schema: str, place: str, wait: float) -> None:
    """Rewrite the tables without the row versions that an erasure replaced.

    Args:
        connection: A connection outside of transactions; the erasure is committed.
        schema: The schema.
        place: The name of the database in messages.
        wait: The number of seconds to wait while others may see the old rows.

    Raises:
        BusyStoreError: Others may still see them, so traces are left.
        StoreError: The tables belong to another role, so traces are left.
    """
    is_clean = _unseen(connection, wait)
    traces = "has traces of what was erased"
    try:
        for name in ("entry", "topic", "party"):
            # As VACUUM (FULL) does, for which nothing can be set in a transaction. One
            # by one: who holds a table and waits for another could wait for ever.
            with connection.transaction():
                connection.execute(settings(WRITING, wait).encode())
                connection.execute(
                    qualified(f"CLUSTER {name} USING {name}_pkey", schema).encode()
                )
    except LockNotAvailable:
        is_clean = False
    except InsufficientPrivilege as error:
        problem = f"{traces}, and its tables can be rewritten by who owns them only"
        raise StoreError(place, f"{problem}: erase it again as that role") from error
    if not is_clean:
        raise BusyStoreError(place, f"{traces}, while others read: erase it again")


def _unseen(connection: Rows, wait: float) -> bool:
    """Wait until nobody sees the state from before; return whether that happened."""
    end = monotonic() + wait
    ((begun,),) = connection.execute(_NEXT_TRANSACTION)
    while True:
        ((is_seen,),) = connection.execute(_IS_SEEN, [begun])
        if not is_seen or monotonic() >= end:
            return not is_seen
        sleep(_PAUSE)
