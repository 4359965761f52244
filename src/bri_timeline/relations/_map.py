"""A mapping that cannot change, for states that are folded."""

from __future__ import annotations

from collections.abc import Callable, ItemsView, Iterable, Iterator, Mapping, ValuesView
from typing import NoReturn, TypeVar


__all__ = [
    "FrozenMap",
    "layered",
]


K = TypeVar("K")
V = TypeVar("V")


class FrozenMap(Mapping[K, V]):
    """A mapping that cannot change: `set` and `without` return another one.

    It equals any mapping with the same items, whatever their order, and has a hash
    where its values have one.

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
        """Return a table in which *key* has that value; the others stay as they are."""
        return _owning({**self._items, key: value})

    def without(self, key: K) -> FrozenMap[K, V]:
        """Return a table that lacks *key*: this one, if it lacks it already."""
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
        msg = f"a table cannot change: {name!r} was not set; use set() or without()"
        raise AttributeError(msg)

    def __delattr__(self, name: str) -> NoReturn:
        msg = f"a table cannot change: {name!r} was not deleted; use without()"
        raise AttributeError(msg)


def _owning(items: dict[K, V]) -> FrozenMap[K, V]:
    """Return a table around a dict that nobody else holds, without copying it."""
    table: FrozenMap[K, V] = FrozenMap.__new__(FrozenMap)
    object.__setattr__(table, "_items", items)
    return table


class _Layers(FrozenMap[K, V]):
    """Tables that are read as one, and copied only where that is needed.

    Args:
        top: What is read first: every key that several of the others have.
        others: The tables.
    """

    __slots__ = ("_layers",)

    _layers: tuple[FrozenMap[K, V], ...]

    def __init__(
        self, top: FrozenMap[K, V], others: tuple[FrozenMap[K, V], ...]
    ) -> None:
        object.__setattr__(self, "_layers", (top, *others))

    def __getattr__(self, name: str) -> dict[K, V]:
        """Return what it holds as one, when that is first asked for."""
        if name != "_items":
            raise AttributeError(name)
        items: dict[K, V] = {}
        for layer in reversed(self._layers):
            items.update(layer)
        object.__setattr__(self, "_items", items)
        return items

    def __getitem__(self, key: K) -> V:
        for layer in self._layers:
            if key in layer:
                return layer[key]
        raise KeyError(key)

    def __contains__(self, key: object) -> bool:
        return any(key in layer for layer in self._layers)

    def __len__(self) -> int:
        top, *others = self._layers
        again = sum(key in layer for key in top for layer in others)
        return sum(map(len, self._layers)) - again


def layered(
    tables: Iterable[FrozenMap[K, V]], later: Callable[[V, V], V]
) -> FrozenMap[K, V]:
    """Return tables as one, without copying them.

    Args:
        tables: The tables; few of their keys are in several of them.
        later: Returns which of two values of one key counts.
    """
    some = [table for table in tables if table]
    if len(some) < 2:
        return some[0] if some else FrozenMap()
    top: dict[K, V] = {}
    for number, one in enumerate(some):
        for other in some[:number]:
            small, large = sorted((one, other), key=len)
            for key in small:
                if key in large:
                    found = later(small[key], large[key])
                    top[key] = later(top[key], found) if key in top else found
    return _Layers(FrozenMap(top), tuple(some))
