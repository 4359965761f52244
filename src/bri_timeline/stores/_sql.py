"""A transaction in SQL, as SQLite and PostgreSQL both speak it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar, cast

import msgspec

from bri_timeline.errors import Fault, shown
from bri_timeline.stores._chain import Head
from bri_timeline.stores._rows import Claimed, Held, Row, Topic, clipped
from bri_timeline.stores._session import Erased, Search
from bri_timeline.stores._spots import (
    DAYS,
    Cells,
    Topics,
    as_text,
    cells_of,
    place_of,
    spot_of,
    topic_cells,
)


__all__ = ["CellError", "SqlSession"]

T = TypeVar("T")
_MOST_KEPT = 1 << 16
_PART = 4096
_FEW = 8
_FURTHEST = 1 << 62
_LINE = {(int, str)}
_ALIKE = (
    "SELECT position, key FROM entry WHERE spot IN (SELECT value FROM json_each(?))"
)
# Of many, looking for each key at each spot would take longer than seeing them.
_ALIKE_OF_FEW = (
    "SELECT position, key FROM entry WHERE spot IN (SELECT value FROM json_each(?))"
    " AND key IN (SELECT value FROM json_each(?))"
)


class CellError(Exception):
    """A database holds what was never written."""


class SqlSession(ABC):
    """A transaction in a database.

    SQL is written as SQLite reads it.

    Args:
        topics: What the connection knows of topics.
    """

    def __init__(self, topics: Topics) -> None:
        self._topics = topics
        self._reached: tuple[Head, int] | None = None
        self._absent: set[Topic] = set()

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
        last = _FURTHEST if most is None else after + most
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

    def lines(
        self, after: int, most: int | None = None
    ) -> Iterator[Sequence[tuple[int, str]]]:
        """Yield the positions and lines of those entries, some at a time."""
        found = self.stream(
            "SELECT position, line FROM entry"
            " WHERE position > ? AND position <= ? ORDER BY position",
            after,
            _FURTHEST if most is None else after + most,
        )
        while some := [*islice(found, _PART)]:
            if not {(type(place), type(line)) for place, line in some} <= _LINE:
                near = f"entries {shown(some[0][0])} to {shown(some[-1][0])}"
                msg = f"the cells of one of the {near} are no position and line"
                raise CellError(msg)
            yield cast("list[tuple[int, str]]", some)

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

    def alike(self, claims: Sequence[Claimed]) -> Sequence[int]:
        """Return the positions of claims of the same topic, first day and key."""
        known = self._met({claim.topic for claim in claims})
        keys: dict[int, int] = {}
        spots = []
        for claim in claims:
            number = known.get(claim.topic)
            if number is not None:
                spots.append(spot_of(number, claim.first))
                keys[claim.key] = 0
        few = len(spots) <= _FEW
        return [
            _as(int, position)
            for part in _parts(spots)
            for position, key in self.rows(
                _ALIKE_OF_FEW if few else _ALIKE,
                self.several(part),
                *([self.several([*keys])] if few else []),
            )
            if key in keys
        ]

    def named(self, names: Collection[int]) -> Sequence[int]:
        """Return the positions of claims with one of these names."""
        return self._found(
            "SELECT position FROM entry WHERE name IN (SELECT value FROM json_each(?))",
            [*names, *(-name for name in names)],
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
        first, known = place_of(search.first_by), clipped(search.known_by)
        if not search.parties and search.kinds is None:
            found = self.rows(
                "SELECT position FROM entry"
                " WHERE spot IS NOT NULL AND spot & ? <= ? AND known <= ?",
                DAYS - 1,
                first,
                known,
            )
            return [_as(int, position) for (position,) in found]
        return [
            _as(int, position)
            for part in _parts(self._topics_of(search))
            for (position,) in self.rows(
                "SELECT position FROM json_each(?) AS topic CROSS JOIN entry"
                " WHERE spot BETWEEN topic.value AND topic.value + ? AND known <= ?",
                self.several([number * DAYS for number in part]),
                first,
                known,
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

    def of_other_versions(
        self, kind: str, version: int, near: Sequence[Claimed] | None = None
    ) -> Sequence[int]:
        """Return the positions of claims of a kind that have another version."""
        found = self.rows(
            "SELECT id FROM topic WHERE kind = ? AND version <> ?",
            as_text(kind),
            version,
        )
        if not found:
            return ()
        places = None if near is None else {place_of(claim.first) for claim in near}
        return [
            _as(int, position)
            for part in _parts([_as(int, number) * DAYS for (number,) in found])
            for position, spot in self.rows(
                "SELECT position, spot FROM json_each(?) AS topic CROSS JOIN entry"
                " WHERE spot BETWEEN topic.value AND topic.value + ?",
                self.several(part),
                DAYS - 1,
            )
            if places is None or _as(int, spot) % DAYS in places
        ]

    def named_like_digests(self) -> Sequence[int]:
        """Return the positions of rows with a name below 0."""
        found = self.rows("SELECT position FROM entry WHERE name < 0")
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
        topics = {row.claim.topic for row in rows if row.claim is not None}
        known = self._numbered(topics)
        self.fill([cells_of(row, known) for row in rows])
        head = Head(rows[-1].position, rows[-1].digest)
        self.rows(
            "UPDATE head SET position = ?, digest = ?", head.position, head.digest
        )
        self._reached = head, self._state()[1]

    def _met(self, topics: Collection[Topic]) -> dict[Topic, int]:
        """Return the numbers of topics, as far as they have any."""
        memory = self._topics
        _, erasures = self._state()
        if memory.erasures != erasures or len(memory.known) > _MOST_KEPT:
            memory.known.clear()
            memory.erasures = erasures
            self._absent.clear()
        new = {t for t in topics if not (t in memory.known or t in self._absent)}
        texts = {topic_cells(topic): topic for topic in new}
        for part in _parts([*{parties for _, _, parties in texts}]):
            for number, *cells in self.rows(
                "SELECT id, kind, version, parties FROM topic"
                " WHERE parties IN (SELECT value FROM json_each(?))",
                self.several(part),
            ):
                topic = texts.get(tuple(cells))
                if topic is not None:
                    memory.learn(topic, _as(int, number))
        self._absent.update(topic for topic in new if topic not in memory.known)
        return memory.known

    def _numbered(self, topics: Collection[Topic]) -> dict[Topic, int]:
        """Return the numbers of topics, new ones if need be."""
        known = self._met(topics)
        new = [topic for topic in topics if topic not in known]
        if not new:
            return known
        ((last,),) = self.rows("SELECT coalesce(max(id), 0) FROM topic")
        numbers = {t: n for n, t in enumerate(new, _as(int, last) + 1)}
        self.many(
            "INSERT INTO topic (id, kind, version, parties) VALUES (?, ?, ?, ?)",
            [(number, *topic_cells(topic)) for topic, number in numbers.items()],
        )
        self.many(
            "INSERT INTO party (name, topic) VALUES (?, ?)",
            [(as_text(p), number) for t, number in numbers.items() for p in t.parties],
        )
        for topic, number in numbers.items():
            self._topics.learn(topic, number)
        self._absent.clear()
        return known

    def erase(self, erased: Erased) -> None:
        """Take away the line of an entry."""
        position, leaf, because, erased_at, seal = erased
        ((spot,),) = self.rows("SELECT spot FROM entry WHERE position = ?", position)
        self.rows(
            "UPDATE entry SET line = '', spot = NULL, key = 0, known = 0, name = NULL,"
            " target = NULL WHERE position = ?",
            position,
        )
        if spot is not None:
            self._forget(_as(int, spot) // DAYS)
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

    def _forget(self, topic: int) -> None:
        """Forget a topic if no entry is about it."""
        first = topic * DAYS
        sql = "SELECT 1 FROM entry WHERE spot BETWEEN ? AND ? LIMIT 1"
        if not self.rows(sql, first, first + DAYS - 1):
            self.rows("DELETE FROM topic WHERE id = ?", topic)
            self.rows("DELETE FROM party WHERE topic = ?", topic)

    def sweep(self) -> None:
        """Overwrite what was erased, once the transaction is over."""
        self._topics.erasing = True


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
