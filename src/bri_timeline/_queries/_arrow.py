"""Columns of tables in Arrow: of types that are declared, whatever the rows are."""

from __future__ import annotations

import json
import typing
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from types import NoneType
from typing import Any, TypeAlias

import attrs

from bri_timeline._events import Entry, Event, describe_event
from bri_timeline._form import members_of, parts, payload_fields, table
from bri_timeline._later import needing
from bri_timeline._payload import is_attrs_class, with_subclasses
from bri_timeline._queries._cells import EVENT, Columns, TableRow, day_or_none
from bri_timeline._queries._columns import DECIMAL
from bri_timeline._scope import kind_name
from bri_timeline._text import Forms, plain_data
from bri_timeline.edtf import Edtf, end_bounds
from bri_timeline.errors import PlainDataError, VocabularyError


# pyarrow is an extra, imported where it is used. Its published types reject calls
# that are correct.
_Array: TypeAlias = Any
_Type: TypeAlias = Any
# What pyarrow raises for values that do not fit a type.
_UNFIT = (TypeError, ValueError, OverflowError, NotImplementedError, KeyError)
_REMEDY = "annotate what is kept there, or leave it out"
# So deep may records lie in others.
_DEEPEST = 8
# The columns of an entry, and of an event beside those of all tables of events.
_ENTRY = [
    name
    for part in parts.ENTRY
    if part.kind not in parts.INNER and part.name != "dataset"
    for name in table.columns_of_parts([part])
]
_BESIDE = [
    name
    for name in table.columns_of_parts(parts.BESIDE)
    if name not in {*EVENT, "earliest", "latest"}
]


def _same(value: object) -> object:
    return value


_Plain = Callable[[object], Any]
# Numbers and days stay what they are, for Arrow.
_FORMS = Forms((Decimal, float, date))


def _plain(value: object) -> Any:
    return plain_data(value, "a cell", _FORMS)


def stream(
    columns: Columns,
    rows: Iterable[TableRow],
    requested_schema: object | None,
    kinds: Iterable[type] | None,
) -> object:
    """Return a capsule with rows as a stream of Arrow batches; see `table.stream()`."""
    with needing("arrow"):
        import pyarrow

    cells, events = list[Mapping[str, Any]](), list[Event | None]()
    is_whole = Event in columns.values()
    for own, event in rows:
        events.append(event)
        row = {} if event is None else _event_cells(event, is_whole=is_whole)
        for name, part in own.items():
            if isinstance(part, Entry):
                row |= table.entry_cells(part)
            elif isinstance(part, Event):
                claim = _event_cells(part, is_whole=False)
                row |= {f"{name}_{column}": cell for column, cell in claim.items()}
        cells.append({**row, **own})
    arrays = {
        name: _column(name, [row.get(name) for row in cells], kind, plain)
        for name, kind, plain in _types(columns)
    }
    if kinds is not None:
        arrays |= _payload_columns(events, kinds, arrays)
    made: Any = pyarrow.table(arrays)
    capsule: object = made.__arrow_c_stream__(requested_schema)
    return capsule


def _types(columns: Columns) -> Iterator[tuple[str, _Type | None, _Plain]]:
    """Yield the columns, those of entries and events too: type, and how to convert."""
    known = table.arrow_types()
    for name, hint in columns.items():
        if hint is Entry:
            yield from ((column, known[column], _same) for column in _ENTRY)
        elif hint is Event:
            yield from _types(EVENT)
            yield from ((column, known[column], _same) for column in _BESIDE)
        else:
            yield name, arrow_type(hint), _plain


def _event_cells(event: Event, *, is_whole: bool) -> dict[str, Any]:
    """Return the cells of an event, payload aside."""
    when = event.when
    first, last = (end_bounds(when) if when.is_extent else None) or (None, None)
    days = when.earliest_start, when.latest_start, first, last
    cells = {
        "id": event.id,
        "kind": kind_name(event.what),
        "words": describe_event(event),
        "when": str(when),
        **dict(zip([*EVENT][4:8], map(day_or_none, days), strict=True)),
        "sources": "; ".join(map(str, event.cite)),
    }
    return table.event_cells(event) | cells if is_whole else cells


