"""What happened, as claims have it."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from bri_timeline._events import Entry, Event


if TYPE_CHECKING:
    from bri_timeline._verdicts import SetAside


__all__ = ["Content", "Happening", "Prefer", "Resolution", "content"]

Content = tuple[str, object, object]


class Prefer(Enum):
    """Which of several claims about one happening a fold takes.

    All but the taken one are still listed in `View.disputes`. Ties go to what became
    known last, then to the last position. Whatever is preferred, a claim that a
    correction has put right is not taken because somebody repeats it: it stays in
    dispute with the correction.

    Attributes:
        LATEST_KNOWN: The claim whose last witness became known last.
        EARLIEST_KNOWN: The claim whose first witness became known first.
        MOST_CITED: The claim that rests on most sources, however many of their places
            are cited.
    """

    LATEST_KNOWN = "latest known"
    EARLIEST_KNOWN = "earliest known"
    MOST_CITED = "most cited"


class Happening(NamedTuple):
    """Something that happened, as one claim has it.

    Attributes:
        event: The claim, resting on the citations of all its witnesses.
        entries: The entries that say the same, in the order of the log.
        first: The number of the earliest day on which it can begin; maybe infinite.
        last: The number of the latest such day.
    """

    event: Event
    entries: tuple[Entry, ...]
    first: float
    last: float

    @classmethod
    def of(cls, event: Event, *entries: Entry) -> Happening:
        """Return what happened as an event has it that some entries claim."""
        when = event.when
        return cls(event, entries, when.earliest_begin, when.latest_begin)

    @property
    def position(self) -> int:
        """The position of the first entry that says so."""
        return self.entries[0].position

    def certainty_order(self) -> tuple[float, float, int]:
        """Return the key of the fold order: that in which events become certain."""
        return self.last, self.first, self.entries[0].position

    def possible_order(self) -> tuple[float, float, int]:
        """Return the key of the order in which events become possible."""
        return self.first, self.last, self.entries[0].position

    def knowledge(self) -> tuple[float, int]:
        """Return when the last of its witnesses became known."""
        return max(entry.knowledge() for entry in self.entries)


def content(event: Event) -> Content:
    """Return what an event claims of what happened, whoever is cited for it."""
    return event.id, event.what, event.when


class Resolution(NamedTuple):
    """The outcome for one cut through knowledge.

    Attributes:
        happenings: What counts, in fold order.
        disputes: A tuple of `Dispute`, by order of their taken claims.
        set_aside: A tuple of `SetAside`, in the order of the log.
        slots: Pairs of the position of an original, and what is known of it: the claim,
            its corrections, and what retracts any of these.
    """

    happenings: tuple[Happening, ...]
    disputes: tuple[tuple[Happening, tuple[Happening, ...]], ...]
    set_aside: tuple[SetAside, ...]
    slots: tuple[tuple[int, tuple[Entry, ...]], ...]

    def only(self, wanted: Callable[[Event], bool]) -> Resolution:
        """Return what it says of some events."""
        return Resolution(
            tuple(h for h in self.happenings if wanted(h.event)),
            tuple(d for d in self.disputes if _any_wanted(wanted, d)),
            tuple(s for s in self.set_aside if wanted(s.event)),
            self.slots,
        )


def _any_wanted(
    wanted: Callable[[Event], bool], dispute: tuple[Happening, tuple[Happening, ...]]
) -> bool:
    return any(wanted(claim.event) for claim in (dispute[0], *dispute[1]))
