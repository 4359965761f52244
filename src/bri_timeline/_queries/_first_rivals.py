"""The day on which a number was first reached, whichever rival claims are true."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Any, NamedTuple

from bri_timeline._answer import Answer
from bri_timeline._queries._first_search import Range
from bri_timeline.measures import added, negative


Number = Any
# How many sums are looked at for one day.
_MOST_SUMS = 1 << 14


class Share(NamedTuple):
    """The amount that a claim adds, and the days on which it can.

    Attributes:
        amount: The amount, 0 or more.
        first: The first of the days.
        last: The last of them.
    """

    amount: Number
    first: float
    last: float


def reached_by_any(disputes: Sequence[Sequence[Share]], least: Number) -> Range | None:
    """Return when a sum is first at least some number, of one share of each dispute.

    What is not in dispute is a dispute of one share. The most that a day can have is
    the sum of the most that each dispute gives by then, and so with the least: what
    only adds is low on all days before, if it is low on one.

    Returns:
        The range; None if there are too many sums to tell the latest day.
    """
    soon: defaultdict[float, Number] = defaultdict(int)
    late: defaultdict[float, Number] = defaultdict(int)
    for shares in disputes:
        most: Number = 0
        for amount, first, _ in sorted(shares, key=lambda share: share.first):
            if amount > most:
                soon[first] = added(soon[first], added(amount, negative(most)))
                most = amount
        least_of_all = min(share.amount for share in shares)
        if least_of_all:
            surest = max(share.last for share in shares)
            late[surest] = added(late[surest], least_of_all)
    earliest, latest = _crossed(soon, least), _crossed(late, least)
    if earliest == math.inf:
        return Range(math.inf, math.inf, Answer.NO)
    if latest < math.inf:
        return Range(earliest, latest, Answer.YES)
    # All that can be reached on a day for the first time can wait until the last day of
    # a share that is added then.
    lasts = {share.last for shares in disputes for share in shares if share.amount}
    by_day = ((day, _can_first_be(disputes, least, day)) for day in sorted(lasts)[::-1])
    day, can_be = next(pair for pair in by_day if pair[1] is not False)
    return Range(earliest, day, Answer.MAYBE) if can_be else None


def _crossed(changes: dict[float, Number], least: Number) -> float:
    """Return the first day on which a sum is so much; infinite if it never is."""
    so_far: Number = 0
    for day in sorted(changes):
        so_far = added(so_far, changes[day])
        if so_far >= least:
            return day
    return math.inf


def _can_first_be(
    disputes: Sequence[Sequence[Share]], least: Number, day: float
) -> bool | None:
    """Check that a sum can be below some number before a day, and not on that day.

    Of sums before the day, and by then, those are kept of which no other is lower
    before and as high by then. None if these are too many.
    """
    alike = Counter(_options(shares, day) for shares in disputes)
    best = [_SumsAround(0, 0)]
    for options, count in sorted(alike.items(), key=lambda pair: len(pair[0])):
        each: Iterable[Sequence[_SumsAround]] = [options] * count
        if len(options) <= 2:
            each = [_shared_out(options[0], options[-1], count)]
        for sums_of_one in each:
            if len(best) * len(sums_of_one) > _MOST_SUMS:
                return None
            sums = (
                left_sums.plus(right_sums)
                for left_sums in best
                for right_sums in sums_of_one
            )
            best = _best(both for both in sums if both.before < least)
    return any(sums_of_all.by_then >= least for sums_of_all in best)


class _SumsAround(NamedTuple):
    """An amount before a day, and by then."""

    before: Number
    by_then: Number

    def plus(self, other: _SumsAround) -> _SumsAround:
        """Return the sums of both."""
        before = added(self.before, other.before)
        return _SumsAround(before, added(self.by_then, other.by_then))


def _options(shares: Sequence[Share], day: float) -> tuple[_SumsAround, ...]:
    """Return what one share of a dispute gives before a day, and by then."""
    choices = list[_SumsAround]()
    for amount, first, last in shares:
        if first < day:
            choices.append(_SumsAround(amount, amount))
        # An infinite day is one far away, after which a share can still be.
        if last > day or last == math.inf:
            choices.append(_SumsAround(0, 0))
        if first <= day <= last:
            choices.append(_SumsAround(0, amount))
    return tuple(_best(choices))


def _shared_out(
    one: _SumsAround, other: _SumsAround, count: int
) -> Sequence[_SumsAround]:
    """Return what disputes give that are alike, if some give this, the others that."""
    ones, multiples = (
        [*accumulate([each_of] * count, _SumsAround.plus, initial=_SumsAround(0, 0))]
        for each_of in (one, other)
    )
    if one == other:
        return ones[-1:]
    return [*map(_SumsAround.plus, ones, reversed(multiples))]


def _best(sums: Iterable[_SumsAround]) -> list[_SumsAround]:
    """Return the sums of which no other is as low before and as high by then."""
    kept_sums = list[_SumsAround]()
    for candidate in sorted(sums):
        while kept_sums and kept_sums[-1].before == candidate.before:
            kept_sums.pop()
        if not kept_sums or candidate.by_then > kept_sums[-1].by_then:
            kept_sums.append(candidate)
    return kept_sums


def together(found: Sequence[Range]) -> Range:
    """Return when something first held under several assumptions, of which one is true.

    Args:
        found: The ranges under each.
    """
    held = [when_held for when_held in found if when_held.answer is not Answer.NO]
    if not held:
        return Range(math.inf, math.inf, Answer.NO)
    answer = (
        held[0].answer
        if len({result.answer for result in found}) == 1
        else Answer.MAYBE
    )
    exact = all(result.exact for result in found)
    earliest = min(when_held.earliest for when_held in held)
    return Range(earliest, max(when_held.latest for when_held in held), answer, exact)
