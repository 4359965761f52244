"""JSON Schema of a line of JSON Lines: derived from the parts of an entry.

A part that has no words here is described by its kind alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bri_timeline.extend import parts


_Schema = dict[str, Any]
_Kind = parts.Kind
_MOST = (1 << 63) - 1
_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_UTC = rf"^{_DAY}T[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}\.[0-9]{{6}}Z$"


def _defined(name: str) -> _Schema:
    return {"$ref": f"#/$defs/{name}"}


# By kind; others have a definition of their name.
_OF_KINDS: Mapping[_Kind, _Schema] = {
    _Kind.TEXT: {"type": "string"},
    _Kind.VERSION: {"type": "integer", "minimum": 1, "maximum": _MOST},
    _Kind.DEGREES: {"type": "number"},
    _Kind.DAY: {"oneOf": [_defined("day"), {"type": "integer"}]},
    _Kind.DATE: _defined("edtf"),
    _Kind.INSTANT: {"type": "string", "pattern": _UTC},
    _Kind.TIME: {"type": "string", "format": "date-time"},
    _Kind.WHAT: {"type": "object"},
    _Kind.CITATIONS: {"type": "array", "items": _defined("citation")},
}
_WHOLES: Mapping[str, tuple[parts.Part, ...]] = {
    "entry": parts.ENTRY,
    "release": parts.RELEASE,
    "erased": parts.ERASED,
    "review": parts.REVIEW,
    "event": parts.EVENT,
    "place": parts.PLACE,
    "citation": parts.CITATION,
    "source": parts.SOURCE,
}
_ABOUT = {
    "entry": "A claim, a correction or a retraction, as it was recorded.",
    "entry.position": "The place of the entry in the log, from 0 without gaps.",
    "entry.known": (
        "The day from which it was known: ISO 8601, or where that has no year of four"
        " digits, the number of the day, of which 1 is the first day of the year 1."
        " Absent: known all along."
    ),
    "entry.supersedes": "The position of the entry that it corrects.",
    "entry.retracts": "The position of the entry that it withdraws.",
    "entry.because": "Why it corrects or withdraws.",
    "entry.recorded_at": "The instant at which a store wrote it down, in UTC.",
    "entry.dataset": "The dataset to which it belongs.",
    "release": (
        "What a release of the dataset should contain: rows that satisfy all of this."
        " It is known since the day of its publication, and the entry claims nothing."
    ),
    "release.repeats": (
        "The ids of rows that it contains beyond that, and that were there before."
    ),
    "release.instant": (
        "The instant of publication, where there may be several on one day."
    ),
    "release.unread": (
        "The ids of its rows that could not be read, and stay as they were before; an"
        " empty text stands for an id that could not be read either."
    ),
    "erased": (
        "What is left of words that were erased: the entry has its effect without them."
    ),
    "erased.words": ("A digest of what was claimed or proposed. Absent: nothing was."),
    "erased.id": "The id of what happened, or a digest of payload and date.",
    "erased.line": "The SHA-256 of the line that the entry had in its store.",
    "erased.at": "The instant at which it was erased, in UTC.",
    "review": (
        "What the entry proposes, or the position of the proposal that it accepts or"
        " rejects."
    ),
    "review.supersedes": ("The position of the entry that the proposal would correct."),
    "event": "What is claimed, when it happened, and where that is said.",
    "event.kind": "The name of the payload class in the vocabulary.",
    "event.version": "The version of the payload class, from 1.",
    "event.what": "The fields of the payload.",
    "event.id": (
        "The name of what happened. Absent: its payload and date are its name."
    ),
    "place": (
        "Where it happened: a name, a point of WGS 84 in decimal degrees, or both."
    ),
    "place.precision": (
        "What the point stands for: exact, near, district, province, country, or"
        " another word."
    ),
    "citation": "A place in a source.",
    "citation.quote": "The words there.",
    "source": "A document.",
}
_WORDS: _Schema = {"minLength": 1}
# What is demanded beyond the kind of a part, or beyond the parts of a whole.
_LIMITS: Mapping[str, _Schema] = {
    "entry.dataset": _WORDS,
    "event.kind": _WORDS,
    "event.id": _WORDS,
    "place": {
        "anyOf": [{"required": ["name"]}, {"required": ["latitude"]}],
        "dependentRequired": {"latitude": ["longitude"], "longitude": ["latitude"]},
    },
    "place.name": _WORDS,
    "place.latitude": {"minimum": -90, "maximum": 90},
    "place.longitude": {"minimum": -180, "maximum": 180},
    "place.precision": _WORDS,
    "citation.quote": _WORDS,
    "source.digest": {"pattern": "^sha256:[0-9a-f]{64}$"},
}


def line_schema(name: str, version: int) -> _Schema:
    """Return the JSON Schema (2020-12) of a line.

    Args:
        name: The name of the format, in the first line of a file.
        version: Its version there.
    """
    head = {
        "description": "What the file is, and how many entries follow.",
        "type": "object",
        "properties": {
            "format": {"const": name},
            "version": {"const": version},
            "entries": _defined("number"),
            "digest": {
                "description": "The SHA-256 of all other lines, each ended by a line"
                " feed, without empty ones.",
                "type": "string",
                "pattern": "^[0-9a-f]{64}$",
            },
        },
        "required": ["format", "version"],
        "additionalProperties": False,
    }
    wholes = {whole: _of_whole(whole, listed) for whole, listed in _WHOLES.items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A line of a bri_timeline log",
        "description": "The first line of a file is a head, each other line is an"
        " entry. What is absent is left out.",
        "oneOf": [_defined("head"), _defined("entry")],
        "$defs": {
            "head": head,
            **wholes,
            "texts": {"type": "array", "items": {"type": "string"}},
            "edtf": {
                "description": "A date of the Extended Date/Time Format, levels 0 to 2"
                " (ISO 8601-2:2019).",
                "type": "string",
                "minLength": 1,
                "maxLength": 4096,
            },
            "day": {"type": "string", "pattern": f"^{_DAY}$"},
            "number": {"type": "integer", "minimum": 0, "maximum": _MOST},
        },
    }


def _of_whole(name: str, listed: tuple[parts.Part, ...]) -> _Schema:
    needed = [part.name for part in listed if part.default is ...]
    return {
        "description": _ABOUT[name],
        "type": "object",
        "properties": {
            part.name: _of_part(f"{name}.{part.name}", part) for part in listed
        },
        **({"required": needed} if needed else {}),
        **_LIMITS.get(name, {}),
        "additionalProperties": False,
    }


def _of_part(path: str, part: parts.Part) -> _Schema:
    about = {"description": _ABOUT[path]} if path in _ABOUT else {}
    kind = part.kind
    known = _OF_KINDS[kind] if kind in _OF_KINDS else _defined(kind.name.lower())
    return {**about, **known, **_LIMITS.get(path, {})}
