"""Resolution: which claims count under a basis, and why others do not."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from typing import NamedTuple

from bri_timeline._events import Entry, Event
from bri_timeline._evidence import Source
from bri_timeline._happening import Content, Happening, Reason, SetAside, content


__all__ = [
    "Basis",
    "Prefer",
    "Preference",
    "Resolution",
    "counting_claims",
    "resolve",
]


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


# A rule, or sources, of which the first that says something is believed.
Preference = Prefer | tuple[Source, ...]


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

    def bounded(self) -> Resolution:
        """Return a resolution in which each claim is bounded by its own reports."""
        happenings = [happening.bounded() for happening in self.happenings]
        disputes = [
            (taken.bounded(), tuple(other.bounded() for other in others))
            for taken, others in self.disputes
        ]
        return self._replace(
            happenings=tuple(sorted(happenings, key=Happening.certainty_order)),
            disputes=tuple(sorted(disputes, key=lambda d: d[0].certainty_order())),
        )

    def only(self, wanted: Callable[[Event], bool]) -> Resolution:
        """Return a resolution limited to some events."""
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


def is_known(entry: Entry, known_by: float, *, by_position: bool) -> bool:
    """Check whether an entry is known by a day or position, both inclusive.

    Args:
        entry: Any entry.
        known_by: A day number, or a position; infinite for everything.
        by_position: *known_by* is a position.
    """
    return (entry.position if by_position else entry.knowledge()[0]) <= known_by


def resolve(
    entries: Sequence[Entry],
    known_by: float = math.inf,
    *,
    by_position: bool = False,
    prefer: Preference = Prefer.LATEST_KNOWN,
) -> Resolution:
    """Return which claims count among the entries that are known.

    Corrections and retractions are resolved among exactly those entries. An entry is
    withdrawn by a retraction that is not itself withdrawn. A correction is a new
    version in the slot of its target, and replaces the target unless it is withdrawn.
    Of several versions left, the newest in the order of knowledge counts. A slot whose
    original is withdrawn is empty.

    Args:
        entries: Of one log, in order of position, those that are not known yet
            included.
        known_by: The last day or position that counts as known.
        by_position: *known_by* is a log position, not a day.
        prefer: The claim to take where claims about one happening differ.
    """
    known = {
        entry.position: entry
        for entry in entries
        if is_known(entry, known_by, by_position=by_position)
    }
    withdrawn = _withdrawn(known)
    slots = _slots(entries, known)
    counting, set_aside = _versions(entries, known, withdrawn, slots)
    overruled = _overruled(entries, counting)
    happenings, disputes = _happenings(counting, prefer, overruled)
    for taken, others in disputes:
        for other in others:
            set_aside.extend(
                SetAside(entry.claim, Reason.DISPUTED, entry, taken.entries[-1])
                for entry in other.entries
            )
    return Resolution(
        tuple(sorted(happenings, key=Happening.certainty_order)),
        tuple(sorted(disputes, key=lambda dispute: dispute[0].certainty_order())),
        tuple(sorted(set_aside, key=lambda aside: aside.entry.position)),
        tuple((original, tuple(slot)) for original, slot in slots.items()),
    )


def counting_claims(entries: Sequence[Entry]) -> list[Entry]:
    """Return the entries that count, including the claims in dispute."""
    known = {entry.position: entry for entry in entries}
    withdrawn, slots = _withdrawn(known), _slots(entries, known)
    return _versions(entries, known, withdrawn, slots)[0]


def _withdrawn(known: dict[int, Entry]) -> dict[int, Entry]:
    """Return the live retraction of each withdrawn position.

    A retraction comes after what it retracts, so the last one is decided first.
    """
    withdrawn: dict[int, Entry] = {}
    for position in sorted(known, reverse=True):
        entry = known[position]
        if entry.retracts is not None and position not in withdrawn:
            withdrawn.setdefault(entry.retracts, entry)
    return withdrawn


def _slots(entries: Sequence[Entry], known: dict[int, Entry]) -> dict[int, list[Entry]]:
    """Return the known entries by the position of their original.

    The originals are found through all entries: a correction may be known before the
    correction that it corrects.
    """
    root: dict[int, int] = {}
    slots: dict[int, list[Entry]] = {}
    for entry in entries:
        target = entry.retracts if entry.supersedes is None else entry.supersedes
        original = entry.position if target is None else root[target]
        root[entry.position] = original
        if entry.position in known:
            slots.setdefault(original, []).append(entry)
    return slots


def _versions(
    entries: Sequence[Entry],
    known: dict[int, Entry],
    withdrawn: dict[int, Entry],
    slots: dict[int, list[Entry]],
) -> tuple[list[Entry], list[SetAside]]:
    """Return the counting entry of each slot, and the claims set aside."""
    # A correction comes after its target: backwards, each target is reached once all
    # that may replace it is decided. A withdrawn correction passes its own on.
    replaced: dict[int, Entry] = {}
    for entry in reversed(entries):
        if entry.supersedes is not None:
            is_live = entry.position in known and entry.position not in withdrawn
            by = replaced.get(entry.position) or (entry if is_live else None)
            if by is not None:
                replaced.setdefault(entry.supersedes, by)
    counting: list[Entry] = []
    set_aside: list[SetAside] = []
    for original, slot in slots.items():
        versions = [entry for entry in slot if entry.event is not None]
        newest = _newest(original, versions, withdrawn, replaced)
        if newest is not None:
            counting.append(newest)
        set_aside.extend(
            _why(entry, original, newest, withdrawn, replaced)
            for entry in versions
            if entry is not newest
        )
    return counting, set_aside


def _newest(
    original: int,
    versions: list[Entry],
    withdrawn: dict[int, Entry],
    replaced: dict[int, Entry],
) -> Entry | None:
    if original in withdrawn:
        return None
    left = [
        entry
        for entry in versions
        if entry.position not in withdrawn and entry.position not in replaced
    ]
    return max(left, key=Entry.knowledge, default=None)


def _why(
    entry: Entry,
    original: int,
    newest: Entry | None,
    withdrawn: dict[int, Entry],
    replaced: dict[int, Entry],
) -> SetAside:
    position = entry.position
    by = withdrawn.get(position) or withdrawn.get(original)
    if by is not None:
        return SetAside(entry.claim, Reason.RETRACTED, entry, by)
    by = newest or replaced[position]
    return SetAside(entry.claim, Reason.SUPERSEDED, entry, by)


def _overruled(entries: Sequence[Entry], counting: Iterable[Entry]) -> set[Content]:
    """Return the contents that counting corrections have replaced.

    Otherwise a source that repeats an old figure would undo a correction, since the
    latest known claim of a dispute is taken.
    """
    by_position = {entry.position: entry for entry in entries}
    found: set[Content] = set()
    for entry in counting:
        replaced, target = set(), entry.supersedes
        while target is not None:
            event, target = by_position[target].event, by_position[target].supersedes
            if event is not None:
                replaced.add(content(event))
        found |= replaced - {content(entry.claim)}
    return found


def _happenings(
    counting: Iterable[Entry], prefer: Preference, overruled: set[Content]
) -> tuple[list[Happening], list[tuple[Happening, tuple[Happening, ...]]]]:
    """Unite witnesses of one claim, and choose among claims about one happening.

    Corrected content is taken only if all claims of the dispute were corrected.
    """
    # In order of position: the first witness gives the happening its place in fold
    # order, and the claims of a dispute must not depend on the order of arrival.
    by_id: dict[str, list[Entry]] = {}
    for entry in sorted(counting, key=lambda entry: entry.position):
        by_id.setdefault(entry.claim.id, []).append(entry)
    happenings: list[Happening] = []
    disputes: list[tuple[Happening, tuple[Happening, ...]]] = []
    for same in by_id.values():
        claims = _claims(same)
        taken = claims[0]
        if len(claims) > 1:
            left = [c for c in claims if content(c.event) not in overruled] or claims
            taken = max(left, key=_preference(prefer))
            others = tuple(claim for claim in claims if claim is not taken)
            disputes.append((taken, others))
        happenings.append(taken)
    return happenings, disputes


def _claims(same: list[Entry]) -> list[Happening]:
    """Return the different claims among entries about one happening."""
    if len(same) == 1:
        return [Happening.of(same[0].claim, same[0])]
    contents: dict[Content, list[Entry]] = {}
    for entry in same:
        contents.setdefault(content(entry.claim), []).append(entry)
    claims = []
    for entries in contents.values():
        event = entries[0].claim
        cite = [citation for entry in entries for citation in entry.claim.cite]
        united = event.cited(cite) if len(entries) > 1 else event
        claims.append(Happening.of(united, *entries))
    return claims


def _earliest(claim: Happening) -> float:
    return -min(entry.knowledge()[0] for entry in claim.entries)


def _sources(claim: Happening) -> float:
    return len({citation.source for citation in claim.event.cite})


# The claim with the greatest key is taken: ties go to the claim that became known last,
# then to the last position.
_PREFERENCES: dict[Prefer, Callable[[Happening], tuple[float, ...]]] = {
    Prefer.LATEST_KNOWN: Happening.knowledge,
    Prefer.EARLIEST_KNOWN: lambda claim: (_earliest(claim), *claim.knowledge()),
    Prefer.MOST_CITED: lambda claim: (_sources(claim), *claim.knowledge()),
}


def _preference(prefer: Preference) -> Callable[[Happening], tuple[float, ...]]:
    """Return the key of which the greatest claim is taken."""
    if isinstance(prefer, Prefer):
        return _PREFERENCES[prefer]
    ranks = {source: -place for place, source in enumerate(prefer)}

    def rank(claim: Happening) -> tuple[float, ...]:
        found = (ranks.get(c.source, -len(ranks)) for c in claim.event.cite)
        return (max(found, default=-len(ranks)), *claim.knowledge())

    return rank
