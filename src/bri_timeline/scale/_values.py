"""Dictionary-encoded values, decoded lazily and cached; entries made of them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from functools import lru_cache, partial
from itertools import accumulate
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import duckdb
import msgspec

from bri_timeline import Citation, Entry, Place, Release, Vocabulary
from bri_timeline._events import unchecked_entry, unchecked_event
from bri_timeline._form import (
    cached_edtf,
    citations_from,
    parts,
    payload_reader,
    place_from,
    value_in,
)
from bri_timeline.edtf import Edtf
from bri_timeline.scale._dictionary import ALWAYS, by_kind
from bri_timeline.scale._engine import Array, numbers, pc, pq, table_of
from bri_timeline.scale._manifest import Part


__all__ = [
    "Decode",
    "ValueDecoders",
    "dates",
    "entries_in",
    "parted",
    "payloads",
    "places",
]


T = TypeVar("T")
Decode = Callable[[Sequence[str]], list[T]]
_MOST_KEPT = 1 << 17
_DAYS = 1 << 8
_MOST_PAGES = 16
_MOST_FILES = 64


class Decoder(dict[int, T]):
    """Cache of decoded values by number; cleared when it is full.

    Args:
        found: Decodes the value of a number and possibly its neighbours; returns the
            number of the first, and the values.
        most: The number of values at which it is full.
    """

    def __init__(
        self, found: Callable[[int], tuple[int, list[T]]], most: int = _MOST_KEPT
    ) -> None:
        super().__init__()
        self._found = found
        self._most = most

    def __missing__(self, number: int) -> T:
        if len(self) >= self._most:
            self.clear()
        start, decoder = self._found(number)
        self.update(enumerate(decoder, start))
        return self[number]

    def of(self, column: Array) -> Iterator[T]:
        """Return the values of the numbers in a column."""
        return map(self.__getitem__, column.to_pylist())


class RangeDecoder(Decoder[T]):
    """Decoder for columns whose numbers are near each other: twice as fast.

    Args:
        found: As for `Decoder`.
        starts: First numbers of the series without gaps, in order.
    """

    def __init__(
        self, found: Callable[[int], tuple[int, list[T]]], starts: list[int]
    ) -> None:
        super().__init__(found)
        self._starts = starts
        self._start = 0
        self._near: list[T] = []

    def of(self, column: Array) -> Iterator[T]:
        """Return the values of the numbers in a column."""
        low, high = pc.min_max(column).as_py().values()
        # Decoding the whole range between would cost more than looking up each.
        if high - low >= _MOST_KEPT or self._series(low) != self._series(high):
            return super().of(column)
        self._reach(low, high)
        places = pc.subtract(column, self._start).to_pylist()
        return map(self._near.__getitem__, places)

    def _series(self, number: int) -> int:
        return bisect_right(self._starts, number)

    def _reach(self, low: int, high: int) -> None:
        """Find all decoder from one number to another, if they are not there."""
        end = self._start + len(self._near)
        if not self._start <= low <= end or high - self._start >= _MOST_KEPT:
            self._start, self._near = self._found(low)
            end = self._start + len(self._near)
        while end <= high:
            self._near += self._found(end)[1]
            end = self._start + len(self._near)


class ValueDecoders:
    """Decoders for the payloads, dates and citations of rows.

    Args:
        folder: The dataset.
        parts: The parts that hold the rows.
        vocabulary: The payload classes.
        at_once: Decode a page of values at once; faster if all of them are needed.

    Attributes:
        folder: The dataset.
        what: Number -> payload.
        when: Number -> date; a day by its negative number.
        cite: Number -> citations, or a place with citations.
    """

    def __init__(
        self,
        folder: Path,
        parts: Iterable[Part],
        vocabulary: Vocabulary,
        *,
        at_once: bool,
    ) -> None:
        self.folder = folder
        pages = _Pages(folder, [*parts], at_once=at_once)
        # No closure here refers to this object: it is freed with its last reference,
        # and all pages with it, also while garbage is not collected.
        self._classes = classes = set[type]()
        payload = payloads(vocabulary)

        def what(values: Sequence[str]) -> list[object]:
            found = payload(values)
            classes.update(map(type, found))
            return found

        self.what: Decoder[object] = pages.decoder("what", what)
        self.when: Decoder[Edtf] = pages.decoder(
            "when", dates, partial(_days, _DAYS if at_once else 1)
        )
        self._located = located = set[bool]()

        def cite(values: Sequence[str]) -> list[Cited]:
            found = places(values)
            located.update(isinstance(one, Located) for one in found)
            return found

        self.cite: Decoder[Cited] = pages.decoder("cite", cite, _no_citations)

    @property
    def has_places(self) -> bool:
        """True once citations were decoded that stand with a place."""
        return True in self._located

    def are_all(self, classes: tuple[type, ...] | None) -> bool:
        """Return whether all payloads decoded so far are of some classes."""
        return classes is None or all(issubclass(c, classes) for c in self._classes)


class _Pages:
    """Files of value dictionaries, read page by page."""

    def __init__(self, folder: Path, parts: list[Part], *, at_once: bool) -> None:
        self._folder = folder
        self._parts = parts
        self._at_once = at_once
        self._opened = lru_cache(_MOST_FILES)(self._open)
        self._page = lru_cache(_MOST_PAGES)(self._read)

    def _open(self, kind: str, start: int) -> tuple[Any, list[int]]:
        """Return a file by its first number, and the places where pages begin."""
        [part] = [
            one for one in self._parts if one.values[kind][0] == start and one.has(kind)
        ]
        opened = pq.ParquetFile(part.file(self._folder, kind).verified())
        groups = range(opened.num_row_groups)
        rows = [opened.metadata.row_group(group).num_rows for group in groups]
        return opened, [0, *accumulate(rows)]

    def _read(self, kind: str, start: int, group: int) -> Sequence[str]:
        file, _ = self._opened(kind, start)
        table = file.read_row_group(group, ["text"], use_threads=False)
        texts: list[str] = table.column(0).to_pylist()
        return texts

    def decoder(
        self,
        kind: str,
        decode: Decode[T],
        below: Callable[[int], tuple[int, list[T]]] | None = None,
    ) -> Decoder[T]:
        """Return the decoder for values of a kind.

        Args:
            kind: `what`, `when` or `cite`.
            decode: Decodes stored texts.
            below: Decodes a negative number and some after it.
        """
        starts = sorted(p.values[kind][0] for p in self._parts if p.has(kind))

        def found(number: int) -> tuple[int, list[T]]:
            if below is not None and number < 0:
                return below(number)
            start = starts[bisect_right(starts, number) - 1]
            firsts = self._opened(kind, start)[1]
            group = bisect_right(firsts, number - start) - 1
            page = self._page(kind, start, group)
            first = start + firsts[group]
            if self._at_once:
                return first, decode(page)
            return number, decode(page[number - first : number - first + 1])

        return RangeDecoder(found, starts) if self._at_once else Decoder(found)


def payloads(vocabulary: Vocabulary) -> Decode[object]:
    """Return a decoder of stored payloads."""
    maker = lru_cache(None)(
        lambda kind, version: payload_reader(vocabulary, kind, int(version))
    )

    def decode(values: Sequence[str]) -> list[object]:
        made: dict[int, object] = {}
        for (version, kind), (places, some) in by_kind(values).items():
            found = maker(kind, version)(some)
            if len(found) == len(some) == len(values):
                return found  # all are of one kind, which is the usual case
            made.update(zip(places, found, strict=True))
        return [*map(made.__getitem__, range(len(values)))]

    return decode


def dates(values: Sequence[str]) -> list[Edtf]:
    """Decode dates."""
    return [*map(cached_edtf, values)]


class Located(NamedTuple):
    """The place and the citations of a row."""

    where: Place
    cite: tuple[Citation, ...]


Cited = tuple[Citation, ...] | Located


class _Located(msgspec.Struct, forbid_unknown_fields=True):
    where: msgspec.Raw
    cite: msgspec.Raw


_read_located = msgspec.json.Decoder(_Located).decode


def places(values: Sequence[str]) -> list[Cited]:
    """Decode citations, and the places that stand with them."""
    return [*map(_citations, values)]


def parted(
    cited: Iterable[Cited],
) -> tuple[list[tuple[Citation, ...]], list[Place | None]]:
    """Return citations and places apart."""
    cites, wheres = list[tuple[Citation, ...]](), list[Place | None]()
    for one in cited:
        cites.append(one.cite if isinstance(one, Located) else one)
        wheres.append(one.where if isinstance(one, Located) else None)
    return cites, wheres


# A cache for the whole process: buckets have days and sources in common.
@lru_cache(_MOST_KEPT)
def _citations(value: str) -> Cited:
    if not value.startswith("{"):
        return citations_from(value.encode())
    found = _read_located(value)
    where = place_from(bytes(found.where))
    cite = citations_from(bytes(found.cite)) if found.cite != b"[]" else ()
    return cite if where is None else Located(where, cite)


def _no_citations(number: int) -> tuple[int, list[Cited]]:
    """Return the empty citations that a negative number stands for."""
    return number, [()]


def _days(most: int, number: int) -> tuple[int, list[Edtf]]:
    """Decode a negative number to its day, and some numbers after it."""
    return number, [_day(-day) for day in range(number, min(number + most, 0))]


@lru_cache(_MOST_KEPT)
def _day(number: int) -> Edtf:
    return cached_edtf(date.fromordinal(number).isoformat())


# --- whole entries, in the order of the log -------------------------------------------

_RELEASES = ("dataset", "release")
_RELEASE = parts.Kind.RELEASE
_ROWS_AT_ONCE = 1 << 14
_ENTRIES = "select {} from {} rows{} where {} order by rows.position"


class _Row(NamedTuple):
    """The row of an entry."""

    position: int
    known: int
    when: str | None
    id: str | None
    supersedes: int | None
    retracts: int | None
    because: str | None
    recorded_at: datetime | None
    dataset: str | None
    release: str | None
    what: str | None
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
    yield from _selected(connection, folder, [*parts], vocabulary, condition)


def imprecise_in(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    parts: Iterable[Part],
    vocabulary: Vocabulary,
) -> Iterator[Entry]:
    """Yield the entries of relationships whose date can begin on several days.

    One that lies in several relationships is yielded for each.
    """
    condition = "rows.rel >= 0 and rows.first < rows.last"
    return _selected(connection, folder, [*parts], vocabulary, condition)


def _selected(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    parts: list[Part],
    vocabulary: Vocabulary,
    condition: str,
) -> Iterator[Entry]:
    sql = _entries_sql(folder, parts, condition)
    decode = payloads(vocabulary)
    release = partial(value_in, _RELEASE, vocabulary=vocabulary)
    for batch in connection.sql(sql).to_arrow_reader(_ROWS_AT_ONCE):
        for cells in zip(
            *(column.to_pylist() for column in batch.columns), strict=True
        ):
            yield _entry(_Row(*cells), decode, release)


def _entries_sql(folder: Path, parts: list[Part], condition: str) -> str:
    rows = table_of((part.file(folder) for part in parts), added=_RELEASES)
    columns = [f"rows.{name}" for name in ("position", "known_day", '"when"')]
    names = ("id", "supersedes", "retracts", "because", "recorded_at")
    columns += [f"rows.{name}" for name in (*names, *_RELEASES)]
    joins = ""
    for kind in ("what", "cite"):
        files = [part.file(folder, kind) for part in parts if part.has(kind)]
        columns.append(f"{kind}_values.text" if files else "null::varchar")
        if files:
            values = f"{kind}_values"
            on = f"rows.{kind}_code = {values}.code"
            joins += f" left join {table_of(files)} {values} on {on}"
    return _ENTRIES.format(", ".join(columns), rows, joins, condition)


def _entry(
    row: _Row,
    decode: Decode[object],
    release: Callable[[str | None], Release | None],
) -> Entry:
    event = None
    if row.what is not None and row.when is not None:
        [cite], [where] = parted(places([row.cite or ""]))
        what, when = decode([row.what])[0], cached_edtf(row.when)
        event = unchecked_event(what, when, cite, row.id, where)
    return unchecked_entry(
        row.position,
        event,
        None if row.known == ALWAYS else row.known,
        row.supersedes,
        row.retracts,
        row.because,
        row.recorded_at,
        dataset=row.dataset,
        release=release(row.release),
    )
