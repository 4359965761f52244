"""The events of one basis by party, to fold the states of many parties at once."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Sequence
from typing import Generic, TypeVar

from bri_timeline._events import Ending, Event, Mark, event_of
from bri_timeline._happening import Window
from bri_timeline._payload import is_digest
from bri_timeline._projection import Projection
from bri_timeline._scope import concerning


__all__ = [
    "EventsByParty",
    "PartyFolds",
    "begun",
]


S = TypeVar("S")


class EventsByParty:
    """Index by party of the events of one basis.

    Args:
        marks: All counting events, and ends, in fold order; a place is an index into
            them.

    Attributes:
        marks: These marks.
        lasts: The day on which each is certain.
    """

    def __init__(self, marks: Sequence[Mark]) -> None:
        self.marks = marks
        self.lasts = [mark.when.latest_start for mark in marks]
        self._alone: dict[str, list[int]] = {}
        self._naming: dict[str, dict[frozenset[str], list[int]]] = {}
        self._referring: dict[str, list[int]] = {}
        for place, mark in enumerate(marks):
            event = event_of(mark)
            parties, affair_of = event.parties, event.affair_of
            if len(affair_of) == 1:
                self._alone.setdefault(next(iter(affair_of)), []).append(place)
            for party in parties:
                labels = self._naming.setdefault(party, {})
                labels.setdefault(parties, []).append(place)
            for name in event.refers_to:
                self._referring.setdefault(name, []).append(place)
        # A digest is slow: compute none unless a reference looks like one.
        self._has_digests = any(map(is_digest, self._referring))

    def place(self, event: Event) -> int:
        """Return the place of the beginning of one of the events."""
        place = bisect_left(self.lasts, event.when.latest_start)
        # By identity: equal events may lie at several places.
        while self.marks[place] is not event:
            place += 1
        return place

    def alone(self, party: str) -> list[int]:
        """Return places of events that concern one party alone, or refer to these."""
        return self._with_referring(self._alone.get(party, ()))

    def shared(self, parties: frozenset[str]) -> list[int]:
        """Return places of events that involve two of some parties, or refer to these.

        For a single party: that involve it.
        """
        rule = concerning(parties)
        names = sorted(parties, key=lambda party: len(self._naming.get(party, ())))
        labels = {
            label: places
            for name in names[: len(names) - rule.least + 1]
            for label, places in self._naming.get(name, {}).items()
            if len(label & parties) >= rule.least
        }
        return self._with_referring(p for places in labels.values() for p in places)

    def _with_referring(self, places: Iterable[int]) -> list[int]:
        if not self._referring:
            return sorted(places)
        found = set(places)
        left = [*found]
        while left:
            event = event_of(self.marks[left.pop()])
            if isinstance(event._key, str) or self._has_digests:
                more = set(self._referring.get(event.id, ())) - found
                found |= more
                left += more
        return sorted(found)


class PartyFolds(Generic[S]):
    """Folds the events that concern parties, for one set of parties after another.

    Args:
        index: The events.
        window: The days whose events are folded.
        kept: The events that are folded; None for all.
    """

    def __init__(
        self, index: EventsByParty, window: Window, kept: Collection[Event] | None
    ) -> None:
        self._index = index
        # Once for each event, which may concern many parties.
        self._left_out = (
            set[int]()
            if kept is None
            else {p for p, m in enumerate(index.marks) if event_of(m) not in kept}
        )
        self._window = window
        self._stop = bisect_right(index.lasts, window.until)
        self._of_one: dict[str, S] = {}

    def state(self, projection: Projection[S]) -> S:
        """Return the state of a projection that names its parties."""
        index, parties = self._index, projection.parties
        shared = index.shared(parties)
        if projection.join is None or len(parties) == 1:
            alone = (index.alone(party) for party in parties)
            return self._folded(projection, sorted({*shared}.union(*alone)))
        return projection.join(
            self._folded(projection, shared),
            tuple(self._of(party, projection) for party in sorted(parties)),
            index.place,
        )

    def _of(self, party: str, projection: Projection[S]) -> S:
        """Return the state of events that concern one party alone, folded once."""
        if party not in self._of_one:
            places = self._index.alone(party)
            self._of_one[party] = self._folded(projection, places)
        return self._of_one[party]

    def _folded(self, projection: Projection[S], places: Sequence[int]) -> S:
        marks = self._index.marks
        known = [
            marks[place]
            for place in places[: bisect_left(places, self._stop)]
            if place not in self._left_out
        ]
        since = self._window.since
        if since > -math.inf:
            known = [m for m in known if event_of(m).when.earliest_start >= since]
        return projection._folded(begun(known, projection))


def begun(marks: Iterable[Mark], projection: Projection[S]) -> Iterable[Mark]:
    """Return marks without ends, unless a projection takes ends."""
    if projection.ends is not None:
        return marks
    return (mark for mark in marks if not isinstance(mark, Ending))
