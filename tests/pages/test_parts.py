"""Markup, wording, scales, marks and packing: what pictures are made of."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest
from attrs import frozen
from hypothesis import example, given
from hypothesis import strategies as st

from bri_timeline import Edtf, Event, EventLog, Source
from bri_timeline._calendar import civil, iso
from bri_timeline.chronicles import azerbaijan_china
from bri_timeline.errors import PictureError, counted
from bri_timeline.pages._drawing import COLOURS, SHAPES, look
from bri_timeline.pages._marks import (
    DAYS,
    ClaimStatus,
    MarkSpan,
    TimeScale,
    can_ask,
    lane_of,
    marks,
    scale_of,
    span,
    ticks,
    view_of,
)
from bri_timeline.pages._markup import Markup, element, empty, joined, web_address
from bri_timeline.pages._state_values import dates_of
from bri_timeline.pages._wording import (
    claim_line,
    dated,
    describe_event,
    kind,
    source_line,
    strings,
)
from bri_timeline.pages.html import _island
from bri_timeline.pages.text import _columns, _wrapped
from bri_timeline.relations import (
    AgreementSigned,
    AgreementStatusChanged,
    Cancelled,
    Held,
    IndicatorObserved,
    InitiativeLaunched,
    Joined,
    Left,
    Met,
    Money,
    Planned,
    PositionDeclared,
    Postponed,
    ProjectStatusChanged,
    Rescheduled,
    Visited,
    relationship,
)
from bri_timeline.relations._actors import among, named


EN = strings("en")


@frozen
class DealSigned:
    """A payload of somebody's own."""

    country: str
    tags: tuple[str, ...] = ()


