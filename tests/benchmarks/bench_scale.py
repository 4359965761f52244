"""Datasets on disk against sorted lists in memory, and against other executors.

Run by hand: `python tests/benchmarks/bench_scale.py [--quick] [--only PART]
[MILLIONS ...]`, by default with 0.2 and 1 million claims of a working day; `--quick`
has a few thousand, and leaves Dask and Spark out (which needs Java and pyspark). A part
is `memory`, `lists`, `dask`, `spark`, `processes`, `one`, `bytes`, `write` or `panel`;
`memory` takes the number of events that a log holds, by default a million. The bars are
about the largest: give `5 50` for those of 50 million. The datasets are made first, in
a temporary folder (or within $BENCH_FOLDER); up to 5 million events are also held in
memory (2 GB).

The peer is a list of events for each pair, those that count in fold order, and a loop
that calls the same function. Which of rivals, witnesses and corrections count is found
before its time is taken.
"""

from __future__ import annotations

import gc
import math
import multiprocessing
import os
import re
import sys
import tempfile
from bisect import bisect_right
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor
from pathlib import Path
from statistics import median
from time import sleep

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from _dyads import VOCABULARY, Deals, lethal
from _measure import (
    Table,
    absent,
    arguments,
    in_turn,
    least_used,
    machine,
    seconds,
    used,
)
from _working_day import (
    LAST,
    PAIRS,
    claims,
    events_of,
    log_of,
    pair_of,
    standing,
)
from attrs import evolve
from bench_large import Events

from bri_timeline import Event, EventLog, dyads, scale
from bri_timeline.measures import count
from bri_timeline.scale import Dataset
from bri_timeline.scale._layout import STORED


MILLION = 1_000_000
SIZES = MILLION // 5, MILLION
QUICK = 2_000, 4_000
BUCKET = 600_000
MEMORY = "512MB"
YEARS = "1995-01-01", "2024-12-31"
IN_MEMORY = 5 * MILLION
MANY = 5_000
MIDDLE = 10
_PARTIES = "what->>'$.parties'"
# What people have of these events without a log.
_COLUMNS = f"""
create table plain as select {_PARTIES} as parties, what->>'$.status' as status,
    (what->>'$.millions')::bigint as millions, left(ltrim("when", '['), 10) as day,
    id, cite[1].title as title, cite[1].published as published, supersedes from events
"""
INDEXED = "... with the index of parties, after another"
Lists = dict[tuple[str, str], tuple[list[int], list[Event]]]


def in_lists(data: Dataset) -> Lists:
    """Return the events of each pair in fold order, with the days they are certain."""
    states: Lists = {}
    for event in EventLog(data.entries()).as_of(LAST).events:
        one, other = sorted(event.parties)
        days, events = states.setdefault((one, other), ([], []))
        days.append(event.when.last_day or 0)
        events.append(event)
    return states


def folded(lists: Lists) -> dict[tuple[str, str], tuple[str, int]]:
    """Fold sorted lists up to a day: the floor."""
    initial, evolve, day = standing.initial, standing.evolve, LAST.toordinal()
    states = {}
    for pair, (days, events) in lists.items():
        state = initial()
        for event in events[: bisect_right(days, day)]:
            state = evolve(state, event)
        states[pair] = state
    return states


