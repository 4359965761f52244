"""GeoJSON: features from a view, as RFC 7946 wants them, and what is lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geojson as reader
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from log_strategies import Deed, Fact, logs

from bri_timeline import Event, EventLog, Place, Source, Vocabulary
from bri_timeline.errors import FaultsError, VocabularyError
from bri_timeline.formats import geojson
from bri_timeline.relations import FACTS, Visited
from bri_timeline.testing import events, places


FEW = Vocabulary(Fact, Deed)
BAKU = Place("Baku", 40.3777, 49.892, "exact")
PAPER = Source("Paper", published="2019-05")


def visit(where: Place | None = BAKU, when: str = "2019-04-24", **more: Any) -> Event:
    """A visit, at a place."""
    return Event(Visited("CHN", "AZE"), when=when, where=where, **more)


def collection(*claims: Event, **options: Any) -> Any:
    """The features of a log of claims, read by another library."""
    return reader.loads(geojson.dumps(EventLog.of(*claims), FACTS, **options))


def test_a_feature_is_a_point_with_properties() -> None:
    """Longitude comes first; properties say what, when, where and who says so."""
    found = collection(visit(cite=PAPER.at("p. 1"), id="v"))

    assert found.is_valid
    assert json.loads(reader.dumps(found)) == {
        "type": "FeatureCollection",
        "bbox": [49.892, 40.3777, 49.892, 40.3777],
        "features": [
            {
                "type": "Feature",
                "id": "v",
                "geometry": {"type": "Point", "coordinates": [49.892, 40.3777]},
                "properties": {
                    "id": "v",
                    "kind": "Visited",
                    "label": "China visits Azerbaijan; place: Baku",
                    "when": "2019-04-24",
                    "earliest": "2019-04-24",
                    "latest": "2019-04-24",
                    "certain": True,
                    "ended": None,
                    "disputed": False,
                    "sources": ["Paper (2019-05), p. 1"],
                    "place": "Baku",
                    "precision": "exact",
                },
            }
        ],
    }


def test_an_event_without_coordinates_has_no_geometry() -> None:
    """Its geometry is null, and no box is drawn around nothing."""
    found = collection(visit(None, "2018/.."), visit(Place("Baku")))
    without, named = found["features"]

    assert without["geometry"] is None
    assert without["properties"]["latest"] is None
    assert "place" not in without["properties"]
    assert named["geometry"] is None
    assert named["properties"]["place"] == "Baku"
    assert "bbox" not in found


def test_features_are_those_of_the_day_asked() -> None:
    """What has not happened is left out, what may have is not certain."""
    claims = (
        visit(when="2018-01", id="before"),
        visit(when="2019", id="maybe"),
        visit(when="2020", id="after"),
        visit(Place("Ganja"), "2018-01", id="before"),
    )
    found = collection(*claims, on="2019-06-30")["features"]
    told = [(one["id"], one["properties"]) for one in found]

    assert [(name, p["certain"], p["disputed"]) for name, p in told] == [
        ("before", True, True),
        ("maybe", False, False),
    ]
    assert collection(visit(cite=PAPER), known_by="2019-05-01")["features"] == []


@pytest.mark.parametrize(
    ("longitudes", "west", "east"),
    [
        ([10], 10, 10),
        ([-10, 30], -10, 30),
        ([170, -170, 175], 170, -170),
        ([-180, 180], 180, -180),
        ([-120, 0, 120], -120, 120),
        ([-170, -10, 20, 170], -170, 170),
    ],
)
def test_the_box_may_lie_over_the_antimeridian(
    longitudes: list[float], west: float, east: float
) -> None:
    """A narrow box over the antimeridian has its west east of its east."""
    claims = (visit(Place("", 0, x), id=f"{n}") for n, x in enumerate(longitudes))

    assert collection(*claims)["bbox"] == [west, 0, east, 0]


CLAIMS = st.lists(events(FEW, where=st.none() | places()), max_size=6)


@given(CLAIMS.map(EventLog().extend))
def test_what_counts_is_a_valid_feature(log: EventLog) -> None:
    """Each event that counts is one feature, with its point to the last digit."""
    text = geojson.dumps(log, FEW)
    found, view = reader.loads(text), log.as_of("9999-12-31")
    counts = {event.id: event.where for event in (*view.events, *view.undecided)}

    assert found.is_valid
    for one in json.loads(text)["features"]:
        where = counts.pop(one["id"])
        point = (
            where and where.latitude is not None and [where.longitude, where.latitude]
        )
        assert (one["geometry"] or {}).get("coordinates", False) == (point or False)
    assert counts == {}
    for number in range(len(found.get("bbox", ()))):
        assert abs(found["bbox"][number]) <= (180, 90)[number % 2]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(log=logs())
def test_every_entry_is_named_among_the_losses(log: EventLog, tmp_path: Path) -> None:
    """What a feature does not hold is told for each entry, and the place is not."""
    losses = geojson.dump(log, tmp_path / "map.geojson", FEW)

    assert {loss.place for loss in losses} == {f"entry {e.position}" for e in log}
    assert "place" not in " ".join(loss.problem for loss in losses)


def test_what_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    """Half a character, and a payload of another vocabulary, are refused."""
    with pytest.raises(FaultsError, match="half a character"):
        geojson.dump(EventLog.of(visit(Place("\ud800"))), tmp_path / "a", FACTS)
    with pytest.raises(VocabularyError, match="Visited"):
        geojson.dump(EventLog.of(visit()), tmp_path / "a", FEW)
    assert [*tmp_path.iterdir()] == []


def test_a_place_that_says_less_than_what_is_written_is_a_loss(tmp_path: Path) -> None:
    """A name beside the point that another claim of the same gives."""
    places = Place("Baku"), Place("Baku", 40.4, 49.9)
    log = EventLog.of(*(Event(Fact("a"), when="2015", id="x", where=p) for p in places))
    losses = geojson.dump(log, tmp_path / "a.geojson", FEW, on="2020-01-01")
    own = [loss.place for loss in losses if "its own words" in loss.problem]

    assert ["entry 0"] == own
