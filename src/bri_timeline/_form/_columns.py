"""Columns: many entries, or events, encoded and decoded together.

Each part is a column. Most entries repeat the dates, places and citations of others, so
that equal ones are encoded, verified and decoded once.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from enum import Enum
from functools import lru_cache
from itertools import repeat
from operator import attrgetter
from typing import Any

import attrs
from msgspec import Struct
from msgspec.structs import asdict, astuple

from bri_timeline._events import Entry, Event, unchecked_events
from bri_timeline._events.entries import EntryColumns, unchecked_entry
from bri_timeline._evidence import Citation, Source
from bri_timeline._form._conversion import classes_in, payload_fields
from bri_timeline._form._entries import decode_entry, encode_entry
from bri_timeline._form._json import LARGEST, encode_payloads
from bri_timeline._form._lines import (
    READ,
    READ_OF_JSON,
    WHOLES,
    WRITE,
    Context,
    check_entry,
    instant_text,
    text_of,
    value_in,
    write_json,
)
from bri_timeline._form._structs import (
    Kept,
    answers_as_it_holds,
    is_lossless,
    lines_decoder,
    only_holds,
)
from bri_timeline._form._vocabulary import Unknown, Vocabulary
from bri_timeline._form.parts import BESIDE, CITATION, ENTRY, EVENT, SOURCE, Kind, Part
from bri_timeline.edtf import Edtf


_CANONICAL = (str, int, date, Edtf, Enum, types.NoneType, frozenset, tuple)
_FEW = 32
_AT_ONCE = 1 << 12
_Encode = Callable[[Sequence[object]], bytes]
_Decode = Callable[[bytes], list[object]]
_Read = Callable[[Sequence[str]], list[object]]
# The number of different values that are kept as JSON, and the longest of them.
_KEPT = {
    Kind.DATE: (1 << 15, 64),
    Kind.DAY: (1 << 15, 64),
    Kind.PLACE: (1 << 12, 2048),
    Kind.CITATIONS: (1 << 12, 2048),
}


class EncodedColumns(dict[str, Sequence[Any]]):
    """Events as they stand in lines: a column for each of their parts."""

    @classmethod
    def of(cls, records: Iterable[Struct]) -> EncodedColumns:
        """Return some events, at least one, in columns."""
        # As tuples, since reading a field of ten takes longer than taking one apart.
        names = [part.name for part in EVENT]
        return cls(zip(names, zip(*map(astuple, records), strict=True), strict=True))

    def only(self, places: Sequence[int]) -> EncodedColumns:
        """Return the events at some places; of all of them, themselves."""
        if len(places) == len(self["kind"]):
            return self
        return EncodedColumns(
            (name, [column[place] for place in places]) for name, column in self.items()
        )

    def is_all(self, kind: str, version: int) -> bool:
        """Check whether all events are of one kind and version."""
        kinds = self["kind"]
        return kinds.count(kind) == self["version"].count(version) == len(kinds)


def _bytes_of(column: Iterable[Any]) -> list[bytes]:
    """Return JSON of lines as bytes: more of it if there are line breaks within."""
    return b"\n".join(column).split(b"\n")


# --- writing --------------------------------------------------------------------------
_Write = Callable[[Sequence[Any]], Iterable[str]]


def _writer(part: Part) -> _Write:
    """Return what writes a column of a part: its name and value, after a comma.

    Absent values are empty. Other than those of texts and numbers, most of which
    differ, equal values are written once. Those are decoded again and compared that
    are of classes of somebody's own, that were changed past their constructors, or
    that are so long that reading could refuse them.
    """
    opening = f',"{part.name}":'
    if part.kind is Kind.EVENT:
        return lambda texts: [opening + text for text in texts]
    if part.kind is Kind.NUMBER:
        return lambda numbers: [f"{opening}{number}" for number in numbers]
    if part.kind is Kind.INSTANT:
        return lambda instants: _instants(opening, instants)
    if part.kind is Kind.TEXT:
        return lambda texts: (
            [""] * len(texts)
            if texts.count(None) == len(texts)
            else [
                "" if text is None else opening + write_json(text).decode()
                for text in texts
            ]
        )

    def write(value: object) -> str:
        if value == part.default:
            return ""
        data = encode(value)
        text = opening + write_json(data).decode()
        # What a date is written as may be longer than what it was read from.
        if len(text) > longest or not comes_back(value):
            is_json = part.kind in READ_OF_JSON
            check_equal(READ[part.kind](bytes(data) if is_json else data), value)
        return text

    encode, comes_back = WRITE[part.kind], _COMES_BACK.get(part.kind, _never)
    _, longest = _KEPT[part.kind]
    cache: Kept[Any, str] = Kept(write, *_KEPT[part.kind])
    return lambda values: map(cache.__getitem__, values)


def _classes_of(part: Part) -> set[type]:
    """Return the classes of values of a text or date that come back equal."""
    # Not every text is a quote, or a digest: who reads one checks it again.
    if part.name in ("quote", "digest"):
        return {types.NoneType}
    cls: type = Edtf if part.kind is Kind.DATE else str
    return {cls} if part.default is not None else {cls, types.NoneType}


def _never(_value: object) -> bool:
    return False


# The parts of a citation, and the classes of those that come back equal.
_CITED: list[tuple[str, set[type]]] = [
    ("__class__", {Citation}),
    ("source.__class__", {Source}),
    *(
        (f"{path}{part.name}.__class__", _classes_of(part))
        for path, parts in (("", CITATION[1:]), ("source.", SOURCE))
        for part in parts
    ),
]
_classes = attrgetter(*(path for path, _ in _CITED))


@lru_cache(maxsize=1024)
def _come_back(classes: tuple[type, ...]) -> bool:
    return all(cls in some for cls, (_, some) in zip(classes, _CITED, strict=True))


_COMES_BACK: Mapping[Kind, Callable[[Any], bool]] = {
    Kind.DATE: lambda when: type(when) is Edtf,
    Kind.DAY: lambda number: type(number) is int,
    Kind.CITATIONS: lambda cite: all(map(_come_back, map(_classes, cite))),
}


def _instants(opening: str, instants: Iterable[datetime | None]) -> Iterator[str]:
    """Yield instants; those of one append are one object, which is written once."""
    # Equal ones of one zone need not be one instant: an hour of autumn comes twice.
    known, written = None, ""
    for instant in instants:
        if instant is not known:
            text = "" if instant is None else f'"{instant_text(instant)}"'
            known, written = instant, text and opening + text
        yield written


def check_equal(again: object, given: object) -> None:
    """Check that a decoded value equals the one that was encoded.

    Raises:
        ValueError: It does not.
    """
    if again != given:
        msg = f"{given} would not come back equal"
        raise ValueError(msg)


# The parts of an event after its payload, and those of an entry that only claims.
_OF_EVENTS = [(attrgetter(part.path), _writer(part)) for part in BESIDE]
_CLAIMING = ("position", "known", "recorded_at", "dataset", "event")
_OF_ENTRIES = [_writer(part) for part in ENTRY if part.name in _CLAIMING]


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


class Codec:
    """Encoder and decoder of many entries, or events, with one vocabulary.

    Each part is encoded and verified once. What is decoded was verified when it was
    written, and is not checked again.

    Args:
        vocabulary: The payload classes.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._encoders: dict[type, ClassEncoder] = {}

    def encode(self, entries: Sequence[Entry]) -> Iterator[bytes]:
        """Yield the line of each entry, as by `encode_entry()`, in a third of the time.

        Raises:
            VocabularyError: As `encode_entry()` does.
            EntryError: As `encode_entry()` does.
        """
        for start in range(0, len(entries), _AT_ONCE):
            columns = EntryColumns.of(entries[start : start + _AT_ONCE])
            claims = [n for n in range(len(columns)) if n not in columns.others]
            texts = [""] * len(columns)
            for part in self.encode_events([entries[start + n].claim for n in claims]):
                for place, text in zip(part.places, part.texts, strict=True):
                    texts[claims[place]] = text
            yield from self.lines(columns, texts)

    def lines(self, entries: EntryColumns, texts: Sequence[str]) -> list[bytes]:
        """Return the lines of entries, each as by `encode_entry()`.

        Args:
            entries: The entries.
            texts: Their events, as `encode_events()` encodes them; empty where it
                cannot.

        Raises:
            VocabularyError: As `encode_entry()` does.
            EntryError: As `encode_entry()` does.
        """
        columns = (
            entries.positions,
            entries.knowns,
            entries.instants,
            entries.datasets,
            texts,
        )
        lines = [b""] * len(entries)
        with suppress(Exception):  # encode_entry() reports the reason
            parts = [
                write(cells) for write, cells in zip(_OF_ENTRIES, columns, strict=True)
            ]
            whole = map("".join, zip(*parts, strict=True))
            lines = [f"{{{line[1:]}}}".encode() for line in whole]
        slow = {*entries.others, *(n for n, text in enumerate(texts) if not text)}
        slow.update(n for n, line in enumerate(lines) if not 0 < len(line) <= LARGEST)
        for place in sorted(slow):
            lines[place] = encode_entry(entries[place], self._vocabulary)
        return lines

    def encode_events(
        self, events: Sequence[Event], claims: EncodedColumns | None = None
    ) -> Iterator[EncodedEvents]:
        """Encode events for the lines of entries, those of one class together.

        Events are left out that only `encode_entry()` can encode, or of which it finds
        what prevents that.

        Args:
            events: The events.
            claims: The events as they stand in lines: then their texts are empty, and
                also those are left out that were encoded under another name, or in
                another version. None to encode them.

        Raises:
            VocabularyError: The vocabulary lacks the class of a payload.
        """
        for places, alike in _by_class(events):
            encoder = self._encoder_of(alike[0].what)
            if encoder is None:
                continue
            if claims is None:
                yield from _encoded(encoder, places, alike)
                continue
            class_claims = claims.only(places)
            if class_claims.is_all(encoder.kind, encoder.version):
                payloads = _bytes_of(class_claims["what"])
                # Others wrote lines in which JSON goes on after a line break.
                if len(payloads) == len(places):
                    texts = [""] * len(places)
                    yield EncodedEvents(encoder, places, payloads, texts)

    def parts_of(self, event: Event) -> dict[str, Any]:
        """Return the parts of an event as they stand in the line of an entry, by name.

        Raises:
            VocabularyError: The vocabulary lacks the class of the payload, or JSON has
                no form for it.
        """
        return asdict(WHOLES[Kind.EVENT].write(event, self._vocabulary))

    def text_of(self, kind: Kind, value: object) -> str:
        """Return a value of a kind as text, as columns of files have it.

        Parts that have parts of their own, places and citations are JSON.

        Raises:
            VocabularyError: The vocabulary lacks a kind that a release covers.
        """
        return text_of(kind, value, self._vocabulary)

    @staticmethod
    def instant_text(instant: datetime) -> str:
        """Return an instant as lines have it: in UTC, to the microsecond.

        Raises:
            ValueError: It has no time zone.
        """
        return instant_text(instant)

    def value_in(self, kind: Kind, text: str) -> Any:
        """Return a value from its text, as `text_of()` writes it.

        Raises:
            ValueError: The text is not of that form.
        """
        return value_in(kind, text, self._vocabulary)

    def is_canonical(self, cls: type) -> bool:
        """Check whether equal payloads of a class always have the same JSON."""
        return is_canonical(cls)

    def answers_as_it_holds(self, cls: type) -> bool:
        """Check whether attributes of instances of a class are what these hold."""
        return answers_as_it_holds(cls)

    def are_written_so(
        self, kind: str, texts: Sequence[str], payloads: Sequence[object]
    ) -> list[bool]:
        """Return for each text whether the payload made of it is encoded as that text.

        A repeated or unknown name, or another form of a number, shows itself here.
        """
        data = encode_payloads(self._vocabulary.classes[kind], payloads)
        # JSON escapes line breaks in text: these are the ends of payloads.
        again = data.decode().split("\n")
        # What is not a number is encoded so too, and refused by an event.
        return [
            one == two and "NaN" not in one
            for one, two in zip(texts, again, strict=False)
        ]

    def decode(self, lines: Sequence[bytes | str]) -> list[Entry]:
        """Decode lines of `encode_entry()` that have not been changed since.

        This takes an eighth of the time of `decode_entry()`, which decodes them if this
        way fails. Payloads of other kinds, and of later versions, become `Unknown`.

        Raises:
            FaultsError: All faults of the first line that is not an entry.
        """
        return [*self.decode_with_claims(lines)[0]]

    def decode_with_claims(
        self, lines: Sequence[bytes | str]
    ) -> tuple[Sequence[Entry], EncodedColumns | None]:
        """Decode lines as `decode()`, and return their events as encoded too.

        Returns:
            The entries, as columns if they could be decoded together; and the events of
            those that have one, None if the lines had to be decoded one by one.

        Raises:
            FaultsError: All faults of the first line that is not an entry.
        """
        texts = [line if isinstance(line, str) else line.decode() for line in lines]
        # Where this fails, decode_entry() reports the faults, or decodes the lines.
        with suppress(Exception):
            records = WHOLES[Kind.ENTRY].decoder.decode_lines("\n".join(texts))
            if len(records) == len(texts):
                return _entries(records, self._vocabulary)
        return [decode_entry(text, self._vocabulary) for text in texts], None

    def payload_reader(self, kind: str, version: int) -> _Read:
        """Return an unchecked decoder of payloads of a kind, encoded by a `Vocabulary`.

        Payloads of kinds that the vocabulary lacks become `Unknown`. Where the fields
        of a class have changed without an upcast, the decoder is that of
        `Vocabulary.decode()`.
        """
        together = self.batch_payload_reader(kind, version)
        decode = self._vocabulary.decode

        def read(texts: Sequence[str]) -> list[object]:
            if together is not None:
                with suppress(Exception):
                    return together(texts)
            return [decode(kind, text, version, unknown_ok=True) for text in texts]

        return read

    def batch_payload_reader(self, kind: str, version: int | None) -> _Read | None:
        """Return an unchecked decoder of many payloads of a kind at once, if possible.

        Given data that `Vocabulary.encode()` did not write, it may raise any exception.

        Args:
            kind: The name of one of the payload classes.
            version: The version of the data; None for the current one.
        """
        together = _decoder(self._vocabulary, kind, version)
        if together is None:
            return None
        return lambda texts: together("\n".join(texts).encode())

    def holds_only(self, kind: str, version: int) -> bool:
        """Check whether payloads of a kind and version are what their JSON says."""
        cls = _current_class(self._vocabulary, kind, version)
        return cls is not None and only_holds(cls)

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
    for indexes in places.values():
        yield indexes, [events[place] for place in indexes]


