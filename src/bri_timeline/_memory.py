"""States folded before, so that a question costs only what lies after them."""

from __future__ import annotations

import copy
from collections import OrderedDict
from typing import Any, TypeVar

from bri_timeline._happenings import Resolution
from bri_timeline._order import Cut, Order
from bri_timeline._projection import Projection
from bri_timeline._trunk import Trunk


__all__ = ["MOST_STATES", "STRIDE", "Memory"]

S = TypeVar("S")
MOST_STATES = 1 << 18
_TrackKey = tuple[Projection[Any], frozenset[str], Cut]
STRIDE = 64
_LONGEST_STRIDE = 1 << 14


class Memory:
    """Orders of a trunk, and states folded along them, up to a number of states.

    A state is kept with the cut through knowledge under which it was folded, and with
    its place in fold order; never by when anything arrived. When there are too many,
    every second one is let go; then the tracks that were not asked for longest.

    Args:
        trunk: The entries.
        most: How many states to keep; 0 keeps none.
        every: After how many events to keep one.
    """

    __slots__ = ("_held", "_orders", "_stride", "_tracks", "every", "most", "trunk")

    def __init__(
        self, trunk: Trunk, most: int = MOST_STATES, every: int = STRIDE
    ) -> None:
        self.trunk = trunk
        self.most = most
        self.every = every
        self._orders: dict[frozenset[str], Order] = {}
        self._tracks: OrderedDict[_TrackKey, list[Any]] = OrderedDict()
        self._held = 0
        self._stride = every

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle the entries; states are folded anew."""
        return Memory, (self.trunk, self.most, self.every)

    def on(self, trunk: Trunk) -> Memory:
        """Return a memory of another trunk that keeps as much, or this if it is its."""
        return self if trunk is self.trunk else Memory(trunk, self.most, self.every)

    def resolution(self, parties: frozenset[str], cut: Cut) -> Resolution:
        """Return what counts under a cut, of the events that involve all *parties*."""
        with self.trunk.lock:
            order = self._order(parties)
            return order.resolution(order.normal(cut))

    def state(
        self, projection: Projection[S], parties: frozenset[str], cut: Cut, day: int
    ) -> S:
        """Return the certain state on a day."""
        with self.trunk.lock:
            order = self._order(parties)
            cut = order.normal(cut)
            stop = order.before(day)
            place, state = self._nearest(projection, parties, cut, order, stop)
            return order.fold_until(projection.evolve, state, place, stop, cut, day)

    # --- the parts that they share -------------------------------------------------

    def _order(self, parties: frozenset[str]) -> Order:
        """Return the order of events that involve all *parties*, up to date."""
        order = self._orders.get(parties)
        if order is None:
            order = Order(self.trunk, lambda event: event.parties >= parties)
            self._orders[parties] = order
        low = order.catch_up()
        if low is not None:
            self._forget(parties, low)
        return order

    def _nearest(
        self,
        projection: Projection[S],
        parties: frozenset[str],
        cut: Cut,
        order: Order,
        stop: int,
    ) -> tuple[int, S]:
        """Return the last kept place not after *stop*, and the state before it."""
        if not self.most:
            return 0, projection.initial()
        key = projection, parties, cut
        states = self._tracks.get(key)
        if states is None:
            states = self._tracks[key] = [projection.initial()]
            self._hold(key)
        self._tracks.move_to_end(key)
        while len(states) <= stop // self._stride:
            place = (len(states) - 1) * self._stride
            state = order.fold_to(
                projection.evolve, _mine(states[-1]), place, place + self._stride, cut
            )
            states.append(_mine(state))
            self._hold(key)
        place = stop // self._stride
        return place * self._stride, _mine(states[place])

    def _forget(self, parties: frozenset[str], low: int) -> None:
        """Drop the states after an index before which nothing changed."""
        for (_, others, _), states in self._tracks.items():
            if others == parties:
                kept = low // self._stride + 1
                self._held -= max(0, len(states) - kept)
                del states[kept:]

    def _hold(self, asked: _TrackKey) -> None:
        """Count one more state, and make room when there are too many."""
        self._held += 1
        if self._held <= self.most:
            return
        if self._stride < _LONGEST_STRIDE:
            self._stride *= 2
            for states in self._tracks.values():
                states[:] = states[::2]
            self._held = sum(map(len, self._tracks.values()))
        if self._held > self.most:
            for key in list(self._tracks):
                if key != asked and self._held > self.most // 2:
                    self._held -= len(self._tracks.pop(key))


def _mine(state: S) -> S:
    """Return a state that nobody else can change: itself if nobody can at all."""
    try:
        hash(state)
    except TypeError:
        return copy.deepcopy(state)
    return state
