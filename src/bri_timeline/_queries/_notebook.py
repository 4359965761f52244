"""Tables of claims and entries for notebooks, and the status of a claim in words."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from enum import Enum
from functools import lru_cache
from heapq import nsmallest
from itertools import chain
from typing import NamedTuple

from bri_timeline._calendar import iso
from bri_timeline._events import Entry, Event
from bri_timeline._happening import Reason, SetAside
from bri_timeline._text import ROWS, describe, table
from bri_timeline.edtf import Edtf, in_words
from bri_timeline.errors import EdtfError


__all__ = [
    "STATUS_BY_REASON",
    "ClaimStatus",
    "claims_table",
    "dates",
    "day_words",
    "entries_table",
    "reason_text",
]


_CLAIMS = ("standing", "when", "what", "who says so")
_ENTRIES = ("entry", "known since", "when", "what", "who says so")


class ClaimStatus(Enum):
    """The status of a claim in a view."""

    CERTAIN = "certain"
    UNDECIDED = "perhaps"
    DISPUTED = "set aside: another claim is taken"
    SUPERSEDED = "replaced by a correction"
    RETRACTED = "withdrawn"


STATUS_BY_REASON = {
    Reason.DISPUTED: ClaimStatus.DISPUTED,
    Reason.SUPERSEDED: ClaimStatus.SUPERSEDED,
    Reason.RETRACTED: ClaimStatus.RETRACTED,
}


# Cached: the claims of a view share few days.
@lru_cache(4096)
def day_words(day: str) -> str:
    """Return a day in words: `24 April 2019`; other text is returned unchanged."""
    try:
        return in_words(Edtf(day))
    except EdtfError:
        return day


def dates(day: int, basis: str, since: int | None = None) -> str:
    """Return the dates of a view: `On 24 April 2019, as known by 5 May 2019`.

    Args:
        day: The number of its day.
        basis: What was known by then.
        since: The number of its first day, if it is of a period.
    """
    on = f"On {day_words(iso(day))}"
    if since is not None:
        on = f"From {day_words(iso(since))} to {day_words(iso(day))}"
    return on if basis == "everything" else f"{on}, as known by {day_words(basis)}"


def reason_text(aside: SetAside) -> str:
    """Return why a claim does not count: `withdrawn (entry 7: a misprint)`."""
    because = f": {aside.by.because}" if aside.by.because else ""
    return (
        f"{STATUS_BY_REASON[aside.reason].value} (entry {aside.by.position}{because})"
    )


class _Claim(NamedTuple):
    """A claim with its status in words."""

    event: Event
    status: str


def claims_table(
    dates: str,
    certain: Collection[Event],
    undecided: Collection[Event],
    asides: Collection[SetAside],
    disputed: Collection[str],
) -> str:
    """Return a table of the claims in a view, by date.

    Args:
        dates: The dates of the view; the caption adds the counts.
        certain: The certain events.
        undecided: The undecided events.
        asides: The claims that do not count.
        disputed: The ids of disputed happenings.
    """
    claims = chain(
        (_Claim(event, ClaimStatus.CERTAIN.value) for event in certain),
        (_Claim(event, ClaimStatus.UNDECIDED.value) for event in undecided),
        (_Claim(aside.event, reason_text(aside)) for aside in asides),
    )
    # Only the rows shown are sorted: a log may have millions of claims.
    first = nsmallest(ROWS, claims, key=lambda claim: claim.event.when.sort_key())
    numbers = [f"{len(certain):,} certain", f"{len(undecided):,} perhaps"]
    numbers += [f"{len(asides):,} set aside"] if asides else []
    count = len(certain) + len(undecided) + len(asides)
    rows = (_claim_row(claim, disputed) for claim in first)
    return table(f"{dates}: {', '.join(numbers)}", rows, count, _CLAIMS)


def _claim_row(claim: _Claim, disputed: Collection[str]) -> tuple[str, ...]:
    differ = "; sources differ" if claim.event.id in disputed else ""
    return f"{claim.status}{differ}", *_cells(claim.event)


def entries_table(entries: Iterable[Entry], count: int) -> str:
    """Return a table of the entries of a log, in the order of the log.

    Args:
        entries: The entries; only the first are read.
        count: The number of entries.
    """
    caption = f"{count:,} {'entry' if count == 1 else 'entries'}"
    return table(caption, map(_entry_row, entries), count, _ENTRIES)


def _entry_row(entry: Entry) -> tuple[str, ...]:
    number = str(entry.position)
    known = "all along" if entry.known_day is None else iso(entry.known_day)
    because = f": {entry.because}" if entry.because else ""
    if entry.event is None:
        # Only an erased entry has neither an event nor a target.
        erased = entry.retracts is None
        what = "erased" if erased else f"retracts entry {entry.retracts}{because}"
        return number, known, "", what, ""
    when, what, cited = _cells(entry.event)
    if entry.supersedes is not None:
        what = f"{what} (corrects entry {entry.supersedes}{because})"
    return number, known, when, what, cited


def _cells(event: Event) -> tuple[str, str, str]:
    cited = "; ".join(map(str, event.cite)) or "no source"
    return in_words(event.when), describe(event.what), cited
