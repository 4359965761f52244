"""Views: a log seen from two dates."""

from __future__ import annotations

import pickle
from datetime import UTC, date, datetime

import pendulum
import pytest
from hypothesis import given
from hypothesis import strategies as st
from log_model import NEVER, Model
from log_strategies import (
    Fact,
    everything,
    known_by_days,
    logs,
    view_days,
)

from bri_timeline import (
    Answer,
    Dispute,
    Event,
    EventLog,
    Prefer,
    Projection,
    Source,
    projection,
)
from bri_timeline.errors import DayError, DayRangeError, EntryError


DAILY = Source("Daily", published="2016-01-02")
WEEKLY = Source("Weekly", published="2016-01-04")


class TestDifference:
    """What changed from one view to another."""

    def test_entries_are_named_once(self) -> None:
        """Entries responsible for several changes are listed once, in order."""
        log = EventLog.of(Event(Fact("a"), when="2016-01-01", cite=DAILY))
        renamed = Event(Fact("b"), when="2016-01-01", cite=WEEKLY, id="other")
        log = log.append(renamed, supersedes=0)
        view = log.as_of("2016-01-01", known_by="2016-01-02")
        found = view.diff(log.as_of("2016-01-01"), everything)

        assert [("a", "b")] == [
            (c.before.what.value, c.after.what.value)
            for c in found.changes
            if c.before and c.after
        ]
        assert (log[1],) == found.entries


class TestTwoDays:
    """What a view says of itself."""

    @pytest.mark.parametrize(
        ("day", "problem"),
        [
            ("2019-04", "'2019-04' is not one day: say which, such as '2019-04-30'"),
            ("2019", "'2019' is not one day: say which, such as '2019-12-31'"),
            (
                "2019-02-30",
                "'2019-02-30' is not a day: that month has the days 01 to 28",
            ),
            ("soon", "'soon' is not a day: write it as year-month-day, '2019-04-24'"),
            (7, "7 is not a day: give a date, or text such as '2019-04-24'"),
        ],
    )
    def test_as_of_refuses_what_is_not_a_whole_day(
        self, day: str, problem: str
    ) -> None:
        """A month, a year or anything else that is no day is refused, with a remedy."""
        with pytest.raises(DayError) as caught:
            EventLog().as_of(day)

        assert problem == str(caught.value)
        assert day == caught.value.value

    def test_as_of_refuses_an_instant(self) -> None:
        """An instant is refused: its day depends on where one is."""
        with pytest.raises(DayError, match="is an instant: say which day"):
            EventLog().as_of(datetime(2019, 4, 24, tzinfo=UTC))

    @pytest.mark.parametrize("known_by", [True, False])
    def test_known_by_refuses_a_truth_value(self, known_by: bool) -> None:
        """`known_by=True` is not position 1."""
        log = EventLog.of(*(Event(n, when="2016") for n in range(3)))

        with pytest.raises(DayError) as caught:
            log.as_of("2016-01-01", known_by=known_by)

        assert f"{known_by} is not a day or a log position" == str(caught.value)
        assert known_by is caught.value.value

    @pytest.mark.parametrize("position", [-1, 1, 99])
    def test_known_by_refuses_a_position_that_the_log_lacks(
        self, position: int
    ) -> None:
        """A position that the log lacks is refused, with the size of the log."""
        with pytest.raises(EntryError) as caught:
            EventLog.of(Event("a", when="2016")).as_of("2016-01-01", known_by=position)

        assert f"the log has no position {position}: it has 1 entries" == str(
            caught.value
        )
        assert position == caught.value.target

    def test_days_are_written_in_three_ways(self) -> None:
        """A day is text, a date or a pendulum date: the view is the same."""
        log = EventLog.of(Event("a", when="2016", cite=DAILY))
        days = "2016-01-05", date(2016, 1, 5), pendulum.date(2016, 1, 5)

        assert 1 == len({log.as_of(day, known_by=day) for day in days})

    def test_repr_of_a_view_has_its_days_and_counts(self) -> None:
        """The repr of a view has its two dates and how much it holds."""
        log = EventLog.of(
            Event("a", when="2016", cite=DAILY), Event("b", when="2015-06-01")
        )
        views = (
            log.as_of("2016-01-05"),
            log.as_of("2016-01-05", known_by="2016-01-01"),
            log.as_of("2016-01-05", known_by=0),
        )

        assert (
            "<view as of 2016-01-05, known by everything: 1 certain, 1 undecided>",
            "<view as of 2016-01-05, known by 2016-01-01: 1 certain, 0 undecided>",
            "<view as of 2016-01-05, known by position 0: 0 certain, 1 undecided>",
        ) == tuple(map(repr, views))

    def test_day_of_a_view_is_a_date(self) -> None:
        """A view has its day as a date, within the years that a date can hold."""
        assert pendulum.date(2016, 1, 5) == EventLog().as_of("2016-01-05").day

    def test_as_of_takes_a_day_before_year_1(self) -> None:
        """A view of a day before year 1 works; only its date cannot be given."""
        log = EventLog.of(Event("a", when="-0300"), Event("b", when="2016"))
        view = log.as_of("-0001-06-01")

        assert ["a"] == [event.what for event in view.events]
        with pytest.raises(DayRangeError, match="day_number"):
            _ = view.day

    def test_views_pickle(self) -> None:
        """A view comes back from a pickle equal."""
        view = EventLog.of(Event("a", when="2016", cite=DAILY)).as_of("2016-02-01")

        assert view == pickle.loads(pickle.dumps(view))


