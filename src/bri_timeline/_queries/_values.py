"""The values that something can have, with their bounds."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from decimal import Decimal
from functools import lru_cache
from numbers import Rational
from operator import attrgetter
from typing import Any, Generic, TypeVar

import attrs
from attrs import field, frozen

from bri_timeline._answer import Answer
from bri_timeline._queries._notebook import change_words, value_words
from bri_timeline._text import AsDict, Sheet, Tabular, counted, value_text
from bri_timeline.errors import ProjectionError, shown
from bri_timeline.measures import DistinctCount


__all__ = ["Distinct", "Outcomes", "States", "together"]


S = TypeVar("S")
V = TypeVar("V")
_MOST_CLASSES = 1 << 10
_NUMBERS = (int, float, Decimal, Rational)


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


@frozen
class Outcomes(AsDict, Tabular, Generic[V]):
    """The values consistent with the dates.

    Attributes:
        values: A tuple of different values, the certain one first.
        complete: True if these are all values. If there were too many orders to try,
            each value here is possible, and there may be others.
        sampled: The number of orders drawn at random in that case.
        low: The least value, if values are numbers; None if it is not known. Of a
            measure it is exact, however many events are undecided: also where *values*
            are too many to be listed, and *complete* is false. The value None, as of
            `latest()` before the first, is passed over.
        high: The greatest value, likewise.
    """

    values: tuple[V, ...]
    complete: bool
    sampled: int = 0
    low: V | None = field()
    high: V | None = field()

    @low.default
    def _least(self) -> V | None:
        return _extreme(min, self.values) if self.complete else None

    @high.default
    def _greatest(self) -> V | None:
        return _extreme(max, self.values) if self.complete else None

    @property
    def certain(self) -> V:
        """The value in the certain state."""
        return self.values[0]

    @property
    def bounded(self) -> bool:
        """True if `at_least()` and `at_most()` are exact.

        They are if the values are complete, and for every measure whose bounds are
        known. `holds()` is exact if the values are complete.
        """
        return self.complete or self.low is not None

    def at_least(self, least: Any) -> Answer:
        """Return whether the value is at least *least*; None is not.

        MAYBE if some values are and others are not; also if that is not known, which
        `bounded` tells apart.
        """
        if self.complete or self.low is None:
            return self.holds(lambda value: value is not None and value >= least)
        return _whether(self.low >= least, self.high >= least)

    def at_most(self, most: Any) -> Answer:
        """Return whether the value is at most *most*; None is not.

        MAYBE if some values are and others are not; also if that is not known, which
        `bounded` tells apart.
        """
        if self.complete or self.low is None:
            return self.holds(lambda value: value is not None and value <= most)
        return _whether(self.low <= most, self.high <= most)

    def holds(self, predicate: Callable[[V], bool]) -> Answer:
        """Return whether a predicate is true of the value.

        MAYBE if it is true of some values and false of others; also if the values are
        not complete, since there may be others.

        Args:
            predicate: A function of a value.

        Raises:
            ProjectionError: *predicate* is not a function.
        """
        if not callable(predicate):
            remedy = f"write holds(lambda value: value == {shown(predicate)})"
            raise ProjectionError(predicate, f"is not a function of a value: {remedy}")
        if not self.complete:
            return Answer.MAYBE
        return _whether(*(bool(predicate(value)) for value in self.values))

    def __str__(self) -> str:
        if not self.complete and self.low is not None:
            bounds = f"from {value_text(self.low)} to {value_text(self.high)}"
            return f"{bounds} (too many values to list)"
        text = " or ".join(map(value_text, self.values))
        if self.complete:
            return text
        drawn = f"; {self.sampled} drawn at random" if self.sampled else ""
        return f"{text} (not all outcomes were tried{drawn})"

    def _sheet(self) -> Sheet:
        first, *others = self.values
        rows = [("certain", value_words(first))]
        rows += [("possible", change_words(first, other)) for other in others]
        if self.low is not None:
            rows += [("from", value_words(self.low)), ("to", value_words(self.high))]
        count = counted(len(self.values), "value")
        more = "" if self.complete else "; there may be others"
        return Sheet(f"{count}{more}", rows, len(rows))


def together(found: Sequence[Outcomes[Any]], *, are_all: bool) -> Outcomes[Any]:
    """Return the outcomes under several assumptions, of which one holds.

    Args:
        found: The outcomes under each.
        are_all: These are all assumptions that can hold.
    """
    values: Distinct[Any] = Distinct()
    for one in found:
        for value in one.values:
            values.add(value)
    if are_all and all(one.complete for one in found):
        return Outcomes(tuple(values.items), complete=True)
    lows: list[Any] = [one.low for one in found]
    highs: list[Any] = [one.high for one in found]
    sampled = sum(one.sampled for one in found)
    is_known = are_all and None not in (*lows, *highs)
    return Outcomes(
        tuple(values.items),
        complete=False,
        sampled=sampled,
        low=min(lows) if is_known else None,
        high=max(highs) if is_known else None,
    )


def _whether(*found: bool) -> Answer:
    """Return the answer of which these are the possible truths."""
    if len(set(found)) > 1:
        return Answer.MAYBE
    return Answer.YES if found[0] else Answer.NO


def _extreme(pick: Callable[..., Any], values: Iterable[Any]) -> Any:
    """Return the least or the greatest number; None if not all values are numbers."""
    known = [value for value in values if value is not None]
    are_numbers = all(isinstance(value, _NUMBERS) for value in known)
    # A NaN is neither less nor greater than any number.
    if not are_numbers or any(value != value for value in known):
        return None
    return pick(known, default=None)
