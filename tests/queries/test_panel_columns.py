"""Panels without bounds, what is spent on bounds, and the types of their columns."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve
from effort import at_most
from hypothesis import given
from hypothesis import strategies as st
from log_strategies import Deed, Fact, everything, last_value, logs
from typed_payload import YEARS, Typed, guests

from bri_timeline import Event, EventLog, Projection, dyads, projection
from bri_timeline._queries import _row_bounds
from bri_timeline.measures import count, distinct, latest, total


@projection(initial=int)
def score(state: int, event: Event) -> int:
    """A number that depends on the order of events."""
    return state * 3 + len(event.id)


@at_most(40)
@given(
    logs(),
    st.sampled_from(
        [
            *(
                score,
                everything,
                last_value,
                count(),
                count(Deed),
                total(Fact, "worth"),
            ),
            *(distinct(Fact, "value"), latest(Fact, "worth"), count(active=True)),
        ]
    ),
    st.sampled_from(
        [
            {"every": "month", "start": "2015-06-15", "stop": "2016-06-15"},
            {"every": "day", "start": "2015-12-30", "stop": "2016-01-02", "flow": True},
            {"start": "2015-12-30", "stop": "2016-01-02", "window": "quarter"},
            {"at": [(("AAA", "BBB"), "2016-01-01"), (("X", "Y"), "2015-06-30", 0)]},
        ]
    ),
)
def test_without_bounds_the_values_are_the_same(
    log: EventLog, asked: Projection[Any], options: dict[str, Any]
) -> None:
    """Of periods, of windows and of questions; no row says that it has bounds."""
    if not len(log):
        log = EventLog.of(Event(Fact("a", frozenset({"AAA", "BBB"})), when="2015"))
    rows = [*log.panel(asked, by=dyads, **options)]
    panel = log.panel(asked, by=dyads, bounds=False, **options)

    assert [evolve(r, low=None, high=None, complete=False) for r in rows] == [*panel]


def test_questions_about_sums_have_no_bounds_either() -> None:
    """What is added up is answered without them."""
    log = EventLog.of(Event(Typed("KAZ"), when="2014"))
    asked = [("KAZ", "2014-06-30"), ("KAZ", "2014-12-31", "2015-01-01")]
    [one, other] = log.panel(count(), by=guests, at=asked, bounds=False)

    assert (0, None, None, False) == (one.value, one.low, one.high, one.complete)
    assert (1, None, None, False) == (
        other.value,
        other.low,
        other.high,
        other.complete,
    )


def test_without_bounds_no_order_is_tried() -> None:
    """Each event is folded once."""
    folded: list[Event] = []

    def noting(state: int, event: Event) -> int:
        folded.append(event)
        return state + 1

    log = EventLog.of(*(Event(Typed("KAZ", n), when="2014") for n in range(8)))
    fold = Projection(int, noting)
    rows = [*log.panel(fold, by=guests, bounds=False, every="month", **YEARS)]

    assert 36 == len(rows)
    assert 8 == len(folded)


def test_what_is_spent_on_orders_is_limited_for_a_panel(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Not for each row: those that come later give up, and say so."""
    for name, calls_of in (("_ALL", 1_000), ("_EACH", 1), ("_SETTLED", 1)):
        monkeypatch.setattr(_row_bounds, name, calls_of)
    calls = 0

    def counted(state: int, event: Event) -> int:
        nonlocal calls
        calls += 1
        return state * 20 + event.what.n

    whens = ["2014", *(f"2014-{n:02}" for n in range(1, 7)), "2014"]
    log = EventLog.of(*(Event(Typed("K", n), when=w) for n, w in enumerate(whens)))
    fold = Projection(int, counted)
    rows = [*log.panel(fold, by=guests, every="day", **YEARS)]
    gave_up = [row for row in rows if not row.complete]

    assert 500 < calls < 2_000 + 50 * len(rows)
    assert rows[0].complete
    assert gave_up
    assert {(None, None)} == {(row.low, row.high) for row in gave_up}
    assert all(row.value for row in gave_up[-1:])


def test_days_of_ends_are_not_tried_where_nothing_is_left_to_spend(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The row has its certain value, and says that its bounds are not known."""
    log = EventLog.of(Event(Typed("K", 1), when="2014/2015"))
    fold = Projection(int, lambda n, _: n + 1, ends=lambda n, _: n - 1)
    asked = {"start": "2014-01-01", "stop": "2014-06-30"}
    (before,) = log.panel(fold, by=guests, **asked)
    for name in ("_ALL", "_EACH"):
        monkeypatch.setattr(_row_bounds, name, 0)
    (row,) = log.panel(fold, by=guests, **asked)

    assert (0, 0, 1, True) == (before.value, before.low, before.high, before.complete)
    assert (0, None, None, False) == (row.value, row.low, row.high, row.complete)
