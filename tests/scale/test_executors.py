"""Whoever folds the buckets, the states are the same, also when workers are lost."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import (
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
)
from multiprocessing import get_context
from pathlib import Path

import pytest
from effort import at_most
from hypothesis import given
from hypothesis import strategies as st
from log_strategies import everything, known_by_days, logs, view_days
from scale_worlds import (
    DEALS,
    count,
    expected,
    failing,
    laid_out,
    lethal,
    locked,
    many,
    sealed,
)

from bri_timeline import EventLog, projection
from bri_timeline.errors import ProjectionError
from bri_timeline.scale._executor import results


DAY = "2015-01-01"


def pool(workers: int = 1) -> ProcessPoolExecutor:
    """Return workers that begin anew: each imports all that it needs."""
    return ProcessPoolExecutor(workers, mp_context=get_context("spawn"))


@pytest.fixture(scope="module")
def processes() -> Iterator[Executor]:
    with pool(2) as executor:
        yield executor


@pytest.fixture(scope="module")
def cluster() -> Iterator[Executor]:
    # It takes a second to import, in each process that collects the tests.
    import dask
    from distributed import Client, LocalCluster

    # A machine with much else to do may take its time to start the workers.
    timeout = {"distributed.comm.timeouts.connect": "600s"}
    with (
        dask.config.set(timeout),
        LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=":0", memory_limit=0
        ) as local,
        Client(local) as client,
    ):
        yield client.get_executor()


@pytest.mark.parametrize("kind", ["processes", "cluster"])
@at_most(8)
@given(log=logs(), buckets=st.integers(1, 3), on=view_days(), known_by=known_by_days())
def test_states_do_not_depend_on_who_folds(
    kind: str,
    log: EventLog,
    buckets: int,
    on: object,
    known_by: object,
    request: pytest.FixtureRequest,
) -> None:
    """Processes and a Dask cluster give the states that the log gives in memory."""
    executor = request.getfixturevalue(kind)
    with laid_out(log, buckets) as data:
        states = data.project_each(
            everything, on=on, known_by=known_by, executor=executor
        )

    assert expected(log, everything, on, known_by) == states


def test_states_are_saved_by_workers(processes: Executor, tmp_path: Path) -> None:
    """Each worker saves the states of its buckets, and progress is told."""
    told: list[tuple[int, int]] = []
    with laid_out(many(60), 4, DEALS) as data:
        saved = data.save_each(
            count,
            tmp_path,
            on=DAY,
            executor=processes,
            progress=lambda *done: told.append(done),
        )
    files = len([*tmp_path.iterdir()])

    assert 5 == saved
    assert [(done, files) for done in range(files + 1)] == told


@pytest.mark.slow
def test_states_are_refreshed_by_workers(processes: Executor, tmp_path: Path) -> None:
    """They write the files, and return what changed."""
    with laid_out(many(60), 4, DEALS) as data:
        data.refresh(tmp_path, count, on=DAY, executor=processes)
        data = data.append(many(61))
        result = data.refresh(tmp_path, count, on=DAY, executor=processes)

    assert [(60,)] == [change.entries for change in result.changes]


def test_a_killed_worker_of_a_cluster_changes_nothing(
    cluster: Executor, tmp_path: Path
) -> None:
    """When a worker of Dask is killed midway its tasks are done again."""
    marker, log = tmp_path / "killed", many(60)
    with laid_out(log, 4, DEALS) as data:
        states = data.project_each(lethal(str(marker)), on=DAY, executor=cluster)

    assert marker.exists()
    assert expected(log, count, DAY) == states


@pytest.mark.slow
def test_a_killed_process_changes_nothing(tmp_path: Path) -> None:
    """When a process of a pool is killed, what is left is done here."""
    marker, log = tmp_path / "killed", many(60)
    with laid_out(log, 4, DEALS) as data, pool() as executor:
        states = data.project_each(lethal(str(marker)), on=DAY, executor=executor)
        again = data.project_each(count, on=DAY, executor=executor)

    assert marker.exists()
    assert expected(log, count, DAY) == states == again


@pytest.mark.slow
def test_a_mistake_is_raised_as_it_is(processes: Executor) -> None:
    """What a projection raises reaches whoever asked, and is not tried again."""
    with laid_out(many(60), 4, DEALS) as data, ThreadPoolExecutor(2) as threads:
        for executor in (None, processes, threads):
            with pytest.raises(ZeroDivisionError, match="-"):
                data.project_each(failing, on=DAY, executor=executor)
        with pool() as other, pytest.raises(Exception, match="one and other"):
            data.project_each(locked, on=DAY, executor=other)


@pytest.mark.slow
def test_a_state_that_cannot_be_sent_is_an_error(processes: Executor) -> None:
    """States that cannot be sent are an error that says why, after a few tries."""
    with (
        laid_out(many(60), 1, DEALS) as data,
        pytest.raises(Exception, match=r"pickle|local object") as caught,
    ):
        data.project_each(sealed, on=DAY, executor=processes)

    assert "workers cannot import" in caught.value.__notes__[0]


def test_a_projection_must_be_importable(processes: Executor) -> None:
    """A local projection is refused before anything is sent; threads can fold it."""

    @projection(initial=int)
    def local(seen: int, _event: object) -> int:
        return seen + 1

    log = many(60)
    with laid_out(log, 4, DEALS) as data:
        with pytest.raises(ProjectionError, match="of a module that workers can"):
            data.project_each(local, on=DAY, executor=processes)
        with ThreadPoolExecutor(2) as threads:
            states = data.project_each(local, on=DAY, executor=threads)

    assert expected(log, local, DAY) == states


class Flaky(Executor):
    """An executor that loses each task so many times.

    Attributes:
        times: How often.
        tried: How often it was given something to do.
    """

    def __init__(self, times: int) -> None:
        self.times = times
        self.tried = 0

    def submit(self, work: Callable[..., object], *arguments: object) -> Future[object]:
        future: Future[object] = Future()
        self.tried += 1
        if self.tried <= self.times:
            future.set_exception(CancelledError())
        else:
            future.set_result(work(*arguments))
        return future


def test_lost_tasks_are_given_out_again() -> None:
    """A task is tried three times, whatever the loss is called."""
    executor = Flaky(2)

    assert [8] == [*results(abs, [-8], executor, _ignored)]
    assert 3 == executor.tried
    with pytest.raises(CancelledError):
        [*results(abs, [-8], Flaky(3), _ignored)]


@pytest.mark.slow
def test_what_is_not_wanted_is_cancelled() -> None:
    """When nobody asks for more, tasks that have not begun are not begun."""
    begun, gate = [], threading.Event()

    def work(task: int) -> int:
        begun.append(task)
        if task:
            gate.wait(30)
        return task

    with ThreadPoolExecutor(1) as executor:
        found = results(work, range(20), executor, _ignored)

        assert 0 == next(found)
        found.close()
        gate.set()
    assert len(begun) < 4


def _ignored(_done: int, _all: int) -> None:
    """Take no notice."""
