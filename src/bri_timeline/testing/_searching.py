"""Search for counterexamples, and for states that depend on an order left open."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from itertools import combinations
from typing import NoReturn, TypeVar

from attrs import frozen
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bri_timeline import Entry, Event, EventLog, Projection
from bri_timeline.errors import shape
from bri_timeline.extend import Ending, Mark, event_of, iso, marks_for


_LONGEST = 400


def fail(problem: str, *lines: str) -> NoReturn:
    """Fail a check.

    Args:
        problem: The problem, and its remedy.
        lines: Lines that show it.

    Raises:
        AssertionError: Always.
    """
    raise AssertionError("\n".join((problem, *(f"  {line}" for line in lines))))


def event_line(mark: Mark) -> str:
    """Return an event, or its end, as one line: date, payload, citations."""
    if isinstance(mark, Ending):
        return f"end of {event_line(mark.event)}"
    event = mark
    cited, where = "; ".join(map(str, event.cite)), event.where
    text = f"{event.when}  {shape(event.what)}"
    text += "" if where is None else f"  place: {where}"
    return text + (f"  [{cited}]" if cited else "")


def listed(heading: str, events: Iterable[Mark]) -> tuple[str, ...]:
    """Return a heading with the events under it; nothing if there are none."""
    lines = [f"  {event_line(event)}" for event in events]
    return (heading, *lines) if lines else ()


def log_lines(log: EventLog) -> tuple[str, ...]:
    """Return the entries of a log, one on a line."""
    return ("the log:", *(f"  {_entry_line(entry)}" for entry in log))


def state_line(name: str, state: object) -> str:
    """Return a state as one line with its name."""
    text = shape(state)
    return f"{name}: {text[:_LONGEST]}{'...' if len(text) > _LONGEST else ''}"


def _entry_line(entry: Entry) -> str:
    parts = [f"{entry.position}"]
    if entry.event is not None:
        parts.append(event_line(entry.event))
    for name in ("supersedes", "retracts", "because"):
        value = getattr(entry, name)
        if value is not None:
            parts.append(f"{name} {value}")
    if entry.known_day is not None:
        parts.append(f"known {iso(entry.known_day)}")
    return "  ".join(parts)


T = TypeVar("T")

# The explain phase makes a failure a minute long, and explains little about logs.
_PHASES = [phase for phase in Phase if phase is not Phase.explain]


def searching(values: st.SearchStrategy[T], check: Callable[[T], None]) -> None:
    """Call a check with many values, and show the smallest for which it fails.

    The current settings of Hypothesis give the number. Nothing is written to disk.

    Args:
        values: Strategy for the values.
        check: Raises an error if a law does not hold.

    Raises:
        AssertionError: The check raised it.
    """

    # Only what a check needs is set: the number of examples stays with the profile.
    @settings(
        database=None,
        deadline=None,
        phases=_PHASES,
        report_multiple_bugs=False,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(values)
    def checked(value: T) -> None:
        check(value)

    checked()


S = TypeVar("S")
_LATE = "9999-12-31"


@frozen
class OrderDependence:
    """Two events that give two states, although their dates leave the order open.

    Attributes:
        first: The event, or the end of one, that the fold takes first.
        second: The other.
        before: The events before both.
        state: The state, or the part selected from it, in fold order.
        other_state: The same in the other order.
    """

    first: Mark
    second: Mark
    before: tuple[Mark, ...]
    state: object
    other_state: object

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def lines(self) -> tuple[str, ...]:
        """Return a description, one line for each part."""
        tie = self.first.when == self.second.when
        how = "have one date" if tie else "have dates that overlap"
        return (
            f"two events {how}, so either may come first:",
            f"  a  {event_line(self.first)}",
            f"  b  {event_line(self.second)}",
            *listed("after", self.before),
            state_line("a, then b", self.state),
            state_line("b, then a", self.other_state),
        )


def order_dependence(
    projection: Projection[S],
    events: Iterable[Event],
    *,
    of: Callable[[S], object] | None = None,
) -> OrderDependence | None:
    """Return two events whose order matters although their dates leave it open.

    Every two events, or ends of events, are folded in both orders, after all events
    that lie wholly before them, and after all others too that may: a sum of floats
    depends on the order of its second and third number. The number of calls grows with
    the cube of the number of events.

    Args:
        projection: The projection.
        events: Events that may have happened; some dozens at most.
        of: Selects the part of a state to compare; by default all of it.

    Returns:
        The first such pair, or None if order makes no difference.
    """
    selected, marks = _selecting(of), marks_of(projection, happenings(events))
    for mark, rival in combinations(marks, 2):
        if not _is_order_open(mark, rival):
            continue
        first, last = mark.when.earliest_start, mark.when.latest_start
        start = min(first, rival.when.earliest_start)
        last = min(last, rival.when.latest_start)
        # What ends has begun before, and what begins has not ended.
        begun = {id(side.event) for side in (mark, rival) if isinstance(side, Ending)}
        own = {id(event_of(mark)), id(event_of(rival))}
        rows = [m for m in marks if id(m) in begun or id(event_of(m)) not in own]
        # Events that overlap either one are left out at first: their own order is open.
        before = tuple(m for m in rows if m.when.latest_start < start or id(m) in begun)
        maybe = tuple(m for m in rows if m.when.earliest_start <= last)
        for prefix in (before, maybe) if len(maybe) > len(before) else (before,):
            state = selected(_folded(projection, (*prefix, mark, rival)))
            other_state = selected(_folded(projection, (*prefix, rival, mark)))
            if state != other_state:
                return OrderDependence(mark, rival, prefix, state, other_state)
    return None


def _folded(projection: Projection[S], marks: Iterable[Mark]) -> S:
    reads = projection.reads or (object,)
    read = (mark for mark in marks if isinstance(event_of(mark).what, reads))
    return reduce(projection, read, projection.initial())


def _is_order_open(mark: Mark, rival: Mark) -> bool:
    """Check whether the dates of two marks leave open which one comes first."""
    if event_of(mark) is event_of(rival):
        return False
    (first, last), (rival_first, rival_last) = (
        (side.when.earliest_start, side.when.latest_start) for side in (mark, rival)
    )
    # Of one day, ends come first, and what begins comes last.
    rank, rival_rank = _rank(mark), _rank(rival)
    may_lead = (first, rank) <= (rival_last, rival_rank)
    may_follow = (rival_first, rival_rank) <= (last, rank)
    return may_lead and may_follow


def _rank(mark: Mark) -> int:
    return 1 + mark.closes if isinstance(mark, Ending) else 3


def marks_of(projection: Projection[S], events: Sequence[Event]) -> Sequence[Mark]:
    """Return what a projection folds of events, in fold order."""
    if projection.ends is None:
        return events
    return marks_for(events, projection)


def happenings(events: Iterable[Event]) -> Sequence[Event]:
    """Return the events that count, in fold order, undecided ones last."""
    view = EventLog.of(*events).as_of(_LATE)
    return (*view.events, *view.undecided)


def check_order(
    projection: Projection[S],
    events: Iterable[Event],
    of: Callable[[S], object] | None,
) -> None:
    """Check that the order of events matters only where dates decide it.

    Raises:
        AssertionError: It matters elsewhere.
    """
    dependence = order_dependence(projection, events, of=of)
    if dependence is not None:
        problem = f"{projection.name} depends on an order that no date decides"
        remedy = (
            "if that is meant, pass order_dependent_ok=True, and ask views for their"
            " outcomes(); or select with of= what should not depend on it"
        )
        fail(f"{problem}: {remedy}", *dependence.lines())


def _selecting(of: Callable[[S], object] | None) -> Callable[[S], object]:
    return _whole if of is None else of


def _whole(state: object) -> object:
    return state
