"""The pictures for the terminal and for papers, the comparison and the network."""

from __future__ import annotations

import math
from itertools import combinations
from xml.etree import ElementTree as ET

import pytest
from attrs import frozen
from drawings import groups, texts_of
from effort import at_most
from hypothesis import given
from hypothesis import strategies as st
from log_strategies import logs, view_days
from pages_model import relation_logs
from pages_reader import HOSTILE, hostile_log

from bri_timeline import Event, EventLog, Source
from bri_timeline.chronicles import azerbaijan_china
from bri_timeline.measures import count
from bri_timeline.pages import describe_event, network, svg, text
from bri_timeline.pages._drawing import axis
from bri_timeline.pages._marks import scale_of
from bri_timeline.pages._markup import text_width
from bri_timeline.pages._wording import LANGUAGES, strings
from bri_timeline.relations import (
    Held,
    Joined,
    Met,
    Planned,
    PositionDeclared,
    ProjectStatusChanged,
    Visited,
    relationship,
)


LOG = azerbaijan_china()
AZE_CHN = relationship("AZE", "CHN")
SVG = "{http://www.w3.org/2000/svg}"
FEW = at_most(25)


@frozen
class Among:
    """A payload of somebody's own, with parties of any name."""

    parties: frozenset[str]

    def __str__(self) -> str:
        return "A meeting"


def among(*parties: str) -> Among:
    """Return the payload of some parties."""
    return Among(frozenset(parties))


