"""vis-timeline: items from a log, and what is lost on the way."""

from __future__ import annotations

import html
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from log_strategies import Deed, Fact, logs

from bri_timeline import Event, EventLog, Source, Vocabulary
from bri_timeline.chronicles import azerbaijan_china
from bri_timeline.errors import VocabularyError
from bri_timeline.formats import geojson, graph, vis
from bri_timeline.pages import describe_event
from bri_timeline.pages._wording import kind
from bri_timeline.relations import FACTS, Joined


FEW = Vocabulary(Fact, Deed)
HERE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A path in a folder of its own."""
    return tmp_path / "items.json"


def joined(when: str, body: str = "x") -> Event:
    """An event that reports a membership."""
    return Event(Joined("AZE", body), when=when, cite=Source("A & B").at("p. 1"))


@HERE
@given(log=logs())
def test_every_happening_is_an_item(log: EventLog, tmp_path: Path) -> None:
    """What counts is drawn once, and every entry is named among the losses."""
    path = tmp_path / "items.json"
    losses = vis.dump(log, path, FEW)
    view = log.as_of("9999-12-31")
    items = json.loads(path.read_text())["items"]

    assert len((*view.events, *view.undecided)) == len(items)
    assert {loss.place for loss in losses} == {f"entry {e.position}" for e in log}


@pytest.mark.parametrize("form", [geojson, graph, vis])
def test_a_label_tells_what_was_out(form: Any) -> None:
    """Who makes the label of an event as known by a day sees no later source."""
    told = [Source("Paper", published="2016"), Source("Gazette", published="2018")]
    log = EventLog.of(joined("2015").cited(told))
    seen: list[str] = []

    def tell(event: Event) -> str:
        seen.extend(str(place) for place in event.cite)
        return "x"

    form.dumps(log, FACTS, tell=tell, known_by="2016-12-31")
    assert {*seen} == {"Paper (2016)"}


def test_an_item_has_days_words_and_a_lane(path: Path) -> None:
    """Months last to the day after their last; texts are escaped."""
    log = EventLog.of(joined("2015-04~", "<b>"))
    losses = [str(loss) for loss in vis.dump(log, path, FACTS)]

    assert json.loads(path.read_text()) == {
        "items": [
            {
                "id": 0,
                "group": "Memberships",
                "content": "Azerbaijan joins &lt;b&gt;",
                "title": "around April 2015<br>A &amp; B, p. 1",
                "start": "2015-04-01",
                "end": "2015-05-01",
                "className": "maybe",
            }
        ],
        "groups": [{"id": "Memberships", "content": "Memberships"}],
    }
    assert losses == [
        "entry 0: its payload and citations are written in words",
        "entry 0: its date 2015-04~ is written as days, and in words",
    ]


def test_dump_writes_a_day_as_a_point(path: Path) -> None:
    """A known day is a point, and its date is not lost."""
    losses = vis.dump(
        EventLog.of(joined("2015-04-24")), path, FACTS, group=lambda _: "g",
        tell=lambda _: "said",
    )  # fmt: skip
    (item,) = json.loads(path.read_text())["items"]

    assert ("2015-04-24", "g", "said", False, False) == (
        item["start"], item["group"], item["content"], "end" in item,
        "className" in item,
    )  # fmt: skip
    assert 1 == len(losses)


def test_dump_writes_open_and_distant_dates(path: Path) -> None:
    """An open end is left open, and what has no day is left out."""
    log = EventLog.of(
        joined("2015/.."), joined("[..2016]"), joined("9999"), joined("Y-17E7")
    )
    losses = list(map(str, vis.dump(log, path, FACTS)))
    items = json.loads(path.read_text())["items"]

    assert ["2015-01-01", "2016-12-31", "9999-01-01"] == sorted(
        item["start"] for item in items
    )
    assert not any("end" in item for item in items)
    assert "entry 3: is not written: Y-170000000 has no day to be drawn on" in losses


def test_dump_known_by_leaves_out_later_claims(path: Path) -> None:
    """What became known later is not drawn, and said to be left out."""
    log = EventLog.of(joined("2015")).append(joined("2016"), known="2020-01-01")
    losses = vis.dump(log, path, FACTS, known_by="2019-01-01")

    assert 1 == len(json.loads(path.read_text())["items"])
    assert "entry 1: is not written" in str(losses[0])


def test_payloads_are_of_the_vocabulary(path: Path) -> None:
    """A payload of another class is refused, and nothing is written."""
    with pytest.raises(VocabularyError):
        vis.dump(EventLog.of(joined("2015")), path, Vocabulary())

    assert not path.exists()


def test_items_read_as_the_page_does(path: Path) -> None:
    """Each payload is described as on a page, in the lane that it has there."""
    log = azerbaijan_china()
    vis.dump(log, path, FACTS)
    view = log.as_of("9999-12-31")
    events = (*view.events, *view.undecided)
    items = json.loads(path.read_text())["items"]

    assert {(html.escape(describe_event(e)), kind(e)) for e in events} == {
        (item["content"], item["group"]) for item in items
    }
    assert any(item["content"].startswith("Russia on ") for item in items)
