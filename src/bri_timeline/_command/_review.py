"""Walk through the queue of proposals: accept, reject or correct each."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping

import msgspec

from bri_timeline import Event, EventLog, Proposal, Vocabulary
from bri_timeline._codec import payload_fields
from bri_timeline._command._kinds import add_log, kind_of, read, write
from bri_timeline._command._output import print_lines
from bri_timeline._command._own import vocabulary_of
from bri_timeline._command._propose import QUEUED
from bri_timeline._events import describe_event
from bri_timeline.errors import BriTimelineError


__all__ = ["EXAMPLES", "add", "run"]


EXAMPLES = """\
examples:
  python -m bri_timeline review chronicle.db --by Anna
  yes s | python -m bri_timeline review chronicle.db --by Anna

Answers are read from the standard input, one a line. What was decided is written when
the queue is empty, at `q`, or when the input ends.
"""
_QUESTION = "accept, reject, correct, skip or quit? [a/r/c/s/q] "


def add(parser: ArgumentParser) -> None:
    """Add the arguments of the verb."""
    add_log(parser)
    parser.add_argument("--by", metavar="WHO", required=True, help="who decides")
    parser.set_defaults(run=run)


def run(given: Namespace) -> int:
    """Ask about each proposal that waits, and write the decisions."""
    vocabulary = vocabulary_of(given)
    kind = given.kind or kind_of(given.log, QUEUED)
    before = read(given.log, vocabulary, kind)
    log, waiting = before, before.proposals
    for number, proposal in enumerate(waiting, 1):
        print_lines("", f"proposal {number} of {len(waiting)}", *_shown(log, proposal))
        decided = _decided(log, proposal, given.by, vocabulary)
        if decided is None:
            break
        log = decided
    if log is not before:
        write(log, given.log, vocabulary, kind)
    left = len(log.proposals)
    done = len(waiting) - left
    print_lines("", f"{done:,} proposals were decided, and {left:,} wait")
    return 0


def _shown(log: EventLog, proposal: Proposal) -> list[str]:
    """Return the lines that tell a reader what to decide on."""
    event = proposal.event
    lines = [f"  {proposal}"]
    if proposal.supersedes is not None:
        corrected = log[proposal.supersedes].claim
        said = f"{corrected.when}  {describe_event(corrected)}"
        lines.append(f"  corrects entry {proposal.supersedes}: {said}")
    for citation in event.cite:
        lines.append(f"  {citation}")
        if citation.quote is not None:
            lines.append(f"    \u201c{citation.quote}\u201d")
    return lines


def _decided(
    log: EventLog, proposal: Proposal, by: str, vocabulary: Vocabulary
) -> EventLog | None:
    """Return the log with a decision, the same if there is none; None to end."""
    while True:
        answer = _asked(_QUESTION)
        word = None if answer is None else answer.strip().lower()[:1]
        if word is None or word == "q":
            return None
        try:
            if word == "s":
                return log
            if word == "a":
                return log.accept(proposal, by=by)
            if word == "r":
                because = _asked("why? ")
                if because is None:
                    return None
                if because.strip():
                    return log.reject(proposal, by=by, because=because.strip())
                print_lines("a rejection needs a reason")
            if word == "c":
                event = _corrected(proposal.event, vocabulary)
                if event is None:
                    return None
                because = _asked("why? (may be empty) ") or ""
                reason = because.strip() or None
                return log.accept(proposal, by=by, because=reason, event=event)
        except BriTimelineError as error:
            print_lines(error)


def _corrected(event: Event, vocabulary: Vocabulary) -> Event | None:
    """Ask for the date and each field; an empty answer keeps what is there.

    Raises:
        BriTimelineError: An answer does not fit; the question is asked again.
    """
    when = _asked(f"when [{event.when}]: ")
    fields: Mapping[str, object] = json.loads(vocabulary.encode(event.what))
    values: dict[str, object] = {}
    kind: type = type(event.what)
    for name in payload_fields(kind):
        value = fields[name]
        answer = _asked(f"{name} [{json.dumps(value, ensure_ascii=False)}]: ")
        if answer is None:
            return None
        values[name] = value if not answer.strip() else _value(answer.strip())
    what = vocabulary.build(vocabulary.name_of(event.what), values)
    date = (when or "").strip() or event.when
    own = event.id if isinstance(event.key, str) else None
    return Event(what, when=date, where=event.where, cite=event.cite, id=own)


def _value(answer: str) -> object:
    """Return an answer as JSON, else as text: nobody should have to quote a name."""
    try:
        return msgspec.json.decode(answer)
    except msgspec.DecodeError:
        return answer


def _asked(question: str) -> str | None:
    """Write a question, and return the answer; None at the end of the input."""
    sys.stdout.write(question)
    sys.stdout.flush()
    answer = sys.stdin.readline()
    # What is piped in is not seen, so that the next line would follow the question.
    if not sys.stdin.isatty():
        print_lines(answer.rstrip("\n"))
    return answer.rstrip("\n") if answer else None
