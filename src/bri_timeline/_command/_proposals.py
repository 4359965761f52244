"""Propose claims that were read in a document, and decide: `propose` and `review`."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from pathlib import Path

import msgspec

from bri_timeline import Event, EventLog, Proposal, Source, Vocabulary
from bri_timeline._codec import payload_fields
from bri_timeline._command._kinds import existing, kind_of, read, write
from bri_timeline._command._options import add_log, add_vocabulary, vocabulary_of
from bri_timeline._command._output import print_lines, report
from bri_timeline._events import describe_event
from bri_timeline.errors import BriTimelineError
from bri_timeline.evidence import digest
from bri_timeline.formats import proposals


__all__ = ["QUEUED", "add_propose", "add_review"]

_PROPOSE_EXAMPLES = """\
examples:
  python -m bri_timeline propose found.json --document article.txt \\
      --title "Belt and Road" --published 2019-05-03 --by "a model" -o chronicle.db
  python -m bri_timeline propose found.json --document report.txt \\
      --title "Report" --by Anna -o visits.toml

found.json is a list that follows the schema of `schema` for proposals. Each quote is
looked for in the document. The status is 1 if an item cannot be proposed; the others
are.
"""
# The formats that keep the queue.
QUEUED = ("chronicle", "jsonl", "store")
_MOST = 100


_REVIEW_EXAMPLES = """\
examples:
  python -m bri_timeline review chronicle.db --by Anna
  yes s | python -m bri_timeline review chronicle.db --by Anna

Answers are read from the standard input, one a line. What was decided is written when
the queue is empty, at `q`, or when the input ends.
"""
_QUESTION = "accept, reject, correct, skip or quit? [a/r/c/s/q] "


def add_propose(parser: ArgumentParser) -> None:
    """Add the arguments of the verb `propose`."""
    parser.description = "Propose claims that a model, or a person, read in a document."
    parser.epilog = _PROPOSE_EXAMPLES
    parser.add_argument("found", metavar="JSON", type=Path, help="the proposals")
    parser.add_argument(
        "--document", metavar="TXT", type=Path, required=True, help="its text, in UTF-8"
    )
    parser.add_argument("--title", required=True, help="the title of the document")
    parser.add_argument("--published", metavar="DATE", help="its day of publication")
    parser.add_argument("--container", help="the newspaper or volume")
    parser.add_argument("--author", help="its author")
    parser.add_argument("--url", help="its address")
    parser.add_argument("--by", metavar="WHO", required=True, help="who proposes")
    parser.add_argument(
        "-o", "--output", metavar="LOG", type=Path, required=True, help="the log"
    )
    add_vocabulary(parser)
    parser.set_defaults(run=_run_propose)


def _run_propose(given: Namespace) -> int:
    """Check the proposals, and add them to the queue of the log."""
    vocabulary, output = vocabulary_of(given), given.output
    kind = kind_of(output, QUEUED)
    text = existing(given.document).read_text("utf-8-sig")
    source = Source(
        given.title,
        published=given.published,
        container=given.container,
        author=given.author,
        url=given.url,
        digest=digest(text),
    )
    found = proposals.load(given.found, vocabulary, document=text, source=source)
    log = read(output, vocabulary, kind) if output.exists() else EventLog()
    size = len(log)
    for item in found:
        if item.event is not None:
            log = log.propose(item.event, by=given.by)
    write(log, output, vocabulary, kind)
    print_lines(
        f"{output}: {len(log) - size:,} proposals were added,"
        f" and {len(log.proposals):,} wait"
    )
    faulty = [f"item {item.number}: {one}" for item in found for one in item.problems]
    return min(report("not proposed", faulty, _MOST), 1)


def add_review(parser: ArgumentParser) -> None:
    """Add the arguments of the verb `review`."""
    parser.description = (
        "Walk through the queue of proposals: accept, reject or correct each."
    )
    parser.epilog = _REVIEW_EXAMPLES
    add_log(parser)
    parser.add_argument("--by", metavar="WHO", required=True, help="who decides")
    parser.set_defaults(run=_run_review)


def _run_review(given: Namespace) -> int:
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
