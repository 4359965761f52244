"""Panels: a value for each of many keys, in each of many periods."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence, Sized
from functools import partial
from itertools import chain, islice
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

import pendulum
from attrs import frozen

from bri_timeline._calendar import Day, as_date, iso, to_day
from bri_timeline._events import Event
from bri_timeline._projection import Projection, blame, made_by, require
from bri_timeline._queries._columns import Block, stream
from bri_timeline._queries._periods import Days, Length, length, periods
from bri_timeline._queries._sweep import Number, Values, values
from bri_timeline._resolution import Basis, Version
from bri_timeline._text import ROWS, shape, table
from bri_timeline.errors import BriTimelineError, PanelError, shown


__all__ = ["At", "Facts", "Panel", "PanelRow", "Span", "panel", "span"]

K = TypeVar("K", bound=Hashable)
S = TypeVar("S")
T = TypeVar("T")
V = TypeVar("V")
_ROWS = 1 << 16
# Later than any day; an event that counts for ever does so until infinity.
_EVER = 10.0**30
_STREAM = "questions are a stream: read the rows"
_HEADS = "key", "since", "until", "certain", "low", "high"


@frozen
class PanelRow(Generic[K, V]):
    """The value of one key in one period.

    Attributes:
        key: The key.
        since: The first day of the period; None for a question about a single day.
        until: The last day of the period, or the day of the question.
        certain: The value of what is certain.
        low: The least number that the dates allow. None if it is not known: the value
            is not a number, or there are too many orders to try. It is never a guess.
        high: The greatest such number, or None likewise.
    """

    key: K
    since: pendulum.Date | None
    until: pendulum.Date
    certain: V
    low: Number | None
    high: Number | None


class Panel(Generic[K, V]):
    """Rows of a panel, computed when they are read.

    Returned by `EventLog.panel()`; do not build it. Iterate over it, or hand it to
    whatever reads Arrow: `polars.DataFrame(panel)`, `pyarrow.table(panel)`, DuckDB. The
    columns are `key_1`, `key_2` and so on for the parts of a key that is a tuple, else
    `key`; then `since`, `until`, `certain`, `low` and `high`. Rows are computed in
    batches, so that a panel of any length takes little memory. For Arrow it needs
    pyarrow: `pip install 'bri-timeline[arrow]'`.
    """

    __slots__ = ("_blocks", "_count", "_name")

    _blocks: Callable[[], Iterator[Block[K, V]]]
    _count: Callable[[], int] | None
    _name: str

    def __init__(
        self,
        name: str,
        blocks: Callable[[], Iterator[Block[K, V]]],
        count: Callable[[], int] | None,
    ) -> None:
        object.__setattr__(self, "_name", name)
        object.__setattr__(self, "_blocks", blocks)
        object.__setattr__(self, "_count", count)

    def __setattr__(self, name: str, value: object) -> None:
        msg = f"a Panel does not change: {name} cannot be set"
        raise AttributeError(msg)

    def __len__(self) -> int:
        if self._count is None:
            msg = f"the {_STREAM} to count them"
            raise TypeError(msg)
        return self._count()

    def __iter__(self) -> Iterator[PanelRow[K, V]]:
        dates: dict[int | None, pendulum.Date | None] = {None: None}
        for block in self._blocks():
            for day in {*block.sinces, *block.untils} - dates.keys():
                dates[day] = as_date(day or 0, "a day of the panel")
            yield from map(
                PanelRow,
                block.repeated_keys(),
                map(dates.__getitem__, block.sinces),
                map(dates.__getitem__, block.untils),
                block.certain,
                block.lows,
                block.highs,
            )

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Return a capsule with a stream of batches, for readers of Arrow.

        Args:
            requested_schema: What the reader would like, as the protocol has it.

        Raises:
            PanelError: A value cannot be kept in a column of Arrow.
            MissingExtraError: pyarrow is not installed.
        """
        return stream(self._blocks(), requested_schema)

    def __repr__(self) -> str:
        return f"<panel of {self._name}>"

    def _repr_html_(self) -> str:
        """Return the table that a notebook shows."""
        if self._count is None:
            return table(f"Panel of {self._name}: {_STREAM}", (), 0, _HEADS)
        rows = [
            (shape(row.key), str(row.since or ""), str(row.until), *map(shape, numbers))
            for row in islice(self, ROWS)
            for numbers in [(row.certain, row.low, row.high)]
        ]
        return table(f"Panel of {self._name}", rows, len(self), _HEADS)


