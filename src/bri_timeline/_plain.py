"""Plain data: what `json` takes, from answers and from the states of users."""

from __future__ import annotations

import math
from binascii import b2a_base64
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from numbers import Rational
from types import MappingProxyType
from typing import Any, NamedTuple, cast

import attrs

from bri_timeline.errors import PlainDataError, shown


__all__ = [
    "AsDict",
    "Forms",
    "fields_of",
    "plain",
    "to_plain",
]


_ATOMS = (type(None), bool, str)
_MOST_DIGITS = 4300
_MOST_BITS = math.floor(_MOST_DIGITS * math.log2(10))
_REMEDY = "give its class a method as_dict(), or select a part of it"
_Parts = Iterable[tuple[str, Any]]


class AsDict:
    """The base class of answers that are plain data, field by field."""

    __slots__ = ()

    def as_dict(self) -> dict[str, object]:
        """Return it as plain data: what `json.dumps` takes.

        Dates are their EDTF text, days and instants ISO text, and decimals text, so
        that no digit is lost. A tuple is a list, a set a sorted list. A mapping is an
        object if its keys are different texts, else a list of objects with `key` and
        `value`. An event has its payload as `what`, with fields named as the
        constructor names them, and the name of its class as `kind`. A state of your own
        may consist of all these, and of `attrs` classes, dataclasses and named tuples;
        a class of another kind may define `as_dict()`.

        Raises:
            PlainDataError: A part is something else; the message names its place.
        """
        return to_plain(self)


def to_plain(value: object) -> dict[str, object]:
    """Return a value that has named parts as plain data.

    Raises:
        PlainDataError: A part of it has no form in plain data.
    """
    try:
        found: dict[str, object] = plain(value, type(value).__name__)
    except RecursionError:
        problem = "is too deep, or holds itself: select a part of it"
        raise PlainDataError(type(value).__name__, "", problem) from None
    return found


class Forms(NamedTuple):
    """The forms of values for readers who know more types than `json`.

    Attributes:
        keep: Classes of which values stay as they are.
        instead: Functions that give values of some classes another form.
        pairs: Each mapping is a list of pairs, whatever its keys are.
    """

    keep: tuple[type, ...] = ()
    instead: Mapping[type, Callable[[Any], object]] = MappingProxyType({})
    pairs: bool = False


_JSON = Forms()


def plain(value: object, place: str, forms: Forms = _JSON) -> Any:
    """Return a value as plain data.

    Args:
        value: An answer, an event, or a state of any kind.
        place: Its place, for errors: `Period.state`.
        forms: The forms of some values, if other than for `json`.

    Raises:
        PlainDataError: It is something else.
    """
    if value.__class__ in _ATOMS or isinstance(value, forms.keep):
        return value
    instead = forms.instead.get(value.__class__)
    if instead is not None:
        return instead(value)
    parts = _parts(value, place)
    if isinstance(parts, str):
        return parts
    if parts is not None:
        return {name: plain(part, f"{place}.{name}", forms) for name, part in parts}
    known = _known(value, place)
    if known is not None:
        return known

    def inner(part: object, name: object) -> Any:
        return plain(part, f"{place}[{shown(name)}]", forms)

    if isinstance(value, Enum):
        return plain(value.value, f"{place}.value", forms)
    if isinstance(value, Mapping):
        return _mapped(value, inner, pairs=forms.pairs)
    if isinstance(value, Set):
        # A set has no order of its own, and the data must be the same in every process.
        return sorted((inner(part, part) for part in value), key=_order)
    if isinstance(value, list | tuple):
        return [inner(part, number) for number, part in enumerate(value)]
    raise PlainDataError(value, place, f"has no form in plain data: {_REMEDY}")


def _known(value: object, place: str) -> str | int | float | None:
    """Return the form of a value without parts; None for another."""
    if isinstance(value, Enum):
        return None
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int):
        # Python writes no longer ones as text, and neither does `json`.
        if value.bit_length() > _MOST_BITS:
            problem = f"is longer than {_MOST_DIGITS} digits: give text"
            raise PlainDataError(value, place, problem)
        return int(value)
    if isinstance(value, float):
        # JSON has no infinite numbers, and none that is not a number.
        return float(value) if math.isfinite(value) else str(float(value))
    if isinstance(value, Decimal | Rational):
        return str(value)
    if isinstance(value, bytes):
        return b2a_base64(value, newline=False).decode()
    # A subclass may count in months, which are not a number of seconds.
    if type(value) is timedelta:
        seconds = Decimal(value // timedelta(microseconds=1)).scaleb(-6)
        return f"{'-' if seconds < 0 else ''}PT{abs(seconds).normalize():f}S"
    # Of a `datetime` too, which is a date.
    return value.isoformat() if isinstance(value, date | time) else None


def _parts(value: object, place: str) -> _Parts | str | None:
    """Return the named parts of a value, or its text; None if it has neither."""
    cls = type(value)
    hook: Callable[[object], Any] | None = getattr(cls, "_plain_data", None)
    if hook is not None:
        found = hook(value)
        return found if isinstance(found, str) else cast("_Parts", found.items())
    method = None if issubclass(cls, AsDict) else getattr(cls, "as_dict", None)
    if callable(method):
        found = method(value)
        if not isinstance(found, Mapping) or {*map(type, found)} - {str}:
            problem = "has an as_dict() that does not return a dict with text as keys"
            raise PlainDataError(value, place, problem)
        return cast("_Parts", found.items())
    if attrs.has(cls):
        return fields_of(value)
    # Of dataclasses, named tuples and structs of msgspec.
    for names in ("__dataclass_fields__", "_fields", "__struct_fields__"):
        if hasattr(cls, names):
            fields: Iterable[str] = getattr(cls, names)
            return [(name, getattr(value, name)) for name in fields]
    return None


def fields_of(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield the fields of an instance of an attrs class, as its constructor has them.

    A field that is not compared is left out, if it is private or cannot be given: it is
    a cache.
    """
    for field in attrs.fields(type(value)):
        if field.eq or (field.init and field.name[:1] != "_"):
            yield field.alias, getattr(value, field.name)


def _mapped(
    value: Mapping[Any, Any],
    inner: Callable[[object, object], Any],
    *,
    pairs: bool,
) -> dict[str, Any] | list[dict[str, Any]]:
    found = [(inner(key, key), inner(part, key)) for key, part in value.items()]
    names = {key for key, _ in found if isinstance(key, str)}
    if pairs:
        return [{**_key_parts(key), "value": part} for key, part in found]
    if len(names) == len(found):
        return dict(found)
    return [{"key": key, "value": part} for key, part in found]


def _key_parts(key: object) -> dict[str, object]:
    """Return a key, or the parts of one that was a tuple, whose types may differ."""
    if isinstance(key, list):
        return {f"key_{number}": part for number, part in enumerate(key, 1)}
    return {"key": key}


def _order(value: Any) -> tuple[str, Any]:
    is_atom = isinstance(value, str | int | float)
    return type(value).__name__, value if is_atom else repr(value)
