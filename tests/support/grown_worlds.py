"""Logs that grow in every way while they are asked, and compositions over them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from attrs import frozen
from fold_worlds import (
    LEAVES,
    PARTS,
    WHOLE,
    Appointed,
    Hired,
    Pledged,
    Resigned,
    Stated,
    country_of,
    doubled,
    letters_of,
    shown,
)

from bri_timeline import Event, EventLog, Projection, Source, dyads
from bri_timeline import projection as folded
from bri_timeline.errors import EntryError, EventError
from bri_timeline.folds import (
    Composed,
    Record,
    in_force,
    keyed,
    listing,
    mapped,
    record,
)
from bri_timeline.measures import count, latest
from bri_timeline.relations import (
    AgreementSigned,
    AgreementStatusChanged,
    Held,
    IndicatorObserved,
    InitiativeLaunched,
    Joined,
    Left,
    Met,
    Planned,
    PositionDeclared,
    Postponed,
    ProjectStatusChanged,
    Visited,
    relationship,
)


STATES = ["AZE", "CHN", "KAZ"]


@frozen
class Vacated:
    """A flat is free again, whoever says so."""

    party: str
    flat: str

    @property
    def parties(self) -> frozenset[str]:
        """The party."""
        return frozenset({self.party})


@frozen
class Rented(Vacated):
    """A party has a flat until it is free, which another may say."""

    until = (Vacated, ("flat",))


@frozen
class Sold(Vacated):
    """A party sells a flat, which frees it if it was rented."""


def of_several(event: Event, parties: frozenset[str]) -> bool:
    """Whether an event is about two of the parties."""
    return len(event.parties & parties) > 1


def parties_of(event: Event) -> list[str]:
    """Return the parties of an event."""
    return sorted(event.parties)


@folded(initial=tuple, reads=(Met, Joined, Rented))
def met(state: tuple[str, ...], event: Event) -> tuple[str, ...]:
    """The last events, in the order of the fold."""
    return (*state[-5:], f"{type(event.what).__name__} {event.when}")


OF_PARTIES: list[Projection[Any]] = [
    count(Met),
    count(Joined, Rented, active=True),
    listing(Visited, Met, where=of_several),
    listing(Joined),
    keyed(in_force(Joined), by=("member", "body")),
    keyed(in_force(Rented), by="flat"),
    in_force(Rented),
    in_force(PositionDeclared, where=of_several),
    latest(PositionDeclared, "stance"),
    met,
]
WAYS_TO_KEY: list[dict[str, Any]] = [
    {"by": country_of},
    {"each": letters_of},
    {"each": parties_of},
]


def composition(
    random: Random, leaves: list[Projection[Any]], depth: int = 3
) -> Projection[Any]:
    """Return a composition of leaves, as deep as this at most."""
    way = random.randrange(5) if depth else 0
    if way == 0:
        return random.choice(leaves)
    if way < 3:
        names = random.sample("abc", random.randint(1, 3))
        return record("R", **{n: composition(random, leaves, depth - 1) for n in names})
    inner = composition(random, leaves, depth - 1)
    if way == 3:
        return mapped(inner, shown)
    return keyed(inner, **random.choice(WAYS_TO_KEY))


def own_fact(random: Random, _names: list[str]) -> object:
    """Return a fact of the kinds of one's own; few of its values differ."""
    draw = random.choice
    if random.random() < 0.5:
        return draw([Appointed, Hired, Resigned])(draw("pq"), draw("xy"))
    if random.random() < 0.5:
        return Pledged(draw("abc"), draw([None, 1, 2, 5]))
    return Stated(draw("abc"), draw("rs"), draw(["yes", "no"]))


def fact(random: Random, names: list[str]) -> object:
    """Return a fact of some parties, likewise."""
    one, other = random.sample(STATES, 2)
    some = frozenset(random.sample(STATES, random.randint(1, 3)))
    topic, name = random.choice(["peace", "rail"]), random.choice(["e0", *names])
    aims = random.choice([(), (other,), ("KAZ",)])
    makers: list[Callable[[], object]] = [
        lambda: Visited(one, other, occasion=topic),
        lambda: Met(some, occasion=topic),
        lambda: AgreementSigned(some, topic, part_of=random.choice([None, name])),
        lambda: AgreementStatusChanged(some, name, "signed"),
        lambda: PositionDeclared(one, topic, random.choice("ab"), towards=aims),
        lambda: IndicatorObserved(some, topic, random.randrange(3), "x"),
        lambda: ProjectStatusChanged(some, topic, random.choice("ab")),
        lambda: InitiativeLaunched(topic, one),
        lambda: Planned(some, topic),
        lambda: random.choice([Held, Postponed])(name),
        lambda: Joined(one, topic),
        lambda: Left(one, topic),
        lambda: random.choice([Rented, Rented, Vacated, Sold])(one, topic),
    ]
    return random.choice(makers)()


