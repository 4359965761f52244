"""Events in the order in which they become certain, kept ready for questions."""

from __future__ import annotations

import math
from collections.abc import Sequence

from bri_timeline._events import Entry, Event, uncollected
from bri_timeline._folding._clusters import ResolvedClusters
from bri_timeline._folding._sequence import EventSequence
from bri_timeline._folding._singletons import Singletons
from bri_timeline._journal import Cluster, Journal, Wanted
from bri_timeline._resolution import Basis


__all__ = [
    "FoldOrder",
]


_MOST_HELD = 1 << 18
_FEWEST_CUTS = 4


class FoldOrder:
    """The events of a trunk that are wanted, in fold order.

    Entries that stand alone, as most do, are held in lists side by side: they count
    whenever they are known. Families of entries that bear on one another are resolved
    for each cut and merged in. An order grows with its trunk.

    Args:
        trunk: The entries.
        wanted: Which events are wanted.
    """

    __slots__ = (
        "_alone",
        "_asked",
        "_clusters",
        "_kinships",
        "_latest",
        "_no_kinship",
        "_reach",
        "_search",
        "_seen",
        "_wanted",
        "journal",
    )

    def __init__(self, journal: Journal, wanted: Wanted) -> None:
        self.journal = journal
        self._wanted = wanted
        self._begin()

    def _begin(self) -> None:
        journal, wanted = self.journal, self._wanted
        self._search = None if wanted.is_everything else journal.search(wanted)
        self._reach = journal.reach(wanted.rules) if wanted.rules else None
        self._seen = 0
        self._latest = -math.inf
        self._alone = Singletons(journal.entries)
        self._clusters: dict[Cluster, None] = {}
        self._kinships: dict[Basis, ResolvedClusters] = {}
        self._no_kinship = ResolvedClusters(Basis(math.inf, math.inf), wanted)
        self._asked: tuple[Basis, EventSequence] | None = None

    # --- growing --------------------------------------------------------------------

    def catch_up(self) -> int | None:
        """Take in what the trunk has gained.

        Returns:
            The index before which nothing changed; None when nothing changed at all.
        """
        size = len(self.journal.entries.events)
        if self._seen == size:
            return None
        if self._seen and len(self._wanted.rules) > 1:
            # What groups refer to may have come: such a question is rare, so anew.
            self._begin()
        self._asked = None
        alone, changed = self._news()
        anew, self._seen = not self._seen, size
        low = len(self._alone)
        if changed:
            with uncollected():
                low = min(map(self._join, changed))
        low = min(low, self._alone.insert(alone))
        return 0 if anew else low

    def _news(self) -> tuple[Sequence[int], dict[Cluster, None]]:
        """Return the new claims that stand alone, and the families that changed."""
        entries, clusters = self.journal.entries, self.journal.clusters
        events, is_read = entries.events, self._is_read
        if self._search is None:
            new = entries.present(self._seen)
        else:
            new = self._search.news()
        if self._reach is not None:
            alone, changed = self._reach.told_apart(new)
            if self._wanted.reads is not None:
                alone = [p for p in alone if is_read(events[p])]
            return alone, changed
        changed = {clusters[p]: None for p in new if p in clusters} if clusters else {}
        if changed:
            new = [p for p in new if p not in clusters]
        if self._search is None and entries.silent:
            new = [p for p in new if events[p] is not None]
        return new, changed

    def _is_read(self, event: Event | None) -> bool:
        return event is not None and self._wanted.is_read(event)

    def _join(self, cluster: Cluster) -> int:
        """Take in a new or a grown family; return the first index that it touches."""
        for gone in cluster.absorbed:
            if gone in self._clusters:
                del self._clusters[gone]
                for resolved in self._kinships.values():
                    resolved.drop(gone)
        members = [self.journal.entries[position] for position in cluster.members]
        events = [entry.event for entry in members]
        if not any(map(self._is_read, events)):
            return len(self._alone)
        self._clusters[cluster] = None
        self._latest = max(self._latest, *(e.knowledge()[0] for e in members))
        self._put(cluster, members)
        claims = (entry.position for entry in members if entry.event is not None)
        return min(map(self._alone.remove, claims))

    def _put(self, cluster: Cluster, members: list[Entry]) -> None:
        """Bring up to date what the families come to by all knowledge.

        What they come to by less is found again when somebody asks.
        """
        self._kinships = {c: k for c, k in self._kinships.items() if _is_newest(c)}
        for resolved in self._kinships.values():
            resolved.put(cluster, members)

    # --- cuts -------------------------------------------------------------------------

    def under(self, basis: Basis) -> EventSequence:
        """Return the order under a cut; it holds until the order grows."""
        if self._asked is None or self._asked[0] != basis:
            normal = self._normal(basis)
            resolved = (
                self._resolved_clusters(normal) if self._clusters else self._no_kinship
            )
            self._asked = (
                basis,
                EventSequence(self.journal, self._alone, resolved, normal),
            )
        return self._asked[1]

    def _normal(self, basis: Basis) -> Basis:
        """Return the one way to write cuts behind which lies the same."""
        known_by, size, prefer = basis
        if known_by < math.inf and known_by >= max(self._latest, self._alone.latest):
            known_by = math.inf
        return Basis(known_by, math.inf if size >= self._seen else size, prefer)

    def _resolved_clusters(self, basis: Basis) -> ResolvedClusters:
        """Return what the families come to under a cut."""
        found = self._kinships.get(basis)
        if found is None:
            most = max(_FEWEST_CUTS, _MOST_HELD // (len(self._clusters) + 1))
            if len(self._kinships) >= most:
                del self._kinships[next(iter(self._kinships))]
            found = self._kinships[basis] = self._resolved(basis)
        return found

    def _resolved(self, basis: Basis) -> ResolvedClusters:
        """Resolve the families anew, or those that differ from the cut asked last."""
        nearest = next(reversed(self._kinships.values()), None)
        if nearest is None:
            found, clusters = ResolvedClusters(basis, self._wanted), [*self._clusters]
        else:
            found, clusters = (
                nearest.under(basis),
                self._differing(nearest.basis, basis),
            )
        entries = self.journal.entries
        with uncollected():
            for cluster in clusters:
                found.put(cluster, [entries[position] for position in cluster.members])
        return found

    def _differing(self, one: Basis, other: Basis) -> list[Cluster]:
        """Return the families that may come to something else under another cut."""
        if one.prefer is not other.prefer:
            return [*self._clusters]
        knowns, found = self.journal.entries.knowns, []
        low, high = sorted((one.known_by, other.known_by))
        fewer, more = sorted((one.size, other.size))
        for cluster in self._clusters:
            for position in cluster.members:
                if low < knowns[position] <= high or fewer <= position < more:
                    found.append(cluster)
                    break
        return found


def _is_newest(basis: Basis) -> bool:
    return basis.known_by == basis.size == math.inf
