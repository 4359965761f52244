"""The rows of a picture, and text that fits, wraps and keeps its direction."""

from __future__ import annotations

from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st
from log_strategies import logs, view_days

from bri_timeline import Event, EventLog, Place, Source, projection
from bri_timeline.chronicles import azerbaijan_china
from bri_timeline.pages import describe_event, html, text
from bri_timeline.pages._marks import ClaimStatus, PictureRow, rows_of
from bri_timeline.pages._markup import (
    is_rtl,
    isolated,
    plain_text,
    shortened,
    text_width,
    wrapped,
)
from bri_timeline.pages._state_values import summary
from bri_timeline.pages._wording import strings
from bri_timeline.relations import (
    AgreementSigned,
    Held,
    Met,
    Money,
    Planned,
    Visited,
    relationship,
)


LOG = azerbaijan_china()
AZE_CHN = relationship("AZE", "CHN")
EN = strings("en")
ARABIC, HEBREW = "\u0635\u062d\u064a\u0641\u0629", "\u05e9\u05dc\u05d5\u05dd"
P_HELD, Q_HELD = (f"Plan \u201c{name}\u201d carried out" for name in "pq")
FSI, PDI = "\u2068", "\u2069"
LETTERS = st.text(f"ab .\u4e2d\u3002{ARABIC[:2]}1(", max_size=60)


@projection(initial=int)
def events_seen(seen: int, event: Event) -> int:
    """How many events."""
    return seen + 1


def rows(log: EventLog, day: str) -> list[PictureRow]:
    """Return the rows of a day."""
    return rows_of(log.as_of(day), None, "kind", EN)


class TestText:
    """Lines of text and their direction."""

    @given(LETTERS, st.floats(12, 300), st.sampled_from([11, 12, 20]))
    def test_wrapped_lines_fit_and_lose_nothing(
        self, text: str, room: float, size: float
    ) -> None:
        """Each line has the room; together they are the text, but for white space."""
        lines = wrapped(isolated(text), room, size)

        assert "".join(text.split()) == "".join(plain_text("".join(lines)).split())
        assert all(
            text_width(line, size) <= room or len(plain_text(line).strip()) <= 2
            for line in lines
        )
        assert all(line.count(FSI) == line.count(PDI) for line in lines)

    @given(st.text("ab \u4e00", max_size=40), st.floats(0, 300))
    def test_shortened_text_fits(self, text: str, room: float) -> None:
        """A shortened text has the room, and ends with an ellipsis if it lost any."""
        short = shortened(text, room)

        assert text_width(short) <= room or short == ""
        assert short == text or short == "" or short.endswith("\u2026")

    def test_wide_letters_need_more_room_and_marks_none(self) -> None:
        """A Chinese letter is wider than a Latin one; an accent has no width."""
        assert text_width("\u4e2d") > text_width("W") > text_width("a")
        assert text_width("e\u0301") == text_width("e")
        assert text_width(ARABIC[0], 24) == 2 * text_width(ARABIC[0], 12)

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("Turan, 2019", "Turan, 2019"),
            (f"{ARABIC} 2019 (Turan)", f"{FSI}{ARABIC} 2019 (Turan){PDI}"),
            (
                f"In {ARABIC} 12 {HEBREW}, 2019",
                f"In {FSI}{ARABIC} 12 {HEBREW}{PDI}, 2019",
            ),
            (f"a {ARABIC} b {HEBREW}", f"a {FSI}{ARABIC}{PDI} b {FSI}{HEBREW}{PDI}"),
            ("a\u202eb\x07", "a\ufffdb\ufffd"),
        ],
        ids=range(5),
    )
    def test_right_to_left_text_is_isolated(self, text: str, expected: str) -> None:
        """As a whole where it begins so, else each run; controls are replaced."""
        assert expected == isolated(text)

    def test_the_first_letter_decides_the_direction(self) -> None:
        """Digits and marks before it decide nothing."""
        assert is_rtl(f"12: {HEBREW} abc")
        assert not is_rtl(f"abc {HEBREW}")
        assert not is_rtl("12\u2026")