def _encoded(
    encoder: ClassEncoder, places: Sequence[int], events: Sequence[Event]
) -> Iterator[EncodedEvents]:
    """Encode events whose payloads have one class."""
    count = len(events)
    try:
        data = encoder.encode([event.what for event in events])
        parts = [write([*map(get, events)]) for get, write in _OF_EVENTS]
        # JSON escapes line breaks in text: these are the ends of payloads.
        whats, end = data.decode().split("\n"), repeat("}", count)
        whole = zip(repeat(encoder.opening, count), whats, *parts, end, strict=True)
        texts = [*map("".join, whole)]
        yield EncodedEvents(encoder, places, data.split(b"\n"), texts)
    except Exception:  # encode_entry() reports the reason, or succeeds
        # In small parts, so that one event does not slow down all the others.
        size = _FEW if count > _FEW else 1
        for start in range(0, count if count > 1 else 0, size):
            part = slice(start, start + size)
            yield from _encoded(encoder, places[part], events[part])


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
        issubclass(part_class, _CANONICAL)
        or (
            attrs.has(part_class)
            and part_class not in within
            and _are_canonical(part_class, within | {cls})
        )
        for part in payload_fields(cls).values()
        for part_class in classes_in(part.type)
    )


# --- reading data that was verified when it was written -------------------------------
def _decoder(vocabulary: Vocabulary, kind: str, version: int | None) -> _Decode | None:
    """Return a decoder of lines of payloads; None if each is decoded by itself."""
    cls = _current_class(vocabulary, kind, version)
    return None if cls is None else lines_decoder(cls)


