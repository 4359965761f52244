"""The keys, days and knowledge of the rows of a panel, and bounds under rivals."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from datetime import date
from typing import Any
from unittest.mock import patch

import pendulum
import pytest
from attrs import evolve, frozen
from hypothesis import given
from hypothesis import strategies as st
from log_strategies import Deed, Fact, known_by_days, logs

from bri_timeline import (
    Answer,
    Event,
    EventLog,
    Projection,
    Source,
    dyads,
    projection,
)
from bri_timeline._queries._row_bounds import Budget
from bri_timeline.errors import DayError, PanelError
from bri_timeline.measures import count, distinct, latest, total
from bri_timeline.relations import Joined, Left


@frozen
class Met:
    """A claim of the tests."""

    parties: frozenset[str] = frozenset({"AZE", "CHN"})


@frozen
class Reference:
    """What concerns whom it refers to."""

    refers_to: frozenset[str]


@projection(initial=int)
def weight(sum_: int, event: Event) -> int:
    """A fold that is no measure."""
    return sum_ + len(event.what.value)


PAIR, OTHER, NONE = ("AZE", "CHN"), ("CHN", "KAZ"), ("AZE", "UZB")
MEASURES: list[Projection[Any]] = [
    count(),
    count(Fact),
    total(object, lambda event: {"a": 2, "b": -3}.get(event.what.value)),
    latest(Deed, "value"),
    count(active=True),
    weight,
]
LENGTHS = ["day", "month", pendulum.duration(days=20)]


def source(day: str) -> Source:
    return Source("Paper", published=day)


def kinds(event: Event) -> tuple[str, ...]:
    """Group by the class of the payload, and by its value."""
    return type(event.what).__name__, event.what.value


By = Callable[[Event], tuple[Hashable, ...]]


def of_key(log: EventLog, by: By, key: Hashable) -> EventLog:
    return log.where(lambda event: key in by(event))


@given(
    log=logs(max_size=6),
    measure=st.sampled_from(MEASURES),
    by=st.sampled_from([dyads, kinds]),
    lag=st.sampled_from([*LENGTHS, pendulum.duration()]),
    known_by=known_by_days() | st.none(),
    flow=st.booleans(),
    period=st.sampled_from(["month", "day"]),
)
def test_a_period_is_shown_as_it_was_known_so_long_after_its_end(
    log: EventLog,
    measure: Projection[Any],
    by: By,
    lag: str | pendulum.Duration,
    known_by: date | None,
    flow: bool,
    period: str,
) -> None:
    """Both cuts hold, and a row whose day has not come is empty."""
    last = known_by or max(
        (date.fromordinal(e.known_day) for e in log if e.known_day), default=date.min
    )
    given_ = {"days": 1} if lag == "day" else {"months": 1}
    step = lag if isinstance(lag, pendulum.Duration) else pendulum.duration(**given_)
    rows = log.panel(
        measure,
        by=by,
        every=period,
        start="2015-12-01" if period == "month" else "2015-12-28",
        stop="2016-01-31" if period == "month" else "2016-01-03",
        flow=flow,
        known_by=known_by,
        known_after=lag,
    )
    for row in rows:
        asked = row.until + step
        if asked > last:
            assert (None, None, None, False) == (
                row.value,
                row.low,
                row.high,
                row.complete,
            )
            continue
        own = of_key(log, by, row.key)
        view = own.as_of(row.until, asked)
        if flow and row.since:
            view = own.during((row.since, row.until), asked)
        assert view.project(measure) == row.value
        if row.complete:
            found = view.outcomes(measure)
            assert (found.low, found.high) == (row.low, row.high)


@given(
    log=logs(max_size=6),
    measure=st.sampled_from(MEASURES),
    by=st.sampled_from([dyads, kinds]),
    known_by=known_by_days(),
    flow=st.booleans(),
)
def test_bounds_under_rivals_are_those_of_a_view_of_the_key(
    log: EventLog, measure: Projection[Any], by: By, known_by: date, flow: bool
) -> None:
    """Keys are also those of claims that are set aside."""
    rows = log.panel(
        measure,
        by=by,
        every="month",
        start="2015-12-01",
        stop="2016-01-31",
        flow=flow,
        known_by=known_by,
        rivals=True,
    )
    at = [(row.key, row.until, known_by) for row in rows]
    answers = [*log.panel(measure, by=by, at=at, rivals=True)]
    for row, answer in zip(rows, answers, strict=True):
        own = of_key(log, by, row.key)
        view = own.as_of(row.until, known_by)
        if not flow:
            assert (row.value, row.low, row.high) == (
                answer.value,
                answer.low,
                answer.high,
            )
        elif row.since:
            view = own.during((row.since, row.until), known_by)
        found = view.outcomes(measure, rivals=True)
        assert found.certain == row.value
        # Of several values that are no numbers a row tells one only.
        assert row.complete or measure is weight or len(found.values) > 1
        if row.complete:
            assert (found.low, found.high) == (row.low, row.high)
    view = log.as_of("2100-01-01", known_by)
    claims = [*view.events, *view.undecided]
    others = [claim for dispute in view.disputes for claim in dispute.others]
    keys = {row.key for row in rows}
    assert keys >= {key for claim in claims for key in by(claim)}
    assert keys <= {key for claim in claims + others for key in by(claim)}


def test_keys_under_rivals_are_also_those_of_claims_that_are_not_read() -> None:
    """As without rivals, where each key of what counts has its rows."""
    fact = Event(Fact("a", frozenset({"AAA", "BBB"})), when="2015", id="x")
    other = evolve(fact, what=Fact("a", frozenset({"BBB"})))
    # What a correction put right is no rival.
    right = Event(Fact("a"), when="2015")
    again = evolve(right, what=Fact("a", frozenset({"AAA", "CCC"})))
    log = EventLog.of(fact, other, again, again.cited(Source("Leaflet")))
    log = log.append(right, supersedes=2)
    days = {"start": "2015-12-31", "stop": "2015-12-31"}
    for rivals in (False, True):
        rows = log.panel(count(Deed), by=dyads, rivals=rivals, **days)
        assert [(row.key, row.value) for row in rows] == [
            (("AAA", "BBB"), 0) for _ in range(rivals)
        ]


def test_keys_under_rivals_are_there_also_where_bounds_are_not_known() -> None:
    """In a selection, what is referred to decides which claims count."""
    ours, others = frozenset({"AAA", "BBB"}), frozenset({"AAA", "CCC"})
    first = Event(Fact("a", ours), when="2015", id="x", cite=source("2016"))
    second = Event(Fact("b", others), when="2015", id="x", cite=source("2017"))
    reference = Event(Reference(frozenset({"x"})), when="2015")
    log = EventLog.of(first, second, reference)
    days = {"start": "2015-12-31", "stop": "2015-12-31"}
    for selected in (log, log.among("AAA"), log.concerning("AAA")):
        rows = selected.panel(count(Fact), by=dyads, rivals=True, **days)
        assert [row.key for row in rows] == [("AAA", "BBB"), ("AAA", "CCC")]
        assert all(row.complete is (selected is log) for row in rows)


@projection(initial=dict)
def by_value(state: dict[str, int], event: Event) -> dict[str, int]:
    """How many events have each value, in a dictionary that is made anew."""
    return {**state, event.what.value: state.get(event.what.value, 0) + 1}


@projection(initial=int)
def in_order(state: int, event: Event) -> int:
    """A number that tells the order of events."""
    return 3 * state + len(event.id) + len(event.what.value) % 3


def is_early(event: Event) -> bool:
    """Ask a date."""
    when = event.when
    asked = when.started_by if when.is_extent else when.before
    return asked("2016-01-01") is Answer.YES


@projection(initial=int)
def earlier(state: int, event: Event) -> int:
    """How many events certainly lie before a day: a date may be asked for it."""
    return state + is_early(event)


@projection(initial=tuple)
def held(state: tuple[Event, ...], event: Event) -> tuple[Event, ...]:
    """The events; their dates are asked later."""
    return (*state, event)


def early(state: tuple[Event, ...]) -> int:
    return sum(map(is_early, state))


def itself(state: Any) -> Any:
    return state


@given(
    log=logs(max_size=10),
    measure=st.sampled_from(
        [
            *MEASURES,
            by_value,
            in_order,
            earlier,
            held,
            latest(object, lambda event: len(event.id)),
            latest(object, lambda event: int(is_early(event))),
            distinct(object, lambda event: event.what.value),
        ]
    ),
    bounds=st.booleans(),
    position=st.booleans(),
)
def test_questions_under_many_kind_of_knowledge_are_those_of_views(
    log: EventLog, measure: Projection[Any], bounds: bool, position: bool
) -> None:
    """They are answered in one sweep, whatever the order in which they are asked."""
    knowns: list[Any] = [date(2015, 1, 1), date(2016, 1, 1), date(2015, 12, 31)]
    knowns += [date(2016, 1, 2), date(2017, 1, 1)]
    if position:
        knowns = [*range(len(log))]
    days = [date(2016, 1, 2), date(2015, 6, 1), date(2016, 1, 1), date(2018, 1, 1)]
    keys = {key for event in log.as_of("2100-01-01").events for key in kinds(event)}
    at = [(key, day, known) for known in knowns for day in days for key in sorted(keys)]
    of = early if measure is held else itself
    with (
        patch("bri_timeline._queries._sweep._STRIDE", 2),
        patch("bri_timeline._queries._reached._STRIDE", 2),
    ):
        rows = [*log.panel(measure, by=kinds, at=at, bounds=bounds, of=of)]
    for (key, day, known), row in zip(at, rows, strict=True):
        view = of_key(log, kinds, key).as_of(day, known)
        assert of(view.project(measure)) == row.value
        if bounds and isinstance(row.value, int | None):
            found = view.outcomes(measure, of=of)
            # A row of text tells one value.
            numbers = all(isinstance(value, int | None) for value in found.values)
            assert row.complete or not (found.bounded and numbers)
            if row.complete:
                assert (found.low, found.high) == (row.low, row.high)


@given(
    log=logs(max_size=10),
    measure=st.sampled_from([in_order, earlier, held]),
    window=st.sampled_from([None, "month", "year"]),
    known_by=known_by_days(),
)
def test_bounds_day_after_day_are_those_of_views(
    log: EventLog, measure: Projection[Any], window: str | None, known_by: date
) -> None:
    """Of folds of one's own, whatever was kept of the days before."""
    of = early if measure is held else itself
    with patch("bri_timeline._queries._reached._STRIDE", 2):
        panel = log.panel(
            measure,
            by=kinds,
            of=of,
            every=pendulum.duration(days=9),
            window=window,
            start="2015-11-01",
            stop="2016-02-20",
            known_by=known_by,
        )
        rows = [*panel]
    for row in rows:
        own = of_key(log, kinds, row.key)
        view = own.as_of(row.until, known_by)
        if window is not None:
            since = row.until.add(days=1).subtract(**{f"{window}s": 1})
            view = own.during((since, row.until), known_by)
        found = view.outcomes(measure, of=of)
        assert found.certain == row.value
        assert row.complete or not found.bounded
        if row.complete:
            assert (found.low, found.high) == (row.low, row.high)


