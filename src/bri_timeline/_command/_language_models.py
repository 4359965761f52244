"""Take what language models propose, let people review it, and answer models by MCP."""

from __future__ import annotations

import inspect
import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping
from decimal import Decimal
from operator import attrgetter
from pathlib import Path
from typing import Any

import msgspec
from attrs import frozen

from bri_timeline import Event, EventLog, Proposal, Source, View, Vocabulary
from bri_timeline._calendar import iso
from bri_timeline._codec import payload_fields
from bri_timeline._command._kinds import existing, holds_nothing, kind_of, read, write
from bri_timeline._command._options import add_log, add_vocabulary, vocabulary_of
from bri_timeline._command._output import print_lines, report
from bri_timeline._events import describe_event
from bri_timeline._happening import REASON_WORDS
from bri_timeline._later import needing
from bri_timeline._text import harmless, to_plain
from bri_timeline.errors import BriTimelineError, SelectionError
from bri_timeline.evidence import digest
from bri_timeline.formats import proposals
from bri_timeline.relations import relationship


__all__ = ["add_propose", "add_review", "add_serve"]

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
_QUEUED = ("chronicle", "jsonl", "store")
_MOST_FAULTS = 100
_REVIEW_EXAMPLES = """\
examples:
  python -m bri_timeline review chronicle.db --by Anna
  yes s | python -m bri_timeline review chronicle.db --by Anna

Answers are read from the standard input, one a line. What was decided is written when
the queue is empty, at `q`, or when the input ends.
"""
_QUESTION = "accept, reject, correct, skip or quit? [a/r/c/s/q] "
_SERVE = """\
Answer the questions of a language model about a log, by MCP over stdio.

It can ask for states, explanations, differences, disputes and entries, and it can
propose claims with their words. It can never accept one: `review` is for people.
"""
_SERVE_EXAMPLES = """\
examples:
  python -m bri_timeline serve visits.toml
  python -m bri_timeline serve chronicle.db --by "a model"

It needs the official SDK: pip install 'bri-timeline[mcp]'. The log is read anew for
each question, so that a claim counts as soon as it was accepted.
"""
_INSTRUCTIONS = """\
A log of dated claims, each with its citations. Every answer is as of a day, and as far
as was known by another. A claim marked "maybe" is dated too loosely to say whether it
had happened by then: never report it as certain, nor as false. Cite the sources given.
What you read elsewhere can be proposed, with the words of the document; a person
decides.
"""
_MOST_LISTED = 50
_LONGEST = 1 << 20


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
    kind = kind_of(output, _QUEUED)
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
    log = EventLog() if holds_nothing(output) else read(output, vocabulary, kind)
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
    return min(report("not proposed", faulty, _MOST_FAULTS), 1)


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
    kind = given.kind or kind_of(given.log, _QUEUED)
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
                return _told_of(log.accept(proposal, by=by))
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
                accepted = log.accept(proposal, by=by, because=reason, event=event)
                return _told_of(accepted)
        except BriTimelineError as error:
            print_lines(error)


def _told_of(log: EventLog) -> EventLog:
    """Return a log after an acceptance, and say if that has no effect."""
    aside = log.set_aside(log[-1])
    if aside is not None:
        by = aside.by
        since = "" if by.known_day is None else f", known since {iso(by.known_day)}"
        why = f"{REASON_WORDS[aside.reason]} (entry {by.position}{since})"
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


def add_serve(parser: ArgumentParser) -> None:
    """Add the arguments of the verb `serve`."""
    parser.description = _SERVE
    parser.epilog = _SERVE_EXAMPLES
    add_log(parser)
    parser.add_argument(
        "--by", metavar="WHO", default="a model", help="who proposes, as recorded"
    )
    parser.set_defaults(run=_run_serve)


