"""Different values, in the order in which they are met."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import lru_cache
from operator import attrgetter
from typing import Generic, TypeVar

import attrs

from bri_timeline.measures import DistinctCount


__all__ = ["Distinct", "States"]

S = TypeVar("S")
_MOST_CLASSES = 1 << 10


class Distinct(Generic[S]):
    """Different values in order of arrival, hashable or not."""

    def __init__(self) -> None:
        self.items: list[S] = []
        self._seen: set[Hashable] = set()
        self._unhashable: list[object] = []

    def add(self, item: S) -> None:
        content = self.content(item)
        try:
            new = content not in self._seen
            if new:
                self._seen.add(content)
        # Not `isinstance(content, Hashable)`: a tuple of lists passes that.
        except TypeError:
            new = content not in self._unhashable
            if new:
                self._unhashable.append(content)
        if new:
            self.items.append(item)

    def content(self, item: S) -> Hashable:
        """Return what distinguishes an item from others."""
        return item


class States(Distinct[S]):
    """Different states, including those that differ only in fields not compared.

    A state may exclude a field from its equality and use it for a later event. Two such
    states are equal now and may differ after that event, so both are followed.
    """

    def content(self, item: S) -> Hashable:
        """Return the state with the fields that its equality leaves out."""
        hidden = _hidden(type(item))
        return item if hidden is None else (item, hidden(item))


def _hidden_fields(cls: type) -> Callable[[object], object] | None:
    """Return a getter of the fields that a class does not compare; None if none."""
    if issubclass(cls, DistinctCount):
        return attrgetter("seen")
    if attrs.has(cls):
        names = [field.name for field in attrs.fields(cls) if not field.eq]
    else:
        fields = getattr(cls, "__dataclass_fields__", {})
        names = [name for name, field in fields.items() if not field.compare]
    return attrgetter(*names) if names else None


_hidden: Callable[[type], Callable[[object], object] | None]
_hidden = lru_cache(_MOST_CLASSES)(_hidden_fields)
