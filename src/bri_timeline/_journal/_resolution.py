"""Resolution: which claims count under a basis, and why others do not."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import chain
from operator import itemgetter

from bri_timeline._events import Entry, Event
from bri_timeline._happening import (
    Happening,
    Reason,
    SetAside,
    Words,
    bounded,
    dated,
    digest_of,
    digests_referred,
)
from bri_timeline._journal._agreement import Agreement, agreement, can_be_compared
from bri_timeline._journal._resolved import Resolution
from bri_timeline._journal._rivals import ClaimedHappening, Same, refer
from bri_timeline._journal._slots import Line, Slot
from bri_timeline._journal._witnesses import (
    Prefer,
    Preference,
    Rank,
    WitnessedClaim,
    is_put_right,
    preference,
    trust,
)
from bri_timeline._payload import content_digest, is_digest
from bri_timeline.edtf import Edtf


def resolve(
    entries: Iterable[Entry],
    known_by: float = math.inf,
    *,
    prefer: Preference = Prefer.LATEST_KNOWN,
    bounded: bool = False,
) -> Resolution:
    """Return which claims count among the entries that are known.

    Args:
        entries: Of one log, in order of position, those that are not known yet
            included.
        known_by: The last day that counts as known.
        prefer: The claim to take where claims about one happening differ.
        bounded: Each claim is bounded by its own reports.
    """
    claims = Claims(prefer, bounded=bounded)
    for entry in entries:
        claims.add(entry, is_known=entry._knowledge()[0] <= known_by)
    return claims.resolution()


class Claims:
    """The claims of related entries under one basis, resolved entry by entry.

    Corrections and retractions are resolved among exactly the known entries. An entry
    is withdrawn by a retraction that is not itself withdrawn. A correction is a new
    version in the slot of its target, and replaces the target unless it is withdrawn.
    Of several versions left the newest counts, and a correction is newer than what it
    corrects; if its words were erased, it says nothing. A slot whose original is
    withdrawn is empty.

    Claims with one given id are about one happening. Without given ids, those that say
    the same are. Corrected ones are one happening also if they began as the same words;
    and words that nobody says but those who were not corrected belong to the happening
    of the last correction that replaced them.

    To add a claim, or a correction of what counts, takes the same time however many
    entries there are. After others the slot is decided again, once for all that were
    added until the claims are read.

    Claims about one happening that agree say what is taken together; see `agreement()`.

    Args:
        prefer: The claim to take where claims about one happening differ.
        bounded: Each claim is bounded by its own reports.
    """

    __slots__ = (
        "_bounded",
        "_by_id",
        "_by_words",
        "_found",
        "_is_digested",
        "_lines",
        "_originals",
        "_preferred",
        "_refers",
        "_slots",
        "_speakers",
        "_trusted",
        "_undecided",
        "_versions",
    )

    def __init__(
        self, prefer: Preference = Prefer.LATEST_KNOWN, *, bounded: bool = False
    ) -> None:
        self._preferred, self._trusted = preference(prefer), trust(prefer)
        self._bounded = bounded
        self._is_digested = False
        # A claim refers to something by a digest.
        self._refers = False
        self._clear()

    def _clear(self) -> None:
        # Position of a correction or retraction -> that of the original of its slot.
        self._originals: dict[int, int] = {}
        self._slots: dict[int, Slot] = {}
        # What others say instead of a row of a dataset, by who says it and the row.
        self._lines: dict[object, Line] = {}
        # Lines of which the newest version is not known to be the one that counts.
        self._undecided: dict[Line, None] = {}
        # The claims with a given id by that; those without by their words.
        self._by_id: dict[str, ClaimedHappening] = {}
        self._by_words: dict[Words, WitnessedClaim] = {}
        # Words -> the corrections by hand that speak of them, and whether each replaced
        # them. Otherwise a source that repeats an old figure would undo a correction,
        # since the latest known claim of a dispute is taken.
        self._speakers: dict[Words, dict[Line, bool]] = {}
        # The lines of several versions that say something without a given id, or did.
        self._versions: dict[Line, None] = {}
        # The happenings; None if they are to be found anew.
        self._found: list[ClaimedHappening] | None = None

    def add(self, entry: Entry, *, is_known: bool = True) -> None:
        """Add the next entry in order of position.

        Args:
            entry: The entry.
            is_known: It is known under the basis. If not, it shows to which slot a
                correction belongs that became known before its target.
        """
        if entry.event is None and entry.is_version and not self._is_digested:
            self._compare_digests()
        target = entry.retracts if entry.supersedes is None else entry.supersedes
        if target is None:
            slot = Slot(entry, is_digested=self._is_digested)
            self._slots[entry.position] = slot
        else:
            original = self._originals.get(target, target)
            self._originals[entry.position] = original
            slot = self._slots[original]
            slot.entries.append(entry)
        if is_known:
            self._found = None
            slot.known.append(entry)
            if entry.event is not None and digests_referred(entry.event):
                self._refers = True
            if target is not None:
                self._revise(slot, entry)
            elif entry.is_version:
                self._join(slot.words(entry), entry)

    def _compare_digests(self) -> None:
        """Compare words by their digests from now on: nothing else is left of some."""
        slots = self._slots.values()
        entries = {e.position: e for slot in slots for e in slot.entries}
        known = {e.position for slot in slots for e in slot.known}
        self._is_digested = True
        self._clear()
        for position in sorted(entries):
            self.add(entries[position], is_known=position in known)

    def _revise(self, slot: Slot, entry: Entry) -> None:
        """Note what may count otherwise after a correction or retraction."""
        first = slot.entries[0]
        is_own = entry.dataset == first.dataset
        if slot.line is None and (is_own or entry.retracts is not None):
            slot.line = Line(first.dataset)
            is_counted = slot.known[0] is first and first.is_version
            slot.line.begin(slot, first if is_counted else None)
        if entry.retracts is not None:
            self._undecided.update(dict.fromkeys(slot.lines()))
            return
        line = slot.line if is_own and slot.line else self._beside(slot, entry)
        is_next = line not in self._undecided and line.is_continued_by(entry)
        if not (is_next and self._go_on(line, entry, slot.words(entry))):
            self._undecided[line] = None

    def _beside(self, slot: Slot, entry: Entry) -> Line:
        """Return the line of what others say instead of a row of a dataset."""
        first = slot.entries[0]
        row: object = first.position
        if first.dataset is not None and first.is_version:
            said = slot.words(first)
            row = said[0] or said
        line = self._lines.setdefault(
            (entry.dataset, first.dataset, row), Line(entry.dataset)
        )
        if line not in slot.others:
            slot.others.append(line)
            line.begin(slot, None)
        return line

    def _go_on(self, line: Line, entry: Entry, said: Words) -> bool:
        """Take a correction of what counts, if it says news."""
        before, replaced = line.newest, line.words
        if before is None or not line.go_on(entry, said):
            return False
        self._leave(replaced, before)
        self._join(said, entry)
        if line.voice is None:
            line.spoken[replaced], line.spoken[said] = True, False
            self._speakers.setdefault(replaced, {})[line] = True
            self._speakers.setdefault(said, {})[line] = False
        self._note_versions(line)
        self._choose({replaced[0], said[0]})
        return True

    def _note_versions(self, line: Line) -> None:
        if line.newest is not None and None in (line.words[0], line.began[0]):
            self._versions[line] = None
        else:
            self._versions.pop(line, None)

    def _decide(self) -> None:
        """Update what counts of the lines that are undecided."""
        changed = set[str | None]()
        for line in self._undecided:
            if line.newest is not None:
                changed.add(line.words[0])
                self._leave(line.words, line.newest)
            for said in line.spoken:
                changed.add(said[0])
                del self._speakers[said][line]
            line.read()
            line.spoken = line.speaks()
            for said, is_replaced in line.spoken.items():
                changed.add(said[0])
                self._speakers.setdefault(said, {})[line] = is_replaced
            if line.newest is not None:
                changed.add(line.words[0])
                self._join(line.words, line.newest)
            self._note_versions(line)
        if self._undecided:
            self._undecided.clear()
            self._choose(changed)

    def _choose(self, names: Iterable[str | None]) -> None:
        """Judge the claims about some happenings anew, when that is asked for."""
        for name in names:
            if name in self._by_id:
                self._by_id[name].forget()

    def _join(self, said: Words, entry: Entry) -> None:
        """Add a counting entry to those that claim the same."""
        name = said[0]
        rivals = None if name is None else self._by_id.get(name)
        claims = self._by_words if rivals is None else rivals.claims
        claim = claims.get(said)
        if claim is None:
            claim = WitnessedClaim(said, entry, is_bounded=self._bounded)
            if rivals is not None:
                rivals.add(claim)
            elif name is None:
                claims[said] = claim
            else:
                self._by_id[name] = ClaimedHappening([claim])
        elif claim.entries:
            claim.add(entry)
        else:  # so far its words were erased
            claim.add(entry)
            self._choose([name])
        if rivals is not None:
            self._raise(rivals, claim)

    def _raise(self, rivals: ClaimedHappening, claim: WitnessedClaim) -> None:
        """Note that a claim is new, or has one more witness."""
        rivals.agreed, top = None, rivals.top
        # A further witness never lowers the rank of a claim, nor changes others.
        if top is None or claim is top:
            return
        own = self._own_speakers
        if self._rank(claim, own(claim)) > self._rank(top, own(top)):
            rivals.top = claim

    def _leave(self, said: Words, entry: Entry) -> None:
        """Remove an entry from those that claim the same."""
        name = said[0]
        claims = self._by_words if name is None else self._by_id[name].claims
        claims[said].remove(entry)
        self._choose([name])
        if not (claims[said].entries or claims[said].silent):
            del claims[said]
            if name is not None and not claims:
                del self._by_id[name]

    def _agreed(self, rivals: ClaimedHappening) -> Agreement | None:
        """Return what is taken of some claims; None if its words were erased."""
        if rivals.agreed is None:
            top = self._top(rivals)
            if not top.entries:
                return None
            is_alone = len(rivals.claims) == 1
            claims = [top] if is_alone else rivals.alike(top)
            if not (is_alone or can_be_compared(top)):
                claims = [claim for claim in rivals.claims.values() if claim.entries]
            rivals.agreed = agreement(self._right(rivals, claims), self._trusted)
        return rivals.agreed

    def _top(self, rivals: ClaimedHappening) -> WitnessedClaim:
        """Return the first of some claims in the order of the policy."""
        if rivals.top is None:
            claims = [*rivals.claims.values()]
            speakers = rivals.speakers or self._own_speakers
            rivals.top = claims[0]
            if len(claims) > 1:
                rivals.top = max(claims, key=lambda c: self._rank(c, speakers(c)))
        return rivals.top

    def _right(
        self, rivals: ClaimedHappening, claims: list[WitnessedClaim]
    ) -> list[WitnessedClaim]:
        """Return those claims that may be taken, in the order of the policy."""
        if len(claims) == 1:
            return claims
        speakers = rivals.speakers or self._own_speakers
        ranked = [(self._rank(c, speakers(c)), c) for c in claims]
        ranked.sort(key=itemgetter(0), reverse=True)
        # Words put right are taken if nothing else is left, and by themselves.
        return [claim for rank, claim in ranked if rank[0]] or [ranked[0][1]]

    def _own_speakers(self, claim: WitnessedClaim) -> Iterable[Line]:
        """Yield the corrections of a claim with a given id that have the same."""
        name, speakers = claim.words[0], self._speakers.get(claim.words)
        return (line for line in speakers or () if line.words[0] == name)

    def _rank(self, claim: WitnessedClaim, speakers: Iterable[Line]) -> Rank:
        """Return the rank of a claim: the highest is taken."""
        is_right = not is_put_right(claim, speakers)
        # What was erased ranks before all that was put right, and behind the rest.
        if not claim.entries:
            return is_right, False
        return is_right, True, *self._preferred(claim)

    # --- happenings -----------------------------------------------------------------

    def _happenings(self) -> list[ClaimedHappening]:
        self._decide()
        if self._found is None:
            lines = self._versions
            if lines or (self._by_words and any(map(is_digest, self._by_id))):
                self._found = self._united()
            else:
                claims = self._by_words.values()
                self._found = [
                    *self._by_id.values(),
                    *(ClaimedHappening([c]) for c in claims),
                ]
            if self._refers:
                refer((one, self._agreed(one)) for one in self._found)
        return self._found

    def _united(self) -> list[ClaimedHappening]:
        """Return the happenings where some began otherwise, or have a digest as id."""
        same = Same()
        corrected = [member for member in self._versions if member.is_corrected]
        says = set[Words]()
        for line in corrected:
            if line.words[0] is None:
                says.add(line.words)
                same.unite(line.words, (None, line.began))
        for said in self._by_words.keys() - says:
            speakers = self._speakers.get(said, {}).items()
            by = [speaker for speaker, is_replaced in speakers if is_replaced]
            if by:
                last = max(by, key=Line.precedence)
                same.unite(said, last.words[0] or last.words)
        self._unite_digests(same)
        groups: dict[object, list[WitnessedClaim]] = {}
        for said, claim in self._by_words.items():
            groups.setdefault(same.root(said), []).append(claim)
        for name, rivals in self._by_id.items():
            groups.setdefault(same.root(name), []).extend(rivals.claims.values())
        lines: dict[object, list[Line]] = {}
        for line in self._versions:
            root = same.root(line.words[0] or line.words)
            lines.setdefault(root, []).append(line)
        happenings = [
            self._rivals(c, lines.get(root, [])) for root, c in groups.items()
        ]
        self._give_ids(
            [happening for happening in happenings if happening.entries], same
        )
        return happenings

    def _give_ids(self, found: list[ClaimedHappening], same: Same) -> None:
        """Give happenings the ids of their first claims.

        Words that are said of one happening may be those with which another one began.
        The later one has the id of its next words then, so that no two have one id.
        """
        used = {said for said in self._by_words if same.is_alone(said)}
        for happening in sorted(found, key=lambda one: one.entries[0].position):
            names = [said[0] for said in happening.claims]
            # A given id that is the digest of claims without one names these.
            given_ids = [n for n in names if n and not (None in names and is_digest(n))]
            if given_ids:
                happening.first = given_ids[0], None, None, None
                continue
            said = next(iter(happening.claims))
            if len(happening.claims) == 1 and same.is_alone(said):
                happening.first = said
                continue
            for entry in chain(happening.entries, happening.originals):
                slot = self._originals.get(entry.position, entry.position)
                said = self._slots[slot].words(entry)
                # A version of a slot may have had an id that the last one lacks.
                if said[0] is None or is_digest(said[0]):
                    happening.first, happening.source = said, entry
                    if said not in used:
                        used.add(said)
                        break
            else:
                # Each of its claims names another one: it is named by two of them.
                ends = digest_of(happening.entries[0]), digest_of(happening.entries[-1])
                both = content_digest(ends, Edtf("XXXX"))
                happening.first = both, None, None, None

    def _unite_digests(self, same: Same) -> None:
        """Unite the claims whose id is the digest of others with these."""
        names = [*filter(is_digest, self._by_id)]
        names_by_digest: dict[str, Words] = {}
        for line in self._versions if names else ():
            if line.words[0] is None:
                names_by_digest.update(
                    (digest_of(e) or "", line.words) for e in line.claims()
                )
        for line in self._versions if names else ():
            first = digest_of(line.slots[0].entries[0])
            if line.words[0] is None and first is not None:
                names_by_digest[first] = line.words
        for said, claim in self._by_words.items() if names else ():
            names_by_digest[digest_of(claim.first) or ""] = said
        for name in names:
            if name in names_by_digest:
                same.unite(name, names_by_digest[name])

    def _rivals(
        self, claims: list[WitnessedClaim], lines: list[Line]
    ) -> ClaimedHappening:
        """Return a happening with its claims, of which the right one is taken."""
        if len(claims) == 1 and not lines:
            return ClaimedHappening(claims)
        happening, own = ClaimedHappening(claims), set(lines)
        names = {claim.words[0] for claim in claims} - {None}

        def speakers(claim: WitnessedClaim) -> Iterable[Line]:
            lines = self._speakers.get(claim.words, ())
            return (line for line in lines if line in own or line.words[0] in names)

        happening.speakers = speakers
        every = {e.position: e for claim in claims for e in claim.entries}
        every |= {e.position: e for line in lines for e in line.claims()}
        happening.entries = [every[position] for position in sorted(every)]
        firsts = (slot.entries[0] for line in lines for slot in line.slots)
        happening.originals = [first for first in firsts if first.is_version]
        return happening

    # --- reading --------------------------------------------------------------------

    def counting(self) -> list[Entry]:
        """Return the entries that count, including the claims in dispute."""
        rivals = self._happenings()
        entries = [
            e
            for happening in rivals
            for c in happening.claims.values()
            for e in c.entries
        ]
        return sorted(entries, key=lambda entry: entry.position)

    def taken(self) -> list[tuple[Event, Sequence[Entry]]]:
        """Return what counts, each with its entries, in any order.

        The first witness gives a happening its place in the fold order.
        """
        agreements = [
            (happening, self._agreed(happening)) for happening in self._happenings()
        ]
        return [
            (happening.called(said.event), said.entries)
            for happening, said in agreements
            if said
        ]

    def has_several_names(self) -> bool:
        """Check whether any happening has claims that others have replaced."""
        return any(happening.first for happening in self._happenings())

    def resolution(self) -> Resolution:
        """Return all that is known of the claims, and why some do not count."""
        rivals = self._happenings()
        happenings: list[Happening] = []
        disputes: list[tuple[Happening, tuple[Happening, ...]]] = []
        by_position: dict[int, ClaimedHappening] = {}
        set_aside: list[SetAside] = []
        for happening in rivals:
            agreed = self._agreed(happening)
            taken = agreed.claims if agreed else (self._top(happening),)
            by = (taken[0].entries or taken[0].silent)[-1]
            by_position.update(
                (entry.position, happening) for entry in happening.entries
            )
            speakers = happening.speakers or self._own_speakers
            rest = [
                happening.happening(claim)._replace(
                    is_put_right=is_put_right(claim, speakers(claim))
                )
                for claim in happening.claims.values()
                if claim not in taken and claim.entries
            ]
            rest.sort(key=lambda other: other.position)
            if agreed:
                happenings.append(happening.happening(agreed))
                if rest:
                    disputes.append((happenings[-1], tuple(rest)))
            set_aside += [
                SetAside(
                    happening.called(dated(entry.claim, rival.event.when)),
                    Reason.DISPUTED,
                    entry,
                    by,
                )
                for rival in rest
                for entry in rival.entries
            ]
        slots = [slot for slot in self._slots.values() if slot.known]
        for aside in (a for slot in slots for a in slot.set_aside()):
            about = by_position.get(aside.entry.position)
            event = bounded(aside.event) if self._bounded else aside.event
            named = event if about is None else about.called(event)
            set_aside.append(SetAside(named, aside.reason, aside.entry, aside.by))
        known = [(slot.entries[0].position, tuple(slot.known)) for slot in slots]
        return Resolution(
            tuple(sorted(happenings, key=Happening.certainty_order)),
            tuple(sorted(disputes, key=lambda dispute: dispute[0].certainty_order())),
            tuple(sorted(set_aside, key=lambda aside: aside.entry.position)),
            tuple(sorted(known, key=lambda slot: slot[1][0].position)),
        )
