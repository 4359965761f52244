"""States that are refreshed each morning, against folding what was touched, and all.

Run by hand: `python tests/benchmarks/bench_refresh.py [--quick] [MILLIONS [DAYS]]`, by
default with a million claims of a working day and 10 days, on each of which come a
hundredth more: late ones, corrections, rivals and witnesses among them. All but the
last million are only streamed. Exits with 1 if the states of a day are others than
those folded anew.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import date
from itertools import chain
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
from _dyads import VOCABULARY, Deals, batch_of
from _measure import Table, arguments, machine, used
from _working_day import PAIRS, claims, standing

from bri_timeline import scale
from bri_timeline.scale import Dataset, Refreshed
from bri_timeline.scale._executor import states_list


MILLION = 1_000_000
BUCKET = 600_000
QUICK = 4_000


def of_touched(data: Dataset, result: Refreshed, on: date) -> None:
    """Fold the relationships of a day's changes, and no others."""
    query, runner = data._query(on, None), data._runner(None)
    pairs = [change.pair for change in result.changes]
    tasks = runner.tasks(standing, query, pairs)
    for _ in runner.results(states_list, tasks, lambda *_: None):
        pass


def is_right(result: Refreshed, states: Mapping[tuple[str, str], Any]) -> bool:
    """Check that the files have the states folded anew."""
    rows = [row for path in result.files for row in pq.read_table(path).to_pylist()]
    found = {(row["one"], row["other"]): row["state"] for row in rows}
    return found == {
        pair: msgspec.json.encode(state).decode() for pair, state in states.items()
    }


def main() -> int:
    """Print the table; return 1 if a state is wrong."""
    given = arguments(__doc__, millions="1", days="10")
    size = QUICK if given.quick else int(float(given.millions) * MILLION)
    days, daily = 2 if given.quick else int(given.days), size // 100
    before = max(0, size - MILLION) // MILLION * MILLION
    found = claims(size - before + days * daily, PAIRS, seed=1 + before // MILLION)
    machine("duckdb", "pyarrow")
    table = Table(judged=not given.quick)
    table.heading(f"{days} days of {daily:,} claims after {size:,}: CPU seconds")
    wrong, times = 0, dict[str, list[float]]()
    with TemporaryDirectory() as folder:
        states, last = Path(folder) / "states", found[: size - before]
        earlier, starts = Deals(before, PAIRS), range(0, len(last), 1 << 17)
        batches = (batch_of(last[n : n + (1 << 17)], before) for n in starts)
        first = next(batches)
        rows = pa.RecordBatchReader.from_batches(
            first.schema, chain(earlier.batches(), [first], batches)
        )
        path, buckets = Path(folder) / "data", max(2, size // BUCKET)
        data = scale.write(rows, path, VOCABULARY, buckets=buckets)
        on = date.fromordinal(last[-1].known)
        data.refresh(states, standing, on=on)
        for day in range(days):
            stop = len(last) + (day + 1) * daily
            new = pa.Table.from_batches([batch_of(found[stop - daily : stop], before)])
            on = date.fromordinal(found[stop - 1].known)
            results: list[Refreshed] = []
            folded: dict[tuple[str, str], Any] = {}

            def appended(rows: pa.Table = new) -> None:
                nonlocal data
                data = data.append(rows)

            def refreshed(on: date = on, results: list[Refreshed] = results) -> None:
                results.append(data.refresh(states, standing, on=on))

            def touched(on: date = on, results: list[Refreshed] = results) -> None:
                of_touched(data, results[0], on)

            def anew(on: date = on, states: dict[Any, Any] = folded) -> None:
                states.update(data.project_each(standing, on=on))

            works = {"append": appended, "refresh": refreshed}
            works |= {"touched": touched, "anew": anew}
            for name, work in works.items():
                times.setdefault(name, []).append(used(work, rounds=1))
            wrong += not is_right(results[0], folded)
            spent = {name: round(taken[-1], 2) for name, taken in times.items()}
            if not given.quick:
                print(f"day {day + 1}: {wrong} wrong, {spent}", file=sys.stderr)
            if day == 0:
                table.row("relationships that changed", len(results[0].changes), "")
        middle = {name: median(taken) for name, taken in times.items()}
        for name, taken in middle.items():
            table.row(f"{name}: median of the days", taken, "s")
        ratio = middle["refresh"] / middle["touched"]
        table.row("refresh against the fold of what changed", ratio, most=2)
        table.row("refresh against all anew", middle["refresh"] / middle["anew"])
    table.row("days on which a state is wrong", wrong, "", most=0)
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
