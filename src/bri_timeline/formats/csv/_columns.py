"""The columns of a table of entries: cells of an entry, and plain rows read at once."""

from __future__ import annotations

import json
import re
import typing
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache, partial
from json.encoder import encode_basestring

import attrs

from bri_timeline import Citation, Entry, Event, Place, Unknown, Vocabulary
from bri_timeline.edtf import Edtf
from bri_timeline.extend import (
    Codec,
    PayloadField,
    events_of,
    parts,
    payload_fields,
    table,
    to_day,
)
from bri_timeline.formats._flat import (
    cells_of,
    inner_class,
    is_listed,
    is_text,
    words_in,
)


Row = Mapping[str, str]
FIRST = (
    "entry",
    *(part.name for part in parts.TEXTS),
    "when",
    "kind",
    "version",
    "parties",
)
CITED = ("source", *table.CITED[1:])
# No field of a class has a space in its name, so that no payload has this column.
DATASET = "from dataset"
# For the same reason no payload has these: the columns of a place, by its fields.
PLACE = {name: f"place {name}" for name in attrs.fields_dict(Place)}
# The columns of an entry, by its parts.
PARTS = {
    part: DATASET if part.name == "dataset" else part.name
    for part in parts.ENTRY[1:]
    if part.kind not in parts.INNER
}
ENTRY = (*PARTS.values(), "line")
LAST = (*PLACE.values(), *CITED, *ENTRY)
FIXED = frozenset((*FIRST, *LAST)) - {"parties"}
_ALONG = "all along"
_DAY_NUMBER = re.compile(r"day (-?[0-9]{1,4000})")
_LAST_DATE = date.max.toordinal()


def column_of(field: str) -> str:
    """Return the column of a field of a payload."""
    return f"what.{field}" if field.partition(".")[0] in FIXED else field


def cells_of_entry(entry: Entry, vocabulary: Vocabulary, labelled: bool) -> list[Row]:
    """Return an entry as rows, as far as cells can hold it."""
    # Empty cells may be left out of a row; all rows of an entry share its label.
    first = {"entry": str(entry.position) if labelled else ""}
    for part, column in PARTS.items():
        value = getattr(entry, part.name) if part.kind is not parts.Kind.DAY else None
        if value not in (None, part.default):
            first[column] = Codec(vocabulary).text_of(part.kind, value)
    first["known"] = _known_text(entry)
    event = entry.event
    if event is None:
        return [first]
    first |= claim_cells(event, vocabulary)
    cited = [
        dict(zip(CITED, ("" if text is None else text for text in texts), strict=True))
        for texts in (table.cited_cells(citation).values() for citation in event.cite)
    ] or [{}]
    label = {"entry": first["entry"]}
    return [first | cited[0], *(label | more for more in cited[1:])]


def claim_cells(event: Event, vocabulary: Vocabulary) -> dict[str, str]:
    """Return an event as cells, without its citations."""
    what = event.what
    version = vocabulary.version_of(what)
    cells = {part.name: getattr(event, part.path) or "" for part in parts.TEXTS}
    cells |= {
        "when": str(event.when),
        "kind": vocabulary.name_of(what),
        "version": "" if version == 1 else str(version),
        "parties": " ".join(sorted(event.parties)),
    }
    if event.where is not None:
        place_parts = {name: getattr(event.where, name) for name in PLACE}
        cells |= {
            PLACE[n]: str(part) for n, part in place_parts.items() if part is not None
        }
    fields = {} if isinstance(what, Unknown) else cells_of(what, vocabulary)
    return cells | {column_of(name): cell for name, cell in fields.items()}


def _known_text(entry: Entry) -> str:
    day = entry.known_day
    if day is None:
        return "" if entry.event is None else _ALONG
    # Days outside the years of `date` have no ISO text that other programs read.
    is_date = 1 <= day <= _LAST_DATE
    return date.fromordinal(day).isoformat() if is_date else f"day {day}"


def known_in(cell: str) -> int | None:
    """Return the day of knowledge in a cell; None for `all along`.

    Raises:
        ValueError: The cell is not a day.
    """
    if cell == _ALONG:
        return None
    number = _DAY_NUMBER.fullmatch(cell)
    return int(number[1]) if number else to_day(cell)


# --- plain rows, read at once: column by column ------------------------------------

_TEXTS = [part.name for part in parts.TEXTS]
_SPECIAL = {"version", *PLACE.values(), *ENTRY} - {"known"}
# What JSON and its decoders agree on, whatever the field.
_LITERAL = re.compile(r"true|false|0|-?[1-9][0-9]{0,14}").fullmatch
_ATOMS, _SEVERAL = (str, int, bool, type(None)), (tuple, frozenset)
_DECIMAL = re.compile(r"(0|-?[1-9][0-9]{0,14})(\.[0-9]{1,14})?").fullmatch
_Columns = Mapping[str, Sequence[str]]
_Writer = Callable[[str], str]
_known = lru_cache(maxsize=1 << 12)(known_in)
_edtf = lru_cache(maxsize=1 << 15)(Edtf)


def special_columns(header: Sequence[str]) -> list[int]:
    """Return the places of the columns that a plain row leaves empty."""
    return [place for place, name in enumerate(header) if name in _SPECIAL]


def is_plain_row(special: Sequence[int], cells: Sequence[str]) -> bool:
    """Check whether a row is a whole claim that refers to no other row.

    Args:
        special: The places from `special_columns()`.
        cells: The cells; an apostrophe in one of them may have been added.
    """
    if special and any(cells[place] for place in special):
        return False
    return "'" not in "".join(cells)


