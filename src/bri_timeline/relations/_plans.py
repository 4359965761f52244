"""Facts about plans, and the status of a plan on any day."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import ClassVar

from attrs import field, frozen

from bri_timeline import Answer, Event
from bri_timeline._text import brief
from bri_timeline.edtf import Edtf, to_edtf
from bri_timeline.errors import EventError
from bri_timeline.extend import Day, iso, to_day
from bri_timeline.relations._actors import actors, affair_of, optional_edtf, some_actors
from bri_timeline.relations._describing import Fact


@frozen(repr=False)
class Planned(Fact):
    """A plan was made; the event has the date on which it was made.

    Args:
        parties: The actors who made the plan; their attribute is `makers`.
        title: The planned activity.
        expected: The expected date (EDTF), if stated.
        participants: Other actors who are to take part.
        place: The expected place.
    """

    makers: frozenset[str] = field(converter=some_actors, alias="parties")
    title: str
    expected: Edtf | None = field(default=None, converter=optional_edtf)
    participants: frozenset[str] = field(default=frozenset(), converter=actors)
    place: str | None = None

    @property
    def parties(self) -> frozenset[str]:
        """The actors who made it, and those who are to take part."""
        return self.makers | self.participants

    @property
    def affair_of(self) -> frozenset[str]:
        """The only state among its parties; without a single one, all parties."""
        return affair_of(self.parties)

    def __repr__(self) -> str:
        return brief(self)


@frozen
class Rescheduled(Fact):
    """A plan got a new date.

    Args:
        plan: The id of the event that planned it.
        expected: The new date (EDTF).
        parties: The actors concerned, if stated.
    """

    within_a_day: ClassVar[int] = 1

    plan: str
    expected: Edtf = field(converter=to_edtf)
    parties: frozenset[str] = field(default=frozenset(), converter=actors)

    @property
    def refers_to(self) -> frozenset[str]:
        """The id of the plan."""
        return frozenset((self.plan,))


@frozen
class _OfPlan(Fact):
    """The fields of a fact about a plan."""

    plan: str
    parties: frozenset[str] = field(default=frozenset(), converter=actors)

    @property
    def refers_to(self) -> frozenset[str]:
        """The id of the plan."""
        return frozenset((self.plan,))


@frozen
class Postponed(_OfPlan):
    """A plan was postponed without a new date.

    Args:
        plan: The id of the event that planned it.
        parties: The actors concerned, if stated.
    """


@frozen
class Cancelled(_OfPlan):
    """A plan was cancelled.

    Args:
        plan: The id of the event that planned it.
        parties: The actors concerned, if stated.
    """

    within_a_day: ClassVar[int] = 2


@frozen
class Held(_OfPlan):
    """A planned activity took place.

    Args:
        plan: The id of the event that planned it.
        parties: The actors concerned, if stated.
    """

    within_a_day: ClassVar[int] = 3


# On one day a plan is postponed, then given a new date, then decided.
PlanChange = Rescheduled | Postponed | Cancelled | Held


class PlanStatus(Enum):
    """The status of a plan on a day.

    `PLANNED`: the expected date is still to come, or was not given. `DUE`: the day lies
    within the expected date. `OVERDUE`: the expected date has passed and nothing
    further was recorded; the outcome is unknown. `HELD`, `POSTPONED` (without a new
    date), `CANCELLED`: as recorded.
    """

    PLANNED = "planned"
    DUE = "due"
    OVERDUE = "overdue, outcome unknown"
    HELD = "held"
    POSTPONED = "postponed"
    CANCELLED = "cancelled"


_FINAL = (Cancelled, Held)
_DECIDED: dict[type, PlanStatus] = {
    Held: PlanStatus.HELD,
    Postponed: PlanStatus.POSTPONED,
    Cancelled: PlanStatus.CANCELLED,
}


@frozen
class Plan:
    """A plan, with its changes so far.

    Attributes:
        event: The event that planned it.
        changes: The events that rescheduled, postponed, cancelled or held it, in the
            order in which they became certain; those of one day in the order postponed,
            rescheduled, cancelled, held. Two of one kind and day are in the order of
            the log; `View.outcomes()` returns both.
    """

    event: Event
    changes: tuple[Event, ...] = ()

    @property
    def id(self) -> str:
        """The id of the event that planned it."""
        return self.event.id

    @property
    def planned(self) -> Planned:
        """The plan as it was made.

        Raises:
            EventError: The payload of the event is not `Planned`.
        """
        what = self.event.what
        if not isinstance(what, Planned):
            raise EventError(what, "plans nothing: a Plan is made of a Planned event")
        return what

    def changed(self, event: Event) -> Plan:
        """Return the plan with one more change."""
        return Plan(self.event, with_change(self.changes, event))

    def expected_on(self, day: Day) -> Edtf | None:
        """Return the date that was expected on *day*.

        Args:
            day: A known day.
        """
        expected = self.planned.expected
        for event in self._changes_by(to_day(day)):
            if isinstance(event.what, Rescheduled):
                expected = event.what.expected
            elif isinstance(event.what, Postponed):
                expected = None
        return expected

    def status_on(self, day: Day) -> PlanStatus:
        """Return the status on *day*, by the changes that had certainly begun by then.

        A plan is never taken as held because its date has passed: it is then overdue.

        Args:
            day: A known day.
        """
        number = to_day(day)
        changes = self._changes_by(number)
        decided = _DECIDED.get(type(changes[-1].what)) if changes else None
        expected = self.expected_on(day)
        if decided is not None or expected is None:
            return decided or PlanStatus.PLANNED
        if expected.first_day is not None and number < expected.first_day:
            return PlanStatus.PLANNED
        if expected.last_day is not None and number > expected.last_day:
            return PlanStatus.OVERDUE
        return PlanStatus.DUE

    def unsettled_on(self, day: Day) -> tuple[Event, ...]:
        """Return the changes of which any may have come last; none if it is one.

        By their dates the order of changes may be open. If another order gives another
        status or expected date, `status_on()` and `expected_on()` say but one of them.

        Args:
            day: A known day.
        """
        changes = self._changes_by(to_day(day))
        moves = [event for event in changes if type(event.what) not in _FINAL]
        for group in filter(None, (changes, moves)):
            last = may_be_last(group)
            if len({_effect(event) for event in last}) > 1:
                return tuple(last)
        return ()

    def words_on(self, day: Day) -> str:
        """Return the status on *day* in words, or that dates leave it open.

        Args:
            day: A known day.
        """
        if self.unsettled_on(day):
            return "dates do not tell which change came last"
        return self.status_on(day).value

    def _changes_by(self, number: int) -> list[Event]:
        day = iso(number)
        return [event for event in self.changes if _has_begun(event.when, day)]


def _has_begun(when: Edtf, day: Day) -> bool:
    has_begun = when.started_by if when.is_extent else when.on_or_before
    return has_begun(day) is Answer.YES


def with_change(changes: tuple[Event, ...], event: Event) -> tuple[Event, ...]:
    """Return the changes of a plan with one more."""
    place = len(changes)
    while place and _precedes(event, changes[place - 1]):
        place -= 1
    # Inserted from the end: usually it is the last, and nothing is moved.
    return (*changes[:place], event, *changes[place:])


def may_be_last(events: Sequence[Event]) -> list[Event]:
    """Return those of some events that may have come last: one, if dates decide.

    Changes of a plan have their order within a day.
    """
    latest = max((event.when.earliest_start, _rank(event)) for event in events)
    return [e for e in events if (e.when.latest_start, _rank(e)) >= latest]


def _rank(event: Event) -> int:
    rank: int = getattr(type(event.what), "within_a_day", 0)
    return rank


def _effect(event: Event) -> tuple[type, Edtf | None]:
    """Return what a change makes of a plan: the kind of its status, and the date."""
    what = event.what
    return type(what), what.expected if isinstance(what, Rescheduled) else None


def _precedes(event: Event, other: Event) -> bool:
    """Check whether *event* belongs before *other*, which was folded first.

    The order of folding is kept, except on one known day: there a plan is postponed,
    then given a new date, then held or cancelled. The order of two changes of one kind
    is unknown, and stays that of folding.
    """
    if _rank(event) >= _rank(other):
        return False
    return event.when.begins_with(other.when) is Answer.YES
