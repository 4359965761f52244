"""The values of a selection that reads no more of a state than sizes.

How many visits there were does not depend on their order. So the orders of undecided
events are not tried, but only how many of them happened.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from itertools import product
from math import prod
from typing import Any, NoReturn, Protocol, TypeVar

from bri_timeline._events import Event
from bri_timeline._projection import Projection
from bri_timeline._queries.values import Distinct, Outcomes


S = TypeVar("S")
V = TypeVar("V")
_MOST_CLASSES = 1 << 6
# Values that hold nothing of the state that they were read from.
_PLAIN = frozenset({bool, int, float, str, Decimal, Fraction, type(None)})
_Vector = tuple[int | None, ...]


class Sizes(Protocol):
    """A function of a projection whose states have attributes that only grow.

    Attributes:
        sized: The names of these attributes: numbers, and sequences of events.
    """

    sized: tuple[str, ...]

    def sizes(self, state: Any, event: Event) -> Mapping[str, int | None]:
        """Return how much an event adds to each, in whatever order they come.

        Args:
            state: The certain state.
            event: It may have happened as well.

        Returns:
            The number of each attribute that it adds to; None where that depends on
            other events that may have happened.
        """


def sized(
    projection: Projection[S],
    of: Callable[[S], V] | None,
    state: Callable[[], S],
    undecided: Callable[[], Iterable[Event]],
    limit: int,
) -> Outcomes[V] | None:
    """Return all values of a selection from sizes.

    Args:
        projection: The state to fold.
        of: Selects a value from a state.
        state: Returns the certain state.
        undecided: Returns the events that may have happened.
        limit: The most calls of *of*.

    Returns:
        The outcomes; None if only trying orders can tell.
    """
    evolve: Any = projection.evolve
    if of is None or not hasattr(evolve, "sized"):
        return None
    read = _Reading(state(), evolve)
    # Which sizes it reads may depend on those that it has read.
    before: tuple[str, ...] | None = None
    all_outcomes: Outcomes[V] | None = None
    while before != read.names:
        before = read.names
        all_outcomes = _found(read, of, undecided(), limit)
        if all_outcomes is None:
            return None
    return all_outcomes


def _found(
    read: _Reading, of: Callable[[Any], V], undecided: Iterable[Event], limit: int
) -> Outcomes[V] | None:
    """Return the values by the sizes that were read so far."""
    copies = Counter(map(read.added, undecided))
    copies.pop((0,) * len(read.names), None)
    if any(None in vector for vector in copies):
        return None
    if prod(count + 1 for count in copies.values()) > limit:
        return None
    values: Distinct[V] = Distinct()
    for more in _sums(read.names, copies):
        try:
            value = of(read.state(more))
        except Exception:
            # It read more, or it fails: then some order of events will say so.
            return None
        if read.is_more or not _is_plain(value):
            return None
        values.add(value)
    return Outcomes(tuple(values.items), complete=True)


def _sums(
    names: tuple[str, ...], copies: Mapping[_Vector, int]
) -> Iterator[dict[str, int]]:
    """Yield what any number of copies add to each size, beginning with none."""
    for counts in product(*(range(count + 1) for count in copies.values())):
        pairs = [*zip(counts, copies, strict=True)]
        yield {
            name: sum(count * (vector[place] or 0) for count, vector in pairs)
            for place, name in enumerate(names)
        }


def _is_plain(value: object) -> bool:
    if type(value) is tuple:
        return all(map(_is_plain, value))
    return type(value) in _PLAIN


class _MoreReadError(Exception):
    """A selection reads a part of a state that is not a size."""


class _Reading:
    """A state of which no more than sizes can be read.

    Args:
        certain: The certain state.
        sizes: Has the names of its sizes.

    Attributes:
        names: Those that were read so far.
        is_more: Something else was read.
    """

    def __init__(self, certain: Any, sizes: Sizes) -> None:
        self.names: tuple[str, ...] = ()
        self.is_more = False
        self._certain = certain
        self._sizes = sizes
        self._more: Mapping[str, int] = {}

    def added(self, event: Event) -> _Vector:
        """Return how much an event adds to each size that was read."""
        sizes = self._sizes.sizes(self._certain, event)
        return tuple(sizes.get(name, 0) for name in self.names)

    def state(self, more: Mapping[str, int]) -> Any:
        """Return a state whose sizes are greater than those of the certain one."""
        self._more = more
        return _watched(_watching(type(self._certain)), self)

    def part(self, name: str) -> Any:
        """Return an attribute of the state: a number, or events not to be looked at.

        Raises:
            _MoreReadError: It is not a size.
        """
        if name not in self._sizes.sized:
            self.refuse()
        if name not in self.names:
            self.names = (*self.names, name)
        part, more = getattr(self._certain, name), self._more.get(name, 0)
        if isinstance(part, int):
            return part + more
        return _Unread(self, len(part) + more)

    def refuse(self) -> NoReturn:
        """Note that something is read that is not a size.

        Raises:
            _MoreReadError: Always.
        """
        self.is_more = True
        raise _MoreReadError


def _watched(cls: type, reading: _Reading) -> Any:
    """Return an instance of a class that passes on what is read of it."""
    made: Any = object.__new__(cls)
    object.__setattr__(made, "_reading", reading)
    return made


def _read(self: object, name: str) -> Any:
    reading: _Reading = object.__getattribute__(self, "_reading")
    return reading.part(name)


def _watching_class(cls: type) -> type:
    """Return a class like another one, of whose instances all reading is noted."""
    return type(cls.__name__, (cls,), {"__getattribute__": _read})


_watching: Callable[[type], type] = lru_cache(_MOST_CLASSES)(_watching_class)


class _Unread(Sequence[NoReturn]):
    """Events that have a number, and at which nobody can look.

    They have no identity either: `is` and `in` would compare one with another.
    """

    def __init__(self, reading: _Reading, count: int) -> None:
        self._reading = reading
        self._count = count

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: object) -> NoReturn:
        self._reading.refuse()

    def __eq__(self, other: object) -> NoReturn:
        self._reading.refuse()

    def __hash__(self) -> int:
        self._reading.refuse()

    def __repr__(self) -> str:
        self._reading.refuse()
