"""What a log says over time: periods, beliefs, and reports that came too early."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from itertools import groupby
from typing import TypeVar

from bri_timeline._events import Entry, Event
from bri_timeline._explanation import Belief, Contradiction, Period
from bri_timeline._happenings import Happening, Resolution
from bri_timeline._projection import Projection


__all__ = ["beliefs", "contradictions", "periods"]

S = TypeVar("S")


def periods(
    projection: Projection[S], events: Iterable[Event]
) -> tuple[Period[S], ...]:
    """Return the periods through which each certain state held.

    Args:
        projection: The state.
        events: Certain at some time, in fold order.
    """
    state = projection.initial()
    found = [Period[S](None, state, ())]
    for last, group in groupby(events, key=_last):
        before, changed = state, []
        for event in group:
            earlier, state = state, projection.evolve(state, event)
            if earlier != state:
                changed.append(event)
        if last == -math.inf:
            found = [Period(None, state, tuple(changed))]
        elif before != state:
            found.append(Period(int(last), state, tuple(changed)))
    return tuple(found)


def beliefs(
    entries: Iterable[Entry], states_known_by: Callable[[list[float]], list[S]]
) -> tuple[Belief[S], ...]:
    """Return what was believed, over the days on which entries became known.

    Args:
        entries: All that bear on the state.
        states_known_by: Returns the states by what was known on each of some days.
    """
    by_day: dict[int | None, list[Entry]] = {None: []}
    for entry in sorted(entries, key=Entry.knowledge):
        by_day.setdefault(entry.known_day, []).append(entry)
    found: list[Belief[S]] = []
    days = [-math.inf if known is None else known for known in by_day]
    rows = zip(by_day.items(), states_known_by(days), strict=True)
    for (known, new), state in rows:
        if not found or found[-1].state != state:
            found.append(Belief(known, state, tuple(new)))
    return tuple(found)


def contradictions(
    happenings: Iterable[Happening], kin: Resolution
) -> tuple[Contradiction, ...]:
    """Return claims that lie wholly after a report of the same happening.

    Args:
        happenings: Everything that counts, in fold order.
        kin: What entries that bear on one another come to.
    """
    rivals = dict(kin.disputes)
    found: list[Contradiction] = []
    for happening in happenings:
        claims = (happening, *rivals.get(happening, ()))
        for claim in claims:
            for other in claims:
                found += _contradicted(claim, other)
    return tuple(dict.fromkeys(found))


def _last(event: Event) -> float:
    return event.when.latest_begin


def _contradicted(claim: Happening, other: Happening) -> list[Contradiction]:
    """Return the reports of *other* after which all of *claim* lies."""
    found = []
    for entry in other.entries:
        for citation in entry.event.cite if entry.event else ():
            day = citation.known_day
            if day is not None and claim.first > day:
                own = claim is other
                claims = (entry,) if own else (claim.entries[0], entry)
                found.append(Contradiction(claims, str(citation)))
    return found
