"""Rows of a panel as columns, and as a stream of Arrow batches."""

from __future__ import annotations

from array import array
from collections.abc import (
    Hashable,
    Iterator,
    MutableSequence,
    Sequence,
)
from datetime import date
from decimal import Decimal
from itertools import chain, repeat
from typing import Any, Generic, NamedTuple, TypeAlias, TypeVar

from bri_timeline._later import needing
from bri_timeline.errors import PanelError


K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
# pyarrow is an extra, imported where it is used. Its published types lack functions
# that exist, and reject correct calls.
_Array: TypeAlias = Any
_Batch: TypeAlias = Any
_Schema: TypeAlias = Any
_Type: TypeAlias = Any
# The number of rows that are computed at a time.
BATCH = 1 << 16
_EPOCH = date(1970, 1, 1).toordinal()
# Digits, and those after the point, of decimals of which only the class is known.
_DECIMAL = 38, 9
# The function of pyarrow for the type of a class of values.
KINDS: dict[type, str] = {
    bool: "bool_",
    int: "int64",
    float: "float64",
    str: "string",
    Decimal: "decimal128",
    date: "date32",
}
_ONE_TYPE = "all values of a column have one type: select such a value by of="


class KeyColumns(Sequence[Any]):
    """Keys that are tuples, as a column of Arrow for each part.

    They are read as tuples only if rows are: a stream of Arrow takes the columns.

    Args:
        parts: The columns.
    """

    def __init__(self, parts: Sequence[Any]) -> None:
        self.parts = parts

    def __len__(self) -> int:
        return len(self.parts[0])

    def __getitem__(self, index: Any) -> Any:
        return [*self][index]

    def __iter__(self) -> Iterator[Any]:
        return zip(*(part.to_pylist() for part in self.parts), strict=True)


class PanelBlock(NamedTuple, Generic[K, V]):
    """Some rows of a panel.

    Numbers can be an `array` of 64-bit ones: Arrow takes these as they are.

    Attributes:
        keys: The keys.
        times: The number of consecutive rows of each key.
        sinces: The number of the first day of each row, or None.
        untils: The number of the last day of each row.
        certain: The certain value of each row.
        lows: The lower bound of each row, or None.
        highs: The upper bound of each row, or None.
        complete: Whether the bounds of each row are known.
        known: The number of the day by which each question is answered, or None; of
            rows of periods an empty tuple.
        positions: The log position likewise.
    """

    keys: Sequence[K]
    times: int
    sinces: Sequence[int | None]
    untils: Sequence[int]
    certain: MutableSequence[Any]
    lows: MutableSequence[Any]
    highs: MutableSequence[Any]
    complete: MutableSequence[Any]
    known: Sequence[int | None] = ()
    positions: Sequence[int | None] = ()

    @staticmethod
    def in_columns(parts: Sequence[Any]) -> KeyColumns:
        """Return keys that are tuples, each part of which is a column of Arrow."""
        return KeyColumns(parts)

    def repeated_keys(self) -> Iterator[K]:
        """Return the key of each row."""
        return chain.from_iterable(map(repeat, self.keys, repeat(self.times)))


def stream(
    blocks: Iterator[PanelBlock[Any, Any]],
    requested_schema: object | None,
    value_class: type | None,
) -> object:
    """Return a capsule with the rows as a stream of Arrow batches.

    Args:
        blocks: The rows. Those up to the first value are read at once, if only that
            can tell its type.
        requested_schema: What the reader would like.
        value_class: The class of the values, if it is known.

    Raises:
        PanelError: A value cannot be kept in a column.
        MissingExtraError: pyarrow is not installed.
    """
    with needing("arrow"):
        import pyarrow

    kind, blocks = _typed(blocks, value_class)
    first = next(blocks, PanelBlock[Any, Any]((), 1, (), (), [], [], [], []))
    batch = _batch(first, None, None, kind)
    rest = _batches(first, batch, blocks)
    reader: Any = pyarrow.RecordBatchReader.from_batches(batch.schema, rest)
    capsule: object = reader.__arrow_c_stream__(requested_schema)
    return capsule


