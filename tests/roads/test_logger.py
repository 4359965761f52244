"""The logger `bri_timeline`: silent by default, and without cost for who is silent."""

from __future__ import annotations

import logging
import sqlite3
from concurrent.futures import CancelledError, Executor, Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from store_worlds import WORDS, facts

from bri_timeline.scale._executor import results
from bri_timeline.stores import MemoryStore, SQLiteStore, _store


class Hasty:
    """A clock on which seconds pass between two looks at it."""

    def __init__(self) -> None:
        self.now = monotonic()

    def monotonic(self) -> float:
        self.now += 1.5
        return self.now

    def sleep(self, seconds: float) -> None:
        sleep(seconds)


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level("INFO", "bri_timeline")
    return caplog


def test_what_took_long_is_said(
    said: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the number of entries; what is quick is not worth a line."""
    with MemoryStore(WORDS) as store:
        store.append(facts(3))
        store.read()
        store.verify()
        assert [] == said.records
        monkeypatch.setattr(_store, "time", Hasty())
        store.read()
        store.verify()

    assert [
        "in memory: read 3 entries in 1.5 s",
        "in memory: verified 3 entries in 1.5 s",
    ] == [record.getMessage() for record in said.records]


def test_a_lasting_reader_is_told_of(
    tmp_path: Path, said: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The write-ahead log cannot be emptied, and somebody should know."""
    monkeypatch.setattr("bri_timeline.stores._sqlite._LARGEST_WAL", 100_000)
    path = tmp_path / "a.db"
    with (
        SQLiteStore(path, WORDS) as store,
        closing(sqlite3.connect(path, isolation_level=None)) as reader,
    ):
        store.append(facts(1))
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM entry").fetchall()
        store.append(facts(500))
        reader.execute("ROLLBACK")

    (record,) = said.records
    assert logging.WARNING == record.levelno
    assert "cannot be emptied while somebody reads" in record.getMessage()


class Lost(Executor):
    """An executor that loses each task once, with this error."""

    def __init__(self, error: BaseException) -> None:
        self.error: BaseException | None = error

    def submit(self, work: Any, *arguments: Any) -> Future[Any]:
        future: Future[Any] = Future()
        if self.error is not None:
            future.set_exception(self.error)
            self.error = None
        else:
            future.set_result(work(*arguments))
        return future


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (CancelledError(), "its task is done again"),
        (BrokenProcessPool("x"), "tasks are done in this process"),
    ],
)
def test_a_lost_worker_is_told_of(
    error: Exception, told: str, said: pytest.LogCaptureFixture
) -> None:
    """The result is the same, and the loss is a warning."""
    assert [8] == [*results(abs, [-8], Lost(error), lambda _done, _all: None)]

    (record,) = said.records
    assert logging.WARNING == record.levelno
    assert told in record.getMessage()
