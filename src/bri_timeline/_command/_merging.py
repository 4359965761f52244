"""Logs merged into one, without repeating entries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable

from bri_timeline import Entry, EventLog


__all__ = ["merged"]

_STRIDE = 1000


def merged(log: EventLog, news: EventLog, progress: Callable[[int], None]) -> EventLog:
    """Return a log extended by the entries of another one that it does not have.

    Corrections and retractions keep their targets. A retracted claim is not restored by
    reading its file again.

    Args:
        log: The log.
        news: The log to add.
        progress: Called with the number of entries read.
    """
    # Most imports begin with an empty log: nothing has to be compared or moved.
    if not log:
        return news if _is_whole(news) else _joined([], news, progress)
    return _joined(list(log), news, progress)


def _is_whole(log: EventLog) -> bool:
    return all(entry.position == place for place, entry in enumerate(log))


def _joined(
    entries: list[Entry], news: EventLog, progress: Callable[[int], None]
) -> EventLog:
    # A claim that was retracted between is recorded twice: the second one of a file is
    # then the second one of the log.
    known, met = Counter[Hashable](), Counter[Hashable]()
    positions: dict[tuple[Hashable, int], int] = {}
    for entry in entries:
        content = _content(entry)
        known[content] += 1
        positions[content, known[content]] = entry.position
    places: dict[int, int] = {}
    for count, entry in enumerate(news, 1):
        moved = entry.moved(len(entries), places)
        content = _content(moved)
        met[content] += 1
        place = positions.setdefault((content, met[content]), len(entries))
        places[entry.position] = place
        if place == len(entries):
            entries.append(moved)
        if count % _STRIDE == 0:
            progress(count)
    return EventLog(entries)


def _content(entry: Entry) -> Hashable:
    """Return the content of an entry, without its position and time of recording."""
    return (
        entry.event,
        entry.known_day,
        entry.supersedes,
        entry.retracts,
        entry.because,
        entry.review,
        entry.dataset,
        entry.release,
    )
