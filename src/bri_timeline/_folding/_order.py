"""Fold order: events in the order in which they become certain."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, compress
from operator import itemgetter, not_
from typing import NamedTuple

from bri_timeline._events import Event, Key, Mark, sort_key, uncollected
from bri_timeline._folding._clusters import (
    NEWEST,
    ResolvedClusters,
    all_of,
    moments,
    selected,
)
from bri_timeline._folding._sequence import EventSequence
from bri_timeline._folding._sorted import ALWAYS, SortedMarks
from bri_timeline._happening import Version
from bri_timeline._journal import Basis, Cluster, Journal, Wanted
from bri_timeline.edtf import Edtf


__all__ = [
    "Change",
    "FoldOrder",
]


# Of most clusters: two members, and no keys yet.
_PAIR: tuple[int, int, tuple[Key, ...]] = (2, 0, ())
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
        late: The rows of singletons that came beside the columns.
        rows: The rows of the new singletons.
        only_singletons: No cluster changed, and no entry was selected anew.
    """

    moved: int
    ranges: list[tuple[int, int]]
    late: list[int]
    rows: Sequence[int]
    only_singletons: bool


class FoldOrder:
    """The selected events of a journal, and their ends if selected, in fold order.

    Most entries are singletons: they count whenever they are known, so sorted columns
    hold them for every basis. Clusters are resolved for each basis and merged in. Most
    questions are about the newest basis: what counts of a cluster under that settles in
    the columns too, until the cluster grows. A fold order grows with its journal.

    To insert a mark into a long column moves all marks after it, and the states that
    were folded there lose their places. So a singleton that happened long before the
    last ones is held like a cluster, of one entry, and a cluster that is new or has
    grown is held beside the columns, until there are many of these.

    Args:
        journal: The entries.
        wanted: The selection.
    """

    __slots__ = (
        "_beside",
        "_closure",
        "_clusters",
        "_columns",
        "_entries",
        "_last",
        "_late",
        "_latest",
        "_newest",
        "_resolved_by_basis",
        "_search",
        "_seen",
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
        # A day by which all members of clusters were known; computed when needed.
        self._latest: float | None = None
        self._columns = SortedMarks(self._entries, {}, wanted.closing_ends)
        # Each with the number of its members that are known here, and of those of
        # which the keys were computed, and the least and greatest of these keys.
        self._clusters: dict[Cluster, tuple[int, int, tuple[Key, ...]]] = {}
        # Those that are not settled in the columns.
        self._beside: dict[Cluster, None] = {}
        # The singletons that are held like clusters, by row.
        self._late: dict[int, Cluster] = {}
        self._newest = ResolvedClusters(journal.entries, NEWEST, wanted)
        # Those of other bases: all their clusters are resolved.
        self._resolved_by_basis: dict[Basis, ResolvedClusters] = {}
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
        with uncollected():  # what is made of entries has no reference cycles either
            return self._take_over(size)

    def _take_over(self, size: int) -> Change:
        """Add the new entries up to a size."""
        if not self._seen:
            return self._take_all(size)
        single, changed = self._new_entries()
        if len(changed) > self._most_beside:
            # All marks are put in order again then: at once takes least.
            self._begin()
            return self._take_all(size)
        self._seen = size
        ranges = [*filter(None, map(self._join, changed))]
        moved, late = self._insert(single)
        return Change(moved, ranges, late, single, only_singletons=not changed)

    def _take_all(self, size: int) -> Change:
        """Add the first entries, up to a size."""
        clusters = self.journal.clusters
        if clusters and self._search is None:
            self._join_all(clusters.values())
            self._settle({})
            self._columns.fill(self._counting_rows())
        else:
            single, changed = self._new_entries()
            self._join_all(changed)
            self._settle({})
            self._insert_settled(single)
        self._seen = size
        return Change(0, [], [], (), only_singletons=False)

    def _settle(self, before: dict[int, Event | None]) -> None:
        """Begin new columns, in which all clusters are settled.

        Args:
            before: What counts of those that were settled, by the row of its first
                entry.
        """
        settled = self._newest.settle(self._beside)
        if before:
            settled = before | settled
        self._beside.clear()
        closing = self._wanted.closing_ends
        self._columns = SortedMarks(self._entries, settled, closing)

    def _insert_settled(self, rows: Sequence[int]) -> None:
        """Insert singletons, and what counts of settled clusters, into new columns."""
        settled = self._columns.settled
        self._columns.insert(sorted([*rows, *settled]) if settled else rows)

    def _counting_rows(self) -> bytearray:
        """Return for each row whether it is a singleton or the first of what settled.

        Nothing is searched: all entries are examined.
        """
        events = self._entries.events
        is_counting = bytearray(b"\1") * len(events)
        for row in chain(self.journal.clusters, self._entries.eventless):
            is_counting[row] = False
        if self._wanted.filters:
            for row in compress(range(len(events)), is_counting):
                is_counting[row] = self._is_read(row)
        for row in self._columns.settled:
            is_counting[row] = True
        return is_counting

    def _insert(self, rows: Sequence[int]) -> tuple[int, list[int]]:
        """Insert new singletons, those that are late beside the columns.

        Args:
            rows: Of the singletons.

        Returns:
            The first index that changed in the columns, and the rows of the late ones.
        """
        late: list[int] = []
        columns = self._columns
        near = len(columns) - _NEAR
        if near > 0 and len(rows) <= _NEAR:
            # To search for the index of each would take several times as long.
            edge = columns.key_at(near)
            late = [row for row in rows if columns.keys_of(row)[0] < edge]
            for row in late:
                self._late[row] = cluster = Cluster([row])
                self._join(cluster)
            if late:
                rows = [row for row in rows if row not in self._late]
        if max(len(self._beside), columns.gone) <= self._most_beside:
            return columns.insert(rows), late
        rows = sorted([*columns.counting_rows(), *self._late, *rows])
        for cluster in self._late.values():
            self._drop(cluster)
        self._late.clear()
        self._settle(columns.settled)
        self._insert_settled(rows)
        return 0, []

    @property
    def _most_beside(self) -> int:
        """The greatest number of clusters beside the columns, and of marks gone."""
        return max(_FEWEST_LATE, len(self._columns) // _PER_LATE)

    def late_marks(self, rows: Iterable[int]) -> Iterator[tuple[int, int, Mark]]:
        """Yield the index before which each mark of some late singletons comes.

        Args:
            rows: Of the singletons.

        Yields:
            The row, the index and the mark.
        """
        columns = self._columns
        for row in rows:
            for key, mark in zip(
                columns.keys_of(row), columns.marks_of(row), strict=True
            ):
                yield row, columns.index(key), mark

    def known_marks(self, rows: Iterable[int], basis: Basis) -> Iterator[Mark]:
        """Yield the marks of new singletons that are known.

        Args:
            rows: Of the singletons.
            basis: A canonical one.
        """
        for row in rows:
            if self.is_known(row, basis):
                yield from self._columns.marks_of(row)

    def is_known(self, row: int, basis: Basis) -> bool:
        """Check whether a singleton is known under a basis, which is canonical."""
        return self._entries.knowns[row] <= basis.known_by and row < basis.size

    def _new_entries(self) -> tuple[Sequence[int], dict[Cluster, None]]:
        """Return the rows of new singletons, and the changed clusters."""
        entries, clusters = self._entries, self.journal.clusters
        events, is_read = entries.events, self._is_read
        if self._search is None:
            new: Sequence[int] = range(self._seen, len(events))
        else:
            new = self._search.new_rows()
        if self._closure is not None:
            single, grouped = self._closure.partition(new)
            if self._wanted.reads is not None or self._wanted.filters:
                single = [row for row in single if is_read(row)]
            return single, grouped
        changed: dict[Cluster, None] = {}
        if clusters:
            related = [*map(clusters.__contains__, new)]
            changed = dict.fromkeys(map(clusters.__getitem__, compress(new, related)))
            if changed:
                new = [*compress(new, map(not_, related))]
        if self._wanted.filters:
            new = [row for row in new if is_read(row)]
        elif self._search is None and entries.eventless:
            new = [p for p in new if events[p] is not None]
        return new, changed

    def _cluster_of(self, row: int) -> Cluster | None:
        if row in self._late:
            return self._late[row]
        if self._closure is not None:
            return self._closure.cluster_of(row)
        return self.journal.clusters.get(row)

    def _is_read(self, row: int) -> bool:
        event = self._entries.events[row]
        datasets = (self._entries.dataset(row),) if self._wanted.has_datasets else ()
        return event is not None and self._wanted.is_read(event, datasets)

    def _join_all(self, clusters: Iterable[Cluster]) -> None:
        """Add the first clusters, of which no member is in the columns."""
        joined = self._clusters = dict.fromkeys(clusters, _PAIR)
        for cluster in joined:
            if len(cluster.members) != 2:
                joined[cluster] = len(cluster.members), 0, ()
        if not self._wanted.is_all:
            for cluster in [*joined]:
                if not self._may_read(cluster.members):
                    del joined[cluster]
        self._beside = dict.fromkeys(joined)

    def _may_read(self, rows: Iterable[int]) -> bool:
        # A predicate is asked of what counts: it may not hold of the parts of that.
        return self._wanted.may_read(self.journal.entries.claims_among(rows))

    def _join(self, cluster: Cluster) -> tuple[int, int] | None:
        """Add a new or grown cluster.

        Returns:
            The first and last index of marks that it affects; None if there are none.
        """
        for gone in cluster.absorbed:
            self._drop(gone)
        columns, entries = self._columns, self.journal.entries
        start, keyed, bounds = self._clusters.get(cluster, (0, 0, ()))
        new = cluster.members[start:]
        claims = [row for row in cluster.members[keyed:] if entries.events[row]]
        if not start and not self._may_read(claims):
            return None
        # Each member costs once, however often its cluster grows. Any of the claims may
        # be the one whose place in the order changes, so the bounds of all are kept.
        keys_of = {row: columns.keys_of(row) for row in claims}
        bounds = _bounds([*bounds, *chain.from_iterable(keys_of.values())])
        count = len(cluster.members)
        self._clusters[cluster] = count, count, bounds
        if self._latest is not None:
            days = map(entries.knowns.__getitem__, new)
            self._latest = max([self._latest, *days])
        # Members that were singletons until now leave the columns, and what has settled
        # of the cluster. This comes first, as what counts may have the key of one.
        for row in keys_of:
            late = self._late.get(row)
            if late is None:
                columns.remove(row)
            elif late is not cluster:
                self._drop(self._late.pop(row))
        if cluster not in self._beside:
            self._beside[cluster] = None
            for row in cluster.members[:keyed]:
                if row in columns.settled:
                    columns.remove(row)
        self._put(cluster, new)
        if not bounds:  # nothing but retractions, and what was erased
            return None
        first = last = columns.index(bounds[0])
        if len(bounds) > 1:
            first, last = columns.index(min(bounds)), columns.index(max(bounds))
        return first, last

    def _drop(self, cluster: Cluster) -> None:
        """Remove a cluster if it is present."""
        if self._clusters.pop(cluster, None) is not None:
            self._beside.pop(cluster, None)
            for resolved in (self._newest, *self._resolved_by_basis.values()):
                resolved.drop(cluster)

    def _put(self, cluster: Cluster, new: Sequence[int]) -> None:
        """Resolve a changed cluster again for the bases that include what is new.

        A past basis does not: entries that it does not include have no part in its
        resolution. Only some bases are kept, as each of them makes an append slower.
        """
        entries = self.journal.entries
        self._newest.put(cluster)
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
            is_newest = normal == NEWEST or not self._clusters
            sequence = EventSequence(
                self.journal,
                self._columns,
                self._newest if is_newest else self._resolved_clusters(normal),
                normal,
                self._cluster_of,
                self._first_day,
            )
            self._last = basis, sequence
        return self._last[1]

    def _normal(self, basis: Basis) -> Basis:
        """Return a canonical basis: equal for bases that include the same entries.

        Its size is a number of rows: of entries that are here, none missing.
        """
        # All bases that include everything then share one sequence and its checkpoints.
        known_by, size, prefer = basis
        size = self.journal.entries.row(size)
        if known_by < math.inf and known_by >= self._columns.latest:
            if self._latest is None:
                knowns = self.journal.entries.knowns
                members = chain.from_iterable(c.members for c in self._clusters)
                days = map(knowns.__getitem__, members)
                self._latest = max(days, default=-math.inf)
            if known_by >= self._latest:
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
        columns, entries = self._columns, self.journal.entries
        known: Sequence[float] = columns.knowns
        if by_position:
            pairs = zip(columns.rows, columns.knowns, strict=True)
            known = [
                entries.position(row) if day <= ALWAYS else day for row, day in pairs
            ]
        size = entries.row(basis.size)
        found: list[Version] = []
        start = 0
        for key, version in sorted(
            self._clustered(basis, by_position=by_position), key=itemgetter(0)
        ):
            stop = columns.index(key)
            found += _single(columns, known, size, start, stop)
            found.append(version)
            start = stop
        return found + _single(columns, known, size, start, len(columns))

    def _clustered(
        self, basis: Basis, *, by_position: bool
    ) -> Iterator[tuple[Key, Version]]:
        """Yield the versions of marks of clusters, each with its key."""
        entries, wanted = self.journal.entries, self._wanted
        size = entries.row(basis.size)
        for cluster in self._clusters:
            rows = [row for row in sorted(cluster.members) if row < size]
            # By the position of its first entry, and its days, of which some may be
            # excluded: each with its event, and the first moment at which it counts.
            counting: dict[
                tuple[int, Event, float, float, float | None], tuple[Event, float]
            ] = {}
            found = moments(
                entries,
                rows,
                basis,
                by_position=by_position,
                bounded=wanted.bounded,
            )
            for moment, taken in found:
                now = {
                    (some[0].position, event, *_days(event.when)): event
                    for event, some in selected(taken, wanted, all_of)
                }
                for key in [key for key in counting if key not in now]:
                    event, since = counting.pop(key)
                    for mark in wanted.marks_of(event):
                        yield sort_key(mark, key[0]), Version(mark, since, moment)
                for key, event in now.items():
                    counting.setdefault(key, (event, moment))

    def _first_day(self, one: Basis, other: Basis) -> float:
        """Return the first day on which marks of clusters may differ for two bases."""
        entries = self._entries
        members = (cluster.members for cluster in self._differing(one, other))
        rows = (row for row in chain.from_iterable(members) if entries.events[row])
        # No event ends before it begins, so its end cannot be earlier.
        return min(map(entries.lasts.__getitem__, rows), default=math.inf)

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


def _bounds(keys: Sequence[Key]) -> tuple[Key, ...]:
    """Return keys between which all marks of a cluster lie, given those of its claims.

    What rests on several claims may begin on the last day of one of them, and have the
    position of another. Ends have keys of their own length.
    """
    if len(keys) < 2:
        return tuple(keys)
    by_length: dict[int, list[Key]] = {}
    for key in keys:
        by_length.setdefault(len(key), []).append(key)
    return tuple(
        tuple(map(choose, zip(*alike, strict=True)))
        for alike in by_length.values()
        for choose in (min, max)
    )


def _is_newest(basis: Basis) -> bool:
    return basis.known_by == basis.size == math.inf


def _single(
    columns: SortedMarks,
    known: Sequence[float],
    size: float,
    start: int,
    stop: int,
) -> list[Version]:
    """Return singletons between two indexes, which count once they are known."""
    rows = zip(
        columns.marks[start:stop],
        known[start:stop],
        columns.rows[start:stop],
        strict=True,
    )
    return [
        Version(mark, since, math.inf)
        for mark, since, row in rows
        if row < size and since <= ALWAYS
    ]


def _days(when: Edtf) -> tuple[float, float, float | None]:
    """Return the days that tell dates of one text apart, of which some are excluded."""
    return when.earliest_start, when.latest_start, when.last_day
