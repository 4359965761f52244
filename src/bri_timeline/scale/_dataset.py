"""Dataset: a folder of Parquet files, as an immutable value."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import TypeVar

import pendulum
from attrs import evolve, field, frozen

from bri_timeline import Entry, EventLog, Panel, Prefer, Projection, Vocabulary
from bri_timeline._journal import Believed, Preference
from bri_timeline._projection import require_function
from bri_timeline._queries.outcomes import itself
from bri_timeline._queries.panel import period_days, value_class
from bri_timeline._scope import check_parties
from bri_timeline._selection import preference
from bri_timeline.errors import DatasetError, ProjectionError, shown
from bri_timeline.extend import (
    Day,
    renumbered,
    require_projection,
    require_vocabulary,
    to_day,
    url_problem,
)
from bri_timeline.measures import Measure, count
from bri_timeline.scale import _writing
from bri_timeline.scale._bucket import PairLookup
from bri_timeline.scale._engine import Limits, Query, engine, pa
from bri_timeline.scale._executor import (
    PairTask,
    Runner,
    SaveTask,
    save_states,
    states_list,
    states_of_pairs,
)
from bri_timeline.scale._manifest import MOST_BUCKETS, Manifest, Pair, bucket_of
from bri_timeline.scale._measuring import Tally, tallies
from bri_timeline.scale._panels import PanelTask, panel_of, panel_rows
from bri_timeline.scale._tables import entries_in, stored_rows
from bri_timeline.scale._writing import Source, no_progress
from bri_timeline.stores import Head, Store, copy


__all__ = ["Dataset", "open", "write"]


S = TypeVar("S")
V = TypeVar("V")


@frozen(repr=False, eq=False)
class Dataset:
    """Entries on disk, sorted by relationship, as they were when it was opened.

    Returned by `open()` and `write()`; do not build it. Entries that are appended
    later, by any process, do not change it.

    Attributes:
        folder: The folder of its files.
    """

    folder: Path
    _vocabulary: Vocabulary
    _limits: Limits
    _manifest: Manifest
    _prefer: Preference = Prefer.LATEST_KNOWN
    _bounded: bool = False
    _lookup: PairLookup = field(init=False)

    @_lookup.default
    def _looked_up(self) -> PairLookup:
        return PairLookup(self.folder, self._manifest, self._vocabulary)

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle the folder and the manifest; open buckets stay behind."""
        parts = self.folder, self._vocabulary, self._limits, self._manifest
        return Dataset, (*parts, self._prefer, self._bounded)

    def __len__(self) -> int:
        """Return the number of entries."""
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
        """Add entries, and return the new dataset; existing files are not changed.

        Of a log or a store, only the entries after those of the dataset are added.

        Args:
            what: As for `write()`; positions continue those of the dataset.
            progress: Called now and then with the number of entries read.

        Raises:
            DatasetError: The dataset cannot be read or written.
            BusyStoreError: Another process is writing.
            StaleLogError: A log does not extend the dataset.
            FaultsError: All faults in rows, each with its row and column.
            EntryError: The entries are not those of one log.
        """
        manifest = _writing.append(
            what, self.folder, self._vocabulary, self._limits, progress
        )
        return evolve(self, manifest=manifest)

    # --- the policy -------------------------------------------------------------------

    def reading(
        self,
        prefer: Prefer | Believed | Iterable[Believed] = Prefer.LATEST_KNOWN,
        *,
        bounded_by_reports: bool = False,
    ) -> Dataset:
        """Return the same dataset, read by another policy, which all questions follow.

        It replaces the policy that the dataset had.

        Args:
            prefer: As for `EventLog.reading()`: a rule, or sources and names of
                datasets in order of trust, those that `revise()` was given. A name that
                no entry has is not looked for.
            bounded_by_reports: As for `EventLog.reading()`. Nothing is then counted on
                columns, which takes longer.

        Raises:
            SelectionError: *prefer* is something else, or names no source.
        """
        bounded = bool(bounded_by_reports)
        return evolve(self, prefer=preference(prefer), bounded=bounded)

    # --- folding ----------------------------------------------------------------------

    def project(
        self,
        projection: Projection[S],
        one: str,
        other: str,
        *,
        on: Day,
        known_by: Day | int | None = None,
    ) -> S:
        """Return the certain state of one relationship; the others are not read.

        A projection that names its parties, such as `relationship("AZE", "CHN")`, is
        passed the events that concern these.

        Args:
            projection: The projection to fold with.
            one: A party.
            other: Another party.
            on: A whole day, included.
            known_by: A day or a position, included; by default everything counts.

        Raises:
            DayError: One of them is not a whole day.
            EntryError: The dataset has no such position.
        """
        require_projection(projection)
        query = self._query(on, known_by)
        return self._lookup.state(projection, _pair(one, other), query)

    def project_each(
        self,
        projection: Projection[S] | Callable[..., Projection[S]],
        *,
        on: Day,
        known_by: Day | int | None = None,
        executor: Executor | None = None,
        progress: Callable[[int, int], object] = no_progress,
    ) -> dict[Pair, S]:
        """Return the certain state of every relationship.

        It equals `log.as_of(on, known_by).project_each(projection, by=dyads)`: there is
        one for each relationship of which an event counts, on whatever day.
        Each bucket is one task; a task whose worker is lost is done again.

        A `count`, and a `total` of whole numbers or decimals, is computed on columns by
        DuckDB, unless a policy or a position says what counts; anything else is folded.

        With a function of the pair, such as `relationship`, each relationship is read
        with all events that concern it. That takes longer: the events of one party
        alone are read, and folded, for each bucket in which it has a relationship.

        Args:
            projection: A projection, or a function that returns the projection for a
                pair; workers must be able to import it.
            on: A whole day, included.
            known_by: A day, or a position; by default everything counts.
            executor: Any of `concurrent.futures`, such as a `ProcessPoolExecutor`, or a
                Dask client's `get_executor()`; by default this process folds.
            progress: Called with the number of buckets done, and of all buckets.

        Raises:
            DayError: One of them is not a whole day.
            EntryError: The dataset has no such position.
            ProjectionError: The projection cannot be sent to other processes.
        """
        query, runner = self._query(on, known_by), self._runner(executor)
        states: dict[Pair, S] = {}
        if callable(projection) and not isinstance(projection, Projection):
            tasks: Sequence[object] = self._pairs(projection, query, runner)
            work: Callable[..., Iterable[tuple[Pair, S]]] = states_of_pairs
        else:
            tasks, work = runner.tasks(projection, query), states_list
        for some in runner.results(work, tasks, progress):
            states.update(some)
        return states

    def _pairs(
        self,
        function: Callable[..., Projection[S]],
        query: Query,
        runner: Runner,
    ) -> list[PairTask[S]]:
        """Return a task for the relationships of each bucket that have an event."""
        buckets: dict[int, list[Pair]] = {}
        tasks = runner.tasks(count(), query)
        for some in runner.results(states_list, tasks, no_progress):
            for pair, _ in some:
                bucket = bucket_of(pair, self._manifest.buckets)
                buckets.setdefault(bucket, []).append(pair)
        return [
            PairTask(self._lookup, function, pairs, query) for pairs in buckets.values()
        ]

    def save_each(
        self,
        projection: Projection[S],
        folder: str | os.PathLike[str],
        *,
        of: Callable[[S], object] = itself,
        on: Day,
        known_by: Day | int | None = None,
        executor: Executor | None = None,
        progress: Callable[[int, int], object] = no_progress,
    ) -> int:
        """Save the state of every relationship in Parquet files, one for each bucket.

        Their columns are `one`, `other` and `state` (JSON). Each worker writes the
        states that it folds, so the states are never all in one process.

        Args:
            projection: As for `project_each()`.
            folder: Target folder; files of an earlier call are replaced.
            of: Selects the part of a state to save, where JSON cannot hold all of it.
            on: As for `project_each()`, like the other arguments.

        Returns:
            The number of states saved.

        Raises:
            ProjectionError: A state cannot be written as JSON, or the projection cannot
                be sent to other processes.
            OSError: The folder cannot be written to.
        """
        path = _local(folder)
        path.mkdir(parents=True, exist_ok=True)
        query, runner = self._query(on, known_by), self._runner(executor)
        tasks = [
            SaveTask(task, path / f"states-{task.bucket:05}.parquet", of)
            for task in runner.tasks(projection, query)
        ]
        return sum(runner.results(save_states, tasks, progress))

    # --- measuring --------------------------------------------------------------------

    def tally(
        self,
        measure: Measure[object],
        *,
        on: Day,
        known_by: Day | int | None = None,
        executor: Executor | None = None,
        progress: Callable[[int, int], object] = no_progress,
    ) -> dict[Pair, Tally]:
        """Return what each relationship certainly, and possibly, measures.

        A `count`, and a `total` of whole numbers or decimals, is computed on columns by
        DuckDB; any other measure is folded.

        Args:
            measure: A `count`, `total` or `distinct` of `measures`.
            on: A whole day, included.
            known_by: A day, or a position; by default everything counts.
            executor: As for `project_each()`.
            progress: As for `project_each()`.

        Returns:
            For each relationship, as `project_each()` has them, the `certain` value,
            and the `possible` value, which includes undecided events.

        Raises:
            ProjectionError: It is not such a measure, or cannot be sent to other
                processes; or an amount cannot be added.
            DayError: One of them is not a whole day.
            EntryError: The dataset has no such position.
        """
        if not isinstance(measure, Measure) or measure.aggregate == "latest":
            problem = "is not a measure that can be tallied: give a count, a total"
            raise ProjectionError(measure, f"{problem} or a distinct of `measures`")
        query, runner = self._query(on, known_by), self._runner(executor)
        found: dict[Pair, Tally] = {}
        for some in runner.results(tallies, runner.tasks(measure, query), progress):
            found.update(some)
        return found

    # --- panels ---------------------------------------------------------------------

    def panel(
        self,
        projection: Projection[S],
        *,
        every: str | pendulum.Duration | None = None,
        window: str | pendulum.Duration | None = None,
        start: Day,
        stop: Day,
        flow: bool = False,
        of: Callable[[S], V] = itself,
        known_by: Day | int | None = None,
        bounds: bool = True,
        executor: Executor | None = None,
        progress: Callable[[int, int], object] = no_progress,
    ) -> Panel[Pair, V]:
        """Return a table with a row for each relationship and each period.

        Its rows are those of `EventLog.panel(..., by=dyads)`, bucket by bucket: they
        are computed when they are read, and one bucket is held at a time. A `count`,
        and a `total` of whole numbers, is added up by DuckDB, with bounds that are
        always exact; anything else, and a rolling window, is folded.

        Args:
            projection: How to fold the events of one relationship.
            every: As for `EventLog.panel()`, like `window`, `start`, `stop`, `flow`.
            of: Selects the value from a state; by default the state is the value.
            known_by: As for `project_each()`, like *executor*. *progress* is called
                whenever rows are read.
            bounds: As for `EventLog.panel()`. Each bucket may spend as much on orders
                as the panel of a log, so that `complete` may be True of more rows.

        Raises:
            PanelError: The arguments contradict each other, or one is not valid.
            ProjectionError: It is not a projection, or names its parties; or it cannot
                be sent to other processes.
        """
        require_projection(projection)
        require_function(of, "of")
        if projection.parties:
            problem = "names its parties, and a panel has a row for each relationship"
            raise ProjectionError(projection, f"{problem}: leave them out")
        # All that counts, on whatever day.
        query, runner = self._query(None, known_by), self._runner(executor)
        days = tuple(period_days(every, window, start, stop, flow=flow))
        periods = {"every": every, "window": window, "start": start, "stop": stop}
        tasks = [
            PanelTask(task, of, days, {**periods, "flow": flow}, bounds)
            for task in runner.tasks(projection, query)
        ]
        return panel_of(
            f"{projection.name}, {start} to {stop}",
            lambda: runner.results(panel_rows, tasks, progress),
            value_class(projection, of),
        )

    # --- entries ----------------------------------------------------------------------

    def among(self, one: str, other: str) -> EventLog:
        """Return the log of the events of two parties; the rest is not read.

        It is an ordinary log. Its entries are renumbered from 0.

        Args:
            one: A party.
            other: Another party.

        Raises:
            SelectionError: As for `EventLog.among()`.
        """
        self._check_ids(one, other)
        pair = _pair(one, other)
        found = self._lookup.bucket(pair).entries(pair)
        return self._log_of(found)._among(*pair)

    def concerning(self, *parties: str) -> EventLog:
        """Return the log that concerns some parties; the rest is not read.

        Its events are those of `EventLog.concerning()`, renumbered from 0.

        Args:
            parties: Actor ids.
        """
        self._check_ids(*parties)
        found = self._lookup.entries_of(parties)
        some = [found[position] for position in sorted(found)]
        return self._log_of(some)._concerning(*parties)

    def _check_ids(self, *parties: str) -> None:
        example = "dataset.among('AZE', 'CHN')"
        check_parties(parties, example, lambda one: self._lookup.entries_of((one,)))

    def entries(self) -> Iterator[Entry]:
        """Yield all entries in the order of the log, as a stream.

        Raises:
            DatasetError: A file of the dataset is missing or damaged.
        """
        # Nothing is read of these; whoever reads all wants to know of all damage.
        for file in self._manifest.beside(self.folder):
            file.verified()
        if self._manifest.parts:
            with engine(self._limits, self.folder) as connection:
                rows = stored_rows(
                    self.folder, self._manifest.parts, self._manifest.earlier
                )
                sql = f"from {rows} where lead order by position"
                for batch in connection.sql(sql).to_arrow_reader(_AT_ONCE):
                    table = pa.Table.from_batches([batch])
                    yield from entries_in(table, self._vocabulary)

    def copy_to(self, store: Store) -> Head:
        """Append to a store the entries that it does not hold yet, as a stream.

        If this is interrupted, the store holds the first entries: call it again.

        Args:
            store: A store that is empty, or holds the first entries of this dataset.

        Returns:
            The head of the store afterwards.

        Raises:
            StaleLogError: The store holds other entries.
        """
        return copy(self.entries(), store)

    def _log_of(self, entries: Sequence[Entry]) -> EventLog:
        """Return a log of whole clusters and others, renumbered from 0."""
        places = {entry.position: place for place, entry in enumerate(entries)}
        log = EventLog(renumbered(e, places[e.position], places) for e in entries)
        return log._read_by(self._prefer, bounded=self._bounded)

    def _query(self, on: Day | None, known_by: Day | int | None) -> Query:
        if on is not None:
            to_day(on)
        query = Query(on, known_by, self._prefer, self._bounded)
        query.check(len(self))
        return query

    def _runner(self, executor: Executor | None) -> Runner:
        return Runner(
            self.folder, self._manifest, self._vocabulary, self._limits, executor
        )


