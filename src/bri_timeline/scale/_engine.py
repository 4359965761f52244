"""DuckDB with limits, what is asked of it, and pyarrow without its types.

The published types of pyarrow lack functions that exist, and reject correct results.
"""

from __future__ import annotations

import glob
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias
from uuid import uuid4

import duckdb
import pyarrow
import pyarrow.compute
import pyarrow.parquet
from attrs import frozen

from bri_timeline import Entry, EventLog, Prefer, Source, View
from bri_timeline.errors import DatasetError
from bri_timeline.extend import Day, to_day
from bri_timeline.scale._dictionary import FURTHEST, NEVER, clipped
from bri_timeline.scale._files import Where, private
from bri_timeline.scale._manifest import DataFile


Array: TypeAlias = Any
Batch: TypeAlias = Any
Schema: TypeAlias = Any
Table: TypeAlias = Any
pa: Any = pyarrow
pc: Any = pyarrow.compute
pq: Any = pyarrow.parquet
Database = duckdb.DuckDBPyConnection
# A rule; or sources and names of datasets in order of trust.
Preference = Prefer | tuple[Source | str, ...]


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
    limits: Limits, folder: Where, within: Database | None = None
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
    return private() / uuid4().hex


@frozen
class Query:
    """A day to ask about, what is known, and a policy.

    Attributes:
        on: The day; None for a question that has days of its own, or none.
        known_by: A day of knowledge; None for everything.
        before: A position: only the entries before it are known; None for all.
        prefer: Which claim to take where claims about one happening differ.
        bounded: What counts began no later than the earliest of its reports.
    """

    on: Day | None
    known_by: Day | None
    before: int | None
    prefer: Preference
    bounded: bool

    @property
    def day(self) -> int:
        """The number of the day."""
        return NEVER if self.on is None else to_day(self.on)

    @property
    def known_day(self) -> int | None:
        """The day of knowledge, also if everything counts; None for a position."""
        name, limit = self._limit
        return limit if name == "known_day" else None

    def read(self, log: EventLog) -> EventLog:
        """Return a log read by the policy."""
        # Logs take a day or a position, which is not before the first.
        if self.before == 0 or None not in (self.before, self.known_by):
            log = share_of(one for one in log if one.position < (self.before or 0))
        return log.reading(self.prefer, bounded_by_reports=self.bounded)

    def view(self, log: EventLog) -> View:
        """Return the view of a log that answers it."""
        return self.read(log).as_of(self.on or LAST_DAY, self.knowledge)

    @property
    def knowledge(self) -> Day | int | None:
        """The day or the position of knowledge, as logs take it."""
        if self.known_by is None and self.before:
            return self.before - 1
        return self.known_by

    @property
    def _limit(self) -> tuple[str, int]:
        """The column that says whether a row is known, and its largest such value."""
        known_by = self.known_by
        if self.before is not None:
            return "position", self.before - 1
        return "known_day", NEVER if known_by is None else clipped(to_day(known_by))

    def rows(self, *, has_left_out: bool) -> str:
        """Return the SQL condition for the rows that count, on whatever day.

        Args:
            has_left_out: Leave out the positions in the table `left_out`.
        """
        # Rows without a relationship have the number -1.
        parts = ["rel >= 0"]
        name, limit = self._limit
        if limit != NEVER:
            parts.append(f"{name} <= {limit}")
        if has_left_out:
            parts.append("position not in (select position from left_out)")
        return " and ".join(parts)


LAST_DAY = "9999-12-31"


def share_of(entries: Iterable[Entry], *, is_share: bool = True) -> EventLog:
    """Return a log of a part of the entries of a dataset.

    Args:
        entries: In order of position, with their whole clusters.
        is_share: As for `EventLog.partial()`.
    """
    # As of a longer log: a dataset whose claims are preferred need not be in the part.
    return EventLog.partial(entries, FURTHEST, is_share=is_share)


_UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB")


def memory_of(connection: Database) -> float:
    """Return the memory that a database may use, in bytes."""
    ((text,),) = connection.sql("select current_setting('memory_limit')").fetchall()
    number, unit = text.split()
    bytes_: float = float(number) * 1024 ** _UNITS.index(unit)
    return bytes_


def table_of(files: Iterable[DataFile]) -> str:
    """Return the SQL expression for the rows of verified files.

    Raises:
        DatasetError: One of them is missing or damaged.
    """
    return scanned(file.verified() for file in files)


def scanned(paths: Iterable[Path]) -> str:
    """Return the SQL expression for the rows of Parquet files."""
    # DuckDB takes file names for patterns; a folder may be called `data[1]`.
    names = ["'" + glob.escape(str(path)).replace("'", "''") + "'" for path in paths]
    return f"read_parquet([{', '.join(names)}])"


