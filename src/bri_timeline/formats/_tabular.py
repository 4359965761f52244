"""Convert payloads to cells of a table and back: text unchanged, the rest as JSON."""

from __future__ import annotations

import json
import re
import typing
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache

import attrs
import msgspec

from bri_timeline._codec import PayloadField, Vocabulary, classes_in, payload_fields
from bri_timeline.edtf import Edtf
from bri_timeline.errors import shown


__all__ = [
    "cells_of",
    "columns_of",
    "fields_in",
    "inner_class",
    "is_listed",
    "is_text",
    "neutral",
    "plain",
    "words_in",
]


_SIGNS = "-=+@\uff1d\uff0b\uff0d\uff20"
_QUOTES = "['\" ]*"

# A spreadsheet sees a formula at the beginning of a cell. If it opens the file with
# another delimiter, it also sees one behind that delimiter within a cell.
_BEGINNING = (
    rf"\A{{0}}(?={_QUOTES}[{_SIGNS}\t\r\n])|(?<=[;|\t\r\n]){{0}}(?={_QUOTES}[{_SIGNS}])"
)
_FORMULA = re.compile(_BEGINNING.format(""))
_NEUTRAL = re.compile(_BEGINNING.format("'"))
_NUMBER = re.compile(r"[-+]?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_WORD = re.compile(r"[^\s\[\];,'\"{}]+")
_APART = re.compile(r"[\s;]+")
_TEXTS = (str, Edtf, date, type(None))
_decode = msgspec.json.Decoder(dict[str, object], float_hook=Decimal).decode
_encode = msgspec.json.Encoder(decimal_format="number").encode


def neutral(cell: str) -> str:
    """Return a cell that no spreadsheet reads as a formula, whatever its delimiter.

    A formula gets an apostrophe in front, the mark of text in a spreadsheet. Text that
    already has one gets another, so that `plain()` can undo it. Numbers stay.
    """
    return cell if _NUMBER.fullmatch(cell) else _FORMULA.sub("'", cell)


def plain(cell: str) -> str:
    """Return the cell from which `neutral()` made this one."""
    # An apostrophe before a number is original text: neutral() does not mark numbers.
    is_number = cell[:1] == "'" and _NUMBER.fullmatch(cell, 1)
    return cell if is_number else _NEUTRAL.sub("", cell)


def words_in(cell: str) -> list[str]:
    """Return the words in a cell that holds a list, such as parties."""
    return [word for word in _APART.split(cell) if word]


@lru_cache(maxsize=1024)
def columns_of(cls: type) -> tuple[str, ...]:
    """Return the columns of a payload class: its fields, and nested `value.amount`."""
    return tuple(_columns(cls, ()))


def _columns(cls: type, within: tuple[type, ...]) -> Iterator[str]:
    for name, part in payload_fields(cls).items():
        inner = inner_class(part)
        yield name
        # A class that contains itself would have endless columns.
        if inner is not None and inner not in within:
            for column in _columns(inner, (*within, inner)):
                yield f"{name}.{column}"


@lru_cache(maxsize=4096)
def inner_class(part: PayloadField) -> type | None:
    """Return the class of a field that holds one nested payload, or None."""
    classes = {*classes_in(part.type)} - {type(None)}
    only = next(iter(classes)) if len(classes) == 1 else object
    is_one = typing.get_origin(part.type) not in (tuple, frozenset)
    return only if is_one and attrs.has(only) else None


def cells_of(what: object, vocabulary: Vocabulary) -> dict[str, str]:
    """Return the fields of a payload as cells, by column.

    None is an empty cell. A set of plain words, such as parties, is written as words
    with spaces between them. Other values that are not text are JSON.

    Args:
        what: The payload, not an `Unknown`.
        vocabulary: The payload classes.
    """
    return dict(_cells(type(what), _decode(vocabulary.encode(what)), ""))


def _cells(
    cls: type, fields: Mapping[str, object], prefix: str, within: tuple[type, ...] = ()
) -> Iterator[tuple[str, str]]:
    for name, part in payload_fields(cls).items():
        value, inner = fields.get(name), inner_class(part)
        if isinstance(value, dict) and inner is not None and inner not in within:
            yield from _cells(inner, value, f"{prefix}{name}.", (*within, inner))
        elif value is not None and (value != [] or part.required):
            yield prefix + name, _cell(part, value)


def _cell(part: PayloadField, value: object) -> str:
    if isinstance(value, str):
        return value
    # Words with spaces or brackets would be split differently when read back.
    words = value if isinstance(value, list) and is_listed(part) else []
    if words and all(_WORD.fullmatch(word) for word in words):
        return " ".join(words)
    return _encode(value).decode()


@lru_cache(maxsize=4096)
def is_listed(part: PayloadField) -> bool:
    """Return whether a field holds a set or a tuple of texts."""
    return part.type in (frozenset[str], tuple[str, ...])


def fields_in(
    cls: type, cells: Mapping[str, str]
) -> tuple[dict[str, object], list[tuple[str, str]]]:
    """Return the fields in some cells, and the problems with their columns.

    Args:
        cls: The payload class, whose field types decide how cells are read.
        cells: The cells by column; none of them empty.
    """
    parts = payload_fields(cls)
    fields: dict[str, object] = {}
    problems: list[tuple[str, str]] = []
    nested: dict[str, dict[str, str]] = {}
    for column, cell in cells.items():
        name, _, rest = column.partition(".")
        if name not in parts or (rest and inner_class(parts[name]) is None):
            problem = f"is {shown(cell)}, and a {cls.__name__} has no such field"
            problems.append((column, f"{problem}: leave it empty"))
        elif rest:
            nested.setdefault(name, {})[rest] = cell
        else:
            fields[name] = _value(parts[name], cell)
    for name, inner in nested.items():
        found, wrong = fields_in(inner_class(parts[name]) or object, inner)
        fields[name] = found
        problems += [(f"{name}.{column}", problem) for column, problem in wrong]
    return fields, problems


def _value(part: PayloadField, cell: str) -> object:
    if is_listed(part) and cell[:1] != "[":
        return words_in(cell)
    # "2015" in a text field is text, although it is JSON too.
    if is_text(part):
        return cell
    try:
        value: object = json.loads(
            cell, parse_float=Decimal, parse_constant=_reject_constant
        )
    except (ValueError, RecursionError, ArithmeticError):
        return cell
    # A quoted JSON text stays as typed: its quotes may be part of the text.
    return cell if isinstance(value, str) else value


@lru_cache(maxsize=4096)
def is_text(part: PayloadField) -> bool:
    """Return whether JSON writes the values of a field as text."""
    if typing.get_origin(part.type) in (tuple, frozenset):
        return False
    kinds = typing.get_args(part.type) or (part.type,)
    return all(isinstance(kind, type) and issubclass(kind, _TEXTS) for kind in kinds)


def _reject_constant(name: str) -> typing.NoReturn:
    raise ValueError(name)
