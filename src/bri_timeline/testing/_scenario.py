"""Given a log, as of a day, known by a day: then a state."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NoReturn, TypeVar

from attrs import evolve, frozen

from bri_timeline._calendar import Day, iso, to_day
from bri_timeline._events import Entry, Event
from bri_timeline._log import EventLog
from bri_timeline._projection import Projection
from bri_timeline._view import View
from bri_timeline.testing._searching import fail, log_lines, state_line


__all__ = ["Scenario", "given_events", "given_log"]

S = TypeVar("S")


@frozen
class Scenario:
    """A log, and the two days from which it is looked at: a test that reads as prose.

    Begin with `given_log()` or `given_events()`. Every step returns another scenario,
    and those that begin with `then` raise an `AssertionError` if they do not hold.

    Attributes:
        log: What is given, and what was added to it.
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
            event: What is claimed.
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
            because: Why.
            known: The day from which it was known to be wrong.
        """
        return evolve(self, log=self.log.retract(entry, because=because, known=known))

    def as_of(self, day: Day) -> Scenario:
        """Look at a day: what had happened by then.

        Args:
            day: A whole day, included.

        Raises:
            DayError: It is none.
        """
        return evolve(self, day=iso(to_day(day)))

    def known_by(self, basis: Day | int) -> Scenario:
        """Look from a day: what was known by then.

        Args:
            basis: A whole day, or a position in the log, included.

        Raises:
            DayError: It is neither.
        """
        known = basis if isinstance(basis, int) else iso(to_day(basis))
        return evolve(self, known_by=known)

    def then(
        self,
        projection: Projection[S],
        state: object,
        *,
        of: Callable[[S], object] | None = None,
    ) -> Scenario:
        """Make sure of the certain state.

        Args:
            projection: How to fold it.
            state: What it must be equal to.
            of: Selects from it what is compared; by default all of it.

        Raises:
            AssertionError: It is another.
            ValueError: No day was given.
        """
        view = self.view()
        found = view.project(projection)
        selected = found if of is None else of(found)
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
        """Make sure of all the values that the dates leave possible, in any order.

        Args:
            projection: How to fold a state.
            values: Exactly what `View.outcomes()` must find.
            of: Selects the value from a state.

        Raises:
            AssertionError: There are others, or some of them are not possible, or too
                many orders are open to try them all.
            ValueError: No day was given.
        """
        view, wanted = self.view(), list(values)
        found = view.outcomes(projection, of=of)
        if not found.complete:
            what = "has too many possible values to try them all"
            self._unlike(view, projection, what, found.values, wanted)
        missing = [value for value in wanted if value not in found.values]
        if missing or any(value not in wanted for value in found.values):
            what = "can have other values"
            self._unlike(view, projection, what, found.values, wanted)
        return self

    def view(self) -> View:
        """Return the view that it looks at.

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
        log: What is given.
    """
    return Scenario(log)


def given_events(*events: Event) -> Scenario:
    """Begin a test with a log of events, each known from the day its sources give.

    Args:
        events: What is claimed.
    """
    return Scenario(EventLog.of(*events))