BEGIN = date(2015, 1, 1)
VAGUE = ["2015", "2015-03", "2016-XX-15", "[2015-01-10,2015-03-20]", "../2015-03-01"]
EXTENTS = ["2015-04/2015-09", "2015/..", "2015-05-05/2015-05-07", "2015/"]
ON = ["2015-01-20", "2015-03-03", "2015-05-06", "2015-09-01", "2018-01-01"]
SOURCES = [
    Source(name, published=day)
    for name, day in (("P", "2015-02-01"), ("Q", "2015-08-01"), ("R", "2017-01-01"))
]


def _when(random: Random) -> str:
    if random.random() < 0.5:
        return f"{BEGIN + timedelta(9 * random.randrange(40))}"
    return random.choice(["2015-03-03", *VAGUE, *EXTENTS])


def grown(
    log: EventLog, random: Random, make: Callable[..., object], names: list[str]
) -> EventLog:
    """Return a log with a report, a witness, a correction or a retraction more."""
    known = random.choice([None, "2016-06-01", "2017-06-01"])
    name = random.choice([None, f"e{len(log)}"])
    source, when = random.choice(SOURCES), _when(random)
    event = Event(make(random, names), when=when, cite=source, id=name)
    old = random.choice(log) if len(log) and random.random() < 0.3 else None
    try:
        if old is None or old.event is None:
            names += [name] * (name is not None)
            return log.append(event, known=known)
        how, was = random.randrange(4), old.event
        if how == 0:
            return log.retract(old, because="no", known=known)
        if how == 1:
            return log.append(was.cited([source]))
        what = event.what if how == 2 else was.what
        changed = Event(what, when=event.when if how == 3 else was.when, cite=source)
        return log.append(changed.named(was._id), supersedes=old, known=known)
    except (EntryError, EventError):  # of what is withdrawn, or said already
        return log


Told = Callable[[Composed[Any]], Projection[Any]]


def told(log: EventLog, composed: Composed[Any], random: Random, way: Told) -> str:
    """Return an answer about the states of a composition, on a road by chance.

    Args:
        log: The log.
        composed: The composition.
        random: What chance says.
        way: Returns what is asked in the place of a composition.
    """
    asked = way(composed)
    day, known = random.choice(ON), random.choice([None, *ON[1:], len(log) // 2])
    view = log.as_of(day, known_by=known)
    road = random.randrange(9)
    if road == 0:
        return shown(view.project(asked, undecided=True))
    if road == 1:
        return shown(log.during("2015-02/2015-08", known_by=known).project(asked))
    if road == 2:
        periods = log.history(asked, known_by=known)
        return shown([(p.since_day, p.state, p.events) for p in periods])
    if road == 3:
        return shown([(b.since_day, b.state) for b in log.beliefs(asked, on=day)])
    if road == 4:
        change = log.as_of(random.choice(ON)).diff(view, asked)
        return shown((change.before, change.after, change.entries))
    if road == 5 and not asked.parties:
        return shown(_ordered(view.project_each(asked, by=letters_of)))
    if road == 6 and asked.parties:

        def of_pair(*pair: str) -> Projection[Any]:
            return way(composed.among(*pair))

        return shown(_ordered(view.project_each(of_pair, by=dyads)))
    return shown(view.project(asked))


def _ordered(states: Mapping[Any, Any]) -> list[Any]:
    return sorted(states.items(), key=lambda pair: shown(pair[0]))


def asked_of(random: Random) -> tuple[Composed[Any], Callable[..., object]]:
    """Return a composition, and what makes facts of the kinds that it reads."""
    way = random.randrange(6)
    if way < 2:
        part = composition(random, [*LEAVES, *PARTS])
        return record("R", part=part, whole=WHOLE.part("boards")), own_fact
    if way == 2:
        return record("R", twice=mapped(count(Pledged), doubled), all=WHOLE), own_fact
    parties = random.sample(STATES, random.randint(2, 3))
    if way == 3:
        return relationship(*parties), fact
    part = composition(random, OF_PARTIES)
    return record("R", a=part, b=random.choice(OF_PARTIES)).among(*parties), fact


def part_of(state: Any, random: Random) -> tuple[tuple[Any, ...], Any]:
    """Return a path into a state, and what is there."""
    path: tuple[Any, ...] = ()
    while True:
        if isinstance(state, Record):
            name = random.choice(list(state._node.places))
            path, state = (*path, name), getattr(state, name)
        elif isinstance(state, Mapping) and len(state) and random.random() < 0.7:
            key = random.choice([*state])
            path, state = (*path, key), state[key]
        else:
            return path, state


def small_parts(random: Random, patch: pytest.MonkeyPatch) -> None:
    """Let what is kept be of few items, so that short logs have many of them."""
    for name, sizes in (
        ("_order._path_marks._SIZE", (1, 2, 64)),
        ("_order._keys._SIZE", (1, 2, 64)),
        ("_order._keys._MOST_CHANGED", (0, 2, 256)),
        ("_order._lines._MOST_CHANGED", (0, 2, 256)),
        ("_order._lines._MOST_DAYS", (1, 2, 4)),
        ("_folds._map._MOST", (1, 2, 16)),
        ("_folds._list._MOST", (3, 32)),
    ):
        patch.setattr(f"bri_timeline.{name}", random.choice(sizes))
    patch.setattr("bri_timeline._folds._list._ROOM", 2)
