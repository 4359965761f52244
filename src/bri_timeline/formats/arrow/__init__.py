"""Arrow: a log as a table for polars, pandas, DuckDB and pyarrow; Parquet on disk.

`to_arrow()` returns a table that each of them reads without a copy, by the Arrow
PyCapsule interface, and `from_arrow()` reads theirs. The columns are `position`,
`id`, `kind`, `version`, `what` (JSON), `when` (EDTF), `earliest` and `latest` (days, or
null), `parties`, `where` (a struct, if an event has a place), `cite`, `known` and
`known_day` (its number), `supersedes`, `retracts`, `because`, `recorded_at`, `dataset`
and `release`; and `erased`, if words of an entry were erased. Reading needs only
`kind`, `what` and `when`. It ignores `earliest`, `latest`, `parties` and `known`, which
are for queries, and reads `known_day`. A path that ends in `.arrow` is an Arrow IPC
file, which can be mapped into memory; other paths are Parquet. `dump()` writes a digest
into the footer, which other readers ignore and `load()` verifies, so that any changed
bit is found.

The module needs pyarrow: `python -m pip install 'pyarrow>=20'`.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol, TypeAlias, cast

from bri_timeline import Entry, EventLog, Vocabulary
from bri_timeline.errors import EntryError, Fault, FaultsError
from bri_timeline.extend import (
    needing,
    replaced,
    require_vocabulary,
    table,
    uncollected,
)
from bri_timeline.formats._files import (
    Faults,
    Loss,
    Progress,
    check_size,
    counting,
    guarded,
    no_progress,
    numbered,
    published,
)
from bri_timeline.formats.arrow._rows import COLUMNS, READ, ArrowRows, row_of
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


# The suffixes of its files, and what it keeps.
NAMES = (".parquet", ".arrow")
KEEPS = ("log",)
_NAME = "table"
# pyarrow is an extra, imported where it is used: its types are not named here.
_Batch: TypeAlias = Any
_NativeFile: TypeAlias = Any
_MARK = b"bri_timeline\0\0\0\1"
_DIGEST = 32
_SEAL = len(_MARK) + _DIGEST
_LENGTH = 4
_GROUP = 1 << 16
_AT_ONCE = 1 << 10
_CHUNK = 1 << 20


class ArrowStream(Protocol):
    """A table of any library that has the Arrow PyCapsule interface."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Return a capsule with a stream of batches."""


def to_arrow(
    log: Iterable[Entry], vocabulary: Vocabulary, *, progress: Progress = no_progress
) -> ArrowStream:
    """Return a log as a table of pyarrow.

    Args:
        log: A log, or entries of one, which keep their positions.
        vocabulary: The payload classes.
        progress: Called now and then with the number of entries in rows.

    Raises:
        VocabularyError: The vocabulary lacks the class of a payload.
        EntryError: Arrow cannot hold an entry.
    """
    with needing("arrow"):
        import pyarrow

    require_vocabulary(vocabulary)
    entries = list(log)
    schema = _schema(entries)
    batches = _batches(entries, vocabulary, schema, progress)
    table: ArrowStream = pyarrow.Table.from_batches(list(batches), schema)
    return table


def from_arrow(
    data: ArrowStream, vocabulary: Vocabulary, *, progress: Progress = no_progress
) -> EventLog:
    """Return the log in a table.

    Args:
        data: A table of polars, pandas, pyarrow or DuckDB.
        vocabulary: The payload classes; other kinds become `Unknown`.
        progress: Called now and then with the number of rows read.

    Raises:
        FaultsError: All faults, each with its row (from 0) and column.
    """
    with needing("arrow"):
        import pyarrow

    reader = pyarrow.RecordBatchReader.from_stream(data)
    faults = Faults(_NAME)
    batches = validated(reader, faults)
    return _log(reader.schema.names, batches, vocabulary, faults, progress)


