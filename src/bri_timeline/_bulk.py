"""What makes a million of something cheap: no check twice, no search for cycles."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from bri_timeline._events import Entry, Event
from bri_timeline._evidence import Citation
from bri_timeline.edtf import Edtf


__all__ = ["trusted_entry", "trusted_event", "trusted_events", "uncollected"]


class _EventDraft:
    """An event in the making: the same slots, but open to be written."""

    __slots__ = ("_digest", "_id", "_key", "cite", "what", "when")


class _EntryDraft:
    """An entry in the making: the same slots, but open to be written."""

    __slots__ = (
        "_known",
        "because",
        "event",
        "position",
        "recorded_at",
        "retracts",
        "supersedes",
    )


def trusted_event(
    what: object, when: Edtf, cite: tuple[Citation, ...], name: str | None
) -> Event:
    """Return the event that `Event()` would, of parts that it would accept as they are.

    Args:
        what: A payload that was checked before.
        when: One day, or an extent.
        cite: None of them twice.
        name: What happened; None for no name of its own.
    """
    draft: Any = _EventDraft()
    draft.what = what
    draft.when = when
    draft.cite = cite
    draft._id = name
    draft._digest = None
    draft._key = hash((what, when)) if name is None else name
    draft.__class__ = Event
    event: Event = draft
    return event


def trusted_events(
    whats: Iterable[object],
    whens: Iterable[Edtf],
    cites: Iterable[tuple[Citation, ...]],
    names: Iterable[str | None],
) -> list[Event]:
    """Return events, each as by `trusted_event()`, in a third of the time.

    What finds claims about the same is worked out when it is asked for.
    """
    found: list[Any] = []
    add, draft = found.append, _EventDraft
    for what, when, cite, name in zip(whats, whens, cites, names, strict=True):
        event: Any = draft()
        event.what = what
        event.when = when
        event.cite = cite
        event._id = name
        event._digest = event._key = None
        event.__class__ = Event
        add(event)
    return found


def trusted_entry(
    position: int,
    event: Event | None,
    known: int | None,
    supersedes: int | None = None,
    retracts: int | None = None,
    because: str | None = None,
    recorded_at: datetime | None = None,
) -> Entry:
    """Return the entry that `Entry()` would, in a quarter of the time."""
    draft: Any = _EntryDraft()
    draft.position = position
    draft.event = event
    draft._known = known
    draft.supersedes = supersedes
    draft.retracts = retracts
    draft.because = because
    draft.recorded_at = recorded_at
    draft.__class__ = Entry
    entry: Entry = draft
    return entry


@contextmanager
def uncollected() -> Iterator[None]:
    """Pause the search for reference cycles: events and entries make none.

    It would look at all of them again and again, at several times the cost of making
    them.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
