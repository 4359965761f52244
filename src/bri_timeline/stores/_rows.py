"""What a store keeps of an entry: its line, its digest, and what it is found by."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import date
from enum import Enum
from functools import lru_cache
from hashlib import blake2b
from types import NoneType
from typing import NamedTuple

import attrs

from bri_timeline._bulk import uncollected
from bri_timeline._codec import Unknown, Vocabulary
from bri_timeline._codec._building import classes_in, parts_of
from bri_timeline._codec._entries import (
    claim_of,
    decode_entries,
    encode_entries,
)
from bri_timeline._codec._lines import Claim
from bri_timeline._events import Entry, Event
from bri_timeline._payload import digest
from bri_timeline.edtf import Edtf
from bri_timeline.errors import EntryError
from bri_timeline.stores._chain import leaf_of, linked


__all__ = [
    "ALL_ALONG",
    "Claimed",
    "Held",
    "Row",
    "Topic",
    "claimed",
    "clipped",
    "entries_of",
    "is_digest",
    "key_of",
    "rows_of",
]

_FURTHEST = 1 << 62
# The day from which is known what counts as known all along.
ALL_ALONG = -_FURTHEST
_EXACT = (str, int, date, Edtf, Enum, NoneType, frozenset, tuple)
_IS_DIGEST = re.compile("[0-9a-f]{32}").fullmatch


class Held(NamedTuple):
    """An entry as a store holds it.

    Attributes:
        position: Its position.
        line: Its line, as `encode_entry()` gave it; empty if it was erased.
        digest: What covers it and all entries before it.
    """

    position: int
    line: str
    digest: bytes


class Topic(NamedTuple):
    """What entries are of one kind and version, and about the same parties."""

    kind: str
    version: int
    parties: frozenset[str]


class Row(NamedTuple):
    """An entry to be held, and what it is found by.

    Attributes:
        position: Its position.
        line: Its line.
        digest: What covers it and all entries before it.
        topic: What it is about; None when it claims nothing.
        first: The first day on which it can have begun.
        known: The day from which it was known.
        key: What claims of the same are found by; None when it claims nothing.
        target: The position that it corrects or retracts.
        named: Whether a claim has an id like a digest, but not from what it corrects.
    """

    position: int
    line: str
    digest: bytes
    topic: Topic | None
    first: int
    known: int
    key: int | None
    target: int | None
    named: int


class Claimed(NamedTuple):
    """An event, ready to be written.

    Attributes:
        event: The event.
        claim: What it is in the line of an entry.
        topic: What it is about.
        key: What claims that may say the same are found by.
    """

    event: Event
    claim: Claim
    topic: Topic
    key: int


def claimed(event: Event, vocabulary: Vocabulary) -> Claimed:
    """Return an event, ready to be written.

    Raises:
        VocabularyError: The payload is of no class of the vocabulary, or is nothing
            that JSON can hold.
        EntryError: Something else in it cannot be kept.
    """
    try:
        claim = claim_of(event, vocabulary)
    except (TypeError, ValueError, AttributeError) as error:
        problem = f"this event of {event.when} cannot be kept: {error}"
        raise EntryError(event, problem) from None
    topic = Topic(claim.kind, claim.version, event.parties)
    return Claimed(event, claim, topic, _key(event, claim))


def rows_of(
    entries: Sequence[Entry],
    claims: Sequence[Claimed | None],
    vocabulary: Vocabulary,
    previous: bytes,
) -> list[Row]:
    """Return entries as rows.

    Args:
        entries: What follows in a store.
        claims: Their events, ready to be written.
        vocabulary: The payload classes.
        previous: The digest of the entry before them.

    Raises:
        EntryError: An entry cannot be kept.
    """
    rows = []
    parts = [None if claim is None else claim.claim for claim in claims]
    lines = encode_entries(entries, parts, vocabulary)
    for entry, claim, line in zip(entries, claims, lines, strict=True):
        previous = linked(previous, leaf_of(line))
        rows.append(_row(entry, claim, line, previous))
    return rows


def _row(entry: Entry, claim: Claimed | None, line: bytes, covering: bytes) -> Row:
    known = entry.known_day
    day = ALL_ALONG if known is None else clipped(known)
    if claim is None:
        parts = None, ALL_ALONG, day, None, entry.retracts, 0
        return Row(entry.position, line.decode(), covering, *parts)
    event, target = claim.event, entry.supersedes
    return Row(
        entry.position,
        line.decode(),
        covering,
        claim.topic,
        clipped(event.when.earliest_begin),
        day,
        claim.key,
        target,
        int(target is None and is_digest(event)),
    )


def entries_of(held: Sequence[Held], vocabulary: Vocabulary) -> list[Entry]:
    """Return entries from what a store holds; one that was erased claims nothing.

    Raises:
        FaultsError: A line is no entry.
    """
    lines = [one.line for one in held]
    with uncollected():
        if all(lines):
            return decode_entries(lines, vocabulary)
        said = iter(decode_entries([*filter(None, lines)], vocabulary))
        return [
            next(said) if one.line else Entry(position=one.position) for one in held
        ]


def clipped(day: float) -> int:
    """Return a day number that a database can hold, in the same order."""
    if -_FURTHEST < day < _FURTHEST:
        return int(day)
    return int(math.copysign(_FURTHEST, day))


def key_of(event: Event, vocabulary: Vocabulary) -> int:
    """Return what claims that may say the same are found by, of 48 bits."""
    return _key(event, claim_of(event, vocabulary))


def _key(event: Event, claim: Claim) -> int:
    if claim.id is not None:
        return _short(b"n" + claim.id.encode(errors="surrogatepass"))
    what = event.what
    cls: type = type(what)
    if isinstance(what, Unknown) or is_exact(cls):
        parts = claim.kind.encode(), bytes(claim.what), claim.when.encode()
        return _short(b" ".join(parts))
    return _short(b"d" + digest(what, event.when).encode())


def is_digest(event: Event) -> bool:
    """Tell whether an event has a name like that of an event without one."""
    return isinstance(event.key, str) and _IS_DIGEST(event.key) is not None


@lru_cache(maxsize=1024)
def is_exact(cls: type) -> bool:
    """Tell whether equal payloads of a class give equal JSON: without 1.0 and 1.00."""
    return _are_exact(cls, frozenset())


def _are_exact(cls: type, within: frozenset[type]) -> bool:
    return all(
        issubclass(found, _EXACT)
        or (
            attrs.has(found)
            and found not in within
            and _are_exact(found, within | {cls})
        )
        for part in parts_of(cls).values()
        for found in classes_in(part.type)
    )


def _short(text: bytes) -> int:
    return int.from_bytes(blake2b(text, digest_size=6).digest(), signed=True)