def _pair(one: str, other: str) -> Pair:
    first, second = sorted((one, other))
    return first, second


_AT_ONCE = 1 << 14
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
    """Write entries to a folder, sorted by relationship, and return the dataset.

    A relationship is a pair of parties; an event of three parties belongs to three
    relationships. Each lies in one bucket, and buckets are read one at a time: a bucket
    should have about a million entries. The folder becomes a dataset with the last
    file written.

    Entries are read back as they are written: a log of them can be revised by the next
    release of a dataset. The queue of proposals is left out, as in tables for others: a
    proposal or a rejection becomes an entry that claims nothing; so does a claim whose
    words were erased. Those of a correction, or of what one corrects, are refused: what
    was put right would come back.

    Args:
        what: A log, a store, entries of a log in order; or a table with the columns of
            `formats.arrow`, batch by batch, of which text is best dictionary-encoded.
        folder: A folder without a dataset.
        vocabulary: The payload classes.
        buckets: Number of buckets, 1 to 512.
        memory: Memory to sort in, such as `512MB`.
        progress: Called now and then with the number of entries read.

    Raises:
        DatasetError: There is a dataset already, or *buckets* is out of range.
        FaultsError: All faults in rows, each with its row (from 0) and column.
        EntryError: The entries are not those of one log.
        OSError: The folder cannot be written to.
    """
    require_vocabulary(vocabulary)
    path = _local(folder)
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
        folder: A folder that `write()` made.
        vocabulary: The payload classes; other kinds become `Unknown`.
        memory: Memory that DuckDB may use in each process; beyond it, it sorts on
            disk.
        threads: Threads that read, in this process; by default one for each core.

    Raises:
        DatasetError: The folder has no dataset, or it cannot be read.
    """
    require_vocabulary(vocabulary)
    path = _local(folder)
    limits = Limits(memory, _cores() if threads is None else threads)
    return Dataset(path, vocabulary, limits, Manifest.load(path))


def _local(folder: str | os.PathLike[str]) -> Path:
    """Return the folder of a dataset.

    Raises:
        DatasetError: It is a URL.
    """
    if problem := url_problem(folder):
        raise DatasetError(str(folder), problem)
    return Path(folder).resolve()


def _cores() -> int:
    return os.cpu_count() or 1
