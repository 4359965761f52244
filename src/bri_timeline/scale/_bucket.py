"""A bucket is a log: of the entries of some relationships, and their whole clusters."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache
from itertools import chain, combinations_with_replacement, groupby
from operator import attrgetter, itemgetter
from typing import Any, Generic, TypeVar

import duckdb
from attrs import frozen

from bri_timeline import (
    Entry,
    Event,
    EventLog,
    Projection,
    Unknown,
    Vocabulary,
    dyads,
)
from bri_timeline.errors import EntryError
from bri_timeline.extend import left_out, refuse_lacking
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
    text_column,
    viewed,
)
from bri_timeline.scale._files import Where
from bri_timeline.scale._layout import ORDER
from bri_timeline.scale._manifest import NONE, Manifest, Pair, bucket_of
from bri_timeline.scale._needs import check_known
from bri_timeline.scale._tables import (
    EVENT,
    EVERY,
    Related,
    RowFile,
    entries_in,
    events_in,
    listed,
    pair_table,
    plain,
    stored_rows,
)


S = TypeVar("S")
_FOLDED = [*ORDER, "known_day", *EVENT]
_GROUPS_AT_ONCE = 1 << 4
_MOST_GROUPS = 16
_MOST_OPEN = 8
# Of these buckets: a system often allows a thousand open files.
_MOST_FILES = 128
_MANY = 1 << 16
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
        related: Its related entries.
    """

    def __init__(
        self, folder: Where, manifest: Manifest, bucket: int, vocabulary: Vocabulary
    ) -> None:
        files = manifest.of(bucket)
        self._vocabulary = vocabulary
        self._pairs = pair_table(folder, manifest, bucket)
        self._numbers: dict[Pair, int | None] = {}
        self.related = Related(folder, files)
        self._folder, self._manifest = folder, files
        # Relationships that are asked about together are often near each other.
        # It does not know the bucket, whose files are closed as soon as that is gone.
        self._group = lru_cache(_MOST_GROUPS)(RowFile.whole)

    @cached_property
    def _files(self) -> list[RowFile]:
        """The files of its rows, which counts on columns do not open here."""
        return [RowFile(part, self._folder) for part in self._manifest.parts]

    # --- all relationships ------------------------------------------------------------

    def states(
        self,
        projection: Projection[S],
        query: Query,
        only: frozenset[Pair] | None = None,
    ) -> Iterator[tuple[Pair, S]]:
        """Yield the certain state of each relationship that has an event.

        Args:
            projection: The projection to fold with.
            query: The day, what is known, and the policy.
            only: Of these relationships; None for all.
        """
        for pairs in self.portions(only):
            related = {*pairs}
            if is_plain(projection, query):
                related = self._related(pairs)
                plain_pairs = {n: pair for n, pair in pairs.items() if n not in related}
                tables = self._tables(_FOLDED, plain_pairs)
                yield from self._folded(tables, projection, query, plain_pairs)
            own = frozenset(pairs[number] for number in related)
            if own:
                view = query.view(self.log(related))
                yield from view.project_each(projection, by=Among(own)).items()

    def portions(
        self, only: frozenset[Pair] | None = None
    ) -> Iterator[dict[int, Pair]]:
        """Yield pairs by their numbers, as many at a time as have not too many rows.

        What holds entries holds a portion of them: its log has whole clusters.

        Args:
            only: Of these; None for all.
        """
        pairs = {number: pair for pair, number in self.listed(only)}
        if sum(part.rows for part in self._manifest.parts) <= _PORTION:
            yield pairs
            return
        sizes = Counter[int]()
        for table in self._tables(("rel",), pairs):
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

    def pair_table(self) -> Table:
        """Return its pairs, as `pair_table()` does."""
        return self._pairs

    def listed(self, only: frozenset[Pair] | None = None) -> Iterator[tuple[Pair, int]]:
        """Yield each pair of parties, also of one party twice, and its number.

        Args:
            only: Of these; None for all.
        """
        return (one for one in listed(self._pairs) if only is None or one[0] in only)

    def pairs(self) -> frozenset[Pair]:
        """Return its relationships."""
        return frozenset(pair for pair, _ in listed(self._pairs) if pair[0] != pair[1])

    def log(self, numbers: Collection[int]) -> EventLog:
        """Return a log of the entries of some relationships.

        Args:
            numbers: The numbers of the relationships; that of those that are in none
                may be among them.
        """
        # What is about no relationship is left out, unless something else refers to it.
        tables = [*self._tables(EVERY, numbers)]
        clusters = self._clusters_of(tables)
        entries = self._entries([*map(self._unrelated, tables), clusters])
        return share_of(entries)

    def _related(self, numbers: Collection[int]) -> set[int]:
        """Return those of some relationships that have related entries."""
        found = set[int]()
        if not len(self.related.positions):
            return found
        for table in self._tables(("rel", "position"), numbers):
            is_related = pc.is_in(table.column("position"), self.related.positions)
            related = table.column("rel").filter(is_related)
            found.update(pc.unique(related).to_pylist())
        return found

    def _folded(
        self,
        tables: Iterable[Table],
        projection: Projection[S],
        query: Query,
        pairs: Mapping[int, Pair],
    ) -> Iterator[tuple[Pair, S]]:
        """Yield the states of relationships without related entries, from their rows.

        They are folded as their rows come: a log of them takes more than twice as long.
        """
        known, done = set[int](), set[int]()

        def runs_of(table: Table) -> Iterator[tuple[int, list[Event]]]:
            table = table.filter(query.known(table))
            known.update(pc.unique(table.column("rel")).to_pylist())
            table = table.filter(pc.less_equal(table.column("last"), query.last))
            events = events_in(table, self._vocabulary)
            # A log finds by itself what the vocabulary lacks.
            facts = (event.what for event in events)
            unknown = [fact for fact in facts if isinstance(fact, Unknown)]
            refuse_lacking(projection, ((one.name, one.version) for one in unknown))
            for number, start, stop in runs(table.column("rel").combine_chunks()):
                yield number, events[start:stop]

        if len(self._files) > 1 and pairs:
            table = pa.concat_tables(tables, promote_options="default")
            tables = [table.sort_by([(name, "ascending") for name in ORDER])]
        every = chain.from_iterable(map(runs_of, tables))
        for number, rows in groupby(every, itemgetter(0)):
            done.add(number)
            first_party, second_party = pairs[number]
            if first_party != second_party:
                events = chain.from_iterable(map(itemgetter(1), rows))
                yield (first_party, second_party), projection.fold(events)
        for number in sorted(known - done):
            first_party, second_party = pairs[number]
            if first_party != second_party:
                yield (first_party, second_party), projection.initial()

    def _tables(
        self, names: Sequence[str], numbers: Collection[int]
    ) -> Iterator[Table]:
        """Yield columns of the rows of some relationships, some groups at a time."""
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
                table = pa.concat_tables(file.group(group, names) for group in run)
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

    def _entries(self, tables: Iterable[Table]) -> Sequence[Entry]:
        """Return the entries of rows, each once, in order of position."""
        table = pa.concat_tables(tables, promote_options="default")
        table = table.unify_dictionaries().sort_by("position")
        places = table.column("position").combine_chunks()
        before = pa.concat_arrays([numbers_column([-1]), places])[:-1]
        table = table.filter(pc.not_equal(places, before))
        return entries_in(table, self._vocabulary)

    @cached_property
    def _clusters(self) -> Table:
        return self.related.table()

    # --- one relationship -------------------------------------------------------------

    def entries(self, pair: Pair) -> Sequence[Entry]:
        """Return the entries of a relationship, and all of their clusters.

        Args:
            pair: The parties; one party twice for the facts of that party alone.
        """
        rows = self._rows(self._number(pair))
        clustered = self._clusters_of(rows)
        return self._entries(map(plain, (*map(self._unrelated, rows), clustered)))

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

    def _rows(self, number: int | None) -> list[Table]:
        """Return the rows of a relationship."""
        slices: list[Table] = []
        if number is None:
            return slices
        for file in self._files:
            # Rows are sorted by pair number, so few groups can hold one.
            first = bisect_left(file.bounds, number, key=itemgetter(1))
            for group in range(first, len(file.bounds)):
                if file.bounds[group][0] > number:
                    break
                table = self._group(file, group)
                numbers = viewed(table.column("rel").chunk(0))
                start = bisect_left(numbers, number)
                count = bisect_right(numbers, number, start) - start
                slices.append(table.slice(start, count))
        return slices

    def _number(self, pair: Pair) -> int | None:
        """Return the number of a pair, if it has one."""
        if pair not in self._numbers:
            # A dictionary of all pairs would take a hundred times as long.
            columns = zip(("one", "other"), pair, strict=True)
            is_it = pc.and_(
                *(
                    pc.is_in(self._pairs.column(name), text_column(party))
                    for name, party in columns
                )
            )
            numbers = self._pairs.column("rel").filter(is_it).to_pylist()
            self._numbers[pair] = numbers[0] if numbers else None
        return self._numbers[pair]


