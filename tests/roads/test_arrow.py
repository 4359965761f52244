"""Arrow: a log as a table of other libraries and back; Parquet on disk."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import polars
import pyarrow
import pyarrow.parquet
import pytest

from bri_timeline import (
    Event,
    EventLog,
    Source,
    scale,
)
from bri_timeline.errors import FaultsError
from bri_timeline.formats import arrow
from bri_timeline.relations import FACTS, Joined


PAPER = Source("The Paper", published="2019-04", author="a")
JOINED = Event(Joined("AZE", "x"), when="2015-02~", cite=PAPER.at("p. 1"), id="j")
LOG = (
    EventLog.of(JOINED, Event(Joined("CHN", "x"), when="2015/.."))
    .append(Event(Joined("AZE", "y"), when="2016"), supersedes=0, because="misread")
    .retract(1, because="no", known="2020-01-01")
)


def faults_of(rows: list[dict[str, object]] | pyarrow.Table) -> list[str]:
    """What is said about rows."""
    table = rows
    if isinstance(rows, list):
        table = pyarrow.Table.from_pylist(rows)
    with pytest.raises(FaultsError) as caught:
        arrow.from_arrow(table, FACTS)
    return [str(fault) for fault in caught.value.faults]


def test_to_arrow_copies_no_numbers() -> None:
    """Tables made of a log share its memory: numbers lie where they lay."""
    shared = pyarrow.table(arrow.to_arrow(LOG, FACTS))
    where = shared["position"].chunk(0).buffers()[1].address

    assert where == pyarrow.table(shared)["position"].chunk(0).buffers()[1].address
    numbers = polars.DataFrame(shared)["position"].to_numpy(allow_copy=False)
    assert where == numbers.__array_interface__["data"][0]
    asked = duckdb.sql("SELECT * FROM shared").to_arrow_table()
    assert shared["what"].to_pylist() == asked["what"].to_pylist()


def test_duckdb_asks_about_days() -> None:
    """Earliest and latest are days that a query can compare."""
    table = arrow.to_arrow(LOG, FACTS)
    with duckdb.connect() as connection:
        connection.register("log", table)
        asked = "select position, earliest, latest, known, parties from log order by 1"
        found = connection.sql(asked).fetchall()
        copied = arrow.from_arrow(connection.sql("select * from log"), FACTS)

    assert (0, date(2015, 2, 1), date(2015, 2, 28), date(2019, 4, 30), ["AZE"]) == (
        found[0]
    )
    assert (1, date(2015, 1, 1), None, None, ["CHN"]) == found[1]
    assert (3, None, None, date(2020, 1, 1), None) == found[3]
    assert LOG == copied


def test_a_damaged_batch_is_a_fault(tmp_path: Path) -> None:
    """Text that is not UTF-8 is found before anything is converted."""
    offsets = pyarrow.py_buffer(b"\x00\x00\x00\x00\x01\x00\x00\x00")
    damaged = pyarrow.StringArray.from_buffers(1, offsets, pyarrow.py_buffer(b"\xff"))
    table = pyarrow.table({"kind": ["Joined"], "what": damaged, "when": ["2015"]})

    assert faults_of(table)[0].startswith("table: cannot be read: ")
    with pytest.raises(FaultsError, match="cannot be read"):
        scale.write(table, tmp_path / "data", FACTS)
