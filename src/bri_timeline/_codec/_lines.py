"""What a line of JSON that holds an entry is made of, as msgspec reads and writes it.

A `Line` that gives other bytes than those it was read from was not written here: it may
have a name twice, which msgspec does not see.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Annotated, Protocol, cast

import msgspec
from msgspec import Raw, Struct

from bri_timeline._codec._structs import cached_edtf, from_plain
from bri_timeline._codec._vocabulary import MOST_VERSION
from bri_timeline._evidence import Citation, Source


__all__ = [
    "DecodedEntry",
    "EncodedEntry",
    "EncodedEvent",
    "citations_from",
    "citations_text",
    "instant_from",
    "instant_text",
    "read_line",
    "reader_of",
    "write_json",
]


_MOST_KEPT = 4096
_LONGEST_KEPT = 2048
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z"
).fullmatch
_NONE = Raw(b"")
_Number = Annotated[int, msgspec.Meta(ge=0, le=MOST_VERSION)]
_Version = Annotated[int, msgspec.Meta(ge=1, le=MOST_VERSION)]


class _Record(Struct, omit_defaults=True, forbid_unknown_fields=True, gc=False):
    """What absent fields are left out of, and nothing else may be in."""


class EncodedEvent(_Record):
    """An event."""

    kind: str
    version: _Version
    what: Raw
    when: str
    id: str | None = None
    cite: Raw = _NONE


class EncodedEntry(_Record):
    """An entry."""

    position: _Number
    known: date | int | None = None
    supersedes: _Number | None = None
    retracts: _Number | None = None
    because: str | None = None
    recorded_at: str | None = None
    event: EncodedEvent | None = None


class DecodedEvent(Protocol):
    """An event whose payload was read with it."""

    what: Struct
    when: str
    id: str | None
    cite: Raw


class DecodedEntry(Protocol):
    """An entry whose payload was read with it."""

    position: int
    known: date | int | None
    supersedes: int | None
    retracts: int | None
    because: str | None
    recorded_at: str | None
    event: DecodedEvent


class _Source(_Record):
    title: str
    published: str | None = None
    container: str | None = None
    author: str | None = None
    url: str | None = None


class _Citation(_Record):
    source: Raw
    locator: str = ""


def reader_of(struct: type[Struct]) -> Callable[[str], list[DecodedEntry]]:
    """Return what reads many lines whose payloads have the fields of a class.

    Args:
        struct: The class, whose instance then stands in the place of the JSON.
    """
    claim = msgspec.defstruct(
        "DecodedEvent",
        [("what", struct)],
        bases=(EncodedEvent,),
        kw_only=True,
        gc=False,
    )
    line = msgspec.defstruct(
        "DecodedEntry",
        [("event", claim)],
        bases=(EncodedEntry,),
        kw_only=True,
        gc=False,
    )
    decode = msgspec.json.Decoder(line, dec_hook=from_plain).decode_lines
    return cast("Callable[[str], list[DecodedEntry]]", decode)


read_line = msgspec.json.Decoder(EncodedEntry).decode
write_json = msgspec.json.Encoder().encode
_read_source = msgspec.json.Decoder(_Source).decode
_read_citations = msgspec.json.Decoder(tuple[_Citation, ...]).decode


def citations_text(cite: Iterable[Citation]) -> Raw:
    """Return citations as JSON; none of them as what is left out."""
    found = [_Citation(_source_raw(c.source), c.locator) for c in cite]
    return Raw(write_json(found)) if found else _NONE


def _source_raw(source: Source) -> Raw:
    published = None if source.published is None else str(source.published)
    return Raw(
        write_json(
            _Source(
                source.title, published, source.container, source.author, source.url
            )
        )
    )


def citations_from(data: bytes) -> tuple[Citation, ...]:
    """Return citations from their JSON, the same objects for the same short text.

    None from nothing, which is how none of them are written.

    Raises:
        ValueError: They were not written here.
    """
    if not data:
        return ()
    return _kept(data) if len(data) <= _LONGEST_KEPT else _citations(data)


def _citations(data: bytes) -> tuple[Citation, ...]:
    found = _read_citations(data)
    _check(found, data)
    return tuple(Citation(_source(bytes(c.source)), c.locator) for c in found)


def _source(data: bytes) -> Source:
    return _kept_source(data) if len(data) <= _LONGEST_KEPT else _source_in(data)


def _source_in(data: bytes) -> Source:
    held = _read_source(data)
    _check(held, data)
    return Source(
        held.title,
        published=None if held.published is None else cached_edtf(held.published),
        container=held.container,
        author=held.author,
        url=held.url,
    )


_kept = lru_cache(_MOST_KEPT)(_citations)
_kept_source = lru_cache(_MOST_KEPT)(_source_in)


def _check(held: object, data: bytes) -> None:
    if write_json(held) != data:
        msg = "was written in another way"
        raise ValueError(msg)


def instant_text(instant: datetime) -> str:
    """Return an instant in UTC, to the microsecond, so that text sorts as time does.

    Raises:
        ValueError: It has no time zone.
    """
    if instant.tzinfo is None:
        msg = f"{instant.isoformat()} is in no time zone: give an instant in UTC"
        raise ValueError(msg)
    plain = instant.astimezone(UTC).replace(tzinfo=None)
    return f"{plain.isoformat(timespec='microseconds')}Z"


def instant_from(text: str) -> datetime:
    """Return an instant from what `instant_text()` gave.

    Raises:
        ValueError: It was written in another way.
    """
    if not _INSTANT(text):
        raise ValueError(text)
    return datetime.fromisoformat(text)
