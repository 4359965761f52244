"""States and bounds that are kept, of events that count now and then."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date
from random import Random
from typing import Any
from unittest.mock import patch

import pytest
from attrs import frozen

from bri_timeline import Answer, Event, EventLog, View, projection
from bri_timeline._happening import Window
from bri_timeline._queries._reached import Reached
from bri_timeline._queries._row_bounds import Budget, RowBounds
from bri_timeline.measures import count, distinct, latest, total


FIRST = date(2016, 3, 1).toordinal()
DAYS = 14


@frozen
class Seen:
    """A claim of the tests."""

    n: int


@projection(initial=tuple)
def in_order(state: tuple[int, ...], event: Event) -> tuple[int, ...]:
    """Numbers, in the order of their events."""
    return (*state, event.what.n)


MEASURES = (
    count(Seen),
    total(Seen, "n"),
    latest(Seen, "n"),
    distinct(Seen, "n"),
    latest(Seen, lambda event: int(event.when.before("2016-03-06") is Answer.YES)),
)


def day(number: int) -> str:
    return date.fromordinal(FIRST + number).isoformat()


def some_events(random: Random) -> list[Event]:
    """Return events in fold order, some of them on several days, with gaps or not."""
    found = []
    for n in range(random.randrange(9)):
        first = random.randrange(DAYS)
        last = first + random.choice((0, 0, 0, 1, 2, 5))
        text = day(first)
        if last > first:
            text = f"[{day(first)}{random.choice(('..', ','))}{day(last)}]"
        if random.random() < 0.05:
            text = f"[..{day(first)}]"
        found.append(Event(Seen(n % 4 - 1), when=text, id=f"e{n}"))
    return sorted(found, key=lambda e: (e.when.latest_start, e.when.earliest_start))


def a_window(random: Random) -> tuple[Window, Callable[[EventLog], View]]:
    """Return a window, and its view of a log."""
    until = random.randrange(DAYS + 2)
    since = random.randrange(until + 1) if random.random() < 0.4 else None
    if since is None:
        return Window(-math.inf, FIRST + until), lambda log: log.as_of(day(until))
    days = day(since), day(until)
    return Window(FIRST + since, FIRST + until), lambda log: log.during(days)


@pytest.mark.full
def test_states_and_bounds_are_those_of_what_counts(
    trials: Callable[..., int],
) -> None:
    """Of 20,000 lists of events, asked about many days, in any order."""
    for seed in range(trials(20_000, share=100)):
        random = Random(seed)
        events = some_events(random)
        counts = [random.random() < 0.7 for _ in events]
        measure: Any = random.choice(MEASURES)
        reached = Reached(in_order, events, counts)
        bounds = RowBounds(measure, lambda state: state, events, Budget(), (), counts)
        with patch("bri_timeline._queries._reached._STRIDE", 2):
            for _ in range(8):
                for place in range(len(events)):
                    if random.random() < 0.15:
                        counts[place] = not counts[place]
                        reached.doubt(events[place])
                        bounds.doubt(events[place])
                window, seen = a_window(random)
                some = zip(events, counts, strict=True)
                view = seen(EventLog.of(*(e for e, counted in some if counted)))
                expected = view.outcomes(in_order)
                states, *_ = reached.states(window, 10_000)
                assert states is not None, seed
                states.append(expected.certain)
                assert {*states} == {*expected.values}, seed
                if reached.is_plain(window):
                    assert len(expected.values) == 1, seed
                known = view.outcomes(measure)
                state = view.project(measure)
                row = bounds.on(*window, state, state)
                assert (known.low, known.high, known.bounded) == row, seed


def of_days(*numbers: int) -> list[Event]:
    pairs = enumerate(numbers)
    return [Event(Seen(n), when=day(number), id=f"e{n}") for n, number in pairs]


@pytest.mark.parametrize(
    ("events", "limit"),
    [(of_days(*[1] * 12), 10_000), (of_days(1, 1, *range(2, 100)), 50)],
)
def test_too_many_orders_are_given_up_from_that_day_on(
    events: list[Event], limit: int
) -> None:
    """Those of events on one day, or of what follows when two orders are left."""
    counts = [True] * len(events)
    reached = Reached(in_order, events, counts)
    last = Window(-math.inf, FIRST + 99)

    assert reached.states(Window(-math.inf, FIRST), limit)[0] == [()]
    assert reached.states(last, limit)[0] is None
    assert reached.states(last, limit) == (None, 0, 0)
    counts[1:] = [False] * len(counts[1:])
    reached.doubt(events[1])
    assert reached.states(last, limit)[0] == [(0,)]
