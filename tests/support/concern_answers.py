"""What a log says of some parties."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from attrs import evolve
from concern_model import CUTS, PARTIES, VIEWS, following

from bri_timeline import Event, EventLog, projection


def some_parties(random: Random) -> tuple[str, ...]:
    """Return two parties, as often as not, or another number of them."""
    return tuple(random.sample(PARTIES, random.choice((2, 2, 2, 1, 3, 4))))


def answers(log: EventLog, parties: Sequence[str], seed: int) -> list[object]:
    """Return what a log says of some parties: on some days, from some days."""
    fold, random = following(*parties), Random(seed)
    found: list[object] = []
    for _ in range(4):
        view = log.as_of(random.choice(VIEWS), random.choice(CUTS))
        found += [view.project(fold), view.project(fold, undecided=True)]
        found += [view.concerning(*parties).set_aside]
        # Only the whole log holds what refers to nothing and names nobody.
        told = view.explain(fold, of=len)
        found += [evolve(told, dangling=[d for d in told.dangling if d.event.parties])]
    return [*found, log.history(fold), log.beliefs(fold, on=VIEWS[-1])]


@projection(initial=tuple)
def told(state: tuple[str, ...], event: Event) -> tuple[str, ...]:
    """The texts, in fold order."""
    return (*state, event.what.text)
