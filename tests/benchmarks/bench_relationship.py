"""The relationship of one busy pair, and a table in a dictionary, by the years.

Run by hand: `python tests/benchmarks/bench_relationship.py [--quick] [part ...]`. The
events of the pair come in a random order of their days, a fifth with imprecise dates;
one in ten is said again, corrected or disputed. A loop is Python's `for` over the same
events with the same function. Parts that can be run alone: pair, grown, dictionary.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date
from random import Random
from statistics import median
from time import process_time
from typing import Any

from _measure import Table, first_fold, held, percentile, run_parts, used
from attrs import frozen

from bri_timeline import Event, EventLog, Source, projection
from bri_timeline.relations import (
    AgreementSigned,
    IndicatorObserved,
    Met,
    Money,
    PositionDeclared,
    Visited,
    relationship,
)


PAIR = ("AZE", "CHN")
BOTH = relationship(*PAIR)
FIRST, DAYS = date(1995, 1, 1).toordinal(), 30 * 365
LAST = date.fromordinal(FIRST + DAYS + 6_000)
ASKED = 60


def fact(random: Random, number: int) -> object:
    """Return what a chronicle of a busy pair holds."""
    one, other = random.sample(PAIR, 2)
    both, kind = frozenset(PAIR), random.random()
    if kind < 0.30:
        return Visited(one, other, occasion=f"visit {number}")
    if kind < 0.55:
        return Met(both, occasion=f"meeting {number}")
    if kind < 0.75:
        worth = Money(random.randrange(1, 500) * 1_000_000, "USD")
        value = worth if random.random() < 0.6 else None
        return AgreementSigned(both, f"Agreement {number}", value=value)
    if kind < 0.90:
        topic = f"topic {random.randrange(30)}"
        return PositionDeclared(one, topic, "supports", towards={other})
    return IndicatorObserved(both, "trade", random.randrange(10_000), "million USD")


def dated(random: Random, day: int) -> str:
    """Return a day as it is reported: one in five only about."""
    text = date.fromordinal(day).isoformat()
    if random.random() < 0.8:
        return text
    later = date.fromordinal(day + 20).isoformat()
    return random.choice(
        [text[:4], text[:7], f"{text[:7]}~", f"[{text}..{later}]", f"{text[:7]}-XX"]
    )


def pair_of(many: int, seed: int = 1) -> EventLog:
    """Return the log of a busy pair, in the order in which reports came."""
    random = Random(seed)
    days = [FIRST + random.randrange(DAYS) for _ in range(many)]
    known = [day + min(5_000, int(math.exp(random.gauss(1, 1.3)))) for day in days]
    events: list[Event] = []
    corrections: list[Event] = []
    for number, place in enumerate(sorted(range(many), key=known.__getitem__)):
        source = Source("Wire", published=date.fromordinal(known[place]))
        chance = random.random()
        if number > 100 and chance < 0.12:
            old = random.choice(events)
            what = old.what if chance < 0.07 else fact(random, number)
            again = Event(what, when=old.when, cite=source, id=old.id)
            (corrections if chance > 0.1 else events).append(again)
            continue
        when, name = dated(random, days[place]), f"e{number}"
        events.append(Event(fact(random, number), when=when, cite=source, id=name))
    log = EventLog.of(*events)
    named = {entry.claim.id: entry.position for entry in log}
    for event in corrections:
        log = log.append(event, supersedes=named[event.id])
    return log


def loop_of(evolve: Callable[[Any, Event], Any], state: Any, log: EventLog) -> float:
    """Return how long a loop over all events takes."""
    events = [entry.event for entry in log if entry.event is not None]
    begin = process_time()
    for event in events:
        state = evolve(state, event)
    return process_time() - begin


def _any_day(log: EventLog) -> float:
    random, times = Random(5), list[float]()
    for _ in range(ASKED):
        view = log.as_of(date.fromordinal(FIRST + random.randrange(DAYS)))
        begin = process_time()
        view.project(BOTH)
        times.append(process_time() - begin)
    return median(times)


def _late(log: EventLog) -> list[float]:
    """Return how long a late report takes, and the newest state after it."""
    random, times = Random(6), list[float]()
    for number in range(ASKED):
        day = date.fromordinal(FIRST + random.randrange(DAYS))
        event = Event(fact(random, -number), when=day, id=f"late {number}")
        begin = process_time()
        log = log.append(event)
        log.as_of(LAST).project(BOTH)
        times.append(process_time() - begin)
    return times


def pair(table: Table, many: int, few: int) -> None:
    """The state of a pair, its history, and what was believed of it."""
    table.heading(f"the relationship of a pair of {many:,} events")
    log = pair_of(many)
    log.as_of(date(1990, 1, 1)).project(BOTH)
    loop = loop_of(BOTH.evolve, BOTH.initial(), log)
    first = first_fold(log, LAST, BOTH)
    table.row("the first state, times a loop", first / loop, most=4)
    kept = log.with_cache(1 << 19)
    size, _ = held(lambda: kept.as_of(LAST).project(BOTH))
    table.row("its states", size / 1e6, "MB", most=100)
    log.as_of(LAST).project(BOTH)
    again = used(lambda: log.as_of(LAST).project(BOTH), 21)
    table.row("the same day again: a loop, times it", loop / again, least=2_500)
    table.row("any day: a loop, times it", loop / _any_day(log), least=800)
    taken = _late(log)
    table.row("a late report: first states", first / median(taken), least=50)
    table.row("the slowest of them", first / percentile(taken, 100), least=50)
    size, _ = held(lambda: log.history(BOTH))
    table.row("its history", size / 1e6, "MB", most=100)


def grown(table: Table, many: int, few: int) -> None:
    """What four times the events take."""
    table.heading(f"a pair of {4 * few:,} events, times one of {few:,}")
    took: dict[str, list[float]] = {}
    for size in (few, 4 * few):
        log = pair_of(size)
        log.as_of(date(1990, 1, 1)).project(BOTH)
        first = first_fold(log, LAST, BOTH)
        works = {
            "the first state": first,
            "a late report": median(_late(log)),
            "history": used(lambda log=log: log.history(BOTH), 3),
            "beliefs": used(lambda log=log: log.beliefs(BOTH, on=LAST), 1),
        }
        for name, seconds in works.items():
            took.setdefault(name, []).append(seconds)
    for name, (one, four) in took.items():
        table.row(name, four / one, most=5)
    beliefs = took["beliefs"][1] / took["the first state"][1]
    table.row("beliefs, times the first state", beliefs, most=20)


@frozen
class Pledged:
    """What a country pledged."""

    country: str
    millions: int


@projection(initial=dict)
def pledges(total: dict[str, int], event: Event) -> dict[str, int]:
    """How much each country has pledged."""
    what = event.what
    if not isinstance(what, Pledged):
        return total
    return total | {what.country: total.get(what.country, 0) + what.millions}


def dictionary(table: Table, many: int, few: int) -> None:
    """A state that is a dictionary, which may change."""
    keys, random = few * 2 // 5, Random(1)
    table.heading(f"a dictionary of {keys:,} keys, {many:,} events")
    log = EventLog.of(
        *(
            Event(
                Pledged(f"c{random.randrange(keys)}", number),
                when=date.fromordinal(FIRST + random.randrange(DAYS)),
                id=f"e{number}",
            )
            for number in range(many)
        )
    )
    log.as_of(date(1990, 1, 1)).project(pledges)
    loop = loop_of(pledges.evolve, {}, log)
    first = first_fold(log, LAST, pledges)
    table.row("the first state, times a loop", first / loop, most=3)
    kept = log.with_cache(1 << 19)
    size, _ = held(lambda: kept.as_of(LAST).project(pledges))
    table.row("its states", size / 1e6, "MB", most=100)


PARTS = (pair, grown, dictionary)


if __name__ == "__main__":
    run_parts(__doc__, PARTS, (100_000, 5_000), (400, 100))
