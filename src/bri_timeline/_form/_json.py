"""Payloads as JSON: encoded deterministically, decoded strictly."""

from __future__ import annotations

import json
import math
import re
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from itertools import chain
from operator import attrgetter

import attrs
import msgspec

from bri_timeline._form._conversion import classes_in, payload_fields
from bri_timeline.edtf import Edtf
from bri_timeline.errors import Fault, FaultsError, shown


LARGEST = 1 << 20
_DEEPEST = 64
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"')
_TEXT = {str}
_DIRECT = (str, int, bool, Decimal, date, Edtf, Enum, types.NoneType)

# Older releases of msgspec do not derive their errors from ValueError.
_NO_JSON = (msgspec.MsgspecError, ValueError, ArithmeticError, RecursionError)
_decode = msgspec.json.Decoder(dict[str, typing.Any], float_hook=Decimal).decode


def encode_payload(payload: object) -> bytes:
    """Encode an instance of an attrs class as JSON.

    Raises:
        TypeError: JSON has no form for a part of it.
    """
    cls: type = type(payload)
    return encoder_of(cls)(payload)


@lru_cache(maxsize=1024)
def encoder_of(cls: type) -> Callable[[object], bytes]:
    """Return the encoder that `encode_payload()` uses for a class."""
    if not is_encoded_directly(cls):
        return lambda value: encode_json(_plain(value))
    if not _bare(cls) and _named(cls) is None:
        return encode_json
    return lambda value: encode_json(
        value if _hold_as_declared(cls, [value]) else _plain(value)
    )


def encode_payloads(cls: type, payloads: Sequence[object]) -> bytes:
    """Encode instances of an attrs class as JSON, with a line break after each.

    Raises:
        TypeError: JSON has no form for a part of one.
    """
    if not is_encoded_directly(cls):
        payloads = [*map(_plain, payloads)]
    elif not _hold_as_declared(cls, payloads):
        payloads = [p if _hold_as_declared(cls, [p]) else _plain(p) for p in payloads]
    return _encode_lines(payloads)


# Types that do not say what they hold. They are read and written as those of texts, as
# long as they hold nothing else: in any other way it would take three times as long.
OF_TEXTS: Mapping[object, object] = {frozenset: frozenset[str], tuple: tuple[str, ...]}


@lru_cache(maxsize=1024)
def _bare(cls: type) -> list[Callable[[object], Sequence[object]]]:
    """Return functions that read the fields whose types do not say what they hold."""
    fields = payload_fields(cls).items()
    return [attrgetter(name) for name, part in fields if part.type in OF_TEXTS]


@lru_cache(maxsize=1024)
def _named(cls: type) -> frozenset[str] | None:
    """Return the fields of a class whose instances can hold more; None of others."""
    fields = frozenset(field.name for field in attrs.fields(cls))
    return fields if cls.__dictoffset__ else None


def _hold_as_declared(cls: type, payloads: Sequence[object]) -> bool:
    """Check whether instances of a class hold their fields only, and texts in these.

    A cached property lies beside the fields, and msgspec would write it as one. Texts
    are in the fields whose types do not say what they hold.
    """
    names = _named(cls)
    if names is not None and not all(map(names.issuperset, map(vars, payloads))):
        return False
    held = (map(read, payloads) for read in _bare(cls))
    return all({*map(type, items)} <= _TEXT for items in chain.from_iterable(held))


def read_fields(name: str, data: bytes) -> Mapping[str, object]:
    """Decode a JSON object. Numbers stay exact, and no name may be repeated.

    Args:
        name: Its name in messages.
        data: The JSON.

    Raises:
        FaultsError: It is not a JSON object, or is too large or nested too deeply.
    """
    if len(data) > LARGEST:
        size = f"it has {len(data):,} bytes, and at most {LARGEST:,} are read"
        raise FaultsError(name, [Fault(name, f"is too long: {size}")])
    try:
        return _parsed(data)
    except _NO_JSON as error:
        fault = Fault(name, f"is not a JSON object: {error}")
        raise FaultsError(name, [fault]) from None


def _parsed(data: bytes) -> Mapping[str, object]:
    if is_too_deep(data):
        msg = f"it is nested more than {_DEEPEST} levels deep"
        raise ValueError(msg)
    fields: Mapping[str, object] = _decode(data)
    # msgspec keeps the last of repeated names silently. With as many colons as names
    # none is repeated; only text with colons needs the slower check.
    if data.count(b":") != len(fields):
        json.loads(data, object_pairs_hook=_unrepeated)
    return fields


def is_too_deep(data: bytes) -> bool:
    """Check whether JSON is nested more than 64 levels deep."""
    brackets = data.count(b"[") + data.count(b"{")
    return brackets > _DEEPEST and _depth(data) > _DEEPEST


def _unrepeated(pairs: list[tuple[str, object]]) -> None:
    seen: set[str] = set()
    for name, _ in pairs:
        if name in seen:
            msg = f"{shown(name)} is written twice"
            raise ValueError(msg)
        seen.add(name)


def _depth(data: bytes) -> int:
    depth = deepest = 0
    for mark in _STRING.sub(b"", data):
        depth += (mark in b"[{") - (mark in b"]}")
        deepest = max(deepest, depth)
    return deepest


@lru_cache(maxsize=1024)
def is_encoded_directly(cls: type) -> bool:
    """Check whether msgspec encodes a class correctly without `_plain()`."""
    return _are_direct(cls, frozenset())


def _are_direct(cls: type, within: frozenset[type]) -> bool:
    fields = attrs.fields(cls)
    if any(field.alias != field.name or not field.init for field in fields):
        return False
    if within and cls.__dictoffset__:  # nobody looks for more than fields in a part
        return False
    hints = (part.type for part in payload_fields(cls).values())
    return all(
        issubclass(part_class, _DIRECT)
        or (
            attrs.has(part_class)
            and part_class not in within
            and _are_direct(part_class, within | {cls})
        )
        for kind in hints
        if kind != frozenset[str] and (within or kind not in OF_TEXTS)
        for part_class in classes_in(kind)
    )


def _plain(value: object) -> object:
    """Convert values that msgspec encodes wrongly: private fields, sets, odd floats."""
    cls: type = type(value)
    if attrs.has(cls):
        fields = (field for field in attrs.fields(cls) if field.init)
        return {field.alias: _plain(getattr(value, field.name)) for field in fields}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, frozenset):
        return sorted(map(_plain, value), key=encode_json)
    if isinstance(value, float) and not math.isfinite(value):
        msg = f"it holds {value}, which JSON cannot: use None, or a Decimal"
        raise TypeError(msg)
    return value


def _to_plain(value: object) -> object:
    if isinstance(value, Edtf):
        return str(value)
    if isinstance(value, date):  # a pendulum.Date is one
        return value.isoformat()
    kind = type(value).__name__
    msg = f"it holds a {kind}: use text, numbers, days or attrs.frozen classes"
    raise TypeError(msg)


# Deterministic order: sets of text are sorted, so that equal payloads have equal JSON.
_encoder = msgspec.json.Encoder(enc_hook=_to_plain, order="deterministic")
encode_json, _encode_lines = _encoder.encode, _encoder.encode_lines
