"""The session that keeps rows, in the SQL that SQLite and PostgreSQL share."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from itertools import chain, starmap
from typing import cast

import msgspec

from bri_timeline import Entry, Event
from bri_timeline.errors import Fault, StaleLogError, shown
from bri_timeline.extend import Codec
from bri_timeline.stores._chain import Erasure, Head, leaf_of
from bri_timeline.stores._rows import (
    DAYS,
    FURTHEST,
    EntryPreparer,
    EntryRow,
    IndexGroup,
    PendingEntries,
    Rows,
    StoredEntry,
    as_text,
    clipped,
    day_offset,
    entries_of,
    index_keys,
)
from bri_timeline.stores._tables import (
    MOST_GROUPS,
    Cells,
    Columns,
    ForeignCellError,
    GroupNumbers,
    GroupTable,
    SearchCriteria,
    Statements,
    as_a,
    in_parts,
    number_in,
)


_FEW = 8
_LINE = {int}, {str}
_CELLS = [{int}, {str}, {bytes}]
_PACKED = {int, type(None)}
_NO_GROUP = IndexGroup("", 0, frozenset())
_ALIKE = (
    "SELECT position, entry.key FROM json_each(?) AS topic CROSS JOIN entry"
    " WHERE spot = topic.value"
)

# Of many claims, one look-up for each pair of index key and key takes longer than
# reading all rows of the index keys.
_ALIKE_OF_FEW = (
    "SELECT position, key FROM entry WHERE spot IN (SELECT value FROM json_each(?))"
    " AND key IN (SELECT value FROM json_each(?))"
)
_OTHER_VERSIONS = (
    "SELECT id FROM topic WHERE kind = ? AND version < ?"
    " UNION ALL SELECT id FROM topic WHERE kind = ? AND version > ?"
)


class Session(Statements):
    """A transaction: it reads one snapshot, and writes all or nothing.

    Positions are returned in no particular order, entries in order of position. SQL is
    in the dialect of SQLite; `translated()` turns it into that of PostgreSQL.

    Args:
        groups: The numbers of index groups that the connection knows.
        preparer: Prepares entries for the store.

    Attributes:
        preparer: Likewise.
        erasing: True to overwrite erased text when the transaction has ended.
    """

    def __init__(self, groups: GroupNumbers, preparer: EntryPreparer) -> None:
        self.preparer = preparer
        self._table = GroupTable(self, groups)
        self._head: Head | None = None
        self._erasures = 0
        self.erasing = False

    # --- reading --------------------------------------------------------------------

    def head(self) -> Head:
        """Return the head of the store."""
        if self._head is None:
            heads = self.rows("SELECT position, digest, erasures FROM head")
            if len(heads) != 1:
                msg = f"there are {len(heads)} heads, and should be one"
                raise ForeignCellError(msg)
            position, digest, erasures = heads[0]
            # The empty store ends at -1.
            place = number_in(as_a(int, position) + 1, FURTHEST) - 1
            self._head = Head(place, as_a(bytes, digest))
            self._erasures = as_a(int, erasures)
        return self._head

    def erasures(self) -> int:
        """Return the number of erased entries."""
        self.head()
        return self._erasures

    def stored(self, after: int, most: int | None = None) -> Iterator[StoredEntry]:
        """Yield the entries after a position, at most *most* of them."""
        last = FURTHEST if most is None else after + most
        batches = self.stream(
            "SELECT position, line, digest FROM entry"
            " WHERE position > ? AND position <= ? ORDER BY position",
            after,
            last,
        )
        for batch in batches:
            yield from starmap(_stored, batch)

    def columns(self) -> Iterator[Columns]:
        """Yield the columns of all entries, in batches.

        The first three are those of a `StoredEntry`.
        """
        for batch in self.stream("SELECT * FROM entry ORDER BY position"):
            columns = tuple(zip(*batch, strict=True))
            kinds = [{*map(type, column)} for column in columns[:4]]
            are_cells = kinds[:3] == _CELLS and kinds[3] <= _PACKED
            for position, line, digest, packed, *_ in () if are_cells else batch:
                _stored(position, line, digest)
                as_a(int, 0 if packed is None else packed)
            yield columns

    def wanted_columns(self, rows: Rows) -> Columns:
        """Return the columns that entries would have if they were stored now."""
        numbers = [*map(self._all_numbers.__getitem__, rows.groups)]
        return tuple(map(tuple, rows.cells(numbers)))

    def row(self, cells: Cells) -> EntryRow:
        """Return the row of the cells of an entry."""
        position, line, digest, packed, *index_cells = cells
        group, day = None, 0
        if packed is not None:
            number, day = divmod(as_a(int, packed), DAYS)
            group = self._table.all.get(number, _NO_GROUP)
        return EntryRow(
            *cast("EntryRow", (position, line, digest, group, day, *index_cells))
        )

    @cached_property
    def _all_numbers(self) -> _NumbersByGroup:
        return _NumbersByGroup(self._table.all)

    def lines(
        self, after: int, most: int | None = None
    ) -> Iterator[tuple[Sequence[int], Sequence[str]]]:
        """Yield positions, and lines, of the same entries, in batches."""
        batches = self.stream(
            "SELECT position, line FROM entry"
            " WHERE position > ? AND position <= ? ORDER BY position",
            after,
            FURTHEST if most is None else after + most,
        )
        for batch in batches:
            positions, lines = zip(*batch, strict=True)
            if ({*map(type, positions)}, {*map(type, lines)}) != _LINE:
                near = f"entries {shown(batch[0][0])} to {shown(batch[-1][0])}"
                msg = f"the cells of one of the {near} are not a position and a line"
                raise ForeignCellError(msg)
            yield cast("Sequence[int]", positions), cast("Sequence[str]", lines)

    def at(self, positions: Collection[int]) -> Sequence[StoredEntry]:
        """Return the entries at some positions."""
        sql = (
            "SELECT position, line, digest FROM entry"
            " WHERE position IN (SELECT value FROM json_each(?)) ORDER BY position"
        )
        parts = in_parts(sorted(positions))
        rows = chain.from_iterable(self.rows(sql, self.several(p)) for p in parts)
        return [*starmap(_stored, rows)]

    def entries(self, positions: Collection[int]) -> Sequence[Entry]:
        """Return the entries at some positions; an erased entry claims nothing.

        Raises:
            FaultsError: A line is not an entry, or that of another position.
        """
        return entries_of(self.at(positions), self.preparer.vocabulary)

    def alike(self, events: PendingEntries) -> Sequence[int]:
        """Return the positions of claims with equal group, first day and key."""
        numbers = self._table.numbers_of(events.groups, self.erasures())
        packed = index_keys(numbers, events.days)
        # In order: neighbours are then read from the same page of the index.
        spots = sorted({spot for spot in packed if spot is not None})
        keys = {*events.keys}
        few = len(spots) <= _FEW
        return [
            as_a(int, position)
            for part in in_parts(spots)
            for position, key in self.rows(
                _ALIKE_OF_FEW if few else _ALIKE,
                self.several(part),
                *([self.several([*keys])] if few else []),
            )
            if key in keys
        ]

    def new(self, events: PendingEntries) -> PendingEntries:
        """Return the events that no live entry has, each once.

        Raises:
            FaultsError: An entry with an event like one of them cannot be read.
        """
        claims, recorded = events.entries.events, self._recorded(events)
        if not recorded and len({*events.keys}) == len(events):
            return events
        new = []
        for place, event in enumerate(claims):
            if event not in recorded:
                recorded.add(event)
                new.append(place)
        return events.only(new)

    def _recorded(self, events: PendingEntries) -> set[Event | None]:
        """Return events of live plain entries, with all that equal one of these."""
        positions = {*self.alike(events)}
        kinds = {(group.kind, group.version) for group in events.groups if group}
        for kind, version in kinds:
            # Payloads of other versions have other digests, and so other keys.
            positions.update(self.of_other_versions(kind, version, events.days))
        if not positions:
            return set()
        withdrawn = self._withdrawn(positions)
        return {
            entry.event
            for entry in self.entries(positions)
            if entry.event is not None
            and entry.supersedes is None
            and entry.dataset is None
            and entry.position not in withdrawn
        }

    def _withdrawn(self, positions: Collection[int]) -> set[int | None]:
        """Return the positions that a live retraction withdraws."""
        against: dict[int, int | None] = {}
        targets = positions
        while targets:
            later = self.entries(self.targeting(targets))
            new = {entry.position: entry.retracts for entry in later}
            targets = {p for p, t in new.items() if t is not None} - {*against}
            against.update(new)
        withdrawn: set[int | None] = set()
        # From the last: a retraction counts only if no later one withdraws it.
        for position in sorted(against, reverse=True):
            if position not in withdrawn:
                withdrawn.add(against[position])
        return withdrawn

    def named(self, names: Collection[int]) -> Sequence[int]:
        """Return the positions of claims with one of these names, of either sign."""
        return self._found(
            "SELECT position FROM entry WHERE name IN (SELECT value FROM json_each(?))",
            [*names, *(-name for name in names)],
        )

    def targeting(self, positions: Collection[int]) -> Sequence[int]:
        """Return the positions of entries that correct or retract one of these."""
        return self._found(
            "SELECT position FROM entry"
            " WHERE target IN (SELECT value FROM json_each(?))",
            positions,
        )

    def _found(self, sql: str, items: Collection[int], *cells: object) -> list[int]:
        return [
            position
            for part in in_parts([*items])
            for position in self._positions(sql, self.several(part), *cells)
        ]

    def _positions(self, sql: str, *cells: object) -> list[int]:
        return [as_a(int, position) for (position,) in self.rows(sql, *cells)]

    def matching(self, search: SearchCriteria) -> Sequence[int]:
        """Return the positions of all claims that match, and maybe of others."""
        first, known = day_offset(search.first_by), clipped(search.known_by)
        if not search.parties and search.kinds is None:
            return self._positions(
                "SELECT position FROM entry"
                " WHERE spot IS NOT NULL AND spot & ? <= ? AND known <= ?",
                DAYS - 1,
                first,
                known,
            )
        return self._found(
            "SELECT position FROM json_each(?) AS topic CROSS JOIN entry"
            " WHERE spot BETWEEN topic.value AND topic.value + ? AND known <= ?",
            [number * DAYS for number in self._table.matching(search)],
            first,
            known,
        )

    def of_other_versions(
        self, kind: str, version: int, near: Collection[int] | None = None
    ) -> Sequence[int]:
        """Return the positions of claims of a kind in other versions than one.

        Args:
            kind: The kind.
            version: The version to leave out.
            near: Only claims whose first day has one of these offsets.
        """
        name = as_text(kind)
        # Not `<>`: that would look at every group of the kind.
        groups = self.rows(_OTHER_VERSIONS, name, version, name, version)
        if not groups:
            return ()
        days = None if near is None else {*near}
        return [
            as_a(int, position)
            for part in in_parts([number_in(n, MOST_GROUPS) * DAYS for (n,) in groups])
            for position, packed in self.rows(
                "SELECT position, spot FROM json_each(?) AS topic CROSS JOIN entry"
                " WHERE spot BETWEEN topic.value AND topic.value + ?",
                self.several(part),
                DAYS - 1,
            )
            if days is None or as_a(int, packed) % DAYS in days
        ]

    def samples(self) -> Mapping[int, frozenset[str]]:
        """Return positions of a few claims of each kind, with the index labels of each.

        Those are of the first groups, and of one or two of each kind.
        """
        found: dict[int, frozenset[str]] = {}
        for number, labels in self._table.few():
            first = number * DAYS
            sql = "SELECT position FROM entry WHERE spot BETWEEN ? AND ? LIMIT 1"
            for (position,) in self.rows(sql, first, first + DAYS - 1):
                found[as_a(int, position)] = labels
        return found

    def named_like_digests(self) -> Sequence[int]:
        """Return the positions of rows with a negative name."""
        return self._positions("SELECT position FROM entry WHERE name < 0")

    def erased(self) -> Iterable[Erasure]:
        """Return the records of erased entries."""
        rows = self.rows("SELECT position, leaf, because, erased_at, seal FROM erased")
        return [
            Erasure(
                as_a(int, position),
                as_a(bytes, leaf),
                msgspec.json.decode(as_a(str, because), type=str),
                as_a(str, erased_at),
                as_a(bytes, seal),
            )
            for position, leaf, because, erased_at, seal in rows
        ]

    def index_faults(self) -> Iterator[Fault]:
        """Yield the faults of the tables that find entries."""
        ((count,),) = self.rows("SELECT count(*) FROM erased")
        erasures = self.erasures()
        if count != erasures:
            problem = f"says that {erasures} entries were erased, and {count} were"
            yield Fault("head", problem)
        yield from self._table.index_faults()

    # --- writing --------------------------------------------------------------------

    def append(
        self, pending: PendingEntries, instant: datetime, expected: int | Head | None
    ) -> None:
        """Append entries.

        Args:
            pending: The entries.
            instant: The instant of recording.
            expected: The position or head that the store must have; None for any.

        Raises:
            EntryError: One of them cannot be stored.
            StaleLogError: The store has another head.
        """
        if not pending:
            return
        head = self.head()
        if expected is not None and expected not in (head, head.position):
            problem = "somebody else has written: read() it again"
            last = expected.position if isinstance(expected, Head) else expected
            raise StaleLogError(last, head.position, problem)
        rows = self.preparer.rows_after(head, pending, instant)
        self.insert(rows)
        # What was erased elsewhere: so that all erasures are found in one place.
        for place, entry in pending.entries.others.items():
            if (trace := entry.erased) is not None:
                row = rows.row(place)
                leaf, because = leaf_of(row.line.encode()), trace.because or ""
                at = Codec.instant_text(trace.at or instant)
                record = Erasure.sealed(row.position, leaf, because, at, row.line)
                self.erase(record, row)

    def insert(self, rows: Rows) -> None:
        """Append rows."""
        numbers = self._table.assign_numbers(rows.groups, self.erasures())
        self.fill("entry", rows.cells(numbers))
        # In the same transaction: entries and head never differ, even after a crash.
        head = Head(rows.positions[-1], rows.digests[-1])
        self.change(
            "UPDATE head SET position = ?, digest = ?", head.position, head.digest
        )
        self._head = head

    def erase(self, erased: Erasure, row: EntryRow) -> None:
        """Replace the line of an entry and its index columns.

        Args:
            erased: The record of the erasure.
            row: The entry without its words.
        """
        position, leaf, because, erased_at, seal = erased
        rows = self.rows("SELECT spot FROM entry WHERE position = ?", position)
        if len(rows) != 1:
            msg = f"there are {len(rows)} entries {position}, and should be one"
            raise ForeignCellError(msg)
        ((packed,),) = rows
        self.change(
            "UPDATE entry SET line = ?, spot = NULL, key = 0, known = ?, name = ?,"
            " target = ? WHERE position = ?",
            row.line,
            row.known,
            row.name,
            row.target,
            position,
        )
        if packed is not None:
            self._table.forget(as_a(int, packed) // DAYS)
        # Other connections compare this number, and then read the groups again.
        self.change("UPDATE head SET erasures = erasures + 1")
        self._head = None
        self.change(
            "INSERT INTO erased (position, leaf, because, erased_at, seal)"
            " VALUES (?, ?, ?, ?, ?)",
            position,
            leaf,
            as_text(because),
            erased_at,
            seal,
        )

    def sweep(self) -> None:
        """Overwrite erased text when the transaction has ended."""
        self.erasing = True


class _NumbersByGroup(dict[IndexGroup | None, int | None]):
    """Numbers of groups, by the very objects: equal ones take longer to find.

    Args:
        groups: The groups by number.
    """

    def __init__(self, groups: Mapping[int, IndexGroup]) -> None:
        super().__init__({None: None})
        self._equal = {group: number for number, group in groups.items()}

    def __missing__(self, group: IndexGroup) -> int:
        # A group that the table lacks gets a number that no row has.
        number = self[group] = self._equal.get(group, -1)
        return number


def _stored(position: object, line: object, digest: object) -> StoredEntry:
    if not (isinstance(line, str) and isinstance(digest, bytes)):
        msg = f"the cells of entry {shown(position)} are not a line and a digest"
        raise ForeignCellError(msg)
    return StoredEntry(as_a(int, position), line, digest)
