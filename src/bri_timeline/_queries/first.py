"""The day on which something first held, over every choice of days."""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from datetime import date
from functools import reduce
from itertools import chain
from typing import Any, NamedTuple, TypeVar

from attrs import field, frozen

from bri_timeline._answer import Answer
from bri_timeline._calendar import civil, iso, month_length
from bri_timeline._events import (
    Event,
)
from bri_timeline._events.rows import InRows, Row, columns
from bri_timeline._form.table import day_of
from bri_timeline._happening import Disputed
from bri_timeline._lasting import Endings
from bri_timeline._order import Facts, of_shown, untold
from bri_timeline._projection import Projection, blame
from bri_timeline._queries._choices import twin
from bri_timeline._queries._first_rivals import Share, reached_by_any, together
from bri_timeline._queries._first_search import (
    MOST_EVENTS,
    AskedError,
    Range,
    refuse,
    tried,
)
from bri_timeline._queries._questions import PanelQuestion
from bri_timeline._queries._sums import listed_sums
from bri_timeline._queries.bounds import reads_dates
from bri_timeline._queries.outcomes import itself
from bri_timeline._queries.table import ByKey, key_hint
from bri_timeline._queries.values import Threshold
from bri_timeline._text import AsDict, Sheet, fields_of
from bri_timeline.edtf import Edtf, WatchedDate, begin_days, in_words
from bri_timeline.measures import Measure, added, negative


__all__ = ["First", "Worlds", "first", "first_each", "first_of_any"]


K = TypeVar("K", bound=Hashable)
S = TypeVar("S")
_FOUR_DIGITS = re.compile(r"-?\d{4}-\d\d-\d\d")
_MOST_TRIED = 64


@frozen
class First(AsDict, InRows):
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

    _COLUMNS = columns(when=str, earliest=date, latest=date, answer=str, complete=bool)
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

    @classmethod
    def _rows(cls, answer: First) -> Iterator[Row]:
        when = answer.when
        days = (None, None) if when is None else (when.first_day, when.last_day)
        earliest, latest = map(day_of, days)
        yield {**dict(fields_of(answer)), "earliest": earliest, "latest": latest}


class _AmountChange(NamedTuple):
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
    return _told(*_range(projection, holds, events, limit))


def _told(found: Range | None, remedy: str) -> First:
    """Return a range as an answer."""
    if found is None:
        return First(None, Answer.MAYBE, False, remedy)
    if found.earliest == math.inf:
        return First(None, found.answer, found.exact, "" if found.exact else remedy)
    when = _between(found.earliest, found.latest)
    return First(when, found.answer, found.exact, "" if found.exact else remedy)


# It held before any event.
_ALWAYS = Range(-math.inf, -math.inf, Answer.YES)


def _range(
    projection: Projection[S],
    holds: Callable[[S], bool],
    events: Sequence[Event],
    limit: int,
) -> tuple[Range | None, str]:
    """Return the range of an answer, and what would make it exact."""
    # What has an open start had begun before any day.
    past = [event for event in events if event.when.latest_start == -math.inf]
    held = of_shown(projection, holds)
    if not past and held(projection.initial()):
        return _ALWAYS, ""
    found, remedy = None, f"at most {MOST_EVENTS} events are"
    if len(events) <= MOST_EVENTS:
        remedy = f"give a limit of more than {limit:,}"
    measure = untold(projection)
    if isinstance(measure, Measure) and not any(
        reads_dates(measure, event) for event in events
    ):
        if past and all(map(holds, _past_states(measure, past))):
            return _ALWAYS, ""
        if measure.aggregate == "latest":
            found = _first_latest(measure, holds, events)
        else:
            found = _first_number(measure, holds, events, limit)
            if not isinstance(holds, Threshold):
                remedy = "at_least= and at_most= are exact"
    if found is None or not found.exact:
        found = tried(projection, held, events, limit) or found
    return found, remedy


class Worlds(NamedTuple):
    """The events that count, under each choice of claims of disputes.

    Attributes:
        sure: What counts whichever claims are taken, in fold order.
        disputes: The claims of each dispute; None if they decide what else counts.
        choices: Returns all that counts, in fold order, for each choice; None if these
            are too many to try.
    """

    sure: Sequence[Event]
    disputes: Sequence[Disputed] | None
    choices: Callable[[], Iterable[Sequence[Event]]] | None


