"""Lines of JSON, as msgspec reads and writes them: derived from the parts of an entry.

If encoding what was decoded again gives other bytes, this library did not write those:
a name may be repeated, which msgspec overlooks.
"""

from __future__ import annotations

import re
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from operator import attrgetter
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from msgspec import Raw, Struct
from msgspec.structs import asdict

from bri_timeline._events import Entry, Event, Place
from bri_timeline._events.entries import Erased, Review
from bri_timeline._evidence import Citation, Source
from bri_timeline._form._structs import Kept, dates
from bri_timeline._form._vocabulary import MOST_VERSION, Vocabulary
from bri_timeline._form.parts import (
    BESIDE,
    CITATION,
    ENTRY,
    ERASED,
    EVENT,
    PLACE,
    RELEASE,
    REVIEW,
    SOURCE,
    Kind,
    Part,
)
from bri_timeline._scope import Covers, Release
from bri_timeline.errors import Fault, FaultsError, VocabularyError


T = TypeVar("T")
_MOST_KEPT = 4096
_LONGEST_KEPT = 2048
_LAST_DATE = date.max.toordinal()
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z"
).fullmatch
# msgspec leaves out a field only if it has its default, the same object.
_NOTHING = Raw(b"")
_WORDS = {Kind.RELEASE: "a release", Kind.ERASED: "what is left of erased words"}
_NOT_MADE: Mapping[str, object] = {}
write_json = msgspec.json.Encoder().encode


# --- values without parts, and those that are kept as JSON ----------------------------
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


def place_text(where: Place | None) -> Raw:
    """Encode a place as JSON; without one, the field is left out."""
    return _NOTHING if where is None else _place_text(where)


def place_from(data: bytes) -> Place | None:
    """Decode a place; equal ones share an object. Empty data gives None.

    Raises:
        ValueError: The JSON is not as `place_text()` writes it, or not a place.
    """
    return _places[data] if data else None


def citations_text(cite: Iterable[Citation]) -> Raw:
    """Encode citations as JSON; without any, the field is left out."""
    records = [_CITATION.write(citation, _NO_WORDS) for citation in cite]
    return Raw(write_json(records)) if records else _NOTHING


def citations_from(data: bytes) -> tuple[Citation, ...]:
    """Decode citations; short JSON is cached, so that equal ones share an object.

    Empty data, as `citations_text()` returns it for none, gives an empty tuple.

    Raises:
        ValueError: The JSON is not as `citations_text()` writes it.
    """
    return _cited[data]


def _citations(data: bytes) -> tuple[Citation, ...]:
    if not data:
        return ()
    records = _read_citations(data)
    _check(records, data)
    return tuple(_CITATION.read(record, _NO_CONTEXT) for record in records)


def text_of(kind: Kind, value: object, vocabulary: Vocabulary) -> str:
    """Return a value as text; one with parts of its own as JSON.

    Raises:
        VocabularyError: The vocabulary lacks a kind that a release covers.
    """
    whole = WHOLES.get(kind)
    if whole is not None:
        return write_json(whole.write(value, vocabulary)).decode()
    written = WRITE.get(kind, str)(value)
    return bytes(written).decode() if kind in READ_OF_JSON else str(written)


def value_in(kind: Kind, text: str, vocabulary: Vocabulary) -> Any:
    """Return a value from its text, as `text_of()` writes it.

    Raises:
        ValueError: The text is not of that form.
    """
    whole = WHOLES.get(kind)
    if whole is None:
        return READ[kind](text.encode() if kind in READ_OF_JSON else text)
    try:
        return whole.read(whole.decoder.decode(text), (vocabulary, True))
    except msgspec.MsgspecError as error:
        msg = f"is not {_WORDS[kind]}: {error}"
        raise ValueError(msg) from None


def _text(whole: Whole[T], value: T) -> Raw:
    return Raw(write_json(whole.write(value, _NO_WORDS)))


def _from(whole: Whole[T], data: bytes) -> T:
    held = whole.decoder.decode(data)
    _check(held, data)
    return whole.read(held, _NO_CONTEXT)


def _check(held: object, data: bytes) -> None:
    if write_json(held) != data:
        msg = "is not as this library writes it"
        raise ValueError(msg)


# All entries of one append share an instant.
_instant = lru_cache(maxsize=64)(instant_from)
# Entries share citations, and citations share sources: two levels of caching.
_cited = Kept(_citations, _MOST_KEPT, _LONGEST_KEPT)
_sources = Kept[bytes, Source](
    lambda data: _from(_SOURCE, data), _MOST_KEPT, _LONGEST_KEPT
)
_places = Kept[bytes, Place](
    lambda data: _from(_PLACE, data), _MOST_KEPT, _LONGEST_KEPT
)
# Many events of a log happened in one place, or rest on one source.
_source_text = lru_cache(_MOST_KEPT)(lambda source: _text(_SOURCE, source))
_place_text = lru_cache(_MOST_KEPT)(lambda where: _text(_PLACE, where))


