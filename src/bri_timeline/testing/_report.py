"""What a failed check says: events and states, one on a line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NoReturn

from bri_timeline._events import Entry, Event
from bri_timeline._log import EventLog
from bri_timeline._text import shape
from bri_timeline.edtf._day import iso


__all__ = ["event_line", "fail", "listed", "log_lines", "state_line"]

_LONGEST = 400


def fail(problem: str, *lines: str) -> NoReturn:
    """Fail a check.

    Args:
        problem: What is wrong, and what to do.
        lines: What shows it.

    Raises:
        AssertionError: Always.
    """
    raise AssertionError("\n".join((problem, *(f"  {line}" for line in lines))))


def event_line(event: Event) -> str:
    """Return an event as one line: date, payload, citations."""
    cited = "; ".join(map(str, event.cite))
    return f"{event.when}  {shape(event.what)}" + (f"  [{cited}]" if cited else "")


def listed(heading: str, events: Iterable[Event]) -> tuple[str, ...]:
    """Return a heading, and the events under it, if there are any."""
    lines = [f"  {event_line(event)}" for event in events]
    return (heading, *lines) if lines else ()


def log_lines(log: EventLog) -> tuple[str, ...]:
    """Return the entries of a log, one on a line."""
    return ("the log:", *(f"  {_entry_line(entry)}" for entry in log))


def state_line(name: str, state: object) -> str:
    """Return a state as one line with its name."""
    text = shape(state)
    return f"{name}: {text[:_LONGEST]}{'...' if len(text) > _LONGEST else ''}"


def _entry_line(entry: Entry) -> str:
    parts = [f"{entry.position}"]
    if entry.event is not None:
        parts.append(event_line(entry.event))
    for name in ("supersedes", "retracts", "because"):
        value = getattr(entry, name)
        if value is not None:
            parts.append(f"{name} {value}")
    if entry.known_day is not None:
        parts.append(f"known {iso(entry.known_day)}")
    return "  ".join(parts)
