"""Whatever a log went through, a composition has the state of one fold of what counts.

Each log is asked while it grows, so that states are kept along the way. It is compared
with a log that was never asked before, and keeps nothing.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from random import Random

import pytest
from fold_worlds import plain, shown
from grown_worlds import (
    ON,
    asked_of,
    grown,
    part_of,
    small_parts,
    told,
)

from bri_timeline import EventLog


def _kept(random: Random) -> EventLog:
    """Return a log that keeps states after each of its marks, or as others do."""
    return EventLog().with_cache(1_000, every=random.choice([1, 16]))


def _check_roads(random: Random, size: int, least: int) -> None:
    """Let a log grow, and compare what it says; also of what it was, and of copies."""
    composed, make = asked_of(random)
    names: list[str] = []
    log, older = _kept(random), list[EventLog]()
    for _ in range(size):
        log = grown(log, random, make, names)
        if len(log) < least or not log:
            continue
        way = random.randrange(8)
        if way == 0:
            log = pickle.loads(pickle.dumps(log))
        elif way == 1 and older:  # an older log goes on, in another way
            log = random.choice(older)
        older = [*older[-3:], log]
        if way > 3:
            asked, seed = random.choice(older), random.random()
            found = told(asked, composed, Random(seed), lambda one: one)
            anew = EventLog(asked).with_cache(0)
            assert found == told(anew, composed, Random(seed), plain)


@pytest.mark.full
def test_a_state_is_that_of_one_fold_on_every_road(
    trials: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After late reports, corrections and retractions, of any knowledge."""
    for seed in range(trials(20_000, share=300)):
        random = Random(seed)
        small_parts(random, monkeypatch)
        _check_roads(random, random.choice([6, 12, 24]), 0)


@pytest.mark.slow
@pytest.mark.full
def test_a_state_of_a_long_log_is_that_of_one_fold(
    trials: Callable[..., int],
) -> None:
    """Segments, trees and nodes are as large as they ever are."""
    for seed in range(trials(500, share=25)):
        _check_roads(Random(f"long {seed}"), 400, 360)


@pytest.mark.full
def test_a_part_is_asked_as_the_whole_has_it_on_every_road(
    trials: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Any field and key, of `relationship()` and of random compositions."""
    for seed in range(trials(10_000, share=300)):
        random = Random(seed)
        small_parts(random, monkeypatch)
        composed, make = asked_of(random)
        log, names = _kept(random), list[str]()
        for _ in range(random.choice([4, 8, 16])):
            log = grown(log, random, make, names)
            view = log.as_of(random.choice(ON), random.choice([None, *ON[1:]]))
            path, state = part_of(view.project(composed), random)
            found = view.project(composed.part(*path))
            assert shown(found) == shown(state), seed
            assert found == state
