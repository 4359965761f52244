"""A log with everything that a log can have, for tests of what grows with it."""

from __future__ import annotations

from datetime import date
from typing import Any

from bri_timeline import Event, EventLog, Place, Source, View, projection
from bri_timeline.relations import (
    AgreementSigned,
    Held,
    IndicatorObserved,
    Joined,
    Met,
    Money,
    PositionDeclared,
    Visited,
)


FIRST, LAST = date(1990, 1, 1), date(2019, 12, 31)
MIDDLE = date(2005, 1, 1)
LATE = [date(2020 + n, 1, 1) for n in range(5)]
DAILY = Source("Daily", published=LATE[2])
BAKU = Place("Baku", 40.4, 49.9, "exact")
ONCE: dict[str, Any] = {"start": FIRST, "stop": LAST}
YEARS: dict[str, Any] = {**ONCE, "every": "year"}


@projection(initial=int)
def visits(so_far: int, event: Event) -> int:
    """How many visits there were."""
    return so_far + isinstance(event.what, Visited)


def left(so_far: int, event: Event) -> int:
    """One is no member any more."""
    return so_far - 1


@projection(initial=int, reads=Joined, ends=left)
def members(so_far: int, event: Event) -> int:
    """How many members there are."""
    return so_far + 1


def guest(number: int) -> str:
    """Return one of many guests, each of which came a few times."""
    return f"org:g{number // 5}"


def world(size: int) -> EventLog:
    """Return a log with everything that a log can have, in fixed shares.

    Args:
        size: The number of claims, before what is related to some.
    """
    span = LAST.toordinal() - FIRST.toordinal()
    found = []
    for n in range(size):
        day = date.fromordinal(FIRST.toordinal() + n * span // size)
        source = Source("Gazette", published=LATE[n % 5] if n % 10 == 3 else day)
        what: object = Visited(guest(n), "CHN")
        when = day.isoformat()
        if n % 20 == 5:
            what = Joined(guest(n), "org:forum")
            when = f"{when}/{day.year + 2}-06-30"
        if n % 20 == 8:
            when = f"{when[:7]}"
        if n % 20 == 11:
            what = Held(plan=f"e{n - 1}" if n % 40 == 11 else "nothing")
        if n % 20 == 14:
            what = Met(frozenset({guest(n), "CHN", "KAZ"}))
        cite = source.at(f"p. {n}", "so it was") if n % 20 == 6 else source
        place = BAKU if n % 20 == 7 else None
        found.append(Event(what, when=when, where=place, cite=cite, id=f"e{n}"))
    log = EventLog.of(*found)
    for n in range(0, size, 10):
        other = Event(Visited(guest(n), "KAZ"), when=found[n].when, id=f"e{n}")
        match n % 40:
            case 0:
                log = log.append(other, supersedes=n, known=LATE[0])
            case 10:
                log = log.append(other, known=LATE[1])
            case 20:
                log = log.append(found[n].cited(DAILY))
            case _:
                log = log.retract(n, because="it was another", known=LATE[3])
    return log


def busy_pair(size: int) -> EventLog:
    """Return a log of one pair that met often, known in any order of its days.

    Args:
        size: The number of claims, before a tenth is said again or corrected.
    """
    pair = frozenset({"AZE", "CHN"})
    span = LAST.toordinal() - FIRST.toordinal()
    found = []
    for n in range(size):
        # Every place in the order is taken once, as 7 divides no size.
        day = date.fromordinal(FIRST.toordinal() + n * 7 % size * span // size)
        guest, host = ("AZE", "CHN") if n % 2 else ("CHN", "AZE")
        what: object = Visited(guest, host, occasion=f"visit {n}")
        if n % 5 == 1:
            what = Met(pair, occasion=f"meeting {n}")
        if n % 5 == 2:
            value = Money(n, "USD") if n % 10 == 2 else None
            what = AgreementSigned(pair, f"agreement {n}", value=value)
        if n % 5 == 3:
            what = PositionDeclared(guest, f"topic {n}", "for", towards={host})
        if n % 5 == 4:
            what = IndicatorObserved(pair, "trade", n, "USD")
        when = day.isoformat()[: 7 if n % 6 == 0 else 10]
        cite = Source("Gazette", published=date.fromordinal(day.toordinal() + n % 40))
        found.append(Event(what, when=when, cite=cite, id=f"e{n}"))
    log = EventLog.of(*found)
    for n in range(0, size, 10):
        log = log.append(found[n].cited(DAILY), supersedes=n if n % 20 else None)
    return log


def end(log: EventLog) -> View:
    """Return the state at the end."""
    return log.as_of(LAST)


def more(log: EventLog, host: str = "KAZ") -> list[Event]:
    """Return as many events as there are entries."""
    return [
        Event(Visited(guest(n), host), when="2003", id=f"n{n}") for n in range(len(log))
    ]
