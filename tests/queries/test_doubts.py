"""What a state leaves open, against its outcomes."""

from __future__ import annotations

from datetime import date
from typing import get_args

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from marks_model import DATES, VIEWS

from bri_timeline import Event, EventLog, Source, measures
from bri_timeline.folds import record
from bri_timeline.relations import (
    AgreementSigned,
    Cancelled,
    Held,
    IndicatorObserved,
    Planned,
    PositionDeclared,
    Postponed,
    Relationship,
    Rescheduled,
    relationship,
)
from bri_timeline.relations._plans import PlanChange


PAIR = relationship("AZE", "CHN")
BOTH = frozenset({"AZE", "CHN"})
LATER = "2100-01-01"
REPORT = Source("Daily", published="2016-01-11")
# A plan is named by its only possible id.
FIGURES = st.builds(
    IndicatorObserved,
    parties=st.just(BOTH),
    name=st.sampled_from(["trade", "loans"]),
    value=st.integers(1, 2),
    unit=st.just("USD"),
    period=st.sampled_from(["2015", None]),
)
CHANGES = st.one_of(
    *(st.builds(kind, st.just("plan")) for kind in (Postponed, Cancelled, Held)),
    st.builds(Rescheduled, st.just("plan"), st.sampled_from(["2016", "2017"])),
)
PLANS = st.just(Planned(BOTH, "Forum", "2015"))
DATED = st.sampled_from(DATES)


def lasts(state: Relationship) -> frozenset[tuple[object, str]]:
    """Return the id of the last event of each figure and of each plan."""
    figures = ((key, event.id) for key, event in state.indicators.items())
    plans = ((key, p.changes[-1].id) for key, p in state.plans.items() if p.changes)
    return frozenset((*figures, *plans))


@given(
    plan=st.tuples(PLANS, DATED),
    facts=st.lists(st.tuples(FIGURES | CHANGES, DATED), max_size=4),
)
def test_what_may_be_the_last_is_what_outcomes_leave_open(
    plan: tuple[object, str], facts: list[tuple[object, str]]
) -> None:
    """A state names each figure and change that is the last in some outcomes only."""
    what, when = plan
    events = [Event(said, when=on, id=f"e{n}") for n, (said, on) in enumerate(facts)]
    view = EventLog.of(Event(what, when=when, id="plan"), *events).as_of(LATER)
    outcomes = view.outcomes(PAIR, of=lasts)
    assume(outcomes.complete)

    found = view.doubts(PAIR, view.project(PAIR)).may_be_last
    some = frozenset.union(*outcomes.values)
    sometimes = some - frozenset.intersection(*outcomes.values)

    assert {name for _, name in sometimes} <= {event.id for event in found}
    # No figure is named where dates decide. Of a plan, what may have come on the day of
    # another change is named, also if it would stand before that.
    figures = {event.id for event in found if isinstance(event.what, IndicatorObserved)}
    assert figures <= {name for _, name in sometimes}


@given(
    facts=st.lists(st.tuples(FIGURES | CHANGES, DATED), max_size=4),
    days=st.tuples(st.sampled_from(VIEWS), st.sampled_from(VIEWS)),
    bounded=st.booleans(),
)
def test_what_a_view_keeps_is_in_doubt_where_its_outcomes_differ(
    facts: list[tuple[object, str]], days: tuple[int, int], bounded: bool
) -> None:
    """On any day, and of a period: itself, or what may have happened in its place."""
    since, until = (date.fromordinal(day).isoformat() for day in sorted(days))
    dated = [(Planned(BOTH, "Forum"), "2015-12-30"), *facts]
    log = EventLog.of(
        *(
            Event(what, when=when, id="plan" if n == 0 else f"e{n}", cite=REPORT)
            for n, (what, when) in enumerate(dated)
        )
    ).reading(bounded_by_reports=bounded)
    for view in (log.as_of(until), log.during(f"{since}/{until}")):
        outcomes, state = view.outcomes(PAIR, of=lasts), view.project(PAIR)
        if not outcomes.complete:
            continue
        doubts = view.doubts(PAIR, state)
        named = {event.id for event in doubts.may_be_last}
        may_come = {key_of(event) for event in doubts.may_have_happened}
        for key, name in lasts(state) - frozenset.intersection(*outcomes.values):
            assert name in named or key in may_come


