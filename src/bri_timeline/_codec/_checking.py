"""Decode entries strictly, with all their faults."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime

import msgspec
from attrs import field, frozen

from bri_timeline._codec._conversion import convert_fields, described, refusal
from bri_timeline._codec._json import read_fields
from bri_timeline._codec._lines import (
    EncodedErased,
    EncodedRelease,
    instant_from,
)
from bri_timeline._codec._structs import (
    cached_edtf,
)
from bri_timeline._codec._vocabulary import MOST_VERSION, Vocabulary
from bri_timeline._events import (
    Entry,
    Erased,
    Event,
    Place,
    Review,
)
from bri_timeline._evidence import Citation
from bri_timeline._scope import Covers, Release
from bri_timeline.edtf import Edtf
from bri_timeline.errors import DayError, Fault, FaultsError, VocabularyError, shown


__all__ = [
    "decode_checked",
    "entry_faults",
    "erased_from",
    "erased_of",
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
    where: Place | None = None
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
    instant: datetime | None = None


@frozen
class _CheckedErased:
    """The fields of what is left of erased words."""

    words: str | None = None
    id: str | None = None
    line: str | None = None
    because: str | None = None
    at: datetime | None = field(default=None, converter=_optional_utc)


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
    erased: _CheckedErased | None = None
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
        erased=_checked_erased(line),
    )


def _checked_erased(line: _CheckedLine) -> Erased | None:
    if line.erased is None:
        return None
    proposes = line.review and line.review.proposes
    if line.event or proposes or line.release or line.because is not None:
        problem = "belongs to an entry that says nothing: these words are there"
        raise entry_faults(Fault("erased", problem))
    one = line.erased
    return Erased(
        words=one.words, id=one.id, line=one.line, because=one.because, at=one.at
    )


def erased_of(erased: EncodedErased | None) -> Erased | None:
    """Return what is left of erased words.

    Raises:
        ValueError: The instant is not as this library writes it.
    """
    if erased is None:
        return None
    at = None if erased.at is None else instant_from(erased.at)
    return Erased(
        words=erased.words,
        id=erased.id,
        line=erased.line,
        because=erased.because,
        at=at,
    )


def erased_from(text: str | None) -> Erased | None:
    """Return what is left of erased words from its text, as `erased_text()` writes it.

    Raises:
        ValueError: The text is not of that form.
    """
    try:
        return erased_of(None if text is None else _read_erased(text))
    except msgspec.MsgspecError as error:
        msg = f"is not what is left of erased words: {error}"
        raise ValueError(msg) from None


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
        return Event(
            what, when=claim.when, where=claim.where, cite=claim.cite, id=claim.id
        )
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
    return Release(covers, release.repeats, release.instant)


_read_erased = msgspec.json.Decoder(EncodedErased).decode
_read_release = msgspec.json.Decoder(EncodedRelease).decode
