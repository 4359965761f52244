"""Long work on stores and panels tells how far it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from bri_timeline import Event, EventLog, scale
from bri_timeline.measures import count
from bri_timeline.relations import FACTS, Visited
from bri_timeline.stores import SQLiteStore, _copying, copy


EVENTS = [
    Event(Visited(guest, "CHN"), when="2015-05-01", id=f"{guest}{n}")
    for n in range(300)
    for guest in ("KAZ", "UZB", "AZE", "TJK")
]


def test_verifying_and_copying_tell_how_many_entries_are_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From a store, and from the entries of a log."""
    monkeypatch.setattr(_copying, "_AT_ONCE", 500)
    with SQLiteStore(tmp_path / "log.db", FACTS) as store:
        store.append(EVENTS)
        read = list[int]()
        store.verify(progress=read.append)
        assert len(EVENTS) == read[-1]
        assert read == sorted({*read})
        for number, source in enumerate((store, EventLog.of(*EVENTS))):
            done = list[int]()
            with SQLiteStore(tmp_path / f"copy{number}.db", FACTS) as target:
                copy(source, target, done.append)
            assert [500, 1_000, 1_200] == done


def test_a_panel_of_a_dataset_tells_how_far_it_is(tmp_path: Path) -> None:
    """By the buckets that were read, and the rows that were written."""
    data = scale.write(EventLog.of(*EVENTS), tmp_path / "data", FACTS, buckets=4)
    buckets, rows = list[tuple[int, int]](), list[int]()
    panel = data.panel(
        count(), every="year", start="2014-01-01", stop="2016-12-31",
        progress=lambda *done: buckets.append(done),
    )  # fmt: skip
    assert [] == buckets
    written = scale.save_panel(panel, tmp_path / "panel.parquet", rows.append)

    assert (written, 12) == (rows[-1], written)
    assert [(n, buckets[-1][1]) for n in range(len(buckets))] == buckets
