"""Fold order: events in the order in which they become certain."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, compress
from operator import itemgetter, not_
from typing import NamedTuple

from bri_timeline._events import Event, Key, Mark, uncollected
from bri_timeline._folding._clusters import ResolvedClusters, chosen
from bri_timeline._folding._sequence import EventSequence
from bri_timeline._folding._sorted import ALWAYS, SortedMarks
from bri_timeline._happening import Happening, Version
from bri_timeline._journal import Basis, Cluster, Journal, Wanted, resolve


__all__ = [
    "Change",
    "FoldOrder",
]


_MOST_RESOLVED = 1 << 18
_FEWEST_BASES = 4
_MOST_KEPT = 8
# How many of the last marks are moved to insert one. Of the others, how many are held
# beside the columns: at least so many, or one for so many of all.
_NEAR = 512
_FEWEST_LATE = 512
_PER_LATE = 128


class Change(NamedTuple):
    """The part of a fold order that new entries changed.

    Attributes:
        moved: The index from which singletons have other indexes than before.
        ranges: The first and last index of marks that changed between singletons that
            keep their indexes.
        rows: The rows of the new singletons.
        only_singletons: No cluster changed, and no entry was selected anew.
    """

    moved: int
    ranges: list[tuple[int, int]]
    rows: Sequence[int]
    only_singletons: bool


class FoldOrder:
    """The selected events of a journal, and their ends if selected, in fold order.

    Most entries are singletons: they count whenever they are known, so sorted columns
    hold them for every basis. Clusters are resolved for each basis and merged in. A
    fold order grows with its journal.

    To insert a mark into a long column moves all marks after it, and the states that
    were folded there lose their places. So a singleton that happened long before the
    last ones is held like a cluster, of one entry, until there are many of these.

    Args:
        journal: The entries.
        wanted: The selection.
    """

    __slots__ = (
        "_closure",
        "_clusters",
        "_entries",
        "_last",
        "_late",
        "_latest",
        "_no_clusters",
        "_placed",
        "_resolved_by_basis",
        "_search",
        "_seen",
        "_singletons",
        "_wanted",
        "journal",
    )

    def __init__(self, journal: Journal, wanted: Wanted) -> None:
        self.journal = journal
        self._wanted = wanted
        self._entries = journal.as_read(bounded=wanted.bounded)
        self._begin()

    def _begin(self) -> None:
        journal, wanted = self.journal, self._wanted
        has_index = wanted.rules or wanted.kinds is not None
        self._search = journal.search(wanted) if has_index else None
        self._closure = (
            journal.reference_closure(wanted.rules) if wanted.rules else None
        )
        self._seen = 0
        self._latest = -math.inf
        self._singletons = SortedMarks(self._entries, ends=wanted.ends)
        # Each with the number of its members that are known here, and of those of
        # which the keys were computed, and the first and last of these keys.
        self._clusters: dict[Cluster, tuple[int, int, tuple[Key, ...]]] = {}
        # The number of marks in the columns that were gone from the beginning.
        self._placed = 0
        # The singletons that are held like clusters, by row.
        self._late: dict[int, Cluster] = {}
        self._resolved_by_basis: dict[Basis, ResolvedClusters] = {}
        self._no_clusters = ResolvedClusters(
            journal.entries, Basis(math.inf, math.inf), wanted
        )
        self._last: tuple[Basis, EventSequence] | None = None

    # --- growing --------------------------------------------------------------------

    def catch_up(self) -> Change | None:
        """Add the new entries of the journal; return what changed."""
        size = len(self.journal.entries.events)
        if self._seen == size:
            return None
        self._entries = self.journal.as_read(bounded=self._wanted.bounded)
        if self._seen and len(self._wanted.rules) > 1:
            # New entries may be targets of references: rebuild, as this case is rare.
            self._begin()
        self._last = None
        single, changed = self._new_entries()
        anew, self._seen = not self._seen, size
        if anew:
            self._join_all(changed)
            self._build(single)
            return Change(0, [], single, only_singletons=False)
        ranges: list[tuple[int, int]] = []
        if changed:
            with uncollected():
                ranges += filter(None, map(self._join, changed))
        moved = self._insert(single, ranges)
        return Change(moved, ranges, single, only_singletons=not changed)

    def _build(self, rows: Sequence[int]) -> None:
        """Put singletons into new columns.

        Where most claims are in clusters, they have places in the columns too, but are
        gone: states are kept between places, and there would be few.
        """
        self._singletons = SortedMarks(self._entries, ends=self._wanted.ends)
        self._placed = 0
        events, members = self.journal.entries.events, list[int]()
        if sum(count for count, _, _ in self._clusters.values()) > len(rows):
            every = chain.from_iterable(cluster.members for cluster in self._clusters)
            members = [row for row in every if events[row] is not None]
            rows = sorted([*rows, *members])
        self._singletons.insert(rows)
        if members:
            self._singletons.leave(members)
            self._placed = self._singletons.gone

    def _insert(self, rows: Sequence[int], ranges: list[tuple[int, int]]) -> int:
        """Insert new singletons, those that are late beside the columns.

        Args:
            rows: Of the singletons.
            ranges: Gets the range of indexes where each late one lies.

        Returns:
            The first index that changed in the columns.
        """
        columns = self._singletons
        near = len(columns) - _NEAR
        if near > 0 and len(rows) <= _NEAR:
            late = [
                row for row in rows if columns.index(columns.keys_of(row)[0]) < near
            ]
            for row in late:
                self._late[row] = cluster = Cluster([row])
                ranges += filter(None, [self._join(cluster)])
            if late:
                rows = [row for row in rows if row not in self._late]
        most = max(_FEWEST_LATE, len(columns) // _PER_LATE)
        if len(self._late) + columns.gone - self._placed <= most:
            return columns.insert(rows)
        rows = sorted([*columns.counting_rows(), *self._late, *rows])
        for cluster in self._late.values():
            self._drop(cluster)
        self._late.clear()
        self._build(rows)
        return 0

    def known_marks(self, rows: Iterable[int], basis: Basis) -> Iterator[Mark]:
        """Yield the marks of new singletons that are known.

        Args:
            rows: Of the singletons.
            basis: A canonical one.
        """
        for row in rows:
            if self._entries.knowns[row] <= basis.known_by and row < basis.size:
                yield from self._singletons.marks_of(row)

    def _new_entries(self) -> tuple[Sequence[int], dict[Cluster, None]]:
        """Return the rows of new singletons, and the changed clusters."""
        entries, clusters = self._entries, self.journal.clusters
        events, is_read = entries.events, self._is_read
        if self._search is None:
            new: Sequence[int] = range(self._seen, len(events))
        else:
            new = self._search.new_rows()
        if self._closure is not None:
            single, changed = self._closure.partition(new)
            if self._wanted.reads is not None or self._wanted.filters:
                single = [p for p in single if is_read(events[p])]
            return single, changed
        related = [*map(clusters.__contains__, new)] if clusters else []
        changed = dict.fromkeys(map(clusters.__getitem__, compress(new, related)))
        if changed:
            new = [*compress(new, map(not_, related))]
        if self._wanted.filters:
            new = [p for p in new if is_read(events[p])]
        elif self._search is None and entries.eventless:
            new = [p for p in new if events[p] is not None]
        return new, changed

    def _cluster_of(self, row: int) -> Cluster | None:
        if row in self._late:
            return self._late[row]
        if self._closure is not None:
            return self._closure.cluster_of(row)
        return self.journal.clusters.get(row)

    def _is_read(self, event: Event | None) -> bool:
        return event is not None and self._wanted.is_read(event)

    def _join_all(self, clusters: Iterable[Cluster]) -> None:
        """Add the first clusters, of which no member is in the columns."""
        events, knowns = self.journal.entries.events, self.journal.entries.knowns
        joined, is_all = self._clusters, self._wanted.is_all
        for cluster in clusters:
            members = cluster.members
            if (is_all and events[members[0]] is not None) or any(
                map(self._may_read, map(events.__getitem__, members))
            ):
                joined[cluster] = len(members), 0, ()
        rows = chain.from_iterable(cluster.members for cluster in self._clusters)
        self._latest = max(map(knowns.__getitem__, rows), default=-math.inf)

    def _may_read(self, event: Event | None) -> bool:
        # A predicate is asked of what counts: it may not hold of the parts of that.
        return event is not None and self._wanted.may_read(event)

    def _join(self, cluster: Cluster) -> tuple[int, int] | None:
        """Add a new or grown cluster.

        Returns:
            The first and last index of marks that it affects; None if there are none.
        """
        for gone in cluster.absorbed:
            self._drop(gone)
        columns, entries = self._singletons, self.journal.entries
        start, keyed, bounds = self._clusters.get(cluster, (0, 0, ()))
        new = cluster.members[start:]
        claims = [row for row in cluster.members[keyed:] if entries.events[row]]
        if not start and not any(map(self._may_read, entries.claims(claims))):
            return None
        # Each member costs once, however often its cluster grows. Any of the claims may
        # be the one whose place in the order changes, so the bounds of all are kept.
        keys_of = {row: columns.keys_of(row) for row in claims}
        keys = [*bounds, *chain.from_iterable(keys_of.values())]
        lowest, highest = min(keys), max(keys)
        count = len(cluster.members)
        self._clusters[cluster] = count, count, (lowest, highest)
        self._latest = max([self._latest, *map(entries.knowns.__getitem__, new)])
        # Members that were singletons until now leave the columns. This comes first, as
        # what counts of the cluster may have the key of one of them.
        for row, own in keys_of.items():
            late = self._late.get(row)
            if late is None:
                columns.remove(row, own)
            elif late is not cluster:
                self._drop(self._late.pop(row))
        self._put(cluster, new)
        return columns.index(lowest), columns.index(highest)

    def _drop(self, cluster: Cluster) -> None:
        """Remove a cluster if it is present."""
        if self._clusters.pop(cluster, None) is not None:
            for resolved in self._resolved_by_basis.values():
                resolved.drop(cluster)

    def _put(self, cluster: Cluster, new: Sequence[int]) -> None:
        """Resolve a changed cluster again for the bases that include what is new.

        A past basis does not: entries that it does not include have no part in its
        resolution. Only some bases are kept, as each of them makes an append slower.
        """
        entries = self.journal.entries
        for basis in [*self._resolved_by_basis][:-_MOST_KEPT]:
            if not _is_newest(basis):
                del self._resolved_by_basis[basis]
        for basis, resolved in self._resolved_by_basis.items():
            known_by, size, _ = basis
            if any(entries.knowns[row] <= known_by and row < size for row in new):
                resolved.put(cluster)

    # --- bases ------------------------------------------------------------------------

    def under(self, basis: Basis) -> EventSequence:
        """Return the event sequence for a basis; it is valid until the order grows."""
        if self._last is None or self._last[0] != basis:
            normal = self._normal(basis)
            resolved = (
                self._resolved_clusters(normal) if self._clusters else self._no_clusters
            )
            self._last = (
                basis,
                EventSequence(
                    self.journal, self._singletons, resolved, normal, self._cluster_of
                ),
            )
        return self._last[1]

    def _normal(self, basis: Basis) -> Basis:
        """Return a canonical basis: equal for bases that include the same entries.

        Its size is a number of rows: of entries that are here, none missing.
        """
        # All bases that include everything then share one sequence and its checkpoints.
        known_by, size, prefer = basis
        size = self.journal.entries.row(size)
        if known_by < math.inf and known_by >= max(
            self._latest, self._singletons.latest
        ):
            known_by = math.inf
        return Basis(known_by, math.inf if size >= self._seen else size, prefer)

    def _resolved_clusters(self, basis: Basis) -> ResolvedClusters:
        """Return the clusters, resolved for a basis."""
        found = self._resolved_by_basis.get(basis)
        if found is None:
            most = max(_FEWEST_BASES, _MOST_RESOLVED // (len(self._clusters) + 1))
            if len(self._resolved_by_basis) >= most:
                del self._resolved_by_basis[next(iter(self._resolved_by_basis))]
            found = self._resolved_by_basis[basis] = self._resolve(basis)
        return found

    def _resolve(self, basis: Basis) -> ResolvedClusters:
        """Resolve the clusters for a basis, starting from the basis used last."""
        nearest = next(reversed(self._resolved_by_basis.values()), None)
        if nearest is None:
            found = ResolvedClusters(self.journal.entries, basis, self._wanted)
            clusters = [*self._clusters]
        else:
            found, clusters = (
                nearest.under(basis),
                self._differing(nearest.basis, basis),
            )
        with uncollected():  # resolving makes no reference cycles either
            found.put_all(clusters)
        return found

    # --- all bases at once ------------------------------------------------------------

    def versions(self, basis: Basis, *, by_position: bool) -> list[Version]:
        """Return all that counts under some knowledge, in fold order.

        A mark counts under *known_by* if `since <= known_by < until`. A correction
        or a further witness makes another version of it.

        Args:
            basis: What is known in the end: its size and preference are those of all.
            by_position: Knowledge is a log position, not a day.
        """
        singletons, entries = self._singletons, self.journal.entries
        known: Sequence[float] = singletons.knowns
        if by_position:
            pairs = zip(singletons.rows, singletons.knowns, strict=True)
            known = [
                entries.position(row) if day <= ALWAYS else day for row, day in pairs
            ]
        size = entries.row(basis.size)
        found: list[Version] = []
        start = 0
        for key, version in sorted(
            self._clustered(basis, by_position=by_position), key=itemgetter(0)
        ):
            stop = singletons.index(key)
            found += _single(singletons, known, size, start, stop)
            found.append(version)
            start = stop
        return found + _single(singletons, known, size, start, len(singletons))

    def _clustered(
        self, basis: Basis, *, by_position: bool
    ) -> Iterator[tuple[Key, Version]]:
        """Yield the versions of marks of clusters, each with its key."""
        entries, size = self.journal.entries, self.journal.entries.row(basis.size)
        wanted = self._wanted
        for cluster in self._clusters:
            members = [entries[row] for row in sorted(cluster.members) if row < size]
            known = (e.position if by_position else e.knowledge()[0] for e in members)
            counting: dict[Happening, float] = {}
            for moment in (*sorted({*known}), math.inf):
                now = set[Happening]()
                if moment < math.inf:
                    seen = [
                        e for e in members if e.position <= moment or not by_position
                    ]
                    found = resolve(
                        seen,
                        math.inf if by_position else moment,
                        prefer=basis.prefer,
                    )
                    now.update(chosen(found, wanted).happenings)
                for happening in [*counting]:
                    if happening not in now:
                        since = counting.pop(happening)
                        for one in happening.marks() if wanted.ends else (happening,):
                            version = Version(one.mark, since, moment)
                            yield one.certainty_order(), version
                for happening in now:
                    counting.setdefault(happening, moment)

    def _differing(self, one: Basis, other: Basis) -> list[Cluster]:
        """Return the clusters whose resolution may differ between two bases."""
        if one.prefer != other.prefer:
            return [*self._clusters]
        knowns, found = self.journal.entries.knowns, []
        low, high = sorted((one.known_by, other.known_by))
        fewer, more = sorted((one.size, other.size))
        for cluster in self._clusters:
            for row in cluster.members:
                if low < knowns[row] <= high or fewer <= row < more:
                    found.append(cluster)
                    break
        return found


def _is_newest(basis: Basis) -> bool:
    return basis.known_by == basis.size == math.inf


def _single(
    singletons: SortedMarks,
    known: Sequence[float],
    size: float,
    start: int,
    stop: int,
) -> list[Version]:
    """Return singletons between two indexes, which count once they are known."""
    rows = zip(
        singletons.marks[start:stop],
        known[start:stop],
        singletons.rows[start:stop],
        strict=True,
    )
    return [
        Version(mark, since, math.inf)
        for mark, since, row in rows
        if row < size and since <= ALWAYS
    ]
