"""A connection to PostgreSQL that does not wait for ever."""

from __future__ import annotations

from time import monotonic
from typing import TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from bri_timeline.errors import StoreError


__all__ = ["GRACE", "Impatient", "Unanswered", "place_of"]

T = TypeVar("T")
# By how many seconds a server may be later than its own timeout.
GRACE = 2.0
_INTERVAL = 0.1
_LONGEST = 63
_SHOWN = ("user", "dbname", "host", "hostaddr", "port")
_URI = ("postgres://", "postgresql://")
_FORMS = "give host=... dbname=... user=..., or postgresql://user@host/dbname"


class Unanswered(psycopg.OperationalError):
    """The server has not answered in time."""


class Impatient(psycopg.Connection[tuple[object, ...]]):
    """A connection that is closed when the server does not answer.

    A server that is stopped, or gone without a word, keeps its sockets: neither the
    timeouts of its own nor those of TCP end the waiting then.

    Attributes:
        patience: For how many seconds to wait for an answer; None for ever.
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
            # Else the end of the transaction would wait for an answer too.
            self.pgconn.finish()
            raise


def _limited(waiting: PQGen[T], patience: float) -> PQGen[T]:
    """Wait as psycopg does, but not longer than that without a word."""
    end = monotonic() + patience
    try:
        wanted = next(waiting)
        while True:
            ready = yield wanted
            now = monotonic()
            if ready:
                end = now + patience
            elif now > end:
                msg = "the server does not answer"
                raise Unanswered(msg)
            wanted = waiting.send(ready)
    except StopIteration as done:
        found: T = done.value
        return found


def place_of(dsn: str, schema: str) -> str:
    """Return what to call a store, without what is secret.

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
    """Tell whether a password of a URI may have been read as something else."""
    ports = str(parts.get("port", "")).replace(",", "")
    places = f"{parts.get('host', '')}{parts.get('dbname', '')}"
    return dsn.startswith(_URI) and ("@" in places or bool(ports.strip("0123456789")))
