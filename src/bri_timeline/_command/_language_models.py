"""Take what language models propose, and let people review it."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Hashable, Iterator, Mapping
from pathlib import Path

import msgspec
from attrs import evolve, frozen

from bri_timeline import Event, EventLog, Proposal, Source, Vocabulary
from bri_timeline._command._kinds import QUEUED, existing, kind_of, read, update
from bri_timeline._command._options import add_log, add_vocabulary, vocabulary_of
from bri_timeline._command._output import print_lines, prompt, report
from bri_timeline.errors import BriTimelineError, counted
from bri_timeline.evidence import digest
from bri_timeline.extend import describe_event, event_fields, iso, payload_fields
from bri_timeline.formats import proposals


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
_MOST_FAULTS = 100
_REVIEW_EXAMPLES = """\
examples:
  python -m bri_timeline review chronicle.db --by Anna
  yes s | python -m bri_timeline review chronicle.db --by Anna

Answers are read from the standard input, one a line. Each decision is written before
the next question, so that it stays, however the review ends. Others may write to the
log meanwhile.
"""
_QUESTION = "accept, reject, correct, skip or quit? [a/r/c/s/q] "


def add_propose(parser: ArgumentParser) -> None:
    """Add the arguments of the verb `propose`."""
    parser.epilog = _PROPOSE_EXAMPLES
    parser.add_argument("found", metavar="JSON", type=Path, help="the proposals")
    parser.add_argument(
        "--document", metavar="TXT", type=Path, required=True, help="its text, in UTF-8"
    )
    parser.add_argument("--title", required=True, help="the title of the document")
    parser.add_argument("--published", metavar="DATE", help="its day of publication")
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
        url=given.url,
        digest=digest(text),
    )
    items = proposals.load(given.found, vocabulary, document=text, source=source)

    def extended(log: EventLog) -> EventLog:
        for item in items:
            if item.event is not None:
                log = log.propose(item.event, by=given.by)
        return log

    done = update(output, extended, vocabulary, kind)
    added = len(done.after) - len(done.before)
    print_lines(
        f"{output}: {counted(added, 'proposal was', 'proposals were')} added,"
        f" and {len(done.after.proposals):,} wait"
    )
    report("lost", done.losses)
    faulty = [
        f"item {item.number}: {problem}" for item in items for problem in item.problems
    ]
    return min(report("not proposed", faulty, _MOST_FAULTS), 1)


def add_review(parser: ArgumentParser) -> None:
    """Add the arguments of the verb `review`."""
    parser.epilog = _REVIEW_EXAMPLES
    add_log(parser)
    parser.add_argument("--by", metavar="WHO", required=True, help="who decides")
    parser.set_defaults(run=_run_review, changes_log=True)


def _run_review(given: Namespace) -> int:
    """Ask about each proposal that waits, and write each decision."""
    kind = given.kind or kind_of(given.log, QUEUED)
    queue = _Queue(existing(given.log), kind, vocabulary_of(given), given.by)
    met, done = set[Hashable](), 0
    log = queue.read()
    waiting = [*log.proposals]
    while waiting:
        proposal = waiting.pop(0)
        met.add(_content(log, proposal))
        place, many = len(met), len(met) + len(waiting)
        print_lines("", f"proposal {place} of {many}", *_shown(log, proposal))
        try:
            new_log = queue.asked_about(log, proposal)
        except _DecidedError as error:
            print_lines(error)
            new_log = queue.read()
        else:
            done += new_log is not None and new_log is not log
        if new_log is None:
            break
        if new_log is not log:
            log = new_log
            waiting = [item for item in log.proposals if _content(log, item) not in met]
    decided = counted(done, "proposal was", "proposals were")
    print_lines("", f"{decided} decided, and {len(log.proposals):,} wait")
    return 0


def _content(log: EventLog, proposal: Proposal) -> Hashable:
    """Return the content of a proposal; its position may change in a moment."""
    target = proposal.supersedes
    corrected = None if target is None else log[target].event
    return proposal.by, proposal.event, corrected


def _shown(log: EventLog, proposal: Proposal) -> list[str]:
    """Return the lines that tell a reader what to decide on."""
    event = proposal.event
    lines = [f"  {proposal}", *_fields(event)]
    if proposal.supersedes is not None:
        corrected = log[proposal.supersedes].claim
        said = f"{corrected.when}  {describe_event(corrected)}"
        lines.append(f"  corrects entry {proposal.supersedes}: {said}")
        lines += _fields(corrected)
    for citation in event.cite:
        lines.append(f"  {citation}")
        if citation.quote is not None:
            lines.append(f"    \u201c{citation.quote}\u201d")
    return lines


def _fields(event: Event) -> Iterator[str]:
    return (f"    {name}: {text}" for name, text in event_fields(event))


class _DecidedError(Exception):
    """Somebody else has decided on a proposal while a person was asked about it."""


@frozen
class _Queue:
    """The queue of a log, and who decides on it.

    Attributes:
        path: The file of the log.
        kind: Its format.
        vocabulary: The payload classes.
        by: Who decides.
    """

    path: Path
    kind: str
    vocabulary: Vocabulary
    by: str

    def read(self) -> EventLog:
        """Return the log as it is now."""
        return read(self.path, self.vocabulary, self.kind)

    def asked_about(self, log: EventLog, proposal: Proposal) -> EventLog | None:
        """Ask about a proposal, and return the log with the decision.

        Returns:
            The same log if it is skipped, None to end.

        Raises:
            _DecidedError: Somebody else was faster.
        """
        while True:
            answer = _asked(_QUESTION)
            word = None if answer is None else answer.strip().lower()[:1]
            if word is None or word == "q":
                return None
            try:
                if word == "s":
                    return log
                if word == "a":
                    return self._written(log, proposal)
                if word == "r":
                    because = _asked("why? ")
                    if because is None:
                        return None
                    if because.strip():
                        return self._written(log, proposal, rejected=because.strip())
                    print_lines("a rejection needs a reason")
                if word == "c":
                    event = _corrected(proposal.event, self.vocabulary)
                    if event is None:
                        return None
                    because = _asked("why? (may be empty) ") or ""
                    reason = because.strip() or None
                    return self._written(log, proposal, event=event, because=reason)
            except BriTimelineError as error:
                print_lines(error)

    def _written(
        self,
        log: EventLog,
        proposal: Proposal,
        *,
        rejected: str | None = None,
        because: str | None = None,
        event: Event | None = None,
    ) -> EventLog:
        """Write a decision to the log as it is now, and return that.

        Args:
            log: The log that was shown.
            proposal: The proposal that was shown.
            rejected: Why it is rejected; None if it is accepted.
            because: Why it is accepted.
            event: What it should say.
        """
        content = _content(log, proposal)

        def decided(log: EventLog) -> EventLog:
            same = [
                item for item in log.all_proposals() if _content(log, item) == content
            ]
            if not same or same[-1].status != "open":
                raise _DecidedError(_meanwhile(same))
            if rejected is not None:
                return log.reject(same[-1], by=self.by, because=rejected)
            return log.accept(same[-1], by=self.by, because=because, event=event)

        path = existing(self.path)
        written_log = update(path, decided, self.vocabulary, self.kind).after
        return written_log if rejected is not None else _told_of(written_log)


def _meanwhile(same: list[Proposal]) -> str:
    """Return, in words, the decision that somebody else made on a proposal."""
    done = same[-1].decision if same else None
    if done is None or done.review is None:
        return "it was withdrawn meanwhile: nothing was written"
    what = f"{same[-1].status} meanwhile by {done.review.by}"
    return f"it was {what}: nothing was written"


def _told_of(log: EventLog) -> EventLog:
    """Return a log after an acceptance, and say if that has no effect."""
    aside = log.set_aside(log[-1])
    if aside is not None:
        by = aside.by
        since = "" if by.known_day is None else f", known since {iso(by.known_day)}"
        why = f"{aside.reason.words} (entry {by.position}{since})"
        print_lines(f"accepted, but it does not count: {why}")
    return log


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
    return evolve(event, what=what, when=date)


def _value(answer: str) -> object:
    """Return an answer as JSON, else as text: nobody should have to quote a name."""
    try:
        return msgspec.json.decode(answer)
    except msgspec.DecodeError:
        return answer


def _asked(question: str) -> str | None:
    """Write a question, and return the answer; None at the end of the input."""
    prompt(question)
    answer = sys.stdin.readline()
    # What is piped in is not seen, so that the next line would follow the question.
    if not sys.stdin.isatty():
        print_lines(answer.rstrip("\n"))
    return answer.rstrip("\n") if answer else None
