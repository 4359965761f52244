"""Fold order: events in the order in which they become certain."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from itertools import chain, filterfalse, islice
from operator import itemgetter, le
from typing import Any

from bri_timeline._events import Event
from bri_timeline._events.marks import Mark, event_of, sort_key
from bri_timeline._happening import Version
from bri_timeline._journal import Basis, Cluster, Journal, Resolution, Wanted
from bri_timeline._order._blocks import Blocks
from bri_timeline._order._clusters import NEWEST, Clusters
from bri_timeline._order._sequence import EventSequence
from bri_timeline._process import uncollected
from bri_timeline._projection import Projection


# How many marks of clusters the bases that are kept may have together.
_MOST_LAID_OVER = 1 << 21
_FEWEST_BASES = 4
# A log of more entries, most of them new, is put in order anew.
_MANY = 64


class FoldOrder:
    """The selected events of a journal, and their ends if selected, in fold order.

    Most entries are singletons: they count whenever they are known, so they lie in the
    blocks for every basis. So does what counts of a cluster where everything is known;
    it leaves its place when the cluster changes. Other bases lay over the blocks what
    counts of the clusters under them. A fold order grows with its journal.

    Args:
        journal: The entries.
        wanted: The selection.
        size: The number of marks in a block.

    Attributes:
        derived: What else was derived from the order, by its name.
        sequences: By basis, with the states along them; the oldest in use first.
    """

    def __init__(self, journal: Journal, wanted: Wanted, size: int) -> None:
        self.journal = journal
        self._wanted = wanted
        self._has_datasets = wanted.has_datasets
        self._size = size
        self.derived: OrderedDict[Hashable, Any] = OrderedDict()
        self._begin()

    def _begin(self) -> None:
        journal, selection, rules = self.journal, self._wanted, self._wanted.rules
        has_index = rules or selection.kinds is not None
        self._search = journal.search(selection) if has_index else None
        self._closure = journal.reference_closure(rules) if rules else None
        self._seen = 0
        self._blocks = Blocks([], [], self._size, journal.entries)
        self._clusters = Clusters(journal, selection)
        # What counts of clusters in the blocks, by the row of its first entry, and the
        # rows of each cluster that has changed.
        self._placed: dict[int, Event] = {}
        self._rows: dict[Cluster, Sequence[int]] = {}
        self.sequences: OrderedDict[Basis, EventSequence] = OrderedDict()
        self._last: tuple[Basis, EventSequence] | None = None

    # --- growing --------------------------------------------------------------------

    def catch_up(self) -> None:
        """Add the new entries of the journal."""
        size = len(self.journal.entries.events)
        if self._seen == size:
            return
        self._entries = self.journal.as_read(bounded=self._wanted.bounded)
        # Of many entries, each would be put into its block, and shift those after it.
        # New entries may be targets of references of two rules, which is rare.
        is_much = size > _MANY and 4 * (size - self._seen) > self._seen
        if self._seen and (is_much or len(self._wanted.rules) > 1):
            self._begin()
        self._last = None
        self.derived.clear()
        with uncollected():  # what is made of entries has no reference cycles
            (self._grow if self._seen else self._fill)()
        self._seen = size

    def _grow(self) -> None:
        """Add new entries, one by one."""
        single, changed = self._new_entries()
        for cluster in changed:
            self._join(cluster)
        for row in single:
            for mark in self._wanted.marks_of(self._entries.claims((row,))[0]):
                self._add(mark, row)
        for sequence in self.sequences.values():
            sequence.grown()

    def _add(self, mark: Mark, row: int) -> None:
        """Add the mark of a singleton to the blocks, or of a cluster (`~row`)."""
        blocks = self._blocks
        number = blocks.add(blocks.key(mark, row), mark, row)
        self._changed(number, row, mark, comes=True)
        if blocks.halve(number):
            for sequence in self.sequences.values():
                for states in sequence.states.values():
                    states.split(number)
                for lines in sequence.lines.values():
                    lines.along.split(number)

    def _remove(self, event: Event, row: int) -> None:
        """Remove the marks of an event from the blocks, if they are there."""
        for mark in self._wanted.marks_of(event):
            number = self._blocks.remove(self._blocks.key(mark, row), row)
            if number is not None:
                self._changed(number, row, mark, comes=False)

    def _changed(self, number: int, row: int, mark: Mark, *, comes: bool) -> None:
        for sequence in self.sequences.values():
            if sequence.sees(row):
                sequence.changed(number, mark, row, comes=comes)

    def _join(self, cluster: Cluster) -> None:
        """Add a cluster that is new or has grown."""
        clusters = self._clusters
        for gone in cluster.absorbed:
            if gone in clusters.joined:
                self._leave(gone)
                clusters.drop(gone)
                self._lay_over(gone)
        start = clusters.joined.get(cluster, 0)
        new = cluster.members[start:]
        if not start and not self._may_read(new):
            return
        for basis, sequence in self.sequences.items():
            sequence.resolutions.pop((cluster, basis), None)
        # Each member costs once, however often its cluster grows. What was a singleton
        # until now leaves the blocks.
        for row in new:
            event = self._entries.events[row]
            if row < self._seen and event is not None:
                self._remove(event, row)
        self._leave(cluster)
        clusters.joined[cluster] = len(cluster.members)
        self._lay_over(cluster)
        counting = [*clusters.newest([cluster])]
        self._rows[cluster] = [row for _, row in counting]
        for event, row in counting:
            self._placed[row] = event
            for mark in self._wanted.marks_of(event):
                self._add(mark, ~row)

    def _lay_over(self, cluster: Cluster) -> None:
        """Let all bases know that the versions of a cluster have changed."""
        for axis in self._clusters.axes.values():
            changed = axis.tell(cluster)
            for sequence in self.sequences.values():
                if sequence.axis is axis:
                    sequence.lay_over(*changed)

    def _leave(self, cluster: Cluster) -> None:
        """Remove what counts of a cluster from the blocks."""
        for row in self._rows.pop(cluster, cluster.members):
            event = self._placed.pop(row, None)
            if event is not None:
                self._remove(event, ~row)

    def _fill(self) -> None:
        """Put the first entries in order, all at once."""
        clusters, placed = self._clusters, self._placed
        self.sequences.clear()
        clusters.axes.clear()
        single, joined = self._new_entries()
        if not self._wanted.is_all:
            joined = {c: None for c in joined if self._may_read(c.members)}
        clusters.joined = {cluster: len(cluster.members) for cluster in joined}
        placed.update((row, event) for event, row in clusters.newest(joined))
        rows = sorted(chain(single, placed)) if placed else single
        events = self._entries.claims(rows)
        if placed:
            events = [placed.get(*pair) for pair in zip(rows, events, strict=True)]
        marks, rows = self._sorted(events, rows)
        self._blocks = Blocks(marks, rows, self._size, self.journal.entries)

    def _sorted(
        self, events: list[Event], rows: Sequence[int]
    ) -> tuple[list[Mark], list[int]]:
        """Return the marks of some events in fold order, and the row of each.

        Args:
            events: The events.
            rows: Theirs, in ascending order.
        """
        position, marks_of = self.journal.entries.position, self._wanted.marks_of
        marks: list[Mark] = [*events]
        firsts = [event.when.earliest_start for event in events]
        lasts = [event.when.latest_start for event in events]
        if self._wanted.ends:
            ends = sorted(
                (sort_key(mark, position(row)), row, mark)
                for event, row in zip(events, rows, strict=True)
                for mark in marks_of(event)[1:]
            )
            # Sorting is stable: where days are equal, ends come first.
            marks = [*(mark for *_, mark in ends), *marks]
            rows = [*(row for _, row, _ in ends), *rows]
            firsts = [*(key[1] for key, *_ in ends), *firsts]
            lasts = [*(key[0] for key, *_ in ends), *lasts]
        rows = [*rows]
        # Most logs are in order already.
        if not (_is_sorted(firsts) and _is_sorted(lasts)):
            order = sorted(range(len(marks)), key=firsts.__getitem__)
            order.sort(key=lasts.__getitem__)
            marks = [*map(marks.__getitem__, order)]
            rows = [*map(rows.__getitem__, order)]
        if self._placed:
            rows = [~row if row in self._placed else row for row in rows]
        return marks, rows

    def _new_entries(self) -> tuple[Sequence[int], dict[Cluster, None]]:
        """Return the rows of new singletons, and the changed clusters."""
        entries, clusters = self._entries, self.journal.clusters
        new: Sequence[int] = range(self._seen, len(entries))
        if self._search is not None:
            new = self._search.new_rows()
        if self._closure is not None:
            single, changed = self._closure.partition(new)
        else:
            clustered = filter(None, map(clusters.get, new)) if clusters else ()
            changed = dict.fromkeys(clustered)
            single = [*filterfalse(clusters.__contains__, new)] if changed else new
        if self._wanted.is_all and not entries.eventless:
            return single, changed
        if not self._wanted.filters:
            # Of most selections the class of the payload tells.
            reads, events = self._wanted.reads or (object,), entries.events
            return [
                row
                for row in single
                if (event := events[row]) is not None and isinstance(event.what, reads)
            ], changed
        return [*filter(self._is_read, single)], changed

    def _is_read(self, row: int) -> bool:
        event = self._entries.events[row]
        datasets = (self._entries.dataset(row),) if self._has_datasets else ()
        return event is not None and self._wanted.is_read(event, datasets)

    def _may_read(self, rows: Iterable[int]) -> bool:
        # A predicate is asked of what counts: it may not hold of the parts of that.
        return self._wanted.may_read(self.journal.entries.claims_among(rows))

    def _cluster_of(self, row: int) -> Cluster | None:
        if self._closure is not None:
            return self._closure.cluster_of(row)
        return self.journal.clusters.get(row)

    # --- bases ------------------------------------------------------------------------

    def under(self, basis: Basis) -> EventSequence:
        """Return the event sequence for a basis; it is valid until the order grows."""
        if self._last is not None and self._last[0] == basis:
            return self._last[1]
        normal, sequences = self._normal(basis), self.sequences
        sequence = sequences.get(normal)
        if sequence is None:
            most = _MOST_LAID_OVER // (len(self._clusters.joined) + 128)
            while len(sequences) >= max(_FEWEST_BASES, most):
                sequences.popitem(last=False)
                axes = {item.axis for item in sequences.values() if item.axis}
                self._clusters.keep(axes)
            parts = self._blocks, self._clusters, normal, self._cluster_of
            sequence = sequences[normal] = EventSequence(self.journal, *parts)
        sequences.move_to_end(normal)
        self._last = basis, sequence
        return sequence

    def neighbours(
        self, basis: Basis, projection: Projection[Any]
    ) -> list[EventSequence]:
        """Return the sequences with states that are likely to be the most similar."""
        candidates = [
            sequence
            for sequence in self.sequences.values()
            if (projection in sequence.states or projection in sequence.lines)
            and sequence.basis.prefer == basis.prefer
        ]
        candidates.sort(key=_known_by)
        place = bisect_left(candidates, basis.known_by, key=_known_by)
        return candidates[max(place - 1, 0) : place + 1]

    def _normal(self, basis: Basis) -> Basis:
        """Return a canonical basis: equal for bases that include the same entries.

        Its size is a number of rows: of entries that are here, none missing.
        """
        known_by, size, prefer = basis
        entries = self.journal.entries
        size = entries.row(size)
        size = math.inf if size >= self._seen else size
        # All bases that include everything then share one sequence and its states.
        if known_by < math.inf and known_by >= entries.latest():
            known_by = math.inf
        if not self._clusters.joined:  # there is nothing to prefer
            prefer = NEWEST.prefer
        return Basis(known_by, size, prefer)

    def versions(self, basis: Basis, *, by_position: bool) -> list[Version]:
        """Return all that counts under some knowledge, in fold order.

        A mark counts under *known_by* if `since <= known_by < until`. A correction
        or a further witness makes another version of it.

        Args:
            basis: What is known in the end: its size and preference are those of all.
            by_position: Knowledge is a log position, not a day.
        """
        entries, blocks = self.journal.entries, self._blocks
        size, knowns = self._normal(basis).size, entries.knowns
        axis = self._clusters.axis((basis.prefer, by_position, size))
        told = [(t.key, Version(t.mark, *t[1:3])) for t in axis.versions()]
        singles: list[Version] = []
        for marks, rows in zip(blocks.marks, blocks.rows, strict=True):
            for mark, row in zip(marks, rows, strict=True):
                if 0 <= row < size:
                    since = entries.position(row) if by_position else knowns[row]
                    singles.append(Version(mark, since, math.inf))
                    if told:
                        told.append((blocks.key(mark, row), singles[-1]))
        if not told:
            return singles
        return [version for _, version in sorted(told, key=itemgetter(0))]

    def spans(self, basis: Basis) -> Iterator[tuple[int, Event, float, float]]:
        """Yield what counts on some day of knowledge, since when, and until when.

        Args:
            basis: What is known in the end.
        """
        entries = self.journal.entries
        axis = self._clusters.axis((basis.prefer, False, self._normal(basis).size))
        for told in axis.versions():
            span = told.since, told.until
            yield entries.position(told.row), event_of(told.mark), *span
        for marks, rows in zip(self._blocks.marks, self._blocks.rows, strict=True):
            for mark, row in zip(marks, rows, strict=True):
                if row >= 0:
                    span = entries.knowns[row], math.inf
                    yield entries.position(row), event_of(mark), *span

    def resolutions(self, basis: Basis) -> list[list[tuple[float, Resolution]]]:
        """Return what is resolved of each cluster, by the days since which it is.

        Args:
            basis: What is known in the end, likewise.
        """
        size = self._normal(basis).size
        return [*self._clusters.resolutions(basis.prefer, size)]


def _known_by(sequence: EventSequence) -> float:
    return sequence.basis.known_by


def _is_sorted(days: list[float]) -> bool:
    return all(map(le, days, islice(days, 1, None)))