def test_a_sweep_of_a_long_history_folds_what_is_new_only() -> None:
    """Four times as many events and questions take four times as many steps."""
    steps = 0

    @projection(initial=str)
    def last(_state: str, event: Event) -> str:
        nonlocal steps
        steps += 1
        return str(event.when)

    def asked(size: int) -> int:
        nonlocal steps
        first = date(2000, 1, 1).toordinal()
        days = [date.fromordinal(first + n) for n in range(size)]
        log = EventLog.of(
            *(Event(Met(), when=str(day), cite=source(str(day))) for day in days)
        )
        steps = 0
        at = [(PAIR, day, day) for day in days]
        rows = [row.value for row in log.panel(last, by=dyads, at=at)]
        assert [str(day) for day in days] == rows
        return steps

    assert asked(2000) <= 4.2 * asked(500)


def met() -> EventLog:
    """Return a log of three meetings of two pairs."""
    return EventLog.of(
        Event(Met(), when="2015-04-01", cite=source("2015-04-02")),
        Event(Met(), when="2016-04-01", cite=source("2018-04-02")),
        Event(Met(frozenset(OTHER)), when="2015", cite=source("2015-12-31")),
    )


def rows(log: EventLog, **more: Any) -> list[tuple[Any, int, Any]]:
    """Return key, year and value of a panel by year."""
    whole = {"start": "2015-01-01", "stop": "2016-12-31"}
    found = log.panel(count(Met), by=dyads, every="year", **whole, **more)
    assert len(found) == len([*found])
    return [(row.key, row.until.year, row.value) for row in found]