def first_of_any(
    projection: Projection[S], holds: Callable[[S], bool], worlds: Worlds, limit: int
) -> First:
    """Return when a state first held, whichever claims of disputes are true.

    Args:
        projection: The state.
        holds: A function that is true of the states in question.
        worlds: What counts.
        limit: As of `first()`, for each choice of claims.
    """
    found = _of_shares(projection, holds, worlds)
    if found is not None:
        return _told(found, "")
    ranges, remedy = list[Range](), f"give a limit of more than {limit:,}"
    if worlds.choices is None:
        return _told(None, remedy)
    for events in worlds.choices():
        one, problem = _range(projection, holds, events, limit)
        if one is None:
            return _told(None, problem)
        ranges.append(one)
    return _told(together(ranges), remedy)


def _of_shares(
    projection: Projection[S], holds: Callable[[S], bool], worlds: Worlds
) -> Range | None:
    """Return when a count or a total was first reached; None if orders must tell.

    That is of amounts which all have the sign of the threshold.
    """
    if (
        not isinstance(projection, Measure)
        or not isinstance(holds, Threshold)
        or worlds.disputes is None
        or projection.aggregate not in ("count", "total")
        or projection.active
    ):
        return None
    given: list[Sequence[Event | None]] = [[event] for event in worlds.sure]
    given += (dispute.claims for dispute in worlds.disputes)
    every = filter(None, chain.from_iterable(given))
    if any(event.when.latest_start == -math.inf for event in every):
        return None
    if holds(projection.initial()):
        return _ALWAYS

    def share(event: Event | None) -> Share | None:
        if event is None:
            return Share(0, math.inf, math.inf)
        amount, when = projection.evolve(projection.initial(), event), event.when
        amount = amount if holds.is_least else negative(amount)
        gaps = when.earliest_start < when.latest_start and begin_days(when).has_gaps
        if amount < 0 or gaps or reads_dates(projection, event):
            return None
        return Share(amount, when.earliest_start, when.latest_start)

    found = [[*map(share, claims)] for claims in given]
    known = [[one for one in some if one is not None] for some in found]
    if known != found:
        return None
    least = holds.value if holds.is_least else negative(holds.value)
    return reached_by_any(known, least)


def first_each(
    projection: Projection[S] | Callable[[K], Projection[S]],
    by: Callable[[Event], Iterable[K]],
    holds: Callable[[S], bool],
    facts: Facts,
    limit: int,
) -> ByKey[K, First]:
    """Return when the state of each key first held, as `first()` does.

    Args:
        projection: The state of a key, or a function of the key that returns its own.
        by: Returns the keys of an event.
        holds: A function that is true of the states in question.
        facts: The events.
        limit: As of `first()`, for each key.
    """
    asked = PanelQuestion[K, S, S](projection, by, itself, facts, bounds=False)
    marks_of, first_by_key = asked.marks(), dict[K, First]()
    for key in asked.keys(None):
        own = asked.projection_of(key)
        events = (mark for mark in marks_of(key, own) if isinstance(mark, Event))
        try:
            first_by_key[key] = first(own, holds, [*own._seen(events)], limit)
        except Exception as error:
            blame(error, own)
            raise
    return ByKey(first_by_key, First, hints={"key": key_hint(by)})


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
) -> Range | None:
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
        return _reached([*map(_turned, changes)], negative(holds.value))
    if measure.aggregate == "distinct":  # the condition may read the values
        return None
    values = listed_sums([change.amount for change in changes], limit)
    if values is None:
        return None
    truths = [bool(holds(value)) for value in values]
    if not any(truths):
        return Range(math.inf, math.inf, Answer.NO)
    zero = bisect_left(values, 0)
    if any(truths[: zero + 1]):
        # It is true below 0. Turned round, it is true from some number on.
        changes = [*map(_turned, changes)]
        values = [*map(negative, reversed(values))]
        truths.reverse()
    if truths != sorted(truths):
        return None
    least = values[truths.index(True)]
    return _reached(changes, least)


def _turned(change: _AmountChange) -> _AmountChange:
    return change._replace(amount=negative(change.amount))


