"""A store in memory, for tests and for logs that need not last."""

from __future__ import annotations

from bisect import insort
from collections.abc import (
    Callable,
    Collection,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from threading import RLock
from typing import cast

from bri_timeline import Vocabulary
from bri_timeline.errors import Fault, StoreError
from bri_timeline.extend import ForkAware
from bri_timeline.stores._chain import Head
from bri_timeline.stores._database import (
    Cells,
    Columns,
    Database,
    Erasure,
    Indexed,
    SearchCriteria,
    Session,
    indexed_of,
    utc_now,
)
from bri_timeline.stores._pending import PendingEntries
from bri_timeline.stores._rows import (
    EntryRow,
    Rows,
    StoredEntry,
)
from bri_timeline.stores._store import Store


_AT_ONCE = 512


class MemoryStore(Store):
    """A store in memory: it behaves like the others, and ends with the process.

    >>> from bri_timeline import Event
    >>> from bri_timeline.relations import FACTS, Visited
    >>> visit = Visited(guest="AZE", host="CHN")
    >>> with MemoryStore(FACTS) as store:
    ...     store.append(Event(visit, when="2019-04-24")).position
    ...     len(store.read())
    0
    1

    Args:
        vocabulary: The payload classes.
        clock: Returns the instant of recording, with a time zone.
    """

    def __init__(
        self, vocabulary: Vocabulary, *, clock: Callable[[], datetime] = utc_now
    ) -> None:
        super().__init__(_Memory(vocabulary, clock))


class _Memory(Database):
    """Rows in memory, used by one thread at a time."""

    def __init__(self, vocabulary: Vocabulary, clock: Callable[[], datetime]) -> None:
        super().__init__("in memory", vocabulary, clock)
        self._threads = _ThreadLock()
        self.table: _EntryTable | None = _EntryTable()

    @contextmanager
    def transaction(self, *, writing: bool) -> Iterator[Session]:
        """Return a transaction; an exception removes the rows that it appended."""
        with self._threads.lock:
            if self.table is None:
                raise StoreError(self.place, "is closed: make another")
            size = len(self.table.rows)
            try:
                yield self.table
            except BaseException:
                # A keyboard interrupt, too, must leave nothing of an append behind.
                if writing:
                    self.table.truncate(size)
                raise

    def close(self) -> None:
        """Release all rows."""
        with self._threads.lock:
            self.table = None


class _ThreadLock(ForkAware):
    """A lock for threads that a fork takes first.

    Without it a child could find half an append, and a lock that is never released.

    Attributes:
        lock: The lock, to be held while rows are read or written.
    """

    def __init__(self) -> None:
        super().__init__()
        self.lock = RLock()

    def rest(self) -> bool:
        """Wait until no other thread reads or writes."""
        return self.lock.acquire()

    def wake(self) -> None:
        """Release the lock."""
        self.lock.release()


class _EntryTable:
    """The rows of a store, with an index of their positions."""

    def __init__(self) -> None:
        self.rows: list[EntryRow] = []
        self._erased: dict[int, Erasure] = {}
        self._found: dict[object, list[int]] = {}
        # The only version that claims of a kind ever had; None if they had several.
        self._versions: dict[str, int | None] = {}

    def truncate(self, size: int) -> None:
        """Remove all rows after the first *size*."""
        # From the last row, so that its position is the last of each list.
        for row in reversed(self.rows[size:]):
            for by in _index_keys(row):
                self._found[by].pop()
            self._erased.pop(row.position, None)
        del self.rows[size:]

    def _at(self, by: Iterable[object]) -> list[int]:
        return [p for key in by for p in self._found.get(key, ())]

    def head(self) -> Head:
        """Return the head."""
        if not self.rows:
            return Head()
        return Head(len(self.rows) - 1, self.rows[-1].digest)

    def stored(self, after: int, most: int | None = None) -> Iterator[StoredEntry]:
        """Yield the entries after a position."""
        stop = None if most is None else after + 1 + most
        return map(_entry_of, islice(self.rows, after + 1, stop))

    def columns(self) -> Iterator[Columns]:
        """Yield the columns of all entries: the index columns are one of them."""
        rows = iter(self.rows)
        while batch := [*islice(rows, _AT_ONCE)]:
            yield _columns(batch)

    def wanted_columns(self, rows: Rows) -> Columns:
        """Return the columns that entries would have if they were stored now."""
        return _columns(map(EntryRow, *rows))

    def indexed(self, cells: Cells) -> Indexed:
        """Return the index columns that are in the cells of an entry."""
        _, _, _, index_cells = cells
        return cast("Indexed", index_cells)

    def lines(
        self, after: int, most: int | None = None
    ) -> Iterator[tuple[Sequence[int], Sequence[str]]]:
        """Yield positions, and lines, of the same entries, in batches."""
        stored = self.stored(after, most)
        while batch := [*islice(stored, _AT_ONCE)]:
            positions, lines, _ = zip(*batch, strict=True)
            yield positions, lines

    def at(self, positions: Collection[int]) -> Sequence[StoredEntry]:
        """Return the entries at some positions."""
        size = len(self.rows)
        return [_entry_of(self.rows[p]) for p in sorted(positions) if 0 <= p < size]

    def alike(self, events: PendingEntries) -> Sequence[int]:
        """Return the positions of claims with equal group, first day and key."""
        return self._at({*zip(events.groups, events.firsts, events.keys, strict=True)})

    def named(self, names: Collection[int]) -> Sequence[int]:
        """Return the positions of claims with one of these names."""
        return self._at({("name", abs(name)) for name in names})

    def targeting(self, positions: Collection[int]) -> Sequence[int]:
        """Return the positions of entries that correct or retract one of these."""
        return self._at({("target", position) for position in positions})

    def matching(self, search: SearchCriteria) -> Sequence[int]:
        """Return the positions of claims that match a search."""
        return [
            row.position
            for row in self.rows
            if row.group is not None
            and len(search.parties & row.group.parties) >= search.enough
            and (search.kinds is None or row.group.kind in search.kinds)
            and row.known <= search.known_by
            and row.first <= search.first_by
        ]

    def of_other_versions(
        self, kind: str, version: int, near: Iterable[int] | None = None
    ) -> Sequence[int]:
        """Return the positions of claims of a kind in other versions than one."""
        if self._versions.get(kind, version) == version:
            return []
        firsts = None if near is None else {*near}
        return [
            row.position
            for row in self.rows
            if row.group is not None
            and row.group.kind == kind
            and row.group.version != version
            and (firsts is None or row.first in firsts)
        ]

    def samples(self) -> Mapping[int, frozenset[str]]:
        """Return nothing: no class changes while a program runs."""
        return {}

    def named_like_digests(self) -> Sequence[int]:
        """Return the positions of rows with a negative name."""
        return [r.position for r in self.rows if r.name is not None and r.name < 0]

    def insert(self, rows: Rows) -> None:
        """Append entries."""
        for row in map(EntryRow, *rows):
            self.rows.append(row)
            if row.group is not None:
                kind, version = row.group.kind, row.group.version
                if self._versions.setdefault(kind, version) != version:
                    self._versions[kind] = None
            for by in _index_keys(row):
                self._found.setdefault(by, []).append(row.position)

    def erase(self, erased: Erasure, row: EntryRow) -> None:
        """Replace the line of an entry and its index columns."""
        position = erased.position
        for by in _index_keys(self.rows[position]):
            self._found[by].remove(position)
        for by in _index_keys(row):
            insort(self._found.setdefault(by, []), position)
        self._erased[position] = erased
        self.rows[position] = row

    def sweep(self) -> None:
        """Do nothing: erased text has been released."""

    def erased(self) -> Iterable[Erasure]:
        """Return the records of erased entries."""
        return self._erased.values()

    def erasures(self) -> int:
        """Return the number of erased entries."""
        return len(self._erased)

    def checks(self) -> Iterable[Fault]:
        """Yield nothing: memory is not checked."""
        return ()


def _columns(rows: Iterable[EntryRow]) -> Columns:
    cells = [(*row[:3], indexed_of(row)) for row in rows]
    return tuple(zip(*cells, strict=True))


def _entry_of(row: EntryRow) -> StoredEntry:
    return StoredEntry(*row[:3])


def _index_keys(row: EntryRow) -> Iterator[object]:
    if row.group is not None:
        yield row.group, row.first, row.key
    if row.name is not None:
        yield "name", abs(row.name)
    if row.target is not None:
        yield "target", row.target
