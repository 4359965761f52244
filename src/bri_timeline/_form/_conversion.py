"""Conversion of plain data to payloads, which reports all faults with their fields."""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import lru_cache

import attrs
import msgspec

from bri_timeline._messages import described, did_you_mean
from bri_timeline.edtf import Edtf
from bri_timeline.errors import (
    Fault,
    FaultsError,
    VocabularyError,
    refusal,
    shown,
    shown_name,
)


_EXPECTED = re.compile(r"Expected `([^`]+)`, got `([^`]+)`")
_INDEX = re.compile(r"\[(\d+)\]")
_WORDS = {
    "array": "a list",
    "bool": "true or false",
    "date": "a day, such as 2019-04-24",
    "datetime": "a day with a time",
    "decimal": "a number",
    "float": "a number",
    "int": "a whole number",
    "null": "nothing",
    "object": "a table",
    "str": "text",
}


# The kinds that are no relations between states, with the modules of their classes.
_ELSEWHERE = {
    "Coded": "bri_timeline.formats.icews",
    "Slide": "bri_timeline.formats.timelinejs",
    "Violence": "bri_timeline.formats.ucdp",
}


def lacking_kind(name: str, known: Iterable[str]) -> str:
    """Return that a vocabulary lacks a kind, and how to get it.

    Args:
        name: The kind.
        known: Those that the vocabulary has.
    """
    names = [*known]
    hint = did_you_mean(name, names)
    if name in _ELSEWHERE:
        hint = (
            f" Read it with FACTS | Vocabulary({name}), and import {name} from"
            f" {_ELSEWHERE[name]}"
        )
    elif not hint:
        hint = (
            f" It has {', '.join(names)}: add your class to it,"
            " FACTS | Vocabulary(MyClass), of which the command is told by --facts"
            " MODULE:NAME"
        )
    return f"the vocabulary has no {shown(name)}.{hint}"


def located_problem(
    error: str, value: object, choices: list[object]
) -> tuple[str, str]:
    """Return the problem of a failed conversion, and its place in the value.

    Args:
        error: The message of msgspec.
        value: The value that was converted.
        choices: The values of the enumeration, if the type is one.
    """
    message, _, path = error.partition(" - at `")
    path = path.rstrip("`").rpartition("$")[2]
    place = _INDEX.sub(lambda match: f" item {int(match[1]) + 1}", path)
    place = place.replace("[...]", "")
    expected = _EXPECTED.fullmatch(message)
    if message == "Invalid RFC3339 encoded date":
        remedy = _WORDS["date"]
    elif message == "Invalid decimal string":
        remedy = "digits and a point alone, like '1300000.50'"
    elif expected:
        kinds = [kind for kind in expected[1].split(" | ") if kind != "null"]
        remedy = " or ".join(_WORDS.get(kind, kind) for kind in kinds)
    elif choices:
        remedy = " or ".join(map(shown, choices))
    else:
        return message, place
    got = _WORDS.get(expected[2], expected[2]) if expected and place else None
    return f"is {got or described(value)}: write {remedy}", place


_GUESSED = 20  # a hostile file may have thousands of unknown names
_AS_THEY_ARE = frozenset({str, int, bool, types.NoneType})


@attrs.frozen
class PayloadField:
    """An argument of the constructor of a payload class.

    Attributes:
        type: Its annotated type.
        converter: Its attrs converter, if it has one.
        required: Whether it has no default.
        plain: The types of plain data that it accepts without conversion.
        holds_class: Whether its type contains an attrs class.
    """

    type: object
    converter: Callable[[object], object] | None
    required: bool
    plain: frozenset[object]
    holds_class: bool

    @property
    def is_of_actors(self) -> bool:
        """It holds ids of actors: a converter of `relations` reads them."""
        name = getattr(self.converter, "__name__", "")
        module = getattr(self.converter, "__module__", "")
        return "actor" in name and "relations" in module

    @property
    def holds_several(self) -> bool:
        """It is a tuple or a set."""
        return typing.get_origin(self.type) in (frozenset, tuple)

    @property
    def is_number(self) -> bool:
        """It is a number, or nothing."""
        kinds = {*members_of(self.type)} - {types.NoneType}
        return bool(kinds) and kinds <= {int, float, Decimal}

    def converted(self, value: object) -> object:
        """Return plain data as the constructor takes it.

        Args:
            value: Plain data, or an instance of the class of the field.

        Raises:
            FaultsError: It does not fit the type.
            Exception: The converter of the class refuses it.
        """
        return _field(self, value)


