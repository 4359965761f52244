"""The events in fold order, limited to one basis."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from heapq import merge
from itertools import accumulate, chain, compress, zip_longest
from typing import Any

from bri_timeline._answer import Answer
from bri_timeline._events import Event
from bri_timeline._events.marks import Key, Mark, event_of
from bri_timeline._happening import Happening, Window, named_among
from bri_timeline._journal import Basis, Cluster, Journal, Resolution, resolve
from bri_timeline._order._blocks import Blocks, certain_by, certain_day
from bri_timeline._order._clusters import NEWEST, Axis, Clusters, PlacedVersion
from bri_timeline._order._keys import Groups, days_of
from bri_timeline._order._lines import SequenceLines
from bri_timeline._order._states import MergedStates, States
from bri_timeline._payload import is_digest
from bri_timeline._process import uncollected
from bri_timeline._projection import Projection


_Pair = tuple[Mark, int]


class EventSequence:
    """The events, and ends if selected, in fold order, limited to one basis.

    Under the newest basis it is what lies in the blocks. Under any other the marks of
    singletons are filtered, and the marks of clusters are laid over them. It is valid
    until the fold order grows, which tells it of clusters that changed.

    Args:
        journal: The entries.
        blocks: The marks of singletons, and of clusters where everything is known.
        clusters: The clusters.
        basis: The entries that count as known: a canonical one.
        cluster_of: Returns the cluster of an entry, by its row, if it is in one.

    Attributes:
        blocks: The marks.
        resolutions: The resolutions that were asked for since a cluster changed.
        basis: The entries that count as known.
        states: States along it, by projection; what was asked for last comes last.
        groups: Marks by key, by key function.
        lines: Marks by part and key, by composition.
        axis: Where the basis is a moment; None for the newest.
    """

    def __init__(
        self,
        journal: Journal,
        blocks: Blocks,
        clusters: Clusters,
        basis: Basis,
        cluster_of: Callable[[int], Cluster | None],
    ) -> None:
        self._journal = journal
        self.blocks = blocks
        self._clusters = clusters
        self._cluster_of = cluster_of
        self.axis: Axis | None = None
        self._moment, self._overlay = math.inf, list[PlacedVersion]()
        if basis != NEWEST:
            self.axis, self._moment = clusters.moment(basis)
            self._overlay = [*filter(self._counts, self.axis.beside)]
        self.resolutions: dict[tuple[Cluster, Basis], Resolution] = {}
        self._happenings: list[Happening] | None = None
        self._extents: dict[Key, Event] | None = None
        self.basis = basis
        self.states: dict[Projection[Any], States[Any] | MergedStates[Any]] = {}
        self.groups: dict[Callable[[Event], Iterable[Any]], Groups[Any]] = {}
        self.lines: dict[Projection[Any], SequenceLines] = {}

    # --- changing ---------------------------------------------------------------------

    def _counts(self, told: PlacedVersion) -> bool:
        return told.since <= self._moment < told.until

    def sees(self, row: int) -> bool:
        """Check whether what lies in the blocks with a row counts."""
        known_by, size, _ = self.basis
        if row < 0:
            since = self.axis.since if self.axis is not None else {}
            return self.axis is None or since.get(~row, math.inf) <= self._moment
        return row < size and self._journal.entries.knowns[row] <= known_by

    def changed(self, number: int, mark: Mark, row: int, *, comes: bool) -> None:
        """Note that a mark has come into a block, or is gone.

        Args:
            number: The block.
            mark: The mark.
            row: That of the first entry that claims it, inverted for a cluster.
            comes: It has come.
        """
        is_single = comes and row >= 0
        for lines in self.lines.values():
            lines.changed(mark, row if row >= 0 else ~row, comes=comes)
            lines.along.doubt(number)
        for states in self.states.values():
            states.doubt(number)
        for groups in self.groups.values():
            (groups.new if is_single else groups.doubted).append(mark)

    def lay_over(self, gone: list[PlacedVersion], come: list[PlacedVersion]) -> None:
        """Replace versions of a cluster, of those beside the blocks."""
        for told in filter(self._counts, gone):
            del self._overlay[bisect_left(self._overlay, (told.key,))]
            self.changed(self.blocks.of(told.key), told.mark, ~told.row, comes=False)
        for told in filter(self._counts, come):
            self._overlay.insert(bisect_left(self._overlay, (told.key,)), told)
            self.changed(self.blocks.of(told.key), told.mark, ~told.row, comes=True)

    def grown(self) -> None:
        """Forget what was derived before the order grew."""
        self._happenings = self._extents = None

    # --- reading ----------------------------------------------------------------------

    def read(self, first: int, stop: int) -> Iterable[list[Mark]]:
        """Return the marks of some blocks, to be read in that order."""
        if self.axis is None:
            return self.blocks.marks[first:stop]
        return self._read(self.axis, first, stop)

    def _read(self, axis: Axis, first: int, stop: int) -> Iterator[list[Mark]]:
        """Yield the marks of blocks under another basis than the newest."""
        blocks, overlay, (known_by, size, _) = self.blocks, self._overlay, self.basis
        index = self._start(first)
        for number in range(first, stop):
            (since, known, last), start = blocks.span(number), index
            if start < len(overlay):
                index = self._start(number + 1, start)
            if index > start:
                yield self._block(number)[0]
            elif known <= known_by and last < size:
                yield blocks.marks[number]
            elif since > known_by:
                yield []
            else:
                yield [*compress(blocks.marks[number], self._seen(blocks.rows[number]))]

    def _start(self, number: int, least: int = 0) -> int:
        """Return the index of the first mark that is laid over a block, or after it."""
        overlay, bounds = self._overlay, self.blocks.bounds
        if number >= len(bounds):
            return len(overlay)
        bound = bounds[number]
        if least < len(overlay) and overlay[least].key >= bound:
            return least
        return bisect_left(overlay, (bound,), least)

    def _marks(self, number: int) -> list[Mark]:
        """Return the marks of a block that count."""
        (marks,) = self.read(number, number + 1)
        return marks

    def _seen(self, rows: Sequence[int]) -> list[bool]:
        """Tell of each mark at some rows whether it counts."""
        axis, (known_by, size, _) = self.axis, self.basis
        if axis is None:
            return [True] * len(rows)
        knowns, since, moment = self._journal.entries.knowns, axis.since, self._moment
        return [
            (knowns[row] <= known_by and row < size)
            if row >= 0
            else since.get(~row, math.inf) <= moment
            for row in rows
        ]

    def _columns(self, first: int, stop: int) -> tuple[list[Mark], list[int]]:
        """Return the marks of blocks that count, and the rows of their claims."""
        blocks = self.blocks
        if self._start(first) < self._start(stop):
            columns = [self._block(number) for number in range(first, stop)]
            laid = chain.from_iterable(marks for marks, _ in columns)
            return [*laid], [*chain.from_iterable(rows for _, rows in columns)]
        marks = [*chain.from_iterable(blocks.marks[first:stop])]
        rows = [*chain.from_iterable(blocks.rows[first:stop])]
        return self._counting(marks, rows)

    def _counting(
        self, marks: list[Mark], rows: list[int]
    ) -> tuple[list[Mark], list[int]]:
        """Return those that count of marks in blocks, and the rows of their claims."""
        if self.axis is not None:
            seen = self._seen(rows)
            marks, rows = [*compress(marks, seen)], [*compress(rows, seen)]
        return marks, [~row if row < 0 else row for row in rows]

    def _block(self, number: int) -> tuple[list[Mark], list[int]]:
        """Return those of one block, over which other marks may be laid."""
        blocks, start = self.blocks, self._start(number)
        marks, rows = self._counting(blocks.marks[number], blocks.rows[number])
        pairs = [*zip(marks, rows, strict=True)]
        for told in self._overlay[start : self._start(number + 1, start)]:
            index = bisect_left(pairs, told.key, key=lambda pair: blocks.key(*pair))
            pairs.insert(index, (told.mark, told.row))
        return [mark for mark, _ in pairs], [row for _, row in pairs]

    def _singles(self, number: int) -> list[_Pair]:
        """Return the marks of singletons in a block that count, with their rows."""
        blocks, seen = self.blocks, self._seen(self.blocks.rows[number])
        pairs = zip(blocks.marks[number], blocks.rows[number], strict=True)
        return [pair for pair in compress(pairs, seen) if pair[1] >= 0]

    def until(self, first: int, last: int, day: float) -> Iterator[list[Mark]]:
        """Yield the marks of blocks that are certain by a day.

        Args:
            first: The first block.
            last: The last that may have such a mark.
            day: The day.
        """
        yield from self.read(first, last)
        yield certain_by(self._marks(last), day)

    def first_difference(self, other: EventSequence) -> int:
        """Return the number of blocks up to which another sequence is equal."""
        blocks, known_by = self.blocks, (self.basis.known_by, other.basis.known_by)
        (least, most), size = sorted(known_by), min(self.basis.size, other.basis.size)
        until = self._laid_alike(other)
        pairs = zip(blocks.known, blocks.last, strict=True)
        for number, (known, last) in enumerate(pairs):
            if number < until:
                if known <= least and last < size:
                    continue
                since, known, last = blocks.span(number)
                if since > most or (known <= least and last < size):
                    continue
                if self._seen(blocks.rows[number]) == other._seen(blocks.rows[number]):
                    continue
            if self._marks(number) != other._marks(number):
                return number
        return len(blocks.marks)

    def _laid_alike(self, other: EventSequence) -> int:
        """Return the number of blocks over which the same is laid."""
        mine, theirs = self._overlay, other._overlay
        for first, second in zip_longest(mine, theirs):
            if first is not second:
                return self.blocks.of(min(told.key for told in (first, second) if told))
        return len(self.blocks.marks)

    def differences(self, other: EventSequence) -> Iterator[tuple[Mark, int, bool]]:
        """Yield the marks that only one of two sequences of an order has.

        Returns:
            The mark; the row of the first entry that claims it; whether it is here.
        """
        blocks, known_by = self.blocks, (self.basis.known_by, other.basis.known_by)
        (least, most), size = sorted(known_by), min(self.basis.size, other.basis.size)
        knowns, axes = self._journal.entries.knowns, {self.axis, other.axis} - {None}
        # Few of many differ: most are found not to without a call. Of clusters, only
        # along one axis.
        axis = axes.pop() if len(axes) == 1 else None
        since_of = {} if axis is None else axis.since
        moments = sorted((self._moment, other._moment))
        low, high = moments if axis is not None else (-math.inf, math.inf)
        for number, marks in enumerate(blocks.marks):
            since, known, last = blocks.span(number)
            if since > most or (known <= least and last < size):
                continue
            rows = blocks.rows[number]
            places = [
                place
                for place, row in enumerate(rows)
                if (
                    least < knowns[row] <= most or row >= size
                    if row >= 0
                    else low < since_of.get(~row, math.inf) <= high
                )
            ]
            for place in places:
                row = rows[place]
                is_here = self.sees(row)
                if is_here != other.sees(row):
                    yield marks[place], max(row, ~row), is_here
        mine, theirs = ({id(t): t for t in s._overlay} for s in (self, other))
        for told in (mine | theirs).values():
            if (id(told) in mine) != (id(told) in theirs):
                yield told.mark, told.row, id(told) in mine

    def equal_until(self, other: EventSequence) -> float | None:
        """Return a day up to which a sequence of the same order has the same marks.

        Returns:
            A day number, maybe infinite; None if they may differ from the beginning.
        """
        days = self.blocks.days
        number = len(days) if self is other else self.first_difference(other)
        if number == len(days):
            return math.inf
        return None if days[number] == -math.inf else days[number] - 1

    # --- events and places ------------------------------------------------------------

    def _from(self, day: float) -> int:
        """Return the first block that may have a mark that is certain on a day."""
        return max(bisect_left(self.blocks.days, day) - 1, 0)

    def alike(self, mark: Mark) -> list[Mark]:
        """Return the marks that count and have the days of one, in fold order."""
        low, high = days_of(mark), days_of(mark, is_last=True)
        numbers = self.blocks.of(low), self.blocks.of(high) + 1
        marks = chain.from_iterable(self.read(*numbers))
        return [other for other in marks if days_of(other) == low]

    def certain(self, window: Window) -> list[Mark]:
        """Return what is certain within a window, in fold order.

        These are events, and the ends of such events, if selected.
        """
        since, until = window
        if since == -math.inf:
            return [*chain.from_iterable(self.until(0, self.blocks.on(until), until))]
        # A mark that is certain in the window comes, at the latest, within it.
        blocks = self.until(self._from(since), self.blocks.on(until), until)
        marks = chain.from_iterable(blocks)
        return [m for m in marks if event_of(m).when.earliest_start >= since]

    def with_rows(
        self, window: Window, after: float | None = None
    ) -> tuple[list[Mark], list[int]]:
        """Return what is certain within a window, and the row of the first entry of it.

        Args:
            window: The days.
            after: Only what is certain later than this day; None for all.
        """
        since, until = window
        least = since if after is None else max(since, after + 1)
        marks, rows = self._columns(self._from(least), self.blocks.on(until) + 1)
        # They are in the order of the days by which they are certain.
        start = bisect_left(marks, least, key=certain_day)
        stop = bisect_right(marks, until, lo=start, key=certain_day)
        marks, rows = marks[start:stop], rows[start:stop]
        if since > -math.inf:
            begun = [event_of(mark).when.earliest_start >= since for mark in marks]
            marks, rows = [*compress(marks, begun)], [*compress(rows, begun)]
        return marks, rows

    def resolved(self, row: int, basis: Basis) -> Resolution:
        """Return the resolution of the cluster of a claim, or of a singleton.

        Args:
            row: That of the claim, which may be one that is not selected.
            basis: What counts as known. That of the sequence includes the same of what
                is selected, and may include more of the rest.
        """
        cluster = self._cluster_of(row)
        if cluster in self._clusters.joined:
            return self._resolution(cluster)
        entries, (known_by, position, prefer) = self._journal.entries, basis
        size = entries.row(position)
        if cluster is not None:
            key = cluster, basis
            if key not in self.resolutions:
                seen = [entries[r] for r in sorted(cluster.members) if r < size]
                bounded = self._clusters.wanted.bounded
                self.resolutions[key] = resolve(
                    seen, known_by, prefer=prefer, bounded=bounded
                )
            return self.resolutions[key]
        entry = entries[row]
        if entry._knowledge()[0] > known_by or row >= size:
            return Resolution((), (), (), ())
        slots = ((entry.position, (entry,)),)
        return Resolution((Happening.of(entry.claim, entry),), (), (), slots)

    def _resolution(self, cluster: Cluster) -> Resolution:
        """Return the resolution of one of the clusters, kept until it changes."""
        key = cluster, self.basis
        if key not in self.resolutions:
            self.resolutions[key] = self._clusters.resolution(self.basis, cluster)
        return self.resolutions[key]

    def places(self, keys: Sequence[Key]) -> list[int]:
        """Return the number of counting marks before each of some keys.

        Args:
            keys: Keys of any events, counting or not.
        """
        blocks = self.blocks
        lengths = map(len, self.read(0, len(blocks.marks)))
        before = [*accumulate(lengths, initial=0)]
        pairs_of: dict[int, list[_Pair]] = {}

        def place(key: Key) -> int:
            number = blocks.of(key)
            pairs = pairs_of.get(number)
            if pairs is None:
                pairs = [*zip(*self._block(number), strict=True)]
                pairs_of[number] = pairs
            return before[number] + bisect_left(
                pairs, key, key=lambda pair: blocks.key(*pair)
            )

        return [*map(place, keys)]

    def happenings(self, window: Window) -> Iterator[Happening]:
        """Yield the happenings certain within a window, and ends, in fold order."""
        since, until = window
        pairs = map(self._singles, range(self._from(since), self.blocks.on(until) + 1))
        single = self._as_happenings(chain.from_iterable(pairs))
        happenings = merge(single, self._clustered(), key=Happening.certainty_order)
        begun = (h for h in happenings if h.event.when.earliest_start >= since)
        return (h for h in begun if h.last <= until)

    def undecided(self, window: Window) -> list[Happening]:
        """Return what is undecided in a window, in order of becoming possible."""
        happenings = chain(self._as_happenings(self._open(window)), self._clustered())
        undecided = (h for h in happenings if h.within(window) is Answer.MAYBE)
        return sorted(undecided, key=Happening.possible_order)

    def open_events(self, window: Window) -> list[Event]:
        """Return the events undecided in a window, in any order; in less time."""
        single = [mark for mark, _ in self._open(window) if isinstance(mark, Event)]
        clustered = [h.event for h in self._clustered() if h.is_begin]
        # Without a beginning, the days of knowledge are all that was left to check.
        if window.since > -math.inf:
            single, clustered = [], single + clustered
        return single + [e for e in clustered if window.answer(e.when) is Answer.MAYBE]

    def _open(self, window: Window) -> Iterator[_Pair]:
        """Yield the singletons that may lie in a window, and outside."""
        since, until = window
        blocks, is_cut = self.blocks, since > -math.inf
        start = self._from(since) if is_cut else self.blocks.on(until)
        for number, first in enumerate(blocks.firsts[start:], start):
            if first <= until and blocks.first(number) <= until:
                pairs = self._singles(number)
                pairs = [p for p in pairs if p[0].when.earliest_start <= until]
                if not is_cut and number == start:
                    pairs = [p for p in pairs if p[0].when.latest_start > until]
                yield from pairs

    def extents(self, window: Window) -> dict[Key, Event]:
        """Return the extents that begin in a window, or may, by key in fold order."""
        if self._extents is None:
            numbers = range(len(self.blocks.marks))
            self._extents = {
                self.blocks.key(mark, row): mark
                for mark, row in chain.from_iterable(map(self._singles, numbers))
                if isinstance(mark, Event) and mark.when.is_extent
            }
            for happening in self._clustered():
                if happening.is_begin and happening.event.when.is_extent:
                    self._extents[happening.certainty_order()] = happening.event
        extents = self._extents.items()
        return {key: event for key, event in extents if window.meets(event.when)}

    def _as_happenings(self, pairs: Iterable[_Pair]) -> Iterator[Happening]:
        entries = self._journal.entries
        return (Happening.of(mark, entries[row]) for mark, row in pairs)

    def _all(self) -> list[Resolution]:
        """Return the resolutions of all clusters."""
        with uncollected():  # resolving makes no reference cycles
            return [*map(self._resolution, self._clusters.joined)]

    def _clustered(self, every: list[Resolution] | None = None) -> list[Happening]:
        """Return the happenings of clusters, and their ends if selected, in order."""
        if self._happenings is None:
            every = self._all() if every is None else every
            happenings = chain.from_iterable(r.happenings for r in every)
            ends, closing = self._clusters.wanted.ends, self._clusters.wanted.closing
            if ends:
                happenings = chain.from_iterable(h.marks(closing) for h in happenings)
            self._happenings = sorted(happenings, key=Happening.certainty_order)
        return self._happenings

    def named(self, name: str) -> Happening | None:
        """Return the happening with an id, if one counts."""
        return self._found(self._journal.identities.named(name), name)

    def about(self, event: Event) -> Happening | None:
        """Return the happening that a claim is about, if one counts."""
        return self._found(self._journal.identities.about(event), event.id)

    def _found(self, rows: list[int], name: str) -> Happening | None:
        for row in rows[:1]:  # several are always in one cluster
            cluster, blocks = self._cluster_of(row), self.blocks
            if cluster in self._clusters.joined:
                return named_among(self._resolution(cluster).happenings, name)
            is_bounded = self._clusters.wanted.bounded
            (mark,) = self._journal.as_read(bounded=is_bounded).claims((row,))
            singles = self._singles(blocks.of(blocks.key(mark, row)))
            mine = (pair for pair in singles if pair[1] == row)
            return next(self._as_happenings(mine), None)
        # An id may be made of those of two claims, and be the digest of none.
        some = self._clustered() if not rows and is_digest(name) else ()
        return next((one for one in some if one.event.id == name), None)

    def resolution(self) -> Resolution:
        """Return the resolution of the clusters: disputes, claims set aside, slots."""
        every = self._all()
        disputes = chain.from_iterable(resolution.disputes for resolution in every)
        set_aside = chain.from_iterable(resolution.set_aside for resolution in every)
        return Resolution(
            tuple(self._clustered(every)),
            tuple(sorted(disputes, key=lambda dispute: dispute[0].certainty_order())),
            tuple(sorted(set_aside, key=lambda aside: aside.entry.position)),
            tuple(chain.from_iterable(resolution.slots for resolution in every)),
        )
