"""Fields of payloads, made of cells as a declaration says."""

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
    "Maker",
    "columns_of",
    "fields_made",
    "made",
    "problems_of",
]


Maker: TypeAlias = object
_IN_BRACES = re.compile(r"\{([^{}]*)\}")
_KEYS = frozenset({"as", "codes", "column", "optional", "times"})
_KINDS = ("alpha2", "alpha3", "number", "state", "text")
_NUMBER = re.compile(r"[+-]?([0-9]+|[0-9]{1,3}(,[0-9]{3})+)(\.[0-9]+)?")
_LONGEST = 40
_PREFIX = re.compile("[a-z]{1,30}:")


class CellError(ValueError):
    """A cell of which no field can be made; says so in words."""


class _LeftOutError(Exception):
    """An optional cell holds nothing."""


def made(maker: Maker, cells: Mapping[str, str], missing: frozenset[str]) -> object:
    """Return a field.

    Args:
        maker: Text with `{column}` in it, a table with a `column`, or a list or table
            of such; anything else is the field itself.
        cells: The row.
        missing: What stands in cells of which nothing is known.

    Raises:
        CellError: A cell holds nothing, or not what is declared.
    """
    if isinstance(maker, str):
        return _IN_BRACES.sub(lambda found: cells[found[1]].strip(), maker)
    if isinstance(maker, list | tuple):
        return [made(one, cells, missing) for one in maker]
    if not isinstance(maker, Mapping):
        return maker
    if "column" in maker:
        return _cell(maker, cells, missing)
    return fields_made(maker, cells, missing)


def fields_made(
    makers: Mapping[str, Maker], cells: Mapping[str, str], missing: frozenset[str]
) -> dict[str, object]:
    """Return fields by their names, without optional ones of which nothing is said.

    Args:
        makers: How each is made; see `made()`.
        cells: The row.
        missing: What stands in cells of which nothing is known.

    Raises:
        CellError: A cell holds nothing, or not what is declared.
    """
    fields = {}
    for name, maker in makers.items():
        try:
            fields[name] = made(maker, cells, missing)
        except _LeftOutError:
            continue
    return fields


def _cell(
    maker: Mapping[str, object], cells: Mapping[str, str], missing: frozenset[str]
) -> object:
    column = str(maker["column"])
    text = cells[column].strip()
    codes = maker.get("codes")
    if isinstance(codes, Mapping) and text in codes:
        return codes[text]
    if text in missing:
        if maker.get("optional"):
            raise _LeftOutError
        problem = f"{column} holds nothing"
        raise CellError(problem)
    kind = str(maker.get("as", "text"))
    found = _number(text, maker) if kind == "number" else _named(text, kind)
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


def _number(text: str, maker: Mapping[str, object]) -> Decimal | None:
    if not _NUMBER.fullmatch(text) or len(text) > _LONGEST:
        return None
    return Decimal(text.replace(",", "")) * Decimal(str(maker.get("times", 1)))


def columns_of(maker: Maker) -> Iterator[str]:
    """Yield the columns that a maker reads."""
    if isinstance(maker, str):
        yield from _IN_BRACES.findall(maker)
    elif isinstance(maker, list | tuple):
        for one in maker:
            yield from columns_of(one)
    elif isinstance(maker, Mapping):
        if "column" in maker:
            yield str(maker["column"])
        else:
            for one in maker.values():
                yield from columns_of(one)


def problems_of(maker: Maker) -> Iterator[str]:
    """Yield what is wrong with a maker itself."""
    if isinstance(maker, list | tuple):
        for one in maker:
            yield from problems_of(one)
    elif isinstance(maker, Mapping) and "column" not in maker:
        for one in maker.values():
            yield from problems_of(one)
    elif isinstance(maker, Mapping):
        for key in maker.keys() - _KEYS:
            known = ", ".join(sorted(_KEYS))
            yield f"{shown(key)} is not a key of a cell: write one of {known}"
        kind = str(maker.get("as", "text"))
        if kind not in _KINDS and not _PREFIX.fullmatch(kind):
            known = ", ".join([*_KINDS, "'person:'"])
            yield f"{shown(kind)} is not a kind of cell: write one of {known}"
        times = str(maker.get("times", 1))
        if not re.fullmatch(r"[0-9]{1,15}(\.[0-9]{1,15})?", times):
            yield f"{shown(times)} is not a factor: write a number such as 1000000"
