"""What erasing leaves in the files of PostgreSQL, taken out of them."""

from __future__ import annotations

from contextlib import suppress
from time import monotonic, sleep

from psycopg.errors import LockNotAvailable

from bri_timeline.errors import BusyStoreError
from bri_timeline.stores._postgres_schema import Rows


__all__ = ["sweep"]

_NEXT = "SELECT txid_snapshot_xmax(txid_current_snapshot())"
# A row that is replaced stays while any transaction may still see it: one that has not
# ended, or that looks at the database as it was; a standby or a slot may hold it too.
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


def sweep(connection: Rows, place: str, wait: float) -> None:
    """Write the tables anew, without the rows that an erasure replaced.

    Args:
        connection: One that is in no transaction; the erasure is committed.
        place: What to call the database.
        wait: For how many seconds to wait while others may see the rows.

    Raises:
        BusyStoreError: Others may still see them, so traces are left.
    """
    is_clean = _unseen(connection, wait)
    with suppress(LockNotAvailable):
        connection.execute("VACUUM (FULL) entry, topic, party")
        if is_clean:
            return
    problem = "has traces of what was erased, while others read: erase it again"
    raise BusyStoreError(place, problem)


def _unseen(connection: Rows, wait: float) -> bool:
    """Wait until nobody sees the database as it was when this began."""
    end = monotonic() + wait
    ((begun,),) = connection.execute(_NEXT)
    while True:
        ((is_seen,),) = connection.execute(_IS_SEEN, [begun])
        if not is_seen or monotonic() >= end:
            return not is_seen
        sleep(_PAUSE)
