"""Lookup of one relationship: reads only the pages of the files that hold it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import lru_cache, partial
from itertools import combinations_with_replacement
from operator import itemgetter
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from bri_timeline import Entry, Event, EventLog, Projection, View, Vocabulary, dyads
from bri_timeline._events import unchecked_entry, uncollected
from bri_timeline.extend import to_day
from bri_timeline.scale._bucket import (
    BATCH,
    KEYS,
    events_of,
    fold_each,
    listed,
    pair_table,
    pairs_in,
)
from bri_timeline.scale._clusters import Clusters, compact
from bri_timeline.scale._dictionary import ALWAYS, clipped
from bri_timeline.scale._engine import (
    Array,
    Batch,
    Query,
    numbers_column,
    pa,
    pc,
    pq,
    text_column,
)
from bri_timeline.scale._manifest import NONE, Manifest, Pair, Part, bucket_of
from bri_timeline.scale._values import ValueDecoders


__all__ = [
    "Bucket",
    "PairLookup",
]


S = TypeVar("S")
_STORED = [
    *("rel", "what_code", "when_code", "cite_code", "id", *KEYS),
    *("known_day", "because", "recorded_at", "dataset"),
]
_MOST_GROUPS = 16
_FEW = 32
_MOST_OPEN = 8
_MANY = 1 << 16


class Bucket:
    """A bucket, open for lookups of single relationships.

    Args:
        folder: The dataset.
        manifest: The manifest of the dataset.
        bucket: The number of the bucket.
        vocabulary: The payload classes.
    """

    def __init__(
        self, folder: Path, manifest: Manifest, bucket: int, vocabulary: Vocabulary
    ) -> None:
        files = manifest.of(bucket)
        self._pairs = pair_table(folder, manifest, bucket)
        self._found: dict[Pair, int | None] = {}
        self._has_all = False
        self._clusters = Clusters(folder, files, vocabulary)
        self._decoders = ValueDecoders(folder, files.parts, vocabulary, at_once=False)
        self._files = [_File(part, folder) for part in files.parts]

    def state(self, projection: Projection[S], pair: Pair, query: Query) -> S:
        """Return the certain state of a relationship."""
        if query.bounded:
            some = self.entries(pair, lambda log: log._among(*pair))
            states = _viewed(some, query).project_each(projection, by=dyads)
            return states[pair] if pair in states else projection.initial()
        number = self._number(pair)
        found = self._clusters.counted(query, projection.reads, *pair)
        limits = {"last": query.day}
        known_by = query.known_by
        if isinstance(known_by, int):
            # Filters must match `Query.condition()`, which other queries use.
            limits["position"] = known_by
        elif known_by is not None:
            limits["known_day"] = clipped(to_day(known_by))
        batches = self._rows(number, limits)
        related = {NONE if number is None else number: found.get(pair, [])}
        with uncollected():
            for _, state in fold_each(
                batches, self._decoders, related, projection, query.day
            ):
                return state
        return projection.initial()

    def entries(
        self, pair: Pair, log: Callable[[EventLog], EventLog]
    ) -> dict[int, Entry]:
        """Return the singletons of a relationship, and the clusters of a selection.

        Args:
            pair: The parties; one party twice for the facts of that party alone.
            log: Selects a log from the log of related entries.
        """
        entries = self._clusters.related(log)
        for batch in self._rows(self._number(pair)):
            entries += _entries(batch, self._decoders)
        return {entry.position: entry for entry in entries}

    def _number(self, pair: Pair) -> int | None:
        """Return the number of a pair, if it has one."""
        if pair not in self._found and not self._has_all:
            if len(self._found) < _FEW:
                # A dictionary of all pairs would take a hundred times as long.
                columns = zip(("one", "other"), pair, strict=True)
                is_it = pc.and_(
                    *(
                        pc.is_in(self._pairs.column(name), text_column(party))
                        for name, party in columns
                    )
                )
                numbers = self._pairs.column("rel").filter(is_it).to_pylist()
                self._found[pair] = numbers[0] if numbers else None
            else:
                with uncollected():
                    self._found = dict(listed(self._pairs))
                self._has_all = True
        return self._found.get(pair)

    def _rows(
        self, number: int | None, limits: Mapping[str, int] = MappingProxyType({})
    ) -> list[Batch]:
        """Return the singletons of a relationship as rows, in fold order."""
        if number is None:
            return []
        found = [batch for file in self._files for batch in file.rows(number)]
        for name, limit in limits.items():
            found = [_limited(batch, name, limit) for batch in found]
        if self._clusters.positions:
            related = numbers_column(self._clusters.positions)
            found = [
                batch.filter(pc.invert(pc.is_in(batch.column("position"), related)))
                for batch in found
            ]
        found = [batch for batch in found if len(batch)]
        if len(self._files) < 2 or len(found) < 2:  # one file is sorted already
            return found
        table = pa.Table.from_batches(found)
        table = table.sort_by([(name, "ascending") for name in KEYS])
        batches: list[Batch] = table.combine_chunks().to_batches(BATCH)
        return batches


def _limited(batch: Batch, name: str, limit: int) -> Batch:
    """Return the rows of which a column is not above a limit."""
    column = batch.column(name)
    if name == "last":  # it ascends
        return batch.slice(0, bisect_right(_view(column), limit))
    return batch.filter(pc.less_equal(column, numbers_column([limit])[0]))


class PairLookup:
    """Looks up relationships of a dataset; it keeps the buckets that it has opened.

    Args:
        folder: The dataset.
        manifest: The manifest of the dataset.
        vocabulary: The payload classes.
    """

    def __init__(
        self, folder: Path, manifest: Manifest, vocabulary: Vocabulary
    ) -> None:
        self._folder, self._manifest, self._vocabulary = folder, manifest, vocabulary
        self._opened = lru_cache(_MOST_OPEN)(
            lambda bucket: Bucket(folder, manifest, bucket, vocabulary)
        )

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle what it was made of; open buckets stay behind."""
        return PairLookup, (self._folder, self._manifest, self._vocabulary)

    def bucket(self, pair: Pair) -> Bucket:
        """Return the bucket of a pair."""
        return self._opened(bucket_of(pair, self._manifest.buckets))

    def state(self, projection: Projection[S], pair: Pair, query: Query) -> S:
        """Return the certain state of a relationship."""
        if projection.parties:
            entries = self.entries_of(projection.parties)
            return _viewed(entries, query).project(projection)
        return self.bucket(pair).state(projection, pair, query)

    def states(
        self, projections: Mapping[Pair, Projection[S]], query: Query
    ) -> Iterator[tuple[Pair, S]]:
        """Yield the states of relationships that have an event, in no order.

        The events of one party alone are folded once for many of its relationships.
        """
        together: list[Pair] = []
        for pair, projection in projections.items():
            if projection.parties == {*pair}:
                together.append(pair)
            else:
                yield pair, self.state(projection, pair, query)
        for some, entries in self._gathered(sorted(together)):
            states = _viewed(entries, query).project_each(
                lambda one, other: projections[one, other],
                by=partial(_among, some),
            )
            yield from states.items()

    def entries_of(self, parties: Collection[str]) -> dict[int, Entry]:
        """Return the entries that concern some parties, and others of their clusters.

        Args:
            parties: Actor ids.
        """
        pairs: Iterable[Pair] = combinations_with_replacement(sorted(parties), 2)
        if len(parties) == 1:  # every event of a lone party concerns it
            naming = pairs_in(self._folder, self._manifest)
            pairs = [pair for pair in naming if set(parties).intersection(pair)]
        found: dict[int, Entry] = {}
        for pair in pairs:
            found.update(self._entries(pair, parties))
        return found

    def _entries(self, pair: Pair, parties: Collection[str]) -> dict[int, Entry]:
        return self.bucket(pair).entries(pair, lambda log: log._concerning(*parties))

    def _gathered(
        self, pairs: Iterable[Pair]
    ) -> Iterator[tuple[set[Pair], dict[int, Entry]]]:
        """Yield some pairs at a time, and the entries that concern any of them."""
        some, found, parties, most = set[Pair](), dict[int, Entry](), set[str](), _MANY
        for pair in pairs:
            some.add(pair)
            found.update(self._entries(pair, pair))
            for party in {*pair} - parties:
                own = self._entries((party, party), (party,))
                found.update(own)
                # A pair of two such parties alone needs as many.
                most = max(most, 2 * len(own))
            parties.update(pair)
            if len(found) >= most:
                yield some, found
                some, found, parties, most = set(), {}, set(), _MANY
        if some:
            yield some, found


