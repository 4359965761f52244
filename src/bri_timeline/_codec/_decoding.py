"""Decode entries fast: those that are faultless, or that were checked before."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import date
from functools import lru_cache
from itertools import repeat
from operator import contains

from msgspec import Struct

from bri_timeline._codec._checking import decode_checked, entry_faults, release_of
from bri_timeline._codec._json import LARGEST, is_too_deep
from bri_timeline._codec._lines import (
    DecodedEvent,
    EncodedEntry,
    EncodedEvent,
    EncodedReview,
    citations_from,
    instant_from,
    place_from,
    read_line,
    reader_of,
    write_json,
)
from bri_timeline._codec._structs import (
    cached_edtf,
    struct_and_builder,
    unchecked_list_decoder,
)
from bri_timeline._codec._vocabulary import Vocabulary
from bri_timeline._events import (
    Entry,
    Event,
    Place,
    Review,
    unchecked_entry,
    unchecked_events,
)
from bri_timeline.errors import Fault


__all__ = [
    "batch_payload_reader",
    "decode_entry",
    "decode_unchecked",
    "entry_from",
    "is_current",
    "payload_reader",
]


_instant = lru_cache(maxsize=64)(instant_from)


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
    found = _decode_fast(data, vocabulary, unknown_ok)
    return (
        decode_checked(data, vocabulary, unknown_ok=unknown_ok)
        if found is None
        else found
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
        line = read_line(data)
        return (
            entry_from(line, vocabulary, unknown_ok=unknown_ok)
            if write_json(line) == data
            else None
        )
    except Exception:  # decode_checked() then reports the faults
        return None


def entry_from(
    line: EncodedEntry, vocabulary: Vocabulary, *, unknown_ok: bool
) -> Entry:
    """Return an entry from its decoded line.

    Args:
        line: The line as msgspec decoded it.
        vocabulary: The payload classes.
        unknown_ok: As for `decode_entry()`.
    """
    claim, known = line.event, line.known
    others = claim, line.supersedes, line.retracts
    if line.release and (line.dataset is None or others != (None, None, None)):
        raise ValueError(line.release)  # decode_checked() says what is wrong
    return Entry(
        position=line.position,
        event=None if claim is None else _event(claim, vocabulary, unknown_ok),
        known=known.toordinal() if isinstance(known, date) else known,
        supersedes=line.supersedes,
        retracts=line.retracts,
        because=line.because,
        recorded_at=None
        if line.recorded_at is None
        else instant_from(line.recorded_at),
        review=_review(line.review, vocabulary, unknown_ok=unknown_ok),
        dataset=line.dataset,
        release=release_of(line.release, vocabulary),
    )


def _review(
    review: EncodedReview | None, vocabulary: Vocabulary, *, unknown_ok: bool
) -> Review | None:
    if review is None:
        return None
    claim = review.proposes
    return Review(
        by=review.by,
        proposes=None if claim is None else _event(claim, vocabulary, unknown_ok),
        supersedes=review.supersedes,
        accepts=review.accepts,
        rejects=review.rejects,
    )


def _event(claim: EncodedEvent, vocabulary: Vocabulary, unknown_ok: bool) -> Event:
    kind, version, what = claim.kind, claim.version, bytes(claim.what)
    return Event(
        vocabulary.decode(kind, what, version, unknown_ok=unknown_ok),
        when=cached_edtf(claim.when),
        where=place_from(bytes(claim.where)),
        cite=citations_from(bytes(claim.cite)),
        id=claim.id,
    )


# --- unchecked: data that was verified when it was written ----------------------------
def payload_reader(
    vocabulary: Vocabulary, kind: str, version: int
) -> Callable[[Sequence[str]], list[object]]:
    """Return an unchecked decoder of payloads of a kind, encoded by a `Vocabulary`.

    Payloads of kinds that the vocabulary lacks become `Unknown`. Where the fields of a
    class have changed without an upcast, the decoder is that of `Vocabulary.decode()`.
    """
    together = batch_payload_reader(vocabulary, kind, version)

    def read(some: Sequence[str]) -> list[object]:
        if together is not None:
            with suppress(Exception):
                return together(some)
        return [
            vocabulary.decode(kind, data, version, unknown_ok=True) for data in some
        ]

    return read


def batch_payload_reader(
    vocabulary: Vocabulary, kind: str, version: int | None
) -> Callable[[Sequence[str]], list[object]] | None:
    """Return an unchecked decoder of many payloads of a kind at once, if possible.

    Given data that `Vocabulary.encode()` did not write, it may raise any exception.

    Args:
        vocabulary: The payload classes.
        kind: The name of one of them.
        version: The version of the data; None for the current one.
    """
    cls = vocabulary._classes.get(kind)
    if cls is None or not is_current(vocabulary, cls, version):
        return None
    together = unchecked_list_decoder(cls)
    if together is None:
        return None
    return lambda some: together(f"[{','.join(some)}]".encode())


def is_current(vocabulary: Vocabulary, cls: type, version: int | None) -> bool:
    """Check whether a version is the current one of a class, as None always is."""
    return version in (None, 1 + len(vocabulary._steps(cls)))


# Kind and version stand between these two. Text before them cannot contain either, as
# JSON escapes its quotes: so lines are grouped without being parsed.
_KIND, _WHAT = ',"event":{"kind":', ',"what":'
_NOTHING = "\0"  # never in a line, as JSON escapes it


def decode_unchecked(
    lines: Sequence[bytes | str], vocabulary: Vocabulary
) -> list[Entry]:
    """Decode lines of `encode_entry()` that have not been changed since.

    They were verified when they were written, and are not checked again: this takes an
    eighth of the time of `decode_entry()`, which decodes them if this way fails.

    Args:
        lines: Lines of `encode_entry()`.
        vocabulary: The payload classes. Payloads of other kinds, and of later versions,
            become `Unknown`.

    Raises:
        FaultsError: All faults of the first line that is not an entry.
    """
    texts = [line if isinstance(line, str) else line.decode() for line in lines]
    found: dict[int, Entry] = {}
    try:
        if _are_of_one_kind(texts):
            return [*_decode_group(texts, vocabulary)]
        for places in _by_kind(texts).values():
            some = [texts[place] for place in places]
            found.update(zip(places, _decode_group(some, vocabulary), strict=True))
    except Exception:  # decode_entry() reports the faults, or decodes the lines
        return [decode_entry(text, vocabulary) for text in texts]
    return [*map(found.__getitem__, range(len(texts)))]


def _are_of_one_kind(texts: Sequence[str]) -> bool:
    """Check quickly whether all lines hold events of one kind and version."""
    head = next(iter(_by_kind(texts[:1])), _NOTHING)
    return head is not _NOTHING and all(map(contains, texts, repeat(head)))


def _by_kind(texts: Sequence[str]) -> dict[str, list[int]]:
    """Return the indexes of the lines of each kind and version."""
    found: dict[str, list[int]] = {}
    head, places = _NOTHING, list[int]()
    for place, text in enumerate(texts):
        start = text.find(_KIND)
        if start < 0 or not text.startswith(head, start):
            end = text.find(_WHAT, start)
            head = text[start : end + len(_WHAT)] if min(start, end) >= 0 else _NOTHING
            places = found.setdefault(head, [])
        places.append(place)
    return found


def _decode_group(texts: Sequence[str], vocabulary: Vocabulary) -> Iterable[Entry]:
    """Decode lines whose payloads have the same kind and version."""
    claim = read_line(texts[0]).event
    cls = None if claim is None else vocabulary._classes.get(claim.kind)
    if claim is not None and cls is not None:
        parts = (
            struct_and_builder(cls)
            if is_current(vocabulary, cls, claim.version)
            else None
        )
        if parts is not None:
            return _decode_structs(texts, vocabulary, *parts)
    return [entry_from(read_line(text), vocabulary, unknown_ok=True) for text in texts]


def _places(claims: Sequence[DecodedEvent]) -> Iterable[Place | None]:
    """Return the places of events; nothing if none has one, as in most logs."""
    texts = [bytes(claim.where) for claim in claims]
    return map(place_from, texts) if any(texts) else ()


def _decode_structs(
    texts: Sequence[str],
    vocabulary: Vocabulary,
    struct: type[Struct],
    payloads: Callable[[Iterable[Struct]], Iterable[object]],
) -> Iterable[Entry]:
    # One call of msgspec for all lines, payloads included. Citations and dates come
    # from caches, and the constructors do not validate again.
    lines = reader_of(struct)("\n".join(texts))
    if len(lines) != len(texts):
        msg = f"{len(texts)} lines hold {len(lines)} entries"
        raise ValueError(msg)
    claims = [line.event for line in lines]
    # Each has the text for it, which in some may stand within the payload.
    if len({(claim.kind, claim.version) for claim in claims}) > 1:
        raise ValueError(struct)
    events = unchecked_events(
        payloads([claim.what for claim in claims]),
        [cached_edtf(claim.when) for claim in claims],
        [citations_from(bytes(claim.cite)) for claim in claims],
        [claim.id for claim in claims],
        _places(claims),
    )
    return [
        unchecked_entry(
            line.position,
            event,
            known.toordinal() if isinstance(known := line.known, date) else known,
            line.supersedes,
            line.retracts,
            line.because,
            None if line.recorded_at is None else _instant(line.recorded_at),
            _review(line.review, vocabulary, unknown_ok=True),
            line.dataset,
        )
        for line, event in zip(lines, events, strict=True)
    ]
