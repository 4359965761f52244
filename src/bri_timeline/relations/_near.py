"""Windows of days that lie near others, and sequences made when they are asked for."""

from __future__ import annotations

import math
from abc import abstractmethod
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate, chain, islice
from typing import TypeVar, overload


T = TypeVar("T")
Window = tuple[float, float]
_SHOWN = 3


class OnDemand(Sequence[T]):
    """A sequence in rows, of which the items are made when they are asked for.

    It equals the tuple of its items.
    """

    __slots__ = ("_ends", "_last")

    def __init__(self) -> None:
        # How many items there are until the end of each row, once that was asked for.
        self._ends: list[int] = []
        self._last: tuple[int, Sequence[T]] = -1, ()

    @abstractmethod
    def _rows(self) -> int:
        """Return the number of rows."""

    @abstractmethod
    def _count(self, row: int) -> int:
        """Return the number of items in a row."""

    @abstractmethod
    def _items(self, row: int) -> Sequence[T]:
        """Return the items of a row."""

    def __iter__(self) -> Iterator[T]:
        return chain.from_iterable(map(self._items, range(self._rows())))

    def __len__(self) -> int:
        if not self._ends:
            self._ends = [*accumulate(map(self._count, range(self._rows())), initial=0)]
        return self._ends[-1]

    @overload
    def __getitem__(self, index: int) -> T: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[T, ...]: ...

    def __getitem__(self, index: int | slice) -> T | tuple[T, ...]:
        places = range(len(self))[index]
        if isinstance(places, range):
            return tuple(map(self._at, places))
        return self._at(places)

    def _at(self, place: int) -> T:
        row = bisect_right(self._ends, place) - 1
        last, items = self._last
        if last != row:
            items = self._items(row)
            self._last = row, items
        return items[place - self._ends[row]]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, OnDemand | tuple):
            return NotImplemented
        return len(self) == len(other) and all(
            item == counterpart for item, counterpart in zip(self, other, strict=True)
        )

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        shown, more = [*map(repr, islice(self, _SHOWN))], len(self) - _SHOWN
        if more > 0:
            shown.append(f"and {more:,} more")
        return f"<{', '.join(shown)}>"


class Nearby:
    """Windows, found by those that lie at most so many days from another.

    Of windows that are about as long, those that can reach a day begin within one
    range. So what is looked at is what is found, or a little more.

    Args:
        windows: The windows.
        days: How many days may lie between two that are near.
    """

    __slots__ = ("_begun", "_by_length", "_days", "_windows")

    def __init__(self, windows: Sequence[Window], days: int) -> None:
        self._windows = windows
        self._days = days
        # By a power of two that exceeds the length: the first days, and the places.
        self._by_length: dict[float, tuple[list[float], list[int]]] = {}
        order = sorted(range(len(windows)), key=windows.__getitem__)
        for place in order:
            first, last = windows[place]
            if first > -math.inf:
                length = last - first
                power = 1 << int(length).bit_length() if length < math.inf else length
                firsts, places = self._by_length.setdefault(power, ([], []))
                firsts.append(first)
                places.append(place)
        # Those that have no first day come first, in the order of the last.
        begun = [place for place in order if windows[place][0] == -math.inf]
        self._begun = [windows[place][1] for place in begun], begun

    def of(self, window: Window) -> Iterator[int]:
        """Yield the places of the windows that are near another."""
        begin, end = window[0] - self._days, window[1] + self._days
        for power, (firsts, places) in self._by_length.items():
            start = bisect_left(firsts, begin - power)
            for index in range(start, bisect_right(firsts, end)):
                place = places[index]
                if self._windows[place][1] >= begin:
                    yield place
        lasts, places = self._begun
        yield from islice(places, bisect_left(lasts, begin), None)
