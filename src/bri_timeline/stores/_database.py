"""What every store can do within one transaction; all else is made of it."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Sequence
from hashlib import sha256
from typing import NamedTuple, Protocol

from attrs import frozen

from bri_timeline.errors import Fault
from bri_timeline.stores._chain import Head
from bri_timeline.stores._keys import Indexed
from bri_timeline.stores._rows import Claimed, Held, Row


__all__ = [
    "Erased",
    "Search",
    "Session",
]


@frozen
class Search:
    """What to look for.

    Attributes:
        parties: Only claims with all of these labels, which are parties or others of
            `labels_of()`.
        least: With at least so many of them, if not all.
        kinds: Only claims of the kinds of these names; None for any.
        known_by: Only what was known by this day.
        first_by: Only claims that can have begun by this day.
    """

    parties: frozenset[str] = frozenset()
    least: int | None = None
    kinds: frozenset[str] | None = None
    known_by: float = math.inf
    first_by: float = math.inf

    @property
    def enough(self) -> int:
        """How many of the labels a claim must have."""
        return len(self.parties) if self.least is None else self.least


class Erased(NamedTuple):
    """What is left of an entry that was erased.

    Attributes:
        position: Its position.
        leaf: The hash of the line that it had.
        because: Why it was erased.
        erased_at: When, in UTC, as text.
        seal: A digest of these four, for want of a line that the chain covers.
    """

    position: int
    leaf: bytes
    because: str
    erased_at: str
    seal: bytes

    @classmethod
    def sealed(cls, position: int, leaf: bytes, because: str, erased_at: str) -> Erased:
        """Return one with its seal."""
        text = f"{position}\n{leaf.hex()}\n{erased_at}\n{because}"
        seal = sha256(text.encode(errors="surrogatepass")).digest()
        return cls(position, leaf, because, erased_at, seal)

    def is_sound(self) -> bool:
        """Tell whether it is as it was written."""
        return self == Erased.sealed(*self[:4])


class Session(Protocol):
    """A transaction: what it reads holds still, and it writes all or nothing.

    Positions are returned in no particular order, entries in that of position.
    """

    def head(self) -> Head:
        """Return how far the store has got."""
        ...

    def held(self, after: int, most: int | None = None) -> Iterator[Held]:
        """Yield the entries after a position, at most so many."""
        ...

    def indexed(self) -> Iterator[tuple[Held, Indexed]]:
        """Yield all entries, each with the columns by which it is found."""
        ...

    def lines(
        self, after: int, most: int | None = None
    ) -> Iterator[Sequence[tuple[int, str]]]:
        """Yield the positions and lines of those entries, some at a time."""
        ...

    def at(self, positions: Collection[int]) -> Sequence[Held]:
        """Return the entries at some positions."""
        ...

    def alike(self, claims: Sequence[Claimed]) -> Sequence[int]:
        """Return the positions of claims of the same topic, first day and key."""
        ...

    def named(self, names: Collection[int]) -> Sequence[int]:
        """Return the positions of claims with one of these names, of either sign."""
        ...

    def targeting(self, positions: Collection[int]) -> Sequence[int]:
        """Return the positions of what corrects or retracts some entries."""
        ...

    def matching(self, search: Search) -> Sequence[int]:
        """Return the positions of claims that are looked for, and maybe of others."""
        ...

    def of_other_versions(
        self, kind: str, version: int, near: Sequence[Claimed] | None = None
    ) -> Sequence[int]:
        """Return the positions of claims of a kind that have another version.

        Args:
            kind: The kind.
            version: The version that they do not have.
            near: Only claims that can have begun first on the day of one of these.
        """
        ...

    def named_like_digests(self) -> Sequence[int]:
        """Return the positions of rows with a name below 0."""
        ...

    def insert(self, rows: Sequence[Row]) -> None:
        """Put entries at the end."""
        ...

    def erase(self, erased: Erased) -> None:
        """Take away the line of an entry, and all that it is found by."""
        ...

    def sweep(self) -> None:
        """Overwrite what was erased, once the transaction is over."""
        ...

    def erased(self) -> Iterable[Erased]:
        """Return what is left of entries that were erased."""
        ...

    def checks(self) -> Iterable[Fault]:
        """Yield what the database itself finds wrong."""
        ...