def _day(number: int) -> date | int:
    return date.fromordinal(number) if 1 <= number <= _LAST_DATE else number


def _day_number(known: date | int) -> int:
    return known.toordinal() if isinstance(known, date) else known


def _sorted(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(texts) if isinstance(texts, frozenset) else texts)


_JSON: Mapping[Kind, Any] = {
    Kind.TEXT: str,
    Kind.TEXTS: tuple[str, ...],
    Kind.NUMBER: Annotated[int, msgspec.Meta(ge=0, le=MOST_VERSION)],
    Kind.VERSION: Annotated[int, msgspec.Meta(ge=1, le=MOST_VERSION)],
    Kind.DEGREES: float,
    Kind.DAY: date | int,
    Kind.DATE: str,
    Kind.INSTANT: str,
    Kind.TIME: datetime,
    Kind.WHAT: Raw,
    Kind.PLACE: Raw,
    Kind.SOURCE: Raw,
    Kind.CITATIONS: Raw,
}
# Between the values of an entry and those of JSON; others are the same in both.
WRITE: Mapping[Kind, Callable[[Any], Any]] = {
    Kind.TEXTS: _sorted,
    Kind.DAY: _day,
    Kind.DATE: str,
    Kind.INSTANT: instant_text,
    Kind.PLACE: place_text,
    Kind.SOURCE: _source_text,
    Kind.CITATIONS: citations_text,
}
READ: Mapping[Kind, Callable[[Any], Any]] = {
    Kind.DAY: _day_number,
    Kind.DATE: dates.__getitem__,
    Kind.INSTANT: _instant,
    Kind.PLACE: place_from,
    Kind.SOURCE: _sources.__getitem__,
    Kind.CITATIONS: _cited.__getitem__,
}
# The kinds that are read from JSON, as bytes.
READ_OF_JSON = frozenset(READ) & {kind for kind, form in _JSON.items() if form is Raw}

# The parts that have parts of their own, which are described below.
WHOLES: dict[Kind, Whole[Any]] = {}


# --- values with parts ----------------------------------------------------------------
# What reading needs beside a line: the payload classes, and whether payloads of other
# kinds become `Unknown`. A plain tuple, as there is one for each line.
Context = tuple[Vocabulary, bool]


class _LineObject(Struct, omit_defaults=True, forbid_unknown_fields=True, gc=False):
    """A JSON object without its absent fields, and without any unknown ones."""


class Whole(Generic[T]):
    """A value with parts: its msgspec class, and how it is made of that.

    Args:
        parts: Its parts.
        make: Makes a value of its parts by name.
        take: Returns the parts of a value, before they are written.

    Attributes:
        parts: Its parts.
        make: Makes a value of its parts by name.
        struct: Its msgspec class.
        decoder: Decodes the JSON of that.
    """

    def __init__(
        self,
        parts: Sequence[Part],
        make: Callable[[Context, dict[str, Any]], T],
        take: Callable[[Any, Vocabulary], Sequence[object]] | None = None,
    ) -> None:
        self.parts, self.make = parts, make
        self.struct: Any = msgspec.defstruct(
            "Record", [*map(_field, parts)], bases=(_LineObject,)
        )
        self.decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(self.struct)
        self._get = attrgetter(*(part.path for part in parts))
        self._take = take
        kinds = [*enumerate(part.kind for part in parts)]
        self._writes = [
            (n, WRITE[kind], _NOTHING if _JSON[kind] is Raw else None)
            for n, kind in kinds
            if kind in WRITE
        ]
        self._reads = [
            (part.name, READ[part.kind], part.kind in READ_OF_JSON)
            for part in parts
            if part.kind in READ
        ]
        self._inner = [(n, WHOLES[kind]) for n, kind in kinds if kind in WHOLES]
        self._readers = [(parts[n].name, whole) for n, whole in self._inner]

    def write(self, value: T, vocabulary: Vocabulary) -> Struct:
        """Return a value as it is encoded.

        Raises:
            VocabularyError: The vocabulary lacks the class of a payload, or JSON has no
                form for it.
            Exception: Another part is not of its type.
        """
        take = self._take
        parts = [*(take(value, vocabulary) if take else self._get(value))]
        for n, write, absent in self._writes:
            part = parts[n]
            parts[n] = absent if part is None else write(part)
        for n, whole in self._inner:
            if parts[n] is not None:
                parts[n] = whole.write(parts[n], vocabulary)
        record: Struct = self.struct(*parts)
        return record

    def read(self, record: Struct, context: Context) -> T:
        """Return the value of a decoded struct.

        Raises:
            Exception: A part is not of its type.
        """
        return self.make(context, self.parts_of(record, context))

    def parts_of(
        self, record: Struct, context: Context, made: Mapping[str, object] = _NOT_MADE
    ) -> dict[str, Any]:
        """Return the parts of a decoded struct, by name.

        Args:
            record: An instance of the msgspec class.
            context: What reading needs beside that.
            made: Parts that were made before.

        Raises:
            Exception: A part is not of its type.
        """
        parts = asdict(record)
        if made:
            parts.update(made)
        for name, read, is_json in self._reads:
            if (part := parts[name]) is not None:
                parts[name] = read(bytes(part) if is_json else part)
        for name, whole in self._readers:
            if (part := parts[name]) is not None and name not in made:
                parts[name] = whole.read(part, context)
        return parts


