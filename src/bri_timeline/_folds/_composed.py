"""Compositions: projections that are made of others."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from functools import cached_property
from inspect import signature
from typing import Any, TypeVar, cast, overload

from attrs import field, frozen

from bri_timeline._events import Event
from bri_timeline._folds._list import FrozenList
from bri_timeline._folds._nodes import (
    Keyed,
    Leaf,
    Mapped,
    Node,
    OfEvent,
    Only,
    Path,
    Recorded,
)
from bri_timeline._folds._shown import MappedState, Record
from bri_timeline._folds._ways import Known, Ways
from bri_timeline._lasting import lasts
from bri_timeline._payload import fields_of_kind
from bri_timeline._projection import (
    Projection,
    party_ids,
    require_function,
    require_projection,
)
from bri_timeline.errors import ProjectionError, shown


R = TypeVar("R", bound=Record)
S = TypeVar("S")
T = TypeVar("T")
_OfEvent = Callable[[Event], object]
Where = _OfEvent | Callable[[Event, frozenset[str]], object]
By = str | tuple[str, ...] | _OfEvent


# --- folding --------------------------------------------------------------------------


@frozen
class _Opening(Ways):
    """Returns the state before any event. Equal for equal compositions."""

    def __call__(self) -> Any:
        return self.state(self.node.initial())


@frozen
class _Following(Ways):
    """Returns the state after an event. Equal for equal compositions."""

    def __call__(self, state: Any, event: Event) -> Any:
        return self.after(state, event, lambda leaf: leaf.projection.evolve)


@frozen
class _Closing(Ways):
    """Returns the state after the end of an event. Equal for equal compositions."""

    def __call__(self, state: Any, event: Event) -> Any:
        return self.after(state, event, lambda leaf: leaf.projection.ends)


@frozen(repr=False, eq=False)
class Composed(Projection[S]):
    """A projection that is made of others. Two of equal parts are equal.

    Made by the functions of `bri_timeline.folds`. Its parts do not see each other, and
    each gets the events that it reads, once, in fold order.
    """

    node: Node = field(kw_only=True)

    @classmethod
    def of(
        cls, node: Node, parties: Iterable[str] = (), name: str | None = None
    ) -> Composed[Any]:
        """Return the composition of a node."""
        ways = node, party_ids(parties), Known()
        ends = any(leaf.projection.ends is not None for leaf in node.leaves())
        return cls(
            _Opening(*ways),
            _Following(*ways),
            reads=node.reads,
            parties=parties,
            ends=_Closing(*ways) if ends else None,
            name=name or _text(node),
            node=node,
        )

    @property
    def ways(self) -> Ways:
        """The ways that events take through it."""
        return cast("Ways", self.evolve)

    def fold(self, events: Iterable[Event]) -> S:
        """Return the state after *events*, taken in the order given.

        As `Projection.fold()` does; of a composition the state is as it is shown.
        """
        state = super().fold(events)
        return state.shown if isinstance(state, MappedState) else state

    def among(self, *parties: str) -> Composed[S]:
        """Return the composition for some parties.

        Questions then pass it what concerns them, and `where` gets them.

        Args:
            parties: Ids of actors: `AZE`, `CHN`.
        """
        ways = self.node, party_ids(parties), self.ways.known
        # What leads through it is known for all parties at once.
        return Composed(
            _Opening(*ways),
            _Following(*ways),
            reads=self.reads,
            parties=parties,
            ends=_Closing(*ways) if self.ends else None,
            name=f"{self.name}({', '.join(map(repr, sorted(ways[1])))})",
            node=self.node,
        )

    def part(self, *path: Hashable) -> Projection[Any]:
        """Return the projection of one of its parts.

        It gets what reaches that part only, so that its bounds are those of the part:
        what cannot reach it is not tried.

        Args:
            path: A field, then a key of it, and so on: `"positions", ("AZE", "rail")`.

        Raises:
            ProjectionError: It has not such a part; the message lists those there are.
        """
        node, whole, where = self.node, self.node, "the composition"
        for name in path:
            while isinstance(node, Only):
                node = node.inner
            if isinstance(node, Recorded):
                names = [part for part, _ in node.parts]
                if name not in names:
                    problem = f"is not a field of {node.name}, which has "
                    raise ProjectionError(name, problem + ", ".join(names))
                node = node.node(str(name))
            elif isinstance(node, Keyed):
                node = node.inner
            else:
                problem = f"leads nowhere: {where} has no parts"
                raise ProjectionError(name, problem)
            where = shown(name)
        if not path:
            return self
        check_hash(path)
        measure: Any = node.projection if isinstance(node, Leaf) else None
        if hasattr(measure, "of_those"):
            # Its bounds are exact, and it can be computed on columns.
            reaching = Reaching(whole, path, self.parties, measure.where)
            part: Projection[Any] = measure.of_those(reaching, self.parties)
            return part
        return Composed.of(Only(node, whole, path), self.parties)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Composed):
            return NotImplemented
        return self.node == other.node and self.parties == other.parties

    def __hash__(self) -> int:
        return hash((self.node, self.parties))

    def __repr__(self) -> str:
        return f"<projection {self.name}>"

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle the parts of a composition."""
        return Composed.of, (self.node, self.parties, self.name)


