"""Claims with their witnesses, and which of several about one happening is taken."""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable
from enum import Enum
from itertools import chain

from bri_timeline._events import Entry, Event, resting_on
from bri_timeline._evidence import Citation, Source
from bri_timeline._happening import Content, Happening


__all__ = ["Believed", "Claim", "Prefer", "Preference", "preference"]


class Prefer(Enum):
    """Which of several claims about one happening a fold takes.

    All but the taken one are still listed in `View.disputes`. Ties go to what became
    known last, then to the last position. Whatever is preferred, a claim that a
    correction has put right is not taken because a source repeats it: it stays in
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


Believed = Source | str
# A rule; or sources and names of datasets, of which the first that says something is
# believed.
Preference = Prefer | tuple[Believed, ...]


class Claim:
    """Counting entries that claim the same: the witnesses of one claim.

    Attributes:
        content: What they claim.
        entries: The entries, in order of position.
        latest: When the last of them became known.
    """

    __slots__ = ("_cite", "_event", "content", "entries", "latest")

    def __init__(self, said: Content, entry: Entry) -> None:
        self.content = said
        self.entries = [entry]
        self.latest = entry.knowledge()
        # The citations of all entries, once they were asked for.
        self._cite: dict[Citation, None] = {}
        self._event: Event | None = entry.event

    def add(self, entry: Entry) -> None:
        """Add a witness."""
        self.latest = max(self.latest, entry.knowledge())
        if entry.position > self.entries[-1].position:
            if self._cite:
                self._cite.update(dict.fromkeys(entry.claim.cite))
            self.entries.append(entry)
        else:  # a reinstated one
            insort(self.entries, entry, key=lambda entry: entry.position)
            self._cite = {}
        self._event = None

    def remove(self, entry: Entry) -> None:
        """Remove a witness."""
        self.entries = [one for one in self.entries if one is not entry]
        self.latest = max(map(Entry.knowledge, self.entries), default=self.latest)
        self._cite = {}
        self._event = None

    @property
    def is_silent(self) -> bool:
        """Its words were erased."""
        return self.entries[0].event is None

    @property
    def event(self) -> Event:
        """The claim, resting on the citations of all its witnesses."""
        if self._event is None:
            first = self.entries[0].claim
            if len(self.entries) > 1:
                if not self._cite:
                    events = (entry.claim for entry in self.entries)
                    self._cite = dict.fromkeys(
                        c for event in events for c in event.cite
                    )
                first = resting_on(first, tuple(self._cite))
            self._event = first
        return self._event

    def happening(self) -> Happening:
        """Return the happening according to this claim."""
        return Happening.of(self.event, *self.entries)


def _earliest(claim: Claim) -> float:
    return -min(entry.knowledge()[0] for entry in claim.entries)


def _sources(claim: Claim) -> float:
    return len({citation.source for citation in claim.event.cite})


# The claim with the greatest key is taken: ties go to the claim that became known last,
# then to the last position.
_PREFERENCES: dict[Prefer, Callable[[Claim], tuple[float, ...]]] = {
    Prefer.LATEST_KNOWN: lambda claim: claim.latest,
    Prefer.EARLIEST_KNOWN: lambda claim: (_earliest(claim), *claim.latest),
    Prefer.MOST_CITED: lambda claim: (_sources(claim), *claim.latest),
}


def preference(prefer: Preference) -> Callable[[Claim], tuple[float, ...]]:
    """Return the key of which the greatest claim is taken."""
    if isinstance(prefer, Prefer):
        return _PREFERENCES[prefer]
    ranks = {one: -place for place, one in enumerate(prefer)}
    least = -len(ranks)

    def rank(claim: Claim) -> tuple[float, ...]:
        told = (ranks.get(c.source, least) for c in claim.event.cite)
        rows = (ranks.get(e.dataset or "", least) for e in claim.entries)
        return (max(chain(told, rows), default=least), *claim.latest)

    return rank
