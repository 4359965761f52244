"""An immutable mapping that shares its parts: what a fold keeps for each key."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, Mapping
from itertools import chain, compress
from operator import is_not
from typing import Any, TypeAlias, TypeVar


K = TypeVar("K")
V = TypeVar("V")
# A node is a dict of few items, or a tuple of nodes by the next bits of the hash.
_Node: TypeAlias = "dict[K, V] | tuple[_Node[K, V], ...]"
_BITS = 5
_WIDTH = 1 << _BITS
_MOST = 16
# Keys that have the same hash are never parted.
_DEEPEST = 12
_NONE: Any = object()


class SharedMap(Mapping[K, V]):
    """An immutable mapping: `having` returns another one.

    That one shares what it has in common with this one: to change a map of many keys
    copies few of them, and maps that differ in few keys are compared as fast.

    Args:
        items: The items; copied.
    """

    __slots__ = ("_count", "_root")

    _count: int
    _root: _Node[K, V]

    def __init__(self, items: Mapping[K, V] | None = None) -> None:
        root = dict(items or {})
        self._root, self._count = _parted(root, 0), len(root)

    def having(self, key: K, value: V) -> SharedMap[K, V]:
        """Return a map with another value of a key."""
        made: SharedMap[K, V] = object.__new__(SharedMap)
        made._root = _with(self._root, hash(key), key, value, 0)
        made._count = self._count + (key not in self)
        return made

    def differing(self, other: SharedMap[K, V]) -> set[K]:
        """Return the keys of which one of two maps has not just what the other has."""
        return {*_lacking(self._root, other._root), *_lacking(other._root, self._root)}

    def get(self, key: Any, default: Any = None) -> Any:
        """Return the value of a key, or the default if there is none."""
        node: Any = self._root
        if node.__class__ is tuple:
            bits = hash(key)
            while node.__class__ is tuple:
                node, bits = node[bits % _WIDTH], bits >> _BITS
        return node.get(key, default)

    def items(self) -> ItemsView[K, V]:
        """Return the items, in any order."""
        return dict(_items(self._root)).items()

    def __getitem__(self, key: K) -> V:
        value: V = self.get(key, _NONE)
        if value is _NONE:
            raise KeyError(key)
        return value

    def __contains__(self, key: object) -> bool:
        return self.get(key, _NONE) is not _NONE

    def __iter__(self) -> Iterator[K]:
        return (key for key, _ in _items(self._root))

    def __len__(self) -> int:
        return self._count

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SharedMap):
            return NotImplemented
        return self._count == other._count and all(
            self.get(key, _NONE) == other.get(key, _NONE)
            for key in self.differing(other)
        )

    def __hash__(self) -> int:
        return hash(frozenset(_items(self._root)))

    def __reduce__(self) -> tuple[object, ...]:
        # The hash of a text, and so the node where it is, is another in each process.
        return SharedMap, (dict(_items(self._root)),)


def _with(node: _Node[K, V], bits: int, key: K, value: V, depth: int) -> _Node[K, V]:
    """Return a node with another value of a key."""
    if isinstance(node, tuple):
        place = bits % _WIDTH
        changed = _with(node[place], bits >> _BITS, key, value, depth + 1)
        return *node[:place], changed, *node[place + 1 :]
    return _parted({**node, key: value}, depth)


def _parted(items: dict[K, V], depth: int) -> _Node[K, V]:
    """Return items as a node: as they are, if they are few."""
    if len(items) <= _MOST or depth == _DEEPEST:
        return items
    parts: list[dict[K, V]] = [{} for _ in range(_WIDTH)]
    for key, value in items.items():
        parts[(hash(key) >> _BITS * depth) % _WIDTH][key] = value
    return tuple(_parted(part, depth + 1) for part in parts)


def _items(node: _Node[K, V]) -> Iterator[tuple[K, V]]:
    if isinstance(node, tuple):
        return chain.from_iterable(map(_items, node))
    return iter(node.items())


def _lacking(one: _Node[K, V], other: _Node[K, V]) -> Iterator[K]:
    """Yield the keys of a node of which another at its place has not the same value."""
    if isinstance(one, tuple) and isinstance(other, tuple):
        for pair in compress(zip(one, other, strict=True), map(is_not, one, other)):
            yield from _lacking(*pair)
    elif one is not other:
        theirs = dict(_items(other))
        for key, value in _items(one):
            if theirs.get(key, _NONE) is not value:
                yield key
