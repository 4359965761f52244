"""Entries as rows of Arrow, and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from bri_timeline._codec import Unknown, Vocabulary
from bri_timeline._codec._wording import described
from bri_timeline._events import Entry, Event
from bri_timeline._evidence import Citation, Source
from bri_timeline.errors import BriTimelineError, FaultsError, VocabularyError
from bri_timeline.formats._files import Faults
from bri_timeline.formats._told import day_of, days_of


__all__ = ["NEEDED", "Row", "citations_of", "entry_of", "row_of"]

Row = Mapping[str, object]
NEEDED = ("kind", "what", "when")
_SOURCE = ("title", "published", "container", "author", "url")


def row_of(entry: Entry, vocabulary: Vocabulary) -> Row:
    """Return an entry as a row.

    Raises:
        VocabularyError: Its payload is of no class of the vocabulary.
    """
    row: dict[str, object] = {
        "position": entry.position,
        "known": day_of(entry.known_day),
        "known_day": entry.known_day,
        "supersedes": entry.supersedes,
        "retracts": entry.retracts,
        "because": entry.because,
        "recorded_at": entry.recorded_at,
    }
    event = entry.event
    if event is None:
        return row
    what = event.what
    data = what.data if isinstance(what, Unknown) else vocabulary.encode(what)
    earliest, latest = days_of(event.when)
    return row | {
        "id": event.id if isinstance(event.key, str) else None,
        "kind": vocabulary.name_of(what),
        "version": vocabulary.version_of(what),
        "what": data.decode(),
        "when": str(event.when),
        "earliest": earliest,
        "latest": latest,
        "parties": sorted(event.parties),
        "cite": [_cited(citation) for citation in event.cite],
    }


def _cited(citation: Citation) -> Row:
    source = citation.source
    return {
        "title": source.title,
        "published": None if source.published is None else str(source.published),
        "container": source.container,
        "author": source.author,
        "url": source.url,
        "locator": citation.locator,
    }


def entry_of(
    row: Row, position: int, vocabulary: Vocabulary, faults: Faults
) -> Entry | None:
    """Return the entry of a row, or note what is wrong with it.

    Args:
        row: By column; what is absent is as if it were null.
        position: How many rows there are above.
        vocabulary: The payload classes.
        faults: Where faults are noted.
    """
    place = f"row {position}"
    before = len(faults.found)
    numbers = {}
    for name in ("position", "version", "known_day", "supersedes", "retracts"):
        try:
            numbers[name] = _number(row.get(name))
        except ValueError as error:
            faults.add(f"{place}: {name}", error)
    if numbers.get("position") not in (None, position):
        problem = f"is {numbers['position']}: rows are in order, and here is {position}"
        faults.add(f"{place}: position", problem)
    for name in ("supersedes", "retracts"):
        target = numbers.get(name)
        if target is not None and not 0 <= target < position:
            faults.add(f"{place}: {name}", f"is {target}: name a row above")
    event = None
    if any(row.get(name) is not None for name in NEEDED):
        event = _event(row, numbers.get("version"), vocabulary, place, faults)
    elif numbers.get("retracts") is None and row.get("position") is None:
        faults.add(place, f"has none of {', '.join(NEEDED)}: say what happened")
    if len(faults.found) > before:
        return None
    known = numbers["known_day"]
    if known is None and "known_day" not in row and event is not None:
        known = event.known_day
    recorded_at = row.get("recorded_at")
    return Entry(
        position=position,
        event=event,
        known=known,
        supersedes=numbers["supersedes"],
        retracts=numbers["retracts"],
        because=_text(row.get("because")),
        recorded_at=recorded_at if isinstance(recorded_at, datetime) else None,
    )


def _event(
    row: Row, version: int | None, vocabulary: Vocabulary, place: str, faults: Faults
) -> Event | None:
    column = ": cite"
    try:
        cite = [*citations_of(row.get("cite"))]
        column = ""
        kind, what, when = (_needed(name, row.get(name)) for name in NEEDED)
        payload = vocabulary.decode(kind, what, version, unknown_ok=True)
        column = ": when"
        return Event(payload, when=when, cite=cite, id=_text(row.get("id")))
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
    return value if isinstance(value, str) else None


def _number(value: object) -> int | None:
    """Return a whole number; with nulls between them, pandas makes floats of those."""
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    if isinstance(value, float) and value != value:
        return None
    if isinstance(value, float) and value.is_integer():
        return int(value)
    msg = f"is {described(value)}: write a whole number"
    raise ValueError(msg)


def citations_of(cite: object) -> Iterable[Citation]:
    """Yield the citations that a cell holds."""
    for place in cite if isinstance(cite, list) else ():
        texts = {name: _text(place.get(name)) for name in _SOURCE[1:]}
        source = Source(_needed("title", place.get("title")), **texts)
        yield source.at(_text(place.get("locator")) or "")
