"""Nothing shows as certain what the outcomes leave open."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest
from attrs import frozen
from marks_model import DATES, VIEWS
from outputs import OUTPUTS, RELATION, Asked, claim, held, kept

from bri_timeline import Event, EventLog, projection
from bri_timeline._command import _serve, main
from bri_timeline.formats import chronicle, ical
from bri_timeline.pages import svg, text
from bri_timeline.pages._marks import marks
from bri_timeline.pages._wording import words_for
from bri_timeline.relations import (
    FACTS,
    AgreementStatusChanged,
    Cancelled,
    Held,
    IndicatorObserved,
    Joined,
    Left,
    Planned,
    PlanStatus,
    PositionDeclared,
    Postponed,
    ProjectStatusChanged,
    Relationship,
    Rescheduled,
    Visited,
)


LATER = "2100-01-01"


def random_fact(random: Random, number: int) -> object:
    """Return a fact of few keys; each declaration has words of its own."""
    both, word = frozenset({"AZE", "CHN"}), f"word {number}"
    towards = random.choice([(), ("CHN",), ("RUS",)])
    return random.choice(
        [
            Joined("AZE", "x"),
            Joined("AZE", "x"),
            Left("AZE", "x"),
            PositionDeclared("AZE", "t", word, towards=towards),
            PositionDeclared("AZE", "t", word),
            AgreementStatusChanged(both, "a", word),
            ProjectStatusChanged(both, "p", word),
        ]
    )


def random_log(random: Random) -> EventLog:
    """Return a log of facts that end, or of which only the last holds."""
    return EventLog.of(
        claim(Visited("AZE", "CHN"), "2015-01-01", 9),
        *(
            claim(random_fact(random, number), random.choice([*DATES]), number)
            for number in range(random.randint(1, 4))
        ),
    )


def random_changes(random: Random) -> EventLog:
    """Return a log of figures and of changes of a plan, which its date leaves open."""
    both, when = frozenset({"AZE", "CHN"}), [*DATES]
    facts = [
        Planned(both, "Forum"),
        *random.choices(
            [
                IndicatorObserved(both, "trade", 1, "USD", period="2015"),
                IndicatorObserved(both, "trade", 2, "USD", period="2015"),
                Rescheduled("e0", "2016"),
                Postponed("e0"),
                Cancelled("e0"),
                Held("e0"),
            ],
            k=random.randint(1, 4),
        ),
    ]
    return EventLog.of(
        *(claim(fact, random.choice(when), n) for n, fact in enumerate(facts))
    )


def last_ones(state: Relationship) -> frozenset[str]:
    """Return the ids of the figures of a state, and of the last change of each plan."""
    changes = (plan.changes[-1] for plan in state.plans.values() if plan.changes)
    return frozenset(event.id for event in (*state.indicators.values(), *changes))


def of_plan(state: Relationship) -> object:
    """Return the status and the expected date of the plan of a state."""
    plan = state.plans.get("e0")
    return plan and (plan.status_on(LATER), plan.expected_on(LATER))


class TestOutputs:
    """Every output against the outcomes of the relationship."""

    @pytest.mark.full
    def test_no_output_says_more_than_the_outcomes(
        self, tmp_path: Path, trials: Callable[..., int]
    ) -> None:
        """What an output shows as certain is in every outcome, over 5,000 logs."""
        for seed in range(trials(5_000, share=500)):
            random = Random(seed)
            day = date.fromordinal(random.choice(VIEWS)).isoformat()
            asked = Asked(random_log(random), day, tmp_path / "log.toml")
            view = asked.view
            found = view.outcomes(RELATION, of=held)
            assert found.complete, seed
            always = frozenset.intersection(*found.values)
            left_open = {
                event.id
                for name, event in kept(view.project(RELATION))
                if name not in always
            }
            for name, shown in OUTPUTS.items():
                assert not shown(asked) & left_open, (name, seed)

    @pytest.mark.full
    def test_no_output_of_a_state_says_more_of_what_came_last(
        self, tmp_path: Path, trials: Callable[..., int]
    ) -> None:
        """Two reports of a figure, or two changes of a plan, of which one was later."""
        open_logs = 0
        for seed in range(trials(5_000)):
            asked = Asked(random_changes(Random(seed)), LATER, tmp_path / "log.toml")
            found = asked.view.outcomes(RELATION, of=last_ones)
            if not found.complete:
                continue
            open_logs += len(found.values) > 1
            always = frozenset.intersection(*found.values)
            state = asked.view.project(RELATION)
            left_open = last_ones(state) - always
            doubts = asked.view.doubts(RELATION, state).may_be_last
            assert {e.id for e in doubts} <= frozenset.union(*found.values), seed
            for name, shown in OUTPUTS.items():
                if "state" in name:
                    assert not shown(asked) & left_open, (name, seed)
        assert open_logs

    @pytest.mark.full
    def test_a_plan_is_unsettled_where_its_outcomes_differ(
        self, trials: Callable[..., int]
    ) -> None:
        """In its status or expected date, on a day after all of its changes."""
        numbers = {False: 0, True: 0}
        for seed in range(trials(5_000)):
            view = random_changes(Random(seed)).as_of(LATER)
            found = view.outcomes(RELATION, of=of_plan)
            plan = view.project(RELATION).plans.get("e0")
            if not found.complete or plan is None:
                continue
            is_open = bool(plan.unsettled_on(LATER))
            numbers[is_open] += 1
            assert is_open is (len(found.values) > 1), seed
        assert all(numbers.values())

    @pytest.mark.full
    def test_pages_and_calendars_say_where_a_plan_is_unsettled(
        self, tmp_path: Path, trials: Callable[..., int]
    ) -> None:
        """Where it is not, they say its status."""
        numbers = {False: 0, True: 0}
        for seed in range(trials(5_000)):
            log = random_changes(Random(seed))
            view = log.as_of(LATER)
            plan = view.project(RELATION).plans.get("e0")
            if plan is None:
                continue
            is_open = bool(plan.unsettled_on(LATER))
            numbers[is_open] += 1
            says = "dates do not tell"
            lost = str(ical.dump(log, tmp_path / "plans.ics", FACTS))
            calendar = (tmp_path / "plans.ics").read_text(encoding="utf-8")
            drawn, status = text.render(view, width=180), plan.status_on(LATER)
            assert is_open is (says in drawn), seed
            is_overdue = status is PlanStatus.OVERDUE and not is_open
            assert is_overdue is ("overdue" in drawn), seed
            assert is_open is (says in svg.render(view)), seed
            assert is_open is (says in lost), seed
            assert not (is_open and "STATUS:C" in calendar), seed
        assert all(numbers.values())


@frozen
class Shown:
    """A museum shows an object in a room, until it shows it in another."""

    thing: str
    room: str
    parties: frozenset[str] = frozenset()
    last_of = ("thing",)


@projection(initial=int)
def changes(state: int, event: Event) -> int:
    """How many times an object was put somewhere."""
    return state + isinstance(event.what, Shown)


def shown(room: str, when: str) -> Event:
    """Return that the vase was put in a room."""
    return Event(Shown("vase", room), when=when, id=room)


def cst(when: str = "2006/2012") -> EventLog:
    """Return a log with the membership of Uzbekistan, and an event of its neighbour."""
    joined = claim(Joined("UZB", "CST"), when, 0)
    return EventLog.of(joined, claim(Visited("KAZ", "UZB"), "2005-01-01", 1))


class TestWords:
    """How outputs say it, on one example."""

    def test_the_view_counts_it(self) -> None:
        """What may have happened is left out where there is nothing of the kind."""
        view, later = cst().as_of("2012-06-30"), cst().as_of("2013-01-01")

        assert repr(view).endswith(": 2 certain, 1 may have ended>")
        assert repr(later).endswith(": 2 certain, 0 undecided>")
        assert "2 certain, 1 may have ended, 0 perhaps" in view._repr_html_()

    def test_the_command_lists_it_under_perhaps(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """In text and as a row; what undecided events may bring stands before it."""
        path = tmp_path / "log.toml"
        later = claim(Joined("KAZ", "CST"), "2012", 2)
        chronicle.dump(cst().append(later), path, FACTS)
        asked = ["state", str(path), "--between", "KAZ", "UZB", "--on", "2012-06-30"]

        assert not main(asked)
        assert (
            "\nPerhaps\n  some time in 2012: Kazakhstan joins CST [3]\n"
            "  may have ended: from 2006 to 2012: Uzbekistan joins CST [1]\n"
        ) in capsys.readouterr().out
        assert not main([*asked, "--format", "csv"])
        row = "\nPerhaps,may have ended: Uzbekistan joins CST,2006/2012,e0,e0\n"
        assert row in capsys.readouterr().out

    def test_the_status_of_a_plan_may_be_unsettled(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Both changes are listed, and the plan is not said to be in force."""
        path, plan = tmp_path / "log.toml", Planned(["AZE", "CHN"], "Forum", "2100")
        changes = (
            claim(Cancelled("e0"), "2015", 1),
            claim(Rescheduled("e0", "2100"), "2015-12-31", 2),
        )
        log = EventLog.of(claim(plan, "2014", 0), *changes)
        chronicle.dump(log, path, FACTS)
        asked = ["state", str(path), "--between", "AZE", "CHN", "--on", "2016-01-01"]

        assert not main(asked)
        said = " ".join(capsys.readouterr().out.split())
        assert "Forum (some time in 2100) (dates do not tell which change" in said
        assert 2 == said.count("may be the last")
        view = log.as_of("2016-01-01")
        assert [] == [
            m for m in marks(view, RELATION, words_for("en", view)) if m.in_force
        ]

    def test_changes_of_one_day_have_their_order(self) -> None:
        """What was held on the last day of a year was not put off later that year."""
        plan = claim(Planned(["AZE", "CHN"], "Forum"), "2014", 0)
        changes = claim(Postponed("e0"), "2015", 1), claim(Held("e0"), "2015-12-31", 2)
        view = EventLog.of(plan, *changes).as_of(LATER)

        assert ((), (), ()) == view.doubts(RELATION, view.project(RELATION))

    def test_changes_of_a_plan_that_nobody_made_are_no_doubt(self) -> None:
        """No state shows them, in whatever order they came."""
        whats = Postponed("plan", ["AZE", "CHN"]), Held("plan", ["AZE", "CHN"])
        changes = [claim(what, "2015", n) for n, what in enumerate(whats)]
        view = EventLog.of(*changes).as_of(LATER)

        assert 2 == len(view.concerning("AZE", "CHN").events)
        assert ((), (), ()) == view.doubts(RELATION, view.project(RELATION))

    def test_a_model_is_told(self, tmp_path: Path) -> None:
        """Each tool says that it is an end that may have come."""
        path, day, pair = tmp_path / "log.toml", "2012-06-30", ["KAZ", "UZB"]
        chronicle.dump(cst(), path, FACTS)
        tools = _serve._Tools(path, "chronicle", FACTS, "a model")
        found: Any = tools.state(day, pair), tools.explain(day, "memberships", pair)

        assert [("ended", "e0")] == [
            (m["may_have"], m["id"]) for m in found[0]["maybe"]
        ]
        steps = [(s["certain"], s["ends"]) for s in found[1]["steps"]]
        assert [(True, False), (False, True)] == steps
        claims: Any = tools.search(day)["claims"]
        is_so = {one["id"]: (one["happened"], one["ended"]) for one in claims}
        assert {"e0": ("yes", "maybe"), "e1": ("yes", None)} == is_so

    @pytest.mark.parametrize(
        ("when", "day", "force", "ended"),
        [
            ("2006/2012", "2012-06-30", False, True),
            ("2006/2013-06-01", "2012-06-30", True, False),
            # The bar has a faint end, which the legend explains.
            ("2006/2012", "2013-01-01", False, True),
            ("2006/2012-01-01", "2013-01-01", False, False),
        ],
    )
    def test_legends_explain_what_is_there(
        self, when: str, day: str, force: bool, ended: bool
    ) -> None:
        """A picture calls nothing "still in force" that may have ended."""
        drawn = svg.render(cst(when).as_of(day))

        assert force is ("still in force" in drawn)
        assert ended is ("may have ended" in drawn)

    def test_what_was_left_is_not_in_force(self) -> None:
        """An extent is drawn until somebody left, not until its own end."""
        left = claim(Left("UZB", "CST"), "2008-01-01", 2)
        view = cst("2006-01-01/2020").append(left).as_of("2012-06-30")
        line = text.render(view, width=180).partition("Uzbekistan joins")[0]

        assert "\u25b6" not in line.splitlines()[-1]
