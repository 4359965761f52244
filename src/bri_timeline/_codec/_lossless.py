"""Payloads that are known to come back equal, so that nobody has to look."""

from __future__ import annotations

import types
from collections.abc import Callable
from datetime import date
from enum import Enum
from functools import lru_cache
from itertools import product
from operator import attrgetter

import attrs

from bri_timeline._codec._conversion import classes_in, kinds_of, parts_of
from bri_timeline._codec._json import writer_of
from bri_timeline._codec._structs import trusting
from bri_timeline.edtf import Edtf


__all__ = [
    "is_exact",
    "sure",
]


_ALIKE = frozenset[type]({str, int, bool, types.NoneType, date, frozenset})
_EXACT = (str, int, date, Edtf, Enum, types.NoneType, frozenset, tuple)
_TEXTS = frozenset[str]
_MOST_SHAPES = 256
_MADE = "<attrs generated"
Write = Callable[[object], bytes | None]


@lru_cache(maxsize=1024)
def sure(cls: type) -> Write | None:
    """Return what writes those payloads of a class that come back equal for certain.

    They do when their parts do, and nothing but attrs makes and compares them. Text,
    whole numbers, days and sets of text do. It returns None for other payloads; and
    there is none where reading is the only way to tell.

    Args:
        cls: An attrs class.
    """
    parts = parts_of(cls)
    kinds = [_alike(part.type) for part in parts.values()]
    if not (kinds and all(kinds) and _is_as_made(cls) and trusting(cls)):
        return None
    shapes = frozenset(product(*kinds))
    if len(shapes) > _MOST_SHAPES:
        return None
    several = [n for n, found in enumerate(kinds) if frozenset in found]
    return _writer(tuple(parts), shapes, several, writer_of(cls))


def _alike(wanted: object) -> frozenset[type]:
    """Return the classes of which the values of a field are; none if of others too."""
    found = {frozenset if kind == _TEXTS else kind for kind in kinds_of(wanted)}
    alike = frozenset(kind for kind in _ALIKE if kind in found)
    return alike if len(alike) == len(found) else frozenset()


def _writer(
    names: tuple[str, ...],
    shapes: frozenset[tuple[type, ...]],
    several: list[int],
    encode: Callable[[object], bytes],
) -> Write:
    # Of one name alone it would return no tuple.
    part = attrgetter(*names, *names[:1])
    shapes = frozenset((*shape, shape[0]) for shape in shapes)

    def write(payload: object) -> bytes | None:
        values = part(payload)
        if (*map(type, values),) not in shapes:
            return None
        for place in several:
            if not _are_texts(values[place]):
                return None
        return encode(payload)

    return write


@lru_cache(maxsize=1 << 14)
def _are_texts(items: object) -> bool:
    return not isinstance(items, frozenset) or all(type(i) is str for i in items)


def _is_as_made(cls: type) -> bool:
    """Tell whether a class is no more than what attrs makes of its fields."""
    return (
        all("__new__" not in vars(base) for base in cls.__mro__[:-1])
        and not hasattr(cls, "__attrs_pre_init__")
        and not hasattr(cls, "__attrs_post_init__")
        and all(_is_generated(getattr(cls, name)) for name in ("__init__", "__eq__"))
        and all(
            field.converter is None
            and field.eq
            and field.eq_key is None
            and field.init
            and field.alias == field.name
            for field in attrs.fields(cls)
        )
    )


def _is_generated(method: object) -> bool:
    code = getattr(method, "__code__", None)
    return isinstance(code, types.CodeType) and code.co_filename.startswith(_MADE)


@lru_cache(maxsize=1024)
def is_exact(cls: type) -> bool:
    """Tell whether equal payloads of a class give equal JSON: without 1.0 and 1.00."""
    return _are_exact(cls, frozenset())


def _are_exact(cls: type, within: frozenset[type]) -> bool:
    return all(
        issubclass(found, _EXACT)
        or (
            attrs.has(found)
            and found not in within
            and _are_exact(found, within | {cls})
        )
        for part in parts_of(cls).values()
        for found in classes_in(part.type)
    )
