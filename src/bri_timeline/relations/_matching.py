"""Events that may be one happening, and sightings that are certainly one trip."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from itertools import product
from typing import NamedTuple, Protocol, TypeAlias, runtime_checkable

from attrs import frozen

from bri_timeline import Answer, Event, View
from bri_timeline.edtf import Edtf, Interval, interval_of, near
from bri_timeline.errors import EventError, QuestionError
from bri_timeline.extend import AsDict, Day
from bri_timeline.relations._facts import Visited
from bri_timeline.relations._near import Nearby, OnDemand, Window


_END_OF_TIME = "9999-12-31"

Sighting = tuple[Hashable, Hashable]


@runtime_checkable
class _Log(Protocol):
    """An `EventLog`, which lies too far above to be imported."""

    def as_of(self, day: str, /) -> View: ...


@frozen
class Match(AsDict):
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
class Matches(AsDict):
    """The result of `match()`.

    Attributes:
        pairs: The pairs that may be one happening. An event may be in several. Each is
            made when it is asked for: many events of one year are many more pairs.
        only_one: The events of the first log that are in no pair.
        only_other: The events of the second log that are in no pair.
    """

    pairs: Sequence[Match]
    only_one: tuple[Event, ...]
    only_other: tuple[Event, ...] = ()

    def _plain_data(self) -> dict[str, object]:
        rest = {"only_one": self.only_one, "only_other": self.only_other}
        return {"pairs": [*self.pairs], **rest}


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
    extents: bool = False,
    today: Day | None = None,
) -> Matches:
    """Return which events of two logs may be one happening, and what only one has.

    Events are compared that agree in *same*, and are a pair if they may begin at most
    *days* apart, or have one id. It costs about as much as a few folds of the events;
    to go through the pairs costs a step for each of them.

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
        extents: Extents are near each other also if they touch, whenever they begin: of
            two memberships, both may hold on one day.
        today: The day until which extents with an open end go on at least; by default
            the present day in UTC. It decides nothing unless *extents* is true.

    Raises:
        QuestionError: *days* is negative.
        DayError: *today* is not a day.
        EventError: Something else than events is given.
    """
    check_days("match", "days", days)

    def intervals(when: Edtf) -> Interval:
        interval = interval_of(when, today)
        return interval if extents else interval.beginning

    ours = _MatchSide(_events_of(one), same, days, intervals)
    theirs = (
        None if other is None else _MatchSide(_events_of(other), same, days, intervals)
    )
    pairs = _Pairs(ours, theirs)
    if theirs is None:
        return Matches(pairs, _alone(ours, ours))
    return Matches(pairs, _alone(ours, theirs), _alone(theirs, ours))


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
    listing: list[Event] = [*events] if isinstance(events, Iterable) else [events]
    for event in listing:
        if not isinstance(event, Event):
            problem = "is not an event: give events, such as view.events"
            raise EventError(event, problem)
    return listing


class _MatchSide:
    """The events of a log, those of one date and with the same in common together.

    Args:
        events: The events.
        same: Returns what two events must have in common.
        days: How many days two may lie apart.
        interval_in: Returns the days of a date that are compared.

    Attributes:
        events: The events.
        kinds: The kind of each event: what it has in common with others, and its date.
        members: Kind -> the places of its events, in ascending order.
        by_id: Id -> the places of its events.
    """

    def __init__(
        self,
        events: list[Event],
        same: Callable[[Event], Hashable],
        days: int,
        interval_in: Callable[[Edtf], Interval],
    ) -> None:
        self.events = events
        self._days = days
        self.kinds = [(same(event), event.when) for event in events]
        self.members: dict[_Kind, list[int]] = {}
        self.by_id: dict[str, list[int]] = {}
        for place, (kind, event) in enumerate(zip(self.kinds, events, strict=True)):
            self.members.setdefault(kind, []).append(place)
            self.by_id.setdefault(event.id, []).append(place)
        self.intervals = {kind: interval_in(kind[1]) for kind in self.members}
        self._groups: dict[Hashable, list[_Kind]] = {}
        for kind in self.members:
            self._groups.setdefault(kind[0], []).append(kind)
        self._nearby = {
            common: Nearby([window_of(self.intervals[kind]) for kind in kinds], days)
            for common, kinds in self._groups.items()
        }

    def near(self, kind: _Kind, interval: Interval) -> Iterator[tuple[_Kind, Answer]]:
        """Yield the kinds of which the events may lie near those of another kind."""
        common, _ = kind
        if common in self._groups:
            kinds = self._groups[common]
            for place in self._nearby[common].of(window_of(interval)):
                answer = near(interval, self.intervals[kinds[place]], self._days)
                if answer is not Answer.NO:
                    yield kinds[place], answer


_Kind: TypeAlias = tuple[Hashable, Edtf]


class _Pairs(OnDemand[Match]):
    """The pairs of events that may be one happening; a row for each of the first log.

    Args:
        one: The first log.
        other: The other; None for the pairs within the first.
    """

    __slots__ = ("_is_one", "_one", "_other")

    def __init__(self, one: _MatchSide, other: _MatchSide | None) -> None:
        super().__init__()
        self._is_one = other is None
        self._one = one
        self._other = other or one

    def _rows(self) -> int:
        return len(self._one.events)

    def _count(self, row: int) -> int:
        left_side, right_side, kind = self._one, self._other, self._one.kinds[row]
        near = [
            date_kind
            for date_kind, _ in right_side.near(kind, left_side.intervals[kind])
        ]
        count = sum(len(right_side.members[each]) for each in near)
        same = right_side.by_id.get(left_side.events[row].id, [])
        if not self._is_one:
            return count + (bool(same) and right_side.kinds[same[-1]] not in near)
        count -= sum(bisect_right(right_side.members[each], row) for each in near)
        return count - sum(
            place > row and right_side.kinds[place] in near for place in same
        )

    def _items(self, row: int) -> list[Match]:
        left_side, right_side, kind = self._one, self._other, self._one.kinds[row]
        event = left_side.events[row]
        answers = {
            place: answer
            for each, answer in right_side.near(kind, left_side.intervals[kind])
            for place in right_side.members[each]
        }
        same = right_side.by_id.get(event.id, [])
        if self._is_one:
            gone = {*same, *(place for place in answers if place < row)}
            answers = {p: answer for p, answer in answers.items() if p not in gone}
        elif same:
            answers[same[-1]] = Answer.YES
        return [
            Match(event, right_side.events[place], answers[place])
            for place in sorted(answers)
        ]


def _alone(one: _MatchSide, other: _MatchSide) -> tuple[Event, ...]:
    """Return the events of one side that are in no pair with the other."""
    ids = {
        kind: {other.events[place].id for place in places}
        for kind, places in other.members.items()
    }
    alone: list[Event] = []
    for kind, event in zip(one.kinds, one.events, strict=True):
        near = other.near(kind, one.intervals[kind])
        if one is not other:
            is_paired = event.id in other.by_id or any(True for _ in near)
        else:  # only with another id
            is_paired = any(len(ids[k]) > (event.id in ids[k]) for k, _ in near)
        if not is_paired:
            alone.append(event)
    return tuple(alone)


def window_of(interval: Interval) -> Window:
    """Return the first and the last day that can be in an interval."""
    return interval.starts.first, interval.ends.last


def check_days(question: str, name: str, days: int) -> None:
    """Refuse a negative number of days.

    Raises:
        QuestionError: It is.
    """
    if days < 0:
        value = f"{name}={days}"
        raise QuestionError(value, question, "give 0 days or more")


@frozen
class Trip:
    """Sightings that are certainly one trip, of one guest or of a delegation.

    Attributes:
        guests: The guests, as the function of `trips()` names them.
        route: What it returns beside the guest: what all sightings have in common.
        events: The sightings, in the order of their first possible days.
        perhaps: The sightings of other trips that may be one with it; each may be so
            with several. They are found when they are asked for.
    """

    guests: frozenset[Hashable]
    route: Hashable
    events: tuple[Event, ...]
    perhaps: Sequence[Event] = ()


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
    trip of its own too: to count trips is to count those that are certain, at most. It
    costs about as much as a fold of the events.

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
        EventError: Something else than events is given, or *by* returns something else.
    """
    check_days("trips", "gap", gap)
    seen = [
        _Seen(event, *_checked(key), interval_of(event.when, today))
        for event in check_events(events)
        if (key := by(event)) is not None
    ]
    # A stable sort: events of one day stay in the order in which they were given.
    seen.sort(key=lambda one: one.window[0])
    guests: dict[Sighting, list[_Seen]] = {}
    for sighting in seen:
        guests.setdefault((sighting.route, sighting.guest), []).append(sighting)
    routes: dict[Hashable, list[_Stay]] = {}
    for (route, _), group in guests.items():
        cores = [
            (sighting.interval.latest_start, sighting.interval.earliest_end)
            for sighting in group
        ]
        stays = ([group[i] for i in places] for places in clusters(cores, gap))
        routes.setdefault(route, []).extend(stays)
    pairs = [pair for stays in routes.values() for pair in _delegations(stays, gap)]
    pairs.sort(key=lambda pair: pair[0])
    return tuple(trip for _, trip in pairs)