class TestText:
    """The picture for the terminal."""

    def test_text_shows_signs_places_words_and_sources(self) -> None:
        """Each claim has its signs, its place, its words and its sources."""
        view = LOG.among("AZE", "CHN").as_of("2019-04-25", known_by="2019-04-25")
        lines = text.render(view, projection=AZE_CHN, width=100).splitlines()
        meetings = lines[lines.index("Meetings") + 1 :]

        assert lines[0].startswith("By 25 April 2019, as reported by 25 April 2019: ")
        assert "sources differ about one of them" in " ".join(lines[:3])
        assert lines[-2].startswith(
            "\u25cf reported for that day   \u2504\u2504\u2504 some"
        )
        assert lines[-1].endswith("\u2715 does not count   \u2691 sources differ")
        assert "Visits" in lines
        assert meetings[0].startswith("\u2715\u2691 ")
        assert any(line.startswith(" \u2691 ") for line in meetings)
        assert any("\u2500\u25b6" in line for line in lines)
        assert any("[Turan (2019-04-24)]" in line for line in lines)

    @pytest.mark.parametrize(
        ("when", "bar"),
        [
            ("1992-05-15/1999-04-30", "\u25cf" + "\u2500" * 22),
            ("1992-05-15/1999", "\u25cf" + "\u2500" * 21 + "\u2504" * 3),
            ("1992/1999-04-30", "\u2504" * 4 + "\u2500" * 20),
            ("1992/1999", "\u2504" * 4 + "\u2500" * 19 + "\u2504" * 3),
            ("1992-05-15/", "\u25cf"),
        ],
    )
    def test_text_draws_what_is_over_as_a_bar(self, when: str, bar: str) -> None:
        """A time that is over is a bar: solid for certain, dotted where it may end."""
        log = EventLog.of(Event(Held("a"), when=when), Event(Held("b"), when="1990"))
        over = log.retract(0, because="no")
        drawn = text.render(over.as_of("2000-01-01"))
        (line,) = (line for line in drawn.splitlines() if "\u201ca\u201d" in line)

        assert bar == line[3:36].strip()

    @pytest.mark.parametrize("language", ["de", "ru", "zh"])
    def test_text_speaks_other_languages(self, language: str) -> None:
        """The heading, kinds, dates and legend are those of the language."""
        words, view = strings(language), LOG.as_of("2019-04-25")
        lines = text.render(view, language=language, width=80).splitlines()

        assert words("kinds.Visits") in lines
        assert words.day(view.day_number) in lines[0]
        assert any(words("page.legend_maybe") in line for line in lines[-3:])
        assert all(_columns(line) <= 80 for line in lines)

    def test_text_takes_any_projection(self) -> None:
        """The heading tells the values of any state."""
        seen = text.render(LOG, projection=count(), tell=lambda n: {"Seen": n})

        assert "Seen 25; sources differ" in " ".join(seen.splitlines()[:2])

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
        """It has a title, a description, and a row with a title for each happening."""
        pair = LOG.concerning("AZE", "CHN")
        root = ET.fromstring(svg.render(LOG, projection=AZE_CHN, title="A & B"))
        titles = [node.text or "" for node in root.iter(f"{SVG}title")]
        texts = [node.text or "" for node in root.iter(f"{SVG}text")]

        assert "A & B" == titles[0]
        assert 1 + len(pair) - 1 == len(titles) < len(LOG)
        assert "img" == root.get("role")
        assert "bri-title bri-desc" == root.get("aria-labelledby")
        cited = {c.source for entry in pair for c in entry.claim.cite}
        assert str(len(cited)) in texts
        assert any("\u201cAzVision\u201d" in line for line in texts)

    def test_svg_leaves_out_sources(self) -> None:
        """Without sources claims have no numbers."""
        with_sources, without = (svg.render(LOG, sources=s) for s in (True, False))

        assert ">6, 7, 8, 9,<" in with_sources
        assert ">6, 7, 8, 9,<" not in without
        assert ">Sources<" not in without

    @pytest.mark.parametrize("width", [480, 720, 960])
    def test_svg_cuts_no_text(self, width: int) -> None:
        """At each width all text of the log and of the legend is there."""
        view = LOG.as_of("2019-04-25").concerning("AZE", "CHN")
        drawn = svg.render(view, projection=AZE_CHN, width=width)
        root = ET.fromstring(drawn)
        texts = "".join(node.text or "" for node in root.iter(f"{SVG}text"))
        whole = "".join(texts.split())

        assert "\u2026" not in texts
        for event in view.events:
            assert "".join(describe_event(event).split()) in whole
        for words in ("mayhavehappened", "stillinforce", "someday within"):
            assert words.replace(" ", "") in whole

    def test_svg_counts_what_is_too_much_to_list(self) -> None:
        """Beyond 160 happenings each lane is a histogram of what is and may be."""
        log = EventLog.of(
            *(
                Event(Visited("AZE", "CHN"), when=f"{1900 + n}-01-01")
                for n in range(99)
            ),
            *(Event(Joined("AZE", str(n)), when=f"{1900 + n}") for n in range(99)),
            *(Event(Met(("AZE", "CHN")), when=f"[..{1900 + n}]") for n in range(9)),
        ).retract(0, because="no")
        drawn = svg.render(log.as_of("1990-06-01"), title="\u0639", width=480)

        assert ">90 claims<" in drawn
        assert ">91 claims<" in drawn
        assert ">nine claims<" in drawn
        assert ">no sources<" in drawn
        # What is open has no day in which it must lie; a year is never cut.
        assert "<title>1900-01-01 \u2013 1904-12-31: 0 certainly, up to 9<" in drawn
        assert "<title>1985-01-01 \u2013 1989-12-31: 5<" in drawn
        assert 'fill-opacity="0.35"' in drawn
        # Each lane has a scale of its own, with its maximum.
        assert (1, 2) == (drawn.count(">9</text>"), drawn.count(">5</text>"))
        assert len(drawn) < 60_000

    def test_svg_of_many_events_costs_no_more_than_they_are(self) -> None:
        """The picture of four times as many events has at most as many elements."""
        sizes = []
        for number in (400, 1600):
            log = EventLog.of(
                *(
                    Event(Joined("AZE", str(n)), when=f"{1900 + n % 100}")
                    for n in range(number)
                )
            )
            sizes.append(svg.render(log).count("<"))

        assert sizes[1] <= sizes[0]

    @pytest.mark.parametrize("language", ["de", "ru", "zh"])
    def test_svg_speaks_other_languages(self, language: str) -> None:
        """The sentence, kinds, dates and legend are those of the language."""
        words = strings(language)
        drawn = svg.render(
            LOG.as_of("2019-04-25"), projection=AZE_CHN, language=language
        )

        assert f">{words('kinds.Visits')}<" in drawn
        assert f">{words('page.legend_maybe')}<" in drawn
        assert words.day(LOG.as_of("2019-04-25").day_number) in drawn

    def test_svg_axis_speaks_other_languages(self) -> None:
        """Months and days of the axis are those of the language."""
        months = EventLog.of(Event(Held("a"), when="[2019-01-01..2019-05-02]"))
        days = EventLog.of(Event(Held("a"), when="[2019-04-24..2019-04-26]"))

        assert ">April 2019<" in svg.render(months, language="de")
        assert ">25. April 2019<" in svg.render(days, language="de")
        assert ">25 Apr 2019<" in svg.render(days)

    @FEW
    @given(logs() | relation_logs(), view_days(), st.sampled_from(["kind", "party"]))
    def test_svg_of_any_view_is_well_formed(
        self, log: EventLog, day: object, by: str
    ) -> None:
        """Any view gives well-formed SVG with a mark for each claim that it shows."""
        view = log.as_of(str(day))
        root = ET.fromstring(svg.render(view, projection=AZE_CHN, by=by))
        titles = list(root.iter(f"{SVG}title"))
        about = view.concerning("AZE", "CHN")
        shown = len(about.events) + len(about.undecided)

        assert len(titles) > shown

    def test_svg_draws_extents_as_bars(self) -> None:
        """An extent is a bar, dashed where its ends are not known to the day."""
        log = EventLog.of(
            Event(Held("a"), when="2015/2017"),
            Event(Held("b"), when="2015-01-01/2017-01-01"),
            Event(Held("c"), when="2016/.."),
            Event(Held("d"), when="2015/2015-03"),
        )
        drawn = svg.render(log.as_of("2016-06-01"))

        assert drawn.count("stroke-dasharray") > 2
        assert 'height="6"' in drawn
        assert ">from the first day to the last<" in drawn

    def test_svg_marks_are_honest(self) -> None:
        """Open dates fade on their side; what does not count is struck through."""
        log = EventLog.of(
            Event(Held("a"), when="[..2015-02-03]"),
            Event(Held("b"), when="[2015-02-03..]"),
            Event(Held("c"), when="2015-03"),
            Event(Held("d"), when="[2015-02-03,2015-02-05]"),
            Event(Planned(("AZE", "CHN"), "x", "2015-06"), when="2015-01-01"),
        ).retract(2, because="no")
        drawn = svg.render(log.as_of("2015-05-01"))

        assert "url(#bri-l" in drawn
        assert "?" in drawn
        assert "line-through" in drawn
        assert ">expected<" in drawn
        assert ">no earlier bound<" in drawn
        assert "url(#bri-r" in svg.render(log.as_of("9999-12-31"))

    def test_svg_ticks_do_not_overlap(self) -> None:
        """Where two labels of the axis would overlap, one of them is left out."""
        scale = scale_of([726310, 726531], 0, 150)
        drawn = axis(scale, 726400, 20, 90, strings("en"))

        assert ">Oct 1989<" in drawn
        assert ">Jan 1990<" not in drawn
        assert ">Jan 1990<" in axis(
            scale_of([726310, 726531], 0, 190), 726400, 20, 90, strings("en")
        )

    def test_svg_isolates_right_to_left_text(self) -> None:
        """Arabic text is isolated, aligned on the right, and has a font of its own."""
        arabic = "\u0635\u062d\u064a\u0641\u0629"
        what = ProjectStatusChanged(("AZE",), arabic, arabic)
        event = Event(what, when="2015", cite=Source(arabic, author="A", container="B"))
        drawn = svg.render(EventLog.of(event), title=arabic)

        assert f">\u2068{arabic}\u2069: \u2068{arabic}\u2069</text>" in drawn
        assert f">A, \u201c\u2068{arabic}\u2069\u201d, B<" in drawn
        assert drawn.count('text-anchor="end"') > 1
        assert "Noto Sans Arabic" in drawn
        assert "Noto Sans CJK KR" in svg.render(EventLog(), title="\uac00")
        log = EventLog.of(Event(among(arabic, arabic * 2), when="2015"))
        assert f"{arabic}\u2069</text>" in svg.render(log, by="party", width=480)
        assert f"\u2068{arabic}" in svg.render(log, by="party", width=960)

    def test_svg_of_nothing_is_a_picture(self) -> None:
        """An empty log has a sentence, and no rows, legend or sources."""
        drawn = svg.render(EventLog(), language="en")

        assert "nothing is reported" in drawn
        assert "Sources" not in drawn

    def test_svg_escapes_hostile_text(self) -> None:
        """Hostile text is in the picture as text, and as nothing else."""
        root = ET.fromstring(svg.render(hostile_log(), title=HOSTILE))
        tags = {node.tag.removeprefix(SVG) for node in root.iter()}

        assert tags <= {
            *("svg", "title", "desc", "g", "rect", "text", "path", "line", "circle"),
            *("defs", "linearGradient", "stop", "style"),
        }
        assert not any(
            name.startswith("on") for node in root.iter() for name in node.attrib
        )