class Span(NamedTuple):
    """The periods of a panel.

    Attributes:
        start: The number of the first day.
        stop: The number of the last day.
        every: How long a period is; None for a single one.
        window: How long before its end the events of a row begin, or None.
        flow: The events of a row are those of its period.
    """

    start: int
    stop: int
    every: Length | None
    window: Length | None
    flow: bool

    def days(self) -> Iterator[Days]:
        """Yield the periods."""
        return periods(*self[:-1], flow=self.flow)


class _Question(NamedTuple, Generic[K]):
    """A question about a key.

    Attributes:
        key: The key.
        days: Its day, as a period.
        known: The day, or position, by which something was known.
        by_position: It is a log position.
    """

    key: K
    days: Days
    known: float
    by_position: bool

    @property
    def since(self) -> int | None:
        """The first day of its window; None without one."""
        begin = self.days.begin
        return int(begin) if begin > -math.inf else None


class At(NamedTuple, Generic[K]):
    """The questions of a panel.

    Attributes:
        questions: Rows of a key, a day, and the day or position by which it is known.
        window: How long before the day the events begin; None for no limit.
        basis_of: Returns the basis of a day or position of knowledge.
        known_by: The knowledge of rows that say nothing of it.
    """

    questions: Iterable[tuple[K, Day, Day | int | None] | tuple[K, Day]]
    window: Length | None
    basis_of: Callable[[Day | int | None], Basis]
    known_by: Day | int | None

    def read(self, number: int, row: object) -> _Question[K]:
        """Return a question, of which all parts are checked.

        Raises:
            PanelError: The row has other parts.
            DayError: A part is not a day.
            EntryError: The log has no such position.
        """
        if not isinstance(row, tuple) or len(row) not in (2, 3):
            problem = f"is not question {number}: give (key, day, known_by)"
            raise PanelError(row, problem)
        key, day, known_by = (*row, self.known_by)[:3]
        try:
            number, basis = to_day(day), self.basis_of(known_by)
        except BriTimelineError as error:
            error.add_note(f"in question {number}: {shown(row)}")
            raise
        begin = -math.inf if self.window is None else self.window.after(number + 1, -1)
        by_position = isinstance(known_by, int)
        known = float(known_by) if isinstance(known_by, int) else basis.known_by
        return _Question(
            key, Days(number, number, begin), min(known, _EVER), by_position
        )


class Facts(Protocol):
    """The events that a log holds, as `_folding.Facts` gives them."""

    def events(
        self,
        name: Hashable,
        make: Callable[[list[Event]], T],
        projection: Projection[Any] | None = None,
    ) -> T:
        """Return what is made of the events that count, in fold order."""

    def versions(
        self,
        name: Hashable,
        make: Callable[[list[Version]], T],
        projection: Projection[Any] | None = None,
        *,
        by_position: bool,
    ) -> T:
        """Return what is made of the events that count under some knowledge."""


