"""Arrow: a log as a table of other libraries and back; Parquet on disk."""

from __future__ import annotations

import json
from pathlib import Path

import pandas
import polars
import pyarrow
import pyarrow.parquet
import pytest
from attrs import frozen
from format_strategies import FEW, WORDS, odd_logs
from hypothesis import HealthCheck, given, settings
from log_strategies import logs

from bri_timeline import (
    Event,
    EventLog,
    Place,
    Source,
    Unknown,
    Vocabulary,
)
from bri_timeline.errors import EntryError, FaultsError, VocabularyError
from bri_timeline.formats import arrow
from bri_timeline.relations import FACTS, Joined
from bri_timeline.testing import check_format


HERE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
PAPER = Source("The Paper", published="2019-04", author="a")
JOINED = Event(Joined("AZE", "x"), when="2015-02~", cite=PAPER.at("p. 1"), id="j")
LOG = (
    EventLog.of(JOINED, Event(Joined("CHN", "x"), when="2015/.."))
    .append(Event(Joined("AZE", "y"), when="2016"), supersedes=0, because="misread")
    .retract(1, because="no", known="2020-01-01")
)
MANY = [LOG, EventLog(), EventLog.of(JOINED)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A path in a folder of its own."""
    return tmp_path / "log.parquet"


@frozen
class Loose:
    """A payload whose field may hold what can change."""

    items: object


class Own:
    """The format, with a path that is one of Arrow's own."""

    @staticmethod
    def dump(log: EventLog, path: Path, vocabulary: Vocabulary) -> object:
        """Write to a file beside *path*, and copy what that holds."""
        own = path.with_suffix(".arrow")
        lost = arrow.dump(log, own, vocabulary)
        path.write_bytes(own.read_bytes())
        return lost

    @staticmethod
    def load(path: Path, vocabulary: Vocabulary) -> EventLog:
        """Read from the file beside *path*."""
        own = path.with_suffix(".arrow")
        own.write_bytes(path.read_bytes())
        return arrow.load(own, vocabulary)


def faults_of(rows: list[dict[str, object]] | pyarrow.Table) -> list[str]:
    """What is said about rows."""
    table = rows
    if isinstance(rows, list):
        table = pyarrow.Table.from_pylist(rows)
    with pytest.raises(FaultsError) as caught:
        arrow.from_arrow(table, FACTS)
    return [str(fault) for fault in caught.value.faults]


def row(**more: object) -> dict[str, object]:
    """A row that reports a membership."""
    what = '{"member": "AZE", "body": "x"}'
    return {"kind": "Joined", "what": what, "when": "2015"} | more


@pytest.mark.slow
def test_check_format_passes_parquet() -> None:
    """The laws of a format hold: a log comes back, and is written in one way."""
    check_format(arrow)


@pytest.mark.slow
def test_check_format_passes_arrow_files() -> None:
    """The laws of a format hold for a path that ends in `.arrow` too."""
    check_format(Own())


@HERE
@given(log=logs())
def test_load_reads_what_dump_wrote(log: EventLog, tmp_path: Path) -> None:
    """What is read is what was written, on disk and in memory."""
    file = tmp_path / "log.parquet"

    assert () == arrow.dump(log, file, FEW)
    assert log == arrow.load(file, FEW)
    assert log == arrow.from_arrow(arrow.to_arrow(log, FEW), FEW)


@given(log=odd_logs())
def test_load_reads_every_part_of_an_entry(log: EventLog) -> None:
    """Odd texts, unknown kinds and instants of recording are kept as they are."""
    again = arrow.from_arrow(arrow.to_arrow(log, WORDS), WORDS)

    assert log == again
    assert [e.recorded_at for e in log] == [e.recorded_at for e in again]


@pytest.mark.parametrize("log", MANY)
@pytest.mark.parametrize(
    "through", [polars.DataFrame, pandas.DataFrame.from_arrow, pyarrow.table]
)
def test_from_arrow_reads_frames_of_other_libraries(
    log: EventLog, through: type[polars.DataFrame]
) -> None:
    """A frame made of a log is read as the same log."""
    frame = through(arrow.to_arrow(log, FACTS))

    assert log == arrow.from_arrow(frame, FACTS)


def test_from_arrow_needs_three_columns() -> None:
    """Without other columns, knowledge comes from the sources."""
    table = pyarrow.Table.from_pylist([row(cite=[{"title": "y", "published": "2019"}])])
    cited = Event(Joined("AZE", "x"), when="2015", cite=Source("y", published="2019"))

    assert EventLog.of(cited) == arrow.from_arrow(table, FACTS)


def test_dump_writes_many_rows_in_groups(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A log of more entries than a group comes back."""
    # A group has 65,536 rows: such a log would take seconds.
    monkeypatch.setattr(arrow, "_GROUP", 2)
    arrow.dump(LOG, path, FACTS)

    assert 2 == pyarrow.parquet.ParquetFile(path).num_row_groups
    assert LOG == arrow.load(path, FACTS)


def test_part_of_a_log_gets_positions_of_its_own(path: Path) -> None:
    """On disk, what `among()` gives is numbered anew, and that is said."""
    losses = arrow.dump(LOG.among("CHN"), path, FACTS)

    assert ["entry 1", "entry 3"] == [loss.place for loss in losses]
    assert 2 == len(arrow.load(path, FACTS))


def test_dump_refuses_what_arrow_cannot_hold(path: Path) -> None:
    """The entry is named, and nothing is written."""
    odd = Event(Joined("CHN", "x"), when="2015", id="\ud800")
    log = EventLog.of(JOINED, odd)
    with pytest.raises(EntryError, match="entry 1 cannot be kept in Arrow"):
        arrow.dump(log, path, FACTS)
    with pytest.raises(VocabularyError):
        arrow.to_arrow(log, Vocabulary())

    assert not path.exists()


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([{"kind": "x"}], "table: has no column `what`, which is needed"),
        ([row(when="x")], "row 0: when: 'x' is not an EDTF date"),
        ([row(when=1)], "row 0: when is the number 1: write text"),
        ([row(when=["2015"])], "row 0: when is a list: write text"),
        ([row(what="{}")], "row 0: what.member: is missing"),
        # Empty texts are no lines, and lines are read together.
        ([row(what="")], "row 0: what.Joined: is not a JSON object"),
        ([row(), row(what="")], "row 1: what.Joined: is not a JSON object"),
        ([row(id="")], "row 0: id: is not an id: give text, or nothing"),
        ([row(version=1.5)], "row 0: version: is the number 1.5: write a whole"),
        ([row(version=True)], "row 0: version: is true: write a whole number"),
        ([row(version=-1)], "row 0: the vocabulary has no version -1"),
        ([row(position=4)], "row 0: position: is 4: rows are in order, and here is 0"),
        ([row(supersedes=0)], "row 0: supersedes: is 0: name a row above"),
        (
            [row(retracts=None), row(retracts=-1)],
            "row 1: retracts: is -1: name a row above",
        ),
        ([row(kind=None, what=None, when=None)], "row 0: has none of kind, what, when"),
        (
            [row(), row(kind=None, what=None, when=None, retracts=float("nan"))],
            "row 1: has none of kind, what, when",
        ),
        ([row(cite=[{"title": None}])], "row 0: cite: title is nothing: write text"),
        ([row(cite=[{"title": "x"}, None])], "row 0: cite: None is item 1: write a"),
        ([row(cite="x")], "row 0: cite: 'x' is not a list: write a list of structs"),
        ([row(cite=[7])], "row 0: cite: 7 is item 0: write a list of structs with a"),
        ([row(cite=[{"title": "x", "url": 1}])], "row 0: cite: item 0 has a part that"),
        ([row(id=7)], "row 0: id: is the number 7: write text"),
        ([row(because=True)], "row 0: because: is true: write text"),
        ([row(recorded_at="x")], "row 0: recorded_at: is 'x': give a column of inst"),
    ],
)
def test_from_arrow_reports_faults_with_row_and_column(
    rows: list[dict[str, object]], said: str
) -> None:
    """What is wrong with a table is said with row and column."""
    assert faults_of(rows)[0].startswith(said)


def test_a_payload_that_could_change_is_a_fault_of_its_row() -> None:
    """The others of its kind are read, and the row is named."""
    rows = [
        {"kind": "Loose", "what": json.dumps({"items": items}), "when": "2015"}
        for items in ("a", ["b"], "c")
    ]
    with pytest.raises(FaultsError) as caught:
        arrow.from_arrow(pyarrow.Table.from_pylist(rows), Vocabulary(Loose))

    (fault,) = caught.value.faults
    assert str(fault).startswith("row 1: what: ")
    assert "items" in str(fault)


def test_an_instant_that_python_has_not_is_a_fault() -> None:
    """A cell that no `datetime` can hold is named; the others are read."""
    far = pyarrow.array([0, 1 << 62], pyarrow.timestamp("us", "UTC"))
    table = pyarrow.Table.from_pylist([row(), row()])

    assert ["row 1: recorded_at"] == [
        fault.partition(": cannot")[0]
        for fault in faults_of(table.append_column("recorded_at", far))
    ]


def test_text_that_is_missing_may_be_not_a_number() -> None:
    """A column of texts with gaps alone is one of floats in pandas."""
    log = arrow.from_arrow(pyarrow.Table.from_pylist([row(id=float("nan"))]), FACTS)

    assert EventLog.of(Event(Joined("AZE", "x"), when="2015")) == log


def test_a_column_that_stands_twice_is_a_fault() -> None:
    """Which of them is meant is not guessed."""
    table = pyarrow.Table.from_pylist([row(because="a")])
    twice = table.append_column("because", table["because"])

    assert ["table: has the column `because` twice: remove one"] == faults_of(twice)


def test_a_retraction_is_not_corrected() -> None:
    """A row that corrects a retraction is refused."""
    silent = {"kind": None, "what": None, "when": None}
    rows = [row(retracts=None, supersedes=None), row(**silent, retracts=0)]

    assert "which claims nothing" in faults_of([*rows, row(supersedes=1)])[0]


def test_a_retraction_may_have_an_empty_id() -> None:
    """As it has in a frame that knows no nulls in columns of text."""
    silent = {"kind": None, "what": None, "when": None, "id": ""}
    rows = [row(id="x", retracts=None), row(**silent, retracts=0)]
    log = arrow.from_arrow(pyarrow.Table.from_pylist(rows), FACTS)

    assert [None, 0] == [entry.retracts for entry in log]


def test_from_arrow_reads_whole_numbers_given_as_floats() -> None:
    """A column of whole numbers with gaps is one of floats in pandas."""
    rows = [row(supersedes=float("nan")), row(supersedes=0.0)]
    log = arrow.from_arrow(pyarrow.Table.from_pylist(rows), FACTS)

    assert [None, 0] == [entry.supersedes for entry in log]


def test_unknown_kinds_are_kept() -> None:
    """Payloads of other kinds become `Unknown`."""
    log = arrow.from_arrow(arrow.to_arrow(LOG, FACTS), Vocabulary())

    assert isinstance(log[0].claim.what, Unknown)


def test_load_refuses_files_that_are_damaged_or_too_large(path: Path) -> None:
    """A file that is not Parquet, or too large, is a clear error; no file is not."""
    arrow.dump(LOG, path, FACTS)
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(FaultsError, match="file: is not a Parquet file, or is damaged"):
        arrow.load(path, FACTS)
    with path.open("r+b") as file:
        file.truncate((1 << 30) + 1)  # takes no room on the disk
    with pytest.raises(FaultsError, match="at most 1073741824 are read"):
        arrow.load(path, FACTS)
    with pytest.raises(FileNotFoundError):
        arrow.load(path.with_name("nothing"), FACTS)


CLAIM = {
    "kind": ["Joined"],
    "what": ['{"member":"AZE","body":"b"}'],
    "when": ["2015"],
}


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        ("Baku", "'Baku' is not a place: write a struct with a name"),
        ({"name": "Baku", "city": "x"}, "is not a place: .*'city'"),
        ({"latitude": 40.4, "longitude": 349.0}, "longitude 349.0 is not between"),
    ],
)
def test_a_cell_that_is_not_a_place_is_a_fault(cell: object, problem: str) -> None:
    """A place is a struct of its parts, and a fault names the row and the column."""
    table = pyarrow.table({**CLAIM, "where": [cell]})

    with pytest.raises(FaultsError, match=f"row 0: where.*{problem}"):
        arrow.from_arrow(table, FACTS)


def test_a_place_may_have_nulls() -> None:
    """Null, and a struct of nulls, is no place; pandas writes what is not a number."""
    wheres = [None, dict.fromkeys(("name", "latitude")), {"name": "Baku"}]
    for cell in wheres:
        table = pyarrow.table({**CLAIM, "where": [cell]})
        assert arrow.from_arrow(table, FACTS)[0].claim.where == (
            Place("Baku") if cell and cell["name"] else None
        )
    odd = {"name": "Baku", "latitude": float("nan"), "longitude": float("nan")}
    table = pyarrow.table({**CLAIM, "where": [odd]})
    assert arrow.from_arrow(table, FACTS)[0].claim.where == Place("Baku")


def test_a_column_of_places_is_there_only_if_an_event_has_one() -> None:
    """Tables without places are as they were before there were any."""
    joined = Event(Joined("AZE", "b"), when="2015")
    without = arrow.to_arrow(EventLog.of(joined), FACTS)
    placed = Event(joined.what, when="2015", where=Place("Baku", 40.4, 49.9))
    table = polars.DataFrame(arrow.to_arrow(EventLog.of(placed), FACTS))

    assert "where" not in polars.DataFrame(without).columns
    assert table["where"].struct.field("latitude").to_list() == [40.4]
