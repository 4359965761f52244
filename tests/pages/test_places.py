"""A map is read back: places, numbers, areas."""

from __future__ import annotations

import math
import re
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from drawings import SVG, groups, texts_of, words_of
from hypothesis import given
from hypothesis import strategies as st

from bri_timeline import Event, EventLog, Place, Source
from bri_timeline.errors import PictureError
from bri_timeline.pages import places
from bri_timeline.pages._sheets import text_width
from bri_timeline.pages._wording import LANGUAGES, strings
from bri_timeline.relations import Met


PLACES = [
    Place("Baku", 40.4, 49.9, "exact"),
    Place("Beijing", 39.9, 116.4),
    Place("Kazakhstan", 48.0, 67.0, "country"),
    Place("", -34.6, -58.4),
    Place("Null Island", 0.0, 0.0),
    Place("somewhere"),
    None,
]
WORDS = strings("en")
WHENS = ["2015-01-01", "2015", "[2015-06-01..]"]


@st.composite
def worlds(draw: st.DrawFn) -> EventLog:
    """Logs of meetings in few places, some of which may not have happened."""
    events = [
        Event(
            Met(["AZE", "CHN"]),
            when=draw(st.sampled_from(WHENS)),
            where=draw(st.sampled_from(PLACES)),
            id=f"e{number}",
        )
        for number in range(draw(st.integers(0, 12)))
    ]
    return EventLog.of(*events)


@given(worlds())
def test_each_circle_has_the_number_and_the_area_of_its_place(log: EventLog) -> None:
    """Filled is what is certain; the ring holds what may have happened too."""
    view = log.as_of("2015-03-01")
    wanted: dict[tuple[float, float], list[int]] = {}
    for event in (*view.events, *view.undecided):
        where = event.where
        if where is not None and where.latitude is not None:
            key = where.latitude, where.longitude or 0
            numbers = wanted.setdefault(key, [0, 0])
            numbers[event in view.undecided] += 1
    if not wanted and (view.events or view.undecided):
        with pytest.raises(PictureError, match="does not have coordinates"):
            places.render(view)
        return
    drawn = groups(places.render(view))
    found = []
    for group in drawn:
        filled = group.marks("circle", stroke="#1b1b1f")
        ring = group.marks("circle", fill="none")
        radii = [float(c.get("r", "")) for c in (*filled, *ring)]
        number = group.told[0].rpartition(" ")[2]
        low, _, high = number.partition("\u2013")
        found.append([int(low), int(high or low) - int(low)])
        assert (len(filled), len(ring)) == (int(low) > 0, bool(high))
        for radius, count in zip(
            radii, [int(low)] * len(filled) + [int(high or 0)] * len(ring), strict=True
        ):
            # Of at most twelve events each has the twelfth part of the largest area.
            assert radius == pytest.approx(26 * math.sqrt(count / 12), abs=0.01)

    assert sorted(found) == sorted(wanted.values())


def test_points_stand_as_on_a_map() -> None:
    """North is up and east is right; outlines are cited."""
    spots = [
        Event(Met(["AZE", "CHN"]), when="2015-01-01", where=place, id=str(place))
        for place in PLACES[:3]
    ]
    coast = Source("Coasts", published="2020")
    drawing = places.render(
        EventLog.of(*spots), outlines=[[(49, 40), (51, 41)], []], outlines_from=coast
    )
    at = {
        re.split("[ :]", group.told[0])[0]: (
            float(group.marks("circle")[0].get("cx", "")),
            float(group.marks("circle")[0].get("cy", "")),
        )
        for group in groups(drawing)
    }

    assert at["Baku"][0] < at["Kazakhstan"][0] < at["Beijing"][0]
    assert at["Kazakhstan"][1] < at["Baku"][1] < at["Beijing"][1]
    assert "Outlines: \u201cCoasts\u201d, some time in 2020" in words_of(drawing)
    assert "Kazakhstan (country): 1" in words_of(drawing)
    pale = [g.marks("circle", fill_opacity="0.3") for g in groups(drawing)]
    assert ["Kazakhstan" in g.told[0] for g in groups(drawing)] == [*map(bool, pale)]
    assert "reported, somewhere around the point" in texts_of(drawing)
    assert WORDS("pictures.by_area") not in texts_of(drawing)
    again = Event(Met(["AZE", "CHN"]), when="2015-01-02", where=PLACES[0])
    differing = places.render(EventLog.of(*spots, again))
    assert WORDS("pictures.by_area") in texts_of(differing)


