"""Arrow: a log as a table for polars, pandas, DuckDB and pyarrow; Parquet on disk.

`to_arrow()` returns a table that each of them reads without a copy, by the Arrow
PyCapsule interface, and `from_arrow()` reads theirs. The columns are `position`,
`id`, `kind`, `version`, `what` (JSON), `when` (EDTF), `earliest` and `latest` (days, or
null), `parties`, `where` (a struct, if an event has a place), `cite`, `known` and
`known_day` (its number), `supersedes`, `retracts`, `because`, `recorded_at`, `dataset`
and `release`. Reading needs only `kind`, `what` and `when`. It ignores `earliest`,
`latest`, `parties` and `known`, which are for queries, and reads `known_day`. A path
that ends in `.arrow` is an Arrow IPC file, which can be mapped into memory; other paths
are Parquet. `dump()` writes a digest into the footer, which other readers ignore and
`load()` verifies, so that any changed bit is found.

The module needs pyarrow: `pip install 'bri-timeline[arrow]'`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from bri_timeline._atomic_write import replaced
from bri_timeline._codec import Vocabulary
from bri_timeline._events import Entry
from bri_timeline._later import needing
from bri_timeline._log import EventLog
from bri_timeline.errors import EntryError, Fault, FaultsError
from bri_timeline.formats._files import LARGEST, Faults
from bri_timeline.formats._results import Loss, numbered, published
from bri_timeline.formats.arrow._files import batches_in, is_arrow, sealed
from bri_timeline.formats.arrow._files import validated as validated
from bri_timeline.formats.arrow._rows import CITED, READ, Row, entry_of, row_of
from bri_timeline.formats.arrow._rows import NEEDED as NEEDED
from bri_timeline.formats.arrow._rows import citations_of as citations_of
from bri_timeline.formats.arrow._rows import place_in as place_in


if TYPE_CHECKING:
    import pyarrow


__all__ = [
    "ArrowStream",
    "dump",
    "from_arrow",
    "load",
    "to_arrow",
]


_GROUP = 1 << 16
_NAME = "table"


class ArrowStream(Protocol):
    """A table of any library that has the Arrow PyCapsule interface."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Return a capsule with a stream of batches."""


def to_arrow(log: Iterable[Entry], vocabulary: Vocabulary) -> ArrowStream:
    """Return a log as a table of pyarrow.

    Args:
        log: A log, or entries of one, which keep their positions.
        vocabulary: The payload classes.

    Raises:
        VocabularyError: The vocabulary lacks the class of a payload.
        EntryError: Arrow cannot hold an entry.
    """
    with needing("arrow"):
        import pyarrow

    entries = list(log)
    schema = _schema(entries)
    batches = _batches(entries, vocabulary, schema)
    table: ArrowStream = pyarrow.Table.from_batches(list(batches), schema)
    return table


def from_arrow(data: ArrowStream, vocabulary: Vocabulary) -> EventLog:
    """Return the log in a table.

    Args:
        data: A table of polars, pandas, pyarrow or DuckDB.
        vocabulary: The payload classes; other kinds become `Unknown`.

    Raises:
        FaultsError: All faults, each with its row (from 0) and column.
    """
    with needing("arrow"):
        import pyarrow

    reader = pyarrow.RecordBatchReader.from_stream(data)
    faults = Faults(_NAME)
    return _log(reader.schema.names, validated(reader, faults), vocabulary, faults)


def dump(log: EventLog, path: str | Path, vocabulary: Vocabulary) -> tuple[Loss, ...]:
    """Write a log to a file, which is replaced as a whole or left as it was.

    Args:
        log: The log.
        path: The file: Arrow if it ends in `.arrow`, else Parquet.
        vocabulary: The payload classes.

    Returns:
        The losses: the queue of proposals, and the positions of a log that is part of
        another.

    Raises:
        VocabularyError: The vocabulary lacks the class of a payload.
        EntryError: Arrow cannot hold an entry.
        OSError: The file cannot be written.
    """
    with needing("arrow"):
        import pyarrow.parquet

    log, queue = published(log)
    entries, moved = numbered(log)
    path, schema = Path(path), _schema(entries)
    with replaced(path) as file, sealed(file, path) as sink:
        writer = (
            pyarrow.ipc.new_file(sink, schema)
            if is_arrow(path)
            else pyarrow.parquet.ParquetWriter(
                sink, schema, compression="zstd", write_page_checksum=True
            )
        )
        with writer:
            for batch in _batches(entries, vocabulary, schema):
                writer.write_batch(batch)
    return (*queue, *moved)


