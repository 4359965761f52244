"""Print a state on a day, with its sources."""

from __future__ import annotations

import textwrap
from argparse import ArgumentError, ArgumentParser, Namespace
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from attrs import frozen

from bri_timeline import Event, Projection, Source, View
from bri_timeline._command._asked import Asked, add_selection, tell_if_empty
from bri_timeline._command._kinds import add_log
from bri_timeline._command._output import print_json, print_lines, report
from bri_timeline._command._own import (
    add_projection,
    calling,
    projection_of,
    vocabulary_of,
)
from bri_timeline._command._rows import Row, cell, print_rows, rows_of, words
from bri_timeline.edtf import in_words
from bri_timeline.pages import dates_of, describe_event, numbered, source_line
from bri_timeline.relations import (
    FACTS,
    SECTIONS,
    VALUES,
    Plan,
    Relationship,
    among,
    items_of,
)


__all__ = [
    "EXAMPLES",
    "Question",
    "add",
    "add_question",
    "cited",
    "event_cells",
    "run",
    "sources_of",
    "wrapped",
]

EXAMPLES = """\
examples:
  python -m bri_timeline state visits.toml --between AZE CHN --on 2019-04-24
  python -m bri_timeline state visits.db --between AZE CHN --on 2019-04-24 \\
      --known-by 2019-04-24
  python -m bri_timeline state pledges.db --on 2020-12-31 --facts pledges:FACTS \\
      --projection pledges:pledged --format json

The state is that of the relationship of --between, or of your own --projection. Events
that may or may not have happened by that day are listed under "Perhaps".
Numbers in brackets are those of the sources, which are listed below.
"""
_WIDTH = 88
_HEADER = ("name", "value", "when", "id", "sources")


def add(parser: ArgumentParser) -> None:
    """Add the arguments of the verb."""
    add_log(parser)
    add_question(parser)
    parser.set_defaults(run=run)


def add_question(parser: ArgumentParser) -> None:
    """Add the arguments for the state, the selection and the format of the answer."""
    add_projection(parser)
    add_selection(parser)
    parser.add_argument(
        "--format",
        choices=("text", "json", "csv", "arrow"),
        default="text",
        help="the format of the answer; arrow is a stream of Arrow IPC",
    )


@frozen
class Question:
    """The question of a command line about a log.

    Attributes:
        view: The log on the day, or in the period.
        projection: What is asked for.
        parties: The actors that it is about.
        asked: What the answer is about, for `StateAnswer`.
    """

    view: View
    projection: Projection[Any]
    parties: Collection[str]
    asked: dict[str, Any]

    @classmethod
    def of(cls, given: Namespace) -> Question:
        """Read what is asked for.

        Raises:
            ArgumentError: There is neither a day nor a period, or an option is wrong.
        """
        asked, vocabulary = Asked.of(given), vocabulary_of(given)
        projection = projection_of(given, asked.between, vocabulary)
        if asked.window is None:
            problem = "the following arguments are required: --on DAY, or --during"
            raise ArgumentError(None, f"{problem} PERIOD")
        log = asked.select(asked.read(given, vocabulary, projection), projection)
        tell_if_empty(given, log)
        view = asked.view(log)
        if given.projection is None:
            _tell_of_others(view)
        parties = sorted(projection.parties or asked.between)
        about: dict[str, Any] = {
            "projection": given.projection or "relationship",
            "parties": (*parties,),
            "among": (*sorted(asked.among),),
            "any_of": (*sorted(asked.any_of),),
            "on": asked.on,
            "during": asked.during,
            "known_by": asked.known_by,
        }
        return cls(view, projection, parties, about)

    @property
    def title(self) -> str:
        """The actors that the state is about, or its name."""
        return among(self.parties) if self.parties else self.projection.name


def _tell_of_others(view: View) -> None:
    """Say on the standard error which events a relationship passes over."""
    kinds = Counter(type(event.what) for event in view.events)
    others = sorted(
        f"{kind.__name__}: {count:,}"
        for kind, count in kinds.items()
        if kind not in FACTS
    )
    report("kinds that are not part of a relationship (ask with --projection)", others)


