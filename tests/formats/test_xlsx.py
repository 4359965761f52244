"""Excel: a workbook has the cells of the table in CSV, as text."""

from __future__ import annotations

import csv
from pathlib import Path

import openpyxl
import pytest
from format_strategies import WORDS
from hypothesis import given
from log_strategies import logs

from bri_timeline import Event, EventLog, Source
from bri_timeline.errors import EntryError
from bri_timeline.formats import csv as tables
from bri_timeline.formats import xlsx
from bri_timeline.formats._flat import plain
from bri_timeline.relations import FACTS, Visited


def cells(path: Path) -> list[list[str]]:
    """Return the cells of the first sheet."""
    sheet = openpyxl.load_workbook(path).worksheets[0]
    return [["" if cell is None else cell for cell in row] for row in sheet.values]


@given(log=logs())
def test_a_workbook_has_the_cells_of_csv(
    log: EventLog, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Each is text, and the log has the same bytes again."""
    folder = tmp_path_factory.mktemp("books")
    assert () == xlsx.dump(log, folder / "a.xlsx", WORDS)
    tables.dump(log, folder / "a.csv", WORDS)
    with (folder / "a.csv").open(encoding="utf-8", newline="") as file:
        rows = [*csv.reader(file)]

    # An apostrophe keeps text of CSV from being run as a formula.
    assert cells(folder / "a.xlsx") == [[*map(plain, row)] for row in rows]
    xlsx.dump(log, folder / "b.xlsx", WORDS)
    assert (folder / "a.xlsx").read_bytes() == (folder / "b.xlsx").read_bytes()


def test_text_like_a_formula_stays_text(tmp_path: Path) -> None:
    """No apostrophe is needed, as a cell of text is never run."""
    source = Source("=1+1")
    log = EventLog.of(Event(Visited("AZE", "CHN"), when="2015", cite=source))
    xlsx.dump(log, tmp_path / "a.xlsx", FACTS)
    header, row = cells(tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")

    assert "=1+1" == dict(zip(header, row, strict=True))["source"]
    place = header.index("source") + 1
    assert "s" == book.worksheets[0].cell(2, place).data_type


def test_what_a_sheet_cannot_hold_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cell that is too long, and too many rows; no file is left."""
    visit = Visited("AZE", "CHN")
    log = EventLog.of(Event(visit, when="2015", cite=Source("x" * 32_768)))
    with pytest.raises(
        EntryError, match="row 2 has 32,768 characters in a cell, and at most"
    ):
        xlsx.dump(log, tmp_path / "a.xlsx", FACTS)
    monkeypatch.setattr(xlsx, "_MOST_ROWS", 2)
    two = EventLog.of(*(Event(visit, when=year) for year in ("2015", "2016")))
    with pytest.raises(EntryError, match="3 rows, and a sheet has at most 2"):
        xlsx.dump(two, tmp_path / "a.xlsx", FACTS)

    assert not [*tmp_path.iterdir()]
