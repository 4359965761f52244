"""The states of compositions: records and states by key, and what a fold keeps."""

from __future__ import annotations

import copy
from collections.abc import Hashable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, NoReturn, Protocol, TypeVar

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


class Kept:
    """A state as a fold keeps it. It equals what people get of it, or of another.

    Args:
        node: Shows it.
        tree: What is kept.
    """

    __slots__ = ("_shown", "node", "tree")
    _is_hashable = True  # nothing changes it: people get copies of what they might

    node: Shows
    tree: Any
    _shown: Any

    def __init__(self, node: Shows, tree: Any) -> None:
        self.node = node
        self.tree = tree

    @property
    def shown(self) -> Any:
        """The state that people get: made at the first use."""
        try:
            return self._shown
        except AttributeError:
            self._shown = self.node.shown(self.tree)
            return self._shown

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Kept):
            return self.tree is other.tree or self.node.is_same(self.tree, other.tree)
        return bool(self.shown == other)

    def __hash__(self) -> int:
        return hash(self.shown)

    def __repr__(self) -> str:
        return repr(self.shown)

    def __reduce__(self) -> tuple[object, ...]:
        return Kept, (self.node, self.tree)


def unshared(state: S) -> S:
    """Return a state that may be given away: a copy, if it could be changed."""
    return state if is_hashable(state) else copy.deepcopy(state)


class Record:
    """A frozen record: the state of a composition of several parts.

    Derive a class from it to give the parts types, and to add properties that follow
    from them: each is computed when it is read, once for each state.

    Two are equal if they are of one class, have the same name and equal fields.
    """

    _is_hashable = True
    _name: str
    _parts: Mapping[str, tuple[Shows, Any]]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        for name, value in list(vars(cls).items()):
            if isinstance(value, property) and value.fget is not None:
                once = cached_property[Any](value.fget)
                once.__set_name__(cls, name)
                setattr(cls, name, once)

    def __getattr__(self, name: str) -> Any:
        """Return a field, which is shown at its first use."""
        parts = self.__dict__.get("_parts", {})
        if name not in parts:
            names = ", ".join(parts)
            msg = f"{name!r} is not a field of {type(self).__name__}: it has {names}"
            raise AttributeError(msg)
        node, kept = parts[name]
        value = self.__dict__[name] = node.shown(kept)
        return value

    def __setattr__(self, name: str, value: object) -> NoReturn:
        msg = f"a record cannot change: {name!r} is not set"
        raise AttributeError(msg)

    def __delattr__(self, name: str) -> NoReturn:
        msg = f"a record cannot change: {name!r} is not deleted"
        raise AttributeError(msg)

    def __dir__(self) -> Iterable[str]:
        return [*super().__dir__(), *self._parts]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Record) or type(other) is not type(self):
            return NotImplemented
        mine, theirs = self._parts, other._parts
        return (
            self._name == other._name
            and [*mine] == [*theirs]
            and all(mine[n][0].is_same(mine[n][1], theirs[n][1]) for n in mine)
        )

    def __hash__(self) -> int:
        sizes = (getattr(self, name) for name in self._parts)
        # To hash a state of many events would take longer than to fold them.
        return hash(
            (self._name, *(len(s) if hasattr(s, "__len__") else s for s in sizes))
        )

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={getattr(self, name)!r}" for name in self._parts)
        return f"{self._name}({fields})"

    def __reduce__(self) -> tuple[object, ...]:
        return recorded, (type(self), self._name, dict(self._parts))


def recorded(
    cls: type[Record], name: str, parts: Mapping[str, tuple[Shows, Any]]
) -> Record:
    """Return a record of what is kept of each field, with what shows it."""
    made = object.__new__(cls)
    made.__dict__.update(_name=name, _parts=parts)
    return made


class ByKey(Mapping[K, Any]):
    """The states of many keys, each of which differs from that before any event.

    It is immutable, and iterates in the order of the keys, or of their texts where
    these do not compare.

    Args:
        node: Shows the state of a key.
        kept: What is kept of each.
    """

    __slots__ = ("_kept", "_node", "_states")
    _is_hashable = True

    def __init__(self, node: Shows, kept: SharedMap[K, Any]) -> None:
        self._node = node
        self._kept = kept

    @property
    def _all(self) -> dict[K, Any]:
        """All states, in their order: made at the first use."""
        try:
            return self._states
        except AttributeError:
            node, first = self._node, self._node.initial()
            states = {
                key: node.shown(kept)
                for key, kept in self._kept.items()
                if not node.is_same(kept, first)
            }
            self._states: dict[K, Any] = {key: states[key] for key in in_order(states)}
            return self._states

    def __getitem__(self, key: K) -> Any:
        kept = self._kept[key]
        if self._node.is_same(kept, self._node.initial()):
            raise KeyError(key)
        return self._node.shown(kept)

    def __iter__(self) -> Iterator[K]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, ByKey) and other._node == self._node:
            return same_by_key(self._node, self._kept, other._kept)
        return dict(self) == other if isinstance(other, Mapping) else NotImplemented

    def __hash__(self) -> int:
        return hash(frozenset(self._all.items()))

    def __repr__(self) -> str:
        return repr(self._all)

    def __reduce__(self) -> tuple[object, ...]:
        return ByKey, (self._node, self._kept)


def same_by_key(node: Shows, one: SharedMap[K, Any], other: SharedMap[K, Any]) -> bool:
    """Check whether people get the same of what is kept by key."""
    first = node.initial()
    return one is other or all(
        node.is_same(one.get(key, first), other.get(key, first))
        for key in one.differing(other)
    )


def in_order(keys: Iterable[K]) -> list[K]:
    """Return keys in their order, or in that of their texts if they do not compare."""
    every = [*keys]
    if not any(map(_has_sets, every)):
        try:
            return sorted(every)  # type: ignore[type-var]
        except TypeError:
            pass
    return sorted(every, key=_text)


def _has_sets(key: object) -> bool:
    # Of two sets none may be less: sorting them says nothing.
    if isinstance(key, tuple):
        return any(map(_has_sets, key))
    return isinstance(key, frozenset)


def _text(key: object) -> tuple[str, ...]:
    if isinstance(key, frozenset):
        return tuple(sorted(map(str, key)))
    if isinstance(key, tuple):
        return tuple(text for part in key for text in (*_text(part), ""))
    return str(key), type(key).__name__
