"""Sightings as trips, and trips that overlap as delegations."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from itertools import product
from typing import NamedTuple, TypeAlias

from attrs import frozen

from bri_timeline._answer import Answer
from bri_timeline._calendar import Day
from bri_timeline._events import Event
from bri_timeline.edtf import Interval, interval_of, near
from bri_timeline.relations._facts import Visited
from bri_timeline.relations._matching import (
    Window,
    check_days,
    check_events,
    near_pairs,
    window_of,
)


__all__ = ["Trip", "trips"]

Sighting = tuple[Hashable, Hashable]


@frozen
class Trip:
    """Sightings that are certainly one trip, of one guest or of a delegation.

    Attributes:
        guests: The guests, as the function of `trips()` names them.
        route: What it returns beside the guest: what all sightings have in common.
        events: The sightings, in the order of their first possible days.
        perhaps: The sightings of other trips that may be one with it; each may be so
            with several.
    """

    guests: frozenset[Hashable]
    route: Hashable
    events: tuple[Event, ...]
    perhaps: tuple[Event, ...] = ()


def sighting_of(event: Event) -> Sighting | None:
    """Return who was seen, and the states of guest and host; None if not a visit."""
    what = event.what
    if not isinstance(what, Visited):
        return None
    return what.who or what.guest, (what.guest, what.host)


def trips(
    events: Iterable[Event],
    *,
    gap: int = 2,
    by: Callable[[Event], Sighting | None] = sighting_of,
    today: Day | None = None,
) -> tuple[Trip, ...]:
    """Return sightings as trips, in the order of their first possible days.

    A guest who is seen on several days makes one trip if each sighting certainly lies
    at most *gap* days from another: with a gap of 2, from the 24th to the 26th. Trips
    of several guests on one route that certainly have a day in common are one, that of
    a delegation. What may belong to a trip, but need not, is listed in it, and is in a
    trip of its own too: to count trips is to count those that are certain, at most.

    >>> from bri_timeline.relations import Visited
    >>> def seen(who, when):
    ...     return Event(Visited("AZE", "CHN", who=f"person:{who}"), when=when)
    >>> found = trips([seen("a", "2019-04-24"), seen("a", "2019-04-26"),
    ...                seen("b", "2019-04-25"), seen("b", "2019-04")])
    >>> [(sorted(trip.guests), len(trip.events), len(trip.perhaps)) for trip in found]
    [(['person:b'], 1, 3), (['person:a', 'person:b'], 3, 1)]

    Args:
        events: The events, such as `view.events`.
        gap: How many days two sightings of one trip may lie apart.
        by: Returns the guest and the route of a sighting, or None for what is not one;
            by default of `Visited`, the visiting person or else state, and the states.
        today: The day until which extents with an open end go on at least; by default
            the present day in UTC.

    Raises:
        QuestionError: *gap* is negative.
        DayError: *today* is not a day.
        EventError: Something else than events is given.
    """
    check_days("trips", "gap", gap)
    seen = [
        _Seen(event, *key, interval_of(event.when, today))
        for event in check_events(events)
        if (key := by(event)) is not None
    ]
    # A stable sort: events of one day stay in the order in which they were given.
    seen.sort(key=lambda one: one.window[0])
    guests: dict[Sighting, list[_Seen]] = {}
    for one in seen:
        guests.setdefault((one.route, one.guest), []).append(one)
    routes: dict[Hashable, list[_Stay]] = {}
    for (route, _), group in guests.items():
        cores = [
            (one.interval.latest_start, one.interval.earliest_end) for one in group
        ]
        stays = ([group[i] for i in some] for some in clusters(cores, gap))
        routes.setdefault(route, []).extend(stays)
    found = [pair for stays in routes.values() for pair in _delegations(stays, gap)]
    found.sort(key=lambda pair: pair[0])
    return tuple(trip for _, trip in found)


class _Seen(NamedTuple):
    """A sighting."""

    event: Event
    guest: Hashable
    route: Hashable
    interval: Interval

    @property
    def window(self) -> Window:
        return window_of(self.interval)


# The sightings of one guest that are certainly one trip.
_Stay: TypeAlias = list[_Seen]


def _window(stay: _Stay) -> Window:
    windows = [one.window for one in stay]
    return min(first for first, _ in windows), max(last for _, last in windows)


def _delegations(stays: Sequence[_Stay], gap: int) -> Iterator[tuple[float, Trip]]:
    """Yield the trips of one route, each with its first possible day."""
    cores = [
        (
            min(one.interval.latest_start for one in stay),
            max(one.interval.earliest_end for one in stay),
        )
        for stay in stays
    ]
    places = clusters(cores, 0)
    own = {i: n for n, some in enumerate(places) for i in some}
    perhaps: list[_Stay] = [[] for _ in places]
    windows = [_window(stay) for stay in stays]
    for i, j in near_pairs(windows, windows, gap):
        if own[i] != own[j] and _may_be_one(stays[i], stays[j], gap):
            perhaps[own[i]].extend(stays[j])
    for some, more in zip(places, perhaps, strict=True):
        seen = [one for i in some for one in stays[i]]
        guests = frozenset(one.guest for one in seen)
        trip = Trip(guests, seen[0].route, _in_order(seen), _in_order(more))
        yield min(windows[i][0] for i in some), trip


def _in_order(seen: Iterable[_Seen]) -> tuple[Event, ...]:
    ordered = sorted(seen, key=lambda one: one.window[0])
    return tuple(dict.fromkeys(one.event for one in ordered))


def _may_be_one(one: _Stay, two: _Stay, gap: int) -> bool:
    """Return whether two stays may be one trip, of a guest or of a delegation."""
    if one[0].guest == two[0].guest:
        return any(
            near(a.interval, b.interval, gap) is not Answer.NO
            for a, b in product(one, two)
        )
    few, many = sorted((one, two), key=len)
    first, last = _window(many)
    begin, end = _window(few)
    # The bounds first: most stays of others end on another day.
    if begin > last or first > end:
        return False
    if len(many) == 1:
        return near(few[0].interval, many[0].interval, 0) is not Answer.NO
    # One sighting may have gaps, where the other stay is; several are taken as whole.
    day = few[0].interval.touched.at_or_after(first)
    return len(few) > 1 or (day is not None and day <= last)


def clusters(cores: Sequence[tuple[float, float]], gap: int) -> list[list[int]]:
    """Return the places of intervals, grouped by what certainly lies near.

    An interval belongs to a group if, wherever it lies, it is near a member: if its
    latest start is at most *gap* days after the earliest end of the last member to end,
    and its earliest end at most *gap* days before the latest start of the first.

    In the order of latest starts one group is open at a time. Nothing that comes later
    starts earlier, so that a group never grows to its front, and what does not belong
    when it is met will not belong either.

    Args:
        cores: The latest start and the earliest end of each.
        gap: How many days may lie between.
    """
    found: list[list[int]] = []
    front = back = float("-inf")
    for place in sorted(range(len(cores)), key=cores.__getitem__):
        start, end = cores[place]
        if not found or start > back:
            found.append([place])
            front, back = start - gap, end + gap
        elif end >= front:
            found[-1].append(place)
            back = max(back, end + gap)
        else:
            # Too imprecise for the open group, which stays the last.
            found.insert(-1, [place])
    return found
