"""Bounds of measures, against every choice of days."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from measure_model import (
    MEASURES,
    PLAIN,
    VIEW_DAYS,
    Closed,
    Paid,
    by_day,
    counting,
    day,
    early,
    measured,
    random_log,
    to_b,
    ways,
)

from bri_timeline import Answer, Event, EventLog, Outcomes, Projection, projection
from bri_timeline._queries import bounds
from bri_timeline.errors import ProjectionError
from bri_timeline.measures import Measure, count, distinct, latest, total


AT = [-2, -1, 0, Decimal("0.5"), 1, 2, 3]


def possible(
    log: EventLog, measure: Measure[Any], on: int, known_by: str | None, since: int
) -> set[Any]:
    """Return the values of every choice of days."""
    found = ways(counting(log, known_by), ends=measure.active)
    return {value for way in found for value in measured(measure, way, on, since)}


def whether(found: set[bool]) -> Answer:
    """Return the answer of which these are the truths."""
    return (
        Answer.MAYBE if len(found) > 1 else Answer.YES if True in found else Answer.NO
    )


def check(
    log: EventLog, measure: Measure[Any], on: int, known_by: str | None, since: int
) -> None:
    """Check the outcomes of a measure against every choice of days."""
    view = log.as_of(day(on), known_by=known_by)
    if since > 0:
        view = log.during((day(min(since, on)), day(on)), known_by=known_by)
    found = view.outcomes(measure)
    expected = possible(log, measure, on, known_by, min(since, on))
    certain = view.project(measure)
    # A function that takes an undecided date for one answer may see what no day shows.
    assert certain in expected or measure not in PLAIN
    expected.add(certain)

    assert found.complete
    assert found.bounded
    assert found.certain == certain
    assert len(found.values) == len(expected)
    assert set(found.values) == expected
    numbers = {value for value in expected if not isinstance(value, str | None)}
    assert found.low == min(numbers, default=None)
    assert found.high == max(numbers, default=None)
    if not any(isinstance(value, str) for value in expected):
        for least in AT:
            truths = {value is not None and value >= least for value in expected}
            assert found.at_least(least) is whether(truths)
            truths = {value is not None and value <= least for value in expected}
            assert found.at_most(least) is whether(truths)
    # A few of the last days are looked at first: as many as lie in so short a log.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bounds, "_SPANS", (0, 1, 2))
        assert found == view.outcomes(measure)
    odd = {value in (1, None, "b") for value in expected}
    assert found.holds(lambda value: value in (1, None, "b")) is whether(odd)


class TestAgainstAllDays:
    """The bounds of a measure are those of every choice of days."""

    @given(
        seed=st.integers(0, 2**32),
        measure=st.sampled_from(MEASURES),
        on=st.integers(1, 5),
        known_by=st.sampled_from([None, day(2)]),
        since=st.sampled_from([-1, -1, 1, 2, 3]),
    )
    def test_outcomes_of_a_measure_are_those_of_all_days(
        self,
        seed: int,
        measure: Measure[Any],
        on: int,
        known_by: str | None,
        since: int,
    ) -> None:
        """Values, bounds and answers are those of enumeration."""
        check(random_log(Random(seed)), measure, on, known_by, since)

    @pytest.mark.full
    def test_outcomes_of_many_logs_are_those_of_all_days(
        self, trials: Callable[..., int]
    ) -> None:
        """Values, bounds and answers are those of enumeration, over 20,000 logs."""
        random = Random(2016)
        for _ in range(trials(20_000)):
            log, measure = random_log(random), random.choice(MEASURES)
            known_by, since = (
                random.choice([None, day(2)]),
                random.choice([-1, 1, 2, 3]),
            )
            check(log, measure, random.randint(1, 5), known_by, since)

    @given(
        seed=st.integers(0, 2**32),
        measure=st.sampled_from(MEASURES),
        on=st.sampled_from(VIEW_DAYS),
    )
    def test_a_measure_has_the_outcomes_of_the_same_fold_written_by_hand(
        self, seed: int, measure: Measure[Any], on: str
    ) -> None:
        """A projection that is not a measure gives the same values by trying orders."""
        view = random_log(Random(seed), most=5).as_of(on)
        written: Projection[Any] = Projection(
            measure.initial, measure.evolve, reads=measure.reads, ends=measure.ends
        )
        tried, found = view.outcomes(written), view.outcomes(measure)

        assert tried.complete
        assert set(tried.values) == set(found.values)
        assert (tried.low, tried.high) == (found.low, found.high)

    @given(
        seed=st.integers(0, 2**32),
        measure=st.sampled_from(MEASURES),
        on=st.sampled_from(VIEW_DAYS),
    )
    def test_a_selection_from_a_measure_is_made_from_its_values(
        self, seed: int, measure: Measure[Any], on: str
    ) -> None:
        """What is selected has the values of the selection from each value."""
        view = random_log(Random(seed)).as_of(on)
        found = view.outcomes(measure, of=lambda value: value in (1, None, "b"))
        values = view.outcomes(measure).values

        assert found.complete
        assert {value in (1, None, "b") for value in values} == set(found.values)


def undecided(*amounts: object, day_: str = "2016") -> EventLog:
    """Return a log of payments in one year."""
    events = [
        Event(Paid(amount), when=day_, id=f"payment {number}")
        for number, amount in enumerate(amounts)
    ]
    return EventLog.of(*events)


class TestManyUndecided:
    """Bounds do not depend on how many events are undecided."""

    def test_the_example_of_the_manual(self) -> None:
        """5 for certain, -3 and 2 perhaps: from 2 to 7."""
        log = undecided(-3, 2).append(Event(Paid(5), when="2015"))
        found = log.as_of("2016-06-01").outcomes(total(Paid, "amount"))

        assert (5, 2, 4, 7) == found.values
        assert (2, 7) == (found.low, found.high)
        assert found.at_least(2) is Answer.YES
        assert found.at_least(3) is Answer.MAYBE
        assert found.at_least(8) is Answer.NO
        assert found.at_most(7) is Answer.YES
        assert found.at_most(1) is Answer.NO

    def test_counts_of_many_are_complete(self) -> None:
        """A count of a thousand undecided events has a thousand and one values."""
        found = undecided(*range(1000)).as_of("2016-06-01").outcomes(count(Paid))

        assert found.complete
        assert tuple(range(1001)) == found.values
        assert found.holds(lambda number: number != 500) is Answer.MAYBE

    def test_distinct_values_of_many_are_complete(self) -> None:
        """A distinct count has every number between its bounds."""
        log = undecided(*range(50), *range(50)).append(Event(Paid(7), when="2015"))
        found = log.as_of("2016-06-01").outcomes(distinct(Paid, "amount"))

        assert (tuple(range(1, 51)), True) == (found.values, found.complete)

    @pytest.mark.parametrize(
        "amounts",
        [
            [10**n for n in range(25)],
            [Decimal(n) / 4 for n in range(1, 500)],
            [n % 7 for n in range(9000)],
            [*range(2000)],
        ],
        ids=["powers", "quarters", "repeated", "different"],
    )
    def test_totals_of_many_are_bounded(self, amounts: list[int | Decimal]) -> None:
        """A total of more values than can be listed has exact bounds."""
        found = undecided(*amounts).as_of("2016-06-01").outcomes(total(Paid, "amount"))

        assert not found.complete
        assert found.bounded
        assert (0, sum(amounts)) == (found.low, found.high) == found.values
        assert found.at_least(sum(amounts)) is Answer.MAYBE
        assert found.at_most(sum(amounts)) is Answer.YES
        assert found.at_most(-1) is Answer.NO
        assert found.holds(lambda _: True) is Answer.MAYBE
        assert str(found).endswith(" (too many values to list)")

    def test_equal_amounts_are_listed(self) -> None:
        """A total of equal amounts has few values, which are all listed."""
        log = undecided(*[3] * 300)
        found = log.as_of("2016-06-01").outcomes(total(Paid, "amount"))

        assert found.complete
        assert tuple(range(0, 901, 3)) == found.values

    @given(
        amounts=st.lists(
            st.integers(-4, 4) | st.sampled_from([Decimal("0.5"), Decimal(-3), 9, 81]),
            max_size=12,
        ),
        limit=st.integers(1, 60),
    )
    def test_all_totals_are_listed_or_their_number_exceeds_the_limit(
        self, amounts: list[int | Decimal], limit: int
    ) -> None:
        """Every sum of some amounts is a value, whatever occurs how often."""
        view, measure = undecided(*amounts).as_of("2016-06-01"), total(Paid, "amount")
        sums: set[int | Decimal] = {0}
        for amount in amounts:
            sums |= {so_far + amount for so_far in sums}
        found, some = view.outcomes(measure), view.outcomes(measure, limit=limit)

        assert found.complete
        assert sums == {*found.values}
        assert some.complete <= (len(sums) <= limit or {*amounts} <= {0, 1})
        assert (min(sums), max(sums)) == (found.low, found.high)
        assert (some.low, some.high) == (found.low, found.high)

    def test_amounts_that_occur_often_take_few_sums(self) -> None:
        """Five thousand amounts of two sizes are listed: copies are joined."""
        found = undecided(*[2] * 5_000, *[10_000] * 7).as_of("2016-06-01")
        listed = found.outcomes(total(Paid, "amount"), limit=50_000)

        assert listed.complete
        assert {*range(0, 80_001, 2)} == {*listed.values}

    def test_sums_of_too_many_digits_are_refused(self) -> None:
        """The error names an amount, as that of a fold does."""
        log = undecided(Decimal("1E+6000"), Decimal("-1E-6000"))
        with pytest.raises(ProjectionError, match="more than 10,000 digits"):
            log.as_of("2016-06-01").outcomes(total(Paid, "amount"))

    def test_days_that_are_asked_are_tried_event_by_event(self) -> None:
        """A condition on the date leaves bounds exact for any number of events."""
        log = undecided(*range(1, 200), day_=f"[{day(1)}..{day(3)}]")
        measure = total(Paid, "amount", where=early)
        found = log.as_of("2016-06-01").outcomes(measure)

        assert (0, 0) == (found.certain, found.low)
        assert sum(range(1, 200)) == found.high

    def test_a_selection_of_too_many_values_is_not_complete(self) -> None:
        """A selection from a total that cannot be listed says so."""
        view = undecided(*(10**n for n in range(25))).as_of("2016-06-01")
        found = view.outcomes(total(Paid, "amount"), of=lambda value: value > 3)

        assert not found.complete
        assert not found.bounded
        assert found.at_least(1) is Answer.MAYBE
        assert (None, None) == (found.low, found.high)

    def test_the_latest_of_many_is_complete(self) -> None:
        """Each undecided value can be the latest; none of an earlier year can."""
        log = undecided(*range(100)).extend(
            [Event(Paid(-1), when="2014"), Event(Paid(-2), when="2015")]
        )
        found = log.as_of("2016-06-01").outcomes(latest(Paid, "amount"))

        assert (-2, *range(100)) == found.values

    def test_the_latest_may_have_come_before_the_last_days(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What is certain in the last days can have begun before what was earlier."""
        dates = "2015-01-03", "[2015-01-02..2015-01-04]"
        log = EventLog.of(*(Event(Paid(n, "a"), when=d) for n, d in enumerate(dates)))
        view = log.as_of("2015-01-04")
        for spans in ((0, 1, 2), (0, 1), (32,)):
            monkeypatch.setattr(bounds, "_SPANS", spans)

            assert (1, 0) == view.outcomes(latest(Paid, "amount")).values

    def test_latest_values_need_no_hash(self) -> None:
        """The latest value can be one that has no hash."""
        view = undecided(1, 2, 2).as_of("2016-06-01")
        found = view.outcomes(latest(Paid, lambda event: [event.what.amount]))

        assert (None, [1], [2]) == found.values

    def test_amounts_of_several_types_are_bounded(self) -> None:
        """Truths and numbers of other classes are added like plain ones."""
        found = undecided(True, 2).as_of("2016-06-01").outcomes(total(Paid, "amount"))

        assert (0, 1, 2, 3) == found.values
        assert all(type(value) is int for value in found.values)


