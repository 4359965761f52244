"""Explain a value by the events that changed it and their sources."""

from __future__ import annotations

from argparse import ArgumentError, ArgumentParser, Namespace
from collections.abc import Callable, Iterator, Mapping, Sized
from operator import attrgetter
from typing import Any

import attrs
from attrs import evolve, frozen

from bri_timeline import (
    Event,
    Explanation,
    Reason,
    SetAside,
    Source,
    Step,
)
from bri_timeline._command._options import add_log
from bri_timeline._command._output import print_json, print_lines
from bri_timeline._command._references import calling
from bri_timeline._command._state import (
    Question,
    add_question,
    cell,
    cited,
    event_cells,
    parts_of,
    print_rows,
    sources_of,
    words,
    wrapped,
)
from bri_timeline._queries.explanation import erased_words
from bri_timeline.edtf import in_words
from bri_timeline.errors import shown
from bri_timeline.pages import dates_of, describe_event, numbered
from bri_timeline.relations import SECTIONS, VALUES, Relationship, Value


_EXPLAIN_EXAMPLES = """\
examples:
  python -m bri_timeline explain visits.toml visits --between AZE CHN --on 2019-04-24
  python -m bri_timeline explain visits.db value --between AZE CHN --on 2019-04-26
  python -m bri_timeline explain pledges.db AZE --on 2020-12-31 \\
      --facts pledges:FACTS --projection pledges:pledged

A relationship needs --between. A state of facts of your own is a Projection: with
`TOLD = bri_timeline.measures.count(Slide)` in told.py, ask for --projection told:TOLD.
What sources differ about, `verify` lists without any of these.

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
# The parts of a relationship by the names that a command line has for them.
QUESTIONS = {
    _NAMES.get(part.name, part.name.replace("_", "-")): part
    for part in (*_PARTS, *VALUES)
}


def add_explain(parser: ArgumentParser) -> None:
    """Add the arguments of the verb `explain`."""
    parser.epilog = _EXPLAIN_EXAMPLES
    add_log(parser)
    parser.add_argument(
        "value",
        metavar="VALUE",
        nargs="?",
        help=f"of a relationship one of {', '.join(sorted(QUESTIONS))}; of another"
        " state the name of a part, or nothing for the whole",
    )
    add_question(parser)
    parser.set_defaults(run=_run_explain)


def _run_explain(given: Namespace) -> int:
    """Print the explanation."""
    question = Question.of(given)
    with calling("--projection", given.projection):
        return _answer(given, question)


def _answer(given: Namespace, question: Question) -> int:
    view, value = question.view, _value(given.value, question)
    explanation = view.as_cited(view.explain(question.projection, of=value.part))
    if given.format == "json":
        # Other formats need not wait for its import.
        from bri_timeline.answers import ExplainAnswer

        parts = attrs.asdict(explanation, recurse=False)
        print_json(ExplainAnswer(**question.asked, of=given.value, **parts), view)
        return 0
    if given.format != "text":
        if value.words is words:
            value = evolve(value, words=cell)
        print_rows(_HEADER, _cells(explanation, value), given.format)
        return 0
    steps = [*explanation.steps, *explanation.undecided]
    # All events that are printed, so that every citation has its number.
    printed = [step.event for step in steps]
    printed += [aside.event for aside in explanation.set_aside]
    printed += [reference.event for reference in explanation.dangling]
    numbers = numbered(printed)
    text = f"{value.title}: {value.words(explanation.value)}"
    part = filter(None, [question.part])
    print_lines(text, question.title, dates_of(view), *part)
    if steps or explanation.set_aside or explanation.dangling:
        print_lines("")
    for step in steps:
        print_lines(*_step(step, value, numbers))
        for wording in step.wordings:
            print_lines(*wrapped(str(wording), "    "))
    for aside in explanation.set_aside:
        print_lines(*_line("x ", _reason(aside), aside.event, numbers))
    for reference in explanation.dangling:
        print_lines(*_line("! ", reference.words, reference.event, numbers))
    print_lines(*sources_of(numbers))
    if explanation.erased:
        print_lines(erased_words(explanation.erased))
    return 0


@frozen
class _StatePart:
    """A part of a state.

    Attributes:
        title: Its title.
        part: Returns it from a state; None where it is not there.
        words: Returns it as text.
    """

    title: str
    part: Callable[[Any], object]
    words: Callable[[Any], str]


def _value(name: str | None, question: Question) -> _StatePart:
    """Return the part of a state that the command line names.

    Raises:
        ArgumentError: The state has no such part, or several.
    """
    view, projection = question.view, question.projection
    state = view.project(projection)
    if isinstance(state, Relationship):
        if name not in QUESTIONS:
            known = ", ".join(sorted(QUESTIONS))
            raise ArgumentError(None, f"VALUE: {_choice(name)} it is one of {known}")
        value = QUESTIONS[name]
        return _StatePart(value.title, attrgetter(value.name), value.words)
    if name is None:
        return _StatePart(projection.name, lambda state: state, words)
    # A part may be there only if what is undecided has happened.
    states = state, view.project(projection, undecided=True)
    names = {key: None for state in states for key, _ in parts_of(state) or ()}
    if name not in names:
        known = ", ".join(names) or "none: leave VALUE out for the whole"
        problem = f"VALUE: {_choice(name)} the parts of the state are {known}"
        raise ArgumentError(None, problem)

    def part(state: object) -> object:
        values = [value for key, value in parts_of(state) or () if key == name]
        return values if len(values) > 1 else next(iter(values), None)

    return _StatePart(name, part, words)


def _choice(name: str | None) -> str:
    return "give one:" if name is None else f"{shown(name)} is not there:"


_HEADER = ("status", "before", "after", "event", "when", "id", "sources")


def _cells(found: Explanation[object], value: _StatePart) -> Iterator[tuple[str, ...]]:
    """Yield the rows of an explanation as a table."""
    rows: list[tuple[str, str, str, Event]] = []
    for step in (*found.steps, *found.undecided):
        status = "certain" if step.certain else "perhaps"
        status += " end" if step.ends else ""
        before, after = value.words(step.before), value.words(step.after)
        rows.append((status, before, after, step.event))
    rows += [(_reason(aside), "", "", aside.event) for aside in found.set_aside]
    rows += [(reference.words, "", "", reference.event) for reference in found.dangling]
    for *cells, event in rows:
        yield (*map(str, cells), describe_event(event), *event_cells(event))


def _step(
    step: Step[object], value: _StatePart, numbers: Mapping[Source, int]
) -> Iterator[str]:
    before, after = value.words(step.before), value.words(step.after)
    # A value can change without a change of its text, such as one visit for another.
    change = "changed" if before == after else f"{before} -> {after}"
    return _line("  " if step.certain else "? ", change, step.event, numbers)


def _reason(aside: SetAside) -> str:
    because = f": {aside.because}" if aside.because else ""
    return f"{_VERBS[aside.reason]} entry {aside.by.position}{because}"


def _line(
    mark: str, change: str, event: Event, numbers: Mapping[Source, int]
) -> Iterator[str]:
    claim = f"{in_words(event.when)}: {describe_event(event)}"
    text = f"{change} | {claim} {cited(event, numbers)}"
    return wrapped(text, mark)