@frozen
class Reaching:
    """Returns whether an event reaches a part of a composition, and is taken there."""

    whole: Node
    path: Path
    parties: frozenset[str]
    where: _OfEvent | None

    @property
    def __name__(self) -> str:
        return f"part({', '.join(map(repr, self.path))})"

    @cached_property
    def _whole(self) -> Ways:
        return Ways(self.whole, self.parties, Known())

    def __call__(self, event: Event) -> bool:
        start, length = self.path, len(self.path)
        is_there = any(path[:length] == start for _, path in self._whole.paths(event))
        return is_there and (self.where is None or bool(self.where(event)))


# --- declaring ------------------------------------------------------------------------


@overload
def record(cls: type[R], /, **parts: Projection[Any]) -> Composed[R]: ...
@overload
def record(cls: str, /, **parts: Projection[Any]) -> Composed[Record]: ...
def record(cls: type[R] | str, /, **parts: Projection[Any]) -> Composed[Any]:
    """Return the composition of several parts, each under a name.

    Its state is a frozen record: `record("World", pledges=count(Pledged))` has a state
    with the field `pledges`.

    Args:
        cls: The name of the record; or a class derived from `Record`, of which the
            properties follow from the fields.
        parts: The parts, in the order of the fields.

    Raises:
        ProjectionError: A part is not a projection, or names its parties; none is
            given; or the class is not derived from `Record`.
    """
    if isinstance(cls, str):
        made: type[Record] = Record
        name = cls
    elif isinstance(cls, type) and issubclass(cls, Record):
        made, name = cls, cls.__name__
    else:
        problem = "is neither the name of a record nor derived from Record"
        raise ProjectionError(cls, f'{problem}: write record("World", ...)')
    if not parts:
        problem = "has no parts: write record("
        raise ProjectionError(name, f"{problem}{name!r}, visits=listing(Visited))")
    for part in parts:
        if part.startswith("_") or hasattr(Record, part):
            problem = "is not the name of a field: it begins with _, or a record has it"
            raise ProjectionError(part, f"{problem} already")
    nodes = tuple((part, _node(given)) for part, given in parts.items())
    return Composed.of(Recorded(made, name, nodes))


