"""The append-only entries that logs share, and the clusters of related ones."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from threading import RLock

from bri_timeline._concern import Rule
from bri_timeline._events import Entry, Event, uncollected
from bri_timeline._journal._closure import ReferenceClosure
from bri_timeline._journal._entries import Entries
from bri_timeline._journal._identity import IdentityIndex
from bri_timeline._journal._index import (
    Cluster,
    Kinds,
    Parties,
    References,
    Search,
    Wanted,
)
from bri_timeline._resolution import counting_claims
from bri_timeline.errors import EntryError


__all__ = [
    "Journal",
    "Progress",
    "no_progress",
]


Progress = Callable[[int], object]
_AT_ONCE = 1 << 12

# A sparse column takes about four times as much memory for each item as a list.
_SPARSE = 4


def no_progress(*_done: int) -> None:
    """Ignore progress: the default of functions that report it."""


class Journal:
    """The entries of one log and of those that grew from it; append-only.

    Such logs share a journal: each is a prefix of it. Only the longest log grows in
    place; appending to a shorter one copies the prefix into a new journal.

    Args:
        entries: In order of position; positions may be missing.
        size: The number of entries, missing ones included.

    Attributes:
        entries: The entries.
        clusters: Position -> the cluster of related entries. A singleton, as most
            entries are, is not in it.
        identities: The index of claims by identity.
        references: The index of entries by the ids that they refer to.
        lock: Held while the journal grows, and while derived data are read.
    """

    __slots__ = (
        "_kinds",
        "_parties",
        "_retractions",
        "clusters",
        "entries",
        "identities",
        "lock",
        "references",
    )

    def __init__(self, entries: Iterable[Entry] = (), size: int = 0) -> None:
        given = list(entries)
        self.entries = Entries(sparse=size > _SPARSE * len(given))
        self.clusters: dict[int, Cluster] = {}
        self._parties = Parties(self.entries, self.clusters)
        self._kinds = Kinds(self.entries, self.clusters)
        self.identities = IdentityIndex(self.entries)
        self.references = References(self.entries, self.clusters)
        self._retractions: dict[int, list[int]] = {}
        self.lock = RLock()
        with uncollected():
            for start in range(0, len(given), _AT_ONCE):
                self._load(given[start : start + _AT_ONCE])
            self.entries.skip(max(0, size - len(self.entries)))

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle the entries; the indexes are built again."""
        return Journal, (
            self.entries.present_entries(len(self.entries)),
            len(self.entries),
        )

    def _load(self, entries: list[Entry]) -> None:
        """Append entries, in bulk if each has a new identity."""
        size = len(self.entries)
        simple = entries[-1].position == size + len(entries) - 1
        events = [e.event for e in entries if e.supersedes == e.retracts]
        claims = [event for event in events if event is not None]
        keys = [event.key for event in claims]
        if simple and len(keys) == len(entries) and self.identities.are_new(keys, size):
            self.entries.load(entries, claims)
            return
        for entry in entries:
            self.entries.skip(entry.position - len(self.entries))
            self._add(entry)

    # --- growing --------------------------------------------------------------------

    def grown(self, size: int, entry: Entry) -> Journal:
        """Return a journal of the first *size* entries and one more."""
        with self.lock:
            # A shorter log must not see what another one appended to the same journal.
            if size == len(self.entries):
                self._add(entry)
                return self
        return Journal([*self.entries.present_entries(size), entry], size + 1)

    def extended(
        self, size: int, claims: Sequence[Event], progress: Progress
    ) -> tuple[Journal, int]:
        """Return a journal of the first *size* entries and some claims.

        A claim that repeats a live entry is left out.

        Args:
            size: The number of entries to keep.
            claims: The claims to append.
            progress: Called now and then with the number of claims examined.

        Returns:
            The journal, and the number of its entries.
        """
        with self.lock, uncollected():
            whole = size == len(self.entries)
            journal = (
                self if whole else Journal(self.entries.present_entries(size), size)
            )
            journal._claim(claims, progress)
            return journal, len(journal.entries)

    def _claim(self, claims: Sequence[Event], progress: Progress) -> None:
        """Append plain claims, in bulk if each has a new identity."""
        for start in range(0, len(claims), _AT_ONCE):
            progress(start)
            some = claims[start : start + _AT_ONCE]
            size = len(self.entries)
            if self.identities.are_new([event.key for event in some], size):
                self.entries.claim(some)
            else:
                self._claim_each(some)

    def _claim_each(self, claims: Sequence[Event]) -> None:
        for event in claims:
            position = len(self.entries)
            entry = Entry(position=position, event=event, known=event.known_day)
            if not self.is_repeated(position, entry):
                self._add(entry)

    def _add(self, entry: Entry) -> None:
        """Append an entry, and put it into one cluster with its related entries."""
        related: list[int] = []
        if entry.event is not None:
            related = self.identities.note(entry, entry.event)
            if entry.supersedes is not None:
                related.append(entry.supersedes)
        elif entry.retracts is not None:
            self._retractions.setdefault(entry.retracts, []).append(entry.position)
            related = [entry.retracts]
        if related:
            self._unite(entry.position, related)
        self.entries.append(entry)

    def _unite(self, position: int, related: list[int]) -> None:
        """Make one cluster of an entry and its related entries."""
        clusters = self.clusters
        found = {other: clusters.get(other) or Cluster([other]) for other in related}
        all_of_them = set(found.values())
        # The largest absorbs the others: each entry then moves O(log n) times at most.
        largest = max(all_of_them, key=lambda cluster: len(cluster.members))
        for cluster in all_of_them - {largest}:
            largest.absorb(cluster)
            clusters.update(dict.fromkeys(cluster.members, largest))
        largest.members.append(position)
        clusters[position] = clusters[largest.members[0]] = largest

    # --- reading ----------------------------------------------------------------------

    def search(self, wanted: Wanted) -> Search:
        """Return a repeatable search for the selected entries."""
        rule = wanted.rules[-1] if wanted.rules else None
        return Search(self._parties, self._kinds, rule, wanted.reads)

    def reference_closure(self, rules: Sequence[Rule]) -> ReferenceClosure:
        """Return the closure by reference of what a search for the last rule finds."""
        return ReferenceClosure(
            self.entries, self.clusters, self.identities, self.references, rules
        )

    def is_repeated(self, size: int, entry: Entry, known_by: float = math.inf) -> bool:
        """Check whether a live one of the first *size* entries has the same content.

        Args:
            size: The number of entries to examine.
            entry: The entry to look for.
            known_by: The day by which the other was known.
        """
        with self.lock:
            if entry.event is not None:
                same = self.identities.like(entry, entry.event.key)
            else:
                same = self._retractions.get(
                    -1 if entry.retracts is None else entry.retracts, []
                )
            return any(
                position < size
                and self.entries.knowns[position] <= known_by
                and _content(self.entries[position]) == _content(entry)
                and self._is_live(position, size)
                for position in same
            )

    def check_present(self, claims: Iterable[Event]) -> None:
        """Check that no other claim about some happenings can be missing.

        A partial log has all related entries of each of its entries. So it is complete
        for a happening about which it has a claim, and only for such.

        Raises:
            EntryError: Claims about one of them may be missing.
        """
        with self.lock:
            for event in claims if self.entries.missing_count else ():
                if not self.identities.about(event):
                    problem = f"this partial log has no claim about {event.id!r}"
                    remedy = "append to the whole log, which may have such claims"
                    raise EntryError(event, f"{problem}: {remedy}")

    def check_slot(self, size: int, entry: Entry, known_by: float) -> None:
        """Check that a correction counts on at least one day of knowledge.

        A retraction withdraws all versions of a claim, in whichever order they arrive.

        Args:
            size: The number of entries to examine.
            entry: The correction, or a plain claim.
            known_by: The day by which a repeated entry was known.

        Raises:
            EntryError: Its target was withdrawn, from no later than the correction is
                known; or from later, but the correction repeats a live entry.
        """
        target = entry.supersedes
        if target is None:
            return
        with self.lock:
            while self.entries[target].supersedes is not None:
                target = self.entries[target].supersedes or 0
            for position in self._retractions.get(target, ()):
                if position < size and self._is_live(position, size):
                    withdrawn = self.entries.knowns[position]
                    is_late = withdrawn <= entry.knowledge()[0]
                    if is_late or self.is_repeated(size, entry, known_by):
                        problem = f"entry {position} withdraws entry {target}"
                        remedy = f"claim it anew, or retract entry {position} first"
                        raise EntryError(
                            entry.supersedes,
                            f"{problem} and all that corrects it: {remedy}",
                        )

    def named(self, size: int, event: Event, target: int) -> Event:
        """Return a correction as a claim about the same happening as its target.

        Without explicit ids, equal claims are about one happening, and no others. So if
        other witnesses still make the corrected claim, the correction is about another
        happening; if others make the new claim already, it joins theirs.
        """
        with self.lock:
            corrected = self.entries[target].claim
            named = event.named_after(corrected)
            if named is event or isinstance(corrected.key, str):
                return named
            # A repeated correction must get the id that it got the first time.
            for each in (named, event):
                entry = Entry(position=size, event=each, supersedes=target)
                if self.is_repeated(size, entry):
                    return each
            same = {*self.identities.about(corrected), *self.identities.about(event)}
            others = {p for p in same if p < size and p != target}
            return event if self._any_stands(size, others) else named

    def _any_stands(self, size: int, positions: set[int]) -> bool:
        """Check whether one of some claims counts among the first *size* entries."""
        related = set(positions)
        for position in positions & self.clusters.keys():
            related.update(self.clusters[position].members)
        entries = [self.entries[p] for p in sorted(related) if p < size]
        return any(entry.position in positions for entry in counting_claims(entries))

    def about(self, size: int, wanted: Wanted) -> list[Entry]:
        """Return those of the first *size* entries that are about some parties.

        These are the entries that satisfy the last rule; those that correct, retract or
        refer to such an entry; and so on.
        """
        with self.lock:
            if not wanted.rules:
                return self.entries.present_entries(size)
            rule = wanted.rules[-1]
            alone, groups = self.reference_closure((rule,)).partition(
                self.search(wanted).new_positions()
            )
            grouped = {p for group in groups for p in group.members}
            entries = [self.entries[p] for p in sorted({*alone, *grouped}) if p < size]
            return _about(entries, rule)

    def related(self, size: int, wanted: Wanted) -> list[Entry]:
        """Return those of the first *size* entries that are related to a selection.

        These are the entries about its parties, and all claims about the same
        happenings, whichever parties they name.
        """
        about = self.about(size, wanted)
        with self.lock:
            if not self.clusters or not wanted.rules:
                return about
            found = {entry.position: entry for entry in about}
            clusters = {self.clusters.get(entry.position) for entry in about} - {None}
            members = [p for cluster in clusters if cluster for p in cluster.members]
            # A later entry may have merged clusters: follow earlier links only.
            links = _links([self.entries[p] for p in members if p < size])
            waiting = list(about)
            while waiting:
                for near in links.pop(waiting.pop().position, ()):
                    if near.position not in found:
                        found[near.position] = near
                        waiting.append(near)
            return [found[position] for position in sorted(found)]

    def _is_live(self, position: int, size: int) -> bool:
        """Check that no live retraction withdraws an entry."""
        against = [position]
        for target in against:
            against += [r for r in self._retractions.get(target, ()) if r < size]
        # A retraction comes after its target, so the last one is decided first.
        withdrawn: set[int | None] = set()
        for candidate in sorted(against[1:], reverse=True):
            if candidate not in withdrawn:
                withdrawn.add(self.entries[candidate].retracts)
        return position not in withdrawn


