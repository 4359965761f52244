"""The events that would count if other claims of disputes were taken."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import product

from bri_timeline._events import Event, unchecked_entry
from bri_timeline._folding._cache import FoldCache
from bri_timeline._happening import Happening
from bri_timeline._journal import Journal


__all__ = ["Rivals"]

_Dispute = tuple[Happening, tuple[Happening, ...]]


class Rivals:
    """The events that count, for each choice of one claim in each dispute.

    Args:
        happenings: All that counts: targets of references are looked for among them.
        disputes: The claim taken and the others, of each dispute.
        differs: Returns what distinguishes a claim from others; claims for which it
            returns the same are one choice.
    """

    def __init__(
        self,
        happenings: Sequence[Happening],
        disputes: Sequence[_Dispute],
        differs: Callable[[Event], object],
    ) -> None:
        self._choices: list[list[Happening]] = []
        for taken, others in disputes:
            found: dict[object, Happening] = {}
            for claim in (taken, *others):
                found.setdefault(differs(claim.event), claim)
            if len(found) > 1:
                self._choices.append([*found.values()])
        ids = {choice[0].event.id for choice in self._choices}
        self._rest = [h for h in happenings if h.event.id not in ids]

    @property
    def count(self) -> int:
        """The number of combinations, without that of the claims taken."""
        return math.prod(map(len, self._choices)) - 1

    @property
    def size(self) -> int:
        """The number of events in each."""
        return len(self._rest) + len(self._choices)

    def all(self) -> Iterator[FoldCache]:
        """Yield what counts for each combination of claims."""
        combinations = product(*self._choices)
        next(combinations)  # the claims taken
        return map(self._cache, combinations)

    def one_by_one(self) -> Iterator[FoldCache]:
        """Yield what counts if the claim of one dispute is another."""
        taken = [choice[0] for choice in self._choices]
        for place, choice in enumerate(self._choices):
            for claim in choice[1:]:
                yield self._cache((*taken[:place], claim, *taken[place + 1 :]))

    def _cache(self, chosen: Sequence[Happening]) -> FoldCache:
        # Each event is the only claim about its happening, so that nothing is left to
        # resolve; positions stay, as they order what ties.
        every = sorted((*self._rest, *chosen), key=lambda h: h.position)
        entries = [unchecked_entry(h.position, h.event, None) for h in every]
        size = entries[-1].position + 1
        return FoldCache(Journal(entries, size), 0)
