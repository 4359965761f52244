"""Clusters of related entries: found across all parts of a dataset, and written.

A cluster lies as a whole in each bucket of its relationships, in the columns of its
entries, with the days of knowledge between which each of them counts. Where it does not
count as it is, but with claims that agree, the number of the first of these is null.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import Any

import duckdb

from bri_timeline import Entry, Event, Vocabulary
from bri_timeline.extend import counting_spans, may_agree
from bri_timeline.scale._dictionary import clipped
from bri_timeline.scale._engine import (
    LAST_DAY,
    Batch,
    Table,
    columns_in,
    numbers_column,
    pa,
    pq,
    runs,
    share_of,
    table_of,
)
from bri_timeline.scale._files import Where, local
from bri_timeline.scale._layout import STORED, date_or_none
from bri_timeline.scale._manifest import (
    ClusterFile,
    DataFile,
    Manifest,
    Part,
    name_of,
)
from bri_timeline.scale._tables import entries_in, references_in, stored_rows


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
_COLUMNS = ", ".join(f'rows."{name}"' for name in STORED)
_MEMBERS = (
    "select {}, cluster from {} rows join wanted using (position) where lead"
    " order by cluster, position"
)
# Entries that are resolved at once, but for those of the last cluster: this bounds the
# memory that they take.
_RESOLVED = 1 << 17
_POSITION = attrgetter("position")
_PERIODS = pa.schema(
    [
        ("position", pa.int64()),
        ("counts", pa.bool_()),
        ("known_from", pa.date32()),
        ("known_until", pa.date32()),
        ("from_day", pa.int64()),
        ("until_day", pa.int64()),
    ]
)
_WRITTEN = pa.schema(
    [
        *STORED.items(),
        ("cluster", pa.int64()),
        ("refers", pa.list_(pa.string())),
        ("generation", pa.int64()),
        *[one for one in _PERIODS if one.name != "position"],
    ]
)
# A cluster without parties lies in bucket 0, so that none is lost.
_DEALT = r"""
with dealt as (
    select distinct cluster,
        regexp_extract(filename, '-(\d+)[.]parquet$', 1)::integer as bucket
    from {} rows join wanted using (position) where rel >= 0 or kind is not null
),
homes as (
    from dealt union all
    select distinct cluster, 0 from wanted
    where cluster not in (select cluster from dealt)
)
select members.*, {} as generation, refers, periods.* exclude (position), bucket
from members join periods using (position) join homes using (cluster)
left join referring using (position)
order by bucket, position, from_day
"""
# A cluster that grew was written again: the newest writing of a position holds.
_NEWEST = r"""
select *, regexp_extract(filename, '-(\d+)[.]parquet$', 1)::integer as bucket
from {} qualify generation = max(generation) over (partition by bucket, position)
order by bucket, position, from_day
"""


def write_clusters(
    connection: duckdb.DuckDBPyConnection,
    folder: Where,
    before: Manifest,
    new: tuple[Part, ...],
    mark: str,
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
        mark: The mark of this writing.
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
    names = {**references_in(folder, before), **referring}
    groups += _referring(connection, folder, parts, names)
    # Earlier clusters join in, so that a cluster that grows is written again as a
    # whole.
    united = _united([*groups, *_earlier(folder, before)], groups)
    generation = before.generation + 1
    if not united:
        # Whoever reads these files by SQL finds one, if only an empty one.
        nothing = _WRITTEN.empty_table()
        return (
            () if before.clusters else (_written(nothing, folder, generation, mark, 0),)
        )
    wanted = {place: cluster[0] for cluster in united for place in cluster}
    places = [numbers_column(wanted), numbers_column(wanted.values())]
    connection.register("wanted", pa.table(places, ["position", "cluster"]))
    rows = stored_rows(folder, parts)
    members = connection.sql(_MEMBERS.format(_COLUMNS, rows)).to_arrow_table()
    periods = pa.Table.from_batches(_in_periods(members, vocabulary), schema=_PERIODS)
    refers = {place: names[place] for place in wanted.keys() & names.keys()}
    refers_column = pa.array([*refers.values()], pa.list_(pa.string()))
    connection.register("members", members)
    connection.register("periods", periods)
    connection.register(
        "referring",
        pa.table([numbers_column(refers), refers_column], ["position", "refers"]),
    )
    files = table_of(part.file(folder) for part in parts)
    dealt = connection.sql(_DEALT.format(files, generation)).to_arrow_table()
    return _by_bucket(dealt, folder, generation, mark)


def newest_clusters(
    connection: duckdb.DuckDBPyConnection,
    folder: Where,
    files: Iterable[ClusterFile],
    mark: str,
) -> tuple[ClusterFile, ...]:
    """Write the clusters of some buckets anew, each into one file.

    Args:
        connection: A database.
        folder: The dataset.
        files: All files of the buckets, of this format.
        mark: The mark of this writing.
    """
    rows = table_of(one.file(folder) for one in files)
    found = connection.sql(_NEWEST.format(rows)).to_arrow_table()
    return _by_bucket(found, folder, int(mark.partition("-")[0]), mark)


def _by_bucket(
    rows: Table, folder: Where, generation: int, mark: str
) -> tuple[ClusterFile, ...]:
    written: list[ClusterFile] = []
    for bucket, start, stop in runs(rows.column("bucket").combine_chunks()):
        table = rows.slice(start, stop - start).select(_WRITTEN.names).cast(_WRITTEN)
        written.append(_written(table, folder, generation, mark, bucket))
    return tuple(written)


def _written(
    table: Table, folder: Where, generation: int, mark: str, bucket: int
) -> ClusterFile:
    name = name_of("clusters", mark, bucket)
    path = local(folder) / name
    pq.write_table(table, path, compression="zstd", write_page_checksum=True)
    digest = DataFile.written(folder, name).digest
    return ClusterFile(bucket, generation, mark, digest)


def _related(
    connection: duckdb.DuckDBPyConnection,
    folder: Where,
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


def _referring(
    connection: duckdb.DuckDBPyConnection,
    folder: Where,
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


def _earlier(folder: Where, before: Manifest) -> Iterator[list[int]]:
    """Yield the clusters of earlier writings, also those that have grown since."""
    clusters: dict[tuple[int, int], set[int]] = {}
    for one in before.clusters:
        table = columns_in(one.file(folder).verified(), ("position", "cluster"))
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


def _in_periods(members: Table, vocabulary: Vocabulary) -> Iterator[Batch]:
    """Yield each entry of clusters with each period of knowledge in which it counts.

    An entry that never counts has one period, in which it does not.

    Raises:
        EntryError: A correction has a retraction as its target.
    """
    start = 0
    for _, _, stop in runs(members.column("cluster").combine_chunks()):
        if stop - start < _RESOLVED and stop < len(members):
            continue
        some = members.slice(start, stop - start)
        entries = entries_in(some, vocabulary)
        clusters = runs(some.column("cluster").combine_chunks())
        rows = [*_periods([entries[first:last] for _, first, last in clusters])]
        cells = zip(zip(*rows, strict=True), _PERIODS.types, strict=True)
        yield pa.record_batch([pa.array(c, t) for c, t in cells], schema=_PERIODS)
        start = stop


_Span = tuple[int, bool, float, float]


def _periods(clusters: Iterable[Sequence[Entry]]) -> Iterator[tuple[Any, ...]]:
    told, rest = list[_Span](), list[Entry]()
    left = set[int]()
    for members in clusters:
        left.update(entry.position for entry in members)
        if _are_alternatives(members):
            told += _turns(members)
        else:
            rest += members
    for place, is_own, since, until in (*told, *_spans(rest)):
        left.discard(place)
        is_over = until < math.inf
        days = date_or_none(since), date_or_none(until) if is_over else None
        from_day = clipped(since) if is_own else None
        yield place, True, *days, from_day, clipped(until) if is_over else None
    for place in left:
        yield place, False, None, None, None, None


def _spans(entries: Sequence[Entry]) -> list[_Span]:
    """Return which entries count, whether as they are, since and until which day."""
    claims = {entry.position: entry.event for entry in entries}
    view, found = (
        share_of(sorted(entries, key=_POSITION)).as_of(LAST_DAY),
        list[_Span](),
    )
    for place, event, since, until in sorted(
        counting_spans(view), key=itemgetter(0, 2)
    ):
        # With others that agree, an entry says more than its own words.
        said = place, _says(event) == _says(claims[place])
        if found and (*found[-1][:2], found[-1][3]) == (*said, since):
            since = found.pop()[2]  # a further witness says the same
        found.append((*said, since, until))
    return found


def _are_alternatives(members: Sequence[Entry]) -> bool:
    """Check whether entries only claim what cannot be taken together of one happening.

    There can be many: the last one is taken, and they are not compared each with all.
    """
    if not all(map(_is_only_claim, members)):
        return False
    names = {name for entry in members for name in entry.claim.names}
    claims = {_says(entry.event): entry.claim for entry in members}
    return len(names) == 1 and not may_agree(claims.values())


def _is_only_claim(entry: Entry) -> bool:
    others = entry.supersedes, entry.retracts, entry.because, entry.review
    return entry.event is not None and (*others, entry.dataset) == (None,) * 5


def _turns(members: Sequence[Entry]) -> Iterator[_Span]:
    """Yield each claim with each time for which it is the one that was known last."""
    first, turns = dict[object, int](), list[tuple[int, float]]()
    for day, some in groupby(sorted(members, key=_order), _known_day):
        for entry in some:
            said = _says(entry.event)
            first[said] = min(entry.position, first.get(said, entry.position))
        if not turns or turns[-1][0] != first[said]:
            turns.append((first[said], day))
    days = [day for _, day in turns[1:]]
    for (place, since), until in zip(turns, [*days, math.inf], strict=True):
        yield place, True, since, until


def _known_day(entry: Entry) -> float:
    return -math.inf if entry.known_day is None else entry.known_day


def _order(entry: Entry) -> tuple[float, int]:
    return _known_day(entry), entry.position


def _says(event: Event | None) -> object:
    return None if event is None else (event.what, event.when, event.where)
