"""Columns of rows that anybody can read: the fields of payloads, days, and parties."""

from __future__ import annotations

import re
import typing
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from enum import Enum
from itertools import chain, count
from types import NoneType
from typing import Any, NamedTuple

import attrs
import msgspec
from attrs import evolve

from bri_timeline._codec import Vocabulary, members_of, payload_fields
from bri_timeline.edtf import Edtf
from bri_timeline.scale._dictionary import LAST_DATE, by_kind
from bri_timeline.scale._engine import Array, pa, pc
from bri_timeline.scale._manifest import Column


__all__ = [
    "TYPES",
    "UNFIT",
    "PayloadColumns",
    "as_dates",
    "columns_of",
    "date_or_none",
]

TYPES: dict[str, Any] = {
    "text": pa.string(),
    "whole number": pa.int64(),
    "number": pa.float64(),
    "decimal": pa.decimal128(38, 9),
    "truth": pa.bool_(),
    "date": pa.date32(),
    "texts": pa.list_(pa.string()),
}
_SCALARS: dict[object, str] = {
    str: "text",
    int: "whole number",
    float: "number",
    Decimal: "decimal",
    bool: "truth",
    Edtf: "text",
}
# JSON holds these as text.
_READ: dict[str, Callable[[Any], Any]] = {
    "decimal": Decimal,
    "date": date.fromisoformat,
}
# The columns of every row; those after `unfit` are for this library.
_EVERY_ROW = (
    *("one", "other", "kind", "when", "earliest", "latest", "known", "parties"),
    *("id", "position", "lead", "supersedes", "retracts", "because", "recorded_at"),
    *("dataset", "release", "unfit", "rel", "last", "first", "known_day", "name"),
    *("what_code", "when_code", "cite_code"),
)
_SETS = (frozenset, tuple)
# A value that its column cannot hold: too large, too many decimals, of another type.
UNFIT = (pa.ArrowException, ValueError, TypeError, ArithmeticError)
_EPOCH = date(1970, 1, 1).toordinal()
_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def columns_of(
    vocabulary: Vocabulary, before: Sequence[Column], generation: int
) -> tuple[Column, ...]:
    """Return the columns for the fields of all kinds, after those of earlier writings.

    A column keeps its meaning: a field whose type has changed, or that was gone for a
    while, gets another column.

    Args:
        vocabulary: The payload classes.
        before: The columns of earlier writings.
        generation: The number of this writing.
    """
    wanted = [
        (kind, path, type_)
        for kind, cls in vocabulary._classes.items()
        for path, type_ in _fields(cls)
        if path != "parties"  # every row has a column of parties
    ]
    found = [
        one
        if one.until is not None or _field_of(one) in wanted
        else evolve(one, until=generation)
        for one in before
    ]
    filled = {_field_of(one) for one in found if one.until is None}
    # SQL ignores case: names that differ in case only are the same.
    taken = {name.lower() for name in chain(_EVERY_ROW, (one.name for one in before))}
    for kind, path, type_ in wanted:
        if (kind, path, type_) not in filled:
            name = _free(f"{kind}_{path.replace('.', '_')}", taken)
            taken.add(name)
            found.append(Column(name, kind, path, type_, generation, None))
    return tuple(found)


def _field_of(column: Column) -> tuple[str, str, str]:
    return column.kind, column.path, column.type


def _free(name: str, taken: set[str]) -> str:
    plain = _WORDS.sub("_", name).lower()
    numbered = (f"{plain}_{number}" for number in count(2))
    return next(one for one in chain([plain], numbered) if one not in taken)


def _fields(cls: type, within: tuple[type, ...] = ()) -> Iterator[tuple[str, str]]:
    """Yield the path and the type of each field that a column can hold."""
    for name, field in payload_fields(cls).items():
        wanted = {*members_of(field.type)} - {NoneType}
        inner = wanted.pop() if len(wanted) == 1 else None
        type_ = _type_of(inner)
        if type_ is not None:
            yield name, type_
        elif isinstance(inner, type) and attrs.has(inner) and inner not in within:
            for path, one in _fields(inner, (*within, cls)):
                yield f"{name}.{path}", one


def _type_of(wanted: object) -> str | None:
    """Return the type of a column for values of a type; None if there is none."""
    if isinstance(wanted, type) and not typing.get_args(wanted):
        if issubclass(wanted, Enum):
            is_text = all(isinstance(one.value, str) for one in wanted)
            return "text" if is_text else None
        return "date" if issubclass(wanted, date) else _SCALARS.get(wanted)
    args = typing.get_args(wanted)
    of_texts = args[:1] == (str,) and args[1:] in ((), (...,))
    return "texts" if of_texts and typing.get_origin(wanted) in _SETS else None


