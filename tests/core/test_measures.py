"""Measures: declared projections, against plain loops."""

from __future__ import annotations

import copy
import operator
import pickle
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate
from typing import Any

import attrs
import pytest
from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

from bri_timeline import Answer, Edtf, Event, EventLog, Projection
from bri_timeline.errors import ProjectionError
from bri_timeline.measures import (
    DistinctCount,
    Measure,
    count,
    distinct,
    latest,
    total,
)
from bri_timeline.testing import check_projection


@frozen
class Paid:
    """A payment."""

    amount: object = None
    to: str = "a"

    @property
    def doubled(self) -> object:
        """Twice the amount."""
        return None if self.amount is None else self.amount * 2


@frozen
class Refunded(Paid):
    """A payment of a narrower kind."""


@frozen
class Closed:
    """Something else."""


@dataclass(frozen=True)
class Noted:
    """A payload that is not of attrs."""

    text: str


class Plain:
    """A payload that declares no fields."""


def to_b(event: Event) -> bool:
    """Select payments to one party."""
    return event.what.to == "b"


AMOUNTS = st.sampled_from(
    [None, 0, 1, -2, 3, True, *map(Decimal, ("0", "-0", "0.10", "-1.5", "1E+3"))]
)
PAYLOADS = st.one_of(
    st.builds(Paid, AMOUNTS, st.sampled_from("ab")),
    st.builds(Refunded, AMOUNTS, st.sampled_from("ab")),
    st.just(Closed()),
)
DAYS = st.sampled_from(["2014", "2015", "2015-06", "2015-06-01", "2015-06-02"])
EVENTS = st.lists(st.builds(lambda what, when: Event(what, when=when), PAYLOADS, DAYS))
MEASURES: list[Measure[Any]] = [
    count(),
    count(Paid),
    count(Refunded, Closed),
    count(Paid, where=to_b),
    total(Paid, "amount"),
    total(Paid, "doubled", where=to_b),
    distinct(Paid, "amount"),
    distinct(Paid, "to", where=to_b),
    latest(Paid, "amount"),
    latest(Refunded, lambda event: event.id, where=to_b),
]
LASTING = count(Paid, active=True), count(Paid, where=to_b, active=True)


def loop(measure: Measure[Any], events: Sequence[Event]) -> object:
    """Compute a measure in the plainest way."""
    read = [e for e in events if not measure.kinds or isinstance(e.what, measure.kinds)]
    read = [e for e in read if measure.where is None or measure.where(e)]
    if measure.of is None:
        return len(read)
    of = measure.of
    get = operator.attrgetter(of) if isinstance(of, str) else None
    values = [get(e.what) if get else of(e) for e in read]
    known = [value for value in values if value is not None]
    if measure.aggregate == "latest":
        return known[-1] if known else None
    return len(set(known)) if measure.aggregate == "distinct" else sum(known)


class TestFold:
    """A measure is a projection like any other."""

    @given(events=EVENTS, measure=st.sampled_from(MEASURES))
    def test_a_measure_is_a_plain_loop(
        self, events: list[Event], measure: Measure[Any]
    ) -> None:
        """Folding a measure gives what a loop over the events gives, and its type."""
        found, expected = measure.fold(events), loop(measure, events)

        assert expected == found
        assert isinstance(found, type(expected))

    @given(events=EVENTS, measure=st.sampled_from(MEASURES))
    def test_a_log_gives_the_same(
        self, events: list[Event], measure: Measure[Any]
    ) -> None:
        """A view folds a measure, with kept states or without."""
        log = EventLog.of(*events)
        view = log.with_cache(8, every=1).as_of("2015-12-31")

        assert loop(measure, view.events) == view.project(measure)
        assert view.project(measure) == view.project(measure)

    @pytest.mark.parametrize("measure", MEASURES, ids=repr)
    def test_measures_keep_the_laws_of_projections(self, measure: Measure[Any]) -> None:
        """A measure passes the checks of projections."""
        events = [
            Event(Paid(1, "b"), when="2015"),
            Event(Refunded(Decimal("2.5"), "b"), when="2014"),
            Event(Closed(), when="2015-06-01"),
            Event(Paid(None), when="2015-06-01"),
        ]

        check_projection(measure, events)

    @pytest.mark.parametrize("measure", LASTING, ids=repr)
    def test_counts_of_what_lasts_keep_the_laws_of_projections(
        self, measure: Measure[Any]
    ) -> None:
        """A count that goes down with the ends of extents passes the checks too."""
        dates = ["2014/2015", "2015-03-01/2015-04-01", "2016-01-01/..", "2016"]
        events = [Event(Paid(1, to), when=when) for when in dates for to in "ab"]

        check_projection(measure, [*events, Event(Closed(), when="2015/2016")])

    def test_explanations_show_each_step(self) -> None:
        """A measure is explained by the events that changed it."""
        log = EventLog.of(
            Event(Paid(1), when="2014"),
            Event(Paid(None), when="2014-02"),
            Event(Paid(2), when="2015"),
        )
        found = log.as_of("2016-01-01").explain(total(Paid, "amount"), of=lambda n: n)

        assert [1, 3] == [step.after for step in found.steps]


