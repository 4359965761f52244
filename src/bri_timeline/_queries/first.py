"""The day on which something first held, over every choice of days."""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from decimal import Decimal
from functools import reduce
from itertools import chain, pairwise
from typing import Any, Generic, NamedTuple, TypeVar

from attrs import frozen

from bri_timeline._answer import Answer
from bri_timeline._calendar import civil, iso, month_length
from bri_timeline._events import (
    Ending,
    Event,
    Mark,
    Over,
    closing_classes,
)
from bri_timeline._lasting import Endings
from bri_timeline._projection import Projection
from bri_timeline._queries._choices import twin
from bri_timeline._queries.bounds import listed_sums, reads_dates
from bri_timeline._queries.values import DistinctStates
from bri_timeline._text import AsDict, Sheet, Tabular
from bri_timeline.edtf import Days, Edtf, WatchedDate, begin_days, end_days, in_words
from bri_timeline.measures import DistinctCount, Measure, added


__all__ = ["First", "first"]


S = TypeVar("S")
_FOUR_DIGITS = re.compile(r"-?\d{4}-\d\d-\d\d")
_MOST_DAYS = 1 << 10
_MOST_EVENTS = 12
# The search knows the days of a mark.
_NEVER = Over(math.inf, math.inf)


@frozen
class First(AsDict, Tabular):
    """The day on which something first held, as far as the dates tell.

    Attributes:
        when: That day, as imprecise as the dates make it: from the earliest to the
            latest day on which it can have held first. None if it never held; if it
            held before any event; or if neither an earliest nor a latest day is known.
        answer: YES if it certainly held at some time; NO if it never did.
        complete: True if both are exact. If there were too many orders to try, the
            answer is MAYBE; it still did not hold before the first day of *when*, nor
            for the first time after the last, if these are known.
    """

    when: Edtf | None
    answer: Answer
    complete: bool = True

    def __str__(self) -> str:
        text = str(self.answer) if self.when is None else f"{self.when}: {self.answer}"
        return text if self.complete else f"{text} (not all orders were tried)"

    def _sheet(self) -> Sheet:
        when = "no day is known" if self.when is None else in_words(self.when)
        complete = "yes" if self.complete else "no: not all orders were tried"
        rows = (("when", when), ("it held", str(self.answer)), ("exact", complete))
        return Sheet("First", rows, len(rows))


class _DateReadError(Exception):
    """A date, or the values of a count, were read: other dates cannot stand for it."""


class _Range(NamedTuple):
    """The earliest and the latest day on which something first held, if it did."""

    earliest: float
    latest: float
    answer: Answer
    exact: bool = True

    def first(self) -> First:
        if self.earliest == math.inf:
            return First(None, Answer.NO)
        when = _between(self.earliest, self.latest)
        return First(when, self.answer, complete=self.exact)


class _DatedAmount(NamedTuple):
    """An amount that an event adds to a number, and the days on which it can."""

    amount: Any
    first: float
    last: float


def first(
    projection: Projection[S],
    holds: Callable[[S], bool],
    events: Sequence[Event],
    limit: int,
) -> First:
    """Return when a state first held, at the end of a day.

    Args:
        projection: The state.
        holds: A function that is true of the states in question.
        events: All that count, on whatever day, in fold order.
        limit: The most calls of the projection, or the most values to list.
    """
    # What has an open start had begun before any day.
    past = [event for event in events if event.when.latest_start == -math.inf]
    if not past and holds(projection.initial()):
        return First(None, Answer.YES)
    day_range = None
    if isinstance(projection, Measure) and not any(
        reads_dates(projection, event) for event in events
    ):
        if past and all(map(holds, _past_states(projection, past))):
            return First(None, Answer.YES)
        if projection.aggregate == "latest":
            day_range = _first_latest(projection, holds, events)
        else:
            day_range = _first_number(projection, holds, events, limit)
    if day_range is None or not day_range.exact:
        day_range = _tried(projection, holds, events, limit) or day_range
    if day_range is None:
        return First(None, Answer.MAYBE, complete=False)
    return day_range.first()


def _past_states(measure: Measure[Any], past: Sequence[Event]) -> list[Any]:
    """Return the states before any day, after what has an open start, in any order."""
    if measure.aggregate != "latest":
        return [reduce(measure.evolve, past, measure.initial())]
    values = (measure.evolve(None, event) for event in past)
    return [value for value in values if value is not None] or [None]


# --- numbers --------------------------------------------------------------------------


