"""A row of which little is at hand."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from typing import Generic, TypeVar, overload


__all__ = ["Gapped"]

T = TypeVar("T")


class Gapped(Generic[T]):
    """A list of which most is missing, and takes no memory.

    It does what the lists of `Entries` do, no more.

    Args:
        missing: What is read where nothing was put.
    """

    __slots__ = ("_held", "_missing", "_places", "_size")

    def __init__(self, missing: T) -> None:
        self._missing = missing
        self._held: dict[int, T] = {}
        self._places: list[int] = []
        self._size = 0

    def __len__(self) -> int:
        return self._size

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> list[T]: ...
    def __getitem__(self, index: int | slice) -> T | list[T]:
        """Return what stands at a place, or a list for a slice."""
        get, missing = self._held.get, self._missing
        if isinstance(index, slice):
            return [get(place, missing) for place in range(self._size)[index]]
        return get(range(self._size)[index], missing)

    def append(self, item: T) -> None:
        """Put something at the end."""
        self._held[self._size] = item
        self._places.append(self._size)
        self._size += 1

    def extend(self, items: Iterable[T]) -> None:
        """Put things at the end."""
        for item in items:
            self.append(item)

    def skip(self, count: int) -> None:
        """Leave so many places empty."""
        self._size += count

    def places(self, start: int) -> list[int]:
        """Return the places from one on at which there is something."""
        return self._places[bisect_left(self._places, start) :]
