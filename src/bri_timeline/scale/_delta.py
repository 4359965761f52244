"""A Delta table of what counts in a dataset, with a row for each happening."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import msgspec

from bri_timeline import Edtf, Entry, Event
from bri_timeline.edtf import end_bounds
from bri_timeline.errors import DatasetError, SelectionError
from bri_timeline.extend import ColumnCodec, needing, replaced, resolve
from bri_timeline.measures import count
from bri_timeline.scale._bucket import Task
from bri_timeline.scale._dictionary import clipped
from bri_timeline.scale._engine import (
    Array,
    Database,
    Query,
    Table,
    encoded,
    engine,
    numbers_column,
    pa,
    pc,
    pq,
)
from bri_timeline.scale._executor import Runner
from bri_timeline.scale._files import made
from bri_timeline.scale._layout import (
    BOUNDS,
    STORED,
    TYPES,
    PayloadColumns,
    as_dates,
    date_or_none,
)
from bri_timeline.scale._manifest import Manifest
from bri_timeline.scale._tables import EVENT, Related, entries_in, stored_rows


# Whoever exports no table does not need it.
_OURS = "bri_timeline"
_DESCRIPTION = f"what counts of a dataset of {_OURS}"
# What others may do with a table, and leave its rows as they are.
_UPKEEP = {"OPTIMIZE", "VACUUM START", "VACUUM END"}
_AT_ONCE = 1 << 16
_FIRST: dict[str, Any] = {
    **{name: STORED[name] for name in ("id", "kind", "when")},
    **dict.fromkeys((*BOUNDS, "known"), pa.date32()),
    "parties": TYPES["texts"],
    "position": STORED["position"],
}
_REST: dict[str, Any] = {
    "unfit": TYPES["texts"],
    **{name: STORED[name] for name in EVENT if name not in _FIRST},
}
# Changes when other rows are written of the same files: a table is exported anew then.
_ROWS = 2
_Digests = dict[str, str]
_Together = tuple[Event, date | None]
_COUNTED = (
    "from (from {} where lead and kind is not null"
    " and position not in (select position from left_out)"
    " and position not in (select position from told)"
    " union all by name from told) order by last, first, position"
)
_LEADS = "from {} where lead and position in (select position from told)"


def export_delta(
    runner: Runner,
    query: Query,
    path: Path,
    version: int,
    progress: Callable[[int, int], object],
) -> int:
    """Write the buckets that a table does not have as they are; return its version.

    Args:
        runner: Runs the tasks.
        query: Which claims count.
        path: The folder of the table.
        version: The version of the dataset.
        progress: Called with the number of buckets done, and of all that are written.

    Raises:
        DatasetError: The folder has something else, or another changes the table.
        SelectionError: Dates are bounded by reports.
    """
    if query.bounded:
        problem = "a table does not have dates that are bounded by reports"
        raise SelectionError(query.bounded, f"{problem}: leave bounded_by_reports out")
    table, digests = _table(path), _digests(runner, query)
    before = None if table is None else _exported(table)
    if table is not None and before == digests:
        return int(table.version())
    known = before or {}
    names = sorted(digests.keys() | known.keys())
    changed = [name for name in names if digests.get(name) != known.get(name)]
    file = f"{uuid4().hex}.parquet"
    tasks = [t for t in runner.tasks(count(), query) if str(t.bucket) in changed]
    work = partial(write_counted, path, file)
    written = [*runner.results(work, tasks, progress)]
    return _commit(
        path,
        table,
        written,
        pa.schema([*_columns(runner.manifest).items(), ("bucket", pa.int32())]),
        None if before is None else changed,
        {
            "userMetadata": f"version {version} of {Path(str(runner.folder)).name}",
            _OURS: msgspec.json.encode(digests).decode(),
        },
    )


# --- the rows of a bucket -------------------------------------------------------------


class Written(NamedTuple):
    """A file of the table.

    Attributes:
        bucket: The number of the bucket.
        name: The file, within the folder of the table.
        rows: The number of its rows.
        size: The number of its bytes.
    """

    bucket: int
    name: str
    rows: int
    size: int


def write_counted(
    folder: Path, file: str, task: Task[int], within: Database | None = None
) -> Written:
    """Write what counts of a bucket, in the order of time.

    Args:
        folder: The folder of the table.
        file: The name of the file within that of the bucket.
        task: The bucket and the query.
        within: A database to work in; None to open one.
    """
    name, rows = f"bucket={task.bucket}/{file}", 0
    made((path := folder / name).parent)
    schema = pa.schema(_columns(task.manifest))
    stored = stored_rows(task.folder, task.manifest.parts)
    with (
        engine(task.limits, task.folder, within) as connection,
        replaced(path) as target,
        pq.ParquetWriter(target, schema, compression="zstd") as writer,
    ):
        gone, together = _counting(task)
        connection.register("left_out", pa.table([gone], ["position"]))
        told = pa.table([numbers_column(together)], ["position"])
        connection.register("told", told)
        leads = connection.sql(_LEADS.format(stored)).to_arrow_table()
        # Those of other buckets have their rows there.
        some = _told_together(task, leads, together) if len(leads) else told[:0]
        connection.register("told", some)
        counted = connection.sql(_COUNTED.format(stored))
        for batch in counted.to_arrow_reader(_AT_ONCE):
            cells = dict(zip(batch.schema.names, batch.columns, strict=True))
            cells |= dict(zip(BOUNDS, _bounds(cells), strict=True))
            # A bucket whose rows are all of an earlier writing lacks a new column.
            empty = pa.nulls(len(batch))
            columns = [cells.get(name, empty) for name in schema.names]
            writer.write_table(pa.table(columns, schema.names).cast(schema))
            rows += len(batch)
    return Written(task.bucket, name, rows, path.stat().st_size)


def _columns(manifest: Manifest) -> dict[str, Any]:
    """Return the names and types of the columns of the files."""
    fields = {column.name: TYPES[column.type] for column in manifest.columns}
    return {**_FIRST, **fields, **_REST}


def _counting(task: Task[int]) -> tuple[Array, dict[int, _Together]]:
    """Return what does not count of related entries, and what several say together.

    The former are positions; the latter is by the position of the first of several.
    """
    related = Related(task.folder, task.manifest)
    entries = entries_in(related.table(), task.vocabulary)
    resolution = resolve(entries, prefer=task.query.prefer)
    counting = numbers_column(happening.position for happening in resolution.happenings)
    gone = related.positions.filter(pc.invert(pc.is_in(related.positions, counting)))
    together = {
        one.position: (
            one.event,
            # Since the earliest of them was known.
            date_or_none(min(clipped(entry.known_day) for entry in one.entries)),
        )
        for one in resolution.several
    }
    return gone, together


def _told_together(
    task: Task[int], rows: Table, together: Mapping[int, _Together]
) -> Table:
    """Return rows with what several claims say together, in place of the first."""
    positions = rows["position"].to_pylist()
    events, knowns = zip(*map(together.__getitem__, positions), strict=True)
    codec, whens = ColumnCodec(task.vocabulary), [event.when for event in events]
    said = codec.columns_of([Entry(position=0, event=event) for event in events])
    # The id of a happening may be a digest, which nobody has given it.
    names = [name for name in EVENT if name != "id"]
    cells = {name: pa.array(said[name], STORED[name]) for name in names}
    columns = PayloadColumns(task.vocabulary, task.manifest.columns)
    of_payloads, unfit = columns.shown(
        cells["kind"], cells["version"], cells["what"], {}
    )
    cells |= {
        "unfit": unfit,
        "parties": pa.array([sorted(event.parties) for event in events]),
        "first": numbers_column(clipped(when.earliest_start) for when in whens),
        "last": numbers_column(clipped(when.latest_start) for when in whens),
        "known": pa.array(knowns, pa.date32()),
    }
    cells |= dict(zip([name for name, _ in columns.schema()], of_payloads, strict=True))
    rest = {name: rows[name] for name in rows.column_names if name not in cells}
    return pa.table({**rest, **cells})


def _bounds(cells: dict[str, Array]) -> Iterator[Array]:
    """Yield the first and the last day on which what happened began, and ended.

    A day before the year 1, and a beginning without a first day, are given as the first
    day of that year, one after the year 9999 is null: on every day that a date can
    name, comparisons have the answer that they have in the library.
    """
    when = encoded(cells["when"])
    ends = [bounds or (None, None) for bounds in when.map(_end)]
    numbers = [when.taken([bounds[n] for bounds in ends], pa.int64()) for n in (0, 1)]
    for days in (cells["first"], cells["last"], *numbers):
        yield as_dates(pc.max_element_wise(days, 1, skip_nulls=False))


def _end(text: str) -> tuple[int, int] | None:
    """Return between which days what happened ended; None if that is open."""
    when = Edtf(text)
    bounds = end_bounds(when) if when.is_extent else None
    return bounds and (clipped(bounds[0]), clipped(bounds[1]))


# --- the table ------------------------------------------------------------------------


def _table(path: Path) -> Any:
    """Return the table in a folder; None if the folder has nothing.

    Raises:
        DatasetError: It has something else, which tables take for files to delete.
    """
    with needing("delta"):
        from deltalake import DeltaTable
    names = [entry.name for entry in path.glob("*")]
    is_table = "_delta_log" in names and DeltaTable.is_deltatable(str(path))
    table = DeltaTable(str(path)) if is_table else None
    # Files of an export that was interrupted stay until somebody cleans the table up.
    foreign = [name for name in names if not name.startswith(("bucket=", "_", "."))]
    if foreign or (table and table.metadata().description != _DESCRIPTION):
        problem = (
            f"cannot be exported there, {foreign or 'a table'} is not of an export"
        )
        raise DatasetError(str(path), f"{problem}: give a folder that is not there")
    return table


def _exported(table: Any) -> _Digests | None:
    """Return the digests of the buckets that a table has; None if that is not known."""
    commits = (
        commit for commit in table.history() if commit["operation"] not in _UPKEEP
    )
    newest: dict[str, Any] = next(commits, {})
    return msgspec.json.decode(newest.get(_OURS, "null"), type=_Digests | None)


def _digests(runner: Runner, query: Query) -> _Digests:
    """Return a digest of what is written of each bucket, by the name of that."""
    manifest, vocabulary = runner.manifest, runner.vocabulary
    files: dict[str, list[str]] = {}
    for part in manifest.parts:
        files.setdefault(str(part.bucket), []).append(part.digest)
    for cluster_file in manifest.clusters:
        files.setdefault(str(cluster_file.bucket), []).append(cluster_file.digest)
    # Which claims are about one happening depends on what a vocabulary reads.
    read = [
        (k, len(vocabulary.upcasts.get(c, ()))) for k, c in vocabulary.classes.items()
    ]
    rules = _ROWS, repr(query.prefer), sorted(read)
    return {
        name: blake2b(
            msgspec.json.encode((rules, sorted(digests))), digest_size=16
        ).hexdigest()
        for name, digests in files.items()
    }


def _commit(
    path: Path,
    table: Any,
    files: list[Written],
    schema: Any,
    buckets: list[str] | None,
    said: dict[str, str],
) -> int:
    """Add files to a table, and return its version.

    Args:
        path: The folder of the table.
        table: The table; None if it is to be made.
        files: The files.
        schema: The columns of the table.
        buckets: The names of the buckets that these replace; None for all.
        said: What the commit says of itself.

    Raises:
        DatasetError: Another has changed the table.
    """
    from deltalake import CommitProperties, DeltaTable, Schema
    from deltalake.exceptions import DeltaError
    from deltalake.transaction import AddAction, create_table_with_add_actions

    now = int(time.time() * 1_000)
    added = [
        AddAction(
            file.name,
            file.size,
            {"bucket": str(file.bucket)},
            now,
            data_change=True,
            stats=msgspec.json.encode({"numRecords": file.rows}).decode(),
        )
        for file in files
        if file.rows
    ]
    only = None if buckets is None else [("bucket", "in", buckets)]
    fields: dict[str, Any] = {
        "schema": Schema.from_arrow(schema),
        "partition_by": ["bucket"],
        "commit_properties": CommitProperties(custom_metadata=said),
    }
    try:
        if table is None:
            create_table_with_add_actions(
                str(path), add_actions=added, description=_DESCRIPTION, **fields
            )
        else:
            table.create_write_transaction(
                [*added], "overwrite", partition_filters=only, **fields
            )
    # Of two exports at once one fails: it has not seen what the other wrote.
    except DeltaError as error:
        problem = f"cannot be exported, the table is as it was: {error}"
        raise DatasetError(str(path), f"{problem}; export again") from error
    return int(DeltaTable(str(path)).version())
