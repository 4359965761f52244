"""Caches are bounded, and what they drop changes no answer."""

from __future__ import annotations

import pytest
from log_strategies import Fact, last_value

from bri_timeline import (
    Event,
    EventLog,
    dyads,
)
from bri_timeline.errors import (
    EventError,
)
from bri_timeline.pages import network


def crowd(count: int) -> Event:
    """An event of so many parties."""
    parties = frozenset(f"org:{number}" for number in range(count))
    return Event(Fact("x", parties), when="2019")


def test_pairs_of_one_event_have_a_bound() -> None:
    """A thousand parties are taken apart; more are refused, before it takes memory."""
    assert 1000 * 999 // 2 == len(dyads(crowd(1000)))
    message = (
        r"8000 parties of one event make 31,996,000 pairs, and only.* at most 1,000"
    )
    view = EventLog.of(crowd(8000)).as_of("2020-01-01")
    for ask in (
        lambda: dyads(crowd(8000)),
        lambda: view.project_each(last_value, by=dyads),
        lambda: network.render(view),
    ):
        with pytest.raises(EventError, match=message):
            ask()