class TestRows:
    """One row for each happening."""

    def test_a_dispute_is_one_row_with_the_other_date(self) -> None:
        """The claim set aside is a ghost in the row of the claim that is taken."""
        (row,) = [row for row in rows(LOG, "2019-04-26") if row.ghosts]

        assert "2019-04-25" == str(row.event.when)
        assert ["2019-04-24"] == [str(ghost.when) for ghost in row.ghosts]
        assert row.notes[0].startswith("sources differ: 24 April 2019 (Turan, 24 April")
        assert {*row.days} == {737173, 737174}

    def test_a_correction_shows_what_it_was(self) -> None:
        """A corrected claim is a ghost, and said, in the row of its correction."""
        log = EventLog.of(Event(Held("p"), when="2015-01-01", id="a"))
        later = Event(Held("q"), when="2015-02-01", id="b")
        log = log.append(later, supersedes=0, because="misread")
        (row,) = rows(log, "2016-01-01")

        assert (later, 1) == (row.event, len(row.ghosts))
        assert (
            "corrected: it was \u201cPlan \u201cp\u201d carried out\u201d"
            in row.notes[0]
        )
        (alone,) = rows(log, "2015-01-15")
        assert (ClaimStatus.SUPERSEDED, False) == (alone.status, alone.counts)

    def test_a_withdrawn_claim_says_why(self) -> None:
        """It has a row of its own, with the reason if one is given."""
        log = EventLog.of(Event(Held("p"), when="2015"), Event(Held("q"), when="2015"))
        log = log.retract(0, because="a misprint").retract(1, because="")

        assert [("withdrawn", "reason given: a misprint"), ("withdrawn",)] == [
            row.notes for row in rows(log, "2016-01-01")
        ]

    def test_a_rival_is_not_told_by_the_reason_of_another_correction(self) -> None:
        """The reason stands at what was corrected, in every output."""
        claims = ("2014", "one"), ("2015", "two"), ("2016", "three")
        first, rival, right = (
            Event(Held(plan), when=f"{year}-01-01", cite=Source(year, published=year),
                  id="x")
            for year, plan in claims
        )  # fmt: skip
        log = EventLog.of(first, rival).append(
            right, supersedes=0, because="a misprint"
        )
        view = log.as_of("2015-06-30")

        assert [(ClaimStatus.SUPERSEDED, "a misprint"), (ClaimStatus.DISPUTED, "")] == [
            (row.status, row.notes[-1].partition("reason given: ")[2])
            for row in rows(log, "2015-06-30")
        ]
        # A page has it twice: in its data, and in the drawing without a script.
        for written, times in ((html.render(view), 2), (text.render(view), 1)):
            assert times == written.count("a misprint")

    def test_a_dispute_about_what_has_not_happened_has_rows_of_its_own(self) -> None:
        """A claim of an earlier date is shown though another is taken later."""
        log = EventLog.of(
            Event(Met(("AZE", "CHN")), when="2015-01-01", id="m"),
            Event(Met(("AZE", "CHN")), when="2017-01-01", id="m"),
        )
        (row,) = rows(log, "2016-01-01")

        assert (ClaimStatus.DISPUTED, ("another claim is taken",)) == (
            row.status, row.notes,
        )  # fmt: skip

    def test_a_source_is_named_where_there_is_none(self) -> None:
        """A rival claim names its source, with its date if it has one, or says none."""
        log = EventLog.of(
            Event(Met(("AZE", "CHN")), when="2015-01-01", id="m", cite=Source("A")),
            Event(Met(("AZE", "CHN")), when="2015-01-02", id="m"),
            Event(Met(("AZE", "CHN")), when="2015-01-03", id="m"),
        )
        (row,) = rows(log, "2016-01-01")

        assert (
            "sources differ: 1 January 2015 (A); 2 January 2015 (no source)"
            == row.notes[0]
        )

    @pytest.mark.parametrize(
        ("what", "when", "where", "told"),
        [
            (Held("q"), "2013", "Baku", f"{Q_HELD}; place: Baku"),
            (Held("p"), "2013", "Harrow", f"{P_HELD}; place: Harrow"),
            (Held("q"), "2012", "Baku", f"some time in 2012, {Q_HELD}; place: Baku"),
            (Held("p", ("AZE",)), "2013", "Baku", "some time in 2013"),
        ],
    )  # fmt: skip
    def test_a_dispute_says_what_differs(
        self, what: Held, when: str, where: str, told: str
    ) -> None:
        """The words, the place or the date that another source has are told."""
        paper, book = Source("A", published="2013-12-01"), Source("B", published="2014")
        other = Event(what, when=when, where=Place(where), id="m", cite=paper)
        taken = Event(Held("p"), when="2013", where=Place("Baku"), id="m", cite=book)
        log = EventLog.of(other, taken)
        (row,) = rows(log, "2016-01-01")

        assert f"sources differ: {told} (A, 1 December 2013)" == row.notes[0]
        assert describe_event(other) in " ".join(text.render(log).split())

    def test_plans_say_what_became_of_them(self) -> None:
        """A plan is planned, due or overdue, with the day for which it is expected."""
        parties = ("AZE", "CHN")
        log = EventLog.of(
            Event(Planned(parties, "summit", "2015-06"), when="2015-01-01", id="s"),
            Event(Planned(parties, "visit"), when="2015-01-02"),
        )
        notes = {
            day: [row.notes for row in rows(log, day)]
            for day in ("2015-02-01", "2015-06-01", "2015-07-01")
        }

        expected = "expected some time in June 2015"
        assert notes["2015-02-01"] == [("planned", expected), ("planned",)]
        assert notes["2015-06-01"][0] == ("due", expected)
        assert notes["2015-07-01"][0] == ("overdue, outcome unknown", expected)
        for day, said in notes.items():
            lines = " ".join(text.render(log.as_of(day), width=200).split())
            assert all(f"({', '.join(words)}) [no source]" in lines for words in said)
        (one,) = rows(
            EventLog.of(Event(Planned(("AZE",), "x"), when="2015")), "2016-01-01"
        )
        assert () == one.notes

    def test_parts_follow_their_bundle(self) -> None:
        """Parts of a bundle are marked, and stand below it; a circle loses none."""
        parties = ("AZE", "CHN")

        def signed(name: str, when: str, part_of: str | None = None) -> Event:
            what = AgreementSigned(parties, name, part_of=part_of)
            return Event(what, when=when, id=name)

        log = EventLog.of(
            signed("part", "2015-01-01", "all"),
            signed("other", "2015-01-02"),
            signed("all", "2015-01-03"),
            signed("lost", "2015-01-04", "nowhere"),
            signed("a", "2015-01-05", "b"),
            signed("b", "2015-01-06", "a"),
        )

        assert [
            ("other", False), ("all", False), ("part", True), ("lost", False),
            ("a", True), ("b", True),
        ] == [(row.event.id, row.part) for row in rows(log, "2016-01-01")]  # fmt: skip

    @given(logs(), view_days())
    def test_no_claim_is_lost_or_shown_twice(self, log: EventLog, day: object) -> None:
        """Each claim that counts has a row, each other one a row or a ghost."""
        view = log.as_of(str(day))
        found = rows_of(view, None, "kind", EN)
        counted = [row.event for row in found if row.counts]
        others = [ghost for row in found for ghost in row.ghosts]
        others += [row.event for row in found if not row.counts]

        assert sorted(map(id, counted)) == sorted(
            map(id, (*view.events, *view.undecided))
        ) or len(counted) == len((*view.events, *view.undecided))
        # A rival may be dated after the day: a view sets it aside on its own day only.
        day_number = view.day_number
        later = [one for one in others if one.when.earliest_start > day_number]
        assert len(others) - len(later) == len(view.set_aside)
        lanes = [row.lane for row in found]
        assert len({*lanes}) == len([*groupby(lanes)])