def plain_events(
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    vocabulary: Vocabulary,
) -> tuple[list[Event], list[int | None]]:
    """Return the events in plain rows, and the days from which they were known.

    They are those that an `EntryReader` reads.

    Args:
        header: The names of the columns.
        rows: The cells of rows.
        vocabulary: The payload classes.

    Raises:
        Exception: An `EntryReader` has to read one of the rows, or to find its faults.
    """
    named = dict(zip(header, zip(*rows, strict=True), strict=True))
    kinds, absent = named["kind"], ("",) * len(rows)
    whats: list[object] = [None] * len(rows)
    for kind in {*kinds}:
        places = [place for place, name in enumerate(kinds) if name == kind]
        payloads = _payloads(kind, named, places, vocabulary)
        for place, what in zip(places, payloads, strict=True):
            whats[place] = what
    whens = map(_edtf, named["when"])
    cites = map(_citations_in, *(named.get(name, absent) for name in CITED))
    texts = {
        name: [cell or None for cell in named.get(name, absent)] for name in _TEXTS
    }
    events = events_of(whats, whens, cites, texts.pop("id"), **texts)
    _check_parties(events, named.get("parties", ()), {*kinds}, vocabulary)
    known = [
        _known(cell) if cell else event.known_day
        for event, cell in zip(events, named.get("known", absent), strict=True)
    ]
    return events, known


def _payloads(
    kind: str,
    named: Mapping[str, Sequence[str]],
    places: Sequence[int],
    vocabulary: Vocabulary,
) -> list[object]:
    """Return the payloads of one kind, from JSON that is made of their cells."""
    cls = vocabulary.classes[kind]
    read, parts = (
        Codec(vocabulary).batch_payload_reader(kind, None),
        payload_fields(cls),
    )
    if read is None:
        raise TypeError(cls)
    cells = {
        column.removeprefix("what."): [texts[place] for place in places]
        for column, texts in named.items()
        if column not in FIXED and (column != "parties" or column in parts)
    }
    return read(_objects(cls, cells, len(places)))


def _objects(cls: type, columns: _Columns, count: int) -> list[str]:
    """Return so many JSON objects, made of the cells of some fields."""
    parts = payload_fields(cls)
    absent = {name: _default(cls, name) for name in parts}
    pieces: list[Sequence[str]] = []
    nested: dict[str, dict[str, Sequence[str]]] = defaultdict(dict)
    for column, cells in columns.items():
        name, _, rest = column.partition(".")
        if rest and any(cells):
            nested[name][rest] = cells
        elif any(cells):
            write, default = _writer(name, parts[name]), absent.pop(name)
            pieces.append([write(cell) if cell else default for cell in cells])
    for name, inner in nested.items():
        default, opening = absent.pop(name), f",{encode_basestring(name)}:"
        texts = _objects(inner_class(parts[name]) or object, inner, count)
        filled = map(any, zip(*inner.values(), strict=True))
        pieces.append(
            [
                opening + text if is_filled else default
                for text, is_filled in zip(texts, filled, strict=True)
            ]
        )
    pieces.append(["".join(absent.values())] * count)
    return [
        f"{{{''.join(row_pieces)[1:]}}}" for row_pieces in zip(*pieces, strict=True)
    ]


@lru_cache(maxsize=1024)
def _default(cls: type, name: str) -> str:
    """Return the default of a field as JSON; empty where only the class can give it."""
    hint = payload_fields(cls)[name].type
    for field in attrs.fields(cls):
        value, kind = field.default, type(field.default)
        is_atom = kind in _ATOMS and kind in (typing.get_args(hint) or (hint,))
        is_empty = not value and kind in _SEVERAL and kind is typing.get_origin(hint)
        if field.alias == name and (is_atom or is_empty):
            return f",{json.dumps(name)}:{json.dumps([] if is_empty else value)}"
    return ""


@lru_cache(maxsize=4096)
def _writer(name: str, part: PayloadField) -> _Writer:
    """Return what writes the cells of a field as JSON, with its name."""
    opening = f",{encode_basestring(name)}:"
    if is_listed(part):
        return lru_cache(maxsize=1 << 12)(partial(_listed, opening))
    if is_text(part):
        return lambda cell: opening + encode_basestring(cell)
    kinds = {*(typing.get_args(part.type) or (part.type,))}
    if kinds <= {Decimal, type(None)}:
        return partial(_decimal, opening)
    return partial(_literal, opening)


def _listed(opening: str, cell: str) -> str:
    if cell[:1] == "[":
        raise ValueError(cell)
    return f"{opening}[{','.join(map(encode_basestring, words_in(cell)))}]"


def _literal(opening: str, cell: str) -> str:
    if not _LITERAL(cell):
        raise ValueError(cell)
    return opening + cell


def _decimal(opening: str, cell: str) -> str:
    if not _DECIMAL(cell):
        raise ValueError(cell)
    return f'{opening}"{cell}"'


@lru_cache(maxsize=1 << 12)
def _citations_in(title: str, *cells: str) -> tuple[Citation, ...]:
    """Return the citation in the cells of the columns `CITED`, if they hold one."""
    if not title:
        if any(cells):
            raise ValueError(cells)
        return ()
    return (table.citation_of((title, *(cell or None for cell in cells))),)


def _check_parties(
    events: Sequence[Event],
    stated: Sequence[str],
    kinds: set[str],
    vocabulary: Vocabulary,
) -> None:
    """Check the column `parties` of payloads that have no such field.

    Raises:
        ValueError: It names others than the payload does.
    """
    if all("parties" in payload_fields(vocabulary.classes[kind]) for kind in kinds):
        return
    for event, cell in zip(events, stated, strict=False):
        if cell and _parties(cell) != event.parties:
            raise ValueError(cell)


@lru_cache(maxsize=1 << 12)
def _parties(cell: str) -> frozenset[str]:
    return frozenset(words_in(cell))
