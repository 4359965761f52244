"""Checkpoints: states along an event sequence, at regular intervals."""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Iterable, Iterator
from functools import reduce
from itertools import chain
from typing import Any, Generic, Protocol, TypeVar

from bri_timeline._events import Mark
from bri_timeline._folding._copies import PLAIN, private_copy, weight_of
from bri_timeline._projection import Late, Projection


__all__ = [
    "Blocks",
    "Checkpoints",
    "MergedStates",
    "States",
    "begun_states",
    "nearest_state",
]


S = TypeVar("S")
# The number of states that are merged into one, and the fewest marks in a block of
# these.
_GROUP = 16
_BLOCK = 32
# One in so many states is weighed.
_WEIGHED = 64


class Blocks(Protocol):
    """Marks in fold order that can be read in blocks."""

    def blocks(self, places: range, /) -> Iterator[Iterable[Mark]]:
        """Yield the marks from each place to the next, to be read in that order."""
        ...


class Checkpoints(Generic[S]):
    """The states of one projection along one sequence of marks, from its beginning.

    A checkpoint is identified by its place in fold order, never by time of arrival. An
    event that is inserted late casts doubt on the checkpoints after its place. They are
    folded again until one of them is what it was: then all after it are valid too.

    Attributes:
        states: The state before each place; private, so callers get copies.
        stride: The number of singletons from one place to the next: a block.
        most: The greatest weight of all states.
        late: Returns a state as if a mark had come at its place; None for no such rule.
    """

    __slots__ = (
        "_doubts",
        "_late",
        "_taken",
        "_weight",
        "late",
        "most",
        "states",
        "stride",
    )

    def __init__(
        self,
        states: list[S],
        stride: int,
        most: int,
        late: Late[S] | None = None,
        weight: int = 1,
    ) -> None:
        self.states = states
        self.stride = stride
        self.most = most
        self.late = late
        # Late marks with their blocks, and how many of them a state, by its number, has
        # taken in: each does when it is asked for. They are never beside doubts.
        self._late: list[tuple[int, Mark]] = []
        self._taken: dict[int, int] = {}
        # That of one state: of the last that was weighed.
        self._weight = weight
        # The first and last block of each range that changed, in ascending order. The
        # states after the first of these blocks are not known to be valid.
        self._doubts: list[tuple[int, int]] = []

    def __len__(self) -> int:
        """Return the weight of the states: how many they are, if they are small."""
        return len(self.states) * self._weight

    def reaches(self, index: int) -> bool:
        """Check that there are valid checkpoints as far as an index."""
        if self._doubts or index >= len(self.states) * self.stride:
            return False
        return self._takes_in(index // self.stride)

    def until(self, index: int) -> Checkpoints[S]:
        """Return a copy of the valid checkpoints no later than an index."""
        changed = [first for first, _ in (*self._doubts[:1], *self._late)]
        last = min([index // self.stride, *changed])
        states = self.states[: last + 1]
        return Checkpoints(states, self.stride, self.most, self.late, self._weight)

    def forget(self, index: int) -> None:
        """Discard the checkpoints after an index."""
        del self.states[index // self.stride + 1 :]
        last = len(self.states) - 1
        self._doubts = [doubt for doubt in self._doubts if doubt[0] < last]
        if all(block >= last for block, _ in self._late):
            self._late.clear()
        taken = self._taken.items() if self._late else ()
        self._taken = {number: count for number, count in taken if number <= last}

    def insert(self, index: int, mark: Mark) -> None:
        """Note that a mark has come late, before the singleton at an index."""
        if self.late is None or self._doubts:
            self.doubt(index, index)
        elif index // self.stride < len(self.states) - 1:
            self._late.append((index // self.stride, mark))

    def doubt(self, first: int, last: int) -> None:
        """Note that marks from one index to another have changed."""
        if self._late:
            # Some states have taken in late marks, and others have not: they do not
            # tell whether a fold has come to the same state again.
            self.forget(first)
        block = first // self.stride
        if block < len(self.states) - 1:
            insort(self._doubts, (block, last // self.stride))

    def thin(self) -> None:
        """Discard every second checkpoint."""
        self.states = self.states[::2]
        self.stride *= 2
        self._doubts = [(first // 2, last // 2) for first, last in self._doubts]
        self._late = [(block // 2, mark) for block, mark in self._late]
        self._taken = {n // 2: k for n, k in self._taken.items() if n % 2 == 0}

    def nearest(self, index: int) -> tuple[int, S]:
        """Return the last place not after an index, and a copy of the state there."""
        place = min(index // self.stride, len(self.states) - 1)
        return place * self.stride, private_copy(self.states[place])

    def advance(self, projection: Projection[S], sequence: Blocks, stop: int) -> None:
        """Fold on to an index, and keep a checkpoint at each place."""
        last = min(stop // self.stride, len(self.states) - 1)
        while self._doubts and self._doubts[0][0] < last:
            self._fold_again(projection, sequence, last)
        while not self._extend(projection, sequence, stop):
            # There would be too much in memory before the end is reached.
            self.thin()

    def _extend(self, projection: Projection[S], sequence: Blocks, stop: int) -> bool:
        """Fold on to an index; stop, and return False, if the states are too heavy."""
        while not self._takes_in(len(self.states) - 1):
            pass
        last = len(self.states) - 1
        for state in self._folded(projection, sequence, last, stop // self.stride):
            if self._late:
                self._taken[len(self.states)] = len(self._late)
            self.states.append(state)
            if len(self.states) % _WEIGHED == 0:
                self._weight = weight_of(state)
                if self._weight > 1 and len(self) > self.most:
                    return False
        return True

    def _takes_in(self, number: int) -> bool:
        """Let a state take in the late marks before it.

        Returns:
            False if it cannot take in one: the states after that are discarded.
        """
        if self.late is None or not self._late:
            return True
        state = self.states[number]
        for block, mark in self._late[self._taken.get(number, 0) :]:
            if block < number:
                found = self.late(state, mark, None, (), ())
                if found is None:
                    self.forget(block * self.stride)
                    return False
                state = found
        self.states[number] = state
        self._taken[number] = len(self._late)
        return True

    def _fold_again(
        self, projection: Projection[S], sequence: Blocks, stop: int
    ) -> None:
        """Replace the states after the first change, until one is what it was.

        States are compared 1, 2, 4, 8, ... places after the change: what comparing
        costs is then little, also where the fold never comes to the same state again.
        """
        number, changed = self._doubts.pop(0)
        settled = False
        try:
            for state in self._folded(projection, sequence, number, stop):
                number += 1
                while self._doubts and self._doubts[0][0] < number:
                    changed = max(changed, self._doubts.pop(0)[1])
                before, self.states[number] = self.states[number], state
                after = number - changed
                if after > 0 and not after & (after - 1):
                    settled = is_same(before, state)
                    if settled:
                        break
        finally:  # a projection may fail
            if not settled and number < len(self.states) - 1:
                insort(self._doubts, (number, max(changed, number)))

    def _folded(
        self,
        projection: Projection[S],
        sequence: Blocks,
        first: int,
        last: int,
    ) -> Iterator[S]:
        """Fold on from a checkpoint, and yield the states of the places after it."""
        stride, state, step = (
            self.stride,
            private_copy(self.states[first]),
            projection._step,
        )
        for block in sequence.blocks(range(first * stride, last * stride, stride)):
            for mark in block:
                state = step(state, mark)
            yield private_copy(state)


class MergedStates(Generic[S]):
    """The states of blocks of marks, each folded from the beginning, and merged.

    Merging many blocks again would take long after one of them changed. So groups of
    blocks are merged, groups of these, and so on: a change concerns one in each row.

    Args:
        projection: The projection.
        merge: Returns the state after two parts, from the state after each.
        stride: The number of singletons in a block.
    """

    __slots__ = ("_changed", "_merge", "_projection", "_rows", "stride")

    def __init__(
        self, projection: Projection[S], merge: Callable[[S, S], S], stride: int
    ) -> None:
        self.stride = stride
        self._projection = projection
        self._merge = merge
        # The states of the blocks, of groups of blocks, of groups of groups, ...
        self._rows: list[list[S]] = [[]]
        # The blocks to be folded again, and their groups to be merged again.
        self._changed: set[int] = set()

    def __len__(self) -> int:
        return sum(map(len, self._rows))

    def reaches(self, index: int) -> bool:
        """Check that there are valid states of all blocks before an index."""
        return not self._changed and index < (len(self._rows[0]) + 1) * self.stride

    def until(self, index: int) -> MergedStates[S]:
        """Return a copy of the valid states of blocks before an index."""
        found = MergedStates(self._projection, self._merge, self.stride)
        stop = min(chain([index // self.stride], self._changed))
        found._rows = [row[: stop // _GROUP**n] for n, row in enumerate(self._rows)]
        return found

    def forget(self, index: int) -> None:
        """Discard the states of blocks that do not end before an index."""
        stop = index // self.stride
        for row in self._rows:
            del row[stop:]
            stop //= _GROUP
        blocks = len(self._rows[0])
        self._changed = {block for block in self._changed if block < blocks}

    def insert(self, index: int, mark: Mark) -> None:
        """Note that a mark has come late, before the singleton at an index."""
        self.doubt(index, index)

    def doubt(self, first: int, last: int) -> None:
        """Note that marks from one index to another have changed."""
        low, high = first // self.stride, last // self.stride + 1
        self._changed.update(range(low, min(high, len(self._rows[0]))))

    def thin(self) -> None:
        """Discard all states, for greater blocks."""
        self.stride *= 2
        self.forget(0)

    def nearest(self, index: int) -> tuple[int, S]:
        """Return the last place not after an index, and a copy of the state there."""
        blocks = stop = min(index // self.stride, len(self._rows[0]))
        states: list[S] = []
        for row, groups in zip(self._rows, [*self._rows[1:], []], strict=True):
            # What is left over by the groups of the next row.
            number = min(stop // _GROUP, len(groups))
            states[:0] = row[number * _GROUP : stop]
            stop = number
        state = reduce(self._merge, states) if states else self._projection.initial()
        return blocks * self.stride, private_copy(state)

    def advance(self, projection: Projection[S], sequence: Blocks, stop: int) -> None:
        """Fold the blocks that changed, and on to an index."""
        stride, blocks = self.stride, self._rows[0]
        for block in sorted(self._changed):
            place = block * stride
            (blocks[block],) = self._folded(sequence, place, place + stride)
        end = len(blocks) * stride
        if stop - end >= stride:
            blocks.extend(self._folded(sequence, end, stop))
        self._merge_groups()
        self._changed.clear()

    def _merge_groups(self) -> None:
        """Merge the groups that changed, and those that are new."""
        number, changed, parts = 0, self._changed, self._rows[0]
        while size := len(parts) // _GROUP:
            number += 1
            if number == len(self._rows):
                self._rows.append([])
            groups = self._rows[number]
            changed = {place // _GROUP for place in changed}
            old = [place for place in changed if place < len(groups)]
            for place in (*old, *range(len(groups), size)):
                some = parts[place * _GROUP : (place + 1) * _GROUP]
                groups[place : place + 1] = [reduce(self._merge, some)]
            parts = groups

    def _folded(self, sequence: Blocks, start: int, stop: int) -> Iterator[S]:
        """Fold each block between two indexes from the beginning."""
        stride, step, initial = (
            self.stride,
            self._projection._step,
            self._projection.initial,
        )
        for block in sequence.blocks(range(start, stop - stride + 1, stride)):
            state = initial()
            for mark in block:
                state = step(state, mark)
            yield state


States = Checkpoints[S] | MergedStates[S]


def begun_states(projection: Projection[S], stride: int, most: int) -> States[S]:
    """Return where the states of a projection are kept, with none yet.

    Args:
        projection: The projection.
        stride: The number of singletons from one state to the next; more if it is low
            and states merge, as each then begins anew.
        most: The greatest weight of all states.
    """
    if projection.merge is None:
        states = [private_copy(projection.initial())]
        return Checkpoints(states, stride, most, projection.late)
    return MergedStates(projection, projection.merge, max(stride, _BLOCK))


def nearest_state(
    kept: States[S], projection: Projection[S], sequence: Blocks, stop: int
) -> tuple[int, S]:
    """Return the last place not after an index, and a private copy of the state there.

    What is kept is extended as far as that.
    """
    try:
        if not kept.reaches(stop):
            kept.advance(projection, sequence, stop)
        return kept.nearest(stop)
    except Exception:
        if projection.merge is None:
            raise
        # A part of a sum may be too long, where the whole is not. If the whole fails
        # too, the error names the event.
        return 0, projection.initial()


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
    parts, others = _parts(one), _parts(other)
    if len(parts) != len(others):
        return False
    return all(map(_is_alike, parts, others))


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
