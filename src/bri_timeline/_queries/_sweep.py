"""One sweep by knowledge over the marks of a key, which answers many questions."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from bri_timeline._events import Event
from bri_timeline._events.marks import Mark, event_of
from bri_timeline._happening import Version
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
        own: Returns a state that the next step cannot change.

    Attributes:
        marks: What the projection reads of these.
        counts: Whether each counts now.
    """

    def __init__(
        self,
        projection: Projection[S],
        versions: Iterable[Version],
        own: Callable[[S], S],
    ) -> None:
        self._step, self._own = projection._step, own
        reads = projection.reads or (object,)
        some = [
            version
            for version in versions
            if isinstance(event_of(version.mark).what, reads)
            and (projection.ends is not None or isinstance(version.mark, Event))
        ]
        self.marks = [version.mark for version in some]
        self._lasts = [version.mark.when.latest_start for version in some]
        self.counts = [False] * len(some)
        changes = [(one.since, place, True) for place, one in enumerate(some)]
        changes += [(one.until, place, False) for place, one in enumerate(some)]
        # The next change is the last of the list.
        self._changes = sorted(changes, reverse=True)
        self._states = [projection.initial()]

    def know(self, known: float) -> list[Mark]:
        """Take in what counts by more knowledge than before; return what changed."""
        changes, first, changed = self._changes, len(self._states), list[Mark]()
        while changes and changes[-1][0] <= known:
            _, place, counts = changes.pop()
            self.counts[place] = counts
            changed.append(self.marks[place])
            first = min(first, place // _STRIDE + 1)
        del self._states[first:]
        return changed

    def state(self, day: int) -> S:
        """Return the state on a day."""
        stop = bisect_right(self._lasts, day)
        states = self._states
        while len(states) <= stop // _STRIDE:
            start = (len(states) - 1) * _STRIDE
            states.append(self._own(self._after(states[-1], start, start + _STRIDE)))
        block = stop // _STRIDE
        return self._after(states[block], block * _STRIDE, stop)

    def _after(self, state: S, start: int, stop: int) -> S:
        """Return the state after some marks."""
        step, marks, counts = self._step, self.marks, self.counts
        state = self._own(state)
        for place in range(start, stop):
            if counts[place]:
                state = step(state, marks[place])
        return state