def test_keys_are_those_that_are_given_in_their_order() -> None:
    """Also one of which nothing is said; one that is not given is left out."""
    assert [
        (NONE, 2015, 0),
        (NONE, 2016, 0),
        (PAIR, 2015, 1),
        (PAIR, 2016, 2),
    ] == rows(met(), keys=[NONE, PAIR, NONE])


@pytest.mark.parametrize(
    ("coverage", "expected"),
    [
        ("2015", [1, None]),
        ("2015-02/2016", [None, 2]),
        (("2014-01-01", "2016-12-31"), [1, 2]),
        ({PAIR: "../2016", OTHER: "2015"}, [1, 2]),
    ],
)
def test_days_that_are_not_covered_are_empty_not_zero(
    coverage: Any, expected: list[int | None]
) -> None:
    """A period is covered as a whole, or not."""
    found = rows(met(), coverage=coverage, keys=[PAIR])
    assert expected == [value for _, _, value in found]


def test_a_window_is_covered_from_its_first_day() -> None:
    """A row about two years needs both; questions are about their window, or a day."""
    two = pendulum.duration(years=2)
    found = rows(met(), coverage="2015/2016", keys=[PAIR], window=two)
    assert [None, 2] == [value for _, _, value in found]
    at = [(PAIR, "2016-05-01"), (PAIR, "2017-01-01")]
    asked = met().panel(count(), by=dyads, at=at, coverage="2015/2016")
    assert [2, None] == [row.value for row in asked]


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"keys": "AZE"}, "is not several keys"),
        ({"keys": 1}, "is not several keys"),
        ({"keys": [PAIR[::-1]]}, "is not a pair of actor ids in alphabetical order"),
        (
            {"rivals": True, "bounds": False},
            "beside rivals=True, which is about bounds",
        ),
        ({"known_after": "decade"}, "is not a length of time for known_after="),
        ({"coverage": {PAIR: "2015"}}, "has no days in coverage="),
    ],
)
def test_what_contradicts_itself_is_refused(
    wrong: dict[str, Any], problem: str
) -> None:
    """The message says what to give."""
    with pytest.raises(PanelError, match=problem):
        rows(met(), **wrong)


