"""Pure tasks on any executor: repeated if a worker is lost, cancelled on an error."""

from __future__ import annotations

import gc
import pickle
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    Future,
    ThreadPoolExecutor,
    wait,
)
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Generic, TypeVar

import msgspec
from attrs import evolve, frozen

from bri_timeline import EventLog, Projection, Vocabulary
from bri_timeline.errors import ProjectionError
from bri_timeline.extend import (
    left_out,
    made_by,
    refuse_left_out,
    replaced,
    require_projection,
    uncollected,
    warn,
)
from bri_timeline.folds import Record
from bri_timeline.measures import Measure
from bri_timeline.scale._bucket import Among, PairLookup, Task
from bri_timeline.scale._engine import LAST_DAY, Database, Limits, Query, engine, pa, pq
from bri_timeline.scale._files import Where
from bri_timeline.scale._manifest import Manifest, Pair
from bri_timeline.scale._measuring import states_of
from bri_timeline.scale._needs import check_known
from bri_timeline.scale._writing import no_progress


T = TypeVar("T")
R = TypeVar("R")
_MOST_TRIES = 3
_MANY = 1 << 16
_NOTHING = EventLog().as_of(LAST_DAY)
_REMEDY = "give one of a module that workers can import, not a lambda or a local one"


@frozen
class _Failed:
    """The error that a task raised."""

    error: Exception


def results(
    work: Callable[[T], R],
    tasks: Sequence[T],
    executor: Executor | None,
    progress: Callable[[int, int], object],
) -> Iterator[R]:
    """Yield the result of each task, in order of completion.

    A task whose worker was lost is submitted again; once the executor itself is
    broken, the remaining tasks run in this process. If a task raises an error, or the
    caller stops, tasks that have not started are cancelled.

    Args:
        work: A pure function that workers can import.
        tasks: Its arguments, one for each call.
        executor: The executor; None for this process.
        progress: Called with the number of tasks done, and of all tasks.

    Raises:
        ProjectionError: The tasks cannot be sent to other processes.
    """
    work = partial(_cleared, work)
    found: Iterator[R] = map(work, tasks)
    if executor is not None:
        if not isinstance(executor, ThreadPoolExecutor):
            _check(work, tasks)
        found = _Run(work, executor).results(tasks)
    progress(0, len(tasks))
    for done, result in enumerate(found, 1):
        progress(done, len(tasks))
        yield result


def _check(work: object, tasks: Sequence[object]) -> None:
    """Check that tasks can be sent to other processes."""
    # Tasks differ in plain numbers only, so one of them stands for all.
    try:
        pickle.dumps((work, tasks[:1]))
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        problem = f"cannot be sent to other processes: {_REMEDY} ({error})"
        raise ProjectionError(tasks[0], problem) from None


def _cleared(work: Callable[[T], R], task: T) -> R:
    """Return the result of a task, and collect what else it has left.

    Millions of new objects are not visited while they are made. But the logs of a
    bucket refer to themselves, and would stay.
    """
    with uncollected():
        result = work(task)
        if gc.get_count()[0] > _MANY:
            gc.collect()
    return result


def _run_caught(work: Callable[[T], R], task: T) -> R | _Failed:
    """Return the result of a task, or the error that it raised."""
    # Errors that reach the caller as results are told apart from a lost worker.
    try:
        return work(task)
    except Exception as error:  # raised again in the calling process
        return _Failed(error)


