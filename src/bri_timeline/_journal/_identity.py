"""Claims by what they are about: an id, or else their content."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bri_timeline._events import Entry, Event
from bri_timeline._journal._entries import Entries


__all__ = [
    "IdentityIndex",
]


_IS_DIGEST = re.compile("[0-9a-f]{32}").fullmatch


class _Several:
    """The positions of several claims about the same, also by all that they say."""

    __slots__ = ("by_saying", "positions")

    def __init__(self) -> None:
        self.positions: list[int] = []
        self.by_saying: dict[int, list[int]] = {}

    def add(self, entry: Entry) -> None:
        self.positions.append(entry.position)
        self.by_saying.setdefault(_saying(entry), []).append(entry.position)


class IdentityIndex:
    """Finds claims about the same happening.

    Args:
        entries: The entries of a trunk, which grow.

    Attributes:
        by_digest: The same by what names them; None until a name looks like a digest.
    """

    __slots__ = ("_by_key", "_entries", "_fresh", "by_digest")

    def __init__(self, entries: Entries) -> None:
        self._entries = entries
        # What claims are about -> their positions. Few have namesakes, and an object
        # for each would be large.
        self._by_key: dict[str | int, int | _Several] = {}
        # What all claims so far are about, as long as nobody asked for positions.
        self._fresh: set[str | int] | None = set()
        self.by_digest: dict[str, list[int]] | None = None

    def are_new(self, keys: Sequence[str | int], start: int) -> bool:
        """Note claims that are each the first about something, if all of them are.

        Args:
            keys: What they are about.
            start: The position of the first of them.
        """
        # What looks like a digest may name a claim that has no name.
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
        for key, position, first in zip(keys, positions, found, strict=True):
            if first == position:
                del by_key[key]
        return False

    def _positions(self) -> dict[str | int, int | _Several]:
        """Return where claims are by what they are about, for all so far."""
        if self._fresh is not None:
            self._fresh = None
            self._by_key = {event.key: p for p, event in self._claims()}
        return self._by_key

    def _claims(self) -> Iterator[tuple[int, Event]]:
        """Yield the claims so far, with their positions."""
        events = self._entries.events
        for position in self._entries.present(0):
            event = events[position]
            if event is not None:
                yield position, event

    def like(self, entry: Entry, key: str | int) -> Sequence[int]:
        """Return the positions of claims that may say the same as an entry."""
        found = self._positions().get(key)
        if isinstance(found, _Several):
            return found.by_saying.get(_saying(entry), ())
        return () if found is None else (found,)

    def note(self, entry: Entry, event: Event) -> list[int]:
        """Note what an entry is about; return earlier claims about the same.

        Of many it returns some: all of them are one family already.
        """
        position, key = entry.position, event.key
        by_key = self._positions()
        found = by_key.setdefault(key, position)
        related: list[int] = []
        if isinstance(found, _Several):
            related = found.positions[-1:]
            found.add(entry)
        elif found != position:
            related = [found]
            several = by_key[key] = _Several()
            several.add(self._entries[found])
            several.add(entry)
        if isinstance(key, int) and self.by_digest is None:
            return related
        return related + self._digested(entry, event)

    def named(self, name: str) -> list[int]:
        """Return the positions of claims about the happening of an id."""
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
        if isinstance(found, _Several):
            return found.positions
        return [] if found is None else [found]

    def _digested(self, entry: Entry, event: Event) -> list[int]:
        """Return claims without a name whose digest is the name of this one.

        Digests are made only once a name looks like one, and not for a correction,
        which has its name from its target.
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


def _saying(entry: Entry) -> int:
    return hash((entry.event, entry.supersedes))


def _claims(entry: Entry, event: Event) -> bool:
    """Tell whether an entry claims the same; a hash alone may deceive."""
    return entry.claim.what == event.what and entry.claim.when == event.when
