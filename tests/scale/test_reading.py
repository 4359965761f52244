"""How much of a dataset a question reads: counted, for a dataset and a larger one."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from attrs import evolve, frozen
from concern_model import CUTS, NOTES, VIEWS, Note, facts_log, following, random_log
from effort import Work, at_most
from hypothesis import given
from hypothesis import strategies as st
from scale_worlds import ABC, DEALS, Deal, count, deal, laid_out, many

from bri_timeline import (
    Entry,
    Event,
    EventLog,
    Projection,
    Vocabulary,
    dyads,
    measures,
    scale,
)
from bri_timeline.folds import keyed, record
from bri_timeline.relations import FACTS, Joined, Visited, relationship, states
from bri_timeline.scale import Dataset
from bri_timeline.scale._bucket import Bucket, PairLookup
from bri_timeline.scale._manifest import DataFile, bucket_of
from bri_timeline.stores import MemoryStore


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
        found[file.name] += 1
        return verified(file)

    MADE.clear()
    with monkeypatch.context() as patched:
        patched.setattr(pq.ParquetFile, "read_row_group", reading)
        patched.setattr(DataFile, "verified", opening)
        yield found
    found += MADE


Ask = Callable[[Dataset], object]


@pytest.mark.slow
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
        # One page of rows, or two if the pair lies across their border.
        assert counts["rows"] <= 2 * PAGE
        with counted(monkeypatch) as again:
            assert OWN == ask(data)
        assert 0 == again["rows"]


# Four, and little more: related entries take so many lines each that a fault which
# takes a few for each two of them could hide in the usual bound.
EXACTLY = 4.8
OF_MANY = "AAA", "DDD"


def of_one_or_many(size: int) -> EventLog:
    """Return a log of deals: half of one pair, and each of the others of another."""
    return EventLog.of(
        *(deal(n, "AAA" if n % 2 else f"A{n}", "DDD", millions=n) for n in range(size))
    )


def more(size: int) -> list[Event]:
    """Return so many events that `of_one_or_many()` does not have."""
    return [deal(size + n, "AAA", f"B{n % 9}") for n in range(size)]


ALL: dict[str, Callable[[Dataset, Path], object]] = {
    "project_each": lambda data, _: data.project_each(count, on="2030-01-01"),
    "project_each, with related": lambda data, _: data.project_each(
        count, on="2030-01-01", known_by=len(data) - 1
    ),
    "save_each": lambda data, folder: data.save_each(count, folder, on="2030-01-01"),
    "tally": lambda data, _: data.tally(measures.count(), on="2030-01-01"),
    "tally, of texts": lambda data, _: data.tally(
        measures.distinct(Deal, "label"), on="2030-01-01"
    ),
    "panel": lambda data, _: [
        *data.panel(count, every="year", start="1999-01-01", stop="2012-12-31")
    ],
    "panel, flow": lambda data, _: [
        *data.panel(
            measures.count(),
            every="year",
            start="1999-01-01",
            stop="2012-12-31",
            flow=True,
        )
    ],
    "save_panel": lambda data, folder: scale.save_panel(
        data.panel(
            measures.count(), every="year", start="1999-01-01", stop="2012-12-31"
        ),
        folder,
    ),
    "project": lambda data, _: data.project(count, *OF_MANY, on="2030-01-01"),
    "among": lambda data, _: len(data.among(*OF_MANY)),
    "concerning": lambda data, _: len(data.concerning(*OF_MANY)),
    "panel, count": lambda data, _: [
        *data.panel(
            measures.count(), every="year", start="1999-01-01", stop="2012-12-31"
        )
    ],
    "entries": lambda data, _: [*data.entries()],
    "copy_to": lambda data, _: data.copy_to(MemoryStore(DEALS)),
    "append": lambda data, _: data.append(
        [*EventLog(data.entries()).extend(more(len(data)))][len(data) :]
    ),
    "write": lambda data, folder: scale.write(EventLog(data.entries()), folder, DEALS),
}


@pytest.mark.slow
@pytest.mark.parametrize("related", [False, True], ids=["plain", "related"])
@pytest.mark.parametrize("name", ALL)
def test_a_question_about_all_grows_with_its_dataset_only(
    name: str, related: bool, tmp_path: Path
) -> None:
    """Four times the entries are four times the lines that are run, not sixteen."""
    lines = []
    for size in (100, 400):
        log = of_one_or_many(size)
        for n in range(0, size if related else 0, 3):
            log = log.append(log[n + 1].claim, supersedes=n)
        data = scale.write(log, tmp_path / f"{size}", DEALS, buckets=1)
        target = tmp_path / f"of {size}"
        lines.append(Work().of(lambda data=data, to=target: ALL[name](data, to)))
    few, many_ = (one.total for one in lines)

    assert many_ <= EXACTLY * few


@pytest.mark.slow
def test_a_writing_grows_with_the_claims_about_one_happening_only(
    tmp_path: Path,
) -> None:
    """Claims that contradict each other are not compared each with all others."""
    lines = []
    for size in (100, 400):
        claims = (deal(n % 7, *ABC, millions=n) for n in range(size))
        events = [evolve(claim, id="x") for claim in claims]
        log = EventLog(
            Entry(position=n, event=event, known=730_000 + n)
            for n, event in enumerate(events)
        )
        target = tmp_path / f"{size}"
        work = Work()
        lines.append(work.of(lambda log=log, to=target: scale.write(log, to, DEALS)))
    few, many_ = (one.total for one in lines)

    assert many_ <= EXACTLY * few


@pytest.mark.slow
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
        own = {name for name in opened if name.endswith(number)}
        assert "rows" in {name[:4] for name in own}
        assert ["pairs"] == [name[:5] for name in opened - own]
        assert {1} == {counts[name] for name in opened}


@pytest.mark.parametrize(
    "ask",
    [
        ALL["project_each, with related"],
        ALL["tally"],
        lambda data, _: data.tally(measures.count(active=True), on="2030-01-01"),
    ],
    ids=["project_each", "tally", "tally of what is folded"],
)
def test_a_question_about_all_reads_related_entries_once(
    ask: Callable[[Dataset, Path], object],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """To find the relationships, their certain states and the possible ones."""
    log = many(30)
    log = log.append(log[1].claim, supersedes=0)
    data = scale.write(log, tmp_path / "data", DEALS, buckets=1)
    with counted(monkeypatch) as counts:
        assert ask(data, tmp_path / "to")
    opened = [n for file, n in counts.items() if file.startswith("clusters-")]

    assert opened
    assert {1} == {*opened}


@pytest.mark.slow
def test_a_page_is_small(folders: list[Path]) -> None:
    """The pages of a file have few rows, so that a question reads few."""
    for path in folders[0].glob("rows-*"):
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


@pytest.mark.slow
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


def of_hub(partners: int, own: int = 40) -> EventLog:
    """Return a log of facts of one state alone, and a visit to each of its partners."""
    names = [one for one in sorted(states()) if one != "CHN"][:partners]
    return EventLog.of(
        *(Event(Joined("CHN", f"body {n}"), when="2015") for n in range(own)),
        *(Event(Visited("CHN", name), when="2016") for name in names),
    )


@pytest.mark.slow
@pytest.mark.parametrize("most", [1, 60, 1 << 16])
def test_facts_of_one_party_alone_are_read_and_folded_once(
    most: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With four times the partners, each of these costs as much as before."""
    # However few entries are to be held at a time: twice those of the hub.
    monkeypatch.setattr("bri_timeline.scale._bucket._MANY", most)
    works, entries = list[Counter[str]](), Bucket.entries
    for partners in (10, 40):
        log, calls = of_hub(partners), Counter[str]()
        data = scale.write(log, tmp_path / str(partners), FACTS, buckets=1)

        def step(state: int, event: Event, calls: Counter[str] = calls) -> int:
            calls["folded"] += 1
            return state + 1

        pair = record(
            "Pair",
            joined=keyed(Projection(int, step, reads=Joined), by="body"),
            visits=Projection(int, step, reads=Visited),
        )

        def reading(*given: object, calls: Counter[str] = calls) -> Sequence[Entry]:
            found = entries(*given)
            calls["read"] += len(found)
            return found

        with monkeypatch.context() as patched:
            patched.setattr(Bucket, "entries", reading)
            found = data.project_each(pair.among, on="2020-01-01")
        works.append(Counter(calls))
        each = log.as_of("2020-01-01").project_each(pair.among, by=dyads)
        assert dict(each) == dict(found)
    assert [{"folded": 50, "read": 50}, {"folded": 80, "read": 80}] == works


