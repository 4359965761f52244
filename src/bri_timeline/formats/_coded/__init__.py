"""Machine-coded event data: the table of codes, and merging of reports into events."""

from __future__ import annotations

from bri_timeline.formats._coded._codes import (
    Code,
    Coded,
    Codes,
)
from bri_timeline.formats._coded._happenings import (
    NOBODY,
    Actor,
    Happenings,
    ReadOptions,
    cameo_fault,
    fault_of,
    iso_day,
)


__all__ = [
    "NOBODY",
    "Actor",
    "Code",
    "Coded",
    "Codes",
    "Happenings",
    "ReadOptions",
    "cameo_fault",
    "fault_of",
    "iso_day",
]
