"""GeoJSON: the events of a view as features, for maps.

The file is a `FeatureCollection` (RFC 7946). There is a feature for each event that
counts, certain or undecided; its geometry is a point, or null without coordinates
(section 3.2). Coordinates are longitude, then latitude. The properties are `kind`,
`label`, `when` (EDTF), `earliest` and `latest` (ISO 8601, or null), `certain`, `ended`
(`yes`, `no` or `maybe` on that day, or null for what does not last), `disputed`,
`sources` (a list), `id`, which is also that of the feature, and `place` and `precision`
if there are any.

GIS programs and web maps read it. It cannot be read back: JSON Lines keeps a log.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from bri_timeline import EventLog, View, Vocabulary
from bri_timeline.extend import Day, describe_event, replaced
from bri_timeline.formats._files import Loss, guarded, json_document, to_text
from bri_timeline.formats._flat import (
    TellEvent,
    WrittenEvent,
    counted_events,
    ended_text,
    texts_of,
)


__all__ = ["dump", "dumps"]

# The suffixes of its files.
NAMES = (".geojson",)
_Object = dict[str, object]
_HALF_AROUND = 180


@guarded
def dump(
    log: EventLog,
    path: str | Path,
    vocabulary: Vocabulary,
    *,
    on: Day = date.max,
    known_by: Day | int | None = None,
    tell: TellEvent = describe_event,
) -> tuple[Loss, ...]:
    """Write the events that count in a log as features.

    Of 100,000 events it takes some ten seconds.

    Args:
        log: The log.
        path: The file, which is replaced as a whole or left as it was.
        vocabulary: The payload classes.
        on: The day by which events have happened, or may have.
        known_by: The day or log position by which claims must be known.
        tell: Returns the label of an event.

    Returns:
        The losses.

    Raises:
        VocabularyError: The vocabulary lacks the class of a payload.
        OutputError: The file cannot be written.
    """
    view = log.as_of(on, known_by=known_by)
    events, losses = counted_events(log, view, has_places=True)
    for counted in events:
        losses += counted.losses(["its payload is written in words"])
    document = json_document(_collection(view, events, vocabulary, tell))
    with replaced(Path(path)) as file:
        file.write(document)
    return tuple(losses)


@to_text(dump)
def dumps(text: str) -> str:
    """Return a log as GeoJSON.

    What the format cannot hold is left out: `dump()` lists it, and has the arguments.
    """
    return text


def _collection(
    view: View, events: Iterable[WrittenEvent], vocabulary: Vocabulary, tell: TellEvent
) -> _Object:
    disputed = {dispute.id for dispute in view.disputes}
    features = [
        _feature(counted_event, view, disputed, vocabulary, tell)
        for counted_event in events
    ]
    box = _box([point for counted_event in events if (point := _point(counted_event))])
    return {"type": "FeatureCollection", **box, "features": features}


def _point(counted: WrittenEvent) -> tuple[float, float] | None:
    where = counted.event.where
    if where is None or where.latitude is None or where.longitude is None:
        return None
    return where.longitude, where.latitude


def _box(points: list[tuple[float, float]]) -> _Object:
    """Return the member `bbox` (section 5): the west, south, east and north.

    Of points that lie near the antimeridian, on both sides of it, the west is east of
    the east (section 5.2).
    """
    if not points:
        return {}
    longitudes = sorted(longitude for longitude, _ in points)
    latitudes = [latitude for _, latitude in points]
    # The box begins east of the widest gap between neighbours, all around the earth; of
    # points that are all over it, in the west of the map.
    gaps = zip(longitudes, [*longitudes[1:], longitudes[0] + 360], strict=True)
    widths = [after - before for before, after in gaps]
    last = len(widths) - 1
    if max(widths) > _HALF_AROUND:
        last -= widths[::-1].index(max(widths))
    west, east = longitudes[(last + 1) % len(widths)], longitudes[last]
    return {"bbox": [west, min(latitudes), east, max(latitudes)]}


def _feature(
    counted: WrittenEvent,
    view: View,
    disputed: set[str],
    vocabulary: Vocabulary,
    tell: TellEvent,
) -> _Object:
    event, point = view.as_cited(counted.event), _point(counted)
    geometry = {"type": "Point", "coordinates": point}
    properties: _Object = {
        **texts_of(event, vocabulary, tell),
        "certain": counted.is_certain,
        "ended": ended_text(view, counted.event),
        "disputed": event.id in disputed,
        "sources": [str(citation) for citation in event.cite],
    }
    if event.where is not None:
        where = {"place": event.where.name, "precision": event.where.precision}
        properties |= {name: text for name, text in where.items() if text}
    return {
        "type": "Feature",
        "id": event.id,
        "geometry": None if point is None else geometry,
        "properties": properties,
    }
