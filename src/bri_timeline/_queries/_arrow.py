"""Columns of tables in Arrow: of types that are declared, whatever the rows are."""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, NamedTuple, TypeAlias

import attrs

from bri_timeline._events import Entry, Event, describe_event
from bri_timeline._form import members_of, payload_fields, table
from bri_timeline._later import needing
from bri_timeline._payload import is_attrs_class, with_subclasses
from bri_timeline._queries._columns import DECIMAL
from bri_timeline._queries.table import WHOLE, Columns, TableRow, day_or_none
from bri_timeline._scope import kind_name
from bri_timeline._text import plain_data
from bri_timeline.edtf import Edtf, end_bounds
from bri_timeline.errors import PlainDataError, VocabularyError, shown


# pyarrow is an extra, imported where it is used. Its published types reject calls
# that are correct.
_Array: TypeAlias = Any
_Type: TypeAlias = Any
# What pyarrow raises for values that do not fit a type.
_UNFIT = (TypeError, ValueError, OverflowError, NotImplementedError, KeyError)
_REMEDY = "annotate what is kept there, or leave it out"
_DEEPEST = 8


def stream(
    columns: Columns,
    rows: Iterable[TableRow],
    requested_schema: object | None,
    kinds: Iterable[type],
) -> object:
    """Return a capsule with rows as a stream of Arrow batches; see `table.stream()`."""
    with needing("arrow"):
        import pyarrow

    known, cells, events = table.arrow_types(), list[Mapping[str, Any]](), []
    is_whole = WHOLE.keys() <= columns.keys()
    for own, event in rows:
        events.append(event)
        entry = own.get("entry")
        of_entry = table.entry_cells(entry) if isinstance(entry, Entry) else {}
        said = {} if event is None else _event_cells(event, is_whole=is_whole)
        # Two claims in a row: each has its own columns.
        for name, part in own.items():
            if isinstance(part, Event):
                both = _event_cells(part, is_whole=False)
                said |= {f"{name}_{column}": cell for column, cell in both.items()}
        cells.append({**of_entry, **own, **said})
    arrays: dict[str, _Array] = {}
    for name, hint in columns.items():
        is_known = hint is None and name in known
        form = _Form(known[name], _same) if is_known else form_of(hint)
        arrays[name] = _column(name, [row.get(name) for row in cells], form)
    arrays |= _payload_columns(events, kinds, arrays)
    made: Any = pyarrow.table(arrays)
    capsule: object = made.__arrow_c_stream__(requested_schema)
    return capsule


def _column(name: str, values: list[Any], form: _Form) -> _Array:
    """Return cells as a column.

    Raises:
        PlainDataError: One cannot be kept there.
    """
    import pyarrow

    try:
        cells = [None if value is None else form.convert(value) for value in values]
        return pyarrow.array(cells, form.type)
    except _UNFIT as error:
        problem = f"cannot be kept in a column of {form.type}: {_REMEDY} ({error})"
        first = next(value for value in values if not _fits(value, form))
        raise PlainDataError(first, name, problem) from None


def _fits(value: object, form: _Form) -> bool:
    import pyarrow

    try:
        pyarrow.array([None if value is None else form.convert(value)], form.type)
    except _UNFIT:
        return False
    return True


# --- events and entries -------------------------------------------------------------


def _event_cells(event: Event, *, is_whole: bool) -> dict[str, Any]:
    """Return the cells of an event, payload aside."""
    when = event.when
    ends = end_bounds(when) if when.is_extent else None
    first, last = (None, None) if ends is None else ends
    cells = {
        "id": event.id,
        "kind": kind_name(event.what),
        "words": describe_event(event),
        "when": str(when),
        "earliest_start": day_or_none(when.earliest_start),
        "latest_start": day_or_none(when.latest_start),
        "earliest_end": day_or_none(first),
        "latest_end": day_or_none(last),
        "sources": "; ".join(map(str, event.cite)),
    }
    return table.event_cells(event) | cells if is_whole else cells


def _payload_columns(
    events: list[Event | None], kinds: Iterable[type], taken: Collection[str]
) -> dict[str, _Array]:
    """Return a column for each field of the payloads, and of some classes."""
    there = (type(event.what) for event in events if event is not None)
    readers = {cls: _fields(cls) for cls in (*with_subclasses(kinds), *there)}
    # Field -> kind -> its form; kinds of one name and of two types have JSON.
    forms: dict[str, dict[str, _Form]] = {}
    for cls, fields in readers.items():
        for field, (_, form) in fields.items():
            by_kind = forms.setdefault(field, {})
            before = by_kind.setdefault(cls.__name__, form)
            by_kind[cls.__name__] = form if before.type == form.type else _json_form()
    columns = {}
    for field, by_kind in forms.items():
        alike = len({str(form.type) for form in by_kind.values()}) == 1
        for kind, form in by_kind.items():
            name = field if alike else f"{kind}.{field}"
            values = [
                reader[field][0](event.what)
                if event is not None
                and field in (reader := readers[type(event.what)])
                and (alike or type(event.what).__name__ == kind)
                else None
                for event in events
            ]
            name = f"what.{field}" if name in taken else name
            columns[name] = _column(name, values, form)
    return columns


def _fields(cls: type) -> dict[str, tuple[Callable[[Any], Any], _Form]]:
    """Return what reads each field of a payload class, and its form."""
    if not is_attrs_class(cls) or hasattr(cls, "_is_unknown"):
        return {"what": (_same, form_of(cls))}
    return {
        field.alias: (_reading(field.name), form_of(hint))
        for field, hint in _hints(cls)
    }