class TestDates:
    """Functions that ask dates."""

    def test_an_unknown_end_leaves_a_sum_unknown(self) -> None:
        """A condition on an end that nothing decides gives no bounds."""
        log = EventLog.of(Event(Paid(1), when="2015-01-01/2015"))
        measure = count(Paid, where=lambda e: e.when.ended_by("2015-06-01") is YES)
        found = log.as_of("2016-01-01").outcomes(measure)

        assert not found.bounded
        assert found.at_least(0) is Answer.MAYBE

    @pytest.mark.parametrize("active", [False, True])
    def test_days_that_may_not_be_tried_leave_a_count_unknown(
        self, active: bool
    ) -> None:
        """A condition on the date needs a few calls, which the limit can refuse."""
        log = undecided(1, day_="2016-01-0X/2016-01-2X")
        measure = count(Paid, where=early, active=active)
        view = log.as_of(day(3))

        assert view.outcomes(measure).bounded
        assert not view.outcomes(measure, limit=0).bounded

    def test_a_condition_that_fails_is_not_asked_before_its_day(self) -> None:
        """A function that fails for a later event fails then, and not before."""
        log = undecided(1, day_="2015").append(Event(Paid(), when="2017"))
        measure = total(Paid, lambda event: event.what.amount + 0)

        assert 1 == log.as_of("2016-01-01").outcomes(measure).high
        with pytest.raises(TypeError, match="NoneType") as caught:
            log.as_of("2017-06-01").outcomes(measure)
        assert "at 2017" in "".join(caught.value.__notes__)

    @pytest.mark.parametrize("amount", [0.5, "1"])
    def test_what_cannot_be_added_is_refused(self, amount: object) -> None:
        """An undecided amount is checked like a certain one."""
        with pytest.raises(ProjectionError, match="give an int") as caught:
            undecided(amount).as_of("2016-06-01").outcomes(total(Paid, "amount"))

        assert "at 2016" in "".join(caught.value.__notes__)

    def test_a_property_that_fails_is_told_with_its_event(self) -> None:
        """An error of a payload names the undecided event."""
        with pytest.raises(ZeroDivisionError) as caught:
            undecided(1, 0).as_of("2016-06-01").outcomes(total(Paid, "share"))

        assert "Paid(amount=0" in "".join(caught.value.__notes__)

    def test_an_undecided_value_without_a_hash_is_refused(self) -> None:
        """A value that cannot be told apart is refused where it is undecided too."""
        measure = distinct(Paid, lambda event: [event.id])

        with pytest.raises(ProjectionError, match="has no hash"):
            undecided(1).as_of("2016-06-01").outcomes(measure)

    def test_a_property_without_a_hash_is_refused(self) -> None:
        """The error says what to give instead."""
        with pytest.raises(ProjectionError, match="has no hash"):
            undecided(1).as_of("2016-06-01").outcomes(distinct(Paid, "listed"))

    def test_the_latest_of_dates_with_gaps_is_found_within_the_view(self) -> None:
        """One of two days can be last only if that day has come."""
        log = undecided(1, 2, day_="[2016-01-02,2016-01-09]").extend(
            [
                Event(Paid(3), when="2016-01-05"),
                Event(Paid(4), when="[2016-01-04,2016-01-09]"),
                Event(Paid(5), when="[2016-01-04,2016-01-06,2016-01-09]"),
            ]
        )
        measure = latest(Paid, "amount")

        assert (3, 5) == log.as_of("2016-01-07").outcomes(measure).values
        assert {1, 2, 3, 4, 5} == {*log.as_of("2016-01-09").outcomes(measure).values}

    def test_values_that_hold_a_date_are_those_of_the_events(self) -> None:
        """An event as a value is the event, and a selection may ask its date."""
        log = undecided(1, day_="2015").append(Event(Closed(), when="2015"))
        view, measure = log.as_of("2015-06-01"), latest(Paid, lambda event: event)
        asked = view.outcomes(
            measure, of=lambda e: e and e.when.on_or_before("2015-06-01")
        )

        assert (None, log[0].event) == view.outcomes(measure).values
        assert (None, Answer.YES) == asked.values

    def test_the_state_of_a_distinct_count_can_be_selected_from(self) -> None:
        """A selection gets the state, with what was seen."""
        view = undecided(1, 2).as_of("2016-06-01")
        found = view.outcomes(distinct(Paid, "amount"), of=lambda state: state.seen)

        assert {frozenset(), frozenset({1}), frozenset({2}), frozenset({1, 2})} == set(
            found.values
        )


