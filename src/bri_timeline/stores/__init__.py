"""Stores for logs: in memory, in an SQLite file, in PostgreSQL.

All stores have the same methods.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bri_timeline import _later


if TYPE_CHECKING:
    from bri_timeline.stores._chain import Head
    from bri_timeline.stores._copying import backup, copy
    from bri_timeline.stores._lock import FileLock as FileLock
    from bri_timeline.stores._memory import MemoryStore
    from bri_timeline.stores._postgres import PostgresStore
    from bri_timeline.stores._proofs import ConsistencyProof, InclusionProof, TreeHead
    from bri_timeline.stores._selection import names_of as names_of
    from bri_timeline.stores._sqlite import SQLiteStore
    from bri_timeline.stores._store import Store


__all__ = [
    "ConsistencyProof",
    "Head",
    "InclusionProof",
    "MemoryStore",
    "PostgresStore",
    "SQLiteStore",
    "Store",
    "TreeHead",
    "backup",
    "copy",
]


# Drivers are imported on demand: `psycopg` is an optional extra.
_WHERE = {
    "FileLock": "_lock",
    "names_of": "_selection",
    "ConsistencyProof": "_proofs",
    "Head": "_chain",
    "InclusionProof": "_proofs",
    "MemoryStore": "_memory",
    "PostgresStore": "_postgres",
    "SQLiteStore": "_sqlite",
    "Store": "_store",
    "TreeHead": "_proofs",
    "backup": "_copying",
    "copy": "_copying",
}

__getattr__: _later.Finder = _later.later(
    __name__, _WHERE, {"PostgresStore": "postgres"}
)
