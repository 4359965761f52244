"""The benchmarks run, and print a row for each thing that they promise to compare.

The gate runs this file; `pytest` finds only files that begin with `test_`.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest


BENCHMARKS = Path(__file__).parent
SCRIPTS = sorted(BENCHMARKS.glob("bench_*.py"))

# What must stand in the table of each; of peers that are not installed only the name.
ROWS = {
    "bench_answers.py": [
        "few of it change the state",
        "all of it changes the state",
        "clean, a value that changes seldom",
        "related, one that always changes",
        "one event a day",
        "times a quarter of it",
    ],
    "bench_build.py": [
        "after building",
        "EventLog.of, in the order of their days",
        "append one, ask the newest",
    ],
    "bench_command.py": ["state", "explain", "timeline", "export", "facts", "entries"],
    "bench_engines.py": ["bare loop", "SQLite", "duckdb", "polars", "all dyads"],
    "bench_eventsourcing.py": ["eventsourcing"],
    "bench_formats.py": ["visits, times a bare reader"],
    "bench_large.py": [
        "rows a second, of those of",
        "right of the sampled relationships",
        "memory of all processes at most",
    ],
    "bench_late.py": [
        "what comes last",
        "a late report",
        "bytes an event",
    ],
    "bench_log.py": [
        "a random day, one relationship",
        "a random day and knowledge day",
        "the first fold",
        "a projection that reads",
        "one dyad",
        "view.undecided",
        "during a year, view.project",
        "beliefs over",
        "every step of",
    ],
    "bench_panel.py": [
        "each year, times project()",
        "each month, without bounds",
        "times project_each() asked anew",
        "times polars grouping the rows",
        "whatever is known",
        "as known by another",
        "equal answers: True",
        "more memory at the most",
    ],
    "bench_refresh.py": [
        "refresh against the fold of what changed",
        "days on which a state is wrong",
    ],
    "bench_related.py": [
        "times the bare loop",
        "building it",
        "10 % repeat an earlier id",
        "known by a day",
        "one id with",
        "a disputed id",
    ],
    "bench_relationship.py": [
        "the first state, times a loop",
        "a late report: first states",
        "its history",
        "beliefs, times the first state",
        "a dictionary of",
    ],
    "bench_releases.py": [
        "release 3, of a plain import",
        "release 3, of EventLog.extend()",
    ],
    "bench_scale.py": [
        "with the index of parties",
        "write: times its sort and write",
        "panel of flows: times its grouping",
        "times the events/s of lists in memory",
        "two workers of Dask",
        "memory of two workers at most",
        "times the fold of its own events",
        "a billion events on 100 such cores",
    ],
    "bench_stores.py": [
        "to SQLite in batches",
        "of bare executemany",
        "one by one",
        "reads for ever",
        "follow, times a decoding cursor",
        "verify, times a decoding cursor",
        "one pair of",
    ],
}
WITH_PEERS = {
    "bench_engines.py": (
        ["duckdb", "polars", "pyarrow"],
        ["polars, in its own table", "DuckDB"],
    ),
    "bench_eventsourcing.py": (
        ["eventsourcing"],
        [
            "as installed",
            "under python -O",
            "append",
            "reconstruct",
            "any of",
            "bytes",
            "read and fold, times as fast",
        ],
    ),
}


def _installed(*names: str) -> bool:
    return all(importlib.util.find_spec(name) for name in names)


def _run(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(BENCHMARKS / script), "--quick", *arguments],
        capture_output=True,
        check=False,
        encoding="utf-8",
        env={**os.environ, "PYTHONUTF8": "1"},
    )


@pytest.mark.parametrize("script", sorted(ROWS))
def test_benchmarks_run(script: str) -> None:
    """Each script runs at tiny size, says nothing on stderr, and prints its rows."""
    result = _run(script)
    rows = list(ROWS[script])
    peers, more = WITH_PEERS.get(script, ([], []))
    if peers and _installed(*peers):
        rows += more

    assert (0, "") == (result.returncode, result.stderr)
    assert rows == [row for row in rows if row in result.stdout]


def test_a_part_that_is_none_is_named() -> None:
    """A part that a script does not have is an error that names it."""
    result = _run("bench_log.py", "days", "nights")

    assert (1, "no such part: nights\n") == (result.returncode, result.stderr)


@pytest.mark.parametrize(
    ("script", "part", "row", "others"),
    [
        ("bench_scale.py", "memory", "with the index", "write: times"),
        ("bench_engines.py", "hottest", "the hottest dyad", "one dyad of any size"),
    ],
)
def test_a_part_is_printed_alone(script: str, part: str, row: str, others: str) -> None:
    """A part that is named is printed, and no other."""
    result = _run(script, "--only", part)

    assert (0, "") == (result.returncode, result.stderr)
    assert row in result.stdout
    assert others not in result.stdout


def test_tiny_sizes_are_not_judged() -> None:
    """At tiny size no row says whether its bar is met: bars are about full sizes."""
    result = _run("bench_build.py", "append")

    assert "at most 1.50" in result.stdout
    assert "MISSED" not in result.stdout
    assert " ok" not in result.stdout


def test_every_script_is_checked() -> None:
    """The scripts in `benchmarks` are those checked here, and the one of dates."""
    assert [path.name for path in SCRIPTS] == sorted([*ROWS, "bench_edtf.py"])
