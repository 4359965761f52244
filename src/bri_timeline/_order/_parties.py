"""The events of one basis by party, to fold the states of many parties at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Generic, TypeVar

from bri_timeline._events import Event
from bri_timeline._events.marks import Ending, Mark, event_of
from bri_timeline._folds import Node
from bri_timeline._happening import Window
from bri_timeline._order._pairs import SharedFolds
from bri_timeline._order._remembering import composition_of
from bri_timeline._payload import is_digest
from bri_timeline._projection import Projection
from bri_timeline._scope import concerning


S = TypeVar("S")


class PartyFolds(Generic[S]):
    """Folds the events that concern parties, for one set of parties after another.

    A place is an index into the marks.

    Args:
        marks: All counting events, and ends, in fold order.
        window: The days whose events are folded.
        kept: The events that are folded; None for all.
    """

    def __init__(
        self, marks: Sequence[Mark], window: Window, kept: Collection[Event] | None
    ) -> None:
        self._marks = marks
        self._window = window
        self._kept = kept
        self._shared: dict[Node, SharedFolds] = {}
        self._alone = defaultdict[str, list[int]](list)
        self._referring = defaultdict[str, list[int]](list)
        self._naming = defaultdict[str, dict[frozenset[str], list[int]]](dict)
        for place, event in enumerate(map(event_of, marks)):
            if len(event.affair_of) == 1:
                self._alone[next(iter(event.affair_of))].append(place)
            for party in event.parties:
                self._naming[party].setdefault(event.parties, []).append(place)
            for name in event.refers_to:
                self._referring[name].append(place)
        # A digest is slow: compute none unless a reference looks like one.
        self._has_digests = any(map(is_digest, self._referring))

    def state(self, projection: Projection[S]) -> S:
        """Return the state of a projection that names its parties."""
        parties, rule = projection.parties, concerning(projection.parties)
        # Events that involve two of the parties, or the single one.
        names = sorted(parties, key=lambda party: len(self._naming[party]))
        labels = {
            label: places
            for name in names[: len(names) - rule.least + 1]
            for label, places in self._naming[name].items()
            if len(label & parties) >= rule.least
        }
        shared = self._with_referring(p for places in labels.values() for p in places)
        composed = composition_of(projection)
        if composed is None or len(parties) == 1:
            alone = map(self._places_of, parties)
            return self._folded(projection, shared.union(*alone))
        folds = self._shared.get(composed.node)
        if folds is None:
            folds = SharedFolds(composed, self._marks, self._is_folded)
            self._shared[composed.node] = folds
        state: S = folds.state(composed, shared, self._places_of)
        return state

    def _places_of(self, party: str) -> set[int]:
        """Return the places of what concerns one party alone."""
        return self._with_referring(self._alone[party])

    def _is_folded(self, mark: Mark) -> bool:
        (since, until), kept, event = self._window, self._kept, event_of(mark)
        return (
            mark.when.latest_start <= until
            and event.when.earliest_start >= since
            and (kept is None or event in kept)
        )

    def _with_referring(self, places: Iterable[int]) -> set[int]:
        """Return places, and those of events that refer to these, and so on."""
        reached = {*places}
        queue = [*reached] if self._referring else []
        while queue:
            event = event_of(self._marks[queue.pop()])
            if isinstance(event._key, str) or self._has_digests:
                more = {*self._referring.get(event.id, ())} - reached
                reached |= more
                queue += more
        return reached

    def _folded(self, projection: Projection[S], places: Iterable[int]) -> S:
        marks = filter(self._is_folded, map(self._marks.__getitem__, sorted(places)))
        return projection._folded(begun_events(marks, projection))


def begun_events(marks: Iterable[Mark], projection: Projection[S]) -> Iterable[Mark]:
    """Return marks without ends, unless a projection takes ends."""
    if projection.ends is not None:
        return marks
    return (mark for mark in marks if not isinstance(mark, Ending))
