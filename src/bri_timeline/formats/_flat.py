"""Entries as flat texts: cells of a table, and events and sources without history."""

from __future__ import annotations

import json
import re
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache

import attrs
import msgspec
from attrs import frozen

from bri_timeline import Entry, Event, EventLog, Source, View, Vocabulary
from bri_timeline.edtf import Edtf
from bri_timeline.errors import FaultsError, shown
from bri_timeline.evidence import citation_key
from bri_timeline.extend import (
    PayloadField,
    can_end,
    iso,
    members_of,
    parts,
    payload_fields,
    table,
)
from bri_timeline.formats._files import Loss


# The parts of a source, its title first.
SOURCE = tuple(part.name for part in parts.SOURCE)
_SIGNS = "-=+@\uff1d\uff0b\uff0d\uff20"
_QUOTES = "['\" ]*"

# A spreadsheet sees a formula at the beginning of a cell. If it opens the file with
# another delimiter, it also sees one behind that delimiter within a cell.
_BEGINNING = (
    rf"\A{{0}}(?={_QUOTES}[{_SIGNS}\t\r\n])|(?<=[;|\t\r\n]){{0}}(?={_QUOTES}[{_SIGNS}])"
)
_FORMULA = re.compile(_BEGINNING.format(""))
_NEUTRAL = re.compile(_BEGINNING.format("'"))
_NUMBER = re.compile(r"[-+]?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_WORD = re.compile(r"[^\s\[\];,'\"{}]+")
_APART = re.compile(r"[\s;]+")
_TEXTS = (str, Edtf, date, type(None))
_decode = msgspec.json.Decoder(dict[str, object], float_hook=Decimal).decode
_encode = msgspec.json.Encoder(decimal_format="number").encode

TellEvent = Callable[[Event], str]


def ended_text(view: View, event: Event) -> str | None:
    """Return whether an event has ended, as text; None of what does not last."""
    return str(view.ended(event)) if can_end(event) else None


def texts_of(
    event: Event, vocabulary: Vocabulary, tell: TellEvent
) -> dict[str, str | None]:
    """Return what programs are told of an event, by name; None of open days.

    Args:
        event: The event.
        vocabulary: The payload classes.
        tell: Returns the label.

    Raises:
        VocabularyError: The vocabulary lacks the class of its payload.
    """
    first, last = event.when.first_day, event.when.last_day
    return {
        # Some programs drop the id of a feature.
        "id": event.id,
        "kind": vocabulary.name_of(event.what),
        "label": tell(event),
        "when": str(event.when),
        "earliest": None if first is None else iso(first),
        "latest": None if last is None else iso(last),
    }


def neutral(cell: str) -> str:
    """Return a cell that no spreadsheet reads as a formula, whatever its delimiter.

    A formula gets an apostrophe in front, the mark of text in a spreadsheet. Text that
    already has one gets another, so that `plain()` can undo it. Numbers stay.
    """
    return cell if _NUMBER.fullmatch(cell) else _FORMULA.sub("'", cell)


def plain(cell: str) -> str:
    """Return the cell from which `neutral()` made this one."""
    if "'" not in cell:
        return cell
    # An apostrophe before a number is original text: neutral() does not mark numbers.
    is_number = cell[:1] == "'" and _NUMBER.fullmatch(cell, 1)
    return cell if is_number else _NEUTRAL.sub("", cell)


def words_in(cell: str) -> list[str]:
    """Return the words in a cell that holds a list, such as parties."""
    return [word for word in _APART.split(cell) if word]


@lru_cache(maxsize=1024)
def columns_of(cls: type) -> tuple[str, ...]:
    """Return the columns of a payload class: its fields, and nested `value.amount`."""
    return tuple(_columns(cls, ()))


def _columns(cls: type, within: tuple[type, ...]) -> Iterator[str]:
    for name, part in payload_fields(cls).items():
        inner = inner_class(part)
        yield name
        # A class that contains itself would have endless columns.
        if inner is not None and inner not in within:
            for column in _columns(inner, (*within, inner)):
                yield f"{name}.{column}"


@lru_cache(maxsize=4096)
def inner_class(part: PayloadField) -> type | None:
    """Return the class of a field that holds one nested payload, or None."""
    kinds = [kind for kind in members_of(part.type) if kind is not type(None)]
    only = kinds[0] if len(kinds) == 1 else None
    return only if isinstance(only, type) and attrs.has(only) else None


def cells_of(what: object, vocabulary: Vocabulary) -> dict[str, str]:
    """Return the fields of a payload as cells, by column.

    None is an empty cell. A set of plain words, such as parties, is written as words
    with spaces between them. Other values that are not text are JSON.

    Args:
        what: The payload, not an `Unknown`.
        vocabulary: The payload classes.
    """
    return dict(_cells(type(what), _decode(vocabulary.encode(what)), ""))


def _cells(
    cls: type, fields: Mapping[str, object], prefix: str, within: tuple[type, ...] = ()
) -> Iterator[tuple[str, str]]:
    for name, part in payload_fields(cls).items():
        value, inner = fields.get(name), inner_class(part)
        if isinstance(value, dict) and inner is not None and inner not in within:
            yield from _cells(inner, value, f"{prefix}{name}.", (*within, inner))
        elif value is not None and (value != [] or part.required):
            yield prefix + name, _cell(part, value)


def _cell(part: PayloadField, value: object) -> str:
    if isinstance(value, str):
        return value
    # Words with spaces or brackets would be split differently when read back.
    words = value if isinstance(value, list) and is_listed(part) else []
    if words and all(_WORD.fullmatch(word) for word in words):
        return " ".join(words)
    return _encode(value).decode()


@lru_cache(maxsize=4096)
def is_listed(part: PayloadField) -> bool:
    """Return whether a field holds a set or a tuple of texts."""
    return part.type in (frozenset[str], tuple[str, ...])


def built(
    vocabulary: Vocabulary,
    kind: str,
    fields: Mapping[str, object],
    prefix: str,
    fault: Callable[[str, str], object],
    version: int | None = None,
) -> object:
    """Return a value of a class, or None if its fields have faults.

    Args:
        vocabulary: The classes.
        kind: The name of the class.
        fields: Its fields as plain data.
        prefix: What stands before a field in messages; may be empty.
        fault: Takes each faulty field and the problem.
        version: The version of the fields; None for the latest.

    Raises:
        VocabularyError: The vocabulary lacks the class, or the version.
    """
    try:
        return vocabulary.build(kind, fields, version)
    except FaultsError as error:
        for found in error.faults:
            inner = "" if found.place == kind else found.place
            fault(".".join(filter(None, [prefix, inner])), found.problem)
    return None


def fields_in(
    cls: type, cells: Mapping[str, str]
) -> tuple[dict[str, object], list[tuple[str, str]]]:
    """Return the fields in some cells, and the problems with their columns.

    Args:
        cls: The payload class, whose field types decide how cells are read.
        cells: The cells by column; none of them empty.
    """
    parts = payload_fields(cls)
    fields: dict[str, object] = {}
    problems: list[tuple[str, str]] = []
    nested: dict[str, dict[str, str]] = {}
    for column, cell in cells.items():
        name, _, rest = column.partition(".")
        if name not in parts or (rest and inner_class(parts[name]) is None):
            problem = f"is {shown(cell)}, and a {cls.__name__} has no such field"
            problems.append((column, f"{problem}: leave it empty"))
        elif rest:
            nested.setdefault(name, {})[rest] = cell
        else:
            fields[name] = _value(parts[name], cell)
    for name, inner in nested.items():
        nested_fields, wrong = fields_in(inner_class(parts[name]) or object, inner)
        fields[name] = nested_fields
        problems += [(f"{name}.{column}", problem) for column, problem in wrong]
    return fields, problems


def _value(part: PayloadField, cell: str) -> object:
    if is_listed(part) and cell[:1] != "[":
        return words_in(cell)
    # "2015" in a text field is text, although it is JSON too.
    if is_text(part):
        return cell
    try:
        value: object = json.loads(
            cell, parse_float=Decimal, parse_constant=_reject_constant
        )
    except (ValueError, RecursionError, ArithmeticError):
        return cell
    # A quoted JSON text stays as typed: its quotes may be part of the text.
    return cell if isinstance(value, str) else value


@lru_cache(maxsize=4096)
def is_text(part: PayloadField) -> bool:
    """Return whether JSON writes the values of a field as text."""
    if typing.get_origin(part.type) in (tuple, frozenset):
        return False
    kinds = typing.get_args(part.type) or (part.type,)
    return all(isinstance(kind, type) and issubclass(kind, _TEXTS) for kind in kinds)


def _reject_constant(name: str) -> typing.NoReturn:
    raise ValueError(name)


@frozen
class WrittenEvent:
    """An event that counts in a view.

    Attributes:
        event: The event.
        places: The places of its entries, for losses.
        is_certain: Whether it had certainly happened.
    """

    event: Event
    places: tuple[str, ...]
    is_certain: bool = True

    def losses(self, problems: Iterable[str]) -> list[Loss]:
        """Return a loss for each of its entries and each problem."""
        every = list(problems)
        return [Loss(place, problem) for place in self.places for problem in every]


def sources_text(event: Event) -> str:
    """Return the citations of an event, one on each line."""
    return "\n".join(map(str, event.cite))


def days_of(when: Edtf) -> tuple[date | None, date | None]:
    """Return the first and the last day of a date; None for a day outside `date`."""
    return table.day_of(when.first_day), table.day_of(when.last_day)


def counted_events(
    log: EventLog, view: View | None = None, *, has_places: bool = False
) -> tuple[list[WrittenEvent], list[Loss]]:
    """Return the events that count, ordered by date, and the losses of all entries.

    Args:
        log: The log.
        view: The view whose events count, certain or undecided; by default that of the
            last day of the year 9999.
        has_places: The format holds places.
    """
    # Disputed, superseded and withdrawn claims are resolved by the view, not here.
    view = log.as_of(date.max) if view is None else view
    certain = {event.id for event in view.events}
    # These formats show events by date; fold order would put a year after its days.
    events = sorted((*view.events, *view.undecided), key=lambda e: e.when.sort_key())
    taken = {
        entry.position: happening.event
        for happening in view._facts.possible()
        for entry in happening.entries
    }
    places: dict[str, list[str]] = {}
    losses: list[Loss] = []
    for entry in log:
        place, event = f"entry {entry.position}", taken.get(entry.position)
        if event is not None:
            lost = _bare(entry, event, has_places=has_places)
            places.setdefault(event.id, []).append(place)
        else:
            lost = _NO_CLAIM if entry.event is None else _LEFT_OUT
        losses += [Loss(place, problem) for problem in lost]
    return [
        WrittenEvent(event, tuple(places[event.id]), event.id in certain)
        for event in events
    ], losses


_NO_CLAIM = ["is not written: it withdraws another, or was erased"]
# Several claims may be about one happening: only the one that counts is written.
_LEFT_OUT = ["is not written: it was corrected, withdrawn or set aside, or is late"]


def _bare(entry: Entry, event: Event, *, has_places: bool) -> list[str]:
    """Return the losses of an entry whose event is written: only the event is."""
    lost = []
    said = entry.event
    if said is not None and (
        (said.what, said.when) != (event.what, event.when)
        or (has_places and said.where != event.where)
    ):
        lost.append("its own words are not written: what counts says more")
    if not has_places and entry.event is not None and entry.event.where is not None:
        lost.append("its place is not written, at most its name")
    if entry.known_day is not None:
        lost.append("the day from which it was known is not written")
    if entry.supersedes is not None or entry.because is not None:
        lost.append("what it corrects, and why, is not written")
    if entry.recorded_at is not None:
        lost.append("the instant at which it was recorded is not written")
    return lost


def sources_in(sources: EventLog | Iterable[Source]) -> list[Source]:
    """Return distinct sources: those given, or those that a log cites."""
    if isinstance(sources, EventLog):
        claims = (entry.event for entry in sources if entry.event is not None)
        sources = (cited.source for claim in claims for cited in claim.cite)
    return list(dict.fromkeys(sources))


def keyed(sources: Iterable[Source]) -> dict[str, Source]:
    """Return sources by the keys to cite them by."""
    return {citation_key(source): source for source in sources}


def writable(
    sources: dict[str, Source], round_trip: Callable[[str, Source], Source | None]
) -> tuple[dict[str, Source], tuple[Loss, ...]]:
    """Return the sources that can be written, and the losses.

    Args:
        sources: The sources by key.
        round_trip: Returns the source that would be read back, or None.
    """
    written_sources, losses = {}, []
    for key, source in sources.items():
        back = round_trip(key, source)
        # A source that cannot be read back would make the whole file unreadable.
        if back is None:
            problem = f"is not written: {shown(source.title)} could not be read again"
            losses.append(Loss(key, problem))
            continue
        written_sources[key] = source
        losses += [
            Loss(key, f"its {name} does not come back as it was")
            for name in SOURCE
            if getattr(back, name) != getattr(source, name)
        ]
    return written_sources, tuple(losses)


def container_of(parts: Sequence[str | None]) -> str | None:
    """Return the container of a document: its name, volume and number."""
    name, volume, number = parts
    container = name
    if name and volume:
        container = f"{name} {volume}" + (f":{number}" if number else "")
    return container or None
