"""The msgspec mirror of an attrs class, which decodes payloads fast."""

from __future__ import annotations

import types
import typing
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from inspect import getattr_static
from itertools import repeat, starmap
from operator import attrgetter
from typing import Any, TypeVar, cast

import attrs
import msgspec

from bri_timeline._form._conversion import payload_fields
from bri_timeline._form._json import (
    LARGEST,
    OF_TEXTS,
    encode_payload,
    is_encoded_directly,
)
from bri_timeline.edtf import Edtf
from bri_timeline.errors import VocabularyError


_ATOMS = frozenset({str, int, bool, types.NoneType, date, Decimal, Edtf})
K = TypeVar("K")
T = TypeVar("T")


class Kept(dict[K, T]):
    """Cache of values by keys, where one of both is a text; cleared when it is full.

    Looking one up takes half the time of an `lru_cache`. Long texts are not kept: they
    are rarely repeated, and would fill the memory.

    Args:
        make: Returns the value of a key.
        most: The number of keys at which it is full.
        longest: The length of the longest text that is kept.
    """

    def __init__(self, make: Callable[[K], T], most: int, longest: int) -> None:
        super().__init__()
        self._make: Callable[[K], T] = make
        self._most, self._longest = most, longest

    def __missing__(self, key: K) -> T:
        made = self._make(key)
        text = made if isinstance(made, str) else cast("str | bytes", key)
        if len(text) <= self._longest:
            if len(self) >= self._most:
                self.clear()
            self[key] = made
        return made


# Room for the days of ninety years, since entries are not in the order of their days.
dates = Kept(Edtf, most=1 << 15, longest=64)
_TEXTS = frozenset[str]
_Slot = types.MemberDescriptorType
# A set takes several times the memory of the rest of a small payload, and most payloads
# of a log name parties that others name.
_sets: Kept[bytes, frozenset[str]] = Kept(
    msgspec.json.Decoder(_TEXTS).decode, most=1 << 14, longest=256
)


def decode_fast(cls: type, data: bytes) -> object | None:
    """Decode an instance of an attrs class, equal to that of `convert_fields()`.

    Args:
        cls: An attrs class.
        data: JSON as `encode_payload()` returns it.

    Returns:
        None where only `convert_fields()` can build it, or find its faults.
    """
    mirror = _mirror_of(cls) if len(data) <= LARGEST else None
    if mirror is None:
        return None
    try:
        payload, names = mirror.built(mirror.read(data))
        # A repeated name, which msgspec overlooks, shows itself as one colon more.
        # Colons in text do so too: then encoding again must give the same bytes.
        if data.count(b":") == names or encode_payload(payload) == data:
            return payload
    except Exception:  # converters and validators may raise anything
        return None
    return None


@lru_cache(maxsize=1024)
def lines_decoder(cls: type) -> Callable[[bytes], list[object]] | None:
    """Return a decoder of lines of JSON from `encode_payload()` that checks nothing.

    Given other data, it may raise any exception. None for a class of which only
    `convert_fields()` can build instances.

    Args:
        cls: An attrs class.
    """
    mirror = _mirror_of(cls)
    if mirror is None:
        return None
    if not (mirror.is_plain and mirror.by_position):
        read = msgspec.json.Decoder(mirror.struct, dec_hook=from_plain).decode_lines
        makes = mirror.makes
        return lambda data: [*makes(read(data))]
    make, read_columns = _maker(cls), _columns_decoder(mirror)
    return lambda data: make(read_columns(data))


def _maker(cls: type) -> Callable[[Sequence[Sequence[object]]], list[object]]:
    """Return a function that makes instances from the columns of their fields.

    Slots of a class that only holds its fields are filled without its constructor,
    which takes twice as long.
    """
    slots = [getattr(cls, field.name, None) for field in attrs.fields(cls)]
    if not (only_holds(cls) and _are_all_slots(cls, slots)):
        return lambda columns: [*map(cls, *columns)]
    puts = [slot.__set__ for slot in slots if isinstance(slot, _Slot)]

    def make(columns: Sequence[Sequence[object]]) -> list[object]:
        made: list[object] = [*map(object.__new__, repeat(cls, len(columns[0])))]
        for put, column in zip(puts, columns, strict=True):
            deque(map(put, made, column), maxlen=0)
        return made

    return make


