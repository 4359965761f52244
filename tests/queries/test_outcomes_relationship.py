"""Outcomes of what is read from dates: against all completions, one by one."""

from __future__ import annotations

import itertools
import pickle
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from attrs import evolve, frozen
from fact_strategies import facts, plan_changes
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bri_timeline import Answer, Event, EventLog, projection
from bri_timeline.edtf import Edtf
from bri_timeline.folds import FrozenList
from bri_timeline.relations import (
    Held,
    IndicatorObserved,
    Joined,
    Left,
    Plan,
    Planned,
    PlanStatus,
    PositionDeclared,
    Postponed,
    Relationship,
    Rescheduled,
    Visited,
    relationship,
)


BOTH = relationship("AZE", "CHN")
FIELDS = (
    "initiatives", "memberships", "visits", "meetings", "agreements",
    "agreement_count", "agreed_value", "agreements_without_value",
    "agreement_statuses", "positions", "indicators", "projects", "plans",
)  # fmt: skip
# Each date with the days on which it can begin, of a world of nine days.
DAYS = [f"2019-04-{day}" for day in range(20, 29)]
WHENS: dict[str, list[str]] = {
    "2019-04-24": ["2019-04-24"],
    "2019-04-25": ["2019-04-25"],
    "[2019-04-23..2019-04-25]": ["2019-04-23", "2019-04-24", "2019-04-25"],
    "[2019-04-23,2019-04-25]": ["2019-04-23", "2019-04-25"],
    "[2019-04-24..2019-04-26]": ["2019-04-24", "2019-04-25", "2019-04-26"],
    "[2019-04-25,2019-04-27]": ["2019-04-25", "2019-04-27"],
    "2019-04-24/2019-04-25": ["2019-04-24"],
    "2019-04-XX": [f"2019-04-{day:02}" for day in range(1, 31)],
}
NARROW = list(WHENS)[:-1]


def completions(events: list[Event], day: str) -> Iterator[list[tuple[Event, str]]]:
    """Yield what happened by a day, with its days, in every order that they allow."""
    for days in itertools.product(*(WHENS[str(event.when)] for event in events)):
        happened = [pair for pair in zip(events, days, strict=True) if pair[1] <= day]
        for order in itertools.permutations(happened):
            if all(a[1] <= b[1] for a, b in itertools.pairwise(order)):
                yield list(order)


def every_value(
    events: list[Event], day: str, of: Callable[[Relationship], object]
) -> set[object]:
    """Return the values over all completions, each folded from exact days."""
    return {
        canonical(of(BOTH.fold(
            Event(as_claimed(event), when=on, id=event.id) for event, on in order
        )))
        for order in completions(events, day)
    }  # fmt: skip


def as_claimed(event: Event) -> object:
    """Return the payload; a figure without a period is of the date that was claimed."""
    what = event.what
    if isinstance(what, IndicatorObserved) and what.period is None:
        return evolve(what, period=event.when)
    return what


def canonical(part: object) -> object:
    """Return a part of a relationship with the ids of claims in the place of claims."""
    if isinstance(part, Event):
        return part.id
    if isinstance(part, Plan):
        return part.id, tuple(event.id for event in part.changes)
    if isinstance(part, FrozenList):  # is shown by date
        return tuple(sorted(map(str, map(canonical, part))))
    if isinstance(part, Mapping):
        return frozenset((key, canonical(value)) for key, value in part.items())
    return part


def status(day: str) -> Callable[[Relationship], object]:
    """Select how the plans stand on a day."""
    return lambda state: frozenset(
        (name, plan.status_on(day)) for name, plan in state.plans.items()
    )


@st.composite
def claims(draw: st.DrawFn, which: st.SearchStrategy[Any]) -> list[Event]:
    """Return a few claims with narrow dates, a plan among them."""
    found = draw(st.lists(which, min_size=1, max_size=4))
    whens = st.sampled_from(NARROW)
    events = [
        Event(what, when=draw(whens), id=f"e{place}")
        for place, what in enumerate(found)
    ]
    made = Planned(["AZE", "CHN"], "x", draw(st.sampled_from(["2019-04-24", None])))
    if draw(st.booleans()):
        events.append(Event(made, when=draw(whens), id="plan-a"))
    return draw(st.permutations(events))