def _first_number(
    measure: Measure[Any],
    holds: Callable[[Any], bool],
    events: Sequence[Event],
    limit: int,
) -> _Range | None:
    """Return when a number first held; None if only trying orders can tell.

    Where a predicate is true from some number on, or up to some number, one choice of
    days keeps the number as low as it can be on every day, and one as high: what adds
    comes late or early, what takes away early or late.
    """
    changes = _changes(measure, events)
    if changes is None:
        return None
    values = listed_sums([change.amount for change in changes], limit)
    if values is None:
        return None
    states: Iterable[Any] = values
    if measure.aggregate == "distinct":
        states = (int.__new__(_Unseen, value) for value in values)
    try:
        truths = [bool(holds(state)) for state in states]
    except _DateReadError:
        return None
    if not any(truths):
        return _Range(math.inf, math.inf, Answer.NO)
    zero = bisect_left(values, 0)
    if any(truths[: zero + 1]):
        # It is true below 0. Turned round, it is true from some number on.
        changes = [_DatedAmount(_negative(amount), a, b) for amount, a, b in changes]
        values = [*map(_negative, reversed(values))]
        truths.reverse()
    if truths != sorted(truths):
        return None
    least = values[truths.index(True)]
    return _reached(changes, least)


class _Unseen(DistinctCount):
    """A distinct count of which only the number is known."""

    def includes(self, value: Hashable) -> bool:
        raise _DateReadError

    def _values(self) -> list[Hashable]:
        raise _DateReadError


def _negative(amount: Any) -> Any:
    # The minus of a Decimal rounds.
    return amount.copy_negate() if isinstance(amount, Decimal) else -amount


def _changes(
    measure: Measure[Any], events: Sequence[Event]
) -> list[_DatedAmount] | None:
    """Return what changes a number; None if two changes depend on one another."""
    changes: list[_DatedAmount] = []
    by_value: dict[Any, _DatedAmount] = {}
    endings = Endings.among(events if measure.active else ())
    for event in events:
        when = event.when
        begin, latest = when.earliest_start, when.latest_start
        if measure.aggregate == "distinct":
            for value in measure.evolve(measure.initial(), event).seen:
                _, a, b = by_value.get(value, (1, math.inf, math.inf))
                by_value[value] = _DatedAmount(1, min(a, begin), min(b, latest))
            continue
        amount = measure.evolve(measure.initial(), event)
        if amount:
            changes.append(_DatedAmount(amount, begin, latest))
            over = endings.over(event) if measure.active else None
            if over is not None:
                if over.earliest_start <= latest:
                    return None
                changes.append(_DatedAmount(-amount, *over))
    return [*changes, *by_value.values()]


def _reached(changes: Sequence[_DatedAmount], least: Any) -> _Range:
    """Return when a sum is first at least some number."""
    soon: defaultdict[float, Any] = defaultdict(int)
    late: defaultdict[float, Any] = defaultdict(int)
    for amount, begin, end in changes:
        early, afterwards = (begin, end) if amount > 0 else (end, begin)
        soon[early] = added(soon[early], amount)
        late[afterwards] = added(late[afterwards], amount)
    above = [day for day, so_far in _sums_by_day(soon) if so_far >= least]
    sure = [day for day, so_far in _sums_by_day(late) if so_far >= least]
    if not above:
        return _Range(math.inf, math.inf, Answer.NO)
    if sure and sure[0] < math.inf:
        return _Range(above[0], sure[0], Answer.YES)
    # It may never hold. Where nothing takes away, it may hold as late as anything can
    # be; else not after the number may have been so high for the last time.
    if all(amount > 0 for amount, _, _ in changes):
        return _Range(above[0], math.inf, Answer.MAYBE)
    following = [day for day in soon if day > above[-1]]
    last = min(following, default=math.inf) - 1
    return _Range(above[0], last, Answer.MAYBE, exact=False)


def _sums_by_day(changes: dict[float, Any]) -> Iterator[tuple[float, Any]]:
    """Yield the days on which a sum changes, with the sum."""
    so_far: Any = 0
    for day in sorted(changes):
        so_far = added(so_far, changes[day])
        yield day, so_far


# --- the latest value -----------------------------------------------------------------


def _first_latest(
    measure: Measure[Any], holds: Callable[[Any], bool], events: Iterable[Event]
) -> _Range | None:
    """Return when the latest value first held; None if only trying orders can tell.

    The first event with such a value makes it hold, unless another of the same day
    comes after it.
    """
    right: list[Event] = []
    rivals: list[Event] = []
    is_read = callable(measure.of)
    for event in events:
        # A value that a function reads may hold the date.
        read = twin(event, WatchedDate(event.when, _asked)) if is_read else event
        value = measure.evolve(None, read)
        try:
            if value is not None:
                (right if holds(value) else rivals).append(event)
        except _DateReadError:
            return None
    if not right:
        return _Range(math.inf, math.inf, Answer.NO)
    earliest = min(event.when.earliest_start for event in right)
    surest = min(right, key=lambda event: event.when.latest_start).when
    latest = surest.latest_start
    for rival in rivals:
        when = rival.when
        if when.earliest_start <= latest and surest.earliest_start <= when.latest_start:
            return None
    return _Range(earliest, latest, Answer.YES if latest < math.inf else Answer.MAYBE)


# --- any state ------------------------------------------------------------------------


class _DatedMark(NamedTuple):
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