YES = Answer.YES


class TestKept:
    """Kept states are those of one measure."""

    def test_equal_counts_of_different_values_are_followed_apart(self) -> None:
        """Where orders are tried, two counts of one number are told apart."""
        log = EventLog.of(
            *(Event(Paid(n), when=w) for n, w in ((1, "2015"), (2, "2015")))
        ).append(Event(Paid(2, "b"), when="2015-06-01"))
        seen = distinct(Paid, "amount")

        @projection(initial=seen.initial)
        def first_two(state: Any, event: Event) -> Any:
            return seen(state, event) if state < 2 or to_b(event) else state

        found = log.as_of("2015-06-01").outcomes(first_two, of=lambda s: s.seen)

        assert {frozenset({2}), frozenset({1, 2})} == set(found.values)

    @pytest.mark.parametrize("measure", PLAIN, ids=repr)
    def test_an_empty_log_has_one_outcome(self, measure: Measure[Any]) -> None:
        """Without events a measure is its beginning."""
        found = EventLog().as_of("2015-01-01").outcomes(measure)

        assert ((measure.initial(),), True) == (found.values, found.complete)

    def test_days_change_the_number_that_is_read(self) -> None:
        """A value that depends on the day differs between days."""
        log = undecided(1, day_=f"[{day(2)}..{day(3)}]")
        found = log.as_of(day(4)).outcomes(total(Paid, by_day))

        assert {-1, 2} == set(found.values)


