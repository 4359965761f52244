"""ICEWS14 whole, a year of 90,730 coded events, as a log; against bare loops.

Run by hand: `python tests/benchmarks/bench_icews14.py [--quick] [folder]`. The folder
holds `train.txt`, `valid.txt` and `test.txt` (numbers of subject, relation and object,
and hours since 1 January 2014, separated by tabs), `entity2id.txt` and
`relation2id.txt` (name, tab, number). With `--quick` only a thousand rows are taken.
"""

from __future__ import annotations

import sys
from bisect import bisect_right
from collections.abc import Iterator
from datetime import date
from functools import cache
from itertools import islice
from pathlib import Path
from random import Random
from statistics import median

from _measure import Table, arguments, in_turn, machine, seconds
from attrs import frozen

from bri_timeline import Edtf, Event, EventLog, Source, dyads, projection


FOLDER = Path(__file__).parents[2].parent / "shared" / "data" / "icews14"
PARTS = ("train.txt", "valid.txt", "test.txt")
NEW_YEAR, YEAR, LAST = date(2014, 1, 1).toordinal(), 365, date(2014, 12, 31)
ICEWS = Source("ICEWS14", published="2018")
Row = tuple[str, str, str, int]
State = tuple[str, int]


@frozen
class Coded:
    """What an article was coded as: who did what to whom."""

    parties: frozenset[str]
    subject: str
    relation: str
    object: str


@projection(initial=lambda: ("", 0), reads=Coded)
def latest(state: State, event: Event) -> State:
    """The last relation, and how many there were."""
    what = event.what
    return (what.relation, state[1] + 1) if isinstance(what, Coded) else state


# --- reading ------------------------------------------------------------------------


def numbered(path: Path) -> dict[int, str]:
    """Return the names of a dictionary file by their numbers."""
    lines = path.read_text("utf-8").splitlines()
    pairs = (line.rpartition("\t") for line in lines if line.strip())
    return {int(number): name for name, _, number in pairs}


def rows(folder: Path) -> Iterator[Row]:
    """Yield subject, relation, object and day number of each row of all parts."""
    entity = numbered(folder / "entity2id.txt")
    relation = numbered(folder / "relation2id.txt")
    for part in PARTS:
        for line in (folder / part).read_text("utf-8").splitlines():
            who, what, whom, hours, *_ = map(int, line.split("\t"))
            day = NEW_YEAR + hours // 24
            yield entity[who], relation[what], entity[whom], day


def events_of(found: list[Row]) -> list[Event]:
    """Return an event for each row."""
    parties = cache(lambda one, other: frozenset({one, other}))
    when = cache(lambda day: Edtf(date.fromordinal(day).isoformat()))
    return [
        Event(Coded(parties(*sorted((who, whom))), who, what, whom), when=when(day),
              cite=ICEWS)
        for who, what, whom, day in found
    ]  # fmt: skip


# --- the rows of the table ----------------------------------------------------------


def building(table: Table, found: list[Row]) -> tuple[list[Event], EventLog]:
    """Build the log, against hashing the payloads."""
    table.heading(f"building: {len(found):,} rows")
    events, count = events_of(found), len(found)
    made = seconds(lambda: events_of(found))
    hashing = seconds(lambda: [hash(event.what) for event in events])
    of = median(seconds(lambda: EventLog.of(*events)) for _ in range(3))
    log = EventLog.of(*events)
    note = f"hashing {hashing / count * 1e9:.0f} ns"
    table.row("rows to events, each", made / count * 1e6, "us", note=note)
    table.row("EventLog.of, times hashing the payloads", of / hashing, most=4)
    table.row("rows that say what others say, once counted", count - len(log), "")
    return events, log


