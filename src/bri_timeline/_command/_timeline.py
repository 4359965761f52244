"""Draw a timeline: an interactive page, or a picture."""

from __future__ import annotations

from argparse import ArgumentError, ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path

from bri_timeline import EventLog, Projection, View
from bri_timeline._command._kinds import add_log, read, vocabulary_of
from bri_timeline.errors import PictureError
from bri_timeline.pages import html, png, svg, text
from bri_timeline.relations import Relationship, relationship


__all__ = ["EXAMPLES", "add", "run"]

EXAMPLES = """\
examples:
  python -m bri_timeline timeline visits.toml -o visits.html --between AZE CHN
  python -m bri_timeline timeline visits.db -o visits.svg --on 2019-04-30

A page has sliders for the day and for the day of knowledge, unless a day is given. It
is one file that loads nothing from elsewhere.
"""
_DRAWN = ".html, .png, .svg or .txt"
_Draw = Callable[[View | EventLog, Path, Projection[Relationship] | None, str], None]


def add(parser: ArgumentParser) -> None:
    """Add the arguments of the verb."""
    add_log(parser)
    parser.add_argument(
        "-o",
        "--output",
        metavar="PICTURE",
        type=Path,
        required=True,
        help=f"a file: {_DRAWN}",
    )
    parser.add_argument(
        "--between",
        metavar="ACTOR",
        nargs="+",
        help="show only the relationship of these: AZE CHN",
    )
    parser.add_argument("--on", metavar="DAY", help="the day to show: 2019-04-24")
    parser.add_argument(
        "--known-by", metavar="DAY", help="with --on: the day of knowledge"
    )
    parser.add_argument("--title", help="by default the name of the file")
    parser.set_defaults(run=run)


def run(given: Namespace) -> int:
    """Write the picture."""
    draw = _drawer(given.output)
    # Without a day the whole log is drawn, in which readers choose the knowledge.
    if given.known_by and not given.on:
        problem = f"--known-by {given.known_by} needs --on, the day to show"
        raise ArgumentError(None, problem)
    projection = relationship(*given.between) if given.between else None
    vocabulary = vocabulary_of(given)
    log = read(given.log, vocabulary, given.kind, projection=projection)
    log = log.concerning(*given.between or ())
    shown = log if given.on is None else log.as_of(given.on, given.known_by)
    draw(shown, given.output, projection, given.title or given.log.stem)
    return 0


def _drawer(path: Path) -> _Draw:
    drawers = {".html": _html, ".png": _png, ".svg": _svg, ".txt": _text}
    try:
        return drawers[path.suffix.lower()]
    except KeyError:
        raise PictureError(str(path), f"is not a picture: name it {_DRAWN}") from None


def _html(
    shown: View | EventLog,
    path: Path,
    projection: Projection[Relationship] | None,
    title: str,
) -> None:
    html.dump(shown, path, projection=projection, title=title)


def _svg(
    shown: View | EventLog,
    path: Path,
    projection: Projection[Relationship] | None,
    title: str,
) -> None:
    svg.dump(shown, path, projection=projection, title=title)


def _png(
    shown: View | EventLog,
    path: Path,
    projection: Projection[Relationship] | None,
    title: str,
) -> None:
    png.dump(shown, path, projection=projection, title=title)


def _text(
    shown: View | EventLog,
    path: Path,
    projection: Projection[Relationship] | None,
    _title: str,
) -> None:
    text.dump(shown, path, projection=projection)
