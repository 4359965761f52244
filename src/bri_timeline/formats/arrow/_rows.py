"""Convert entries to rows of Arrow, and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

import attrs

from bri_timeline import Citation, Entry, Event, Place, Source, Unknown, Vocabulary
from bri_timeline._codec import erased_from, erased_text, release_from, release_text
from bri_timeline._evidence import SOURCE_FIELDS
from bri_timeline.errors import (
    BriTimelineError,
    EntryError,
    EventError,
    FaultsError,
    VocabularyError,
)
from bri_timeline.extend import described, given_id, without_review
from bri_timeline.formats._files import LONGEST, Faults
from bri_timeline.formats._flat import day_of, days_of


__all__ = [
    "CITED",
    "NEEDED",
    "READ",
    "Row",
    "citations_of",
    "entry_of",
    "place_in",
    "row_of",
]


Row = Mapping[str, object]
NEEDED = ("kind", "what", "when")
_NUMBERS = ("position", "version", "known_day", "supersedes", "retracts")
_TEXTS = ("id", "because", "dataset", "release", "erased")
READ = (*NEEDED, *_NUMBERS, *_TEXTS, "where", "cite", "recorded_at")
CITED = (*SOURCE_FIELDS, "locator", "quote")


def row_of(entry: Entry, vocabulary: Vocabulary) -> Row:
    """Return an entry as a row.

    Raises:
        VocabularyError: The vocabulary lacks the class of its payload.
        EntryError: Its payload is longer than `load()` allows.
    """
    # Whoever reads a table need not know what a proposal is.
    entry = without_review(entry)
    row: dict[str, object] = {
        "position": entry.position,
        "known": day_of(entry.known_day),
        "known_day": entry.known_day,
        "supersedes": entry.supersedes,
        "retracts": entry.retracts,
        "because": entry.because,
        "recorded_at": entry.recorded_at,
        "dataset": entry.dataset,
        "release": release_text(entry.release, vocabulary),
        "erased": erased_text(entry.erased),
    }
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
    earliest, latest = days_of(event.when)
    return row | {
        # Without an id of its own, an event is identified by its content.
        "id": given_id(event),
        "kind": vocabulary.name_of(what),
        "version": vocabulary.version_of(what),
        "what": data.decode(),
        "when": str(event.when),
        "earliest": earliest,
        "latest": latest,
        "parties": sorted(event.parties),
        "where": event.where and attrs.asdict(event.where, recurse=False),
        "cite": [_cited(citation) for citation in event.cite],
    }


def _cited(citation: Citation) -> Row:
    found = {name: getattr(citation.source, name) for name in SOURCE_FIELDS}
    texts = {name: None if part is None else str(part) for name, part in found.items()}
    return {**texts, "locator": citation.locator, "quote": citation.quote}


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
    numbers = {}
    for name in _NUMBERS:
        try:
            numbers[name] = _number(row.get(name))
        except ValueError as error:
            faults.add(f"{place}: {name}", error)
    for name in _TEXTS:
        try:
            _text(row.get(name))
        except ValueError as error:
            faults.add(f"{place}: {name}", error)
    recorded_at = row.get("recorded_at")
    if not isinstance(recorded_at, datetime | None):
        problem = f"is {described(recorded_at)}: give a column of instants"
        faults.add(f"{place}: recorded_at", problem)
    if numbers.get("position") not in (None, position):
        problem = f"is {numbers['position']}: rows are in order, and here is {position}"
        faults.add(f"{place}: position", problem)
    for name in ("supersedes", "retracts"):
        target = numbers.get(name)
        if target is not None and not 0 <= target < position:
            faults.add(f"{place}: {name}", f"is {target}: name a row above")
    event = None
    # A retraction has none of these; a claim with some of them is a faulty claim.
    if any(row.get(name) is not None for name in NEEDED):
        event = _event(row, numbers.get("version"), vocabulary, place, faults)
    elif numbers.get("retracts") is row.get("position") is row.get("release") is None:
        faults.add(place, f"has none of {', '.join(NEEDED)}: say what happened")
    release, erased = None, None
    try:
        release = release_from(_text(row.get("release")), vocabulary)
    except ValueError as error:
        faults.add(f"{place}: release", error)
    try:
        erased = erased_from(_text(row.get("erased")))
    except ValueError as error:
        faults.add(f"{place}: erased", error)
    if erased is not None and event is not None:
        faults.add(f"{place}: erased", "belongs to a row that says nothing")
    if len(faults.found) > before:
        return None
    known = numbers["known_day"]
    # A null in an existing column means "known all along"; without the column the day
    # comes from the source.
    if known is None and "known_day" not in row and event is not None:
        known = event.known_day
    return Entry(
        position=position,
        event=event,
        known=known,
        supersedes=numbers["supersedes"],
        retracts=numbers["retracts"],
        because=_text(row.get("because")),
        recorded_at=recorded_at if isinstance(recorded_at, datetime) else None,
        dataset=_text(row.get("dataset")),
        release=release,
        erased=erased,
    )


def _event(
    row: Row, version: int | None, vocabulary: Vocabulary, place: str, faults: Faults
) -> Event | None:
    # Names the column in which a fault is reported, as far as reading got.
    column = ": cite"
    try:
        cite = [*citations_of(row.get("cite"))]
        column = ": where"
        where = place_in(row.get("where"))
        column = ""
        kind, what, when = (_needed(name, row.get(name)) for name in NEEDED)
        payload = vocabulary.decode(kind, what, version, unknown_ok=True)
        column = ": when"
        name = _text(row.get("id"))
        return Event(payload, when=when, where=where, cite=cite, id=name)
    except FaultsError as error:
        for fault in error.faults:
            faults.add(f"{place}: what.{fault.place}", fault.problem)
    except (BriTimelineError, VocabularyError, ValueError) as error:
        faults.add(f"{place}{column}", error)
    return None


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
            texts = {name: _text(place.get(name)) for name in CITED}
        except ValueError as error:
            msg = f"item {index} has a part that {error}"
            raise ValueError(msg) from None
        locator, quote = texts.pop("locator") or "", texts.pop("quote")
        source = Source(_needed("title", texts.pop("title")), **texts)
        yield source.at(locator, quote)
