"""Entries that concern parties only by reference: a transitive closure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from bri_timeline._events import Entry, Event
from bri_timeline._happening import digests_referred, names_of
from bri_timeline._journal._entries import Entries
from bri_timeline._journal._identity import IdentityIndex
from bri_timeline._journal._index import Cluster, References, Wanted
from bri_timeline._scope import PartyRule


class ReferenceClosure:
    """Separates entries that satisfy rules directly from those that may by reference.

    The target of a reference may be corrected, withdrawn or not yet known, so whether
    an entry counts depends on the basis. Entries that depend on one another are put
    into one group, and a group is resolved as a whole, like a cluster.

    Args:
        entries: The entries of a journal, which grow.
        clusters: The clusters of the journal, by row.
        identities: The index of claims by identity.
        references: The index of entries by the ids that they refer to.
        rules: The rules that events satisfy directly or by reference.
    """

    def __init__(
        self,
        entries: Entries,
        clusters: Mapping[int, Cluster],
        identities: IdentityIndex,
        references: References,
        rules: Sequence[PartyRule],
    ) -> None:
        self._entries = entries
        self._clusters = clusters
        self._identities = identities
        self._references = references
        self._rules = rules
        self._groups: dict[int, Cluster] = {}
        self._changed: dict[Cluster, None] = {}
        # Cluster -> how many of its members, and of those it absorbed, are in a group.
        self._joined: dict[Cluster, tuple[int, int]] = {}
        # Id of what may count -> the number of its references that were followed.
        self._read: dict[str, int] = {}
        self._looked: int | None = None
        self._waiting: list[str] = []

    def partition(
        self, new: Sequence[int]
    ) -> tuple[Sequence[int], dict[Cluster, None]]:
        """Return the entries that satisfy all rules directly, and the changed groups.

        Args:
            new: The rows of new entries that satisfy the last rule, or whose
                cluster has a member that does.
        """
        self._references.catch_up()
        names, clusters = self._references.places, self._clusters
        if not names and len(self._rules) == 1:
            self._looked = 0
            changed = {clusters[p]: None for p in new if p in clusters}
            return [p for p in new if p not in clusters] if changed else new, changed
        self._changed = {}
        grown = self._references.grown
        if self._looked is not None:
            # The target of a new reference may be recorded already.
            for name in dict.fromkeys(grown[self._looked :]):
                targets = self._identities.named(name)
                if name in self._read or any(map(self._may_count, targets)):
                    self._read.setdefault(name, 0)
                    self._waiting.append(name)
        self._looked = len(grown)
        alone = [row for row in new if self._visit(row)]
        while self._waiting:
            self._follow(self._waiting.pop())
        if len(self._rules) > 1:
            self._look_ahead()
        return [p for p in alone if p not in self._groups], self._changed

    def cluster_of(self, row: int) -> Cluster | None:
        """Return the group of an entry, else its cluster, if it is in any."""
        return self._groups.get(row) or self._clusters.get(row)

    def _members(self, row: int) -> Sequence[int]:
        cluster = self._clusters.get(row)
        return (row,) if cluster is None else cluster.members

    def _claims(self, rows: Iterable[int]) -> list[Event]:
        events = (self._entries.events[row] for row in rows)
        return [event for event in events if event is not None]

    def _may_count(self, row: int) -> bool:
        claims = self._claims(self._members(row))
        satisfied = any(self._rules[-1].holds(event) for event in claims)
        return satisfied or row in self._groups

    def _is_settled(self, row: int) -> bool:
        """Check that an entry satisfies the rules directly, under every basis."""
        if row in self._clusters:
            return False
        (event,) = self._claims((row,))
        return all(rule.holds(event) for rule in self._rules)

    def _visit(self, row: int) -> bool:
        """Register an entry; return True if it satisfies the rules directly."""
        if self._is_settled(row) and row not in self._groups:
            self._note(self._claims((row,)))
            return True
        self._unite((row,))
        return False

    def _note(self, claims: Iterable[Event]) -> None:
        """Queue the references to some claims, to be followed later."""
        for event in claims:
            key = event._key
            names = event.names if self._references.has_digests else (key,)
            for name in self._references.places.keys() & names:
                self._read.setdefault(name, 0)
                self._waiting.append(name)

    def _follow(self, name: str) -> None:
        """Put the entries that refer to an id into one group with its target."""
        places, read = self._references.places[name], self._read[name]
        self._read[name] = len(places)
        # One is enough: all claims about one happening are in one cluster. There is
        # none if these words are said by a claim that has another digest as its id.
        target = self._identities.named(name)[:1]
        for row in places[read:] if target else ():
            if not self._is_settled(row):
                self._unite((*target, row))

    def _look_ahead(self) -> None:
        """Add the targets of references from groups.

        With several rules the search follows the last one only; the targets that
        another rule needs would be missing from the group.
        """
        queue = [*self._groups]
        while queue:
            row = queue.pop()
            for event in self._claims((row,)):
                for name in event.refers_to:
                    for target in self._identities.named(name)[:1]:
                        new = [
                            p for p in self._members(target) if p not in self._groups
                        ]
                        queue += new
                        self._unite((row, target))

    def _unite(self, rows: Iterable[int]) -> None:
        """Put entries and their clusters into one group."""
        members: dict[int, None] = {}
        absorbed: list[Cluster] = []
        for row in rows:
            cluster = self._clusters.get(row)
            if cluster is None:
                members[row] = None
                continue
            # Of those in a group already, one is enough: they are in one group. A hot
            # id would otherwise be read whole for each further claim.
            count, gone = self._joined.get(cluster, (0, 0))
            members.update(dict.fromkeys(cluster.members[max(count - 1, 0) :]))
            absorbed += [] if count else [cluster]
            absorbed += cluster.absorbed[gone:]
            self._joined[cluster] = len(cluster.members), len(cluster.absorbed)
        groups = {self._groups[p] for p in members if p in self._groups}
        new = [p for p in members if p not in self._groups]
        if not new and len(groups) == 1:
            return
        # The largest absorbs the others: each entry then moves O(log n) times at most.
        group = max(groups, key=lambda one: len(one.members), default=Cluster([]))
        for other_group in groups - {group}:
            group.absorb(other_group)
            self._groups.update(dict.fromkeys(other_group.members, group))
            self._changed.pop(other_group, None)
        group.members += new
        group.absorbed = [*group.absorbed, *absorbed] if absorbed else group.absorbed
        self._groups.update(dict.fromkeys(new, group))
        self._changed[group] = None
        self._note(self._claims(new))


def target_of(entry: Entry) -> int | None:
    return entry.retracts if entry.supersedes is None else entry.supersedes


def read_among(entries: Iterable[Entry], wanted: Wanted) -> list[Entry]:
    """Return the claims that filters accept, and their corrections and retractions."""
    by_position: dict[int, Entry] = {}
    for entry in entries:
        event, dataset = entry.event, entry.dataset
        is_read = event is not None and wanted.is_read(event, (dataset,))
        if is_read or target_of(entry) in by_position:
            by_position[entry.position] = entry
    return [*by_position.values()]


def with_linked(some: Iterable[Entry], entries: Iterable[Entry]) -> list[Entry]:
    """Return some entries and those of others that are linked to them, in order.

    So are the claims that one refers to by a digest: they say what id these have.
    """
    by_position = {entry.position: entry for entry in some}
    entries = [*entries]
    linked, waiting = _links_among(entries), [*by_position.values()]
    claims = {name: entry for entry in entries for name in names_of(entry)}
    while waiting:
        entry = waiting.pop()
        names = () if entry.event is None else digests_referred(entry.event)
        referred = (claims[name] for name in names if name in claims)
        for neighbour in (*linked.pop(entry.position, ()), *referred):
            if neighbour.position not in by_position:
                by_position[neighbour.position] = neighbour
                waiting.append(neighbour)
    return [by_position[position] for position in sorted(by_position)]


def _links_among(entries: Iterable[Entry]) -> dict[int, list[Entry]]:
    """Return the links between related entries, by position, in both directions.

    Claims about one happening are linked in a chain.
    """
    links: dict[int, list[Entry]] = {}
    known: dict[int | str, Entry] = {}
    for entry in sorted(entries, key=lambda entry: entry.position):
        known[entry.position] = entry
        near = target_of(entry)
        neighbours = [known.get(-1 if near is None else near)]
        for name in names_of(entry):
            neighbours.append(known.get(name))
            known[name] = entry
        for neighbour in filter(None, neighbours):
            links.setdefault(entry.position, []).append(neighbour)
            links.setdefault(neighbour.position, []).append(entry)
    return links


def about_rule(
    entries: Sequence[Entry], related: Iterable[Entry], rule: PartyRule
) -> list[Entry]:
    """Return entries that satisfy a rule, and all that target or refer to these.

    Args:
        entries: All that may.
        related: Those of them that are claims about a happening of several.
        rule: The rule.
    """
    targeting: dict[int | None, list[Entry]] = {}
    referring: dict[str, list[Entry]] = {}
    waiting: list[Entry] = []
    for entry in entries:
        targeting.setdefault(target_of(entry), []).append(entry)
        if entry.event is not None:
            for name in entry.event.refers_to:
                referring.setdefault(name, []).append(entry)
            if rule.holds(entry.event):
                waiting.append(entry)
    links = _links_among(related) if referring else {}
    by_position: dict[int, Entry] = {}
    while waiting:
        entry = waiting.pop()
        if entry.position not in by_position:
            by_position[entry.position] = entry
            waiting += targeting.get(entry.position, ())
            if referring and entry.event is not None:
                for name in _names_linked(entry, links):
                    waiting += referring.get(name, ())
    return [by_position[position] for position in sorted(by_position)]


def _names_linked(entry: Entry, links: dict[int, list[Entry]]) -> Iterator[str]:
    """Yield the ids of an entry and of those that are linked to it, which are used up.

    A reference by the id of any claim about a happening is one to the happening.
    """
    waiting = [entry]
    while waiting:
        near = waiting.pop()
        yield from names_of(near)
        waiting += links.pop(near.position, ())
