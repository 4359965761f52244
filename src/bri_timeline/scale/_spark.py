"""An executor of `concurrent.futures` over Spark."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from functools import partial
from typing import Any, ParamSpec, TypeVar, cast


P = ParamSpec("P")
T = TypeVar("T")


class SparkExecutor(Executor):
    """Calls functions on the workers of Spark.

    Each call is a job with one task, which Spark does again elsewhere when its worker
    is lost, `spark.task.maxFailures` times in all. What the function raises is raised
    as it is, and not tried again. Workers import what they are given, and read the same
    files. Shutting it down does not stop the session.

    Args:
        session: A `pyspark.sql.SparkSession`; one of Spark Connect cannot do it.
        at_once: How many calls Spark is given at once; by default as many as it has
            cores now. Those that wait can be cancelled.
    """

    def __init__(self, session: object, at_once: int | None = None) -> None:
        self._context = cast("Any", session).sparkContext
        cores = self._context.defaultParallelism
        self._threads = ThreadPoolExecutor(cores if at_once is None else at_once)

    def submit(
        self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs
    ) -> Future[T]:
        """Call a function on a worker; return the future of its result."""
        return self._threads.submit(self._result, partial(fn, *args, **kwargs))

    def _result(self, call: Callable[[], T]) -> T:
        # What is mapped is sent with the classes of a notebook; what is counted is not.
        one = self._context.parallelize([None], 1)
        [sent] = one.map(partial(_called, call)).collect()
        try:
            result, error = pickle.loads(sent)
        except Exception as problem:
            # As a pool of processes does: another worker would send the same.
            message = f"what a worker has sent cannot be read: {problem!r}"
            raise BrokenExecutor(message) from problem
        if error is not None:
            raise error
        return cast("T", result)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more calls.

        Args:
            wait: Return when all calls are done.
            cancel_futures: Cancel those that have not begun.
        """
        self._threads.shutdown(wait, cancel_futures=cancel_futures)


def _called(call: Callable[[], object], _: None) -> bytes:
    """Return the result of a call, or the error that it raised."""
    # Spark would take an error for a lost worker, and call again.
    try:
        return pickle.dumps((call(), None))
    except Exception as error:  # raised again in the calling process
        return pickle.dumps((None, error))
