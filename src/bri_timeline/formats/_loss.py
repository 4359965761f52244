"""Losses: content of a log that a file format cannot hold."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from attrs import frozen

from bri_timeline._events import Entry
from bri_timeline._log import EventLog
from bri_timeline._text import one_line
from bri_timeline.errors import Fault, FaultsError, shown


__all__ = [
    "Loss",
    "in_utf8",
    "numbered",
    "published",
]


@frozen
class Loss:
    """Content that was not written, or cannot be read back.

    Attributes:
        place: The place in the log, such as `entry 3`.
        problem: The loss, and the text that was written instead.
    """

    place: str
    problem: str

    def __str__(self) -> str:
        return one_line(f"{self.place}: {self.problem}")


def numbered(log: EventLog) -> tuple[list[Entry], list[Loss]]:
    """Return the entries of a log renumbered from 0, and a loss for each change.

    A selection such as `log.among()` keeps the positions of the whole log, but most
    files number their entries by order.
    """
    entries = list(log)
    # References must follow their entries to the new positions.
    places = {entry.position: place for place, entry in enumerate(entries)}
    if all(position == place for position, place in places.items()):
        return entries, []
    losses = [
        Loss(f"entry {position}", f"its position is now {place}")
        for position, place in places.items()
        if position != place
    ]
    return [entry.moved(places[entry.position], places) for entry in entries], losses


def published(log: EventLog) -> tuple[EventLog, list[Loss]]:
    """Return a log as others may see it, and a loss for each proposal and rejection."""
    found = log.published()
    if found is log:
        return log, []
    problem = "is not written: it is part of the queue of proposals"
    return found, [
        Loss(f"entry {entry.position}", problem)
        for entry in log
        if entry.review is not None and entry.event is None
    ]


P = ParamSpec("P")
T = TypeVar("T")
_AROUND = 20


def in_utf8(dump: Callable[P, T]) -> Callable[P, T]:
    """Decorate a function that writes a file: text that UTF-8 lacks is a `FaultsError`.

    Python text may hold half of a UTF-16 surrogate pair, which no encoding can write.

    Args:
        dump: The function; its second argument is the path.
    """

    @wraps(dump)
    def dumped(*given: P.args, **named: P.kwargs) -> T:
        try:
            return dump(*given, **named)
        except UnicodeEncodeError as error:
            # The decorated functions take the path as second argument or by name.
            path = named["path"] if "path" in named else given[1]
            part = error.object[max(0, error.start - _AROUND) : error.end + _AROUND]
            problem = "holds half a character, which UTF-8 cannot write: correct it"
            fault = Fault("text", f"{shown(part)} {problem}")
            raise FaultsError(str(path), [fault]) from None

    return dumped
