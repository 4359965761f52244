"""Events in the order in which they become certain, kept ready for questions."""

from __future__ import annotations

import math
from collections.abc import Sequence

from bri_timeline._events import Entry, Event, uncollected
from bri_timeline._folding._clusters import Kinship
from bri_timeline._folding._sequence import Course
from bri_timeline._folding._singletons import Columns
from bri_timeline._journal import Family, Trunk, Wanted
from bri_timeline._resolution import Cut


__all__ = [
    "Order",
]


_MOST_HELD = 1 << 18
_FEWEST_CUTS = 4


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
        "_asked",
        "_families",
        "_kinships",
        "_latest",
        "_no_kinship",
        "_reach",
        "_search",
        "_seen",
        "_wanted",
        "trunk",
    )

    def __init__(self, trunk: Trunk, wanted: Wanted) -> None:
        self.trunk = trunk
        self._wanted = wanted
        self._begin()

    def _begin(self) -> None:
        trunk, wanted = self.trunk, self._wanted
        self._search = None if wanted.is_everything else trunk.search(wanted)
        self._reach = trunk.reach(wanted.rules) if wanted.rules else None
        self._seen = 0
        self._latest = -math.inf
        self._alone = Columns(trunk.entries)
        self._families: dict[Family, None] = {}
        self._kinships: dict[Cut, Kinship] = {}
        self._no_kinship = Kinship(Cut(math.inf, math.inf), wanted)
        self._asked: tuple[Cut, Course] | None = None

    # --- growing --------------------------------------------------------------------

    def catch_up(self) -> int | None:
        """Take in what the trunk has gained.

        Returns:
            The index before which nothing changed; None when nothing changed at all.
        """
        size = len(self.trunk.entries.events)
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

    def _news(self) -> tuple[Sequence[int], dict[Family, None]]:
        """Return the new claims that stand alone, and the families that changed."""
        entries, families = self.trunk.entries, self.trunk.families
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
        changed = {families[p]: None for p in new if p in families} if families else {}
        if changed:
            new = [p for p in new if p not in families]
        if self._search is None and entries.silent:
            new = [p for p in new if events[p] is not None]
        return new, changed

    def _is_read(self, event: Event | None) -> bool:
        return event is not None and self._wanted.is_read(event)

    def _join(self, family: Family) -> int:
        """Take in a new or a grown family; return the first index that it touches."""
        for gone in family.absorbed:
            if gone in self._families:
                del self._families[gone]
                for kinship in self._kinships.values():
                    kinship.drop(gone)
        members = [self.trunk.entries[position] for position in family.members]
        events = [entry.event for entry in members]
        if not any(map(self._is_read, events)):
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

    # --- cuts -------------------------------------------------------------------------

    def under(self, cut: Cut) -> Course:
        """Return the order under a cut; it holds until the order grows."""
        if self._asked is None or self._asked[0] != cut:
            normal = self._normal(cut)
            kinship = self._kinship(normal) if self._families else self._no_kinship
            self._asked = cut, Course(self.trunk, self._alone, kinship, normal)
        return self._asked[1]

    def _normal(self, cut: Cut) -> Cut:
        """Return the one way to write cuts behind which lies the same."""
        known_by, size, prefer = cut
        if known_by < math.inf and known_by >= max(self._latest, self._alone.latest):
            known_by = math.inf
        return Cut(known_by, math.inf if size >= self._seen else size, prefer)

    def _kinship(self, cut: Cut) -> Kinship:
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
            found, families = Kinship(cut, self._wanted), [*self._families]
        else:
            found, families = nearest.under(cut), self._differing(nearest.cut, cut)
        entries = self.trunk.entries
        with uncollected():
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


def _is_newest(cut: Cut) -> bool:
    return cut.known_by == cut.size == math.inf
