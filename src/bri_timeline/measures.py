"""Measures: declared projections that count, add up, and keep the latest value.

A measure is a `Projection` that says what it computes. Its bounds over imprecise dates
are exact (`View.outcomes`), and an engine can compute it on columns.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from decimal import (
    MAX_EMAX,
    MIN_EMIN,
    Context,
    Decimal,
    Inexact,
    InvalidOperation,
    localcontext,
)
from functools import reduce
from itertools import islice
from operator import add, attrgetter
from threading import RLock
from types import UnionType
from typing import Any, NoReturn, TypeVar

from attrs import field, frozen

from bri_timeline._events import Event
from bri_timeline._lasting import beginning, ending
from bri_timeline._payload import fields_of_kind
from bri_timeline._process import ProcessLock
from bri_timeline._projection import Projection
from bri_timeline.errors import ProjectionError, shown


__all__ = ["DistinctCount", "Measure", "count", "distinct", "latest", "total"]


S = TypeVar("S")
Of = str | Callable[[Event], Any]
Where = Callable[[Event], bool]

_MOST_DIGITS = 10_000
# Sums are exact or refused: a sum that was rounded would depend on the order.
_EXACT = Context(
    prec=_MOST_DIGITS,
    Emax=MAX_EMAX,
    Emin=MIN_EMIN,
    traps=[Inexact, InvalidOperation],
)


class _ValueRows(dict[Hashable, int]):
    """The row of each value, and what must be held to add one."""

    __slots__ = ("_lock",)

    def __init__(self) -> None:
        self._lock = ProcessLock()

    @property
    def lock(self) -> RLock:
        """Held while a row is added, in one step: a child finds no half of it."""
        return self._lock.here(lambda: None)


class DistinctCount(int):
    """The number of different values seen so far; it remembers the values.

    It is a number: it equals, hashes and prints as one, and arithmetic gives plain
    numbers. Two that are equal may have seen different values, and then differ after
    the next event; code that merges equal states must compare `seen` too.

    The values lie in a table that all counts grown from one another share. A count
    owns the first of its rows, as many as it counts, and rows are only ever appended.
    So a further value costs a constant, not a copy of all values.
    """

    _table: _ValueRows

    def __new__(cls, seen: Iterable[Hashable] = ()) -> DistinctCount:
        """Return the count of some values, of which equal ones count once."""
        table = _ValueRows()
        for value in seen:
            table.setdefault(value, len(table))
        made = int.__new__(cls, len(table))
        made._table = table
        return made

    @property
    def seen(self) -> frozenset[Hashable]:
        """The different values."""
        return frozenset(self._values())

    def includes(self, value: Hashable) -> bool:
        """Return whether a value was seen.

        Raises:
            ProjectionError: It has no hash.
        """
        try:
            return self._table.get(value, self) < self
        except TypeError:
            _refuse(value)

    def including(self, value: Hashable) -> DistinctCount:
        """Return the count with one more value; itself if the value was seen."""
        table = self._table
        try:
            if table.get(value, self) < self:
                return self
        except TypeError:
            _refuse(value)
        # The next row is free, or another count that grew from this one has it. Two
        # threads must not both take it.
        with table.lock:
            is_next = len(table) == self
            if is_next:
                table[value] = len(table)
            else:
                is_next = table.get(value) == self
        if not is_next:
            return DistinctCount([*self._values(), value])
        made = int.__new__(DistinctCount, self + 1)
        made._table = table
        return made

    def _values(self) -> list[Hashable]:
        """Return the values in the order in which they were seen."""
        with self._table.lock:
            return [*islice(self._table, int(self))]

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle the values."""
        return DistinctCount, (self._values(),)


def _refuse(value: object) -> NoReturn:
    problem = "has no hash, so equal values cannot be found: use a tuple"
    raise ProjectionError(value, f"{problem} or a frozenset") from None


def _kinds(kinds: Iterable[type]) -> tuple[type, ...]:
    """Return payload classes, each once, in the order of their names.

    Raises:
        ProjectionError: Something else is among them.
    """
    classes = tuple(kinds)
    for kind in classes:
        if not isinstance(kind, type):
            problem = "is not a class: name the payload classes that are measured"
            raise ProjectionError(kind, problem)
    return tuple(
        sorted(dict.fromkeys(classes), key=lambda k: (k.__module__, k.__qualname__))
    )


