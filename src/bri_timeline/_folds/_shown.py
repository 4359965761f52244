"""The states of compositions: records and states by key, and what a fold keeps."""

from __future__ import annotations

import copy
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import cached_property
from operator import itemgetter
from typing import Any, ClassVar, NoReturn, Protocol, TypeVar

from bri_timeline._folds._list import FrozenList
from bri_timeline._folds._map import SharedMap
from bri_timeline._projection import is_hashable


K = TypeVar("K", bound=Hashable)
S = TypeVar("S")


class Shows(Protocol):
    """Shows to people what a fold keeps."""

    def initial(self) -> Any:
        """Return what is kept before any event."""

    def shown(self, kept: Any, /) -> Any:
        """Return what people get."""

    def is_same(self, one: Any, other: Any, /) -> bool:
        """Check whether people get the same of both."""


class MappedState:
    """The state of a composition that shows less than it keeps, as a fold has it.

    It equals what people get of it, or of another.

    Args:
        node: Shows it.
        tree: What is kept.
    """

    __slots__ = ("_tree", "node")
    _is_hashable = True  # nothing changes it: people get copies of what they might

    node: Shows
    _tree: Any

    def __init__(self, node: Shows, tree: Any) -> None:
        self.node = node
        self._tree = tree

    @property
    def shown(self) -> Any:
        """The state that people get."""
        return self.node.shown(self._tree)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, MappedState):
            return self._tree is other._tree or self.node.is_same(
                self._tree, other._tree
            )
        return bool(self.shown == other)

    def __hash__(self) -> int:
        return hash(self.shown)

    def __repr__(self) -> str:
        return repr(self.shown)

    def __reduce__(self) -> tuple[object, ...]:
        return MappedState, (self.node, self._tree)


def unshared(state: S) -> S:
    """Return a state that may be given away: a copy, if it could be changed."""
    return state if is_hashable(state) else copy.deepcopy(state)


class ShowsFields(Shows, Protocol):
    """Shows several fields."""

    @property
    def parts(self) -> tuple[tuple[str, Shows], ...]:
        """The names of the fields, and what shows each."""

    @property
    def places(self) -> dict[str, int]:
        """The place of each field."""


class Record:
    """A frozen record: the state of a composition of several parts.

    Derive a class from it to give the parts types, and to add properties that follow
    from them: each is computed when it is read, once for each state.

    Two are equal if they are of one class, have the same name and parties, and equal
    fields.

    Args:
        fields: The fields, of one that no fold has made.

    Attributes:
        parties: Those that the composition is for; empty without any.
    """

    _is_hashable = True
    # Whether `record()` made the class.
    _is_made: ClassVar[bool] = False
    # What is told of a state, in this order. A class may say it itself.
    _fields: ClassVar[tuple[str, ...]] = ()
    parties: frozenset[str] = frozenset()

    def __init__(self, **fields: Any) -> None:
        self.__dict__.update(fields)
        if not self._fields:
            names = tuple(name for name in fields if name != "parties")
            self.__dict__["_fields"] = names

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        for name, value in list(vars(cls).items()):
            if isinstance(value, property) and value.fget is not None:
                once = cached_property[Any](value.fget)
                once.__set_name__(cls, name)
                setattr(cls, name, once)

    def __getattr__(self, name: str) -> Any:
        """Return a field, which is shown at its first use."""
        hidden = self.__dict__
        node: ShowsFields | None = hidden.get("_node") or hidden.get("_noted")
        place = None if node is None else node.places.get(name)
        if node is None or place is None:
            has = f"{type(self).__name__}, which has {', '.join(self._fields)}"
            msg = f"{name!r} is not a field of {has}"
            raise AttributeError(msg)
        if "_names" in hidden:
            hidden["_names"].add(name)
        kept = (hidden.get("_tree") or hidden["_parts"])[place]
        value = node.parts[place][1].shown(kept)
        # What people could change is theirs: who reads it again gets another.
        if value is kept or is_hashable(value):
            self.__dict__[name] = value
        return value

    def __setattr__(self, name: str, value: object) -> NoReturn:
        msg = f"a record cannot change: {name!r} is not set"
        raise AttributeError(msg)

    def __delattr__(self, name: str) -> NoReturn:
        msg = f"a record cannot change: {name!r} is not deleted"
        raise AttributeError(msg)

    def __dir__(self) -> Iterable[str]:
        return [*super().__dir__(), *self._fields]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Record) or _title(self) != _title(other):
            return NotImplemented
        node, its = self.__dict__.get("_node"), other.__dict__.get("_node")
        if node is not None and (node is its or node == its):
            return self.parties == other.parties and bool(
                node.is_same(self._tree, other._tree)
            )
        names = dict.fromkeys((*self._fields, "parties"))
        return all(getattr(self, name) == getattr(other, name) for name in names)

    def __hash__(self) -> int:
        sizes = (getattr(self, name) for name in sorted(self._fields))
        # To hash a state of many events would take longer than to fold them.
        return hash((*(len(s) if hasattr(s, "__len__") else s for s in sizes),))

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={getattr(self, name)!r}" for name in self._fields)
        return f"{type(self).__name__}({fields})"

    def __reduce__(self) -> str | tuple[object, ...]:
        if "_node" not in self.__dict__:
            return super().__reduce__()
        return _of_tree, (self._node, self._tree, self.parties)