def _tried(
    projection: Projection[S],
    holds: Callable[[S], bool],
    events: Sequence[Event],
    limit: int,
) -> _Range | None:
    """Return when a state first held, by trying days in order; None if too many.

    From a run of days that are alike for every date, as many are tried as events may
    need, at both of its ends.
    """
    if len(events) > _MOST_EVENTS:
        return None
    twins = [twin(event, WatchedDate(event.when, _asked)) for event in events]
    closing: tuple[type, ...] = ()
    if projection.closes is not None:
        closing = closing_classes({type(event.what) for event in events})
    # Each mark: its event, the days on which it can be, how many days later it takes
    # effect, and the place of the beginning that comes before it.
    marks: list[tuple[Mark, Days, int, int | None]] = []
    for twin_event, event in zip(twins, events, strict=True):
        when, begin = event.when, None
        closes = isinstance(event.what, closing)
        if not closes or projection.begins(event):
            if closes and when.earliest_start < when.latest_start:
                return None  # what it ends is over after the day on which it begins
            begin = len(marks)
            marks.append((twin_event, begin_days(when), 0, None))
        if projection.ends is not None and Ending.of(event) is not None:
            marks.append((Ending(twin_event, _NEVER), end_days(when), 1, begin))
        if closes:
            over = Ending(twin_event, _NEVER, closes=True)
            marks.append((over, begin_days(when), 1, begin))
    axis = _axis([(days, after) for _, days, after, _ in marks])
    if axis is None:
        return None
    dated = [
        _DatedMark(
            mark,
            [n for n, day in enumerate(axis) if day.number - after in days],
            days.last == math.inf,
            days.last == -math.inf,
            0 if begin is None else 1 << begin,
        )
        for mark, days, after, begin in marks
    ]
    try:
        return _DaySearch(projection, holds, dated, axis, limit).found()
    except _DateReadError:
        return None


def _asked(_: bool) -> None:
    raise _DateReadError


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


class _DaySearch(Generic[S]):
    """A search for the days on which a state first held.

    Args:
        projection: The state.
        holds: A function that is true of the states in question.
        dated: The events.
        axis: The days to try.
        limit: The most calls of the projection.
    """

    def __init__(
        self,
        projection: Projection[S],
        holds: Callable[[S], bool],
        dated: Sequence[_DatedMark],
        axis: Sequence[_Day],
        limit: int,
    ) -> None:
        self.projection = projection
        self.step = projection._ordered_step
        self.holds = holds
        self.dated = dated
        self.axis = axis
        self.left = limit

    def found(self) -> _Range | None:
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
            return _Range(math.inf, math.inf, Answer.NO)
        return _Range(earliest, latest, Answer.MAYBE if front else Answer.YES)

    def _after(
        self, front: dict[int, DistinctStates[S]], place: int
    ) -> Iterator[tuple[int, S]]:
        """Yield the states that are possible at the end of a day."""
        near: list[int] = []
        due = 0
        for number, dated_mark in enumerate(self.dated):
            if place < 0:
                if dated_mark.is_past:
                    near.append(number)
                    due |= 1 << number
                continue
            at = bisect_left(dated_mark.days, place)
            if at < len(dated_mark.days) and dated_mark.days[at] == place:
                near.append(number)
                if at == len(dated_mark.days) - 1 and not dated_mark.may_wait:
                    due |= 1 << number
        # First what ended on the day before, then what begins; before any day no day
        # comes before.
        for are_ends in (place >= 0, place < 0):
            numbers = [
                n for n in near if isinstance(self.dated[n].mark, Ending) is are_ends
            ]
            front = self._closed(front, numbers)
        for done, states in front.items():
            if not due & ~done:
                for state in states.items:
                    yield done, state

    def _closed(
        self, front: dict[int, DistinctStates[S]], numbers: Sequence[int]
    ) -> dict[int, DistinctStates[S]]:
        """Return the states after any of some beginnings or ends, in any order."""
        # Each step adds one, so the sets of one size are complete before the next.
        by_done = dict(front)
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
                        there.add(self.step(state, self.dated[number].mark))
            for done, states in following.items():
                known = by_done.setdefault(done, DistinctStates())
                for state in states.items:
                    known.add(state)
            front = following
        return by_done


# --- a range as a date ----------------------------------------------------------------


def _between(earliest: float, latest: float) -> Edtf | None:
    """Return the date of which these are the earliest and the latest day."""
    # Before any day, if both are minus infinity: of an extent with an open start.
    if earliest == -math.inf and math.isinf(latest):
        return None
    low = "" if earliest == -math.inf else _text(int(earliest))
    high = "" if latest == math.inf else _text(int(latest))
    if low == high:
        return Edtf(low)
    if low and high:
        year, month, day = civil(int(latest))
        if low == f"{high[:-6]}-01-01" and (month, day) == (12, 31):
            return Edtf(high[:-6])
        if low == f"{high[:-3]}-01" and day == month_length(year, month):
            return Edtf(high[:-3])
    return Edtf(f"[{low}..{high}]")


def _text(day: int) -> str:
    """Return a day as text; beyond four digits EDTF has years only."""
    text = iso(day)
    return text if _FOUR_DIGITS.fullmatch(text) else f"Y{civil(day)[0]}"