class Reader(HTMLParser):
    """Reads elements and text as a browser does."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take note of an element."""
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Take note of text."""
        self.text += data


def read(markup: str) -> Reader:
    """Return what a parser finds in markup."""
    reader = Reader()
    reader.feed(markup)
    reader.close()
    return reader


def ordinal(day: str) -> int:
    """Return the number of a day."""
    return date.fromisoformat(day).toordinal()


class TestMarkup:
    """Text becomes markup by escaping only."""

    @given(st.text())
    def test_text_stays_text(self, text: str) -> None:
        """Any text, as content or as an attribute, is read back as it was."""
        found = read(element("p", text, title=text, data_x=None))
        shown = "".join("\ufffd" if is_forbidden(c) else c for c in text)
        shown = shown.replace("\r\n", "\n").replace("\r", "\n")

        assert [("p", {"title": shown})] == found.tags
        assert shown == found.text

    @given(st.text())
    def test_it_is_well_formed_xml(self, text: str) -> None:
        """Any text gives XML that a parser takes."""
        root = ET.fromstring(
            element("g", element("title", text), empty("rect", x=text))
        )

        assert ["title", "rect"] == [child.tag for child in root]

    @given(st.recursive(st.text() | st.integers() | st.none(), st.lists))
    def test_data_stays_data(self, content: object) -> None:
        """Data for a script is read back as it was, and ends no element."""
        text = _island("data", content)
        inside = text.partition(">")[2].removesuffix("</script>")

        assert content == json.loads(inside)
        assert not set("<>&\u2028\u2029") & set(inside)

    def test_names_and_numbers_of_attributes(self) -> None:
        """Underscores become hyphens, a last one goes, numbers are short."""
        assert '<p class="a" data-x="1.5" y="2"/>' == empty(
            "p", class_="a", data_x=1.5, y=2.0
        )
        assert '<p x="0.33" z="-0.5"/>' == empty("p", x=1 / 3, z=-0.5)

    def test_markup_is_not_escaped_again(self) -> None:
        """Markup is not escaped again, and text between it is escaped."""
        assert "<b>x</b>&lt;<b>x</b>" == joined([element("b", "x")] * 2, "<")
        assert Markup("&amp;") == joined([Markup("&amp;")])

    @pytest.mark.parametrize(
        ("url", "is_one"),
        [
            ("https://example.org/a?b=c#d", True),
            ("HTTP://example.org", True),
            ("javascript:alert(1)", False),
            (" https://example.org", False),
            ("https://a/\"onclick='x", False),
            ("data:text/html,x", False),
            ("//example.org", False),
            ("", False),
            (None, False),
        ],
    )
    def test_only_web_addresses_are_linked(self, url: str | None, is_one: bool) -> None:
        """An address of the web is one; any other scheme, or worse, is none."""
        assert (url if is_one else None) == web_address(url)


def is_forbidden(letter: str) -> bool:
    """Return whether XML 1.0 forbids a character, or it is a control character."""
    code = ord(letter)
    allowed = code in (9, 10, 13) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD
    is_control = 0x7F <= code <= 0x9F or code in (0x2028, 0x2029)
    is_turning = 0x202A <= code <= 0x202E or 0x2066 <= code <= 0x206F
    is_none = 0xFDD0 <= code <= 0xFDEF
    return not (allowed or code >= 0x10000) or is_control or is_turning or is_none


SAID = [
    (InitiativeLaunched("Belt and Road", "CHN"), "Initiatives",
     "China launches the Belt and Road"),
    (InitiativeLaunched("BRI", "CHN", "OBOR"), "Initiatives",
     "China launches the BRI, formerly OBOR"),
    (Joined("AZE", "AIIB"), "Memberships", "Azerbaijan joins AIIB"),
    (Left("AZE", "AIIB"), "Memberships", "Azerbaijan leaves AIIB"),
    (Visited("AZE", "CHN"), "Visits", "Azerbaijan visits China"),
    (Visited("AZE", "CHN", "person:ilham-aliyev", "a forum", True), "Visits",
     "Ilham Aliyev of Azerbaijan visits China officially: a forum"),
    (Met(("AZE", "CHN")), "Meetings", "Azerbaijan and China meet"),
    (Met(("AZE", "org:huawei"), ("person:x",), "Baku", "a fair", "trade"), "Meetings",
     "X with Huawei meet in Baku: a fair, about trade"),
    (AgreementSigned(("AZE", "CHN"), "wine", value=Money(5, "USD")), "Agreements",
     "Agreement: wine, worth 5 USD"),
    (AgreementSigned(("AZE", "CHN"), "wine", 1200, Money(5, "USD")), "Agreements",
     "1,200 agreements: wine, worth 5 USD"),
    (AgreementSigned(("AZE", "CHN"), "wine", 1), "Agreements", "Agreement: wine"),
    (AgreementSigned(("AZE", "CHN"), "tyres", part_of="ten"), "Agreements",
     "Agreement: tyres (part of a bundle)"),
    (AgreementSigned(("AZE", "CHN"), "tyres", part_of="ten", part_certain=False),
     "Agreements", "Agreement: tyres (perhaps of a bundle)"),
    (AgreementStatusChanged(("AZE",), "ten", "in force"), "Agreements",
     "Agreement \u201cten\u201d: in force"),
    (PositionDeclared("CHN", "trade", "wants more"), "Positions",
     "China on trade: wants more"),
    (IndicatorObserved(("AZE",), "trade", Decimal(1300000000), "USD"), "Figures",
     "Trade: 1.3 billion USD"),
    (IndicatorObserved(("AZE",), "growth", Decimal("2.5"), "percent", "2018", True),
     "Figures", "Growth: about 2.5 percent (some time in 2018)"),
    (IndicatorObserved(("AZE",), "atoms", Decimal(10) ** 30, "MOL"), "Figures",
     f"Atoms: {10**30:,} MOL"),
    (ProjectStatusChanged(("AZE",), "railway", "open"), "Projects", "railway: open"),
    (Planned(("AZE",), "summit"), "Plans", "Planned: summit (no date given)"),
    (Planned(("AZE",), "summit", "2019-08-01", place="Baku"), "Plans",
     "Planned: summit in Baku (1 August 2019)"),
    (Rescheduled("summit", "2019-09-01"), "Plans",
     "Plan \u201csummit\u201d moved to 1 September 2019"),
    (Postponed("summit"), "Plans", "Plan \u201csummit\u201d put off"),
    (Cancelled("summit"), "Plans", "Plan \u201csummit\u201d cancelled"),
    (Held("summit"), "Plans", "Plan \u201csummit\u201d carried out"),
    (DealSigned("Azerbaijan", ("b", "a")), "Deal signed",
     "Deal signed: country Azerbaijan, tags a and b"),
    (DealSigned("x" * 200), "Deal signed", f"Deal signed: country {'x' * 138}\u2026"),
    ("a word", "Str", "a word"),
]  # fmt: skip


class TestWording:
    """Events and sources in one line."""

    @pytest.mark.parametrize(("what", "lane", "words"), SAID)
    def test_each_kind_has_its_words(self, what: object, lane: str, words: str) -> None:
        """Every shipped fact, and a payload of one's own, is said in its own words."""
        event = Event(what, when="2019")

        assert (lane, words) == (kind(event), describe_event(event))

    def test_describe_event_shows_actors_by_name(self) -> None:
        """Actors are shown by name; other text is not changed."""
        assert "Ilham Aliyev" == named("person:ilham-aliyev")
        assert "<b>" == named("<b>")
        assert "Azerbaijan, China and Russia" == among({"RUS", "AZE", "CHN"})
        assert ("China", "") == (among(["CHN"]), among([]))

    def test_counted_words_have_plurals_and_commas(self) -> None:
        """One is one, others are many, and thousands have a comma."""
        assert "1 claim" == counted(1, "claim")
        assert "5,000 claims" == counted(5000, "claim")
        assert "2 entries" == counted(2, "entry", "entries")

    def test_source_line_gives_the_full_or_short_form(self) -> None:
        """A source is shown in full or in short form, with its date in words."""
        full = Source("T", published="2019-05", container="C", author="A")

        assert "A, \u201cT\u201d, C, some time in May 2019" == source_line(full)
        assert "C (some time in May 2019)" == dated(full, "en")
        assert ("\u201cT\u201d", "T") == (
            source_line(Source("T")),
            dated(Source("T"), "en"),
        )

    def test_claim_line_has_date_status_and_citations(self) -> None:
        """A claim line has its date, its status and its citations."""
        event = Event(Held("p"), when="2019-01-02", cite=Source("S").at("p. 1"))

        assert (
            "2 January 2019: Plan \u201cp\u201d carried out. Certain. [S, p. 1]"
            == claim_line(event, EN, "certain")
        )
        assert claim_line(event.cited(()), EN).endswith("carried out. [no source]")
        assert claim_line(event.cited(Source("S")), EN).endswith("[S]")

    @pytest.mark.parametrize(
        ("known", "words"),
        [
            ("2019-04-24", ", as known by 24 April 2019"),
            ("-0044-03-15", ", as known by 15 March 45 BC"),
            (0, ", as known by position 0"),
            (None, ""),
        ],
    )
    def test_the_dates_of_a_view_are_told(
        self, known: str | int | None, words: str
    ) -> None:
        """Days are in words, in whatever year; a position is named."""
        log = EventLog.of(Event(Visited("AZE", "CHN"), when="2019"))

        assert f"On 1 May 2019{words}" == dates_of(log.as_of("2019-05-01", known))