def key_of(event: Event) -> object:
    """Return the key of a figure or of what changes a plan."""
    what = event.what
    if isinstance(what, IndicatorObserved):
        return what.parties, what.name, what.period or event.when
    return what.plan if isinstance(what, get_args(PlanChange)) else None


def told(*facts: tuple[object, str]) -> list[str]:
    """Return the ids of what may be the last of some facts."""
    events = [
        Event(what, when=when, id=f"e{n}") for n, (what, when) in enumerate(facts)
    ]
    view = EventLog.of(*events).as_of(LATER)
    return [e.id for e in view.doubts(PAIR, view.project(PAIR)).may_be_last]


def trade(value: int, period: str | None = None) -> IndicatorObserved:
    """Return a figure of a trade."""
    return IndicatorObserved(BOTH, "trade", value, "USD", period)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        # Two sources, one year.
        ([(trade(13), "2018"), (trade(14), "2018")], ["e0", "e1"]),
        ([(trade(13), "2018"), (trade(14), "2017")], []),
        ([(trade(13, "2018"), "2019"), (trade(14), "2018")], []),
        ([(trade(13, "2018"), "2019"), (trade(14, "2018"), "2019-03")], ["e1", "e0"]),
        # A third is certainly later.
        (
            [
                (trade(13, "2018"), "2019"),
                (trade(14, "2018"), "2019-03"),
                (trade(15, "2018"), "2020"),
            ],
            [],
        ),
        # On one day a plan is postponed before it is held.
        (
            [
                (Planned(BOTH, "Forum"), "2018"),
                (Held("e0"), "2018-05-01"),
                (Postponed("e0"), "2018-05-01"),
            ],
            [],
        ),
        (
            [
                (Planned(BOTH, "Forum"), "2018"),
                (Held("e0"), "2018-05-01"),
                (Cancelled("e0"), "2018-05"),
            ],
            ["e1", "e2"],
        ),
    ],
)
def test_the_dates_decide_which_one_is_the_last(
    facts: list[tuple[object, str]], expected: list[str]
) -> None:
    """Of two reports of a figure, or two changes of a plan, only the last counts."""
    assert expected == told(*facts)


def test_what_may_have_ended_is_told_once() -> None:
    """Of positions only the last holds: the other may have ended it."""
    facts = [PositionDeclared("CHN", "x", stance) for stance in ("for", "against")]
    log = EventLog.of(*(Event(f, when="2018", id=f.stance) for f in facts))
    view = log.as_of(LATER)

    doubts = view.doubts(PAIR, view.project(PAIR))
    assert ["against"] == [event.id for event in doubts.may_have_ended]
    assert () == doubts.may_be_last


def test_a_projection_without_parts_leaves_no_last_one_open() -> None:
    """Sums and counts do not depend on which event came last."""
    events = [Event(AgreementSigned(BOTH, f"a {n}"), when="2018") for n in range(2)]
    view, count = EventLog.of(*events).as_of(LATER), measures.count(AgreementSigned)

    assert () == view.doubts(count, view.project(count)).may_be_last
    assert () == view.doubts(PAIR, view.project(PAIR)).may_be_last


@pytest.mark.parametrize(("stance", "expected"), [("against", 0), ("for", 2)])
def test_two_that_say_the_same_leave_no_last_one_open(
    stance: str, expected: int
) -> None:
    """Whichever came last: after an earlier one, and beside a count of all."""
    latest = measures.latest(PositionDeclared, "stance")
    state = record("State", stance=latest, number=measures.count(PositionDeclared))
    said = ("for", "2014"), ("against", "2018"), (stance, "2018-03")
    events = [Event(PositionDeclared("CHN", "x", one), when=on) for one, on in said]
    view = EventLog.of(*events).as_of(LATER)

    assert expected == len(view.doubts(state, view.project(state)).may_be_last)
