"""The search for faults: decode an entry in any spelling, and report all that is wrong.

It is derived from the parts of an entry too, and runs where the fast road fails.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import attrs
import msgspec

from bri_timeline._events import Entry, Place
from bri_timeline._evidence import Citation
from bri_timeline._form._conversion import convert_fields
from bri_timeline._form._json import read_fields
from bri_timeline._form._lines import WHOLES, check_entry, entry_faults
from bri_timeline._form._vocabulary import MOST_VERSION, Vocabulary
from bri_timeline._form.parts import Kind, Part
from bri_timeline._messages import described
from bri_timeline.edtf import Edtf
from bri_timeline.errors import Fault, FaultsError, VocabularyError, refusal, shown


_NAME = "entry"
_CLAIMS: tuple[tuple[str, ...], ...] = ("event",), ("review", "proposes")


def _whole_number(least: int) -> Callable[[object], object]:
    """Return a converter of whole numbers from a least one on."""

    def convert(value: object) -> object:
        # `convert_fields()` calls the converter even if the type does not fit, so that
        # this message is the one people see.
        if type(value) is int and least <= value <= MOST_VERSION:
            return value
        msg = f"is {shown(value)}: write a whole number from {least} to {MOST_VERSION}"
        raise ValueError(msg)

    return convert


def _utc(value: object) -> datetime:
    if not (isinstance(value, datetime) and value.tzinfo):
        msg = f"{shown(str(value))} has no time zone: write an instant in UTC, with Z"
        raise ValueError(msg)
    return value.astimezone(UTC)


_TYPES: Mapping[Kind, Any] = {
    Kind.TEXT: str,
    Kind.TEXTS: tuple[str, ...],
    Kind.NUMBER: int,
    Kind.VERSION: int,
    Kind.DAY: date | int,
    Kind.DATE: Edtf,
    Kind.INSTANT: datetime,
    Kind.TIME: datetime,
    Kind.WHAT: object,
    Kind.PLACE: Place,
    Kind.CITATIONS: tuple[Citation, ...],
}
_CONVERTERS: Mapping[Kind, Callable[[object], object]] = {
    Kind.NUMBER: _whole_number(0),
    Kind.VERSION: _whole_number(1),
    Kind.INSTANT: _utc,
}


def _class_of(kind: Kind) -> type:
    """Return a class whose fields are checked by `convert_fields()`."""
    fields = {part.name: _field(part) for part in WHOLES[kind].parts}
    # Messages have its name.
    return attrs.make_class(kind.name.lower(), fields, frozen=True)


def _field(part: Part) -> Any:
    hint = _TYPES[part.kind] if part.kind in _TYPES else _class_of(part.kind)
    convert = _CONVERTERS.get(part.kind)
    if part.default is ...:
        return attrs.field(type=hint, converter=convert)
    if part.default is None:
        hint |= None
        convert = None if convert is None else attrs.converters.optional(convert)
    return attrs.field(type=hint, default=part.default, converter=convert)


_Checked = _class_of(Kind.ENTRY)


_read_raw = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


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
        line = convert_fields(_Checked, _NAME, fields)
    except FaultsError as error:
        faults += error.faults
    whats: dict[tuple[str, ...], object] = {
        path: _payload(data, path, claim, vocabulary, unknown_ok, faults)
        for path in _CLAIMS
        if isinstance(claim := _at(fields, path), Mapping)
    }
    if faults:
        raise entry_faults(*faults)
    check_entry(_parts(Kind.ENTRY, line))
    entry: Entry = _made(Kind.ENTRY, line, (), vocabulary, whats)
    return entry


def _at(fields: object, path: Sequence[str]) -> Any:
    for name in path:
        fields = fields.get(name) if isinstance(fields, Mapping) else None
    return fields


def _parts(kind: Kind, checked: Any) -> dict[str, Any]:
    return {part.name: getattr(checked, part.name) for part in WHOLES[kind].parts}


def _made(
    kind: Kind,
    checked: Any,
    path: tuple[str, ...],
    vocabulary: Vocabulary,
    whats: Mapping[tuple[str, ...], object],
) -> Any:
    """Return the value of checked parts.

    Args:
        kind: Its kind.
        checked: Its parts.
        path: The names of the parts in which it lies.
        vocabulary: The payload classes.
        whats: The payloads, by path.
    """
    parts = _parts(kind, checked)
    for part in WHOLES[kind].parts:
        inner = parts[part.name]
        if part.kind in WHOLES and inner is not None:
            place = (*path, part.name)
            parts[part.name] = _made(part.kind, inner, place, vocabulary, whats)
    if kind is Kind.EVENT:
        parts["what"] = whats[path]
    try:
        return WHOLES[kind].make((vocabulary, True), parts)
    except Exception as error:  # a user's payload class may raise anything
        # Of a release, only the days are checked together.
        place = (*path, "days") if kind is Kind.RELEASE else path
        raise entry_faults(Fault(".".join(place), refusal(error))) from None


def _payload(
    data: bytes,
    path: tuple[str, ...],
    claim: Mapping[str, object],
    vocabulary: Vocabulary,
    unknown_ok: bool,
    faults: list[Fault],
) -> object:
    """Return the payload of an event, or add its faults to *faults*."""
    place, what = ".".join(path), claim.get("what", {})
    kind, version = claim.get("kind"), claim.get("version")
    if not isinstance(what, Mapping):
        faults.append(Fault(f"{place}.what", f"is {described(what)}: write a table"))
        return None
    if "what" not in claim or not isinstance(kind, str) or type(version) is not int:
        return None
    try:
        for name in (*path, "what"):
            data = bytes(_read_raw(data)[name])
        return vocabulary.decode(kind, data, version, unknown_ok=unknown_ok)
    except VocabularyError as error:
        inner = "" if kind in vocabulary else ".kind"
        faults.append(Fault(f"{place}{inner}", str(error)))
    except FaultsError as error:
        for fault in error.faults:
            inner = "" if fault.place == kind else f".{fault.place}"
            faults.append(Fault(f"{place}.what{inner}", fault.problem))
    return None
