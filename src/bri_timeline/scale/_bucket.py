"""One bucket: read in fold order, filtered by both cuts, folded in a stream."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Generic, TypeVar

from attrs import frozen

from bri_timeline._bulk import trusted_events, uncollected
from bri_timeline._codec import Vocabulary
from bri_timeline._events import Event
from bri_timeline._projection import Projection, blame
from bri_timeline.scale._arrow import Batch, pq
from bri_timeline.scale._columns import runs
from bri_timeline.scale._engine import Database, Limits, engine, numbers, table_of
from bri_timeline.scale._kinfolk import Key, Kinfolk, Standing, key_of
from bri_timeline.scale._laying import ORDER
from bri_timeline.scale._manifest import NONE, Manifest, Pair
from bri_timeline.scale._question import Question
from bri_timeline.scale._words import Words


__all__ = [
    "BATCH",
    "COLUMNS",
    "KEYS",
    "Task",
    "events_of",
    "fold_each",
    "pairs_in",
    "pairs_of",
    "states_of",
]

S = TypeVar("S")
COLUMNS = ("rel", "what", "when", "cite", "id")
KEYS = ("last", "first", "position")
BATCH = 1 << 14
_ROWS = "select {} from {} where {}"


def pairs_of(folder: Path, manifest: Manifest, bucket: int) -> dict[int, Pair]:
    """Return the pairs of parties of a bucket, by their numbers.

    What is the affair of one party alone has a number too: that of the party twice.
    """
    found = _pairs(folder, manifest, [("bucket", "=", bucket)])
    return {number: pair for pair, number in found}


def pairs_in(folder: Path, manifest: Manifest) -> dict[Pair, int]:
    """Return the numbers of all pairs of parties."""
    return dict(_pairs(folder, manifest, None))


def _pairs(
    folder: Path, manifest: Manifest, filters: list[tuple[str, str, int]] | None
) -> Iterator[tuple[Pair, int]]:
    for pairs in manifest.pairs:
        table = pq.read_table(pairs.file(folder).verified(), filters=filters)
        columns = (table.column(name).to_pylist() for name in ("one", "other", "rel"))
        for one, other, number in zip(*columns, strict=True):
            yield (one, other), number


@frozen
class Task(Generic[S]):
    """What it takes to fold one bucket: small, and all that there is to know.

    Attributes:
        folder: The dataset.
        manifest: What there is of the bucket.
        bucket: Which bucket.
        vocabulary: The payload classes.
        projection: How to fold.
        asked: The question.
        limits: How much may be used.
    """

    folder: Path
    manifest: Manifest
    bucket: int
    vocabulary: Vocabulary
    projection: Projection[S]
    asked: Question
    limits: Limits


def states_of(task: Task[S], within: Database | None) -> Iterator[tuple[Pair, S]]:
    """Yield the certain state of each relationship of a bucket, if it has any event.

    Args:
        task: Which bucket, and what is asked of it.
        within: A database to work in; None for one of its own.
    """
    with uncollected():
        yield from _folded(task, within)


def _folded(task: Task[S], within: Database | None) -> Iterator[tuple[Pair, S]]:
    folder, mine, projection = task.folder, task.manifest, task.projection
    pairs = pairs_of(folder, mine, task.bucket)
    kin = Kinfolk(folder, mine, task.vocabulary)
    found = kin.standing(task.asked, projection.reads)
    by_number = {n: found[pair] for n, pair in pairs.items() if pair in found}
    words = Words(folder, mine.parts, task.vocabulary, at_once=True)
    columns = COLUMNS + KEYS if by_number else COLUMNS
    query = _selected(task, columns, has_kin=bool(kin.positions))
    with engine(task.limits, folder, within) as connection:
        if kin.positions:
            connection.register("kin", numbers(kin.positions))
        batches = connection.sql(query).to_arrow_reader(BATCH)
        for number, state in fold_each(batches, words, by_number, projection):
            one, other = pairs[number]
            if one != other:
                yield (one, other), state


def _selected(task: Task[S], columns: Iterable[str], *, has_kin: bool) -> str:
    """Return the query for the rows that stand alone, in fold order."""
    names = ", ".join(f'"{name}"' for name in columns)
    parts = task.manifest.parts
    rows = table_of(part.file(task.folder) for part in parts)
    query = _ROWS.format(names, rows, task.asked.rows(has_kin=has_kin))
    # What was laid out at one time is in order already, and a scan alone keeps it.
    is_ordered = len(parts) == 1 and not has_kin
    return query if is_ordered else f"{query} order by {ORDER}"


def fold_each(
    batches: Iterable[Batch],
    words: Words,
    kin: dict[int, list[Standing]],
    projection: Projection[S],
) -> Iterator[tuple[int, S]]:
    """Yield the number and the state of each relationship that has an event.

    Args:
        batches: Rows that stand alone, in fold order, with their keys if there are kin.
        words: What the numbers in them mean.
        kin: What counts besides, by relationship; it is used up.
        projection: What folds them.
    """
    initial, evolve = projection.initial, projection.evolve
    current, state, is_empty = NONE, initial(), True
    for number, events in _chunks(batches, words, kin, projection):
        if number != current:
            if not is_empty:
                yield current, state
            current, state, is_empty = number, initial(), True
        try:
            for event in events:
                state = evolve(state, event)
        except Exception as error:
            blame(error, projection)
            raise
        is_empty = is_empty and not events
        events = ()
    if not is_empty:
        yield current, state


def _chunks(
    batches: Iterable[Batch],
    words: Words,
    kin: dict[int, list[Standing]],
    projection: Projection[S],
) -> Iterator[tuple[int, Sequence[Event]]]:
    """Yield events in fold order, some at a time, with their relationship."""
    current, queue = NONE, list[Standing]()
    for batch in batches:
        events = events_of(batch, words)
        every = words.are_all(projection.reads)
        for number, start, stop in runs(batch.column("rel")):
            if number != current:
                yield current, [one.event for one in queue]
                current, queue = number, kin.pop(number, [])
            some = events[start:stop]
            if queue:
                keys = _keys(batch.slice(start, stop - start))
                some, queue = _merged(some, keys, queue)
            yield number, some if every else list(projection.seen(some))
        events = some = []  # the next ones take their room
    yield current, [one.event for one in queue]
    for number, queue in kin.items():
        yield number, [one.event for one in queue]


def events_of(batch: Batch, words: Words) -> list[Event]:
    """Return the events of rows."""
    return trusted_events(
        words.what.of(batch.column("what")),
        words.when.of(batch.column("when")),
        words.cite.of(batch.column("cite")),
        batch.column("id").to_pylist(),
    )


def _keys(batch: Batch) -> list[Key]:
    return [*map(key_of, *(batch.column(name).to_pylist() for name in KEYS))]


def _merged(
    events: list[Event], keys: list[Key], queue: list[Standing]
) -> tuple[list[Event], list[Standing]]:
    """Return events with those of a queue that come before the last, and the rest."""
    later = bisect_left(queue, keys[-1], key=_key)
    found: list[Event] = []
    start = 0
    for one in queue[:later]:
        place = bisect_left(keys, one.key, start)
        found += events[start:place]
        found.append(one.event)
        start = place
    return found + events[start:], queue[later:]


def _key(standing: Standing) -> Key:
    return standing.key
