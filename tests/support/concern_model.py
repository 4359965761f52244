"""What concerns some parties, from the rules alone, and logs in which that is hard.

Nothing here is shared with the library but the values that a log holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import date
from random import Random
from typing import TypeVar

from attrs import frozen
from log_model import Claim, Model, number

from bri_timeline import Answer, Event, EventLog, Projection, Vocabulary, projection
from bri_timeline.errors import EntryError
from bri_timeline.relations import (
    AgreementSigned,
    AgreementStatusChanged,
    Cancelled,
    Held,
    IndicatorObserved,
    InitiativeLaunched,
    Joined,
    Left,
    Met,
    Money,
    Planned,
    PositionDeclared,
    Postponed,
    ProjectStatusChanged,
    Rescheduled,
    Visited,
)


S = TypeVar("S")
PARTIES = "ABCD"
STATES = ("AZE", "CHN", "RUS", "KAZ")
NAMES = ("u", "v", "w", "x", "y", "z")
DAYS = (
    "2015-12-31",
    "2016-01-01",
    "2016-01-02",
    "2015",
    "2016-01",
    "[2015-12-31..2016-01-01]",
    "[2016-01-01..]",
    "2015-12-31/2015-12-31",
    "2015-12-31/2016-01-02",
    "2015-12/2016-01-01",
    "2016-01-01/2016-01-02",
    "2016-01-01/..",
)
ENDS = {
    "2015-12-31/2015-12-31": "2015-12-31",
    "2015-12-31/2016-01-02": "2016-01-02",
    "2015-12/2016-01-01": "2016-01-01",
    "2016-01-01/2016-01-02": "2016-01-02",
}
KNOWN = (None, date(2015, 12, 31), *(date(2016, 1, day) for day in (1, 2, 3, 31)))
CUTS = (None, date(2015, 1, 1), *KNOWN[1:])
VIEWS = tuple(
    date.fromisoformat(day) for day in ("2015-12-31", "2016-01-01", "2016-01-31")
)


@frozen
class Note:
    """Something that involves some parties, or nobody, and refers to other events."""

    value: str
    parties: frozenset[str] = frozenset()
    refers_to: frozenset[str] = frozenset()


@frozen
class Aside(Note):
    """A note of another kind, which `D` does not make anybody else's affair."""

    @property
    def affair_of(self) -> frozenset[str]:
        """All parties, without `D` if there is another."""
        return self.parties - {"D"} or self.parties


NOTES = Vocabulary(Note, Aside)
# What no name was given to can be referred to by its digest.
NAMELESS = Event(Note("n", frozenset("AB")), when="2016-01-01")


def following(*parties: str) -> Projection[tuple[Event, ...]]:
    """Return the projection of all that concerns some parties, in fold order."""

    @projection(initial=tuple, parties=parties)
    def follow(state: tuple[Event, ...], event: Event) -> tuple[Event, ...]:
        return (*state, event)

    return follow


def concerning(claims: Sequence[Claim], parties: Iterable[str]) -> list[Event]:
    """Return which of all events that count concern some parties."""
    events, named_by = [c.event for c in claims], _names(claims)
    found = [event for event in events if _involves(event, frozenset(parties))]
    while True:
        names = {name for event in found for name in named_by[event.id]}
        more = [e for e in events if e not in found and names & e.refers_to]
        if not more:
            return [event for event in events if event in found]
        found += more


def _names(claims: Sequence[Claim]) -> dict[str, set[str]]:
    """Return by id all names of what counts."""
    return {claim.event.id: {claim.event.id, *claim.names} for claim in claims}


def selected(claims: Sequence[Claim], parties: Iterable[str]) -> list[Event]:
    """Return which of all events that count involve all parties, or refer to that."""
    events, named_by = [c.event for c in claims], _names(claims)
    found = [event for event in events if event.parties >= frozenset(parties)]
    while True:
        names = {name for event in found for name in named_by[event.id]}
        more = [e for e in events if e not in found and names & e.refers_to]
        if not more:
            return [event for event in events if event in found]
        found += more


def _involves(event: Event, parties: frozenset[str]) -> bool:
    """Tell whether an event involves two of the parties, or nobody but them."""
    if len(parties) == 1:
        return parties <= event.parties
    affair_of = event.parties
    if isinstance(event.what, Aside) and affair_of != {"D"}:
        affair_of -= {"D"}
    if isinstance(event.what, IndicatorObserved | ProjectStatusChanged | Planned):
        states = affair_of - {"region:x", "org:x"}
        affair_of = states if len(states) == 1 else affair_of
    two = len(event.parties & parties) >= 2
    return two or (len(affair_of) > 0 and affair_of <= parties)


def expected(
    log: Sequence[object], parties: Iterable[str], day: date, known_by: date | None
) -> tuple[Event, ...]:
    """Return what had certainly happened and concerns some parties, in fold order."""
    claims = counting(log, known_by)
    about = concerning(claims, parties)
    number = day.toordinal()
    return tuple(c.event for c in claims if c.event in about and c.last <= number)


def folded(fold: Projection[S], events: Sequence[Event], day: date) -> S:
    """Return the state of events that are certain by a day, and of their ends.

    Args:
        fold: A projection that takes ends.
        events: In fold order.
        day: The day.
    """
    marks = [
        (2 * Claim(event, ()).last, place, event, fold.evolve)
        for place, event in enumerate(events)
    ]
    marks += [
        (2 * number(ENDS[str(event.when)]) + 1, place, event, fold.ends)
        for place, event in enumerate(events)
        if str(event.when) in ENDS
    ]
    state = fold.initial()
    for time, _, event, step in sorted(marks, key=lambda mark: mark[:2]):
        if time <= 2 * day.toordinal():
            state = step(state, event)
    return state


