"""Marks: the beginning of an event, its end, and that of others, in fold order."""

from __future__ import annotations

import math
from collections.abc import Iterable
from operator import itemgetter
from typing import NamedTuple

from bri_timeline._events._event import Event
from bri_timeline._payload import until_of
from bri_timeline.edtf import Bound, end_bounds


Key = tuple[float, ...]


class Over(NamedTuple):
    """The days from which an extent is over.

    It has the names that a date has, since an end is sorted as what begins then.

    Attributes:
        earliest_start: The number of the earliest day after its end; maybe infinite.
        latest_start: The number of the latest such day; infinite if the end is unknown.
    """

    earliest_start: float
    latest_start: float


class Ending(NamedTuple):
    """The end of an extent, or of what an event ends: an event is its own beginning.

    An extent lasts until the end of its last day. So it is over on the day after that,
    before anything that begins on that day. What another event ends lasts likewise
    until the end of the day of that event.

    Attributes:
        event: The event that ends, or that ends others.
        when: The days from which it is over, or the others are; by default never.
        closes: The event does not end but ends others.
        by: The event that ends it, if it is not its own end.
    """

    event: Event
    when: Over = Over(math.inf, math.inf)
    closes: bool = False
    by: Event | None = None

    @classmethod
    def of(cls, event: Event) -> Ending | None:
        """Return the end of an event; None of no extent, or of an open end.

        Where other events end what lasts, an unknown end says no more than a day does.
        """
        when = event.when
        bounds = end_bounds(when) if when.is_extent else None
        if bounds is None or (
            when.latest_bound is Bound.UNKNOWN and until_of(type(event.what))
        ):
            return None
        return cls(event, Over(bounds[0] + 1, bounds[1] + 1))


Mark = Event | Ending


def marks_of(event: Event, closing: tuple[type, ...]) -> tuple[Mark, ...]:
    """Return the marks of an event, the beginning first.

    Args:
        event: The event.
        closing: The payload classes of events that end others.
    """
    ending = Ending.of(event)
    marks: tuple[Mark, ...] = (event,) if ending is None else (event, ending)
    if not closing or not isinstance(event.what, closing):
        return marks
    when = event.when
    return *marks, Ending(
        event, Over(when.earliest_start + 1, when.latest_start + 1), closes=True
    )


def closing_classes(kinds: Iterable[type]) -> tuple[type, ...]:
    """Return the payload classes of events that end facts of some classes."""
    untils = filter(None, map(until_of, kinds))
    return tuple(dict.fromkeys(kind for until in untils for kind in until.by))


def event_of(mark: Mark) -> Event:
    """Return the event of a mark: one that begins or ends, or that ends others."""
    return mark.event if isinstance(mark, Ending) else mark


def sort_key(mark: Mark, position: int) -> Key:
    """Return the key of a mark in the fold order.

    Args:
        mark: The beginning of an event, or an end.
        position: The position of the first entry that claims it.
    """
    first, last = mark.when.earliest_start, mark.when.latest_start
    if isinstance(mark, Ending):
        return ending_key(last, first, position, closes=mark.closes)
    return last, first, position


def marks_in_order(events: Iterable[Event], closing: tuple[type, ...]) -> list[Mark]:
    """Return the marks of events in fold order, each at its place among them.

    Args:
        events: The events.
        closing: The classes of events that end others.
    """
    keyed = [
        (sort_key(mark, position), mark)
        for position, event in enumerate(events)
        for mark in marks_of(event, closing)
    ]
    return [mark for _, mark in sorted(keyed, key=itemgetter(0))]


def ending_key(day: float, other: float, position: int, *, closes: bool = False) -> Key:
    """Return the key of an end, which sorts before every beginning of that day."""
    # Before any day there is no day after the last one: what begins there comes first.
    first = math.inf if day == -math.inf else -math.inf
    # The key of a beginning has a position, never below 0, in the third place.
    return day, first, -0.5 if closes else -1, other, position
