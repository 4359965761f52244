"""Entries as JSON, one line each: all that they say, written in one way only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from functools import lru_cache

from msgspec import Raw

from bri_timeline._codec._entry_faults import faulty, slowly
from bri_timeline._codec._json import LARGEST, is_too_deep
from bri_timeline._codec._lines import (
    Claim,
    Line,
    citations_in,
    citations_raw,
    instant_in,
    instant_text,
    read,
    write,
)
from bri_timeline._codec._quick import edtf, trusting, trusting_all
from bri_timeline._codec._unknown import Unknown
from bri_timeline._codec._vocabulary import Vocabulary
from bri_timeline._events import Entry, Event
from bri_timeline.errors import EntryError, Fault, FaultsError, shown


__all__ = [
    "claim_of",
    "decode_entry",
    "encode_entry",
    "entry_of",
    "is_present",
    "payload_maker",
    "quick_maker",
]

# All entries of one append have one instant.
_text = lru_cache(maxsize=64)(instant_text)
_instant = lru_cache(maxsize=64)(instant_in)
_LAST_DATE = date.max.toordinal()


def encode_entry(entry: Entry, vocabulary: Vocabulary) -> bytes:
    """Return an entry as one line of JSON, without a line break.

    Equal entries that were recorded at one instant give equal bytes, as far as their
    payloads do (see `Vocabulary.encode()`). What is returned can be read again, and is
    then equal; anything else is refused here, and not when it is needed.

    The day of knowledge is ISO text, for people, where ISO 8601 has a text of four
    digits for the year; else it is the day number, as in `Entry.known_day`. What is
    absent is left out. The data of an `Unknown` is put in byte for byte.

    Args:
        entry: The entry.
        vocabulary: The payload classes.

    Raises:
        VocabularyError: The payload is of no class of the vocabulary, or is nothing
            that JSON can hold.
        EntryError: Something else in it cannot be kept.
    """
    event = entry.event
    data = _written(entry, None if event is None else _claim(entry, event, vocabulary))
    _prove(data, entry, vocabulary)
    return data


def _written(entry: Entry, claim: Claim | None) -> bytes:
    try:
        return write(
            Line(
                entry.position,
                _day(entry.known_day),
                entry.supersedes,
                entry.retracts,
                entry.because,
                None if entry.recorded_at is None else _text(entry.recorded_at),
                claim,
            )
        )
    except (TypeError, ValueError, OverflowError, AttributeError) as error:
        raise _unkept(entry, error) from None


def _day(number: int | None) -> date | int | None:
    is_date = number is not None and 1 <= number <= _LAST_DATE
    return date.fromordinal(number) if is_date and number is not None else number


def _claim(entry: Entry, event: Event, vocabulary: Vocabulary) -> Claim:
    try:
        return claim_of(event, vocabulary)
    except (TypeError, ValueError, OverflowError, AttributeError) as error:
        raise _unkept(entry, error) from None


def claim_of(event: Event, vocabulary: Vocabulary) -> Claim:
    """Return an event as it is written in the line of an entry.

    Raises:
        VocabularyError: The payload is of no class of the vocabulary, or is nothing
            that JSON can hold.
    """
    what = event.what
    return Claim(
        vocabulary.name_of(what),
        vocabulary.version_of(what),
        Raw(vocabulary.encode(what)),
        str(event.when),
        event.id if isinstance(event.key, str) else None,
        citations_raw(event.cite),
    )


def _prove(data: bytes, entry: Entry, vocabulary: Vocabulary) -> None:
    """Make sure that an entry can be read again, and is then the same.

    Raises:
        EntryError: It cannot, or is not.
    """
    is_unknown = entry.event is not None and isinstance(entry.event.what, Unknown)
    try:
        again = decode_entry(data, Vocabulary() if is_unknown else vocabulary)
    except FaultsError as error:
        raise _unkept(entry, "; ".join(map(str, error.faults))) from None
    if again != entry:
        raise _unkept(entry, "it would not come back equal")


def _unkept(entry: Entry, why: object) -> EntryError:
    place = f"entry {shown(entry.position)}"
    return EntryError(entry.position, f"{place} cannot be kept: {why}")


def decode_entry(
    line: bytes | str, vocabulary: Vocabulary, *, unknown_ok: bool = True
) -> Entry:
    """Return an entry from its line of JSON.

    Nothing in the line is trusted. Whether there are entries at the positions that it
    names is for the log to say.

    Args:
        line: What `encode_entry()` gave, or another JSON object of the same fields; a
            line break at its end is no part of it. At most 1 MiB, and 64 levels deep.
        vocabulary: The payload classes.
        unknown_ok: Payloads of other kinds, and of later versions, become `Unknown`;
            if not, they are faults.

    Raises:
        FaultsError: All that is wrong, each by the path of its field, such as
            `event.cite item 2.source.title`.
    """
    data = _bare(line)
    found = _quickly(data, vocabulary, unknown_ok)
    return slowly(data, vocabulary, unknown_ok=unknown_ok) if found is None else found


def _bare(line: bytes | str) -> bytes:
    """Return a line as bytes, without the line break."""
    try:
        data = line.encode() if isinstance(line, str) else line
    except UnicodeEncodeError as error:
        problem = f"cannot be written in UTF-8: {error}"
        raise faulty(Fault("entry", problem)) from None
    data = data.rstrip(b"\r\n")
    if b"\n" in data or b"\r" in data:
        problem = "holds a line break: write an entry in one line"
        raise faulty(Fault("entry", problem))
    return data


def _quickly(data: bytes, vocabulary: Vocabulary, unknown_ok: bool) -> Entry | None:
    """Return an entry if the line is as `encode_entry()` writes it."""
    if len(data) > LARGEST or is_too_deep(data):
        return None
    try:
        line = read(data)
        return (
            entry_of(line, vocabulary, unknown_ok=unknown_ok)
            if write(line) == data
            else None
        )
    except Exception:  # the slow way says what is wrong
        return None


def entry_of(line: Line, vocabulary: Vocabulary, *, unknown_ok: bool) -> Entry:
    """Return an entry from its line.

    Args:
        line: As msgspec read it.
        vocabulary: The payload classes.
        unknown_ok: As for `decode_entry()`.
    """
    claim, known = line.event, line.known
    return Entry(
        position=line.position,
        event=None if claim is None else _event(claim, vocabulary, unknown_ok),
        known=known.toordinal() if isinstance(known, date) else known,
        supersedes=line.supersedes,
        retracts=line.retracts,
        because=line.because,
        recorded_at=None if line.recorded_at is None else instant_in(line.recorded_at),
    )


def _event(claim: Claim, vocabulary: Vocabulary, unknown_ok: bool) -> Event:
    kind, version, what = claim.kind, claim.version, bytes(claim.what)
    return Event(
        vocabulary.decode(kind, what, version, unknown_ok=unknown_ok),
        when=edtf(claim.when),
        cite=citations_in(bytes(claim.cite)),
        id=claim.id,
    )


# --- what was checked on its way in ---------------------------------------------------


def payload_maker(
    vocabulary: Vocabulary, kind: str, version: int
) -> Callable[[Sequence[str]], list[object]]:
    """Return what makes payloads of a kind from data that `Vocabulary.encode()` gave.

    Payloads of kinds that the vocabulary lacks become `Unknown`.
    """
    together = quick_maker(vocabulary, kind, version)
    if together is not None:
        return together
    cls = vocabulary._classes.get(kind)
    make = None if cls is None else trusting(cls)
    if cls is not None and make is not None and is_present(vocabulary, cls, version):
        return lambda some: [make(data.encode()) for data in some]
    return lambda some: [
        vocabulary.decode(kind, data, version, unknown_ok=True) for data in some
    ]


def quick_maker(
    vocabulary: Vocabulary, kind: str, version: int | None
) -> Callable[[Sequence[str]], list[object]] | None:
    """Return what makes many payloads of a kind at once, if there is such a way.

    It raises anything where data is not as `Vocabulary.encode()` gives it.

    Args:
        vocabulary: The payload classes.
        kind: The name of one.
        version: Of which version the data is; None for the present one.
    """
    cls = vocabulary._classes.get(kind)
    if cls is None or not is_present(vocabulary, cls, version):
        return None
    together = trusting_all(cls)
    if together is None:
        return None
    return lambda some: together(f"[{','.join(some)}]".encode())


def is_present(vocabulary: Vocabulary, cls: type, version: int | None) -> bool:
    """Tell whether a version, or the only one that is spoken of, is the present one."""
    return version in (None, 1 + len(vocabulary._steps(cls)))
