"""Listings of events, entries and claims, as tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from bri_timeline._answer import Answer
from bri_timeline._events import EVENT_HEADS, Entry, Event, cells
from bri_timeline._events.entries import ENTRY_HEADS, entry_cells
from bri_timeline._happening import (
    ASIDE_HEADS,
    DANGLING_HEADS,
    DISPUTE_HEADS,
    Dangling,
    Dispute,
    SetAside,
)
from bri_timeline._journal.proposals import Proposal, event_fields
from bri_timeline._queries._cells import EVENT, Columns, TableRow
from bri_timeline._queries.table import Table
from bri_timeline._text import Sheet
from bri_timeline.errors import counted


__all__ = [
    "SHOWN",
    "Asides",
    "Danglings",
    "Disputes",
    "Entries",
    "Events",
    "Lasting",
    "Proposals",
]


class Events(Table[Event]):
    """Events, in the columns that all tables of events have."""

    __slots__ = ()

    def _sheet(self) -> Sheet:
        caption = counted(len(self), "event")
        return Sheet(caption, map(cells, self), len(self), EVENT_HEADS)

    def _rows(self) -> Iterator[TableRow]:
        return (({}, event) for event in self)


# Of an event of a view also whether it is certain, and whether it has ended.
SHOWN: Columns = {"certain": bool, "ended": str, "event": Event}


class Entries(Table[Entry]):
    """Entries of a log, in the columns of the log."""

    __slots__ = ()
    _COLUMNS: ClassVar[Columns] = {"entry": Entry, "event": Event}

    def _sheet(self) -> Sheet:
        caption = counted(len(self), "entry", "entries")
        return Sheet(caption, map(entry_cells, self), len(self), ENTRY_HEADS)

    def _rows(self) -> Iterator[TableRow]:
        return (({"entry": entry}, entry.event) for entry in self)


class Disputes(Table[Dispute]):
    """Disputes, with a row for each claim, and the days that all have in common."""

    __slots__ = ()
    _COLUMNS: ClassVar[Columns] = {"about": str, "taken": bool, "common": str, **EVENT}

    def _sheet(self) -> Sheet:
        rows = [(dispute.id, *row) for dispute in self for row in dispute._rows()]
        caption = counted(len(self), "dispute")
        return Sheet(caption, rows, len(rows), ("about", *DISPUTE_HEADS))

    def _rows(self) -> Iterator[TableRow]:
        for dispute in self:
            common = None if dispute.common is None else str(dispute.common)
            for claim in dispute.claims:
                taken = claim is dispute.taken
                yield {"about": dispute.id, "taken": taken, "common": common}, claim


class Asides(Table[SetAside]):
    """Claims set aside, by the `reason`, with the positions of their entries."""

    __slots__ = ()
    _COLUMNS: ClassVar[Columns] = {
        "reason": str,
        "because": str,
        "entry": int,
        "by": int,
        **EVENT,
    }

    def _sheet(self) -> Sheet:
        caption = f"{len(self):,} set aside"
        rows = (aside._cells() for aside in self)
        return Sheet(caption, rows, len(self), ASIDE_HEADS)

    def _rows(self) -> Iterator[TableRow]:
        for aside in self:
            yield (
                {
                    "reason": aside.reason.value,
                    "because": aside.because,
                    "entry": aside.entry.position,
                    "by": aside.by.position,
                },
                aside.event,
            )


class Danglings(Table[Dangling]):
    """References without a target: `refers_to`, and the happening that is meant."""

    __slots__ = ()
    _COLUMNS: ClassVar[Columns] = {"refers_to": str, "target": str, **EVENT}

    def _sheet(self) -> Sheet:
        caption = f"{len(self):,} without a target"
        rows = (reference._cells() for reference in self)
        return Sheet(caption, rows, len(self), DANGLING_HEADS)

    def _rows(self) -> Iterator[TableRow]:
        for one in self:
            yield {"refers_to": one.id, "target": one.target}, one.event


class Lasting(Table[tuple[Event, Answer]]):
    """Events that last, or may, with the `answer`."""

    __slots__ = ()
    _COLUMNS: ClassVar[Columns] = {"answer": str, **EVENT}

    def _sheet(self) -> Sheet:
        rows = ((str(answer), *cells(event)) for event, answer in self)
        heads = ("lasts", *EVENT_HEADS)
        return Sheet(f"{len(self):,} active", rows, len(self), heads)

    def _rows(self) -> Iterator[TableRow]:
        return (({"answer": str(answer)}, event) for event, answer in self)


class Proposals(Table[Proposal]):
    """Proposals, with their position, status and decision."""

    __slots__ = ()
    _COLUMNS: ClassVar[Columns] = {
        "position": int,
        "status": str,
        "by": str,
        "supersedes": int,
        "decision": int,
        **EVENT,
    }

    def _sheet(self) -> Sheet:
        rows = (
            (str(one.position), one.status, one.by, *cells(one.event), _fields(one))
            for one in self
        )
        heads = ("entry", "status", "proposed by", *EVENT_HEADS, "in full")
        return Sheet(counted(len(self), "proposal"), rows, len(self), heads)

    def _rows(self) -> Iterator[TableRow]:
        for one in self:
            decision = None if one.decision is None else one.decision.position
            yield (
                {
                    "position": one.position,
                    "status": one.status,
                    "by": one.by,
                    "supersedes": one.supersedes,
                    "decision": decision,
                },
                one.event,
            )


def _fields(proposal: Proposal) -> str:
    return "; ".join(f"{name}: {text}" for name, text in event_fields(proposal.event))
