"""Claims with their witnesses, rival claims, and the preference among these."""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Iterable
from enum import Enum
from itertools import chain

from bri_timeline._events import Entry, Event, resting_on
from bri_timeline._evidence import Citation, Source
from bri_timeline._happening import Happening, Words, digest_of
from bri_timeline._journal._slots import Line


__all__ = [
    "Believed",
    "ClaimedHappening",
    "Prefer",
    "Preference",
    "Rank",
    "Same",
    "WitnessedClaim",
    "is_put_right",
    "preference",
]

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


class WitnessedClaim:
    """Counting entries that claim the same: the witnesses of one claim.

    Attributes:
        words: What they claim.
        entries: The entries, in order of position.
        silent: Those whose words were erased.
        latest: When the last of the others became known.
    """

    __slots__ = ("_cite", "_event", "entries", "latest", "silent", "words")

    def __init__(self, said: Words, entry: Entry) -> None:
        self.words = said
        self.entries = [] if entry.event is None else [entry]
        self.silent = [entry] if entry.event is None else []
        self.latest = entry.precedence()
        # The citations of all entries, once they were asked for.
        self._cite: dict[Citation, None] = {}
        self._event: Event | None = entry.event

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
        self.silent = [witness for witness in self.silent if witness is not entry]
        self.entries = [witness for witness in self.entries if witness is not entry]
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
            self._event = first
        return self._event


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


def preference(prefer: Preference) -> Callable[[WitnessedClaim], Rank]:
    """Return the key of which the greatest claim is taken."""
    if isinstance(prefer, Prefer):
        return _PREFERENCES[prefer]
    ranks = {choice: -place for place, choice in enumerate(prefer)}
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


class Same:
    """A partition of names: those that are united have one root."""

    __slots__ = ("_above", "_below")

    def __init__(self) -> None:
        self._above: dict[object, object] = {}
        self._below = set[object]()

    def root(self, name: object) -> object:
        """Return what stands for a name and all that it was united with."""
        while (above := self._above.get(name, name)) != name:
            self._above[name] = self._above.get(above, above)
            name = above
        return name

    def is_alone(self, name: object) -> bool:
        """Check that a name was united with none."""
        return name not in self._above and name not in self._below

    def unite(self, name: object, other: object) -> None:
        """Let two names and all that they were united with be the same."""
        own_root, other_root = self.root(name), self.root(other)
        if own_root != other_root:
            self._above[own_root] = other_root
            self._below.add(other_root)


class ClaimedHappening:
    """The different claims about one happening, by their words, and the one taken.

    Attributes:
        claims: The claims.
        taken: The one that is taken.
        entries: All known claims about it in the order of the log, if any of them was
            corrected, or has another id.
        originals: The claims with which their slots began, also if they are not known.
        first: The words of the first of these, which gives the id; or the given id.
        source: The entry with these words.
    """

    __slots__ = (
        "_name",
        "claims",
        "entries",
        "first",
        "originals",
        "source",
        "taken",
    )

    def __init__(self, claims: Iterable[WitnessedClaim]) -> None:
        self.claims = {claim.words: claim for claim in claims}
        self.taken = next(iter(self.claims.values()))
        self.entries: list[Entry] = []
        self.originals: list[Entry] = []
        self.first: Words | None = None
        self.source = self.taken.first
        self._name: str | None = None

    def called(self, event: Event) -> Event:
        """Return a claim about it with its id."""
        first = self.first
        if first is None:
            return event
        if first == (None, event.what, event.when, event.where):
            return event.named(None)
        if self._name is None:
            self._name = first[0] or digest_of(self.source)
        is_own = first[0] is None and self._name == event.digest
        return event.named(None if is_own else self._name)

    def event(self, claim: WitnessedClaim) -> Event:
        """Return one of its claims, resting on the citations of all its witnesses."""
        return self.called(claim.event)

    def happening(self, claim: WitnessedClaim) -> Happening:
        """Return it according to one of its claims."""
        own, besides = claim.entries, self.entries
        if besides:
            places = {entry.position for entry in own}
            besides = [entry for entry in besides if entry.position not in places]
        return Happening.of(self.event(claim), *own, besides=tuple(besides))
