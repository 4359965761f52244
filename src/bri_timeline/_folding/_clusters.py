"""Clusters of related entries, resolved for one basis."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from bri_timeline._concern import reached
from bri_timeline._events import Entry, Event, Key, Mark
from bri_timeline._happening import Happening
from bri_timeline._journal import Basis, Cluster, Journal, Resolution, Wanted, resolve


__all__ = [
    "ResolvedClusters",
    "missing",
]


def chosen(resolution: Resolution, wanted: Wanted) -> Resolution:
    """Return a resolution limited to a selection.

    Args:
        resolution: Of a complete group: with all related entries and all targets of
            references.
        wanted: The selection, and whether its events are bounded by their reports.
    """
    if wanted.bounded:
        resolution = resolution.bounded()
    rules = wanted.rules
    asides = (aside.event for aside in resolution.set_aside)
    counting = [happening.event for happening in resolution.happenings]
    refers = any(event.refers_to for event in (*counting, *asides)) if rules else False
    ids = [reached(counting, rule) if refers else set[str]() for rule in rules]

    def is_wanted(event: Event) -> bool:
        return all(
            rule.holds(event) or not names.isdisjoint(event.refers_to)
            for rule, names in zip(rules, ids, strict=True)
        ) and wanted.is_read(event)

    return resolution.only(is_wanted)


class ResolvedClusters:
    """Clusters, each resolved by itself, and the marks of their happenings.

    Attributes:
        basis: The entries that count as known.
        keys: The keys of the marks, in ascending order.
        marks: The beginnings of the happenings, and the ends if selected, likewise.
    """

    __slots__ = ("_of", "_wanted", "basis", "keys", "marks")

    def __init__(self, basis: Basis, wanted: Wanted) -> None:
        self.basis = basis
        self._wanted = wanted
        self.keys: list[Key] = []
        self.marks: list[Mark] = []
        self._of: dict[Cluster, Resolution] = {}

    def under(self, basis: Basis) -> ResolvedClusters:
        """Return a copy for another basis, in which changed clusters are replaced."""
        other = ResolvedClusters(basis, self._wanted)
        other.keys, other.marks = self.keys.copy(), self.marks.copy()
        # A shallow copy: resolutions are immutable, and most are the same.
        other._of = self._of.copy()
        return other

    def put(self, cluster: Cluster, entries: Sequence[Entry]) -> None:
        """Resolve a cluster that is new or has grown."""
        self.drop(cluster)
        basis = self.basis
        seen = [entries[row] for row in sorted(cluster.members) if row < basis.size]
        found = resolve(seen, basis.known_by, prefer=basis.prefer)
        resolution = chosen(found, self._wanted)
        self._of[cluster] = resolution
        for happening in self._marks_of(resolution):
            key = happening.certainty_order()
            place = bisect_left(self.keys, key)
            self.keys.insert(place, key)
            self.marks.insert(place, happening.mark)

    def drop(self, cluster: Cluster) -> None:
        """Remove a cluster if it is present."""
        resolution = self._of.pop(cluster, None)
        for happening in self._marks_of(resolution) if resolution else ():
            place = bisect_left(self.keys, happening.certainty_order())
            del self.keys[place], self.marks[place]

    def _marks_of(self, resolution: Resolution) -> Iterable[Happening]:
        """Return the happenings of a resolution, and their ends if selected."""
        if not self._wanted.ends:
            return resolution.happenings
        return chain.from_iterable(map(Happening.marks, resolution.happenings))

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

    def named(self, cluster: Cluster | None, name: str) -> Happening | None:
        """Return the happening of a cluster with an id, if one counts."""
        resolution = self.of(cluster)
        found = resolution.happenings if resolution else ()
        return next((one for one in found if one.event.id == name), None)

    def of(self, cluster: Cluster | None) -> Resolution | None:
        """Return the resolution of a cluster, if it is one of these."""
        return None if cluster is None else self._of.get(cluster)

    def happenings(self) -> list[Happening]:
        """Return the happenings, and their ends if selected, in fold order."""
        found = chain.from_iterable(map(self._marks_of, self._of.values()))
        return sorted(found, key=Happening.certainty_order)

    def resolution(self) -> Resolution:
        """Return the resolutions of all clusters as one."""
        all_of_them = self._of.values()
        disputes = chain.from_iterable(one.disputes for one in all_of_them)
        set_aside = chain.from_iterable(one.set_aside for one in all_of_them)
        slots = chain.from_iterable(one.slots for one in all_of_them)
        return Resolution(
            tuple(self.happenings()),
            tuple(sorted(disputes, key=lambda dispute: dispute[0].certainty_order())),
            tuple(sorted(set_aside, key=lambda aside: aside.entry.position)),
            tuple(slots),
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
    return any(happening.event.id == name for happening in found)
