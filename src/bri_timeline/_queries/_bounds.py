"""The values of a measure that the dates allow, without trying orders."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from itertools import chain
from typing import Any, NamedTuple, TypeVar

from attrs import frozen

from bri_timeline._answer import Answer
from bri_timeline._events import Event, Mark, event_of
from bri_timeline._happening import Happening, Window
from bri_timeline._projection import Projection
from bri_timeline._queries._choices import twin
from bri_timeline._queries._outcomes import reached
from bri_timeline._queries._values import Distinct, Outcomes
from bri_timeline.edtf import WatchedDate, begin_days
from bri_timeline.measures import Measure, added, summed


__all__ = ["Known", "bounded", "listed_sums", "reads_dates"]


V = TypeVar("V")
Number = int | Decimal


class Known(NamedTuple):
    """The parts of a view that bounds are computed from, each computed when asked.

    Attributes:
        window: The days of the view.
        state: Returns the certain state of a projection.
        ever: Returns its state after everything that counts, on whatever day.
        certain: Returns the certain events that the measure reads, in fold order.
        undecided: Returns the undecided ones, in any order.
        active: Returns the extents that last at the end of the window, or may.
        happenings: Returns both, as happenings.
    """

    window: Window
    state: Callable[[Projection[Any]], Any]
    ever: Callable[[Projection[Any]], Any]
    certain: Callable[[], Sequence[Mark]]
    undecided: Callable[[], Sequence[Event]]
    active: Callable[[], Sequence[tuple[Event, Answer]]]
    happenings: Callable[[], Sequence[Happening]]


def bounded(
    measure: Projection[Any], of: Callable[[Any], V] | None, known: Known, limit: int
) -> Outcomes[Any] | None:
    """Return the outcomes of a measure, or of a selection from it.

    Args:
        measure: The measure; of any other projection nothing is known here.
        of: Selects a value; None selects the measure itself.
        known: The parts of the view.
        limit: The most values to list.

    Returns:
        The outcomes; None if only trying orders can tell.
    """
    # Views leave this to be asked here: few of them need measures to be imported.
    if not isinstance(measure, Measure):
        return None
    if of is None:
        return _measured(measure, known, limit)
    # The state of a distinct count has more than a number, and a value that a function
    # reads may hold a date: what is selected from these can depend on the day.
    if measure.aggregate == "distinct" or callable(measure.of):
        return None
    found = _measured(measure, known, limit)
    if found is None or not found.complete:
        return None
    values: Distinct[V] = Distinct()
    for value in found.values:
        values.add(of(value))
    return Outcomes(tuple(values.items), complete=True)


def _measured(measure: Measure[Any], known: Known, limit: int) -> Outcomes[Any] | None:
    """Return the outcomes of a measure; None if only trying orders can tell.

    Each event adds to a count or a total by itself, so the bounds are sums of bounds.
    A value that is new to a distinct count may be there or not. The latest value is of
    an event that can come after all that have certainly happened.
    """
    certain = known.state(measure)
    aggregate = measure.aggregate
    asks = _asks_dates(measure, known)
    if measure.active:
        return _lasting(measure, certain, known, limit, asks=asks)
    if asks:
        if aggregate not in ("count", "total"):
            return None
        return _summed_by_day(measure, certain, known, limit)
    if aggregate == "latest":
        return _latest(measure, certain, known)
    undecided = known.undecided()
    if aggregate == "distinct":
        read, low = _reader(measure), int(certain)
        values = {value for event in undecided for value in read(event)}
        new = sum(not certain.includes(value) for value in values)
        return _range(low, low + new)
    if aggregate == "count" and measure.where is None:
        return _range(certain, certain + len(undecided))
    return _summed(certain, certain, _amounts(measure, undecided), (), limit)


def _reader(measure: Measure[Any]) -> Callable[[Event], tuple[Any, ...]]:
    """Return a function that returns the value of an event, or nothing."""
    where, value_of = measure.where, measure.value_of

    def read(event: Event) -> tuple[Any, ...]:
        if where is not None and not where(event):
            return ()
        value = value_of(event)
        return () if value is None else (value,)

    return read


def _range(low: int, high: int) -> Outcomes[int]:
    """Return the outcomes of a number that can be each from *low* to *high*."""
    values = tuple(range(low, high + 1))
    return Outcomes(values, complete=True, low=low, high=high)


# --- whether a measure reads dates ----------------------------------------------------


@frozen
class _Asking:
    """A step that counts the events whose dates a measure asks.

    The fold of this step is kept like any other, so it is done once.
    """

    measure: Measure[Any]

    def __call__(self, seen: int, event: Event) -> int:
        return seen + reads_dates(self.measure, event)


def _asks_dates(measure: Measure[Any], known: Known) -> bool:
    """Check whether a measure asks dates what these do not decide."""
    if measure.where is None and not callable(measure.of):
        return False
    asking = Projection(
        int, _Asking(measure), reads=measure.reads, parties=measure.parties
    )
    return bool(known.ever(asking))


def reads_dates(measure: Measure[Any], event: Event) -> bool:
    """Check whether a measure asks the date of an event what that does not decide."""
    when = event.when
    if when.earliest_start == when.latest_start and not when.is_extent:
        return False
    asked: list[bool] = []
    try:
        values = _reader(measure)(twin(event, WatchedDate(when, asked.append)))
        if measure.aggregate == "distinct":
            hash(values)
    except Exception:
        # It may never be read on the day in question; if it is, the fold will raise.
        return True
    return bool(asked)


# --- sums -----------------------------------------------------------------------------


def _amounts(measure: Measure[Any], events: Sequence[Event]) -> list[Number]:
    """Return what each event adds to a count or a total."""
    try:
        if measure.where is not None:
            events = [*filter(measure.where, events)]
        values = [*map(measure.value_of, events)]
        decimals = [value for value in values if type(value) is Decimal]
        is_plain = {*map(type, values)} <= {int, Decimal, type(None)}
    except Exception:
        is_plain = False
    if is_plain and all(map(Decimal.is_finite, decimals)):
        return [value for value in values if value]
    # One by one, so that an error names the event.
    return [measure.evolve(0, event) for event in events]


def _summed(
    certain: Number,
    base: Number,
    amounts: Iterable[Number],
    choices: Sequence[Sequence[Number]],
    limit: int,
) -> Outcomes[Number]:
    """Return the outcomes of a sum.

    Args:
        certain: The sum in the certain state.
        base: What is added in any case.
        amounts: What may be added, each or not.
        choices: What else is added: one of each.
        limit: The most values to list.
    """
    amounts = [amount for amount in amounts if amount]
    least = summed([base, *(a for a in amounts if a < 0), *map(min, choices)])
    greatest = summed([base, *(a for a in amounts if a > 0), *map(max, choices)])
    low, high = min(least, certain), max(greatest, certain)
    sums: Iterable[Number] | None = None
    if {*amounts, *chain.from_iterable(choices)} <= {0, 1} and isinstance(
        greatest, int
    ):
        sums = range(int(least), greatest + 1)
    else:
        sums = _sums(base, amounts, choices, limit)
    listed = (low, high) if sums is None else sorted(sums)
    values = tuple(dict.fromkeys((certain, *listed)))
    return Outcomes(values, complete=sums is not None, low=low, high=high)


def listed_sums(amounts: Sequence[Number], limit: int) -> list[Number] | None:
    """Return all sums of some of the amounts, in order; None if they are too many."""
    if {*amounts} <= {1, -1} and all(isinstance(amount, int) for amount in amounts):
        return [*range(-amounts.count(-1), amounts.count(1) + 1)]
    sums = _sums(0, amounts, (), limit)
    return None if sums is None else sorted(sums)


def _sums(
    base: Number,
    amounts: Sequence[Number],
    choices: Sequence[Sequence[Number]],
    limit: int,
) -> set[Number] | None:
    """Return all sums; None if they are more than *limit*, or as much work."""
    # Different amounts alone have many different sums: n of one sign, n(n+1)/2.
    some = len({*amounts[: 4 * math.isqrt(limit) + 4]}) // 2
    if some * (some + 1) // 2 >= limit:
        return None
    sums = {base}
    for choice in chain(((0, amount) for amount in amounts), choices):
        limit -= len(sums)
        if limit < 0:
            return None
        sums = {added(so_far, amount) for so_far in sums for amount in choice}
    return sums


def _summed_by_day(
    measure: Measure[Any], certain: Number, known: Known, limit: int
) -> Outcomes[Number] | None:
    """Return the outcomes of a sum in which amounts depend on days.

    Other events make no difference to what one of them adds, so the days of each are
    tried by themselves. None if these are too many.
    """
    certain_amounts: list[Number] = []
    amounts: list[Number] = []
    choices: list[list[Number]] = []
    for happening in known.happenings():
        if reads_dates(measure, happening.event):
            found = reached(measure, happening, known.window, limit)
            if found is None:
                return None
            choices.append(found)
        elif known.window.answer(happening.event.when) is Answer.YES:
            certain_amounts.append(measure.evolve(0, happening.event))
        else:
            amounts.append(measure.evolve(0, happening.event))
    return _summed(certain, summed(certain_amounts), amounts, choices, limit)


# --- extents that last ----------------------------------------------------------------


def _lasting(
    measure: Measure[int], certain: int, known: Known, limit: int, *, asks: bool
) -> Outcomes[Any] | None:
    """Return the outcomes of a count of the extents that last on a day."""
    answers, where = dict(known.active()), measure.where
    choices: list[Sequence[int]] = []
    for happening in known.happenings() if asks else ():
        if reads_dates(measure, happening.event):
            answers.pop(happening.event, None)
            found = reached(measure, happening, known.window, limit)
            if found is None:
                return None
            choices.append(found)
    if where is not None:
        answers = {event: answers[event] for event in answers if where(event)}
    base = sum(answer is Answer.YES for answer in answers.values())
    amounts = [1] * (len(answers) - base)
    return _summed(certain, base, amounts, choices, limit)


# --- the latest value -----------------------------------------------------------------


def _latest(measure: Measure[Any], certain: Any, known: Known) -> Outcomes[Any]:
    """Return the outcomes of the latest value.

    An event can come last if it can begin when, or after, each that has certainly
    happened can have begun: within one day the order is open.
    """
    read = _reader(measure)
    values: Distinct[Any] = Distinct()
    values.add(certain)
    begun = known.window.since
    for event in map(event_of, reversed(known.certain())):
        when = event.when
        # Those before it in fold order were certain by the same day, or earlier: they
        # cannot be the last either, and began no later than this one.
        if when.latest_start < begun:
            break
        for value in read(event):
            begun = max(begun, when.earliest_start)
            values.add(value)
    # An undecided event may begin in the window: so if it cannot begin before the
    # others, it can be the last, whatever gaps its date has.
    open_ = [
        event
        for event in known.undecided()
        if event.when.earliest_start >= begun or _last_day(event, known.window) >= begun
    ]
    if measure.where is not None:
        open_ = [*filter(measure.where, open_)]
    for value in _different(map(measure.value_of, open_)):
        if value is not None:
            values.add(value)
    return Outcomes(tuple(values.items), complete=True)


def _last_day(event: Event, window: Window) -> float:
    """Return the latest day in a window on which an event can begin."""
    day = begin_days(event.when).at_or_before(window.until)
    return -math.inf if day is None else day


def _different(values: Iterable[Any]) -> Iterable[Any]:
    """Return values, most of them once."""
    listed = [*values]
    try:
        return dict.fromkeys(listed)
    except TypeError:  # some have no hash
        return listed
