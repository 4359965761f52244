"""The questions that a log answers."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Iterator
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any, TypeVar, cast, overload

from bri_timeline import _pendulum, _queries
from bri_timeline._calendar import Day, to_day
from bri_timeline._events import Entry, Event
from bri_timeline._events.entries import without_review
from bri_timeline._events.marks import Mark
from bri_timeline._happening import (
    EVER,
    SOME_DAY,
    Period,
    SetAside,
    Version,
    Window,
)
from bri_timeline._journal import Basis, Wanted
from bri_timeline._journal.proposals import Proposal
from bri_timeline._order import EventSequence, Facts
from bri_timeline._projection import (
    Projection,
    blame,
    blame_function,
    require_function,
    require_projection,
)
from bri_timeline._selection import Selection
from bri_timeline._view import View
from bri_timeline.errors import DayError, EntryError, ProjectionError, shown


_LIMIT = 100_000
K = TypeVar("K", bound=Hashable)
S = TypeVar("S")


class Queryable(Selection):
    """A selection of a log that answers questions; the base class of `EventLog`."""

    __slots__ = ()

    def as_of(
        self,
        day: Day,
        known_by: Day | int | None = None,
    ) -> View:
        """Return a view of what had happened by *day*, as known by *known_by*.

        This is valid time, the day on which things were so. (In Datomic, "as of" means
        the time at which they were recorded; here that is *known_by*.)

        Args:
            day: A whole day, included. A month or a year is refused: say which day.
            known_by: A day; or, for an exact basis, a log position, or an instant (a
                `datetime` with a time zone: all that a store had recorded by then,
                before anything that it recorded later). It is included; by default
                everything in the log counts.

        Raises:
            DayError: One of them is not a whole day, or the instant has no time zone.
            EntryError: The log has no such position, or does not say when one of its
                entries was recorded.
        """
        window, basis = Window(-math.inf, to_day(day)), self._basis(known_by)
        return View(self._cache, self._wanted, basis, window, known_by is not None)

    def during(self, period: Period, known_by: Day | int | None = None) -> View:
        """Return a view of what happened within a period, as known by *known_by*.

        Its `events` certainly happened on one of these days, its `undecided` may have.
        An extent counts if it began within the period. A period without a beginning,
        such as `../2014`, gives the same view as `as_of()` its last day.

        Args:
            period: Whole days: `2014`, `2014-05`, `2013-06-01/2014-05-31`, `../2014`;
                or a pair of days, both included.
            known_by: As for `as_of()`.

        Raises:
            DayError: The period has no end, an unknown start or a qualifier, is a set
                or a season, or is reversed; or *known_by* is not a whole day.
            EdtfError: The period is not a date at all.
            EntryError: The log has no such position.
        """
        window, basis = Window.of(period), self._basis(known_by)
        return View(self._cache, self._wanted, basis, window, known_by is not None)

    @property
    def proposals(self) -> _queries.table.Table[Proposal]:
        """The proposals that wait for a decision, in the order of the log."""
        waiting = (one for one in self.all_proposals() if one.status == "open")
        return _queries.table.Table(tuple(waiting), Proposal, self._wanted.kinds or ())

    def all_proposals(
        self, known_by: int | None = None
    ) -> _queries.table.Table[Proposal]:
        """Return all proposals, each with the latest decision on it.

        Of a selection, those of which the claim would be in it by itself. Columns:
        `position`, `status`, `by`, `supersedes`, `decision` (the position of that
        entry), `in_full`, and those of the claim.

        Args:
            known_by: A log position, included: what was decided later does not count.

        Raises:
            EntryError: The log has no such position.
        """
        size, wanted = self._size, self._wanted
        if known_by is not None:
            self._basis(known_by)
            size = self._journal.entries.row(known_by + 1)
        found = (
            proposal
            for proposal in self._journal.proposals(size)
            if all(rule.holds(proposal.event) for rule in wanted.rules)
            # A proposal belongs to no dataset.
            and wanted.is_read(proposal.event)
        )
        return _queries.table.Table(tuple(found), Proposal, wanted.kinds or ())

    @overload
    def history(
        self,
        projection: Projection[S],
        known_by: Day | int | None = None,
        *,
        by: None = None,
    ) -> _queries.table.Table[_queries.history.Period[S]]: ...
    @overload
    def history(
        self,
        projection: Projection[S] | Callable[..., Projection[S]],
        known_by: Day | int | None = None,
        *,
        by: Callable[[Event], Iterable[K]],
    ) -> _queries.table.ByKey[K, _queries.table.Table[_queries.history.Period[S]]]: ...
    def history(
        self,
        projection: Projection[S] | Callable[..., Projection[S]],
        known_by: Day | int | None = None,
        *,
        by: Callable[[Event], Iterable[K]] | None = None,
    ) -> (
        _queries.table.Table[_queries.history.Period[S]]
        | _queries.table.ByKey[K, _queries.table.Table[_queries.history.Period[S]]]
    ):
        """Return the periods through which each certain state held.

        It costs a fold of all events, whenever it is asked.

        Args:
            projection: The state; with *by* also a function of the parts of a key that
                returns its projection, such as `relationship`.
            known_by: As for `as_of()`.
            by: Returns the keys that an event belongs to, such as `dyads`.

        Returns:
            At least one `Period`: the first is the state before any event. With *by* as
            much for each key, those of `panel()`. Columns: `since`, `since_day` (its
            number), `state`, and the `events` that changed it by id, their `words` and
            `sources`. A state has the type that a measure, or the annotation of the
            function, or the class given as `initial=`, tells, else it is JSON text.

        Raises:
            ProjectionError: *projection* or *by* is not one.
        """
        basis = self._basis(known_by)
        if by is not None:
            facts = Facts(self._cache, self._wanted, basis)
            given = self._of_keys(projection, by, facts)
            try:
                return _queries.history.periods_each(given, by, facts)
            except Exception as error:
                blame_function(error, by=by)
                raise
        require_projection(projection)
        facts = Facts(self._cache, self._wanted, basis)
        asked = facts.told(cast("Projection[S]", projection))

        def ever(sequence: EventSequence) -> list[Mark]:
            return sequence.certain(SOME_DAY)

        try:
            facts.check(asked)
            wanted = self._wanted.read_by(asked)
            return _queries.history.periods(asked, self._cache.ask(wanted, basis, ever))
        except Exception as error:
            blame(error, projection)
            raise

    def _of_keys(
        self,
        projection: Projection[S] | Callable[..., Projection[S]],
        by: object,
        facts: Facts,
    ) -> Projection[S] | Callable[[Any], Projection[S]]:
        """Check what is asked of each key; return its projection, or what makes it.

        Raises:
            ProjectionError: It is neither, or *by* is not a function.
        """
        require_function(by, "by")
        if callable(projection) and not isinstance(projection, Projection):
            return facts.told_each(projection)
        require_projection(projection)
        told = facts.told(projection)
        facts.check(told)
        return told

    @overload
    def first(
        self,
        projection: Projection[S],
        *,
        holds: Callable[[S], bool] | None = None,
        at_least: object = None,
        at_most: object = None,
        by: None = None,
        known_by: Day | int | None = None,
        rivals: bool = False,
        limit: int = _LIMIT,
    ) -> _queries.first.First: ...
    @overload
    def first(
        self,
        projection: Projection[S] | Callable[..., Projection[S]],
        *,
        holds: Callable[[S], bool] | None = None,
        at_least: object = None,
        at_most: object = None,
        by: Callable[[Event], Iterable[K]],
        known_by: Day | int | None = None,
        rivals: bool = False,
        limit: int = _LIMIT,
    ) -> _queries.table.ByKey[K, _queries.first.First]: ...
    def first(
        self,
        projection: Projection[S] | Callable[..., Projection[S]],
        *,
        holds: Callable[[S], bool] | None = None,
        at_least: object = None,
        at_most: object = None,
        by: Callable[[Event], Iterable[K]] | None = None,
        known_by: Day | int | None = None,
        rivals: bool = False,
        limit: int = _LIMIT,
    ) -> _queries.first.First | _queries.table.ByKey[K, _queries.first.First]:
        """Return the day on which a state first held, as precise as the dates are.

        A state holds on a day if it does at the end of that day, as `as_of()` sees it.
        The answer covers every choice of days that the dates allow: `when` reaches from
        the earliest to the latest day on which it can have held first.

        Of a count or a total it is exact for any number of events with *at_least* or
        *at_most*; with *holds* as well, if that is true from some number on, or up to
        some number, and *limit* allows to look at all numbers. Otherwise orders are
        tried, and an answer that is not exact says so, and what makes it so.

        >>> from attrs import frozen
        >>> from bri_timeline import Event, EventLog
        >>> from bri_timeline.measures import count
        >>> @frozen
        ... class Visited:
        ...     guest: str
        >>> log = EventLog.of(Event(Visited("KAZ"), when="2014-05-19"),
        ...                   Event(Visited("UZB"), when="2014"))
        >>> print(log.first(count(Visited), at_least=2))
        [2014-05-19..2014-12-31]: yes

        Args:
            projection: The state; with *by* also a function of the parts of a key that
                returns its projection, such as `relationship`.
            holds: A pure function that is true of the states in question. Give this, or
                one of the next two.
            at_least: The least of the values in question.
            at_most: The greatest of the values in question.
            by: Returns the keys that an event belongs to, such as `dyads`: there is an
                answer for each key, those of `panel()`. Columns: `when`, `earliest`,
                `latest`, `answer`, `complete`.
            known_by: As for `as_of()`.
            rivals: The answer holds whichever claims of disputes are true: exact for a
                count and a total of which no amount takes away from the threshold;
                otherwise each choice of claims is tried, if *limit* allows all. Not
                with *by*.
            limit: How many times the projection may be called where orders are tried,
                before giving up; and how many values of a total are looked at. The
                result then says that it is not complete.

        Raises:
            DayError: *known_by* is not a whole day.
            EntryError: The log has no such position.
            ProjectionError: *projection*, *holds* or *by* is not one; or none, or
                several, of *holds*, *at_least* and *at_most* are given; or a value
                cannot be compared with the least or the greatest, as none can with NaN.
        """
        basis = self._basis(known_by)
        condition = _condition(holds, at_least, at_most)
        if by is not None:
            if rivals:
                problem = "is given as rivals= beside by=: ask the log of one key, as"
                raise ProjectionError(rivals, f"{problem} log.where(predicate)")
            facts = Facts(self._cache, self._wanted, basis)
            given = self._of_keys(projection, by, facts)
            try:
                return _queries.first.first_each(given, by, condition, facts, limit)
            except Exception as error:
                blame_function(error, by=by, holds=holds)
                raise
        require_projection(projection)
        facts = Facts(self._cache, self._wanted, basis)
        asked = facts.told(cast("Projection[S]", projection))
        wanted = self._wanted.read_by(asked)

        try:
            facts.check(asked)
            events = self._cache.ask(wanted.with_ends(None), basis, _ever)
            if rivals:
                worlds = self._worlds(asked, basis, events, limit)
                return _queries.first.first_of_any(asked, condition, worlds, limit)
            return _queries.first.first(asked, condition, events, limit)
        except Exception as error:
            blame_function(error, holds=holds)
            blame(error, projection)
            raise

    def _worlds(
        self,
        projection: Projection[S],
        basis: Basis,
        events: list[Event],
        limit: int,
    ) -> _queries.first.Worlds:
        """Return what counts under each choice of claims of disputes.

        Args:
            projection: The state.
            basis: What is known.
            events: All that counts.
            limit: The most choices, times their events.
        """
        rivals = Facts(self._cache, self._wanted, basis).rivals(projection)
        disputes = rivals.disputed
        taken = {dispute.taken for dispute in disputes or ()}
        wanted = self._wanted._replace(bounded=False).read_by(projection)
        everything = Basis(math.inf, math.inf)

        def choices() -> Iterator[list[Event]]:
            yield events
            for cache in rivals.all():
                yield cache.ask(wanted.with_ends(None), everything, _ever)

        return _queries.first.Worlds(
            [event for event in events if event not in taken],
            disputes,
            choices if rivals.count <= limit // (rivals.size or 1) else None,
        )

    def beliefs(
        self, projection: Projection[S], *, on: Day
    ) -> _queries.table.Table[_queries.history.Belief[S]]:
        """Return what was believed of one day, over days of knowledge.

        It costs a fold of all events, and for each day of knowledge one from the first
        that came, changed or went; of a relationship, hardly more than of these alone.

        Args:
            projection: The state.
            on: The day whose state is asked for.

        Returns:
            At least one `Belief`: the first holds what counts as known all along.
            Columns: `since`, `since_day`, `state` as for `history()`, the positions of
            the `entries`, their `words` and `sources`.
        """
        day = to_day(on)

        facts = Facts(self._cache, self._wanted, self._basis(None))

        def made(
            versions: list[Version],
        ) -> _queries.table.Table[_queries.history.Belief[S]]:
            wanted = self._wanted.concerning(projection)
            entries = self._journal.related(self._size, wanted)
            return _queries.history.beliefs(told, entries, versions, day)

        try:
            require_projection(projection)
            told, ends = facts.told(projection), projection.ends is not None
            facts.check(told)
            name = "beliefs", told, day
            return facts.versions(name, made, projection, by_position=False, ends=ends)
        except Exception as error:
            blame(error, projection)
            raise

    def panel(
        self,
        projection: Projection[S] | Callable[..., Projection[S]],
        *,
        by: Callable[[Event], Iterable[K]],
        every: str | _pendulum.Duration | None = None,
        window: str | _pendulum.Duration | None = None,
        start: Day | None = None,
        stop: Day | None = None,
        flow: bool = False,
        at: Iterable[tuple[K, Day, Day | int | None] | tuple[K, Day]] | None = None,
        of: Callable[[S], Any] | None = None,
        known_by: Day | int | None = None,
        known_after: str | _pendulum.Duration | None = None,
        keys: Iterable[K] | None = None,
        coverage: _queries.panel.Coverage | None = None,
        bounds: bool = True,
        rivals: bool = False,
    ) -> _queries.panel.Panel[K, Any]:
        """Return a table with a row for each key of what counts, and each period.

        Rows are computed when they are read, each key in one pass over its events. A
        row equals the answer of a view of the events of its key alone: `value` that of
        `project()`, `low` and `high` the bounds of `outcomes()`, or None where they are
        not known. What ends a fact counts for the keys that *by* returns for it.

        Args:
            projection: How to fold the events of one key, as for `project_each()`.
            by: Returns the keys that an event belongs to: `dyads`, or a pure function.
            every: The length of a period, counted from *start*: "day", "month",
                "quarter", "year", or a `pendulum.Duration`. Without it there is one.
            window: A row is about the events of so long a time before the end of its
                period, instead of all events until then.
            start: The first day of the first period.
            stop: The last day; the last period ends with it.
            flow: A row is about the events of its own period.
            at: Questions instead of periods, answered in the order given: rows of a
                key, a day, and a day or position by which it was known. That of a row
                stands; *known_by* is for rows without one, or with None. No answer uses
                what became known later. A row has the day as `until`, and its knowledge
                as `known_by`.
            of: Selects the value from a state; by default the state is the value.
            known_by: As for `as_of()`.
            known_after: Each period is asked as it was known so long after its end:
                "month", or a `pendulum.Duration`, also of no days. Both cuts hold. A
                row of which that day lies after *known_by*, or without that after the
                last day on which anything became known, is empty: its value is None.
            keys: The keys, in this order, also those of which nothing is said; by
                default those of all that counts. Not with *at*. One that no event has
                is in `Panel.unknown_keys`, as it is of questions.
            coverage: The days of which the sources tell: a period, as for `during()`,
                or one for each key. A row about other days is empty, not zero.
            bounds: Without them, `low` and `high` are None in all rows, and no orders
                are tried. What a panel spends on trying orders is limited: 100,000
                calls of the projection, and 100 for each row. The bounds of measures,
                and of how many events there are in a part of a relationship
                (`of=lambda state: len(state.visits)`), need no orders.
            rivals: `low` and `high` hold whichever claims of disputes are true; there
                are rows also for the keys of claims that are set aside. They are exact
                for counts, totals and the latest value, and for counts of what lasts
                unless one event may end what too many disputes are about; else they are
                not known where claims contradict each other.

        Returns:
            A `Panel`: for each key of what counts, in their order, a row for each
            period, also where nothing happened; or a row for each question.

        Raises:
            PanelError: The arguments contradict each other, or one is not valid. When
                rows are read: a key that no event has means one that an event has, such
                as "Syria" for "SYR", or stands for it in another order or shape.
            DayError: A day is not a whole day.
            EntryError: The log has no such position.
            ProjectionError: *projection* is not one, nor a function that returns one;
                *of* is not a function; or, when rows are read, *by* returned text.
        """
        basis = self._basis(known_by)
        # Each question has a basis of its own: nothing is cut before.
        facts = Facts(
            self._cache, self._wanted, basis if at is None else self._basis(None)
        )
        if isinstance(projection, Projection):
            projection = facts.told(projection)
        facts.check(projection)
        span = _queries.panel.span(
            (every, window, start, stop, flow), at, self._basis, known_by
        )
        last = partial(self._last_known, basis)
        extras = _queries.panel.extras(
            keys, known_after, coverage, last, bounds=bounds, rivals=rivals
        )
        return _queries.panel.panel(projection, by, of, facts, span, extras)

    def _last_known(self, basis: Basis) -> float:
        """Return the day of a basis, or else the last one on which it grew."""
        if basis.known_by < math.inf:
            return basis.known_by
        with self._journal.lock:
            entries = self._journal.entries
            size = int(entries.row(basis.size))
            if size == len(entries):
                return entries.latest()
            return max(islice(entries.knowns, size), default=-math.inf)

    def set_aside(self, entry: Entry | int) -> SetAside | None:
        """Return why an entry does not count, by all that is known; None if it does.

        An entry that was just appended, or accepted, need not count: what it corrects
        may have been corrected by what became known later.

        >>> from bri_timeline import Event, EventLog
        >>> log = EventLog.of(Event("a visit", when="2019"))
        >>> log = log.append(Event("a visit", when="2019-04"), supersedes=0)
        >>> print(log.set_aside(0).reason.value, log.set_aside(1))
        superseded None

        Args:
            entry: The entry, or its position.

        Raises:
            EntryError: The entry is not in this log.
        """
        position = self._target(entry, "asked about")
        row = self._journal.entries.row(position)
        if self._journal.entries.events[row] is None:
            return None
        basis = self._basis(None)
        found = self._cache.ask(
            Wanted(bounded=self._wanted.bounded),
            basis,
            lambda sequence: sequence.resolved(row, basis),
        )
        asides = (one for one in found.set_aside if one.entry.position == position)
        return next(asides, None)

    def contradictions(
        self, known_by: Day | int | None = None
    ) -> _queries.table.Table[_queries.history.Contradiction]:
        """Return claims that lie wholly after a report of them; none is judged.

        An event cannot happen after a report that it happened. Each claim is compared
        with the sources of every live claim about the same happening. The table has a
        row for each claim: the `report`, and the columns of an entry.

        Args:
            known_by: As for `as_of()`; by default everything is known.

        Raises:
            DayError: *known_by* is not a day.
            EntryError: It is not a position of the log.
        """
        basis = self._basis(known_by)

        def found(
            sequence: EventSequence,
        ) -> _queries.table.Table[_queries.history.Contradiction]:
            return _queries.history.contradictions(
                *sequence.with_rows(EVER), sequence.resolution(), self._journal.entries
            )

        return self._cache.ask(self._wanted, basis, found)

    def _basis(self, known_by: Day | int | None) -> Basis:
        """Return the basis for a day, a position or an instant."""
        prefer = self._prefer
        if isinstance(known_by, datetime):
            if known_by.tzinfo is None:
                problem = "has no time zone: give an instant such as"
                raise DayError(known_by, f"{problem} datetime.now(timezone.utc)")
            entries = self._journal.entries
            with self._journal.lock:
                size = entries.row(self._next)
                row = entries.size_by(known_by, size)
                late = entries.position(row) if row < size else self._next
            return Basis(math.inf, late, prefer)
        if known_by is None:
            return Basis(math.inf, self._next, prefer)
        if isinstance(known_by, bool):
            raise DayError(known_by, "is not a day or a log position")
        if isinstance(known_by, int):
            if not 0 <= known_by < self._next:
                problem = f"the log has no position {shown(known_by)}"
                raise EntryError(known_by, f"{problem}: it has {self._next} entries")
            return Basis(math.inf, known_by + 1, prefer)
        return Basis(to_day(known_by), self._next, prefer)

    def _target(self, entry: Entry | int, what: str) -> int:
        """Return the position of an entry of this log."""
        position = entry.position if isinstance(entry, Entry) else entry
        if not isinstance(position, int) or isinstance(position, bool):
            problem = f"{shown(entry)} is not an entry or a position"
            raise EntryError(
                entry, f"{problem}: give an entry of the log, such as log[0]"
            )
        if not 0 <= position < self._next:
            last = f"its last is {self._next - 1}" if self._next else "it is empty"
            problem = f"entry {shown(position)} is not in the log, {last}"
            raise EntryError(entry, f"{problem}: only what was recorded can be {what}")
        if not self._journal.entries.has(position):
            problem = f"this partial log does not have entry {position}"
            raise EntryError(entry, f"{problem}: read it too")
        entries = self._journal.entries
        recorded = entries.recorded(entries.row(position))
        if isinstance(entry, Entry) and entry not in (
            recorded,
            without_review(recorded),
        ):
            problem = f"entry {position} of this log has other content"
            raise EntryError(entry, f"{problem}: take the entry from this log")
        return position


def _condition(
    holds: Callable[[Any], bool] | None, at_least: object, at_most: object
) -> Callable[[Any], bool]:
    """Return the condition that is meant by one of three arguments.

    Raises:
        ProjectionError: None or several are given, or *holds* is not a function.
    """
    given = [one for one in (holds, at_least, at_most) if one is not None]
    if len(given) != 1:
        problem = f"is {len(given)} conditions of the value"
        remedy = "give one of holds=, at_least= and at_most="
        raise ProjectionError(tuple(given), f"{problem}: {remedy}")
    if holds is not None:
        require_function(holds, "holds")
        return holds
    return _queries.values.Threshold(given[0], at_least is not None)


def _ever(sequence: EventSequence) -> list[Event]:
    """Return all events that count, on whatever day."""
    return [happening.event for happening in sequence.happenings(EVER)]
