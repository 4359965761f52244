"""Rows of a bucket in their files: sorted, and dictionary-encoded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import msgspec

from bri_timeline.scale._columns import PayloadColumns, as_dates
from bri_timeline.scale._dictionary import LAST_DATE
from bri_timeline.scale._engine import (
    Array,
    Batch,
    Schema,
    memory_of,
    pa,
    pc,
    pq,
)
from bri_timeline.scale._manifest import DICTIONARIES, NONE, Pair, Part


__all__ = [
    "ORDER",
    "Encoded",
    "encoded",
    "joined",
    "runs",
    "write_part",
]


def runs(column: Array) -> list[tuple[int, int, int]]:
    """Return the runs of equal numbers in a column: the number, its start and stop."""
    encoded = pc.run_end_encode(column)
    ends = encoded.run_ends.to_pylist()
    return list(zip(encoded.values.to_pylist(), [0, *ends], ends, strict=False))


class Encoded(NamedTuple):
    """A dictionary-encoded column.

    Attributes:
        codes: Numbers of values, null where the value is null.
        values: The values; unused ones may be anything.
    """

    codes: Array
    values: list[Any]

    def map(self, decode: Callable[[Any], Any]) -> list[Any]:
        """Decode the values that are used; None stands for the others."""
        found: list[Any] = [None] * len(self.values)
        for code in pc.unique(self.codes).drop_null().to_pylist():
            found[code] = decode(self.values[code])
        return found

    def row(self, value: object) -> int:
        """Return the first row with a value."""
        return int(pc.index(self.codes, self.values.index(value)).as_py())

    def column(self, values: list[Any]) -> Array:
        """Return the column with other texts as values, still dictionary-encoded."""
        return pa.DictionaryArray.from_arrays(self.codes, pa.array(values, _TEXT))

    def taken(self, values: list[Any], kind: Any) -> Array:
        """Return the column with each value replaced by its counterpart in *values*."""
        return pa.array(values, kind).take(self.codes)


def encoded(column: Array) -> Encoded:
    """Return a column dictionary-encoded; text is encoded by Arrow."""
    if pa.types.is_null(column.type):
        return Encoded(pa.nulls(len(column), pa.int32()), [])
    if not pa.types.is_dictionary(column.type):
        if pa.types.is_nested(column.type):
            return _by_content(column.to_pylist())
        column = column.dictionary_encode()
    return Encoded(column.indices, column.dictionary.to_pylist())


def _by_content(items: list[Any]) -> Encoded:
    values: list[Any] = []
    codes: dict[bytes, int] = {}
    found: list[int | None] = []
    for item in items:
        if item is None:
            found.append(None)
            continue
        # Lists and structs of Arrow have no hash in Python.
        content = msgspec.json.encode(item)
        if content not in codes:
            codes[content] = len(values)
            values.append(item)
        found.append(codes[content])
    return Encoded(pa.array(found, pa.int32()), values)


ORDER = ("rel", "last", "first", "position")
_SEGMENT = 1 << 17
_ROW_GROUP = 1 << 12
_PAGE = 1 << 12
_NUMBER, _TEXT = pa.int64(), pa.string()
_VALUE_SCHEMA = pa.schema([("code", _NUMBER), ("text", _TEXT)])
_BEFORE = pa.schema(
    [
        ("one", _TEXT),
        ("other", _TEXT),
        ("kind", _TEXT),
        ("when", _TEXT),
        ("earliest", pa.date32()),
        ("latest", pa.date32()),
        ("known", pa.date32()),
        ("parties", pa.list_(_TEXT)),
        ("id", _TEXT),
        ("position", _NUMBER),
        ("lead", pa.bool_()),
        ("supersedes", _NUMBER),
        ("retracts", _NUMBER),
        ("because", _TEXT),
        ("recorded_at", pa.timestamp("us", "UTC")),
        ("dataset", _TEXT),
        ("release", _TEXT),
    ]
)
_AFTER = pa.schema(
    [
        ("unfit", pa.list_(_TEXT)),
        ("rel", pa.int32()),
        ("last", _NUMBER),
        ("first", _NUMBER),
        ("known_day", _NUMBER),
        ("name", pa.uint64()),
        *((f"{kind}_code", _NUMBER) for kind in DICTIONARIES),
    ]
)

_CHECKED = {"compression": "zstd", "write_page_checksum": True}
# Parquet's own dictionaries would be of no use: values hardly repeat in a file.
_STORED = _CHECKED | {"use_dictionary": False}
# Sorted numbers differ little from one row to the next: this halves the files.
_DELTA = {pa.int64(): "DELTA_BINARY_PACKED", pa.date32(): "DELTA_BINARY_PACKED"}


def write_part(
    connection: duckdb.DuckDBPyConnection,
    staged: Path,
    size: int,
    folder: Path,
    bucket: int,
    generation: int,
    sizes: dict[str, int],
    columns: PayloadColumns,
    pairs: Sequence[Pair],
) -> Part:
    """Write the rows of a bucket in fold order, one relationship after another.

    Args:
        connection: The database that sorts them.
        staged: The file of the staged rows.
        size: The number of bytes that these take in memory.
        folder: The dataset.
        bucket: The number of the bucket.
        generation: The number of this writing.
        sizes: Number of values in each dictionary so far; increased by this call.
        columns: The columns that hold fields of payloads.
        pairs: Pairs of parties by their numbers.
    """
    starts = {kind: (sizes[kind], sizes[kind]) for kind in DICTIONARIES}
    part, rows = Part(bucket, generation, 0, starts, (), {}), 0
    schema = pa.schema([*_BEFORE, *columns.schema(), *_AFTER])
    seen: dict[str, set[int]] = {}
    with ExitStack() as files:
        writers = {
            kind: files.enter_context(
                pq.ParquetWriter(part.path(folder, kind), _VALUE_SCHEMA, **_STORED)
            )
            for kind in DICTIONARIES
        }
        kept = files.enter_context(
            pq.ParquetWriter(part.path(folder), schema, **_options(schema))
        )
        for segment in _segments(_ordered(connection, staged, size)):
            found = {name: segment.column(name) for name in segment.schema.names}
            values = {kind: found[kind].dictionary_encode() for kind in DICTIONARIES}
            found |= _shown(encoded(values["what"]), columns, seen)
            found |= _named(found["rel"], found["parties"], pairs)
            for kind, column in values.items():
                found[f"{kind}_code"] = _numbered(column, kind, sizes, writers[kind])
            last = found["last"]
            found["when"] = pc.coalesce(found["when"], as_dates(last).cast(_TEXT))
            found["latest"], found["earliest"] = (
                as_dates(last),
                as_dates(found["first"]),
            )
            known = pc.min_element_wise(found["known_day"], LAST_DATE)
            found["known"] = as_dates(known)
            table = pa.table([found[name] for name in schema.names], schema)
            kept.write_table(table, _ROW_GROUP)
            rows += len(table)
    # Digests are taken from the files on disk, so they must be closed before.
    kinds = tuple((kind, one) for kind in sorted(seen) for one in sorted(seen[kind]))
    part = part.closed(folder, rows, sizes, kinds)
    for kind in {*DICTIONARIES} - {*part.names}:
        part.path(folder, kind).unlink()
    return part


def _options(schema: Schema) -> dict[str, Any]:
    """Return how the columns of rows are stored."""
    encodings = {one.name: _DELTA[one.type] for one in schema if one.type in _DELTA}
    encodings["id"] = "DELTA_BYTE_ARRAY"
    return {
        **_CHECKED,
        "use_dictionary": [
            f"{one.name}.list.element" if pa.types.is_list(one.type) else one.name
            for one in schema
            if one.name not in encodings
        ],
        "column_encoding": encodings,
    }


def _ordered(
    connection: duckdb.DuckDBPyConnection, staged: Path, size: int
) -> Iterator[Batch]:
    """Yield staged rows in fold order: sorted in memory, or else by DuckDB on disk.

    Args:
        connection: The database.
        staged: The file.
        size: The number of bytes that its rows take in memory.
    """
    with pa.memory_map(str(staged)) as file, pa.ipc.open_stream(file) as reader:
        # DuckDB takes three times as long. There are two copies of rows to be sorted,
        # and a part of them is joined and encoded.
        if size > memory_of(connection) / 3:
            connection.register("staged", reader)
            sql = f"from staged order by {', '.join(ORDER)}"
            yield from connection.sql(sql).to_arrow_reader(_SEGMENT)
            connection.unregister("staged")
            return
        # Rows are in the order of positions, and the sort is stable.
        table = reader.read_all().combine_chunks()
        table = table.sort_by([(name, "ascending") for name in ORDER[:-1]])
        yield from table.to_batches(_SEGMENT)


def _segments(batches: Iterable[Batch]) -> Iterator[Batch]:
    """Yield batches long enough that few values are stored twice."""
    some: list[Batch] = []
    for batch in batches:
        some.append(batch)
        if sum(map(len, some)) >= _SEGMENT:
            yield joined(some)
            some = []
    if some:
        yield joined(some)


def joined(some: list[Batch]) -> Batch:
    """Return batches as one, without a copy if it is one."""
    return some[0] if len(some) == 1 else pa.concat_batches(some)


def _shown(
    what: Encoded, columns: PayloadColumns, seen: dict[str, set[int]]
) -> dict[str, Array]:
    """Return the columns that show payloads."""
    shown = columns.shown(what.values, what.codes, seen)
    names = (one.name for one in columns.columns)
    cells = dict(zip(names, shown.cells, strict=True))
    return {"kind": shown.kinds, "unfit": shown.unfit, **cells}


def _named(numbers: Array, parties: Array, pairs: Sequence[Pair]) -> dict[str, Array]:
    """Return the parties of relationships, which are null where there is none.

    Args:
        numbers: For each row, the number of its relationship.
        parties: For each row, all its parties; null if they are those of this.
        pairs: Pairs of parties by their numbers.
    """
    found = encoded(numbers)
    named = [None if n == NONE else pairs[n] for n in found.values]
    both = [pair and sorted({*pair}) for pair in named]
    own = found.taken(both, parties.type)
    return {
        "one": found.taken([pair and pair[0] for pair in named], _TEXT),
        "other": found.taken([pair and pair[1] for pair in named], _TEXT),
        "parties": pc.if_else(pc.is_null(parties), own, parties),
    }


def _numbered(column: Array, kind: str, sizes: dict[str, int], writer: Any) -> Array:
    """Return the numbers of the values of an encoded column, and store the values.

    Values are numbered as they come. A plain day has no value in the dictionary, and
    a row without payload or citations has none either.
    """
    start, new = sizes[kind], len(column.dictionary)
    if new:
        numbers = pa.array(range(start, start + new), _NUMBER)
        writer.write_table(pa.table([numbers, column.dictionary], _VALUE_SCHEMA), _PAGE)
        sizes[kind] = start + new
    return pc.add(column.indices.cast(_NUMBER), start)
