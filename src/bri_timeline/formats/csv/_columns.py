"""The columns of a table of entries, and the cells of an entry."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from bri_timeline._calendar import to_day
from bri_timeline._codec import Unknown, Vocabulary, instant_text
from bri_timeline._events import Entry, Event
from bri_timeline._evidence import SOURCE_FIELDS, Citation
from bri_timeline.formats._tabular import cells_of


__all__ = [
    "CITED",
    "DATASET",
    "ENTRY",
    "FIRST",
    "FIXED",
    "LAST",
    "SOURCE",
    "Row",
    "cells_of_entry",
    "claim_cells",
    "column_of",
    "known_in",
]


Row = Mapping[str, str]
FIRST = ("entry", "id", "when", "kind", "version", "parties")
SOURCE = ("source", *SOURCE_FIELDS[1:])
CITED = (*SOURCE, "locator", "quote")
# No field of a class has a space in its name, so that no payload has this column.
DATASET = "from dataset"
ENTRY = (
    *("known", "supersedes", "retracts", "because", "recorded_at", DATASET, "line"),
)
LAST = (*CITED, *ENTRY)
FIXED = frozenset((*FIRST, *LAST)) - {"parties"}
_ALONG = "all along"
_DAY_NUMBER = re.compile(r"day (-?[0-9]{1,4000})")
_LAST_DATE = date.max.toordinal()


def column_of(field: str) -> str:
    """Return the column of a field of a payload."""
    return f"what.{field}" if field.partition(".")[0] in FIXED else field


def cells_of_entry(entry: Entry, vocabulary: Vocabulary, labelled: bool) -> list[Row]:
    """Return an entry as rows, as far as cells can hold it."""
    # Empty cells may be left out of a row; all rows of an entry share its label.
    first = {"entry": str(entry.position) if labelled else ""}
    first |= {
        "known": _known_text(entry),
        "supersedes": "" if entry.supersedes is None else str(entry.supersedes),
        "retracts": "" if entry.retracts is None else str(entry.retracts),
        "because": entry.because or "",
        DATASET: entry.dataset or "",
    }
    if entry.recorded_at is not None:
        first["recorded_at"] = instant_text(entry.recorded_at)
    event = entry.event
    if event is None:
        return [first]
    first |= claim_cells(event, vocabulary)
    cited = [_cited(citation) for citation in event.cite] or [{}]
    label = {"entry": first["entry"]}
    return [first | cited[0], *(label | more for more in cited[1:])]


def claim_cells(event: Event, vocabulary: Vocabulary) -> dict[str, str]:
    """Return an event as cells, without its citations."""
    what, is_named = event.what, isinstance(event.key, str)
    version = vocabulary.version_of(what)
    cells = {
        "id": event.id if is_named else "",
        "when": str(event.when),
        "kind": vocabulary.name_of(what),
        "version": "" if version == 1 else str(version),
        "parties": " ".join(sorted(event.parties)),
    }
    fields = {} if isinstance(what, Unknown) else cells_of(what, vocabulary)
    return cells | {column_of(name): cell for name, cell in fields.items()}


def _cited(citation: Citation) -> dict[str, str]:
    source = citation.source
    found = {name: getattr(source, name) for name in SOURCE[1:]}
    cells = {name: "" if part is None else str(part) for name, part in found.items()}
    place = {"locator": citation.locator, "quote": citation.quote or ""}
    return {"source": source.title, **cells, **place}


def _known_text(entry: Entry) -> str:
    day = entry.known_day
    if day is None:
        return "" if entry.event is None else _ALONG
    # Days outside the years of `date` have no ISO text that other programs read.
    is_date = 1 <= day <= _LAST_DATE
    return date.fromordinal(day).isoformat() if is_date else f"day {day}"


def known_in(cell: str) -> int | None:
    """Return the day of knowledge in a cell; None for `all along`.

    Raises:
        ValueError: The cell is not a day.
    """
    if cell == _ALONG:
        return None
    number = _DAY_NUMBER.fullmatch(cell)
    return int(number[1]) if number else to_day(cell)
