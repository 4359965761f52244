"""The rows of a dataset that count in a log, kept up as its entries come."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from bri_timeline._events import Entry, Event
from bri_timeline._log._revision import Key, Keys, Row, Rows, keys_for, said_in
from bri_timeline._scope import Covers, Window


class DatasetState:
    """The releases of a dataset in a log, and the rows that count after the last.

    It is kept with the journal: only entries that came since are read.

    Args:
        keys: The rule that tells rows apart.

    Attributes:
        keys: The rule.
        size: The number of entries of the log that were examined.
        releases: The entries that record its releases, by their positions.
        rows: What the rows say that count, by their keys.
        originals: The positions of their first versions.
        latest: The positions of the versions that count, if these are others.
    """

    def __init__(self, keys: Keys) -> None:
        self.keys = keys
        self.size = 0
        self.releases: dict[int, Entry] = {}
        self.rows: Rows = {}
        self.originals: dict[Key, int] = {}
        self.latest: dict[Key, int] = {}
        # What was said first in the same words, by key and words.
        self._firsts: dict[tuple[Key, object], Row] = {}
        self._written: dict[int | None, Key] = {}
        # The keys of rows by the first day on which they can have begun.
        self._days: dict[float, dict[Key, None]] = {}

    @classmethod
    def of(cls, entries: Sequence[Entry], rows: Iterable[Row] = ()) -> DatasetState:
        """Return the state after all entries of a dataset.

        Args:
            entries: The entries, in the order of the log.
            rows: The rows of a further release, which *keys* will tell apart too.
        """
        state = cls(keys_for(filter(None, map(row_of, entries)), rows))
        void = {entry.retracts for entry in entries if entry.event is None}
        places = (
            place
            for place, entry in enumerate(entries)
            if entry.release is not None and entry.position not in void
        )
        # What stands before the first release that counts was applied again after it.
        for entry in entries[next(places, len(entries)) :]:
            state.read(entry)
        return state

    def first(self, key: Key, row: Row) -> Row:
        """Return a row as the first release with these words has it.

        A release that repeats the one before adds nothing, not even a citation. So all
        that say the same rest on the first of them, whichever come between.
        """
        return self._firsts.get((key, said_in(row)), row)

    def read(self, entry: Entry) -> Key | None:
        """Read a further entry, and return the key of the row in it, if it has one."""
        row = row_of(entry)
        if entry.release is not None:
            self.releases[entry.position] = entry
        elif row is not None:
            key = self._written[entry.position] = self.keys.of(row)
            self._write(key, row, entry.position)
            return key
        elif self._written.get(entry.retracts, ()) in self.rows:
            self._withdraw(self._written[entry.retracts])
        return None

    def _write(self, key: Key, row: Row, position: int) -> None:
        self._firsts.setdefault((key, said_in(row)), row)
        if key in self.rows:
            self.latest[key] = position
            self._day_of(key).pop(key)
        else:
            self.originals[key] = position
        self.rows[key] = row
        self._day_of(key)[key] = None

    def _withdraw(self, key: Key) -> None:
        self._day_of(key).pop(key)
        del self.rows[key], self.originals[key]
        self.latest.pop(key, None)

    def _day_of(self, key: Key) -> dict[Key, None]:
        row = self.rows[key]
        # Of a row without words no release says that it covers its day.
        day = row.when.earliest_start if isinstance(row, Event) else math.nan
        return self._days.setdefault(day, {})

    def among(self, covers: Covers) -> Iterable[Key]:
        """Return the keys of the rows that a release may cover, in their order."""
        if covers.days is None:
            return self.rows
        since, until = Window.of(covers.days)
        days = [day for day in self._days if since <= day <= until]
        keys = (key for day in days for key in self._days[day])
        return sorted(keys, key=self.originals.__getitem__)


def row_of(entry: Entry) -> Row | None:
    """Return the row in an entry, or what is left of it; None if it withdraws one."""
    return entry.event or (entry.erased if entry.is_version else None)
