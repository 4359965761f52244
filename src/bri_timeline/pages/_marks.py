"""The marks of a picture: claims that are certain, undecided or set aside."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TypeVar

from attrs import field, frozen

from bri_timeline import Answer, Edtf, Event, EventLog, Projection, Reason, View
from bri_timeline._calendar import iso
from bri_timeline._queries import STATUS_BY_REASON, ClaimStatus, dates, reason_text
from bri_timeline.errors import PictureError
from bri_timeline.pages._axis import DAYS, can_ask
from bri_timeline.pages._wording import kind
from bri_timeline.relations import PlanStatus, Relationship, among


__all__ = [
    "EVERYTHING",
    "ClaimStatus",
    "Mark",
    "Span",
    "asks_what_counts",
    "dates_of",
    "in_force_events",
    "lane_of",
    "lasts",
    "marks",
    "span",
    "view_of",
]

S = TypeVar("S")
# The last day that `EventLog.as_of()` accepts.
EVERYTHING = iso(DAYS[-1])
_OPEN = (PlanStatus.PLANNED, PlanStatus.DUE)


@frozen
class Span:
    """The bounds of a date as day numbers; infinite where the date is unbounded.

    Attributes:
        first: The earliest day on which it can begin.
        last: The latest such day.
        end_first: The earliest day on which an extent can end; otherwise None.
        end_last: The latest such day; otherwise None.
    """

    first: float
    last: float
    end_first: float | None = None
    end_last: float | None = None

    @property
    def is_day(self) -> bool:
        """True if the date is one known day."""
        return self.first == self.last and self.end_first is None

    @property
    def days(self) -> tuple[float, ...]:
        """The finite bounds."""
        bounds = (self.first, self.last, self.end_first, self.end_last)
        return tuple(b for b in bounds if b is not None and math.isfinite(b))


def span(when: Edtf) -> Span:
    """Return the bounds of the date of an event."""
    first, last = when.earliest_start, when.latest_start
    if not when.is_extent:
        return Span(first, last)
    # An extent has no public end of its own, but its text does.
    end = str(when).partition("/")[2]
    if end in ("", ".."):
        return Span(first, last, first, math.inf)
    # An end may be a day or later, `2015-12-31..`, which alone only a set can say.
    ending = Edtf(f"[{end}]")
    # The end cannot lie before the start.
    return Span(first, last, max(ending.earliest_start, first), ending.latest_start)


@frozen
class Mark:
    """A claim with its status, as a picture shows it.

    Attributes:
        event: The claim.
        status: Its status in the view.
        flagged: True if the event is disputed.
        in_force: True if it still holds: a membership, a position, an open plan.
        why: The reason why it was set aside; otherwise empty.
        span: The bounds of its date.
    """

    event: Event
    status: ClaimStatus
    flagged: bool = False
    in_force: bool = False
    why: str = ""
    span: Span = field(init=False)

    @span.default
    def _span_of_event(self) -> Span:
        return span(self.event.when)


def view_of(shown: View | EventLog) -> View:
    """Return a view as it is, and a log as on its last day."""
    if isinstance(shown, View):
        return shown
    events = [entry.event for entry in shown if entry.event is not None]
    if asks_what_counts(shown):
        last = shown.as_of(EVERYTHING)
        events = [*last.events, *last.undecided]
    # The last bound, so that every claim with a bounded date is certain.
    days = [day for event in events for day in span(event.when).days if can_ask(day)]
    return shown.as_of(iso(max((int(day) for day in days), default=1)))


def asks_what_counts(log: EventLog) -> bool:
    """Check whether a filter or a policy changes what the entries of a log say."""
    return bool(log._wanted.filters) or log._wanted.bounded


def dates_of(view: View) -> str:
    """Return the two dates of a view: `On 24 April 2019, as known by 5 May 2019`."""
    return dates(view.day_number, view.basis, view.since_number)


def marks(view: View, projection: Projection[S] | None = None) -> tuple[Mark, ...]:
    """Return the marks of a view, by date.

    Args:
        view: The view.
        projection: The relationship whose parts are in force; by default, only
            what is dated by an extent can be.
    """
    flagged = {dispute.id for dispute in view.disputes}
    state = None if projection is None else view.project(projection)
    on = set[Event]()
    if isinstance(state, Relationship):
        on = {*in_force_events(state, iso(view.day_number))}
    found = [
        *(Mark(e, ClaimStatus.CERTAIN, e.id in flagged, e in on or lasts(e, view))
          for e in view.events),
        *(Mark(e, ClaimStatus.UNDECIDED, e.id in flagged) for e in view.undecided),
        *_asides(view, flagged),
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda mark: mark.event.when.sort_key()))


def in_force_events(state: Relationship, day: str) -> Iterator[Event]:
    """Yield the events that are still in force in a state.

    Args:
        state: The state.
        day: The day of the state, which decides whether a plan is open.
    """
    for table in (state.memberships, state.positions, state.projects):
        yield from table.values()
    yield from state.agreement_statuses.values()
    for plan in state.plans.values():
        if plan.status_on(day) in _OPEN:
            yield plan.event


def lane_of(event: Event, by: str) -> str:
    """Return the title of the lane in which an event is drawn.

    Args:
        event: The event.
        by: `kind` or `party`.

    Raises:
        PictureError: *by* is not a kind of lane.
    """
    if by == "kind":
        return kind(event)
    if by == "party":
        return among(event.parties) or "No party named"
    raise PictureError(by, "is not a kind of lane: give 'kind' or 'party'")


def lasts(event: Event, view: View) -> bool:
    """Return whether an event is an extent that has not certainly ended by the day."""
    day = iso(view.day_number)
    ended = event.when.is_extent and event.when.ended_by(day, today=day)
    return event.when.is_extent and ended is not Answer.YES


def _asides(view: View, flagged: set[str]) -> Iterator[Mark]:
    for aside in view.set_aside:
        # A retracted claim is not disputed, even if other claims of its event are.
        disputed = aside.reason is Reason.DISPUTED and aside.event.id in flagged
        yield Mark(
            aside.event,
            STATUS_BY_REASON[aside.reason],
            disputed,
            why=reason_text(aside),
        )
