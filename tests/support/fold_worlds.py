"""Kinds of a domain, compositions over them, and logs whose dates collide."""

from __future__ import annotations

import re
from typing import Any

from attrs import frozen
from hypothesis import strategies as st

from bri_timeline import Citation, Event, EventLog, Projection, Source, projection
from bri_timeline.errors import EntryError
from bri_timeline.folds import (
    Record,
    in_force,
    keyed,
    listing,
    mapped,
    record,
    unordered,
)
from bri_timeline.measures import count, distinct, latest, total


_SETS = re.compile(r"frozenset\(\{([^{}]*)\}\)")


def shown(value: object) -> str:
    """Return `repr(value)`, in which equal sets read alike.

    A set is told in the order in which its members came, where their hashes collide.
    """
    return _SETS.sub(
        lambda found: "frozenset({" + ", ".join(sorted(found[1].split(", "))) + "})",
        repr(value),
    )


@frozen
class Resigned:
    """Somebody leaves a board."""

    person: str
    company: str


@frozen
class Appointed:
    """Somebody is on a board until resigning."""

    person: str
    company: str
    until = (Resigned, ("person", "company"))


@frozen
class Hired:
    """Somebody works for a company until resigning."""

    person: str
    company: str
    until = (Resigned, ("person", "company"))


@frozen
class Pledged:
    """A country pledges an amount, which may be unknown."""

    country: str
    amount: int | None = None


@frozen
class Stated:
    """A country states where it stands on a topic."""

    country: str
    topic: str
    stance: str


@projection(initial=tuple, reads=(Stated, Pledged))
def trail(state: tuple[str, ...], event: Event) -> tuple[str, ...]:
    """The last events, in the order of the fold: whatever order matters is heard."""
    return (*state[-5:], f"{type(event.what).__name__} {event.when}")


@projection(initial=tuple, reads=(Stated, Pledged))
def bag(state: tuple[str, ...], event: Event) -> tuple[str, ...]:
    """All events, in no order."""
    return tuple(sorted([*state, f"{type(event.what).__name__} {event.when}"]))


def unbagged(state: tuple[str, ...], event: Event) -> tuple[str, ...]:
    """Take an event out again."""
    place = state.index(f"{type(event.what).__name__} {event.when}")
    return state[:place] + state[place + 1 :]


def doubled(number: int) -> int:
    """Return twice a number."""
    return 2 * number


def size(state: Any) -> int:
    """Return how many keys or events there are."""
    return len(state)


def is_large(event: Event) -> bool:
    """Whether a pledge is not small."""
    return isinstance(event.what, Pledged) and (event.what.amount or 0) > 1


def not_by_b(event: Event) -> bool:
    """Whether it is of another country than b."""
    return getattr(event.what, "country", "") != "b"


def country_of(event: Event) -> str | None:
    """The country; that of c is no key."""
    country: str = getattr(event.what, "country", "c")
    return None if country == "c" else country


def letters_of(event: Event) -> list[str]:
    """Several keys, or none."""
    return sorted({*getattr(event.what, "country", ""), *type(event.what).__name__[:1]})


class World(Record):
    """A record with a value that follows from its fields."""

    pledges: int
    said: Any

    @property
    def spoken(self) -> int:
        """How much was said in all."""
        return self.pledges + len(self.said)


LEAVES: list[Projection[Any]] = [
    count(Pledged),
    count(Pledged, where=is_large),
    count(Appointed, Hired, active=True),
    total(Pledged, "amount"),
    distinct(Pledged, "country"),
    latest(Stated, "stance"),
    listing(Pledged, Stated),
    listing(Stated, where=not_by_b),
    in_force(Appointed),
    in_force(Stated),
    trail,
    unordered(bag, unbagged, where=not_by_b),
]
BY: list[Any] = [country_of, "country", ("country",)]
WHOLE = record(
    World,
    boards=keyed(keyed(in_force(Appointed), by="person"), by="company"),
    board=keyed(in_force(Appointed), by="company"),
    active=keyed(count(Appointed, Hired, active=True), by=("company",)),
    pledged=keyed(total(Pledged, "amount"), by="country"),
    countries=distinct(Pledged, "country"),
    stances=keyed(latest(Stated, "stance"), by=("country", "topic")),
    stance=in_force(Stated),
    pledges=count(Pledged),
    said=listing(Stated),
    twice=mapped(keyed(mapped(count(Pledged), doubled), by=country_of), size),
    each=keyed(
        record(
            "Each", number=count(Pledged), all=listing(Pledged, Stated), trail=trail
        ),
        each=letters_of,
    ),
    trail=trail,
    bag=unordered(bag, unbagged),
)


