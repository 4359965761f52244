"""The msgspec mirror of an attrs class, which decodes payloads fast."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from itertools import starmap

import attrs
import msgspec

from bri_timeline._codec._conversion import payload_fields
from bri_timeline._codec._json import LARGEST, encode_payload
from bri_timeline.edtf import Edtf
from bri_timeline.errors import VocabularyError


__all__ = [
    "cached_edtf",
    "decode_fast",
    "from_plain",
    "struct_and_builder",
    "unchecked_decoder",
    "unchecked_list_decoder",
]


_ATOMS = frozenset({str, int, bool, types.NoneType, date, Decimal, Edtf})
_LONGEST_KEPT = 64

# As many as the days of ninety years: logs are not in the order of their days.
_kept = lru_cache(maxsize=1 << 15)(Edtf)


def cached_edtf(text: str) -> Edtf:
    """Return a date, the same object for the same short text.

    Raises:
        EdtfError: The text is no date of EDTF.
    """
    return _kept(text) if len(text) <= _LONGEST_KEPT else Edtf(text)


def decode_fast(cls: type, data: bytes) -> object | None:
    """Return an instance of an attrs class from its JSON, as `convert_fields()` would.

    Args:
        cls: An attrs class.
        data: What `encode_payload()` gave.

    Returns:
        None where only `convert_fields()` can build it, or find its faults.
    """
    twin = _mirror_of(cls) if len(data) <= LARGEST else None
    if twin is None:
        return None
    try:
        payload, names = twin.built(twin.read(data))
        # As many colons as names, and none can have been written twice.
        if data.count(b":") == names or encode_payload(payload) == data:
            return payload
    except Exception:  # converters and validators are anybody's code
        return None
    return None


def unchecked_decoder(cls: type) -> Callable[[bytes], object] | None:
    """Return what makes instances from JSON that `encode_payload()` gave, unchecked.

    It raises anything where that is not what it gets. None for a class of which only
    `convert_fields()` can make instances.

    Args:
        cls: An attrs class.
    """
    twin = _mirror_of(cls)
    if twin is None:
        return None
    read, makes = twin.read, twin.makes
    return lambda data: next(makes([read(data)]))


def struct_and_builder(
    cls: type,
) -> (
    tuple[type[msgspec.Struct], Callable[[Iterable[msgspec.Struct]], Iterator[object]]]
    | None
):
    """Return the msgspec class with the fields of an attrs class, and the way back.

    None for a class of which only `convert_fields()` can make instances.

    Args:
        cls: An attrs class.
    """
    twin = _mirror_of(cls)
    return None if twin is None else (twin.struct, twin.makes)


def from_plain(wanted: type, value: object) -> object:
    """Make what msgspec does not know.

    Raises:
        TypeError: It is nothing that is known here either.
    """
    if wanted is Edtf and isinstance(value, str):
        return cached_edtf(value)
    raise TypeError(wanted)


def unchecked_list_decoder(cls: type) -> Callable[[bytes], list[object]] | None:
    """Return a decoder of a JSON list of instances, as `unchecked_decoder()` of one.

    None for a class that needs `unchecked_decoder()` or `convert_fields()`.

    Args:
        cls: An attrs class.
    """
    twin = _mirror_of(cls)
    if twin is None or not twin.is_plain:
        return None
    makes, kind = twin.makes, types.GenericAlias(list, twin.struct)
    read = msgspec.json.Decoder(kind, dec_hook=from_plain).decode
    return lambda data: [*makes(read(data))]


def _by_position(cls: type) -> Iterator[str]:
    """Yield the names of the fields that a constructor takes by position."""
    for field in attrs.fields(cls):
        if field.init and not field.kw_only:
            yield field.alias


@attrs.frozen
class _Mirror:
    """What msgspec reads fastest, with the fields of an attrs class.

    Attributes:
        cls: The attrs class.
        struct: The msgspec class with the same fields, all of them required.
        read: From JSON to an instance of *struct*.
        nested: Fields that hold such a twin in turn.
        by_position: The fields that the constructor of *cls* takes by position.
    """

    cls: Callable[..., object]
    struct: type[msgspec.Struct]
    read: Callable[[bytes], msgspec.Struct]
    nested: tuple[tuple[str, _Mirror], ...]
    by_position: tuple[str, ...]

    def built(self, held: msgspec.Struct) -> tuple[object, int]:
        """Return an instance of the attrs class, and how many names were read."""
        fields = msgspec.structs.asdict(held)
        names = len(fields)
        for name, twin in self.nested:
            if fields[name] is not None:
                fields[name], more = twin.built(fields[name])
                names += more
        return self.cls(**fields), names

    @property
    def is_plain(self) -> bool:
        """Whether the constructor takes the fields as they are, in their order."""
        return not self.nested and self.struct.__struct_fields__ == self.by_position

    def makes(self, held: Iterable[msgspec.Struct]) -> Iterator[object]:
        """Return instances of the attrs class."""
        if self.is_plain:
            return starmap(self.cls, map(msgspec.structs.astuple, held))
        return (self.built(one)[0] for one in held)


@lru_cache(maxsize=1024)
def _mirror_of(cls: type) -> _Mirror | None:
    """Return the twin of a class, or None if it has a field of another kind."""
    try:
        return _mirror(cls, frozenset())
    except (TypeError, VocabularyError):  # msgspec, or nobody, knows such a type
        return None


def _mirror(cls: type, within: frozenset[type]) -> _Mirror:
    fields: list[tuple[str, object]] = []
    nested: list[tuple[str, _Mirror]] = []
    for name, part in payload_fields(cls).items():
        inner = _class_in(part.type)
        if inner is None:
            fields.append((name, _plain(part.type)))
            continue
        if inner in within | {cls}:
            raise TypeError(inner)
        twin = _mirror(inner, within | {cls})
        nested.append((name, twin))
        is_optional = part.type is not inner
        fields.append((name, twin.struct | None if is_optional else twin.struct))
    struct = msgspec.defstruct(
        cls.__name__,
        typing.cast("list[tuple[str, type]]", fields),
        forbid_unknown_fields=True,
        gc=False,
    )
    read = msgspec.json.Decoder(struct, dec_hook=from_plain).decode
    return _Mirror(cls, struct, read, tuple(nested), tuple(_by_position(cls)))


def _class_in(wanted: object) -> type | None:
    """Return the attrs class that a type is, or is if not None."""
    kinds = _arguments(wanted) or (wanted,)
    found = [kind for kind in kinds if isinstance(kind, type) and attrs.has(kind)]
    if len(found) == 1 and {*kinds} <= {*found, types.NoneType}:
        return found[0]
    return None


def _arguments(wanted: object) -> tuple[object, ...]:
    """Return the members of a union, or nothing."""
    is_union = typing.get_origin(wanted) in (typing.Union, types.UnionType)
    return typing.get_args(wanted) if is_union else ()


def _plain(wanted: object) -> object:
    """Return a type if msgspec reads it just as `convert_fields()` does.

    Raises:
        TypeError: It does not.
    """
    origin = typing.get_origin(wanted)
    if origin in (typing.Union, types.UnionType, tuple, frozenset):
        for kind in typing.get_args(wanted):
            if kind is not ...:
                _plain(kind)
        return wanted
    is_enum = isinstance(wanted, type) and issubclass(wanted, Enum)
    if wanted in _ATOMS or is_enum:
        return wanted
    raise TypeError(wanted)
