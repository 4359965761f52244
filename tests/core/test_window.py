"""Views of a period, against plain enumeration of days."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from datetime import date
from random import Random

import pytest
from concern_model import CUTS, following, named, random_log
from hypothesis import given
from hypothesis import strategies as st
from log_model import SPANS, Claim, Model
from log_strategies import (
    Deed,
    Fact,
    counting,
    events,
    everything,
    known_by_days,
    last_value,
    logs,
    tally,
    values,
)

from bri_timeline import (
    Answer,
    Edtf,
    Event,
    EventLog,
    Projection,
    View,
    dyads,
    projection,
)
from bri_timeline._lasting import Endings, lasting
from bri_timeline._scope import Window
from bri_timeline.errors import DayError, DayRangeError, EdtfError


# The days of the model are one of each stretch: borders lie between these.
FIRSTS = [
    date.fromisoformat(day)
    for day in ("2015-12-20", "2015-12-31", "2016-01-01", "2016-01-02", "2016-01-25")
]
LASTS = [
    date.fromisoformat(day)
    for day in ("2015-12-19", "2015-12-31", "2016-01-01", "2016-01-02", "2016-01-24")
]
PAIRS = [(one, two) for one in FIRSTS for two in LASTS if one <= two]
PLAIN = [text for text in SPANS if "/" not in text]


@projection(initial=int)
def count(seen: int, _event: Event) -> int:
    """The number of events."""
    return seen + 1


@projection(initial=tuple)
def early(state: tuple[Answer, ...], event: Event) -> tuple[Answer, ...]:
    """Which of them lie in the old year: it asks more of a date than its order."""
    return (*state, event.when.before("2016-01-01"))


def pairs() -> st.SearchStrategy[tuple[date, date]]:
    """Two days between which every date of these logs has, or has not, a day."""
    return st.sampled_from(PAIRS)


def lies(claim: Claim, days: tuple[date, date]) -> Answer:
    """Return whether a claim begins within some days, by looking at each."""
    low, high = (day.toordinal() for day in days)
    within = {low <= day <= high for day in claim.days}
    return {(True,): Answer.YES, (False,): Answer.NO}.get(tuple(within), Answer.MAYBE)


def modelled(model: Model, days: tuple[date, date]) -> tuple[object, ...]:
    """Return what the rules say of a period."""
    counting = model.happenings()
    certain = [c.event for c in counting if lies(c, days) is Answer.YES]
    by_first = sorted(counting, key=lambda c: (c.first, c.last, c.entries[0].position))
    disputes = [
        (claims[0].event, {claim.event for claim in claims[1:]})
        for claims in sorted(model.rival_claims(), key=lambda some: some[0].fold_order)
        if len(claims) > 1 and any(lies(c, days) is not Answer.NO for c in claims)
    ]
    return (
        certain,
        [c.event for c in by_first if lies(c, days) is Answer.MAYBE],
        [c.event for c in by_first if lies(c, days) is not Answer.NO],
        disputes,
        [
            (aside.entry.position, aside.reason)
            for aside in model.asides()
            if lies(Claim(aside.entry.claim, (aside.entry,)), days) is not Answer.NO
        ],
    )


def said(view: View) -> tuple[object, ...]:
    """Return what a view says in the same form."""
    return (
        list(view.events),
        list(view.undecided),
        list(view.project(everything, undecided=True)),
        [(d.taken, set(d.others)) for d in view.disputes],
        [(aside.entry.position, aside.reason.value) for aside in view.set_aside],
    )


def folded(fold: Projection[object], some: Sequence[Event]) -> object:
    """Return the state of some events, by a plain loop."""
    state = fold.initial()
    for event in some:
        state = fold.evolve(state, event)
    return state


def completions(
    claims: Sequence[Claim], days: tuple[date, date], *, dated: bool
) -> list[list[Event]]:
    """Return the events within a period, for every choice of days and their order.

    Args:
        claims: What counts.
        days: The period.
        dated: Give each event the one day on which it falls.
    """
    low, high = (day.toordinal() for day in days)
    found = []
    for when in itertools.product(*(claim.days for claim in claims)):
        inside = [n for n, day in enumerate(when) if low <= day <= high]
        for order in itertools.permutations(inside):
            if all(when[a] <= when[b] for a, b in itertools.pairwise(order)):
                some = [claims[n].event for n in order]
                if dated:
                    some = [
                        Event(e.what, when=date.fromordinal(when[n]))
                        for n, e in zip(order, some, strict=True)
                    ]
                found.append(some)
    return found


class TestDuring:
    """`EventLog.during()`."""

    @given(log=logs(), days=pairs(), known_by=known_by_days())
    def test_a_window_is_what_the_rules_say(
        self, log: EventLog, days: tuple[date, date], known_by: date
    ) -> None:
        """Events within it for certain, those that may be, disputes, claims aside."""
        model = Model(tuple(log), known_by.toordinal())
        view = log.during(days, known_by)

        assert modelled(model, days) == said(view)
        assert days == (view.since, view.day)

    @given(log=logs(), days=pairs(), known_by=known_by_days())
    def test_every_state_is_that_of_its_events(
        self, log: EventLog, days: tuple[date, date], known_by: date
    ) -> None:
        """Folds, with a cache that other questions have filled, and steps."""
        view = log.during(days, known_by)
        for fold in (everything, last_value, tally, values):
            expected = folded(fold, view.events)
            log.as_of(days[1], known_by).project(fold)
            explained = view.explain(fold, of=str)

            assert expected == view.project(fold)
            assert str(expected) == explained.value
            steps = view.explain(everything, of=tuple).steps
            assert [step.event for step in steps] == list(view.events)

    @given(log=logs(), days=pairs())
    def test_events_are_grouped_within_it(
        self, log: EventLog, days: tuple[date, date]
    ) -> None:
        """`project_each()` gives each key of what counts the fold of its events."""
        view = log.during(days)
        expected = {
            party: tuple(e for e in view.events if party in e.parties)
            for party in {p for e in counting(log) for p in e.parties}
        }
        found = view.project_each(everything, by=lambda event: event.parties)

        assert expected == found
        # The window leaves nothing behind for a question without one.
        whole = log.as_of(days[1])
        again = whole.project_each(everything, by=lambda event: event.parties)
        assert all(
            tuple(e for e in whole.events if party in e.parties) == events
            for party, events in again.items()
        )

    @given(log=logs(max_size=5), days=pairs())
    def test_each_claim_set_aside_is_tried_in_its_place(
        self, log: EventLog, days: tuple[date, date]
    ) -> None:
        """A claim changes the value where it would have stood within the window: before
        or after what has the same days.
        """
        view = log.during(days)
        keys = [(e.when.latest_start, e.when.earliest_start) for e in view.events]
        expected = []
        for aside in view.set_aside:
            when = aside.event.when
            key = when.latest_start, when.earliest_start
            places = {sum(k < key for k in keys), sum(k <= key for k in keys)}
            before = {last_value.fold(view.events[:place]) for place in places}
            if any(last_value(one, aside.event) != one for one in before):
                expected.append(aside)

        assert expected == list(view.explain(last_value, of=str).set_aside)

    @given(log=logs(max_size=4, plain=True), days=pairs())
    def test_outcomes_are_those_of_every_choice_of_days(
        self, log: EventLog, days: tuple[date, date]
    ) -> None:
        """Values over all orders of what can lie within it."""
        claims = Model(tuple(log)).happenings()
        some = completions(claims, days, dated=False)
        for fold in (count, last_value, values):
            found = log.during(days).outcomes(fold)
            expected = {folded(fold, one) for one in some}

            assert found.complete
            assert expected == set(found.values)

    @given(
        some=st.lists(events(PLAIN), max_size=3, unique_by=lambda e: e.id),
        days=pairs(),
    )
    def test_outcomes_of_a_fold_that_asks_dates(
        self, some: list[Event], days: tuple[date, date]
    ) -> None:
        """Each event has one day in a fold, and answers for it."""
        log = EventLog.of(*some)
        claims = Model(tuple(log)).happenings()
        inside = completions(claims, days, dated=True)
        expected = {folded(early, one) for one in inside}
        found = log.during(days).outcomes(early, of=tuple)

        # The certain state comes first, and leaves its dates as they are.
        possible = {*found.values[1:], *(expected & {found.certain})}

        assert found.complete
        assert expected == possible

    @given(log=logs(max_size=6), days=pairs(), seed=st.integers(0, 99))
    def test_outcomes_drawn_at_random_are_possible(
        self, log: EventLog, days: tuple[date, date], seed: int
    ) -> None:
        """What is drawn is among what is enumerated."""
        view = log.during(days)
        drawn = view.outcomes(values, of=sorted, limit=1, seed=seed)

        assert all(
            one in view.outcomes(values, of=sorted).values for one in drawn.values
        )

    @given(log=logs(), days=pairs())
    def test_has_happened_is_asked_of_the_window(
        self, log: EventLog, days: tuple[date, date]
    ) -> None:
        """Yes for its events, maybe for the undecided, no for others."""
        view = log.during(days)
        answers = {event.id: Answer.YES for event in view.events}
        answers |= {event.id: Answer.MAYBE for event in view.undecided}

        for name, expected in named(answers, log, None).items():
            assert expected is view.has_happened(name)

    @pytest.mark.full
    def test_a_relationship_of_each_pair_is_that_of_its_projection(
        self, trials: Callable[..., int]
    ) -> None:
        """`project_each()` of a function of the key: references lead out of it."""
        met, tries = 0, trials(300, share=4)
        for seed in range(tries):
            random = Random(seed)
            log, known_by = random_log(random), random.choice(CUTS)
            view = log.during(random.choice(PAIRS), known_by)
            found = view.project_each(following, by=dyads)
            expected = {pair: view.project(following(*pair)) for pair in found}
            met += sum(map(len, expected.values()))

            assert expected == found, seed
            every = counting(log, known_by)
            assert {p for e in every for p in dyads(e)} == found.keys(), seed
            assert {(one.event.id, one.id) for one in view.dangling} == {
                (one.event.id, one.id)
                for one in log.as_of("2100-01-01", known_by).dangling
                if view.has_happened(one.event.id) is not Answer.NO
            }, seed
        assert met > tries

    @given(log=logs(), until=st.sampled_from(LASTS), known_by=known_by_days())
    def test_a_window_without_a_beginning_is_as_of(
        self, log: EventLog, until: date, known_by: date
    ) -> None:
        """The two views are equal, and say the same."""
        one, two = log.during(f"../{until}", known_by), log.as_of(until, known_by)

        assert one == two
        assert hash(one) == hash(two)
        assert one.since is None
        assert (said(one), repr(one), one._repr_html_()) == (
            said(two),
            repr(two),
            two._repr_html_(),
        )
        assert one.outcomes(values, of=sorted) == two.outcomes(values, of=sorted)

    def test_a_date_with_a_gap_is_not_in_the_gap(self) -> None:
        """It may lie before or after the window, and has no day within."""
        log = EventLog.of(
            Event(Fact("a"), when="[2013,2015]"),
            Event(Fact("b"), when="[2013..2015]"),
            Event(Fact("c"), when="201X-01-15"),
        )
        view = log.during("2014")

        assert [Fact("b"), Fact("c")] == sorted(
            (event.what for event in view.undecided), key=str
        )
        assert () == log.during("2014-03").events
        assert ["b"] == [e.what.value for e in log.during("2014-03").undecided]

    def test_a_claim_set_aside_is_tried_among_the_events_within(self) -> None:
        """What lies before the window does not move its place."""
        log = EventLog.of(
            Event(Fact("b"), when="2013"),
            Event(Fact("a"), when="2014-03"),
            Event(Fact("b"), when="2014-09"),
            Event(Fact("a"), when="2014-05", id="x"),
        ).append(Event(Fact("b"), when="2015", id="x"), known="2015-01-01")
        (aside,) = log.during("2014").set_aside

        assert Fact("a") == aside.event.what
        assert () == log.during("2014").explain(last_value, of=str).set_aside
        assert (aside,) == log.during("2014-05").explain(last_value, of=str).set_aside

    def test_a_narrower_selection_keeps_the_window(self) -> None:
        """`concerning()` of a view, in one order or the other."""
        some = (Fact("a", frozenset({"AAA"})), Fact("b", frozenset({"BBB"})))
        log = EventLog.of(
            *(Event(what, when=when) for what in some for when in ("2013", "2014"))
        )
        view = log.during("2014").concerning("AAA")

        assert [("a", "2014")] == [(e.what.value, str(e.when)) for e in view.events]
        assert view == log.concerning("AAA").during("2014")
        assert view != log.concerning("AAA").during("2014-12")

    def test_a_fold_calls_its_function_once_for_each_event_within(self) -> None:
        """However long the log is before and after."""
        calls = []

        @projection(initial=int)
        def counted(seen: int, event: Event) -> int:
            calls.append(event)
            return seen + 1

        for years in (3, 30, 300):
            log = EventLog.of(
                *(
                    Event(Fact(str(number)), when=f"{1700 + year}-05-{1 + number:02}")
                    for year in range(years)
                    for number in range(20)
                )
            )
            view = log.during(f"{1700 + years // 2}")
            calls.clear()

            assert view.project(counted) == 20
            assert {0: 20} == view.project_each(counted, by=lambda _event: [0])
            assert 40 == len(calls), years


def test_only_extents_last() -> None:
    """An event that is no extent, or that has ended, does not last."""
    log = EventLog.of(
        Event(Deed("a"), when="2014"),
        Event(Deed("b"), when="2012/2013"),
        Event(Deed("c"), when="2012/.."),
    )
    events = log.as_of("2014-12-31").events

    found = lasting(
        events, Window(-math.inf, date(2014, 12, 31).toordinal()), Endings(())
    )
    assert ["c"] == [event.what.value for event, _ in found]


class TestPeriods:
    """What a period may be."""

    @pytest.mark.parametrize(
        ("period", "days"),
        [
            ("2014", "2014-01-01/2014-12-31"),
            ("2014-05", "2014-05-01/2014-05-31"),
            ("2014-05-06", "2014-05-06/2014-05-06"),
            ("2014-33", "2014-01-01/2014-03-31"),
            ("2013-06-01/2014-05-31", "2013-06-01/2014-05-31"),
            ("2013-06/2014", "2013-06-01/2014-12-31"),
            (Edtf("2012-02/2012-02"), "2012-02-01/2012-02-29"),
            (("2014-05-06", date(2014, 5, 7)), "2014-05-06/2014-05-07"),
            (["2014-05-06", "2014-05-06"], "2014-05-06/2014-05-06"),
            ("-0044-03", "-0044-03-01/-0044-03-31"),
            ("Y-12000", "-12000-01-01/-12000-12-31"),
        ],
    )
    def test_a_period_has_whole_days(self, period: str, days: str) -> None:
        """Years, months, days, quarters, ranges of these, and two days."""
        assert f"<view during {days}, known" in repr(EventLog().during(period))

    def test_its_days_are_given_as_numbers_too(self) -> None:
        """Days beyond the years of a date have a number."""
        view = EventLog().during("Y-12000")

        assert view.since_number is not None
        assert 365 == view.day_number - view.since_number
        for name, number in (("since", "since_number"), ("day", "day_number")):
            with pytest.raises(DayRangeError, match=f"use the day number, {number}, "):
                getattr(view, name)

    @pytest.mark.parametrize(
        ("period", "problem"),
        [
            ("2014~", "has a qualifier"),
            ("2014-05?/2015", "has a qualifier"),
            ("2014/..", "has no end"),
            ("2014/", "has no end"),
            ("/2014", "has an unknown start"),
            ("{2014,2015}", "is a set of dates"),
            ("{2014}", "is a set of dates"),
            ("[2014,2015]", "is a set of dates"),
            ("[2014..]", "is a set of dates"),
            ("2014-05-01T10:00:00Z", "names a time of day"),
            ("201X", "does not name its first and last day"),
            ("2014-XX", "does not name its first and last day"),
            ("1950S2", "does not name its first and last day"),
            ("2014-21", "does not name its first and last day"),
            (("2014-05-07", "2014-05-06"), "give the earlier day first"),
            (("2014-05-07",), "is not a period"),
            (2014, "is not a period"),
            (date(2014, 5, 7), "is not a period"),
            (("2014-05", "2014-06-01"), "is not one day"),
        ],
    )
    def test_anything_else_is_an_error(self, period: str, problem: str) -> None:
        """The error names the period, what is wrong, and what to write."""
        with pytest.raises(DayError, match=problem):
            EventLog().during(period)

    @pytest.mark.parametrize("period", ["2015/2014", "last year", "", "2014-13"])
    def test_what_is_not_a_date_is_an_error(self, period: str) -> None:
        """Reversed text, and text that is not EDTF."""
        with pytest.raises(EdtfError):
            EventLog().during(period)
