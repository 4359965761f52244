"""What was written once is read for ever.

The lines of `golden/facts-1.jsonl` are never changed. A fact that is added gets a line
at the end. A fact that gets another version gets a line in another file; here it is
still read, and only what is written again is then compared with the other file.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import attrs
import pytest

from bri_timeline import Entry, Event, Place, Source
from bri_timeline._form import Unknown, decode_entry, encode_entry
from bri_timeline.edtf import Edtf
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
    Money,
    Planned,
    PositionDeclared,
    Postponed,
    ProjectStatusChanged,
    Rescheduled,
    Visited,
)


LINES = (Path(__file__).parent / "golden" / "facts-1.jsonl").read_bytes().splitlines()

GAZETTE = Source(
    "Ten papers signed",
    published="2019-04-26",
    container="The Gazette",
    author="A. Writer",
    url="https://example.org/ten-papers?page=1&lang=az#top",
)
YEARBOOK = Source("Yearbook “İl” of 2016\u20132018", published="[2018..2019~]")
NOTE = Source('A "note"\\ with\ttabs, \u2028 and 😀')

PAIR = frozenset({"AZE", "CHN"})
BANK = "org:asian-infrastructure-investment-bank"

FACTS_OF_ALL_KINDS = [
    (InitiativeLaunched("The Road", "CHN", formerly="The Path"), "2013"),
    (Joined("AZE", BANK), "2016-12-24"),
    (Left("org:a-company", "The Road"), "2018-XX"),
    (
        Visited(
            "AZE", "CHN", who="person:a-president", occasion="the forum",
            official=True, described_as="second visit",
        ),
        "2019-04-24/2019-04-27",
    ),
    (Visited("CHN", "GEO", official=False), "2017?"),
    (
        Met(
            PAIR | {"org:a-company"}, who=["person:a-president", "person:b-minister"],
            place="Beijing", occasion="the forum", about="transit",
        ),
        "2019-04-25",
    ),
    (
        AgreementSigned(
            PAIR, "ten papers", count=10, value=Money("821000000.25", "USD"),
            part_of="bundle", part_certain=False, between="two ministries",
        ),
        "2019-04-24",
    ),
    (AgreementSigned(["AZE"], "one paper", 1, Money(-3, "CNY")), "2019-04"),
    (AgreementStatusChanged(PAIR, agreement="papers", status="in force"), "2020-21"),
    (PositionDeclared("AZE", "transit", "in favour", towards=["CHN", "GEO"]), "2015~"),
    (
        IndicatorObserved(
            PAIR, "trade", Decimal("1298.750000000000000001"), "million USD",
            period="2018", approximate=True,
        ),
        "2019-01",
    ),
    (ProjectStatusChanged(["GEO"], project="The Line", status="under way"), "2017/.."),
    (
        Planned(
            PAIR, "a summit", expected="[2020-05..2020-07]", participants=["GEO"],
            place="Baku",
        ),
        "2019-12-01",
    ),
    (Rescheduled("summit", expected="2021-XX-15", parties=["CHN"]), "2020-03-01"),
    (Postponed("summit", parties=PAIR), "2020-04"),
    (Cancelled("summit", parties=["AZE"]), "[..2021-06-30]"),
    (Held("summit", parties=PAIR), "[2021-05,2021-06]"),
]  # fmt: skip

UNUSUAL_DATES = [
    "Y170000002",
    "Y-17E7",
    "-0044-03-15",
    "0000",
    "1950S2",
    "../1985-04~",
    "/2006",
    "156X-12-25%",
    "?2004-06-~11",
    "2019-04-24T23:59:59+04:00",
    "[1667,1668-12..1670-01-09]",
    "2001-34",
]

CLAIMS = [
    Entry(
        position=position,
        event=Event(what, when=when, cite=GAZETTE.at(f"para {position}")),
        known="2019-04-26",
    )
    for position, (what, when) in enumerate(FACTS_OF_ALL_KINDS)
]
DATED = [
    Entry(position=position, event=Event(Joined("AZE", f"body {when}"), when=when))
    for position, when in enumerate(UNUSUAL_DATES, len(CLAIMS))
]
NEXT = len(CLAIMS) + len(DATED)
OTHERS = [
    # A correction, with a name of its own, several citations, and all else besides.
    Entry(
        position=NEXT,
        event=Event(
            AgreementSigned(PAIR, "eleven papers", count=11),
            when=Edtf("2019-04-24"),
            cite=[YEARBOOK.at("table 3: papers"), NOTE, GAZETTE],
            id='papers "2019"',
        ),
        known=date(2019, 12, 31),
        supersedes=6,
        because="the Gazette left one out: see the Yearbook",
        recorded_at=datetime(2026, 1, 2, 3, 4, 5, 60, tzinfo=UTC),
    ),
    Entry(
        position=NEXT + 1,
        known="2020-01-01",
        retracts=2,
        because="it had not left",
        recorded_at=datetime(2026, 1, 2, tzinfo=UTC),
    ),
    # A claim that was erased, a correction that was, and days without ISO text.
    Entry(position=NEXT + 2, known="0001-01-01"),
    Entry(position=NEXT + 3, known=date.max, supersedes=0, because=""),
    Entry(position=NEXT + 4, known=0, retracts=0),
    # A kind that no vocabulary has, in the spacing in which it came.
    Entry(
        position=NEXT + 5,
        event=Event(
            Unknown("TariffSet", 3, b'{ "rate" : 1.50,"parties":["AZE", "CHN"] }'),
            when="2022-02",
            cite=NOTE.at("last line"),
        ),
    ),
    Entry(position=(1 << 63) - 1, known=-(10**20), retracts=0),
]
PLACED = [
    Entry(
        position=NEXT + 7 + number,
        event=Event(Joined("AZE", "a club"), when="2020", where=where, id=f"p{number}"),
    )
    for number, where in enumerate(
        (
            Place("Bak\u0131", 40.3777, -0.0, "exact"),
            Place("", -90, 180.0),
            Place("Baku", precision="by eye"),
        )
    )
]

ENTRIES = [*CLAIMS, *DATED, *OTHERS, *PLACED]


def test_the_golden_file_has_a_line_for_each_expected_entry() -> None:
    """There are as many lines as entries that are expected of them."""
    assert len(ENTRIES) == len(LINES)


@pytest.mark.parametrize("index", range(len(ENTRIES)))
def test_a_line_that_was_written_once_is_read_for_ever(index: int) -> None:
    """A golden line says what it said when it was written, and when that was."""
    found = decode_entry(LINES[index], FACTS)

    assert ENTRIES[index] == found
    assert ENTRIES[index].recorded_at == found.recorded_at


@pytest.mark.parametrize("index", range(len(ENTRIES)))
def test_what_a_line_says_is_written_again_in_the_same_bytes(index: int) -> None:
    """Each golden entry, and what is read from its line, gives the line again."""
    assert LINES[index] == encode_entry(ENTRIES[index], FACTS)
    assert LINES[index] == encode_entry(decode_entry(LINES[index], FACTS), FACTS)


def test_every_shipped_fact_has_a_golden_line_that_uses_each_field() -> None:
    """A fact or a field that is added demands a line in the golden file."""
    payloads = [entry.event.what for entry in ENTRIES if entry.event is not None]
    facts = [what for what in payloads if type(what) in FACTS]
    used = {
        (type(what), field.name)
        for what in facts
        for field in attrs.fields(type(what))
        if getattr(what, field.name) != field.default
    }
    classes = {type(what) for what in facts}

    assert {*FACTS} == {FACTS.name_of(what) for what in facts}
    assert used == {(cls, field.name) for cls in classes for field in attrs.fields(cls)}
