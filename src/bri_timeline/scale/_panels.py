"""Panels of a dataset: bucket by bucket, counted and added up by DuckDB."""

from __future__ import annotations

import math
import os
from array import array
from collections.abc import Callable, Iterable, Iterator, MutableSequence, Sequence
from functools import lru_cache
from itertools import accumulate, chain, islice
from pathlib import Path
from typing import Any, Generic, TypeAlias, TypeVar

from attrs import evolve, frozen

from bri_timeline.extend import (
    Day,
    PanelBlock,
    PanelShares,
    iso,
    replaced,
)
from bri_timeline.formats.arrow import ArrowStream
from bri_timeline.scale._bucket import Task
from bri_timeline.scale._dictionary import NEVER
from bri_timeline.scale._engine import Array, Database, Table, pa, pc, pq
from bri_timeline.scale._executor import PairTask
from bri_timeline.scale._manifest import Pair, bucket_of
from bri_timeline.scale._measuring import CountedRows, counted_rows
from bri_timeline.scale._writing import no_progress


S = TypeVar("S")
# What begins between two periods, numbered from 0: -1 lies before the first of them.
_PLAIN = (
    "select rel, period as early, period as late, total, up, is_unfit"
    " from (select rel, period, {sums} from {plain} counted"
    " join days on day = least(greatest(last, {start}), {stop}) group by all)"
)
_REST = (
    " union all"
    " select rel, one.period as early, other.period as late, {sums} from {rows} counted"
    " join days one on one.day = least(greatest(first, {start}), {stop})"
    " join days other on other.day = least(greatest(last, {start}), {stop})"
    " group by all"
)
_NUMBERS = (
    "select rel, early, late, try_cast(total as bigint) as total,"
    " try_cast(up as bigint) as up, (up + up - total)::double as size, is_unfit"
    " from ({sums})"
)
# Sets of days and dates with masked digits may leave out a period between their ends.
_GAPPED = (
    "select 1 from {gapped} counted"
    " join days one on one.day = least(greatest(first, {start}), {stop})"
    " join days other on other.day = least(greatest(last, {start}), {stop})"
    " where other.period - one.period > 1 limit 1"
)
_GAPS = "first < last and regexp_matches(\"when\", '[,X]')"
_LARGEST = 1 << 62
_ROWS = 1 << 16
_MOST_CALENDARS = 8
_NUMBER: Any = pa.int64()
# Periods, as `PanelShares` has them.
_Days: TypeAlias = Any
_Groups = dict[tuple[int, bool], list[tuple[int, tuple[Pair, Day, Day | int | None]]]]


@frozen
class PanelTask(Generic[S]):
    """The rows of a panel that are about the relationships of one bucket.

    Attributes:
        task: The relationships, and a query of everything that counts.
        options: Arguments of `EventLog.panel()`.
        days: The periods, if rows may be added up; empty if they have to be folded.
        places: Of questions, the place of each in the panel.
    """

    task: Task[S] | PairTask[S]
    options: dict[str, Any]
    days: tuple[_Days, ...] = ()
    places: tuple[int, ...] = ()

    def blocks(self) -> Iterator[tuple[PanelBlock[Pair, Any], Iterator[int]]]:
        """Yield rows as logs answer, and where the questions among them belong."""
        for log, by in self.task.logs():
            options, places = {**self.options}, iter(self.places)
            if options.get("keys") is not None:
                options["keys"] = [key for key in options["keys"] if key in by.pairs]
            if options.get("at") is not None:
                rows = [*zip(options["at"], self.places, strict=True)]
                rows = [row for row in rows if row[0][0] in by.pairs]
                options["at"] = [question for question, _ in rows]
                places = iter([place for _, place in rows])
            known_by = self.task.query.knowledge
            panel = log.panel(self.task.projection, by=by, known_by=known_by, **options)
            yield from ((block, places) for block in panel._blocks())


