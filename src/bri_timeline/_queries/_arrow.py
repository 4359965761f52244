"""Columns of tables in Arrow: of types that are declared, whatever the rows are."""

from __future__ import annotations

import json
import typing
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from itertools import chain, zip_longest
from types import NoneType
from typing import Any, TypeAlias

import attrs

from bri_timeline._events import Entry, Event, describe_event
from bri_timeline._events.rows import ENTRIES, EVENTS, POSITIONS, Columns, Row
from bri_timeline._form import members_of, parts, payload_fields, table
from bri_timeline._later import needing
from bri_timeline._payload import is_attrs_class, with_subclasses
from bri_timeline._queries._columns import KINDS, scalar_type
from bri_timeline._scope import kind_name
from bri_timeline._text import plain_data
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
_TEXTS = ("words", "sources")
_DAYS = ("earliest_start", "latest_start", "earliest_end", "latest_end")
_EVENT = ("id", "kind", "words", "when", *_DAYS, "sources")
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
    if name not in {*_EVENT, "earliest", "latest"}
]
# Numbers and days stay what they are, for Arrow.
_FORMS = POSITIONS._replace(keep=(Decimal, float, date))


def stream(
    columns: Columns,
    rows: Iterable[Row],
    requested_schema: object | None,
    named: Iterable[type] | None,
) -> object:
    """Return a capsule with rows as a stream of Arrow batches; see `table.stream()`."""
    with needing("arrow"):
        import pyarrow

    listed = [*rows]
    arrays: dict[str, _Array] = {}
    whats = list[object]()
    for column, kind in columns.items():
        cells: list[Any] = [row.get(column) for row in listed]
        if kind is Entry:
            arrays |= _parted(_ENTRY, map(table.entry_cells, cells))
            cells, column, kind = [entry.event for entry in cells], "event", Event
        if kind is Event:
            is_own = column == "event"
            names = (*_EVENT, *_BESIDE * is_own)
            prefix = "" if is_own else f"{column}_"
            arrays |= _parted(names, map(_event_cells, cells), prefix)
            if is_own:
                whats = [None if event is None else event.what for event in cells]
        elif kind in (EVENTS, ENTRIES):
            told = tuple[str, ...] if kind == EVENTS else tuple[int, ...]
            path = "id" if kind == EVENTS else "position"
            called = [[getattr(one, path) for one in some] for some in cells]
            arrays[column] = _column(column, called, arrow_type(told))
            arrays |= _parted(_TEXTS, map(_told, cells))
        else:
            for name, hint, own in _apart(column, kind, cells):
                arrays[name] = _column(name, own, arrow_type(hint))
    if named is not None:
        arrays |= _payload_columns(whats, named, arrays)
    made: Any = pyarrow.table(arrays)
    capsule: object = made.__arrow_c_stream__(requested_schema)
    return capsule


def _apart(
    name: str, hint: object, keys: list[Any]
) -> Iterator[tuple[str, object, list[Any]]]:
    """Yield a column with its type and cells; of keys, one for each of their parts.

    These are as declared, or else as all keys are.
    """
    if name != "key":
        yield name, hint, keys
        return
    hints = typing.get_args(hint) if typing.get_origin(hint) is tuple else ()
    if hint is None and keys and {*map(type, keys)} == {tuple}:
        hints = tuple(map(_class_of, zip_longest(*keys)))
    if not hints:
        yield "key", hint or _class_of(keys), keys
    for place, part in enumerate(hints):
        cells = [key[place] if place < len(key) else None for key in keys]
        yield f"key_{place + 1}", part, cells


def _class_of(values: Iterable[Any]) -> type:
    """Return the class of all values, text without any; `object` if they have none."""
    classes = {type(value) for value in values if value is not None} or {str}
    return object if len(classes) > 1 else classes.pop()


def _parted(
    names: Iterable[str], rows: Iterable[dict[str, Any]], prefix: str = ""
) -> dict[str, _Array]:
    """Return the columns of entries or events, of types that are known."""
    types, listed = table.arrow_types(), [*rows]
    arrays = {}
    for name in names:
        kind = types.get(name, types["known" if name in _DAYS else "kind"])
        arrays[prefix + name] = _column(name, [row.get(name) for row in listed], kind)
    return arrays


def _event_cells(event: Event | None) -> dict[str, Any]:
    """Return the cells of an event, payload aside."""
    if event is None:
        return {}
    when = event.when
    days = when.earliest_start, when.latest_start, *(end_bounds(when) or (None, None))
    return {
        **table.event_cells(event),
        "id": event.id,
        "kind": kind_name(event.what),
        "words": describe_event(event),
        **dict(zip(_DAYS, map(table.day_of, days), strict=True)),
        "sources": "; ".join(map(str, event.cite)),
    }


def _told(answers: Iterable[Event | Entry]) -> dict[str, Any]:
    """Return the cells of the facts behind an answer."""
    found = (one.event if isinstance(one, Entry) else one for one in answers)
    events = [event for event in found if event is not None]
    cites = dict.fromkeys(str(cite) for event in events for cite in event.cite)
    words = map(describe_event, events)
    return {"words": "; ".join(words), "sources": "; ".join(cites)}


def _payload_columns(
    whats: list[object], named: Iterable[type], taken: Collection[str]
) -> dict[str, _Array]:
    """Return a column for each field of the payloads, and of some classes."""
    there = (type(what) for what in whats if what is not None)
    # Class -> field -> its attribute and type.
    fields = {cls: _fields(cls) for cls in (*with_subclasses(named), *there)}
    columns: dict[str, _Array] = {}
    for field in dict.fromkeys(chain.from_iterable(fields.values())):
        types = {cls: own[field][1] for cls, own in fields.items() if field in own}
        is_one = len({*types.values()}) == 1
        classes = defaultdict[str, list[type]](list)
        for cls in types:
            classes[field if is_one else f"{cls.__name__}.{field}"].append(cls)
        for name, some in classes.items():
            values = [
                getattr(what, fields[type(what)][field][0], what)
                if type(what) in some
                else None
                for what in whats
            ]
            # Of kinds of one name and of several types, that of JSON.
            kind, *others = {types[cls] for cls in some}
            column = f"what.{name}" if name in taken else name
            columns[column] = _column(column, values, None if others else kind)
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
    for cls in KINDS:
        if issubclass(hint, cls):
            return scalar_type(cls)
    if issubclass(hint, Edtf):
        return pa.string()
    is_record = is_attrs_class(hint) and "as_dict" not in vars(hint)
    if depth > _DEEPEST or not is_record or hasattr(hint, "_plain_data"):
        return None
    fields: list[Any] = [
        (name, arrow_type(part, depth + 1)) for name, _, part in _hints(hint)
    ]
    # A struct without fields has no form in DuckDB or Parquet.
    is_plain = fields and all(kind is not None for _, kind in fields)
    return pa.struct(fields) if is_plain else None


def _column(name: str, values: Sequence[Any], kind: _Type | None) -> _Array:
    """Return values as a column of a type; None for JSON text.

    Raises:
        PlainDataError: One cannot be kept there.
    """
    cells = [plain_data(value, "a cell", _FORMS) for value in values]
    try:
        return _array(cells, kind)
    except _UNFIT as error:
        for value in values if len(values) > 1 else ():
            _column(name, [value], kind)
        problem = f"cannot be kept in a column of {kind}: {_REMEDY} ({error})"
        raise PlainDataError(values[0], name, problem) from None


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