def recorded(cls: type[Record], node: ShowsFields, tree: tuple[Any, ...]) -> Record:
    """Return a record of what a node keeps."""
    made = object.__new__(cls)
    made.__dict__.update(_node=node, _tree=tree)
    return made


def following(record: S, before: object) -> S:
    """Return a record that shows the very objects of another where both keep the same.

    Who shows many states in turn need not look at what has not changed.
    """
    if isinstance(record, Record) and isinstance(before, Record):
        hidden, shown = record.__dict__, before.__dict__
        tree, old = record._tree, before._tree
        if len(shown) > _LEAST:
            for place, name in enumerate(record._node.places):
                if tree[place] is old[place] and name in shown:
                    hidden[name] = shown[name]
    return record


# What each record has, whether or not something of it was read.
_LEAST = len(("_node", "_tree", "parties"))


def noting(record: Any, names: set[str]) -> Any:
    """Return a record that notes which of its fields are read, into a set."""
    made = object.__new__(type(record))
    hidden = {"_noted": record._node, "_parts": record._tree, "_names": names}
    made.__dict__.update(hidden, parties=record.parties)
    return made


def for_parties(state: S, parties: frozenset[str]) -> S:
    """Return a state that says for whom it is, if it is a record."""
    if parties and isinstance(state, Record):
        state.__dict__["parties"] = parties
    return state


def _of_tree(node: ShowsFields, tree: Any, parties: frozenset[str]) -> Any:
    return for_parties(node.shown(tree), parties)


def _title(record: Record) -> tuple[object, ...]:
    """Return what records that may be equal have in common."""
    cls = type(record)
    declared = cls.__mro__[1] if cls._is_made else cls
    return declared, cls.__name__, frozenset(record._fields)


