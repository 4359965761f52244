"""A log seen from two dates."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import chain
from typing import TypeVar

import pendulum
from attrs import frozen

from bri_timeline._answer import Answer
from bri_timeline._events import Entry, Event
from bri_timeline._explanation import Change, Difference, Explanation, explain
from bri_timeline._happenings import Dispute, Happening, Resolution
from bri_timeline._memory import Memory
from bri_timeline._order import Cut
from bri_timeline._outcomes import Outcomes, outcomes
from bri_timeline._projection import Projection
from bri_timeline.edtf._day import as_date, iso


__all__ = ["View"]

S = TypeVar("S")
V = TypeVar("V")
_LIMIT = 100_000


@frozen(repr=False, eq=False)
class View:
    """What had happened by one day, as far as was known by another.

    Returned by `EventLog.as_of()`; do not build it. A view is a value: two views of
    equal logs from the same dates are equal.

    Attributes:
        day_number: The day, as a number.
        basis: What was known by then, in words: a day, a log position, or everything.
    """

    _memory: Memory
    _parties: frozenset[str]
    _cut: Cut
    day_number: int
    basis: str

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, View):
            return NotImplemented
        mine, yours = (self.day_number, self.basis), (other.day_number, other.basis)
        return mine == yours and self._resolution == other._resolution

    def __hash__(self) -> int:
        return hash((self.day_number, self.basis))

    @property
    def _resolution(self) -> Resolution:
        return self._memory.resolution(self._parties, self._cut)

    @property
    def day(self) -> pendulum.Date:
        """The day up to which events count, that day included.

        Raises:
            DayRangeError: It lies outside the years 1 to 9999; use `day_number`.
        """
        return as_date(self.day_number, "the day of the view")

    def __repr__(self) -> str:
        certain, undecided = len(self._certain()), len(self._undecided())
        return (
            f"<view as of {iso(self.day_number)}, known by {self.basis}:"
            f" {certain} certain, {undecided} undecided>"
        )

    # --- what it shows ----------------------------------------------------------

    @property
    def events(self) -> tuple[Event, ...]:
        """What had happened for certain, in fold order: that of becoming certain."""
        return tuple(happening.event for happening in self._certain())

    @property
    def undecided(self) -> tuple[Event, ...]:
        """What may have happened, in the order in which it becomes possible."""
        return tuple(happening.event for happening in self._undecided())

    @property
    def disputes(self) -> tuple[Dispute, ...]:
        """Happenings about which claims differ, if any claim may have happened."""
        return tuple(
            Dispute(taken.event.id, taken.event, tuple(o.event for o in others))
            for taken, others in self._resolution.disputes
            if any(claim.first <= self.day_number for claim in (taken, *others))
        )

    def has_happened(self, name: str) -> Answer:
        """Tell whether a happening of that id had happened.

        Args:
            name: The id of an event; `NO` when nothing known has it.
        """
        for happening in self._resolution.happenings:
            if happening.event.id == name:
                if happening.last <= self.day_number:
                    return Answer.YES
                maybe = happening.first <= self.day_number
                return Answer.MAYBE if maybe else Answer.NO
        return Answer.NO

    # --- questions ----------------------------------------------------------------

    def project(self, projection: Projection[S], *, undecided: bool = False) -> S:
        """Return a state.

        Args:
            projection: How to fold it.
            undecided: Fold what may have happened too, all in the order in which it
                becomes possible, instead of only what is certain.
        """
        if not undecided:
            return self._memory.state(
                projection, self._parties, self._cut, self.day_number
            )
        possible = sorted(self._possible(), key=Happening.possible_order)
        return projection.fold(happening.event for happening in possible)

    def outcomes(
        self,
        projection: Projection[S],
        *,
        of: Callable[[S], V],
        limit: int = _LIMIT,
    ) -> Outcomes[V]:
        """Return every value that the dates allow, and whether these are all.

        Args:
            projection: How to fold a state.
            of: Selects the value from a state.
            limit: How many times the projection may be called before giving up; the
                result then says that it is not complete.
        """
        return outcomes(projection, of, self._possible(), self.day_number, limit)

    def explain(
        self, projection: Projection[S], *, of: Callable[[S], V]
    ) -> Explanation[V]:
        """Return the steps at which a value changed, each with its citations.

        Args:
            projection: How to fold a state.
            of: Selects the value from a state; it must not change the state.
        """
        day = self.day_number
        asides = [
            aside
            for aside in self._resolution.set_aside
            if aside.event.when.begins()[0] <= day
        ]
        return explain(projection, of, self._certain(), self._undecided(), asides)

    def diff(self, other: View, projection: Projection[S]) -> Difference[S]:
        """Return what changed from this view to *other*, and the entries responsible.

        Args:
            other: A view of the same log, or of another.
            projection: The state in question; what does not touch it is left out.
        """
        before, touched = _touching(projection, self._certain())
        after, also = _touching(projection, other._certain())
        mine = {happening.event.id: happening for happening in self._certain()}
        yours = {happening.event.id: happening for happening in other._certain()}
        here, there = dict(self._resolution.slots), dict(other._resolution.slots)
        originals = _originals(here, there)
        changes = []
        for name in dict.fromkeys((*touched, *also)):
            old, new = mine.get(name), yours.get(name)
            if _differ(old, new):
                slots = [(here.get(o, ()), there.get(o, ())) for o in originals[name]]
                entries = _responsible(slots, new or old)
                changes.append(Change(_claim(old), _claim(new), entries))
        return Difference(before, after, tuple(changes))

    # --- the parts that they share ---------------------------------------------------

    def _certain(self) -> tuple[Happening, ...]:
        day = self.day_number
        return tuple(h for h in self._resolution.happenings if h.last <= day)

    def _possible(self) -> tuple[Happening, ...]:
        day = self.day_number
        return tuple(h for h in self._resolution.happenings if h.first <= day)

    def _undecided(self) -> tuple[Happening, ...]:
        possible = sorted(self._possible(), key=Happening.possible_order)
        return tuple(h for h in possible if h.last > self.day_number)


def _touching(
    projection: Projection[S], happenings: tuple[Happening, ...]
) -> tuple[S, list[str]]:
    """Fold, and return the ids of what changed the state on the way."""
    state, touching = projection.initial(), []
    for happening in happenings:
        before, state = state, projection.evolve(state, happening.event)
        if before != state:
            touching.append(happening.event.id)
    return state, touching


def _differ(old: Happening | None, new: Happening | None) -> bool:
    """Tell whether two views have a happening differently, or in another place."""
    if old is None or new is None:
        return old is not new
    return (old.event, old.position) != (new.event, new.position)


def _claim(happening: Happening | None) -> Event | None:
    return None if happening is None else happening.event


def _originals(*views: dict[int, tuple[Entry, ...]]) -> dict[str, set[int]]:
    """Return which slots bear on each happening, in any of some views."""
    found: dict[str, set[int]] = {}
    for original, slot in chain.from_iterable(view.items() for view in views):
        for entry in slot:
            if entry.event is not None:
                found.setdefault(entry.event.id, set()).add(original)
    return found


def _responsible(
    slots: Iterable[tuple[tuple[Entry, ...], tuple[Entry, ...]]],
    made: Happening | None,
) -> tuple[Entry, ...]:
    """Return the entries about a happening that one view knows and the other does not.

    Where both know the same, the day made the difference: return what *made* rests on.
    """
    lacking: dict[int, Entry] = {}
    for here, there in slots:
        mine, yours = ({entry.position: entry for entry in s} for s in (here, there))
        for position in mine.keys() | yours.keys():
            if mine.get(position) != yours.get(position):
                lacking[position] = yours.get(position) or mine[position]
    if not lacking:
        return made.entries if made else ()
    return tuple(lacking[position] for position in sorted(lacking))
