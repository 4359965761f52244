"""Entries of a dataset, read in the order of the log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

import duckdb

from bri_timeline._codec import Vocabulary, cached_edtf, citations_from
from bri_timeline._events import Entry, unchecked_entry, unchecked_event
from bri_timeline.scale._dictionary import ALWAYS
from bri_timeline.scale._engine import numbers, table_of
from bri_timeline.scale._manifest import DICTIONARIES, Part
from bri_timeline.scale._values import Decode, payloads


__all__ = ["entries_in"]

_BATCH = 1 << 14
_ENTRIES = "select {} from {} rows{} where {} order by rows.position"


class _Row(NamedTuple):
    """The row of an entry."""

    position: int
    known: int
    day: int
    id: str | None
    supersedes: int | None
    retracts: int | None
    because: str | None
    recorded_at: datetime | None
    what: str | None
    when: str | None
    cite: str | None


def entries_in(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    parts: Iterable[Part],
    vocabulary: Vocabulary,
    positions: Iterable[int] | None = None,
) -> Iterator[Entry]:
    """Yield entries in the order of the log, as a stream.

    Args:
        connection: A database.
        folder: The dataset.
        parts: The files of rows.
        vocabulary: The payload classes.
        positions: Positions of the wanted entries; None for all.
    """
    # An entry has a row in each of its relationships; the first is marked `lead`.
    condition = "lead"
    if positions is not None:
        connection.register("wanted", numbers(positions))
        condition += " and rows.position in (select position from wanted)"
    sql = _sql(folder, [*parts], condition)
    decode = payloads(vocabulary)
    for batch in connection.sql(sql).to_arrow_reader(_BATCH):
        for cells in zip(
            *(column.to_pylist() for column in batch.columns), strict=True
        ):
            yield _entry(_Row(*cells), decode)


def _sql(folder: Path, parts: list[Part], condition: str) -> str:
    rows = table_of(part.file(folder) for part in parts)
    columns = [f"rows.{name}" for name in ("position", "known")]
    columns += ['-rows."when"']  # a plain day is stored as its negative number
    names = ("id", "supersedes", "retracts", "because", "recorded_at")
    columns += [f"rows.{name}" for name in names]
    joins = ""
    for kind in DICTIONARIES:
        files = [part.file(folder, kind) for part in parts if part.has(kind)]
        columns.append(f"{kind}_values.text" if files else "null::varchar")
        if files:
            values = f"{kind}_values"
            on = f'rows."{kind}" = {values}.code'
            joins += f" left join {table_of(files)} {values} on {on}"
    return _ENTRIES.format(", ".join(columns), rows, joins, condition)


def _entry(row: _Row, decode: Decode[object]) -> Entry:
    event = None
    if row.what is not None:
        when = date.fromordinal(row.day).isoformat() if row.when is None else row.when
        event = unchecked_event(
            decode([row.what])[0],
            cached_edtf(when),
            citations_from((row.cite or "").encode()),
            row.id,
        )
    return unchecked_entry(
        row.position,
        event,
        None if row.known == ALWAYS else row.known,
        row.supersedes,
        row.retracts,
        row.because,
        row.recorded_at,
    )
