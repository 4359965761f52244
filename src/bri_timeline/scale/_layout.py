"""Columns of Arrow: runs of what is equal, and what they hold once each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import msgspec

from bri_timeline.scale._engine import Array, Batch, Table, pa, pc, pq, scanned
from bri_timeline.scale._manifest import NONE, WORDS, Part


__all__ = [
    "ORDER",
    "Encoded",
    "encoded",
    "lay",
    "runs",
]


def runs(column: Array) -> list[tuple[int, int, int]]:
    """Return the runs of equal numbers in a column: the number, its start and stop."""
    encoded = pc.run_end_encode(column)
    ends = encoded.run_ends.to_pylist()
    return list(zip(encoded.values.to_pylist(), [0, *ends], ends, strict=False))


class Encoded(NamedTuple):
    """A column as numbers of the different values that are in it.

    Attributes:
        codes: The numbers, null where the value is.
        values: The values; those that are not used may be anything.
    """

    codes: Array
    values: list[Any]

    def map(self, meaning: Callable[[Any], Any]) -> list[Any]:
        """Return what each of the values means that is used, None for the others."""
        found: list[Any] = [None] * len(self.values)
        for code in pc.unique(self.codes).drop_null().to_pylist():
            found[code] = meaning(self.values[code])
        return found

    def used(self) -> list[Any]:
        """Return the values that are used."""
        codes = pc.unique(self.codes).drop_null().to_pylist()
        return [self.values[code] for code in codes]

    def row(self, value: object) -> int:
        """Return the first row that has a value."""
        return int(pc.index(self.codes, self.values.index(value)).as_py())

    def taken(self, values: list[Any], kind: Any) -> Array:
        """Return a column with other values in the place of these."""
        return pa.array(values, kind).take(self.codes)


def encoded(column: Array) -> Encoded:
    """Return a column as numbers of its values; text is looked at without Python."""
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
_WORD = pa.schema([("code", _NUMBER), ("text", pa.string())])

# Hardly any word is there twice.
_CHECKED = {"compression": "zstd", "write_page_checksum": True}
_STORED = _CHECKED | {"use_dictionary": False}
_SORTED = (
    "select rel, lead, position, last, first, known,"
    ' md5_number_lower(coalesce(id, digest)) as name, what, "when", cite, id,'
    " supersedes, retracts, because, recorded_at from {} order by {}"
)


def lay(
    connection: duckdb.DuckDBPyConnection,
    staged: Path,
    folder: Path,
    bucket: int,
    generation: int,
    words: dict[str, int],
) -> Part:
    """Write the rows of a bucket in the order in which they are folded.

    Args:
        connection: What sorts them.
        staged: The file that has them.
        folder: The dataset.
        bucket: Which bucket.
        generation: Of which writing.
        words: How many words there are of each kind so far; these are counted on.
    """
    starts = {kind: (words[kind], words[kind]) for kind in WORDS}
    part, rows = Part(bucket, generation, 0, starts, {}), 0
    query = _SORTED.format(scanned([staged]), ORDER)
    reader = connection.sql(query).to_arrow_reader(_SEGMENT)
    with ExitStack() as files:
        writers = {
            kind: files.enter_context(
                pq.ParquetWriter(part.path(folder, kind), _WORD, **_STORED)
            )
            for kind in WORDS
        }
        kept: Any | None = None
        for segment in _segments(reader):
            table = segment
            for kind in WORDS:
                table = _numbered(table, kind, words, writers[kind])
            if kept is None:
                path = part.path(folder)
                kept = files.enter_context(
                    pq.ParquetWriter(path, table.schema, **_CHECKED)
                )
            kept.write_table(table, _ROW_GROUP)
            rows += len(table)
    part = part.closed(folder, rows, words)
    for kind in {*WORDS} - {*part.kinds}:
        part.path(folder, kind).unlink()
    return part


def _segments(batches: Iterable[Batch]) -> Iterator[Table]:
    """Yield tables that are long enough to have few words twice."""
    some: list[Batch] = []
    for batch in batches:
        some.append(batch)
        if sum(map(len, some)) >= _SEGMENT:
            yield pa.Table.from_batches(some).combine_chunks()
            some = []
    if some:
        yield pa.Table.from_batches(some).combine_chunks()


def _numbered(table: Table, kind: str, words: dict[str, int], writer: Any) -> Table:
    """Return rows with numbers in the place of the words of one column.

    Words are numbered as they come. A day is no word: it is its negative number.
    """
    place = table.schema.get_field_index(kind)
    column = table.column(kind).combine_chunks().dictionary_encode()
    start, new = words[kind], len(column.dictionary)
    codes = pc.add(column.indices.cast(_NUMBER), start)
    absent = pc.negate(table.column("last")) if kind == "when" else NONE
    codes = pc.if_else(pc.is_null(codes), absent, codes)
    if new:
        numbers = pa.array(range(start, start + new), _NUMBER)
        writer.write_table(pa.table([numbers, column.dictionary], _WORD), _PAGE)
        words[kind] = start + new
    return table.set_column(place, kind, codes)
