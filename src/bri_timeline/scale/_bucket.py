"""One bucket: its singletons and related entries, folded for each relationship."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from heapq import heappop, heappush, merge
from itertools import chain, islice
from pathlib import Path
from typing import Any, Generic, TypeVar, cast

from attrs import evolve, frozen

from bri_timeline import Event, Place, Projection, Vocabulary
from bri_timeline._events import Key, marks_of, sort_key, unchecked_events, uncollected
from bri_timeline._projection import blame
from bri_timeline.extend import Ending, Mark
from bri_timeline.scale._clusters import Clusters, CountedEvent
from bri_timeline.scale._dictionary import ALWAYS, NEVER
from bri_timeline.scale._engine import (
    Batch,
    Database,
    Limits,
    Query,
    Table,
    columns_in,
    engine,
    numbers,
    numbers_column,
    pa,
    pc,
    runs,
    table_of,
)
from bri_timeline.scale._layout import ORDER
from bri_timeline.scale._manifest import NONE, Manifest, Pair
from bri_timeline.scale._values import ValueDecoders, parted


__all__ = [
    "BATCH",
    "COLUMNS",
    "KEYS",
    "Task",
    "all_pairs",
    "clusters_of",
    "events_of",
    "fold_each",
    "folded",
    "listed",
    "marks_each",
    "pair_table",
    "pairs_in",
    "pairs_of",
]


S = TypeVar("S")
T = TypeVar("T")
# A plain day has no number of its own: the negative number of the day stands for it.
COLUMNS = {
    "rel": "rel",
    "what": "what_code",
    "when": "coalesce(when_code, -last)",
    "cite": f"coalesce(cite_code, {NONE})",
    "id": "id",
}
KEYS = {name: name for name in ("last", "first", "position")}
BATCH = 1 << 14
# So many events stay in the cache of a processor, and start no garbage collection.
_AT_ONCE = 1 << 9
_ROWS = "select {} from {} where {}"
_PAIRS = "select distinct rel from {} where {}"


def pairs_of(folder: Path, manifest: Manifest, bucket: int) -> dict[int, Pair]:
    """Return the pairs of parties of a bucket, by their numbers.

    The facts of one party alone have a number too: that of the pair of it with itself.
    """
    found = listed(pair_table(folder, manifest, bucket))
    return {number: pair for pair, number in found}


def pairs_in(folder: Path, manifest: Manifest) -> dict[Pair, int]:
    """Return the number of each pair of parties."""
    return dict(listed(pair_table(folder, manifest)))


def listed(table: Table) -> Iterator[tuple[Pair, int]]:
    """Yield each pair of a `pair_table()`, and its number."""
    columns = (table.column(name).to_pylist() for name in ("one", "other", "rel"))
    for one, other, number in zip(*columns, strict=True):
        yield (one, other), number


def pair_table(folder: Path, manifest: Manifest, bucket: int | None = None) -> Table:
    """Return the parties and the numbers of pairs, of a bucket or of all, as columns.

    The columns are `one`, `other` and `rel`.
    """
    columns = [("one", pa.string()), ("other", pa.string()), ("rel", pa.int32())]
    names = [*dict(columns)]
    tables = [pa.Table.from_batches([], pa.schema(columns))]
    for one in manifest.pairs:
        table = columns_in(one.file(folder).verified(), (*names, "bucket"))
        if bucket is not None:
            wanted = numbers_column([bucket]).cast(pa.int32())
            table = table.filter(pc.is_in(table.column("bucket"), wanted))
        tables.append(table.select(names))
    return pa.concat_tables(tables)


@frozen
class Task(Generic[S]):
    """Everything that a worker needs to fold one bucket; small enough to send.

    Attributes:
        folder: The dataset.
        manifest: The files of the bucket.
        bucket: The number of the bucket.
        vocabulary: The payload classes.
        projection: The projection to fold with.
        query: The days to ask about.
        limits: Memory and threads.
    """

    folder: Path
    manifest: Manifest
    bucket: int
    vocabulary: Vocabulary
    projection: Projection[S]
    query: Query
    limits: Limits


def clusters_of(task: Task[Any]) -> Clusters:
    """Return the related entries of a bucket, read and resolved once for a question."""
    return Clusters.under(
        task.query, task.folder, task.manifest, task.vocabulary, task.limits
    )


def folded(
    task: Task[S],
    within: Database | None,
    clusters: Clusters,
    *,
    undecided: bool = False,
) -> Iterator[tuple[Pair, S]]:
    """Yield the state of each relationship of a bucket that has an event.

    Args:
        task: The bucket and the query.
        within: A database to work in; None to open one.
        clusters: The related entries of the bucket.
        undecided: Include events that may have happened, in the order of the others.
    """
    yield from _read(
        task,
        within,
        clusters,
        task.projection.reads,
        lambda batches, decoders, related: fold_each(
            batches, decoders, related, task.projection, task.query.day
        ),
        undecided=undecided,
    )


def all_pairs(
    task: Task[Any], within: Database | None, clusters: Clusters
) -> set[Pair]:
    """Return the relationships of a bucket of which any event counts, on any day."""
    folder, manifest, query = task.folder, task.manifest, evolve(task.query, on=None)
    pairs = pairs_of(folder, manifest, task.bucket)
    found = {*clusters.counted(query)}.intersection(pairs.values())
    has_related = bool(clusters.positions)
    rows = table_of(part.file(folder) for part in manifest.parts)
    sql = _PAIRS.format(rows, query.rows(has_related=has_related))
    with engine(task.limits, folder, within) as connection:
        if has_related:
            connection.register("related", numbers(clusters.positions))
        numbers_found = connection.sql(sql).fetchall()
    found.update(pairs[number] for (number,) in numbers_found)
    return {(one, other) for one, other in found if one != other}


def marks_each(
    task: Task[S], within: Database | None
) -> Iterator[tuple[Pair, list[Mark]]]:
    """Yield each relationship of a bucket, and its marks, also undecided ones.

    The ends of extents are among them if the projection of the task takes ends.
    """
    ends = None if task.projection.ends is None else _ended
    closes = _Closed(task.projection.closing)
    gathered = Projection(list[Mark], _begun, ends=ends, closes=closes)

    def work(
        batches: Iterable[Batch],
        decoders: ValueDecoders,
        related: dict[int, list[CountedEvent]],
    ) -> Iterator[tuple[int, list[Mark]]]:
        return fold_each(batches, decoders, related, gathered, math.inf)

    return _read(task, within, clusters_of(task), None, work, undecided=True)


def _begun(marks: list[Mark], event: Event) -> list[Mark]:
    marks.append(event)
    return marks


def _ended(marks: list[Mark], event: Event) -> list[Mark]:
    marks += filter(None, (Ending.of(event),))
    return marks


@frozen
class _Closed:
    """Adds the end of what an event ends.

    Attributes:
        classes: The payload classes of such events.
    """

    classes: tuple[type, ...]

    def __call__(
        self, marks: list[Mark], event: Event, _is_ordered: bool
    ) -> list[Mark]:
        marks += marks_of(event, self.classes)[-1:]
        return marks


def _read(
    task: Task[Any],
    within: Database | None,
    clusters: Clusters,
    reads: tuple[type, ...] | None,
    work: Callable[..., Iterator[tuple[int, T]]],
    *,
    undecided: bool,
) -> Iterator[tuple[Pair, T]]:
    """Yield what a function finds in the rows of a bucket, for each pair of parties."""
    folder, manifest = task.folder, task.manifest
    pairs = pairs_of(folder, manifest, task.bucket)
    found = clusters.counted(task.query, reads, undecided=undecided)
    by_number = {n: found[pair] for n, pair in pairs.items() if pair in found}
    decoders = ValueDecoders(folder, manifest.parts, task.vocabulary, at_once=True)
    has_keys = by_number or task.projection.ends is not None
    columns = COLUMNS | KEYS if has_keys else COLUMNS
    condition = task.query.rows(
        has_related=bool(clusters.positions), undecided=undecided
    )
    sql = _selected(task, columns, condition, has_related=bool(clusters.positions))
    with engine(task.limits, folder, within) as connection:
        if clusters.positions:
            connection.register("related", numbers(clusters.positions))
        batches = connection.sql(sql).to_arrow_reader(BATCH)
        for number, found_there in work(batches, decoders, by_number):
            one, other = pairs[number]
            if one != other:
                yield (one, other), found_there


def _selected(
    task: Task[S], columns: dict[str, str], condition: str, *, has_related: bool
) -> str:
    """Return the SQL that selects the singletons, in fold order."""
    names = ", ".join(f'{value} as "{name}"' for name, value in columns.items())
    parts = task.manifest.parts
    rows = table_of(part.file(task.folder) for part in parts)
    sql = _ROWS.format(names, rows, condition)
    # One file is sorted already, and a scan keeps its order.
    is_ordered = len(parts) == 1 and not has_related
    return sql if is_ordered else f"{sql} order by {', '.join(ORDER)}"


def fold_each(
    batches: Iterable[Batch],
    decoders: ValueDecoders,
    related: dict[int, list[CountedEvent]],
    projection: Projection[S],
    day: float,
) -> Iterator[tuple[int, S]]:
    """Yield the number and the state of each relationship that has an event.

    Args:
        batches: Singletons in fold order, with sort keys if *related* has any event,
            or the projection takes ends.
        decoders: Decoders of the numbers in the rows.
        related: Other events that count, by relationship; emptied by this call.
        projection: The projection to fold with.
        day: The number of the day asked about; maybe infinite.
    """
    initial, step = projection.initial, _step_of(projection)
    current, state, is_empty = NONE, initial(), True
    for number, marks in _marks(batches, decoders, related, projection, day):
        if number != current:
            if not is_empty:
                yield current, state
            current, state, is_empty = number, initial(), True
        try:
            for mark in marks:
                state, is_empty = step(state, mark), False
        except Exception as error:
            blame(error, projection)
            raise
    if not is_empty:
        yield current, state


def _step_of(projection: Projection[S]) -> Callable[[S, Mark], S]:
    """Return what gives the state after a mark of what a projection reads."""
    if projection.ends is None:
        return cast("Callable[[S, Mark], S]", projection.evolve)

    def step(state: S, mark: Mark) -> S:
        if isinstance(mark, Ending):
            return projection(state, mark)
        return projection.evolve(state, mark)

    return step


def _of_classes(events: Iterable[Event], reads: tuple[type, ...]) -> list[Event]:
    return [event for event in events if isinstance(event.what, reads)]


def _marks(
    batches: Iterable[Batch],
    decoders: ValueDecoders,
    related: dict[int, list[CountedEvent]],
    projection: Projection[S],
    day: float,
) -> Iterator[tuple[int, Iterable[Mark]]]:
    """Yield runs of marks in fold order, each with the number of its relationship."""
    if projection.ends is None:
        yield from _chunks(batches, decoders, related, projection)
        return
    # Rows are in the order of beginnings: each end waits until its place comes.
    current, waiting = NONE, list[tuple[Key, Mark]]()
    for number, some in _counted(batches, decoders, related, projection):
        if number != current:
            yield current, _over(waiting, day)
            current, waiting = number, []
        marks: list[Mark] = []
        for key, event in some:
            while waiting and waiting[0][0] < key:
                marks.append(heappop(waiting)[1])
            marks.append(event)
            for over in marks_of(event, projection.closing)[1:]:
                heappush(waiting, (sort_key(over, int(key[2])), over))
        yield number, marks
    yield current, _over(waiting, day)


def _over(waiting: Iterable[tuple[Key, Mark]], day: float) -> list[Mark]:
    """Return the ends that are certain by a day, in fold order."""
    return [end for _, end in sorted(waiting) if end.when.latest_start <= day]


def _counted(
    batches: Iterable[Batch],
    decoders: ValueDecoders,
    related: dict[int, list[CountedEvent]],
    projection: Projection[S],
) -> Iterator[tuple[int, list[CountedEvent]]]:
    """Yield runs of events with their sort keys, for projections that take ends."""
    reads = projection.reads or (object,)
    current, queue = NONE, list[CountedEvent]()
    for batch in batches:
        rows = [*map(CountedEvent, _keys(batch), events_of(batch, decoders))]
        for number, start, stop in runs(batch.column("rel")):
            if number != current:
                yield current, queue
                current, queue = number, related.pop(number, [])
            later = bisect_left(queue, rows[stop - 1].key, key=_key)
            some = merge(rows[start:stop], queue[:later], key=_key)
            yield number, [one for one in some if isinstance(one.event.what, reads)]
            queue = queue[later:]
    yield current, queue
    yield from related.items()


def _chunks(
    batches: Iterable[Batch],
    decoders: ValueDecoders,
    related: dict[int, list[CountedEvent]],
    projection: Projection[S],
) -> Iterator[tuple[int, Iterable[Event]]]:
    """Yield runs of events in fold order, each with the number of its relationship.

    Each is to be taken before the next: its events are made meanwhile.

    Raises:
        RuntimeError: One was not.
    """
    current, queue = NONE, list[CountedEvent]()
    for batch in batches:
        events = events_of(batch, decoders)
        every = decoders.are_all(projection.reads)
        for number, start, stop in runs(batch.column("rel")):
            if number != current:
                yield current, [one.event for one in queue]
                current, queue = number, related.pop(number, [])
            run = islice(events, stop - start)
            some: Iterable[Event] = run
            if queue:
                keys = _keys(batch.slice(start, stop - start))
                some, queue = _merged([*run], keys, queue)
            yield number, some if every else _of_classes(some, projection.reads or ())
            # The next run would begin with what is left of this one.
            if next(run, None) is not None:
                problem = "a run of events was not taken before the next"
                raise RuntimeError(problem)
    yield current, [one.event for one in queue]
    # Relationships without any singleton did not come up above.
    for number, queue in related.items():
        yield number, [one.event for one in queue]


def events_of(batch: Batch, decoders: ValueDecoders) -> Iterator[Event]:
    """Yield the events of rows; what they consist of is decoded before the first."""
    # Values that are decoded are kept, and form no cycles.
    with uncollected():
        whats = [*decoders.what.of(batch.column("what"))]
        whens = [*decoders.when.of(batch.column("when"))]
        cites: list[Any] = [*decoders.cite.of(batch.column("cite"))]
        wheres: Iterable[Place | None] = ()
        if decoders.has_places:
            cites, wheres = parted(cites)
        ids = batch.column("id").to_pylist()
    columns = [*map(iter, (whats, whens, cites, ids, wheres))]
    return chain.from_iterable(
        unchecked_events(*(islice(column, _AT_ONCE) for column in columns))
        for _ in range(0, len(batch), _AT_ONCE)
    )


def _key_of(last: int, first: int, position: int) -> Key:
    """Return the sort key in fold order of a row."""
    return _day(last), _day(first), position


def _day(number: int) -> float:
    if number == ALWAYS:
        return -math.inf
    return math.inf if number == NEVER else number


def _keys(batch: Batch) -> list[Key]:
    return [*map(_key_of, *(batch.column(name).to_pylist() for name in KEYS))]


def _merged(
    events: list[Event], keys: list[Key], queue: list[CountedEvent]
) -> tuple[list[Event], list[CountedEvent]]:
    """Merge into events those of a queue before the last one; return the rest too."""
    later = bisect_left(queue, keys[-1], key=_key)
    found: list[Event] = []
    start = 0
    for one in queue[:later]:
        place = bisect_left(keys, one.key, start)
        found += events[start:place]
        found.append(one.event)
        start = place
    return found + events[start:], queue[later:]


def _key(counted: CountedEvent) -> Key:
    return counted.key
