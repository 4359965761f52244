"""Upkeep of a dataset: sweeping old versions away, and joining many small files."""

from __future__ import annotations

import os
import re
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
from attrs import evolve

from bri_timeline import Vocabulary
from bri_timeline.errors import DatasetError, shown, translated
from bri_timeline.extend import require_vocabulary
from bri_timeline.scale import _files
from bri_timeline.scale._clusters import newest_clusters
from bri_timeline.scale._dataset import MEMORY, Dataset, limits_of
from bri_timeline.scale._dictionary import PairNumbers
from bri_timeline.scale._engine import pa, pq
from bri_timeline.scale._files import Where, located
from bri_timeline.scale._layout import (
    EVERY_ROW,
    STORED,
    PayloadColumns,
    columns_of,
    write_part,
)
from bri_timeline.scale._manifest import Manifest, Part, manifests
from bri_timeline.scale._needs import check_rules
from bri_timeline.scale._tables import listed, pair_table
from bri_timeline.scale._writing import YOUNG, extended, pairs_written


_WEEK = timedelta(days=7)
_OURS = re.compile(
    r"(clusters|pairs|rows)-\d{6}.*[.]parquet"
    r"|[.]+(dataset|given|staged|try)-.*"
)


def sweep(
    folder: str | os.PathLike[str],
    *,
    older_than: timedelta = _WEEK,
    keep: int = 1,
    storage_options: Mapping[str, Any] | None = None,
) -> int:
    """Delete old versions, and files that are in none, such as of a killed writer.

    A version stays if it is one of the newest *keep*, or was replaced less than
    *older_than* ago: whoever asks it has so long to finish. Do it when you like, also
    while others write: a writer that takes longer than a day gives up.

    Args:
        folder: The folder or URL of a dataset.
        older_than: At least two days.
        keep: How many versions stay, at least 1.
        storage_options: As for `write()`.

    Returns:
        The number of files deleted.

    Raises:
        DatasetError: An argument is out of range, the dataset cannot be read, or a file
            cannot be deleted.
    """
    where, age = located(folder, storage_options), older_than.total_seconds()
    if age < YOUNG or keep < 1:
        problem = f"cannot be swept with {shown(older_than)} and keep={shown(keep)}"
        raise DatasetError(str(where), f"{problem}: give two days or more, and 1")
    with translated(DatasetError, where):
        return _swept(where, age, keep)


def _swept(where: Where, age: float, keep: int) -> int:
    """Delete what is older than some seconds, and return the number of files."""
    # In this order: what is written after the listing is left alone.
    names = _files.listed(where)
    newest = Manifest.load(where)

    def is_old(name: str) -> bool:
        return time.time() - _files.changed(where, name) > age

    versions = manifests(names)
    old = [
        name
        for name, following in pairwise(versions)
        if name not in versions[-keep:] and is_old(following)
    ]
    staying = [newest, *(Manifest.read(where, n) for n in versions if n not in old)]
    named = {file.name for manifest in staying for file in manifest.files(where)}
    rest = (n for n in names if _OURS.fullmatch(n) and n not in named)
    # Versions first, so that none lacks a file.
    gone = [*old, *filter(is_old, rest)]
    for name in gone:
        _files.delete(where, name)
    return len(gone)


def compact(
    folder: str | os.PathLike[str],
    vocabulary: Vocabulary,
    *,
    more_than: int = 8,
    memory: str = MEMORY,
    storage_options: Mapping[str, Any] | None = None,
) -> Dataset:
    """Join the files of buckets that have many, and return the new version.

    Each writing adds files, and a bucket of many is asked more slowly. The earlier
    files stay, for those who read earlier versions, until they are swept away.

    Args:
        folder: The folder or URL of a dataset.
        vocabulary: As for `Dataset.append()`.
        more_than: A bucket is rewritten if it has more files than this.
        memory: As for `write()`, like *storage_options*.

    Raises:
        DatasetError: The dataset cannot be read or written, or that takes longer than a
            day.
        VocabularyError: A class has changed since the dataset was written.
    """
    require_vocabulary(vocabulary)
    where, limits = located(folder, storage_options), limits_of(memory)
    after, work = None, partial(_compacted, vocabulary, more_than)
    while after is None:
        after = extended(Manifest.load(where), where, limits, work)
    return Dataset(where, vocabulary, limits, after)


def _compacted(
    vocabulary: Vocabulary,
    more_than: int,
    connection: duckdb.DuckDBPyConnection,
    before: Manifest,
    folder: Where,
    mark: str,
) -> Manifest:
    """Write the files of buckets anew, and return the new manifest."""

    def many(buckets: list[int]) -> list[int]:
        counts = Counter(buckets)
        return sorted(bucket for bucket in counts if counts[bucket] > more_than)

    check_rules({*vocabulary.classes}, before, vocabulary)
    after = before
    buckets = many([part.bucket for part in before.parts])
    if buckets:
        columns = columns_of(vocabulary, before.columns, before.generation + 1)
        shown_columns = PayloadColumns(vocabulary, columns)
        numbers = dict(listed(pair_table(folder, before)))
        pairs = PairNumbers(before.buckets, numbers).named()
        rest = tuple(part for part in before.parts if part.bucket not in buckets)
        joined: list[Part] = []
        with tempfile.TemporaryDirectory(
            prefix=".staged-", dir=_files.local(folder)
        ) as staged:
            path = Path(staged) / "rows"
            for bucket in buckets:
                size = _stage(before.of(bucket), folder, path)
                place = folder, bucket, mark
                part = write_part(connection, path, size, *place, shown_columns, pairs)
                joined.append(part)
        after = evolve(after, parts=(*rest, *joined), columns=columns)
    buckets = many([file.bucket for file in before.clusters])
    if buckets:
        dealt = [file for file in before.clusters if file.bucket in buckets]
        untouched = [file for file in before.clusters if file not in dealt]
        newest = newest_clusters(connection, folder, dealt, mark)
        after = evolve(after, clusters=(*untouched, *newest))
    if len(before.pairs) > more_than:
        after = evolve(after, pairs=(pairs_written(folder, before.pairs, mark),))
    if after is before:
        return before
    return evolve(after, generation=before.generation + 1, mark=mark)


def _stage(manifest: Manifest, folder: Where, path: Path) -> int:
    """Write the rows of a bucket to a file; return how many bytes they take.

    One file is open at a time: a database opens all of them.
    """
    files = [part.file(folder).verified() for part in manifest.parts]
    found = {name for file in files for name in pq.read_schema(file).names} | {*STORED}
    schema = pa.schema([(n, kind) for n, kind in EVERY_ROW.items() if n in found])
    size = 0
    with pa.ipc.new_stream(str(path), schema) as writer:
        for file in files:
            with pq.ParquetFile(file) as rows:
                names = [name for name in rows.schema_arrow.names if name in EVERY_ROW]
                for batch in rows.iter_batches(columns=names):
                    # Files that were written before a part was known lack its column.
                    parts = [schema.empty_table(), pa.Table.from_batches([batch])]
                    table = pa.concat_tables(parts, promote_options="permissive")
                    table = table.cast(schema)
                    writer.write_table(table)
                    size += table.nbytes
    return size
