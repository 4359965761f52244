"""Explain a value by the events that changed it and their sources."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping, Sized

from bri_timeline import Event, Reason, SetAside, Source, Step
from bri_timeline._command._kinds import add_log
from bri_timeline._command._output import print_lines
from bri_timeline._command._state import (
    add_question,
    cited,
    question_of,
    sources_of,
    wrapped,
)
from bri_timeline.edtf import in_words
from bri_timeline.errors import shown
from bri_timeline.pages import dates_of, describe_event, numbered
from bri_timeline.relations import SECTIONS, VALUES, Value, among


__all__ = ["EXAMPLES", "add", "run"]

EXAMPLES = """\
examples:
  python -m bri_timeline explain visits.toml visits --between AZE CHN --on 2019-04-24
  python -m bri_timeline explain visits.db value --between AZE CHN --on 2019-04-26

A step that begins with ? may or may not have happened by then. A line that begins with
x is a claim that does not count, with the reason.
"""
_VERBS = {
    Reason.RETRACTED: "withdrawn by",
    Reason.SUPERSEDED: "replaced by",
    Reason.DISPUTED: "said otherwise by",
}


def _size(part: Sized) -> str:
    return str(len(part))


_NAMES = {"agreement_count": "agreements", "agreed_value": "value"}
_PARTS = [Value(section.title, section.name, _size) for section in SECTIONS]
_QUESTIONS = {
    _NAMES.get(part.name, part.name.replace("_", "-")): part
    for part in (*_PARTS, *VALUES)
}


def add(parser: ArgumentParser) -> None:
    """Add the arguments of the verb."""
    add_log(parser)
    parser.add_argument(
        "value",
        metavar="VALUE",
        choices=sorted(_QUESTIONS),
        help=f"one of {', '.join(sorted(_QUESTIONS))}",
    )
    add_question(parser)
    parser.set_defaults(run=run)


def run(given: Namespace) -> int:
    """Print the explanation."""
    view, projection = question_of(given)
    question = _QUESTIONS[given.value]
    found = view.explain(projection, of=lambda state: getattr(state, question.name))
    steps = [*found.steps, *found.undecided]
    # All events that are printed, so that every citation has its number.
    numbers = numbered(
        [step.event for step in steps]
        + [one.event for one in found.set_aside]
        + [one.event for one in found.dangling]
    )
    who = among(projection.initial().parties)
    print_lines(f"{question.title}: {question.words(found.value)}", who, dates_of(view))
    if steps or found.set_aside or found.dangling:
        print_lines("")
    for step in steps:
        print_lines(*_step(step, question, numbers))
    for aside in found.set_aside:
        print_lines(*_aside(aside, numbers))
    for one in found.dangling:
        lost = f"refers to {shown(one.id)}, and nothing has this id"
        print_lines(*_line("! ", lost, one.event, numbers))
    print_lines(*sources_of(numbers))
    return 0


def _step(
    step: Step[object], question: Value, numbers: Mapping[Source, int]
) -> Iterator[str]:
    before, after = question.words(step.before), question.words(step.after)
    # A value can change without a change of its text, such as one visit for another.
    change = "changed" if before == after else f"{before} -> {after}"
    return _line("  " if step.certain else "? ", change, step.event, numbers)


def _aside(aside: SetAside, numbers: Mapping[Source, int]) -> Iterator[str]:
    because = f": {aside.by.because}" if aside.by.because else ""
    reason = f"{_VERBS[aside.reason]} entry {aside.by.position}{because}"
    return _line("x ", reason, aside.event, numbers)


def _line(
    mark: str, change: str, event: Event, numbers: Mapping[Source, int]
) -> Iterator[str]:
    claim = f"{in_words(event.when)}: {describe_event(event)}"
    text = f"{change} | {claim} {cited(event, numbers)}"
    return wrapped(text, mark)
