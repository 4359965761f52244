"""Values that something can have, with their bounds; values and changes in words."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence, Set, Sized
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from functools import lru_cache
from numbers import Rational, Real
from operator import attrgetter
from typing import Any, Generic, TypeVar

import attrs
from attrs import field, frozen

from bri_timeline._answer import Answer
from bri_timeline._events import Event, describe_event
from bri_timeline._folds import content_of, is_composed
from bri_timeline._order import Remembered
from bri_timeline._text import (
    AsDict,
    Sheet,
    Tabular,
    is_list,
    one_line,
    value_text,
)
from bri_timeline.errors import ProjectionError, counted, shown
from bri_timeline.measures import DistinctCount


__all__ = [
    "Distinct",
    "DistinctStates",
    "Outcomes",
    "Threshold",
    "change_words",
    "parts_of",
    "together",
    "value_words",
]


S = TypeVar("S")
V = TypeVar("V")
_MOST_CLASSES = 1 << 10
_NUMBERS = (int, float, Decimal, Rational)
# The longest text of a value, and the text before a difference that is kept.
_SHOWN = 72
_BEFORE = 24
# Beyond, changes within a mapping are counted only.
_MOST_KEYS = 3


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


class DistinctStates(Distinct[S]):
    """Different states, including those that differ only in fields not compared.

    A state may exclude a field from its equality and use it for a later event. Two such
    states are equal now and may differ after that event, so both are followed.
    """

    def content(self, item: S) -> Hashable:
        """Return the state with the fields that its equality leaves out."""
        if isinstance(item, Remembered):
            return self.content(item.state), item.facts
        if is_composed(item):
            return content_of(item, self.content)
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
class Threshold:
    """A condition of a value: at least a number, or at most.

    Attributes:
        value: The number.
        is_least: It is the least.
    """

    value: Any = field()
    is_least: bool

    @value.validator
    def _check(self, _attribute: object, value: Any) -> None:
        is_nan = value.is_nan() if isinstance(value, Decimal) else False
        if is_nan or (isinstance(value, Real) and value != value):
            problem = "is neither less nor greater than any value: give a number"
            raise ProjectionError(value, problem)

    def __call__(self, state: Any) -> bool:
        if state is None:  # no value is neither
            return False
        try:
            return bool(state >= self.value if self.is_least else state <= self.value)
        except TypeError:
            problem = f"cannot be compared with the value {shown(state)}"
            remedy = "ask by holds, with a function of the value"
            raise ProjectionError(self.value, f"{problem}: {remedy}") from None


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
        exact: False if *low* is a bound that no value need reach: of `distinct()` under
            rivals, where the least number takes too long to find.
    """

    values: tuple[V, ...]
    complete: bool
    sampled: int = 0
    low: V | None = field()
    high: V | None = field()
    exact: bool = True

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
        return self.complete or (self.low is not None and self.exact)

    def at_least(self, least: Any) -> Answer:
        """Return whether the value is at least *least*; None is not.

        MAYBE if some values are and others are not; also if that is not known, which
        `bounded` tells apart.

        Raises:
            ProjectionError: A value cannot be compared with it.
        """
        return self._meets(Threshold(least, is_least=True))

    def at_most(self, most: Any) -> Answer:
        """Return whether the value is at most *most*; None is not.

        MAYBE if some values are and others are not; also if that is not known, which
        `bounded` tells apart.

        Raises:
            ProjectionError: A value cannot be compared with it.
        """
        return self._meets(Threshold(most, is_least=False))

    def _meets(self, threshold: Threshold) -> Answer:
        if self.complete or self.low is None:
            return self.holds(threshold)
        return _whether(threshold(self.low), threshold(self.high))

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
            rest = "" if self.exact else "; the least may be more"
            return f"{bounds} (too many values to list{rest})"
        text = " or ".join(map(value_text, self.values))
        if self.complete:
            return text
        drawn = f"; {self.sampled} drawn at random" if self.sampled else ""
        return f"{text} (not all outcomes were tried{drawn})"

    def _sheet(self) -> Sheet:
        first, *rest = self.values
        rows = [("certain", value_words(first))]
        rows += [("possible", change_words(first, value)) for value in rest]
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
    for outcomes in found:
        for value in outcomes.values:
            values.add(value)
    if are_all and all(outcomes.complete for outcomes in found):
        return Outcomes(tuple(values.items), complete=True)
    lows: list[Any] = [outcomes.low for outcomes in found]
    highs: list[Any] = [outcomes.high for outcomes in found]
    sampled = sum(outcomes.sampled for outcomes in found)
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


def parts_of(state: object) -> dict[str, object] | None:
    """Return the named parts of a state; None of another value, such as a mapping.

    They are the fields of a class of attrs, a dataclass, a struct of msgspec or a named
    tuple, except for those whose name begins with an underscore.
    """
    cls = type(state)
    # An answer or an event is one value, whatever its fields are.
    if isinstance(state, type) or hasattr(cls, "_plain_data"):
        return None
    names: Iterable[str] = ()
    if attrs.has(cls):
        names = [part.name for part in attrs.fields(cls)]
    else:
        for fields in ("__dataclass_fields__", "_fields", "__struct_fields__"):
            names = names or getattr(cls, fields, ())
    return {n: getattr(state, n) for n in names if not n.startswith("_")} or None


def value_words(value: object) -> str:
    """Return a value of an answer in one line of some hundred letters at most.

    Of a state with named parts it gives those that hold something, of a collection what
    is in it.
    """
    parts = parts_of(value)
    if parts is not None and not isinstance(value, Enum):
        held = [f"{name} {_size(part)}" for name, part in parts.items() if _holds(part)]
        return one_line(f"{type(value).__name__}: {', '.join(held) or 'nothing yet'}")
    text = _item(value)
    if len(text) <= _SHOWN or not (isinstance(value, Set) or is_list(value)):
        return _short(text)
    return _some(f"{len(value):,}: ", [*map(_item, value)])


