"""The states of a projection on every day, as known on every other, compactly.

For each day of knowledge the events are folded in fold order; the state of an earlier
day is that of a prefix. The prefix that two days of knowledge share is folded and
encoded once: each row has the number of steps kept from the row before, then new steps.
"""

from __future__ import annotations

import math
from bisect import bisect, bisect_left, insort
from collections.abc import Sequence, Set
from itertools import chain
from typing import Generic, NamedTuple, TypeVar, cast

from attrs import define, field, frozen

from bri_timeline import Event, Projection, View
from bri_timeline._events import Ending, Mark, event_of
from bri_timeline.pages._state_values import Tell
from bri_timeline.pages.html._numbers import (
    NOTHING,
    NumberedState,
    Numbers,
    common,
    hidden_of,
    teller_of,
)
from bri_timeline.pages.html._page_data import PageData


__all__ = [
    "States",
    "states_of",
]


S = TypeVar("S")

# The most steps that a page folds for all days of knowledge (a second), and the most
# effects of undecided claims; a larger page would be slow to build and to open.
_FOLDS = 24_000
_EFFECTS = 8_000


@frozen
class States:
    """States encoded as numbers for the script of the page.

    Attributes:
        stops: The numbers of the days of knowledge that have a row: all, or of a large
            log every so many, and the last.
        rows: For each of them: the number of steps kept from the row before, then pairs
            of a claim and the state after it; of `-1 - claim` and the state after its
            end.
        labels: What the values are called.
        states: Each state as a change to another: the number of that state, then pairs
            of the place of a label and the number of a value. The first state changes
            the empty state.
        values: Each value: its text; or its text, number, amounts of money, and the
            number of the list of claims that it holds. The first is empty.
        lists: Each list of claims as a change to another: the number of that list, a
            place, how many are removed there, and those inserted; `-1 - plan` for a
            plan. The first is empty.
        plans: For each plan its claim, then in threes a day, the status from then on,
            and the expected date.
        effects: For each state, pairs of an undecided claim and the state with it.
        affects: For each aside, the places of the values that its claim would change.
        complete: False if there are too many effects; *effects* is empty then.
    """

    stops: list[int]
    rows: list[list[int]]
    labels: list[str]
    states: list[list[int]]
    values: list[object]
    lists: list[list[int]]
    plans: list[list[int | str]]
    effects: dict[int, list[int]]
    affects: list[list[int]]
    complete: bool


def states_of(
    data: PageData, projection: Projection[S], tell: Tell[S] | None = None
) -> States:
    """Return the states of a projection, on as many days of knowledge as is quick.

    Args:
        data: The content of the page.
        projection: The projection.
        tell: The values of a state; by default those that it shows by itself.
    """
    stops = _stops(data)
    builder = _Builder(data, projection, tell, frozenset())
    found = builder.built(stops)
    if found.complete and builder.told_apart:
        # Rare: a change of a plan that is not certain yet is one. All states with all
        # that they hide would make a page large, and too many effects.
        split = _Builder(data, projection, tell, builder.told_apart)
        found = split.built(stops)
    return found


def _stops(data: PageData) -> list[int]:
    """Return the days of knowledge whose states can be folded in time."""
    last, step = len(data.known) - 1, 1
    while True:
        stops = sorted({*range(0, last, step), last})
        if len(stops) <= 2 or _cost(data, stops) <= _FOLDS:
            return stops
        step *= 2


def _cost(data: PageData, stops: Sequence[int]) -> int:
    """Return about how many steps are folded for some days of knowledge."""
    # A late report changes the order from its place on, and all later steps with it.
    days = [data.known[stop] for stop in stops]
    come: list[list[float]] = [[] for _ in stops]
    for mention in data.mentions:
        known = -math.inf if mention.known is None else mention.known
        place = min(bisect_left(days, known), len(days) - 1)
        come[place].append(data.claims[mention.claim].span.last)
    order: list[float] = []
    cost = 0
    for lasts in come:
        for last in lasts:
            insort(order, last)
        if lasts:
            cost += len(order) - bisect_left(order, min(lasts))
    return cost


