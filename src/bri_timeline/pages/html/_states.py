"""The states of a relationship on every day, as known on every other, compactly.

For each day of knowledge the events are folded in fold order; the state of an earlier
day is that of a prefix. The prefix that two days of knowledge share is folded and
encoded once: each row has the number of steps kept from the row before, then new steps.
"""

from __future__ import annotations

import math
from bisect import bisect
from collections.abc import Sequence, Set
from itertools import chain
from typing import NamedTuple

from attrs import define, field, frozen

from bri_timeline import Event, Projection, View
from bri_timeline._events import Ending, Mark, event_of
from bri_timeline.pages.html._numbers import NumberedState, Numbers, common, hidden_of
from bri_timeline.pages.html._page_data import PageData
from bri_timeline.relations import SECTIONS, Relationship


__all__ = [
    "States",
    "states_of",
]


# The most steps that a page folds for all days of knowledge (tens of milliseconds),
# and the most effects of undecided claims; a larger page would be slow to open.
_FOLDS = 6_000
_EFFECTS = 1_000


@frozen
class States:
    """States encoded as numbers for the script of the page.

    Attributes:
        rows: For each day of knowledge: the number of steps kept from the row before,
            then pairs of a claim and the state after it; of `-1 - claim` and the state
            after its end. One row if *only_now*.
        states: Each state as a change to another: the number of that state, then pairs
            of a place and a number: of a fragment for the sections, then of a text for
            the values. The first state changes the empty state.
        fragments: Each list of claims as a change to another: the number of that list,
            a place, how many are removed there, and those inserted. The first is empty.
        texts: The texts of values.
        plans: For each plan its claim, then pairs of a day and the status from then on.
        effects: For each state, pairs of an undecided claim and the state with it.
        affects: For each aside, the places of the values that its claim would change.
        only_now: True if the log is large: there is one row, as known in the end.
        complete: False if there are too many effects; *effects* is empty then.
    """

    rows: list[list[int]]
    states: list[list[int]]
    fragments: list[list[int]]
    texts: list[str]
    plans: list[list[int | str]]
    effects: dict[int, list[int]]
    affects: list[list[int]]
    only_now: bool
    complete: bool


class _TooMuchError(Exception):
    """The page would need more folding steps than allowed."""


def states_of(data: PageData, projection: Projection[Relationship]) -> States:
    """Return the states of a relationship, or only those known in the end.

    Args:
        data: The content of the page.
        projection: The relationship.
    """
    stops = range(len(data.known))
    # Only folding shows how much the days of knowledge share.
    try:
        return _built(data, projection, _FOLDS, stops)
    except _TooMuchError:
        return _built(data, projection, math.inf, stops[-1:])


def _built(
    data: PageData, projection: Projection[Relationship], left: float, stops: range
) -> States:
    builder = _Builder(data, projection, left, frozenset())
    found = builder.built(stops)
    if found.complete and builder.told_apart:
        # Rare: a change of a plan that is not certain yet is one. All states with all
        # that they hide would make a page large, and too many effects.
        found = _Builder(data, projection, left, builder.told_apart).built(stops)
    return found


class _Step(NamedTuple):
    """One step of a fold: a claim or its end, the day of certainty, the state after."""

    claim: int
    last: float
    state: Relationship
    known: NumberedState


@frozen
class _Fold:
    """The fold for one day of knowledge.

    Attributes:
        marks: The events and ends in fold order.
        steps: The initial state, then a step for each mark.
        changes: The place, claim and state of each step that changed the state.
    """

    marks: tuple[Mark, ...]
    steps: list[_Step]
    changes: list[tuple[int, int, int]]


