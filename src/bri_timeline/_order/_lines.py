"""The marks of each part and key of a composition, and the states that follow."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator, Sequence
from operator import itemgetter
from typing import Any, Protocol, TypeVar

from bri_timeline._events import Event
from bri_timeline._events.marks import Ending, Mark, Over, event_of
from bri_timeline._folds import Composed, Leaf, Node, Path, Ways
from bri_timeline._happening import EVER, Window
from bri_timeline._order._blocks import Blocks
from bri_timeline._order._path_marks import Fold, KeyOf, PathMarks
from bri_timeline._order._remembering import without_facts
from bri_timeline._order._states import States
from bri_timeline._payload import until_of
from bri_timeline._process import uncollected


S = TypeVar("S")
# How many days there are states of.
_MOST_DAYS = 4
# Of so many parts and keys that changed, each is put into a state in less time than it
# takes to fold that again.
_MOST_CHANGED = 256


class Marks(Protocol):
    """Marks in fold order, in blocks: an event sequence."""

    blocks: Blocks

    def read(self, first: int, stop: int, /) -> Iterable[list[Mark]]:
        """Return the marks of some blocks."""
        ...

    def until(self, first: int, last: int, day: float, /) -> Iterable[list[Mark]]:
        """Return those of some blocks that are certain by a day."""
        ...

    def with_rows(self, window: Window, /) -> tuple[list[Mark], list[int]]:
        """Return what is certain within a window, with the rows."""
        ...


class WholeStates(States[Any]):
    """States along all marks. Of what has changed since, the lines decide.

    Args:
        node: The composition.
        states: Where they are kept, with none yet.
        sequence: The marks.

    Attributes:
        changed: The paths that have changed.
    """

    def __init__(self, node: Node, states: States[Any], sequence: Marks) -> None:
        super().__init__(states.projection, states.most, states.gap)
        self._node, self._sequence = node, sequence
        self.changed: dict[Path, None] = {}
        self._first: float = math.inf

    def doubt(self, number: int) -> None:
        """Note that a block has changed."""
        if number < len(self.states) - 1:
            self._first = min(self._first, number)

    def split(self, number: int) -> None:
        """Note that a block has become two."""
        super().split(number)
        self._first += self._first > number

    def tree(self, day: float) -> Any:
        """Return what is kept on a day, but for what has changed since."""
        sequence = self._sequence
        if len(self.changed) > _MOST_CHANGED:
            self.forget(int(min(self._first, len(self.states) - 1)))
            self.changed, self._first = {}, math.inf
        last = max(sequence.blocks.on(day), 0)
        place, state = self.before(last, sequence.read)
        step = self.projection._step
        for marks in sequence.until(place, last, day):
            for mark in marks:
                state = step(state, mark)
        return self._node.kept(without_facts(state))


class FoldLines:
    """The marks of each part and key of a composition, for one basis.

    A change costs what lies after it in the parts and keys that it reaches.

    Args:
        composed: The composition.
        kinds: The payload classes of all events.
        key_of: Returns the key of a mark in the fold order, by its row.
    """

    def __init__(
        self, composed: Composed[Any], kinds: Iterable[type], key_of: KeyOf
    ) -> None:
        self.composed = composed
        self._kinds, self._key_of = (*kinds,), key_of
        self._ways: Ways = composed.ways
        self._untils = {u for u in map(until_of, self._kinds) if u is not None}
        self._folds: dict[Leaf, Fold] = {}
        self._lines: dict[Path, PathMarks] = {}
        # The lines that another basis has too: they are copied before they change.
        self._common = set[Path]()
        # Of what others may end: the paths of the facts, and what ends them.
        self._reached: dict[tuple[object, ...], dict[Path, None]] = {}
        self._closing: dict[tuple[object, ...], dict[tuple[int, Over], Ending]] = {}
        # What has come and gone since it was looked at, with the rows.
        self._changes: list[tuple[Mark, int, bool]] = []
        # What is kept on some days, and the paths that have changed since.
        self._trees: OrderedDict[float, tuple[Any, dict[Path, None]]] = OrderedDict()

    def _load(self, marks: Iterable[Mark], rows: Iterable[int]) -> None:
        """Add the first marks, in fold order."""
        closing = list[tuple[Ending, int]]()
        for mark, row in zip(marks, rows, strict=True):
            if isinstance(mark, Ending) and mark.closes:
                closing.append((mark, row))
                continue
            for _, line in self._own(mark):
                line.marks[-1].append(mark)
                line.rows[-1].append(row)
        for line in self._lines.values():
            line.part()
        for mark, row in closing:
            self._close(mark, row, comes=True)

    def _share(self, other: FoldLines) -> None:
        """Let the lines of another basis have all of these."""
        self._catch_up()
        self._common, other._common = {*self._lines}, {*self._lines}
        other._folds, other._lines = self._folds, {**self._lines}
        other._reached = {key: {**paths} for key, paths in self._reached.items()}
        other._closing = {key: {**ends} for key, ends in self._closing.items()}
        other._trees = OrderedDict(
            (day, (tree, {**changed})) for day, (tree, changed) in self._trees.items()
        )

    def _change(self, path: Path, mark: Mark, row: int, *, comes: bool) -> None:
        """Add a mark to a line, or remove it."""
        if path in self._common:
            self._common.remove(path)
            self._lines[path] = self._lines[path].copied()
        self._lines[path].change(mark, row, self._key_of, comes=comes)

    def changed(self, mark: Mark, row: int, *, comes: bool) -> None:
        """Note that a mark has come, or is gone."""
        self._changes.append((mark, row, comes))

    def _own(self, mark: Mark) -> list[tuple[Path, PathMarks]]:
        """Return the lines that a beginning, or an end of its own, is in."""
        found, lines = list[tuple[Path, PathMarks]](), self._lines
        is_end = isinstance(mark, Ending)
        event = event_of(mark)
        for leaf, path in self._ways.paths(event):
            line = lines.get(path)
            if line is None:
                line = lines[path] = PathMarks(self._fold(leaf))
            if line.fold.takes_ends:
                self._reach(event, path, line)
            elif is_end:
                continue
            found.append((path, line))
        return found

    def knows(self, kinds: Collection[type]) -> bool:
        """Check that no payload class has come that says what ends its facts."""
        if len(kinds) == len(self._kinds):
            return True
        return all(until_of(kind) is None for kind in {*kinds} - {*self._kinds})

    def _fold(self, leaf: Leaf) -> Fold:
        fold = self._folds.get(leaf)
        if fold is None:
            fold = self._folds[leaf] = Fold(leaf, self._kinds)
        return fold

    def _reach(self, event: Event, path: Path, line: PathMarks) -> None:
        """Add what ends a fact to the line that it is in, if it is not there."""
        until = until_of(type(event.what))
        if until is None:
            return
        key = until, *until.key(event.what)
        reached = self._reached.setdefault(key, {})
        if path not in reached:
            reached[path] = None
            for (row, _), other in self._closing.get(key, {}).items():
                self._change(path, other, row, comes=True)

    def _close(self, mark: Ending, row: int, *, comes: bool) -> Iterable[Path]:
        """Add what ends others to the lines of these, or remove it."""
        paths = dict[Path, None]()
        for until in self._untils:
            if isinstance(mark.event.what, until.by):
                key = until, *until.key(mark.event.what)
                every = self._closing.setdefault(key, {})
                if comes:
                    every[row, mark.when] = mark
                else:
                    del every[row, mark.when]
                for path in self._reached.get(key, ()):
                    if path not in paths:
                        paths[path] = None
                        self._change(path, mark, row, comes=comes)
        return paths

    def _catch_up(self) -> None:
        """Take in what has come and gone."""
        others = self._since()
        for mark, row, comes in self._changes:
            if isinstance(mark, Ending) and mark.closes:
                changed = self._close(mark, row, comes=comes)
            else:
                changed = []
                for path, _ in self._own(mark):
                    self._change(path, mark, row, comes=comes)
                    changed.append(path)
            for since in others:
                since.update(dict.fromkeys(changed))
        self._changes.clear()

    def _since(self) -> list[dict[Path, None]]:
        """Return where the paths that have changed since are noted."""
        return [changed for _, changed in self._trees.values()]

    def on(self, day: float) -> Any:
        """Return what is kept of all that is certain by a day."""
        self._catch_up()
        node, found = self.composed.node, self._trees.pop(day, None)
        tree, changed = self._anew(day) if found is None else found
        for path in changed:
            tree = node.put(tree, path, self._at(path, day))
        self._trees[day] = tree, {}
        if len(self._trees) > _MOST_DAYS:
            self._trees.popitem(last=False)
        return tree

    def _anew(self, day: float) -> tuple[Any, dict[Path, None]]:
        """Return what is kept on a day, and the paths that have changed since."""
        pairs = [(path, self._at(path, day)) for path in self._lines]
        return self.composed.node.built(pairs), {}

    def _at(self, path: Path, day: float) -> Any:
        return without_facts(self._lines[path].on(day))


class SequenceLines(FoldLines):
    """The same of a sequence, with states along all marks: other days may be asked.

    Args:
        composed: The composition.
        kinds: The payload classes of all events.
        sequence: The marks.
        states: Where the states are kept, with none yet.
        near: Those of a similar basis, which these are made of.
        differences: What is only here, or only there, with its row.

    Attributes:
        along: The states.
    """

    def __init__(
        self,
        composed: Composed[Any],
        kinds: Iterable[type],
        sequence: Marks,
        states: States[Any],
        near: SequenceLines | None = None,
        differences: Iterable[tuple[Mark, int, bool]] = (),
    ) -> None:
        super().__init__(composed, kinds, sequence.blocks.key)
        self.along = WholeStates(composed.node, states, sequence)
        with uncollected():  # what is made has no reference cycles
            if near is None:
                self._load(*sequence.with_rows(EVER))
            else:
                near._share(self)
                # What goes makes room for what comes in its place.
                self._changes += sorted(differences, key=itemgetter(2))

    def __len__(self) -> int:
        """Return the weight of what is kept."""
        return len(self._lines) + len(self.along)

    def thin(self) -> None:
        """Discard every second state along all marks."""
        self.along.thin()

    def _since(self) -> list[dict[Path, None]]:
        return [*super()._since(), self.along.changed]

    def _anew(self, day: float) -> tuple[Any, dict[Path, None]]:
        if not self._trees:
            return super()._anew(day)
        return self.along.tree(day), self.along.changed


def states_known_by(
    composed: Composed[S],
    marks: Sequence[Mark],
    changes: Sequence[tuple[float, int]],
    days: Iterable[float],
) -> Iterator[S]:
    """Yield the state of a composition under one knowledge after another.

    Args:
        composed: The composition.
        marks: All marks, in fold order.
        changes: The days on which a mark begins to count, or ceases to, with its place.
        days: The numbers of the days of knowledge, in ascending order.
    """
    kinds = {type(event_of(mark).what) for mark in marks}
    lines = FoldLines(composed, kinds, lambda _mark, place: place)
    counting, start = set[int](), 0
    for day in days:
        stop = bisect_right(changes, (day, math.inf), lo=start)
        flipped = set[int]()
        for _, place in changes[start:stop]:
            flipped ^= {place}
        start = stop
        # What goes makes room for what comes in its place.
        for place in sorted(flipped, key=lambda one: one not in counting):
            lines.changed(marks[place], place, comes=place not in counting)
        counting ^= flipped
        state: S = composed.ways.state(lines.on(math.inf))
        yield state
