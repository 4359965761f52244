"""The result of reading a whole text."""

from __future__ import annotations

from typing import NamedTuple

from bri_timeline.edtf._shapes import Shape


__all__ = ["Parsed"]


class Parsed(NamedTuple):
    """Canonical text, level, marks (1 uncertain, 2 approximate) and shape of a date."""

    text: str
    level: int
    marks: int
    shape: Shape
