"""A state of any kind as named values, in rows."""

from __future__ import annotations

import csv
import dataclasses
import io
import sys
from argparse import ArgumentError
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from enum import Enum
from typing import NamedTuple

import attrs

from bri_timeline import Edtf, Event
from bri_timeline._command._output import print_lines
from bri_timeline._later import needing
from bri_timeline._text import one_line
from bri_timeline.edtf import in_words
from bri_timeline.formats import neutral
from bri_timeline.pages import describe_event
from bri_timeline.relations import Plan


__all__ = ["Row", "cell", "parts_of", "print_rows", "rows_of", "words"]


class Row(NamedTuple):
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

    They are the items of a mapping, and the fields of a class of attrs, a dataclass or
    a named tuple, except for those whose name begins with an underscore.
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
    elif isinstance(state, tuple):
        names = [*getattr(state, "_fields", ())]
    found = [(name, getattr(state, name)) for name in names if name[:1] != "_"]
    return found or None


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
    if isinstance(value, Mapping | Set | list | tuple):
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
) -> Iterator[Row]:
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
                yield Row(f"{key} {inner}".strip(), words(item), _event_of(item))
        else:
            yield Row(key, say(value), _event_of(value))


def _event_of(value: object) -> Event | None:
    event = value.event if isinstance(value, Plan) else value
    return event if isinstance(event, Event) else None


def _items(value: object) -> list[tuple[str, object]]:
    """Return the items of a collection, each with its key or without a name."""
    if isinstance(value, Mapping):
        return [(words(key), item) for key, item in value.items()]
    if isinstance(value, Set):
        return [("", item) for item in sorted(value, key=words)]
    return [("", item) for item in value] if isinstance(value, list | tuple) else []


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
    if sys.stdout.isatty():
        problem = "--format arrow is not text: send it to a file, > answer.arrows"
        raise ArgumentError(None, problem)
    with needing("arrow"):
        import pyarrow

    columns = zip(*rows, strict=True)
    cells = [[cell or None for cell in column] for column in columns]
    text = pyarrow.string()
    table = pyarrow.table(
        [pyarrow.array(column, text) for column in cells or [[] for _ in header]],
        [*header],
    )
    sink = pyarrow.BufferOutputStream()
    with pyarrow.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    sys.stdout.buffer.write(sink.getvalue())
