"""References by digests: which entries they relate to each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bri_timeline._events import Event
from bri_timeline._journal._entries import Entries
from bri_timeline._journal._index import Cluster, ClusterLabels, References
from bri_timeline._payload import has_references, is_digest


__all__ = ["Digests"]


class Digests:
    """Finds what refers to a happening by the digest of one of its claims.

    Of a claim that is related to no other, the digest is the id.

    Args:
        entries: The entries, which may grow.
        clusters: Row -> the cluster of an entry that is related to others.
        references: The index of entries by the ids that they refer to.
    """

    def __init__(
        self,
        entries: Entries,
        clusters: Mapping[int, Cluster],
        references: References,
    ) -> None:
        self._entries = entries
        self._clusters = clusters
        self._references = references
        # Of the claims that are related to others: a row by each digest that names it.
        self._labels = ClusterLabels(entries, _digests_of)
        self._named: dict[str, int] = {}
        # How many rows were looked at, how many references, and how many of each name
        # are in the cluster of what has it.
        self._followed = self._looked = 0
        self._united: dict[str, int] = {}

    def new_groups(self) -> Iterator[list[int]]:
        """Yield the rows of what refers to a digest since, after one that has it."""
        references, clusters = self._references, self._clusters
        if not any(map(has_references, self._entries.kinds())):
            return
        references.catch_up()
        if not references.has_digests:
            return
        new = range(self._followed, len(self._entries))
        self._followed = len(self._entries)
        names = {*references.grown[self._looked :]}
        self._looked = len(references.grown)
        for cluster in {clusters[row] for row in new if row in clusters}:
            for name in self._labels.of(cluster):
                if name not in self._named:
                    self._named[name] = cluster.members[0]
                    names.add(name)
        for name in names & self._named.keys() & references.places.keys():
            rows, count = references.places[name], self._united.get(name, 0)
            self._united[name] = len(rows)
            yield [self._named[name], *rows[count:]]


def _digests_of(event: Event) -> tuple[str, ...]:
    """Return the id of an event if that is a digest, or looks like one."""
    is_given = isinstance(event._key, str) and not is_digest(event._key)
    return () if is_given else (event.id,)
