"""Kinds of facts that others end, and logs of them whose dates collide."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from attrs import frozen
from log_strategies import KNOWN_DAYS
from marks_model import DATES

from bri_timeline import Event, EventLog, Source, projection
from bri_timeline.errors import EntryError
from bri_timeline.relations import Joined


@frozen
class Resumed:
    """A treaty is in force again: what ends a suspension."""

    treaty: str
    parties: frozenset[str] = frozenset({"AZE", "CHN"})


@frozen
class Suspended:
    """A treaty is not in force: it ends that, and lasts itself."""

    treaty: str
    parties: frozenset[str] = frozenset({"AZE", "CHN"})
    until = Resumed, ("treaty",)


@frozen
class InForce:
    """A treaty is in force until it is suspended, or ended."""

    treaty: str
    parties: frozenset[str] = frozenset({"AZE", "CHN"})
    until = (Suspended, Resumed), ("treaty",)


@frozen
class Reign:
    """A reign, which lasts until the next of one throne, or a revolution."""

    ruler: str
    throne: str = "t"
    parties: frozenset[str] = frozenset({"AZE", "CHN"})
    until = (), ("throne",)


@frozen
class Regency(Reign):
    """A reign of another kind."""


@frozen
class Revolution:
    """The end of a throne."""

    throne: str = "t"
    parties: frozenset[str] = frozenset({"AZE", "CHN"})


Reign.until = (Reign, Revolution), ("throne",)


@frozen
class Talks:
    """Talks: nothing says how long they last."""

    parties: frozenset[str] = frozenset({"AZE", "CHN"})


TREATIES = [InForce("x"), Suspended("x"), Resumed("x"), InForce("x"), Talks()]
REIGNS = [Reign("a"), Reign("b"), Regency("c"), Reign("a"), Revolution()]
SOURCES = [Source("one", published="2016-01-01"), Source("two", published="2015")]


def random_log(random: Random, facts: Sequence[object], most: int = 4) -> EventLog:
    """Return a log of facts, some of them corrected, withdrawn or said twice."""
    log = EventLog()
    for number in range(random.randint(1, most)):
        known = random.choice([None, *KNOWN_DAYS])
        claims = [entry.position for entry in log if entry.event is not None]
        chance = random.random() if claims else 1
        if chance < 0.1:
            log = log.retract(random.choice(claims), because="wrong", known=known)
            continue
        event = Event(
            random.choice(facts),
            when=random.choice([*DATES]),
            cite=random.sample(SOURCES, random.choice([0, 1])),
            id=random.choice([None, None, f"e{number}", "same"]),
        )
        target = random.choice(claims) if chance < 0.2 else None
        try:
            log = log.append(event, supersedes=target, known=known)
        except EntryError:  # what was withdrawn is not corrected
            continue
    return log


LASTING = (Joined, Suspended, InForce, Reign)


def removed(state: tuple[Event, ...], event: Event) -> tuple[Event, ...]:
    """Take out a fact that is there: any other is an error."""
    place = state.index(event)
    return state[:place] + state[place + 1 :]


@projection(initial=tuple, reads=LASTING, ends=removed)
def there(state: tuple[Event, ...], event: Event) -> tuple[Event, ...]:
    """What has begun and not ended; what ends it is not read."""
    return (*state, event)


def _left_out(state: dict[Event, int], event: Event) -> dict[Event, int]:
    return {**state, event: state[event] - 1}


@projection(initial=dict, parties=("AZE", "CHN"), ends=_left_out)
def numbered(state: dict[Event, int], event: Event) -> dict[Event, int]:
    """How often each event began and has not ended: without a hash."""
    return {**state, event: state.get(event, 0) + 1}


@projection(initial=dict, reads=LASTING, ends=lambda state, e: _by(state, e, -1))
def held(state: dict[str, int], event: Event) -> dict[str, int]:
    """How many facts of each class last."""
    return _by(state, event, 1)


def _by(state: dict[str, int], event: Event, more: int) -> dict[str, int]:
    name = type(event.what).__name__
    return {**state, name: state.get(name, 0) + more}
