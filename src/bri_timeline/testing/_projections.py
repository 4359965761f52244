"""The laws of a projection."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from itertools import pairwise
from typing import NoReturn, TypeVar

from attrs import evolve, frozen
from hypothesis import strategies as st
from hypothesis.errors import Flaky

from bri_timeline import Event, EventLog, Projection
from bri_timeline.edtf import WatchedDate, begin_days, narrowed
from bri_timeline.extend import (
    Ending,
    Mark,
    event_of,
    iso,
    require_projection,
    until_of,
)
from bri_timeline.measures import Measure
from bri_timeline.testing._coverage import check_tried
from bri_timeline.testing._searching import (
    check_order,
    event_line,
    fail,
    happenings,
    listed,
    marks_of,
    searching,
    state_line,
)


S = TypeVar("S")
_LAST_DAY = date.max.toordinal()
_MANY = 1 << 16


@frozen
class SomethingElse:
    """A payload of a class that no projection handles."""


_STRANGE = Event(SomethingElse(), when="2015")


def check_beginning(projection: Projection[S]) -> None:
    """Check that each fold begins with an equal state of its own."""
    name, first, second = projection.name, projection.initial(), projection.initial()
    if first != second:
        problem = f"{name}.initial() gives two states that are not equal"
        remedy = "give a class that compares by content, such as attrs.frozen"
        fail(f"{problem}: {remedy}", *map(repr, (first, second)))
    # A state that has a hash cannot change, so folds may share it.
    if first is second and not _has_hash(first):
        problem = f"{name}.initial() gives the same {type(first).__name__} every time"
        fail(f"{problem}: make a new one, as initial=dict does", repr(first))


def check_total(projection: Projection[S], events: Sequence[Event]) -> None:
    """Check that any event, of any kind, is accepted at any point."""
    for event in events:
        _folded(projection, [event])
        # An end comes after its own beginning, and with whatever else was reported.
        for ending in _endings(projection, event):
            _folded(projection, [event, ending])
            _folded(projection, [*events, ending])
    # Reports can be missing, so events can come without those before them.
    for order in (events, events[::-1]):
        state = _folded(projection, order)
        # Logs hold classes that a projection was not written for.
        after = _step(projection, state, _STRANGE, order)
        for event in events:
            after = _step(projection, after, event, [*order, _STRANGE])


def _endings(projection: Projection[S], event: Event) -> Iterator[Mark]:
    """Yield the ends of an event, of its own and by others."""
    yield from (mark for mark in marks_of(projection, [event]) if mark is not event)
    if projection.ends is not None and until_of(type(event.what)) is not None:
        yield Ending(event)


def check_purity(projection: Projection[S], events: Sequence[Mark]) -> None:
    """Check that equal folds give equal states, and that no state is changed."""
    # Two folds in step: if one changes the state it is given, only that one differs.
    name, mine, yours = projection.name, projection.initial(), projection.initial()
    for number, event in enumerate(events):
        before = events[:number]
        context = *listed("after", before), f"event: {event_line(event)}"
        my_next = _step(projection, mine, event, before)
        if mine != yours:
            problem = f"{name} changes the state that it is given: return another"
            _fail_between(problem, context, given=yours, became=mine)
        your_next = _step(projection, yours, event, before)
        if my_next != your_next:
            problem = f"{name} gives two states for the same events"
            remedy = "depend on nothing but the state and the event"
            _fail_between(
                f"{problem}: {remedy}", context, once=my_next, again=your_next
            )
        mine, yours = my_next, your_next


def check_merge(projection: Projection[S], events: Sequence[Mark]) -> None:
    """Check that the states of two parts of a history merge into that of the whole."""
    name, merge = projection.name, projection.merge
    if merge is None:
        return
    whole = _folded(projection, events)
    for place in range(len(events) + 1):
        parts = events[:place], events[place:]
        earlier, later = (_folded(projection, part) for part in parts)
        merged = merge(earlier, later)
        context = *listed("earlier", parts[0]), *listed("later", parts[1])
        if merged != whole:
            problem = f"{name} has parts that do not merge into the whole"
            remedy = "merge(fold(a), fold(b)) must be fold(a + b), or leave out merge="
            states = {"merged": merged, "folded at once": whole}
            _fail_between(f"{problem}: {remedy}", context, **states)
        for state, part in zip((earlier, later), parts, strict=True):
            if state != (before := _folded(projection, part)):
                problem = f"{name} changes a state that merge= is given: return another"
                _fail_between(problem, context, given=before, became=state)


def _fail_between(problem: str, context: Sequence[str], **states: object) -> NoReturn:
    """Fail a check, and show by their names the states that differ."""
    fail(problem, *context, *(state_line(*named) for named in states.items()))


def check_reads(projection: Projection[S], events: Sequence[Event]) -> None:
    """Check that events which `reads` leaves out make no difference."""
    if projection.reads is None:
        return
    state = projection.initial()
    for number, event in enumerate(events):
        before = events[:number]
        if isinstance(event.what, projection.reads):
            state = projection(state, event)
        elif (after := _if_read(projection, state, event)) != state:
            kind = type(event.what).__name__
            problem = f"{projection.name} does something with {kind}, which `reads`"
            remedy = "add the class to it, or if it is to select,"
            fail(
                f"{problem} leaves out: {remedy} pass reads_select_ok=True",
                *listed("after", before),
                f"event: {event_line(event)}",
                state_line("before", state),
                state_line("with it", after),
            )


def _if_read(projection: Projection[S], state: S, event: Event) -> S:
    """Return the state after an event that is not meant for the projection."""
    try:
        return projection.evolve(state, event)
    except Exception:  # it need not handle classes that it is never given
        return state


def check_dates(projection: Projection[S], events: Sequence[Event]) -> None:
    """Check that an imprecise date is not taken for a day.

    The events are folded as they are, and again with precise days that their dates
    allow, in the same order: the order is the same, so the state must be.
    """
    for forward in (True, False):
        days = _days_in_order(events, forward=forward)
        if days is None:
            continue
        pairs = [*zip(events, days, strict=True)]
        state = _folded(projection, events)
        other_state = _folded(projection, [_on_day(event, day) for event, day in pairs])
        if state != other_state:
            problem = f"{projection.name} takes an imprecise date for a day"
            remedy = "events come in order, so decide by that, and keep `when` whole;"
            permit = "if it is meant, pass reads_when_ok=True, and ask for outcomes()"
            fail(
                f"{problem}: {remedy} {permit}",
                *listed("events", events),
                state_line("state", state),
                *(f"{e.when} being {iso(int(d))}" for e, d in pairs if not _is_day(e)),
                state_line("state", other_state),
            )


def _days_in_order(events: Sequence[Event], *, forward: bool) -> list[float] | None:
    """Return different days for events, in their order; None if that is impossible.

    Only events with a precise date may share a day.

    Args:
        events: Events in fold order.
        forward: Take the earliest possible days; otherwise the latest.
    """
    chosen_days: list[float] = []
    for event in events if forward else reversed(events):
        first, last = event.when.earliest_start, event.when.latest_start
        days, near = begin_days(event.when), chosen_days[-1:]
        if forward:
            start = first if first > -math.inf else min(1, last)
            day = days.at_or_after(max([start, *(neighbour + 1 for neighbour in near)]))
        else:
            end = last if last < math.inf else max(_LAST_DAY, first)
            day = days.at_or_before(min([end, *(neighbour - 1 for neighbour in near)]))
        if _is_day(event):
            day = first
        if day is None or not first <= day <= last:
            return None
        chosen_days.append(day)
    chosen_days = chosen_days if forward else chosen_days[::-1]
    known = map(_is_day, events)
    steps = zip(pairwise(chosen_days), pairwise(known), strict=True)
    is_strict = all(a < b or (a == b and all(both)) for (a, b), both in steps)
    return chosen_days if is_strict else None


def _is_day(event: Event) -> bool:
    return event.when.earliest_start == event.when.latest_start


def _on_day(event: Event, day: float) -> Event:
    """Return an equal event whose date answers as one of its days."""
    # Text and equality of the date stay, so that comparing states is not misled.
    when = WatchedDate(event.when, _ignored)
    when.answer_for(narrowed(event.when, day, day))
    return evolve(event, when=when)


def _ignored(is_decidable: bool) -> None:
    """Ignore the questions that a date is asked."""


def check_prefixes(projection: Projection[S], events: Iterable[Event]) -> None:
    """Check that each certain state is an earlier one, folded further."""
    log = EventLog.of(*events)
    state, done = projection.initial(), 0
    for day in _days(log):
        view = log.as_of(day)
        context = tuple(view.concerning(*projection.parties).events)
        marks = _certain_marks(projection, context, view.day_number)
        for mark in marks[done:]:
            state = projection(state, mark)
        new_state = view.project(projection)
        if new_state != state:
            problem = f"{projection.name} depends on more than the events"
            fail(
                f"{problem}: its state on {day} is not that of the day before, folded"
                " further",
                *listed("events", context),
                state_line("folded further", state),
                state_line("folded anew", new_state),
            )
        done = len(marks)


def _certain_marks(
    projection: Projection[S], events: Sequence[Event], day: int
) -> Sequence[Mark]:
    """Return what a projection folds of events that are certain on a day, in order."""
    if projection.ends is None:
        return events
    marks = marks_of(projection, events)
    return [m for m in marks if m.when.latest_start <= day]


def check_checkpoints(projection: Projection[S], events: Iterable[Event]) -> None:
    """Check that checkpoints give the answers of a new fold."""
    log = EventLog.of(*events)
    plain, keeping = log.with_cache(0), log.with_cache(_MANY, every=1)
    days = _days(log)
    # Backwards fills the cache with early and late states, forwards then uses them.
    for day in (*days[::-1], *days):
        kept_state = keeping.as_of(day).project(projection)
        anew = plain.as_of(day).project(projection)
        if kept_state != anew:
            problem = f"{projection.name} has states that cannot be kept and copied"
            remedy = "let a state that has a hash never change, and others copy well"
            fail(
                f"{problem}: {remedy}",
                *listed("events", plain.as_of(day).events),
                state_line("folded anew", anew),
                state_line("from a state that was kept", kept_state),
            )


def _days(log: EventLog) -> list[str]:
    """Return the days on which an event or its end becomes certain, in order."""
    events = happenings(_claims(log))
    untils = filter(None, {until_of(type(event.what)) for event in events})
    closing = tuple(cls for until in untils for cls in until.by)
    last = {event.when.latest_start for event in events}
    last |= {end.when.latest_start for end in map(Ending.of, events) if end}
    closers = (event.when for event in events if isinstance(event.what, closing))
    last |= {when.latest_start + 1 for when in closers}
    return [iso(int(day)) for day in sorted(last) if 1 <= day <= _LAST_DAY]


def _claims(log: EventLog) -> Iterator[Event]:
    return (entry.claim for entry in log)


def _folded(projection: Projection[S], events: Sequence[Mark]) -> S:
    state = projection.initial()
    for number, event in enumerate(events):
        state = _step(projection, state, event, events[:number])
    return state


def _step(
    projection: Projection[S], state: S, event: Mark, before: Sequence[Mark]
) -> S:
    """Return the state after one more event, or end.

    Raises:
        AssertionError: The projection raised an error, or returned no state.
    """
    shown = state_line("state", state)
    context = *listed("after", before), f"event: {event_line(event)}", shown
    try:
        after = projection(state, event)
    except Exception as error:
        problem = f"{projection.name} raises {type(error).__name__}: {error}"
        remedy = "take every event at every point, since reports may be missing"
        fail(f"{problem}; {remedy}", *context)
    if after is None and state is not None and projection.initial() is not None:
        kind = type(event_of(event).what).__name__
        remedy = "also where nothing changes"
        if event is _STRANGE:
            kind, remedy = "a kind it does not know", "as `case _: return state` does"
        problem = f"{projection.name} returns None for {kind}"
        fail(f"{problem}: return the state, {remedy}", *context)
    return after


_MOST = 6


def check_projection(
    projection: Projection[S],
    events: st.SearchStrategy[Event] | Iterable[Event],
    *,
    of: Callable[[S], object] | None = None,
    order_dependent_ok: bool = False,
    reads_select_ok: bool = False,
    reads_when_ok: bool = False,
    untried_ok: bool = False,
) -> None:
    """Check that a projection keeps the laws on which answers rest.

    - *beginning*: `initial` gives every fold a state of its own;
    - *total*: it accepts any event at any point, also of an unknown kind, and returns a
      state; `ends` any event that began before;
    - *pure*: the same events give the same state, at any time, and the given state is
      not changed; all of these hold for `ends` too;
    - *merge*: the states of two parts merge into the state of the whole;
    - *reads*: events of classes that `reads` leaves out make no difference (the kinds
      of a measure select, so they are not checked);
    - *prefix*: the certain state on a day is that of an earlier day, folded further;
    - *checkpoints*: a log with a cache of states answers like one without;
    - *dates*: an imprecise date makes no difference beyond the order of events;
    - *order*: two events, or an event and the end of another, whose dates tie or
      overlap give one state in both orders;
    - *tried*: an event changed the state, and each branch of the function was entered
      (branches that only refuse, or return the state as it was, are left out; several
      on one line are one).

    Dependence on order can be intended (who held an office last): then permit it.
    `order_dependence()` returns such events instead.

    >>> from attrs import frozen
    >>> from bri_timeline import projection
    >>> from bri_timeline.testing import events
    >>> @frozen
    ... class Pledged:
    ...     country: str
    ...     millions: int
    >>> @projection(initial=int)
    ... def pledged(total: int, event: Event) -> int:
    ...     match event.what:
    ...         case Pledged(millions=millions):
    ...             return total + millions
    ...         case _:
    ...             return total
    >>> check_projection(pledged, events(Pledged))

    Args:
        projection: The projection. Its states must compare by content.
        events: A strategy, from which many short lists are drawn, and the smallest that
            fails is shown; or some dozens of events, which are checked as they are.
        of: Selects the part of a state that must not depend on order; by default all.
        order_dependent_ok: Permit that order matters where no date decides it.
        reads_select_ok: Permit that `reads` selects: the function would handle events
            of other classes, if it were given them.
        reads_when_ok: Permit that the state depends on the dates of events, not only on
            their order.
        untried_ok: Permit that these events do not enter every branch, as in a property
            of your own, where each list of events is checked by itself.

    Raises:
        AssertionError: A law does not hold; the message names the events.
        ProjectionError: *projection* is not one, but a function that makes one.
    """
    require_projection(projection)
    check_beginning(projection)
    lists: list[Sequence[Event]] = []

    def check(claims: Iterable[Event]) -> None:
        history = happenings(claims)
        lists.append(history)
        marks = marks_of(projection, history)
        check_purity(projection, marks)
        check_total(projection, history)
        check_merge(projection, marks)
        # The kinds of a measure are declared to select.
        if not reads_select_ok and not isinstance(projection, Measure):
            check_reads(projection, history)
        check_prefixes(projection, history)
        check_checkpoints(projection, history)
        if not reads_when_ok:
            check_dates(projection, history)
        # Last, because it folds most often.
        if not order_dependent_ok:
            check_order(projection, history, of)

    if isinstance(events, st.SearchStrategy):
        try:
            searching(_lists(events), check)
        # Hypothesis repeats a failure, and this one did not fail again.
        except Flaky:
            problem = f"{projection.name} gives two states for the same events"
            fail(f"{problem}: depend on nothing but the state and the event")
    else:
        check(events)
    check_tried(projection, lists, untried_ok=untried_ok)


def _lists(events: st.SearchStrategy[Event]) -> st.SearchStrategy[list[Event]]:
    """Generate lists of events; half of them are long, as those of two rarely meet."""
    return st.lists(events, max_size=_MOST) | st.lists(
        events, min_size=_MOST - 2, max_size=_MOST
    )


def _has_hash(state: object) -> bool:
    try:
        hash(state)
    except TypeError:
        return False
    return True
