"""EventLog: an immutable, append-only sequence of entries; releases of datasets."""

from bri_timeline._log._log import EventLog, require_log
from bri_timeline._log._revision import (
    Amendment,
    ReleaseSummary,
    Revision,
    compare,
)


__all__ = [
    "Amendment",
    "EventLog",
    "ReleaseSummary",
    "Revision",
    "compare",
    "require_log",
]
