"""Marks by key, and the states of the keys."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from typing import Any, Generic, TypeVar

from bri_timeline._events import Event, Key, Mark, event_of, sort_key
from bri_timeline._projection import Projection, is_hashable


__all__ = [
    "By",
    "Groups",
    "KeyedStates",
]


K = TypeVar("K", bound=Hashable)
S = TypeVar("S")
By = Callable[[Event], Iterable[K]]
_MOST_CHANGED = 256


class KeyedStates(Mapping[K, S]):
    """States by key, which nothing changes.

    One that differs in a few keys shares the others: to copy a dictionary of 100,000
    keys takes longer than to fold what one event changed.

    Args:
        states: The states.
        changed: States that replace these, or have other keys.
    """

    __slots__ = ("_changed", "_new", "_states")

    def __init__(self, states: dict[K, S], changed: dict[K, S]) -> None:
        self._states = states
        self._changed = changed
        self._new = [key for key in changed if key not in states]

    def but(self, changed: dict[K, S]) -> KeyedStates[K, S]:
        """Return these states with some others."""
        changed = self._changed | changed
        if len(changed) > _MOST_CHANGED:
            return KeyedStates(self._states | changed, {})
        return KeyedStates(self._states, changed)

    def __getitem__(self, key: K) -> S:
        return self._changed[key] if key in self._changed else self._states[key]

    def __iter__(self) -> Iterator[K]:
        yield from self._states
        yield from self._new

    def __len__(self) -> int:
        return len(self._states) + len(self._new)

    def __repr__(self) -> str:
        return repr(dict(self))


class Groups(Generic[K]):
    """The marks of one basis by key, in fold order, and the states of the keys.

    Args:
        by: Returns the keys of an event.
        marks: The marks.

    Attributes:
        rows: The rows of new singletons whose marks are not added yet.
    """

    __slots__ = ("_asked", "_by", "_changed", "_marks", "_states", "rows")

    def __init__(self, by: By[K], marks: Iterable[Mark]) -> None:
        self._by = by
        self._marks: dict[K, list[Mark]] = {}
        for mark in marks:
            for key in by(event_of(mark)):
                if key not in self._marks:
                    self._marks[key] = []
                self._marks[key].append(mark)
        self.rows: list[int] = []
        # The last question and its states. Each key that got marks since, with the
        # number of marks it had, if all new ones come after these; else 0.
        self._asked: tuple[Projection[Any], float] | None = None
        self._states: KeyedStates[K, Any] = KeyedStates({}, {})
        self._changed: dict[K, int] = {}

    def add(self, mark: Mark) -> None:
        """Insert a mark that comes after all with the same days."""
        key_of_mark = _days(mark)
        for key in self._by(event_of(mark)):
            marks = self._marks.setdefault(key, [])
            size, place = len(marks), bisect_right(marks, key_of_mark, key=_days)
            marks.insert(place, mark)
            before = self._changed.get(key, size)
            self._changed[key] = before if place == size else 0

    def certain(self, day: float) -> list[tuple[K, list[Mark]]]:
        """Return the marks that are certain by a day, by key."""
        stops = ((key, self._stop(key, day)) for key in self._marks)
        return [(key, self._marks[key][:stop]) for key, stop in stops if stop]

    def states(
        self, projection: Projection[S], day: float, most: int
    ) -> KeyedStates[K, S]:
        """Return the certain state of each key on a day.

        Args:
            projection: How to fold the marks of a key.
            day: The day.
            most: The greatest number of states to keep for the next question.
        """
        is_again, step = self._asked == (projection, day), projection.step
        changed = self._changed if is_again else dict.fromkeys(self._marks, 0)
        found: dict[K, S] = {}
        for key, before in changed.items():
            marks, stop = self._marks[key], self._stop(key, day)
            if stop:
                start = before if before <= stop else 0
                state: S = self._states[key] if start else projection.initial()
                for mark in marks[start:stop]:
                    state = step(state, mark)
                found[key] = state
        states = self._states.but(found) if is_again else KeyedStates(found, {})
        # A state without a hash could be changed by whoever gets it.
        if len(states) <= most and all(map(is_hashable, found.values())):
            self._asked = projection, day
            self._states, self._changed = states, {}
        return states

    def _stop(self, key: K, day: float) -> int:
        """Return the number of marks of a key that are certain by a day."""
        marks = self._marks[key]
        if marks[-1].when.latest_start <= day:
            return len(marks)
        return bisect_right(marks, day, key=_last)


def _last(mark: Mark) -> float:
    return mark.when.latest_start


def _days(mark: Mark) -> Key:
    """Return the key of a mark in fold order, but for its position."""
    return sort_key(mark, 0)