class TestScale:
    """Days on a line."""

    @given(st.dates())
    def test_days_are_those_of_the_calendar(self, day: date) -> None:
        """Year, month and day are those of `date`, and repeat every 400 years."""
        number = day.toordinal()
        year, month, number_of_day = civil(number - 146_097)

        assert day.isoformat() == iso(number)
        assert (day.year - 400, day.month, day.day) == (year, month, number_of_day)

    def test_years_before_the_first(self) -> None:
        """A year before year 0 has a sign and four digits."""
        assert "-0001-12-31" == iso(ordinal("0001-01-01") - 367)
        assert "-9999-01-01" == iso(DAYS[0])
        assert "9999-12-31" == iso(DAYS[-1])

    @given(
        st.integers(-5_000_000, 5_000_000),
        st.one_of(st.integers(0, 40), st.integers(0, 9_000_000)),
        st.integers(2, 20),
    )
    def test_ticks_are_few_and_in_order(self, first: int, more: int, most: int) -> None:
        """There are as many ticks as there is room for at most, rising and within."""
        scale = TimeScale(first, first + more, 0, 100)
        days = [day for day, _ in ticks(scale, most)]

        assert len(days) <= most
        assert days == sorted(set(days))
        assert all(scale.first <= day <= scale.last for day in days)
        assert days

    def test_ticks_are_where_they_say(self) -> None:
        """A tick lies on the first day of its year, its month, or on its day."""
        years = ticks(TimeScale(ordinal("2012-06-01"), ordinal("2019-01-01"), 0, 1), 9)
        months = ticks(TimeScale(ordinal("2019-01-15"), ordinal("2019-05-01"), 0, 1), 9)
        days = ticks(TimeScale(ordinal("2019-04-24"), ordinal("2019-04-26"), 0, 1), 9)

        assert (ordinal("2013-01-01"), "2013") == years[0]
        assert (ordinal("2019-02-01"), "Feb 2019") == months[0]
        assert (ordinal("2019-04-24"), "24 Apr 2019") == days[0]

    def test_the_range_of_days_has_years_of_four_digits(self) -> None:
        """A log can be asked of days of years of four digits, and of no bound."""
        assert all(map(can_ask, (DAYS[0], DAYS[-1], 5.0)))
        assert not any(map(can_ask, (DAYS[0] - 1, DAYS[-1] + 1, math.inf, -math.inf)))

    @given(st.lists(st.integers(-10_000, 10_000) | st.just(math.inf)))
    def test_a_scale_holds_its_days(self, days: list[float]) -> None:
        """Every day lies on the line, in order, with air on both sides."""
        scale = scale_of(days, 10, 100)
        places = [scale.middle(day) for day in sorted(days)]

        assert places == sorted(places)
        assert all(10 < scale.middle(day) < 110 for day in days if day < math.inf)
        assert (10, 110) == (scale.begin(-math.inf), scale.begin(math.inf))


