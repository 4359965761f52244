"""Writing a dataset: sources as batches of rows, and generations of files."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path

import duckdb
from attrs import evolve

from bri_timeline import Entry, EventLog, Vocabulary
from bri_timeline._events import uncollected
from bri_timeline.errors import DatasetError, EntryError, StaleLogError
from bri_timeline.extend import FileLock, warn, without_review
from bri_timeline.formats import Faults
from bri_timeline.formats.arrow import ArrowStream, to_arrow, validated
from bri_timeline.scale._bucket import listed, pair_table
from bri_timeline.scale._clusters import write_clusters
from bri_timeline.scale._dictionary import PairNumbers
from bri_timeline.scale._engine import Batch, Limits, engine, joined, pa, pq
from bri_timeline.scale._layout import PayloadColumns, columns_of, write_part
from bri_timeline.scale._manifest import (
    NAME,
    Listing,
    Manifest,
    Part,
    digest_of,
    listing_path,
)
from bri_timeline.scale._staging import Staging
from bri_timeline.scale._tables import entries_in, stored_rows
from bri_timeline.stores import Store


__all__ = [
    "Source",
    "append",
    "batches_of",
    "create",
]


Source = EventLog | Store | ArrowStream | Iterable[Entry]
_NAME = "the table that is written"
_ENTRIES = 1 << 14
# Payloads of a batch are decoded once each: half as long takes a tenth more time.
_ROWS = 1 << 18
_MOST = 1 << 20


def batches_of(what: Source, vocabulary: Vocabulary, start: int) -> Iterator[Batch]:
    """Yield batches of rows with the columns of `formats.arrow`.

    Args:
        what: The source.
        vocabulary: The payload classes.
        start: Number of entries in the dataset.
    """
    if isinstance(what, EventLog):
        yield from _of_entries(islice(what, start, None), vocabulary)
    elif isinstance(what, Store):
        yield from _of_entries(what.follow(start - 1, timeout=0), vocabulary)
    elif hasattr(what, "__arrow_c_stream__"):
        reader = pa.RecordBatchReader.from_stream(what)
        yield from _of_rows(validated(reader, Faults(_NAME)))
    else:
        yield from _of_entries(_checked(what), vocabulary)


def _checked(what: object) -> Iterator[Entry]:
    remedy = "give a log, a store, entries, or a table with the columns of `arrow`"
    if not isinstance(what, Iterable):
        raise EntryError(what, f"{type(what).__name__} has no entries: {remedy}")
    for entry in what:
        if not isinstance(entry, Entry):
            raise EntryError(entry, f"{type(entry).__name__} is not an entry: {remedy}")
        yield entry


def _of_entries(entries: Iterable[Entry], vocabulary: Vocabulary) -> Iterator[Batch]:
    remaining, told = iter(entries), False
    while some := [*islice(remaining, _ENTRIES)]:
        if not told and any(entry.review is not None for entry in some):
            warn("%s does not keep the queue of proposals: keep the log", _NAME)
            told = True
        reader = pa.RecordBatchReader.from_stream(to_arrow(some, vocabulary))
        yield from reader


def _of_rows(reader: Iterable[Batch]) -> Iterator[Batch]:
    """Yield batches of a suitable size: small ones joined, large ones split."""
    some: list[Batch] = []
    for batch in reader:
        # A batch of another library can hold a whole table.
        for first in range(0, batch.num_rows, _MOST):
            some.append(batch.slice(first, _MOST))
            if sum(map(len, some)) >= _ROWS:
                yield joined(some)
                some = []
    if some:
        yield joined(some)


_PAIRS = pa.schema(
    [
        ("rel", pa.int32()),
        ("one", pa.string()),
        ("other", pa.string()),
        ("bucket", pa.int32()),
    ]
)
_TIMEOUT = 30.0
_Progress = Callable[[int], object]


def no_progress(*_done: int) -> None:
    """Ignore progress: the default of functions that report it."""


def create(
    what: Source,
    folder: Path,
    vocabulary: Vocabulary,
    buckets: int,
    limits: Limits,
    progress: _Progress,
) -> Manifest:
    """Make a dataset in a folder that has none.

    Raises:
        DatasetError: The folder has a dataset already.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with closing(FileLock(folder / ".lock")) as lock, lock.held(str(folder), _TIMEOUT):
        if (folder / NAME).exists():
            problem = "is there already: open() it and append(), or give another folder"
            raise DatasetError(str(folder), problem)
        return _extend(
            Manifest.empty(buckets), what, folder, vocabulary, limits, progress
        )


def append(
    what: Source,
    folder: Path,
    vocabulary: Vocabulary,
    limits: Limits,
    progress: _Progress,
) -> Manifest:
    """Add to a dataset."""
    with closing(FileLock(folder / ".lock")) as lock, lock.held(str(folder), _TIMEOUT):
        before = Manifest.load(folder)
        return _extend(before, what, folder, vocabulary, limits, progress)