def keyed(
    part: Projection[S], /, by: By | None = None, *, each: By | None = None
) -> Composed[Mapping[Hashable, S]]:
    """Return the composition of the states of a part by key.

    Its state is a frozen mapping. A key is there while its state differs from that
    before any event.

    Args:
        part: The part.
        by: The key of an event: the name of a field, a tuple of names, or a function of
            the event. None is not a key.
        each: The same in place of *by*, where it gives a collection of keys.

    Raises:
        ProjectionError: The part is not a projection, or names its parties; not just
            one of *by* and *each* is given; or a kind that the part reads lacks the
            field. While folding: a key has no hash.
    """
    given = by if each is None else each
    if given is None or (by is not None and each is not None):
        problem = "is not by what states are kept: give by= or each="
        raise ProjectionError((by, each), problem)
    node = _node(part)
    names = (given,) if isinstance(given, str) else given
    if not callable(names):
        if not isinstance(names, tuple) or not names:
            problem = "is not a key: give a field, a tuple of fields, or a function"
            raise ProjectionError(given, problem)
        if node.reads is None:
            problem = "are fields, and the part reads events of any kind: give by="
            raise ProjectionError(given, f"{problem} a function of the event")
        for name in names:
            for kind in node.reads:
                _check_field(name, kind)
    return Composed.of(Keyed(node, given, each is not None))


def mapped(part: Projection[S], function: Callable[[S], T], /) -> Composed[T]:
    """Return a composition that shows a function of the state of a part.

    What the part keeps is not shown: two states are equal if what is shown is.

    Args:
        part: The part.
        function: A pure function of its state.

    Raises:
        ProjectionError: The part is not a projection, or names its parties; or the
            other is not a function.
    """
    node = _node(part)
    require_function(function, "function")
    return Composed.of(Mapped(node, function))


def listing(*kinds: type, where: Where | None = None) -> Composed[FrozenList[Event]]:
    """Return the composition that lists events in the order of their dates.

    Which of two of one day became certain first says nothing.

    Args:
        kinds: The payload classes that are listed; without any, all.
        where: A function of the event, or of it and the parties of the composition,
            that is true of those that are listed.

    Raises:
        ProjectionError: One of the kinds is not a class, or *where* not a function.
    """
    names = ", ".join(getattr(kind, "__name__", repr(kind)) for kind in kinds)
    fold = Projection[FrozenList[Event]](
        FrozenList, _listed, reads=kinds or None, name=f"listing({names})"
    )
    return Composed.of(Leaf(fold, _where(where), _unlisted, _listing))


def unordered(
    part: Projection[S],
    /,
    retract: Callable[[S, Event], S],
    *,
    where: Where | None = None,
) -> Composed[S]:
    """Return the composition of a part to which the order of events is nothing.

    What comes late, or no longer counts, is then taken into its state or out of it, and
    no other event is folded again. Counts, totals of whole numbers and listings are so
    already.

    Args:
        part: The part. `evolve(evolve(s, a), b) == evolve(evolve(s, b), a)`.
        retract: Returns the state without an event that is in it:
            `retract(evolve(s, a), a) == s`. It must not change the state.
        where: As for `listing()`.

    Raises:
        ProjectionError: The part is a composition or not a projection, names its
            parties, or has ends; or one of the others is not a function.
    """
    node = _node(part)
    if not isinstance(node, Leaf) or node.projection.ends is not None:
        problem = "is a composition, or has ends, of which the order matters"
        raise ProjectionError(part, f"{problem}: give a function of state and event")
    require_function(retract, "retract")
    return Composed.of(Leaf(node.projection, _where(where), retract))


def in_force(kind: type, *, where: Where | None = None) -> Composed[Event | None]:
    """Return the composition that says which fact of a kind is in force.

    It is the last begun in fold order that has not certainly ended. A fact that does
    not last holds until the next begins, and does not return; None if nothing holds.

    Args:
        kind: The payload class.
        where: As for `listing()`.

    Raises:
        ProjectionError: The kind is not a class, or *where* not a function.
    """
    name = f"in_force({getattr(kind, '__name__', repr(kind))})"
    fold = Projection[_InForce](_nothing, _begun, reads=kind, ends=_ended, name=name)
    return Composed.of(Mapped(Leaf(fold, _where(where)), _top), name=name)


# What lasts and has not ended, in the order in which it began; and what holds without.
_InForce = tuple[tuple[Event, ...], Event | None]


