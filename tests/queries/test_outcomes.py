"""Outcomes: all values that are consistent with the dates."""

from __future__ import annotations

import math
from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from log_model import Model, every_outcome
from log_strategies import (
    Fact,
    events,
    everything,
    facts,
    last_value,
    logs,
    tally,
    values,
    view_days,
)

from bri_timeline import Answer, Edtf, Event, EventLog, Outcomes, Projection, projection
from bri_timeline.edtf import Widening


PROJECTIONS = st.sampled_from([everything, last_value, tally, values])
CLOSE = (
    "2015-12-31",
    "2016-01-01",
    "2016-01-02",
    "[2015-12-31,2016-01-02]",
    "[2015-12-31..2016-01-01]",
    "[2016-01-01..]",
    "2015-12-31/2016-01-02",
    "2015-12",
)
CLOSE_EVENTS = st.lists(events(CLOSE), min_size=2, max_size=5)
# Known days, of which several events may have one, and few dates that reach over some.
KNOWN_DAYS = (
    *("2015-12-31", "2016-01-01", "2016-01-02") * 2,
    "[2015-12-31..2016-01-01]",
    "2016-01-01/2016-01-02",
)
KNOWN_EVENTS = st.lists(
    st.builds(Event, facts(), when=st.sampled_from(KNOWN_DAYS)), min_size=2, max_size=6
)
FEW_EVENTS = st.one_of(CLOSE_EVENTS, KNOWN_EVENTS, st.lists(events(), max_size=5)).map(
    lambda some: EventLog.of(*some)
)


def same(one: object) -> object:
    """Select the whole state."""
    return one


def brute(log: EventLog, day: date, fold: Projection[object]) -> list[object]:
    """Return the values of all choices of days and orders."""
    number = day.toordinal()
    claims = [c for c in Model(tuple(log)).happenings() if c.first <= number]
    assume(math.prod(len(claim.days) for claim in claims) <= 600)
    return every_outcome(claims, number, fold.fold)


class TestAllOrders:
    """Against brute force."""

    @given(log=FEW_EVENTS, day=view_days(), fold=PROJECTIONS)
    def test_outcomes_are_those_of_all_days_and_orders(
        self, log: EventLog, day: date, fold: Projection[object]
    ) -> None:
        """Outcomes are the values of every choice of days, and of orders within one."""
        expected = brute(log, day, fold)
        found = log.as_of(day).outcomes(fold, of=same)

        assert found.complete
        assert len(expected) == len(found.values)
        assert all(value in found.values for value in expected)

    @given(log=logs(max_size=5), day=view_days(), fold=PROJECTIONS)
    def test_claims_that_do_not_count_have_no_outcomes(
        self, log: EventLog, day: date, fold: Projection[object]
    ) -> None:
        """Only claims that stand take part in outcomes."""
        expected = brute(log, day, fold)
        found = log.as_of(day).outcomes(fold, of=same)

        assert len(expected) == len(found.values)
        assert all(value in found.values for value in expected)

    @given(log=logs(), day=view_days(), fold=PROJECTIONS)
    def test_the_certain_value_comes_first(
        self, log: EventLog, day: date, fold: Projection[object]
    ) -> None:
        """The first outcome is the value for certain, whatever the limit."""
        view = log.as_of(day)
        limited = view.outcomes(fold, of=same, limit=20)

        assert view.project(fold) == limited.values[0]

    @given(log=FEW_EVENTS, day=view_days(), limit=st.integers(0, 30))
    def test_limited_outcomes_are_genuine(
        self, log: EventLog, day: date, limit: int
    ) -> None:
        """What is found within a limit is possible; if complete, it is everything."""
        expected = brute(log, day, tally)
        found = log.as_of(day).outcomes(tally, of=same, limit=limit)

        assert all(value in expected for value in found.values)
        assert not found.complete or len(expected) == len(found.values)


