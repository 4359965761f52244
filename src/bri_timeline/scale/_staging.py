"""Staging: rows of a batch, checked, numbered, and distributed to buckets."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from hashlib import md5
from pathlib import Path
from typing import Any, TypeVar

from attrs import frozen

from bri_timeline import Event, Vocabulary
from bri_timeline._form import parts
from bri_timeline.errors import BriTimelineError
from bri_timeline.formats import Faults
from bri_timeline.formats.arrow import NEEDED
from bri_timeline.scale._dictionary import (
    ALWAYS,
    Belonging,
    CellReader,
    Located,
    PairNumbers,
    When,
    is_too_far,
    payloads,
)
from bri_timeline.scale._engine import (
    Array,
    Batch,
    Encoded,
    Table,
    encoded,
    numbers_from,
    pa,
    pc,
)
from bri_timeline.scale._layout import STORED
from bri_timeline.scale._manifest import NONE


__all__ = ["Staging"]

T = TypeVar("T")
_DIGEST = "^[0-9a-f]{32}$"
_NUMBER, _TEXT = pa.int64(), pa.string()
_READ = {"payload", "when", "cite", "where"}
_PLAIN = parts.Kind.TEXT, parts.Kind.TEXTS, parts.Kind.NUMBER, parts.Kind.INSTANT
# The parts that are kept as they are given, beside those that are looked into.
_KEPT = [p.name for p in parts.COLUMNS if p.kind in _PLAIN and p.name not in NEEDED]
_COLUMNS = {name: STORED[name] for name in (*NEEDED, "version", "release", *_KEPT)}
_COLUMNS |= {"known_day": STORED["known_day"], "erased": _TEXT}
# What a claim says beside its payload, date and place.
_SAID = [p.name for p in parts.TEXTS if p.name != "id"]


class Staging:
    """Temporary files, one for each bucket, that collect rows until they are sorted.

    Args:
        folder: The folder of the temporary files.
        vocabulary: The payload classes.
        relations: The numbers of pairs of parties.
        start: The position of the first row.
        name: Name of the rows in messages.

    Attributes:
        size: The position after the last row so far.
        sizes: Bucket -> the number of bytes that its rows take in memory.
        too_far: Positions of entries whose days do not fit into a column.
        referring: Position -> ids of the events that the entry refers to, if any.
    """

    def __init__(
        self,
        folder: Path,
        vocabulary: Vocabulary,
        relations: PairNumbers,
        start: int,
        name: str,
    ) -> None:
        self._folder = folder
        self._claims = CellReader(vocabulary, relations)
        self._decode = payloads(vocabulary)
        self._first = self.size = start
        self._faults = Faults(name)
        self._writers: dict[int, Any] = {}
        self.sizes: dict[int, int] = {}
        self._erased: set[int] = set()
        self.too_far: list[int] = []
        self.referring: dict[int, tuple[str, ...]] = {}

    def add(self, batch: Batch) -> None:
        """Add a batch of rows.

        Raises:
            FaultsError: All faults in the rows, each with its row (from 0).
        """
        table = self._table(batch)
        # Stable, so rows keep their order within a bucket.
        order = pc.sort_indices(table.column("bucket"))
        table = table.take(order)
        # Text is made once, in the order in which it is written.
        for name in _READ:
            place = table.schema.get_field_index(name)
            table = table.set_column(place, name, table.column(name).cast(_TEXT))
        buckets = table.column("bucket").combine_chunks()
        counted = pc.value_counts(buckets).to_pylist()
        start = 0
        for found in counted:
            self._write(found["values"], table.slice(start, found["counts"]))
            start += found["counts"]

    def _write(self, bucket: int, table: Table) -> None:
        writer = self._writers.get(bucket)
        if writer is None:
            # Parquet would take three times as long, to write and to read.
            path, options = self.path(bucket), pa.ipc.IpcWriteOptions(compression="lz4")
            writer = pa.ipc.new_stream(str(path), table.schema, options=options)
            self._writers[bucket] = writer
        writer.write_table(table)
        self.sizes[bucket] = self.sizes.get(bucket, 0) + table.nbytes

    def path(self, bucket: int) -> Path:
        """Return the path of the staged rows of a bucket."""
        return self._folder / f"staged-{bucket:05}.arrow"

    def close(self) -> None:
        """Close the files."""
        for writer in self._writers.values():
            writer.close()

    # --- one batch --------------------------------------------------------------------

    def _table(self, batch: Batch) -> Table:
        # All columns are cast first, so that one report names all wrong types.
        cells = {n: self._cells(batch, n, kind) for n, kind in _COLUMNS.items()}
        self._faults.check()
        first = self.size
        self.size += batch.num_rows
        positions = numbers_from(first, batch.num_rows)
        self._check(batch, cells, positions)
        what, when = encoded(self._values(cells)), encoded(cells["when"])
        cite, where = (encoded(_column(batch, name)) for name in ("cite", "where"))
        release = encoded(cells["release"])
        what, belongings = self._payloads(what)
        dates = self._decoded(when, "when", self._claims.when)
        cited = self._decoded(cite, "cite", self._claims.cited)
        located = self._decoded(where, "where", self._claims.located)
        releases = self._decoded(release, "release", self._claims.release)
        # Faults of all columns are reported together.
        self._faults.check()
        known = cells["known_day"]
        if "known_day" not in batch.schema.names:
            known = cite.taken([c and c.known for c in cited], _NUMBER)
        else:
            self._set_apart(known, positions)
        self._note(when, dates, positions)
        self._refer(what, belongings, first)
        said = _Said(cells, what, when, where, dates, located)
        self._note_words(said)
        days = {
            "last": when.taken([d and d.last for d in dates], _NUMBER),
            "first": when.taken([d and d.first for d in dates], _NUMBER),
            "known_day": known,
        }
        rows = pa.table(
            {name: cells[name] for name in _KEPT}
            | {name: pc.fill_null(column, ALWAYS) for name, column in days.items()}
            | {
                "position": positions,
                "payload": what.column(what.values),
                "when": when.column([d and d.value for d in dates]),
                "cite": cite.column([c and c.value for c in cited]),
                "where": where.column([w and w.value for w in located]),
                "name": self._names(said),
                "release": release.taken(releases, _TEXT),
            }
        )
        return _by_bucket(rows, what, belongings)

    def _cells(self, batch: Batch, name: str, kind: Any) -> Array:
        column = _column(batch, name)
        try:
            return column.cast(kind)
        except pa.ArrowException as error:
            self._faults.add(name, f"is not a column of {kind}: {error}")
            return pa.nulls(batch.num_rows, kind)

    def _check(self, batch: Batch, cells: dict[str, Array], positions: Array) -> None:
        """Collect the faults of rows: order, missing cells, targets."""
        given = cells["position"]
        may_be_empty = pc.or_(
            pc.is_valid(cells["retracts"]), pc.is_valid(cells["release"])
        )
        if "position" in batch.schema.names:
            may_be_empty = pc.or_(may_be_empty, pc.is_valid(given))
            problem = "is out of order: give all entries of one log, in order, from"
            wrong = pc.fill_null(pc.not_equal(given, positions), False)
            self._each(wrong, "position", f"{problem} {self._first}", positions)
        # A row has all three of kind, what and when, or none (a retraction).
        valid = [pc.is_valid(cells[name]) for name in NEEDED]
        none = pc.invert(pc.or_(pc.or_(*valid[:2]), valid[2]))
        every = pc.and_(pc.and_(*valid[:2]), valid[2])
        problem = f"has none of {', '.join(NEEDED)}: give all of them"
        self._each(pc.and_not(none, may_be_empty), "what", problem, positions)
        problem = f"has some of {', '.join(NEEDED)}: they belong together"
        self._each(pc.invert(pc.or_(none, every)), "what", problem, positions)
        empty = pc.fill_null(pc.equal(cells["id"], ""), False)
        self._each(empty, "id", "is not an id: give text, or nothing", positions)
        self._check_erased(cells, positions)
        for name in ("supersedes", "retracts"):
            target = cells[name]
            wrong = pc.or_(pc.less(target, 0), pc.greater_equal(target, positions))
            problem = "is not a row above: name an earlier position"
            self._each(pc.fill_null(wrong, False), name, problem, positions)

    def _check_erased(self, cells: dict[str, Array], positions: Array) -> None:
        """Refuse erased words that have put something right, or were put right.

        What they have put right would come back.
        """
        erased, corrects = pc.is_valid(cells["erased"]), cells["supersedes"]
        self._erased.update(positions.filter(erased).to_pylist())
        if not self._erased:
            return
        gone = pc.is_in(corrects, value_set=pa.array(self._erased, _NUMBER))
        bound = pc.or_(gone, pc.and_(erased, pc.is_valid(corrects)))
        problem = "of a correction, or of what it corrects, is not kept here: write the"
        problem = f"{problem} log to a store, or to JSON Lines, Arrow or Parquet"
        self._each(bound, "erased", problem, positions)

    def _each(self, wrong: Array, name: str, problem: str, positions: Array) -> None:
        for position in positions.filter(wrong).to_pylist():
            self._faults.add(f"row {position - self._first}: {name}", problem)

    def _values(self, cells: dict[str, Array]) -> Array:
        """Return payloads as they are stored, with the versions that are not given."""
        kinds = encoded(cells["kind"])
        current = kinds.taken(kinds.map(self._claims.version), _TEXT)
        return pc.binary_join_element_wise(
            pc.coalesce(cells["version"].cast(_TEXT), current, pa.scalar("")),
            pc.utf8_length(cells["kind"]).cast(_TEXT),
            pc.binary_join_element_wise(cells["kind"], cells["what"], ""),
            "\n",
        )

    def _payloads(self, column: Encoded) -> tuple[Encoded, list[Belonging | None]]:
        """Return payloads as they are stored, and their relationships."""
        values, belongings = [*column.values], self._claims.belongings(column.values)
        odd = [number for number, one in enumerate(belongings) if one is None]
        for number in odd:
            found = self._read(column, values[number], "what", self._claims.payload)
            if found is not None:
                values[number], belongings[number] = found
        return Encoded(column.codes, values), belongings

    def _decoded(
        self, column: Encoded, name: str, decode: Callable[[Any], Any]
    ) -> list[Any]:
        """Decode the values of a column, and collect the faults of those that fail."""
        return column.map(lambda value: self._read(column, value, name, decode))

    def _read(
        self, column: Encoded, value: Any, name: str, decode: Callable[[Any], T]
    ) -> T | None:
        try:
            return decode(value)
        except (BriTimelineError, ValueError) as error:
            row = self.size - self._first - len(column.codes) + column.row(value)
            self._faults.add(f"row {row}: {name}", error)
            return None

    def _note(self, column: Encoded, found: list[Any], positions: Array) -> None:
        """Note the entries whose days do not fit into a column."""
        if any(one is not None and one.is_too_far for one in found):
            far = column.taken([one and one.is_too_far for one in found], pa.bool_())
            self.too_far += positions.filter(pc.fill_null(far, False)).to_pylist()

    def _refer(self, column: Encoded, found: list[Any], first: int) -> None:
        """Note the entries that refer to events."""
        names = [one.refers_to if one else () for one in found]
        if any(names):
            for place, code in enumerate(column.codes.to_pylist(), first):
                if code is not None and names[code]:
                    self.referring[place] = names[code]

    def _set_apart(self, known: Array, positions: Array) -> None:
        limits = pc.min_max(known).as_py().values()
        if any(map(is_too_far, limits)):
            far = [is_too_far(day) for day in known.to_pylist()]
            self.too_far += positions.filter(pa.array(far)).to_pylist()

    def _names(self, said: _Said) -> Array:
        """Return the numbers that name claims without an id, by their content."""
        ids = said.cells["id"]
        nameless = pc.and_(pc.is_null(ids), pc.is_valid(said.what.codes))
        if not pc.any(nameless).as_py():
            return pa.nulls(len(ids), pa.uint64())
        found = said.digests(nameless, self._decode)
        numbers = {name: None if name is None else _number(name) for name in {*found}}
        return pa.array([numbers[name] for name in found], pa.uint64())

    def _note_words(self, said: _Said) -> None:
        """Note what corrections say whose id is a digest, as if they referred to it.

        That may be the digest of the first words, which counts as not given: then the
        claims that say the same are about the same happening.
        """
        ids = said.cells["id"]
        is_digest = pc.match_substring_regex(ids, _DIGEST)
        odd = pc.and_(pc.is_valid(said.cells["supersedes"]), is_digest)
        odd = pc.fill_null(odd, False)
        if pc.any(odd).as_py():
            found = said.digests(odd, self._decode)
            for place, name in enumerate(found, self.size - len(ids)):
                if name is not None:
                    self.referring[place] = (*self.referring.get(place, ()), name)


@frozen
class _Said:
    """The claims in the rows of a batch.

    Attributes:
        cells: The columns that are kept as they are.
        what: The payloads.
        when: The dates as text.
        where: The places as cells.
        dates: The dates.
        located: The places.
    """

    cells: dict[str, Array]
    what: Encoded
    when: Encoded
    where: Encoded
    dates: list[When]
    located: list[Located | None]

    def digests(
        self, wanted: Array, decode: Callable[[list[str]], list[object]]
    ) -> list[str | None]:
        """Return the digests of the content of some rows; None for the others."""
        some = pc.unique(self.what.codes.filter(wanted)).drop_null().to_pylist()
        payloads = decode([self.what.values[code] for code in some])
        whole = dict(zip(some, payloads, strict=True))
        known: dict[tuple[Any, ...], str] = {}
        found: list[str | None] = []
        columns = [one.codes for one in (self.what, self.when, self.where)]
        columns += [self.cells[name] for name in _SAID]
        rows = zip(*(column.to_pylist() for column in columns), strict=True)
        for is_wanted, key in zip(wanted.to_pylist(), rows, strict=True):
            if is_wanted and key not in known:
                what, when, place, *texts = key
                where = None if place is None else self.located[place]
                known[key] = Event(
                    whole[what],
                    when=self.dates[when].date,
                    where=where and where.where,
                    **dict(zip(_SAID, texts, strict=True)),
                ).digest
            found.append(known[key] if is_wanted else None)
        return found


def _column(batch: Batch, name: str) -> Array:
    if name in batch.schema.names:
        return batch.column(name)
    return pa.nulls(batch.num_rows)


def _number(name: str) -> int:
    """Return the number of a name, as `md5_number_lower()` of DuckDB does."""
    found = md5(name.encode(), usedforsecurity=False).digest()
    return int.from_bytes(found[8:], "little")


# Entries without a payload lie in bucket 0, so that none is lost.
_NOWHERE = Belonging((NONE,), (0,), None, ())


def _lists(values: Iterable[Any], kind: Any) -> Array:
    return pa.array([*values], pa.list_(kind))


def _by_bucket(
    rows: Table, what: Encoded, belongings: Iterable[Belonging | None]
) -> Table:
    """Return a row for each relationship of an entry, with its bucket."""
    # Few belong to different relationships: lists are made once for each of these.
    numbers: dict[Belonging, int] = {_NOWHERE: 0}
    found = [numbers.setdefault(p or _NOWHERE, len(numbers)) for p in belongings]
    codes = pc.fill_null(what.taken(found, pa.int32()), 0)
    lists = _lists((one.relations for one in numbers), pa.int32()).take(codes)
    parties = _lists((one.parties for one in numbers), _TEXT).take(codes)
    rows = rows.append_column("parties", parties)
    parents = pc.list_parent_indices(lists)
    if len(parents) > len(rows):
        rows = rows.take(parents)
        places = parents.to_pylist()
        # The first row of an entry is its lead: entries are read from lead rows only.
        lead = [a != b for a, b in zip([-1, *places], places, strict=False)]
        leads = pa.array(lead, pa.bool_())
    else:
        leads = pa.repeat(pa.scalar(True), len(rows))
    rows = rows.append_column("rel", pc.list_flatten(lists))
    rows = rows.append_column("lead", leads)
    dealt = _lists((one.buckets for one in numbers), pa.int32()).take(codes)
    return rows.append_column("bucket", pc.list_flatten(dealt))