def test_a_function_may_return_the_relationship_of_others(tmp_path: Path) -> None:
    """It is read for itself, also by a lookup that was sent to another process."""
    log = of_hub(4)
    data = scale.write(log, tmp_path / "hub", FACTS, buckets=2)
    pair = "AFG", "CHN"

    def same(one: str, other: str) -> Projection[object]:
        return relationship(*pair)

    expected = log.as_of("2020-01-01").project_each(same, by=dyads)
    assert expected == data.project_each(same, on="2020-01-01")
    again = pickle.loads(pickle.dumps(data._lookup))
    query = data._query("2020-01-01", None)
    assert {*expected.values()} == {again.state(relationship(*pair), pair, query)}


def test_relationships_that_were_asked_lately_are_not_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On any day, with any knowledge; of many, the first are read anew."""
    log, read, entries = of_hub(70), Counter[tuple[str, str]](), PairLookup.entries

    def noted(self: PairLookup, pairs: list[tuple[str, str]]) -> object:
        read.update(pairs)
        return entries(self, pairs)

    monkeypatch.setattr(PairLookup, "entries", noted)
    data = scale.write(log, tmp_path / "hub", FACTS, buckets=2)
    pairs = [*log.as_of("2020-01-01").project_each(count, by=dyads)]
    for day in ("2015-06-01", "2016-12-31", "2020-01-01", "2016-12-31"):
        for pair in (pairs[0], pairs[-1]):
            expected = log.among(*pair).as_of(day).project(count)
            assert expected == data.project(count, *pair, on=day)
    assert {pairs[0]: 1, pairs[-1]: 1} == read
    for pair in pairs:
        assert 1 == data.project(count, *pair, on="2020-01-01")
        assert 0 == data.project(count, *pair, on="2020-01-01", known_by=0)
    assert {*pairs} == {*read}
    assert 1 == data.project(count, *pairs[0], on="2020-01-01")
    assert 2 == read[pairs[0]]
    assert 1 == read[pairs[40]]


def test_threads_may_ask_for_relationships_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also if none of their logs is kept."""
    data = scale.write(of_hub(8), tmp_path / "hub", FACTS, buckets=1)
    pairs = [*data.project_each(count, on="2020-01-01")]
    switching = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for most in (0, 3, 1 << 17):
            monkeypatch.setattr("bri_timeline.scale._bucket._MOST_ENTRIES", most)
            with ThreadPoolExecutor(8) as pool:
                states = pool.map(
                    lambda pair: data.project(count, *pair, on="2020-01-01"), 40 * pairs
                )
                assert {1} == {*states}
    finally:
        sys.setswitchinterval(switching)