def _run_serve(given: Namespace) -> int:
    """Serve until the input ends."""
    kind = given.kind or kind_of(given.log, _QUEUED)
    tools = _Tools(given.log, kind, vocabulary_of(given), given.by)
    # A file that cannot be read is a fault of the command, not of the first question.
    tools.log()
    _server(tools).run("stdio")
    return 0


@frozen
class _Tools:
    """The tools, each a question or a proposal; their arguments come from a model.

    Attributes:
        path: The file of the log.
        kind: Its format.
        vocabulary: The payload classes.
        by: Who proposes.
    """

    path: Path
    kind: str
    vocabulary: Vocabulary
    by: str

    def log(self) -> EventLog:
        """Return the log as it is now."""
        return read(self.path, self.vocabulary, self.kind)

    def _view(self, on: str, known_by: str | int | None) -> View:
        return self.log().as_of(on, known_by=known_by)

    def state(
        self, between: list[str], on: str, known_by: str | int | None = None
    ) -> dict[str, object]:
        """Return the state of a relationship on a day, with what may have happened.

        between: two or more actors, states as ISO 3166-1 alpha-3. on: a whole day.
        known_by: as far as was known by a day, or by a position of the log.
        """
        view = self._view(on, known_by)
        projection = relationship(*between)
        state = view.project(projection)
        perhaps = [e for e in view.undecided if projection(state, e) != state]
        return {
            "on": on,
            "known_by": known_by,
            "state": to_plain(state),
            "maybe": [_told(event) for event in perhaps],
        }

    def explain(
        self,
        between: list[str],
        value: str,
        on: str,
        known_by: str | int | None = None,
    ) -> dict[str, object]:
        """Return the events and citations that a value of a relationship rests on.

        value: a part of the state, such as visits or agreement_count. A step that is
        not certain may not have happened yet. Claims set aside are listed with reasons.
        """
        projection = relationship(*between)
        empty = projection.initial()
        names = [name for name in dir(empty) if _is_value(empty, name)]
        if value not in names:
            problem = f"is not a part of the state: ask for one of {', '.join(names)}"
            raise SelectionError(value, problem)
        found = self._view(on, known_by).explain(projection, of=attrgetter(value))
        steps = [*found.steps, *found.undecided]
        return {
            "text": str(found),
            "steps": [{"certain": s.certain, **_told(s.event)} for s in steps],
            "set_aside": [
                {"reason": one.reason.value, **_told(one.event)}
                for one in found.set_aside
            ],
        }

    def diff(
        self,
        between: list[str],
        on: str,
        other_on: str,
        known_by: str | int | None = None,
        other_known_by: str | int | None = None,
    ) -> dict[str, object]:
        """Return what changed in a relationship from one day to another.

        Give the same day twice, and two days of knowledge, to see what was learned.
        """
        log = self.log()
        before = log.as_of(on, known_by=known_by)
        after = log.as_of(other_on, known_by=other_known_by)
        found = before.diff(after, relationship(*between))
        return {"text": str(found), "changes": found.as_dict()}

    def disputes(self, on: str, known_by: str | int | None = None) -> dict[str, object]:
        """Return what sources tell differently of one happening; one is taken."""
        return {
            "disputes": [
                {
                    "id": dispute.id,
                    "taken": _told(dispute.taken),
                    "others": [_told(event) for event in dispute.others],
                }
                for dispute in self._view(on, known_by).disputes
            ]
        }

    def search(
        self,
        on: str,
        words: str = "",
        parties: list[str] | None = None,
        known_by: str | int | None = None,
    ) -> dict[str, object]:
        """Return claims that count, by words in them or their citations, and by actors.

        happened says whether it had happened by the day: yes or maybe.
        """
        view = self._view(on, known_by)
        wanted, actors = words.casefold().split(), frozenset(parties or ())
        found = [
            {"happened": happened, **_told(event)}
            for happened, events in (("yes", view.events), ("maybe", view.undecided))
            for event in events
            if actors <= event.parties and all(word in _text(event) for word in wanted)
        ]
        return {"found": len(found), "claims": found[:_MOST_LISTED]}

    def propose(
        self,
        document: str,
        title: str,
        items: list[dict[str, Any]],
        published: str | None = None,
        url: str | None = None,
    ) -> dict[str, object]:
        """Propose claims that stand in a document; a person decides on each.

        document: its whole text. items: objects of kind, what (the fields of the kind),
        when (a date in EDTF, or the words of the document for it), quote (the words it
        rests on, letter by letter), and perhaps where (a name, or an object with
        name, latitude, longitude and precision), locator and id.
        """
        if len(document) > _LONGEST or len(items) > _MOST_LISTED:
            problem = f"items, or {len(document):,} characters, are too many"
            most = f"propose at most {_MOST_LISTED} of {_LONGEST:,} characters at once"
            raise SelectionError(len(items), f"{problem}: {most}")
        text = digest(document)
        source = Source(title, published=published, url=url, digest=text)
        checked = proposals.examine(
            map(_exact, items), self.vocabulary, document=document, source=source
        )
        log = before = self.log()
        answers: list[dict[str, object]] = []
        for item in checked:
            if item.event is None:
                answers.append({"not_proposed": list(map(str, item.problems))})
                continue
            grown = log.propose(item.event, by=self.by)
            answers.append({"proposed": "again" if grown is log else len(log)})
            log = grown
        if log is not before:
            write(log, self.path, self.vocabulary, self.kind)
        return {"items": answers, "waiting": len(log.proposals)}


