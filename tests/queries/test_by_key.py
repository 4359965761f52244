"""`first` and `history` of each key are those of a log of that key alone."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from log_strategies import Deed, Fact, known_by_days, logs, values

from bri_timeline import Event, EventLog, dyads
from bri_timeline.errors import ProjectionError
from bri_timeline.measures import Measure, count, latest, total
from bri_timeline.relations import Joined, Left, Met, relationship


def kinds(event: Event) -> tuple[str, ...]:
    """Group by the class of the payload, and all together."""
    return type(event.what).__name__, "all"


@given(
    log=logs(max_size=6), known_by=known_by_days(), by=st.sampled_from([dyads, kinds])
)
def test_of_each_key_is_what_a_log_of_its_events_says(
    log: EventLog, known_by: date, by: Callable[[Event], tuple[Hashable, ...]]
) -> None:
    """Its keys are those of a panel."""
    keys = dict.fromkeys(
        row.key
        for row in log.panel(
            count(),
            by=by,
            every="year",
            start="2015-01-01",
            stop="2015-12-31",
            known_by=known_by,
        )
    )
    firsts = log.first(count(), at_least=2, by=by, known_by=known_by)
    lasts = log.first(latest(Deed, "value"), holds=bool, by=by, known_by=known_by)
    periods = log.history(values, known_by, by=by)
    deeds = log.history(count(Deed), known_by, by=by)

    assert [*keys] == [*firsts] == [*lasts] == [*periods] == [*deeds]
    for key in keys:

        def is_its_own(event: Event, key: object = key) -> bool:
            return key in by(event)

        own = log.where(is_its_own)
        assert own.first(count(), at_least=2, known_by=known_by) == firsts[key]
        found = own.first(latest(Deed, "value"), holds=bool, known_by=known_by)
        assert found == lasts[key]
        assert own.history(values, known_by) == periods[key]
        assert own.history(count(Deed), known_by) == deeds[key]


def test_a_function_makes_the_projection_of_each_key() -> None:
    """A relationship is passed what concerns one of its parties alone, too."""
    log = EventLog.of(
        Event(Met({"AZE", "CHN"}), when="2015-04-24"),
        Event(Met({"CHN", "KAZ"}), when="2016"),
        Event(Joined("KAZ", "BRI"), when="2017"),
        Event(Left("KAZ", "BRI"), when="2018"),
    )
    periods = log.history(relationship, by=dyads)
    firsts = log.first(relationship, holds=lambda state: bool(state.meetings), by=dyads)

    for pair in (("AZE", "CHN"), ("CHN", "KAZ")):
        assert log.history(relationship(*pair)) == periods[pair]
        found = log.first(relationship(*pair), holds=lambda state: bool(state.meetings))
        assert found == firsts[pair]


def test_a_projection_of_a_key_is_passed_what_it_reads() -> None:
    """Neither other facts, nor ends where it takes none."""
    log = EventLog.of(
        Event(Joined("KAZ", "BRI"), when="2015/2016"),
        Event(Met({"KAZ", "CHN"}), when="2017"),
    )
    for asked in (count(Joined), lambda _: count(Joined), lambda _: count(active=True)):
        periods = log.history(asked, by=lambda _: [1])[1]
        one = asked(1) if callable(asked) and not isinstance(asked, Measure) else asked

        assert log.history(one) == periods


def test_one_condition_is_needed() -> None:
    """None, or two that may contradict, are refused; so is what is no function."""
    log = EventLog.of(Event(Fact("a", frozenset({"AAA", "BBB"})), when="2015"))
    with pytest.raises(ProjectionError, match="is 0 conditions of the value: give one"):
        log.first(count())
    with pytest.raises(ProjectionError, match="is 2 conditions"):
        log.first(count(), at_least=1, at_most=2)
    with pytest.raises(ProjectionError, match=r"^1 cannot be .*'a': ask by holds"):
        log.first(latest(Fact, "value"), at_least=1)
    with pytest.raises(ProjectionError, match="'dyads'"):
        log.first(count(), at_least=1, by="dyads")
    with pytest.raises(ProjectionError, match="'dyads'"):
        log.history(count(), by="dyads")
    with pytest.raises(ProjectionError, match="cannot be called with the key 1"):
        log.history(lambda: count(), by=lambda _: [1])
    with pytest.raises(ProjectionError, match="is not a projection"):
        log.history(relationship)


@pytest.mark.parametrize("nan", [math.nan, Decimal("nan"), Decimal("sNaN")])
def test_first_refuses_a_threshold_that_is_no_number(nan: Any) -> None:
    """Nothing reaches it, and nothing is below: the answer was a certain no."""
    log = EventLog.of(Event(Fact("a"), when="2015"))
    for condition in ({"at_least": nan}, {"at_most": nan}):
        for keyed in ({}, {"by": lambda _: [1]}):
            with pytest.raises(ProjectionError, match="any value: give a number"):
                log.first(count(), **condition, **keyed)


def test_what_a_projection_raises_of_a_key_names_the_event() -> None:
    """As for every question; of a panel also where it folds under much knowledge."""
    log = EventLog.of(Event(Fact("b"), when="2015"), Event(Fact("c"), when="2016"))
    worth = total(Fact, "worth")
    days = [("all", "2017-01-01", f"2017-01-{day}") for day in range(10, 30)]
    for ask in (
        lambda: log.history(worth, by=kinds),
        lambda: log.first(worth, at_least=1, by=kinds),
        lambda: [*log.panel(worth, by=kinds, at=days[:1])],
        lambda: [*log.panel(latest(Fact, "worth"), by=kinds, at=days)],
    ):
        with pytest.raises(KeyError) as caught:
            ask()
        assert "at 2016" in "".join(caught.value.__notes__)


def member(event: Event) -> list[str]:
    """Return who joined."""
    return [event.what.member]


def test_a_key_of_many_marks_is_grouped_again_where_no_state_is_kept() -> None:
    """Each key has a projection of its own: no states along its marks are kept."""
    log = EventLog.of(
        *(
            Event(Joined("AZE", f"org:{number}"), when=f"2015-01-{number % 28 + 1:02}")
            for number in range(300)
        )
    )
    counted = Measure("count", (Joined,), None, None, False)

    def each(log: EventLog) -> dict[Any, Any]:
        view = log.as_of("2016-01-01")
        return dict(view.project_each(lambda *_: counted, by=member))

    assert each(log) == {"AZE": 300}
    more = log.append(Event(Joined("AZE", "org:9"), when="2017-01-01"), supersedes=9)
    assert each(more) == {"AZE": 299}