@lru_cache(maxsize=1024)
def payload_fields(cls: type) -> Mapping[str, PayloadField]:
    """Return the fields of a payload class by the names of its constructor arguments.

    Args:
        cls: An attrs class, as vocabularies hold.

    Raises:
        VocabularyError: An annotation names a type that cannot be found.
    """
    try:
        hints = typing.get_type_hints(cls, include_extras=True)
    except (NameError, TypeError, SyntaxError) as error:
        problem = f"the types of the fields of {cls.__name__} cannot be found ({error})"
        remedy = "define the classes that it names at the top of a module"
        raise VocabularyError(cls, f"{problem}: {remedy}") from None
    parts = {}
    for field in attrs.fields(cls):
        if field.init:
            hint = hints.get(field.name, object)
            parts[field.alias] = PayloadField(
                hint,
                field.converter if callable(field.converter) else None,
                field.default is attrs.NOTHING,
                _AS_THEY_ARE.intersection(members_of(hint)),
                any(map(attrs.has, classes_in(hint))),
            )
    return parts


def members_of(wanted: object) -> tuple[object, ...]:
    """Return the members of a union; another type is its only member.

    Args:
        wanted: An annotated type: `int | None` gives `int` and the type of None.
    """
    is_union = typing.get_origin(wanted) in (typing.Union, types.UnionType)
    return typing.get_args(wanted) if is_union else (wanted,)


def classes_in(wanted: object) -> Iterator[type]:
    """Yield the classes that a type contains; a set of any kind yields `frozenset`."""
    origin = typing.get_origin(wanted)
    if origin is frozenset:
        yield frozenset
    elif isinstance(wanted, type) and origin is None:
        yield wanted
    for arg in typing.get_args(wanted):
        yield from classes_in(arg)


def convert_fields(cls: type, name: str, fields: Mapping[str, object]) -> object:
    """Return an instance of a class, converted field by field.

    Args:
        cls: An attrs class.
        name: Its name in messages.
        fields: Plain data, or instances of the classes of the fields.

    Raises:
        FaultsError: All faults, each with its field; a fault of the fields taken
            together has *name* as its place.
    """
    values, faults = _converted(payload_fields(cls), name, fields)
    if faults:
        raise FaultsError(name, faults)
    try:
        return cls(**values)
    except Exception as error:  # a user's validator may raise anything
        raise FaultsError(name, [Fault(name, refusal(error))]) from None


def _converted(
    parts: Mapping[str, PayloadField], name: str, fields: Mapping[str, object]
) -> tuple[dict[str, object], list[Fault]]:
    """Return the converted fields, and the faults of the others."""
    faults: list[Fault] = []
    values: dict[str, object] = {}
    for key, value in fields.items():
        part = parts.get(key)
        if part is None:
            there = f" It has {', '.join(parts)}."
            hint = did_you_mean(key, parts) or there if len(faults) < _GUESSED else ""
            faults.append(Fault(shown_name(key), f"{name} has no such field.{hint}"))
            continue
        try:
            values[key] = _field(part, value)
        except FaultsError as error:
            faults += [Fault(_inside(key, f.place), f.problem) for f in error.faults]
        except Exception as error:  # and so may a converter
            faults.append(Fault(key, refusal(error)))
    for key, part in parts.items():
        if part.required and key not in fields:
            faults.append(Fault(key, f"is missing: {name} needs it"))
    return values, faults


