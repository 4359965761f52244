"""Encode entries as lines of JSON: one by one, or in batches."""

from __future__ import annotations

import types
from collections.abc import Callable, Sequence
from datetime import date, datetime
from enum import Enum
from functools import lru_cache

import attrs
from msgspec import Raw, Struct

from bri_timeline._codec._conversion import classes_in, payload_fields
from bri_timeline._codec._decoding import decode_entry
from bri_timeline._codec._json import LARGEST, encode_payloads
from bri_timeline._codec._lines import (
    EncodedEntry,
    EncodedEvent,
    EncodedRelease,
    EncodedReview,
    citations_from,
    citations_text,
    instant_from,
    instant_text,
    place_from,
    place_text,
    write_json,
)
from bri_timeline._codec._structs import cached_edtf, lines_decoder
from bri_timeline._codec._vocabulary import Unknown, Vocabulary
from bri_timeline._events import Entry, Event, Place
from bri_timeline._evidence import Citation
from bri_timeline._scope import Release
from bri_timeline.edtf import Edtf
from bri_timeline.errors import EntryError, FaultsError, VocabularyError, shown


__all__ = [
    "EntryEncoder",
    "check_equal",
    "encode_entry",
    "encode_event",
    "encode_line",
    "encode_recorded_at",
    "release_text",
]


# All entries of one append share an instant.
_text = lru_cache(maxsize=64)(instant_text)
_LAST_DATE = date.max.toordinal()


def encode_entry(entry: Entry, vocabulary: Vocabulary) -> bytes:
    """Encode an entry as one line of JSON, without a line break.

    Equal entries that were recorded at one instant give equal bytes, as far as their
    payloads do (see `Vocabulary.encode()`). The line is decoded again and compared: an
    entry that would not come back equal is refused when it is written.

    The day of knowledge is ISO text if its year has four digits, else the day number,
    as in `Entry.known_day`. Absent fields are left out. The data of an `Unknown` is
    copied byte for byte.

    Args:
        entry: The entry.
        vocabulary: The payload classes.

    Raises:
        VocabularyError: The vocabulary lacks the class of the payload, or JSON has no
            form for it.
        EntryError: Another part of it cannot be kept.
    """
    event, review = entry.event, entry.review
    claim = None if event is None else _claim(entry, event, vocabulary)
    proposed = None
    if review is not None and review.proposes is not None:
        proposed = _claim(entry, review.proposes, vocabulary)
    release = _release(entry.release, vocabulary)
    data = _written(entry, proposed, release, claim)
    _verify(data, entry, vocabulary)
    return data


def _written(
    entry: Entry,
    proposed: EncodedEvent | None,
    release: EncodedRelease | None,
    claim: EncodedEvent | None,
) -> bytes:
    review = entry.review
    try:
        return write_json(
            EncodedEntry(
                entry.position,
                _day(entry.known_day),
                entry.supersedes,
                entry.retracts,
                entry.because,
                None if entry.recorded_at is None else _text(entry.recorded_at),
                None
                if review is None
                else EncodedReview(
                    review.by,
                    review.supersedes,
                    review.accepts,
                    review.rejects,
                    proposed,
                ),
                entry.dataset,
                release,
                claim,
            )
        )
    except (TypeError, ValueError, OverflowError, AttributeError) as error:
        raise _cannot_encode(entry, error) from None


def _release(release: Release | None, vocabulary: Vocabulary) -> EncodedRelease | None:
    if release is None:
        return None
    covers, names = release.covers, vocabulary._names
    kinds = (k if isinstance(k, str) else names.get(k) for k in covers.kinds)
    found = [*kinds]
    if None in found:
        lacking = sorted(k.__name__ for k in covers.kinds if isinstance(k, type))
        problem = f"the vocabulary lacks a kind that a release covers: {lacking}"
        raise VocabularyError(release, f"{problem}; add its class")
    return EncodedRelease(
        tuple(sorted(filter(None, found))),
        tuple(sorted(covers.parties)),
        tuple(sorted(covers.any_of)),
        None if covers.days is None else str(covers.days),
        release.repeats,
    )