class TestOutcomes:
    """Bounds of what is not a measure."""

    @pytest.mark.parametrize(
        ("values", "low", "high"),
        [
            ((3, 1, 2), 1, 3),
            ((None, 2), 2, 2),
            ((None,), None, None),
            (("a", "b"), None, None),
            ((1, "b"), None, None),
            ((1.5, Decimal(1)), 1, 1.5),
            ((float("nan"), 1), None, None),
            ((Fraction(1, 2), Decimal(1)), Fraction(1, 2), 1),
        ],
    )
    def test_bounds_are_of_numbers(
        self, values: tuple[object, ...], low: object, high: object
    ) -> None:
        """Numbers have bounds; None is passed over; other values have none."""
        found = Outcomes(values, complete=True)

        assert (low, high) == (found.low, found.high)

    def test_values_that_are_not_complete_have_no_bounds(self) -> None:
        """What was found so far bounds nothing."""
        found = Outcomes((1, 2), complete=False)

        assert (None, None, False) == (found.low, found.high, found.bounded)
        assert found.at_least(0) is Answer.MAYBE
        assert found.at_most(5) is Answer.MAYBE
        assert found.holds(bool) is Answer.MAYBE

    @pytest.mark.parametrize("complete", [True, False])
    def test_what_is_not_a_predicate_is_refused_with_the_remedy(
        self, *, complete: bool
    ) -> None:
        """A value was given for a function that compares with it."""
        wrong: Any = 3
        remedy = r"3 is not a function of a value: write .*\(lambda value: value == 3\)"
        with pytest.raises(ProjectionError, match=remedy):
            Outcomes((1, 2), complete=complete).holds(wrong)

    def test_other_values_can_be_compared(self) -> None:
        """Values that have an order are compared, and None is neither."""
        found = Outcomes(("a", "b"), complete=True)

        assert found.at_least("a") is Answer.YES
        assert found.at_most("a") is Answer.MAYBE
        assert Outcomes((None, 1), complete=True).at_most(1) is Answer.MAYBE
        assert Outcomes((None,), complete=True).at_least(0) is Answer.NO

    @pytest.mark.parametrize("complete", [True, False])
    def test_a_threshold_that_is_no_value_is_refused(self, *, complete: bool) -> None:
        """NaN has no order, and text none among numbers."""
        found = Outcomes((1, 2), complete=complete, low=1, high=2)
        for ask in (found.at_least, found.at_most):
            for nan in (math.nan, Decimal("nan"), Decimal("sNaN")):
                with pytest.raises(ProjectionError, match="any value: give a number"):
                    ask(nan)
            with pytest.raises(ProjectionError, match=r"^'a' cannot be .*: ask by hol"):
                ask("a")


def test_decimals_show_as_numbers() -> None:
    """Outcomes, explanations and panels in notebooks show `790`, without its class."""
    log = EventLog.of(Event(Paid(Decimal(790)), when="2019"))
    paid = total(Paid, "amount")
    view = log.as_of("2019-06-01")
    panel = log.panel(paid, by=lambda _: ["x"], start="2018-01-01", stop="2019-12-31")

    assert str(view.outcomes(paid)) == "0 or 790"
    assert "0 -> 790" in str(view.explain(paid, of=lambda value: value))
    assert ">790<" in panel._repr_html_()
    assert str(Outcomes((Fraction(1, 2),), complete=True)) == "1/2"