def _extend(
    before: Manifest,
    what: Source,
    folder: Path,
    vocabulary: Vocabulary,
    limits: Limits,
    progress: _Progress,
) -> Manifest:
    _sweep(folder)
    try:
        with engine(limits, folder) as connection, uncollected():
            after = _write_generation(
                connection, before, what, folder, vocabulary, progress
            )
        after.save(folder)
    # Also after an interrupt: the next writing must find a clean folder.
    except BaseException as error:
        _sweep(folder)
        if isinstance(error, OSError) and error.errno:
            problem = f"cannot be written, and is as it was: {error}"
            raise DatasetError(str(folder), problem) from error
        raise
    return after


def _write_generation(
    connection: duckdb.DuckDBPyConnection,
    before: Manifest,
    what: Source,
    folder: Path,
    vocabulary: Vocabulary,
    progress: _Progress,
) -> Manifest:
    """Write the files of a new generation, and return the new manifest."""
    _check_last(connection, before, what, folder, vocabulary)
    generation = before.generation + 1
    relations = PairNumbers(before.buckets, dict(listed(pair_table(folder, before))))
    columns = columns_of(vocabulary, before.columns, generation)
    shown = PayloadColumns(vocabulary, columns)
    parts: list[Part] = []
    # In the same folder, which is known to have the space, unlike `/tmp`.
    with tempfile.TemporaryDirectory(prefix=".staged-", dir=folder) as staged:
        name = f"what is written to {folder}"
        staging = Staging(Path(staged), vocabulary, relations, before.size, name)
        with closing(staging):
            for batch in batches_of(what, vocabulary, before.size):
                staging.add(batch)
                progress(staging.size - before.size)
        named = relations.named()
        for bucket, size in sorted(staging.sizes.items()):
            path = staging.path(bucket)
            place = folder, bucket, generation
            part = write_part(connection, path, size, *place, shown, named)
            parts.append(part)
            path.unlink()
    if not parts:
        return before
    clusters = write_clusters(
        connection,
        folder,
        before,
        tuple(parts),
        staging.too_far,
        staging.referring,
        vocabulary,
    )
    pairs = before.pairs
    if relations.new:
        path = listing_path(folder, "pairs", generation)
        _write_pairs(path, relations)
        pairs = (*pairs, Listing("pairs", generation, digest_of(path)))
    after = evolve(
        before,
        size=staging.size,
        relationships=before.relationships + relations.found,
        generation=generation,
        parts=(*before.parts, *parts),
        clusters=(*before.clusters, *clusters),
        pairs=pairs,
        columns=columns,
    )
    # Data must be on disk before the manifest that names it, also after a power cut.
    for path in {*after.files(folder)} - {*before.files(folder)}:
        _sync(path)
    return after


def _check_last(
    connection: duckdb.DuckDBPyConnection,
    before: Manifest,
    what: Source,
    folder: Path,
    vocabulary: Vocabulary,
) -> None:
    """Check that a log or a store extends the dataset, by its last entry.

    Raises:
        StaleLogError: It does not.
    """
    last = before.size - 1
    if last < 0 or not isinstance(what, EventLog | Store):
        return
    # Only the last entry: comparing all would read the whole dataset for each append.
    rows = stored_rows(folder, before.parts, before.earlier)
    sql = f"from {rows} where lead and position = {last}"
    entries = entries_in(connection.sql(sql).to_arrow_table(), vocabulary)
    if isinstance(what, EventLog):
        theirs = next(islice(what, last, None), None)
    else:
        theirs = next(what.follow(max(last - 1, -1), timeout=0), None)
    if theirs is not None:
        theirs = evolve(without_review(theirs), erased=None)
    if theirs is None or theirs != entries[0]:
        problem = "they differ at the last entry of the dataset: read that again"
        raise StaleLogError(-1 if theirs is None else theirs.position, last, problem)


def _write_pairs(path: Path, relations: PairNumbers) -> None:
    # Sorted by bucket, so that a worker reads only the pages of its own.
    rows = sorted(relations.new, key=lambda row: row[3])
    columns = zip(*rows, strict=True)
    table = pa.table(
        [pa.array(c, t) for c, t in zip(columns, _PAIRS.types, strict=True)], _PAIRS
    )
    pq.write_table(
        table,
        path,
        compression="zstd",
        row_group_size=1 << 14,
        write_page_checksum=True,
    )


def _sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _sweep(folder: Path) -> None:
    """Delete the files that an interrupted writing has left."""
    # The lock is held, so files that the manifest does not name have no writer.
    kept = (
        set(Manifest.load(folder).files(folder)) if (folder / NAME).exists() else set()
    )
    for path in {*folder.glob("*-*.parquet")} - kept:
        path.unlink()
    for path in folder.glob(".staged-*"):
        shutil.rmtree(path, ignore_errors=True)
