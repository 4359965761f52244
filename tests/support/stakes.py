"""Purchases and sales, for vocabularies that lack one of them."""

from __future__ import annotations

from attrs import frozen

from bri_timeline import Event, EventLog, projection


DAY = "2020-01-01"


@frozen
class Bought:
    """A purchase."""

    who: str
    shares: int
    parties = frozenset({"A", "B"})


@frozen
class Sold(Bought):
    """A sale."""


@projection(initial=int, reads=(Bought, Sold))
def stake(owned: int, event: Event) -> int:
    """Count the shares."""
    sign = -1 if isinstance(event.what, Sold) else 1
    return owned + sign * event.what.shares


DEALS = EventLog.of(
    Event(Bought("bob", 40), when="2001"), Event(Sold("bob", 15), when="2002")
)