def is_plain(projection: Projection[S], query: Query) -> bool:
    """Check whether rows are folded in their order, and with their dates."""
    return not (query.bounded or projection.ends or projection.closes)


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
        unknown = (self.only or frozenset()) - bucket.pairs()
        for pairs in bucket.portions(self.only):
            # Also keys that nothing is known of, which have rows of a panel.
            keys = {one for one in pairs.values() if one[0] != one[1]} | unknown
            yield self.query.read(bucket.log(pairs)), Among(frozenset(keys))
            unknown = frozenset()

    def left_out(self) -> frozenset[str] | None:
        """Return the ids of the facts that do not last, as `extend.left_out()` does."""
        bucket = self.opened()
        # Facts of no relationship are among them.
        numbers = [number for _, number in bucket.listed()]
        return left_out(self.query.view(bucket.log([*numbers, NONE])), self.projection)


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

    def bucket(self, pair: Pair) -> Bucket:
        """Return the bucket of a pair."""
        return self._opened(bucket_of(pair, self._manifest.buckets))

    def state(self, projection: Projection[S], pair: Pair, query: Query) -> S:
        """Return the certain state of a relationship."""
        parties = projection.parties
        if parties:
            log = self._kept(
                parties,
                lambda: sorted(self.entries_of(parties).values(), key=_POSITION),
            )
            return query.view(log).project(projection)
        log = self._kept(pair, lambda: self.bucket(pair).entries(pair))
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
                entries = self._entries(pair) | self.entries_of(projection.parties)
                yield self._log(entries, query), Among(frozenset([pair]))
            else:
                together.append(pair)
        for gathered, entries in self._gathered(sorted(together)):
            yield self._log(entries, query), Among(frozenset(gathered))

    def entries_of(self, parties: Collection[str]) -> dict[int, Entry]:
        """Return the entries that concern some parties, and others of their clusters.

        Args:
            parties: Actor ids.
        """
        pairs: Iterable[Pair] = combinations_with_replacement(sorted(parties), 2)
        if len(parties) == 1:  # every event of a lone party concerns it
            naming = dict(listed(pair_table(self._folder, self._manifest)))
            pairs = [pair for pair in naming if set(parties).intersection(pair)]
        by_position: dict[int, Entry] = {}
        for pair in pairs:
            by_position.update(self._entries(pair))
        return by_position

    def _entries(self, pair: Pair) -> dict[int, Entry]:
        return {entry.position: entry for entry in self.bucket(pair).entries(pair)}

    def _log(self, entries: Mapping[int, Entry], query: Query) -> EventLog:
        """Return the log of some entries that answers a query."""
        in_order = sorted(entries.values(), key=_POSITION)
        return query.read(share_of(in_order, is_share=False))

    def _gathered(
        self, pairs: Iterable[Pair]
    ) -> Iterator[tuple[set[Pair], dict[int, Entry]]]:
        """Yield some pairs at a time, and the entries that concern any of them."""
        batch, by_position, parties, most = (
            set[Pair](),
            dict[int, Entry](),
            set[str](),
            _MANY,
        )
        for pair in pairs:
            batch.add(pair)
            by_position.update(self._entries(pair))
            for party in {*pair} - parties:
                own = self._entries((party, party))
                by_position.update(own)
                # A pair of two such parties alone needs as many.
                most = max(most, 2 * len(own))
            parties.update(pair)
            if len(by_position) >= most:
                yield batch, by_position
                batch, by_position, parties, most = set(), {}, set(), _MANY
        if batch:
            yield batch, by_position
