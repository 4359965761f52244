"""The built-in chronicle says what its article says, and nothing else."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from bri_timeline import Answer, Event
from bri_timeline.chronicles import azerbaijan_china
from bri_timeline.relations import (
    AgreementSigned,
    IndicatorObserved,
    InitiativeLaunched,
    Met,
    Money,
    Planned,
    PlanStatus,
    PositionDeclared,
    ProjectStatusChanged,
    Visited,
    relationship,
)


LOG = azerbaijan_china()
BOTH = relationship("AZE", "CHN")
ALIYEV = "person:ilham-aliyev"
PAIR = ["AZE", "CHN"]
TEN_REPORT = {"AzVision (2019-04-24)"}
TURAN = {"Turan (2019-04-24)"}
INTERVIEW = {"report on the Xinhua interview (2019-04-18)"}
PROJECTS = {
    f"Eurasia Daily Monitor ({day})"
    for day in ("2017-04-12", "2017-10-16", "2018-11-06", "2019-04-03")
}

REGION = {"AZE", "region:south-caucasus"}
ROWS: list[tuple[str, str, set[str], set[str]]] = [
    ("bri-launched", "2013", {"CHN"}, set()),
    (
        "bri-loans", "[2013..2019-04-26]", {"CHN"},
        {"Global Risk Intelligence (2019-04-26)"},
    ),
    ("btk", "[..2017-04-12]", REGION, PROJECTS),
    ("titr", "[..2017-04-12]", REGION, PROJECTS),
    ("south-west-corridor", "[..2017-04-12]", REGION, PROJECTS),
    ("aliyev-visit-2015", "2015", {"AZE", "CHN"}, set()),
    ("peace-process-support", "[..2015-09-16]", {"CHN"}, {"AzerNews (2015-09-16)"}),
    (
        "russia-no-objection", "[..2018-09-18]", {"RUS", "AZE", "CHN"},
        {"Eurasia Daily Monitor (2018-09-18)"},
    ),
    ("xinhua-interview", "[..2019-04-18]", {"AZE", "CHN"}, INTERVIEW),
    ("xinhua-interview-trade", "[..2019-04-18]", {"AZE", "CHN"}, INTERVIEW),
    ("xinhua-interview-import", "[..2019-04-18]", {"AZE", "CHN"}, INTERVIEW),
    (
        "aliyev-arrives-2019", "2019-04-24", {"AZE", "CHN"},
        {"report on the arrival (2019-04-24)"},
    ),
    ("ten-agreements", "2019-04-24", {"AZE", "CHN"}, TEN_REPORT),
    ("tyre-production", "2019-04-24", {"AZE", "CHN"}, TEN_REPORT),
    ("kurdamir-greenhouses", "2019-04-24", {"AZE", "CHN"}, TEN_REPORT),
    ("agro-parks", "2019-04-24", {"AZE", "CHN"}, TEN_REPORT),
    ("telecommunications-corridor", "2019-04-24", {"AZE", "CHN"}, TURAN),
    ("container-transit", "2019-04-24", {"AZE", "CHN"}, TURAN),
    ("wine-export", "2019-04-24", {"AZE", "CHN"}, TURAN),
    (
        "company-meetings", "[2019-04-24..2019-04-25]",
        {
            "AZE", "org:huawei", "org:china-poly-group",
            "org:china-telecommunication-company", "org:china-camc-engineering",
        },
        {"AzerNews (2019-04-25)", "AzVision (2019-04-25)"},
    ),
    ("xi-aliyev-meeting", "2019-04-25", {"AZE", "CHN"}, {"AzerNews (2019-04-25)"}),
    ("xi-aliyev-meeting", "2019-04-24", {"AZE", "CHN"}, TURAN),
    ("territorial-integrity", "2019-04-24", {"AZE", "CHN"}, TURAN),
    (
        "aliyev-putin-meeting", "[2019-04-24..2019-04-26]", {"AZE", "RUS"},
        {"AzerTag (2019-04-26)"},
    ),
    (
        "trilateral-planned", "[2019-04-24..2019-04-26]", {"AZE", "RUS", "IRN"},
        {"report on the trilateral summit (2019-04-26)"},
    ),
    (
        "outlook", "[2019-04-29..2019-05-05]",
        {"CHN", "org:eurasia-daily-monitor"}, set(),
    ),
]  # fmt: skip


def claimed(name: str) -> Event:
    """The first claim of an id."""
    return next(e.event for e in LOG if e.event is not None and e.event.id == name)


def test_there_is_an_entry_for_every_row_and_no_other() -> None:
    """Ids and dates are those of the facts, as precise as the article gives them."""
    entries = [(e.event.id, str(e.event.when)) for e in LOG if e.event is not None]

    assert [(name, when) for name, when, _, _ in ROWS] == entries
    assert len(ROWS) == len(LOG)


@pytest.mark.parametrize(("position", "row"), [*enumerate(ROWS)], ids=range(len(ROWS)))
def test_every_entry_names_its_parties_and_its_reports(
    position: int, row: tuple[str, str, set[str], set[str]]
) -> None:
    """Each event rests on the article, and on the reports that it names there."""
    event = LOG[position].event
    _, _, parties, reports = row

    assert event is not None
    cited = {str(c.source) for c in event.cite if c.source.author is None}
    article = "Eurasia Daily Monitor 16:62 ([2019-04-29..2019-05-05])"
    assert parties == event.parties
    assert {*reports, article} == cited
    assert event.cite[-1].locator.startswith(("para ", "photo caption"))


PAYLOADS = {
    "bri-launched": InitiativeLaunched(
        "Belt and Road Initiative", "CHN", "One Belt, One Road"
    ),
    "aliyev-visit-2015": Visited("AZE", "CHN", ALIYEV, official=True),
    "aliyev-arrives-2019": Visited(
        "AZE", "CHN", ALIYEV,
        "second Belt and Road Forum for International Cooperation", True,
        "second official visit since 2015",
    ),
    "xinhua-interview-trade": IndicatorObserved(
        PAIR, "trade turnover", 1_300_000_000, "USD"
    ),
    "xinhua-interview-import": IndicatorObserved(
        PAIR, "growth of import from China", 40, "percent"
    ),
    "bri-loans": IndicatorObserved(
        ["CHN"], "overseas loans for infrastructure since 2013", 90_000_000_000, "USD",
        period="2013/2019-04-26", approximate=True,
    ),
    "trilateral-planned": Planned(
        ["AZE", "RUS"], "Moscow-Baku-Tehran summit", "2019-08", ["IRN"], "Russia"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PAYLOADS)
def test_payloads_say_what_the_facts_say(name: str) -> None:
    """Figures, dates and names are those of the article."""
    assert PAYLOADS[name] == claimed(name).what


KINDS = {
    PositionDeclared: {
        "peace-process-support", "russia-no-objection", "xinhua-interview",
        "territorial-integrity", "outlook",
    },
    ProjectStatusChanged: {"btk", "titr", "south-west-corridor"},
    Met: {"company-meetings", "xi-aliyev-meeting", "aliyev-putin-meeting"},
    AgreementSigned: {
        "ten-agreements", "tyre-production", "kurdamir-greenhouses", "agro-parks",
        "telecommunications-corridor", "container-transit", "wine-export",
    },
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_facts_are_of_the_kind_that_they_are(kind: type) -> None:
    """A declaration is a declaration, and an assessment is not an event."""
    found = {e.event.id for e in LOG if e.event and isinstance(e.event.what, kind)}

    assert KINDS[kind] == found


def test_positions_are_those_of_whoever_declared_them() -> None:
    """China, Russia, Azerbaijan and the article itself speak for themselves."""
    actors = {name: claimed(name).what.actor for name in KINDS[PositionDeclared]}

    assert {
        "peace-process-support": "CHN",
        "russia-no-objection": "RUS",
        "xinhua-interview": "AZE",
        "territorial-integrity": "CHN",
        "outlook": "org:eurasia-daily-monitor",
    } == actors


def test_the_outlook_is_an_assessment_and_no_state_of_the_relationship() -> None:
    """What the article expects is its own view, of the day on which it appeared."""
    outlook = claimed("outlook")
    after = LOG.as_of("2019-06-01")

    assert "assessment" in outlook.what.stance
    assert Answer.MAYBE is outlook.when.on("2019-05-01")
    assert outlook in after.events
    assert outlook not in after.project(BOTH).positions.values()


def test_nothing_depends_on_whether_the_agreements_of_turan_are_among_the_ten() -> None:
    """The article does not say it: three parts are uncertain, and no total has them."""
    agreements = LOG.as_of("2019-04-24").project(BOTH).agreements
    unsure = {e.id for e in agreements if not e.what.part_certain}
    parts = {e.id for e in agreements if e.what.part_of == "ten-agreements"}
    state = BOTH.fold(event for event in agreements if event.id not in parts)

    assert {"telecommunications-corridor", "container-transit", "wine-export"} == unsure
    assert KINDS[AgreementSigned] - {"ten-agreements"} == parts
    assert all(claimed(name).what.value is None for name in parts)
    assert (10, {"USD": Decimal("821000000")}) == (
        state.agreement_count, state.agreed_value,
    )  # fmt: skip
    assert () == state.agreements_without_value
    assert Money("821000000", "USD") == claimed("ten-agreements").what.value


def test_publishers_that_the_article_does_not_name_stay_unnamed() -> None:
    """Only what the copy says is in the sources; the other reports are described."""
    sources = {c.source for e in LOG if e.event for c in e.event.cite}
    named = {s.title for s in sources if not s.title.startswith("report on")}

    assert {
        "AzVision", "Turan", "AzerNews", "AzerTag", "Eurasia Daily Monitor",
        "Global Risk Intelligence",
        "Azerbaijan Eyes More Cooperation With China Within Belt and Road Initiative",
    } == named  # fmt: skip
    assert 16 == len(sources)
    assert {None} == {s.author for s in sources} == {s.url for s in sources}


# --- the questions ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "known_by", "certain", "perhaps"),
    [
        ("2014-12-31", None, 0, 0),
        ("2015-06-30", None, 0, 1),
        ("2015-12-31", None, 1, 1),
        ("2019-04-23", None, 1, 1),
        ("2019-04-24", None, 2, 2),
        ("2019-04-24", "2019-04-24", 1, 1),
        ("2019-04-24", "2019-05-04", 1, 1),
        ("2019-04-24", "2019-05-05", 2, 2),
        ("2015-12-31", "2019-05-04", 0, 0),
        ("2015-12-31", "2019-05-05", 1, 1),
    ],
)
def test_visits_by_day_and_knowledge(
    day: str, known_by: str | None, certain: int, perhaps: int
) -> None:
    """The visit of 2015 is known from the last day on which the article can be of."""
    view = LOG.as_of(day, known_by)

    assert certain == len(view.project(BOTH).visits)
    assert perhaps == len(view.project(BOTH, undecided=True).visits)


def test_agreements_by_the_day_of_their_report() -> None:
    """On the day of the visit there are ten agreements, worth 821 million together."""
    for known_by in (None, "2019-04-24"):
        state = LOG.as_of("2019-04-24", known_by).project(BOTH)

        assert 10 == state.agreement_count
        assert {"USD": Decimal("821000000")} == state.agreed_value
    before = LOG.as_of("2019-04-23").project(BOTH)
    assert (0, {}) == (before.agreement_count, before.agreed_value)


def test_the_presidents_met_once_and_the_day_is_disputed() -> None:
    """Two claims about one meeting are listed, and it is counted once."""
    view = LOG.as_of("2019-04-25")
    (dispute,) = view.disputes

    assert "xi-aliyev-meeting" == dispute.id
    assert ["2019-04-25", "2019-04-24"] == [str(e.when) for e in dispute.claims]
    assert (dispute.taken,) == view.project(BOTH).meetings
    assert 1 == len(LOG.as_of("2019-04-24", "2019-04-24").project(BOTH).meetings)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2019-04-26", PlanStatus.PLANNED),
        ("2019-07-31", PlanStatus.PLANNED),
        ("2019-08-15", PlanStatus.DUE),
        ("2019-08-31", PlanStatus.DUE),
        ("2019-09-01", PlanStatus.OVERDUE),
    ],
)
def test_the_trilateral_summit_by_day(day: str, expected: PlanStatus) -> None:
    """The clock never makes the plan true."""
    state = LOG.as_of(day).project(relationship("AZE", "RUS"))
    plan = state.plans["trilateral-planned"]

    assert expected is plan.status_on(day)


def test_no_summit_is_planned_for_certain_before_its_report() -> None:
    """On 25 April the agreement may have been made already."""
    view, fold = LOG.as_of("2019-04-25"), relationship("AZE", "RUS")

    assert {} == view.project(fold).plans
    assert ["trilateral-planned"] == [*view.project(fold, undecided=True).plans]


def test_projects_positions_and_figures_by_day() -> None:
    """What reports bound from above is certain from the day of the report."""
    for day, projects, positions, figures in [
        ("2015-09-15", 0, 0, 0),
        ("2015-09-16", 0, 1, 0),
        ("2017-04-11", 0, 1, 0),
        ("2017-04-12", 3, 1, 0),
        ("2019-04-18", 3, 2, 2),
        ("2019-04-24", 3, 3, 2),
        ("2019-04-26", 3, 3, 3),
    ]:
        state = LOG.as_of(day).project(BOTH)

        assert (projects, positions, figures) == (
            len(state.projects), len(state.positions), len(state.indicators),
        )  # fmt: skip


def test_every_value_explains_itself_with_its_sources() -> None:
    """The steps at which a value changed have the citations behind them."""
    view = LOG.as_of("2019-04-26")
    for select, name in [
        (lambda state: len(state.visits), "Eurasia Daily Monitor 16:62"),
        (lambda state: state.agreement_count, "AzVision"),
        (lambda state: len(state.meetings), "AzerNews"),
    ]:
        assert name in str(view.explain(BOTH, of=select))


def test_the_article_contradicts_itself_nowhere_but_in_the_meeting() -> None:
    """Only the caption's day lies after a report of what was said at the meeting."""
    found = {
        entry.event.id
        for contradiction in LOG.contradictions()
        for entry in contradiction.claims
        if entry.event is not None
    }

    assert {"xi-aliyev-meeting"} == found


def test_other_relationships_are_found_in_the_same_log() -> None:
    """The meeting with Putin and the plan belong to Azerbaijan and Russia."""
    state = LOG.as_of("2019-04-26").project(relationship("AZE", "RUS"))

    assert ["aliyev-putin-meeting"] == [event.id for event in state.meetings]
    assert ["trilateral-planned"] == [*state.plans]
    assert {("RUS", "cooperation of Azerbaijan with China")} == {*state.positions}


def test_the_chronicle_is_the_same_log_each_time() -> None:
    """It is a value: read twice, it is equal, and its first day is in 2013."""
    assert LOG == azerbaijan_china()
    assert date(2013, 1, 1) == claimed("bri-launched").when.earliest
