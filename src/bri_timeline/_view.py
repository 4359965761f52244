"""View: the state of a log on one day, as known by another."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable
from functools import reduce
from typing import TypeVar

import pendulum
from attrs import evolve, frozen

from bri_timeline import _queries
from bri_timeline._answer import Answer
from bri_timeline._calendar import as_date, iso
from bri_timeline._concern import Rule, narrowed
from bri_timeline._events import Event
from bri_timeline._folding import EventSequence, FoldCache
from bri_timeline._journal import Wanted
from bri_timeline._projection import Projection, blame, made_by
from bri_timeline._resolution import Basis, Dangling, Dispute, Happening, SetAside


__all__ = ["View"]


S = TypeVar("S")
T = TypeVar("T")
V = TypeVar("V")
K = TypeVar("K", bound=Hashable)
_LIMIT = 100_000


@frozen(repr=False, eq=False)
class View:
    """A log as of one day, as known by another.

    Returned by `EventLog.as_of()`; do not build it. A view is a value: two views of
    equal logs from the same dates are equal.

    Attributes:
        day_number: The day, as a number.
    """

    _cache: FoldCache
    _rules: tuple[Rule, ...]
    _basis: Basis
    day_number: int
    _has_basis: bool

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, View):
            return NotImplemented
        mine, yours = (self.day_number, self.basis), (other.day_number, other.basis)
        return mine == yours and self._ask(_everything) == other._ask(_everything)

    def __hash__(self) -> int:
        return hash((self.day_number, self.basis))

    @property
    def basis(self) -> str:
        """The basis in words: a day, a log position, or everything."""
        if not self._has_basis:
            return "everything"
        known_by, size, _ = self._basis
        return iso(int(known_by)) if known_by < math.inf else f"position {size - 1}"

    @property
    def day(self) -> pendulum.Date:
        """The day up to which events count, that day included.

        Raises:
            DayRangeError: It lies outside the years 1 to 9999; use `day_number`.
        """
        return as_date(self.day_number, "the day of the view")

    def __repr__(self) -> str:
        certain, undecided = len(self.events), len(self.undecided)
        return (
            f"<view as of {iso(self.day_number)}, known by {self.basis}:"
            f" {certain} certain, {undecided} undecided>"
        )

    def _repr_html_(self) -> str:
        """Return the table that a notebook shows."""
        return _queries.claims_table(
            _queries.dates(self.day_number, self.basis),
            self.events,
            self.undecided,
            self.set_aside,
            {dispute.id for dispute in self.disputes},
        )

    # --- what it shows ----------------------------------------------------------

    @property
    def events(self) -> tuple[Event, ...]:
        """The events that had certainly happened, in fold order."""
        day = self.day_number
        return tuple(self._ask(lambda sequence: sequence.certain(day)))

    @property
    def undecided(self) -> tuple[Event, ...]:
        """The events that may have happened, in order of becoming possible."""
        return tuple(happening.event for happening in self._undecided(self._all))

    @property
    def disputes(self) -> tuple[Dispute, ...]:
        """Happenings about which claims differ, if any claim may have happened."""
        return tuple(
            Dispute(taken.event.id, taken.event, tuple(o.event for o in others))
            for taken, others in self._ask(EventSequence.resolution).disputes
            if any(claim.first <= self.day_number for claim in (taken, *others))
        )

    @property
    def set_aside(self) -> tuple[SetAside, ...]:
        """Claims that may have happened and do not count, with the reason why."""
        return tuple(self._set_aside(self._all))

    @property
    def dangling(self) -> tuple[Dangling, ...]:
        """References without a target, of what may have happened, in fold order.

        The target is looked for in the whole log as it was known, never in a selection
        only.
        """
        found = self._cache.dangling(self._rules, self._basis)
        return tuple(
            Dangling(happening.event, name)
            for happening, name in found
            if happening.first <= self.day_number
        )

    def has_happened(self, name: str) -> Answer:
        """Check whether the happening with an id had happened.

        Args:
            name: The id of an event; `NO` if no known event has it.
        """
        found = self._ask(lambda sequence: sequence.named(name))
        if found is None or found.first > self.day_number:
            return Answer.NO
        return Answer.YES if found.last <= self.day_number else Answer.MAYBE

    def concerning(self, *parties: str) -> View:
        """Return a view of the events that concern some parties.

        The rule is that of `EventLog.concerning()`.

        Args:
            parties: Actor ids.
        """
        return evolve(self, rules=narrowed(self._rules, parties))

    # --- questions ----------------------------------------------------------------

    def project(self, projection: Projection[S], *, undecided: bool = False) -> S:
        """Return a state.

        Args:
            projection: How to fold it.
            undecided: Fold what may have happened too, all in the order in which it
                becomes possible, instead of only what is certain.
        """
        try:
            if not undecided:
                return self._cache.state(
                    projection, self._rules, self._basis, self.day_number
                )
            possible = sorted(self._possible(projection), key=Happening.possible_order)
            return reduce(projection, (h.event for h in possible), projection.initial())
        except Exception as error:
            blame(error, projection)
            raise

    def project_each(
        self,
        projection: Projection[S] | Callable[..., Projection[S]],
        *,
        by: Callable[[Event], Iterable[K]],
    ) -> dict[K, S]:
        """Return a state for each of many keys, such as each pair of parties.

        Events are grouped once, and folded in one pass. By `dyads` there is a state
        for each pair of parties that any event names: that of what involves both.

        `project_each(relationship, by=dyads)` gives each pair the state that
        `project(relationship(*pair))` gives: with what concerns one of them alone, and
        with what refers to that.

        Args:
            projection: How to fold the events of one key; or a function that returns
                that of a key, such as `relationship`. It is called with the parts of a
                key that is a tuple. A projection that names its parties is passed what
                concerns them, in whatever groups that is.
            by: Returns the keys that an event belongs to: `dyads`, or a pure function
                of your own. Events are kept by the keys of the last two functions.
        """
        rules, basis, day = self._rules, self._basis, self.day_number
        if callable(projection) and not isinstance(projection, Projection):
            return self._cache.each_by(made_by(projection), by, rules, basis, day)
        try:
            return self._cache.each(projection, by, rules, basis, day)
        except Exception as error:
            blame(error, projection)
            raise

    def outcomes(
        self,
        projection: Projection[S],
        *,
        of: Callable[[S], V],
        limit: int = _LIMIT,
        seed: int | None = None,
    ) -> _queries.Outcomes[V]:
        """Return every value that the dates allow, and whether these are all.

        Orders are tried as far as the dates leave them open, also within one day. A
        projection or a selection that asks a date more than its order gets the answers
        of each day that it can be, as far as they differ.

        Args:
            projection: How to fold a state.
            of: Selects the value from a state.
            limit: How many times the projection may be called, where the order of
                events is open, before giving up; the result then says that it is not
                complete, and holds the certain value.
            seed: Instead of giving up, draw orders at random from this seed, with at
                most as many calls again; the result says how many.
        """
        try:
            possible = self._possible(projection)
            return _queries.outcomes(
                projection, of, possible, self.day_number, limit=limit, seed=seed
            )
        except Exception as error:
            blame(error, projection)
            raise

    def explain(
        self, projection: Projection[S], *, of: Callable[[S], V]
    ) -> _queries.Explanation[V]:
        """Return the steps at which a value changed, each with its citations.

        Args:
            projection: How to fold a state.
            of: Selects the value from a state; it must not change the state.
        """
        try:
            wanted, day = self._wanted(projection), self.day_number
            asides = self._set_aside(wanted)
            orders = [Happening.of(a.event, a.entry).certainty_order() for a in asides]
            certain = self._ask(lambda sequence: sequence.certain(day), wanted)
            places = self._ask(lambda sequence: sequence.places(orders), wanted)
            undecided = [happening.event for happening in self._undecided(wanted)]
            tried = [*zip(places, asides, strict=True)]
            lost = self.dangling
            if lost and projection.parties:
                # An event without parties may refer to an event that concerns them.
                read = {event.key for event in (*certain, *undecided)}
                lost = tuple(
                    one
                    for one in lost
                    if one.event.key in read or not one.event.parties
                )
            return _queries.explain(projection, of, certain, undecided, tried, lost)
        except Exception as error:
            blame(error, projection)
            raise

    def diff(self, other: View, projection: Projection[S]) -> _queries.Difference[S]:
        """Return what changed from this view to *other*, and the entries responsible.

        Args:
            other: A view of the same log, or of another.
            projection: The state in question; what does not touch it is left out.
        """
        try:
            sides = self._side(projection), other._side(projection)
            return _queries.difference(projection, *sides)
        except Exception as error:
            blame(error, projection)
            raise

    # --- the parts that they share ---------------------------------------------------

    def _ask(
        self, question: Callable[[EventSequence], T], wanted: Wanted | None = None
    ) -> T:
        return self._cache.ask(wanted or self._all, self._basis, question)

    @property
    def _all(self) -> Wanted:
        return Wanted(self._rules)

    def _wanted(self, projection: Projection[S]) -> Wanted:
        return Wanted(projection.among(self._rules), projection.reads)

    def _certain(self, wanted: Wanted) -> list[Happening]:
        day = self.day_number
        return self._ask(lambda sequence: list(sequence.happenings(day)), wanted)

    def _undecided(self, wanted: Wanted) -> list[Happening]:
        day = self.day_number
        return self._ask(lambda sequence: sequence.undecided(day), wanted)

    def _set_aside(self, wanted: Wanted) -> list[SetAside]:
        asides, day = (
            self._ask(EventSequence.resolution, wanted).set_aside,
            self.day_number,
        )
        return [aside for aside in asides if aside.event.when.earliest_start <= day]

    def _possible(self, projection: Projection[S]) -> list[Happening]:
        wanted = self._wanted(projection)
        return self._certain(wanted) + self._undecided(wanted)

    def _side(self, projection: Projection[S]) -> _queries.Side:
        # Payloads of every class: an event that is no longer read may have been
        # corrected into one of another class.
        wanted = Wanted(projection.among(self._rules))
        return _queries.Side(
            self._certain(wanted),
            self._ask(EventSequence.resolution, wanted).slots,
            lambda event: self._ask(lambda sequence: sequence.about(event), wanted),
        )


def _everything(sequence: EventSequence) -> tuple[object, ...]:
    """Return everything that a view shows, for comparison."""
    resolution = sequence.resolution()
    return (
        tuple(sequence.happenings(math.inf)),
        resolution.disputes,
        resolution.set_aside,
    )
