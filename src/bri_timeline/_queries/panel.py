"""Panels: a value for each of many keys, in each of many periods."""

from __future__ import annotations

from collections.abc import (
    Callable,
    Collection,
    Hashable,
    Iterable,
    Iterator,
    Sequence,
    Sized,
)
from functools import partial
from itertools import chain, islice
from typing import Any, Generic, NamedTuple, TypeVar

import pendulum
from attrs import frozen

from bri_timeline._calendar import Day, as_date, iso, to_day
from bri_timeline._events import Event, dyads
from bri_timeline._journal import Basis
from bri_timeline._order import Facts, untold
from bri_timeline._projection import (
    Projection,
    blame_function,
    require_function,
    require_projection,
)
from bri_timeline._queries._at import At, Lagged
from bri_timeline._queries._columns import BATCH, PanelBlock, stream
from bri_timeline._queries._coverage import Coverage, IsEmpty, coverage_of, emptied
from bri_timeline._queries._questions import (
    PanelQuestion,
    answered,
    check_pairs,
    folded,
)
from bri_timeline._queries._row_bounds import Budget, Number
from bri_timeline._queries._series import (
    Days,
    Length,
    Values,
    length,
    periods,
)
from bri_timeline._queries._tally import Tallies
from bri_timeline._queries._unknown_keys import UnknownKeys
from bri_timeline._queries.outcomes import itself
from bri_timeline._queries.values import value_words
from bri_timeline._text import (
    AsDict,
    Cell,
    Sheet,
    Tabular,
    aligned,
    fields_of,
    shape,
)
from bri_timeline.errors import DayRangeError, PanelError
from bri_timeline.measures import Measure


__all__ = [
    "BATCH",
    "At",
    "Budget",
    "Coverage",
    "Days",
    "Extras",
    "IsEmpty",
    "Length",
    "Panel",
    "PanelBlock",
    "PanelRow",
    "PanelShares",
    "Span",
    "UnknownKeys",
    "check_pairs",
    "emptied",
    "extras",
    "folded",
    "panel",
    "span",
    "value_class",
]

K = TypeVar("K", bound=Hashable)
S = TypeVar("S")
V = TypeVar("V")
_STREAM = "questions are a stream: read the rows"
_MOST_SHOWN = 50
_HEADS = "key", "since", "until", "value", "low", "high"


@frozen
class PanelRow(AsDict, Tabular, Generic[K, V]):
    """The value of one key in one period.

    Attributes:
        key: The key.
        since: The first day of the period; None for a question about a single day.
        until: The last day of the period, or the day of the question.
        value: The value of the certain state. It may lie outside *low* and *high* where
            ends are open: what has not certainly ended is in that state.
        low: The least number that the dates allow. None if it is not known: the value
            is not a number, or there are too many orders to try. It is never a guess.
        high: The greatest such number, or None likewise.
        complete: False if there were too many orders to try, or bounds were not asked
            for; or if the value is not a number, and the dates allow another.
        known_by: Of a question, the day or the log position by which it is answered;
            None if everything counts, or a row is none.
    """

    key: K
    since: pendulum.Date | None
    until: pendulum.Date
    value: V
    low: Number | None
    high: Number | None
    complete: bool = True
    known_by: pendulum.Date | int | None = None

    def _plain_data(self) -> dict[str, object]:
        parts = dict(fields_of(self))
        if self.known_by is None:
            del parts["known_by"]
        return parts

    def _sheet(self) -> Sheet:
        rows = [*zip(_HEADS, self._cells(), strict=True)]
        return Sheet("Row of a panel", rows, len(rows))

    def _cells(self) -> tuple[Cell, ...]:
        values = map(value_words, (self.value, self.low, self.high))
        since = "" if self.since is None else str(self.since)
        return shape(self.key), since, str(self.until), *values


class Subject(NamedTuple):
    """The subject of a panel, which its picture and its `repr()` tell.

    Attributes:
        name: Its projection and its days, as it is printed.
        counted: The classes whose events it counts, if that is all that it does.
        every: How long a period is; None for a single one, or without periods.
    """

    name: str
    counted: tuple[type, ...]
    every: Length | None


