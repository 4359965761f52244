"""Answers as rows of tables: the columns that they declare, and what people see."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import chain
from typing import Any, ClassVar

from bri_timeline._events._event import Event, cells
from bri_timeline._events.entries import ENTRY_HEADS, Entry, entry_cells
from bri_timeline._text import Cell, Forms, Sheet, Tabular, plain_data, shape
from bri_timeline.errors import counted


# Columns are the types of their cells by name. `Event` and `Entry` stand for all
# columns of one, several of them for what they are called, and for who says so.
Columns = Mapping[str, object]
Row = Mapping[str, object]
EVENTS, ENTRIES = tuple[Event, ...], tuple[Entry, ...]
_TOLD = ("because of", "who says so")
_HEADS: dict[object, tuple[str, ...]] = {
    Event: ENTRY_HEADS[2:],
    Entry: ENTRY_HEADS,
    EVENTS: _TOLD,
}


def columns(**types: object) -> Columns:
    """Return columns: the types of their cells, by name."""
    return types


# Beside others an entry is its position.
POSITIONS = Forms(instead={Entry: lambda entry: entry.position})


class InRows(Tabular):
    """The base class of answers that are rows, or of what knows them as such.

    The cells of a row are attributes of the answer, unless a class says otherwise.
    """

    __slots__ = ()

    _NOUN: ClassVar[tuple[str, ...]] = ()
    _COLUMNS: ClassVar[Columns]

    @classmethod
    def _rows(cls, answer: Any) -> Iterator[Row]:
        """Yield the rows of an answer."""
        # An event is its own event, and an entry its own entry.
        yield {name: getattr(answer, name, answer) for name in cls._COLUMNS}

    @classmethod
    def _listed(cls, answers: Collection[Any]) -> Sheet:
        """Return what people see of some answers."""
        hints = cls._COLUMNS.items()
        heads = (_HEADS.get(hint, (name.replace("_", " "),)) for name, hint in hints)
        rows = [
            (*chain.from_iterable(_shown(row[name], hint) for name, hint in hints),)
            for answer in answers
            for row in cls._rows(answer)
        ]
        caption = counted(len(answers), *(cls._NOUN or (cls.__name__.lower(),)))
        return Sheet(caption, rows, len(rows), (*chain.from_iterable(heads),))

    def _sheet(self) -> Sheet:
        return self._listed((self,))


def _shown(value: Any, hint: object) -> tuple[Cell, ...]:
    if hint is Event:
        return cells(value)
    if hint is Entry:
        return entry_cells(value)
    if hint == EVENTS:
        return told_cells(value)
    if isinstance(value, Mapping):
        return (tuple(f"{name}: {part}" for name, part in value.items()),)
    plain = plain_data(value, "a cell", POSITIONS)
    return ("" if value is None else plain if isinstance(plain, str) else shape(plain),)


def told_cells(events: Iterable[Event]) -> tuple[Cell, Cell]:
    """Return the cells of the events behind an answer: told, and who says so."""
    shown = [*map(cells, events)]
    # Several claims in one cell: each has its date beside it.
    told = tuple(f"{when}: {what}" for when, what, _ in shown)
    return told, tuple(dict.fromkeys(text for *_, cite in shown for text in cite))


class EventRows(InRows):
    """Events, in the columns that all tables of events have."""

    _NOUN = ("event",)
    _COLUMNS = columns(event=Event)


class EntryRows(InRows):
    """Entries of a log, in the columns of the log."""

    _NOUN = ("entry", "entries")
    _COLUMNS = columns(entry=Entry)


class LastingRows(InRows):
    """Pairs of an event that lasts, or may, and the `answer`."""

    _NOUN = ("active", "active")
    _COLUMNS = columns(answer=str, event=Event)

    @classmethod
    def _rows(cls, answer: Any) -> Iterator[Row]:
        yield {"answer": answer[1], "event": answer[0]}
