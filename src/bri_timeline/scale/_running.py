"""Pure tasks on any executor: repeated when a worker is lost, cancelled when not."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    Future,
    ThreadPoolExecutor,
    wait,
)
from typing import Generic, TypeVar

from attrs import frozen

from bri_timeline.errors import ProjectionError


__all__ = ["results"]

T = TypeVar("T")
R = TypeVar("R")
_MOST_TRIES = 3
_REMEDY = "give one of a module that workers can import, not a lambda or a local one"


@frozen
class _Failed:
    """What a task raised."""

    error: Exception


def results(
    work: Callable[[T], R],
    tasks: Sequence[T],
    executor: Executor | None,
    progress: Callable[[int, int], object],
) -> Iterator[R]:
    """Yield the result of each task, as they come.

    A task whose worker was lost is given to another; when the executor itself is
    broken, what is left is done here. When a task fails by itself, or nobody asks for
    more, those that have not begun are cancelled.

    Args:
        work: A pure function that workers can import.
        tasks: What it is called with.
        executor: Who does it; None for this process.
        progress: Called with how many tasks are done, and how many there are.

    Raises:
        ProjectionError: The tasks cannot be sent to other processes.
    """
    found: Iterator[R] = map(work, tasks)
    if executor is not None:
        if not isinstance(executor, ThreadPoolExecutor):
            _check(tasks)
        found = _Run(work, executor).results(tasks)
    progress(0, len(tasks))
    for done, result in enumerate(found, 1):
        progress(done, len(tasks))
        yield result


def _check(tasks: Sequence[object]) -> None:
    """Make sure that tasks can be sent; what differs between them is plain."""
    try:
        pickle.dumps(tasks[:1])
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        problem = f"cannot be sent to other processes: {_REMEDY} ({error})"
        raise ProjectionError(tasks[0], problem) from None


def _tried(work: Callable[[T], R], task: T) -> R | _Failed:
    """Return the result of a task, or what it raised and would raise anywhere."""
    try:
        return work(task)
    except Exception as error:  # told to whoever asked
        return _Failed(error)


class _Run(Generic[T, R]):
    """Tasks under way.

    Args:
        work: What is to be done with each.
        executor: Who does it.
    """

    def __init__(self, work: Callable[[T], R], executor: Executor) -> None:
        self._work = work
        self._executor = executor
        self._pending: dict[Future[R | _Failed], tuple[T, int]] = {}
        self._left: list[T] = []

    def results(self, tasks: Sequence[T]) -> Iterator[R]:
        try:
            for task in tasks:
                self._submit(task, 1)
            while self._pending:
                done, _ = wait(self._pending, return_when=FIRST_COMPLETED)
                for future in done:
                    yield from self._result(future, *self._pending.pop(future))
            yield from map(self._work, self._left)
        finally:
            for future in self._pending:
                future.cancel()

    def _submit(self, task: T, tries: int) -> None:
        try:
            future = self._executor.submit(_tried, self._work, task)
        except BrokenExecutor:
            self._left.append(task)
        else:
            self._pending[future] = task, tries

    def _result(self, future: Future[R | _Failed], task: T, tries: int) -> Iterator[R]:
        try:
            result = future.result()
        except BrokenExecutor:
            self._left.append(task)
            return
        except Exception as error:  # a lost worker, by whatever name
            if tries == _MOST_TRIES:
                error.add_note(f"if workers cannot import the projection: {_REMEDY}")
                raise
            self._submit(task, tries + 1)
            return
        if isinstance(result, _Failed):
            raise result.error
        yield result
