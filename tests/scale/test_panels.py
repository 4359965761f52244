"""Panels of a dataset, and projections that take ends, are those of its log."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from attrs import frozen
from effort import at_most
from hypothesis import example, given
from hypothesis import strategies as st
from log_strategies import (
    POLICIES,
    Deed,
    Fact,
    Policy,
    everything,
    known_by_days,
    logs,
    view_days,
    with_datasets,
)
from scale_worlds import ABC, DEALS, Deal, deal, laid_out, loners, many

from bri_timeline import (
    Event,
    EventLog,
    Projection,
    Vocabulary,
    dyads,
    measures,
    projection,
    scale,
)
from bri_timeline.errors import PanelError, ProjectionError


few = at_most(30)
Spread = dict[str, object]
SPREADS: list[Spread] = [
    {"every": "day", "start": "2015-12-29", "stop": "2016-01-05"},
    {"every": "month", "start": "2015-06-01", "stop": "2016-03-01"},
    {"every": "year", "start": "2014-01-01", "stop": "2017-12-31"},
    {"start": "2015-12-31", "stop": "2016-01-01"},
    {"every": "day", "window": "month", "start": "2015-12-30", "stop": "2016-01-02"},
]


@frozen
class Loan:
    """A loan of an amount that is seldom known."""

    parties: frozenset[str]
    n: int | None = None


Lasting = frozenset[tuple[object, object]]


@projection(initial=frozenset)
def in_force(state: Lasting, event: Event) -> Lasting:
    """The claims that have begun, and have not ended."""
    return state | {(event.what, event.when)}


def _ended(state: Lasting, event: Event) -> Lasting:
    return state - {(event.what, event.when)}


LASTING = Projection(in_force.initial, in_force.evolve, ends=_ended, name="lasting")
DEEDS = Projection(
    in_force.initial, in_force.evolve, ends=_ended, reads=Deed, name="deeds"
)

VALUES = measures.distinct(Fact, "value")


@few
@given(
    log=with_datasets(logs() | loners()),
    spread=st.sampled_from(SPREADS),
    flow=st.booleans(),
    known_by=st.none() | known_by_days(),
    prefer=POLICIES,
    bounded=st.booleans(),
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
    prefer: Policy,
    bounded: bool,
    asked: Projection[object],
) -> None:
    """Each row, with its bounds, under each policy; and the keys of all states."""
    options = {**spread, "known_by": known_by, "flow": flow and "window" not in spread}
    read = log.reading(prefer, bounded_by_reports=bounded)
    rows = [*read.panel(asked, by=dyads, **options)]
    with laid_out(log, 2) as data:
        data = data.reading(prefer, bounded_by_reports=bounded)
        found = [*data.panel(asked, **options)]
        states = data.project_each(asked, on="2015-06-30", known_by=known_by)

    assert rows == sorted(found, key=lambda row: (row.key, row.until))
    assert {row.key for row in rows} == states.keys()


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


@pytest.mark.slow
def test_measures_of_too_many_orders_to_try_have_the_bounds_of_the_log() -> None:
    """They are folded as measures, and not as a selection from one."""
    log = EventLog.of(
        *(Event(Deal(ABC, millions=n), when="2000", id=str(n)) for n in range(30))
    )
    span = {"start": "2000-01-01", "stop": "2000-06-30"}
    for measure in (
        measures.distinct(Deal, "millions"),
        measures.latest(Deal, "millions"),
        measures.total(Deal, "millions", where=_is_even),
    ):
        rows = [*log.panel(measure, by=dyads, **span)]
        with laid_out(log, 1, DEALS) as data:
            assert rows == [*data.panel(measure, **span)]
        assert None not in (rows[0].low, rows[0].high)


@pytest.mark.slow
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


def test_days_before_and_after_a_panel_are_added_to_the_first_period_or_none() -> None:
    """A state has what was before; a flow does not, and neither what comes after."""
    days = ("1999-05-01", "2000-05-01", "2001-05-01", "2002-05-01")
    pairs = [("AAA", "BBB"), ("AAA", "CCC")]
    log = EventLog.of(
        *(
            Event(Deal(frozenset(p)), when=day, id=f"{p} {day}")
            for p in pairs
            for day in days
        )
    )
    span = {"every": "year", "start": "2000-01-01", "stop": "2001-12-31"}
    with laid_out(log, 1, DEALS) as data:
        for flow, numbers in ((False, [2, 3]), (True, [1, 1])):
            rows = [*data.panel(measures.count(), flow=flow, **span)]

            assert rows == [*log.panel(measures.count(), by=dyads, flow=flow, **span)]
            assert numbers * 2 == [row.value for row in rows]


def test_a_day_with_a_qualifier_is_added_to_those_without() -> None:
    """It is in another part of the query, and its period has both."""
    log = EventLog.of(
        *(
            Event(Deal(ABC), when=when, id=when)
            for when in ("2000-01-01", "2000-01-02~")
        )
    )
    span = {"every": "year", "start": "2000-01-01", "stop": "2001-12-31"}
    with laid_out(log, 1, DEALS) as data:
        for flow in (False, True):
            rows = [*data.panel(measures.count(), flow=flow, **span)]

            assert rows == [*log.panel(measures.count(), by=dyads, flow=flow, **span)]
            assert [2, 0 if flow else 2] == [row.value for row in rows[:2]]


@pytest.mark.slow
def test_a_date_with_gaps_adds_nothing_to_a_period_that_it_leaves_out() -> None:
    """It lies before the period or after it, and never within."""
    gappy = Event(Deal(ABC), when="[2015-12-30,2016-01-02]")
    wide = Event(Deal(ABC, millions=1), when="[2015-12-30..2016-01-02]")
    span = {"every": "day", "start": "2015-12-29", "stop": "2016-01-03"}
    for log in (EventLog.of(gappy), EventLog.of(wide), EventLog.of(gappy, wide)):
        rows = [*log.panel(measures.count(), by=dyads, flow=True, **span)]
        with laid_out(log, 1, DEALS) as data:
            assert rows == [*data.panel(measures.count(), flow=True, **span)]


# A day, and one of several, in one period.
SEVERAL = [(("AAA", "BBB"), when, 1) for when in ("2000-01-01", "[1999,2001]")]


@few
@example(SEVERAL, None, False, measures.count(Deal))
@example([*SEVERAL, SEVERAL[1]], None, True, measures.total(Deal, "millions"))
@given(
    claims=st.lists(
        st.tuples(
            st.sampled_from([("AAA", "BBB"), ("BBB", "CCC"), ("AAA",), tuple(ABC)]),
            st.sampled_from(
                [
                    *("1997", "1999-12-31", "2000-01-01", "2001-12-31", "2002-01-01"),
                    *("2000-01-01~", "2000-01-01/2001"),
                    *("[1997..2002]", "[..1999]", "[2001..]", "199X", "[1999,2001]"),
                ]
            ),
            st.sampled_from([None, 0, 1, -2, 5]),
        ),
        max_size=8,
    ),
    every=st.sampled_from(["year", "quarter", None]),
    flow=st.booleans(),
    asked=st.sampled_from([measures.count(Deal), measures.total(Deal, "millions")]),
)
def test_sums_are_those_of_the_log_at_the_borders_of_the_panel(
    claims: list[tuple[tuple[str, ...], str, int | None]],
    every: str | None,
    flow: bool,
    asked: Projection[int],
) -> None:
    """Dates lie before it, after it, across its ends; amounts lower and raise."""
    log = EventLog.of(
        *(
            Event(Deal(frozenset(parties), millions=amount), when=when, id=str(number))
            for number, (parties, when, amount) in enumerate(claims)
        )
    )
    span = {"every": every, "start": "1998-01-01", "stop": "2001-12-31", "flow": flow}
    rows = [*log.panel(asked, by=dyads, **span)]
    with laid_out(log, 2, DEALS) as data:
        found = data.panel(asked, **span)

        assert rows == sorted(found, key=lambda row: (row.key, row.until))
        assert len(rows) == len(found)
        if rows:
            frame = pl.DataFrame(found).sort("key_1", "key_2", "since")

            assert frame["high"].to_list() == [row.high for row in rows]
            assert frame["since"].to_list() == [row.since for row in rows]


@pytest.mark.slow
def test_sums_that_a_column_cannot_hold_are_folded() -> None:
    """They are Python's numbers, of any size, when the panel is iterated over."""
    total = measures.total(Deal, "millions")
    span = {"every": "year", "start": "1999-01-01", "stop": "2000-12-31"}
    for amounts in ([1 << 62] * 3 + [-(1 << 62)], [1 << 63]):
        events = [
            deal(day, "AAA", "BBB", millions=amount)
            for day, amount in enumerate(amounts)
        ]
        log = EventLog.of(*events)
        with laid_out(log, 1, DEALS) as data:
            found = [*data.panel(total, **span)]

            assert found == [*log.panel(total, by=dyads, **span)]
            assert found[-1].value == 1 << 63
            with pytest.raises(PanelError, match="does not fit"):
                pl.DataFrame(data.panel(total, **span))


