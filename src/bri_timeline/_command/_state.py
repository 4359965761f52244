"""Tell how things stood between some parties on a day, and who says so."""

from __future__ import annotations

import textwrap
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Iterator, Mapping

from bri_timeline import Event, EventLog, Projection, Source, View
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
    "SUMMARY",
    "add",
    "add_question",
    "asked",
    "cited",
    "run",
    "sources_of",
    "wrapped",
]

SUMMARY = "how things stood between some parties on a day"
EXAMPLES = """\
examples:
  python -m bri_timeline state visits.toml --between AZE CHN --on 2019-04-24
  python -m bri_timeline state visits.db --between AZE CHN --on 2019-04-24 \\
      --known-by 2019-04-24

What may have happened by that day, and may not, stands under "Perhaps". Numbers in
brackets are those of the sources, which stand below.
"""
_WIDTH = 88


def add(parser: ArgumentParser) -> None:
    """Say what the verb takes."""
    add_log(parser)
    add_question(parser)
    parser.set_defaults(run=run)


def add_question(parser: ArgumentParser) -> None:
    """Say of whom, of which day, and from when one asks."""
    parser.add_argument(
        "--between",
        metavar="ACTOR",
        nargs="+",
        required=True,
        help="whose relationship: AZE CHN",
    )
    parser.add_argument(
        "--on", metavar="DAY", required=True, help="the day: 2019-04-24"
    )
    parser.add_argument(
        "--known-by", metavar="DAY", help="as known by then; by default all counts"
    )


def asked(given: Namespace) -> tuple[View, Projection[Relationship]]:
    """Return the view that is asked about, and the relationship."""
    projection = relationship(*given.between)
    log: EventLog = read(given.log, vocabulary_of(given), given.kind)
    view = log.as_of(given.on, given.known_by)
    return view.concerning(*given.between), projection


def run(given: Namespace) -> int:
    """Tell the state."""
    view, projection = asked(given)
    state = view.project(projection)
    perhaps = [e for e in view.undecided if projection(state, e) != state]
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
            told = (_told(item, given.on, numbers) for item in items)
            print_lines("", title, *(line for lines in told for line in lines))
    print_lines(*sources_of(numbers))
    return 0


def _told(item: Event | Plan, day: str, numbers: Mapping[Source, int]) -> Iterator[str]:
    event = item.event if isinstance(item, Plan) else item
    status = f" ({item.status_on(day).value})" if isinstance(item, Plan) else ""
    claim = f"{in_words(event.when)}: {describe_event(event)}{status}"
    text = f"{claim} {cited(event, numbers)}"
    return wrapped(text, "  ")


def cited(event: Event, numbers: Mapping[Source, int]) -> str:
    """Return who says so, by the numbers of the sources: `[1 para 3; 2]`."""
    places = (f"{numbers[c.source]} {c.locator}".strip() for c in event.cite)
    return f"[{'; '.join(places) or 'no source'}]"


def sources_of(numbers: Mapping[Source, int]) -> Iterable[str]:
    """Yield the lines that say what the numbers of sources mean."""
    if numbers:
        yield from ("", "Sources")
    for source, number in numbers.items():
        yield from wrapped(source_line(source), f"{number:>4}  ")


def wrapped(text: str, start: str) -> Iterator[str]:
    """Yield the lines of a text, of which the first begins with something."""
    inner = " " * (len(start) + 2)
    yield from textwrap.wrap(
        text, _WIDTH, initial_indent=start, subsequent_indent=inner
    )
