"""Places: where something happened, as precisely as it is known."""

from __future__ import annotations

from decimal import Decimal

from attrs import field, frozen

from bri_timeline._text import AsDict, brief, one_line
from bri_timeline.errors import EventError, shown


__all__ = ["Place"]


def _degrees(value: object) -> float | None:
    """Return degrees as a float; -0.0 as 0.0, so that equal places have equal text."""
    if value is None:
        return None
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        try:
            return float(value) + 0.0
        except OverflowError:
            pass
    raise EventError(value, "is not a number of degrees: write 40.4, or leave it out")


@frozen(repr=False, cache_hash=True, weakref_slot=False)
class Place(AsDict):
    """Where something happened: a name, coordinates, or both.

    Coordinates are degrees of the World Geodetic System 1984, as in GeoJSON (RFC 7946,
    section 4). They are one point, also where the place is a country: *precision* says
    how far to trust it.

    >>> print(Place("Baku", 40.3777, 49.892, "exact"))
    Baku (40.3777, 49.892; exact)

    Args:
        name: What it is called.
        latitude: Decimal degrees north of the equator, -90 to 90.
        longitude: Decimal degrees east of Greenwich, -180 to 180.
        precision: What the point stands for: `exact` (the place itself, such as a
            town), `near` (about 25 km around it), `district`, `province` or `country`.
            Any other text is the word of whoever provided it.

    Raises:
        EventError: There is neither a name nor a point, or one coordinate without the
            other, or a coordinate out of range.
    """

    name: str = ""
    latitude: float | None = field(default=None, converter=_degrees)
    longitude: float | None = field(default=None, converter=_degrees)
    precision: str | None = None

    def __attrs_post_init__(self) -> None:
        problems = []
        if not isinstance(self.name, str):
            problems.append(f"the name {shown(self.name)} is not text")
        has_precision = isinstance(self.precision, str) and self.precision.strip()
        if self.precision is not None and not has_precision:
            problems.append(f"the precision {shown(self.precision)} is not a word")
        if (self.latitude is None) is not (self.longitude is None):
            problems.append("it has one coordinate: give latitude and longitude")
        elif self.latitude is None and not self.name:
            problems.append("it has neither a name nor coordinates")
        pairs = ("latitude", self.latitude, 90), ("longitude", self.longitude, 180)
        problems += (
            f"the {name} {degrees} is not between -{most} and {most} degrees"
            for name, degrees, most in pairs
            # Not a number compares as out of range, too.
            if degrees is not None and not -most <= degrees <= most
        )
        if problems:
            raise EventError(self.name, f"is not a place: {'; '.join(problems)}")

    def __repr__(self) -> str:
        return brief(self)

    def __str__(self) -> str:
        details = [str(self.precision)] if self.precision else []
        if self.latitude is not None:
            details.insert(0, f"{self.latitude}, {self.longitude}")
        if self.name and details:
            return one_line(f"{self.name} ({'; '.join(details)})")
        return one_line(self.name or "; ".join(details))