class ByKey(Mapping[K, Any]):
    """The states of many keys, each of which differs from that before any event.

    It is immutable, and iterates in the order of the keys, or of their texts where
    these do not compare.

    Args:
        node: Shows the state of a key.
        tree: What is kept of each.
    """

    __slots__ = ("_found", "_node", "_tree")
    _is_hashable = True

    def __init__(self, node: Shows, tree: SharedMap[K, Any]) -> None:
        self._node = node
        self._tree = tree

    @property
    def _keys(self) -> list[K]:
        """The keys, in their order: found at the first use."""
        try:
            return self._found
        except AttributeError:
            pass
        same, first = self._node.is_same, self._node.initial()
        keys = [key for key, kept in self._tree.items() if not same(kept, first)]
        self._found: list[K] = in_order(keys)
        return self._found

    def __getitem__(self, key: K) -> Any:
        kept = self._tree[key]
        if self._node.is_same(kept, self._node.initial()):
            raise KeyError(key)
        return self._node.shown(kept)

    def __iter__(self) -> Iterator[K]:
        return iter(self._keys)

    def __len__(self) -> int:
        # Most who ask how many there are do not ask which.
        same, first = self._node.is_same, self._node.initial()
        kept = dict(self._tree.items()).values()
        return len(kept) - sum(same(one, first) for one in kept)

    def listed(
        self, before: object, pairs: FrozenList[tuple[object, Any]]
    ) -> FrozenList[tuple[object, Any]]:
        """Return the states in the order of the texts of their keys, each with that.

        Args:
            before: Another mapping, if one of its kind is at hand.
            pairs: Its list: what this one shares with it is not looked at.
        """
        if not isinstance(before, ByKey) or before._node != self._node:
            every = ((_text(key), state) for key, state in self.items())
            return FrozenList(sorted(every, key=_FIRST))
        for key in self._tree.differing(before._tree):
            text = _text(key)
            if key in before:
                pairs = pairs.without((text, None), _FIRST)
            if key in self:
                pairs = pairs.inserted((text, self[key]), _FIRST)
        return pairs

    def __eq__(self, other: object) -> bool:
        if isinstance(other, ByKey) and other._node == self._node:
            return same_by_key(self._node, self._tree, other._tree)
        return dict(self) == other if isinstance(other, Mapping) else NotImplemented

    def __hash__(self) -> int:
        return hash(frozenset(self.items()))

    def __repr__(self) -> str:
        return repr(dict(self))

    def __reduce__(self) -> tuple[object, ...]:
        return ByKey, (self._node, self._tree)


def same_by_key(node: Shows, one: SharedMap[K, Any], other: SharedMap[K, Any]) -> bool:
    """Check whether people get the same of what is kept by key."""
    first = node.initial()
    return one is other or all(
        node.is_same(one.get(key, first), other.get(key, first))
        for key in one.differing(other)
    )


def in_order(keys: Iterable[K]) -> list[K]:
    """Return keys in their order, or in that of their texts if they do not compare."""
    every: list[Any] = [*keys]
    if not any(map(_has_sets, every)):
        # Keys of classes that do not compare say so in their ways.
        with suppress(Exception):
            return sorted(every)
    return sorted(every, key=_text)


def _has_sets(key: object) -> bool:
    # Of two sets none may be less: sorting them says nothing.
    if isinstance(key, tuple):
        return any(map(_has_sets, key))
    return isinstance(key, frozenset)


def _text(key: object) -> tuple[str, ...]:
    if type(key) is str:  # as most are
        return key, "str"
    if isinstance(key, frozenset):
        return tuple(sorted(map(str, key)))
    if isinstance(key, tuple):
        return tuple(text for part in key for text in (*_text(part), ""))
    return str(key), type(key).__name__


# What orders the pairs of a list of states by key.
_FIRST = itemgetter(0)


def is_composed(state: object) -> bool:
    """Check whether a state is that of a composition."""
    return isinstance(state, MappedState | Record | ByKey)


def kept_in(state: Any) -> Any:
    """Return what a fold keeps in a state of a composition, also if it is not shown."""
    return state._tree if is_composed(state) else state


def content_of(state: Any, of: Callable[[Any], Hashable]) -> Hashable:
    """Return what tells a state of a composition from others, also if it is not shown.

    Args:
        state: The state.
        of: Returns the same of the state of a part.
    """

    def content(tree: Any) -> Hashable:
        if isinstance(tree, SharedMap):
            return frozenset((key, content(kept)) for key, kept in tree.items())
        return tuple(map(content, tree)) if type(tree) is tuple else of(tree)

    return content(state._tree)
