"""Panels without bounds, what is spent on bounds, and the types of their columns."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from attrs import frozen
from typed_payload import YEARS, Typed, guests

from bri_timeline import Event, EventLog, Projection
from bri_timeline.measures import count, latest


def test_columns_without_bounds_have_their_types() -> None:
    """Reading them one after another does not depend on what was asked."""
    log = EventLog.of(Event(Typed("KAZ", 1), when="2014"))
    for measure in (count(), latest(Typed, "n")):
        one, other = (
            pa.table(log.panel(measure, by=guests, bounds=bounds, **YEARS))
            for bounds in (True, False)
        )

        assert one.schema == other.schema
        assert [[1], [1], [1], [True]] == [c.to_pylist() for c in one.columns[-4:]]
        assert [[1], [None], [None], [False]] == [
            c.to_pylist() for c in other.columns[-4:]
        ]


@pytest.mark.parametrize(
    ("field", "kind"),
    [
        ("n", pa.int64()),
        ("name", pa.string()),
        ("price", pa.decimal128(38, 9)),
        ("share", pa.float64()),
        ("is_done", pa.bool_()),
    ],
)
def test_a_field_says_the_type_of_its_column(field: str, kind: pa.DataType) -> None:
    """Also if no event has a value; numbers have bounds of their type."""

    @frozen
    class Other:
        """Nothing is known of it."""

        guest: str

    log = EventLog.of(Event(Other("KAZ"), when="2014"))
    log = log.append(Event(Typed("UZB"), when="2014"))
    panel = log.panel(latest(Typed, field), by=guests, **YEARS)
    schema = pa.table(panel).schema

    assert kind == schema.field("value").type


@pytest.mark.parametrize(
    "measure",
    [
        latest(Typed, "either"),
        latest(Typed, "untyped"),
        latest(Typed, lambda event: event.what.untyped),
        Projection(lambda: None, lambda _, event: event.what.untyped),
    ],
    ids=["either", "untyped", "function", "fold"],
)
def test_what_no_field_says_is_looked_for(
    measure: Projection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In as many batches as it takes, which are given all the same."""
    event = Event(Typed("KAZ", either=1.5, untyped=1.5), when="2014-01-02")
    many = 64
    monkeypatch.setattr("bri_timeline._queries._columns.BATCH", many)
    days = "2013-12-31", "2014-01-01", "2014-12-31"
    asked = [("KAZ", day) for day in days for _ in range(many)]
    table = pa.table(EventLog.of(event).panel(measure, by=guests, at=asked))

    assert pa.float64() == table.schema.field("value").type
    assert [None, None, 1.5] == table["value"].to_pylist()[::many]


def test_a_type_that_cannot_be_found_is_looked_for() -> None:
    """As one of a class within a function, which nothing can look up."""

    @frozen
    class Local:
        """Its field has a type that has no name elsewhere."""

        guest: str
        other: Inner

    @frozen
    class Inner:
        """A type that is known here only."""

    log = EventLog.of(Event(Local("KAZ", Inner()), when="2014"))
    panel = log.panel(latest(Local, "guest"), by=guests, **YEARS)

    assert ["KAZ"] == pa.table(panel)["value"].to_pylist()
