"""What a payload must be so that history cannot be forged, and its digest."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from uuid import UUID

import attrs

from bri_timeline.edtf import Edtf
from bri_timeline.errors import PayloadError


__all__ = ["check_payload", "digest"]

_ATOMS = (
    str, int, float, complex, bytes, bool, type(None), Decimal, Fraction, Enum, Edtf,
    date, time, timedelta, UUID, type,
)  # fmt: skip
_LONGEST_NUMBER = 400
_REMEDY = "use tuple, frozenset or an attrs.frozen class"


def check_payload(what: object) -> None:
    """Make sure that nothing in a payload can change.

    Raises:
        PayloadError: A part could change, or has no hash; the message names the field.
    """
    for field, value in _parts(type(what).__name__, what):
        if isinstance(value, _ATOMS) or not _is_changeable(value):
            continue
        problem = f"could change after it was recorded: {_REMEDY}"
        raise PayloadError(value, field, problem)


def _parts(field: str, value: object) -> Iterator[tuple[str, object]]:
    """Yield *value* and all that it holds, each with the path of its field."""
    yield field, value
    if isinstance(value, _ATOMS):
        return
    if isinstance(value, tuple | frozenset):
        for index, item in enumerate(value):
            yield from _parts(f"{field}[{index}]", item)
    else:
        for name, part in _fields(value):
            yield from _parts(f"{field}.{name}", part)


def _fields(value: object) -> Iterator[tuple[str, object]]:
    """Yield the fields of an instance of an attrs class or a dataclass."""
    cls = type(value)
    if attrs.has(cls):
        for name in attrs.fields_dict(cls):
            yield name, getattr(value, name)
    elif dataclasses.is_dataclass(value):
        for part in dataclasses.fields(value):
            yield part.name, getattr(value, part.name)


def _is_changeable(value: object) -> bool:
    cls = type(value)
    if attrs.has(cls):
        return not attrs.inspect(cls).is_frozen or cls.__hash__ is None
    if dataclasses.is_dataclass(cls):
        frozen: bool = cls.__dataclass_params__.frozen  # type: ignore[attr-defined]
        return not frozen or cls.__hash__ is None
    # A class of somebody else: one with a hash by content promises not to change.
    return cls.__hash__ is None or cls.__hash__ is object.__hash__


def digest(what: object, when: Edtf) -> str:
    """Return 32 hexadecimal digits that name a payload with its date.

    Equal payloads of classes of one name give the same on every machine.
    """
    text = f"{type(what).__qualname__}\n{when}\n{_ordered(what)!r}"
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _ordered(value: object) -> object:
    """Return lists and text, the same for equal values.

    Sets get an order that does not vary, and numbers a form: 1.0 equals 1.00 and 1.
    """
    if isinstance(value, frozenset):
        return sorted(repr(_ordered(item)) for item in value)
    if isinstance(value, tuple):
        return [_ordered(item) for item in value]
    if isinstance(value, int | float | Decimal | Fraction):
        return _number(value)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, _ATOMS):
        return value
    parts = [_ordered(part) for _, part in _fields(value)]
    return [type(value).__qualname__, *parts] if parts else value


def _number(value: float | Decimal | Fraction) -> str:
    large = isinstance(value, Decimal) and abs(value.adjusted()) > _LONGEST_NUMBER
    try:
        return repr(value) if large else str(Fraction(value))
    except (ValueError, OverflowError):  # not a number, or infinite
        return repr(value)
