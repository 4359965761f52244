"""The day on which something first held, against every choice of days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from measure_model import (
    AFTER,
    BEFORE,
    MEASURES,
    PLAIN,
    Closed,
    Paid,
    counting,
    day,
    early,
    first_held,
    random_log,
)

from bri_timeline import Answer, Edtf, Event, EventLog, First, Projection, projection
from bri_timeline.measures import Measure, count, distinct, latest, total


PREDICATES: dict[str, Callable[[Any], bool]] = {
    "at least 1": lambda value: value is not None and value >= 1,
    "at least 2": lambda value: value is not None and value >= 2,
    "at most -1": lambda value: value is not None and value <= -1,
    "at most 0.5 and not 0": lambda value: value in (Decimal("0.5"), -1, -2),
    "is 1": lambda value: value == 1,
    "is 2": lambda value: value == 2,
    "is even": lambda value: value in (2, 4, -2),
    "is missing": lambda value: value is None,
    "is": lambda value: value is not None,
    "is b": lambda value: value == "b",
    "never": lambda value: False,
}
THRESHOLDS: dict[str, tuple[int | None, int | None]] = {
    "at least 1": (1, None),
    "at least 2": (2, None),
    "at most -1": (None, -1),
}
NUMBERS = [m for m in MEASURES if m.aggregate != "latest"]
TEXTS = [m for m in MEASURES if m.of == "to"]


def number(of: int) -> int:
    """Return the number of a day."""
    return date.fromisoformat(day(of)).toordinal()


def check(
    log: EventLog, measure: Measure[Any], name: str, known_by: str | None
) -> None:
    """Check when a measure first held against every choice of days."""
    holds = PREDICATES[name]
    if measure in TEXTS and measure.aggregate == "latest" and " " in name[:3]:
        holds = PREDICATES["is b"]
    found = log.first(measure, holds=holds, known_by=known_by)
    if name in THRESHOLDS and holds is PREDICATES[name]:
        least, most = THRESHOLDS[name]
        by_number = log.first(measure, at_least=least, at_most=most, known_by=known_by)
        # It need not look at the numbers.
        assert by_number == found or not found.complete
        found = by_number
    if holds(measure.initial()):
        assert found == First(None, Answer.YES)
        return
    assert found.complete or measure not in PLAIN
    if not found.complete:
        assert found == First(None, Answer.MAYBE, complete=False)
        return
    days, may_never = first_held(measure, holds, counting(log, known_by))
    if not days:
        assert found == First(None, Answer.NO)
        return
    earliest, last = min(days), max(days)
    may_never = may_never or last >= AFTER
    assert found.answer is (Answer.MAYBE if may_never else Answer.YES)
    if earliest == BEFORE and last >= AFTER:
        assert found.when is None
        return
    assert found.when is not None
    assert found.when.first_day == (None if earliest == BEFORE else number(earliest))
    assert found.when.last_day == (None if last >= AFTER else number(last))


class TestAgainstAllDays:
    """The first day is that of every choice of days."""

    @given(
        seed=st.integers(0, 2**32),
        measure=st.sampled_from(MEASURES),
        name=st.sampled_from([*PREDICATES]),
        known_by=st.sampled_from([None, day(2)]),
    )
    def test_first_of_a_measure_is_that_of_all_days(
        self, seed: int, measure: Measure[Any], name: str, known_by: str | None
    ) -> None:
        """Bounds and answer are those of enumeration."""
        check(random_log(Random(seed), most=3), measure, name, known_by)

    @pytest.mark.full
    def test_first_of_many_logs_is_that_of_all_days(
        self, trials: Callable[..., int]
    ) -> None:
        """Bounds and answer are those of enumeration, over 20,000 logs."""
        random = Random(2017)
        for _ in range(trials(20_000)):
            log, measure = random_log(random, most=3), random.choice(MEASURES)
            known_by = random.choice([None, day(2)])
            check(log, measure, random.choice([*PREDICATES]), known_by)

    @given(
        seed=st.integers(0, 2**32),
        measure=st.sampled_from(PLAIN),
        name=st.sampled_from([*PREDICATES]),
    )
    def test_first_of_a_measure_is_that_of_the_same_fold_written_by_hand(
        self, seed: int, measure: Measure[Any], name: str
    ) -> None:
        """A projection that is not a measure gives the same by trying orders."""
        log = random_log(Random(seed), most=3)
        written: Projection[Any] = Projection(
            measure.initial, measure.evolve, reads=measure.reads, ends=measure.ends
        )
        holds = PREDICATES[name if measure not in TEXTS else "is b"]

        assert log.first(measure, holds=holds) == log.first(written, holds=holds)


def log_of(*paid: tuple[Any, str]) -> EventLog:
    """Return a log of payments, each an amount and a date."""
    events = [
        Event(Paid(amount), when=when, id=f"payment {place}")
        for place, (amount, when) in enumerate(paid)
    ]
    return EventLog.of(*events)


def three(value: Any) -> bool:
    return bool(value == 3)


def many(value: Any) -> bool:
    return bool(value >= 100)


class TestLarge:
    """Measures of any number of events are exact."""

    def test_first_of_a_count_of_many_events_is_exact(self) -> None:
        """The hundredth of a thousand undecided events is found without orders."""
        log = log_of(*((1, "2015") for _ in range(500)), *((1, "2014-06-01"),) * 50)
        found = log.first(count(Paid), holds=many)

        assert First(Edtf("2015"), Answer.YES) == found

    def test_first_of_a_total_of_many_amounts_is_exact(self) -> None:
        """Amounts whose sums can be listed are added up as they come, early or late."""
        log = log_of(*((n % 4, "2015") for n in range(80)), (-90, "2014-01"))
        found = log.first(total(Paid, "amount"), holds=lambda sum_: sum_ >= 20)

        assert (
            First(Edtf("[2015-01-01..2015-12-31]"), Answer.YES).answer is found.answer
        )
        assert (Edtf("2015"), True) == (found.when, found.complete)

    def test_first_of_a_total_that_may_fall_again_is_bounded(self) -> None:
        """Where too many orders are open, the days outside are still excluded."""
        log = log_of(
            *((1, "2015") for _ in range(20)), *((-1, "2015") for _ in range(20))
        )
        found = log.first(total(Paid, "amount"), holds=lambda sum_: sum_ >= 1)

        days = "[2015-01-01..2015-12-30]"
        assert First(Edtf(days), Answer.MAYBE) == found
        log = log.append(Event(Paid(-2), when="2015"))
        uneven = log.first(total(Paid, "amount"), at_least=1)
        assert (Edtf(days), False) == (uneven.when, uneven.complete)
        assert f"{days}: maybe (not all orders were tried: at most 12" in str(uneven)

    def test_first_of_a_total_waits_with_what_takes_away_too(self) -> None:
        """What has no last day may take away after any day on which a sum is so high.

        It may also come before each of these days, and then the sum is never so high.
        """
        paid = ((1, "2016-01-02"), (1, "[2016-01-02..]"), (-1, "[2016-01-02..]"))
        turned = ((-amount, when) for amount, when in paid)
        expected = First(Edtf("[2016-01-02..]"), Answer.MAYBE)
        measure = total(Paid, "amount")

        assert expected == log_of(*paid).first(measure, at_least=2)
        assert expected == log_of(*turned).first(measure, at_most=-2)

    @pytest.mark.parametrize(
        ("measure", "holds"),
        [
            (count(Paid), three),
            (total(Paid, "amount"), many),
            (count(Paid, where=early), many),
            (latest(Paid, "amount"), three),
        ],
        ids=["a number in between", "sums", "dates", "ties"],
    )
    def test_first_of_too_many_orders_is_unknown(
        self, measure: Measure[Any], holds: Callable[[Any], bool]
    ) -> None:
        """What cannot be tried is said to be unknown."""
        log = log_of(*((2**n, f"[{day(1)}..{day(3)}]") for n in range(40)))
        log = log.append(Event(Paid(3), when=f"[{day(1)}..{day(3)}]"))
        found = log.first(measure, holds=holds)

        assert First(None, Answer.MAYBE, complete=False) == found

    def test_first_gives_up_at_its_limit(self) -> None:
        """A few events in any order can be more than the limit allows."""
        log = log_of(*((n, "2015") for n in range(8)))

        assert not log.first(count(Paid), holds=three, limit=20).complete


class TestDays:
    """The day as a date."""

    @pytest.mark.parametrize(
        ("dates", "expected"),
        [
            (("2015-06-03",), "2015-06-03"),
            (("2015",), "2015"),
            (("2016-02",), "2016-02"),
            (("2015-02-01/2016",), "2015-02-01"),
            (("2015", "2015-06"), "[2015-01-01..2015-06-30]"),
            (("[..2015-06-03]",), "[..2015-06-03]"),
            (("[2015-06-03..]",), "[2015-06-03..]"),
            (("Y12345",), "[Y12345..Y12345]"),
            (("-0044-03-15",), "-0044-03-15"),
        ],
    )
    def test_first_is_as_imprecise_as_the_dates(
        self, dates: tuple[str, ...], expected: str
    ) -> None:
        """The first event has the days of its date, unless another comes before."""
        log = log_of(*((1, when) for when in dates))
        found = log.first(count(Paid), holds=lambda number: number >= 1)

        assert found.when is not None
        assert Edtf(expected).first_day == found.when.first_day
        assert Edtf(expected).last_day == found.when.last_day

    def test_first_of_an_unknown_day_has_no_date(self) -> None:
        """It may have held at any time, if another event of its day may hide it."""
        log = log_of((1, "[..2015]"), (5, "[..2015]"), (1, "[2014..]"))
        found = log.first(latest(Paid, "amount"), holds=lambda value: value == 1)

        assert First(None, Answer.MAYBE) == found

    @pytest.mark.parametrize("when", ["../2016", "[..2016]"])
    def test_first_before_any_day_has_no_date(self, when: str) -> None:
        """A count that an open start fulfils from the beginning has no first day."""
        log = EventLog.of(Event(Paid(1), when=when))
        found = log.first(count(), holds=bool)

        assert (Answer.YES, True) == (found.answer, found.complete)
        assert (None if "/" in when else Edtf("[..2016-12-31]")) == found.when

    def test_first_reads_as_text(self) -> None:
        """Its text is the day and the answer."""
        log = log_of((1, "2015"))

        assert "2015: yes" == str(log.first(count(Paid), holds=bool))
        assert "no" == str(log.first(count(Paid), holds=three))
        assert "yes" == str(log.first(count(Paid), holds=lambda number: number == 0))

    def test_first_of_a_selection_and_as_known_by_a_day(self) -> None:
        """Only what is selected and known counts."""
        log = log_of((1, "2014")).append(
            Event(Paid(1), when="2015"), known="2016-01-01"
        )

        def two(number: int) -> bool:
            return number >= 2

        assert log.first(count(Paid), holds=two).when == Edtf("2015")
        assert log.first(count(Paid), holds=two, known_by="2015-12-31").when is None
        assert log.concerning("AZE").first(count(), holds=two).answer is Answer.NO

    def test_first_names_the_event_at_which_a_projection_fails(self) -> None:
        """An error of a projection is raised with the event."""
        with pytest.raises(ZeroDivisionError) as caught:
            log_of((0, "2015")).first(total(Paid, "share"), holds=many)

        assert "at 2015" in "".join(caught.value.__notes__)


class TestProjections:
    """States that are not measures."""

    def test_first_follows_orders_and_hidden_fields(self) -> None:
        """A state that depends on order is tried in each order."""

        @projection(initial=tuple)
        def order(seen: tuple[Any, ...], event: Event) -> tuple[Any, ...]:
            amount = event.what.amount if isinstance(event.what, Paid) else None
            return (*seen, amount)

        log = log_of((1, "2015"), (2, "2015-06-01")).append(
            Event(Closed(), when="2017")
        )
        found = log.first(order, holds=lambda seen: seen[:2] == (2, 1))

        assert First(Edtf("[2015-06-01..2015-12-31]"), Answer.MAYBE) == found

    def test_first_of_a_fold_that_asks_dates_is_unknown(self) -> None:
        """Days cannot stand for others where a fold looks at them."""

        @projection(initial=int)
        def late(seen: int, event: Event) -> int:
            return seen + (event.when.after("2015-06-01") is Answer.YES)

        found = log_of((1, "2015")).first(late, holds=lambda seen: seen == 1)

        assert not found.complete

    def test_first_of_a_latest_value_whose_date_is_asked_is_unknown(self) -> None:
        """As of the same fold written by hand; of a known day it is known."""

        def is_early(event: Event | None) -> bool:
            early = event and event.when.on_or_before("2015-06-01")
            return early is Answer.YES

        measure = latest(Paid, lambda event: event)
        by_hand = Projection(lambda: None, measure.evolve)
        for when, answer in (("2015", Answer.MAYBE), ("2015-06-01", Answer.YES)):
            for asked in (measure, by_hand):
                found = log_of((1, when)).first(asked, holds=is_early)

                assert (answer, answer is Answer.YES) == (found.answer, found.complete)

    def test_first_of_a_distinct_count_may_be_asked_for_what_was_seen(self) -> None:
        """Then its number alone does not tell, and orders are tried."""
        log, measure = log_of((1, "2015"), (2, "2016")), distinct(Paid, "amount")
        for holds in (lambda seen: seen.includes(2), lambda seen: 2 in seen.seen):
            assert First(Edtf("2016"), Answer.YES) == log.first(measure, holds=holds)

    @pytest.mark.parametrize(
        "when",
        ["XXXX-06", "[" + ",".join(str(year) for year in range(1000, 2200, 2)) + "]"],
    )
    def test_first_of_dates_with_too_many_gaps_is_unknown(self, when: str) -> None:
        """Dates of very many runs of days are not tried."""
        log = log_of((1, when), (2, "1500-06"))

        assert not log.first(latest(Paid, "amount"), holds=lambda v: v == 1).complete

    def test_first_of_dates_with_few_gaps_tries_their_days(self) -> None:
        """Another event can hide it on one day of its date only."""
        log = log_of((1, "2019-XX-15"), (2, "2019-03-15"))
        found = log.first(latest(Paid, "amount"), holds=lambda value: value == 1)

        assert First(Edtf("[2019-01-15..2019-12-15]"), Answer.MAYBE) == found

    def test_first_ends_an_extent_before_the_next_day(self) -> None:
        """An end holds from the day after the last, whatever begins on that day."""
        log = log_of((1, "2015-01-01/2015-01-03"), (1, "2015-01-04/2015"))
        active = count(Paid, active=True)
        none = Projection(
            lambda: -1, lambda n, _: max(n, 0) + 1, ends=lambda n, _: n - 1
        )

        assert Edtf("2015-01-01") == log.first(active, holds=lambda n: n == 1).when
        assert First(None, Answer.NO) == log.first(active, holds=lambda n: n == 2)
        assert log.first(none, holds=lambda n: n == 0).when == Edtf(
            "[2015-01-05..2016-01-01]"
        )

    def test_first_of_what_lasts_a_day_at_least(self) -> None:
        """An extent whose end may be its first day lasts on that day."""
        log = log_of(
            (1, "2015-12-3X/2015-12-3X"), (1, f"[{day(2)}..{day(4)}]"), (1, "2016/..")
        )
        found = log.first(count(Paid, active=True), holds=lambda n: n >= 1)

        assert First(Edtf("[2015-12-30..2015-12-31]"), Answer.YES) == found


def test_the_latest_value_may_be_that_of_what_has_an_open_start() -> None:
    """It holds before any day, whatever else has an open start without a value."""
    log = EventLog.of(
        Event(Paid(3), when="../2015"),
        Event(Paid(), when="../2014"),
        Event(Paid(5), when="2016-02-01"),
    )

    assert (None, Answer.YES) == asked(log, lambda amount: amount == 3)
    assert ("2016-02-01", Answer.YES) == asked(log, lambda amount: amount == 5)


def asked(log: EventLog, holds: Callable[[object], bool]) -> tuple[str | None, Answer]:
    """Return since when the latest amount satisfies a condition, and whether it did."""
    found = log.first(latest(Paid, "amount"), holds=holds)
    return found.when and str(found.when), found.answer


LATE, SOON = f"[{day(3)}..]", f"[{day(1)}..{day(3)}]"


@pytest.mark.parametrize(
    "paid",
    [
        # What takes away may be early: as early as is needed for the sum to be low.
        ((1, day(1)), (-1, SOON), (1, LATE)),
        (
            (1, day(1)),
            (1, day(2)),
            (-1, SOON),
            (-1, SOON),
            (1, f"[{day(2)}..{day(4)}]"),
        ),
        (
            (1, day(1)),
            (2, day(2)),
            (-2, SOON),
            (-1, day(2)),
            (1, LATE),
        ),
        # It cannot be early enough, or only with what is late.
        ((1, day(1)), (-1, f"[{day(2)}..{day(3)}]"), (-1, day(4)), (1, LATE)),
        ((2, f"[{day(2)}..{day(4)}]"), (-1, day(1)), (-1, LATE), (1, day(3))),
        # Dates with gaps, and different amounts that are taken away.
        ((1, f"[{day(1)},{day(3)}]"), (-1, SOON), (1, f"[{day(2)},{day(4)},{day(5)}]")),
        ((2, day(1)), (-1, SOON), (-2, f"[{day(1)}..{day(2)}]"), (1, LATE)),
    ],
)
@pytest.mark.parametrize("name", ["at least 1", "at least 2"])
def test_a_sum_that_may_fall_is_first_reached_as_all_days_say(
    paid: tuple[tuple[int, str], ...], name: str
) -> None:
    """Its earliest and its latest day, and whether it was ever reached."""
    check(log_of(*paid), total(Paid, "amount"), name, None)


def test_a_sum_that_may_fall_has_a_latest_day_also_among_many_events() -> None:
    """It is first reached on the day of the payment, unless that was taken back then.

    What is paid on all later days is too little to reach it again.
    """
    amount = total(Paid, "amount")
    back = ((3, "2014-01-01"), (-3, "[2014-01-01..2016-12-31]"))
    small = [
        (Decimal("0.01"), f"2014-{1 + n % 12:02}-{10 + n // 12}") for n in range(60)
    ]
    some = log_of(*back, *small[:15]).first(amount, at_least=3)
    assert First(Edtf("2014-01-01"), Answer.MAYBE) == some

    # Not all of so many days are tried: what is left may hold, and says so.
    many = log_of(*back, *small).first(amount, at_least=3)
    assert (Edtf("[2014-01-01..2016-12-30]"), False) == (many.when, many.complete)
    assert Answer.MAYBE is many.answer


def test_too_many_days_with_gaps_leave_the_latest_day_open() -> None:
    """What may be paid on some days only is not looked at day by day."""
    gaps = "[2015-01-01,2015-03-01]"
    log = log_of(*((1, gaps) for _ in range(10)), *((-1, "2015") for _ in range(10)))
    found = log.first(total(Paid, "amount"), at_least=1)

    assert (Edtf("[2015-01-01..2015-12-30]"), False) == (found.when, found.complete)


def test_first_of_each_key_names_the_event_at_which_a_projection_fails() -> None:
    """An error of a projection is raised with the event."""
    with pytest.raises(ZeroDivisionError) as caught:
        log_of((0, "2015")).first(
            total(Paid, "share"), holds=many, by=lambda event: (event.what.to,)
        )

    assert "at 2015" in "".join(caught.value.__notes__)
