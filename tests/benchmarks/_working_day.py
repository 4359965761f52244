"""A working day's world for the benchmarks: claims as they arrive, most of them messy.

Of 40,000 pairs the first has a tenth of all claims, and the others follow Zipf. Days
lie over 30 years, in an order that has nothing to do with the order of arrival. A
report comes days later as a rule (log-normal: half within three days), at times years.
One date in five is imprecise. Two claims in a hundred correct an earlier one, and ten
are related to one: half are rivals (the same id, another value), half second
witnesses. Each claim has an id. The same arguments give the same claims in every run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from functools import cache
from itertools import accumulate
from random import Random

from attrs import evolve, frozen

from bri_timeline import Edtf, Entry, Event, EventLog, Source, projection
from bri_timeline.relations import (
    AgreementSigned,
    IndicatorObserved,
    Met,
    Money,
    PositionDeclared,
    Visited,
)


__all__ = [
    "BUSY",
    "DAYS",
    "FIRST",
    "LAST",
    "PAIR",
    "PAIRS",
    "Claim",
    "Dealt",
    "bare",
    "claims",
    "dealt",
    "events_of",
    "fact",
    "log_of",
    "pair_of",
    "standing",
    "total",
]

PAIRS = 40_000
DAYS = 30 * 365
FIRST = date(1995, 1, 1).toordinal()
LONGEST_LAG = 5_000
# A day on which everything is known.
LAST = date.fromordinal(FIRST + DAYS + LONGEST_LAG)
# What is corrected or told again is among the last so many of a hundred claims.
RECENT = 20
ACROSS = 200
STATUSES = "planned", "signed", "in force", "suspended", "ended"
# The parties of relations' facts: a relationship with as many events as one likes.
PAIR = "AZE", "CHN"
BUSY = frozenset(PAIR)


@frozen
class Dealt:
    """A deal between two parties: where it stands, and what it adds."""

    parties: frozenset[str]
    status: str
    millions: int


@frozen
class Claim:
    """What the benchmarks make an event from, and rows for peers.

    Attributes:
        id: The id of what happened; rivals and second witnesses share it.
        day: The number of the day on which it happened.
        when: That day as it is written: EDTF text, imprecise of one in five.
        known: The number of the day on which it was reported.
        paper: The title of its source.
        pair: The number of the pair; the busiest is 0.
        number: What its payload is drawn from; rivals and corrections have another.
        corrects: The place of the claim that it corrects, among all; None if none.
    """

    id: str
    day: int
    when: str
    known: int
    paper: str
    pair: int
    number: int
    corrects: int | None = None


def claims(
    count: int,
    pairs: int = PAIRS,
    *,
    imprecise: float = 20,
    corrected: float = 2,
    related: float = 10,
    seed: int = 1,
) -> list[Claim]:
    """Return claims in the order of their arrival.

    Args:
        count: How many, with corrections and related ones.
        pairs: How many pairs they are about; 1 for one busy pair.
        imprecise: How many of a hundred dates are imprecise.
        corrected: How many of a hundred claims correct an earlier one.
        related: How many of a hundred are rivals or second witnesses.
        seed: Another number gives other claims.
    """
    random = Random(seed)
    days = [FIRST + random.randrange(DAYS) for _ in range(count)]
    arrivals = sorted((day + _lag(random), day) for day in days)
    found: list[Claim] = []
    originals: list[int] = []
    for place, ((known, day), pair) in enumerate(
        zip(arrivals, _chosen(random, count, pairs), strict=True)
    ):
        share = random.random() * 100
        if originals and share < corrected + related:
            recent = min(len(originals), 1 + count * RECENT // 100)
            other = originals[-random.randint(1, recent)]
            one = evolve(found[other], known=known)
            if share < corrected:
                one = evolve(one, number=place, corrects=other)
            elif share < corrected + related / 2:
                one = evolve(one, number=place, paper="Herald")
            else:
                one = evolve(one, paper="Herald")
            found.append(one)
        else:
            when = _when(random, day, imprecise)
            originals.append(place)
            found.append(Claim(f"e{place}", day, when, known, "Wire", pair, place))
    return found


def _lag(random: Random) -> int:
    return min(LONGEST_LAG, int(random.lognormvariate(1.0, 1.3)))


def _chosen(random: Random, count: int, pairs: int) -> list[int]:
    """Return the numbers of pairs, of which the first has a tenth."""
    if pairs == 1:
        return [0] * count
    others = [1 / rank for rank in range(2, pairs + 1)]
    weights = list(accumulate([sum(others) / 9, *others]))
    return random.choices(range(pairs), cum_weights=weights, k=count)


def _when(random: Random, day: int, imprecise: float) -> str:
    """Return the text of a date that allows a day."""
    exact = date.fromordinal(day)
    if random.random() * 100 >= imprecise:
        return exact.isoformat()
    month = f"{exact.year}-{exact.month:02}"
    after = exact + timedelta(days=20)
    forms = f"{exact.year}", month, f"{month}~", f"{month}-XX", f"[{exact}..{after}]"
    return random.choice(forms)


# --- events ---------------------------------------------------------------------------


@cache
def pair_of(number: int) -> tuple[str, str]:
    """Return the parties of a pair."""
    return f"org:a{number // ACROSS:03}", f"org:b{number % ACROSS:03}"


@cache
def _parties(number: int) -> frozenset[str]:
    return frozenset(pair_of(number))


def dealt(claim: Claim) -> Dealt:
    """Return a deal: the payload of a log of many pairs."""
    random = Random(claim.number)
    status = STATUSES[random.randrange(len(STATUSES))]
    return Dealt(_parties(claim.pair), status, random.randrange(1, 500))


def fact(claim: Claim) -> object:
    """Return a fact of relations: those of the busiest pair are between two states."""
    random, number = Random(claim.number), claim.id
    pair = PAIR if claim.pair == 0 else pair_of(claim.pair)
    guest, host = random.sample(pair, 2)
    both = BUSY if claim.pair == 0 else _parties(claim.pair)
    kind = random.random()
    if kind < 0.30:
        return Visited(guest=guest, host=host, occasion=f"visit {number}")
    if kind < 0.55:
        return Met(parties=both, occasion=f"meeting {number}")
    if kind < 0.75:
        value = Money(random.randrange(1, 500) * 1_000_000, "USD")
        title = f"Agreement {number}"
        return AgreementSigned(
            parties=both, title=title, value=value if random.random() < 0.6 else None
        )
    if kind < 0.90:
        topic, towards = f"topic {random.randrange(30)}", frozenset({host})
        return PositionDeclared(
            actor=guest, topic=topic, stance="supports", towards=towards
        )
    trade = random.randrange(10_000)
    return IndicatorObserved(parties=both, name="trade", value=trade, unit="USD")


def events_of(
    found: Iterable[Claim], make: Callable[[Claim], object] = dealt
) -> list[Event]:
    """Return an event for each claim; dates and sources that repeat are shared."""
    when, cite = cache(Edtf), cache(_source)
    return [
        Event(make(c), when=when(c.when), cite=cite(c.paper, c.known), id=c.id)
        for c in found
    ]


def _source(paper: str, day: int) -> Source:
    return Source(paper, published=date.fromordinal(day))


def log_of(
    found: Sequence[Claim],
    make: Callable[[Claim], object] = dealt,
    *,
    events: Iterable[Event] | None = None,
) -> EventLog:
    """Return the log of claims: each known on the day of its report.

    Args:
        found: The claims.
        make: Returns the payload of a claim.
        events: The events of the claims, where they were made before.
    """
    made = events_of(found, make) if events is None else events
    return EventLog(
        Entry(position=place, event=event, known=c.known, supersedes=c.corrects)
        for place, (c, event) in enumerate(zip(found, made, strict=True))
    )


# --- projections ----------------------------------------------------------------------


@projection(initial=lambda: ("", 0))
def standing(state: tuple[str, int], event: Event) -> tuple[str, int]:
    """The last status of a relationship, and what its deals are worth."""
    deal = event.what
    if isinstance(deal, Dealt):
        return deal.status, state[1] + deal.millions
    return state


@projection(initial=int)
def total(so_far: int, event: Event) -> int:
    """What all deals are worth."""
    return so_far + event.what.millions if isinstance(event.what, Dealt) else so_far


def bare(events: Iterable[Event], state: int = 0) -> int:
    """Fold with nothing but a loop that calls the same function."""
    evolve_ = total.evolve
    for event in events:
        state = evolve_(state, event)
    return state
