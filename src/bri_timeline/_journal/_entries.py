"""The columns of a journal: events, days of knowledge, last days."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain, pairwise, repeat
from operator import eq, is_
from typing import Any, Generic, TypeVar, cast

from attrs import evolve

from bri_timeline._events import Entry, Event
from bri_timeline._events.entries import (
    EntryColumns,
    EntrySequence,
    Review,
    unchecked_entry,
    without_review,
)
from bri_timeline._events.marks import closing_classes
from bri_timeline._evidence import Citation
from bri_timeline.errors import EntryError


N = TypeVar("N", int, float)
T = TypeVar("T")


class _Runs(Generic[T]):
    """Values of rows, kept once for each run of rows that have the same.

    Args:
        same: Returns whether two values are the same.
    """

    __slots__ = ("_same", "_starts", "_values")

    def __init__(self, same: Callable[[object, object], bool]) -> None:
        self._same = same
        self._starts: list[int] = []
        self._values: list[T | None] = []

    def mark(self, row: int, value: T | None) -> None:
        """Note the value of a row and of those after it."""
        if not self._same(value, self._values[-1] if self._values else None):
            self._starts.append(row)
            self._values.append(value)

    def mark_all(self, row: int, values: Sequence[T | None]) -> None:
        """Note the values of a row and of those after it, one for each."""
        if len({*map(id, values)}) == 1:
            self.mark(row, values[0])
            return
        last: T | None = self._values[-1] if self._values else None
        for place, value in enumerate(values, row):
            if not self._same(value, last):
                self.mark(place, value)
                last = value

    def at(self, row: int) -> T | None:
        """Return the value of a row; None before the first run."""
        run = bisect_right(self._starts, row) if self._starts else 0
        return self._values[run - 1] if run else None

    def has(self, value: T) -> bool:
        """Check whether any row has a value."""
        return value in self._values

    def rows_of(self, value: T, size: int, first: int) -> Iterator[int]:
        """Yield those of the first *size* rows that have a value.

        Args:
            value: The value.
            size: How many rows are examined.
            first: So many of these are left out.
        """
        run = max(0, bisect_right(self._starts, first) - 1)
        runs = pairwise([*self._starts[run:], size])
        for (start, end), cell in zip(runs, self._values[run:], strict=True):
            if self._same(cell, value):
                yield from range(max(start, first), min(end, size))

    def runs(self, size: int) -> Iterator[tuple[int, T | None]]:
        """Yield the first row and the value of each run of the first *size* rows."""
        if size and self._starts[:1] != [0]:
            yield 0, None
        for start, value in zip(self._starts, self._values, strict=True):
            if start < size:
                yield start, value

    def until(self, size: int) -> list[T | None]:
        """Return the value of each of the first *size* rows."""
        runs = pairwise([*self.runs(size), (size, None)])
        parts = (repeat(value, end - start) for (start, value), (end, _) in runs)
        return [*chain.from_iterable(parts)]

    def copied(self) -> _Runs[T]:
        """Return a copy, which grows by itself."""
        again = _Runs[T](self._same)
        again._starts, again._values = [*self._starts], [*self._values]
        return again


class Entries(EntrySequence):
    """The entries of a journal, stored as columns.

    Most entries consist of an event and the day from which it was known. Columns hold
    these; an `Entry` object is kept only for corrections, retractions and records. A
    million entries then take less memory than their events.

    An entry is found by its row. In a whole log that is its position. A partial log has
    only some positions, but no empty rows: rows follow the order of positions, so
    whatever is in order by row is in order by position.

    Args:
        held: The positions of the first entries of a partial log.
        size: The position of the entry after these.

    Attributes:
        events: The event of each entry; None for a retraction or an erased claim.
        knowns: The day from which each was known; minus infinity if known all along.
        reviewed: Row -> the entry as recorded, of those that propose, accept or reject.
            The columns have none of this, so that no question can see a proposal.
        targets: Row -> the row of the entry that it corrects or retracts.
        originals: The row of a correction -> that of the claim with which its chain
            begins.
        retractions: Row -> the rows of what retracts it.
        reviews: The rows of these: of proposals by what they propose, of decisions by
            the position of the proposal.
        queue: The rows of proposals and rejections, and of what retracts only these.
        eventless: The rows of entries without an event.
        gone: The rows of erased claims and proposals, by the digests of their words.
        missing_count: The number of entries that a partial log does not have.
    """

    def __init__(self, held: Sequence[int] = (), size: int = 0) -> None:
        self.events: list[Event | None] = []
        self.knowns: list[float] = []
        self.eventless: list[int] = []
        self.gone: dict[str, list[int]] = {}
        self.missing_count = size - len(held)
        self._held = held
        self._others: dict[int, Entry] = {}
        self.reviewed: dict[int, Entry] = {}
        self.reviews: dict[Review | int, list[int]] = {}
        self.queue: set[int] = set()
        self.targets: dict[int, int] = {}
        self.originals: dict[int, int] = {}
        self.retractions: dict[int, list[int]] = {}
        # The rows of a release stand together, and those of one append to a store do.
        # Instants are compared by identity: equal ones may be in different time zones.
        self._datasets = _Runs[str](eq)
        self._instants = _Runs[datetime](is_)
        # No event before this row is an extent; counted on first use.
        self._endless = 0
        # The payload classes of the events before a row, likewise, and those of events
        # that end others.
        self._kinds: dict[type, None] = {}
        self._closing: tuple[type, ...] = ()
        self._typed = 0
        self._unknown: dict[tuple[str, int], list[int]] = {}
        # The last day of knowledge of the entries before a row, likewise.
        self._latest = -math.inf
        self._dated = 0

    @property
    def whole(self) -> int:
        """The number of entries of which no column is missing."""
        return min(len(self.events), len(self.knowns))

    def position(self, row: int) -> int:
        """Return the position of the entry at a row, present or next."""
        # What is appended to a partial log follows the whole log: nothing is missing
        # after the entries that it had to begin with.
        return self._held[row] if row < len(self._held) else row + self.missing_count

    def row(self, position: N) -> N:
        """Return the number of entries before a position, which may be infinite."""
        if position >= len(self._held) + self.missing_count:
            return position - self.missing_count
        return bisect_left(self._held, position)

    def has(self, position: int) -> bool:
        """Check that a position below that of the next entry is not missing."""
        return self.position(self.row(position)) == position

    def at(self, position: int) -> Entry:
        """Return the entry at a position that is not missing."""
        return self._at(self.row(position))

    def size_by(self, instant: datetime, size: int) -> int:
        """Return how many of the first entries come before any recorded later.

        Args:
            instant: The instant.
            size: How many entries are looked at, by row.

        Raises:
            EntryError: One of these does not say when it was recorded.
        """
        for row, recorded_at in self._instants.runs(size):
            if recorded_at is None:
                position = self.position(row)
                problem = f"entry {position} does not say when it was recorded"
                remedy = "only a store does: give a day or a position"
                raise EntryError(position, f"{problem}, and {remedy}")
            if recorded_at > instant:
                return row
        return size

    def recorded(self, row: int) -> Entry:
        """Return the entry at a row as it was recorded."""
        return self.reviewed.get(row) or self._at(row)

    def all_recorded(self, size: int) -> EntryColumns:
        """Return the first entries as they were recorded.

        Args:
            size: How many.
        """
        others = sorted({*self._others, *self.reviewed})
        return EntryColumns(
            [*map(self.position, range(size))] if self.missing_count else range(size),
            self.events[:size],
            [None if day == -math.inf else int(day) for day in self.knowns[:size]],
            self._instants.until(size),
            self._datasets.until(size),
            {row: self.recorded(row) for row in others if row < size},
        )

    def rows_reviewed(self, about: Review | int | None) -> Iterable[int]:
        """Return the rows of reviews.

        Args:
            about: The proposal that they are about, as `Review.about` has it, or what
                is proposed, with the decisions on that; None for all.
        """
        if about is None:
            return self.reviewed
        own_rows = self.reviews.get(about, [])
        if isinstance(about, int):
            own_rows = [self.row(about)]
        decisions = (self.reviews.get(self.position(row), ()) for row in own_rows)
        rows = sorted({*own_rows, *chain.from_iterable(decisions)})
        return [row for row in rows if row in self.reviewed]

    def append(self, entry: Entry) -> None:
        """Append an entry."""
        row = len(self.events)
        if entry.review is not None:
            self.reviewed[row] = entry
            self.reviews.setdefault(entry.review.about, []).append(row)
            if (entry.event, entry.retracts, entry.accepts) == (None, None, None):
                self.queue.add(row)
        if entry.erased is not None and entry.erased.words is not None:
            self.gone.setdefault(entry.erased.words, []).append(row)
        if entry.review is not None:
            entry = without_review(entry)
        if entry.retracts is not None:
            self.targets[row] = target = self.row(entry.retracts)
            self.retractions.setdefault(target, []).append(row)
            if target in self.queue:
                self.queue.add(row)
        elif entry.supersedes is not None:
            self.targets[row] = target = self.row(entry.supersedes)
            self.originals[row] = self.originals.get(target, target)
        self.events.append(entry.event)
        self.knowns.append(entry._knowledge()[0])
        if entry.event is None:
            self.eventless.append(row)
        self._datasets.mark(row, entry.dataset)
        self._instants.mark(row, entry.recorded_at)
        if not entry._is_plain:
            self._others[row] = entry

    def is_live(self, row: int, size: int) -> bool:
        """Check that none of the first *size* entries that is live retracts an entry.

        Args:
            row: That of the entry.
            size: The number of entries to examine.
        """
        against = [row]
        for target in against:
            against += [r for r in self.retractions.get(target, ()) if r < size]
        # A retraction comes after its target, so the last one is decided first.
        withdrawn: set[int] = set()
        for candidate in sorted(against[1:], reverse=True):
            if candidate not in withdrawn:
                withdrawn.add(self.targets[candidate])
        return row not in withdrawn

    def datasets(self, size: int) -> list[str]:
        """Return the names of the datasets of the first entries, in alphabetical order.

        Args:
            size: How many.
        """
        return sorted({name for _, name in self._datasets.runs(size) if name})

    def of_dataset(self, dataset: str, size: int, first: int = 0) -> list[Entry]:
        """Return those of the first *size* entries that belong to a dataset.

        Args:
            dataset: The name of the dataset.
            size: How many entries are examined.
            first: So many of these are left out.
        """
        return [*map(self._at, self._datasets.rows_of(dataset, size, first))]

    def dataset(self, row: int) -> str | None:
        """Return the dataset that the entry at a row belongs to, if it does."""
        return self._datasets.at(row)

    def lacks_dataset(self, name: str) -> bool:
        """Check that no entry belongs to a dataset; False for a partial log."""
        return not self.missing_count and not self._datasets.has(name)

    def claims_among(self, rows: Iterable[int]) -> list[tuple[Event, str | None]]:
        """Return the events at rows that have one, each with its dataset."""
        pairs = ((self.events[row], row) for row in rows)
        return [(event, self.dataset(row)) for event, row in pairs if event is not None]

    def has_extents(self) -> bool:
        """Check whether any event is an extent: if none is, none has an end."""
        for row in range(self._endless, len(self)):
            event = self.events[row]
            if event is not None and event.when.is_extent:
                self._endless = row
                return True
        self._endless = len(self)
        return False

    def latest(self) -> float:
        """Return a day by which all entries were known."""
        if self._dated < len(self):
            self._latest = max(self._latest, max(self.knowns[self._dated :]))
            self._dated = len(self)
        return self._latest

    def kinds(self) -> Collection[type]:
        """Return the payload classes of all events, each once."""
        if self._typed < len(self):
            start, known = self._typed, len(self._kinds)
            # An iterator would walk over all that was seen before.
            new = filter(None, self.events[start:])
            self._kinds.update(dict.fromkeys([type(event.what) for event in new]))
            self._typed = len(self)
            # The class itself is not imported: it brings all that reads files.
            lacking = tuple(k for k in self._kinds if hasattr(k, "_is_unknown"))
            for row in range(start, len(self)) if lacking else ():
                event = self.events[row]
                if event is not None and type(event.what) in lacking:
                    what: Any = event.what
                    rows = self._unknown.setdefault((what.name, what.version), [])
                    rows.append(row)
            if len(self._kinds) > known:
                self._closing = closing_classes(self._kinds)
        return self._kinds.keys()

    def unknown(self) -> Mapping[tuple[str, int], Sequence[int]]:
        """Return the rows of `Unknown` payloads by their kinds and versions."""
        self.kinds()
        return self._unknown

    def closing(self) -> tuple[type, ...]:
        """Return the payload classes of events that may end others."""
        self.kinds()
        return self._closing

    def claim(self, events: Sequence[Event]) -> None:
        """Append plain claims, each known from the day that its sources give."""
        self._datasets.mark(len(self), None)
        self._instants.mark(len(self), None)
        self._take(events, _knowns(events))

    def load(self, entries: EntryColumns, start: int, stop: int) -> None:
        """Append some of the entries of columns, all of them plain."""
        row, part = len(self), slice(start, stop)
        self._datasets.mark_all(row, entries.datasets[part])
        self._instants.mark_all(row, entries.instants[part])
        self._take(
            # The cast is safe: a plain entry has an event.
            cast("Sequence[Event]", entries.events[part]),
            [-math.inf if day is None else day for day in entries.knowns[part]],
        )

    def _take(self, events: Sequence[Event], knowns: Iterable[float]) -> None:
        self.events.extend(events)
        self.knowns.extend(knowns)

    def none(self) -> Entries:
        """Return no entries; what is appended to them gets the same positions."""
        return Entries(self._held, len(self._held) + self.missing_count)

    def follow(self, other: Entries, change: Callable[[Event], Event]) -> None:
        """Append the further entries of another journal, with each event changed.

        Args:
            other: Entries of which these are the first.
            change: Returns the event to put in place of one.
        """
        rows = range(len(self), len(other))
        if other._others:
            for row in rows:
                entry = other[row]
                event = None if entry.event is None else change(entry.event)
                same = event is entry.event
                self.append(entry if same else evolve(entry, event=event))
        else:
            events = [*map(change, other.claims(rows))]
            self._take(events, other.knowns[rows.start :])
        self._datasets = other._datasets.copied()
        self._instants = other._instants.copied()

    def claims(self, rows: Sequence[int]) -> list[Event]:
        """Return the events at rows that all have one."""
        # The cast is safe: callers give rows of claims only.
        if isinstance(rows, range):
            return cast("list[Event]", [*self.events[rows.start : rows.stop]])
        return cast("list[Event]", [*map(self.events.__getitem__, rows)])

    def __len__(self) -> int:
        return len(self.events)

    def _at(self, row: int) -> Entry:
        event = self.events[row]
        if event is None or row in self._others:
            return self._others[row]
        known = self.knowns[row]
        return unchecked_entry(
            self.position(row),
            event,
            known if isinstance(known, int) else None,
            recorded_at=self._instants.at(row),
            dataset=self._datasets.at(row),
        )


def _knowns(events: Sequence[Event]) -> Iterator[float]:
    """Yield the day from which each was known; minus infinity if known all along."""
    cite: tuple[Citation, ...] | None = None
    known = -math.inf
    for event in events:
        if event.cite is not cite:  # most events share the citations of the one before
            cite = event.cite
            day = cite[0].known_day if len(cite) == 1 else event.known_day
            known = -math.inf if day is None else day
        yield known
