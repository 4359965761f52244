"""Entries that logs share, the indexes that find them, and which claims count."""

from __future__ import annotations

from bri_timeline._journal._agreement import may_agree
from bri_timeline._journal._entries import Entries
from bri_timeline._journal._index import (
    Cluster,
    Filter,
    Wanted,
)
from bri_timeline._journal._journal import (
    Journal,
    Progress,
    no_progress,
)
from bri_timeline._journal._resolution import (
    Claims,
    resolve,
)
from bri_timeline._journal._resolved import Resolution
from bri_timeline._journal._witnesses import Basis, Believed, Prefer, Preference
from bri_timeline._journal.erasures import erased


__all__ = [
    "Basis",
    "Believed",
    "Claims",
    "Cluster",
    "Entries",
    "Filter",
    "Journal",
    "Prefer",
    "Preference",
    "Progress",
    "Resolution",
    "Wanted",
    "erased",
    "may_agree",
    "no_progress",
    "resolve",
]
