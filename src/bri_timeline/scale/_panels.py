"""Panels of a dataset: bucket by bucket, counted and added up by DuckDB."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate, chain, repeat
from operator import itemgetter
from pathlib import Path
from typing import Any, Generic, TypeVar

from attrs import frozen

from bri_timeline._atomic_write import replaced
from bri_timeline._events import uncollected
from bri_timeline._projection import Projection
from bri_timeline._queries import Block, Days, folded
from bri_timeline.formats.arrow import ArrowStream
from bri_timeline.scale._bucket import Task, events_each
from bri_timeline.scale._engine import Database, Table, pa, pc, pq
from bri_timeline.scale._manifest import Pair
from bri_timeline.scale._measuring import counted_rows


__all__ = ["PanelTask", "itself", "panel_block", "save_panel"]


S = TypeVar("S")
_GROUPED = (
    "select rel, one.period as early, other.period as late,"
    " count(*) filter (is_counted) as n,"
    " coalesce(sum(value) filter (is_counted), 0)::decimal(38, 0) as total,"
    " coalesce(sum(value) filter (is_counted and value > 0), 0)::decimal(38, 0) as up,"
    " coalesce(bool_or(is_unfit), false) as is_unfit,"
    " bool_or(has_gaps and other.period - one.period > 1) as is_gapped"
    " from {rows} counted"
    " join days one on one.day = least(greatest(first, {start}), {stop})"
    " join days other on other.day = least(greatest(last, {start}), {stop})"
    " group by all order by rel"
)


@frozen
class PanelTask(Generic[S]):
    """The rows of a panel that are about the relationships of one bucket.

    Attributes:
        task: The bucket, and a query of everything that counts.
        of: Selects a value from a state.
        days: The periods.
    """

    task: Task[S]
    of: Callable[[S], Any]
    days: tuple[Days, ...]


def panel_block(task: PanelTask[S], within: Database | None = None) -> Block[Pair, Any]:
    """Return the rows of a bucket, period after period of each relationship."""
    with uncollected():
        return _summed(task, within) or _swept(task, within)


def _swept(task: PanelTask[S], within: Database | None) -> Block[Pair, Any]:
    """Return rows by folding the events of each relationship."""
    found = sorted(events_each(task.task, within), key=itemgetter(0))
    projection = task.task.projection
    values = [folded(projection, task.of, events, task.days) for _, events in found]
    certain, lows, highs = (
        [*chain.from_iterable(one[place] for one in values)] for place in range(3)
    )
    return _block([pair for pair, _ in found], task.days, certain, lows, highs)


def _block(
    pairs: list[Pair], days: Sequence[Days], *cells: list[Any]
) -> Block[Pair, Any]:
    since, until = [one.since for one in days], [one.until for one in days]
    return Block(pairs, len(days), since * len(pairs), until * len(pairs), *cells)


def _summed(task: PanelTask[S], within: Database | None) -> Block[Pair, Any] | None:
    """Return rows by adding up what begins in each period; None if it has to be folded.

    Every count, and every sum, of a period is that of the events whose last day lies in
    it or before; those whose first day does, and the last does not, are undecided.
    """
    measure, days = task.task.projection, task.days
    begins = [day.begin for day in days]
    is_flow = begins == [day.since for day in days]
    if not is_flow and {*begins} != {-math.inf}:
        return None  # windows overlap
    if task.of is not itself or getattr(measure, "aggregate", "") not in _SUMMED:
        return None
    rows = counted_rows(task.task, undecided=True, every_kind=True, gaps=is_flow)
    if rows is None or rows.plan.type != "whole number":
        return None  # sums of decimals can have more digits than Python's context
    start, stop = days[0].since - 1, days[-1].until + 1
    lengths = [1, *(day.until - day.since + 1 for day in days), 1]
    numbers = chain.from_iterable(map(repeat, range(len(lengths)), lengths))
    calendar = {
        "day": pa.array(range(start, stop + 1), pa.int64()),
        "period": pa.array(numbers, pa.int32()),
    }
    sql = _GROUPED.format(rows=rows.sql, start=start, stop=stop)
    table = rows.asked(sql, within, {"days": pa.table(calendar)})
    if pc.any(table.column("is_unfit")).as_py():
        return None
    # A date with gaps may have no day within a period that lies between its ends.
    if is_flow and pc.any(table.column("is_gapped")).as_py():
        return None
    keys = sorted(
        (rows.pairs[number], number)
        for number in pc.unique(table.column("rel")).to_pylist()
        if rows.is_pair(number)
    )
    places = {number: place for place, (_, number) in enumerate(keys)}
    rows_of = _flows if is_flow else _states
    cells = rows_of(_sums(table, places, measure), len(keys), len(days))
    return _block([pair for pair, _ in keys], days, *cells)


_Sum = tuple[int, int, int, int, int]
_Cells = tuple[list[int], list[int], list[int]]


def _sums(
    table: Table, places: dict[int, int], measure: Projection[Any]
) -> Iterator[_Sum]:
    """Yield the sums of events that begin between two periods.

    Each has the place of its relationship, the numbers of the periods (0 before the
    first), the sum, and what is positive in it.
    """
    is_count = getattr(measure, "aggregate", "") == "count"
    names = ("n", "n", "n") if is_count else ("n", "total", "up")
    columns = [
        table.column(name).to_pylist() for name in ("rel", "early", "late", *names)
    ]
    for number, early, late, count, total, positive in zip(*columns, strict=True):
        if count and number in places:
            yield places[number], early, late, int(total), int(positive)


def _states(sums: Iterable[_Sum], keys: int, periods: int) -> _Cells:
    """Return the sums until the end of each period, and their bounds."""
    width = periods + 2
    certain = [0] * (keys * width)
    open_: list[_Sum] = []
    for one in sums:
        place, early, late, total, _ = one
        certain[place * width + late] += total
        if early != late:
            open_.append(one)
    found: list[int] = []
    for start in range(0, len(certain), width):
        found += [*accumulate(certain[start : start + width])][1:-1]
    if not open_:
        return found, found, found
    lows, highs = found.copy(), found.copy()
    for place, early, late, total, positive in open_:
        for period in range(max(early, 1), late):
            lows[place * periods + period - 1] += total - positive
            highs[place * periods + period - 1] += positive
    return found, lows, highs


def _flows(sums: Iterable[_Sum], keys: int, periods: int) -> _Cells:
    """Return the sums within each period, and their bounds."""
    certain = [0] * (keys * periods)
    open_: list[_Sum] = []
    for one in sums:
        place, early, late, total, _ = one
        if early != late:
            open_.append(one)
        elif 1 <= late <= periods:
            certain[place * periods + late - 1] += total
    if not open_:
        return certain, certain, certain
    lows, highs = certain.copy(), certain.copy()
    for place, early, late, total, positive in open_:
        for period in range(max(early, 1), min(late, periods) + 1):
            lows[place * periods + period - 1] += total - positive
            highs[place * periods + period - 1] += positive
    return certain, lows, highs


_SUMMED = ("count", "total")


def itself(state: Any) -> Any:
    """Return a state as the value of a panel."""
    return state


def save_panel(panel: ArrowStream, path: str | os.PathLike[str]) -> int:
    """Write a panel of a dataset or a log to a Parquet file, batch by batch.

    Args:
        panel: The panel.
        path: The file, which is replaced as a whole or left as it was.

    Returns:
        The number of its rows.

    Raises:
        PanelError: A value cannot be kept in a column.
        OSError: The file cannot be written.
    """
    reader, rows = pa.RecordBatchReader.from_stream(panel), 0
    with (
        replaced(Path(path)) as file,
        pq.ParquetWriter(file, reader.schema, compression="zstd") as writer,
    ):
        for batch in reader:
            writer.write_batch(batch)
            rows += len(batch)
    return rows
