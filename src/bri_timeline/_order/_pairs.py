"""States of a composition for one set of parties after another: parts are shared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from itertools import permutations
from typing import Any

from bri_timeline._events.marks import Ending, Mark, event_of
from bri_timeline._folds import Composed, Leaf, Path, Ways
from bri_timeline._order._path_marks import Fold
from bri_timeline._order._remembering import without_facts
from bri_timeline._payload import until_of


# What ends facts: the class that says so, and the values that these have in common.
_Ended = tuple[object, ...]


class _Side:
    """The places of marks by path, and the ends that may reach others.

    Attributes:
        paths: The leaf of each path, and its places.
        units: The paths of each part that is shared whole: a field, or a key of it.
        reached: The paths of facts that others may end.
        closing: The places of what ends others.
        tree: What is kept of these.
    """

    def __init__(self) -> None:
        self.paths: dict[Path, tuple[Leaf, list[int]]] = {}
        self.units = defaultdict[Path, list[Path]](list)
        self.reached = defaultdict[_Ended, dict[Path, None]](dict)
        self.closing = defaultdict[_Ended, list[int]](list)
        self.tree: Any = None


class SharedFolds:
    """The states of a composition, of which what one party alone has is folded once.

    Args:
        composed: The composition, for any parties.
        marks: All counting events, and ends, in fold order.
        is_folded: Tells of a mark whether it is folded.
    """

    def __init__(
        self,
        composed: Composed[Any],
        marks: Sequence[Mark],
        is_folded: Callable[[Mark], bool],
    ) -> None:
        self._node, self._marks, self._is_folded = composed.node, marks, is_folded
        self._kinds = tuple({type(event_of(mark).what) for mark in marks})
        self._untils = {u for u in map(until_of, self._kinds) if u is not None}
        self._folds: dict[Leaf, Fold] = {}
        # Of one party: what is shared, and the places of what a part may not take.
        self._alone: dict[str, tuple[_Side, list[int]]] = {}

    def state(
        self,
        composed: Composed[Any],
        places: Iterable[int],
        alone: Callable[[str], Iterable[int]],
    ) -> Any:
        """Return a state.

        Args:
            composed: The composition for some parties.
            places: Those of what concerns several of the parties.
            alone: Returns the places of what concerns one of them alone.
        """
        node, ways = self._node, composed.ways
        every = {*places}
        sides = list[_Side]()
        for party in sorted(composed.parties):
            side, own = self._of_one(party, ways, alone)
            sides.append(side)
            every.update(own)
        rest = self._by_path(every, ways)
        several, more = self._several([*sides, rest])
        tree = sides[0].tree
        for side in sides[1:]:
            tree = node.joined(tree, side.tree)
            for path in side.paths:
                if not node.unit(path)[1]:
                    tree = node.put(tree, path, node.get(side.tree, path))
        for unit, paths in rest.units.items():
            for path in paths if unit not in several else ():
                tree = node.put(tree, path, self._folded(*rest.paths[path]))
        for path, found in self._of_several([*sides, rest], several).items():
            leaf, own_places = found
            own_places.update(more.get(path, ()))
            tree = node.put(tree, path, self._folded(leaf, sorted(own_places)))
        return ways.state(tree)

    def _of_one(
        self, party: str, ways: Ways, alone: Callable[[str], Iterable[int]]
    ) -> tuple[_Side, list[int]]:
        """Return what is shared of one party, and the places of what is not."""
        found = self._alone.get(party)
        if found is None:
            # What a part takes for some parties only is not shared between them.
            places, own = [*alone(party)], list[int]()
            if not ways.is_shared:
                shared = list[int]()
                for place in places:
                    is_shared = ways.shares(event_of(self._marks[place]))
                    (shared if is_shared else own).append(place)
                places = shared
            side = self._by_path(places, ways)
            pairs = [(path, self._folded(*some)) for path, some in side.paths.items()]
            side.tree = self._node.built(pairs)
            found = self._alone[party] = side, own
        return found

    def _by_path(self, places: Iterable[int], ways: Ways) -> _Side:
        """Return some places by path."""
        side, node, marks = _Side(), self._node, self._marks
        for place in sorted(places):
            mark = marks[place]
            if not self._is_folded(mark):
                continue
            is_end = isinstance(mark, Ending)
            if isinstance(mark, Ending) and mark.closes:
                for until in self._untils:
                    if isinstance(mark.event.what, until.by):
                        ended = until, *until.key(mark.event.what)
                        side.closing[ended].append(place)
                continue
            event = event_of(mark)
            for leaf, path in ways.paths(event):
                takes_ends = self._fold(leaf).takes_ends
                if is_end and not takes_ends:
                    continue
                if path in side.paths:
                    side.paths[path][1].append(place)
                else:
                    side.paths[path] = leaf, [place]
                    side.units[path[: node.unit(path)[0]]].append(path)
                until_one = until_of(type(event.what)) if takes_ends else None
                if until_one is not None:
                    side.reached[until_one, *until_one.key(event.what)][path] = None
        for ended in side.closing.keys() & side.reached.keys():
            for path in side.reached[ended]:
                own = side.paths[path][1]
                own[:] = sorted({*own, *side.closing[ended]})
        return side

    def _several(self, sides: list[_Side]) -> tuple[set[Path], dict[Path, list[int]]]:
        """Return the parts that several have, and ends that one has for another."""
        several, more = set[Path](), dict[Path, list[int]]()
        for one, other in permutations(sides, 2):
            several |= one.units.keys() & other.units.keys()
            for ended in one.closing.keys() & other.reached.keys():
                for path in other.reached[ended]:
                    several.add(path[: self._node.unit(path)[0]])
                    more.setdefault(path, []).extend(one.closing[ended])
        return several, more

    def _of_several(
        self, sides: list[_Side], several: set[Path]
    ) -> dict[Path, tuple[Leaf, set[int]]]:
        """Return all places of the paths of some parts."""
        found: dict[Path, tuple[Leaf, set[int]]] = {}
        for side in sides:
            for unit in several & side.units.keys():
                for path in side.units[unit]:
                    leaf, places = side.paths[path]
                    found.setdefault(path, (leaf, set()))[1].update(places)
        return found

    def _fold(self, leaf: Leaf) -> Fold:
        fold = self._folds.get(leaf)
        if fold is None:
            fold = self._folds[leaf] = Fold(leaf, self._kinds)
        return fold

    def _folded(self, leaf: Leaf, places: Iterable[int]) -> Any:
        """Return what a leaf keeps of the marks at some places, in order."""
        fold, marks = self._fold(leaf), map(self._marks.__getitem__, places)
        if fold.together is not None:
            return fold.together(map(event_of, marks))
        return without_facts(reduce(fold.step, marks, fold.initial()))
