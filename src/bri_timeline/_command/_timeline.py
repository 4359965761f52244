"""Draw a timeline: an interactive page, or a picture."""

from __future__ import annotations

from argparse import ArgumentError, ArgumentParser, Namespace
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from bri_timeline import EventLog, Projection, View
from bri_timeline._command._asked import Asked, add_selection, tell_if_empty
from bri_timeline._command._kinds import PICTURES, add_log
from bri_timeline._command._output import print_lines
from bri_timeline._command._own import (
    add_projection,
    calling,
    projection_of,
    vocabulary_of,
)
from bri_timeline._text import counted
from bri_timeline.errors import PictureError


__all__ = ["add_timeline"]

_TIMELINE_EXAMPLES = """\
examples:
  python -m bri_timeline timeline visits.toml -o visits.html --between AZE CHN
  python -m bri_timeline timeline visits.db -o visits.svg --on 2019-04-30

A page has sliders for the day and for the day of knowledge, unless a day is given. It
is one file that loads nothing from elsewhere. Of too many events no picture is drawn:
select some.
"""
_DRAWN = ".html, .png, .svg or .txt"
# The most events of a picture. Of many, pages and drawings show how many there are.
_MOST = 50_000


def add_timeline(parser: ArgumentParser) -> None:
    """Add the arguments of the verb `timeline`."""
    parser.description = "Draw a timeline: an interactive page, or a picture."
    parser.epilog = _TIMELINE_EXAMPLES
    add_log(parser)
    parser.add_argument(
        "-o",
        "--output",
        metavar="PICTURE",
        type=Path,
        required=True,
        help=f"a file: {_DRAWN}",
    )
    add_projection(parser)
    add_selection(parser)
    parser.add_argument("--title", help="by default the name of the file")
    parser.set_defaults(run=_run_timeline)


def _run_timeline(given: Namespace) -> int:
    """Write the picture."""
    draw, title = _drawer(given.output), given.title or given.log.stem
    asked, vocabulary = Asked.of(given), vocabulary_of(given)
    # Without a day the whole log is drawn, in which readers choose the knowledge.
    if asked.known_by and asked.window is None:
        problem = f"--known-by {asked.known_by} needs --on, the day to show, or"
        raise ArgumentError(None, f"{problem} --during")
    projection: Projection[Any] | None = None
    if asked.between or given.projection:
        projection = projection_of(given, asked.between, vocabulary)
    log = asked.select(asked.read(given, vocabulary, projection), projection)
    tell_if_empty(given, log)
    shown = log if asked.window is None else asked.view(log)
    many = _checked_size(given, shown)
    named = {} if given.output.suffix.lower() == ".txt" else {"title": title}
    with calling("--projection", given.projection):
        draw(shown, given.output, projection=projection, **named)
    print_lines(f"{given.output}: {counted(many, 'event')} drawn")
    return 0


def _checked_size(given: Namespace, shown: EventLog | View) -> int:
    """Return the number of events, and refuse more than a picture can show.

    Raises:
        PictureError: There are more.
    """
    many = len(shown) + (len(shown.undecided) if isinstance(shown, View) else 0)
    if many <= _MOST:
        return many
    problem = f"has {many:,} events, and a picture shows at most {_MOST:,}"
    remedy = "select some with --between, --any-of or --during"
    raise PictureError(str(given.log), f"{problem}: {remedy}")


def _drawer(path: Path) -> Callable[..., None]:
    """Return what writes a kind of picture; only its module is imported."""
    suffix = path.suffix.lower()
    if suffix not in PICTURES:
        problem = f"{path} is not a picture: name it {_DRAWN}"
        raise ArgumentError(None, problem)
    dump: Callable[..., None] = import_module(
        f"bri_timeline.pages.{PICTURES[suffix]}"
    ).dump
    return dump
