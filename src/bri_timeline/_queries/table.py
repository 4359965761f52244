"""Answers as a table, which readers of Arrow take as a stream."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple, TypeAlias

import pendulum

from bri_timeline._events import Entry, Event
from bri_timeline._form import parts, table
from bri_timeline._later import needing
from bri_timeline._queries.history import Belief, Period
from bri_timeline._text import AsDict, Forms, plain_data
from bri_timeline.errors import PlainDataError


__all__ = ["Table", "log_stream", "view_stream"]

# pyarrow is an extra, imported where it is used. Its published types reject calls
# that are correct.
_Array: TypeAlias = Any
_Type: TypeAlias = Any
_CERTAIN, _ENDED = "certain", "ended"
# The columns of an entry, and of an event; the fields of payloads follow. Some are
# there only if an event has such a part.
_ENTRY = (
    *table.columns_of_parts(
        part
        for part in parts.ENTRY
        if part.kind not in parts.INNER and part.name != "dataset"
    ),
)
_RARE = {part.name for part in parts.BESIDE if part.default is None} - {"id"}
_NAMES = (*table.columns_of_parts(parts.BESIDE),)
_EVENT = ("id", "kind", *(name for name in _NAMES if name not in {"id", *_RARE}))
_OWN = frozenset((*_ENTRY, *_EVENT, *_RARE, _CERTAIN, _ENDED))
# What pyarrow raises for values that do not fit a type.
_UNFIT = (TypeError, ValueError, OverflowError, NotImplementedError, KeyError)


class Table:
    """Answers as a table, for whatever reads Arrow.

    Hand it to `polars.DataFrame(table)`, `pyarrow.table(table)`,
    `pandas.DataFrame.from_arrow(table)` or DuckDB. It takes what a question returns as
    a tuple: `Table(log.history(projection))`, `Table(view.disputes)`,
    `Table(view.explain(...).steps)`, events, or entries. Logs, views and panels are
    such tables themselves.

    There is a row for each answer, and a column for each of its fields. An answer
    within another is a struct, a tuple or a set a list, a mapping a list of structs
    with `key` and `value`, or `key_1`, `key_2` and so on for a key of parts. Dates are
    EDTF text, with the days `earliest` and `latest` beside that of an event; days are
    days, with their number (`known_day`, `since_day`) beside them, since other years
    than 1 to 9999 have no day here. Decimals stay exact.

    Events and entries have a column for each field of their payloads too. It is named
    by the field, or `what.` and the field if there is a column of this name; and by
    kind and field, `Joined.role`, if kinds give a field different types. A payload
    without fields is in the column `what`. Values without a common type are JSON text,
    as is the payload of an event within another answer.

    It needs pyarrow: `python -m pip install 'pyarrow>=20'`.

    Args:
        answers: Answers of one kind; read at once.

    Raises:
        PlainDataError: Something else is among them.
    """

    __slots__ = ("_answers",)

    _answers: tuple[Event | Entry | AsDict, ...]

    def __init__(self, answers: Iterable[Event | Entry | AsDict]) -> None:
        if not isinstance(answers, Iterable):
            problem = "is not a tuple of answers: ask first, as log.history(projection)"
            raise PlainDataError(answers, "a table", problem)
        self._answers = tuple(answers)
        for number, answer in enumerate(self._answers):
            if not isinstance(answer, Event | Entry | AsDict):
                problem = "is not an answer: give a tuple that a question returned"
                raise PlainDataError(answer, f"row {number} of a table", problem)

    def __len__(self) -> int:
        return len(self._answers)

    def __repr__(self) -> str:
        kind = type(self._answers[0]).__name__ if self._answers else "nothing"
        return f"<table of {len(self._answers)} rows of {kind}>"

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Return a capsule with a stream of batches, for readers of Arrow.

        Args:
            requested_schema: What the reader would like, as the protocol has it.

        Raises:
            PlainDataError: A part of an answer has no form in a table.
            MissingExtraError: pyarrow is not installed.
        """
        return _stream(self._answers, (), requested_schema)


