"""Statements in SQL, as SQLite and PostgreSQL both understand them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from bri_timeline.errors import Fault, shown
from bri_timeline.stores._spots import Cells


__all__ = ["INSERTS", "CellError", "Statements", "as_a", "in_parts"]

T = TypeVar("T")
PART = 4096
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
    def stream(self, sql: str, *cells: object) -> Iterator[Cells]:
        """Yield what a statement returns, without holding all of it."""

    @abstractmethod
    def several(self, items: Sequence[object]) -> object:
        """Return what stands for several items in a statement."""

    @abstractmethod
    def fill(self, table: str, rows: Sequence[Cells]) -> None:
        """Put whole rows into a table of those that `INSERTS` has."""

    @abstractmethod
    def checks(self) -> Iterable[Fault]:
        """Yield what the database itself finds wrong."""


def in_parts(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """Yield items in parts of a size that one statement can take."""
    for start in range(0, len(items), PART):
        yield items[start : start + PART]


def as_a(cls: type[T], value: object) -> T:
    """Return a cell, which a damaged database may hold as anything.

    Raises:
        CellError: It is of another type.
    """
    if not isinstance(value, cls):
        msg = f"a cell holds {shown(value)}"
        raise CellError(msg)
    return value
