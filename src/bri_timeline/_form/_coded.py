"""Entries as columns of files, in which equal values are numbered: each is read once.

Places, citations and releases are JSON there, and days of knowledge are numbers. What
is read was verified when it was written, and is not checked again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from operator import attrgetter
from typing import Any, NamedTuple

from bri_timeline._events import Entry, Event, unchecked_events
from bri_timeline._events.entries import EntryColumns, unchecked_entry
from bri_timeline._form._columns import Codec
from bri_timeline._form._lines import (
    citations_from,
    citations_text,
    place_from,
    place_text,
)
from bri_timeline._form._structs import Kept
from bri_timeline._form._vocabulary import Unknown
from bri_timeline._form.parts import BESIDE, COLUMNS, ENTRY, INNER, Kind, Part
from bri_timeline.edtf import Edtf


class NumberedColumn(NamedTuple):
    """A column of values that are numbered.

    Attributes:
        values: Different values; None for an absent one.
        codes: For each row the index of its value; a range if each row has its own.
    """

    values: Sequence[Any]
    codes: Sequence[int]

    @classmethod
    def of(cls, values: Sequence[Any]) -> NumberedColumn:
        """Return a column of the values of rows."""
        return cls(values, range(len(values)))

    def rows(self) -> Sequence[Any]:
        """Return the value of each row."""
        if isinstance(self.codes, range):
            return self.values
        return [*map(self.values.__getitem__, self.codes)]

    def only(self, rows: Sequence[int]) -> NumberedColumn:
        """Return some rows."""
        return NumberedColumn(self.values, [self.codes[row] for row in rows])


# Of each part, by its name: different values, and for each row the index of its own.
NumberedParts = Mapping[str, tuple[Sequence[Any], Sequence[int]]]
_Parts = Mapping[str, NumberedColumn]
_WRITE: Mapping[Kind, Callable[[Any], Any]] = {
    Kind.DATE: str,
    Kind.TEXTS: list,
    Kind.PLACE: lambda where: bytes(place_text(where)).decode(),
    Kind.CITATIONS: lambda cite: bytes(citations_text(cite)).decode() or None,
}
# For the whole process: files have days, places and sources in common, and more of them
# than the lines that are read together.
_MOST_KEPT = 1 << 17
_LONGEST_KEPT = 2048
_READ: Mapping[Kind, Callable[[Any], Any]] = {
    Kind.TEXTS: tuple,
    **{
        kind: Kept(read, _MOST_KEPT, _LONGEST_KEPT).__getitem__
        for kind, read in {
            Kind.DATE: Edtf,
            Kind.PLACE: lambda text: place_from(text.encode()),
            Kind.CITATIONS: lambda text: citations_from(text.encode()),
        }.items()
    },
}


def _numbered(columns: NumberedParts) -> _Parts:
    return {name: NumberedColumn(*column) for name, column in columns.items()}


class ColumnCodec(Codec):
    """The same for columns of files, in which equal values are numbered."""

    def columns_of(self, entries: Sequence[Entry]) -> dict[str, list[Any]]:
        """Return entries as columns: the value of each of `COLUMNS` in each row.

        Reviews are left out.

        Raises:
            VocabularyError: It lacks the class of a payload.
        """
        events = [entry.event for entry in entries]
        vocabulary = self._vocabulary
        columns = {p.name: self._cells(p, entries) for p in COLUMNS if p in ENTRY}
        columns |= {part.name: self._cells(part, events) for part in BESIDE}
        whats = [None if event is None else event.what for event in events]
        ways: dict[str, Callable[[Any], object]] = {
            "kind": vocabulary.name_of,
            "version": vocabulary.version_of,
            "what": lambda what: (
                what.data if isinstance(what, Unknown) else vocabulary.encode(what)
            ).decode(),
        }
        for name, way in ways.items():
            columns[name] = [None if what is None else way(what) for what in whats]
        return columns

    def _cells(self, part: Part, owners: Iterable[Any]) -> list[Any]:
        """Return the value of a part of entries or events in each row."""
        get, write = attrgetter(part.path), _WRITE.get(part.kind)
        if part.kind in INNER:
            write = partial(self.text_of, part.kind)
        values = (None if owner is None else get(owner) for owner in owners)
        if write is None:
            return [*values]
        return [None if value is None else write(value) for value in values]

    def entries(self, columns: NumberedParts) -> EntryColumns:
        """Return the entries in columns, which are not checked again.

        Payloads of other kinds, and of later versions, become `Unknown`.

        Args:
            columns: Of each part, by its name, its different values (None for an absent
                one), and for each row the index of its own: a range if each row has a
                value of its own. Without a column all are absent.
        """
        columns = _numbered(columns)
        kinds, absent = (
            columns["kind"].rows(),
            NumberedColumn([None], [0] * len(columns["kind"].codes)),
        )
        claims = [row for row, kind in enumerate(kinds) if kind is not None]
        events: Sequence[Event | None]
        if len(claims) == len(kinds):
            events = self.events(columns)
        else:
            claimed = {name: column.only(claims) for name, column in columns.items()}
            rest = iter(self.events(claimed))
            events = [None if kind is None else next(rest) for kind in kinds]
        own = {
            part.name: self._read(part, columns.get(part.name, absent))
            for part in ENTRY[:-1]
        }
        positions, knowns, instants, datasets = (
            own.pop(name) for name in ("position", "known", "recorded_at", "dataset")
        )
        rows = {row for row, event in enumerate(events) if event is None}
        for values in own.values():
            if values.count(None) < len(values):
                rows.update(
                    row for row, value in enumerate(values) if value is not None
                )
        entries_by_row: dict[int, Entry] = {
            row: unchecked_entry(
                positions[row],
                events[row],
                knowns[row],
                recorded_at=instants[row],
                dataset=datasets[row],
                **{name: values[row] for name, values in own.items()},
            )
            for row in sorted(rows)
        }
        return EntryColumns(
            positions, events, knowns, instants, datasets, entries_by_row
        )

    def events(self, columns: NumberedParts) -> list[Event]:
        """Return the events in columns, as `entries()` does; each row has one."""
        columns = _numbered(columns)
        absent = NumberedColumn([None], [0] * len(columns["kind"].codes))
        beside = {
            part.name: self._read(part, columns.get(part.name, absent))
            for part in BESIDE
        }
        always = [beside.pop(name) for name in ("when", "cite", "id")]
        values_beside = {
            name: values
            for name, values in beside.items()
            if values.count(None) < len(values)
        }
        return unchecked_events(self._payloads(columns), *always, **values_beside)

    def _read(self, part: Part, column: NumberedColumn) -> Sequence[Any]:
        """Return the value of a part in each row."""
        read = _READ.get(part.kind)
        if part.kind in INNER:
            read = partial(self.value_in, part.kind)
        if read is None:
            return column.rows()
        absent = None if part.default is ... else part.default
        values = [absent if value is None else read(value) for value in column.values]
        return NumberedColumn(values, column.codes).rows()

    def _payloads(self, columns: _Parts) -> Sequence[object]:
        """Return the payload of each row; those of a kind are read together."""
        texts, codes = columns["what"]
        kinds = [*zip(columns["kind"].rows(), columns["version"].rows(), strict=True)]
        alike: dict[tuple[str, int], list[int]] = {}
        for row, pair in enumerate(kinds):
            alike.setdefault(pair, []).append(row)
        whats_by_row: list[object] = [None] * len(kinds)
        for (kind, version), rows in alike.items():
            row_codes = [codes[row] for row in rows]
            numbers = [*dict.fromkeys(row_codes)]
            read = self.payload_reader(kind, version)
            whats = read([texts[number] for number in numbers])
            payloads = dict(zip(numbers, whats, strict=True))
            for row, code in zip(rows, row_codes, strict=True):
                whats_by_row[row] = payloads[code]
        return whats_by_row
