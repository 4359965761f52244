"""An immutable mapping that shares its parts, for the states of projections."""

from __future__ import annotations

import math
from collections.abc import Callable, ItemsView, Iterable, Iterator, Mapping, ValuesView
from itertools import chain, compress
from operator import is_not, itemgetter
from types import MappingProxyType
from typing import Any, NoReturn, Protocol, TypeAlias, TypeVar, overload

from bri_timeline.edtf import Edtf
from bri_timeline.folds import FrozenList


K = TypeVar("K")
V = TypeVar("V")
T = TypeVar("T")
# The key, the value, what brought the key into the map, and a number that no other key
# of the map has.
_Entry: TypeAlias = tuple[K, V, "Dated | None", int]
# A node is a dict of few entries, or a tuple of nodes by the next bits of the hash.
_Node: TypeAlias = "dict[K, _Entry[K, V]] | tuple[_Node[K, V], ...]"
_BITS = 5
_WIDTH = 1 << _BITS
_MOST = 16
# Keys that have the same hash are never parted.
_DEEPEST = 12
_pair, _number, _first = itemgetter(0, 1), itemgetter(3), itemgetter(0)


class Dated(Protocol):
    """Something with a date, such as an event."""

    @property
    def when(self) -> Edtf:
        """The date."""


class FrozenMap(Mapping[K, V]):
    """An immutable mapping: `set` and `without` return another one.

    That one shares what it has in common with this one: to change a map of many keys
    copies few of them, and maps that differ in few keys are compared as fast.

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

    __slots__ = ("_count", "_is_dated", "_next", "_root")

    _count: int
    _is_dated: bool
    _next: int
    _root: _Node[K, V]

    def __init__(self, items: Mapping[K, V] | Iterable[tuple[K, V]] = ()) -> None:
        pairs = enumerate(dict(items).items())
        entries: dict[K, _Entry[K, V]] = {
            key: (key, value, None, number) for number, (key, value) in pairs
        }
        _fill(self, _parted(entries, 0), len(entries))

    def set(self, key: K, value: V) -> FrozenMap[K, V]:
        """Return a map with another value of *key*."""
        return self.brought(key, value, None)

    def brought(self, key: K, value: V, by: Dated | None) -> FrozenMap[K, V]:
        """Return a map with another value of *key*.

        Args:
            key: The key. One that is there keeps its place in the order of keys.
            value: The value.
            by: What brings a new key, in fold order.
        """
        old = self._entry(key)
        origin: tuple[Dated | None, int] = (by, self._next) if old is None else old[2:]
        entry = (key, value, *origin)
        return self._having(entry, is_new=old is None, is_dated=self._is_dated)

    def late(
        self,
        key: K,
        value: V,
        by: Dated,
        instead: Dated | None,
        after: Iterable[tuple[K, Dated]],
    ) -> FrozenMap[K, V]:
        """Return a map with another value of *key*, which was brought earlier.

        Args:
            key: The key. One that is there keeps its place, unless it comes later.
            value: The value.
            by: What brings a new key. In fold order its place is not the last.
            instead: What is to have brought nothing.
            after: What comes after it on the same days, in order, with its key.
        """
        old = self._entry(key)
        entry: _Entry[K, V] = (key, value, by, self._next)
        if old is not None and old[2] is not instead:
            is_later = any(dated is old[2] for _, dated in after)
            if not is_later and _place(old) < _place(entry):
                entry = (key, value, *old[2:])
        new_map = self._having(entry, is_new=old is None, is_dated=True)
        for other_key, dated in after:
            brought = new_map._entry(other_key)
            if brought is not None and brought[2] is dated:
                again: _Entry[K, V] = (*brought[:3], new_map._next)
                new_map = new_map._having(again, is_new=False, is_dated=True)
        return new_map

    def brought_by(self, key: K) -> Dated | None:
        """Return the event that brought a key of the map; None if it is not known."""
        entry = self._entry(key)
        return None if entry is None else entry[2]

    def _having(
        self, entry: _Entry[K, V], *, is_new: bool, is_dated: bool
    ) -> FrozenMap[K, V]:
        root = _with(self._root, hash(entry[0]), entry, 0)
        return _fill(
            FrozenMap.__new__(FrozenMap),
            root,
            self._count + is_new,
            self._next + 1,
            is_dated,
        )

    def without(self, key: K) -> FrozenMap[K, V]:
        """Return a map without *key*: this one, if it lacks the key already."""
        if self._entry(key) is None:
            return self
        root = _without(self._root, hash(key), key)
        return _fill(
            FrozenMap.__new__(FrozenMap),
            root,
            self._count - 1,
            self._next,
            self._is_dated,
        )

    def items(self) -> ItemsView[K, V]:
        """Return a view of the pairs of key and value, oldest key first."""
        return self._as_dict().items()

    def values(self) -> ValuesView[V]:
        """Return a view of the values, oldest key first."""
        return self._as_dict().values()

    def numbered(
        self, before: FrozenMap[K, V] | None, pairs: FrozenList[tuple[int, V]]
    ) -> FrozenList[tuple[int, V]]:
        """Return pairs of a number and a value, in ascending order: oldest key first.

        Args:
            before: Another map, if one is at hand.
            pairs: Its pairs: what this map shares with it is not looked at.
        """
        if self._is_dated:
            return FrozenList(enumerate(self.values()))
        if before is None or before._is_dated:
            entries = sorted(_entries(self._root), key=_number)
            return FrozenList((entry[3], entry[1]) for entry in entries)
        for _, value, _, number in _lacking(self._root, before._root):
            pairs = pairs.without((number, value), _first)
        for _, value, _, number in _lacking(before._root, self._root):
            pairs = pairs.inserted((number, value), _first)
        return pairs

    def _entry(self, key: object) -> _Entry[K, V] | None:
        node: Any = self._root
        if node.__class__ is tuple:
            bits = hash(key)
            while node.__class__ is tuple:
                node, bits = node[bits % _WIDTH], bits >> _BITS
        entry: _Entry[K, V] | None = node.get(key)
        return entry

    def in_any_order(self) -> dict[K, V]:
        """Return the items, without a look at any date."""
        return dict(map(_pair, _entries(self._root)))

    def _as_dict(self) -> dict[K, V]:
        """Return the items in their order, in a new dict."""
        # A date is read only if it decides: what asks for one may want to know that.
        key = _place if self._is_dated else _number
        return dict(map(_pair, sorted(_entries(self._root), key=key)))

    @overload
    def get(self, key: K, /) -> V | None: ...
    @overload
    def get(self, key: K, /, default: V | T) -> V | T: ...
    def get(self, key: K, /, default: Any = None) -> Any:
        """Return the value of a key, or the default if there is none."""
        entry = self._entry(key)
        return default if entry is None else entry[1]

    def __getitem__(self, key: K) -> V:
        entry = self._entry(key)
        if entry is None:
            raise KeyError(key)
        return entry[1]

    def __iter__(self) -> Iterator[K]:
        return iter(self._as_dict())

    def __len__(self) -> int:
        return self._count

    def __contains__(self, key: object) -> bool:
        return self._entry(key) is not None

    def __eq__(self, other: object) -> bool:
        if isinstance(other, FrozenMap):
            return len(self) == len(other) and _is_equal(self._root, other._root)
        if isinstance(other, Mapping):
            return self.in_any_order() == dict(other)
        return NotImplemented

    def __hash__(self) -> int:
        return hash(frozenset(self.in_any_order().items()))

    def __repr__(self) -> str:
        return f"FrozenMap({self._as_dict()!r})"

    def __reduce__(self) -> tuple[type[FrozenMap[K, V]], tuple[dict[K, V]]]:
        # The hash of a text, and so the node where it is, is another in each process.
        return FrozenMap, (self._as_dict(),)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        msg = f"a FrozenMap cannot change: {name!r} is not set; use set() or without()"
        raise AttributeError(msg)

    def __delattr__(self, name: str) -> NoReturn:
        msg = f"a FrozenMap cannot change: {name!r} is not deleted; use without()"
        raise AttributeError(msg)


def _place(entry: _Entry[Any, Any]) -> tuple[float, float, int]:
    """Return the place of a key in fold order: that of the event that brought it."""
    by, number = entry[2:]
    if by is None:
        return math.inf, math.inf, number
    return by.when.latest_start, by.when.earliest_start, number


def _fill(
    found: FrozenMap[K, V],
    root: _Node[K, V],
    count: int,
    number: int | None = None,
    is_dated: bool = False,
) -> FrozenMap[K, V]:
    object.__setattr__(found, "_root", root)
    object.__setattr__(found, "_count", count)
    object.__setattr__(found, "_next", count if number is None else number)
    object.__setattr__(found, "_is_dated", is_dated)
    return found


def _with(node: _Node[K, V], bits: int, entry: _Entry[K, V], depth: int) -> _Node[K, V]:
    """Return a node with an entry, instead of that of the same key."""
    if isinstance(node, tuple):
        place = bits % _WIDTH
        changed = _with(node[place], bits >> _BITS, entry, depth + 1)
        return *node[:place], changed, *node[place + 1 :]
    return _parted({**node, entry[0]: entry}, depth)


def _without(node: _Node[K, V], bits: int, key: K) -> _Node[K, V]:
    """Return a node without the entry of a key, which it has."""
    if isinstance(node, tuple):
        place = bits % _WIDTH
        changed = _without(node[place], bits >> _BITS, key)
        return *node[:place], changed, *node[place + 1 :]
    entries = node.copy()
    del entries[key]
    return entries


def _parted(entries: dict[K, _Entry[K, V]], depth: int) -> _Node[K, V]:
    """Return entries as a node: as they are, if they are few."""
    if len(entries) <= _MOST or depth == _DEEPEST:
        return entries
    parts: list[dict[K, _Entry[K, V]]] = [{} for _ in range(_WIDTH)]
    for key, entry in entries.items():
        parts[(hash(key) >> _BITS * depth) % _WIDTH][key] = entry
    return tuple(_parted(part, depth + 1) for part in parts)


def _entries(node: _Node[K, V]) -> Iterator[_Entry[K, V]]:
    if isinstance(node, tuple):
        return chain.from_iterable(map(_entries, node))
    return iter(node.values())


def _lacking(one: _Node[K, V], other: _Node[K, V]) -> Iterator[_Entry[K, V]]:
    """Yield the entries of another node that a node at the same place lacks."""
    if isinstance(one, tuple) and isinstance(other, tuple):
        for pair in compress(zip(one, other, strict=True), map(is_not, one, other)):
            yield from _lacking(*pair)
        return
    own = {entry[0]: entry for entry in _entries(one)}
    for entry in _entries(other):
        if own.get(entry[0]) is not entry:
            yield entry


def _is_equal(one: _Node[K, V], other: _Node[K, V]) -> bool:
    """Check whether two nodes at the same place have the same items."""
    if one is other:
        return True
    if isinstance(one, tuple) and isinstance(other, tuple):
        return all(map(_is_equal, one, other))
    left, right = dict(map(_pair, _entries(one))), dict(map(_pair, _entries(other)))
    return left == right


class _Layers(FrozenMap[K, V]):
    """Several maps as one, copied only when all items are asked for.

    Args:
        top: Looked up first: it has every key that several of the others have.
        others: The maps.
        gone: Keys that are left out, whatever the maps have.
    """

    __slots__ = ("_gone", "_layers")

    _gone: frozenset[K]
    _layers: tuple[FrozenMap[K, V], ...]

    def __init__(
        self,
        top: FrozenMap[K, V],
        others: tuple[FrozenMap[K, V], ...],
        gone: frozenset[K],
    ) -> None:
        object.__setattr__(self, "_layers", (top, *others))
        object.__setattr__(self, "_gone", gone)

    def __getattr__(self, name: str) -> Any:
        """Return a part of the map of all items, which is made at the first use."""
        # Called only while that slot is empty, so that every method that is not
        # overridden below works on the merged items.
        if name not in FrozenMap.__slots__:
            raise AttributeError(name)
        items: dict[K, V] = {}
        for layer in reversed(self._layers):
            items.update(layer.items())
        for key in self._gone:
            items.pop(key, None)
        FrozenMap.__init__(self, items)
        return getattr(self, name)

    def __getitem__(self, key: K) -> V:
        if key not in self._gone:
            for layer in self._layers:
                if key in layer:
                    return layer[key]
        raise KeyError(key)

    def get(self, key: K, /, default: Any = None) -> Any:
        """Return the value of a key, or the default if there is none."""
        try:
            return self[key]
        except KeyError:
            return default

    def __contains__(self, key: object) -> bool:
        return key not in self._gone and any(key in layer for layer in self._layers)

    def __len__(self) -> int:
        # A key of several layers is in *top* too, so each repetition is found there.
        top, *rest = self._layers
        again = sum(key in layer for key in top for layer in rest)
        gone = sum(key in layer for key in self._gone for layer in rest)
        return sum(map(len, self._layers)) - again - gone


def layered(
    maps: Iterable[FrozenMap[K, V]],
    later: Callable[[V, V], V],
    others: Mapping[K, V | None] = MappingProxyType({}),
) -> FrozenMap[K, V]:
    """Return several maps as one, without copying them.

    Args:
        maps: The maps; few of their keys are in several of them.
        later: Returns the one of two values of a key that counts.
        others: Values to take instead of these; None leaves the key out.
    """
    layers = [layer for layer in maps if layer]
    if len(layers) < 2 and not others:
        return layers[0] if layers else FrozenMap()
    top: dict[K, V] = {}
    for number, layer in enumerate(layers):
        for earlier_layer in layers[:number]:
            small, large = sorted((layer, earlier_layer), key=len)
            for key in small:
                if key in large:
                    later_value = later(small[key], large[key])
                    top[key] = (
                        later(top[key], later_value) if key in top else later_value
                    )
    # *top* decides the keys of several maps; for all others the order does not matter.
    top.update((key, value) for key, value in others.items() if value is not None)
    gone = frozenset(key for key, value in others.items() if value is None)
    for key in gone:
        top.pop(key, None)
    return _Layers(FrozenMap(top), tuple(layers), gone)
