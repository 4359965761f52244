"""Entries from lines that were checked on their way in, many at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import lru_cache

from msgspec import Struct

from bri_timeline._bulk import trusted_entry, trusted_events
from bri_timeline._codec._entries import decode_entry, entry_of, is_present
from bri_timeline._codec._lines import (
    citations_in,
    instant_in,
    read,
    reader_of,
)
from bri_timeline._codec._quick import edtf, parted
from bri_timeline._codec._vocabulary import Vocabulary
from bri_timeline._events import Entry


__all__ = ["decode_entries"]

# All entries of one append have one instant.
_instant = lru_cache(maxsize=64)(instant_in)
# In the lines of entries these stand where kind and version do, and nowhere before.
_KIND, _WHAT = ',"event":{"kind":', ',"what":'
_NOTHING = "\0"  # no line holds that


def decode_entries(lines: Sequence[bytes | str], vocabulary: Vocabulary) -> list[Entry]:
    """Return entries from lines that `encode_entry()` gave, and nobody changed since.

    What was checked when they were written is not checked again: this takes an eighth
    of the time of `decode_entry()`, which is asked where lines cannot be read so.

    Args:
        lines: What `encode_entry()` gave.
        vocabulary: The payload classes. Payloads of other kinds, and of later versions,
            become `Unknown`.

    Raises:
        FaultsError: All that is wrong with the first line that is no entry.
    """
    texts = [line if isinstance(line, str) else line.decode() for line in lines]
    found: dict[int, Entry] = {}
    try:
        for places in _by_kind(texts).values():
            some = [texts[place] for place in places]
            found.update(zip(places, _together(some, vocabulary), strict=True))
    except Exception:  # the careful way says what is wrong, or finds nothing
        return [decode_entry(text, vocabulary) for text in texts]
    return [*map(found.__getitem__, range(len(texts)))]


def _by_kind(texts: Sequence[str]) -> dict[str, list[int]]:
    """Return where there are lines of each kind and version."""
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


def _together(texts: Sequence[str], vocabulary: Vocabulary) -> Iterable[Entry]:
    """Return the entries of lines that claim something of one kind and version."""
    claim = read(texts[0]).event
    cls = None if claim is None else vocabulary._classes.get(claim.kind)
    if claim is not None and cls is not None:
        parts = parted(cls) if is_present(vocabulary, cls, claim.version) else None
        if parts is not None:
            return _trusted(texts, *parts)
    return [entry_of(read(text), vocabulary, unknown_ok=True) for text in texts]


def _trusted(
    texts: Sequence[str],
    struct: type[Struct],
    payloads: Callable[[Iterable[Struct]], Iterable[object]],
) -> Iterable[Entry]:
    lines = reader_of(struct)("\n".join(texts))
    if len(lines) != len(texts):
        msg = f"{len(texts)} lines hold {len(lines)} entries"
        raise ValueError(msg)
    claims = [line.event for line in lines]
    events = trusted_events(
        payloads([claim.what for claim in claims]),
        [edtf(claim.when) for claim in claims],
        [citations_in(bytes(claim.cite)) for claim in claims],
        [claim.id for claim in claims],
    )
    return [
        trusted_entry(
            line.position,
            event,
            known.toordinal() if isinstance(known := line.known, date) else known,
            line.supersedes,
            line.retracts,
            line.because,
            None if line.recorded_at is None else _instant(line.recorded_at),
        )
        for line, event in zip(lines, events, strict=True)
    ]
