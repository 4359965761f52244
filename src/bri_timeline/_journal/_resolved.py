"""The result of resolution: claims that count, those that do not, and disputes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from bri_timeline._events import Entry, Event
from bri_timeline._happening import Happening, SetAside


__all__ = ["Resolution"]


class Resolution(NamedTuple):
    """The resolution of claims under one basis.

    Attributes:
        happenings: The counting happenings, in fold order.
        disputes: A tuple of `Dispute`, by order of their taken claims.
        set_aside: A tuple of `SetAside`, in the order of the log.
        slots: Pairs of the position of an original, and the known entries about it: the
            claim, its corrections, and the retractions of any of these.
    """

    happenings: tuple[Happening, ...]
    disputes: tuple[tuple[Happening, tuple[Happening, ...]], ...]
    set_aside: tuple[SetAside, ...]
    slots: tuple[tuple[int, tuple[Entry, ...]], ...]

    @property
    def several(self) -> list[Happening]:
        """The happenings that several entries claim, or one in other words."""
        begun = (h for h in self.happenings if h.is_begin)
        return [h for h in begun if len(h.entries) > 1 or h.is_renamed]

    def only(self, wanted: Callable[[Event, Sequence[Entry]], bool]) -> Resolution:
        """Return a resolution limited to some events.

        Args:
            wanted: Tells whether one is wanted, by the event and its entries.
        """
        return Resolution(
            tuple(h for h in self.happenings if wanted(h.event, h.entries)),
            tuple(
                (taken, rivals)
                for taken, rivals in self.disputes
                if any(wanted(claim.event, claim.entries) for claim in (taken, *rivals))
            ),
            tuple(s for s in self.set_aside if wanted(s.event, (s.entry,))),
            self.slots,
        )