@frozen
class _Asked(Generic[K, S, V]):
    """The value that a panel is asked for.

    Attributes:
        projection: The state to fold, or a function of a key that returns its own.
        by: Returns the keys of an event.
        of: Selects a value from a state.
        facts: The events.
    """

    projection: Projection[S] | Callable[[K], Projection[S]]
    by: Callable[[Event], Iterable[K]]
    of: Callable[[S], V]
    facts: Facts

    def projection_of(self, key: K) -> Projection[S]:
        """Return the projection of a key."""
        given = self.projection
        return given if isinstance(given, Projection) else given(key)

    def keys(self) -> list[K]:
        """Return the keys of all that counts, in their order if they have one."""
        by = self.by

        def distinct(events: list[Event]) -> list[K]:
            return _in_order(dict.fromkeys(chain.from_iterable(map(by, events))))

        return self.facts.events(("keys", by), distinct)

    def events(self) -> Callable[[K, Projection[S]], list[Event]]:
        """Return a function of a key and its projection: the events that it is passed.

        Those of one projection are grouped once. A projection of the key that names its
        parties is passed what concerns them, in whatever groups that is.
        """
        by, facts = self.by, self.facts

        def grouped(events: list[Event]) -> dict[K, list[Event]]:
            found: dict[K, list[Event]] = {}
            for event in events:
                for key in by(event):
                    if key in found:
                        found[key].append(event)
                    else:
                        found[key] = [event]
            return found

        given = self.projection
        one = given if isinstance(given, Projection) else None
        groups = facts.events(("groups", by), grouped, one)

        def events(key: K, projection: Projection[S]) -> list[Event]:
            if one is None and projection.parties:
                return facts.events(None, list, projection)
            return groups.get(key, [])

        return events

    def versions(
        self, *, by_position: bool
    ) -> Callable[[K, Projection[S]], list[Version]]:
        """Return the same function for versions of events, under any knowledge."""
        by, facts = self.by, self.facts

        def grouped(versions: list[Version]) -> dict[K, list[Version]]:
            found: dict[K, list[Version]] = {}
            for version in versions:
                for key in by(version.event):
                    found.setdefault(key, []).append(version)
            return found

        given = self.projection
        one = given if isinstance(given, Projection) else None
        groups = facts.versions(("groups", by), grouped, one, by_position=by_position)

        def versions(key: K, projection: Projection[S]) -> list[Version]:
            if one is None and projection.parties:
                return facts.versions(None, list, projection, by_position=by_position)
            return groups.get(key, [])

        return versions


def span(
    periodic: tuple[
        str | pendulum.Duration | None,
        str | pendulum.Duration | None,
        Day | None,
        Day | None,
        bool,
    ],
    at: Iterable[Any] | None,
    basis_of: Callable[[Day | int | None], Basis],
    known_by: Day | int | None,
) -> Span | At[Any]:
    """Return the periods or the questions that a caller asks for.

    Args:
        periodic: The arguments `every`, `window`, `start`, `stop` and `flow`.
        at: The questions, if there are any.
        basis_of: Returns the basis of a day or position of knowledge.
        known_by: The knowledge of questions that say nothing of it.

    Raises:
        PanelError: They contradict each other, or a length is not one.
        DayError: A day is not one.
    """
    every, window, start, stop, flow = periodic
    longest = None if window is None else length(window, "window")
    if at is not None:
        given = {"every": every, "start": start, "stop": stop, "flow": flow or None}
        for name, value in given.items():
            if value is not None:
                problem = f"is given as {name}= beside at=, whose rows have no period"
                raise PanelError(value, f"{problem}: leave one of them out")
        return At(at, longest, basis_of, known_by)
    if start is None or stop is None:
        name = "stop" if stop is None else "start"
        problem = f"is not a day for {name}=: give the first and the last day of the"
        raise PanelError(None, f"{problem} panel, or questions by at=")
    if flow and window is not None:
        problem = "is given as window= beside flow=True, which is about the period only"
        raise PanelError(window, f"{problem}: leave one of them out")
    first, last = to_day(start), to_day(stop)
    if first > last:
        problem = f"lies after stop={iso(last)}: the first day comes first"
        raise PanelError(iso(first), problem)
    period = None if every is None else length(every, "every")
    return Span(first, last, period, longest, flow)


