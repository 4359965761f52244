"""A map of what happened where, as SVG: points, sized by number."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import NamedTuple, TypeVar

from bri_timeline import Event, EventLog, Place, Projection, Source, View
from bri_timeline.errors import PictureError
from bri_timeline.pages import _sheets as draw


__all__ = ["render"]

S = TypeVar("S")
Ring = Sequence[tuple[float, float]]
_LARGEST, _LEAST = 26.0, 1.5
_MANY = 40
_MOST_LISTED = 24
# Degrees around the outermost points, so that a single one has a map too.
_AROUND = 4.0
_SIDES = ("equator", "east", "west"), ("equator", "north", "south")
_STEPS = (1, 2, 5, 10, 20, 30, 60)
_FULL, _PALE, _OPEN = 0.75, 0.3, 0.0


class _Spot(NamedTuple):
    """A place with coordinates, and what happened there, for certain or perhaps."""

    place: Place
    certain: list[Event]
    perhaps: list[Event]

    @property
    def total(self) -> int:
        return len(self.certain) + len(self.perhaps)

    @property
    def point(self) -> tuple[float, float]:
        return self.place.longitude or 0.0, self.place.latitude or 0.0

    @property
    def shade(self) -> float:
        return _FULL if self.place.precision in (None, "exact") else _PALE

    def named(self) -> str:
        longitude, latitude = self.point
        return draw.isolated(self.place.name or f"{latitude:g}, {longitude:g}")

    def told(self, words: draw.Strings) -> str:
        """Return the place with its number, and up to how many it may be."""
        name, ends = self.named(), dict.fromkeys([len(self.certain), self.total])
        if self.shade == _PALE:
            near = words.known("pictures", f"near_{self.place.precision}")
            name = words("sources.dated", title=name, date=near)
        return name + words("sentence.colon") + "\u2013".join(map(words.number, ends))


def render(
    shown: View | EventLog,
    *,
    projection: Projection[S] | None = None,
    outlines: Iterable[Ring] = (),
    outlines_from: Source | None = None,
    title: str | None = None,
    width: int = 960,
    language: str = "en",
) -> draw.Page:
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
        title: The heading; by default "Where events happened", in its language.
        width: In pixels, at least 480; the height follows from the places.
        language: Of the words of the picture: `en`, `de`, `ru` or `zh`.

    Raises:
        PictureError: No event has coordinates, or there are outlines without a source,
            or the language has no table.
    """
    view, rings = draw.view_of(shown, projection), [*outlines]
    if rings and outlines_from is None:
        problem = "are outlines without a source: give outlines_from=Source(...)"
        raise PictureError(rings, problem)
    sheet = draw.Sheet.of("places", title, width, language, view)
    spots, elsewhere = _spots(view)
    if elsewhere and not spots:
        problem = "does not have coordinates in any event, so a map would be empty"
        remedy = 'give events where=Place("Baku", latitude=40.4, longitude=49.9)'
        raise PictureError(view, f"{problem}: {remedy}")
    counts = {
        "happened": sum(len(spot.certain) for spot in spots),
        "maybe": sum(len(spot.perhaps) for spot in spots),
        "places": len(spots),
        "without_place": elsewhere,
    }
    sheet.says(view, counts)
    if spots:
        _map(sheet, spots, rings)
        listed = [spot.told(sheet.words) for spot in spots[:_MOST_LISTED]]
        if len(spots) > _MOST_LISTED:
            listed.append(sheet.words.count("more", len(spots) - _MOST_LISTED))
        sheet.paragraph(" \u00b7 ".join(listed), size=12)
    if rings and outlines_from is not None:
        cited = draw.source_words(outlines_from, sheet.words)
        sheet.paragraph(sheet.words("pictures.outlines", source=cited), size=11)
    return sheet.page()


def _spots(view: View) -> tuple[list[_Spot], int]:
    """Return the places with coordinates, the largest first, and how many have none."""
    spots, elsewhere = dict[tuple[float, float], _Spot](), 0
    certain = view.events
    for n, event in enumerate((*certain, *view.undecided)):
        place = event.where
        if place is None or place.latitude is None or place.longitude is None:
            elsewhere += 1
            continue
        spot = _Spot(place, [], [])
        spot = spots.setdefault(spot.point, spot)
        (spot.certain if n < len(certain) else spot.perhaps).append(event)
    return sorted(spots.values(), key=lambda s: (-s.total, s.named())), elsewhere


# --- the drawing ----------------------------------------------------------------------