def asking(table: Table, events: list[Event], log: EventLog, questions: int) -> None:
    """Ask about random days."""
    random = Random(1)
    numbers = [NEW_YEAR + random.randrange(YEAR) for _ in range(questions)]
    days, last, fold = [*map(date.fromordinal, numbers)], LAST, latest.fold
    happened = log.as_of(last).events
    own: dict[tuple[str, str], list[Event]] = {}
    for event in happened:
        for pair in dyads(event):
            own.setdefault(pair, []).append(event)
    table.heading(f"asking: {len(happened):,} happenings, {len(own):,} dyads")

    first, loop = [], []
    for _ in range(3):
        view = EventLog.of(*events).as_of(last)
        first.append(seconds(lambda view=view: view.project(latest)))
        loop.append(seconds(lambda: fold(happened)))
    ratio = median(first) / median(loop)
    table.row("first fold of all, times the bare loop", ratio, most=3)

    block = happened[:64]
    log.as_of(last).project(latest)
    asked, loops = in_turn(
        days, lambda day: log.as_of(day).project(latest), lambda _: fold(block)
    )
    floor = median(loops)
    table.row("a random day: p50, times a loop over 64", median(asked) / floor, most=3)

    one_dyad(table, log, own, days)
    all_dyads(table, log, happened, days[: max(3, questions // 100)])


def one_dyad(
    table: Table,
    log: EventLog,
    own: dict[tuple[str, str], list[Event]],
    days: list[date],
) -> None:
    """Ask about one dyad; the bare loop has its events sorted by day."""
    hottest = max(own, key=lambda pair: len(own[pair]))
    some = Random(2).choices(list(own), k=len(days))
    for name, pairs in {"any dyad": some, "the hottest": [hottest] * len(days)}.items():
        asked_for = []
        for pair, day in zip(pairs, days, strict=True):
            log.among(*pair).as_of(day).project(latest)
            happened = [event.when.last_day or 0 for event in own[pair]]
            past = own[pair][: bisect_right(happened, day.toordinal())]
            asked_for.append((pair, day, past))
        asked, loops = in_turn(
            asked_for,
            lambda q: log.among(*q[0]).as_of(q[1]).project(latest),
            lambda q: latest.fold(q[2]),
            block=50,
        )
        over = [ours - loop for ours, loop in zip(asked, loops, strict=True)]
        note = f"{len(own[pairs[0]])} events" if pairs[0] == hottest else ""
        table.row(f"{name}: p50 over its fold", median(over) * 1e6, "us", most=30,
                  note=note)  # fmt: skip


def all_dyads(
    table: Table, log: EventLog, happened: tuple[Event, ...], days: list[date]
) -> None:
    """Ask for the states of all dyads; the bare loop keys a dictionary by parties."""
    initial, evolve = latest.initial, latest.evolve
    numbers = [event.when.last_day or 0 for event in happened]

    def loop(day: date) -> dict[frozenset[str], State]:
        states: dict[frozenset[str], State] = {}
        for event in happened[: bisect_right(numbers, day.toordinal())]:
            key = event.what.parties
            states[key] = evolve(states[key] if key in states else initial(), event)
        return states

    asked, loops = in_turn(
        days, lambda day: log.as_of(day).project_each(latest, by=dyads), loop
    )
    ours, floor = median(asked), median(loops)
    note = f"{ours * 1e3:.1f} and {floor * 1e3:.1f} ms"
    table.row("all dyads: p50, times the bare loop", ours / floor, note=note)


def main() -> None:
    """Print the tables."""
    options = arguments(__doc__, folder=str(FOLDER))
    folder = Path(options.folder)
    missing = [name for name in PARTS if not (folder / name).is_file()]
    if missing:
        sys.exit(f"{folder} has no {', '.join(missing)}: name the folder of ICEWS14")
    table = Table(judged=not options.quick)
    machine()
    found = [*islice(rows(folder), 1_000 if options.quick else None)]
    events, log = building(table, found)
    asking(table, events, log, 20 if options.quick else 2_000)


if __name__ == "__main__":
    main()
