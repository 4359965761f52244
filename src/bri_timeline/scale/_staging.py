"""Rows as they come, checked, numbered, and dealt out to buckets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from bri_timeline._codec import Vocabulary
from bri_timeline._payload import digest
from bri_timeline.errors import BriTimelineError
from bri_timeline.formats import Faults
from bri_timeline.formats.arrow import NEEDED
from bri_timeline.scale._dictionary import ALWAYS, Claims, Relations, is_apart
from bri_timeline.scale._engine import Array, Batch, Table, pa, pc, pq
from bri_timeline.scale._layout import Encoded, encoded
from bri_timeline.scale._manifest import NONE


__all__ = ["Staging"]

_NUMBER, _TEXT = pa.int64(), pa.string()
_COLUMNS: dict[str, Any] = {
    "kind": _TEXT,
    "what": _TEXT,
    "when": _TEXT,
    "id": _TEXT,
    "because": _TEXT,
    "version": _NUMBER,
    "position": _NUMBER,
    "known_day": _NUMBER,
    "supersedes": _NUMBER,
    "retracts": _NUMBER,
    "recorded_at": pa.timestamp("us", "UTC"),
}


class Staging:
    """Rows on their way into a dataset.

    Args:
        folder: Where they are kept until all of them are there.
        vocabulary: The payload classes.
        relations: Where pairs of parties are numbered.
        start: The position of the first of them.
        name: What to call the rows in messages.

    Attributes:
        size: The position after the last so far.
        apart: The positions of those whose days are too far off for columns.
        referring: Position -> the ids of the events that it refers to, if any.
    """

    def __init__(
        self,
        folder: Path,
        vocabulary: Vocabulary,
        relations: Relations,
        start: int,
        name: str,
    ) -> None:
        self._folder = folder
        self._claims = Claims(vocabulary, relations)
        self._first = self.size = start
        self._faults = Faults(name)
        self._writers: dict[int, Any] = {}
        self.apart: list[int] = []
        self.referring: dict[int, tuple[str, ...]] = {}

    def add(self, batch: Batch) -> None:
        """Take in some rows.

        Raises:
            FaultsError: All that is wrong with them, each with its row (from 0).
        """
        table = self._table(batch)
        order = pc.sort_indices(table.column("bucket"))
        table = table.take(order)
        buckets = table.column("bucket").combine_chunks()
        counted = pc.value_counts(buckets).to_pylist()
        start = 0
        for found in counted:
            self._write(found["values"], table.slice(start, found["counts"]))
            start += found["counts"]

    def _write(self, bucket: int, table: Table) -> None:
        writer = self._writers.get(bucket)
        if writer is None:
            path = self.path(bucket)
            writer = pq.ParquetWriter(path, table.schema, compression="lz4")
            self._writers[bucket] = writer
        writer.write_table(table)

    def path(self, bucket: int) -> Path:
        """Return the file of the rows of a bucket."""
        return self._folder / f"staged-{bucket:05}.parquet"

    @property
    def buckets(self) -> list[int]:
        """The buckets that there are rows of."""
        return sorted(self._writers)

    def close(self) -> None:
        """Let go of the files."""
        for writer in self._writers.values():
            writer.close()

    # --- one batch --------------------------------------------------------------------

    def _table(self, batch: Batch) -> Table:
        cells = {n: self._cells(batch, n, kind) for n, kind in _COLUMNS.items()}
        self._faults.check()
        first = self.size
        self.size += batch.num_rows
        positions = pa.array(range(first, self.size), _NUMBER)
        self._check(batch, cells, positions)
        words = pc.binary_join_element_wise(
            pc.coalesce(cells["version"].cast(_TEXT), pa.scalar("")),
            pc.utf8_length(cells["kind"]).cast(_TEXT),
            pc.binary_join_element_wise(cells["kind"], cells["what"], ""),
            "\n",
        )
        what, when = encoded(words), encoded(cells["when"])
        cite = encoded(_column(batch, "cite"))
        self._claims.prepare(what.used())
        payloads = self._meanings(what, "what", self._claims.payload)
        dates = self._meanings(when, "when", self._claims.when)
        cited = self._meanings(cite, "cite", self._claims.cited)
        self._faults.check()
        known = cells["known_day"]
        if "known_day" not in batch.schema.names:
            known = cite.taken([c and c.known for c in cited], _NUMBER)
        else:
            self._set_apart(known, positions)
        self._note(when, dates, positions)
        self._refer(what, payloads, first)
        rows = pa.table(
            {
                "position": positions,
                "last": pc.fill_null(
                    when.taken([d and d.last for d in dates], _NUMBER), ALWAYS
                ),
                "first": pc.fill_null(
                    when.taken([d and d.first for d in dates], _NUMBER), ALWAYS
                ),
                "known": pc.fill_null(known, ALWAYS),
                "what": what.taken([p and p.word for p in payloads], _TEXT),
                "when": when.taken([d and d.word for d in dates], _TEXT),
                "cite": cite.taken([c and c.word for c in cited], _TEXT),
                "id": cells["id"],
                "digest": _digests(cells["id"], what, payloads, when, dates),
                "supersedes": cells["supersedes"],
                "retracts": cells["retracts"],
                "because": cells["because"],
                "recorded_at": cells["recorded_at"],
            }
        )
        return _dealt_out(rows, what, payloads)

    def _cells(self, batch: Batch, name: str, kind: Any) -> Array:
        column = _column(batch, name)
        try:
            return column.cast(kind)
        except pa.ArrowException as error:
            self._faults.add(name, f"is no column of {kind}: {error}")
            return pa.nulls(batch.num_rows, kind)

    def _check(self, batch: Batch, cells: dict[str, Array], positions: Array) -> None:
        """Note what is wrong with rows as such."""
        given = cells["position"]
        told = pc.is_valid(cells["retracts"])
        if "position" in batch.schema.names:
            told = pc.or_(told, pc.is_valid(given))
            problem = "is out of order: give all entries of one log, in order, from"
            wrong = pc.fill_null(pc.not_equal(given, positions), False)
            self._each(wrong, "position", f"{problem} {self._first}", positions)
        valid = [pc.is_valid(cells[name]) for name in NEEDED]
        none = pc.invert(pc.or_(pc.or_(*valid[:2]), valid[2]))
        every = pc.and_(pc.and_(*valid[:2]), valid[2])
        problem = f"has none of {', '.join(NEEDED)}: say what happened"
        self._each(pc.and_not(none, told), "what", problem, positions)
        problem = f"has some of {', '.join(NEEDED)}: they belong together"
        self._each(pc.invert(pc.or_(none, every)), "what", problem, positions)
        empty = pc.fill_null(pc.equal(cells["id"], ""), False)
        self._each(empty, "id", "is no id: give text, or nothing", positions)
        for name in ("supersedes", "retracts"):
            target = cells[name]
            wrong = pc.or_(pc.less(target, 0), pc.greater_equal(target, positions))
            problem = "is no row above: name an earlier position"
            self._each(pc.fill_null(wrong, False), name, problem, positions)

    def _each(self, wrong: Array, name: str, problem: str, positions: Array) -> None:
        for position in positions.filter(wrong).to_pylist():
            self._faults.add(f"row {position - self._first}: {name}", problem)

    def _meanings(
        self, column: Encoded, name: str, meaning: Callable[[Any], Any]
    ) -> list[Any]:
        """Return what the values of a column mean, and note those that mean nothing."""
        offset = self.size - self._first - len(column.codes)

        def found(value: Any) -> Any:
            try:
                return meaning(value)
            except (BriTimelineError, ValueError) as error:
                row = offset + column.row(value)
                self._faults.add(f"row {row}: {name}", error)
                return None

        return column.map(found)

    def _note(self, column: Encoded, found: list[Any], positions: Array) -> None:
        """Note the rows whose days are too far off."""
        if any(one is not None and one.is_apart for one in found):
            far = column.taken([one and one.is_apart for one in found], pa.bool_())
            self.apart += positions.filter(pc.fill_null(far, False)).to_pylist()

    def _refer(self, column: Encoded, found: list[Any], first: int) -> None:
        """Note the rows that refer to others."""
        if any(one is not None and one.refers_to for one in found):
            for place, code in enumerate(column.codes.to_pylist(), first):
                if code is not None and found[code].refers_to:
                    self.referring[place] = found[code].refers_to

    def _set_apart(self, known: Array, positions: Array) -> None:
        limits = pc.min_max(known).as_py().values()
        if any(map(is_apart, limits)):
            far = [is_apart(day) for day in known.to_pylist()]
            self.apart += positions.filter(pa.array(far)).to_pylist()


def _column(batch: Batch, name: str) -> Array:
    if name in batch.schema.names:
        return batch.column(name)
    return pa.nulls(batch.num_rows)


def _digests(
    ids: Array, what: Encoded, payloads: list[Any], when: Encoded, dates: list[Any]
) -> Array:
    """Return the names of claims that were given none."""
    nameless = pc.and_(pc.is_null(ids), pc.is_valid(what.codes))
    if not pc.any(nameless).as_py():
        return pa.nulls(len(ids), _TEXT)
    known: dict[tuple[int, int], str] = {}
    found: list[str | None] = []
    rows = zip(
        nameless.to_pylist(),
        what.codes.to_pylist(),
        when.codes.to_pylist(),
        strict=True,
    )
    for is_nameless, payload, date in rows:
        if not is_nameless:
            found.append(None)
            continue
        if (payload, date) not in known:
            name = digest(payloads[payload].what, dates[date].date)
            known[payload, date] = name
        found.append(known[payload, date])
    return pa.array(found, _TEXT)


def _dealt_out(rows: Table, what: Encoded, payloads: list[Any]) -> Table:
    """Return a row for each relationship that an entry belongs to."""
    codes = pc.fill_null(what.codes, len(payloads))
    everything = [*payloads, None]
    relations = [[NONE] if p is None else p.relations for p in everything]
    buckets = [[0] if p is None else p.buckets for p in everything]
    lists = pa.array(relations, pa.list_(pa.int32())).take(codes)
    parents = pc.list_parent_indices(lists)
    if len(parents) > len(rows):
        rows = rows.take(parents)
        places = parents.to_pylist()
        lead = [a != b for a, b in zip([-1, *places], places, strict=False)]
        leads = pa.array(lead, pa.bool_())
    else:
        leads = pa.repeat(pa.scalar(True), len(rows))
    rows = rows.append_column("rel", pc.list_flatten(lists))
    rows = rows.append_column("lead", leads)
    dealt = pa.array(buckets, pa.list_(pa.int32())).take(codes)
    return rows.append_column("bucket", pc.list_flatten(dealt))
