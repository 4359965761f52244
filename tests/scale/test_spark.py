"""An executor over Spark is an executor of `concurrent.futures`.

Spark itself is asked in `drive_spark.py`; here something else runs the jobs, in this
process.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Future, ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from scale_worlds import DEALS, LockedError, count, expected, laid_out, locked, many

from bri_timeline.scale import SparkExecutor


DAY = "2015-01-01"


def session(lost: int = 0) -> SimpleNamespace:
    """Return a session with two cores, whose first so many jobs are lost."""
    left = [ConnectionError("lost")] * lost

    def parallelize(data: list[None], parts: int) -> SimpleNamespace:
        assert len(data) == parts == 1
        if left:
            raise left.pop()
        return SimpleNamespace(
            map=lambda work: SimpleNamespace(collect=lambda: [*map(work, data)])
        )

    context = SimpleNamespace(defaultParallelism=2, parallelize=parallelize)
    return SimpleNamespace(sparkContext=context)


def test_a_worker_that_is_lost_changes_nothing() -> None:
    """A bucket is a task, and is done again."""
    log = many(60)
    with laid_out(log, 4, DEALS) as data, SparkExecutor(session(lost=2)) as executor:
        states = data.project_each(count, on=DAY, executor=executor)

    assert expected(log, count, DAY) == states


def test_what_is_called_answers_or_raises_as_it_is() -> None:
    """Results come in order, and an error is the error."""
    with SparkExecutor(session()) as executor:
        assert [1, 2, 3] == [*executor.map(abs, (-1, 2, -3))]
        assert 5 == executor.submit(int, "12", base=3).result()
        with pytest.raises(ValueError, match="'x'"):
            executor.submit(int, "x").result()
        with pytest.raises(Exception, match=r"pickle|local object"):
            executor.submit(lambda: lambda: 0).result()


def test_an_error_that_cannot_be_made_again_is_made_here() -> None:
    """What is left is done in this process, as after a process of a pool was lost."""
    with (
        laid_out(many(60), 4, DEALS) as data,
        SparkExecutor(session()) as executor,
        pytest.raises(LockedError, match="one and other"),
    ):
        data.project_each(locked, on=DAY, executor=executor)


class Here(ThreadPoolExecutor):
    """Calls in the thread that submits."""

    def submit(
        self, fn: Callable[..., object], /, *args: object, **kwargs: object
    ) -> Future[object]:
        """Call it now."""
        done: Future[object] = Future()
        try:
            done.set_result(fn(*args, **kwargs))
        except Exception as error:
            done.set_exception(error)
        return done


def test_what_a_worker_sent_and_nobody_can_read_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is a broken executor: another worker would send the same."""

    def refuse() -> None:
        raise LockedError("one", "other")

    monkeypatch.setattr("bri_timeline.scale._spark.ThreadPoolExecutor", Here)
    executor = SparkExecutor(session())
    assert 1 == executor.submit(abs, -1).result()
    with pytest.raises(BrokenExecutor, match=r"cannot be read: TypeError"):
        executor.submit(refuse).result()


def test_calls_that_wait_can_be_cancelled() -> None:
    """Spark is given as many calls at once as was said."""
    gate, begun = threading.Event(), threading.Event()

    def work() -> bool:
        begun.set()
        return gate.wait(30)

    executor = SparkExecutor(session(), at_once=1)
    first, second, third = (executor.submit(work) for _ in range(3))
    begun.wait(30)

    assert second.cancel()
    assert not first.cancel()
    executor.shutdown(wait=False, cancel_futures=True)
    gate.set()
    assert first.result()
    assert third.cancelled()
    with pytest.raises(RuntimeError):
        executor.submit(work)
