"""The nodes of a composition: what each keeps, which events reach it, what it shows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from operator import attrgetter
from typing import Any, TypeAlias

from attrs import field, frozen

from bri_timeline._events import Event
from bri_timeline._folds._map import SharedMap
from bri_timeline._folds._shown import (
    ByKey,
    MappedState,
    Record,
    recorded,
    same_by_key,
    unshared,
)
from bri_timeline._projection import Projection, refuse_text
from bri_timeline.errors import ProjectionError


Parties = frozenset[str]
# The fields and keys from a node down to a leaf.
Path = tuple[Any, ...]
# What leads to a leaf: fields, what keeps states by key, and what lets some through.
Steps = tuple["str | Keyed | Only", ...]
Route = tuple["Leaf", Steps]
Node: TypeAlias = "Leaf | Keyed | Mapped | Only | Recorded"


@frozen(cache_hash=True)
class Leaf:
    """A projection in a composition, and the events that it gets.

    Attributes:
        projection: The projection.
        where: Returns, of an event and the parties, whether it gets the event.
        retract: Returns the state without an event, if their order does not matter.
        together: Returns the state of some events at once, likewise.
    """

    projection: Projection[Any]
    where: Callable[[Event, Parties], object] | None = None
    retract: Callable[[Any, Event], Any] | None = None
    together: Callable[[Iterable[Event]], Any] | None = None

    @property
    def reads(self) -> tuple[type, ...] | None:
        """The payload classes that it reads; None for all."""
        return self.projection.reads

    def leaves(self) -> Iterator[Leaf]:
        """Yield all leaves."""
        yield self

    def initial(self) -> Any:
        """Return what is kept before any event."""
        return self.projection.initial()

    def shown(self, kept: Any) -> Any:
        """Return what people get of what is kept."""
        return unshared(kept)

    def is_same(self, one: Any, other: Any) -> bool:
        """Check whether people get the same of both."""
        return bool(one is other or one == other)

    def state(self, kept: Any) -> Any:
        """Return what a fold has for what is kept."""
        return kept

    def kept(self, state: Any) -> Any:
        """Return what is kept in what a fold has."""
        return state

    def routes(self, cls: type) -> Iterator[Route]:
        """Yield the routes to the leaves that read a payload class."""
        if self.reads is None or issubclass(cls, self.reads):
            yield self, ()

    def get(self, kept: Any, path: Path) -> Any:
        """Return what is kept at a path."""
        return kept

    def put(self, kept: Any, path: Path, value: Any) -> Any:
        """Return what is kept with something else at a path."""
        return value

    def built(self, pairs: Sequence[tuple[Path, Any]]) -> Any:
        """Return what is kept, of what is at each path."""
        return pairs[0][1] if pairs else self.initial()

    def unit(self, path: Path) -> tuple[int, bool]:
        """Return how much of a path leads to its first key, and whether it has one."""
        return 0, False

    def joined(self, one: Any, other: Any) -> Any:
        """Return what is kept by two that have no key in common; else that of one."""
        return one


@frozen(cache_hash=True)
class Around:
    """A node that keeps and shows what another does.

    Attributes:
        inner: The node.
    """

    inner: Node

    @property
    def reads(self) -> tuple[type, ...] | None:
        """The payload classes that it reads; None for all."""
        return self.inner.reads

    def leaves(self) -> Iterator[Leaf]:
        """Yield all leaves."""
        return self.inner.leaves()

    def initial(self) -> Any:
        """Return what is kept before any event."""
        return self.inner.initial()

    def shown(self, kept: Any) -> Any:
        """Return what people get of what is kept."""
        return self.inner.shown(kept)

    def is_same(self, one: Any, other: Any) -> bool:
        """Check whether people get the same of both."""
        return self.inner.is_same(one, other)

    def state(self, kept: Any) -> Any:
        """Return what a fold has for what is kept."""
        return self.inner.state(kept)

    def kept(self, state: Any) -> Any:
        """Return what is kept in what a fold has."""
        return self.inner.kept(state)

    def routes(self, cls: type) -> Iterator[Route]:
        """Yield the routes to the leaves that read a payload class."""
        return self.inner.routes(cls)

    def get(self, kept: Any, path: Path) -> Any:
        """Return what is kept at a path."""
        return self.inner.get(kept, path)

    def put(self, kept: Any, path: Path, value: Any) -> Any:
        """Return what is kept with something else at a path."""
        return self.inner.put(kept, path, value)

    def built(self, pairs: Sequence[tuple[Path, Any]]) -> Any:
        """Return what is kept, of what is at each path."""
        return self.inner.built(pairs)

    def unit(self, path: Path) -> tuple[int, bool]:
        """Return how much of a path leads to its first key, and whether it has one."""
        return self.inner.unit(path)

    def joined(self, one: Any, other: Any) -> Any:
        """Return what is kept by two that have no key in common; else that of one."""
        return self.inner.joined(one, other)


@frozen(cache_hash=True)
class Mapped(Around):
    """A node of which a function shows something else.

    Attributes:
        function: The function.
    """

    function: Callable[[Any], Any]

    def shown(self, kept: Any) -> Any:
        """Return what people get of what is kept."""
        return self.function(self.inner.shown(kept))

    def is_same(self, one: Any, other: Any) -> bool:
        """Check whether people get the same of both."""
        return self.inner.is_same(one, other) or bool(
            self.shown(one) == self.shown(other)
        )

    def state(self, kept: Any) -> Any:
        """Return what a fold has for what is kept."""
        return MappedState(self, kept)

    def kept(self, state: Any) -> Any:
        """Return what is kept in what a fold has."""
        return tree_of(state, MappedState)


@frozen(cache_hash=True)
class Only(Around):
    """A node that gets the events that reach it within a composition.

    Attributes:
        whole: The composition.
        path: The fields and keys that lead from there to the node.
    """

    whole: Node
    path: Path

    def routes(self, cls: type) -> Iterator[Route]:
        """Yield the routes to the leaves that read a payload class."""
        for leaf, steps in self.whole.routes(cls):
            yield leaf, (self, *steps)

    def through(self, paths: Iterable[Path]) -> list[Path]:
        """Return the rest of those paths from the composition that lead to the node."""
        length = len(self.path)
        return [path[length:] for path in paths if path[:length] == self.path]


@frozen
class OfEvent:
    """Returns what a function of an event does, whatever the parties."""

    function: Callable[[Event], object]

    def __call__(self, event: Event, _parties: Parties) -> object:
        return self.function(event)


@frozen
class _Fields:
    """Returns some fields of an event; it can be pickled."""

    names: tuple[str, ...]

    def __call__(self, event: Event) -> tuple[Any, ...]:
        what = event.what
        return tuple([getattr(what, name) for name in self.names])


@frozen(cache_hash=True)
class Keyed(Around):
    """A node for each key.

    Attributes:
        by: The key of an event: a field, several, or a function of the event.
        is_each: It gives several keys.
    """

    by: str | tuple[str, ...] | Callable[[Event], Any]
    is_each: bool = False
    read: Callable[[Event], Any] = field(init=False, eq=False, repr=False)

    @read.default
    def _read_of_by(self) -> Callable[[Event], Any]:
        if callable(self.by):
            return self.by
        if isinstance(self.by, tuple):
            return _Fields(self.by)
        return attrgetter(f"what.{self.by}")

    def initial(self) -> SharedMap[Any, Any]:
        """Return what is kept before any event."""
        return _NO_KEYS

    def shown(self, kept: SharedMap[Any, Any]) -> ByKey[Any]:
        """Return what people get of what is kept."""
        return ByKey(self.inner, kept)

    def is_same(self, one: SharedMap[Any, Any], other: SharedMap[Any, Any]) -> bool:
        """Check whether people get the same of both."""
        return same_by_key(self.inner, one, other)

    def state(self, kept: Any) -> Any:
        """Return what a fold has for what is kept."""
        return ByKey(self.inner, kept)

    def kept(self, state: Any) -> Any:
        """Return what is kept in what a fold has."""
        return tree_of(state, ByKey)

    def routes(self, cls: type) -> Iterator[Route]:
        """Yield the routes to the leaves that read a payload class."""
        for leaf, steps in self.inner.routes(cls):
            yield leaf, (self, *steps)

    def keys(self, event: Event) -> tuple[Any, ...]:
        """Return the keys of an event.

        Raises:
            ProjectionError: One of them has no hash.
        """
        try:
            found = self.read(event)
            if self.is_each:
                refuse_text(found)
            several = found if self.is_each else (found,)
            # An event reaches a key once.
            keys = () if found is None else tuple(dict.fromkeys(several))
        except Exception as error:
            self.blame(error, event)
            raise
        return keys

    def blame(self, error: Exception, event: Event) -> None:
        """Note on an error of the keys at which event they raised it.

        Raises:
            ProjectionError: A key has no hash.
        """
        at = f"in the keys of a part, by={self.by!r}, at {event.when}: {event!r}"
        if isinstance(error, TypeError) and "unhashable" in str(error):
            problem = "is a key without a hash: give a tuple or a frozenset"
            refusal = ProjectionError(self.read(event), problem)
            refusal.add_note(at)
            raise refusal from None
        error.add_note(at)

    def get(self, kept: SharedMap[Any, Any], path: Path) -> Any:
        """Return what is kept at a path."""
        found = kept.get(path[0], _NONE)
        if found is _NONE:
            found = self.inner.initial()
        return self.inner.get(found, path[1:])

    def put(self, kept: SharedMap[Any, Any], path: Path, value: Any) -> Any:
        """Return what is kept with something else at a path."""
        key, inner = path[0], self.inner
        if len(path) > 1:
            found = kept.get(key, _NONE)
            before: Any = inner.initial() if found is _NONE else found
            value = inner.put(before, path[1:], value)
        # A state that equals the first may remember more: it is kept, and not shown.
        return kept.having(key, value)

    def built(self, pairs: Sequence[tuple[Path, Any]]) -> SharedMap[Any, Any]:
        """Return what is kept, of what is at each path."""
        by_key: dict[Any, list[tuple[Path, Any]]] = {}
        for path, value in pairs:
            by_key.setdefault(path[0], []).append((path[1:], value))
        built = self.inner.built
        return SharedMap({key: built(some) for key, some in by_key.items()})

    def unit(self, path: Path) -> tuple[int, bool]:
        """Return how much of a path leads to its first key, and whether it has one."""
        return 1, True

    def joined(self, one: Any, other: Any) -> Any:
        """Return what is kept by two that have no key in common; else that of one."""
        return one.joined(other)


@frozen(cache_hash=True)
class Recorded:
    """Several nodes, each under a name.

    Attributes:
        cls: The class of the record that is shown.
        name: The name of the record.
        parts: The names, and the nodes.
    """

    cls: type[Record]
    name: str
    parts: tuple[tuple[str, Node], ...]
    places: dict[str, int] = field(init=False, eq=False, repr=False)

    _made: type[Record] = field(init=False, eq=False, repr=False)

    @places.default
    def _places_of_parts(self) -> dict[str, int]:
        return {name: place for place, (name, _) in enumerate(self.parts)}

    @_made.default
    def _made_of_cls(self) -> type[Record]:
        if self.cls._fields:  # it says itself what is told of it
            return self.cls
        # The name under which named tuples tell their fields: all that shows states
        # asks for it.
        told = {"_fields": (*self.places,), "_is_made": True}
        # Said of each class by itself: otherwise its states are hashed to be kept.
        said = {"__module__": self.cls.__module__, "_is_hashable": True}
        return type(self.name, (self.cls,), {**told, **said})

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle the parts: the class of the record is made again."""
        return Recorded, (self.cls, self.name, self.parts)

    @property
    def reads(self) -> tuple[type, ...] | None:
        """The payload classes that it reads; None for all."""
        reads: dict[type, None] = {}
        for _, node in self.parts:
            if node.reads is None:
                return None
            reads.update(dict.fromkeys(node.reads))
        return tuple(reads)

    def leaves(self) -> Iterator[Leaf]:
        """Yield all leaves."""
        for _, node in self.parts:
            yield from node.leaves()

    def node(self, name: str) -> Node:
        """Return the node of a name."""
        return self.parts[self.places[name]][1]

    def of(self, names: Collection[str]) -> Recorded:
        """Return the node of some of the fields."""
        parts = tuple(part for part in self.parts if part[0] in names)
        return Recorded(Record, self.name, parts)

    def initial(self) -> tuple[Any, ...]:
        """Return what is kept before any event."""
        return tuple(node.initial() for _, node in self.parts)

    def shown(self, kept: tuple[Any, ...]) -> Record:
        """Return what people get of what is kept."""
        return recorded(self._made, self, kept)

    def state(self, kept: Any) -> Any:
        """Return what a fold has for what is kept."""
        return recorded(self._made, self, kept)

    def kept(self, state: Any) -> Any:
        """Return what is kept in what a fold has."""
        return tree_of(state, Record)

    def is_same(self, one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
        """Check whether people get the same of both."""
        rows = zip(self.parts, one, other, strict=True)
        return all(a is b or node.is_same(a, b) for (_, node), a, b in rows)

    def routes(self, cls: type) -> Iterator[Route]:
        """Yield the routes to the leaves that read a payload class."""
        for name, node in self.parts:
            for leaf, steps in node.routes(cls):
                yield leaf, (name, *steps)

    def get(self, kept: tuple[Any, ...], path: Path) -> Any:
        """Return what is kept at a path."""
        place = self.places[path[0]]
        return self.parts[place][1].get(kept[place], path[1:])

    def put(self, kept: tuple[Any, ...], path: Path, value: Any) -> Any:
        """Return what is kept with something else at a path."""
        place = self.places[path[0]]
        part = self.parts[place][1].put(kept[place], path[1:], value)
        return *kept[:place], part, *kept[place + 1 :]

    def built(self, pairs: Sequence[tuple[Path, Any]]) -> tuple[Any, ...]:
        """Return what is kept, of what is at each path."""
        by_name: dict[str, list[tuple[Path, Any]]] = {}
        for path, value in pairs:
            by_name.setdefault(path[0], []).append((path[1:], value))
        return tuple(node.built(by_name.get(name, [])) for name, node in self.parts)

    def unit(self, path: Path) -> tuple[int, bool]:
        """Return how much of a path leads to its first key, and whether it has one."""
        length, has_key = self.node(path[0]).unit(path[1:])
        return length + 1, has_key

    def joined(self, one: Any, other: Any) -> Any:
        """Return what is kept by two that have no key in common; else that of one."""
        rows = zip(self.parts, one, other, strict=True)
        return tuple(node.joined(*pair) for (_, node), *pair in rows)


_NO_KEYS: SharedMap[Any, Any] = SharedMap()
_NONE: Any = object()


def tree_of(state: Any, cls: type[MappedState | Record | ByKey[Any]]) -> Any:
    """Return what is kept in a state of a composition.

    Raises:
        ProjectionError: The state is of another class.
    """
    if not isinstance(state, cls):
        problem = "is not a state of this composition: begin with its initial()"
        raise ProjectionError(state, f"{problem}, or ask for fold(events)")
    tree: Any = state._tree
    return tree
