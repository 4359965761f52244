"""What values show of themselves: a table in a notebook, and a `repr` to paste."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal

import pytest
from attacks import ATTACKS
from attacks import hostile_log as attacked
from attrs import frozen
from pages_reader import hostile_log, read

import bri_timeline
from bri_timeline import Edtf, Event, EventLog, Source, relations
from bri_timeline._text import table
from bri_timeline.chronicles import azerbaijan_china
from bri_timeline.relations import Held, Joined, Visited, relationship


LOG = azerbaijan_china()
AZE_CHN = relationship("AZE", "CHN")
STATE = LOG.as_of("2019-04-26").project(AZE_CHN)
HOSTILE_STATE = attacked().as_of("2019-05-01").project(AZE_CHN)
CELLS = {"table", "caption", "thead", "tbody", "tr", "th", "td"}
ROWS = 20


@frozen
class Signed:
    """A payload that has words of its own."""

    title: str

    def __str__(self) -> str:
        return f"{self.title} is signed"


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
            (LOG.among("AZE", "CHN").as_of("2019-04-25"), "certain; sources differ"),
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
        assert {tag for tag, _ in found.tags} <= CELLS
        assert all(
            attributes in ({}, {"style": "text-align:left"})
            for _, attributes in found.tags
        )
        assert rows <= ROWS + 1

    @pytest.mark.parametrize("text", ATTACKS, ids=range(len(ATTACKS)))
    def test_hostile_text_is_text(self, text: str) -> None:
        """Text of a payload, a source or an id is shown as text, not as an element."""
        source = Source(text, author=text, container=text, url=text)
        event = Event(Joined("AZE", text), when="2015", cite=source.at(text), id=text)
        log = EventLog.of(event)
        views = event, log, log.as_of("2016-01-01"), log.retract(0, because=text)
        for value in (*views, log.as_of("2016-01-01").project(AZE_CHN)):
            found = read(value._repr_html_())

            assert {tag for tag, _ in found.tags} <= CELLS
            assert not set("\x00\x1b\ufffe\ud800") & set(value._repr_html_())

    def test_entries_table_describes_corrections(self) -> None:
        """A correction says which entry it corrects and why, and since when."""
        log = EventLog.of(Event(Held("p"), when="2015")).append(
            Event(Held("p"), when="2016"),
            supersedes=0,
            known="2020-01-01",
            because="misread",
        )
        shown = log._repr_html_()

        assert "(corrects entry 0: misread)" in shown
        assert "all along" in shown
        assert ">2020-01-01<" in shown

    def test_long_text_is_cut(self) -> None:
        """A cell holds at most some hundred letters, so that a table stays one."""
        shown = Event(Joined("AZE", "x" * 10_000), when="2015")._repr_html_()

        assert len(shown) < 2_000
        assert "\u2026" in shown

    def test_claims_table_is_sorted_by_date(self) -> None:
        """Of many claims the first by date are shown, and all are counted."""
        visits = [Event(Visited("AZE", "CHN"), when=f"{2000 + n}") for n in range(30)]
        loose = Event(Visited("CHN", "AZE"), when="[1990..2040]")
        log = EventLog.of(loose, *reversed(visits))
        shown = log.as_of("2029-07-01")._repr_html_()

        assert "29 certain, 2 perhaps; the first 20 shown" in shown
        assert shown.index("between 1990 and 2040") < shown.index("some time in 2000")
        assert "some time in 2018" in shown
        assert "some time in 2019" not in shown

    def test_import_loads_neither_pages_nor_relations(self) -> None:
        """Tables in notebooks need neither, so `import bri_timeline` stays small."""
        program = "import bri_timeline, sys; print(*sys.modules)"
        loaded = subprocess.run(
            [sys.executable, "-c", program], check=True, capture_output=True, text=True
        ).stdout.split()

        modules = ("pages", "relations")
        assert not {f"bri_timeline.{name}" for name in modules} & set(loaded)


class TestRepr:
    """The plain `repr`."""

    @pytest.mark.parametrize(
        "value",
        [Edtf("2015~"), LOG[0], LOG[0].claim, LOG, LOG.among("AZE", "CHN"), STATE],
        ids=["date", "entry", "event", "log", "part", "state"],
    )
    def test_it_evaluates_to_what_it_shows(self, value: object) -> None:
        """What is shown of a value can be pasted, and gives an equal one."""
        names = {**vars(bri_timeline), **vars(relations), "Decimal": Decimal}

        assert value == eval(repr(value), names)

    def test_a_view_says_what_it_shows(self) -> None:
        """A view, which only a log can make, is told in a line."""
        assert (
            "<view as of 2019-04-25, known by everything: 21 certain, 3 undecided>"
            == repr(LOG.as_of("2019-04-25"))
        )
