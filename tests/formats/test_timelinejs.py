"""TimelineJS: slides from a log and back, and what is lost on the way."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from log_strategies import Deed, Fact, logs

from bri_timeline import Entry, Event, EventLog, Source, Unknown, Vocabulary
from bri_timeline.errors import FaultsError, VocabularyError
from bri_timeline.formats import timelinejs
from bri_timeline.formats.timelinejs import Slide
from bri_timeline.pages import describe_event
from bri_timeline.relations import FACTS, Joined, Met


SLIDES = Vocabulary(Slide)
ALL = Vocabulary(Fact, Deed) | FACTS | SLIDES
HERE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])

texts = st.text("a<b>&;\n\r'=\"@ ", max_size=6)
maybe = st.none() | texts
slides = st.builds(
    Slide,
    texts,
    maybe,
    maybe,
    st.none() | st.just("https://paper.example/a") | texts,
    maybe,
    maybe,
    maybe,
    st.booleans(),
)
DATES = """
2015 2015-04 2015-04-24 2015/2016-02 -0044 Y12345 2015~ 201X 2015-21 2015/..
[..2015-02] Y-17E7 -9999/.. 2015/2015 2019-04-24T10:00:00Z [2015..2017]
Y-13800000000
"""
dates = st.sampled_from(DATES.split())
events = st.builds(
    Event,
    slides,
    when=dates,
    id=st.none() | st.sampled_from(["x", "y"]),
    cite=st.lists(st.just(Source("The Paper", published="2019")), max_size=1),
)


def loaded(path: Path, content: object) -> EventLog:
    """The log of a document."""
    text = content if isinstance(content, str) else json.dumps(content)
    path.write_text(text, "utf-8")
    return timelinejs.load(path, SLIDES)


def faults_of(path: Path, content: object) -> list[str]:
    """What is said about a document."""
    with pytest.raises(FaultsError) as caught:
        loaded(path, content)
    return [str(fault) for fault in caught.value.faults]


@pytest.fixture
def document(tmp_path: Path) -> Path:
    """A path for JSON."""
    return tmp_path / "slides.json"


@HERE
@given(log=st.lists(events, max_size=4).map(lambda found: EventLog.of(*found)))
@example(  # these two are one happening, of which the first says less
    log=EventLog.of(*(Event(Slide("a"), when=w, id="x") for w in ("2015", "2015-04")))
)
def test_load_reads_entries_without_losses_as_they_were(
    log: EventLog, tmp_path: Path
) -> None:
    """An entry of which no loss is reported comes back as it was, and no other."""
    path = tmp_path / "slides.json"
    lost = {loss.place for loss in timelinejs.dump(log, path, SLIDES)}
    again = [entry.event for entry in timelinejs.load(path, SLIDES)]
    kept = [e.event for e in log if f"entry {e.position}" not in lost]

    assert all(event in again for event in kept)
    assert len(again) <= len(log)
    if not lost:
        assert sorted(map(repr, kept)) == sorted(map(repr, again))


@HERE
@given(log=logs())
@example(  # these two are one row of a table, said twice
    log=EventLog.of(*(Event(Fact("a"), when="2015-12-31", id=n) for n in (None, "x")))
)
def test_dump_writes_a_slide_for_each_happening_of_any_log(
    log: EventLog, tmp_path: Path
) -> None:
    """Corrections, retractions and disputes leave one slide for each happening."""
    path = tmp_path / "slides.json"
    losses = timelinejs.dump(log, path, ALL)
    view = log.as_of("9999-12-31")
    drawn = {event.id for event in (*view.events, *view.undecided)}
    found = len(timelinejs.load(path, SLIDES))

    assert len(drawn) == found
    assert {f"entry {entry.position}" for entry in log} == {x.place for x in losses}


def test_load_reads_the_slides_that_dump_wrote(tmp_path: Path) -> None:
    """Texts, days, eras and names are written in both ways, and read again."""
    log = EventLog.of(
        Event(Slide("a <b>", "1 & 2\n3", "g", "https://x.example"), when="2015-04"),
        Event(Slide("=1+1", is_era=True), when="2013/2015-04-24"),
    )
    path = tmp_path / "slides.json"

    assert () == timelinejs.dump(log, path, SLIDES)
    assert {entry.event for entry in log} == {
        entry.event for entry in timelinejs.load(path, SLIDES)
    }


def test_the_document_is_that_of_timelinejs(document: Path) -> None:
    """Dates are numbers, texts are HTML in which nothing is a tag."""
    slide = Slide("<script>", media="https://x.example", display_date="spring")
    log = EventLog.of(Event(slide, when="2015-04/2015-05-02", id="a"))
    timelinejs.dump(log, document, SLIDES)

    assert {
        "events": [
            {
                "start_date": {"year": 2015, "month": 4},
                "end_date": {"year": 2015, "month": 5, "day": 2},
                "text": {"headline": "&lt;script&gt;"},
                "media": {"url": "https://x.example"},
                "display_date": "spring",
                "unique_id": "a",
            }
        ]
    } == json.loads(document.read_text())


def test_dump_reports_losses(document: Path) -> None:
    """Payloads, citations, doubtful dates and knowledge are said to be lost."""
    source = Source("The Paper", published="2019-04").at("p. 1")
    log = EventLog.of(
        Event(Joined("AZE", "AIIB"), when="2015~", cite=source),
        Event(Met({"AZE", "CHN"}), when="[..2015-02]"),
        Event(Unknown("Tariff", 1, b"{}"), when="2015"),
        Event(Slide("x", media="javascript:1"), when="2016", cite=Source("y")),
        Event(Slide("late"), when="Y12345"),
        Event(Slide("never"), when="Y-17E7~"),
        Event(Slide("x" * 300), when="2017"),
    )
    log = log.append(
        Event(Joined("AZE", "NDB"), when="2016"), supersedes=0, known="2020-01-01"
    )
    losses = timelinejs.dump(log.retract(1, because="no"), document, ALL)
    written = json.loads(document.read_text())["events"]

    assert {
        "entry 0: is not written: it was corrected, withdrawn or set aside, or is late",
        "entry 1: is not written: it was corrected, withdrawn or set aside, or is late",
        "entry 2: its payload and citations are written in words",
        "entry 3: its citations are not written",
        "entry 3: its media is not written: it is not a web address",
        "entry 4: is not written: it was corrected, withdrawn or set aside, or is late",
        "entry 5: is not written: Y-170000000~ has no day to be drawn on",
        "entry 7: its payload and citations are written in words",
        "entry 7: the day from which it was known is not written",
        "entry 7: what it corrects, and why, is not written",
        "entry 8: is not written: it withdraws another, or was erased",
    } == set(map(str, losses))
    assert ["Azerbaijan joins NDB", "Tariff", "x", "x" * 300] == sorted(
        slide["text"]["headline"] for slide in written
    )


def test_instants_are_lost(document: Path) -> None:
    """When a store recorded an entry is not written."""
    event = Event(Slide("x"), when="2015", id="a")
    instant = datetime(2020, 1, 1, tzinfo=UTC)
    log = EventLog([Entry(position=0, event=event, recorded_at=instant)])
    recorded = "entry 0: the instant at which it was recorded is not written"

    assert [recorded] == [str(x) for x in timelinejs.dump(log, document, SLIDES)]


def test_dump_reports_dates_that_are_not_days(document: Path) -> None:
    """What is between days is drawn from the first to the last, and in words."""
    log = EventLog.of(
        Event(Joined("AZE", "x" * 300), when="2015~", cite=Source("y").at("p. 1")),
        Event(Joined("CHN", "x"), when="[..2016-02]"),
    )
    losses = [str(loss) for loss in timelinejs.dump(log, document, FACTS)]
    first, second = json.loads(document.read_text())["events"]

    assert "entry 0: its date 2015~ is written as days, and in words" in losses
    early, late = sorted([first, second], key=lambda s: s["start_date"]["year"])
    assert ({"year": 2015, "month": 12, "day": 31}, "around 2015", "y, p. 1") == (
        early["end_date"], early["display_date"], early["text"]["text"],
    )  # fmt: skip
    assert ({"year": 2016, "month": 2, "day": 29}, False) == (
        late["start_date"], "end_date" in late,
    )  # fmt: skip
    assert early["text"]["headline"] == describe_event(log[0].claim)
    assert len(early["text"]["headline"]) > 160


def test_dump_writes_a_season_by_its_days(document: Path) -> None:
    """A season is drawn from its first day to its last."""
    log = EventLog.of(Event(Slide("x"), when="2015-21"))
    losses = timelinejs.dump(log, document, SLIDES)
    (slide,) = json.loads(document.read_text())["events"]

    assert 1 == len(losses)
    assert slide["start_date"]["month"] in range(1, 13)
    assert "day" in slide["start_date"]


def test_dump_takes_headlines_from_say(document: Path) -> None:
    """`tell=` gives headlines to events whose payload is not a slide."""
    log = EventLog.of(Event(Joined("AZE", "x"), when="2015"))
    timelinejs.dump(log, document, FACTS, tell=lambda event: str(event.when))

    assert "2015" == timelinejs.load(document, SLIDES)[0].claim.what.headline


def test_a_slide_is_told_by_its_headline_and_text() -> None:
    """As pages and tables show it; marks for TimelineJS alone are left out."""
    told = [Slide("The first tram runs"), Slide("A tram", "It is late.", is_era=True)]

    assert ["The first tram runs", "A tram: It is late."] == [
        describe_event(Event(what, when="2019")) for what in told
    ]


def test_load_reads_files_of_other_programs(document: Path) -> None:
    """Numbers may be text, tags stay as they are, a title is passed over."""
    slide = {"start_date": {"year": "2015", "month": ""}, "text": {"headline": "<b>"}}
    title = {"text": {"headline": "x"}}
    log = loaded(document, {"title": title, "events": [slide], "eras": [slide]})

    assert [Slide("<b>"), Slide("<b>", is_era=True)] == [e.claim.what for e in log]


def test_slides_must_be_among_the_payloads(document: Path) -> None:
    """What is loaded can be kept with the same vocabulary."""
    with pytest.raises(VocabularyError, match=r"add timelinejs\.Slide to it"):
        timelinejs.load(document, FACTS)
    log = EventLog.of(Event(Joined("AZE", "x"), when="2015"))
    with pytest.raises(VocabularyError, match="Joined is not in the vocabulary"):
        timelinejs.dump(log, document, SLIDES)


def test_years_of_any_size_are_read_and_written(document: Path) -> None:
    """As those of a timeline of the universe, which TimelineJS draws."""
    slide = {"start_date": {"year": -13800000000}, "text": {"headline": "Big Bang"}}
    log = loaded(document, {"events": [slide]})

    assert ["Y-13800000000"] == [str(entry.claim.when) for entry in log]
    assert () == timelinejs.dump(log, document, SLIDES)
    assert log == timelinejs.load(document, SLIDES)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[", "file: is not JSON"),
        ("[" * 99, "file: is nested more than 64 levels deep"),
        ([], "file: is not a timeline"),
        ({"events": 1}, "events: is the number 1: write a list"),
        ({"events": [1]}, "events item 1: a slide is the number 1: write an object"),
        ({"events": [{}]}, "events item 1: has no date: write at least a year"),
        ({"events": [{"start_date": 1}]}, "events item 1: a date is the number 1"),
        ({"events": [{"start_date": {"year": "x"}}]}, "events item 1: year is 'x'"),
        ({"events": [{"start_date": {"year": 1.5}}]}, "events item 1: year is the num"),
        ({"events": [{"start_date": {"month": 1}}]}, "events item 1: month is the num"),
        (
            {"events": [{"start_date": {"year": 10**4095}}]},
            "events item 1: 'Y1000",
        ),
        (
            {"events": [{"start_date": {"year": 2015, "month": 13}}]},
            "events item 1: '2",
        ),
        (
            {"events": [{"group": 1}]},
            "events item 1: group is the number 1: write text",
        ),
    ],
)
def test_faults_have_their_slide(document: Path, content: object, said: str) -> None:
    """An invalid document or slide is a fault with its place."""
    assert faults_of(document, content)[0].startswith(said)


@pytest.mark.parametrize(
    ("headline", "name", "said"),
    [
        ("a\r\nb", "x", "its texts do not come back as they were"),
        ("a", "x\t", "its id is not written"),
    ],
)
def test_what_does_not_come_back_is_a_loss(
    tmp_path: Path, headline: str, name: str, said: str
) -> None:
    """TimelineJS has one break of a line, and ids of one line."""
    log = EventLog.of(Event(Slide(headline), when="2015", id=name))
    losses = timelinejs.dump(log, tmp_path / "slides.json", SLIDES)

    assert [str(loss) for loss in losses] == [f"entry 0: {said}"]
