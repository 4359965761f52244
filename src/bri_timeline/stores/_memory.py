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
from bri_timeline.stores._database import Erased, Search, Session
from bri_timeline.stores._keys import Indexed, indexed_of
from bri_timeline.stores._lock import ForkAware
from bri_timeline.stores._rows import Claimed, Held, Row
from bri_timeline.stores._store import Store, utc_now


__all__ = ["MemoryStore"]

_PLACE = "in memory"
_AT_ONCE = 4096


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
        self._turn = _Turn()
        self._held: _Held | None = _Held()

    @contextmanager
    def _session(self, *, writing: bool) -> Iterator[Session]:
        with self._turn.lock:
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
        with self._turn.lock:
            self._held = None


class _Turn(ForkAware):
    """The turn of a thread; a fork waits for it, so that no child finds half an append.

    Attributes:
        lock: Whoever has it may read and write.
    """

    def __init__(self) -> None:
        super().__init__()
        self.lock = RLock()

    def rest(self) -> bool:
        """Wait until no other thread reads or writes."""
        return self.lock.acquire()

    def wake(self) -> None:
        """Let others read and write."""
        self.lock.release()


class _Held:
    """Rows, and what finds them."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self._erased: dict[int, Erased] = {}
        self._found: dict[object, list[int]] = {}

    def cut(self, size: int) -> None:
        """Forget all rows after the first so-many."""
        for row in reversed(self.rows[size:]):
            for by in _found_by(row):
                self._found[by].pop()
        del self.rows[size:]

    def _at(self, by: Iterable[object]) -> list[int]:
        return [p for one in by for p in self._found.get(one, ())]

    def head(self) -> Head:
        """Return how far it has got."""
        if not self.rows:
            return Head()
        return Head(len(self.rows) - 1, self.rows[-1].digest)

    def held(self, after: int, most: int | None = None) -> Iterator[Held]:
        """Yield the entries after a position."""
        stop = None if most is None else after + 1 + most
        return map(_held, islice(self.rows, after + 1, stop))

    def indexed(self) -> Iterator[tuple[Held, Indexed]]:
        """Yield all entries, each with what finds it."""
        return ((_held(row), indexed_of(row)) for row in self.rows)

    def lines(
        self, after: int, most: int | None = None
    ) -> Iterator[Sequence[tuple[int, str]]]:
        """Yield the positions and lines of those entries, some at a time."""
        held = self.held(after, most)
        while some := [one[:2] for one in islice(held, _AT_ONCE)]:
            yield some

    def at(self, positions: Collection[int]) -> Sequence[Held]:
        """Return the entries at some positions."""
        size = len(self.rows)
        return [_held(self.rows[p]) for p in sorted(positions) if 0 <= p < size]

    def alike(self, claims: Sequence[Claimed]) -> Sequence[int]:
        """Return the positions of claims of the same topic, first day and key."""
        return self._at({(c.topic, c.first, c.key) for c in claims})

    def named(self, names: Collection[int]) -> Sequence[int]:
        """Return the positions of claims with one of these names."""
        return self._at({("name", abs(name)) for name in names})

    def targeting(self, positions: Collection[int]) -> Sequence[int]:
        """Return the positions of what corrects or retracts."""
        return self._at({("target", position) for position in positions})

    def matching(self, search: Search) -> Sequence[int]:
        """Return the positions of claims that are looked for."""
        return [
            row.position
            for row in self.rows
            if row.claim is not None
            and len(search.parties & row.claim.topic.parties) >= search.enough
            and (search.kinds is None or row.claim.topic.kind in search.kinds)
            and row.known <= search.known_by
            and row.claim.first <= search.first_by
        ]

    def of_other_versions(
        self, kind: str, version: int, near: Sequence[Claimed] | None = None
    ) -> Sequence[int]:
        """Return the positions of claims of a kind that have another version."""
        firsts = None if near is None else {claim.first for claim in near}
        return [
            row.position
            for row in self.rows
            if row.claim is not None
            and row.claim.topic.kind == kind
            and row.claim.topic.version != version
            and (firsts is None or row.claim.first in firsts)
        ]

    def named_like_digests(self) -> Sequence[int]:
        """Return the positions of rows with a name below 0."""
        return [r.position for r in self.rows if r.name is not None and r.name < 0]

    def insert(self, rows: Sequence[Row]) -> None:
        """Put entries at the end."""
        for row in rows:
            self.rows.append(row)
            for by in _found_by(row):
                self._found.setdefault(by, []).append(row.position)

    def erase(self, erased: Erased) -> None:
        """Take away the line of an entry."""
        row = self.rows[erased.position]
        for by in _found_by(row):
            self._found[by].remove(row.position)
        self._erased[erased.position] = erased
        self.rows[erased.position] = Row(row.position, "", row.digest)

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


def _found_by(row: Row) -> Iterator[object]:
    if row.claim is not None:
        yield row.claim.topic, row.claim.first, row.claim.key
    if row.name is not None:
        yield "name", abs(row.name)
    if row.target is not None:
        yield "target", row.target
