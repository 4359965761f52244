"""Checks that a payload is immutable, and its digest."""

from __future__ import annotations

import dataclasses
import re
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from numbers import Rational
from types import FunctionType, UnionType
from typing import Any, NamedTuple, TypeGuard

import attrs

from bri_timeline.edtf import Edtf
from bri_timeline.errors import PayloadError


_ATOMS = (
    str, int, float, complex, bytes, bool, type(None), Decimal, Enum, Edtf, date,
    time, timedelta, type,
)  # fmt: skip
# Integers are checked one by one: some are too long to be written as text.
# Numbers, too: some are not a number.
_PLAIN = frozenset({*_ATOMS, datetime}) - {int, float, complex, Decimal}
_INEXACT = float | complex | Decimal
_SEVERAL = (tuple, frozenset)
_TEXT = frozenset({str})
_MOST_CLASSES = 1 << 10
_MOST_SETS = 1 << 12
_LONGEST_NUMBER = 400
# Python itself writes no whole number of more digits as text.
_MOST_DIGITS = 4300
_LARGEST: int = 10**_MOST_DIGITS
_SMALLEST: int = -_LARGEST
# Attributes of named tuples, msgspec structs and pydantic models.
_FIELDS = ("_fields", "__struct_fields__", "__pydantic_fields__", "__fields__")
_REMEDY = "use tuple, frozenset or an attrs.frozen class"
# What a log reads of a payload, if it has it: frozensets of ids.
_IDS = ("parties", "affair_of", "refers_to")


class Until(NamedTuple):
    """A declaration of a payload class: what ends its facts.

    Attributes:
        by: Events whose payload is of one of these classes end them.
        names: The fields that have the same values in both.
    """

    by: tuple[type, ...]
    names: tuple[str, ...]

    def key(self, what: object) -> tuple[object, ...]:
        """Return the values of a payload that both have."""
        return tuple([getattr(what, name) for name in self.names])

    def is_own(self, what: object, ender: object) -> bool:
        """Check whether what may end a fact is of its own kind.

        It then does from a later day only: of two that begin on one day neither ends
        the other.
        """
        return any(isinstance(what, cls) and isinstance(ender, cls) for cls in self.by)


def _until_of(cls: type) -> Until | None:
    """Return what ends the facts of a payload class; None if no other fact does.

    A class declares it as `until = (Left, ("member", "body"))`: a fact of `Left` ends
    each fact that has the same values in these fields.

    Raises:
        PayloadError: It is declared otherwise, or a class lacks one of the fields.
    """
    declared = getattr(cls, "until", None)
    # A field or a property of that name is something else.
    if not isinstance(declared, tuple):
        return None
    by, names, *rest = (*declared, None, None)[: max(2, len(declared))]
    classes = by if isinstance(by, tuple) else (by,)
    are_names = isinstance(names, tuple) and {*map(type, names)} == {str}
    if rest or not are_names or not all(isinstance(item, type) for item in classes):
        problem = "does not say what ends such facts: name the class of what ends them"
        remedy = "and the fields that both have, as until = (Left, ('member', 'body'))"
        raise PayloadError(declared, f"{cls.__name__}.until", f"{problem}, {remedy}")
    for kind in (cls, *classes):
        remedy = f"is not a field of {kind.__name__}: both classes need it"
        _check_names(names, kind, f"{cls.__name__}.until", remedy)
    return Until(classes, names)


def _check_names(names: tuple[str, ...], cls: type, place: str, problem: str) -> None:
    """Check that a class has fields of some names.

    Raises:
        PayloadError: It lacks one.
    """
    fields = [*dir(cls), *(attrs.fields_dict(cls) if attrs.has(cls) else ())]
    for name in names:
        if name not in fields:
            raise PayloadError(name, place, problem)


def _last_of(cls: type) -> tuple[str, ...] | None:
    """Return the fields in which facts of a class replace each other; None if none do.

    A class declares them as `last_of = ("actor", "topic")`: of all facts with the same
    values in these fields, the last begun holds.

    Raises:
        PayloadError: They are declared otherwise, or the class lacks one of them.
    """
    names = getattr(cls, "last_of", None)
    if not isinstance(names, tuple):
        return None
    place = f"{cls.__name__}.last_of"
    if {*map(type, names)} != {str}:
        problem = "does not name the fields of which the last fact holds: write"
        raise PayloadError(names, place, f"{problem} last_of = ('actor', 'topic')")
    _check_names(names, cls, place, f"is not a field of {cls.__name__}")
    return names


