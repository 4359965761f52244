"""Members of a body, and panels of keys that they have or lack."""

from __future__ import annotations

from typing import Any

from bri_timeline import Event, EventLog
from bri_timeline.measures import count
from bri_timeline.relations import Joined, Met


DAY = "2014-01-01"
SPAN: dict[str, Any] = {"start": DAY, "stop": DAY}
LOG = EventLog.of(
    *(Event(Joined(member, "x"), when="2010") for member in ("SYR", "CHN", "COM")),
    Event(Met(frozenset({"CHN", "KAZ"})), when="2011"),
)


def member(event: Event) -> list[str]:
    """Return the member that an event names."""
    return [event.what.member] if isinstance(event.what, Joined) else []


def asked(log: EventLog, keys: list[Any], by: Any = member, **more: Any) -> list[Any]:
    """Return the panels of some keys: of periods, and of questions."""
    questions = [(key, DAY) for key in keys]
    return [
        log.panel(count(), by=by, keys=keys, **SPAN, **more),
        log.panel(count(), by=by, at=questions, **more),
    ]
