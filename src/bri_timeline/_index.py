"""Where the entries are that bear on some parties, or are of some kinds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from bri_timeline._entries import Entries
from bri_timeline._events import Event


__all__ = ["Family", "Index", "Search", "Wanted"]


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
    """Positions by the parties and by the kind of payload; made when first asked for.

    A family is found under the parties and kinds of all its members: when an entry
    joins one, it is noted under each of them.

    Args:
        entries: The entries of a trunk, which grow.
        families: Its families.
    """

    __slots__ = ("_entries", "_families", "_seen", "by_kind", "by_parties", "naming")

    def __init__(self, entries: Entries, families: Mapping[int, Family]) -> None:
        self._entries = entries
        self._families = families
        self._seen = 0
        self.by_kind: dict[type, list[int]] = {}
        self.by_parties: dict[frozenset[str], list[int]] = {}
        # Which sets of parties name a party, in the order in which they came up.
        self.naming: dict[str, list[frozenset[str]]] = {}

    def catch_up(self) -> None:
        """Take in what the trunk has gained."""
        events, families = self._entries.events, self._families
        changed: dict[Family, int] = {}
        for position in range(self._seen, len(events)):
            family = families.get(position) if families else None
            if family is not None:
                changed[family] = position
                continue
            event = events[position]
            if event is not None:
                self._note(event.parties, type(event.what), position)
        self._seen = len(events)
        for family, position in changed.items():
            about = [events[p] for p in family.members]
            labels = {(e.parties, type(e.what)) for e in about if e is not None}
            for parties, kind in labels:
                self._note(parties, kind, position)

    def _note(self, parties: frozenset[str], kind: type, position: int) -> None:
        self.by_kind.setdefault(kind, []).append(position)
        places = self.by_parties.get(parties)
        if places is None:
            places = self.by_parties[parties] = []
            for party in parties:
                self.naming.setdefault(party, []).append(parties)
        places.append(position)


class Search:
    """What an index finds for somebody who asks again as it grows.

    Args:
        index: Where to look.
        wanted: What for; not everything.
    """

    __slots__ = ("_index", "_looked", "_party", "_places", "_wanted")

    def __init__(self, index: Index, wanted: Wanted) -> None:
        index.catch_up()
        self._index = index
        self._wanted = wanted
        self._looked = 0
        # A list of positions, and how many of them were returned.
        self._places: list[tuple[list[int], int]] = []
        self._party = min(
            wanted.parties,
            key=lambda party: len(index.naming.get(party, ())),
            default="",
        )

    def news(self) -> list[int]:
        """Return the positions that were noted since the last time, in order.

        They bear on what is wanted, or stand beside it: look at each.
        """
        self._index.catch_up()
        if self._party:
            self._look_for_parties()
        else:
            self._look_for_kinds()
        found: set[int] = set()
        for number, (places, read) in enumerate(self._places):
            if read < len(places):
                found.update(places[read:])
                self._places[number] = places, len(places)
        return sorted(found)

    def _look_for_parties(self) -> None:
        naming = self._index.naming.get(self._party, [])
        for parties in naming[self._looked :]:
            if self._wanted.parties <= parties:
                self._places.append((self._index.by_parties[parties], 0))
        self._looked = len(naming)

    def _look_for_kinds(self) -> None:
        kinds = list(self._index.by_kind)
        for kind in kinds[self._looked :]:
            if issubclass(kind, self._wanted.reads or ()):
                self._places.append((self._index.by_kind[kind], 0))
        self._looked = len(kinds)
