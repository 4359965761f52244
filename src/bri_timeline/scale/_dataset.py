"""Dataset: a folder of Parquet files, as an immutable value."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from datetime import datetime
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar, cast

import pendulum
from attrs import evolve, field, frozen

from bri_timeline import (
    Edtf,
    Entry,
    EventLog,
    First,
    Panel,
    Period,
    Prefer,
    Projection,
    Source,
    Vocabulary,
    dyads,
)
from bri_timeline.errors import (
    DatasetError,
    EntryError,
    OutputError,
    ProjectionError,
    SelectionError,
    shown,
    translated,
)
from bri_timeline.extend import (
    Day,
    PanelBlock,
    PanelShares,
    iso,
    renumbered,
    require_projection,
    require_vocabulary,
    to_day,
)
from bri_timeline.measures import Measure, count
from bri_timeline.scale import _writing
from bri_timeline.scale._bucket import PairLookup, Task
from bri_timeline.scale._delta import export_delta
from bri_timeline.scale._dictionary import LAST_DATE
from bri_timeline.scale._engine import (
    LAST_DAY,
    Limits,
    Preference,
    Query,
    engine,
    pa,
    share_of,
)
from bri_timeline.scale._executor import (
    PairTask,
    Runner,
    answers,
    save_states,
    states_list,
    states_of_pairs,
)
from bri_timeline.scale._files import Url, Where, folder_of, located, made
from bri_timeline.scale._manifest import MOST_BUCKETS, Manifest, Pair
from bri_timeline.scale._measuring import Tally, tallies
from bri_timeline.scale._panels import (
    PanelTask,
    in_buckets,
    in_groups,
    in_order,
    panel_answers,
    panel_rows,
)
from bri_timeline.scale._refresh import Refreshed, refresh
from bri_timeline.scale._tables import entries_in, listed, pair_table, stored_rows
from bri_timeline.scale._writing import Written, no_progress
from bri_timeline.stores import Head, Store, copy


S = TypeVar("S")
V = TypeVar("V")
_Period = str | Edtf | tuple[Day, Day]
_LIMIT = 100_000


def itself(state: Any) -> Any:
    """Return a state: what is selected from it where nothing is said."""
    return state


@frozen(repr=False, eq=False)
class Dataset:
    """Entries on disk, sorted by relationship, as they were when it was opened.

    Returned by `open()` and `write()`; do not build it. Entries that are appended
    later, by any process, do not change it.
    """

    _where: Where
    _vocabulary: Vocabulary
    _limits: Limits
    _manifest: Manifest
    _prefer: Preference = Prefer.LATEST_KNOWN
    _bounded: bool = False
    _lookup: PairLookup = field(init=False)

    @_lookup.default
    def _looked_up(self) -> PairLookup:
        return PairLookup(self._where, self._manifest, self._vocabulary)

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle the folder and the manifest; open buckets and options stay behind."""
        where = self._where if isinstance(self._where, Path) else Url(str(self._where))
        parts = where, self._vocabulary, self._limits, self._manifest
        return Dataset, (*parts, self._prefer, self._bounded)

    @property
    def folder(self) -> Path | str:
        """The folder of its files, or their URL."""
        return self._where if isinstance(self._where, Path) else str(self._where)

    def __len__(self) -> int:
        """Return the number of entries."""
        return self._manifest.size

    @property
    def version(self) -> int:
        """The number of its version, which each writing raises by one."""
        return self._manifest.generation

    def __repr__(self) -> str:
        pairs = self._manifest.relationships
        return (
            f"<dataset {self.folder}: {len(self)} entries, {pairs} relationships,"
            f" {self._manifest.buckets} buckets>"
        )

    # --- writing ----------------------------------------------------------------------

    def append(
        self,
        what: Written,
        *,
        once: tuple[str, int] | None = None,
        progress: Callable[[int], object] = no_progress,
    ) -> Dataset:
        """Add entries to the newest version, and return the next.

        Existing files are not changed. Of a log or a store, only the entries after
        those of the dataset are added. If another writer was faster, the entries are
        added to its version; rows of a table that refer to rows above them, and have no
        positions themselves, still do.

        What was erased from the log or store since is erased here too, of whatever
        entry: the whole dataset is then written anew from it, and no file of the new
        version has the words. Earlier versions have them until they are swept away; a
        warning of the logger `bri_timeline` says so. What was erased here stays so.

        Args:
            what: As for `write()`; positions continue those of the dataset.
            once: A name for the append of a table or of entries, such as
                `("gdelt", 20261201)`: a series, and a whole number from 0. The dataset
                keeps the highest number of each series: the same again adds nothing,
                and a lower one is an error. So a series has one writer, or numbers that
                follow each other. What has no rows takes no number.
            progress: Called now and then with the number of entries read.

        Raises:
            DatasetError: The dataset cannot be read or written, or that takes longer
                than a day; or *once* is lower than the highest number of its series, is
                no name, or names a log or a store, of which a repeat adds nothing.
            StaleLogError: A log does not extend the dataset: its last entry, or one
                that was erased, is another.
            FaultsError: All faults in rows, each with its row and column.
            EntryError: The entries are not those of one log.
            VocabularyError: A class has changed since the dataset was written.
        """
        given = what, self._where, self._vocabulary, self._limits
        with translated(DatasetError, self._where):
            manifest = _writing.append(*given, progress, len(self), once)
        return evolve(self, manifest=manifest)

    # --- the policy -------------------------------------------------------------------

    def reading(
        self,
        prefer: Prefer | Source | str | Iterable[Source | str] = Prefer.LATEST_KNOWN,
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
        if isinstance(prefer, Source | str):
            prefer = (prefer,)
        elif not isinstance(prefer, Prefer) and isinstance(prefer, Iterable):
            prefer = tuple(prefer)
        # A partial log, which need not have what is preferred, checks it.
        share_of([]).reading(prefer)
        return evolve(self, prefer=prefer, bounded=bounded)

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
            known_by: A day, a position or an instant, as for `EventLog.as_of()`.

        Raises:
            DayError: One of them is not a whole day.
            EntryError: The dataset has no such position, or does not say when one of
                its entries was recorded.
        """
        self._lookup.check(require_projection(projection))
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
            known_by: A day, a position or an instant, as for `EventLog.as_of()`.
            executor: Any of `concurrent.futures`, such as a `ProcessPoolExecutor`, or a
                Dask client's `get_executor()`; by default this process folds.
            progress: Called with the number of buckets done, and of all buckets.

        Raises:
            DayError: One of them is not a whole day.
            EntryError: The dataset has no such position, or does not say when one of
                its entries was recorded.
            ProjectionError: The projection cannot be sent to other processes.
        """
        query, runner = self._query(on, known_by), self._runner(executor)
        runner.check(projection, query)
        states: dict[Pair, S] = {}
        tasks = self._tasks(projection, query, runner)
        is_own = isinstance(projection, Projection)
        work: Callable[..., list[tuple[Pair, S]]]
        work = states_list if is_own else states_of_pairs
        found = runner.results(work, tasks, progress)
        states.update(chain.from_iterable(found))
        return states

    def _tasks(
        self,
        projection: Projection[S] | Callable[..., Projection[S]],
        query: Query,
        runner: Runner,
        keys: Iterable[Pair] | None = None,
        *,
        rivals: bool = False,
    ) -> list[Task[S]] | list[PairTask[S]]:
        """Return a task for the relationships of each bucket.

        Args:
            projection: A projection, or a function that returns one for a pair.
            query: The day, what is known, and the policy.
            runner: Runs what has to be known before.
            keys: The relationships; None for those of which an event counts.
            rivals: Also those of which a claim is set aside.
        """
        if isinstance(projection, Projection) or not callable(projection):
            return runner.tasks(projection, query, keys)
        if keys is None:
            tasks, keys = runner.tasks(count(), query), []
            if rivals:
                asked = [PanelTask(task, _KEYS) for task in tasks]
                blocks = runner.results(panel_rows, asked, no_progress)
                for block in in_buckets(blocks):
                    keys += block.keys
            else:
                for some in runner.results(states_list, tasks, no_progress):
                    keys += [pair for pair, _ in some]
        by_bucket = self._manifest.by_bucket(keys).values()
        return [PairTask(self._lookup, projection, some, query) for some in by_bucket]

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
            OutputError: The folder cannot be written to.
        """
        path = made(folder_of(folder))
        query, runner = self._query(on, known_by), self._runner(executor)
        runner.check(projection, query)
        work, tasks = partial(save_states, of, path), runner.tasks(projection, query)
        return sum(runner.results(work, tasks, progress))

    def refresh(
        self,
        states: str | os.PathLike[str],
        projection: Projection[S],
        *,
        on: Day,
        known_by: Day | int | None = None,
        of: Callable[[S], object] = itself,
        version: str = "",
        anew: bool = False,
        executor: Executor | None = None,
        progress: Callable[[int, int], object] = no_progress,
    ) -> Refreshed:
        """Bring the saved states of all relationships up to date.

        The states are those of `save_each()`. They are kept in a folder with what they
        were folded from. Only the relationships are folded again that may have changed:
        those of entries that are known now and were not before, or the reverse, and of
        all that is related to these; and those of which something began or ended
        between the two days. The day and *known_by* may differ from those before, also
        backwards.

        All is folded anew, and no changes are told, where the states were made of
        something else: a projection, *of*, vocabulary, or policy of another name, with
        other fields or another *version*; by another version of the library, or of
        another dataset, or a later version of it; or where they are damaged, or words
        were erased since. What a function does is not looked at: give another *version*
        whenever that has changed.

        If the process ends meanwhile, the old states stay.

        Args:
            states: The folder of the states.
            projection: As for `save_each()`, like *of*, *on*, *known_by*, *executor*
                and *progress*.
            version: Your version of the projection, and of all that it calls.
            anew: Fold all relationships anew.

        Returns:
            What changed, and the files of the states.

        Raises:
            ProjectionError: As for `save_each()`.
            BusyStoreError: Another process is refreshing the states.
            OutputError: The folder cannot be written to.
        """
        query, runner = self._query(on, known_by), self._runner(executor)
        runner.check(projection, query)
        place = made(folder_of(states))
        return refresh(
            place, runner, projection, query, of, progress, version=version, anew=anew
        )

    def export_delta(
        self,
        path: str | os.PathLike[str],
        *,
        executor: Executor | None = None,
        progress: Callable[[int, int], object] = no_progress,
    ) -> int:
        """Write what counts now as a Delta table, with a row for each happening.

        Its columns are `id`, `kind`, `when`; `earliest_start` and `latest_start`,
        between which it began, `earliest_end` and `latest_end`, between which it ended,
        if it is an extent with an end; `known`, `parties`, `position`; the fields of
        each kind, and `unfit`, as in the rows of the dataset; `version`, `what`,
        `where`, `cite`; `bucket`, by which it is partitioned. Of a day before the year
        1, or a beginning without a first day, the date is the first of that year; one
        after the year 9999 is null.

        Another export to the same folder writes the buckets that are not the same as
        those of the table, as one commit. This says of which version of the dataset
        they are. The files are those of the table alone: if words were erased, its
        earlier versions have them until it is vacuumed.

        Args:
            path: A folder that is not there or empty, or that of an earlier export.
            executor: As for `project_each()`, like *progress*.

        Returns:
            The version of the table.

        Raises:
            DatasetError: The folder has something else, or somebody else changes the
                table: export again.
            SelectionError: The dataset is read with dates bounded by reports.
            MissingExtraError: deltalake is not installed.
            OutputError: The folder cannot be written to.
        """
        query, runner = self._query(None, None), self._runner(executor)
        place = folder_of(path)
        with translated(OutputError, place):
            return export_delta(runner, query, place, self.version, progress)

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
            known_by: A day, a position or an instant, as for `EventLog.as_of()`.
            executor: As for `project_each()`.
            progress: As for `project_each()`.

        Returns:
            For each relationship, as `project_each()` has them, the `certain` value,
            and the `possible` value, which includes undecided events.

        Raises:
            ProjectionError: It is not such a measure, or cannot be sent to other
                processes; or an amount cannot be added.
            DayError: One of them is not a whole day.
            EntryError: The dataset has no such position, or does not say when one of
                its entries was recorded.
        """
        if not isinstance(measure, Measure) or measure.aggregate == "latest":
            problem = "is not a measure that can be tallied: give a count, a total"
            raise ProjectionError(measure, f"{problem} or a distinct of `measures`")
        query, runner = self._query(on, known_by), self._runner(executor)
        runner.check(measure, query)
        found: dict[Pair, Tally] = {}
        for some in runner.results(tallies, runner.tasks(measure, query), progress):
            found.update(some)
        return found

    # --- over time --------------------------------------------------------------------

    def first(
        self,
        projection: Projection[S] | Callable[..., Projection[S]],
        *,
        holds: Callable[[S], bool] | None = None,
        at_least: object = None,
        at_most: object = None,
        known_by: Day | int | None = None,
        limit: int = _LIMIT,
        executor: Executor | None = None,
        progress: Callable[[int, int], object] = no_progress,
    ) -> dict[Pair, First]:
        """Return the day on which a state first held, of each relationship.

        They are the answers of `EventLog.first(..., by=dyads)`.

        Args:
            projection: As for `project_each()`, like *known_by* and *executor*.
            holds: As for `EventLog.first()`, like `at_least`, `at_most` and `limit`.
            progress: As for `project_each()`.

        Raises:
            ProjectionError: As for `EventLog.first()`; or the projection, or *holds*,
                cannot be sent to other processes.
            DayError: *known_by* is not a whole day.
            EntryError: The dataset has no such position, or does not say when one of
                its entries was recorded.
        """
        values = {"holds": holds, "at_least": at_least, "at_most": at_most}
        options = {**values, "limit": limit}
        return self._each("first", projection, options, known_by, executor, progress)

    def history(
        self,
        projection: Projection[S] | Callable[..., Projection[S]],
        known_by: Day | int | None = None,
        *,
        executor: Executor | None = None,
        progress: Callable[[int, int], object] = no_progress,
    ) -> dict[Pair, tuple[Period[S], ...]]:
        """Return the periods of the certain states of each relationship.

        They are those of `EventLog.history(..., by=dyads)`.

        Args:
            projection: As for `project_each()`, like the other arguments.

        Raises:
            ProjectionError: *projection* is not one, or it cannot be sent to other
                processes.
            DayError: *known_by* is not a whole day.
            EntryError: The dataset has no such position, or does not say when one of
                its entries was recorded.
        """
        return self._each("history", projection, {}, known_by, executor, progress)

    def _each(
        self,
        verb: str,
        projection: Projection[S] | Callable[..., Projection[S]],
        options: dict[str, Any],
        known_by: Day | int | None,
        executor: Executor | None,
        progress: Callable[[int, int], object],
    ) -> dict[Pair, Any]:
        """Return what logs answer about each relationship."""
        # The arguments are checked as those of a log are.
        getattr(EventLog(), verb)(projection, by=dyads, **options)
        query, runner = self._query(None, known_by), self._runner(executor)
        runner.check(projection, query)
        found: dict[Pair, Any] = {}
        work = partial(answers, verb, options)
        tasks = self._tasks(projection, query, runner)
        for some in runner.results(work, tasks, progress):
            found |= some
        return found

    # --- panels ---------------------------------------------------------------------

    def panel(
        self,
        projection: Projection[S] | Callable[..., Projection[S]],
        *,
        every: str | pendulum.Duration | None = None,
        window: str | pendulum.Duration | None = None,
        start: Day | None = None,
        stop: Day | None = None,
        flow: bool = False,
        at: Iterable[tuple[Pair, Day, Day | int | None] | tuple[Pair, Day]]
        | None = None,
        of: Callable[[S], V] | None = None,
        known_by: Day | int | None = None,
        known_after: str | pendulum.Duration | None = None,
        keys: Iterable[Pair] | None = None,
        coverage: _Period | Mapping[Pair, _Period] | None = None,
        bounds: bool = True,
        rivals: bool = False,
        executor: Executor | None = None,
        progress: Callable[[int, int], object] = no_progress,
    ) -> Panel[Pair, V]:
        """Return a table with a row for each relationship and each period.

        Its rows are those of `EventLog.panel(..., by=dyads)`, bucket by bucket: they
        are computed when they are read, and one bucket is held at a time. A `count`,
        and a `total` of whole numbers, is added up by DuckDB, with bounds that are
        always exact; anything else is folded, and so is what *window*, *keys*,
        *known_after* or *rivals* asks for.

        Args:
            projection: As for `project_each()`.
            every: As for `EventLog.panel()`, like `window`, `start`, `stop`, `flow`,
                `known_after`, `coverage` and `rivals`.
            at: As for `EventLog.panel()`: all questions and answers are held at a time,
                and the answers come in the order of the questions.
            of: Selects the value from a state; by default the state is the value.
            known_by: As for `project_each()`, like *executor*. *progress* is called
                whenever rows are read.
            keys: As for `EventLog.panel()`, in this order within each bucket. Nothing
                is read of other relationships.
            bounds: As for `EventLog.panel()`. Each bucket may spend as much on orders
                as the panel of a log, so that `complete` may be True of more rows.

        Raises:
            PanelError: The arguments contradict each other, or one is not valid.
            DayError: A day is not a whole day.
            EntryError: The dataset has no such position, or does not say when one of
                its entries was recorded.
            ProjectionError: It is not a projection, or names its parties; or it cannot
                be sent to other processes.
        """
        if getattr(projection, "parties", None):
            problem = "names its parties, and a panel has a row for each relationship"
            raise ProjectionError(projection, f"{problem}: leave them out")
        if isinstance(at, Iterator):
            at = [*at]  # they are held anyhow, and may be read again
        query, runner = self._query(None, known_by), self._runner(executor)

        def last_known() -> float:
            if query.known_by is not None:
                return to_day(query.known_by)
            return self._lookup.last_known(query.before) or -math.inf

        if isinstance(keys, Iterator):
            keys = [*keys]
        own: dict[str, Any] = {"window": window, "bounds": bounds, "rivals": rivals}
        spread: dict[str, Any] = {"every": every, "start": start, "stop": stop}
        spread |= {"flow": flow, "keys": keys, "known_after": known_after}
        # The arguments are checked as those of a log are.
        like = EventLog().panel(projection, by=dyads, of=of, at=at, **own, **spread)
        given = {**own, **spread, "at": at, "coverage": coverage}
        shares = PanelShares.of(like, self._known, last_known, dyads, known_by, **given)
        options, spread["keys"] = {**own, "of": of}, shares.keys

        def rows() -> Iterator[PanelBlock[Pair, Any]]:
            runner.check(projection, query)
            if shares.periods is None:
                return self._answers(projection, shares, options, runner, progress)
            known, days = query, tuple[Any, ...]()
            if known_after is not None and query.known_by is None:
                last = int(min(max(last_known(), 1), LAST_DATE))
                known = evolve(query, known_by=iso(last))
            if of is None and not (rivals or shares.keys is not None or known_after):
                days = shares.periods
            some = self._tasks(projection, known, runner, shares.keys, rivals=rivals)
            tasks = [PanelTask(task, {**options, **spread}, days) for task in some]
            return in_buckets(runner.results(panel_rows, tasks, progress))

        return shares.panel(rows, self._lacking)

    def _lacking(self, keys: Iterable[Pair]) -> tuple[list[Pair], frozenset[Pair]]:
        """Return those of some relationships of which it knows nothing, and all."""
        pairs = (pair for pair, _ in listed(pair_table(self._where, self._manifest)))
        has = frozenset(pair for pair in pairs if pair[0] != pair[1])
        return [key for key in keys if key not in has], has

    def _answers(
        self,
        projection: Projection[S] | Callable[..., Projection[S]],
        asked: PanelShares[Pair],
        options: dict[str, Any],
        runner: Runner,
        progress: Callable[[int, int], object],
    ) -> Iterator[PanelBlock[Pair, Any]]:
        """Return the answers to questions, in the order given."""
        keys, groups = in_groups(asked, self._manifest.buckets)
        query, tasks = self._query(None, None), list[PanelTask[S]]()
        for (_, is_known), some in groups.items():
            own = {**options, "at": [question for _, question in some]}
            known = query if is_known else evolve(query, before=0)
            pairs = {question[0] for _, question in some}
            places = tuple(place for place, _ in some)
            [task] = self._tasks(projection, known, runner, pairs)
            tasks.append(PanelTask(task, own, places=places))
        return in_order(keys, runner.results(panel_answers, tasks, progress))

    # --- entries ----------------------------------------------------------------------

    def files(self, name: str) -> list[str]:
        """Return the paths or URLs of the files of this version, for other programs.

        Args:
            name: What they hold: `rows`, `clusters` or `pairs`.
        """
        found = (file.name for file in self._manifest.files(self._where))
        own = (one for one in found if one.startswith(f"{name}-"))
        return [f"{self.folder}/{one}" for one in own]

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
        return self._log_of(self._lookup.entries([pair]))._among(*pair)

    def concerning(self, *parties: str) -> EventLog:
        """Return the log that concerns some parties; the rest is not read.

        Its events are those of `EventLog.concerning()`, renumbered from 0.

        Args:
            parties: Actor ids.
        """
        self._check_ids(*parties)
        entries = self._lookup.entries(self._lookup.pairs_of(parties))
        return self._log_of(entries)._concerning(*parties)

    def _check_ids(self, *parties: str) -> None:
        for party in parties:
            try:
                EventLog().concerning(party)  # it is checked as that of a log is
            except SelectionError:
                if not isinstance(party, str) or not self._lookup.pairs_of((party,)):
                    raise

    def entries(self) -> Iterator[Entry]:
        """Yield all entries in the order of the log, as a stream.

        Raises:
            DatasetError: A file of the dataset is missing or damaged.
        """
        # Nothing is read of these; whoever reads all wants to know of all damage.
        for file in self._manifest.beside(self._where):
            file.verified()
        if self._manifest.parts:
            with engine(self._limits, self._where) as connection:
                rows = stored_rows(self._where, self._manifest.parts)
                sql = f"from {rows} where lead order by position"
                for batch in connection.sql(sql).to_arrow_reader(_AT_ONCE):
                    table = pa.Table.from_batches([batch])
                    yield from entries_in(table, self._vocabulary)

    def copy_to(self, store: Store) -> Head:
        """Append to a store the entries that it does not hold yet, as a stream.

        If this is interrupted, the store holds the first entries: call it again. What
        was erased from the dataset is erased there too.

        Args:
            store: A store that is empty, or holds the first entries of this dataset.

        Returns:
            The head of the store afterwards.

        Raises:
            StaleLogError: The store holds other entries: its last, or one that was
                erased, is another.
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
        return Query(on, *self._cut(known_by), self._prefer, self._bounded)

    def _cut(self, known_by: Day | int | None) -> tuple[Day | None, int | None]:
        """Return the day of knowledge, and the position before which all is known.

        Raises:
            DayError: It is not a whole day, or the instant has no time zone.
            EntryError: The dataset has no such position, or does not say when one of
                its entries was recorded.
        """
        # `True` is an int, and would pass as position 1.
        if isinstance(known_by, int) and not isinstance(known_by, bool):
            if not 0 <= known_by < len(self):
                problem = f"the dataset has no position {shown(known_by)}"
                raise EntryError(known_by, f"{problem}: it has {len(self)} entries")
            return None, known_by + 1
        EventLog().as_of(LAST_DAY, known_by)  # it is checked as that of a log is
        if isinstance(known_by, datetime):
            return None, self._lookup.recorded_by(known_by)
        return cast("Day | None", known_by), None

    def _known(self, known_by: Day | int | None) -> tuple[float, int]:
        """Return the last day, and the number of the first entries, that are known."""
        day, before = self._cut(known_by)
        last = math.inf if day is None else to_day(day)
        return last, len(self) if before is None else before

    def _runner(self, executor: Executor | None) -> Runner:
        return Runner(
            self._where, self._manifest, self._vocabulary, self._limits, executor
        )


def _pair(one: str, other: str) -> Pair:
    first, second = sorted((one, other))
    return first, second


_AT_ONCE = 1 << 14
# A panel that has the keys of all that counts, also of claims that are set aside.
_KEYS = {"start": LAST_DAY, "stop": LAST_DAY, "rivals": True}
_BUCKETS = 64
MEMORY = "512MB"


def write(
    what: Written,
    folder: str | os.PathLike[str],
    vocabulary: Vocabulary,
    *,
    buckets: int = _BUCKETS,
    memory: str = MEMORY,
    storage_options: Mapping[str, Any] | None = None,
    progress: Callable[[int], object] = no_progress,
) -> Dataset:
    """Write entries to a folder or URL, sorted by relationship; return the dataset.

    A relationship is a pair of parties; an event of three parties belongs to three
    relationships. Each lies in one bucket, and buckets are read one at a time: a bucket
    should have about a million entries. The folder becomes a dataset with the last
    file written.

    Entries are read back as they are written: a log of them can be revised by the next
    release of a dataset, and what is left of erased words has its effect. The queue of
    proposals is left out, as in tables for others: a proposal or a rejection becomes an
    entry that claims nothing.

    Args:
        what: A log, a store, entries of a log in order; or a table with the columns of
            `formats.arrow`, batch by batch, of which text is best dictionary-encoded.
        folder: A folder without a dataset, or a URL of object storage: `s3://`,
            `gs://` or `az://`.
        vocabulary: The payload classes.
        buckets: Number of buckets, 1 to 512.
        memory: Memory to sort in, such as `512MB`.
        storage_options: Beside a URL, what `obstore.store.from_url()` takes, such as
            `{"region": "eu-west-1"}`; it comes before the environment. Workers are sent
            it, and no message, `repr()` or pickle of a dataset has it.
        progress: Called now and then with the number of entries read.

    Raises:
        DatasetError: There is a dataset already, or *buckets* is out of range; or the
            folder cannot be written to.
        FaultsError: All faults in rows, each with its row (from 0) and column.
        EntryError: The entries are not those of one log.
    """
    require_vocabulary(vocabulary)
    path = located(folder, storage_options)
    if not 1 <= buckets <= MOST_BUCKETS:
        problem = f"cannot have {shown(buckets)} buckets: give 1 to {MOST_BUCKETS}"
        raise DatasetError(str(path), problem)
    limits = limits_of(memory)
    with translated(DatasetError, path):
        manifest = _writing.create(what, path, vocabulary, buckets, limits, progress)
    return Dataset(path, vocabulary, limits, manifest)


def open(
    folder: str | os.PathLike[str],
    vocabulary: Vocabulary,
    *,
    version: int | None = None,
    memory: str = MEMORY,
    threads: int | None = None,
    storage_options: Mapping[str, Any] | None = None,
) -> Dataset:
    """Return the dataset of a folder or URL, as it is now, or was.

    Args:
        folder: A folder or URL to which `write()` wrote.
        vocabulary: The payload classes; other kinds become `Unknown`.
        version: An earlier version that has not been swept away.
        memory: Memory that DuckDB may use in each process; beyond it, it sorts on
            disk.
        threads: Threads that read, in this process; by default one for each core.
        storage_options: As for `write()`.

    Raises:
        DatasetError: The dataset or the version is missing, or cannot be read.
    """
    require_vocabulary(vocabulary)
    path = located(folder, storage_options)
    limits = limits_of(memory, threads)
    return Dataset(path, vocabulary, limits, Manifest.load(path, version))


def limits_of(memory: str, threads: int | None = None) -> Limits:
    """Return what this process may use, by default all of its cores."""
    return Limits(memory, (os.cpu_count() or 1) if threads is None else threads)