def _changes(
    measure: Measure[Any], events: Sequence[Event]
) -> list[_AmountChange] | None:
    """Return what changes a number; None if two changes depend on one another."""
    changes: list[_AmountChange] = []
    by_value: dict[Any, _AmountChange] = {}
    endings = Endings.among(events if measure.active else ())
    for event in events:
        when = event.when
        begin, latest = when.earliest_start, when.latest_start
        has_gaps = begin < latest and begin_days(when).has_gaps
        if measure.aggregate == "distinct":
            for value in measure.evolve(measure.initial(), event).seen:
                known = by_value.get(value, _AmountChange(1, math.inf, math.inf))
                by_value[value] = _AmountChange(
                    1,
                    min(known.first, begin),
                    min(known.last, latest),
                    known.has_gaps or has_gaps,
                )
            continue
        amount = measure.evolve(measure.initial(), event)
        if amount:
            changes.append(_AmountChange(amount, begin, latest, has_gaps))
            over = endings.over(event) if measure.active else None
            if over is not None:
                if over.earliest_start <= latest:
                    return None
                # Its end may have gaps, or that of what ends it.
                changes.append(_AmountChange(-amount, *over, has_gaps=True))
    return [*changes, *by_value.values()]


def _reached(changes: Sequence[_AmountChange], least: Any) -> Range:
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
        return Range(math.inf, math.inf, Answer.NO)
    if sure and sure[0] < math.inf:
        return Range(above[0], sure[0], Answer.YES)
    # It may never hold. Where nothing takes away, it may hold as late as anything can
    # be; else not after the number may have been so high for the last time.
    if all(change.amount > 0 for change in changes):
        return Range(above[0], math.inf, Answer.MAYBE)
    following = [day for day in soon if day > above[-1]]
    last = min(following, default=math.inf) - 1
    latest = _latest_first(changes, least, last)
    if latest is None:
        return Range(above[0], last, Answer.MAYBE, exact=False)
    return Range(above[0], latest, Answer.MAYBE)


def _latest_first(
    changes: Sequence[_AmountChange], least: Any, last: float
) -> float | None:
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


def _can_first_be(
    changes: Sequence[_AmountChange], least: Any, day: float
) -> bool | None:
    """Check that a sum can be below some number until a day, and not on that day.

    What adds is on the day, if it can be, else as late as it can be before; what takes
    away is as early as it can be, if it must not be later than the day. The rest of
    what takes away is early or later than the day: early as little as is needed to keep
    the sum low before, which is known where all of it takes away the same.

    Args:
        changes: What changes the sum.
        least: The number.
        day: The day; infinite for any day after all bounds. What has no last day can be
            later still.
    """
    before: defaultdict[float, Any] = defaultdict(int)
    on_day: Any = 0
    free: list[_AmountChange] = []
    for one in changes:
        if one.amount > 0 and one.first <= day <= one.last:
            if one.has_gaps:
                return None
            on_day = added(on_day, one.amount)
        elif one.amount > 0 and one.last < day:
            before[one.last] = added(before[one.last], one.amount)
        elif one.amount < 0 and one.last <= day and one.last < math.inf:
            before[one.first] = added(before[one.first], one.amount)
        elif one.amount < 0 and one.first <= day:
            free.append(one)
    if len({one.amount for one in free}) > 1:
        return None
    amount = negative(free[0].amount) if free else 1
    needed = 0
    so_far: Any = 0
    for when, so_far in _sums_by_day(before):
        over = added(so_far, negative(least))
        if when < day and over >= 0:
            # So many can be as early as that: else the number was surely reached then.
            needed = max(needed, int(over // amount) + 1)
    taken = negative(amount * needed)
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
) -> Range | None:
    """Return when the latest value first held; None if only trying orders can tell.

    The first event with such a value makes it hold, unless another of the same day
    comes after it.
    """
    right: list[Event] = []
    others: list[Event] = []
    is_read = callable(measure.of)
    for event in events:
        # A value that a function reads may hold the date.
        read = twin(event, WatchedDate(event.when, refuse)) if is_read else event
        value = measure.evolve(None, read)
        try:
            if value is not None:
                (right if holds(value) else others).append(event)
        except AskedError:
            return None
    if not right:
        return Range(math.inf, math.inf, Answer.NO)
    earliest = min(event.when.earliest_start for event in right)
    surest = min(right, key=lambda event: event.when.latest_start).when
    latest = surest.latest_start
    for other in others:
        when = other.when
        if when.earliest_start <= latest and surest.earliest_start <= when.latest_start:
            return None
    return Range(earliest, latest, Answer.YES if latest < math.inf else Answer.MAYBE)


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
