"""Files of rows and of related entries, read as tables with the columns of entries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from threading import Lock
from typing import Any

from bri_timeline import Entry, Vocabulary
from bri_timeline.extend import ColumnCodec, parts
from bri_timeline.scale._dictionary import ALWAYS
from bri_timeline.scale._engine import (
    Array,
    Table,
    columns_in,
    groups_in,
    numbers_column,
    pa,
    pc,
    pq,
    scanned,
)
from bri_timeline.scale._files import Where
from bri_timeline.scale._layout import ORDER, STORED
from bri_timeline.scale._manifest import ClusterFile, DataFile, Manifest, Pair, Part


_Numbered = tuple[list[Any], Sequence[int]]
# Most values of these come several times.
CODED = ("kind", "what", "when", "cite", "where", "because", "dataset", "release")


def entries_in(table: Table, vocabulary: Vocabulary) -> Sequence[Entry]:
    """Return the entries in a table with the columns `STORED`, or some of them."""
    columns = _columns(table)
    days, codes = columns.pop("known_day")
    columns["known"] = [None if day == ALWAYS else day for day in days], codes
    return ColumnCodec(vocabulary).entries(columns)


def _columns(table: Table) -> dict[str, _Numbered]:
    # Arrow makes the names anew whenever they are asked for.
    columns = dict(zip(table.column_names, table.columns, strict=True))
    return {
        name: coded(columns[name], type_)
        for name, type_ in STORED.items()
        if name in columns
    }


def coded(column: Array, type_: Any) -> _Numbered:
    """Return the values of a column of Arrow, and for each row the index of its own.

    Args:
        column: The column.
        type_: The type of its values, in which DuckDB may have changed the zone.
    """
    if column.null_count == len(column):
        return [None], [0] * len(column)
    if not pa.types.is_dictionary(column.type):
        some = column if column.type == type_ else column.cast(type_)
        return some.to_pylist(), range(len(column))
    column = column.unify_dictionaries().combine_chunks()
    values = [*column.dictionary.to_pylist(), None]
    codes = column.indices.to_pylist()
    if column.null_count:
        codes = [len(values) - 1 if code is None else code for code in codes]
    return values, codes


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


def plain(table: Table) -> Table:
    """Return a few rows of a table with values of their own, not those of all rows."""
    names = table.column_names
    columns = zip(names, table.columns, strict=True)
    return pa.table([c.cast(STORED[n]) if n in CODED else c for n, c in columns], names)


# --- rows -----------------------------------------------------------------------------
_NULLS = ", ".join(f'null as "{name}"' for name in STORED)


def stored_rows(folder: Where, written: Iterable[Part]) -> str:
    """Return the SQL expression for rows with the columns `STORED`, and others.

    Args:
        folder: The dataset.
        written: The parts that have the rows; at least one.
    """
    paths = scanned(part.file(folder).verified() for part in written)
    # Files that were written before a part was known lack its column.
    return (
        f"(from {paths.removesuffix(')')}, union_by_name = true)"
        f" union all by name select {_NULLS} where false)"
    )


class RowFile:
    """A file of rows in fold order, one relationship after another, read by groups.

    Args:
        part: The part.
        folder: The dataset.

    Attributes:
        bounds: The smallest and the largest number of a relationship in each group.
    """

    def __init__(self, part: Part, folder: Where) -> None:
        self._file = _OpenFile(part.file(folder), CODED)
        names = self._file.schema_arrow.names
        self._has = frozenset(names).intersection
        # Parquet counts leaves; each column before this has one, lists too.
        place, metadata = names.index("rel"), self._file.metadata
        groups = map(metadata.row_group, range(metadata.num_row_groups))
        ranges = [group.column(place).statistics for group in groups]
        self.bounds = [(numbers.min, numbers.max) for numbers in ranges]

    def numbers(self, group: int) -> Table:
        """Return the numbers of relationships in a group."""
        return self._file.read_group(group, ["rel"])

    def whole(self, group: int) -> Table:
        """Return all columns of a group that the file has, each in one piece."""
        return self._file.read_group(group, [*self._has(EVERY)]).combine_chunks()


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


# --- pairs of parties -----------------------------------------------------------------
def listed(table: Table) -> Iterator[tuple[Pair, int]]:
    """Yield each pair of a `pair_table()`, and its number."""
    columns = (table.column(name).to_pylist() for name in ("one", "other", "rel"))
    for first_party, second_party, number in zip(*columns, strict=True):
        yield (first_party, second_party), number


def pair_table(folder: Where, manifest: Manifest, bucket: int | None = None) -> Table:
    """Return the parties and the numbers of pairs, of a bucket or of all, as columns.

    The columns are `one`, `other` and `rel`. The facts of one party alone have a number
    too: that of the pair of it with itself.
    """
    columns = [("one", pa.string()), ("other", pa.string()), ("rel", pa.int32())]
    names = [*dict(columns)]
    tables = [pa.Table.from_batches([], pa.schema(columns))]
    numbers = numbers_column([] if bucket is None else [bucket]).cast(pa.int32())
    for pair_file in manifest.pairs:
        path, wanted = pair_file.file(folder).verified(), (*names, "bucket")
        if bucket is None:
            tables.append(columns_in(path, names))
            continue
        table = groups_in(path, wanted, bucket)
        table = table.filter(pc.is_in(table.column("bucket"), numbers))
        tables.append(table.select(names))
    return pa.concat_tables(tables)


# --- related entries ------------------------------------------------------------------
class Related:
    """The related entries of some buckets, each with its whole cluster.

    Args:
        folder: The dataset.
        manifest: The files of the buckets.

    Attributes:
        positions: Their positions, in order, as a column.
    """

    def __init__(self, folder: Where, manifest: Manifest) -> None:
        # A cluster that grew was written again: the newest file of a position holds.
        files = sorted(manifest.clusters, key=_generation, reverse=True)
        self._files = [_OpenFile(one.file(folder), CODED) for one in files]
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


def references_in(folder: Where, manifest: Manifest) -> dict[int, tuple[str, ...]]:
    """Return the ids that entries refer to; these are all in clusters."""
    found: dict[int, tuple[str, ...]] = {}
    for one in manifest.clusters:
        table = columns_in(one.file(folder).verified(), ("position", "refers"))
        table = table.filter(pc.is_valid(table.column("refers")))
        rows = zip(*(column.to_pylist() for column in table.columns), strict=True)
        found.update((position, tuple(names)) for position, names in rows)
    return found
