"""Entries that logs share, and the indexes that find them."""

from __future__ import annotations

from bri_timeline._journal._entries import (
    Entries,
)
from bri_timeline._journal._filter import (
    Filter,
    given,
    ids_of,
)
from bri_timeline._journal._identity import (
    IdentityIndex,
)
from bri_timeline._journal._index import (
    Cluster,
    References,
    Wanted,
    is_digest,
)
from bri_timeline._journal._journal import (
    Journal,
    Progress,
    check_targets,
    no_progress,
)


__all__ = [
    "Cluster",
    "Entries",
    "Filter",
    "IdentityIndex",
    "Journal",
    "Progress",
    "References",
    "Wanted",
    "check_targets",
    "given",
    "ids_of",
    "is_digest",
    "no_progress",
]