def change_words(before: object, after: object) -> str:
    """Return a change of a value in one line; its two sides never read the same.

    Of a state with named parts it names those that changed.
    """
    old, new = parts_of(before), parts_of(after)
    if old is not None and new is not None and type(before) is type(after):
        changes = [
            f"{name} {_part_change(old[name], new[name])}"
            for name in new
            if _differ(old[name], new[name])
        ]
        return one_line(", ".join(changes)) or "changed in a part that is not shown"
    texts = _item(before), _item(after)
    are_short = max(map(len, texts)) <= _SHOWN and texts[0] != texts[1]
    if not are_short and isinstance(before, Mapping) and isinstance(after, Mapping):
        return one_line(_mapping_change(before, after))
    if not are_short and _are_alike(before, after):
        return one_line(_items_change(_list(before), _list(after)))
    return _apart(*texts)


def _holds(part: object) -> bool:
    # A number is worth showing when it is 0, a collection is not when it is empty.
    return part is not None and not (isinstance(part, Sized) and len(part) == 0)


def _size(part: object) -> str:
    """Return a part of a state: the number of its items, or itself."""
    if isinstance(part, Sized) and not isinstance(part, str):
        items = [*part.items()] if isinstance(part, Mapping) else []
        if 0 < len(items) <= _MOST_KEYS and all(_is_atom(value) for _, value in items):
            return _short(
                "; ".join(f"{_key(key)} {_item(value)}" for key, value in items)
            )
        return f"{len(part):,}"
    return _short(_item(part))


def _is_atom(value: object) -> bool:
    return value is None or isinstance(value, str | int | float | Decimal | Fraction)


def _part_change(before: object, after: object) -> str:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        if all(map(_is_atom, (*before.values(), *after.values()))):
            return _mapping_change(before, after)
        return _key_counts(before, after)
    if _are_alike(before, after):
        old, new = _list(before), _list(after)
        return _counts(old, new, _lacking(new, old))
    return _apart(_item(before), _item(after))


def _key_counts(before: Mapping[Any, Any], after: Mapping[Any, Any]) -> str:
    # A key that is gone is none of those after.
    changed = [key for key in _changed_keys(before, after) if key in after]
    return _counts(before, after, changed)


def _counts(before: Sized, after: Sized, changed: Sized) -> str:
    if len(before) != len(after):
        return f"{len(before):,} -> {len(after):,}"
    return f"{len(changed):,} of {len(after):,} replaced"


def _list(items: Any) -> list[Any]:
    return [*items]


def _are_alike(before: object, after: object) -> bool:
    are_sets = isinstance(before, Set) and isinstance(after, Set)
    return are_sets or (is_list(before) and is_list(after))


def _changed_keys(before: Mapping[Any, Any], after: Mapping[Any, Any]) -> list[Any]:
    return [
        key
        for key in dict.fromkeys((*before, *after))
        if key not in before or key not in after or _differ(before[key], after[key])
    ]


def _mapping_change(before: Mapping[Any, Any], after: Mapping[Any, Any]) -> str:
    keys = _changed_keys(before, after)
    if not 0 < len(keys) <= _MOST_KEYS:
        return _key_counts(before, after)
    return "; ".join(f"{_key(key)} {_entry_change(before, after, key)}" for key in keys)


def _entry_change(
    before: Mapping[Any, Any], after: Mapping[Any, Any], key: object
) -> str:
    old, new = (_item(m[key]) if key in m else "none" for m in (before, after))
    return _apart(old, new)


def _key(key: object) -> str:
    parts = key if isinstance(key, tuple) else (key,)
    # A set has no order, and the text must be the same in every process.
    texts = (
        " and ".join(sorted(map(str, part))) if isinstance(part, Set) else str(part)
        for part in parts
    )
    return one_line(", ".join(texts))


def _items_change(before: list[Any], after: list[Any]) -> str:
    added = [*map(_item, _lacking(after, before))]
    gone = [*map(_item, _lacking(before, after))]
    start = f"{len(before):,} -> {len(after):,}: "
    if len(added) == len(gone) == 1:
        return start + _apart(gone[0], added[0])
    changed = [*(f"+ {text}" for text in added), *(f"- {text}" for text in gone)]
    return _some(start, changed or ["in another order"])


def _lacking(some: list[Any], others: list[Any]) -> list[Any]:
    """Return the items of a list that another does not have."""
    try:
        there = set(others)
    except TypeError:
        return [item for item in some if item not in others]
    return [item for item in some if item not in there]


def _some(start: str, texts: list[str]) -> str:
    """Return a list in one line, with the number of what it leaves out."""
    shown = start + _short(texts[0])
    for number, text in enumerate(texts[1:], 1):
        if len(shown) + len(text) > 2 * _SHOWN:
            return f"{shown}; and {len(texts) - number:,} more"
        shown += f"; {text}"
    return shown


def _item(value: object) -> str:
    event = getattr(value, "event", value)
    return describe_event(event) if isinstance(event, Event) else value_text(value)


def _differ(before: object, after: object) -> bool:
    return before is not after and bool(before != after)


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."


def _apart(old: str, new: str) -> str:
    """Return two texts, each cut so that their difference is seen."""
    if old == new:
        return f"{_short(old)} -> another that reads the same"
    same = next(
        (n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b),
        min(len(old), len(new)),
    )
    start = max(same - _BEFORE, 0) if max(len(old), len(new)) > _SHOWN else 0
    more = "..." if start else ""
    return " -> ".join(_short(f"{more}{text[start:]}") for text in (old, new))
