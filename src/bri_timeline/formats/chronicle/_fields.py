"""The tables of a chronicle: what their fields hold, and where they are at fault."""

from __future__ import annotations

import typing
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import attrs
from attrs import define, field

from bri_timeline import Entry, Event, Place, Vocabulary
from bri_timeline.edtf import Edtf
from bri_timeline.errors import BriTimelineError, VocabularyError, shown_name
from bri_timeline.extend import Day, described, parts, to_day
from bri_timeline.formats._flat import built
from bri_timeline.formats.chronicle._places import unknown_key


__all__ = [
    "BESIDE",
    "QUOTED",
    "EntryPlace",
    "FieldFault",
    "beside_in",
    "build",
    "check_keys",
    "day_in",
    "known_in",
    "quoted_in",
    "text_in",
    "when_in",
    "where_in",
]


# What a citation has beside a place in a source.
QUOTED = [
    part.name for part in parts.CITATION if part.name not in ("source", "locator")
]
# What an entry has beside that: no kind of entry reads it in a way of its own.
BESIDE = {
    part.name: part.default
    for part in parts.ENTRY
    if part.kind in (parts.Kind.TEXT, parts.Kind.TEXTS)
    and part.name not in ("because", "dataset")
}
_PLACES = Vocabulary(where=Place)
_HINTS = typing.get_type_hints(Entry)
_Beside = attrs.make_class(
    "Beside",
    {name: attrs.field(type=_HINTS[name], default=one) for name, one in BESIDE.items()},
    frozen=True,
)
_ENTRIES = Vocabulary(entry=_Beside)
_Table = dict[str, object]


@define
class FieldFault:
    """A fault, with the path of its table and the field in it."""

    path: tuple[str, ...]
    name: str
    field: str
    problem: str


@define
class EntryPlace:
    """The table that is being read."""

    path: tuple[str, ...]
    name: str
    faults: list[FieldFault]
    _before: int = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._before = len(self.faults)

    @property
    def is_sound(self) -> bool:
        """Nothing has been found wrong with the table so far."""
        return len(self.faults) == self._before

    def fault(self, key: str, problem: object) -> None:
        self.faults.append(FieldFault(self.path, self.name, key, str(problem)))


def beside_in(place: EntryPlace, entry: _Table) -> dict[str, Any]:
    """Return what an entry has beside what its kind of entries reads."""
    given = {name: entry[name] for name in BESIDE if name in entry}
    found = build(place, _ENTRIES, "entry", given, "") if given else None
    return {name: getattr(found, name, None) for name in given}


def quoted_in(cited: object) -> tuple[str, dict[str, Any]] | None:
    """Return a place in a source and the words there; None if it is something else."""
    if isinstance(cited, str):
        return cited, {}
    if not isinstance(cited, dict) or not {"at"} < cited.keys() <= {"at", *QUOTED}:
        return None
    texts = {name: text for name, text in cited.items() if name != "at"}
    is_said = all(isinstance(text, str) and text.strip() for text in texts.values())
    return (cited["at"], texts) if isinstance(cited["at"], str) and is_said else None


def check_keys(
    place: EntryPlace, keys: Iterable[str], known: tuple[str, ...], whole: str
) -> None:
    for key in keys:
        if key not in known:
            place.fault(shown_name(key), unknown_key(key, known, whole))


def build(
    place: EntryPlace, vocabulary: Vocabulary, kind: str, fields: object, prefix: str
) -> object:
    given = fields if isinstance(fields, dict) else {}
    try:
        return built(vocabulary, kind, given, prefix, place.fault)
    except VocabularyError as error:
        place.fault(prefix, error)
    return None


@lru_cache(1 << 14)
def _date(text: str) -> Edtf:
    """Return the date of an event; the same text stands in many entries."""
    return Event("probe", when=text).when


def when_in(place: EntryPlace, entry: _Table) -> Edtf | None:
    when = entry.get("when")
    # TOML has dates of its own, which people write without quotes.
    if isinstance(when, date):
        when = when.isoformat()
    if isinstance(when, str):
        try:
            return _date(when)
        except BriTimelineError as error:
            place.fault("when", error)
            return None
    has = f"is {described(when)}" if "when" in entry else "is missing"
    place.fault("when", f'{has}: write a date in quotes, such as "2013" or "2019-04"')
    return None


def where_in(place: EntryPlace, where: object) -> Place | None:
    if isinstance(where, dict):
        location = build(place, _PLACES, "where", where, "where")
        return location if isinstance(location, Place) else None
    name = text_in(place, {"where": where}, "where")
    return None if name is None else Place(name)


def known_in(place: EntryPlace, entry: _Table) -> Day | None:
    return None if entry.get("known") is None else day_in(place, entry, "known")


def day_in(place: EntryPlace, entry: _Table, name: str) -> Day | None:
    known = entry[name]
    if isinstance(known, str | date) and not isinstance(known, datetime):
        try:
            to_day(known)
        except BriTimelineError as error:
            place.fault(name, error)
            return None
        return known
    place.fault(name, f"is {described(known)}: write a day, such as 2019-04-24")
    return None


def text_in(place: EntryPlace, table: Mapping[str, object], key: str) -> str | None:
    text = table.get(key)
    if text is None or (isinstance(text, str) and text):
        return text
    place.fault(key, f"is {described(text)}: write text in quotes")
    return None
