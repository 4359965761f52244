"""The schema of PostgreSQL that holds a store: made and recognised."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from psycopg import Connection
from psycopg.sql import SQL, Identifier

from bri_timeline.errors import DamagedStoreError, Fault, StoreError
from bri_timeline.stores._chain import START
from bri_timeline.stores._statements import ENDS, end_faults


__all__ = ["prepare", "schema_faults", "translated"]

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
_INDEXES = {
    "topic": ("topic_kind", "topic_parties", "topic_pkey"),
    "party": ("party_name", "party_pkey"),
    "entry": ("entry_name", "entry_pkey", "entry_spot", "entry_target"),
    "erased": ("erased_pkey",),
    "head": ("head_pkey",),
}
# What somebody can add to a table that changes what is read from it or written to it.
_ADDED = """
WITH ours AS (
    SELECT pg_class.* FROM pg_class
    JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE nspname = current_schema() AND relname = ANY(%s)
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


@lru_cache(maxsize=256)
def translated(sql: str) -> str:
    """Return SQL as PostgreSQL reads it, from SQL as SQLite does."""
    several = sql.replace("IN (SELECT value FROM json_each(?))", "= ANY(?)")
    joined = several.replace(
        "json_each(?) AS topic", "unnest(?::int8[]) AS topic (value)"
    )
    return joined.replace("?", "%s")


def prepare(connection: Rows, schema: str, place: str) -> None:
    """Make a store in a schema if there is none, and go there.

    Raises:
        StoreError: There is something else, or a store of a later version.
    """
    name = Identifier(schema).as_string(connection)
    connection.execute("SELECT set_config('search_path', %s, false)", [name])
    if not _tables(connection):
        with connection.transaction():
            # Of several who find nothing one makes it, and the others find it then.
            connection.execute("SELECT pg_advisory_xact_lock(1651665201)")
            if not _tables(connection):
                _make(connection, schema)
    if _tables(connection) < {*_TABLES}:
        problem = f"has other tables in the schema {schema}: give another schema"
        raise StoreError(place, problem)
    ((version,),) = _cells(connection, "SELECT version FROM head") or [(VERSION,)]
    if version != VERSION:
        problem = f"has version {version}, and {VERSION} is known here: use the"
        raise StoreError(place, f"{problem} library that made it")
    faults = [*schema_faults(connection)]
    if not faults:
        with connection.transaction():
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            faults += end_faults(*(_cells(connection, sql) for sql in ENDS))
    if faults:
        raise DamagedStoreError(place, faults)


def _make(connection: Rows, schema: str) -> None:
    connection.execute(SQL("CREATE SCHEMA IF NOT EXISTS {}").format(Identifier(schema)))
    for statement in _STATEMENTS.split(";"):
        connection.execute(statement.encode())
    connection.execute(
        "INSERT INTO head VALUES (true, -1, %s, 0, %s)", [START, VERSION]
    )


def _tables(connection: Rows) -> set[object]:
    found = connection.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
    )
    return {name for (name,) in found}


def schema_faults(connection: Rows) -> Iterator[Fault]:
    """Yield what in the schema is not as it was made."""
    found: dict[object, list[str]] = {}
    for table, column, kind in _cells(
        connection,
        "SELECT table_name, column_name, data_type FROM information_schema.columns"
        " WHERE table_schema = current_schema() ORDER BY ordinal_position",
    ):
        found.setdefault(table, []).append(f"{column} {kind}")
    for name, columns in _TABLES.items():
        if ", ".join(found.get(name, ())) != columns:
            problem = "is not as it was made: restore a backup"
            yield Fault(f"schema of {name}", problem)
    for table, added in connection.execute(_ADDED.encode(), [[*_TABLES]]):
        yield Fault(f"schema of {table}", f"has got {added}: drop that")
    indexes = _cells(
        connection,
        "SELECT indexname FROM pg_indexes WHERE schemaname = current_schema()",
    )
    present = {str(name) for (name,) in indexes}
    for name in (name for names in _INDEXES.values() for name in names):
        if name not in present:
            yield Fault(f"index {name}", "is missing: restore a backup")


def _cells(connection: Rows, sql: str) -> list[tuple[object, ...]]:
    return connection.execute(sql.encode()).fetchall()