class Panel(AsDict, Tabular, Generic[K, V]):
    """Rows of a panel, computed when they are read.

    Returned by `EventLog.panel()`; do not build it. Iterate over it, or hand it to
    whatever reads Arrow: `polars.DataFrame(panel)`, `pyarrow.table(panel)`, DuckDB;
    `pages.panel` draws it. The columns are `key_1`, `key_2` and so on for the parts of
    a key that is a tuple, else `key`; then `since`, `until`, `value`, `low`, `high`
    and `complete`; of questions, after `until`, also `known_by`, a day, and `position`.
    Rows are computed in batches, so that a panel of any length takes little memory. The
    type of a column is that of the measure, or of the field that it reads; of any other
    value it is that of the first batch with values. For Arrow it needs pyarrow:
    `python -m pip install 'pyarrow>=20'`.
    """

    __slots__ = ("_blocks", "_class", "_count", "_last_known", "_subject", "_unknown")

    _blocks: Callable[[], Iterator[PanelBlock[K, V]]]
    _class: type | None
    _count: Callable[[], int] | None
    _last_known: Callable[[], float]
    _subject: Subject
    _unknown: UnknownKeys[K]

    def __init__(
        self,
        subject: Subject,
        blocks: Callable[[], Iterator[PanelBlock[K, V]]],
        count: Callable[[], int] | None,
        value_class: type | None,
        last_known: Callable[[], float],
        unknown: UnknownKeys[K],
    ) -> None:
        object.__setattr__(self, "_subject", subject)
        object.__setattr__(self, "_class", value_class)
        object.__setattr__(self, "_blocks", blocks)
        object.__setattr__(self, "_count", count)
        object.__setattr__(self, "_last_known", last_known)
        object.__setattr__(self, "_unknown", unknown)

    def __setattr__(self, name: str, value: object) -> None:
        msg = f"a Panel does not change: {name} cannot be set"
        raise AttributeError(msg)

    def __len__(self) -> int:
        if self._count is None:
            msg = f"the {_STREAM} to count them"
            raise TypeError(msg)
        return self._count()

    @property
    def unknown_keys(self) -> tuple[K, ...]:
        """The keys of `keys=` or `at=` that no event has; of a stream, those read.

        Raises:
            PanelError: As when rows are read: such a key means one that an event has.
        """
        return self._unknown.all()

    def _read(self) -> Iterator[PanelBlock[K, V]]:
        """Yield the rows, of keys that do not mean others."""
        self._unknown.all()
        for block in self._blocks():
            if self._count is None:
                self._unknown.add(block.keys)
                self._unknown.all()
            yield block

    def __iter__(self) -> Iterator[PanelRow[K, V]]:
        dates: dict[int | None, pendulum.Date | None] = {None: None}
        for block in self._read():
            for day in {*block.sinces, *block.untils, *block.known} - dates.keys():
                dates[day] = _row_day(day or 0)
            pairs = zip(block.known, block.positions, strict=True)
            by = (dates[day] if p is None else p for day, p in pairs)
            known = () if block.known == () else (by,)
            yield from map(
                PanelRow,
                block.repeated_keys(),
                map(dates.__getitem__, block.sinces),
                map(dates.__getitem__, block.untils),
                block.certain,
                block.lows,
                block.highs,
                block.complete,
                *known,
            )

    def _plain_data(self) -> dict[str, object]:
        return {"of": self._subject.name, "rows": [*self]}

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Return a capsule with a stream of batches, for readers of Arrow.

        Args:
            requested_schema: What the reader would like, as the protocol has it.

        Raises:
            PanelError: A value cannot be kept in a column of Arrow.
            MissingExtraError: pyarrow is not installed.
        """
        return stream(self._read(), requested_schema, self._class)

    def __repr__(self) -> str:
        unknown = self._unknown.count()
        told = f"; no event has {unknown:,} of its keys"
        return f"<panel of {self._subject.name}{told * bool(unknown)}>"

    def __str__(self) -> str:
        """Return the first rows for people; `repr()` is one line."""
        # The questions of a stream are read once.
        if self._count is None:
            return repr(self)
        first = [*islice(self, _MOST_SHOWN + 1)]
        lines = [repr(self), *aligned(row._cells() for row in first[:_MOST_SHOWN])]
        return "\n".join([*lines, *["  ..."] * (len(first) > _MOST_SHOWN)])

    def _sheet(self) -> Sheet:
        if self._count is None:
            return Sheet(f"Panel of {self._subject.name}: {_STREAM}", (), 0, _HEADS)
        rows = (row._cells() for row in self)
        return Sheet(f"Panel of {self._subject.name}", rows, len(self), _HEADS)


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


def _row_day(day: int) -> pendulum.Date:
    try:
        return as_date(day, "")
    except DayRangeError:
        problem = "lies outside the years 1 to 9999 that a row can hold: read the panel"
        remedy = "as Arrow, by pyarrow.table(panel) or --format arrow"
        raise PanelError(iso(day), f"{problem} {remedy}") from None


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
    if at is not None:
        given = {"every": every, "start": start, "stop": stop, "flow": flow or None}
        for name, value in given.items():
            if value is not None:
                problem = f"is given as {name}= beside at=, whose rows have no period"
                raise PanelError(value, f"{problem}: leave one of them out")
        if not isinstance(at, Iterable):
            problem = "is not a row of questions: give at=[(key, day, known_by), ...]"
            raise PanelError(at, problem)
        longest = None if window is None else length(window, "window")
        return At(at, longest, basis_of, known_by)
    return _span(every, window, start, stop, flow=flow)


def _span(
    every: str | pendulum.Duration | None,
    window: str | pendulum.Duration | None,
    start: Day | None,
    stop: Day | None,
    *,
    flow: bool,
) -> Span:
    if start is None or stop is None:
        name = "stop" if stop is None else "start"
        problem = f"is not a day for {name}=: give the first and the last day of the"
        raise PanelError(None, f"{problem} panel, or questions by at=")
    if flow and window is not None:
        problem = "is given as window= beside flow=True, which is about the period only"
        raise PanelError(window, f"{problem}: leave one of them out")
    first, last = to_day(start), to_day(stop)
    if first > last:
        problem = f"lies after the last day, {iso(last)}: the first day comes first"
        raise PanelError(iso(first), problem)
    period = None if every is None else length(every, "every")
    longest = None if window is None else length(window, "window")
    return Span(first, last, period, longest, flow)


class Extras(NamedTuple, Generic[K]):
    """Which keys and rows of a panel are asked for, and what of them.

    Attributes:
        bounds: Whether to find out what the dates allow.
        rivals: Whether that holds whichever claims of disputes are true.
        keys: The keys; None for those of all that counts.
        lag: How long after its end each period is asked as it was known then.
        last: Returns the last day of which anything is known.
        empty: What leaves rows empty.
    """

    bounds: bool
    rivals: bool
    keys: tuple[K, ...] | None
    lag: Length | None
    last: Callable[[], float]
    empty: tuple[IsEmpty, ...]


def extras(
    keys: Iterable[K] | None,
    known_after: str | pendulum.Duration | None,
    coverage: Coverage | None,
    last: Callable[[], float],
    *,
    bounds: bool,
    rivals: bool,
) -> Extras[K]:
    """Return what a caller asks for; the arguments are those of `EventLog.panel()`.

    Raises:
        PanelError: *keys* is text, or *known_after* is not a length of time.
        DayError: *coverage* is not a period of whole days.
    """
    if keys is not None and (isinstance(keys, str) or not isinstance(keys, Iterable)):
        problem = "is not several keys: give a list of them, such as"
        raise PanelError(keys, f"{problem} keys=[('AZE', 'CHN')]")
    if rivals and not bounds:
        problem = "is given as bounds= beside rivals=True, which is about bounds"
        raise PanelError(bounds, f"{problem}: leave one of them out")
    return Extras(
        bounds,
        rivals,
        None if keys is None else tuple(dict.fromkeys(keys)),
        None if known_after is None else length(known_after, "known_after"),
        last,
        () if coverage is None else (coverage_of(coverage),),
    )


@frozen
class PanelShares(Generic[K]):
    """A panel whose rows are computed in shares, each of some of its keys.

    Made by `of()`.

    Attributes:
        periods: The periods of each key, in which `since` and `until` are the numbers
            of the first and the last day, and the events of a row do not lie before
            `begin`; None for questions.
        keys: The keys that are asked for; None for those of all that counts.
    """

    periods: tuple[Days, ...] | None
    keys: tuple[K, ...] | None
    _like: Panel[K, Any]
    _asked: Span | At[K]
    _extras: Extras[K]
    _by: object

    @classmethod
    def of(
        cls,
        like: Panel[K, Any],
        basis_of: Callable[[Day | int | None], tuple[float, int]],
        last_known: Callable[[], float],
        by: object,
        known_by: Day | int | None = None,
        *,
        every: str | pendulum.Duration | None = None,
        window: str | pendulum.Duration | None = None,
        start: Day | None = None,
        stop: Day | None = None,
        flow: bool = False,
        at: Iterable[Any] | None = None,
        keys: Iterable[K] | None = None,
        known_after: str | pendulum.Duration | None = None,
        coverage: Coverage | None = None,
        bounds: bool = True,
        rivals: bool = False,
    ) -> PanelShares[K]:
        """Return the shares of a panel.

        Args:
            like: The same panel of a log without entries.
            basis_of: Returns what a day, a position or an instant of knowledge means:
                the number of a day, infinite for every day, and how many of the first
                entries are known.
            last_known: Returns the last day of which anything is known.
            by: As for `EventLog.panel()`, like all others.
            known_by: The knowledge of questions that say nothing of it.

        Raises:
            PanelError: As for `EventLog.panel()`.
            DayError: Likewise.
        """
        periodic = every, window, start, stop, flow
        asked = span(periodic, at, lambda known: Basis(*basis_of(known)), known_by)
        more = extras(
            keys, known_after, coverage, last_known, bounds=bounds, rivals=rivals
        )
        periods = None if isinstance(asked, At) else tuple(asked.days())
        return cls(periods, more.keys, like, asked, more, by)

    def questions(self) -> Iterator[tuple[K, int, float, bool]]:
        """Yield the key, the day and the knowledge of each question, all checked.

        The knowledge is the number of a day, or else a position.

        Raises:
            PanelError: A question has other parts.
        """
        for batch in self._asked.batches() if isinstance(self._asked, At) else ():
            if self._by is dyads:
                check_pairs(batch.keys)
            rows = zip(batch.keys, batch.days, batch.known, strict=True)
            for place, row in enumerate(rows):
                yield *row, place in batch.positional

    def panel(
        self,
        blocks: Callable[[], Iterator[PanelBlock[K, Any]]],
        lacking: Callable[[Iterable[K]], tuple[Iterable[K], Collection[K]]],
    ) -> Panel[K, Any]:
        """Return the panel.

        Args:
            blocks: Returns the rows of all shares, whenever they are read.
            lacking: Returns those of some keys that no event has, and all keys that
                events have.
        """

        def rows() -> Iterator[PanelBlock[K, Any]]:
            found = blocks()
            for is_empty in self._extras.empty:
                found = emptied(found, is_empty, self._asked.window)
            return found

        def count() -> int:
            return sum(len(block.untils) for block in blocks())

        asked, like = self._asked, self._like
        unknown = UnknownKeys(
            asked.keys if isinstance(asked, At) else self.keys or (), lacking
        )
        last = self._extras.last
        return Panel(like._subject, rows, count, like._class, last, unknown)


def panel(
    projection: Projection[S] | Callable[..., Projection[S]],
    by: Callable[[Event], Iterable[K]],
    of: Callable[[S], V] | None,
    facts: Facts,
    span: Span | At[K],
    extras: Extras[K],
) -> Panel[K, V]:
    """Return the panel of a projection.

    Args:
        projection: The state to fold, or a function of the parts of a key that returns
            its own.
        by: Returns the keys of an event.
        of: Selects a value from a state; None for the state itself.
        facts: The events.
        span: The periods, or the questions.
        extras: Which keys and rows, and what of them.

    Raises:
        ProjectionError: *projection* is neither, or *of* is not a function.
        PanelError: *by* is not a function.
    """
    if not callable(by):
        problem = "is not a function that returns the keys of an event: give by=dyads"
        raise PanelError(by, f"{problem}, or one of your own")
    if not callable(projection):
        require_projection(projection)
    if of is not None:
        require_function(of, "of")
    given = projection
    if not isinstance(projection, Projection):
        given = facts.told_each(projection)
    name = getattr(projection, "name", getattr(projection, "__name__", "a function"))
    keys, rivals = extras.keys, extras.rivals
    asked = PanelQuestion[K, S, V](
        given, by, of or itself, facts, extras.bounds, rivals, keys
    )
    if keys is not None and by is dyads:
        check_pairs(keys)
    kind, empty = value_class(given, of), [*extras.empty]
    blocks: Callable[[], Iterator[PanelBlock[K, V]]]
    count: Callable[[], int] | None
    if isinstance(span, At):
        if keys is not None or extras.lag is not None:
            problem = "is given beside at=, whose rows have their keys and knowledge"
            wrong = "known_after=" if keys is None else "keys="
            raise PanelError(wrong, f"{problem}: leave one of them out")
        name, questions = f"{name}, for each question", span.questions
        count = partial(len, questions) if isinstance(questions, Sized) else None
        blocks = partial(answered, asked, span)
    else:
        days = tuple(span.days())
        name = f"{name}, {iso(days[0].since)} to {iso(days[-1].until)}"
        count = partial(_row_count, asked, len(days))
        blocks = partial(_periodic, asked, days)
        if extras.lag is not None:
            early = Lagged[K]((), {}, extras.lag, extras.last())
            blocks = partial(_lagged, asked, days, early)
            empty.append(early.is_early)

    def read() -> Iterator[PanelBlock[K, V]]:
        try:
            found = blocks()
            for is_empty in empty:
                found = emptied(found, is_empty, span.window)
            yield from found
        except Exception as error:
            blame_function(error, by=by, of=of)
            raise

    given_keys = keys or ()
    if isinstance(span, At):
        given_keys = span.keys
    whenever = isinstance(span, At) or extras.lag is not None

    def lacking(some: Iterable[K]) -> tuple[list[K], Collection[K]]:
        try:
            return asked.lacking(some, whenever=whenever)
        except Exception as error:
            blame_function(error, by=by)
            raise

    every = None if isinstance(span, At) else span.every
    subject = Subject(name, _counted(projection, of), every)
    unknown = UnknownKeys(given_keys, lacking)
    return Panel(subject, read, count, kind, extras.last, unknown)


def _counted(projection: object, of: object) -> tuple[type, ...]:
    """Return the classes of which every event is counted, and nothing else is told."""
    if not isinstance(projection, Measure) or of is not None:
        return ()
    is_plain = projection == Measure("count", projection.kinds)
    return projection.kinds if is_plain else ()


def _row_count(asked: PanelQuestion[K, S, V], periods: int) -> int:
    try:
        return len(asked.keys(asked.tallies())) * periods
    except Exception as error:
        blame_function(error, by=asked.by)
        raise


def _lagged(
    asked: PanelQuestion[K, S, V], days: Sequence[Days], lagged: Lagged[K]
) -> Iterator[PanelBlock[K, V]]:
    """Yield the rows of each key, each period as it was known some time after it."""
    by_day = {one.until: one for one in days}
    keys = asked.keys(asked.tallies())
    yield from answered(asked, lagged._replace(keys=keys, periods=by_day))


def value_class(given: object, of: Callable[[Any], object] | None) -> type | None:
    """Return the class of the values of a panel; None if nothing says it.

    Args:
        given: The projection.
        of: Selects a value from a state; None for the state itself.
    """
    measure = untold(given)
    if isinstance(measure, Measure) and (of is None or of is itself):
        return measure.value_class
    return None


def _periodic(
    asked: PanelQuestion[K, S, V], days: Sequence[Days]
) -> Iterator[PanelBlock[K, V]]:
    """Yield the rows of each key, period after period."""
    # Whichever claims are true, amounts are not those of the tallies.
    tallies = None if asked.rivals else asked.tallies()
    values_of = _folded(asked, days) if tallies is None else _summed(tallies, days)
    most = max(1, BATCH // len(days))
    since, until = [one.since for one in days], [one.until for one in days]
    # All blocks but the last share these, so that they are converted once.
    sinces, untils = since * most, until * most
    keys = iter(asked.keys(tallies))
    while some := [*islice(keys, most)]:
        if len(some) < most:
            sinces, untils = since * len(some), until * len(some)
        found = [values_of(key) for key in some]
        certain: list[Any]
        certain = [*chain.from_iterable(values.certain for values in found)]
        complete = [*chain.from_iterable(values.complete for values in found)]
        lows = highs = certain
        if not all(values.is_exact for values in found):
            lows = [*chain.from_iterable(values.lows for values in found)]
            highs = [*chain.from_iterable(values.highs for values in found)]
        yield PanelBlock(
            some, len(days), sinces, untils, certain, lows, highs, complete
        )


def _folded(
    asked: PanelQuestion[K, S, V], days: Sequence[Days]
) -> Callable[[K], Values[V]]:
    """Return a function of a key: its values, folded."""
    marks, budget = asked.marks(), asked.budget()
    disputes = asked.disputes() if asked.rivals else {}

    def values_of(key: K) -> Values[V]:
        projection = asked.projection_of(key)
        own = None if disputes is None else disputes.get(key, ())
        return folded(asked, projection, marks(key, projection), days, budget, own)

    return values_of


def _summed(tallies: Tallies[K], days: Sequence[Days]) -> Callable[[K], Values[Any]]:
    """Return a function of a key: its values, summed up."""
    are_known = [True] * len(days)

    def values_of(key: K) -> Values[Any]:
        certain, low, high = tallies.of(key).over(days)
        found = tallies.numbers(certain)
        if low is high:
            return Values(found, found, found, are_known)
        return Values(found, tallies.numbers(low), tallies.numbers(high), are_known)

    return values_of