def test_one_thread_reads_a_file_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two that read one Parquet file at once may end the process."""
    log = of_hub(8).retract(0, because="hearsay")
    data = scale.write(log, tmp_path / "hub", FACTS, buckets=1)
    pairs = [*data.project_each(count, on="2020-01-01")]
    monkeypatch.setattr("bri_timeline.scale._bucket._MOST_ENTRIES", 0)
    monkeypatch.setattr("bri_timeline.scale._bucket._MOST_GROUPS", 0)
    reading, at_once = Counter[object](), Counter[str]()

    def watched(name: str) -> None:
        read = getattr(pq.ParquetFile, name)

        def read_alone(file: Any, *given: Any, **named: Any) -> object:
            reading[file] += 1
            at_once[name] = max(at_once[name], reading[file])
            time.sleep(0.001)
            try:
                return read(file, *given, **named)
            finally:
                reading[file] -= 1

        monkeypatch.setattr(pq.ParquetFile, name, read_alone)

    watched("read")
    watched("read_row_group")
    with ThreadPoolExecutor(8) as pool:
        states = pool.map(
            lambda pair: data.project(count, *pair, on="2020-01-01"), pairs
        )
        assert {1} == {*states}
        related = Bucket(data.folder, data._manifest, 0, FACTS).related
        assert [2] * 16 == [*pool.map(lambda _: len(related.table()), range(16))]

    assert {"read": 1, "read_row_group": 1} == at_once


COUNTS = measures.count(), measures.count(active=True)


@at_most(12)
@given(
    seed=st.integers(0, 1 << 30),
    most=st.integers(1, 40),
    buckets=st.integers(1, 3),
    on=st.sampled_from(VIEWS),
)
def test_relationships_are_those_of_the_log(
    seed: int, most: int, buckets: int, on: date
) -> None:
    """Also with references, corrections and cuts, however few are read at a time."""
    for log, vocabulary, function in (
        (facts_log(Random(seed)), FACTS, relationship),
        (random_log(Random(seed), 20), NOTES, following),
    ):
        with (
            pytest.MonkeyPatch.context() as patched,
            laid_out(log, buckets, vocabulary) as data,
        ):
            patched.setattr("bri_timeline.scale._bucket._MANY", most)
            for known_by in (*CUTS, len(log) // 2):
                view = log.as_of(on, known_by)
                expected = view.project_each(function, by=dyads)
                found = data.project_each(function, on=on, known_by=known_by)
                assert expected == found
                for measure in COUNTS if isinstance(known_by, int) else ():
                    tallied = data.tally(measure, on=on, known_by=known_by)
                    states = view.project_each(measure, by=dyads)
                    assert {*states.items()} == {(p, t[0]) for p, t in tallied.items()}
                    for pair, (_, possible) in tallied.items():
                        own = log.where(lambda event, pair=pair: pair in dyads(event))
                        whole = own.as_of(on, known_by)
                        assert whole.project(measure, undecided=True) == possible


def test_payloads_that_refer_to_different_events_are_told_apart(tmp_path: Path) -> None:
    """Though nothing else that an event reads of them differs."""
    log = EventLog.of(
        *(
            Event(Note("", frozenset(pair)), when="2015", id=name)
            for name, pair in (("x", ("A", "B")), ("y", ("A", "C")))
        ),
        *(
            Event(Note("", refers_to=frozenset({name})), when="2016")
            for name in ("x", "y")
        ),
    )
    data = scale.write(log, tmp_path, NOTES, buckets=2)
    for pair in (("A", "B"), ("A", "C")):
        whole = log.as_of("2020-01-01").project(following(*pair))
        assert 2 == len(whole)
        assert whole == data.project(following(*pair), *pair, on="2020-01-01")