class TestMarks:
    """Marks of certain, undecided and set-aside claims."""

    @pytest.mark.parametrize(
        ("when", "expected"),
        [
            ("2019-04-24", ("2019-04-24", "2019-04-24", None, None)),
            ("2015", ("2015-01-01", "2015-12-31", None, None)),
            ("[..2015-02-03]", (None, "2015-02-03", None, None)),
            ("2015/2017", ("2015-01-01", "2015-12-31", "2017-01-01", "2017-12-31")),
            (
                "2015/2015-06-30",
                ("2015-01-01", "2015-06-30", "2015-06-30", "2015-06-30"),
            ),
            ("2015-01-02/..", ("2015-01-02", "2015-01-02", "2015-01-02", None)),
            (
                "2009-01-02/2015-12-31..",
                ("2009-01-02", "2009-01-02", "2015-12-31", None),
            ),
            (
                "2009-01-02/..2015-12-31",
                ("2009-01-02", "2009-01-02", "2009-01-02", "2015-12-31"),
            ),
        ],
    )
    def test_spans_have_the_bounds_of_dates_and_extents(
        self, when: str, expected: tuple[str | None, ...]
    ) -> None:
        """A span has the bounds of a date, and of an extent both ends."""
        found = span(Edtf(when))
        bounds = (found.first, found.last, found.end_first, found.end_last)
        known = [
            iso(int(b)) if b is not None and math.isfinite(b) else None for b in bounds
        ]

        assert list(expected) == known
        assert (when == "2019-04-24") == found.is_day

    def test_marks_show_the_status_of_claims(self) -> None:
        """Certain, undecided, disputed, corrected, withdrawn claims are marked so."""
        log = EventLog.of(
            Event(Visited("AZE", "CHN"), when="2015-01-01"),
            Event(Visited("AZE", "CHN"), when="2016"),
            Event(Met(("AZE", "CHN")), when="2015-02-01", id="m"),
            Event(Met(("AZE", "CHN")), when="2015-02-02", id="m"),
            Event(Held("p"), when="2015-03-01"),
            Event(Held("q"), when="2015-03-01"),
        )
        log = log.append(Event(Held("p"), when="2015-03-02"), supersedes=4)
        log = log.retract(5, because="no")
        found = marks(log.as_of("2016-06-01"), None, EN)

        assert [
            (ClaimStatus.CERTAIN, False),
            (ClaimStatus.DISPUTED, True),
            (ClaimStatus.CERTAIN, True),
            (ClaimStatus.SUPERSEDED, False),
            (ClaimStatus.RETRACTED, False),
            (ClaimStatus.CERTAIN, False),
            (ClaimStatus.UNDECIDED, False),
        ] == [(mark.status, mark.flagged) for mark in found]
        assert "withdrawn (entry 7: no)" == found[4].why
        assert "corrected (entry 6)" == found[3].why

    def test_marks_in_force_last_until_the_day_shown(self) -> None:
        """Memberships, positions, projects, statuses, open plans and extents last."""
        parties = ("AZE", "CHN")
        log = EventLog.of(
            Event(Joined("AZE", "AIIB"), when="2015-01-01"),
            Event(Joined("AZE", "SCO"), when="2015-01-02"),
            Event(Left("AZE", "SCO"), when="2015-02-02"),
            Event(PositionDeclared("CHN", "t", "s"), when="2015-01-03"),
            Event(ProjectStatusChanged(parties, "p", "s"), when="2015-01-04"),
            Event(AgreementStatusChanged(parties, "a", "s"), when="2015-01-05"),
            Event(Planned(parties, "open", "2030"), when="2015-01-06"),
            Event(Planned(parties, "late", "2015-02"), when="2015-01-07"),
            Event(Visited(*parties), when="2015-01-08/2015-01-09"),
            Event(Visited(*parties), when="2015-01-10/.."),
        )
        view = log.as_of("2016-01-01")
        state = relationship("AZE", "CHN")

        found = [n for n, mark in enumerate(marks(view, state, EN)) if mark.in_force]

        assert [0, 2, 3, 4, 5, 8] == found
        assert 1 == sum(mark.in_force for mark in marks(view, None, EN))

    def test_all_of_a_log_is_seen_on_its_last_day(self) -> None:
        """A log is seen on the last day that a claim names, a view as it is."""
        log = azerbaijan_china()
        view = log.as_of("2015-01-01")

        assert "2019-05-05" == str(view_of(log).day)
        assert view is view_of(view)
        assert "2000-01-01" == str(view_of(EventLog()).day)

    def test_lanes_are_by_kind_or_by_party(self) -> None:
        """Lanes are by kind or by party; of anything else it is said what there is."""
        event = Event(Visited("AZE", "CHN"), when="2015")

        assert "Visits" == lane_of(event, "kind", EN)
        assert "Azerbaijan and China" == lane_of(event, "party", EN)
        assert "No party named" == lane_of(Event("x", when="2015"), "party", EN)
        with pytest.raises(
            PictureError, match="'colour' is not a kind of lane"
        ) as caught:
            lane_of(event, "colour", EN)
        assert "colour" == caught.value.value


