"""Cells of the tables that readers of Arrow take: derived from the parts of an entry.

Beside a date stand its days, and beside a day its number, since other years than 1 to
9999 have no day here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from bri_timeline._events import Entry, Event
from bri_timeline._evidence import Citation, Source
from bri_timeline._form.parts import (
    BESIDE,
    CITATION,
    ENTRY,
    EVENT,
    INNER,
    PLACE,
    SOURCE,
    Kind,
    Part,
)
from bri_timeline._later import needing


_MOST_KEPT = 4096
_LAST_DAY = date.max.toordinal()
_BESIDE = {"when": ("earliest", "latest", "parties"), "known": ("known_day",)}
# A citation is a struct with the parts of its source too.
_CITED = (*SOURCE, *CITATION[1:])
CITED = tuple(part.name for part in _CITED)


def columns_of_parts(parts: Iterable[Part]) -> Iterator[str]:
    """Yield the names of the columns of some parts of an entry or an event."""
    for part in parts:
        yield from (part.name, *_BESIDE.get(part.name, ()))


def day_of(number: int | None) -> date | None:
    """Return a day number as a `date`, or None if it is outside the years 1 to 9999."""
    if number is None or not 1 <= number <= _LAST_DAY:
        return None
    return date.fromordinal(number)


# Most entries of a log rest on one of few citations.
@lru_cache(_MOST_KEPT)
def cited_cells(citation: Citation) -> Mapping[str, str | None]:
    """Return the cells of a citation, by the names `CITED`."""
    values = [getattr(citation.source, part.name) for part in SOURCE]
    values += [getattr(citation, part.name) for part in CITATION[1:]]
    texts = (None if value is None else str(value) for value in values)
    return dict(zip(CITED, texts, strict=True))


def citation_of(texts: Iterable[str | None]) -> Citation:
    """Return a citation from its texts in the order of `CITED`; None for absent ones.

    Raises:
        EventError: One of them is not such a text.
        EdtfError: A day is not a date.
    """
    fields: dict[str, Any] = {
        part.name: part.default if text is None else text
        for part, text in zip(_CITED, texts, strict=True)
    }
    own = {part.name: fields.pop(part.name) for part in CITATION[1:]}
    return Citation(Source(**fields), **own)


_CELLS: Mapping[Kind, Callable[[Any], object]] = {
    Kind.DATE: str,
    Kind.DAY: day_of,
    Kind.PLACE: lambda place: {part.name: getattr(place, part.name) for part in PLACE},
    Kind.CITATIONS: lambda cite: [*map(cited_cells, cite)],
}


def _reads(parts: Iterable[Part]) -> list[tuple[str, str, Any]]:
    """Return the name of each part, its attribute, and what makes it a cell."""
    return [(part.name, part.path, _CELLS.get(part.kind)) for part in parts]


_OF_ENTRIES = _reads(part for part in ENTRY if part.kind not in INNER)
_OF_EVENTS = _reads(BESIDE)


def entry_cells(entry: Entry) -> dict[str, Any]:
    """Return the cells of an entry, except of parts that have parts of their own."""
    cells = _cells(_OF_ENTRIES, entry)
    cells["known_day"] = entry.known_day
    return cells


def event_cells(event: Event) -> dict[str, Any]:
    """Return the cells of an event without its payload; the id is as it was given."""
    cells = _cells(_OF_EVENTS, event)
    when = event.when
    cells["earliest"], cells["latest"] = day_of(when.first_day), day_of(when.last_day)
    cells["parties"] = sorted(event.parties)
    return cells


def _cells(reads: Iterable[tuple[str, str, Any]], owner: object) -> dict[str, Any]:
    cells: dict[str, Any] = {}
    for name, path, convert in reads:
        value = getattr(owner, path)
        is_cell = value is None or convert is None
        cells[name] = value if is_cell else convert(value)
    return cells


def arrow_types() -> dict[str, Any]:
    """Return the types of the columns of entries and events, by name.

    Parts that have parts of their own are JSON text, except places and citations.
    """
    with needing("arrow"):
        import pyarrow as pa

    text, number, day = pa.string(), pa.int64(), pa.date32()
    types: dict[Kind, Any] = {
        Kind.NUMBER: number,
        Kind.VERSION: number,
        Kind.DEGREES: pa.float64(),
        Kind.DAY: day,
        Kind.TEXTS: pa.list_(text),
        Kind.INSTANT: pa.timestamp("us", "UTC"),
    }
    place, cited = (
        pa.struct([(part.name, types.get(part.kind, text)) for part in parts])
        for parts in (PLACE, _CITED)
    )
    types |= {Kind.PLACE: place, Kind.CITATIONS: pa.list_(cited)}
    beside = {"earliest": day, "latest": day, "known_day": number}
    parts = {part.name: types.get(part.kind, text) for part in (*ENTRY, *EVENT)}
    return {**parts, **beside, "parties": types[Kind.TEXTS]}