def scalar_type(cls: type) -> _Type:
    """Return the type of the values of one of `KINDS`."""
    import pyarrow as pa

    kind: _Type = getattr(pa, KINDS[cls])
    return kind(*_DECIMAL if cls is Decimal else ())


def _typed(
    blocks: Iterator[PanelBlock[Any, Any]], value_class: type | None
) -> tuple[_Type | None, Iterator[PanelBlock[Any, Any]]]:
    """Return the type of the values, None without any, and all blocks."""
    if value_class in KINDS:
        return scalar_type(value_class), blocks
    empty: list[PanelBlock[Any, Any]] = []
    for block in blocks:
        if any(value is not None for value in block.certain):
            kind = _inferred(block.certain, "value")
            return kind, chain(empty, (block,), blocks)
        empty.append(block)
    return None, iter(empty)


def _batches(
    block: PanelBlock[Any, Any],
    batch: _Batch,
    blocks: Iterator[PanelBlock[Any, Any]],
) -> Iterator[_Batch]:
    """Yield a batch, and those of further blocks."""
    yield batch
    for following in blocks:
        same = following.untils is block.untils
        batch = _batch(following, batch.schema, batch if same else None, None)
        block = following
        yield batch


def _batch(
    block: PanelBlock[Any, Any],
    schema: _Schema | None,
    before: _Batch | None,
    kind: _Type | None,
) -> _Batch:
    """Return the rows of a block.

    Args:
        block: The rows.
        schema: The columns that the rows before have.
        before: A batch of the same periods.
        kind: The type of the values, without rows before.
    """
    import pyarrow as pa

    columns = {
        **_key_columns(block, schema),
        "since": before["since"] if before else _days(block.sinces),
        "until": before["until"] if before else _days(block.untils),
        **_knowledge(block),
        **_value_columns(block, schema, kind),
        "complete": pa.array(block.complete, pa.bool_()),
    }
    if schema is not None and schema.names != [*columns]:
        parts = ", ".join(schema.names[: schema.names.index("since")])
        problem = f"has other parts than those before: {parts}"
        raise PanelError(block.keys[0], problem)
    return pa.RecordBatch.from_pydict(columns, schema=schema)


def _knowledge(block: PanelBlock[Any, Any]) -> dict[str, _Array]:
    """Return the day, and the position, by which each question is answered."""
    import pyarrow as pa

    if block.known == ():
        return {}
    positions = pa.array(block.positions, pa.int64())
    return {"known_by": _days(block.known), "position": positions}


def _key_columns(
    block: PanelBlock[Any, Any], schema: _Schema | None
) -> dict[str, _Array]:
    """Return a column for each part of the keys, by its name."""
    import pyarrow as pa
    import pyarrow.compute as pc

    keys = block.keys
    parts = _key_parts(keys)
    ends = range(block.times, len(keys) * block.times + 1, block.times)
    numbers = pa.array(range(len(keys)), pa.int64())
    runs: Any = pa.RunEndEncodedArray.from_arrays(pa.array(ends, pa.int64()), numbers)
    compute: Any = pc
    places = compute.run_end_decode(runs)
    return {
        name: (
            _array(values, name, _type_in(schema, name))
            if isinstance(values, list)
            else values
        ).take(places)
        for name, values in parts.items()
    }


def _key_parts(keys: Sequence[Any]) -> dict[str, Any]:
    """Return the values of each part of some keys, or a column of them, by its name."""
    if isinstance(keys, KeyColumns):
        columns = (part.combine_chunks() for part in keys.parts)
        return {f"key_{number}": column for number, column in enumerate(columns, 1)}
    # Without rows, the number of parts is not known, and no column of them is needed.
    if not keys or not all(isinstance(key, tuple) for key in keys):
        return {"key": [*keys]}
    longest = max(map(len, keys))
    return {
        f"key_{number + 1}": [k[number] if number < len(k) else None for k in keys]
        for number in range(longest)
    }


