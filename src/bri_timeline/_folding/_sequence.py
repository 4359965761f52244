"""Events in fold order, as far as they count under one cut through knowledge."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from heapq import merge
from itertools import chain, islice
from typing import TypeVar

from bri_timeline._events import Event
from bri_timeline._folding._clusters import ResolvedClusters
from bri_timeline._folding._singletons import Key, Singletons
from bri_timeline._journal import Journal
from bri_timeline._resolution import Basis, Happening, Resolution


__all__ = [
    "EventSequence",
]


S = TypeVar("S")
_NO_MORE: tuple[int, Event | None] = (0, None)
_Evolve = Callable[[S, Event], S]


class EventSequence:
    """An order under one cut: what stands alone and is known, and the families.

    It holds until the order grows.

    Args:
        trunk: The entries.
        alone: What stands alone, known or not.
        kinship: What the families come to under the cut.
        cut: What counts as known.
    """

    __slots__ = ("_alone", "_journal", "_resolved_clusters", "basis")

    def __init__(
        self,
        journal: Journal,
        alone: Singletons,
        resolved: ResolvedClusters,
        basis: Basis,
    ) -> None:
        self._journal = journal
        self._alone = alone
        self._resolved_clusters = resolved
        self.basis = basis

    # --- folding ----------------------------------------------------------------------

    def before(self, day: float) -> int:
        """Return how many of those that stand alone are certain by *day*."""
        return bisect_right(self._alone.lasts, day)

    def states(self, evolve: _Evolve[S], state: S, places: range) -> Iterator[S]:
        """Fold from each place to the next, and yield the state there.

        What of the families lies before the event that stands before a place is folded
        before that place; so an event that comes to stand there changes nothing.
        """
        read, resolution = self._reader(places.start), self._clustered(places.start)
        index, relative = next(resolution, _NO_MORE)
        for place in places:
            start, stop = place, place + places.step
            while relative is not None and index < stop:
                for event in read(start, index):
                    state = evolve(state, event)
                state, start = evolve(state, relative), index
                index, relative = next(resolution, _NO_MORE)
            for event in read(start, stop):
                state = evolve(state, event)
            yield state

    def fold_until(
        self, evolve: _Evolve[S], state: S, start: int, stop: int, day: int
    ) -> S:
        """Fold from an index to the end of a day."""
        if self._resolved_clusters.keys:
            pieces = self._pieces(start, stop, day)
            events: Iterable[Event] = chain.from_iterable(pieces)
        else:
            events = self._counting(start, stop)
        for event in events:
            state = evolve(state, event)
        return state

    def _reader(self, start: int) -> Callable[[int, int], Iterable[Event]]:
        """Return what reads from one index to another what stands alone and counts.

        It is to be asked from *start* on, without gaps.
        """
        if self.basis.known_by < math.inf or self.basis.size < math.inf:
            return self._counting
        events = self._alone.events
        rest = iter(events[start:] if start else events)
        return lambda low, high: islice(rest, high - low)

    def _counting(self, start: int, stop: int) -> list[Event]:
        """Return what stands alone and is known, from one index to another."""
        alone, (known_by, size, _) = self._alone, self.basis
        events = alone.events[start:stop]
        if known_by < math.inf:
            knowns = alone.knowns[start:stop]
            if events and max(knowns) > known_by:
                if size == math.inf:
                    pairs = zip(events, knowns, strict=True)
                    return [event for event, known in pairs if known <= known_by]
                rows = zip(events, knowns, alone.positions[start:stop], strict=True)
                return [
                    e for e, k, position in rows if k <= known_by and position < size
                ]
        if size < math.inf:
            pairs = zip(events, alone.positions[start:stop], strict=True)
            return [event for event, position in pairs if position < size]
        return events

    def _clustered(
        self, start: int, day: float = math.inf
    ) -> Iterator[tuple[int, Event]]:
        """Yield what happened in families, and the index before which each comes.

        Args:
            start: Only what does not lie before this index.
            day: Only what is certain by the end of this day.
        """
        alone, keys, events = (
            self._alone,
            self._resolved_clusters.keys,
            self._resolved_clusters.events,
        )
        begin = bisect_left(keys, alone.key_at(start - 1)) if start and keys else 0
        end = len(keys)
        if day < math.inf:  # else also what never becomes certain
            end = bisect_left(keys, (day + 1, -math.inf, 0))
        for number in range(begin, end):
            yield alone.index(keys[number]), events[number]

    def _pieces(self, start: int, stop: int, day: float) -> Iterator[list[Event]]:
        """Yield what stands alone, in pieces between which families come."""
        for index, event in self._clustered(start, day):
            yield self._counting(start, index)
            yield [event]
            start = index
        yield self._counting(start, stop)

    def first_difference(self, other: EventSequence) -> int:
        """Return an index up to which a course of the same preference is the same."""
        one, two = self.basis, other.basis
        first = min(
            self._alone.first_known(*sorted((one.known_by, two.known_by))),
            self._alone.first_recorded(*sorted((one.size, two.size))),
        )
        key = self._resolved_clusters.first_difference(other._resolved_clusters)
        return first if key is None else min(first, self._alone.index(key))

    # --- what stands where ------------------------------------------------------------

    def certain(self, day: float) -> list[Event]:
        """Return what had happened by a day, in fold order."""
        return [*chain.from_iterable(self._pieces(0, self.before(day), day))]

    def places(self, keys: Sequence[Key]) -> list[int]:
        """Return how many of what counts comes before each of some keys.

        Args:
            keys: Of events that count or do not.
        """
        found: dict[Key, int] = {}
        start = alone = 0
        for key in sorted(keys):
            stop = self._alone.index(key)
            alone += len(self._counting(start, stop))
            found[key] = alone + bisect_left(self._resolved_clusters.keys, key)
            start = stop
        return [found[key] for key in keys]

    def happenings(self, day: float) -> Iterator[Happening]:
        """Yield what had happened by a day, in fold order, with its entries."""
        alone = self._standing(range(self.before(day)))
        resolution = (h for h in self._resolved_clusters.happenings() if h.last <= day)
        return merge(alone, resolution, key=Happening.certainty_order)

    def undecided(self, day: float) -> list[Happening]:
        """Return what may have happened by a day, in the order of becoming possible."""
        found = list(self._standing(self._alone.open_on(day)))
        found += [
            h for h in self._resolved_clusters.happenings() if h.first <= day < h.last
        ]
        return sorted(found, key=Happening.possible_order)

    def _standing(self, indexes: range | list[int]) -> Iterator[Happening]:
        """Yield what stands alone and counts, of some indexes."""
        entries, positions = self._journal.entries, self._alone.positions
        known_by, size, _ = self.basis
        for index in indexes:
            position = positions[index]
            if entries.knowns[position] <= known_by and position < size:
                yield Happening.of(self._alone.events[index], entries[position])

    def named(self, name: str) -> Happening | None:
        """Return the happening of an id, if one counts."""
        return self._found(self._journal.identities.named(name), name)

    def about(self, event: Event) -> Happening | None:
        """Return the happening that a claim is about, if one counts."""
        return self._found(self._journal.identities.about(event), event.id)

    def _found(self, positions: list[int], name: str) -> Happening | None:
        for position in positions[:1]:  # of several all are of one family
            index = self._alone.index(self._alone.key_of(position))
            if self._alone.has(position, index):
                return next(self._standing([index]), None)
        resolution = self._resolved_clusters.happenings() if positions else []
        return next((h for h in resolution if h.event.id == name), None)

    def resolution(self) -> Resolution:
        """Return what the families come to: disputes, what is set aside, slots."""
        return self._resolved_clusters.resolution()
