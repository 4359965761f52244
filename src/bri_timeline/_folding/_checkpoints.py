"""Checkpoints: states along an event sequence, at regular intervals."""

from __future__ import annotations

import copy
from bisect import insort
from collections.abc import Callable, Iterable, Iterator
from functools import reduce
from itertools import chain
from typing import Any, Generic, Protocol, TypeVar

from bri_timeline._events import Mark
from bri_timeline._projection import Projection, is_hashable


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
_PLAIN = frozenset({int, bool, str, bytes})


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
    """

    __slots__ = ("_doubts", "states", "stride")

    def __init__(self, states: list[S], stride: int) -> None:
        self.states = states
        self.stride = stride
        # The first and last block of each range that changed, in ascending order. The
        # states after the first of these blocks are not known to be valid.
        self._doubts: list[tuple[int, int]] = []

    def __len__(self) -> int:
        return len(self.states)

    def reaches(self, index: int) -> bool:
        """Check that there are valid checkpoints as far as an index."""
        return not self._doubts and index < len(self.states) * self.stride

    def until(self, index: int) -> Checkpoints[S]:
        """Return a copy of the valid checkpoints no later than an index."""
        last = min([index // self.stride, *(first for first, _ in self._doubts[:1])])
        return Checkpoints(self.states[: last + 1], self.stride)

    def forget(self, index: int) -> None:
        """Discard the checkpoints after an index."""
        del self.states[index // self.stride + 1 :]
        last = len(self.states) - 1
        self._doubts = [doubt for doubt in self._doubts if doubt[0] < last]

    def doubt(self, first: int, last: int) -> None:
        """Note that marks from one index to another have changed."""
        block = first // self.stride
        if block < len(self.states) - 1:
            insort(self._doubts, (block, last // self.stride))

    def thin(self) -> None:
        """Discard every second checkpoint."""
        self.states = self.states[::2]
        self.stride *= 2
        self._doubts = [(first // 2, last // 2) for first, last in self._doubts]

    def nearest(self, index: int) -> tuple[int, S]:
        """Return the last place not after an index, and a copy of the state there."""
        place = min(index // self.stride, len(self.states) - 1)
        return place * self.stride, private_copy(self.states[place])

    def advance(self, projection: Projection[S], sequence: Blocks, stop: int) -> None:
        """Fold on to an index, and keep a checkpoint at each place."""
        last = min(stop // self.stride, len(self.states) - 1)
        while self._doubts and self._doubts[0][0] < last:
            self._fold_again(projection, sequence, last)
        last = len(self.states) - 1
        self.states.extend(
            self._folded(projection, sequence, last, stop // self.stride)
        )

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
            projection.step,
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
            self._projection.step,
            self._projection.initial,
        )
        for block in sequence.blocks(range(start, stop - stride + 1, stride)):
            state = initial()
            for mark in block:
                state = step(state, mark)
            yield state


States = Checkpoints[S] | MergedStates[S]


def begun_states(projection: Projection[S], stride: int) -> States[S]:
    """Return where the states of a projection are kept, with none yet.

    Args:
        projection: The projection.
        stride: The number of singletons from one state to the next; more if it is low
            and states merge, as each then begins anew.
    """
    if projection.merge is None:
        return Checkpoints([private_copy(projection.initial())], stride)
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


def private_copy(state: S) -> S:
    """Return a state that no caller can change: a copy, unless it has a hash."""
    is_kept = type(state) in _PLAIN or is_hashable(state)
    return state if is_kept else copy.deepcopy(state)


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
    if kind in _PLAIN:
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
