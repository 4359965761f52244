"""Write a log in another format, and list what that format cannot hold."""

from __future__ import annotations

from argparse import ArgumentError, ArgumentParser, Namespace
from pathlib import Path

from bri_timeline import EventLog
from bri_timeline._command._asked import Asked, add_selection, tell_if_empty
from bri_timeline._command._kinds import (
    PICTURES,
    WRITTEN,
    add_log,
    kind_of,
    merged,
    write,
)
from bri_timeline._command._output import print_lines, report
from bri_timeline._command._own import vocabulary_of


__all__ = ["EXAMPLES", "add", "run"]

EXAMPLES = """\
examples:
  python -m bri_timeline export visits.toml -o visits.parquet
  python -m bri_timeline export visits.db -o visits.toml --title "Visits"
  python -m bri_timeline export visits.db -o plans.ics --on 2019-09-01
  python -m bri_timeline export visits.db -o items.json --to vis

What the other format cannot hold is listed on the standard error.
"""
# They show a state, and are not a log: a selection is enough for them.
_STATES = ("geojson", "graph", "ical", "vis")


def add(parser: ArgumentParser) -> None:
    """Add the arguments of the verb."""
    add_log(parser)
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        type=Path,
        required=True,
        help="the file to write",
    )
    parser.add_argument(
        "--to", choices=WRITTEN, help="its format, if not given by its name"
    )
    add_selection(parser)
    parser.add_argument("--title", help="for a chronicle: its title")
    parser.set_defaults(run=run)


def run(given: Namespace) -> int:
    """Write the file."""
    if given.to is None and given.output.suffix.lower() in PICTURES:
        problem = f"{given.output} is a picture: draw it with the verb timeline"
        raise ArgumentError(None, problem)
    kind = given.to or kind_of(given.output, WRITTEN, "--to")
    # An option without effect would suggest that the file depends on it.
    if given.title is not None and kind != "chronicle":
        problem = f"--title is for chronicle, and not for {kind}"
        raise ArgumentError(None, problem)
    asked, vocabulary = Asked.of(given), vocabulary_of(given)
    log = asked.read(given, vocabulary)
    if kind in _STATES:
        log = asked.within(log)
    else:
        log = merged(EventLog(), asked.alone(log), lambda _done: None)
    tell_if_empty(given, log)
    losses = write(
        log,
        given.output,
        vocabulary,
        kind,
        on=asked.on,
        known_by=asked.known_by,
        title=given.title,
    )
    print_lines(f"{given.output}: {len(log):,} entries, as {kind}")
    report("lost", losses)
    return 0
