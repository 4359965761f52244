"""Clusters of related entries: the marks that count, now and as versions."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain, groupby, takewhile
from operator import itemgetter
from typing import NamedTuple

from bri_timeline._events import Event
from bri_timeline._events.marks import Key, Mark, sort_key
from bri_timeline._journal import (
    Basis,
    Claims,
    Cluster,
    Journal,
    Preference,
    Resolution,
    Wanted,
    resolve,
)
from bri_timeline._journal.counting import chosen, counting_of, counting_of_pairs
from bri_timeline._process import uncollected


# The basis of most questions: what counts of clusters under it lies in the blocks.
NEWEST = Basis(math.inf, math.inf)
_FEW = 8
_MOST_RESOLUTIONS = 1 << 16
_Named = tuple[int, Event, float, float, float | None]
# A preference, whether knowledge is a position, and how many rows there are.
_Name = tuple[Preference, bool, float]
# What a resolution depends on: how many members a cluster has, how many of these are
# there, and how many of these are known.
_Known = tuple[Cluster, int, int, int, Preference]


class PlacedVersion(NamedTuple):
    """A mark of a cluster, and under which knowledge it counts as it is.

    Attributes:
        key: Its key in the fold order.
        since: The first day, or log position, of knowledge.
        until: The first one under which it does not count any more; maybe infinite.
        mark: The mark.
        row: The row of the first entry that claims it.
    """

    key: Key
    since: float
    until: float
    mark: Mark
    row: int


class _History:
    """The versions of a cluster along one axis of knowledge.

    What becomes known in the order of the log is added to what was known: a claim more
    about one happening, of which there are many, costs what one claim does.

    Args:
        axis: The axis.
    """

    def __init__(self, axis: Axis) -> None:
        self._axis = axis
        self._begin()

    def _begin(self) -> None:
        self._claims = self._axis.no_claims()
        self._moment = -math.inf
        self._done: list[PlacedVersion] = []
        # By the position of its first entry, and its days, of which some may be
        # excluded: each with its event, and since when it counts.
        self._counting: dict[_Named, tuple[Event, float]] = {}

    def tell(self, members: Sequence[int], count: int) -> list[PlacedVersion]:
        """Return the versions, after those of its members that are new were added.

        Args:
            members: The rows.
            count: How many of them were told before, at the beginning.
        """
        axis, entries = self._axis, self._axis.clusters.journal.entries
        rows = sorted(row for row in members[count:] if row < axis.size)
        known: list[float] = [*map(axis.moment, rows)]
        pairs = [*zip(rows, known, strict=True)]
        is_in_order = known == sorted(known)
        if count and known and not (is_in_order and self._moment <= known[0]):
            self._begin()
            return self.tell(members, 0)
        for moment, group in groupby(sorted(pairs, key=itemgetter(1)), itemgetter(1)):
            if is_in_order:
                for row, _ in group:
                    self._claims.add(entries[row])
            else:
                self._claims = axis.no_claims()
                for row, day in pairs:
                    self._claims.add(entries[row], is_known=day <= moment)
            self._note(moment)
        if not is_in_order:
            # The claims do not know all of the entries in the order of the log.
            self._moment = math.inf
        return [*self._done, *self._ended(self._counting, math.inf)]

    def _note(self, moment: float) -> None:
        """Note what counts from a moment on."""
        taken = counting_of(self._claims, self._axis.clusters.wanted)
        now = {(e[0].position, event, *_days(event)): event for event, e in taken}
        gone = self._counting.keys() - now.keys()
        before = {key: self._counting.pop(key) for key in gone}
        self._done += self._ended(before, moment)
        for key, event in now.items():
            self._counting.setdefault(key, (event, moment))
        self._moment = moment

    def _ended(
        self, counting: Mapping[_Named, tuple[Event, float]], until: float
    ) -> Iterator[PlacedVersion]:
        for (position, *_), (event, since) in counting.items():
            if since < until:
                row = self._axis.clusters.journal.entries.row(position)
                yield from self._axis.told(event, row, since, until)


def _days(event: Event) -> tuple[float, float, float | None]:
    """Return the days that tell dates of one text apart, of which some are excluded."""
    when = event.when
    return when.earliest_start, when.latest_start, when.last_day


class Axis:
    """The versions of the clusters of a fold order along one axis of knowledge.

    What counts in the end lies in the blocks, if the axis ends where everything is
    known. Only the other versions are laid over the blocks, for bases before that.

    Args:
        clusters: The clusters.
        prefer: What decides among claims.
        by_position: Whether knowledge is a log position, not a day.
        size: How many rows there are.

    Attributes:
        since: By its row, since when counts what lies in the blocks.
        beside: The other versions, in fold order.
    """

    def __init__(
        self, clusters: Clusters, prefer: Preference, by_position: bool, size: float
    ) -> None:
        entries = clusters.journal.entries
        self.clusters = clusters
        self.prefer = prefer
        self.size = size
        self.moment: Callable[[int], float] = entries.knowns.__getitem__
        if by_position:
            self.moment = entries.position
        self.since: dict[int, float] = {}
        self.beside: list[PlacedVersion] = []
        self._whole = prefer, by_position, math.inf
        self._has_newest = prefer == NEWEST.prefer and size == math.inf
        # The versions of each cluster, of how many members, and of a large one what
        # they are told by.
        self._kept: dict[Cluster, tuple[list[PlacedVersion], int, _History | None]] = {}
        with uncollected():  # resolving makes no reference cycles
            for cluster in clusters.joined:
                self.beside += self._placed(self._tell(cluster))
        # Versions with one key are of one cluster, in the order of knowledge.
        self.beside.sort(key=itemgetter(0))

    def versions(self) -> Iterator[PlacedVersion]:
        """Yield the versions of all clusters, in any order."""
        return chain.from_iterable(told for told, *_ in self._kept.values())

    def told(
        self, event: Event, row: int, since: float, until: float
    ) -> Iterator[PlacedVersion]:
        """Yield the marks of a version of an event, whose first entry has a row."""
        position = self.clusters.journal.entries.position(row)
        for mark in self.clusters.wanted.marks_of(event):
            yield PlacedVersion(sort_key(mark, position), since, until, mark, row)

    def tell(self, cluster: Cluster) -> tuple[list[PlacedVersion], list[PlacedVersion]]:
        """Note that a cluster has changed, or is gone.

        Returns:
            The versions that were beside the blocks, and those that are now; both
            without what has not changed.
        """
        before, now = list[PlacedVersion](), list[PlacedVersion]()
        if cluster in self._kept:
            before, *_ = self._kept[cluster]
        if cluster in self.clusters.joined:
            now = self._tell(cluster)
        else:
            self._kept.pop(cluster, None)
        pairs = zip(before, now, strict=False)
        start = sum(1 for _ in takewhile(lambda pair: pair[0] is pair[1], pairs))
        for told in before[start:]:
            self.since.pop(told.row, None)
        gone = [told for told in before[start:] if self._is_beside(told)]
        come = self._placed(now[start:])
        for told in gone:
            del self.beside[self._index(told)]
        for told in come:
            self.beside.insert(self._index(told), told)
        return gone, come

    def _index(self, told: PlacedVersion) -> int:
        return bisect_left(self.beside, told[:3])

    def _is_beside(self, told: PlacedVersion) -> bool:
        return not (self._has_newest and told.until == math.inf)

    def _placed(self, told: list[PlacedVersion]) -> list[PlacedVersion]:
        """Return the versions that are beside the blocks; note when the others came."""
        if not self._has_newest:
            return told
        for _, since, until, _, row in told:
            if until == math.inf:
                self.since[row] = since
        return [*filter(self._is_beside, told)]

    def _tell(self, cluster: Cluster) -> list[PlacedVersion]:
        """Return the versions of a cluster, with those of its members that are new."""
        members = cluster.members
        told, count, history = self._kept.get(cluster, ([], 0, None))
        if count == len(members):
            return told
        pair = self._of_pair(cluster) if len(members) == 2 else None
        if pair is not None:
            told = pair
        elif self.size < math.inf and max(members) < self.size:
            told = self.clusters.axis(self._whole)._tell(cluster)
        else:
            if history is None:
                history, count = _History(self), 0
            told = history.tell(members, count)
        self._kept[cluster] = (
            told,
            len(members),
            history if len(members) > _FEW else None,
        )
        return told

    def no_claims(self) -> Claims:
        """Return the claims of a cluster before any was added."""
        return Claims(self.prefer, bounded=self.clusters.wanted.bounded)

    def _of_pair(self, cluster: Cluster) -> list[PlacedVersion] | None:
        """Return the versions of two claims, if these need not be compared."""
        (former, latter), clusters = sorted(cluster.members), self.clusters
        since, until = self.moment(former), self.moment(latter)
        entries = clusters.journal.entries
        first, rest = entries.events[former], list[Cluster]()
        if not (self._has_newest and clusters.is_plain and first and since <= until):
            return None
        counting = [*counting_of_pairs(entries, [cluster], rest)]
        if rest:
            return None
        told = list[PlacedVersion]()
        for last, row in counting:
            is_same = row == former and last.cite == first.cite
            told += self.told(last, row, since if is_same else until, math.inf)
            until = since if is_same else until
        if since < until:
            told[:0] = self.told(first, former, since, until)
        return told


class Clusters:
    """The clusters of a fold order: what counts of them, for every knowledge.

    Along an axis of knowledge, a cluster has versions, which are kept: another basis
    takes those that count under it, and resolves nothing.

    Args:
        journal: The entries.
        wanted: The selection.

    Attributes:
        joined: The clusters, each with the number of its members that are in the order.
    """

    def __init__(self, journal: Journal, wanted: Wanted) -> None:
        self.journal = journal
        self.wanted = wanted
        self.joined: dict[Cluster, int] = {}
        # The claims of large clusters, with the number of members.
        self._claims: dict[Cluster, tuple[Claims, int]] = {}
        # Where a pair may be told by its rows.
        self.is_plain = wanted.is_all and not wanted.bounded
        self.axes: dict[_Name, Axis] = {}
        self._resolutions: dict[_Known, Resolution] = {}

    def drop(self, cluster: Cluster) -> None:
        """Forget a cluster, if it is present."""
        self.joined.pop(cluster, None)
        self._claims.pop(cluster, None)

    # --- where everything is known ----------------------------------------------------

    def newest(self, clusters: Iterable[Cluster]) -> Iterator[tuple[Event, int]]:
        """Yield what counts of clusters, with the row of the first entry of it."""
        entries, rest = self.journal.entries, list[Cluster]()
        if self.wanted.bounded:
            rest += clusters
        else:
            pairs = counting_of_pairs(entries, clusters, rest)
            yield from pairs if self.wanted.is_all else self._selected(pairs)
        for cluster in rest:
            for event, witnesses in counting_of(self.claims(cluster), self.wanted):
                yield event, entries.row(witnesses[0].position)

    def _selected(
        self, pairs: Iterable[tuple[Event, int]]
    ) -> Iterator[tuple[Event, int]]:
        """Yield those of what counts of pairs that are selected."""
        rules, is_read = self.wanted.rules, self.wanted.is_read
        # What a claim refers to is in its cluster: a pair refers to nothing else. Both
        # entries of a pair are of one dataset.
        dataset_of = self.journal.entries.dataset
        for event, row in pairs:
            is_near = all(rule.holds(event) for rule in rules)
            if is_near and is_read(event, (dataset_of(row),)):
                yield event, row

    def claims(self, cluster: Cluster) -> Claims:
        """Return the claims of a cluster."""
        members, entries = cluster.members, self.journal.entries
        claims, count = self._claims.get(cluster) or (
            Claims(bounded=self.wanted.bounded),
            0,
        )
        # A cluster that absorbed another one may have earlier members now. These share
        # no original with the others, so they need not come first.
        for row in sorted(members[count:]):
            claims.add(entries[row])
        if len(members) > _FEW:
            self._claims[cluster] = claims, len(members)
        return claims

    # --- under other knowledge --------------------------------------------------------

    def axis(self, name: _Name) -> Axis:
        """Return an axis of knowledge, with the versions of all clusters."""
        axis = self.axes.get(name)
        if axis is None:
            axis = self.axes[name] = Axis(self, *name)
        return axis

    def moment(self, basis: Basis) -> tuple[Axis, float]:
        """Return the axis along which a basis is a moment, and that moment.

        It is finite: at the infinite one, every version has ended.

        Args:
            basis: A canonical one.
        """
        known_by, size, prefer = basis
        if known_by < math.inf or size == math.inf:
            return self.axis((prefer, False, size)), min(known_by, 1e308)
        entries = self.journal.entries
        last = entries.position(int(size) - 1) if size else -1
        return self.axis((prefer, True, math.inf)), last

    def keep(self, axes: Collection[Axis]) -> None:
        """Forget the other axes."""
        self.axes = {name: axis for name, axis in self.axes.items() if axis in axes}

    # --- explained --------------------------------------------------------------------

    def resolution(self, basis: Basis, cluster: Cluster) -> Resolution:
        """Return the resolution of a cluster under a basis, of what is selected."""
        if basis == NEWEST and len(cluster.members) > _FEW:
            return chosen(self.claims(cluster).resolution(), self.wanted)
        entries, (known_by, size, prefer) = self.journal.entries, basis
        rows = [row for row in sorted(cluster.members) if row < size]
        # The same on all days until more of it is known: a page asks for each of many.
        # What comes later can join to it what lies before the last of it.
        count = sum(entries.knowns[row] <= known_by for row in rows)
        key = cluster, len(cluster.members), len(rows), count, prefer
        if key not in self._resolutions:
            if len(self._resolutions) >= _MOST_RESOLUTIONS:
                self._resolutions.clear()
            members, bounded = [entries[row] for row in rows], self.wanted.bounded
            resolution = resolve(members, known_by, prefer=prefer, bounded=bounded)
            self._resolutions[key] = chosen(resolution, self.wanted)
        return self._resolutions[key]

    def resolutions(
        self, prefer: Preference, size: float
    ) -> Iterator[list[tuple[float, Resolution]]]:
        """Yield the resolutions of each cluster, with the days since which they hold.

        Args:
            prefer: What decides among claims.
            size: How many rows there are.
        """
        knowns = self.journal.entries.knowns
        for cluster in self.joined:
            days = sorted({knowns[row] for row in cluster.members if row < size})
            bases = [Basis(day, size, prefer) for day in days]
            yield [(basis[0], self.resolution(basis, cluster)) for basis in bases]