def _are_all_slots(cls: type, slots: Iterable[object]) -> bool:
    """Check whether a class has these slots, and no others for its constructor."""
    attributes = (value for base in cls.__mro__ for value in vars(base).values())
    return {*slots} == {value for value in attributes if isinstance(value, _Slot)}


def _columns_decoder(mirror: _Mirror) -> Callable[[bytes], list[Sequence[object]]]:
    """Return a decoder of lines to the arguments of a constructor, in columns."""
    kinds = [msgspec.Raw if kind == _TEXTS else kind for kind in mirror.kinds]
    struct = _struct(mirror.struct, [*zip(mirror.by_position, kinds, strict=True)])
    read = msgspec.json.Decoder(struct, dec_hook=from_plain).decode_lines
    parts = [
        (attrgetter(name), _sets_of_texts if kind is msgspec.Raw else list)
        for name, kind in zip(mirror.by_position, kinds, strict=True)
    ]

    def decode(data: bytes) -> list[Sequence[object]]:
        held = read(data)
        return [share(map(take, held)) for take, share in parts]

    return decode


def is_lossless(cls: type) -> Callable[[bytes, Sequence[object]], bool] | None:
    """Return a check that lines of JSON give back the instances of a class.

    None for a class of which only `convert_fields()` can build instances. Of a class
    that only holds its fields, and is equal where they are, nothing need be built.

    Args:
        cls: An attrs class.
    """
    mirror, decode = _mirror_of(cls), lines_decoder(cls)
    if mirror is None or decode is None:
        return None
    is_its_fields = only_holds(cls) and attrs.inspect(cls).added_eq
    if not (mirror.is_plain and is_its_fields):
        return lambda data, payloads: decode(data) == payloads
    read, takes = _columns_decoder(mirror), [*map(attrgetter, mirror.by_position)]

    def check(data: bytes, payloads: Sequence[object]) -> bool:
        return read(data) == [[*map(take, payloads)] for take in takes]

    return check


def _sets_of_texts(column: Iterable[msgspec.Raw]) -> list[frozenset[str]]:
    """Return sets of texts from their JSON; equal short ones share an object."""
    # JSON in lines has no line breaks.
    return [*map(_sets.__getitem__, b"\n".join(column).split(b"\n"))]


def from_plain(wanted: type, value: object) -> object:
    """Convert text to an `Edtf`, which msgspec does not know.

    Raises:
        TypeError: Another type is wanted, or the value is not text.
    """
    if wanted is Edtf and isinstance(value, str):
        return dates[value]
    raise TypeError(wanted)


# What an event reads of its payload, where the payload has it.
_READ_BY_EVENTS = ("parties", "affair_of", "refers_to")
# Methods with which a class can refuse, change or invent what its fields hold.
_METHODS = ("__attrs_pre_init__", "__attrs_post_init__", "__getattr__")


def only_holds(cls: type) -> bool:
    """Check whether instances of an attrs class are what their JSON says.

    A class that does more than to hold values of its declared types, which cannot
    change, has a constructor that alone can tell whether they are right.
    """
    made, fields, own = attrs.inspect(cls), attrs.fields(cls), cast("Any", cls)
    names = {field.name for field in fields}
    return (
        is_encoded_directly(cls)
        and made.is_frozen
        and type(cls).__call__ is type.__call__
        and _is_made_by_attrs(own.__init__)
        and (own.__hash__ is object.__hash__ or _is_made_by_attrs(own.__hash__))
        and "__new__" not in {name for base in cls.__mro__[:-1] for name in vars(base)}
        and not any(field.converter or field.validator for field in fields)
        and not any(hasattr(cls, name) for name in _METHODS)
        and all(name in names or not hasattr(cls, name) for name in _READ_BY_EVENTS)
        and answers_as_it_holds(cls)
    )


def _is_made_by_attrs(method: object) -> bool:
    """Check whether nobody has replaced a method, also after attrs had made it."""
    code = getattr(method, "__code__", None)
    return isinstance(code, types.CodeType) and code.co_filename.startswith("<attrs ")


def answers_as_it_holds(cls: type) -> bool:
    """Check whether attributes of instances of an attrs class are what these hold.

    A property of a base class, or a method that reads attributes, may answer otherwise.
    """
    found = (getattr_static(cls, field.name, None) for field in attrs.fields(cls))
    reads: object = cls.__getattribute__
    return reads is object.__getattribute__ and all(
        isinstance(one, _Slot) or not hasattr(type(one), "__get__") for one in found
    )


