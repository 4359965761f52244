"""Events in the order in which they become certain, kept ready for questions."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from heapq import merge
from typing import NamedTuple, TypeVar

from attrs import frozen

from bri_timeline._columns import Columns, Key
from bri_timeline._events import Entry, Event
from bri_timeline._happenings import Happening, Prefer, Resolution
from bri_timeline._resolution import resolve
from bri_timeline._trunk import Trunk


__all__ = ["Cut", "Order"]

S = TypeVar("S")
_MOST_CUTS = 256
_Evolve = Callable[[S, Event], S]


@frozen
class Cut:
    """What counts as known: entries known by a day, among the first so-many.

    Attributes:
        known_by: A day number; infinite for everything.
        size: How many entries of the log are looked at.
        prefer: What to take where claims about one happening differ.
    """

    known_by: float
    size: float
    prefer: Prefer


class Families(NamedTuple):
    """What the families of an order come to under a cut."""

    resolution: Resolution
    keys: list[Key]


_NO_FAMILIES = Families(Resolution((), (), (), ()), [])


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
        "_latest",
        "_seen",
        "_under",
        "_wanted",
        "trunk",
    )

    def __init__(self, trunk: Trunk, wanted: Callable[[Event], bool]) -> None:
        self.trunk = trunk
        self._wanted = wanted
        self._seen = 0
        self._latest = -math.inf
        self._alone = Columns()
        self._families: dict[int, list[int]] = {}
        self._under: dict[Cut, Families] = {}

    # --- growing --------------------------------------------------------------------

    def catch_up(self) -> int | None:
        """Take in what the trunk has gained.

        Returns:
            The index before which nothing changed; None when nothing changed at all.
        """
        trunk, seen = self.trunk, self._seen
        entries = trunk.entries
        size = len(entries)
        if seen == size:
            return None
        alone: list[Entry] = []
        changed: dict[int, list[int]] = {}
        for position in range(seen, size):
            entry = entries[position]
            self._latest = max(self._latest, entry.knowledge()[0])
            if position in trunk.families:
                changed[id(trunk.families[position])] = trunk.families[position]
            elif entry.event is not None and self._wanted(entry.event):
                alone.append(entry)
        self._seen = size
        low = self._join(list(changed.values())) if changed else len(self._alone)
        return min(low, self._alone.insert(alone))

    def _join(self, changed: list[list[int]]) -> int:
        """Take in new and grown families; return the first index that they touch."""
        families = self.trunk.families
        # A family that was united with another lives on in that one.
        kept = {
            key: family
            for key, family in self._families.items()
            if families[family[0]] is family
        }
        low = len(self._alone)
        for family in changed:
            events = [self.trunk.entries[position].event for position in family]
            if any(event is not None and self._wanted(event) for event in events):
                kept[id(family)] = family
                low = min(low, self._take_out(family))
        self._families = kept
        self._under.clear()
        return low

    def _take_out(self, family: list[int]) -> int:
        """Take the members of a family out of the columns; return the first index."""
        entries = [self.trunk.entries[position] for position in family]
        return min(self._alone.remove(e) for e in entries if e.event is not None)

    # --- reading --------------------------------------------------------------------

    def before(self, day: float) -> int:
        """Return how many of those that stand alone are certain by *day*."""
        return bisect_right(self._alone.lasts, day)

    def normal(self, cut: Cut) -> Cut:
        """Return the one way to write cuts behind which lies the same."""
        if cut.known_by >= self._latest:
            cut = Cut(math.inf, cut.size, cut.prefer)
        if cut.size >= self._seen:
            cut = Cut(cut.known_by, math.inf, cut.prefer)
        return cut

    def fold_to(
        self, evolve: _Evolve[S], state: S, start: int, stop: int, cut: Cut
    ) -> S:
        """Fold from one index to another, and the families that lie between.

        Those before an index are those before the event that stands before it, so that
        an event that comes to stand at the index changes nothing.
        """
        keys = self.families_under(cut).keys
        end = bisect_left(keys, self._alone.key_at(stop - 1)) if keys and stop else 0
        return self._merged(evolve, state, start, stop, cut, end)

    def fold_until(
        self, evolve: _Evolve[S], state: S, start: int, stop: int, cut: Cut, day: int
    ) -> S:
        """Fold from an index to the end of a day."""
        keys = self.families_under(cut).keys
        end = bisect_left(keys, (day + 1, -math.inf, 0)) if keys else 0
        return self._merged(evolve, state, start, stop, cut, end)

    def _merged(
        self, evolve: _Evolve[S], state: S, start: int, stop: int, cut: Cut, end: int
    ) -> S:
        if end:
            resolution, keys = self.families_under(cut)
            begin = bisect_left(keys, self._alone.key_at(start - 1)) if start else 0
            for number in range(begin, end):
                index = self._alone.index(keys[number])
                state = self._fold(evolve, state, start, index, cut)
                state = evolve(state, resolution.happenings[number].event)
                start = index
        return self._fold(evolve, state, start, stop, cut)

    def _fold(self, evolve: _Evolve[S], state: S, start: int, stop: int, cut: Cut) -> S:
        """Fold what stands alone."""
        events = self._alone.events[start:stop]
        if not self._all_known(start, stop, cut):
            known_by, size = cut.known_by, cut.size
            rows = zip(
                events,
                self._alone.knowns[start:stop],
                self._alone.positions[start:stop],
                strict=True,
            )
            events = [event for event, k, p in rows if k <= known_by and p < size]
        for event in events:
            state = evolve(state, event)
        return state

    def _all_known(self, start: int, stop: int, cut: Cut) -> bool:
        if (
            cut.known_by < math.inf
            and max(self._alone.knowns[start:stop], default=0) > cut.known_by
        ):
            return False
        return (
            cut.size >= self._seen
            or max(self._alone.positions[start:stop], default=-1) < cut.size
        )

    def families_under(self, cut: Cut) -> Families:
        """Return what the families come to under a cut."""
        if not self._families:
            return _NO_FAMILIES
        found = self._under.get(cut)
        if found is None:
            if len(self._under) >= _MOST_CUTS:
                del self._under[next(iter(self._under))]
            found = self._under[cut] = self._resolved(cut)
        return found

    def _resolved(self, cut: Cut) -> Families:
        entries = self.trunk.entries
        positions = sorted(p for family in self._families.values() for p in family)
        members = [entries[p] for p in positions if p < cut.size]
        resolution = resolve(members, cut.known_by, prefer=cut.prefer)
        resolution = resolution.only(self._wanted)
        keys = [happening.certainty_order() for happening in resolution.happenings]
        return Families(resolution, keys)

    def happenings(self, cut: Cut, start: int, stop: int) -> Iterator[Happening]:
        """Yield what stands alone and counts, from one index to another."""
        entries = self.trunk.entries
        for index in range(start, stop):
            position = self._alone.positions[index]
            if self._alone.knowns[index] <= cut.known_by and position < cut.size:
                yield Happening(self._alone.events[index], (entries[position],))

    def resolution(self, cut: Cut) -> Resolution:
        """Return everything under a cut."""
        families = self.families_under(cut).resolution
        alone = list(self.happenings(cut, 0, len(self._alone)))
        slots = tuple((happening.position, happening.entries) for happening in alone)
        happenings = merge(alone, families.happenings, key=Happening.certainty_order)
        return Resolution(
            tuple(happenings),
            families.disputes,
            families.set_aside,
            families.slots + slots,
        )
