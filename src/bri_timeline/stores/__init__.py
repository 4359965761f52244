"""Stores for logs: in memory, in an SQLite file, in PostgreSQL.

All stores have the same methods.
"""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

from bri_timeline.extend import needing
from bri_timeline.stores._chain import ConsistencyProof, Head, InclusionProof, TreeHead
from bri_timeline.stores._erasing import erased_elsewhere as erased_elsewhere
from bri_timeline.stores._selection import names_of as names_of
from bri_timeline.stores._store import Store
from bri_timeline.stores._store import check_whole as check_whole


if TYPE_CHECKING:
    from bri_timeline.stores._copying import backup, copy
    from bri_timeline.stores._memory import MemoryStore
    from bri_timeline.stores._postgres import PostgresStore
    from bri_timeline.stores._sqlite import SQLiteStore
else:
    # Drivers are imported on first access, and one of them is an extra. Type checkers
    # must not see this function: they would take any name for an attribute.
    _LATER = {
        "MemoryStore": "_memory",
        "PostgresStore": "_postgres",
        "SQLiteStore": "_sqlite",
        "backup": "_copying",
        "copy": "_copying",
    }

    def __dir__() -> list[str]:
        """Return what completion offers: also what is imported on first access."""
        return sorted({*globals(), *__all__})

    def __getattr__(name: str) -> object:
        if name in _LATER:
            with needing("postgres"):
                module = importlib.import_module(f"{__name__}.{_LATER[name]}")
            return getattr(module, name)
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)


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

# Of all names, `import *` would ask for this one too.
if not TYPE_CHECKING and importlib.util.find_spec("psycopg") is None:
    __all__.remove("PostgresStore")
