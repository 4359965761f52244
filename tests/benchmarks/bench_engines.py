"""The state of one dyad, and of all dyads, on a day: other engines and ours.

Run by hand: `python tests/benchmarks/bench_engines.py [--quick] [--only PART]`; a part
is `one`, `hottest` or `all`. A million events of
40,000 dyads are loaded into memory first; a question alone is timed. A state is the
last status and a sum. The engines keep plain columns and are told what to do in their
own language (last and sum); ours calls a Python function for each event, as does the
floor: sorted lists, a bisection and a bare loop. Below 1 x, the other is faster.
"""

from __future__ import annotations

import sys
from datetime import date
from functools import cache
from random import Random
from statistics import median

from _engines import (
    Engine,
    Row,
    Standing,
    in_duckdb,
    in_lists,
    in_polars,
    in_sqlite,
)
from _measure import Table, absent, arguments, in_turn, machine
from _worlds import DAYS, FIRST, Report, dyad_reports
from attrs import frozen

from bri_timeline import Edtf, Event, EventLog, Source, dyads, projection


MANY, DYADS = 1_000_000, 40_000
IN_A_ROW = 20
STATUSES = ("planned", "signed", "in force", "suspended", "ended")
GAZETTE = Source("Gazette", published="2026")


@frozen
class Dealt:
    """A deal between two parties: where it stands, and what was added to it."""

    parties: frozenset[str]
    status: str
    millions: int


@projection(initial=lambda: ("", 0), reads=Dealt)
def standing(state: Standing, event: Event) -> Standing:
    """The last status of a relationship, and what its deals are worth."""
    deal = event.what
    if isinstance(deal, Dealt):
        return deal.status, state[1] + deal.millions
    return state


def world(
    many: int, number: dict[frozenset[str], int]
) -> tuple[list[Event], list[Row]]:
    """Return events, and the same as rows; number the dyads as they come."""
    when = cache(Edtf)
    random, events, rows = Random(11), [], []
    found: list[Report] = dyad_reports(many, min(DYADS, many // 25))
    # Others get their rows in the order in which ours become certain.
    found.sort(key=lambda r: (r.day, when(r.when).first_day))
    for place, r in enumerate(found):
        status = random.choice(STATUSES)
        what = Dealt(r.parties, status, r.millions)
        events.append(Event(what, when=when(r.when), cite=GAZETTE, id=r.id))
        dyad = number.setdefault(r.parties, len(number))
        rows.append((place, r.day, dyad, status, r.millions))
    return events, rows


def ours(log: EventLog, pairs: list[frozenset[str]]) -> Engine:
    """Return ways to ask the log."""
    numbers = {tuple(sorted(pair)): number for number, pair in enumerate(pairs)}

    def one(dyad: int, day: int) -> Standing:
        view = log.among(*pairs[dyad]).as_of(date.fromordinal(day))
        return view.project(standing)

    def native(day: int) -> dict[tuple[str, str], Standing]:
        view = log.as_of(date.fromordinal(day))
        return view.project_each(standing, by=dyads)

    def every(day: int) -> dict[int, Standing]:
        return {numbers[pair]: state for pair, state in native(day).items()}

    return Engine(one, every, native)


def engines(events: list[Event], rows: list[Row]) -> dict[str, Engine]:
    """Return the engines that are installed."""
    found = {
        "bare loop over sorted lists": in_lists(events, rows, standing),
        "SQLite, index on (dyad, day)": in_sqlite(rows),
    }
    if not absent("polars"):
        found["polars"] = in_polars(rows)
    if not absent("duckdb", "polars", "pyarrow"):
        found["DuckDB"] = in_duckdb(rows)
    return found


def check(peers: dict[str, Engine], log: Engine, rows: list[Row]) -> None:
    """Make sure that all give the same states, on days on which something happens."""
    for name, peer in peers.items():
        for _, day, dyad, _, _ in rows:
            if peer.one(dyad, day) != log.one(dyad, day):
                sys.exit(f"{name} has another state of dyad {dyad} on day {day}")
        if peer.every(day) != log.every(day):
            sys.exit(f"{name} has other states on day {day}")


def one_dyad(
    table: Table, peers: dict[str, Engine], log: Engine, asked: list[tuple[int, int]]
) -> None:
    """Compare the state of one dyad on a day."""
    for dyad, day in asked:
        log.one(dyad, day)
    for name, peer in peers.items():
        times = in_turn(
            asked,
            lambda q, peer=peer: peer.one(*q),
            lambda q: log.one(*q),
            block=IN_A_ROW,
        )
        theirs, own = map(median, times)
        note = f"{theirs * 1e6:,.1f} and {own * 1e6:,.1f} us"
        table.row(name, theirs / own, note=note)


def all_dyads(
    table: Table, peers: dict[str, Engine], log: Engine, days: list[int]
) -> None:
    """Compare the states of all dyads on a day."""
    for name, peer in peers.items():
        ways = {name: peer.every}
        if peer.native:
            ways[f"{name}, in its own table"] = peer.native
        for way, ask in ways.items():
            theirs, own = map(median, in_turn(days, ask, log.native or log.every))
            note = f"{theirs * 1e3:,.2f} and {own * 1e3:,.2f} ms"
            table.row(way, theirs / own, note=note)


def main() -> None:
    """Print the tables."""
    options = arguments(__doc__)
    many, questions = (2_000, 5) if options.quick else (MANY, 200)
    table, number = Table(judged=not options.quick), dict[frozenset[str], int]()
    machine("duckdb", "polars")
    events, rows = world(many, number)
    log = ours(EventLog.of(*events), list(number))
    peers = engines(events, rows)
    random = Random(12)
    check(peers, log, random.sample(rows, 20))
    days = [FIRST + random.randrange(DAYS) for _ in range(questions)]
    counts = [0] * len(number)
    for row in rows:
        counts[row[2]] += 1
    hottest = max(range(len(counts)), key=counts.__getitem__)
    some = [random.randrange(len(counts)) for _ in days]
    print(f"{many:,} events, {len(number):,} dyads; times as long as ours, warm")
    parts = {
        "one": (
            "one dyad of any size on a random day",
            lambda: one_dyad(table, peers, log, list(zip(some, days, strict=True))),
        ),
        "hottest": (
            f"the hottest dyad, {counts[hottest]:,} events, on a random day",
            lambda: one_dyad(table, peers, log, [(hottest, day) for day in days]),
        ),
        "all": (
            "all dyads on a random day",
            lambda: all_dyads(table, peers, log, days[: max(3, questions // 20)]),
        ),
    }
    for name, (heading, part) in parts.items():
        if options.only in ("", name):
            table.heading(heading)
            part()


if __name__ == "__main__":
    main()
