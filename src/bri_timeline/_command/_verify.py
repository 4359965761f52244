"""Make sure that a store is as it was written, or that a file can be read."""

from __future__ import annotations

from argparse import ArgumentError, ArgumentParser, Namespace

from bri_timeline import EventLog
from bri_timeline._command._kinds import (
    READ,
    add_log,
    existing,
    kind_of,
    read,
    vocabulary_of,
)
from bri_timeline._command._output import print_lines, report
from bri_timeline.edtf import in_words
from bri_timeline.errors import EntryError
from bri_timeline.pages import describe_event, view_of
from bri_timeline.stores import Head, SQLiteStore


__all__ = ["EXAMPLES", "SUMMARY", "add", "reported", "run"]

SUMMARY = "whether a store is as it was written, and what a log contradicts"
EXAMPLES = """\
examples:
  python -m bri_timeline verify visits.db
  python -m bri_timeline verify visits.db --head 24-8f0c...
  python -m bri_timeline verify visits.toml --strict

Of a store every bit is looked at, and its head is told: keep it elsewhere, since only
against a head does it show that entries are missing at the end. Claims that contradict
their reports, disputes, and references to events that are not there are told; with
--strict they are faults too.
"""


def add(parser: ArgumentParser) -> None:
    """Say what the verb takes."""
    add_log(parser)
    parser.add_argument("--head", metavar="HEAD", help="what was told of a store once")
    parser.add_argument(
        "--strict", action="store_true", help="what was found in it is a fault"
    )
    parser.set_defaults(run=run)


def run(given: Namespace) -> int:
    """Look at all of it, and tell what was found."""
    kind = given.kind or kind_of(given.log, READ, "--from")
    vocabulary = vocabulary_of(given)
    if given.head is not None and kind != "store":
        raise ArgumentError(None, f"--head is for a store, and {given.log} is none")
    if kind == "store":
        head = _head(given.head)
        with SQLiteStore(existing(given.log), vocabulary) as store:
            print_lines(f"{given.log}: as it was written, head {store.verify(head)}")
    log = read(given.log, vocabulary, kind)
    print_lines(f"{given.log}: {len(log):,} entries")
    found = reported(log)
    return 1 if found and given.strict else 0


def _head(text: str | None) -> Head | None:
    try:
        return None if text is None else Head.of(text)
    except EntryError as error:
        raise ArgumentError(None, f"--head: {error}") from None


def reported(log: EventLog) -> int:
    """Tell what a log contradicts or disputes, and return how many times it does."""
    view = view_of(log)
    disputes = [
        f"{dispute.id}: "
        + " or ".join(
            f"{describe_event(e)} ({in_words(e.when)})" for e in dispute.claims
        )
        for dispute in view.disputes
    ]
    found = report("claims dated after a report of them", log.contradictions())
    found += report("happenings of which claims differ", disputes)
    return found + report("references that lead nowhere", view.dangling)
