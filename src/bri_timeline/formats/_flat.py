"""Events for formats that know no more than texts and days."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date

import attrs
from attrs import frozen

from bri_timeline._codec import Unknown
from bri_timeline._events import Entry, Event
from bri_timeline._log import EventLog
from bri_timeline._text import one_line
from bri_timeline._view import View
from bri_timeline.edtf import Edtf
from bri_timeline.formats._loss import Loss


__all__ = [
    "Say",
    "Told",
    "counting",
    "day_of",
    "days_of",
    "headline",
    "sources_of",
]


Say = Callable[[Event], str]
_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_LONGEST = 160
_LAST_DAY = date.max.toordinal()


@frozen
class Told:
    """An event that counts.

    Attributes:
        event: The event.
        places: Its entries, as losses call them.
        is_certain: It had happened for certain.
    """

    event: Event
    places: tuple[str, ...]
    is_certain: bool = True

    def lost(self, problems: Iterable[str]) -> list[Loss]:
        """Return what is lost of each of its entries."""
        said = list(problems)
        return [Loss(place, problem) for place in self.places for problem in said]


def headline(event: Event) -> str:
    """Tell what happened by its class and its fields: `Joined: AZE, AIIB`.

    Args:
        event: Any. For better words, give `dump()` a function of your own.
    """
    what = event.what
    if isinstance(what, Unknown):
        return one_line(what.name)
    cls: type = type(what)
    words = _CAPITAL.sub(" ", cls.__name__).capitalize()
    fields = attrs.fields(cls) if attrs.has(cls) else ()
    told = ", ".join(filter(None, (_text(getattr(what, f.name)) for f in fields)))
    text = one_line(f"{words}: {told}" if told else words)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}\u2026"


def _text(value: object) -> str:
    if isinstance(value, frozenset):
        return ", ".join(sorted(map(str, value)))
    return "" if value is None or isinstance(value, bool) else str(value)


def sources_of(event: Event) -> str:
    """Return the citations of an event, one a line."""
    return "\n".join(map(str, event.cite))


def days_of(when: Edtf) -> tuple[date | None, date | None]:
    """Return the first and the last day of a date, as far as `date` has them."""
    return day_of(when.first_day), day_of(when.last_day)


def day_of(number: int | None) -> date | None:
    """Return a day, if `date` has it."""
    is_date = number is not None and 1 <= number <= _LAST_DAY
    return date.fromordinal(number) if is_date and number is not None else None


def counting(log: EventLog, view: View | None = None) -> tuple[list[Told], list[Loss]]:
    """Return the events of a log that count, by date, and what is left out or lost.

    Args:
        log: The log.
        view: What counts; by default all that is known to happen by the year 9999,
            whether for certain or not.
    """
    view = log.as_of(date.max) if view is None else view
    certain = {event.id for event in view.events}
    events = sorted((*view.events, *view.undecided), key=lambda e: e.when.sort_key())
    taken = {event.id: event for event in events}
    places: dict[str, list[str]] = {}
    losses: list[Loss] = []
    for entry in log:
        place, lost = f"entry {entry.position}", _left_out(entry, taken)
        if not lost and entry.event is not None:
            places.setdefault(entry.event.id, []).append(place)
            lost = _bare(entry)
        losses += [Loss(place, problem) for problem in lost]
    return [
        Told(event, tuple(places[event.id]), event.id in certain) for event in events
    ], losses


def _left_out(entry: Entry, taken: dict[str, Event]) -> list[str]:
    event = entry.event
    if event is None:
        return ["is not written: it withdraws another, or was erased"]
    found = taken.get(event.id)
    if found is None or (found.what, found.when) != (event.what, event.when):
        return ["is not written: it was corrected, withdrawn or set aside, or is late"]
    return []


def _bare(entry: Entry) -> list[str]:
    """Return what only an entry says."""
    lost = []
    if entry.known_day is not None:
        lost.append("the day from which it was known is not written")
    if entry.supersedes is not None or entry.because is not None:
        lost.append("what it corrects, and why, is not written")
    if entry.recorded_at is not None:
        lost.append("the instant at which it was recorded is not written")
    return lost