def _current_class(
    vocabulary: Vocabulary, kind: str, version: int | None
) -> type | None:
    """Return the class of payloads; None if it is not known, or has changed since."""
    cls = vocabulary._classes.get(kind)
    if cls is None or version in (None, 1 + len(vocabulary._steps(cls))):
        return cls
    return None


def _entries(
    records: Sequence[Struct], vocabulary: Vocabulary
) -> tuple[EntryColumns, EncodedColumns | None]:
    """Return entries as columns, and their events as they were encoded."""
    count, cells = len(records), zip(*map(astuple, records), strict=True)
    columns = dict(zip(ENTRY, cells, strict=True))
    plain = {
        part.name: _read_column(part, column)
        for part, column in columns.items()
        if part.name in _CLAIMING and part.kind is not Kind.EVENT
    }
    claims = columns[ENTRY[-1]]
    present_claims = claims if all(claims) else [*filter(None, claims)]
    encoded = EncodedColumns.of(present_claims) if present_claims else None
    events: Sequence[Event | None] = _events(encoded, vocabulary) if encoded else ()
    places = set[int]()
    if len(present_claims) < count:
        remaining = iter(events)
        events = [claim and next(remaining) for claim in claims]
        places.update(place for place, claim in enumerate(claims) if claim is None)
    for part, column in columns.items():
        absent = part.default
        if part.name not in _CLAIMING and column.count(absent) < count:
            places.update(n for n, value in enumerate(column) if value != absent)
    context = (vocabulary, True)
    rest = {n: _other(records[n], events[n], context) for n in sorted(places)}
    return EntryColumns(
        plain["position"],
        events,
        plain["known"],
        plain["recorded_at"],
        plain["dataset"],
        rest,
    ), encoded


