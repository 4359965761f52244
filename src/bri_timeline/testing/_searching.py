"""Search for counterexamples, and messages of failed checks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NoReturn, TypeVar

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bri_timeline._calendar import iso
from bri_timeline._events import Ending, Entry, Mark
from bri_timeline._log import EventLog
from bri_timeline._text import shape


__all__ = [
    "event_line",
    "fail",
    "listed",
    "log_lines",
    "searching",
    "state_line",
]


_LONGEST = 400


def fail(problem: str, *lines: str) -> NoReturn:
    """Fail a check.

    Args:
        problem: The problem, and its remedy.
        lines: Lines that show it.

    Raises:
        AssertionError: Always.
    """
    raise AssertionError("\n".join((problem, *(f"  {line}" for line in lines))))


def event_line(mark: Mark) -> str:
    """Return an event, or its end, as one line: date, payload, citations."""
    if isinstance(mark, Ending):
        return f"end of {event_line(mark.event)}"
    event = mark
    cited = "; ".join(map(str, event.cite))
    return f"{event.when}  {shape(event.what)}" + (f"  [{cited}]" if cited else "")


def listed(heading: str, events: Iterable[Mark]) -> tuple[str, ...]:
    """Return a heading with the events under it; nothing if there are none."""
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


T = TypeVar("T")

# The explain phase makes a failure a minute long, and explains little about logs.
_PHASES = [phase for phase in Phase if phase is not Phase.explain]


def searching(values: st.SearchStrategy[T], check: Callable[[T], None]) -> None:
    """Call a check with many values, and show the smallest for which it fails.

    The current settings of Hypothesis give the number. Nothing is written to disk.

    Args:
        values: Strategy for the values.
        check: Raises an error if a law does not hold.

    Raises:
        AssertionError: The check raised it.
    """

    # Only what a check needs is set: the number of examples stays with the profile.
    @settings(
        database=None,
        deadline=None,
        phases=_PHASES,
        report_multiple_bugs=False,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(values)
    def checked(value: T) -> None:
        check(value)

    checked()
