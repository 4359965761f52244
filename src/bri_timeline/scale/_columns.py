"""Columns of Arrow: runs of what is equal, and what they hold once each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from bri_timeline.scale._arrow import Array, pa, pc


__all__ = ["Encoded", "encoded", "runs"]


def runs(column: Array) -> list[tuple[int, int, int]]:
    """Return the runs of equal numbers in a column: the number, its start and stop."""
    encoded = pc.run_end_encode(column)
    ends = encoded.run_ends.to_pylist()
    return list(zip(encoded.values.to_pylist(), [0, *ends], ends, strict=False))


class Encoded(NamedTuple):
    """A column as numbers of the different values that are in it.

    Attributes:
        codes: The numbers, null where the value is.
        values: The values; those that are not used may be anything.
    """

    codes: Array
    values: list[Any]

    def map(self, meaning: Callable[[Any], Any]) -> list[Any]:
        """Return what each of the values means that is used, None for the others."""
        found: list[Any] = [None] * len(self.values)
        for code in pc.unique(self.codes).drop_null().to_pylist():
            found[code] = meaning(self.values[code])
        return found

    def used(self) -> list[Any]:
        """Return the values that are used."""
        codes = pc.unique(self.codes).drop_null().to_pylist()
        return [self.values[code] for code in codes]

    def row(self, value: object) -> int:
        """Return the first row that has a value."""
        return int(pc.index(self.codes, self.values.index(value)).as_py())

    def taken(self, values: list[Any], kind: Any) -> Array:
        """Return a column with other values in the place of these."""
        return pa.array(values, kind).take(self.codes)


def encoded(column: Array) -> Encoded:
    """Return a column as numbers of its values; text is looked at without Python."""
    if pa.types.is_null(column.type):
        return Encoded(pa.nulls(len(column), pa.int32()), [])
    if not pa.types.is_dictionary(column.type):
        if pa.types.is_nested(column.type):
            return _by_content(column.to_pylist())
        column = column.dictionary_encode()
    return Encoded(column.indices, column.dictionary.to_pylist())


def _by_content(items: list[Any]) -> Encoded:
    values: list[Any] = []
    codes: dict[bytes, int] = {}
    found: list[int | None] = []
    for item in items:
        if item is None:
            found.append(None)
            continue
        content = msgspec.json.encode(item)
        if content not in codes:
            codes[content] = len(values)
            values.append(item)
        found.append(codes[content])
    return Encoded(pa.array(found, pa.int32()), values)