closely = plan_changes | st.sampled_from(
    [Joined("AZE", "x"), Left("AZE", "x"), Postponed("plan-a"), Held("plan-a")]
)
view_days = st.sampled_from(DAYS[3:8])


@pytest.mark.full
def test_outcomes_of_a_relationship_are_those_of_all_completions(
    trials: Callable[[int], int],
) -> None:
    """Each field, and the status of plans on any day, has just the values it can."""
    tried = complete = 0

    @settings(
        max_examples=trials(3_000),
        suppress_health_check=list(HealthCheck),
    )
    @given(
        claims(closely) | claims(facts),
        view_days,
        st.sampled_from(FIELDS),
        st.sampled_from(DAYS),
    )
    def law(events: list[Event], day: str, name: str, on: str) -> None:
        nonlocal tried, complete
        view = EventLog.of(*events).as_of(day)
        for of in (lambda state: getattr(state, name), status(on)):
            found = view.outcomes(BOTH, of=of)
            expected = every_value(events, day, of)
            values = {canonical(value) for value in found.values}
            tried, complete = tried + 1, complete + found.complete

            assert values <= expected
            assert not found.complete or values == expected
            assert canonical(of(view.project(BOTH))) == canonical(found.certain)

    law()
    assert 0 < complete <= tried
    assert complete >= 0.99 * tried


def planned(*changes: Event) -> EventLog:
    """A log with a plan for June, and what became of it."""
    made = Planned(["AZE", "CHN"], "x", expected="2019-06")
    return EventLog.of(Event(made, when="2019-01-01", id="p"), *changes)


def outcomes_on(log: EventLog, day: str, on: str) -> set[object]:
    """Return the ways in which the plan can stand."""
    found = log.as_of(day).outcomes(BOTH, of=lambda s: s.plans["p"].status_on(on))
    assert found.complete
    return set(found.values)


def test_a_plan_that_may_have_been_held_is_overdue_or_held() -> None:
    """The day of the view cuts what may have happened, not the plan."""
    log = planned(Event(Held("p"), when="[2019-06..2019-08]"))

    assert {PlanStatus.OVERDUE, PlanStatus.HELD} == outcomes_on(
        log, "2019-07-15", "2019-07-15"
    )


def test_a_plan_on_an_earlier_day_may_have_been_held_by_then_or_not() -> None:
    """A date that is asked about another day than that of the view is completed."""
    log = planned(Event(Held("p"), when="[2019-06..2019-08]"))

    assert {PlanStatus.OVERDUE, PlanStatus.HELD} == outcomes_on(
        log, "2019-12-31", "2019-07-15"
    )
    assert {PlanStatus.HELD} == outcomes_on(log, "2019-12-31", "2019-08-31")
    assert {PlanStatus.PLANNED} == outcomes_on(log, "2019-12-31", "2019-05-31")


def test_who_joined_before_leaving_is_out_for_certain() -> None:
    """On the one day on which it may have left first, the day has one end."""
    log = EventLog.of(
        Event(Joined("AZE", "x"), when="2016-05"),
        Event(Left("AZE", "x"), when="2016-05-31"),
    )
    found = log.as_of("2016-12-31").outcomes(BOTH, of=lambda s: len(s.memberships))

    assert (0,) == found.values
    assert found.complete


def test_two_new_dates_of_one_day_are_two_outcomes() -> None:
    """Nobody knows which of two changes of one kind and day came last."""
    log = planned(
        Event(Rescheduled("p", "2020"), when="2019-04-01"),
        Event(Rescheduled("p", "2021"), when="2019-04-01"),
    )
    found = log.as_of("2019-12-31").outcomes(
        BOTH, of=lambda s: str(s.plans["p"].expected_on("2019-12-31"))
    )

    assert ("2021", "2020") == found.values


