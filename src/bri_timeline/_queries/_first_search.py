"""A search for the days on which a state first held, day after day."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence, Set
from itertools import chain, pairwise
from typing import Any, Generic, NamedTuple, TypeVar

from bri_timeline._answer import Answer
from bri_timeline._events import Event
from bri_timeline._events.marks import Ending, Mark, Over, closing_classes
from bri_timeline._payload import until_of
from bri_timeline._projection import Projection
from bri_timeline._queries._choices import twin
from bri_timeline._queries.values import DistinctStates
from bri_timeline.edtf import Days, WatchedDate, begin_days, end_days


S = TypeVar("S")
_MOST_DAYS = 1 << 10
MOST_EVENTS = 12
# The search knows the days of a mark.
_NEVER = Over(math.inf, math.inf)


class AskedError(Exception):
    """A date, or the values of a count, were asked: then others cannot stand for it."""


class Range(NamedTuple):
    """The earliest and the latest day on which something first held, if it did."""

    earliest: float
    latest: float
    answer: Answer
    exact: bool = True


class _TriedEvent(NamedTuple):
    """The beginning or the end of an event, with the days on which it can be.

    Attributes:
        mark: The mark of the event, whose date reports questions.
        days: The places on the axis where it can be, in order. An end is on the day
            after the last, before all that begins on that day.
        may_wait: It need not be by any day.
        is_past: It lies before every day, as an open start does.
        needs: The bit of what must come before: of an end, the beginning.
    """

    mark: Mark
    days: Sequence[int]
    may_wait: bool
    is_past: bool
    needs: int


def tried(
    projection: Projection[S],
    holds: Callable[[S], bool],
    events: Sequence[Event],
    limit: int,
) -> Range | None:
    """Return when a state first held, by trying days in order; None if too many.

    From a run of days that are alike for every date, as many are tried as events may
    need, at both of its ends.
    """
    if len(events) > MOST_EVENTS:
        return None
    twins = [twin(event, WatchedDate(event.when, refuse)) for event in events]
    closing: tuple[type, ...] = ()
    if projection._closing:
        closing = closing_classes({type(event.what) for event in events})
    # Each mark: its event, the days on which it can be, how many days later it takes
    # effect, and the place of the beginning that comes before it.
    marks: list[tuple[Mark, Days, int, int | None]] = []
    # Those that may not change a state, as they begin on one day only.
    coupled = set[int]()
    for one, event in zip(twins, events, strict=True):
        when, begin = event.when, None
        closes = isinstance(event.what, closing)
        if not closes or isinstance(event.what, projection._begun):
            begin = len(marks)
            if closes and when.earliest_start < when.latest_start:
                # What it ends is over after the day on which it begins.
                if until_of(type(event.what)) is not None:
                    return None
                coupled.add(begin)
            marks.append((one, begin_days(when), 0, None))
        if projection.ends is not None and Ending.of(event) is not None:
            marks.append((Ending(one, _NEVER), end_days(when), 1, begin))
        if closes:
            over = Ending(one, _NEVER, closes=True)
            marks.append((over, begin_days(when), 1, begin))
    axis = _axis([(days, after) for _, days, after, _ in marks])
    if axis is None:
        return None
    dated = [
        _TriedEvent(
            mark,
            [n for n, one in enumerate(axis) if one.number - after in days],
            days.last == math.inf,
            days.last == -math.inf,
            0 if begin is None else 1 << begin,
        )
        for mark, days, after, begin in marks
    ]
    try:
        return _OrderSearch(projection, holds, dated, axis, limit, coupled).found()
    except AskedError:
        return None


def refuse(_: bool) -> None:
    raise AskedError


class _Day(NamedTuple):
    """A day of the axis.

    Attributes:
        number: The day.
        early: What it stands for as the earliest of its run; maybe minus infinity.
        late: What it stands for as the latest.
    """

    number: float
    early: float
    late: float


def _axis(sets: Sequence[tuple[Any, int]]) -> list[_Day] | None:
    """Return the days to try; None if they are too many.

    Args:
        sets: Sets of days, each with how many days later something is.
    """
    cuts: set[float] = set()
    for days, after in sets:
        if days.masks:  # of more days than are tried
            return None
        for low, high in days.spans:
            cuts |= {low + after, high + after + 1}
    finite = sorted(cut for cut in cuts if abs(cut) < math.inf) or [0]
    if len(finite) > _MOST_DAYS:
        return None
    # Before the first cut and after the last, days far away stand for any further ones.
    most = len(sets)
    axis = [
        _Day(finite[0] - n, -math.inf if n > most else finite[0] - n, finite[0] - n)
        for n in range(2 * most, 0, -1)
    ]
    for low, high in pairwise(finite):
        length = int(high - low)
        start, rest = range(min(most, length)), range(max(most, length - most), length)
        axis += [_Day(low + n, low + n, low + n) for n in chain(start, rest)]
    axis += [
        _Day(finite[-1] + n, finite[-1] + n, math.inf if n >= most else finite[-1] + n)
        for n in range(2 * most)
    ]
    return axis


class _OrderSearch(Generic[S]):
    """A search for the days on which a state first held.

    Args:
        projection: The state.
        holds: A function that is true of the states in question.
        dated: The events.
        axis: The days to try.
        limit: The most calls of the projection.
        coupled: The places of events that may not change a state.
    """

    def __init__(
        self,
        projection: Projection[S],
        holds: Callable[[S], bool],
        dated: Sequence[_TriedEvent],
        axis: Sequence[_Day],
        limit: int,
        coupled: Set[int],
    ) -> None:
        self.projection = projection
        self.coupled = coupled
        self.step = projection._ordered_step
        self.holds = holds
        self.dated = dated
        self.axis = axis
        self.left = limit

    def found(self) -> Range | None:
        """Return the earliest and the latest day; None if the limit was reached."""
        start: DistinctStates[S] = DistinctStates()
        start.add(self.projection.initial())
        # Events that have begun, as a bit set -> the states that have not held so far.
        front = {0: start}
        earliest, latest, held = math.inf, -math.inf, False
        always = _Day(-math.inf, -math.inf, -math.inf)
        for place, day in enumerate((always, *self.axis), -1):
            following: dict[int, DistinctStates[S]] = {}
            for begun, state in self._after(front, place):
                if self.holds(state):
                    earliest, held = min(earliest, day.early), True
                    latest = max(latest, day.late)
                else:
                    following.setdefault(begun, DistinctStates()).add(state)
            if self.left <= 0:
                return None
            front = following
        if not held:
            return Range(math.inf, math.inf, Answer.NO)
        return Range(earliest, latest, Answer.MAYBE if front else Answer.YES)

    def _after(
        self, front: dict[int, DistinctStates[S]], place: int
    ) -> Iterator[tuple[int, S]]:
        """Yield the states that are possible at the end of a day."""
        near: list[int] = []
        due = 0
        for number, one in enumerate(self.dated):
            if place < 0:
                if one.is_past:
                    near.append(number)
                    due |= 1 << number
                continue
            at = bisect_left(one.days, place)
            if at < len(one.days) and one.days[at] == place:
                near.append(number)
                if at == len(one.days) - 1 and not one.may_wait:
                    due |= 1 << number
        # First what ended on the day before, then what begins; before any day no day
        # comes before.
        for are_ends in (place >= 0, place < 0):
            some = [
                n for n in near if isinstance(self.dated[n].mark, Ending) is are_ends
            ]
            front = self._closed(front, some)
        for done, states in front.items():
            if not due & ~done:
                for state in states.items:
                    yield done, state

    def _closed(
        self, front: dict[int, DistinctStates[S]], numbers: Sequence[int]
    ) -> dict[int, DistinctStates[S]]:
        """Return the states after any of some beginnings or ends, in any order."""
        # Each step adds one, so the sets of one size are complete before the next.
        found = dict(front)
        while front and numbers:
            following: dict[int, DistinctStates[S]] = {}
            for done, states in front.items():
                for number in numbers:
                    after = done | 1 << number
                    needs = self.dated[number].needs
                    if after == done or needs & ~done or self.left <= 0:
                        continue
                    there = following.setdefault(after, DistinctStates())
                    for state in states.items:
                        self.left -= 1
                        changed = self.step(state, self.dated[number].mark)
                        if number in self.coupled and changed != state:
                            raise AskedError
                        there.add(changed)
            for done, states in following.items():
                known = found.setdefault(done, DistinctStates())
                for state in states.items:
                    known.add(state)
            front = following
        return found
