"""States along blocks of marks: which are kept, and which are in doubt."""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from itertools import chain, compress
from typing import Any, Generic, TypeVar

from bri_timeline._events.marks import Mark
from bri_timeline._order._copies import PLAIN, private_copy, weight_of
from bri_timeline._projection import Projection


S = TypeVar("S")
# The number of states that are merged into one.
_GROUP = 16
# One in so many states is weighed.
_WEIGHED = 64
# In place of a state that is not kept.
_HOLE: Any = object()
# Returns the marks of some blocks, given the first of them and the one after the last.
Read = Callable[[int, int], Iterable[list[Mark]]]


class States(Generic[S]):
    """The states of one projection before the blocks of one sequence.

    A change of a block casts doubt on the states after it. They are folded again until
    one of them is what it was: then all after it are valid too.

    Args:
        projection: The projection.
        most: The greatest weight of all states.
        gap: The number of blocks from one state to the next.
        own: Returns a state that no step can change.
    """

    def __init__(
        self,
        projection: Projection[S],
        most: float,
        gap: int,
        own: Callable[[S], S] = private_copy,
    ) -> None:
        self.projection = projection
        self.most = most
        self.gap = gap
        self.own = own
        # The state before each block as far as they were folded, or a hole.
        self.states: list[S] = [own(projection.initial())]
        self._count = self._weight = 1
        # The blocks that changed since the states after them were folded, in order.
        self._doubts: list[int] = []

    def __len__(self) -> int:
        """Return the weight of the states: how many they are, if they are small."""
        return self._count * self._weight

    def until(self, number: int) -> States[S]:
        """Return a copy of the valid states that are not after a block."""
        first = min([number, *self._doubts[:1]])
        states = States(self.projection, self.most, self.gap)
        states.states = self.states[: first + 1]
        states._weight = self._weight
        states._recount()
        return states

    # --- what changed -----------------------------------------------------------------

    def doubt(self, number: int) -> None:
        """Note that a block has changed."""
        if number >= len(self.states) - 1:
            return
        index = bisect_left(self._doubts, number)
        if self._doubts[index : index + 1] != [number]:
            self._doubts.insert(index, number)

    def split(self, number: int) -> None:
        """Note that a block has become two."""
        if number < len(self.states) - 1:
            self.states.insert(number + 1, _HOLE)
        self._doubts = [n + (n > number) for n in self._doubts]
        if number in self._doubts:
            # Of the two, either may be the one that has changed.
            self._doubts.insert(self._doubts.index(number) + 1, number + 1)

    def forget(self, number: int) -> None:
        """Discard the states after a block begins."""
        del self.states[number + 1 :]
        last = len(self.states) - 1
        self._doubts = [n for n in self._doubts if n < last]
        self._recount()

    def thin(self) -> None:
        """Discard every second state."""
        self.gap *= 2
        numbers = [n for n, state in enumerate(self.states) if state is not _HOLE]
        for number in numbers[1::2]:
            self.states[number] = _HOLE
        self._recount()

    def _recount(self) -> None:
        holes = [*map(id, self.states)].count(id(_HOLE))
        self._count = len(self.states) - holes

    # --- folding ----------------------------------------------------------------------

    def before(self, number: int, read: Read) -> tuple[int, S]:
        """Return the last block not after one before which a state is kept, and that.

        What is kept is extended as far as that. The state is a private copy.
        """
        if self._doubts or number >= len(self.states):
            while self._doubts and self._doubts[0] < number:
                self._fold_again(read, number)
            while not self._extend(read, number):
                pass
        state = self.states[number]
        if state is _HOLE:
            number = self._kept(number)
            state = self.states[number]
        return number, self.own(state)

    def _kept(self, number: int) -> int:
        """Return the last number not after one of which a state is kept."""
        number = min(number, len(self.states) - 1)
        while self.states[number] is _HOLE:
            number -= 1
        return number

    def _extend(self, read: Read, stop: int) -> bool:
        """Fold on to a block; stop, and return False, if the states are too heavy."""
        states, step = self.states, self.projection._step
        last = self._kept(stop)
        if stop < len(states):
            return True
        state = self.own(states[last])
        for number, marks in enumerate(read(last, stop), last + 1):
            for mark in marks:
                state = step(state, mark)
            if number < len(states):
                continue
            if number - last < self.gap:
                states.append(_HOLE)
                continue
            last = number
            states.append(self.own(state))
            self._count += 1
            if self._count % _WEIGHED == 0:
                self._weight = weight_of(state)
                if self._weight > 1 and len(self) > self.most:
                    # There would be too much in memory before the end is reached.
                    self.thin()
                    return False
        return True

    def _fold_again(self, read: Read, stop: int) -> None:
        """Replace the states after the first change, until one is what it was.

        States are compared 1, 2, 4, 8, ... states after the change: what comparing
        costs is then little, also where the fold never comes to the same state again.
        """
        first = changed = self._doubts.pop(0)
        states, step, number = self.states, self.projection._step, self._kept(first)
        state, hops, last = self.own(states[number]), 0, number
        stop, is_same_again = min(stop, len(states) - 1), False
        try:
            for marks in read(number, stop):
                for mark in marks:
                    state = step(state, mark)
                number += 1
                while self._doubts and self._doubts[0] < number:
                    changed, hops = self._doubts.pop(0), 0
                before = states[number]
                if before is _HOLE and number - last < self.gap:
                    continue
                states[number], last = self.own(state), number
                self._count += before is _HOLE
                hops += before is not _HOLE
                if hops and not hops & (hops - 1) and is_same(before, state):
                    is_same_again = True
                    break
        finally:  # a projection may fail
            number = max(number, changed)
            if not is_same_again and number < len(states) - 1:
                insort(self._doubts, number)


