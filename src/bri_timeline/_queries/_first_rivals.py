"""The day on which a number was first reached, whichever rival claims are true."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

from bri_timeline._answer import Answer
from bri_timeline._queries._first_search import Range
from bri_timeline.measures import added, summed


__all__ = ["Share", "reached_by_any", "together"]

Number = Any


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
        The range; None if the latest day on which it can have held first is not known.
    """
    soon: defaultdict[float, Number] = defaultdict(int)
    late: defaultdict[float, Number] = defaultdict(int)
    for shares in disputes:
        most: Number = 0
        for amount, first, _ in sorted(shares, key=lambda share: share.first):
            if amount > most:
                soon[first] = added(soon[first], added(amount, -most))
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
    days = sorted({day for shares in disputes for share in shares for day in share[1:]})
    for day in reversed(days):
        can_be = _can_first_be(disputes, least, day)
        if can_be is None:
            return None
        if can_be:
            return Range(earliest, day, Answer.MAYBE)
    return None


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

    Of each dispute a share is taken that can lie on the day, and need not before. Where
    there is none, what lies before counts on both: any number of these, if all are
    equal.
    """
    before, by_then = list[Number](), list[Number]()
    either = list[Number]()
    for shares in disputes:
        on_day = [s.amount for s in shares if s.first <= day <= s.last]
        certain = [s.amount for s in shares if s.last < day]
        if on_day:
            by_then.append(max(on_day))
        elif len(certain) == len(shares):
            before.append(min(certain))
            by_then.append(min(certain))
            if max(certain) > min(certain):
                either.append(added(max(certain), -min(certain)))
        elif certain:
            either.append(max(certain))
    low, high = summed(before), summed(by_then)
    if len({*either}) > 1:
        return None
    for count in range(len(either) + 1):
        more = count * (either[0] if either else 0)
        if added(low, more) < least <= added(high, more):
            return True
    return False


def together(found: Sequence[Range], *, are_all: bool) -> Range:
    """Return when something first held under several assumptions, of which one is true.

    Args:
        found: The ranges under each.
        are_all: These are all assumptions that can be true.
    """
    held = [one for one in found if one.answer is not Answer.NO]
    exact = are_all and all(one.exact for one in found)
    if not held:
        answer = Answer.NO if exact else Answer.MAYBE
        return Range(math.inf, math.inf, answer, exact)
    answers = {one.answer for one in found}
    answer = answers.pop() if len(answers) == 1 and are_all else Answer.MAYBE
    earliest = min(one.earliest for one in held)
    return Range(earliest, max(one.latest for one in held), answer, exact)
