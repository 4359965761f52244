"""Entries as JSON, one line each: all that they say, written in one way only."""

from __future__ import annotations

import types
from collections.abc import Callable
from datetime import date, datetime
from enum import Enum
from functools import lru_cache

import attrs
from msgspec import Raw, Struct

from bri_timeline._codec._conversion import classes_in, payload_fields
from bri_timeline._codec._decoding import decode_entry
from bri_timeline._codec._json import LARGEST, encode_payload
from bri_timeline._codec._lines import (
    EncodedEntry,
    EncodedEvent,
    citations_from,
    citations_text,
    instant_from,
    instant_text,
    write_json,
)
from bri_timeline._codec._structs import cached_edtf, unchecked_decoder
from bri_timeline._codec._vocabulary import Unknown, Vocabulary
from bri_timeline._events import Entry, Event
from bri_timeline._evidence import Citation
from bri_timeline.edtf import Edtf
from bri_timeline.errors import EntryError, FaultsError, shown


__all__ = [
    "EntryEncoder",
    "check_equal",
    "encode_entry",
    "encode_event",
    "encode_line",
    "encode_recorded_at",
]


# All entries of one append have one instant.
_text = lru_cache(maxsize=64)(instant_text)
_LAST_DATE = date.max.toordinal()


def encode_entry(entry: Entry, vocabulary: Vocabulary) -> bytes:
    """Return an entry as one line of JSON, without a line break.

    Equal entries that were recorded at one instant give equal bytes, as far as their
    payloads do (see `Vocabulary.encode()`). What is returned can be read again, and is
    then equal; anything else is refused here, and not when it is needed.

    The day of knowledge is ISO text, for people, where ISO 8601 has a text of four
    digits for the year; else it is the day number, as in `Entry.known_day`. What is
    absent is left out. The data of an `Unknown` is put in byte for byte.

    Args:
        entry: The entry.
        vocabulary: The payload classes.

    Raises:
        VocabularyError: The payload is of no class of the vocabulary, or is nothing
            that JSON can hold.
        EntryError: Something else in it cannot be kept.
    """
    event = entry.event
    data = _written(entry, None if event is None else _claim(entry, event, vocabulary))
    _verify(data, entry, vocabulary)
    return data


def _written(entry: Entry, claim: EncodedEvent | None) -> bytes:
    try:
        return write_json(
            EncodedEntry(
                entry.position,
                _day(entry.known_day),
                entry.supersedes,
                entry.retracts,
                entry.because,
                None if entry.recorded_at is None else _text(entry.recorded_at),
                claim,
            )
        )
    except (TypeError, ValueError, OverflowError, AttributeError) as error:
        raise _cannot_encode(entry, error) from None


def _day(number: int | None) -> date | int | None:
    is_date = number is not None and 1 <= number <= _LAST_DATE
    return date.fromordinal(number) if is_date and number is not None else number


def _claim(entry: Entry, event: Event, vocabulary: Vocabulary) -> EncodedEvent:
    try:
        return encode_event(event, vocabulary)
    except (TypeError, ValueError, OverflowError, AttributeError) as error:
        raise _cannot_encode(entry, error) from None


def encode_event(event: Event, vocabulary: Vocabulary) -> EncodedEvent:
    """Return an event as it is written in the line of an entry.

    Raises:
        VocabularyError: The payload is of no class of the vocabulary, or is nothing
            that JSON can hold.
    """
    what = event.what
    return EncodedEvent(
        vocabulary.name_of(what),
        vocabulary.version_of(what),
        Raw(vocabulary.encode(what)),
        str(event.when),
        event.id if isinstance(event.key, str) else None,
        citations_text(event.cite),
    )


def _verify(data: bytes, entry: Entry, vocabulary: Vocabulary) -> None:
    """Make sure that an entry can be read again, and is then the same.

    Raises:
        EntryError: It cannot, or is not.
    """
    is_unknown = entry.event is not None and isinstance(entry.event.what, Unknown)
    try:
        again = decode_entry(data, Vocabulary() if is_unknown else vocabulary)
    except FaultsError as error:
        raise _cannot_encode(entry, "; ".join(map(str, error.faults))) from None
    if again != entry:
        raise _cannot_encode(entry, "it would not come back equal")


def _cannot_encode(entry: Entry, why: object) -> EntryError:
    place = f"entry {shown(entry.position)}"
    return EntryError(entry.position, f"{place} cannot be kept: {why}")


_CANONICAL = (str, int, date, Edtf, Enum, types.NoneType, frozenset, tuple)
_LONGEST_DATE = 64
_LONGEST_KEPT = 2048
Cite = tuple[Citation, ...]
_Encode = Callable[[object], bytes | None]


class ClassEncoder(Struct, frozen=True):
    """How payloads of a class are written.

    Attributes:
        kind: The name of the class.
        version: Its version.
        opening: What the JSON of such an event begins with.
        write: From a payload to its JSON; None where it might not come back equal.
        is_canonical: Whether equal payloads give equal JSON.
    """

    kind: str
    version: int
    opening: bytes
    encode: _Encode
    is_canonical: bool