def _among(some: set[Pair], event: Event) -> set[Pair]:
    return some.intersection(dyads(event))


def _viewed(entries: Mapping[int, Entry], query: Query) -> View:
    """Return the view of some entries that answers a query."""
    positions = sorted(entries)
    log = compact([entries[p] for p in positions])
    known_by = query.known_by
    if isinstance(known_by, int):
        # The log is renumbered: cut it after the last entry known by then.
        known_by = bisect_right(positions, known_by) - 1
        if known_by < 0:
            log, known_by = EventLog(), None
    return query.view(log, known_by)


class _File:
    """A file of rows, with the smallest and largest pair number of each page."""

    def __init__(self, part: Part, folder: Path) -> None:
        file = pq.ParquetFile(part.file(folder).verified())
        # Parquet counts leaves; each column has one, lists too.
        place = file.schema_arrow.names.index("rel")
        self._bounds: list[tuple[int, int]] = []
        for group in range(file.metadata.num_row_groups):
            found = file.metadata.row_group(group).column(place).statistics
            self._bounds.append((found.min, found.max))
        # Relationships that are asked about together are often near each other.
        self._group = lru_cache(_MOST_GROUPS)(partial(_group, file))

    def rows(self, number: int) -> Iterator[Batch]:
        """Yield the rows of a relationship."""
        # Rows are sorted by pair number, so few pages can hold one.
        first = bisect_left(self._bounds, number, key=itemgetter(1))
        for group in range(first, len(self._bounds)):
            if self._bounds[group][0] > number:
                return
            batch, numbers = self._group(group)
            start = bisect_left(numbers, number)
            yield batch.slice(start, bisect_right(numbers, number, start) - start)


