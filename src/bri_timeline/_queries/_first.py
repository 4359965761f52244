"""The day on which something first held, over every choice of days."""

from __future__ import annotations

import math
import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from decimal import Decimal
from functools import reduce
from itertools import chain, pairwise
from typing import Any, Generic, NamedTuple, TypeVar

from attrs import field, frozen

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
from bri_timeline._projection import Projection, blame
from bri_timeline._queries._bounds import listed_sums, reads_dates
from bri_timeline._queries._choices import twin
from bri_timeline._queries._outcomes import itself
from bri_timeline._queries._questions import Asked, Facts
from bri_timeline._queries._values import States
from bri_timeline._text import AsDict, Sheet, Tabular
from bri_timeline.edtf import Days, Edtf, WatchedDate, begin_days, end_days, in_words
from bri_timeline.measures import DistinctCount, Measure, added


__all__ = ["First", "Threshold", "first", "first_each"]


K = TypeVar("K", bound=Hashable)
S = TypeVar("S")
_FOUR_DIGITS = re.compile(r"-?\d{4}-\d\d-\d\d")
_MOST_DAYS = 1 << 10
_MOST_EVENTS = 12
_MOST_TRIED = 64
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
        remedy: What makes it exact if it is not, such as `limit=4096`.
    """

    when: Edtf | None
    answer: Answer
    complete: bool = True
    remedy: str = field(default="", eq=False)

    def __str__(self) -> str:
        text = str(self.answer) if self.when is None else f"{self.when}: {self.answer}"
        return text if self.complete else f"{text} ({self._problem})"

    @property
    def _problem(self) -> str:
        return f"not all orders were tried{self.remedy and f': {self.remedy}'}"

    def _sheet(self) -> Sheet:
        when = "no day is known" if self.when is None else in_words(self.when)
        complete = "yes" if self.complete else f"no: {self._problem}"
        rows = (("when", when), ("it held", str(self.answer)), ("exact", complete))
        return Sheet("First", rows, len(rows))


class _AskedError(Exception):
    """A date, or the values of a count, were asked: then others cannot stand for it."""


class _Range(NamedTuple):
    """The earliest and the latest day on which something first held, if it did."""

    earliest: float
    latest: float
    answer: Answer
    exact: bool = True

    def first(self, remedy: str) -> First:
        if self.earliest == math.inf:
            return First(None, Answer.NO)
        when = _between(self.earliest, self.latest)
        is_exact = self.exact
        return First(when, self.answer, is_exact, "" if is_exact else remedy)


@frozen
class Threshold:
    """A condition of a value: at least a number, or at most.

    Attributes:
        value: The number.
        is_least: It is the least.
    """

    value: Any
    is_least: bool

    def __call__(self, state: Any) -> bool:
        if state is None:  # no value is neither
            return False
        return bool(state >= self.value if self.is_least else state <= self.value)


class _Change(NamedTuple):
    """An amount that an event adds to a number, and the days on which it can.

    Attributes:
        amount: The amount.
        first: The first of the days.
        last: The last of them.
        has_gaps: It cannot be on all days between.
    """

    amount: Any
    first: float
    last: float
    has_gaps: bool = False


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
    found, remedy = None, f"at most {_MOST_EVENTS} events are"
    if len(events) <= _MOST_EVENTS:
        remedy = f"give a limit of more than {limit:,}"
    if isinstance(projection, Measure) and not (
        (projection.where is not None or callable(projection.of))
        and any(reads_dates(projection, event) for event in events)
    ):
        if past and all(map(holds, _past_states(projection, past))):
            return First(None, Answer.YES)
        if projection.aggregate == "latest":
            found = _first_latest(projection, holds, events)
        else:
            found = _first_number(projection, holds, events, limit)
            if not isinstance(holds, Threshold):
                remedy = "at_least= and at_most= are exact"
    if found is None or not found.exact:
        found = _tried(projection, holds, events, limit) or found
    if found is None:
        return First(None, Answer.MAYBE, False, remedy)
    return found.first(remedy)


def first_each(
    projection: Projection[S] | Callable[[K], Projection[S]],
    by: Callable[[Event], Iterable[K]],
    holds: Callable[[S], bool],
    facts: Facts,
    limit: int,
) -> dict[K, First]:
    """Return when the state of each key first held, as `first()` does.

    Args:
        projection: The state of a key, or a function of the key that returns its own.
        by: Returns the keys of an event.
        holds: A function that is true of the states in question.
        facts: The events.
        limit: As of `first()`, for each key.
    """
    asked = Asked[K, S, S](projection, by, itself, facts, bounds=False)
    marks_of, found = asked.marks(), dict[K, First]()
    for key in asked.keys(None):
        own = asked.projection_of(key)
        events = (mark for mark in marks_of(key, own) if isinstance(mark, Event))
        try:
            found[key] = first(own, holds, [*own._seen(events)], limit)
        except Exception as error:
            blame(error, own)
            raise
    return found


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
    if isinstance(holds, Threshold):
        if holds.is_least:
            return _reached(changes, holds.value)
        return _reached([*map(_turned, changes)], _negative(holds.value))
    values = listed_sums([change.amount for change in changes], limit)
    if values is None:
        return None
    states: Iterable[Any] = values
    if measure.aggregate == "distinct":
        states = (int.__new__(_Unseen, value) for value in values)
    try:
        truths = [bool(holds(state)) for state in states]
    except _AskedError:
        return None
    if not any(truths):
        return _Range(math.inf, math.inf, Answer.NO)
    zero = bisect_left(values, 0)
    if any(truths[: zero + 1]):
        # It is true below 0. Turned round, it is true from some number on.
        changes = [*map(_turned, changes)]
        values = [*map(_negative, reversed(values))]
        truths.reverse()
    if truths != sorted(truths):
        return None
    least = values[truths.index(True)]
    return _reached(changes, least)


class _Unseen(DistinctCount):
    """A distinct count of which only the number is known."""

    def includes(self, value: Hashable) -> bool:
        raise _AskedError

    def _values(self) -> list[Hashable]:
        raise _AskedError


def _negative(amount: Any) -> Any:
    # The minus of a Decimal rounds.
    return amount.copy_negate() if isinstance(amount, Decimal) else -amount


def _turned(change: _Change) -> _Change:
    return change._replace(amount=_negative(change.amount))


def _changes(measure: Measure[Any], events: Sequence[Event]) -> list[_Change] | None:
    """Return what changes a number; None if two changes depend on one another."""
    changes: list[_Change] = []
    by_value: dict[Any, _Change] = {}
    endings = Endings.among(events if measure.active else ())
    for event in events:
        when = event.when
        begin, latest = when.earliest_start, when.latest_start
        has_gaps = begin < latest and begin_days(when).has_gaps
        if measure.aggregate == "distinct":
            for value in measure.evolve(measure.initial(), event).seen:
                known = by_value.get(value, _Change(1, math.inf, math.inf))
                by_value[value] = _Change(
                    1,
                    min(known.first, begin),
                    min(known.last, latest),
                    known.has_gaps or has_gaps,
                )
            continue
        amount = measure.evolve(measure.initial(), event)
        if amount:
            changes.append(_Change(amount, begin, latest, has_gaps))
            over = endings.over(event) if measure.active else None
            if over is not None:
                if over.earliest_start <= latest:
                    return None
                # Its end may have gaps, or that of what ends it.
                changes.append(_Change(-amount, *over, has_gaps=True))
    return [*changes, *by_value.values()]


def _reached(changes: Sequence[_Change], least: Any) -> _Range:
    """Return when a sum is first at least some number."""
    soon: defaultdict[float, Any] = defaultdict(int)
    late: defaultdict[float, Any] = defaultdict(int)
    for amount, begin, end, _ in changes:
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
    if all(change.amount > 0 for change in changes):
        return _Range(above[0], math.inf, Answer.MAYBE)
    following = [day for day in soon if day > above[-1]]
    last = min(following, default=math.inf) - 1
    latest = _latest_first(changes, least, last)
    if latest is None:
        return _Range(above[0], last, Answer.MAYBE, exact=False)
    return _Range(above[0], latest, Answer.MAYBE)


def _latest_first(changes: Sequence[_Change], least: Any, last: float) -> float | None:
    """Return the latest day on which a sum can first be at least some number.

    Between the days from which or up to which a change can be, all days are alike, so
    the last of each such run is tried, the latest run first.

    Args:
        changes: What changes the sum.
        least: The number.
        last: No later day is one.

    Returns:
        The day; None if it takes too long, or cannot be told.
    """
    cuts = {cut for one in changes for cut in (one.first, one.last, one.last + 1)}
    days = sorted({min(cut - 1, last) for cut in cuts if cut - 1 <= last} | {last})
    for day in reversed(days[-_MOST_TRIED:]):
        can_be = _can_first_be(changes, least, day)
        if can_be is None:
            return None
        if can_be:
            return day
    return None


def _can_first_be(changes: Sequence[_Change], least: Any, day: float) -> bool | None:
    """Check that a sum can be below some number until a day, and not on that day.

    What adds is on the day, if it can be, else as late as it can be before; what takes
    away is as early as it can be, if it must not be later than the day. The rest of
    what takes away is early or later than the day: early as little as is needed to keep
    the sum low before, which is known where all of it takes away the same.
    """
    before: defaultdict[float, Any] = defaultdict(int)
    on_day: Any = 0
    free: list[_Change] = []
    for one in changes:
        if one.amount > 0 and one.first <= day <= one.last:
            if one.has_gaps:
                return None
            on_day = added(on_day, one.amount)
        elif one.amount > 0 and one.last < day:
            before[one.last] = added(before[one.last], one.amount)
        elif one.amount < 0 and one.last <= day:
            before[one.first] = added(before[one.first], one.amount)
        elif one.amount < 0 and one.first <= day:
            free.append(one)
    if len({one.amount for one in free}) > 1:
        return None
    amount = _negative(free[0].amount) if free else 1
    starts = sorted(one.first for one in free)
    needed = 0
    so_far: Any = 0
    for when, so_far in _sums_by_day(before):
        over = added(so_far, _negative(least))
        if when < day and over >= 0:
            needed = max(needed, int(over // amount) + 1)
            if bisect_right(starts, when) < needed:
                return False
    taken = _negative(amount * needed)
    return bool(added(added(so_far, on_day), taken) >= least)


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
    others: list[Event] = []
    is_read = callable(measure.of)
    for event in events:
        # A value that a function reads may hold the date.
        read = twin(event, WatchedDate(event.when, _asked)) if is_read else event
        value = measure.evolve(None, read)
        try:
            if value is not None:
                (right if holds(value) else others).append(event)
        except _AskedError:
            return None
    if not right:
        return _Range(math.inf, math.inf, Answer.NO)
    earliest = min(event.when.earliest_start for event in right)
    surest = min(right, key=lambda event: event.when.latest_start).when
    latest = surest.latest_start
    for other in others:
        when = other.when
        if when.earliest_start <= latest and surest.earliest_start <= when.latest_start:
            return None
    return _Range(earliest, latest, Answer.YES if latest < math.inf else Answer.MAYBE)


# --- any state ------------------------------------------------------------------------


class _Dated(NamedTuple):
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
    for one, event in zip(twins, events, strict=True):
        when, begin = event.when, None
        closes = isinstance(event.what, closing)
        if not closes or projection.begins(event):
            if closes and when.earliest_start < when.latest_start:
                return None  # what it ends is over after the day on which it begins
            begin = len(marks)
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
        _Dated(
            mark,
            [n for n, one in enumerate(axis) if one.number - after in days],
            days.last == math.inf,
            days.last == -math.inf,
            0 if begin is None else 1 << begin,
        )
        for mark, days, after, begin in marks
    ]
    try:
        return _Search(projection, holds, dated, axis, limit).found()
    except _AskedError:
        return None


def _asked(_: bool) -> None:
    raise _AskedError


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


class _Search(Generic[S]):
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
        dated: Sequence[_Dated],
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
        start: States[S] = States()
        start.add(self.projection.initial())
        # Events that have begun, as a bit set -> the states that have not held so far.
        front = {0: start}
        earliest, latest, held = math.inf, -math.inf, False
        always = _Day(-math.inf, -math.inf, -math.inf)
        for place, day in enumerate((always, *self.axis), -1):
            following: dict[int, States[S]] = {}
            for begun, state in self._after(front, place):
                if self.holds(state):
                    earliest, held = min(earliest, day.early), True
                    latest = max(latest, day.late)
                else:
                    following.setdefault(begun, States()).add(state)
            if self.left <= 0:
                return None
            front = following
        if not held:
            return _Range(math.inf, math.inf, Answer.NO)
        return _Range(earliest, latest, Answer.MAYBE if front else Answer.YES)

    def _after(
        self, front: dict[int, States[S]], place: int
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
        self, front: dict[int, States[S]], numbers: Sequence[int]
    ) -> dict[int, States[S]]:
        """Return the states after any of some beginnings or ends, in any order."""
        # Each step adds one, so the sets of one size are complete before the next.
        found = dict(front)
        while front and numbers:
            following: dict[int, States[S]] = {}
            for done, states in front.items():
                for number in numbers:
                    after = done | 1 << number
                    needs = self.dated[number].needs
                    if after == done or needs & ~done or self.left <= 0:
                        continue
                    there = following.setdefault(after, States())
                    for state in states.items:
                        self.left -= 1
                        there.add(self.step(state, self.dated[number].mark))
            for done, states in following.items():
                known = found.setdefault(done, States())
                for state in states.items:
                    known.add(state)
            front = following
        return found


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