def test_changes_before_a_plan_is_certain_are_tried_in_every_order() -> None:
    """What a state keeps for later, and does not compare, makes states different."""
    changes = [Event(Rescheduled("p", y), when="2019-02") for y in ("2020", "2021")]
    log = EventLog.of(
        *changes, Event(Planned(["AZE", "CHN"], "x"), when="2019-03-01", id="p")
    )
    found = log.as_of("2019-12-31").outcomes(
        BOTH, of=lambda s: str(s.plans["p"].expected_on("2019-12-31"))
    )

    assert {"2020", "2021"} == set(found.values)


def test_rejoining_years_later_needs_no_days() -> None:
    """A question that all days answer alike is answered without telling them apart."""
    log = EventLog.of(
        *(Event(Joined("AZE", "x"), when=year) for year in ("2010", "2014", "2018")),
        *(Event(Left("AZE", "x"), when=year) for year in ("2012", "2016")),
    )
    found = log.as_of("2019-12-31").outcomes(
        BOTH, of=lambda s: len(s.memberships), limit=0
    )

    assert (1,) == found.values
    assert found.complete


@frozen
class Paid:
    """Somebody paid."""

    amount: int = 1


@projection(initial=tuple)
def payments(state: tuple[Event, ...], event: Event) -> tuple[Event, ...]:
    """All payments."""
    return (*state, event)


def paid(*whens: str) -> EventLog:
    """A log of payments."""
    return EventLog.of(*(Event(Paid(n), when=when) for n, when in enumerate(whens)))


def within(period: str) -> Callable[[tuple[Event, ...]], int]:
    """Count what certainly lies in a period."""
    during = Edtf(period)
    return lambda state: sum(e.when.during(during) is Answer.YES for e in state)


def has_begun(when: Edtf, day: str) -> bool:
    """Check whether a date or an extent has certainly begun."""
    asked = when.started_by if when.is_extent else when.on_or_before
    return asked(day) is Answer.YES


QUESTIONS: dict[str, Callable[[Edtf], object]] = {
    "first_day": lambda when: when.first_day,
    "last_day": lambda when: when.last_day,
    "earliest": lambda when: when.earliest,
    "earliest_start": lambda when: when.earliest_start,
    "latest_start": lambda when: when.latest_start,
    "begin_on_or_after": lambda when: when._begin_on_or_after(0),
    "same_day_as": lambda when: when.same_day_as(SECOND),
    "same day as it": lambda when: SECOND.same_day_as(when),
    "before it": lambda when: Edtf("2016-01-01").before(when),
    "begins_with": lambda when: SECOND.begins_with(when),
    "before": lambda when: when.before("2016-01-02"),
    "after": lambda when: when.after("2016-01-01"),
    "on": lambda when: when.on("2016-01-02"),
    "on_or_before": lambda when: when.on_or_before("2016-01-01"),
    "during": lambda when: when.during(SECOND),
    "allen": lambda when: when.allen("2016-01-02"),
    "overlaps": lambda when: when.overlaps("2016-01-02"),
    "near": lambda when: when.near("2016-01-03", 1),
    "days_until": lambda when: when.days_until("2016-01-02"),
    "allen from the other": lambda when: SECOND.allen(when),
}
SECOND = Edtf("2016-01-02")