class TestHappened:
    """`has_happened()`."""

    @given(
        log=logs(),
        day=view_days(),
        known_by=st.none() | known_by_days(),
        name=st.sampled_from(["x", "y", "z"]),
    )
    def test_a_happening_is_certain_undecided_or_neither(
        self, log: EventLog, day: date, known_by: date | None, name: str
    ) -> None:
        """By any id of its claims, also of one that does not count any more."""
        known = NEVER if known_by is None else known_by.toordinal()
        number, happenings = day.toordinal(), Model(tuple(log), known).happenings()
        named = [claim for claim in happenings if name in claim.names]
        # The id that is shown names a happening before ids of its other claims do.
        named = [claim for claim in named if claim.event.id == name] or named
        happened = {claim.last <= number for claim in named}
        possible = {claim.first <= number for claim in named}
        expected = {Answer.MAYBE if True in possible else Answer.NO}
        expected = {Answer.YES} if True in happened else expected

        assert len(happened) <= 1
        assert len(possible) <= 1
        assert expected == {log.as_of(day, known_by).has_happened(name)}

    def test_has_happened_of_a_year_before_within_and_after_it(self) -> None:
        """A year has not happened before it, may have during it, has after it."""
        log = EventLog.of(Event("a", when="2015", id="treaty"))
        days = "2014-12-31", "2015-01-01", "2015-12-30", "2015-12-31"

        assert [Answer.NO, Answer.MAYBE, Answer.MAYBE, Answer.YES] == [
            log.as_of(day).has_happened("treaty") for day in days
        ]


