"""Lookup of one relationship: reads only the pages of the files that hold it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from bri_timeline._calendar import to_day
from bri_timeline._codec import Vocabulary
from bri_timeline._events import Entry, unchecked_entry, uncollected
from bri_timeline._log import EventLog
from bri_timeline._projection import Projection
from bri_timeline.scale._bucket import (
    BATCH,
    COLUMNS,
    KEYS,
    Clusters,
    compact,
    events_of,
    fold_each,
    pairs_of,
)
from bri_timeline.scale._dictionary import ALWAYS, clipped
from bri_timeline.scale._engine import Batch, Table, pa, pc, pq
from bri_timeline.scale._manifest import NONE, Manifest, Pair, Part
from bri_timeline.scale._query import Query
from bri_timeline.scale._values import ValueDecoders


__all__ = [
    "Bucket",
    "concerning",
]


S = TypeVar("S")
_ENTRY = (*COLUMNS, *KEYS, "known", "because", "recorded_at")


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
        pairs = pairs_of(folder, manifest, bucket)
        self._numbers = {pair: number for number, pair in pairs.items()}
        self._clusters = Clusters(folder, files, vocabulary)
        self._decoders = ValueDecoders(folder, files.parts, vocabulary, at_once=False)
        self._files = [_File(part, folder) for part in files.parts]

    def state(self, projection: Projection[S], pair: Pair, query: Query) -> S:
        """Return the certain state of a relationship."""
        number = self._numbers.get(pair)
        found = self._clusters.counted(query, projection.reads, *pair)
        limits = {"last": query.day}
        known_by = query.known_by
        if isinstance(known_by, int):
            # Filters must match `Query.condition()`, which other queries use.
            limits["position"] = known_by
        elif known_by is not None:
            limits["known"] = clipped(to_day(known_by))
        batches = self._rows(number, (*COLUMNS, *KEYS, "known"), limits)
        related = {NONE if number is None else number: found.get(pair, [])}
        with uncollected():
            states = fold_each(batches, self._decoders, related, projection, query.day)
            for _, state in states:
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
        for batch in self._rows(self._numbers.get(pair), _ENTRY):
            entries += _entries(batch, self._decoders)
        return {entry.position: entry for entry in entries}

    def _rows(
        self,
        number: int | None,
        columns: Iterable[str],
        limits: Mapping[str, int] = MappingProxyType({}),
    ) -> list[Batch]:
        """Return the singletons of a relationship as rows, in fold order."""
        if number is None:
            return []
        names = [*columns]
        tables = [file.rows(number, names) for file in self._files]
        table = pa.concat_tables(tables)
        for name, limit in limits.items():
            table = table.filter(pc.less_equal(table.column(name), limit))
        if self._clusters.positions:
            related = pa.array(self._clusters.positions, pa.int64())
            table = table.filter(pc.invert(pc.is_in(table.column("position"), related)))
        if len(tables) > 1:  # one file is sorted already
            table = table.sort_by([(name, "ascending") for name in KEYS])
        batches: list[Batch] = table.combine_chunks().to_batches(BATCH)
        return batches


def concerning(
    parties: Collection[str], pairs: Iterable[Pair], bucket: Callable[[Pair], Bucket]
) -> tuple[EventLog, list[int]]:
    """Return the log that concerns some parties, and its positions in the dataset.

    Args:
        parties: Actor ids.
        pairs: The pairs of parties to read.
        bucket: Returns the bucket of a pair.
    """
    found: dict[int, Entry] = {}
    for pair in pairs:
        entries = bucket(pair).entries(pair, lambda log: log.concerning(*parties))
        found.update(entries)
    positions = sorted(found)
    return compact([found[position] for position in positions]), positions


class _File:
    """A file of rows, with the smallest and largest pair number of each page."""

    def __init__(self, part: Part, folder: Path) -> None:
        self._file = pq.ParquetFile(part.file(folder).verified())
        metadata = self._file.metadata
        place = metadata.schema.names.index("rel")
        self._bounds: list[tuple[int, int]] = []
        for group in range(metadata.num_row_groups):
            found = metadata.row_group(group).column(place).statistics
            self._bounds.append((found.min, found.max))

    def rows(self, number: int, columns: list[str]) -> Table:
        """Return the rows of a relationship."""
        # Rows are sorted by pair number, so few pages can hold one.
        groups = [
            group
            for group, (low, high) in enumerate(self._bounds)
            if low <= number <= high
        ]
        table = self._file.read_row_groups(groups, columns, use_threads=False)
        return table.filter(pc.equal(table.column("rel"), number))


def _entries(batch: Batch, decoders: ValueDecoders) -> Iterator[Entry]:
    events = events_of(batch, decoders)
    names = ("position", "known", "because", "recorded_at")
    columns = (batch.column(name).to_pylist() for name in names)
    rows = zip(events, *columns, strict=True)
    for event, position, known, because, recorded_at in rows:
        day = None if known == ALWAYS else known
        yield unchecked_entry(
            position, event, day, because=because, recorded_at=recorded_at
        )
