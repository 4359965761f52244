"""Rows of a bucket in their files: sorted, and dictionary-encoded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import msgspec

from bri_timeline.scale._engine import Array, Batch, Table, pa, pc, pq, scanned
from bri_timeline.scale._manifest import DICTIONARIES, NONE, Part


__all__ = [
    "ORDER",
    "Encoded",
    "encoded",
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

    def used(self) -> list[Any]:
        """Return the values that are used."""
        codes = pc.unique(self.codes).drop_null().to_pylist()
        return [self.values[code] for code in codes]

    def row(self, value: object) -> int:
        """Return the first row with a value."""
        return int(pc.index(self.codes, self.values.index(value)).as_py())

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


ORDER = "rel, last, first, position"
_SEGMENT = 1 << 17
_ROW_GROUP = 1 << 12
_PAGE = 1 << 12
_NUMBER = pa.int64()
_VALUE_SCHEMA = pa.schema([("code", _NUMBER), ("text", pa.string())])

# Parquet's own dictionaries would be of no use: values hardly repeat in a file.
_CHECKED = {"compression": "zstd", "write_page_checksum": True}
_STORED = _CHECKED | {"use_dictionary": False}
_SORTED = (
    "select rel, lead, position, last, first, known,"
    ' md5_number_lower(coalesce(id, digest)) as name, what, "when", cite, id,'
    " supersedes, retracts, because, recorded_at from {} order by {}"
)


def write_part(
    connection: duckdb.DuckDBPyConnection,
    staged: Path,
    folder: Path,
    bucket: int,
    generation: int,
    sizes: dict[str, int],
) -> Part:
    """Write the rows of a bucket in fold order, one relationship after another.

    Args:
        connection: The database that sorts them.
        staged: The file of the staged rows.
        folder: The dataset.
        bucket: The number of the bucket.
        generation: The number of this writing.
        sizes: Number of values in each dictionary so far; increased by this call.
    """
    starts = {kind: (sizes[kind], sizes[kind]) for kind in DICTIONARIES}
    part, rows = Part(bucket, generation, 0, starts, {}), 0
    sql = _SORTED.format(scanned([staged]), ORDER)
    reader = connection.sql(sql).to_arrow_reader(_SEGMENT)
    with ExitStack() as files:
        writers = {
            kind: files.enter_context(
                pq.ParquetWriter(part.path(folder, kind), _VALUE_SCHEMA, **_STORED)
            )
            for kind in DICTIONARIES
        }
        kept: Any | None = None
        for segment in _segments(reader):
            table = segment
            for kind in DICTIONARIES:
                table = _numbered(table, kind, sizes, writers[kind])
            # The schema is known with the first table only.
            if kept is None:
                path = part.path(folder)
                kept = files.enter_context(
                    pq.ParquetWriter(path, table.schema, **_CHECKED)
                )
            kept.write_table(table, _ROW_GROUP)
            rows += len(table)
    # Digests are taken from the files on disk, so they must be closed before.
    part = part.closed(folder, rows, sizes)
    for kind in {*DICTIONARIES} - {*part.kinds}:
        part.path(folder, kind).unlink()
    return part


def _segments(batches: Iterable[Batch]) -> Iterator[Table]:
    """Yield tables long enough that few values are stored twice."""
    some: list[Batch] = []
    for batch in batches:
        some.append(batch)
        if sum(map(len, some)) >= _SEGMENT:
            yield pa.Table.from_batches(some).combine_chunks()
            some = []
    if some:
        yield pa.Table.from_batches(some).combine_chunks()


def _numbered(table: Table, kind: str, sizes: dict[str, int], writer: Any) -> Table:
    """Return rows with the values of one column replaced by their numbers.

    Values are numbered as they come. A plain day has no value in the dictionary: its
    number is its negative day number.
    """
    place = table.schema.get_field_index(kind)
    column = table.column(kind).combine_chunks().dictionary_encode()
    start, new = sizes[kind], len(column.dictionary)
    codes = pc.add(column.indices.cast(_NUMBER), start)
    # Citations and payloads that are absent share the number -1.
    absent = pc.negate(table.column("last")) if kind == "when" else NONE
    codes = pc.if_else(pc.is_null(codes), absent, codes)
    if new:
        numbers = pa.array(range(start, start + new), _NUMBER)
        writer.write_table(pa.table([numbers, column.dictionary], _VALUE_SCHEMA), _PAGE)
        sizes[kind] = start + new
    return table.set_column(place, kind, codes)
