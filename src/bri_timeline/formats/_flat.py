"""Events and sources for formats that hold only texts and days, without history."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date

from attrs import frozen

from bri_timeline._events import Entry, Event, describe_event
from bri_timeline._evidence import SOURCE_FIELDS, Source
from bri_timeline._happening import content
from bri_timeline._log import EventLog
from bri_timeline._view import View
from bri_timeline.edtf import Edtf
from bri_timeline.errors import shown
from bri_timeline.evidence import citation_key
from bri_timeline.formats._results import Loss


__all__ = [
    "CountedEvent",
    "Say",
    "container_of",
    "counted_events",
    "day_of",
    "days_of",
    "describe_event",
    "keyed",
    "sources_in",
    "sources_text",
    "writable",
]


Say = Callable[[Event], str]
_LAST_DAY = date.max.toordinal()


@frozen
class CountedEvent:
    """An event that counts in a view.

    Attributes:
        event: The event.
        places: The places of its entries, for losses.
        is_certain: Whether it had certainly happened.
    """

    event: Event
    places: tuple[str, ...]
    is_certain: bool = True

    def losses(self, problems: Iterable[str]) -> list[Loss]:
        """Return a loss for each of its entries and each problem."""
        every = list(problems)
        return [Loss(place, problem) for place in self.places for problem in every]


def sources_text(event: Event) -> str:
    """Return the citations of an event, one on each line."""
    return "\n".join(map(str, event.cite))


def days_of(when: Edtf) -> tuple[date | None, date | None]:
    """Return the first and the last day of a date; None for a day outside `date`."""
    return day_of(when.first_day), day_of(when.last_day)


def day_of(number: int | None) -> date | None:
    """Return a day number as a `date`, or None if it is outside the years 1 to 9999."""
    is_date = number is not None and 1 <= number <= _LAST_DAY
    return date.fromordinal(number) if is_date and number is not None else None


def counted_events(
    log: EventLog, view: View | None = None, *, has_places: bool = False
) -> tuple[list[CountedEvent], list[Loss]]:
    """Return the events that count, ordered by date, and the losses of all entries.

    Args:
        log: The log.
        view: The view whose events count, certain or undecided; by default that of the
            last day of the year 9999.
        has_places: The format holds places.
    """
    # Disputed, superseded and withdrawn claims are resolved by the view, not here.
    view = log.as_of(date.max) if view is None else view
    certain = {event.id for event in view.events}
    # These formats show events by date; fold order would put a year after its days.
    events = sorted((*view.events, *view.undecided), key=lambda e: e.when.sort_key())
    taken = {event.id: event for event in events}
    places: dict[str, list[str]] = {}
    losses: list[Loss] = []
    for entry in log:
        place, lost = f"entry {entry.position}", _left_out(entry, taken)
        if not lost and entry.event is not None:
            places.setdefault(entry.event.id, []).append(place)
            lost = _bare(entry, has_places=has_places)
        losses += [Loss(place, problem) for problem in lost]
    return [
        CountedEvent(event, tuple(places[event.id]), event.id in certain)
        for event in events
    ], losses


def _left_out(entry: Entry, taken: dict[str, Event]) -> list[str]:
    event = entry.event
    if event is None:
        return ["is not written: it withdraws another, or was erased"]
    # Several claims may have one id: only the one that counts is written.
    found = taken.get(event.id)
    if found is None or content(found) != content(event):
        return ["is not written: it was corrected, withdrawn or set aside, or is late"]
    return []


def _bare(entry: Entry, *, has_places: bool) -> list[str]:
    """Return the losses of an entry whose event is written: only the event is."""
    lost = []
    if not has_places and entry.event is not None and entry.event.where is not None:
        lost.append("its place is not written, at most its name")
    if entry.known_day is not None:
        lost.append("the day from which it was known is not written")
    if entry.supersedes is not None or entry.because is not None:
        lost.append("what it corrects, and why, is not written")
    if entry.recorded_at is not None:
        lost.append("the instant at which it was recorded is not written")
    return lost


def sources_in(sources: EventLog | Iterable[Source]) -> list[Source]:
    """Return distinct sources: those given, or those that a log cites."""
    if isinstance(sources, EventLog):
        claims = (entry.event for entry in sources if entry.event is not None)
        sources = (cited.source for claim in claims for cited in claim.cite)
    return list(dict.fromkeys(sources))


def keyed(sources: Iterable[Source]) -> dict[str, Source]:
    """Return sources by the keys to cite them by."""
    return {citation_key(source): source for source in sources}


def writable(
    sources: dict[str, Source], round_trip: Callable[[str, Source], Source | None]
) -> tuple[dict[str, Source], tuple[Loss, ...]]:
    """Return the sources that can be written, and the losses.

    Args:
        sources: The sources by key.
        round_trip: Returns the source that would be read back, or None.
    """
    found, losses = {}, []
    for key, source in sources.items():
        back = round_trip(key, source)
        # A source that cannot be read back would make the whole file unreadable.
        if back is None:
            problem = f"is not written: {shown(source.title)} could not be read again"
            losses.append(Loss(key, problem))
            continue
        found[key] = source
        losses += [
            Loss(key, f"its {name} does not come back as it was")
            for name in SOURCE_FIELDS
            if getattr(back, name) != getattr(source, name)
        ]
    return found, tuple(losses)


def container_of(parts: Sequence[str | None]) -> str | None:
    """Return the container of a document: its name, volume and number."""
    name, volume, number = parts
    found = name
    if name and volume:
        found = f"{name} {volume}" + (f":{number}" if number else "")
    return found or None
