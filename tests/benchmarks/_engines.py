"""The same table of events in other engines, each asked the same two questions.

A row is (place, day, dyad, status, millions), in the order of days. What suits the
engines best is done for them: a dyad is a number, `place` spares them a sort, and
columns are loaded in the order of dyads, so that one of them lies together.
"""

from __future__ import annotations

import sqlite3
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import NamedTuple

from bri_timeline import Event, Projection


__all__ = [
    "Engine",
    "Row",
    "Standing",
    "in_duckdb",
    "in_lists",
    "in_polars",
    "in_sqlite",
]

Row = tuple[int, int, int, str, int]
Standing = tuple[str, int]
NAMES = ("place", "day", "dyad", "status", "millions")


class Engine(NamedTuple):
    """Ways to ask one engine.

    Attributes:
        one: Returns the state of a dyad on a day.
        every: Returns the states of all dyads on a day, as a dictionary.
        native: Returns them in the engine's own form, if it has one.
    """

    one: Callable[[int, int], Standing]
    every: Callable[[int], dict[int, Standing]]
    native: Callable[[int], object] | None = None


def in_lists(
    events: Sequence[Event], rows: Sequence[Row], fold: Projection[Standing]
) -> Engine:
    """Return sorted lists and loops that call the same function: the floor."""
    days: dict[int, list[int]] = {}
    own: dict[int, list[Event]] = {}
    for event, (_, day, dyad, _, _) in zip(events, rows, strict=True):
        days.setdefault(dyad, []).append(day)
        own.setdefault(dyad, []).append(event)
    all_days, keys = [row[1] for row in rows], [row[2] for row in rows]
    initial, evolve = fold.initial, fold.evolve

    def one(dyad: int, day: int) -> Standing:
        state = initial()
        for event in own[dyad][: bisect_right(days[dyad], day)]:
            state = evolve(state, event)
        return state

    def every(day: int) -> dict[int, Standing]:
        states: dict[int, Standing] = {}
        stop = bisect_right(all_days, day)
        for key, event in zip(keys[:stop], events[:stop], strict=True):
            states[key] = evolve(states[key] if key in states else initial(), event)
        return states

    return Engine(one, every)


def in_sqlite(rows: Sequence[Row]) -> Engine:
    """Return SQLite in memory with an index on (dyad, day).

    Columns beside `max(place)` are those of the row that has it (SQLite's documented
    rule for bare columns).
    """
    connection = sqlite3.connect(":memory:")
    connection.execute(
        "create table events (place integer primary key, day integer, dyad integer,"
        " status text, millions integer)"
    )
    connection.executemany("insert into events values (?, ?, ?, ?, ?)", rows)
    connection.execute("create index by_dyad on events (dyad, day)")
    connection.execute("analyze")
    what = "select dyad, status, sum(millions), max(place) from events"
    one_dyad = f"{what} where dyad = ? and day <= ?"
    all_dyads = f"{what} where day <= ? group by dyad"

    def one(dyad: int, day: int) -> Standing:
        _, status, millions, _ = connection.execute(one_dyad, (dyad, day)).fetchone()
        return status or "", millions or 0

    def every(day: int) -> dict[int, Standing]:
        found = connection.execute(all_dyads, (day,)).fetchall()
        return {dyad: (status, millions) for dyad, status, millions, _ in found}

    return Engine(one, every)


def in_duckdb(rows: Sequence[Row]) -> Engine:
    """Return DuckDB in memory, with its threads."""
    import duckdb
    import polars

    connection = duckdb.connect()
    frame = polars.DataFrame(rows, schema=list(NAMES), orient="row")
    frame = frame.sort("dyad", "place")
    connection.register("loaded", frame.to_arrow())
    connection.execute("create table events as select * from loaded")
    what = "select dyad, arg_max(status, place), sum(millions)::bigint from events"
    one_dyad = f"{what} where dyad = ? and day <= ? group by dyad"
    all_dyads = f"{what} where day <= ? group by dyad"

    def one(dyad: int, day: int) -> Standing:
        found = connection.execute(one_dyad, (dyad, day)).fetchall()
        return found[0][1:] if found else ("", 0)

    def every(day: int) -> dict[int, Standing]:
        found = connection.execute(all_dyads, (day,)).fetchall()
        return {dyad: (status, millions) for dyad, status, millions in found}

    def native(day: int) -> object:
        return connection.sql(all_dyads, params=[day]).to_arrow_table()

    return Engine(one, every, native)


def in_polars(rows: Sequence[Row]) -> Engine:
    """Return a polars frame in memory, with its threads."""
    import polars

    frame = polars.DataFrame(rows, schema=list(NAMES), orient="row")
    frame = frame.sort("dyad", "place")
    last = [polars.col("status").last(), polars.col("millions").sum()]

    def one(dyad: int, day: int) -> Standing:
        chosen = (polars.col("dyad") == dyad) & (polars.col("day") <= day)
        status, millions = frame.lazy().filter(chosen).select(last).collect().row(0)
        return status or "", millions

    def native(day: int) -> polars.DataFrame:
        past = frame.lazy().filter(polars.col("day") <= day)
        return past.group_by("dyad").agg(last).collect()

    def every(day: int) -> dict[int, Standing]:
        found = native(day).rows()
        return {dyad: (status, millions) for dyad, status, millions in found}

    return Engine(one, every, native)
