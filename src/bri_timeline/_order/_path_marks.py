"""The marks of one path of a composition, and the states along them."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from copy import copy
from functools import reduce
from itertools import chain
from typing import Any

from bri_timeline._events import Event
from bri_timeline._events.marks import Key, Mark
from bri_timeline._folds import Leaf
from bri_timeline._order._blocks import certain_by, certain_day
from bri_timeline._order._remembering import remembering


# The number of marks of a line from one state that is kept to the next.
_SIZE = 64
_HOLE: Any = object()
KeyOf = Callable[[Mark, int], "Key | int"]


class Fold:
    """The fold of a leaf, of the marks of one path.

    Args:
        leaf: The leaf.
        kinds: The payload classes of all events.
    """

    def __init__(self, leaf: Leaf, kinds: tuple[type, ...]) -> None:
        projection = leaf.projection
        self.takes_ends = projection.ends is not None
        told = remembering(projection, kinds) if self.takes_ends else projection
        self.initial, self.step = told.initial, told._step
        self.merge = None if self.takes_ends else projection.merge
        self.evolve, self.retract = projection.evolve, leaf.retract
        self.together = leaf.together


class PathMarks:
    """The marks of one path in fold order, and states along them.

    Where states merge, each segment of marks has its own; else there is the state
    before each, as far as these were folded.
    """

    __slots__ = ("day", "fold", "marks", "rows", "state", "states")

    def __init__(self, fold: Fold) -> None:
        self.fold = fold
        self.marks: list[list[Mark]] = [[]]
        self.rows: list[list[int]] = [[]]
        self.states: list[Any] = []
        # The last day that was asked for, and the state then.
        self.day = -math.inf
        self.state: Any = _HOLE

    def copied(self) -> PathMarks:
        """Return the same, to be changed while another is not."""
        other = copy(self)
        other.marks, other.rows = (
            [[*part] for part in p] for p in (self.marks, self.rows)
        )
        other.states = [*self.states]
        return other

    def part(self) -> None:
        """Part the first marks into segments."""
        (marks,), (rows,) = self.marks, self.rows
        if len(marks) > _SIZE:
            starts = range(0, len(marks), _SIZE)
            self.marks = [marks[start : start + _SIZE] for start in starts]
            self.rows = [rows[start : start + _SIZE] for start in starts]

    def change(self, mark: Mark, row: int, key_of: KeyOf, *, comes: bool) -> None:
        """Add a mark at its place, or remove one."""
        key = key_of(mark, row)
        firsts = range(1, len(self.marks))
        number = bisect_right(
            firsts, key, key=lambda n: key_of(self.marks[n][0], self.rows[n][0])
        )
        marks, rows = self.marks[number], self.rows[number]
        place = bisect_left(
            range(len(marks)), key, key=lambda n: key_of(marks[n], rows[n])
        )
        if comes:
            marks.insert(place, mark)
            rows.insert(place, row)
        else:
            del marks[place], rows[place]
        self._follow(mark, comes=comes)
        if self.fold.merge is None:
            self._take_in(number, mark, comes=comes)
        elif number < len(self.states):
            self.states[number] = _HOLE
        self._cut(number)

    def _follow(self, mark: Mark, *, comes: bool) -> None:
        """Let the last state that was asked for have a change, or forget it."""
        if self.state is not _HOLE and mark.when.latest_start <= self.day:
            self.state = self._changed(self.state, mark, comes=comes)

    def _take_in(self, number: int, mark: Mark, *, comes: bool) -> None:
        """Let the states after a change have it, or forget them."""
        for later in range(number + 1, len(self.states)):
            state = self._changed(self.states[later], mark, comes=comes)
            if state is _HOLE:
                del self.states[number + 1 :]
                return
            self.states[later] = state

    def _changed(self, state: Any, mark: Mark, *, comes: bool) -> Any:
        retract = self.fold.retract
        if retract is None or not isinstance(mark, Event):
            return _HOLE
        try:
            found = (self.fold.evolve if comes else retract)(state, mark)
        except Exception:  # it is raised again where the state is folded
            return _HOLE
        return _HOLE if found is NotImplemented else found

    def _cut(self, number: int) -> None:
        """Halve a segment that is long, and leave out one that is empty."""
        marks, rows, merges = self.marks, self.rows, self.fold.merge is not None
        if not marks[number] and len(marks) > 1:
            del marks[number], rows[number]
            if merges:
                del self.states[number : number + 1]
            else:
                del self.states[max(number, 1) :]
        elif len(marks[number]) > 2 * _SIZE:
            marks[number : number + 1] = marks[number][:_SIZE], marks[number][_SIZE:]
            rows[number : number + 1] = rows[number][:_SIZE], rows[number][_SIZE:]
            if merges:
                self.states.insert(number + 1, _HOLE)
            else:
                del self.states[number + 1 :]

    def on(self, day: float) -> Any:
        """Return the state of what is certain by a day."""
        if self.state is _HOLE or self.day != day:
            self.state, self.day = self._folded(day), day
        return self.state

    def _folded(self, day: float) -> Any:
        fold, marks, states = self.fold, self.marks, self.states
        step = fold.step
        last = 0
        if len(marks) > 1:
            last = bisect_right(
                range(1, len(marks)), day, key=lambda n: certain_day(marks[n][0])
            )
        if fold.merge is not None and last:
            states += [_HOLE] * (last - len(states))
            for number in range(last):
                if states[number] is _HOLE:
                    states[number] = reduce(step, marks[number], fold.initial())
            tail = reduce(step, certain_by(marks[last], day), fold.initial())
            try:
                return reduce(fold.merge, [*states[:last], tail])
            except Exception:
                # A part of a sum may be too long, where the whole is not.
                whole = chain(*marks[:last], certain_by(marks[last], day))
                return reduce(step, whole, fold.initial())
        if not last:
            state = fold.initial()
        else:
            states += [] if states else [fold.initial()]
            while len(states) <= last:
                states.append(reduce(step, marks[len(states) - 1], states[-1]))
            state = states[last]
        for mark in certain_by(marks[last], day):
            state = step(state, mark)
        return state
