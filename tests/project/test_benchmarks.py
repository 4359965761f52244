"""What the benchmarks share, and what their README names, is as it says."""

from __future__ import annotations

import re
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


@pytest.mark.slow
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
