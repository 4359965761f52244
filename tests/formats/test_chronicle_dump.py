"""A log written as a chronicle: as a person would write it, and with what is lost."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from attrs import field, frozen
from fact_strategies import events
from format_strategies import FEW, WORDS, odd_logs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from log_strategies import logs

from bri_timeline import Covers, Entry, Event, EventLog, Source, Unknown, Vocabulary
from bri_timeline.chronicles import azerbaijan_china
from bri_timeline.errors import EntryError, VocabularyError
from bri_timeline.formats import chronicle, update
from bri_timeline.relations import FACTS, AgreementSigned, Joined, Money, Visited
from bri_timeline.testing import check_format


HERE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
PAPER = Source("The Paper", published="2019-04-24")
JOINED = Event(Joined("AZE", "x"), when="2015", cite=PAPER.at("p. 1"), id="a")


@frozen
class Rated:
    """A payload with all that TOML has, and what it has not."""

    exactly: Decimal = Decimal(1)
    roughly: float = 1.5
    words: tuple[str | None, ...] = field(factory=tuple)
    sums: tuple[Money, ...] = ()
    note: str | None = "none given"


OWN = Vocabulary(Rated)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A path in a folder of its own."""
    return tmp_path / "log.toml"


def lost(log: EventLog, path: Path, vocabulary: Vocabulary = WORDS) -> list[str]:
    """What is said to be lost of a log."""
    return list(map(str, chronicle.dump(log, path, vocabulary)))


# --- what is kept ------------------------------------------------------------------


@pytest.mark.slow
def test_check_format_passes_chronicle() -> None:
    """The laws of a format hold: a log comes back, and is written in one way."""
    check_format(chronicle)


@HERE
@given(log=st.builds(lambda found: EventLog.of(*found), events()))
def test_load_reads_the_facts_that_dump_wrote(log: EventLog, path: Path) -> None:
    """Nothing is lost of shipped facts."""
    assert () == chronicle.dump(log, path, FACTS)
    assert log == chronicle.load(path, FACTS)


@HERE
@given(log=logs())
def test_corrections_and_retractions_come_back(log: EventLog, path: Path) -> None:
    """Nothing is lost of what the methods of a log make."""
    assert () == chronicle.dump(log, path, FEW)
    assert log == chronicle.load(path, FEW)


def test_dump_writes_the_earlier_day_of_a_repeated_claim(path: Path) -> None:
    """A claim that was known earlier than it first said is not a repetition."""
    log = (
        EventLog().append(JOINED, known="2019-05-01").append(JOINED, known="2019-04-24")
    )

    assert () == chronicle.dump(log, path, FACTS)
    assert log == chronicle.load(path, FACTS)
    assert (JOINED,) == chronicle.load(path, FACTS).as_of(
        "2019-04-24", "2019-04-24"
    ).events


@HERE
@given(log=odd_logs())
def test_dump_reports_every_loss(log: EventLog, path: Path) -> None:
    """A log comes back, or what is lost is said; the file can be read either way."""
    losses = chronicle.dump(log, path, WORDS)
    again = chronicle.load(path, WORDS)

    assert bool(losses) or log == again
    assert len(again) >= len(log) - len({loss.place for loss in losses})


def test_the_shipped_chronicle_comes_back(path: Path) -> None:
    """What people wrote comes back whole."""
    assert () == chronicle.dump(azerbaijan_china(), path, FACTS)
    assert azerbaijan_china() == chronicle.load(path, FACTS)


@pytest.mark.parametrize(
    "what",
    [
        Rated(),
        Rated(Decimal("1E+40"), -0.0),
        Rated(Decimal("-0.10"), 1e300, ("a", "b\r\n\t\x00\x7f\u2028")),
        Rated(sums=(Money(1, "USD"), Money("0.50", "CNY"))),
    ],
)
def test_values_come_back_exactly(path: Path, what: Rated) -> None:
    """Numbers keep their digits, and texts their control characters."""
    log = EventLog.of(Event(what, when="2015"))

    assert [] == lost(log, path, OWN)
    assert repr(log[:]) == repr(chronicle.load(path, OWN)[:])


