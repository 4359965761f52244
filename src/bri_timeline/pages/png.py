"""The picture of `svg`, rendered as PNG; needs the extra `png`."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from bri_timeline import EventLog, Projection, View
from bri_timeline._atomic_write import write
from bri_timeline._later import needing
from bri_timeline.pages import svg
from bri_timeline.relations import Relationship


__all__ = ["dump", "render"]


def render(
    shown: View | EventLog,
    *,
    projection: Projection[Relationship] | None = None,
    by: str = "kind",
    title: str = "Timeline",
    width: int = 960,
    sources: bool = True,
    zoom: float = 2.0,
) -> bytes:
    """Return the picture as PNG, drawn with the fonts of the system.

    Without a common one (Segoe UI, Roboto, Helvetica Neue, Arial, Noto Sans, Liberation
    Sans, DejaVu Sans) it has no text: install one, such as the package `fonts-dejavu`.

    Args:
        shown: As for `svg.render()`, like all that is not named here.
        projection: The relationship that decides which claims are in force.
        by: Lanes by `kind` or by `party`.
        title: The heading.
        width: In pixels of the drawing.
        sources: List the sources below.
        zoom: Pixels of the picture for each pixel of the drawing, above 0.

    Raises:
        MissingExtraError: resvg-py is not installed.
        PictureError: *by* is not a kind of lane.
    """
    with needing("png"):
        # resvg-py has no types, so it is imported by name.
        renderer = import_module("resvg_py")
    drawing = svg.render(
        shown, projection=projection, by=by, title=title, width=width, sources=sources
    )
    return bytes(renderer.svg_to_bytes(svg_string=drawing, zoom=zoom))


def dump(
    shown: View | EventLog,
    path: str | Path,
    *,
    projection: Projection[Relationship] | None = None,
    by: str = "kind",
    title: str = "Timeline",
    width: int = 960,
    sources: bool = True,
    zoom: float = 2.0,
) -> None:
    """Write the picture to a file.

    Args:
        shown: As for `svg.render()`, like all that is not named here.
        path: The file, which is replaced.
        projection: The relationship that decides which claims are in force.
        by: Lanes by `kind` or by `party`.
        title: The heading.
        width: In pixels of the drawing.
        sources: List the sources below.
        zoom: Pixels of the picture for each pixel of the drawing, above 0.

    Raises:
        MissingExtraError: resvg-py is not installed.
        PictureError: *by* is not a kind of lane.
        OSError: The file cannot be written.
    """
    picture = render(
        shown,
        projection=projection,
        by=by,
        title=title,
        width=width,
        sources=sources,
        zoom=zoom,
    )
    write(path, picture)
