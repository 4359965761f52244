"""Entries that bear on one another, as a bucket has them: resolved by the library."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

from attrs import frozen

from bri_timeline._codec import Vocabulary, decode_unchecked
from bri_timeline._events import (
    Entry,
    Event,
    dyads,
    unchecked_entry,
    unchecked_events,
    uncollected,
)
from bri_timeline._journal import Wanted
from bri_timeline._log import EventLog
from bri_timeline._projection import Projection, blame
from bri_timeline._resolution import Happening
from bri_timeline.scale._dictionary import ALWAYS, NEVER
from bri_timeline.scale._engine import (
    Batch,
    Database,
    Limits,
    engine,
    numbers,
    pq,
    table_of,
)
from bri_timeline.scale._layout import ORDER, runs
from bri_timeline.scale._manifest import NONE, Manifest, Pair
from bri_timeline.scale._query import Question
from bri_timeline.scale._values import Words


__all__ = [
    "BATCH",
    "COLUMNS",
    "KEYS",
    "Key",
    "Kinfolk",
    "Standing",
    "Task",
    "compact",
    "events_of",
    "fold_each",
    "key_of",
    "pairs_in",
    "pairs_of",
    "states_of",
]


Key = tuple[float, float, int]


class Standing(NamedTuple):
    """An event that counts.

    Attributes:
        key: Its place in fold order.
        event: The event.
    """

    key: Key
    event: Event


def key_of(last: int, first: int, position: int) -> Key:
    """Return a place in fold order from what a row has."""
    return _day(last), _day(first), position


def _day(number: int) -> float:
    if number == ALWAYS:
        return -math.inf
    return math.inf if number == NEVER else number


class Kinfolk:
    """The entries of a bucket that bear on one another, each with all of its family.

    Args:
        folder: The dataset.
        manifest: What there is of the bucket.
        vocabulary: The payload classes.

    Attributes:
        positions: Their positions in the dataset, in order.
    """

    def __init__(
        self, folder: Path, manifest: Manifest, vocabulary: Vocabulary
    ) -> None:
        found: dict[int, str] = {}
        for one in manifest.kin:
            table = pq.read_table(
                one.file(folder).verified(), columns=["position", "line"]
            )
            positions, lines = (column.to_pylist() for column in table.columns)
            found.update(zip(positions, lines, strict=True))
        self.positions = sorted(found)
        lines = [found[position] for position in self.positions]
        self._log = compact(decode_unchecked(lines, vocabulary))

    def standing(
        self,
        asked: Question,
        reads: tuple[type, ...] | None = None,
        *parties: str,
        undecided: bool = False,
    ) -> dict[Pair, list[Standing]]:
        """Return what counts for each pair of parties, in fold order.

        Args:
            asked: The question.
            reads: Only payloads of these classes; None for any.
            parties: Only what involves all of these.
            undecided: Also what may have happened.
        """
        found: dict[Pair, list[Standing]] = {}
        log = self._log.among(*parties)
        for happening in self._happenings(log, asked, reads, undecided):
            last, first, place = happening.certainty_order()
            key = last, first, self.positions[place]
            for pair in dyads(happening.event):
                found.setdefault(pair, []).append(Standing(key, happening.event))
        return found

    def _happenings(
        self,
        log: EventLog,
        asked: Question,
        reads: tuple[type, ...] | None,
        undecided: bool,
    ) -> Iterator[Happening]:
        known_by = asked.known_by
        if isinstance(known_by, int):
            known_by = bisect_right(self.positions, known_by) - 1
            if known_by < 0:
                return
        view = log.as_of(asked.on, known_by, prefer=asked.prefer)
        yield from view._certain(Wanted(log._rules, reads))
        if undecided:
            yield from view._undecided(Wanted(log._rules, reads))

    def related(self, log: Callable[[EventLog], EventLog]) -> list[Entry]:
        """Return the families in which anything is in a selection.

        Args:
            log: Selects.
        """
        clusters = self._log._journal.clusters
        found: set[int] = set()
        for entry in log(self._log):
            cluster = clusters.get(entry.position)
            found.update((entry.position,) if cluster is None else cluster.members)
        place = self.positions.__getitem__
        return [_moved(self._log[number], place) for number in sorted(found)]


def compact(entries: Sequence[Entry]) -> EventLog:
    """Return a log of some entries, with all that they bear on; numbered anew."""
    places = {entry.position: place for place, entry in enumerate(entries)}
    return EventLog(_moved(entry, places.__getitem__) for entry in entries)


def _moved(entry: Entry, place: Callable[[int], int]) -> Entry:
    return unchecked_entry(
        place(entry.position),
        entry.event,
        entry.known_day,
        None if entry.supersedes is None else place(entry.supersedes),
        None if entry.retracts is None else place(entry.retracts),
        entry.because,
        entry.recorded_at,
    )


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
    return unchecked_events(
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