class TestNetwork:
    """Who is named together in an event: that alone is no relation."""

    def test_the_source_of_an_assessment_is_no_actor(self) -> None:
        """A periodical is left out where it speaks in its own pages, and only there."""
        paper, rival = Source("An outlook", container="The Daily 1:2"), Source("B")
        outlook = PositionDeclared("org:the-daily", "trade", "grows", ("CHN",))
        report = PositionDeclared("org:ministry", "trade", "grows", ("CHN",))
        log = EventLog.of(
            Event(outlook, when="2015", cite=paper),
            Event(report, when="2015", cite=paper),
            Event(PositionDeclared("CHN", "t", "s", ("AZE",)), when="2015", cite=paper),
        )
        elsewhere = EventLog.of(Event(outlook, when="2015", cite=rival))

        drawn = network.render(log)
        assert ">Ministry<" in drawn
        assert ">The Daily<" not in drawn
        assert ">Azerbaijan<" in drawn
        assert ">The Daily<" in network.render(elsewhere)
        assert "Eurasia Daily" not in network.render(LOG).partition("<line")[0]

    def test_network_draws_a_tie_for_each_pair(self) -> None:
        """Each pair of actors of an event is tied, dashed where all is undecided."""
        log = EventLog.of(
            *(
                Event(Visited("AZE", "CHN", occasion=f"{n}"), when="2015")
                for n in range(14)
            ),
            Event(Met(("AZE", "CHN", "RUS")), when="2016"),
        )
        drawing = network.render(log.as_of("2016-06-01"))
        lines = [(group, *group.marks("line")) for group in groups(drawing)]
        told = {g.told[0]: g.told for g, *line in lines if line}
        dashes = [line.get("stroke-dasharray") for _, *some in lines for line in some]
        sure = network.render(log.as_of("2017-01-01"))
        wide = [float(line.get("stroke-width", "")) for group in groups(sure)
                for line in group.marks("line")]  # fmt: skip

        assert [*told][:2] == ["Azerbaijan and China: 15", "Azerbaijan and Russia: 1"]
        assert told["Azerbaijan and China: 15"][-1] == "three more"
        assert [None, "5 4", "5 4"] == dashes
        # 15 are told from one at a glance, and one is still a line.
        assert wide[0] > 3.5 * wide[1]
        assert wide[1] == wide[2] > 1.2
        assert "14" in texts_of(drawing)

    def test_network_tells_the_values_of_each_pair(self) -> None:
        """A projection, or one for each pair; tell decides how thick lines are."""
        view = LOG.as_of("2019-04-26")
        plain = network.render(view, projection=relationship)
        told = network.render(
            view,
            projection=relationship,
            tell=lambda state: {"Agreements": state.agreement_count, "x": "y"},
        )
        words = network.render(view, projection=count(), tell=lambda _: {"x": "y"})

        assert "Visits: 2\n" in plain
        assert ">10</text>" in told
        assert "x: y\n" in words

    def test_network_names_stay_within_the_picture(self) -> None:
        """Long names are wrapped, then cut; of many pairs no numbers are drawn."""
        long = among(*(f"{'long name ' * n}of {n}" for n in range(13)))
        drawn = network.render(EventLog.of(Event(long, when="2015")), width=480)
        root = ET.fromstring(drawn)
        names = [
            node for node in root.iter(f"{SVG}text") if node.get("font-size") == "13"
        ]

        assert len(names) > 13
        assert any((node.text or "").endswith("\u2026") for node in names)
        for node in names:
            wide = text_width(node.text or "", 13)
            at = float(node.get("x") or 0)
            left = at - wide if node.get("text-anchor") == "end" else at
            assert 0 <= left
            assert left + wide <= 480
        assert 'font-size="10"' not in drawn

    def test_network_numbers_do_not_hide_each_other(self) -> None:
        """Of numbers that would overlap only some are drawn; lines tell all of them."""
        crowd = Event(
            among(*(f"org:{n * 10**20}" for n in range(11))), when="2015-01-01"
        )
        drawn = network.render(EventLog.of(crowd), width=480)
        root = ET.fromstring(drawn)
        numbers = [n for n in root.iter(f"{SVG}text") if n.get("font-size") == "10"]
        places = [(float(n.get("x") or 0), float(n.get("y") or 0)) for n in numbers]

        assert 10 < len(numbers) < 55
        assert all(
            abs(x - u) > 6 or abs(y - v) > 10
            for (x, y), (u, v) in combinations(places, 2)
        )

    def test_network_numbers_stand_on_their_own_line_only(self) -> None:
        """On a crossing it would not be told of which line a number is."""
        pairs = [("AZE", "KAZ"), ("CHN", "RUS"), ("AZE", "CHN")]
        log = EventLog.of(*(Event(Met(pair), when="2015") for pair in pairs))
        root = ET.fromstring(network.render(log))
        numbers = [
            (float(node.get("x", "")), float(node.get("y", "")) - 3.5)
            for node in root.iter(f"{SVG}text")
            if node.get("font-size") == "10"
        ]
        lines = [
            [float(line.get(name, "")) for name in ("x1", "y1", "x2", "y2")]
            for group in groups(network.render(log))
            for line in group.marks("line")
        ]

        assert len(numbers) == len(lines) == 3
        for at in numbers:
            # The way by the point is as long as the line on that line only.
            longer = [
                math.dist((x, y), at)
                + math.dist(at, (u, v))
                - math.dist((x, y), (u, v))
                for x, y, u, v in lines
            ]
            assert sum(way < 0.1 for way in longer) == 1

    def test_network_explains_sizes_that_differ(self) -> None:
        """Where all circles are equal there is nothing to explain."""
        said = f">{strings('en')('pictures.by_shared')}<"
        alike = network.render(EventLog.of(Event(Met(("AZE", "CHN")), when="2015")))
        unlike = EventLog.of(
            Event(Met(("AZE", "CHN")), when="2015"),
            Event(Met(("AZE", "RUS")), when="2016"),
        )

        assert said not in alike
        assert said in network.render(unlike)

    def test_network_leaves_out_the_least_tied_actors(self) -> None:
        """With too many actors those with least to do are left out, and that said."""
        log = EventLog.of(
            Event(Met(("AZE", "CHN")), when="2015"),
            Event(Met(("AZE", "CHN", "org:x", "org:y")), when="2016-01-01"),
        )
        drawn = network.render(log, most=3)

        assert "three actors; three pairs; one actor left out" in drawn
        assert ">Y<" not in drawn

    def test_network_of_an_empty_log_has_no_actor(self) -> None:
        """An empty log has no actor; a claim about one has no tie."""
        assert "nothing is reported" in network.render(EventLog())
        alone = EventLog.of(Event(Held("p", ("AZE",)), when="2015"))

        assert "nothing of the kind is reported" in network.render(alone)

    def test_network_escapes_hostile_text(self) -> None:
        """Hostile text is in the picture as text, and as nothing else."""
        root = ET.fromstring(network.render(hostile_log(), title=HOSTILE))
        tags = {node.tag.removeprefix(SVG) for node in root.iter()}

        drawn = {"g", "rect", "text", "line", "circle"}
        assert tags <= {"svg", "title", "desc", "style"} | drawn

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_network_draws_its_shapes_in_the_legend(self, language: str) -> None:
        """A state, anybody else, and what is only perhaps, each if it occurs."""
        states = Event(Visited("AZE", "CHN"), when="2015")
        names = ("perhaps_only", "state", "anybody_else")
        labels = [f">{strings(language)(f'pictures.{name}')}<" for name in names]
        both, alone = (
            network.render(EventLog.of(*events).as_of("2016-01-01"), language=language)
            for events in (
                [states, Event(Visited("org:a", "org:b"), when="[2015..2017]")],
                [states],
            )
        )
        legend, marks = both.partition("<title>")[0], {}
        for label in labels:
            sample = legend.partition(label)[0].rpartition("<g ")[2]
            marks[label] = sample.partition("><")[2][:4]

        assert list(marks.values()) == ["line", "circ", "rect"]
        assert 'stroke-dasharray="5 4"' in legend.partition(labels[0])[0]
        assert [label in alone for label in labels] == [False, True, False]
