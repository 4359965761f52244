"""The entries that logs share, and which of them bear on one another."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from threading import RLock

from bri_timeline._concern import Rule
from bri_timeline._events import Entry, Event, uncollected
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
from bri_timeline._journal._references import Reach
from bri_timeline.errors import EntryError


__all__ = [
    "Journal",
    "Progress",
    "no_progress",
]


Progress = Callable[[int], object]
_AT_ONCE = 1 << 12

# A row with gaps costs some times as much, for what is at hand, as a list.
_SPARSE = 4


def no_progress(*_done: int) -> None:
    """Ignore progress: the default of functions that report it."""


class Journal:
    """Entries in order, appended to and never changed.

    Logs that grew from one another share a trunk: each is its first so-many entries.
    Only the longest can grow in place; any other branches off into a copy.

    Args:
        entries: In order of position, maybe with gaps between them.
        size: How many there are, gaps included.

    Attributes:
        entries: The entries.
        families: Position -> the family of all entries that bear on one another. An
            entry that stands alone, as most do, is not in it.
        namesakes: Where the claims are that are about one happening.
        references: Where the entries are that refer to one.
        lock: To be held while the trunk grows, and while what follows it is read.
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
        """Pickle the entries; what finds them is made anew."""
        return Journal, (self.entries.held(len(self.entries)), len(self.entries))

    def _load(self, entries: list[Entry]) -> None:
        """Append entries, all at once where each is the first about something."""
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
        """Return a trunk whose first *size* entries are followed by one more."""
        with self.lock:
            if size == len(self.entries):
                self._add(entry)
                return self
        return Journal([*self.entries.held(size), entry], size + 1)

    def extended(
        self, size: int, claims: Sequence[Event], progress: Progress
    ) -> tuple[Journal, int]:
        """Return a trunk whose first *size* entries are followed by claims.

        What a live entry says already is left out.

        Args:
            size: How many of the entries to keep.
            claims: What to add.
            progress: Called now and then with the number of claims looked at.

        Returns:
            The trunk, and how many entries it has then.
        """
        with self.lock, uncollected():
            whole = size == len(self.entries)
            journal = self if whole else Journal(self.entries.held(size), size)
            journal._claim(claims, progress)
            return journal, len(journal.entries)

    def _claim(self, claims: Sequence[Event], progress: Progress) -> None:
        """Append plain claims, many at once where all of them say something new."""
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
            if not self.says_already(position, entry):
                self._add(entry)

    def _add(self, entry: Entry) -> None:
        """Append an entry, and note what it bears on."""
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
        """Make one family of an entry and those that it bears on."""
        clusters = self.clusters
        found = {other: clusters.get(other) or Cluster([other]) for other in related}
        all_of_them = set(found.values())
        largest = max(all_of_them, key=lambda cluster: len(cluster.members))
        for cluster in all_of_them - {largest}:
            largest.absorb(cluster)
            clusters.update(dict.fromkeys(cluster.members, largest))
        largest.members.append(position)
        clusters[position] = clusters[largest.members[0]] = largest

    # --- reading ----------------------------------------------------------------------

    def search(self, wanted: Wanted) -> Search:
        """Return what finds the entries that are wanted, now and later."""
        rule = wanted.rules[-1] if wanted.rules else None
        return Search(self._parties, self._kinds, rule, wanted.reads)

    def reach(self, rules: Sequence[Rule]) -> Reach:
        """Return what tells apart the entries that a search for the last rule finds."""
        return Reach(
            self.entries, self.clusters, self.identities, self.references, rules
        )

    def says_already(self, size: int, entry: Entry, known_by: float = math.inf) -> bool:
        """Tell whether a live one of the first *size* entries says the same.

        Args:
            size: How many of the entries to look at.
            entry: What is to be said.
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
                and _saying(self.entries[position]) == _saying(entry)
                and self._is_live(position, size)
                for position in same
            )

    def check_at_hand(self, claims: Iterable[Event]) -> None:
        """Make sure that what else is said about some happenings is at hand.

        Where entries are missing, that is known only of happenings of which one is
        there: a part has with each entry all that bears on it.

        Raises:
            EntryError: It may be missing.
        """
        with self.lock:
            for event in claims if self.entries.gaps else ():
                if not self.identities.about(event):
                    problem = f"nothing in this part of a log is about {event.id!r}"
                    remedy = "append to the whole log, which may say more about it"
                    raise EntryError(event, f"{problem}: {remedy}")

    def check_slot(self, size: int, entry: Entry, known_by: float) -> None:
        """Make sure that a correction counts, on some day of knowledge at least.

        A retraction withdraws all versions of a claim, in whichever order they arrive.

        Args:
            size: How many of the entries to look at.
            entry: The correction, or a plain claim.
            known_by: The day by which the same is said already, if it is.

        Raises:
            EntryError: What it corrects was withdrawn, from no later than it is known;
                or from later, but the same was said already.
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
                    if is_late or self.says_already(size, entry, known_by):
                        problem = f"entry {position} withdraws entry {target}"
                        remedy = f"claim it anew, or retract entry {position} first"
                        raise EntryError(
                            entry.supersedes,
                            f"{problem} and all that corrects it: {remedy}",
                        )

    def named(self, size: int, event: Event, target: int) -> Event:
        """Return a correction as a claim about the same happening as its target.

        Where nobody named what happened, equal claims are about one happening, and no
        others. So if others stand by the claim, the correction is about another; and if
        others claim already what it says, it is about the same as theirs.
        """
        with self.lock:
            corrected = self.entries[target].claim
            named = event.named_after(corrected)
            if named is event or isinstance(corrected.key, str):
                return named
            for each in (named, event):
                entry = Entry(position=size, event=each, supersedes=target)
                if self.says_already(size, entry):
                    return each
            same = {*self.identities.about(corrected), *self.identities.about(event)}
            others = {p for p in same if p < size and p != target}
            return event if self._any_stands(size, others) else named

    def _any_stands(self, size: int, positions: set[int]) -> bool:
        """Tell whether one of some claims counts, among the first *size* entries."""
        from bri_timeline._resolution import standing

        related = set(positions)
        for position in positions & self.clusters.keys():
            related.update(self.clusters[position].members)
        entries = [self.entries[p] for p in sorted(related) if p < size]
        return any(entry.position in positions for entry in standing(entries))

    def about(self, size: int, wanted: Wanted) -> list[Entry]:
        """Return which of the first *size* entries are about some parties.

        That is what satisfies the last rule, what corrects, retracts or refers to that,
        and so on.
        """
        with self.lock:
            if not wanted.rules:
                return self.entries.held(size)
            rule = wanted.rules[-1]
            alone, groups = self.reach((rule,)).told_apart(self.search(wanted).news())
            grouped = {p for group in groups for p in group.members}
            entries = [self.entries[p] for p in sorted({*alone, *grouped}) if p < size]
            return _about(entries, rule)

    def bearing(self, size: int, wanted: Wanted) -> list[Entry]:
        """Return what of the first *size* entries bears on what is wanted.

        That is what is about its parties, and what is said of the same happenings,
        whomever it names.
        """
        about = self.about(size, wanted)
        with self.lock:
            if not self.clusters or not wanted.rules:
                return about
            found = {entry.position: entry for entry in about}
            clusters = {self.clusters.get(entry.position) for entry in about} - {None}
            resolution = [p for cluster in clusters if cluster for p in cluster.members]
            # Entries that came later may have united families: these do not count.
            links = _links([self.entries[p] for p in resolution if p < size])
            waiting = list(about)
            while waiting:
                for near in links.pop(waiting.pop().position, ()):
                    if near.position not in found:
                        found[near.position] = near
                        waiting.append(near)
            return [found[position] for position in sorted(found)]

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


def _target(entry: Entry) -> int | None:
    return entry.retracts if entry.supersedes is None else entry.supersedes


def _links(entries: Iterable[Entry]) -> dict[int, list[Entry]]:
    """Return, by position, the entries that each of some bears on, or is borne on by.

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
    """Return what satisfies a rule, and what targets or refers to that, and so on."""
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


def _saying(entry: Entry) -> tuple[Event | None, int | None, int | None, str | None]:
    because = entry.because if entry.event is None else None
    return entry.event, entry.supersedes, entry.retracts, because
