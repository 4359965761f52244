"""Events of two logs, or of one, that may be one happening."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import Protocol, runtime_checkable

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
    "Window",
    "check_days",
    "check_events",
    "match",
    "near_pairs",
    "window_of",
]

_END_OF_TIME = "9999-12-31"


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
