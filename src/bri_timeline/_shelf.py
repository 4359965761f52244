"""An order, and what is kept along it between questions."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from itertools import chain
from typing import Any, TypeVar

from bri_timeline._events import Event
from bri_timeline._kinship import Cut
from bri_timeline._order import Order
from bri_timeline._projection import Projection
from bri_timeline._track import Track


__all__ = ["LAST_DAY", "By", "Groups", "Shelf", "Tracks", "neighbours"]

K = TypeVar("K", bound=Hashable)
By = Callable[[Event], Iterable[K]]
Groups = dict[K, tuple[list[float], list[Event]]]
Tracks = OrderedDict[tuple[Projection[Any], Cut], Track[Any]]
LAST_DAY = 10**30
_MOST_GROUPS = 2


class Shelf:
    """An order, and what is kept along it.

    Attributes:
        order: The order.
        tracks: States, by projection and cut.
        beliefs: States further apart, likewise: of questions about many cuts at once.
        groups: Events and the days on which they are certain by key; these by what
            gives the keys and by cut.
    """

    __slots__ = ("beliefs", "groups", "order", "tracks")

    def __init__(self, order: Order) -> None:
        self.order = order
        self.groups: dict[tuple[By[Any], Cut], Groups[Any]] = {}
        self.tracks: Tracks = OrderedDict()
        self.beliefs: Tracks = OrderedDict()

    @property
    def held(self) -> int:
        """How many states are kept."""
        return sum(len(track.states) for track in self._all())

    def catch_up(self) -> int:
        """Bring the order up to date; return how many states no longer hold."""
        low = self.order.catch_up()
        if low is None:
            return 0
        self.groups.clear()
        before = self.held
        for track in self._all():
            track.forget(low)
        return before - self.held

    def _all(self) -> Iterable[Track[Any]]:
        return chain(self.tracks.values(), self.beliefs.values())

    def grouped(self, by: By[K], cut: Cut, *, keep: bool) -> Groups[K]:
        """Return all events by key, each list in fold order.

        Args:
            by: Returns the keys of an event.
            cut: What counts as known.
            keep: Keep them, as the last few groups are kept.
        """
        course = self.order.under(cut)
        found: Groups[K] | None = self.groups.get((by, course.cut))
        if found is None:
            found = {}
            for event in course.certain(LAST_DAY):
                for key in by(event):
                    if key not in found:
                        found[key] = [], []
                    lasts, events = found[key]
                    lasts.append(event.when.latest_begin)
                    events.append(event)
            if len(self.groups) >= _MOST_GROUPS:
                del self.groups[next(iter(self.groups))]
            if keep:
                self.groups[by, course.cut] = found
        return found


def neighbours(cuts: list[Cut], cut: Cut) -> list[Cut]:
    """Return those of some cuts that are likely to go the same way as *cut*."""
    alike = [other for other in cuts if other.prefer is cut.prefer]
    below = [other for other in alike if other.known_by <= cut.known_by]
    above = [other for other in alike if other.known_by >= cut.known_by]
    found = [max(below, key=_known_by)] if below else []
    return found + ([min(above, key=_known_by)] if above else [])


def _known_by(cut: Cut) -> float:
    return cut.known_by
