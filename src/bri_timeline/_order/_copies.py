"""Private copies of states, and how much memory these take."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from sys import getsizeof
from typing import Any, TypeVar

from bri_timeline._order._remembering import Remembered
from bri_timeline._projection import is_hashable


S = TypeVar("S")
PLAIN: frozenset[type] = frozenset({int, bool, str, bytes})
# Nothing that is of just these classes can change.
_FIXED: frozenset[type] = PLAIN | {float, complex, type(None), Decimal, date, datetime}
_COLLECTIONS: frozenset[type] = frozenset({dict, list, set})
# Up to so many bytes a state weighs as much as a number; then once for each unit.
_LIGHT = 1024
_UNIT = 128


def private_copy(state: S) -> S:
    """Return a state that no caller can change: a copy, unless it has a hash.

    Of a dictionary, a list or a set, what cannot change is not copied.
    """
    kind = type(state)
    if kind in _COLLECTIONS:
        copied: S = _copied(state, {})
        return copied
    if isinstance(state, Remembered):
        return type(state)(private_copy(state.state), state.facts)
    is_kept = kind in _FIXED or is_hashable(state)
    return state if is_kept else copy.deepcopy(state)


def _copied(value: Any, memo: dict[int, Any]) -> Any:
    """Return a copy of a value, as deep as it may change.

    Args:
        value: The value.
        memo: The copies made so far, by the `id()` of what was copied.
    """
    kind = type(value)
    if kind not in _COLLECTIONS:
        return value if _is_fixed(value) else copy.deepcopy(value, memo)
    if id(value) in memo:  # it is there twice, or within itself
        return memo[id(value)]
    memo[id(value)] = clone = value.copy()
    if kind is dict and not _are_fixed(value.values()):
        clone.update((key, _copied(item, memo)) for key, item in value.items())
    elif kind is list and not _are_fixed(value):
        clone[:] = [_copied(item, memo) for item in value]
    elif kind is set and not all(map(_is_fixed, value)):
        clone = memo[id(value)] = {_copied(item, memo) for item in value}
    return clone


def _are_fixed(values: Iterable[object]) -> bool:
    return {*map(type, values)} <= _FIXED


def _is_fixed(value: object) -> bool:
    """Check whether a value cannot change: it is equal by content, and has a hash.

    An object of a class without an equality of its own has a hash, and may change; so
    a tuple of such objects may.
    """
    kind = type(value)
    if isinstance(value, tuple | frozenset):
        return _are_fixed(value) or all(map(_is_fixed, value))
    has_own = kind.__hash__ is not object.__hash__
    return kind in _FIXED or (has_own and is_hashable(value))


def weight_of(state: object) -> int:
    """Return how many small states take as much memory as one.

    Only collections are looked into: of what cannot change, states share the parts.
    """
    size = _size_of(state.state if isinstance(state, Remembered) else state)
    return 1 if size < _LIGHT else size // _UNIT


def _size_of(value: object, within: tuple[int, ...] = ()) -> int:
    """Return the bytes of a value.

    Args:
        value: The value.
        within: The `id()` of each collection that it is part of.
    """
    if id(value) in within:  # it holds itself
        return 0
    size, parts = getsizeof(value), list[Any]()
    if isinstance(value, dict):
        parts += value.values()
    elif isinstance(value, list):
        parts += value
    inner, within = (p for p in parts if type(p) in _COLLECTIONS), (*within, id(value))
    return size + sum(_size_of(part, within) for part in inner)
