"""What tasks do with the states of a bucket: give them back, or save them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Generic, TypeVar

import msgspec
from attrs import frozen

from bri_timeline.errors import ProjectionError
from bri_timeline.formats._files import replaced
from bri_timeline.scale._arrow import pa, pq
from bri_timeline.scale._bucket import Task, states_of
from bri_timeline.scale._engine import Database
from bri_timeline.scale._manifest import Pair


__all__ = ["Saving", "returned", "saved"]

S = TypeVar("S")
_STATES = pa.schema(
    [("one", pa.string()), ("other", pa.string()), ("state", pa.string())]
)
_AT_ONCE = 1 << 14


@frozen
class Saving(Generic[S]):
    """A bucket whose states are to be saved.

    Attributes:
        task: How to find them.
        path: The file.
        of: What of a state is saved.
    """

    task: Task[S]
    path: Path
    of: Callable[[S], object]


def returned(task: Task[S], within: Database | None = None) -> list[tuple[Pair, S]]:
    """Return the states of a bucket."""
    return [*states_of(task, within)]


def saved(saving: Saving[S], within: Database | None = None) -> int:
    """Save the states of a bucket, in a stream; return how many there are.

    Raises:
        ProjectionError: One of them cannot be written.
    """
    count, rows = 0, _rows(saving, within)
    with (
        replaced(saving.path) as file,
        pq.ParquetWriter(file, _STATES, compression="zstd") as writer,
    ):
        while some := [*islice(rows, _AT_ONCE)]:
            columns = map(list, zip(*some, strict=True))
            writer.write_table(pa.table([*columns], _STATES))
            count += len(some)
    return count


def _rows(saving: Saving[S], within: Database | None) -> Iterator[tuple[str, str, str]]:
    for (one, other), state in states_of(saving.task, within):
        value = saving.of(state)
        try:
            yield one, other, msgspec.json.encode(value).decode()
        except (TypeError, ValueError, OverflowError) as error:
            problem = f"of {one} and {other} cannot be written as JSON ({error})"
            raise ProjectionError(
                value, f"{problem}: say with of= what to save"
            ) from None
