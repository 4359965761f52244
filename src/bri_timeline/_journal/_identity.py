"""Index of claims by identity: the id of what happened, or else the content."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress, count
from operator import ne
from typing import TypeVar

from bri_timeline._events import Entry, Event, uncollected
from bri_timeline._journal._entries import Entries
from bri_timeline._journal._index import is_digest


__all__ = [
    "IdentityIndex",
]


_FEW = 8
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
        "_fresh",
        "_has_digests",
    )

    def __init__(self, entries: Entries) -> None:
        self._entries = entries
        # Key -> row, or rows. Most keys have one claim, and a list for each would take
        # several times the memory.
        self._by_key: _ByKey[str | int] = {}
        self._contents: dict[str | int, _Contents] = {}
        # Keys of all claims, until rows are needed: bulk appends need only to know
        # that keys are new, and a set is faster to fill than a dictionary.
        self._fresh: set[str | int] | None = set()
        # Digests are slow, so they are computed when they are needed: when one is asked
        # for, or once an explicit id looks like one and may be that of a claim without.
        self._by_digest: _ByKey[str] = {}
        self._digested = 0
        self._has_digests = False

    def reserve(
        self, keys: Sequence[str | int], rows: Sequence[int], *, all_claims: bool = True
    ) -> Sequence[int]:
        """Add claims that are about to be appended, as far as their keys are new.

        Args:
            keys: The keys of the claims.
            rows: Their rows.
            all_claims: Nothing else is appended with them that has to be noted.

        Returns:
            The indexes of keys that are not new: such claims have to be noted.
        """
        # An explicit id that looks like a digest may identify a claim without an id.
        if self._has_digests or _has_digest(keys):
            return range(len(keys))
        if self._fresh is not None and all_claims:
            many = len(self._fresh) + len(keys)
            self._fresh.update(keys)
            if len(self._fresh) == many:
                return ()
        found = map(self._rows().setdefault, keys, rows)
        return [*compress(range(len(keys)), map(ne, found, rows))]

    def move(self, keys: Sequence[str | int], start: int) -> None:
        """Change the rows of claims that were reserved: one before was left out."""
        self._rows().update(zip(keys, count(start), strict=False))

    def _rows(self) -> _ByKey[str | int]:
        """Return rows by key, for all claims so far."""
        if self._fresh is not None:
            self._fresh = None
            claims = enumerate(self._entries.events)
            self._by_key = {e.key: row for row, e in claims if e is not None}
        return self._by_key

    def like(self, entry: Entry, key: str | int) -> Sequence[int]:
        """Return the rows of claims that may have the same content as an entry."""
        found = self._at(key)
        # To hash an event costs more than to compare it with a few.
        if len(found) <= _FEW:
            return found
        contents = self._contents.setdefault(key, _Contents())
        return contents.like(entry, found, self._entries)

    def note(self, row: int, entry: Entry, event: Event) -> list[int]:
        """Add an entry; return the rows of earlier claims with the same identity.

        Of several it returns one, because these are in one cluster already.
        """
        before = _add(self._rows(), event.key, row)
        related = [] if before is None else [before]
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
        return self._at(name)

    def about(self, event: Event) -> list[int]:
        """Return the rows of claims about the same happening as an event."""
        if isinstance(event.key, str):
            return self.named(event.key)
        return [p for p in self._at(event.key) if _claims(self._entries[p], event)]

    def _at(self, key: str | int) -> list[int]:
        return _some(self._rows().get(key))

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


def _add(by_key: _ByKey[K], key: K, row: int) -> int | None:
    """Add a row, unless it was reserved; return the row before it with its key."""
    found = by_key.setdefault(key, row)
    if isinstance(found, list):
        found.append(row)
        return found[-2]
    if found == row:
        return None
    by_key[key] = [found, row]
    return found


def _some(found: int | list[int] | None) -> list[int]:
    if isinstance(found, list):
        return found
    return [] if found is None else [found]


def _has_digest(keys: Sequence[str | int]) -> bool:
    return any(map(is_digest, [key for key in keys if isinstance(key, str)]))


def _content_hash(entry: Entry) -> int:
    # Not of the event, whose hash is that of its id: here all have one id.
    claim = entry.claim
    return hash((claim.what, claim.when, claim.cite, entry.supersedes))


def _claims(entry: Entry, event: Event) -> bool:
    """Check that an entry has the same content: equal hashes do not prove it."""
    return entry.claim.what == event.what and entry.claim.when == event.when