def _value_columns(
    block: PanelBlock[Any, Any], schema: _Schema | None, kind: _Type | None
) -> dict[str, _Array]:
    """Return the columns of values and bounds, all of which have one type if they can.

    A bound is a number of the kind of the value; where no value is one, it is null.
    """
    certain = _array(block.certain, "value", _type_in(schema, "value") or kind)
    columns = {"value": certain}
    for name, values in (("low", block.lows), ("high", block.highs)):
        if values is block.certain:
            columns[name] = certain
        else:
            columns[name] = _array(values, name, _bound_type(certain.type))
    return columns


def _bound_type(certain: _Type) -> _Type:
    """Return the type of the bounds of values of a type: only numbers have any."""
    import pyarrow as pa

    types = pa.types
    kinds = types.is_integer, types.is_decimal, types.is_boolean
    return certain if any(is_one(certain) for is_one in kinds) else pa.float64()


def _type_in(schema: _Schema | None, name: str) -> _Type | None:
    if schema is None or name not in schema.names:
        return None
    kind: _Type = schema.field(name).type
    return kind


def _days(numbers: Sequence[int | None]) -> _Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    days = pc.subtract(
        _of_buffer(numbers)
        if isinstance(numbers, array)
        else pa.array(numbers, pa.int64()),
        _EPOCH,
    )
    return days.cast(pa.int32()).cast(pa.date32())


def _array(values: MutableSequence[Any], name: str, kind: _Type | None) -> _Array:
    """Return values as a column.

    Raises:
        PanelError: They do not have one type, or not the given one.
    """
    import pyarrow as pa

    if kind is None:
        kind = pa.int64() if isinstance(values, array) else _inferred(values, name)
    if pa.types.is_int64(kind):
        # Arrow cuts 1.5 to a whole number without a word; an array does not.
        try:
            return _of_buffer(array("q", values))
        except (TypeError, OverflowError):
            data_type = _inferred(values, name)
            # No value at all fits any type.
            if not (pa.types.is_int64(data_type) or pa.types.is_null(data_type)):
                raise _mixed(values, name, kind) from None
    try:
        return pa.array(values, kind)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        raise _mixed(values, name, kind) from None


def _of_buffer(values: array[int]) -> _Array:
    """Return 64-bit numbers as a column, without a copy."""
    import pyarrow as pa

    buffers = [None, pa.py_buffer(values)]
    return pa.Array.from_buffers(pa.int64(), len(values), buffers)


def _type_of(values: Sequence[Any]) -> _Type:
    import pyarrow as pa

    infer: Any = pa.infer_type
    return infer(values)


def _inferred(values: MutableSequence[Any], name: str) -> _Type:
    import pyarrow as pa

    try:
        data_type = _type_of(values)
    except pa.ArrowException:
        raise _mixed(values, name, None) from None
    # Room for the sums of later rows; what does not fit is an error, and never rounded.
    return (
        pa.decimal128(38, max(6, data_type.scale))
        if pa.types.is_decimal(data_type)
        else data_type
    )


def _mixed(values: MutableSequence[Any], name: str, kind: _Type | None) -> PanelError:
    """Return an error about the first value that does not fit a column."""
    value = next((cell for cell in values if not _fits(cell, kind)), values[-1])
    column = f"a column of {kind}" if kind else "a column of Arrow"
    error: PanelError = PanelError(value, f"does not fit {name}, {column}: {_ONE_TYPE}")
    return error


def _fits(value: Any, kind: _Type | None) -> bool:
    import pyarrow as pa

    try:
        alone = _type_of([value])
        pa.array([value], kind)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        return False
    return kind is None or not pa.types.is_int64(kind) or alone == kind
