"""Scenarios: given a log, as of a day, known by a day, then a state."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NoReturn, TypeVar

from attrs import evolve, frozen

from bri_timeline import Entry, Event, EventLog, Projection, View
from bri_timeline.extend import Day, iso, to_day
from bri_timeline.testing._searching import fail, log_lines, state_line


S = TypeVar("S")


@frozen
class Scenario:
    """A log with a day and a day of knowledge: a test that reads as a sentence.

    Begin with `given_log()` or `given_events()`. Each step returns another scenario;
    steps that begin with `then` raise an `AssertionError` if they do not hold.

    Attributes:
        log: The given log, with the entries added since.
    """

    log: EventLog
    _day: str | None = None
    _known_by: str | int | None = None

    def when(
        self,
        event: Event,
        *,
        supersedes: Entry | int | None = None,
        known: Day | None = None,
    ) -> Scenario:
        """Append an event, as `EventLog.append()` does.

        Args:
            event: The claimed event.
            supersedes: The entry that it corrects, or its position.
            known: The day from which it was known.
        """
        log = self.log.append(event, supersedes=supersedes, known=known)
        return evolve(self, log=log)

    def when_retracted(
        self, entry: Entry | int, *, because: str, known: Day | None = None
    ) -> Scenario:
        """Withdraw an entry, as `EventLog.retract()` does.

        Args:
            entry: The entry, or its position.
            because: The reason.
            known: The day from which it was known to be wrong.
        """
        return evolve(self, log=self.log.retract(entry, because=because, known=known))

    def as_of(self, day: Day) -> Scenario:
        """Set the day: events that had happened by then count.

        Args:
            day: A whole day, included.

        Raises:
            DayError: It is not a whole day.
        """
        return evolve(self, day=iso(to_day(day)))

    def known_by(self, basis: Day | int) -> Scenario:
        """Set the day of knowledge: entries that were known by then count.

        Args:
            basis: A whole day, or a position in the log, included.

        Raises:
            DayError: It is neither.
        """
        # A position is kept as it is; a day is checked now, not when the view is made.
        known = basis if isinstance(basis, int) else iso(to_day(basis))
        return evolve(self, known_by=known)

    def then(
        self,
        projection: Projection[S],
        state: object,
        *,
        of: Callable[[S], object] | None = None,
    ) -> Scenario:
        """Check the certain state.

        Args:
            projection: The projection.
            state: The expected state.
            of: Selects the part of the state to compare; by default all of it.

        Raises:
            AssertionError: The state is another one.
            ValueError: No day was given.
        """
        view = self.view()
        actual_state = view.project(projection)
        selected = actual_state if of is None else of(actual_state)
        if selected != state:
            self._unlike(view, projection, "is not as expected", selected, state)
        return self

    def then_one_of(
        self,
        projection: Projection[S],
        values: Iterable[object],
        *,
        of: Callable[[S], object],
    ) -> Scenario:
        """Check all values that the dates leave possible, in any order.

        Args:
            projection: The projection.
            values: The exact values that `View.outcomes()` must find.
            of: Selects the value from a state.

        Raises:
            AssertionError: Other values are possible, or some of these are not, or
                too many orders are open to try all.
            ValueError: No day was given.
        """
        view, expected_values = self.view(), list(values)
        outcomes = view.outcomes(projection, of=of)
        # Values that were not found may still be possible.
        if not outcomes.complete:
            what = "has too many possible values to try them all"
            self._unlike(view, projection, what, outcomes.values, expected_values)
        missing = [value for value in expected_values if value not in outcomes.values]
        if missing or any(value not in expected_values for value in outcomes.values):
            what = "can have other values"
            self._unlike(view, projection, what, outcomes.values, expected_values)
        return self

    def view(self) -> View:
        """Return the view of the log at both days.

        Raises:
            ValueError: No day was given.
        """
        if self._day is None:
            msg = "no day is given: say .as_of('2015-06-30') before what follows then"
            raise ValueError(msg)
        return self.log.as_of(self._day, known_by=self._known_by)

    def _unlike(
        self,
        view: View,
        projection: Projection[S],
        what: str,
        found: object,
        expected: object,
    ) -> NoReturn:
        when = f"as of {self._day}, known by {view.basis}"
        fail(
            f"{when}: {projection.name} {what}",
            state_line("expected", expected),
            state_line("found", found),
            *log_lines(self.log),
        )


def given_log(log: EventLog) -> Scenario:
    """Begin a test with a log.

    >>> from bri_timeline import projection
    >>> @projection(initial=int)
    ... def count(seen: int, event: Event) -> int:
    ...     return seen + 1
    >>> met = Event("they met", when="2015-06")
    >>> scenario = given_log(EventLog.of(met)).as_of("2015-06-30")
    >>> _ = scenario.then(count, 1)
    >>> _ = scenario.as_of("2015-06-15").then(count, 0)

    Args:
        log: The log.
    """
    return Scenario(log)


def given_events(*events: Event) -> Scenario:
    """Begin a test with a log of events, each known from the day of its sources.

    Args:
        events: The claimed events.
    """
    return Scenario(EventLog.of(*events))