def _is_value(state: object, name: str) -> bool:
    return not name.startswith("_") and not callable(getattr(state, name))


def _told(event: Event) -> dict[str, object]:
    """Return a claim in words, with its date and citations."""
    cites = [
        str(one) if one.quote is None else f"{one}: \u201c{one.quote}\u201d"
        for one in event.cite
    ]
    kind = type(event.what).__name__
    what = describe_event(event)
    cited = {"cite": cites or ["no source"]}
    return {
        "id": event.id,
        "kind": kind,
        "what": what,
        "when": str(event.when),
        **cited,
    }


def _text(event: Event) -> str:
    told = _told(event)
    return f"{told['kind']} {told['what']} {told['when']} {told['cite']}".casefold()


def _exact(value: Any) -> Any:
    """Return plain data with decimals instead of floats, which amounts refuse."""
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, dict):
        return {key: _exact(part) for key, part in value.items()}
    return [_exact(part) for part in value] if isinstance(value, list) else value


def _server(tools: _Tools) -> Any:
    with needing("mcp"):
        from mcp.server.mcpserver import MCPServer
        from mcp.server.mcpserver.exceptions import ToolError
        from mcp.types import ToolAnnotations

    server = MCPServer("bri-timeline", instructions=_INSTRUCTIONS, log_level="WARNING")
    asks = ToolAnnotations(read_only_hint=True, open_world_hint=False)
    adds = ToolAnnotations(destructive_hint=False, idempotent_hint=True)

    def offered(answer: Callable[..., Mapping[str, object]]) -> Callable[..., str]:
        """Return a tool whose refusals name the class of the error and the remedy."""

        def tool(**arguments: object) -> str:
            try:
                found = answer(**arguments)
            except BriTimelineError as error:
                msg = f"{type(error).__name__}: {harmless(str(error))}"
                raise ToolError(msg) from None
            return json.dumps(found, ensure_ascii=False, allow_nan=False)

        signature = inspect.signature(answer, eval_str=True)
        tool.__name__, tool.__doc__ = answer.__name__, answer.__doc__
        # What the SDK makes the schema of the arguments of.
        vars(tool)["__signature__"] = signature.replace(return_annotation=str)
        return tool

    questions = (tools.state, tools.explain, tools.diff, tools.disputes, tools.search)
    for question in questions:
        server.add_tool(offered(question), annotations=asks, structured_output=False)
    propose = offered(tools.propose)
    server.add_tool(propose, annotations=adds, structured_output=False)
    return server
