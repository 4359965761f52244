"""pyarrow by the names that are used here, without its types.

What is published of these lacks functions that there are, and refuses others' results.
"""

from __future__ import annotations

import glob
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

import duckdb
import pyarrow
import pyarrow.compute
import pyarrow.parquet
from attrs import frozen

from bri_timeline.errors import DatasetError
from bri_timeline.scale._manifest import Written


__all__ = [
    "Array",
    "Batch",
    "Database",
    "Limits",
    "Schema",
    "Table",
    "engine",
    "numbers",
    "pa",
    "pc",
    "pq",
    "scanned",
    "table_of",
]


Array: TypeAlias = Any
Batch: TypeAlias = Any
Schema: TypeAlias = Any
Table: TypeAlias = Any
pa: Any = pyarrow
pc: Any = pyarrow.compute
pq: Any = pyarrow.parquet
Database = duckdb.DuckDBPyConnection


@frozen
class Limits:
    """How much one process may use.

    Attributes:
        memory: Of DuckDB, such as `512MB`; what does not fit is put on disk.
        threads: How many threads read and sort.
    """

    memory: str
    threads: int


@contextmanager
def engine(
    limits: Limits, folder: Path, within: Database | None = None
) -> Iterator[Database]:
    """Yield an empty database in memory.

    Args:
        limits: How much it may use.
        folder: The dataset that it is for.
        within: Another one, of which it is a part: to begin one takes its time.

    Raises:
        DatasetError: It failed.
    """
    with ExitStack() as stack:
        if within is None:
            spill = stack.enter_context(TemporaryDirectory(prefix="bri-timeline-"))
            connection = duckdb.connect(
                config={
                    "memory_limit": limits.memory,
                    "threads": limits.threads,
                    "temp_directory": spill,
                }
            )
        else:
            connection = within.cursor()
        # How far it is is for `progress=` to say, not for the standard output.
        connection.execute("SET enable_progress_bar = false")
        try:
            yield connection
        except duckdb.Error as error:
            problem = f"cannot be worked on within {limits.memory}: {error}"
            raise DatasetError(str(folder), problem) from error
        finally:
            connection.close()


def table_of(files: Iterable[Written]) -> str:
    """Return files of a dataset as SQL has a table.

    Raises:
        DatasetError: One of them is missing or damaged.
    """
    return scanned(file.verified() for file in files)


def scanned(paths: Iterable[Path]) -> str:
    """Return Parquet files as SQL has a table."""
    names = ["'" + glob.escape(str(path)).replace("'", "''") + "'" for path in paths]
    return f"read_parquet([{', '.join(names)}])"


def numbers(values: Iterable[int], name: str = "position") -> Table:
    """Return numbers as a table of one column."""
    return pa.table({name: pa.array(list(values), pa.int64())})