def _group(file: Any, number: int) -> tuple[Batch, memoryview[int]]:
    """Return a page of a file as `events_of()` reads it, and its pair numbers."""
    table = file.read_row_group(number, _STORED, use_threads=False)
    found = {name: table.column(name) for name in table.column_names}
    # As `COLUMNS` says it in SQL.
    found["what"] = found.pop("what_code")
    found["when"] = pc.coalesce(found.pop("when_code"), pc.negate(found["last"]))
    cite = found.pop("cite_code")
    # `NONE`, which is -1, for no citations.
    found["cite"] = pc.coalesce(cite, pc.negate(pc.is_null(cite).cast(cite.type)))
    # An earlier program did not write this column.
    found.setdefault("dataset", pa.nulls(len(table), pa.string()))
    # In one order, whichever program wrote the file: rows of several are joined.
    table = pa.table({name: found[name] for name in sorted(found)})
    [batch] = table.combine_chunks().to_batches()
    return batch, _view(batch.column("rel"))


def _view(column: Array) -> memoryview[int]:
    """Return the numbers of a column without nulls, to be searched by bisection."""
    plain: memoryview[int] = memoryview(column.buffers()[1]).cast("B")
    numbers = plain.cast("i") if column.type == pa.int32() else plain.cast("q")
    return numbers[column.offset : column.offset + len(column)]


def _entries(batch: Batch, decoders: ValueDecoders) -> Iterator[Entry]:
    events = events_of(batch, decoders)
    names = ("position", "known_day", "because", "recorded_at", "dataset")
    columns = (batch.column(name).to_pylist() for name in names)
    rows = zip(events, *columns, strict=True)
    for event, position, known, because, recorded_at, dataset in rows:
        day = None if known == ALWAYS else known
        yield unchecked_entry(
            position,
            event,
            day,
            because=because,
            recorded_at=recorded_at,
            dataset=dataset,
        )
