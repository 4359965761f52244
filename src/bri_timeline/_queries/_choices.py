"""The days on which each event can be, as far as a question splits them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import chain, islice
from operator import itemgetter
from typing import NamedTuple

from bri_timeline._events import Event, altered
from bri_timeline._events.marks import Ending, Mark, Over, marks_of
from bri_timeline._happening import Window
from bri_timeline._payload import until_of
from bri_timeline._process import uncollected
from bri_timeline.edtf import WatchedDate, begin_days, end_bounds, end_days, narrowed


# An open start needs some first day to split at: no real date is this many days early.
_LONG_AGO = 1 << 40
# The time after what has an open start, and before all else.
_AFTER_ALL = -1e300


class TooManyError(Exception):
    """The limit is reached."""


class DatedEvent(NamedTuple):
    """An event that happened, or may have, with the days on which it can begin.

    They sort in the order in which they become possible.

    Attributes:
        first: The number of the earliest day; maybe minus infinity.
        last: The number of the latest day; maybe infinite.
        position: A number that orders what ties: the position of its first entry, or
            one in the same order.
        event: The event.
    """

    first: float
    last: float
    position: int
    event: Event

    @classmethod
    def of(cls, event: Event, position: int) -> DatedEvent:
        """Return an event with the days of its date."""
        return cls(event.when.earliest_start, event.when.latest_start, position, event)


class Settled(NamedTuple):
    """Events on one day each, on which nothing else begins or may begin.

    Attributes:
        times: The time of each, as in `Candidate`, in ascending order.
        events: The events.
    """

    times: list[float]
    events: list[Event]


def parted(
    events: Sequence[Event],
    positions: Sequence[int],
    window: Window,
    closing: tuple[type, ...] | None,
) -> tuple[Settled, list[DatedEvent]]:
    """Part the events whose place is the same in every order from the others.

    Args:
        events: What happened within a window, or may have.
        positions: A number for each that orders what ties.
        window: The days of the view.
        closing: Ends have places in the order too, also of what events with such
            payloads end; None for no ends.

    Returns:
        The settled events; and the others, in the order in which they become possible.
    """
    days: list[float] = []
    on_one_day: list[int] = []
    open_places: list[int] = []
    for place, event in enumerate(events):
        when = event.when
        day = when.latest_start
        is_one_day = day == when.earliest_start and not when.is_extent
        if is_one_day and not (closing and isinstance(event.what, closing)):
            days.append(day)
            on_one_day.append(place)
        else:
            open_places.append(place)
    spans = sorted(_busy([events[place] for place in open_places], window, closing))
    settled, number = Settled([], []), 0
    # The last time of the spans so far; the day before, and the day after.
    high = before = -math.inf
    order = sorted(range(len(days)), key=days.__getitem__)
    following = chain(map(days.__getitem__, islice(order, 1, None)), (math.inf,))
    for index, after in zip(order, following, strict=False):
        day, place = days[index], on_one_day[index]
        while number < len(spans) and spans[number][0] <= 2 * day:
            high = max(high, spans[number][1])
            number += 1
        if before < day < after and high < 2 * day:
            settled.times.append(2 * day)
            settled.events.append(events[place])
        else:
            open_places.append(place)
        before = day
    with uncollected():  # they make no reference cycles
        return settled, sorted(
            DatedEvent.of(events[p], positions[p]) for p in open_places
        )


def _busy(
    events: Iterable[Event], window: Window, closing: tuple[type, ...] | None
) -> Iterator[_Span]:
    """Yield the times within which the beginnings, and ends, of events can lie."""
    until = 2 * window.until
    for event in events:
        when = event.when
        first = when.earliest_start
        # One that may lie before the window need not be folded, at any time.
        last = when.latest_start if first >= window.since else math.inf
        yield 2 * first, min(2 * last, until)
        for over in () if closing is None else marks_of(event, closing)[1:]:
            # It comes at the end of the day before.
            first, last = over.when.earliest_start, over.when.latest_start
            yield 2 * first - 1, min(2 * last - 1, until)


class Candidate(NamedTuple):
    """A happening, or the end of one, restricted to some of its days.

    Times are half-days: what happens or begins on a day has twice the number of the
    day, and what ends on it one more. So an end comes after everything of its day, and
    before everything of the next.

    Attributes:
        mark: The event passed to the projection, whose date records questions; or its
            end.
        place: The index of the happening among all.
        first: The earliest time at which it may come here.
        last: The latest such time.
        begin: Returns the first of its times that is not before a time.
    """

    mark: Mark
    place: int
    first: float
    last: float
    begin: Callable[[float], float | None]


_Span = tuple[float, float]
_Begin = Callable[[float], float | None]


def _times(at_or_after: _Begin, offset: int) -> _Begin:
    """Return a function that finds the first possible time, not before a time.

    Args:
        at_or_after: Returns the first possible day that is not before a day.
        offset: 0 for a beginning, 1 for an end.
    """

    def begin(time: float) -> float | None:
        day = at_or_after(-((offset - time) // 2) if abs(time) < math.inf else time)
        return None if day is None else 2 * day + offset

    return begin


def _closing_times(at_or_after: _Begin) -> _Begin:
    """Return the same function for the end of what a happening ends."""
    times = _times(at_or_after, 1)

    def begin(time: float) -> float | None:
        next_time = times(time if time > _AFTER_ALL else -math.inf)
        return None if next_time is None else max(next_time, _AFTER_ALL)

    return begin


def _once(only: float, time: float) -> float | None:
    """Return the only possible time, if it is not before a time."""
    return only if time <= only else None


class _Open:
    """A happening that can be on several days, or that lasts.

    Args:
        happening: The event.
        note: Called for a question that the days left do not decide.
        closing: Its end is a candidate too, and that of what it ends if its payload is
            one of these; None for no ends.
        begun: The payload classes of what may change a state as it begins.

    Attributes:
        date: Its date, which records the questions that it is asked.
        event: A copy of the event with that date.
        begin: Returns the first possible day that is not before a day.
        begin_times: Returns the first possible time of its beginning, likewise.
        end_times: The same for its end; None if it has none.
        closes: It ends others.
        begins: It may change a state as it begins.
    """

    __slots__ = (
        "begin",
        "begin_times",
        "begins",
        "closes",
        "date",
        "end_times",
        "event",
    )

    def __init__(
        self,
        happening: Event,
        note: Callable[[bool], None],
        closing: tuple[type, ...] | None,
        begun: tuple[type, ...],
    ) -> None:
        self.date = WatchedDate(happening.when, note)
        self.event = twin(happening, self.date)
        self.begin: _Begin = begin_days(happening.when).at_or_after
        self.begin_times = _times(self.begin, 0)
        self.end_times: _Begin | None = None
        if closing is not None and Ending.of(happening) is not None:
            self.end_times = _times(end_days(happening.when).at_or_after, 1)
        self.closes = isinstance(happening.what, closing or ())
        self.begins = not self.closes or isinstance(happening.what, begun)


class World:
    """The happenings, with dates that record the questions they are asked.

    Args:
        happenings: In the order in which they become possible.
        window: The days of the view.
        closing: Ends are candidates too, also of what events with such payloads end;
            None for no ends.
        begun: The payload classes of what may change a state as it begins.

    Attributes:
        day: The last day of the view.
        until: Its time: beginnings of that day have come, ends have not.
        asked: The place of a date with a question that its days left do not decide.
        is_undecidable: True if no choice of days would decide it.
        open: The happenings that can be on several days, or last, by their place.
        coupled: The places of happenings that end others, by the identity of the event
            that is passed: if it changes a state as it begins, that is on one day.
    """

    def __init__(
        self,
        happenings: Sequence[DatedEvent],
        window: Window,
        closing: tuple[type, ...] | None,
        begun: tuple[type, ...],
    ) -> None:
        self.since = window.since
        self.day = int(window.until)
        self.until = 2 * self.day
        self.happenings = happenings
        self.asked: int | None = None
        self.is_undecidable = False
        self.coupled: dict[int, int] = {}
        # Those on several days, or with an end: one day alone decides all questions, so
        # other events are passed as they are.
        self.open = {
            place: _Open(happening.event, partial(self._note, place), closing, begun)
            for place, happening in enumerate(happenings)
            if happening.first < happening.last
            or happening.event.when.is_extent
            or isinstance(happening.event.what, closing or ())
        }

    def _note(self, place: int, is_decidable: bool) -> None:
        self.asked = place
        self.is_undecidable |= not is_decidable

    def on(self, spans: Sequence[_Span]) -> list[Candidate]:
        """Return the candidates within the window of the view, each within a span."""
        self.asked = None
        self.coupled.clear()
        candidates: list[Candidate] = []
        for place, (first, last) in enumerate(spans):
            open_event = self.open.get(place)
            if open_event is None:
                # Its only day is within the window, since it may have happened there.
                event, time = self.happenings[place].event, 2 * first
                begin = partial(_once, time)
                candidates.append(Candidate(event, place, time, time, begin))
                continue
            low = first if first >= self.since else open_event.begin(self.since)
            if low is not None and low <= min(last, self.day):
                self.hold(place, low, min(last, self.day))
                # One that may lie before the window need not be folded, as one that
                # may lie after it.
                high = last if first >= self.since else math.inf
                if open_event.begins:
                    times = open_event.begin_times
                    candidates.append(
                        Candidate(open_event.event, place, 2 * low, 2 * high, times)
                    )
                    candidates += self._end(place, open_event)
                if open_event.closes:
                    candidates += self._closing(place, open_event, low, high)
        # The sort is stable: no end comes before its own beginning.
        return sorted(candidates, key=itemgetter(2, 3))

    def _end(self, place: int, one: _Open) -> Iterator[Candidate]:
        """Yield the end of a happening if it may have come."""
        times = one.end_times
        # Of the restricted date: its end cannot lie before the days left to its start.
        bounds = None if times is None else end_bounds(one.date.now)
        if times is not None and bounds is not None and bounds[0] < self.day:
            first, last = bounds
            mark = Ending(one.event, Over(first + 1, last + 1))
            yield Candidate(mark, place, 2 * first + 1, 2 * last + 1, times)

    def _closing(
        self, place: int, one: _Open, low: float, high: float
    ) -> Iterator[Candidate]:
        """Yield the end of what a happening ends, after the day of that.

        Args:
            place: The index of the happening.
            one: The happening.
            low: The number of the first day left to it.
            high: The number of the last, maybe infinite.
        """
        if one.begins and low < high:
            # It begins on that same day, which only fewer days left to it can tell.
            if until_of(type(one.event.what)) is not None:
                self.split(place)
            else:
                self.coupled[id(one.event)] = place
        if low < self.day:
            mark = Ending(one.event, Over(low + 1, high + 1), closes=True)
            first, last = max(2 * low + 1, _AFTER_ALL), max(2 * high + 1, _AFTER_ALL)
            yield Candidate(mark, place, first, last, _closing_times(one.begin))

    def split(self, place: int) -> None:
        """Note that fewer days of a happening have to be tried at once."""
        self._note(place, is_decidable=True)

    def hold(self, place: int, first: float, last: float) -> None:
        """Restrict a date to these days, if it has others."""
        if place in self.open:
            when = self.happenings[place].event.when
            self.open[place].date.answer_for(narrowed(when, first, last))

    def halves(self, place: int, span: _Span) -> tuple[_Span, ...]:
        """Split the days of a date, of which there is more than one, at a day.

        Raises:
            TooManyError: An open start lies too far back to split.
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
                raise TooManyError
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
        for place, open_event in self.open.items():
            when = self.happenings[place].event.when
            open_event.date.answer_for(when)
            # Events are immutable, but these are private copies. From here on they are
            # equal to the originals in every respect, so a caller may keep them.
            object.__setattr__(open_event.event, "when", when)


def twin(event: Event, when: WatchedDate) -> Event:
    """Return a copy of an event with the same id and a watched date."""
    return altered(event, when=when, _digest=event._digest)