def test_coverage_is_whole_days() -> None:
    """A month that is about right covers nobody knows what."""
    with pytest.raises(DayError, match="has a qualifier"):
        rows(met(), coverage="2015-04~")


@pytest.mark.parametrize("more", [{"keys": [PAIR]}, {"known_after": "year"}])
def test_questions_have_their_own_keys_and_knowledge(more: dict[str, Any]) -> None:
    """Two words for one thing may contradict each other."""
    with pytest.raises(PanelError, match="is given beside at=, whose rows have their"):
        met().panel(count(), by=dyads, at=[(PAIR, "2015-01-01")], **more)


NAMES = frozenset({"AZE", "CHN"})


@frozen
class Noted:
    """A claim that refers to another."""

    about: str

    @property
    def refers_to(self) -> frozenset[str]:
        """What it is about."""
        return frozenset({self.about})


def worth(event: Event) -> int:
    """Return a number that reads no date."""
    return {"a": 1, "b": 2, "bb": 2}[event.what.value]


def by_spring(event: Event) -> int:
    """Return a number that reads the date."""
    return 1 if event.when.on_or_before("2015-03-31") is Answer.YES else 2


def kind_of(event: Event) -> list[str]:
    """Group by the class of the payload."""
    return [type(event.what).__name__]


def together(_: Event) -> list[str]:
    """Group all as one."""
    return ["all"]


