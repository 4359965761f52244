"""Decode entries: strictly with all their faults, or unchecked and fast."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from functools import lru_cache
from itertools import repeat
from operator import contains

import msgspec
from attrs import field, frozen
from msgspec import Struct

from bri_timeline._codec._conversion import convert_fields, described, refusal
from bri_timeline._codec._json import LARGEST, is_too_deep, read_fields
from bri_timeline._codec._lines import (
    EncodedEntry,
    EncodedEvent,
    EncodedRelease,
    EncodedReview,
    citations_from,
    instant_from,
    read_line,
    reader_of,
    write_json,
)
from bri_timeline._codec._structs import (
    cached_edtf,
    struct_and_builder,
    unchecked_list_decoder,
)
from bri_timeline._codec._vocabulary import MOST_VERSION, Vocabulary
from bri_timeline._events import (
    Entry,
    Event,
    Review,
    unchecked_entry,
    unchecked_events,
)
from bri_timeline._evidence import Citation
from bri_timeline._scope import Covers, Release
from bri_timeline.edtf import Edtf
from bri_timeline.errors import DayError, Fault, FaultsError, VocabularyError, shown


__all__ = [
    "decode_checked",
    "decode_unchecked",
    "entry_faults",
    "release_from",
    "release_of",
]


_NAME = "entry"
_PROPOSED = "review.proposes"


def _number(value: object) -> int:
    return _from(0, value)


def _optional_number(value: object) -> int | None:
    return None if value is None else _from(0, value)


def _version(value: object) -> int:
    return _from(1, value)


def _from(least: int, value: object) -> int:
    # `convert_fields()` calls the converter even if the type does not fit, so that this
    # message is the one people see.
    if type(value) is int and least <= value <= MOST_VERSION:
        return value
    msg = f"is {shown(value)}: write a whole number from {least} to {MOST_VERSION}"
    raise ValueError(msg)


def _optional_utc(value: object) -> datetime | None:
    if value is None:
        return None
    if not (isinstance(value, datetime) and value.tzinfo):
        msg = f"{shown(str(value))} has no time zone: write an instant in UTC, with Z"
        raise ValueError(msg)
    return value.astimezone(UTC)


@frozen
class _CheckedClaim:
    """The fields of an event, by the names that messages use."""

    kind: str
    version: int = field(converter=_version)
    what: object
    when: Edtf
    id: str | None = None
    cite: tuple[Citation, ...] = ()


@frozen
class _CheckedReview:
    """The fields of a review."""

    by: str
    supersedes: int | None = field(default=None, converter=_optional_number)
    accepts: int | None = field(default=None, converter=_optional_number)
    rejects: int | None = field(default=None, converter=_optional_number)
    proposes: _CheckedClaim | None = None


@frozen
class _CheckedRelease:
    """The fields of a release."""

    kinds: tuple[str, ...] = ()
    parties: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    days: Edtf | None = None
    repeats: tuple[str, ...] = ()


@frozen
class _CheckedLine:
    """The fields of an entry."""

    position: int = field(converter=_number)
    known: date | int | None = None
    supersedes: int | None = field(default=None, converter=_optional_number)
    retracts: int | None = field(default=None, converter=_optional_number)
    because: str | None = None
    recorded_at: datetime | None = field(default=None, converter=_optional_utc)
    review: _CheckedReview | None = None
    dataset: str | None = None
    release: _CheckedRelease | None = None
    event: _CheckedClaim | None = None


class _BareClaim(msgspec.Struct):
    what: msgspec.Raw


class _BareReview(msgspec.Struct):
    proposes: _BareClaim | None = None


class _Bare(msgspec.Struct):
    """An entry reduced to its payloads, to get at the bytes of these."""

    review: _BareReview | None = None
    event: _BareClaim | None = None


_read_bare = msgspec.json.Decoder(_Bare).decode


def entry_faults(*faults: Fault) -> FaultsError:
    """Return an error with faults of an entry."""
    return FaultsError(_NAME, faults)


def decode_checked(data: bytes, vocabulary: Vocabulary, *, unknown_ok: bool) -> Entry:
    """Decode an entry in any form, and report all its faults.

    Args:
        data: A JSON object: at most 1 MiB, and 64 levels deep.
        vocabulary: The payload classes.
        unknown_ok: Payloads of other kinds become `Unknown`.

    Raises:
        FaultsError: All faults, each with the path of its field.
    """
    fields = read_fields(_NAME, data)
    faults: list[Fault] = []
    line: object = None
    try:
        line = convert_fields(_CheckedLine, _NAME, fields)
    except FaultsError as error:
        faults += error.faults
    review = fields.get("review")
    proposal = review.get("proposes") if isinstance(review, Mapping) else None
    claimed, proposed = (
        _payload(data, path, claim, vocabulary, unknown_ok, faults)
        for path, claim in (("event", fields.get("event")), (_PROPOSED, proposal))
    )
    if faults or not isinstance(line, _CheckedLine):
        raise entry_faults(*faults)
    return Entry(
        position=line.position,
        event=None if line.event is None else _checked_event(line.event, claimed),
        known=line.known,
        supersedes=line.supersedes,
        retracts=line.retracts,
        because=line.because,
        recorded_at=line.recorded_at,
        review=None if line.review is None else _checked_review(line.review, proposed),
        dataset=line.dataset,
        release=_checked_release(line, vocabulary),
    )


def _checked_review(review: _CheckedReview, what: object) -> Review:
    claim = review.proposes
    return Review(
        by=review.by,
        proposes=None if claim is None else _checked_event(claim, what, _PROPOSED),
        supersedes=review.supersedes,
        accepts=review.accepts,
        rejects=review.rejects,
    )


def _payload(
    data: bytes,
    path: str,
    event: object,
    vocabulary: Vocabulary,
    unknown_ok: bool,
    faults: list[Fault],
) -> object:
    """Return the payload of an event, or add its faults to *faults*."""
    if not isinstance(event, Mapping) or "what" not in event:
        return None
    kind, version, what = event.get("kind"), event.get("version"), event["what"]
    if not isinstance(what, Mapping):
        faults.append(Fault(f"{path}.what", f"is {described(what)}: write a table"))
        return None
    if not isinstance(kind, str) or type(version) is not int:
        return None
    try:
        bare = _read_bare(data)
        held = bare.review.proposes if bare.review and path == _PROPOSED else bare.event
        raw = b"" if held is None else bytes(held.what)
        return vocabulary.decode(kind, raw, version, unknown_ok=unknown_ok)
    except VocabularyError as error:
        place = path if kind in vocabulary else f"{path}.kind"
        faults.append(Fault(place, str(error)))
    except FaultsError as error:
        for fault in error.faults:
            inner = "" if fault.place == kind else f".{fault.place}"
            faults.append(Fault(f"{path}.what{inner}", fault.problem))
    return None


def _checked_event(claim: _CheckedClaim, what: object, path: str = "event") -> Event:
    try:
        return Event(what, when=claim.when, cite=claim.cite, id=claim.id)
    except Exception as error:  # a user's payload class may raise anything
        raise entry_faults(Fault(path, refusal(error))) from None


def _checked_release(line: _CheckedLine, vocabulary: Vocabulary) -> Release | None:
    if line.release is None:
        return None
    others = line.event, line.supersedes, line.retracts
    if line.dataset is None or others != (None, None, None):
        problem = (
            "belongs to an entry with a dataset, which claims and retracts nothing"
        )
        raise entry_faults(Fault("release", problem))
    try:
        return release_of(line.release, vocabulary)
    except DayError as error:
        raise entry_faults(Fault("release.days", str(error))) from None


def release_from(text: str | None, vocabulary: Vocabulary) -> Release | None:
    """Return a release from its text, as `release_text()` writes it.

    Raises:
        ValueError: The text is not that of a release.
    """
    try:
        return release_of(None if text is None else _read_release(text), vocabulary)
    except msgspec.MsgspecError as error:
        msg = f"is not a release: {error}"
        raise ValueError(msg) from None


def release_of(
    release: _CheckedRelease | EncodedRelease | None, vocabulary: Vocabulary
) -> Release | None:
    """Return a release; kinds that the vocabulary lacks stay names."""
    if release is None:
        return None
    classes, days = vocabulary._classes, release.days
    covers = Covers(
        (classes.get(name, name) for name in release.kinds),
        parties=release.parties,
        any_of=release.any_of,
        days=cached_edtf(days) if isinstance(days, str) else days,
    )
    return Release(covers, release.repeats)


_read_release = msgspec.json.Decoder(EncodedRelease).decode
_instant = lru_cache(maxsize=64)(instant_from)


def decode_entry(
    line: bytes | str, vocabulary: Vocabulary, *, unknown_ok: bool = True
) -> Entry:
    """Decode an entry from its line of JSON.

    Everything in the line is checked, except that the positions it refers to exist:
    the log checks that.

    Args:
        line: A line of `encode_entry()`, or another JSON object of the same fields; a
            line break at its end is ignored. At most 1 MiB, and 64 levels deep.
        vocabulary: The payload classes.
        unknown_ok: Payloads of other kinds, and of later versions, become `Unknown`;
            if not, they are faults.

    Raises:
        FaultsError: All faults, each with the path of its field, such as
            `event.cite item 2.source.title`.
    """
    data = _bare(line)
    found = _decode_fast(data, vocabulary, unknown_ok)
    return (
        decode_checked(data, vocabulary, unknown_ok=unknown_ok)
        if found is None
        else found
    )


def _bare(line: bytes | str) -> bytes:
    """Return a line as bytes, without the line break at its end."""
    try:
        data = line.encode() if isinstance(line, str) else line
    except UnicodeEncodeError as error:
        problem = f"cannot be written in UTF-8: {error}"
        raise entry_faults(Fault("entry", problem)) from None
    data = data.rstrip(b"\r\n")
    if b"\n" in data or b"\r" in data:
        problem = "holds a line break: write an entry in one line"
        raise entry_faults(Fault("entry", problem))
    return data


def _decode_fast(data: bytes, vocabulary: Vocabulary, unknown_ok: bool) -> Entry | None:
    """Decode a line exactly as `encode_entry()` writes it, or return None."""
    if len(data) > LARGEST or is_too_deep(data):
        return None
    try:
        line = read_line(data)
        return (
            entry_from(line, vocabulary, unknown_ok=unknown_ok)
            if write_json(line) == data
            else None
        )
    except Exception:  # decode_checked() then reports the faults
        return None


def entry_from(
    line: EncodedEntry, vocabulary: Vocabulary, *, unknown_ok: bool
) -> Entry:
    """Return an entry from its decoded line.

    Args:
        line: The line as msgspec decoded it.
        vocabulary: The payload classes.
        unknown_ok: As for `decode_entry()`.
    """
    claim, known = line.event, line.known
    others = claim, line.supersedes, line.retracts
    if line.release and (line.dataset is None or others != (None, None, None)):
        raise ValueError(line.release)  # decode_checked() says what is wrong
    return Entry(
        position=line.position,
        event=None if claim is None else _event(claim, vocabulary, unknown_ok),
        known=known.toordinal() if isinstance(known, date) else known,
        supersedes=line.supersedes,
        retracts=line.retracts,
        because=line.because,
        recorded_at=None
        if line.recorded_at is None
        else instant_from(line.recorded_at),
        review=_review(line.review, vocabulary, unknown_ok=unknown_ok),
        dataset=line.dataset,
        release=release_of(line.release, vocabulary),
    )


def _review(
    review: EncodedReview | None, vocabulary: Vocabulary, *, unknown_ok: bool
) -> Review | None:
    if review is None:
        return None
    claim = review.proposes
    return Review(
        by=review.by,
        proposes=None if claim is None else _event(claim, vocabulary, unknown_ok),
        supersedes=review.supersedes,
        accepts=review.accepts,
        rejects=review.rejects,
    )


def _event(claim: EncodedEvent, vocabulary: Vocabulary, unknown_ok: bool) -> Event:
    kind, version, what = claim.kind, claim.version, bytes(claim.what)
    return Event(
        vocabulary.decode(kind, what, version, unknown_ok=unknown_ok),
        when=cached_edtf(claim.when),
        cite=citations_from(bytes(claim.cite)),
        id=claim.id,
    )


# --- unchecked: data that was verified when it was written ----------------------------
def payload_reader(
    vocabulary: Vocabulary, kind: str, version: int
) -> Callable[[Sequence[str]], list[object]]:
    """Return an unchecked decoder of payloads of a kind, encoded by a `Vocabulary`.

    Payloads of kinds that the vocabulary lacks become `Unknown`. Where the fields of a
    class have changed without an upcast, the decoder is that of `Vocabulary.decode()`.
    """
    together = batch_payload_reader(vocabulary, kind, version)

    def read(some: Sequence[str]) -> list[object]:
        if together is not None:
            with suppress(Exception):
                return together(some)
        return [
            vocabulary.decode(kind, data, version, unknown_ok=True) for data in some
        ]

    return read


def batch_payload_reader(
    vocabulary: Vocabulary, kind: str, version: int | None
) -> Callable[[Sequence[str]], list[object]] | None:
    """Return an unchecked decoder of many payloads of a kind at once, if possible.

    Given data that `Vocabulary.encode()` did not write, it may raise any exception.

    Args:
        vocabulary: The payload classes.
        kind: The name of one of them.
        version: The version of the data; None for the current one.
    """
    cls = vocabulary._classes.get(kind)
    if cls is None or not is_current(vocabulary, cls, version):
        return None
    together = unchecked_list_decoder(cls)
    if together is None:
        return None
    return lambda some: together(f"[{','.join(some)}]".encode())


def is_current(vocabulary: Vocabulary, cls: type, version: int | None) -> bool:
    """Check whether a version is the current one of a class, as None always is."""
    return version in (None, 1 + len(vocabulary._steps(cls)))


# Kind and version stand between these two. Text before them cannot contain either, as
# JSON escapes its quotes: so lines are grouped without being parsed.
_KIND, _WHAT = ',"event":{"kind":', ',"what":'
_NOTHING = "\0"  # never in a line, as JSON escapes it


def decode_unchecked(
    lines: Sequence[bytes | str], vocabulary: Vocabulary
) -> list[Entry]:
    """Decode lines of `encode_entry()` that have not been changed since.

    They were verified when they were written, and are not checked again: this takes an
    eighth of the time of `decode_entry()`, which decodes them if this way fails.

    Args:
        lines: Lines of `encode_entry()`.
        vocabulary: The payload classes. Payloads of other kinds, and of later versions,
            become `Unknown`.

    Raises:
        FaultsError: All faults of the first line that is not an entry.
    """
    texts = [line if isinstance(line, str) else line.decode() for line in lines]
    found: dict[int, Entry] = {}
    try:
        if _are_of_one_kind(texts):
            return [*_decode_group(texts, vocabulary)]
        for places in _by_kind(texts).values():
            some = [texts[place] for place in places]
            found.update(zip(places, _decode_group(some, vocabulary), strict=True))
    except Exception:  # decode_entry() reports the faults, or decodes the lines
        return [decode_entry(text, vocabulary) for text in texts]
    return [*map(found.__getitem__, range(len(texts)))]


def _are_of_one_kind(texts: Sequence[str]) -> bool:
    """Check quickly whether all lines hold events of one kind and version."""
    head = next(iter(_by_kind(texts[:1])), _NOTHING)
    return head is not _NOTHING and all(map(contains, texts, repeat(head)))


def _by_kind(texts: Sequence[str]) -> dict[str, list[int]]:
    """Return the indexes of the lines of each kind and version."""
    found: dict[str, list[int]] = {}
    head, places = _NOTHING, list[int]()
    for place, text in enumerate(texts):
        start = text.find(_KIND)
        if start < 0 or not text.startswith(head, start):
            end = text.find(_WHAT, start)
            head = text[start : end + len(_WHAT)] if min(start, end) >= 0 else _NOTHING
            places = found.setdefault(head, [])
        places.append(place)
    return found


def _decode_group(texts: Sequence[str], vocabulary: Vocabulary) -> Iterable[Entry]:
    """Decode lines whose payloads have the same kind and version."""
    claim = read_line(texts[0]).event
    cls = None if claim is None else vocabulary._classes.get(claim.kind)
    if claim is not None and cls is not None:
        parts = (
            struct_and_builder(cls)
            if is_current(vocabulary, cls, claim.version)
            else None
        )
        if parts is not None:
            return _decode_structs(texts, vocabulary, *parts)
    return [entry_from(read_line(text), vocabulary, unknown_ok=True) for text in texts]


def _decode_structs(
    texts: Sequence[str],
    vocabulary: Vocabulary,
    struct: type[Struct],
    payloads: Callable[[Iterable[Struct]], Iterable[object]],
) -> Iterable[Entry]:
    # One call of msgspec for all lines, payloads included. Citations and dates come
    # from caches, and the constructors do not validate again.
    lines = reader_of(struct)("\n".join(texts))
    if len(lines) != len(texts):
        msg = f"{len(texts)} lines hold {len(lines)} entries"
        raise ValueError(msg)
    claims = [line.event for line in lines]
    # Each has the text for it, which in some may stand within the payload.
    if len({(claim.kind, claim.version) for claim in claims}) > 1:
        raise ValueError(struct)
    events = unchecked_events(
        payloads([claim.what for claim in claims]),
        [cached_edtf(claim.when) for claim in claims],
        [citations_from(bytes(claim.cite)) for claim in claims],
        [claim.id for claim in claims],
    )
    return [
        unchecked_entry(
            line.position,
            event,
            known.toordinal() if isinstance(known := line.known, date) else known,
            line.supersedes,
            line.retracts,
            line.because,
            None if line.recorded_at is None else _instant(line.recorded_at),
            _review(line.review, vocabulary, unknown_ok=True),
            line.dataset,
        )
        for line, event in zip(lines, events, strict=True)
    ]
