"""A query, and the related entries of a bucket that count under it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from attrs import frozen

from bri_timeline._calendar import Day, to_day
from bri_timeline._codec import Vocabulary, decode_unchecked
from bri_timeline._events import (
    Entry,
    Event,
    Key,
    dyads,
    unchecked_entry,
)
from bri_timeline._happening import Happening
from bri_timeline._journal import Prefer
from bri_timeline._log import EventLog
from bri_timeline.errors import DayError, EntryError, shown
from bri_timeline.scale._dictionary import clipped
from bri_timeline.scale._engine import columns_in
from bri_timeline.scale._manifest import Manifest, Pair


__all__ = [
    "Clusters",
    "CountedEvent",
    "Query",
    "compact",
]


@frozen
class Query:
    """A day to ask about, and a day of knowledge.

    Attributes:
        on: The day.
        known_by: A day or a position; None for everything.
        prefer: Which claim to take where claims about one happening differ.
    """

    on: Day
    known_by: Day | int | None
    prefer: Prefer

    def check(self, size: int) -> None:
        """Check the query against a dataset of *size* entries.

        Raises:
            DayError: One of the days is not a whole day.
            EntryError: The dataset has no such position.
        """
        to_day(self.on)
        known_by = self.known_by
        # `True` is an int, and would pass as position 1.
        if isinstance(known_by, bool):
            raise DayError(known_by, "is not a day, and not a log position")
        if isinstance(known_by, int):
            if not 0 <= known_by < size:
                problem = f"the dataset has no position {shown(known_by)}"
                raise EntryError(known_by, f"{problem}: it has {size} entries")
        elif known_by is not None:
            to_day(known_by)

    @property
    def day(self) -> int:
        """The number of the day."""
        return clipped(to_day(self.on))

    def rows(self, *, has_related: bool, undecided: bool = False) -> str:
        """Return the SQL condition for the rows that count.

        Args:
            has_related: Leave out the positions in the table `related`.
            undecided: Include events that may have happened.
        """
        # Rows without a relationship have the number -1.
        parts = ["rel >= 0", f"{'first' if undecided else 'last'} <= {self.day}"]
        if isinstance(self.known_by, int):
            parts.append(f"position <= {self.known_by}")
        elif self.known_by is not None:
            parts.append(f"known_day <= {clipped(to_day(self.known_by))}")
        if has_related:
            parts.append("position not in (select position from related)")
        return " and ".join(parts)


class CountedEvent(NamedTuple):
    """An event that counts under a query.

    Attributes:
        key: Its sort key in fold order.
        event: The event.
    """

    key: Key
    event: Event


class Clusters:
    """The related entries of a bucket, each with its whole cluster.

    Args:
        folder: The dataset.
        manifest: The files of the bucket.
        vocabulary: The payload classes.

    Attributes:
        positions: Positions of these entries in the dataset, in order.
    """

    def __init__(
        self, folder: Path, manifest: Manifest, vocabulary: Vocabulary
    ) -> None:
        # A cluster that grew was written again: the same line, under the same position.
        found: dict[int, str] = {}
        for one in manifest.clusters:
            table = columns_in(one.file(folder).verified(), ("position", "line"))
            positions, lines = (column.to_pylist() for column in table.columns)
            found.update(zip(positions, lines, strict=True))
        self.positions = sorted(found)
        lines = [found[position] for position in self.positions]
        self._log = compact(decode_unchecked(lines, vocabulary))

    def counted(
        self,
        query: Query,
        reads: tuple[type, ...] | None = None,
        *parties: str,
        undecided: bool = False,
    ) -> dict[Pair, list[CountedEvent]]:
        """Return the events that count for each pair of parties, in fold order.

        Args:
            query: The days to ask about.
            reads: Only payloads of these classes; None for any.
            parties: Only events that involve all of these.
            undecided: Include events that may have happened.
        """
        found: dict[Pair, list[CountedEvent]] = {}
        if not self.positions:
            return found
        log = self._log.among(*parties)
        for happening in self._happenings(log, query, reads, undecided):
            # The log here is renumbered; keys need positions in the dataset.
            place = self.positions[happening.position]
            key = happening.last, happening.first, place
            for pair in dyads(happening.event):
                found.setdefault(pair, []).append(CountedEvent(key, happening.event))
        if undecided:  # these were found after the certain ones
            for some in found.values():
                some.sort(key=lambda counted: counted.key)
        return found

    def _happenings(
        self,
        log: EventLog,
        query: Query,
        reads: tuple[type, ...] | None,
        undecided: bool,
    ) -> Iterator[Happening]:
        known_by = query.known_by
        if isinstance(known_by, int):
            # The log here is renumbered: cut it after the last entry known by then.
            known_by = bisect_right(self.positions, known_by) - 1
            if known_by < 0:
                return
        view = log.reading(prefer=query.prefer).as_of(query.on, known_by)
        facts = view._facts.of_classes(reads)
        yield from facts.happenings()
        if undecided:
            yield from facts.undecided()

    def related(self, log: Callable[[EventLog], EventLog]) -> list[Entry]:
        """Return all entries of the clusters that a selection touches.

        Args:
            log: Selects a log from the log of related entries.
        """
        clusters = self._log._journal.clusters
        found: set[int] = set()
        for entry in log(self._log):
            cluster = clusters.get(entry.position)
            found.update((entry.position,) if cluster is None else cluster.members)
        place = self.positions.__getitem__
        return [_moved(self._log[number], place) for number in sorted(found)]


def compact(entries: Sequence[Entry]) -> EventLog:
    """Return a log of whole clusters and singletons, renumbered from 0."""
    places = {entry.position: place for place, entry in enumerate(entries)}
    return EventLog(_moved(entry, places.__getitem__) for entry in entries)


def _moved(entry: Entry, place: Callable[[int], int]) -> Entry:
    return unchecked_entry(
        place(entry.position),
        entry.event,
        entry.known_day,
        None if entry.supersedes is None else place(entry.supersedes),
        None if entry.retracts is None else place(entry.retracts),
        entry.because,
        entry.recorded_at,
        dataset=entry.dataset,
        release=entry.release,
    )
