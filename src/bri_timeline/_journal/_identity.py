"""Index of claims by identity: the id of what happened, or else the content."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bri_timeline._events import Entry, Event
from bri_timeline._journal._entries import Entries


__all__ = [
    "IdentityIndex",
]


_IS_DIGEST = re.compile("[0-9a-f]{32}").fullmatch


class _Positions:
    """The positions of several claims with one identity, also by their content."""

    __slots__ = ("by_content", "positions")

    def __init__(self) -> None:
        self.positions: list[int] = []
        self.by_content: dict[int, list[int]] = {}

    def add(self, entry: Entry) -> None:
        self.positions.append(entry.position)
        self.by_content.setdefault(_content_hash(entry), []).append(entry.position)


class IdentityIndex:
    """Index of claims about the same happening.

    Args:
        entries: The entries of a journal, which grow.

    Attributes:
        by_digest: Positions by event id; None until an explicit id looks like a digest.
    """

    __slots__ = ("_by_key", "_entries", "_fresh", "by_digest")

    def __init__(self, entries: Entries) -> None:
        self._entries = entries
        # Key -> position, or positions. Most keys have one claim, and a list for each
        # would take several times the memory.
        self._by_key: dict[str | int, int | _Positions] = {}
        # Keys of all claims, until positions are needed: bulk appends need only to know
        # that keys are new, and a set is faster to fill than a dictionary.
        self._fresh: set[str | int] | None = set()
        self.by_digest: dict[str, list[int]] | None = None

    def are_new(self, keys: Sequence[str | int], start: int) -> bool:
        """Add claims and return True if every key is new; else add nothing.

        Args:
            keys: The keys of the claims.
            start: The position of the first claim.
        """
        # An explicit id that looks like a digest may identify a claim without an id.
        if self.by_digest is not None or _has_digest(keys):
            return False
        if self._fresh is not None:
            many = len(self._fresh) + len(keys)
            self._fresh.update(keys)
            if len(self._fresh) == many:
                return True
        by_key, positions = self._positions(), range(start, start + len(keys))
        found = list(map(by_key.setdefault, keys, positions))
        if found == list(positions):
            return True
        # One key was taken: remove those just added, so that a refusal adds nothing.
        for key, position, first in zip(keys, positions, found, strict=True):
            if first == position:
                del by_key[key]
        return False

    def _positions(self) -> dict[str | int, int | _Positions]:
        """Return positions by key, for all claims so far."""
        if self._fresh is not None:
            self._fresh = None
            self._by_key = {event.key: p for p, event in self._claims()}
        return self._by_key

    def _claims(self) -> Iterator[tuple[int, Event]]:
        """Yield the position and the event of each claim so far."""
        events = self._entries.events
        for position in self._entries.present(0):
            event = events[position]
            if event is not None:
                yield position, event

    def like(self, entry: Entry, key: str | int) -> Sequence[int]:
        """Return the positions of claims that may have the same content as an entry."""
        found = self._positions().get(key)
        if isinstance(found, _Positions):
            return found.by_content.get(_content_hash(entry), ())
        return () if found is None else (found,)

    def note(self, entry: Entry, event: Event) -> list[int]:
        """Add an entry; return positions of earlier claims with the same identity.

        Of several it returns one, because these are in one cluster already.
        """
        position, key = entry.position, event.key
        by_key = self._positions()
        found = by_key.setdefault(key, position)
        related: list[int] = []
        if isinstance(found, _Positions):
            related = found.positions[-1:]
            found.add(entry)
        elif found != position:
            related = [found]
            several = by_key[key] = _Positions()
            several.add(self._entries[found])
            several.add(entry)
        if isinstance(key, int) and self.by_digest is None:
            return related
        return related + self._digested(entry, event)

    def named(self, name: str) -> list[int]:
        """Return the positions of claims about the happening with an id."""
        if _IS_DIGEST(name):
            return list(self._digests().get(name, ()))
        return self._at(name)

    def about(self, event: Event) -> list[int]:
        """Return the positions of claims about the same happening as an event."""
        if isinstance(event.key, str):
            return self.named(event.key)
        return [p for p in self._at(event.key) if _claims(self._entries[p], event)]

    def _at(self, key: str | int) -> list[int]:
        found = self._positions().get(key)
        if isinstance(found, _Positions):
            return found.positions
        return [] if found is None else [found]

    def _digested(self, entry: Entry, event: Event) -> list[int]:
        """Return claims without an id whose digest is the id of this one.

        Digests are slow, so they are computed only once an explicit id looks like one.
        A correction does not count: it takes its id from its target.
        """
        if self.by_digest is None:
            target = entry.supersedes
            corrected = None if target is None else self._entries.events[target]
            is_digest = _IS_DIGEST(event.id)
            if not is_digest or (corrected and corrected.id == event.id):
                return []
        found = self._digests().setdefault(event.id, [])
        found.append(entry.position)
        return found[-2:-1]

    def _digests(self) -> dict[str, list[int]]:
        if self.by_digest is None:
            self.by_digest = {}
            for position, event in self._claims():
                self.by_digest.setdefault(event.id, []).append(position)
        return self.by_digest


def _has_digest(keys: Sequence[str | int]) -> bool:
    if str not in set(map(type, keys)):
        return False
    return any(_IS_DIGEST(key) for key in keys if isinstance(key, str))


def _content_hash(entry: Entry) -> int:
    return hash((entry.event, entry.supersedes))


def _claims(entry: Entry, event: Event) -> bool:
    """Check that an entry has the same content: equal hashes do not prove it."""
    return entry.claim.what == event.what and entry.claim.when == event.when
