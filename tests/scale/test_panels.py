"""Panels of a dataset, and projections that take ends, are those of its log."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from log_strategies import Deed, Fact, everything, known_by_days, logs, view_days
from scale_worlds import ABC, DEALS, Deal, deal, laid_out, loners, many

from bri_timeline import (
    Event,
    EventLog,
    Prefer,
    Projection,
    dyads,
    measures,
    projection,
    scale,
)
from bri_timeline.errors import PanelError, ProjectionError


few = settings(max_examples=30)
Spread = dict[str, object]
SPREADS: list[Spread] = [
    {"every": "day", "start": "2015-12-29", "stop": "2016-01-05"},
    {"every": "month", "start": "2015-06-01", "stop": "2016-03-01"},
    {"every": "year", "start": "2014-01-01", "stop": "2017-12-31"},
    {"start": "2015-12-31", "stop": "2016-01-01"},
    {"every": "day", "window": "month", "start": "2015-12-30", "stop": "2016-01-02"},
]


@projection(initial=frozenset)
def in_force(state: frozenset[str], event: Event) -> frozenset[str]:
    """The names of events that have begun, and have not ended."""
    return state | {f"{event.what} {event.when}"}


def _ended(state: frozenset[str], event: Event) -> frozenset[str]:
    return state - {f"{event.what} {event.when}"}


LASTING = Projection(in_force.initial, in_force.evolve, ends=_ended, name="lasting")
DEEDS = Projection(
    in_force.initial, in_force.evolve, ends=_ended, reads=Deed, name="deeds"
)

VALUES = measures.distinct(Fact, "value")


@few
@given(
    log=logs() | loners(),
    spread=st.sampled_from(SPREADS),
    flow=st.booleans(),
    known_by=st.none() | known_by_days(),
    prefer=st.sampled_from(Prefer),
    asked=st.sampled_from(
        [
            measures.count(),
            measures.count(Deed),
            measures.count(active=True),
            measures.distinct(Fact, "value"),
            LASTING,
        ]
    ),
)
def test_panel_is_that_of_the_log(
    log: EventLog,
    spread: Spread,
    flow: bool,
    known_by: date | None,
    prefer: Prefer,
    asked: Projection[object],
) -> None:
    """Each row, with its bounds, under each policy."""
    options = {**spread, "known_by": known_by, "flow": flow and "window" not in spread}
    rows = log.reading(prefer).panel(asked, by=dyads, **options)
    with laid_out(log, 2) as data:
        found = [*data.panel(asked, prefer=prefer, **options)]

    assert [*rows] == sorted(found, key=lambda row: (row.key, row.until))


@few
@given(
    log=logs() | loners(),
    on=view_days(),
    known_by=st.none() | known_by_days(),
    asked=st.sampled_from([LASTING, DEEDS, measures.count(active=True)]),
)
def test_ends_are_folded_as_in_memory(
    log: EventLog, on: date, known_by: date | None, asked: Projection[object]
) -> None:
    """An event that has ended by the day is out of the state, on every road."""
    view = log.as_of(on, known_by)
    cuts = {"on": on, "known_by": known_by}
    with laid_out(log, 2) as data:
        assert view.project_each(asked, by=dyads) == data.project_each(asked, **cuts)
        for pair in (("AAA", "BBB"), ("BBB", "CCC")):
            state = log.among(*pair).as_of(on, known_by).project(asked)

            assert state == data.project(asked, *pair, **cuts)


def test_totals_are_added_up_with_their_bounds() -> None:
    """What lowers a total is in its lower bound, what raises it in the upper one."""
    log = EventLog.of(
        deal(0, *ABC, millions=3),
        deal(400, "AAA", "BBB"),
        Event(Deal(ABC, millions=-5), when="[1999..2001]"),
        Event(Deal(ABC, millions=2), when="2000"),
        Event(Deal(ABC, millions=1 << 40), when="1990"),
        Event(Deal(ABC, millions=7), when="2050"),
    )
    total = measures.total(Deal, "millions")
    span = {"every": "year", "start": "1998-01-01", "stop": "2001-12-31"}
    with laid_out(log, 1, DEALS) as data:
        for flow in (False, True):
            found = [*data.panel(total, flow=flow, **span)]
            rows = [*log.panel(total, by=dyads, flow=flow, **span)]

            assert rows == found
        with ThreadPoolExecutor(2) as executor:
            again = [*data.panel(total, flow=True, executor=executor, **span)]
        assert found == again
        assert len(found) == len(data.panel(total, flow=True, **span))


def test_a_date_with_gaps_adds_nothing_to_a_period_that_it_leaves_out() -> None:
    """It lies before the period or after it, and never within."""
    gappy = Event(Deal(ABC), when="[2015-12-30,2016-01-02]")
    wide = Event(Deal(ABC, millions=1), when="[2015-12-30..2016-01-02]")
    span = {"every": "day", "start": "2015-12-29", "stop": "2016-01-03"}
    for log in (EventLog.of(gappy), EventLog.of(wide), EventLog.of(gappy, wide)):
        rows = [*log.panel(measures.count(), by=dyads, flow=True, **span)]
        with laid_out(log, 1, DEALS) as data:
            assert rows == [*data.panel(measures.count(), flow=True, **span)]


def test_panels_are_saved_as_parquet(tmp_path: Path) -> None:
    """The file holds what Arrow reads, and replaces another."""
    log = many(30)
    span = {"every": "month", "start": "1999-01-01", "stop": "2000-12-31"}
    path = tmp_path / "panel.parquet"
    with laid_out(log, 3, DEALS) as data:
        for asked in (measures.count(), measures.count(Deal, where=_is_even)):
            saved = scale.save_panel(data.panel(asked, flow=True, **span), path)
            frame = pl.DataFrame(data.panel(asked, flow=True, **span))

            assert pq.read_metadata(path).num_rows == saved == len(frame) > 24
            assert pl.read_parquet(path).equals(frame)
    keys = pl.DataFrame(log.panel(asked, by=dyads, flow=True, **span))

    assert keys.sort("key_1", "key_2", "since").equals(
        frame.sort("key_1", "key_2", "since")
    )


def _is_even(event: Event) -> bool:
    return not event.what.millions % 2


def test_panels_that_cannot_be_are_refused() -> None:
    """Days and periods are checked before anything is read."""
    with laid_out(many(3), 1, DEALS) as data:
        with pytest.raises(PanelError, match="lies after stop"):
            data.panel(measures.count(), start="2000-01-02", stop="2000-01-01")
        with pytest.raises(ProjectionError, match="names its parties"):
            data.panel(
                Projection(int, everything.evolve, parties=("AAA", "BBB")),
                start="2000-01-01",
                stop="2000-01-01",
            )
