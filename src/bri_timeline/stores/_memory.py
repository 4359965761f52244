"""A store in memory: for tests, and for logs that need not last."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from threading import RLock

from bri_timeline._codec import Vocabulary
from bri_timeline.errors import Fault, StoreError
from bri_timeline.stores._chain import Head
from bri_timeline.stores._rows import Held, Row
from bri_timeline.stores._session import Erased, Search, Session
from bri_timeline.stores._store import Store, utc_now


__all__ = ["MemoryStore"]

_PLACE = "in memory"


class MemoryStore(Store):
    """A store in memory: it behaves as the others do, and is gone with the process.

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
        clock: Says when something is written down: an instant with a time zone.
    """

    def __init__(
        self, vocabulary: Vocabulary, *, clock: Callable[[], datetime] = utc_now
    ) -> None:
        super().__init__(_PLACE, vocabulary, clock)
        self._lock = RLock()
        self._held: _Held | None = _Held()

    @contextmanager
    def _session(self, *, writing: bool) -> Iterator[Session]:
        with self._lock:
            if self._held is None:
                raise StoreError(_PLACE, "is closed: make another")
            size = len(self._held.rows)
            try:
                yield self._held
            except BaseException:
                if writing:
                    self._held.cut(size)
                raise

    def close(self) -> None:
        """Forget everything."""
        with self._lock:
            self._held = None


class _Held:
    """Rows, and what finds them."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self._erased: dict[int, Erased] = {}
        self._by_key: dict[int, list[int]] = {}
        self._by_target: dict[int, list[int]] = {}

    def cut(self, size: int) -> None:
        """Forget all rows after the first so-many."""
        for row in reversed(self.rows[size:]):
            if row.key is not None:
                self._by_key[row.key].pop()
            if row.target is not None:
                self._by_target[row.target].pop()
        del self.rows[size:]

    def head(self) -> Head:
        """Return how far it has got."""
        if not self.rows:
            return Head()
        return Head(len(self.rows) - 1, self.rows[-1].digest)

    def held(self, after: int, most: int | None = None) -> Iterator[Held]:
        """Yield the entries after a position."""
        stop = None if most is None else after + 1 + most
        return map(_held, islice(self.rows, after + 1, stop))

    def at(self, positions: Collection[int]) -> Sequence[Held]:
        """Return the entries at some positions."""
        size = len(self.rows)
        return [_held(self.rows[p]) for p in sorted(positions) if 0 <= p < size]

    def keyed(self, keys: Collection[int]) -> Sequence[int]:
        """Return the positions of claims with one of these keys."""
        return [p for key in keys for p in self._by_key.get(key, ())]

    def targeting(self, positions: Collection[int]) -> Sequence[int]:
        """Return the positions of what corrects or retracts."""
        return [p for target in positions for p in self._by_target.get(target, ())]

    def matching(self, search: Search) -> Sequence[int]:
        """Return the positions of claims that are looked for."""
        return [
            row.position
            for row in self.rows
            if row.topic is not None
            and search.parties.issubset(row.topic.parties)
            and (search.kinds is None or row.topic.kind in search.kinds)
            and row.known <= search.known_by
            and row.first <= search.first_by
        ]

    def of_other_versions(self, kind: str, version: int) -> Sequence[int]:
        """Return the positions of claims of a kind that have another version."""
        return [
            row.position
            for row in self.rows
            if row.topic is not None
            and row.topic.kind == kind
            and row.topic.version != version
        ]

    def named_like_digests(self) -> Sequence[int]:
        """Return the positions of rows that are `named`."""
        return [row.position for row in self.rows if row.named]

    def insert(self, rows: Sequence[Row]) -> None:
        """Put entries at the end."""
        for row in rows:
            self.rows.append(row)
            if row.key is not None:
                self._by_key.setdefault(row.key, []).append(row.position)
            if row.target is not None:
                self._by_target.setdefault(row.target, []).append(row.position)

    def erase(self, erased: Erased) -> None:
        """Take away the line of an entry."""
        row = self.rows[erased.position]
        if row.key is not None:
            self._by_key[row.key].remove(row.position)
        if row.target is not None:
            self._by_target[row.target].remove(row.position)
        self._erased[erased.position] = erased
        self.rows[erased.position] = row._replace(
            line="", topic=None, key=None, target=None, named=0
        )

    def sweep(self) -> None:
        """Do nothing: what was erased is gone."""

    def erased(self) -> Iterable[Erased]:
        """Return what is left of entries that were erased."""
        return self._erased.values()

    def checks(self) -> Iterable[Fault]:
        """Yield nothing: memory is not checked."""
        return ()


def _held(row: Row) -> Held:
    return Held(row.position, row.line, row.digest)
