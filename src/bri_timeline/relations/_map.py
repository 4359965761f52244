"""An immutable mapping, for the states of projections."""

from __future__ import annotations

from collections.abc import Callable, ItemsView, Iterable, Iterator, Mapping, ValuesView
from types import MappingProxyType
from typing import NoReturn, TypeVar


__all__ = [
    "FrozenMap",
    "layered",
]


K = TypeVar("K")
V = TypeVar("V")


class FrozenMap(Mapping[K, V]):
    """An immutable mapping: `set` and `without` return another one.

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

    __slots__ = ("_items",)

    _items: dict[K, V]

    def __init__(self, items: Mapping[K, V] | Iterable[tuple[K, V]] = ()) -> None:
        object.__setattr__(self, "_items", dict(items))

    def set(self, key: K, value: V) -> FrozenMap[K, V]:
        """Return a map with another value of *key*."""
        return _owning({**self._items, key: value})

    def without(self, key: K) -> FrozenMap[K, V]:
        """Return a map without *key*: this one, if it lacks the key already."""
        if key not in self._items:
            return self
        items = self._items.copy()
        del items[key]
        return _owning(items)

    def items(self) -> ItemsView[K, V]:
        """Return a view of the pairs of key and value, oldest key first."""
        return self._items.items()

    def values(self) -> ValuesView[V]:
        """Return a view of the values, oldest key first."""
        return self._items.values()

    def __getitem__(self, key: K) -> V:
        return self._items[key]

    def __iter__(self) -> Iterator[K]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, key: object) -> bool:
        return key in self._items

    def __eq__(self, other: object) -> bool:
        if isinstance(other, FrozenMap):
            return self._items == other._items
        if isinstance(other, Mapping):
            return self._items == dict(other)
        return NotImplemented

    def __hash__(self) -> int:
        return hash(frozenset(self._items.items()))

    def __repr__(self) -> str:
        return f"FrozenMap({self._items!r})"

    def __reduce__(self) -> tuple[type[FrozenMap[K, V]], tuple[dict[K, V]]]:
        return FrozenMap, (self._items.copy(),)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        msg = f"a FrozenMap cannot change: {name!r} is not set; use set() or without()"
        raise AttributeError(msg)

    def __delattr__(self, name: str) -> NoReturn:
        msg = f"a FrozenMap cannot change: {name!r} is not deleted; use without()"
        raise AttributeError(msg)


def _owning(items: dict[K, V]) -> FrozenMap[K, V]:
    """Return a map around a dict that has no other owner, without copying it."""
    found: FrozenMap[K, V] = FrozenMap.__new__(FrozenMap)
    object.__setattr__(found, "_items", items)
    return found


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

    def __getattr__(self, name: str) -> dict[K, V]:
        """Return all items as one dict, which is made at the first use."""
        # Called only while the slot `_items` is empty, so that every method that is not
        # overridden below works on the merged items.
        if name != "_items":
            raise AttributeError(name)
        items: dict[K, V] = {}
        for layer in reversed(self._layers):
            items.update(layer)
        for key in self._gone:
            items.pop(key, None)
        object.__setattr__(self, "_items", items)
        return items

    def __getitem__(self, key: K) -> V:
        if key not in self._gone:
            for layer in self._layers:
                if key in layer:
                    return layer[key]
        raise KeyError(key)

    def __contains__(self, key: object) -> bool:
        return key not in self._gone and any(key in layer for layer in self._layers)

    def __len__(self) -> int:
        # A key of several layers is in *top* too, so each repetition is found there.
        top, *others = self._layers
        again = sum(key in layer for key in top for layer in others)
        gone = sum(key in layer for key in self._gone for layer in others)
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
    some = [one for one in maps if one]
    if len(some) < 2 and not others:
        return some[0] if some else FrozenMap()
    top: dict[K, V] = {}
    for number, one in enumerate(some):
        for other in some[:number]:
            small, large = sorted((one, other), key=len)
            for key in small:
                if key in large:
                    found = later(small[key], large[key])
                    top[key] = later(top[key], found) if key in top else found
    # *top* decides the keys of several maps; for all others the order does not matter.
    top.update((key, value) for key, value in others.items() if value is not None)
    gone = frozenset(key for key, value in others.items() if value is None)
    for key in gone:
        top.pop(key, None)
    return _Layers(FrozenMap(top), tuple(some), gone)