@guarded
def dump(
    log: EventLog,
    path: str | Path,
    vocabulary: Vocabulary,
    *,
    progress: Progress = no_progress,
) -> tuple[Loss, ...]:
    """Write a log to a file, which is replaced as a whole or left as it was.

    Args:
        log: The log.
        path: The file: Arrow if it ends in `.arrow`, else Parquet.
        vocabulary: The payload classes.
        progress: Called now and then with the number of entries in rows.

    Returns:
        The losses: the queue of proposals, and the positions of a log that is part of
        another.

    Raises:
        VocabularyError: The vocabulary lacks the class of a payload.
        EntryError: Arrow cannot hold an entry.
        OutputError: The file cannot be written.
    """
    with needing("arrow"):
        import pyarrow.parquet

    log, queue = published(log)
    entries, moved = numbered(log)
    path, schema = Path(path), _schema(entries)
    with replaced(path) as file, _sealed(file, path) as sink:
        writer = (
            pyarrow.ipc.new_file(sink, schema)
            if _is_arrow(path)
            else pyarrow.parquet.ParquetWriter(
                sink, schema, compression="zstd", write_page_checksum=True
            )
        )
        with writer:
            for batch in _batches(entries, vocabulary, schema, progress):
                writer.write_batch(batch)
    return (*queue, *moved)


def load(
    path: str | Path, vocabulary: Vocabulary, *, progress: Progress = no_progress
) -> EventLog:
    """Read a log from a file.

    Args:
        path: At most 1 GiB: Arrow if it ends in `.arrow`, else Parquet.
        vocabulary: The payload classes; other kinds become `Unknown`.
        progress: Called now and then with the number of rows read.

    Raises:
        FaultsError: All faults, each with its row (from 0) and column.
        OSError: The file cannot be read.
    """
    path, faults = Path(path), Faults(str(path))
    with _batches_in(path, check_size(path), faults) as (names, batches):
        return _log(names, batches, vocabulary, faults, progress)


def _schema(entries: Iterable[Entry]) -> pyarrow.Schema:
    """Return the columns of some entries; of places, and of what is left of erased
    words, only if an entry has any."""
    with needing("arrow"):
        import pyarrow

    types = table.arrow_types()
    is_used = {
        "where": any(e.event is not None and e.event.where for e in entries),
        "erased": any(e.erased is not None for e in entries),
    }
    names = (name for name in COLUMNS if is_used.get(name, True))
    return pyarrow.schema({name: types[name] for name in names})


def _batches(
    entries: Sequence[Entry],
    vocabulary: Vocabulary,
    schema: pyarrow.Schema,
    progress: Progress,
) -> Iterator[pyarrow.RecordBatch]:
    for start in range(0, len(entries), _GROUP):
        yield from _batch(entries[start : start + _GROUP], vocabulary, schema)
        progress(min(start + _GROUP, len(entries)))


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
    progress: Progress,
) -> EventLog:
    require_vocabulary(vocabulary)
    for name in NEEDED:
        # All missing columns are named at once.
        if name not in names:
            faults.add("table", f"has no column `{name}`, which is needed")
    # A column that is there twice has no single value.
    for name in dict.fromkeys(name for name in READ if names.count(name) > 1):
        faults.add("table", f"has the column `{name}` twice: remove one")
    # Rows cannot be read without the needed columns.
    faults.check()
    with uncollected():
        read = counting(_entries_of(batches, vocabulary, faults), progress)
        entries = [*filter(None, read)]
    faults.check()
    try:
        return EventLog(entries)._warned(faults.document)
    except EntryError as error:
        raise FaultsError(faults.document, [Fault("table", str(error))]) from None


def _entries_of(
    batches: Iterable[_Batch], vocabulary: Vocabulary, faults: Faults
) -> Iterator[Entry | None]:
    """Yield the entry of each row; None if it has faults.

    Args:
        batches: The batches, fully validated.
        vocabulary: The payload classes.
        faults: Takes the faults.
    """
    position = 0
    for batch in batches:
        # In small parts, so that one row does not slow down all the others.
        for start in range(0, batch.num_rows, _AT_ONCE):
            some = batch.slice(start, _AT_ONCE)
            yield from ArrowRows(some, position, vocabulary).entries(faults)
            position += some.num_rows


# --- files ----------------------------------------------------------------------------

# pyarrow trusts its input: one changed bit can make it read beyond a buffer, which
# crashes the process or returns wrong data. A file of this library therefore ends its
# footer with a seal, a digest of all its other bytes. Readers of both formats decode a
# footer from its beginning and ignore the rest (an encrypted Parquet file has its
# signature in the same place), so that any reader accepts a sealed file. Files of other
# programs have no seal: their batches are validated fully before they are converted.


def _is_arrow(path: Path) -> bool:
    """Return whether a path names an Arrow IPC file, rather than Parquet."""
    return path.suffix == ".arrow"


def _tail(path: Path) -> int:
    """Return the size of the end of a file: the length of the footer and a magic."""
    return _LENGTH + len(b"ARROW1" if _is_arrow(path) else b"PAR1")


