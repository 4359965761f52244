"""Logs of packages that become one, and of what refers to them."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from random import Random

from concern_model import Note

from bri_timeline import Event, EventLog, Source
from bri_timeline.errors import EntryError
from bri_timeline.relations import AgreementSigned, Held, Money


AZE_CHN = frozenset({"AZE", "CHN"})
OTHERS = frozenset({"AZE", "RUS"})
KNOWN = (None, *(date(2016, 3, day) for day in range(1, 5)))
LATER = "2030-01-01"
# The fields with which these refer to others.
FIELDS = {Held: "plan", AgreementSigned: "part_of", Note: "refers_to"}


def package(worth: int, bundle: str | None = None) -> AgreementSigned:
    """Return ten agreements, or one that is a part of them."""
    count = None if bundle else 10
    return AgreementSigned(AZE_CHN, "x", count, Money(worth, "USD"), part_of=bundle)


def signed(worth: int, *papers: str) -> Event:
    """Return the event that ten agreements were signed."""
    return Event(package(worth), when="2016-01-01", cite=[*map(Source, papers)])


def random_log(random: Random) -> EventLog:
    """Return a log of packages that become one and part, and of what refers to them.

    What refers to them has an id of its own, and never begins in words of another.
    """
    log = EventLog()
    for place in range(random.randint(4, 12)):
        known = random.choice(KNOWN)
        claims = [(e.position, e.event) for e in log if e.event is not None]
        names = sorted({one.id for _, one in claims if not one.refers_to})
        target, old = random.choice(claims or [(None, None)])
        if old is None or random.random() < 0.5:
            target, is_about = None, bool(names) and random.random() < 0.6
        else:
            is_about = bool(old.refers_to)
        event = signed(random.randint(1, 3))
        if is_about:
            name = random.choice([*names, "0" * 32])
            about = Note(str(place), OTHERS, frozenset({name}))
            what = random.choice((Held(name), package(300 + place, name), about))
            own = f"r{place}" if old is None or target is None else old.id
            event = Event(what, when="2016-01-02", id=own)
        with suppress(EntryError):  # it repeats what is known, or what was withdrawn
            if target is not None and random.random() < 0.2:
                log = log.retract(target, because="no", known=known)
            else:
                log = log.append(event, supersedes=target, known=known)
    return log
