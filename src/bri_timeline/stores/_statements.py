"""Statements in SQL, as SQLite and PostgreSQL both understand them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from bri_timeline.errors import Fault, shown
from bri_timeline.stores._chain import START
from bri_timeline.stores._spots import Cells


__all__ = [
    "ENDS",
    "INSERTS",
    "CellError",
    "Statements",
    "as_a",
    "check_count",
    "end_faults",
    "in_parts",
]

T = TypeVar("T")
PART = 4096
# The head, and the last entry, of which it is made.
ENDS = (
    "SELECT position, digest FROM head",
    "SELECT position, digest FROM entry ORDER BY position DESC LIMIT 1",
)
_REMEDY = "remove the trigger or rule that prevents it, nothing was written"
# By table, how a whole row is put into it.
INSERTS = {
    "entry": "INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    "topic": "INSERT INTO topic VALUES (?, ?, ?, ?)",
    "party": "INSERT INTO party VALUES (?, ?)",
}


class CellError(Exception):
    """A database holds what was never written."""


class Statements(ABC):
    """What databases do each in their own way. SQL is written as SQLite reads it."""

    @abstractmethod
    def rows(self, sql: str, *cells: object) -> Sequence[Cells]:
        """Return what a statement returns."""

    @abstractmethod
    def change(self, sql: str, *cells: object) -> None:
        """Change or add one row.

        Raises:
            CellError: Another number of rows was changed.
        """

    @abstractmethod
    def stream(self, sql: str, *cells: object) -> Iterator[Cells]:
        """Yield what a statement returns, without holding all of it."""

    @abstractmethod
    def several(self, items: Sequence[object]) -> object:
        """Return what stands for several items in a statement."""

    @abstractmethod
    def fill(self, table: str, rows: Sequence[Cells]) -> None:
        """Put whole rows into a table of those that `INSERTS` has.

        Raises:
            CellError: Fewer rows were put there.
        """

    @abstractmethod
    def checks(self) -> Iterable[Fault]:
        """Yield what the database itself finds wrong."""


def in_parts(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """Yield items in parts of a size that one statement can take."""
    for start in range(0, len(items), PART):
        yield items[start : start + PART]


def check_count(table: str, count: int, wanted: int) -> None:
    """Make sure that a statement changed as many rows as it should have.

    Triggers and rules of a database can undo what a statement does, and say nothing.

    Raises:
        CellError: It did not.
    """
    if count != wanted:
        msg = f"{table} took {count} rows of {wanted}: {_REMEDY}"
        raise CellError(msg)


def end_faults(heads: Sequence[Cells], lasts: Sequence[Cells]) -> Iterator[Fault]:
    """Yield where the head is not that of the last entry.

    Args:
        heads: What the first of `ENDS` finds.
        lasts: What the second finds.
    """
    if len(heads) != 1:
        yield Fault("head", f"there are {len(heads)} heads, and should be one")
        return
    wanted = lasts[0] if lasts else (-1, START)
    if heads[0] != wanted:
        problem = f"is entry {shown(wanted[0])}, and the head names entry"
        told = f"{problem} {shown(heads[0][0])}, or another digest: restore a backup"
        yield Fault("the last entry", told)


def as_a(cls: type[T], value: object) -> T:
    """Return a cell, which a damaged database may hold as anything.

    Raises:
        CellError: It is of another type.
    """
    if not isinstance(value, cls):
        msg = f"a cell holds {shown(value)}"
        raise CellError(msg)
    return value
