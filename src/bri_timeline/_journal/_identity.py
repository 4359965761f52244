"""Index of claims by identity: the id of what happened, or else the content."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import TypeVar

from bri_timeline._events import Entry, Event, uncollected
from bri_timeline._journal._entries import Entries
from bri_timeline._journal._index import is_digest


__all__ = [
    "IdentityIndex",
]


_AT_ONCE = 1 << 12
_FEW = 8
_LENGTH = 32
K = TypeVar("K")
_ByKey = dict[K, int | list[int]]


class _Contents:
    """The claims of one identity by their content, where these are many."""

    __slots__ = ("_by_hash", "_seen")

    def __init__(self) -> None:
        self._by_hash: dict[int, list[int]] = {}
        self._seen = 0

    def like(self, entry: Entry, rows: list[int], entries: Entries) -> Sequence[int]:
        """Return those of some rows that may have the same content as an entry."""
        for row in rows[self._seen :]:
            self._by_hash.setdefault(_content_hash(entries[row]), []).append(row)
        self._seen = len(rows)
        return self._by_hash.get(_content_hash(entry), ())


class IdentityIndex:
    """Index of claims about the same happening.

    Args:
        entries: The entries of a journal, which grow.
    """

    __slots__ = (
        "_by_digest",
        "_by_key",
        "_contents",
        "_digested",
        "_entries",
        "_expected",
        "_fresh",
        "_has_digests",
        "_indexed",
    )

    def __init__(self, entries: Entries) -> None:
        self._entries = entries
        # Key -> row, or rows. Most keys have one claim, and a list for each would take
        # several times the memory.
        self._by_key: _ByKey[str | int] = {}
        self._contents: dict[str | int, _Contents] = {}
        # The keys of claims that were not put into the dictionary yet: most have one
        # claim, so that their rows may never be needed, and a set is faster to fill.
        # What is in the dictionary has all its rows there.
        self._fresh: set[str | int] = set()
        self._indexed = self._expected = 0
        # Digests are slow, so they are computed when they are needed: when one is asked
        # for, or once an explicit id looks like one and may be that of a claim without.
        self._by_digest: _ByKey[str] = {}
        self._digested = 0
        self._has_digests = False

    def expect(self, keys: Sequence[str | int]) -> set[str | int] | None:
        """Prepare for claims that are about to be appended.

        Args:
            keys: The keys of the claims, in order.

        Returns:
            The keys that several claims have, of these or earlier ones: all such claims
            have to be noted. None if all of them have to be.
        """
        # An explicit id that looks like a digest may identify a claim without an id.
        if self._has_digests or _has_digest(keys):
            return None
        fresh, old = self._fresh, self._by_key.keys()
        self._expected = len(self._entries) + len(keys)
        repeated: set[str | int] = set()
        for start in range(0, len(keys), _AT_ONCE):
            some = keys[start : start + _AT_ONCE]
            for earlier in (fresh, old):
                if not earlier.isdisjoint(some):
                    repeated.update(filter(earlier.__contains__, some))
            count = len(fresh) + len(some)
            fresh.update(some)
            if len(fresh) < count:
                met: set[str | int] = set()
                for key in some:
                    if key in met:
                        repeated.add(key)
                    met.add(key)
        if repeated:
            self._rows()
        return repeated

    def claim(self, key: str | int, row: int) -> list[int]:
        """Note an expected claim, if it is the first one of several.

        Returns:
            The rows of those before it; if there are any, it was not noted.
        """
        found = self._by_key.setdefault(key, row)
        return [] if found == row else _some(found)

    def claim_again(self, key: str | int, row: int) -> None:
        """Note an expected claim that is not the first one."""
        _add(self._by_key, key, row)

    def of_key(self, key: str | int) -> list[int]:
        """Return the rows of claims with a key."""
        found = self._by_key.get(key)
        if found is None and key in self._fresh:
            found = self._rows().get(key)
        return _some(found)

    def _rows(self) -> _ByKey[str | int]:
        """Return rows by key, for all claims so far."""
        events = self._entries.events
        if self._indexed < len(events):
            claims = islice(events, self._indexed, None)
            for row, event in enumerate(claims, self._indexed):
                if event is not None:
                    # A key with several claims is here already, with all of them.
                    self._by_key.setdefault(event.key, row)
            self._indexed = len(events)
            if self._indexed >= self._expected:
                self._fresh.clear()
        return self._by_key

    def like(self, entry: Entry, key: str | int) -> Sequence[int]:
        """Return the rows of claims that may have the same content as an entry."""
        found = self.of_key(key)
        # To hash an event costs more than to compare it with a few.
        if len(found) <= _FEW:
            return found
        contents = self._contents.setdefault(key, _Contents())
        return contents.like(entry, found, self._entries)

    def note(self, row: int, entry: Entry, event: Event) -> list[int]:
        """Add an entry; return the rows of earlier claims with the same identity.

        Of several it returns one, because these are in one cluster already.
        """
        related = [*self.of_key(event.key)[-1:]]
        _add(self._by_key, event.key, row)
        if (
            isinstance(event.key, str)
            and not self._has_digests
            and is_digest(event.key)
        ):
            # A correction does not count: it takes its id from its target.
            target = entry.supersedes
            corrected = None if target is None else self._entries.at(target).event
            self._has_digests = not corrected or corrected.id != event.id
        if self._has_digests:
            related += _some(self._digests().get(event.id))[-1:]
        return related

    def named(self, name: str) -> list[int]:
        """Return the rows of claims about the happening with an id."""
        if is_digest(name):
            return _some(self._digests().get(name))
        return self.of_key(name)

    def about(self, event: Event) -> list[int]:
        """Return the rows of claims about the same happening as an event."""
        if isinstance(event.key, str):
            return self.named(event.key)
        return [p for p in self.of_key(event.key) if _claims(self._entries[p], event)]

    def _digests(self) -> _ByKey[str]:
        """Return rows by digest: of claims without an id, and of ids that look so."""
        events = self._entries.events
        with uncollected():
            for row in range(self._digested, len(events)):
                event = events[row]
                if event and (isinstance(event.key, int) or is_digest(event.key)):
                    _add(self._by_digest, event.id, row)
        self._digested = len(events)
        return self._by_digest


def _add(by_key: _ByKey[K], key: K, row: int) -> None:
    """Add a row to those of its key."""
    found = by_key.setdefault(key, row)
    if isinstance(found, list):
        found.append(row)
    elif found != row:
        by_key[key] = [found, row]


def _some(found: int | list[int] | None) -> list[int]:
    if isinstance(found, list):
        return found
    return [] if found is None else [found]


def _has_digest(keys: Sequence[str | int]) -> bool:
    ids = [key for key in keys if isinstance(key, str)]
    # A short look at each: most ids have another length.
    return _LENGTH in map(len, ids) and any(map(is_digest, ids))


def _content_hash(entry: Entry) -> int:
    # Not of the event, whose hash is that of its id: here all have one id.
    claim = entry.claim
    return hash((claim.what, claim.when, claim.cite, entry.supersedes))


def _claims(entry: Entry, event: Event) -> bool:
    """Check that an entry has the same content: equal hashes do not prove it."""
    return entry.claim.what == event.what and entry.claim.when == event.when
