"""A log of a million events, against bare loops over as many or over 64 of them.

Run by hand: `python tests/benchmarks/bench_log.py [--quick] [part ...]`. Every ratio is
of times that were measured in turn, in one run; "the loop" calls the same function over
64 events, and the bar is what the row must keep to. Parts that can be run alone: days,
knowledge, fold, corrected, reading, dyad, undecided, window, beliefs, explained.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from datetime import date
from random import Random
from statistics import median

from _measure import (
    Table,
    in_turn,
    medians,
    percentile,
    run_parts,
    seconds,
)
from _worlds import (
    DAYS,
    FIRST,
    LAST,
    Report,
    Signed,
    Visited,
    bare,
    by_day,
    dyad_reports,
    events_of,
    related,
    reports,
    total,
    visits,
)

from bri_timeline import Event, EventLog, Source, dyads, projection
from bri_timeline._order._cache import MOST_STATES


MANY = 1_000_000
DYADS = 40_000
BLOCK = 64
IN_A_ROW = 50
KNOWLEDGE_DAYS = 100
Part = Callable[[Table, int, int], None]


def random_days(count: int, seed: int = 1) -> list[date]:
    """Return days of which any is as likely as another."""
    random = Random(seed)
    return [date.fromordinal(FIRST + random.randrange(DAYS)) for _ in range(count)]


# --- questions ----------------------------------------------------------------------


def days(table: Table, many: int, questions: int) -> None:
    """One relationship, any day: the state is looked up, not folded."""
    table.heading(f"a random day, one relationship of {many:,} events, warm")
    events = events_of(reports(many))
    log, block = EventLog.of(*events), events[:BLOCK]
    log.as_of(LAST).project(total)
    random = Random(12)
    there = [
        (day, events[place : place + BLOCK])
        for day in random_days(questions)
        for place in [random.randrange(many - BLOCK)]
    ]
    asked, loop, elsewhere = in_turn(
        there,
        lambda question: log.as_of(question[0]).project(total),
        lambda _: bare(block),
        lambda question: bare(question[1]),
    )
    floor, cold = median(loop), median(elsewhere)
    table.row("p50, times the loop", median(asked) / floor, most=3)
    table.row("p99, times the loop", percentile(asked, 99) / floor, most=10)
    table.row("p50, times a loop over any 64, not in cache", median(asked) / cold)
    table.row("p50", median(asked) * 1e6, "us", note=f"loop {floor * 1e6:.1f} us")


def knowledge(table: Table, many: int, questions: int) -> None:
    """Any day as known on any of a hundred days: of a clean log, and a related one."""
    count = many // 10
    logs = {
        f"{many:,} events, none related": EventLog.of(*events_of(reports(many))),
        f"{count:,} claims, 12 % related": related(count),
    }
    for name, log in logs.items():
        table.heading(f"a random day and knowledge day, {name}, warm")
        _known(table, log, questions)


def _known(table: Table, log: EventLog, questions: int) -> None:
    """Ask about any day as known on any of a hundred, which were asked before."""
    events = log.as_of(LAST).events
    known, block, random = random_days(KNOWLEDGE_DAYS, 5), events[:BLOCK], Random(6)
    for day in known:
        log.as_of(LAST, known_by=day).project(total)

    def ask(question: tuple[date, date]) -> int:
        day, known_by = question
        return log.as_of(day, known_by=known_by).project(total)

    pairs = [(day, random.choice(known)) for day in random_days(2 * questions, 7)]
    in_turn(pairs[:questions], ask)
    asked, loop = in_turn(pairs[questions:], ask, lambda _: bare(block))
    full = medians(3, lambda: bare(events))[0]
    floor = median(loop)
    table.row("p50, times the loop", median(asked) / floor, most=6)
    table.row("p99, of a full fold", percentile(asked, 99) / full, most=0.01)
    table.row("p50", median(asked) * 1e6, "us", note=f"loop {floor * 1e6:.1f} us")
    note = f"fold {full * 1e3:.0f} ms"
    table.row("p99", percentile(asked, 99) * 1e6, "us", note=note)


def fold(table: Table, many: int, questions: int) -> None:
    """The first question to a fresh log, which folds everything."""
    table.heading(f"the first fold of {many:,} events, against the bare loop")
    found = reports(many)
    _first_fold(table, "in the order of their days", events_of(by_day(found)))
    _first_fold(table, "on any day", events_of(found))


def _first_fold(table: Table, name: str, events: list[Event]) -> None:
    """Fold all of a fresh log, then all of it again with another projection."""
    ordered = sorted(events, key=lambda event: event.when.last_day or 0)
    another = projection(initial=int)(lambda state, event: total.evolve(state, event))
    times: list[list[float]] = [[], [], [], []]
    for _ in range(3):
        view = EventLog.of(*events).as_of(LAST)
        times[0].append(seconds(lambda view=view: view.project(total)))
        times[1].append(seconds(lambda: bare(ordered)))
        times[2].append(seconds(lambda view=view: view.project(another)))
        times[3].append(seconds(lambda: another.fold(ordered)))
    first, loop, again, loop_again = map(median, times)
    note = f"loop {loop * 1e3:.0f} ms"
    table.row(f"arrived {name}", first / loop, most=3, note=note)
    table.row("    then another projection, the same log", again / loop_again)


def corrected(table: Table, many: int, questions: int) -> None:
    """A log of which some was corrected later: the corrections count in their place."""
    table.heading(f"{many:,} events, 1 % corrected: the first fold, then any day")
    events = events_of(reports(many))
    log = EventLog.of(*events)
    for place in range(0, many, 100):
        wrong = events[place]
        events[place] = Event(Signed(wrong.parties, -place), when=wrong.when)
        log = log.append(events[place], supersedes=place)
    first, loop = [], []
    for _ in range(3):
        view = log.with_cache(MOST_STATES).as_of(LAST)
        first.append(seconds(lambda view=view: view.project(total)))
        loop.append(seconds(lambda: bare(events)))
    assert view.project(total) == bare(events)
    note = f"loop {median(loop) * 1e3:.0f} ms"
    table.row("first, times the bare loop", median(first) / median(loop), note=note)
    log.as_of(LAST).project(total)
    block = events[:BLOCK]
    asked, loops = in_turn(
        random_days(questions),
        lambda day: log.as_of(day).project(total),
        lambda _: bare(block),
    )
    table.row("p50, times the loop", median(asked) / median(loops))


def reading(table: Table, many: int, questions: int) -> None:
    """A projection that reads one rare class: the other events cost nothing."""
    table.heading(f"a projection that reads 1 % of {many:,} events")
    events = events_of(reports(many))
    for place in range(0, many, 100):
        common = events[place]
        visit = Visited(f"visit {place}")
        events[place] = Event(visit, when=common.when, cite=common.cite)
    rare = [event for event in events if isinstance(event.what, Visited)]
    log = EventLog.of(*events)
    log.as_of(LAST).project(total)
    first = seconds(lambda: log.as_of(LAST).project(visits))
    loop, whole = (
        seconds(lambda: visits.fold(rare)),
        seconds(lambda: visits.fold(events)),
    )
    table.row("first, times the bare loop over those", first / loop)
    table.row("first, times the bare loop over all", first / whole)
    block = rare[:BLOCK]
    asked, loops = in_turn(
        random_days(questions),
        lambda day: log.as_of(day).project(visits),
        lambda _: visits.fold(block),
    )
    table.row("warm, any day: p50, times the loop", median(asked) / median(loops))


def dyad(table: Table, many: int, questions: int) -> None:
    """One relationship out of many: the others cost nothing."""
    dyads = min(DYADS, many // 25)
    table.heading(f"one dyad of {dyads:,} in {many:,} events, on a random day, warm")
    events = events_of(dyad_reports(many, dyads))
    log = EventLog.of(*events)
    own: dict[frozenset[str], list[Event]] = {}
    for event in events:
        own.setdefault(event.parties, []).append(event)
    ranked = sorted(own, key=lambda pair: -len(own[pair]))
    groups = {
        "the hottest": ranked[:1] * (questions // 20),
        "the next 100": (ranked[1:101] * questions)[:questions],
        "any, all alike": Random(8).choices(ranked, k=questions),
    }
    for name, pairs in groups.items():
        _one_dyad(table, name, log, own, pairs)


def _one_dyad(
    table: Table,
    name: str,
    log: EventLog,
    own: dict[frozenset[str], list[Event]],
    pairs: list[frozenset[str]],
) -> None:
    """Ask about pairs, and compare with the bare loop over what they had done."""
    for pair in set(pairs):
        log.among(*pair).as_of(LAST).project(total)
    numbers = {pair: [e.when.last_day or 0 for e in own[pair]] for pair in set(pairs)}
    asked_for = []
    for pair, day in zip(pairs, random_days(len(pairs), 9), strict=True):
        past = own[pair][: bisect_right(numbers[pair], day.toordinal())]
        asked_for.append((tuple(pair), day, past))
    asked, loops = in_turn(
        asked_for,
        lambda question: log.among(*question[0]).as_of(question[1]).project(total),
        lambda question: bare(question[2]),
        block=IN_A_ROW,
    )
    over = [ours - loop for ours, loop in zip(asked, loops, strict=True)]
    folded = median(len(past) for _, _, past in asked_for)
    note = f"in all {median(asked) * 1e6:.1f} us; own events {folded:,.0f}"
    more = median(over) * 1e6
    table.row(f"{name}: p50 over the fold", more, "us", most=30, note=note)
    table.row(f"{name}: p99 over the fold", percentile(over, 99) * 1e6, "us")


# --- what is unsure, what was believed ----------------------------------------------


def undecided(table: Table, many: int, questions: int) -> None:
    """Questions about imprecise dates, with many events around them."""
    certain, vague = many // 10, many // 200
    table.heading(f"{certain:,} certain events and {vague:,} imprecise ones")
    source, pair = Source("Gazette", published=LAST), frozenset({"AZE", "CHN"})
    firm = events_of(reports(certain))
    years = range(1995, 1995 + DAYS // 366)
    dates = {
        "by month": [f"{year}-{month:02}" for year in years for month in range(1, 13)],
        "by year": [f"{year}~" for year in years],
        "all in one year": ["2010"],
    }
    for name, when in dates.items():
        unsure = [
            Event(Signed(pair, -1), when=day, cite=source, id=f"claim {n}")
            for n in range(vague)
            for day in [when[n % len(when)]]
        ]
        log = EventLog.of(*firm, *unsure)
        view = log.as_of("2010-06-30")
        view.project(total)
        rounds = max(3, questions // 500)
        took = medians(rounds, lambda view=view: view.undecided)[0]
        note = f"{len(view.undecided):,} found"
        table.row(f"{name}: view.undecided", took * 1e3, "ms", note=note)
        took = medians(
            3, lambda view=view: view.outcomes(total, of=lambda value: value)
        )[0]
        found = view.outcomes(total, of=lambda value: value)
        note = f"{len(found.values):,} values, complete: {found.complete}"
        table.row(f"{name}: view.outcomes", took * 1e3, "ms", note=note)


def window(table: Table, many: int, questions: int) -> None:
    """A year of a long log, against a loop over the events of that year."""
    log = EventLog.of(*events_of(reports(many)))
    table.heading(f"a year of {len(log):,} events")
    view = log.during("2010")
    events = view.events
    rounds = max(5, questions // 100)
    asked = {
        "project": lambda: log.during("2010").project(total),
        "project_each": lambda: view.project_each(total, by=dyads),
        "events": lambda: view.events,
        "undecided": lambda: view.undecided,
    }
    for name, question in asked.items():
        took, loop = medians(rounds, question, lambda: bare(events))
        note, most = f"{len(events):,} events", 3.0 if name == "project" else None
        what = f"during a year, view.{name}, times the loop over its events"
        table.row(what, took / loop, most=most, note=note)


def beliefs(table: Table, many: int, questions: int) -> None:
    """What was believed of one day over a hundred days of knowledge."""
    count = many // 10
    table.heading(f"beliefs over {KNOWLEDGE_DAYS} days of knowledge, {count:,} events")
    random = Random(10)
    found = [
        Report(
            r.day, random.randrange(KNOWLEDGE_DAYS) * 400 + FIRST, r.parties, n, r.when
        )
        for n, r in enumerate(reports(count))
    ]
    events = events_of(found)
    first, loop = [], []
    for _ in range(3):
        log = EventLog.of(*events)
        first.append(seconds(lambda log=log: log.beliefs(total, on=LAST)))
        loop.append(seconds(lambda: [bare(events) for _ in range(KNOWLEDGE_DAYS)]))
    table.row("the first time, of 100 full folds", median(first) / median(loop))
    again = medians(3, lambda: log.beliefs(total, on=LAST))[0]
    table.row("again, of 100 full folds", again / median(loop))


def explained(table: Table, many: int, questions: int) -> None:
    """What needs every step: why a value is what it is, and when it was another."""
    count = many // 10
    table.heading(f"every step of {count:,} events, against the bare loop")
    events = events_of(reports(count))
    log = EventLog.of(*events)
    view = log.as_of(LAST)
    view.project(total)
    part = max(1, view.project(total) // 100)
    rows: dict[str, Callable[[], object]] = {
        "explain: a value that changes with every event": lambda: view.explain(
            total, of=int
        ),
        "explain: a value that changes 100 times": lambda: view.explain(
            total, of=lambda value: value // part
        ),
        "history: a state that changes on every day": lambda: log.history(total),
    }
    for name, ask in rows.items():
        loop = median(seconds(lambda: bare(events)) for _ in range(3))
        took = medians(3, ask)[0]
        table.row(name, took / loop, note=f"{took * 1e3:,.0f} ms")


PARTS: tuple[Part, ...] = (
    days,
    knowledge,
    fold,
    corrected,
    reading,
    dyad,
    undecided,
    window,
    beliefs,
    explained,
)


if __name__ == "__main__":
    run_parts(__doc__, PARTS, (MANY, 5_000), (2_000, 40))