@frozen
class Summed:
    """Rows of a panel, as columns of runs of equal numbers.

    Attributes:
        keys: The relationships, in order, as the columns `one` and `other`.
        days: The periods of each.
        certain: The certain values.
        low: The lower bounds.
        high: The upper bounds.
        bounds: Whether these are asked for.
    """

    keys: Table
    days: tuple[_Days, ...]
    certain: Array
    low: Array
    high: Array
    bounds: bool = True

    def blocks(self) -> Iterator[PanelBlock[Pair, int]]:
        """Yield the rows, some relationships at a time."""
        count = len(self.days)
        most = max(1, _ROWS // count)
        columns = self.certain, self.low, self.high
        # Bounds that equal the value are the same column, which is read once.
        different = {id(one): one for one in columns}
        for start in range(0, len(self.keys), most):
            some = PanelBlock.in_columns(self.keys.slice(start, most).columns[:2])
            part = start * count, len(some) * count
            cells = {key: _whole(one.slice(*part)) for key, one in different.items()}
            found: list[MutableSequence[Any]] = [cells[id(one)] for one in columns]
            length = len(found[0])
            if not self.bounds:
                found[1:] = [[None] * length] * 2
            yield _block(some, self.days, *found, [self.bounds] * length)


def _whole(column: Array) -> array[int]:
    """Return the numbers of rows."""
    numbers, values = array("q"), pc.run_end_decode(column).buffers()[1]
    numbers.frombytes(memoryview(values)[: 8 * len(column)])
    return numbers


def in_buckets(
    buckets: Iterable[Summed | list[PanelBlock[Pair, Any]]],
) -> Iterator[PanelBlock[Pair, Any]]:
    """Yield the rows of one bucket after another, some of which have none."""
    for found in buckets:
        yield from found.blocks() if isinstance(found, Summed) else found


def in_groups(shares: PanelShares[Pair], buckets: int) -> tuple[list[Pair], _Groups]:
    """Return the relationship of each question; and all of them in groups.

    Args:
        shares: The questions.
        buckets: The number of buckets.

    Returns:
        Of each bucket the questions with their places, apart those with a position or
        an instant of knowledge before the first entry.

    Raises:
        PanelError: A question has other parts, or a pair in another order.
    """
    keys, groups, homes = list[Pair](), _Groups(), dict[Pair, int]()
    for place, (key, day, known, is_position) in enumerate(shares.questions()):
        if key not in homes:
            homes[key] = bucket_of(key, buckets)
        own: Day | int | None = iso(int(known)) if known < NEVER else None
        if is_position:
            own = int(known) if known >= 0 else None
        some = groups.setdefault((homes[key], known >= 0 or not is_position), [])
        some.append((place, (key, iso(day), own)))
        keys.append(key)
    return keys, groups


def in_order(
    keys: list[Pair],
    buckets: Iterable[list[tuple[PanelBlock[Pair, Any], list[int]]]],
) -> Iterator[PanelBlock[Pair, Any]]:
    """Yield the answers to questions in the order of these.

    Args:
        keys: The relationship of each.
        buckets: The answers of one bucket after another.
    """
    columns: list[list[Any]] = [[None] * len(keys) for _ in PanelBlock._fields[2:]]
    for block, places in chain.from_iterable(buckets):
        for column, cells in zip(columns, block[2:], strict=True):
            for place, cell in zip(places, cells, strict=True):
                column[place] = cell
    for start in range(0, len(keys) or 1, _ROWS):
        some = slice(start, start + _ROWS)
        yield PanelBlock(keys[some], 1, *(column[some] for column in columns))


def panel_rows(
    task: PanelTask[S], within: Database | None = None
) -> Summed | list[PanelBlock[Pair, Any]]:
    """Return the rows of a bucket, period after period of each relationship."""
    if task.days and isinstance(task.task, Task):
        summed = _summed(task.task, task.days, within)
        if summed is not None:
            return evolve(summed, bounds=task.options["bounds"])
    return [block for block, _ in task.blocks()]


def panel_answers(
    task: PanelTask[S], within: Database | None = None
) -> list[tuple[PanelBlock[Pair, Any], list[int]]]:
    """Return the answers to questions, and the place of each."""
    return [
        (block, [*islice(places, len(block.keys))]) for block, places in task.blocks()
    ]


def _block(
    pairs: Sequence[Pair], days: Sequence[_Days], *cells: MutableSequence[Any]
) -> PanelBlock[Pair, Any]:
    since = array("q", (one.since for one in days))
    until = array("q", (one.until for one in days))
    sinces, untils = since * len(pairs), until * len(pairs)
    return PanelBlock(pairs, len(days), sinces, untils, *cells)


def _summed(
    task: Task[S], days: tuple[_Days, ...], within: Database | None
) -> Summed | None:
    """Return rows by adding up what begins in each period; None if it has to be folded.

    Every count, and every sum, of a period is that of the events whose last day lies in
    it or before; those whose first day does, and the last does not, are undecided.
    """
    begins = [day.begin for day in days]
    is_flow = begins == [day.since for day in days]
    if not is_flow and {*begins} != {-math.inf}:
        return None  # windows overlap
    if getattr(task.projection, "aggregate", "") not in _SUMMED:
        return None
    bucket = task.opened()
    rows = counted_rows(task, bucket)
    if rows is None or rows.plan.type != "whole number":
        return None  # sums of decimals can have more digits than Python's context
    tables = {"days": _calendar(days, -1 if is_flow else 0)}
    span = {
        "plain": rows.sql("true" if rows.is_precise else "first = last"),
        "rows": rows.sql("first < last"),
        "gapped": rows.sql(_GAPS),
        "start": days[0].since - 1,
        "stop": days[-1].until + 1,
    }
    table = rows.asked(_NUMBERS.format(sums=_sums(rows, span)), within, tables)
    if table is None or pc.any(table["is_unfit"]).as_py():
        return None
    if (pc.sum(table["size"]).as_py() or 0) >= _LARGEST:
        return None
    if (
        is_flow
        and _is_wide(table)
        and rows.asked(_GAPPED.format(**span), within, tables)
    ):
        return None
    return _running(bucket.pairs, days, table.combine_chunks(), is_flow=is_flow)


def _sums(rows: CountedRows, span: dict[str, object]) -> str:
    """Return the query of what begins between two periods."""
    counted = "" if rows.plan.kinds is None else "is_counted"
    if rows.measure.aggregate == "count":
        total = up = f"count(*) filter ({counted or 'true'})"
    else:
        total = "coalesce(sum(value) filter (is_counted), 0)"
        up = "coalesce(sum(value) filter (is_counted and value > 0), 0)"
    unfit = "coalesce(bool_or(is_unfit), false)" if rows.plan.columns else "false"
    sums = f"{total}::hugeint as total, {up}::hugeint as up, {unfit} as is_unfit"
    query = _PLAIN if rows.is_precise else _PLAIN + _REST
    return query.format(**span, sums=sums)


def _is_wide(table: Table) -> bool:
    """Check whether an event can leave out a period between its first and last day."""
    longest = pc.max(pc.subtract(table["late"], table["early"])).as_py()
    return longest is not None and longest > 1


@lru_cache(_MOST_CALENDARS)
def _calendar(days: tuple[_Days, ...], before: int) -> Table:
    """Return the number of the period of each day, and of one before and one after.

    Args:
        days: The periods, numbered from 0.
        before: The number of what lies before them: that of the first, if what has
            happened by then counts in it, or -1.
    """
    lengths = [1, *(day.until - day.since + 1 for day in days), 1]
    ends = pa.array(accumulate(lengths), pa.int64())
    numbers = pa.array([before, *range(len(days) + 1)], pa.int32())
    periods = pa.RunEndEncodedArray.from_arrays(ends, numbers)
    return pa.table(
        {
            "day": pa.array(range(days[0].since - 1, days[-1].until + 2), pa.int64()),
            "period": pc.run_end_decode(periods),
        }
    )


def _running(
    pairs: Table, days: tuple[_Days, ...], table: Table, *, is_flow: bool
) -> Summed:
    """Return the values of all periods.

    Args:
        pairs: The parties and the numbers of the relationships.
        days: The periods.
        table: The sums of what begins between two periods.
        is_flow: A value is that of the period, and not also of those before.
    """
    # What concerns one party alone is in the sums, and has no row.
    found = pc.unique(table["rel"])
    has_row = pc.not_equal(pairs["one"], pairs["other"])
    keys = pairs.filter(pc.and_(has_row, pc.is_in(pairs["rel"], found)))
    keys = keys.sort_by([("one", "ascending"), ("other", "ascending")])
    if not len(keys):
        nothing = pa.array([], _NUMBER)
        return Summed(keys, days, nothing, nothing, nothing)
    place = pc.index_in(table["rel"], keys["rel"].combine_chunks())
    table = table.append_column("place", place).filter(pc.is_valid(place))

    count = len(days)
    begin = pc.multiply(table["place"].cast(_NUMBER), count)
    early, late, after = (
        pc.add(begin, pc.min_element_wise(pc.max_element_wise(one, 0), count))
        for one in (table["early"], table["late"], pc.add(table["late"], 1))
    )
    total, up = table["total"], table["up"]
    is_open = pc.not_equal(table["early"], table["late"])
    certain = [late, after if is_flow else pc.add(begin, count), total]
    size = len(keys) * count
    if not pc.any(is_open).as_py():
        [values] = _added([certain], size)
        return Summed(keys, days, values, values, values)
    if is_flow:
        certain = [one.filter(pc.invert(is_open)) for one in certain]
    undecided = [early, after if is_flow else late, pc.multiply(total, 0)]
    undecided = [
        one.filter(is_open) for one in (*undecided, pc.subtract(total, up), up)
    ]
    steps = [[*certain, *certain[2:] * 2], undecided]
    return Summed(keys, days, *_added(steps, size))


def _added(steps: Iterable[Sequence[Array]], size: int) -> list[Array]:
    """Return columns as runs of rows with the same value.

    Args:
        steps: Numbers to add to the rows from one to before another: both, and what is
            added to each column.
        size: The number of rows.
    """
    tables = []
    for first, after, *values in steps:
        names = ["row", *map(str, range(len(values)))]
        tables += [
            pa.table([pa.array([0], _NUMBER)] * len(names), names),
            pa.table([first, *values], names),
            pa.table([after, *map(pc.negate, values)], names),
        ]
    grouped = pa.concat_tables(tables).group_by("row", use_threads=False)
    sums = [(name, "sum") for name in names[1:]]
    found = grouped.aggregate(sums).sort_by("row")
    found = found.filter(pc.less(found["row"], size)).combine_chunks()
    rows = found["row"].combine_chunks()
    ends = pa.concat_arrays([rows[1:], pa.array([size], _NUMBER)])
    columns = (pc.cumulative_sum(found[f"{name}_{sum_}"]) for name, sum_ in sums)
    return [
        pa.RunEndEncodedArray.from_arrays(ends, column.combine_chunks())
        for column in columns
    ]


_SUMMED = ("count", "total")


def save_panel(
    panel: ArrowStream,
    path: str | os.PathLike[str],
    progress: Callable[[int], object] = no_progress,
) -> int:
    """Write a panel of a dataset or a log to a Parquet file, batch by batch.

    Args:
        panel: The panel.
        path: The file, which is replaced as a whole or left as it was.
        progress: Called now and then with the number of rows written.

    Returns:
        The number of its rows.

    Raises:
        PanelError: A value cannot be kept in a column.
        OutputError: The file cannot be written.
    """
    reader, rows = pa.RecordBatchReader.from_stream(panel), 0
    with (
        replaced(Path(path)) as file,
        pq.ParquetWriter(file, reader.schema, compression="zstd") as writer,
    ):
        for batch in reader:
            writer.write_batch(batch)
            rows += len(batch)
            progress(rows)
    return rows
