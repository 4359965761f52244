"""Bounds of the number of different values, whichever claims of disputes are true."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import Any, NamedTuple

from bri_timeline._answer import Answer
from bri_timeline._events import Event
from bri_timeline._happening import Disputed, Window
from bri_timeline._queries.values import Outcomes
from bri_timeline.measures import Measure


# The values of which a dispute has one.
Choice = frozenset[Hashable]


def fewest(choices: Iterable[Choice], limit: int) -> tuple[int, bool]:
    """Return the least number of values of which each choice has one.

    That is a least hitting set. It is found by trying the values of a choice that has
    none yet; a number of choices without a common value cannot be undercut.

    Args:
        choices: The choices, none of them empty.
        limit: The most steps.

    Returns:
        The number, and whether it is exact; if not, it may be more.
    """
    # What is less of a choice decides: who hits it hits the other.
    sets = sorted(set(choices), key=len)
    some = [one for n, one in enumerate(sets) if not any(map(one.issuperset, sets[:n]))]
    steps = limit

    def apart(left: Sequence[Choice]) -> int:
        seen, count = set[Hashable](), 0
        for one in left:
            if seen.isdisjoint(one):
                seen |= one
                count += 1
        return count

    least = apart(some)
    best = len(some)
    pending: list[tuple[int, list[Choice]]] = [(0, some)]
    while pending and best > least:
        chosen, left = pending.pop()
        steps -= 1 + len(left)
        if steps < 0:
            return least, False
        if not left:
            best = min(best, chosen)
        elif chosen + apart(left) < best:
            pending += (
                (chosen + 1, [one for one in left if value not in one])
                for value in min(left, key=len)
            )
    return best, True


def most(choices: Sequence[Choice]) -> int:
    """Return the greatest number of different values, one of each choice.

    That is a greatest matching of choices and values: an unmatched choice takes a value
    whose holder can take another one (H. W. Kuhn, The Hungarian Method, 1955).
    """
    holder: dict[Hashable, int] = {}
    held: dict[int, Hashable] = {}
    for number in range(len(choices)):
        # Breadth first: each value with the choice from which it was reached.
        reached: dict[Hashable, int] = {}
        queue, free = [number], list[Hashable]()
        for choice in queue:
            for value in choices[choice] - reached.keys():
                reached[value] = choice
                if value in holder:
                    queue.append(holder[value])
                else:
                    free.append(value)
            if free:
                break
        for value in free[:1]:
            # Back to the beginning: each takes this value, and leaves its own.
            given = value
            while reached[given] != number:
                taker = reached[given]
                left = held[taker]
                holder[given], held[taker] = taker, given
                given = left
            holder[given], held[number] = number, given
    return len(holder)


class CountedClaims(NamedTuple):
    """The events of a distinct count.

    Attributes:
        certain: Those that certainly happened.
        undecided: Those that may have happened.
        disputes: The disputes of which any claim may be true.
        window: The days.
    """

    certain: Iterable[Event]
    undecided: Iterable[Event]
    disputes: Sequence[Disputed]
    window: Window


def distinct_of_rivals(
    measure: Measure[Any], value: int, counted: CountedClaims, limit: int
) -> Outcomes[Any]:
    """Return the outcomes of a distinct count, whichever claims of disputes are true.

    Args:
        measure: The count; it asks no date.
        value: The value of the certain state.
        counted: The events.
        limit: The most steps to find the least number.
    """
    disputes = counted.disputes
    taken = {one.taken for one in disputes if one.taken is not None}

    def values(events: Iterable[Event]) -> frozenset[Hashable]:
        own = (event for event in events if event not in taken)
        return frozenset().union(*(_seen(measure, event) for event in own))

    sure, perhaps = values(counted.certain), values(counted.undecided)
    new: list[Choice] = []
    forced: list[Choice] = []
    for dispute in disputes:
        options = list[Choice]()
        for event in dispute.claims:
            seen = frozenset[Hashable]() if event is None else _seen(measure, event)
            options.append(seen)
            if event and counted.window.answer(event.when) is Answer.MAYBE:
                options.append(frozenset())
        all_of_them = frozenset[Hashable]().union(*options)
        new.append(all_of_them - sure - perhaps)
        if all(options) and sure.isdisjoint(all_of_them):
            forced.append(all_of_them)
    high = len(sure | perhaps) + most(new)
    added, is_exact = fewest(forced, limit)
    low = len(sure) + added
    # One choice after the other changes the number by one at most.
    possible = range(low if is_exact else value, high + 1)
    every = tuple(dict.fromkeys((value, *possible)))
    return Outcomes(every, is_exact, low=low, high=high, exact=is_exact)


def _seen(measure: Measure[Any], event: Event) -> frozenset[Hashable]:
    """Return the value of an event, if it has one."""
    seen: frozenset[Hashable] = measure.evolve(measure.initial(), event).seen
    return seen
