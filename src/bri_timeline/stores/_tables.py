"""SQL statements that SQLite and PostgreSQL share, and the tables of index groups."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TypeVar

import msgspec
from attrs import frozen

from bri_timeline.errors import Fault, shown
from bri_timeline.stores._chain import START
from bri_timeline.stores._rows import DAYS, IndexGroup, as_text, group_cells


T = TypeVar("T")
PART = 4096
# Rows decoded at once: so few stay in the cache of a processor, and what is done once
# for a batch costs little. Batches of 128, or of 4,096, take longer.
DECODED = 512

# The head, and the last entry, which must agree.
ENDS = (
    "SELECT position, digest FROM head",
    "SELECT position, digest FROM entry ORDER BY position DESC LIMIT 1",
)
_REMEDY = "remove the trigger or rule that prevents it, nothing was written"

# The statement that inserts a whole row, by table.
INSERTS = {
    "entry": "INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    "topic": "INSERT INTO topic VALUES (?, ?, ?, ?)",
    "party": "INSERT INTO party VALUES (?, ?)",
}


# The index leads from kind to kind, and to an old and a new version of each: to look at
# all groups would take as long as there are many.
_FEW = """
WITH RECURSIVE kinds (kind) AS (
    SELECT min(kind) FROM topic UNION ALL
    SELECT (SELECT min(kind) FROM topic WHERE topic.kind > kinds.kind) FROM kinds
    WHERE kind IS NOT NULL
)
SELECT id, parties FROM topic WHERE id IN (
    SELECT (
        SELECT id FROM topic AS t WHERE t.kind = kinds.kind ORDER BY version LIMIT 1
    ) FROM kinds
    UNION SELECT (
        SELECT id FROM topic AS t WHERE t.kind = kinds.kind
        ORDER BY version DESC LIMIT 1
    ) FROM kinds
    UNION SELECT id FROM (SELECT id FROM topic ORDER BY id LIMIT 8) AS oldest
)
"""


Cells = tuple[object, ...]
Columns = tuple[tuple[object, ...], ...]


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


class ForeignCellError(Exception):
    """A database has a cell that this library did not write."""


class Statements(ABC):
    """The statements of a database. SQL is in the dialect of SQLite."""

    @abstractmethod
    def rows(self, sql: str, *cells: object) -> Sequence[Cells]:
        """Return the rows that a statement returns."""

    @abstractmethod
    def change(self, sql: str, *cells: object) -> None:
        """Change or add one row.

        Raises:
            CellError: Another number of rows was changed.
        """

    @abstractmethod
    def stream(self, sql: str, *cells: object) -> Iterator[Sequence[Cells]]:
        """Yield the rows that a statement returns, in batches of at most
        `DECODED`."""

    @abstractmethod
    def several(self, items: Sequence[object]) -> object:
        """Return the parameter that stands for several items."""

    @abstractmethod
    def fill(self, table: str, columns: Sequence[Sequence[object]]) -> None:
        """Insert at least one whole row into a table that `INSERTS` has.

        Args:
            table: The table.
            columns: The cells of each of its columns.

        Raises:
            CellError: Fewer rows were inserted.
        """

    @abstractmethod
    def checks(self) -> Iterable[Fault]:
        """Yield the faults that the database finds itself."""


def in_parts(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """Yield items in batches that one statement can take."""
    for start in range(0, len(items), PART):
        yield items[start : start + PART]


def check_count(table: str, count: int, wanted: int) -> None:
    """Check the number of rows that a statement changed.

    Triggers and rules of a database can undo a statement without an error.

    Raises:
        CellError: It is another number.
    """
    if count != wanted:
        msg = f"{table} took {count} rows of {wanted}: {_REMEDY}"
        raise ForeignCellError(msg)


def end_faults(heads: Sequence[Cells], lasts: Sequence[Cells]) -> Iterator[Fault]:
    """Yield the differences between the head and the last entry.

    Args:
        heads: The rows of the first statement of `ENDS`.
        lasts: The rows of the second.
    """
    if len(heads) != 1:
        yield Fault("head", f"there are {len(heads)} heads, and should be one")
        return
    expected = lasts[0] if lasts else (-1, START)
    if heads[0] != expected:
        problem = f"is entry {shown(expected[0])}, and the head names entry"
        told = f"{problem} {shown(heads[0][0])}, or another digest: restore a backup"
        yield Fault("the last entry", told)


def as_a(cls: type[T], value: object) -> T:
    """Return a cell of a type, which a damaged database may have changed.

    Raises:
        CellError: The cell has another type.
    """
    if not isinstance(value, cls):
        msg = f"a cell holds {shown(value)}"
        raise ForeignCellError(msg)
    return value


def number_in(value: object, stop: int) -> int:
    """Return a number of a cell, from 0 up to *stop*.

    Raises:
        CellError: The cell has no such number; one that is too large would end in an
            error of the database, or of its driver.
    """
    if not 0 <= as_a(int, value) < stop:
        msg = f"a cell holds {shown(value)}, which is not a number of its kind"
        raise ForeignCellError(msg)
    return as_a(int, value)


_MOST_KEPT = 1 << 16
# An index key has 64 bits, with a sign: what the days leave is for groups.
MOST_GROUPS = (1 << 63) // DAYS
_kind_from = msgspec.json.Decoder(str).decode
_parties_from = msgspec.json.Decoder(frozenset[str]).decode


def _lacking(
    groups: Sequence[IndexGroup | None], numbers: Sequence[int | None]
) -> dict[IndexGroup, None]:
    """Return the groups that have no number, in their order."""
    if None not in numbers:
        return {}
    pairs = zip(groups, numbers, strict=True)
    return {
        group: None for group, number in pairs if number is None and group is not None
    }


class GroupNumbers:
    """The numbers of index groups that a connection knows.

    Numbers that a transaction assigned are removed if it is undone. All are removed
    when an entry is erased: its group may have been deleted, and its number reused.

    Attributes:
        known: The numbers.
        erasures: The number of erased entries when the numbers were read.
    """

    def __init__(self) -> None:
        self.known: dict[IndexGroup | None, int] = {}
        self.erasures = 0
        self._new: list[IndexGroup] = []

    def learn(self, group: IndexGroup, number: int) -> None:
        """Add the number of a group."""
        self.known[group] = number
        self._new.append(group)

    def settle(self, *, kept: bool) -> None:
        """End a transaction."""
        if not kept:
            for group in self._new:
                self.known.pop(group, None)
        self._new.clear()


class GroupTable:
    """The tables of index groups and their parties, in one transaction.

    Args:
        sql: The transaction.
        numbers: The numbers that the connection knows.
    """

    def __init__(self, sql: Statements, numbers: GroupNumbers) -> None:
        self._sql = sql
        self._numbers = numbers
        # The cells of groups that the table lacks.
        self._absent: dict[IndexGroup, tuple[object, ...]] = {}

    def numbers_of(
        self, groups: Sequence[IndexGroup | None], erasures: int
    ) -> list[int | None]:
        """Return the numbers of index groups; None for a group that has none.

        Args:
            groups: The groups, or None.
            erasures: The number of erased entries.
        """
        numbers = self._numbers
        if numbers.erasures != erasures or len(numbers.known) > _MOST_KEPT:
            numbers.known.clear()
            numbers.erasures = erasures
            self._absent.clear()
        group_numbers = [*map(numbers.known.get, groups)]
        lacking = _lacking(groups, group_numbers)
        new = {g: group_cells(g) for g in lacking if g not in self._absent}
        if not new:
            return group_numbers
        kinds: dict[tuple[object, object], dict[object, IndexGroup]] = {}
        for group, (kind, version, parties) in new.items():
            kinds.setdefault((kind, version), {})[parties] = group
        for (kind, version), by_parties in kinds.items():
            for part in in_parts([*by_parties]):
                for number, parties in self._sql.rows(
                    "SELECT id, parties FROM topic WHERE kind = ? AND version = ?"
                    " AND parties IN (SELECT value FROM json_each(?))",
                    kind,
                    version,
                    self._sql.several(part),
                ):
                    found_group = by_parties.get(parties)
                    if found_group is None:
                        msg = f"an index finds {shown(parties)} in place of others"
                        raise ForeignCellError(msg)
                    numbers.learn(found_group, number_in(number, MOST_GROUPS))
        self._absent.update(
            item for item in new.items() if item[0] not in numbers.known
        )
        return [*map(numbers.known.get, groups)]

    def assign_numbers(
        self, groups: Sequence[IndexGroup | None], erasures: int
    ) -> list[int | None]:
        """Return the numbers of index groups, new ones for those without.

        Args:
            groups: The groups, or None.
            erasures: The number of erased entries.
        """
        group_numbers = self.numbers_of(groups, erasures)
        new = _lacking(groups, group_numbers)
        if not new:
            return group_numbers
        ((last,),) = self._sql.rows("SELECT coalesce(max(id), 0) FROM topic")
        first = number_in(last, MOST_GROUPS - len(new)) + 1
        numbers = {group: n for n, group in enumerate(new, first)}
        topics = [(number, *self._absent[group]) for group, number in numbers.items()]
        self._sql.fill("topic", [*zip(*topics, strict=True)])
        parties = [
            (as_text(p), number)
            for group, number in numbers.items()
            for p in group.parties
        ]
        if parties:
            self._sql.fill("party", [*zip(*parties, strict=True)])
        for group, number in numbers.items():
            self._numbers.learn(group, number)
        self._absent.clear()
        return [*map(self._numbers.known.get, groups)]

    def matching(self, search: SearchCriteria) -> list[int]:
        """Return the numbers of groups that match a search."""
        kinds = self._sql.several([as_text(kind) for kind in search.kinds or ()])
        parties = [as_text(party) for party in search.parties]
        if not parties:
            rows = self._sql.rows(
                "SELECT id FROM topic WHERE kind IN (SELECT value FROM json_each(?))",
                kinds,
            )
        else:
            rows = self._sql.rows(
                "SELECT topic FROM party JOIN topic ON id = topic"
                " WHERE name IN (SELECT value FROM json_each(?))"
                " AND (? OR kind IN (SELECT value FROM json_each(?)))"
                " GROUP BY topic HAVING count(*) >= ?",
                self._sql.several(parties),
                search.kinds is None,
                kinds,
                search.enough,
            )
        return [number_in(number, MOST_GROUPS) for (number,) in rows]

    def few(self) -> list[tuple[int, frozenset[str]]]:
        """Return the first groups, and one or two of each kind.

        Returns:
            The number of each, and its labels.
        """
        return [
            (number_in(number, MOST_GROUPS), _parties_from(as_a(str, parties)))
            for number, parties in self._sql.rows(_FEW)
        ]

    def forget(self, group: int) -> None:
        """Delete a group if it has no entry."""
        first = group * DAYS
        sql = "SELECT 1 FROM entry WHERE spot BETWEEN ? AND ? LIMIT 1"
        if not self._sql.rows(sql, first, first + DAYS - 1):
            self._sql.change("DELETE FROM topic WHERE id = ?", group)
            self._sql.rows("DELETE FROM party WHERE topic = ?", group)

    @cached_property
    def _stored(self) -> Sequence[Cells]:
        return self._sql.rows("SELECT id, kind, version, parties FROM topic")

    @cached_property
    def all(self) -> Mapping[int, IndexGroup]:
        """All groups by their numbers, in a transaction that only reads."""
        return {
            as_a(int, number): IndexGroup(
                _kind_from(as_a(str, kind)),
                as_a(int, version),
                _parties_from(as_a(str, parties)),
            )
            for number, kind, version, parties in self._stored
        }

    def index_faults(self) -> Iterator[Fault]:
        """Yield groups that searches would miss, and groups without entries."""
        try:
            groups = self.all
        except (msgspec.MsgspecError, ValueError) as error:
            yield Fault("a topic", f"has no kind, or no list of parties: {error}")
            return
        cells = {(number, *group_cells(group)) for number, group in groups.items()}
        for number, *_ in cells.symmetric_difference(map(tuple, self._stored)):
            yield Fault(f"topic {number}", "is not found: it is written in another way")
        idle = self._sql.rows(
            "SELECT id FROM topic WHERE NOT EXISTS ("
            "SELECT 1 FROM entry WHERE spot BETWEEN id * ? AND id * ? + ?)",
            DAYS,
            DAYS,
            DAYS - 1,
        )
        for (number,) in idle:
            yield Fault(f"topic {number}", "is there, and no entry is about it")
        actual = set(map(tuple, self._sql.rows("SELECT name, topic FROM party")))
        expected = {
            (as_text(party), n)
            for n, group in groups.items()
            for party in group.parties
        }
        for name, group in sorted(actual ^ expected, key=repr):
            yield Fault(f"topic {group}", f"is not found by its party {shown(name)}")
