"""How claims stand, in words, and as rows of a table."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from enum import Enum
from functools import lru_cache
from heapq import nsmallest
from itertools import chain
from typing import NamedTuple

from bri_timeline._calendar import iso
from bri_timeline._events import Entry, Event
from bri_timeline._resolution import Reason, SetAside
from bri_timeline._text import ROWS, describe, table
from bri_timeline.edtf import Edtf, in_words
from bri_timeline.errors import EdtfError


__all__ = [
    "ASIDE",
    "ClaimStatus",
    "claims_table",
    "dates",
    "day_words",
    "entries_table",
    "why",
]


_CLAIMS = ("standing", "when", "what", "who says so")
_ENTRIES = ("entry", "known since", "when", "what", "who says so")


class ClaimStatus(Enum):
    """How a claim stands in a view."""

    CERTAIN = "certain"
    UNDECIDED = "perhaps"
    DISPUTED = "set aside: another claim is taken"
    SUPERSEDED = "replaced by a correction"
    RETRACTED = "withdrawn"


ASIDE = {
    Reason.DISPUTED: ClaimStatus.DISPUTED,
    Reason.SUPERSEDED: ClaimStatus.SUPERSEDED,
    Reason.RETRACTED: ClaimStatus.RETRACTED,
}


@lru_cache(4096)
def day_words(day: str) -> str:
    """Return a day, or what else a view rests on, in words: `24 April 2019`."""
    try:
        return in_words(Edtf(day))
    except EdtfError:
        return day


def dates(day: int, basis: str) -> str:
    """Return the dates of a view: `On 24 April 2019, as known by 5 May 2019`.

    Args:
        day: The number of its day.
        basis: What was known by then.
    """
    on = f"On {day_words(iso(day))}"
    return on if basis == "everything" else f"{on}, as known by {day_words(basis)}"


def why(aside: SetAside) -> str:
    """Say why a claim does not count: `withdrawn (entry 7: a misprint)`."""
    because = f": {aside.by.because}" if aside.by.because else ""
    return f"{ASIDE[aside.reason].value} (entry {aside.by.position}{because})"


class _Claim(NamedTuple):
    """A claim, and how it stands."""

    event: Event
    standing: str


def claims_table(
    dates: str,
    certain: Collection[Event],
    undecided: Collection[Event],
    asides: Collection[SetAside],
    disputed: Collection[str],
) -> str:
    """Return a table of what a view shows, by date.

    Args:
        dates: Those of the view; the numbers are added.
        certain: What had happened.
        undecided: What may have.
        asides: What does not count.
        disputed: The ids of happenings about which claims differ.
    """
    claims = chain(
        (_Claim(event, ClaimStatus.CERTAIN.value) for event in certain),
        (_Claim(event, ClaimStatus.UNDECIDED.value) for event in undecided),
        (_Claim(aside.event, why(aside)) for aside in asides),
    )
    first = nsmallest(ROWS, claims, key=lambda claim: claim.event.when.sort_key())
    numbers = [f"{len(certain):,} certain", f"{len(undecided):,} perhaps"]
    numbers += [f"{len(asides):,} set aside"] if asides else []
    count = len(certain) + len(undecided) + len(asides)
    rows = (_claim_row(claim, disputed) for claim in first)
    return table(f"{dates}: {', '.join(numbers)}", rows, count, _CLAIMS)


def _claim_row(claim: _Claim, disputed: Collection[str]) -> tuple[str, ...]:
    differ = "; sources differ" if claim.event.id in disputed else ""
    return f"{claim.standing}{differ}", *_told(claim.event)


def entries_table(entries: Iterable[Entry], count: int) -> str:
    """Return a table of what a log holds, in the order in which it was written down.

    Args:
        entries: The entries; only the first are looked at.
        count: How many there are.
    """
    caption = f"{count:,} {'entry' if count == 1 else 'entries'}"
    return table(caption, map(_entry_row, entries), count, _ENTRIES)


def _entry_row(entry: Entry) -> tuple[str, ...]:
    number = str(entry.position)
    known = "all along" if entry.known_day is None else iso(entry.known_day)
    because = f": {entry.because}" if entry.because else ""
    if entry.event is None:
        erased = entry.retracts is None
        what = "erased" if erased else f"retracts entry {entry.retracts}{because}"
        return number, known, "", what, ""
    when, what, cited = _told(entry.event)
    if entry.supersedes is not None:
        what = f"{what} (corrects entry {entry.supersedes}{because})"
    return number, known, when, what, cited


def _told(event: Event) -> tuple[str, str, str]:
    cited = "; ".join(map(str, event.cite)) or "no source"
    return in_words(event.when), describe(event.what), cited
