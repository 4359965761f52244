"""Index of claims by identity: the id of what happened, or else the content."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import compress, count
from operator import ne

from bri_timeline._events import Entry, Event
from bri_timeline._journal._entries import Entries


__all__ = [
    "IdentityIndex",
]


_FEW = 8
_IS_DIGEST = re.compile("[0-9a-f]{32}").fullmatch


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

    Attributes:
        by_digest: Rows by event id; None until an explicit id looks like a digest.
    """

    __slots__ = ("_by_key", "_contents", "_entries", "_fresh", "by_digest")

    def __init__(self, entries: Entries) -> None:
        self._entries = entries
        # Key -> row, or rows. Most keys have one claim, and a list for each would take
        # several times the memory.
        self._by_key: dict[str | int, int | list[int]] = {}
        self._contents: dict[str | int, _Contents] = {}
        # Keys of all claims, until rows are needed: bulk appends need only to know
        # that keys are new, and a set is faster to fill than a dictionary.
        self._fresh: set[str | int] | None = set()
        self.by_digest: dict[str, list[int]] | None = None

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
        if self.by_digest is not None or _has_digest(keys):
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

    def _rows(self) -> dict[str | int, int | list[int]]:
        """Return rows by key, for all claims so far."""
        if self._fresh is not None:
            self._fresh = None
            self._by_key = {event.key: row for row, event in self._claims()}
        return self._by_key

    def _claims(self) -> Iterator[tuple[int, Event]]:
        """Yield the row and the event of each claim so far."""
        for row, event in enumerate(self._entries.events):
            if event is not None:
                yield row, event

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
        key = event.key
        by_key = self._rows()
        found = by_key.setdefault(key, row)
        related: list[int] = []
        if isinstance(found, list):
            related = found[-1:]
            found.append(row)
        elif found != row:
            related = [found]
            by_key[key] = [found, row]
        if isinstance(key, int) and self.by_digest is None:
            return related
        return related + self._digested(row, entry, event)

    def named(self, name: str) -> list[int]:
        """Return the rows of claims about the happening with an id."""
        if _IS_DIGEST(name):
            return list(self._digests().get(name, ()))
        return self._at(name)

    def about(self, event: Event) -> list[int]:
        """Return the rows of claims about the same happening as an event."""
        if isinstance(event.key, str):
            return self.named(event.key)
        return [p for p in self._at(event.key) if _claims(self._entries[p], event)]

    def _at(self, key: str | int) -> list[int]:
        found = self._rows().get(key)
        if isinstance(found, list):
            return found
        return [] if found is None else [found]

    def _digested(self, row: int, entry: Entry, event: Event) -> list[int]:
        """Return claims without an id whose digest is the id of this one.

        Digests are slow, so they are computed only once an explicit id looks like one.
        A correction does not count: it takes its id from its target.
        """
        if self.by_digest is None:
            target = entry.supersedes
            corrected = None if target is None else self._entries.at(target).event
            is_digest = _IS_DIGEST(event.id)
            if not is_digest or (corrected and corrected.id == event.id):
                return []
        found = self._digests().setdefault(event.id, [])
        found.append(row)
        return found[-2:-1]

    def _digests(self) -> dict[str, list[int]]:
        if self.by_digest is None:
            self.by_digest = {}
            for row, event in self._claims():
                self.by_digest.setdefault(event.id, []).append(row)
        return self.by_digest


def _has_digest(keys: Sequence[str | int]) -> bool:
    return any(map(_IS_DIGEST, [key for key in keys if isinstance(key, str)]))


def _content_hash(entry: Entry) -> int:
    return hash((entry.event, entry.supersedes))


def _claims(entry: Entry, event: Event) -> bool:
    """Check that an entry has the same content: equal hashes do not prove it."""
    return entry.claim.what == event.what and entry.claim.when == event.when
