"""Immutable mappings that share their parts: what a fold keeps for each key."""

from __future__ import annotations

from collections.abc import ItemsView, Iterable, Iterator, Mapping
from itertools import chain, compress
from operator import is_not
from typing import Any, NoReturn, TypeAlias, TypeVar


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

    __slots__ = ("_root",)

    _root: _Node[K, V]

    def __init__(self, items: Mapping[K, V] | None = None) -> None:
        self._root = _parted(dict(items or {}), 0)

    def having(self, key: K, value: V) -> SharedMap[K, V]:
        """Return a map with another value of a key."""
        made: SharedMap[K, V] = object.__new__(SharedMap)
        made._root = _with(self._root, hash(key), key, value, 0)
        return made

    def lacking(self, key: K) -> SharedMap[K, V]:
        """Return a map without a key that is there."""
        made: SharedMap[K, V] = object.__new__(SharedMap)
        made._root = _without(self._root, hash(key), key)
        return made

    def joined(self, other: SharedMap[K, V]) -> SharedMap[K, V]:
        """Return a map that has the items of another too."""
        if not self._root or not other._root:
            return self if self._root else other
        made: SharedMap[K, V] = object.__new__(SharedMap)
        made._root = _joined(self._root, other._root, 0)
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
        return sum(1 for _ in _items(self._root))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SharedMap):
            return NotImplemented
        return all(
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


def _joined(one: _Node[K, V], other: _Node[K, V], depth: int) -> _Node[K, V]:
    if isinstance(one, dict) and isinstance(other, dict):
        return _parted({**one, **other}, depth) if one and other else one or other
    pairs = zip(_spread(one, depth), _spread(other, depth), strict=True)
    return tuple(_joined(*pair, depth + 1) for pair in pairs)


def _without(node: _Node[K, V], bits: int, key: K) -> _Node[K, V]:
    """Return a node without a key, which it has."""
    if isinstance(node, tuple):
        place = bits % _WIDTH
        changed = _without(node[place], bits >> _BITS, key)
        return *node[:place], changed, *node[place + 1 :]
    items = node.copy()
    del items[key]
    return items


def _parted(items: dict[K, V], depth: int) -> _Node[K, V]:
    """Return items as a node: as they are, if they are few."""
    if len(items) <= _MOST or depth == _DEEPEST:
        return items
    return tuple(_parted(part, depth + 1) for part in _spread(items, depth))


def _spread(node: Any, depth: int) -> Any:
    """Return the nodes of a node, by the next bits of the hash."""
    if isinstance(node, tuple):
        return node
    parts: list[dict[Any, Any]] = [{} for _ in range(_WIDTH)]
    for key, value in node.items():
        parts[(hash(key) >> _BITS * depth) % _WIDTH][key] = value
    return parts


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


class FrozenMap(Mapping[K, V]):
    """An immutable mapping: `set` and `without` return another one.

    That one shares what it has in common with this one: to change a map of many keys
    copies few of them. It iterates as a `dict` does.

    It equals any mapping with the same items, whatever their order, and is hashable if
    its values are.

    >>> stock = FrozenMap({"apples": 3})
    >>> stock.set("pears", 5).without("apples")
    FrozenMap({'pears': 5})
    >>> stock
    FrozenMap({'apples': 3})

    Args:
        items: A mapping, or pairs of a key and a value; copied.
    """

    __slots__ = ("_items", "_next")

    # Each value with a number: keys are in the order of these.
    _items: SharedMap[K, tuple[int, V]]
    _next: int

    def __init__(self, items: Mapping[K, V] | Iterable[tuple[K, V]] = ()) -> None:
        numbered = enumerate(dict(items).items())
        pairs = {key: (number, value) for number, (key, value) in numbered}
        _fill(self, SharedMap(pairs), len(pairs))

    def set(self, key: K, value: V) -> FrozenMap[K, V]:
        """Return a map with another value of *key*."""
        number = self._items.get(key, (self._next,))[0]
        items = self._items.having(key, (number, value))
        return _fill(object.__new__(FrozenMap), items, self._next + 1)

    def without(self, key: K) -> FrozenMap[K, V]:
        """Return a map without *key*, which need not be there."""
        if key not in self._items:
            return self
        return _fill(object.__new__(FrozenMap), self._items.lacking(key), self._next)

    def _as_dict(self) -> dict[K, V]:
        """Return the items in their order, in a new dict."""
        rows = sorted(self._items.items(), key=_number)
        return {key: value for key, (_, value) in rows}

    def __getitem__(self, key: K) -> V:
        return self._items[key][1]

    def __iter__(self) -> Iterator[K]:
        return iter(self._as_dict())

    def items(self) -> ItemsView[K, V]:
        """Return the items in their order."""
        return self._as_dict().items()

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, key: object) -> bool:
        return key in self._items

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Mapping):
            return NotImplemented
        if not isinstance(other, FrozenMap):
            return self._as_dict() == other
        # What both share is not looked into.
        one, two = self._items, other._items
        nothing = (0, _NONE)
        return all(
            one.get(key, nothing)[1] == two.get(key, nothing)[1]
            for key in one.differing(two)
        )

    def __hash__(self) -> int:
        return hash(frozenset(self.items()))

    def __repr__(self) -> str:
        return f"FrozenMap({self._as_dict()!r})"

    def __reduce__(self) -> tuple[object, ...]:
        return FrozenMap, (self._as_dict(),)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        msg = f"a FrozenMap cannot change: {name!r} is not set; use set() or without()"
        raise AttributeError(msg)

    def __delattr__(self, name: str) -> NoReturn:
        msg = f"a FrozenMap cannot change: {name!r} is not deleted; use without()"
        raise AttributeError(msg)


def _number(item: tuple[Any, tuple[int, Any]]) -> int:
    return item[1][0]


def _fill(
    found: FrozenMap[K, V], items: SharedMap[K, tuple[int, V]], number: int
) -> FrozenMap[K, V]:
    object.__setattr__(found, "_items", items)
    object.__setattr__(found, "_next", number)
    return found
