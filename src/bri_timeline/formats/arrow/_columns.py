"""Plain rows of a table of Arrow, read at once: column by column."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import Any, TypeAlias

from bri_timeline import Citation, Entry, Source, Vocabulary
from bri_timeline._events.entries import unchecked_entry
from bri_timeline._form import Codec, parts, table
from bri_timeline.edtf import Edtf
from bri_timeline.extend import events_of
from bri_timeline.formats._files import LONGEST


# pyarrow is an extra, imported where it is used: its types are not named here.
_Batch: TypeAlias = Any
_Column: TypeAlias = Any
_TEXTS = [part.name for part in parts.TEXTS]
# The parts of an entry that says no more than a claim with its sources.
_PLAIN = {"position", "known", "recorded_at", "event"}
_SPECIAL = ["where", *(part.name for part in parts.ENTRY if part.name not in _PLAIN)]
# No longer, in whatever encoding, than a line may be.
_LONGEST = LONGEST // 4
_edtf = lru_cache(maxsize=1 << 15)(Edtf)


def plain_entries(batch: _Batch, first: int, vocabulary: Vocabulary) -> Iterator[Entry]:
    """Return the entries of a batch whose rows are claims that change no others.

    They are those that `entry_of()` reads.

    Args:
        batch: The batch, fully validated.
        first: The position of its first row.
        vocabulary: The payload classes.

    Raises:
        Exception: `entry_of()` has to read one of the rows, or to find its faults.
    """
    names, types = batch.schema.names, table.arrow_types()
    columns = dict(zip(names, batch.columns, strict=True))
    for name in {*_SPECIAL} & columns.keys():
        if columns[name].null_count < len(batch):
            raise ValueError(name)
    texts = {
        name: _cells(columns[name], types[name])
        for name in ("kind", "what", "when", *_TEXTS, "version", "known_day")
        if name in columns
    }
    positions = range(first, first + len(batch))
    if "position" in columns and columns["position"].to_pylist() != [*positions]:
        raise ValueError(first)
    nothing: Sequence[Any] = (None,) * len(batch)
    whats = _payloads(texts, nothing, vocabulary)
    whens = map(_edtf, texts["when"])
    ids, others = texts.get("id", nothing), {n: texts[n] for n in _TEXTS if n in texts}
    others.pop("id", None)
    cites = _citations(columns["cite"]) if "cite" in columns else ((),) * len(batch)
    events = events_of(whats, whens, cites, ids, **others)
    knowns = texts.get("known_day") or [event.known_day for event in events]
    instants = nothing
    if "recorded_at" in columns:
        instants = _cells(columns["recorded_at"], types["recorded_at"])
    return (
        unchecked_entry(place, event, known, recorded_at=instant)
        for place, event, known, instant in zip(
            positions, events, knowns, instants, strict=True
        )
    )


def _cells(column: _Column, wanted: object) -> list[Any]:
    """Return the cells of a column of a type; others may hold anything."""
    if column.type != wanted:
        raise TypeError(column.type)
    cells: list[Any] = column.to_pylist()
    return cells


def _payloads(
    texts: dict[str, list[Any]], nothing: Sequence[Any], vocabulary: Vocabulary
) -> list[object]:
    """Return the payloads, which have the same JSON again."""
    groups: dict[tuple[str, int | None], list[int]] = {}
    pairs = zip(texts["kind"], texts.get("version", nothing), strict=True)
    for place, pair in enumerate(pairs):
        groups.setdefault(pair, []).append(place)
    whats: list[object] = [None] * len(nothing)
    codec = Codec(vocabulary)
    for (kind, version), places in groups.items():
        read = codec.batch_payload_reader(kind, version)
        if read is None:
            raise TypeError(kind)
        lines = [texts["what"][place] for place in places]
        if max(map(len, lines)) > _LONGEST:
            raise ValueError(kind)
        payloads = read(lines)
        if not all(codec.are_written_so(kind, lines, payloads)):
            raise ValueError(kind)
        for place, payload in zip(places, payloads, strict=True):
            whats[place] = payload
    return whats


def _citations(column: _Column) -> list[tuple[Citation, ...]]:
    """Return the citations of each row."""
    flat, text = column.flatten(), table.arrow_types()["kind"]
    names = [flat.type.field(n).name for n in range(flat.type.num_fields)]
    if flat.null_count or names != [*table.CITED]:
        raise TypeError(names)
    cells = [_cells(part, text) for part in flat.flatten()]
    own = len(parts.SOURCE)
    sources = map(_source, *cells[:own])
    found = [
        Citation(source, "" if locator is None else locator, quote)
        for source, locator, quote in zip(sources, *cells[own:], strict=True)
    ]
    counts = column.value_lengths().to_pylist()
    # Most claims rest on one citation; of several, none counts twice.
    if counts.count(1) == len(counts):
        return [*zip(found, strict=True)]
    ends = [*accumulate(count or 0 for count in counts)]
    return [
        tuple(dict.fromkeys(found[start:end])) for start, end in pairwise([0, *ends])
    ]


@lru_cache(maxsize=1 << 12)
def _source(*texts: str | None) -> Source:
    """Return the source in the cells of its parts."""
    return table.citation_of((*texts, None, None)).source
