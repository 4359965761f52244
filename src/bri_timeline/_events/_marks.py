"""Marks: the beginning of an event, and the end of an extent, in fold order."""

from __future__ import annotations

import math
from typing import NamedTuple

from bri_timeline._events._event import Event
from bri_timeline.edtf import end_bounds


__all__ = [
    "Ending",
    "Key",
    "Mark",
    "Over",
    "ending_key",
    "ending_of",
    "event_of",
    "sort_key",
]


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
    """The end of an extent. An event stands for its own beginning.

    An extent lasts until the end of its last day. So it is over on the day after that,
    before anything that begins on that day.

    Attributes:
        event: The event that ends.
        when: The days from which it is over.
    """

    event: Event
    when: Over


Mark = Event | Ending


def ending_of(event: Event) -> Ending | None:
    """Return the end of an event; None if it is not an extent, or has an open end."""
    if not event.when.is_extent:
        return None
    bounds = end_bounds(event.when)
    return None if bounds is None else Ending(event, Over(bounds[0] + 1, bounds[1] + 1))


def event_of(mark: Mark) -> Event:
    """Return the event that begins or ends."""
    return mark.event if isinstance(mark, Ending) else mark


def sort_key(mark: Mark, position: int) -> Key:
    """Return the key of a mark in the fold order.

    Args:
        mark: The beginning or end of an event.
        position: The position of the first entry that claims it.
    """
    first, last = mark.when.earliest_start, mark.when.latest_start
    if isinstance(mark, Ending):
        return ending_key(last, first, position)
    return last, first, position


def ending_key(day: float, other: float, position: int) -> Key:
    """Return the key of an end, which sorts before every beginning of that day."""
    # The key of a beginning has a position, never below 0, in the third place.
    return day, -math.inf, -1, other, position
