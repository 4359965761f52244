"""Events and sources in words."""

from __future__ import annotations

from functools import lru_cache

from bri_timeline import Citation, Event, Source
from bri_timeline._queries import day_words
from bri_timeline._text import class_words, describe
from bri_timeline.edtf import in_words
from bri_timeline.relations import (
    AgreementSigned,
    AgreementStatusChanged,
    Cancelled,
    Held,
    IndicatorObserved,
    InitiativeLaunched,
    Joined,
    Left,
    Met,
    Planned,
    PositionDeclared,
    Postponed,
    ProjectStatusChanged,
    Rescheduled,
    Visited,
    among,
    named,
)


__all__ = [
    "among",
    "claim_line",
    "count_of",
    "dated",
    "day_words",
    "describe_event",
    "kind",
    "named",
    "source_line",
]


def describe_event(event: Event) -> str:
    """Return the payload of an event in one line.

    Args:
        event: The event. A payload of your own is described by its `str()` if its class
            defines one, otherwise by the names of its class and fields.
    """
    return describe(event.what)


def kind(event: Event) -> str:
    """Return the kind of an event, which titles the lane in which it is drawn."""
    return _KINDS.get(type(event.what)) or class_words(event.what)


def count_of(number: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun: `1 claim`, `2 claims`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


# Few sources are cited by many claims, and dates are slow to word.
@lru_cache(4096)
def dated(source: Source) -> str:
    """Return a source in short, with its date: `Eurasia Daily Monitor 16:62 (2019)`."""
    title = source.container or source.title
    return title if source.published is None else f"{title} ({_when(source)})"


def _when(source: Source) -> str:
    return "" if source.published is None else in_words(source.published)


def source_line(source: Source) -> str:
    """Return a source in full form: author, title, container and date."""
    parts = [source.author, f"\u201c{source.title}\u201d", source.container]
    return ", ".join(part for part in (*parts, _when(source)) if part)


def claim_line(event: Event, status: str = "") -> str:
    """Return a claim in one line: date, payload, status and citations.

    Args:
        event: The claim.
        status: Its status, in words.
    """
    cites = "; ".join(_cited(c) for c in event.cite) or "no source"
    stands = f" {status[:1].upper()}{status[1:]}." if status else ""
    return f"{in_words(event.when)}: {describe_event(event)}.{stands} [{cites}]"


def _cited(citation: Citation) -> str:
    where = f", {citation.locator}" if citation.locator else ""
    return f"{dated(citation.source)}{where}"


_KINDS: dict[type, str] = {
    InitiativeLaunched: "Initiatives",
    Joined: "Memberships",
    Left: "Memberships",
    Visited: "Visits",
    Met: "Meetings",
    AgreementSigned: "Agreements",
    AgreementStatusChanged: "Agreements",
    PositionDeclared: "Positions",
    IndicatorObserved: "Figures",
    ProjectStatusChanged: "Projects",
    Planned: "Plans",
    Rescheduled: "Plans",
    Postponed: "Plans",
    Cancelled: "Plans",
    Held: "Plans",
}
