"""An immutable sequence that shares its parts, for the states of projections."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from operator import is_not, ne
from typing import Any, NoReturn, SupportsIndex, TypeVar, overload


T = TypeVar("T")
_Nodes = tuple[tuple[tuple[T, ...], ...], ...]
# The most items of a node, and the most nodes of items in one of the next row. The last
# row has as many as there are.
_MOST = 32
_ROOM = 24


class FrozenList(Sequence[T]):
    """An immutable sequence that shares what it has in common with others.

    It is what a tuple is: it equals a tuple of the same items, has its hash and its
    text, and a slice or a sum is a tuple. To insert an item copies few of many.

    >>> FrozenList("ab")
    ('a', 'b')
    >>> FrozenList("ab") == ("a", "b"), FrozenList("ab")[1:]
    (True, ('b',))

    Args:
        items: The items, in their order.
    """

    __slots__ = ("_count", "_nodes")
    _is_hashable = True  # to hash all items would take longer than to insert one

    _count: int
    _nodes: _Nodes[T]

    def __init__(self, items: Iterable[T] = ()) -> None:
        elements = tuple(items)
        _fill(self, _cut(_cut(elements)), len(elements))

    def inserted(self, item: T, key: Callable[[T], Any]) -> FrozenList[T]:
        """Return a sequence with an item more, after those with a key as high.

        Args:
            item: The item.
            key: Returns the key of an item, by which they are in order.
        """
        value, nodes = key(item), self._nodes
        if not nodes:
            return FrozenList((item,))
        if key(nodes[-1][-1][-1]) <= value:
            above, row, place = len(nodes) - 1, len(nodes[-1]) - 1, len(nodes[-1][-1])
        else:
            above = bisect_right(nodes, value, key=lambda one: key(one[-1][-1]))
            row = bisect_right(nodes[above], value, key=lambda one: key(one[-1]))
            place = bisect_right(nodes[above][row], value, key=key)
        items = nodes[above][row]
        return self._replaced(above, row, (*items[:place], item, *items[place:]), 1)

    def without(self, item: T, key: Callable[[T], Any]) -> FrozenList[T]:
        """Return a sequence without an item that is there.

        Args:
            item: The item.
            key: Returns the key of an item, by which they are in order.
        """
        value, nodes = key(item), self._nodes
        above = bisect_left(nodes, value, key=lambda one: key(one[-1][-1]))
        row = bisect_left(nodes[above], value, key=lambda one: key(one[-1]))
        items = nodes[above][row]
        place = bisect_left(items, value, key=key)
        return self._replaced(above, row, items[:place] + items[place + 1 :], -1)

    def edit(self, before: FrozenList[T]) -> tuple[int, int, tuple[T, ...]]:
        """Return what makes another list this one: what they share is not looked into.

        Args:
            before: The other list.

        Returns:
            The place of the first item that differs, how many items go there, and those
            that come instead.
        """
        start = 0
        old: tuple[Any, ...] = before._nodes
        new: tuple[Any, ...] = self._nodes
        for size in _size, len:
            shared, old, new = _parted(old, new, is_not)
            start += sum(map(size, shared))
            old, new = map(tuple, map(chain.from_iterable, (old, new)))
        shared, old, new = _parted(old, new, ne)
        return start + len(shared), len(old), new

    def _replaced(
        self, above: int, row: int, items: tuple[T, ...], more: int
    ) -> FrozenList[T]:
        """Return a sequence with other items in a node, which is cut if it is long."""
        nodes = self._nodes
        rows = _spliced(nodes[above], row, _cut(items))
        return _of_nodes(_spliced(nodes, above, _cut(rows)), self._count + more)

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[T]:
        return chain.from_iterable(chain.from_iterable(self._nodes))

    def __reversed__(self) -> Iterator[T]:
        return reversed(tuple(self))

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[T, ...]: ...
    def __getitem__(self, index: Any) -> Any:
        if not isinstance(index, SupportsIndex):
            return tuple(self)[index]
        place, rows = range(self._count)[index], chain.from_iterable(self._nodes)
        while place >= len(items := next(rows)):
            place -= len(items)
        return items[place]

    def __add__(self, other: Iterable[T]) -> tuple[T, ...]:
        return (*self, *other)

    def __radd__(self, other: Iterable[T]) -> tuple[T, ...]:
        return (*other, *self)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, FrozenList | tuple):
            return NotImplemented
        if len(self) != len(other):
            return False
        # Most that are compared share most nodes, and these are not looked into.
        is_alike = isinstance(other, FrozenList) and self._nodes == other._nodes
        return is_alike or tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return repr(tuple(self))

    def __reduce__(self) -> tuple[object, ...]:
        # Nodes, so that what several share is written once.
        return _of_nodes, (self._nodes, self._count)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        msg = f"a FrozenList cannot change: {name!r} is not set"
        raise AttributeError(msg)

    def __delattr__(self, name: str) -> NoReturn:
        msg = f"a FrozenList cannot change: {name!r} is not deleted"
        raise AttributeError(msg)


def _cut(items: tuple[T, ...]) -> tuple[tuple[T, ...], ...]:
    """Return items as nodes, with room for more if they are several."""
    if len(items) <= _MOST:
        return (items,) if items else ()
    return tuple(items[start : start + _ROOM] for start in range(0, len(items), _ROOM))


def _parted(
    old: tuple[Any, ...], new: tuple[Any, ...], differ: Callable[[Any, Any], bool]
) -> tuple[tuple[Any, ...], ...]:
    """Return what two nodes begin with alike, and the rest of both but for the end."""
    first = _alike(map(differ, old, new))
    rest = old[first:], new[first:]
    last = _alike(map(differ, *map(reversed, rest)))
    return old[:first], *(nodes[: len(nodes) - last] for nodes in rest)


def _alike(differ: Iterable[bool]) -> int:
    """Return how many of some pairs come before one that differs."""
    found = [*differ]
    return found.index(True) if True in found else len(found)


def _size(nodes: tuple[tuple[object, ...], ...]) -> int:
    return sum(map(len, nodes))


def _spliced(nodes: tuple[T, ...], place: int, instead: tuple[T, ...]) -> tuple[T, ...]:
    """Return nodes with others instead of one."""
    return *nodes[:place], *instead, *nodes[place + 1 :]


def _fill(found: FrozenList[T], nodes: _Nodes[T], count: int) -> None:
    object.__setattr__(found, "_nodes", nodes)
    object.__setattr__(found, "_count", count)


def _of_nodes(nodes: _Nodes[T], count: int) -> FrozenList[T]:
    new_list: FrozenList[T] = FrozenList.__new__(FrozenList)
    _fill(new_list, nodes, count)
    return new_list
