"""Logs whose entries are related: repeats, corrections, disputes, hot ids, parts.

Run by hand: `python tests/benchmarks/bench_related.py [--quick] [part ...]`. Every
ratio is of times that were measured in turn, in one run; the bar is what the row must
keep to. Parts that can be run alone: partial, repeats.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from statistics import median

from _measure import Table, arguments, held, machine, seconds
from _worlds import LAST, events_of, reports, total

from bri_timeline import Entry, Event, EventLog


MANY = 1_000_000
Part = Callable[[Table, int], None]


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
    times: dict[str, list[float]] = {name: [] for name in ("", *rows)}
    for _ in range(3):
        for name, events in {"": clean, **rows}.items():
            times[name].append(seconds(lambda e=events: EventLog.of(*e)))
    floor = median(times.pop(""))
    for name, taken in times.items():
        note = f"{median(taken) / many * 1e9:,.0f} ns an event"
        most = 1.3 if "every" in name else 2.5
        table.row(name, median(taken) / floor, most=most, note=note)


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


PARTS: tuple[Part, ...] = (partial, repeats)


def main() -> None:
    """Print the tables of all parts, or of those that are named."""
    options = arguments(__doc__, parts=[part.__name__ for part in PARTS])
    many = 4_000 if options.quick else MANY
    table = Table(judged=not options.quick)
    machine()
    unknown = set(options.parts) - {part.__name__ for part in PARTS}
    if unknown:
        sys.exit(f"no such part: {', '.join(sorted(unknown))}")
    for part in PARTS:
        if part.__name__ in options.parts:
            part(table, many)


if __name__ == "__main__":
    main()
