"""The picture of `svg`, rendered as PNG; needs the extra `png`."""

from __future__ import annotations

from importlib import import_module
from typing import TypeVar

from bri_timeline import EventLog, Projection, View
from bri_timeline.extend import needing
from bri_timeline.pages import svg
from bri_timeline.pages._page import Picture
from bri_timeline.pages._state_values import Tell


__all__ = ["render"]

# The suffixes of its files.
NAMES = (".png",)
S = TypeVar("S")


def render(
    shown: View | EventLog,
    *,
    projection: Projection[S] | None = None,
    tell: Tell[S] | None = None,
    by: str = "kind",
    title: str | None = None,
    width: int = 960,
    sources: bool = True,
    language: str = "en",
    zoom: float = 2.0,
) -> Picture:
    """Return the picture as PNG, drawn with the fonts of the system.

    Without a common one (Segoe UI, Roboto, Helvetica Neue, Arial, Noto Sans, Liberation
    Sans, DejaVu Sans) it has no text: install one, such as the package `fonts-dejavu`.

    Args:
        shown: As for `svg.render()`, like all that is not named here.
        projection: The state whose values the sentence tells.
        tell: Returns the values of the state by their labels.
        by: Lanes by `kind` or by `party`.
        title: The heading; by default the word for a timeline.
        width: In pixels of the drawing.
        sources: List the sources below.
        language: Of the words of the picture.
        zoom: Pixels of the picture for each pixel of the drawing, above 0.

    Raises:
        MissingExtraError: resvg-py is not installed.
        PictureError: As for `svg.render()`.
    """
    with needing("png"):
        # resvg-py has no types, so it is imported by name.
        renderer = import_module("resvg_py")
    drawing = svg.render(
        shown,
        projection=projection,
        tell=tell,
        by=by,
        title=title,
        width=width,
        sources=sources,
        language=language,
    )
    return Picture(renderer.svg_to_bytes(svg_string=drawing, zoom=zoom))
