"""Entries as lines of JSON: encoded and verified, decoded fast or with all faults."""

from __future__ import annotations

from bri_timeline._events import Entry
from bri_timeline._form._faults import decode_checked
from bri_timeline._form._json import LARGEST, is_too_deep
from bri_timeline._form._lines import (
    WHOLES,
    entry_faults,
    write_json,
)
from bri_timeline._form._vocabulary import Unknown, Vocabulary
from bri_timeline._form.parts import Kind
from bri_timeline.errors import EntryError, Fault, FaultsError, shown


_ENTRY = WHOLES[Kind.ENTRY]
_read_line = _ENTRY.decoder.decode
# What Python raises where a part is not of its type.
_UNFIT = (TypeError, ValueError, OverflowError, AttributeError)


def encode_entry(entry: Entry, vocabulary: Vocabulary) -> bytes:
    """Encode an entry as one line of JSON, without a line break.

    Equal entries that were recorded at one instant give equal bytes, as far as their
    payloads do (see `Vocabulary.encode()`). The line is decoded again and compared: an
    entry that would not come back equal is refused when it is written.

    The day of knowledge is ISO text if its year has four digits, else the day number,
    as in `Entry.known_day`. Absent fields are left out. The data of an `Unknown` is
    copied byte for byte.

    Args:
        entry: The entry.
        vocabulary: The payload classes.

    Raises:
        VocabularyError: The vocabulary lacks the class of the payload, or JSON has no
            form for it.
        EntryError: Another part of it cannot be kept.
    """
    try:
        data = write_json(_ENTRY.write(entry, vocabulary))
    except _UNFIT as error:
        raise _cannot_encode(entry, error) from None
    # Without a vocabulary an `Unknown` is decoded as such even if the vocabulary has a
    # class of its name, into which it would be decoded otherwise.
    review = entry.review
    event = entry.event if review is None else review.proposes or entry.event
    is_unknown = event is not None and isinstance(event.what, Unknown)
    try:
        again = decode_entry(data, Vocabulary() if is_unknown else vocabulary)
    except FaultsError as error:
        raise _cannot_encode(entry, "; ".join(map(str, error.faults))) from None
    if again != entry:
        raise _cannot_encode(entry, "it would not come back equal")
    return data


def _cannot_encode(entry: Entry, why: object) -> EntryError:
    place = f"entry {shown(entry.position)}"
    return EntryError(entry.position, f"{place} cannot be kept: {why}")


def decode_entry(
    line: bytes | str, vocabulary: Vocabulary, *, unknown_ok: bool = True
) -> Entry:
    """Decode an entry from its line of JSON.

    Everything in the line is checked, except that the positions it refers to exist:
    the log checks that.

    Args:
        line: A line of `encode_entry()`, or another JSON object of the same fields; a
            line break at its end is ignored. At most 1 MiB, and 64 levels deep.
        vocabulary: The payload classes.
        unknown_ok: Payloads of other kinds, and of later versions, become `Unknown`;
            if not, they are faults.

    Raises:
        FaultsError: All faults, each with the path of its field, such as
            `event.cite item 2.source.title`.
    """
    data = _bare(line)
    entry = _decode_fast(data, vocabulary, unknown_ok)
    return (
        decode_checked(data, vocabulary, unknown_ok=unknown_ok)
        if entry is None
        else entry
    )


def _bare(line: bytes | str) -> bytes:
    """Return a line as bytes, without the line break at its end."""
    try:
        data = line.encode() if isinstance(line, str) else line
    except UnicodeEncodeError as error:
        problem = f"cannot be written in UTF-8: {error}"
        raise entry_faults(Fault("entry", problem)) from None
    data = data.rstrip(b"\r\n")
    if b"\n" in data or b"\r" in data:
        problem = "holds a line break: write an entry in one line"
        raise entry_faults(Fault("entry", problem))
    return data


def _decode_fast(data: bytes, vocabulary: Vocabulary, unknown_ok: bool) -> Entry | None:
    """Decode a line exactly as `encode_entry()` writes it, or return None."""
    if len(data) > LARGEST or is_too_deep(data):
        return None
    try:
        line = _read_line(data)
        if write_json(line) != data:
            return None
        entry: Entry = _ENTRY.read(line, (vocabulary, unknown_ok))
    except Exception:  # decode_checked() then reports the faults
        return None
    return entry