class TestLooks:
    """The colours and shapes of lanes."""

    def test_lanes_differ(self) -> None:
        """Of 64 lanes no two have both colour and shape alike."""
        looks = [look(n) for n in range(len(COLOURS) * len(SHAPES))]

        assert len(looks) == len(set(looks))

    @pytest.mark.parametrize("colour", COLOURS)
    def test_outlines_stand_out(self, colour: str) -> None:
        """The dark outline has a contrast of 3:1 with paper (WCAG 2.2, 1.4.11)."""
        assert contrast("#1b1b1f", "#ffffff") >= 3
        assert contrast(colour, "#1b1b1f") >= 3 or contrast(colour, "#ffffff") >= 3


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours (WCAG 2.2)."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour (WCAG 2.2)."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (
        p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_a_span_of_a_day_is_one() -> None:
    """A known day is a day; a year or an extent is none."""
    assert MarkSpan(1, 1).is_day
    assert not MarkSpan(1, 2).is_day
    assert not MarkSpan(1, 1, 1, 1).is_day


@given(st.text("2015中国、。 a", max_size=60), st.integers(4, 20))
@example("中国中国中国中国2015", 10)
def test_text_of_a_terminal_wraps_between_words_and_signs(
    content: str, room: int
) -> None:
    """No number and no word that has room on a line is split, and no sign is lost."""
    lines = _wrapped(content, room)

    assert "".join(content.split()) == "".join("".join(lines).split())
    assert all(_columns(line) <= room for line in lines)
    runs = [run for run in re.findall("[0-9a]+", content) if len(run) <= room]
    whole = Counter(run for line in lines for run in re.findall("[0-9a]+", line))
    assert not Counter(runs) - whole