def _inside(outer: str, inner: str) -> str:
    return f"{outer}.{inner}" if inner and not inner.startswith(" ") else outer + inner


def _field(part: PayloadField, value: object) -> object:
    """Convert a value to the type of its field, then with the converter of that."""
    convert = _nested if part.holds_class else _convert
    try:
        new_value = value if type(value) in part.plain else convert(part.type, value)
    except FaultsError:
        if part.converter is not None:
            # A converter may accept other types than its field has.
            # If it does not, the fault of the type is the clearer one.
            with suppress(Exception):
                return part.converter(value)
        raise
    return new_value if part.converter is None else part.converter(new_value)


def _nested(wanted: object, value: object) -> object:
    """Convert a type that contains attrs classes: msgspec skips their converters."""
    # A mapping may fit one of several classes; all else must be an instance or a list.
    kinds = members_of(wanted)
    classes = [kind for kind in kinds if isinstance(kind, type) and attrs.has(kind)]
    if isinstance(value, Mapping) and classes:
        return _one_of(classes, value)
    if isinstance(value, list | tuple | frozenset):
        for kind in kinds:
            if typing.get_origin(kind) in (tuple, frozenset):
                return _items(kind, [*value])
    if isinstance(value, tuple(classes)) or (value is None and types.NoneType in kinds):
        return value
    if classes == [*kinds]:
        problem = f"is {described(value)}: write a table"
        raise _wrong(problem)
    return _convert(wanted, value)


def _one_of(classes: list[type], value: Mapping[str, object]) -> object:
    """Return an instance of the first class that the value fits."""
    failed: FaultsError | None = None
    for cls in classes:
        try:
            return convert_fields(cls, cls.__name__, value)
        except FaultsError as error:
            failed = failed or error  # of several classes, report the first
    whole = classes[0].__name__
    faults = failed.faults if failed else ()
    inner = [Fault("" if f.place == whole else f.place, f.problem) for f in faults]
    raise FaultsError(whole, inner)


def _items(kind: object, items: list[object]) -> object:
    """Convert the items of a tuple or a set."""
    args = typing.get_args(kind)
    whole = typing.get_origin(kind)
    same = whole is frozenset or args[1:] == (...,)
    if not same and len(args) != len(items):
        problem = f"has {len(items)} items: write {len(args)}"
        raise _wrong(problem)
    new_items: list[object] = []
    faults: list[Fault] = []
    for index, item in enumerate(items):
        try:
            new_items.append(_nested(args[0] if same else args[index], item))
        except FaultsError as error:
            outer = f" item {index + 1}"
            faults += [Fault(_inside(outer, f.place), f.problem) for f in error.faults]
    if faults:
        raise FaultsError(str(kind), faults)
    return frozenset(new_items) if whole is frozenset else tuple(new_items)


def _convert(wanted: object, value: object) -> object:
    try:
        return msgspec.convert(value, wanted, dec_hook=_from_plain)
    except msgspec.ValidationError as error:
        enums = (cls for cls in classes_in(wanted) if issubclass(cls, Enum))
        choices = [member.value for cls in enums for member in cls]
        raise _wrong(*located_problem(str(error), value, choices)) from None


def _wrong(problem: str, place: str = "") -> FaultsError:
    return FaultsError("value", [Fault(place, problem)])


def _from_plain(wanted: type, value: object) -> object:
    """Convert to a type that msgspec does not know."""
    if wanted is object or isinstance(value, wanted):
        return value
    if wanted is Edtf and isinstance(value, str | date):
        return Edtf(value if isinstance(value, str) else value.isoformat())
    if issubclass(wanted, date) and not issubclass(wanted, datetime):  # pendulum.Date
        day = msgspec.convert(value, date)
        return wanted(day.year, day.month, day.day)
    is_date = wanted is Edtf
    kind = "an EDTF date, such as '2015'" if is_date else f"a {wanted.__name__}"
    msg = f"is {described(value)}: write {kind}"
    raise TypeError(msg)
