"""Print a state on a day, with its sources; of any kind, as named values in rows."""

from __future__ import annotations

import csv
import dataclasses
import io
import sys
import textwrap
from argparse import ArgumentError, ArgumentParser, Namespace
from collections import Counter
from collections.abc import (
    Callable,
    Collection,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
    Set,
)
from enum import Enum
from itertools import chain
from typing import Any, NamedTuple, TypeGuard

import attrs
from attrs import evolve, frozen

from bri_timeline import Edtf, Event, Projection, Source, View
from bri_timeline._command._options import (
    Request,
    add_log,
    add_projection,
    add_selection,
    projection_of,
    tell_if_empty,
    vocabulary_of,
)
from bri_timeline._command._output import print_json, print_lines, report
from bri_timeline._command._references import calling
from bri_timeline.edtf import in_words
from bri_timeline.extend import iso, needing, one_line
from bri_timeline.formats import neutral
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


_STATE_EXAMPLES = """\
examples:
  python -m bri_timeline state visits.toml --between AZE CHN --on 2019-04-24
  python -m bri_timeline state visits.db --between AZE CHN --on 2019-04-24 \\
      --known-by 2019-04-24
  python -m bri_timeline state pledges.db --on 2020-12-31 --facts pledges:FACTS \\
      --projection pledges:pledged --format json

The state is that of the relationship of --between, or of your own --projection. Events
that may or may not have happened by that day are listed under "Perhaps", and so is what
the state keeps and may have ended.
Numbers in brackets are those of the sources, which are listed below.
"""
_WIDTH = 88
_HEADER = ("name", "value", "when", "id", "sources")


class ValueRow(NamedTuple):
    """A named value of a state.

    Attributes:
        name: The name of the field, or the key.
        text: The value.
        event: The event that is the value, or one of several.
    """

    name: str
    text: str
    event: Event | None = None


def parts_of(state: object) -> list[tuple[str, object]] | None:
    """Return the named values of a state; None if it is a single value.

    They are the items of a mapping, and the fields of a class of attrs, a dataclass, a
    named tuple or a record, except for those whose name begins with an underscore.
    """
    if isinstance(state, Mapping):
        return [(words(key), value) for key, value in state.items()]
    names: list[str] = []
    if isinstance(state, Event | Edtf | Plan):
        return None
    cls: type = type(state)
    if attrs.has(cls):
        names = [part.name for part in attrs.fields(cls)]
    elif dataclasses.is_dataclass(state):
        names = [part.name for part in dataclasses.fields(state)]
    else:
        names = [*getattr(state, "_fields", ())]
    parts = [(name, getattr(state, name)) for name in names if name[:1] != "_"]
    return parts or None


def words(value: object) -> str:
    """Return a value as text for people."""
    if isinstance(value, str | Enum):
        return str(value.value) if isinstance(value, Enum) else value
    if value is None or isinstance(value, bool):
        return {None: "none", True: "yes", False: "no"}[value]
    if isinstance(value, int):
        return format(value, ",")
    if isinstance(value, Edtf):
        return in_words(value)
    if isinstance(value, Plan):
        return words(value.event)
    if isinstance(value, Event):
        return f"{in_words(value.when)}: {describe_event(value)}"
    if isinstance(value, Mapping | Set) or _is_list(value):
        items = _items(value)
        texts = [f"{key}: {words(item)}" if key else words(item) for key, item in items]
        return "; ".join(texts) or "none"
    # A class of attrs without `__str__` shows the names of its fields only in `repr`.
    is_plain = type(value).__str__ is object.__str__
    parts = parts_of(value) if is_plain else None
    texts = [f"{name} {words(part)}" for name, part in parts or ()]
    return ", ".join(texts) or str(value)


def cell(value: object) -> str:
    """Return a value as text for programs: a number without separators."""
    is_number = isinstance(value, int) and not isinstance(value, bool | Enum)
    return str(value) if is_number else words(value)


def rows_of(
    state: object, name: str, say: Callable[[object], str] = words
) -> Iterator[ValueRow]:
    """Yield the rows of a state.

    Args:
        state: The state.
        name: Names a state that is a single value.
        say: Returns a value as text.
    """
    parts = parts_of(state)
    for key, value in parts or [(name, state)]:
        items = _items(value)
        # A collection of events has a row for each: every claim keeps its sources.
        if items and all(isinstance(item, Event | Plan) for _, item in items):
            for inner, item in items:
                yield ValueRow(f"{key} {inner}".strip(), words(item), _event_of(item))
        else:
            yield ValueRow(key, say(value), _event_of(value))


def _event_of(value: object) -> Event | None:
    event = value.event if isinstance(value, Plan) else value
    return event if isinstance(event, Event) else None


