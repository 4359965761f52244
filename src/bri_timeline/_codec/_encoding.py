"""Encode entries as lines of JSON: one by one, or in batches."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from enum import Enum
from functools import lru_cache

import attrs
from msgspec import Raw, Struct

from bri_timeline._codec._conversion import classes_in, payload_fields
from bri_timeline._codec._decoding import decode_entry
from bri_timeline._codec._json import encode_payloads
from bri_timeline._codec._lines import (
    EncodedColumns,
    EncodedEntry,
    EncodedErased,
    EncodedEvent,
    EncodedRelease,
    EncodedReview,
    citations_from,
    citations_text,
    instant_from,
    instant_text,
    parts_of,
    place_from,
    place_text,
    write_json,
)
from bri_timeline._codec._structs import Kept, cached_edtf, is_lossless
from bri_timeline._codec._vocabulary import Unknown, Vocabulary
from bri_timeline._events import Entry, Erased, Event, Place
from bri_timeline._evidence import Citation
from bri_timeline._scope import Release
from bri_timeline.edtf import Edtf
from bri_timeline.errors import EntryError, FaultsError, VocabularyError, shown


__all__ = [
    "EncodedEvents",
    "EntryEncoder",
    "check_equal",
    "encode_entry",
    "encode_event",
    "encode_lines",
    "erased_text",
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
                _erased(entry.erased),
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
        release.instant,
    )


def _erased(erased: Erased | None) -> EncodedErased | None:
    if erased is None:
        return None
    at = None if erased.at is None else _text(erased.at)
    return EncodedErased(erased.words, erased.id, erased.line, erased.because, at)


def erased_text(erased: Erased | None) -> str | None:
    """Return what is left of erased words as JSON text."""
    found = _erased(erased)
    return None if found is None else write_json(found).decode()


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
        event._id,
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
_FEW = 32
Cite = tuple[Citation, ...]
_Encode = Callable[[Sequence[object]], bytes]


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
    opening: str
    encode: _Encode
    is_canonical: bool


class EncodedEvents(Struct, frozen=True):
    """Events whose payloads have one class, as they stand in the lines of entries.

    Attributes:
        encoder: The encoder of the class.
        places: The indexes of the events among those that were to be encoded.
        payloads: The payload of each as JSON.
        texts: Each event as JSON.
    """

    encoder: ClassEncoder
    places: Sequence[int]
    payloads: list[bytes]
    texts: list[str]


class EntryEncoder:
    """Batch encoder for entries; each part is encoded and verified once.

    Args:
        vocabulary: The payload classes.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._encoders: dict[type, ClassEncoder] = {}

    def encode(self, events: Sequence[Event]) -> Iterator[EncodedEvents]:
        """Encode events for the lines of entries, those of one class together.

        Events are left out that only `encode_entry()` can encode, or of which it finds
        what prevents that.

        Raises:
            VocabularyError: The vocabulary lacks the class of a payload.
        """
        for places, alike in _by_class(events):
            encoder = self._encoder_of(alike[0].what)
            if encoder is not None:
                yield from _encoded(encoder, places, alike)

    def encoded(
        self, events: Sequence[Event], claims: EncodedColumns
    ) -> Iterator[EncodedEvents]:
        """Return events as they were encoded, with empty texts.

        Events are left out that `encode()` leaves out, or that were encoded under
        another name, or in another version.

        Args:
            events: The events.
            claims: The events as they stand in lines.
        """
        for places, alike in _by_class(events):
            encoder = self._encoder_of(alike[0].what)
            some = claims.only(places)
            if encoder is not None and some.is_all(encoder.kind, encoder.version):
                payloads = parts_of(some.whats)
                # Others wrote lines in which JSON goes on after a line break.
                if len(payloads) == len(places):
                    texts = [""] * len(places)
                    yield EncodedEvents(encoder, places, payloads, texts)

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
        kind = write_json(name).decode()
        opening = f'{{"kind":{kind},"version":{version},"what":'
        canonical = is_canonical(cls)
        encoder = ClassEncoder(name, version, opening, encode, is_canonical=canonical)
        self._encoders[cls] = encoder
        return encoder


def _by_class(
    events: Sequence[Event],
) -> Iterator[tuple[Sequence[int], Sequence[Event]]]:
    """Yield events whose payloads have one class, and their indexes before them."""
    classes = [event.what.__class__ for event in events]
    if len({*classes}) == 1:
        yield range(len(events)), events
        return
    places: dict[type, list[int]] = {}
    for place, cls in enumerate(classes):
        places.setdefault(cls, []).append(place)
    for some in places.values():
        yield some, [events[place] for place in some]


