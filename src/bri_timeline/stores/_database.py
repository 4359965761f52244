"""Databases and their transactions as stores ask for them; packed index keys."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import (
    Callable,
    Collection,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from typing import NamedTuple, Protocol

import msgspec
from attrs import frozen

from bri_timeline import Entry, Vocabulary
from bri_timeline.errors import (
    DamagedStoreError,
    Fault,
    FaultsError,
    ReplacedStoreError,
)
from bri_timeline.extend import require_vocabulary
from bri_timeline.stores._chain import Head
from bri_timeline.stores._pending import IndexGroup, PendingEntries
from bri_timeline.stores._rows import (
    EntryRow,
    Rows,
    StoredEntry,
    decoded,
)


# What is wrong with a store whose clock reads it, say.
WITHIN = "is asked while it answers or appends, by the same thread: ask it before"

Cells = tuple[object, ...]
Columns = tuple[tuple[object, ...], ...]

# 24 bits hold some 46,000 years. Days outside count as the first or last of them: a
# search then finds more entries than match, which are filtered afterwards.
DAYS = 1 << 24
_HALF = DAYS >> 1


class Indexed(NamedTuple):
    """The index columns of an entry, as its line gives them.

    Attributes:
        group: Its index group; None without a claim.
        day: The offset of its first possible day; 0 without a claim.
        key: A checksum of the content of its claim; 0 without a claim.
        known: The day from which it was known.
        name: A number for the id of its claim; None without one.
        target: The position that it corrects or retracts.
    """

    group: IndexGroup | None
    day: int
    key: object
    known: object
    name: object
    target: object


def as_text(value: object) -> str:
    """Return a value as JSON, in which no database refuses a character."""
    return msgspec.json.encode(value).decode()


def columns_of(rows: Rows, keys: Sequence[int | None]) -> Sequence[Sequence[object]]:
    """Return the columns of rows in the table `entry`.

    Args:
        rows: The rows.
        keys: The index key of each; None without a claim.
    """
    positions, lines, digests, _, _, *index_columns = rows
    return positions, lines, digests, keys, *index_columns


def index_keys(
    numbers: Sequence[int | None], firsts: Sequence[int]
) -> list[int | None]:
    """Return the numbers of groups with first days, each pair as one integer.

    The integers are ordered by both.

    Args:
        numbers: The numbers, or None.
        firsts: The first days.
    """
    # Most days need no clipping, and this runs once for each entry.
    if firsts and not (min(firsts) >= -_HALF and max(firsts) < _HALF):
        firsts = [day_offset(first) - _HALF for first in firsts]
    return [
        None if number is None else number * DAYS + first + _HALF
        for number, first in zip(numbers, firsts, strict=True)
    ]


def indexed_of(row: EntryRow) -> Indexed:
    """Return the index columns of a row."""
    _, _, _, group, first, *index_cells = row
    return Indexed(group, 0 if group is None else day_offset(first), *index_cells)


def group_cells(group: IndexGroup) -> Cells:
    """Return the cells of an index group in the table `topic`, without its number."""
    return as_text(group.kind), group.version, as_text(sorted(group.parties))


def day_offset(first: float) -> int:
    """Return the offset of a day among those that an index key can hold."""
    return int(min(max(first, -_HALF), _HALF - 1)) + _HALF


@frozen
class SearchCriteria:
    """The criteria of a search.

    Attributes:
        parties: Only claims with these labels: parties, or other labels of
            `labels_of()`.
        least: The number of the labels that a claim must have; None for all of them.
        kinds: Only claims of the kinds of these names; None for any.
        known_by: Only entries that were known by this day.
        first_by: Only claims that can have begun by this day.
    """

    parties: frozenset[str] = frozenset()
    least: int | None = None
    kinds: frozenset[str] | None = None
    known_by: float = math.inf
    first_by: float = math.inf

    @property
    def enough(self) -> int:
        """The number of the labels that a claim must have."""
        return len(self.parties) if self.least is None else self.least


class Erasure(NamedTuple):
    """The record of an erased entry.

    Attributes:
        position: Its position.
        leaf: The hash of its line before it was erased.
        because: The reason.
        erased_at: The instant of the erasure, in UTC, as text.
        seal: A digest of the other four, and of the line that is left.
    """

    position: int
    leaf: bytes
    because: str
    erased_at: str
    seal: bytes

    @classmethod
    def sealed(
        cls, position: int, leaf: bytes, because: str, erased_at: str, line: str
    ) -> Erasure:
        """Return a record with its seal.

        Args:
            position: The position.
            leaf: The hash of the line that was erased.
            because: The reason.
            erased_at: The instant.
            line: The line that is left in its place; empty in stores of earlier
                versions, which left nothing.
        """
        # The chain of digests covers what was there before: without a seal, a changed
        # reason, instant or line would go unnoticed.
        rest = f"{line}\n" if line else ""
        text = f"{rest}{position}\n{leaf.hex()}\n{erased_at}\n{because}"
        seal = sha256(text.encode(errors="surrogatepass")).digest()
        return cls(position, leaf, because, erased_at, seal)

    def is_sound(self, line: str) -> bool:
        """Return whether the record and the line that is left are unchanged."""
        return self == Erasure.sealed(*self[:4], line)


class Session(Protocol):
    """A transaction: it reads one snapshot, and writes all or nothing.

    Positions are returned in no particular order, entries in order of position.
    """

    def head(self) -> Head:
        """Return the head of the store."""
        ...

    def stored(self, after: int, most: int | None = None) -> Iterator[StoredEntry]:
        """Yield the entries after a position, at most *most* of them."""
        ...

    def columns(self) -> Iterator[Columns]:
        """Yield the columns of all entries, in batches.

        The first three are those of a `StoredEntry`.
        """
        ...

    def wanted_columns(self, rows: Rows) -> Columns:
        """Return the columns that entries would have if they were stored now."""
        ...

    def indexed(self, cells: Cells) -> Indexed:
        """Return the index columns that are in the cells of an entry."""
        ...

    def lines(
        self, after: int, most: int | None = None
    ) -> Iterator[tuple[Sequence[int], Sequence[str]]]:
        """Yield positions, and lines, of the same entries, in batches."""
        ...

    def at(self, positions: Collection[int]) -> Sequence[StoredEntry]:
        """Return the entries at some positions."""
        ...

    def alike(self, events: PendingEntries) -> Sequence[int]:
        """Return the positions of claims with equal group, first day and key."""
        ...

    def named(self, names: Collection[int]) -> Sequence[int]:
        """Return the positions of claims with one of these names, of either sign."""
        ...

    def targeting(self, positions: Collection[int]) -> Sequence[int]:
        """Return the positions of entries that correct or retract one of these."""
        ...

    def matching(self, search: SearchCriteria) -> Sequence[int]:
        """Return the positions of all claims that match, and maybe of others."""
        ...

    def of_other_versions(
        self, kind: str, version: int, near: Iterable[int] | None = None
    ) -> Sequence[int]:
        """Return the positions of claims of a kind in other versions than one.

        Args:
            kind: The kind.
            version: The version to leave out.
            near: Only claims whose first day is one of these.
        """
        ...

    def samples(self) -> Mapping[int, frozenset[str]]:
        """Return positions of a few claims of each kind, with the index labels of each.

        None where all claims were indexed by the classes of now.
        """
        ...

    def named_like_digests(self) -> Sequence[int]:
        """Return the positions of rows with a negative name."""
        ...

    def insert(self, rows: Rows) -> None:
        """Append entries."""
        ...

    def erase(self, erased: Erasure, row: EntryRow) -> None:
        """Replace the line of an entry and its index columns.

        Args:
            erased: The record of the erasure.
            row: The entry without its words.
        """
        ...

    def sweep(self) -> None:
        """Overwrite erased text when the transaction has ended."""
        ...

    def erased(self) -> Iterable[Erasure]:
        """Return the records of erased entries."""
        ...

    def erasures(self) -> int:
        """Return the number of erased entries."""
        ...

    def checks(self) -> Iterable[Fault]:
        """Yield the faults that the database finds itself."""
        ...


def utc_now() -> datetime:
    """Return the present instant."""
    return datetime.now(UTC)


class Database(ABC):
    """A database that holds the entries of one store.

    Args:
        place: The name of the database in messages.
        vocabulary: The payload classes.
        clock: Returns the instant of recording, with a time zone.

    Attributes:
        at_once: The number of entries that `follow()` reads in a transaction.
    """

    # So few entries make fewer objects than start the garbage collector: more take a
    # tenth longer.
    at_once = 256

    def __init__(
        self, place: str, vocabulary: Vocabulary, clock: Callable[[], datetime]
    ) -> None:
        self.place = place
        self.vocabulary: Vocabulary = require_vocabulary(vocabulary)
        self.clock = clock
        # The last head that a transaction found or left.
        self._seen = Head()

    @contextmanager
    def session(self, *, writing: bool) -> Iterator[Session]:
        """Return a transaction, which is undone if an exception leaves it.

        Raises:
            ReplacedStoreError: The last entry that was seen here is not there.
            StoreError: The database cannot be reached.
        """
        with self.transaction(writing=writing) as session:
            begun = session.head()
            self._check_seen(session, begun)
            yield session
            seen = session.head() if writing else begun
        # Of two threads, the one that began first may end last.
        if seen.position > self._seen.position:
            self._seen = seen

    def _check_seen(self, session: Session, head: Head) -> None:
        """Make sure that the last entry that was seen still has its digest."""
        seen = self._seen
        if head == seen or seen.position < 0:
            return
        if head.position < seen.position:
            problem = (
                f"ends at entry {head.position}, and has had entry {seen.position}"
            )
            raise ReplacedStoreError(self.place, problem)
        stored = session.at([seen.position])
        if not stored or stored[0].digest != seen.digest:
            problem = f"has another entry {seen.position} than it had"
            raise ReplacedStoreError(self.place, problem)

    @abstractmethod
    def transaction(self, *, writing: bool) -> AbstractContextManager[Session]:
        """Return a transaction, which is undone if an exception leaves it.

        Raises:
            StoreError: The database cannot be reached.
        """

    @abstractmethod
    def close(self) -> None:
        """Release the database; later sessions are refused."""

    def decode(self, positions: Sequence[int], lines: Sequence[str]) -> Sequence[Entry]:
        """Return entries from their positions and lines.

        Raises:
            DamagedStoreError: A line is not an entry, or not that of its position.
        """
        try:
            return decoded(positions, lines, self.vocabulary)[0]
        except FaultsError as error:
            near = f"entries {positions[0]} to {positions[-1]}"
            faults = [Fault(f"{near}: {f.place}", f.problem) for f in error.faults]
            raise DamagedStoreError(self.place, faults) from None
