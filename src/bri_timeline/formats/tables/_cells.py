"""Make fields of payloads from cells, as a declaration describes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from typing import TypeAlias

from bri_timeline.errors import shown
from bri_timeline.formats._names import slug, state_named
from bri_timeline.relations import states


__all__ = [
    "CellError",
    "FieldSpec",
    "columns_of",
    "make_field",
    "make_fields",
    "problems_of",
]


FieldSpec: TypeAlias = object
_IN_BRACES = re.compile(r"\{([^{}]*)\}")
_KEYS = frozenset({"as", "codes", "column", "optional", "times"})
_KINDS = ("alpha2", "alpha3", "number", "state", "text")
_NUMBER = re.compile(r"[+-]?([0-9]+|[0-9]{1,3}(,[0-9]{3})+)(\.[0-9]+)?")
_LONGEST = 40
_PREFIX = re.compile("[a-z]{1,30}:")


class CellError(ValueError):
    """A cell cannot be converted to a field."""


class _LeftOutError(Exception):
    """An optional cell is missing."""


def make_field(
    spec: FieldSpec, cells: Mapping[str, str], missing: frozenset[str]
) -> object:
    """Return the value of a field.

    Args:
        spec: Text with `{column}`, a table with a `column`, or a list or table of
            these; anything else is the value itself.
        cells: The row.
        missing: The texts of missing cells.

    Raises:
        CellError: A cell is missing, or is not of the declared kind.
    """
    if isinstance(spec, str):
        return _IN_BRACES.sub(lambda found: cells[found[1]].strip(), spec)
    if isinstance(spec, list | tuple):
        return [make_field(one, cells, missing) for one in spec]
    if not isinstance(spec, Mapping):
        return spec
    if "column" in spec:
        return _cell(spec, cells, missing)
    return make_fields(spec, cells, missing)


def make_fields(
    specs: Mapping[str, FieldSpec], cells: Mapping[str, str], missing: frozenset[str]
) -> dict[str, object]:
    """Return fields by name, without optional ones whose cells are missing.

    Args:
        specs: The declarations of the fields; see `make_field()`.
        cells: The row.
        missing: The texts of missing cells.

    Raises:
        CellError: A cell is missing, or is not of the declared kind.
    """
    fields = {}
    for name, spec in specs.items():
        try:
            fields[name] = make_field(spec, cells, missing)
        except _LeftOutError:
            continue
    return fields


def _cell(
    spec: Mapping[str, object], cells: Mapping[str, str], missing: frozenset[str]
) -> object:
    column = str(spec["column"])
    text = cells[column].strip()
    codes = spec.get("codes")
    if isinstance(codes, Mapping) and text in codes:
        return codes[text]
    # After the codes, since a declaration may give a missing cell a meaning.
    if text in missing:
        if spec.get("optional"):
            raise _LeftOutError
        problem = f"{column} holds nothing"
        raise CellError(problem)
    kind = str(spec.get("as", "text"))
    found = _number(text, spec) if kind == "number" else _named(text, kind)
    if found is None:
        problem = f"{column}: {shown(text)} is not a valid {kind.removesuffix(':')}"
        remedy = "say what it means under codes"
        raise CellError(f"{problem}: {remedy}" if kind != "number" else problem)
    return found


def _named(text: str, kind: str) -> str | None:
    if kind == "text":
        return text
    if kind == "state":
        return state_named(text)
    if kind == "alpha3":
        return text if text in states() else None
    if kind == "alpha2":
        return _by_alpha2().get(text)
    return slug(kind.removesuffix(":"), text)


@cache
def _by_alpha2() -> dict[str, str]:
    return {state.alpha2: state.code for state in states().values()}


def _number(text: str, spec: Mapping[str, object]) -> Decimal | None:
    # Decimal() would also accept `NaN`, `Infinity` and underscores.
    if not _NUMBER.fullmatch(text) or len(text) > _LONGEST:
        return None
    return Decimal(text.replace(",", "")) * Decimal(str(spec.get("times", 1)))


def columns_of(spec: FieldSpec) -> Iterator[str]:
    """Yield the columns in the declaration of a field."""
    if isinstance(spec, str):
        yield from _IN_BRACES.findall(spec)
    elif isinstance(spec, list | tuple):
        for one in spec:
            yield from columns_of(one)
    elif isinstance(spec, Mapping):
        if "column" in spec:
            yield str(spec["column"])
        else:
            for one in spec.values():
                yield from columns_of(one)


def problems_of(spec: FieldSpec) -> Iterator[str]:
    """Yield the problems of the declaration of a field."""
    if isinstance(spec, list | tuple):
        for one in spec:
            yield from problems_of(one)
    elif isinstance(spec, Mapping) and "column" not in spec:
        for one in spec.values():
            yield from problems_of(one)
    elif isinstance(spec, Mapping):
        for key in spec.keys() - _KEYS:
            known = ", ".join(sorted(_KEYS))
            yield f"{shown(key)} is not a key of a cell: write one of {known}"
        kind = str(spec.get("as", "text"))
        if kind not in _KINDS and not _PREFIX.fullmatch(kind):
            known = ", ".join([*_KINDS, "'person:'"])
            yield f"{shown(kind)} is not a kind of cell: write one of {known}"
        times = str(spec.get("times", 1))
        if not re.fullmatch(r"[0-9]{1,15}(\.[0-9]{1,15})?", times):
            yield f"{shown(times)} is not a factor: write a number such as 1000000"
