"""Datasets of logs of which words were erased, before they were written or since."""

from __future__ import annotations

import logging
from itertools import islice
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pyarrow.parquet as pq
import pytest
from attrs import evolve
from deltalake import DeltaTable
from effort import at_most
from erasing import chosen, erase, grown
from hypothesis import given
from hypothesis import strategies as st
from log_strategies import Fact
from marks_model import trace
from scale_worlds import PAIRS, VOCABULARY, expected, saved

from bri_timeline import Event, EventLog, Place, Source, measures, scale
from bri_timeline.errors import StaleLogError
from bri_timeline.extend import without_review
from bri_timeline.scale import Dataset
from bri_timeline.stores import MemoryStore


LAST = "9999-12-31"
CUTS = [("2016-01-01", None), (LAST, "2016-01-01"), (LAST, None)]
MARK = "SECRETMARK"
COUNT = measures.count()  # on columns


def check(dataset: Dataset, left: EventLog) -> None:
    """Check the entries of a dataset, and its states, folded and counted."""
    assert [*map(without_review, left)] == [*dataset.entries()]
    for fold in (trace, COUNT):
        for on, known in CUTS:
            states = dataset.project_each(fold, on=on, known_by=known)
            assert expected(left, fold, on, known) == states


@at_most(10)
@given(st.integers(0, 1 << 32))
def test_a_dataset_says_what_is_left(seed: int) -> None:
    """Written of it, and brought up to date: its states and its files as well."""
    random = Random(seed)
    log = grown(random, EventLog(), 9, narrow=random.random() < 0.5)
    left = grown(random, erase(log, chosen(random, log)), 2)
    part = EventLog(islice(log, random.randrange(len(log) + 1)))
    with TemporaryDirectory() as name:
        check(scale.write(left, f"{name}/left", VOCABULARY, buckets=2), left)
        dataset = scale.write(part, f"{name}/data", VOCABULARY, buckets=2)
        dataset.refresh(f"{name}/states", COUNT, on=LAST)
        dataset = dataset.append(left)
        check(dataset, left)
        result = dataset.refresh(f"{name}/states", COUNT, on=LAST)
        assert expected(left, COUNT, LAST) == saved(result.files)
        check(scale.compact(f"{name}/data", VOCABULARY, more_than=0), left)


def marked(number: int) -> Event:
    """Return an event of which each part has a mark that is searched for."""
    source = Source(f"{MARK}title", author=MARK)
    return Event(
        Fact(f"{MARK}{number}", frozenset({"AAA", f"{MARK}{number}"})),
        when="2016-01-01",
        where=Place(MARK),
        cite=source.at(MARK, quote=MARK),
        id=f"id{number}",
    )


def plain(number: int) -> Event:
    """Return an event without a mark."""
    return Event(Fact(f"p{number}", frozenset(PAIRS[0])), when="2016-01-01")


LOG = (
    EventLog.of(plain(0), marked(1), plain(2), marked(3))
    .append(marked(4), supersedes=0, because=MARK)
    .retract(2, because=MARK)
    .append(evolve(plain(6), id="id3"), supersedes=3)
)
GONE = [1, 3, 4, 5]


def seen(paths: list[str]) -> str:
    """Return all that Parquet files have, unpacked, and what is said of it."""
    files = map(pq.ParquetFile, paths)
    return "".join(f"{f.read().to_pylist()}{f.metadata.to_dict()}" for f in files)


def words_in(dataset: Dataset) -> str:
    """Return all that the files of a version have."""
    names = ("rows", "clusters", "pairs")
    return seen([path for name in names for path in dataset.files(name)])


@pytest.mark.parametrize("is_store", [False, True])
def test_what_is_current_has_no_erased_words(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, *, is_store: bool
) -> None:
    """Neither a file of the version, nor states, a Delta table or a copy."""
    data, table = tmp_path / "data", tmp_path / "table"
    with MemoryStore(VOCABULARY) as store, MemoryStore(VOCABULARY) as copy:
        store.append(LOG)
        old = scale.write(store, data, VOCABULARY, buckets=2)
        old.copy_to(copy)
        old.export_delta(table)
        old.refresh(tmp_path / "states", trace, on=LAST)
        for position in GONE:
            store.erase(position, because="law")
        store.append(plain(7))
        with caplog.at_level(logging.WARNING, "bri_timeline"):
            new = old.append(store if is_store else store.read())
        assert "without the words of 4 entries, which were erased" in caplog.text
        check(new, store.read())
        new.export_delta(table)
        result = new.refresh(tmp_path / "states", trace, on=LAST)
        assert new.copy_to(copy) == new.copy_to(copy)

        assert "words of entries were erased since" == result.anew
        assert [e.event for e in store.read()] == [e.event for e in copy.read()]
        assert copy.verify() == copy.head()
        now = [*map(str, (tmp_path / "states").glob("*.parquet"))]
        now += DeltaTable(str(table)).file_uris()
        for text in (words_in(new), seen(now), repr(copy.read()[:])):
            assert MARK not in text
        assert MARK in words_in(old)
        assert new.version == new.append(store).version
        assert len(new) == len(scale.open(data, VOCABULARY))


@pytest.mark.parametrize("gone", [[0], [6], [0, 1, 3]])
def test_another_log_erases_nothing(tmp_path: Path, gone: list[int]) -> None:
    """What was erased is told by its digest: the words must be those of the dataset."""
    dataset = scale.write(LOG, tmp_path / "data", VOCABULARY, buckets=1)
    other = erase(EventLog.of(*map(plain, range(10, 17))), gone)
    with pytest.raises(StaleLogError, match=f"differ at entry {gone[0]}: read"):
        dataset.append(other)
    assert 1 == scale.open(tmp_path / "data", VOCABULARY).version


def test_a_log_from_before_brings_no_words_back(tmp_path: Path) -> None:
    """Neither does a copy in which the same was erased for another reason."""
    left = erase(LOG, [4, 6])
    dataset = scale.write(left, tmp_path / "data", VOCABULARY, buckets=1)
    for earlier in (LOG, erase(LOG, [4])):
        dataset = dataset.append(earlier.append(plain(7)))
        assert [*left] == [*dataset.entries()][:7]


@pytest.mark.parametrize("name", [None, "x"])
@pytest.mark.parametrize("gone", [[0], [1], [0, 1]])
def test_words_that_were_erased_stay_put_right(
    tmp_path: Path, gone: list[int], name: str | None
) -> None:
    """Whoever repeats them, at once or in a later writing."""
    wrong, right = evolve(plain(1), id=name), evolve(plain(2), id=name)
    left = erase(EventLog.of(wrong).append(right, supersedes=0), gone)
    late = evolve(wrong, cite=Source("late").at("p. 1"))
    longer = left.append(late, known="2016-02-01", allow_erased=True)
    check(scale.write(longer, tmp_path / "one", VOCABULARY, buckets=1), longer)
    dataset = scale.write(left, tmp_path / "two", VOCABULARY, buckets=1)
    check(dataset.append(longer), longer)
