"""From plain data to instances of attrs classes, finding every fault."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime
from enum import Enum
from functools import lru_cache

import attrs
import msgspec

from bri_timeline._codec._wording import called, described, located, near, refused
from bri_timeline.edtf import Edtf
from bri_timeline.errors import Fault, FaultsError, VocabularyError


__all__ = ["Part", "built", "classes_in", "kinds_of", "parts_of"]

_GUESSED = 20
_AS_THEY_ARE = frozenset({str, int, bool, types.NoneType})


@attrs.frozen
class Part:
    """A field, as the constructor of its class takes it.

    Attributes:
        type: The type that it was annotated with.
        converter: What the class calls on it, if anything.
        required: It has no default.
        plain: Types of plain data that are taken as they are.
        holds_class: attrs classes are among the types that it is made of.
    """

    type: object
    converter: Callable[[object], object] | None
    required: bool
    plain: frozenset[object]
    holds_class: bool


@lru_cache(maxsize=1024)
def parts_of(cls: type) -> Mapping[str, Part]:
    """Return the fields of a class by the names that its constructor knows.

    Raises:
        VocabularyError: A type is named that cannot be found.
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
            wanted = hints.get(field.name, object)
            parts[field.alias] = Part(
                wanted,
                field.converter if callable(field.converter) else None,
                field.default is attrs.NOTHING,
                _AS_THEY_ARE.intersection(kinds_of(wanted)),
                any(map(attrs.has, classes_in(wanted))),
            )
    return parts


def kinds_of(wanted: object) -> tuple[object, ...]:
    """Return the types of a union, or the one type that it is."""
    is_union = typing.get_origin(wanted) in (typing.Union, types.UnionType)
    return typing.get_args(wanted) if is_union else (wanted,)


def classes_in(wanted: object) -> Iterator[type]:
    """Yield the classes that a type is made of, `frozenset` for a set among them."""
    origin = typing.get_origin(wanted)
    if origin is frozenset:
        yield frozenset
    elif isinstance(wanted, type) and origin is None:
        yield wanted
    for arg in typing.get_args(wanted):
        yield from classes_in(arg)


def built(cls: type, name: str, fields: Mapping[str, object]) -> object:
    """Return an instance, converted field by field.

    Args:
        cls: An attrs class.
        name: What to call it.
        fields: Plain data, or parts that are built already.

    Raises:
        FaultsError: All that is wrong, each by field; by *name* what is wrong with the
            fields taken together.
    """
    values, faults = _converted(parts_of(cls), name, fields)
    if faults:
        raise FaultsError(name, faults)
    try:
        return cls(**values)
    except Exception as error:  # validators are anybody's code
        raise FaultsError(name, [Fault(name, refused(error))]) from None


def _converted(
    parts: Mapping[str, Part], name: str, fields: Mapping[str, object]
) -> tuple[dict[str, object], list[Fault]]:
    """Return what can be converted, and what is wrong with the rest."""
    faults: list[Fault] = []
    values: dict[str, object] = {}
    for key, value in fields.items():
        part = parts.get(key)
        if part is None:
            hint = near(key, parts) if len(faults) < _GUESSED else ""
            faults.append(Fault(called(key), f"{name} has no such field.{hint}"))
            continue
        try:
            values[key] = _field(part, value)
        except FaultsError as error:
            faults += [Fault(_inside(key, f.place), f.problem) for f in error.faults]
        except Exception as error:  # and so are converters
            faults.append(Fault(key, refused(error)))
    for key, part in parts.items():
        if part.required and key not in fields:
            faults.append(Fault(key, f"is missing: {name} needs it"))
    return values, faults


def _inside(outer: str, inner: str) -> str:
    return f"{outer}.{inner}" if inner and not inner.startswith(" ") else outer + inner


def _field(part: Part, value: object) -> object:
    """Convert a value to the type of its field, and let the field convert it too."""
    convert = _nested if part.holds_class else _convert
    try:
        found = value if type(value) in part.plain else convert(part.type, value)
    except FaultsError:
        if part.converter is not None:
            # It may take what does not fit the type; if not, the first fault counts.
            with suppress(Exception):
                return part.converter(value)
        raise
    return found if part.converter is None else part.converter(found)


def _nested(wanted: object, value: object) -> object:
    """Convert what holds attrs classes: msgspec would leave out their converters."""
    kinds = kinds_of(wanted)
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
    """Build the first class that the value fits."""
    failed: FaultsError | None = None
    for cls in classes:
        try:
            return built(cls, cls.__name__, value)
        except FaultsError as error:
            failed = failed or error
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
    found: list[object] = []
    faults: list[Fault] = []
    for index, item in enumerate(items):
        try:
            found.append(_nested(args[0] if same else args[index], item))
        except FaultsError as error:
            outer = f" item {index + 1}"
            faults += [Fault(_inside(outer, f.place), f.problem) for f in error.faults]
    if faults:
        raise FaultsError(str(kind), faults)
    return frozenset(found) if whole is frozenset else tuple(found)


def _convert(wanted: object, value: object) -> object:
    try:
        return msgspec.convert(value, wanted, dec_hook=_from_plain)
    except msgspec.ValidationError as error:
        enums = (cls for cls in classes_in(wanted) if issubclass(cls, Enum))
        choices = [member.value for cls in enums for member in cls]
        raise _wrong(*located(str(error), value, choices)) from None


def _wrong(problem: str, place: str = "") -> FaultsError:
    return FaultsError("value", [Fault(place, problem)])


def _from_plain(wanted: type, value: object) -> object:
    """Make what msgspec does not know."""
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
