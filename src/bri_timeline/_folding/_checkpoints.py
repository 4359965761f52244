"""States along a course, one every so many events."""

from __future__ import annotations

import copy
import math
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from itertools import chain
from typing import Any, Generic, TypeVar

from bri_timeline._concern import Rule
from bri_timeline._events import Event
from bri_timeline._folding._clusters import missing
from bri_timeline._folding._concerned import Affairs, Folds
from bri_timeline._folding._order import FoldOrder
from bri_timeline._folding._sequence import EventSequence
from bri_timeline._journal import Journal, Wanted
from bri_timeline._projection import Projection
from bri_timeline._resolution import Basis, Happening


__all__ = [
    "LAST_DAY",
    "MOST_STATES",
    "STRIDE",
    "By",
    "CachedOrder",
    "Checkpoints",
    "FoldCache",
    "Groups",
    "KeptCheckpoints",
    "neighbours",
    "private_copy",
]


S = TypeVar("S")


class Checkpoints(Generic[S]):
    """The states of one projection along one course, from its beginning.

    Attributes:
        states: The state before the event at each place: they are never given away.
        stride: From each place to the next, in events that stand alone.
    """

    __slots__ = ("states", "stride")

    def __init__(self, states: list[S], stride: int) -> None:
        self.states = states
        self.stride = stride

    @property
    def end(self) -> int:
        """The place at which the next state would be kept."""
        return len(self.states) * self.stride

    def until(self, index: int) -> Checkpoints[S]:
        """Return a copy of what lies no later than an index."""
        return Checkpoints(self.states[: index // self.stride + 1], self.stride)

    def forget(self, index: int) -> None:
        """Let go of what lies after an index."""
        del self.states[index // self.stride + 1 :]

    def thin(self) -> None:
        """Let every second state go."""
        self.states = self.states[::2]
        self.stride *= 2

    def nearest(self, index: int) -> tuple[int, S]:
        """Return the last place not after an index, and the state before it."""
        place = min(index // self.stride, len(self.states) - 1)
        return place * self.stride, private_copy(self.states[place])

    def advance(
        self, projection: Projection[S], sequence: EventSequence, stop: int
    ) -> None:
        """Fold on to an index, keeping states."""
        first = (len(self.states) - 1) * self.stride
        places = range(first, stop - self.stride + 1, self.stride)
        found = sequence.states(
            projection.evolve, private_copy(self.states[-1]), places
        )
        self.states.extend(map(private_copy, found))


def private_copy(state: S) -> S:
    """Return a state that nobody else can change: itself if nobody can at all."""
    try:
        hash(state)
    except TypeError:
        return copy.deepcopy(state)
    return state


K = TypeVar("K", bound=Hashable)
By = Callable[[Event], Iterable[K]]
Groups = dict[K, tuple[list[float], list[Event]]]
KeptCheckpoints = OrderedDict[tuple[Projection[Any], Basis], Checkpoints[Any]]
LAST_DAY = 10**30
_MOST_GROUPS = 2


class CachedOrder:
    """An order, and what is kept along it.

    Attributes:
        order: The order.
        tracks: States, by projection and cut.
        beliefs: States further apart, likewise: of questions about many cuts at once.
        groups: Events and the days on which they are certain by key; these by what
            gives the keys and by cut.
    """

    __slots__ = ("beliefs", "groups", "kept", "order")

    def __init__(self, order: FoldOrder) -> None:
        self.order = order
        self.groups: dict[tuple[By[Any], Basis], Groups[Any]] = {}
        self.kept: KeptCheckpoints = OrderedDict()
        self.beliefs: KeptCheckpoints = OrderedDict()

    @property
    def held(self) -> int:
        """How many states are kept."""
        return sum(len(checkpoints.states) for checkpoints in self._all())

    def catch_up(self) -> int:
        """Bring the order up to date; return how many states no longer hold."""
        low = self.order.catch_up()
        if low is None:
            return 0
        self.groups.clear()
        before = self.held
        for checkpoints in self._all():
            checkpoints.forget(low)
        return before - self.held

    def _all(self) -> Iterable[Checkpoints[Any]]:
        return chain(self.kept.values(), self.beliefs.values())

    def grouped(self, by: By[K], basis: Basis, *, keep: bool) -> Groups[K]:
        """Return all events by key, each list in fold order.

        Args:
            by: Returns the keys of an event.
            cut: What counts as known.
            keep: Keep them, as the last few groups are kept.
        """
        sequence = self.order.under(basis)
        found: Groups[K] | None = self.groups.get((by, sequence.basis))
        if found is None:
            found = {}
            for event in sequence.certain(LAST_DAY):
                for key in by(event):
                    if key not in found:
                        found[key] = [], []
                    lasts, events = found[key]
                    lasts.append(event.when.latest_start)
                    events.append(event)
            if len(self.groups) >= _MOST_GROUPS:
                del self.groups[next(iter(self.groups))]
            if keep:
                self.groups[by, sequence.basis] = found
        return found


def neighbours(bases: list[Basis], basis: Basis) -> list[Basis]:
    """Return those of some cuts that are likely to go the same way as *cut*."""
    alike = [other for other in bases if other.prefer is basis.prefer]
    below = [other for other in alike if other.known_by <= basis.known_by]
    above = [other for other in alike if other.known_by >= basis.known_by]
    found = [max(below, key=_known_by)] if below else []
    return found + ([min(above, key=_known_by)] if above else [])


def _known_by(basis: Basis) -> float:
    return basis.known_by


T = TypeVar("T")
_Reads = tuple[type, ...] | None
MOST_STATES = 1 << 19
STRIDE = 16
_LONGEST_STRIDE = 1 << 14
_FEWER = 16
_FEWEST_ORDERS = 64
_PER_ORDER = 8


class FoldCache:
    """Orders of a trunk, and states folded along them, up to a number of states.

    A state is kept with the cut through knowledge under which it was folded, and with
    its place in fold order; never by when anything arrived. When there are too many,
    every second one is let go; then what was not asked for longest.

    Args:
        trunk: The entries.
        most: How many states to keep; 0 keeps none.
        every: After how many events to keep one.
    """

    __slots__ = (
        "_busy",
        "_cached_orders",
        "_held",
        "_spare",
        "_stride",
        "every",
        "journal",
        "most",
    )

    def __init__(
        self, journal: Journal, most: int = MOST_STATES, every: int = STRIDE
    ) -> None:
        self.journal = journal
        self.most = most
        self.every = every
        self._cached_orders: OrderedDict[
            tuple[tuple[Rule, ...], _Reads], CachedOrder
        ] = OrderedDict()
        self._held = 0
        self._stride = every
        self._busy = False
        self._spare: FoldCache | None = None

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle the entries; states are folded anew."""
        return FoldCache, (self.journal, self.most, self.every)

    def on(self, journal: Journal) -> FoldCache:
        """Return a memory of another trunk that keeps as much, or this if it is its."""
        return (
            self
            if journal is self.journal
            else FoldCache(journal, self.most, self.every)
        )

    # --- questions --------------------------------------------------------------------

    def ask(
        self, wanted: Wanted, basis: Basis, question: Callable[[EventSequence], T]
    ) -> T:
        """Return what an order answers under a cut while nothing grows.

        Args:
            wanted: Which events.
            cut: What counts as known.
            question: Asks.
        """
        with self.journal.lock:
            return question(self._cached(*wanted).order.under(basis))

    def dangling(
        self, rules: tuple[Rule, ...], basis: Basis
    ) -> list[tuple[Happening, str]]:
        """Return what counts and refers to what nothing is, with the id of that.

        Args:
            rules: What it satisfies. What it refers to is looked for in all there is.
            cut: What counts as known.
        """
        with self.journal.lock:
            found: dict[tuple[int, str], Happening] = {}
            for name, claims in missing(self.journal, basis):
                sequence = self._cached(rules).order.under(basis)
                for happening in map(sequence.about, claims):
                    if happening is not None and name in happening.event.refers_to:
                        found[happening.position, name] = happening
        rows = [(happening, name) for (_, name), happening in found.items()]
        return sorted(rows, key=lambda row: (row[0].certainty_order(), row[1]))

    def state(
        self, projection: Projection[S], rules: tuple[Rule, ...], basis: Basis, day: int
    ) -> S:
        """Return the certain state on a day."""
        with self.journal.lock:
            memory = self._free()
            memory._busy = True
            try:
                return memory._state(projection, rules, basis, day)
            finally:
                memory._busy = False

    def each(
        self,
        projection: Projection[S],
        by: By[K],
        rules: tuple[Rule, ...],
        basis: Basis,
        day: int,
    ) -> dict[K, S]:
        """Return the certain state on a day of the events of each key."""
        with self.journal.lock:
            memory = self._free()
            memory._busy = True
            try:
                cached = memory._cached(projection.among(rules), projection.reads)
                groups = cached.grouped(by, basis, keep=self.most > 0)
            finally:
                memory._busy = False
        initial, evolve = projection.initial, projection.evolve
        states: dict[K, S] = {}
        for key, (lasts, events) in groups.items():
            stop = bisect_right(lasts, day)
            if stop:
                state = initial()
                for event in events[:stop]:
                    state = evolve(state, event)
                states[key] = state
        return states

    def each_by(
        self,
        make: Callable[[K], Projection[S]],
        by: By[K],
        rules: tuple[Rule, ...],
        basis: Basis,
        day: int,
    ) -> dict[K, S]:
        """Return the certain state on a day of the projection of each key."""
        with self.journal.lock:
            memory = self._free()
            memory._busy = True
            try:
                cached = memory._cached(rules)
                groups = cached.grouped(by, basis, keep=self.most > 0)
                sequence = cached.order.under(basis)
                affairs = Affairs(sequence.certain(math.inf))
            finally:
                memory._busy = False
        folds = Folds[S](affairs, bisect_right(affairs.lasts, day))
        states: dict[K, S] = {}
        for key, (lasts, events) in groups.items():
            stop = bisect_right(lasts, day)
            if stop:
                projection = make(key)
                if not projection.parties:
                    states[key] = projection.fold(events[:stop])
                elif rules:
                    states[key] = self.state(projection, rules, basis, day)
                else:
                    states[key] = folds.state(projection)
        return states

    def states(
        self,
        projection: Projection[S],
        rules: tuple[Rule, ...],
        bases: Iterable[Basis],
        day: int,
    ) -> list[S]:
        """Return the certain states on a day under one cut after another.

        Each starts from where the one before it went the same way. Fewer are kept than
        of single questions, and they are the first to go.
        """
        with self.journal.lock:
            memory = self._free()
            memory._busy = True
            try:
                return memory._states(projection, rules, bases, day)
            finally:
                memory._busy = False

    # --- the parts that they share -------------------------------------------------

    def _free(self) -> FoldCache:
        """Return this memory, or another while a projection asks about its own log.

        What is being folded here must not move under its feet.
        """
        if not self._busy:
            return self
        if self._spare is None:
            self._spare = FoldCache(self.journal, self.most, self.every)
        return self._spare._free()

    def _state(
        self, projection: Projection[S], rules: tuple[Rule, ...], basis: Basis, day: int
    ) -> S:
        cached = self._cached(projection.among(rules), projection.reads)
        sequence = cached.order.under(basis)
        stop = sequence.before(day)
        if stop < self._stride or not self.most:
            place, state = 0, projection.initial()
        else:
            checkpoints = self._kept(cached, cached.kept, projection, sequence, stop)
            place, state = checkpoints.nearest(stop)
        return sequence.fold_until(projection.evolve, state, place, stop, day)

    def _states(
        self,
        projection: Projection[S],
        rules: tuple[Rule, ...],
        bases: Iterable[Basis],
        day: int,
    ) -> list[S]:
        cached = self._cached(projection.among(rules), projection.reads)
        found: list[S] = []
        checkpoints: Checkpoints[S] | None = None
        before: EventSequence | None = None
        for sequence in map(cached.order.under, bases):
            if before is None or checkpoints is None:
                checkpoints = Checkpoints(
                    [private_copy(projection.initial())], self._stride * _FEWER
                )
            else:
                checkpoints = checkpoints.until(sequence.first_difference(before))
            before, stop = sequence, sequence.before(day)
            checkpoints = self._kept(
                cached, cached.beliefs, projection, sequence, stop, checkpoints
            )
            place, state = checkpoints.nearest(stop)
            found.append(
                sequence.fold_until(projection.evolve, state, place, stop, day)
            )
        return found

    def _cached(self, rules: tuple[Rule, ...], reads: _Reads = None) -> CachedOrder:
        """Return an order, up to date, and the states along it that still hold."""
        asked = rules, reads
        cached = self._cached_orders.get(asked)
        if cached is None:
            if len(self._cached_orders) >= max(_FEWEST_ORDERS, self.most // _PER_ORDER):
                _, oldest = self._cached_orders.popitem(last=False)
                self._held -= oldest.held
            cached = CachedOrder(FoldOrder(self.journal, Wanted(rules, reads)))
            self._cached_orders[asked] = cached
        self._cached_orders.move_to_end(asked)
        self._held -= cached.catch_up()
        return cached

    def _kept(
        self,
        cached: CachedOrder,
        kept: KeptCheckpoints,
        projection: Projection[S],
        sequence: EventSequence,
        stop: int,
        begun: Checkpoints[S] | None = None,
    ) -> Checkpoints[S]:
        """Return the states along a course, kept as far as an index.

        Args:
            shelf: Where they are kept.
            tracks: Which of the tracks there.
            projection: What is folded.
            course: The events.
            stop: The index.
            begun: What they begin with if none are kept; by default what another course
                has, as far as this one goes the same way.
        """
        key = projection, sequence.basis
        checkpoints: Checkpoints[S] | None = kept.get(key)
        if checkpoints is None:
            checkpoints = kept[key] = begun or self._begun(projection, cached, sequence)
            self._held += len(checkpoints.states)
        kept.move_to_end(key)
        if checkpoints.end <= stop:
            before = len(checkpoints.states)
            try:
                checkpoints.advance(projection, sequence, stop)
            finally:  # a projection may fail; what was folded holds all the same
                self._held += len(checkpoints.states) - before
        if self._held > self.most:
            self._make_room(checkpoints)
        return checkpoints

    def _begun(
        self, projection: Projection[S], cached: CachedOrder, sequence: EventSequence
    ) -> Checkpoints[S]:
        """Return the states of another course, as far as this one goes the same way."""
        found = Checkpoints([private_copy(projection.initial())], self._stride)
        others = [c for p, c in cached.kept if p == projection]
        for other in neighbours(others, sequence.basis):
            same = sequence.first_difference(cached.order.under(other))
            checkpoints = cached.kept[projection, other].until(same)
            found = max(found, checkpoints, key=lambda checkpoints: checkpoints.end)
        return found

    def _make_room(self, asked: Checkpoints[Any]) -> None:
        """Let beliefs go; then every second state; then what was asked longest ago."""
        cached_orders = list(self._cached_orders.values())
        for cached in cached_orders:
            while self._held > self.most and cached.beliefs:
                _, checkpoints = cached.beliefs.popitem(last=False)
                self._held -= len(checkpoints.states)
        while self._held > self.most and self._stride < _LONGEST_STRIDE:
            self._stride *= 2
            for cached in cached_orders:
                for checkpoints in cached.kept.values():
                    checkpoints.thin()
            self._held = sum(cached.held for cached in cached_orders)
        for cached in cached_orders if self._held > self.most else ():
            for key, checkpoints in list(cached.kept.items()):
                if checkpoints is not asked and self._held > self.most // 2:
                    self._held -= len(cached.kept.pop(key).states)
