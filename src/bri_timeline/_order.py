"""Events in the order in which they become certain, kept ready for questions."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from heapq import merge
from itertools import chain, islice
from typing import TypeVar

from bri_timeline._columns import Columns
from bri_timeline._events import Entry, Event
from bri_timeline._happenings import Happening, Prefer, Resolution
from bri_timeline._index import Family, Wanted
from bri_timeline._kinship import Cut, Kinship
from bri_timeline._trunk import Trunk


__all__ = ["Order"]

S = TypeVar("S")
_MOST_HELD = 1 << 18
_FEWEST_CUTS = 4
_EVERYTHING = {prefer: Cut(math.inf, math.inf, prefer) for prefer in Prefer}
_Evolve = Callable[[S, Event], S]


class Order:
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
        "_families",
        "_kinships",
        "_latest",
        "_search",
        "_seen",
        "_wanted",
        "trunk",
    )

    def __init__(self, trunk: Trunk, wanted: Wanted) -> None:
        self.trunk = trunk
        self._wanted = wanted
        self._search = None if wanted.is_everything else trunk.search(wanted)
        self._seen = 0
        self._latest = -math.inf
        self._alone = Columns(trunk.entries)
        self._families: dict[Family, None] = {}
        self._kinships: dict[Cut, Kinship] = {}

    # --- growing --------------------------------------------------------------------

    def catch_up(self) -> int | None:
        """Take in what the trunk has gained.

        Returns:
            The index before which nothing changed; None when nothing changed at all.
        """
        size = len(self.trunk.entries.events)
        if self._seen == size:
            return None
        alone, changed = self._news()
        self._seen = size
        low = len(self._alone)
        for family in changed:
            low = min(low, self._join(family))
        return min(low, self._alone.insert(alone))

    def _news(self) -> tuple[Sequence[int], dict[Family, None]]:
        """Return the new claims that stand alone, and the families that changed."""
        events, families = self.trunk.entries.events, self.trunk.families
        if self._search is None:
            new = self.trunk.entries.present(self._seen)
        else:
            new = self._search.news()
        changed: dict[Family, None] = {}
        if families:
            kin = [families.get(position) for position in new]
            changed = {family: None for family in kin if family is not None}
            new = [p for p, f in zip(new, kin, strict=True) if f is None]
        if self._search is not None:
            if not self._search.is_exact:
                new = [p for p in new if self._wants(events[p])]
        elif self.trunk.entries.silent:
            new = [p for p in new if events[p] is not None]
        return new, changed

    def _wants(self, event: Event | None) -> bool:
        return event is not None and self._wanted.wants(event)

    def _join(self, family: Family) -> int:
        """Take in a new or a grown family; return the first index that it touches."""
        for gone in family.absorbed:
            if gone in self._families:
                del self._families[gone]
                for kinship in self._kinships.values():
                    kinship.drop(gone)
        members = [self.trunk.entries[position] for position in family.members]
        events = [entry.event for entry in members]
        if not any(map(self._wants, events)):
            return len(self._alone)
        self._families[family] = None
        self._latest = max(self._latest, *(e.knowledge()[0] for e in members))
        self._put(family, members)
        claims = (entry.position for entry in members if entry.event is not None)
        return min(map(self._alone.remove, claims))

    def _put(self, family: Family, members: list[Entry]) -> None:
        """Bring up to date what the families come to by all knowledge.

        What they come to by less is found again when somebody asks.
        """
        self._kinships = {c: k for c, k in self._kinships.items() if _is_newest(c)}
        for kinship in self._kinships.values():
            kinship.put(family, members)

    # --- reading --------------------------------------------------------------------

    def before(self, day: float) -> int:
        """Return how many of those that stand alone are certain by *day*."""
        return bisect_right(self._alone.lasts, day)

    def normal(self, cut: Cut) -> Cut:
        """Return the one way to write cuts behind which lies the same."""
        known_by, size, prefer = cut
        if known_by < math.inf and known_by >= max(self._latest, self._alone.latest):
            known_by = math.inf
        if size >= self._seen:
            size = math.inf
        if known_by == size == math.inf:
            return _EVERYTHING[prefer]
        return Cut(known_by, size, prefer)

    def states(
        self, evolve: _Evolve[S], state: S, places: range, cut: Cut
    ) -> Iterator[S]:
        """Fold from each place to the next, and yield the state there."""
        if not self._families and cut.known_by == cut.size == math.inf:
            all_of_them = self._alone.events
            events = iter(all_of_them[places.start :] if places.start else all_of_them)
            for _ in places:
                for event in islice(events, places.step):
                    state = evolve(state, event)
                yield state
            return
        for place in places:
            stop = place + places.step
            if self._families:
                end = bisect_left(self.kinship(cut).keys, self._alone.key_at(stop - 1))
                state = self._merged(evolve, state, place, stop, cut, end)
            else:
                for event in self._counting(place, stop, cut):
                    state = evolve(state, event)
            yield state

    def fold_until(
        self, evolve: _Evolve[S], state: S, start: int, stop: int, cut: Cut, day: int
    ) -> S:
        """Fold from an index to the end of a day."""
        if not self._families:
            for event in self._counting(start, stop, cut):
                state = evolve(state, event)
            return state
        end = bisect_left(self.kinship(cut).keys, (day + 1, -math.inf, 0))
        return self._merged(evolve, state, start, stop, cut, end)

    def _merged(
        self, evolve: _Evolve[S], state: S, start: int, stop: int, cut: Cut, end: int
    ) -> S:
        for events in self._pieces(start, stop, cut, end):
            for event in events:
                state = evolve(state, event)
        return state

    def _pieces(
        self, start: int, stop: int, cut: Cut, end: int
    ) -> Iterator[list[Event]]:
        """Yield what stands alone, in pieces between which families come."""
        kinship = self.kinship(cut)
        keys, events = kinship.keys, kinship.events
        begin = bisect_left(keys, self._alone.key_at(start - 1)) if start else 0
        for number in range(begin, end):
            index = self._alone.index(keys[number])
            yield self._counting(start, index, cut)
            yield [events[number]]
            start = index
        yield self._counting(start, stop, cut)

    def _counting(self, start: int, stop: int, cut: Cut) -> list[Event]:
        """Return what stands alone and is known, from one index to another."""
        alone, known_by, size = self._alone, cut.known_by, cut.size
        events = alone.events[start:stop]
        if known_by < math.inf:
            knowns = alone.knowns[start:stop]
            if events and max(knowns) > known_by:
                if size == math.inf:
                    pairs = zip(events, knowns, strict=True)
                    return [event for event, known in pairs if known <= known_by]
                rows = zip(events, knowns, alone.positions[start:stop], strict=True)
                return [
                    e for e, k, position in rows if k <= known_by and position < size
                ]
        if size < math.inf:
            pairs = zip(events, alone.positions[start:stop], strict=True)
            return [event for event, position in pairs if position < size]
        return events

    # --- families ---------------------------------------------------------------------

    def kinship(self, cut: Cut) -> Kinship:
        """Return what the families come to under a cut."""
        found = self._kinships.get(cut)
        if found is None:
            most = max(_FEWEST_CUTS, _MOST_HELD // (len(self._families) + 1))
            if len(self._kinships) >= most:
                del self._kinships[next(iter(self._kinships))]
            found = self._kinships[cut] = self._resolved(cut)
        return found

    def _resolved(self, cut: Cut) -> Kinship:
        """Resolve the families anew, or those that differ from the cut asked last."""
        nearest = next(reversed(self._kinships.values()), None)
        if nearest is None:
            found, families = Kinship(cut, self._wanted.wants), [*self._families]
        else:
            found, families = nearest.under(cut), self._differing(nearest.cut, cut)
        entries = self.trunk.entries
        for family in families:
            found.put(family, [entries[position] for position in family.members])
        return found

    def _differing(self, one: Cut, other: Cut) -> list[Family]:
        """Return the families that may come to something else under another cut."""
        if one.prefer is not other.prefer:
            return [*self._families]
        knowns, found = self.trunk.entries.knowns, []
        low, high = sorted((one.known_by, other.known_by))
        fewer, more = sorted((one.size, other.size))
        for family in self._families:
            for position in family.members:
                if low < knowns[position] <= high or fewer <= position < more:
                    found.append(family)
                    break
        return found

    # --- comparing cuts ---------------------------------------------------------------

    def first_difference(self, one: Cut, other: Cut) -> int:
        """Return an index up to which cuts of one preference fold the same."""
        first = min(
            self._alone.first_known(*sorted((one.known_by, other.known_by))),
            self._alone.first_recorded(*sorted((one.size, other.size))),
        )
        if self._families:
            key = self.kinship(one).first_difference(self.kinship(other))
            first = first if key is None else min(first, self._alone.index(key))
        return first

    # --- what stands where ------------------------------------------------------------

    def certain(self, cut: Cut, day: int) -> list[Event]:
        """Return what had happened by a day, in fold order."""
        stop = self.before(day)
        if not self._families:
            return self._counting(0, stop, cut)
        end = bisect_left(self.kinship(cut).keys, (day + 1, -math.inf, 0))
        return [*chain.from_iterable(self._pieces(0, stop, cut, end))]

    def happenings(self, cut: Cut, day: float) -> Iterator[Happening]:
        """Yield what had happened by a day, in fold order, with its entries."""
        alone = self._standing(range(self.before(day)), cut)
        if not self._families:
            return alone
        kin = (h for h in self.kinship(cut).happenings() if h.last <= day)
        return merge(alone, kin, key=Happening.certainty_order)

    def undecided(self, cut: Cut, day: float) -> list[Happening]:
        """Return what may have happened by a day, in the order of becoming possible."""
        found = list(self._standing(self._alone.open_on(day), cut))
        if self._families:
            kin = self.kinship(cut).happenings()
            found += [h for h in kin if h.first <= day < h.last]
        return sorted(found, key=Happening.possible_order)

    def _standing(self, indexes: range | list[int], cut: Cut) -> Iterator[Happening]:
        """Yield what stands alone and counts, of some indexes."""
        entries, alone = self.trunk.entries, self._alone
        for index in indexes:
            position = alone.positions[index]
            if entries.knowns[position] <= cut.known_by and position < cut.size:
                yield Happening.of(alone.events[index], entries[position])

    def named(self, cut: Cut, name: str) -> Happening | None:
        """Return the happening of an id, if one counts."""
        return self._found(cut, self.trunk.namesakes.named(name), name)

    def about(self, cut: Cut, event: Event) -> Happening | None:
        """Return the happening that a claim is about, if one counts."""
        return self._found(cut, self.trunk.namesakes.about(event), event.id)

    def _found(self, cut: Cut, positions: list[int], name: str) -> Happening | None:
        for position in positions:
            if position in self.trunk.families:
                kin = self.kinship(cut).happenings()
                return next((h for h in kin if h.event.id == name), None)
            index = self._alone.index(self._alone.key_of(position))
            if self._alone.has(position, index):
                return next(self._standing([index], cut), None)
        return None

    def kin(self, cut: Cut) -> Resolution:
        """Return what the families come to: disputes, what is set aside, slots."""
        return self.kinship(cut).resolution()


def _is_newest(cut: Cut) -> bool:
    return cut.known_by == cut.size == math.inf
