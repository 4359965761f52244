"""The ways that events take through a composition to its leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any

from attrs import frozen

from bri_timeline._events import Event
from bri_timeline._folds._nodes import (
    Keyed,
    Leaf,
    Node,
    Only,
    Parties,
    Path,
    Route,
    Steps,
)


# Returns the paths to one leaf that an event takes.
_Way = Callable[[Event, Parties], Iterable[Path]]


@frozen
class Ways:
    """The ways that events take through a composition.

    Attributes:
        node: What is kept, and how.
        parties: Those of the composition.
    """

    node: Node
    parties: frozenset[str]

    @cached_property
    def _ways(self) -> dict[type, list[tuple[Leaf, _Way]]]:
        return {}

    def paths(self, event: Event) -> list[tuple[Leaf, Path]]:
        """Return the leaves that an event reaches, each with the path to it."""
        cls = type(event.what)
        ways = self._ways.get(cls)
        if ways is None:
            routes = self.node.routes(cls)
            ways = self._ways[cls] = [(route[0], way_to(route)) for route in routes]
        who = self.parties
        return [(leaf, path) for leaf, way in ways for path in way(event, who)]

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
        return state if tree is first else node.state(tree)


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