def test_rivals_of_a_kind_that_the_projection_of_a_key_does_not_read_are_no_value() -> (
    None
):
    """Whether it is one for all keys, or one that a function makes of the key."""
    log = EventLog.of(
        Event(Deed("a", NAMES), when="2015", id="x"),
        Event(Met(NAMES), when="2015", id="x"),
        Event(Deed("b"), when="2015", id="y"),
        Event(Fact("bb"), when="2015", id="y"),
        Event(Met(), when="2014"),
    )
    at = [("all", "2016-01-01")]
    for measure, bounds in (
        (count(Deed), (0, 2)),
        (count(Fact), (1, 2)),
        (total(Deed, worth), (0, 3)),
        (distinct(Deed, "value"), (0, 2)),
        (latest(Fact, worth), (1, 2)),
    ):
        made = log.panel(lambda _, m=measure: m, by=together, at=at, rivals=True)
        same = log.panel(measure, by=together, at=at, rivals=True)
        for row in (*made, *same):
            assert (*bounds, True) == (row.low, row.high, row.complete), measure


def test_what_lasts_under_rivals_has_the_bounds_of_each_claim() -> None:
    """Of claims that end, of claims that end others, and of those of another kind."""
    body, counted = "x", count(Joined, active=True)
    joined = [
        Event(Joined("UZB", body), when=f"2006-08-16/{end}", id="x", cite=source(day))
        for end, day in (("2012-12-19", "2013"), ("2012-06-28", "2014"))
    ]
    left = [
        Event(Left("KAZ", body), when=when, id="y", cite=source(when))
        for when in ("2012-03-01", "2012-11-01")
    ]
    other = [
        Event(what, when="2012-08-01", id="z", cite=source(day))
        for what, day in ((Met(), "2013"), (Joined("AZE", body), "2014"))
    ]
    log = EventLog.of(*joined, *left, *other, Event(Joined("KAZ", body), when="2000"))
    days = ["2011-01-01", "2012-02-01", "2012-05-01", "2012-09-01", "2013-01-01"]
    expected = [(2, 2), (2, 2), (1, 2), (0, 3), (0, 1)]
    asked = [("all", day) for day in days]
    for given_, of in ((counted, None), (lambda _: counted, None), (counted, abs)):
        rows = log.panel(given_, of=of, by=together, at=asked, rivals=True)
        assert [(row.low, row.high) for row in rows] == expected
        assert all(row.complete for row in rows)
    views = [log.as_of(day).outcomes(counted, rivals=True) for day in days]
    assert [(found.low, found.high) for found in views] == expected
    words = log.panel(counted, of=str, by=together, at=asked, rivals=True)
    assert [row.low for row in words] == [None] * len(days)
    assert [row.complete for row in words] == [low == high for low, high in expected]


WORTHS: dict[str, Callable[[int], object]] = {
    "text": str,
    "enum": lambda sum_: Answer.YES if sum_ > 1 else Answer.NO,
    "tuple": lambda sum_: (sum_, "a"),
    "dict": lambda sum_: {"worth": sum_},
    "none": lambda sum_: str(sum_) if sum_ else None,
}


