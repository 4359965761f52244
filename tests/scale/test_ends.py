"""Datasets fold the ends of extents as a log in memory does."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from random import Random

import attrs
import pytest
from log_strategies import KNOWN_BY, Deed, Fact
from marks_model import DATES, VIEWS, lasting, numbers, random_log, trace

from bri_timeline import Event, EventLog, Vocabulary, dyads
from bri_timeline.scale import write


KINDS = Vocabulary(Fact, Deed)
PAIRS = ("AAA", "BBB"), ("BBB", "CCC"), ("AAA", "DDD")


@pytest.mark.slow
@pytest.mark.full
def test_states_with_ends_are_those_of_the_log(
    tmp_path: Path, trials: Callable[..., int]
) -> None:
    """For every pair, and for one of them looked up, also in many small batches."""
    for seed in range(trials(300, share=100)):
        random = Random(seed)
        log, folder = random_log(random, most=14), tmp_path / str(seed)
        if random.random() < 0.5:
            # What is related to nothing else is streamed, and sorted with the rest.
            more = (
                Event(
                    Fact(str(n), frozenset({"AAA", "BBB"})),
                    when=random.choice([*DATES]),
                )
                for n in range(random.choice([3, 12]))
            )
            log = log.extend(more)
        dataset = write(log, folder, KINDS, buckets=random.choice([1, 2]))
        for _ in range(4):
            basis = random.choice([None, *KNOWN_BY, *range(len(log))[-2:]])
            day = date.fromordinal(random.choice(VIEWS))
            view = log.as_of(day, basis)
            for fold in (trace, lasting, numbers):
                found = dataset.project_each(fold, on=day, known_by=basis)

                assert found == view.project_each(fold, by=dyads), seed
            for pair in PAIRS:
                state = dataset.project(trace, *pair, on=day, known_by=basis)
                own = log.among(*pair).as_of(day, basis)

                assert state == own.project(trace), seed
        shutil.rmtree(folder)


def test_ends_come_between_the_events_of_two_files(tmp_path: Path) -> None:
    """An end comes in its place, whichever file has the events beside it."""
    pair = frozenset({"AAA", "BBB"})
    events = [
        Event(Fact(str(n), pair), when=f"2015-01-{n:02}/2015-01-{n + 7:02}")
        for n in range(1, 20)
    ]
    dataset = write(EventLog.of(*events[::2]), tmp_path, KINDS)
    dataset = dataset.append(EventLog.of(*events[::2], *events[1::2]))
    log = EventLog.of(*events[::2], *events[1::2])
    for day in ("2015-01-09", "2015-01-21", "2015-03-01"):
        assert dataset.project_each(trace, on=day) == log.as_of(day).project_each(
            trace, by=dyads
        )


@pytest.mark.slow
def test_panels_meet_ends_of_one_day_in_the_order_of_the_log(tmp_path: Path) -> None:
    """Whichever began first; streamed, related to others, and of a kind not read."""
    pair = frozenset({"AAA", "BBB"})
    log = EventLog.of(
        Event(Deed("a", pair), when="2015-12-30/2015-12-31"),
        Event(Fact("b", pair), when="../2015-12-31"),
        Event(Fact("c", pair), when="2015-12-29/2015-12-31", id="x"),
        Event(Fact("c", pair), when="2015-12-29/2015-12-31", id="x"),
        Event(Fact("d", pair), when="2015-12-28/.."),
        Event(Fact("e", pair), when="2015-12-28/"),
    )
    dataset = write(log, tmp_path, KINDS)
    some = {"every": "day", "start": "2015-12-29", "stop": "2016-01-02"}
    for asked in (some, {**some, "flow": True}):
        for fold in (trace, numbers, attrs.evolve(trace, reads=Deed)):
            rows = [*dataset.panel(fold, **asked)]
            states = [log.as_of(row.until).project(fold) for row in rows]

            assert rows == [*log.panel(fold, by=dyads, **asked)]
            assert [row.value for row in rows] == states or "flow" in asked
