"""Indexes of rows, clusters of entries, and the conditions of a selection."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import chain, islice
from typing import Any, NamedTuple, TypeVar

from bri_timeline._events import Event
from bri_timeline._events.marks import Mark, marks_of
from bri_timeline._evidence import Source
from bri_timeline._journal._entries import Entries
from bri_timeline._payload import is_digest
from bri_timeline._projection import Projection
from bri_timeline._scope import PartyRule, given
from bri_timeline.errors import SelectionError


class Filter(NamedTuple):
    """A condition on the events that count.

    Attributes:
        predicate: It returns true of the event; None for any event.
        kinds: The payload is an instance of one of these; empty for any payload.
        told_by: The event rests on one of these; empty for any or no source.
        datasets: One of the entries that it rests on belongs to one of these; empty for
            any or none.
    """

    predicate: Callable[[Event], bool] | None = None
    kinds: tuple[type, ...] = ()
    told_by: frozenset[Source] = frozenset()
    datasets: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls,
        predicate: Callable[[Event], bool] | None,
        kinds: type | Iterable[type],
        told_by: Source | Iterable[Source],
        dataset: str | Iterable[str],
    ) -> Filter:
        """Return the filter of `EventLog.where()`.

        Raises:
            SelectionError: One of the arguments is something else.
        """
        if predicate is not None and not callable(predicate):
            problem = "is not a function of an event that returns true or false"
            raise SelectionError(
                predicate, f"{problem}: write where(lambda event: ...)"
            )
        classes = given(kinds, type, "a payload class", "kinds=Visited")
        sources = given(told_by, Source, "a source", "told_by=Source(...)")
        named = datasets_of(dataset, "dataset='ucdp-ged'")
        return cls(predicate, classes, frozenset(sources), frozenset(named))

    def may_hold(self, event: Event, datasets: Collection[str | None]) -> bool:
        """Check everything but the predicate.

        Args:
            event: The claim.
            datasets: Those of the entries that it rests on.
        """
        return (
            (not self.kinds or isinstance(event.what, self.kinds))
            and (not self.told_by or any(c.source in self.told_by for c in event.cite))
            and (not self.datasets or not self.datasets.isdisjoint(datasets))
        )

    def may_hold_of(self, claims: Collection[tuple[Event, str | None]]) -> bool:
        """Check whether it may hold of what rests on some related claims.

        That has their citations and their datasets together: each condition holds of it
        if it holds of one of them. Of a predicate that is not known.

        Args:
            claims: Each with the dataset of its entry.
        """
        kinds, told_by, datasets = self[1:]
        parts = (
            Filter(None, kinds),
            Filter(None, (), told_by),
            Filter(datasets=datasets),
        )
        return all(
            any(part.may_hold(event, (dataset,)) for event, dataset in claims)
            for part in parts
        )

    def __str__(self) -> str:
        predicate = [] if self.predicate is None else [repr(self.predicate)]
        kinds = ", ".join(kind.__name__ for kind in self.kinds)
        sources = ", ".join(sorted(map(repr, self.told_by)))
        predicate += [f"kinds=({kinds},)"] if kinds else []
        predicate += [f"told_by=({sources},)"] if sources else []
        names = ", ".join(sorted(map(repr, self.datasets)))
        predicate += [f"dataset=({names},)"] if names else []
        return f"where({', '.join(predicate)})"


def datasets_of(names: object, example: str) -> tuple[str, ...]:
    """Return names of datasets as a tuple.

    Raises:
        SelectionError: Something else is among them, or there are none.
    """
    datasets = given(names, str, "the name of a dataset", example)
    if not all(datasets):
        empty = ""
        raise SelectionError(empty, f"is not the name of a dataset: write {example}")
    return datasets


S = TypeVar("S")
_Involved = frozenset[str] | tuple[frozenset[str], frozenset[str]]
_FEW = 8


class Cluster:
    """A cluster of related entries, by their rows.

    It holds the claims about one happening, their corrections, and the retractions of
    any of these.

    Attributes:
        members: The rows, each once.
        absorbed: The clusters that were merged into this one.
    """

    __slots__ = ("absorbed", "members")

    def __init__(self, members: list[int]) -> None:
        self.members = members
        # A list once there are any: most clusters need none.
        self.absorbed: list[Cluster] | tuple[()] = ()

    def absorb(self, other: Cluster) -> None:
        """Merge another cluster into this one."""
        self.members.extend(other.members)
        self.absorbed = self.absorbed or []
        self.absorbed += [other, *other.absorbed]


class Wanted(NamedTuple):
    """A selection of events.

    Attributes:
        rules: Events satisfy all of these, directly or by what they refer to.
        reads: The payload is an instance of one of these; None for any payload.
        ends: The ends of extents are selected too, as marks of their own.
        closing: With ends, so are those of what is ended by an event with a payload of
            one of these classes.
        filters: Events satisfy all of these, once it is known which claims count.
        bounded: They begin no later than the earliest of their reports.
    """

    rules: tuple[PartyRule, ...] = ()
    reads: tuple[type, ...] | None = None
    ends: bool = False
    filters: tuple[Filter, ...] = ()
    bounded: bool = False
    closing: tuple[type, ...] = ()

    def read_by(self, projection: Projection[S]) -> Wanted:
        """Return what a projection reads of it, with the ends if it takes ends."""
        rules, ends = projection._among(self.rules), projection.ends is not None
        reads, closing = projection.reads, projection._closing
        # Most projections read all, and building a tuple takes a tenth of a question.
        if (
            rules is self.rules
            and reads is self.reads
            and ends is self.ends
            and closing is self.closing
        ):
            return self
        # Not `_replace`, which would take a fifth of a short question.
        return Wanted(rules, reads, ends, self.filters, self.bounded, closing)

    def with_ends(self, closing: tuple[type, ...] | None) -> Wanted:
        """Return it with ends, and those of what is ended; without any for None."""
        if closing is None:
            return self._replace(ends=False, closing=())
        return self._replace(ends=True, closing=closing)

    def within(self, rules: tuple[PartyRule, ...]) -> Wanted:
        """Return it with other rules."""
        parts = self.ends, self.filters, self.bounded, self.closing
        return Wanted(rules, self.reads, *parts)

    def concerning(self, projection: Projection[S]) -> Wanted:
        """Return what concerns the parties of a projection, of any payload class."""
        return self._replace(rules=projection._among(self.rules))

    def marks_of(self, event: Event) -> tuple[Mark, ...]:
        """Return the marks of an event that are selected, the beginning first."""
        return marks_of(event, self.closing) if self.ends else (event,)

    @property
    def is_all(self) -> bool:
        """All events are selected."""
        return not self.rules and self.reads is None and not self.filters

    @property
    def kinds(self) -> tuple[type, ...] | None:
        """Payload classes that all selected events have; None if they may have any."""
        return next((f.kinds for f in self.filters if f.kinds), self.reads)

    @property
    def has_datasets(self) -> bool:
        """A condition is on the datasets of the entries that an event rests on."""
        return any(condition.datasets for condition in self.filters)

    def may_read(self, claims: Collection[tuple[Event, str | None]]) -> bool:
        """Check related claims for everything but rules and predicates.

        Args:
            claims: Each with the dataset of its entry.
        """
        reads = self.reads or (object,)
        return any(isinstance(event.what, reads) for event, _ in claims) and all(
            condition.may_hold_of(claims) for condition in self.filters
        )

    def is_read(self, event: Event, datasets: Collection[str | None] = ()) -> bool:
        """Check an event for everything but rules.

        Args:
            event: The event.
            datasets: Those of the entries that it rests on, if they are asked for.
        """
        if self.reads is not None and not isinstance(event.what, self.reads):
            return False
        # Predicates last, of all filters: one may expect what another one checks.
        return all(
            condition.may_hold(event, datasets) for condition in self.filters
        ) and all(
            condition.predicate(event)
            for condition in self.filters
            if condition.predicate is not None
        )


class ClusterLabels:
    """Labels of clusters; of a large cluster each member is read once.

    Args:
        entries: The entries of a journal, which grow.
        labels: Returns the labels of an event.
    """

    __slots__ = ("_entries", "_labels", "_large")

    def __init__(
        self, entries: Entries, labels: Callable[[Event], Iterable[Any]]
    ) -> None:
        self._entries = entries
        self._labels = labels
        # Cluster -> its labels, and the number of its members that were read.
        self._large: dict[Cluster, tuple[set[Any], int]] = {}

    def of(self, cluster: Cluster) -> Collection[Any]:
        """Return the labels of all members of a cluster."""
        events, members = self._entries.events, cluster.members
        labels, read = self._large.get(cluster) or (set(), 0)
        for row in members[read:]:
            event = events[row]
            if event is not None:
                labels.update(self._labels(event))
        if len(members) > _FEW:
            self._large[cluster] = labels, len(members)
        return labels


class Index:
    """Rows of entries by label.

    A cluster is found under the labels of all its members: an entry that joins it is
    added under each of these labels. A correction can change the label, and either
    version can count, depending on the basis.

    Args:
        entries: The entries of a journal, which grow.
        clusters: The clusters of the journal, by row.
        labels: Returns the labels of an event.

    Attributes:
        places: Label -> rows, in order of first use.
    """

    def __init__(
        self,
        entries: Entries,
        clusters: Mapping[int, Cluster],
        labels: Callable[[Event], Collection[Any]],
    ) -> None:
        self._entries = entries
        self._clusters = clusters
        self._of_event = labels
        self._of_clusters = ClusterLabels(entries, labels)
        self._seen = 0
        self.places: dict[Any, list[int]] = {}

    def catch_up(self) -> list[Any]:
        """Index the new entries of the journal; return the new labels."""
        known = len(self.places)
        self._grow()
        return _later(self.places, known)

    def _grow(self) -> list[Any]:
        """Index the new entries of the journal; return the label of each row placed."""
        events, clusters = self._entries.events, self._clusters
        places, of_event, placed = self.places, self._of_event, list[Any]()
        changed: dict[Cluster, int] = {}
        for row in range(self._seen, len(events)):
            event = events[row]
            if clusters and row in clusters:
                changed[clusters[row]] = row
            elif event is not None:
                for label in of_event(event):
                    placed.append(label)
                    if label in places:
                        places[label].append(row)
                    else:
                        places[label] = [row]
        self._seen = len(events)
        # Once for each cluster, however many of its members are new.
        for cluster, row in changed.items():
            for label in self._of_clusters.of(cluster):
                placed.append(label)
                places.setdefault(label, []).append(row)
        return placed


def _later(labels: dict[Any, Any] | list[Any], known: int) -> list[Any]:
    """Return the labels that were added after so many of them."""
    # From the end: to come there from the first takes as long as the log is.
    return [*islice(reversed(labels), len(labels) - known)][::-1]


class Parties(Index):
    """Rows by set of parties, and these sets by party.

    A label is the set of parties of an event; or a pair of that and `affair_of`, where
    the two differ.

    Attributes:
        naming: Party -> the labels that contain it, in order of first use.
        alone: Party -> the labels of events that concern nobody else, likewise.
    """

    def __init__(self, entries: Entries, clusters: Mapping[int, Cluster]) -> None:
        super().__init__(entries, clusters, _involved)
        self.naming: dict[str, list[_Involved]] = {}
        self.alone: dict[str, list[_Involved]] = {}

    def catch_up(self) -> list[_Involved]:
        """Index the new entries of the journal; return the new labels."""
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
        """Return the labels that contain a party: a list that grows."""
        return self.naming.setdefault(party, [])

    def of_alone(self, party: str) -> list[_Involved]:
        """Return the labels of events that concern only a party: a list that grows."""
        return self.alone.setdefault(party, [])


def _involved(event: Event) -> tuple[_Involved]:
    parties, affair_of = event.parties, event.affair_of
    return (parties if affair_of == parties else (parties, affair_of),)


def _parted(label: _Involved) -> tuple[frozenset[str], frozenset[str]]:
    return label if isinstance(label, tuple) else (label, label)


class KindIndex(Index):
    """Rows by payload class."""

    def __init__(self, entries: Entries, clusters: Mapping[int, Cluster]) -> None:
        super().__init__(entries, clusters, _kind)


def _kind(event: Event) -> tuple[type[Any]]:
    return (type(event.what),)


class References(Index):
    """Rows by the ids of the events that entries refer to.

    A cluster is found under every id that one of its members refers to.

    Args:
        entries: The entries of a journal, which grow.
        clusters: The clusters of the journal, by row.

    Attributes:
        grown: The id of each row that was placed, in order.
        has_digests: An id looks like a digest: that of an event without an id.
    """

    def __init__(self, entries: Entries, clusters: Mapping[int, Cluster]) -> None:
        super().__init__(entries, clusters, lambda event: event.refers_to)
        self.grown: list[str] = []
        self.has_digests = False

    def catch_up(self) -> list[str]:
        """Index the new entries of the journal; return the new ids."""
        new = super().catch_up()
        self.has_digests = self.has_digests or any(map(is_digest, new))
        return new

    def _grow(self) -> list[str]:
        placed: list[str] = super()._grow()
        self.grown += placed
        return placed


class Search:
    """A repeatable search: each call returns only the rows added since the last.

    Args:
        parties: The index by party, used with a rule.
        kinds: The index by payload class, used without a rule.
        rule: The parties that events must involve.
        reads: The payload classes, without a rule.
    """

    __slots__ = ("_index", "_labels", "_met", "_places", "_reads", "_rule")

    def __init__(
        self,
        parties: Parties,
        kinds: KindIndex,
        rule: PartyRule | None,
        reads: tuple[type, ...] | None,
    ) -> None:
        self._rule = rule
        self._reads = reads or ()
        # Lists of rows, each with the number already returned.
        self._places: list[tuple[list[int], int]] = []
        self._met: set[Any] = set()
        self._index: Index = kinds
        # Lists of labels, which grow, each with the number already examined.
        self._labels: list[tuple[dict[Any, Any] | list[Any], int]] = [(kinds.places, 0)]
        if rule is not None:
            self._index = parties
            parties.catch_up()
            self._labels = [(labels, 0) for labels in _covering(parties, rule)]

    def new_rows(self) -> Sequence[int]:
        """Return the rows added since the last call, in order.

        They are candidates: each has to be checked, as labels are of whole clusters.
        """
        self._index.catch_up()
        for number, (labels, looked) in enumerate(self._labels):
            if looked < len(labels):
                self._labels[number] = labels, len(labels)
                for label in self._fitting(_later(labels, looked)):
                    if label not in self._met:
                        self._met.add(label)
                        self._places.append((self._index.places[label], 0))
        lists: list[list[int]] = []
        for number, (places, read) in enumerate(self._places):
            if read < len(places):
                lists.append(places[read:])
                self._places[number] = places, len(places)
        if len(lists) == 1:
            return lists[0]
        return sorted(set(chain.from_iterable(lists)))

    def _fitting(self, labels: list[Any]) -> list[Any]:
        """Return the labels that satisfy the rule, or the payload classes."""
        rule = self._rule
        if rule is None:
            return [label for label in labels if issubclass(label, self._reads)]
        parties = rule.parties
        if rule.least == len(parties) and not rule.or_alone:
            # Most labels with one of the parties lack another: this is found without a
            # call of a function for each.
            labels = [
                label
                for label in labels
                if parties <= (label[0] if type(label) is tuple else label)
            ]
        return [label for label in labels if rule.fits(*_parted(label))]


def _covering(index: Parties, rule: PartyRule) -> list[list[_Involved]]:
    """Return lists of labels that together contain every label that fits a rule.

    An event that involves at least *n* of the parties involves one of any set that
    leaves out *n* - 1 of them. So the *n* - 1 longest lists need not be searched. It
    also involves one of each group, so the shortest of these covers is enough.
    """
    names = sorted(rule.parties, key=lambda party: len(index.with_party(party)))
    few = names[: len(names) - rule.least + 1]
    covers = [
        [index.with_party(p) for p in group] for group in (few, *rule.any_of) if group
    ]
    lists = min(covers, key=lambda lists: sum(map(len, lists)))
    return lists + ([index.of_alone(p) for p in names] if rule.or_alone else [])
