"""The pictures for the terminal and for papers, the comparison and the network."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from effort import at_most
from hypothesis import given
from hypothesis import strategies as st
from log_strategies import logs, view_days
from pages_model import relation_logs
from pages_reader import HOSTILE, hostile_log, read

from bri_timeline import Event, EventLog, Source
from bri_timeline.chronicles import azerbaijan_china
from bri_timeline.pages import comparison, network, svg, text
from bri_timeline.relations import Held, Met, Planned, Visited, relationship


LOG = azerbaijan_china()
AZE_CHN = relationship("AZE", "CHN")
SVG = "{http://www.w3.org/2000/svg}"
FEW = at_most(25)


class TestText:
    """The picture for the terminal."""

    def test_text_shows_signs_places_words_and_sources(self) -> None:
        """Each claim has its signs, its place, its words and its sources."""
        view = LOG.among("AZE", "CHN").as_of("2019-04-25", known_by="2019-04-25")
        lines = text.render(view, projection=AZE_CHN, width=100).splitlines()
        meetings = lines[lines.index("Meetings") + 1 :]

        assert lines[0].startswith("On 25 April 2019, as known by 25 April 2019: ")
        assert lines[0].endswith(" perhaps, 1 dispute")
        assert lines[-1] == "certain: it had happened, if those who say so are right"
        assert "Visits" in lines
        assert meetings[0].startswith("\u2715\u2691 ")
        assert any(line.startswith(" \u2691 ") for line in meetings)
        assert any("\u2500\u25b6" in line for line in lines)
        assert any("[Turan (2019-04-24); " in line for line in lines)

    def test_text_with_ascii_only_is_ascii(self) -> None:
        """With ASCII only, a log of ASCII gives a picture of ASCII."""
        log = EventLog.of(
            Event(Visited("AZE", "CHN"), when="2015", cite=Source("A")),
            Event(Visited("AZE", "CHN"), when="[..2016-01-01]"),
            Event(Visited("AZE", "CHN"), when="[2016-01-01..]"),
        ).retract(0, because="no")

        drawn = text.render(log, ascii_only=True)

        assert drawn.isascii()
        assert "x " in drawn
        assert "<..." in drawn
        assert "no source" in drawn

    @FEW
    @given(logs(), view_days(), st.integers(60, 140), st.booleans())
    def test_text_lines_fit_the_width(
        self, log: EventLog, day: object, width: int, ascii_: bool
    ) -> None:
        """No line is longer than the terminal is wide, or ends with a space."""
        view = log.as_of(str(day))
        lines = text.render(view, width=width, ascii_only=ascii_).splitlines()

        assert all(len(line) <= max(width, 64) for line in lines)
        assert all(line == line.rstrip() for line in lines)

    def test_text_breaks_wide_letters_and_long_words(self) -> None:
        """Letters of two columns count as two; a long word is broken, a lane cut."""
        wide = Event(Planned(("AZE",), "\u4e2d\u56fd" * 40), when="2015")
        long = Event(Visited("AZE", "CHN", occasion="x" * 200), when="2015")
        many = Event(Met([f"org:a-very-long-name-{n}" for n in range(9)]), when="2015")
        lines = text.render(EventLog.of(wide, long, many), by="party", width=64)

        assert all(_columns(line) <= 66 for line in lines.splitlines())
        assert "\u2026" in lines

    def test_text_replaces_control_characters(self) -> None:
        """Control characters and overrides of direction are shown as unknown ones."""
        drawn = text.render(hostile_log())

        assert not set("\x00\x1b\u2028\u202e") & set(drawn)


def _columns(line: str) -> int:
    return sum(2 if letter >= "\u2e80" else 1 for letter in line)


class TestSvg:
    """The picture for papers."""

    def test_svg_has_titles_and_a_description(self) -> None:
        """It has a title, a description, a mark with a title for each claim."""
        root = ET.fromstring(svg.render(LOG, projection=AZE_CHN, title="A & B"))
        titles = [node.text or "" for node in root.iter(f"{SVG}title")]
        texts = [node.text or "" for node in root.iter(f"{SVG}text")]

        assert "A & B" == titles[0]
        assert 1 + len(LOG) == len(titles)
        assert "img" == root.get("role")
        assert "bri-title bri-desc" == root.get("aria-labelledby")
        assert any(line.startswith("[16] ") for line in texts)
        assert any("\u201cAzVision\u201d" in line for line in texts)

    def test_svg_leaves_out_sources(self) -> None:
        """Without sources claims have no numbers."""
        drawn = svg.render(LOG, sources=False)

        assert "[1" not in re.sub("<title>.*?</title>", "", drawn)

    @FEW
    @given(logs() | relation_logs(), view_days(), st.sampled_from(["kind", "party"]))
    def test_svg_of_any_view_is_well_formed(
        self, log: EventLog, day: object, by: str
    ) -> None:
        """Any view gives well-formed SVG with a mark for each claim that it shows."""
        view = log.as_of(str(day))
        root = ET.fromstring(svg.render(view, projection=AZE_CHN, by=by))
        titles = list(root.iter(f"{SVG}title"))
        shown = len(view.events) + len(view.undecided)

        assert len(titles) > shown

    def test_svg_draws_extents_as_bars(self) -> None:
        """An extent is a bar, dashed where its ends are not known to the day."""
        log = EventLog.of(
            Event(Held("a"), when="2015/2017"),
            Event(Held("b"), when="2015-01-01/2017-01-01"),
            Event(Held("c"), when="2016/.."),
        )
        drawn = svg.render(log.as_of("2016-06-01"))

        assert drawn.count("stroke-dasharray") > 3
        assert "Held" not in drawn

    def test_svg_escapes_hostile_text(self) -> None:
        """Hostile text is in the picture as text, and as nothing else."""
        root = ET.fromstring(svg.render(hostile_log(), title=HOSTILE))
        tags = {node.tag.removeprefix(SVG) for node in root.iter()}

        assert tags <= {
            *("svg", "title", "desc", "g", "rect", "text", "path", "line", "circle")
        }
        assert not any(
            name.startswith("on") for node in root.iter() for name in node.attrib
        )


class TestComparison:
    """The comparison of two views."""

    def test_comparison_shows_values_and_changes(self) -> None:
        """Values are side by side, and each change has its entries and sources."""
        early = LOG.as_of("2019-04-24", known_by="2019-04-24")
        page = comparison.render(early, LOG.as_of("2019-04-26"), projection=AZE_CHN)
        found = read(page)

        lead = found.texts["p"][0]
        heads = found.texts["th"]

        assert lead.startswith("Azerbaijan and China: 4 changes. A value counts what")
        assert "On 24 April 2019, as known by 24 April 2019" in heads
        assert "On 26 April 2019, with all that is known" in heads
        assert ["altered", "added", "added", "added"] == [
            a["class"] for tag, a in found.tags
            if tag == "tr" and a.get("class") not in (None, "changed")
        ]  # fmt: skip
        assert not any(tag == "script" for tag, _ in found.tags)
        assert "script-src 'none'" in page

    def test_comparison_names_corrections_and_retractions(self) -> None:
        """A correction and a retraction are named with their targets and reasons."""
        log = EventLog.of(
            Event(Visited("AZE", "CHN"), when="2015"),
            Event(Visited("CHN", "AZE"), when="2015"),
        )
        later = log.append(
            Event(Visited("AZE", "CHN"), when="2016"), supersedes=0, because="misread"
        ).retract(1, because="it was none", known="2020-01-01")
        page = comparison.render(
            log.as_of("2017-01-01"), later.as_of("2017-01-01"), projection=AZE_CHN
        )

        assert "Entry 2, correction of entry 0: misread, known all along" in page
        assert "retraction of entry 1: it was none, known since 1 January 2020" in page
        assert "<del>" in page
        assert '<tr class="gone">' in page

    def test_comparison_of_equal_views_states_that_nothing_changed(self) -> None:
        """The comparison of a view with itself states that nothing changed."""
        view = LOG.as_of("2019-04-26")

        assert "<p>Nothing.</p>" in comparison.render(view, view, projection=AZE_CHN)

    def test_comparison_escapes_hostile_text(self) -> None:
        """Hostile text adds no element."""
        log = EventLog.of(
            Event(
                Visited("AZE", "CHN", occasion=HOSTILE),
                when="2015",
                cite=Source(HOSTILE),
            )
        )
        page = comparison.render(
            EventLog().as_of("2016-01-01"),
            log.as_of("2016-01-01"),
            projection=AZE_CHN,
            title=HOSTILE,
        )

        assert not {"img", "script"} & {tag for tag, _ in read(page).tags}


class TestNetwork:
    """Who was related to whom."""

    def test_network_draws_a_tie_for_each_pair(self) -> None:
        """Each pair of actors of an event is tied, dashed where all is undecided."""
        log = EventLog.of(
            *(
                Event(Visited("AZE", "CHN", occasion=f"{n}"), when="2015")
                for n in range(14)
            ),
            Event(Met(("AZE", "CHN", "RUS")), when="2016"),
        )
        root = ET.fromstring(network.render(log.as_of("2016-06-01")))
        lines = list(root.iter(f"{SVG}line"))
        told = ["".join(line.itertext()) for line in lines]

        assert ["Azerbaijan and China: 15", "Azerbaijan and Russia: 1"] == [
            text.partition("\n")[0] for text in told[:2]
        ]
        assert "and 3 more" in told[0]
        assert [None, "5 4", "5 4"] == [line.get("stroke-dasharray") for line in lines]

    def test_network_leaves_out_the_least_tied_actors(self) -> None:
        """With too many actors those with least to do are left out, and that said."""
        log = EventLog.of(
            Event(Met(("AZE", "CHN")), when="2015"),
            Event(Met(("AZE", "CHN", "org:x", "org:y")), when="2016-01-01"),
        )
        drawn = network.render(log, most=3)

        assert "3 actors, 3 pairs; 1 actor left out" in drawn
        assert ">Y<" not in drawn

    def test_network_of_an_empty_log_has_no_actor(self) -> None:
        """An empty log has no actor; a claim about one has no tie."""
        assert "0 actors, 0 pairs" in network.render(EventLog())
        alone = EventLog.of(Event(Held("p", ("AZE",)), when="2015"))

        assert "0 actors" in network.render(alone)

    def test_network_escapes_hostile_text(self) -> None:
        """Hostile text is in the picture as text, and as nothing else."""
        root = ET.fromstring(network.render(hostile_log(), title=HOSTILE))
        tags = {node.tag.removeprefix(SVG) for node in root.iter()}

        assert tags <= {"svg", "title", "desc", "g", "rect", "text", "line", "circle"}
