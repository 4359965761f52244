"""What a log tells of its claims, and a log as it was written before."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from random import Random

import attrs
from identity_worlds import FIRST

from bri_timeline import Entry, Event, EventLog, View


def said(event: Event) -> tuple[object, ...]:
    """Return an event with its id and its citations, in any order."""
    return event.id, event.what, event.when, event.where, frozenset(event.cite)


def shown(view: View) -> tuple[object, ...]:
    """Return what counts, and what is disputed, in any order."""
    return (
        Counter(map(said, (*view.events, *view.undecided))),
        {(said(one.taken), frozenset(map(said, one.others))) for one in view.disputes},
    )


def bases(log: EventLog, random: Random) -> list[date | int | None]:
    """Return everything, a day and a position."""
    day = FIRST + timedelta(days=random.randrange(7))
    return [None, day, random.randrange(len(log))]


def as_before(log: EventLog) -> EventLog:
    """Return a log as it was written when corrections had the digest of their slot."""
    found: list[Entry] = []
    originals: dict[int, Event] = {}
    for entry in log:
        event, target = entry.event, entry.supersedes
        if event is not None and target is not None:
            first = originals[entry.position] = originals[target]
            if event._id is first._id is None:
                # Places were no part of a digest.
                name = Event(first.what, when=first.when).id
                entry = attrs.evolve(entry, event=event.named(name))
        elif event is not None:
            originals[entry.position] = event
        found.append(entry)
    return EventLog(found)
