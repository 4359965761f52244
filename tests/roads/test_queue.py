"""What is kept of the queue of proposals, and where nobody can see it."""

from __future__ import annotations

from pathlib import Path

import pytest
from format_strategies import FEW
from log_strategies import Fact, everything

from bri_timeline import Event, EventLog, Source, scale
from bri_timeline.measures import count
from bri_timeline.stores import MemoryStore


PAPER = Source("The Paper", published="2016-01-02")
BOTH = frozenset({"AAA", "BBB"})
CLAIM = Event(Fact("a", BOTH), when="2016-01-01", cite=PAPER.at("p. 1", "so it was"))
OTHER = Event(Fact("b", BOTH), when="2016-01-02", cite=PAPER.at("p. 2"), id="x")
DAY = "2017-01-01"
LOG = (
    EventLog.of(CLAIM)
    .propose(OTHER, by="model")
    .accept(1, by="Anna", because="it stands there")
    .propose(CLAIM, by="model", supersedes=2)
    .accept(3, by="Anna", event=OTHER)
    .propose(OTHER, by="Bela")
    .reject(5, by="Anna", because="known")
    .reject(1, by="Anna", because="forged")
)


@pytest.mark.slow
def test_datasets_answer_as_without_a_queue(tmp_path: Path) -> None:
    """A dataset of a log, or of a store that grows, has only what counts."""
    plain = scale.write(LOG.published(), tmp_path / "plain", FEW, buckets=2)
    data = scale.write(LOG, tmp_path / "whole", FEW, buckets=2)
    with MemoryStore(FEW) as store:
        store.append(EventLog(LOG[:4]))
        scale.write(store, tmp_path / "grown", FEW, buckets=2)
        store.append(LOG)
        grown = scale.open(tmp_path / "grown", FEW).append(store)
    assert len(data) == len(grown) == len(LOG)
    for one in (data, grown):
        assert plain.tally(count(), on=DAY) == one.tally(count(), on=DAY)
        expected = plain.project(everything, "AAA", "BBB", on=DAY)
        assert expected == one.project(everything, "AAA", "BBB", on=DAY)
        assert expected
