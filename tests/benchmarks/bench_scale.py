"""Datasets on disk against sorted lists in memory, and against other executors.

Run by hand: `python tests/benchmarks/bench_scale.py [--quick] [--only PART]
[MILLIONS ...]`, by default with 1, 5, 20 and 50 million events; `--quick` has a few
thousand, and leaves Dask out. A part is `memory`, `lists`, `dask`, `processes`, `one`,
`bytes`, `write` or `panel`; `memory` takes the number of events that a log holds, by
default 10 million. The bars are about 5 and 50 million, and those against DuckDB about
the largest: give `20` for the panel of 20 million. The datasets are made first, in a
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
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from datetime import date
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
    Dealt,
    lethal,
    pair_of,
    standing,
)
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

from bri_timeline import Edtf, Event, EventLog, Source, scale
from bri_timeline.measures import count
from bri_timeline.scale import Dataset


SIZES = 1, 5, 20, 50
QUICK = 2_000, 4_000
MILLION = 1_000_000
BUCKET = 600_000
MEMORY = "512MB"
YEARS = "1995-01-01", "2024-12-31"
IN_MEMORY = 5 * MILLION
MANY = 5_000
THIRTY_YEARS = range(30 * 365)
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
    return os.getpid(), resident("VmHWM") / 2**20


def resident(name: str = "VmRSS") -> float:
    """Return how many bytes this process holds (or at most held: `VmHWM`)."""
    status = Path("/proc/self/status")
    found = status.exists() and re.search(rf"{name}:\s*(\d+) kB", status.read_text())
    return int(found[1]) * 1024 if found else math.nan


def some_events(count: int) -> Iterator[Event]:
    """Yield events that share what events of a log share: payloads, days, sources."""
    pairs = [frozenset(pair_of(number)) for number in range(1_600)]
    whats = [
        Dealt(pair, status, 1) for pair in pairs for status in ("planned", "signed")
    ]
    first = LATEST.toordinal() - len(THIRTY_YEARS)
    days = [Edtf(date.fromordinal(first + n).isoformat()) for n in THIRTY_YEARS]
    papers = [Source(f"Gazette {n}", published=LATEST) for n in range(100)]
    for number in range(count):
        yield Event(
            whats[number * 7_919 % len(whats)],
            when=days[number * len(days) // count],
            cite=papers[number % len(papers)],
            id=f"report {number}",
        )


def held_by(count: int) -> dict[str, float]:
    """Return the bytes that a log of so many events holds, at each stage."""
    gc.collect()
    before = resident()
    found: dict[str, float] = {}

    def note(name: str) -> None:
        gc.collect()
        found[name] = (resident() - before) / count

    log = EventLog.of(*some_events(count))
    note("events in a log")
    log.as_of(LATEST).project(standing)
    note("... in fold order, after a first question")
    log.among(*pair_of(0)).as_of(LATEST).project(standing)
    note("... with the index of parties, after another")
    found["at most, while they were made"] = (resident("VmHWM") - before) / count
    return found


def memory(table: Table, count: int) -> None:
    """Say how many bytes an event takes in memory, in a process of its own."""
    table.heading(
        f"a log of {count:,} events in one process, bytes an event: an id of 14 letters"
        "\n  each, in the order of their days (in another it is 40 more); days, 100"
        "\n  sources and 3,200 payloads are shared objects"
    )
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as one:
        found = one.submit(held_by, count).result()
    for name, value in found.items():
        table.row(name, value, "B", most=300 if "index" in name else None)


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


def first_questions(folder: Path, pair: tuple[str, str]) -> list[float]:
    """Return how long the first question takes, also where the files are known."""

    def asked() -> object:
        data = scale.open(folder, VOCABULARY)
        return data.project(standing, *pair, on=LATEST)

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
        events = [entry.claim for entry in data.among(*pair)]
        if not events:
            continue
        own, floor = least_used(
            9 if len(events) > MANY or not table.judged else 99,
            lambda pair=pair: data.project(standing, *pair, on=LATEST),
            lambda events=events: standing.fold(events),
        )
        note = f"{len(events):,} events, {own * 1e6:,.0f} us"
        table.row(
            f"times the fold of its own events, pair {number:,}",
            own / floor,
            most=50,
            note=note,
        )


def sizes(table: Table, data: Dataset) -> None:
    """Compare the size of a dataset with that of rows that only this library reads."""
    table.heading(f"{len(data):,} events")
    table.row("times the bytes of rows that only we can read", bytes_of(data), most=1.3)


def writing(table: Table, size: int, folder: Path) -> None:
    """Compare writing with what DuckDB needs to sort and write the same rows."""
    table.heading(f"{size:,} events, against DuckDB, processor time")
    events = pa.table(Deals(size, min(DYADS, size // 25)))
    with duckdb.connect(config={"threads": 2}) as connection:
        connection.execute("set enable_progress_bar = false")
        connection.register("events", events)
        target = folder / "sorted.parquet"
        written = f"copy (from events order by what, \"when\") to '{target}'"
        copies = iter(range(9))
        floor, own = least_used(
            3,
            lambda: connection.execute(f"{written} (compression zstd)"),
            lambda: scale.write(
                events, folder / f"copy-{next(copies)}", VOCABULARY, buckets=4
            ),
        )
    note = f"{own / size * 1e6:.1f} and {floor / size * 1e6:.1f} us an event"
    table.row("write: times its sort and write", own / floor, most=2.5, note=note)


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
            works = (
                lambda _: connection.sql(grouped).to_arrow_table(),
                lambda _, flow=flow: pa.table(data.panel(count(), flow=flow, **span)),
            )
            floor, own = map(median, in_turn(range(3), *works))
            name = "flows" if flow else "states"
            table.row(f"panel of {name}: times its grouping", own / floor, most=2)
    panel = pa.table(data.panel(count(), flow=True, **span))
    certain = sum(panel.column("value").to_pylist())
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
        memory(table, QUICK[0] if options.quick else max(asked or [10 * MILLION]))
    counts = [*QUICK] if options.quick else asked or [n * MILLION for n in SIZES]
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
        "dask": lambda: across_executors(table, datasets[judged], small, folder),
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
