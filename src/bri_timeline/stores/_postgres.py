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
from psycopg.pq import TransactionStatus

from bri_timeline import Vocabulary
from bri_timeline.errors import BusyStoreError, DamagedStoreError, Fault, StoreError
from bri_timeline.stores._database import WITHIN, Database, utc_now
from bri_timeline.stores._postgres_server import (
    GRACE,
    READING,
    WRITING,
    Impatient,
    Rows,
    Unanswered,
    place_of,
    prepare,
    qualified,
    schema_faults,
    settings,
    sweep,
    translated,
)
from bri_timeline.stores._rows import EntryPreparer, as_text
from bri_timeline.stores._session import Session
from bri_timeline.stores._store import Store
from bri_timeline.stores._tables import (
    DECODED,
    INSERTS,
    PART,
    Cells,
    ForeignCellError,
    GroupNumbers,
    check_count,
)


_FEW = 4
_NEXT = count()
_WITHIN = TransactionStatus.ACTIVE, TransactionStatus.INTRANS
_TYPES = {
    "entry": ("int8", "text", "bytea", *["int8"] * 5),
    "topic": ("int8", "text", "int8", "text"),
    "party": ("text", "int8"),
}


class PostgresStore(Store):
    """A store in PostgreSQL, for writers on several machines.

    Needs the extra `postgres`. Appends lock one row of the database in turn, so that
    positions have no gaps and a reader never misses an entry that is committed late.
    Appended entries are as durable as the commits of the server. A pooler in between
    may give each transaction another session of the server.

    Args:
        dsn: The connection string, as `psycopg` takes it.
        vocabulary: The payload classes.
        schema: The schema of the store; it is made if it does not exist.
        clock: Returns the instant of recording, with a time zone.
        timeout: The number of seconds to wait while somebody else writes, and, with two
            more, for each answer of the server. The end of an erasure has no limit.

    Raises:
        StoreError: The database cannot be reached, or the schema has other tables.
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
        super().__init__(_PostgresDatabase(dsn, vocabulary, schema, clock, timeout))


class _PostgresDatabase(Database):
    """A schema of PostgreSQL, with one connection for all threads.

    Args:
        dsn: The connection string.
        vocabulary: The payload classes.
        schema: The schema.
        clock: Returns the instant of recording, with a time zone.
        timeout: The number of seconds to wait for others.
    """

    # A transaction takes several answers of the server.
    at_once = 2048

    def __init__(
        self,
        dsn: str,
        vocabulary: Vocabulary,
        schema: str,
        clock: Callable[[], datetime],
        timeout: float,
    ) -> None:
        self._dsn = dsn
        self._schema = schema
        self._timeout = timeout
        super().__init__(place_of(dsn, schema), vocabulary, clock)
        self._abandoned: list[object] = []
        self._is_closed = False
        self._start()
        with self._explained_errors():
            self.connection: Impatient | None = self._connected()

    def _start(self) -> None:
        self._process = os.getpid()
        self._lock = RLock()
        self._groups = GroupNumbers()

    def _connected(self) -> Impatient:
        wait = max(2, int(self._timeout))
        connection = Impatient.connect(
            make_conninfo(self._dsn, connect_timeout=wait, client_encoding="utf8"),
            autocommit=True,
            # A pooler may give each transaction another session of the server.
            prepare_threshold=None,
        )
        connection.patience = self._timeout + GRACE
        try:
            prepare(connection, self._schema, self.place, self._timeout)
        except BaseException:
            connection.close()
            raise
        return connection

    def close(self) -> None:
        """Close the connection."""
        self._leave_parent()
        with self._lock:
            connection = self.connection
            if connection and connection.info.transaction_status in _WITHIN:
                raise StoreError(self.place, WITHIN)
            self._is_closed = True
            if connection is not None:
                connection.close()

    def _leave_parent(self) -> None:
        """Abandon the connection of a process that this one was forked from."""
        # To close it would end the session of the parent: both share one socket. It is
        # kept, so that it is not closed when it is released.
        if self._process != os.getpid():
            self._abandoned.append((self.connection, self._lock))
            self._start()
            self.connection = None

    @contextmanager
    def transaction(self, *, writing: bool) -> Iterator[Session]:
        """Return a transaction, which is undone if an exception leaves it.

        Raises:
            BusyStoreError: Another process writes for too long, or the server is late.
            DamagedStoreError: The tables are not as they were written.
            StoreError: The server cannot be reached.
        """
        self._leave_parent()
        with self._lock, self._explained_errors():
            if self._is_closed:
                raise StoreError(self.place, "is closed: open it again")
            connection = self.connection
            if connection is None or connection.closed:
                self._groups = GroupNumbers()
                connection = self.connection = self._connected()
            if connection.info.transaction_status != TransactionStatus.IDLE:
                raise StoreError(self.place, WITHIN)
            connection.patience = self._timeout + GRACE
            with self._transaction(connection, writing=writing) as session:
                yield session
            if session.erasing:
                # Rewriting the tables takes longer the larger they are.
                connection.patience = None
                sweep(connection, self._schema, self.place, self._timeout)

    @contextmanager
    def _transaction(self, connection: Rows, *, writing: bool) -> Iterator[Session]:
        done = False
        try:
            with connection.transaction():
                mode = WRITING if writing else READING
                connection.execute(settings(mode, self._timeout).encode())
                if writing:
                    # One writer at a time: positions must follow the order of commits.
                    sql = qualified("SELECT 1 FROM head FOR UPDATE", self._schema)
                    connection.execute(sql.encode())
                yield _PostgresSession(
                    connection, self._schema, self._groups, self.preparer
                )
            done = True
        finally:
            self._groups.settle(kept=done)

    @contextmanager
    def _explained_errors(self) -> Iterator[None]:
        """Turn errors of PostgreSQL into errors that name the cause and the remedy."""
        try:
            yield
        except psycopg.errors.LockNotAvailable as error:
            problem = f"has been locked by another writer for {self._timeout:g} s"
            raise BusyStoreError(self.place, f"{problem}: try again") from error
        except Unanswered as error:
            problem = f"has not answered for {self._timeout:g} s: see to the server, or"
            remedy = "wait longer; append once more, nothing is written twice"
            raise BusyStoreError(self.place, f"{problem} {remedy}") from error
        except (
            psycopg.errors.DataCorrupted,
            psycopg.errors.IndexCorrupted,
            psycopg.errors.UndefinedTable,
            psycopg.errors.UndefinedColumn,
            ForeignCellError,
            msgspec.DecodeError,
        ) as error:
            fault = Fault("PostgreSQL", str(error).strip())
            raise DamagedStoreError(self.place, [fault]) from error
        except psycopg.Error as error:
            problem = "could not be read or written: see to the server, and append once"
            text = f"{problem} more, nothing is written twice ({str(error).strip()})"
            raise StoreError(self.place, text) from error


class _PostgresSession(Session):
    """A transaction in PostgreSQL."""

    def __init__(
        self,
        connection: Rows,
        schema: str,
        groups: GroupNumbers,
        preparer: EntryPreparer,
    ) -> None:
        super().__init__(groups, preparer)
        self._connection = connection
        self._schema = schema

    def rows(self, sql: str, *cells: object) -> Sequence[Cells]:
        """Return the rows that a statement returns."""
        cursor = self._connection.execute(
            translated(sql, self._schema).encode(), cells or None
        )
        return cursor.fetchall() if cursor.description else ()

    def change(self, sql: str, *cells: object) -> None:
        """Change or add one row."""
        cursor = self._connection.execute(
            translated(sql, self._schema).encode(), cells or None
        )
        check_count("a table", cursor.rowcount, 1)

    def stream(self, sql: str, *cells: object) -> Iterator[Sequence[Cells]]:
        """Yield the rows that a statement returns, in batches."""
        name = f"bri_timeline_{next(_NEXT)}"
        cursor = self._connection.cursor(name, binary=True)
        cursor.execute(translated(sql, self._schema).encode(), cells or None)
        try:
            while batch := cursor.fetchmany(PART):
                for start in range(0, len(batch), DECODED):
                    yield batch[start : start + DECODED]
        finally:
            cursor.close()

    def several(self, items: Sequence[object]) -> object:
        """Return items, numbers or JSON, as the text of an array."""
        # psycopg takes a hundred times as long to write one. Quotes are escaped in it
        # as in JSON, and JSON has no other characters that would be escaped.
        return f"{{{as_text(items)[1:-1]}}}"

    def fill(self, table: str, columns: Sequence[Sequence[object]]) -> None:
        """Insert whole rows into a table."""
        cursor, count = self._connection.cursor(), len(columns[0])
        rows = zip(*columns, strict=True)
        if count <= _FEW:
            for row in rows:
                self.change(INSERTS[table], *row)
            return
        sql = qualified(f"COPY {table} FROM STDIN (FORMAT BINARY)", self._schema)
        with cursor.copy(sql.encode()) as copy:
            copy.set_types(_TYPES[table])
            for row in rows:
                copy.write_row(row)
        check_count(table, cursor.rowcount, count)

    def checks(self) -> Iterable[Fault]:
        """Yield the faults of the schema and of the indexes."""
        yield from schema_faults(self._connection, self._schema)
        yield from self.index_faults()
