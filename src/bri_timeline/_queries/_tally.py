"""Counts and totals of many keys, as sums over sorted days instead of folds."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from itertools import accumulate, chain, repeat
from operator import itemgetter, le, sub
from typing import Any, Generic, NamedTuple, TypeVar

from bri_timeline._events import Event
from bri_timeline._events.marks import Mark
from bri_timeline._process import uncollected
from bri_timeline._queries._series import Days, in_order
from bri_timeline._queries.bounds import reads_dates
from bri_timeline.edtf import begin_days
from bri_timeline.measures import Measure


K = TypeVar("K", bound=Hashable)
_EXACT = Context(prec=10_000, Emax=MAX_EMAX, Emin=MIN_EMIN)
_MOST_PLACES = 60
_SCANNED = 5


class _TalliedFact(NamedTuple):
    """An amount whose day is not known.

    Attributes:
        first: The number of the earliest day on which it can begin.
        last: The number of the latest such day.
        amount: The amount, in the smallest unit.
        event: The event.
        since: The first day, or position, of knowledge under which it counts.
        until: The first one under which it does not count any more.
    """

    first: float
    last: float
    amount: int
    event: Event
    since: float
    until: float

    def part(self, begin: float, until: float) -> tuple[int, int, int]:
        """Return what it adds in a window: certainly, at least, and at most."""
        first, last, amount = self[:3]
        if begin <= first and last <= until:
            return amount, amount, amount
        if last < begin or first > until:
            return 0, 0, 0
        if first < begin and until < last:
            # It may begin before the window and after it: a date with gaps need not
            # have a day within.
            day = begin_days(self.event.when).at_or_after(begin)
            if day is None or day > until:
                return 0, 0, 0
        return 0, min(0, amount), max(0, amount)


class _Sums:
    """Amounts by day and by knowledge, and what they add up to.

    Args:
        days: The days, in ascending order.
        amounts: The amount of each; None if each is 1.
        sinces: The first knowledge under which each counts; None if under any.

    Attributes:
        days: The days.
        amounts: The amounts.
        sinces: The knowledge.
    """

    __slots__ = ("_blocks", "_known", "_sums", "amounts", "days", "sinces")

    def __init__(
        self,
        days: list[float],
        amounts: list[int] | None,
        sinces: list[float] | None,
    ) -> None:
        self.days, self.amounts, self.sinces = days, amounts, sinces
        self._sums = _running(amounts, len(days))
        self._known = max(sinces, default=-math.inf) if sinces else -math.inf
        self._blocks: list[list[tuple[list[float], Sequence[int]]]] = []

    def joined(self, rows: Iterable[tuple[float, int, float]]) -> _Sums:
        """Return these and others: rows of a day, an amount, and the knowledge."""
        count = len(self.days)
        amounts, sinces = self.amounts or repeat(1, count), self.sinces
        old = zip(self.days, amounts, sinces or repeat(-math.inf, count), strict=True)
        both = sorted([*old, *rows], key=itemgetter(0))
        return _Sums(
            [day for day, _, _ in both],
            [amount for _, amount, _ in both],
            None if sinces is None else [since for _, _, since in both],
        )

    def until_each(self, days: Iterable[float]) -> list[int]:
        """Return the sums of what lies on each of some days or before."""
        stops = map(bisect_right, repeat(self.days), days)
        if self.amounts is None:
            return [*stops]
        return [*map(self._sums.__getitem__, stops)]

    def until(self, day: float, known: float) -> int:
        """Return the sum of what lies on a day or before, and was known."""
        stop = bisect_right(self.days, day)
        return self._sums[stop] if known >= self._known else self._sum(stop, known)

    def _sum(self, stop: int, known: float) -> int:
        """Return the sum of the amounts before an index that were known.

        Blocks of powers of two are sorted by knowledge; only what is left is looked at
        one by one.
        """
        start = total = 0
        if stop >> _SCANNED:
            if not self._blocks:
                self._blocks = [*self._sorted_blocks()]
            for number in range(len(self._blocks) - 1, -1, -1):
                size = 1 << number + _SCANNED
                if stop - start >= size:
                    sinces, sums = self._blocks[number][start // size]
                    total += sums[bisect_right(sinces, known)]
                    start += size
        rest = (self.sinces or [])[start:stop]
        if self.amounts is None:
            were_known: Iterator[bool] = map(le, rest, repeat(known))
            return total + sum(were_known)
        pairs = zip(rest, self.amounts[start:stop], strict=True)
        return total + sum(amount for since, amount in pairs if since <= known)

    def _sorted_blocks(self) -> Iterator[list[tuple[list[float], Sequence[int]]]]:
        """Yield the blocks of each size, from small to large."""
        sinces, count, size = self.sinces or [], len(self.days), 1 << _SCANNED
        order = [*range(count)]
        while size <= count:
            blocks: list[tuple[list[float], Sequence[int]]] = []
            for start in range(0, count, size):
                # Two sorted halves are merged in linear time.
                block = sorted(order[start : start + size], key=sinces.__getitem__)
                order[start : start + size] = block
                amounts = self.amounts and [*map(self.amounts.__getitem__, block)]
                sums = _running(amounts, len(block))
                blocks.append(([*map(sinces.__getitem__, block)], sums))
            yield blocks
            size *= 2


def _running(amounts: list[int] | None, count: int) -> Sequence[int]:
    """Return the sum before each of some amounts, and of all."""
    return range(count + 1) if amounts is None else [0, *accumulate(amounts)]


class Tally:
    """The amounts of one key.

    Args:
        exact: Of events on known days.
        facts: Of events whose day is not known.
    """

    __slots__ = ("_exact", "_facts", "_sums")

    def __init__(self, exact: _Sums, facts: list[_TalliedFact]) -> None:
        self._exact, self._facts = exact, facts
        self._sums = exact, exact, exact
        if facts:
            # What is added counts at least once it is certain, and at most once it is
            # possible; what is subtracted, the other way round.
            days = [(f.last, f.first) if f.amount > 0 else f[:2] for f in facts]
            self._sums = (
                exact.joined(_rows(facts, [fact.last for fact in facts])),
                exact.joined(_rows(facts, [near for near, _ in days])),
                exact.joined(_rows(facts, [far for _, far in days])),
            )

    def over(self, days: Sequence[Days]) -> tuple[list[int], list[int], list[int]]:
        """Return the certain, the least and the greatest sums of periods."""
        untils, begins = (
            [period.until for period in days],
            [period.begin for period in days],
        )
        certain, low, high = self._sums
        if begins[0] == -math.inf:
            sums = certain.until_each(untils)
            if not self._facts:
                return sums, sums, sums
            return sums, low.until_each(untils), high.until_each(untils)
        before = self._exact.until_each(begin - 1 for begin in begins)
        sums = [*map(sub, self._exact.until_each(untils), before)]
        least, greatest = sums.copy(), sums.copy()
        for fact in self._facts:
            # It cannot begin in other periods: their first and last days ascend.
            start = bisect_left(untils, fact.first)
            for place in range(start, bisect_right(begins, fact.last)):
                parts = fact.part(begins[place], untils[place])
                sums[place] += parts[0]
                least[place] += parts[1]
                greatest[place] += parts[2]
        return sums, least, greatest

    def on(self, begin: float, until: int, known: float) -> tuple[int, int, int]:
        """Return the certain, the least and the greatest sum of a window.

        Args:
            begin: The number of its first day; minus infinity for all days before.
            until: The number of its last day.
            known: The day, or position, of knowledge.
        """
        certain, low, high = self._sums
        if begin == -math.inf:
            total = certain.until(until, known)
            if not self._facts:
                return total, total, total
            return total, low.until(until, known), high.until(until, known)
        total = self._exact.until(until, known) - self._exact.until(begin - 1, known)
        least = greatest = total
        for fact in self._facts:
            if fact.since <= known < fact.until:
                parts = fact.part(begin, until)
                total, least = total + parts[0], least + parts[1]
                greatest += parts[2]
        return total, least, greatest


def _rows(
    facts: list[_TalliedFact], days: list[float]
) -> Iterator[tuple[float, int, float]]:
    """Yield rows of amounts, each counted on a day, and taken back when it ends."""
    for fact, day in zip(facts, days, strict=True):
        yield day, fact.amount, fact.since
        if fact.until < math.inf:
            yield day, -fact.amount, fact.until


class Tallies(Generic[K]):
    """The amounts of many keys.

    Attributes:
        places: The decimal places of the smallest unit; None for whole numbers.
    """

    __slots__ = ("_amounts", "_days", "_facts", "_keys", "_made", "_sinces", "places")

    def __init__(
        self,
        days: dict[K, list[float]],
        amounts: dict[K, list[int]] | None,
        sinces: dict[K, list[float]] | None,
        facts: dict[K, list[_TalliedFact]],
        places: int | None,
    ) -> None:
        self._days, self._amounts, self._sinces = days, amounts, sinces
        self._facts, self.places = facts, places
        self._made: dict[K, Tally] = {}
        self._keys: list[K] | None = None

    def __iter__(self) -> Iterator[K]:
        """Yield the keys of all events, in any order."""
        return iter(self._days)

    def keys(self) -> list[K]:
        """Return the keys of all events, measured or not, in their order."""
        if self._keys is None:
            self._keys = in_order(self._days)
        return self._keys

    def of(self, key: K) -> Tally:
        """Return the amounts of a key; without any, if it has none."""
        tally = self._made.get(key)
        if tally is None:
            days = self._days.get(key)
            if days is None:
                return _NONE
            exact = _Sums(
                days,
                None if self._amounts is None else self._amounts[key],
                None if self._sinces is None else self._sinces[key],
            )
            tally = self._made[key] = Tally(exact, self._facts.get(key, []))
        return tally

    def numbers(self, units: Sequence[int]) -> Sequence[Any]:
        """Return sums of the smallest units as numbers."""
        if self.places is None:
            return units
        return [Decimal(number).scaleb(-self.places, _EXACT) for number in units]


_NONE = Tally(_Sums([], None, None), [])


class _UnsummableError(Exception):
    """An amount depends on the day, or is not a whole number of common units."""


def tallied(
    measure: Measure[Any],
    by: Callable[[Event], Iterable[K]],
    versions: Iterable[tuple[Mark, float, float]],
    *,
    at_once: bool,
) -> Tallies[K] | None:
    """Return the amounts of a count or a total by key.

    Args:
        measure: The count or the total.
        by: Returns the keys of an event.
        versions: Events in fold order, no ends, and under which knowledge each counts.
        at_once: Their knowledge does not matter: all of them count.

    Returns:
        The amounts; None if they cannot be summed up, since some depend on the day, or
        cannot be added, which a fold may never come to.
    """
    try:
        with uncollected():
            return _tallied(measure, by, versions, at_once=at_once)
    except Exception:
        # The fold of a key raises what there is to raise, and names the event.
        return None


def _tallied(
    measure: Measure[Any],
    by: Callable[[Event], Iterable[K]],
    versions: Iterable[tuple[Mark, float, float]],
    *,
    at_once: bool,
) -> Tallies[K]:
    is_count = measure.aggregate == "count"
    amount_of = _amounts_of(measure)
    days: defaultdict[K, list[float]] = defaultdict(list)
    amounts: defaultdict[K, list[Any]] = defaultdict(list)
    sinces: defaultdict[K, list[float]] = defaultdict(list)
    facts: defaultdict[K, list[_TalliedFact]] = defaultdict(list)
    for mark, since, until in versions:
        event = mark if isinstance(mark, Event) else mark.event
        amount = 1 if amount_of is None else amount_of(event)
        when = event.when
        first, last = when.earliest_start, when.latest_start
        if not amount:
            for key in by(event):
                days[key]
        elif first == last and until == math.inf:
            for key in by(event):
                days[key].append(last)
                if not is_count:
                    amounts[key].append(amount)
                if not at_once:
                    sinces[key].append(since)
        else:
            fact = _TalliedFact(first, last, amount, event, since, until)
            for key in by(event):
                days[key]
                facts[key].append(fact)
    places = None if is_count else _in_smallest_units(amounts, facts)
    return Tallies(
        days,
        None if is_count else amounts,
        None if at_once else sinces,
        facts,
        places,
    )


def _amounts_of(measure: Measure[Any]) -> Callable[[Event], Any] | None:
    """Return a function that returns what an event adds: 0 if it is not measured.

    None if every event adds 1.
    """
    reads, where, value_of = measure.reads or object, measure.where, measure.value_of
    if measure.aggregate == "count" and where is None:
        if measure.reads is None:
            return None
        return lambda event: int(isinstance(event.what, reads))

    asks = where is not None or callable(measure.of)

    def amount_of(event: Event) -> Any:
        if not isinstance(event.what, reads):
            return 0
        if asks and reads_dates(measure, event):
            raise _UnsummableError
        if where is not None and not where(event):
            return 0
        value = value_of(event)
        # What is not a plain number is checked, converted or refused by the measure.
        return value if type(value) is int else measure.evolve(0, event)

    return amount_of


def _in_smallest_units(
    amounts: dict[Any, list[Any]], facts: dict[Any, list[_TalliedFact]]
) -> int | None:
    """Turn amounts into whole numbers of the smallest unit; return its places.

    Raises:
        _UnsummableError: They are too different.
    """
    imprecise: list[Any] = [f.amount for group in facts.values() for f in group]
    all_of_them = chain(imprecise, *amounts.values())
    decimals = [amount for amount in all_of_them if type(amount) is Decimal]
    if not decimals:
        return None
    places = max(0, *(-int(amount.as_tuple().exponent) for amount in decimals))
    largest = max(amount.adjusted() for amount in decimals)
    if max(places, largest) > _MOST_PLACES:
        raise _UnsummableError

    def units(amount: int | Decimal) -> int:
        return int(Decimal(amount).scaleb(places, _EXACT))

    for numbers in amounts.values():
        numbers[:] = map(units, numbers)
    for several in facts.values():
        several[:] = [fact._replace(amount=units(fact.amount)) for fact in several]
    return places