@define
class _Builder:
    """Folds the events of each day of knowledge, and numbers the states.

    Attributes:
        told_apart: The contents of states that look the same, but of which an undecided
            claim would make different ones.
    """

    data: PageData
    projection: Projection[Relationship]
    left: float
    split: Set[tuple[int, ...]]
    numbers: Numbers = field(init=False)
    undecided: dict[tuple[int, int], tuple[_Step, Event]] = field(factory=dict)
    affects: dict[int, list[int]] = field(factory=dict)
    told_apart: set[tuple[int, ...]] = field(factory=set)

    def __attrs_post_init__(self) -> None:
        self.numbers = Numbers(self.data.number, self.split)

    def built(self, stops: range) -> States:
        """Return the states for a range of days of knowledge."""
        start = self.projection.initial()
        known = self.numbers.of_state(start, None)
        fold = _Fold((), [_Step(-1, -math.inf, start, known)], [])
        rows = []
        for stop in stops:
            view = self.data.at(stop).concerning(*self.projection.parties)
            marks = view.marks_for(self.projection)
            # A late report changes the order from its place on; earlier steps stay.
            shared = common(fold.marks, marks)
            fold, row = self._folded(fold, marks, shared)
            rows.append(row)
            self._collect(fold.steps, marks, view.undecided, shared)
            self._set_aside(fold.steps, stop, view)
        complete = len(self.undecided) <= _EFFECTS
        effects = self._effects() if complete else {}
        return States(
            rows,
            *self.numbers.encoded(),
            effects=effects,
            affects=[self.affects.get(n, []) for n in range(len(self.data.asides))],
            only_now=len(stops) < len(self.data.known),
            complete=complete,
        )

    def _folded(
        self, before: _Fold, marks: tuple[Mark, ...], shared: int
    ) -> tuple[_Fold, list[int]]:
        """Return the fold of marks beyond a shared prefix, and its encoded row."""
        self.left -= len(marks) - shared
        if self.left < 0:
            raise _TooMuchError
        steps = before.steps[: shared + 1]
        # Infinity sorts after any claim number, so all changes up to *shared* are kept.
        kept = bisect(before.changes, (shared, math.inf))
        changes = before.changes[:kept]
        for place, mark in enumerate(marks[shared:], shared + 1):
            step = self._step(steps[-1], mark)
            if step.known.number != steps[-1].known.number:
                changes.append((place, step.claim, step.known.number))
            steps.append(step)
        row = [kept, *chain(*(change[1:] for change in changes[kept:]))]
        return _Fold(marks, steps, changes), row

    def _step(self, step: _Step, mark: Mark) -> _Step:
        claim, known = self.data.number(event_of(mark)), step.known
        if isinstance(mark, Ending):
            state, claim = self.projection.step(step.state, mark), ~claim
        else:  # a claim set aside need not concern the parties
            state = self.projection(step.state, mark)
        if state is not step.state:
            known = self.numbers.of_state(state, known)
        return _Step(claim, mark.when.latest_start, state, known)

    def _set_aside(self, steps: list[_Step], stop: int, view: View) -> None:
        """Find the values that each claim that is set aside would change.

        The values are counts and sums, so the place of a claim in the order does not
        matter.
        """
        about = {aside.entry.position for aside in view.set_aside}
        for number, aside in enumerate(self.data.asides):
            mention = self.data.mentions[aside.mention]
            off = aside.since <= stop < aside.until and mention.position in about
            # Each aside is evaluated once, on the first day on which it holds.
            if number in self.affects or not off:
                continue
            event = mention.event
            before = steps[-1].known.content[len(SECTIONS) :]
            after = self._step(steps[-1], event).known.content[len(SECTIONS) :]
            self.affects[number] = [
                n for n, new in enumerate(after) if new != before[n]
            ]

    # --- what may have happened ------------------------------------------------------

    def _collect(
        self,
        steps: list[_Step],
        marks: Sequence[Mark],
        undecided: Sequence[Event],
        shared: int,
    ) -> None:
        """Find the states on the days on which an event is undecided."""
        for place in range(shared, len(marks)):
            # Of an undecided end the page shows the date, and no effect.
            if not isinstance(mark := marks[place], Ending):
                self._collect_for(mark, steps[: place + 1], steps[place + 1].last)
        for event in undecided:
            self._collect_for(event, steps, math.inf)

    def _collect_for(self, event: Event, steps: list[_Step], until: float) -> None:
        first, last = event.when.earliest_start, event.when.latest_start
        # An exact day is never undecided.
        if first == last or len(self.undecided) > _EFFECTS:
            return
        claim = self.data.number(event)
        for step in reversed(steps):
            if until <= first:
                break
            # Events tied on one day leave no day between them.
            if step.last < until:
                key = step.known.number, claim
                other, _ = self.undecided.setdefault(key, (step, event))
                if self._differ(step.state, other.state, event):
                    self.told_apart.add(step.known.content)
            until = step.last

    def _differ(self, one: Relationship, other: Relationship, event: Event) -> bool:
        """Check whether an event makes different states of two that look the same."""
        if one is other or hidden_of(one) == hidden_of(other):
            return False
        return self.projection(one, event) != self.projection(other, event)

    def _effects(self) -> dict[int, list[int]]:
        """Return, for each state, the undecided claims and the states with them."""
        found: dict[int, list[int]] = {}
        for (state, claim), (step, event) in self.undecided.items():
            number = self._step(step, event).known.number
            if number != state:
                found.setdefault(state, []).extend((claim, number))
        return found