def _field(part: Part) -> Any:
    """Return the field of a part in a msgspec class."""
    kind = _JSON[part.kind] if part.kind in _JSON else WHOLES[part.kind].struct
    if part.default is ...:
        return part.name, kind
    if kind is Raw:
        return part.name, kind, _NOTHING
    return part.name, kind if part.default is not None else kind | None, part.default


def _claimed(event: Event, vocabulary: Vocabulary) -> Sequence[object]:
    what = event.what
    named = vocabulary.name_of(what), vocabulary.version_of(what)
    return *named, Raw(vocabulary.encode(what)), *_without_payload(event)


def _event(context: Context, parts: dict[str, Any]) -> Event:
    kind, version, what = parts.pop("kind"), parts.pop("version"), parts.pop("what")
    # The search for faults has made it.
    if isinstance(what, Raw):
        words, unknown_ok = context
        what = words.decode(kind, bytes(what), version, unknown_ok=unknown_ok)
    return Event(what, **parts)


def _covered(release: Release, vocabulary: Vocabulary) -> Sequence[object]:
    kinds, names = release.covers.kinds, vocabulary._names
    kind_names = {k if isinstance(k, str) else names.get(k) for k in kinds}
    if None in kind_names:
        lacking = sorted(k.__name__ for k in kinds if isinstance(k, type))
        problem = f"the vocabulary lacks a kind that a release covers: {lacking}"
        raise VocabularyError(release, f"{problem}; add its class")
    return frozenset(kind_names), *_without_kinds(release)


def _release(context: Context, parts: dict[str, Any]) -> Release:
    # Kinds that the vocabulary lacks stay names.
    classes, kinds = context[0]._classes, parts.pop("kinds")
    covers = {part.name: parts.pop(part.name) for part in RELEASE[1:] if part.attribute}
    return Release(Covers((classes.get(k, k) for k in kinds), **covers), **parts)


def _entry(_: Context, parts: dict[str, Any]) -> Entry:
    check_entry(parts)
    return Entry(**parts)


def entry_faults(*faults: Fault) -> FaultsError:
    """Return an error with faults of an entry."""
    document = "entry"
    return FaultsError(document, faults)


def check_entry(parts: Mapping[str, Any]) -> None:
    """Refuse the parts of an entry that exclude each other.

    Raises:
        FaultsError: They do.
    """
    if parts["release"] is parts["erased"] is None:
        return
    event, review = parts["event"], parts["review"]
    claims = event, parts["supersedes"], parts["retracts"]
    is_silent = claims == (None, None, None) and parts["dataset"] is not None
    if parts["release"] and not is_silent:
        problem = (
            "belongs to an entry with a dataset, which claims and retracts nothing"
        )
        raise entry_faults(Fault("release", problem))
    words = event or (review and review.proposes) or parts["release"]
    if parts["erased"] and (words or parts["because"] is not None):
        problem = "belongs to an entry that says nothing: these words are there"
        raise entry_faults(Fault("erased", problem))


_NO_WORDS = Vocabulary()
_NO_CONTEXT = _NO_WORDS, True
_without_payload = attrgetter(*(part.path for part in BESIDE))
_without_kinds = attrgetter(*(part.path for part in RELEASE[1:]))
_SOURCE: Whole[Source] = Whole(SOURCE, lambda _, parts: Source(**parts))
_CITATION = Whole(CITATION, lambda _, parts: Citation(**parts))
_read_citations = msgspec.json.Decoder(
    types.GenericAlias(tuple, (_CITATION.struct, ...))
).decode
_PLACE: Whole[Place] = Whole(PLACE, lambda _, parts: Place(**parts))
WHOLES[Kind.ERASED] = Whole(ERASED, lambda _, parts: Erased(**parts))
WHOLES[Kind.RELEASE] = Whole(RELEASE, _release, _covered)
WHOLES[Kind.EVENT] = Whole(EVENT, _event, _claimed)
WHOLES[Kind.REVIEW] = Whole(REVIEW, lambda _, parts: Review(**parts))
WHOLES[Kind.ENTRY] = Whole(ENTRY, _entry)
