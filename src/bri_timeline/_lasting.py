"""Facts that last: until when, and how many of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence

from bri_timeline import edtf
from bri_timeline._answer import Answer
from bri_timeline._events import Event
from bri_timeline._events.marks import Ending, Over, closing_classes
from bri_timeline._events.open_facts import follows, is_own
from bri_timeline._payload import Until, last_of, until_of
from bri_timeline._scope import Window


class Endings:
    """Events that end others, found by what they end.

    Args:
        events: Those with a payload of a class that another class names by `until`, on
            whatever day.
    """

    __slots__ = ("_by_key", "_events")

    def __init__(self, events: Iterable[Event]) -> None:
        self._events = tuple(events)
        self._by_key: dict[Until, dict[tuple[object, ...], list[Event]]] = {}

    def of(self, event: Event) -> list[Event]:
        """Return the events that end an event, if they come after it begins."""
        until = until_of(type(event.what)) if self._events else None
        if until is None:
            return []
        if until not in self._by_key:
            groups = self._by_key.setdefault(until, {})
            for end_event in self._events:
                if isinstance(end_event.what, until.by):
                    groups.setdefault(until.key(end_event.what), []).append(end_event)
        # A class may end its own: no event ends itself.
        end_events = self._by_key[until].get(until.key(event.what), [])
        return [end_event for end_event in end_events if end_event != event]

    @classmethod
    def among(cls, events: Iterable[Event]) -> Endings:
        """Return those of some events that end others of them."""
        every = [*events]
        closing = closing_classes({type(event.what) for event in every})
        return cls(event for event in every if isinstance(event.what, closing))

    def over(self, event: Event) -> Over | None:
        """Return the days from which what lasts is over; None if it goes on for ever.

        Those of its own end, and of each event after it that may end it: the first of
        these days counts. They begin before it does, if one of these events may come
        before it.
        """
        when, ending = event.when, Ending.of(event)
        overs = [] if ending is None else [ending.when]
        for end_event in self.of(event):
            first, last = end_event.when.earliest_start, end_event.when.latest_start
            is_later = is_own(event, end_event)
            if last > when.earliest_start or (
                last == when.earliest_start and not is_later
            ):
                # If it lasts too, what it adds and what it ends are not independent.
                is_free = first == last or not lasts(end_event)
                is_free &= not is_later or first > when.latest_start
                overs.append(Over(first + 1 if is_free else -math.inf, last + 1))
        if not overs:
            return None
        return Over(
            min(over.earliest_start for over in overs),
            min(over.latest_start for over in overs),
        )

    def over_by(self, event: Event) -> float:
        """Return the day from which what lasts is certainly over; maybe infinite."""
        ending, begun = Ending.of(event), event.when.latest_start
        overs = [math.inf] if ending is None else [ending.when.latest_start]
        overs += (
            end_event.when.latest_start + 1
            for end_event in self.of(event)
            if follows(end_event, event, begun)
        )
        return min(overs)

    def ended(self, event: Event, window: Window) -> Answer:
        """Return whether an event of a window has ended before the end of its last day.

        Each event that may end it is judged by itself.

        Args:
            event: What lasts; of any other event the answer is `NO`.
            window: The days.
        """
        over, begun = _own_end(event, window), begun_within(event, window)
        if begun is None or over is Answer.YES:
            return over
        for end_event in self.of(event):
            when, is_later = end_event.when, is_own(event, end_event)
            if is_later and when.latest_start <= begun[0]:
                continue
            if when.latest_start < window.until and follows(end_event, event, begun[1]):
                return Answer.YES
            if Window(begun[0] + is_later, window.until - 1).meets(when):
                over = Answer.MAYBE
        return over

    def counts(self, events: Iterable[Event], window: Window) -> Iterator[list[int]]:
        """Yield how many of some events may last at once, for each way they can end.

        What is ended by the same events is not independent: it is counted together.

        Args:
            events: What may last on the last day of the window.
            window: The days.
        """
        groups: dict[tuple[object, ...], list[Event]] = {}
        for event in events:
            by = self.of(event)
            until = until_of(type(event.what)) if by else None
            key = (event,) if until is None else (until, until.key(event.what))
            groups.setdefault(key, []).append(event)
        for group in groups.values():
            if len(group) == 1:
                yield [0, 1]
            else:
                yield self._counts(group, window)

    def _counts(self, events: list[Event], window: Window) -> list[int]:
        """Return how many of the events that the same events end may last at once.

        Only the last day before that of the window counts on which one of these comes:
        what begins until then is over, the rest goes on. What begins on that day is not
        over if one of its kind comes there.
        """
        spans = [span for e in events if (span := begun_within(e, window)) is not None]
        sure = [
            window.answer(e.when) is Answer.YES and _own_end(e, window) is Answer.NO
            for e in events
        ]
        pairs = [(event, ender) for event in events for ender in self.of(event)]
        dates = [ender.when for ender in {id(e): e for _, e in pairs}.values()]
        # Each that comes before the last day comes on this day or later.
        needed = [d.earliest_start for d in dates if d.latest_start < window.until]
        floor = max(needed, default=-math.inf)
        is_never = floor == -math.inf
        numbers = {*range(sum(sure), len(spans) + 1)} if is_never else set[int]()
        for delay in {is_own(*pair) for pair in pairs}:
            over = [(first + delay, last + delay) for first, last in spans]
            days_of = {day for span in over for day in span if day < window.until}
            edges = sorted(days_of - {-math.inf})
            cells = zip([-math.inf, *edges], [*edges, window.until], strict=True)
            for low, after in cells:
                days = Window(max(low, floor), after - 1)
                if any(map(days.meets, dates)):
                    least = sum(
                        is_sure and low < first
                        for is_sure, (first, _) in zip(sure, over, strict=True)
                    )
                    most = sum(low < last for _, last in over)
                    numbers.update(range(least, most + 1))
        return sorted(numbers)


def _own_end(event: Event, window: Window) -> Answer:
    """Return whether the end of an extent lies before the last day of a window."""
    ending = Ending.of(event)
    if ending is None or window.until < ending.when.earliest_start:
        return Answer.NO
    return Answer.YES if ending.when.latest_start <= window.until else Answer.MAYBE


def begun_within(event: Event, window: Window) -> tuple[float, float] | None:
    """Return the first and the last day of a window on which an event can begin."""
    when = event.when
    if not window.meets(when):
        return None
    first, last = when.earliest_start, when.latest_start
    if first >= window.since and last <= window.until:
        return first, last
    days = edtf.begin_days(when).between_days(*window)
    return days.first, days.last


def lasts(event: Event) -> bool:
    """Check whether an event is of those that last: an extent, or ended by another."""
    return event.when.is_extent or until_of(type(event.what)) is not None


def can_end(event: Event) -> bool:
    """Check whether an event lasts, or holds until another takes its place."""
    return lasts(event) or last_of(type(event.what)) is not None


def replaced(
    event: Event, others: Sequence[Event], endings: Endings, window: Window
) -> Answer:
    """Return whether another event has taken the place of one by the end of a window.

    The last begun holds; of two that may begin on one day each may be the last. What
    lasts holds again once the others that last are over, anything else does not return.

    Args:
        event: The event. The answer is of the days on which it has begun.
        others: Events that take its place if they come later; it may be among them.
            Of many, those that come last answer soonest if they stand last.
        endings: What ends them.
        window: The days.
    """
    answer, begun = Answer.NO, begun_within(event, window)
    if begun is None:
        return answer
    days = Window(begun[0], window.until)
    for rival in reversed(others):
        if answer is Answer.YES:
            break
        if rival == event or not days.meets(rival.when):
            continue
        is_later = begun[1] < rival.when.earliest_start
        later = window.answer(rival.when) if is_later else Answer.MAYBE
        if lasts(event):
            # A third may have taken the place of what does not last, and be over.
            later &= ~endings.ended(rival, window) if lasts(rival) else Answer.MAYBE
        answer |= later
    return answer


def lasting(
    events: Iterable[Event], window: Window, endings: Endings
) -> tuple[tuple[Event, Answer], ...]:
    """Return the events that last at the end of a window, with `YES` or `MAYBE`.

    Args:
        events: Those that began within the window, or may have.
        window: The days.
        endings: What ends them.
    """
    pairs: list[tuple[Event, Answer]] = []
    for event in filter(lasts, events):
        answer = window.answer(event.when) & ~endings.ended(event, window)
        if answer is not Answer.NO:
            pairs.append((event, answer))
    return tuple(pairs)


# --- folding --------------------------------------------------------------------------


def beginning(
    kinds: tuple[type, ...], where: Callable[[Event], bool] | None
) -> Callable[..., int]:
    """Return a function that counts one more fact that lasts, of some classes."""
    classes = kinds or (object,)

    def evolve(active: int, event: Event) -> int:
        is_one = lasts(event) and isinstance(event.what, classes)
        return active + bool(is_one and (where is None or where(event)))

    return evolve


def ending(
    kinds: tuple[type, ...], where: Callable[[Event], bool] | None
) -> Callable[..., int]:
    """Return a function that counts one fact less after its own end."""
    classes = kinds or (object,)

    def ends(active: int, event: Event) -> int:
        is_one = isinstance(event.what, classes) and (where is None or where(event))
        return active - bool(is_one)

    return ends
