"""Each law of a projection, for some events."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import pairwise
from typing import TypeVar

from attrs import frozen

from bri_timeline._bulk import trusted_event
from bri_timeline._events import Event
from bri_timeline._log import EventLog
from bri_timeline._projection import Projection
from bri_timeline.edtf._day import iso
from bri_timeline.edtf._narrowed import WatchedDate, begin_days, narrowed
from bri_timeline.testing._order import happenings
from bri_timeline.testing._report import event_line, fail, listed, state_line


__all__ = [
    "check_beginning",
    "check_checkpoints",
    "check_dates",
    "check_prefixes",
    "check_purity",
    "check_reads",
    "check_total",
]

S = TypeVar("S")
_LAST_DAY = date.max.toordinal()
_MANY = 1 << 16


@frozen
class SomethingElse:
    """A payload of a kind that no projection knows."""


_STRANGE = Event(SomethingElse(), when="2015")


def check_beginning(projection: Projection[S]) -> None:
    """Make sure that each fold begins with an equal state of its own."""
    name, one, two = projection.name, projection.initial(), projection.initial()
    if one != two:
        problem = f"{name}.initial() gives two states that are not equal"
        remedy = "give a class that compares by content, such as attrs.frozen"
        fail(f"{problem}: {remedy}", *map(repr, (one, two)))
    if one is two and not _has_hash(one):
        problem = f"{name}.initial() gives the same {type(one).__name__} every time"
        fail(f"{problem}: make a new one, as initial=dict does", repr(one))


def check_total(projection: Projection[S], events: Sequence[Event]) -> None:
    """Make sure that any event is taken at any point, of whatever kind."""
    for event in events:
        _folded(projection, [event])
    for order in (events, events[::-1]):
        state = _folded(projection, order)
        after = _step(projection, state, _STRANGE, order)
        for event in events:
            after = _step(projection, after, event, [*order, _STRANGE])


def check_purity(projection: Projection[S], events: Sequence[Event]) -> None:
    """Make sure that equal folds give equal states, and that no state is changed."""
    name, mine, yours = projection.name, projection.initial(), projection.initial()
    for number, event in enumerate(events):
        before = events[:number]
        told = *listed("after", before), f"event: {event_line(event)}"
        my_next = _step(projection, mine, event, before)
        if mine != yours:
            problem = f"{name} changes the state that it is given: return another"
            fail(
                problem,
                *told,
                state_line("given", yours),
                state_line("became", mine),
            )
        your_next = _step(projection, yours, event, before)
        if my_next != your_next:
            problem = f"{name} gives two states for the same events"
            remedy = "depend on nothing but the state and the event"
            fail(
                f"{problem}: {remedy}",
                *told,
                state_line("once", my_next),
                state_line("again", your_next),
            )
        mine, yours = my_next, your_next


def check_reads(projection: Projection[S], events: Sequence[Event]) -> None:
    """Make sure that what `reads` leaves out makes no difference."""
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
    except Exception:  # it need not know what to do with what it is never given
        return state


def check_dates(projection: Projection[S], events: Sequence[Event]) -> None:
    """Make sure that an imprecise date is not taken for a day.

    The events are folded as they are, and again with days that their dates can be, in
    the same order: what came first is the same, so the state must be.
    """
    for forward in (True, False):
        days = _days_in_order(events, forward=forward)
        if days is None:
            continue
        pairs = [*zip(events, days, strict=True)]
        state = _folded(projection, events)
        other = _folded(projection, [_on_day(event, day) for event, day in pairs])
        if state != other:
            problem = f"{projection.name} takes an imprecise date for a day"
            remedy = "events come in order, so decide by that, and keep `when` whole;"
            permit = "if it is meant, pass reads_when_ok=True, and ask for outcomes()"
            fail(
                f"{problem}: {remedy} {permit}",
                *listed("events", events),
                state_line("state", state),
                *(f"{e.when} being {iso(int(d))}" for e, d in pairs if not _is_day(e)),
                state_line("state", other),
            )


def _days_in_order(events: Sequence[Event], *, forward: bool) -> list[float] | None:
    """Return different days for events in their order; None if there are none such.

    Only what is known to have happened on one day may share it.

    Args:
        events: In the order of the fold.
        forward: Take the earliest days that do; else the latest.
    """
    found: list[float] = []
    for event in events if forward else reversed(events):
        first, last = event.when.earliest_begin, event.when.latest_begin
        days, near = begin_days(event.when), found[-1:]
        if forward:
            start = first if first > -math.inf else min(1, last)
            day = days.at_or_after(max([start, *(one + 1 for one in near)]))
        else:
            end = last if last < math.inf else max(_LAST_DAY, first)
            day = days.at_or_before(min([end, *(one - 1 for one in near)]))
        if _is_day(event):
            day = first
        if day is None or not first <= day <= last:
            return None
        found.append(day)
    found = found if forward else found[::-1]
    known = map(_is_day, events)
    steps = zip(pairwise(found), pairwise(known), strict=True)
    is_strict = all(a < b or (a == b and all(both)) for (a, b), both in steps)
    return found if is_strict else None


def _is_day(event: Event) -> bool:
    return event.when.earliest_begin == event.when.latest_begin


def _on_day(event: Event, day: float) -> Event:
    """Return an equal event whose date can only be one of its days."""
    when = WatchedDate(event.when, _unheard)
    when.answer_for(narrowed(event.when, day, day))
    return trusted_event(event.what, when, event.cite, event._id)


def _unheard(is_decidable: bool) -> None:
    """Take no notice of what a date is asked."""


def check_prefixes(projection: Projection[S], events: Iterable[Event]) -> None:
    """Make sure that each certain state is an earlier one, folded further."""
    log = EventLog.of(*events)
    state, done = projection.initial(), 0
    for day in _days(log):
        view = log.as_of(day)
        told = view.concerning(*projection.parties).events
        for event in told[done:]:
            state = projection(state, event)
        found = view.project(projection)
        if found != state:
            problem = f"{projection.name} depends on more than the events"
            fail(
                f"{problem}: its state on {day} is not that of the day before, folded"
                " further",
                *listed("events", told),
                state_line("folded further", state),
                state_line("folded anew", found),
            )
        state, done = found, len(told)


def check_checkpoints(projection: Projection[S], events: Iterable[Event]) -> None:
    """Make sure that states which a log keeps give the answers of a fold anew."""
    log = EventLog.of(*events)
    plain, keeping = log.remembering(0), log.remembering(_MANY, every=1)
    days = _days(log)
    for day in (*days[::-1], *days):
        kept = keeping.as_of(day).project(projection)
        anew = plain.as_of(day).project(projection)
        if kept != anew:
            problem = f"{projection.name} has states that cannot be kept and copied"
            remedy = "let a state that has a hash never change, and others copy well"
            fail(
                f"{problem}: {remedy}",
                *listed("events", plain.as_of(day).events),
                state_line("folded anew", anew),
                state_line("from a state that was kept", kept),
            )


def _days(log: EventLog) -> list[str]:
    """Return the days on which something becomes certain, in order."""
    last = {happening.when.begins()[1] for happening in happenings(_claims(log))}
    return [iso(int(day)) for day in sorted(last) if 1 <= day <= _LAST_DAY]


def _claims(log: EventLog) -> Iterator[Event]:
    return (entry.claim for entry in log)


def _folded(projection: Projection[S], events: Sequence[Event]) -> S:
    state = projection.initial()
    for number, event in enumerate(events):
        state = _step(projection, state, event, events[:number])
    return state


def _step(
    projection: Projection[S], state: S, event: Event, before: Sequence[Event]
) -> S:
    """Return the state after one more event.

    Raises:
        AssertionError: The projection raised something, or returned no state.
    """
    shown = state_line("state", state)
    told = *listed("after", before), f"event: {event_line(event)}", shown
    try:
        after = projection(state, event)
    except Exception as error:
        problem = f"{projection.name} raises {type(error).__name__}: {error}"
        remedy = "take every event at every point, since reports may be missing"
        fail(f"{problem}; {remedy}", *told)
    if after is None and state is not None and projection.initial() is not None:
        kind, remedy = type(event.what).__name__, "also where nothing changes"
        if event is _STRANGE:
            kind, remedy = "a kind it does not know", "as `case _: return state` does"
        problem = f"{projection.name} returns None for {kind}"
        fail(f"{problem}: return the state, {remedy}", *told)
    return after


def _has_hash(state: object) -> bool:
    try:
        hash(state)
    except TypeError:
        return False
    return True
