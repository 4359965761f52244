"""iCalendar: what is planned, for the calendars of people (RFC 5545).

Each plan with an expected date is an event of whole days: `TENTATIVE` as long as
nothing else was recorded, `CONFIRMED` once it was held, `CANCELLED` if it was given up.
Only plans are written; they cannot be read back, as a calendar does not say whose they
are.

It needs icalendar: `pip install 'bri-timeline[ical]'`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from bri_timeline._calendar import Day, to_day
from bri_timeline._codec import Vocabulary
from bri_timeline._events import Event
from bri_timeline._later import needing
from bri_timeline._log import EventLog
from bri_timeline._text import harmless, one_line
from bri_timeline.edtf import in_words
from bri_timeline.formats._files import replaced
from bri_timeline.formats._flat import days_of, sources_of
from bri_timeline.formats._loss import Loss
from bri_timeline.relations import (
    Cancelled,
    Held,
    Plan,
    Planned,
    PlanStatus,
    Postponed,
    Rescheduled,
)


if TYPE_CHECKING:
    import icalendar


__all__ = ["dump"]

_CHANGES = (Cancelled, Held, Postponed, Rescheduled)
_STATUS = {PlanStatus.HELD: "CONFIRMED", PlanStatus.CANCELLED: "CANCELLED"}
_PRODUCT = "-//bri_timeline//bri_timeline//EN"


def dump(
    log: EventLog,
    path: str | Path,
    vocabulary: Vocabulary,
    *,
    on: Day = date.max,
    known_by: Day | int | None = None,
) -> tuple[Loss, ...]:
    """Write the plans of a log as a calendar.

    Args:
        log: The log.
        path: The file, which is replaced as a whole or left as it was.
        vocabulary: The payload classes.
        on: The day on which plans stood as they are written; by default after all that
            is recorded. Only what had certainly happened by then counts.
        known_by: By which day, or position, to ask what was known.

    Returns:
        What is lost: of plans, and of all entries that are none.

    Raises:
        VocabularyError: A payload is of no class of the vocabulary.
        OSError: The file cannot be written.
    """
    with needing("ical"):
        from icalendar import Calendar

    losses = []
    for entry in log:
        what = entry.event.what if entry.event else None
        if what is not None:
            vocabulary.name_of(what)
        if not isinstance(what, (Planned, *_CHANGES)):
            place = f"entry {entry.position}"
            losses.append(Loss(place, "is not written: it is about no plan"))
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    for plan in _plans(log.as_of(on, known_by=known_by).events):
        item, lost = _item(plan, on)
        losses += [Loss(f"plan {plan.id}", problem) for problem in lost]
        if item is not None:
            calendar.add_component(item)
    with replaced(Path(path)) as file:
        file.write(calendar.to_ical())
    return tuple(losses)


def _plans(events: Iterable[Event]) -> list[Plan]:
    """Return the plans among events, with what was recorded about them."""
    changes: dict[str, list[Event]] = {}
    made = []
    for event in events:
        if isinstance(event.what, Planned):
            made.append(event)
        elif isinstance(event.what, _CHANGES):
            changes.setdefault(event.what.plan, []).append(event)
    plans = []
    for event in made:
        plan = Plan(event)
        for change in changes.get(event.id, ()):
            plan = plan.changed(change)
        plans.append(plan)
    return plans


def _item(plan: Plan, on: Day) -> tuple[icalendar.Event | None, list[str]]:
    """Return a plan as a part of a calendar, if it has a date, and what is lost."""
    with needing("ical"):
        import icalendar

    expected, status = plan.expected_on(on), plan.status_on(on)
    first, last = (None, None) if expected is None else days_of(expected)
    if first is None or last is None or expected is None:
        why = "it has no expected date" if expected is None else f"{expected} is open"
        return None, [f"is not written: {why}, and a calendar needs days"]
    what = plan.planned
    item = icalendar.Event()
    item.add("uid", one_line(plan.id))
    item.add("dtstamp", _midnight(on))
    item.add("summary", harmless(what.title))
    item.add("dtstart", first)
    if last < date.max:  # the day after the last, which is the next by default
        item.add("dtend", last + timedelta(days=1))
    item.add("status", _STATUS.get(status, "TENTATIVE"))
    item.add("transp", "TRANSPARENT")
    if what.place is not None:
        item.add("location", harmless(what.place))
    item.add("categories", sorted(map(one_line, what.parties)))
    said = [f"Expected: {in_words(expected)}", f"Status: {status.value}"]
    item.add("description", "\n".join([*said, sources_of(plan.event)]).strip())
    is_exact = str(expected) in (first.isoformat(), f"{first}/{last}")
    lost = ["when it was made, and what became of it, is not written but as text"]
    if any(text != harmless(text) for text in (plan.id, what.title, what.place or "")):
        lost.append("control characters in its texts are written as signs")
    if not is_exact:
        lost.append(f"its date {expected} is written as days, and in words")
    return item, lost


def _midnight(on: Day) -> datetime:
    """Return an instant for RFC 5545, which wants one, and not that of writing."""
    return datetime.combine(date.fromordinal(to_day(on)), datetime.min.time(), UTC)