@contextmanager
def _sealed(file: BinaryIO, path: Path) -> Iterator[_NativeFile]:
    """Yield a file to write, and seal it at the end.

    Args:
        file: The file that is written.
        path: Its path, which decides the format.
    """
    with needing("arrow"):
        import pyarrow

    hashing = _Hashing(file, _tail(path))
    yield pyarrow.PythonFile(hashing, mode="w")
    hashing.seal()


class _Hashing(io.RawIOBase):
    """Digests what is written, and holds back the last bytes for `seal()`."""

    def __init__(self, file: BinaryIO, tail: int) -> None:
        self._file = file
        self._tail = tail
        self._buffer = b""
        self._digest = blake2b(digest_size=_DIGEST)

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        # pyarrow passes buffers of several types; only their bytes matter.
        chunk = memoryview(cast("bytes", data)).cast("B")
        # The footer length is among the last bytes, and is known only at the end.
        self._buffer += chunk
        self._forward(self._buffer[: -self._tail])
        self._buffer = self._buffer[-self._tail :]
        return len(chunk)

    def _forward(self, data: bytes) -> None:
        self._digest.update(data)
        self._file.write(data)

    def seal(self) -> None:
        """Write the seal and the end of the file, with the footer length adjusted."""
        length = int.from_bytes(self._buffer[:_LENGTH], "little") + _SEAL
        end = length.to_bytes(_LENGTH, "little") + self._buffer[_LENGTH:]
        self._digest.update(end)
        self._file.write(_MARK + self._digest.digest() + end)


def _is_intact(file: BinaryIO, size: int, tail: int) -> bool:
    """Return whether a file matches its seal; a file without a seal does."""
    body = size - _SEAL - tail
    if body < 0:
        return True
    file.seek(body)
    seal, end = file.read(_SEAL), file.read()
    if not seal.startswith(_MARK):
        return True
    digest = blake2b(digest_size=_DIGEST)
    file.seek(0)
    # In chunks: the file may be larger than memory allows.
    while body:
        chunk = file.read(min(body, _CHUNK))
        digest.update(chunk)
        body -= len(chunk)
    digest.update(end)
    return seal.endswith(digest.digest())


@contextmanager
def _batches_in(
    path: Path, size: int, faults: Faults
) -> Iterator[tuple[Sequence[str], Iterable[_Batch]]]:
    """Yield the names of the columns of a file, and its batches.

    Args:
        path: The file, whose name decides the format.
        size: Its number of bytes.
        faults: Takes damage.

    Raises:
        FaultsError: The file is damaged, or of another format.
    """
    with needing("arrow"):
        import pyarrow
        import pyarrow.parquet

    kind = "an Arrow" if _is_arrow(path) else "a Parquet"
    problem = f"is not {kind} file, or is damaged"
    with path.open("rb") as file:
        if not _is_intact(file, size, _tail(path)):
            remedy = "it is not as it was written; take another copy of it"
            faults.add("file", f"is damaged: {remedy}")
            faults.check()
        # Opening a file already trusts its footer, so the seal is checked first.
        file.seek(0)
        try:
            if _is_arrow(path):
                arrow_file = pyarrow.ipc.open_file(file)
                names = arrow_file.schema.names
                places = range(arrow_file.num_record_batches)
                record_batches: Iterator[_Batch] = map(arrow_file.get_batch, places)
            else:
                parquet = pyarrow.parquet.ParquetFile(
                    file, page_checksum_verification=True
                )
                names = parquet.schema_arrow.names
                record_batches = parquet.iter_batches(_GROUP)
        except (pyarrow.ArrowException, OSError, ValueError) as error:
            faults.add("file", f"{problem}: {error}")
            faults.check()
        yield names, validated(record_batches, faults, "file", problem)


def validated(
    batches: Iterable[_Batch],
    faults: Faults,
    place: str = "table",
    problem: str = "cannot be read",
) -> Iterator[_Batch]:
    """Yield batches after every offset, length and text is verified.

    Args:
        batches: Batches from another program.
        faults: Takes damage.
        place: The place in messages.
        problem: The message for damage.

    Raises:
        FaultsError: A batch is damaged.
    """
    with needing("arrow"):
        import pyarrow

    try:
        for batch in batches:
            # pyarrow does not check offsets when it reads; a bad one could crash the
            # process.
            batch.validate(full=True)
            yield batch
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        faults.add(place, f"{problem}: {error}")
        faults.check()
