"""The marks that count, as known on one day after another."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Sequence

from bri_timeline.extend import Mark


# A mark, and the days of knowledge since which, and until which, it counts as it is.
CountingMark = tuple[Mark, float, float]


class Counting:
    """The marks that count on a day of knowledge, in order.

    Most days change little: only what changed since the day before is looked at.

    Args:
        versions: All marks that count on some day, in order.

    Attributes:
        marks: All these marks.
        places: Of those that count, in ascending order.
    """

    def __init__(self, versions: Iterable[CountingMark]) -> None:
        told = [*versions]
        self.marks = [mark for mark, *_ in told]
        self.places: list[int] = []
        # Those that count no more are infinite: no day comes so far.
        self._changes = sorted(
            (day, place) for place, (_, *days) in enumerate(told) for day in days
        )
        self._done = 0

    def go_on(self, day: float) -> tuple[int, set[int]]:
        """Let count what does on a day of knowledge, later than the one before.

        Returns:
            How many marks come before the first that is another; and the places of
            those that did not count.
        """
        start = self._done
        self._done = bisect_right(self._changes, (day, math.inf), lo=start)
        new = set[int]()
        for _, place in self._changes[start : self._done]:
            new ^= {place}
        changed, gone, places = sorted(new), set[int](), self.places
        for place in changed:
            index = bisect_left(places, place)
            if places[index : index + 1] == [place]:
                gone.add(place)
                del places[index]
        new -= gone
        same = self._same(changed, gone)
        for place in changed:
            if place in new:
                insort(places, place)
        return same, new

    def _same(self, changed: Sequence[int], gone: set[int]) -> int:
        """Return how many marks stay what they are, before the first that does not.

        Args:
            changed: The places of what goes and comes; neither counts now.
            gone: Those of what goes.
        """
        between: dict[int, tuple[list[Mark], list[Mark]]] = {}
        for place in changed:
            index = bisect_left(self.places, place)
            old_and_new = between.setdefault(index, ([], []))
            old_and_new[place not in gone].append(self.marks[place])
        more = 0
        for index, (old, new) in between.items():
            if old != new:
                pairs = zip(old, new, strict=False)
                alike = next((n for n, (a, b) in enumerate(pairs) if a != b), None)
                least = min(len(old), len(new)) if alike is None else alike
                return index + more + least
            more += len(old)
        return len(self.places) + more