def _items(value: object) -> list[tuple[str, object]]:
    """Return the items of a collection, each with its key or without a name."""
    if isinstance(value, Mapping):
        return [(words(key), item) for key, item in value.items()]
    if isinstance(value, Set):
        return [("", item) for item in sorted(value, key=words)]
    return [("", item) for item in value] if _is_list(value) else []


def print_rows(header: Sequence[str], rows: Iterable[Sequence[str]], form: str) -> None:
    """Write a table of texts to the standard output.

    Args:
        header: The names of the columns.
        rows: The cells.
        form: `csv` or `arrow`.

    Raises:
        ArgumentError: The form is Arrow, and the output is a terminal.
    """
    if form == "arrow":
        _print_stream(header, rows)
        return
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    # A spreadsheet would execute a cell that begins like a formula.
    writer.writerows([*map(neutral, map(one_line, row))] for row in (header, *rows))
    print_lines(text.getvalue().removesuffix("\n"))


def _print_stream(header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a table as a stream of Arrow IPC; an empty cell is null."""
    with needing("arrow"):
        import pyarrow

    columns = zip(*rows, strict=True)
    cells = [[cell or None for cell in column] for column in columns]
    text = pyarrow.string()
    table = pyarrow.table(
        [pyarrow.array(column, text) for column in cells or [[] for _ in header]],
        [*header],
    )
    print_stream(table)


def print_stream(table: Any) -> None:
    """Write a table to the standard output as a stream of Arrow IPC.

    Args:
        table: Any that hands out a stream of Arrow.

    Raises:
        ArgumentError: The output is a terminal.
    """
    if sys.stdout.isatty():
        problem = "--format arrow is not text: send it to a file, > answer.arrows"
        raise ArgumentError(None, problem)
    with needing("arrow"):
        import pyarrow

    reader = pyarrow.RecordBatchReader.from_stream(table)
    sink = pyarrow.BufferOutputStream()
    with pyarrow.ipc.new_stream(sink, reader.schema) as stream:
        for batch in reader:
            stream.write_batch(batch)
    sys.stdout.buffer.write(sink.getvalue())


def add_state(parser: ArgumentParser) -> None:
    """Add the arguments of the verb `state`."""
    parser.epilog = _STATE_EXAMPLES
    add_log(parser)
    add_question(parser)
    parser.set_defaults(run=_run_state)


def add_question(parser: ArgumentParser) -> None:
    """Add the arguments for the state, the selection and the format of the answer."""
    add_projection(parser)
    add_selection(parser)
    add_format(parser)


def add_format(parser: ArgumentParser) -> None:
    """Add the argument for the format of an answer."""
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
        part: Which part of the facts it rests on, in words; empty for all.
    """

    view: View
    projection: Projection[Any]
    parties: Collection[str]
    asked: dict[str, Any]
    part: str

    @classmethod
    def of(cls, given: Namespace) -> Question:
        """Read a question from the command line.

        Raises:
            ArgumentError: There is neither a day nor a period, or an option is wrong.
        """
        request, vocabulary = Request.of(given), vocabulary_of(given)
        projection = projection_of(given, request.between, vocabulary)
        if request.window is None:
            problem = "the following arguments are required: --on DAY, or --during"
            raise ArgumentError(None, f"{problem} PERIOD")
        # Which kinds a relationship passes over is said.
        read = projection if given.projection else evolve(projection, reads=None)
        log = request.select(request.read(given, vocabulary, read), read)
        tell_if_empty(given, log)
        view = request.view(log)
        if given.projection is None:
            _tell_of_others(view)
        parties = sorted(projection.parties or request.between)
        about: dict[str, Any] = {
            "projection": given.projection or "relationship",
            "parties": (*parties,),
            "among": (*sorted(request.among),),
            "any_of": (*sorted(request.any_of),),
            "on": request.on,
            "during": request.during,
            "known_by": request.known_by,
        }
        return cls(view, projection, parties, about, request.words)

    @property
    def title(self) -> str:
        """The actors that the state is about, or its name."""
        return among(self.parties) if self.parties else self.projection.name


def _tell_of_others(view: View) -> None:
    """Say on the standard error which events a relationship passes over."""
    kinds = Counter(type(event.what) for event in view.events)
    counts = sorted(
        f"{kind.__name__}: {count:,}"
        for kind, count in kinds.items()
        if kind not in FACTS
    )
    report("kinds that are not part of a relationship (ask with --projection)", counts)


def _run_state(given: Namespace) -> int:
    """Print the state."""
    question = Question.of(given)
    with calling("--projection", given.projection):
        return _answer(given.format, question)


def _answer(form: str, question: Question) -> int:
    view, projection = question.view, question.projection
    state = view.project(projection)
    # What has no effect on the state is not worth a line.
    doubts = view.doubts(projection, state)
    # Claims that lost a dispute are not in the state, but readers must see them.
    rivals = [event for dispute in view.disputes for event in dispute.others]
    if form == "json":
        # Other formats need not wait for its import.
        from bri_timeline.answers import StateAnswer

        print_json(
            StateAnswer(
                **question.asked,
                state=state,
                perhaps=(*chain(*doubts),),
                may_have_ended=doubts.may_have_ended,
                may_be_last=doubts.may_be_last,
                said_otherwise=(*rivals,),
            ),
            view,
        )
        return 0
    say = words if form == "text" else cell
    values, parts = _shown(state, projection.name, say)
    perhaps: list[_Item] = [
        *doubts.may_have_happened,
        *(_Doubt("may have ended", event) for event in doubts.may_have_ended),
        *(_Doubt("may be the last", event) for event in doubts.may_be_last),
    ]
    parts += [("Perhaps", perhaps), ("Said otherwise", rivals)]
    selection = [ValueRow("Selection", question.part)] if question.part else []
    if form != "text":
        print_rows(_HEADER, _cells(selection + values, parts, view), form)
        return 0
    printed = [row.event for row in values if row.event]
    printed += [_claim_of(item) for _, items in parts for item in items]
    # A source that came out later has no number.
    numbers = numbered(map(view.as_cited, printed))
    print_lines(question.title, dates_of(view), *filter(None, [question.part]), "")
    width = max((len(row.name) for row in values), default=0)
    for name, text, event in values:
        end = f" {cited(event, numbers)}" if event else ""
        print_lines(f"{name:<{width}}  {text}{end}")
    for title, items in parts:
        if items:
            day = iso(view.day_number)
            lines = (_item_lines(item, day, numbers) for item in items)
            print_lines("", title, *(line for part in lines for line in part))
    print_lines(*sources_of(numbers))
    return 0


class _Doubt(NamedTuple):
    """An event that certainly happened, and its possible effect on a state."""

    how: str
    event: Event


_Item = Event | Plan | _Doubt
_Parts = list[tuple[str, Sequence[_Item]]]


def _claim_of(item: _Item) -> Event:
    return item if isinstance(item, Event) else item.event


def _described(item: _Item) -> str:
    return f"{_how(item)}{describe_event(_claim_of(item))}"


def _how(item: _Item) -> str:
    return f"{item.how}: " if isinstance(item, _Doubt) else ""


def _shown(
    state: object, name: str, say: Callable[[object], str]
) -> tuple[list[ValueRow], _Parts]:
    """Return the values of a state, and its lists of claims."""
    if not isinstance(state, Relationship):
        return [*rows_of(state, name, say)], []
    values = [ValueRow(value.title, value.of(state)) for value in VALUES]
    parts = [
        (section.title, items_of(getattr(state, section.name))) for section in SECTIONS
    ]
    return values, [*parts]


def _cells(
    values: list[ValueRow], parts: _Parts, view: View
) -> Iterator[tuple[str, ...]]:
    """Yield the rows of a state as a table."""
    for name, text, event in values:
        told = event_cells(view.as_cited(event)) if event else ("", "", "")
        yield (name, text, *told)
    for title, items in parts:
        for item in items:
            event = view.as_cited(_claim_of(item))
            yield (title, _described(item), *event_cells(event))


def event_cells(event: Event) -> tuple[str, str, str]:
    """Return the date, the id and the citations of an event."""
    cites = "; ".join(f"{c.source.title}: {c.locator}".strip(": ") for c in event.cite)
    return str(event.when), event.id, cites


def _item_lines(item: _Item, day: str, numbers: Mapping[Source, int]) -> Iterator[str]:
    event = _claim_of(item)
    status = f" ({item.words_on(day)})" if isinstance(item, Plan) else ""
    claim = f"{in_words(event.when)}: {describe_event(event)}{status}"
    text = f"{_how(item)}{claim} {cited(event, numbers)}"
    return wrapped(text, "  ")


def cited(event: Event, numbers: Mapping[Source, int]) -> str:
    """Return the citations of an event by number of source: `[1 para 3; 2]`.

    What has no number is left out.
    """
    cite = [citation for citation in event.cite if citation.source in numbers]
    places = (f"{numbers[c.source]} {c.locator}".strip() for c in cite)
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


def _is_list(value: object) -> TypeGuard[Sequence[object]]:
    """Check whether a value is a sequence of parts, and neither text nor bytes."""
    no_list = str | bytes | bytearray | memoryview | range
    return isinstance(value, Sequence) and not isinstance(value, no_list)