def _silent_fields(cls: type) -> frozenset[str]:
    """Return the fields of a class that say nothing if they hold nothing.

    A class whose empty values mean something declares them, as
    `silent = frozenset({"who"})`. By default they are those whose default is None.

    Raises:
        PayloadError: They are declared otherwise, or the class lacks one of them.
    """
    names = getattr(cls, "silent", None)
    # A field or a property of that name is something else.
    if isinstance(names, str | tuple | list | set):
        problem = "is not a frozenset of the names of fields: write"
        remedy = "silent = frozenset({'who'})"
        raise PayloadError(names, f"{cls.__name__}.silent", f"{problem} {remedy}")
    if isinstance(names, frozenset):
        place, problem = f"{cls.__name__}.silent", f"is not a field of {cls.__name__}"
        _check_names(tuple(sorted(names, key=str)), cls, place, problem)
        return names
    fields = attrs.fields(cls) if attrs.has(cls) else ()
    return frozenset(one.name for one in fields if one.default is None)


# Called for every event that may last; there are few classes.
until_of: Callable[[type], Until | None] = lru_cache(_MOST_CLASSES)(_until_of)
last_of: Callable[[type], tuple[str, ...] | None] = lru_cache(_MOST_CLASSES)(_last_of)
silent_fields: Callable[[type], frozenset[str]] = lru_cache(_MOST_CLASSES)(
    _silent_fields
)


def is_attrs_class(cls: object) -> TypeGuard[type[attrs.AttrsInstance]]:
    """Check whether a value is a class that attrs has decorated, and not only its base.

    An undecorated subclass has the fields of its base alone, whatever it declares.
    """
    return isinstance(cls, type) and "__attrs_attrs__" in vars(cls)


def check_immutable(what: object) -> None:
    """Check that no part of a payload can change, and that it can be stored.

    Raises:
        PayloadError: A part could change, has no hash, is of an undecorated subclass
            of an attrs class, or is a whole number that is too long; the message names
            the field. Or it is a record of another kind than those of attrs, which no
            vocabulary could store; or its ids are not declared as frozensets.
    """
    if _is_fixed(what):
        cls = type(what)
        plan = _plan(cls)
        if plan.is_foreign:
            problem = "cannot be written to a store or a file, since it is not an"
            remedy = "attrs class: decorate the class with attrs.frozen instead"
            raise PayloadError(what, cls.__name__, f"{problem} {remedy}")
        until_of(cls)
        last_of(cls)
        silent_fields(cls)
        if plan.misdeclared:
            field, value = plan.misdeclared, getattr(what, plan.misdeclared)
            problem = (
                "is not a frozenset of ids, and nothing else is looked at: make it"
            )
            remedy = "a field or a property of that type, or call it otherwise"
            raise PayloadError(value, f"{cls.__name__}.{field}", f"{problem} {remedy}")
        return
    parts = _parts(type(what).__name__, what)
    field, value = next(part for part in parts if _is_fault(part[1]))
    problem = f"could change after it was recorded: {_REMEDY}"
    if attrs.has(type(value)) and not is_attrs_class(type(value)):
        problem = "is of an undecorated subclass of an attrs class: decorate the class"
        problem = f"{problem} with attrs.frozen too"
    if isinstance(value, _INEXACT):
        problem = "is not a number, and equals not even itself: leave it out, or None"
    if type(value) is int:
        problem = f"is longer than {_MOST_DIGITS} digits: give a Decimal, or text"
    raise PayloadError(value, field, problem)


def _is_fault(value: object) -> bool:
    """Check whether a value itself, rather than a part of it, is refused."""
    if isinstance(value, int | _INEXACT):
        return not _is_fixed(value)
    return not _plan(type(value)).is_fixed


def _is_fixed(value: object) -> bool:
    """Check that neither a value nor a part can change, and no number is too long."""
    if type(value) is int:
        return _SMALLEST < value < _LARGEST
    if isinstance(value, _INEXACT):
        return not (value.is_nan() if isinstance(value, Decimal) else value != value)
    cls = type(value)
    if cls in _PLAIN:
        return True
    plan = _plan(cls)
    if not plan.is_fixed:
        return False
    if isinstance(value, _SEVERAL):
        return all(part.__class__ in _PLAIN or _is_fixed(part) for part in value)
    for name in plan.names:
        part = getattr(value, name)
        kind = part.__class__
        if kind in _PLAIN or (kind is int and _SMALLEST < part < _LARGEST):
            continue
        if kind is float and part == part:
            continue
        # Most collections hold text only.
        if kind in _SEVERAL and _PLAIN.issuperset(map(type, part)):
            continue
        if not _is_fixed(part):
            return False
    return True