def test_degrees_are_named_in_the_language() -> None:
    """A line of a map has its side, but for the equator and the first meridian."""
    spots = [
        Event(Met(["AZE", "CHN"]), when="2015", where=Place(f"{x} {y}", y, x))
        for x, y in ((-58.0, -34.0), (116.0, 40.0))
    ]
    log = EventLog.of(*spots)
    english, german = (
        {*texts_of(places.render(log, language=code))} for code in ("en", "de")
    )

    assert {
        "30\u00b0 N",
        "30\u00b0 S",
        "60\u00b0 W",
        "0\u00b0",
        "90\u00b0 E",
    } <= english
    assert {"60\u00b0 W", "90\u00b0 O"} <= german
    assert x_of(log, "60\u00b0 W") < x_of(log, "30\u00b0 E") < x_of(log, "90\u00b0 E")


def x_of(log: EventLog, text: str) -> float:
    """Return where a text of the map stands."""
    nodes = ET.fromstring(places.render(log)).iter(f"{SVG}text")
    return next(float(node.get("x", "")) for node in nodes if node.text == text)


def test_names_stand_where_there_is_room() -> None:
    """At the right edge a name stands to the left; what may be has a ring only."""
    perhaps = [
        Event(Met(["AZE", "CHN"]), when="[2015..]", where=place, id=place.name)
        for place in (
            Place("A place with a very long name in the east", 40.0, 170.0),
            Place("West", 41.0, 20.0),
        )
    ]
    drawing = places.render(EventLog.of(*perhaps).as_of("2016-01-01"), width=480)
    west, east = (
        next(
            float(node.get("x", ""))
            for node in ET.fromstring(drawing).iter(f"{SVG}text")
            if node.text == name and node.get("font-weight")
        )
        for name in ("West", "A place with a very long name in the east")
    )

    assert 20 < west < east < 300
    assert "reported" not in texts_of(drawing)
    assert "may have happened" in texts_of(drawing)


def test_outlines_without_a_source_are_refused() -> None:
    """Borders are claims too."""
    with pytest.raises(PictureError, match="are outlines without a source"):
        places.render(EventLog(), outlines=[[(0, 0), (1, 1)]])


def test_of_many_places_the_largest_are_named() -> None:
    """Circles shrink, names do not overlap, and the rest is counted."""
    events = [
        Event(
            Met(["AZE", "CHN"]),
            when="2015",
            where=Place(f"Town {n}", n / 9, 179 - n / 9),
        )
        for n in range(50)
    ]
    drawing = places.render(EventLog.of(*events), width=480)

    assert "26 more" in words_of(drawing)
    assert sum(text.startswith("Town") for text in texts_of(drawing)) < 44


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_are_of_the_language(language: str) -> None:
    """What has no coordinates is counted; of nothing it is said that it is nothing."""
    words = strings(language)
    met = [
        Event(Met(["AZE", "CHN"]), when="2015", where=place)
        for place in (Place("Baku"), Place("Ganja", latitude=40.7, longitude=46.4))
    ]
    drawing = places.render(EventLog.of(*met), language=language)

    assert words.count("without_place", 1) in drawing
    assert words("sentence.nothing") in places.render(EventLog(), language=language)


def test_a_map_without_places_is_refused() -> None:
    """An empty map would say that nothing happened anywhere; the remedy is named."""
    nowhere = Event(Met(["AZE", "CHN"]), when="2015", where=Place("Baku"))
    with pytest.raises(PictureError, match=r"where=Place\(.*latitude="):
        places.render(EventLog.of(nowhere))


def test_a_degree_that_has_no_room_for_its_name_has_a_line() -> None:
    """Lines are equally far apart, and a name stands left where it has room there."""
    spots = {
        "Buenos Aires": (-34.6, -58.4),
        "Washington": (38.9, -77.0),
        "Seoul": (37.6, 127.0),
        "Osaka": (34.7, 135.5),
        "London": (51.5, -0.1),
    }
    met = [
        Event(Met(["CHN", "USA"]), when="2015", where=Place(name, *point))
        for name, point in spots.items()
    ]
    drawing = places.render(EventLog.of(*met))
    lines = ET.fromstring(drawing).iter(f"{SVG}line")
    across = sorted(
        float(one.get("x1", 0)) for one in lines if one.get("x1") == one.get("x2")
    )
    gaps = [after - before for before, after in pairwise(across)]

    assert len(gaps) > 4
    assert max(gaps) - min(gaps) < 0.5
    assert {*spots} <= {*texts_of(drawing)}
    name, degree = (x_of(EventLog.of(*met), t) for t in ("Buenos Aires", "60\u00b0 W"))
    assert degree + text_width("60\u00b0 W", 9) < name
