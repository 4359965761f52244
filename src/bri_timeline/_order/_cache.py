"""The cache of a log: its fold orders, and states up to a number."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from functools import reduce
from itertools import chain, islice
from threading import RLock
from typing import Any, TypeVar

from bri_timeline._events.marks import Mark, event_of
from bri_timeline._folds import Composed
from bri_timeline._happening import EVER, Happening, Window
from bri_timeline._journal import Basis, Cluster, Journal, Wanted
from bri_timeline._order._keys import By, Groups, KeyedStates
from bri_timeline._order._lines import SequenceLines
from bri_timeline._order._order import FoldOrder
from bri_timeline._order._parties import PartyFolds, begun_events
from bri_timeline._order._remembering import composition_of, state_of
from bri_timeline._order._sequence import EventSequence
from bri_timeline._order._states import MergedStates, States, begun
from bri_timeline._payload import is_digest
from bri_timeline._projection import ANY, Projection
from bri_timeline.errors import ProjectionError


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
# The marks that may differ between two bases that share what is kept: so many, and one
# in so many.
_FEW = 64
_MOST_CHANGED = 16
_PURE = "read the state and the event only"


class FoldCache:
    """Fold orders of a journal, and states along them, up to a number of states.

    A state belongs to a projection, a basis and a block of a fold order. When there are
    too many, every second one is discarded; then the least recently used.

    Args:
        journal: The entries.
        most: The greatest number of states; 0 keeps none.
        every: The number of events between states.

    Attributes:
        is_share: Other logs answer the same question, each about other keys. What this
            one lacks may be in those.
        checked: The projection that `Facts.check()` last found to lack nothing, with
            the selection and the basis.
    """

    def __init__(
        self, journal: Journal, most: int = MOST_STATES, every: int = STRIDE
    ) -> None:
        self.journal = journal
        self.most = most
        self.every = every
        self.is_share = False
        self.checked: tuple[object, tuple[Wanted, Basis]] | None = None
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._entries = self.journal.entries
        self._orders: OrderedDict[Wanted, FoldOrder] = OrderedDict()
        self._recent: tuple[Wanted, FoldOrder] | None = None
        # No less than the number of states: some of them may have been discarded.
        self._used = 0
        # The number of blocks from one state to the next, where none are kept yet.
        self._gap = 1
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
        cache = FoldCache(self.journal, self.most, self.every)
        cache.is_share = self.is_share
        return cache

    def on(self, journal: Journal) -> FoldCache:
        """Return a cache with the same limits for a journal, or this one if it fits."""
        is_mine = journal is self.journal
        return self if is_mine else FoldCache(journal, self.most, self.every)

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
        # The sequence shares blocks with the order, which another thread may extend.
        with self._lock:
            return question(self._order(wanted).under(basis))

    def derived(
        self, wanted: Wanted, name: Hashable, make: Callable[[FoldOrder], T]
    ) -> T:
        """Return what is made of a fold order, kept until the order grows.

        Args:
            wanted: The selection.
            name: Tells it from whatever else is made of the order; None not to keep it.
            make: Makes it; it must not ask the log.
        """

        def found() -> T:
            order = self._order(wanted)
            results = order.derived
            result: T = results.pop(name) if name in results else make(order)
            if self.most and name is not None:
                results[name] = result
                if len(results) > _MOST_DERIVED:
                    del results[next(iter(results))]
            return result

        return self._alone(found)

    def dangling(
        self, wanted: Wanted, basis: Basis
    ) -> list[tuple[Happening, str, str | None]]:
        """Return counting happenings whose reference has no target, with the id.

        The third is the id that counts, if the reference names another claim.

        Args:
            wanted: The selection. Targets are looked for in all entries.
            basis: The entries that count as known.
        """
        danglings: dict[tuple[int, str], tuple[Happening, str | None]] = {}
        with self._lock:
            journal, claims = self.journal, self.journal.entries.claims_among
            whole, sequence = (
                self._order(selection).under(basis)
                for selection in (Wanted(bounded=wanted.bounded), wanted)
            )
            journal.references.catch_up()
            for name, rows in journal.references.places.items():
                target = whole.named(name)
                # States follow the id that counts: one that a claim had before leads
                # nowhere in them, unless it is a digest.
                now = None if target is None else target.event.id
                if now is None or (now != name and not is_digest(name)):
                    near = (journal.clusters.get(r) or Cluster([r]) for r in rows)
                    members = chain.from_iterable(cluster.members for cluster in near)
                    for event in {event for event, _ in claims(members)}:
                        happening = sequence.about(event)
                        if happening is not None and name in happening.event.refers_to:
                            danglings[happening.position, name] = happening, now
        told = [(about, name, now) for (_, name), (about, now) in danglings.items()]
        return sorted(told, key=lambda row: (row[0].certainty_order(), row[1]))

    def state(
        self,
        projection: Projection[S],
        wanted: Wanted,
        basis: Basis,
        window: Window,
        *,
        is_shown: bool = False,
    ) -> S:
        """Return the certain state at the end of a window, of the events within it.

        Args:
            projection: How to fold it.
            wanted: The selection.
            basis: The entries that count as known.
            window: The days.
            is_shown: Nothing is folded after it.
        """
        asked = projection, wanted, basis, window
        return self._alone(lambda: self._state(*asked, is_shown=is_shown))

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
        every = read._replace(rules=wanted.rules, reads=wanted.reads)

        def states() -> KeyedStates[K, S]:
            keys, groups = self._by_key(read, every, by, basis, window)
            # What lies in a window is grouped for one question.
            most, before = self.most if window.since == -math.inf else 0, len(groups)
            try:
                return groups.states(projection, window.until, most, keys)
            finally:  # a function of the user may fail
                self._count(len(groups) - before, groups)

        return self._alone(states)

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

        def read() -> tuple[dict[K, list[Mark]], dict[K, int], PartyFolds[S]]:
            keys, groups = self._by_key(ended, ended, by, basis, window)
            # Events that a filter leaves out may be the targets of others.
            orders = self._order(ended._replace(filters=())), self._order(ended)
            whole, read_marks = (order.under(basis).certain(EVER) for order in orders)
            events = {*map(event_of, read_marks)} if wanted.filters else None
            folds = PartyFolds[S](whole, window, events)
            return groups.certain(window.until), {**keys}, folds

        by_key, keys, folds = self._alone(read)
        states: dict[K, S] = {}
        for key in keys:
            projection = make(key)
            if not projection.parties:
                marks = by_key.get(key, [])
                state = projection._folded(begun_events(marks, projection))
            elif wanted.rules:
                state = self.state(projection, wanted, basis, window, is_shown=True)
            else:
                state = folds.state(projection)
            states[key] = state_of(state)
        return KeyedStates(states, {}, keys)

    # --- the parts that they share ----------------------------------------------------

    def _alone(self, work: Callable[[], T]) -> T:
        """Return what some work returns, which no projection may ask for again.

        A query that a projection makes of the log that it folds could discard the
        states that the outer fold is using; and a state that depends on other questions
        is not a function of its events.
        """
        with self._lock:
            if self._busy:
                who, problem = "a projection", "asks the log that is being folded"
                raise ProjectionError(who, f"{problem}: {_PURE}")
            self._busy = True
            try:
                return work()
            finally:
                self._busy = False

    def _by_key(
        self, wanted: Wanted, every: Wanted, by: By[K], basis: Basis, window: Window
    ) -> tuple[dict[K, int], Groups[K]]:
        """Return the numbers of all keys, and marks by key: those of a window, or all.

        Args:
            wanted: The selection whose marks are grouped.
            every: The selection of which all keys are.
            by: Returns the keys of an event.
            basis: The entries that count as known.
            window: The days.
        """
        if not callable(by):
            problem = "is not a function that returns the keys of an event: give"
            raise ProjectionError(by, f"{problem} by=dyads, or one of your own")
        keys = self._groups(self._order(every).under(basis), by).numbers
        sequence = self._order(wanted).under(basis)
        if window.since > -math.inf:
            # A copy of all groups would cost more than the window does.
            return keys, Groups(by, sequence.certain(window))
        return keys, self._groups(sequence, by)

    def _groups(self, sequence: EventSequence, by: By[K]) -> Groups[K]:
        """Return all marks of a sequence by key, in fold order."""
        groups: Groups[K] | None = sequence.groups.pop(by, None)
        if groups is None or not groups.catch_up(sequence.alike):
            groups = Groups(by, sequence.certain(EVER))
            if len(sequence.groups) >= _MOST_GROUPS:
                del sequence.groups[next(iter(sequence.groups))]
        if self.most:
            sequence.groups[by] = groups
        return groups

    def _state(
        self,
        projection: Projection[S],
        wanted: Wanted,
        basis: Basis,
        window: Window,
        *,
        is_shown: bool,
    ) -> S:
        order = self._order(wanted.read_by(projection))
        sequence, step, day = order.under(basis), projection._step, window.until
        composed = composition_of(projection) if is_shown else None
        if composed is not None and self.most and window.since == -math.inf:
            return self._composed(composed, projection, order, sequence, day)
        if window.since > -math.inf:
            return reduce(step, sequence.certain(window), projection.initial())
        last, place = sequence.blocks.on(day), 0
        if last <= 0 or not self.most:
            state = projection.initial()
        else:
            states = sequence.states.pop(projection, None)
            before = 0 if states is None else len(states)
            if states is None:
                states = self._begun(projection, order, sequence)
            sequence.states[projection] = states
            try:
                place, state = states.before(last, sequence.read)
            finally:  # a projection may fail; what was folded so far is valid
                if len(states) != before:
                    self._count(len(states) - before, states)
        # Python calls a function in Python faster from a loop than `reduce` does.
        for marks in sequence.until(place, last, day):
            for mark in marks:
                state = step(state, mark)
        return state

    def _composed(
        self,
        composed: Composed[S],
        projection: Projection[S],
        order: FoldOrder,
        sequence: EventSequence,
        day: float,
    ) -> S:
        """Return the state of a composition, in which a change costs what it reaches.

        Args:
            composed: The composition.
            projection: The same, or one that ends what others end.
            order: The fold order.
            sequence: The marks that count.
            day: The last day.
        """
        kinds = self.journal.entries.kinds()
        lines = sequence.lines.pop(projection, None)
        before = 0 if lines is None else len(lines)
        if lines is None or not lines.knows(kinds):
            near, changed = None, list[tuple[Mark, int, bool]]()
            # To change more of them takes longer than to fold all.
            most = max(_FEW, sum(map(len, sequence.blocks.marks)) // _MOST_CHANGED)
            for neighbour in order.neighbours(sequence.basis, projection):
                other = neighbour.lines.get(projection)
                if other is not None and other.knows(kinds):
                    found = [*islice(sequence.differences(neighbour), most + 1)]
                    if len(found) <= most:
                        near, changed, most = other, found, len(found)
            none = States(projection, self.most, self._gap)
            lines = SequenceLines(composed, kinds, sequence, none, near, changed)
        state: S = composed.ways.state(lines.on(day))
        # If it fails, all is read anew.
        sequence.lines[projection] = lines
        self._count(len(lines) - before, lines)
        return state

    def _order(self, wanted: Wanted) -> FoldOrder:
        """Return a fold order, up to date."""
        # Most logs have no extents: then all projections share the same orders.
        if wanted.ends:
            entries, classes = self.journal.entries, wanted.closing
            closing = tuple(c for c in entries.closing() if issubclass(c, classes))
            has_ends = closing or entries.has_extents()
            if closing != wanted.closing or not has_ends:
                wanted = wanted.with_ends(closing if has_ends else None)
        # The same question is often asked again: then nothing is looked up or moved.
        recent = self._recent
        if recent is None or recent[0] != wanted:
            order = self._orders.get(wanted)
            if order is None:
                if len(self._orders) >= max(_FEWEST_ORDERS, self.most // _PER_ORDER):
                    self._orders.popitem(last=False)
                order = FoldOrder(self.journal, wanted, self.every)
                self._orders[wanted] = order
            self._orders.move_to_end(wanted)
            self._recent = recent = wanted, order
        try:
            recent[1].catch_up()
        except BaseException:
            # A predicate of the user may raise: what was read until then is lost.
            del self._orders[wanted]
            self._recent = None
            raise
        return recent[1]

    def _begun(
        self, projection: Projection[S], order: FoldOrder, sequence: EventSequence
    ) -> States[S] | MergedStates[S]:
        """Return the states of the most similar sequence, as far as this is equal."""
        states = begun(projection, self.most, self._gap, 2 * self._gap)
        for neighbour in order.neighbours(sequence.basis, projection):
            if projection in neighbour.states:
                same = sequence.first_difference(neighbour)
                states = max(states, neighbour.states[projection].until(same), key=len)
        return states

    def _count(self, more: int, asked: object) -> None:
        """Note how many states are kept; discard some if there are too many.

        Thinning comes before eviction: a query that starts from a sparser checkpoint
        folds a few more events; without one it folds all.

        Args:
            more: The number of new states.
            asked: What has them, which is the last to be discarded.
        """
        self._used += more
        if self._used <= self.most:
            return
        sequences = [s for o in self._orders.values() for s in o.sequences.values()]
        state_maps: list[dict[Any, Any]] = [sequence.states for sequence in sequences]
        state_maps += [sequence.lines for sequence in sequences]
        every = [*state_maps, *(sequence.groups for sequence in sequences)]
        self._used = _weight(every)
        while self._used > self.most and self._gap * self.every < _LONGEST_STRIDE:
            self._gap *= 2
            for states in chain.from_iterable(m.values() for m in state_maps):
                states.thin()
            self._used = _weight(every)
        pairs = ((mapping, key) for mapping in every for key in [*mapping])
        for mapping, key in sorted(pairs, key=lambda pair: pair[0][pair[1]] is asked):
            is_last = mapping[key] is asked
            if self._used > (self.most if is_last else self.most // 2):
                self._used -= len(mapping.pop(key))


def _weight(kept: Iterable[dict[Any, Any]]) -> int:
    return sum(map(len, chain.from_iterable(mapping.values() for mapping in kept)))
