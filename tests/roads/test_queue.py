"""What is kept of the queue of proposals, and where nobody can see it."""

from __future__ import annotations

from pathlib import Path

import pytest
from format_strategies import FEW
from log_strategies import everything
from queue_worlds import LOG

from bri_timeline import EventLog, scale
from bri_timeline.measures import count
from bri_timeline.stores import MemoryStore


DAY = "2017-01-01"


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
