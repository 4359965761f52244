"""Decode entries fast: those that are faultless, or that were checked before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date, datetime
from functools import lru_cache

from msgspec.structs import astuple

from bri_timeline._codec._checking import (
    decode_checked,
    entry_faults,
    erased_of,
    release_of,
)
from bri_timeline._codec._json import LARGEST, is_too_deep
from bri_timeline._codec._lines import (
    EncodedColumns,
    EncodedEntry,
    EncodedEvent,
    EncodedReview,
    all_citations_from,
    citations_from,
    instant_from,
    parts_of,
    place_from,
    read_line,
    read_lines,
    write_json,
)
from bri_timeline._codec._structs import (
    cached_edtf,
    cached_edtfs,
    lines_decoder,
    lines_decoder_of_records,
)
from bri_timeline._codec._vocabulary import Vocabulary
from bri_timeline._events import (
    Entry,
    EntryColumns,
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
    if line.erased and (
        claim or line.because is not None or line.release or _proposes(line)
    ):
        raise ValueError(line.erased)
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
        erased=erased_of(line.erased),
    )


def _proposes(line: EncodedEntry) -> bool:
    return line.review is not None and line.review.proposes is not None


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
    return _reader(lines_decoder, vocabulary, kind, version)


def batch_record_reader(
    vocabulary: Vocabulary, kind: str, version: int | None
) -> Callable[[Sequence[str]], list[object]] | None:
    """Return a decoder of payloads as records that stand for them, if possible.

    A record has the fields of a payload, and the same JSON, which is all that a writer
    needs, and is made faster. Its `parties`, `affair_of` and `refers_to` stay JSON
    (`msgspec.Raw`), so that equal ones can be decoded once: nobody has checked them.
    The arguments are those of `batch_payload_reader()`.
    """
    return _reader(lines_decoder_of_records, vocabulary, kind, version)


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
    return lambda some: together("\n".join(some).encode())


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
    return [*decode_with_claims(lines, vocabulary)[0]]


def decode_with_claims(
    lines: Sequence[bytes | str], vocabulary: Vocabulary
) -> tuple[Sequence[Entry], EncodedColumns | None]:
    """Decode lines as `decode_unchecked()`, and return their events as encoded too.

    Returns:
        The entries, as columns if they could be decoded together; and the events of
        those that have one, None if the lines had to be decoded one by one.

    Raises:
        FaultsError: All faults of the first line that is not an entry.
    """
    texts = [line if isinstance(line, str) else line.decode() for line in lines]
    # Where this fails, decode_entry() reports the faults, or decodes the lines.
    with suppress(Exception):
        found = read_lines("\n".join(texts))
        if len(found) == len(texts):
            return _columns(found, vocabulary)
    return [decode_entry(text, vocabulary) for text in texts], None


def _columns(
    lines: Sequence[EncodedEntry], vocabulary: Vocabulary
) -> tuple[EntryColumns, EncodedColumns | None]:
    """Return entries as columns, and their events as they were encoded."""
    columns = [*zip(*map(astuple, lines), strict=True)]
    positions, days, *others, instants, reviews, datasets, _, gone, claims = columns
    if gone.count(None) < len(gone) and any(map(all, zip(gone, claims, strict=True))):
        raise ValueError(gone)  # decode_entry() says what is wrong
    some = claims if all(claims) else [*filter(None, claims)]
    encoded = EncodedColumns.of(some) if some else None
    events: Sequence[Event | None] = _events(encoded, vocabulary) if encoded else ()
    if len(some) < len(claims):
        left = iter(events)
        events = [claim and next(left) for claim in claims]
    kinds = {*map(type, days)}
    knowns: Sequence[int | None] = (
        [*map(date.toordinal, days)] if kinds == {date} else [*map(_day_number, days)]
    )
    count, special = len(lines), dict[int, Entry]()
    if some is not claims or any(c.count(None) < count for c in (*others, reviews)):
        special = {
            place: entry_from(line, vocabulary, unknown_ok=True)
            if event is None
            # The constructor does not validate again.
            else unchecked_entry(
                line.position,
                event,
                knowns[place],
                line.supersedes,
                line.retracts,
                line.because,
                None if line.recorded_at is None else _instant(line.recorded_at),
                _review(line.review, vocabulary, unknown_ok=True),
                line.dataset,
            )
            for place, (line, event) in enumerate(zip(lines, events, strict=True))
            if line.supersedes is not None
            or line.retracts is not None
            or line.because is not None
            or line.review is not None
            or event is None
        }
    # What one append wrote has one instant.
    if instants[0] is not None and instants.count(instants[0]) == count:
        recorded: Sequence[datetime | None] = [_instant(instants[0])] * count
    else:
        recorded = [text if text is None else _instant(text) for text in instants]
    return EntryColumns(positions, events, knowns, recorded, datasets, special), encoded


def _day_number(known: date | int | None) -> int | None:
    return known.toordinal() if isinstance(known, date) else known


def _events(columns: EncodedColumns, vocabulary: Vocabulary) -> list[Event]:
    """Decode events, all of one kind and version at once."""
    kind, version = columns.kinds[0], columns.versions[0]
    if columns.is_all(kind, version):
        decode = _payloads_of(vocabulary, kind, version)
        if decode is not None:
            return _events_alike(decode, columns)
        claims = map(EncodedEvent, *columns)
        return [_event(claim, vocabulary, unknown_ok=True) for claim in claims]
    alike: dict[tuple[str, int], list[int]] = {}
    for place, pair in enumerate(zip(columns.kinds, columns.versions, strict=True)):
        alike.setdefault(pair, []).append(place)
    found: dict[int, Event] = {}
    for places in alike.values():
        events = _events(columns.only(places), vocabulary)
        found.update(zip(places, events, strict=True))
    return [*map(found.__getitem__, range(len(found)))]


def _payloads_of(
    vocabulary: Vocabulary, kind: str, version: int
) -> Callable[[bytes], list[object]] | None:
    """Return a decoder of lines of payloads; None if each is decoded by itself."""
    cls = vocabulary._classes.get(kind)
    if cls is None or not is_current(vocabulary, cls, version):
        return None
    return lines_decoder(cls)


def _events_alike(
    decode: Callable[[bytes], list[object]], columns: EncodedColumns
) -> list[Event]:
    """Return events of one kind and version."""
    # One call of msgspec for all payloads; citations and dates come from caches.
    _, _, whats, whens, wheres, names, cites = columns
    return unchecked_events(
        decode(b"\n".join(whats)),
        cached_edtfs(whens),
        all_citations_from(parts_of(cites)),
        names,
        # Most logs have no places.
        map(place_from, parts_of(wheres))
        if wheres.count(wheres[0]) < len(wheres) or len(wheres[0])
        else (),
    )
