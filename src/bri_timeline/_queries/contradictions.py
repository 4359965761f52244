"""Claims that are dated after a report of the same happening."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import ClassVar

from attrs import frozen

from bri_timeline._events import Entry
from bri_timeline._events.entries import ENTRY_HEADS, entry_cells
from bri_timeline._events.marks import Mark, event_of
from bri_timeline._evidence import Citation
from bri_timeline._happening import Happening, content
from bri_timeline._journal import Entries, Resolution
from bri_timeline._queries._cells import EVENT, Columns, TableRow
from bri_timeline._queries.table import Table
from bri_timeline._text import AsDict, Sheet, Tabular, one_line
from bri_timeline.errors import counted


__all__ = ["Contradiction", "contradictions"]


@frozen
class Contradiction(AsDict, Tabular):
    """One or two claims that contradict a report; which is wrong is not decided.

    Attributes:
        claims: One entry that is dated after its own report was published, or two
            entries about one happening, of which the first is dated after the report of
            the second was published.
        report: The source of that report.
    """

    claims: tuple[Entry, ...]
    report: str

    def __str__(self) -> str:
        whose = "its" if len(self.claims) == 1 else f"entry {self.claims[1].position}'s"
        when = self.claims[0].event and self.claims[0].event.when
        return one_line(
            f"entry {self.claims[0].position} is dated {when},"
            f" after {whose} report: {self.report}"
        )

    def _sheet(self) -> Sheet:
        rows = [entry_cells(entry) for entry in self.claims]
        caption = f"Dated after the report {self.report}"
        return Sheet(caption, rows, len(rows), ENTRY_HEADS)


class Contradictions(Table[Contradiction]):
    """Contradictions, with a row for each claim, beside the report."""

    __slots__ = ()
    _HAS_PAYLOADS = False
    _COLUMNS: ClassVar[Columns] = {
        "number": int,
        "report": str,
        "entry": Entry,
        **EVENT,
    }

    def _rows(self) -> Iterator[TableRow]:
        for number, one in enumerate(self):
            for entry in one.claims:
                own = {"number": number, "report": one.report, "entry": entry}
                yield own, entry.event

    def _sheet(self) -> Sheet:
        rows = [
            (one.report, *entry_cells(entry)) for one in self for entry in one.claims
        ]
        count = counted(len(self), "contradiction")
        return Sheet(count, rows, len(rows), ("dated after", *ENTRY_HEADS))


def contradictions(
    marks: Sequence[Mark], rows: Sequence[int], resolution: Resolution, entries: Entries
) -> Table[Contradiction]:
    """Return the claims that are dated after a report of the same happening.

    Args:
        marks: All events that count, in fold order.
        rows: The row of the first entry of each.
        resolution: The clusters of related entries, resolved.
        entries: The entries of the journal, by row.
    """
    # Claims that lost a dispute are compared too: which one is wrong is open.
    rivals = {taken.position: others for taken, others in resolution.disputes}
    clustered = {entries.row(h.position): h for h in resolution.happenings}
    pairs: list[Contradiction] = []
    cite: tuple[Citation, ...] | None = None
    reported = math.inf
    for mark, row in zip(marks, rows, strict=True):
        event = event_of(mark)
        if event.cite is not cite:  # most events share the citations of the one before
            cite, day = event.cite, event.known_day
            reported = math.inf if day is None else day
        happening = clustered.get(row)
        # Most claims are related to no other, and lie before their own reports.
        if happening is None and event.when.earliest_start > reported:
            happening = Happening.of(event, entries[row])
        if happening is not None:
            claims = (*_claims(happening), *rivals.get(happening.position, ()))
            for claim in claims:
                for other in claims:
                    pairs += _contradicted(claim, other)
    return Contradictions(dict.fromkeys(pairs))


def _claims(happening: Happening) -> Iterator[Happening]:
    """Yield a happening according to each of the claims that agree about it."""
    said: dict[object, list[Entry]] = {}
    for entry in happening.entries:
        said.setdefault(content(entry.claim), []).append(entry)
    if len(said) == 1:
        yield happening
        return
    for entries in said.values():
        yield Happening.of(entries[0].claim, *entries)


def _contradicted(claim: Happening, other: Happening) -> list[Contradiction]:
    """Return the reports of *other* that were published before *claim* can begin."""
    pairs = []
    for entry in other.entries:
        for citation in entry.event.cite if entry.event else ():
            day = citation.known_day
            if day is not None and claim.first > day:
                own = claim is other
                claims = (entry,) if own else (claim.entries[0], entry)
                pairs.append(Contradiction(claims, str(citation)))
    return pairs