def panel(
    projection: Projection[S] | Callable[..., Projection[S]],
    by: Callable[[Event], Iterable[K]],
    of: Callable[[S], V] | None,
    facts: Facts,
    span: Span | At[K],
) -> Panel[K, V]:
    """Return the panel of a projection.

    Args:
        projection: The state to fold, or a function of the parts of a key that returns
            its own.
        by: Returns the keys of an event.
        of: Selects a value from a state; None for the state itself.
        facts: The events.
        span: The periods, or the questions.

    Raises:
        ProjectionError: *projection* is neither.
    """
    if not callable(projection):
        require(projection)
    given = projection if isinstance(projection, Projection) else made_by(projection)
    name = getattr(projection, "name", getattr(projection, "__name__", "a function"))
    asked = _Asked[K, S, V](given, by, of or _state, facts)
    if isinstance(span, At):
        questions = span.questions
        return Panel(
            f"{name}, for each question",
            lambda: _answered(asked, span),
            partial(len, questions) if isinstance(questions, Sized) else None,
        )
    days = tuple(span.days())
    return Panel(
        f"{name}, {iso(days[0].since)} to {iso(days[-1].until)}",
        lambda: _periodic(asked, days),
        lambda: len(asked.keys()) * len(days),
    )


def _state(state: Any) -> Any:
    return state


def _periodic(asked: _Asked[K, S, V], days: Sequence[Days]) -> Iterator[Block[K, V]]:
    """Yield the rows of each key, period after period."""
    events = asked.events()
    since, until = [one.since for one in days], [one.until for one in days]
    keys = iter(asked.keys())
    while some := [*islice(keys, max(1, _ROWS // len(days)))]:
        rows = since * len(some), until * len(some)
        block = Block[K, V](some, len(days), *rows, [], [], [])
        for key in some:
            projection = asked.projection_of(key)
            block.add(_values(projection, asked.of, events(key, projection), days))
        yield block


def _values(
    projection: Projection[S],
    of: Callable[[S], V],
    events: list[Event],
    days: Sequence[Days],
) -> Values[V]:
    try:
        return values(projection, of, events, days)
    except Exception as error:
        blame(error, projection)
        raise


def _answered(asked: _Asked[K, S, V], at: At[K]) -> Iterator[Block[K, V]]:
    """Yield the answers to questions, in the order given, batch after batch."""
    versions: dict[bool, Callable[[K, Projection[S]], list[Version]]] = {}
    numbered = enumerate(at.questions)
    while some := [at.read(number, row) for number, row in islice(numbered, _ROWS)]:
        # Those about one key under one knowledge are answered in one pass over days.
        alike: dict[tuple[K, bool], dict[float, dict[Days, list[int]]]] = {}
        for place, (key, days, known, by_position) in enumerate(some):
            by_known = alike.setdefault((key, by_position), {})
            by_known.setdefault(known, {}).setdefault(days, []).append(place)
        block = Block[K, V](
            [question.key for question in some],
            1,
            [question.since for question in some],
            [question.days.until for question in some],
            *([None] * len(some) for _ in range(3)),
        )
        for (key, by_position), by_known in alike.items():
            if by_position not in versions:
                versions[by_position] = asked.versions(by_position=by_position)
            projection = asked.projection_of(key)
            found = versions[by_position](key, projection)
            for known, by_days in by_known.items():
                events = [v.event for v in found if v.since <= known < v.until]
                ordered = sorted(by_days)
                answers = _values(projection, asked.of, events, ordered)
                for days, *answer in zip(ordered, *answers, strict=True):
                    for place in by_days[days]:
                        block.put(place, *answer)
        yield block


def _in_order(keys: Iterable[K]) -> list[K]:
    """Return keys in their order; as they come, if some cannot be compared."""
    found: list[Any] = [*keys]
    try:
        return sorted(found)
    except TypeError:
        return found
