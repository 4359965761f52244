"""How fast tables of many answers are, against grouping and as-of joins of engines.

Run by hand: `python tests/benchmarks/bench_panel.py [--quick] [--only PART]`,
where PART is `busy`, `panels`, `questions` or `stream`. A million reports about 40,000
pairs over 30 years, of which the first pair has a tenth; a fifth has an imprecise date.
To others such a date is its last day, on which it is certain: only that they answer,
and the log bounds as well. Their answers are compared with those of the log.
"""

from __future__ import annotations

import gc
import math
import re
from collections.abc import Iterator
from datetime import date
from functools import partial
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
from _measure import Table, arguments, least_used, machine, medians, seconds, used
from _working_day import PAIR, claims, fact, log_of
from _worlds import FIRST, Report, dyad_reports, events_of

from bri_timeline import EventLog, dyads
from bri_timeline.measures import count
from bri_timeline.relations import Relationship, relationship


MANY, DYADS, QUESTIONS, YEARS = 1_000_000, 40_000, 100_000, 30
START, STOP = date.fromordinal(FIRST), date(2024, 12, 31)
DAYS = STOP.toordinal() - FIRST
MOST = 1 << 19
Question = tuple[tuple[str, str], date, date | None]


def world(many: int) -> list[Report]:
    """Return the reports, in the order in which they became known."""
    return dyad_reports(many, max(2, many * DYADS // MANY))


def frame_of(found: list[Report]) -> pl.DataFrame:
    """Return the same rows as columns."""
    pairs = [sorted(report.parties) for report in found]
    return pl.DataFrame(
        {
            "a": [a for a, _ in pairs],
            "b": [b for _, b in pairs],
            "day": [date.fromordinal(report.day) for report in found],
            "known": [date.fromordinal(report.known) for report in found],
            "millions": [report.millions for report in found],
        }
    )


# --- panels ---------------------------------------------------------------------------


def panel(log: EventLog) -> Any:
    """Return the panel of pairs and years, as columns."""
    return pa.table(log.panel(count(), by=dyads, every="year", start=START, stop=STOP))


def each_of(log: EventLog) -> object:
    """Return the state of each pair."""
    return log.as_of(STOP).project_each(count(), by=dyads)


def grouped(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the number of reports by pair and year, as polars groups rows."""
    return rows.group_by("a", "b", pl.col("day").dt.year().alias("year")).len()


def panels(table: Table, log: EventLog, rows: pl.DataFrame, rounds: int) -> None:
    """Ask for a panel on a new log, and again."""
    # From a heap without garbage: a pass of the collector over the log costs as much as
    # either, and falls on whichever comes second.
    pairs = [
        (
            used(lambda: each_of(log.with_cache(MOST)), 1),
            used(lambda: panel(log.with_cache(MOST)), 1),
        )
        for _ in range(rounds)
    ]
    each, cold = (median(times) for times in zip(*pairs, strict=True))
    found = panel(log)
    again, polars = medians(rounds, lambda: panel(log), lambda: grouped(rows))
    table.heading(f"a panel of {len(found) // YEARS:,} pairs and {YEARS} years, count")
    table.row("asked anew, times project_each() asked anew", cold / each, most=1.5)
    table.row("asked again, times polars grouping the rows", again / polars, most=10)
    table.row("asked again", again * 1000, "ms")
    last = pl.DataFrame(found).filter(pl.col("until") == STOP)
    certain = rows.filter(pl.col("day") <= STOP).group_by("a", "b").len()
    summed = certain.rename({"a": "key_1", "b": "key_2"})
    same = last.filter(pl.col("value") > 0).join(summed, on=["key_1", "key_2"])
    same = same.filter(pl.col("value") == pl.col("len"))
    print(f"  equal answers: {len(same) == len(summed)}")


# --- one busy pair --------------------------------------------------------------------


def busy(table: Table, times: int) -> None:
    """A value of the relationship of one busy pair, against the same by `project()`.

    Args:
        table: The table.
        times: A multiple of ten claims by years, and of 25 by months.
    """
    fold = relationship(*PAIR)
    for share, every, most in ((10, "year", 10), (25, "month", 20)):
        many = share * times
        log = log_of(claims(many, 1), fact)
        ends = [row.until for row in log.panel(count(), by=dyads, every=every, **SPAN)]
        options: dict[str, Any] = {"by": dyads, "every": every, "of": visits, **SPAN}

        def asked(log: EventLog, ends: list[Any] = ends) -> list[int]:
            log = log.with_cache(MOST)
            return [visits(log.as_of(day).project(fold)) for day in ends]

        def rows(log: EventLog, bounds: bool, given: dict[str, Any] = options) -> Any:
            log = log.with_cache(MOST)
            return [*log.panel(relationship, bounds=bounds, **given)]

        one, with_bounds, without = least_used(
            3,
            lambda log=log: asked(log),
            lambda log=log: rows(log, bounds=True),
            lambda log=log: rows(log, bounds=False),
        )
        table.heading(f"visits of one pair of {many:,} claims, each {every}")
        note = f"{with_bounds * 1e3:.0f} ms; {len(ends)} rows"
        table.row(
            f"each {every}, times project()", with_bounds / one, most=most, note=note
        )
        table.row(f"each {every}, without bounds", without / one, most=2)
        same = asked(log) == [row.value for row in rows(log, bounds=True)]
        print(f"  equal answers: {same}")


def visits(state: Relationship) -> int:
    """Return how many visits there were."""
    return len(state.visits)


SPAN: dict[str, Any] = {"start": START, "stop": STOP}


# --- questions ------------------------------------------------------------------------


def asked_about(found: list[Report], number: int, *, known: bool) -> list[Question]:
    """Return questions about the pairs of some reports, on days of their own."""
    random = Random(5)
    days = [date.fromordinal(FIRST + day) for day in range(DAYS)]
    return [
        (
            (first, second),
            random.choice(days),
            random.choice(days) if known else None,
        )
        for report in random.choices(found, k=number)
        for first, second in [sorted(report.parties)]
    ]


def answered(log: EventLog, questions: list[Question]) -> Any:
    """Return the answers, as columns."""
    return pa.table(log.panel(count(), by=dyads, at=questions))


def questions_of(asked: list[Question]) -> pl.DataFrame:
    """Return the same questions as columns."""
    return pl.DataFrame(
        {
            "row": range(len(asked)),
            "a": [key[0] for key, _, _ in asked],
            "b": [key[1] for key, _, _ in asked],
            "day": [day for _, day, _ in asked],
            "known": [known for _, _, known in asked],
        },
        schema_overrides={"known": pl.Date},
    )


def as_of_polars(sums: pl.DataFrame, asked: pl.DataFrame) -> pl.DataFrame:
    """Return the answers by the as-of join of polars, on sums made beforehand."""
    joined = asked.sort("day").join_asof(
        sums, on="day", by=["a", "b"], check_sortedness=False
    )
    return joined.sort("row").with_columns(pl.col("sum").fill_null(0))


AS_OF = """
select row, coalesce(sum, 0) as sum
from asked asof left join sums
on asked.a = sums.a and asked.b = sums.b and asked.day >= sums.day
order by row
"""
BOTH = """
select row, count(rows.a) as sum
from asked left join rows
on asked.a = rows.a and asked.b = rows.b
and rows.day <= asked.day and rows.known <= asked.known
group by row order by row
"""


def questions(
    table: Table, log: EventLog, found: list[Report], rows: pl.DataFrame, number: int
) -> None:
    """Ask about one day, and about one day as known by another."""
    connection = duckdb.connect()
    connection.register("frame", rows)
    connection.execute("create table rows as select * from frame")
    sums = rows.sort("day").with_columns(
        pl.int_range(1, pl.len() + 1).over("a", "b").alias("sum")
    )
    sums = sums.group_by("a", "b", "day", maintain_order=True).agg(pl.col("sum").max())
    connection.register("sums_frame", sums)
    connection.execute(
        "create table sums as select * from sums_frame order by a, b, day"
    )
    for known in (False, True):
        asked = asked_about(found, number, known=known)
        columns = questions_of(asked)
        connection.register("asked_frame", columns)
        connection.execute("create or replace table asked as select * from asked_frame")
        query = BOTH if known else AS_OF
        first = seconds(partial(answered, log, asked))
        ours, duck, polars = medians(
            3,
            partial(answered, log, asked),
            lambda query=query: connection.sql(query).to_arrow_table(),
            lambda columns=columns: as_of_polars(sums, columns),
        )
        what = "as known by another" if known else "whatever is known"
        table.heading(f"{number:,} questions about a pair and a day, {what}")
        fastest = duck if known else min(duck, polars)
        name = "DuckDB" if fastest is duck else "polars"
        table.row(f"times {name}, the faster of two", ours / fastest, most=5)
        table.row("asked first", first * 1000, "ms")
        table.row("asked again", ours * 1000, "ms")
        table.row("the as-of join of polars, one day only", polars * 1000, "ms")
        table.row("DuckDB", duck * 1000, "ms")
        mine = answered(log, asked)["value"].to_pylist()
        others = [connection.sql(query).to_arrow_table()["sum"].to_pylist()]
        if not known:
            others.append(as_of_polars(sums, columns)["sum"].to_list())
        print(f"  equal answers: {all(mine == other for other in others)}")


def stream(table: Table, log: EventLog, found: list[Report], number: int) -> None:
    """Ask ten times as many questions in a stream, and print what memory they take."""
    some = asked_about(found, number, known=True)

    def endless() -> Iterator[Question]:
        for _ in range(10):
            yield from some

    def read() -> None:
        panel = log.panel(count(), by=dyads, at=endless())
        for batch in pa.RecordBatchReader.from_stream(panel):
            assert len(batch)

    # Without the first one, which makes the tallies that the log keeps.
    read()
    gc.collect()
    before = held_at_most(anew=True)
    taken = seconds(read)
    more = held_at_most() - before
    table.heading(f"{10 * number:,} questions in a stream")
    table.row("asked again", taken, "s")
    table.row("more memory at the most", more, "MiB", most=64)


def held_at_most(*, anew: bool = False) -> float:
    """Return how many MiB this process has held at most, or since it was asked anew.

    The highest is set back to what is held now: whatever was measured before, such as
    the joins of an engine, held more.
    """
    if anew:
        Path("/proc/self/clear_refs").write_text("5")
    found = re.search(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) / 1024 if found else math.nan


def main() -> None:
    """Print the ratios."""
    options = arguments(__doc__)
    many, rounds = (2_500, 1) if options.quick else (MANY, 3)
    number = many * QUESTIONS // MANY
    table = Table(judged=not options.quick)
    machine("duckdb", "polars", "pyarrow")
    if options.only in ("", "busy"):
        busy(table, 4 if options.quick else 100)
    if options.only == "busy":
        return
    found = world(many)
    rows = frame_of(found)
    log = EventLog.of(*events_of(found))
    if options.only in ("", "panels"):
        panels(table, log, rows, rounds)
    if options.only in ("", "questions"):
        questions(table, log, found, rows, number)
    if options.only in ("", "stream"):
        stream(table, log, found, number)


if __name__ == "__main__":
    main()
