"""Columns of tables by the types that they declare, and cells that several have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from types import MappingProxyType

from bri_timeline._events import Event, describe_event


# Columns are the types of their cells by name, as they are annotated; `Entry` and
# `Event` stand for the columns that files have of them.
Columns = Mapping[str, object]
# The cells of a row, and the event of which it has the columns too.
TableRow = tuple[Mapping[str, object], Event | None]
EVENT: Columns = MappingProxyType({
    **dict.fromkeys(("id", "kind", "words", "when"), str),
    **dict.fromkeys(("earliest_start", "latest_start"), date),
    **dict.fromkeys(("earliest_end", "latest_end"), date),
    "sources": str,
})  # fmt: skip
# The facts behind an answer: their ids, their words, and who says so.
TOLD: Columns = MappingProxyType(
    {"events": tuple[str, ...], "words": str, "sources": str}
)


def told_of(events: Iterable[Event]) -> dict[str, object]:
    """Return the cells of the facts behind an answer."""
    some = [*events]
    sources = dict.fromkeys(str(cite) for event in some for cite in event.cite)
    return {
        "events": [event.id for event in some],
        "words": "; ".join(map(describe_event, some)),
        "sources": "; ".join(sources),
    }


def day_or_none(number: float | None) -> date | None:
    """Return a day number as a `date`; None if none has it."""
    is_day = number is not None and 1 <= number <= date.max.toordinal()
    return date.fromordinal(int(number or 0)) if is_day else None
