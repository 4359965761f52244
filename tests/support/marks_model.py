"""Beginnings and ends of extents, enumerated day by day from their rules alone.

A date is the days on which it can begin and end. Nothing is shared with the
library but the values that a log holds; dates are those of
`agreement_model`, resolution is that of `log_model`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from random import Random

from agreement_model import BEGAN, GOES_ON, NO_END, allowed, lasts, stretch_of
from log_model import ALWAYS, NEVER, Claim, Model, number
from log_strategies import KNOWN_DAYS, SEVERAL, SOURCES, Fact

from bri_timeline import Event, EventLog, projection
from bri_timeline.errors import EntryError


A, B, C, L, M, Y, Z = map(
    number,
    (
        "2015-12-30",
        "2015-12-31",
        "2016-01-01",
        "2016-01-11",
        "2016-01-21",
        "2016-01-30",
        "2016-01-31",
    ),
)
DAYS = (A, B, C, L, M, Y, Z)

# The dates that the tests use.
DATES = (
    "2015-12-31",
    "2016-01-01",
    "2015-12-3X",
    "2016-01-X1",
    "2015-12-30/2015-12-31",
    "2015-12-31/2015-12-31",
    "2015-12-31/2016-01-01",
    "2016-01-01/2016-01-3X",
    "2015-12-3X/2016-01-01",
    "2015-12-3X/2015-12-3X",
    "2015-12-3X/2015-12-31",
    "2016-01-X1/2016-01-3X",
    "2015-12-31/2016-01-X1",
    # One end cuts the other short.
    "2016-01-X1/2016-01-11",
    "2016-01-11/2016-01-X1",
    "../2015-12-31",
    "../2015-12-3X",
    "/2016-01-01",
    "2016-01-01/..",
    "2015-12-3X/..",
    "2015-12-31/",
    "2015-12-3X/",
)
VIEWS = [A - 1, *DAYS, Z + 1]


@dataclass(frozen=True)
class Mark:
    """The beginning of an event, or its end, by the table."""

    event: Event
    position: int
    ends: bool
    first: float
    last: float

    @property
    def order(self) -> tuple[float, float, int]:
        """The order in which marks become certain."""
        return self.last, self.first, self.position

    @property
    def possible(self) -> tuple[float, float, int]:
        """The order in which marks become possible."""
        return self.first, self.last, self.position


def spans(event: Event) -> list[tuple[float, float | None]]:
    """Return every pair of days on which an event can begin and end.

    An end of which nothing is known can be any of the days here, or none; where others
    end such facts, it says no more than a day does.
    """
    pairs = allowed(str(event.when))
    is_unknown = str(event.when).endswith("/") and lasts(event.what)
    if is_unknown or all(end in (NO_END, GOES_ON) for _, end in pairs):
        starts = dict.fromkeys(start for start, _ in pairs)
        return [(day, None) for start in starts for day in _days_in(start)]
    return [
        (a, b)
        for start, end in pairs
        for a in _days_in(start)
        for b in _days_in(GOES_ON if end is NO_END else end)
        if a <= b
    ]


def _days_in(stretch: int) -> list[float]:
    """Return the days here that lie in a stretch; a window may be the day before."""
    if stretch in (BEGAN, GOES_ON):
        return [ALWAYS if stretch == BEGAN else NEVER]
    return [d for d in (A - 1, *DAYS) if stretch_of(date.fromordinal(d)) == stretch]


def counted(log: EventLog, known_by: date | int | None = None) -> list[Claim]:
    """Return the claims that count under a basis."""
    if isinstance(known_by, date):
        model = Model(tuple(log), known_by.toordinal())
    elif known_by is None:
        model = Model(tuple(log))
    else:
        model = Model(tuple(log), known_by, by_position=True)
    return [claims[0] for claims in model.rival_claims()]


def marks(claims: Sequence[Claim]) -> list[Mark]:
    """Return the marks of claims: beginnings count twice the day, ends one more."""
    found = []
    for claim in claims:
        pairs, place = spans(claim.event), claim.entries[0].position
        starts = [2 * begin for begin, _ in pairs]
        found.append(Mark(claim.event, place, False, min(starts), max(starts)))
        ends = [2 * end + 1 for _, end in pairs if end is not None]
        if ends:
            found.append(Mark(claim.event, place, True, min(ends), max(ends)))
    return sorted(found, key=lambda mark: mark.order)


def certain(claims: Sequence[Claim], day: int) -> list[Mark]:
    """Return the marks that are certain by a day, in fold order."""
    return [mark for mark in marks(claims) if mark.last <= 2 * day]


def undecided(claims: Sequence[Claim], day: int) -> list[Mark]:
    """Return the marks that may have come by a day, in order of becoming possible."""
    found = [mark for mark in marks(claims) if mark.first <= 2 * day < mark.last]
    return sorted(found, key=lambda mark: mark.possible)


Trace = tuple[tuple[str, bool], ...]


def _ended(state: Trace, event: Event) -> Trace:
    return (*state, (named(event), True))


@projection(initial=tuple, ends=_ended)
def trace(state: Trace, event: Event) -> Trace:
    """All marks, in the order of the fold."""
    return (*state, (named(event), False))


def _closed(state: frozenset[str], event: Event) -> frozenset[str]:
    return state - {named(event)}


@projection(initial=frozenset, ends=_closed)
def lasting(state: frozenset[str], event: Event) -> frozenset[str]:
    """What has begun and not ended."""
    return state | {named(event)}


def _uncounted(state: dict[str, int], event: Event) -> dict[str, int]:
    count = state[event.what.value] - 1
    return {**state, event.what.value: count}


@projection(initial=dict, reads=Fact, ends=_uncounted)
def numbers(state: dict[str, int], event: Event) -> dict[str, int]:
    """How many facts of each value have begun and not ended: without a hash."""
    return {**state, event.what.value: state.get(event.what.value, 0) + 1}


def named(event: Event) -> str:
    """Return a name that tells claims apart, also claims about one happening."""
    # A set that was read from a file may have another order.
    value, parties = getattr(event.what, "value", ""), sorted(event.parties)
    return f"{event.id} {type(event.what).__name__} {value!r} {parties} {event.when}"


def folded(found: Sequence[Mark]) -> Trace:
    """Return the trace of marks in an order."""
    return tuple((named(mark.event), mark.ends) for mark in found)


def active(trail: Trace) -> frozenset[str]:
    """Return what has begun and not ended in a trace."""
    return frozenset(name for name, ends in trail if (name, True) not in trail)


def every_trace(
    claims: Sequence[Claim], day: int, since: float = ALWAYS
) -> Iterator[Trace]:
    """Yield the traces of all choices of days, and of all orders within half a day.

    Args:
        claims: The claims.
        day: The last day that counts.
        since: All claims begin on this day or later.
    """
    allowed = (
        [pair for pair in spans(claim.event) if pair[0] >= since] for claim in claims
    )
    for chosen in itertools.product(*allowed):
        times: dict[float, list[tuple[str, bool]]] = {}
        for claim, (begin, end) in zip(claims, chosen, strict=True):
            if begin <= day:
                times.setdefault(2 * begin, []).append((named(claim.event), False))
            if end is not None and 2 * end + 1 <= 2 * day:
                times.setdefault(2 * end + 1, []).append((named(claim.event), True))
        # An end at the beginning of time has half-days of its own, after the rest.
        groups = [times[time] for time in sorted(times)]
        if ALWAYS in times:
            born = [mark for mark in times[ALWAYS] if not mark[1]]
            dead = [mark for mark in times[ALWAYS] if mark[1]]
            groups[:1] = [born, dead]
        for orders in itertools.product(*map(itertools.permutations, groups)):
            yield tuple(itertools.chain.from_iterable(orders))


def random_log(random: Random, most: int = 4) -> EventLog:
    """Return a log of a few claims, corrections and retractions drawn at random."""
    log = EventLog()
    for _ in range(random.randint(1, most)):
        known = random.choice([None, *KNOWN_DAYS])
        claims = [entry.position for entry in log if entry.event is not None]
        kind = random.choice(["claim"] * 4 + ["correct", "retract"])
        if claims and kind == "retract":
            log = log.retract(random.choice(claims), because="wrong", known=known)
            continue
        event = Event(
            Fact(random.choice("ab"), random.choice(SEVERAL)),
            when=random.choice([*DATES]),
            cite=random.sample(SOURCES, random.choice([0, 0, 1])),
            id=random.choice([None, None, "x", "y"]),
        )
        target = random.choice(claims) if claims and kind == "correct" else None
        try:
            log = log.append(event, supersedes=target, known=known)
        except EntryError:  # what was withdrawn is not corrected
            continue
    return log
