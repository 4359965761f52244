"""Datasets of earlier formats are read, and grow.

`golden/format-5.txt` holds a ZIP archive of one, in base64, as do the others. It was
written in two parts by the program of then, as a log that is there too: with places,
several payload classes and one that is unknown, dates of all kinds, corrections,
rivals, retractions, and a release.
"""

from __future__ import annotations

import base64
import io
import zipfile
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest
from log_strategies import Deed, counting, everything
from scale_worlds import PAIRS, VOCABULARY

from bri_timeline import Event, EventLog, Prefer, dyads, scale
from bri_timeline.errors import DatasetError
from bri_timeline.formats import jsonl
from bri_timeline.measures import count


GOLDEN = Path(__file__).parent / "golden"
DAY = "2016-06-01"


@pytest.fixture(params=["format-5", "format-6"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The dataset of an earlier format."""
    data = base64.b64decode((GOLDEN / f"{request.param}.txt").read_text("ascii"))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        archive.extractall(tmp_path)
    return tmp_path


def of_folder(folder: Path) -> EventLog:
    """Return the log of which the dataset was made."""
    return jsonl.load(folder / "log.jsonl", VOCABULARY)


def check(log: EventLog, data: scale.Dataset) -> None:
    """Check that a dataset gives the answers of a log."""
    assert [*log] == [*data.entries()]
    cited = log.reading(Prefer.MOST_CITED), data.reading(Prefer.MOST_CITED)
    for read, there, known_by in (
        (log, data, "2015-12-31"),
        (log, data, 5),
        (*cited, None),
    ):
        view = read.as_of(DAY, known_by)
        for fold in (everything, count()):
            states = view.project_each(fold, by=dyads)
            assert states == there.project_each(fold, on=DAY, known_by=known_by)
    data.export_delta(data.folder / "table")
    rows = pl.read_delta(str(data.folder / "table")).select("when", "parties").rows()
    happened = ((str(event.when), sorted(event.parties)) for event in counting(log))
    assert sorted(happened) == sorted(rows)
    for pair in PAIRS:
        own = log.among(*pair).as_of(DAY)
        assert own.events == data.among(*pair).as_of(DAY).events
        assert own.project(everything) == data.project(everything, *pair, on=DAY)
    years = {"every": "year", "start": "2012-01-01", "stop": "2016-12-31"}
    rows = [*log.panel(count(), by=dyads, **years)]
    panel = data.panel(count(), **years)
    assert rows == sorted(panel, key=lambda row: (row.key, row.until))


@pytest.mark.slow
def test_a_dataset_of_an_earlier_format_answers_as_its_log(folder: Path) -> None:
    """Also under other policies, and as known before."""
    check(of_folder(folder), scale.open(folder, VOCABULARY))


@pytest.mark.slow
def test_a_dataset_of_an_earlier_format_grows(folder: Path) -> None:
    """New entries join clusters of before; its own files stay as they are."""
    log, states = of_folder(folder), folder / "states"
    scale.open(folder, VOCABULARY).refresh(states, count(), on="2012-12-31")
    before = {path.name: path.read_bytes() for path in folder.glob("*.parquet")}
    # A rival of `y`, a correction of an entry without relations, and one of neither.
    log = log.append(Event(Deed("g", frozenset({"AAA", "CCC"})), when="2015", id="y"))
    log = log.append(
        Event(Deed("h", frozenset({"AAA", "BBB"})), when="2015-02-02"), supersedes=4
    )
    log = log.append(Event(Deed("i", frozenset({"AAA", "BBB"})), when="2014-02-02"))
    data = scale.open(folder, VOCABULARY).append(log)
    check(log, data)
    sizes = [len(scale.open(folder, VOCABULARY, version=n)) for n in (2, 3)]
    assert [len(log) - 3, len(log)] == sizes
    result = data.refresh(states, count(), on=DAY)
    rows = [row for path in result.files for row in pq.read_table(path).to_pylist()]
    found = {(row["one"], row["other"]): int(row["state"]) for row in rows}
    assert found == log.as_of(DAY).project_each(count(), by=dyads)
    assert result.anew is None
    assert (
        before.items()
        <= {path.name: path.read_bytes() for path in folder.glob("*.parquet")}.items()
    )


@pytest.mark.parametrize("name", ["rows-000001-00001", "clusters-000002-00001"])
def test_a_missing_file_of_an_earlier_format_is_named(folder: Path, name: str) -> None:
    """No question is answered without it."""
    (folder / f"{name}.parquet").unlink()
    with pytest.raises(DatasetError, match=name):
        scale.open(folder, VOCABULARY).project_each(everything, on=DAY)