def _other(record: Struct, event: Event | None, context: Context) -> Entry:
    """Return an entry that does more than to claim something."""
    parts = WHOLES[Kind.ENTRY].parts_of(record, context, {"event": event})
    check_entry(parts)
    # The constructor does not validate again.
    return unchecked_entry(**parts)


def _read_column(part: Part, column: Sequence[Any]) -> Sequence[Any]:
    """Return the values of a part, as they stand in lines."""
    read = READ.get(part.kind)
    if read is None:
        return column
    if part.kind in READ_OF_JSON:
        return [*map(read, _bytes_of(column))]
    if part.default is None:
        return [None if value is None else read(value) for value in column]
    return [*map(read, column)]


def _events(columns: EncodedColumns, vocabulary: Vocabulary) -> list[Event]:
    """Decode events, all of one kind and version at once."""
    kind, version = columns["kind"][0], columns["version"][0]
    if columns.is_all(kind, version):
        decode = _decoder(vocabulary, kind, version)
        if decode is not None:
            return _events_alike(decode, columns)
        context, event = (vocabulary, True), WHOLES[Kind.EVENT]
        rows = zip(*columns.values(), strict=True)
        return [event.read(event.struct(*row), context) for row in rows]
    alike: dict[tuple[str, int], list[int]] = {}
    for place, pair in enumerate(zip(columns["kind"], columns["version"], strict=True)):
        alike.setdefault(pair, []).append(place)
    by_place: dict[int, Event] = {}
    for places in alike.values():
        events = _events(columns.only(places), vocabulary)
        by_place.update(zip(places, events, strict=True))
    return [*map(by_place.__getitem__, range(len(by_place)))]


def _events_alike(decode: _Decode, columns: EncodedColumns) -> list[Event]:
    """Return events of one kind and version."""
    # One call of msgspec for all payloads; citations and dates come from caches.
    whats = decode(b"\n".join(columns["what"]))
    parts = {
        part.name: _read_column(part, columns[part.name])
        for part in BESIDE
        # Most logs have no places.
        if part.default is not None or part.name == "id" or any(columns[part.name])
    }
    always = (parts.pop(name) for name in ("when", "cite", "id"))
    return unchecked_events(whats, *always, **parts)
