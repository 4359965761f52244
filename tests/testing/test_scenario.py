"""Given a log, as of a day, known by a day: then a state."""

from __future__ import annotations

import pytest
from attrs import frozen

from bri_timeline import Event, EventLog, Source, projection
from bri_timeline.errors import DayError
from bri_timeline.testing import Scenario, given_events, given_log


@frozen
class Pledged:
    """A fact of the tests."""

    country: str
    millions: int


Pledges = dict[str, int]


@projection(initial=Pledges)
def pledges(total: Pledges, event: Event) -> Pledges:
    """Millions of dollars by country."""
    what = event.what
    assert isinstance(what, Pledged)
    return total | {what.country: total.get(what.country, 0) + what.millions}


MONITOR = Source("Monitor", published="2019-05-05")
AUDIT = Source("Audit", published="2021-03")
FIRST = Event(Pledged("AZE", 821), when="2019-04-24", cite=MONITOR.at("para 3"))
SECOND = Event(Pledged("AZE", 300), when="2020", cite=AUDIT)
BETTER = Event(Pledged("AZE", 250), when="2020-02", cite=AUDIT)
LOG = EventLog.of(FIRST, SECOND)


def azerbaijan(total: Pledges) -> int:
    """Select the pledges to one country."""
    return total.get("AZE", 0)


class TestSentences:
    """What reads as a sentence, and holds."""

    def test_then_compares_the_state_of_a_day(self) -> None:
        """Given a log, as of a day: then a state."""
        given_log(LOG).as_of("2020-06-30").then(pledges, {"AZE": 821})

    def test_then_compares_what_was_known_by_a_day(self) -> None:
        """Given a log, as of a day, known by a day: then what was known."""
        scenario = given_log(LOG).as_of("2020-12-31")

        scenario.known_by("2021-03-31").then(pledges, {"AZE": 1121})
        scenario.known_by("2020-12-31").then(pledges, {"AZE": 821})
        scenario.known_by("2018-12-31").then(pledges, {})

    def test_then_compares_what_was_known_by_a_position(self) -> None:
        """A position in the log says exactly what was known."""
        given_log(LOG).as_of("2020-12-31").known_by(0).then(pledges, {"AZE": 821})

    def test_given_events_are_known_from_their_sources(self) -> None:
        """Given events: each is known from the day that its sources give."""
        given_events(FIRST, SECOND).as_of("2020-12-31").then(
            pledges, 1121, of=azerbaijan
        )

    def test_then_can_be_followed_by_more(self) -> None:
        """What holds can be followed by more."""
        (
            given_events(FIRST)
            .as_of("2019-04-23")
            .then(pledges, {})
            .as_of("2019-04-24")
            .then(pledges, {"AZE": 821})
        )

    def test_when_adds_corrects_or_withdraws_an_event(self) -> None:
        """When an event is added, corrected or withdrawn, then the state is another."""
        scenario = given_events(FIRST).as_of("2020-12-31")
        more = scenario.when(SECOND)

        more.then(pledges, 1121, of=azerbaijan)
        more.when(BETTER, supersedes=1, known="2022-01-01").then(
            pledges, 1071, of=azerbaijan
        )
        more.when_retracted(1, because="none", known="2022-01-01").then(
            pledges, {"AZE": 821}
        ).known_by("2021-12-31").then(pledges, {"AZE": 1121})
        scenario.then(pledges, 821, of=azerbaijan)

    def test_given_events_take_another_day_of_knowledge(self) -> None:
        """An event may be known from another day than its sources give."""
        scenario = given_events().when(FIRST, known="2019-04-25").as_of("2019-04-24")

        scenario.known_by("2019-04-24").then(pledges, {})
        scenario.known_by("2019-04-25").then(pledges, {"AZE": 821})

    def test_then_one_of_takes_every_possible_value(self) -> None:
        """Then one of the values that the dates leave possible, and no other."""
        given_log(LOG).as_of("2020-06-30").then_one_of(
            pledges, [1121, 821], of=azerbaijan
        )

    def test_scenario_gives_its_view(self) -> None:
        """What it looks at is a view, for every other question."""
        scenario = given_log(LOG).as_of("2020-06-30").known_by("2021-03-31")

        assert LOG.as_of("2020-06-30", known_by="2021-03-31") == scenario.view()
        assert LOG == scenario.log

    def test_scenarios_of_equal_logs_and_days_are_equal(self) -> None:
        """Scenarios of equal logs and days are equal."""
        assert given_log(LOG) == given_events(FIRST, SECOND) == Scenario(LOG)


class TestFailures:
    """What does not hold."""

    def test_then_shows_days_states_and_log(self) -> None:
        """The message has the days, both states and the log."""
        scenario = given_log(LOG).as_of("2020-06-30").known_by("2021-12-31")
        with pytest.raises(AssertionError) as error:
            scenario.then(pledges, {"AZE": 1121})

        *told, first, second = str(error.value).splitlines()
        assert [
            "as of 2020-06-30, known by 2021-12-31: pledges is not as expected",
            "  expected: {'AZE': 1121}",
            "  found: {'AZE': 821}",
            "  the log:",
        ] == told
        assert first.startswith(f"    0  2019-04-24  {FIRST.what}  [Monitor (2019-05")
        assert first.endswith("), para 3]  known 2019-05-05")
        assert second.startswith(f"    1  2020  {SECOND.what}  [Audit (2021-03)]")

    def test_then_shows_corrections_and_retractions(self) -> None:
        """The message has what corrects what, and why it was withdrawn."""
        scenario = given_log(LOG).when(BETTER, supersedes=1)
        scenario = scenario.when_retracted(0, because="a slip").as_of("2020-06-30")
        with pytest.raises(AssertionError) as error:
            scenario.then(pledges, {})

        assert "supersedes 1" in str(error.value)
        assert "    3  retracts 0  because a slip" in str(error.value)

    @pytest.mark.parametrize("values", [[821], [821, 1121, 300], []])
    def test_then_one_of_reports_missing_and_impossible_values(
        self, values: list[int]
    ) -> None:
        """Values that are missing, and values that are not possible, are errors."""
        scenario = given_log(LOG).as_of("2020-06-30")

        with pytest.raises(AssertionError, match="pledges can have other values"):
            scenario.then_one_of(pledges, values, of=azerbaijan)

    def test_then_one_of_refuses_more_values_than_it_can_try(self) -> None:
        """Values that cannot all be tried are an error, and never a pass."""
        many = [Event(Pledged(str(n), n), when="2020") for n in range(20)]
        scenario = given_events(*many).as_of("2020-06-30")

        with pytest.raises(AssertionError, match="too many possible values"):
            scenario.then_one_of(pledges, [0], of=lambda total: tuple(total))

    def test_then_without_a_day_is_an_error(self) -> None:
        """A state without a day is an error that says what is missing."""
        with pytest.raises(ValueError, match=r"no day is given: say .as_of"):
            given_log(LOG).then(pledges, {})

    @pytest.mark.parametrize("day", ["2020", "2020-06"])
    def test_scenario_refuses_a_month_or_a_year_as_a_day(self, day: str) -> None:
        """A month or a year is no day to look at, or from."""
        with pytest.raises(DayError):
            given_log(LOG).as_of(day)
        with pytest.raises(DayError):
            given_log(LOG).known_by(day)