class TestSelectors:
    """Selections of anybody's that read dates."""

    def test_a_count_within_a_period(self) -> None:
        """Each payment that may lie in a period does in some completions."""
        view = paid("2015-12-30", "[2015-12-30..2016-01-02]", "2016-01").as_of(
            "2017-01-01"
        )
        found = view.outcomes(payments, of=within("2016-01"))

        assert {1, 2} == set(found.values)
        assert found.complete

    def test_days_that_are_looked_at(self) -> None:
        """A day that is taken from a date is every day it can be, by the view's."""
        view = paid("[2016-01-01..2016-01-04]").as_of("2016-01-03")
        days = view.outcomes(
            payments, of=lambda state: [str(event.when.latest) for event in state]
        )

        assert [["2016-01-01"], ["2016-01-02"], ["2016-01-03"]] == sorted(
            days.values[1:]
        )
        assert () == tuple(days.certain)
        assert days.complete

    @pytest.mark.parametrize("question", QUESTIONS)
    def test_a_watched_date_reports_every_question(self, question: str) -> None:
        """Whatever is asked of a date, days that answer otherwise are told apart."""
        ask = QUESTIONS[question]
        view = paid("[2016-01-01..2016-01-02]").as_of("2017-01-01")
        found = view.outcomes(payments, of=lambda state: ask(state[0].when))
        exact = {ask(Edtf(day)) for day in ("2016-01-01", "2016-01-02")}

        assert exact | {found.certain} == set(found.values)
        assert 2 == len(exact)
        assert found.complete

    def test_two_dates_that_are_compared(self) -> None:
        """Dates that are compared with each other are completed together."""
        view = paid("2016-01", "2016-01").as_of("2017-01-01")
        found = view.outcomes(
            payments, of=lambda s: str(s[0].when.same_day_as(s[1].when)), limit=10_000
        )

        assert {"maybe", "yes", "no"} == set(found.values)
        assert found.complete

    def test_text_is_what_the_source_says(self) -> None:
        """Text, equality, order for display and kind of a date take no completion."""
        view = paid("2016", "2016/2018").as_of("2017-01-01")
        found = view.outcomes(
            payments,
            of=lambda s: sorted(
                (e.when.sort_key(), e.when.is_extent, e.when.is_several, str(e.when))
                for e in s
            ),
            limit=8,
        )

        assert found.complete
        assert 1 == len(found.values)

    def test_outcomes_reports_a_question_no_day_decides(self) -> None:
        """The unknown end of an extent is not completed: outcomes say so."""
        view = paid("2015-01-01/2016").as_of("2017-01-01")
        last = view.outcomes(payments, of=lambda s: [e.when.last_day for e in s])
        active = view.outcomes(
            payments, of=lambda s: [str(e.when.active_on("2016-05-05")) for e in s]
        )
        begun = view.outcomes(payments, of=lambda s: [e.when.first_day for e in s])
        known = (
            paid("2015-01-01/2016-01-01")
            .as_of("2017-01-01")
            .outcomes(payments, of=lambda s: [e.when.last_day for e in s])
        )
        lasting = (
            paid("2015-01-01/..")
            .as_of("2017-01-01")
            .outcomes(payments, of=lambda s: [e.when.last_day for e in s])
        )

        assert [False, False, True, True, True] == [
            one.complete for one in (last, active, begun, known, lasting)
        ]

    def test_the_start_of_an_extent_is_completed(self) -> None:
        """A start that is asked about is told apart like a date."""
        view = paid("2015/2016").as_of("2017-01-01")
        found = view.outcomes(
            payments, of=lambda s: [str(e.when.started_by("2015-06-30")) for e in s]
        )

        assert {"maybe", "yes", "no"} == {value[0] for value in found.values}
        assert found.complete

    def test_an_estimate_that_is_widened_is_not_completed(self) -> None:
        """Beyond the days that the text gives nothing is tried: outcomes say so."""
        from bri_timeline.edtf import Widening

        policy = Widening(years=1)
        view = paid("2015~", "2014-03-01").as_of("2017-01-01")
        one = view.outcomes(payments, of=lambda s: str(s[-1].when.widened(policy)))
        other = view.outcomes(payments, of=lambda s: str(s[0].when.widened(policy)))

        assert [False, True] == [one.complete, other.complete]

    @pytest.mark.parametrize("when", ["[..2016]", "/2016"])
    def test_a_date_without_a_beginning(self, when: str) -> None:
        """Days before all else are told apart as far as a question needs it."""
        view = paid(when, "2015-01-01").as_of("2017-01-01")
        asked = view.outcomes(
            payments,
            of=lambda s: sum(has_begun(e.when, "1900-01-01") for e in s),
        )
        looked = view.outcomes(payments, of=lambda s: {e.when.first_day for e in s})

        assert {0, 1} == set(asked.values)
        assert asked.complete
        assert not looked.complete

    def test_a_mask_is_split_by_its_own_days(self) -> None:
        """Days between those of a mask are not outcomes."""
        view = paid("2019-XX-31").as_of("2019-05-15")
        found = view.outcomes(payments, of=lambda s: [str(e.when.latest) for e in s])

        assert {"2019-01-31", "2019-03-31"} == {v[0] for v in found.values if v}
        assert found.complete

    def test_a_mask_of_many_years_is_split(self) -> None:
        """Of one day in each of many years no other day is an outcome."""
        view = paid("201X-12-25").as_of("2012-06-01")
        found = view.outcomes(payments, of=lambda s: [str(e.when.latest) for e in s])

        assert {"2010-12-25", "2011-12-25"} == {v[0] for v in found.values if v}
        assert found.complete

    def test_what_may_not_have_happened_is_not_always_drawn(self) -> None:
        """Of what is undecided, some draws have it and some do not."""
        view = paid("2016", "2016").as_of("2016-06-01")
        found = view.outcomes(payments, of=len, limit=1, seed=3)
        often = view.outcomes(payments, of=len, limit=3, seed=3)

        assert not found.complete
        assert set(often.values) <= {0, 1, 2}

    def test_too_many_days_are_given_up(self) -> None:
        """Days of many years are not told apart for ever."""
        view = paid(*["2015"] * 9).as_of("2017-01-01")
        found = view.outcomes(
            payments, of=lambda s: {e.when.first_day for e in s}, limit=5_000
        )

        assert not found.complete

    def test_sampled_orders_have_days(self) -> None:
        """Where days are drawn at random, dates answer for the day that was drawn."""
        view = paid("[2016-01-01..2016-01-02]", "2016-01-01").as_of("2017-01-01")
        found = view.outcomes(
            payments, of=lambda s: {e.when.first_day for e in s}, limit=1, seed=1
        )
        many = view.outcomes(
            payments, of=lambda s: [str(e.when.latest) for e in s], limit=0, seed=2
        )

        assert not found.complete
        assert all("2016-01" in day for value in many.values for day in value)

    def test_a_log_of_extents_whose_end_is_unknown_may_be_drawn(self) -> None:
        """Where nothing is left to draw, the one order is taken."""
        view = paid("2015-01-01/2016").as_of("2017-01-01")
        found = view.outcomes(payments, of=lambda s: s[0].when.last_day, seed=1)

        assert (False, 1) == (found.complete, found.sampled)

    def test_values_hold_the_claims_themselves(self) -> None:
        """Events of a value are those of the log, dates and all, and can be pickled."""
        view = paid("2016", "2016-05-01").as_of("2016-07-01")
        found = view.outcomes(payments, of=lambda s: (s, [e.when for e in s]))

        for events, whens in found.values:
            assert all(type(event.when) is Edtf for event in events)
            assert [e.when.first_day for e in events] == [w.first_day for w in whens]
            assert whens == pickle.loads(pickle.dumps(whens))


def test_what_reaches_no_field_that_is_read_is_not_tried() -> None:
    """A position is told beside a thousand visits that may have happened."""
    whats = [Visited("AZE", "CHN", occasion=f"{n}") for n in range(1_000)]
    stances = [PositionDeclared("AZE", "rail", one) for one in ("for", "against")]
    events = [Event(what, when="2015") for what in (*whats, *stances)]
    view, pair = EventLog.of(*events).as_of("2015-06-15"), relationship("AZE", "CHN")

    found = view.outcomes(pair, of=lambda state: len(state.positions))
    assert ({0, 1}, True) == ({*found.values}, found.complete)
    visits = view.outcomes(pair.part("visits"), of=len)
    assert (0, 1_000, True) == (visits.low, visits.high, visits.complete)