class TestActive:
    """Extents that last."""

    LOG = EventLog.of(
        Event(Paid(1), when="2015/2017"),
        Event(Paid(2, "b"), when="2016-03/.."),
        Event(Paid(3), when="2016-05-05"),
        Event(Closed(), when="2014/2015"),
    )

    @pytest.mark.parametrize(
        ("on", "certain", "low", "high"),
        [
            ("2014-06-01", 0, 0, 1),
            ("2015-06-01", 1, 0, 2),
            ("2016-06-01", 2, 2, 2),
            ("2017-06-01", 2, 1, 2),
            ("2019-01-01", 1, 1, 1),
        ],
    )
    def test_extents_are_counted_while_they_last(
        self, on: str, certain: int, low: int, high: int
    ) -> None:
        """An extent counts from its beginning to its end; a single day does not."""
        view, measure = self.LOG.as_of(on), count(active=True)
        found = view.outcomes(measure)

        assert certain == view.project(measure) == found.certain
        assert (low, high) == (found.low, found.high)

    def test_active_counts_are_measures_of_their_own(self) -> None:
        """A count of what lasts differs from the count of what began."""
        measure = count(Paid, where=to_b, active=True)

        assert measure != count(Paid, where=to_b)
        assert measure == pickle.loads(pickle.dumps(measure))
        assert "<measure count(Paid, where=to_b, active=True)>" == repr(measure)
        assert 1 == self.LOG.as_of("2020-01-01").project(measure)


class TestTotals:
    """Sums are exact, or refused."""

    def test_sums_of_many_digits_are_exact(self) -> None:
        """Nothing is rounded to the 28 digits of the usual context."""
        amounts = [Decimal("1E+40"), Decimal("0.01"), 1, Decimal("-1E+40")]
        events = [Event(Paid(amount), when="2015") for amount in amounts]

        assert Decimal("1.01") == total(Paid, "amount").fold(events)

    @pytest.mark.parametrize(
        ("amount", "problem"),
        [
            (0.1, "is a float, and sums of floats depend on their order"),
            (Decimal("-Infinity"), "cannot be added up"),
            ("1", "cannot be added up"),
        ],
    )
    def test_what_has_no_exact_sum_is_refused(
        self, amount: object, problem: str
    ) -> None:
        """Floats, infinities and text are refused, with the event at fault."""
        with pytest.raises(ProjectionError, match=problem) as caught:
            total(Paid, "amount").fold([Event(Paid(amount), when="2015")])

        assert "at 2015" in "".join(caught.value.__notes__)

    @pytest.mark.parametrize("huge", ["1E+20000", "1E-20000", "1E+999999999999999999"])
    def test_sums_of_too_many_digits_are_refused(self, huge: str) -> None:
        """A sum that could not be exact is refused instead of rounded."""
        events = [Event(Paid(Decimal(n)), when="2015") for n in ("1", huge)]

        with pytest.raises(ProjectionError, match="more than 10,000 digits"):
            total(Paid, "amount").fold(events)

    def test_undecided_sums_of_too_many_digits_are_refused(self) -> None:
        """A bound that could not be exact is refused too."""
        log = EventLog.of(
            *(Event(Paid(Decimal(n)), when="2015") for n in ("1", "1E+20000"))
        )

        with pytest.raises(ProjectionError, match="more than 10,000 digits"):
            log.as_of("2015-06-01").outcomes(total(Paid, "amount"))


class TestDistinct:
    """A number that remembers what was counted."""

    @given(values=st.lists(st.integers(0, 5)), more=st.lists(st.integers(0, 5)))
    def test_counts_that_share_rows_stay_apart(
        self, values: list[int], more: list[int]
    ) -> None:
        """Whatever is added to one count, the others keep their values."""
        start = DistinctCount()
        counts = [*accumulate(values, DistinctCount.including, initial=start)]
        forks = [accumulate(more, DistinctCount.including, initial=c) for c in counts]
        ends = [[*fork][-1] for fork in forks]

        for length, (first, last) in enumerate(zip(counts, ends, strict=True)):
            assert set(values[:length]) == first.seen
            assert {*values[:length], *more} == last.seen
            assert len(last.seen) == last

    def test_it_is_a_number(self) -> None:
        """It equals, hashes, prints and adds up as a number."""
        two = DistinctCount("aab")

        assert (two, hash(two), repr(two), str(two)) == (2, hash(2), "2", "2")
        assert type(two + 1) is int

    @pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
    def test_copies_remember_the_values(self, copied: Any) -> None:
        """A copy of a shorter count holds its own values only."""
        one = DistinctCount("a")
        two = one.including("b")
        loaded = pickle.loads(pickle.dumps(one))

        assert {"a"} == loaded.seen == copied(one).seen
        assert {"a", "b"} == two.seen

    def test_the_cost_of_a_value_does_not_grow(self) -> None:
        """Counts that grow from one another share one table."""
        counts = [
            *accumulate(range(100), DistinctCount.including, initial=DistinctCount())
        ]

        assert 1 == len({id(one._table) for one in counts})

    def test_threads_may_grow_one_count(self) -> None:
        """Counts that grow from one in several threads hold their own values."""
        start = DistinctCount([*range(10)])

        def grown(thread: int) -> frozenset[object]:
            own = [(thread, number) for number in range(200)]
            return [*accumulate(own, DistinctCount.including, initial=start)][-1].seen

        with ThreadPoolExecutor(8) as pool:
            found = [*pool.map(grown, range(8))]

        for thread, seen in enumerate(found):
            own = {(thread, number) for number in range(200)}
            assert {*range(10)} | own == seen

    def test_a_value_without_a_hash_is_refused(self) -> None:
        """A list as a value is refused, with the remedy."""
        measure = distinct(Paid, lambda event: [event.id])

        with pytest.raises(ProjectionError, match="has no hash"):
            measure.fold([Event(Paid(1), when="2015")])


