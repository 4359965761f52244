"""The world of a working day, as sums about pairs: most benchmarks add these up."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cache

from _working_day import DAYS, FIRST, LAST, PAIR, Claim, claims, pair_of
from attrs import frozen

from bri_timeline import Edtf, Entry, Event, EventLog, Source, projection


__all__ = [
    "DAYS",
    "FIRST",
    "LAST",
    "Report",
    "Signed",
    "Visited",
    "bare",
    "by_day",
    "dyad_reports",
    "events_of",
    "related",
    "reports",
    "total",
    "visits",
]

BUSY = frozenset(PAIR)


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
    """What the benchmarks make events from, and rows for others.

    Attributes:
        day: The number of the day on which it certainly happened.
        known: The number of the day on which it became known.
        parties: The pair.
        millions: What it adds to a sum.
        when: Its date as it is written; by default its day.
        id: The id of what happened, if one is given.
    """

    day: int
    known: int
    parties: frozenset[str]
    millions: int
    when: str | None = None
    id: str | None = None


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
    """Return reports about one busy pair, as they arrive; none are related."""
    return [_report(c, BUSY) for c in claims(count, 1, corrected=0, related=0)]


def dyad_reports(count: int, dyads: int) -> list[Report]:
    """Return reports about many pairs, of which the first has a tenth, likewise."""
    found = claims(count, dyads, corrected=0, related=0)
    return [_report(c, frozenset(pair_of(c.pair))) for c in found]


def by_day(found: Iterable[Report]) -> list[Report]:
    """Return reports in the order of their days, each known on its day."""
    ordered = sorted(found, key=lambda report: report.day)
    return [Report(r.day, r.day, r.parties, r.millions, r.when, r.id) for r in ordered]


def _report(claim: Claim, parties: frozenset[str]) -> Report:
    day = _edtf(claim.when).last_day or claim.day
    value = claim.number * 7_919 % 1_000
    return Report(day, claim.known, parties, value, claim.when, claim.id)


@cache
def _edtf(text: str) -> Edtf:
    return Edtf(text)


def events_of(found: Iterable[Report]) -> list[Event]:
    """Return an event for each report; days and sources are shared."""
    cite = cache(_source)
    return [
        Event(
            Signed(r.parties, r.millions),
            when=_edtf(r.when or date.fromordinal(r.day).isoformat()),
            cite=cite(r.known),
            id=r.id,
        )
        for r in found
    ]


def related(many: int) -> EventLog:
    """Return a log of a busy pair of which 12 of 100 claims are related to another.

    Ten are rival claims and second witnesses; two are corrections.
    """
    found = claims(many, 1)
    events = events_of(_report(claim, BUSY) for claim in found)
    return EventLog(
        Entry(position=place, event=event, known=c.known, supersedes=c.corrects)
        for place, (c, event) in enumerate(zip(found, events, strict=True))
    )


def _source(number: int) -> Source:
    return Source("Gazette", published=date.fromordinal(number))
