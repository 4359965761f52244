"""The marks of a picture: what a view counts, may count and has set aside."""

from __future__ import annotations

import math
from collections.abc import Iterator

from attrs import field, frozen

from bri_timeline import Answer, Edtf, Event, EventLog, Projection, Reason, View
from bri_timeline._queries import STATUS_BY_REASON, ClaimStatus, dates, reason_text
from bri_timeline.errors import PictureError
from bri_timeline.pages._axis import DAYS, can_ask, iso
from bri_timeline.pages._wording import kind
from bri_timeline.relations import PlanStatus, Relationship, among


__all__ = [
    "EVERYTHING",
    "ClaimStatus",
    "Mark",
    "Span",
    "dates_of",
    "in_force_events",
    "lane_of",
    "marks",
    "span",
    "view_of",
]

# The last day that can be asked about.
EVERYTHING = iso(DAYS[-1])
_OPEN = (PlanStatus.PLANNED, PlanStatus.DUE)


@frozen
class Span:
    """The days that a date can be, as numbers; infinite where there is no bound.

    Attributes:
        first: The earliest day on which it can begin.
        last: The latest such day.
        end_first: Of an extent, the earliest day on which it can end; else None.
        end_last: Of an extent, the latest such day; else None.
    """

    first: float
    last: float
    end_first: float | None = None
    end_last: float | None = None

    @property
    def is_day(self) -> bool:
        """Whether it is one known day."""
        return self.first == self.last and self.end_first is None

    @property
    def days(self) -> tuple[float, ...]:
        """All bounds of it that are known."""
        bounds = (self.first, self.last, self.end_first, self.end_last)
        return tuple(b for b in bounds if b is not None and math.isfinite(b))


def span(when: Edtf) -> Span:
    """Return the days that the date of an event can be."""
    first, last = when.earliest_start, when.latest_start
    if not when.is_extent:
        return Span(first, last)
    end = str(when).partition("/")[2]
    if end in ("", ".."):
        return Span(first, last, first, math.inf)
    # An end may be a day or later, `2015-12-31..`, which alone only a set can say.
    ending = Edtf(f"[{end}]")
    return Span(first, last, max(ending.earliest_start, first), ending.latest_start)


@frozen
class Mark:
    """A claim, as a picture shows it.

    Attributes:
        event: The claim.
        standing: How it stands.
        flagged: Whether claims about the same happening differ.
        in_force: Whether it still holds: a membership, a position, an open plan.
        why: Why it was set aside; else empty.
        span: The days that its date can be.
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
    """Return what to draw: a view, or all of a log on its last day."""
    if isinstance(shown, View):
        return shown
    events = (entry.event for entry in shown if entry.event is not None)
    days = [day for event in events for day in span(event.when).days if can_ask(day)]
    return shown.as_of(iso(max((int(day) for day in days), default=1)))


def dates_of(view: View) -> str:
    """Return the two dates of a view: `On 24 April 2019, as known by 5 May 2019`."""
    return dates(view.day_number, view.basis)


def marks(
    view: View, projection: Projection[Relationship] | None = None
) -> tuple[Mark, ...]:
    """Return the marks of a view, by date.

    Args:
        view: What to draw.
        projection: The relationship whose parts tell what is in force; by default only
            what is dated by an extent can be.
    """
    flagged = {dispute.id for dispute in view.disputes}
    state = None if projection is None else view.project(projection)
    on = set() if state is None else set(in_force_events(state, iso(view.day_number)))
    found = [
        *(Mark(e, ClaimStatus.CERTAIN, e.id in flagged, e in on or _lasts(e, view))
          for e in view.events),
        *(Mark(e, ClaimStatus.UNDECIDED, e.id in flagged) for e in view.undecided),
        *_asides(view, flagged),
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda mark: mark.event.when.sort_key()))


def in_force_events(state: Relationship, day: str) -> Iterator[Event]:
    """Yield the events whose outcome still holds in a state.

    Args:
        state: How things stand.
        day: The day in question, which decides whether a plan is open.
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
        PictureError: There are no such lanes.
    """
    if by == "kind":
        return kind(event)
    if by == "party":
        return among(event.parties) or "No party named"
    raise PictureError(by, "is no way to sort into lanes: say 'kind' or 'party'")


def _lasts(event: Event, view: View) -> bool:
    day = iso(view.day_number)
    ended = event.when.is_extent and event.when.ended_by(day, today=day)
    return event.when.is_extent and ended is not Answer.YES


def _asides(view: View, flagged: set[str]) -> Iterator[Mark]:
    for aside in view.set_aside:
        disputed = aside.reason is Reason.DISPUTED and aside.event.id in flagged
        yield Mark(
            aside.event,
            STATUS_BY_REASON[aside.reason],
            disputed,
            why=reason_text(aside),
        )
