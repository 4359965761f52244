"""A dataset: a folder of Parquet files, as a value."""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from functools import lru_cache, partial
from itertools import combinations_with_replacement
from pathlib import Path
from typing import Generic, TypeVar

from attrs import evolve, field, frozen

from bri_timeline._calendar import Day
from bri_timeline._codec import Vocabulary
from bri_timeline._events import Entry, Event
from bri_timeline._journal import no_progress
from bri_timeline._log import EventLog
from bri_timeline._projection import Projection, made_by, require
from bri_timeline._resolution import Prefer
from bri_timeline.errors import DatasetError, shown
from bri_timeline.scale import _writing
from bri_timeline.scale._bucket import Task, compact, pairs_in
from bri_timeline.scale._counting import Measure, Tally, tallies
from bri_timeline.scale._engine import Database, Limits, engine
from bri_timeline.scale._entries import entries_in
from bri_timeline.scale._executor import Saving, results, returned, saved
from bri_timeline.scale._lookup import Bucket
from bri_timeline.scale._manifest import MOST_BUCKETS, Manifest, Pair, bucket_of
from bri_timeline.scale._query import Question
from bri_timeline.scale._writing import Source
from bri_timeline.stores import Head, Store, copy, names_of


__all__ = [
    "Dataset",
    "open",
    "write",
]


R = TypeVar("R")
S = TypeVar("S")
_MOST_OPEN = 8


def _itself(state: S) -> S:
    return state


