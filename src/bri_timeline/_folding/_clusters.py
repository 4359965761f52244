"""Clusters of related entries, resolved for one basis."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import (
    Callable,
    Collection,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from itertools import chain, groupby
from operator import itemgetter
from typing import TypeVar

from bri_timeline._events import (
    Entry,
    Event,
    Key,
    Mark,
    resting_on,
    sort_key,
    uncollected,
)
from bri_timeline._happening import Happening, content, named_among
from bri_timeline._journal import (
    Basis,
    Claims,
    Cluster,
    Entries,
    Journal,
    Prefer,
    Resolution,
    Wanted,
    resolve,
)
from bri_timeline._payload import is_digest
from bri_timeline._scope import reached


__all__ = [
    "NEWEST",
    "ResolvedClusters",
    "all_of",
    "chosen",
    "missing",
    "moments",
    "selected",
]

T = TypeVar("T")

# The basis of most questions: under it, clusters settle in the columns of a fold order.
NEWEST = Basis(math.inf, math.inf)
_FEW = 8
_NO_NAMES: Mapping[str, Collection[str]] = {}


def chosen(resolution: Resolution, wanted: Wanted) -> Resolution:
    """Return a resolution limited to a selection.

    Args:
        resolution: Of a complete group: with all related entries and all targets of
            references.
        wanted: The selection.
    """
    asides = (aside.event for aside in resolution.set_aside)
    counting = [happening.event for happening in resolution.happenings]
    names = {one.event.id: one.names() for one in resolution.happenings if one.besides}
    return resolution.only(_condition(wanted, counting, asides, names))


def selected(
    found: list[tuple[Event, T]],
    wanted: Wanted,
    entries: Callable[[T], Sequence[Entry]],
) -> list[tuple[Event, T]]:
    """Return what counts of a complete group, limited to a selection.

    Args:
        found: The events, each with where it is found.
        wanted: The selection.
        entries: Returns the entries found there, which are asked for their datasets.
    """
    if wanted.is_all:
        return found
    is_wanted = _condition(wanted, [event for event, _ in found])
    return [pair for pair in found if is_wanted(pair[0], entries(pair[1]))]


def _condition(
    wanted: Wanted,
    counting: Sequence[Event],
    others: Iterable[Event] = (),
    names: Mapping[str, Collection[str]] = _NO_NAMES,
) -> Callable[[Event, Sequence[Entry]], bool]:
    """Return a function that tells whether an event of a group is selected.

    It takes the event and the entries that it rests on.

    Args:
        wanted: The selection.
        counting: What counts of the group: any of it may be the target of a reference.
        others: What else the function will be asked about.
        names: All names of happenings that have several, by their ids.
    """
    rules, has_datasets = wanted.rules, wanted.has_datasets

    def is_read(event: Event, entries: Sequence[Entry]) -> bool:
        datasets = {one.dataset for one in entries} if has_datasets else ()
        return wanted.is_read(event, datasets)

    if not rules:
        return is_read
    refers = any(event.refers_to for event in (*counting, *others))
    ids = [reached(counting, rule, names) if refers else set[str]() for rule in rules]

    def is_wanted(event: Event, entries: Sequence[Entry]) -> bool:
        return all(
            rule.holds(event) or not near.isdisjoint(event.refers_to)
            for rule, near in zip(rules, ids, strict=True)
        ) and is_read(event, entries)

    return is_wanted


def moments(
    entries: Entries,
    rows: Sequence[int],
    basis: Basis,
    *,
    by_position: bool,
    bounded: bool,
) -> Iterator[tuple[float, list[tuple[Event, Sequence[Entry]]]]]:
    """Yield what counts of some entries under ever more knowledge; nothing, last.

    Args:
        entries: The entries of the journal.
        rows: Of a cluster, in ascending order.
        basis: What is known in the end.
        by_position: Knowledge is a log position, not a day.
        bounded: Each claim is bounded by its own reports.

    Yields:
        The first moment of each knowledge, and the events with their entries.
    """
    known = [entries.position(r) if by_position else entries.knowns[r] for r in rows]
    is_in_order = known == sorted(known)
    claims = Claims(basis.prefer, bounded=bounded)
    pairs = [*zip(rows, known, strict=True)]
    for moment, some in groupby(sorted(pairs, key=itemgetter(1)), itemgetter(1)):
        # What becomes known in the order of the log is added to what was known.
        if is_in_order:
            for row, _ in some:
                claims.add(entries[row])
        else:
            claims = Claims(basis.prefer, bounded=bounded)
            for row, day in pairs:
                claims.add(entries[row], is_known=day <= moment)
        yield moment, claims.taken()
    yield math.inf, []


class ResolvedClusters:
    """Clusters, each resolved by itself, and the marks of their happenings.

    A fold needs marks only. Why other claims do not count is found when it is asked
    for, and kept until the cluster changes. The marks of settled clusters are not here
    but in the columns of the fold order.

    Args:
        entries: The entries of the journal.
        basis: The entries that count as known.
        wanted: The selection.

    Attributes:
        basis: The entries that count as known.
        keys: The keys of the marks, in ascending order.
        marks: The beginnings of the happenings, and the ends if selected, likewise.
    """

    __slots__ = (
        "_claims",
        "_entries",
        "_happenings",
        "_is_all",
        "_keys",
        "_resolutions",
        "_wanted",
        "basis",
        "keys",
        "marks",
    )

    def __init__(self, entries: Entries, basis: Basis, wanted: Wanted) -> None:
        self._entries = entries
        self.basis = basis
        self._wanted = wanted
        self._is_all = wanted.is_all and not wanted.bounded
        self.keys: list[Key] = []
        self.marks: list[Mark] = []
        self._keys: dict[Cluster, tuple[Key, ...]] = {}
        # The claims of large clusters, with the number of members.
        self._claims: dict[Cluster, tuple[Claims, int]] = {}
        # What was asked for since the cluster changed, or any of them.
        self._resolutions: dict[Cluster, Resolution] = {}
        self._happenings: list[Happening] | None = None

    def under(self, basis: Basis) -> ResolvedClusters:
        """Return a copy for another basis, in which changed clusters are replaced."""
        other = ResolvedClusters(self._entries, basis, self._wanted)
        other.keys, other.marks = self.keys.copy(), self.marks.copy()
        # Shallow copies: keys and resolutions are immutable, and most are the same.
        other._keys = self._keys.copy()
        other._resolutions = self._resolutions.copy()
        return other

    def put(self, cluster: Cluster) -> None:
        """Resolve a cluster that is new or has grown."""
        self._remove(cluster)
        marks = self._marks_of(cluster)
        self._keys[cluster] = tuple([key for key, _ in marks])
        for key, mark in marks:
            place = bisect_left(self.keys, key)
            self.keys.insert(place, key)
            self.marks.insert(place, mark)

    def put_all(self, clusters: Collection[Cluster]) -> None:
        """Resolve clusters that are new or have grown."""
        if len(clusters) <= _FEW:
            for cluster in clusters:
                self.put(cluster)
            return
        # Inserting moves the rest of each list: for many marks one sort is faster.
        self._happenings = None
        old: set[Key] = set()
        found: list[tuple[Key, Mark]] = []
        for cluster in clusters:
            old.update(self._keys.get(cluster, ()))
            self._resolutions.pop(cluster, None)
            marks = self._marks_of(cluster)
            self._keys[cluster] = tuple([key for key, _ in marks])
            found += marks
        pairs = zip(self.keys, self.marks, strict=True)
        found += [pair for pair in pairs if pair[0] not in old]
        found.sort(key=itemgetter(0))
        self.keys = [key for key, _ in found]
        self.marks = [mark for _, mark in found]

    def settle(self, clusters: Collection[Cluster]) -> dict[int, Event | None]:
        """Resolve clusters of which others will hold the marks, and those of all.

        Args:
            clusters: Those that are new, or have marks here.

        Returns:
            What counts of them, by the row of its first entry; None if it is the claim
            of that entry.
        """
        self.keys, self.marks, self._happenings = [], [], None
        self._keys.update(dict.fromkeys(clusters, ()))
        found: dict[int, Event | None] = {}
        left: Iterable[Cluster] = clusters
        if self._is_all:
            left = self._settle_pairs(clusters, found)
        counting = chain.from_iterable(map(self._counting, left))
        found.update((row, event) for event, row in counting)
        return found

    def _settle_pairs(
        self, clusters: Iterable[Cluster], found: dict[int, Event | None]
    ) -> list[Cluster]:
        """Resolve pairs as `_of_few()` does it, without a call for each.

        Args:
            clusters: These and others.
            found: Gets what counts, by row, as `settle()` returns it.

        Returns:
            The others.
        """
        entries, left = self._entries, list[Cluster]()
        events, knowns, targets = entries.events, entries.knowns, entries.targets
        originals = entries.originals
        for cluster in clusters:
            members = cluster.members
            if len(members) != 2:
                left.append(cluster)
                continue
            # A pair is made when its second entry is appended, so that comes second.
            one, two = members
            # Events lie anywhere in memory: one that is not needed is not looked at.
            second = events[two]
            if second is None and two in targets and two not in originals:
                continue
            first = events[one]
            if (
                first is None
                or second is None
                or first._id is None
                or first._id != second._id
                or entries.dataset(one) != entries.dataset(two)
            ):
                left.append(cluster)
            elif two in targets:
                found[two] = None
            elif content(first) == content(second):
                cite = first.cite + second.cite
                if len({*cite}) < len(cite):
                    cite = tuple(dict.fromkeys(cite))
                found[one] = resting_on(first, cite)
            elif _differ(first, second):
                found[one if knowns[one] > knowns[two] else two] = None
            else:
                left.append(cluster)
        return left

    def drop(self, cluster: Cluster) -> None:
        """Remove a cluster if it is present."""
        self._remove(cluster)
        self._claims.pop(cluster, None)

    def _remove(self, cluster: Cluster) -> None:
        """Remove the marks of a cluster if it is present."""
        self._happenings = None
        self._resolutions.pop(cluster, None)
        for key in self._keys.pop(cluster, ()):
            place = bisect_left(self.keys, key)
            del self.keys[place], self.marks[place]

    # --- resolving ------------------------------------------------------------------

    def _marks_of(self, cluster: Cluster) -> list[tuple[Key, Mark]]:
        """Return the marks of a cluster, with their keys."""
        wanted, position_of = self._wanted, self._entries.position
        marks: list[tuple[Key, Mark]] = []
        for event, row in self._counting(cluster):
            when, position = event.when, position_of(row)
            # As `sort_key()` does it, without a call for each.
            marks.append(((when.latest_start, when.earliest_start, position), event))
            if wanted.ends:
                ends = wanted.marks_of(event)[1:]
                marks += [(sort_key(ending, position), ending) for ending in ends]
        return marks

    def _counting(self, cluster: Cluster) -> list[tuple[Event, int]]:
        """Return the selected events that count, with the row of the first entry."""
        members, wanted = cluster.members, self._wanted
        # Most have two: no objects are made for these.
        if len(members) <= 2 and not (wanted.has_datasets or wanted.bounded):
            found = self._of_few(sorted(members))
            if found is not None:
                return found if self._is_all else selected(found, wanted, _no_entries)
        claims, row = self._claims_in(cluster), self._entries.row
        if wanted.rules and claims.has_several_names():
            happenings = chosen(claims.resolution(), wanted).happenings
            return [(one.event, row(one.position)) for one in happenings]
        taken = selected(claims.taken(), wanted, all_of)
        return [(event, row(entries[0].position)) for event, entries in taken]

    def _claims_in(self, cluster: Cluster) -> Claims:
        """Return the claims of a cluster."""
        members = cluster.members
        if len(members) <= _FEW:
            return self._claims_of(sorted(members))
        claims, count = self._claims.get(cluster) or (self._no_claims(), 0)
        # A cluster that absorbed another one may have earlier members now. These share
        # no original with the others, so they need not come first.
        self._add(claims, sorted(members[count:]))
        self._claims[cluster] = claims, len(members)
        return claims

    def _of_few(self, rows: list[int]) -> list[tuple[Event, int]] | None:
        """Return what counts of a claim, and of a later entry that is related to it.

        Args:
            rows: That of the claim, and of the other entry if there is one.

        Returns:
            The events, with their rows; None if a preference has to choose.
        """
        entries, (known_by, size, prefer) = self._entries, self.basis
        events, knowns = entries.events, entries.knowns
        if known_by < math.inf or size < math.inf:
            rows = [row for row in rows if row < size and knowns[row] <= known_by]
        found = [(event, row) for row in rows if (event := events[row]) is not None]
        if len(rows) > 1 and rows[1] in entries.targets:
            if rows[1] not in entries.originals:  # it was retracted
                return []
            return self._of_corrected(found)
        if len(found) < 2:
            # A correction is known before what it corrects.
            is_odd = bool(rows) and rows[0] in entries.targets
            return None if found and is_odd else found
        (first, one), (second, two) = found
        if first._id != second._id:
            # An id may be the digest of the other; or else they are two happenings, of
            # which one refers to the other, or their hashes are equal.
            has_digest = any(is_digest(e._id) for e, _ in found if e._id)
            return None if has_digest else found
        if content(first) == content(second):
            cite = dict.fromkeys(first.cite + second.cite)
            return [(resting_on(first, tuple(cite)), one)]
        if first._id is None:
            return found
        if not _differ(first, second):
            return None
        if prefer is not Prefer.LATEST_KNOWN or knowns[one] == knowns[two]:
            return None
        return found[:1] if knowns[one] > knowns[two] else found[1:]

    def _of_corrected(
        self, found: list[tuple[Event, int]]
    ) -> list[tuple[Event, int]] | None:
        """Return what counts of a claim and its correction; None if that is not plain.

        A dataset's word stands beside what a person says instead, and either may count.
        """
        entries = self._entries
        if len(found) < 2:  # the claim was erased
            return None
        (first, one), (second, two) = found
        if first._id != second._id or entries.dataset(one) != entries.dataset(two):
            return None
        if first._id is None and content(first) != content(second):
            second = second.named(first.digest)
        return [(second, two)]

    def _claims_of(self, rows: Iterable[int]) -> Claims:
        """Return the claims of entries, in order of position."""
        claims = self._no_claims()
        self._add(claims, rows)
        return claims

    def _no_claims(self) -> Claims:
        return Claims(self.basis.prefer, bounded=self._wanted.bounded)

    def _add(self, claims: Claims, rows: Iterable[int]) -> None:
        entries, (known_by, size, _) = self._entries, self.basis
        for row in rows:
            if row < size:
                is_known = entries.knowns[row] <= known_by
                claims.add(entries[row], is_known=is_known)

    # --- reading --------------------------------------------------------------------

    def first_difference(self, other: ResolvedClusters) -> Key | None:
        """Return the first key at which two differ; None if they are equal."""
        keys, others = self.keys, other.keys
        if keys == others and self.marks == other.marks:
            return None
        shorter = min(len(keys), len(others))
        for place in range(shorter):
            if keys[place] != others[place]:
                return min(keys[place], others[place])
            if self.marks[place] != other.marks[place]:
                return keys[place]
        return max(keys, others, key=len)[shorter]

    def named(self, cluster: Cluster, name: str) -> Happening | None:
        """Return the happening of a cluster with an id, if one counts."""
        resolution = self.of(cluster)
        return named_among(resolution.happenings if resolution else (), name)

    def of(self, cluster: Cluster | None) -> Resolution | None:
        """Return the resolution of a cluster, if it is one of these."""
        if cluster is None or cluster not in self._keys:
            return None
        found = self._resolutions.get(cluster)
        if found is None:
            claims, count = self._claims.get(cluster, (None, 0))
            if claims is None or count < len(cluster.members):
                claims = self._claims_of(sorted(cluster.members))
            found = chosen(claims.resolution(), self._wanted)
            self._resolutions[cluster] = found
        return found

    def _all(self) -> list[Resolution]:
        """Return the resolutions of all clusters."""
        with uncollected():  # resolving makes no reference cycles
            return [found for found in map(self.of, self._keys) if found is not None]

    def happenings(self) -> list[Happening]:
        """Return the happenings, and their ends if selected, in fold order."""
        if self._happenings is None:
            found = chain.from_iterable(one.happenings for one in self._all())
            if self._wanted.ends:
                closing = self._wanted.closing
                found = chain.from_iterable(one.marks(closing) for one in found)
            self._happenings = sorted(found, key=Happening.certainty_order)
        return self._happenings

    def resolution(self) -> Resolution:
        """Return the resolutions of all clusters as one."""
        all_of_them = self._all()
        disputes = chain.from_iterable(one.disputes for one in all_of_them)
        set_aside = chain.from_iterable(one.set_aside for one in all_of_them)
        slots = chain.from_iterable(one.slots for one in all_of_them)
        return Resolution(
            tuple(self.happenings()),
            tuple(sorted(disputes, key=lambda dispute: dispute[0].certainty_order())),
            tuple(sorted(set_aside, key=lambda aside: aside.entry.position)),
            tuple(slots),
        )


def all_of(entries: Sequence[Entry]) -> Sequence[Entry]:
    """Return entries, where they are found with what rests on them."""
    return entries


def _no_entries(_row: int) -> Sequence[Entry]:
    return ()


def _differ(one: Event, other: Event) -> bool:
    """Check quickly that two claims contradict each other; if unsure, they do not."""
    first, second = one.when, other.when
    return type(one.what) is not type(other.what) or (
        not (first.is_extent or second.is_extent)
        and (
            first.latest_start < second.earliest_start
            or second.latest_start < first.earliest_start
        )
    )


def missing(journal: Journal, basis: Basis) -> Iterator[tuple[str, set[Event]]]:
    """Yield ids that claims refer to, but that no counting event has.

    Args:
        journal: The entries.
        basis: The entries that count as known.

    Yields:
        Each id, with the claims of which some refer to it.
    """
    clusters, events = journal.clusters, journal.entries.events
    journal.references.catch_up()
    for name, rows in journal.references.places.items():
        if not _has(journal, basis, name):
            near = (clusters[r].members if r in clusters else [r] for r in rows)
            found = (events[row] for row in chain.from_iterable(near))
            yield name, {event for event in found if event is not None}


def _has(journal: Journal, basis: Basis, name: str) -> bool:
    """Check whether an event with an id counts under a basis."""
    # One claim is enough to find the cluster of all claims with this id.
    claims = journal.identities.named(name)[:1]
    clusters = [journal.clusters[p].members for p in claims if p in journal.clusters]
    size = journal.entries.row(basis.size)
    entries = [journal.entries[p] for p in sorted(*clusters or [claims]) if p < size]
    found = resolve(entries, basis.known_by, prefer=basis.prefer).happenings
    return named_among(found, name) is not None