def _target(entry: Entry) -> int | None:
    return entry.retracts if entry.supersedes is None else entry.supersedes


def _links(entries: Iterable[Entry]) -> dict[int, list[Entry]]:
    """Return the links between related entries, by position, in both directions.

    Claims about one happening are linked in a chain.
    """
    links: dict[int, list[Entry]] = {}
    known: dict[int | str, Entry] = {}
    for entry in sorted(entries, key=lambda entry: entry.position):
        known[entry.position] = entry
        others = [known.get(-1 if (target := _target(entry)) is None else target)]
        if entry.event is not None:
            others.append(known.get(entry.event.id))
            known[entry.event.id] = entry
        for other in filter(None, others):
            links.setdefault(entry.position, []).append(other)
            links.setdefault(other.position, []).append(entry)
    return links


def _about(entries: Iterable[Entry], rule: Rule) -> list[Entry]:
    """Return entries that satisfy a rule, and all that target or refer to these."""
    targeting: dict[int | None, list[Entry]] = {}
    referring: dict[str, list[Entry]] = {}
    waiting: list[Entry] = []
    for entry in entries:
        targeting.setdefault(_target(entry), []).append(entry)
        if entry.event is not None:
            for name in entry.event.refers_to:
                referring.setdefault(name, []).append(entry)
            if rule.holds(entry.event):
                waiting.append(entry)
    found: dict[int, Entry] = {}
    while waiting:
        entry = waiting.pop()
        if entry.position not in found:
            found[entry.position] = entry
            waiting += targeting.get(entry.position, ())
            if referring and entry.event is not None:
                waiting += referring.get(entry.event.id, ())
    return [found[position] for position in sorted(found)]


def _content(entry: Entry) -> tuple[Event | None, int | None, int | None, str | None]:
    because = entry.because if entry.event is None else None
    return entry.event, entry.supersedes, entry.retracts, because
