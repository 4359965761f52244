"""The shape of an entry's line of JSON, as msgspec reads and writes it.

If encoding an `EncodedEntry` again gives other bytes than it was decoded from, this
library did not write those: a name may be repeated, which msgspec overlooks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Annotated, Any, NamedTuple

import msgspec
from msgspec import Raw, Struct
from msgspec.structs import astuple

from bri_timeline._codec._structs import Kept, cached_edtf
from bri_timeline._codec._vocabulary import MOST_VERSION
from bri_timeline._events import Place
from bri_timeline._evidence import Citation, Source
from bri_timeline.edtf import Edtf


__all__ = [
    "EncodedColumns",
    "EncodedEntry",
    "EncodedErased",
    "EncodedEvent",
    "EncodedRelease",
    "EncodedReview",
    "all_citations_from",
    "citations_from",
    "citations_text",
    "instant_from",
    "instant_text",
    "parts_of",
    "place_from",
    "place_text",
    "read_line",
    "read_lines",
    "write_json",
]


_MOST_KEPT = 4096
_LONGEST_KEPT = 2048
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z"
).fullmatch
# msgspec leaves out a field only if it has its default, the same object.
_NONE = Raw(b"")
_Number = Annotated[int, msgspec.Meta(ge=0, le=MOST_VERSION)]
_Version = Annotated[int, msgspec.Meta(ge=1, le=MOST_VERSION)]


class _Record(Struct, omit_defaults=True, forbid_unknown_fields=True, gc=False):
    """A JSON object without its absent fields, and without any unknown ones."""


class EncodedEvent(_Record):
    """An event; its payload, place and citations are JSON."""

    kind: str
    version: _Version
    what: Raw
    when: str
    where: Raw = _NONE
    id: str | None = None
    cite: Raw = _NONE


class EncodedColumns(NamedTuple):
    """Events as they stand in lines: the fields of `EncodedEvent` in columns."""

    kinds: Sequence[str]
    versions: Sequence[int]
    whats: Sequence[Raw]
    whens: Sequence[str]
    wheres: Sequence[Raw]
    names: Sequence[str | None]
    cites: Sequence[Raw]

    @classmethod
    def of(cls, events: Iterable[EncodedEvent]) -> EncodedColumns:
        """Return some events, at least one, in columns."""
        # As tuples, since reading a field of ten takes longer than taking one apart.
        return cls(*zip(*map(astuple, events), strict=True))

    def only(self, places: Sequence[int]) -> EncodedColumns:
        """Return the events at some places; of all of them, themselves."""
        if len(places) == len(self.kinds):
            return self
        some: Any = ([column[place] for place in places] for column in self)
        return EncodedColumns(*some)

    def is_all(self, kind: str, version: int) -> bool:
        """Check whether all events are of one kind and version."""
        kinds, versions, *_ = self
        return kinds.count(kind) == versions.count(version) == len(kinds)


class EncodedReview(_Record):
    """The part of an entry in the review of proposals."""

    by: str
    supersedes: _Number | None = None
    accepts: _Number | None = None
    rejects: _Number | None = None
    proposes: EncodedEvent | None = None


class EncodedRelease(_Record):
    """The scope of a release, and what it repeats beyond that."""

    kinds: tuple[str, ...] = ()
    parties: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    days: str | None = None
    repeats: tuple[str, ...] = ()
    instant: datetime | None = None


class EncodedErased(_Record):
    """The rest of words that were erased."""

    words: str | None = None
    id: str | None = None
    line: str | None = None
    because: str | None = None
    at: str | None = None


class EncodedEntry(_Record):
    """An entry, in the order of the fields of its line."""

    position: _Number
    known: date | int | None = None
    supersedes: _Number | None = None
    retracts: _Number | None = None
    because: str | None = None
    recorded_at: str | None = None
    review: EncodedReview | None = None
    dataset: str | None = None
    release: EncodedRelease | None = None
    erased: EncodedErased | None = None
    event: EncodedEvent | None = None


class _Place(_Record):
    name: str = ""
    latitude: float | None = None
    longitude: float | None = None
    precision: str | None = None


class _Source(_Record):
    title: str
    published: str | None = None
    container: str | None = None
    author: str | None = None
    url: str | None = None
    accessed: str | None = None
    archived: str | None = None
    digest: str | None = None


class _Citation(_Record):
    source: Raw
    locator: str = ""
    quote: str | None = None


_entry_decoder = msgspec.json.Decoder(EncodedEntry)
read_line, read_lines = _entry_decoder.decode, _entry_decoder.decode_lines
write_json = msgspec.json.Encoder().encode
_read_source = msgspec.json.Decoder(_Source).decode
_read_place = msgspec.json.Decoder(_Place).decode
_read_citations = msgspec.json.Decoder(tuple[_Citation, ...]).decode


def place_text(where: Place | None) -> Raw:
    """Encode a place as JSON; without one, the field is left out."""
    return _NONE if where is None else _place_raw(where)


# Many events of a log happened in one place.
@lru_cache(_MOST_KEPT)
def _place_raw(where: Place) -> Raw:
    parts = where.name, where.latitude, where.longitude, where.precision
    return Raw(write_json(_Place(*parts)))


def place_from(data: bytes) -> Place | None:
    """Decode a place; equal ones share an object. Empty data gives None.

    Raises:
        ValueError: The JSON is not as `place_text()` writes it, or not a place.
    """
    return _places[data] if data else None


def _place(data: bytes) -> Place:
    held = _read_place(data)
    _check(held, data)
    return Place(held.name, held.latitude, held.longitude, held.precision)


def citations_text(cite: Iterable[Citation]) -> Raw:
    """Encode citations as JSON; without any, the field is left out."""
    found = [_Citation(_source_raw(c.source), c.locator, c.quote) for c in cite]
    return Raw(write_json(found)) if found else _NONE


def _source_raw(source: Source) -> Raw:
    return Raw(
        write_json(
            _Source(
                source.title,
                _date_text(source.published),
                source.container,
                source.author,
                source.url,
                _date_text(source.accessed),
                source.archived,
                source.digest,
            )
        )
    )


def _date_text(date: Edtf | None) -> str | None:
    return None if date is None else str(date)


def citations_from(data: bytes) -> tuple[Citation, ...]:
    """Decode citations; short JSON is cached, so that equal ones share an object.

    Empty data, as `citations_text()` returns it for none, gives an empty tuple.

    Raises:
        ValueError: The JSON is not as `citations_text()` writes it.
    """
    return _cited[data]


def parts_of(column: Iterable[Raw]) -> list[bytes]:
    """Return parts of lines as bytes: more of them if there are line breaks within."""
    return b"\n".join(column).split(b"\n")


def all_citations_from(some: Iterable[bytes]) -> list[tuple[Citation, ...]]:
    """Return the citations of each, as by `citations_from()`, in half the time."""
    return [*map(_cited.__getitem__, some)]


def _citations(data: bytes) -> tuple[Citation, ...]:
    if not data:
        return ()
    found = _read_citations(data)
    _check(found, data)
    return tuple(Citation(_sources[bytes(c.source)], c.locator, c.quote) for c in found)


def _source(data: bytes) -> Source:
    held = _read_source(data)
    _check(held, data)
    return Source(
        held.title,
        published=None if held.published is None else cached_edtf(held.published),
        container=held.container,
        author=held.author,
        url=held.url,
        accessed=None if held.accessed is None else cached_edtf(held.accessed),
        archived=held.archived,
        digest=held.digest,
    )


# Entries share citations, and citations share sources: two levels of caching.
_cited = Kept(_citations, _MOST_KEPT, _LONGEST_KEPT)
_sources = Kept(_source, _MOST_KEPT, _LONGEST_KEPT)
_places = Kept(_place, _MOST_KEPT, _LONGEST_KEPT)


def _check(held: object, data: bytes) -> None:
    if write_json(held) != data:
        msg = "is not as this library writes it"
        raise ValueError(msg)


def instant_text(instant: datetime) -> str:
    """Return an instant in UTC, to the microsecond, as text that sorts by time.

    Raises:
        ValueError: It has no time zone.
    """
    if instant.tzinfo is None:
        msg = f"{instant.isoformat()} has no time zone: give an instant in UTC"
        raise ValueError(msg)
    plain = instant.astimezone(UTC).replace(tzinfo=None)
    return f"{plain.isoformat(timespec='microseconds')}Z"


def instant_from(text: str) -> datetime:
    """Return an instant from its text.

    Raises:
        ValueError: The text is not as `instant_text()` writes it.
    """
    # fromisoformat() accepts many other forms, which would not come back equal.
    if not _INSTANT(text):
        raise ValueError(text)
    return datetime.fromisoformat(text)
