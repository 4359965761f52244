"""A store in PostgreSQL."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import count
from threading import RLock

import msgspec
import psycopg
from psycopg.conninfo import make_conninfo

from bri_timeline._codec import Vocabulary
from bri_timeline.errors import BusyStoreError, DamagedStoreError, Fault, StoreError
from bri_timeline.stores._database import Session
from bri_timeline.stores._keys import Cells
from bri_timeline.stores._postgres_server import (
    GRACE,
    Impatient,
    Rows,
    Unanswered,
    place_of,
    prepare,
    schema_faults,
    sweep,
    translated,
)
from bri_timeline.stores._sql import SqlSession
from bri_timeline.stores._store import Store, utc_now
from bri_timeline.stores._tables import INSERTS, CellError, Topics, check_count


__all__ = ["PostgresStore"]

_FEW = 4
_AT_ONCE = 2000
_NEXT = count()
_TYPES = {
    "entry": ("int8", "text", "bytea", *["int8"] * 5),
    "topic": ("int8", "text", "int8", "text"),
    "party": ("text", "int8"),
}


class PostgresStore(Store):
    """A store in PostgreSQL, for writers on several machines.

    Needs the extra `postgres`. Appends take their turn at one row of the database, so
    that positions have no gaps and a reader never misses what is committed late. What
    `append()` wrote is as durable as the server makes its commits.

    Args:
        dsn: Where the database is, as `psycopg` takes it.
        vocabulary: The payload classes.
        schema: The schema that holds the store; it is made if there is none.
        clock: Says when something is written down: an instant with a time zone.
        timeout: For how many seconds to wait while somebody else writes, and, with two
            more, for each answer of the server; but for the end of an erasure.

    Raises:
        StoreError: The database cannot be reached, or the schema holds something else.
        DamagedStoreError: Its tables, or its head, are not as they were made.
    """

    def __init__(
        self,
        dsn: str,
        vocabulary: Vocabulary,
        *,
        schema: str = "bri_timeline",
        clock: Callable[[], datetime] = utc_now,
        timeout: float = 30.0,
    ) -> None:
        self._dsn = dsn
        self._schema = schema
        self._timeout = timeout
        super().__init__(place_of(dsn, schema), vocabulary, clock)
        self._abandoned: list[object] = []
        self._is_closed = False
        self._start()
        with self._told():
            self._connection: Impatient | None = self._connected()

    def _start(self) -> None:
        self._process = os.getpid()
        self._lock = RLock()
        self._topics = Topics()

    def _connected(self) -> Impatient:
        wait = max(2, int(self._timeout))
        connection = Impatient.connect(
            make_conninfo(self._dsn, connect_timeout=wait, client_encoding="utf8"),
            autocommit=True,
        )
        connection.patience = self._timeout + GRACE
        try:
            milliseconds = str(max(1, int(self._timeout * 1000)))
            connection.execute(
                "SELECT set_config('lock_timeout', %s, false)", [milliseconds]
            )
            prepare(connection, self._schema, self._place)
        except BaseException:
            connection.close()
            raise
        return connection

    def close(self) -> None:
        """Let go of the connection."""
        self._leave_parent()
        with self._lock:
            self._is_closed = True
            if self._connection is not None:
                self._connection.close()

    def _leave_parent(self) -> None:
        """Leave alone the connection of a process that this one was forked from."""
        if self._process != os.getpid():
            self._abandoned.append((self._connection, self._lock))
            self._start()
            self._connection = None

    @contextmanager
    def _session(self, *, writing: bool) -> Iterator[Session]:
        self._leave_parent()
        with self._lock, self._told():
            if self._is_closed:
                raise StoreError(self._place, "is closed: open it again")
            connection = self._connection
            if connection is None or connection.closed:
                self._topics = Topics()
                connection = self._connection = self._connected()
            connection.patience = self._timeout + GRACE
            with self._transaction(connection, writing=writing) as session:
                yield session
            if self._topics.erasing:
                # To write tables anew takes as long as it takes.
                connection.patience = None
                sweep(connection, self._place, self._timeout)

    @contextmanager
    def _transaction(self, connection: Rows, *, writing: bool) -> Iterator[Session]:
        done = False
        self._topics.begin()
        try:
            with connection.transaction():
                if writing:
                    connection.execute("SELECT 1 FROM head FOR UPDATE")
                else:
                    connection.execute(
                        "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"
                    )
                yield _PostgresSession(connection, self._topics)
            done = True
        finally:
            self._topics.settle(kept=done)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Tell what an error of PostgreSQL means, and what to do."""
        try:
            yield
        except psycopg.errors.LockNotAvailable as error:
            problem = f"is being written to since {self._timeout:g} s: try again"
            raise BusyStoreError(self._place, problem) from error
        except Unanswered as error:
            problem = f"has not answered for {self._timeout:g} s: see to the server, or"
            remedy = "wait longer; append once more, nothing is written twice"
            raise BusyStoreError(self._place, f"{problem} {remedy}") from error
        except (
            psycopg.errors.DataCorrupted,
            psycopg.errors.IndexCorrupted,
            psycopg.errors.UndefinedTable,
            psycopg.errors.UndefinedColumn,
            CellError,
            msgspec.DecodeError,
        ) as error:
            fault = Fault("PostgreSQL", str(error).strip())
            raise DamagedStoreError(self._place, [fault]) from error
        except psycopg.Error as error:
            problem = "could not be read or written: see to the server, and append once"
            text = f"{problem} more, nothing is written twice ({str(error).strip()})"
            raise StoreError(self._place, text) from error


class _PostgresSession(SqlSession):
    """A transaction in PostgreSQL."""

    def __init__(self, connection: Rows, topics: Topics) -> None:
        super().__init__(topics)
        self._connection = connection

    def rows(self, sql: str, *cells: object) -> Sequence[Cells]:
        """Return what a statement returns."""
        cursor = self._connection.execute(translated(sql).encode(), cells)
        return cursor.fetchall() if cursor.description else ()

    def change(self, sql: str, *cells: object) -> None:
        """Change or add one row."""
        cursor = self._connection.execute(translated(sql).encode(), cells)
        check_count("a table", cursor.rowcount, 1)

    def stream(self, sql: str, *cells: object) -> Iterator[Cells]:
        """Yield what a statement returns."""
        name = f"bri_timeline_{next(_NEXT)}"
        cursor = self._connection.cursor(name, binary=True)
        cursor.itersize = _AT_ONCE
        cursor.execute(translated(sql).encode(), cells)
        yield from cursor
        cursor.close()

    def several(self, items: Sequence[object]) -> object:
        """Return items as a list."""
        return list(items)

    def fill(self, table: str, rows: Sequence[Cells]) -> None:
        """Put whole rows into a table."""
        cursor = self._connection.cursor()
        if len(rows) <= _FEW:
            for row in rows:
                self.change(INSERTS[table], *row)
            return
        with cursor.copy(f"COPY {table} FROM STDIN (FORMAT BINARY)".encode()) as copy:
            copy.set_types(_TYPES[table])
            for row in rows:
                copy.write_row(row)
        check_count(table, cursor.rowcount, len(rows))

    def checks(self) -> Iterable[Fault]:
        """Yield what is wrong with the schema."""
        yield from schema_faults(self._connection)
        yield from self.strays()
