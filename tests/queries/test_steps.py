"""Twice as many of what is chained, or dated by a year, take twice the steps."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta

import pytest
from effort import Work

from bri_timeline import Event, EventLog, dyads
from bri_timeline.relations import (
    AgreementSigned,
    Relationship,
    Visited,
    match,
    relationship,
    trips,
)


# A step to twice as many is twice the steps, a little more if they are sorted.
MOST = 2.5


def visit(number: int, when: str = "2019") -> Event:
    return Event(Visited("AZE", "CHN", occasion=f"{number}"), when=when)


def seen(number: int) -> Event:
    return Event(Visited("AZE", "CHN", who=f"person:{number}"), when="2019")


def _day(number: int) -> date:
    return date(2019, 1, 1) + timedelta(number)


def retracted(size: int) -> object:
    """Retract a visit, that retraction, the retraction of it, and so on."""
    log = EventLog.of(visit(0))
    for target in range(size):
        log = log.retract(target, because="wrong", known="2020-01-01")
    view = log.as_of("2021-01-01")
    return view.events, view.set_aside


def found(size: int) -> object:
    """Look for trips among visits of one year, of many guests."""
    some = [seen(number) for number in range(size)]
    found = trips(some)

    assert size == len(found)
    assert size - 1 == len(found[0].perhaps)
    return found


def matched(size: int) -> object:
    """Match visits of one year with others, and with one another."""
    one, two = ([visit(n + more) for n in range(size)] for more in (0, size))
    found, among = match(one, two), match(one)

    assert size * size == len(found.pairs)
    assert size * (size - 1) // 2 == len(among.pairs)
    return next(iter(found.pairs)), found.only_one, among.only_one, found.pairs[-1]


def dated(size: int) -> object:
    """Match visits that each have other days of the year."""
    some = [visit(n, f"[{_day(n)}..{_day(180 + n)}]") for n in range(size)]
    found = match(some)

    assert () == found.only_one
    return next(iter(found.pairs))


def chained(size: int, order: Iterable[int]) -> object:
    """Fold agreements of which each is part of the next."""
    pair = {"AZE", "CHN"}
    events = [
        Event(AgreementSigned(pair, "x", part_of=f"{n + 1}"), when="2019", id=f"{n}")
        for n in order
    ]
    state = EventLog.of(*events).as_of("2020-01-01").project(relationship(*pair))

    assert (size, 1) == (len(state.agreements), state.agreement_count)
    return state


def visited(size: int, *, bounds: bool, of: Callable[[Relationship], int]) -> object:
    """Ask year by year for one value of a relationship; a fifth is dated by years."""
    days = [date(1990, 1, 1) + timedelta(n * 10_950 // size) for n in range(size)]
    whens = [f"{d.year}" if n % 5 == 0 else str(d) for n, d in enumerate(days)]
    log = EventLog.of(*(visit(n, when) for n, when in enumerate(whens)))
    panel = log.panel(
        relationship, by=dyads, every="year", of=of, bounds=bounds,
        start="1990-01-01", stop="2019-12-31",
    )  # fmt: skip
    rows = [*panel]

    assert 30 == len(rows)
    return rows


# The orders in which the parts of a chain are written.
ORDERS: dict[str, Callable[[int], Iterable[int]]] = {
    "parts first": range,
    "bundles first": lambda size: reversed(range(size)),
    "every second first": lambda size: (*range(0, size, 2), *range(1, size, 2)),
    "every second first, from above": lambda size: (
        *range(0, size, 2),
        *reversed(range(1, size, 2)),
    ),
    "any": lambda size: sorted(range(size), key=lambda n: n * 7919 % 10_007),
}
CASES: dict[str, Callable[[int], object]] = {
    "match": matched,
    "match, other days": dated,
    "retractions": retracted,
    "trips": found,
    "panel, no bounds": lambda size: visited(
        size, bounds=False, of=lambda s: len({v.when for v in s.visits})
    ),
    **{
        f"parts, {name}": lambda size, order=order: chained(size, order(size))
        for name, order in ORDERS.items()
    },
}


@pytest.mark.full
@pytest.mark.parametrize("name", CASES)
def test_twice_as_many_take_twice_the_steps(
    name: str, trials: Callable[..., int]
) -> None:
    """Of twice as many at most 2.5 times the steps."""
    size, work = trials(2_500, share=20), CASES[name]
    work(size // 10)  # what is imported when it is first needed
    once, twice = (
        Work().of(lambda count=count: work(count)).total for count in (size, 2 * size)
    )

    assert twice <= MOST * once, (once, twice)
