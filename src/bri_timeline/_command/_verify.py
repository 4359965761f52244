"""Verify that a store is unchanged, or that a file can be read."""

from __future__ import annotations

from argparse import ArgumentError, ArgumentParser, Namespace

from bri_timeline import EventLog
from bri_timeline._command._asked import Asked, add_selection, tell_if_empty
from bri_timeline._command._kinds import READ, add_log, existing, kind_of
from bri_timeline._command._output import print_json, print_lines, report
from bri_timeline._command._own import vocabulary_of
from bri_timeline.answers import VerifyAnswer
from bri_timeline.edtf import in_words
from bri_timeline.errors import EntryError
from bri_timeline.pages import describe_event, view_of
from bri_timeline.stores import Head, SQLiteStore


__all__ = ["EXAMPLES", "add", "reported", "run"]

EXAMPLES = """\
examples:
  python -m bri_timeline verify visits.db
  python -m bri_timeline verify visits.db --head 24-8f0c...
  python -m bri_timeline verify visits.toml --strict

Every bit of a store is checked, and its head is printed. Keep the head elsewhere: only
a head shows that entries are missing at the end. Claims that contradict their reports,
disputes, and references to events that do not exist are listed; with --strict they
count as faults.
"""


def add(parser: ArgumentParser) -> None:
    """Add the arguments of the verb."""
    add_log(parser)
    add_selection(parser)
    parser.add_argument(
        "--head", metavar="HEAD", help="the head printed by an earlier verify"
    )
    parser.add_argument(
        "--strict", action="store_true", help="count what is listed as faults"
    )
    parser.add_argument(
        "--format",
        choices=("text", "json"),
        default="text",
        help="the format of the answer",
    )
    parser.set_defaults(run=run)


def run(given: Namespace) -> int:
    """Check the file, and print the result."""
    kind = given.kind or kind_of(given.log, READ, "--from")
    asked, vocabulary = Asked.of(given), vocabulary_of(given)
    # Other files have no hash chain, so a head would be ignored in silence.
    if given.head is not None and kind != "store":
        raise ArgumentError(None, f"--head is for a store, which {given.log} is not")
    found: str | None = None
    if kind == "store":
        head = _head(given.head)
        # A store is verified before it is read: a reader would trust its columns.
        with SQLiteStore(existing(given.log), vocabulary) as store:
            found = str(store.verify(head))
    log = asked.within(asked.known(asked.read(given, vocabulary)))
    tell_if_empty(given, log)
    if given.format == "text":
        if found is not None:
            print_lines(f"{given.log}: as it was written, head {found}")
        print_lines(f"{given.log}: {len(log):,} entries")
        count = reported(log)
    else:
        answer = _answer(found, log)
        print_json(answer)
        count = sum(map(len, (answer.contradictions, answer.disputes, answer.dangling)))
    return 1 if count and given.strict else 0


def _answer(head: str | None, log: EventLog) -> VerifyAnswer:
    view = view_of(log)
    return VerifyAnswer(
        head=head,
        entries=len(log),
        contradictions=log.contradictions(),
        disputes=view.disputes,
        dangling=view.dangling,
    )


def _head(text: str | None) -> Head | None:
    try:
        return None if text is None else Head.of(text)
    except EntryError as error:
        raise ArgumentError(None, f"--head: {error}") from None


def reported(log: EventLog) -> int:
    """Report contradictions, disputes and dangling references; return their number."""
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
