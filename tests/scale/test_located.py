"""Tests of places in datasets."""

from __future__ import annotations

from log_strategies import Fact
from scale_worlds import laid_out

from bri_timeline import Event, EventLog, Place, Source
from bri_timeline.measures import count


def test_dataset_takes_one_of_two_places() -> None:
    """Claims that differ in their place alone are about one happening."""
    pair = frozenset({"AAA", "BBB"})
    baku = Place("Baku", 40.4, 49.9)
    nameless = Event(Fact("a", pair), when="2016-01-01", where=baku)
    rival = Event(Fact("b", pair), when="2016-01-01", id=nameless.id)
    elsewhere = Event(Fact("a", pair), when="2016-01-01", cite=Source("Daily"))
    log = EventLog.of(nameless, rival, elsewhere)
    with laid_out(log) as dataset:
        counts = dataset.project_each(count(Fact), on="2017-01-01")
        assert counts == {("AAA", "BBB"): 1}
        assert [*dataset.entries()] == [*log]
