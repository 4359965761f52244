"""Tests of places in datasets."""

from __future__ import annotations

import pytest
from log_strategies import Deed, Fact, everything
from scale_worlds import expected, laid_out

from bri_timeline import Event, EventLog, Place, Projection, Source, dyads
from bri_timeline.measures import count
from bri_timeline.scale import _bucket, _layout


def test_dataset_tells_two_places_apart() -> None:
    """Claims without ids that differ in their place are about two happenings."""
    pair = frozenset({"AAA", "BBB"})
    baku = Place("Baku", 40.4, 49.9)
    nameless = Event(Fact("a", pair), when="2016-01-01", where=baku)
    rival = Event(Fact("b", pair), when="2016-01-01", id=nameless.id)
    elsewhere = Event(Fact("a", pair), when="2016-01-01", cite=Source("Daily"))
    log = EventLog.of(nameless, rival, elsewhere)
    with laid_out(log) as dataset:
        counts = dataset.project_each(count(Fact), on="2017-01-01")
        assert counts == log.as_of("2017-01-01").project_each(count(Fact), by=dyads)
        assert counts == {("AAA", "BBB"): 2}
        assert [*dataset.entries()] == [*log]


@pytest.mark.slow
@pytest.mark.parametrize("size", [1, 3, 100])
def test_events_that_are_made_a_few_at_a_time_keep_what_they_have(
    monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """Places, days and sources of rows, among corrected ones, whatever is read."""
    monkeypatch.setattr(_bucket, "_GROUPS_AT_ONCE", size)
    monkeypatch.setattr(_layout, "_ROW_GROUP", size)
    log = EventLog.of(
        *(
            Event(
                (Fact, Deed)[n % 3 == 0](f"{n}", frozenset({"AAA", f"B{n % 4}"})),
                when=f"2016-01-{1 + n:02}",
                where=Place(f"place {n}") if n % 2 else None,
                cite=Source(f"Daily {n}"),
                id=f"e{n}",
            )
            for n in range(28)
        )
    )
    for again, target in ((9, 2), (4, 8)):
        log = log.append(log[again].claim, supersedes=target)
    log = log.retract(13, because="wrong")
    deeds = Projection(everything.initial, everything.evolve, reads=Deed)
    with laid_out(log, buckets=1) as dataset:
        for fold in (everything, deeds):
            found = dataset.project_each(fold, on="2017-01-01")

            assert expected(log, fold, "2017-01-01") == found