def _checked(key: Sighting) -> Sighting:
    # A text of two letters would be taken for two parts.
    if not (isinstance(key, tuple) and len(key) == 2):
        problem = "is not the guest and the route of a sighting"
        raise EventError(key, f"{problem}: let by= return both, or None")
    return key


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
    windows = [sighting.window for sighting in stay]
    return min(first for first, _ in windows), max(last for _, last in windows)


def _delegations(stays: Sequence[_Stay], gap: int) -> Iterator[tuple[float, Trip]]:
    """Yield the trips of one route, each with its first possible day."""
    cores = [
        (
            min(sighting.interval.latest_start for sighting in stay),
            max(sighting.interval.earliest_end for sighting in stay),
        )
        for stay in stays
    ]
    places = clusters(cores, 0)
    route = _Route(stays, places, gap)
    for number, group in enumerate(places):
        seen = [sighting for i in group for sighting in stays[i]]
        guests = frozenset(sighting.guest for sighting in seen)
        perhaps = _Perhaps(route, number)
        trip = Trip(guests, seen[0].route, _in_order(seen), perhaps)
        yield min(route.windows[i][0] for i in group), trip


class _Route:
    """The stays on one route, and the trips that they make.

    Args:
        stays: The stays.
        trips: The places of the stays of each trip.
        gap: How many days two sightings of one trip may lie apart.
    """

    def __init__(
        self, stays: Sequence[_Stay], trips: Sequence[Sequence[int]], gap: int
    ) -> None:
        self.windows = [_window(stay) for stay in stays]
        self._stays = stays
        self._trips = trips
        self._gap = gap
        self._own = {i: n for n, group in enumerate(trips) for i in group}
        self._nearby = Nearby(self.windows, gap)

    def perhaps(self, number: int) -> tuple[Event, ...]:
        """Return the sightings of other trips that may be one with a trip."""
        neighbours = {
            j: None
            for i in self._trips[number]
            for j in self._nearby.of(self.windows[i])
            if self._own[j] != number
            and _may_be_one(self._stays[i], self._stays[j], self._gap)
        }
        return _in_order(
            sighting for j in sorted(neighbours) for sighting in self._stays[j]
        )


class _Perhaps(OnDemand[Event]):
    """The sightings that may belong to a trip, in one row.

    Args:
        route: The route of the trip.
        number: The number of the trip.
    """

    __slots__ = ("_number", "_route")

    def __init__(self, route: _Route, number: int) -> None:
        super().__init__()
        self._route = route
        self._number = number

    def _rows(self) -> int:
        return 1

    def _count(self, row: int) -> int:
        return len(self._items(row))

    def _items(self, row: int) -> Sequence[Event]:
        return self._route.perhaps(self._number)


def _in_order(seen: Iterable[_Seen]) -> tuple[Event, ...]:
    ordered = sorted(seen, key=lambda one: one.window[0])
    return tuple(dict.fromkeys(sighting.event for sighting in ordered))


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
    groups: list[list[int]] = []
    front = back = float("-inf")
    for place in sorted(range(len(cores)), key=cores.__getitem__):
        start, end = cores[place]
        if not groups or start > back:
            groups.append([place])
            front, back = start - gap, end + gap
        elif end >= front:
            groups[-1].append(place)
            back = max(back, end + gap)
        else:
            # Too imprecise for the open group, which stays the last.
            groups.insert(-1, [place])
    return groups
