"""Claims with their witnesses, and the preference among claims."""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from itertools import chain
from typing import NamedTuple

from bri_timeline._events import Entry, Event, resting_on
from bri_timeline._evidence import Citation, Source
from bri_timeline._happening import (
    Words,
    bounded,
    dated,
    digests_referred,
    referring,
)
from bri_timeline._journal._slots import Line


Rank = tuple[float | str, ...]


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


class Basis(NamedTuple):
    """The entries that count as known: known by a day, among the first *size*.

    Attributes:
        known_by: A day number; infinite for everything.
        size: The number of entries of the log that are included.
        prefer: The claim to take where claims about one happening differ.
    """

    known_by: float
    size: float
    prefer: Preference = Prefer.LATEST_KNOWN


class WitnessedClaim:
    """Counting entries that claim the same: the witnesses of one claim.

    Attributes:
        words: What they claim.
        is_bounded: Each entry is bounded by its own report.
        entries: The entries, in order of position.
        silent: Those whose words were erased.
        latest: When the last of the others became known.
        names: The ids of the happenings to which it refers by other digests.
    """

    __slots__ = (
        "_cite",
        "_event",
        "entries",
        "is_bounded",
        "latest",
        "names",
        "silent",
        "words",
    )

    def __init__(self, said: Words, entry: Entry, *, is_bounded: bool = False) -> None:
        self.words = said
        self.is_bounded = is_bounded
        self.entries = [] if entry.event is None else [entry]
        self.silent = [entry] if entry.event is None else []
        self.latest = entry.precedence()
        self.names: dict[str, str] = {}
        # The citations of all entries, once they were asked for.
        self._cite: dict[Citation, None] = {}
        self._event: Event | None = None

    def add(self, entry: Entry) -> None:
        """Add a witness."""
        if entry.event is None:
            self.silent.append(entry)
            return
        latest = entry.precedence()
        self.latest = max(self.latest, latest) if self.entries else latest
        if not self.entries or entry.position > self.entries[-1].position:
            if self._cite:
                self._cite.update(dict.fromkeys(entry.claim.cite))
            self.entries.append(entry)
        else:  # a reinstated one
            insort(self.entries, entry, key=lambda entry: entry.position)
            self._cite = {}
        self._event = None

    def remove(self, entry: Entry) -> None:
        """Remove a witness."""
        self.silent = [e for e in self.silent if e is not entry]
        self.entries = [e for e in self.entries if e is not entry]
        self.latest = max(map(Entry.precedence, self.entries), default=self.latest)
        self._cite = {}
        self._event = None

    @property
    def first(self) -> Entry:
        """Its first witness that has words, if any has."""
        return (self.entries or self.silent)[0]

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
            if self.is_bounded:
                # Their texts are equal: the earliest report leaves the fewest days.
                whens = (bounded(entry.claim).when for entry in self.entries)
                first = dated(first, min(whens, key=lambda when: when.latest_start))
            self._event = referring(first, self.names) if self.names else first
        return self._event

    @property
    def what(self) -> object:
        """The payload of the claim."""
        return self.event.what if self.names else self.first.claim.what

    def digests_referred(self) -> list[str]:
        """Return the digests by which it refers to others."""
        return digests_referred(self.first.claim) if self.entries else []

    def refer(self, ids: Mapping[str, str]) -> bool:
        """Take other ids for what it refers to; return whether that changes it."""
        referred = self.digests_referred()
        names = {name: ids[name] for name in referred if ids.get(name, name) != name}
        if names == self.names:
            return False
        self.names, self._event = names, None
        return True


def _earliest(claim: WitnessedClaim) -> float:
    return -min(entry._knowledge()[0] for entry in claim.entries)


def _sources(claim: WitnessedClaim) -> float:
    return len({citation.source for citation in claim.event.cite})


# The claim with the greatest key is taken: ties go to the claim that became known last,
# then to the last position.
_PREFERENCES: dict[Prefer, Callable[[WitnessedClaim], Rank]] = {
    Prefer.LATEST_KNOWN: lambda claim: claim.latest,
    Prefer.EARLIEST_KNOWN: lambda claim: (_earliest(claim), *claim.latest),
    Prefer.MOST_CITED: lambda claim: (_sources(claim), *claim.latest),
}


def trust(prefer: Preference) -> Callable[[WitnessedClaim], bool]:
    """Return what tells whether a claim rests on one of the preferred sources."""
    if isinstance(prefer, Prefer):
        return lambda _: True
    names = frozenset(prefer)
    return lambda claim: (
        not names.isdisjoint(
            [c.source for c in claim.event.cite] + [e.dataset for e in claim.entries]
        )
    )


def preference(prefer: Preference) -> Callable[[WitnessedClaim], Rank]:
    """Return the key of which the greatest claim is taken."""
    if isinstance(prefer, Prefer):
        return _PREFERENCES[prefer]
    ranks = {believed: -place for place, believed in enumerate(prefer)}
    least = -len(ranks)

    def rank(claim: WitnessedClaim) -> Rank:
        told = (ranks.get(c.source, least) for c in claim.event.cite)
        rows = (ranks.get(e.dataset or "", least) for e in claim.entries)
        return (max(chain(told, rows), default=least), *claim.latest)

    return rank


def is_put_right(claim: WitnessedClaim, speakers: Iterable[Line]) -> bool:
    """Check that the last correction that speaks of what is claimed replaced it."""
    last = max(speakers, key=Line.precedence, default=None)
    return last is not None and last.spoken[claim.words]
