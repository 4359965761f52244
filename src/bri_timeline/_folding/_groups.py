"""Marks by key, and the states of the keys."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import (
    Callable,
    Collection,
    Hashable,
    Iterable,
    Iterator,
    Mapping,
)
from itertools import chain, islice
from typing import Any, Generic, TypeVar

from bri_timeline._events import Event, Key, Mark, event_of, sort_key
from bri_timeline._folding._checkpoints import States, begun_states, nearest_state
from bri_timeline._projection import (
    Projection,
    check_keys,
    is_hashable,
    refuse_text,
)


__all__ = [
    "By",
    "Groups",
    "KeyedStates",
    "MarkBlocks",
]


K = TypeVar("K", bound=Hashable)
S = TypeVar("S")
By = Callable[[Event], Iterable[K]]
_MOST_CHANGED = 256
# The number of marks in a block, and the greatest after late ones were inserted. Blocks
# of half the size, and the states between them, take 1.7 bytes more for each mark; the
# mark itself takes 8.
_SIZE = 64
_MOST_IN_BLOCK = 128


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
        for some in (self._changed, self._states):
            if key in some:
                return some[key]
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


class MarkBlocks:
    """The marks of a key in fold order, in blocks: a late one is inserted into its own.

    An index is the number of a block times the size of one: so what is inserted into a
    block moves no other, and states that are kept between blocks keep their places.

    Args:
        marks: The first marks, at least one.
    """

    __slots__ = ("_blocks",)

    def __init__(self, marks: list[Mark]) -> None:
        self._blocks = _cut(marks)

    def add(self, mark: Mark) -> int | None:
        """Insert a mark that comes after all with the same days.

        Returns:
            The index of the block where it lies, which is split if that has become too
            long; None if the mark comes after all others.
        """
        blocks, key = self._blocks, _days(mark)
        last = blocks[-1]
        if _days(last[-1]) <= key:
            if len(last) < _SIZE:
                last.append(mark)
            else:
                blocks.append([mark])
            return None
        number = bisect_right(blocks, key, key=_days_of_last)
        block = blocks[number]
        block.insert(bisect_right(block, key, key=_days), mark)
        return number * _SIZE

    def split(self, index: int) -> bool:
        """Cut a block and all after it anew, if it has become too long."""
        number = index // _SIZE
        is_long = len(self._blocks[number]) > _MOST_IN_BLOCK
        if is_long:
            rest = self._blocks[number:]
            self._blocks[number:] = _cut([*chain.from_iterable(rest)])
        return is_long

    def certain(self, day: float) -> tuple[int, list[Mark]]:
        """Return the marks that are certain by a day.

        Returns:
            The number of whole blocks, of which none gets marks at its end; the marks
            after these.
        """
        blocks = self._blocks
        whole = len(blocks) - 1
        if blocks[-1][-1].when.latest_start > day:
            whole = min(whole, bisect_right(blocks, day, key=_last_of_last))
        last = blocks[whole]
        if last[-1].when.latest_start > day:
            last = last[: bisect_right(last, day, key=_last)]
        return whole * _SIZE, last

    def blocks(self, places: range) -> Iterator[Iterable[Mark]]:
        """Yield the marks from each place to the next."""
        some = places.step // _SIZE
        for place in places:
            number = place // _SIZE
            yield chain.from_iterable(self._blocks[number : number + some])

    def before(self, start: int, stop: int) -> Iterator[Mark]:
        """Return the marks of whole blocks."""
        return chain.from_iterable(self._blocks[start // _SIZE : stop // _SIZE])


class Groups(Generic[K]):
    """The marks of one basis by key, in fold order, and the states of the keys.

    Of a key with many marks, states are kept along these.

    Args:
        by: Returns the keys of an event.
        marks: The marks.

    Attributes:
        numbers: The keys, in order of first use, each with its number from 0.
        rows: The rows of new singletons whose marks are not added yet.
        state_count: The number of states that are kept.
    """

    __slots__ = (
        "_asked",
        "_by",
        "_changed",
        "_kept",
        "_marks",
        "_states",
        "numbers",
        "rows",
        "state_count",
    )

    def __init__(self, by: By[K], marks: Collection[Mark]) -> None:
        self._by = by
        found: dict[K, list[Mark]] = {}
        for mark in marks:
            for key in by(mark if isinstance(mark, Event) else mark.event):
                some = found.get(key)
                if some is None:
                    found[key] = [mark]
                else:
                    some.append(mark)
        check_keys(by, found, marks)
        self._marks = {key: MarkBlocks(some) for key, some in found.items()}
        self.numbers = {key: number for number, key in enumerate(found)}
        self.rows: list[int] = []
        self.forget()

    def forget(self) -> None:
        """Discard all states."""
        self.state_count = 0
        # The last question and its states. Each key that got marks since, with those
        # that came after all others; None if one did not.
        self._asked: tuple[Projection[Any], float] | None = None
        self._states: KeyedStates[K, Any] = KeyedStates({}, {}, {})
        self._changed: dict[K, list[Mark] | None] = {}
        # The projection of the last question, and its states along keys.
        self._kept: tuple[Projection[Any] | None, dict[K, States[Any]]] = None, {}

    def add(self, mark: Mark) -> None:
        """Insert a mark that comes after all with the same days."""
        keys = self._by(event_of(mark))
        refuse_text(keys)
        for key in keys:
            blocks = self._marks.get(key)
            if blocks is None:
                self._marks[key] = MarkBlocks([mark])
                self.numbers[key] = len(self.numbers)
                self._changed[key] = [mark]
                continue
            index, after = blocks.add(mark), self._changed.setdefault(key, [])
            if index is None:
                if after is not None:
                    after.append(mark)
                continue
            self._changed[key] = None
            kept, is_split = self._kept[1].get(key), blocks.split(index)
            if kept is not None:
                before = len(kept)
                if is_split:
                    kept.forget(index)
                else:
                    kept.doubt(index, index)
                self.state_count += len(kept) - before

    def certain(self, day: float) -> list[tuple[K, list[Mark]]]:
        """Return the marks that are certain by a day, by key."""
        found: list[tuple[K, list[Mark]]] = []
        for key, blocks in self._marks.items():
            stop, rest = blocks.certain(day)
            if stop or rest:
                found.append((key, [*blocks.before(0, stop), *rest]))
        return found

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
        found: dict[K, S] = {}
        for key, after in changed.items():
            if after is not None and key in self._states:
                state: S = self._states[key]
                marks: Iterable[Mark] = after
                if after and after[-1].when.latest_start > day:
                    marks = after[: bisect_right(after, day, key=_last)]
            else:
                stop, rest = self._marks[key].certain(day)
                if not stop and not rest:
                    continue
                place, state = 0, projection.initial()
                if stop and most:
                    place, state = self._nearest(key, projection, stop, most)
                marks = chain(self._marks[key].before(place, stop), rest)
            for mark in marks:
                state = step(state, mark)
            found[key] = state
        if is_again:
            states = self._states.but(found, keys)
        else:
            states = KeyedStates(found, {}, keys, projection.initial)
        # A state without a hash could be changed by whoever gets it.
        if states.kept <= most and all(map(is_hashable, found.values())):
            self.state_count += states.kept - self._states.kept
            self._asked = projection, day
            self._states, self._changed = states, {}
        return states

    def _nearest(
        self, key: K, projection: Projection[S], stop: int, most: int
    ) -> tuple[int, S]:
        """Return the last index of a key before which a state is kept, and that."""
        if self._kept[0] != projection:
            self.state_count -= sum(map(len, self._kept[1].values()))
            self._kept = projection, {}
        kept = self._kept[1].get(key)
        before = 0 if kept is None else len(kept)
        if kept is None:
            kept = self._kept[1][key] = begun_states(projection, _SIZE, most)
        try:
            return nearest_state(kept, projection, self._marks[key], stop)
        finally:  # a projection may fail; what was folded so far is valid
            self.state_count += len(kept) - before


def _cut(marks: list[Mark]) -> list[list[Mark]]:
    """Return marks in blocks."""
    if len(marks) <= _SIZE:
        return [marks]
    return [marks[start : start + _SIZE] for start in range(0, len(marks), _SIZE)]


def _last(mark: Mark) -> float:
    return mark.when.latest_start


def _last_of_last(block: list[Mark]) -> float:
    return block[-1].when.latest_start


def _days(mark: Mark) -> Key:
    """Return the key of a mark in fold order, but for its position."""
    return sort_key(mark, 0)


def _days_of_last(block: list[Mark]) -> Key:
    return _days(block[-1])
