"""A transaction in SQL, as SQLite and PostgreSQL both speak it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import count
from typing import TypeVar

import msgspec

from bri_timeline.errors import Fault, shown
from bri_timeline.stores._chain import Head
from bri_timeline.stores._rows import Held, Row, Topic, clipped
from bri_timeline.stores._session import Erased, Search


__all__ = ["CellError", "Cells", "SqlSession", "Topics", "as_text"]

T = TypeVar("T")
Cells = tuple[object, ...]
_MOST_KEPT = 1 << 16
_PART = 4096


class CellError(Exception):
    """A database holds what was never written."""


class Topics:
    """The numbers of topics, as far as a connection has met them.

    Numbers that a transaction gave out are forgotten if it is undone; and all of them
    when somebody erases an entry, and with it a topic that no other entry has.

    Attributes:
        known: The numbers.
        erasures: How many entries had been erased when they were learned.
        erasing: Whether to overwrite what was erased, after this transaction.
    """

    def __init__(self) -> None:
        self.known: dict[Topic, int] = {}
        self.erasures = 0
        self.erasing = False
        self._new: list[Topic] = []

    def learn(self, topic: Topic, number: int) -> None:
        """Remember the number of a topic."""
        self.known[topic] = number
        self._new.append(topic)

    def begin(self) -> None:
        """Begin a transaction."""
        self.erasing = False

    def settle(self, *, kept: bool) -> None:
        """End a transaction."""
        if not kept:
            for topic in self._new:
                self.known.pop(topic, None)
        self._new.clear()


class SqlSession(ABC):
    """A transaction in a database.

    SQL is written as SQLite reads it.

    Args:
        topics: What the connection knows of topics.
    """

    def __init__(self, topics: Topics) -> None:
        self._topics = topics
        self._reached: tuple[Head, int] | None = None

    # --- what databases do each in their own way ------------------------------------

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
    def many(self, sql: str, rows: Sequence[Cells]) -> None:
        """Do the same with each of some rows."""

    @abstractmethod
    def fill(self, rows: Sequence[Cells]) -> None:
        """Put rows into the table of entries."""

    @abstractmethod
    def checks(self) -> Iterable[Fault]:
        """Yield what the database itself finds wrong."""

    def strays(self) -> Iterator[Fault]:
        """Yield where the table of parties differs from the topics that it is of.

        It has no other copy for the database to compare it with.
        """
        try:
            topics = [
                (number, msgspec.json.decode(_as(str, parties), type=list[str]))
                for number, parties in self.rows("SELECT id, parties FROM topic")
            ]
        except (msgspec.MsgspecError, ValueError) as error:
            yield Fault("a topic", f"has no list of parties: {error}")
            return
        found = set(map(tuple, self.rows("SELECT name, topic FROM party")))
        wanted = {(as_text(party), topic) for topic, some in topics for party in some}
        for name, topic in sorted(found ^ wanted, key=repr):
            yield Fault(f"topic {topic}", f"is not found by its party {shown(name)}")

    # --- reading --------------------------------------------------------------------

    def head(self) -> Head:
        """Return how far it has got."""
        return self._state()[0]

    def _state(self) -> tuple[Head, int]:
        """Return how far it has got, and how many entries were erased."""
        if self._reached is None:
            found = self.rows("SELECT position, digest, erasures FROM head")
            if len(found) != 1:
                msg = f"there are {len(found)} heads, and should be one"
                raise CellError(msg)
            position, digest, erasures = found[0]
            head = Head(_as(int, position), _as(bytes, digest))
            self._reached = head, _as(int, erasures)
        return self._reached

    def held(self, after: int, most: int | None = None) -> Iterator[Held]:
        """Yield the entries after a position."""
        last = (1 << 62) if most is None else after + most
        found = self.stream(
            "SELECT position, line, digest FROM entry"
            " WHERE position > ? AND position <= ? ORDER BY position",
            after,
            last,
        )
        for position, line, digest in found:
            if not (isinstance(line, str) and isinstance(digest, bytes)):
                msg = f"the cells of entry {shown(position)} are no line and digest"
                raise CellError(msg)
            yield Held(_as(int, position), line, digest)

    def at(self, positions: Collection[int]) -> Sequence[Held]:
        """Return the entries at some positions."""
        sql = (
            "SELECT position, line, digest FROM entry"
            " WHERE position IN (SELECT value FROM json_each(?)) ORDER BY position"
        )
        return [
            Held(_as(int, position), _as(str, line), _as(bytes, digest))
            for part in _parts(sorted(positions))
            for position, line, digest in self.rows(sql, self.several(part))
        ]

    def keyed(self, keys: Collection[int]) -> Sequence[int]:
        """Return the positions of claims with one of these keys."""
        return self._found(
            "SELECT position FROM entry WHERE key IN (SELECT value FROM json_each(?))",
            keys,
        )

    def targeting(self, positions: Collection[int]) -> Sequence[int]:
        """Return the positions of what corrects or retracts."""
        return self._found(
            "SELECT position FROM entry"
            " WHERE target IN (SELECT value FROM json_each(?))",
            positions,
        )

    def _found(self, sql: str, items: Collection[int]) -> Sequence[int]:
        return [
            _as(int, position)
            for part in _parts([*items])
            for (position,) in self.rows(sql, self.several(part))
        ]

    def matching(self, search: Search) -> Sequence[int]:
        """Return the positions of claims that are looked for."""
        bounds = clipped(search.first_by), clipped(search.known_by)
        if not search.parties and search.kinds is None:
            found = self.rows(
                "SELECT position FROM entry"
                " WHERE topic IS NOT NULL AND first <= ? AND known <= ?",
                *bounds,
            )
            return [_as(int, position) for (position,) in found]
        return [
            _as(int, position)
            for part in _parts(self._topics_of(search))
            for (position,) in self.rows(
                "SELECT position FROM entry"
                " WHERE topic IN (SELECT value FROM json_each(?))"
                " AND first <= ? AND known <= ?",
                self.several(part),
                *bounds,
            )
        ]

    def _topics_of(self, search: Search) -> list[int]:
        """Return the numbers of topics with all parties, and of one of the kinds."""
        kinds = self.several([as_text(kind) for kind in search.kinds or ()])
        parties = [as_text(party) for party in search.parties]
        if not parties:
            found = self.rows(
                "SELECT id FROM topic WHERE kind IN (SELECT value FROM json_each(?))",
                kinds,
            )
        else:
            found = self.rows(
                "SELECT topic FROM party JOIN topic ON id = topic"
                " WHERE name IN (SELECT value FROM json_each(?))"
                " AND (? OR kind IN (SELECT value FROM json_each(?)))"
                " GROUP BY topic HAVING count(*) = ?",
                self.several(parties),
                search.kinds is None,
                kinds,
                len(parties),
            )
        return [_as(int, number) for (number,) in found]

    def of_other_versions(self, kind: str, version: int) -> Sequence[int]:
        """Return the positions of claims of a kind that have another version."""
        name = as_text(kind)
        older = self.rows(
            "SELECT id FROM topic WHERE kind = ? AND version < ?", name, version
        )
        newer = self.rows(
            "SELECT id FROM topic WHERE kind = ? AND version > ?", name, version
        )
        return self._found(
            "SELECT position FROM entry"
            " WHERE topic IN (SELECT value FROM json_each(?))",
            [_as(int, number) for (number,) in (*older, *newer)],
        )

    def named_like_digests(self) -> Sequence[int]:
        """Return the positions of rows that are `named`."""
        found = self.rows("SELECT position FROM entry WHERE named = 1")
        return [_as(int, position) for (position,) in found]

    def erased(self) -> Iterable[Erased]:
        """Return what is left of entries that were erased."""
        found = self.rows("SELECT position, leaf, because, erased_at, seal FROM erased")
        return [
            Erased(
                _as(int, position),
                _as(bytes, leaf),
                msgspec.json.decode(_as(str, because), type=str),
                _as(str, erased_at),
                _as(bytes, seal),
            )
            for position, leaf, because, erased_at, seal in found
        ]

    # --- writing --------------------------------------------------------------------

    def insert(self, rows: Sequence[Row]) -> None:
        """Put entries at the end."""
        topics = self._topics
        _, erasures = self._state()
        if topics.erasures != erasures or len(topics.known) > _MOST_KEPT:
            topics.known.clear()
            topics.erasures = erasures
        known = topics.known
        met = {row.topic: None for row in rows if row.topic is not None}
        self._number([topic for topic in met if topic not in known])
        cells: list[Cells] = [
            (*row[:3], None if row.topic is None else known[row.topic], *row[4:])
            for row in rows
        ]
        self.fill(cells)
        head = Head(rows[-1].position, rows[-1].digest)
        self.rows(
            "UPDATE head SET position = ?, digest = ?", head.position, head.digest
        )
        self._reached = head, erasures

    def _number(self, new: Sequence[Topic]) -> None:
        """Learn the numbers of topics, new ones if need be."""
        texts = {topic: as_text(sorted(topic.parties)) for topic in new}
        stored = {
            cells[1:]: _as(int, cells[0])
            for part in _parts([*texts.values()])
            for cells in self.rows(
                "SELECT id, kind, version, parties FROM topic"
                " WHERE parties IN (SELECT value FROM json_each(?))",
                self.several(part),
            )
        }
        ((last,),) = self.rows("SELECT coalesce(max(id), 0) FROM topic")
        following = count(_as(int, last) + 1)
        topics: list[Cells] = []
        parties: list[Cells] = []
        for topic, text in texts.items():
            cells = as_text(topic.kind), topic.version, text
            number = stored.get(cells)
            if number is None:
                number = next(following)
                topics.append((number, *cells))
                parties += [(as_text(party), number) for party in topic.parties]
            self._topics.learn(topic, number)
        self.many(
            "INSERT INTO topic (id, kind, version, parties) VALUES (?, ?, ?, ?)", topics
        )
        self.many("INSERT INTO party (name, topic) VALUES (?, ?)", parties)

    def erase(self, erased: Erased) -> None:
        """Take away the line of an entry."""
        position, leaf, because, erased_at, seal = erased
        ((topic,),) = self.rows("SELECT topic FROM entry WHERE position = ?", position)
        self.rows(
            "UPDATE entry SET line = '', topic = NULL, first = 0, known = 0,"
            " key = NULL, target = NULL, named = 0 WHERE position = ?",
            position,
        )
        if not self.rows("SELECT 1 FROM entry WHERE topic = ? LIMIT 1", topic):
            self.rows("DELETE FROM topic WHERE id = ?", topic)
            self.rows("DELETE FROM party WHERE topic = ?", topic)
        self.rows("UPDATE head SET erasures = erasures + 1")
        self._reached = None
        self.rows(
            "INSERT INTO erased (position, leaf, because, erased_at, seal)"
            " VALUES (?, ?, ?, ?, ?)",
            position,
            leaf,
            as_text(because),
            erased_at,
            seal,
        )

    def sweep(self) -> None:
        """Overwrite what was erased, once the transaction is over."""
        self._topics.erasing = True


def as_text(value: object) -> str:
    """Return a value as JSON, which has no character that a database refuses."""
    return msgspec.json.encode(value).decode()


def _parts(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), _PART):
        yield items[start : start + _PART]


def _as(cls: type[T], value: object) -> T:
    """Return a cell, which a damaged database may hold as anything.

    Raises:
        CellError: It is of another type.
    """
    if not isinstance(value, cls):
        msg = f"a cell holds {shown(value)}"
        raise CellError(msg)
    return value