def counting(log: Sequence[object], known_by: date | None) -> list[Claim]:
    """Return what counts as known by a day, in fold order."""
    number = float("inf") if known_by is None else known_by.toordinal()
    return Model(tuple(log), number).happenings()


def known_ids(log: Sequence[object], known_by: date | None) -> set[str]:
    """Return all ids that name what counts as known by a day."""
    claims = counting(log, known_by)
    return {name for claim in claims for name in (claim.event.id, *claim.names)}


def named(
    answers: dict[str, Answer], log: Sequence[object], known_by: date | None
) -> dict[str, Answer]:
    """Return answers by id by all names: digests of all claims of a happening.

    A name of several that is the id of none is left out.
    """
    found: dict[str, list[Answer]] = {}
    for claim in counting(log, known_by):
        for name in claim.names:
            found.setdefault(name, []).append(answers.get(claim.event.id, Answer.NO))
    ids = {claim.event.id for claim in counting(log, known_by)}
    some = {name: of[0] for name, of in found.items() if len(of) == 1}
    return some | {name: answers.get(name, Answer.NO) for name in ids}


def random_event(random: Random, more: Sequence[str] = ()) -> Event:
    """Return an event that is likely to have to do with others.

    Args:
        random: Chooses.
        more: Further ids to which it may refer.
    """
    if random.random() < 0.05:
        return NAMELESS
    parties = random.sample(PARTIES, random.choice((0, 0, 1, 1, 1, 2, 2, 3, 4)))
    refers = random.sample(
        (*NAMES, NAMELESS.id, "nowhere", *more), random.choice((0, 0, 1, 1, 2))
    )
    kind = random.choice((Note, Note, Aside))
    return Event(
        kind(random.choice("ab"), frozenset(parties), frozenset(refers)),
        when=random.choice(DAYS),
        id=random.choice((*NAMES, None)),
    )


def random_fact(random: Random) -> Event:
    """Return an event of the shipped kinds, likely to have to do with others."""
    some = random.sample(STATES, random.choice((1, 1, 2, 2, 3)))
    one, other = random.sample(STATES, 2)
    name, more = random.choice(NAMES), frozenset(random.sample(STATES, 1))
    worth = random.choice((None, Money(random.randint(1, 9), "USD")))
    facts = (
        lambda: InitiativeLaunched(name, one),
        lambda: Joined(one, name),
        lambda: Left(one, name),
        lambda: Visited(one, other),
        lambda: Met(some),
        lambda: AgreementSigned(some, name, value=worth),
        lambda: AgreementSigned(some, name, value=worth, part_of=random.choice(NAMES)),
        lambda: AgreementStatusChanged(some, name, "in force"),
        lambda: PositionDeclared(one, "x", name),
        lambda: PositionDeclared(one, "x", name, more),
        lambda: IndicatorObserved(
            [*some, "region:x"], "x", random.randint(1, 9), "USD"
        ),
        lambda: ProjectStatusChanged([*some, "org:x"], "x", name),
        lambda: Planned(some, name, "2016", more if random.random() < 0.3 else ()),
        lambda: random.choice((Postponed, Cancelled, Held))(name),
        lambda: Rescheduled(name, "2017", some),
    )
    return Event(
        random.choice(facts)(),
        when=random.choice(DAYS),
        id=random.choice((*NAMES, None, None)),
    )


def facts_log(random: Random, most: int = 25) -> EventLog:
    """Return a log of facts, some of which are corrected or withdrawn."""
    log = EventLog()
    for _ in range(random.randint(1, most)):
        known = random.choice(KNOWN)
        claims = [entry.position for entry in log if entry.event is not None]
        kind = random.random() if claims else 0
        if kind < 0.8:
            with suppress(EntryError):  # it repeats what was known before
                log = log.append(random_fact(random), known=known)
        elif kind < 0.9:
            target = random.choice(claims)
            with suppress(EntryError):  # what was withdrawn is not corrected
                log = log.append(random_fact(random), supersedes=target, known=known)
        else:
            log = log.retract(random.choice(claims), because="wrong", known=known)
    return log


def random_log(random: Random, most: int = 12) -> EventLog:
    """Return a log of claims, corrections and retractions that refer to one another."""
    log = EventLog()
    for _ in range(random.randint(1, most)):
        log = grown(log, random)
    return log


def grown(log: EventLog, random: Random) -> EventLog:
    """Return a log with one more entry."""
    known = random.choice(KNOWN)
    claims = [entry.position for entry in log if entry.event is not None]
    ids = sorted({entry.event.id for entry in log if entry.event is not None})
    more = [name for name in ids if name not in NAMES]
    if not claims or random.random() < 0.6:
        with suppress(EntryError):  # it repeats what was known before
            log = log.append(random_event(random, more), known=known)
        return log
    if random.random() < 0.6:
        event, target = random_event(random, more), random.choice(claims)
        with suppress(EntryError):  # what was withdrawn is not corrected
            log = log.append(event, supersedes=target, known=known)
        return log
    return log.retract(random.randrange(len(log)), because="wrong", known=known)
