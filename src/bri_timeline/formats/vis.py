"""vis-timeline: the events that count in a log, as items of an interactive timeline.

The file is JSON with `items` for `new vis.DataSet()`, and `groups`. The `end` of an
item is the day after its last day, since vis-timeline excludes it. Uncertain items have
the class `maybe`. Every text is escaped, because the `content` of an item is HTML.

Of the format: <https://visjs.github.io/vis-timeline/docs/timeline/#items>.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

from bri_timeline import Event, EventLog, View, Vocabulary
from bri_timeline.edtf import in_words
from bri_timeline.extend import Day, replaced, safe
from bri_timeline.formats._files import Loss, guarded, json_document, to_text
from bri_timeline.formats._flat import (
    TellEvent,
    WrittenEvent,
    counted_events,
    days_of,
    describe_event,
    sources_text,
)
from bri_timeline.relations import kind_of


__all__ = ["dump", "dumps"]


@guarded
def dump(
    log: EventLog,
    path: str | Path,
    vocabulary: Vocabulary,
    *,
    tell: TellEvent = describe_event,
    group: Callable[[Event], str] | None = None,
    known_by: Day | int | None = None,
) -> tuple[Loss, ...]:
    """Write the events that count in a log as items.

    Of 100,000 events it takes some three seconds.

    Args:
        log: The log.
        path: The file, which is replaced as a whole or left as it was.
        vocabulary: The payload classes.
        tell: Returns the text of an item.
        group: Returns the lane of an event; by default that of a page: `Visits`.
        known_by: The day or log position by which claims must be known.

    Returns:
        The losses.

    Raises:
        VocabularyError: The vocabulary lacks the class of a payload.
        OutputError: The file cannot be written.
    """
    view = log.as_of(date.max, known_by=known_by)
    events, losses = counted_events(log, view)
    lane = group or (lambda event: kind_of(event.what))
    items = []
    for number, counted in enumerate(events):
        vocabulary.name_of(counted.event.what)
        item, lost = _item(counted, view, tell)
        losses += counted.losses(lost)
        if item:
            items.append({"id": number, "group": lane(counted.event)} | item)
    lanes = sorted({str(item["group"]) for item in items})
    groups = [{"id": name, "content": safe(name)} for name in lanes]
    with replaced(Path(path)) as file:
        file.write(json_document({"items": items, "groups": groups}))
    return tuple(losses)


@to_text(dump)
def dumps(text: str) -> str:
    """Return a log as JSON of vis-timeline.

    What the format cannot hold is left out: `dump()` lists it, and has the arguments.
    """
    return text


def _item(
    counted: WrittenEvent, view: View, tell: TellEvent
) -> tuple[dict[str, object], list[str]]:
    """Return an item, empty if it has no day, and the losses."""
    event = view.as_cited(counted.event)
    first, last = days_of(event.when)
    only = first or last
    if only is None:
        return {}, [f"is not written: {event.when} has no day to be drawn on"]
    item: dict[str, object] = {
        "content": safe(tell(event)),
        "title": _title(event),
        "start": only.isoformat(),
    }
    # There is no day after 9999-12-31 to end before.
    if last is not None and last != only and last < date.max:
        item["end"] = (last + timedelta(days=1)).isoformat()
    if not counted.is_certain or event.when.is_uncertain or event.when.is_approximate:
        item["className"] = "maybe"
    lost = ["its payload and citations are written in words"]
    if first != last or str(event.when) != only.isoformat():
        lost.append(f"its date {event.when} is written as days, and in words")
    return item, lost


def _title(event: Event) -> str:
    lines = [in_words(event.when), *sources_text(event).splitlines()]
    return "<br>".join(map(safe, lines))
