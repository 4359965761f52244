"""`python -m bri_timeline timeline FILE -o PICTURE`: a chronicle file to a picture."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from pathlib import Path

from bri_timeline import EventLog, Projection, View
from bri_timeline.errors import BriTimelineError, PictureError
from bri_timeline.formats import chronicle
from bri_timeline.pages import html, png, svg, text
from bri_timeline.relations import FACTS, Relationship, relationship


__all__ = ["timeline"]

_DRAWN = ".html, .png, .svg or .txt"


def timeline(arguments: Sequence[str]) -> int:
    """Draw a chronicle file, and return the exit status.

    Args:
        arguments: What stands after `timeline` on the command line.

    Returns:
        0; or 1 if the chronicle or the picture is at fault, which is then told on the
        standard error.
    """
    given = _parser().parse_args(arguments)
    out = Path(given.output)
    try:
        draw = _drawer(out)
        if given.known_by and not given.day:
            raise PictureError(given.known_by, "needs a --day that is seen from then")
        log = chronicle.load(given.file, FACTS)
        shown = log if given.day is None else log.as_of(given.day, given.known_by)
        projection = relationship(*given.between) if given.between else None
        draw(shown, out, projection, given.title or Path(given.file).stem)
    except (BriTimelineError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _parser() -> ArgumentParser:
    parser = ArgumentParser(
        prog="python -m bri_timeline timeline", description="Draw a chronicle file."
    )
    parser.add_argument("file", metavar="FILE", help="the chronicle, a TOML file")
    parser.add_argument(
        "-o", "--output", metavar="PICTURE", required=True, help=f"a file: {_DRAWN}"
    )
    parser.add_argument(
        "--between",
        metavar="ACTOR",
        nargs="+",
        help="whose relationship to tell, such as AZE CHN",
    )
    parser.add_argument("--title", help="by default the name of the file")
    parser.add_argument("--day", help="the day to show, such as 2019-04-24")
    parser.add_argument("--known-by", help="with --day: as known by which day")
    return parser


_Draw = Callable[[View | EventLog, Path, Projection[Relationship] | None, str], None]


def _drawer(path: Path) -> _Draw:
    drawers = {".html": _html, ".png": _png, ".svg": _svg, ".txt": _text}
    try:
        return drawers[path.suffix.lower()]
    except KeyError:
        raise PictureError(str(path), f"is no picture: name it {_DRAWN}") from None


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
