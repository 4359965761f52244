"""The benchmarks run, and print a row for each thing that they promise to compare."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from _measure import Table, held, in_turn, percentile
from _working_day import LAST, claims, fact, log_of
from _worlds import (
    bare,
    by_day,
    dyad_reports,
    events_of,
    related,
    reports,
)
from hypothesis import given
from hypothesis import strategies as st

from bri_timeline import EventLog


BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
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
    "bench_formats.py": [
        "Members of the Belt and Road",
        "GDELT",
        "ICEWS14 whole",
        "visits of China to Kazakhstan",
        "rows a second",
        "visits, times a bare reader",
    ],
    "bench_fold.py": ["folded anew", "asked again", "chronicle", "bounds"],
    "bench_icews14.py": ["rows to events", "first fold", "any dyad", "all dyads"],
    "bench_import.py": ["of importing attrs and pendulum", "database drivers"],
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


def _icews(folder: Path) -> Path:
    """Write a few made-up rows in the format of ICEWS14, two of them the same."""
    quadruples = [
        "0\t0\t1\t0\t-1",
        "0\t0\t1\t0\t-1",
        "1\t1\t0\t24\t-1",
        "2\t1\t2\t48\t-1",
    ]
    (folder / "train.txt").write_text("\n".join(quadruples), "utf-8")
    (folder / "valid.txt").write_text("1\t1\t2\t4800\n", "utf-8")
    (folder / "test.txt").write_text("2\t0\t0\t8736\n", "utf-8")
    (folder / "entity2id.txt").write_text("Astana\t0\nBaku\t1\nTbilisi\t2\n", "utf-8")
    (folder / "relation2id.txt").write_text("Meet\t0\nPraise\t1\n", "utf-8")
    return folder


@pytest.mark.parametrize("script", sorted(ROWS))
def test_benchmarks_run(script: str, tmp_path: Path) -> None:
    """Each script runs at tiny size, says nothing on stderr, and prints its rows."""
    folder = [str(_icews(tmp_path))] if script == "bench_icews14.py" else []
    result = _run(script, *folder)
    rows = list(ROWS[script])
    peers, more = WITH_PEERS.get(script, ([], []))
    if peers and _installed(*peers):
        rows += more

    assert (0, "") == (result.returncode, result.stderr)
    assert rows == [row for row in rows if row in result.stdout]


def test_rows_that_repeat_are_counted_once(tmp_path: Path) -> None:
    """Two rows of ICEWS14 that say the same are one happening."""
    result = _run("bench_icews14.py", str(_icews(tmp_path)))

    assert "building: 6 rows" in result.stdout
    assert "asking: 5 happenings, 3 dyads" in result.stdout


def test_a_folder_without_the_files_is_named(tmp_path: Path) -> None:
    """Without its files, the script for ICEWS14 says which it looked for, and where."""
    result = _run("bench_icews14.py", str(tmp_path))

    assert 1 == result.returncode
    assert f"{tmp_path} has no train.txt, valid.txt, test.txt" in result.stderr


def test_a_part_that_is_none_is_named() -> None:
    """A part that a script does not have is an error that names it."""
    result = _run("bench_log.py", "days", "nights")

    assert (1, "no such part: nights\n") == (result.returncode, result.stderr)


@pytest.mark.parametrize(
    ("script", "part", "row", "others"),
    [
        ("bench_scale.py", "memory", "with the index", "write: times"),
        ("bench_formats.py", "csv", "visits, times a bare reader", "GDELT"),
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


# --- what they share ----------------------------------------------------------------


@given(st.lists(st.integers(), min_size=1), st.integers(1, 100))
def test_a_percentile_is_the_least_that_covers_its_share(
    times: list[int], percent: int
) -> None:
    """That percentage of all times is at most the percentile, and less would not do."""
    found = percentile(times, percent)
    covered = sum(time <= found for time in times)
    below = sum(time < found for time in times)

    assert found in times
    assert 100 * covered >= percent * len(times) > 100 * below


@pytest.mark.parametrize(
    ("value", "bar", "verdict"),
    [
        (3.0, {"most": 3}, "ok"),
        (3.1, {"most": 3}, "MISSED"),
        (3.0, {"least": 3}, "ok"),
        (2.9, {"least": 3}, "MISSED"),
        (3.0, {}, ""),
    ],
)
def test_a_row_says_whether_its_bar_is_met(
    value: float, bar: dict[str, float], verdict: str, capsys: pytest.CaptureFixture
) -> None:
    """A bar is met by its own value; a row without one is not judged."""
    Table(judged=True).row("work", value, **bar)
    Table(judged=False).row("work", value, **bar)
    judged, quiet = capsys.readouterr().out.splitlines()

    assert judged.removeprefix(quiet).strip() == verdict


def test_works_are_taken_in_turn() -> None:
    """Every work meets a question before any meets the next, each timed once."""
    seen: list[tuple[str, int]] = []
    times = in_turn(
        range(2), lambda n: seen.append(("a", n)), lambda n: seen.append(("b", n))
    )

    assert [("a", 0), ("b", 0), ("a", 1), ("b", 1)] == seen
    assert [2, 2] == [len(taken) for taken in times]


def test_works_are_asked_a_block_of_questions_in_a_row() -> None:
    """Within a block, a work meets all questions; the last block may be short."""
    seen: list[tuple[str, int]] = []
    times = in_turn(
        range(3),
        lambda n: seen.append(("a", n)),
        lambda n: seen.append(("b", n)),
        block=2,
    )

    assert [("a", 0), ("a", 1), ("b", 0), ("b", 1), ("a", 2), ("b", 2)] == seen
    assert [3, 3] == [len(taken) for taken in times]


@pytest.mark.parametrize("size", [100_000, 1_000_000])
def test_memory_held_is_that_of_the_result(size: int) -> None:
    """What is held is what the result takes, without what was made on the way."""
    found, made = held(lambda: bytes(len(bytes(2 * size)) // 2))

    assert size == len(made)
    assert size <= found <= size + 10_000


@pytest.mark.parametrize("arrange", [list, by_day])
def test_arrivals_differ_in_order_only(arrange) -> None:
    """However reports arrive, the log of them has folded the same in the end."""
    found = reports(50)
    view = EventLog.of(*events_of(arrange(found))).as_of(LAST)

    assert sorted(report.day for report in found) == [
        event.when.last_day for event in view.events
    ]
    assert bare(view.events) == sum(report.millions for report in found)


def test_related_claims_count_once() -> None:
    """What is corrected, disputed or told twice is one happening."""
    log = related(1_000)

    assert 850 < len(log.as_of(LAST).events) < 910


def test_one_dyad_has_a_tenth_of_all() -> None:
    """One dyad has a tenth of the events, and no other comes near."""
    count: dict[frozenset[str], int] = {}
    for report in dyad_reports(10_000, 500):
        count[report.parties] = count.get(report.parties, 0) + 1
    first, *others = sorted(count.values(), reverse=True)

    assert 800 < first < 1_200
    assert max(others) < 1_000
    assert {2} == {len(pair) for pair in count}


def test_the_parts_that_the_readme_names_exist() -> None:
    """Each row of the table of benchmarks names a script, and a part of it."""
    readme = (BENCHMARKS / "README.md").read_text("utf-8")
    rows = re.findall(r"`(bench_\w+\.py) --only (\w+)`", readme)
    texts = {script: (BENCHMARKS / script).read_text("utf-8") for script, _ in rows}

    assert readme.count("--only ") == len(rows) + 1
    assert [] == [
        (script, part)
        for script, part in rows
        if not re.search(rf'def {part}\(|"{part}"', texts[script])
    ]


def test_every_script_is_checked() -> None:
    """The scripts in `benchmarks` are those checked here, and the one of dates."""
    assert [path.name for path in SCRIPTS] == sorted([*ROWS, "bench_edtf.py"])


def test_a_working_day_is_as_messy_as_it_says() -> None:
    """One pair has a tenth; the shares of what is imprecise and related are right."""
    found = claims(10_000)
    days = [claim.day for claim in found]
    lags = sorted(claim.known - claim.day for claim in found)
    rivals = {(claim.id, claim.number) for claim in found if claim.corrects is None}
    shares = {
        "busiest": sum(claim.pair == 0 for claim in found),
        "imprecise": sum(not re.fullmatch(r"\d+-\d\d-\d\d", c.when) for c in found),
        "corrections": sum(claim.corrects is not None for claim in found),
        "rivals": len(rivals) - len({claim.id for claim in found}),
        "witnesses": len(found) - len({(claim.id, claim.number) for claim in found}),
    }

    assert found == claims(10_000)
    assert days != sorted(days)
    assert [c.known for c in found] == sorted(c.known for c in found)
    assert 2 <= lags[5_000] <= 4
    assert lags[9_900] > 365
    assert {"busiest": 10, "imprecise": 20, "corrections": 2} == {
        name: round(shares[name] / 100)
        for name in ("busiest", "imprecise", "corrections")
    }
    assert {5} == {round(shares[name] / 100) for name in ("rivals", "witnesses")}


def test_a_log_of_a_working_day_is_known_as_it_arrived() -> None:
    """Corrections name what they correct; the log knows each claim on its day."""
    found = claims(2_000, 1)
    log = log_of(found, fact)

    assert [claim.known for claim in found] == [entry.known_day for entry in log]
    assert [claim.corrects for claim in found] == [entry.supersedes for entry in log]
    assert len(log.as_of(LAST).disputes) > 50