class TestDeclared:
    """What a measure says of itself."""

    def test_equal_measures_are_equal(self) -> None:
        """Measures of the same are one key, whatever the order of kinds."""
        assert count(Paid, Closed) == count(Closed, Paid, Closed)
        assert {count(Paid), count(Paid), total(Paid, "amount")} == {
            count(Paid),
            total(Paid, "amount"),
        }
        assert count(Paid) != count(Paid, where=to_b)
        assert total(Paid, "amount") != distinct(Paid, "amount")
        assert latest(Paid, "to") != latest(Refunded, "to")
        assert (count(Paid) == 1) is False
        assert isinstance(count(), Projection)

    def test_equal_measures_share_kept_states(self) -> None:
        """States that were folded for one measure serve an equal one."""
        log = EventLog.of(*(Event(Paid(n), when="2015-06-01") for n in range(99)))
        view = log.as_of("2015-12-31")
        first = view.project(distinct(Paid, "amount"))
        second = view.project(distinct(Paid, "amount"))

        assert first._table is second._table

    def test_parts_can_be_read(self) -> None:
        """An engine reads what is measured from the fields."""
        measure = total(Paid, "amount", where=to_b)
        parts = measure.aggregate, measure.kinds, measure.of, measure.where

        assert ("total", (Paid,), "amount", to_b) == parts
        assert "<measure total(Paid, amount, where=to_b)>" == repr(measure)
        assert "<measure count()>" == repr(count())
        assert 7 == measure.value_of(Event(Paid(7), when="2015"))
        assert 1 == count().value_of(Event(Paid(7), when="2015"))

    def test_measures_can_be_pickled_and_changed(self) -> None:
        """A measure goes to other processes, and can be limited to some parties."""
        measure = distinct(Paid, "to", where=to_b)
        limited = attrs.evolve(measure, parties=("AZE", "CHN"))

        assert measure == pickle.loads(pickle.dumps(measure))
        assert limited == pickle.loads(pickle.dumps(limited))
        assert limited != measure
        assert limited.parties == {"AZE", "CHN"}
        assert count(Paid) == attrs.evolve(count(Paid, where=to_b), where=None)

    def test_fields_that_a_kind_lacks_are_refused(self) -> None:
        """A field that is not there is refused, with those that are."""
        with pytest.raises(ProjectionError, match="'sum' is not a field of Paid"):
            total(Paid, "sum")
        with pytest.raises(ProjectionError, match="which has amount, to: give one"):
            total(Paid, "__init__")
        with pytest.raises(ProjectionError, match="of Noted, which has text: give"):
            distinct(Noted, "words")
        with pytest.raises(ProjectionError, match="give the name of a field, or a"):
            latest(Paid, 7)

    def test_kinds_without_declared_fields_are_read(self) -> None:
        """A class that declares no fields is asked while folding."""
        with pytest.raises(AttributeError, match="nothing"):
            latest(Plain, "nothing").evolve(None, Event(Paid(), when="2015"))
        assert latest(Noted, "text").reads == (Noted,)

    def test_parts_of_wrong_kinds_are_refused(self) -> None:
        """What is not a class or not a function is refused."""
        with pytest.raises(ProjectionError, match="is not a class: name the payload"):
            count("Paid")
        with pytest.raises(ProjectionError, match="is not a function of the event"):
            count(Paid, where="to")

    def test_an_answer_is_not_taken_for_true(self) -> None:
        """A condition that says maybe is refused rather than counted."""
        measure = count(Paid, where=lambda event: event.when.on("2015-01-01"))

        with pytest.raises(TypeError, match=r"(?i)answer"):
            measure.fold([Event(Paid(1), when=Edtf("2015"))])
        assert Answer.MAYBE is Edtf("2015").on("2015-01-01")
