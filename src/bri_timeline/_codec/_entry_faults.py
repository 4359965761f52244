"""Entries from JSON that was written in any way, finding every fault."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime

import msgspec
from attrs import field, frozen

from bri_timeline._codec._building import built
from bri_timeline._codec._json import fields_in
from bri_timeline._codec._unknown import MOST_VERSION
from bri_timeline._codec._vocabulary import Vocabulary
from bri_timeline._codec._wording import described, refused
from bri_timeline._events import Entry, Event
from bri_timeline._evidence import Citation
from bri_timeline.edtf import Edtf
from bri_timeline.errors import Fault, FaultsError, VocabularyError, shown


__all__ = ["faulty", "slowly"]

_NAME = "entry"


def _number(value: object) -> int:
    return _from(0, value)


def _optional_number(value: object) -> int | None:
    return None if value is None else _from(0, value)


def _version(value: object) -> int:
    return _from(1, value)


def _from(least: int, value: object) -> int:
    # A converter is asked last also about what its field was found not to take.
    if type(value) is int and least <= value <= MOST_VERSION:
        return value
    msg = f"is {shown(value)}: write a whole number from {least} to {MOST_VERSION}"
    raise ValueError(msg)


def _optional_utc(value: object) -> datetime | None:
    if value is None:
        return None
    if not (isinstance(value, datetime) and value.tzinfo):
        msg = f"{shown(str(value))} is in no time zone: write an instant in UTC, with Z"
        raise ValueError(msg)
    return value.astimezone(UTC)


@frozen
class Claim:
    """The fields of an event; named as messages should call it."""

    kind: str
    version: int = field(converter=_version)
    what: object
    when: Edtf
    id: str | None = None
    cite: tuple[Citation, ...] = ()


@frozen
class Line:
    """The fields of an entry."""

    position: int = field(converter=_number)
    known: date | int | None = None
    supersedes: int | None = field(default=None, converter=_optional_number)
    retracts: int | None = field(default=None, converter=_optional_number)
    because: str | None = None
    recorded_at: datetime | None = field(default=None, converter=_optional_utc)
    event: Claim | None = None


class _BareClaim(msgspec.Struct):
    what: msgspec.Raw


class _Bare(msgspec.Struct):
    """What is needed of a line to have the bytes of its payload."""

    event: _BareClaim


_bare = msgspec.json.Decoder(_Bare).decode


def faulty(*faults: Fault) -> FaultsError:
    """Return the error for faults of an entry."""
    return FaultsError(_NAME, faults)


def slowly(data: bytes, vocabulary: Vocabulary, *, unknown_ok: bool) -> Entry:
    """Return an entry from JSON.

    Args:
        data: A JSON object: at most 1 MiB, and 64 levels deep.
        vocabulary: The payload classes.
        unknown_ok: Other kinds become `Unknown`.

    Raises:
        FaultsError: All that is wrong, each by the path of its field.
    """
    fields = fields_in(_NAME, data)
    faults: list[Fault] = []
    line: object = None
    try:
        line = built(Line, _NAME, fields)
    except FaultsError as error:
        faults += error.faults
    what = _payload(data, fields.get("event"), vocabulary, unknown_ok, faults)
    if faults or not isinstance(line, Line):
        raise faulty(*faults)
    return Entry(
        position=line.position,
        event=None if line.event is None else _event(line.event, what),
        known=line.known,
        supersedes=line.supersedes,
        retracts=line.retracts,
        because=line.because,
        recorded_at=line.recorded_at,
    )


def _payload(
    data: bytes,
    event: object,
    vocabulary: Vocabulary,
    unknown_ok: bool,
    faults: list[Fault],
) -> object:
    """Return the payload of an event, or note what is wrong with it."""
    if not isinstance(event, Mapping) or "what" not in event:
        return None
    kind, version, what = event.get("kind"), event.get("version"), event["what"]
    if not isinstance(what, Mapping):
        faults.append(Fault("event.what", f"is {described(what)}: write a table"))
        return None
    if not isinstance(kind, str) or type(version) is not int:
        return None
    try:
        raw = bytes(_bare(data).event.what)
        return vocabulary.decode(kind, raw, version, unknown_ok=unknown_ok)
    except VocabularyError as error:
        place = "event" if kind in vocabulary else "event.kind"
        faults.append(Fault(place, str(error)))
    except FaultsError as error:
        for fault in error.faults:
            inner = "" if fault.place == kind else f".{fault.place}"
            faults.append(Fault(f"event.what{inner}", fault.problem))
    return None


def _event(claim: Claim, what: object) -> Event:
    try:
        return Event(what, when=claim.when, cite=claim.cite, id=claim.id)
    except Exception as error:  # payloads are anybody's classes
        raise faulty(Fault("event", refused(error))) from None
