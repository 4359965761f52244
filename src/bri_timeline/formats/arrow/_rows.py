"""Convert entries to rows of Arrow, and back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import lru_cache, partial
from typing import Any, TypeAlias, TypeVar

from bri_timeline import Citation, Entry, Event, Place, Unknown, Vocabulary
from bri_timeline.edtf import Edtf
from bri_timeline.errors import BriTimelineError, EntryError, EventError, FaultsError
from bri_timeline.extend import (
    Codec,
    described,
    events_of,
    parts,
    table,
    without_review,
)
from bri_timeline.formats._files import LONGEST, Faults


# pyarrow is an extra, imported where it is used: its types are not named here.
_Batch: TypeAlias = Any
_Column: TypeAlias = Any
T = TypeVar("T")
Row = Mapping[str, object]
# No longer, in whatever encoding, than a line may be.
_LONGEST = LONGEST // 4
_MOST_KEPT = 1 << 14
_SOME_DAY = Edtf("2000-01-01")
NEEDED = ("kind", "what", "when")
# The id of an event stands before all else that it has.
_EVENT = sorted(parts.EVENT, key=lambda part: part.name != "id")
# Whoever reads a table need not know what a proposal is.
_KEPT = [
    part
    for part in (parts.ENTRY[0], *_EVENT, *parts.ENTRY[1:-1])
    if part.kind is not parts.Kind.REVIEW
]
# The columns of a file, in order.
COLUMNS = (*table.columns_of_parts(_KEPT),)
_JSON = {part.name: part.kind for part in _KEPT if part.kind in parts.INNER}


def row_of(entry: Entry, vocabulary: Vocabulary) -> Row:
    """Return an entry as a row.

    Raises:
        VocabularyError: The vocabulary lacks the class of its payload.
        EntryError: Its payload is longer than `load()` allows.
    """
    # Whoever reads a table need not know what a proposal is.
    entry = without_review(entry)
    row = table.entry_cells(entry)
    for name, kind in _JSON.items():
        if (part := getattr(entry, name)) is not None:
            row[name] = Codec(vocabulary).text_of(kind, part)
    event = entry.event
    if event is None:
        return row
    what = event.what
    data = what.data if isinstance(what, Unknown) else vocabulary.encode(what)
    # load() would refuse the file, so dump() must refuse the entry.
    if len(data) > LONGEST:
        problem = f"its payload has {len(data)} bytes, and at most {LONGEST} are read"
        place = f"entry {entry.position} cannot be kept in Arrow"
        raise EntryError(entry.position, f"{place}: {problem}")
    row |= table.event_cells(event)
    row["kind"], row["version"] = vocabulary.name_of(what), vocabulary.version_of(what)
    row["what"] = data.decode()
    return row


class ArrowRows:
    """Rows of a table, which are read column by column.

    Args:
        batch: The rows, fully validated.
        first: The number of rows above.
        vocabulary: The payload classes.
    """

    def __init__(self, batch: _Batch, first: int, vocabulary: Vocabulary) -> None:
        self._first, self._size = first, batch.num_rows
        self._vocabulary, self._codec = vocabulary, Codec(vocabulary)
        self._faults: dict[int, list[tuple[str, object]]] = {}
        # A null in the column of days means "known all along"; without the column the
        # day comes from the source.
        self._cells = {
            name: self._cells_of(name, column)
            for name, column in zip(batch.schema.names, batch.columns, strict=True)
            if name in READ
            and (name == "known_day" or column.null_count < batch.num_rows)
        }

    def entries(self, faults: Faults) -> Iterator[Entry | None]:
        """Yield the entry in each row; None if the row has faults.

        Args:
            faults: Takes the faults.
        """
        own = {
            name: self._read(f": {name}", _READS[name], cells)
            for name, cells in self._cells.items()
            if name in _READS
        }
        for name, kind in _JSON.items():
            if name in own:
                read = partial(self._inner, kind)
                own[name] = self._read(f": {name}", read, own[name])
        self._check_positions(own)
        events = self._events(own)
        for row in sorted(self._faults):
            for column, problem in self._faults[row]:
                faults.add(f"row {self._first + row}{column}", problem)
        knowns = own.get("known_day") or [event and event.known_day for event in events]
        rest = {name: own[name] for name in _OF_ENTRIES & own.keys()}
        for row, (event, known) in enumerate(zip(events, knowns, strict=True)):
            parts = {name: values[row] for name, values in rest.items()}
            place = self._first + row
            entry = Entry(position=place, event=event, known=known, **parts)
            yield None if row in self._faults else entry

    def _cells_of(self, name: str, column: _Column) -> Sequence[Any]:
        try:
            cells: list[Any] = column.to_pylist()
        # Days, instants and zones raise various errors; the loop finds the bad cells.
        except Exception:
            return self._read(f": {name}", _as_python, column)
        return cells

    def _read(
        self, column: str, read: Callable[..., Any], *cells: Iterable[Any]
    ) -> list[Any]:
        """Return what a function makes of each row; None where that is a fault."""
        try:
            return [*map(read, *cells)]
        except Exception:
            rows = enumerate(zip(*cells, strict=True))
            return [self._read_row(row, column, read, *some) for row, some in rows]

    def _read_row(
        self, row: int, column: str, read: Callable[..., T], *cells: Any, **named: Any
    ) -> T | None:
        try:
            return read(*cells, **named)
        except FaultsError as error:
            for fault in error.faults:
                self._fault(row, f": what.{fault.place}", fault.problem)
        except (BriTimelineError, ValueError) as error:
            self._fault(row, column, error)
        return None

    def _fault(self, row: int, column: str, problem: object) -> None:
        self._faults.setdefault(row, []).append((column, problem))

    def _inner(self, kind: parts.Kind, text: str | None) -> object:
        return None if text is None else self._codec.value_in(kind, text)

    def _check_positions(self, own: Mapping[str, Sequence[Any]]) -> None:
        first = self._first
        for row, place in enumerate(own.get("position", ()), first):
            if place is not None and place != row:
                problem = f"is {place}: rows are in order, and here is {row}"
                self._fault(row - first, ": position", problem)
        for name in ("supersedes", "retracts"):
            for row, target in enumerate(own.get(name, ()), first):
                if target is not None and not 0 <= target < row:
                    problem = f"is {target}: name a row above"
                    self._fault(row - first, f": {name}", problem)

    def _events(self, own: Mapping[str, Sequence[Any]]) -> Sequence[Event | None]:
        """Return the event of each row; None without one, or if it cannot be read."""
        absent: Sequence[Any] = [None] * self._size
        cells = [self._cells.get(name, absent) for name in (*NEEDED, "where", "cite")]
        kinds, texts, dates, wheres, cites = cells
        names = ("retracts", "position", "release")
        effects = [own.get(name, absent) for name in names]
        self._read("", _check_claim, kinds, texts, dates, *effects)
        columns = {
            "what": self._payloads(kinds, texts, own.get("version", absent)),
            "when": self._read(": when", _when, dates),
            "cite": self._read(": cite", _cited, cites),
            "id": absent,
            "where": self._read(": where", place_in, wheres),
        }
        columns |= {name: own[name] for name in _READ_ALONE & own.keys()}
        columns["id"] = self._read(": id", _id_of, columns["id"], kinds)
        if "erased" in own:
            self._read(": erased", _check_erased, own["erased"], columns["what"])
        rows = list[int]()
        needed = zip(*[*columns.values()][:3], strict=True)
        for row, (what, *beside) in enumerate(needed):
            if None in beside and what is not None:
                # Its date or sources have faults: the payload may have some too.
                self._read_row(row, ": what", Event, what, when=_SOME_DAY)
            elif what is not None:
                rows.append(row)
        some = {name: [cells[row] for row in rows] for name, cells in columns.items()}
        events = dict(zip(rows, self._events_in(rows, some), strict=True))
        return [*map(events.get, range(self._size))]

    def _events_in(
        self, rows: Sequence[int], columns: Mapping[str, Sequence[Any]]
    ) -> Sequence[Event | None]:
        first, rest = [*columns.values()][:4], dict([*columns.items()][4:])
        try:
            return events_of(*first, **rest)
        except Exception:
            parts = zip(rows, *columns.values(), strict=True)
            return [
                self._read_row(
                    row, ": what", Event, **dict(zip(columns, cells, strict=True))
                )
                for row, *cells in parts
            ]

    def _payloads(
        self,
        kinds: Sequence[object],
        texts: Sequence[Any],
        versions: Sequence[int | None],
    ) -> Sequence[object]:
        """Return the payload of each row; those of a kind are read together."""
        alike: dict[tuple[str, int | None], list[int]] = {}
        for row, (kind, version) in enumerate(zip(kinds, versions, strict=True)):
            if isinstance(kind, str) and isinstance(texts[row], str):
                alike.setdefault((kind, version), []).append(row)
        payloads: list[object] = [None] * self._size
        for (kind, version), rows in alike.items():
            some = [texts[row] for row in rows]
            whats = self._alike(kind, version, rows, some)
            for row, what in zip(rows, whats, strict=True):
                payloads[row] = what
        return payloads

    def _alike(
        self, kind: str, version: int | None, rows: list[int], texts: list[str]
    ) -> Sequence[object]:
        with suppress(Exception):
            read = self._codec.batch_payload_reader(kind, version)
            if read is not None and max(map(len, texts)) <= _LONGEST:
                payloads = read(texts)
                written = self._codec.are_written_so(kind, texts, payloads)
                # Empty texts are no lines: there are fewer payloads then.
                if len(payloads) == len(texts) and all(written):
                    return payloads
        read_one = partial(self._vocabulary.decode, unknown_ok=True)
        return [
            self._read_row(row, "", read_one, kind, text, version)
            for row, text in zip(rows, texts, strict=True)
        ]


def _as_python(cell: Any) -> object:
    """Return a cell as an object.

    Raises:
        ValueError: Python has none.
    """
    try:
        return cell.as_py()
    except Exception as error:
        msg = f"cannot be read: {error}"
        raise ValueError(msg) from None


def _check_claim(kind: object, what: object, when: object, *effects: object) -> None:
    """Check that a row claims something, or has another effect.

    Raises:
        ValueError: It does neither, or lacks a part of a claim.
    """
    # A retraction has none of these; a claim with some of them is a faulty claim.
    if kind is what is when is None:
        if all(effect is None for effect in effects):
            msg = f"has none of {', '.join(NEEDED)}: say what happened"
            raise ValueError(msg)
        return
    for name, value in zip(NEEDED, (kind, what, when), strict=True):
        _check_text(name, value)


def _id_of(name: str | None, kind: object) -> str | None:
    # A frame without nulls has an empty one beside a retraction too.
    if name == "" and kind is not None:
        msg = "is not an id: give text, or nothing"
        raise ValueError(msg)
    return name


def _check_erased(erased: object, what: object) -> None:
    if erased is not None and what is not None:
        msg = "belongs to a row that says nothing"
        raise ValueError(msg)


def _when(cell: object) -> Edtf | None:
    return _date(cell) if isinstance(cell, str) else None


@lru_cache(_MOST_KEPT)
def _date(text: str) -> Edtf:
    date = Edtf(text)
    if date.is_several:
        raise EventError(text, "is several days: record one event for each")
    return date


def _check_text(name: str, value: object) -> None:
    if isinstance(value, str):
        return
    msg = f"{name} is {described(value)}: write text"
    raise ValueError(msg)


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, float) and value != value:
        return None
    msg = f"is {described(value)}: write text"
    raise ValueError(msg)


def _number(value: object) -> int | None:
    """Return a whole number, or None; pandas writes integers with nulls as floats."""
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    if isinstance(value, float) and value != value:
        return None
    if isinstance(value, float) and value.is_integer():
        return int(value)
    msg = f"is {described(value)}: write a whole number"
    raise ValueError(msg)


def _instant(value: object) -> datetime | None:
    if value is None or isinstance(value, datetime):
        return value
    msg = f"is {described(value)}: give a column of instants"
    raise ValueError(msg)


def _texts(value: object) -> tuple[str, ...]:
    """Return a list of texts; none for null, or what pandas writes for it."""
    if value is None or value != value:
        return ()
    if isinstance(value, list) and all(isinstance(text, str) for text in value):
        return tuple(value)
    msg = f"is {described(value)}: write a list of texts"
    raise ValueError(msg)


_READ_BY_KIND = (
    ({parts.Kind.NUMBER, parts.Kind.VERSION, parts.Kind.DAY}, _number),
    ({parts.Kind.TEXT, *parts.INNER}, _text),
    ({parts.Kind.INSTANT}, _instant),
    ({parts.Kind.TEXTS}, _texts),
)
# What reads a column; those of dates, payloads, places and citations are read together.
_READS: Mapping[str, Callable[[object], object]] = {
    "known_day" if part.kind is parts.Kind.DAY else part.name: read
    for kinds, read in _READ_BY_KIND
    for part in _KEPT
    if part.kind in kinds and part.name not in NEEDED
}
READ = (*NEEDED, *_READS, "where", "cite")
_OF_ENTRIES = {part.name for part in parts.ENTRY[1:]} & {*_READS}
_READ_ALONE = {part.name for part in parts.BESIDE} & {*_READS}


def place_in(cell: object) -> Place | None:
    """Return the place in a cell.

    Raises:
        EventError: The cell is neither null nor a struct of the parts of a place.
    """
    if cell is None:
        return None
    if not isinstance(cell, dict):
        raise EventError(cell, "is not a place: write a struct with a name")
    # Readers fill in nulls, and pandas what is not a number.
    parts = {name: part for name, part in cell.items() if part is not None}
    parts = {name: part for name, part in parts.items() if part == part}
    try:
        return Place(**parts) if parts else None
    except TypeError as error:
        raise EventError(cell, f"is not a place: {error}") from None


def citations_of(cite: object) -> Iterable[Citation]:
    """Yield the citations in a cell.

    Raises:
        EventError: The cell is neither null nor a list of structs with a title.
        EdtfError: A day of publication is not a date.
    """
    if cite is None:
        return
    remedy = "write a list of structs with a title"
    if not isinstance(cite, list):
        raise EventError(cite, f"is not a list: {remedy}")
    for index, place in enumerate(cite):
        if not isinstance(place, dict):
            raise EventError(place, f"is item {index}: {remedy}")
        cells = [place.get(name) for name in table.CITED]
        try:
            texts = [*map(_text, cells)]
        except ValueError as error:
            msg = f"item {index} has a part that {error}"
            raise ValueError(msg) from None
        _check_text("title", texts[0])
        yield _citation(*texts)


def _cited(cite: object) -> tuple[Citation, ...]:
    return tuple(dict.fromkeys(citations_of(cite)))


# Most rows cite what others cite too.
@lru_cache(_MOST_KEPT)
def _citation(*texts: str | None) -> Citation:
    return table.citation_of(texts)
