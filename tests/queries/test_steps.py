"""Twice as many of what is chained, or dated by a year, take twice the steps."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from effort import Work

from bri_timeline import Event, EventLog
from bri_timeline.relations import Visited


# A step to twice as many is twice the steps, a little more if they are sorted.
MOST = 2.5


def visit(number: int) -> Event:
    return Event(Visited("AZE", "CHN", occasion=f"{number}"), when="2019")


def retracted(size: int) -> object:
    """Retract a visit, that retraction, the retraction of it, and so on."""
    log = EventLog.of(visit(0))
    for target in range(size):
        log = log.retract(target, because="wrong", known="2020-01-01")
    view = log.as_of("2021-01-01")
    return view.events, view.set_aside


CASES: dict[str, Callable[[int], object]] = {
    "retractions": retracted,
}


@pytest.mark.full
@pytest.mark.parametrize("name", CASES)
def test_twice_as_many_take_twice_the_steps(
    name: str, trials: Callable[..., int]
) -> None:
    """Of 5,000 at most 2.5 times as many as of 2,500."""
    size, work = trials(2_500), CASES[name]
    work(size // 10)  # what is imported when it is first needed
    once, twice = (
        Work().of(lambda count=count: work(count)).total for count in (size, 2 * size)
    )

    assert twice <= MOST * once, (once, twice)
