"""Which claims are about one happening: the rules of identity, read literally.

Nothing here is shared with the library but the values that a log holds. Everything is
looked up again whenever it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import chain

from bri_timeline import Entry, Event


Words = tuple[object, ...]


def knowledge(entry: Entry) -> tuple[float, int]:
    """Return the place of an entry in the order of knowledge."""
    day = entry.known_day
    return (float("-inf") if day is None else day), entry.position


def precedence(entry: Entry) -> tuple[object, ...]:
    """Return the same, where the name decides between datasets of one day."""
    day, position = knowledge(entry)
    return day, entry.dataset is None, entry.dataset or "", position


@dataclass(eq=False)
class Voice:
    """What somebody says about a claim: the version that counts, and what it replaced.

    Attributes:
        newest: The version that counts.
        words: What it says.
        began: With what it began.
        replaced: The words that it replaced.
        place: The place of the version that counts among corrections.
        claims: All known versions, and what these replace.
    """

    newest: Entry
    words: Words
    began: Words
    replaced: list[Words]
    place: tuple[float, int]
    claims: list[Entry] = field(default_factory=list)

    @property
    def is_corrected(self) -> bool:
        """It says something else than what it began with."""
        return bool(self.replaced)

    @property
    def puts_right(self) -> bool:
        """It is the correction of a person."""
        return self.is_corrected and self.newest.dataset is None


@dataclass(eq=False)
class Same:
    """One happening.

    Attributes:
        voices: All that is said of it.
        name: The id.
    """

    voices: list[Voice]
    name: str = ""

    @property
    def names(self) -> set[str]:
        """All ids that name it: its own, and the digests of claims about it."""
        found = {self.name}
        several = [v for v in self.voices if len(v.claims) > 1 or v.is_corrected]
        several = [v for v in several if None in (v.words[0], v.began[0])]
        if several or len({voice.words for voice in self.voices}) > 1:
            newest = [[voice.newest] for voice in self.voices]
            for entry in chain(*newest, *(voice.claims for voice in several)):
                assert entry.event is not None
                found.update(entry.event.names)
        return found

    def is_put_right(self, words: Words) -> bool:
        """Tell whether the last correction that speaks of some words replaced them."""
        speaking = [
            voice
            for voice in self.voices
            if voice.puts_right and words in (voice.words, *voice.replaced)
        ]
        last = max(speaking, key=lambda voice: voice.place, default=None)
        return last is not None and words in last.replaced


@dataclass
class Identity:
    """The happenings of a log under one basis.

    Args:
        entries: All entries.
        is_known: Tells whether one is known.
    """

    entries: Sequence[Entry]
    is_known: Callable[[Entry], bool]

    def __post_init__(self) -> None:
        self.known = [entry for entry in self.entries if self.is_known(entry)]

    # --- slots ----------------------------------------------------------------------

    def original(self, entry: Entry) -> Entry:
        """Return the claim with which the slot of an entry begins."""
        while entry.supersedes is not None:
            entry = self.entries[entry.supersedes]
        return entry

    def words(self, entry: Entry) -> Words:
        """Return what a claim says; the digest of the first words is no given id."""
        event, first = entry.event, self.original(entry).event
        assert event is not None
        assert first is not None
        # Places were no part of a digest once.
        digests = first.digest, Event(first.what, when=first.when).digest
        own = None if event._id in digests else event._id
        return own, event.what, event.when, event.where

    def retraction(self, entry: Entry) -> Entry | None:
        """Return the last live retraction of an entry itself."""
        against = [one for one in self.known if one.retracts == entry.position]
        live = [one for one in against if self.retraction(one) is None]
        return live[-1] if live else None

    def withdrawal(self, entry: Entry) -> Entry | None:
        """Return what withdraws a version: a dataset withdraws its own word only."""
        original = self.original(entry)
        against = [
            one
            for one in self.known
            if one.retracts == original.position
            and self.retraction(one) is None
            and one.dataset in (None, entry.dataset)
        ]
        return self.retraction(entry) or (against[-1] if against else None)

    def voice_of(self, entry: Entry) -> object:
        """Return what the versions have in common that replace one another.

        What persons say of one row of a dataset is one, whichever entry they corrected.
        """
        original = self.original(entry)
        if entry.dataset == original.dataset:
            return original.position
        if original.dataset is None:
            return entry.dataset, original.position
        words = self.words(original)
        return entry.dataset, original.dataset, words[0] or words

    def place(self, entry: Entry) -> tuple[float, int]:
        """Return the place of a version among corrections: newer than its target's.

        Its day is the later of its own and that of what it supersedes, as known; what a
        person says of a dataset's row stands beside that.
        """
        day = knowledge(entry)[0] if self.is_known(entry) else float("-inf")
        if entry.supersedes is not None:
            target = self.entries[entry.supersedes]
            if target.dataset == entry.dataset:
                day = max(day, self.place(target)[0])
        return day, entry.position

    def voice(self, versions: list[Entry]) -> Voice | None:
        """Return what counts of the known versions of one voice."""
        left = [one for one in versions if self.withdrawal(one) is None]
        if not left:
            return None
        live = list(left)
        in_order = sorted(live, key=self.place)
        # What it says, and what it said before that, after each of them.
        states: list[list[tuple[Words, list[Words]]]] = []
        for version in in_order:
            words, besides = self.words(version), self.besides(version, live)
            replaced = [self.words(entry) for entry in besides]
            said = list(states[-1]) if states else []
            for state in reversed(states):
                before, others = state[-1]
                if before == words or words in others:
                    # It counts as if what came between had been retracted.
                    said = state[:-1]
                    near = [e for e in besides if e.dataset != version.dataset]
                    replaced = [self.words(entry) for entry in near]
                    replaced = [*(others if before == words else ()), *replaced]
                    break
            states.append([*said, (words, [w for w in replaced if w != words])])
        words, _ = states[-1][-1]
        everything = [w for before, others in states[-1] for w in (*others, before)]
        replaced = [w for w in everything if w != words]
        newest = in_order[-1]
        return Voice(newest, words, everything[0], replaced, self.place(newest))

    def besides(self, version: Entry, live: list[Entry]) -> list[Entry]:
        """Return what a version replaced and is known, of which none is live."""
        found: list[Entry] = []
        entry = version
        while entry.supersedes is not None:
            entry = self.entries[entry.supersedes]
            if entry in live:
                break
            if self.is_known(entry):
                found.insert(0, entry)
            if entry.dataset != version.dataset:
                break
        return found

    def voices(self) -> list[Voice]:
        """Return everything that counts."""
        claims = [entry for entry in self.known if entry.event is not None]
        result = []
        for name in dict.fromkeys(map(self.voice_of, claims)):
            versions = [entry for entry in claims if self.voice_of(entry) == name]
            voice = self.voice(versions)
            if voice is not None:
                originals = [self.original(entry) for entry in versions]
                voice.claims = versions + [
                    entry
                    for entry in claims
                    if self.original(entry) in originals
                    and originals[0].dataset != versions[0].dataset
                ]
                result.append(voice)
        return result

    # --- happenings -----------------------------------------------------------------

    def happenings(self) -> list[Same]:
        """Return the happenings."""
        voices = self.voices()
        corrected = [voice for voice in voices if voice.is_corrected]
        groups: list[set[Voice]] = [{voice} for voice in voices]

        def unite(one: Voice, other: Voice) -> None:
            mine = next(group for group in groups if one in group)
            yours = next(group for group in groups if other in group)
            if mine is not yours:
                groups.remove(yours)
                mine |= yours

        for one in voices:
            for other in voices:
                same_id = one.words[0] is not None and one.words[0] == other.words[0]
                same = one.words[0] is None and one.words == other.words
                began = (
                    one.is_corrected
                    and other.is_corrected
                    and one.words[0] is other.words[0] is None
                    and one.began == other.began
                )
                if same_id or same or began:
                    unite(one, other)
        for one in voices:
            is_plain = one.words[0] is None and not one.is_corrected
            if is_plain and not any(c.words == one.words for c in corrected):
                by = [c for c in corrected if c.puts_right]
                by = [c for c in by if one.words in c.replaced]
                if by:
                    unite(one, max(by, key=lambda c: c.place))
        self._unite_digests(voices, unite)
        return self._named([Same([v for v in voices if v in g]) for g in groups])

    def meant(self, name: str) -> str:
        """Return the id of the happening that a digest names; itself if it names none.

        That is the one whose id it is, else the one that says these words now, else the
        first.
        """
        found = [one for one in self.happenings() if name in one.names]

        def rank(one: Same) -> tuple[bool, bool, int]:
            digests = {v.newest.event.digest for v in one.voices if v.newest.event}
            every = [e for v in one.voices for e in (v.newest, *v.claims)]
            first = min(entry.position for entry in every)
            return one.name == name, name in digests, -first

        return max(found, key=rank).name if found and is_digest(name) else name

    def _unite_digests(
        self, voices: list[Voice], unite: Callable[[Voice, Voice], None]
    ) -> None:
        """Unite claims whose id is the digest of others with these."""
        nameless = [voice for voice in voices if voice.words[0] is None]
        for one in voices:
            name = one.words[0]

            def rank(other: Voice, name: object = name) -> tuple[bool, bool]:
                first = self.original(other.newest).event
                digest = other.newest.event and other.newest.event.digest
                return digest == name, first is not None and first.digest == name

            near = [
                other
                for other in nameless
                if any(e.event and e.event.digest == name for e in other.claims)
            ]
            if near:
                unite(one, max(near, key=rank))

    def _named(self, found: list[Same]) -> list[Same]:
        """Return happenings with their ids: those of their first claims."""
        used = [
            one.voices[0].words
            for one in found
            if len({voice.words for voice in one.voices}) == 1
            and not any(voice.is_corrected for voice in one.voices)
        ]

        def claims(one: Same) -> list[Entry]:
            every = [entry for voice in one.voices for entry in voice.claims]
            return sorted(every, key=lambda entry: entry.position)

        for one in sorted(found, key=lambda one: claims(one)[0].position):
            given = [str(v.words[0]) for v in one.voices if v.words[0] is not None]
            # A given id that is the digest of claims without one names these.
            if any(v.words[0] is None for v in one.voices):
                given = [name for name in given if not is_digest(name)]
            if given:
                one.name = given[0]
                continue
            if not any(voice.is_corrected for voice in one.voices):
                own = one.voices[0].words[0]
                one.name = str(own or one.voices[0].newest.claim.digest)
                continue
            every = claims(one) + [
                self.original(entry)
                for voice in one.voices
                if len(voice.claims) > 1 or voice.is_corrected
                for entry in voice.claims
            ]
            # A version of a slot may have had an id that the last one lacks.
            every = [e for e in every if is_digest(str(self.words(e)[0] or "0" * 32))]
            unused = [e for e in every if self.words(e) not in used]
            if not unused:
                # Each of its claims names another one: it is named by two of them.
                ends = claims(one)[0].claim, claims(one)[-1].claim
                one.name = Event(tuple(e.digest for e in ends), when="XXXX").digest
                continue
            first = unused[0]
            used.append(self.words(first))
            own = self.words(first)[0]
            assert first.event is not None
            one.name = str(own or first.event.digest)
        return found


def is_digest(name: str) -> bool:
    """Tell whether an id looks like a digest."""
    return len(name) == 32 and set(name) <= set("0123456789abcdef")


def content(event: Event) -> tuple[object, ...]:
    """Return what an event says, whoever is cited for it, and whatever its id is."""
    return event.what, event.when, event.where
