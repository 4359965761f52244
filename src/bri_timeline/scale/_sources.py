"""What can be written into a dataset, as batches of rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from bri_timeline._codec import Vocabulary
from bri_timeline._events import Entry
from bri_timeline._log import EventLog
from bri_timeline.errors import EntryError
from bri_timeline.formats._arrow_files import validated
from bri_timeline.formats._files import Faults
from bri_timeline.formats.arrow import ArrowStream, to_arrow
from bri_timeline.scale._arrow import Batch, pa
from bri_timeline.stores import Store


__all__ = ["Source", "batches_of"]

Source = EventLog | Store | ArrowStream | Iterable[Entry]
_NAME = "the table that is written"
_ENTRIES = 1 << 14
_ROWS = 1 << 17
_MOST = 1 << 20


def batches_of(what: Source, vocabulary: Vocabulary, start: int) -> Iterator[Batch]:
    """Yield batches of rows with the columns of `formats.arrow`.

    Args:
        what: What to write.
        vocabulary: The payload classes.
        start: How many entries there are already.
    """
    if isinstance(what, EventLog):
        yield from _of_entries(islice(what, start, None), vocabulary)
    elif isinstance(what, Store):
        yield from _of_entries(what.follow(start - 1, patience=0), vocabulary)
    elif hasattr(what, "__arrow_c_stream__"):
        reader = pa.RecordBatchReader.from_stream(what)
        yield from _of_rows(validated(reader, Faults(_NAME)))
    else:
        yield from _of_entries(_checked(what), vocabulary)


def _checked(what: object) -> Iterator[Entry]:
    remedy = "give a log, a store, entries, or a table with the columns of `arrow`"
    if not isinstance(what, Iterable):
        raise EntryError(what, f"{type(what).__name__} has no entries: {remedy}")
    for entry in what:
        if not isinstance(entry, Entry):
            raise EntryError(entry, f"{type(entry).__name__} is no entry: {remedy}")
        yield entry


def _of_entries(entries: Iterable[Entry], vocabulary: Vocabulary) -> Iterator[Batch]:
    remaining = iter(entries)
    while some := [*islice(remaining, _ENTRIES)]:
        reader = pa.RecordBatchReader.from_stream(to_arrow(some, vocabulary))
        yield from reader


def _of_rows(reader: Iterable[Batch]) -> Iterator[Batch]:
    """Yield batches that are neither so small nor so large that this is slow."""
    some: list[Batch] = []
    for batch in reader:
        for first in range(0, batch.num_rows, _MOST):
            some.append(batch.slice(first, _MOST))
            if sum(map(len, some)) >= _ROWS:
                yield _joined(some)
                some = []
    if some:
        yield _joined(some)


def _joined(some: list[Batch]) -> Batch:
    return some[0] if len(some) == 1 else pa.concat_batches(some)
