"""The shipped facts: checked when they are made, and found by their parties."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from attrs.exceptions import FrozenInstanceError
from fact_strategies import facts
from hypothesis import given

from bri_timeline import Event
from bri_timeline.edtf import Edtf
from bri_timeline.errors import (
    BriTimelineError,
    DayError,
    EventError,
    UnknownActorError,
)
from bri_timeline.relations import (
    FACTS,
    AgreementSigned,
    AgreementStatusChanged,
    Cancelled,
    Held,
    IndicatorObserved,
    InitiativeLaunched,
    Joined,
    Left,
    Met,
    Planned,
    PositionDeclared,
    Postponed,
    ProjectStatusChanged,
    Rescheduled,
    Visited,
)


WRONG = "Aze"
NAMING = [
    lambda who: InitiativeLaunched("x", who),
    lambda who: Joined(who, "x"),
    lambda who: Left(who, "x"),
    lambda who: Visited(who, "CHN"),
    lambda who: Visited("CHN", who),
    lambda who: Visited("CHN", "RUS", who=who),
    lambda who: Met([who]),
    lambda who: Met(["CHN"], who=[who]),
    lambda who: AgreementSigned([who], "x"),
    lambda who: AgreementStatusChanged([who], "x", "y"),
    lambda who: PositionDeclared(who, "x", "y"),
    lambda who: PositionDeclared("CHN", "x", "y", towards=[who]),
    lambda who: IndicatorObserved([who], "x", 1, "USD"),
    lambda who: ProjectStatusChanged([who], "x", "y"),
    lambda who: Planned([who], "x"),
    lambda who: Planned(["CHN"], "x", participants=[who]),
    lambda who: Rescheduled("x", "2019", parties=[who]),
    lambda who: Postponed("x", parties=[who]),
    lambda who: Cancelled("x", parties=[who]),
    lambda who: Held("x", parties=[who]),
]


@pytest.mark.parametrize("make", NAMING, ids=range(len(NAMING)))
def test_every_actor_is_checked_wherever_one_is_named(make: type) -> None:
    """A wrong code of an actor is refused with what may have been meant."""
    with pytest.raises(UnknownActorError) as caught:
        make(WRONG)

    assert "AZE" in caught.value.suggestions
    assert make("AZE") == make("AZE")


@given(facts)
def test_facts_are_found_by_their_parties(fact: object) -> None:
    """A fact is an event's payload, with its parties as a set, and cannot change."""
    event = Event(fact, when="2019")
    with pytest.raises(FrozenInstanceError):
        fact.parties = frozenset()

    assert fact.parties == event.parties
    assert all(type(party) is str for party in event.parties)


def test_parties_are_those_whom_a_fact_concerns() -> None:
    """Guest and host, actor and addressee, launcher and member are parties."""
    expected = {
        Visited("AZE", "CHN", who="person:x"): {"AZE", "CHN"},
        PositionDeclared("RUS", "x", "y", towards=["AZE"]): {"RUS", "AZE"},
        InitiativeLaunched("x", "CHN"): {"CHN"},
        Joined("AZE", "x"): {"AZE"},
        Left("AZE", "x"): {"AZE"},
        Met(["AZE", "CHN", "RUS"], who=["person:x"]): {"AZE", "CHN", "RUS"},
        Postponed("x"): set(),
    }

    assert expected == {fact: set(fact.parties) for fact in expected}


@pytest.mark.parametrize("parties", [[], (), frozenset()])
def test_facts_of_several_parties_name_one_at_least(parties: list[str]) -> None:
    """An agreement, a meeting, a figure or a plan of nobody is refused."""
    for make in (
        Met,
        lambda who: AgreementSigned(who, "x"),
        lambda who: IndicatorObserved(who, "x", 1, "USD"),
        lambda who: Planned(who, "x"),
    ):
        with pytest.raises(EventError, match="name at least one"):
            make(parties)


@pytest.mark.parametrize("count", [0, -1, True, 1.0, "2"])
def test_agreements_are_counted_in_whole_numbers(count: int) -> None:
    """A bundle holds one agreement or more; a source may not say how many."""
    with pytest.raises(EventError, match="whole number from 1"):
        AgreementSigned(["AZE"], "x", count=count)
    silent = AgreementSigned(["AZE"], "x")
    assert (None, 1) == (silent.count, silent.number)


def _figure(value: Decimal | int | str) -> Decimal:
    return IndicatorObserved(["AZE"], "x", value, "USD").value


def test_equal_figures_are_held_in_one_way() -> None:
    """However a figure is written, it is equal, and looks the same."""
    written = ["1300", "1300.00", "1.3E+3", 1300, Decimal("1.30E3")]

    assert {"1300"} == {str(_figure(value)) for value in written}
    assert {"-0.05"} == {str(_figure(value)) for value in ["-0.050", "-5e-2"]}


HUGE = [10**50, 1 << 20_000, "1E+50", Decimal("1E+999999"), Decimal("0." + "1" * 41)]
NO_FIGURES = [1.3, True, "1,3", "1_300", "\u0661", "", "NaN", None, Decimal("NaN")]


@pytest.mark.parametrize("value", [*HUGE, *NO_FIGURES], ids=range(14))
def test_indicators_refuse_values_that_are_not_figures(value: str) -> None:
    """Floats, other digits, endless and huge numbers are not figures."""
    with pytest.raises(EventError, match=r"float|not a figure"):
        _figure(value)


def test_expected_dates_may_be_written_in_three_ways() -> None:
    """Text, a day, and an `Edtf` make the same expected date."""
    plans = {
        Planned(["AZE"], "x", expected=when)
        for when in ("2019-08-01", date(2019, 8, 1), Edtf("2019-08-01"))
    }

    assert {Planned(["AZE"], "x", "2019-08-01")} == plans


def test_planned_refuses_an_instant() -> None:
    """A time of day would be lost, so it is refused."""
    with pytest.raises(DayError, match="which day"):
        Rescheduled("x", datetime(2019, 8, 1, 10, tzinfo=UTC))


def test_the_vocabulary_has_every_shipped_fact() -> None:
    """All fifteen facts can be kept in files and stores."""
    assert 15 == len(FACTS)
    assert {"Visited", "Planned", "Held"} < set(FACTS)


def test_faults_in_facts_are_errors_of_the_library() -> None:
    """One class catches whatever is wrong with a fact."""
    for wrong in ({"member": "Aze", "body": "x"}, {"member": "AZE"}, {}):
        with pytest.raises(BriTimelineError):
            FACTS.build("Joined", wrong)
