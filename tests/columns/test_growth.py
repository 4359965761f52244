"""Columns look at no more than what there is."""

from __future__ import annotations

import pyarrow
import pytest
from effort import growth
from growth_worlds import YEARS, visits, world

from bri_timeline import EventLog, dyads
from bri_timeline._queries import panel


def in_columns(log: EventLog) -> object:
    """Return a panel as a table of columns, which is made of many small blocks."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(panel, "BATCH", 64)
        return pyarrow.table(log.panel(visits, by=dyads, **YEARS))


@pytest.mark.slow
def test_a_panel_in_columns_grows_with_its_log_only() -> None:
    """Four times the log is four times the work, at first and again."""
    assert {} == growth(in_columns, world, visits.evolve.__code__)
