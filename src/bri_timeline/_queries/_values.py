"""The values that something can have, with their bounds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from numbers import Rational
from typing import Any, Generic, TypeVar

from attrs import field, frozen

from bri_timeline._answer import Answer
from bri_timeline._plain import AsDict
from bri_timeline._queries._distinct import Distinct
from bri_timeline._text import value_text
from bri_timeline.errors import ProjectionError, shown


__all__ = ["Outcomes", "together"]


V = TypeVar("V")
_NUMBERS = (int, float, Decimal, Rational)


@frozen
class Outcomes(AsDict, Generic[V]):
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
