"""One log added to another, without what that says already."""

from __future__ import annotations

from collections.abc import Callable, Hashable

from attrs import evolve

from bri_timeline import Entry, EventLog


__all__ = ["merged"]

_STRIDE = 1000


def merged(log: EventLog, news: EventLog, progress: Callable[[int], None]) -> EventLog:
    """Return a log with the entries of another that it does not hold, word for word.

    Corrections and retractions keep their targets. What was retracted is not brought
    back by reading the file again that said it.

    Args:
        log: The log.
        news: What is added.
        progress: Told how many entries were looked at.
    """
    if not log:
        return news if _is_whole(news) else _joined([], news, progress)
    return _joined(list(log), news, progress)


def _is_whole(log: EventLog) -> bool:
    return all(entry.position == place for place, entry in enumerate(log))


def _joined(
    entries: list[Entry], news: EventLog, progress: Callable[[int], None]
) -> EventLog:
    held = {_words(entry): entry.position for entry in entries}
    places: dict[int, int] = {}
    for count, entry in enumerate(news, 1):
        moved = evolve(
            entry,
            position=len(entries),
            supersedes=_place(entry.supersedes, places),
            retracts=_place(entry.retracts, places),
        )
        place = held.setdefault(_words(moved), len(entries))
        places[entry.position] = place
        if place == len(entries):
            entries.append(moved)
        if count % _STRIDE == 0:
            progress(count)
    return EventLog(entries)


def _words(entry: Entry) -> Hashable:
    """Return what an entry says, wherever it stands and whenever it was recorded."""
    return (
        entry.event,
        entry.known_day,
        entry.supersedes,
        entry.retracts,
        entry.because,
    )


def _place(position: int | None, places: dict[int, int]) -> int | None:
    return None if position is None else places[position]