def run(given: Namespace) -> int:
    """Print the state."""
    question = Question.of(given)
    with calling("--projection", given.projection):
        return _answer(given.format, question)


def _answer(form: str, question: Question) -> int:
    view, projection = question.view, question.projection
    state = view.project(projection)
    # An undecided event without effect on the state is not worth a line.
    perhaps = [e for e in view.undecided if projection(state, e) != state]
    # Claims that lost a dispute are not in the state, but readers must see them.
    others = [event for dispute in view.disputes for event in dispute.others]
    if form == "json":
        # Other formats need not wait for its import.
        from bri_timeline.answers import StateAnswer

        print_json(
            StateAnswer(
                **question.asked,
                state=state,
                perhaps=(*perhaps,),
                said_otherwise=(*others,),
            )
        )
        return 0
    say = words if form == "text" else cell
    values, parts = _shown(state, projection.name, say)
    parts += [("Perhaps", perhaps), ("Said otherwise", others)]
    if form != "text":
        print_rows(_HEADER, _cells(values, parts), form)
        return 0
    numbers = numbered(
        [row.event for row in values if row.event]
        + [
            item.event if isinstance(item, Plan) else item
            for _, items in parts
            for item in items
        ]
    )
    print_lines(question.title, dates_of(view), "")
    width = max((len(row.name) for row in values), default=0)
    for name, text, event in values:
        end = f" {cited(event, numbers)}" if event else ""
        print_lines(f"{name:<{width}}  {text}{end}")
    for title, items in parts:
        if items:
            day = view.day.isoformat()
            lines = (_item_lines(item, day, numbers) for item in items)
            print_lines("", title, *(line for one in lines for line in one))
    print_lines(*sources_of(numbers))
    return 0


_Parts = list[tuple[str, Sequence[Event | Plan]]]


def _shown(
    state: object, name: str, say: Callable[[object], str]
) -> tuple[list[Row], _Parts]:
    """Return the values of a state, and its lists of claims."""
    if not isinstance(state, Relationship):
        return [*rows_of(state, name, say)], []
    values = [Row(value.title, value.of(state)) for value in VALUES]
    parts = [(one.title, items_of(getattr(state, one.name))) for one in SECTIONS]
    return values, [*parts]


def _cells(values: list[Row], parts: _Parts) -> Iterator[tuple[str, ...]]:
    """Yield the rows of a state as a table."""
    for name, text, event in values:
        yield (name, text, *((event_cells(event)) if event else ("", "", "")))
    for title, items in parts:
        for item in items:
            event = item.event if isinstance(item, Plan) else item
            yield (title, describe_event(event), *event_cells(event))


def event_cells(event: Event) -> tuple[str, str, str]:
    """Return the date, the id and the citations of an event."""
    cites = "; ".join(f"{c.source.title}: {c.locator}".strip(": ") for c in event.cite)
    return str(event.when), event.id, cites


def _item_lines(
    item: Event | Plan, day: str, numbers: Mapping[Source, int]
) -> Iterator[str]:
    event = item.event if isinstance(item, Plan) else item
    status = f" ({item.status_on(day).value})" if isinstance(item, Plan) else ""
    claim = f"{in_words(event.when)}: {describe_event(event)}{status}"
    text = f"{claim} {cited(event, numbers)}"
    return wrapped(text, "  ")


def cited(event: Event, numbers: Mapping[Source, int]) -> str:
    """Return the citations of an event by number of source: `[1 para 3; 2]`."""
    places = (f"{numbers[c.source]} {c.locator}".strip() for c in event.cite)
    return f"[{'; '.join(places) or 'no source'}]"


def sources_of(numbers: Mapping[Source, int]) -> Iterable[str]:
    """Yield the lines of the list of numbered sources."""
    if numbers:
        yield from ("", "Sources")
    for source, number in numbers.items():
        yield from wrapped(source_line(source), f"{number:>4}  ")


def wrapped(text: str, start: str) -> Iterator[str]:
    """Yield the wrapped lines of a text, the first of which begins with *start*."""
    inner = " " * (len(start) + 2)
    yield from textwrap.wrap(
        text, _WIDTH, initial_indent=start, subsequent_indent=inner
    )