def test_a_kind_of_any_name_comes_back(path: Path) -> None:
    """A name that is not a bare key of TOML stands in quotes."""
    named = Vocabulary(**{"a kind. of": Rated})
    log = EventLog.of(Event(Rated(), when="2015"))

    assert [] == lost(log, path, named)
    assert log == chronicle.load(path, named)


# --- how it looks ------------------------------------------------------------------


def test_dump_writes_as_a_person_would(path: Path) -> None:
    """Tables stand in order, lists in a line, days bare; the usual is left out."""
    agency = Source("On trade", published="2019-05~", container="An Agency 16:62")
    signed = AgreementSigned(
        frozenset(("CHN", "AZE")), "trade", value=Money(5, "USD"), part_of="a"
    )
    log = EventLog.of(JOINED, Event(signed, when="2019-04-24", cite=(PAPER, agency)))
    log = log.append(
        Event(Joined("AZE", "y"), when="2016", cite=agency),
        supersedes=0,
        known="2020-01-01",
        because="a slip",
    ).retract(2, because="it was none")
    chronicle.dump(log, path, FACTS, title="Two")

    assert path.read_text("utf-8") == (
        """\
chronicle = 1
title = "Two"

[sources.the-paper]
title = "The Paper"
published = 2019-04-24

[sources.an-agency-16-62]
title = "On trade"
container = "An Agency 16:62"
published = "2019-05~"

[[entries]]
id = "a"
when = "2015"
cite = ["the-paper: p. 1"]

[entries.Joined]
member = "AZE"
body = "x"

[[entries]]
when = 2019-04-24
cite = ["the-paper", "an-agency-16-62"]

[entries.AgreementSigned]
parties = ["AZE", "CHN"]
title = "trade"
value = { amount = "5", currency = "USD" }
part_of = "a"

[[entries]]
label = "entry 2"
when = "2016"
cite = ["an-agency-16-62"]
known = 2020-01-01
supersedes = "a"
because = "a slip"

[entries.Joined]
member = "AZE"
body = "y"

[[entries]]
retracts = "entry 2"
because = "it was none"
"""
    )


def test_a_long_list_goes_over_several_lines(path: Path) -> None:
    """A list that is too wide has a line for each item."""
    cite = [PAPER.at(f"a place with a name that is long, number {n}") for n in (1, 2)]
    log = EventLog.of(Event(Joined("AZE", "x"), when="2015", cite=cite))
    chronicle.dump(log, path, FACTS)

    assert (
        'cite = [\n    "the-paper: a place with a name that is long, number 1",\n'
        '    "the-paper: a place with a name that is long, number 2",\n]\n'
    ) in path.read_text("utf-8")
    assert log == chronicle.load(path, FACTS)


def test_sources_have_keys_that_can_be_told_apart(path: Path) -> None:
    """Sources of one name are told apart by their dates, and then by numbers."""
    sources = [
        Source("A"),
        Source("A", published="2019"),
        Source("A", url="b"),
        Source("A", url="c"),
        Source("A", published="2019", author="b"),
        Source("\u65b0\u95fb"),
        Source("Word " * 20),
    ]
    log = EventLog.of(Event(Joined("AZE", "x"), when="2015", cite=sources))
    chronicle.dump(log, path, FACTS)

    keys = [*tomllib.loads(path.read_text("utf-8"))["sources"]]
    assert ["a", "a-2019", "a-2", "a-3", "a-2019-2", "source"] == keys[:-1]
    assert "-".join(["word"] * 8) == keys[-1]
    assert log == chronicle.load(path, FACTS)


