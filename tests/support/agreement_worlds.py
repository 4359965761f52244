"""Logs of claims that join and disagree, drawn at random."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from random import Random
from typing import ClassVar

import attrs
from agreement_model import (
    NO_END,
    Pairs,
    asked,
    common,
    is_empty,
    is_qualified,
    lasts,
    may_be_silent,
)
from attrs import frozen
from log_model import SPANS
from marks_model import DATES

from bri_timeline import (
    Edtf,
    Event,
    EventLog,
    Place,
    Source,
    View,
)
from bri_timeline.errors import EntryError


PAIR = frozenset({"AZE", "CHN"})


class Pair:
    """Whatever concerns two parties."""

    @property
    def parties(self) -> frozenset[str]:
        """Both."""
        return PAIR


@frozen
class Left(Pair):
    """Somebody left."""

    who: str | None = None


@frozen
class Member(Pair):
    """Somebody is a member until they left."""

    until: ClassVar[tuple[type[Left], tuple[str]]] = (Left, ("who",))

    who: str | None = None


@frozen
class Report(Pair):
    """Something of which much can be left unsaid."""

    value: str
    who: str | None = None
    town: str = ""
    names: frozenset[str] | None = None
    seen: Edtf | None = None
    at: Place | None = None


@frozen
class Terse(Pair):
    """Something of which only two parts can be left unsaid, and None is a value."""

    silent: ClassVar[frozenset[str]] = frozenset({"town", "names"})

    who: str | None = None
    town: str = ""
    names: tuple[str, ...] = ()


WHENS = (
    *SPANS,
    *DATES,
    "2016",
    "2016-01-01~",
    "2015-12?",
    "2016-01?",
    "2016-01-X1%",
    "[2015-12-30..2016-01-02]",
    "[2015-12-31..2016-01-30]",
    "2015/2016",
    "2015-12-31/2016-01",
    "2015/",
    "/2016",
    "2015?/2016",
    "2015-12/2016-01~",
)
NEAR = ("2016-01", "2016", "2016-01-01", "[2016-01-01..2016-01-02]", "2016-01?")
LASTING = ("2016-01-02/", "/2016-01-01", "2016/2016", "2015-12/", "/2016", "2016-01-01")
SEEN = (None, None, "2016", "2016-01", "2016-01-X1", "2015", "2015/2016", "2016/2016")
PLACES = (
    None,
    None,
    Place("Baku"),
    Place("Baku", 40.4, 49.9),
    Place("", 40.4, 49.9),
    Place("", 40.4, 49.9, "exact"),
    Place("Baku", precision="near"),
    Place("Ganja"),
)
SOURCES = (
    Source("Leaflet"),
    Source("Daily", published="2016-01-01"),
    Source("Weekly", published="2016-01-30"),
    Source("Annual", published="2015"),
)
LATER = date(9999, 12, 31)
KNOWN = (None, *(date(2016, 1, day) for day in (1, 2, 3)))


def random_payload(random: Random) -> object:
    """Return a payload that says much or little."""
    kind = random.choice((Report, Report, Terse, Member, Left))
    who = random.choice((None, None, "a", "b"))
    if kind in (Member, Left):
        return kind(who)
    town = random.choice(("", "", "t", "u"))
    if kind is Terse:
        return Terse(who, town, random.choice(((), (), ("m",), ("m", "n"))))
    names = random.choice((None, None, frozenset(), frozenset("m")))
    seen = random.choice(SEEN)
    return Report(
        random.choice("aab"),
        who,
        town if random.random() < 0.3 else "",
        names,
        None if seen is None else Edtf(seen),
        random.choice(PLACES),
    )


def random_event(random: Random, before: EventLog) -> Event:
    """Return a claim, often one that says what an earlier one says, or part of it."""
    claims = [entry.event for entry in before if entry.event is not None]
    what = random_payload(random)
    if claims and random.random() < 0.7:
        what = random.choice(claims).what
        fields = attrs.fields_dict(type(what))
        if random.random() < 0.6:
            same = random_payload(random)
            while type(same) is not type(what):
                same = random_payload(random)
            name = random.choice([*fields])
            what = attrs.evolve(what, **{name: getattr(same, name)})
    return Event(
        what,
        when=random.choice(random.choice((NEAR, NEAR, LASTING, WHENS, WHENS))),
        where=random.choice(PLACES) if random.random() < 0.4 else None,
        cite=random.sample(SOURCES, random.choice((0, 1, 1, 2))),
        id=random.choice("xxxy"),
    )


def random_log(random: Random, most: int = 6) -> EventLog:
    """Return a log of claims about two happenings, some corrected or withdrawn."""
    log = EventLog()
    for _ in range(random.randint(2, most)):
        known = random.choice(KNOWN)
        claims = [entry.position for entry in log if entry.event is not None]
        chance = random.random() if claims else 1
        with suppress(EntryError):  # it repeats what was known, or corrects what is not
            if chance < 0.07:
                log = log.retract(random.choice(claims), because="no", known=known)
                continue
            target = random.choice(claims) if chance < 0.25 else None
            event = random_event(random, log)
            log = log.append(event, supersedes=target, known=known)
    return log


def told(event: Event, pairs: Pairs | None = None) -> tuple[object, ...]:
    """Return what an event says, with days instead of the words of dates.

    Args:
        event: Some.
        pairs: Its days, if they are not those that it answers with.
    """
    kind = type(event.what)
    said = {
        name: (asked(value), is_qualified(value)) if isinstance(value, Edtf) else value
        for name, value in attrs.asdict(event.what, recurse=False).items()
        # What says nothing says it in one way or another.
        if not (name in may_be_silent(kind) and is_empty(value))
    }
    pairs = asked(event.when) if pairs is None else pairs
    pairs = common([pairs], lasts=lasts(event.what))
    # Of extents the two sides may have qualifiers of their own.
    is_day = all(end is NO_END for _, end in pairs)
    return (
        event.id,
        kind,
        frozenset(said.items()),
        pairs,
        is_day and is_qualified(event.when),
        event.where,
        event.cite,
    )


def meant(event: Event) -> tuple[object, ...]:
    """Return the values and the days of an event, whatever its qualifiers."""
    fields = attrs.asdict(event.what, recurse=False)
    silent = may_be_silent(type(event.what))
    said = {
        name: asked(value) if isinstance(value, Edtf) else value
        for name, value in fields.items()
        if not (name in silent and is_empty(value))
    }
    return event.id, type(event.what), frozenset(said.items()), event.where


def any_order(view: View) -> tuple[object, ...]:
    """Return what a view says, without the order of events and citations."""
    return (
        {whole(event) for event in (*view.events, *view.undecided)},
        {
            (
                whole(one.taken),
                frozenset(map(whole, one.others)),
                one.common and asked(one.common),
            )
            for one in view.disputes
        },
        {(whole(one.event), one.reason) for one in view.set_aside},
    )


def whole(event: Event) -> tuple[object, ...]:
    """Return all that an event says, with the words of its date."""
    return *meant(event), str(event.when), asked(event.when), frozenset(event.cite)
