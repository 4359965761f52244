"""Tests of places: what they are, and that they are part of what is claimed."""

from __future__ import annotations

import math
import pickle
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from log_strategies import Deed, Fact, logs

from bri_timeline import (
    Event,
    EventLog,
    Place,
    Source,
    Vocabulary,
    compare,
    projection,
)
from bri_timeline._form import Codec, encode_entry
from bri_timeline.errors import EventError
from bri_timeline.measures import count


VOCABULARY = Vocabulary(Fact, Deed)
BAKU = Place("Baku", 40.3777, 49.892, "exact")
FACT = Fact("a", frozenset({"AAA", "BBB"}))
PAPER, RADIO = Source("Paper", published="2016"), Source("Radio", published="2017")


@projection(initial=frozenset)
def seen_at(places: frozenset[Place], event: Event) -> frozenset[Place]:
    """The places of events."""
    return places | {event.where} if event.where else places


@pytest.mark.parametrize(
    ("parts", "problem"),
    [
        ({}, "neither a name nor coordinates"),
        ({"name": "Baku", "latitude": 40}, "one coordinate"),
        ({"name": "Baku", "longitude": 49}, "one coordinate"),
        ({"latitude": 90.01, "longitude": 0}, "between -90 and 90"),
        ({"latitude": 0, "longitude": -181}, "between -180 and 180"),
        ({"latitude": float("nan"), "longitude": 0}, "latitude nan"),
        ({"latitude": 0, "longitude": float("inf")}, "longitude inf"),
        ({"latitude": "40.4", "longitude": 49}, "number of degrees"),
        ({"latitude": True, "longitude": 49}, "number of degrees"),
        ({"latitude": 10**400, "longitude": 49}, "number of degrees"),
        ({"name": 7}, "name 7 is not text"),
        ({"name": "Baku", "precision": " "}, "precision ' ' is not a word"),
        ({"name": "Baku", "precision": 1}, "precision 1 is not a word"),
    ],
)
def test_place_refuses_what_is_not_a_place(
    parts: dict[str, object], problem: str
) -> None:
    """A place has a name or a point, and its point lies on the earth."""
    with pytest.raises(EventError, match=problem):
        Place(**parts)


def test_place_names_all_its_faults() -> None:
    """All faults are named at once."""
    with pytest.raises(EventError, match=r"latitude 91\.0.*longitude 200\.0"):
        Place("Nowhere", 91, 200)


def test_place_as_text() -> None:
    """Its text has the name, the point and the precision, as far as there are any."""
    assert str(BAKU) == "Baku (40.3777, 49.892; exact)"
    assert str(Place("Baku")) == "Baku"
    assert str(Place("", 1, 2, "near")) == "1.0, 2.0; near"
    assert repr(BAKU) == "Place('Baku', 40.3777, 49.892, 'exact')"
    assert BAKU.as_dict() == {
        "name": "Baku",
        "latitude": 40.3777,
        "longitude": 49.892,
        "precision": "exact",
    }


def test_equal_points_have_equal_text() -> None:
    """Numbers of any kind are degrees, and zero has no sign."""
    assert repr(Place("", -0.0, Decimal("1.5"))) == repr(Place("", 0, 1.5))


def test_event_takes_a_place() -> None:
    """`where` is a place or None, and nothing else."""
    assert Event(FACT, when="2016").where is None
    with pytest.raises(EventError, match="give a Place, or None"):
        Event(FACT, when="2016", where=(40.4, 49.9))


def test_place_is_part_of_an_event() -> None:
    """Events at two places differ; without ids they are two happenings."""
    here, nowhere = Event(FACT, when="2016", where=BAKU), Event(FACT, when="2016")
    assert here != nowhere
    assert here.id != nowhere.id
    view = EventLog.of(here, nowhere, here.cited([PAPER])).as_of("2017-01-01")
    assert (len(view.events), len(view.disputes)) == (2, 0)
    assert pickle.loads(pickle.dumps(here)) == here
    assert here.cited([PAPER]).where == BAKU
    assert Event(FACT, when="2016", id="x").cited([PAPER]).where is None


