"""One sweep by knowledge over the marks of a key, which answers many questions."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from typing import Generic, TypeVar

from bri_timeline._events import Event
from bri_timeline._events.marks import Mark, event_of
from bri_timeline._happening import Version
from bri_timeline._order import CountedStates
from bri_timeline._projection import Projection


S = TypeVar("S")
_STRIDE = 64


class Sweep(Generic[S]):
    """The states of a key on any day, under ever more knowledge.

    The marks lie in blocks in fold order, with the state before each block. What
    becomes known, or counts no more, leaves the states before its block as they are;
    the others are folded again when they are asked for, and only as far as that.
    Reports mostly come soon after what they report, so that is a few blocks.

    Args:
        projection: The state to fold.
        versions: The marks that count under some knowledge, in fold order.

    Attributes:
        marks: What the projection reads of these.
        counts: Whether each counts now.
    """

    def __init__(
        self,
        projection: Projection[S],
        versions: Iterable[Version],
    ) -> None:
        reads = projection.reads or (object,)
        some = [
            version
            for version in versions
            if isinstance(event_of(version.mark).what, reads)
            and (projection.ends is not None or isinstance(version.mark, Event))
        ]
        self.marks = [version.mark for version in some]
        self._lasts = [version.mark.when.latest_start for version in some]
        self._states = CountedStates(projection, self.marks, _STRIDE)
        self.counts = self._states.counts
        # The next change is the last of the list.
        self._changes = sorted(
            (
                (day, place)
                for place, one in enumerate(some)
                for day in (one.since, one.until)
            ),
            reverse=True,
        )

    def know(self, known: float) -> list[Mark]:
        """Take in what counts by more knowledge than before; return what changed."""
        changes, places = self._changes, list[int]()
        while changes and changes[-1][0] <= known:
            places.append(changes.pop()[1])
        self._states.change(places)
        return [self.marks[place] for place in places]

    def state(self, day: int) -> S:
        """Return the state on a day."""
        return self._states.state(bisect_right(self._lasts, day))