class _Run(Generic[T, R]):
    """Tasks that are running on an executor.

    Args:
        work: The function to call with each task.
        executor: The executor.
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
            future = self._executor.submit(_run_caught, self._work, task)
        except BrokenExecutor:
            self._left.append(task)
        else:
            self._pending[future] = task, tries

    def _result(self, future: Future[R | _Failed], task: T, tries: int) -> Iterator[R]:
        try:
            result = future.result()
        except BrokenExecutor as error:
            if not self._left:
                warn("the executor broke (%r): tasks are done in this process", error)
            self._left.append(task)
            return
        except Exception as error:  # a lost worker: each executor has its own error
            if tries == _MOST_TRIES:
                error.add_note(f"if workers cannot import the projection: {_REMEDY}")
                raise
            warn("a worker was lost (%r): its task is done again", error)
            # Tasks are pure, so doing one again cannot change the result.
            self._submit(task, tries + 1)
            return
        if isinstance(result, _Failed):
            raise result.error
        yield result


S = TypeVar("S")


@frozen
class Runner:
    """Runs tasks over the buckets of a dataset, in this process or on an executor.

    Attributes:
        folder: The dataset.
        manifest: The manifest of the dataset.
        vocabulary: The payload classes.
        limits: The memory and threads of this process.
        executor: The executor; None for this process.
    """

    folder: Where
    manifest: Manifest
    vocabulary: Vocabulary
    limits: Limits
    executor: Executor | None

    def tasks(
        self,
        projection: Projection[S],
        query: Query,
        keys: Iterable[Pair] | None = None,
    ) -> list[Task[S]]:
        """Return a task for each bucket, the largest first.

        Args:
            projection: What is asked for.
            query: The day, what is known, and the policy.
            keys: Ask about these relationships; None for all that there are.
        """
        require_projection(projection)
        # Workers already share the cores, so each of them takes one thread. The largest
        # task goes first, or it would run alone at the end.
        alone = self.executor is None
        limits = self.limits if alone else evolve(self.limits, threads=1)
        rows: dict[int, int] = {}
        for part in self.manifest.parts:
            rows[part.bucket] = rows.get(part.bucket, 0) + part.rows
        only: dict[int, frozenset[Pair] | None] = dict.fromkeys(rows)
        if keys is not None:
            by_bucket = self.manifest.by_bucket(keys).items()
            only = {bucket: frozenset(pairs) for bucket, pairs in by_bucket}
        return [
            Task(
                self.folder,
                self.manifest.of(bucket),
                bucket,
                self.vocabulary,
                projection,
                query,
                limits,
                only[bucket],
            )
            for bucket in sorted(only, key=lambda n: rows.get(n, 0), reverse=True)
        ]

    def check(
        self, projection: Projection[S] | Callable[..., Projection[S]], query: Query
    ) -> None:
        """Check that a projection gets the facts that it reads, and that some last.

        No bucket can tell by itself: a fact of another one may last.

        Raises:
            VocabularyError: As a log does.
            SelectionError: As a log does.
        """
        check_known(projection, self.manifest, self.vocabulary)
        if not isinstance(projection, Measure):
            return
        if left_out(_NOTHING, projection) is None:
            return
        found, tasks = set[str](), self.tasks(projection, query)
        for some in self.results(left_out_of, tasks, no_progress):
            if some is None:
                return
            found |= some
        refuse_left_out(projection.kinds, len(found))

    def results(
        self,
        work: Callable[..., R],
        tasks: Sequence[object],
        progress: Callable[[int, int], object],
    ) -> Iterator[R]:
        """Yield the results of tasks; tasks in this process share one database."""
        if self.executor is not None:
            yield from results(work, tasks, self.executor, progress)
            return
        with engine(self.limits, self.folder) as connection:
            here = partial(work, within=connection)
            yield from results(here, tasks, None, progress)


_STATES = pa.schema(
    [("one", pa.string()), ("other", pa.string()), ("state", pa.string())]
)
_AT_ONCE = 1 << 14


@frozen
class PairTask(Generic[S]):
    """The relationships of one bucket, each to fold with its own projection.

    Attributes:
        lookup: Returns what concerns pairs.
        projection: Returns the projection of a pair.
        pairs: The pairs.
        query: The day to ask about, what is known, and the policy.
    """

    lookup: PairLookup
    projection: Callable[..., Projection[S]]
    pairs: list[Pair]
    query: Query

    def logs(self) -> Iterator[tuple[EventLog, Among]]:
        """Yield logs that answer, each with its relationships."""
        make = made_by(self.projection, self.lookup.check)
        return self.lookup.logs({pair: make(pair) for pair in self.pairs}, self.query)


def states_of_pairs(
    task: PairTask[S], within: Database | None = None
) -> list[tuple[Pair, S]]:
    """Return the states of some relationships; this needs no database."""
    states: list[tuple[Pair, S]] = []
    for log, by in task.logs():
        states += task.query.view(log).project_each(task.projection, by=by).items()
    return states


def answers(
    verb: str,
    options: Mapping[str, Any],
    task: Task[S] | PairTask[S],
    within: Database | None = None,
) -> dict[Pair, Any]:
    """Return the answer about each relationship; this needs no database.

    Args:
        verb: The name of the method of a log.
        options: Its arguments, beside those that follow from the task.
        task: The relationships.
        within: None is asked.
    """
    answer_by_pair: dict[Pair, Any] = {}
    for log, by in task.logs():
        ask, known_by = getattr(log, verb), task.query.knowledge
        answer_by_pair |= ask(task.projection, by=by, known_by=known_by, **options)
    return answer_by_pair


def left_out_of(task: Task[S], within: Database | None = None) -> frozenset[str] | None:
    """Return `Task.left_out()`; this needs no database."""
    return task.left_out()


def states_list(task: Task[S], within: Database | None = None) -> list[tuple[Pair, S]]:
    """Return the states of a bucket."""
    return [*states_of(task, within)]


def save_states(
    of: Callable[[S], object],
    folder: Path,
    task: Task[S],
    within: Database | None = None,
) -> int:
    """Save the states of a bucket as a stream; return their number.

    Args:
        of: Selects the part of a state to save.
        folder: The folder in which to write.
        task: The bucket and the query.
        within: A database to work in; None to open one.

    Raises:
        ProjectionError: A state cannot be written as JSON.
    """
    path = folder / f"states-{task.bucket:05}.parquet"
    return write_states(path, saved_states(task, of, within))


def _plain(value: object) -> object:
    """Return the number that a count of a measure is, or the parts of a composition.

    Raises:
        NotImplementedError: It is something else.
    """
    if isinstance(value, int):
        return int(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Record):
        return {name: getattr(value, name) for name in value._fields}
    raise NotImplementedError(type(value).__name__)


_JSON = msgspec.json.Encoder(order="deterministic", enc_hook=_plain)


def write_states(path: Path, states: Iterable[tuple[Pair, str]]) -> int:
    """Write states to a file as a stream; return their number."""
    count, rows = 0, ((one, other, state) for (one, other), state in states)
    with (
        replaced(path) as file,
        pq.ParquetWriter(file, _STATES, compression="zstd") as writer,
    ):
        while some := [*islice(rows, _AT_ONCE)]:
            columns = map(list, zip(*some, strict=True))
            writer.write_table(pa.table([*columns], _STATES))
            count += len(some)
    return count


def saved_states(
    task: Task[S], of: Callable[[S], object], within: Database | None
) -> Iterator[tuple[Pair, str]]:
    """Yield the states of a bucket as JSON, which is the same for equal states.

    Raises:
        ProjectionError: A state cannot be written as JSON.
    """
    for (one, other), state in states_of(task, within):
        value = of(state)
        try:
            yield (one, other), _JSON.encode(value).decode()
        except (TypeError, ValueError, OverflowError, NotImplementedError) as error:
            problem = f"of {one} and {other} cannot be written as JSON ({error})"
            raise ProjectionError(
                value, f"{problem}: select with of= what to save"
            ) from None
