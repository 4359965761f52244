"""Where the entries are that bear on some parties, or are of some kinds."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import chain, islice
from operator import attrgetter
from typing import Any, NamedTuple

from bri_timeline._entries import Entries
from bri_timeline._events import Event


__all__ = ["Family", "Kinds", "Parties", "Search", "Wanted"]


class Family:
    """Entries that bear on one another, by their positions.

    Claims about one happening, what corrects them, what retracts any of these.

    Attributes:
        members: The positions, each once.
        absorbed: The families that were united into this one.
    """

    __slots__ = ("absorbed", "members")

    def __init__(self, members: list[int]) -> None:
        self.members = members
        self.absorbed: list[Family] = []

    def absorb(self, other: Family) -> None:
        """Take in the members of another family."""
        self.members.extend(other.members)
        self.absorbed += [other, *other.absorbed]


class Wanted(NamedTuple):
    """Which events somebody asks for.

    Attributes:
        parties: They involve all of these.
        reads: Their payloads are instances of one of these; None for any.
    """

    parties: frozenset[str]
    reads: tuple[type, ...] | None = None

    @property
    def is_everything(self) -> bool:
        """Whether every event is wanted."""
        return not self.parties and self.reads is None

    def wants(self, event: Event) -> bool:
        """Tell whether an event is wanted."""
        if self.reads is not None and not isinstance(event.what, self.reads):
            return False
        return not self.parties or self.parties <= event.parties


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

    __slots__ = ("_entries", "_families", "_label", "_seen", "places")

    def __init__(
        self,
        entries: Entries,
        families: Mapping[int, Family],
        label: Callable[[Event], Any],
    ) -> None:
        self._entries = entries
        self._families = families
        self._label = label
        self._seen = 0
        self.places: dict[Any, list[int]] = {}

    def catch_up(self) -> list[Any]:
        """Take in what the trunk has gained; return the labels that are new."""
        events, families = self._entries.events, self._families
        places, label, known = self.places, self._label, len(self.places)
        changed: dict[Family, int] = {}
        for position in self._entries.present(self._seen):
            event = events[position]
            if families and position in families:
                changed[families[position]] = position
            elif event is not None:
                name = label(event)
                if name in places:
                    places[name].append(position)
                else:
                    places[name] = [position]
        self._seen = len(events)
        for family, position in changed.items():
            about = [events[p] for p in family.members]
            for name in {label(event) for event in about if event is not None}:
                places.setdefault(name, []).append(position)
        return list(islice(places, known, None)) if len(places) > known else []


class Parties(Index):
    """Positions by the set of parties, and those sets by each party.

    Attributes:
        naming: Party -> the sets that name it, in the order in which they came up.
    """

    __slots__ = ("naming",)

    def __init__(self, entries: Entries, families: Mapping[int, Family]) -> None:
        super().__init__(entries, families, attrgetter("parties"))
        self.naming: dict[str, list[frozenset[str]]] = {}

    def catch_up(self) -> list[frozenset[str]]:
        """Take in what the trunk has gained; return the sets that are new."""
        new = super().catch_up()
        for parties in new:
            for party in parties:
                self.naming.setdefault(party, []).append(parties)
        return new


class Kinds(Index):
    """Positions by the class of the payload."""

    __slots__ = ()

    def __init__(self, entries: Entries, families: Mapping[int, Family]) -> None:
        super().__init__(entries, families, _kind)


def _kind(event: Event) -> type[Any]:
    return type(event.what)


class Search:
    """What an index finds for somebody who asks again as it grows.

    Args:
        parties: The index of parties; it is asked if some are wanted.
        kinds: The index of kinds; it is asked if none are.
        wanted: What is wanted; not everything.

    Attributes:
        is_exact: Whether an entry that stands alone is wanted if it is found.
    """

    __slots__ = ("_index", "_labels", "_looked", "_places", "_wanted", "is_exact")

    def __init__(self, parties: Parties, kinds: Kinds, wanted: Wanted) -> None:
        self._wanted = wanted
        self._looked = 0
        # A list of positions, and how many of them were returned.
        self._places: list[tuple[list[int], int]] = []
        self._index: Index = kinds
        self._labels: Collection[Any] = kinds.places.keys()
        self.is_exact = not wanted.parties or wanted.reads is None
        if wanted.parties:
            parties.catch_up()
            lists = [parties.naming.setdefault(p, []) for p in sorted(wanted.parties)]
            self._index, self._labels = parties, min(lists, key=len)

    def news(self) -> Sequence[int]:
        """Return the positions that were noted since the last time, in order.

        They bear on what is wanted, or stand beside it: look at each.
        """
        self._index.catch_up()
        for label in islice(self._labels, self._looked, None):
            if self._fits(label):
                self._places.append((self._index.places[label], 0))
        self._looked = len(self._labels)
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
        if self._wanted.parties:
            return bool(self._wanted.parties <= label)
        return issubclass(label, self._wanted.reads or ())