class TestLimits:
    """What outcomes look like."""

    EITHER = EventLog.of(
        Event(Fact("a"), when="2015"), Event(Fact("b"), when="2015-06-01")
    )

    def test_two_imprecise_orders_give_two_values(self) -> None:
        """A year and a day in it may come in either order."""
        found = self.EITHER.as_of("2015-12-31").outcomes(last_value, of=same)

        assert Outcomes(("a", "b"), complete=True) == found
        assert "'a' or 'b'" == str(found)

    def test_outcomes_reports_that_the_limit_was_reached(self) -> None:
        """Outcomes that were cut short say so."""
        found = self.EITHER.as_of("2015-12-31").outcomes(last_value, of=same, limit=0)

        assert not found.complete
        assert "'a' (not all outcomes were tried)" == str(found)

    def test_the_limit_counts_calls_of_the_projection(self) -> None:
        """Two events in either order take four calls at the most."""
        view = self.EITHER.as_of("2015-12-31")
        complete = [
            view.outcomes(everything, of=len, limit=limit).complete for limit in (3, 4)
        ]

        assert [False, True] == complete

    def test_events_of_one_day_come_in_any_order(self) -> None:
        """Three on a day have six orders, between what came before and after it."""
        dates = "2015-12-31", *["2016-01-01"] * 3, "2016-01-02"
        log = EventLog.of(
            *(Event(Fact(str(n)), when=date) for n, date in enumerate(dates))
        )
        found = log.as_of("2016-01-02").outcomes(everything).values

        assert 6 == len(found)
        assert {("0", "4")} == {(s[0].what.value, s[-1].what.value) for s in found}

    def test_a_later_event_may_ask_the_date_of_an_earlier_one(self) -> None:
        """What happened alone on its day is folded after each day of what it asks."""

        @projection(initial=tuple)
        def recalled(state: tuple[object, ...], event: Event) -> tuple[object, ...]:
            earlier = [e.when.first_day for e in state if isinstance(e, Event)]
            return event, *earlier

        dates = "[2015-12-31..2016-01-01]", "2016-01-03"
        log = EventLog.of(
            *(Event(Fact(str(n)), when=when) for n, when in enumerate(dates))
        )
        found = log.as_of("2016-01-03").outcomes(recalled, of=lambda state: state[1])
        first = date(2015, 12, 31).toordinal()

        assert found.complete
        assert {first, first + 1} == {*found.values}

    @given(seed=st.integers())
    def test_orders_that_are_drawn_have_what_has_its_own_day(self, seed: int) -> None:
        """What happened alone on its day comes before, or after, what may be drawn."""
        dates = "2015-12-30", "2015-12-31", "2015-12-31", "2016-01-02", "2016-01-03"
        log = EventLog.of(
            *(Event(Fact(str(n)), when=date) for n, date in enumerate(dates))
        )
        found = log.as_of("2016-01-02").outcomes(everything, limit=1, seed=seed)
        names = {"".join(event.what.value for event in s) for s in found.values}

        assert 1 == found.sampled
        assert names <= {"0123", "0213"}

    def test_what_is_drawn_may_lie_after_the_day(self) -> None:
        """Of many that may be yet to come, some draws leave some out."""
        dates = ["[2015-01-01..2020-12-31]"] * 12
        log = EventLog.of(
            *(Event(Fact(str(n)), when=date) for n, date in enumerate(dates))
        )
        found = log.as_of("2016-06-01").outcomes(everything, of=len, limit=200, seed=1)

        assert not found.complete
        assert {*found.values} <= {*range(13)}
        assert len(found.values) > 3

    def test_ends_are_drawn_after_their_beginnings(self) -> None:
        """Of many extents whose ends are not known, no more end than begin."""

        @projection(initial=tuple, ends=lambda state, event: (*state, "end"))
        def seen(state: tuple[str, ...], event: Event) -> tuple[str, ...]:
            return (*state, "begin")

        when = "2015/2016"
        log = EventLog.of(*(Event(Fact(str(n)), when=when) for n in range(9)))
        found = log.as_of("2016-06-30").outcomes(seen, of=same, limit=200, seed=1)

        assert not found.complete
        assert {9} == {state.count("begin") for state in found.values}
        assert max(state.count("end") for state in found.values) > 0

    @given(log=FEW_EVENTS, day=view_days(), fold=PROJECTIONS, seed=st.integers(0, 9))
    def test_sampled_outcomes_are_possible(
        self, log: EventLog, day: date, fold: Projection[object], seed: int
    ) -> None:
        """Orders that are drawn at random give values that the dates allow."""
        expected = brute(log, day, fold)
        view = log.as_of(day)
        found = view.outcomes(fold, of=same, limit=1, seed=seed)

        assert all(value in expected for value in found.values)
        assert found == view.outcomes(fold, of=same, limit=1, seed=seed)
        assert found.complete == (found.sampled == 0)
        assert found.certain == view.project(fold)

    @pytest.mark.slow
    def test_outcomes_reports_how_many_were_sampled(self) -> None:
        """Orders that were drawn at random are counted, and may find every value."""
        view = self.EITHER.as_of("2015-12-31")
        found = view.outcomes(last_value, of=same, limit=3, seed=1)

        said = "'a' or 'b' (not all outcomes were tried; 1 drawn at random)"

        assert said == str(found)
        names = [Event(Fact(f"{n:02}"), when="2015") for n in range(20)]
        many = EventLog.of(*names).as_of("2015-12-31").outcomes(last_value, of=same)
        drawn = (
            EventLog.of(*names)
            .as_of("2015-12-31")
            .outcomes(last_value, of=same, seed=1)
        )

        assert ("19",) == many.values
        assert not drawn.complete
        assert {f"{n:02}" for n in range(20)} == set(drawn.values)

    def test_thousands_of_open_dates_are_given_up_at_once(self) -> None:
        """Five thousand events of one year take no more calls than one fold."""
        calls = 0

        @projection(initial=int)
        def count(seen: int, event: Event) -> int:
            nonlocal calls
            calls += 1
            return seen + 1

        log = EventLog.of(*(Event(Fact(str(n)), when="2015") for n in range(5000)))
        found = log.as_of("2015-12-31").outcomes(count, of=same)

        assert Outcomes((5000,), complete=False) == found
        assert 5000 == calls

    def test_states_without_a_hash(self) -> None:
        """A tuple of lists, which only claims to be hashable, may be a state."""

        @projection(initial=tuple)
        def nested(state: tuple[list[object], ...], event: Event) -> object:
            return (*state, [event.what])

        found = self.EITHER.as_of("2015-12-31").outcomes(nested, of=same)

        assert {2} == {len(value) for value in found.values}
        assert 2 == len(found.values)

    def test_a_long_certain_history_is_one_order(self) -> None:
        """Events on different days need one call each."""
        days = [
            f"2015-{month:02}-{day:02}" for month in (1, 3, 5) for day in range(1, 29)
        ]
        log = EventLog.of(*(Event(Fact(day), when=day) for day in days))
        found = log.as_of("2015-12-31").outcomes(last_value, of=same, limit=len(days))

        assert Outcomes((days[-1],), complete=True) == found

    def test_a_date_that_a_policy_does_not_widen_is_one_outcome(self) -> None:
        """To be told that it stays as it is does not depend on its day."""

        @projection(initial=str)
        def widened(state: str, event: Event) -> str:
            return str(event.when.widened(Widening(years=1)))

        when = "[2015-12-31..2016-01-02]"
        view = EventLog.of(Event(Fact("a"), when=when)).as_of("2016-01-01")

        assert Outcomes(("", when), complete=True) == view.outcomes(widened, of=same)


def days_of(when: Edtf) -> tuple[object, ...]:
    """Return what a date answers about days."""
    ask = when.started_by if when.is_extent else when.on_or_before
    ends = when.earliest_start, when.latest_start, when.last_day
    return (*ends, *(ask(date(2016, 1, day)) for day in range(1, 4)))


@given(CLOSE_EVENTS)
def test_dates_that_a_state_holds_are_those_of_the_log(some: list[Event]) -> None:
    """While orders are tried a date answers for fewer days; afterwards for all."""
    held = Projection[tuple[Edtf, ...]](tuple, lambda state, e: (*state, e.when))
    asking = Projection[tuple[Edtf, ...]](
        tuple,
        lambda state, e: (
            (*state, e.when) if days_of(e.when)[3] is Answer.YES else state
        ),
    )
    view = EventLog.of(*some).as_of("2016-01-02")
    # Claims that agree have a date in common.
    days = {e.when: days_of(e.when) for e in (*view.events, *view.undecided)}
    for fold in (held, asking):
        for value in view.outcomes(fold, limit=200).values:
            assert [days_of(when) for when in value] == [days[when] for when in value]
