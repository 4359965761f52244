"""Datasets on disk against sorted lists in memory, and against other executors.

Run by hand: `python tests/benchmarks/bench_scale.py [--quick] [MILLIONS ...]`, by
default with 1, 5, 20 and 50 million events; `--quick` has a few thousand, and leaves
Dask out. The bars are about 5 and 50 million, and those against DuckDB about the
largest: give `20` for the panel of 20 million. The datasets are made first, in a
temporary folder (or within $BENCH_FOLDER), which takes a minute for 5 million and 25
bytes an event; 5 million events are also held in memory (2 GB).

The peer is a list of events for each pair, in fold order, made of events in the order
of their arrival, and a loop that calls the same function.
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
from concurrent.futures import Executor, ProcessPoolExecutor
from pathlib import Path
from statistics import median
from time import sleep

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from _dyads import (
    DYADS,
    LATEST,
    VOCABULARY,
    Deals,
    lethal,
    pair_of,
    standing,
)
from _measure import Table, absent, arguments, in_turn, machine, seconds

from bri_timeline import Event, scale
from bri_timeline.measures import count
from bri_timeline.scale import Dataset


SIZES = ("1", "5", "20", "50")
MILLION = 1_000_000
BUCKET = 600_000
MEMORY = "512MB"
YEARS = "1995-01-01", "2024-12-31"
IN_MEMORY = 5 * MILLION
Lists = dict[tuple[str, str], tuple[list[int], list[Event]]]


def in_lists(data: Dataset) -> Lists:
    """Return the events of each pair in fold order, with the days they are certain."""
    states: Lists = {}
    for entry in data.entries():
        event = entry.claim
        one, other = sorted(event.parties)
        days, events = states.setdefault((one, other), ([], []))
        days.append(event.when.first_day or 0)
        events.append(event)
    return states


def folded(lists: Lists) -> dict[tuple[str, str], tuple[str, int]]:
    """Fold sorted lists up to a day: the floor."""
    initial, evolve, day = standing.initial, standing.evolve, LATEST.toordinal()
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
            Deals(count, min(DYADS, count // 25)), folder, VOCABULARY, buckets=buckets
        )
    ]
    taken = seconds(work[0])
    return scale.open(folder, VOCABULARY, memory=MEMORY), taken


def each(data: Dataset, executor: Executor | None = None) -> object:
    """Return all states on the day."""
    return data.project_each(standing, on=LATEST, executor=executor)


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
    found = re.search(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text())
    return os.getpid(), int(found[1]) / 1024 if found else math.nan


def in_one_process(table: Table, data: Dataset) -> None:
    """Compare one process with lists in memory."""
    table.heading(f"{len(data):,} events, all relationships on a day, one process")
    lists = in_lists(data)
    gc.collect()
    gc.freeze()
    if folded(lists) != each(data):
        sys.exit("the dataset has other states than lists in memory")
    works = (lambda _: folded(lists), lambda _: each(data))
    floor, own = map(median, in_turn(range(3), *works))
    gc.unfreeze()
    note = f"{len(data) / own / 1e6:,.2f} and {len(data) / floor / 1e6:,.2f} M/s"
    table.row(
        "times the events/s of lists in memory", floor / own, least=0.6, note=note
    )


def across_executors(table: Table, data: Dataset, small: Dataset, folder: Path) -> None:
    """Compare a Dask cluster of two workers with two plain processes."""
    table.heading(f"{len(data):,} events, two workers of Dask")
    if absent("distributed") or not table.judged:
        print("  left out")
        return
    os.environ["DASK_LOGGING__DISTRIBUTED"] = "critical"
    from distributed import Client, LocalCluster

    expected = each(data)
    with (
        warmed(processes(), small) as pool,
        LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None, memory_limit=0
        ) as cluster,
        Client(cluster) as client,
    ):
        dask = warmed(client.get_executor(), small)
        works = (lambda _: each(data, pool), lambda _: each(data, dask))
        plain, own = map(median, in_turn(range(3), *works))
        table.row("times two plain processes", own / plain, most=1.6)
        marker = folder / "killed"
        fold = lethal(str(marker))
        states: list[object] = []
        killed = seconds(
            lambda: states.append(data.project_each(fold, on=LATEST, executor=dask))
        )
    same = states == [expected] and marker.exists()
    note = f"{killed / own:.2f} times as long as without"
    table.row(
        "one worker killed midway, same states", float(same), "", least=1, note=note
    )


def one_relationship(table: Table, data: Dataset) -> None:
    """Compare one relationship on disk with the fold of its own events in memory."""
    table.heading(f"one relationship of {len(data):,} events, warm")
    for number in (0, 100, 1_000, 10_000):
        pair = pair_of(number)
        events = [entry.claim for entry in data.among(*pair)]
        if not events:
            continue
        works = (
            lambda _, pair=pair: data.project(standing, *pair, on=LATEST),
            lambda _, events=events: standing.fold(events),
        )
        own, floor = map(median, in_turn(range(9), *works))
        note = f"{len(events):,} events, {own * 1e3:,.2f} ms"
        table.row(
            f"times the fold of its own events, pair {number:,}",
            own / floor,
            most=50,
            note=note,
        )


def in_sql(table: Table, data: Dataset, folder: Path) -> None:
    """Compare sizes, writing and panels with what DuckDB does on the same rows."""
    size = len(data)
    table.heading(f"{size:,} events, against DuckDB")
    files = f"{data.folder}/rows-*.parquet"
    table.row("times the bytes of rows that only we can read", bytes_of(data), most=1.3)
    events = pa.table(Deals(size, min(DYADS, size // 25)))
    grouped = (
        "select one, other, year(latest) as year, count(*) as n"
        f" from read_parquet('{files}') where one <> other group by all"
    )
    span = {"every": "year", "start": YEARS[0], "stop": YEARS[1]}
    with duckdb.connect(config={"threads": 2}) as connection:
        connection.execute("set enable_progress_bar = false")
        connection.register("events", events)
        target = folder / "sorted.parquet"
        written = f"copy (from events order by what, \"when\") to '{target}'"
        copies = iter(range(9))
        works = (
            lambda _: connection.execute(f"{written} (compression zstd)"),
            lambda _: scale.write(
                events, folder / f"copy-{next(copies)}", VOCABULARY, buckets=4
            ),
        )
        floor, own = map(median, in_turn(range(3), *works))
        table.row("write: times its sort and write", own / floor, most=2.5)
        for flow in (True, False):
            works = (
                lambda _: connection.sql(grouped).to_arrow_table(),
                lambda _, flow=flow: pa.table(data.panel(count(), flow=flow, **span)),
            )
            floor, own = map(median, in_turn(range(3), *works))
            name = "flows" if flow else "states"
            table.row(f"panel of {name}: times its grouping", own / floor, most=2)
    panel = pa.table(data.panel(count(), flow=True, **span))
    certain = sum(panel.column("certain").to_pylist())
    if certain != size:
        sys.exit(f"the panel counts {certain:,} of {size:,} events")


def bytes_of(data: Dataset) -> float:
    """Return the size of a dataset, relative to one of the format before.

    That had the columns in which this library reads, and no others; numbers were
    dictionary-encoded, and every row had a hash of its name.
    """
    rows = sorted(data.folder.glob("rows-*.parquet"))
    rest = sum(
        path.stat().st_size
        for path in data.folder.glob("*.parquet")
        if path not in rows and not path.name.startswith("counts-")
    )
    now = sum(path.stat().st_size for path in data.folder.glob("*.parquet"))
    kept = ["rel", "lead", "position", "last", "first", "known_day", "name"]
    kept += ["what_code", "when_code", "cite_code", "id"]
    for path in rows:
        found = pq.read_table(path, columns=kept)
        names = found.column("id").to_pylist()
        hashes = pa.array([hash(name) & (1 << 63) - 1 for name in names])
        found = found.set_column(kept.index("name"), "name", hashes)
        day = found.column("last")
        found = found.set_column(kept.index("when_code"), "when_code", day)
        copy = data.folder.parent / "before.parquet"
        pq.write_table(found, copy, 1 << 12, compression="zstd")
        rest += copy.stat().st_size
        copy.unlink()
    return now / rest


def main() -> None:
    """Print the tables."""
    options = arguments(__doc__, millions=SIZES)
    table = Table(judged=not options.quick)
    machine("duckdb", "pyarrow", "distributed")
    counts = [int(float(size) * MILLION) for size in options.millions]
    if options.quick:
        counts = [2_000, 4_000]
    rates: dict[int, float] = {}
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_FOLDER")) as folder:
        datasets: dict[int, Dataset] = {}
        for size in counts:
            datasets[size], taken = made(size, Path(folder) / str(size))
            print(f"{size:,} events laid out: {taken / size * 1e6:,.1f} us an event")
        small = datasets[min(counts)]
        judged = max(size for size in counts if size <= max(IN_MEMORY, min(counts)))
        in_one_process(table, datasets[judged])
        across_executors(table, datasets[judged], small, Path(folder))
        single = seconds(lambda: each(datasets[judged])) / judged
        table.heading("all relationships on a day, two processes")
        for size in counts:
            with warmed(processes(), small) as pool:
                taken = seconds(lambda size=size, pool=pool: each(datasets[size], pool))
                used = sum(dict(pool.map(peak, range(8))).values())
            rates[size] = taken / size
            note = f"{taken:,.1f} s, {size / taken / 1e6:,.2f} M/s"
            table.row(
                f"{size:,} events: us an event", rates[size] * 1e6, "us", note=note
            )
        largest = max(counts)
        table.row(
            "the largest: times one process an event", rates[largest] / single, most=1
        )
        table.row("memory of two workers at most", used, "MB", most=2_048)
        one_relationship(table, datasets[largest])
        in_sql(table, datasets[largest], Path(folder))
    cores = rates[largest] * 2 * 1e9 / 100 / 60
    print(f"\na billion events on 100 such cores: {cores:,.1f} minutes")


if __name__ == "__main__":
    main()