class Shown(NamedTuple):
    """Payloads of rows, as cells.

    Attributes:
        kinds: The kind of each row.
        cells: The cells of each column, in the order of the columns.
        unfit: For each row, the names of columns that cannot hold its value.
    """

    kinds: Array
    cells: list[Array]
    unfit: Array


class PayloadColumns:
    """The fields of payloads as typed columns.

    Args:
        vocabulary: The payload classes.
        columns: The columns.

    Attributes:
        columns: The columns.
    """

    def __init__(self, vocabulary: Vocabulary, columns: tuple[Column, ...]) -> None:
        self.columns = columns
        self._plans: dict[str, list[tuple[int, Column, tuple[str, ...]]]] = {}
        self._versions: dict[str, str] = {}
        for kind, cls in vocabulary._classes.items():
            self._versions[kind] = str(1 + len(vocabulary._steps(cls)))
            self._plans[kind] = [
                (number, one, tuple(one.path.split(".")))
                for number, one in enumerate(columns)
                if one.kind == kind and one.until is None
            ]

    def schema(self) -> list[tuple[str, Any]]:
        """Return the names and the types of the columns."""
        return [(one.name, TYPES[one.type]) for one in self.columns]

    def shown(
        self, values: Sequence[str], codes: Array, seen: dict[str, set[int]]
    ) -> Shown:
        """Return the cells for rows.

        A payload that the vocabulary does not know has a kind, and no cells.

        Args:
            values: Stored payloads.
            codes: For each row, the number of its payload in *values*.
            seen: Kind -> the versions that occur, 0 for unknown ones; those of *values*
                are added.
        """
        kinds: list[str] = [""] * len(values)
        cells = {}
        unfit: dict[int, list[str]] = {}
        for (version, kind), (places, some) in by_kind(values).items():
            is_known = version == self._versions.get(kind)
            seen.setdefault(kind, set()).add(int(version) if is_known else 0)
            for place in places:
                kinds[place] = kind
            if not is_known:
                continue
            rows = codes
            if len(places) < len(values):
                inner: list[int | None] = [None] * len(values)
                for number, place in enumerate(places):
                    inner[place] = number
                rows = pa.array(inner, pa.int32()).take(codes)
            payloads = msgspec.json.decode(f"[{','.join(some)}]")
            for number, column, path in self._plans[kind]:
                found, wrong = _cells(payloads, path, column.type)
                cells[number] = found.take(rows)
                for one in wrong:
                    unfit.setdefault(places[one], []).append(column.name)
        size = len(codes)
        return Shown(
            pa.array(kinds, pa.string()).take(codes),
            [
                cells[number] if number in cells else pa.nulls(size, type_)
                for number, (_, type_) in enumerate(self.schema())
            ],
            pa.array(map(unfit.get, range(len(values))), TYPES["texts"]).take(codes)
            if unfit
            else pa.nulls(size, TYPES["texts"]),
        )


def _cells(
    payloads: list[Any], path: tuple[str, ...], type_: str
) -> tuple[Array, list[int]]:
    """Return the values of a field, and the places of those that do not fit."""
    values = payloads
    for name in path:
        values = [None if value is None else value.get(name) for value in values]
    read = _READ.get(type_)
    try:
        if read is not None:
            values = [None if value is None else read(value) for value in values]
        return pa.array(values, TYPES[type_]), []
    except UNFIT:
        pass
    cells, wrong = [], []
    for place, value in enumerate(values):
        try:
            given = value if read is None or not isinstance(value, str) else read(value)
            cells.append(pa.scalar(given, TYPES[type_]).as_py())
        except UNFIT:
            cells.append(None)
            wrong.append(place)
    return pa.array(cells, TYPES[type_]), wrong


def as_dates(days: Array) -> Array:
    """Return day numbers as dates; null outside the years 1 to 9999."""
    inside = pc.and_(pc.greater_equal(days, 1), pc.less_equal(days, LAST_DATE))
    found = pc.if_else(inside, days, pa.scalar(None, pa.int64()))
    return pc.subtract(found, _EPOCH).cast(pa.int32()).cast(pa.date32())


def date_or_none(day: float) -> date | None:
    """Return a day of knowledge as a date.

    None before the year 1, and for what was known all along: on every day that can be
    asked about, both are known. Days after the year 9999 become its last day.
    """
    return None if day < 1 else date.fromordinal(int(min(day, LAST_DATE)))
