"""Building a log of a million events, and appending to it: time and memory.

Run by hand: `python tests/benchmarks/bench_build.py [--quick] [part ...]`. Every ratio
is of times that were measured in turn, in one run; the bar is what the row must keep
to. Parts that can be run alone: memory, build, append.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from statistics import median

from _measure import Table, held, in_turn, least_used, run_parts
from _worlds import LAST, Signed, by_day, events_of, reports, total

from bri_timeline import Event, EventLog, Source


MANY = 1_000_000
Part = Callable[[Table, int, int], None]


def memory(table: Table, many: int, questions: int) -> None:
    """What an entry, its event and its small payload take, with a shared source."""
    table.heading(f"memory per event, {many:,} events of one source")
    source = Source("Gazette", published="2026")

    def stream() -> Iterator[Event]:
        for r in reports(many):
            when = date.fromordinal(r.day).isoformat()
            yield Event(Signed(r.parties, r.millions), when=when, cite=source)

    bytes_held, log = held(lambda: EventLog().extend(stream()))
    table.row("after building", bytes_held / many, "B", most=450)
    more, _ = held(lambda: log.as_of(LAST).project(total))
    table.row("with the first project", (bytes_held + more) / many, "B", most=450)
    pair = log.among("AZE", "CHN")
    more_for_pair, _ = held(lambda: pair.as_of(LAST).project(total))
    bytes_held += more + more_for_pair
    table.row("with `among` of all of them", bytes_held / many, "B")
    alone, _ = held(lambda: list(stream()))
    table.row("the events alone, in a list", alone / many, "B")


def build(table: Table, many: int, questions: int) -> None:
    """Building a log of events that are ready, against hashing their payloads."""
    table.heading(f"building a log of {many:,} events, against hashing their payloads")
    for name, found in {
        "in the order of their days": by_day(reports(many)),
        "as they arrive": reports(many),
    }.items():
        events = events_of(found)

        def hashing(events: list[Event] = events) -> None:
            for event in events:
                hash(event.what)

        floor, of, extend = least_used(
            5,
            hashing,
            lambda events=events: EventLog.of(*events),
            lambda events=events: EventLog().extend(events),
        )
        note = f"{of / many * 1e9:.0f} ns an event; hashing {floor / many * 1e9:.0f}"
        table.row(f"EventLog.of, {name}", of / floor, most=4, note=note)
        table.row(f"EventLog().extend, {name}", extend / floor, most=4)


def append(table: Table, many: int, questions: int) -> None:
    """Appending one and asking the newest state does not cost more in a long log."""
    short, long = max(1, many // 100), max(10, many // 10)
    table.heading(f"append one, ask the newest: {long:,} events against {short:,}")
    rounds: list[Callable[[Event], None]] = []
    for size in (short, long):
        held_log = [EventLog.of(*events_of(reports(size)))]
        held_log[0].as_of(LAST).project(total)

        def one_round(event: Event, here: list[EventLog] = held_log) -> None:
            here[0] = here[0].append(event)
            here[0].as_of(LAST).project(total)

        rounds.append(one_round)
    source = Source("Gazette", published=LAST)
    new = [
        Event(Signed(frozenset({"AZE", "CHN"}), -n), when=LAST, cite=source)
        for n in range(1, questions + 1)
    ]
    few, lots = in_turn(new, *rounds)
    note = f"{median(few) * 1e6:.0f} and {median(lots) * 1e6:.0f} us a round"
    table.row("p50 per round", median(lots) / median(few), most=1.5, note=note)
    table.row("mean per round", sum(lots) / sum(few))


PARTS: tuple[Part, ...] = (memory, build, append)


if __name__ == "__main__":
    run_parts(__doc__, PARTS, (MANY, 5_000), (2_000, 40))