@frozen(repr=False, eq=False)
class Dataset:
    """Entries on disk, by relationship: what they were when it was opened.

    Returned by `open()` and `write()`; do not build it. What is appended later, by
    whomever, does not change it.

    Attributes:
        folder: Where it is.
    """

    folder: Path
    _vocabulary: Vocabulary
    _limits: Limits
    _manifest: Manifest
    _opened: Callable[[int], Bucket] = field(init=False)

    @_opened.default
    def _opener(self) -> Callable[[int], Bucket]:
        folder, manifest, vocabulary = self.folder, self._manifest, self._vocabulary
        return lru_cache(_MOST_OPEN)(
            lambda bucket: Bucket(folder, manifest, bucket, vocabulary)
        )

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle where it is and what it consists of."""
        parts = self.folder, self._vocabulary, self._limits, self._manifest
        return Dataset, parts

    def __len__(self) -> int:
        """Return how many entries there are."""
        return self._manifest.size

    def __repr__(self) -> str:
        pairs = self._manifest.relationships
        return (
            f"<dataset {self.folder}: {len(self)} entries, {pairs} relationships,"
            f" {self._manifest.buckets} buckets>"
        )

    # --- writing ----------------------------------------------------------------------

    def append(
        self, what: Source, *, progress: Callable[[int], object] = no_progress
    ) -> Dataset:
        """Add entries, and return the dataset as it is then; no file is changed.

        Of a log or a store that is what was entered after the entries that are there.

        Args:
            what: As for `write()`; positions go on from those that are there.
            progress: Called now and then with how many entries were read.

        Raises:
            DatasetError: It cannot be read.
            BusyStoreError: Somebody else is writing.
            StaleLogError: A log does not extend what is there.
            FaultsError: All that is wrong with rows, each with its row and column.
            EntryError: The entries are not those of one log.
        """
        manifest = _writing.append(
            what, self.folder, self._vocabulary, self._limits, progress
        )
        return Dataset(self.folder, self._vocabulary, self._limits, manifest)

    # --- folding ----------------------------------------------------------------------

    def project(
        self,
        projection: Projection[S],
        one: str,
        other: str,
        *,
        on: Day,
        known_by: Day | int | None = None,
        prefer: Prefer = Prefer.LATEST_KNOWN,
    ) -> S:
        """Return the certain state of one relationship; the others are not read.

        A projection that names its parties, such as `relationship("AZE", "CHN")`, is
        passed what concerns these.

        Args:
            projection: How to fold it.
            one: A party.
            other: Another.
            on: A whole day, included.
            known_by: A day, or a position; by default everything counts.
            prefer: Which claim to take where claims about one happening differ.

        Raises:
            DayError: One of them is not a whole day.
            EntryError: The dataset has no such position.
        """
        require(projection)
        asked = self._asked(on, known_by, prefer)
        return self._of_pair(projection, _pair(one, other), asked)

    def _concerned(self, projection: Projection[S], asked: Question) -> S:
        """Return the state of what concerns the parties of a projection."""
        log, positions = self._selected(projection.parties)
        known_by = asked.known_by
        if isinstance(known_by, int):
            known_by = bisect_right(positions, known_by) - 1
            if known_by < 0:
                return projection.initial()
        return log.as_of(asked.on, known_by, prefer=asked.prefer).project(projection)

    def _selected(self, parties: Collection[str]) -> tuple[EventLog, list[int]]:
        """Return the log of what concerns some parties, and the positions it had."""
        found: dict[int, Entry] = {}
        pairs: Iterable[Pair] = combinations_with_replacement(sorted(parties), 2)
        if len(parties) == 1:  # whatever involves it concerns it
            naming = pairs_in(self.folder, self._manifest)
            pairs = [pair for pair in naming if set(parties).intersection(pair)]
        for pair in pairs:
            some = self._bucket(pair).entries(
                pair, lambda kin: kin.concerning(*parties)
            )
            found.update(some)
        positions = sorted(found)
        return compact([found[position] for position in positions]), positions

    def project_each(
        self,
        projection: Projection[S] | Callable[..., Projection[S]],
        *,
        on: Day,
        known_by: Day | int | None = None,
        prefer: Prefer = Prefer.LATEST_KNOWN,
        executor: Executor | None = None,
        progress: Callable[[int, int], object] = no_progress,
    ) -> dict[Pair, S]:
        """Return the certain state of every relationship that has an event by then.

        It is what `log.as_of(on, known_by).project_each(projection, by=dyads)` returns.
        Each bucket is one task; tasks whose worker is lost are done again.

        By a function of the key, such as `relationship`, each relationship is read with
        what concerns it besides; that takes longer, and what one party does alone is
        folded for each of its relationships.

        Args:
            projection: How to fold one relationship, or a function that returns that
                of a pair; workers must be able to import it.
            on: A whole day, included.
            known_by: A day, or a position; by default everything counts.
            prefer: Which claim to take where claims about one happening differ.
            executor: Any of `concurrent.futures`, such as a `ProcessPoolExecutor`, or a
                Dask client's `get_executor()`; by default this process does it.
            progress: Called with how many buckets are done, and how many there are.

        Raises:
            DayError: One of them is not a whole day.
            EntryError: The dataset has no such position.
            ProjectionError: The projection cannot be sent to other processes.
        """
        asked = self._asked(on, known_by, prefer)
        states: dict[Pair, S] = {}
        if callable(projection) and not isinstance(projection, Projection):
            tasks: Sequence[object] = self._pairs(projection, asked, executor)
            work: Callable[..., Iterable[tuple[Pair, S]]] = _states_of_pairs
        else:
            tasks, work = self._tasks(projection, asked, executor), returned
        for some in self._done(work, tasks, executor, progress):
            states.update(some)
        return states

    def _pairs(
        self,
        function: Callable[..., Projection[S]],
        asked: Question,
        executor: Executor | None,
    ) -> list[_Pairs[S]]:
        """Return a task for the relationships of each bucket that have an event."""
        buckets: dict[int, list[Pair]] = {}
        tasks = self._tasks(_NOTHING, asked, executor)
        for some in self._done(returned, tasks, executor, no_progress):
            for pair, _ in some:
                bucket = bucket_of(pair, self._manifest.buckets)
                buckets.setdefault(bucket, []).append(pair)
        return [_Pairs(self, function, pairs, asked) for pairs in buckets.values()]

    def _of_pair(self, projection: Projection[S], pair: Pair, asked: Question) -> S:
        if projection.parties:
            return self._concerned(projection, asked)
        return self._bucket(pair).state(projection, pair, asked)

    def save_each(
        self,
        projection: Projection[S],
        folder: str | os.PathLike[str],
        *,
        of: Callable[[S], object] = _itself,
        on: Day,
        known_by: Day | int | None = None,
        prefer: Prefer = Prefer.LATEST_KNOWN,
        executor: Executor | None = None,
        progress: Callable[[int, int], object] = no_progress,
    ) -> int:
        """Save the state of every relationship in Parquet files, one for each bucket.

        Their columns are `one`, `other` and `state`, which is JSON. States are written
        by whoever folds them, and never come together in one place.

        Args:
            projection: As for `project_each()`.
            folder: Where to; files of an earlier call are replaced.
            of: What of a state is saved, where JSON cannot hold all of it.
            on: As for `project_each()`, as is the rest.

        Returns:
            How many states were saved.

        Raises:
            ProjectionError: A state cannot be written as JSON, or the projection cannot
                be sent to other processes.
            OSError: The folder cannot be written to.
        """
        path = Path(folder).resolve()
        path.mkdir(parents=True, exist_ok=True)
        asked = self._asked(on, known_by, prefer)
        savings = [
            Saving(task, path / f"states-{task.bucket:05}.parquet", of)
            for task in self._tasks(projection, asked, executor)
        ]
        return sum(self._done(saved, savings, executor, progress))

    # --- counting ---------------------------------------------------------------------

    def tally(
        self,
        *,
        on: Day,
        known_by: Day | int | None = None,
        prefer: Prefer = Prefer.LATEST_KNOWN,
        kinds: Iterable[type | str] | None = None,
        field: str | None = None,
    ) -> dict[Pair, Tally]:
        """Count, or sum a field, in each relationship: without calling Python for each.

        Args:
            on: A whole day, included.
            known_by: A day, or a position; by default everything counts.
            prefer: Which claim to take where claims about one happening differ.
            kinds: Only payloads of these classes, or of kinds of these names.
            field: What to sum, such as `millions` or `value.amount`: a number of at
                most nine decimals. Payloads without it are passed over.

        Returns:
            For each relationship with anything that may have happened, the `certain`
            number, and the `possible` one that includes what is undecided.

        Raises:
            DatasetError: *field* is no name, or is somewhere no such number.
            DayError: One of them is not a whole day.
            EntryError: The dataset has no such position.
            VocabularyError: One of *kinds* is not in the vocabulary.
        """
        if field is not None and not all(map(str.isidentifier, field.split("."))):
            problem = f"has no field {shown(field)}: write names with dots between them"
            raise DatasetError(str(self.folder), problem)
        names = None if kinds is None else names_of(kinds, self._vocabulary)
        return tallies(
            self.folder,
            self._manifest,
            self._vocabulary,
            self._asked(on, known_by, prefer),
            Measure(names, field),
            self._limits,
        )

    # --- entries ----------------------------------------------------------------------

    def among(self, one: str, other: str) -> EventLog:
        """Return the log of what involves two parties; the rest is not read.

        It answers every question that a log does. Its entries are numbered anew.

        Args:
            one: A party.
            other: Another.
        """
        pair = _pair(one, other)
        found = self._bucket(pair).entries(pair, lambda kin: kin.among(*pair))
        return compact([found[position] for position in sorted(found)]).among(*pair)

    def concerning(self, *parties: str) -> EventLog:
        """Return the log of what concerns some parties; the rest is not read.

        That is what `EventLog.concerning()` says. Its entries are numbered anew.

        Args:
            parties: Actor ids.
        """
        log, _ = self._selected(parties)
        return log.concerning(*parties)

    def entries(self) -> Iterator[Entry]:
        """Yield all entries in the order of the log, in a stream."""
        if self._manifest.parts:
            with engine(self._limits, self.folder) as connection:
                yield from entries_in(
                    connection, self.folder, self._manifest.parts, self._vocabulary
                )

    def copy_to(self, store: Store) -> Head:
        """Write down in a store what it does not hold yet, by streaming.

        If it is interrupted the store holds the first entries: do it again.

        Args:
            store: It is empty, or holds the first entries of this dataset.

        Returns:
            How far the store has got then.

        Raises:
            StaleLogError: It holds something else.
        """
        return copy(self.entries(), store)

    # --- the parts that they share ----------------------------------------------------

    def _asked(self, on: Day, known_by: Day | int | None, prefer: Prefer) -> Question:
        asked = Question(on, known_by, prefer)
        asked.check(len(self))
        return asked

    def _bucket(self, pair: Pair) -> Bucket:
        return self._opened(bucket_of(pair, self._manifest.buckets))

    def _tasks(
        self, projection: Projection[S], asked: Question, executor: Executor | None
    ) -> list[Task[S]]:
        """Return a task for each bucket; the largest are begun first."""
        require(projection)
        limits = self._limits if executor is None else evolve(self._limits, threads=1)
        rows: dict[int, int] = {}
        for part in self._manifest.parts:
            rows[part.bucket] = rows.get(part.bucket, 0) + part.rows
        return [
            Task(
                self.folder,
                self._manifest.of(bucket),
                bucket,
                self._vocabulary,
                projection,
                asked,
                limits,
            )
            for bucket in sorted(rows, key=rows.__getitem__, reverse=True)
        ]

    def _done(
        self,
        work: Callable[..., R],
        tasks: Sequence[object],
        executor: Executor | None,
        progress: Callable[[int, int], object],
    ) -> Iterator[R]:
        """Yield the results of tasks; those done here share one database."""
        if executor is not None:
            yield from results(work, tasks, executor, progress)
            return
        with engine(self._limits, self.folder) as connection:
            here = partial(work, within=connection)
            yield from results(here, tasks, None, progress)


@frozen
class _Pairs(Generic[S]):
    """Some relationships, each with a projection of its own.

    Attributes:
        dataset: Where they are.
        function: Returns the projection of a pair.
        pairs: The pairs.
        asked: The question.
    """

    dataset: Dataset
    function: Callable[..., Projection[S]]
    pairs: list[Pair]
    asked: Question


def _states_of_pairs(
    task: _Pairs[S], within: Database | None = None
) -> list[tuple[Pair, S]]:
    """Return the states of some relationships; they are read without a database."""
    make = made_by(task.function)
    return [
        (pair, task.dataset._of_pair(make(pair), pair, task.asked))
        for pair in task.pairs
    ]


def _seen(state: None, _event: Event) -> None:
    return state


def _none() -> None:
    return None


# Tells which relationships have an event: that is all it takes.
_NOTHING = Projection(_none, _seen)


def _pair(one: str, other: str) -> Pair:
    first, second = sorted((one, other))
    return first, second


_BUCKETS = 64
_MEMORY = "512MB"


def write(
    what: Source,
    folder: str | os.PathLike[str],
    vocabulary: Vocabulary,
    *,
    buckets: int = _BUCKETS,
    memory: str = _MEMORY,
    progress: Callable[[int], object] = no_progress,
) -> Dataset:
    """Lay entries out in a folder, by relationship, and return the dataset.

    A relationship is a pair of parties; an event of three belongs to three. Each lies
    in one of the buckets, which are read one at a time: a bucket should have about a
    million entries. The folder is a dataset once everything is on the disk.

    Args:
        what: A log, a store, entries of a log in order; or a table with the columns of
            `formats.arrow`, batch by batch, of which text is best dictionary-encoded.
        folder: Where there is no dataset yet.
        vocabulary: The payload classes.
        buckets: How many, from 1 to 512.
        memory: How much memory to sort in, such as `512MB`.
        progress: Called now and then with how many entries were read.

    Raises:
        DatasetError: There is a dataset already, or *buckets* is out of range.
        FaultsError: All that is wrong with rows, each with its row (from 0) and column.
        EntryError: The entries are not those of one log.
        OSError: The folder cannot be written to.
    """
    path = Path(folder).resolve()
    if not 1 <= buckets <= MOST_BUCKETS:
        problem = f"cannot have {shown(buckets)} buckets: give 1 to {MOST_BUCKETS}"
        raise DatasetError(str(path), problem)
    limits = Limits(memory, _cores())
    manifest = _writing.create(what, path, vocabulary, buckets, limits, progress)
    return Dataset(path, vocabulary, limits, manifest)


def open(
    folder: str | os.PathLike[str],
    vocabulary: Vocabulary,
    *,
    memory: str = _MEMORY,
    threads: int | None = None,
) -> Dataset:
    """Return the dataset of a folder, as it is now.

    Args:
        folder: What `write()` made.
        vocabulary: The payload classes; other kinds become `Unknown`.
        memory: How much memory DuckDB may use in each process; what does not fit is
            put on disk.
        threads: How many threads read, in this process; by default one for each core.

    Raises:
        DatasetError: There is none, or it cannot be read.
    """
    path = Path(folder).resolve()
    limits = Limits(memory, _cores() if threads is None else threads)
    return Dataset(path, vocabulary, limits, Manifest.load(path))


def _cores() -> int:
    return os.cpu_count() or 1