class EntryEncoder:
    """What writes events.

    Args:
        vocabulary: The payload classes.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._encoders: dict[type, ClassEncoder] = {}

    def encode(self, event: Event) -> tuple[ClassEncoder, bytes, bytes] | None:
        """Return how an event is said in the line of an entry.

        Returns:
            How payloads of its class are written, its payload as JSON, and all of it;
            None where it takes care to tell whether it would come back equal.

        Raises:
            VocabularyError: The payload is of no class of the vocabulary.
        """
        what, name = event.what, event.key
        encoder = self._encoders.get(what.__class__) or self._encoder_of(what)
        try:
            data = encoder.encode(what)
            if data is None:
                return None
            text = encoder.opening + data + _when(event.when)
            if isinstance(name, str):
                text += b',"id":' + write_json(name)
            return encoder, data, text + _cited(event.cite)
        except Exception:  # converters are anybody's code; the careful way tells
            return None

    def _encoder_of(self, what: object) -> ClassEncoder:
        cls: type = type(what)
        vocabulary = self._vocabulary
        name, version = vocabulary.name_of(what), vocabulary.version_of(what)
        opening = b'{"kind":%b,"version":%d,"what":' % (write_json(name), version)
        if isinstance(what, Unknown):
            return ClassEncoder(name, version, opening, _not_fast, is_canonical=True)
        encoder = ClassEncoder(name, version, opening, _encoder(cls), is_canonical(cls))
        self._encoders[cls] = encoder
        return encoder


def _encoder(cls: type) -> _Encode:
    """Return an encoder that decodes each payload again and compares it."""
    decode = unchecked_decoder(cls)
    if decode is None:
        return _not_fast

    def encode_verified(what: object) -> bytes | None:
        data = encode_payload(what)
        return data if decode(data) == what else None

    return encode_verified


def _not_fast(_what: object) -> None:
    return None


@lru_cache(maxsize=1024)
def is_canonical(cls: type) -> bool:
    """Check whether equal payloads of a class always have the same JSON.

    A `Decimal` prevents it: 1.0 and 1.00 are equal.
    """
    return _are_canonical(cls, frozenset())


def _are_canonical(cls: type, within: frozenset[type]) -> bool:
    return all(
        issubclass(found, _CANONICAL)
        or (
            attrs.has(found)
            and found not in within
            and _are_canonical(found, within | {cls})
        )
        for part in payload_fields(cls).values()
        for found in classes_in(part.type)
    )


class _TooLongError(Exception):
    """What is not worth keeping."""


def _when(when: Edtf) -> bytes:
    try:
        return _kept_date(when)
    except _TooLongError as error:
        return bytes(error.args[0])


@lru_cache(maxsize=1 << 15)
def _kept_date(when: Edtf) -> bytes:
    text = str(when)
    check_equal(cached_edtf(text), when)
    return _worth(b',"when":' + write_json(text), _LONGEST_DATE)


def _cited(cite: Cite) -> bytes:
    try:
        return _kept(cite)
    except _TooLongError as error:
        return bytes(error.args[0])


@lru_cache(maxsize=1 << 12)
def _kept(cite: Cite) -> bytes:
    data = bytes(citations_text(cite))
    check_equal(citations_from(data), cite)
    return _worth(b',"cite":%b}' % data if data else b"}", _LONGEST_KEPT)


def check_equal(again: object, given: object) -> None:
    """Make sure that something would come back equal.

    Raises:
        ValueError: It would not.
    """
    if again != given:
        msg = f"{given} would not come back equal"
        raise ValueError(msg)


def _worth(text: bytes, most: int) -> bytes:
    if len(text) > most:
        raise _TooLongError(text)
    return text


# --- lines ----------------------------------------------------------------------------
def encode_line(
    position: int, known: int | None, instant: bytes, event: bytes
) -> bytes | None:
    """Return the line of an entry that claims something and is no more than that.

    Args:
        position: Its position.
        known: The day from which it was known.
        instant: When it is written down, as `encode_recorded_at()` gives it.
        said: What it claims, as a `Scribe` says it.

    Returns:
        None where it takes care to tell.
    """
    day = b"" if known is None else _known(known)
    found = b'{"position":%d%b%b,"event":%b}' % (position, day, instant, event)
    return found if len(found) <= LARGEST else None


@lru_cache(maxsize=1 << 12)
def _known(day: int) -> bytes:
    shown = date.fromordinal(day) if 1 <= day <= _LAST_DATE else day
    return b',"known":' + write_json(shown)


def encode_recorded_at(instant: datetime) -> bytes:
    """Return an instant as it stands in a line.

    Raises:
        ValueError: It has no time zone, or would not come back equal.
    """
    text = instant_text(instant)
    check_equal(instant_from(text), instant)
    return b',"recorded_at":' + write_json(text)
