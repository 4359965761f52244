"""What values show of themselves: a table in a notebook, and a `repr`."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Hashable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast

import pytest
from attacks import ATTACKS
from attacks import hostile_log as attacked
from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st
from pages_reader import hostile_log, read

import bri_timeline
from bri_timeline import (
    Answer,
    Citation,
    Edtf,
    Event,
    EventLog,
    Prefer,
    Source,
    dyads,
    projection,
    relations,
)
from bri_timeline._queries.values import change_words
from bri_timeline._text import table
from bri_timeline.chronicles import azerbaijan_china
from bri_timeline.folds import FrozenMap
from bri_timeline.measures import count
from bri_timeline.relations import (
    Held,
    Joined,
    Relationship,
    Visited,
    relationship,
)


LOG = azerbaijan_china()
AZE_CHN = relationship("AZE", "CHN")
STATE = LOG.as_of("2019-04-26").project(AZE_CHN)
HOSTILE_STATE = attacked().as_of("2019-05-01").project(AZE_CHN)


def len_of_visits(state: Relationship) -> int:
    """How many visits."""
    return len(state.visits)


YEARS = LOG.panel(
    count(Visited), by=dyads, every="year", start="2014-01-01", stop="2019-12-31"
)
CELLS = {"table", "caption", "thead", "tbody", "tr", "th", "td"}
FOLDS = {"details", "summary", "div"}
OWN = {"style": "text-align:start", "dir": "auto"}
ROWS, MOST_ROWS = 20, 100
EARLY = LOG.as_of("2019-04-24", known_by="2019-04-24")
LATE = LOG.as_of("2019-04-26")
# Each kind of answer, and some of what its table shows.
ANSWERS = {
    "explanation": (LATE.explain(AZE_CHN, of=lambda state: state), "visits 1 -&gt; 2"),
    "step": (LATE.explain(AZE_CHN, of=len_of_visits).steps[0], "0 -&gt; 1"),
    "difference": (EARLY.diff(LATE, AZE_CHN), "entry 20, known since 2019-04-25"),
    "change": (EARLY.diff(LATE, AZE_CHN).changes[0], "altered"),
    "history": (LOG.history(AZE_CHN), "before any event"),
    "period": (LOG.history(AZE_CHN)[-1], "2019-04-26"),
    "beliefs": (LOG.beliefs(AZE_CHN, on="2019-04-26"), "all along"),
    "belief": (LOG.beliefs(AZE_CHN, on="2019-04-26")[1], "2015-09-16"),
    "disputes": (LATE.disputes, "1 dispute"),
    "dispute": (LATE.disputes[0], ">taken<"),
    "set aside": (LATE.set_aside, "1 set aside"),
    "one set aside": (LATE.set_aside[0], ">disputed<"),
    "contradictions": (LOG.contradictions(), "1 contradiction"),
    "contradiction": (LOG.contradictions()[0], ">Turan"),
    "outcomes": (LATE.outcomes(AZE_CHN, of=len_of_visits), "certain"),
    "first": (LOG.first(AZE_CHN, holds=lambda s: len(s.visits) > 1), "it held"),
    "entry": (LOG[21], "known since"),
    "entries": (LOG[:3], "3 entries"),
    "events": (LATE.events, "24 events"),
    "undecided": (LOG.as_of("2015-06-30").undecided, "10 events"),
    "panel": (YEARS, "Panel of "),
    "row": (next(iter(YEARS)), "2014-12-31"),
}


@frozen
class Signed:
    """A payload that has words of its own."""

    title: str

    def __str__(self) -> str:
        return f"{self.title} is signed"


@projection(initial=tuple)
def tuple_of_hosts(state: tuple[str, ...], event: Event) -> tuple[str, ...]:
    """Who received visitors, in order."""
    return (*state, *event.parties - {"AZE"})


@frozen
class Flag:
    """A state with a part that is not shown."""

    name: str
    colours: tuple[str, ...] = ()
    prices: dict[str, int] | None = None
    _hidden: int = 0


@dataclass(frozen=True)
class Point:
    """A state of another kind of class."""

    x: float


class TestTable:
    """The table that a value shows."""

    @pytest.mark.parametrize(
        ("text", "words", "first", "last"),
        [
            ("2015", "some time in 2015", "2015-01-01", "2015-12-31"),
            ("2015/..", "since 2015", "2015-01-01", "open"),
            ("/2015", "until 2015, start unknown", "unknown", "2015-12-31"),
        ],
    )
    def test_a_date_shows_how_it_is_written_said_and_bounded(
        self, text: str, words: str, first: str, last: str
    ) -> None:
        """A date has four rows: its text, its words, and a day or what lacks one."""
        rows = [
            ("as written", text),
            ("in words", words),
            ("first day", first),
            ("last day", last),
        ]

        assert table("Date", rows, 4) == Edtf(text)._repr_html_()

    @pytest.mark.parametrize(
        ("value", "words"),
        [
            (Edtf("2015"), "some time in 2015"),
            (Edtf("[..2015-02-03]"), "open"),
            (Edtf("/2015"), "unknown"),
            (LOG[0].claim, "China launches"),
            (Event(Held("p"), when="2015"), "no source"),
            (Event(Signed("A treaty"), when="2015"), "A treaty is signed"),
            (LOG, "26 entries; the first 20 shown"),
            (EventLog(), "0 entries"),
            (LOG[:1] and EventLog.of(LOG[0].claim), "1 entry"),
            (LOG.among("AZE", "CHN").as_of("2019-04-25"), "certainsources differ"),
            (LOG.as_of("2015-06-30"), "On 30 June 2015: 1 certain, 10 perhaps"),
            (LOG.as_of("2015-06-30", 9), "as known by position 9: 1"),
            (STATE, "821 million USD"),
            (hostile_log(), "retracts entry 1"),
            (hostile_log().as_of("2016-01-01"), "withdrawn"),
            (attacked(), f"{len(attacked())} entries; the first 20 shown"),
            (attacked().as_of("2019-05-01"), "set aside; the first 20 shown"),
            (HOSTILE_STATE, "hacked=1"),
        ],
        ids=range(18),
    )
    def test_a_table_has_no_scripts_or_links(self, value: object, words: str) -> None:
        """It has few rows, only cells in them, and each cell no more than its side."""
        fragment = value._repr_html_()
        found = read(fragment)
        rows = [tag for tag, _ in found.tags].count("tr")

        assert words in "".join(map("".join, found.texts.values()))
        assert {tag for tag, _ in found.tags} <= CELLS | FOLDS
        assert all(a in ({}, OWN, {"dir": "auto"}) for _, a in found.tags)
        assert rows <= MOST_ROWS + 2

    @pytest.mark.parametrize("text", ATTACKS, ids=range(len(ATTACKS)))
    def test_hostile_text_is_text(self, text: str) -> None:
        """Text of a payload, a source or an id is shown as text, not as an element."""
        source = Source(text, author=text, container=text, url=text)
        event = Event(Joined("AZE", text), when="2015", cite=source.at(text), id=text)
        log = EventLog.of(event)
        views = event, log, log.as_of("2016-01-01"), log.retract(0, because=text)
        for value in (*views, log.as_of("2016-01-01").project(AZE_CHN)):
            found = read(value._repr_html_())

            assert {tag for tag, _ in found.tags} <= CELLS | FOLDS
            assert not set("\x00\x1b\ufffe\ud800") & set(value._repr_html_())

    def test_words_that_a_source_has_stand_beside_it(self) -> None:
        """A quote follows its citation."""
        cited = Citation(Source("Turan"), "p. 1", quote="they met")
        shown = Event(Held("p"), when="2015", cite=cited)._repr_html_()

        assert "Turan, p. 1: \u201cthey met\u201d" in shown

    def test_entries_table_describes_corrections(self) -> None:
        """A correction says which entry it corrects and why, and since when."""
        log = EventLog.of(Event(Held("p"), when="2015")).append(
            Event(Held("p"), when="2016"),
            supersedes=0,
            known="2020-01-01",
            because="misread",
        )
        shown = log._repr_html_()

        assert ">corrects entry 0<" in shown
        assert ">misread<" in shown
        assert "all along" in shown
        assert ">2020-01-01<" in shown

    @pytest.mark.parametrize("name", ANSWERS)
    def test_every_answer_shows_itself_as_a_table(self, name: str) -> None:
        """Whatever a question returns is a table in a notebook, also a list of them."""
        value, words = ANSWERS[name]
        shown = value._repr_html_()
        found = read(shown)

        assert words in shown
        assert {tag for tag, _ in found.tags} <= CELLS | FOLDS
        assert "Event(" not in shown

    def test_lists_of_answers_equal_tuples(self) -> None:
        """What a question returns as a list equals a tuple, and does not change."""
        for found in (LOG.history(AZE_CHN), LATE.disputes, LATE.events, LOG[:3]):
            assert (*found,) == found == found[:]
            assert type(found) is type(found[:1])
            assert found != [*found]
            with pytest.raises(AttributeError):
                cast("Any", found)._answers = ()
            assert hash((*found,)) == hash(found)
            assert repr((*found,)) == repr(found)
            assert found == pickle.loads(pickle.dumps(found))

    def test_lists_of_answers_print_a_line_each(self) -> None:
        """The text of a list has a line for each, and no more than two sources."""
        lines = str(LOG.history(AZE_CHN)).splitlines()

        assert "9 periods" == lines[0]
        assert 10 == len(lines)
        assert (
            "  before any event  Relationship: parties 2, agreement_count 0" == lines[1]
        )
        assert lines[5].endswith("; and 3 more")
        assert "0 without a target" == str(LATE.dangling)

    def test_what_lasts_and_what_waits_print_as_tables(self) -> None:
        """They are tuples of pairs and of proposals, and answers like all others."""
        joined = Event(Joined("AZE", "SCO"), when="2015/2017", cite=Source("A"))
        view = EventLog.of(joined).as_of("2017-06-01")
        line = "  maybe  from 2015 to 2017  Azerbaijan joins SCO  A"
        assert f"1 active\n{line}" == str(view.active())
        assert ((joined, Answer.MAYBE),) == view.active()
        log = EventLog().propose(joined, by="a model")
        line = "  0  open  a model      member: Azerbaijan (AZE); body: SCO"
        line += "  from 2015 to 2017  Azerbaijan joins SCO  A"
        assert f"1 proposal\n{line}" == str(log.proposals) == str(log.all_proposals())
        for found, head in ((view.active(), "answer"), (log.proposals, "in full")):
            assert f">{head}<" in found._repr_html_()

    def test_a_panel_prints_its_first_rows(self) -> None:
        """Fifty of them, and none of a stream, which is read once."""
        lines = str(YEARS).splitlines()
        assert repr(YEARS) == lines[0]
        assert len(YEARS) > 50 == len(lines) - 2
        assert lines[1].split()[-1].isdecimal()
        assert "  ..." == lines[-1]
        asked = [(("AZE", "CHN"), "2019-04-26")] * 50
        panel = LOG.panel(count(Visited), by=dyads, at=asked)
        assert 51 == len(str(panel).splitlines())
        stream = LOG.panel(count(Visited), by=dyads, at=iter(asked))
        assert repr(stream) == str(stream)

    def test_undecided_ends_and_references_are_told(self) -> None:
        """An explanation shows ends, and what refers to nothing."""
        log = EventLog.of(
            Event(Joined("AZE", "SCO"), when="2015/2017"),
            Event(Held("no-such-plan"), when="2016-01-01"),
        )
        view = log.as_of("2017-06-01")
        told = view.explain(AZE_CHN, of=lambda state: len(state.memberships))
        lost = view.dangling

        assert ">its end<" in told._repr_html_()
        assert (
            "refers to &#x27;no-such-plan&#x27;, and nothing has this id"
            in told._repr_html_()
        )
        assert "1 without a target" in lost._repr_html_()
        assert ">no-such-plan<" in lost[0]._repr_html_()

    def test_what_is_not_complete_says_so(self) -> None:
        """Outcomes that were not all tried, or have bounds, and a first day unknown."""
        many = EventLog.of(
            *(Event(Visited("AZE", f"org:{n}"), when="2015") for n in range(9))
        )
        view = many.as_of("2015-06-01")
        few = view.outcomes(tuple_of_hosts, limit=2)
        bounds = view.outcomes(count())

        assert "there may be others" in few._repr_html_()
        assert ">from</th><td" in bounds._repr_html_()
        assert "no day is known" in EventLog().first(count(), holds=bool)._repr_html_()

    def test_equal_states_need_no_change_in_a_caption(self) -> None:
        """Two views with one state have a caption of the number of changes only."""
        assert "><caption" in LATE.diff(LATE, AZE_CHN)._repr_html_().replace("\n", "")
        assert ">0 changes<" in LATE.diff(LATE, AZE_CHN)._repr_html_()
        assert "0 changes" == str(LATE.diff(LATE, AZE_CHN))

    def test_long_text_is_folded_with_its_count(self) -> None:
        """A long text is folded after 400 letters; of megabytes, 10,000 are kept."""
        shown = Event(Joined("AZE", "x" * 5_000), when="2015")._repr_html_()
        huge = Event(Joined("AZE", "x" * 50_000), when="2015")._repr_html_()

        assert "x\u2026<details><summary>4,617 more characters</summary>x" in shown
        assert "x\u2026</details>" in huge
        assert len(huge) < 11_000

    @pytest.mark.parametrize("length", [399, 450, 9_990])
    def test_hostile_text_is_text_where_it_is_folded(self, length: int) -> None:
        """A long text that ends in an attack is text before and after its fold."""
        for text in ATTACKS:
            log = EventLog.of(Event(Joined("AZE", "x" * length + text), when="2015"))
            shown = log.as_of("2016-01-01")._repr_html_()

            assert {tag for tag, _ in read(shown).tags} <= CELLS | FOLDS

    def test_each_cell_has_a_direction_of_its_own(self) -> None:
        """Cells are aligned and directed by their own first letter."""
        found = read(LATE.disputes._repr_html_())

        assert {"td", "th"} <= {tag for tag, a in found.tags if a == OWN}
        assert [OWN] * 10 == [a for tag, a in found.tags if tag in ("td", "th")][5:15]

    def test_many_rows_are_folded_with_their_count(self) -> None:
        """After twenty rows the next eighty are folded, and all are counted."""
        events = [Event(Visited("AZE", "CHN"), when=f"{1800 + n}") for n in range(130)]
        some, all_ = (EventLog.of(*events[:n])._repr_html_() for n in (30, 130))

        assert "30 entries; the first 20 shown" in some
        assert "<summary>10 more</summary><table><thead><tr>" in some
        assert "<summary>110 more, of which 80 here</summary>" in all_
        assert MOST_ROWS + 2 == all_.count("<tr>")

    def test_each_text_has_its_own_direction(self) -> None:
        """Texts of both directions in one cell stand on lines of their own."""
        arabic = Source("\u0635\u062d\u064a\u0641\u0629", published="2019")
        event = Event(Joined("AZE", "SCO"), when="2019", cite=[arabic, Source("Turan")])

        assert (
            '<div dir="auto">\u0635\u062d\u064a\u0641\u0629 (2019)</div>'
            '<div dir="auto">Turan</div>'
        ) in event._repr_html_()

    def test_claims_table_is_sorted_by_date(self) -> None:
        """Of many claims the first by date are shown, and all are counted."""
        visits = [Event(Visited("AZE", "CHN"), when=f"{2000 + n}") for n in range(30)]
        loose = Event(Visited("CHN", "AZE"), when="[1990..2040]")
        log = EventLog.of(loose, *reversed(visits))
        shown = log.as_of("2029-07-01")._repr_html_()

        assert "29 certain, 2 perhaps; the first 20 shown" in shown
        assert shown.index("between 1990 and 2040") < shown.index("some time in 2000")
        assert "some time in 2018</td>" in shown.partition("<details>")[0]
        assert "some time in 2019</td>" in shown.partition("<details>")[2]

    def test_import_loads_neither_pages_nor_relations(self) -> None:
        """Tables in notebooks need neither, so `import bri_timeline` stays small."""
        program = "import bri_timeline, sys; print(*sys.modules)"
        loaded = subprocess.run(
            [sys.executable, "-c", program], check=True, capture_output=True, text=True
        ).stdout.split()

        modules = ("pages", "relations")
        assert not {f"bri_timeline.{name}" for name in modules} & set(loaded)


A, B = "a" * 100, "b" * 100
CLAIMS = (
    "China launches the Belt and Road Initiative, formerly One Belt, One Road"
    " -> Overseas loans for infrastructure since 2013: about 90 billion USD (f..."
)
LONG = tuple(f"{letter * 50}" for letter in "abcd")


class TestChangeWords:
    """A change of a value in one line."""

    @pytest.mark.parametrize(
        ("before", "after", "words"),
        [
            (1, 2, "1 -> 2"),
            (None, "a", "None -> 'a'"),
            ({"a": 1}, {"a": 1, "b": 2}, "{'a': 1} -> {'a': 1, 'b': 2}"),
            (Point(1), Point(2.5), "x 1 -> 2.5"),
            (Flag("a"), Flag("b", ("red",)), "name 'a' -> 'b', colours 0 -> 1"),
            (Flag("a", ("red",)), Flag("a", ("blue",)), "colours 1 of 1 replaced"),
            (Flag("a"), Flag("a", hidden=1), "changed in a part that is not shown"),
            (
                Flag("a", prices={"x": 1}),
                Flag("a", prices={"y": 2}),
                "prices x 1 -> none; y none -> 2",
            ),
            (
                Flag("a", prices=dict.fromkeys("abcd", 1)),
                Flag("a", prices=dict.fromkeys("abcd", 2)),
                "prices 4 of 4 replaced",
            ),
            (
                Flag("a", prices=dict.fromkeys("abcd", 1)),
                Flag("a", prices=dict.fromkeys("aefg", 1)),
                "prices 3 of 4 replaced",
            ),
            (
                Flag("a", prices={"x": (1,)}),
                Flag("a", prices={"y": (1,)}),
                "prices 1 of 1 replaced",
            ),
            (LONG[:1], LONG[:2], f"1 -> 2: + '{'b' * 50}'"),
            (LONG[:3], (), f"3 -> 0: - '{'a' * 50}'; - '{'b' * 50}'; and 1 more"),
            (LONG[:2], LONG[1::-1], "2 -> 2: in another order"),
            ([[A]], [[B]], f"1 -> 1: ['{'a' * 67}... -> ['{'b' * 67}..."),
            ({"a": A}, {"a": A, "c": B}, f"c none -> '{'b' * 68}..."),
            ({(1, frozenset("ba")): A}, {}, f"1, a and b '{'a' * 68}... -> none"),
            (A + "1", A + "2", f"...{'a' * 24}1' -> ...{'a' * 24}2'"),
            (float("nan"), float("nan"), "nan -> another that reads the same"),
            (LOG[0].claim, LOG[1].claim, CLAIMS),
            (int, str, "<class 'int'> -> <class 'str'>"),
        ],
        ids=range(21),
    )
    def test_a_change_names_what_changed(
        self, before: object, after: object, words: str
    ) -> None:
        """Parts by name, items by themselves, texts around their difference."""
        assert words == change_words(before, after)

    @given(st.data())
    def test_the_two_sides_never_read_the_same(self, data: st.DataObject) -> None:
        """Of texts that differ, wherever they do, both sides of the arrow differ."""
        shared = data.draw(st.sampled_from(["", "a", "ab"])) * data.draw(
            st.sampled_from([0, 1, 35, 36, 40, 200])
        )
        tails = st.text("ab", max_size=90)
        before, after = (shared + data.draw(tails) for _ in range(2))
        old, _, new = change_words(before, after).partition(" -> ")

        assert before == after or old != new
        assert max(len(old), len(new)) <= 72 or before == after

    @given(st.lists(st.integers(0, 3) | st.text("ab"), max_size=4, unique=True))
    def test_a_change_of_items_counts_them(self, items: list[Hashable]) -> None:
        """Of a part that is a collection the numbers are told."""
        before, after = Flag("a"), Flag("a", tuple(map(str, items)))

        assert not items or f"colours 0 -> {len(items)}" == change_words(before, after)

    def test_a_long_collection_is_told_by_its_items(self) -> None:
        """An explanation begins with the items of a long value, and how many."""
        told = LATE.explain(AZE_CHN, of=lambda state: state.visits)

        assert str(told).startswith("2: Ilham Aliyev of Azerbaijan visits China offic")
        assert " and 1 more\n" in str(told)


class TestRepr:
    """The plain `repr`."""

    @pytest.mark.parametrize(
        "value",
        [Edtf("2015~"), LOG[0], LOG[0].claim, STATE],
        ids=["date", "entry", "event", "state"],
    )
    def test_it_evaluates_to_what_it_shows(self, value: object) -> None:
        """What is shown of a value can be pasted, and gives an equal one."""
        names = {
            **vars(bri_timeline),
            **vars(relations),
            "Decimal": Decimal,
            "FrozenMap": FrozenMap,
        }

        assert value == eval(repr(value), names)

    def test_a_log_is_told_in_a_line(self) -> None:
        """However many entries it has: nobody wants megabytes at a prompt."""
        assert "<log of 26 entries>" == repr(LOG) == str(LOG)
        part = LOG.among("AZE", "CHN").reading(prefer=Prefer.MOST_CITED)
        said = ".among('AZE', 'CHN').reading(prefer=Prefer.MOST_CITED)"
        assert f"<log of 26 entries>{said}" == repr(part)
        few = EventLog.partial(LOG[3:5], len(LOG))
        assert "<log of 2 entries of 26>" == repr(few)
        assert "<log of 1 entry>" == repr(EventLog(LOG[:1]))

    def test_a_view_says_what_it_shows(self) -> None:
        """A view, which only a log can make, is told in a line."""
        assert (
            "<view as of 2019-04-25, known by everything: 21 certain, 3 undecided>"
            == repr(LOG.as_of("2019-04-25"))
        )
