"""The sentence about a view: what it counts, and that it says nothing of nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from attrs import evolve, frozen
from concern_model import KNOWN, STATES, VIEWS, facts_log

from bri_timeline import Event, EventLog, Projection, Source, View, projection
from bri_timeline.chronicles import azerbaijan_china
from bri_timeline.pages import markdown, svg, text
from bri_timeline.pages._marks import view_of
from bri_timeline.pages._markup import plain_text
from bri_timeline.pages._state_values import summary, told
from bri_timeline.pages._wording import LANGUAGES, Strings, strings
from bri_timeline.relations import (
    AgreementSigned,
    AgreementStatusChanged,
    Cancelled,
    Held,
    InitiativeLaunched,
    Joined,
    Left,
    Planned,
    PositionDeclared,
    ProjectStatusChanged,
    Rescheduled,
    Visited,
    relationship,
)


LOG = azerbaijan_china()
BEGINNINGS = {
    "en": "as reported by the beginning of the log",
    "de": "berichtet bis zum Beginn der Aufzeichnungen",
    "ru": "не позднее начала записей",
    "zh": "据截至记录之初的报道",
}
SUMMITS = (
    Event(Planned(("AZE", "CHN"), "summit", "2015-06"), when="2014", id="summit"),
    Event(Rescheduled("summit", "2015-09"), when="2015-05"),
    Event(Held("summit"), when="2015-09-03"),
    Event(Cancelled("fair"), when="2015-10"),
)
AZE_CHN = relationship("AZE", "CHN")
EN, ZH = strings("en"), strings("zh")


def said(view: View, words: Strings, of: Projection[Any] | None = AZE_CHN) -> str:
    """Return the sentence about a relationship without its dates, as plain text."""
    return plain_text(summary(view, of, None, words))


@pytest.mark.full
def test_nothing_is_reported_if_and_only_if_the_state_is_empty(
    trials: Callable[..., int],
) -> None:
    """In each language, of any log on any day; and parts are never more than all."""
    for seed in range(trials(1_000)):
        random = Random(seed)
        log, day = facts_log(random), random.choice(VIEWS)
        parties = random.sample(STATES, random.choice((2, 2, 3)))
        fold, words = relationship(*parties), strings(LANGUAGES[seed % 4])
        whole = log.as_of(day, known_by=random.choice([None, *filter(None, KNOWN)]))
        view = view_of(whole, fold)
        state, sentence = view.project(fold), said(view, words, fold)

        is_nothing = words("sentence.nothing") in sentence
        assert (state == fold.initial()) is is_nothing, seed
        counted = sum(
            int(one.value) for one in told(state) if isinstance(one.value, int)
        )
        differ = re.search("其中([0-9]+)项来源", said(view, ZH, fold))
        assert int(differ[1] if differ else 0) <= counted, seed


@pytest.mark.parametrize(("code", "words"), BEGINNINGS.items())
def test_what_was_known_before_the_first_entry_is_said_in_words(
    code: str, words: str
) -> None:
    """No position stands before the first."""
    instant = datetime(2019, 4, 24, tzinfo=UTC)
    log = EventLog(evolve(entry, recorded_at=instant) for entry in LOG)
    before = log.as_of("2019-05-01", instant - timedelta(days=1))

    assert words in summary(before, relationship("AZE", "CHN"), None, strings(code))


class TestRelationship:
    """What the sentence about a relationship counts."""

    def test_what_is_not_a_visit_is_told_too(self) -> None:
        """Each kind alone is told, and a status of an agreement that nobody knows."""
        pair = ("AZE", "CHN")
        facts = {
            "one position": PositionDeclared("AZE", "t", "s"),
            "one project": ProjectStatusChanged(pair, "p", "built"),
            "one membership": Joined("AZE", "SCO"),
            "one plan": Planned(pair, "t", "2016"),
            "one initiative": InitiativeLaunched("BRI", by="CHN"),
            "one status of an agreement": AgreementStatusChanged(pair, "a", "in force"),
        }
        for words, fact in facts.items():
            event = Event(fact, when="2013", cite=Source("A", published="2014"))
            road = Event(AgreementSigned(pair, "a"), when="2020", id="a")
            view = EventLog.of(event, road).as_of("2014-01-01", known_by="2014-12-31")

            assert f": {words}" in said(view, EN)

    def test_at_most_five_are_named(self) -> None:
        """The others are counted together, in the order of the kinds."""
        view = LOG.as_of("2019-04-26", known_by="2019-05-05")

        assert said(view, EN).endswith(
            "5 May 2019: two visits, one meeting, ten agreements worth 821 million USD,"
            " three positions, three projects and four more; sources differ about one"
            " of them."
        )
        assert "3个项目和另外4项" in said(view, ZH)

    def test_clauses_are_about_what_is_counted(self) -> None:
        """Of a replaced position it is not said that sources differ, nor of a part."""
        pair = ("AZE", "CHN")
        log = EventLog.of(
            Event(PositionDeclared("AZE", "t", "yes"), when="2013", id="p"),
            Event(PositionDeclared("AZE", "t", "no"), when="2014", id="p"),
            Event(AgreementSigned(pair, "ten", count=10), when="2015", id="b"),
            Event(AgreementSigned(pair, "x", part_of="b"), when="2015", id="x"),
            Event(AgreementSigned(pair, "y", part_of="b"), when="2016", id="x"),
            Event(AgreementSigned(pair, "z", part_of="b"), when="[2015..2030]"),
        )
        early, late = log.as_of("2014-12-31"), log.as_of("2017-01-01")
        replaced = log.append(Event(PositionDeclared("AZE", "t", "?"), when="2016"))

        assert said(early, EN).endswith(
            "one position; sources differ about one of them."
        )
        assert 2 == len(late.disputes)
        assert said(late, EN).endswith(
            "ten agreements and one position; sources differ about one of them."
        )
        assert 1 == len(late.undecided)
        assert said(replaced.as_of("2017-01-01"), EN).endswith(
            "ten agreements and one position."
        )

    def test_an_overdue_plan_is_told(self) -> None:
        """After its day, with and without a state, as the page tells it."""
        log = EventLog.of(Event(Planned(("AZE", "CHN"), "t", "2016"), when="2015"))
        view = log.as_of("2020-01-01")

        assert said(view, EN).endswith("one plan; one plan is overdue.")
        assert said(view, EN, None).endswith("one plan; one plan is overdue.")


@frozen
class Ruled:
    """A court ruled."""

    case: int

    def __str__(self) -> str:
        return f"ruling {self.case}"


@projection(initial=tuple)
def low(state: tuple[int, ...], event: Event) -> tuple[int, ...]:
    """Keep the numbers of cases below two."""
    case = getattr(event.what, "case", 2)
    return (*state, case) if case < 2 else state


class TestOthers:
    """Without a relationship."""

    def test_kinds_are_counted(self) -> None:
        """The most frequent first, parts of others not at all; at most five."""
        pair = ("AZE", "CHN")
        log = EventLog.of(
            *(Event(Ruled(n), when="2015") for n in range(3)),
            Event(AgreementSigned(pair, "ten", count=10), when="2015", id="b"),
            Event(AgreementSigned(pair, "x", part_of="b"), when="2015"),
            Event(Visited(*pair), when="2015"),
        )

        assert said(log.as_of("2016-01-01"), EN, None).endswith(
            "known: three events of kind Ruled, one agreement and one visit."
        )
        assert said(log.as_of("2014-01-01"), EN, None).endswith("nothing is reported.")

    def test_what_is_over_is_told_of_what_lasts(self) -> None:
        """Of memberships and of any kind with an end; a visit of some days is one."""
        log = EventLog.of(
            *(Event(Joined("UZB", body), when=f"200{n}")
              for n, body in enumerate(("org:sco", "org:cis", "org:csto", "org:guam"))),
            Event(Left("UZB", "org:cis"), when="2008"),
            Event(Left("UZB", "org:csto"), when="2009"),
            Event(Left("UZB", "org:guam"), when="[2008..2012]"),
            Event(Ruled(1), when="2001/2003"),
            Event(Ruled(2), when="2001"),
            Event(Visited("AZE", "CHN"), when="2001-01-02/2001-01-04"),
            Event(PositionDeclared("AZE", "t", "s"), when="2002"),
            Event(PositionDeclared("AZE", "t", "r"), when="2003"),
        )  # fmt: skip

        assert said(log.as_of("2007-12-31"), EN, None).endswith(
            "known: four memberships, "
            "two events of kind Ruled (one is over), one position and one visit."
        )
        view = log.as_of("2010-06-30")
        for words, over in {
            EN: "four memberships (two are over, one may be over), ",
            strings("de"): "vorbei: zwei, vielleicht vorbei: 1)",
            strings("ru"): "(окончены: 2, возможно, окончено: 1)",
            ZH: "4个成员资格（2项已结束、1项可能已结束）",
        }.items():
            assert over in said(view, words, None)
        # A state leaves out what is over, and the sentence tells what is in the state.
        fold = relationship("UZB", "KAZ")
        assert "known: two memberships" in said(view_of(view, fold), EN, fold)
        # Leaving is over too, and is no membership.
        days = Event(Left("UZB", "org:cis"), when="2008-01-02/2008-01-04")
        left = EventLog.of(Event(Joined("UZB", "org:cis"), when="2001"), days)
        assert said(left.as_of("2009-01-01"), EN, None).endswith(
            "known: one membership (one is over)."
        )
        # Of an end alone something is reported.
        alone = EventLog.of(Event(Left("UZB", "org:cis"), when="2008"))
        assert said(alone.as_of("2009-01-01"), EN, None).endswith(
            "known: one membership."
        )

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_what_takes_the_place_of_another_is_no_second_one(
        self, language: str
    ) -> None:
        """Projects, as a relationship counts them; each is over with all its claims."""
        words = strings(language)
        statuses = (("A", "2001/2002"), ("A", "2002-05/.."), ("B", "2001/2002"))
        log = EventLog.of(
            *(
                Event(ProjectStatusChanged(("AZE", "CHN"), name, when), when=when)
                for name, when in (*statuses, ("B", "2002/2003"), ("C", "2003"))
            )
        )
        three, over = words.count("projects", 3), words.count("over", 1)
        told = words("sources.dated", title=three, date=over)

        assert told in said(log.as_of("2005-01-01"), words, None)

    def test_a_plan_and_its_changes_are_one_plan(self) -> None:
        """A summit that was moved and held is one; of another only the end is known."""
        log = EventLog.of(*SUMMITS)
        assert said(log.as_of("2016-01-01"), EN, None).endswith("known: two plans.")

    def test_an_empty_text_is_not_told(self) -> None:
        """A value without text has no place among the others."""
        view = EventLog.of(Event(Ruled(1), when="2015")).as_of("2016-01-01")
        values = {"Seen": "", "Of": 3}
        sentence = summary(view, low, lambda _: values, EN)

        assert plain_text(sentence).endswith("known: Of 3.")

    def test_disputes_are_those_of_what_changed_the_state(self) -> None:
        """Of a claim that the projection passes over nothing is said."""
        log = EventLog.of(
            *(Event(Ruled(n), when="2015", id=f"{n}") for n in (1, 2)),
            *(Event(Ruled(n), when="2014", id=f"{n}") for n in (1, 2)),
            Event(Ruled(0), when="[2015..2030]"),
            Event(Ruled(3), when="[2015..2030]"),
        )
        view = log.as_of("2016-01-01")

        assert 2 == len(view.disputes) == len(view.undecided)
        assert said(view, EN, low).endswith(
            "1; sources differ about one of them; one more may have happened."
        )
        assert said(log.as_of("2013-01-01"), EN, low).endswith("nothing is reported.")


@pytest.mark.parametrize("language", LANGUAGES)
def test_pictures_have_one_sentence(language: str) -> None:
    """The picture, the terminal, the chronology and the chart say the same."""
    view, words = LOG.as_of("2018-07-09", known_by="2018-09-18"), strings(language)
    sentence = said(view_of(view, AZE_CHN), words)
    drawing = svg.render(view, projection=AZE_CHN, language=language)
    lines = text.render(view, projection=AZE_CHN, language=language, width=400)
    chronology = markdown.render(view, projection=AZE_CHN, language=language)

    assert f'<desc id="bri-desc">{sentence}<' in drawing
    assert lines.partition("\n")[0] == sentence
    assert f"\n{sentence}\n" in chronology
