"""The cache of a log: its fold orders, and checkpoints up to a number of states."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import reduce
from threading import RLock
from typing import Any, TypeVar

from bri_timeline._events import Event, Mark, event_of
from bri_timeline._folding._checkpoints import States, begun_states, nearest_state
from bri_timeline._folding._clusters import missing
from bri_timeline._folding._groups import By, Groups, KeyedStates
from bri_timeline._folding._order import FoldOrder
from bri_timeline._folding._parties import EventsByParty, PartyFolds, begun
from bri_timeline._folding._sequence import EventSequence
from bri_timeline._happening import EVER, Happening, Window
from bri_timeline._journal import Basis, Journal, Wanted
from bri_timeline._projection import ANY, Projection
from bri_timeline.errors import ProjectionError


__all__ = ["MOST_STATES", "STRIDE", "FoldCache"]


K = TypeVar("K", bound=Hashable)
S = TypeVar("S")
T = TypeVar("T")
MOST_STATES = 1 << 19
STRIDE = 16
_MOST_DERIVED = 3
_MOST_GROUPS = 2
_LONGEST_STRIDE = 1 << 14
_FEWEST_ORDERS = 64
_PER_ORDER = 8
_PURE = "read the state and the event only"
KeptCheckpoints = dict[tuple[Projection[Any], Basis], States[Any]]


class CachedOrder:
    """A fold order, and the checkpoints and groups that were derived from it.

    Attributes:
        order: The fold order.
        kept: Checkpoints, by projection and basis; what was asked for last comes last.
        groups: Marks by key; by key function and basis.
        derived: What else was derived from the order, by its name.
    """

    __slots__ = ("derived", "groups", "kept", "order")

    def __init__(self, order: FoldOrder) -> None:
        self.order = order
        self.derived: OrderedDict[Hashable, Any] = OrderedDict()
        self.groups: dict[tuple[By[Any], Basis], Groups[Any]] = {}
        self.kept: KeptCheckpoints = {}

    @property
    def state_count(self) -> int:
        """The number of states."""
        return sum(map(len, self.kept.values())) + self.group_states

    @property
    def group_states(self) -> int:
        """The number of states of groups."""
        return sum(groups.state_count for groups in self.groups.values())

    def catch_up(self) -> int:
        """Update the order; return the number of states that were discarded."""
        change = self.order.catch_up()
        if change is None:
            return 0
        self.derived.clear()
        lost = 0
        if change.only_singletons:
            for groups in self.groups.values():
                groups.rows += change.rows
        else:
            lost = self.group_states
            self.groups.clear()
        late = [*self.order.late_marks(change.late)]
        for (_, basis), states in self.kept.items():
            before = len(states)
            # Checkpoints before the first change stay valid: their prefix is the same.
            states.forget(change.moved)
            for first, last in change.ranges:
                states.doubt(first, last)
            for row, index, mark in late:
                if self.order.is_known(row, basis):
                    states.insert(index, mark)
            lost += before - len(states)
        return lost

    def grouped(self, by: By[K], basis: Basis, *, keep: bool) -> Groups[K]:
        """Return all marks by key, each list in fold order.

        Args:
            by: Returns the keys of an event.
            basis: The entries that count as known.
            keep: Keep the groups for later queries.
        """
        sequence = self.order.under(basis)
        key = by, sequence.basis
        found: Groups[K] | None = self.groups.pop(key, None)
        if found is None:
            found = Groups(by, sequence.certain(EVER))
            if len(self.groups) >= _MOST_GROUPS:
                del self.groups[next(iter(self.groups))]
        for mark in self.order.known_marks(found.rows, sequence.basis):
            found.add(mark)
        found.rows.clear()
        if keep:
            self.groups[key] = found
        return found


class FoldCache:
    """Fold orders of a journal, and checkpoints along them, up to a number of states.

    A checkpoint belongs to a projection, a basis and a place in fold order. When there
    are too many, every second one is discarded; then the least recently used.

    Args:
        journal: The entries.
        most: The greatest number of states; 0 keeps none.
        every: The number of events between checkpoints.
    """

    __slots__ = (
        "_busy",
        "_cached_orders",
        "_entries",
        "_recent",
        "_state_count",
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
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._entries = self.journal.entries
        self._cached_orders: OrderedDict[Wanted, CachedOrder] = OrderedDict()
        self._recent: tuple[Wanted, CachedOrder] | None = None
        self._state_count = 0
        self._stride = self.every
        self._busy = False

    @property
    def _lock(self) -> RLock:
        """The lock of the journal, held while anything that is kept is read."""
        lock = self.journal.lock
        if self._entries is not self.journal.entries:  # it was mended
            with lock:
                self._begin_anew()
        return lock

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle the entries; states are folded again."""
        return FoldCache, (self.journal, self.most, self.every)

    def emptied(self) -> FoldCache:
        """Return an empty cache with the same limits."""
        return FoldCache(self.journal, self.most, self.every)

    def on(self, journal: Journal) -> FoldCache:
        """Return a cache with the same limits for a journal, or this one if it fits."""
        return (
            self
            if journal is self.journal
            else FoldCache(journal, self.most, self.every)
        )

    # --- questions --------------------------------------------------------------------

    def ask(
        self, wanted: Wanted, basis: Basis, question: Callable[[EventSequence], T]
    ) -> T:
        """Return the answer of an event sequence, while the journal is locked.

        Args:
            wanted: The selection.
            basis: The entries that count as known.
            question: Reads the answer from the sequence.
        """
        # The sequence shares columns with the order, which another thread may extend.
        with self._lock:
            return question(self._cached(wanted).order.under(basis))

    def derived(
        self, wanted: Wanted, name: Hashable, make: Callable[[FoldOrder], T]
    ) -> T:
        """Return what is made of a fold order, kept until the order grows.

        Args:
            wanted: The selection.
            name: Tells it from whatever else is made of the order; None not to keep it.
            make: Makes it; it must not ask the log.
        """
        with self._lock:
            self._begin()
            try:
                cached = self._cached(wanted)
                if name in cached.derived:
                    cached.derived.move_to_end(name)
                    found: T = cached.derived[name]
                    return found
                found = make(cached.order)
            finally:
                self._busy = False
            if self.most and name is not None:
                cached.derived[name] = found
                if len(cached.derived) > _MOST_DERIVED:
                    cached.derived.popitem(last=False)
            return found

    def dangling(self, wanted: Wanted, basis: Basis) -> list[tuple[Happening, str]]:
        """Return counting happenings whose reference has no target, with the id.

        Args:
            wanted: The selection. Targets are looked for in all entries.
            basis: The entries that count as known.
        """
        with self._lock:
            found: dict[tuple[int, str], Happening] = {}
            for name, claims in missing(self.journal, basis):
                sequence = self._cached(wanted).order.under(basis)
                for happening in map(sequence.about, claims):
                    if happening is not None and name in happening.event.refers_to:
                        found[happening.position, name] = happening
        rows = [(happening, name) for (_, name), happening in found.items()]
        return sorted(rows, key=lambda row: (row[0].certainty_order(), row[1]))

    def state(
        self, projection: Projection[S], wanted: Wanted, basis: Basis, window: Window
    ) -> S:
        """Return the certain state at the end of a window, of the events within it."""
        with self._lock:
            self._begin()
            try:
                return self._state(projection, wanted, basis, window)
            finally:
                self._busy = False

    def each(
        self,
        projection: Projection[S],
        by: By[K],
        wanted: Wanted,
        basis: Basis,
        window: Window,
    ) -> KeyedStates[K, S]:
        """Return the certain state of the events of each key within a window.

        Keys are those of all events that count, whatever is read and on whatever day.
        """
        read = wanted.read_by(projection)

        def states(groups: Groups[K], keys: dict[K, int]) -> KeyedStates[K, S]:
            # What lies in a window is grouped for one question.
            most = self.most if window.since == -math.inf else 0
            return groups.states(projection, window.until, most, keys)

        every = read._replace(rules=wanted.rules, reads=wanted.reads)
        return self._by_key(read, every, by, basis, window, states)

    def each_by(
        self,
        make: Callable[[K], Projection[S]],
        by: By[K],
        wanted: Wanted,
        basis: Basis,
        window: Window,
    ) -> KeyedStates[K, S]:
        """Return the certain state of the projection of each key within a window."""

        # Only the projections will tell whether they take ends.
        ended = wanted.with_ends(ANY)

        def read(
            groups: Groups[K], keys: dict[K, int]
        ) -> tuple[dict[K, list[Mark]], dict[K, int], PartyFolds[S]]:
            # Events that a filter leaves out may be the targets of others.
            whole = self._cached(ended._replace(filters=()))
            index = EventsByParty(whole.order.under(basis).certain(EVER))
            kept: set[Event] | None = None
            if wanted.filters:
                marks = self._cached(ended).order.under(basis).certain(EVER)
                kept = {*map(event_of, marks)}
            found = dict(groups.certain(window.until))
            return found, keys, PartyFolds[S](index, window, kept)

        groups, keys, folds = self._by_key(ended, ended, by, basis, window, read)
        states: dict[K, S] = {}
        for key in keys:
            projection = make(key)
            if not projection.parties:
                marks = groups.get(key, ())
                states[key] = projection._folded(begun(marks, projection))
            elif wanted.rules:
                states[key] = self.state(projection, wanted, basis, window)
            else:
                states[key] = folds.state(projection)
        return KeyedStates(states, {}, keys)

    # --- the parts that they share -------------------------------------------------

    def _begin(self) -> None:
        """Refuse a query that a projection makes of the log that it folds.

        It could discard the checkpoints that the outer fold is using; and a state that
        depends on other questions is not a function of its events.
        """
        if self._busy:
            who, problem = "a projection", "asks the log that is being folded"
            raise ProjectionError(who, f"{problem}: {_PURE}")
        self._busy = True

    def _by_key(
        self,
        wanted: Wanted,
        every: Wanted,
        by: By[K],
        basis: Basis,
        window: Window,
        question: Callable[[Groups[K], dict[K, int]], T],
    ) -> T:
        """Return the answer of marks by key: those of a window, or all.

        Args:
            wanted: The selection whose marks are grouped.
            every: The selection of which all keys are.
            by: Returns the keys of an event.
            basis: The entries that count as known.
            window: The days.
            question: Reads the answer from the groups and the numbers of all keys.
        """
        if not callable(by):
            problem = "is not a function that returns the keys of an event: give"
            raise ProjectionError(by, f"{problem} by=dyads, or one of your own")
        with self._lock:
            self._begin()
            try:
                keys = self._grouped(self._cached(every), by, basis).numbers
                cached = self._cached(wanted)
                if window.since > -math.inf:
                    # A copy of all groups would cost more than the window does.
                    marks = cached.order.under(basis).certain(window)
                    return question(Groups(by, marks), keys)
                groups = self._grouped(cached, by, basis)
                before = cached.group_states
                try:
                    found = question(groups, keys)
                    if groups.state_count > self.most:
                        groups.forget()
                finally:  # a function of the user may fail
                    self._state_count += cached.group_states - before
                if self._state_count > self.most:
                    self._make_room(groups)
                return found
            finally:
                self._busy = False

    def _grouped(self, cached: CachedOrder, by: By[K], basis: Basis) -> Groups[K]:
        """Return all marks of a fold order by key."""
        before = cached.group_states
        try:
            return cached.grouped(by, basis, keep=self.most > 0)
        finally:  # a function of the user may fail
            self._state_count += cached.group_states - before

    def _state(
        self, projection: Projection[S], wanted: Wanted, basis: Basis, window: Window
    ) -> S:
        cached = self._cached(wanted.read_by(projection))
        sequence = cached.order.under(basis)
        day = window.until
        if window.since > -math.inf:
            return reduce(
                projection._step, sequence.certain(window), projection.initial()
            )
        stop = sequence.before(day)
        if stop < self._stride or not self.most:
            place, state = 0, projection.initial()
        else:
            place, state = self._nearest(cached, projection, sequence, stop)
        return sequence.fold_until(projection._step, state, place, stop, day)

    def _cached(self, wanted: Wanted) -> CachedOrder:
        """Return a fold order, up to date, with its valid checkpoints."""
        # Most logs have no extents: then all projections share the same orders.
        if wanted.ends:
            entries = self.journal.entries
            closing = wanted.closing
            if closing:
                closing = tuple(c for c in entries.closing() if issubclass(c, closing))
            has_ends = closing or entries.has_extents()
            if closing != wanted.closing or not has_ends:
                wanted = wanted.with_ends(closing if has_ends else None)
        # The same question is often asked again: then nothing is looked up or moved.
        recent = self._recent
        if recent is not None and recent[0] == wanted:
            return self._caught_up(*recent)
        cached = self._cached_orders.get(wanted)
        if cached is None:
            if len(self._cached_orders) >= max(_FEWEST_ORDERS, self.most // _PER_ORDER):
                _, oldest = self._cached_orders.popitem(last=False)
                self._state_count -= oldest.state_count
            cached = CachedOrder(FoldOrder(self.journal, wanted))
            self._cached_orders[wanted] = cached
        self._cached_orders.move_to_end(wanted)
        self._recent = wanted, cached
        return self._caught_up(wanted, cached)

    def _caught_up(self, wanted: Wanted, cached: CachedOrder) -> CachedOrder:
        """Return a fold order, up to date."""
        try:
            self._state_count -= cached.catch_up()
        except BaseException:
            # A predicate of the user may raise: what was read until then is lost.
            self._state_count -= cached.state_count
            del self._cached_orders[wanted]
            self._recent = None
            raise
        return cached

    def _nearest(
        self,
        cached: CachedOrder,
        projection: Projection[S],
        sequence: EventSequence,
        stop: int,
    ) -> tuple[int, S]:
        """Return the last index of a sequence before which a state is kept, and that.

        Args:
            cached: The fold order.
            projection: The projection.
            sequence: The events.
            stop: The index before which to look.
        """
        key, kept = (projection, sequence.basis), cached.kept
        states: States[S] | None = kept.pop(key, None)
        if states is None:
            states = self._begun(projection, cached, sequence)
            self._state_count += len(states)
        kept[key] = states
        before = len(states)
        try:
            found = nearest_state(states, projection, sequence, stop)
        finally:  # a projection may fail; what was folded so far is valid
            self._state_count += len(states) - before
        if self._state_count > self.most:
            self._make_room(states)
        return found

    def _begun(
        self, projection: Projection[S], cached: CachedOrder, sequence: EventSequence
    ) -> States[S]:
        """Return the checkpoints of another sequence, as far as this one is equal."""
        found = begun_states(projection, self._stride, self.most)
        others = [c for p, c in cached.kept if p == projection]
        for other in neighbours(others, sequence.basis):
            same = sequence.first_difference(cached.order.under(other))
            checkpoints = cached.kept[projection, other].until(same)
            found = max(found, checkpoints, key=len)
        return found

    def _make_room(self, asked: States[Any] | Groups[Any]) -> None:
        """Discard every second checkpoint, then the oldest in use.

        Thinning comes before eviction: a query that starts from a sparser checkpoint
        folds a few more events; without one it folds all.
        """
        cached_orders = list(self._cached_orders.values())
        while self._state_count > self.most and self._stride < _LONGEST_STRIDE:
            self._stride *= 2
            for cached in cached_orders:
                for checkpoints in cached.kept.values():
                    checkpoints.thin()
            self._state_count = sum(cached.state_count for cached in cached_orders)
        for cached in cached_orders if self._state_count > self.most else ():
            for key, checkpoints in list(cached.kept.items()):
                if checkpoints is not asked and self._state_count > self.most // 2:
                    self._state_count -= len(cached.kept.pop(key))
            for groups in cached.groups.values():
                if groups is not asked and self._state_count > self.most // 2:
                    self._state_count -= groups.state_count
                    groups.forget()


def neighbours(bases: list[Basis], basis: Basis) -> list[Basis]:
    """Return the bases whose event sequence is likely to be the most similar."""
    alike = [other for other in bases if other.prefer == basis.prefer]
    below = [other for other in alike if other.known_by <= basis.known_by]
    above = [other for other in alike if other.known_by >= basis.known_by]
    found = [max(below, key=_known_by)] if below else []
    return found + ([min(above, key=_known_by)] if above else [])


def _known_by(basis: Basis) -> float:
    return basis.known_by
