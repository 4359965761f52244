"""Marks on a time scale: claims as pictures show them, and rows of happenings."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from enum import Enum, auto
from itertools import count, takewhile
from typing import TypeVar

from attrs import evolve, field, frozen

from bri_timeline import (
    Answer,
    Edtf,
    Event,
    EventLog,
    Projection,
    Reason,
    Source,
    View,
)
from bri_timeline._queries.explanation import dates
from bri_timeline.errors import DayError, PictureError
from bri_timeline.extend import (
    Day,
    given_id,
    iso,
    require_log,
    require_projection,
    to_day,
)
from bri_timeline.pages._markup import isolated
from bri_timeline.pages._wording import (
    Strings,
    because_words,
    civil,
    date_words,
    event_words,
    kind,
)
from bri_timeline.relations import (
    Cancelled,
    Held,
    Plan,
    Planned,
    PlanStatus,
    Postponed,
    Relationship,
    Rescheduled,
    among,
    relationship,
)


# The days that `EventLog.as_of()` accepts: those of years of four digits.
DAYS = range(-3_652_424, 3_652_060)

# The Gregorian calendar repeats after 400 years.
_CYCLE = 146_097
_MONTHS = (
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)
YEARS = (1, 2, 5, *(n * 10**power for power in range(1, 17) for n in (1, 2, 5)))

# The shortest length of a step in days, and its months; none for steps of days.
_STEPS = (
    *((days, 0) for days in (1, 2, 7)),
    *((28 * months, months) for months in (1, 3, 6)),
    *((365 * years, 12 * years) for years in YEARS),
)

S = TypeVar("S")
# The day that a picture without dates shows: 1 January 2000.
DATELESS = 730_120
# The last day that `EventLog.as_of()` accepts.
EVERYTHING = iso(DAYS[-1])
_OPEN = (PlanStatus.PLANNED, PlanStatus.DUE)


class ClaimStatus(Enum):
    """The status of a claim in a view.

    It counts, certainly or perhaps (`CERTAIN`, `UNDECIDED`), or it is set aside for one
    of the reasons of `Reason`, which has the same names.
    """

    CERTAIN = auto()
    UNDECIDED = auto()
    DISPUTED = auto()
    SUPERSEDED = auto()
    RETRACTED = auto()


def can_ask(day: float) -> bool:
    """Return whether `EventLog.as_of()` accepts a day; works for infinite days too."""
    return DAYS[0] <= day <= DAYS[-1]


@frozen
class TimeScale:
    """A linear scale from days to positions.

    Attributes:
        first: The number of the first day shown.
        last: The number of the last.
        left: The position at which the first day begins.
        width: The distance to the end of the last day.
    """

    first: int
    last: int
    left: float
    width: float

    def begin(self, day: float) -> float:
        """Return the position at which a day begins, clamped to the scale."""
        inside = min(max(day, self.first), self.last + 1) - self.first
        return self.left + self.width * inside / (self.last + 1 - self.first)

    def middle(self, day: float) -> float:
        """Return the position of the middle of a day."""
        return (self.begin(day) + self.begin(day + 1)) / 2


def scale_of(days: Iterable[float], left: float, width: float) -> TimeScale:
    """Return a scale for some days, with a margin of a fortieth on both sides.

    Args:
        days: Day numbers; infinite ones are ignored.
        left: The position at which the scale begins.
        width: Its length.
    """
    finite = [int(day) for day in days if abs(day) != float("inf")] or [DATELESS]
    air = max((max(finite) - min(finite)) // 40, 1)
    return TimeScale(min(finite) - air, max(finite) + air, left, width)


def ticks(scale: TimeScale, most: int) -> list[tuple[int, str]]:
    """Return the days of the ticks of a scale, each with its label.

    Args:
        scale: The scale.
        most: The largest number of ticks, at least 2.
    """
    # The first step that could fit is not always the best: steps of months have
    # uneven lengths, so each candidate is counted.
    length = scale.last - scale.first
    choices = (
        list(_months(scale, months) if months else _days(scale, days))
        for days, months in _STEPS
        if length <= days * (most + 1)
    )
    chosen_days = next(choice for choice in choices if len(choice) <= most)
    # A step longer than the scale may have no tick on it; show its first day then.
    return chosen_days or list(_days(scale, length + 1))


def _days(scale: TimeScale, step: int) -> Iterator[tuple[int, str]]:
    for day in range(scale.first, scale.last + 1, step):
        year, month, number = civil(day)
        yield day, f"{number} {_MONTHS[month - 1]} {year}"


def _months(scale: TimeScale, step: int) -> Iterator[tuple[int, str]]:
    year, month, _ = civil(scale.first)
    number = -(-(12 * year + month - 1) // step) * step
    starts = ((n, month_start(n)) for n in count(number, step))
    for n, day in takewhile(lambda pair: pair[1] <= scale.last, starts):
        if day >= scale.first:
            label = str(n // 12)
            yield day, label if step >= 12 else f"{_MONTHS[n % 12]} {label}"


def month_start(month: int) -> int:
    """Return the number of the first day of a month, counted from year 0."""
    cycles, within = divmod(month - 12, 4800)
    return date(within // 12 + 1, within % 12 + 1, 1).toordinal() + cycles * _CYCLE


@frozen
class MarkSpan:
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


def span(when: Edtf) -> MarkSpan:
    """Return the bounds of the date of an event."""
    first, last = when.earliest_start, when.latest_start
    if not when.is_extent:
        return MarkSpan(first, last)
    # An extent has no public end of its own, but its text does.
    end = str(when).partition("/")[2]
    if end in ("", ".."):
        return MarkSpan(first, last, first, math.inf)
    # An end may be a day or later, `2015-12-31..`, which alone only a set can say.
    ending = Edtf(f"[{end}]")
    # The end cannot lie before the start.
    return MarkSpan(first, last, max(ending.earliest_start, first), ending.latest_start)


@frozen
class Mark:
    """A claim with its status, as a picture shows it.

    Attributes:
        event: The claim.
        status: Its status in the view.
        flagged: True if the event is disputed.
        in_force: True if it still holds: a membership, a position, an open plan.
        may_have_ended: True if it is open whether it does.
        why: The reason why it was set aside; otherwise empty.
        span: The bounds of its date.
    """

    event: Event
    status: ClaimStatus
    flagged: bool = False
    in_force: bool = False
    may_have_ended: bool = False
    why: str = ""
    span: MarkSpan = field(init=False)

    @span.default
    def _span_of_event(self) -> MarkSpan:
        return span(self.event.when)


def concerning(
    shown: View | EventLog, projection: Projection[S] | None
) -> View | EventLog:
    """Return the part that concerns the parties of a projection; all if it names none.

    Raises:
        SelectionError: It is neither a view nor a log.
        ProjectionError: *projection* is not one.
    """
    whole = shown if isinstance(shown, View) else require_log(shown)
    parties = () if projection is None else require_projection(projection).parties
    return whole.concerning(*parties) if parties else whole


def view_of(
    shown: View | EventLog,
    projection: Projection[S] | None = None,
    known_by: Day | int | None = None,
) -> View:
    """Return a view as it is, and a log as on its last day.

    Args:
        shown: The view or the log.
        projection: What it is about: only what concerns its parties is left.
        known_by: What of a log counts as known.

    Raises:
        SelectionError: It is neither.
    """
    shown = concerning(shown, projection)
    if isinstance(shown, View):
        return shown
    events = [entry.event for entry in shown if entry.event is not None]
    if asks_what_counts(shown):
        view = shown.as_of(EVERYTHING, known_by)
        events = [*view.events, *view.undecided]
    # The last bound, so that every claim with a bounded date is certain.
    days = [day for event in events for day in span(event.when).days if can_ask(day)]
    last = iso(max((int(day) for day in days), default=DATELESS))
    return shown.as_of(last, known_by)


def asks_what_counts(log: EventLog) -> bool:
    """Check whether a filter or a policy changes what the entries of a log say."""
    return bool(log._wanted.filters) or log._wanted.bounded


def basis_of(view: View) -> int | str:
    """Return the day by which a view knows, by its number; another basis in words."""
    try:
        return to_day(view.basis)
    except DayError:
        return view.basis


def dates_of(view: View) -> str:
    """Return the two dates of a view: `On 24 April 2019, as known by 5 May 2019`."""
    return dates(view.day_number, view.basis, view.since_number)


def marks(
    view: View, projection: Projection[S] | None, words: Strings
) -> tuple[Mark, ...]:
    """Return the marks of a view, by date.

    Args:
        view: The view.
        projection: The relationship whose parts are in force; None if only what is
            dated by an extent can be.
        words: The language of what is said about them.
    """
    flagged = {dispute.id for dispute in view.disputes}
    state = None if projection is None else view.project(projection)
    on = set[Event]()
    if isinstance(state, Relationship):
        on = {*in_force_events(state, iso(view.day_number))}
    ending = open_ends(view, projection)
    all_marks = [
        *(Mark(e, ClaimStatus.CERTAIN, e.id in flagged, e in on or lasts(e, view),
               e in ending)
          for e in view.events),
        *(Mark(e, ClaimStatus.UNDECIDED, e.id in flagged) for e in view.undecided),
        *_asides(view, flagged, words),
    ]  # fmt: skip
    cited = view.as_cited
    all_marks.sort(key=lambda mark: mark.event.when.sort_key())
    return tuple(evolve(mark, event=cited(mark.event)) for mark in all_marks)


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
        if plan.status_on(day) in _OPEN and not plan.unsettled_on(day):
            yield plan.event


def lane_of(event: Event, by: str, words: Strings) -> str:
    """Return the title of the lane in which an event is drawn.

    Args:
        event: The event.
        by: `kind` or `party`.
        words: The language.

    Raises:
        PictureError: *by* is not a kind of lane.
    """
    if by == "kind":
        return words.known("kinds", kind(event))
    if by == "party":
        return among(event.parties, words.code) or words("kinds.others")
    raise PictureError(by, "is not a kind of lane: give 'kind' or 'party'")


def lasts(event: Event, view: View) -> bool:
    """Return whether an event is an extent that has not certainly ended by the day."""
    return event.when.is_extent and view.ended(event) is not Answer.YES


def open_ends(view: View, projection: Projection[S] | None) -> set[Event]:
    """Return the events of which it is open whether they have ended.

    Args:
        view: The view.
        projection: A state for whose parties it is open too; None for none.
    """
    open_events = {*view.may_have_ended}
    if projection is not None:
        open_events.update(view._facts.read_by(projection, ends=False).may_have_ended())
    return open_events


def _asides(view: View, flagged: set[str], words: Strings) -> Iterator[Mark]:
    for aside in view.set_aside:
        # A retracted claim is not disputed, even if other claims of its event are.
        disputed = aside.reason is Reason.DISPUTED and aside.event.id in flagged
        by, status = aside.by.position, words(f"status.{aside.reason.value}")
        why = words("status.by_entry", status=status, n=by)
        if aside.because:
            because = because_words(aside.because, words)
            why = words("status.by_entry_because", status=status, n=by, why=because)
        yield Mark(aside.event, ClaimStatus[aside.reason.name], disputed, why=why)


# --- rows ----------------------------------------------------------------------------

_CHANGES = (Rescheduled, Postponed, Cancelled, Held)
_PLANS = (Planned, *_CHANGES)


@frozen
class PictureRow:
    """A happening as a picture shows it.

    Attributes:
        event: The claim that counts; or one that does not, if none counts.
        lane: The title of the rows that it stands among.
        status: Its status in the view.
        in_force: True if it still holds on the day of the view.
        may_have_ended: True if it is open whether it does.
        part: True if it is part of a bundle that has a row above it.
        expected: The bounds of the date for which it is planned.
        ghosts: Claims of other dates about it, and what it was before a correction.
        notes: What to say about it beside its date, each safe to draw.
    """

    event: Event
    lane: str
    status: ClaimStatus
    in_force: bool = False
    may_have_ended: bool = False
    part: bool = False
    expected: MarkSpan | None = None
    ghosts: tuple[Event, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def counts(self) -> bool:
        """True unless it was withdrawn or replaced."""
        return self.status in (ClaimStatus.CERTAIN, ClaimStatus.UNDECIDED)

    @property
    def claims(self) -> tuple[Event, ...]:
        """All claims that the row shows."""
        return self.event, *self.ghosts

    @property
    def days(self) -> Iterator[float]:
        """The finite bounds of all dates that the row shows."""
        for claim in self.claims:
            yield from span(claim.when).days
        if self.expected is not None:
            yield from self.expected.days


def rows_of(
    view: View, projection: Projection[S] | None, by: str, words: Strings
) -> list[PictureRow]:
    """Return the rows of a view: lane by lane, each by date, parts below their bundle.

    Args:
        view: The view.
        projection: Its state decides what is in force, if it is a `Relationship`.
        by: Lanes by `kind` or by `party`.
        words: The language of the notes.

    Raises:
        PictureError: *by* is not a kind of lane.
    """
    day = iso(view.day_number)
    state = None if projection is None else view.project(projection)
    holding = set[Event]()
    if isinstance(state, Relationship):
        holding = {*in_force_events(state, day)}
    plans, ending = plans_of(view), open_ends(view, projection)
    rows = {
        event.id: PictureRow(
            event,
            lane_of(event, by, words),
            status,
            status is ClaimStatus.CERTAIN and (event in holding or lasts(event, view)),
            event in ending,
            notes=(words("status.perhaps"),) * (status is ClaimStatus.UNDECIDED)
            + (words("status.ended"),) * (event in ending),
        )
        for status, events in (
            (ClaimStatus.CERTAIN, view.events),
            (ClaimStatus.UNDECIDED, view.undecided),
        )
        for event in events
    }
    for name in rows.keys() & plans.keys():
        rows[name] = _planned(rows[name], plans[name], day, words)
    alone = [*_with_asides(rows, view, by, words)]
    cited = view.as_cited
    return [
        evolve(row, event=cited(row.event), ghosts=tuple(map(cited, row.ghosts)))
        for row in _sorted([*rows.values(), *alone])
    ]


def plans_of(view: View) -> Mapping[str, Plan]:
    """Return the plans of all parties: whether they were carried out, moved or not."""
    plans = [event for event in view.events if isinstance(event.what, Planned)]
    parties = sorted({party for event in plans for party in event.parties})
    if len(parties) < 2:
        return {}
    return view.project(evolve(relationship(*parties), reads=_PLANS)).plans


def subject_of(event: Event) -> str:
    """Return the id of the plan that an event changes, or that of the event."""
    what = event.what
    return what.plan if isinstance(what, _CHANGES) else event.id


def succession_of(event: Event) -> tuple[object, ...] | None:
    """Return what an event shares with those of which only the last holds, if any."""
    what, cls = event.what, type(event.what)
    # Declared by the class; it was checked when the fact was recorded.
    names = getattr(cls, "last_of", None)
    if not isinstance(names, tuple):
        return None
    return cls, *(getattr(what, name) for name in names)


def _planned(row: PictureRow, plan: Plan, day: str, words: Strings) -> PictureRow:
    _, when = plan_status(plan, day)
    expected = None if when is None else span(when)
    notes = (*row.notes, *plan_notes(plan, day, words))
    return evolve(row, notes=notes, expected=expected)


def plan_notes(plan: Plan, day: str, words: Strings) -> tuple[str, ...]:
    """Return what has become of a plan by a day, and for when it is planned, if at all.

    Args:
        plan: The plan.
        day: The day.
        words: The language.
    """
    status, when = plan_status(plan, day)
    title = words(f"status.{status}")
    if when is None:
        return (title,)
    return title, words("status.expected", when=date_words(when, words))


def plan_status(plan: Plan, day: str) -> tuple[str, Edtf | None]:
    """Return the name of the status of a plan, and the date for which it is planned.

    By another order of its changes, which their dates leave open, both may differ.

    Args:
        plan: The plan.
        day: The day.
    """
    if plan.unsettled_on(day):
        return "unsettled", None
    return plan.status_on(day).name.lower(), plan.expected_on(day)


def _with_asides(
    rows: dict[str, PictureRow], view: View, by: str, words: Strings
) -> Iterator[PictureRow]:
    """Add claims that do not count to the rows of what does; yield rows of others."""
    rivals = {one.id: one.others for one in view.disputes if one.id in rows}
    for name, claims in rivals.items():
        rows[name] = evolve(rows[name], ghosts=claims)
    for aside in view.set_aside:
        event, right = aside.event, aside.by.event
        # A correction has the id of its happening, unless another one was given to it.
        name = event.id if right is None or given_id(right) is None else right.id
        if aside.reason is Reason.DISPUTED and event.id in rivals:
            continue
        if aside.reason is Reason.SUPERSEDED and name in rows:
            row = rows[name]
            was = event_words(event, words)
            note = words(
                "status.corrected", what=was, when=date_words(event.when, words)
            )
            ghosts = (*row.ghosts, event)
            rows[name] = evolve(row, ghosts=ghosts, notes=(*row.notes, note))
        else:
            status = {
                Reason.RETRACTED: ClaimStatus.RETRACTED,
                Reason.SUPERSEDED: ClaimStatus.SUPERSEDED,
                Reason.DISPUTED: ClaimStatus.DISPUTED,
            }[aside.reason]
            notes = [words(f"status.{aside.reason.value}")]
            if aside.because:
                why = because_words(aside.because, words)
                notes.append(words("status.because", why=why))
            yield PictureRow(
                event, lane_of(event, by, words), status, notes=tuple(notes)
            )
    cited = view.as_cited
    for name, claims in rivals.items():
        row = rows[name]
        others = words("sentence.clause").join(
            words(
                "sources.dated",
                title=_differing(claim, row.event, words),
                date=_cited(cited(claim), words),
            )
            for claim in claims
        )
        note = f"{words('status.differ')}{words('sentence.colon')}{others}"
        rows[name] = evolve(row, notes=(*row.notes, note))


def _differing(claim: Event, taken: Event, words: Strings) -> str:
    """Return what a claim says otherwise: its date, or its words with the place."""
    when, what = date_words(claim.when, words), event_words(claim, words)
    told = [when] if claim.when != taken.when else []
    if what != event_words(taken, words):
        told.append(what)
    return words("sentence.comma").join(told or [when])


def _cited(event: Event, words: Strings) -> str:
    sources = dict.fromkeys(citation.source for citation in event.cite)
    said = words("sentence.comma").join(_dated(source, words) for source in sources)
    return said or words("status.no_source")


def _dated(source: Source, words: Strings) -> str:
    title = isolated(source.container or source.title)
    if source.published is None:
        return title
    return title + words("sentence.comma") + date_words(source.published, words)


def _sorted(rows: Iterable[PictureRow]) -> list[PictureRow]:
    ordered = sorted(rows, key=lambda row: row.event.when.sort_key())
    lanes = {lane: n for n, lane in enumerate(dict.fromkeys(r.lane for r in ordered))}
    ordered.sort(key=lambda row: lanes[row.lane])
    # Parts that count follow the bundle; of an unknown bundle they stay where they are.
    bundles = {row.event.id: row.lane for row in ordered if row.counts}
    parts: dict[str, list[PictureRow]] = {}
    main_rows = []
    for row in ordered:
        bundle = getattr(row.event.what, "part_of", None)
        known = isinstance(bundle, str) and bundles.get(bundle) == row.lane
        if isinstance(bundle, str) and known and row.counts:
            parts.setdefault(bundle, []).append(evolve(row, part=True))
        else:
            main_rows.append(row)
    # What is part of a part, or of a circle, has no bundle among the rows: it stays.
    tops = {row.event.id for row in main_rows if row.counts}
    lost = [row for name in parts.keys() - tops for row in parts[name]]
    result = []
    for row in main_rows:
        result.append(row)
        result += parts.get(row.event.id, []) if row.counts else []
    return [*result, *sorted(lost, key=lambda row: row.event.when.sort_key())]