# A first `pa.array()` or `pa.scalar()` imports pandas where that is installed, which
# takes a hundred times as long as a question; these do not.
def numbers_column(values: Iterable[int]) -> Array:
    """Return numbers as a column."""
    data = array("q", values)
    return pa.Array.from_buffers(pa.int64(), len(data), [None, pa.py_buffer(data)])


def numbers_from(first: int, count: int) -> Array:
    """Return so many numbers in a row as a column."""
    # A tenth of the time of a `range()`.
    return pc.cumulative_sum(pa.repeat(pa.scalar(1, pa.int64()), count), first - 1)


def columns_in(path: Path, names: Sequence[str]) -> Table:
    """Return some columns of a Parquet file; `pq.read_table()` loads its data sets."""
    with pq.ParquetFile(path) as file:
        return file.read([*names])


def groups_in(path: Path, names: Sequence[str], value: int) -> Table:
    """Return columns of those groups of rows that may have a value.

    Args:
        path: A Parquet file that is sorted by the last of the columns.
        names: The columns; the last is the one that has the value.
        value: The number.
    """
    with pq.ParquetFile(path) as file:
        place, found = file.schema_arrow.names.index(names[-1]), list[int]()
        for number in range(file.num_row_groups):
            span = file.metadata.row_group(number).column(place).statistics
            found += [number] if span.min <= value <= span.max else []
        return file.read_row_groups(found, [*names], use_threads=False)


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

    def rows(self, value: object) -> list[int]:
        """Return the rows with a value."""
        some = [n for n, one in enumerate(self.values) if one is value or one == value]
        codes = pa.array(some, self.codes.type)
        rows: list[int] = pc.indices_nonzero(pc.is_in(self.codes, codes)).to_pylist()
        return rows

    def column(self, values: list[Any]) -> Array:
        """Return the column with other texts as values, still dictionary-encoded."""
        return pa.DictionaryArray.from_arrays(self.codes, pa.array(values, pa.string()))

    def taken(self, values: Sequence[Any], kind: Any) -> Array:
        """Return the column with each value replaced by its counterpart in *values*."""
        return pa.array(values, kind).take(self.codes)


def encoded(column: Array) -> Encoded:
    """Return a column dictionary-encoded; text is encoded by Arrow."""
    if pa.types.is_null(column.type):
        return Encoded(pa.nulls(len(column), pa.int32()), [])
    if pa.types.is_nested(column.type):
        texts = _numbered(column).dictionary_encode()
        numbers = numbers_column(range(len(texts.dictionary))).cast(pa.int32())
        # Of equal values, the first is taken.
        places = pc.index_in(numbers, texts.indices)
        try:
            values = column.take(places).to_pylist()
        except pa.ArrowNotImplementedError:  # of texts of polars
            values = [column[place].as_py() for place in places.to_pylist()]
        return Encoded(texts.indices, values)
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    return Encoded(column.indices, column.dictionary.to_pylist())


def _numbered(column: Array) -> Array:
    """Return a text for each value of a column, the same one for equal values."""
    kind, text = column.type, pa.string()
    valid = pc.is_valid(column)
    if pa.types.is_struct(kind):
        parts = [pc.coalesce(_numbered(part), "-") for part in column.flatten()]
        whole = pc.binary_join_element_wise(valid.cast(text), *parts, ",")
    elif any(is_kind(kind) for is_kind in _LISTS):
        counts = pc.coalesce(pc.list_value_length(column), 0).cast(pa.int32())
        ends = pc.cumulative_sum(counts)
        offsets = pa.concat_arrays([pa.array([0], pa.int32()), ends])
        inner = pc.coalesce(_numbered(pc.list_flatten(column)), "-")
        items = pc.binary_join(pa.ListArray.from_arrays(offsets, inner), ";")
        # An empty list is neither null nor a list of a null.
        whole = pc.binary_join_element_wise("[", items, "]", "")
    elif pa.types.is_nested(kind):  # of a rare type: each row has its own
        whole = numbers_column(range(len(column))).cast(text)
    else:
        whole = column.dictionary_encode().indices.cast(text)
    return pc.if_else(valid, whole, None)


_LISTS = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)


def chosen(column: Array, rows: Array) -> Array:
    """Return the values of some rows; of all of them, without a copy."""
    return column if pc.all(rows).as_py() else column.filter(rows)


def put(column: Array, rows: Array, values: Array) -> Array:
    """Return a column with other values in some rows."""
    is_whole = len(values) == len(column)
    return values if is_whole else pc.replace_with_mask(column, rows, values)


def joined(some: list[Batch]) -> Batch:
    """Return batches as one, without a copy if it is one."""
    return some[0] if len(some) == 1 else pa.concat_batches(some)