class TestSummary:
    """A sentence about a view."""

    def test_a_relationship_is_told_by_its_counts(self) -> None:
        """Visits, meetings and agreements with their value; then what is open."""
        view = LOG.as_of("2019-04-25", known_by="2019-05-05")

        assert (
            "By 25 April 2019, as reported by 5 May 2019: two visits, one meeting,"
            " ten agreements worth 821 million USD, three positions, three projects"
            " and three more; sources differ about one of them; one more may have"
            " happened."
        ) == summary(view, AZE_CHN, None, EN)

    def test_any_state_is_told(self) -> None:
        """A number, what tell returns, and no state: each is a sentence."""
        log = EventLog.of(
            Event(Visited("AZE", "CHN"), when="2015-01-01"),
            Event(AgreementSigned(("AZE", "CHN"), "x"), when="2015-01-01"),
        )
        view = log.as_of("2016-01-01", known_by=1)
        start = "By 1 January 2016, as reported by position 1: "
        told = {"Seen": 2, "Worth": Money(5, "USD")}

        assert f"{start}2." == summary(view, events_seen, None, EN)
        assert f"{start}Seen 2 and Worth 5 USD." == summary(
            view, events_seen, lambda _: told, EN
        )
        assert f"{start}one agreement and one visit." == summary(view, None, None, EN)
        assert f"{start}one visit and one agreement." == summary(
            view, AZE_CHN, None, EN
        )
        early = summary(log.as_of("2014-01-01"), AZE_CHN, None, EN)
        assert early.endswith("with all that is known: nothing is reported.")