@pytest.mark.parametrize("of", WORTHS.values(), ids=WORTHS)
def test_a_row_of_one_value_that_may_be_another_is_not_complete(
    of: Callable[[int], object],
) -> None:
    """Text, an enum, a tuple, a dictionary, None: of a fold and of a measure alike."""
    log = EventLog.of(
        Event(Fact("aa", NAMES), when="2015-03"),
        Event(Fact("a", NAMES), when="2015-03-01"),
    )
    worth = total(Fact, lambda event: len(event.what.value))
    days = ["2015-02-01", "2015-03-01", "2015-03-31"]
    asked = [("all", day) for day in days]
    known = [("all", day, "2020-01-01") for day in days]
    for fold in (weight, worth):
        for questions in (asked, known):
            rows = [*log.panel(fold, of=of, by=together, at=questions)]
            assert [row.value for row in rows] == [of(0), of(1), of(3)]
            assert [row.low for row in rows] == [None] * 3
            assert [row.complete for row in rows] == [True, False, True]
        span = {"start": "2015-03-01", "stop": "2015-03-31", "every": "day"}
        *rows, last = log.panel(fold, of=of, by=together, **span)
        assert {row.complete for row in rows} == {False}
        assert last.complete
        rows = [*log.panel(fold, of=of, by=together, **span, bounds=False)]
        assert {row.complete for row in rows} == {False}


def test_a_text_that_rivals_leave_open_is_not_complete() -> None:
    """Of a measure the claims are tried; what a fold makes of them is not known."""
    log = EventLog.of(
        Event(Fact("a", NAMES), when="2015-03-01", id="x"),
        Event(Fact("b", NAMES), when="2015-03-01", id="x"),
    )
    at = [("all", "2015-02-01"), ("all", "2015-03-01")]
    rows = [*log.panel(latest(Fact, "value"), by=together, at=at, rivals=True)]
    assert [(row.value, row.complete) for row in rows] == [(None, True), ("b", False)]
    [*_, row] = log.panel(weight, of=str, by=together, at=at, rivals=True)
    assert ("1", False) == (row.value, row.complete)


def test_what_rows_take_of_a_budget_is_gone() -> None:
    """Keys with many claims leave less to those after them; each row adds a little."""
    budget = Budget()

    assert not budget.take(100_101)
    assert budget.take(100_200)
    assert not budget.take(101)
    assert budget.take(200)
    assert 100 == budget.for_row()


def test_too_many_claims_of_what_lasts_leave_its_bounds_unknown() -> None:
    """The row says so; what is certain is there."""
    log = EventLog.of(
        *(
            Event(Joined("UZB", "x"), when=f"{end}/..", id=str(n), cite=source(end))
            for n in range(17)
            for end in ("2007", "2008")
        ),
        # It may end each of them.
        Event(Left("UZB", "x"), when="[2007..2012]"),
    )
    at = [("all", "2010-01-01")]
    (row,) = log.panel(count(active=True), by=together, at=at, rivals=True)
    assert (row.value, row.low, row.complete) == (17, None, False)

    def may_be_early(event: Event) -> bool:
        return event.when.on("1500-06-01") is not Answer.NO

    # Nor are they known where those of one choice of claims are not.
    some = EventLog.of(
        *(Event(Joined("UZB", "x"), when=when, id="x") for when in ("2006", "2007")),
        *(Event(Joined("UZB", "x"), when=f"[1000..{2000 + n}]") for n in range(12)),
        Event(Left("UZB", "x"), when="2001"),
    )
    asking = count(Joined, where=may_be_early, active=True)
    (row,) = some.panel(asking, by=together, at=at, rivals=True)
    assert (row.low, row.high, row.complete) == (None, None, False)


def test_rows_whose_bounds_under_rivals_are_not_known_say_so() -> None:
    """A fold, a date that is asked, and rivals that decide what else counts."""
    log = EventLog.of(
        Event(Fact("a", NAMES), when="2015", id="x"),
        Event(Fact("bb", NAMES), when="2015", id="x"),
    )
    referring = log.append(Event(Noted("x"), when="2015"))
    for some, fold, value in (
        (log, weight, 2),
        (log, latest(Fact, by_spring), 2),
        (referring.among("AZE"), count(), 2),
    ):
        (row,) = some.panel(fold, by=together, at=[("all", "2016-01-01")], rivals=True)
        assert (value, None, None, False) == (
            row.value,
            row.low,
            row.high,
            row.complete,
        )
    # The keys of claims that may count are not known either.
    keys = [
        row.key
        for row in referring.among("AZE").panel(
            count(), by=kind_of, start="2015-01-01", stop="2015-12-31", rivals=True
        )
    ]
    assert ["Fact", "Noted"] == keys
