"""Convert entries to rows of Arrow, and back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from bri_timeline import Citation, Entry, Event, Place, Unknown, Vocabulary
from bri_timeline._form import Codec, parts, table
from bri_timeline.edtf import Edtf
from bri_timeline.errors import (
    BriTimelineError,
    EntryError,
    EventError,
    FaultsError,
)
from bri_timeline.extend import described, without_review
from bri_timeline.formats._files import LONGEST, Faults


Row = Mapping[str, object]
NEEDED = ("kind", "what", "when")
# The id of an event stands before all else that it has.
_EVENT = sorted(parts.EVENT, key=lambda part: part.name != "id")
# Whoever reads a table need not know what a proposal is.
_KEPT = [
    part
    for part in (parts.ENTRY[0], *_EVENT, *parts.ENTRY[1:-1])
    if part.kind is not parts.Kind.REVIEW
]
# The columns of a file, in order.
COLUMNS = (*table.columns_of_parts(_KEPT),)
_JSON = {part.name: part.kind for part in _KEPT if part.kind in parts.INNER}


def row_of(entry: Entry, vocabulary: Vocabulary) -> Row:
    """Return an entry as a row.

    Raises:
        VocabularyError: The vocabulary lacks the class of its payload.
        EntryError: Its payload is longer than `load()` allows.
    """
    # Whoever reads a table need not know what a proposal is.
    entry = without_review(entry)
    row = table.entry_cells(entry)
    for name, kind in _JSON.items():
        if (part := getattr(entry, name)) is not None:
            row[name] = Codec(vocabulary).text_of(kind, part)
    event = entry.event
    if event is None:
        return row
    what = event.what
    data = what.data if isinstance(what, Unknown) else vocabulary.encode(what)
    # load() would refuse the file, so dump() must refuse the entry.
    if len(data) > LONGEST:
        problem = f"its payload has {len(data)} bytes, and at most {LONGEST} are read"
        place = f"entry {entry.position} cannot be kept in Arrow"
        raise EntryError(entry.position, f"{place}: {problem}")
    row |= table.event_cells(event)
    row["kind"], row["version"] = vocabulary.name_of(what), vocabulary.version_of(what)
    row["what"] = data.decode()
    return row


def entry_of(
    row: Row, position: int, vocabulary: Vocabulary, faults: Faults
) -> Entry | None:
    """Return the entry in a row, or None if it has faults.

    Args:
        row: The cells by column; an absent column counts as null.
        position: The number of rows above.
        vocabulary: The payload classes.
        faults: Takes the faults.
    """
    place = f"row {position}"
    before = len(faults.found)
    cells: dict[str, Any] = {}
    for name, read in _READS.items():
        try:
            cells[name] = read(row.get(name))
        except ValueError as error:
            faults.add(f"{place}: {name}", error)
    if cells.get("position") not in (None, position):
        problem = f"is {cells['position']}: rows are in order, and here is {position}"
        faults.add(f"{place}: position", problem)
    for name in ("supersedes", "retracts"):
        target = cells.get(name)
        if target is not None and not 0 <= target < position:
            faults.add(f"{place}: {name}", f"is {target}: name a row above")
    event = None
    # A retraction has none of these; a claim with some of them is a faulty claim.
    if any(row.get(name) is not None for name in NEEDED):
        event = _event(row, cells, vocabulary, place, faults)
    elif cells.get("retracts") is row.get("position") is row.get("release") is None:
        faults.add(place, f"has none of {', '.join(NEEDED)}: say what happened")
    for name, kind in _JSON.items():
        if (text := cells.pop(name, None)) is not None:
            try:
                cells[name] = Codec(vocabulary).value_in(kind, text)
            except ValueError as error:
                faults.add(f"{place}: {name}", error)
    if "erased" in cells and event is not None:
        faults.add(f"{place}: erased", "belongs to a row that says nothing")
    if len(faults.found) > before:
        return None
    known = cells["known_day"]
    # A null in an existing column means "known all along"; without the column the day
    # comes from the source.
    if known is None and "known_day" not in row and event is not None:
        known = event.known_day
    own_parts = {name: cells[name] for name in _OF_ENTRIES if name in cells}
    return Entry(**own_parts, position=position, event=event, known=known)


def _event(
    row: Row, cells: dict[str, Any], vocabulary: Vocabulary, place: str, faults: Faults
) -> Event | None:
    before = len(faults.found)

    def read(column: str, made: Callable[[], Any]) -> Any:
        """Return what is made of a column; None after its faults."""
        try:
            return made()
        except FaultsError as error:
            for fault in error.faults:
                faults.add(f"{place}: what.{fault.place}", fault.problem)
        except (BriTimelineError, ValueError) as error:
            faults.add(f"{place}{column}", error)

    # All columns are read, so that one report names all that is wrong.
    cite = read(": cite", lambda: [*citations_of(row.get("cite"))])
    where = read(": where", lambda: place_in(row.get("where")))
    needed = read("", lambda: [_needed(name, row.get(name)) for name in NEEDED])
    if needed is None:
        return None
    kind, what, when = needed
    version = cells.get("version")
    payload = read("", lambda: vocabulary.decode(kind, what, version, unknown_ok=True))
    date = read(": when", lambda: _date(when))
    if cells.get("id") == "":
        faults.add(f"{place}: id", "is not an id: give text, or nothing")
    if len(faults.found) > before:
        return None
    rest = {name: cells.get(name) for name in _READ_ALONE}
    event: Event | None = read(
        ": what", lambda: Event(payload, when=date, where=where, cite=cite, **rest)
    )
    return event


def _date(text: str) -> Edtf:
    date = Edtf(text)
    if date.is_several:
        raise EventError(text, "is several days: record one event for each")
    return date


def _needed(name: str, value: object) -> str:
    if isinstance(value, str):
        return value
    msg = f"{name} is {described(value)}: write text"
    raise ValueError(msg)


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, float) and value != value:
        return None
    msg = f"is {described(value)}: write text"
    raise ValueError(msg)


def _number(value: object) -> int | None:
    """Return a whole number, or None; pandas writes integers with nulls as floats."""
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    if isinstance(value, float) and value != value:
        return None
    if isinstance(value, float) and value.is_integer():
        return int(value)
    msg = f"is {described(value)}: write a whole number"
    raise ValueError(msg)


def _instant(value: object) -> datetime | None:
    if value is None or isinstance(value, datetime):
        return value
    msg = f"is {described(value)}: give a column of instants"
    raise ValueError(msg)


def _texts(value: object) -> tuple[str, ...]:
    """Return a list of texts; none for null, or what pandas writes for it."""
    if value is None or value != value:
        return ()
    if isinstance(value, list) and all(isinstance(text, str) for text in value):
        return tuple(value)
    msg = f"is {described(value)}: write a list of texts"
    raise ValueError(msg)


_READ_BY_KIND = (
    ({parts.Kind.NUMBER, parts.Kind.VERSION, parts.Kind.DAY}, _number),
    ({parts.Kind.TEXT, *parts.INNER}, _text),
    ({parts.Kind.INSTANT}, _instant),
    ({parts.Kind.TEXTS}, _texts),
)
# What reads a column; those of dates, payloads, places and citations are read together.
_READS: Mapping[str, Callable[[object], object]] = {
    "known_day" if part.kind is parts.Kind.DAY else part.name: read
    for kinds, read in _READ_BY_KIND
    for part in _KEPT
    if part.kind in kinds and part.name not in NEEDED
}
READ = (*NEEDED, *_READS, "where", "cite")
_OF_ENTRIES = {part.name for part in parts.ENTRY[1:]} & {*_READS}
_READ_ALONE = {part.name for part in parts.BESIDE} & {*_READS}


def place_in(cell: object) -> Place | None:
    """Return the place in a cell.

    Raises:
        EventError: The cell is neither null nor a struct of the parts of a place.
    """
    if cell is None:
        return None
    if not isinstance(cell, dict):
        raise EventError(cell, "is not a place: write a struct with a name")
    # Readers fill in nulls, and pandas what is not a number.
    parts = {name: part for name, part in cell.items() if part is not None}
    parts = {name: part for name, part in parts.items() if part == part}
    try:
        return Place(**parts) if parts else None
    except TypeError as error:
        raise EventError(cell, f"is not a place: {error}") from None


def citations_of(cite: object) -> Iterable[Citation]:
    """Yield the citations in a cell.

    Raises:
        EventError: The cell is neither null nor a list of structs with a title.
        EdtfError: A day of publication is not a date.
    """
    if cite is None:
        return
    remedy = "write a list of structs with a title"
    if not isinstance(cite, list):
        raise EventError(cite, f"is not a list: {remedy}")
    for index, place in enumerate(cite):
        if not isinstance(place, dict):
            raise EventError(place, f"is item {index}: {remedy}")
        try:
            texts = {name: _text(place.get(name)) for name in table.CITED}
        except ValueError as error:
            msg = f"item {index} has a part that {error}"
            raise ValueError(msg) from None
        _needed("title", texts["title"])
        yield table.citation_of(texts.values())