def made(count: int, folder: Path) -> tuple[Dataset, float]:
    """Return a dataset of so many events, and how long it took to make."""
    buckets = min(512, max(4, count // BUCKET))
    work = [
        lambda: scale.write(
            Deals(count, min(PAIRS, count // 25)), folder, VOCABULARY, buckets=buckets
        )
    ]
    taken = seconds(work[0])
    return scale.open(folder, VOCABULARY, memory=MEMORY), taken


def each(data: Dataset, executor: Executor | None = None) -> object:
    """Return all states on the day."""
    return data.project_each(standing, on=LAST, executor=executor)


def processes() -> Executor:
    """Return two processes that begin anew."""
    return ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn"))


def warmed(executor: Executor, data: Dataset) -> Executor:
    """Return an executor whose workers have imported what they need."""
    for future in [executor.submit(each, data) for _ in range(2)]:
        future.result()
    return executor


def peak(_: int) -> tuple[int, float]:
    """Return which process this is, and how many MB it has held at most."""
    sleep(0.1)
    return os.getpid(), resident("VmHWM") / 2**20


def resident(name: str = "VmRSS") -> float:
    """Return how many bytes this process holds (or at most held: `VmHWM`)."""
    status = Path("/proc/self/status")
    found = status.exists() and re.search(rf"{name}:\s*(\d+) kB", status.read_text())
    return int(found[1]) * 1024 if found else math.nan


def held_by(count: int) -> dict[str, float]:
    """Return the bytes that a log of so many events holds, at each stage."""
    drawn = claims(count)
    gc.collect()
    before = resident()
    found: dict[str, float] = {}

    def note(name: str) -> None:
        gc.collect()
        found[name] = (resident() - before) / count

    named = (evolve(claim, id=f"claim {claim.id}") for claim in drawn)
    log = log_of(drawn, events=events_of(named))
    note("events in a log")
    log.as_of(LAST).project(standing)
    note("... in fold order, after a first question")
    log.among(*pair_of(0)).as_of(LAST).project(standing)
    note(INDEXED)
    found["at most, while they were made"] = (resident("VmHWM") - before) / count
    return found


def memory(table: Table, count: int) -> None:
    """Say how many bytes an event takes in memory, in a process of its own."""
    table.heading(
        f"a log of {count:,} events in one process, bytes an event: an id of 14 letters"
        "\n  and a payload each, of three fields; days, sources and parties are shared"
    )
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as one:
        found = one.submit(held_by, count).result()
    for name, value in found.items():
        table.row(name, value, "B", most=300 if name == INDEXED else None)


def in_one_process(table: Table, data: Dataset) -> None:
    """Compare one process with lists in memory."""
    table.heading(
        f"{len(data):,} events, all relationships on a day, one process, processor time"
    )
    lists = in_lists(data)
    gc.collect()
    gc.freeze()
    if folded(lists) != each(data):
        sys.exit("the dataset has other states than lists in memory")
    floor, own = least_used(3, lambda: folded(lists), lambda: each(data))
    gc.unfreeze()
    note = f"{len(data) / own / 1e6:,.2f} and {len(data) / floor / 1e6:,.2f} M/s"
    table.row(
        "times the events/s of lists in memory", floor / own, least=0.6, note=note
    )


def on_dask(table: Table, data: Dataset, small: Dataset, folder: Path) -> None:
    """Compare a Dask cluster of two workers with two plain processes."""
    table.heading(f"{len(data):,} events, two workers of Dask")
    if absent("distributed") or not table.judged:
        print("  left out")
        return
    os.environ["DASK_LOGGING__DISTRIBUTED"] = "critical"
    from distributed import Client, LocalCluster

    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None, memory_limit=0
        ) as cluster,
        Client(cluster) as client,
    ):
        own = client.get_executor()
        across_executors(table, data, small, own, 1.6, folder / "dask")


def on_spark(table: Table, data: Dataset, small: Dataset, folder: Path) -> None:
    """Compare two workers of Spark, each a process, with two plain processes."""
    table.heading(f"{len(data):,} events, two workers of Spark")
    if absent("pyspark") or not table.judged:
        print("  left out")
        return
    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ["PYTHONPATH"] = os.pathsep.join(sys.path)
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local-cluster[2,1,1024]")
    with (
        builder.config("spark.ui.enabled", "false").getOrCreate() as session,
        scale.SparkExecutor(session) as own,
    ):
        across_executors(table, data, small, own, 1.8, folder / "spark")


def across_executors(
    table: Table,
    data: Dataset,
    small: Dataset,
    executor: Executor,
    most: float,
    marker: Path,
) -> None:
    """Compare two workers that have started with two plain processes."""
    expected = each(data)
    with warmed(processes(), small) as pool:
        warmed(executor, small)
        works = (lambda _: each(data, pool), lambda _: each(data, executor))
        plain, own = map(median, in_turn(range(3), *works))
    table.row("times two plain processes", own / plain, most=most)
    fold = lethal(str(marker))
    states: list[object] = []
    killed = seconds(
        lambda: states.append(data.project_each(fold, on=LAST, executor=executor))
    )
    same = states == [expected] and marker.exists()
    note = f"{killed / own:.2f} times as long as without"
    table.row(
        "one worker killed midway, same states", float(same), "", least=1, note=note
    )


def first_questions(folder: Path, pair: tuple[str, str]) -> list[float]:
    """Return how long the first question takes, also where the files are known."""

    def asked() -> object:
        data = scale.open(folder, VOCABULARY)
        return data.project(standing, *pair, on=LAST)

    return [used(asked, 1), *least_used(9, asked)]


def one_relationship(table: Table, data: Dataset) -> None:
    """Compare one relationship on disk with the fold of its own events in memory."""
    pair = pair_of(1_000)
    table.heading(f"the first question to {len(data):,} events, processor time")
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as one:
        new, known = one.submit(first_questions, data.folder, pair).result()
    table.row("of a process", new * 1e3, "ms")
    table.row("... to a dataset that was opened again", known * 1e3, "ms")
    table.heading(f"one relationship of {len(data):,} events, warm, processor time")
    for number in (0, 10, 100, 1_000, 5_000, 10_000, 20_000, 39_000):
        pair = pair_of(number)
        events = data.among(*pair).as_of(LAST).events
        if not events:
            continue
        gc.collect()
        gc.freeze()  # what is held is not gone through before each question

        def asked(pair: tuple[str, str] = pair) -> object:
            return data.project(standing, *pair, on=LAST)

        def read(asked: Callable[[], object] = asked) -> object:
            data._lookup._logs.clear()
            return asked()

        again, first, floor = least_used(
            9 if len(events) > MANY or not table.judged else 99,
            asked,
            read,
            lambda events=events: standing.fold(events),
        )
        for what, own, most in (("again", again, 50), ("first", first, None)):
            note = f"{len(events):,} events, {own * 1e6:,.0f} us"
            name = f"asked {what}: times the fold of its own events, pair {number:,}"
            table.row(name, own / floor, most=most, note=note)
    gc.unfreeze()


def sizes(table: Table, data: Dataset) -> None:
    """Compare the size of a dataset with that of rows that only this library reads."""
    table.heading(f"{len(data):,} events")
    table.row("times the bytes of rows that only we can read", bytes_of(data), most=1.3)


def writing(table: Table, size: int, folder: Path) -> None:
    """Compare writing with what DuckDB needs to sort and write the same rows.

    Its best form sorts by the texts of payloads and dates as they are; people sort by
    pair and day, and take these out of the texts, or have columns of them.
    """
    written(table, "few of them related", pa.table(Events(0, size)), folder)
    if size <= MILLION:
        some = pa.table(Deals(size, min(PAIRS, size // 25)))
        written(table, "12 of 100 related", some, folder)


def written(table: Table, name: str, events: pa.Table, folder: Path) -> None:
    """Compare writing some events."""
    size, copies = len(events), iter(range(9))
    table.heading(f"{size:,} events, {name}, against DuckDB, processor time")
    with duckdb.connect(config={"threads": 2}) as connection:
        connection.execute("set enable_progress_bar = false")
        connection.register("events", events)
        connection.execute(_COLUMNS)

        def copied(rows: str, order: str) -> None:
            target = folder / "sorted.parquet"
            query = f"copy (from {rows} order by {order}) to '{target}'"
            connection.execute(f"{query} (compression zstd)")

        floor, people, columns, own = least_used(
            3 if size <= MILLION else 1,
            lambda: copied("events", 'what, "when"'),
            lambda: copied("events", f"{_PARTIES}, left(ltrim(\"when\", '['), 10)"),
            lambda: copied("plain", "parties, day"),
            lambda: scale.write(
                events,
                folder / f"{name} {next(copies)}",
                VOCABULARY,
                buckets=max(4, size // BUCKET),
            ),
        )
    note = f"{own / size * 1e6:.1f} and {floor / size * 1e6:.1f} us an event"
    most = 2 if name.startswith("few") else None
    table.row("write: times its sort and write", own / floor, most=most, note=note)
    table.row("... that takes pair and day out of texts", own / people)
    note = f"{columns / size * 1e6:.2f} us an event"
    table.row("... of plain columns", own / columns, note=note)


def panels(table: Table, data: Dataset) -> None:
    """Compare panels with what DuckDB groups of the same rows."""
    size = len(data)
    table.heading(f"{size:,} events, against DuckDB")
    grouped = (
        "select one, other, year(latest) as year, count(*) as n"
        f" from read_parquet('{data.folder}/rows-*.parquet') where one <> other"
        " group by all"
    )
    span = {"every": "year", "start": YEARS[0], "stop": YEARS[1]}
    with duckdb.connect(config={"threads": 2}) as connection:
        for flow in (True, False):
            floor, own = least_used(
                3,
                lambda: connection.sql(grouped).to_arrow_table(),
                lambda flow=flow: pa.table(data.panel(count(), flow=flow, **span)),
            )
            name = "flows" if flow else "states"
            table.row(f"panel of {name}: times its grouping", own / floor, most=2)
    pair = pair_of(MIDDLE)
    panel = data.panel(count(), flow=True, **span)
    found = sum(row.value for row in panel if {*row.key} == {*pair})
    log = data.among(*pair)
    expected = sum(row.value for row in log.panel(count(), by=dyads, flow=True, **span))
    if found != expected:
        sys.exit(f"the panel counts {found:,} of {expected:,} events of {pair}")


def bytes_of(data: Dataset) -> float:
    """Return the size of a dataset, relative to one with what this library reads.

    That has no columns for other readers: parties, fields of payloads, days as dates.
    """
    rows = sorted(data.folder.glob("rows-*.parquet"))
    now = sum(path.stat().st_size for path in data.folder.glob("*.parquet"))
    rest = now - sum(path.stat().st_size for path in rows)
    kept = ["rel", "lead", "last", "first", "name", *STORED]
    for path in rows:
        copy = data.folder.parent / "before.parquet"
        table = pq.read_table(path, columns=kept)
        pq.write_table(table, copy, 1 << 12, compression="zstd")
        rest += copy.stat().st_size
        copy.unlink()
    return now / rest


def two_processes(
    table: Table, datasets: dict[int, Dataset], judged: int, small: Dataset
) -> None:
    """Measure how the time of two processes grows with the number of events."""
    rates: dict[int, float] = {}
    single = seconds(lambda: each(datasets[judged])) / judged
    table.heading("all relationships on a day, two processes")
    for size, data in datasets.items():
        with warmed(processes(), small) as pool:
            taken = seconds(lambda data=data, pool=pool: each(data, pool))
            used = sum(dict(pool.map(peak, range(8))).values())
        rates[size] = taken / size
        note = f"{taken:,.1f} s, {size / taken / 1e6:,.2f} M/s"
        table.row(f"{size:,} events: us an event", rates[size] * 1e6, "us", note=note)
    largest = max(datasets)
    table.row(
        "the largest: times one process an event", rates[largest] / single, most=1
    )
    table.row("memory of two workers at most", used, "MB", most=2_048)
    cores = rates[largest] * 2 * 1e9 / 100 / 60
    print(f"\na billion events on 100 such cores: {cores:,.1f} minutes")


def main() -> None:
    """Print the tables."""
    options = arguments(__doc__, millions=())
    table, only = Table(judged=not options.quick), options.only
    machine("duckdb", "pyarrow", "distributed")
    asked = [int(float(size) * MILLION) for size in options.millions]
    if only in ("", "memory"):
        memory(table, QUICK[0] if options.quick else max(asked or SIZES))
    counts = [*QUICK] if options.quick else asked or [*SIZES]
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_FOLDER")) as folder:
        if only in ("", "write"):
            writing(table, max(counts), Path(folder))
        if only not in ("memory", "write"):
            of_datasets(table, only, counts, Path(folder))


def of_datasets(table: Table, only: str, counts: list[int], folder: Path) -> None:
    """Print the tables of what is asked of datasets, or the one that is named."""
    datasets: dict[int, Dataset] = {}
    for size in counts:
        datasets[size], taken = made(size, folder / str(size))
        print(f"{size:,} events laid out: {taken / size * 1e6:,.1f} us an event")
    small, largest = datasets[min(counts)], datasets[max(counts)]
    judged = max(size for size in counts if size <= max(IN_MEMORY, min(counts)))
    parts = {
        "lists": lambda: in_one_process(table, datasets[judged]),
        "dask": lambda: on_dask(table, datasets[judged], small, folder),
        "spark": lambda: on_spark(table, datasets[judged], small, folder),
        "processes": lambda: two_processes(table, datasets, judged, small),
        "one": lambda: one_relationship(table, largest),
        "bytes": lambda: sizes(table, largest),
        "panel": lambda: panels(table, largest),
    }
    if only and only not in parts:
        sys.exit(f"no such part: {only}")
    for name, part in parts.items():
        if only in ("", name):
            part()


if __name__ == "__main__":
    main()
