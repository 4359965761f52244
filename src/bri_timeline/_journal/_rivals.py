"""The claims about one happening, and names that are united."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from operator import attrgetter

from bri_timeline._events import Entry, Event
from bri_timeline._happening import Happening, Words, digest_of, meant
from bri_timeline._journal._agreement import Agreement, core_of, differ
from bri_timeline._journal._slots import Line
from bri_timeline._journal._witnesses import WitnessedClaim


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
        one, two = self.root(name), self.root(other)
        if one != two:
            self._above[one] = two
            self._below.add(two)


class ClaimedHappening:
    """The different claims about one happening, by their words.

    Attributes:
        claims: The claims.
        top: The first in the order of the policy, once that is known.
        agreed: What is taken of them, likewise.
        speakers: The corrections that speak of a claim; by default all by which it is
            looked up.
        entries: All known claims about it in the order of the log, if any of them was
            corrected, or has another id.
        originals: The claims with which their slots began, also if they are not known.
        first: The words of the first of these, which gives the id; or the given id.
        source: The entry with these words.
    """

    __slots__ = (
        "_by_core",
        "_name",
        "agreed",
        "claims",
        "entries",
        "first",
        "originals",
        "source",
        "speakers",
        "top",
    )

    def __init__(self, claims: Iterable[WitnessedClaim]) -> None:
        self.claims = {claim.words: claim for claim in claims}
        self.top: WitnessedClaim | None = None
        self.agreed: Agreement | None = None
        self._by_core: dict[Hashable, dict[WitnessedClaim, None]] | None = None
        self.speakers: Callable[[WitnessedClaim], Iterable[Line]] | None = None
        self.entries: list[Entry] = []
        self.originals: list[Entry] = []
        self.first: Words | None = None
        self.source = next(iter(self.claims.values())).first
        self._name: str | None = None

    def add(self, claim: WitnessedClaim) -> None:
        """Add a claim with other words."""
        self.claims[claim.words] = claim
        if self._by_core is not None and claim.entries:
            self._by_core.setdefault(core_of(claim), {})[claim] = None

    def forget(self) -> None:
        """Forget what was found of the claims, of which some have changed."""
        self.top = self.agreed = self._by_core = None

    def alike(self, claim: WitnessedClaim) -> list[WitnessedClaim]:
        """Return the claims that may agree with one, and the claim."""
        claims = self.claims.values()
        if len(claims) == 2 and all(rival.entries for rival in claims):
            # As most have it: two are compared in less time than they are taken apart.
            payloads = [rival.what for rival in claims]
            if type(payloads[0]) is not type(payloads[1]) or differ(*payloads):
                return [claim]
        if self._by_core is None:
            self._by_core = {}
            for rival in filter(attrgetter("entries"), claims):
                self._by_core.setdefault(core_of(rival), {})[rival] = None
        return [*self._by_core[core_of(claim)]]

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

    def happening(self, said: WitnessedClaim | Agreement) -> Happening:
        """Return it according to some of its claims."""
        own, besides = said.entries, self.entries
        rivals: tuple[Entry, ...] = ()
        if besides:
            places = {entry.position for entry in own}
            besides = [entry for entry in besides if entry.position not in places]
            every = (entry for one in self.claims.values() for entry in one.entries)
            rivals = tuple(entry for entry in every if entry.position not in places)
        event = self.called(said.event)
        return Happening.of(event, *own, besides=tuple(besides), rivals=rivals)


def refer(
    found: Iterable[tuple[ClaimedHappening, WitnessedClaim | Agreement | None]],
) -> None:
    """Let claims refer to happenings by their ids, in place of other digests.

    Args:
        found: The happenings, each with what is taken of it; None if its words were
            erased.
    """
    taken = [*found]
    claims = [(one, claim) for one, _ in taken for claim in one.claims.values()]
    names = {name for _, claim in claims for name in claim.digests_referred()}
    named: dict[str, list[Happening]] = {}
    for one, said in taken:
        if said:
            happening = one.happening(said)
            for name in names & happening.names():
                named.setdefault(name, []).append(happening)
    ids = {name: meant(name, some).event.id for name, some in named.items()}
    for one, claim in claims:
        if claim.refer(ids):
            one.forget()