def _same(value: object) -> object:
    return value


def _event_cells(event: Event) -> dict[str, Any]:
    """Return the cells of an event without its payload."""
    kind: object = event._plain_data()["kind"]
    cells = table.event_cells(event) | {"id": event.id, "kind": kind}
    rare = (name for name in _RARE if cells[name] is not None)
    return {name: cells[name] for name in (*_EVENT, *rare)}


def _entry_cells(entry: Entry) -> dict[str, Any]:
    """Return the cells of an entry without its event."""
    cells = table.entry_cells(entry)
    return {name: cells[name] for name in _ENTRY}


def _event_struct(event: Event) -> dict[str, Any]:
    what = json.dumps(plain_data(event.what, "Event.what"), ensure_ascii=False)
    return {**_event_cells(event), "what": what}


def _entry_struct(entry: Entry) -> dict[str, Any]:
    event = None if entry.event is None else _event_struct(entry.event)
    return {**_entry_cells(entry), "event": event}


# An instant stays text: among days, pyarrow would cut its time without a word.
_FORMS = Forms(
    (Decimal, float),
    {
        Event: _event_struct,
        Entry: _entry_struct,
        date: _same,
        pendulum.Date: _same,
    },
    pairs=True,
)


class _ShownEvent(NamedTuple):
    """An event of a view.

    Attributes:
        event: The event.
        certain: It certainly happened.
        ended: Whether it has ended; None for what does not last.
    """

    event: Event
    certain: bool
    ended: str | None


_Row = Event | Entry | AsDict | _ShownEvent


def log_stream(entries: Iterable[Entry], requested_schema: object | None) -> object:
    """Return a capsule with the entries of a log, as `Table` does."""
    return _stream(entries, (*_ENTRY, *_EVENT), requested_schema)


def view_stream(
    certain: Iterable[Event],
    undecided: Iterable[Event],
    ended: Callable[[Event], str | None],
    requested_schema: object | None,
) -> object:
    """Return a capsule with the events of a view, and what is certain of them.

    Args:
        certain: Those that certainly happened.
        undecided: Those that may have.
        ended: Returns whether one has ended, as text; None for what does not last.
        requested_schema: What the reader would like, as the protocol has it.
    """
    rows = [
        _ShownEvent(event, is_certain, ended(event))
        for is_certain, events in ((True, certain), (False, undecided))
        for event in events
    ]
    return _stream(rows, (_CERTAIN, _ENDED, *_EVENT), requested_schema)


def _stream(
    rows: Iterable[_Row], names: Iterable[str], requested_schema: object | None
) -> object:
    with needing("arrow"):
        import pyarrow

    columns = _TableColumns(names)
    for row in rows:
        columns.add(row)
    table: Any = pyarrow.table(dict(columns.arrays()))
    capsule: object = table.__arrow_c_stream__(requested_schema)
    return capsule