def load(path: str | Path, vocabulary: Vocabulary) -> EventLog:
    """Read a log from a file.

    Args:
        path: At most 1 GiB: Arrow if it ends in `.arrow`, else Parquet.
        vocabulary: The payload classes; other kinds become `Unknown`.

    Raises:
        FaultsError: All faults, each with its row (from 0) and column.
        OSError: The file cannot be read.
    """
    path = Path(path)
    faults = Faults(str(path))
    size = path.stat().st_size
    if size > LARGEST:
        faults.add("file", f"has {size} bytes: at most {LARGEST} are read")
        faults.check()
    with batches_in(path, size, faults) as (names, batches):
        return _log(names, batches, vocabulary, faults)


def _schema(entries: Iterable[Entry]) -> pyarrow.Schema:
    """Return the columns of some entries: one of places only if an entry has one."""
    with needing("arrow"):
        import pyarrow as pa

    text, number, day = pa.string(), pa.int64(), pa.date32()
    cited = pa.struct([(name, text) for name in CITED])
    degrees = pa.float64()
    place = pa.struct(
        [
            ("name", text),
            ("latitude", degrees),
            ("longitude", degrees),
            ("precision", text),
        ]
    )
    has_places = any(e.event is not None and e.event.where for e in entries)
    columns: dict[str, pa.DataType] = {
        "position": number,
        "id": text,
        "kind": text,
        "version": number,
        "what": text,
        "when": text,
        "earliest": day,
        "latest": day,
        "parties": pa.list_(text),
        **({"where": place} if has_places else {}),
        "cite": pa.list_(cited),
        "known": day,
        "known_day": number,
        "supersedes": number,
        "retracts": number,
        "because": text,
        "recorded_at": pa.timestamp("us", "UTC"),
        "dataset": text,
        "release": text,
    }
    return pa.schema(columns)


def _batches(
    entries: Sequence[Entry], vocabulary: Vocabulary, schema: pyarrow.Schema
) -> Iterator[pyarrow.RecordBatch]:
    for start in range(0, len(entries), _GROUP):
        yield from _batch(entries[start : start + _GROUP], vocabulary, schema)


def _batch(
    entries: Sequence[Entry], vocabulary: Vocabulary, schema: pyarrow.Schema
) -> Iterator[pyarrow.RecordBatch]:
    """Yield the entries as a batch, or as several if one would be too large."""
    with needing("arrow"):
        import pyarrow

    rows = [row_of(entry, vocabulary) for entry in entries]
    try:
        yield pyarrow.RecordBatch.from_pylist(rows, schema)
    except (pyarrow.ArrowException, ValueError, OverflowError) as error:
        # A text column holds at most 2 GiB. If halving does not help, one entry is bad.
        half = len(entries) // 2
        if not half:
            position = entries[0].position
            problem = f"entry {position} cannot be kept in Arrow: {error}"
            raise EntryError(position, problem) from None
        yield from _batch(entries[:half], vocabulary, schema)
        yield from _batch(entries[half:], vocabulary, schema)


def _log(
    names: Sequence[str],
    batches: Iterable[pyarrow.RecordBatch],
    vocabulary: Vocabulary,
    faults: Faults,
) -> EventLog:
    for name in NEEDED:
        # All missing columns are named at once.
        if name not in names:
            faults.add("table", f"has no column `{name}`, which is needed")
    # A column that is there twice has no single value.
    for name in dict.fromkeys(name for name in READ if names.count(name) > 1):
        faults.add("table", f"has the column `{name}` twice: remove one")
    # Rows cannot be read without the needed columns.
    faults.check()
    found = []
    position = 0
    for batch in batches:
        for row in _rows_of(batch, position, faults):
            entry = entry_of(row, position, vocabulary, faults)
            position += 1
            if entry is not None:
                found.append(entry)
    faults.check()
    try:
        return EventLog(found)
    except EntryError as error:
        raise FaultsError(faults.document, [Fault("table", str(error))]) from None


def _rows_of(
    batch: pyarrow.RecordBatch, position: int, faults: Faults
) -> Iterator[Row]:
    """Yield the rows of a batch, with the known columns that it has.

    Args:
        batch: The batch, fully validated.
        position: The number of rows above.
        faults: Takes cells that Python cannot hold.
    """
    names = [name for name in READ if name in batch.schema.names]
    columns = [_cells(batch, name, position, faults) for name in names]
    for cells in zip(*columns, strict=True):
        yield dict(zip(names, cells, strict=True))


def _cells(
    batch: pyarrow.RecordBatch, name: str, position: int, faults: Faults
) -> list[object]:
    column = batch.column(name)
    try:
        return column.to_pylist()
    # Days, instants and zones raise various errors; the loop finds the bad cells.
    except Exception:
        cells: list[object] = []
    for row, cell in enumerate(column, position):
        try:
            cells.append(cell.as_py())
        except Exception as error:
            faults.add(f"row {row}: {name}", f"cannot be read: {error}")
            cells.append(None)
    return cells
