"""Events that may be one happening, and sightings that are certainly one trip."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from itertools import product
from typing import NamedTuple, Protocol, TypeAlias, runtime_checkable

from attrs import frozen

from bri_timeline._answer import Answer
from bri_timeline._calendar import Day
from bri_timeline._events import Event
from bri_timeline._view import View
from bri_timeline.edtf import Interval, interval_of, near
from bri_timeline.errors import EventError, QuestionError
from bri_timeline.relations._facts import Visited


__all__ = [
    "Match",
    "Matches",
    "Trip",
    "Window",
    "check_days",
    "check_events",
    "match",
    "near_pairs",
    "trips",
    "window_of",
]

_END_OF_TIME = "9999-12-31"

Sighting = tuple[Hashable, Hashable]


@runtime_checkable
class _Log(Protocol):
    """An `EventLog`, which lies too far above to be imported."""

    def as_of(self, day: str, /) -> View: ...


@frozen
class Match:
    """Two events that may be one happening.

    Attributes:
        one: The first.
        other: The second.
        answer: YES if they have one id, or certainly lie so near to each other; MAYBE
            if they may. That they are one happening is for a person to say.
    """

    one: Event
    other: Event
    answer: Answer


@frozen
class Matches:
    """The result of `match()`.

    Attributes:
        pairs: The pairs that may be one happening. An event may be in several.
        only_one: The events of the first log that are in no pair.
        only_other: The events of the second log that are in no pair.
    """

    pairs: tuple[Match, ...]
    only_one: tuple[Event, ...]
    only_other: tuple[Event, ...] = ()


def kind_and_parties(event: Event) -> Hashable:
    """Return the class of a payload and its parties; of a visit, guest and host."""
    what = event.what
    if isinstance(what, Visited):
        return Visited, what.guest, what.host
    return type(what), event.parties


def match(
    one: _Log | View | Iterable[Event],
    other: _Log | View | Iterable[Event] | None = None,
    *,
    days: int = 2,
    same: Callable[[Event], Hashable] = kind_and_parties,
    today: Day | None = None,
) -> Matches:
    """Return which events of two logs may be one happening, and what only one has.

    Events are compared that agree in *same*, and are a pair if they may lie at most
    *days* apart, or have one id. The time that it takes grows with the events and
    the pairs.

    >>> from bri_timeline.relations import Met
    >>> talks = Met({"AZE", "CHN"})
    >>> ours, theirs = Event(talks, when="2019-04-24"), Event(talks, when="2019-04")
    >>> found = match([ours], [theirs])
    >>> found.pairs[0].answer, found.only_one
    (Answer.MAYBE, ())

    Args:
        one: A log, of which what counts is compared (to the year 9999), a view, with
            what is undecided, or events.
        other: The other; without it, the pairs within *one* of different ids.
        days: How many days two reports of one happening may lie apart; 0: none.
        same: Returns what two events must have in common; by default the class of the
            payload and the parties, of a visit guest and host.
        today: The day until which extents with an open end go on at least; by default
            the present day in UTC.

    Raises:
        QuestionError: *days* is negative.
        DayError: *today* is not a day.
        EventError: Something else than events is given.
    """
    check_days("match", "days", days)
    ours = _events_of(one)
    theirs = None if other is None else _events_of(other)
    if theirs is None:
        answers = {
            (i, j): answer
            for (i, j), answer in _near(ours, ours, days, same, today)
            if i < j and ours[i].id != ours[j].id
        }
    else:
        answers = dict(_near(ours, theirs, days, same, today))
        ids = {event.id: j for j, event in enumerate(theirs)}
        for i, event in enumerate(ours):
            if event.id in ids:
                answers[i, ids[event.id]] = Answer.YES
    other_events = ours if theirs is None else theirs
    pairs = tuple(
        Match(ours[i], other_events[j], answers[i, j]) for i, j in sorted(answers)
    )
    paired, others = {i for i, _ in answers}, {j for _, j in answers}
    if theirs is None:
        paired |= others
    return Matches(
        pairs,
        tuple(event for i, event in enumerate(ours) if i not in paired),
        tuple(e for j, e in enumerate(theirs or ()) if j not in others),
    )


def _events_of(events: _Log | View | Iterable[Event]) -> list[Event]:
    view = events.as_of(_END_OF_TIME) if isinstance(events, _Log) else events
    if isinstance(view, View):
        return [*view.events, *view.undecided]
    return check_events(view)


def check_events(events: Iterable[Event]) -> list[Event]:
    """Return events as a list.

    Raises:
        EventError: Something else is given, such as the entries of a log.
    """
    found: list[Event] = [*events] if isinstance(events, Iterable) else [events]
    for event in found:
        if not isinstance(event, Event):
            problem = "is not an event: give events, such as view.events"
            raise EventError(event, problem)
    return found


def _near(
    ours: Sequence[Event],
    theirs: Sequence[Event],
    days: int,
    same: Callable[[Event], Hashable],
    today: Day | None,
) -> Iterator[tuple[tuple[int, int], Answer]]:
    """Yield the pairs of places of events that may lie so near to each other."""
    groups: dict[Hashable, tuple[list[int], list[int]]] = {}
    for side, events in enumerate((ours, theirs)):
        for place, event in enumerate(events):
            groups.setdefault(same(event), ([], []))[side].append(place)
    mine, yours = (
        [interval_of(event.when, today) for event in events]
        for events in (ours, theirs)
    )
    for some, others in groups.values():
        windows = (
            [window_of(mine[i]) for i in some],
            [window_of(yours[j]) for j in others],
        )
        for a, b in near_pairs(*windows, days):
            i, j = some[a], others[b]
            answer = near(mine[i], yours[j], days)
            if answer is not Answer.NO:
                yield (i, j), answer


# --- a sweep, shared with trips -------------------------------------------------------

Window = tuple[float, float]


def window_of(interval: Interval) -> Window:
    """Return the first and the last day that can be in an interval."""
    return interval.starts.first, interval.ends.last


def near_pairs(
    one: Sequence[Window], two: Sequence[Window], days: int
) -> Iterator[tuple[int, int]]:
    """Yield the places of windows, one of each, that lie at most so many days apart.

    The windows are met in the order of their first days; beside each are those of the
    other side that are not over. So each step is a new window, a pair, or a window that
    is over for good.
    """
    sides = one, two
    arrivals = sorted(
        (window[0], side, place)
        for side, windows in enumerate(sides)
        for place, window in enumerate(windows)
    )
    going_on: tuple[list[int], list[int]] = [], []
    for first, side, place in arrivals:
        others = sides[1 - side]
        left = [i for i in going_on[1 - side] if others[i][1] + days >= first]
        going_on[1 - side][:] = left
        yield from ((other, place) if side else (place, other) for other in left)
        going_on[side].append(place)


def check_days(question: str, name: str, days: int) -> None:
    """Refuse a negative number of days.

    Raises:
        QuestionError: It is.
    """
    if days < 0:
        asked = f"{name}={days}"
        raise QuestionError(asked, question, "give 0 days or more")


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
