"""DuckDB with limits, and pyarrow without its types.

The published types of pyarrow lack functions that exist, and reject correct results.
"""

from __future__ import annotations

import glob
import os
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from stat import S_IMODE
from tempfile import gettempdir, mkdtemp
from typing import Any, TypeAlias
from uuid import uuid4

import duckdb
import pyarrow
import pyarrow.compute
import pyarrow.parquet
from attrs import frozen

from bri_timeline.errors import DatasetError
from bri_timeline.scale._manifest import DataFile


__all__ = [
    "Array",
    "Batch",
    "Database",
    "Limits",
    "Schema",
    "Table",
    "columns_in",
    "engine",
    "memory_of",
    "numbers",
    "numbers_column",
    "pa",
    "pc",
    "pq",
    "scanned",
    "table_of",
    "text_column",
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
    """Memory and threads that one process may use.

    Attributes:
        memory: Memory of DuckDB, such as `512MB`; beyond it, it works on disk.
        threads: Number of threads that read and sort.
    """

    memory: str
    threads: int


@contextmanager
def engine(
    limits: Limits, folder: Path, within: Database | None = None
) -> Iterator[Database]:
    """Yield an empty database in memory.

    Args:
        limits: Memory and threads of the database.
        folder: The dataset, for error messages.
        within: A database to share; starting one takes about 30 ms.

    Raises:
        DatasetError: DuckDB failed.
    """
    if within is None:
        connection = duckdb.connect(
            config={
                "memory_limit": limits.memory,
                "threads": limits.threads,
                "temp_directory": str(_spill()),
            }
        )
    else:
        connection = within.cursor()
    # DuckDB would write to standard output; `progress=` reports instead.
    connection.execute("SET enable_progress_bar = false")
    try:
        yield connection
    except duckdb.Error as error:
        problem = f"cannot be worked on within {limits.memory}: {error}"
        raise DatasetError(str(folder), problem) from error
    finally:
        connection.close()


def _spill() -> Path:
    """Return the path of a folder that DuckDB makes once it works on disk, and deletes.

    It is not there before: a process that ends in whatever way leaves no empty folder.
    """
    place = Path(gettempdir())
    # Elsewhere each user has a folder for temporary files.
    if hasattr(os, "getuid"):
        place /= f"bri-timeline-{os.getuid()}"
        place.mkdir(mode=_PRIVATE, exist_ok=True)
        found = place.lstat()
        # Whoever made it could read what is written there.
        if found.st_uid != os.getuid() or S_IMODE(found.st_mode) != _PRIVATE:
            place = Path(mkdtemp(prefix="bri-timeline-"))
    return place / uuid4().hex


_PRIVATE = 0o700
_UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB")


def memory_of(connection: Database) -> float:
    """Return the memory that a database may use, in bytes."""
    ((text,),) = connection.sql("select current_setting('memory_limit')").fetchall()
    number, unit = text.split()
    bytes_: float = float(number) * 1024 ** _UNITS.index(unit)
    return bytes_


def table_of(files: Iterable[DataFile], *, added: Iterable[str] = ()) -> str:
    """Return the SQL expression for the rows of verified files.

    Args:
        files: The files.
        added: Columns of text that files of an earlier program lack: null there.

    Raises:
        DatasetError: One of them is missing or damaged.
    """
    rows = scanned(file.verified() for file in files)
    if not added:
        return rows
    nulls = ", ".join(f"null::varchar as {name}" for name in added)
    rows = rows.removesuffix(")") + ", union_by_name = true)"
    return f"(from {rows} union all by name select {nulls} where false)"


def scanned(paths: Iterable[Path]) -> str:
    """Return the SQL expression for the rows of Parquet files."""
    # DuckDB takes file names for patterns; a folder may be called `data[1]`.
    names = ["'" + glob.escape(str(path)).replace("'", "''") + "'" for path in paths]
    return f"read_parquet([{', '.join(names)}])"


def numbers(values: Iterable[int], name: str = "position") -> Table:
    """Return a table with one column of numbers."""
    return pa.table({name: numbers_column(values)})


# A first `pa.array()` or `pa.scalar()` imports pandas where that is installed, which
# takes a hundred times as long as a question; these do not.
def numbers_column(values: Iterable[int]) -> Array:
    """Return numbers as a column."""
    data = array("q", values)
    return pa.Array.from_buffers(pa.int64(), len(data), [None, pa.py_buffer(data)])


def text_column(text: str) -> Array:
    """Return a column of one text."""
    data = text.encode(errors="surrogatepass")
    buffers = pa.py_buffer(array("i", (0, len(data)))), pa.py_buffer(data)
    return pa.Array.from_buffers(pa.string(), 1, [None, *buffers])


def columns_in(path: Path, names: Sequence[str]) -> Table:
    """Return some columns of a Parquet file; `pq.read_table()` loads its data sets."""
    with pq.ParquetFile(path) as file:
        return file.read([*names])