def _payload_columns(
    events: list[Event | None], kinds: Iterable[type], taken: Collection[str]
) -> dict[str, _Array]:
    """Return a column for each field of the payloads, and of some classes."""
    whats = [None if event is None else event.what for event in events]
    there = (type(what) for what in whats if what is not None)
    # Field -> kind -> its type: of kinds of one name and of two types, that of JSON.
    types: dict[str, dict[str, _Type | None]] = {}
    readers = {cls: _fields(cls) for cls in (*with_subclasses(kinds), *there)}
    for cls, fields in readers.items():
        for field, (_, kind) in fields.items():
            by_kind = types.setdefault(field, {})
            before = by_kind.setdefault(cls.__name__, kind)
            by_kind[cls.__name__] = kind if before == kind else None
    columns: dict[str, _Array] = {}
    for field, by_kind in types.items():
        is_one = len({str(kind) for kind in by_kind.values()}) == 1
        for name, kind in [*by_kind.items()][: 1 if is_one else None]:
            values = [
                getattr(what, readers[type(what)][field][0], what)
                if field in readers.get(type(what), ())
                and (is_one or type(what).__name__ == name)
                else None
                for what in whats
            ]
            column = field if is_one else f"{name}.{field}"
            column = f"what.{field}" if column in taken else column
            columns[column] = _column(column, values, kind)
    return columns


def _fields(cls: type) -> dict[str, tuple[str, _Type | None]]:
    """Return the attribute of each field of a payload class, and its type."""
    if not is_attrs_class(cls) or hasattr(cls, "_is_unknown"):
        return {"what": ("", arrow_type(cls))}
    return {
        name: (attribute, arrow_type(hint)) for name, attribute, hint in _hints(cls)
    }


def _hints(cls: type) -> Iterator[tuple[str, str, object]]:
    """Yield the name, the attribute and the annotation of each field of a class."""
    try:
        hints = {name: part.type for name, part in payload_fields(cls).items()}
    except VocabularyError:  # a name in an annotation that is not to be found
        hints = {}
    for field in attrs.fields(cls):
        if field.init:
            yield str(field.alias), field.name, hints.get(str(field.alias))


def arrow_type(hint: Any, depth: int = 0) -> _Type | None:
    """Return the type of values that are annotated so; None if they are JSON text.

    Args:
        hint: The annotation.
        depth: How deep it lies in another.
    """
    import pyarrow as pa

    scalars: dict[type, _Type] = {
        bool: pa.bool_(),
        int: pa.int64(),
        float: pa.float64(),
        str: pa.string(),
        Edtf: pa.string(),
        date: pa.date32(),
        Decimal: pa.decimal128(*DECIMAL),
    }
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    members = [one for one in members_of(hint) if one is not NoneType]
    if origin is typing.Annotated:
        return arrow_type(args[0], depth)
    if origin is typing.Literal:
        members = [type(value) for value in args]
    elif isinstance(hint, type) and issubclass(hint, Enum):
        members = [type(member.value) for member in hint]
    if members != [hint]:
        kinds = {arrow_type(member, depth) for member in members}
        return kinds.pop() if len(kinds) == 1 else None
    if origin in (tuple, frozenset) and args and args[1:] in ((), (...,)):
        item = arrow_type(args[0], depth)
        return None if item is None else pa.list_(item)
    if not isinstance(hint, type) or origin is not None or issubclass(hint, datetime):
        return None
    found = [kind for cls, kind in scalars.items() if issubclass(hint, cls)]
    if found or depth > _DEEPEST or not is_attrs_class(hint):
        return found[0] if found else None
    if hasattr(hint, "_plain_data") or "as_dict" in vars(hint):
        return None
    fields: list[Any] = [
        (name, arrow_type(part, depth + 1)) for name, _, part in _hints(hint)
    ]
    # A struct without fields has no form in DuckDB or Parquet.
    is_plain = fields and all(kind is not None for _, kind in fields)
    return pa.struct(fields) if is_plain else None


def _column(
    name: str, values: list[Any], kind: _Type | None, plain: _Plain = _plain
) -> _Array:
    """Return values as a column of a type; None for JSON text.

    Raises:
        PlainDataError: One cannot be kept there.
    """
    try:
        return _array([*map(plain, values)], kind)
    except _UNFIT as error:
        problem = f"cannot be kept in a column of {kind}: {_REMEDY} ({error})"
        first = next(value for value in values if not _fits(plain(value), kind))
        raise PlainDataError(first, name, problem) from None


def _array(cells: list[Any], kind: _Type | None) -> _Array:
    import pyarrow as pa

    if kind is None:
        return pa.array(map(_json, cells), pa.string())
    column: _Array = pa.array(cells, kind)
    # Arrow cuts 1.5 to a whole number, and a time to its day, without a word.
    is_cut = any(name in str(kind) for name in ("int64", "date32"))
    if is_cut and column.to_pylist() != cells:
        msg = "it would be cut"
        raise TypeError(msg)
    return column


def _json(cell: object) -> str | None:
    if cell is None:
        return None
    return json.dumps(plain_data(cell, "a cell"), ensure_ascii=False)


def _fits(cell: object, kind: _Type | None) -> bool:
    try:
        _array([cell], kind)
    except _UNFIT:
        return False
    return True