def _encoded(
    encoder: ClassEncoder, places: Sequence[int], events: Sequence[Event]
) -> Iterator[EncodedEvents]:
    """Encode events whose payloads have one class."""
    try:
        data = encoder.encode([event.what for event in events])
        parts = zip(
            # JSON escapes line breaks in text: these are the ends of payloads.
            data.decode().split("\n"),
            map(_dates.__getitem__, [event.when for event in events]),
            map(_places.__getitem__, [event.where for event in events]),
            _names([event._id for event in events]),
            map(_citations.__getitem__, [event.cite for event in events]),
            strict=True,
        )
        opening = encoder.opening
        texts = [
            f"{opening}{what}{when}{where}{name}{cited}"
            for what, when, where, name, cited in parts
        ]
        yield EncodedEvents(encoder, places, data.split(b"\n"), texts)
    except Exception:  # encode_entry() reports the reason, or succeeds
        # In small parts, so that one event does not slow down all the others.
        size = _FEW if len(events) > _FEW else 1
        for start in range(0, len(events) if len(events) > 1 else 0, size):
            some = slice(start, start + size)
            yield from _encoded(encoder, places[some], events[some])


def _encoder(cls: type) -> _Encode | None:
    """Return an encoder to lines that decodes each payload again and compares it."""
    is_same = is_lossless(cls)
    if is_same is None:
        return None

    def encode_verified(payloads: Sequence[object]) -> bytes:
        data = encode_payloads(cls, payloads)
        # For every payload: proving whole classes lossless saves 4 % of an append.
        if not is_same(data, payloads):
            raise ValueError(cls)
        return data[:-1]

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


# Verified once: most entries of a log repeat the dates, places and citations of others.
def _date(when: Edtf) -> str:
    text = str(when)
    check_equal(cached_edtf(text), when)
    return ',"when":' + write_json(text).decode()


def _place(where: Place | None) -> str:
    if where is None:
        return ""
    text = bytes(place_text(where))
    check_equal(place_from(text), where)
    return f',"where":{text.decode()}'


def _cited(cite: Cite) -> str:
    data = bytes(citations_text(cite))
    check_equal(citations_from(data), cite)
    return f',"cite":{data.decode()}}}' if data else "}"


_dates = Kept(_date, most=1 << 15, longest=64)
_places = Kept(_place, most=1 << 12, longest=2048)
_citations = Kept(_cited, most=1 << 12, longest=2048)


def _names(names: Sequence[str | None]) -> list[str]:
    if {*names} == {None}:
        return [""] * len(names)
    return [
        "" if name is None else ',"id":' + write_json(name).decode() for name in names
    ]


def check_equal(again: object, given: object) -> None:
    """Check that a decoded value equals the one that was encoded.

    Raises:
        ValueError: It does not.
    """
    if again != given:
        msg = f"{given} would not come back equal"
        raise ValueError(msg)


# --- lines ----------------------------------------------------------------------------
def encode_lines(
    first: int,
    known: Sequence[int | None],
    instant: datetime,
    events: Sequence[str],
    datasets: Sequence[str | None],
) -> list[str]:
    """Return the lines of entries that have events, and correct no others.

    They are the same as of `encode_entry()`; absent fields are left out.

    Args:
        first: The position of the first; the others follow.
        known: The days from which they were known.
        instant: The instant of recording.
        events: The events, as an `EntryEncoder` encodes them.
        datasets: The datasets to which they belong.

    Raises:
        ValueError: The instant has no time zone, or would not come back equal.
    """
    text = instant_text(instant)
    check_equal(instant_from(text), instant)
    now = ',"recorded_at":' + write_json(text).decode()
    return [
        f'{{"position":{position}{day}{now}{owner},"event":{event}}}'
        for position, day, owner, event in zip(
            range(first, first + len(events)),
            map(_days_known.__getitem__, known),
            map(_owners.__getitem__, datasets),
            events,
            strict=True,
        )
    ]


def _day_known(day: int | None) -> str:
    return "" if day is None else ',"known":' + write_json(_day(day)).decode()


def _owner(dataset: str | None) -> str:
    return "" if dataset is None else ',"dataset":' + write_json(dataset).decode()


_days_known = Kept(_day_known, most=1 << 15, longest=64)
_owners = Kept(_owner, most=64, longest=2048)
