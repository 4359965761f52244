"""What a change costs that is not the last event: late reports, and one key of many.

Run by hand: `python tests/benchmarks/bench_late.py [--quick] [part ...]`. A late report
is about a day of which any in the past is as likely as another; it is appended, and the
newest state is asked for. Parts that can be run alone: in_order, late, each, crowd.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from random import Random
from statistics import median
from time import process_time

from _measure import Table, held, percentile, run_parts
from _worlds import (
    DAYS,
    FIRST,
    LAST,
    Report,
    Signed,
    bare,
    dyad_reports,
    events_of,
    reports,
    total,
)

from bri_timeline import Event, EventLog, Projection, dyads, projection
from bri_timeline.measures import count, distinct, latest
from bri_timeline.measures import total as measured


MANY = 1_000_000
PAIRS = 100_000
TIMES = 300
FEW = 64
Part = Callable[[Table, int, int], None]


@projection(initial=lambda: (0, ""))
def last_signed(state: tuple[int, str], event: Event) -> tuple[int, str]:
    """What was signed last, and when: the next event replaces a late one."""
    if isinstance(event.what, Signed):
        return event.what.millions, str(event.when)
    return state


def _both(earlier: tuple[int, int], later: tuple[int, int]) -> tuple[int, int]:
    return earlier[0] + later[0], max(earlier[1], later[1])


@projection(initial=lambda: (0, 0), merge=_both)
def summed(state: tuple[int, int], event: Event) -> tuple[int, int]:
    """What all agreements are worth, and the greatest of them."""
    value = event.what.millions if isinstance(event.what, Signed) else 0
    return state[0] + value, max(state[1], value)


def asked(log: EventLog, fold: Projection[object], new: list[Event]) -> list[float]:
    """Return how long it takes to append each event and ask for the newest state."""
    times: list[float] = []
    for event in new:
        begin = process_time()
        log = log.append(event)
        log.as_of(LAST).project(fold)
        times.append(process_time() - begin)
    return times


def some_late(many: int, times: int) -> list[Event]:
    """Return events of any day of the past, reported on the last."""
    random, last = Random(12), LAST.toordinal()
    return events_of(
        Report(FIRST + random.randrange(DAYS), last, parties, many + n)
        for n, parties in enumerate([reports(1)[0].parties] * times)
    )


def in_order(table: Table, many: int, times: int) -> None:
    """What comes last, for comparison."""
    table.heading(f"append what comes last to {many:,} events, and ask")
    log, last = EventLog.of(*events_of(reports(many))), LAST.toordinal()
    new = events_of(
        Report(last, last, parties, many + n)
        for n, parties in enumerate([reports(1)[0].parties] * times)
    )
    for name, fold in FOLDS.items():
        log.as_of(LAST).project(fold)
        table.row(name, median(asked(log, fold, new)) * 1e6, "us")


FOLDS: dict[str, Projection[object]] = {
    "converging: what was signed last": last_signed,
    "measure: count": count(Signed),
    "measure: total": measured(Signed, "millions"),
    "measure: latest": latest(Signed, "millions"),
    "merge=: a sum and a maximum": summed,
    "measure: distinct": distinct(Signed, "millions"),
    "other: a sum": total,
}


def late(table: Table, many: int, times: int) -> None:
    """What happened on any day, reported now."""
    table.heading(f"append a late report to {many:,} events, and ask")
    events = events_of(reports(many))
    loop = process_time()
    bare(events)
    loop = process_time() - loop
    for name, fold in FOLDS.items():
        log = EventLog.of(*events)
        assert log.as_of(LAST).project(fold) is not None
        new = some_late(many, times)
        slow = name.startswith("other") or "distinct" in name
        taken = asked(log, fold, new[: times // 20] if slow else new)
        most = None if slow else 5_000 if "merge" in name else 100
        p90, whole = percentile(taken, 90) * 1e6, loop * 1e3
        note = f"p90 {p90:,.0f} us; a loop over all {whole:.0f} ms"
        table.row(name, median(taken) * 1e6, "us", most=most, note=note)
    taken = asked(EventLog.of(*events), count(Signed), some_late(many, many // 100))
    note = "mean, with the times when late ones are put in order"
    table.row(
        "count: 1 % of late reports", sum(taken) / len(taken) * 1e6, "us", note=note
    )


def each(table: Table, many: int, times: int) -> None:
    """The states of all pairs, after an event of one of them."""
    count_of_pairs = min(PAIRS, many // 5)
    table.heading(f"append to {many:,} events, and ask for {count_of_pairs:,} pairs")
    found, random = dyad_reports(many, count_of_pairs), Random(5)
    newest = [LAST.toordinal()] * times
    late = [random.randrange(FIRST, FIRST + DAYS) for _ in range(times)]
    rows: dict[str, tuple[Projection[object], list[int]]] = {
        "what comes last: a sum": (total, newest),
        "a late report, converging: what was signed last": (last_signed, late),
        "a late report, measure: total": (measured(Signed, "millions"), late),
        "a late report, other: a sum": (total, late),
    }
    for name, (fold, days) in rows.items():
        log = EventLog.of(*(events := events_of(found)))
        log.as_of(LAST).project_each(fold, by=dyads)
        last = LAST.toordinal()
        picked = random.choices(found, k=times)
        new = events_of(
            Report(day, last, report.parties, many + n)
            for n, (day, report) in enumerate(zip(days, picked, strict=True))
        )
        taken = []
        for event in new:
            begin = process_time()
            log = log.append(event)
            log.as_of(LAST).project_each(fold, by=dyads)
            taken.append(process_time() - begin)
        is_other, note = "other" in name, f"p90 {percentile(taken, 90) * 1e6:,.0f} us"
        most = None if is_other else 200
        table.row(name, median(taken) * 1e6, "us", most=most, note=note)
        if is_other:
            folded_again(table, events, new, taken)


def folded_again(
    table: Table, events: list[Event], new: list[Event], taken: list[float]
) -> None:
    """What lies after a late report, of its pair, is folded again: a loop does too."""
    own: dict[frozenset[str], list[Event]] = {}
    for event in events:
        own.setdefault(event.parties, []).append(event)
    loops, few = [], []
    for event, time in zip(new, taken, strict=True):
        day = event.when.latest_start
        after = [e for e in own[event.parties] if e.when.latest_start > day]
        begin = process_time()
        bare(after)
        loops.append(process_time() - begin)
        if len(after) <= FEW:
            few.append(time)
    ratio = sum(taken) / sum(loops)
    table.row("    all, times a loop over what lies after", ratio, most=2)
    what = f"    those before at most {FEW} events of the pair"
    table.row(what, median(few) * 1e6, "us", most=200)


def crowd(table: Table, many: int, times: int) -> None:
    """Events of forty parties, by pairs: 780 states change with each."""
    size = many // 1_000
    table.heading(f"{size:,} events of 40 parties, by dyads")
    parties = frozenset(f"org:{n:02}" for n in range(40))
    events = [
        Event(Signed(parties, n), when=date.fromordinal(FIRST + n)) for n in range(size)
    ]
    pairs, loops = len(dyads(events[0])), []
    log = EventLog.of(*events)
    log.as_of(LAST).project(total)
    size_of_states, _ = held(lambda: log.as_of(LAST).project_each(total, by=dyads))
    table.row("bytes an event", size_of_states / size, "B", most=8_000)
    times_of_each = []
    for _ in range(3):
        view = EventLog.of(*events).as_of(LAST)
        begin = process_time()
        view.project_each(total, by=dyads)
        times_of_each.append(process_time() - begin)
        begin = process_time()
        for _ in range(pairs):
            bare(events)
        loops.append(process_time() - begin)
    note = f"{median(times_of_each) / size * 1e6:,.0f} us an event"
    table.row(
        "times a loop for each pair", median(times_of_each) / median(loops), note=note
    )


PARTS: tuple[Part, ...] = (in_order, late, each, crowd)


if __name__ == "__main__":
    run_parts(__doc__, PARTS, (MANY, TIMES), (2_000, 40))
