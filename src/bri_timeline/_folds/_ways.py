"""The ways that events take through a composition to its leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from attrs import field, frozen

from bri_timeline._events import Event
from bri_timeline._folds._nodes import (
    Keyed,
    Leaf,
    Node,
    OfEvent,
    Only,
    Parties,
    Path,
    Route,
    Steps,
)
from bri_timeline._folds._shown import following, for_parties


# Returns the paths to one leaf that an event takes.
_Way = Callable[[Event, Parties], Iterable[Path]]
Known = dict[type, list[tuple[Leaf, _Way]]]


@frozen
class Ways:
    """The ways that events take through a composition.

    Attributes:
        node: What is kept, and how.
        parties: Those of the composition.
        known: The ways of the payload classes that have come, whatever the parties.
    """

    node: Node
    parties: frozenset[str]
    known: Known = field(eq=False, repr=False)

    def paths(self, event: Event) -> list[tuple[Leaf, Path]]:
        """Return the leaves that an event reaches, each with the path to it."""
        ways, who = self._ways_of(type(event.what)), self.parties
        return [(leaf, path) for leaf, way in ways for path in way(event, who)]

    @property
    def is_shared(self) -> bool:
        """Every part takes the same events for all parties."""
        return all(map(_is_shared, self.node.leaves()))

    def shares(self, event: Event) -> bool:
        """Check whether the parts that an event reaches take it for all parties."""
        return all(_is_shared(leaf) for leaf, _ in self._ways_of(type(event.what)))

    def _ways_of(self, cls: type) -> list[tuple[Leaf, _Way]]:
        ways = self.known.get(cls)
        if ways is None:
            routes = self.node.routes(cls)
            ways = self.known[cls] = [(route[0], way_to(route)) for route in routes]
        return ways

    def state(self, tree: Any) -> Any:
        """Return what a fold has for what is kept."""
        return for_parties(self.node.state(tree), self.parties)

    def after(self, state: Any, event: Event, hook: Callable[[Leaf], Any]) -> Any:
        """Return the state after the beginning of an event, or its end.

        Args:
            state: The state before.
            event: The event.
            hook: Returns what a leaf does with it; None if it does nothing.
        """
        node = self.node
        first: Any = node.kept(state)
        tree = first
        for leaf, path in self.paths(event):
            function = hook(leaf)
            if function is not None:
                before = node.get(tree, path)
                after = function(before, event)
                if after is not before:
                    tree = node.put(tree, path, after)
        return state if tree is first else following(self.state(tree), state)


def _is_shared(leaf: Leaf) -> bool:
    return leaf.where is None or isinstance(leaf.where, OfEvent)


def way_to(route: Route) -> _Way:
    """Return a function that tells the paths of a route that an event takes.

    Most lead by one key at most: then little is done for each event.
    """
    leaf, steps = route
    where, others = leaf.where, [step for step in steps if not isinstance(step, str)]
    if not others:
        paths = _always((steps,))
    elif len(others) == 1 and isinstance(others[0], Keyed) and not others[0].is_each:
        paths = _by_key(steps, others[0])
    else:
        paths = _by_steps(steps)
    if where is None:
        return paths
    return lambda event, who: paths(event, who) if where(event, who) else ()


def _always(paths: tuple[Path, ...]) -> _Way:
    return lambda _event, _who: paths


def _by_key(steps: Steps, keyed: Keyed) -> _Way:
    place, read = steps.index(keyed), keyed.read
    head, tail = steps[:place], steps[place + 1 :]

    def paths(event: Event, _who: Parties) -> Iterable[Path]:
        try:
            key = read(event)
            hash(key)
        except Exception as error:
            keyed.blame(error, event)
            raise
        return () if key is None else ((*head, key, *tail),)

    return paths


def _by_steps(steps: Steps) -> _Way:
    def paths(event: Event, _who: Parties) -> Iterable[Path]:
        found: list[Path] = [()]
        for step in reversed(steps):
            if isinstance(step, Only):
                found = step.through(found)
            elif found:
                keys = step.keys(event) if isinstance(step, Keyed) else (step,)
                found = [(key, *path) for key in keys for path in found]
        return found

    return paths
