"""EventLog: an immutable, append-only sequence of entries; releases of datasets."""

from bri_timeline._log._log import EventLog, require_log
from bri_timeline._log._revision import Amendment, Revision, compare


__all__ = ["Amendment", "EventLog", "Revision", "compare", "require_log"]
