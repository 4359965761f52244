"""The append-only entries that logs share, and the clusters of related ones."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from threading import RLock
from typing import Any, TypeVar

from bri_timeline._events import Entry, Event, keys_of
from bri_timeline._events.entries import EntryColumns, Review, unchecked_entry
from bri_timeline._happening import bounded as bounded_event
from bri_timeline._happening import id_given_to
from bri_timeline._journal._closure import (
    ReferenceClosure,
    about_rule,
    read_among,
    target_of,
    with_linked,
)
from bri_timeline._journal._digests import Digests
from bri_timeline._journal._entries import Entries
from bri_timeline._journal._identity import IdentityIndex, erased_versions, is_repeat
from bri_timeline._journal._index import (
    Cluster,
    KindIndex,
    Parties,
    References,
    Search,
    Wanted,
)
from bri_timeline._journal.proposals import Proposal, proposals_among
from bri_timeline._process import ProcessLock, uncollected
from bri_timeline._scope import PartyRule, selected
from bri_timeline.errors import EntryError


T = TypeVar("T")
Progress = Callable[[int], object]
_AT_ONCE = 1 << 12
_MOST_COMPARED = 8


def no_progress(*_done: int) -> None:
    """Ignore progress: the default of functions that report it."""


class Journal:
    """The entries of one log and of those that grew from it; append-only.

    Such logs share a journal: each is a prefix of it. Only the longest log grows in
    place; appending to a shorter one copies the prefix into a new journal.

    Args:
        entries: In order of position; positions may be missing.
        size: The number of positions, if entries are missing.

    Attributes:
        entries: The entries, found by row.
        clusters: Row -> the cluster of related entries. A singleton, as most entries
            are, is not in it.
        identities: The index of claims by identity.
        references: The index of entries by the ids that they refer to.
        releases: Name of a dataset -> what was read of its releases; used locked.
    """

    def __init__(self, entries: Iterable[Entry] = (), size: int = 0) -> None:
        columns = entries
        if not isinstance(columns, EntryColumns):
            columns = EntryColumns.of([*entries])
        self.entries = Entries()
        if size > len(columns):
            self.entries = Entries([*columns.positions], size)
        self._bounded: Entries | None = None
        self.clusters: dict[int, Cluster] = {}
        self._parties = Parties(self.entries, self.clusters)
        self._kinds = KindIndex(self.entries, self.clusters)
        self.identities = IdentityIndex(self.entries)
        self.references = References(self.entries, self.clusters)
        self.releases: dict[str, Any] = {}
        self._digests = Digests(self.entries, self.clusters, self.references)
        self._lock = ProcessLock()
        self._load_all(columns)

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle the entries; the indexes are built again."""
        size = len(self.entries)
        return Journal, (self.entries.all_recorded(size), self.entries.position(size))

    @property
    def lock(self) -> RLock:
        """Held while the journal grows, and while derived data are read."""
        return self._lock.here(self._mend)

    def _mend(self) -> None:
        """Build the indexes again, of the entries that are whole."""
        again = self._begun(self.entries.whole)
        vars(self).update({**vars(again), "_lock": self._lock})

    def _begun(self, size: int) -> Journal:
        """Return a journal of the first *size* entries."""
        return Journal(self.entries.all_recorded(size), self.entries.position(size))

    def _load_all(self, entries: EntryColumns) -> None:
        claims = [event for event in entries.events if event is not None]
        keys = keys_of(claims)
        with uncollected(len(claims)):
            gone = erased_versions(self.entries, entries)
            indices = self.identities.expect(keys, len(entries), gone)
            places: Sequence[int] = range(len(entries))
            if indices and len(claims) < len(entries):
                places = [n for n in places if entries.events[n] is not None]
            noted = {places[index]: keys[index] for index in indices or ()}
            for start in range(0, len(entries), _AT_ONCE):
                part = range(start, min(start + _AT_ONCE, len(entries)))
                all_apart = indices is None
                apart = part if all_apart else self._apart(entries, part, noted)
                self._load(entries, part, apart)
            self._follow()

    def _apart(
        self, entries: EntryColumns, some: range, noted: Mapping[int, str | int]
    ) -> list[int]:
        """Return the places of entries that are more than a claim of a new identity.

        Args:
            entries: The entries.
            some: The places of those to append.
            noted: By place, the keys of claims that have to be noted.
        """
        places = [*filter(entries.others.__contains__, some)]
        size, begun = len(self.entries) - some.start, set[str | int]()
        for place in filter(noted.__contains__, some):
            # The first claim of a happening is like others; later ones are related.
            if place in entries.others:
                begun.add(noted[place])
            elif noted[place] in begun or self.identities.claim(
                noted[place], size + place
            ):
                places.append(place)
        return sorted(places)

    def _load(
        self, entries: EntryColumns, some: range, one_by_one: Iterable[int]
    ) -> None:
        """Append entries, in bulk but for those at some places."""
        start = some.start
        for place in (*one_by_one, some.stop):
            if start < place:
                self.entries.load(entries, start, place)
            if place < some.stop:
                self._add(entries[place])
            start = place + 1

    # --- growing --------------------------------------------------------------------

    def grown(self, size: int, *entries: Entry) -> Journal:
        """Return a journal of the first *size* entries and some more."""
        with self.lock:
            # A shorter log must not see what another one appended to the same journal.
            if size == len(self.entries):
                if len(entries) == 1:
                    self._add(entries[0])
                    self._follow()
                else:
                    self._load_all(EntryColumns.of(entries))
                return self
        return self._begun(size).grown(size, *entries)

    def of_dataset(self, dataset: str, size: int) -> list[Entry]:
        """Return those of the first *size* entries that belong to a dataset."""
        with self.lock:
            return self.entries.of_dataset(dataset, size)

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
        with self.lock, uncollected(len(claims)):
            journal = self
            if size < len(self.entries):
                journal = self._begun(size)
            journal._claim(claims, progress)
            journal._follow()
            return journal, len(journal.entries)

    def _claim(self, claims: Sequence[Event], progress: Progress) -> None:
        """Append plain claims, in bulk as far as each has a new identity."""
        keys = keys_of(claims)
        noted = self.identities.expect(keys, len(claims))
        place = 0
        for start in range(0, len(claims), _AT_ONCE):
            progress(start)
            stop = min(start + _AT_ONCE, len(claims))
            if noted is None:
                for event in claims[start:stop]:
                    self._claim_one(event)
            else:
                first, place = place, bisect_left(noted, stop, place)
                self._claim_some(claims, keys, range(start, stop), noted[first:place])

    def _claim_some(
        self,
        claims: Sequence[Event],
        keys: Sequence[str | int],
        part: range,
        noted: Iterable[int],
    ) -> None:
        """Append plain claims in bulk, and put related ones into their clusters.

        Args:
            claims: The claims.
            keys: Their keys.
            part: The indices of those to append.
            noted: Those of which the key has to be noted.
        """
        identities, start = self.identities, part.start
        # The row of a claim is its index and this, as long as none is left out.
        ahead = len(self.entries) - start
        new_claims: list[Event] = []
        new: dict[int, Event] = {}
        related: list[tuple[int, int]] = []
        for index in noted:
            event, row = claims[index], index + ahead
            before = identities.claim(keys[index], row)
            if len(before) > _MOST_COMPARED:
                self._claim_kept([*new_claims, *claims[start:index]], related)
                self._claim_one(event)
                start, new_claims, new, related = index + 1, [], {}, []
                ahead = len(self.entries) - start
            elif before and self._is_claimed(event, before, new):
                new_claims += claims[start:index]
                start, ahead = index + 1, ahead - 1
            else:
                if before:
                    related.append((row, before[-1]))
                    identities.claim_again(keys[index], row)
                new[row] = event
        rest = claims[start : part.stop]
        self._claim_kept([*new_claims, *rest] if new_claims else rest, related)

    def _claim_kept(
        self, claims: Sequence[Event], related: Iterable[tuple[int, int]]
    ) -> None:
        """Append plain claims, each related to those of its identity."""
        self.entries.claim(claims)
        for row, related_row in related:
            self._unite_pair(row, related_row)

    def _is_claimed(
        self, event: Event, rows: Iterable[int], new: Mapping[int, Event]
    ) -> bool:
        """Check whether a plain claim repeats a live entry.

        Args:
            event: The claim.
            rows: The rows of claims with the same identity.
            new: Plain claims that are about to be appended, by row.
        """
        size, events = len(self.entries), self.entries.events
        for row in rows:
            if row in new:
                if new[row] == event:
                    return True
            elif events[row] == event and self.is_repeated(
                size, unchecked_entry(size, event, None)
            ):
                return True
        return False

    def _claim_one(self, event: Event) -> None:
        """Append a plain claim, unless a live entry has the same content."""
        size = len(self.entries)
        entry = unchecked_entry(self.entries.position(size), event, event.known_day)
        if not self.is_repeated(size, entry):
            self._add(entry)

    def _add(self, entry: Entry) -> None:
        """Append an entry, and put it into one cluster with its related entries."""
        related: list[int] = []
        row, target = len(self.entries), target_of(entry)
        if entry.event is not None:
            related = self.identities.note(row, entry, entry.event)
        if target is not None and (entry.is_version or entry.retracts is not None):
            related += self.identities.note_target(row, entry, target)
        if len(related) == 1:
            self._unite_pair(row, related[0])
        elif related:
            self._unite([*related, row])
        self.entries.append(entry)

    def _unite_pair(self, row: int, other: int) -> None:
        """Put an entry into the cluster of another one."""
        cluster = self.clusters.get(other)
        if cluster is None:
            self.clusters[row] = self.clusters[other] = Cluster([other, row])
        else:
            cluster.members.append(row)
            self.clusters[row] = cluster

    def _follow(self) -> None:
        """Put what refers to a happening by a digest into one cluster with its claims.

        On which of these are known depends what id it has, and so what a fold is told.
        """
        for rows in self._digests.new_groups():
            self._unite(rows)

    def _unite(self, rows: list[int]) -> None:
        """Make one cluster of related entries, of which those in none come last."""
        clusters = self.clusters
        all_of_them = dict.fromkeys(filter(None, map(clusters.get, rows)))
        alone = [row for row in dict.fromkeys(rows) if row not in clusters]
        # The largest absorbs the others: each entry then moves O(log n) times at most.
        largest = max(
            all_of_them, key=lambda one: len(one.members), default=Cluster([])
        )
        for cluster in all_of_them.keys() - {largest}:
            largest.absorb(cluster)
            clusters.update(dict.fromkeys(cluster.members, largest))
        largest.members += alone
        clusters.update(dict.fromkeys(alone, largest))

    def as_read(self, *, bounded: bool) -> Entries:
        """Return the entries, or these with events as bounded by their reports.

        Of the latter, only entries that stand alone are read: of related ones, the
        sources depend on what is known.
        """
        if not bounded:
            return self.entries
        if self._bounded is None:
            self._bounded = self.entries.none()
        self._bounded.follow(self.entries, bounded_event)
        return self._bounded

    # --- reading ----------------------------------------------------------------------

    def has_references(self, size: float) -> bool:
        """Check whether an entry before a position refers to another event."""
        with self.lock:
            self.references.catch_up()
            # They are in the order of the first entry that has them.
            rows = next(iter(self.references.places.values()), None)
            return rows is not None and self.entries.position(rows[0]) < size

    def search(self, wanted: Wanted) -> Search:
        """Return a repeatable search for the selected entries."""
        rule = wanted.rules[-1] if wanted.rules else None
        return Search(self._parties, self._kinds, rule, wanted.kinds)

    def reference_closure(self, rules: Sequence[PartyRule]) -> ReferenceClosure:
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
            knowns = self.entries.knowns
            return any(knowns[row] <= known_by for row in self._repeated(size, entry))

    def _repeated(self, size: int, entry: Entry) -> Iterator[int]:
        """Yield the rows of the live ones of the first *size* with the same content."""
        same: Sequence[int]
        if entry.retracts is None:
            same = self.identities.like(entry)
        else:
            target = self.entries.row(entry.retracts)
            same = self.entries.retractions.get(target, ())
        for row in same:
            is_same = row < size and is_repeat(entry, row, self.entries)
            if is_same and self.entries.is_live(row, size):
                yield row

    def proposals(self, size: int, about: Review | int | None = None) -> list[Proposal]:
        """Return the proposals among the first entries, decided by these alone.

        Args:
            size: The number of entries to examine.
            about: Only those that a review is about, as `Review.about` has it; by
                default all.
        """
        with self.lock:
            entries = self.entries
            return proposals_among(
                (entries.reviewed[row], entries.is_live(row, size))
                for row in entries.rows_reviewed(about)
                if row < size
            )

    def acceptances(self, size: int, proposal: int) -> list[int]:
        """Return the positions of the live entries that accept a proposal."""
        with self.lock:
            entries = self.entries
            rows = [row for row in entries.reviews.get(proposal, ()) if row < size]
            decisions = [entries.reviewed[r] for r in rows if entries.is_live(r, size)]
            return [entry.position for entry in decisions if entry.accepts is not None]

    def check_present(self, claims: Iterable[Event]) -> None:
        """Check that no other claim about some happenings can be missing.

        A partial log has all related entries of each of its entries. So it is complete
        for a happening about which it has a claim, and only for such.

        Raises:
            EntryError: Claims about one of them may be missing.
        """
        if not self.entries.missing_count:
            return
        with self.lock:
            for event in claims:
                if not self.identities.about(event):
                    problem = f"this partial log has no claim about {event.id!r}"
                    remedy = "append to the whole log, which may have such claims"
                    raise EntryError(event, f"{problem}: {remedy}")

    def check_day(self, size: int, entry: Entry) -> None:
        """Check that a claim with a day of its own does not repeat an earlier one.

        Args:
            size: The number of entries to examine.
            entry: The claim.

        Raises:
            EntryError: It was known before, and nothing says so of that day.
        """
        with self.lock:
            day, knowns = entry._knowledge()[0], self.entries.knowns
            before = [r for r in self._repeated(size, entry) if knowns[r] <= day]
            if before and all(knowns[row] < day for row in before):
                by = self.entries.position(before[0])
                problem = f"entry {by} says the same, known since before that day"
                remedy = f"to put the day right, retract entry {by} and claim anew"
                raise EntryError(entry.event, f"{problem}: {remedy}")

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
            corrected = self.entries.row(target)
            original = self.entries.originals.get(corrected, corrected)
            for row in self.entries.retractions.get(original, ()):
                # A dataset that drops a row withdraws its own word only.
                is_own = self.entries.dataset(row) in (None, entry.dataset)
                if is_own and row < size and self.entries.is_live(row, size):
                    is_late = self.entries.knowns[row] <= entry._knowledge()[0]
                    if is_late or self.is_repeated(size, entry, known_by):
                        by = self.entries.position(row)
                        target = self.entries.position(original)
                        problem = f"entry {by} withdraws entry {target}"
                        remedy = f"claim it anew, or retract entry {by} first"
                        raise EntryError(
                            entry.supersedes,
                            f"{problem} and all that corrects it: {remedy}",
                        )

    def named(self, event: Event, target: int) -> Event:
        """Return a correction with the id of its target, if one was given to that.

        Args:
            event: The correction.
            target: The position of what it corrects.
        """
        with self.lock:
            corrected = self.entries.at(target)
            if event._id is not None:
                return event
            row = self.entries.row(target)
            first = self.entries[self.entries.originals.get(row, row)]
            return event.named(id_given_to(corrected, first))

    def about(self, size: int, wanted: Wanted) -> list[Entry]:
        """Return those of the first *size* entries that are about some parties.

        These are the entries that satisfy the last rule; those that correct, retract or
        refer to such an entry; and so on. Of these, the claims as recorded for which
        the filters hold, and what corrects or retracts such a claim.
        """
        about = self._about_parties(size, wanted)
        return read_among(about, wanted) if wanted.filters else about

    def has_party(self, party: str, size: int) -> bool:
        """Check whether one of the first *size* entries involves a party.

        A partial log cannot know whom the whole log has: there it is true of anybody.
        """
        selection = Wanted().within(selected((), (party,)))
        return self.entries.missing_count > 0 or bool(self.about(size, selection))

    def unknown(self, before: float) -> list[tuple[str, int]]:
        """Return the kinds and versions of `Unknown` payloads before a position."""
        with self.lock:
            entries = self.entries
            return [
                kind
                for kind, rows in entries.unknown().items()
                if entries.position(rows[0]) < before
            ]

    def _about_parties(self, size: int, wanted: Wanted) -> list[Entry]:
        with self.lock:
            if not wanted.rules:
                return self.entries[:size]
            rule = wanted.rules[-1]
            alone, groups = self.reference_closure((rule,)).partition(
                self.search(wanted).new_rows()
            )
            grouped = {row for group in groups for row in group.members}
            rows = [row for row in sorted({*alone, *grouped}) if row < size]
            related = (self.entries[row] for row in rows if row in self.clusters)
            return about_rule([self.entries[row] for row in rows], related, rule)

    def related(self, size: int, wanted: Wanted) -> list[Entry]:
        """Return those of the first *size* entries that are related to a selection.

        These are the entries about its parties, and all claims about the same
        happenings, whichever parties they name. A predicate is asked of claims that
        stand alone: of others it depends on which of them count.
        """
        about = self._about_parties(size, wanted)
        with self.lock:
            clusters, queue = self.clusters, self.entries.queue
            if queue:
                about = [e for e in about if self.entries.row(e.position) not in queue]
            if wanted.filters:
                about = [one for one in about if self._may_count(one, wanted, size)]
            if not clusters or not (wanted.rules or wanted.filters):
                return about
            rows = [self.entries.row(entry.position) for entry in about]
            near = {clusters[row] for row in rows if row in clusters}
            members = [row for cluster in near for row in cluster.members]
            # A later entry may have merged clusters: follow earlier links only.
            return with_linked(about, [self.entries[r] for r in members if r < size])

    def _may_count(self, entry: Entry, wanted: Wanted, size: int) -> bool:
        """Check whether an entry satisfies filters, or may with others of its cluster.

        That of a claim whose cluster cannot satisfy them is left out.
        """
        event, cluster = (
            entry.event,
            self.clusters.get(self.entries.row(entry.position)),
        )
        # What came later is not there.
        rows = [] if cluster is None else [r for r in cluster.members if r < size]
        if event is None or len(rows) < 2:
            return event is not None and wanted.is_read(event, (entry.dataset,))
        return wanted.may_read(self.entries.claims_among(rows))
