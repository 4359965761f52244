"""Answers about answers: differences, explanations, outcomes, contradictions.

Run by hand: `python tests/benchmarks/bench_answers.py [--quick] [part ...]`. Ratios are
of times of the processor that were measured in turn, in one run: to a bare loop over
what lies between two views, or to the first fold of the same log. Parts that can be run
alone: days, knowledge, explained, possible, contradicted, drawn.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from _measure import Table, first_fold, least_used, run_parts
from _worlds import (
    DAYS,
    FIRST,
    LAST,
    Signed,
    bare,
    by_day,
    events_of,
    related,
    reports,
    total,
)

from bri_timeline import Event, EventLog, View, projection
from bri_timeline.pages import svg


MANY = 100_000
PAIR = frozenset({"AZE", "CHN"})
MIDDLE = date.fromordinal(FIRST + DAYS // 2)
Part = Callable[[Table, int], None]


@projection(initial=int)
def seldom(so_far: int, event: Event) -> int:
    """How many agreements are worth a multiple of a thousand: few change it."""
    return so_far + (event.what.millions % 1000 == 0)


def between(table: Table, one: View, two: View, looped: list[Event]) -> None:
    """Print what a difference costs where few events, and where all, change the state.

    Args:
        table: The table.
        one: The view before.
        two: The view after; all that one of them shows and the other does not lies in
            what is looped over.
        looped: What a bare loop goes through.
    """
    for fold in (seldom, total):
        for view in (one, two):
            view.project(fold)
        loop, taken = least_used(
            5, lambda: bare(looped), lambda fold=fold: one.diff(two, fold)
        )
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
    found = events_of(reports(many))
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
        first, view = first_fold(log, LAST, total), log.as_of(LAST)
        seldom, always = least_used(
            3,
            lambda view=view: view.explain(total, of=_millions),
            lambda view=view: view.explain(total, of=int),
        )
        table.row(f"{name}, a value that changes seldom", seldom / first, most=4)
        table.row(f"{name}, one that always changes", always / first, most=4)


def _millions(value: int) -> int:
    return value // 1_000_000


def possible(table: Table, many: int) -> None:
    """All outcomes of a log of which three events are undecided."""
    count = min(many, DAYS)
    table.heading(f"outcomes() of {count:,}, three undecided, against the first fold")
    found = events_of(by_day(reports(count)))
    year = MIDDLE.year
    few = [
        Event(Signed(PAIR, n), when=f"{year}-05", cite=found[0].cite) for n in range(3)
    ]
    log = EventLog.of(*found, *few)
    day = date(year, 5, 10)
    view, first = log.as_of(day), first_fold(log, day, total)
    taken, loop = least_used(5, lambda: view.outcomes(total), lambda: bare(found))
    table.row(
        "one event a day", taken / first, most=4, note=f"{taken / loop:,.0f} loops"
    )


def contradicted(table: Table, many: int) -> None:
    """Claims after their own reports, in a clean log and one with related entries."""
    table.heading(f"contradictions() of {many:,}, against the first fold")
    logs = {"clean": EventLog.of(*events_of(reports(many))), "related": related(many)}
    for name, log in logs.items():
        first = first_fold(log, LAST, total)
        taken = least_used(3, log.contradictions)[0]
        table.row(name, taken / first, most=4)


def drawn(table: Table, many: int) -> None:
    """A picture, of some events and of four times as many."""
    few = max(20, many // 50)
    table.heading(f"svg.render() of {4 * few:,} events on {4 * few:,} days")
    svg.render(EventLog().as_of(LAST))  # what it needs is imported
    took: list[float] = []
    for count in (few, 4 * few):
        view = EventLog.of(*events_of(reports(count))).as_of(LAST)
        took += least_used(3, lambda view=view: svg.render(view))
    note = f"{took[1] / (4 * few) * 1e6:,.0f} us an event"
    table.row("times a quarter of it", took[1] / took[0], most=5, note=note)


PARTS: tuple[Part, ...] = (days, knowledge, explained, possible, contradicted, drawn)


if __name__ == "__main__":
    run_parts(__doc__, PARTS, (MANY,), (4_000,))