def test_dump_writes_no_label_that_equals_an_id(path: Path) -> None:
    """What refers to an entry means that one, whatever others are called."""
    first = Event(Joined("AZE", "x"), when="2015")
    odd = Event(Joined("CHN", "x"), when="2015", id="entry 0")
    log = EventLog.of(first, odd).retract(1, because="b").retract(0, because="c")

    assert [] == lost(log, path)
    assert log == chronicle.load(path, FACTS)


def test_dump_of_a_partial_log_reports_new_positions(path: Path) -> None:
    """A log that is part of another is numbered anew, and that is said."""
    log = EventLog.of(Event(Joined("CHN", "x"), when="2015"), JOINED).among("AZE")

    assert ["entry 1: its position is now 0"] == lost(log, path)


# --- what is lost ------------------------------------------------------------------


def test_instants_and_knowledge_all_along_are_lost(path: Path) -> None:
    """What a chronicle has no words for is named, and the rest is there."""
    instant = datetime(2026, 1, 1, tzinfo=UTC)
    log = EventLog([Entry(position=0, event=JOINED, recorded_at=instant)])

    assert [
        "entry 0: the day from which it was known does not come back as written",
        "entry 0: the instant of its recording is not written",
    ] == lost(log, path)
    assert JOINED == chronicle.load(path, FACTS)[0].event


def test_a_day_beyond_all_calendars_is_lost(path: Path) -> None:
    """A day of knowledge that ISO 8601 has no four digits for is left out."""
    event = Event(Joined("AZE", "x"), when="2015")
    log = EventLog([Entry(position=0, event=event, known=10**7)])

    assert [
        "entry 0: the day from which it was known does not come back as written"
    ] == lost(log, path)


def test_a_place_with_spaces_around_it_is_lost(path: Path) -> None:
    """Spaces around the place in a source are not read, and that is said."""
    log = EventLog.of(Event(Joined("AZE", "x"), when="2015", cite=PAPER.at(" p. 1")))

    assert ["entry 0: its citations do not come back as written"] == lost(log, path)


def test_dump_reports_entries_whose_target_is_lost(path: Path) -> None:
    """A correction of what is lost stands alone; what withdraws it is lost with it."""
    log = (
        EventLog.of(Event(Unknown("Tariff", 1, b"{}"), when="2015", id="t"), JOINED)
        .append(Event(Joined("AZE", "y"), when="2015"), supersedes=0)
        .retract(0, because="b")
        .retract(3, because="c")
    )

    assert [
        "entry 0: is not written: nothing here can read its kind, 'Tariff'",
        "entry 3: is not written: what it withdraws is not",
        "entry 4: is not written: what it withdraws is not",
        "entry 1: its position is now 0",
        "entry 2: what it corrects is not written",
        "entry 2: its position is now 1",
    ] == lost(log, path)
    assert [JOINED, log[2].event] == [e.event for e in chronicle.load(path, FACTS)]


def test_dump_reports_erased_entries(path: Path) -> None:
    """An entry that claims nothing and withdraws nothing is not written."""
    log = EventLog([Entry(position=0), Entry(position=1, event=JOINED)])

    assert [
        "entry 0: is not written: it claims nothing, and withdraws nothing",
        "entry 1: the day from which it was known does not come back as written",
        "entry 1: its position is now 0",
    ] == lost(log, path)


def test_dump_reports_repeated_claims(path: Path) -> None:
    """Repeated words are read as nothing new."""
    claims = [
        Entry(position=n, event=JOINED, known=JOINED.known_day, because=because)
        for n, because in enumerate((None, "again"))
    ]

    assert ["entry 1: says nothing that a live one above does not"] == lost(
        EventLog(claims), path
    )


def test_a_retraction_without_a_reason_is_lost(path: Path) -> None:
    """What the reader would refuse is not written, with the reason."""
    log = EventLog.of(JOINED).retract(0, because="")

    (loss,) = lost(log, path)
    assert loss.startswith("entry 1: is not written: because: is ''")
    assert EventLog.of(JOINED) == chronicle.load(path, FACTS)


