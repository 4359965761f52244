"""Rows of a bucket in their files: sorted, dictionary-encoded, and with columns.

Anybody can read the columns: the fields of payloads, days, and parties.
"""

from __future__ import annotations

import re
import typing
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from enum import Enum
from itertools import chain, count
from pathlib import Path
from types import NoneType
from typing import Any, NamedTuple

import attrs
import duckdb
import msgspec
from attrs import evolve

from bri_timeline import Vocabulary
from bri_timeline._form import parts, table
from bri_timeline.edtf import Edtf
from bri_timeline.extend import members_of, payload_fields
from bri_timeline.scale._dictionary import LAST_DATE, by_kind
from bri_timeline.scale._engine import (
    Array,
    Batch,
    Encoded,
    Schema,
    encoded,
    joined,
    memory_of,
    pa,
    pc,
    pq,
)
from bri_timeline.scale._files import Where, local
from bri_timeline.scale._manifest import (
    NONE,
    ROWS,
    Column,
    DataFile,
    Pair,
    Part,
    name_of,
)


__all__ = [
    "EVERY_ROW",
    "ORDER",
    "STORED",
    "TYPES",
    "UNFIT",
    "PayloadColumns",
    "columns_of",
    "date_or_none",
    "write_part",
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
    fields = [
        (kind, path, type_)
        for kind, cls in vocabulary.classes.items()
        for path, type_ in _fields(cls)
        if path != "parties"  # every row has a column of parties
    ]
    all_columns = [
        column
        if column.until is not None or _field_of(column) in fields
        else evolve(column, until=generation)
        for column in before
    ]
    filled = {_field_of(column) for column in all_columns if column.until is None}
    # SQL ignores case: names that differ in case only are the same.
    taken = {name.lower() for name in (*EVERY_ROW, *(column.name for column in before))}
    for kind, path, type_ in fields:
        if (kind, path, type_) not in filled:
            name = _free(f"{kind}_{path.replace('.', '_')}", taken)
            taken.add(name)
            all_columns.append(Column(name, kind, path, type_, generation, None))
    return tuple(all_columns)


def _field_of(column: Column) -> tuple[str, str, str]:
    return column.kind, column.path, column.type


def _free(name: str, taken: set[str]) -> str:
    plain = _WORDS.sub("_", name).lower()
    numbered = (f"{plain}_{number}" for number in count(2))
    return next(free for free in chain([plain], numbered) if free not in taken)


def _fields(cls: type, within: tuple[type, ...] = ()) -> Iterator[tuple[str, str]]:
    """Yield the path and the type of each field that a column can hold."""
    for name, field in payload_fields(cls).items():
        members = {*members_of(field.type)} - {NoneType}
        inner = members.pop() if len(members) == 1 else None
        type_ = _type_of(inner)
        if type_ is not None:
            yield name, type_
        elif isinstance(inner, type) and attrs.has(inner) and inner not in within:
            for path, inner_type in _fields(inner, (*within, cls)):
                yield f"{name}.{path}", inner_type


def _type_of(wanted: object) -> str | None:
    """Return the type of a column for values of a type; None if there is none."""
    if isinstance(wanted, type) and not typing.get_args(wanted):
        if issubclass(wanted, Enum):
            is_text = all(isinstance(member.value, str) for member in wanted)
            return "text" if is_text else None
        return "date" if issubclass(wanted, date) else _SCALARS.get(wanted)
    args = typing.get_args(wanted)
    of_texts = args[:1] == (str,) and args[1:] in ((), (...,))
    return "texts" if of_texts and typing.get_origin(wanted) in _SETS else None


class Shown(NamedTuple):
    """Payloads of rows, as cells.

    Attributes:
        kinds: The kind of each row.
        versions: The version of each.
        whats: The JSON of each.
        cells: The cells of each column, in the order of the columns.
        unfit: For each row, the names of columns that cannot hold its value.
    """

    kinds: Array
    versions: Array
    whats: Array
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
        for kind, cls in vocabulary.classes.items():
            self._versions[kind] = str(1 + len(vocabulary.upcasts.get(cls, ())))
            self._plans[kind] = [
                (number, column, tuple(column.path.split(".")))
                for number, column in enumerate(columns)
                if column.kind == kind and column.until is None
            ]

    def schema(self) -> list[tuple[str, Any]]:
        """Return the names and the types of the columns."""
        return [(column.name, TYPES[column.type]) for column in self.columns]

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
        versions: list[int] = [0] * len(values)
        whats: list[str] = [""] * len(values)
        cells = {}
        unfit: dict[int, list[str]] = {}
        for (version, kind), (places, texts) in by_kind(values).items():
            is_known = version == self._versions.get(kind)
            seen.setdefault(kind, set()).add(int(version) if is_known else 0)
            for place, text in zip(places, texts, strict=True):
                kinds[place], versions[place], whats[place] = kind, int(version), text
            if not is_known:
                continue
            rows = codes
            if len(places) < len(values):
                inner: list[int | None] = [None] * len(values)
                for number, place in enumerate(places):
                    inner[place] = number
                rows = pa.array(inner, pa.int32()).take(codes)
            payloads = msgspec.json.decode(f"[{','.join(texts)}]")
            for number, column, path in self._plans[kind]:
                array, wrong = _cells(payloads, path, column.type)
                cells[number] = array.take(rows)
                for wrong_place in wrong:
                    unfit.setdefault(places[wrong_place], []).append(column.name)
        size = len(codes)
        return Shown(
            pa.array(kinds, _TEXT).take(codes),
            pa.array(versions, _NUMBER).take(codes),
            pa.array(whats, _TEXT).take(codes),
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
            read_value = (
                value if read is None or not isinstance(value, str) else read(value)
            )
            cells.append(pa.scalar(read_value, TYPES[type_]).as_py())
        except UNFIT:
            cells.append(None)
            wrong.append(place)
    return pa.array(cells, TYPES[type_]), wrong


def as_dates(days: Array) -> Array:
    """Return day numbers as dates; null outside the years 1 to 9999."""
    inside = pc.and_(pc.greater_equal(days, 1), pc.less_equal(days, LAST_DATE))
    within = pc.if_else(inside, days, pa.scalar(None, pa.int64()))
    return pc.subtract(within, _EPOCH).cast(pa.int32()).cast(pa.date32())


def date_or_none(day: float) -> date | None:
    """Return a day of knowledge as a date.

    None before the year 1, and for what was known all along: on every day that can be
    asked about, both are known. Days after the year 9999 become its last day.
    """
    return None if day < 1 else date.fromordinal(int(min(day, LAST_DATE)))


# --- files of rows ------------------------------------------------------------------

ORDER = ("rel", "last", "first", "position")
_SEGMENT = 1 << 17
_ROW_GROUP = 1 << 12
_NUMBER, _TEXT = pa.int64(), pa.string()


def _stored() -> dict[str, Any]:
    """Return the type of the column of each part of an entry, by name.

    `known` is a number, since years have no bounds.
    """
    types, as_text = table.arrow_types(), {parts.Kind.PLACE, parts.Kind.CITATIONS}
    names = (
        "known_day" if part.name == "known" else part.name for part in parts.COLUMNS
    )
    return {
        name: _TEXT if part.kind in as_text else types[name]
        for name, part in zip(names, parts.COLUMNS, strict=True)
    }


STORED = _stored()
# What every row has: first what others read, then what is for this library.
_BEFORE: dict[str, Any] = {
    "one": _TEXT,
    "other": _TEXT,
    "kind": _TEXT,
    "when": _TEXT,
    "earliest": pa.date32(),
    "latest": pa.date32(),
    "known": pa.date32(),
    "parties": pa.list_(_TEXT),
    "id": _TEXT,
    "position": _NUMBER,
    "lead": pa.bool_(),
}
_OWN: dict[str, Any] = {
    "unfit": pa.list_(_TEXT),
    "rel": pa.int32(),
    "last": _NUMBER,
    "first": _NUMBER,
    "known_day": _NUMBER,
    "name": pa.uint64(),
}
_REST = {name: STORED[name] for name in STORED if name not in {*_BEFORE, *_OWN}}
EVERY_ROW = {**_BEFORE, **_OWN, **_REST}

_CHECKED = {"write_page_checksum": True}
# Sorted numbers differ little from one row to the next: this halves the files.
_DELTA = {pa.int64(): "DELTA_BINARY_PACKED", pa.date32(): "DELTA_BINARY_PACKED"}
# Texts of days, and hashes, hardly repeat in a row group.
_ENCODED = {"id": "DELTA_BYTE_ARRAY", "when": "PLAIN", "name": "PLAIN"}
# Compressing these would take as long again, for a thirtieth of the files.
_DENSE = {"name", *(n for n, t in EVERY_ROW.items() if t in _DELTA)}


def write_part(
    connection: duckdb.DuckDBPyConnection,
    staged: Path,
    size: int,
    folder: Where,
    bucket: int,
    mark: str,
    columns: PayloadColumns,
    pairs: Sequence[Pair],
) -> Part:
    """Write the rows of a bucket in fold order, one relationship after another.

    Args:
        connection: The database that sorts them.
        staged: The file of the staged rows.
        size: The number of bytes that these take in memory.
        folder: The dataset.
        bucket: The number of the bucket.
        mark: The mark of this writing.
        columns: The columns that hold fields of payloads.
        pairs: Pairs of parties by their numbers.
    """
    name, rows, precise = name_of(ROWS, mark, bucket), 0, True
    fields = [*_BEFORE.items(), *_REST.items(), *columns.schema(), *_OWN.items()]
    schema = pa.schema(fields)
    seen: dict[str, set[int]] = {}
    with pq.ParquetWriter(local(folder) / name, schema, **_options(schema)) as writer:
        for segment in _segments(_ordered(connection, staged, size)):
            cells = {name: segment.column(name) for name in segment.schema.names}
            cells |= _shown(encoded(cells.pop("payload")), columns, seen)
            cells |= _named(cells["rel"], cells["parties"], pairs)
            last = cells["last"]
            precise = precise and pc.all(pc.equal(cells["first"], last)).as_py()
            cells["latest"], cells["earliest"] = (
                as_dates(last),
                as_dates(cells["first"]),
            )
            cells["known"] = as_dates(
                pc.min_element_wise(cells["known_day"], LAST_DATE)
            )
            rows_there = pa.table([cells[name] for name in schema.names], schema)
            writer.write_table(rows_there, _ROW_GROUP)
            rows += len(rows_there)
    kinds = tuple(
        (kind, version) for kind in sorted(seen) for version in sorted(seen[kind])
    )
    # The digest is that of the file on disk, which must be closed before.
    digests = {ROWS: DataFile.written(folder, name).digest}
    generation = int(mark.partition("-")[0])
    return Part(bucket, generation, mark, rows, kinds, digests, is_precise=precise)


def _options(schema: Schema) -> dict[str, Any]:
    """Return how the columns of rows are stored."""
    encodings = {part.name: _DELTA[part.type] for part in schema if part.type in _DELTA}
    encodings |= _ENCODED
    paths = {
        part.name: f"{part.name}.list.element"
        if pa.types.is_list(part.type)
        else part.name
        for part in schema
    }
    return {
        **_CHECKED,
        "compression": {
            path: "none" if name in _DENSE else "zstd" for name, path in paths.items()
        },
        "use_dictionary": [
            path for name, path in paths.items() if name not in encodings
        ],
        "column_encoding": encodings,
    }


def _ordered(
    connection: duckdb.DuckDBPyConnection, staged: Path, size: int
) -> Iterator[Batch]:
    """Yield staged rows in fold order: sorted in memory, or else by DuckDB on disk.

    Args:
        connection: The database.
        staged: The file.
        size: The number of bytes that its rows take in memory.
    """
    with pa.memory_map(str(staged)) as file, pa.ipc.open_stream(file) as reader:
        # DuckDB takes three times as long. There are two copies of rows to be sorted,
        # and a part of them is joined and encoded.
        if size > memory_of(connection) / 3:
            connection.register("staged", reader)
            sql = f"from staged order by {', '.join(ORDER)}"
            yield from connection.sql(sql).to_arrow_reader(_SEGMENT)
            connection.unregister("staged")
            return
        # Rows are in the order of positions, and the sort is stable.
        table = reader.read_all().combine_chunks()
        table = table.sort_by([(name, "ascending") for name in ORDER[:-1]])
        yield from table.to_batches(_SEGMENT)


def _segments(batches: Iterable[Batch]) -> Iterator[Batch]:
    """Yield batches long enough that few values are stored twice."""
    batches_held: list[Batch] = []
    for batch in batches:
        batches_held.append(batch)
        if sum(map(len, batches_held)) >= _SEGMENT:
            yield joined(batches_held)
            batches_held = []
    if batches_held:
        yield joined(batches_held)


def _shown(
    what: Encoded, columns: PayloadColumns, seen: dict[str, set[int]]
) -> dict[str, Array]:
    """Return the columns of payloads, as JSON and as their fields."""
    shown = columns.shown(what.values, what.codes, seen)
    names = (column.name for column in columns.columns)
    cells = dict(zip(names, shown.cells, strict=True))
    return {
        "kind": shown.kinds,
        "version": shown.versions,
        "what": shown.whats,
        "unfit": shown.unfit,
        **cells,
    }


def _named(numbers: Array, parties: Array, pairs: Sequence[Pair]) -> dict[str, Array]:
    """Return the parties of relationships, which are null where there is none.

    Args:
        numbers: For each row, the number of its relationship.
        parties: For each row, all its parties; null if they are those of this.
        pairs: Pairs of parties by their numbers.
    """
    coded = encoded(numbers)
    named = [None if n == NONE else pairs[n] for n in coded.values]
    both = [pair and sorted({*pair}) for pair in named]
    own = coded.taken(both, parties.type)
    return {
        "one": coded.taken([pair and pair[0] for pair in named], _TEXT),
        "other": coded.taken([pair and pair[1] for pair in named], _TEXT),
        "parties": pc.if_else(pc.is_null(parties), own, parties),
    }