def test_two_places_of_one_id_are_a_dispute() -> None:
    """Claims about one happening that differ in its place alone are a dispute."""
    one = Event(FACT, when="2016", where=BAKU, cite=PAPER, id="x")
    other = Event(FACT, when="2016", where=Place("Ganja"), cite=RADIO, id="x")
    view = EventLog.of(one, other, one.cited([RADIO])).as_of("2017-12-31")
    [dispute] = view.disputes
    assert {claim.where for claim in dispute.claims} == {BAKU, Place("Ganja")}
    assert len(view.events) == 1


def test_release_that_moves_an_event_changes_it() -> None:
    """`compare()` and `diff()` say that the place changed."""
    old = Event(FACT, when="2016", where=Place("Baku"), cite=PAPER, id="x")
    new = Event(FACT, when="2016", where=BAKU, cite=PAPER, id="x")
    [amendment] = compare([old], [new]).changed
    assert amendment.fields == {"where": (Place("Baku"), BAKU)}
    log = EventLog.of(old)
    moved = log.append(new, supersedes=0)
    before, after = log.as_of("2017-01-01"), moved.as_of("2017-01-01")
    [change] = before.diff(after, seen_at).changes
    assert (change.before, change.after) == (old, new)
    assert [one.event.where for one in after.set_aside] == [Place("Baku")]
    apart = EventLog.of(new).as_of("2017-01-01")
    assert before.diff(apart, seen_at).after == {BAKU}
    assert len(before.diff(apart, seen_at).changes) == 1
    assert after.diff(apart, seen_at).changes == ()


def test_explanation_names_the_place() -> None:
    """The text of an explanation, and the table of a notebook, have the place."""
    view = EventLog.of(Event(FACT, when="2016", where=BAKU)).as_of("2017-01-01")
    explained = view.explain(count(Fact), of=int)
    assert "\n    place: Baku (40.3777, 49.892; exact)" in str(explained)
    assert "place: Baku" in view.events[0]._repr_html_()


@given(logs(plain=True))
def test_lines_decoded_together_have_their_places(log: EventLog) -> None:
    """Lines that are decoded in one batch give the places of each event."""
    lines = [encode_entry(entry, VOCABULARY) for entry in log]
    assert Codec(VOCABULARY).decode(lines) == [*log]


POINTS = st.builds(
    Place,
    latitude=st.floats(-90, 90),
    longitude=st.floats(-180, 180),
)


def unit(place: Place) -> tuple[float, float, float]:
    """Return the point of a place on a sphere of radius 1."""
    north, east = math.radians(place.latitude or 0), math.radians(place.longitude or 0)
    around = math.cos(north)
    return around * math.cos(east), around * math.sin(east), math.sin(north)


@given(one=POINTS, other=POINTS)
def test_a_distance_is_that_of_the_angle_between_two_points(
    one: Place, other: Place
) -> None:
    """By vectors: twice the arc sine of half the chord."""
    chord = math.dist(unit(one), unit(other))
    expected = 2 * 6371.0088 * math.asin(min(1, chord / 2))

    # Near the other side of the Earth the arc sine of floats is good to some metres.
    assert one.distance(other) == pytest.approx(expected, abs=0.5)
    assert one.distance(other) == pytest.approx(other.distance(one), abs=1e-6)
    assert 0 == one.distance(one)


def test_a_distance_needs_two_points() -> None:
    """A name alone has none; a text is no place."""
    assert BAKU.distance(Place("Baku")) is None
    assert Place("Baku").distance(BAKU) is None
    name: Any = "Xi'an"
    with pytest.raises(EventError, match="is not a place: give a Place"):
        BAKU.distance(name)
