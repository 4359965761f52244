"""As many events as the disk holds: written, asked and counted in parts that resume.

Run by hand: `python tests/benchmarks/bench_large.py [--quick] [FOLDER] [MILLIONS]`. The
folder keeps the dataset, and in `done.jsonl` a line for each part and each question
that was done: the same command goes on where it was stopped, and more millions go on
from fewer. A part is an append of 25 million events. Each is done by a process of its
own; the memory of all processes together is looked at twice a second.

Events are computed from their number, so that those of some relationships can be made
again: the answers about 1,000 of these are compared with those of logs in memory. Of a
hundred relationships that are not busy one is messy: a ninth of its claims correct,
contradict or confirm another. Two fifths of the events are about the hundred busiest.
The version of the first 50 million is asked in the same run.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import suppress
from itertools import chain
from pathlib import Path
from threading import Event as Signal
from threading import Thread
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
from _dyads import VOCABULARY
from _measure import Table, arguments, machine
from _working_day import ACROSS, DAYS, LAST, pair_of, standing

from bri_timeline import EventLog, dyads, scale
from bri_timeline.errors import DatasetError
from bri_timeline.formats.arrow import from_arrow
from bri_timeline.measures import count
from bri_timeline.scale import Dataset


MILLION = 1_000_000
PART, SMALL = 25 * MILLION, 50 * MILLION
QUICK = 4_000, 2_000, 2_000, 4
PAIRS, BUCKETS = 100_000, 512
SAMPLE, AT_ONCE = range(1_007, 91_007, 90), 50
# DuckDB's, in each process; and what stays free on the disk, with a part being sorted.
MEMORY, LEFT = "256MB", 25 * 2**30
BATCH = 1 << 18
YEARS = {"every": "year", "start": "1995-01-01", "stop": "2024-12-31"}
# A claim of a messy pair is told again, put right or contradicted 64 numbers later.
_MACROS = f"""
create macro drawn(n, which, many) as (hash(n, which) % many)::bigint;
create macro pair_of(n) as floor(pow({PAIRS}, hash(n, 0) / pow(2, 64)))::bigint;
create macro is_messy(pair) as pair > {PAIRS} // 100 and pair % 100 = 7;
create macro text_of(pair) as '["org:a' || lpad((pair // {ACROSS})::varchar, 3, '0')
    || '","org:b' || lpad((pair % {ACROSS})::varchar, 3, '0') || '"]';
"""
_ROWS = """
with near as (select n, n - 64 as before from range({start}, {stop}) numbers(n)),
told as (
    select n, case when n % 128 >= 64 and drawn(n, 4, 4) = 0
        and is_messy(pair_of(before)) then before else n end as first
    from near
),
chosen as (
    select *, pair_of(first) as pair, first < n as again, drawn(n, 5, 3) as way,
        date '1995-01-01' + drawn(first, 3, {days})::int as day
    from told where {where}
)
select n, pair, 'Dealt' as kind,
    '{{"millions":' || 1 + drawn(if(again and way < 2, n, first), 1, 500)
        || ',"parties":' || text_of(pair) || ',"status":"'
        || ['planned', 'signed', 'in force', 'ended'][1 + drawn(first, 2, 4)]
        || '"}}' as what,
    case drawn(first, 7, 20)
        when 0 then left(day::varchar, 4) when 1 then left(day::varchar, 7)
        when 2 then left(day::varchar, 7) || '~'
        when 3 then left(day::varchar, 7) || '-XX'
        else day::varchar end as when,
    'e' || first as id,
    [{{'title': if(again, 'Herald', 'Wire'),
        'published': (day + (again::int + drawn(n, 6, 90))::int)::varchar}}] as cite,
    if(again and way = 0, first, null) as supersedes
from chosen order by n
"""


def events(
    connection: duckdb.DuckDBPyConnection, start: int, stop: int, where: str = "true"
) -> pa.Table:
    """Return events as columns of `formats.arrow`, and their numbers as `n`.

    Args:
        connection: A database.
        start: The number of the first.
        stop: The number after the last.
        where: Which of them, by the number of their `pair`.
    """
    query = _ROWS.format(start=start, stop=stop, where=where, days=DAYS)
    return connection.sql(f"select * exclude (pair) from ({query})").to_arrow_table()


def database() -> duckdb.DuckDBPyConnection:
    """Return a database that computes events."""
    connection = duckdb.connect(config={"threads": 1, "memory_limit": MEMORY})
    connection.execute("set enable_progress_bar = false")
    connection.execute(_MACROS)
    return connection


class Events:
    """Events as a stream of Arrow.

    Args:
        start: The number of the first.
        stop: The number after the last.
    """

    def __init__(self, start: int, stop: int) -> None:
        self.start, self.stop = start, stop

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        batches = self._batches()
        first = next(batches)
        both = chain([first], batches)
        reader = pa.RecordBatchReader.from_batches(first.schema, both)
        return reader.__arrow_c_stream__(requested_schema)

    def _batches(self) -> Iterator[pa.RecordBatch]:
        with database() as connection:
            for start in range(self.start, self.stop, BATCH):
                table = events(connection, start, min(start + BATCH, self.stop))
                table = table.drop_columns("n")
                for name in ("kind", "when"):
                    place = table.schema.get_field_index(name)
                    coded = table.column(name).combine_chunks().dictionary_encode()
                    table = table.set_column(place, name, coded)
                yield from table.combine_chunks().to_batches()


# --- what is done, each by a process of its own ---------------------------------------
Found = dict[str, float]


def written(folder: str, start: int, stop: int, buckets: int) -> Found:
    """Write a part of the events, or append it."""
    some, data = Events(start, stop), Path(folder) / "data"
    if start:
        scale.open(data, VOCABULARY, memory=MEMORY).append(some)
    else:
        scale.write(some, data, VOCABULARY, buckets=buckets, memory=MEMORY)
    return {}


def processes() -> Executor:
    """Return two processes that begin anew."""
    return ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn"))


def states(data: Dataset, folder: Path) -> int:
    """Save the states of all relationships on a day."""
    place = folder / "states"
    shutil.rmtree(place, ignore_errors=True)
    with processes() as executor:
        return data.save_each(standing, place, on=LAST, executor=executor)


def panel(data: Dataset, folder: Path) -> int:
    """Save how many events each relationship had in each year."""
    with processes() as executor:
        rows = data.panel(count(), flow=True, executor=executor, **YEARS)
        return scale.save_panel(rows, folder / "panel.parquet")


QUESTIONS: dict[str, Callable[[Dataset, Path], int]] = {
    "states": states,
    "panel": panel,
}


def asked(folder: str, name: str, size: int, version: int) -> Found:
    """Ask a question of the version of the first events, and then of all."""
    found: Found = {}
    for which, number in (("first", version), ("all", None)):
        place = f"{folder}/data"
        data = scale.open(place, VOCABULARY, version=number, memory=MEMORY)
        begin, worked = time.perf_counter(), processor()
        found[f"{which} rows"] = QUESTIONS[name](data, Path(folder))
        found[f"{which} seconds"] = time.perf_counter() - begin
        found[f"{which} processor"] = processor() - worked
        found[f"{which} size"] = len(data)
    return found


def compared(folder: str, size: int) -> Found:
    """Compare the answers about some relationships with those of logs in memory."""
    place, right = Path(folder), 0
    sample, some = place / "sample.parquet", ", ".join(map(str, SAMPLE))
    query = _ROWS.format(start=0, stop=size, where=f"pair in ({some})", days=DAYS)
    with database() as connection:
        connection.execute(f"set temp_directory = '{place / 'spilled'}'")
        connection.execute(f"copy ({query}) to '{sample}'")
        for first in range(0, len(SAMPLE), AT_ONCE):
            pairs = SAMPLE[first : first + AT_ONCE]
            where = f"pair between {pairs[0]} and {pairs[-1]}"
            rows = f"select * exclude (pair) from '{sample}' where {where} order by n"
            log = log_of(connection.sql(rows).to_arrow_table())
            right += sum(
                found == expected
                for found, expected in zip(
                    answers_in(connection, place, pairs),
                    answers_of(log, pairs),
                    strict=True,
                )
            )
    sample.unlink()
    return {"right": right}


def log_of(table: pa.Table) -> EventLog:
    """Return the log of events, in which they have other positions."""
    numbers = table.column("n")
    places = pc.index_in(table.column("supersedes"), value_set=numbers).cast(pa.int64())
    place = table.schema.get_field_index("supersedes")
    return from_arrow(
        table.set_column(place, "supersedes", places).drop_columns("n"), VOCABULARY
    )


Answer = tuple[object, list[tuple[object, ...]]]


def answers_of(log: EventLog, pairs: Iterable[int]) -> list[Answer]:
    """Return the state of each pair, and its rows of the panel."""
    each = log.as_of(LAST).project_each(standing, by=dyads)
    rows: dict[object, list[tuple[object, ...]]] = {}
    for row in log.panel(count(), by=dyads, flow=True, **YEARS):
        rows.setdefault(row.key, []).append((row.since, row.value, row.low, row.high))
    names = map(pair_of, pairs)
    return [(each.get(pair), rows.get(pair, [])) for pair in names]


def answers_in(
    connection: duckdb.DuckDBPyConnection, folder: Path, pairs: Sequence[int]
) -> list[Answer]:
    """Return the same from the files that hold all answers."""
    wanted = [pair_of(pair) for pair in pairs]
    connection.register(
        "wanted", pa.table([*map(pa.array, zip(*wanted, strict=True))], ["a", "b"])
    )
    each = connection.sql(
        f"select a, b, state from '{folder}/states/*.parquet'"
        " join wanted on one = a and other = b"
    ).fetchall()
    states = {(one, other): tuple(json.loads(state)) for one, other, state in each}
    rows: dict[object, list[tuple[object, ...]]] = {}
    for one, other, *row in connection.sql(
        f"select a, b, since, value, low, high from '{folder}/panel.parquet'"
        " join wanted on key_1 = a and key_2 = b order by a, b, since"
    ).fetchall():
        rows.setdefault((one, other), []).append(tuple(row))
    return [(states.get(pair), rows.get(pair, [])) for pair in wanted]


# --- parts that resume ----------------------------------------------------------------
def processor() -> float:
    """Return how many seconds this process and those that it waited for have worked."""
    return sum(os.times()[:4])


class Memory:
    """Looks at how many MB this process and all that it started hold together.

    Attributes:
        most: At most so many.
    """

    def __init__(self) -> None:
        self.most = 0.0
        self._is_over = Signal()
        self._thread = Thread(target=self._look)

    def __enter__(self) -> Memory:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._is_over.wait(0.5):
            self.most = max(self.most, _held())


def _held() -> float:
    found: dict[int, tuple[int, float]] = {}
    for path in Path("/proc").glob("[0-9]*/status"):
        with suppress(OSError):  # it has ended
            numbers = dict(re.findall(r"(PPid|VmRSS):\s*(\d+)", path.read_text()))
            held = int(numbers.get("VmRSS", 0)) / 1024
            found[int(path.parent.name)] = int(numbers["PPid"]), held
    ours = {os.getpid()}
    while more := {one for one, (above, _) in found.items() if above in ours} - ours:
        ours |= more
    return sum(found[one][1] for one in ours if one in found)


def done(folder: Path) -> list[dict[str, Any]]:
    """Return what was done before."""
    path = folder / "done.jsonl"
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    return [json.loads(line) for line in lines]


def do(folder: Path, work: Callable[..., Found], *of: Any) -> None:
    """Do a part in a process of its own, and note what it took; not a second time."""
    name = {"work": work.__name__, "of": [*of]}
    if any({k: one[k] for k in name} == name for one in done(folder)):
        return
    begin, worked = time.perf_counter(), processor()
    spawn = multiprocessing.get_context("spawn")
    with Memory() as memory, ProcessPoolExecutor(1, mp_context=spawn) as one:
        found = one.submit(work, str(folder), *of).result()
    taken = {"seconds": time.perf_counter() - begin, "processor": processor() - worked}
    line = {**name, **taken, "megabytes": memory.most, **found}
    with (folder / "done.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
    print(json.dumps(line), flush=True)


def run(folder: Path, size: int, part: int, small: int, buckets: int) -> int:
    """Write, ask and compare, from where it was stopped; return how many there are."""
    data, there = folder / "data", 0
    with suppress(DatasetError):  # nothing is written yet
        there = len(scale.open(data, VOCABULARY))
    while there < size and shutil.disk_usage(folder).free > LEFT:
        do(folder, written, there, min(size, there + part), buckets)
        there = len(scale.open(data, VOCABULARY))
    for name in QUESTIONS:
        do(folder, asked, name, there, min(small, there) // part)
    do(folder, compared, there)
    return there


def show(table: Table, folder: Path, size: int) -> None:
    """Print what was measured, of all parts so far."""
    every = done(folder)
    parts = [one for one in every if one["work"] == "written"]
    table.heading(f"{size:,} events, in {len(parts)} parts")
    noted = sum(one["of"][1] - one["of"][0] for one in parts)
    for name in ("processor", "seconds"):
        value = sum(one[name] for one in parts) / noted * MILLION
        table.row(f"writing, with making them: {name} an event", value, "us")
    last = parts[-1]["of"][1] - parts[-1]["of"][0]
    table.row("... of the last part", parts[-1]["processor"] / last * MILLION, "us")
    held = sum(path.stat().st_size for path in (folder / "data").iterdir())
    table.row("bytes of disk an event", held / size, "B")
    for one in every:
        if one["work"] == "asked" and one["of"][1] == size:
            for clock in ("seconds", "processor"):
                rates = {
                    which: one[f"{which} size"] / one[f"{which} {clock}"] / MILLION
                    for which in ("first", "all")
                }
                note = f"{rates['first']:.2f} and {rates['all']:.2f} M/s"
                name = f"{one['of'][0]} of {one['all rows']:,} rows, {clock}"
                table.row(name, one[f"all {clock}"], "s", note=note)
                table.row(
                    f"... rows a second, of those of {one['first size']:,}",
                    rates["all"] / rates["first"],
                    least=0.8,
                )
        if one["work"] == "compared" and one["of"] == [size]:
            table.row(
                "right of the sampled relationships",
                one["right"],
                "",
                least=len(SAMPLE),
            )
    most = max(one["megabytes"] for one in every)
    table.row("memory of all processes at most", most, "MB", most=2_048)


def main() -> None:
    """Print the table."""
    options = arguments(__doc__, folder="", millions="200")
    table = Table(judged=not options.quick)
    machine("duckdb", "pyarrow")
    with tempfile.TemporaryDirectory() as own:
        folder = Path(options.folder or own)
        folder.mkdir(parents=True, exist_ok=True)
        sizes = int(float(options.millions) * MILLION), PART, SMALL, BUCKETS
        there = run(folder, *(QUICK if options.quick else sizes))
        show(table, folder, there)


if __name__ == "__main__":
    main()
