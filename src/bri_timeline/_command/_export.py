"""Write a log in another format, and list what that format cannot hold."""

from __future__ import annotations

from argparse import ArgumentError, ArgumentParser, Namespace
from pathlib import Path

from bri_timeline._command._kinds import (
    WRITTEN,
    add_log,
    kind_of,
    read,
    vocabulary_of,
    write,
)
from bri_timeline._command._output import print_lines, report


__all__ = ["EXAMPLES", "add", "run"]

EXAMPLES = """\
examples:
  python -m bri_timeline export visits.toml -o visits.parquet
  python -m bri_timeline export visits.db -o visits.toml --title "Visits"
  python -m bri_timeline export visits.db -o plans.ics --on 2019-09-01
  python -m bri_timeline export visits.db -o items.json --to vis

What the other format cannot hold is listed on the standard error.
"""
_TAKES = {
    "on": ("graph", "ical"),
    "known_by": ("graph", "ical", "vis"),
    "title": ("chronicle",),
}


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
    parser.add_argument(
        "--on", metavar="DAY", help="for graph and ical: the day of the state"
    )
    parser.add_argument(
        "--known-by", metavar="DAY", help="for graph, ical and vis: as known by then"
    )
    parser.add_argument("--title", help="for a chronicle: its title")
    parser.set_defaults(run=run)


def run(given: Namespace) -> int:
    """Write the file."""
    kind = given.to or kind_of(given.output, WRITTEN, "--to")
    # An option without effect would suggest that the file depends on it.
    for option, kinds in _TAKES.items():
        if getattr(given, option) is not None and kind not in kinds:
            name = option.replace("_", "-")
            problem = f"--{name} is for {' and '.join(kinds)}, and not for {kind}"
            raise ArgumentError(None, problem)
    vocabulary = vocabulary_of(given)
    log = read(given.log, vocabulary, given.kind)
    losses = write(
        log,
        given.output,
        vocabulary,
        kind,
        on=given.on,
        known_by=given.known_by,
        title=given.title,
    )
    print_lines(f"{given.output}: {len(log):,} entries, as {kind}")
    report("lost", losses)
    return 0
