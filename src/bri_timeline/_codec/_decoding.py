"""Decode entries fast: those that are faultless, or that were checked before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date
from functools import lru_cache

from msgspec.structs import astuple

from bri_timeline._codec._checking import decode_checked, entry_faults, release_of
from bri_timeline._codec._json import LARGEST, is_too_deep
from bri_timeline._codec._lines import (
    EncodedEntry,
    EncodedEvent,
    EncodedReview,
    all_citations_from,
    citations_from,
    instant_from,
    place_from,
    read_line,
    read_lines,
    write_json,
)
from bri_timeline._codec._structs import (
    cached_edtf,
    cached_edtfs,
    lines_decoder,
    list_decoder_of_records,
    unchecked_list_decoder,
)
from bri_timeline._codec._vocabulary import Vocabulary
from bri_timeline._events import (
    Entry,
    Event,
    Review,
    unchecked_entry,
    unchecked_events,
)
from bri_timeline.errors import Fault


__all__ = [
    "batch_payload_reader",
    "batch_record_reader",
    "decode_entry",
    "decode_unchecked",
    "decode_with_claims",
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
        event=None
        if claim is None
        else _event(claim, vocabulary, unknown_ok=unknown_ok),
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
        proposes=None
        if claim is None
        else _event(claim, vocabulary, unknown_ok=unknown_ok),
        supersedes=review.supersedes,
        accepts=review.accepts,
        rejects=review.rejects,
    )


def _event(claim: EncodedEvent, vocabulary: Vocabulary, *, unknown_ok: bool) -> Event:
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
    return _reader(unchecked_list_decoder, vocabulary, kind, version)


def batch_record_reader(
    vocabulary: Vocabulary, kind: str, version: int | None
) -> Callable[[Sequence[str]], list[object]] | None:
    """Return a decoder of payloads as records that stand for them, if possible.

    A record has the fields of a payload, and the same JSON, which is all that a writer
    needs. It takes a third of the time of a `batch_payload_reader()`; the arguments are
    the same.
    """
    return _reader(list_decoder_of_records, vocabulary, kind, version)


def _reader(
    decoder: Callable[[type], Callable[[bytes], list[object]] | None],
    vocabulary: Vocabulary,
    kind: str,
    version: int | None,
) -> Callable[[Sequence[str]], list[object]] | None:
    cls = vocabulary._classes.get(kind)
    if cls is None or not is_current(vocabulary, cls, version):
        return None
    together = decoder(cls)
    if together is None:
        return None
    return lambda some: together(f"[{','.join(some)}]".encode())


def is_current(vocabulary: Vocabulary, cls: type, version: int | None) -> bool:
    """Check whether a version is the current one of a class, as None always is."""
    return version in (None, 1 + len(vocabulary._steps(cls)))


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
    return decode_with_claims(lines, vocabulary)[0]


def decode_with_claims(
    lines: Sequence[bytes | str], vocabulary: Vocabulary
) -> tuple[list[Entry], list[EncodedEvent | None] | None]:
    """Decode lines as `decode_unchecked()`, and return their events as encoded too.

    Returns:
        The entries; and the events as they stand in the lines, None if the lines had to
        be decoded one by one.

    Raises:
        FaultsError: All faults of the first line that is not an entry.
    """
    texts = [line if isinstance(line, str) else line.decode() for line in lines]
    # Where this fails, decode_entry() reports the faults, or decodes the lines.
    with suppress(Exception):
        found = read_lines("\n".join(texts))
        if len(found) == len(texts):
            claims = [line.event for line in found]
            return _entries(found, _events(claims, vocabulary), vocabulary), claims
    return [decode_entry(text, vocabulary) for text in texts], None


def _entries(
    lines: Sequence[EncodedEntry],
    events: Sequence[Event | None],
    vocabulary: Vocabulary,
) -> list[Entry]:
    # As tuples, since reading a field of ten takes longer than taking one apart.
    parts = zip(lines, map(astuple, lines), events, strict=True)
    return [
        entry_from(line, vocabulary, unknown_ok=True)
        if event is None
        # The constructor does not validate again.
        else unchecked_entry(
            position,
            event,
            known.toordinal() if isinstance(known, date) else known,
            supersedes,
            retracts,
            because,
            instant and _instant(instant),
            review and _review(review, vocabulary, unknown_ok=True),
            dataset,
        )
        for line, (
            position,
            known,
            supersedes,
            retracts,
            because,
            instant,
            review,
            dataset,
            _,
            _,
        ), event in parts
    ]


def _events(
    claims: Sequence[EncodedEvent | None], vocabulary: Vocabulary
) -> Sequence[Event | None]:
    """Decode events, all of one kind and version at once."""
    if len({None if one is None else (one.kind, one.version) for one in claims}) == 1:
        return _events_alike(claims, vocabulary)
    alike: dict[tuple[str, int], list[int]] = {}
    for place, claim in enumerate(claims):
        if claim is not None:
            alike.setdefault((claim.kind, claim.version), []).append(place)
    found: list[Event | None] = [None] * len(claims)
    for places in alike.values():
        some = _events_alike([claims[place] for place in places], vocabulary)
        for place, event in zip(places, some, strict=True):
            found[place] = event
    return found


def _events_alike(
    alike: Sequence[EncodedEvent | None], vocabulary: Vocabulary
) -> Sequence[Event | None]:
    """Decode events of one kind and version; or return as often None."""
    claims = [claim for claim in alike if claim is not None]
    if not claims:
        return [None] * len(alike)
    kind, version = claims[0].kind, claims[0].version
    cls, decode = vocabulary._classes.get(kind), None
    if cls is not None and is_current(vocabulary, cls, version):
        decode = lines_decoder(cls)
    if decode is None:
        return [_event(claim, vocabulary, unknown_ok=True) for claim in claims]
    # One call of msgspec for all payloads; citations and dates come from caches.
    return unchecked_events(
        decode(b"\n".join([claim.what for claim in claims])),
        cached_edtfs([claim.when for claim in claims]),
        all_citations_from([bytes(claim.cite) for claim in claims]),
        [claim.id for claim in claims],
        # Most logs have no places.
        map(place_from, wheres)
        if any(wheres := [bytes(claim.where) for claim in claims])
        else (),
    )