class _TableColumns:
    """The cells of rows, by column.

    Args:
        names: Columns that are there even without rows.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._count = 0
        # Column -> row -> cell: a field of a payload has a cell in few of the rows.
        self._cells: dict[str, dict[int, Any]] = {name: {} for name in names}
        # Field -> kind -> row -> cell.
        self._fields: dict[str, dict[str, dict[int, Any]]] = {}

    def add(self, answer: _Row) -> None:
        """Add the row of an answer."""
        row = self._count
        self._count += 1
        event, cells = _parted(answer)
        if event is not None:
            cells |= _event_cells(event)
            self._add_payload(row, event, cells["kind"])
        for name, cell in cells.items():
            self._cells.setdefault(name, {})[row] = cell

    def _add_payload(self, row: int, event: Event, kind: str) -> None:
        data = plain_data(event.what, kind, _FORMS)
        for field, cell in (data if type(data) is dict else {"what": data}).items():
            by_kind = self._fields.setdefault(field, {})
            by_kind.setdefault(kind, {})[row] = cell

    def arrays(self) -> Iterator[tuple[str, _Array]]:
        """Yield the columns by name: those of answers, then those of payloads."""
        types = _types()
        for name, cells in self._cells.items():
            yield name, self._array(name, cells, types.get(name))
        for field, by_kind in self._fields.items():
            name = f"what.{field}" if field in _OWN else field
            cells = {
                row: cell for column in by_kind.values() for row, cell in column.items()
            }
            if len(by_kind) == 1 or self._inferred(cells) is not None:
                yield name, self._array(name, cells, None)
            else:
                for kind, column in by_kind.items():
                    yield f"{kind}.{field}", self._array(field, column, None)

    def _array(self, name: str, cells: dict[int, Any], kind: _Type | None) -> _Array:
        """Return a column: of its type, of one that is inferred, or of JSON text."""
        import pyarrow

        if kind is None:
            column = self._inferred(cells)
            if column is not None:
                return column
            texts = {row: _json(cell) for row, cell in cells.items()}
            return self._array(name, texts, pyarrow.string())
        values = [*map(cells.get, range(self._count))]
        try:
            return pyarrow.array(values, kind)
        except _UNFIT as error:
            problem = f"cannot be kept in a column of {kind}: {error}"
            first = next(cell for cell in values if not _fits(cell, kind))
            raise PlainDataError(first, name, problem) from None

    def _inferred(self, cells: dict[int, Any]) -> _Array | None:
        """Return a column whose type is that of all its values; None without one."""
        import pyarrow

        values = [*map(cells.get, range(self._count))]
        try:
            column: _Array = pyarrow.array(values)
        except _UNFIT:
            return None
        # A struct without fields has no form in DuckDB or Parquet.
        if pyarrow.types.is_struct(column.type) and not column.type.num_fields:
            return pyarrow.nulls(len(values))
        return column


def _fits(cell: object, kind: _Type) -> bool:
    import pyarrow

    try:
        pyarrow.array([cell], kind)
    except _UNFIT:
        return False
    return True


def _json(cell: object) -> str | None:
    if cell is None:
        return None
    return json.dumps(plain_data(cell, "cell"), ensure_ascii=False)


def _parted(answer: _Row) -> tuple[Event | None, dict[str, Any]]:
    """Return the event of which an answer has the columns, and its other cells."""
    if isinstance(answer, Entry):
        return answer.event, _entry_cells(answer)
    if isinstance(answer, Event):
        return answer, {}
    if isinstance(answer, _ShownEvent):
        return answer.event, {_CERTAIN: answer.certain, _ENDED: answer.ended}
    cells: dict[str, Any] = plain_data(answer, type(answer).__name__, _FORMS)
    if isinstance(answer, Period | Belief):
        day = answer.since_day
        rest = {name: cell for name, cell in cells.items() if name != "since"}
        cells = {"since": table.day_of(day), "since_day": day, **rest}
    return None, cells


def _types() -> dict[str, _Type]:
    """Return the types of the columns whose type does not depend on the answers."""
    import pyarrow as pa

    types = table.arrow_types()
    plain_event = {name: types[name] for name in (*_EVENT, *sorted(_RARE))}
    plain_entry = {name: types[name] for name in _ENTRY}
    event = pa.struct([*plain_event.items(), ("what", types["what"])])
    entry = pa.struct([*plain_entry.items(), ("event", event)])
    return {
        **plain_event,
        **plain_entry,
        _ENDED: types["what"],
        **dict.fromkeys(("since", "until"), types["known"]),
        "since_day": types["known_day"],
        **dict.fromkeys(("event", "taken"), event),
        **dict.fromkeys(("events", "others"), pa.list_(event)),
        **dict.fromkeys(("entry", "by"), entry),
        **dict.fromkeys(("entries", "claims"), pa.list_(entry)),
    }
