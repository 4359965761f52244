"""Marks by key, in the same blocks, and the states of the keys."""

from __future__ import annotations

import sys
from bisect import bisect_left, bisect_right, insort_right
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Generic, TypeVar

from bri_timeline._events import Event
from bri_timeline._events.marks import Key, Mark, event_of, sort_key
from bri_timeline._order._blocks import Blocks, certain_by
from bri_timeline._order._states import MergedStates, States, begun
from bri_timeline._projection import Projection, check_keys, is_hashable, refuse_text


K = TypeVar("K", bound=Hashable)
S = TypeVar("S")
By = Callable[[Event], Iterable[K]]
_MOST_CHANGED = 256
# The number of marks in a block of a key. Most keys have fewer marks: a list of them
# takes less memory than blocks do.
_SIZE = 64


class KeyedStates(Mapping[K, S]):
    """States by key, which nothing changes.

    One that differs in a few keys shares the others: to copy a dictionary of 100,000
    keys takes longer than to fold what one event changed.

    Args:
        states: The states.
        changed: States that replace these, or have other keys.
        keys: All keys, each with its number from 0; it may grow.
        initial: Makes the state of a key that has none of these, if there is any.

    Attributes:
        kept: The number of states that are kept.
    """

    __slots__ = ("_changed", "_count", "_initial", "_keys", "_states", "kept")

    def __init__(
        self,
        states: dict[K, S],
        changed: dict[K, S],
        keys: dict[K, int],
        initial: Callable[[], Any] = dict,
    ) -> None:
        self._states = states
        self._changed = changed
        self._keys = keys
        # Those that are added later are none of these.
        self._count = len(keys)
        self._initial = initial
        self.kept = len(states) + sum(key not in states for key in changed)

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle the states; what makes an initial one need not be picklable."""
        return KeyedStates, (dict(self), {}, dict.fromkeys(self, 0))

    def but(self, changed: dict[K, S], keys: dict[K, int]) -> KeyedStates[K, S]:
        """Return these states with some others, of the keys that there are now."""
        changed, states = self._changed | changed, self._states
        if len(changed) > _MOST_CHANGED:
            changed, states = {}, states | changed
        return KeyedStates(states, changed, keys, self._initial)

    def __getitem__(self, key: K) -> S:
        for states in (self._changed, self._states):
            if key in states:
                return states[key]
        if self._keys[key] >= self._count:
            raise KeyError(key)
        initial: S = self._initial()
        return initial

    def __iter__(self) -> Iterator[K]:
        return islice(self._keys, self._count)

    def __len__(self) -> int:
        return self._count

    def __repr__(self) -> str:
        return repr(dict(self))


class Groups(Generic[K]):
    """The marks of one basis by key, in fold order, and the states of the keys.

    A key with many marks has them in blocks, and states along these.

    Args:
        by: Returns the keys of an event.
        marks: The marks.

    Attributes:
        numbers: The keys, in order of first use, each with its number from 0.
        new: New singletons whose marks are not added yet.
        doubted: Other marks that have come or are gone since.
    """

    def __init__(self, by: By[K], marks: list[Mark]) -> None:
        self._by = by
        by_key: dict[K, list[Mark]] = {}
        for mark in marks:
            for key in by(mark if isinstance(mark, Event) else mark.event):
                by_key.setdefault(key, []).append(mark)
        check_keys(by, by_key, marks)
        self._marks: dict[K, list[Mark] | Blocks] = {
            key: _blocks(group) if len(group) > _SIZE else group
            for key, group in by_key.items()
        }
        self.numbers = {key: number for number, key in enumerate(by_key)}
        self.new: list[Mark] = []
        self.doubted: list[Mark] = []
        self.forget()

    def __len__(self) -> int:
        """Return the number of states that are kept."""
        return self._states.kept + self._count

    def forget(self) -> None:
        """Discard all states."""
        # The last question and its states. Each key that got marks since, with those
        # that came after all others; None if one did not.
        self._asked: tuple[Projection[Any], float] | None = None
        self._states: KeyedStates[K, Any] = KeyedStates({}, {}, {})
        self._changed: dict[K, list[Mark] | None] = {}
        # The projection of the last question, and its states along keys.
        self._along: dict[K, States[Any] | MergedStates[Any]] = {}
        self._along_of: Projection[Any] | None = None
        self._count = 0

    def catch_up(self, alike: Callable[[Mark], Iterable[Mark]]) -> bool:
        """Insert new marks, and those that changed.

        A new one comes after all others of the same days. Of one that came back, or is
        gone, all marks of its days and keys are put there anew.

        Args:
            alike: Returns all marks with the days of one, in fold order.

        Returns:
            False if a key has no mark any more: then all are to be grouped anew.
        """
        for mark in self.new:
            for key in self._keys_of(mark):
                self._add(key, mark)
        doubted = {days_of(mark): dict[K, None]() for mark in self.doubted}
        for mark in self.doubted:
            doubted[days_of(mark)].update(dict.fromkeys(self._keys_of(mark)))
        for mark in {days_of(mark): mark for mark in self.doubted}.values():
            keys = doubted[days_of(mark)]
            for key in keys:
                self._clear(key, mark)
            for other in alike(mark):
                for key in self._keys_of(other):
                    if key in keys:
                        self._add(key, other)
        self.new.clear()
        self.doubted.clear()
        changed = (self._marks.get(key) for keys in doubted.values() for key in keys)
        return all(any(m.marks) if isinstance(m, Blocks) else m for m in changed)

    def _keys_of(self, mark: Mark) -> Iterable[K]:
        keys = self._by(event_of(mark))
        refuse_text(keys)
        return keys

    def _clear(self, key: K, mark: Mark) -> None:
        """Remove the marks of a key with the days of one."""
        marks, days = self._marks.setdefault(key, []), days_of(mark, is_last=True)
        self._changed[key] = None
        if isinstance(marks, list):
            start = bisect_left(marks, days, key=_days)
            del marks[start : bisect_right(marks, days, key=_days)]
        else:
            for number in marks.clear(days_of(mark), days):
                if key in self._along:
                    self._along[key].doubt(number)

    def _add(self, key: K, mark: Mark) -> None:
        marks = self._marks.setdefault(key, [])
        self.numbers.setdefault(key, len(self.numbers))
        if isinstance(marks, list):
            insort_right(marks, mark, key=_days)
            is_last = marks[-1] is mark
            if len(marks) > 2 * _SIZE:
                self._marks[key] = _blocks(marks)
        else:
            number, along = marks.add(_days(mark), mark, 0), self._along.get(key)
            is_last = any(other is mark for other in marks.marks[-1][-1:])
            if along is not None:
                along.doubt(number)
            if marks.halve(number) and along is not None:
                along.split(number)
        after = self._changed.setdefault(key, [])
        if is_last and after is not None:
            after.append(mark)
        else:
            self._changed[key] = None

    def certain(self, day: float) -> dict[K, list[Mark]]:
        """Return the marks that are certain by a day, by key, if there are any."""
        pairs = ((key, _certain(marks, day)) for key, marks in self._marks.items())
        return {key: certain for key, marks in pairs if (certain := [*marks])}

    def states(
        self, projection: Projection[S], day: float, most: int, keys: dict[K, int]
    ) -> KeyedStates[K, S]:
        """Return the certain state of each key on a day.

        Args:
            projection: How to fold the marks of a key.
            day: The day.
            keys: All keys, also those without marks here, with their numbers.
            most: The greatest number of states to keep for the next question.
        """
        is_again, step = self._asked == (projection, day), projection._step
        changed = self._changed if is_again else dict.fromkeys(self._marks)
        folded: dict[K, S] = {}
        for key, after in changed.items():
            key_marks, place, state = self._marks[key], 0, projection.initial()
            if after is not None and key in self._states:
                key_marks, state = after, self._states[key]
            elif most and isinstance(key_marks, Blocks):
                place, state = self._before(key, projection, key_marks, day, most)
            for mark in _certain(key_marks, day, place):
                state = step(state, mark)
            folded[key] = state
        before = KeyedStates[K, S]({}, {}, keys, projection.initial)
        states = (self._states if is_again else before).but(folded, keys)
        # A state without a hash could be changed by whoever gets it.
        if states.kept <= most and all(map(is_hashable, folded.values())):
            self._asked = projection, day
            self._states, self._changed = states, {}
        return states

    def _before(
        self, key: K, projection: Projection[S], marks: Blocks, day: float, most: int
    ) -> tuple[int, S]:
        """Return the last block of a key before which a state is kept, and that."""
        if self._along_of != projection:
            self._along_of, self._along, self._count = projection, {}, 0
        along = self._along.get(key)
        if along is None:
            along = self._along[key] = begun(projection, most, 1, 1)
        before = len(along)
        try:
            return along.before(
                marks.on(day), lambda *places: marks.marks[slice(*places)]
            )
        finally:  # a projection may fail; what was folded so far is valid
            self._count += len(along) - before


def days_of(mark: Mark, *, is_last: bool = False) -> Key:
    """Return a key before all marks with the days of one, or after them."""
    return sort_key(mark, sys.maxsize if is_last else 0)


def _days(mark: Mark) -> Key:
    return sort_key(mark, sys.maxsize)


def _certain(marks: list[Mark] | Blocks, day: float, first: int = 0) -> Iterable[Mark]:
    """Return the marks of a key that are certain by a day, from a block on."""
    if isinstance(marks, Blocks):
        return marks.before(first, day)
    return certain_by(marks, day)


def _blocks(marks: list[Mark]) -> Blocks:
    return Blocks(marks, [0] * len(marks), _SIZE, None)
