"""Logs whose entries are related: repeats, corrections, disputes, hot ids, parts.

Run by hand: `python tests/benchmarks/bench_related.py [--quick] [part ...]`. Every
ratio is of times that were measured in turn, in one run; the bar is what the row must
keep to. Parts that can be run alone: first, partial, repeats, corrections, hot, named.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from statistics import median

from _measure import Table, first_fold, held, least_used, medians, run_parts, seconds
from _worlds import (
    DAYS,
    FIRST,
    LAST,
    Signed,
    bare,
    events_of,
    related,
    reports,
    total,
)

from bri_timeline import Entry, Event, EventLog, Source


MANY = 1_000_000
PAIR = frozenset({"AZE", "CHN"})
Part = Callable[[Table, int], None]


def first(table: Table, many: int) -> None:
    """The first fold of a log of which one claim in ten has a related one."""
    table.heading(f"the first fold of {many:,} claims, 12 % related to another")
    log = related(many)
    view = log.as_of(LAST)
    taken, events = first_fold(log, LAST, total), view.events
    loop = least_used(3, lambda: bare(events))[0]
    note = f"loop {loop * 1e3:,.0f} ms"
    table.row("times the bare loop", taken / loop, most=5, note=note)


def partial(table: Table, many: int) -> None:
    """A part of a large log costs what it has, as if it were a log of its own."""
    count = many // 10
    table.heading(f"a partial log: {count:,} entries of {many:,}, against a whole log")
    events = events_of(reports(count))
    known = [event.known_day for event in events]
    some, whole = (
        [
            Entry(position=n * step, event=event, known=day)
            for n, (event, day) in enumerate(zip(events, known, strict=True))
        ]
        for step in (10, 1)
    )
    rounds = [(many, some), (count, whole)]
    built: list[list[float]] = [[], []]
    folded: list[list[float]] = [[], []]
    sizes: list[int] = []
    for _ in range(3):
        for number, (size, entries) in enumerate(rounds):
            built[number].append(
                seconds(lambda s=size, e=entries: EventLog.partial(e, s))
            )
            view = EventLog.partial(entries, size).as_of(LAST)
            folded[number].append(seconds(lambda view=view: view.project(total)))
    for size, entries in rounds:
        sizes.append(held(lambda s=size, e=entries: EventLog.partial(e, s))[0])
    first, floor = map(median, built)
    note = f"{first / count * 1e9:,.0f} ns an entry"
    table.row("building it", first / floor, most=1.3, note=note)
    first, floor = map(median, folded)
    note = f"{first / count * 1e9:,.0f} ns an entry"
    table.row("the first fold", first / floor, most=1.3, note=note)
    note = f"{sizes[0] / count:,.0f} bytes an entry, without its event"
    table.row("memory", sizes[0] / sizes[1], note=note)


def repeats(table: Table, many: int) -> None:
    """Claims of one id among many others do not slow the others down."""
    table.heading(f"EventLog.of of {many:,} events with repeats, against without")
    clean = _named(many, 0)
    rows = {
        "2 claims of one id in every 4,096": _named(many, 4_096),
        "10 % repeat an earlier id": _named(many, 10),
        "10 % repeat an earlier claim": _named(many, 10, differ=False),
    }
    works = [lambda e=events: EventLog.of(*e) for events in (clean, *rows.values())]
    floor, *times = least_used(5, *works)
    table.row("without", floor / many * 1e9, "ns")
    for name, taken in zip(rows, times, strict=True):
        note = f"{taken / many * 1e9:,.0f} ns an event"
        most = 1.3 if "every" in name else 2.5
        table.row(name, taken / floor, most=most, note=note)


def _named(many: int, every: int, *, differ: bool = True) -> list[Event]:
    """Return events with ids, of which one in *every* repeats an earlier one."""
    found = events_of(reports(many))
    named = [e.what for e in found]
    events: list[Event] = []
    for n, event in enumerate(found):
        other = n - 5 if every and n % every == every - 1 else n
        what = named[n if differ else other]
        when = event.when if differ else found[other].when
        cite = event.cite if differ else found[other].cite
        events.append(Event(what, when=when, cite=cite, id=f"event {other}"))
    return events


def corrections(table: Table, many: int) -> None:
    """Append a correction and ask, where half of the log is corrections."""
    size = many // 10
    table.heading(f"append a correction and ask: {size:,} entries, half corrections")
    found = events_of(reports(size // 2))
    log = EventLog.of(*found)
    for place, event in enumerate(found):
        new = Event(Signed(PAIR, -place), when=event.when, cite=event.cite)
        log = log.append(new, supersedes=place)
    past, source = (
        date.fromordinal(FIRST + DAYS // 2),
        Source("Gazette", published=LAST),
    )
    asked: dict[str, date | None] = {"the newest state": None, "known by a day": past}
    for name, known_by in asked.items():
        times: list[float] = []
        for step in range(9):
            claim = Event(
                Signed(PAIR, step), when=LAST, cite=source, id=f"{name}{step}"
            )
            log = log.append(claim)
            grown = [log]
            for day in (None, past):
                log.as_of(LAST, known_by=day).project(total)
            new = Event(Signed(PAIR, -step), when=LAST, cite=source)

            def work(
                new: Event = new,
                day: date | None = known_by,
                grown: list[EventLog] = grown,
            ) -> None:
                target = len(grown[0]) - 1
                grown.append(grown[0].append(new, supersedes=target))
                grown[1].as_of(LAST, known_by=day).project(total)

            times.append(seconds(work))
            log = grown[1]
        most = 2 if known_by is None else 5
        table.row(name, median(times) * 1e3, "ms", most=most)
    loop = median(seconds(lambda: bare(found)) for _ in range(3))
    table.row("    a bare loop over what counts", loop * 1e3, "ms")


def hot(table: Table, many: int) -> None:
    """One id with ever more claims, appended and asked one by one."""
    for name, chained in {"claims": False, "a chain of corrections": True}.items():
        table.heading(f"one id with {many // 500:,} {name}, asked after each")
        took = {}
        for count in (many // 2000, many // 500):
            claims = [Event(Signed(PAIR, n), when=LAST, id="hot") for n in range(count)]

            def grow(claims: list[Event] = claims, chained: bool = chained) -> None:
                log = EventLog.of(claims[0])
                for place, claim in enumerate(claims[1:]):
                    target = place if chained else None
                    log = log.append(claim, supersedes=target)
                    log.as_of(LAST).project(total)

            took[count] = seconds(grow)
        few, lots = took.values()
        table.row("all of it", lots, "s", most=0.5)
        table.row("times a quarter of it", lots / few, note="linear: 4")


def named(table: Table, many: int) -> None:
    """Whether something has happened, by a digest and by a disputed id."""
    table.heading(f"has_happened() in {many:,} events, or half as many disputes")
    found = events_of(reports(many))
    view = EventLog.of(*found).as_of(LAST)
    view.project(total)
    name = Event(found[many // 2].what, when=found[many // 2].when).id
    first = seconds(lambda: view.has_happened(name))
    table.row("a digest, at first", first, "s", most=3)
    again = medians(20, lambda: view.has_happened(name))[0]
    table.row("a digest, again", again * 1e3, "ms", most=1)
    few = many // 20
    twice = [
        Event(Signed(PAIR, turn * few + n), when=found[n].when, id=f"event {n}")
        for turn in range(2)
        for n in range(few)
    ]
    view = EventLog.of(*twice).as_of(LAST)
    view.project(total)
    again = medians(20, lambda: view.has_happened("event 7"))[0]
    table.row(f"a disputed id among {few:,}", again * 1e3, "ms", most=1)


PARTS: tuple[Part, ...] = (first, partial, repeats, corrections, hot, named)


if __name__ == "__main__":
    run_parts(__doc__, PARTS, (MANY,), (4_000,))
