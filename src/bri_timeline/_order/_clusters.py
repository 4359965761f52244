"""Clusters of related entries: the marks that count, now and as versions."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, groupby
from operator import itemgetter
from typing import NamedTuple

from bri_timeline._events import Event, Key, Mark, sort_key, uncollected
from bri_timeline._evidence import Citation
from bri_timeline._journal import (
    Basis,
    Claims,
    Cluster,
    Journal,
    Preference,
    Resolution,
    Wanted,
    chosen,
    counting_of,
    counting_of_pairs,
    resolve,
)


__all__ = ["NEWEST", "Clusters", "Told"]

# The basis of most questions: what counts of clusters under it lies in the blocks.
NEWEST = Basis(math.inf, math.inf)
_FEW = 8
_Named = tuple[int, str | int, tuple[Citation, ...]]
# A preference, whether knowledge is a position, and how many rows there are.
_Axis = tuple[Preference, bool, float]


class Told(NamedTuple):
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
        clusters: The clusters of a fold order.
        axis: The axis.
    """

    def __init__(self, clusters: Clusters, axis: _Axis) -> None:
        self._clusters = clusters
        self._axis = axis
        self._begin()

    def _begin(self) -> None:
        self._claims = Claims(self._axis[0])
        self._moment = -math.inf
        self._done: list[Told] = []
        # By the position of its first entry, its id, which the claim with which it
        # began gives, and what it rests on: each with its event, and since when it
        # counts.
        self._counting: dict[_Named, tuple[Event, float]] = {}

    def tell(self, members: Sequence[int], count: int) -> list[Told]:
        """Return the versions, after those of its members that are new were added.

        Args:
            members: The rows.
            count: How many of them were told before, at the beginning.
        """
        _, by_position, size = self._axis
        entries = self._clusters.journal.entries
        rows = sorted(row for row in members[count:] if row < size)
        moment_of = entries.position if by_position else entries.knowns.__getitem__
        known: list[float] = [*map(moment_of, rows)]
        pairs = [*zip(rows, known, strict=True)]
        is_in_order = known == sorted(known)
        if count and known and not (is_in_order and self._moment <= known[0]):
            self._begin()
            return self.tell(members, 0)
        for moment, some in groupby(sorted(pairs, key=itemgetter(1)), itemgetter(1)):
            if is_in_order:
                for row, _ in some:
                    self._claims.add(entries[row])
            else:
                self._claims = Claims(self._axis[0])
                for row, day in pairs:
                    self._claims.add(entries[row], is_known=day <= moment)
            self._note(moment)
        if not is_in_order:
            # The claims do not know all of the entries in the order of the log.
            self._moment = math.inf
        return [*self._done, *self._ended(self._counting, math.inf)]

    def _note(self, moment: float) -> None:
        """Note what counts from a moment on."""
        taken = counting_of(self._claims, self._clusters.wanted)
        now = {(e[0].position, event._key, event.cite): event for event, e in taken}
        gone = self._counting.keys() - now.keys()
        before = {key: self._counting.pop(key) for key in gone}
        self._done += self._ended(before, moment)
        for key, event in now.items():
            self._counting.setdefault(key, (event, moment))
        self._moment = moment

    def _ended(
        self, counting: Mapping[_Named, tuple[Event, float]], until: float
    ) -> Iterator[Told]:
        clusters = self._clusters
        for (position, *_), (event, since) in counting.items():
            if since < until:
                row = clusters.journal.entries.row(position)
                for mark in clusters.wanted.marks_of(event):
                    yield Told(sort_key(mark, position), since, until, mark, row)


_Kept = tuple[list[Told], int, _History | None]


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
        # By axis and cluster: its versions, of how many members, and of a large one
        # what they are told by.
        self._axes: dict[_Axis, dict[Cluster, _Kept]] = {}

    def drop(self, cluster: Cluster) -> None:
        """Forget a cluster, if it is present."""
        self.joined.pop(cluster, None)
        self._claims.pop(cluster, None)
        for told in self._axes.values():
            told.pop(cluster, None)

    # --- where everything is known ----------------------------------------------------

    def newest(self, clusters: Iterable[Cluster]) -> Iterator[tuple[Event, int]]:
        """Yield what counts of clusters, with the row of the first entry of it."""
        entries, wanted = self.journal.entries, self.wanted
        left = list[Cluster]()
        if wanted.is_all and not wanted.bounded:
            yield from counting_of_pairs(entries, clusters, left)
        else:
            left += clusters
        for cluster in left:
            for event, some in counting_of(self.claims(cluster), wanted):
                yield event, entries.row(some[0].position)

    def claims(self, cluster: Cluster) -> Claims:
        """Return the claims of a cluster."""
        members, entries = cluster.members, self.journal.entries
        claims, count = self._claims.get(cluster) or (Claims(), 0)
        # A cluster that absorbed another one may have earlier members now. These share
        # no original with the others, so they need not come first.
        for row in sorted(members[count:]):
            claims.add(entries[row])
        if len(members) > _FEW:
            self._claims[cluster] = claims, len(members)
        return claims

    # --- under other knowledge --------------------------------------------------------

    def versions(self, axis: _Axis) -> Iterator[Told]:
        """Yield the versions of all clusters along an axis, in any order."""
        with uncollected():  # resolving makes no reference cycles
            yield from chain.from_iterable(self._told(axis, one) for one in self.joined)

    def _told(self, axis: _Axis, cluster: Cluster) -> list[Told]:
        """Return the versions of a cluster, with those of its members that are new."""
        prefer, by_position, size = axis
        kept, members = self._axes.setdefault(axis, {}), cluster.members
        told, count, history = kept.get(cluster, ([], 0, None))
        if count == len(members):
            return told
        if size < math.inf and max(members) < size:
            told = self._told((prefer, by_position, math.inf), cluster)
        else:
            if history is None:
                history, count = _History(self, axis), 0
            told = history.tell(members, count)
        kept[cluster] = told, len(members), history if len(members) > _FEW else None
        return told

    def overlay(self, basis: Basis) -> list[Told]:
        """Return what counts of all clusters under a basis, in fold order.

        Args:
            basis: A canonical one.
        """
        axis, moment = self._axis(basis)
        found = [t for t in self.versions(axis) if t.since <= moment < t.until]
        return sorted(found, key=itemgetter(0))

    def keep(self, bases: Iterable[Basis]) -> None:
        """Forget the versions along axes of which no basis is asked any more."""
        axes = {self._axis(basis)[0] for basis in bases}
        self._axes = {axis: told for axis, told in self._axes.items() if axis in axes}

    def _axis(self, basis: Basis) -> tuple[_Axis, float]:
        """Return the axis along which a basis is a moment, and that moment.

        It is finite: at the infinite one, every version has ended.
        """
        known_by, size, prefer = basis
        if known_by < math.inf or size == math.inf:
            return (prefer, False, size), min(known_by, 1e308)
        entries = self.journal.entries
        last = entries.position(int(size) - 1) if size else -1
        return (prefer, True, math.inf), last

    # --- explained --------------------------------------------------------------------

    def resolution(self, basis: Basis, cluster: Cluster) -> Resolution:
        """Return the resolution of a cluster under a basis, of what is selected."""
        if basis == NEWEST and len(cluster.members) > _FEW:
            return chosen(self.claims(cluster).resolution(), self.wanted)
        entries, (known_by, size, prefer) = self.journal.entries, basis
        some = [entries[row] for row in sorted(cluster.members) if row < size]
        return chosen(resolve(some, known_by, prefer=prefer), self.wanted)