class _Step(NamedTuple):
    """One step of a fold: a claim or its end, the day of certainty, the state after."""

    claim: int
    last: float
    state: object
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
class _Builder(Generic[S]):
    """Folds the events of each day of knowledge, and numbers the states.

    Attributes:
        told_apart: The contents of states that look the same, but of which an undecided
            claim would make different ones.
    """

    data: PageData
    projection: Projection[S]
    tell: Tell[S] | None
    split: Set[tuple[int, ...]]
    numbers: Numbers = field(init=False)
    undecided: dict[tuple[int, int], tuple[_Step, Event]] = field(factory=dict)
    affects: dict[int, list[int]] = field(factory=dict)
    told_apart: set[tuple[int, ...]] = field(factory=set)

    def __attrs_post_init__(self) -> None:
        teller = teller_of(self.projection.initial(), self.tell)
        self.numbers = Numbers(self.data.number, self.split, teller)

    def built(self, stops: Sequence[int]) -> States:
        """Return the states for a range of days of knowledge."""
        start = self.projection.initial()
        known = self.numbers.of_state(start, NOTHING)
        fold = _Fold((), [_Step(-1, -math.inf, start, known)], [])
        rows = []
        for stop in stops:
            view = self.data.at(stop)
            if self.projection.parties:
                view = view.concerning(*self.projection.parties)
            marks = view.marks_for(self.projection)
            # A late report changes the order from its place on; earlier steps stay.
            shared = common(fold.marks, marks)
            fold, row = self._folded(fold, marks, shared)
            rows.append(row)
            self._collect(fold.steps, marks, view.undecided, shared)
            self._set_aside(fold.steps, stop, view)
        complete = len(self.undecided) <= _EFFECTS
        effects = self._effects() if complete else {}
        states, values, lists, plans = self.numbers.encoded()
        return States(
            stops=[*stops],
            rows=rows,
            labels=self.numbers.labels,
            states=states,
            values=values,
            lists=lists,
            plans=plans,
            effects=effects,
            affects=[self.affects.get(n, []) for n in range(len(self.data.asides))],
            complete=complete,
        )

    def _folded(
        self, before: _Fold, marks: tuple[Mark, ...], shared: int
    ) -> tuple[_Fold, list[int]]:
        """Return the fold of marks beyond a shared prefix, and its encoded row."""
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
            claim = ~claim
        state = self._after(step.state, mark)
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
            before = steps[-1].known.content
            after = self._step(steps[-1], event).known.content
            self.affects[number] = [
                n for n, new in enumerate(after) if (new,) != before[n : n + 1]
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
                self._collect_for(mark, steps, place, steps[place + 1].last)
        for event in undecided:
            self._collect_for(event, steps, len(steps) - 1, math.inf)

    def _collect_for(
        self, event: Event, steps: list[_Step], place: int, until: float
    ) -> None:
        first, last = event.when.earliest_start, event.when.latest_start
        # An exact day is never undecided.
        if first == last or len(self.undecided) > _EFFECTS:
            return
        claim = self.data.number(event)
        for number in range(place, -1, -1):
            step = steps[number]
            if until <= first:
                break
            # Events tied on one day leave no day between them.
            if step.last < until:
                key = step.known.number, claim
                other, _ = self.undecided.setdefault(key, (step, event))
                if self._differ(step.state, other.state, event):
                    self.told_apart.add(step.known.content)
            until = step.last

    def _differ(self, one: object, other: object, event: Event) -> bool:
        """Check whether an event makes different states of two that look the same."""
        if one is other or hidden_of(one) == hidden_of(other):
            return False
        return self._after(one, event) != self._after(other, event)

    def _after(self, state: object, mark: Mark) -> object:
        # Every state here was returned by the projection.
        before = cast("S", state)
        if isinstance(mark, Ending):
            return self.projection.step(before, mark)
        # A claim that is set aside need not concern the parties.
        return self.projection(before, mark)

    def _effects(self) -> dict[int, list[int]]:
        """Return, for each state, the undecided claims and the states with them."""
        found: dict[int, list[int]] = {}
        for (state, claim), (step, event) in self.undecided.items():
            number = self._step(step, event).known.number
            if number != state:
                found.setdefault(state, []).extend((claim, number))
        return found
