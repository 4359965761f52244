"""A bucket is a log: of the entries of some relationships, and their whole clusters."""

from __future__ import annotations

import gc
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache
from itertools import chain, combinations_with_replacement
from operator import attrgetter
from typing import Any, Generic, TypeVar

import duckdb
from attrs import frozen

from bri_timeline import (
    Entry,
    Event,
    EventLog,
    Projection,
    Vocabulary,
    dyads,
)
from bri_timeline.errors import EntryError
from bri_timeline.extend import left_out
from bri_timeline.scale._dictionary import ALWAYS
from bri_timeline.scale._engine import (
    Limits,
    Query,
    Table,
    numbers_column,
    pa,
    pc,
    runs,
    share_of,
)
from bri_timeline.scale._files import Where
from bri_timeline.scale._manifest import NONE, Manifest, Pair
from bri_timeline.scale._needs import check_known
from bri_timeline.scale._tables import (
    Related,
    RowFile,
    entries_in,
    listed,
    pair_table,
    plain,
    stored_rows,
)


S = TypeVar("S")
_GROUPS_AT_ONCE = 1 << 4
_MOST_GROUPS = 16
_MOST_OPEN = 8
# Of these buckets: a system often allows a thousand open files.
_MOST_FILES = 128
_MANY = 1 << 16
_PAIRS = 1 << 4
# Of few rows, the values of all rows would be decoded in vain.
_FEW = 1 << 9
# Rows of relationships that are folded at once; an entry takes half a kilobyte.
_PORTION = 1 << 17
_POSITION = attrgetter("position")
# The logs of relationships that are kept, and their entries, of half a kilobyte each.
_MOST_LOGS = 1 << 6
_MOST_ENTRIES = 1 << 17
_INSTANTS = (
    "select min(position) as place, epoch_us(recorded_at) as micros from {} where lead"
    " group by micros order by place"
)
_LAST_KNOWN = (
    "select max(known_day) from {} where lead and position < ? and known_day > ?"
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Bucket:
    """A bucket, open for questions.

    Args:
        folder: The dataset.
        manifest: The manifest of the dataset.
        bucket: The number of the bucket.
        vocabulary: The payload classes.

    Attributes:
        pairs: Its pairs, as `pair_table()` has them.
        related: Its related entries.
    """

    def __init__(
        self, folder: Where, manifest: Manifest, bucket: int, vocabulary: Vocabulary
    ) -> None:
        files = manifest.of(bucket)
        self._vocabulary = vocabulary
        self.pairs = pair_table(folder, manifest, bucket)
        self.related = Related(folder, files)
        self._folder, self._manifest = folder, files
        # Relationships that are asked about together are often near each other.
        # It does not know the bucket, whose files are closed as soon as that is gone.
        self._group = lru_cache(_MOST_GROUPS)(RowFile.whole)

    @cached_property
    def numbers(self) -> dict[Pair, int]:
        """The number of each pair of parties, also of one party twice."""
        return dict(listed(self.pairs))

    @cached_property
    def _files(self) -> list[RowFile]:
        """The files of its rows, which counts on columns do not open here."""
        return [RowFile(part, self._folder) for part in self._manifest.parts]

    def numbered(self, only: frozenset[Pair] | None = None) -> dict[int, Pair]:
        """Return pairs by their numbers.

        Args:
            only: Of these; None for all.
        """
        every = self.numbers if only is None else only & self.numbers.keys()
        return {self.numbers[pair]: pair for pair in every}

    def portions(
        self, only: frozenset[Pair] | None = None
    ) -> Iterator[dict[int, Pair]]:
        """Yield pairs by their numbers, as many at a time as have not too many rows.

        What holds entries holds a portion of them: its log has whole clusters.

        Args:
            only: Of these; None for all.
        """
        pairs = self.numbered(only)
        if sum(part.rows for part in self._manifest.parts) <= _PORTION:
            yield pairs
            return
        sizes = Counter[int]()
        for table in self._tables(RowFile.numbers, pairs):
            for number, start, stop in runs(table.column("rel").combine_chunks()):
                sizes[number] += stop - start
        portion, rows = dict[int, Pair](), 0
        # Relationships are near each other in files in the order of their numbers.
        for number in sorted(pairs):
            if portion and rows + sizes[number] > _PORTION:
                yield portion
                portion, rows = {}, 0
            portion[number] = pairs[number]
            rows += sizes[number]
        yield portion

    def entries(self, numbers: Collection[int]) -> Sequence[Entry]:
        """Return the entries of some relationships with their clusters, in order.

        Args:
            numbers: The numbers of the relationships; that of those that are in none
                may be among them.
        """
        # What is about no relationship is left out, unless something else refers to it.
        tables = [*self._tables(self._group, numbers)]
        tables = [*map(self._unrelated, tables), self._clusters_of(tables)]
        if sum(map(len, tables)) < _FEW:
            tables = [*map(plain, tables)]
        table = pa.concat_tables(tables, promote_options="default")
        table = table.unify_dictionaries().sort_by("position")
        places = table.column("position").combine_chunks()
        before = pa.concat_arrays([numbers_column([-1]), places])[:-1]
        table = table.filter(pc.not_equal(places, before))
        return entries_in(table, self._vocabulary)

    def _tables(
        self, read: Callable[[RowFile, int], Table], numbers: Collection[int]
    ) -> Iterator[Table]:
        """Yield the rows of some relationships, some groups at a time."""
        wanted = numbers_column(numbers).cast(pa.int32())
        in_order = sorted(numbers)
        for file in self._files:
            groups = [
                group
                for group, (low, high) in enumerate(file.bounds)
                if bisect_left(in_order, low) < bisect_right(in_order, high)
            ]
            for start in range(0, len(groups), _GROUPS_AT_ONCE):
                run = groups[start : start + _GROUPS_AT_ONCE]
                table = pa.concat_tables(read(file, group) for group in run)
                yield table.filter(pc.is_in(table.column("rel"), wanted))

    def _unrelated(self, table: Table) -> Table:
        """Return the rows of claims that are related to no other entry."""
        # Bucket 0 has what is no claim, also if its cluster lies in others only.
        is_own = pc.is_valid(table.column("kind"))
        positions = self.related.positions
        if len(positions):
            is_related = pc.is_in(table.column("position"), positions)
            is_own = pc.and_not(is_own, is_related)
        return table.filter(is_own)

    @cached_property
    def _clusters(self) -> Table:
        return self.related.table()

    def _clusters_of(self, rows: Iterable[Table]) -> Table:
        """Return the whole clusters of those entries of rows that are related."""
        clustered = self._clusters
        if not len(clustered):
            return clustered
        places = pa.chunked_array(
            [numbers_column([]), *(c for r in rows for c in r["position"].chunks)]
        )
        is_own = pc.is_in(clustered.column("position"), places)
        clusters = pc.unique(clustered.column("cluster").filter(is_own))
        return clustered.filter(pc.is_in(clustered.column("cluster"), clusters))


@frozen
class Among:
    """Returns the pairs of an event that are among some: workers can import it.

    Attributes:
        pairs: The pairs.
    """

    pairs: frozenset[Pair]

    def __call__(self, event: Event) -> Iterable[Pair]:
        """Return the keys of an event."""
        keys = dyads(event)
        if len(keys) == 1:  # as most have it: this takes a third of the time
            return keys if keys[0] in self.pairs else ()
        return self.pairs.intersection(keys)


@frozen
class Task(Generic[S]):
    """Everything that a worker needs to ask one bucket; small enough to send.

    Attributes:
        folder: The dataset.
        manifest: The files of the bucket.
        bucket: The number of the bucket.
        vocabulary: The payload classes.
        projection: The projection to fold with.
        query: The days to ask about.
        limits: Memory and threads.
        only: Ask about these of its relationships; None for all.
    """

    folder: Where
    manifest: Manifest
    bucket: int
    vocabulary: Vocabulary
    projection: Projection[S]
    query: Query
    limits: Limits
    only: frozenset[Pair] | None = None

    def opened(self) -> Bucket:
        """Return the bucket."""
        return Bucket(self.folder, self.manifest, self.bucket, self.vocabulary)

    def logs(self, bucket: Bucket | None = None) -> Iterator[tuple[EventLog, Among]]:
        """Yield the logs that answer, each with its relationships.

        Args:
            bucket: The bucket, if it is open.
        """
        bucket = bucket or self.opened()
        unknown = (self.only or frozenset()) - bucket.numbers.keys()
        for number, pairs in enumerate(bucket.portions(self.only)):
            if number:
                gc.collect()  # a log refers to itself: those of portions would stay
            # Also keys that nothing is known of, which have rows of a panel.
            keys = {one for one in pairs.values() if one[0] != one[1]} | unknown
            log = share_of(bucket.entries(pairs))
            yield self.query.read(log), Among(frozenset(keys))
            unknown = frozenset()

    def left_out(self) -> frozenset[str] | None:
        """Return the ids of the facts that do not last, as `extend.left_out()` does."""
        bucket = self.opened()
        # Facts of no relationship are among them.
        log = share_of(bucket.entries([*bucket.numbers.values(), NONE]))
        return left_out(self.query.view(log), self.projection)


class PairLookup:
    """Looks up relationships of a dataset.

    It keeps the buckets that it has opened, and the logs of what was asked last.

    Args:
        folder: The dataset.
        manifest: The manifest of the dataset.
        vocabulary: The payload classes.
    """

    def __init__(
        self, folder: Where, manifest: Manifest, vocabulary: Vocabulary
    ) -> None:
        self._folder, self._manifest, self._vocabulary = folder, manifest, vocabulary
        most_open = min(_MOST_OPEN, _MOST_FILES // manifest.fullest) or 1
        self._opened = lru_cache(most_open)(
            lambda bucket: Bucket(folder, manifest, bucket, vocabulary)
        )
        # The one that was asked last comes last.
        self._logs: dict[object, EventLog] = {}

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle what it was made of; open buckets stay behind."""
        return PairLookup, (self._folder, self._manifest, self._vocabulary)

    def check(self, projection: object) -> None:
        """Check that a projection gets the facts that it reads.

        Raises:
            VocabularyError: See `check_known()`.
        """
        check_known(projection, self._manifest, self._vocabulary)

    def recorded_by(self, instant: datetime) -> int:
        """Return how many of the first entries come before any recorded later.

        Raises:
            EntryError: One of these does not say when it was recorded.
        """
        microseconds = (instant - _EPOCH) // timedelta(microseconds=1)
        for position, recorded_at in self._recorded:
            if recorded_at is None:
                problem = f"entry {position} does not say when it was recorded"
                remedy = "only a store does: give a day or a position"
                raise EntryError(position, f"{problem}, and {remedy}")
            if recorded_at > microseconds:
                return position
        return self._manifest.size

    @cached_property
    def _recorded(self) -> list[tuple[int, int | None]]:
        """The first position of each instant of recording, and its microseconds."""
        return self._of_entries(_INSTANTS)

    def last_known(self, before: int | None) -> int | None:
        """Return the last day on which an entry became known, if there is one.

        Args:
            before: Of the entries before this position; None for all.
        """
        size = self._manifest.size if before is None else before
        days = self._of_entries(_LAST_KNOWN, size, ALWAYS)
        return next((day for (day,) in days), None)

    def _of_entries(self, sql: str, *values: int) -> list[Any]:
        """Return the rows that SQL finds in those of the entries, one of each."""
        if not self._manifest.parts:
            return []
        rows = stored_rows(self._folder, self._manifest.parts)
        with duckdb.connect() as connection:
            return connection.sql(sql.format(rows), params=[*values]).fetchall()

    def state(self, projection: Projection[S], pair: Pair, query: Query) -> S:
        """Return the certain state of a relationship."""
        parties = projection.parties
        if parties:
            log = self._kept(parties, lambda: self.entries(self.pairs_of(parties)))
            return query.view(log).project(projection)
        log = self._kept(pair, lambda: self.entries([pair]))
        states = query.view(log).project_each(projection, by=Among(frozenset([pair])))
        return states[pair] if pair in states else projection.initial()

    def _kept(self, name: object, read: Callable[[], Iterable[Entry]]) -> EventLog:
        """Return a log that was asked lately, with its states, or read it."""
        logs = {**self._logs}
        log = logs.pop(name, None)
        if log is None:
            log = share_of(read(), is_share=False)
        logs[name] = log
        while len(logs) > _MOST_LOGS or sum(map(len, logs.values())) > _MOST_ENTRIES:
            del logs[next(iter(logs))]
        # Another one takes its place: threads that ask at once may read a log twice.
        self._logs = logs
        return log

    def logs(
        self, projections: Mapping[Pair, Projection[Any]], query: Query
    ) -> Iterator[tuple[EventLog, Among]]:
        """Yield logs of what concerns some relationships each, in no order.

        The events of one party alone are read once for many of its relationships.

        Args:
            projections: The relationships, and what reads the events of each.
            query: What is known, and the policy.
        """
        together: list[Pair] = []
        for pair, projection in projections.items():
            if projection.parties and projection.parties != {*pair}:
                entries = self.entries([pair, *self.pairs_of(projection.parties)])
                yield self._log(entries, query), Among(frozenset([pair]))
            else:
                together.append(pair)
        for gathered, entries in self._gathered(sorted(together)):
            yield self._log(entries, query), Among(frozenset(gathered))

    def pairs_of(self, parties: Collection[str]) -> Iterable[Pair]:
        """Return the pairs whose events concern some parties.

        Args:
            parties: Actor ids.
        """
        if len(parties) == 1:  # every event of a lone party concerns it
            naming = listed(pair_table(self._folder, self._manifest))
            return [pair for pair, _ in naming if set(parties).intersection(pair)]
        return combinations_with_replacement(sorted(parties), 2)

    def entries(self, pairs: Iterable[Pair]) -> list[Entry]:
        """Return the entries of some pairs with their clusters, in order."""
        by_position = self._by_position(pairs)
        return [by_position[position] for position in sorted(by_position)]

    def _by_position(self, pairs: Iterable[Pair]) -> dict[int, Entry]:
        by_position: dict[int, Entry] = {}
        for number, some in self._manifest.by_bucket(pairs).items():
            bucket = self._opened(number)
            numbers = [bucket.numbers[pair] for pair in some if pair in bucket.numbers]
            by_position.update((e.position, e) for e in bucket.entries(numbers))
        return by_position

    def _log(self, entries: Iterable[Entry], query: Query) -> EventLog:
        """Return the log of some entries that answers a query."""
        return query.read(share_of(entries, is_share=False))

    def _gathered(
        self, pairs: Sequence[Pair]
    ) -> Iterator[tuple[set[Pair], list[Entry]]]:
        """Yield some pairs at a time, and the entries that concern any of them."""
        batch, parties, most = set[Pair](), set[str](), _MANY
        by_position: dict[int, Entry] = {}
        for start in range(0, len(pairs), _PAIRS):
            some = pairs[start : start + _PAIRS]
            new = {*chain.from_iterable(some)} - parties
            own = self._by_position((party, party) for party in new)
            by_position |= self._by_position(some) | own
            # Pairs of such parties alone need as many.
            most = max(most, 2 * len(own))
            batch.update(some)
            parties |= new
            if len(by_position) >= most or start + _PAIRS >= len(pairs):
                yield batch, [by_position[place] for place in sorted(by_position)]
                batch, by_position, parties, most = set(), {}, set(), _MANY