def _parts(field: str, value: object) -> Iterator[tuple[str, object]]:
    """Yield *value* and all that it holds, each with the path of its field."""
    yield field, value
    if isinstance(value, _SEVERAL):
        for index, item in enumerate(value):
            yield from _parts(f"{field}[{index}]", item)
    else:
        for name in _plan(type(value)).names:
            yield from _parts(f"{field}.{name}", getattr(value, name))


def takes_no_event(cls: type) -> bool:
    """Check whether no event can have a payload of a class, or of one made from it.

    A class that decides by itself which instances it has is not judged.
    """
    if type(cls).__instancecheck__ is not type.__instancecheck__:
        return False
    return not any(map(_is_payload_class, with_subclasses((cls,))))


def _is_payload_class(cls: type) -> bool:
    plan = _plan(cls)
    return cls is object or (plan.is_fixed and not plan.is_foreign)


class _CheckPlan(NamedTuple):
    """The checks for values of a class.

    Attributes:
        is_fixed: The attributes of a value cannot be set.
        names: The field names of an attrs class or a dataclass.
        is_foreign: It has named fields, but is not an attrs class.
        misdeclared: The name of ids that are declared as something else, or "".
    """

    is_fixed: bool
    names: tuple[str, ...]
    is_foreign: bool = False
    misdeclared: str = ""


def _planned(cls: type) -> _CheckPlan:
    if issubclass(cls, _ATOMS):
        return _CheckPlan(is_fixed=True, names=())
    has_hash = cls.__hash__ is not None
    if attrs.has(cls):
        is_own = is_attrs_class(cls)  # else attrs knows nothing of the class
        fixed = is_own and attrs.inspect(cls).is_frozen and has_hash
        names = tuple(attrs.fields_dict(cls))
        return _CheckPlan(fixed, names, misdeclared=_misdeclared(cls))
    if hasattr(cls, "__dataclass_fields__"):
        return _planned_dataclass(cls, has_hash)
    # Of any other class nothing else is known: a hash by content promises immutability.
    is_fixed = has_hash and cls.__hash__ is not object.__hash__
    return _CheckPlan(is_fixed, (), any(hasattr(cls, name) for name in _FIELDS))


def _misdeclared(cls: type) -> str:
    """Return the first name of ids that are declared as a sequence or a method.

    Text and tuples are sequences. A log would find no event by them, and would not say
    so. The class is looked at once; a type that cannot be found is not judged.
    """
    for name in _IDS:
        attribute = getattr(cls, name, None)
        if isinstance(attribute, FunctionType):
            return name
        function = attribute.fget if isinstance(attribute, property) else None
        try:
            hints = typing.get_type_hints(function or cls)
        except (NameError, TypeError, SyntaxError):
            continue
        declared = hints.get("return" if function else name)
        is_union = typing.get_origin(declared) in (typing.Union, UnionType)
        for hint in typing.get_args(declared) if is_union else (declared,):
            kind = typing.get_origin(hint) or hint
            if isinstance(kind, type) and issubclass(kind, Sequence):
                return name
    return ""


def _planned_dataclass(cls: Any, has_hash: bool) -> _CheckPlan:
    import dataclasses  # already imported if such a class exists

    names = tuple(part.name for part in dataclasses.fields(cls))
    is_fixed = cls.__dataclass_params__.frozen and has_hash
    return _CheckPlan(is_fixed, names, is_foreign=True)


# Called for every value of every payload; there are few classes.
_plan: Callable[[type], _CheckPlan] = lru_cache(_MOST_CLASSES)(_planned)


def has_references(cls: type) -> bool:
    """Check whether a payload of a class may name events that it refers to."""
    if is_attrs_class(cls):
        return "refers_to" in attrs.fields_dict(cls) or hasattr(cls, "refers_to")
    # Without a dictionary of its own, an instance has what its class has.
    return hasattr(cls, "refers_to") or cls.__dictoffset__ != 0


