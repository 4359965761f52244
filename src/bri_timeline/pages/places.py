"""A map of what happened where, as SVG: points, sized by number."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, TypeVar

from bri_timeline import Event, EventLog, Place, Projection, Source, View
from bri_timeline.errors import PictureError
from bri_timeline.extend import describe_event
from bri_timeline.pages.drawing import (
    COLOURS,
    GRID,
    INK,
    MUTED,
    Markup,
    Page,
    Sheet,
    Strings,
    circle,
    counted,
    element,
    isolated,
    path,
    plain_text,
    sentence,
    source_words,
    strings,
    text,
    text_width,
    view_of,
)


__all__ = ["render"]

S = TypeVar("S")
Ring = Sequence[tuple[float, float]]
_LARGEST = 26.0
_LEAST = 1.5
_MANY = 40
_MOST_LISTED = 24
_MOST_TOLD = 8
# Degrees around the outermost points, so that a single one has a map too.
_AROUND = 4.0
_STEPS = (1, 2, 5, 10, 20, 30, 60)
_EXACT = (None, "exact")


class _Spot(NamedTuple):
    """A place with coordinates, and what happened there.

    Attributes:
        place: The place.
        certain: What certainly happened.
        perhaps: What may have.
    """

    place: Place
    certain: list[Event]
    perhaps: list[Event]

    @property
    def name(self) -> str:
        latitude, longitude = _point(self.place)
        return self.place.name or f"{latitude:g}, {longitude:g}"


def render(
    shown: View | EventLog,
    *,
    projection: Projection[S] | None = None,
    outlines: Iterable[Ring] = (),
    outlines_from: Source | None = None,
    title: str | None = None,
    width: int = 960,
    language: str = "en",
) -> Page:
    """Return a map as SVG: a circle for each place, its area the number of events.

    What certainly happened is filled, what may have too is a dashed ring around it. A
    point that stands for a district or a country is paler. Degrees of longitude are as
    wide as they are in the middle of the map. No borders are drawn, but those given.

    Args:
        shown: A view, or a log, which is drawn as on its last day.
        projection: What it is about: only what concerns its parties is drawn.
        outlines: Lines to draw, such as coasts: each a sequence of pairs of longitude
            and latitude in degrees, as in GeoJSON.
        outlines_from: The source of the outlines, with its date: borders are claims.
        title: The heading; by default "Where it happened", in its language.
        width: In pixels, at least 480; the height follows from the places.
        language: Of the words of the picture: `en`, `de`, `ru` or `zh`.

    Raises:
        PictureError: There are outlines without a source, or the language has no table.
    """
    view, words, rings = view_of(shown, projection), strings(language), [*outlines]
    if rings and outlines_from is None:
        problem = "are outlines without a source: give outlines_from=Source(...)"
        raise PictureError(rings, problem)
    spots, elsewhere = _spots(view)
    sheet = Sheet(words("pictures.places") if title is None else title, width, words)
    counts = {
        "happened": sum(len(spot.certain) for spot in spots),
        "maybe": sum(len(spot.perhaps) for spot in spots),
        "places": len(spots),
        "without_place": elsewhere,
    }
    said = sentence(view, counted(words, counts), words)
    sheet.head(said)
    if spots:
        sheet.legend(_legend(spots, words))
        _map(sheet, spots, rings)
        _listed(sheet, spots)
    if rings and outlines_from is not None:
        cited = source_words(outlines_from, words)
        sheet.paragraph(words("pictures.outlines", source=cited), size=11)
    return sheet.page(said)


def _spots(view: View) -> tuple[list[_Spot], int]:
    """Return the places with coordinates, the largest first, and how many have none."""
    spots: dict[tuple[float, float], _Spot] = {}
    elsewhere = 0
    for events, is_certain in ((view.events, True), (view.undecided, False)):
        for event in events:
            place = event.where
            if place is None or place.latitude is None or place.longitude is None:
                elsewhere += 1
                continue
            spot = spots.setdefault(_point(place), _Spot(place, [], []))
            (spot.certain if is_certain else spot.perhaps).append(event)
    ranked = sorted(spots.values(), key=lambda spot: (-_total(spot), spot.name))
    return ranked, elsewhere


def _total(spot: _Spot) -> int:
    return len(spot.certain) + len(spot.perhaps)


def _point(place: Place) -> tuple[float, float]:
    return place.latitude or 0.0, place.longitude or 0.0


# --- the drawing ----------------------------------------------------------------------


class _Frame(NamedTuple):
    """The part of the world that is drawn, and where it stands."""

    south: float
    north: float
    west: float
    east: float
    left: float
    top: float
    scale: float
    squeeze: float

    def at(self, longitude: float, latitude: float) -> tuple[float, float]:
        """Return the position of a point."""
        x = self.left + (longitude - self.west) * self.squeeze * self.scale
        return x, self.top + (self.north - latitude) * self.scale


def _frame(sheet: Sheet, spots: Sequence[_Spot]) -> _Frame:
    latitudes, longitudes = zip(*(_point(spot.place) for spot in spots), strict=True)
    around = max(_AROUND, 0.12 * (max(longitudes) - min(longitudes)))
    south, north = min(latitudes) - _AROUND, max(latitudes) + _AROUND
    west, east = min(longitudes) - around, max(longitudes) + around
    squeeze = max(math.cos(math.radians((south + north) / 2)), 0.2)
    top, most = sheet.y + 8, 0.75 * sheet.inner
    scale = min(sheet.inner / ((east - west) * squeeze), most / (north - south))
    # What is left of the width shows more of the world.
    spare = (sheet.inner / (scale * squeeze) - (east - west)) / 2
    return _Frame(
        south, north, west - spare, east + spare, sheet.left, top, scale, squeeze
    )


def _map(sheet: Sheet, spots: Sequence[_Spot], rings: Iterable[Ring]) -> None:
    frame = _frame(sheet, spots)
    right, bottom = frame.at(frame.east, frame.south)
    sheet.add(*_graticule(frame, right, bottom))
    # What lies outside of the map is cut off.
    frame_path = f"M{frame.left} {frame.top}H{right:.1f}V{bottom:.1f}H{frame.left}Z"
    clip = element("clipPath", path(frame_path), id="bri-map")
    drawn = [
        path(
            "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in places),
            stroke=MUTED,
            width=0.75,
        )
        for ring in rings
        if (places := [frame.at(*point) for point in ring])
    ]
    sheet.add(element("defs", clip), element("g", *drawn, clip_path="url(#bri-map)"))
    # Of many places circles are smaller, and only the largest are named.
    most = max(*map(_total, spots), 12) * max(len(spots) / _MANY, 1)
    taken: list[tuple[float, float, float]] = []
    for spot in spots:
        latitude, longitude = _point(spot.place)
        place = frame.at(longitude, latitude)
        sheet.add(_circle(spot, place, most, sheet.words))
    for spot in spots[:_MANY]:
        latitude, longitude = _point(spot.place)
        x, y = frame.at(longitude, latitude)
        name, wide = isolated(spot.name), text_width(spot.name, 11) * 1.1
        begin = x + _radius(_total(spot), most) + 4
        if begin + wide > right:
            begin = x - _radius(_total(spot), most) - 4 - wide
        is_free = all(
            begin > u + w or begin + wide < u or abs(y - v) > 13 for u, v, w in taken
        )
        # A name that has no room stands in the list below.
        if is_free and begin > frame.left:
            taken.append((begin, y, wide))
            sheet.add(text(begin, y + 4, name, size=11, weight=600))
    sheet.y = bottom + 8


def _graticule(frame: _Frame, right: float, bottom: float) -> Iterator[Markup]:
    """Yield lines of latitude and longitude, with their degrees."""
    reach = max(frame.north - frame.south, frame.east - frame.west)
    step = next(step for step in _STEPS if reach / step <= 8 or step == _STEPS[-1])
    for degree in range(-180, 181, step):
        if frame.west <= degree <= frame.east:
            x, _ = frame.at(degree, 0)
            yield path(f"M{x:.1f} {frame.top:.1f}V{bottom:.1f}", stroke=GRID, width=1)
            yield text(
                x + 3, bottom - 4, _degrees(degree, "E", "W"), size=9, fill=MUTED
            )
        if frame.south <= degree <= frame.north:
            _, y = frame.at(0, degree)
            yield path(f"M{frame.left:.1f} {y:.1f}H{right:.1f}", stroke=GRID, width=1)
            label = _degrees(degree, "N", "S")
            yield text(frame.left + 3, y - 3, label, size=9, fill=MUTED)


def _degrees(degree: int, positive: str, negative: str) -> str:
    side = positive if degree > 0 else negative if degree < 0 else ""
    return f"{abs(degree)}\u00b0{side}"


def _radius(number: int, most: float) -> float:
    """Return a radius, so that areas are in the proportion of numbers."""
    return max(_LARGEST * math.sqrt(number / most), _LEAST)


def _circle(
    spot: _Spot, place: tuple[float, float], most: float, words: Strings
) -> Markup:
    """Return the mark of a place, filled as far as it is certain."""
    events = [*spot.certain, *spot.perhaps]
    told = [
        plain_text(_said(spot, words)),
        *(describe_event(event, words.code) for event in events[:_MOST_TOLD]),
    ]
    marks = [element("title", "\n".join(told))]
    if spot.certain:
        exact = spot.place.precision in _EXACT
        radius = _radius(len(spot.certain), most)
        marks.append(
            circle(*place, radius, fill=COLOURS[0], stroke=INK,
                   opacity=0.75 if exact else 0.3)
        )  # fmt: skip
    if spot.perhaps:
        radius = _radius(_total(spot), most)
        marks.append(
            circle(*place, radius, fill="none", stroke=COLOURS[0], dashes="3 2")
        )
    return element("g", *marks)


def _said(spot: _Spot, words: Strings) -> str:
    """Return a place with its number, and up to how many it may be."""
    number, total = len(spot.certain), _total(spot)
    ends = [number, total] if total > number else [number]
    place = spot.place.precision
    name, near = isolated(spot.name), words.known("pictures", f"near_{place}")
    if place not in _EXACT:
        name = words("sources.dated", title=name, date=near)
    return name + words("sentence.colon") + "\u2013".join(map(words.number, ends))


def _listed(sheet: Sheet, spots: Sequence[_Spot]) -> None:
    listed = [_said(spot, sheet.words) for spot in spots[:_MOST_LISTED]]
    if len(spots) > _MOST_LISTED:
        listed.append(sheet.words.count("more", len(spots) - _MOST_LISTED))
    sheet.paragraph(" \u00b7 ".join(listed), size=12)


def _legend(spots: Sequence[_Spot], words: Strings) -> Iterator[tuple[Markup, str]]:
    blue = COLOURS[0]
    small, large = (
        circle(x, 0, r, fill="none", stroke=INK) for x, r in ((6, 3), (19, 7))
    )
    yield element("g", small, large), words("pictures.by_area")
    if any(spot.certain for spot in spots):
        yield (
            circle(13, 0, 6, fill=blue, stroke=INK, opacity=0.75),
            words("status.certain"),
        )
    if any(spot.perhaps for spot in spots):
        ring = circle(13, 0, 6, fill="none", stroke=blue, dashes="3 2")
        yield ring, words("status.perhaps")
    if any(spot.certain and spot.place.precision not in _EXACT for spot in spots):
        pale = circle(13, 0, 6, fill=blue, stroke=INK, opacity=0.3)
        yield pale, words("pictures.somewhere")
