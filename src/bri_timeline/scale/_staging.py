"""Staging: rows of a batch, checked, numbered, and distributed to buckets."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from hashlib import md5
from itertools import islice
from operator import attrgetter
from pathlib import Path
from typing import Any, TypeVar

from attrs import frozen

from bri_timeline import Event, Vocabulary
from bri_timeline.errors import BriTimelineError, FaultsError
from bri_timeline.extend import parts
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
    payload_value,
    payloads,
    split_value,
)
from bri_timeline.scale._engine import (
    Array,
    Batch,
    Encoded,
    Table,
    chosen,
    encoded,
    numbers_from,
    pa,
    pc,
    put,
)
from bri_timeline.scale._layout import STORED
from bri_timeline.scale._manifest import NONE
from bri_timeline.scale._plain import Plain


T = TypeVar("T")
_MOST_KEPT = 1 << 18
_DIGEST = "^[0-9a-f]{32}$"
_NUMBER, _TEXT, _NAME = pa.int64(), pa.string(), pa.uint64()
_READ = {"when", "cite", "where"}
_PLAIN = parts.Kind.TEXT, parts.Kind.TEXTS, parts.Kind.NUMBER, parts.Kind.INSTANT
# The parts that are kept as they are given, beside those that are looked into.
_KEPT = [p.name for p in parts.COLUMNS if p.kind in _PLAIN and p.name not in NEEDED]
_OTHERS = ("version", "release", "erased", "known_day")
_COLUMNS = {name: STORED[name] for name in (*NEEDED, *_OTHERS, *_KEPT)}
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
        self._plain = lru_cache(None)(partial(Plain.of, vocabulary))
        self._decode = payloads(vocabulary)
        self._belongings = _Belongings()
        self._first = self.size = start
        self._faults = Faults(name)
        self._writers: dict[int, Any] = {}
        self.sizes: dict[int, int] = {}
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
        when = encoded(cells["when"])
        cite, where = (encoded(_column(batch, name)) for name in ("cite", "where"))
        release, erased = encoded(cells["release"]), encoded(cells["erased"])
        what = self._payloads(cells)
        dates = self._decoded(when, "when", self._claims.when)
        cited = self._decoded(cite, "cite", self._claims.cited)
        located = self._decoded(where, "where", self._claims.located)
        releases = self._decoded(release, "release", self._claims.release)
        left = self._decoded(erased, "erased", self._claims.erased)
        # Faults of all columns are reported together.
        self._faults.check()
        known = cells["known_day"]
        if "known_day" not in batch.schema.names:
            known = cite.taken([c and c.known for c in cited], _NUMBER)
        else:
            self._set_apart(known, positions)
        self._note(when, dates, positions)
        self._refer(what, first)
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
                "kind": what.kinds,
                "version": what.versions.cast(_NUMBER),
                "what": what.texts,
                "when": when.column([d and d.value for d in dates]),
                "cite": cite.column([c and c.value for c in cited]),
                "where": where.column([w and w.value for w in located]),
                "name": pc.coalesce(
                    self._names(said),
                    # What has the id of erased words, or says them, is related to them.
                    erased.taken([e and e[1] and _number(e[1]) for e in left], _NAME),
                ),
                "release": release.taken(releases, _TEXT),
                "erased": erased.taken([e and e[0] for e in left], _TEXT),
            }
        )
        return _by_bucket(rows, what.numbers, self._belongings)

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
        may_be_empty = pc.is_valid(cells["retracts"])
        for name in ("release", "erased"):
            may_be_empty = pc.or_(may_be_empty, pc.is_valid(cells[name]))
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
        # A frame without nulls has an empty one beside a retraction too.
        empty = pc.fill_null(pc.equal(cells["id"], ""), False)
        wrong = pc.and_(empty, valid[0])
        self._each(wrong, "id", "is not an id: give text, or nothing", positions)
        cells["id"] = pc.if_else(empty, None, cells["id"])
        problem = "belongs to a row that says nothing"
        is_both = pc.and_(pc.is_valid(cells["erased"]), pc.is_valid(cells["kind"]))
        self._each(is_both, "erased", problem, positions)
        for name in ("supersedes", "retracts"):
            target = cells[name]
            wrong = pc.or_(pc.less(target, 0), pc.greater_equal(target, positions))
            problem = "is not a row above: name an earlier position"
            self._each(pc.fill_null(wrong, False), name, problem, positions)

    def _each(self, wrong: Array, name: str, problem: str, positions: Array) -> None:
        for position in positions.filter(wrong).to_pylist():
            self._faults.add(f"row {position - self._first}: {name}", problem)

    def _payloads(self, cells: dict[str, Array]) -> _Payloads:
        """Return payloads as they are stored, with their relationships."""
        if len(self._belongings.all) > _MOST_KEPT:
            self._belongings = _Belongings()
        kinds = encoded(cells["kind"])
        current = kinds.taken(kinds.map(self._claims.version), _TEXT)
        versions = pc.coalesce(cells["version"].cast(_TEXT), current, "")
        what = _Payloads(
            pc.if_else(pc.is_valid(cells["kind"]), versions, None),
            cells["kind"],
            cells["what"],
        )
        for kind in pc.unique(cells["kind"]).drop_null().to_pylist():
            self._relate(what, kind)
        # A row without a payload has nothing to relate: its fault is told.
        given = pc.and_(pc.is_valid(what.kinds), pc.is_valid(what.texts))
        rest = pc.and_not(given, pc.is_valid(what.numbers))
        if pc.any(rest).as_py():
            self._relate_each(what, rest)
        what.numbers = pc.fill_null(what.numbers, 0)
        return what

    def _relate(self, what: _Payloads, kind: str) -> None:
        """Find the relationships of payloads in the plain form."""
        version = self._claims.version(kind)
        plain = self._plain(kind, version)
        if plain is None:
            return
        rows = pc.and_(pc.equal(what.kinds, kind), pc.equal(what.versions, version))
        rows = pc.fill_null(rows, False)
        texts = chosen(what.texts, rows)
        parties = plain.parties(texts).dictionary_encode()
        names, codes = parties.dictionary.to_pylist(), parties.indices

        def read(places: list[int]) -> list[str]:
            # Of the payloads with equal parties, the first is read.
            first = pc.index_in(pa.array(places, pa.int32()), codes)
            some = texts.take(first).to_pylist()
            return [payload_value(kind, version, text) for text in some]

        found = self._claims.belongings_by_parties(kind, names, read)
        numbers = pa.array([*map(self._belongings.number, found)], pa.int32()).take(
            codes
        )
        what.numbers = put(what.numbers, rows, numbers)

    def _relate_each(self, what: _Payloads, rows: Array) -> None:
        """Find the relationships of other payloads, which are then stored as ours."""
        column = encoded(what.values(rows))
        values, belongings = [*column.values], self._claims.belongings(column.values)
        odd = [number for number, one in enumerate(belongings) if one is None]
        for number in odd:
            found = self._read(column, values[number], "what", self._claims.payload)
            if found is not None:
                values[number], belongings[number] = found
        versions, kinds, texts = zip(*map(split_value, values), strict=True)
        what.versions = pc.coalesce(column.taken(versions, _TEXT), what.versions)
        what.kinds = pc.coalesce(column.taken(kinds, _TEXT), what.kinds)
        what.texts = pc.coalesce(column.taken(texts, _TEXT), what.texts)
        numbers = column.taken([*map(self._belongings.number, belongings)], pa.int32())
        what.numbers = pc.coalesce(numbers, what.numbers)

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
            first = self.size - self._first - len(column.codes)
            for row in column.rows(value):
                place = f"row {first + row}: {name}"
                if isinstance(error, FaultsError):
                    for fault in error.faults:
                        self._faults.add(f"{place}.{fault.place}", fault.problem)
                else:
                    self._faults.add(place, error)
            return None

    def _note(self, column: Encoded, found: list[Any], positions: Array) -> None:
        """Note the entries whose days do not fit into a column."""
        if any(one is not None and one.is_too_far for one in found):
            far = column.taken([one and one.is_too_far for one in found], pa.bool_())
            self.too_far += positions.filter(pc.fill_null(far, False)).to_pylist()

    def _refer(self, what: _Payloads, first: int) -> None:
        """Note the entries that refer to events."""
        names = [one.refers_to for one in self._belongings.all]
        if any(names):
            for place, number in enumerate(what.numbers.to_pylist(), first):
                if names[number]:
                    self.referring[place] = names[number]

    def _set_apart(self, known: Array, positions: Array) -> None:
        limits = pc.min_max(known).as_py().values()
        if any(map(is_too_far, limits)):
            far = [is_too_far(day) for day in known.to_pylist()]
            self.too_far += positions.filter(pa.array(far)).to_pylist()

    def _names(self, said: _Said) -> Array:
        """Return the numbers that name claims without an id, by their content."""
        ids = said.cells["id"]
        nameless = pc.and_(pc.is_null(ids), pc.is_valid(said.what.kinds))
        if not pc.any(nameless).as_py():
            return pa.nulls(len(ids), _NAME)
        found = said.digests(nameless, self._decode)
        numbers = {name: None if name is None else _number(name) for name in {*found}}
        return pa.array([numbers[name] for name in found], _NAME)

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


class _Payloads:
    """The payloads in the rows of a batch.

    Args:
        versions: Their versions as text, empty if unknown; null where there is none.
        kinds: Their kinds.
        texts: Their JSON.

    Attributes:
        numbers: The number of the belonging of each; null if it is not yet known.
    """

    def __init__(self, versions: Array, kinds: Array, texts: Array) -> None:
        self.versions, self.kinds, self.texts = versions, kinds, texts
        self.numbers = pa.nulls(len(kinds), pa.int32())

    def values(self, rows: Array) -> Array:
        """Return the payloads of some rows as one text, as `payload_value()` does."""
        return pc.binary_join_element_wise(
            pc.if_else(rows, self.versions, None),
            pc.utf8_length(self.kinds).cast(_TEXT),
            pc.binary_join_element_wise(self.kinds, self.texts, ""),
            "\n",
        )


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
    what: _Payloads
    when: Encoded
    where: Encoded
    dates: list[When]
    located: list[Located | None]

    def digests(
        self, wanted: Array, decode: Callable[[list[str]], list[object]]
    ) -> list[str | None]:
        """Return the digests of the content of some rows; None for the others."""
        whats = encoded(self.what.values(wanted))
        whole = decode(whats.values)
        known: dict[tuple[Any, ...], str] = {}
        found: list[str | None] = []
        columns = [one.codes for one in (whats, self.when, self.where)]
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


class _Belongings:
    """Different relationships of payloads by their numbers, also of earlier batches.

    Attributes:
        all: The number of each.
    """

    def __init__(self) -> None:
        self.all = {_NOWHERE: 0}
        self._columns: dict[str, Array] = {}

    def number(self, one: Belonging | None) -> int | None:
        """Return the number of relationships."""
        return None if one is None else self.all.setdefault(one, len(self.all))

    def columns(self) -> dict[str, Array]:
        """Return the relationships, their buckets and the parties as lists."""
        for name, kind in _LISTED.items():
            known = self._columns.get(name, pa.nulls(0, pa.list_(kind)))
            # Few are new in a batch.
            new = map(attrgetter(name), islice(self.all, len(known), None))
            lists = pa.array([*new], pa.list_(kind))
            self._columns[name] = pa.concat_arrays([known, lists])
        return self._columns


_LISTED = {"relations": pa.int32(), "buckets": pa.int32(), "parties": _TEXT}


def _by_bucket(rows: Table, numbers: Array, belongings: _Belongings) -> Table:
    """Return a row for each relationship of an entry, with its bucket."""
    relations, buckets, parties = belongings.columns().values()
    rows = rows.append_column("parties", parties.take(numbers))
    if len(relations.flatten()) == len(relations):
        # None has several: taking numbers needs a third of the time of taking lists.
        leads = pa.repeat(pa.scalar(True), len(rows))
        rel, bucket = (one.flatten().take(numbers) for one in (relations, buckets))
    else:
        lists = relations.take(numbers)
        parents = pc.list_parent_indices(lists)
        rows = rows.take(parents)
        places = parents.to_pylist()
        # The first row of an entry is its lead: entries are read from lead rows only.
        lead = [a != b for a, b in zip([-1, *places], places, strict=False)]
        leads = pa.array(lead, pa.bool_())
        rel, bucket = lists.flatten(), buckets.take(numbers).flatten()
    rows = rows.append_column("rel", rel).append_column("lead", leads)
    return rows.append_column("bucket", bucket)
