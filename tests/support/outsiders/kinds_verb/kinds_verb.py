"""A verb of another package: how many entries claim something of each kind."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections import Counter
from pathlib import Path

from bri_timeline.extensions import extension, named, suffix_of
from bri_timeline.relations import FACTS


def add_kinds(parser: ArgumentParser) -> None:
    """Count claims by kind, 100 % of them."""
    parser.add_argument("log", type=Path)
    parser.set_defaults(run=run)


def run(given: Namespace) -> int:
    """Print the counts, and return the exit status."""
    name = named(suffix_of(given.log), "formats")
    log = extension("formats", str(name)).load(given.log, FACTS)
    claims = (entry.event for entry in log if entry.event is not None)
    counts = Counter(FACTS.name_of(event.what) for event in claims)
    for kind in sorted(counts):
        sys.stdout.write(f"{kind} {counts[kind]}\n")
    return 0