def release_text(release: Release | None, vocabulary: Vocabulary) -> str | None:
    """Return a release as JSON text.

    Raises:
        VocabularyError: The vocabulary lacks a kind that it covers.
    """
    found = _release(release, vocabulary)
    return None if found is None else write_json(found).decode()


def _day(number: int | None) -> date | int | None:
    is_date = number is not None and 1 <= number <= _LAST_DATE
    return date.fromordinal(number) if is_date and number is not None else number


def _claim(entry: Entry, event: Event, vocabulary: Vocabulary) -> EncodedEvent:
    try:
        return encode_event(event, vocabulary)
    except (TypeError, ValueError, OverflowError, AttributeError) as error:
        raise _cannot_encode(entry, error) from None


def encode_event(event: Event, vocabulary: Vocabulary) -> EncodedEvent:
    """Encode an event as it stands in the line of an entry.

    Raises:
        VocabularyError: The vocabulary lacks the class of the payload, or JSON has no
            form for it.
    """
    what = event.what
    return EncodedEvent(
        vocabulary.name_of(what),
        vocabulary.version_of(what),
        Raw(vocabulary.encode(what)),
        str(event.when),
        place_text(event.where),
        event.id if isinstance(event.key, str) else None,
        citations_text(event.cite),
    )


def _verify(data: bytes, entry: Entry, vocabulary: Vocabulary) -> None:
    """Check that an entry can be decoded again, and is then equal.

    Raises:
        EntryError: It cannot be, or is not.
    """
    # Without a vocabulary an `Unknown` is decoded as such even if the vocabulary has a
    # class of its name, into which it would be decoded otherwise.
    review = entry.review
    event = entry.event if review is None else review.proposes or entry.event
    is_unknown = event is not None and isinstance(event.what, Unknown)
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
# Longer texts are rarely repeated, and would fill the caches.
_LONGEST_DATE = 64
_LONGEST_KEPT = 2048
_FEW = 32
Cite = tuple[Citation, ...]
_Encode = Callable[[Sequence[object]], list[bytes]]


class ClassEncoder(Struct, frozen=True):
    """The encoder of the payloads of one class.

    It raises an exception if one of them would not come back equal.

    Attributes:
        kind: The name of the class.
        version: Its version.
        opening: The beginning of the JSON of such an event.
        encode: Encodes payloads.
        is_canonical: Whether equal payloads have equal JSON.
    """

    kind: str
    version: int
    opening: bytes
    encode: _Encode
    is_canonical: bool


_Encoded = tuple[ClassEncoder, bytes, bytes]


