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
from typing import Any

import attrs
import duckdb
import msgspec
from attrs import evolve

from bri_timeline import Vocabulary
from bri_timeline.edtf import Edtf
from bri_timeline.extend import members_of, parts, payload_fields
from bri_timeline.scale._dictionary import LAST_DATE
from bri_timeline.scale._engine import (
    Array,
    Batch,
    Schema,
    chosen,
    encoded,
    joined,
    memory_of,
    pa,
    pc,
    pq,
    put,
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
from bri_timeline.scale._plain import Plain


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
    taken = {
        name.lower()
        for name in (*EVERY_ROW, *BOUNDS, *(column.name for column in before))
    }
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
        self._versions: dict[str, int] = {}
        self._plain: dict[str, Plain | None] = {}
        for kind, cls in vocabulary.classes.items():
            version = 1 + len(vocabulary.upcasts.get(cls, ()))
            self._versions[kind] = version
            self._plain[kind] = Plain.of(vocabulary, kind, str(version))
            self._plans[kind] = [
                (number, column, tuple(column.path.split(".")))
                for number, column in enumerate(columns)
                if column.kind == kind and column.until is None
            ]

    def schema(self) -> list[tuple[str, Any]]:
        """Return the names and the types of the columns."""
        return [(column.name, TYPES[column.type]) for column in self.columns]

    def shown(
        self, kinds: Array, versions: Array, whats: Array, seen: dict[str, set[int]]
    ) -> tuple[list[Array], Array]:
        """Return cells for rows: of each column, and the names of those that are unfit.

        A payload that the vocabulary does not know has no cells.

        Args:
            kinds: The kind of the payload of each row.
            versions: The version of each.
            whats: The JSON of each.
            seen: Kind -> the versions that occur, 0 for unknown ones; those of the rows
                are added.
        """
        size = len(kinds)
        cells = [pa.nulls(size, type_) for _, type_ in self.schema()]
        unfit = pa.nulls(size, TYPES["texts"])
        for kind, version in _pairs(kinds, versions):
            is_known = version == self._versions.get(kind)
            seen.setdefault(kind, set()).add(version if is_known else 0)
            if not is_known:
                continue
            rest = pc.and_(pc.equal(kinds, kind), pc.equal(versions, version))
            rest = pc.fill_null(rest, False)
            plan, plain = self._plans[kind], self._plain[kind]
            if plain is not None:
                wanted = [(column.path, column.type) for _, column, _ in plan]
                is_plain, found = plain.cells(chosen(whats, rest), wanted)
                rows = put(rest, rest, is_plain)
                for (number, _, _), some in zip(plan, found, strict=True):
                    cells[number] = put(cells[number], rows, some)
                rest = pc.and_not(rest, rows)
            if pc.any(rest).as_py():
                texts = encoded(pc.if_else(rest, whats, None))
                payloads = msgspec.json.decode(f"[{','.join(texts.values)}]")
                wrong: list[list[str]] = [[] for _ in payloads]
                for number, column, path in plan:
                    array, places = _cells(payloads, path, column.type)
                    cells[number] = pc.coalesce(array.take(texts.codes), cells[number])
                    for place in places:
                        wrong[place].append(column.name)
                names = texts.taken([some or None for some in wrong], TYPES["texts"])
                unfit = pc.coalesce(names, unfit)
        return cells, unfit


def _pairs(kinds: Array, versions: Array) -> Iterator[tuple[str, int]]:
    """Yield the different kinds in rows, each with its versions."""
    for kind in pc.unique(kinds).drop_null().to_pylist():
        some = versions.filter(pc.equal(kinds, kind))
        for version in pc.unique(some).to_pylist():
            yield kind, version


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


# Parts that have parts of their own are JSON.
_TYPE_OF = {
    parts.Kind.NUMBER: _NUMBER,
    parts.Kind.VERSION: _NUMBER,
    parts.Kind.DAY: _NUMBER,  # since years have no bounds
    parts.Kind.INSTANT: pa.timestamp("us", "UTC"),
    parts.Kind.TEXTS: pa.list_(_TEXT),
}
# The type of the column of each part of an entry, by name.
STORED: dict[str, Any] = {
    "known_day" if part.name == "known" else part.name: _TYPE_OF.get(part.kind, _TEXT)
    for part in parts.COLUMNS
}
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
# Columns of a table of what counts, beside those of payloads.
BOUNDS = ("earliest_start", "latest_start", "earliest_end", "latest_end")

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
            cells |= _shown(cells, columns, seen)
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
    digest = DataFile.written(folder, name).digest
    generation = int(mark.partition("-")[0])
    return Part(bucket, generation, mark, rows, kinds, digest, is_precise=precise)


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
    cells: dict[str, Array], columns: PayloadColumns, seen: dict[str, set[int]]
) -> dict[str, Array]:
    """Return the columns of the fields of payloads, and of those that are unfit."""
    found, unfit = columns.shown(cells["kind"], cells["version"], cells["what"], seen)
    names = (column.name for column in columns.columns)
    return {"unfit": unfit, **dict(zip(names, found, strict=True))}


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
