"""A bucket's rows in fold order, with numbers in the place of words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import duckdb

from bri_timeline.scale._arrow import Batch, Table, pa, pc, pq
from bri_timeline.scale._engine import scanned
from bri_timeline.scale._manifest import NONE, WORDS, Part


__all__ = ["ORDER", "lay"]

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
