"""Entries that logs share, and the indexes that find them."""

from __future__ import annotations

from bri_timeline._journal._entries import (
    Entries,
    Gapped,
)
from bri_timeline._journal._identity import (
    Namesakes,
)
from bri_timeline._journal._index import (
    Family,
    References,
    Wanted,
    is_digest,
)
from bri_timeline._journal._journal import (
    Progress,
    Trunk,
)


__all__ = [
    "Entries",
    "Family",
    "Gapped",
    "Namesakes",
    "Progress",
    "References",
    "Trunk",
    "Wanted",
    "is_digest",
]
