"""Datasets are made, and opened."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from bri_timeline._codec import Vocabulary
from bri_timeline.errors import DatasetError, shown
from bri_timeline.scale import _writing
from bri_timeline.scale._dataset import Dataset
from bri_timeline.scale._engine import Limits
from bri_timeline.scale._manifest import MOST_BUCKETS, Manifest
from bri_timeline.scale._sources import Source


__all__ = ["open", "write"]

_BUCKETS = 64
_MEMORY = "512MB"


def _ignored(*_done: int) -> None:
    """Take no notice of progress."""


def write(
    what: Source,
    folder: str | os.PathLike[str],
    vocabulary: Vocabulary,
    *,
    buckets: int = _BUCKETS,
    memory: str = _MEMORY,
    progress: Callable[[int], object] = _ignored,
) -> Dataset:
    """Lay entries out in a folder, by relationship, and return the dataset.

    A relationship is a pair of parties; an event of three belongs to three. Each lies
    in one of the buckets, which are read one at a time: a bucket should have about a
    million entries. The folder is a dataset once everything is on the disk.

    Args:
        what: A log, a store, entries of a log in order; or a table with the columns of
            `formats.arrow`, batch by batch, of which text is best dictionary-encoded.
        folder: Where there is no dataset yet.
        vocabulary: The payload classes.
        buckets: How many, from 1 to 512.
        memory: How much memory to sort in, such as `512MB`.
        progress: Called now and then with how many entries were read.

    Raises:
        DatasetError: There is a dataset already, or *buckets* is out of range.
        FaultsError: All that is wrong with rows, each with its row (from 0) and column.
        EntryError: The entries are not those of one log.
        OSError: The folder cannot be written to.
    """
    path = Path(folder).resolve()
    if not 1 <= buckets <= MOST_BUCKETS:
        problem = f"cannot have {shown(buckets)} buckets: give 1 to {MOST_BUCKETS}"
        raise DatasetError(str(path), problem)
    limits = Limits(memory, _cores())
    manifest = _writing.create(what, path, vocabulary, buckets, limits, progress)
    return Dataset(path, vocabulary, limits, manifest)


def open(
    folder: str | os.PathLike[str],
    vocabulary: Vocabulary,
    *,
    memory: str = _MEMORY,
    threads: int | None = None,
) -> Dataset:
    """Return the dataset of a folder, as it is now.

    Args:
        folder: What `write()` made.
        vocabulary: The payload classes; other kinds become `Unknown`.
        memory: How much memory DuckDB may use in each process; what does not fit is
            put on disk.
        threads: How many threads read, in this process; by default one for each core.

    Raises:
        DatasetError: There is none, or it cannot be read.
    """
    path = Path(folder).resolve()
    limits = Limits(memory, _cores() if threads is None else threads)
    return Dataset(path, vocabulary, limits, Manifest.load(path))


def _cores() -> int:
    return os.cpu_count() or 1
