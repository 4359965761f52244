"""Slots: claims that were corrected or withdrawn, under one basis."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import NamedTuple, cast

from bri_timeline._events import Entry
from bri_timeline._happening import Reason, SetAside, Words, digested, words


class Slot:
    """A claim, its corrections, and the retractions of any of these.

    Args:
        entry: The claim.
        is_digested: Words are compared by their digests.

    Attributes:
        entries: All of them, in order of position.
        known: Those that are known.
        line: The versions by whoever made the claim, once any was corrected or
            withdrawn.
        others: The corrections by anybody else.
    """

    __slots__ = ("entries", "is_digested", "known", "line", "others")

    def __init__(self, entry: Entry, *, is_digested: bool = False) -> None:
        self.is_digested = is_digested
        self.entries = [entry]
        self.known: list[Entry] = []
        self.line: Line | None = None
        self.others: list[Line] = []

    def lines(self) -> Iterator[Line]:
        """Yield the lines of its versions."""
        if self.line is not None:
            yield self.line
        yield from self.others

    def set_aside(self) -> Iterator[SetAside]:
        """Yield the versions that do not count, and why."""
        for line in self.lines():
            yield from line.set_aside(self)

    def words(self, entry: Entry) -> Words:
        """Return the words of one of its claims."""
        if self.is_digested:
            return digested(entry, self.entries[0])
        return words(entry.claim, self.entries[0].event)

    def withdrawn(self) -> dict[int, list[Entry]]:
        """Return the live retractions of each withdrawn position, the last one first.

        A retraction comes after what it retracts, so the last one is decided first.
        """
        by_target: dict[int, list[Entry]] = {}
        for entry in reversed(self.known):
            if entry.retracts is not None and entry.position not in by_target:
                by_target.setdefault(entry.retracts, []).append(entry)
        return by_target

    def gone(self, entry: Entry, withdrawn: dict[int, list[Entry]]) -> Entry | None:
        """Return the retraction that withdraws a version: of itself or the original.

        A dataset that drops a row withdraws its own word, and nobody else's.
        """
        against = withdrawn.get(self.entries[0].position, ())
        valid = [
            retraction
            for retraction in against
            if retraction.dataset in (None, entry.dataset)
        ]
        return next(iter((*withdrawn.get(entry.position, ()), *valid)), None)


# Words that a version replaced, and whether its own line had said them.
_Replaced = tuple[bool, Words]


class _SlotStatement(NamedTuple):
    """Something that a line has said.

    Attributes:
        entry: The version that says it.
        words: What it says.
        instead: What it replaced that the line itself does not say: words of somebody
            else, or of a version that is withdrawn or not known.
        before: What was said before it; None for the first.
        began: The words with which that began.
        day: Its day among corrections.
    """

    entry: Entry
    words: Words
    instead: tuple[Words, ...]
    before: _SlotStatement | None
    began: Words
    day: float


class Line:
    """The versions of a claim that are by one voice: a dataset, or whoever writes.

    What a person says instead of the row of a dataset is a claim beside that of the
    dataset, so it is a line of its own: of all rows of the dataset that are one row.

    Of the live versions the newest counts. A correction is newer than what it corrects:
    its day is that, if it was known before. A version that says again what an earlier
    one said counts as if what came between had been retracted.

    Args:
        voice: The dataset; None for a person.

    Attributes:
        slots: Those of its versions.
        spoken: The words that it speaks of; of each, whether it replaced them.
    """

    __slots__ = ("_met", "_now", "slots", "spoken", "voice")

    def __init__(self, voice: str | None) -> None:
        self.voice = voice
        self.slots: list[Slot] = []
        self.spoken: dict[Words, bool] = {}
        # What it says now, and what it said when it said some words last.
        self._now: _SlotStatement | None = None
        self._met: dict[Words, _SlotStatement] = {}

    @property
    def newest(self) -> Entry | None:
        """The version that counts, if any does."""
        return None if self._now is None else self._now.entry

    @property
    def now(self) -> _SlotStatement:
        """The last thing that it says: asked for only if a version counts."""
        return cast("_SlotStatement", self._now)

    @property
    def words(self) -> Words:
        """The words that it says now."""
        return self.now.words

    def precedence(self) -> tuple[float, int]:
        """Return the place of what it says now among corrections: the last holds."""
        return self.now.day, self.now.entry.position

    @property
    def began(self) -> Words:
        """The words with which it began."""
        return self.now.began

    @property
    def is_corrected(self) -> bool:
        """It says something else than what it began with."""
        return self.now.before is not None or bool(self.now.instead)

    def claims(self) -> Iterator[Entry]:
        """Yield the known claims of its slots: its own, and what these replace."""
        for slot in self.slots:
            is_own = slot.entries[0].dataset == self.voice
            for entry in slot.known:
                if entry.is_version and (entry.dataset == self.voice or not is_own):
                    yield entry

    def begin(self, slot: Slot, entry: Entry | None) -> None:
        """Take over a slot of which only the claim was known, or nothing yet."""
        self.slots.append(slot)
        if entry is not None:
            self._say(entry, slot.words(entry), (), entry._knowledge()[0])

    def is_continued_by(self, entry: Entry) -> bool:
        """Check that an entry corrects what counts."""
        newest = self.newest
        return newest is not None and entry.supersedes == newest.position

    def go_on(self, entry: Entry, said: Words) -> bool:
        """Take a correction of what counts, if it says news.

        If it was not taken, the line is to be read again.
        """
        if said in self._met:
            return False
        self._say(entry, said, (), max(entry._knowledge()[0], self.now.day))
        return True

    def read(self) -> None:
        """Find the words of the line, from the entries of its slots."""
        self._now, self._met = None, {}
        live = {
            entry.position: (entry, slot)
            for slot in self.slots
            for entry in self._live(slot)
        }
        instead, days = self._replaced(live.keys()), self._days() if live else {}
        for position in sorted(live, key=lambda position: (days[position], position)):
            entry, slot = live[position]
            replaced = instead.get(position, ())
            self._say(entry, slot.words(entry), replaced, days[position])

    def _days(self) -> dict[int | None, float]:
        """Return the day of each of its versions among corrections, by position.

        That is the later one of its own, and that of what it corrects, if it is known.
        """
        days: dict[int | None, float] = {}
        for slot in self.slots:
            known = {entry.position for entry in slot.known}
            for entry in slot.entries:
                # What a dataset says is not corrected by a person, but contradicted.
                if entry.dataset == self.voice:
                    own = (
                        entry._knowledge()[0] if entry.position in known else -math.inf
                    )
                    days[entry.position] = max(own, days.get(entry.supersedes, own))
        return days

    def _live(self, slot: Slot) -> Iterator[Entry]:
        withdrawn = slot.withdrawn()
        for entry in slot.known:
            is_own = entry.is_version and entry.dataset == self.voice
            if is_own and slot.gone(entry, withdrawn) is None:
                yield entry

    def _replaced(self, live: Iterable[int]) -> dict[int, tuple[_Replaced, ...]]:
        """Return the words that each live version replaces, by position.

        They are those that no live version says, each with whether the line itself said
        them. What is not known yet says nothing that could be replaced.

        Args:
            live: The positions of the live versions.
        """
        instead: dict[int, tuple[_Replaced, ...]] = {}
        is_live = set(live)
        for slot in self.slots:
            by_position = {entry.position: entry for entry in slot.entries}
            known = {entry.position for entry in slot.known}
            for position in is_live & by_position.keys():
                old_words: list[_Replaced] = []
                target = by_position[position].supersedes
                while target is not None and target not in is_live:
                    entry = by_position[target]
                    is_own = entry.dataset == self.voice
                    if entry.is_version and target in known:
                        old_words.append((is_own, slot.words(entry)))
                    # What a dataset said before is its own affair.
                    target = entry.supersedes if is_own else None
                if old_words:
                    instead[position] = tuple(reversed(old_words))
        return instead

    def _say(
        self, entry: Entry, said: Words, replaced: tuple[_Replaced, ...], day: float
    ) -> None:
        """Add what a version says, in order."""
        before, met = self._now, self._met.get(said)
        old_words = [words for _, words in replaced]
        if met is not None:
            before = met.before
            # What came between counts as if it had been retracted, which it may be.
            old_words = [*met.instead] if met.words == said else []
            old_words += [words for is_own, words in replaced if not is_own]
        instead = tuple(dict.fromkeys(words for words in old_words if words != said))
        began = (*instead, said)[0] if before is None else before.began
        self._now = now = _SlotStatement(entry, said, instead, before, began, day)
        self._met.update(dict.fromkeys((*instead, said), now))

    def speaks(self) -> dict[Words, bool]:
        """Return the words that it speaks of; of each, whether it replaced them.

        Only a person puts words right, and only by a correction.
        """
        by_words: dict[Words, bool] = {}
        if self.voice is None and self._now is not None and self.is_corrected:
            statement: _SlotStatement | None = self._now
            while statement is not None:
                by_words.update(
                    dict.fromkeys((*statement.instead, statement.words), True)
                )
                statement = statement.before
            by_words[self.words] = False
        return by_words

    def set_aside(self, slot: Slot) -> Iterator[SetAside]:
        """Yield its versions in a slot that do not count, and why."""
        withdrawn, newest = slot.withdrawn(), self.newest
        for entry in slot.known:
            is_mine = entry.event is not None and entry.dataset == self.voice
            if is_mine and entry is not newest:
                by = slot.gone(entry, withdrawn)
                reason = Reason.SUPERSEDED if by is None else Reason.RETRACTED
                yield SetAside(entry.claim, reason, entry, by or newest or entry)