def _by_position(cls: type) -> Iterator[str]:
    """Yield the names of the positional arguments of a constructor."""
    for field in attrs.fields(cls):
        if field.init and not field.kw_only:
            yield field.alias


@attrs.frozen
class _Mirror:
    """The msgspec mirror of an attrs class.

    Attributes:
        cls: The attrs class.
        struct: A msgspec class with the same fields, all of them required.
        read: Decodes JSON to an instance of *struct*.
        nested: The fields that hold attrs classes, with the mirrors of those.
        by_position: The positional arguments of the constructor of *cls*.
        kinds: The types of the fields of *struct*, in order.
    """

    cls: Callable[..., object]
    struct: type[msgspec.Struct]
    read: Callable[[bytes], msgspec.Struct]
    nested: tuple[tuple[str, _Mirror], ...]
    by_position: tuple[str, ...]
    kinds: tuple[object, ...]

    def built(self, held: msgspec.Struct) -> tuple[object, int]:
        """Return an instance of the attrs class, and the number of JSON names."""
        fields = msgspec.structs.asdict(held)
        names = len(fields)
        for name, mirror in self.nested:
            if fields[name] is not None:
                fields[name], more = mirror.built(fields[name])
                names += more
        return self.cls(**fields), names

    @property
    def is_plain(self) -> bool:
        """True if the constructor takes the fields unchanged, in their order."""
        return not self.nested and self.struct.__struct_fields__ == self.by_position

    def makes(self, held: Iterable[msgspec.Struct]) -> Iterator[object]:
        """Return instances of the attrs class."""
        if self.is_plain:
            return starmap(self.cls, map(msgspec.structs.astuple, held))
        return (self.built(record)[0] for record in held)


@lru_cache(maxsize=1024)
def _mirror_of(cls: type) -> _Mirror | None:
    """Return the mirror of a class, or None if msgspec cannot mirror a field."""
    try:
        return _mirror(cls, frozenset())
    except (TypeError, VocabularyError):  # of a type unknown to msgspec, or to us
        return None


def _mirror(cls: type, within: frozenset[type]) -> _Mirror:
    fields: list[tuple[str, object]] = []
    nested: list[tuple[str, _Mirror]] = []
    for name, part in payload_fields(cls).items():
        inner = _class_in(part.type)
        if inner is None:
            is_bare = not within and part.type in OF_TEXTS
            kind = OF_TEXTS[part.type] if is_bare else _plain(part.type)
            fields.append((name, kind))
            continue
        if inner in within | {cls}:
            raise TypeError(inner)
        mirror = _mirror(inner, within | {cls})
        nested.append((name, mirror))
        is_optional = part.type is not inner
        fields.append((name, mirror.struct | None if is_optional else mirror.struct))
    struct = _struct(cls, fields)
    read = msgspec.json.Decoder(struct, dec_hook=from_plain).decode
    kinds = tuple(kind for _, kind in fields)
    return _Mirror(cls, struct, read, tuple(nested), tuple(_by_position(cls)), kinds)


def _struct(cls: type, fields: list[tuple[str, object]]) -> type[msgspec.Struct]:
    return msgspec.defstruct(
        cls.__name__,
        typing.cast("list[tuple[str, type]]", fields),
        forbid_unknown_fields=True,
        gc=False,
    )


def _class_in(wanted: object) -> type | None:
    """Return the attrs class of a type `Class` or `Class | None`, else None."""
    kinds = _arguments(wanted) or (wanted,)
    classes = [kind for kind in kinds if isinstance(kind, type) and attrs.has(kind)]
    if len(classes) == 1 and {*kinds} <= {*classes, types.NoneType}:
        return classes[0]
    return None


def _arguments(wanted: object) -> tuple[object, ...]:
    """Return the members of a union; none of another type."""
    is_union = typing.get_origin(wanted) in (typing.Union, types.UnionType)
    return typing.get_args(wanted) if is_union else ()


def _plain(wanted: object) -> object:
    """Return a type that msgspec decodes exactly as `convert_fields()` converts it.

    Raises:
        TypeError: The type is another.
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
