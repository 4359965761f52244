"""Odd text, for each writer: it comes back, or what is lost is said or refused."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import networkx
import pytest
from icalendar import Calendar

from bri_timeline import Event, EventLog, Place, Source, Vocabulary, answers
from bri_timeline.errors import BriTimelineError, FaultsError
from bri_timeline.formats import (
    Loss,
    arrow,
    bibtex,
    chronicle,
    csl,
    csv,
    geojson,
    graph,
    ical,
    jsonl,
    timelinejs,
)
from bri_timeline.formats.timelinejs import Slide
from bri_timeline.relations import FACTS, Joined, Planned


WORDS = FACTS | Vocabulary(Slide)
DAY = "2030-01-01"
HALF = "a\ud800"
LONG = "x" * 200_000
TEXTS = [
    "", " ", " lead", "trail ", "a\rb", "a\r\nb", "a\nb", "\ufeffx", "a\x00b",
    "a\x0bb", "a\x1bb", "a\u2028b", "a\x85b", "=1+1", "'=1", "@x", "-1",
    "a,b;c\td|e", 'a"b', "a'''b", 'a"""b', "\\", "a\\", "{", "}", "%", "<b>",
    "&amp;", "\u202e", "NA", "null", "true", "1", "2015", "\U0001f600", "[1]",
    '{"a":1}', "#", "\t", "\n", "\x7f", "\uffff", "]]>", "<br>", "&lt;br&gt;",
    "@misc{x}", "\\textit{a}", "$x$", "~", LONG, HALF,
]  # fmt: skip

CONTROLS = "a\x1b[2J\x7f\x80\x9b\x9fb"
Dump = Callable[[EventLog, Path], tuple[Loss, ...]]
Load = Callable[[Path], object]
WRITERS: dict[str, tuple[Dump, Load]] = {
    "log.toml": (
        lambda log, path: chronicle.dump(log, path, WORDS),
        lambda path: chronicle.load(path, WORDS),
    ),
    "log.jsonl": (
        lambda log, path: jsonl.dump(log, path, WORDS),
        lambda path: jsonl.load(path, WORDS),
    ),
    "log.csv": (
        lambda log, path: csv.dump(log, path, WORDS),
        lambda path: csv.load(path, WORDS),
    ),
    "log.parquet": (
        lambda log, path: arrow.dump(log, path, WORDS),
        lambda path: arrow.load(path, WORDS),
    ),
    "log.arrow": (
        lambda log, path: arrow.dump(log, path, WORDS),
        lambda path: arrow.load(path, WORDS),
    ),
    "slides.json": (
        lambda log, path: timelinejs.dump(log, path, WORDS),
        lambda path: timelinejs.load(path, WORDS),
    ),
    "sources.json": (csl.dump, csl.load),
    "sources.bib": (bibtex.dump, bibtex.load),
    "plans.ics": (
        lambda log, path: ical.dump(log, path, WORDS, on=DAY),
        lambda path: Calendar.from_ical(path.read_bytes()),
    ),
    "network.graphml": (
        lambda log, path: graph.dump(log, path, WORDS, on=DAY),
        networkx.read_graphml,
    ),
    "map.geojson": (
        lambda log, path: geojson.dump(log, path, WORDS),
        lambda path: json.loads(path.read_text("utf-8")),
    ),
}


@cache
def logs_of(text: str) -> tuple[EventLog, ...]:
    """Logs that have a text wherever a text may stand."""
    return tuple(_logs_of(text))


def _logs_of(text: str) -> Iterator[EventLog]:
    paper = Source(
        text or "P", published="2019-04-24", container=text or None, author=text or None
    )
    joined = Event(Joined("AZE", text), when="2015", cite=paper.at(text))
    yield EventLog.of(joined)
    yield EventLog.of(joined).retract(0, because=text)
    where = Place(text, 40.4, 49.9, text if text.strip() else None)
    yield EventLog.of(Event(joined.what, when="2015", where=where))
    yield EventLog.of(Event(Slide(text, *[text] * 2, None, *[text] * 3), when="2015"))
    plan = Planned({"AZE", "CHN"}, "a summit", expected="2031", place=text)
    yield EventLog.of(Event(plan, when="2029", cite=paper, id=text or None))


def account_of(name: str, log: EventLog, path: Path) -> str:
    """Write and read a log, and return what there is to complain about."""
    dump, load = WRITERS[name]
    try:
        losses = dump(log, path)
    except BriTimelineError:
        return ""
    found = load(path)
    before: object = log
    if isinstance(found, tuple):
        claims = [entry.event for entry in log if entry.event]
        before = tuple({place.source for claim in claims for place in claim.cite})
    same = not isinstance(found, EventLog | tuple) or found == before
    return "" if same or losses else f"{found} is not {before}"


@pytest.mark.slow
@pytest.mark.parametrize("name", [*WRITERS])
def test_odd_text_comes_back_or_is_said_to_be_lost(name: str, tmp_path: Path) -> None:
    """Nothing is lost in silence, and what is written can be read."""
    path = tmp_path / name
    complaints = [
        (text[:12], said)
        for text in TEXTS
        for log in logs_of(text)
        if (said := account_of(name, log, path))
    ]

    assert [] == complaints


@pytest.mark.parametrize("name", ["log.csv", "sources.json"])
def test_dump_refuses_text_that_utf8_cannot_hold(name: str, tmp_path: Path) -> None:
    """Half a character is named with the file, and nothing is written."""
    path = tmp_path / name
    log = EventLog.of(Event(Joined("AZE", "x"), when="2015", cite=Source(HALF)))
    with pytest.raises(FaultsError, match="half a character, which UTF-8") as found:
        WRITERS[name][0](log, path)

    assert found.value.document == str(path)
    assert not path.exists()


def test_dump_takes_a_path_by_name(tmp_path: Path) -> None:
    """A path that is given by its name is told too."""
    path = tmp_path / "a.csv"
    log = EventLog.of(Event(Joined("AZE", "x"), when="2015", cite=Source(HALF)))
    with pytest.raises(FaultsError) as found:
        csv.dump(log, vocabulary=WORDS, path=path)

    assert found.value.document == str(path)


def test_a_payload_that_is_too_long_for_arrow_is_refused(tmp_path: Path) -> None:
    """What Arrow files are not read with is not written into one."""
    log = EventLog.of(Event(Joined("AZE", LONG * 6), when="2015"))
    with pytest.raises(BriTimelineError, match="its payload has 1200"):
        arrow.dump(log, tmp_path / "a.parquet", WORDS)


def test_json_for_other_programs_shows_no_control_characters() -> None:
    """JSON allows those of C1, which act on a terminal; as escapes they come back."""
    cite = Source(CONTROLS, published="2019").at("", "quote")
    event = Event(
        Joined("AZE", CONTROLS),
        when="2015",
        cite=cite,
        id=CONTROLS,
        where=Place(CONTROLS, 1, 2),
    )
    log = EventLog.of(event)
    texts = [
        *(module.dumps(log, FACTS) for module in (geojson, timelinejs)),
        csl.dumps(log),
        answers.dumps(log.as_of(DAY)),
    ]
    for text in texts:
        assert "\\u009b" in text or "\ufffd" in text
        assert not re.findall("[\x00-\x09\x0b-\x1f\x7f-\x9f]", text)
        assert repr(CONTROLS)[1:-1] in str(json.loads(text)) or "\ufffd" in text
