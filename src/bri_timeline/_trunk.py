"""The entries that logs share, and which of them bear on one another."""

from __future__ import annotations

import re
from collections.abc import Iterable
from threading import RLock

from bri_timeline._events import Entry, Event


__all__ = ["Trunk"]

_DIGEST = re.compile("[0-9a-f]{32}").fullmatch


class Trunk:
    """Entries in order, appended to and never changed.

    Logs that grew from one another share a trunk: each is its first so-many entries.
    Only the longest can grow in place; any other branches off into a copy.

    Attributes:
        entries: The entries.
        families: Position -> the positions of all entries that bear on one another:
            claims about one happening, what corrects them, what retracts any of these.
            An entry that stands alone, as most do, is not in it.
        lock: To be held while the trunk grows, and while what follows it is read.
    """

    __slots__ = ("_by_digest", "_by_key", "_retractions", "entries", "families", "lock")

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self.entries: list[Entry] = []
        self.families: dict[int, list[int]] = {}
        # What a claim is about (its id, else a hash of its content) -> one position,
        # or several in a list; few have more than one, and lists are large.
        self._by_key: dict[str | int, int | list[int]] = {}
        self._by_digest: dict[str, list[int]] | None = None
        self._retractions: dict[int, list[int]] = {}
        self.lock = RLock()
        for entry in entries:
            self._add(entry)

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle the entries; what finds them is made anew."""
        return Trunk, (self.entries,)

    def grown(self, size: int, entries: list[Entry]) -> Trunk:
        """Return a trunk whose first *size* entries are followed by *entries*."""
        with self.lock:
            if size == len(self.entries):
                for entry in entries:
                    self._add(entry)
                return self
        return Trunk(self.entries[:size] + entries)

    def extended(self, size: int, claims: Iterable[Event]) -> tuple[Trunk, int]:
        """Return a trunk whose first *size* entries are followed by claims.

        What a live entry says already is left out.

        Returns:
            The trunk, and how many entries it has then.
        """
        with self.lock:
            trunk = self if size == len(self.entries) else Trunk(self.entries[:size])
            for event in claims:
                size = len(trunk.entries)
                entry = Entry(position=size, event=event, known=event.known_day)
                key = event.key
                if not trunk._repeats(size, entry, trunk._about(key)):
                    trunk._add_claim(entry, event, key)
            return trunk, len(trunk.entries)

    def says_already(self, size: int, entry: Entry) -> bool:
        """Tell whether a live one of the first *size* entries says the same."""
        if entry.event is not None:
            return self._repeats(size, entry, self._about(entry.event.key))
        against = -1 if entry.retracts is None else entry.retracts
        return self._repeats(size, entry, self._retractions.get(against, []))

    def is_about(self, entry: Entry, parties: frozenset[str]) -> bool:
        """Tell whether an entry, or what it corrects or retracts, has all *parties*."""
        while entry.event is None or not entry.event.parties >= parties:
            target = entry.retracts if entry.supersedes is None else entry.supersedes
            if target is None:
                return False
            entry = self.entries[target]
        return True

    def bearing(self, size: int, parties: frozenset[str]) -> list[Entry]:
        """Return what of the first *size* entries bears on what involves *parties*.

        That is what involves them, and what is about the same, whomever it names.
        """
        with self.lock:
            entries = self.entries[:size]
            if not parties:
                return entries
            about = [entry for entry in entries if self.is_about(entry, parties)]
            names = {entry.event.id for entry in about if entry.event is not None}
            # Families may have been united by entries that came later: look closer.
            wider = {
                p for e in about for p in self.families.get(e.position, [e.position])
            }
            found: dict[int, Entry] = {}
            for entry in (entries[p] for p in sorted(wider) if p < size):
                target = (
                    entry.retracts if entry.supersedes is None else entry.supersedes
                )
                same = entry.event is not None and entry.event.id in names
                if same or target in found or self.is_about(entry, parties):
                    found[entry.position] = entry
            return list(found.values())

    def _repeats(self, size: int, entry: Entry, same: list[int]) -> bool:
        return any(
            position < size
            and _saying(self.entries[position]) == _saying(entry)
            and self._is_live(position, size)
            for position in same
        )

    def _about(self, key: str | int) -> list[int]:
        """Return the positions of claims about the same happening."""
        found = self._by_key.get(key, [])
        return found if isinstance(found, list) else [found]

    def _add(self, entry: Entry) -> None:
        if entry.event is not None:
            self._add_claim(entry, entry.event, entry.event.key)
            return
        if entry.retracts is not None:
            self._retractions.setdefault(entry.retracts, []).append(entry.position)
            self._unite(entry.position, [entry.retracts])
        self.entries.append(entry)

    def _add_claim(self, entry: Entry, event: Event, key: str | int) -> None:
        related = self._named(entry, event, key)
        if entry.supersedes is not None:
            related = [*related, entry.supersedes]
        if related:
            self._unite(entry.position, related)
        self.entries.append(entry)

    def _named(self, entry: Entry, event: Event, key: str | int) -> list[int]:
        """Note what a claim is about, and return earlier claims about the same."""
        position = entry.position
        found = self._by_key.setdefault(key, position)
        if found == position:
            related: list[int] = []
        elif isinstance(found, list):
            related = found[-1:]
            found.append(position)
        else:
            related = [found]
            self._by_key[key] = [found, position]
        if isinstance(key, int) and self._by_digest is None:
            return related
        return related + self._digested(entry, event)

    def _digested(self, entry: Entry, event: Event) -> list[int]:
        """Return claims without a name whose digest is the name of this one.

        Digests are made only once a name looks like one, and not for a correction,
        which has its name from its target.
        """
        if self._by_digest is None:
            target = entry.supersedes
            corrected = None if target is None else self.entries[target].event
            if not _DIGEST(event.id) or (corrected and corrected.id == event.id):
                return []
            self._by_digest = {}
            for earlier in self.entries:
                if earlier.event is not None:
                    self._by_digest.setdefault(earlier.event.id, []).append(
                        earlier.position
                    )
        found = self._by_digest.setdefault(event.id, [])
        found.append(entry.position)
        return found[-2:-1]

    def _unite(self, position: int, related: list[int]) -> None:
        """Make one family of an entry and those that it bears on."""
        families = {
            id(family): family
            for other in dict.fromkeys(related)
            for family in [self.families.get(other) or [other]]
        }
        largest = max(families.values(), key=len)
        for family in families.values():
            if family is not largest:
                largest.extend(family)
        largest.append(position)
        if len(families) > 1 or len(largest) == 2:
            for member in largest:
                self.families[member] = largest
        else:
            self.families[position] = largest

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
