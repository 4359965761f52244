"""What the formats make of entries whose words were erased."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from erasing import erase

from bri_timeline import Event, EventLog, scale
from bri_timeline.errors import FaultsError
from bri_timeline.formats import arrow
from bri_timeline.relations import FACTS, Joined


JOINED = Event(Joined("AZE", "x"), when="2015", id="a")
RIGHT = Event(Joined("AZE", "y"), when="2016")
LOG = EventLog.of(JOINED).append(RIGHT, supersedes=0).retract(1, because="no")


@pytest.mark.parametrize(
    "read",
    [
        lambda table, _: arrow.from_arrow(table, FACTS),
        lambda table, path: scale.write(table, path, FACTS),
    ],
    ids=["arrow", "scale"],
)
def test_arrow_refuses_what_is_not_left(
    tmp_path: Path, read: Callable[[Any, Path], object]
) -> None:
    """Each fault is named with its row; so it is in what is written to a dataset."""
    rows = arrow.to_arrow(erase(LOG, [1, 2]), FACTS).to_pylist()
    rows[0]["erased"] = rows[1]["erased"]
    rows[1]["erased"] = '{"words":1}'
    table = pyarrow.Table.from_pylist(rows)
    with pytest.raises(FaultsError) as caught:
        read(table, tmp_path / "data")
    told = [str(fault) for fault in caught.value.faults]
    assert "row 0: erased: belongs to a row that says nothing" in told
    assert any(t.startswith("row 1: erased: is not what is left of") for t in told)