def _map(sheet: draw.Sheet, spots: Sequence[_Spot], rings: Iterable[Ring]) -> None:
    """Draw the legend, degrees, outlines, and the places with their names."""
    _legend(sheet, spots)
    longitudes, latitudes = zip(*(spot.point for spot in spots), strict=True)
    around = max(_AROUND, 0.12 * (max(longitudes) - min(longitudes)))
    south, north = min(latitudes) - _AROUND, max(latitudes) + _AROUND
    west, wide = min(longitudes) - around, max(longitudes) - min(longitudes)
    squeeze = max(math.cos(math.radians((south + north) / 2)), 0.2)
    across = sheet.inner / (wide + 2 * around)
    down = min(across / squeeze, 0.75 * sheet.inner / (north - south))
    # What is left of the width shows more of the world.
    west -= (sheet.inner / (down * squeeze) - wide - 2 * around) / 2
    top, bottom = sheet.y + 8, sheet.y + 8 + (north - south) * down

    def at(longitude: float, latitude: float) -> tuple[float, float]:
        x = sheet.left + (longitude - west) * down * squeeze
        return x, top + (north - latitude) * down

    # Of many places circles are smaller, and only the largest are named.
    most = max(spots[0].total, 12) * max(len(spots) / _MANY, 1)
    marks = [_circle(spot, at(*spot.point), most, sheet.words) for spot in spots]
    labels, width = draw.Labels(), draw.text_width
    for spot in spots[:_MANY]:
        (x, y), name = at(*spot.point), spot.named()
        beside, long = _radius(spot.total, most) + 4, width(name, 11) * 1.1
        # A name that has no room on either side stands in the list below.
        for begin in (x + beside, x - beside - long):
            fits = sheet.left < begin <= sheet.right - long
            if fits and labels.take(begin, y, long):
                marks.append(draw.text(begin, y + 4, name, size=11, weight=600))
                break
    reach = max(north - south, sheet.inner / (down * squeeze))
    step = next(step for step in _STEPS if reach / step <= 10 or step == _STEPS[-1])
    for degree in range(-180, 181, step):
        (x, y), side = at(degree, degree), (degree > 0) - (degree < 0)
        meridian, parallel = (
            sheet.words(f"pictures.{sides[side]}", n=abs(degree)) for sides in _SIDES
        )
        # A degree whose name has no room has a line: a gap would be twice as wide.
        if sheet.left <= x <= sheet.right - width(meridian, 9) - 3:
            # The name of a place may leave room on the other side of the line.
            sides = (
                draw.note(begin, bottom - 4, meridian, size=9)
                for begin in (x + 3, x - 3 - width(meridian, 9))
                if begin >= sheet.left
                if labels.take(begin - 3, bottom - 4, width(meridian, 9))
            )
            sheet.add(draw.line(x, top, x, bottom), *islice(sides, 1))
        if top <= y <= bottom:
            has_room = labels.take(sheet.left, y, width(parallel, 9))
            label = draw.note(sheet.left + 3, y - 3, parallel, size=9)
            line = draw.line(sheet.left, y, sheet.right, y)
            sheet.add(line, *([label] if has_room else []))
    # What lies outside of the map is cut off.
    frame = f"M{sheet.left:g} {top:g}H{sheet.right:g}V{bottom:.1f}H{sheet.left:g}Z"
    points = [[f"{x:.1f} {y:.1f}" for x, y in (at(*p) for p in ring)] for ring in rings]
    lines = (
        draw.path(f"M{'L'.join(some)}", stroke=draw.MUTED, width=0.75)
        for some in points
        if some
    )
    sheet.add(
        draw.element("clipPath", draw.path(frame), id="bri-map"),
        draw.element("g", *lines, clip_path="url(#bri-map)"),
        *marks,
        to=bottom + 8,
    )


def _radius(number: int, most: float) -> float:
    """Return a radius, so that areas are in the proportion of numbers."""
    return max(_LARGEST * math.sqrt(number / most), _LEAST)


def _mark(x: float, y: float, radius: float, shade: float) -> draw.Markup:
    blue = draw.COLOURS[0]
    if shade == _OPEN:
        return draw.circle(x, y, radius, fill="none", stroke=blue, dashes="3 2")
    return draw.circle(x, y, radius, fill=blue, stroke=draw.INK, opacity=shade)


def _circle(
    spot: _Spot, place: tuple[float, float], most: float, words: draw.Strings
) -> draw.Markup:
    """Return the mark of a place, filled as far as it is certain."""
    told = draw.event_lines([*spot.certain, *spot.perhaps], words)
    marks = [(len(spot.certain), spot.shade)] if spot.certain else []
    marks += [(spot.total, _OPEN)] if spot.perhaps else []
    drawn = (_mark(*place, _radius(number, most), shade) for number, shade in marks)
    return draw.titled([spot.told(words), *told], *drawn)


def _legend(sheet: draw.Sheet, spots: Sequence[_Spot]) -> None:
    shades = {_OPEN for spot in spots if spot.perhaps}
    shades |= {spot.shade for spot in spots if spot.certain}
    numbers = {len(spot.certain) for spot in spots if spot.certain}
    numbers |= {spot.total for spot in spots if spot.perhaps}
    sizes = [
        draw.circle(x, 0, r, fill="none", stroke=draw.INK) for x, r in ((6, 3), (19, 7))
    ]
    keys = {
        _FULL: "status.certain",
        _OPEN: "status.perhaps",
        _PALE: "pictures.somewhere",
    }
    sheet.legend(
        (len(numbers) > 1, draw.joined(sizes), sheet.words("pictures.by_area")),
        *((s in shades, _mark(13, 0, 6, s), sheet.words(k)) for s, k in keys.items()),
    )
