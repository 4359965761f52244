"""The events in fold order, limited to one basis."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from heapq import merge
from itertools import chain, compress
from typing import TypeVar

from bri_timeline._answer import Answer
from bri_timeline._events import Event, Key, Mark, event_of
from bri_timeline._folding._clusters import NEWEST, ResolvedClusters
from bri_timeline._folding._sorted import ALWAYS, SETTLED, SortedMarks
from bri_timeline._happening import EVER, Happening, Window
from bri_timeline._journal import Basis, Cluster, Journal, Resolution, resolve


__all__ = [
    "EventSequence",
]


S = TypeVar("S")
_NO_MORE: tuple[int, Mark | None] = (0, None)
_Step = Callable[[S, Mark], S]


class EventSequence:
    """The events, and ends if selected, in fold order, limited to one basis.

    The marks in columns that are known are merged with the resolved clusters. An index
    counts marks in columns, known or not; clusters are placed between them. Settled
    clusters are among the columns: these serve the newest basis, in which everything is
    known. For other bases they are hidden, and all clusters are resolved. The sequence
    is valid until the fold order grows.

    Args:
        journal: The entries.
        columns: The marks of singletons, known or not, and of settled clusters.
        resolved: The clusters, resolved for the basis.
        basis: The entries that count as known.
        cluster_of: Returns the cluster of an entry, by its row, if it is in one.
        first_day: Returns a day until which all clusters certainly have the same marks
            under two bases.
    """

    __slots__ = (
        "_besides",
        "_cluster_of",
        "_columns",
        "_first_day",
        "_is_all",
        "_journal",
        "_known_by",
        "_resolved_clusters",
        "basis",
    )

    def __init__(
        self,
        journal: Journal,
        columns: SortedMarks,
        resolved: ResolvedClusters,
        basis: Basis,
        cluster_of: Callable[[int], Cluster | None],
        first_day: Callable[[Basis, Basis], float],
    ) -> None:
        self._journal = journal
        self._cluster_of = cluster_of
        self._first_day = first_day
        self._columns = columns
        self._resolved_clusters = resolved
        self._besides: dict[tuple[Cluster, Basis], Resolution] = {}
        self.basis = basis
        # Not infinite: a mark that is gone never becomes known.
        self._known_by = SETTLED if basis == NEWEST else min(basis.known_by, ALWAYS)
        hidden = columns.gone or (columns.settled and basis != NEWEST)
        self._is_all = basis.known_by == basis.size == math.inf and not hidden

    # --- folding ----------------------------------------------------------------------

    def before(self, day: float) -> int:
        """Return the number of marks in columns that are certain by *day*."""
        return bisect_right(self._columns.lasts, day)

    def blocks(self, places: range) -> Iterator[Iterable[Mark]]:
        """Yield the marks from each place to the next, to be read in that order.

        A block includes the marks in columns between its places, and the clusters that
        come before the last of these. A cluster between that mark and the next place
        belongs to the next block. So an event that is later inserted at the place, on
        whichever side of such a cluster, changes the next block only.
        """
        marks, step = self._columns.marks, places.step
        end = self._clusters_before(places.start + len(places) * step)
        read, clustered = self._counting, self._clustered(places.start, end)
        index, member = next(clustered, _NO_MORE)
        for place in places:
            if member is None and self._is_all:
                yield marks[place : place + step]
                continue
            start, stop = place, place + step
            if member is None or index >= stop:
                yield read(start, stop)
                continue
            block: list[Mark] = []
            while member is not None and index < stop:
                block += read(start, index)
                block.append(member)
                start = index
                index, member = next(clustered, _NO_MORE)
            block += read(start, stop)
            yield block

    def fold_until(
        self, step: _Step[S], state: S, start: int, stop: int, day: float
    ) -> S:
        """Fold from an index to the end of a day."""
        if self._resolved_clusters.keys:
            pieces = self._pieces(start, stop, day)
            marks: Iterable[Mark] = chain.from_iterable(pieces)
        else:
            marks = self._counting(start, stop)
        # Python calls a function in Python faster from a loop than `reduce` does.
        for mark in marks:
            state = step(state, mark)
        return state

    def _counting(self, start: int, stop: int) -> list[Mark]:
        """Return the known marks in columns between two indexes."""
        columns, known_by, size = self._columns, self._known_by, self.basis.size
        marks = columns.marks[start:stop]
        if self._is_all or not marks:
            return marks
        knowns = columns.knowns[start:stop]
        if max(knowns) > known_by:
            if size == math.inf:
                pairs = zip(marks, knowns, strict=True)
                return [mark for mark, known in pairs if known <= known_by]
            both = zip(marks, knowns, columns.rows[start:stop], strict=True)
            return [m for m, k, row in both if k <= known_by and row < size]
        if size < math.inf:
            pairs = zip(marks, columns.rows[start:stop], strict=True)
            return [mark for mark, row in pairs if row < size]
        return marks

    def _clusters_before(self, index: int) -> int:
        """Return the number of marks of clusters that lie before an index."""
        keys = self._resolved_clusters.keys
        if not index or not keys:
            return 0
        # The mark before the index may be that of the cluster until now: equal keys.
        return bisect_right(keys, self._columns.key_at(index - 1))

    def _clustered(self, start: int, end: int) -> Iterator[tuple[int, Mark]]:
        """Yield the marks of clusters, and the index before which each comes.

        Args:
            start: Only marks that do not lie before this index.
            end: Only those of the first marks of clusters, as many as this.
        """
        columns, resolved = self._columns, self._resolved_clusters
        for number in range(self._clusters_before(start), end):
            yield columns.index(resolved.keys[number]), resolved.marks[number]

    def _pieces(self, start: int, stop: int, day: float) -> Iterator[list[Mark]]:
        """Yield the known marks in slices, with the marks of clusters between."""
        end = len(self._resolved_clusters.keys)
        if day < math.inf:  # else include events that never become certain
            end = bisect_left(self._resolved_clusters.keys, (day + 1,))
        for index, mark in self._clustered(start, end):
            yield self._counting(start, index)
            yield [mark]
            start = index
        yield self._counting(start, stop)

    def first_difference(self, other: EventSequence) -> int:
        """Return an index up to which a sequence of the same preference is equal."""
        first, key = self._differences(other)
        return first if key is None else min(first, self._columns.index(key))

    def equal_until(self, other: EventSequence) -> float | None:
        """Return a day up to which a sequence of the same order has the same marks.

        Returns:
            A day number, maybe infinite; None if they may differ from the beginning.
        """
        if self.basis == other.basis:
            return math.inf
        index, key = self._differences(other)
        days = self._columns.lasts[index : index + 1]
        first = min([*days, *(key or ())[:1]], default=math.inf)
        return None if first == -math.inf else first - 1

    def _differences(self, other: EventSequence) -> tuple[int, Key | None]:
        """Return the first singleton, and the first key of a cluster, that differ.

        A settled cluster has no key beside the columns: then a key before all that may
        differ is returned.
        """
        one, two = self.basis, other.basis
        first = min(
            self._columns.first_known(*sorted((one.known_by, two.known_by))),
            self._columns.first_recorded(*sorted((one.size, two.size))),
        )
        if NEWEST in (one, two):
            # Before all marks of that day, also of the day of open starts.
            return first, (self._first_day(one, two), -math.inf, -1, -math.inf, 0)
        return first, self._resolved_clusters.first_difference(other._resolved_clusters)

    # --- events and places ------------------------------------------------------------

    def certain(self, window: Window) -> list[Mark]:
        """Return what is certain within a window, in fold order.

        These are events, and the ends of such events, if selected.
        """
        since, until = window
        if since == -math.inf:
            return [*chain.from_iterable(self._pieces(0, self.before(until), until))]
        # A mark that is certain in the window comes, at the latest, within it.
        start = bisect_left(self._columns.lasts, since)
        pieces = self._pieces(start, self.before(until), until)
        return [
            mark
            for mark in chain.from_iterable(pieces)
            if event_of(mark).when.earliest_start >= since
        ]

    def with_rows(
        self, window: Window, after: float | None = None
    ) -> tuple[list[Mark], list[int]]:
        """Return what is certain within a window, and the row of the first entry of it.

        Args:
            window: The days.
            after: Only what is certain later than this day; None for all.
        """
        since, until = window
        keys, day = self._resolved_clusters.keys, since if after is None else after + 1
        start = bisect_left(self._columns.lasts, day)
        begin = bisect_left(keys, (day,))
        end = bisect_right(keys, (until, math.inf, math.inf))
        marks: list[Mark] = []
        rows: list[int] = []
        for number in range(begin, end):
            index = self._columns.index(keys[number])
            self._add_known(marks, rows, start, index)
            marks.append(self._resolved_clusters.marks[number])
            rows.append(self._journal.entries.row(int(keys[number][-1])))
            start = index
        self._add_known(marks, rows, start, self.before(until))
        if since > -math.inf:
            within = [event_of(m).when.earliest_start >= since for m in marks]
            return [*compress(marks, within)], [*compress(rows, within)]
        return marks, rows

    def _add_known(
        self, marks: list[Mark], rows: list[int], start: int, stop: int
    ) -> None:
        """Add the known marks between two indexes, and their rows."""
        columns, known_by, size = self._columns, self._known_by, self.basis.size
        some, places = columns.marks[start:stop], columns.rows[start:stop]
        if not self._is_all:
            knowns = columns.knowns[start:stop]
            counting = [known <= known_by for known in knowns]
            if size < math.inf:
                pairs = zip(counting, places, strict=True)
                counting = [known and row < size for known, row in pairs]
            marks += compress(some, counting)
            rows += compress(places, counting)
        else:
            marks += some
            rows += places

    def resolved(self, row: int, basis: Basis) -> Resolution:
        """Return the resolution of the cluster of a claim, or of a singleton.

        Args:
            row: That of the claim, which may be one that is not selected.
            basis: What counts as known. That of the sequence includes the same of what
                is selected, and may include more of the rest.
        """
        cluster = self._cluster_of(row)
        found = self._resolved_clusters.of(cluster)
        if found is not None:
            return found
        entries, (known_by, position, prefer) = self._journal.entries, basis
        size = entries.row(position)
        if cluster is not None:
            key = cluster, basis
            if key not in self._besides:
                seen = [entries[one] for one in sorted(cluster.members) if one < size]
                self._besides[key] = resolve(seen, known_by, prefer=prefer)
            return self._besides[key]
        entry = entries[row]
        if entry._knowledge()[0] > known_by or row >= size:
            return Resolution((), (), (), ())
        slots = ((entry.position, (entry,)),)
        return Resolution((Happening.of(entry.claim, entry),), (), (), slots)

    def places(self, keys: Sequence[Key]) -> list[int]:
        """Return the number of counting marks before each of some keys.

        Args:
            keys: Keys of any events, counting or not.
        """
        found: dict[Key, int] = {}
        start = count = 0
        for key in sorted(keys):
            stop = self._columns.index(key)
            count += len(self._counting(start, stop))
            found[key] = count + bisect_left(self._resolved_clusters.keys, key)
            start = stop
        return [found[key] for key in keys]

    def happenings(self, window: Window) -> Iterator[Happening]:
        """Yield the happenings certain within a window, and ends, in fold order."""
        since, until = window
        start = bisect_left(self._columns.lasts, since)
        single = self._counting_happenings(range(start, self.before(until)))
        clustered = (h for h in self._resolved_clusters.happenings() if h.last <= until)
        found = merge(single, clustered, key=Happening.certainty_order)
        return (h for h in found if h.event.when.earliest_start >= since)

    def undecided(self, window: Window) -> list[Happening]:
        """Return what is undecided in a window, in order of becoming possible."""
        found = chain(
            self._counting_happenings(self._open_in(window)),
            self._resolved_clusters.happenings(),
        )
        undecided = (h for h in found if h.within(window) is Answer.MAYBE)
        return sorted(undecided, key=Happening.possible_order)

    def open_events(self, window: Window) -> list[Event]:
        """Return the events undecided in a window, in any order; in less time."""
        marks = self._columns.marks
        indexes = self._known(self._open_in(window))
        found = [m for i in indexes if isinstance(m := marks[i], Event)]
        # Without a beginning, the days of knowledge are all that was left to check.
        if window.since > -math.inf:
            found = [e for e in found if window.answer(e.when) is Answer.MAYBE]
        found += [
            happening.event
            for happening in self._resolved_clusters.happenings()
            if happening.is_begin and happening.within(window) is Answer.MAYBE
        ]
        return found

    def extents(self, window: Window) -> dict[Key, Event]:
        """Return the extents that begin in a window, or may, by key in fold order."""
        columns = self._columns
        indexes = self._known(columns.extents)
        found = {columns.key_at(i): event_of(columns.marks[i]) for i in indexes}
        for happening in self._resolved_clusters.happenings():
            if happening.is_begin and happening.event.when.is_extent:
                found[happening.certainty_order()] = happening.event
        return {k: event for k, event in found.items() if window.meets(event.when)}

    def _known(self, indexes: Sequence[int]) -> Sequence[int]:
        """Return the indexes of singletons that are known, of some."""
        columns, size = self._columns, self.basis.size
        if self._is_all and not columns.settled:
            return indexes
        known_by = min(self._known_by, ALWAYS)  # clusters are resolved beside
        knowns, rows = columns.knowns, columns.rows
        return [i for i in indexes if knowns[i] <= known_by and rows[i] < size]

    def _open_in(self, window: Window) -> list[int]:
        """Return the indexes of singletons that may lie in a window, and outside."""
        since, until = window
        indexes, marks = self._columns.open_on(until), self._columns.marks
        if since > -math.inf:
            start = bisect_left(self._columns.lasts, since)
            within = range(start, self.before(until))
            indexes += [
                i for i in within if event_of(marks[i]).when.earliest_start < since
            ]
        return indexes

    def _counting_happenings(self, indexes: range | list[int]) -> Iterator[Happening]:
        """Yield the singletons at some indexes that are known, as happenings."""
        entries, columns = self._journal.entries, self._columns
        for index in self._known(indexes):
            entry = entries[columns.rows[index]]
            yield Happening.of(columns.marks[index], entry)

    def named(self, name: str) -> Happening | None:
        """Return the happening with an id, if one counts."""
        return self._found(self._journal.identities.named(name), name)

    def about(self, event: Event) -> Happening | None:
        """Return the happening that a claim is about, if one counts."""
        return self._found(self._journal.identities.about(event), event.id)

    def _found(self, rows: list[int], name: str) -> Happening | None:
        for row in rows[:1]:  # several are always in one cluster
            cluster = self._cluster_of(row)
            if cluster is not None:
                return self._resolved_clusters.named(cluster, name)
            index = self._columns.index(self._columns.keys_of(row)[0])
            if self._columns.has(row, index):
                return next(self._counting_happenings([index]), None)
        return None

    def resolution(self) -> Resolution:
        """Return the resolution of the clusters: disputes, claims set aside, slots."""
        return self._resolved_clusters.resolution()

    def everything(self) -> tuple[object, ...]:
        """Return everything that a view shows, for comparison."""
        resolution = self.resolution()
        happenings = tuple(self.happenings(EVER))
        return happenings, resolution.disputes, resolution.set_aside
