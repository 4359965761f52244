"""Print the state of a relationship on a day, with its sources."""

from __future__ import annotations

import textwrap
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Iterator, Mapping

from bri_timeline import Event, Projection, Source, View
from bri_timeline._command._kinds import add_log, read, vocabulary_of
from bri_timeline._command._output import print_lines
from bri_timeline.edtf import in_words
from bri_timeline.pages import dates_of, describe_event, numbered, source_line
from bri_timeline.relations import (
    SECTIONS,
    VALUES,
    Plan,
    Relationship,
    among,
    items_of,
    relationship,
)


__all__ = [
    "EXAMPLES",
    "add",
    "add_question",
    "cited",
    "question_of",
    "run",
    "sources_of",
    "wrapped",
]

EXAMPLES = """\
examples:
  python -m bri_timeline state visits.toml --between AZE CHN --on 2019-04-24
  python -m bri_timeline state visits.db --between AZE CHN --on 2019-04-24 \\
      --known-by 2019-04-24

Events that may or may not have happened by that day are listed under "Perhaps".
Numbers in brackets are those of the sources, which are listed below.
"""
_WIDTH = 88


def add(parser: ArgumentParser) -> None:
    """Add the arguments of the verb."""
    add_log(parser)
    add_question(parser)
    parser.set_defaults(run=run)


def add_question(parser: ArgumentParser) -> None:
    """Add the arguments for the parties, the day, and the day of knowledge."""
    parser.add_argument(
        "--between",
        metavar="ACTOR",
        nargs="+",
        required=True,
        help="the parties of the relationship: AZE CHN",
    )
    parser.add_argument(
        "--on", metavar="DAY", required=True, help="the day: 2019-04-24"
    )
    parser.add_argument(
        "--known-by", metavar="DAY", help="the day of knowledge; by default everything"
    )


def question_of(given: Namespace) -> tuple[View, Projection[Relationship]]:
    """Return the view and the relationship that the arguments name."""
    projection = relationship(*given.between)
    vocabulary = vocabulary_of(given)
    log = read(given.log, vocabulary, given.kind, projection=projection)
    view = log.as_of(given.on, given.known_by)
    return view.concerning(*given.between), projection


def run(given: Namespace) -> int:
    """Print the state."""
    view, projection = question_of(given)
    state = view.project(projection)
    # An undecided event without effect on the state is not worth a line.
    perhaps = [e for e in view.undecided if projection(state, e) != state]
    # Claims that lost a dispute are not in the state, but readers must see them.
    others = [event for dispute in view.disputes for event in dispute.others]
    parts = [
        *(
            (section.title, items_of(getattr(state, section.name)))
            for section in SECTIONS
        ),
        ("Perhaps", tuple(perhaps)),
        ("Said otherwise", tuple(others)),
    ]
    numbers = numbered(
        item.event if isinstance(item, Plan) else item
        for _, items in parts
        for item in items
    )
    print_lines(among(state.parties), dates_of(view), "")
    width = max(len(value.title) for value in VALUES)
    print_lines(*(f"{value.title:<{width}}  {value.of(state)}" for value in VALUES))
    for title, items in parts:
        if items:
            lines = (_item_lines(item, given.on, numbers) for item in items)
            print_lines("", title, *(line for one in lines for line in one))
    print_lines(*sources_of(numbers))
    return 0


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
