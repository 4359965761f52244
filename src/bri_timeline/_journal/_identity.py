"""Index of claims by identity: the id of what happened, or else the content."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import compress
from string import ascii_letters
from typing import TypeVar

from bri_timeline._events import Entry, Event
from bri_timeline._events.entries import EntryColumns, Erased
from bri_timeline._happening import id_given_to
from bri_timeline._journal._entries import Entries
from bri_timeline._payload import is_digest
from bri_timeline._process import uncollected
from bri_timeline.errors import SelectionError, shown


_NEAR = 1 << 8
_FEW = 8
_LENGTH = 32
_LONGEST = 60  # of an id that somebody may have mistyped
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
        # The rows of erased versions in slots with others, by the ids of these.
        self._gone: dict[str, dict[int, None]] = {}

    def expect(
        self, keys: Sequence[str | int], size: int, gone: Collection[str] = ()
    ) -> list[int] | None:
        """Prepare for claims that are about to be appended.

        Args:
            keys: The keys of the claims, in order.
            size: The number of entries with which they are appended, at most.
            gone: The ids of erased versions among these.

        Returns:
            Which of them have to be noted, in order: all whose key others have too, of
            these or of earlier ones, and perhaps some more. None if all have to be.
        """
        # An explicit id that looks like a digest may identify a claim without an id.
        if self._has_digests or _has_digest(keys):
            return None
        gone = {*gone, *self._gone}
        if gone and (not gone.isdisjoint(keys) or any(map(is_digest, gone))):
            return None
        fresh, old = self._fresh, self._by_key
        self._expected = len(self._entries) + size
        near: list[int] = []
        far: set[str | int] = set()
        chunk: Sequence[str | int] = ()
        met: dict[str | int, int] = {}
        for start in range(0, len(keys), _NEAR):
            before, chunk = chunk, keys[start : start + _NEAR]
            if old:
                far.update(filter(old.__contains__, chunk))
            if far:
                far.update(filter(fresh.__contains__, chunk))
            count = len(fresh) + len(chunk)
            fresh.update(chunk)
            if len(fresh) == count:
                met = {}
                continue
            # Most repeats are near one another, and looking there costs least.
            if not met:
                met, _ = _repeats({}, before, start - len(before))
            met, repeats = _repeats(met, chunk, start)
            near += repeats
            if not far and len(repeats) < 2 * (count - len(fresh)):
                far.update(chunk)
        if near or far:
            self._rows()
        if far:
            far.update(keys[index] for index in near)
            return [*compress(range(len(keys)), map(far.__contains__, keys))]
        return sorted(set(near))

    def claim(self, key: str | int, row: int) -> list[int]:
        """Note an expected claim, if it is the first one with its key.

        Returns:
            The rows of those before it; if there are any, it was not noted.
        """
        known_rows = self._by_key.setdefault(key, row)
        return [] if known_rows == row else _some(known_rows)

    def claim_again(self, key: str | int, row: int) -> None:
        """Note an expected claim that is not the first one."""
        _add(self._by_key, key, row)

    def of_key(self, key: str | int) -> list[int]:
        """Return the rows of claims with a key."""
        known_rows = self._by_key.get(key)
        if known_rows is None and key in self._fresh:
            known_rows = self._rows().get(key)
        return _some(known_rows)

    def _rows(self) -> _ByKey[str | int]:
        """Return rows by key, for all claims so far."""
        events = self._entries.events
        if self._indexed < len(events):
            for row, event in enumerate(events[self._indexed :], self._indexed):
                if event is not None:
                    # A key with several claims is here already, with all of them.
                    self._by_key.setdefault(event._key, row)
            self._indexed = len(events)
            if self._indexed >= self._expected:
                self._fresh.clear()
        return self._by_key

    def like(self, entry: Entry) -> Sequence[int]:
        """Return the rows of claims that may have the same content as an entry."""
        if entry.event is None:
            words = None if entry.erased is None else entry.erased.words
            return self._entries.gone.get(words or "", ())
        key = entry.event._key
        rows = self.of_key(key)
        # To hash an event costs more than to compare it with a few.
        if len(rows) <= _FEW:
            return rows
        contents = self._contents.setdefault(key, _Contents())
        return contents.like(entry, rows, self._entries)

    def note(self, row: int, entry: Entry, event: Event) -> list[int]:
        """Add an entry; return the rows of earlier claims with the same identity.

        Of several it returns one, because these are in one cluster already.
        """
        related = [*self.of_key(event._key)[-1:]]
        _add(self._by_key, event._key, row)
        if (
            isinstance(event._key, str)
            and not self._has_digests
            and is_digest(event._key)
        ):
            # A correction does not count: it takes its id from its target.
            target = entry.supersedes
            corrected = None if target is None else self._entries.at(target).event
            self._has_digests = not corrected or corrected.id != event.id
        if isinstance(event._key, str) and is_digest(event._key):
            # If that was not given, it is its words that tell it from others.
            said = hash((event.what, event.when))
            related += self.of_key(said)[-1:]
            _add(self._by_key, said, row)
        if self._has_digests:
            related += _some(self._digests().get(event.id))[-1:]
        if self._gone and (self._has_digests or isinstance(event._key, str)):
            related += _last(self._gone.get(event.id))
        return related

    def note_target(self, row: int, entry: Entry, target: int) -> list[int]:
        """Return the row of what an entry corrects or retracts, and related ones.

        Erased versions of a slot are added: claims in the words that they have put
        right, or that were theirs, are found by their ids.

        Args:
            row: That of the entry, which is about to be appended.
            entry: The entry.
            target: The position of what it corrects or retracts.
        """
        place = self._entries.row(target)
        related = [place]
        if entry.event is None and entry.is_version:
            related += self._note_erased(row, entry.erased)
        if self._entries.events[place] is None and self._entries[place].is_version:
            related += self._note_erased(place, self._entries[place].erased)
        return [related_row for related_row in related if related_row != row]

    def _note_erased(self, row: int, erased: Erased | None) -> list[int]:
        """Add an erased version of a slot; return related rows as `note()` does."""
        name = "" if erased is None else erased.id or ""
        known = self._gone.setdefault(name, {})
        related = [*self.of_key(name)[-1:], *_last(known)]
        known[row] = None
        if is_digest(name):
            self._has_digests = True
            related += _some(self._digests().get(name))[-1:]
        return related

    def named(self, name: str) -> list[int]:
        """Return the rows of claims about the happening with an id."""
        if is_digest(name):
            return _some(self._digests().get(name))
        return self.of_key(name)

    def check(self, name: str, size: float) -> None:
        """Refuse an id that no claim has, if the id of one differs by a letter.

        Args:
            name: The name.
            size: How many rows are in the log that is asked.

        Raises:
            SelectionError: The name is one letter from an id, and no id itself.
        """
        # Other digests would have to be computed, and nobody types one. An id that the
        # log has not yet is an id too.
        if len(name) > _LONGEST or is_digest(name) or self.of_key(name):
            return
        for slip in _slips(name):
            if any(row < size for row in self.of_key(slip)):
                problem = f"is the id of no event: did you mean {shown(slip)}?"
                raise SelectionError(name, problem)

    def about(self, event: Event) -> list[int]:
        """Return the rows of claims about the same happening as an event."""
        if isinstance(event._key, str):
            return self.named(event._key)
        return [p for p in self.of_key(event._key) if _claims(self._entries[p], event)]

    def _digests(self) -> _ByKey[str]:
        """Return rows by digest: of claims without an id, and of ids that look so."""
        events = self._entries.events
        with uncollected():
            for row in range(self._digested, len(events)):
                event = events[row]
                if event and (isinstance(event._key, int) or is_digest(event._key)):
                    _add(self._by_digest, event.id, row)
        self._digested = len(events)
        return self._by_digest


def _add(by_key: _ByKey[K], key: K, row: int) -> None:
    """Add a row to those of its key."""
    known_rows = by_key.setdefault(key, row)
    if isinstance(known_rows, list):
        known_rows.append(row)
    elif known_rows != row:
        by_key[key] = [known_rows, row]


def _last(rows: dict[int, None] | None) -> list[int]:
    return [next(reversed(rows))] if rows else []


def _some(found: int | list[int] | None) -> list[int]:
    if isinstance(found, list):
        return found
    return [] if found is None else [found]


def _repeats(
    met_before: Mapping[K, int], some: Iterable[K], start: int
) -> tuple[dict[K, int], list[int]]:
    """Find the keys of a part that are repeated there, or come from the part before.

    Args:
        met_before: The keys of the part before, each with an index.
        some: The keys.
        start: The index of the first of them.

    Returns:
        The index of each key; and for each repeat its own and an earlier one.
    """
    met: dict[K, int] = {}
    repeats: list[int] = []
    for index, key in enumerate(some, start):
        first_index = met.setdefault(key, index)
        if first_index != index:
            repeats += first_index, index
    for key in met.keys() & met_before.keys():
        repeats += met_before[key], met[key]
    return met, repeats


def _slips(name: str) -> Iterator[str]:
    """Yield the texts that are one letter from a name, never a digit."""
    letters = dict.fromkeys((*ascii_letters, *filter(str.isalpha, name)))
    for at, part in enumerate(name):
        before, behind = name[:at], name[at + 1 :]
        if part.isalpha():
            yield before + behind
            # Of one letter, no other text is a slip: nothing of it would be left.
            if before or behind:
                yield from (before + letter + behind for letter in letters)
            if behind[:1].isalpha():
                yield before + behind[0] + part + behind[1:]
        yield from (before + letter + part + behind for letter in letters)
    yield from (name + letter for letter in letters)


def _has_digest(keys: Sequence[str | int]) -> bool:
    kinds = set(map(type, keys))
    if kinds <= {int}:
        return False
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


def erased_versions(entries: Entries, more: EntryColumns) -> set[str]:
    """Return the ids of erased versions that entries correct, or that are such.

    Args:
        entries: The entries of a journal.
        more: The entries that are about to be appended.
    """
    rest = more.others.values()
    erased = {e.position: e.erased for e in rest if e.erased is not None}
    if not erased and not entries.gone:
        return set()
    erasures = set[Erased | None]()
    for entry in rest:
        target = entry.retracts if entry.supersedes is None else entry.supersedes
        if target is not None:
            erasures |= {entry.erased, erased.get(target)}
            if target < entries.position(len(entries)):
                erasures.add(entries.at(target).erased)
    return {
        erasure.id
        for erasure in erasures
        if erasure is not None and erasure.id is not None
    }


def is_repeat(entry: Entry, row: int, entries: Entries) -> bool:
    """Check whether an entry has the same content as another of the same target.

    Args:
        entry: The entry.
        row: That of the other.
        entries: The entries of a journal.
    """
    event, new = entries.events[row], entry.event
    if event != new:
        # A correction may have the digest of the first words, which is no id.
        if not event or not new or new._id or row not in entries.originals:
            return False
        first = entries[entries.originals[row]]
        if id_given_to(entries[row], first) or event.named(None) != new:
            return False
    return _content_key(entries[row]) == _content_key(entry)


def _content_key(entry: Entry) -> tuple[object, ...]:
    """Return the parts of an entry but its claim that repeat those of another one."""
    because = entry.because if entry.event is None else None
    targets = entry.supersedes, entry.retracts
    words = None if entry.erased is None else entry.erased.words
    # Two datasets, or a person, may say the same: each may withdraw its own word.
    return words, *targets, because, entry.dataset
