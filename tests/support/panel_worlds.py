"""Keys, visits and logs that panels are asked about."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from attrs import frozen
from hypothesis import strategies as st
from log_strategies import SOURCES, Fact, logs

from bri_timeline import Event, EventLog, Prefer, Source, dyads, projection


FAR = "2200-01-01"


def pairs(event: Event) -> Iterable[tuple[str, str]]:
    """The pairs of an event, or a key of its own for what concerns one party."""
    return dyads(event) or [("", *event.parties)]


@projection(initial=int)
def score(state: int, event: Event) -> int:
    """A number that depends on the order of events."""
    return state * 2 + (event.what.value == "a") if isinstance(event.what, Fact) else 0


@projection(initial=int)
def how_many(state: int, event: Event) -> int:
    """The number of events."""
    return state + 1


def counting(log: EventLog, known_by: date | int | None) -> list[Event]:
    """What counts, in fold order, whenever it happened or may have."""
    view = log.as_of(FAR, known_by)
    both = [*view.events, *view.undecided]
    return sorted(both, key=lambda e: (e.when.latest_start, e.when.earliest_start))


def keys(log: EventLog, known_by: date | int | None) -> list[tuple[str, str]]:
    """The keys of what counts."""
    return sorted({key for event in counting(log, known_by) for key in pairs(event)})


def is_a(event: Event) -> bool:
    """The value that it sets is a."""
    return isinstance(event.what, Fact) and event.what.value == "a"


def read() -> st.SearchStrategy[EventLog]:
    """Logs, read by one policy or another, and selections from them."""
    policies = st.sampled_from(
        [
            {},
            {"bounded_by_reports": True},
            {"prefer": Prefer.EARLIEST_KNOWN},
            {"prefer": tuple(SOURCES[1:3]), "bounded_by_reports": True},
        ]
    )
    read = st.builds(lambda log, policy: log.reading(**policy), logs(), policies)
    return logs() | read | read.map(lambda log: log.among("BBB"))


def many(number: int, first: int, last: int, known: int, price: int) -> Event:
    """A visit on a day, or in a month, with a report."""
    day = date.fromordinal(first).isoformat()
    return Event(
        Visit("KAZ", "CHN", price),
        when=day if first == last else day[:7],
        cite=Source("Daily", published=date.fromordinal(known)),
        id=f"visit {number}",
    )


@frozen
class Visit:
    """A visit to one of two hosts, with its price."""

    guest: str
    host: str
    price: Any = 1

    @property
    def parties(self) -> frozenset[str]:
        """Both."""
        return frozenset({self.guest, self.host})


def visit(when: str, price: Any = 1, guest: str = "KAZ") -> Event:
    """A visit to China."""
    return Event(Visit(guest, "CHN", price), when=when)


def guests(event: Event) -> Iterable[str]:
    """The guest of a visit."""
    return [event.what.guest] if isinstance(event.what, Visit) else []


@projection(initial=lambda: None)
def last_price(state: Any, event: Event) -> Any:
    """The price of the last visit; None before the first."""
    return event.what.price if isinstance(event.what, Visit) else state


LOG = EventLog.of(visit("2014-03-01"), visit("2015"), visit("2014-02-28", 2, "AZE"))
