"""Imports of which the rejected rows matter, whether or not a row gives an event."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec

from bri_timeline.errors import NothingReadError
from bri_timeline.formats.tables import Imported


P = ParamSpec("P")


def kept(read: Callable[P, Imported]) -> Callable[P, Imported]:
    """Return a reader that gives the rejected rows also where nothing else was read."""

    def reading(*given: P.args, **named: P.kwargs) -> Imported:
        try:
            return read(*given, **named)
        except NothingReadError as error:
            return Imported.without_events(error)

    return reading
