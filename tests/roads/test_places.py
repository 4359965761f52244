"""Tests of places: what they are, and that they are part of what is claimed."""

from __future__ import annotations

import pytest
from hypothesis import given
from log_strategies import Deed, Fact

from bri_timeline import (
    Event,
    EventLog,
    Place,
    Source,
    Vocabulary,
    answers,
)
from bri_timeline.formats import chronicle, jsonl
from bri_timeline.pages import html
from bri_timeline.testing import places


VOCABULARY = Vocabulary(Fact, Deed)
BAKU = Place("Baku", 40.3777, 49.892, "exact")
FACT = Fact("a", frozenset({"AAA", "BBB"}))
PAPER, RADIO = Source("Paper", published="2016"), Source("Radio", published="2017")


def test_digest_without_a_place_is_as_it_was() -> None:
    """The id of an event without a place has not changed since there are places."""
    assert Event(FACT, when="2016").id == "e348d61b4ae3d74da060370f0e96dc07"
    line = b'{"position":0,"event":{"kind":"Fact","version":1,"what":{'
    text = jsonl.dumps(EventLog.of(Event(FACT, when="2016")), VOCABULARY)
    assert line.decode() in text
    assert "where" not in text


@given(places())
def test_place_comes_back_from_every_text(place: Place) -> None:
    """A place comes back from its repr, a line, a chronicle and an answer."""
    assert eval(repr(place)) == place
    event = Event(FACT, when="2016", where=place, cite=PAPER)
    log = EventLog.of(event)
    assert jsonl.loads(jsonl.dumps(log, VOCABULARY), VOCABULARY) == log
    assert chronicle.loads(chronicle.dumps(log, VOCABULARY), VOCABULARY) == log
    assert answers.loads(answers.dumps(event), Event, VOCABULARY) == event


def test_chronicle_says_where() -> None:
    """A chronicle has the name of a place, or a table in one line."""
    log = EventLog.of(
        Event(FACT, when="2016", where=Place("Baku")),
        Event(FACT, when="2016", where=BAKU),
    )
    text = chronicle.dumps(log, VOCABULARY)
    assert 'where = "Baku"\n' in text
    table = 'name = "Baku", latitude = 40.3777, longitude = 49.892, precision = "exact"'
    assert f"where = {{ {table} }}\n" in text
    bad = text.replace("40.3777", "140.0").replace('"Baku"\n', "7\n")
    with pytest.raises(Exception, match=r"latitude 140\.0 is not between") as caught:
        chronicle.loads(bad, VOCABULARY)
    assert "where: is the number 7: write text in quotes" in str(caught.value)


def test_kind_named_where_is_read_as_before() -> None:
    """A chronicle whose vocabulary has a kind `where` has no places in tables."""
    vocabulary = Vocabulary(where=Fact)
    log = EventLog.of(Event(FACT, when="2016"))
    text = chronicle.dumps(log, vocabulary)
    assert chronicle.loads(text, vocabulary) == log


def test_pages_name_the_place() -> None:
    """They have its name; the point is lost."""
    log = EventLog.of(Event(FACT, when="2016", where=BAKU))
    view = log.as_of("2017-01-01")

    assert "place: Baku" in html.render(view)
