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
from bri_timeline._folding._order import Order
from bri_timeline._folding._sequence import Course
from bri_timeline._journal import Trunk, Wanted
from bri_timeline._projection import Projection
from bri_timeline._resolution import Cut, Happening


__all__ = [
    "LAST_DAY",
    "MOST_STATES",
    "STRIDE",
    "By",
    "Groups",
    "Memory",
    "Shelf",
    "Track",
    "Tracks",
    "mine",
    "neighbours",
]


S = TypeVar("S")


class Track(Generic[S]):
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

    def until(self, index: int) -> Track[S]:
        """Return a copy of what lies no later than an index."""
        return Track(self.states[: index // self.stride + 1], self.stride)

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
        return place * self.stride, mine(self.states[place])

    def advance(self, projection: Projection[S], course: Course, stop: int) -> None:
        """Fold on to an index, keeping states."""
        first = (len(self.states) - 1) * self.stride
        places = range(first, stop - self.stride + 1, self.stride)
        found = course.states(projection.evolve, mine(self.states[-1]), places)
        self.states.extend(map(mine, found))


def mine(state: S) -> S:
    """Return a state that nobody else can change: itself if nobody can at all."""
    try:
        hash(state)
    except TypeError:
        return copy.deepcopy(state)
    return state


K = TypeVar("K", bound=Hashable)
By = Callable[[Event], Iterable[K]]
Groups = dict[K, tuple[list[float], list[Event]]]
Tracks = OrderedDict[tuple[Projection[Any], Cut], Track[Any]]
LAST_DAY = 10**30
_MOST_GROUPS = 2


class Shelf:
    """An order, and what is kept along it.

    Attributes:
        order: The order.
        tracks: States, by projection and cut.
        beliefs: States further apart, likewise: of questions about many cuts at once.
        groups: Events and the days on which they are certain by key; these by what
            gives the keys and by cut.
    """

    __slots__ = ("beliefs", "groups", "order", "tracks")

    def __init__(self, order: Order) -> None:
        self.order = order
        self.groups: dict[tuple[By[Any], Cut], Groups[Any]] = {}
        self.tracks: Tracks = OrderedDict()
        self.beliefs: Tracks = OrderedDict()

    @property
    def held(self) -> int:
        """How many states are kept."""
        return sum(len(track.states) for track in self._all())

    def catch_up(self) -> int:
        """Bring the order up to date; return how many states no longer hold."""
        low = self.order.catch_up()
        if low is None:
            return 0
        self.groups.clear()
        before = self.held
        for track in self._all():
            track.forget(low)
        return before - self.held

    def _all(self) -> Iterable[Track[Any]]:
        return chain(self.tracks.values(), self.beliefs.values())

    def grouped(self, by: By[K], cut: Cut, *, keep: bool) -> Groups[K]:
        """Return all events by key, each list in fold order.

        Args:
            by: Returns the keys of an event.
            cut: What counts as known.
            keep: Keep them, as the last few groups are kept.
        """
        course = self.order.under(cut)
        found: Groups[K] | None = self.groups.get((by, course.cut))
        if found is None:
            found = {}
            for event in course.certain(LAST_DAY):
                for key in by(event):
                    if key not in found:
                        found[key] = [], []
                    lasts, events = found[key]
                    lasts.append(event.when.latest_begin)
                    events.append(event)
            if len(self.groups) >= _MOST_GROUPS:
                del self.groups[next(iter(self.groups))]
            if keep:
                self.groups[by, course.cut] = found
        return found


def neighbours(cuts: list[Cut], cut: Cut) -> list[Cut]:
    """Return those of some cuts that are likely to go the same way as *cut*."""
    alike = [other for other in cuts if other.prefer is cut.prefer]
    below = [other for other in alike if other.known_by <= cut.known_by]
    above = [other for other in alike if other.known_by >= cut.known_by]
    found = [max(below, key=_known_by)] if below else []
    return found + ([min(above, key=_known_by)] if above else [])


def _known_by(cut: Cut) -> float:
    return cut.known_by


T = TypeVar("T")
_Reads = tuple[type, ...] | None
MOST_STATES = 1 << 19
STRIDE = 16
_LONGEST_STRIDE = 1 << 14
_FEWER = 16
_FEWEST_ORDERS = 64
_PER_ORDER = 8


class Memory:
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
        "_held",
        "_shelves",
        "_spare",
        "_stride",
        "every",
        "most",
        "trunk",
    )

    def __init__(
        self, trunk: Trunk, most: int = MOST_STATES, every: int = STRIDE
    ) -> None:
        self.trunk = trunk
        self.most = most
        self.every = every
        self._shelves: OrderedDict[tuple[tuple[Rule, ...], _Reads], Shelf] = (
            OrderedDict()
        )
        self._held = 0
        self._stride = every
        self._busy = False
        self._spare: Memory | None = None

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle the entries; states are folded anew."""
        return Memory, (self.trunk, self.most, self.every)

    def on(self, trunk: Trunk) -> Memory:
        """Return a memory of another trunk that keeps as much, or this if it is its."""
        return self if trunk is self.trunk else Memory(trunk, self.most, self.every)

    # --- questions --------------------------------------------------------------------

    def ask(self, wanted: Wanted, cut: Cut, question: Callable[[Course], T]) -> T:
        """Return what an order answers under a cut while nothing grows.

        Args:
            wanted: Which events.
            cut: What counts as known.
            question: Asks.
        """
        with self.trunk.lock:
            return question(self._shelf(*wanted).order.under(cut))

    def dangling(
        self, rules: tuple[Rule, ...], cut: Cut
    ) -> list[tuple[Happening, str]]:
        """Return what counts and refers to what nothing is, with the id of that.

        Args:
            rules: What it satisfies. What it refers to is looked for in all there is.
            cut: What counts as known.
        """
        with self.trunk.lock:
            found: dict[tuple[int, str], Happening] = {}
            for name, claims in missing(self.trunk, cut):
                course = self._shelf(rules).order.under(cut)
                for happening in map(course.about, claims):
                    if happening is not None and name in happening.event.refers_to:
                        found[happening.position, name] = happening
        rows = [(happening, name) for (_, name), happening in found.items()]
        return sorted(rows, key=lambda row: (row[0].certainty_order(), row[1]))

    def state(
        self, projection: Projection[S], rules: tuple[Rule, ...], cut: Cut, day: int
    ) -> S:
        """Return the certain state on a day."""
        with self.trunk.lock:
            memory = self._free()
            memory._busy = True
            try:
                return memory._state(projection, rules, cut, day)
            finally:
                memory._busy = False

    def each(
        self,
        projection: Projection[S],
        by: By[K],
        rules: tuple[Rule, ...],
        cut: Cut,
        day: int,
    ) -> dict[K, S]:
        """Return the certain state on a day of the events of each key."""
        with self.trunk.lock:
            memory = self._free()
            memory._busy = True
            try:
                shelf = memory._shelf(projection.among(rules), projection.reads)
                groups = shelf.grouped(by, cut, keep=self.most > 0)
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
        cut: Cut,
        day: int,
    ) -> dict[K, S]:
        """Return the certain state on a day of the projection of each key."""
        with self.trunk.lock:
            memory = self._free()
            memory._busy = True
            try:
                shelf = memory._shelf(rules)
                groups = shelf.grouped(by, cut, keep=self.most > 0)
                course = shelf.order.under(cut)
                affairs = Affairs(course.certain(math.inf))
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
                    states[key] = self.state(projection, rules, cut, day)
                else:
                    states[key] = folds.state(projection)
        return states

    def states(
        self,
        projection: Projection[S],
        rules: tuple[Rule, ...],
        cuts: Iterable[Cut],
        day: int,
    ) -> list[S]:
        """Return the certain states on a day under one cut after another.

        Each starts from where the one before it went the same way. Fewer are kept than
        of single questions, and they are the first to go.
        """
        with self.trunk.lock:
            memory = self._free()
            memory._busy = True
            try:
                return memory._states(projection, rules, cuts, day)
            finally:
                memory._busy = False

    # --- the parts that they share -------------------------------------------------

    def _free(self) -> Memory:
        """Return this memory, or another while a projection asks about its own log.

        What is being folded here must not move under its feet.
        """
        if not self._busy:
            return self
        if self._spare is None:
            self._spare = Memory(self.trunk, self.most, self.every)
        return self._spare._free()

    def _state(
        self, projection: Projection[S], rules: tuple[Rule, ...], cut: Cut, day: int
    ) -> S:
        shelf = self._shelf(projection.among(rules), projection.reads)
        course = shelf.order.under(cut)
        stop = course.before(day)
        if stop < self._stride or not self.most:
            place, state = 0, projection.initial()
        else:
            track = self._kept(shelf, shelf.tracks, projection, course, stop)
            place, state = track.nearest(stop)
        return course.fold_until(projection.evolve, state, place, stop, day)

    def _states(
        self,
        projection: Projection[S],
        rules: tuple[Rule, ...],
        cuts: Iterable[Cut],
        day: int,
    ) -> list[S]:
        shelf = self._shelf(projection.among(rules), projection.reads)
        found: list[S] = []
        track: Track[S] | None = None
        before: Course | None = None
        for course in map(shelf.order.under, cuts):
            if before is None or track is None:
                track = Track([mine(projection.initial())], self._stride * _FEWER)
            else:
                track = track.until(course.first_difference(before))
            before, stop = course, course.before(day)
            track = self._kept(shelf, shelf.beliefs, projection, course, stop, track)
            place, state = track.nearest(stop)
            found.append(course.fold_until(projection.evolve, state, place, stop, day))
        return found

    def _shelf(self, rules: tuple[Rule, ...], reads: _Reads = None) -> Shelf:
        """Return an order, up to date, and the states along it that still hold."""
        asked = rules, reads
        shelf = self._shelves.get(asked)
        if shelf is None:
            if len(self._shelves) >= max(_FEWEST_ORDERS, self.most // _PER_ORDER):
                _, oldest = self._shelves.popitem(last=False)
                self._held -= oldest.held
            shelf = Shelf(Order(self.trunk, Wanted(rules, reads)))
            self._shelves[asked] = shelf
        self._shelves.move_to_end(asked)
        self._held -= shelf.catch_up()
        return shelf

    def _kept(
        self,
        shelf: Shelf,
        tracks: Tracks,
        projection: Projection[S],
        course: Course,
        stop: int,
        begun: Track[S] | None = None,
    ) -> Track[S]:
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
        key = projection, course.cut
        track: Track[S] | None = tracks.get(key)
        if track is None:
            track = tracks[key] = begun or self._begun(projection, shelf, course)
            self._held += len(track.states)
        tracks.move_to_end(key)
        if track.end <= stop:
            before = len(track.states)
            try:
                track.advance(projection, course, stop)
            finally:  # a projection may fail; what was folded holds all the same
                self._held += len(track.states) - before
        if self._held > self.most:
            self._make_room(track)
        return track

    def _begun(
        self, projection: Projection[S], shelf: Shelf, course: Course
    ) -> Track[S]:
        """Return the states of another course, as far as this one goes the same way."""
        found = Track([mine(projection.initial())], self._stride)
        others = [c for p, c in shelf.tracks if p == projection]
        for other in neighbours(others, course.cut):
            same = course.first_difference(shelf.order.under(other))
            track = shelf.tracks[projection, other].until(same)
            found = max(found, track, key=lambda track: track.end)
        return found

    def _make_room(self, asked: Track[Any]) -> None:
        """Let beliefs go; then every second state; then what was asked longest ago."""
        shelves = list(self._shelves.values())
        for shelf in shelves:
            while self._held > self.most and shelf.beliefs:
                _, track = shelf.beliefs.popitem(last=False)
                self._held -= len(track.states)
        while self._held > self.most and self._stride < _LONGEST_STRIDE:
            self._stride *= 2
            for shelf in shelves:
                for track in shelf.tracks.values():
                    track.thin()
            self._held = sum(shelf.held for shelf in shelves)
        for shelf in shelves if self._held > self.most else ():
            for key, track in list(shelf.tracks.items()):
                if track is not asked and self._held > self.most // 2:
                    self._held -= len(shelf.tracks.pop(key).states)