class CountedStates(Generic[S]):
    """The states along marks of which some count, under one knowledge after another.

    Args:
        projection: The projection.
        marks: All marks, in fold order.
        size: The number of marks from one state to the next.
        own: Returns a state that no step can change.

    Attributes:
        counts: Whether each counts now; none does at first.
    """

    def __init__(
        self,
        projection: Projection[S],
        marks: Sequence[Mark],
        size: int,
        own: Callable[[S], S] = private_copy,
    ) -> None:
        self.counts = [False] * len(marks)
        self._marks, self._size, self._step = marks, size, projection._step
        self._states = States(projection, math.inf, 1, own)
        # The marks that count, up to the last block that had any.
        self._blocks = list[list[Mark]]()

    def change(self, places: Iterable[int]) -> None:
        """Let marks count that did not, and the other way round."""
        blocks, size = self._blocks, self._size
        changed = set[int]()
        for place in places:
            self.counts[place] = not self.counts[place]
            changed.add(place // size)
        for number in changed:
            blocks += ([] for _ in range(len(blocks), number + 1))
            blocks[number] = self._counting(number, (number + 1) * size)
            self._states.doubt(number)

    def state(self, stop: int | None = None) -> S:
        """Return the state after the first marks; after all that count for None."""
        last, size = len(self._blocks), self._size
        if stop is not None:
            last = min(last, stop // size)
        _, state = self._states.before(last, self._read)
        for mark in self._counting(last, stop or 0):
            state = self._step(state, mark)
        return state

    def _read(self, first: int, stop: int) -> list[list[Mark]]:
        return self._blocks[first:stop]

    def _counting(self, number: int, stop: int) -> list[Mark]:
        """Return the marks of a block that count, up to some place."""
        start = number * self._size
        return [*compress(self._marks[start:stop], self.counts[start:stop])]


class MergedStates(Generic[S]):
    """The states of runs of blocks, each folded from the beginning, and merged.

    Merging many states again would take long after one of them changed. So groups of
    them are merged, groups of these, and so on: a change concerns one in each row.

    Args:
        projection: The projection.
        merge: Returns the state after two parts, from the state after each.
        gap: The number of blocks in a run.
    """

    def __init__(
        self, projection: Projection[S], merge: Callable[[S, S], S], gap: int
    ) -> None:
        self.projection = projection
        self.gap = gap
        self._merge = merge
        # The states of runs; of groups of runs; of groups of groups, ... A hole is to
        # be found anew.
        self._rows: list[list[S]] = [[]]

    def __len__(self) -> int:
        return sum(map(len, self._rows))

    def until(self, number: int) -> MergedStates[S]:
        """Return a copy of the valid states of runs that end before a block."""
        states, stop = MergedStates(self.projection, self._merge, self.gap), number
        stop //= self.gap
        states._rows = [row[: stop // _GROUP**n] for n, row in enumerate(self._rows)]
        return states

    def doubt(self, number: int) -> None:
        """Note that a block has changed."""
        index = number // self.gap
        for row in self._rows:
            row[index : index + 1] = [_HOLE] * (index < len(row))
            index //= _GROUP

    def split(self, number: int) -> None:
        """Note that a block has become two: all after it lie in other runs."""
        index = number // self.gap
        for row in self._rows:
            del row[index:]
            index //= _GROUP

    def thin(self) -> None:
        """Discard all states, for longer runs."""
        self.gap *= 2
        self._rows = [[]]

    def before(self, number: int, read: Read) -> tuple[int, S]:
        """Return the last block not after one before which there is a state, and that.

        What is kept is extended as far as that. The state is a private copy.
        """
        stop, states, row = number // self.gap, list[S](), 0
        while _GROUP ** (row + 1) <= stop:
            row += 1
        try:
            for n in range(row, -1, -1):
                # What the groups of the row above leave over.
                start = stop // _GROUP ** (n + 1) * _GROUP if n < row else 0
                places = range(start, stop // _GROUP**n)
                states += [self._state(n, place, read) for place in places]
            state = reduce(self._merge, states or [self.projection.initial()])
            return stop * self.gap, private_copy(state)
        except Exception:
            # A part of a sum may be too long, where the whole is not. If the whole
            # fails too, the error names the event.
            return 0, self.projection.initial()

    def _state(self, number: int, index: int, read: Read) -> S:
        """Return the state of a run or a group, by its row and the index there."""
        while number >= len(self._rows):
            self._rows.append([])
        row = self._rows[number]
        row += [_HOLE] * (index + 1 - len(row))
        if row[index] is not _HOLE:
            return row[index]
        if number:
            parts = range(index * _GROUP, (index + 1) * _GROUP)
            states = (self._state(number - 1, part, read) for part in parts)
            state = reduce(self._merge, states)
        else:
            state, step = self.projection.initial(), self.projection._step
            blocks = read(index * self.gap, (index + 1) * self.gap)
            for mark in chain.from_iterable(blocks):
                state = step(state, mark)
        row[index] = state
        return state


def begun(
    projection: Projection[S], most: int, gap: int, run: int
) -> States[S] | MergedStates[S]:
    """Return where the states of a projection are kept, with none yet.

    Args:
        projection: The projection.
        most: The greatest weight of all states.
        gap: The number of blocks from one state to the next.
        run: The same, if they merge: each then begins anew.
    """
    if projection.merge is None:
        return States(projection, most, gap)
    return MergedStates(projection, projection.merge, run)


def is_same(one: object, other: object) -> bool:
    """Check that no fold can tell two states apart.

    Being equal is not enough: 1 equals True, a dictionary equals one in another order,
    and a class may leave fields out of its equality. What would be pickled is compared.
    """
    try:
        return _is_alike(one, other)
    except Exception:  # some values cannot be pickled, or contain themselves
        return False


def _is_alike(one: object, other: object) -> bool:
    kind = type(one)
    if one is other or kind is not type(other):
        return one is other
    if kind in PLAIN:
        return one == other
    if isinstance(one, float):
        return kind is float and repr(one) == repr(other)
    # A distinct count has as many parts as it has values.
    if isinstance(one, int) and one != other:
        return False
    parts, counterparts = _parts(one), _parts(other)
    if len(parts) != len(counterparts):
        return False
    return all(map(_is_alike, parts, counterparts))


def _parts(value: Any) -> list[object]:
    """Return what distinguishes a value from others of its class."""
    if type(value) in (tuple, list):
        return list(value)
    if type(value) is dict:
        return [*chain.from_iterable(value.items())]
    # What makes it, with which arguments, and its state; then, of a subclass of a list
    # or a dictionary, iterators of the items.
    made, arguments, *rest = value.__reduce_ex__(4)
    return [made, arguments, *rest[:1], *(list(items or ()) for items in rest[1:])]
