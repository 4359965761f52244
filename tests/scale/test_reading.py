"""How much of a dataset a question reads: counted, for a dataset and a larger one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from attrs import frozen
from scale_worlds import DEALS, count, many

from bri_timeline import Event, EventLog, Vocabulary, scale
from bri_timeline.scale import Dataset
from bri_timeline.scale._manifest import DataFile, bucket_of


SIZE = 9_000
OWN = 20
PAGE = 1 << 12
PAIR = "org:a0", "org:b0"
MADE = Counter[str]()


@frozen
class Told:
    """A payload that counts how many of it are made."""

    number: int
    parties: frozenset[str]

    def __attrs_post_init__(self) -> None:
        MADE["payloads"] += 1


def written(folder: Path, size: int, buckets: int) -> Path:
    """Write rows about many pairs, a few of them about one."""
    pairs = [
        PAIR if number % (size // OWN) == 0 else (f"org:a{number % 97}", "org:b1")
        for number in range(size)
    ]
    rows = pa.table(
        {
            "kind": ["Told"] * size,
            "what": [
                f'{{"number":{number},"parties":["{one}","{other}"]}}'
                for number, (one, other) in enumerate(pairs)
            ],
            "when": ["2019-04-24"] * size,
            "id": [f"{number}" for number in range(size)],
        }
    )
    return scale.write(rows, folder, Vocabulary(Told), buckets=buckets).folder


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A dataset, and one four times as large, each of one bucket."""
    place = tmp_path_factory.mktemp("datasets")
    return [written(place / str(size), size, 1) for size in (SIZE, 4 * SIZE)]


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[str]]:
    """Count the files that are opened, by name, and the rows that are read of them."""
    found = Counter[str]()
    read, verified = pq.ParquetFile.read_row_group, DataFile.verified

    def reading(file: pq.ParquetFile, *given: object, **named: object) -> pa.Table:
        table = read(file, *given, **named)
        found["rows"] += len(table)
        return table

    def opening(file: DataFile) -> Path:
        found[file.path.name] += 1
        return verified(file)

    MADE.clear()
    with monkeypatch.context() as patched:
        patched.setattr(pq.ParquetFile, "read_row_group", reading)
        patched.setattr(DataFile, "verified", opening)
        yield found
    found += MADE


Ask = Callable[[Dataset], object]


@pytest.mark.parametrize(
    "ask",
    [
        lambda data: data.project(count, *PAIR, on="2020-01-01"),
        lambda data: len(data.among(*PAIR)),
        lambda data: len(data.concerning(*PAIR)),
    ],
    ids=["project", "among", "concerning"],
)
def test_a_question_about_a_pair_reads_what_is_about_it(
    ask: Ask, folders: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A dataset four times as large is read no further: the pages of the pair only."""
    for folder in folders:
        data = scale.open(folder, Vocabulary(Told))
        with counted(monkeypatch) as counts:
            assert OWN == ask(data)
        assert OWN == counts["payloads"]
        # Of rows and of payloads one page, or two if the pair lies across their border.
        assert counts["rows"] <= 4 * PAGE
        with counted(monkeypatch) as again:
            assert OWN == ask(data)
        assert 0 == again["rows"]


def test_a_question_about_a_pair_opens_the_files_of_its_bucket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others are not opened, however many there are; its own are opened once."""
    for buckets in (4, 16):
        folder = written(tmp_path / str(buckets), SIZE, buckets)
        data = scale.open(folder, Vocabulary(Told))
        with counted(monkeypatch) as counts:
            for _ in range(3):
                data.project(count, *PAIR, on="2020-01-01")
        number = f"-{bucket_of(PAIR, buckets):05}.parquet"
        opened = {name for name in counts if name.endswith(".parquet")}
        assert {f"rows-000001{number}", f"what-000001{number}"} <= opened
        others = {name for name in opened if not name.endswith(number)}
        assert {"pairs-000001.parquet"} == others
        assert {1} == {counts[name] for name in opened}


def test_a_page_is_small(folders: list[Path]) -> None:
    """The pages of a file have few rows, so that a question reads few."""
    for path in (*folders[0].glob("rows-*"), *folders[0].glob("what-*")):
        pages = pq.ParquetFile(path).metadata
        sizes = [pages.row_group(n).num_rows for n in range(pages.num_row_groups)]
        assert [PAGE, PAGE, SIZE - 2 * PAGE] == sizes


_FIRST = """
import sys
from scale_worlds import DEALS, count
from bri_timeline import scale

data = scale.open(sys.argv[1], DEALS)
for known_by in (None, "2030-01-01", len(data) - 1):
    assert data.project(count, "AAA", "DDD", on="2030-01-01", known_by=known_by)
print(sorted({"pandas", "pyarrow.dataset"} & {*sys.modules}))
"""


def test_a_question_about_a_pair_imports_nothing_large(tmp_path: Path) -> None:
    """Importing pandas would take a hundred times as long as the question."""
    log = many(60)
    folder = scale.write(
        log.append(log[7].claim, supersedes=log[3]), tmp_path, DEALS
    ).folder
    done = subprocess.run(
        [sys.executable, "-c", _FIRST, str(folder)],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert "[]" == done.stdout.strip()


def test_each_pair_of_many_is_found(tmp_path: Path) -> None:
    """Whether a few pairs of a bucket are asked about, or all of them."""
    log = EventLog.of(
        *(
            Event(
                Told(number, frozenset({f"org:a{number % 60}", "org:b"})), when="2019"
            )
            for number in range(180)
        )
    )
    data = scale.write(log, tmp_path, Vocabulary(Told), buckets=1)
    asked = [("org:b", f"org:a{number}") for number in range(70)]
    found = [data.project(count, *pair, on="2020-01-01") for pair in asked]
    assert [3] * 60 + [0] * 10 == found
    assert found == [data.project(count, *pair, on="2020-01-01") for pair in asked]
