"""Files of rows and of related entries, read as tables with the columns of entries.

An earlier format has numbers of payloads and citations in its rows, which lie in
dictionaries beside them, and related entries as lines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from threading import Lock
from typing import Any

import duckdb
from attrs import evolve

from bri_timeline import Event, Vocabulary
from bri_timeline._events.entries import EntryColumns
from bri_timeline._form import (
    ColumnCodec,
    NumberedColumn,
    parts,
)
from bri_timeline.scale._dictionary import ALWAYS
from bri_timeline.scale._engine import (
    Array,
    Table,
    columns_in,
    numbers_column,
    pa,
    pc,
    pq,
    scanned,
)
from bri_timeline.scale._files import Where
from bri_timeline.scale._layout import ORDER, STORED
from bri_timeline.scale._manifest import ClusterFile, DataFile, Manifest, Part


# Most values of these come several times.
CODED = ("kind", "what", "when", "cite", "where", "because", "dataset", "release")


def entries_in(table: Table, vocabulary: Vocabulary) -> EntryColumns:
    """Return the entries in a table with the columns `STORED`, or some of them."""
    columns = _columns(table)
    known = columns.pop("known_day")
    days = [None if day == ALWAYS else day for day in known.values]
    columns["known"] = NumberedColumn(days, known.codes)
    return ColumnCodec(vocabulary).entries(columns)


def events_in(table: Table, vocabulary: Vocabulary) -> list[Event]:
    """Return the events in a table with the columns `EVENT`, or some of them."""
    return ColumnCodec(vocabulary).events(_columns(table))


def _columns(table: Table) -> dict[str, NumberedColumn]:
    # Arrow makes the names anew whenever they are asked for.
    columns = dict(zip(table.column_names, table.columns, strict=True))
    return {
        name: coded(columns[name], type_)
        for name, type_ in STORED.items()
        if name in columns
    }


def coded(column: Array, type_: Any) -> NumberedColumn:
    """Return a column of Arrow, with its values numbered if they are.

    Args:
        column: The column.
        type_: The type of its values, in which DuckDB may have changed the zone.
    """
    if column.null_count == len(column):
        return NumberedColumn([None], [0] * len(column))
    if not pa.types.is_dictionary(column.type):
        some = column if column.type == type_ else column.cast(type_)
        return NumberedColumn.of(some.to_pylist())
    column = column.unify_dictionaries().combine_chunks()
    values = [*column.dictionary.to_pylist(), None]
    codes = column.indices.to_pylist()
    if column.null_count:
        codes = [len(values) - 1 if code is None else code for code in codes]
    return NumberedColumn(values, codes)


EVERY = (*dict.fromkeys((*ORDER, *STORED)),)
# What an event consists of.
EVENT = ("kind", "version", "what", *(part.name for part in parts.BESIDE))


_PERIOD = ("counts", "from_day", "until_day")
_CODE: Any = pa.dictionary(pa.int32(), pa.string())
_TYPES: dict[str, Any] = {
    **{name: _CODE if name in CODED else type_ for name, type_ in STORED.items()},
    **{name: pa.int64() for name in ("cluster", *_PERIOD)},
    "counts": pa.bool_(),
    "rel": pa.int32(),
    "last": pa.int64(),
    "first": pa.int64(),
}


def _typed(table: Table) -> Table:
    """Return a table with values numbered as in those that are read of files."""
    return table.cast(pa.schema([(name, _TYPES[name]) for name in table.column_names]))


def plain(table: Table) -> Table:
    """Return a few rows of a table with values of their own, not those of all rows."""
    names = table.column_names
    columns = zip(names, table.columns, strict=True)
    return pa.table([c.cast(STORED[n]) if n in CODED else c for n, c in columns], names)


# --- rows -----------------------------------------------------------------------------
_NULLS = ", ".join(f'null as "{name}"' for name in STORED)
# Of a payload are kept its version, the length of its kind, its kind and JSON; of
# citations JSON, or an object of place and citations.
_TEXTS = {
    "version": "split_part(what_values.text, chr(10), 1)::bigint",
    "what": (
        "substr(what_values.text, 3 + length(split_part(what_values.text, chr(10), 1))"
        " + length(split_part(what_values.text, chr(10), 2)) + length(rows.kind))"
    ),
    "cite": (
        "nullif(regexp_replace(cite_values.text,"
        """ '^[{]"where":.*,"cite":(.*)[}]$', '\\1', 's'), '[]')"""
    ),
    "where": (
        "nullif(regexp_extract(cite_values.text,"
        """ '^[{]"where":(.*),"cite":.*[}]$', 1, 's'), '')"""
    ),
}


def stored_rows(folder: Where, written: Iterable[Part], earlier: int) -> str:
    """Return the SQL expression for rows with the columns `STORED`, and others.

    Args:
        folder: The dataset.
        written: The parts that have the rows; at least one.
        earlier: So many of the first writings are of an earlier format.
    """
    some = [*written]
    now = [part.file(folder) for part in some if part.generation > earlier]
    tables = [_scan(part, folder) for part in some if part.generation <= earlier]
    if now:
        paths = scanned(file.verified() for file in now)
        tables.append(f"from {paths.removesuffix(')')}, union_by_name = true)")
    # Files that were written before a part was known lack its column.
    tables.append(f"select {_NULLS} where false")
    return f"({' union all by name '.join(tables)})"


_JOINED = "select rows.*, {} from {} rows{}"


def _scan(part: Part, folder: Where) -> str:
    """Return a query for the rows of a file of an earlier format."""
    rows = scanned([part.file(folder).verified()])
    joins = ""
    for kind, code in (("what", "what_code"), ("cite", "cite_code")):
        values = "(select null::bigint as code, null::varchar as text where false)"
        if kind in part.digests:
            values = scanned([part.file(folder, kind).verified()])
        joins += (
            f" left join {values} {kind}_values on rows.{code} = {kind}_values.code"
        )
    texts = ", ".join(f'{text} as "{name}"' for name, text in _TEXTS.items())
    return _JOINED.format(texts, rows, joins)


class RowFile:
    """A file of rows in fold order, one relationship after another, read by groups.

    Args:
        part: The part.
        folder: The dataset.
        earlier: So many of the first writings are of an earlier format.

    Attributes:
        bounds: The smallest and the largest number of a relationship in each group.
        group: Returns columns of the rows of a group, those that the file has.
    """

    def __init__(self, part: Part, folder: Where, earlier: int) -> None:
        self.group: Callable[[int, Sequence[str]], Table]
        if part.generation <= earlier:
            with duckdb.connect() as connection:
                rows = stored_rows(folder, [part], earlier)
                sql = f"from {rows} order by {', '.join(ORDER)}"
                table = _typed(connection.sql(sql).to_arrow_table().select(EVERY))
            self.group = lambda _, names: table.select(names)
            low, high = pc.min_max(table.column("rel")).as_py().values()
            self.bounds = [(low, high)]
            return
        file = _OpenFile(part.file(folder), CODED)
        names = file.schema_arrow.names
        has = frozenset(names).intersection
        # Parquet counts leaves; each column before this has one, lists too.
        place = names.index("rel")
        groups = range(file.metadata.num_row_groups)
        ranges = [file.metadata.row_group(n).column(place).statistics for n in groups]
        self.bounds = [(numbers.min, numbers.max) for numbers in ranges]
        self.group = lambda n, names: file.read_group(n, [*has(names)])

    def whole(self, group: int) -> Table:
        """Return all columns of a group, each in one piece."""
        return self.group(group, EVERY).combine_chunks()


class _OpenFile:
    """An open Parquet file, which one thread reads at a time.

    Its reader keeps what it has asked the file for: two threads that read at once get
    an error, or end the process.

    Args:
        file: The file.
        coded: The columns that are dictionaries.

    Raises:
        DatasetError: It is missing or damaged, or too many others are open.
    """

    def __init__(self, file: DataFile, coded: Iterable[str] = ()) -> None:
        path = file.verified()
        try:
            self._file = pq.ParquetFile(path, read_dictionary=[*coded])
        except OSError as error:
            raise file.unreadable(error) from None
        self._lock = Lock()
        self.metadata = self._file.metadata
        self.schema_arrow = self._file.schema_arrow

    def read(self, names: Sequence[str]) -> Table:
        """Return some columns."""
        with self._lock:
            return self._file.read([*names])

    def read_group(self, number: int, names: Sequence[str]) -> Table:
        """Return some columns of a group of rows."""
        with self._lock:
            return self._file.read_row_group(number, [*names], use_threads=False)


# --- related entries ------------------------------------------------------------------
class Related:
    """The related entries of some buckets, each with its whole cluster.

    Args:
        folder: The dataset.
        manifest: The files of the buckets.
        vocabulary: The payload classes.

    Attributes:
        positions: Their positions, in order, as a column.
        is_dated: Whether the files say between which days of knowledge each counts.
    """

    def __init__(
        self, folder: Where, manifest: Manifest, vocabulary: Vocabulary
    ) -> None:
        self._files: list[Any] = []
        self.is_dated = True
        # A cluster that grew was written again: the newest file of a position holds.
        for one in sorted(manifest.clusters, key=_generation, reverse=True):
            if one.generation > manifest.earlier:
                self._files.append(_OpenFile(one.file(folder), CODED))
            else:
                self.is_dated = False
                file = _OpenFile(one.file(folder))
                self._files.append(_LineTable(file, vocabulary))
        self.positions = self._newest([]).column("position").combine_chunks()

    def table(self, names: Iterable[str] = STORED) -> Table:
        """Return them with some columns, and the number of their `cluster`."""
        return self._newest([*names, "cluster"])

    def kinds(self) -> frozenset[str]:
        """Return the kinds of their payloads."""
        return frozenset(
            pc.unique(self.table(["kind"]).column("kind")).drop_null().to_pylist()
        )

    def left_out(self, known_by: int) -> Array | None:
        """Return the positions of those that do not count under a day of knowledge.

        None if claims that agree count together: no column has what they say.
        """
        table = self._newest(_PERIOD, every=True)
        counts, since, until = (table.column(name) for name in _PERIOD)
        if pc.any(pc.and_(counts, pc.is_null(since))).as_py():
            return None
        day = numbers_column([known_by])[0]
        is_left = pc.or_kleene(pc.is_null(until), pc.greater(until, day))
        is_known = pc.and_kleene(pc.less_equal(since, day), is_left)
        counting = table.column("position").filter(pc.and_kleene(counts, is_known))
        return self.positions.filter(pc.invert(pc.is_in(self.positions, counting)))

    def _newest(self, names: Sequence[str], *, every: bool = False) -> Table:
        """Return columns of the newest rows of each position, in order.

        Args:
            names: The columns beside `position`.
            every: All rows of a position, each of which has a period; or one.
        """
        wanted = [*dict.fromkeys(("position", *names))]
        schema = pa.schema([(name, _TYPES[name]) for name in wanted])
        found = pa.Table.from_batches([], schema)
        for file in self._files:
            some = [name for name in wanted if name in file.schema_arrow.names]
            table = file.read(some)
            place = table.column("position")
            if not every:
                before = pa.concat_arrays(
                    [numbers_column([-1]), place.combine_chunks()]
                )
                table = table.filter(pc.not_equal(place, before[:-1]))
                place = table.column("position")
            is_new = pc.invert(pc.is_in(place, found.column("position")))
            some = [found, table.filter(is_new)]
            found = pa.concat_tables(some, promote_options="default")
        return found.sort_by("position")


def _generation(file: ClusterFile) -> int:
    return file.generation


class _LineTable:
    """A file of an earlier format: entries as lines."""

    def __init__(self, file: Any, vocabulary: Vocabulary) -> None:
        lines = file.read(["cluster", "line"])
        texts = lines.column("line").to_pylist()
        codec = ColumnCodec(vocabulary)
        columns = codec.columns_of(codec.decode(texts))
        known = columns.pop("known")
        columns["known_day"] = [ALWAYS if day is None else day for day in known]
        cells = {name: pa.array(columns[name], STORED[name]) for name in STORED}
        self._table = _typed(pa.table({**cells, "cluster": lines.column("cluster")}))
        self.schema_arrow = self._table.schema

    def read(self, names: Sequence[str]) -> Table:
        return self._table.select(names)


def references_in(
    folder: Where, manifest: Manifest, vocabulary: Vocabulary
) -> dict[int, tuple[str, ...]]:
    """Return the ids that entries refer to; these are all in clusters."""
    found: dict[int, tuple[str, ...]] = {}
    now = [one for one in manifest.clusters if one.generation > manifest.earlier]
    for one in now:
        table = columns_in(one.file(folder).verified(), ("position", "refers"))
        table = table.filter(pc.is_valid(table.column("refers")))
        rows = zip(*(column.to_pylist() for column in table.columns), strict=True)
        found.update((position, tuple(names)) for position, names in rows)
    if len(now) == len(manifest.clusters):
        return found
    files = tuple(o for o in manifest.clusters if o.generation <= manifest.earlier)
    related = Related(folder, evolve(manifest, clusters=files), vocabulary)
    for entry in entries_in(related.table(), vocabulary):
        event = entry.event
        if event is not None:
            # A correction may have a digest as its id, and is found by its words.
            names = event.names if entry.supersedes is not None else ()
            if event.refers_to or len(names) > 1:
                found[entry.position] = (*event.refers_to, *names[1:])
    return found
