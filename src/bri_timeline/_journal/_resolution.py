"""Resolution: which claims count under a basis, and why others do not."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from bri_timeline._events import Entry, Event
from bri_timeline._happening import (
    Content,
    Happening,
    Reason,
    SetAside,
    content_of,
    digested,
)
from bri_timeline._journal._witnesses import Claim, Prefer, Preference, preference


__all__ = [
    "Basis",
    "Claims",
    "Resolution",
    "counting_claims",
    "resolve",
]


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
        # A witness of a rival has the days of that claim, as its dispute shows them.
        rivals = {
            entry.position: other.event
            for _, others in disputes
            for other in others
            for entry in other.entries
        }
        asides = (
            aside.bounded(rivals.get(aside.entry.position, aside.event))
            for aside in self.set_aside
        )
        return self._replace(
            happenings=tuple(sorted(happenings, key=Happening.certainty_order)),
            disputes=tuple(sorted(disputes, key=lambda d: d[0].certainty_order())),
            set_aside=tuple(asides),
        )

    def only(self, wanted: Callable[[Event, Sequence[Entry]], bool]) -> Resolution:
        """Return a resolution limited to some events.

        Args:
            wanted: Tells whether one is wanted, by the event and its entries.
        """
        return Resolution(
            tuple(h for h in self.happenings if wanted(h.event, h.entries)),
            tuple(
                (taken, others)
                for taken, others in self.disputes
                if any(wanted(claim.event, claim.entries) for claim in (taken, *others))
            ),
            tuple(s for s in self.set_aside if wanted(s.event, (s.entry,))),
            self.slots,
        )


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


def resolve(
    entries: Iterable[Entry],
    known_by: float = math.inf,
    *,
    by_position: bool = False,
    prefer: Preference = Prefer.LATEST_KNOWN,
) -> Resolution:
    """Return which claims count among the entries that are known.

    Args:
        entries: Of one log, in order of position, those that are not known yet
            included.
        known_by: The last day or position that counts as known.
        by_position: *known_by* is a log position, not a day.
        prefer: The claim to take where claims about one happening differ.
    """
    claims = Claims(prefer)
    for entry in entries:
        known = entry.position if by_position else entry.knowledge()[0]
        claims.add(entry, is_known=known <= known_by)
    return claims.resolution()


def counting_claims(entries: Iterable[Entry]) -> list[Entry]:
    """Return the entries that count, including the claims in dispute."""
    claims = Claims()
    for entry in entries:
        claims.add(entry)
    return claims.counting()


class Claims:
    """The claims of related entries under one basis, resolved entry by entry.

    Corrections and retractions are resolved among exactly the known entries. An entry
    is withdrawn by a retraction that is not itself withdrawn. A correction is a new
    version in the slot of its target, and replaces the target unless it is withdrawn.
    Of several versions left, the newest in the order of knowledge counts, also if its
    words were erased. A slot whose original is withdrawn is empty.

    To add a claim, or a correction of what counts, takes the same time however many
    entries there are. After others the slot is decided again, once for all that were
    added until the claims are read.

    Args:
        prefer: The claim to take where claims about one happening differ.
    """

    __slots__ = (
        "_by_id",
        "_form",
        "_originals",
        "_overruled",
        "_preferred",
        "_slots",
        "_undecided",
    )

    def __init__(self, prefer: Preference = Prefer.LATEST_KNOWN) -> None:
        self._preferred = preference(prefer)
        # Slots of which the newest version is not known to be the one that counts.
        self._undecided: dict[_Slot, None] = {}
        # Position of a correction or retraction -> that of the original of its slot.
        self._originals: dict[int, int] = {}
        self._slots: dict[int, _Slot] = {}
        self._by_id: dict[str, _Rivals] = {}
        # Contents that counting corrections have replaced, and how many of these did.
        # Otherwise a source that repeats an old figure would undo a correction, since
        # the latest known claim of a dispute is taken.
        self._overruled: dict[Content, int] = {}
        # Once a version was erased, contents are compared by their digests.
        self._form: Callable[[Content], Content] = _as_said

    def add(self, entry: Entry, *, is_known: bool = True) -> None:
        """Add the next entry in order of position.

        Args:
            entry: The entry.
            is_known: It is known under the basis. If not, it shows to which slot a
                correction belongs that became known before its target.
        """
        target = entry.retracts if entry.supersedes is None else entry.supersedes
        if target is None:
            slot = self._slots[entry.position] = _Slot()
        else:
            original = self._originals.get(target, target)
            self._originals[entry.position] = original
            slot = self._slots[original]
        slot.entries.append(entry)
        if entry.event is None and entry.is_version and self._form is not digested:
            self._compare_digests()
        if is_known:
            slot.known.append(entry)
            if target is not None:
                if slot not in self._undecided and slot.is_continued_by(entry):
                    self._revise(slot, entry)
                else:
                    self._undecided[slot] = None
            elif entry.is_version:
                slot.newest = entry
                if entry.event is not None:
                    self._witness(entry)

    def _compare_digests(self) -> None:
        """Compare contents by their digests from now on."""
        self._form = digested
        self._overruled = Counter[Content]()
        for slot in self._slots.values():
            slot.overruled = {*map(digested, slot.overruled)}
            self._overruled.update(slot.overruled)

    def _decide(self) -> None:
        """Update what counts in the slots that are undecided."""
        for slot in self._undecided:
            self._revise(slot, slot.versions()[0])
        self._undecided.clear()

    def _revise(self, slot: _Slot, newest: Entry | None) -> None:
        """Update what counts after another version of a slot does."""
        before = slot.newest
        if newest is before:
            return
        slot.newest = newest
        changed = self._overrule(slot, before)
        if before is not None and _is_rival(before):
            changed.add(self._leave(before))
        if newest is not None and _is_rival(newest):
            changed.add(self._join(newest).content[0])
        for name in changed & self._by_id.keys():
            rivals = self._by_id[name]
            rivals.taken = max(rivals.claims.values(), key=self._rank)

    def _witness(self, entry: Entry) -> None:
        """Add a claim, and take what it claims if that ranks first."""
        claim = self._join(entry)
        rivals = self._by_id[claim.content[0]]
        # A further witness never lowers the rank of a claim, nor changes any other.
        if claim is not rivals.taken and self._rank(claim) > self._rank(rivals.taken):
            rivals.taken = claim

    def _join(self, entry: Entry) -> Claim:
        """Add a counting entry to the claims about its happening."""
        said = content_of(entry)
        rivals = self._by_id.get(said[0])
        if rivals is None:
            rivals = self._by_id[said[0]] = _Rivals(Claim(said, entry))
        elif said in rivals.claims:
            rivals.claims[said].add(entry)
        else:
            rivals.claims[said] = Claim(said, entry)
        return rivals.claims[said]

    def _leave(self, entry: Entry) -> str:
        """Remove an entry from the claims about its happening; return the id."""
        said = content_of(entry)
        claims = self._by_id[said[0]].claims
        claims[said].remove(entry)
        if not claims[said].entries:
            del claims[said]
        if not claims:
            del self._by_id[said[0]]
        return said[0]

    def _overrule(self, slot: _Slot, before: Entry | None) -> set[str]:
        """Note the contents that the newest version of a slot has replaced.

        Args:
            slot: The slot.
            before: Its newest version until now.

        Returns:
            The ids of the happenings about which another claim may now be taken.
        """
        newest, found, form = slot.newest, slot.overruled, self._form
        if newest and before and newest.supersedes == before.position:
            gained = {form(content_of(before))} - found
            lost = {form(content_of(newest))} & (found | gained)
            gained, lost = gained - lost, lost - gained
        else:
            replaced = slot.replaced(form)
            gained, lost = replaced - found, found - replaced
        found.update(gained)
        found.difference_update(lost)
        for said in gained:
            self._overruled[said] = self._overruled.get(said, 0) + 1
        for said in lost:
            self._overruled[said] -= 1
        return {said[0] for said in gained | lost}

    def _rank(self, claim: Claim) -> tuple[float, ...]:
        """Return the rank of a claim among its rivals: the highest is taken.

        Corrected content is taken only if all claims of the dispute were corrected.
        """
        overruled = self._overruled
        is_right = not (overruled and overruled.get(self._form(claim.content)))
        # An erased correction ranks before all that was put right, and behind the rest.
        if claim.is_silent:
            return is_right, False
        return is_right, True, *self._preferred(claim)

    # --- reading --------------------------------------------------------------------

    def counting(self) -> list[Entry]:
        """Return the entries that count, including the claims in dispute."""
        self._decide()
        newest = (slot.newest for slot in self._slots.values())
        return [entry for entry in newest if entry and entry.event is not None]

    def taken(self) -> list[tuple[Event, Sequence[Entry]]]:
        """Return what counts, each with its entries, in any order.

        The first witness gives a happening its place in the fold order.
        """
        self._decide()
        taken = (rivals.taken for rivals in self._by_id.values())
        return [(one.event, one.entries) for one in taken if not one.is_silent]

    def resolution(self) -> Resolution:
        """Return all that is known of the claims, and why some do not count."""
        self._decide()
        happenings: list[Happening] = []
        disputes: list[tuple[Happening, tuple[Happening, ...]]] = []
        slots = [slot for slot in self._slots.values() if slot.known]
        set_aside = [aside for slot in slots for aside in slot.set_aside()]
        for rivals in self._by_id.values():
            others: list[Happening] = []
            if len(rivals.claims) > 1:
                others = sorted(rivals.others(), key=lambda other: other.position)
                by = rivals.taken.entries[-1]
                set_aside += [
                    SetAside(entry.claim, Reason.DISPUTED, entry, by)
                    for other in others
                    for entry in other.entries
                ]
            if not rivals.taken.is_silent:
                taken = rivals.taken.happening()
                happenings.append(taken)
                if others:
                    disputes.append((taken, tuple(others)))
        known = [(slot.entries[0].position, tuple(slot.known)) for slot in slots]
        return Resolution(
            tuple(sorted(happenings, key=Happening.certainty_order)),
            tuple(sorted(disputes, key=lambda dispute: dispute[0].certainty_order())),
            tuple(sorted(set_aside, key=lambda aside: aside.entry.position)),
            tuple(sorted(known, key=lambda slot: slot[1][0].position)),
        )


def _as_said(said: Content) -> Content:
    return said


def _is_rival(entry: Entry) -> bool:
    """Check that a version is among the claims about its happening.

    An erased correction is, though it says nothing: what it has put right is not taken.
    """
    return entry.event is not None or entry.supersedes is not None


class _Slot:
    """A claim, its corrections, and the retractions of any of these.

    Attributes:
        entries: All of them, in order of position.
        known: Those that are known.
        newest: The version that counts, if any does.
        overruled: The contents that it has replaced, without its own.
    """

    __slots__ = ("entries", "known", "newest", "overruled")

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.known: list[Entry] = []
        self.newest: Entry | None = None
        self.overruled: set[Content] = set()

    def is_continued_by(self, entry: Entry) -> bool:
        """Check that the last entry corrects what counts, and is known later."""
        newest = self.newest
        return (
            newest is not None
            and entry.supersedes == newest.position
            and entry.knowledge() > newest.knowledge()
        )

    def versions(self) -> tuple[Entry | None, dict[int, Entry], dict[int, Entry]]:
        """Return the version that counts.

        Returns:
            The version; the live retraction of each withdrawn position; and the live
            correction of each replaced position.
        """
        # A retraction comes after what it retracts, so the last one is decided first.
        withdrawn: dict[int, Entry] = {}
        for entry in reversed(self.known):
            if entry.retracts is not None and entry.position not in withdrawn:
                withdrawn.setdefault(entry.retracts, entry)
        # A correction comes after its target: backwards, each target is reached once
        # all that may replace it is decided. A withdrawn correction, or one that is not
        # known yet, passes its own on.
        known = {entry.position for entry in self.known}
        replaced: dict[int, Entry] = {}
        for entry in reversed(self.entries):
            if entry.supersedes is not None:
                is_live = entry.position in known and entry.position not in withdrawn
                by = replaced.get(entry.position) or (entry if is_live else None)
                if by is not None:
                    replaced.setdefault(entry.supersedes, by)
        gone = withdrawn.keys() | replaced.keys()
        left = [e for e in self.known if e.is_version and e.position not in gone]
        if self.entries[0].position in withdrawn:
            left.clear()
        return max(left, key=Entry.knowledge, default=None), withdrawn, replaced

    def replaced(self, form: Callable[[Content], Content]) -> set[Content]:
        """Return the contents that the version that counts has replaced, in a form."""
        found: set[Content] = set()
        if self.newest is not None and self.newest.supersedes is not None:
            by_position = {entry.position: entry for entry in self.entries}
            target: int | None = self.newest.supersedes
            while target is not None:
                one = by_position[target]
                target = one.supersedes
                if one.is_version:
                    found.add(form(content_of(one)))
            found.discard(form(content_of(self.newest)))
        return found

    def set_aside(self) -> list[SetAside]:
        """Return the versions that do not count, and why."""
        if len(self.known) == 1 and self.newest is not None:
            return []
        newest, withdrawn, replaced = self.versions()
        found: list[SetAside] = []
        for entry in self.known:
            if entry.event is not None and entry is not newest:
                position = entry.position
                by = withdrawn.get(position) or withdrawn.get(self.entries[0].position)
                reason = Reason.RETRACTED
                if by is None:
                    by, reason = newest or replaced[position], Reason.SUPERSEDED
                found.append(SetAside(entry.event, reason, entry, by))
        return found


class _Rivals:
    """The different claims about one happening, by content, and the one taken."""

    __slots__ = ("claims", "taken")

    def __init__(self, claim: Claim) -> None:
        self.claims = {claim.content: claim}
        self.taken = claim

    def others(self) -> list[Happening]:
        """Return the claims that are not taken, as happenings."""
        return [
            claim.happening()
            for claim in self.claims.values()
            if claim is not self.taken and not claim.is_silent
        ]
