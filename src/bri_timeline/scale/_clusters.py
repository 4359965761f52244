"""Clusters of related entries: found across all parts of a dataset, and read."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

import duckdb

from bri_timeline import Entry, Event, EventLog, Vocabulary, dyads
from bri_timeline._events import Key, unchecked_entry
from bri_timeline._form import decode_unchecked
from bri_timeline._happening import Happening, content
from bri_timeline._journal import resolve
from bri_timeline.errors import EntryError
from bri_timeline.extend import encode_entry
from bri_timeline.scale._dictionary import clipped, pairs_of_event
from bri_timeline.scale._engine import (
    Limits,
    Query,
    columns_in,
    engine,
    pa,
    pq,
    table_of,
)
from bri_timeline.scale._layout import date_or_none
from bri_timeline.scale._manifest import (
    ClusterFile,
    Listing,
    Manifest,
    Pair,
    Part,
    bucket_of,
    clusters_path,
    digest_of,
    listing_path,
)
from bri_timeline.scale._values import entries_in, imprecise_in


__all__ = [
    "Clusters",
    "CountedEvent",
    "compact",
    "write_clusters",
]


# Names compared in one pass; this bounds the memory that a pass takes.
_AT_ONCE = 1 << 23
_BOUND = "select position, {0} from {1} where lead and {0} is not null"
# Only what has no id is stored with its name; the name of an id is computed.
_NAMES = "(select position, lead, coalesce(name, md5_number_lower(id)) as name from {})"
# Where all have ids, these are compared by a hash that takes a fifth of the time.
_IDS = "(select position, lead, hash(id) as name from {} where id is not null)"
_NAMELESS = "select 1 from {} where name is not null limit 1"
_TWICE = "select name from {0} where {1} group by name having count(*) > 1"
_AGAIN = (
    " union select name from {0} where {2} and name in (select name from {1} where {2})"
)
_SAME = "select name, position from {} where {} and name in (select name from twice)"
_NAMED = (
    "select wanted_names.id, position from {} rows join wanted_names"
    " on rows.name = md5_number_lower(wanted_names.id) where lead"
)
_SCHEMA = pa.schema(
    [("position", pa.int64()), ("cluster", pa.int64()), ("line", pa.large_string())]
)
_COUNTS = pa.schema(
    [
        ("position", pa.int64()),
        ("generation", pa.int64()),
        ("counts", pa.bool_()),
        ("known_from", pa.date32()),
        ("known_until", pa.date32()),
        ("from_day", pa.int64()),
        ("until_day", pa.int64()),
    ]
)


def write_clusters(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    before: Manifest,
    new: tuple[Part, ...],
    too_far: list[int],
    referring: Mapping[int, tuple[str, ...]],
    vocabulary: Vocabulary,
) -> tuple[tuple[ClusterFile, ...], Listing]:
    """Write the clusters that are new or have grown, into each of their buckets.

    Another file says when their entries count.

    A cluster holds related entries: claims about one happening, their corrections,
    their retractions, and the entries that refer to them, which may count only
    because of them. Other clusters are not written again.

    Args:
        connection: A database.
        folder: The dataset.
        before: The manifest before this writing.
        new: The new parts.
        too_far: Positions of entries whose days do not fit into a column; they are
            ordered in memory.
        referring: Position -> ids of the events that a new entry refers to.
        vocabulary: The payload classes.

    Raises:
        EntryError: A correction has a retraction as its target.
    """
    groups = [*_related(connection, folder, before, new), *([one] for one in too_far)]
    parts = (*before.parts, *new)
    # An earlier reference can meet its event only now.
    names = {**_earlier_references(folder, before, vocabulary), **referring}
    groups += _referring(connection, folder, parts, names)
    # Earlier clusters join in, so that a cluster that grows is written again as a
    # whole.
    united = _united([*groups, *_earlier(folder, before)], groups)
    found = _entries(connection, folder, parts, vocabulary, united) if united else {}
    generation = before.generation + 1
    counts = _write_counts(found, folder, generation)
    rows: dict[int, list[tuple[int, int, str]]] = {}
    for cluster in united:
        members = [found[position] for position in cluster]
        buckets = {b for entry in members for b in _buckets(entry, before.buckets)}
        for entry in members:
            _check(entry, found)
            line = encode_entry(entry, vocabulary).decode()
            # An entry without parties lies in bucket 0, so that none is lost.
            for bucket in buckets or {0}:
                rows.setdefault(bucket, []).append((entry.position, cluster[0], line))
    files = [_written(rows[b], folder, generation, b) for b in sorted(rows)]
    return tuple(files), counts


def _written(
    rows: list[tuple[int, int, str]], folder: Path, generation: int, bucket: int
) -> ClusterFile:
    table = pa.Table.from_pylist(
        [dict(zip(_SCHEMA.names, row, strict=True)) for row in rows], _SCHEMA
    )
    path = clusters_path(folder, generation, bucket)
    pq.write_table(table, path, compression="zstd", write_page_checksum=True)
    return ClusterFile(bucket, generation, digest_of(path))


def _related(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    before: Manifest,
    new: tuple[Part, ...],
) -> Iterator[list[int]]:
    """Yield groups of related positions, each with at least one new position."""
    news = table_of(part.file(folder) for part in new)
    for name in ("supersedes", "retracts"):
        yield from map(list, connection.sql(_BOUND.format(name, news)).fetchall())
    olds = table_of(part.file(folder) for part in before.parts)
    everything = table_of(part.file(folder) for part in (*before.parts, *new))
    have_ids = not connection.sql(_NAMELESS.format(everything)).fetchall()
    named = _IDS if have_ids else _NAMES
    names, olds, everything = map(named.format, (news, olds, everything))
    # Names are split by remainder, so equal names always meet in the same pass.
    passes = 1 + sum(part.rows for part in (*before.parts, *new)) // _AT_ONCE
    for number in range(passes):
        some = f"lead and name % {passes} = {number}"
        sql = _TWICE.format(names, some)
        if before.parts:
            sql += _AGAIN.format(olds, names, some)
        twice = connection.sql(sql).to_arrow_table()
        if len(twice):
            connection.register("twice", twice)
            same: dict[int, list[int]] = {}
            # Names are 64-bit hashes: a collision unites two clusters, which costs time
            # but no answer, since the library resolves each cluster by full names.
            rows = connection.sql(_SAME.format(everything, some)).fetchall()
            for name_, position in rows:
                same.setdefault(name_, []).append(position)
            yield from same.values()


def _earlier_references(
    folder: Path, before: Manifest, vocabulary: Vocabulary
) -> dict[int, tuple[str, ...]]:
    """Return the ids that earlier entries refer to; these are all in clusters."""
    found: dict[int, tuple[str, ...]] = {}
    for one in before.clusters:
        table = pq.read_table(one.file(folder).verified(), columns=["line"])
        for entry in decode_unchecked(table.column("line").to_pylist(), vocabulary):
            event = entry.event
            if event is not None:
                # A correction may have a digest as its id, and is found by its words.
                names = event.names if entry.supersedes is not None else ()
                if event.refers_to or len(names) > 1:
                    found[entry.position] = (*event.refers_to, *names[1:])
    return found


def _referring(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    parts: tuple[Part, ...],
    names: Mapping[int, tuple[str, ...]],
) -> Iterator[list[int]]:
    """Yield each entry that refers to events, with the entries of these events.

    Args:
        connection: A database.
        folder: The dataset.
        parts: All parts.
        names: Position -> ids that the entry refers to.
    """
    if not names:
        return
    wanted = sorted({name for some in names.values() for name in some})
    connection.register("wanted_names", pa.table({"id": pa.array(wanted)}))
    places: dict[str, list[int]] = {}
    rows = _NAMES.format(table_of(part.file(folder) for part in parts))
    for name, position in connection.sql(_NAMED.format(rows)).fetchall():
        places.setdefault(name, []).append(position)
    for position, some in names.items():
        yield [position, *(p for name in some for p in places.get(name, ()))]


def _earlier(folder: Path, before: Manifest) -> Iterator[list[int]]:
    """Yield the clusters of earlier writings, also those that have grown since."""
    clusters: dict[tuple[int, int], set[int]] = {}
    for one in before.clusters:
        table = pq.read_table(
            one.file(folder).verified(), columns=["position", "cluster"]
        )
        columns = (column.to_pylist() for column in table.columns)
        for position, cluster in zip(*columns, strict=True):
            clusters.setdefault((one.generation, cluster), set()).add(position)
    yield from map(sorted, clusters.values())


def _united(
    groups: Iterable[list[int]], wanted: Iterable[list[int]]
) -> list[list[int]]:
    """Unite groups that share a position; return those with a wanted position."""
    # Union-find; the smallest position is the root, so a cluster is named by it.
    parents: dict[int, int] = {}

    def root(position: int) -> int:
        above = parents.setdefault(position, position)
        while above != parents[above]:
            parents[above] = parents[parents[above]]
            above = parents[above]
        parents[position] = above
        return above

    for first, *others in groups:
        for other in others:
            one, two = sorted((root(first), root(other)))
            parents[two] = one
        root(first)
    roots = {root(position) for group in wanted for position in group}
    clusters: dict[int, list[int]] = {}
    for position in sorted(parents):
        clusters.setdefault(root(position), []).append(position)
    return [clusters[one] for one in sorted(roots)]


def _entries(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    parts: Iterable[Part],
    vocabulary: Vocabulary,
    clusters: Iterable[list[int]],
) -> dict[int, Entry]:
    positions = {position for cluster in clusters for position in cluster}
    found = entries_in(connection, folder, parts, vocabulary, positions)
    return {entry.position: entry for entry in found}


def _write_counts(
    entries: Mapping[int, Entry], folder: Path, generation: int
) -> Listing:
    """Write when related entries count, for those who ask in SQL."""
    found = sorted(_periods(entries), key=itemgetter(0))
    rows = [(position, generation, *period) for position, period in found]
    columns = [*zip(*rows, strict=True)] or [()] * len(_COUNTS)
    arrays = [pa.array(c, t) for c, t in zip(columns, _COUNTS.types, strict=True)]
    path = listing_path(folder, "counts", generation)
    pq.write_table(
        pa.table(arrays, _COUNTS), path, compression="zstd", write_page_checksum=True
    )
    return Listing("counts", generation, digest_of(path))


_Period = tuple[bool, date | None, date | None, int | None, int | None]


def _periods(entries: Mapping[int, Entry]) -> Iterator[tuple[int, _Period]]:
    """Yield each entry with each period of knowledge in which it counts.

    An entry that never counts has one period, in which it does not.
    """
    groups: list[list[int]] = []
    named: dict[str, list[int]] = {}
    for entry in entries.values():
        target = entry.retracts if entry.supersedes is None else entry.supersedes
        groups.append([entry.position] if target is None else [entry.position, target])
        if entry.event is not None:
            for name in entry.event.names:
                named.setdefault(name, []).append(entry.position)
    for cluster in _united([*groups, *named.values()], groups):
        members = [entries[position] for position in cluster]
        left = {*cluster}
        for position, start, stop in _spans(members):
            left.discard(position)
            until = None if stop is None else clipped(stop)
            known_until = None if stop is None else date_or_none(stop)
            known = date_or_none(start), known_until
            yield position, (True, *known, clipped(start), until)
        for position in left:
            yield position, (False, None, None, None, None)


def _spans(members: list[Entry]) -> Iterator[tuple[int, float, float | None]]:
    """Yield the position of an entry that counts, since when, and until before when."""
    since: dict[int, float] = {}
    for day, positions in _counting(members):
        for position in since.keys() - positions:
            yield position, since.pop(position), day
        for position in positions - since.keys():
            since[position] = day
    for position, day in since.items():
        yield position, day, None


def _counting(members: list[Entry]) -> Iterator[tuple[float, set[int]]]:
    """Yield each day on which an entry became known, and the entries that count then.

    Of several witnesses of one claim the first counts, as in a fold.
    """
    is_plain = all(map(_is_only_claim, members))
    if not is_plain or len({name for e in members for name in e.claim.names}) > 1:
        for day in sorted({*map(_known_day, members)}):
            yield day, {one.position for one in resolve(members, day).happenings}
        return
    # Claims with one id, which can be many: the one that became known last is taken.
    first: dict[object, int] = {}
    for day, some in groupby(sorted(members, key=_order), _known_day):
        for entry in some:
            claim = content(entry.claim)
            first[claim] = min(entry.position, first.get(claim, entry.position))
        yield day, {first[claim]}


def _known_day(entry: Entry) -> float:
    return -math.inf if entry.known_day is None else entry.known_day


def _order(entry: Entry) -> tuple[float, int]:
    return _known_day(entry), entry.position


def _is_only_claim(entry: Entry) -> bool:
    others = entry.supersedes, entry.retracts, entry.because, entry.review
    return entry.event is not None and (*others, entry.dataset) == (None,) * 5


def _buckets(entry: Entry, buckets: int) -> Iterator[int]:
    """Yield the buckets in which an entry lies."""
    if entry.event is not None:
        for pair in pairs_of_event(entry.event):
            yield bucket_of(pair, buckets)


def _check(entry: Entry, found: dict[int, Entry]) -> None:
    """Check that a correction does not have a retraction as its target.

    Raises:
        EntryError: It has.
    """
    target = entry.supersedes
    if target is not None and found[target].retracts is not None:
        problem = f"entry {entry.position} corrects entry {target}"
        remedy = "which claims nothing: retract it instead"
        raise EntryError(entry.position, f"{problem}, {remedy}")


# --- related entries, read ----------------------------------------------------------


class CountedEvent(NamedTuple):
    """An event that counts under a query.

    Attributes:
        key: Its sort key in fold order.
        event: The event.
    """

    key: Key
    event: Event


class Clusters:
    """The related entries of a bucket, each with its whole cluster.

    Args:
        folder: The dataset.
        manifest: The files of the bucket.
        vocabulary: The payload classes.
        more: Entries that are related to no other, and are resolved with these.

    Attributes:
        positions: Positions of these entries in the dataset, in order.
    """

    def __init__(
        self,
        folder: Path,
        manifest: Manifest,
        vocabulary: Vocabulary,
        more: Iterable[Entry] = (),
    ) -> None:
        # A cluster that grew was written again: the same line, under the same position.
        found: dict[int, str] = {}
        for one in manifest.clusters:
            table = columns_in(one.file(folder).verified(), ("position", "line"))
            positions, lines = (column.to_pylist() for column in table.columns)
            found.update(zip(positions, lines, strict=True))
        entries = {entry.position: entry for entry in more}
        for entry in decode_unchecked([*found.values()], vocabulary):
            entries[entry.position] = entry
        self.positions = sorted(entries)
        self._log = compact([entries[position] for position in self.positions])

    @classmethod
    def under(
        cls,
        query: Query,
        folder: Path,
        manifest: Manifest,
        vocabulary: Vocabulary,
        limits: Limits,
    ) -> Clusters:
        """Return the related entries of a bucket, as a query reads them.

        Where reports bound dates, columns cannot say when an imprecise date begins:
        entries that have one are resolved here too.
        """
        if not query.bounded:
            return cls(folder, manifest, vocabulary)
        with engine(limits, folder) as connection:
            parts = manifest.parts
            some = imprecise_in(connection, folder, parts, vocabulary) if parts else ()
            return cls(folder, manifest, vocabulary, some)

    def counted(
        self,
        query: Query,
        reads: tuple[type, ...] | None = None,
        *parties: str,
        undecided: bool = False,
    ) -> dict[Pair, list[CountedEvent]]:
        """Return the events that count for each pair of parties, in fold order.

        Args:
            query: The days to ask about.
            reads: Only payloads of these classes; None for any.
            parties: Only events that involve all of these.
            undecided: Include events that may have happened.
        """
        found: dict[Pair, list[CountedEvent]] = {}
        if not self.positions:
            return found
        log = self._log._among(*parties)
        for happening in self._happenings(log, query, reads, undecided):
            # The log here is renumbered; keys need positions in the dataset.
            place = self.positions[happening.position]
            key = happening.last, happening.first, place
            for pair in dyads(happening.event):
                found.setdefault(pair, []).append(CountedEvent(key, happening.event))
        if undecided:  # these were found after the certain ones
            for some in found.values():
                some.sort(key=lambda counted: counted.key)
        return found

    def _happenings(
        self,
        log: EventLog,
        query: Query,
        reads: tuple[type, ...] | None,
        undecided: bool,
    ) -> Iterator[Happening]:
        known_by = query.known_by
        if isinstance(known_by, int):
            # The log here is renumbered: cut it after the last entry known by then.
            known_by = bisect_right(self.positions, known_by) - 1
            if known_by < 0:
                return
        facts = query.view(log, known_by)._facts.of_classes(reads)
        yield from facts.happenings()
        if undecided:
            yield from facts.undecided()

    def related(self, log: Callable[[EventLog], EventLog]) -> list[Entry]:
        """Return all entries of the clusters that a selection touches.

        Args:
            log: Selects a log from the log of related entries.
        """
        clusters = self._log._journal.clusters
        found: set[int] = set()
        for entry in log(self._log):
            cluster = clusters.get(entry.position)
            found.update((entry.position,) if cluster is None else cluster.members)
        place = self.positions.__getitem__
        return [_moved(self._log[number], place) for number in sorted(found)]


def compact(entries: Sequence[Entry]) -> EventLog:
    """Return a log of whole clusters and singletons, renumbered from 0."""
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
        dataset=entry.dataset,
        release=entry.release,
    )
