"""iCalendar: write plans for calendar programs (RFC 5545).

Each plan with an expected date is an event of whole days: `TENTATIVE` until something
else is recorded, `CONFIRMED` once it was held, `CANCELLED` if it was cancelled; and
`TENTATIVE` where dates leave open which of its changes came last. Only plans are
written. They cannot be read back, because a calendar does not name the parties as
actors.

The module needs icalendar: `python -m pip install 'icalendar>=6'`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from bri_timeline import Event, EventLog, Vocabulary
from bri_timeline.edtf import in_words
from bri_timeline.extend import Day, harmless, needing, one_line, replaced, to_day
from bri_timeline.formats._files import Loss, guarded, to_text
from bri_timeline.formats._flat import days_of, sources_text
from bri_timeline.relations import (
    Cancelled,
    Held,
    Plan,
    Planned,
    PlanStatus,
    Postponed,
    Rescheduled,
)


__all__ = ["dump", "dumps"]

# The suffixes of its files.
NAMES = (".ics",)
_CHANGES = (Cancelled, Held, Postponed, Rescheduled)
_STATUS = {PlanStatus.HELD: "CONFIRMED", PlanStatus.CANCELLED: "CANCELLED"}
_PRODUCT = "-//bri_timeline//bri_timeline//EN"


@guarded
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
        on: The day whose state of the plans is written; by default after all events.
            Only events that had certainly happened by then count.
        known_by: The day or log position by which claims must be known.

    Returns:
        The losses, also of all entries that are not about a plan.

    Raises:
        VocabularyError: The vocabulary lacks the class of a payload.
        OutputError: The file cannot be written.
    """
    with needing("ical"):
        import icalendar

    losses = []
    for entry in log:
        what = entry.event.what if entry.event else None
        if what is not None:
            vocabulary.name_of(what)
        if not isinstance(what, (Planned, *_CHANGES)):
            place = f"entry {entry.position}"
            losses.append(Loss(place, "is not written: it is not about a plan"))
    calendar = icalendar.Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    view = log.as_of(on, known_by=known_by)
    for plan in _plans(map(view.as_cited, view.events)):
        parts, lost = _item(plan, on)
        losses += [Loss(f"plan {plan.id}", problem) for problem in lost]
        if parts:
            item = icalendar.Event()
            for name, value in parts.items():
                item.add(name, value)
            calendar.add_component(item)
    with replaced(Path(path)) as file:
        file.write(calendar.to_ical())
    return tuple(losses)


@to_text(dump)
def dumps(text: str) -> str:
    """Return a log as a calendar.

    What the format cannot hold is left out: `dump()` lists it, and has the arguments.
    """
    return text


def _plans(events: Iterable[Event]) -> list[Plan]:
    """Return the plans among events, with the changes recorded for them."""
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


def _item(plan: Plan, on: Day) -> tuple[dict[str, object], list[str]]:
    """Return the properties of a plan, empty if it has no date, and the losses."""
    expected, status = plan.expected_on(on), plan.status_on(on)
    told, is_unsettled = plan.words_on(on), bool(plan.unsettled_on(on))
    first, last = (None, None) if expected is None else days_of(expected)
    if first is None or last is None or expected is None:
        why = f"{expected} is open"
        if expected is None:
            why = told if is_unsettled else "it has no expected date"
        return {}, [f"is not written: {why}, and a calendar needs days"]
    what = plan.planned
    item: dict[str, object] = {
        "uid": one_line(plan.id),
        # Of that day, so that equal logs give equal files.
        "dtstamp": datetime.combine(date.fromordinal(to_day(on)), time.min, UTC),
        "summary": harmless(what.title),
        "dtstart": first,
    }
    # The end is excluded in a calendar. The last possible day has no day after it; an
    # event without an end lasts one day.
    if last < date.max:
        item["dtend"] = last + timedelta(days=1)
    item["status"] = "TENTATIVE" if is_unsettled else _STATUS.get(status, "TENTATIVE")
    item["transp"] = "TRANSPARENT"
    if what.place is not None:
        item["location"] = harmless(what.place)
    item["categories"] = sorted(map(one_line, what.parties))
    lines = [f"Expected: {in_words(expected)}", f"Status: {told}"]
    item["description"] = "\n".join([*lines, sources_text(plan.event)]).strip()
    is_exact = str(expected) in (first.isoformat(), f"{first}/{last}")
    lost = ["when it was made, and what became of it, is not written but as text"]
    if is_unsettled:
        lost.append(told)
    if any(text != harmless(text) for text in (plan.id, what.title, what.place or "")):
        lost.append("control characters in its texts are written as signs")
    if plan.event.where is not None:
        lost.append("the place where it was made is not written")
    if not is_exact:
        lost.append(f"its date {expected} is written as days, and in words")
    return item, lost
