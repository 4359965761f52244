"""The states of a relationship on every day, as known on every other, in little room.

For each day of knowledge the certain state is folded over events in their order; on an
earlier day it is that of a prefix. What two days of knowledge share is folded once and
told once: a row says how much of the row before it keeps, and what follows.
"""

from __future__ import annotations

import math
from bisect import bisect
from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

from attrs import define, field, frozen

from bri_timeline import Event, Projection, View
from bri_timeline.pages.html._numbers import NumberedState, Numbers, common
from bri_timeline.pages.html._page_data import PageData
from bri_timeline.relations import SECTIONS, Relationship


__all__ = [
    "States",
    "states_of",
]


# How many steps a page folds for, before it tells less: some tens of milliseconds.
_FOLDS = 6_000
_EFFECTS = 1_000


@frozen
class States:
    """States as numbers, the way in which the page's script reads them.

    Attributes:
        rows: For each day of knowledge, how many steps of the row before it are kept,
            then a claim and the state after it, and so on. One row where *only_now*.
        states: States, each as a change to another: which, then places, each with what
            stands there: a fragment for each section, then a text for each value. The
            first is a change to nothing.
        fragments: Lists of claims, each as a change to another: which, where, how many
            are taken out, and what is put in. The first is the empty list.
        texts: Wordings of values.
        plans: The claim of each plan, then days from which a status holds, with it.
        effects: For a state, claims that may have happened and the states with them.
        bears: For each time through which a telling does not count, the places of the
            values that it would change.
        only_now: Whether only what is known in the end is told, since there is so much.
        complete: Whether *effects* holds all; for a large log it is empty.
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
    """There are more states than a page should hold."""


def states_of(record: PageData, projection: Projection[Relationship]) -> States:
    """Return the states of a relationship, or only those known in the end.

    Args:
        record: The log.
        projection: The relationship.
    """
    stops = range(len(record.known))
    try:
        return _Builder(record, projection, _FOLDS).built(stops)
    except _TooMuchError:
        return _Builder(record, projection, math.inf).built(stops[-1:])


class _Step(NamedTuple):
    """How far a fold has come: a claim, the day that makes it certain, the state."""

    claim: int
    last: float
    state: Relationship
    known: NumberedState


@frozen
class _Fold:
    """What is known at a stop, folded.

    Attributes:
        events: The events in their order.
        steps: The state before them, then that after each.
        changes: Those steps at which the state changed: place, claim, state.
    """

    events: tuple[Event, ...]
    steps: list[_Step]
    changes: list[tuple[int, int, int]]


@define
class _Builder:
    """Folds, and gives numbers to what it meets."""

    record: PageData
    projection: Projection[Relationship]
    left: float
    numbers: Numbers = field(init=False)
    undecided: dict[tuple[int, int], tuple[_Step, Event]] = field(factory=dict)
    affects: dict[int, list[int]] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        self.numbers = Numbers(self.record.number)

    def built(self, stops: range) -> States:
        """Return the states for some stops of knowledge."""
        start = self.projection.initial()
        known = self.numbers.of_state(start, None)
        fold = _Fold((), [_Step(-1, -math.inf, start, known)], [])
        rows = []
        for stop in stops:
            view = self.record.at(stop).concerning(*self.projection.parties)
            events = view.events
            shared = common(fold.events, events)
            fold, row = self._folded(fold, events, shared)
            rows.append(row)
            self._collect(fold.steps, events, view.undecided, shared)
            self._set_aside(fold.steps, stop, view)
        complete = len(self.undecided) <= _EFFECTS
        effects = self._effects() if complete else {}
        return States(
            rows,
            *self.numbers.encoded(),
            effects=effects,
            affects=[self.affects.get(n, []) for n in range(len(self.record.asides))],
            only_now=len(stops) < len(self.record.known),
            complete=complete,
        )

    def _folded(
        self, before: _Fold, events: tuple[Event, ...], shared: int
    ) -> tuple[_Fold, list[int]]:
        """Fold events beyond those that are shared, and return what is told of it."""
        self.left -= len(events) - shared
        if self.left < 0:
            raise _TooMuchError
        steps = before.steps[: shared + 1]
        kept = bisect(before.changes, (shared, math.inf))
        changes = before.changes[:kept]
        for place, event in enumerate(events[shared:], shared + 1):
            step = self._step(steps[-1], event)
            if step.known.number != steps[-1].known.number:
                changes.append((place, step.claim, step.known.number))
            steps.append(step)
        row = [kept, *chain(*(change[1:] for change in changes[kept:]))]
        return _Fold(events, steps, changes), row

    def _step(self, step: _Step, event: Event) -> _Step:
        state, known = self.projection(step.state, event), step.known
        if state is not step.state:
            known = self.numbers.of_state(state, known)
        claim = self.record.number(event)
        return _Step(claim, event.when.latest_start, state, known)

    def _set_aside(self, steps: list[_Step], stop: int, view: View) -> None:
        """See which values each claim that does not count would change.

        They are numbers and sums, to which it adds the same wherever it comes in.
        """
        about = {aside.entry.position for aside in view.set_aside}
        for number, aside in enumerate(self.record.asides):
            mention = self.record.mentions[aside.mention]
            off = aside.since <= stop < aside.until and mention.position in about
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
        events: Sequence[Event],
        undecided: Sequence[Event],
        shared: int,
    ) -> None:
        """Find the states that hold on days on which an event is undecided."""
        for place in range(shared, len(events)):
            self._collect_for(events[place], steps[: place + 1], steps[place + 1].last)
        for event in undecided:
            self._collect_for(event, steps, math.inf)

    def _collect_for(self, event: Event, steps: list[_Step], until: float) -> None:
        first, last = event.when.earliest_start, event.when.latest_start
        if first == last or len(self.undecided) > _EFFECTS:
            return
        claim = self.record.number(event)
        for step in reversed(steps):
            if until <= first:
                break
            if step.last < until:
                self.undecided.setdefault((step.known.number, claim), (step, event))
            until = step.last

    def _effects(self) -> dict[int, list[int]]:
        """Return what each of them would make of each of these states."""
        found: dict[int, list[int]] = {}
        for (state, claim), (step, event) in self.undecided.items():
            number = self._step(step, event).known.number
            if number != state:
                found.setdefault(state, []).extend((claim, number))
        return found