def replaced(what: Any, given: Mapping[str, object]) -> Any:
    """Return a payload with other values in some fields, by their names.

    Raises:
        Exception: Its class refuses these values together.
    """
    fields = attrs.fields(type(what))
    arguments = {f.alias or f.name: given[f.name] for f in fields if f.name in given}
    made = attrs.evolve(what, **arguments)
    for field in fields:
        value = given.get(field.name, getattr(what, field.name))
        # A converter has seen it before, and may change it a second time.
        if field.init and getattr(made, field.name) is not value:
            object.__setattr__(made, field.name, value)
    return made


def renamed(what: Any, names: Mapping[str, str]) -> Any:
    """Return a payload with other texts in place of some, also of collections.

    Args:
        what: The payload.
        names: The new texts by the old ones.
    """
    changes: dict[str, object] = {}
    for field in attrs.fields(type(what)) if is_attrs_class(type(what)) else ():
        value = getattr(what, field.name)
        if isinstance(value, str):
            other: object = names.get(value, value)
        elif type(value) in _SEVERAL:
            other = type(value)(
                names.get(part, part) if isinstance(part, str) else part
                for part in value
            )
        else:
            continue
        if field.init and other != value:
            changes[field.name] = other
    return replaced(what, changes) if changes else what


is_digest = re.compile("[0-9a-f]{32}").fullmatch


def content_digest(what: object, when: Edtf, where: object = None) -> str:
    """Return 32 hexadecimal digits that name a payload with its date and its place.

    Equal payloads of classes of one name give the same on every machine. It is the id
    of an event that was given none.

    Args:
        what: The payload.
        when: The date.
        where: The place; None without one.
    """
    import hashlib  # loads OpenSSL, and many logs need no digest

    text = f"{type(what).__qualname__}\n{when}\n{_form(type(what))(what)}"
    if where is not None:
        text += f"\n{_form(type(where))(where)}"
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _form_of(cls: type) -> Callable[[Any], str]:
    """Return what writes a value of a class: the same for equal values.

    The text is that of lists and text. Sets are sorted, as their order varies; numbers
    are normalised: 1.0 equals 1.00.
    """
    # Looked up by class: a million values are of a few classes, and to check each for
    # a `Rational` is slow.
    if cls is int:
        return lambda number: f"'{number}'"
    if issubclass(cls, frozenset):
        return _sorted
    if issubclass(cls, tuple):
        return lambda items: f"[{', '.join([_form(type(i))(i) for i in items])}]"
    if issubclass(cls, int | float | Decimal | Rational):
        return lambda number: repr(_number(number))
    if issubclass(cls, date | time):
        return lambda day: repr(day.isoformat())
    names = () if issubclass(cls, _ATOMS) else _plan(cls).names
    if not names:
        return repr
    head = repr(cls.__qualname__)

    def record(value: object) -> str:
        parts = [getattr(value, name) for name in names]
        return f"[{', '.join([head, *[_form(type(part))(part) for part in parts]])}]"

    return record


_form: Callable[[type], Callable[[Any], str]] = lru_cache(_MOST_CLASSES)(_form_of)


def _sorted(items: frozenset[object]) -> str:
    # Most sets hold the ids of a few parties. Of other sets two can be equal and differ
    # in their text.
    if _TEXT.issuperset(map(type, items)):
        return _sorted_text(items)
    return repr(sorted([_form(type(item))(item) for item in items]))


@lru_cache(_MOST_SETS)
def _sorted_text(items: frozenset[object]) -> str:
    return repr(sorted(map(repr, items)))


def _number(value: float | Decimal | Rational) -> str:
    from fractions import Fraction

    large = isinstance(value, Decimal) and abs(value.adjusted()) > _LONGEST_NUMBER
    try:
        return repr(value) if large else str(Fraction(value))
    except (ValueError, OverflowError):  # not a number, or infinite
        return repr(value)


def with_subclasses(classes: Iterable[type]) -> Iterator[type]:
    """Yield classes and what is derived from them; of `object` it alone.

    Args:
        classes: The classes; whoever reads one reads those derived from it.
    """
    for cls in classes:
        yield cls
        if cls is not object:
            yield from with_subclasses(type.__subclasses__(cls))


def fields_of_kind(kind: type) -> list[str] | None:
    """Return the names of the fields of a payload class; None if it declares none."""
    if attrs.has(kind):
        return [part.name for part in attrs.fields(kind)]
    if dataclasses.is_dataclass(kind):
        return [part.name for part in dataclasses.fields(kind)]
    return None