@pytest.mark.parametrize("what", [Rated(note=None), Rated(words=("a", None))])
def test_dump_reports_null_values(path: Path, what: Rated) -> None:
    """TOML has no null: it is left out, and what that changes is said."""
    log = EventLog.of(Event(what, when="2015"))

    assert ["entry 0: what it says does not come back as written"] == lost(
        log, path, OWN
    )


def test_another_id_of_a_correction_is_kept(path: Path) -> None:
    """A correction may be called otherwise than what it corrects."""
    other = Event(Visited("AZE", "CHN"), when="2016", id="other")
    log = EventLog.of(JOINED).append(other, supersedes=0)

    assert [] == lost(log, path)
    assert log == chronicle.load(path, FACTS)


def test_dump_refuses_unknown_classes_and_broken_text(path: Path) -> None:
    """Unknown classes and halves of characters are refused, and nothing is written."""
    with pytest.raises(VocabularyError):
        chronicle.dump(EventLog.of(JOINED), path, OWN)
    with pytest.raises(EntryError):
        chronicle.dump(
            EventLog.of(Event(Rated(), when="2015", cite=Source("\ud800"))), path, OWN
        )
    assert not path.exists()


KEYED = """
chronicle = 1

[sources.cat1938]
title = "Auction catalogue"
container = "Fischer, Lucerne"

[sources.again]
title = "Auction catalogue"
container = "Fischer, Lucerne"

[sources."a b"]
title = "Odd"

[[entries]]
when = "1938"
cite = ["cat1938: lot 4", "a b"]

[entries.Joined]
member = "AZE"
body = "x"
"""


def test_a_source_keeps_the_key_of_its_chronicle(tmp_path: Path) -> None:
    """Of two keys the first; one that needs quotes is made anew, as those of others."""
    path = tmp_path / "by-hand.toml"
    path.write_text(KEYED, "utf-8")
    log = chronicle.load(path, FACTS)
    other = Source("Other", container="Cat1938")
    news = Event(Joined("GEO", "x"), when="1939", cite=other)
    log, _ = update(path, lambda log: log.append(news), FACTS)
    sources = tomllib.loads(path.read_text("utf-8"))["sources"]

    assert ["cat1938", "odd", "cat1938-2"] == [*sources]
    assert log == chronicle.load(path, FACTS)
    written = path.read_text("utf-8")
    chronicle.dump(log, path, FACTS, like=path)
    assert written == path.read_text("utf-8")


@pytest.mark.parametrize(
    "text", ["not = [toml", "sources = 5", "\ufeffa = 1e9999999999"]
)
def test_a_file_that_is_not_a_chronicle_has_no_keys(text: str, tmp_path: Path) -> None:
    """It is replaced like any other."""
    path = tmp_path / "a.toml"
    path.write_text(text, "utf-8")
    log = EventLog.of(Event(Joined("GEO", "x"), when="1939", cite=Source("Paper")))
    chronicle.dump(log, path, FACTS, like=path)

    assert log == chronicle.load(path, FACTS)


def test_a_chronicle_that_is_too_large_to_be_read_has_no_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its sources get keys of the library's own."""
    path = tmp_path / "by-hand.toml"
    path.write_text(KEYED, "utf-8")
    log = chronicle.load(path, FACTS)
    monkeypatch.setattr(chronicle, "LARGEST", 1)
    chronicle.dump(log, path, FACTS, like=path)

    assert "cat1938" not in path.read_text("utf-8")


def test_a_row_that_a_release_brings_back_comes_back(path: Path) -> None:
    """Also where somebody had restored it."""
    row, log = Event(Joined("AZE", "x"), when="2015", id="a"), EventLog()
    for day, rows in (("2016-01-01", [row]), ("2016-02-01", [])):
        log, _ = log.revise(rows, dataset="d", published=day, covers=Covers())
    log = log.retract(3, because="it is there", known="2016-01-15")
    log, _ = log.revise([row], dataset="d", published="2016-03-01")

    assert [] == lost(log, path, FACTS)
    assert log == chronicle.load(path, FACTS)
