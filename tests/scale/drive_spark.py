"""Spark folds the buckets of a dataset, also when workers are lost.

It needs Java and pyspark, and is not collected: `pytest tests/scale/drive_spark.py`.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from delta_worlds import Rows, check_view, check_years, exported
from deltalake import DeltaTable
from effort import at_most
from hypothesis import given
from hypothesis import strategies as st
from log_strategies import everything, known_by_days, logs, view_days
from pyspark.sql import SparkSession
from scale_worlds import (
    DEALS,
    LockedError,
    chronicles,
    count,
    counted,
    expected,
    failing,
    laid_out,
    lethal,
    locked,
    many,
    sealed,
)

from bri_timeline import Event, EventLog, Projection
from bri_timeline.scale import SparkExecutor


DAY = "2015-01-01"
# Two workers, each a process of its own with one core and 1,024 MB.
WORKERS = "local-cluster[2,1,1024]"


@pytest.fixture(scope="module")
def session() -> Iterator[SparkSession]:
    with pytest.MonkeyPatch.context() as patch:
        # Spark looks for another Python, and its workers for the tests.
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        patch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
        builder = SparkSession.builder.master(WORKERS)
        builder = builder.config("spark.ui.enabled", "false")
        builder = builder.config("spark.driver.bindAddress", "127.0.0.1")
        builder = builder.config("spark.driver.host", "127.0.0.1")
        with builder.getOrCreate() as spark:
            spark.sparkContext.setLogLevel("OFF")
            yield spark


@pytest.fixture
def spark(session: SparkSession) -> Iterator[SparkExecutor]:
    with SparkExecutor(session) as executor:
        yield executor


@at_most(8)
@given(log=logs(), buckets=st.integers(1, 3), on=view_days(), known_by=known_by_days())
def test_states_do_not_depend_on_who_folds(
    session: SparkSession, log: EventLog, buckets: int, on: object, known_by: object
) -> None:
    """Spark gives the states that the log gives in memory."""
    with laid_out(log, buckets) as data, SparkExecutor(session) as executor:
        states = data.project_each(
            everything, on=on, known_by=known_by, executor=executor
        )

    assert expected(log, everything, on, known_by) == states


def test_calls_are_done_by_two_workers(spark: SparkExecutor) -> None:
    """Not by this process."""
    found = {*spark.map(_process, range(8))}

    assert 2 == len(found)
    assert os.getpid() not in found


def _process(_: int) -> int:
    return os.getpid()


def _executor() -> int:
    """Return the process of Spark in which a Python worker lies."""
    daemon = Path(f"/proc/{os.getppid()}/stat").read_text("utf-8")
    return int(daemon.rpartition(")")[2].split()[1])


def _killed_executor_once(marker: str, seen: int, _event: Event) -> int:
    try:
        Path(marker).touch(exist_ok=False)
    except FileExistsError:
        return seen + 1
    os.kill(_executor(), signal.SIGKILL)
    return seen


@pytest.mark.parametrize("killed", ["worker", "executor"])
def test_who_is_killed_changes_nothing(
    killed: str, spark: SparkExecutor, tmp_path: Path
) -> None:
    """What it did is done again."""
    marker, log = tmp_path / "killed", many(60)
    fold = lethal(str(marker))
    if killed == "executor":
        fold = Projection(int, partial(_killed_executor_once, str(marker)))
    with laid_out(log, 4, DEALS) as data:
        states = data.project_each(fold, on=DAY, executor=spark)

    assert marker.exists()
    assert expected(log, count, DAY) == states


@pytest.mark.parametrize(
    ("fold", "error", "words"),
    [
        (failing, ZeroDivisionError, "-"),
        (locked, LockedError, "one and other"),
        (sealed, Exception, r"pickle|local object"),
    ],
)
def test_a_mistake_is_raised_as_it_is(
    fold: Projection[Any], error: type[Exception], words: str, spark: SparkExecutor
) -> None:
    """What a projection raises reaches whoever asked."""
    with (
        laid_out(many(60), 4, DEALS) as data,
        pytest.raises(error, match=words),
    ):
        data.project_each(fold, on=DAY, executor=spark)


def test_states_and_tables_are_written_by_workers(
    spark: SparkExecutor, tmp_path: Path
) -> None:
    """Each writes the files of its buckets."""
    log = many(60)
    with laid_out(log, 4, DEALS) as data:
        assert 5 == data.save_each(count, tmp_path / "states", on=DAY, executor=spark)
        assert 0 == data.export_delta(tmp_path / "table", executor=spark)
    table = DeltaTable(tmp_path / "table").to_pyarrow_table(columns=["position"])
    assert counted(log) == sorted(table["position"].to_pylist())


@at_most(8)
@given(log=logs() | chronicles(), cut=st.integers(0, 8), on=view_days())
def test_a_delta_table_is_read_as_parquet(
    session: SparkSession, log: EventLog, cut: int, on: date
) -> None:
    """By its list of files, since those of earlier versions lie beside them."""

    def ask(sql: str) -> Rows:
        spoken = sql.replace("unnest", "explode").replace('"', "`")
        return [*map(tuple, session.sql(spoken).collect())]

    with exported(log, cut) as path:
        files = DeltaTable(path).file_uris()
        if files:
            session.read.parquet(*files).createOrReplaceTempView("happenings")
            check_view(ask, log.as_of(on))
            check_years(ask, log)