class TestDisputes:
    """Claims about one happening that differ."""

    LOG = EventLog.of(
        Event(Fact("a"), when="2016-01-01", cite=[DAILY, WEEKLY], id="x"),
        Event(
            Fact("b"),
            when="2016-01-02",
            cite=Source("Memoir", published="2020"),
            id="x",
        ),
        Event(Fact("c"), when="2016-01-03", cite=WEEKLY, id="x"),
    )

    @pytest.mark.parametrize(
        ("prefer", "taken"),
        [
            (Prefer.LATEST_KNOWN, 1),
            (Prefer.EARLIEST_KNOWN, 0),
            (Prefer.MOST_CITED, 0),
        ],
    )
    def test_one_claim_is_taken(self, prefer: Prefer, taken: int) -> None:
        """A fold takes one claim, by a named policy; all are listed."""
        view = self.LOG.reading(prefer).as_of("2016-01-05")
        others = tuple(e.event for e in self.LOG if e.position != taken)

        assert (self.LOG[taken].event,) == view.events
        assert (Dispute("x", self.LOG[taken].event, others),) == view.disputes
        assert {e.event for e in self.LOG} == set(view.disputes[0].claims)

    @pytest.mark.parametrize("prefer", Prefer)
    def test_prefer_takes_the_last_of_claims_that_tie(self, prefer: Prefer) -> None:
        """Of claims known on one day, and by as many sources, the last is taken."""
        log = EventLog.of(*(Event(n, when="2016-01-01", id="x") for n in range(3)))

        assert [2] == [e.what for e in log.reading(prefer).as_of("2016-01-01").events]

    def test_ties_of_the_earliest_known_go_to_what_became_known_last(self) -> None:
        """Of claims known since one day that is taken whose last witness came last."""
        log = EventLog()
        for n, known in ((0, "2016"), (0, "2018"), (1, "2016"), (1, "2017")):
            cite = Source(f"{known}, {n}", published=known)
            log = log.append(Event(n, when="2015", cite=cite, id="x"))
        view = log.reading(Prefer.EARLIEST_KNOWN).as_of("2020-01-01")

        assert [0] == [event.what for event in view.events]

    def test_the_most_cited_claim_rests_on_most_sources(self) -> None:
        """Three places in one source are one source."""
        log = EventLog.of(
            Event("a", when="2015", cite=[DAILY, WEEKLY], id="x"),
            Event("b", when="2015", cite=[WEEKLY.at(f"p. {n}") for n in "123"], id="x"),
        )
        view = log.reading(Prefer.MOST_CITED).as_of("2020-01-01")

        assert ["a"] == [event.what for event in view.events]

    @pytest.mark.parametrize("prefer", Prefer)
    def test_a_repeated_old_figure_does_not_undo_a_correction(
        self, prefer: Prefer
    ) -> None:
        """What was put right stays right, and whoever repeats it is in dispute."""
        later = [Source(f"Paper {n}", published="2030") for n in range(3)]
        log = EventLog.of(Event(5, when="2015", cite=DAILY, id="x"))
        log = log.append(Event(6, when="2015", cite=WEEKLY), supersedes=0)
        log = log.append(Event(5, when="2015", cite=later, id="x"), known="2014-01-01")
        log = log.append(Event(5, when="2015", cite=later[0], id="x"))
        view = log.reading(prefer).as_of("2040-01-01")
        again = log.retract(1, because="it was 5").reading(prefer).as_of("2040-01-01")

        assert [6] == [event.what for event in view.events]
        assert [(6, [5])] == [
            (d.taken.what, [e.what for e in d.others]) for d in view.disputes
        ]
        assert [5] == [event.what for event in again.events]

    def test_of_claims_that_correct_each_other_the_last_one_holds(self) -> None:
        """Where each of two claims was put right by the other, the last one holds."""
        log = EventLog.of(*(Event(n, when="2015", id="x") for n in (5, 6)))
        log = log.append(Event(6, when="2015", cite=DAILY), supersedes=0)
        log = log.append(Event(5, when="2015", cite=WEEKLY), supersedes=1)
        latest, earliest = (
            log.reading(prefer).as_of("2020-01-01").events
            for prefer in (Prefer.LATEST_KNOWN, Prefer.EARLIEST_KNOWN)
        )

        assert [5, 5] == [e.what for e in (*latest, *earliest)]

    def test_a_correction_settles_a_dispute(self) -> None:
        """Where one claim corrects the other, nothing is disputed."""
        log = EventLog.of(Event("a", when="2016-01-01", id="x"))
        log = log.append(Event("b", when="2016-01-01", id="x"), supersedes=0)

        assert () == log.as_of("2016-01-01").disputes

    def test_equal_claims_of_two_sources_are_not_a_dispute(self) -> None:
        """The same from two sources is one happening with the citations of both."""
        log = EventLog.of(
            Event("a", when="2016-01-01", cite=DAILY),
            Event("a", when="2016-01-01", cite=WEEKLY),
        )
        view = log.as_of("2016-01-01")

        assert () == view.disputes
        assert [(DAILY.at(""), WEEKLY.at(""))] == [event.cite for event in view.events]

    def test_disputes_are_listed_once_a_claim_may_have_happened(self) -> None:
        """A dispute is listed once any of its claims may have happened."""
        days = "2015-12-31", "2016-01-01"

        assert [0, 1] == [len(self.LOG.as_of(day).disputes) for day in days]


class TestProjecting:
    """`project()`."""

    @given(log=logs(), day=view_days())
    def test_undecided_events_can_be_folded_too(self, log: EventLog, day: date) -> None:
        """With the undecided, a fold takes all that may have happened, by first day."""
        number = day.toordinal()
        claims = [c for c in Model(tuple(log)).happenings() if c.first <= number]
        claims.sort(key=lambda c: (c.first, c.last, c.entries[0].position))
        expected = tuple(claim.event for claim in claims)

        assert expected == log.as_of(day).project(everything, undecided=True)

    def test_no_two_folds_share_a_state(self) -> None:
        """Each fold begins with a new initial state."""

        @projection(initial=list)
        def careless(state: list[object], event: Event) -> list[object]:
            state.append(event.what)
            return state

        view = EventLog.of(Event("a", when="2016-01-01")).as_of("2016-01-01")

        assert view.project(careless) == view.project(careless) == ["a"]


def counted(number: int, _event: Event) -> int:
    """Count claims: each of them changes the value."""
    return number + 1


@given(logs(), view_days(), known_by_days())
def test_what_does_not_count_is_listed(
    log: EventLog, day: date, known_by: date | None
) -> None:
    """A view lists each claim that it sets aside: those that would change a count."""
    view = log.as_of(day, known_by=known_by)
    why = view.explain(Projection(int, counted, name="claims"), of=lambda n: n)

    assert why.set_aside == view.set_aside