PARTS = [
    WHOLE.part("boards"),
    WHOLE.part("each"),
    WHOLE.part("each", "P"),
    WHOLE.part("stances", ("a", "r")),
    WHOLE.part("twice"),
    WHOLE.part("boards").part("x"),
    WHOLE.part("pledged", "a"),
]


def compositions(depth: int = 3) -> st.SearchStrategy[Projection[Any]]:
    """Draw compositions of leaves."""
    leaves = st.sampled_from([*LEAVES, *PARTS])
    if not depth:
        return leaves
    inner = st.deferred(lambda: compositions(depth - 1))
    names = st.sampled_from(["a", "b", "c"])
    return st.one_of(
        leaves,
        st.dictionaries(names, inner, min_size=1, max_size=3).map(
            lambda parts: record("R", **parts)
        ),
        st.builds(lambda part: keyed(part, by=country_of), inner),
        st.builds(lambda part: keyed(part, each=letters_of), inner),
        st.builds(lambda part: mapped(part, shown), inner),
    )


DAYS = [
    "2014-12-31",
    "2015-03-03",
    "2015-12-31",
    "2016-01-01",
    "2017-02-02",
    "2019-01-01",
]
DATES = st.one_of(
    st.builds(
        "{}-{:02}-{:02}".format,
        *map(st.sampled_from, ([2015, 2016], [1, 3], [1, 2, 3])),
    ),
    st.sampled_from(
        [
            "2015",
            "2015-03",
            "2016",
            "2015/2016",
            "2015-03-02/..",
            "2016/",
            "../2015-03",
            "[2015-01-01,2016-03-03]",
            "2015-03-01/2015-03-02",
        ]
    ),
)
PAYLOADS = st.one_of(
    st.builds(Appointed, st.sampled_from("pq"), st.sampled_from("xy")),
    st.builds(Hired, st.sampled_from("pq"), st.sampled_from("xy")),
    st.builds(Resigned, st.sampled_from("pq"), st.sampled_from("xy")),
    st.builds(Pledged, st.sampled_from("abc"), st.sampled_from([None, 1, 2, 5])),
    st.builds(Stated, *map(st.sampled_from, ("abc", "rs", ["yes", "no"]))),
)
KNOWN = ["2015-03-02", "2016-01-01", "2016-06-01", "2018-01-01"]
EVENTS = st.builds(
    lambda what, when, name, day, who: Event(
        what=what, when=when, id=name, cite=(Citation(Source(who, published=day)),)
    ),
    PAYLOADS,
    DATES,
    st.sampled_from([None, None, "e1", "e2", "e3", "e4"]),
    st.sampled_from(KNOWN),
    st.sampled_from("ST"),
)
# What is done to a log: something is claimed, corrected or withdrawn.
STEPS = st.tuples(
    st.sampled_from(["claim", "claim", "correct", "retract"]),
    EVENTS,
    st.integers(0, 99),
)


def after(log: EventLog, step: tuple[str, Event, int]) -> EventLog:
    """Return a log after a step; itself if that is refused."""
    how, event, number = step
    position = number % len(log) if len(log) else 0
    try:
        if how == "claim" or not len(log):
            return log.append(event)
        if how == "correct":
            words = Event(what=event.what, when=event.when, cite=event.cite)
            return log.append(words, supersedes=position)
        return log.retract(position, because="withdrawn")
    except EntryError:
        return log


def plain(composed: Projection[Any]) -> Projection[Any]:
    """Return what folds as a composition does, and is none: mark by mark."""
    return Projection(
        composed.initial,
        composed.evolve,
        ends=composed.ends,
        reads=composed.reads,
        parties=composed.parties,
        name="plain",
    )
