"""Answers about answers: differences, explanations, outcomes, contradictions.

Run by hand: `python tests/benchmarks/bench_answers.py [--quick] [part ...]`. Ratios are
of times of the processor that were measured in turn, in one run: to a bare loop over
what lies between two views, or to the first fold of the same log. Parts that can be run
alone: days, knowledge, explained, possible, contradicted.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from _measure import Table, run_parts, used
from _worlds import (
    DAYS,
    FIRST,
    LAST,
    Signed,
    bare,
    events_of,
    late,
    reports,
    total,
)

from bri_timeline import Event, EventLog, Source, View, projection


MANY = 100_000
PAIR = frozenset({"AZE", "CHN"})
MIDDLE = date.fromordinal(FIRST + DAYS // 2)
Part = Callable[[Table, int], None]


@projection(initial=int)
def seldom(so_far: int, event: Event) -> int:
    """How many agreements are worth a multiple of a thousand: few change it."""
    return so_far + (event.what.millions % 1000 == 0)


def related(many: int) -> EventLog:
    """Return a log in which every tenth claim has a related one.

    Half of these are corrections; the rest are rival claims and second witnesses.
    """
    found = events_of(reports(many))
    found = [
        Event(e.what, when=e.when, cite=e.cite, id=f"{n}") for n, e in enumerate(found)
    ]
    log, gazette = EventLog.of(*found), Source("Gazette", published=LAST)
    for place in range(0, many, 10):
        event = found[place]
        other = Event(Signed(PAIR, -place), when=event.when, cite=gazette, id=event.id)
        if place % 20 == 0:
            log = log.append(other, supersedes=place)
        else:
            log = log.append(other if place % 40 == 10 else event.cited(gazette))
    return log


def between(table: Table, one: View, two: View, looped: list[Event]) -> None:
    """Print what a difference costs where few events, and where all, change the state.

    Args:
        table: The table.
        one: The view before.
        two: The view after; all that one of them shows and the other does not lies in
            what is looped over.
        looped: What a bare loop goes through.
    """
    loop = used(lambda: bare(looped))
    for fold in (seldom, total):
        for view in (one, two):
            view.project(fold)
        taken = used(lambda fold=fold: one.diff(two, fold))
        count = len(one.diff(two, fold).changes)
        note = f"{count:,} changes"
        if count > len(looped) // 10:
            note += f", {taken / count * 1e6:,.1f} us each"
            table.row("    all of it changes the state", taken / loop, note=note)
        else:
            table.row("few of it change the state", taken / loop, most=5, note=note)


def days(table: Table, many: int) -> None:
    """The difference between two days costs what lies between them."""
    found = events_of(reports(many))
    log = EventLog.of(*found)
    for name, first in {"half of the log": MIDDLE, "a tenth": _after(0.9)}.items():
        table.heading(f"diff() between two days, {name} of {many:,}: loops over that")
        one, two = log.as_of(first), log.as_of(LAST)
        begun = first.toordinal()
        looped = [e for e in found if e.when.latest_start > begun]
        between(table, one, two, looped)


def knowledge(table: Table, many: int) -> None:
    """The difference between two states of knowledge costs what may differ."""
    found = events_of(late(reports(many), 30))
    log = EventLog.of(*found)
    for name, known_by in {"half": MIDDLE, "nine tenths": _after(0.9)}.items():
        table.heading(f"diff() of what was known after {name} of the days: loops over")
        one, two = log.as_of(LAST, known_by=known_by), log.as_of(LAST)
        known = known_by.toordinal()
        new = [e.when.latest_start for e in found if (e.known_day or 0) > known]
        first = min(new, default=0)
        looped = [event for event in found if event.when.latest_start >= first]
        # Both views are folded from the first difference: two loops are the least.
        between(
            table,
            one,
            two,
            [*looped, *(e for e in looped if (e.known_day or 0) <= known)],
        )


def _after(share: float) -> date:
    return date.fromordinal(FIRST + int(DAYS * share))


def explained(table: Table, many: int) -> None:
    """The explanation of a value, of a clean log and one with related entries."""
    table.heading(f"explain() of {many:,}, against the first fold")
    logs = {"clean": EventLog.of(*events_of(reports(many))), "related": related(many)}
    for name, log in logs.items():
        view = log.as_of(LAST)
        first = used(lambda view=view: view.project(total), 1)
        taken = used(lambda view=view: view.explain(total, of=_millions))
        table.row(f"{name}, a value that changes seldom", taken / first, most=4)
        taken = used(lambda view=view: view.explain(total, of=int))
        table.row(f"{name}, one that always changes", taken / first, most=4)


def _millions(value: int) -> int:
    return value // 1_000_000


def possible(table: Table, many: int) -> None:
    """All outcomes of a log of which three events are undecided."""
    count = min(many, DAYS)
    table.heading(f"outcomes() of {count:,}, three undecided, against the first fold")
    found = events_of(reports(count))
    year = MIDDLE.year
    few = [
        Event(Signed(PAIR, n), when=f"{year}-05", cite=found[0].cite) for n in range(3)
    ]
    log = EventLog.of(*found, *few)
    view = log.as_of(date(year, 5, 10))
    first = used(lambda: view.project(total), 1)
    taken = used(lambda: view.outcomes(total))
    loop = used(lambda: bare(found))
    table.row(
        "one event a day", taken / first, most=4, note=f"{taken / loop:,.0f} loops"
    )


def contradicted(table: Table, many: int) -> None:
    """Claims after their own reports, in a clean log and one with related entries."""
    table.heading(f"contradictions() of {many:,}, against the first fold")
    logs = {"clean": EventLog.of(*events_of(reports(many))), "related": related(many)}
    for name, log in logs.items():
        view = log.as_of(LAST)
        first = used(lambda view=view: view.project(total), 1)
        taken = used(log.contradictions)
        table.row(name, taken / first, most=4)


PARTS: tuple[Part, ...] = (days, knowledge, explained, possible, contradicted)


if __name__ == "__main__":
    run_parts(__doc__, PARTS, (MANY,), (4_000,))
