"""All sums of some of many amounts, without trying each selection."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import reduce
from itertools import chain
from operator import or_
from typing import Any

from bri_timeline.measures import added, sums_of


__all__ = ["listed_sums", "sums_with"]


Number = int | Decimal
# Whole sums that spread over no more numbers are added up as bits.
_MOST_BITS = 1 << 16


def listed_sums(amounts: Sequence[Number], limit: int) -> list[Number] | None:
    """Return all sums of some of the amounts, in order; None if they are too many."""
    if {*amounts} <= {1, -1} and all(isinstance(amount, int) for amount in amounts):
        return [*range(-amounts.count(-1), amounts.count(1) + 1)]
    sums = sums_with(0, amounts, (), limit)
    return None if sums is None else sorted(sums)


def sums_with(
    base: Number,
    amounts: Sequence[Number],
    choices: Sequence[Sequence[Number]],
    limit: int,
) -> set[Number] | None:
    """Return all sums of some of the amounts, and one of each choice, with a base.

    None if they are more than *limit*, or as much work.
    """
    copies = Counter(amounts)
    if _fewest_sums(copies) > limit:
        return None
    every, work = [*_as_choices(copies), *choices], limit - 1
    if {*map(type, chain((base,), *every))} == {int}:
        spread = sum(max(choice) - min(choice) for choice in every)
        if spread <= _MOST_BITS:
            return _whole_sums(base, every, limit)
    sums = {base}
    for choice in every:
        work -= len(sums) * (len(choice) - 1)
        if work < 0:
            return None
        sums = sums_of(sums, choice)
    return sums


def _whole_sums(
    base: Any, choices: Sequence[Sequence[Any]], limit: int
) -> set[Number] | None:
    """Return the same of whole numbers that lie close together, as bits of one."""
    bits, work = 1, limit - 1
    for choice in choices:
        work -= bits.bit_count() * (len(choice) - 1)
        if work < 0:
            return None
        least = min(choice)
        bits = reduce(or_, (bits << amount - least for amount in choice))
    low = sum(map(min, choices), base)
    return {low + place for place, bit in enumerate(bin(bits)[:1:-1]) if bit == "1"}


def _fewest_sums(copies: Mapping[Number, int]) -> int:
    """Return a number that different sums of amounts cannot fall short of.

    Take the greatest amount, by way of each smaller one, then another likewise: each
    exchange gives a greater sum, so the copies of the n-th smallest give n each.
    """
    positive = sorted(amount for amount in copies if amount > 0)
    negative = sorted((a for a in copies if a < 0), reverse=True)
    return 1 + sum(
        rank * copies[amount]
        for signed in (positive, negative)
        for rank, amount in enumerate(signed, 1)
    )


def _as_choices(copies: Mapping[Number, int]) -> Iterator[tuple[Number, Number]]:
    """Yield amounts that are added or not, so that any number of copies can be."""
    for amount, count in copies.items():
        # Two copies of one amount are one of twice that, where one or two remain.
        while count > 2:
            unchanged = 2 - count % 2
            yield from [(0, amount)] * unchanged
            amount, count = added(amount, amount), (count - unchanged) // 2
        yield from [(0, amount)] * count
