"""Rows of Arrow are read together as they are read alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest
from format_strategies import WORDS, odd_logs
from hypothesis import given

from bri_timeline import Event, EventLog, Place, Source, Unknown, Vocabulary
from bri_timeline.errors import FaultsError
from bri_timeline.formats import arrow
from bri_timeline.relations import FACTS, AgreementSigned, Joined, Visited


PAPER, AGENCY = Source("The Paper", published="2019-04-24"), Source("An Agency")
LOG = EventLog.of(
    Event(
        Visited("AZE", "CHN", occasion="a forum"), when="2015", cite=PAPER.at("p. 1")
    ),
    Event(Visited("CHN", "AZE"), when="2016-04~", cite=[PAPER, AGENCY.at("q", "p")]),
    Event(Joined("AZE", "BRI"), when="2013/..", id="j"),
    Event(AgreementSigned(["AZE", "CHN"], "trade", count=3), when="2017", cite=AGENCY),
)


def read(table: Any, vocabulary: Vocabulary = FACTS) -> Any:
    """The entries of a table, or its faults."""
    try:
        log = arrow.from_arrow(table, vocabulary)
    except FaultsError as error:
        return [str(fault) for fault in error.faults]
    return [(e, e.known_day, e.recorded_at, e.event and e.event.id) for e in log]


def one_by_one(table: Any, vocabulary: Vocabulary = FACTS) -> Any:
    """The same, of one row after the other."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(arrow, "_AT_ONCE", 1)
        return read(table, vocabulary)


@given(odd_logs())
def test_a_log_is_read_alike(log: EventLog) -> None:
    """Together and one by one, whatever it holds."""
    table = arrow.to_arrow(log, WORDS)
    assert read(table, WORDS) == one_by_one(table, WORDS)


def put(name: str, row: int, cell: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A change of one cell."""

    def change(table: Any) -> Any:
        cells = table[name].to_pylist()
        cells[row] = cell(cells[row])
        place = table.schema.get_field_index(name)
        column = pa.array(cells, table.schema.field(name).type)
        return table.set_column(place, name, column)

    return change


def cast(name: str, kind: Any) -> Callable[[Any], Any]:
    """A column of another type."""

    def change(table: Any) -> Any:
        place = table.schema.get_field_index(name)
        return table.set_column(place, name, table[name].cast(kind))

    return change


NOON = datetime(2020, 1, 1, 12, tzinfo=UTC)
TWICE = '{"guest":"AZE","guest":"KAZ","host":"CHN"}'
CHANGES: dict[str, Callable[[Any], Any]] = {
    "no kind": put("kind", 0, lambda _: None),
    "no payload": put("what", 1, lambda _: None),
    "no date": put("when", 2, lambda _: None),
    "several days": put("when", 0, lambda _: "{2015,2016}"),
    "not a date": put("when", 0, lambda _: "2015-13"),
    "another kind": put("kind", 0, lambda _: "Unheard"),
    "a newer version": put("version", 0, lambda _: 9),
    "a name twice": put("what", 0, lambda _: TWICE),
    "another form": put("what", 0, lambda cell: json.dumps(json.loads(cell), indent=1)),
    "an unknown name": put("what", 0, lambda cell: cell.replace("guest", "gest")),
    "no actor": put("what", 0, lambda cell: cell.replace("AZE", "XXX")),
    "a long payload": put("what", 0, lambda cell: cell.replace("forum", "f" * 300_000)),
    "an empty id": put("id", 2, lambda _: ""),
    "another position": put("position", 1, lambda _: 7),
    "no citation": put("cite", 1, lambda _: None),
    "a citation twice": put("cite", 1, lambda cell: [*cell, cell[0]]),
    "a citation of nothing": put("cite", 1, lambda _: [None]),
    "a source without a title": put("cite", 0, lambda c: [{**c[0], "title": None}]),
    "known all along": put("known_day", 0, lambda _: None),
    "recorded": put("recorded_at", 3, lambda _: NOON),
    "a correction": put("supersedes", 1, lambda _: 0),
    "large texts": cast("what", pa.large_string()),
    "without positions": lambda table: table.drop_columns(["position"]),
    "without citations": lambda table: table.drop_columns(["cite"]),
    "without ids": lambda table: table.drop_columns(["id"]),
    "without days": lambda table: table.drop_columns(["known_day", "recorded_at"]),
    "the least": lambda table: table.select(["kind", "what", "when"]),
    "other citations": lambda table: table.set_column(
        table.schema.get_field_index("cite"),
        "cite",
        pa.array([[{"title": "A list"}]] * len(table)),
    ),
    "one citation": lambda table: table.slice(0, 1),
    "nothing": lambda table: table.slice(0, 0),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_changed_table_is_read_alike(change: Callable[[Any], Any]) -> None:
    """The same entries, or the same faults."""
    table = change(arrow.to_arrow(LOG, FACTS))
    assert read(table) == one_by_one(table)


def test_places_and_unknown_kinds_are_read_alike() -> None:
    """What few logs have comes back from rows too."""
    placed = Event(Visited("AZE", "CHN"), when="2015", where=Place("Baku"))
    for event in (placed, Event(Unknown("Odd", 1, b'{"a":1}'), when="2015")):
        table = arrow.to_arrow(EventLog.of(event), FACTS)
        assert read(table) == one_by_one(table)
        assert arrow.from_arrow(table, FACTS)[0].event == event
