"""What a log says over time: periods, beliefs, and reports that came too early."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from itertools import groupby
from typing import TypeVar

from bri_timeline._events import Entry
from bri_timeline._explanation import Belief, Contradiction, Period
from bri_timeline._happenings import Happening, Resolution
from bri_timeline._projection import Projection


__all__ = ["beliefs", "contradictions", "periods"]

S = TypeVar("S")


def periods(
    projection: Projection[S], happenings: Iterable[Happening]
) -> tuple[Period[S], ...]:
    """Return the periods through which each certain state held.

    Args:
        projection: The state.
        happenings: In fold order.
    """
    state = projection.initial()
    found = [Period[S](None, state, ())]
    certain = (h for h in happenings if h.last < math.inf)
    for last, group in groupby(certain, key=_last):
        before, changed = state, []
        for happening in group:
            earlier, state = state, projection.evolve(state, happening.event)
            if earlier != state:
                changed.append(happening.event)
        if last == -math.inf:
            found = [Period(None, state, tuple(changed))]
        elif before != state:
            found.append(Period(int(last), state, tuple(changed)))
    return tuple(found)


def beliefs(
    entries: Iterable[Entry], state_known_by: Callable[[float], S]
) -> tuple[Belief[S], ...]:
    """Return what was believed, over the days on which entries became known.

    Args:
        entries: All that bear on the state.
        state_known_by: Returns the state by what was known on a day.
    """
    by_day: dict[int | None, list[Entry]] = {None: []}
    for entry in sorted(entries, key=Entry.knowledge):
        by_day.setdefault(entry.known_day, []).append(entry)
    found: list[Belief[S]] = []
    for known, new in by_day.items():
        state = state_known_by(-math.inf if known is None else known)
        if not found or found[-1].state != state:
            found.append(Belief(known, state, tuple(new)))
    return tuple(found)


def contradictions(resolution: Resolution) -> tuple[Contradiction, ...]:
    """Return claims that lie wholly after a report of the same happening."""
    rivals = dict(resolution.disputes)
    found: list[Contradiction] = []
    for happening in resolution.happenings:
        claims = (happening, *rivals.get(happening, ()))
        for claim in claims:
            for other in claims:
                found += _contradicted(claim, other)
    return tuple(dict.fromkeys(found))


def _last(happening: Happening) -> float:
    return happening.last


def _contradicted(claim: Happening, other: Happening) -> list[Contradiction]:
    """Return the reports of *other* after which all of *claim* lies."""
    found = []
    for entry in other.entries:
        for citation in entry.event.cite if entry.event else ():
            day = citation.source.known_day
            if day is not None and claim.first > day:
                rival = () if claim is other else (entry,)
                found.append(Contradiction((claim.entries[0], *rival), str(citation)))
    return found
