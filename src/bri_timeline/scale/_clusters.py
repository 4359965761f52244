"""Clusters of related entries, found across all parts of a dataset."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import duckdb

from bri_timeline._codec import Vocabulary, decode_unchecked, encode_entry
from bri_timeline._events import Entry
from bri_timeline.errors import EntryError
from bri_timeline.scale._dictionary import pairs_of_event
from bri_timeline.scale._engine import pa, pq, table_of
from bri_timeline.scale._entries import entries_in
from bri_timeline.scale._manifest import (
    ClusterFile,
    Manifest,
    Part,
    bucket_of,
    clusters_path,
    digest_of,
)


__all__ = [
    "write_clusters",
]


# Names compared in one pass; this bounds the memory that a pass takes.
_AT_ONCE = 1 << 23
_BOUND = "select position, {0} from {1} where lead and {0} is not null"
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
    [("position", pa.int64()), ("family", pa.int64()), ("line", pa.large_string())]
)


def write_clusters(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    before: Manifest,
    new: tuple[Part, ...],
    too_far: list[int],
    referring: Mapping[int, tuple[str, ...]],
    vocabulary: Vocabulary,
) -> tuple[ClusterFile, ...]:
    """Write the clusters that are new or have grown, into each of their buckets.

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
    if not groups:
        return ()
    # Earlier clusters join in, so that a cluster that grows is written again as a
    # whole.
    united = _united([*groups, *_earlier(folder, before)], groups)
    found = _entries(connection, folder, parts, vocabulary, united)
    generation = before.generation + 1
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
    return tuple(
        _written(rows[bucket], folder, generation, bucket) for bucket in sorted(rows)
    )


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
    # Names are split by remainder, so equal names always meet in the same pass.
    passes = 1 + sum(part.rows for part in (*before.parts, *new)) // _AT_ONCE
    for number in range(passes):
        some = f"lead and name % {passes} = {number}"
        sql = _TWICE.format(news, some)
        if before.parts:
            sql += _AGAIN.format(olds, news, some)
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
    for one in before.kin:
        table = pq.read_table(one.file(folder).verified(), columns=["line"])
        for entry in decode_unchecked(table.column("line").to_pylist(), vocabulary):
            if entry.event is not None and entry.event.refers_to:
                found[entry.position] = tuple(entry.event.refers_to)
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
    rows = table_of(part.file(folder) for part in parts)
    for name, position in connection.sql(_NAMED.format(rows)).fetchall():
        places.setdefault(name, []).append(position)
    for position, some in names.items():
        yield [position, *(p for name in some for p in places.get(name, ()))]


def _earlier(folder: Path, before: Manifest) -> Iterator[list[int]]:
    """Yield the clusters of earlier writings, also those that have grown since."""
    clusters: dict[tuple[int, int], set[int]] = {}
    for one in before.kin:
        table = pq.read_table(
            one.file(folder).verified(), columns=["position", "family"]
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
