"""Made-up events for the benchmarks: the same ones in every run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from itertools import accumulate, combinations
from random import Random

from attrs import frozen

from bri_timeline import Edtf, Event, EventLog, Source, projection


__all__ = [
    "DAYS",
    "FIRST",
    "LAST",
    "Report",
    "Signed",
    "Visited",
    "bare",
    "dyad_reports",
    "events_of",
    "late",
    "related",
    "reports",
    "shuffled",
    "total",
    "visits",
]

DAYS = 40_000
FIRST = date(1915, 1, 1).toordinal()
LAST = date.fromordinal(FIRST + DAYS)
LONGEST_LAG = 3_650
PAIR = frozenset({"AZE", "CHN"})


@frozen
class Signed:
    """An agreement between two parties, of a value: a small payload."""

    parties: frozenset[str]
    millions: int


@frozen
class Visited:
    """A visit; seldom in the log."""

    name: str


@frozen
class Report:
    """What the benchmarks make events from: two day numbers, parties, a value."""

    day: int
    known: int
    parties: frozenset[str]
    millions: int


@projection(initial=int)
def total(so_far: int, event: Event) -> int:
    """What all agreements are worth."""
    return so_far + event.what.millions if isinstance(event.what, Signed) else so_far


@projection(initial=int, reads=Visited)
def visits(so_far: int, event: Event) -> int:
    """How many visits there were."""
    return so_far + 1 if isinstance(event.what, Visited) else so_far


def bare(events: Iterable[Event], state: int = 0) -> int:
    """Fold with nothing but a loop that calls the same function."""
    evolve = total.evolve
    for event in events:
        state = evolve(state, event)
    return state


def reports(count: int) -> list[Report]:
    """Return reports about one pair, in the order of their days, known on the day."""
    return [
        Report(day, day, PAIR, n)
        for n in range(count)
        for day in [FIRST + n * DAYS // count]
    ]


def late(found: Iterable[Report], percent: float, seed: int = 2) -> list[Report]:
    """Return reports as they arrive, some of them known up to ten years late."""
    random = Random(seed)
    lagging = [
        Report(r.day, r.day + random.randint(1, LONGEST_LAG), r.parties, r.millions)
        if random.random() * 100 < percent
        else r
        for r in found
    ]
    return sorted(lagging, key=lambda report: report.known)


def shuffled(found: Iterable[Report], seed: int = 3) -> list[Report]:
    """Return reports in an order that has nothing to do with their days."""
    mixed = list(found)
    Random(seed).shuffle(mixed)
    return mixed


def dyad_reports(count: int, dyads: int, seed: int = 4) -> list[Report]:
    """Return reports about many pairs: the first has a tenth, the rest follow Zipf."""
    random = Random(seed)
    pairs = list(_pairs(dyads))
    weights = [1 / rank for rank in range(2, dyads + 1)]
    weights = list(accumulate([sum(weights) / 9, *weights]))
    chosen = random.choices(pairs, cum_weights=weights, k=count)
    return [
        Report(day, day, pair, n % 1_000)
        for n, pair in enumerate(chosen)
        for day in [FIRST + n * DAYS // count]
    ]


def _pairs(count: int) -> Iterator[frozenset[str]]:
    actors = 2
    while actors * (actors - 1) // 2 < count:
        actors += 1
    names = [f"org:{number:03}" for number in range(actors)]
    for pair, _ in zip(combinations(names, 2), range(count), strict=False):
        yield frozenset(pair)


def events_of(found: Iterable[Report]) -> list[Event]:
    """Return an event for each report; days and sources are shared."""
    when, cite = cache(_day), cache(_source)
    return [
        Event(Signed(r.parties, r.millions), when=when(r.day), cite=cite(r.known))
        for r in found
    ]


def related(many: int, every: int = 10) -> EventLog:
    """Return a log in which one claim in *every* has a related one.

    Half of these are corrections; the rest are rival claims and second witnesses.
    """
    found = [
        Event(e.what, when=e.when, cite=e.cite, id=f"{n}")
        for n, e in enumerate(events_of(reports(many)))
    ]
    log, gazette = EventLog.of(*found), Source("Gazette", published=LAST)
    for place in range(0, many, every):
        event, kind = found[place], place // every % 4
        other = Event(Signed(PAIR, -place), when=event.when, cite=gazette, id=event.id)
        if kind % 2 == 0:
            log = log.append(other, supersedes=place)
        else:
            log = log.append(other if kind == 1 else event.cited(gazette))
    return log


def _day(number: int) -> Edtf:
    return Edtf(date.fromordinal(number).isoformat())


def _source(number: int) -> Source:
    return Source("Gazette", published=date.fromordinal(number))
