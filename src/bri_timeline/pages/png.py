"""The picture of `svg`, or any other that is SVG, as PNG; needs the extra `png`."""

from __future__ import annotations

from importlib import import_module
from typing import TypeVar

from bri_timeline import EventLog, Projection, View
from bri_timeline.extend import needing
from bri_timeline.pages import svg
from bri_timeline.pages._page import Page, Picture
from bri_timeline.pages._state_values import Tell


__all__ = ["of", "render"]

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
    return of(drawing, zoom=zoom)


def of(drawing: Page, *, zoom: float = 2.0) -> Picture:
    """Return any picture of `pages` that is SVG as PNG, as it is by day.

    Args:
        drawing: What `render()` returned.
        zoom: Pixels of the picture for each pixel of the drawing, above 0.

    Raises:
        MissingExtraError: resvg-py is not installed.
    """
    with needing("png"):
        # resvg-py has no types, so it is imported by name.
        renderer = import_module("resvg_py")
    return Picture(renderer.svg_to_bytes(svg_string=drawing, zoom=zoom))
