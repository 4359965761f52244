"""Which entries bear on one another, across everything that was ever written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import duckdb

from bri_timeline._codec import Vocabulary, decode_unchecked, encode_entry
from bri_timeline._events import Entry
from bri_timeline.errors import EntryError
from bri_timeline.scale._dictionary import places_of
from bri_timeline.scale._engine import pa, pq, table_of
from bri_timeline.scale._entries import entries_in
from bri_timeline.scale._manifest import (
    Kin,
    Manifest,
    Part,
    bucket_of,
    digest_of,
    kin_path,
)


__all__ = [
    "write_kin",
]


# So many names at a time are compared, which bounds the memory that it takes.
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


def write_kin(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    before: Manifest,
    new: tuple[Part, ...],
    apart: list[int],
    referring: Mapping[int, tuple[str, ...]],
    vocabulary: Vocabulary,
) -> tuple[Kin, ...]:
    """Write the families that have come about or grown, into each of their buckets.

    A family is entries that bear on one another: claims about one happening, what
    corrects them, what retracts any of these; and what refers to these, since it may
    count only because of that. Others stay as they are.

    Args:
        connection: A database.
        folder: The dataset.
        before: What there was before.
        new: The parts that are new.
        apart: The positions of what the library must order, since columns cannot.
        referring: Position -> the ids of the events that a new entry refers to.
        vocabulary: The payload classes.

    Raises:
        EntryError: A correction or a retraction has no target.
    """
    groups = [*_related(connection, folder, before, new), *([one] for one in apart)]
    parts = (*before.parts, *new)
    names = {**_earlier_references(folder, before, vocabulary), **referring}
    groups += _referring(connection, folder, parts, names)
    if not groups:
        return ()
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
            for bucket in buckets or {0}:
                rows.setdefault(bucket, []).append((entry.position, cluster[0], line))
    return tuple(
        _written(rows[bucket], folder, generation, bucket) for bucket in sorted(rows)
    )


def _written(
    rows: list[tuple[int, int, str]], folder: Path, generation: int, bucket: int
) -> Kin:
    table = pa.Table.from_pylist(
        [dict(zip(_SCHEMA.names, row, strict=True)) for row in rows], _SCHEMA
    )
    path = kin_path(folder, generation, bucket)
    pq.write_table(table, path, compression="zstd", write_page_checksum=True)
    return Kin(bucket, generation, digest_of(path))


def _related(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    before: Manifest,
    new: tuple[Part, ...],
) -> Iterator[list[int]]:
    """Yield positions that bear on one another, at least one of which is new."""
    news = table_of(part.file(folder) for part in new)
    for name in ("supersedes", "retracts"):
        yield from map(list, connection.sql(_BOUND.format(name, news)).fetchall())
    olds = table_of(part.file(folder) for part in before.parts)
    everything = table_of(part.file(folder) for part in (*before.parts, *new))
    passes = 1 + sum(part.rows for part in (*before.parts, *new)) // _AT_ONCE
    for number in range(passes):
        some = f"lead and name % {passes} = {number}"
        query = _TWICE.format(news, some)
        if before.parts:
            query += _AGAIN.format(olds, news, some)
        twice = connection.sql(query).to_arrow_table()
        if len(twice):
            connection.register("twice", twice)
            same: dict[int, list[int]] = {}
            rows = connection.sql(_SAME.format(everything, some)).fetchall()
            for name_, position in rows:
                same.setdefault(name_, []).append(position)
            yield from same.values()


def _earlier_references(
    folder: Path, before: Manifest, vocabulary: Vocabulary
) -> dict[int, tuple[str, ...]]:
    """Return what entries of earlier writings refer to: all of them are kin."""
    found: dict[int, tuple[str, ...]] = {}
    for kin in before.kin:
        table = pq.read_table(kin.file(folder).verified(), columns=["line"])
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
    """Yield each entry that refers to others, with those.

    Args:
        connection: A database.
        folder: The dataset.
        parts: All parts.
        names: Position -> the ids that an entry refers to.
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
    """Yield the families of earlier writings, some of them as they were once."""
    clusters: dict[tuple[int, int], set[int]] = {}
    for kin in before.kin:
        table = pq.read_table(
            kin.file(folder).verified(), columns=["position", "family"]
        )
        columns = (column.to_pylist() for column in table.columns)
        for position, cluster in zip(*columns, strict=True):
            clusters.setdefault((kin.generation, cluster), set()).add(position)
    yield from map(sorted, clusters.values())


def _united(
    groups: Iterable[list[int]], wanted: Iterable[list[int]]
) -> list[list[int]]:
    """Return the families that groups of positions make, if any of theirs is wanted."""
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
        for pair in places_of(entry.event):
            yield bucket_of(pair, buckets)


def _check(entry: Entry, found: dict[int, Entry]) -> None:
    """Make sure that what is corrected claims something.

    Raises:
        EntryError: It does not.
    """
    target = entry.supersedes
    if target is not None and found[target].retracts is not None:
        problem = f"entry {entry.position} corrects entry {target}"
        remedy = "which claims nothing: retract it instead"
        raise EntryError(entry.position, f"{problem}, {remedy}")