def _check_of(of: object, kinds: tuple[type, ...]) -> None:
    """Check that a value can be read from events of some kinds.

    Raises:
        ProjectionError: It is neither a function nor a field that they all have.
    """
    if callable(of):
        return
    if not isinstance(of, str):
        problem = "is not what is measured: give the name of a field, or a function"
        raise ProjectionError(of, f"{problem} of the event")
    for kind in kinds:
        fields = fields_of_kind(kind)
        # A property is read like a field.
        if fields is None or of in fields or not callable(getattr(kind, of, len)):
            continue
        problem = f"is not a field of {kind.__name__}, which has {', '.join(fields)}"
        remedy = "give one of these, or a function of the event"
        raise ProjectionError(of, f"{problem}: {remedy}")


@frozen(repr=False, eq=False)
class Measure(Projection[S]):
    """A projection that says what it computes.

    Made by `count()`, `total()`, `distinct()` and `latest()`. Two that measure the same
    are equal, so that what was folded for one is found by the other; functions are the
    same if they are one object, so give a function a name instead of writing a lambda
    each time.

    >>> from attrs import frozen
    >>> from bri_timeline import Event
    >>> @frozen
    ... class Visited:
    ...     guest: str
    ...     host: str
    >>> visits = [Event(Visited("KAZ", "CHN"), when="2014"),
    ...           Event(Visited("UZB", "CHN"), when="2015")]
    >>> count(Visited).fold(visits), distinct(Visited, "host").fold(visits)
    (2, 1)
    >>> latest(Visited, "guest").fold(visits)
    'UZB'

    Attributes:
        aggregate: `"count"`, `"total"`, `"distinct"` or `"latest"`.
        kinds: The payload classes that it reads; empty for all.
        of: The value that it reads of an event: the name of a field of the payload, or
            a function of the event; None for a count.
        where: A function of the event that is true of those that are measured; None if
            all are.
        active: It counts what lasts on the day of the view, not all events until then.
    """

    aggregate: str
    kinds: tuple[type, ...] = field(default=(), converter=_kinds)
    of: Of | None = None
    where: Where | None = None
    active: bool = False
    initial: Callable[[], S] = field(init=False)
    evolve: Callable[[S, Event], S] = field(init=False)
    reads: tuple[type, ...] | None = field(init=False)
    ends: Callable[[S, Event], S] | None = field(init=False)
    merge: Callable[[S, S], S] | None = field(init=False)
    name: str = field(init=False)

    @initial.default
    def _initial_of_aggregate(self) -> Callable[[], Any]:
        return _INITIAL[self.aggregate]

    @evolve.default
    def _evolve_of_aggregate(self) -> Callable[[Any, Event], Any]:
        if self.where is not None and not callable(self.where):
            problem = "is not a function of the event: write where=lambda event: ..."
            raise ProjectionError(self.where, problem)
        if self.active:
            return beginning(self.kinds, self.where)
        return _EVOLVE[self.aggregate](self.value_of, self.where)

    @reads.default
    def _reads_kinds(self) -> tuple[type, ...] | None:
        return self.kinds or None

    @ends.default
    def _ends_of_active(self) -> Callable[[Any, Event], Any] | None:
        return ending(self.kinds, self.where) if self.active else None

    @merge.default
    def _merge_of_aggregate(self) -> Callable[[Any, Any], Any] | None:
        # What another event ends is not a sum.
        is_sum = not self.active or (self.kinds and self.depends_on == self.kinds)
        return _MERGE.get(self.aggregate) if is_sum else None

    @name.default
    def _name_of_measure(self) -> str:
        parts = [kind.__name__ for kind in self.kinds]
        if self.of is not None:
            parts.append(_named(self.of))
        if self.where is not None:
            parts.append(f"where={_named(self.where)}")
        if self.active:
            parts.append("active=True")
        return f"{self.aggregate}({', '.join(parts)})"

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        if self.of is not None:
            _check_of(self.of, self.kinds)

    @property
    def value_class(self) -> type | None:
        """The class of its values, as the field says it; None if that says nothing."""
        if self.aggregate in ("count", "distinct"):
            return int
        if not isinstance(self.of, str):
            return None
        [kind] = self.kinds
        try:
            hint = typing.get_type_hints(kind).get(self.of)
        except (NameError, TypeError, SyntaxError):  # a name that is not to be found
            return None
        is_union = typing.get_origin(hint) in (typing.Union, UnionType)
        classes = {*typing.get_args(hint)} if is_union else {hint}
        classes.discard(type(None))
        [cls, *rest] = classes
        return cls if isinstance(cls, type) and not rest else None

    @property
    def value_of(self) -> Callable[[Event], Any]:
        """A function that reads the value of an event of one of its kinds."""
        if isinstance(self.of, str):
            return attrgetter(f"what.{self.of}")
        return _one if self.of is None else self.of

    def of_those(self, where: Where, parties: frozenset[str]) -> Measure[S]:
        """Return the same measure of the events of which a function is true."""
        parts = self.aggregate, self.kinds, self.of, where, self.active
        return Measure(*parts, parties=parties)

    def _content(self) -> tuple[object, ...]:
        parties = self.parties
        return self.aggregate, self.kinds, self.of, self.where, self.active, parties

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Measure):
            return NotImplemented
        return self._content() == other._content()

    def __hash__(self) -> int:
        return hash(self._content())

    def __repr__(self) -> str:
        return f"<measure {self.name}>"

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle the parts of a measure."""
        return _measure, self._content()


def _measure(
    aggregate: str,
    kinds: tuple[type, ...],
    of: Of | None,
    where: Where | None,
    active: bool,
    parties: Iterable[str],
) -> Measure[Any]:
    return Measure(aggregate, kinds, of, where, active, parties=parties)


def _named(given: object) -> str:
    return given if isinstance(given, str) else getattr(given, "__name__", repr(given))


def _one(_: Event) -> int:
    return 1


# --- folding --------------------------------------------------------------------------


def _none() -> None:
    return None


def _counting(_: Callable[[Event], Any], where: Where | None) -> Callable[..., int]:
    if where is None:
        return _one_more

    def evolve(seen: int, event: Event) -> int:
        return seen + 1 if where(event) else seen

    return evolve


def _one_more(seen: int, event: Event) -> int:
    return seen + 1


def _adding(
    value_of: Callable[[Event], Any], where: Where | None
) -> Callable[..., int | Decimal]:
    def evolve(so_far: int | Decimal, event: Event) -> int | Decimal:
        if where is not None and not where(event):
            return so_far
        amount = value_of(event)
        if type(amount) is int and type(so_far) is int:  # saves a call
            return so_far + amount
        return added(so_far, amount)

    return evolve


def added(so_far: int | Decimal, amount: object) -> int | Decimal:
    """Return an exact sum; None adds nothing.

    Raises:
        ProjectionError: The amount is not a whole number or a finite `Decimal`, or the
            sum would have too many digits.
    """
    if type(amount) is int and type(so_far) is int:
        return so_far + amount
    if amount is None:
        return so_far
    if isinstance(amount, Decimal) and amount.is_finite():
        return _exactly(so_far, amount)
    if isinstance(amount, int):
        return _exactly(so_far, int(amount))
    if isinstance(amount, float):
        problem = "is a float, and sums of floats depend on their order"
        remedy = "give an int, or a Decimal made of its text: Decimal(str(amount))"
        raise ProjectionError(amount, f"{problem}: {remedy}")
    problem = "cannot be added up: give an int, a finite Decimal, or None for no amount"
    raise ProjectionError(amount, problem)


def _exactly(one: int | Decimal, other: int | Decimal) -> int | Decimal:
    if isinstance(one, int) and isinstance(other, int):
        return one + other
    try:
        return _EXACT.add(one, other)
    except (Inexact, InvalidOperation):
        problem = f"added to {shown(one)} gives more than {_MOST_DIGITS:,} digits"
        remedy = "leave out what is out of all proportion by where="
        raise ProjectionError(other, f"{problem}: {remedy}") from None


def negative(amount: int | Decimal) -> int | Decimal:
    """Return an amount with the other sign."""
    # The minus of a Decimal rounds.
    return amount.copy_negate() if isinstance(amount, Decimal) else -amount


def summed(amounts: Iterable[int | Decimal]) -> int | Decimal:
    """Return the exact sum of amounts that can be added up."""
    numbers = list(amounts)
    try:
        with localcontext(_EXACT):
            return sum(numbers)
    except (Inexact, InvalidOperation):
        none: int | Decimal = 0
        return reduce(added, numbers, none)  # it names the amount at which it fails


def sums_of(
    some: Collection[int | Decimal], others: Collection[int | Decimal]
) -> set[int | Decimal]:
    """Return the exact sum of each of some amounts and each of others."""
    try:
        with localcontext(_EXACT):
            return {amount + addend for amount in some for addend in others}
    except (Inexact, InvalidOperation):
        return {added(amount, addend) for amount in some for addend in others}


def _distinguishing(
    value_of: Callable[[Event], Any], where: Where | None
) -> Callable[..., DistinctCount]:
    def evolve(seen: DistinctCount, event: Event) -> DistinctCount:
        if where is not None and not where(event):
            return seen
        value = value_of(event)
        return seen if value is None else seen.including(value)

    return evolve


def _later(before: Any, value: Any) -> Any:
    return before if value is None else value


def _replacing(
    value_of: Callable[[Event], Any], where: Where | None
) -> Callable[..., Any]:
    def evolve(before: Any, event: Event) -> Any:
        if where is not None and not where(event):
            return before
        value = value_of(event)
        return before if value is None else value

    return evolve


_INITIAL: Mapping[str, Callable[[], Any]] = {
    "count": int,
    "total": int,
    "distinct": DistinctCount,
    "latest": _none,
}
_EVOLVE: Mapping[str, Callable[..., Callable[..., Any]]] = {
    "count": _counting,
    "total": _adding,
    "distinct": _distinguishing,
    "latest": _replacing,
}
# Distinct counts do not merge: that would take as long as there are values.
_MERGE: Mapping[str, Callable[[Any, Any], Any]] = {
    "count": add,
    "total": added,
    "latest": _later,
}


# --- declaring ------------------------------------------------------------------------


def count(
    *kinds: type, where: Where | None = None, active: bool = False
) -> Measure[int]:
    """Return the measure of how many events there are.

    Args:
        kinds: The payload classes that are counted; without any, all.
        where: A function of the event that is true of those that are counted.
        active: Count what lasts on the day of the view, instead of all events until
            then: extents such as `2015/2017`, one with an open end too, and facts of
            classes that say what ends them (`View.active()` has the rule). Its bounds
            count what certainly lasts, and what may.

    Raises:
        ProjectionError: One of the kinds is not a class, or *where* not a function.
        SelectionError: By a question: it counts what lasts, of these kinds there are
            facts, and none of them does.
    """
    return Measure("count", kinds, None, where, active)


def total(kind: type, of: Of, where: Where | None = None) -> Measure[int | Decimal]:
    """Return the measure of what some amounts add up to.

    Amounts are whole numbers or `Decimal`, and the sum is exact: of whole numbers a
    whole number, with a `Decimal` among them a `Decimal`. None adds nothing. Floats are
    refused, since their sum would depend on the order. Parts of a bundle add to it like
    all else: the total that knows bundles is the `agreed_value` of a relationship.

    Args:
        kind: The payload class.
        of: The amount: the name of a field, or a function of the event.
        where: A function of the event that is true of those that are added.

    Raises:
        ProjectionError: The kind does not have the field; the message lists those that
            it has. While folding: an amount cannot be added.
    """
    return Measure("total", (kind,), of, where)


def distinct(kind: type, of: Of, where: Where | None = None) -> Measure[int]:
    """Return the measure of how many different values there are.

    Values are the same if Python takes them for equal. None is not a value. The state
    is a `DistinctCount`, a number that remembers the values.

    Args:
        kind: The payload class.
        of: The value: the name of a field, or a function of the event. It has a hash.
        where: A function of the event that is true of those whose values count.

    Raises:
        ProjectionError: The kind does not have the field; the message lists those that
            it has. While folding: a value has no hash.
    """
    return Measure("distinct", (kind,), of, where)


def latest(kind: type, of: Of, where: Where | None = None) -> Measure[Any]:
    """Return the measure of the last value in fold order; None before the first.

    None is not a value: an event without one leaves the value as it was.

    Args:
        kind: As for `distinct()`, like the other arguments; a value needs no hash.

    Raises:
        ProjectionError: The kind does not have the field; see `total()`.
    """
    return Measure("latest", (kind,), of, where)
