"""The entries that logs share, and what finds them again."""

from __future__ import annotations

from threading import Lock

from bri_timeline._events import Entry, Event


__all__ = ["Trunk"]


class Trunk:
    """Entries in order, appended to and never changed.

    Logs that grew from one another share a trunk: each is its first so-many entries.
    Only the longest can grow in place; any other branches off into a copy.
    """

    __slots__ = ("_lock", "_retractions", "_same", "entries")

    def __init__(self, entries: list[Entry] | None = None) -> None:
        self.entries: list[Entry] = []
        # Positions by what is said, and retractions by what they retract.
        self._same: dict[object, list[int]] = {}
        self._retractions: dict[int, list[int]] = {}
        self._lock = Lock()
        for entry in entries or ():
            self._add(entry)

    def grown(self, size: int, entries: list[Entry]) -> Trunk:
        """Return a trunk whose first *size* entries are followed by *entries*."""
        with self._lock:
            if size == len(self.entries):
                for entry in entries:
                    self._add(entry)
                return self
        return Trunk(self.entries[:size] + entries)

    def says_already(self, size: int, entry: Entry) -> bool:
        """Tell whether a live one of the first *size* entries says the same."""
        return any(
            position < size and self._is_live(position, size)
            for position in self._same.get(_saying(entry), ())
        )

    def _add(self, entry: Entry) -> None:
        self._same.setdefault(_saying(entry), []).append(entry.position)
        if entry.retracts is not None:
            self._retractions.setdefault(entry.retracts, []).append(entry.position)
        self.entries.append(entry)

    def _is_live(self, position: int, size: int) -> bool:
        """Tell whether no retraction that is itself live withdraws an entry."""
        against = [position]
        for target in against:
            against += [r for r in self._retractions.get(target, ()) if r < size]
        withdrawn: set[int | None] = set()
        for candidate in sorted(against[1:], reverse=True):
            if candidate not in withdrawn:
                withdrawn.add(self.entries[candidate].retracts)
        return position not in withdrawn


def _saying(entry: Entry) -> tuple[Event | None, int | None, int | None, str | None]:
    because = entry.because if entry.event is None else None
    return entry.event, entry.supersedes, entry.retracts, because