def _reading(name: str) -> Callable[[Any], Any]:
    return lambda what: getattr(what, name)


def _hints(cls: type) -> Iterator[tuple[Any, object]]:
    """Yield the fields of an attrs class that can be given, each with its type."""
    try:
        known: Mapping[str, Any] = payload_fields(cls)
    except VocabularyError:  # a name in an annotation that is not to be found
        known = {}
    for field in attrs.fields(cls):
        if field.init:
            part = known.get(field.alias)
            yield field, object if part is None else part.type


# --- types that are declared ----------------------------------------------------------


class _Form(NamedTuple):
    """The type of a column, and what makes a value a cell of it.

    Attributes:
        type: The type.
        convert: Returns the cell of a value; raises an error if it is none.
    """

    type: _Type
    convert: Callable[[Any], Any]


def _same(value: object) -> object:
    return value


def _json_form() -> _Form:
    import pyarrow as pa

    return _Form(pa.string(), _json)


def _json(value: object) -> str:
    return json.dumps(plain_data(value, "a cell"), ensure_ascii=False)


def _of_class(kinds: Any, convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return a function that converts values of a class, and refuses others."""

    def converted(value: Any) -> Any:
        # Arrow cuts 1.5 to a whole number, and a time to its day, without a word.
        is_odd = isinstance(value, bool | datetime) and kinds is not bool
        if is_odd or not isinstance(value, kinds):
            msg = f"{shown(value)} is of another type"
            raise TypeError(msg)
        return convert(value)

    return converted


def form_of(hint: Any, depth: int = 0) -> _Form:
    """Return the form of values of a type that is declared; JSON if that says nothing.

    Args:
        hint: The type, as it is annotated.
        depth: How deep it lies in another.
    """
    import pyarrow as pa

    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if depth > _DEEPEST or hint is None:
        return _json_form()
    if origin is typing.Annotated:
        return form_of(args[0], depth)
    if origin in (typing.Union, types.UnionType):
        return _form_of_union(hint, depth)
    if origin is typing.Literal:
        return _form_of_values(args)
    if origin in (tuple, frozenset) and args and args[1:] in ((), (...,)):
        item = form_of(args[0], depth + 1)
        several = _of_class(tuple | frozenset | list, _listing(item.convert))
        return _Form(pa.list_(item.type), several)
    if not isinstance(hint, type) or origin is not None:
        return _json_form()
    if issubclass(hint, Enum):
        values = _form_of_values([member.value for member in hint])
        return _Form(values.type, _of_class(hint, lambda v: values.convert(v.value)))
    for cls, (kind, also, convert) in _scalars().items():
        if issubclass(hint, cls) and not issubclass(hint, datetime):
            return _Form(kind, _of_class(cls | also if also else cls, convert))
    has_form = hasattr(hint, "_plain_data") or "as_dict" in vars(hint)
    if is_attrs_class(hint) and not has_form:
        return _form_of_record(hint, depth)
    return _json_form()


def _scalars() -> dict[type, tuple[_Type, Any, Callable[[Any], Any]]]:
    """Return the type of values of each class, which others fit, and what converts."""
    import pyarrow as pa

    return {
        bool: (pa.bool_(), None, bool),
        int: (pa.int64(), None, int),
        float: (pa.float64(), int, _same),
        str: (pa.string(), None, str.__str__),
        Decimal: (pa.decimal128(*DECIMAL), int, _same),
        Edtf: (pa.string(), None, str),
        date: (pa.date32(), None, _same),
    }


def _form_of_union(hint: Any, depth: int) -> _Form:
    """Return the form of several types: one that all have, or JSON."""
    members = [one for one in members_of(hint) if one is not types.NoneType]
    wider = [cls for cls in (float, Decimal) if {*members} == {int, cls}]
    forms = [form_of(member, depth) for member in wider or members]
    if len({str(form.type) for form in forms}) > 1:
        return _json_form()
    if len(forms) == 1:
        return forms[0]

    def convert(value: object) -> object:
        return next(form.convert(value) for form in forms if _fits(value, form))

    is_json = any(form.convert is _json for form in forms)
    return _json_form() if is_json or not forms else _Form(forms[0].type, convert)


def _form_of_values(values: Iterable[object]) -> _Form:
    classes = {type(value) for value in values}
    return form_of(classes.pop()) if len(classes) == 1 else _json_form()


def _listing(convert: Callable[[Any], Any]) -> Callable[[Iterable[Any]], list[Any]]:
    def listed(values: Iterable[Any]) -> list[Any]:
        cells = [None if value is None else convert(value) for value in values]
        # A set has no order of its own.
        return sorted(cells, key=_place) if isinstance(values, frozenset) else cells

    return listed


def _place(cell: Any) -> tuple[str, Any]:
    is_atom = isinstance(cell, str | int | float | Decimal | date)
    return type(cell).__name__, cell if is_atom else repr(cell)


def _form_of_record(cls: type, depth: int) -> _Form:
    import pyarrow as pa

    parts = {
        field.alias: (_reading(field.name), form_of(hint, depth + 1))
        for field, hint in _hints(cls)
    }
    # A struct without fields has no form in DuckDB or Parquet.
    if not parts:
        return _json_form()

    def convert(value: Any) -> dict[str, Any]:
        cells = {name: read(value) for name, (read, _) in parts.items()}
        return {
            name: None if cell is None else parts[name][1].convert(cell)
            for name, cell in cells.items()
        }

    kind = pa.struct([(name, form.type) for name, (_, form) in parts.items()])
    return _Form(kind, _of_class(cls, convert))