class EntryEncoder:
    """Batch encoder for entries; each part is encoded and verified once.

    Args:
        vocabulary: The payload classes.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._encoders: dict[type, ClassEncoder] = {}

    def encode(self, events: Sequence[Event]) -> list[_Encoded | None]:
        """Encode events for the lines of entries.

        Returns:
            For each the encoder of its class, its payload as JSON, and the event as
            JSON; None if only `encode_entry()` can encode it, or find what prevents
            that.

        Raises:
            VocabularyError: The vocabulary lacks the class of a payload.
        """
        places: dict[type, list[int]] = {}
        for place, event in enumerate(events):
            places.setdefault(event.what.__class__, []).append(place)
        found: list[_Encoded | None] = [None] * len(events)
        for some in places.values():
            alike = [events[place] for place in some]
            encoder = self._encoder_of(alike[0].what)
            if encoder is not None:
                for place, encoded in zip(some, _encoded(encoder, alike), strict=True):
                    found[place] = encoded
        return found

    def _encoder_of(self, what: object) -> ClassEncoder | None:
        """Return the encoder of a class; None if `encode_entry()` has to encode it."""
        cls: type = type(what)
        known = self._encoders.get(cls)
        # The vocabulary need not have an `Unknown`: it has a kind of its own.
        if known is not None or isinstance(what, Unknown):
            return known
        name = self._vocabulary.name_of(what)
        version = self._vocabulary.version_of(what)
        encode = _encoder(cls)
        if encode is None:
            return None
        opening = b'{"kind":%b,"version":%d,"what":' % (write_json(name), version)
        canonical = is_canonical(cls)
        encoder = ClassEncoder(name, version, opening, encode, is_canonical=canonical)
        self._encoders[cls] = encoder
        return encoder


def _encoded(
    encoder: ClassEncoder, events: Sequence[Event]
) -> Sequence[_Encoded | None]:
    """Encode events whose payloads have one class."""
    try:
        opening = encoder.opening
        payloads = encoder.encode([event.what for event in events])
        return [
            (encoder, data, opening + data + when + where + name + cited)
            for data, when, where, name, cited in zip(
                payloads,
                [_when(event.when) for event in events],
                [b"" if e.where is None else _where(e.where) for e in events],
                [_named(event.key) for event in events],
                [_cited(event.cite) for event in events],
                strict=True,
            )
        ]
    except Exception:  # encode_entry() reports the reason, or succeeds
        if len(events) == 1:
            return [None]
    # In small parts, so that one event does not slow down all the others.
    size = _FEW if len(events) > _FEW else 1
    return [
        encoded
        for start in range(0, len(events), size)
        for encoded in _encoded(encoder, events[start : start + size])
    ]


def _encoder(cls: type) -> _Encode | None:
    """Return an encoder that decodes each payload again and compares it."""
    decode = lines_decoder(cls)
    if decode is None:
        return None

    def encode_verified(payloads: Sequence[object]) -> list[bytes]:
        data = encode_payloads(cls, payloads)
        # For every payload: proving whole classes lossless saves 4 % of an append.
        if decode(data) != payloads:
            raise ValueError(cls)
        # JSON escapes line breaks in text, so that these are the ends of payloads.
        return data[:-1].split(b"\n")

    return encode_verified


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
    """A text that is too long for the cache: raising keeps it out of that."""


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


@lru_cache(maxsize=1 << 12)
def _where(where: Place) -> bytes:
    text = bytes(place_text(where))
    check_equal(place_from(text), where)
    return b',"where":' + text


def _named(key: str | int) -> bytes:
    return b',"id":' + write_json(key) if isinstance(key, str) else b""


def _cited(cite: Cite) -> bytes:
    try:
        return _kept(cite)
    except _TooLongError as error:
        return bytes(error.args[0])


# Verified once: most entries of a log repeat the citations and dates of others.
@lru_cache(maxsize=1 << 12)
def _kept(cite: Cite) -> bytes:
    data = bytes(citations_text(cite))
    check_equal(citations_from(data), cite)
    return _worth(b',"cite":%b}' % data if data else b"}", _LONGEST_KEPT)


def check_equal(again: object, given: object) -> None:
    """Check that a decoded value equals the one that was encoded.

    Raises:
        ValueError: It does not.
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
    position: int,
    known: int | None,
    instant: bytes,
    event: bytes,
    dataset: str | None = None,
) -> bytes | None:
    """Return the line of an entry that has an event, and corrects no other.

    Args:
        position: Its position.
        known: The day from which it was known.
        instant: The instant of recording, from `encode_recorded_at()`.
        event: The event, as an `EntryEncoder` encodes it.
        dataset: The dataset to which it belongs.

    Returns:
        None if the line would be too long: `encode_entry()` then raises the error.
    """
    day = b"" if known is None else _known(known)
    # The same bytes as `write_json(EncodedEntry(...))`; absent fields are left out.
    owner = b"" if dataset is None else _dataset(dataset)
    found = b'{"position":%d%b%b%b,"event":%b}' % (position, day, instant, owner, event)
    return found if len(found) <= LARGEST else None


@lru_cache(maxsize=1 << 12)
def _known(day: int) -> bytes:
    shown = date.fromordinal(day) if 1 <= day <= _LAST_DATE else day
    return b',"known":' + write_json(shown)


@lru_cache(maxsize=64)
def _dataset(name: str) -> bytes:
    return b',"dataset":' + write_json(name)


def encode_recorded_at(instant: datetime) -> bytes:
    """Encode the instant of recording as it stands in a line.

    Raises:
        ValueError: The instant has no time zone, or would not come back equal.
    """
    text = instant_text(instant)
    check_equal(instant_from(text), instant)
    return b',"recorded_at":' + write_json(text)