@pytest.mark.slow
def test_buckets_without_rows_leave_the_columns_as_they_are() -> None:
    """Those of what is about one party alone, and of what is not known yet."""
    events = [deal(n, "AAA") for n in range(9)]
    log = EventLog.of(*events, deal(0, "BBB", "CCC"))
    span = {"start": "2000-01-01", "stop": "2000-12-31"}
    rolling = {"every": "month", "window": "year", **span}
    for asked in (measures.count(), everything):
        with laid_out(log, 4, DEALS) as data:
            windows = [row.value for row in data.panel(measures.count(), **rolling)]
            frame = pl.DataFrame(data.panel(asked, of=lambda state: 1, **span))
            sums = pl.DataFrame(data.panel(measures.count(), **span))
            none = pl.DataFrame(data.panel(measures.count(), known_by=0, **span))

        assert frame["key_1"].to_list() == sums["key_1"].to_list() == ["BBB"]
        assert sums["value"].to_list() == [1]
        assert windows == [1] * 8 + [0] * 4
        assert not len(none)


def test_rows_of_many_relationships_come_in_batches(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Their number does not change the rows."""
    log = many(40)
    span = {"every": "month", "start": "1998-01-01", "stop": "2000-12-31"}
    with laid_out(log, 1, DEALS) as data:
        expected = [*data.panel(measures.count(), **span)]
        frame = pl.DataFrame(data.panel(measures.count(), **span))
        monkeypatch.setattr("bri_timeline.scale._panels._ROWS", 40)

        assert [*data.panel(measures.count(), **span)] == expected
        assert pl.DataFrame(data.panel(measures.count(), **span)).equals(frame)
    assert expected == [*log.panel(measures.count(), by=dyads, **span)]


@pytest.mark.slow
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
        with pytest.raises(PanelError, match="lies after the last day"):
            data.panel(measures.count(), start="2000-01-02", stop="2000-01-01")
        with pytest.raises(ProjectionError, match="names its parties"):
            data.panel(
                Projection(int, everything.evolve, parties=("AAA", "BBB")),
                start="2000-01-01",
                stop="2000-01-01",
            )
        of: Any = "visits"
        with pytest.raises(ProjectionError, match="'visits' is not a function of the"):
            data.panel(measures.count(), of=of, start="2000-01-01", stop="2000-01-01")


@pytest.mark.slow
def test_a_panel_begins_with_buckets_without_a_value(tmp_path: Path) -> None:
    """The field says the type of the column, and not the first bucket."""
    some = [Event(Loan(frozenset({f"P{n}", "Q"})), when="2016") for n in range(20)]
    log = EventLog.of(*some, Event(Loan(frozenset({"Y", "Z"}), 2), when="2016-01-02"))
    days: dict[str, Any] = {"start": "2016-01-01", "stop": "2016-03-31"}
    asked = measures.latest(Loan, "n")
    with laid_out(log, 8, Vocabulary(Loan)) as data:
        for bounds in (True, False):
            options = days | {"bounds": bounds, "every": "month"}
            panel = data.panel(asked, **options)
            path = tmp_path / "panel.parquet"
            rows = scale.save_panel(panel, path)
            table, own = pq.read_table(path), log.panel(asked, by=dyads, **options)

            assert len(panel) == rows == 63
            assert [2] * 3 == [n for n in table["value"].to_pylist() if n is not None]
            assert table.schema.equals(pa.table(own).schema)
            assert [*own] == sorted(panel, key=lambda row: (row.key, row.until))


@pytest.mark.parametrize(
    "asked", [measures.count(), measures.count(Deed), VALUES, LASTING], ids=str
)
@at_most(4)
@given(log=logs() | loners(), spread=st.sampled_from(SPREADS))
def test_panel_without_bounds_is_that_of_the_log(
    log: EventLog, spread: Spread, asked: Projection[object]
) -> None:
    """Added up by DuckDB, or folded."""
    rows = [*log.panel(asked, by=dyads, bounds=False, **spread)]
    with laid_out(log, 2) as data:
        found = [*data.panel(asked, bounds=False, **spread)]

    assert rows == sorted(found, key=lambda row: (row.key, row.until))
    assert {(None, None, False)} >= {(r.low, r.high, r.complete) for r in found}
