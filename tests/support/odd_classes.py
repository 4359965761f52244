"""Classes that are no payloads, and some that are."""

from __future__ import annotations

from dataclasses import dataclass

from attrs import define, frozen

from bri_timeline import Event, EventLog, Projection
from bri_timeline.relations import Met


DAY = "2020-01-01"
YEARS = {"start": "2001-01-01", "stop": "2003-01-01", "every": "year"}
LOG = EventLog.of(Event(Met(["AZE", "CHN"]), when="2001"))


@define
class Mutable:
    """Whose instances change."""

    parties: frozenset[str]


@dataclass(frozen=True)
class Foreign:
    """Which no vocabulary takes."""

    parties: frozenset[str]


class Undecorated(Met):
    """What attrs knows nothing of."""


class Abstract:
    """A class without instances of its own."""


@frozen
class Concrete(Abstract):
    """A payload class that was made from it."""


def plain(cls: type) -> Projection[int]:
    """Return a projection that reads a class."""
    return Projection(int, lambda state, _: state + 1, reads=cls)
