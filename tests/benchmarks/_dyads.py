"""A working day's claims as batches of Arrow, for datasets on disk: any number of them.

Of more than a million, each further million has the thirty years anew.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from datetime import date
from functools import partial
from itertools import chain
from pathlib import Path

import pyarrow as pa
from _working_day import Claim, Dealt, claims, dealt, standing

from bri_timeline import Event, Projection, Vocabulary


__all__ = ["VOCABULARY", "Deals", "batch_of", "lethal"]

VOCABULARY = Vocabulary(Dealt)
_AT_ONCE = 1_000_000
_BATCH = 1 << 17
_MIDWAY = 500


def _unheard() -> tuple[str, int]:
    return "", 0


def lethal(marker: str) -> Projection[tuple[str, int]]:
    """Return what folds as `standing` does, and kills one worker midway."""
    evolve = partial(_killed_once, Path(marker))
    return Projection(_unheard, evolve, name="lethal")


def _killed_once(marker: Path, state: tuple[str, int], event: Event) -> tuple[str, int]:
    if state[1] > _MIDWAY and not marker.exists():
        try:
            marker.touch(exist_ok=False)
        except FileExistsError:
            return standing.evolve(state, event)
        os.kill(os.getpid(), signal.SIGKILL)
    return standing.evolve(state, event)


class Deals:
    """Claims, as a stream of Arrow batches in the order of their arrival.

    Args:
        count: How many.
        pairs: About how many pairs.
    """

    def __init__(self, count: int, pairs: int) -> None:
        self.count = count
        self.pairs = pairs

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        batches = self.batches()
        first = next(batches)
        reader = pa.RecordBatchReader.from_batches(
            first.schema, chain([first], batches)
        )
        return reader.__arrow_c_stream__(requested_schema)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the rows of the claims."""
        for start in range(0, self.count, _AT_ONCE):
            many = min(_AT_ONCE, self.count - start)
            found = claims(many, self.pairs, seed=1 + start // _AT_ONCE)
            for place in range(0, many, _BATCH):
                yield batch_of(found[place : place + _BATCH], start)


def batch_of(found: list[Claim], start: int) -> pa.RecordBatch:
    """Return the rows of claims, of which the places begin at a position."""
    sources = [(c.paper, date.fromordinal(c.known).isoformat()) for c in found]
    rows = {
        "kind": ["Dealt"] * len(found),
        "what": [VOCABULARY.encode(dealt(c)).decode() for c in found],
        "when": [c.when for c in found],
        "id": [f"{start}:{c.id}" for c in found],
        "cite": [[{"title": title, "published": day}] for title, day in sources],
        "supersedes": pa.array(
            [None if c.corrects is None else start + c.corrects for c in found],
            pa.int64(),
        ),
    }
    batch = pa.RecordBatch.from_pydict(rows)
    # Texts that repeat are dictionary-encoded, as those who make large files have them.
    columns = {
        name: column.dictionary_encode() if name in ("kind", "when") else column
        for name, column in zip(batch.schema.names, batch.columns, strict=True)
    }
    return pa.RecordBatch.from_pydict(columns)
