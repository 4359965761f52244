"""Where the entries are that bear on some parties, or are of some kinds."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import chain, islice
from typing import Any, NamedTuple

from bri_timeline._concern import Rule
from bri_timeline._events import Event
from bri_timeline._journal._entries import Entries


__all__ = [
    "Cluster",
    "Kinds",
    "Parties",
    "References",
    "Search",
    "Wanted",
]


_Involved = frozenset[str] | tuple[frozenset[str], frozenset[str]]
is_digest = re.compile("[0-9a-f]{32}").fullmatch


class Cluster:
    """Entries that bear on one another, by their positions.

    Claims about one happening, what corrects them, what retracts any of these.

    Attributes:
        members: The positions, each once.
        absorbed: The families that were united into this one.
    """

    __slots__ = ("absorbed", "members")

    def __init__(self, members: list[int]) -> None:
        self.members = members
        self.absorbed: list[Cluster] = []

    def absorb(self, other: Cluster) -> None:
        """Take in the members of another family."""
        self.members.extend(other.members)
        self.absorbed += [other, *other.absorbed]


class Wanted(NamedTuple):
    """Which events somebody asks for.

    Attributes:
        rules: They satisfy all of these, themselves or by what they refer to.
        reads: Their payloads are instances of one of these; None for any.
    """

    rules: tuple[Rule, ...] = ()
    reads: tuple[type, ...] | None = None

    @property
    def is_everything(self) -> bool:
        """Whether every event is wanted."""
        return not self.rules and self.reads is None

    def is_read(self, event: Event) -> bool:
        """Tell whether an event has a payload that is wanted."""
        return self.reads is None or isinstance(event.what, self.reads)


class Index:
    """Positions by what entries are about: by label, of a sort of label.

    A family is found under the labels of all its members: when an entry joins one, it
    is noted under each of them.

    Args:
        entries: The entries of a trunk, which grow.
        families: Its families.
        label: Returns the label of an event.

    Attributes:
        places: Label -> positions, in the order in which labels came up.
    """

    __slots__ = ("_clusters", "_entries", "_label", "_seen", "places")

    def __init__(
        self,
        entries: Entries,
        clusters: Mapping[int, Cluster],
        label: Callable[[Event], Any],
    ) -> None:
        self._entries = entries
        self._clusters = clusters
        self._label = label
        self._seen = 0
        self.places: dict[Any, list[int]] = {}

    def catch_up(self) -> list[Any]:
        """Take in what the trunk has gained; return the labels that are new."""
        events, clusters = self._entries.events, self._clusters
        places, label, known = self.places, self._label, len(self.places)
        changed: dict[Cluster, int] = {}
        for position in self._entries.present(self._seen):
            event = events[position]
            if clusters and position in clusters:
                changed[clusters[position]] = position
            elif event is not None:
                name = label(event)
                if name in places:
                    places[name].append(position)
                else:
                    places[name] = [position]
        self._seen = len(events)
        for cluster, position in changed.items():
            about = [events[p] for p in cluster.members]
            for name in {label(event) for event in about if event is not None}:
                places.setdefault(name, []).append(position)
        return list(islice(places, known, None)) if len(places) > known else []


class Parties(Index):
    """Positions by sets of parties, and those sets by each party.

    A label is whom an event involves; or that, and whose affair it is, where those are
    fewer.

    Attributes:
        naming: Party -> the labels that name it, in the order in which they came up.
        alone: Party -> the labels of what is the affair of nobody else, likewise.
    """

    __slots__ = ("alone", "naming")

    def __init__(self, entries: Entries, clusters: Mapping[int, Cluster]) -> None:
        super().__init__(entries, clusters, _involved)
        self.naming: dict[str, list[_Involved]] = {}
        self.alone: dict[str, list[_Involved]] = {}

    def catch_up(self) -> list[_Involved]:
        """Take in what the trunk has gained; return the labels that are new."""
        new = super().catch_up()
        for label in new:
            parties, affair_of = _parted(label)
            for party in parties:
                self.with_party(party).append(label)
            if len(affair_of) == 1:
                (party,) = affair_of
                self.of_alone(party).append(label)
        return new

    def with_party(self, party: str) -> list[_Involved]:
        """Return the labels that name a party: a list that grows."""
        return self.naming.setdefault(party, [])

    def of_alone(self, party: str) -> list[_Involved]:
        """Return the labels of what is the affair of one party: a list that grows."""
        return self.alone.setdefault(party, [])


def _involved(event: Event) -> _Involved:
    parties, affair_of = event.parties, event.affair_of
    return parties if affair_of == parties else (parties, affair_of)


def _parted(label: _Involved) -> tuple[frozenset[str], frozenset[str]]:
    return label if isinstance(label, tuple) else (label, label)


class Kinds(Index):
    """Positions by the class of the payload."""

    __slots__ = ()

    def __init__(self, entries: Entries, clusters: Mapping[int, Cluster]) -> None:
        super().__init__(entries, clusters, _kind)


def _kind(event: Event) -> type[Any]:
    return type(event.what)


class References:
    """Positions by the ids of the events that entries refer to.

    A family is found under what any of its members refers to.

    Args:
        entries: The entries of a trunk, which grow.
        families: Its families.

    Attributes:
        places: Id -> positions, in the order in which ids came up.
        has_digests: Whether any id looks like that of an event without a name.
    """

    __slots__ = ("_clusters", "_entries", "_seen", "has_digests", "places")

    def __init__(self, entries: Entries, clusters: Mapping[int, Cluster]) -> None:
        self._entries = entries
        self._clusters = clusters
        self._seen = 0
        self.places: dict[str, list[int]] = {}
        self.has_digests = False

    def catch_up(self) -> None:
        """Take in what the trunk has gained."""
        events, clusters, places = self._entries.events, self._clusters, self.places
        known, changed = len(places), dict[Cluster, int]()
        for position in self._entries.present(self._seen):
            event = events[position]
            if clusters and position in clusters:
                changed[clusters[position]] = position
            elif event is not None:
                for name in event.refers_to:
                    places.setdefault(name, []).append(position)
        self._seen = len(events)
        for cluster, position in changed.items():
            claims = filter(None, (events[p] for p in cluster.members))
            for name in {name for event in claims for name in event.refers_to}:
                places.setdefault(name, []).append(position)
        new = islice(places, known, None)
        self.has_digests = self.has_digests or any(map(is_digest, new))


class Search:
    """What an index finds for somebody who asks again as it grows.

    Args:
        parties: The index of parties; it is asked if a rule is given.
        kinds: The index of kinds; it is asked if none is.
        rule: Whom events must involve.
        reads: Of what classes their payloads must be, without a rule.
    """

    __slots__ = ("_index", "_labels", "_met", "_places", "_reads", "_rule")

    def __init__(
        self,
        parties: Parties,
        kinds: Kinds,
        rule: Rule | None,
        reads: tuple[type, ...] | None,
    ) -> None:
        self._rule = rule
        self._reads = reads or ()
        # A list of positions, and how many of them were returned.
        self._places: list[tuple[list[int], int]] = []
        self._met: set[Any] = set()
        self._index: Index = kinds
        # Labels to look at as they come up, and how many were looked at.
        self._labels: list[tuple[Collection[Any], int]] = [(kinds.places.keys(), 0)]
        if rule is not None:
            self._index = parties
            parties.catch_up()
            self._labels = [(labels, 0) for labels in _covering(parties, rule)]

    def news(self) -> Sequence[int]:
        """Return the positions that were noted since the last time, in order.

        They bear on what is wanted, or stand beside it: look at each.
        """
        self._index.catch_up()
        for number, (labels, looked) in enumerate(self._labels):
            if looked < len(labels):
                self._labels[number] = labels, len(labels)
                for label in islice(labels, looked, None):
                    if label not in self._met and self._fits(label):
                        self._met.add(label)
                        self._places.append((self._index.places[label], 0))
        found: list[list[int]] = []
        for number, (places, read) in enumerate(self._places):
            if read < len(places):
                found.append(places[read:])
                self._places[number] = places, len(places)
        if len(found) == 1:
            return found[0]
        return sorted(set(chain.from_iterable(found)))

    def _fits(self, label: Any) -> bool:
        """Tell whether what has a label may be wanted."""
        if self._rule is not None:
            return self._rule.fits(*_parted(label))
        return issubclass(label, self._reads)


def _covering(index: Parties, rule: Rule) -> list[list[_Involved]]:
    """Return lists of labels among which all those are that fit a rule.

    What involves so many of the parties involves one of any that are left when all but
    one less are taken away: the longest lists are not looked at.
    """
    names = sorted(rule.parties, key=lambda party: len(index.with_party(party)))
    lists = [index.with_party(p) for p in names[: len(names) - rule.least + 1]]
    return lists + ([index.of_alone(p) for p in names] if rule.or_alone else [])
