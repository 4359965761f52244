"""All values that a selection can have, given what is unknown about dates."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from functools import lru_cache, partial, reduce
from heapq import heappop, heappush
from itertools import chain
from operator import attrgetter, itemgetter
from random import Random
from typing import Generic, NamedTuple, TypeVar

import attrs
from attrs import frozen

from bri_timeline._events import Event, unchecked_event
from bri_timeline._projection import Projection
from bri_timeline._resolution import Happening
from bri_timeline._text import shape
from bri_timeline._window import Window
from bri_timeline.edtf import WatchedDate, begin_days, narrowed


__all__ = [
    "Outcomes",
    "outcomes",
]


S = TypeVar("S")
V = TypeVar("V")
_EVEN = 0.5
_MOST_CLASSES = 1 << 10

# Starting again with other days costs about as much as this many calls.
_RESTART_COST = 20

# An open start needs some first day to split at: no real date is this many days early.
_LONG_AGO = 1 << 40


@frozen
class Outcomes(Generic[V]):
    """The values consistent with the dates.

    Attributes:
        values: A tuple of different values, the certain one first.
        complete: True if these are all values. If there were too many orders to try,
            each value here is possible, and there may be others.
        sampled: The number of orders drawn at random in that case.
    """

    values: tuple[V, ...]
    complete: bool
    sampled: int = 0

    @property
    def certain(self) -> V:
        """The value in the certain state."""
        return self.values[0]

    def __str__(self) -> str:
        text = " or ".join(map(shape, self.values))
        if self.complete:
            return text
        drawn = f"; {self.sampled} drawn at random" if self.sampled else ""
        return f"{text} (not all outcomes were tried{drawn})"


class _TooManyError(Exception):
    """The limit is reached."""


class _Distinct(Generic[S]):
    """Different values in order of arrival, hashable or not."""

    def __init__(self) -> None:
        self.items: list[S] = []
        self._seen: set[Hashable] = set()
        self._unhashable: list[object] = []

    def add(self, item: S) -> None:
        content = self.content(item)
        try:
            new = content not in self._seen
            if new:
                self._seen.add(content)
        # Not `isinstance(content, Hashable)`: a tuple of lists passes that.
        except TypeError:
            new = content not in self._unhashable
            if new:
                self._unhashable.append(content)
        if new:
            self.items.append(item)

    def content(self, item: S) -> Hashable:
        """Return what distinguishes an item from others."""
        return item


class _States(_Distinct[S]):
    """Different states, including those that differ only in fields not compared.

    A state may exclude a field from its equality and use it for a later event. Two such
    states are equal now and may differ after that event, so both are followed.
    """

    def content(self, item: S) -> Hashable:
        """Return the state with the fields that its equality leaves out."""
        hidden = _hidden(type(item))
        return item if hidden is None else (item, hidden(item))


def _hidden_fields(cls: type) -> Callable[[object], object] | None:
    """Return a getter of the fields that a class does not compare; None if none."""
    if attrs.has(cls):
        names = [field.name for field in attrs.fields(cls) if not field.eq]
    else:
        fields = getattr(cls, "__dataclass_fields__", {})
        names = [name for name, field in fields.items() if not field.compare]
    return attrgetter(*names) if names else None


_hidden: Callable[[type], Callable[[object], object] | None]
_hidden = lru_cache(_MOST_CLASSES)(_hidden_fields)


class _Candidate(NamedTuple):
    """A happening restricted to some of its days.

    Attributes:
        event: The event passed to the projection; its date records questions.
        place: Its index among all happenings.
        first: The number of the earliest day on which it may begin here.
        last: The number of the latest such day.
        begin: Returns the first of its days that is not before a day.
    """

    event: Event
    place: int
    first: float
    last: float
    begin: Callable[[float], float | None]


_Span = tuple[float, float]


def outcomes(
    projection: Projection[S],
    of: Callable[[S], V],
    happenings: Iterable[Happening],
    window: Window,
    *,
    limit: int,
    seed: int | None = None,
) -> Outcomes[V]:
    """Return all values of a selection over every choice of days.

    Each happening falls on one of the days that its date allows, those within *window*
    are folded in the order of their days, and in any order within one day. Orders are
    tried, not days, unless the projection or the selection asks a date a question
    that the order does not decide. Then the days of that date are halved until each
    part has one answer, or is one day.

    Args:
        projection: The state to fold.
        of: Selects a value from a state.
        happenings: Those that happened within *window*, or may have.
        window: The days of the view.
        limit: The most calls of the projection where the order is open; each split of
            the days of a date counts as some calls.
        seed: If the limit is reached, draw orders at random from this seed, with as
            many calls again; None draws none.
    """
    possible = sorted(happenings, key=Happening.possible_order)
    certain = sorted(
        (h for h in possible if window.since <= h.first and h.last <= window.until),
        key=Happening.certainty_order,
    )
    values: _Distinct[V] = _Distinct()
    state = reduce(projection, (h.event for h in certain), projection.initial())
    values.add(of(state))
    world = _World(possible, window)
    try:
        for value in _Completions(projection, of, world, limit).values():
            values.add(value)
    except _TooManyError:
        sampled = 0
        if seed is not None:
            for state in _drawn(projection, world, limit, Random(seed)):
                values.add(of(state))
                sampled += 1
        return Outcomes(tuple(values.items), complete=False, sampled=sampled)
    finally:
        world.end()
    return Outcomes(tuple(values.items), complete=True)


class _World:
    """The happenings, with dates that record the questions they are asked.

    Args:
        happenings: In the order in which they become possible.
        window: The days of the view.

    Attributes:
        day: The last day of the view.
        asked: The place of a date with a question that its days left do not decide.
        is_undecidable: True if no choice of days would decide it.
    """

    def __init__(self, happenings: Sequence[Happening], window: Window) -> None:
        self.since = window.since
        self.day = int(window.until)
        self.happenings = happenings
        self.asked: int | None = None
        self.is_undecidable = False
        self.dates = [
            WatchedDate(happening.event.when, partial(self._note, place))
            for place, happening in enumerate(happenings)
        ]
        self.events = [
            _twin(happening.event, date)
            for happening, date in zip(happenings, self.dates, strict=True)
        ]
        self._begin = [begin_days(h.event.when).at_or_after for h in happenings]

    def _note(self, place: int, is_decidable: bool) -> None:
        self.asked = place
        self.is_undecidable |= not is_decidable

    def on(self, spans: Sequence[_Span]) -> list[_Candidate]:
        """Return the candidates within the window of the view, each within a span."""
        self.asked = None
        found = []
        for place, (first, last) in enumerate(spans):
            begin = self._begin[place]
            low = first if first >= self.since else begin(self.since)
            if low is not None and low <= min(last, self.day):
                self.hold(place, low, min(last, self.day))
                # One that may lie before the window need not be folded, as one that
                # may lie after it.
                high = last if first >= self.since else math.inf
                found.append(_Candidate(self.events[place], place, low, high, begin))
        return sorted(found, key=itemgetter(2, 3))

    def hold(self, place: int, first: float, last: float) -> None:
        """Restrict a date to these days."""
        when = self.happenings[place].event.when
        self.dates[place].answer_for(narrowed(when, first, last))

    def halves(self, place: int, span: _Span) -> tuple[_Span, ...]:
        """Split the days of a date, of which there is more than one, at a day.

        Raises:
            _TooManyError: An open start lies too far back to split.
        """
        first, last = span
        days = begin_days(self.happenings[place].event.when)
        if last > self.day:
            middle: float = self.day
        elif first < self.since:
            middle = self.since - 1
        elif first > -math.inf:
            middle = (first + last) // 2
        else:
            finite = [h.first for h in self.happenings if h.first > -math.inf]
            floor = min(finite, default=self.day)
            if last < floor - _LONG_AGO:
                raise _TooManyError
            middle = min(floor, last - 1 - abs(last - floor))
        return tuple(
            (low, high)
            for a, b in ((first, middle), (middle + 1, last))
            if (low := days.at_or_after(a)) is not None
            and (high := days.at_or_before(b)) is not None
            and low <= high
        )

    def end(self) -> None:
        """Give the events their own dates back; states may hold these events."""
        for event, happening, date in zip(
            self.events, self.happenings, self.dates, strict=True
        ):
            date.answer_for(happening.event.when)
            # Events are immutable, but these are private copies. From here on they are
            # equal to the originals in every respect, so a caller may keep them.
            object.__setattr__(event, "when", happening.event.when)


def _twin(event: Event, when: WatchedDate) -> Event:
    """Return a copy of an event with the same id and a watched date."""
    twin = unchecked_event(event.what, when, event.cite, event._id)
    object.__setattr__(twin, "_digest", event._digest)
    return twin


def _groups(possible: Sequence[_Candidate], day: int) -> Iterator[list[_Candidate]]:
    """Split candidates into groups, each wholly before the next.

    Orders multiply within a group only.
    """
    group: list[_Candidate] = []
    end = -math.inf
    for happening in possible:
        if group and happening.first > end:
            yield group
            group = []
        group.append(happening)
        end = max(end, min(happening.last, day))
    if group:
        yield group


def _is_settled(group: list[_Candidate], day: int) -> bool:
    """Return whether a group has one order and has happened by *day*."""
    return len(group) == 1 and group[0].last <= day


class _AskedError(Exception):
    """A date was asked a question that its days left do not decide."""


class _Completions(Generic[S, V]):
    """All orders of the candidates, and all splits of days that were asked about."""

    def __init__(
        self,
        projection: Projection[S],
        of: Callable[[S], V],
        world: _World,
        limit: int,
    ) -> None:
        self.projection = projection
        self.of = of
        self.world = world
        self.day = world.day
        self.left = limit

    def values(self) -> Iterator[V]:
        """Yield the possible values, some of them more than once.

        Raises:
            _TooManyError: The limit was reached.
        """
        world = self.world
        pending = [[(h.first, h.last) for h in world.happenings]]
        while pending:
            spans = pending.pop()
            try:
                groups = list(_groups(world.on(spans), self.day))
                for state in self._states(groups):
                    value = self.of(state)
                    self._check_questions()
                    yield value
            except _AskedError:
                place = world.asked
                # Folding all again must count, or splitting could go on for ever.
                self.left -= _RESTART_COST + len(spans)
                if place is None or world.is_undecidable or self.left <= 0:
                    raise _TooManyError from None
                halves = world.halves(place, spans[place])
                # The earlier half comes next: with an open start, it shows at once
                # if no split helps.
                pending += [
                    [*spans[:place], half, *spans[place + 1 :]]
                    for half in reversed(halves)
                ]

    def _check_questions(self) -> None:
        if self.world.asked is not None:
            raise _AskedError

    def _states(self, groups: list[list[_Candidate]]) -> list[S]:
        """Return the states that can be reached through groups, one after another.

        Raises:
            _TooManyError: The limit was reached.
        """
        states = [self.projection.initial()]
        for group in groups:
            if _is_settled(group, self.day):
                states = [self.projection(state, group[0].event) for state in states]
                self._check_questions()
            else:
                states = self._states_after(group, states)
        return states

    def _states_after(self, group: list[_Candidate], states: list[S]) -> list[S]:
        """Return the states that can be reached from *states* through a group."""
        width = _width(group, self.day)
        if width * 2 ** (width - 1) > self.left:
            raise _TooManyError
        # The candidates left are a bit set, so that states reached by different orders
        # of the same candidates are merged.
        everything = (1 << len(group)) - 1
        due = sum(1 << i for i, h in enumerate(group) if h.last <= self.day)
        reached: _States[S] = _States()
        start: _States[S] = _States()
        for state in states:
            start.add(state)
        # (candidates left, day reached) -> the states found there.
        front: dict[tuple[int, float], _Distinct[S]] = {(everything, -math.inf): start}
        while front:
            following: dict[tuple[int, float], _Distinct[S]] = {}
            for (left, time), here in front.items():
                if not left & due:
                    for state in here.items:
                        reached.add(state)
                for index, then in self._next(group, left, time):
                    after = left & ~(1 << index), then
                    there = following.setdefault(after, _States())
                    self._step(group[index].event, here, there)
            front = following
        return reached.items

    def _step(self, event: Event, here: _Distinct[S], there: _Distinct[S]) -> None:
        for state in here.items:
            if self.left <= 0:
                raise _TooManyError
            self.left -= 1
            after = self.projection(state, event)
            self._check_questions()
            there.add(after)

    def _next(
        self, group: list[_Candidate], left: int, time: float
    ) -> Iterator[tuple[int, float]]:
        """Yield the candidates that may come next, each with its earliest day."""
        # The next one comes no later than the earliest last day of those left. The
        # group is sorted by first days, so the search ends at the first one beyond.
        latest, near = float(self.day), []
        index = (left & -left).bit_length() - 1
        while 0 <= index < len(group) and group[index].first <= latest:
            if left >> index & 1:
                latest = min(latest, group[index].last)
                near.append(index)
            index += 1
        for index in near:
            then = group[index].begin(max(time, group[index].first))
            if then is not None and then <= min(latest, group[index].last):
                yield index, then


def _width(group: list[_Candidate], day: int) -> int:
    """Return a lower bound of the number of candidates that can fall on one day.

    Each subset of them can come first, so a large number is refused before any work.
    """
    busiest, most = -math.inf, 0
    ends: list[float] = []
    for happening in group:
        while ends and ends[0] < happening.first:
            heappop(ends)
        heappush(ends, min(happening.last, day))
        if len(ends) > most:
            busiest, most = happening.first, len(ends)
    return sum(
        h.first <= busiest <= h.last and h.begin(busiest) == busiest for h in group
    )


def _drawn(
    projection: Projection[S], world: _World, limit: int, random: Random
) -> Iterator[S]:
    """Yield the states for days and orders drawn at random, at least one."""
    day = world.day
    groups = list(_groups(world.on([(h.first, h.last) for h in world.happenings]), day))
    state, start = projection.initial(), 0
    while start < len(groups) and _is_known(groups[start]):
        state = projection(state, groups[start][0].event)
        start += 1
    rest = list(chain.from_iterable(groups[start:]))
    # An open start is drawn from the day before all others: earlier changes no order.
    floor = min((h.first for h in rest if h.first > -math.inf), default=day) - 1
    for _ in range(max(1, limit // len(rest)) if rest else 1):
        drawn = []
        for happening in rest:
            then = _day_of(happening, floor, day, random)
            if then <= day:
                world.hold(happening.place, then, then)
                drawn.append((then, random.random(), happening.event))
        end = state
        for _, _, event in sorted(drawn, key=itemgetter(0, 1)):
            end = projection(end, event)
        yield end


def _is_known(group: list[_Candidate]) -> bool:
    """Return whether a group is one event on one day."""
    return len(group) == 1 and group[0].first == group[0].last


def _day_of(happening: _Candidate, floor: float, day: int, random: Random) -> float:
    """Return a random day of a candidate; infinite if it has not happened."""
    if happening.last > day and random.random() < _EVEN:
        return math.inf
    low, high = max(happening.first, floor), min(happening.last, day)
    wished = random.randint(int(low), int(high)) if low < high else high
    found = happening.begin(wished)
    return math.inf if found is None else found