def _nothing() -> _InForce:
    return (), None


def _begun(held: _InForce, event: Event) -> _InForce:
    lasting = held[0]
    return ((*lasting, event), None) if lasts(event) else (lasting, event)


def _ended(held: _InForce, event: Event) -> _InForce:
    lasting, single = held
    if event not in lasting:
        return held
    place = lasting.index(event)
    return lasting[:place] + lasting[place + 1 :], single


def _top(held: _InForce) -> Event | None:
    lasting, single = held
    return lasting[-1] if single is None and lasting else single


def by_date(event: Event) -> tuple[tuple[float, float, str], str]:
    """Return the sort key of lists of events."""
    return event.when.sort_key(), event.id


def _listed(events: FrozenList[Event], event: Event) -> FrozenList[Event]:
    return events.inserted(event, by_date)


def _listing(events: Iterable[Event]) -> FrozenList[Event]:
    return FrozenList(sorted(events, key=by_date))


def _unlisted(events: FrozenList[Event], event: Event) -> FrozenList[Event]:
    return events.without(event, by_date)


# --- checking -------------------------------------------------------------------------


def _node(part: object) -> Node:
    """Return the node of a part.

    Raises:
        ProjectionError: It is not a projection, or it names its parties.
    """
    projection = require_projection(part)
    if projection.parties:
        problem = "names its parties, which belong to the whole composition"
        raise ProjectionError(part, f"{problem}: write record(...).among('AZE', 'CHN')")
    if isinstance(projection, Composed):
        return projection.node
    # The order of events is nothing to what is counted or added up.
    aggregate = getattr(projection, "aggregate", "latest")
    if aggregate != "latest" and projection.ends is None:
        return Leaf(projection, retract=_Without(projection))
    return Leaf(projection)


@frozen
class _Without:
    """Returns a count or a total without an event; `NotImplemented` if it cannot."""

    measure: Projection[Any]

    def __call__(self, state: Any, event: Event) -> Any:
        less = self.measure.evolve(self.measure.initial(), event)
        # A sum of fewer amounts may have fewer digits behind the point.
        return state - less if type(state) is type(less) is int else NotImplemented


def check_hash(path: Path) -> None:
    """Refuse a path of which a key has no hash.

    Raises:
        ProjectionError: It has none.
    """
    try:
        hash(path)
    except TypeError:
        problem = "has a key without a hash: give a tuple or a frozenset"
        raise ProjectionError(path, problem) from None


def _check_field(name: object, kind: type) -> None:
    if not isinstance(name, str):
        problem = "is not a key: give a field, a tuple of fields, or a function"
        raise ProjectionError(name, problem)
    names = fields_of_kind(kind)
    if names is not None and name not in names and callable(getattr(kind, name, len)):
        problem = f"is not a field of {kind.__name__}, which has {', '.join(names)}"
        raise ProjectionError(name, f"{problem}: give one of these, or a function")


def _where(given: Where | None) -> Callable[[Event, frozenset[str]], object] | None:
    """Return a condition as a function of an event and the parties.

    Raises:
        ProjectionError: It is not a function of one or both of these.
    """
    if given is None:
        return None
    if not callable(given):
        problem = "is not a function of the event: write where=lambda event: ..."
        raise ProjectionError(given, problem)
    try:
        signature(given).bind("an event")
    except TypeError:
        return cast("Callable[[Event, frozenset[str]], object]", given)
    except ValueError:  # some built-in functions have no signature
        pass
    return OfEvent(cast("_OfEvent", given))


def _text(node: Node) -> str:
    """Return what to call a composition."""
    if isinstance(node, Leaf):
        return node.projection.name
    if isinstance(node, Recorded):
        return node.name
    if isinstance(node, Keyed):
        return f"keyed({_text(node.inner)})"
    if isinstance(node, Mapped):
        return f"mapped({_text(node.inner)})"
    return f"{_text(node.whole)}.part({', '.join(map(repr, node.path))})"
